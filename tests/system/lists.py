#!/usr/bin/env python3
"""Lists beside a slow reader: lines of every notation, with remarks, cuts and slips of the hand.

Each line is read as just what it may mean, or refused; those that are written as lists are
published are read. All that were read stand in one policy then, and compile and who have the
same addresses of it.
"""
import argparse
import ipaddress
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import list_oracle as oracle  # noqa: E402

REMARKS = ["", "", "", " # x", " ; SBL1", ";SBL1", " // 192.0.2.1", "\t# 198.51.100.7", " US 2026-05-20 ssh",
           ",100,6.1", "\t0.5\t900", " mail.7.2.0.192.example.com", " at 12:30:01", ",,\"a, b\"",
           " \u00fcber", " seen 4000 times", ", AS64500, Some Org", "#", " ; ", "\t", ";spam;2026", " ;192.0.2.1",
           "; 192.0.2.1"]
MORE = [" 192.0.2.1", ",198.51.100.0/24", " - 77", " to 192.0.2.9", " -> 2001:db8::1", "\u2013192.0.2.9",
        ":443", "%eth0", "|x", " (192.0.2.1)", "/24", " /24", " 24", " 255.255.255.0", " src:2001:db8::1",
        " -", " 10.1.", " 192.0.2.*", " / 8", " bis 9", "-", ".", "\u00a0x", ",24",
        ";192.0.2.1", ";198.51.100.0/24;x", ";24", ",/24", ";;2001:db8::1", ";\"192.0.2.1\""]
FRONTS = ["", "", "", "", " ", "\t", "\ufeff", "add x ", "sshd: ", "Org:", "!", "\"", "[", "deny "]
ENDS = ["\n", "\n", "\n", "", "\r\n", "\r"]
SLIPS = "0123456789.:/-, \t#;[]*xaf\"'%|\r\n\0\u2013\u00a0"


class Maker:
    """Lines at random; with each what it means, or None where only the oracle can say."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def number(self, family):
        rng = self.rng
        if family == 4:
            return rng.choice([rng.getrandbits(32), rng.getrandbits(16) << 16, 0xC0000200 + rng.getrandbits(8)])
        return rng.choice([0x20010DB8 << 96 | rng.getrandbits(20), rng.getrandbits(128),
                           0x20010DB8 << 96 | rng.getrandbits(32) << 64])

    def text(self, family, number):
        if family == 4:
            return str(ipaddress.IPv4Address(number))
        found = ipaddress.IPv6Address(number)
        word = self.rng.choice([found.compressed, found.exploded, found.compressed.upper()])
        return self.rng.choice([word, word, "[" + word + "]"])

    def prefix(self, family):
        wide = oracle.bits(family)
        length = self.rng.choice([wide, wide - self.rng.randrange(9), self.rng.randrange(wide + 1)])
        return length, oracle.prefix(family, self.number(family), length)

    def entry(self):
        """(text, meaning), as lists have it."""
        rng, family = self.rng, self.rng.choice([4, 4, 6])
        length, (_, first, last) = self.prefix(family)
        low, high = self.text(family, first), self.text(family, last)
        some = self.number(family)
        ends = sorted([some, max(0, min(some + rng.getrandbits(9), (1 << oracle.bits(family)) - 1))])
        gap = rng.choice([" ", "\t", ",", " , "])
        forms = [
            (self.text(family, some), (family, some, some)),
            (f"{low}/{length}", (family, first, last)),
            (f"{low} /{length}", (family, first, last)),
            (f"{low}/{self.mask(family, length)}", (family, first, last)),
            (f"{self.text(family, ends[0])}{rng.choice(['-', ' - ', '- ', ' -'])}"
             f"{self.text(family, ends[1])}", (family, *ends)),
            (f"{low}{gap}{high}{gap}{length}", (family, first, last)),
        ]
        if not oracle.is_block(family, first, self.mask_number(family, length)):
            forms.append((f"{low} {self.mask(family, length)}", (family, first, last)))
        return rng.choice(forms)

    @staticmethod
    def mask_number(family, length):
        return oracle.prefix(family, (1 << oracle.bits(family)) - 1, length)[1]

    def mask(self, family, length):
        return str(ipaddress.ip_address(self.mask_number(family, length).to_bytes(oracle.bits(family) // 8, "big")))

    def odd(self):
        """What is like an entry, and mostly none."""
        rng = self.rng
        low = self.number(4)
        octets = str(ipaddress.IPv4Address(low)).split(".")
        return rng.choice([
            ".".join(o.zfill(3) for o in octets), ".".join(octets[:2]) + ".*", ".".join(octets[:3]) + ".",
            ".".join(octets[:2]), ".".join(octets) + "-" + octets[0], hex(low), str(low),
            ".".join(octets) + "/" + str(rng.randrange(40)), ".".join(octets) + "/0.0.0.255",
            "::ffff:" + ".".join(octets) + "/" + str(rng.randrange(130)),
            ".".join(octets) + rng.choice([" ", ",", "-", " - ", "\t"]) + self.text(4, self.number(4)),
            self.text(6, self.number(6)) + " " + self.text(6, self.number(6)),
            "example.com", "{\"cidr\":\"192.0.2.0/24\"}", "ip,country", "<html>", "x", ""])

    def slip(self, text):
        """A slip of the hand, or a cut."""
        rng, at = self.rng, self.rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            return text[:at]
        if kind == 1:
            return text[:at] + text[at + 1:]
        if kind == 2:
            return text[:at] + rng.choice(SLIPS) + text[at:]
        if kind == 3:
            return text[:at] + rng.choice(SLIPS) + text[at + 1:]
        if kind == 4:
            return text[at:]
        return text + rng.choice(MORE)

    def list(self):
        """(bytes, what they mean or None)."""
        rng = self.rng
        text, meaning = self.entry()
        known = rng.random() < 0.4
        if known:
            text += rng.choice(REMARKS)
            meant = None if oracle.goes_on(oracle.fields(text)) else frozenset([meaning])
            return (text + rng.choice(ENDS)).encode(), meant
        if rng.random() < 0.3:
            text = self.odd()
        text = rng.choice(FRONTS) + text + rng.choice(REMARKS + MORE) + rng.choice(REMARKS)
        for _ in range(rng.randrange(3)):
            text = self.slip(text)
        if rng.random() < 0.1:
            text += rng.choice(ENDS) + self.entry()[0]
        text += rng.choice(ENDS)
        coding = rng.choice(["utf-8"] * 12 + ["latin-1", "utf-16", "utf-16-le", "utf-8-sig"])
        return text.encode(coding, "replace"), None


def read_all(program, lists):
    """What the reader says of each: a set of entries, or None and a fault's name."""
    wanted = b"".join(b"%d\n%s" % (len(data), data) for data in lists)
    done = subprocess.run([program], input=wanted, capture_output=True, timeout=3600, check=True)
    for line in done.stdout.decode().split("\n")[:-1]:
        words = line.split()
        faults = [w[1:] for w in words if w.startswith("!")]
        if faults:
            yield None, faults[0]
        else:
            yield frozenset((int(w[0]), *(int(n, 16) for n in w[2:].split("-"))) for w in words), ""


