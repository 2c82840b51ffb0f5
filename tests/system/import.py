#!/usr/bin/env python3
"""What is imported decides as its reader here does: files as people write them, and random ones.

Each format has a few lines that read it as its manual says, and answer an address and a name.
Where the import has told that it denies more, it may not allow more.
"""
import argparse
import ipaddress
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

# What is told where the answers stay the same.
HARMLESS = re.compile("matches nobody|no client comes to|without a (newline|colon)|no equivalent: (ours|it is)|"
                      "of other daemons|octal|PARANOID|unsets nothing|no instruction|cps|instances|access_times")


def run(*words, text=None):
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=300)


class Case:
    """Files of one format: what they hold, the options they are imported with, who says what."""
    def __init__(self, files, reader, options=(), edges=(), names=()):
        self.files, self.reader, self.options = files, reader, list(options)
        self.edges, self.names = list(edges), list(names)


class Hosts:
    """hosts.allow and hosts.deny."""
    format = "hosts.allow"

    WRITTEN = [
        ("ALL: LOCAL .foobar.edu EXCEPT terminalserver.foobar.edu\n", "ALL: ALL\n"),
        ("ALL: .foobar.edu EXCEPT terminalserver.foobar.edu\n", "ALL: ALL\n"),
        ("", "ALL: some.host.name, .some.domain\nALL EXCEPT in.fingerd: other.host.name, .other.domain\n"),
        ("sshd: 10.0.0.0/8, 192.168.0.0/255.255.0.0, trusted.example.com\n", "ALL: ALL\n"),
        ("sshd : 192.168.1. : ALLOW\nsshd : ALL : DENY\n", ""),
        ("ALL: .friendly.domain: ALLOW\nALL: ALL: DENY\n", ""),
        ("ALL: .bad.domain: DENY\nALL: ALL: ALLOW\n", ""),
        ("# a remark\nsshd, in.ftpd: 127.0.0.1 [::1]\nsshd: [2001:db8::]/32\n", "# deny\nALL: ALL EXCEPT 10.1.\n"),
        ("sshd: 203.0.113.7 : setenv TAG office : allow\nsshd: 203.0.113. : spawn (/bin/logger %h) & : deny\n", ""),
        ("", "sshd: 198.51.100.7\nsshd: 198.51.100.9\nsshd: 203.0.113.0/24\n"),
        ("", "sshd: 10.0.0.0/08\n"),
        ("sshd: 10. EXCEPT 10.1. EXCEPT 10.1.1.\n", "sshd: ALL\n"),
        ("ALL: 127.0.0.1 \\\n  10.0.0.1\n", "ALL: ALL\n"),
        ("sshd: KNOWN\n", "sshd: ALL\n"), ("", "ALL: UNKNOWN\n"), ("", "ALL: PARANOID\n"),
        ("sshd: 10.0.0.0/8\n", "sshd: bad.example.com\n"),
        ("sshd: good.example.com\n", "sshd: 10.0.0.0/8\n"),
        ("sshd: 10.1.2.3/8 0.0.0.0/0 10.1 1.2.3.4/255.255.255.255\n", "ALL: ALL\n"),
        ("sshd: ALL@10.0.0.0/8\n", "ALL: 0.0.0.0/0.0.0.0 [::]/0\n"),
        ("sshd: *.example.com 192.168.7.*\n", "ALL: ALL\n"),
        ("", "ALL EXCEPT sshd: ALL\n"), ("", "ALL EXCEPT ssh? EXCEPT sshd: ALL\n"),
        ("sshd: 10.0.0.1", "ALL: ALL\n"), ("sshd 10.0.0.1\n", "ALL: ALL\n"), ("", ""),
        ("SSHD: .EXAMPLE.com\n", "all: all\n"), ("\r\nsshd: 10.0.0.1\r\n", "ALL: ALL\r\n"),
        (" # no remark: a daemon\nsshd:10.0.0.2\n", "ALL:ALL\n"),
        ("sshd: 10.0.0.0/8 : keepalive : nice 5 : severity mail.info\n", "sshd: ALL : banners /etc/b\n"),
        ("ALL: ALL EXCEPT 10.0.0.9 .example.com\n", "ALL: 10.0.0.0/24 b.example.com\n"),
        ("", "ALL: .example.com EXCEPT good.example.com\n"),
    ]
    NAMES = ["good.example.com", "bad.example.com", "a.b.example.com", "x.test", "example.com"]
    NAMES_ASKED = NAMES + ["", "terminalserver.foobar.edu", "x.foobar.edu", "trusted.example.com", "some.host.name",
                           "x.other.domain", "x.friendly.domain", "y.bad.domain", "localname"]

    def random_text(self, rng, nets):
        lines = []
        for _ in range(rng.randrange(5)):
            def clients(depth=0):
                words = []
                for _ in range(rng.randrange(1, 4)):
                    net = rng.choice(nets)
                    words.append(rng.choice((
                        f"[{net[0]}]/{net.prefixlen}" if net.version == 6 else str(net) if net.prefixlen else "ALL",
                        f"[{net[0]}]" if net.version == 6 else str(net[0]), rng.choice(self.NAMES),
                        rng.choice((".example.com", ".b.example.com", "ALL", "KNOWN", "UNKNOWN", "10.", "10.0.0.")))))
                if depth < 3 and rng.random() < 0.3:
                    words += ["EXCEPT", *clients(depth + 1)]
                return words
            daemon = rng.choice(("sshd", "ALL", "ALL", "ftpd", "sshd ftpd", "ALL EXCEPT ftpd", "ALL EXCEPT sshd"))
            lines.append(f"{daemon}: {rng.choice((' ', ', ')).join(clients())}{rng.choice(('', '', ': allow', ': DENY', ': setenv A 1'))}")
        return "".join(line + "\n" for line in lines)

    def cases(self, rng, count):
        texts = list(self.WRITTEN)
        while len(texts) < count:
            nets = networks(rng)
            texts.append((self.random_text(rng, nets), self.random_text(rng, nets)))
        for allow, deny in texts:
            daemon = "sshd"
            yield Case({"hosts.allow": allow, "hosts.deny": deny}, lambda a, h, t=(allow, deny): self.read(t, daemon, a, h),
                       ["--daemon", daemon], edges_of(allow + deny), self.NAMES_ASKED)

    # A reader of its own, by hosts_access(5).
    def read(self, texts, daemon, address, host):
        for text, verdict in zip(texts, (True, False)):
            text = text.replace("\\\n", "")
            for line in text.split("\n")[:-1]:
                if line[:1] == "#" or not line.strip():
                    continue
                fields = re.split(r":(?![^\[]*\])", line)
                if len(fields) < 2:
                    continue
                if self.listed(fields[0], lambda w: self.is_daemon(w, daemon)) and \
                        self.listed(fields[1], lambda w: self.is_client(w, address, host)):
                    last = fields[-1].strip().lower() if len(fields) > 2 else ""
                    return {"allow": True, "deny": False}.get(last, verdict)
        return True

    def listed(self, text, match):
        parts = [[]]
        for word in re.split(r"[ ,\t\r\n]+", text.strip(" ,\t\r\n")):
            if word.upper() == "EXCEPT":
                parts.append([])
            elif word:
                parts[-1].append(word)
        result = False
        for part in reversed(parts):
            result = any(map(match, part)) and not result
        return result

    @staticmethod
    def is_daemon(word, daemon):
        return word.upper() == "ALL" or re.fullmatch(word.lower().replace("*", ".*").replace("?", "."), daemon) is not None

    @staticmethod
    def is_client(word, address, host):
        word = word.lower()
        word = word[4:] if word.startswith("all@") else word
        if word == "all":
            return True
        if word in ("known", "unknown"):
            return bool(host) == (word == "known")
        if word == "local":
            return bool(host) and "." not in host
        if word.startswith("["):
            net = ipaddress.ip_network(word.replace("[", "").replace("]", ""), strict=False)
            return net.version == address.version and address in net
        if "/" in word:
            base, length = word.split("/")
            if length in ("255.255.255.255", "0"):
                return False
            try:
                net = ipaddress.IPv4Network(word)
            except ValueError:
                return False
            return address.version == 4 and address in net
        if "*" in word:
            return any(re.fullmatch(word.replace(".", r"\.").replace("*", ".*"), text) for text in (str(address), host) if text)
        if word.startswith("."):
            return host.endswith(word) and host != word
        if word.endswith("."):
            return str(address).startswith(word) or not re.fullmatch(r"[0-9./]+", word) and host.startswith(word)
        return word == str(address) or bool(host) and word == host


