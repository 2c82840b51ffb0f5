#!/usr/bin/env python3
"""What is imported decides as it did where it comes from: random files, read by a slow reader too.

Of each format there is a maker of random files, and a few lines that answer an address as the
program's manual says. The imported policy is asked by `check --batch`.
"""
import argparse
import contextlib
import ipaddress
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ENDS = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


def run(*words, text=None):
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=300,
                          check=False)


def address(number, version):
    return ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number)


class World:
    """Random entries in little room, so that they meet, and the addresses at their ends."""

    def __init__(self, rng):
        self.rng, self.edges = rng, []

    def one(self, version):
        rng = self.rng
        block = 0x0A000000 if version == 4 else 0x20010DB8 << 96
        return block + rng.getrandbits(rng.choice((2, 5, 8, 16)))

    def version(self):
        return self.rng.choice((4, 4, 6))

    def seen(self, version, low, high):
        for end in (low, high):
            self.edges += [address(n, version) for n in (end - 1, end, end + 1)
                           if 0 <= n <= ENDS[version]]
        return version, low, high

    def prefix(self, version=None):
        """(version, first, last), and its text."""
        version = version or self.version()
        bits = 32 if version == 4 else 128
        length = self.rng.choice((bits, bits, bits - 1, bits - 3, bits - 8, bits - 16, 8, 0, 1))
        low = self.one(version) >> (bits - length) << (bits - length)
        entry = self.seen(version, low, low + (1 << (bits - length)) - 1)
        text = str(address(low, version))
        return entry, text if length == bits and self.rng.random() < .5 else f"{text}/{length}"

    def range(self, version=None):
        version = version or self.version()
        low, high = sorted((self.one(version), self.one(version)))
        return self.seen(version, low, high), f"{address(low, version)}-{address(high, version)}"


def has(entry, a):
    return entry[0] == a.version and entry[1] <= int(a) <= entry[2]


def size(entry):
    return entry[2] - entry[1]


def longest(rows, a, last):
    """The value of the longest entry that has an address; of equal ones the first, or the last."""
    found = None
    for entry, value in rows:
        if has(entry, a) and (found is None or size(entry) < size(found[0]) or
                              last and size(entry) == size(found[0])):
            found = entry, value
    return found and found[1]


def as_values(rows, default, last, words):
    """Answers that are verdicts, or an allowance with the value of V."""
    def answer(a):
        value = longest(rows, a, last) if rows else None
        value = (default[a.version] if isinstance(default, dict) else default) if value is None else value
        if words:
            return value is None or value == words[0], None
        return True, value
    return answer


def by_haproxy(rows, default, words):
    """An address of IPv4 is looked up mapped into IPv6 where no network of IPv4 holds it."""
    plain = as_values(rows, default, False, words)

    def answer(a):
        if a.version == 4 and not any(has(entry, a) for entry, _ in rows):
            a = ipaddress.IPv6Address((0xFFFF << 32) + int(a))
        return plain(a)
    return answer


def haproxy_map(world):
    words = world.rng.choice((("allow", "deny"), None))
    rows, lines = [], ["# a map"]
    for _ in range(world.rng.randrange(1, 12)):
        entry, text = world.prefix()
        value = world.rng.choice(words or ("eu west", "us", 'a"b'))
        rows.append((entry, value))
        lines.append(world.rng.choice(("", "  ")) + text + world.rng.choice((" ", "\t ")) + value)
    return "haproxy", "\n".join(lines) + "\n", ["--name", "v"], by_haproxy(rows, None, words)


def haproxy_acl(world):
    rows = [world.prefix() for _ in range(world.rng.randrange(8))]
    return ("haproxy", "".join(text + "\n" for _, text in rows), [],
            by_haproxy([(entry, "deny") for entry, _ in rows], "allow", ("allow", "deny")))


