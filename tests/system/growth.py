#!/usr/bin/env python3
"""Work and memory grow as the text does: counted, for each construct and each pair of them.

A construct is a function of a size, which gives the lines of a policy; a verb is what is run
on it. The program that runs is all of postern with a counter at each edge of its code, and
around what it holds in memory: nothing here depends on how fast a machine is. A text four
times as long may take SLACK times four as much; or it is refused, by an error with its place
or as too much to compare, and that too within its bound.

To add a construct or a verb is to add a row to CONSTRUCTS or VERBS.
"""
import argparse
import concurrent.futures
import itertools
import os
import random
import subprocess
import sys
import tempfile

SMALL, TIMES = 150, 4
SLACK = 1.6          # n log n is 1.3 here, and arrays double; n^1.5 is 2, and n^2 is 4
FLOOR = 400_000      # edges: what is below is the start of the program, and no growth
MEMORY_FLOOR = 1 << 20
REFUSED_MOST = 1_500_000_000  # edges, whatever is refused


def address(i):
    return f"{1 + i * 7 % 200}.{i >> 8 & 255}.{i & 255}.{i * 13 % 251}"


def six(i):
    return f"2001:db8:{i:x}::"


def label(i):
    return f"h{i}.example"


def each(form):
    """One rule for each number, all of them different."""
    return lambda n: [form(i) for i in range(n)]


def with_set(members, form):
    """A set of n, and n rules that have it."""
    return lambda n: (["set big = {"] + [members(i) for i in range(n)] + ["}"]
                      + [form(i) for i in range(n)])


def with_group(form):
    """A chain of groups, and n rules that are given its end."""
    def lines(n):
        deep = 100
        return (["env g0 = G0=''"] + [f"env g{i} = $g{i - 1}, G{i}=''" for i in range(1, deep)]
                + [form(i, deep - 1) for i in range(n)])
    return lines


def long_suffix(i):
    """A name of 100 labels, of which the first ones differ."""
    return f"=.s{i}." + "a." * 98 + "example"


def nested_sets(n):
    return ["set n0 = {"] + [address(i) for i in range(n)] + ["}"] + \
        [f"set n{i} = $n{i - 1}, 9.8.{i >> 8}.{i & 255}" for i in range(1, min(n, 200))] + \
        [f"$n{min(n, 200) - 1} : allow, N='1'"]


