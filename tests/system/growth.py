#!/usr/bin/env python3
"""Work and memory grow as the text does: counted, for each construct and each pair of them.

A construct is a function of a size, which gives the lines of a policy; a verb is what is run
on it. The program that runs is all of postern with a counter at each edge of its code, and
around what it holds in memory: nothing here depends on how fast a machine is. A text four
times as long may take SLACK times four as much; or it is refused, by an error with its place
or as too much to compare, and that too within its bound.

To add a construct or a verb is to add a row to CONSTRUCTS or VERBS; a verb of postern without
a row fails.
"""
import argparse
import concurrent.futures
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import counts  # noqa: E402
import foreign_rules  # noqa: E402

SMALL, TIMES = 150, 4
SLACK = 1.6          # n log n is 1.3 here, and arrays double; n^1.5 is 2, and n^2 is 4
FLOOR = 400_000      # edges: what is below is the start of the program, and no growth
MEMORY_FLOOR = 1 << 20
REFUSED_MOST = 2_500_000_000  # edges, whatever is refused: of a merge two comparisons


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


def chained(i):
    """A suffix below others, up to 60 of them."""
    return "=." + "".join(f"a{k}." for k in range(i % 60, -1, -1)) + f"c{i // 60}.example"


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
    "suffixes in chains": each(lambda i: f"{chained(i)} : allow, J='{i}'"),
    "idents of addresses": each(lambda i: f"u{i}@16.{i >> 8}.{i & 255}.1 : allow, K='{i}'"),
    "idents of prefixes": each(lambda i: f"v{i}@17.{i >> 8}.{i & 255}.0/24 : allow, L='{i}'"),
    "idents of one network": each(lambda i: f"z{i}@11.0.0.0/8 : allow, L='{i}'"),
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
    "a faulty list": lambda n: ['file "faulty.txt" : deny'],
    "rules that are expected": lambda n: [f"22.{i >> 8}.{i & 255}.0/24 : allow, R='{i}'" for i in range(n)]
        + [f"expect 22.{i >> 8}.{i & 255}.1 : allow, R='{i}'" for i in range(n)],
    "hosts that are expected": lambda n: [f"=e{i}.example : allow, R='{i}'" for i in range(n)]
        + [f"expect 9.9.9.9 =e{i}.example : allow, R='{i}'" for i in range(n)],
    "idents that are expected": lambda n: [f"e{i}@23.0.0.0/8 : allow, R='{i}'" for i in range(n)]
        + [f"expect e{i}@23.1.1.1 : allow, R='{i}'" for i in range(n)],
    "a list of the expected": lambda n: [", ".join(f"24.{i >> 8}.{i & 255}.1" for i in range(n)) + " : allow"]
        + [f"expect 24.{i >> 8}.{i & 255}.1 : allow" for i in range(n)],
    "a set of the expected": lambda n: ["set expected = {"] + [f"26.{i >> 8}.{i & 255}.1" for i in range(n)]
        + ["}", "$expected : allow"] + [f"expect 26.{i >> 8}.{i & 255}.1 : allow" for i in range(n)],
    "claims by classes": lambda n: [f"25.{i >> 8}.{i & 255}.0/24 : allow, S='{i % 40}'" for i in range(n)]
        + [f"always 25.{i >> 8}.{i & 255}.0/24 : allow, S='{i % 40}' assuming no host assuming no ident"
           for i in range(n)],
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
    "a list, again and again": 12,
}

# What is asked of all of a policy is asked of what multiplies: networks, hosts and idents.
MULTIPLIES = ["addresses", "prefixes", "hosts", "suffixes", "deep suffixes", "suffixes in chains",
              "idents of addresses", "idents of prefixes", "idents of one network", "idents of hosts",
              "idents of all", "blocks", "blocked hosts"]
CLAIMS = ["rules that are expected", "hosts that are expected", "idents that are expected",
          "a list of the expected", "a set of the expected", "claims by classes"]
HOLES = ["a set less each of it", "holes in a rule", "targets and holes", "a network less a set"]
LISTS = ["a faulty list", "a list, again and again"]
INCLUDES = ["includes", "classic includes"]


