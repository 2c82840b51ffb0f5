#!/usr/bin/env python3
"""How long work has come: after a while, on a terminal, and nowhere else; wiped away before anything
else, also by Ctrl-C, which ends the verb by its signal and leaves no file.

No timing decides: work is made larger until it takes long enough here to show a line."""
import argparse
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from checks import Checks  # noqa: E402

DEADLINE = 240
WIPE = b"\r\x1b[K"
LARGEST = 1 << 9
BAR = re.compile(rb"\[[#-]{20}\] \d+ %")
SHOWN = re.compile(rb"\r\x1b\[K(\[[#-]{20}\] \d+ %|\d+ (s|min|h))")


class World(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder = folder

    def put(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as out:
            out.write(data)

    def start(self, words, on=(1, 2), stdin=None, env=None):
        """A verb with a terminal of its own on these descriptors."""
        ours, theirs = pty.openpty()
        source = open(os.path.join(self.folder, stdin), "rb") if stdin else subprocess.DEVNULL
        process = subprocess.Popen(
            [self.postern, *words], cwd=self.folder, stdin=source,
            stdout=theirs if 1 in on else subprocess.DEVNULL,
            stderr=theirs if 2 in on else subprocess.DEVNULL,
            env={**os.environ, "TERM": "xterm", **(env or {})})
        os.close(theirs)
        if stdin:
            source.close()
        return process, ours

    def see(self, process, ours, until=None):
        """What comes out, to its end or until something is seen."""
        seen, end = b"", time.monotonic() + DEADLINE
        try:
            while time.monotonic() < end and not (until and until.search(seen)):
                if not select.select([ours], [], [], 5)[0]:
                    continue
                chunk = os.read(ours, 65536)
                if not chunk:
                    break
                seen += chunk
        except OSError:  # the other side is closed
            pass
        if not until or not until.search(seen):
            process.wait(timeout=DEADLINE)
        return seen

    def run(self, words, **more):
        process, ours = self.start(words, **more)
        seen = self.see(process, ours)
        os.close(ours)
        return seen, process.returncode


def rules(count):
    return b"postern: 1\n" + b"".join(
        b"10.%d.%d.%d : allow, A=\"%d\"\n" % (i >> 16 & 255, i >> 8 & 255, i & 255, i % 7)
        for i in range(count)) + b"* : deny\nexpect 10.0.0.1 : allow\n"


def compile_grow(w, scale):
    w.put("a.rules", rules(3000 * scale))


def batch_grow(w, scale):
    w.put("a.rules", b"10.1.:allow\n:deny\n")
    w.put("queries", b"10.1.2.3\n192.0.2.1\n" * (20000 * scale))


def mutants_grow(w, scale):
    """Mutants of a set that two rules name are compiled one by one."""
    members = ", ".join(f"192.0.2.{i}" for i in range(60)).encode()
    w.put("a.rules", rules(20 * scale) + b"set some = " + members + b"\n$some : deny\njoe@$some : deny\n")


def minimize_grow(w, scale):
    w.put("a.rules", rules(300 * scale))


def pair_grow(w, scale):
    w.put("a.rules", rules(2000 * scale))
    w.put("b.rules", rules(2000 * scale).replace(b'A="3"', b'A="9"'))


def lint_grow(w, scale):
    w.put("a.rules", rules(2000 * scale))
    w.put("b.rules", rules(20))


# name: how its work grows, the words, how standard input, what its line looks like
VERBS = {
    "compile": (compile_grow, ["compile", "a.rules", "-o", "a.cdb"], None, None),
    "batch": (batch_grow, ["check", "a.rules", "--batch"], "queries", BAR),
    "mutate": (mutants_grow, ["test", "--mutate", "a.rules"], None, BAR),
    "diff": (pair_grow, ["diff", "a.rules", "b.rules"], None, None),
    "lint": (lint_grow, ["lint", "--strict", "a.rules"], None, None),
    "lint files": (lint_grow, ["lint", "--strict", "b.rules", "a.rules"], None, BAR),
    "fmt": (compile_grow, ["fmt", "a.rules"], None, None),
    "map": (pair_grow, ["map", "a.rules", "b.rules", "-o", "a.svg"], None, None),
    "replay": (batch_grow, ["replay", "a.rules", "a.rules", "queries"], None, BAR),
    "minimize": (minimize_grow, ["minimize", "a.rules"], None, None),
}
WRITES = {"compile": "a.cdb", "fmt": "a.rules", "map": "a.svg"}


def line_of(w, name):
    """Grows the work until a line shows: what was seen, and the scale."""
    grow, words, stdin, looks = VERBS[name]
    scale, seen, status = 1, b"", 0
    while scale <= LARGEST and not SHOWN.search(seen):
        grow(w, scale)
        # the answer goes elsewhere, so that the line alone is seen
        seen, status = w.run(words, on=(2,), stdin=stdin)
        scale *= 2
    w.check(SHOWN.search(seen), name, "shows no line:", seen[-200:])
    if looks:
        w.check(looks.search(seen) and b"/s" in seen and b" left" in seen, name, seen[:200])
    w.check(status in (0, 1), name, status)
    # what comes behind the last line, if anything, comes behind its wiping
    last = list(SHOWN.finditer(seen))[-1] if SHOWN.search(seen) else None
    w.check(last and WIPE in seen[last.end():], name, "is not wiped:", seen[-200:])
    return scale // 2


def elsewhere(w, name):
    """Not where standard error is no terminal, or a dumb one; nor among answers on it."""
    _, words, stdin, _ = VERBS[name]
    with open(os.path.join(w.folder, stdin or "/dev/null"), "rb") as source:
        piped = subprocess.run([w.postern, *words], cwd=w.folder, stdin=source, check=False,
                               capture_output=True, timeout=DEADLINE)
    w.check(b"\x1b" not in piped.stderr and b"\r" not in piped.stderr, name, "in a pipe")
    seen, _ = w.run(words, on=(2,), stdin=stdin, env={"TERM": "dumb"})
    w.check(b"\x1b" not in seen and not SHOWN.search(seen), name, "on a dumb terminal", seen[:99])
    seen, _ = w.run(words, stdin=stdin)  # both: no line behind the first answer
    answer = re.search(rb"(?<!\x1b\[K)(?m:^)[^\r\x1b\[\d][^\r]*\r\n", seen)
    w.check(not answer or not SHOWN.search(seen[answer.end():]), name, "among answers",
            seen[:300])


def interrupted(w, name, scale):
    grow, words, stdin, _ = VERBS[name]
    written = WRITES.get(name)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for turn in range(6):  # a verb may end before it is ended: then with more work
            grow(w, scale << turn)
            path = os.path.join(w.folder, written) if written else None
            before = open(path, "rb").read() if path and os.path.exists(path) else None
            process, ours = w.start(words, on=(2,), stdin=stdin)
            seen = w.see(process, ours, SHOWN)
            if process.poll() is None:
                process.send_signal(number)
            seen += w.see(process, ours)
            os.close(ours)
            if process.returncode == -number:
                break
        w.check(process.returncode == -number, name, number, process.returncode)
        w.check(seen.endswith(WIPE), name, number, "leaves", seen[-99:])
        left = [n for n in os.listdir(w.folder) if n.endswith(".tmp")]
        w.check(not left, name, number, "leaves", left)
        if path:
            now = open(path, "rb").read() if os.path.exists(path) else None
            if now != before:  # the signal came behind the renaming: it is whole then
                grow(w, scale << turn)
                w.run(words, on=(2,), stdin=stdin)
                whole = open(path, "rb").read()
                w.check(now == whole, name, number, "wrote half")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(args.bin, folder)
        for name in VERBS:
            scale = line_of(world, name)
            elsewhere(world, name)
            interrupted(world, name, scale)
            for file in os.listdir(folder):
                os.unlink(os.path.join(folder, file))
    return world.end(100)


if __name__ == "__main__":
    sys.exit(main())
