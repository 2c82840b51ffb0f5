#!/usr/bin/env python3
"""What the programs say and make of random classic files, with the original's tcprulescheck as judge.

Each file has keys of all forms, and clients of all patterns of zero groups, spelt by a printer of
this test. What a client is answered is looked up by text here; the original is asked the same of
each file, and of what our programs made of it, for some of the clients.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import policies  # noqa: E402

VALUES = (0x2001, 0xdb8, 1, 0xffff, 0xa, 2, 0xfe80, 7)
HOSTS, IDENTS = (None, None, None, "mx.a", "y.mx.a", "b"), (None, None, None, "joe", "", "a@b")
FIXED = ["", "", "=", "=mx.a", "=.a", "=mx.a.", "=a..b", ":", "::", "::ffff:", "::1.2.3.4", "64:ff9b::",
         "0:0:1:", "0:", "2001:0:", "2001::", "2001:db8::1:", "1.2", "10.", "10.0.", "9.1.0.1",
         "2001:db8:", "fe80::", "joe@10.", "@9.0.0.1", "joe@=mx.a", "a@b@=b", "joe@=.a"]
CLIENTS, JUDGED = 24, 3


def spell(groups):
    runs = [(next((k for k in range(n, 8) if groups[k]), 8) - n, -n) for n in range(8)]
    length, start = max(runs)
    if not length:
        return ":".join(f"{g:x}" for g in groups)
    front, back = groups[:-start], groups[-start + length:]
    return ":".join(f"{g:x}" for g in front) + "::" + ":".join(f"{g:x}" for g in back)


def address(rng):
    groups = [v if rng.random() < 0.5 else 0 for v in VALUES]
    if rng.random() < 0.15 or groups[:6] == [0, 0, 0, 0, 0, 0xffff]:
        return f"{rng.randrange(9, 12)}.{rng.randrange(2)}.{rng.randrange(2)}.{rng.randrange(1, 3)}"
    return spell(groups)


def key(rng):
    kind, text = rng.randrange(8), address(rng)
    if kind < 2:
        return rng.choice(FIXED)
    if kind == 2:
        return text
    if kind == 3:
        return rng.choice(IDENTS[3:]) + "@" + text
    cuts = [n + 1 for n, c in enumerate(text) if c in ".:"]
    return text[:rng.choice(cuts)] + ("" if rng.random() < 0.85 else rng.choice(("0:", ":")))


def random_rules(rng):
    return [(key(rng), rng.choice(("allow", 'allow,V="1"', "deny"))) for _ in range(rng.randrange(1, 8))]


def text_of(rules):
    return "".join(f"{k}:{what}\n" for k, what in rules)


def parse(text):
    """Back to rules: a key ends at the first colon that a verdict stands behind."""
    rules = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            cut = min(n for n in (line.find(":allow"), line.find(":deny")) if n >= 0)
            rules.append((line[:cut], line[cut + 1:].replace(", ", ",")))
    return rules


def decide(rules, client):
    text, host, ident = client
    keys = []
    if ident is not None:
        keys += [f"{ident}@{text}"] + ([f"{ident}@={host}"] if host else [])
    keys += [text] + ([f"={host}"] if host else [])
    keys += [text[:n] for n in range(len(text), 0, -1) if text[n - 1] in ".:"]
    if host:
        keys += ["=" + host[n:] for n, c in enumerate(host) if c == "."] + ["="]
    for wanted in keys + [""]:
        for k, what in rules:
            if k == wanted:
                return what
    return "allow"


class Files(policies.Programs):
    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        self.tcprules = os.path.join(bin_dir, "tcprules")
        self.judge = ""
        self.said = self.judged = self.noticed = self.mutants = 0

    def fail(self, rules, what):
        self.failures.append(f"{what}, of\n{text_of(rules)}")

    def judge_text(self, rules, text, clients):
        """The original decides by what a text compiles to."""
        policies.write("j.rules", text)
        self.run("/bin/sh", "-c", f"{self.tcprules} j.cdb j.tmp < j.rules")
        for client in clients:
            env = {k: v for k, v in zip(("TCPREMOTEIP", "TCPREMOTEHOST", "TCPREMOTEINFO"), client)
                   if v is not None}
            out = subprocess.run([self.judge, "j.cdb"], env=env, capture_output=True, text=True,
                                 check=False).stdout
            got = "deny" if "deny connection" in out else \
                'allow,V="1"' if "set environment variable V=" in out else "allow"
            self.judged += 1
            if got != decide(rules, client):
                self.fail(rules, f"the original says {got} of {client} by\n{text}")

    def same(self, what, rules, text, clients):
        """A text that a program wrote decides alike."""
        self.said += 1
        others = parse(text)
        for c in clients:
            if decide(others, c) != decide(rules, c):
                self.fail(rules, f"{what} decides otherwise for {c}:\n{text}")
        self.judge_text(rules, text, clients[:JUDGED])

    def answers_are(self, what, rules, name, clients):
        self.said += 1
        queries = [{k: v for k, v in zip(("address", "host", "ident"), c) if v is not None}
                   for c in clients]
        for c, (verdict, env) in zip(clients, self.answers(name, queries)):
            got = "deny" if verdict == "deny" else 'allow,V="1"' if env else "allow"
            if got != decide(rules, c):
                self.fail(rules, f"{what}: {c} is answered {got}")

    def texts(self, rules, clients):
        policies.write("f.rules", text_of(rules))
        self.same("minimize", rules, self.verb("minimize", "f.rules").stdout, clients)
        for verb in (["fmt"], ["lint", "--fix", "--all-users"]):
            policies.write("c.rules", text_of(rules))
            self.verb(*verb, "c.rules")
            self.same(verb[0], rules, policies.read("c.rules"), clients)
        self.run(self.postern, "compile", "f.rules", "-o", "f.cdb")
        self.same("dump", rules, self.verb("dump", "f.cdb").stdout, clients)
        self.answers_are("check", rules, "f.rules", clients)
        self.run(self.postern, "compile", "--as", "native", "f.rules", "-o", "n.cdb")
        self.answers_are("--as native", rules, "n.cdb", clients)
        policies.write("e.rules", 'postern: 1\ninclude "f.rules"\n* : allow\n')
        if self.verb("compile", "--as", "classic", "e.rules", "-o", "e.cdb").returncode == 0:
            self.answers_are("--as classic", rules, "e.cdb", clients)

    def claims(self, rng, rules, clients):
        what, says = rng.choice((("allow", ("allow",)), ("deny", ("deny",)), ('V="1"', ('allow,V="1"',))))
        lines = [f'expect {json.dumps(i) + "@" if i is not None else ""}{a}{" =" + h if h else ""} : {what}'
                 for a, h, i in clients]
        policies.write("f_test.rules", "postern: 1\n" + "\n".join(lines) + f"\nalways * : {what}\n")
        done = self.verb("test", "f.rules", "--format", "json")
        held = [json.loads(line) for line in done.stdout.splitlines()]
        held = [c["pass"] for c in held if "pass" in c]
        true = [decide(rules, c).startswith(says) for c in clients]
        self.said += 1
        if held[:len(true)] != true or (held[-1] and not all(true)):
            self.fail(rules, f"test {what}: {held}, not {true}")
        os.remove("f_test.rules")

    def pins(self, rules):
        """What is pinned holds, and notices nearly every fault that anybody could."""
        policies.write("f.rules", text_of(rules))
        policies.write("f_test.rules", self.verb("test", "--pin", "f.rules").stdout)
        done = self.verb("test", "--mutate", "f.rules")
        noticed = re.search(r"\((\d+) of (\d+) mutants? noticed", done.stdout)
        if done.returncode or not noticed:
            self.fail(rules, f"pinned: {done.stdout}{done.stderr}")
        else:
            self.noticed += int(noticed[1])
            self.mutants += int(noticed[2])
        os.remove("f_test.rules")

    def change(self, rules, others, clients):
        policies.write("f.rules", text_of(rules))
        policies.write("g.rules", text_of(others))
        for word, before, after in (("looser", "deny", "allow"), ("stricter", "allow", "deny")):
            done = self.verb("diff", "f.rules", "g.rules", "--forbid", word)
            changed = [c for c in clients if decide(rules, c).startswith(before)
                       and decide(others, c).startswith(after)]
            self.said += 1
            if done.returncode == 0 and changed:
                self.fail(rules, f"--forbid {word} lets pass {changed[0]}, with\n{text_of(others)}")
        done = self.verb("diff", "f.rules", "g.rules")
        if done.returncode == 0 and any(decide(rules, c) != decide(others, c) for c in clients):
            self.fail(rules, f"diff: {done.stdout}, with\n{text_of(others)}")

    def file(self, rng):
        rules, others = random_rules(rng), random_rules(rng)
        clients = [(address(rng), rng.choice(HOSTS), rng.choice(IDENTS)) for _ in range(CLIENTS)]
        self.judge_text(rules, text_of(rules), clients[:JUDGED])
        self.texts(rules, clients)
        self.claims(rng, rules, clients)
        self.change(rules, (rules + others[:1])[1:], clients)


def work(files, args, rng):
    files.judge = os.path.join(args.originals, "ucspi-tcp-ipv6/usr/bin/tcprulescheck")
    for n in range(args.count):
        files.file(rng)
        if n % 4 == 0:
            files.pins(random_rules(rng))
    print(f"{args.count} files, {files.said} questions, {files.judged} answers of the original, "
          f"{files.noticed} of {files.mutants} mutants noticed by pins")
    if files.noticed < 0.9 * files.mutants or not files.mutants:
        files.failures.append("pins notice too little")


if __name__ == "__main__":
    sys.exit(policies.main(__doc__, Files, 200, 11, work))