class Xinetd:
    """A service of xinetd.conf."""
    format = "xinetd"

    WRITTEN = [
        ("", "only_from = 128.138.209.0\n no_access = 128.138.209.10"),
        ("", "only_from = 10.0.0.0 192.168.0.0 127.0.0.1"), ("", "only_from ="), ("", "no_access = 203.0.113.7 .bad.example"),
        ("only_from = 127.0.0.1", ""), ("only_from = 127.0.0.1", "only_from += 10.1.0.0"),
        ("only_from = 127.0.0.1 10.0.0.0", "only_from -= 10.0.0.0"), ("only_from = 127.0.0.1", "only_from = 10.1.{2,3}"),
        ("", "only_from = 10.1.2.{0,5,9}"), ("", "only_from = 10.1.2.3/16 2001:db8::/46 2001:db8:9::1"),
        ("", "only_from = 10.0.0.0/8 good.example.com .b.example.com"), ("", "only_from = 0.0.0.0\n no_access = 10.0.0.0"),
        ("instances = 60\n cps = 25 30", "per_source = 10\n only_from = 10.0.0.0"), ("per_source = 3", "per_source = UNLIMITED"),
        ("", "disable = no\n socket_type = stream\n wait = no\n user = root\n server = /usr/sbin/in.telnetd\n log_on_failure += USERID"),
        ("no_access = 10.0.0.9", "only_from = 10.0.0.0"), ("", "only_from = localhost\n no_access = 127.0.0.0/8"),
        ("", "only_from = 10.0.0.0\n only_from = 10.1.0.0"), ("", ""), ("", "access_times = 8:00-17:00\n only_from = 10.0.0.0"),
    ]
    NAMES_ASKED = ["", "good.example.com", "a.b.example.com", "x.bad.example", "localhost"]

    def random_list(self, rng, nets):
        words = []
        for _ in range(rng.randrange(4)):
            net = rng.choice(nets)
            a, b, c, d = str(rng.choice([n for n in nets if n.version == 4])[0]).split(".")
            words.append(rng.choice((str(net), str(net[0]), f"{a}.{b}.0.0", f"{a}.{b}.{c}.{{{d},7}}", f"{a}.{b}.{{{c},0}}",
                                     "good.example.com", ".b.example.com")))
        return words

    def cases(self, rng, count):
        texts = list(self.WRITTEN)
        while len(texts) < count:
            nets = networks(rng) + [ipaddress.ip_network("10.7.0.9")]
            row = []
            for _ in range(2):
                row.append("\n ".join(f"{name} {sign} {' '.join(self.random_list(rng, nets))}"
                                      for name in ("only_from", "no_access") for sign in ("=", "+=") if rng.random() < 0.4))
            texts.append(tuple(row))
        for defaults, service in texts:
            text = (f"# a file\ndefaults\n{{\n {defaults}\n}}\n\nservice other\n{{\n only_from = 1.2.3.4\n}}\n"
                    f"service telnet\n{{\n {service}\n}}\n")
            lists = self.lists(defaults, service)
            wide = " ".join(word.replace("{", "").replace("}", "").replace(",", " ") for l in lists.values() for word in l)
            yield Case({"xinetd.conf": text}, lambda a, h, l=lists: self.read(l, a, h), ["--name", "telnet"],
                       edges_of(wide + " 10.1.2.0 10.1.2.5 10.1.3.0/24 10.1.0.0/16"), self.NAMES_ASKED)

    @staticmethod
    def lists(*blocks):
        lists = {}
        for block in blocks:
            for line in block.split("\n"):
                found = re.match(r" *(only_from|no_access) (=|\+=|-=) ?(.*)", line)
                if found:
                    name, sign, words = found[1], found[2], found[3].split()
                    before = lists.get(name, [])
                    lists[name] = words if sign == "=" else before + words if sign == "+=" else [w for w in before if w not in words]
        return lists

    # No_access first, as xinetd 2.3.15 does it.
    def read(self, lists, address, host):
        if any(self.matches(word, address, host) for word in lists.get("no_access", [])):
            return False
        return "only_from" not in lists or any(self.matches(word, address, host) for word in lists["only_from"])

    @staticmethod
    def matches(word, address, host):
        if "{" in word:
            front, items = word.rstrip("}").split("{")
            return any((str(address) + ".").startswith(front + item + ".") for item in items.split(","))
        if word.startswith(".") or re.search("[g-z]", word):
            return host == word or word.startswith(".") and host.endswith(word) and host != word
        if "/" not in word and ":" not in word:
            octets = word.split(".")
            while octets and octets[-1] == "0":
                octets.pop()
            return address.version == 4 and str(address).split(".")[:len(octets)] == octets
        net = ipaddress.ip_network(word, strict=False)
        if net.version == 6 and word.endswith("/128"):
            return False  # as xinetd 2.3.15 has it: tests/integration/proofs.py asks it
        return net.version == address.version and address in net


