#!/usr/bin/env python3
"""Folders as operands: what a verb takes of a tree is what a plain walk of it and git say. Trees are
random, with links, hidden names, ignored files, files that include one another, and repositories
within repositories; and every verb that takes no folder says so."""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from checks import Checks  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
NAMES = ("a", "b.rules", "c d", ".h", "e.rules", "f", "-g.rules", "h.rules.bak", "\u00fc.rules")
IGNORES = ("*.rules", "a", "/a", "f/", "!e.rules", "b*", "**/f/*.rules", "c d/e.rules", "# none")


class World(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder = folder
        self.random = random.Random(11)

    def run(self, words, cwd, env=None):
        return subprocess.run([self.postern, *words], cwd=cwd, capture_output=True, text=True,
                              timeout=120, check=False, env={**os.environ, **(env or {})})

    @staticmethod
    def git(cwd, *words):
        return subprocess.run(["git", *words], cwd=cwd, capture_output=True, text=True, check=False)

    def put(self, path, text="10.1.:deny   \n"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def tree(self, top, depth=3):
        os.makedirs(top, exist_ok=True)
        for name in NAMES:
            path = os.path.join(top, name)
            what = self.random.random()
            if what < .3 or os.path.lexists(path):
                continue
            if depth and (what < .5 or "." not in name):
                self.tree(path, depth - 1)
            elif what < .55:
                os.symlink(self.random.choice((".", "..", "b.rules", "nowhere")), path)
            else:
                self.put(path)

    def below(self, top):
        """The slow way: every file below, by plain names, that ends in .rules."""
        for at, folders, names in os.walk(top):
            folders[:] = [f for f in folders if not f.startswith(".") and
                          not os.path.islink(os.path.join(at, f))]
            for name in names:
                path = os.path.join(at, name)
                if not name.startswith(".") and name.endswith(".rules") and os.path.isfile(path):
                    yield path

    def ignored(self, top, path):
        name = os.path.relpath(path, top)
        tracked = self.git(top, "ls-files", "--error-unmatch", "--", name).returncode == 0
        return not tracked and self.git(top, "check-ignore", "-q", "--", name).returncode == 0

    def taken(self, words, cwd):
        """fmt --check names what it would change, which is every file here."""
        done = self.run(["fmt", "--check", *words], cwd)
        return sorted(os.path.realpath(os.path.join(cwd, name)) for name in
                      re.findall(r"^--- (.*)$", done.stdout, re.M)), done

    def trees(self):
        for turn in range(9):
            top = os.path.join(self.folder, f"t{turn}")
            self.tree(top)
            with_git = turn % 3 != 0
            if with_git:
                self.git(top, "init", "-q")
                self.put(os.path.join(top, "forced.rules"))
                self.git(top, "add", "-f", "forced.rules")
                self.put(os.path.join(top, ".gitignore"),
                         "\n".join(self.random.sample(IGNORES, 3)) + "\n")
            want = sorted({os.path.realpath(p) for p in self.below(top)
                           if not with_git or not self.ignored(top, p)})
            for words, cwd in ((["."], top), ([top], self.folder), ([top + "/"], "/"),
                               ([".", "."], top)):
                got, done = self.taken(words, cwd)
                self.check(got == want and (want or "no rule file" in done.stderr), turn, words,
                           "taken", set(got) ^ set(want), done.stderr)
            shutil.rmtree(top)

    def repositories(self):
        """Repositories within one another, each with its own rules of what is ignored."""
        top = os.path.join(self.folder, "outer")
        inner = os.path.join(top, "inner")
        self.put(os.path.join(top, "a.rules"))
        self.put(os.path.join(inner, "b.rules"))
        self.put(os.path.join(inner, "c.rules"))
        self.put(os.path.join(inner, ".gitignore"), "c.rules\n")
        self.git(inner, "init", "-q")
        self.git(top, "init", "-q")
        got, done = self.taken(["."], top)
        want = [os.path.join(os.path.realpath(top), n) for n in ("a.rules", "inner/b.rules")]
        self.check(got == want, "inner", got, done.stderr)
        got, _ = self.taken(["--root", top, top], self.folder)  # of no git that was looked at
        self.check(len(got) == 3, "--root elsewhere", got)
        self.put(os.path.join(top, ".gitignore"), "a.rules\n")
        got, _ = self.taken(["--root", ".", "."], top)
        self.check(not any(g.endswith("a.rules") for g in got), "--root here", got)
        os.rename(os.path.join(top, ".git/HEAD"), os.path.join(top, ".git/GONE"))
        got, done = self.taken(["."], top)
        self.check(os.path.join(os.path.realpath(top), "a.rules") in got, "a broken git", got)

    def policies(self):
        """What is included, and tests, do not stand for themselves in lint and test."""
        top = os.path.join(self.folder, "policies")
        head = "postern: 1\n"
        for name, text in (
                ("main.rules", head + 'include "parts/one.rules"\n* : deny\n'),
                ("main_test.rules", head + "expect 10.1.2.3 : allow\n"),
                ("parts/one.rules", head + 'include "two.rules"\n10.1. : allow\n'),
                ("parts/two.rules", head + "10.2. : allow\n"),
                ("ring/a.rules", head + 'include "b.rules"\n* : deny\n'),
                ("ring/b.rules", head + '  include  "./a.rules"\n'),
                ("alone/x_test.rules", head + "expect 10.1.2.3 : allow\n")):
            self.put(os.path.join(top, name), text)
        done = self.run(["lint", "--format", "gcc", "."], top)
        self.check("parts/" not in done.stdout + done.stderr, "lint", done)
        self.check("ring/" in done.stdout + done.stderr, "a ring is told of", done)
        done = self.run(["test", "."], top)
        self.check("x.rules" in done.stderr, "tests without rules are told of", done)
        shutil.rmtree(os.path.join(top, "ring"))
        shutil.rmtree(os.path.join(top, "alone"))
        done = self.run(["test", "--format", "json", "."], top)
        self.check(done.stdout.count('"expect"') == 1 and not done.returncode, "test", done)
        done = self.run(["lint", "."], top)
        self.check(done.returncode == 0, "lint", done)

    def depth(self):
        top = path = os.path.join(self.folder, "deep")
        for _ in range(80):
            path = os.path.join(path, "d")
        self.put(os.path.join(path, "x.rules"))
        done = self.run(["fmt", "--check", "."], top)
        self.check(done.returncode == 2 and "too deep" in done.stderr, "depth", done)

    def files_only(self):
        """Verbs that take one file say that a folder is none."""
        operands = {"compile": ["."], "check": [".", "10.1.2.3"], "who": [".", "A"],
                    "diff": [".", "."], "stats": ["."], "map": [".", "-o", "x.svg"],
                    "replay": [".", "."], "minimize": ["."], "dump": ["."], "hits": ["."],
                    "merge": [".", ".", "."], "export": ["list", "."], "feed": [".", "."], "import": ["postfix", "."], "blame": [".", "10.1.2.3"]}
        self.git(self.folder, "init", "-q")
        self.git(self.folder, "-c", "user.name=ann", "-c", "user.email=ann@example.com", "commit",
                 "-q", "--allow-empty", "-m", "first")
        with open(os.path.join(ROOT, "tools/verbs.def"), encoding="utf-8") as rows:
            for verb, shown in re.findall(r'^X\((\w+), "(.*)",', rows.read(), re.M):
                if "FOLDER" in shown or verb in ("adopt", "lsp", "mcp", "completion", "explain", "help"):
                    continue
                self.check(verb in operands, verb, "has no row")
                done = self.run([verb, *operands.get(verb, ["."])], self.folder)
                self.check(done.returncode == 2 and "folder" in done.stderr and not done.stdout,
                           verb, done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(args.bin, folder)
        world.trees()
        world.repositories()
        world.policies()
        world.depth()
        world.files_only()
    return world.end(60)


if __name__ == "__main__":
    sys.exit(main())