def union(entries):
    """Disjoint ranges of all entries, in order."""
    found = []
    for family, first, last in sorted(entries):
        if found and found[-1][0] == family and first <= found[-1][2] + 1:
            found[-1][2] = max(found[-1][2], last)
        else:
            found.append([family, first, last])
    return found


def policy_says(postern, lists):
    """The addresses that a policy denies whose list these are, one behind the other."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "list"), "wb") as out:
            out.write(b"".join(lists))
        with open(os.path.join(folder, "p.rules"), "w", encoding="ascii") as out:
            out.write('postern: 1\nset l = file "list"\n$l : block\n* : allow\n')
        done = subprocess.run([postern, "who", "p.rules", "--verdict", "deny", "--format", "json"],
                              cwd=folder, capture_output=True, timeout=600, check=False)
    said = json.loads(done.stdout)
    found = []
    for region in said["regions"]:
        for word in region["addresses"]:
            left, _, right = word.partition("-")
            if right:
                low, high = ipaddress.ip_address(left), ipaddress.ip_address(right)
            else:
                net = ipaddress.ip_network(left)
                low, high = net[0], net[-1]
            found.append((low.version, int(low), int(high)))
    return union(found)


class Check:
    def __init__(self):
        self.failures = self.read = self.refused = 0
        self.told = set()

    def fail(self, data, text):
        self.failures += 1
        if self.failures < 20:
            print("FAILED", repr(data), text)

    def one(self, data, meaning, got, fault):
        if got is None:
            self.refused += 1
            self.told.add(fault)
            if meaning is not None:
                self.fail(data, f"is refused ({fault}), and means {sorted(meaning)}")
            return
        self.read += 1
        if meaning is not None and got != meaning:
            self.fail(data, f"is read as {sorted(got)}, and means {sorted(meaning)}")
        elif got not in oracle.may_mean(data):
            self.fail(data, f"is read as {sorted(got)}; it may mean {oracle.may_mean(data)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--reader", required=True)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    maker = Maker(args.seed)
    made = [maker.list() for _ in range(args.count)]
    lists = [data for data, _ in made]
    check = Check()
    entries, kept = [], []
    for (data, meaning), (got, fault) in zip(made, read_all(args.reader, lists)):
        check.one(data, meaning, got, fault)
        if got and len(kept) < 5000 and all(last - first < 1 << 16 for _, first, last in got):
            entries += got
            kept.append(data + b"\n")
    if policy_says(os.path.join(os.path.abspath(args.bin), "postern"), kept) != union(entries):
        check.fail(b"", "who tells of other addresses than the lines have")
    print(f"{args.count} lists, {check.read} read, {check.refused} refused for {len(check.told)} reasons, "
          f"{check.failures} failures")
    return 1 if check.failures or check.read < args.count // 3 or len(check.told) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
