#!/usr/bin/env python3
"""Fails a change of rules that lets in anybody who was not, or gives them a privileged variable.

    looser.py BEFORE AFTER [PATTERN...]

compares the rule files of two commits, or trees, of the git repository here: those whose names
match a pattern, as *.rules, which is what is taken without one. It prints for whom, exactly.

Exit status: 0 nobody gains, 1 somebody does, 2 that cannot be told.

Nothing but git's objects is read, so that no link and no path leads out of the repository. A file
that is new is compared with one that denies everybody.
"""
import argparse
import errno
import fnmatch
import os
import posixpath
import subprocess
import sys
from typing import Dict, Iterator, List, Optional, Tuple

import postern

MEMORY_MOST = 1 << 30
NOBODY = "postern: 1\n* : deny\n"


class Failed(Exception):
    """Why it cannot be told who gains."""


def git(*words: str) -> bytes:
    done = subprocess.run(["git", "--no-replace-objects", *words], capture_output=True,
                          check=False, env={**os.environ, "GIT_NO_LAZY_FETCH": "1"})
    if done.returncode:
        raise Failed(f"git {words[0]}: {shown(done.stderr.decode('utf-8', 'replace').strip())}")
    return done.stdout


def shown(text: str) -> str:
    """A text of a stranger's, for a log: nothing in it is a command to what shows the log."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return safe.replace("##[", "##\\[")


class Tree:
    """The files of a commit, as a policy may read them."""

    def __init__(self, name: str) -> None:
        self.name = git("rev-parse", "--verify", "--end-of-options",
                        name + "^{tree}").decode().strip()
        self.blobs: Dict[str, str] = {}
        for entry in git("ls-tree", "-rz", "--full-tree", self.name).split(b"\0"):
            if entry:
                head, path = entry.split(b"\t", 1)
                mode, kind, blob = head.split()
                is_file = kind == b"blob" and mode != b"120000"  # no link, no module of git's
                self.blobs[os.fsdecode(path)] = blob.decode() if is_file else ""

    def read(self, path: str) -> bytes:
        blob = self.blobs.get(posixpath.normpath(path))
        if not blob:
            raise FileNotFoundError(errno.ENOENT, "not a file of this commit", path)
        return git("cat-file", "blob", blob)

    def matching(self, patterns: List[str]) -> Iterator[str]:
        """Policies: what ends in _test.rules holds claims about the one beside it."""
        return (path for path in self.blobs if not path.endswith("_test.rules") and
                any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns))


class Review:
    """Loads both versions of a file, and knows what a gain is."""

    def __init__(self, before: Tree, after: Tree, privileged: List[str],
                 server: postern.Server) -> None:
        self.before, self.after, self.server = before, after, server
        self.privileged = [os.fsencode(name) for name in privileged]

    def load(self, compiler: postern.Compiler, tree: Tree, path: str) -> postern.Policy:
        policy = compiler.load(path) if path in tree.blobs else compiler.load_text(path, NOBODY)
        if not policy.ok:
            raise Failed("\n".join(shown(str(finding)) for finding in policy.diagnostics))
        return policy

    def gain(self, region: postern.Region) -> Optional[str]:
        """What a region gains; None for nothing."""
        was, now = region.before.decision, region.after.decision
        if not now.allowed:
            return None
        had = was.env if was.allowed else {}
        new = [name for name in self.privileged
               if name in now.env and now.env[name] != had.get(name)]
        told = " ".join(f"{os.fsdecode(n)}={os.fsdecode(now.env[n])!r}" for n in new)
        if region.effect is postern.Effect.GAINS:
            return f"is let in, with {told}" if told else "is let in"
        return f"gets {told}" if told else None

    def gains(self, path: str) -> List[Tuple[str, postern.Region]]:
        tree = self.before
        compiler = postern.Compiler(lambda name: tree.read(name), memory_limit=MEMORY_MOST)
        before = self.load(compiler, self.before, path)
        tree = self.after
        after = self.load(compiler, self.after, path)
        told = ((self.gain(region), region)
                for region in before.diff(after, server=self.server).regions)
        return [(gain, region) for gain, region in told if gain is not None]


def place(answer: postern.Answer) -> str:
    verdict = answer.decision.verdict.name.lower()
    if answer.target is None:
        return verdict
    target = answer.target or "the default"
    return f"{verdict} by {target} ({answer.file}:{answer.line})"


def report(path: str, gain: str, region: postern.Region) -> None:
    """Each line begins with a word of ours."""
    print(f"looser: {shown(path)}: who {shown(gain)}:")
    print("  addresses: " + ", ".join(str(each) for each in region.ranges))
    for what, patterns in (("hosts", region.hosts), ("idents", region.idents)):
        if patterns:
            print(f"  {what}: " + shown(", ".join(each or "none" for each in patterns)))
    print(f"  was: {shown(place(region.before))}")
    print(f"  is: {shown(place(region.after))}")
    print(f"  for example: {shown(str(region.witness))}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("before", help="a commit, as refs/remotes/origin/main")
    parser.add_argument("after", help="a commit, as HEAD, or the tree of a merge")
    parser.add_argument("patterns", nargs="*", default=["*.rules"], help="*.rules")
    parser.add_argument("--privileged", default="RELAYCLIENT",
                        help="variables that give rights, with commas between (RELAYCLIENT)")
    parser.add_argument("--no-host", action="store_true", help="the server looks up no names")
    parser.add_argument("--no-ident", action="store_true", help="the server asks for no idents")
    args = parser.parse_args()
    server = postern.Server.UNKNOWN
    if args.no_host:
        server |= postern.Server.NO_HOST
    if args.no_ident:
        server |= postern.Server.NO_IDENT
    try:
        before, after = Tree(args.before), Tree(args.after)
        review = Review(before, after, args.privileged.split(","), server)
        paths = sorted({*before.matching(args.patterns), *after.matching(args.patterns)})
        if not paths:
            raise Failed("no rule file matches")
        found = [(path, *each) for path in paths for each in review.gains(path)]
    except (Failed, postern.Error, OSError) as error:
        print(f"looser: {shown(str(error)) if not isinstance(error, Failed) else error}",
              file=sys.stderr)
        return 2
    for path, gain, region in found:
        report(path, gain, region)
    print(f"looser: {len(paths)} rule files, {len(found)} gains")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