def nginx_access(world):
    rows, text = [], "location / {\n"
    for _ in range(world.rng.randrange(1, 10)):
        verdict = world.rng.choice(("allow", "deny"))
        if world.rng.random() < .1:
            entry, who = None, "all"
        else:
            entry, who = world.prefix()
        rows.append((entry, verdict))
        text += f"  {verdict} {who};{world.rng.choice(('', ' # why'))}\n"

    def answer(a):
        for entry, verdict in rows:
            if entry is None or has(entry, a):
                return verdict == "allow", None
        return True, None
    return "nginx", text + "}\n", [], answer


def nginx_geo(world):
    words = world.rng.choice((("allow", "deny"), ("0", "1"), None))
    rows, default, text = [], None, "geo $v {\n"
    if world.rng.random() < .8:
        default = world.rng.choice(words or ("x", "y z"))
        text += f"  default '{default}';\n"
    for _ in range(world.rng.randrange(1, 12)):
        if world.rng.random() < .05:
            default = world.rng.choice(words or ("x", "y z"))
            rows = [row for row in rows if size(row[0]) < ENDS[row[0][0]]]
            text += f"  default '{default}';\n"
        if rows and world.rng.random() < .1:
            gone = world.rng.choice(rows)[0]
            length = (32 if gone[0] == 4 else 128) - size(gone).bit_length()
            text += f"  delete {address(gone[1], gone[0])}/{length};\n"
            rows = [row for row in rows if row[0] != gone]
            if not length:  # a default is a network of that length, in both families
                default = {v: None if v == gone[0] else default if not isinstance(default, dict) else default[v]
                           for v in (4, 6)}
            continue
        entry, who = world.prefix()
        rows.append((entry, world.rng.choice(words or ("x", "eu west", "w"))))
        text += f"  {who} \"{rows[-1][1]}\";\n"
    return "nginx", text + "}\n", [], as_values(rows, default, True, words)


def nginx_ranges(world):
    rows, text = [], "geo $v { ranges; default x;\n"
    for _ in range(world.rng.randrange(1, 8)):
        entry, who = world.range(4)
        rows.append((entry, world.rng.choice(("x", "y", "z"))))
        text += f"{who} {rows[-1][1]};"

    def answer(a):
        found = [value for entry, value in rows if has(entry, a)]
        return True, found[-1] if found else "x"
    return "nginx", text + "}", [], answer


def ipset(world):
    text, rows = "", []
    for version in (4, 6):
        text += f"create s{version} hash:net family inet{'' if version == 4 else '6'} maxelem 9\n"
        entries = {}
        for _ in range(world.rng.randrange(6)):
            entry, who = world.prefix(version)
            entries[entry] = who, world.rng.random() < .3
        for entry, (who, nomatch) in entries.items():
            text += f"add s{version} {who}{' nomatch' if nomatch else ''}\n"
            rows.append((entry, "out" if nomatch else "in"))
    return "ipset", text, [], lambda a: (longest(rows, a, False) != "in", None)


def element(world, version):
    """An element as nft -j has it."""
    if world.rng.random() < .4:
        entry, text = world.range(version)
        value = {"range": text.split("-")}
    else:
        entry, text = world.prefix(version)
        value = text
        if "/" in text:
            value = {"prefix": {"addr": text.split("/")[0], "len": int(text.split("/")[1])}}
    if world.rng.random() < .2:
        value = {"elem": {"val": value, "comment": "why"}}
    return entry, value


def nft_set(world):
    version = world.version()
    pairs = [element(world, version) for _ in range(world.rng.randrange(9))]
    text = json.dumps({"nftables": [{"metainfo": {}}, {"set": {
        "family": "inet", "name": "s", "table": "f", "type": f"ipv{version}_addr",
        **({"elem": [value for _, value in pairs]} if pairs else {})}}]})
    return ("nftables", text, [],
            lambda a: (not any(has(entry, a) for entry, _ in pairs), None))