class Ipsvd:
    """A database of ipsvd-cdb: what a folder of instructions says."""
    format = "ipsvd"

    # Name and contents; None is denied.
    WRITTEN = [
        {}, {"0": None}, {"0": ""}, {"10": "", "0": None}, {"10.1": None}, {"10.1.2.3": "+A=1", "0": None},
        {"10": None, "10.1": "C3"}, {"example.com": "", "0": None}, {"example.com": None}, {"good.example.com": "", "example.com": None},
        {"10": "", "bad.example.com": None}, {"10": None, "good.example.com": "+TAG=good"}, {"com": "", "0": None},
        {"127.0.0.1": "# here\n\n+RELAYCLIENT=\nC16:421 too many\\r\\n", "0": "C4"}, {"010": None, "10.1.2.3.4": None, "300": None},
        {"0": "+PATH\nnonsense"}, {"0": "=dyn.example.com"}, {"10.0.0": "C0"}, {"EXAMPLE.com": "", "0": None},
        {"192.168": "+A=\\\"x\\\"", "10.0.0.9": None}, {"a b": None}, {"10.1.2": "C3\nC5"},
    ]
    NAMES_ASKED = ["", "example.com", "good.example.com", "bad.example.com", "a.b.example.com", "x.test", "xexample.com"]

    def random_rules(self, rng):
        keys = ("10", "10.0", "10.0.0", "10.0.0.1", "10.0.0.2", "10.7", "192.0.2", "192", "0", "com", "example.com",
                "good.example.com", "b.example.com", "x.test")
        return {key: rng.choice((None, None, "", "+A=1", "C7", "+A=2\n+B=x y")) for key in keys if rng.random() < 0.3}

    def cases(self, rng, count):
        rows = list(self.WRITTEN)
        while len(rows) < count:
            rows.append(self.random_rules(rng))
        for rules in rows:
            yield Case({"c.cdb": database(self.records(rules))}, lambda a, h, r=rules: self.read(r, a, h), (),
                       edges_of(" ".join(rules) + " 10.1.2.3 10.0.0.1 192.0.2.1"), self.NAMES_ASKED)

    @staticmethod
    def records(rules):
        return [(key, "D" if text is None else "\0".join(text.split("\n")) + "I") for key, text in rules.items()]

    @staticmethod
    def read(rules, address, host):
        octets, labels = (str(address).split("."), host.split("."))
        keys = [".".join(octets[:n]) for n in (4, 3, 2, 1)] if address.version == 4 and octets[0] != "0" else []
        keys += [".".join(labels[n:]) for n in range(len(labels))] + ["0"]
        for key in keys:  # names come in lower case, whatever the name server has
            if key and key in rules:
                return rules[key] is not None and "=dyn" not in rules[key]
        return True


