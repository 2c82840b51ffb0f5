#!/usr/bin/env python3
"""libpostern and the second reader are asked the same of random policies: equal answers.

Policies are extended, classic, extended with a classic file that is looked up by spelling, and
one with so many prefixes that its index is compact. Each image is also damaged: opening both has
the same end, with the checksums mended too, and a decision is the same or stands on pieces or
tables that contradict themselves, in which each may find another piece.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

import answers
import make
import reader
import run

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "system")]
import laws  # noqa: E402

HOSTS = ["mx.example", "a.example", "b.a.example", "example", "b.example", "other.test", "", ".", ".example",
         "MX.Example.", "a..example", "x.host.example"]
IDENTS = ["joe", "ann", "", "JOE", "odd name", "joe@=", "\xff\x00"]
SIX = ["2001:db8:", "2001:db8:0:", "2001:db8:1:0:", "fe80::", "2001:db8:0:0:5:", "fe80:0:0:1:", "::"]


def v4(rng):
    return f"10.{rng.choice((0, 0, 1, 9))}.{rng.choice((0, 0, 1, 200))}.{rng.choice((*range(9), 77, 255))}"


def v6(rng):
    groups = ["2001", "db8"] + [f"{rng.choice((0, 0, 0, 1, 5, 0xff00, 0xffff)):x}" for _ in range(6)]
    return ":".join(rng.choice((groups, ["fe80"] + groups[1:], groups[:2] + ["0"] * 5 + groups[7:])))


def target(rng):
    """One of an extended rule, without ident."""
    kind = rng.randrange(9)
    if kind < 2:
        return rng.choice((v4, v6))(rng)
    if kind == 2:
        length = rng.choice((8, 16, 24, 28, 31))
        return reader.spell_address(cut(v4(rng), length)).decode() + f"/{length}"
    if kind < 5:
        length = rng.choice((16, 32, 48, 64, 80, 127))
        return "[" + reader.spell_address(cut(v6(rng), length)).decode() + f"]/{length}"
    if kind == 5:
        low, high = sorted((reader.parse_address(v4(rng).encode()) for _ in range(2)))
        return ".".join(map(str, low)) + "-" + ".".join(map(str, high))
    return rng.choice(("=", "=.example", "=.a.example", "=mx.example", "=a.example", "=b.a.example", "=x.host.example"))


def cut(address, length):
    packed = reader.parse_address(address.encode())
    bits = len(packed) * 8
    number = int.from_bytes(packed, "big") >> (bits - length) << (bits - length)
    return number.to_bytes(len(packed), "big")


def terms(rng, verdict):
    made = []
    if verdict == "allow":
        made += rng.sample(['A="1"', 'B="\\xff\\xc3\\xa9"', 'C=""', 'D="x=y"', "limit 3", "limit 7 per /24,/56",
                            "rate 5/sec per /30,/64", "rate 60/hour"], rng.randrange(3))
        made = [m for i, m in enumerate(made) if m.split()[0] not in [x.split()[0] for x in made[:i]]]
        if rng.random() < 0.3:
            made += [f"limit {rng.randrange(1, 99)} per /{bits},/{bits * 4}"
                     for bits in rng.sample(range(25), rng.randrange(1, 8))]
            rng.shuffle(made)
    if verdict == "allow" and rng.random() < 0.2:
        made += rng.choice((["no penalty"], ["penalty signal 60"], ["penalty 9 3", "penalty signal 86400", "penalty 1-8 600"],
                            [f"penalty {first * 9 + 1}-{first * 9 + 9} 5" for first in range(8)]))
    if verdict != "allow" or any(m.startswith(("limit", "rate")) for m in made):
        made += ['reject "no\\r\\n"'] * (rng.random() < 0.5)
    made += rng.sample(['owner "us"', 'ticket "T-1"', "until 2031-01-31"], rng.choice((0, 0, 1, 2)))
    return "".join(", " + m for m in made)


def extended(rng, front=()):
    """A policy of many rules, with idents, blocks and terms."""
    lines = ["postern: 1", *front]
    for _ in range(rng.choice((2, 8, 30, 90))):
        verdict = rng.choice(("allow", "allow", "allow", "deny", "deny", "block"))
        targets = [target(rng) for _ in range(rng.choice((1, 1, 2)))]
        if verdict != "block" and rng.random() < 0.3:
            ident = rng.choice(("joe", "ann", '""', '"odd name"'))
            targets = [f"{ident}@{t}" for t in targets]
        lines.append(", ".join(targets) + " : " + verdict + terms(rng, verdict))
    lines.append("* : " + rng.choice(("allow", "deny")) + ', X="1"')
    return "\n".join(lines) + "\n"


def classic(rng):
    """Keys as people write them, and as they do not."""
    lines = []
    for _ in range(rng.choice((1, 5, 40))):
        address = rng.choice((v4, v6))(rng)
        spelt = reader.spell_address(reader.parse_address(address.encode())).decode()
        parts = rng.choice((address, spelt)).split("." if "." in address else ":")
        mark = "." if "." in address else ":"
        front = mark.join(parts[:rng.randrange(1, len(parts) + 1)]) + rng.choice(("", mark))
        key = rng.choice((address, spelt, front, front, "=mx.example", "=.example", "=.a.example", "=", "",
                          "10.0-1.", "10.0.0.3-7"))
        key = rng.choice(("", "", "", "joe@", "@", "joe@=")) + key
        value = rng.choice((":allow", ":deny", ':allow,A="1"', ':allow,A="1",A="2",B=//', ':deny,A="1"'))
        lines.append(key + value)
    return "\n".join(lines) + "\n"


def spelt(rng):
    lines = []
    for _ in range(rng.randrange(1, 7)):
        key = rng.choice(SIX) + rng.choice(("", "", "1:", "0:", "a:0:"))
        if key.count("::") < 2 and ":::" not in key and key.count(":") < 8:
            lines.append(f"{key}:{rng.choice(('allow', 'deny'))}")
    return "\n".join(lines) + "\n"


def many(rng):
    """So many prefixes that the index of IPv4 is compact."""
    lines = ["postern: 1"]
    for number in range(35000):
        first = (10 << 24) + number * 1024 + rng.choice((0, 256, 512))
        lines.append(".".join(str(first >> s & 255) for s in (24, 16, 8, 0)) + f"/{rng.choice((24, 26, 30))}" +
                     f' : allow, N="{number % 7}"')
    return "\n".join(lines) + "\n* : deny\n"


def query(rng, wide=False):
    made = {}
    if rng.random() < 0.95:
        made["address"] = rng.choice((v4, v4, v6))(rng)
        if wide:
            made["address"] = f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.choice((0, 1, 4, 63, 64, 255))}"
        if rng.random() < 0.05:
            made["address"] = "::ffff:" + v4(rng)
    if rng.random() < 0.5:
        made["host"] = rng.choice(HOSTS)
    if rng.random() < 0.4:
        made["ident"] = rng.choice(IDENTS)
    if rng.random() < 0.08 or not made:
        made["text"] = rng.choice((v4(rng), v6(rng), "nonsense", "", *make.TEXTS))
    return made


def is_sound(native):
    """Do pieces and penalties ascend, and tables lead where pieces are? Then both find the same."""
    terms = [native.number(native.penalties[0] + 12 * i) for i in range(native.penalties[1])]
    if terms != sorted(terms):
        return False
    rows = [native.groups[0] + group * 80 + at for group in range(native.groups[1]) for at in (16, 48)]
    if native.zones:
        rows += [native.zones[0] + 256 + i * 32 for i in range(native.zones[1] * native.groups[1])]
    for at in rows:
        try:
            index = reader.Index(native, at, 4 if (at - native.groups[0]) % 80 == 16 and at < native.groups[0] +
                                 native.groups[1] * 80 else 6)
            starts = [index.start(i) for i in range(index.pieces)]
            table = [native.number(index.table + 4 * i) for i in range(index.slots + 1)]
        except (reader.Damaged, MemoryError):
            return False
        first = [number & 0x7FFFFFFF for number in table]
        if index.compact or starts != sorted(starts) or first != sorted(first):
            return False
        for slot in range(1, index.slots):
            key = (index.base + (slot - 1 << index.shift)) << (0 if index.family == 4 else 64)
            piece = max((i for i, s in enumerate(starts) if s <= key), default=0)
            if table[slot] != piece | (0x80000000 if starts[piece] == key else 0):
                return False
        if starts[0] or (table and (first[0], first[-1]) != (0, len(starts) - 1)):
            return False
    return True


class Comparison:
    def __init__(self, args):
        self.postern = os.path.join(os.path.abspath(args.bin), "postern")
        self.answers = [os.path.abspath(args.answers)]
        self.rng = random.Random(args.seed)
        self.queries = self.images = self.failures = self.damaged = self.undecided = 0

    def compile(self, folder, text, options=()):
        with open(os.path.join(folder, "p.rules"), "w", encoding="latin-1") as out:
            out.write(text)
        done = subprocess.run([self.postern, "compile", *options, "p.rules", "-o", "p.cdb"], cwd=folder,
                              capture_output=True, check=False)
        if done.returncode:
            return None
        with open(os.path.join(folder, "p.cdb"), "rb") as image:
            return image.read()

    def policy(self, folder, number):
        """An image of the next kind."""
        rng, kind = self.rng, number % 5
        if kind == 0:
            return self.compile(folder, laws.random_policy(rng))
        if kind == 1:
            return self.compile(folder, classic(rng), rng.choice(((), (), ("--as", "native"))))
        if kind == 2:
            with open(os.path.join(folder, "c"), "w", encoding="latin-1") as out:
                out.write(spelt(rng))
            return self.compile(folder, extended(rng, ['include "c"']))
        return self.compile(folder, extended(rng), rng.choice(((), (), ("--strip",))))

    def both(self, data, queries, verify):
        """The lines of libpostern and of the second reader."""
        lines = "".join(map(run.line, queries))
        with tempfile.NamedTemporaryFile() as image:
            image.write(data)
            image.flush()
            done = subprocess.run([*self.answers, *verify, image.name], input=lines.encode(), capture_output=True,
                                  timeout=300, check=True)
        try:
            rules = reader.open_image(data, bool(verify))
        except (reader.Damaged, reader.Newer) as problem:
            return done.stdout.decode().splitlines(), [answers.refused(problem)], None
        asked = [answers.read(line.encode()) for line in lines.splitlines()]
        return done.stdout.decode().splitlines(), [answers.opened(rules)] + [
            answers.answer(rules, query) for query in asked], rules

    def fail(self, folder, got, query=""):
        self.failures += 1
        if self.failures < 5:
            print("FAILED", run.line(query) if query else "", *got, sep="\n")
            for name in ("p.rules", "c"):
                if os.path.exists(os.path.join(folder, name)) and self.failures == 1:
                    with open(os.path.join(folder, name), encoding="latin-1") as text:
                        print(text.read()[:4000])

    def compare(self, folder, data, queries):
        verify = self.rng.choice(((), ("--verify",)))
        ours, theirs, _ = self.both(data, queries, verify)
        self.images += 1
        self.queries += len(queries)
        if len(ours) != len(theirs) or len(ours) != len(queries) + 1:
            return self.fail(folder, (ours[:1], theirs[:1]))
        for query_of, got, want in zip([""] + queries, ours, theirs):
            if got != want:
                self.fail(folder, (got, want), query_of)

    def damage(self, folder, data, queries):
        """Another byte or a few, with sums that tell or with sums that do not."""
        rng, image = self.rng, make.Image(data)
        native = data[2056:2112] == reader.MARK
        # what is small is where offsets are: the header of the value, and the rows behind it
        behind = make.VALUE + 700 if native else 2048
        for _ in range(rng.choice((1, 1, 3))):
            at = rng.choice((rng.randrange(len(data)), rng.randrange(2040, min(behind + 300, len(data)))))
            image.data[at] = rng.choice((image.data[at] ^ 1 << rng.randrange(8), 0, 255, rng.randrange(256)))
        changed = bytes(image.data)
        if native and rng.random() < 0.7 and len(data) >= make.VALUE + image.size:
            changed = image.sum_up()
        if rng.random() < 0.1:
            changed = changed[:rng.randrange(len(changed))]
        ours, theirs, rules = self.both(changed, queries, rng.choice(((), ("--verify",))))
        self.damaged += 1
        if ours == theirs or all('"open":"version"' in lines[0] for lines in (ours, theirs)):
            return  # names that are damaged are anybody's
        if ours[0] != theirs[0]:
            return self.fail(folder, (ours[0], theirs[0]))
        if isinstance(rules, reader.Classic) or is_sound(rules):
            wrong = next((q, g, w) for q, g, w in zip(queries, ours[1:], theirs[1:]) if g != w)
            return self.fail(folder, wrong[1:], wrong[0])
        self.undecided += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--answers", required=True, help="the program of answers.c")
    parser.add_argument("--count", type=int, default=10000, help="queries")
    parser.add_argument("--damaged", type=int, default=300, help="images")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    comparison = Comparison(args)
    rng = comparison.rng
    with tempfile.TemporaryDirectory() as folder:
        data = comparison.compile(folder, many(rng))
        comparison.compare(folder, data, [query(rng, True) for _ in range(args.count // 20)])
        number = 0
        while comparison.queries < args.count or comparison.damaged < args.damaged:
            number += 1
            data = comparison.policy(folder, number)
            if data is None:
                continue
            queries = [query(rng) for _ in range(100)]
            if comparison.queries < args.count:
                comparison.compare(folder, data, queries)
            for _ in range(3):
                if comparison.damaged < args.damaged:
                    comparison.damage(folder, data, queries[:12])
    print(f"{comparison.queries} queries of {comparison.images} images, {comparison.damaged} damaged ones of which "
          f"{comparison.undecided} contradict themselves, {comparison.failures} failures")
    return 1 if comparison.failures or number * 100 < args.count / 2 else 0


if __name__ == "__main__":
    sys.exit(main())