# What a text may be full of. Lines of different constructs stand in one policy.
CONSTRUCTS = {
    "addresses": each(lambda i: f"{address(i)} : allow, A='{i}'"),
    "prefixes": each(lambda i: f"11.{i >> 8}.{i & 255}.0/24 : allow, B='{i}'"),
    "nested prefixes": each(lambda i: f"12.{i % 7}.{i % 50}.0/{8 + i % 17} : deny"
                            if not i % 7 and not i % 50 else f"12.{i >> 8}.{i & 255}.0/24 : deny"),
    "ranges": each(lambda i: f"13.{i >> 8}.{i & 255}.1-14.{i >> 8}.{i & 255}.9 : allow, C='{i}'"),
    "octet ranges": each(lambda i: f"15.{i >> 8}.{i & 255}.5-60 : allow, D='{i}'"),
    "IPv6 prefixes": each(lambda i: f"{six(i)}/48 : allow, E='{i}'"),
    "IPv6 ranges": each(lambda i: f"{six(2 * i)}1-{six(2 * i + 1)}9 : allow, F='{i}'"),
    "hosts": each(lambda i: f"={label(i)} : allow, H='{i}'"),
    "suffixes": each(lambda i: f"=.{label(i)} : allow, I='{i}'"),
    "deep suffixes": each(lambda i: f"{long_suffix(i)} : allow, J='{i}'"),
    "idents of addresses": each(lambda i: f"u{i}@16.{i >> 8}.{i & 255}.1 : allow, K='{i}'"),
    "idents of prefixes": each(lambda i: f"v{i}@17.{i >> 8}.{i & 255}.0/24 : allow, L='{i}'"),
    "idents of hosts": each(lambda i: f"w{i}@=i{i}.example : allow, M='{i}'"),
    "idents of all": each(lambda i: f"x{i}@* : allow, O='{i}'"),
    "rules for one ident": each(lambda i: f"joe@18.{i >> 8}.{i & 255}.1 : allow, P='{i}'"),
    "blocks": each(lambda i: f"19.{i >> 8}.{i & 255}.1 : block"),
    "blocked hosts": each(lambda i: f"=b{i}.example : block"),
    "a set less each of it": with_set(address, lambda i: f"$big except {address(i)} : allow, Q='{i}'"),
    "a set and one more": with_set(address, lambda i: f"$big, 9.9.{i >> 8}.{i & 255} : allow, Q='{i}'"),
    "a set of hosts and one more": with_set(lambda i: "=" + label(i),
                                            lambda i: f"$big, 9.9.{i >> 8}.{i & 255} : allow, Q='{i}'"),
    "a network less a set": with_set(address, lambda i: f"{i % 200}.0.0.0/8 except $big : allow, Q='{i}'"),
    "a set of ranges and one more": with_set(lambda i: f"30.{i >> 8}.{i & 255}.3-30.{i >> 8}.{i & 255}.99",
                                             lambda i: f"$big, 9.9.{i >> 8}.{i & 255} : allow, Q='{i}'"),
    "a set that is blocked": with_set(address, lambda i: f"$big, 9.9.{i >> 8}.{i & 255} : block"),
    "nested sets": nested_sets,
    "idents of a set": with_set(address, lambda i: f"y{i}@$big : allow, Q='{i}'"),
    "sets of a set": with_set(address, lambda i: f"set t{i} = $big, 9.6.{i >> 8}.{i & 255}"),
    "a set in claims": with_set(address, lambda i: f"always $big except {address(i)} : deny"),
    "a set that decides": with_set(address, lambda i: f"expect 9.9.9.9 : deny, by $big"),
    "groups": with_group(lambda i, end: f"{address(i)} : allow, $g{end}"),
    "groups and one more": with_group(lambda i, end: f"{address(i)} : allow, $g{end}, N='{i}'"),
    "variables in a rule": lambda n: ["9.9.9.9 : allow, " + ", ".join(f"V{i}=''" for i in range(n))],
    "targets in a rule": lambda n: [", ".join(address(i) for i in range(n)) + " : allow"],
    "holes in a rule": lambda n: ["0.0.0.0/1 except " + ", ".join(address(i) for i in range(n)) + " : allow"],
    "targets and holes": lambda n: [", ".join(f"20.{i >> 8}.{i & 255}.0/24" for i in range(n)) + " except "
                                    + ", ".join(f"20.{i >> 8}.{i & 255}.7" for i in range(n)) + " : allow"],
    "terms": each(lambda i: f"{address(i)} : allow, limit {i + 1}, rate {i + 1}/min, owner '{i}'"),
    "comments": each(lambda i: f"{address(i)} : deny # of the {i}th"),
    "ignored findings": each(lambda i: f"# postern: ignore P201 -- the {i}th\n{address(i)} : deny"),
    "equal rules": each(lambda i: "9.9.9.9, =eq.example, joe@9.9.9.9 : allow"),
    "includes": each(lambda i: 'include "part.rules"'),
    "classic includes": each(lambda i: 'include "classic.rules"'),
    "a list, again and again": each(lambda i: f"file \"list.txt\" except 9.7.{i >> 8}.{i & 255} : deny"),
    "expectations": each(lambda i: f"expect {address(i)} : deny, by *"),
    "claims of addresses": each(lambda i: f"always {address(i)} : !Z{i}"),
    "claims of everybody": each(lambda i: f"always * : !Z{i}"),
    "claims outside": each(lambda i: f"always !{address(i)} : !Z{i} assuming no host"),
    "names in a claim": lambda n: ["always * : " + ", ".join(f"!V{i}" for i in range(n))],
    "claims of what is said": each(lambda i: f"always !9.9.{i >> 8}.{i & 255} : deny, !A"),
    "expectations of one rule": lambda n: [", ".join(f"21.{i >> 8}.{i & 255}.1" for i in range(n)) + " : deny"]
        + [f"expect 21.{i >> 8}.{i & 255}.1 : deny, by 21.{i >> 8}.{i & 255}.1" for i in range(n)],
    "faults": each(lambda i: f"10.{i} : allow"),
    "faults in a line": lambda n: ["9.9.9.9 : allow, " + ", ".join(["A=''"] * n)],
}

