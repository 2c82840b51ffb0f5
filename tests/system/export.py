#!/usr/bin/env python3
"""What is exported decides as the policy does: random policies, read as their readers read.

Each target has a few lines here that read its form and answer an address; the policy is asked
by `check --batch`. Of policies with names, limits and variables --lossy may allow nobody
whom the policy does not allow whatever the name is.
"""
import argparse
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile


def run(*words, text=None):
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=300)


def network(text):
    return ipaddress.ip_network(text.replace("[", "").replace("]", ""))


def ranges(text, pattern):
    """Pairs of first and last address of what a pattern finds: A, A/N and A-B."""
    for found in re.findall(pattern, text):
        if "-" in found:
            yield tuple(map(ipaddress.ip_address, found.split("-")))
        else:
            net = network(found)
            yield net[0], net[-1]


def within(pairs):
    pairs = list(pairs)
    return lambda a: any(low.version == a.version and low <= a <= high for low, high in pairs)


def denied_by(pattern):
    def read(text):
        inside = within(ranges(text, pattern))
        return lambda a: not inside(a)
    return read


def haproxy(text):
    nets = [(network(line.split()[0]), line.split()[1]) for line in text.splitlines()]
    def allows(a):
        found = [(net.prefixlen, word) for net, word in nets if net.version == a.version and a in net]
        return max(found)[1] == "allow"
    return allows


def nginx(text):
    rows = [line.strip(" \t;").split() for line in text.splitlines()[1:-1]]
    default = rows[0][1]
    nets = [(network(row[0]), row[1]) for row in rows[1:]]
    def allows(a):
        found = [(net.prefixlen, word) for net, word in nets if net.version == a.version and a in net]
        return (max(found)[1] if found else default) == "allow"
    return allows


def hosts_allow(text):
    rows = [tuple(part.strip() for part in line.split(" : ")) for line in text.splitlines()]
    def allows(a):
        for _, who, verdict in rows:
            if who == "ALL" or (":" in who) == (a.version == 6) and a in network(who):
                return verdict == "ALLOW"
        raise ValueError(a)
    return allows


def document(text):
    told = json.loads(text)
    rows = [(ipaddress.ip_address(s["first"]), ipaddress.ip_address(s["last"]), s["verdict"])
            for s in told["spans"]]
    def allows(a):
        found = [verdict for low, high, verdict in rows if low.version == a.version and low <= a <= high]
        assert len(found) == 1, (a, found)
        return found[0] == "allow"
    return allows


READERS = {
    "json": document,
    "list": denied_by(r"(?m)^\S+$"),
    "nftables": denied_by(r"(?<=[ ,{] )[0-9a-f:.]+(?:-[0-9a-f:.]+)?(?=[ ,])"),
    "ipset": denied_by(r"(?m)^add \S+ (\S+)$"),
    "haproxy": haproxy,
    "nginx": nginx,
    "postfix": denied_by(r"(?m)^(\S+)\tREJECT$"),
    "hosts.allow": hosts_allow,
}


class Policies:
    def __init__(self, rng):
        self.rng, self.edges = rng, []

    def address(self, family):
        rng = self.rng
        if family == 4:
            block = rng.choice((0x0A000000, 0xC0000200, 0, 0xFFFF0000))
            return ipaddress.IPv4Address(block + rng.getrandbits(rng.choice((3, 8, 16))))
        return ipaddress.IPv6Address((0x20010DB8 << 96) + (rng.getrandbits(3) << 80) + rng.getrandbits(rng.choice((2, 16, 64))))

    def target(self):
        rng, family = self.rng, self.rng.choice((4, 4, 6))
        low = self.address(family)
        if rng.random() < 0.2:
            high = max(low, self.address(family))
            low = min(low, high)
            text = f"{low}-{high}" if low != high else str(low)
        else:
            bits = 32 if family == 4 else 128
            net = ipaddress.ip_network((low, rng.choice((bits, rng.randrange(bits + 1), 24 if family == 4 else 64))), strict=False)
            low, high, text = net[0], net[-1], str(net)
        for edge in (low, high):
            near = (int(edge) - 1, int(edge), int(edge) + 1)
            self.edges += [type(edge)(n) for n in near if 0 <= n < 1 << edge.max_prefixlen]
        return text

    def make(self, names):
        rng, lines, seen = self.rng, ["postern: 1"], set()
        for _ in range(rng.randrange(9)):
            target = self.target()
            if target in seen:
                continue
            seen.add(target)
            allow = rng.random() < 0.5
            tail = ""
            if names and allow:
                tail = rng.choice(("", ', A="1"', ", limit 3", ", rate 3/min"))
            elif names:
                tail = rng.choice(("", ', reject "no"'))
            lines.append(f"{target} : {'allow' if allow else 'deny'}{tail}")
        if names and rng.random() < 0.5:
            lines.append(f"=.example.com : {rng.choice(('allow', 'deny'))}")
        if names and rng.random() < 0.3:
            lines.append(f"joe@10.0.0.0/8 : {rng.choice(('allow', 'deny'))}")
        lines.append(f"* : {rng.choice(('allow', 'deny'))}")
        return "\n".join(lines) + "\n"


def answers(postern, path, addresses, **names):
    asked = "".join(json.dumps({"address": str(a), **names}) + "\n" for a in addresses)
    told = run(postern, "check", "--batch", path, text=asked)
    assert told.returncode == 0, told.stderr
    return [line.split("\t")[0] == "allow" for line in told.stdout.splitlines()]


def compare(postern, folder, rng, names):
    policies, path = Policies(rng), os.path.join(folder, "a.rules")
    text = policies.make(names)
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
    asked = policies.edges + [policies.address(rng.choice((4, 6))) for _ in range(20)]
    asked = [a for a in asked if not (a.version == 6 and a.ipv4_mapped)]
    plain = answers(postern, path, asked)
    least = plain
    if names:
        others = [answers(postern, path, asked, **n) for n in
                  ({"host": "mx.example.com"}, {"host": "x.test"}, {"ident": "joe"}, {"ident": "joe", "host": "a.example.com"})]
        least = [all(row) for row in zip(plain, *others)]
    checks = 0
    for target, reader in READERS.items():
        done = run(postern, "export", *(["--lossy"] if names and target != "json" else []), target, path)
        assert done.returncode == 0, (text, done.stderr)
        allows = reader(done.stdout)
        for a, want, may in zip(asked, plain, least):
            got = allows(a)
            if got != want if not names or target == "json" else got and not may:
                sys.exit(f"{text}{target}: {a} is {'allowed' if got else 'denied'} there\n{done.stdout[:2000]}")
            checks += 1
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, rng = os.path.join(args.bin, "postern"), random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        checks = sum(compare(postern, folder, rng, n % 3 == 2) for n in range(args.count))
    print(f"{args.count} policies, {checks} answers, all alike")
    return 0 if checks > args.count * 50 else 1


if __name__ == "__main__":
    sys.exit(main())