def nft_chain(world):
    rng, policy = world.rng, world.rng.choice(("accept", "drop"))
    objects, rules = [{"chain": {"family": "inet", "table": "f", "name": "c", "policy": policy}}], []
    for number in range(rng.randrange(1, 9)):
        version, negated = world.version(), rng.random() < .2
        pairs = [element(world, version) for _ in range(rng.randrange(1, 4))]
        values = [value for _, value in pairs]
        if rng.random() < .3:
            right = f"@s{number}"
            objects.append({"set": {"family": "inet", "table": "f", "name": right[1:],
                                    "type": f"ipv{version}_addr", "elem": values}})
        else:
            right = {"set": values} if len(values) > 1 or "elem" in values[0] else values[0]
        verdict = rng.choice(("accept", "drop", "reject"))
        rules.append((version, negated, [entry for entry, _ in pairs], verdict == "accept"))
        match = {"op": "!=" if negated else "==", "right": right, "left": {"payload": {
            "protocol": "ip" if version == 4 else "ip6", "field": "saddr"}}}
        objects.append({"rule": {"family": "inet", "table": "f", "chain": "c", "handle": number,
                                 "expr": [{"match": match}, {"counter": {}}, {verdict: None}]}})

    def answer(a):
        for version, negated, entries, allows in rules:
            if a.version == version and any(has(e, a) for e in entries) != negated:
                return allows, None
        return policy == "accept", None
    return "nftables", json.dumps({"nftables": objects}), ["--name", "c"], answer


def postfix(world):
    """Lines that go on, conditions in one another, and signs of "not", each of its own family."""
    rng, lines, rules, around = world.rng, [], [], []

    def within(condition, a):
        entry, negated = condition
        return a.version == entry[0] and has(entry, a) != negated

    def pattern():
        entry, text = world.prefix()
        if entry[0] == 6 and rng.random() < .3:
            front, slash, length = text.partition("/")
            text = f"[{front}]{slash}{length}"
        signs = rng.choice(("", "", "", "!", "! ", "!!"))
        return (entry, signs.count("!") % 2 == 1), signs + text

    for _ in range(rng.randrange(2, 12)):
        kind = rng.random()
        condition, text = pattern()
        if kind < .15 and len(around) < 3:
            around.append(condition)
            lines.append(rng.choice(("if ", "IF  ", "if\n\t")) + text)
        elif kind < .3 and around:
            around.pop()
            lines.append(rng.choice(("endif", "EndIf")))
        else:
            action, allows = rng.choice((("OK", True), ("dunno", True), ("REJECT", False), ("550 no", False),
                                         ("Reject,", False), ("77", True)))
            lines.append(text + rng.choice((" ", "\t", "\n  ", "\n# x\n\n\t")) + action)
            rules.append((condition, list(around), allows))
    if not rules:
        condition, text = pattern()
        lines.append(f"{text} REJECT")
        rules.append((condition, list(around), False))

    def decide(a):
        return next((allows for condition, outer, allows in rules
                     if within(condition, a) and all(within(c, a) for c in outer)), True), None
    return "postfix", "\n".join(lines) + "\n", [], decide


def published(world):
    rows = [world.rng.choice((world.prefix, world.range))() for _ in range(world.rng.randrange(9))]
    text = "".join(who + world.rng.choice(("\n", " # why\n", "\r\n", "\n; no\n")) for _, who in rows)
    allow = world.rng.random() < .5
    return ("list", text, ["--verdict", "allow"] if allow else [],
            lambda a: (any(has(entry, a) for entry, _ in rows) == allow, None))


MAKERS = (haproxy_map, haproxy_acl, nginx_access, nginx_geo, nginx_ranges, ipset, nft_set, nft_chain, postfix,
          published)


