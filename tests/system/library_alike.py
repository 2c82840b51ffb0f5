#!/usr/bin/env python3
"""The verbs of the toolkit and the library of the compiler say the same: of all rule files of
the tests, and of random ones, what compiles and to which bytes, what is decided and where, what
is found, proven, different and laid out.
"""
import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "../../bindings/python"))

import laws  # noqa: E402

CLIENTS = [("10.0.0.1", None, None), ("10.0.0.4", "a.example", None), ("10.1.2.3", None, "joe"),
           ("192.0.2.9", "x.b.example", "ann"), ("2001:db8::2", None, None),
           ("198.51.100.7", "mx.example.com", None)]


def tests_of(name):
    """The file of claims beside a policy, if there is one."""
    path = name[:-len(".rules")] + "_test.rules"
    return path if os.path.exists(path) else None


class Alike:
    def __init__(self, bin_dir, postern):
        self.tool, self.postern = os.path.join(os.path.abspath(bin_dir), "postern"), postern
        self.failures = self.compiled = self.refused = 0

    def expect(self, name, what, tool, library):
        if tool != library:
            self.failures += 1
            print(f"FAILED {name}: {what}\n  tool    {tool!r:.2000}\n  library {library!r:.2000}")

    def run(self, *words, text=""):
        return subprocess.run([self.tool, *words], capture_output=True, timeout=120, check=False,
                              input=text.encode("utf8", "surrogateescape"))

    def told(self, *words, text=""):
        return json.loads(self.run(*words, text=text).stdout.decode("utf8", "replace"))

    def policy(self, name, before):
        """A file in the working directory, beside an earlier policy."""
        compiler = self.postern.Compiler()
        policy = compiler.load(name)
        done = self.run("compile", name, "-o", "tool.cdb")
        try:
            image = policy.emit(proven=True)
        except self.postern.RefusedError:
            image = None
        self.expect(name, "it compiles, and is proven", done.returncode == 0, image is not None)
        self.layout(compiler, name)
        self.findings(policy, name)
        if image is None and policy.ok:
            self.proofs(policy, name)
        elif image is None:
            self.refused += 1
            told = self.told("compile", "--format", "json", "--max-errors", "1000", name,
                             "-o", "tool.cdb")["findings"]
            self.expect(name, "what is wrong",
                        [(f["kind"], f["file"], f["line"], f["column"]) for f in told],
                        [(f.kind, f.at.file, f.at.line, f.at.column)
                         for f in policy.diagnostics])
        if image is None:
            return
        self.compiled += 1
        with open("tool.cdb", "rb") as out:
            self.expect(name, "the image", out.read(), image)
        self.decisions(policy, name)
        self.proofs(policy, name)
        self.change(compiler.load(before), policy, before, name)

    def decisions(self, policy, name):
        queries = [{k: v for k, v in zip(("address", "host", "ident"), c) if v} for c in CLIENTS]
        done = self.run("check", name, "--batch", "--format", "json",
                        text="".join(json.dumps(q) + "\n" for q in queries))
        told = [json.loads(line) for line in done.stdout.decode("utf8", "replace").splitlines()]
        answers = [policy.decide(*client) for client in CLIENTS]
        self.expect(name, "decisions", [(t["verdict"], t["step"], t.get("line", 0)) for t in told],
                    [(a.decision.verdict.name.lower(),
                      a.decision.step.name.lower().replace("_", "-"), a.line) for a in answers])

    def findings(self, policy, name):
        done = self.run("lint", "--strict", "--no-config", "--fail-level", "never", "--format",
                        "json", name)
        told = json.loads(done.stdout.decode("utf8", "replace"))["findings"]
        self.expect(name, "findings",
                    sorted((f["code"], f["file"], f["line"], f["column"], f["message"],
                            "suppressed" in f) for f in told),
                    sorted((f.code, f.at.file, f.at.line, f.at.column, f.message, f.is_ignored)
                           for f in policy.lint(strict=True, tests=tests_of(name),
                                                today=datetime.date.today())))

    def proofs(self, policy, name):
        done = self.run("test", "--format", "json", name)
        try:
            claims = policy.prove(tests_of(name)).claims
        except self.postern.Error:
            self.expect(name, "it can be tested", done.returncode, 2)
            return
        if done.returncode > 1:
            self.expect(name, "it cannot be tested", done.stderr, claims)
            return
        rows = map(json.loads, done.stdout.decode("utf8", "replace").splitlines())
        self.expect(name, "claims", [(r["file"], r["line"], r["pass"]) for r in rows],
                    [(c.at.file, c.at.line, c.holds) for c in claims])

    def change(self, before, after, old, new):
        told = self.told("diff", "--format", "json", old, new)
        change = before.diff(after)
        self.expect(new, "direction", told["result"], change.direction.name.lower())
        self.expect(new, "regions",
                    sorted((r["effect"], r["count"], r["addresses"],
                            [h or "" for h in r.get("hosts", [])]) for r in told["regions"]),
                    sorted((r.effect.name.lower(), str(r.addresses),
                            [i.text.split(" ")[0] for i in r.ranges],
                            list(r.hosts)) for r in change.regions))

    def layout(self, compiler, name):
        with open(name, "rb") as source:
            text = source.read()
        done = subprocess.run([self.tool, "fmt", "-"], input=text, capture_output=True,
                              check=False)
        try:
            laid = compiler.format("-", text)
        except self.postern.RefusedError:
            laid = None
        self.expect(name, "layout", done.stdout if done.returncode == 0 else None, laid)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library", required=True, help="libpostern.so")
    parser.add_argument("--compiler", required=True, help="libpostern-compiler.so")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--every", type=int, default=1, help="one file in so many")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.environ["POSTERN_LIBRARY"] = os.path.abspath(args.library)
    os.environ["POSTERN_COMPILER_LIBRARY"] = os.path.abspath(args.compiler)
    import postern  # pylint: disable=import-outside-toplevel
    alike, rng = Alike(args.bin, postern), random.Random(args.seed)
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "first.rules"), "w", encoding="ascii") as out:
            out.write(laws.random_policy(rng))
        for number, (where, name) in enumerate(laws.sources()):
            with open(os.path.join(where, name), "rb") as source:
                taken_for_compiled = b"\0" in source.read(8)
            if number % args.every == 0 and not taken_for_compiled:
                os.chdir(where)
                with tempfile.TemporaryDirectory() as folder:
                    subprocess.run(["cp", "-r", where + "/.", folder], check=True)
                    os.chdir(folder)
                    alike.policy(name, os.path.join(work, "first.rules"))
        os.chdir(work)
        for number in range(args.count):
            with open("p.rules", "w", encoding="ascii") as out:
                out.write(laws.random_policy(rng))
            alike.policy("p.rules", "first.rules")
        os.chdir(HERE)
    print(f"{alike.compiled} policies, {alike.refused} with errors, {alike.failures} failures")
    return 1 if alike.failures or not alike.compiled or not alike.refused else 0


if __name__ == "__main__":
    sys.exit(main())
