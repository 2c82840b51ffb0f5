"""The module answers as `postern check --batch` does, which asks the library from C."""
import json
import os
import random
import string
import subprocess

import postern
from support import Case

STEPS = ("block", "address", "host", "prefix", "suffix", "any-host", "default", "none")
PIECE = 20000


def text(data):
    return data.decode("utf-8", "surrogateescape")


def answer(rules, query):
    """A decision as the tool writes it."""
    try:
        got = rules.decide(query["address"], query.get("host"), query.get("ident"))
    except postern.ArgumentError:
        return None
    told = {"verdict": got.verdict.name.lower(), "step": STEPS[got.step],
            "ident_rule": got.ident_rule}
    if got.rule is not None:
        origin = rules.origin(got.rule)
        for name, value in (("file", origin.file), ("target", origin.target),
                            ("owner", origin.owner), ("ticket", origin.ticket)):
            if value is not None:
                told[name] = value
        if origin.line:
            told["line"] = origin.line
    if got.environ:
        told["env"] = got.environ
    if got.reject is not None:
        told["reject"] = text(got.reject)
    if got.limit:
        told["limit"] = {"n": got.limit.n, "per": [got.limit.per.v4, got.limit.per.v6]}
    if len(got.limits) > 1:
        told["limits"] = [{"n": n, "per": [per.v4, per.v6]}
                          for n, per in ((limit.n, limit.per) for limit in got.limits)]
    if got.rate:
        told["rate"] = {"n": got.rate.n, "seconds": got.rate.seconds,
                        "per": [got.rate.per.v4, got.rate.per.v6]}
    return told


class Queries:
    """Random clients, many of them near what rules name."""

    def __init__(self, seed, places):
        self.rng, self.places = random.Random(seed), places

    def address(self):
        rng = self.rng
        if rng.random() < .3:
            start = rng.choice(("2001:db8:%x::" % rng.randrange(12), "2001:db8:bad::", "fe80::"))
            return start + ":".join("%x" % (rng.randrange(65536) * (rng.random() < .6))
                                    for _ in range(rng.randrange(1, 4)))
        if rng.random() < .02:
            return rng.choice(("::1", "::ffff:10.1.2.3", "1.2.3", "010.1.1.1", "", "x"))
        start = rng.choice(self.places)
        return ".".join([*start, *(str(rng.randrange(256)) for _ in range(4 - len(start)))])

    def name(self):
        rng = self.rng
        if rng.random() < .1:
            return "".join(rng.choice(string.printable + "\udc80\udcff\u00e9\0")
                           for _ in range(rng.choice((0, 1, 5, 40))))
        return rng.choice(("x", "pool7", "MX", "")) + rng.choice(
            (".dialup.example", ".partner.example", ".example.com", ".example", ""))

    def query(self):
        query = {"address": self.address()}
        if self.rng.random() < .5:
            query["host"] = self.name()
        if self.rng.random() < .4:
            query["ident"] = self.rng.choice(("ann", "joe", "backup", "", self.name()))
        return query


class Equal(Case):
    def test_queries(self):
        count = int(os.environ.get("POSTERN_QUERIES", "20000"))
        places = [("10", "1"), ("10", "4"), ("198", "51", "100"), ("203", "0", "113"),
                  ("192", "0", "2"), ("10",), (), ("127", "0", "0")]
        done = {}
        for seed, name in enumerate(("office", "internal", "web")):
            path = self.example(name)
            queries = Queries(seed, places)
            left = count // 3 + (count % 3 if seed == 0 else 0)
            with postern.Rules(path) as rules:
                while left > 0:
                    asked = [queries.query() for _ in range(min(left, PIECE))]
                    left -= len(asked)
                    done[name] = done.get(name, 0) + self.compare(path, rules, asked)
        self.assertEqual(sorted(done), ["internal", "office", "web"])
        told = sum(done.values())
        print(f"{told} queries equal", flush=True)
        self.assertEqual(told, count)

    def compare(self, path, rules, asked):
        lines = "".join(json.dumps(query) + "\n" for query in asked)
        out = subprocess.run([os.environ["POSTERN_TOOL"], "check", path, "--batch", "--format",
                              "json"], input=lines, capture_output=True, text=True, check=False)
        answers = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual(len(answers), len(asked), out.stderr)
        for query, told in zip(asked, answers):
            got = answer(rules, query)
            if "error" in told:
                self.assertIsNone(got, (query, told))
            else:
                self.assertEqual(got, told, query)
        return len(asked)

