#!/usr/bin/env python3
"""Three-way merges of policies with claims, comments and sets, held to a plain model.

A policy is a list of statements. Each side does a few things to the base: adds and removes
elements of sets, rules, claims and comments, changes variables, moves statements. The model
knows what was done, statement by statement. Merged: all of it is there, the claims hold, and
clients are answered as whoever changed it says. Not merged: the file has marks, and something
is told.
"""
import copy
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import policies  # noqa: E402

NETS = [f"10.{n}.0.0/16" for n in range(8)]
CLIENTS = [f"10.{n}.1.1" for n in range(10)] + ["192.0.2.1", "2001:db8::1"]
QUERIES = [{"address": a, **more} for a in CLIENTS
           for more in ({}, {"ident": "joe"}, {"host": "x.example"})]


class Statement:
    """One of a policy: what it is, with a name that it keeps, and the comments it has."""

    def __init__(self, kind, name, **what):
        self.kind, self.name, self.comments, self.tail = kind, name, [], ""
        self.__dict__.update(what)

    def text(self):
        if self.kind == "set" and self.boxed:
            inner = "\n".join("  " + e for e in self.elements)
            return f"set {self.name} = {{\n{inner}\n}}"
        if self.kind == "set":
            return f"set {self.name} = {', '.join(self.elements)}"
        if self.kind == "rule":
            given = "".join(f', {k}="{v}"' for k, v in self.given.items())
            return f"{', '.join(self.targets)} : {self.verdict}{given}"
        return self.line

    def lines(self):
        tail = "  " + self.tail if self.tail else ""
        return "".join(c + "\n" for c in self.comments) + self.text() + tail + "\n"


def policy(rng):
    def claim(n):
        line = rng.choice([f"always * : !X{n}", f"expect 10.{n}.9.9 : !Y{n}",
                           f"always $drop : !A{n} assuming no host",
                           f"expect joe@10.{n}.7.7 =x.example : !B{n}",
                           "expect 192.0.2.1 : allow", "always $drop : deny assuming no ident"])
        return Statement("claim", f"c{n}", line=line)

    sets = [Statement("set", "drop", elements=rng.sample(NETS[:4], 3), boxed=rng.random() < 0.5),
            Statement("set", "ours", elements=rng.sample(NETS[4:], 3), boxed=rng.random() < 0.5)]
    rules = [Statement("rule", "r0", targets=["$drop"], verdict="deny", given={}),
             Statement("rule", "r1", targets=["$ours"], verdict="allow", given={"O": "1"}),
             Statement("rule", "r2", targets=["192.0.2.0/24", "198.51.100.0/24"], verdict="allow",
                       given={"P": "1"})]
    body = sets + rules + [claim(n) for n in range(3)]
    rng.shuffle(body)
    for n, s in enumerate(body):
        if rng.random() < 0.4:
            s.comments.append(f"# about {s.name} {n}")
        if rng.random() < 0.2:
            s.tail = f"# beside {s.name} {n}"
    return body + [Statement("rule", "all", targets=["*"], verdict="allow", given={})]


def text_of(body):
    return "postern: 1\n" + "".join(s.lines() for s in body)


def elements_change(rng, body, side):
    s = rng.choice([s for s in body if s.kind == "set"])
    left = [e for e in NETS + [f"172.16.{n}.0/24" for n in range(9)] if e not in s.elements]
    if len(s.elements) > 1 and rng.random() < 0.4:
        s.elements.remove(rng.choice(s.elements))
    else:
        s.elements.append(rng.choice(left))


def targets_change(rng, body, side):
    for s in body:
        if s.name == "r2":
            if len(s.targets) > 1 and rng.random() < 0.4:
                s.targets.pop(rng.randrange(len(s.targets)))
            else:
                s.targets.append(f"203.0.{rng.randrange(99)}.0/24")


def rule_add(rng, body, side):
    n = rng.randrange(30)
    line = Statement("rule", f"{side}{n}", targets=[f"10.{n % 8}.{n + 100}.0/24"],
                     verdict=rng.choice(["allow", "deny"]), given={})
    if line.verdict == "allow" and rng.random() < 0.5:
        line.given[rng.choice("ABXY") + str(n % 3)] = "1"
    if not any(s.targets == line.targets for s in body if s.kind == "rule"):
        body.insert(rng.randrange(len(body)), line)


def rule_delete(rng, body, side):
    rules = [s for s in body if s.name in ("r0", "r1", "r2")]
    if rules:
        body.remove(rng.choice(rules))


def rule_change(rng, body, side):
    rules = [s for s in body if s.kind == "rule" and s.verdict == "allow"]
    rng.choice(rules).given[rng.choice(["P", "O", "A1", "X0"])] = str(rng.randrange(3))


def claim_add(rng, body, side):
    n = rng.randrange(9)
    body.insert(rng.randrange(len(body)), Statement(
        "claim", f"{side}c{n}", line=rng.choice([f"expect 10.{n}.3.3 : !{side.upper()}{n}",
                                                 f"always !$drop : !{side.upper()}{n}",
                                                 "expect 10.0.1.1 : deny", "always $ours : allow"])))


def claim_delete(rng, body, side):
    claims = [s for s in body if s.kind == "claim"]
    if claims:
        body.remove(rng.choice(claims))


def claim_change(rng, body, side):
    claims = [s for s in body if s.kind == "claim" and "assuming" not in s.line]
    more = f", !{side.upper()}{rng.randrange(3)}Z"
    claim = rng.choice(claims) if claims else None
    if claim and more not in claim.line:
        claim.line += more