class Verb:
    """What is run: {a} is the policy, {b} one with other values, {d} one with other targets, {c} the
    first less a rule, {q} a log of as many clients. Of which constructs and, pair by pair, of which;
    and whether an answer that is a square is no fault."""

    def __init__(self, *words, asked=None, pairs=None, square=False):
        self.words, self.square = words, square
        self.asked = MULTIPLIES if asked is None else asked
        self.pairs = self.asked if pairs is None else pairs


# Answers that say of each ident which networks and hosts are its own, and findings, which are held to
# each: two constructs may take the square, up to where it is refused; never more than that.
VERBS = {
    "compile": Verb("compile", "{a}", "-o", "{out}", asked=list(CONSTRUCTS)),
    "compile as classic": Verb("compile", "{a}", "-o", "{out}", "--as", "classic", pairs=[]),
    "who": Verb("who", "{a}", "--verdict", "allow", square=True),
    "check of a prefix": Verb("check", "{a}", "0.0.0.0/0", "--unknown", "host,ident", square=True),
    "check of many": Verb("check", "{a}", "--batch", pairs=[]),
    "why not": Verb("check", "{a}", "9.9.9.9", "--why-not", "a.rules:20"),
    "make": Verb("check", "{a}", "9.9.9.9", "--make", "allow", square=True),
    "lint": Verb("lint", "{a}", asked=MULTIPLIES + HOLES + LISTS + INCLUDES + ["faults"],
                 pairs=MULTIPLIES, square=True),
    "mend": Verb("lint", "--fix", "{a}", asked=MULTIPLIES + HOLES + LISTS, pairs=[], square=True),
    "fmt": Verb("fmt", "{a}", asked=list(CONSTRUCTS), pairs=[]),
    "stats": Verb("stats", "{a}", asked=MULTIPLIES + HOLES + INCLUDES, pairs=[]),
    "dump": Verb("dump", "{a}"),
    "minimize": Verb("minimize", "{a}", square=True),
    "export": Verb("export", "--lossy", "nftables", "{a}"),
    "adopt": Verb("adopt", "tree", asked=LISTS, pairs=[]),
    "feed": Verb("feed", "list.txt", "faulty.txt", asked=LISTS, pairs=[]),
    "feed that is protected": Verb("feed", "list.txt", "list.txt", "--protect", "{a}",
                                   asked=LISTS, pairs=[]),
    "diff of one rule": Verb("diff", "{a}", "{c}", square=True),
    "diff of all": Verb("diff", "{a}", "{b}", pairs=[], square=True),
    "diff of others": Verb("diff", "{a}", "{d}", pairs=[], square=True),
    "merge": Verb("merge", "--print", "{a}", "{b}", "{c}", square=True),
    "merge of others": Verb("merge", "--print", "{a}", "{d}", "{c}", asked=MULTIPLIES + INCLUDES,
                            square=True),
    "map": Verb("map", "{a}", "-o", "a.svg", "--order", "4", pairs=[]),
    "map of a change": Verb("map", "{a}", "{c}", "-o", "a.svg", "--order", "4", pairs=[], square=True),
    "replay": Verb("replay", "{a}", "{b}", "{q}", "-j", "1", pairs=[]),
    "hits": Verb("hits", "{counts}", "{a}", pairs=[]),
    "blame": Verb("blame", "{a}", "9.9.9.9", pairs=[]),
    "lsp": Verb("lsp", asked=MULTIPLIES + HOLES + ["faults"], pairs=[], square=True),
    "mcp": Verb("mcp", asked=MULTIPLIES + HOLES + ["faults"], pairs=[], square=True),
    "test": Verb("test", "{a}", asked=CLAIMS, pairs=[]),
    "coverage": Verb("test", "{a}", "--coverage", asked=MULTIPLIES + CLAIMS, pairs=MULTIPLIES,
                     square=True),
    "suggest": Verb("test", "{a}", "--suggest", asked=MULTIPLIES + CLAIMS, pairs=[]),
    "pin": Verb("test", "{a}", "--pin", pairs=[], square=True),
    "mutants": Verb("test", "{a}", "--mutate", asked=CLAIMS, pairs=CLAIMS),
}

