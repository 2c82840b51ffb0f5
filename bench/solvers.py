#!/usr/bin/env python3
"""Are two policies equal? `postern diff` beside solvers that know nothing of policies.

Two ladders over addresses of both families are put to z3 and cvc5 as formulas over bit vectors
(SMT-LIB): is there an address that they answer otherwise? Half of the pairs are equal: the same
rules in another order, prefixes in halves, more rules that say what is said already. The other
half differ at one address. All verdicts must be alike, and right; --figures prints ratios of
times, contestants in turns, the median with the quartiles behind it.
"""
import argparse
import collections
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

BITS = {4: 32, 6: 128}
SOLVERS = {"z3": ["z3", "-smt2"], "cvc5": ["cvc5", "--lang=smt2", "--bitblast=eager"]}
VERDICTS = ["deny", "allow"] + [f"allow, A='{n}'" for n in range(4)]
DEADLINE = 600  # seconds, for one question to a solver

# verdict: its number in VERDICTS; exact: an address by itself, which counts before all prefixes
Rule = collections.namedtuple("Rule", "family first length verdict exact")


def host_mask(family, length):
    return (1 << BITS[family] - length) - 1


def text_of(rule):
    if rule.family == 4:
        address = ".".join(str(rule.first >> s & 255) for s in (24, 16, 8, 0))
    else:
        address = ":".join(f"{rule.first >> s & 0xffff:x}" for s in range(112, -1, -16))
    return address + ("" if rule.exact else f"/{rule.length}")


def policy_text(rules):
    return "postern: 1\n" + "".join(f"{text_of(r)} : {VERDICTS[r.verdict]}\n" for r in rules) \
        + "* : deny\n"


def ladder(rules):
    """In the order in which they count: addresses, then the longest prefix; of equals the first."""
    return sorted(rules, key=lambda r: (not r.exact, -r.length))


def decide(rules, family, address):
    for rule in ladder(rules):
        if rule.family == family and address & ~host_mask(family, rule.length) == rule.first:
            return rule.verdict
    return 0


def random_rules(rng, count):
    """Prefixes of both families, of which many lie within others."""
    rules = []
    while len(rules) < count:
        family = rng.choice([4, 4, 6])
        length = rng.randint(8, 28) if family == 4 else rng.randint(20, 64)
        first = rng.getrandbits(BITS[family])
        if rules and rng.random() < 0.5:
            outer = rng.choice(rules)
            if outer.family == family and outer.length < length:
                first = outer.first | first & host_mask(family, outer.length)
        if family == 6:
            first = 0x2001 << 112 | first & host_mask(6, 16)
        rules.append(Rule(family, first & ~host_mask(family, length), length,
                          rng.randrange(len(VERDICTS)), False))
    return rules


def rewritten(rng, rules):
    """Other rules that decide alike. What has the key of an earlier one decides nothing; a half of a
    prefix stands behind all that have its key already, and nothing comes between the two."""
    first = {}
    for rule in rules:
        first.setdefault((rule.family, rule.first, rule.length), rule)
    kept = list(first.values())
    rng.shuffle(kept)
    out, halves = [], []
    for rule in kept:
        parts = [Rule(rule.family, rule.first | side << BITS[rule.family] - rule.length - 1,
                      rule.length + 1, rule.verdict, False) for side in (0, 1)]
        way = rng.random()
        if way < 0.15:  # in halves
            halves += parts
        elif way < 0.3:  # and said again, of a half
            out.append(rule)
            halves.append(rng.choice(parts))
        else:
            out.append(rule)
    return out + halves


def pair(rng, count):
    """Two lists of rules, and whether they decide alike."""
    rules = random_rules(rng, count)
    other = rewritten(rng, rules)
    if rng.random() < 0.5:
        return rules, other, True
    where = rng.choice(rules)
    address = where.first | rng.getrandbits(BITS[where.family]) & host_mask(where.family, where.length)
    verdict = (decide(rules, where.family, address) + rng.randint(1, len(VERDICTS) - 1)) % len(VERDICTS)
    other.insert(rng.randint(0, len(other)),
                 Rule(where.family, address, BITS[where.family], verdict, True))
    return rules, other, False


def steps(name, rules):
    """The ladder from its end: each step is what its rule says, or the step behind it."""
    lines = [f"(declare-const {name}0 (_ BitVec 3))", f"(assert (= {name}0 #b000))"]
    for number, rule in enumerate(reversed(ladder(rules)), 1):
        width, length = BITS[rule.family], rule.length
        bits = f"{rule.first >> width - length:0{length}b}"
        lines += [
            f"(declare-const {name}{number} (_ BitVec 3))",
            f"(assert (= {name}{number} (ite (and {'(not six)' if rule.family == 4 else 'six'} "
            f"(= ((_ extract {width - 1} {width - length}) a{rule.family}) #b{bits})) "
            f"#b{rule.verdict:03b} {name}{number - 1})))"]
    return lines, f"{name}{len(rules)}"


def formula(left, right):
    one, last = steps("l", left)
    other, end = steps("r", right)
    return "\n".join(["(set-logic QF_BV)", "(declare-const six Bool)",
                      "(declare-const a4 (_ BitVec 32))", "(declare-const a6 (_ BitVec 128))",
                      *one, *other, f"(assert (distinct {last} {end}))", "(check-sat)"]) + "\n"


def ask(name, words, folder):
    """Whether it says that they are equal, and seconds."""
    start = time.perf_counter()
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False,
                          timeout=DEADLINE)
    seconds = time.perf_counter() - start
    said = str(done.returncode) if name == "postern" else done.stdout.strip()
    equal = {"0": True, "1": False, "unsat": True, "sat": False}.get(said)
    assert equal is not None, (name, done)
    return equal, seconds


def spread(values):
    values = sorted(values)
    low, high = values[len(values) // 4], values[(3 * len(values)) // 4]
    return f"{statistics.median(values):,.0f} ({low:,.0f} to {high:,.0f})"


def compare(args, count, pairs, folder):
    """Faults, and prints what the times were."""
    rng = random.Random(args.seed * 1000 + count)
    contestants = {"postern": [os.path.join(os.path.abspath(args.bin), "postern"), "diff", "a.rules",
                               "b.rules"],
                   **{name: words + ["pair.smt2"] for name, words in SOLVERS.items()}}
    names, faults, equals = list(contestants), [], 0
    ratios = {name: [] for name in SOLVERS}
    for number in range(pairs):
        left, right, is_equal = pair(rng, count)
        equals += is_equal
        for name, text in (("a.rules", policy_text(left)), ("b.rules", policy_text(right)),
                           ("pair.smt2", formula(left, right))):
            with open(os.path.join(folder, name), "w", encoding="ascii") as out:
                out.write(text)
        seconds = {}
        for name in names[number % 3:] + names[:number % 3]:
            equal, seconds[name] = ask(name, contestants[name], folder)
            if equal != is_equal:
                faults.append(f"{count} rules, pair {number}: {name} says "
                              f"{'equal' if equal else 'not equal'}")
        for name in SOLVERS:
            ratios[name].append(seconds[name] / seconds["postern"])
    print(f"{count} rules: {pairs} pairs, {equals} of them equal, {len(faults)} wrong verdicts", flush=True)
    if args.figures:
        for name in SOLVERS:
            print(f"  {name}: {spread(ratios[name])} times the time of postern diff", flush=True)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--pairs", default="300:200,1000:20", help="rules:pairs of them, ...")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", action="store_true")
    args = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for part in args.pairs.split(","):
            faults += compare(args, *map(int, part.split(":")), folder)
    for fault in faults[:20]:
        print("FAILED", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
