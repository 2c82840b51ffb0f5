#!/usr/bin/env python3
"""The mutants of random policies: what is said of them when all are judged from one compile is
what is said of each that is compiled by itself. And what `test --mutate` prints does not show
how many cores there are, and is there at once when nothing is expected."""
import argparse
import collections
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile

HOSTS = ["a.example", "b.example", "example", "x.a.example", "org"]
IDENTS = ["joe", "bob"]
FATES = ("stillborn", "same", "killed", "survived", "told", "alone")


class Policy:
    """A random policy over few addresses, hosts and idents, and its file of tests."""

    def __init__(self, rng):
        self.rng, self.groups, self.sets = rng, [], {}
        self.rules, self.claims = [], []
        if rng.random() < 0.2:
            self.header = ""
            self.rules = [f"{self.key()}:{self.classic_verdict()}" for _ in range(rng.randint(1, 7))]
        else:
            self.header = "postern: 1\n"
            self.extended()
        self.claims = [self.claim() for _ in range(rng.randint(1, 6))]

    def texts(self):
        """Of the policy, and of its tests or None."""
        inside = [c for c in self.claims if self.header and self.rng.random() < 0.7]
        outside = [c for c in self.claims if c not in inside]
        tests = "".join(line + "\n" for line in ["postern: 1"] + outside) if outside else None
        return self.header + "".join(line + "\n" for line in self.rules + inside), tests

    def address(self):
        pick = self.rng.randint
        return f"10.0.{pick(0, 1)}.{self.rng.choice([0, 1, 2, 3, 128])}"

    def prefix(self):
        length = self.rng.choice([0, 7, 8, 16, 22, 23, 24, 25, 30, 31])
        number = self.rng.choice([0x0a000000, 0x0a000100, 0x0a000002, 0xffffffff])
        number &= 0xffffffff << 32 - length & 0xffffffff
        return ".".join(str(number >> s & 255) for s in (24, 16, 8, 0)) + f"/{length}"

    def six(self):
        return self.rng.choice(["2001:db8::/32", "::/0", "2001:db8::1", "2001:db8::/48",
                                "::ffff:0:0/96", "::/80"])

    def range(self):
        first, last = sorted(self.rng.randint(0, 20) for _ in range(2))
        return f"10.0.0.{first}-10.0.0.{last}"

    def addresses(self):
        return self.rng.choice([self.address, self.prefix, self.prefix, self.six, self.range])()

    def host(self):
        sign = self.rng.choice(["=", "=."])
        return sign + self.rng.choice(HOSTS) if self.rng.random() < 0.85 else "="

    def key(self):
        """Of a classic rule."""
        return self.rng.choice([
            self.address, self.address, lambda: self.rng.choice(["10.", "10.0.", "10.0.0.", "10.0.0-1."]),
            self.host, self.host, lambda: self.rng.choice(IDENTS) + "@" + self.address(),
            lambda: "=", lambda: ""])()

    def classic_verdict(self):
        verdict = self.rng.choice(["allow", "deny"])
        if verdict == "allow" and self.rng.random() < 0.4:
            verdict += f',A="{self.rng.randint(0, 1)}"'
        return verdict

    def verdict(self):
        rng = self.rng
        if rng.random() < 0.3:
            return rng.choice(["deny", 'deny, reject "no"', "deny, penalty 1 5"])
        text = "allow"
        for name in "AB":
            if rng.random() < 0.35:
                text += f", {name}='{rng.randint(0, 1)}'"
        if rng.random() < 0.12 and self.groups:
            text += ", $" + rng.choice(self.groups)
        if rng.random() < 0.12:
            text += f", limit {rng.randint(1, 2)}"
        if rng.random() < 0.08:
            text += f", rate {rng.randint(1, 2)}/min"
        if rng.random() < 0.1:
            text += ", no penalty"
        elif rng.random() < 0.15:
            text += "".join(rng.sample([", penalty 1-2 5", f", penalty {rng.choice(['3', '3-9'])} {rng.choice([1, 5])}",
                                        ", penalty signal 5"], rng.randint(1, 3)))
        return text

    def target(self, ident):
        rng, pick = self.rng, self.rng.random()
        if pick < 0.55:
            return self.addresses()
        if pick < 0.8:
            return self.host()
        if pick < 0.9 and self.sets:
            return "$" + rng.choice(sorted(self.sets))
        return rng.choice(["*", self.addresses()]) if ident else self.addresses()

    def rule(self):
        rng = self.rng
        ident = rng.choice(IDENTS) + "@" if rng.random() < 0.3 else ""
        targets = [ident + self.target(ident) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        text = ", ".join(targets)
        if rng.random() < 0.2 and not any(sign in text for sign in "=*$"):
            text += " except " + self.addresses()
        block = not ident and "*" not in text and rng.random() < 0.15
        return f"{text} : {'block' if block else self.verdict()}"

    def extended(self):
        rng = self.rng
        for i in range(rng.randint(0, 2)):
            self.groups.append(f"e{i}")
            self.rules.append(f"env e{i} = A='{rng.randint(0, 1)}'" + rng.choice(["", ", C='x'"]))
        for i in range(rng.randint(0, 2)):
            members = [self.addresses() for _ in range(rng.randint(1, 3))]
            members += [self.host()] if rng.random() < 0.3 else []
            self.sets[f"s{i}"] = not any("=" in m for m in members)
            self.rules.append(f"set s{i} = " + ", ".join(members))
        self.rules += [self.rule() for _ in range(rng.randint(1, 6))]
        self.rules.insert(rng.randint(0, len(self.rules)), "* : " + self.verdict())
        if rng.random() < 0.1:
            self.rules.append("* : allow, A='9'")

    def said(self):
        rng = self.rng
        said = [rng.choice(["allow", "deny"])] if rng.random() < 0.8 else []
        for name in "AB":
            said += rng.choice([[f"{name}='{rng.randint(0, 1)}'"], ["!" + name], [], []])
        if rng.random() < 0.1:
            said.append(rng.choice(["!limit", "limit 1", "!reject", 'reject "no"']))
        if rng.random() < 0.15:
            said.append(rng.choice(["!penalty", "no penalty", "penalty 1 5", "penalty 2-3 5", "penalty signal 5"]))
        if rng.random() < 0.15:
            said.append("by " + rng.choice([self.addresses(), self.host(), "*"]
                                           + ["$" + name for name in self.sets]))
        return ", ".join(said or ["allow"])

    def claim(self):
        rng = self.rng
        if rng.random() < 0.65:
            query = rng.choice([self.address(), "2001:db8::1", "1.2.3.4", "10.0.0.200"])
            if rng.random() < 0.3:
                query = rng.choice(IDENTS + ["eve"]) + "@" + query
            if rng.random() < 0.4:
                query += " =" + rng.choice(HOSTS + ["q.example", "x.org", "zz"])
            return f"expect {query} : {self.said()}"
        plain = [name for name, addresses in self.sets.items() if addresses]
        within = rng.choice(["*"] + [s + ", ".join(self.addresses() for _ in range(rng.randint(1, 2)))
                                     for s in ("!", "", "")])
        if plain and rng.random() < 0.15:
            within = "$" + rng.choice(plain)
        return f"always {within} : {self.said()}" + rng.choice(["", " assuming no host"]) \
            + rng.choice(["", " assuming no ident"])


def check(alone, folder, seed):
    """What is wrong, and how many mutants there were of each fate."""
    text, tests = Policy(random.Random(seed)).texts()
    name = os.path.join(folder, f"p{seed}.rules")
    words = [alone, name]
    with open(name, "w", encoding="ascii") as out:
        out.write(text)
    if tests:
        words.append(os.path.join(folder, f"p{seed}_test.rules"))
        with open(words[2], "w", encoding="ascii") as out:
            out.write(tests)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    counts = {fate: int(line.split()[1]) for fate, line in zip(FATES, lines[-len(FATES):])} \
        if done.returncode in (0, 1) and len(lines) >= len(FATES) else {}
    fault = None if done.returncode == 0 and counts else \
        f"seed {seed}: {done.returncode} {done.stdout}{done.stderr}\n{text}--\n{tests}"
    return fault, counts


def many(folder, bin_dir):
    """Faults of what is printed of many mutants: by one core and by all, and of none."""
    name = os.path.join(folder, "many.rules")
    rules = [f"10.0.{i}.0/24, =h{i}.example : allow, A='{i}'" for i in range(200)] + ["* : deny"]
    claims = [f"expect 10.0.{i}.{i} : allow, A='{i}'" for i in range(0, 200, 2)]
    faults, seen = [], set()
    postern = os.path.join(os.path.abspath(bin_dir), "postern")
    for first in (["taskset", "-c", "0"], []):
        with open(name, "w", encoding="ascii") as out:
            out.write("\n".join(["postern: 1"] + rules + claims) + "\n")
        done = subprocess.run(first + [postern, "test", "--mutate", name], capture_output=True,
                              text=True, check=False)
        seen.add((done.returncode, done.stdout, done.stderr))
    if len(seen) != 1 or "mutation score: " not in seen.pop()[1]:
        faults.append("what is printed depends on the cores")
    with open(name, "w", encoding="ascii") as out:
        out.write("\n".join(["postern: 1"] + rules) + "\n")
    done = subprocess.run([postern, "test", "--mutate", name], capture_output=True, text=True,
                          check=False)
    if done.returncode or "expects nothing" not in done.stdout or "survived" in done.stdout:
        faults.append(f"of a policy that expects nothing: {done}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", required=True, help="what compiles each mutant by itself, too")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    total = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        seeds = range(args.seed, args.seed + args.count)
        results = list(pool.map(lambda s: check(os.path.abspath(args.alone), folder, s), seeds))
        faults = [fault for fault, _ in results if fault] + many(folder, args.bin)
    for _, counts in results:
        total.update(counts)
    faults += [f"no mutant was {fate}" for fate in FATES if not total[fate]]
    if total["alone"] > sum(total.values()) / 3:
        faults.append("most mutants are to be judged from one compile")
    for fault in faults[:20]:
        print("FAILED", fault)
    print(f"{dict(total)}, {len(faults)} failures")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
