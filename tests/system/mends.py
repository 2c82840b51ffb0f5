#!/usr/bin/env python3
"""Mends on real files: every input of the golden cases, the examples, the pages of findings, a
mail server's classic file, and an office policy with a block list of 100,000 lines.

The decisions before and after are the same, for every address, host and ident that a file names and
for some beside them; a second run has nothing left to do; and a file that cannot be written stays.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*")
PREFIX = re.compile(r"\b(\d{1,3}(?:\.\d{1,3}){0,2})\.(?=[:\s,\-@])")
HOST = re.compile(r"=([A-Za-z0-9_.-]*[A-Za-z0-9_])")
IDENT = re.compile(r"\b([A-Za-z0-9_+-]+)@")


class Bench:
    def __init__(self, bin_dir):
        self.postern = os.path.join(bin_dir, "postern")
        self.files = self.mended = self.failures = 0

    def fail(self, text):
        self.failures += 1
        print("FAILED", text)

    def run(self, words, folder, stdin=""):
        return subprocess.run([self.postern] + words, cwd=folder, input=stdin, text=True,
                              errors="surrogateescape", capture_output=True, timeout=300,
                              check=False)

    def decisions(self, folder, name, queries):
        done = self.run(["check", name, "--batch", "--format", "json"], folder, queries)
        # a rule may stand elsewhere, and be written otherwise
        answers = [json.loads(line) for line in done.stdout.splitlines()
                   if line.startswith('{"verdict"')]
        return [{k: v for k, v in answer.items()
                 if k in ("verdict", "env", "reject", "limit", "limits", "rate")} for answer in answers]

    def file(self, folder, name):
        """Mends one file in its folder, and looks at what came of it."""
        self.files += 1
        path = os.path.join(folder, name)
        if self.run(["compile", name, "-o", "before.cdb"], folder).returncode:
            return  # nothing can be proven of it
        with open(path, encoding="utf-8", errors="surrogateescape") as source:
            before = source.read()
        queries = queries_of(before)
        want = self.decisions(folder, "before.cdb", queries)
        first = self.run(["lint", "--fix", name], folder)
        with open(path, encoding="utf-8", errors="surrogateescape") as source:
            after = source.read()
        self.mended += before != after
        if "left out" in first.stderr:
            self.fail(f"{name}: {first.stderr}")
        if self.decisions(folder, name, queries) != want:
            got = self.decisions(folder, name, queries)
            self.fail(f"{name}: decides otherwise: "
                      f"{[p for p in zip(queries.splitlines(), want, got) if p[1] != p[2]][:3]}")
        second = self.run(["lint", "--fix", name], folder)
        if "mend" in second.stderr or " fixable" in second.stdout:
            self.fail(f"{name}: a second run mends: {second.stderr} {second.stdout}")
        os.unlink(os.path.join(folder, "before.cdb"))


def queries_of(text):
    """Everything that a file names, and neighbours, crossed; at most some thousands."""
    addresses = set(ADDRESS.findall(text)) | {"8.8.8.8", "2a00::1", "::1", "127.0.0.1"}
    for front in PREFIX.findall(text):
        octets = front.split(".")
        addresses.add(".".join((octets + ["0", "0", "1"])[:3] + ["1"]))
    hosts = {"-", "stranger.invalid"} | {h.lower().strip(".") for h in HOST.findall(text)}
    hosts |= {"x." + h for h in hosts if "." in h}
    idents = {"-", "nobody"} | set(IDENT.findall(text))
    lines = [f"{a}\t{h}\t{i}" for a in sorted(addresses)[:200] for h in sorted(hosts)[:12]
             for i in sorted(idents)[:5]]
    return "\n".join(lines[:8000]) + "\n"


def golden(bench):
    for at, _, names in sorted(os.walk(os.path.join(ROOT, "tests/golden"))):
        rules = [n for n in sorted(names) if n.endswith(".rules") and "/in" in at]
        if not rules or ".postern" in names:
            continue
        for name in rules:
            with tempfile.TemporaryDirectory() as work:
                folder = os.path.join(work, "in")
                shutil.copytree(at, folder)
                bench.file(folder, name)


def pages(bench):
    fence = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)
    for name in sorted(os.listdir(os.path.join(ROOT, "docs/findings"))):
        with open(os.path.join(ROOT, "docs/findings", name), encoding="utf-8") as source:
            blocks = [(i.partition(" "), b) for i, b in fence.findall(source.read())]
        files = {i[2]: b for i, b in blocks if i[0] in ("rules", "text") and i[2]}
        for file in [f for f in files if f.endswith(".rules")]:
            with tempfile.TemporaryDirectory() as folder:
                for other, text in files.items():
                    with open(os.path.join(folder, other), "w", encoding="utf-8") as out:
                        out.write(text)
                bench.file(folder, file)


def examples(bench):
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "examples")
        shutil.copytree(os.path.join(ROOT, "examples"), folder)
        names = [n for n in sorted(os.listdir(folder)) if n.endswith(".rules")]
        for words in (["lint"], ["lint", "--fail-level", "note"]):
            done = bench.run(words + names, folder)
            if done.returncode or done.stdout or done.stderr:
                bench.fail(f"the examples are not silent: {done.stdout}{done.stderr}")
        for name in names:
            bench.file(folder, name)


def block_list(bench):
    """A list as they are published, and a policy of an office over it."""
    r = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "drop.txt"), "w", encoding="ascii") as out:
            out.write("; a list of 100,000 networks\n")
            for n in range(100000):
                length = r.choice([32, 32, 32, 24, 24, 23, 22, 20])
                number = r.randrange(1 << 24, 223 << 24) >> (32 - length) << (32 - length)
                octets = ".".join(str(number >> s & 255) for s in (24, 16, 8, 0))
                out.write(f"{octets}/{length} ; SBL{n}\n" if length < 32 else octets + "\n")
        with open(os.path.join(folder, "office.rules"), "w", encoding="ascii") as out:
            out.write('postern: 1\nset drop = file "drop.txt"\nset office = {\n  10.1.0.0/16\n'
                      '  10.1.2.0/24\n  192.0.2.0/24\n}\n$drop : block\n$office : allow, '
                      'RELAYCLIENT=""\n10.1.7.0/24 : allow, RELAYCLIENT=""\n'
                      '=mx.partner.example : allow\n* : deny\n')
        found = bench.run(["lint", "--format", "gcc", "--trusted", "192.0.2.0/24",
                           "office.rules"], folder).stdout
        for code, line in (("P306", 8), ("P306", 9), ("P301", 10), ("P502", 11)):
            if not re.search(rf"^office.rules:{line}:.*\[{code} ", found, re.M):
                bench.fail(f"no {code} in line {line}: {found}")
        bench.file(folder, "office.rules")


def not_written(bench):
    """What cannot be replaced stays as it is, and nothing is left beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.rules")
        with open(path, "w", encoding="ascii") as out:
            out.write("10.1.:deny\n10.1.2.3:deny\n:allow\n")
        os.chmod(path, 0o640)
        os.symlink("a.rules", os.path.join(folder, "link.rules"))
        done = bench.run(["lint", "--fix", "link.rules"], folder)
        if not os.path.islink(os.path.join(folder, "link.rules")) or \
                os.stat(path).st_mode & 0o777 != 0o640 or "1 mend made" not in done.stderr:
            bench.fail(f"a link is not followed, or a mode not kept: {done.stderr}")
        if sorted(os.listdir(folder)) != ["a.rules", "link.rules"]:
            bench.fail(f"left behind: {os.listdir(folder)}")
        patch = bench.run(["lint", "--fix", "--diff", "a.rules"], folder).stdout
        if patch:
            bench.fail(f"a patch of nothing: {patch}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    bench = Bench(os.path.abspath(parser.parse_args().bin))
    golden(bench)
    pages(bench)
    examples(bench)
    block_list(bench)
    not_written(bench)
    print(f"{bench.files} files, {bench.mended} mended, {bench.failures} failures")
    return 1 if bench.failures or bench.mended < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