# Those that are products in themselves, of sets and what has them: there is a limit to them, and texts
# are so many times as long that the longer ones pass it.
PRODUCTS = {
    "idents of a set": 6,
    "sets of a set": 6,
    "nested sets": 12,
    "a set in claims": 12,
    "claims of what is said": 24,
    "groups and one more": 40,
}

# What is done with it. {a} is the policy, {b} another one of the same size, {c} the same less a rule.
VERBS = {
    "compile": ["compile", "{a}", "-o", "{out}"],
    "who": ["who", "{a}", "--verdict", "allow"],
    "check of a prefix": ["check", "{a}", "0.0.0.0/0", "--unknown", "host,ident"],
    "lint": ["lint", "{a}"],
    "dump": ["dump", "{a}"],
    "diff of one rule": ["diff", "{a}", "{c}"],
    "merge": ["merge", "--print", "{a}", "{b}", "{c}"],
    "coverage": ["test", "{a}", "--coverage"],
}

# What is asked of all of a policy is asked of what multiplies: networks, hosts and idents.
MULTIPLIES = ["addresses", "prefixes", "hosts", "suffixes", "deep suffixes", "idents of addresses",
              "idents of prefixes", "idents of hosts", "idents of all", "blocks", "blocked hosts"]

# Answers that say of each ident which networks and hosts are its own, and findings, which are held to
# each: two constructs may take the square, up to where it is refused; never more than that.
SQUARES = {"who", "check of a prefix", "diff of one rule", "lint"}

FILES = {
    "part.rules": "postern: 1\n7.7.7.7 : deny\n=part.example : deny\n",
    "classic.rules": "7.7.8.:deny\n=:deny\njoe@7.7.7.9:allow\n",
}

# What a claim of everybody is about, which no text of two constructs lacks.
TAIL = ["* : deny"]


def write(folder, names, size):
    """A policy of some constructs, each once; what they define has a name of its own."""
    text = "postern: 1\n"
    for turn, name in enumerate(names):
        lines = "\n".join(CONSTRUCTS[name](size))
        for word in ("big", "g", "n") if turn else ():
            lines = rename(lines, word)
        text += lines + "\n"
    path = os.path.join(folder, "a.rules")
    with open(path, "w", encoding="ascii") as out:
        out.write(text + "\n".join(TAIL) + "\n")
    swap = text.replace("'1", "'2").replace("9.9.", "9.8.")
    with open(os.path.join(folder, "b.rules"), "w", encoding="ascii") as out:
        out.write(swap + "\n".join(TAIL) + "\n")
    lines = text.split("\n")
    with open(os.path.join(folder, "c.rules"), "w", encoding="ascii") as out:
        out.write("\n".join(lines[:-2] + lines[-1:]) + "\n".join(TAIL) + "\n")
    for file, content in FILES.items():
        with open(os.path.join(folder, file), "w", encoding="ascii") as out:
            out.write(content)
    with open(os.path.join(folder, "list.txt"), "w", encoding="ascii") as out:
        out.write("".join(f"{address(i)}\n" for i in range(size)))
    return os.path.getsize(path)


def rename(lines, word):
    """Definitions of the second construct: $big and set big, $g7 and env g7."""
    for front in ("set ", "env ", "$"):
        lines = lines.replace(front + word, front + "second_" + word)
    return lines