def imported(postern, folder, made, asked):
    """What the imported policy says of addresses: (allowed, value of V), and its text."""
    form, text, words, _ = made
    source, policy = (os.path.join(folder, name) for name in ("in", "out.rules"))
    with open(source, "w", encoding="ascii", newline="") as out:
        out.write(text)
    done = run(postern, "import", form, source, *words)
    assert done.returncode == 0, (text, done.stderr)
    with open(policy, "w", encoding="ascii") as out:
        out.write(done.stdout)
    told = run(postern, "check", "--batch", "--format", "json", policy,
               text="".join(json.dumps({"address": str(a)}) + "\n" for a in asked))
    assert told.returncode == 0, told.stderr
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(rows) == len(asked)
    return [(row["verdict"] == "allow", row.get("env", {}).get("V")) for row in rows], done.stdout


def compare(postern, folder, rng, maker):
    world = World(rng)
    made = maker(world)
    asked = world.edges + [address(world.one(v), v) for v in (4, 4, 6) for _ in range(5)]
    asked = [a for a in asked if not (a.version == 6 and a.ipv4_mapped)]
    told, policy = imported(postern, folder, made, asked)
    for a, got in zip(asked, told, strict=True):
        if got != made[3](a):
            sys.exit(f"{maker.__name__}: {a}: {got} and not {made[3](a)}\n{made[1]}\n{policy}")
    return len(asked)


def bans(postern, folder, rng):
    """The database of fail2ban: bans that hold, of every jail or of one; it is only read."""
    world, now, rows = World(rng), int(time.time()), []
    path = os.path.join(folder, f"bans{rng.getrandbits(64)}.sqlite3")
    for _ in range(rng.randrange(12)):
        entry, text = world.prefix()
        start, length = rng.choice(((now, -1), (now - 50, 40), (now, 100000), (now - 50, -1)))
        rows.append((entry, rng.choice(("sshd", "it's")), text, start, length))
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("create table bans(jail text not null, ip text, timeofban integer not null, "
                   "bantime integer not null, bancount integer not null default 1, data json)")
        db.executemany("insert into bans values(?, ?, ?, ?, 1, '{}')", [row[1:] for row in rows])
        db.commit()
    with open(path, "rb") as f:
        before = f.read()
    for words in ([], ["--name", "it's"]):
        done = run(postern, "import", "fail2ban", path, *words)
        if not shutil.which("sqlite3"):
            assert done.returncode == 2 and "is not installed" in done.stderr, done.stderr
            continue
        assert done.returncode == 0, done.stderr
        held = [entry for entry, jail, _, start, length in rows
                if (length < 0 or start + length > now) and (not words or jail == words[1])]
        policy = os.path.join(folder, "bans.rules")
        with open(policy, "w", encoding="ascii") as out:
            out.write(done.stdout)
        asked = [a for a in world.edges if not (a.version == 6 and a.ipv4_mapped)]
        told = run(postern, "check", "--batch", policy, text="".join(f"{a}\n" for a in asked))
        for a, line in zip(asked, told.stdout.splitlines(), strict=True):
            assert (line.split("\t")[0] == "deny") == any(has(e, a) for e in held), (a, line, rows)
    with open(path, "rb") as f:
        assert f.read() == before
    os.remove(path)


def bans_that_are_none(postern, folder):
    path = os.path.join(folder, "no.sqlite3")
    with open(path, "w", encoding="ascii") as out:
        out.write("this is no database, and longer than the head of one: " + "x" * 1000)
    for name in (path, os.path.join(folder, "nothing.sqlite3")):
        done = run(postern, "import", "fail2ban", name)
        assert done.returncode == 2 and not done.stdout and name in done.stderr, done
    assert not os.path.exists(os.path.join(folder, "nothing.sqlite3"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=30, help="files of each kind")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, rng = os.path.join(args.bin, "postern"), random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        for maker in MAKERS:
            checks = sum(compare(postern, folder, rng, maker) for _ in range(args.count))
            print(f"{maker.__name__}: {args.count} files, {checks} answers, all alike")
            assert checks > args.count * 10, maker
        for _ in range(args.count):
            bans(postern, folder, rng)
        bans_that_are_none(postern, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