def database(records):
    """A constant database, by the format's description."""
    at, body, rows = 2048, b"", [[] for _ in range(256)]
    for key, data in records:
        key, data, number = key.encode("latin-1"), data.encode("latin-1"), 5381
        for byte in key:
            number = (number * 33 & 0xFFFFFFFF) ^ byte
        rows[number & 255].append((number, at))
        body += struct.pack("<II", len(key), len(data)) + key + data
        at += 8 + len(key) + len(data)
    front, tables = b"", b""
    for row in rows:
        slots = [(0, 0)] * (2 * len(row))
        front += struct.pack("<II", at + len(tables), len(slots))
        for number, place in row:
            slot = (number >> 8) % len(slots)
            while slots[slot][1]:
                slot = (slot + 1) % len(slots)
            slots[slot] = (number, place)
        tables += b"".join(struct.pack("<II", *slot) for slot in slots)
    return (front + body + tables).decode("latin-1")


def networks(rng, families=(4, 4, 6)):
    """Networks that lie in one another, and addresses among them."""
    found = []
    for _ in range(6):
        family = rng.choice(families)
        bits = 32 if family == 4 else 128
        base = rng.choice((0x0A000000, 0x0A000000, 0xC0000200)) if family == 4 else 0x20010DB8 << 96
        value = base + rng.getrandbits(rng.choice((2, 8, 16)))
        length = rng.choice((bits, rng.choice((8, 16, 24, 30)) if family == 4 else rng.choice((32, 48, 64, 126))))
        cls = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
        found.append(ipaddress.ip_network((cls(value), length), strict=False))
    return found