class Counted:
    """The program, run in a folder; what it did, and how it ended."""

    def __init__(self, program, names, verb, size):
        with tempfile.TemporaryDirectory() as folder:
            self.size = write(folder, names, size)
            words = [w.format(a="a.rules", b="b.rules", c="c.rules", out="out.cdb") for w in VERBS[verb]]
            counts = os.path.join(folder, "counts")
            self.done = subprocess.run(
                [program] + words, cwd=folder, capture_output=True, check=False,
                env={"PATH": "/usr/bin:/bin", "PN_COUNTS": counts, "LC_ALL": "C.UTF-8"})
            with open(counts, encoding="ascii") as text:
                rows = [[int(w) for w in line.split()] for line in text]
        self.work = sum(row[0] for row in rows)
        self.memory = max(row[1] for row in rows)
        self.refused = self.done.returncode == 2
        self.broken = self.done.returncode not in (0, 1, 2) or (
            self.refused and not any(word in self.done.stderr + self.done.stdout
                                     for word in (b"error", b"too much")))


def look(program, names, verb, small):
    """What grows faster than its text, in words; or None."""
    small *= max(PRODUCTS.get(name, 1) for name in names)
    try:
        one = Counted(program, names, verb, small)
        four = Counted(program, names, verb, small * TIMES)
    except OSError as error:
        return f"{error}"
    what = f"{verb} of {' with '.join(names)}"
    for counted in (one, four):
        if counted.broken:
            return f"{what}: status {counted.done.returncode}, {counted.done.stderr[-200:]!r}"
    if four.refused and not one.refused:
        return None if four.work < REFUSED_MOST else f"{what}: refused after {four.work} edges"
    grown = four.size / one.size * SLACK
    if verb in SQUARES and (len(names) > 1 or verb == "lint"):
        grown *= four.size / one.size
    work = four.work / max(one.work, FLOOR)
    memory = four.memory / max(one.memory, MEMORY_FLOOR)
    if work <= grown and memory <= grown:
        return None
    return (f"{what}: a text {four.size / one.size:.1f} times as long takes {work:.1f} times the work"
            f" ({one.work} and {four.work}) and {memory:.1f} times the memory"
            f" ({one.memory} and {four.memory})")


def is_asked(names, verb):
    """Whatever can stand in a text is compiled."""
    return verb == "compile" or all(name in MULTIPLIES for name in names)


def questions(args, rng):
    """All constructs with all verbs; and pairs, `--pairs` of them, or all there are."""
    names = [n for n in CONSTRUCTS if args.only is None or args.only in n]
    verbs = [v for v in VERBS if args.verb is None or args.verb == v]
    for name, verb in itertools.product(names, verbs):
        if is_asked((name,), verb):
            yield (name,), verb
    pairs = list(itertools.product(itertools.combinations(CONSTRUCTS, 2), verbs))
    pairs = [(p, v) for p, v in pairs if is_asked(p, v)]
    pairs = [(p, v) for p, v in pairs if args.only is None or any(args.only in n for n in p)]
    if args.pairs is not None:  # those of products take a minute together
        pairs = [(p, v) for p, v in pairs if not any(n in PRODUCTS for n in p)]
        pairs = rng.sample(pairs, min(args.pairs, len(pairs)))
    yield from pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counted", required=True, help="postern, with its counters")
    parser.add_argument("--pairs", type=int, help="so many pairs of constructs; else all")
    parser.add_argument("--size", type=int, default=SMALL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="constructs with this in their names")
    parser.add_argument("--verb", choices=sorted(VERBS))
    args = parser.parse_args()
    program = os.path.abspath(args.counted)
    asked = list(questions(args, random.Random(args.seed)))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [f for f in pool.map(lambda q: look(program, *q, args.size), asked) if f]
    for fault in faults:
        print("FAILED", fault)
    print(f"{len(asked)} questions, {len(faults)} failures")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