def comment_add(rng, body, side):
    s = rng.choice(body)
    if rng.random() < 0.3 and not s.tail:
        s.tail = f"# {side} says beside {s.name}"
    else:
        s.comments.insert(0, f"# {side} says {rng.randrange(99)}")


def move(rng, body, side):
    s = body.pop(rng.randrange(len(body)))
    body.insert(rng.randrange(len(body) + 1), s)


CHANGES = [elements_change] * 4 + [targets_change, rule_add, rule_add, rule_delete, rule_change,
                                   claim_add, claim_add, claim_delete, claim_change, comment_add,
                                   comment_add, move]


def changed(rng, body, side):
    body = copy.deepcopy(body)
    for _ in range(rng.randrange(1, 4)):
        rng.choice(CHANGES)(rng, body, side)
    return body


def one(body, name):
    return next((s for s in body if s.name == name), None)


def three_way(base, ours, theirs):
    """Of sets of things: what is there in the end."""
    return (base & ours & theirs) | (ours - base) | (theirs - base)


def comments_of(body):
    return {c for s in body for c in s.comments + [s.tail] if c}


class Merges(policies.Programs):
    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        self.merged = 0

    def fail(self, n, why, done):
        self.failures.append(f"merge {n}: {why}\n{done.stdout}\n{done.stderr}")

    def check_merged(self, n, versions, done, deep):
        base, ours, theirs = versions
        policies.write("merged.rules", done.stdout)
        test = self.verb("test", "merged.rules")
        if test.returncode:
            self.fail(n, "a claim does not hold: " + test.stdout + test.stderr, done)
        bare = "\n".join(re.sub(r"\s*#.*", "", line) for line in done.stdout.splitlines())
        self.check_statements(n, versions, done, bare)
        for comment in (comments_of(ours) | comments_of(theirs)) - comments_of(base):
            if comment not in done.stdout:
                self.fail(n, f"the comment {comment} is lost", done)
        if deep:
            wanted = [t if o == b else o for b, o, t in
                      zip(*(self.answers(v + ".rules", QUERIES)
                             for v in ("base", "ours", "theirs")))]
            if self.answers("merged.rules", QUERIES) != wanted:
                self.fail(n, "clients are answered otherwise", done)

    def check_statements(self, n, versions, done, bare):
        base, ours, theirs = versions
        for name in ("drop", "ours"):
            found = re.search(rf"set {name} = (\{{[^}}]*\}}|[^\n]*)", bare)
            elements = set(re.findall(r"[0-9./]+", found.group(1))) if found else set()
            due = three_way(*(set(one(b, name).elements) for b in versions))
            if elements != due:
                self.fail(n, f"{name} is {elements}, not {due}", done)
        claims = sorted(re.findall(r"^(?:expect|always) .*\S", bare, re.M))
        lines = [[s.line for s in b if s.kind == "claim"] for b in versions]
        for line in set(lines[1] + lines[2]):
            there = [line in side for side in lines]
            due = there[1] and there[2] or not there[0]
            if due and line not in claims:
                self.fail(n, f"the claim {line} is lost", done)
        for s in base:
            if s.kind == "claim" and (one(ours, s.name) is None) != (one(theirs, s.name) is None) \
                    and lines[1].count(s.line) + lines[2].count(s.line) == 1 \
                    and lines[0].count(s.line) == 1 and s.line not in done.stderr:
                self.fail(n, f"nothing is said of the deleted claim {s.line}", done)
        for name in {s.name for b in versions for s in b if s.kind == "rule"}:
            b, o, t = (one(v, name) for v in versions)
            gone = b and (o is None or t is None)
            rule = (o or t or b).text().split(" : ")[0] + " :"
            if gone and name in ("r0", "r1") and f"\n{rule}" in bare:
                self.fail(n, f"the deleted rule {rule} is there", done)
        for s in base:
            o, t = one(ours, s.name), one(theirs, s.name)
            left = o or t
            alone = sum(x.text().split(" : ")[0] == s.text().split(" : ")[0] for x in base) == 1
            if (o is None) != (t is None) and left.text() != s.text() and alone \
                    and left.text().split(" : ")[1:] == s.text().split(" : ")[1:]:
                self.fail(n, f"one side deleted {s.text()}, the other changed it", done)

    def merge(self, n, rng):
        base = policy(rng)
        versions = [base, changed(rng, base, "a"), changed(rng, base, "b")]
        for name, body in zip(("base", "ours", "theirs"), versions):
            policies.write(name + ".rules", text_of(body))
        done = self.verb("merge", "-p", "base.rules", "ours.rules", "theirs.rules")
        if done.returncode == 0:
            self.merged += 1
            self.check_merged(n, versions, done, n % 8 == 0)
        elif done.returncode != 1:
            self.fail(n, f"status {done.returncode}", done)
        elif "<<<<<<< ours\n" not in done.stdout or ">>>>>>> theirs\n" not in done.stdout:
            self.fail(n, "no marks", done)
        elif all("deleted claim" in line or line.startswith("  ")
                 for line in done.stderr.splitlines()):
            self.fail(n, "nothing is said", done)


def work(merges, args, rng):
    for n in range(args.count):
        merges.merge(n, rng)
    print(f"{merges.merged} of {args.count} merged")
    if merges.merged < args.count / 4 or merges.merged == args.count:
        merges.failures.append("hardly any was merged, or none was a conflict")


if __name__ == "__main__":
    sys.exit(policies.main(__doc__, Merges, 400, 7, work))