def edges_of(text):
    """The boundary of each address and prefix that a text names, and the neighbours of it."""
    found = {ipaddress.ip_address(a) for a in ("127.0.0.1", "::1", "192.168.1.1", "10.0.0.1", "2001:db8::1", "0.0.0.0", "ff::")}
    for word in re.findall(r"[0-9a-fA-F:.\[\]/]+", text):
        word = word.replace("[", "").replace("]", "").strip(":")
        octets = [part for part in word.split(".") if part]
        if "/" not in word and len(octets) < 4 and ":" not in word:
            word = ".".join(octets + ["0"] * (4 - len(octets))) + f"/{8 * len(octets)}"
        try:
            net = ipaddress.ip_network(word, strict=False)
        except ValueError:
            continue
        for edge in (net[0], net[-1]):
            near = (int(edge) - 1, int(edge), int(edge) + 1)
            found |= {type(edge)(n) for n in near if 0 <= n < 1 << edge.max_prefixlen}
    found.discard(ipaddress.ip_address("255.255.255.255"))  # nobody's, and no address to inet_addr()
    return sorted((a for a in found if not (a.version == 6 and a.ipv4_mapped)), key=lambda a: (a.version, a))


FORMATS = [Hosts(), Xinetd(), Ipsvd()]


def write(folder, files):
    paths = []
    for name, text in files.items():
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w", encoding="latin-1", newline="") as out:
            out.write(text)
    return paths


def imported(postern, folder, maker, case):
    """The path of the policy, and whether it may deny more; None where it was refused."""
    made = run(postern, "import", maker.format, *case.options, *write(folder, case.files))
    if made.returncode != 0:
        assert made.returncode == 2 and ": error: " in made.stderr, (case.files, made.stderr)
        return None, made
    path = os.path.join(folder, "policy.rules")
    with open(path, "w", encoding="latin-1") as out:
        out.write(made.stdout)
    return path, not all(HARMLESS.search(line) for line in made.stderr.splitlines())


def compare(postern, folder, maker, case):
    path, denies_more = imported(postern, folder, maker, case)
    if not path:
        return 0, 0
    asked = [(a, name) for a in case.edges for name in ["", *case.names]]
    queries = "".join(json.dumps({"address": str(a), **({"host": n} if n else {})}) + "\n" for a, n in asked)
    told = run(postern, "check", "--batch", path, text=queries)
    assert told.returncode == 0, told.stderr
    answers = [line.split("\t")[0] == "allow" for line in told.stdout.splitlines()]
    assert len(answers) == len(asked)
    for (address, name), got in zip(asked, answers):
        want = case.reader(address, name)
        if got != want and (got or not denies_more):
            with open(path, encoding="latin-1") as policy:
                sys.exit(f"{maker.format} {case.options} {json.dumps(case.files, indent=1)}\n{policy.read()}"
                         f"{address} {name}: {'allowed' if got else 'denied'} by what was imported")
    return len(asked), not denies_more


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, status = os.path.join(args.bin, "postern"), 0
    for maker in FORMATS:
        rng = random.Random(f"{maker.format} {args.seed}")
        answers = exact = files = 0
        with tempfile.TemporaryDirectory() as folder:
            for case in maker.cases(rng, args.count):
                asked, same = compare(postern, folder, maker, case)
                answers, exact, files = answers + asked, exact + same, files + (asked > 0)
        print(f"{maker.format}: {files} files, {exact} of them exact, {answers} answers, none of them more than there")
        status |= exact < args.count // 3 or answers < args.count * 20
    return status


if __name__ == "__main__":
    sys.exit(main())
