#!/usr/bin/env python3
"""export mmdb: a reader of a few lines finds in the file what `check --batch` says, and what could change it.

With --library the reader is libmaxminddb's, and the policies and questions are many more.
"""
import argparse
import importlib
import ipaddress
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
exports = importlib.import_module("export")

MARKER = b"\xab\xcd\xefMaxMind.com"


class Reader:
    """The specification of MaxMind DB 2.0, bit by bit."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.about, end = self.value(self.bytes.rindex(MARKER) + len(MARKER), 0)
        assert end == len(self.bytes), "bytes behind the metadata"
        self.count, self.bits = self.about["node_count"], self.about["record_size"]
        self.data = self.count * self.bits // 4 + 16
        assert self.bytes[self.data - 16:self.data] == bytes(16)

    def value(self, at, base):
        control = self.bytes[at]
        kind, size, at = control >> 5, control & 31, at + 1
        if kind == 0:
            kind, at = self.bytes[at] + 7, at + 1
        if size >= 29:
            more = size - 28
            size = (29, 285, 65821)[more - 1] + int.from_bytes(self.bytes[at:at + more], "big")
            at += more
        if kind == 7:
            pairs = {}
            for _ in range(size):
                key, at = self.value(at, base)
                assert key not in pairs
                pairs[key], at = self.value(at, base)
            return pairs, at
        if kind == 11:
            items = []
            for _ in range(size):
                item, at = self.value(at, base)
                items.append(item)
            return items, at
        if kind == 14:
            return bool(size), at
        raw = self.bytes[at:at + size]
        assert kind in (2, 4, 5, 6, 9), kind
        return {2: lambda: raw.decode(), 4: lambda: raw}.get(kind, lambda: int.from_bytes(raw, "big"))(), at + size

    def child(self, node, side):
        size = self.bits // 4
        raw = self.bytes[node * size:node * size + size]
        if self.bits == 28:
            number = int.from_bytes(raw[side * 4:side * 4 + 3], "big")
            return number | (raw[3] >> 4 if side == 0 else raw[3] & 15) << 24
        return int.from_bytes(raw[side * size // 2:(side + 1) * size // 2], "big")

    def get(self, address):
        number, node = int(address), 0
        for bit in range(127, -1, -1):
            node = self.child(node, number >> bit & 1)
            if node >= self.count:
                assert node > self.count, "nothing is known of an address"
                return self.value(self.data + node - self.count - 16, self.data)[0]
        raise AssertionError("the tree has no end")


def opened(path, library):
    if not library:
        return Reader(path)
    import maxminddb  # of Debian's python3-maxminddb, which is libmaxminddb's
    return maxminddb.open_database(path, maxminddb.MODE_MMAP_EXT)


def written(postern, folder, text, name="a.rules"):
    path, out = os.path.join(folder, name), os.path.join(folder, "a.mmdb")
    with open(path, "wb") as rules:
        rules.write(text if isinstance(text, bytes) else text.encode())
    with open(out, "wb") as made:
        done = subprocess.run([postern, "export", "mmdb", path], stdout=made, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, (text, done.stderr)
    return path, out


def asked(postern, path, addresses, **names):
    told = exports.run(postern, "check", "--batch", "--format", "json", path,
                       text="".join(json.dumps({"address": str(a), **names}) + "\n" for a in addresses))
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def shared(address):
    """Who is another one for a reader: IPv6 of ::/96 is IPv4, and 0.0.0.1 is ::1."""
    return (address.version == 6 and int(address) >> 32 == 0 and int(address) != 1 or
            address == ipaddress.ip_address("0.0.0.1"))


def compare(postern, folder, rng, names, library):
    policies = exports.Policies(rng)
    text = policies.make(names)
    path, out = written(postern, folder, text)
    ask = [a for a in policies.edges + [policies.address(rng.choice((4, 6))) for _ in range(20)] +
           [ipaddress.ip_address(a) for a in ("::1", "::2", "255.255.255.255", "0.0.0.0")] if not shared(a)]
    reader = opened(out, library)
    plain = asked(postern, path, ask)
    others = [asked(postern, path, ask, **n) for n in
              ({"host": "mx.example.com"}, {"host": "x.test"}, {"ident": "joe"}, {"ident": "joe", "host": "a.example.com"})]
    for number, address in enumerate(ask):
        have, want = reader.get(address), plain[number]
        assert have["verdict"] == want["verdict"], (text, address, have)
        assert have.get("env", {}) == want.get("env", {}), (text, address, have, want)
        assert have.get("line") == want["line"] and have.get("target") == want["target"], (text, address, have, want)
        if any(row[number]["verdict"] != want["verdict"] for row in others):
            assert have.get("depends") is True, (text, address, have)
        if not names:
            assert "depends" not in have, (text, address, have)
        if address.version == 4:
            mapped = reader.get(ipaddress.IPv6Address((0xffff << 32) + int(address)))
            assert mapped == have, (text, address)
    return len(ask)


def test_all_is_in_it(postern, folder, library):
    text = b'postern: 1\n10.0.0.0/8 : allow, A="x", B="\xff\\n", limit 3, limit 5 per /24,/64, rate 6/min, reject "no"\n' \
           b"10.7.0.0/16 : allow, penalty signal 9, penalty 1-3 60\n10.8.0.0/16 : allow, no penalty\n" \
           b"=a.example : deny\n::1 : allow\n* : deny\n"
    path, out = written(postern, folder, text)
    reader = opened(out, library)
    have = reader.get(ipaddress.ip_address("10.1.2.3"))
    value = have["env"].pop("B")
    assert bytes(value) == b"\xff\n", value
    assert have == {"verdict": "allow", "depends": True, "target": "10.0.0.0/8", "file": path, "line": 2, "env": {"A": "x"},
                    "terms": 'limit 3, limit 5 per /24,/64, rate 6/min, reject "no"'}, have
    assert reader.get(ipaddress.ip_address("::1")) == {"verdict": "allow", "target": "::1", "file": path, "line": 6}
    assert reader.get(ipaddress.ip_address("10.7.0.1"))["terms"] == "penalty 1-3 60, penalty signal 9"
    assert reader.get(ipaddress.ip_address("10.8.0.1"))["terms"] == "no penalty"
    assert reader.get(ipaddress.ip_address("8.8.8.8"))["verdict"] == "deny"


def test_long_texts(postern, folder, library):
    for size in (28, 29, 30, 284, 285, 286, 4000, 65820, 65821, 65822, 70000):
        _, out = written(postern, folder, f'postern: 1\n* : allow, A="{"x" * size}"\n')
        assert opened(out, library).get(ipaddress.ip_address("::5"))["env"]["A"] == "x" * size, size
    sets = "".join(f', V{n}="{n}"' for n in range(300))
    _, out = written(postern, folder, f"postern: 1\n* : allow{sets}\n")
    assert len(opened(out, library).get(ipaddress.ip_address("9.9.9.9"))["env"]) == 300


def test_classic_and_compiled(postern, folder, library):
    path, out = written(postern, folder, '10.1.:allow,A="b"\n=mx.example.com:deny\n:deny\n', "tcp.smtp")
    have = opened(out, library).get(ipaddress.ip_address("10.1.2.3"))
    assert (have["verdict"], have["env"], have["depends"]) == ("allow", {"A": "b"}, True), have
    with open(out, "rb") as first:
        once = first.read()
    made = subprocess.run([postern, "export", "mmdb", path], capture_output=True, timeout=60, check=True).stdout
    assert made == once, "one policy, two files"
    later = subprocess.run([postern, "export", "mmdb", path], capture_output=True, timeout=60, check=True,
                           env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}).stdout
    with open(out, "wb") as file:
        file.write(later)
    assert Reader(out).about["build_epoch"] == 1700000000
    cdb = os.path.join(folder, "c.cdb")
    subprocess.run([postern, "compile", "--as", "native", path, "-o", cdb], check=True, timeout=60)
    subprocess.run([postern, "export", "mmdb", cdb], check=True, timeout=60, capture_output=True)


def test_damage_writes_nothing(postern, folder, _):
    path = os.path.join(folder, "bad.rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("postern: 1\n10.0.0.0/8 : perhaps\n")
    done = subprocess.run([postern, "export", "mmdb", path], capture_output=True, timeout=60)
    assert done.returncode == 2 and not done.stdout and b"bad.rules:2" in done.stderr, done


def test_every_width(postern, folder, library):
    """Records of 24 and of 28 bits: so much data that the second are wanted."""
    rules = "".join(f"10.{n // 256}.{n % 256}.0/24 : allow, A=\"{n}{'x' * 65000}\"\n" for n in range(270))
    _, out = written(postern, folder, f"postern: 1\n{rules}* : deny\n")
    reader = opened(out, library)
    assert Reader(out).bits == 28, Reader(out).bits
    for n in range(270):
        have = reader.get(ipaddress.ip_address(f"10.{n // 256}.{n % 256}.77"))
        assert have["env"]["A"] == str(n) + "x" * 65000, n
    assert reader.get(ipaddress.ip_address("10.2.0.0"))["verdict"] == "deny"


def million(postern, folder, library):
    """Random addresses of both families, and every boundary, of lists as they are large."""
    rng = random.Random(7)
    with open(os.path.join(folder, "list"), "w", encoding="ascii") as file:
        for _ in range(50000):
            length = rng.choice((12, 16, 20, 24, 28, 32))
            file.write(f"{ipaddress.IPv4Address(rng.getrandbits(32) >> 32 - length << 32 - length)}/{length}\n")
            length = rng.choice((32, 40, 48, 56, 64, 128))
            number = (1 << 125 | rng.getrandbits(36) << 89 | rng.getrandbits(89)) >> 128 - length << 128 - length
            file.write(f"{ipaddress.IPv6Address(number)}/{length}\n")
    path, out = written(postern, folder, 'postern: 1\nset a = file "list"\n$a : deny\n192.0.0.0/3 : deny\n* : allow\n')
    spans = json.loads(exports.run(postern, "export", "json", path).stdout)["spans"]
    ask = [ipaddress.ip_address(span[end]) for span in spans for end in ("first", "last")]
    ask += [ipaddress.IPv4Address(rng.getrandbits(32)) for _ in range(500000)]
    ask += [ipaddress.IPv6Address(1 << 125 | rng.getrandbits(125)) for _ in range(500000)]
    ask = [a for a in ask if not shared(a)]
    reader = opened(out, library)
    told = exports.run(postern, "check", "--batch", path, text="".join(f"{a}\n" for a in ask)).stdout.splitlines()
    for address, line in zip(ask, told, strict=True):
        assert reader.get(address)["verdict"] == line.split("\t")[0], address
    return len(ask)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library", action="store_true")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, rng = os.path.join(os.path.abspath(args.bin), "postern"), random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(n for n in globals() if n.startswith("test_")):
            globals()[name](postern, folder, args.library)
            print(f"ok   {name[5:]}")
        checks = sum(compare(postern, folder, rng, n % 2 == 1, args.library) for n in range(args.count))
        print(f"{args.count} policies, {checks} answers, all alike")
        if args.library:
            print(f"{million(postern, folder, True)} answers of libmaxminddb, all alike")
    return 0 if checks > args.count * 30 else 1


if __name__ == "__main__":
    sys.exit(main())