# Every importer, of a file that is so many times longer than the policy, and every target.
FOREIGN_TIMES = 20
VERBS.update({f"import {name}": Verb("import", *foreign_rules.words(name), asked=["addresses"], pairs=[])
              for name in foreign_rules.ALL})
with open(os.path.join(HERE, "..", "..", "interop", "targets.def"), encoding="ascii") as targets:
    TARGETS = re.findall(r'^X\(\w+, "([^"]+)"', targets.read(), re.MULTILINE) + ["tcprules", "json"]
VERBS.update({f"export {name}": Verb("export", "--lossy", name, "{a}", pairs=[], asked=["addresses", "prefixes", "hosts", "blocks"])
              for name in TARGETS})
VERBS["export tcp6 whole"] = Verb("export", "tcp6", "{a}", pairs=[], asked=["addresses", "prefixes", "hosts", "suffixes", "idents of addresses", "idents of hosts"])

# Whose findings are held to each other: a square of one construct is no fault either.
FINDS = {"lint", "mend", "minimize", "lsp", "mcp"}

# What is asked of nothing that grows.
CONSTANT = {"completion", "explain", "help"}

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
    with open(os.path.join(folder, "d.rules"), "w", encoding="ascii") as out:
        other = [line for name in names
                 for line in CONSTRUCTS[name](2 * size)[len(CONSTRUCTS[name](size)):]]
        out.write("\n".join(["postern: 1"] + other + TAIL) + "\n")
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
    with open(os.path.join(folder, "faulty.txt"), "w", encoding="ascii") as out:
        out.write("".join(f"{address(i)[:-2]} {i} no entry\n" for i in range(size)))
    with open(os.path.join(folder, "log"), "w", encoding="ascii") as out:
        out.write("".join(f"{address(i)}\n" for i in range(size)))
    for name, line in (("tcp.smtp", "{}:deny\n"), ("hosts.deny", "named: {}\n"),
                       ("ssh/sshd_config", "AllowUsers *@{}\n")):
        path = os.path.join(folder, "tree/etc", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as out:
            out.write("".join(line.format(address(i)) for i in range(size)))
    os.makedirs(os.path.join(folder, "tree/service/smtp"), exist_ok=True)
    with open(os.path.join(folder, "tree/service/smtp/run"), "w", encoding="ascii") as out:
        out.write("#!/bin/sh\nexec tcpserver -x /etc/tcp.smtp.cdb 0 smtp true\n")
    with open(os.path.join(folder, "counts"), "wb") as out:
        out.write(counts.write(rows=[(7 + i, 1, 1, 0, 0) for i in range(size)], times=(1, 1, 1)))
    lists = [n for n in ("list.txt", "faulty.txt") if n in text]
    return sum(os.path.getsize(os.path.join(folder, n)) for n in ["a.rules"] + lists)


def commit(folder):
    """Two versions of the policy, for who asks about the past."""
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        env[f"GIT_{who}_NAME"], env[f"GIT_{who}_EMAIL"] = "someone", "someone@example.com"
    with open(os.path.join(folder, "a.rules"), "rb") as whole:
        text = whole.read()
    subprocess.run(["git", "init", "-q"], cwd=folder, env=env, check=True)
    for version in (text.replace(b"* : deny", b"* : allow"), text):
        with open(os.path.join(folder, "a.rules"), "wb") as out:
            out.write(version)
        subprocess.run(["git", "add", "a.rules"], cwd=folder, env=env, check=True)
        subprocess.run(["git", "commit", "-qm", "a version"], cwd=folder, env=env, check=True)


def ask_as_agent(folder):
    """What an agent sends that has the policy as a text. Its call is a process of its own, which
    the rows of the verbs are for: what is counted is the server."""
    with open(os.path.join(folder, "a.rules"), encoding="ascii") as text:
        policy = {"text": text.read(), "name": "a.rules"}
    with open(os.path.join(folder, "calls"), "w", encoding="ascii") as out:
        for number, (method, params) in enumerate((
                ("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}}),
                ("tools/call", {"name": "lint", "arguments": {"policy": policy}}))):
            out.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                                  "params": params}) + "\n")


