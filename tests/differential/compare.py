#!/usr/bin/env python3
"""Holds tcprules and tcprulescheck to the original tools: bytes, statuses, modes, answers.

The expected outcome of a rule file combines two originals, as docs/classic.md tells: what
0.88 accepts is right; what it refuses, the patched version may accept, for IPv6; where that
one loops for ever, any answer will do that is none of the system's.
"""
import argparse
import os
import random
import stat
import subprocess
import sys
import tempfile
import time

import generate

LOOPS = object()


class Tool:
    """One of the programs, run in a folder of its own."""

    def __init__(self, path):
        self.path = os.path.abspath(path)

    def run(self, arguments, stdin, folder, env=None, patience=10.0):
        try:
            done = subprocess.run([self.path] + arguments, stdin=stdin, cwd=folder,
                                  env=env, capture_output=True, timeout=patience)
        except subprocess.TimeoutExpired:
            return LOOPS
        return done.returncode, done.stdout, done.stderr


def compile_with(tool, source, folder, name, umask, patience=10.0):
    """(status, cdb bytes or None, file mode or None, standard error), or LOOPS."""
    target, temporary = name + ".cdb", name + ".tmp"
    for leftover in (target, temporary):
        try:
            os.unlink(os.path.join(folder, leftover))
        except FileNotFoundError:
            pass
    before = os.umask(umask)
    try:
        with open(source, "rb") as stdin:
            done = tool.run([target, temporary], stdin, folder, patience=patience)
    finally:
        os.umask(before)
    if done is LOOPS:
        return LOOPS
    status, _, err = done
    path = os.path.join(folder, target)
    if not os.path.exists(path):
        return status, None, None, err
    with open(path, "rb") as cdb:
        return status, cdb.read(), stat.S_IMODE(os.stat(path).st_mode), err


class Comparison:
    def __init__(self, args):
        bin_dir, originals = args.bin, args.originals
        plain = os.path.join(originals, "ucspi-tcp/usr/bin")
        patched = os.path.join(originals, "ucspi-tcp-ipv6/usr/bin")
        self.ours = Tool(os.path.join(bin_dir, "tcprules"))
        self.plain = Tool(os.path.join(plain, "tcprules"))
        self.patched = Tool(os.path.join(patched, "tcprules"))
        self.our_check = Tool(os.path.join(bin_dir, "tcprulescheck"))
        self.plain_check = Tool(os.path.join(plain, "tcprulescheck"))
        self.patched_check = Tool(os.path.join(patched, "tcprulescheck"))
        self.random = random.Random(args.seed)
        self.files = self.queries = self.failures = self.loops = 0

    def fail(self, label, text):
        self.failures += 1
        print(f"FAILED {label}: {text}")

    def expected(self, source, folder, umask, may_loop):
        """The outcome to match, and the messages that are right with it (None: any)."""
        plain = compile_with(self.plain, source, folder, "plain", umask)
        if plain[0] != 100:
            return plain, None
        patience = 1.0 if may_loop else 5.0
        patched = compile_with(self.patched, source, folder, "patched", umask, patience)
        if patched is LOOPS:
            self.loops += 1
            return LOOPS, None
        return patched, patched[3]

    def file(self, label, source, folder, queries, may_loop=True):
        umask = self.random.choice((0o022, 0o077, 0o002, 0))
        want, message = self.expected(source, folder, umask, may_loop)
        got = compile_with(self.ours, source, folder, "ours", umask)
        self.files += 1
        if got is LOOPS:
            self.fail(label, "loops")
        elif want is LOOPS:
            if got[0] not in (0, 100):
                self.fail(label, f"status {got[0]} where the patched original loops")
        elif got[:3] != want[:3]:
            self.fail(label, f"status {got[0]} for {want[0]}, mode {got[2]} for {want[2]}, "
                             f"bytes {'equal' if got[1] == want[1] else 'differ'}")
        elif message is not None and not got[3].startswith(message):
            self.fail(label, f"says {got[3][:80]!r} for {message[:80]!r}")
        elif got[0] == 0:
            for query in generate.queries(self.random, got[1], queries):
                self.query(label, folder, query)

    def query(self, label, folder, query):
        env = {k: v for k, v in query.items()}
        self.queries += 1
        got = self.our_check.run(["ours.cdb"], subprocess.DEVNULL, folder, env)
        tools = [self.patched_check]
        if b":" not in query.get(b"TCPREMOTEIP", b""):
            tools.append(self.plain_check)
        for tool in tools:
            want = tool.run(["ours.cdb"], subprocess.DEVNULL, folder, env)
            if got != want:
                self.fail(label, f"{query}: answers {got} for {want}")


def corpus(comparison, folder, work):
    names = sorted(os.listdir(folder))
    for name in names:
        comparison.file(name, os.path.join(folder, name), work, queries=25)
    return len(names)


def generated(comparison, work, args):
    """`count` files, or as many as fit into the time."""
    end = time.monotonic() + args.seconds if args.seconds else None
    number = 0
    while number < args.count or end:
        if end and time.monotonic() > end:
            break
        text, may_loop = generate.rule_file(comparison.random)
        source = os.path.join(work, "generated.rules")
        with open(source, "wb") as out:
            out.write(text)
        if may_loop and comparison.random.random() < 0.95:
            # waiting for the patched original to loop costs a second: seldom
            continue
        before = comparison.failures
        comparison.file(f"seed {args.seed}, file {number}", source, work, 3, may_loop)
        if comparison.failures > before:
            print(text.decode("latin-1"))
        number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--corpus")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.bin, args.originals = os.path.abspath(args.bin), os.path.abspath(args.originals)
    comparison = Comparison(args)
    with tempfile.TemporaryDirectory() as work:
        if args.corpus:
            corpus(comparison, args.corpus, work)
        generated(comparison, work, args)
    print(f"{comparison.files} files, {comparison.queries} queries, "
          f"{comparison.loops} loops of the patched original, "
          f"{comparison.failures} failures")
    return 1 if comparison.failures or not comparison.files else 0


if __name__ == "__main__":
    sys.exit(main())