def converse(folder):
    """What an editor sends that opens the policy, and leaves."""
    with open(os.path.join(folder, "a.rules"), encoding="ascii") as text:
        document = {"uri": f"file://{folder}/a.rules", "languageId": "postern", "version": 1,
                    "text": text.read()}
    with open(os.path.join(folder, "messages"), "wb") as out:
        for number, (method, params) in enumerate([
                ("initialize", {"processId": None, "rootUri": f"file://{folder}", "capabilities": {}}),
                ("initialized", {}), ("textDocument/didOpen", {"textDocument": document}),
                ("textDocument/hover", {"textDocument": {"uri": document["uri"]},
                                        "position": {"line": 1, "character": 1}}),
                ("shutdown", None), ("exit", None)]):
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            if method in ("initialize", "textDocument/hover", "shutdown"):
                message["id"] = number
            data = json.dumps(message).encode()
            out.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)


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
            if verb.startswith("import "):
                self.size = foreign_rules.write(folder, verb[len("import "):], size * FOREIGN_TIMES)
            words = [w.format(a="a.rules", b="b.rules", c="c.rules", d="d.rules", q="log",
                              counts="counts", out="out.cdb") for w in VERBS[verb].words]
            if words[0] == "blame":
                commit(folder)
            done = os.path.join(folder, "done")
            stdin = "log"
            if words[0] == "lsp":
                stdin = "messages"
                converse(folder)
            if words[0] == "mcp":
                stdin = "calls"
                ask_as_agent(folder)
            with open(os.path.join(folder, stdin), "rb") as queries:
                self.done = subprocess.run(
                    [program] + words, cwd=folder, stdin=queries, capture_output=True, check=False,
                    env={"PATH": "/usr/bin:/bin", "PN_COUNTS": done, "LC_ALL": "C.UTF-8"})
            with open(done, encoding="ascii") as text:
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
    if VERBS[verb].square and (len(names) > 1 or verb in FINDS):
        grown *= four.size / one.size
    work = four.work / max(one.work, FLOOR)
    memory = four.memory / max(one.memory, MEMORY_FLOOR)
    if work <= grown and memory <= grown:
        return None
    return (f"{what}: a text {four.size / one.size:.1f} times as long takes {work:.1f} times the work"
            f" ({one.work} and {four.work}) and {memory:.1f} times the memory"
            f" ({one.memory} and {four.memory})")


def rows_missing():
    """Verbs of postern that no row runs."""
    with open(os.path.join(HERE, "..", "..", "tools", "verbs.def"), encoding="ascii") as rows:
        verbs = re.findall(r"^X\((\w+),", rows.read(), re.MULTILINE)
    run = {verb.words[0] for verb in VERBS.values()} | CONSTANT
    with open(os.path.join(HERE, "..", "..", "interop", "importers.def"), encoding="ascii") as rows:
        formats = re.findall(r'^X\(\w+, "([^"]+)"', rows.read(), re.MULTILINE)
    missing = [verb for verb in verbs if verb not in run]
    return [f"no row runs {verb}" for verb in missing + [f for f in formats if f not in foreign_rules.ALL]]


def questions(args, rng):
    """All verbs with the constructs that they are asked of; and pairs, `--pairs` of them, or all
    there are."""
    verbs = [v for v in VERBS if args.verb is None or args.verb == v]
    wanted = args.only or ""
    for verb in verbs:
        for name in VERBS[verb].asked:
            if wanted in name:
                yield (name,), verb
    pairs = [(p, v) for v in verbs for p in itertools.combinations(VERBS[v].pairs, 2)
             if any(wanted in n for n in p)]
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
    faults += rows_missing()
    for fault in faults:
        print("FAILED", fault)
    print(f"{len(asked)} questions, {len(faults)} failures")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
