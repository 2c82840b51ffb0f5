#!/usr/bin/env python3
"""lint --watch: whatever a run looked for is seen when it goes, comes, comes back or is another.

Each case has files, a command, and steps; after each step something more is told, with a word that
was not told before. Nothing is timed but by a deadline that no busy machine passes.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

DEADLINE = 60
RULES = "10.0.0.0/8 : allow\n10.1.0.0/16 : allow\n* : allow\n"
POLICY = "postern: 1\n" + RULES
LISTED = 'postern: 1\nset l = file "l.txt"\n$l : block\n' + RULES
INCLUDES = 'postern: 1\ninclude "i.rules"\n' + RULES


def put(name, text):
    def step():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "w", encoding="ascii") as out:
            out.write(text)
    return step


def gone(name):
    return lambda: os.unlink(name)


def renamed_over(name, text):
    """A file of the same size and modification time takes its place."""
    def step():
        put("new", text)()
        st = os.stat(name)
        assert st.st_size == os.stat("new").st_size
        os.utime("new", ns=(st.st_atime_ns, st.st_mtime_ns))
        os.rename("new", name)
    return step


def rewritten(name, text):
    """The same inode, size and modification time: the time of change alone tells."""
    def step():
        st = os.stat(name)
        with open(name, "r+", encoding="ascii") as out:
            out.write(text)
        assert st.st_size == os.stat(name).st_size
        os.utime(name, ns=(st.st_atime_ns, st.st_mtime_ns))
    return step


def linked(name, target):
    def step():
        if os.path.lexists(name):
            os.unlink(name)
        os.symlink(target, name)
    return step


# files, operands, and steps with what is told after each
CASES = {
    "a list goes and comes back": (
        {"p.rules": LISTED, "l.txt": "1.2.3.0/24\n"}, ["p.rules"],
        [(gone("l.txt"), "P000"), (put("l.txt", ""), "P802")]),
    "a list that was missing comes": (
        {"p.rules": LISTED}, ["p.rules"], [(put("l.txt", ""), "P802")]),
    "an include that was missing comes": (
        {"p.rules": INCLUDES}, ["p.rules"],
        [(put("i.rules", "postern: 1\n10.1.2.3 : allow\n"), "i.rules:2")]),
    "a folder comes with an include in it": (
        {"p.rules": INCLUDES.replace("i.rules", "sub/i.rules")}, ["p.rules"],
        [(put("sub/i.rules", "postern: 1\n10.1.2.3 : allow\n"), "i.rules:2")]),
    "an include of an include comes": (
        {"p.rules": INCLUDES, "i.rules": 'postern: 1\ninclude "j.rules"\n'}, ["p.rules"],
        [(put("j.rules", "postern: 1\n10.1.2.3 : allow\n"), "j.rules:2"),
         (gone("j.rules"), "P000")]),
    "tests come, change and go": (
        {"p.rules": POLICY}, ["p.rules"],
        [(put("p_test.rules", 'postern: 1\nexpect 1.2.3.4 : allow\nexpect 1.2.3.4 : allow\n'),
          "P807"),
         (put("p_test.rules", "postern: 1\n10. : alow\n"), "P000"),
         (gone("p_test.rules"), "P301")]),
    "the rules of tests come": (
        {"p_test.rules": "postern: 1\nexpect 1.2.3.4 : deny\n"}, ["p_test.rules"],
        [(put("p.rules", POLICY), "p.rules:2")]),
    "an operand that was missing comes": (
        {}, ["p.rules"], [(put("p.rules", POLICY), "p.rules:2")]),
    "another file is renamed over": (
        {"p.rules": POLICY}, ["p.rules"],
        [(renamed_over("p.rules", POLICY.replace("10.1.0.0/16", "11.1.0.0/16")), "P301")]),
    "a file is rewritten within its time": (
        {"p.rules": POLICY}, ["p.rules"],
        [(rewritten("p.rules", POLICY.replace("10.1.0.0/16", "11.1.0.0/16")), "P301")]),
    "a link leads elsewhere": (
        {"a.rules": POLICY, "b.rules": POLICY + "1.2.3.4 : deny\n"}, ["a.rules", "l.rules"],
        [(linked("l.rules", "b.rules"), "l.rules:2"), (linked("l.rules", "c.rules"), "l.rules")]),
    "settings come, and go": (
        {"sub/p.rules": POLICY}, ["sub/p.rules"],
        [(put("sub/.postern", "fromat = gcc\n"), "fromat"), (gone("sub/.postern"), "P301")]),
    "one of two files that share an include": (
        {"a.rules": INCLUDES, "b.rules": INCLUDES, "i.rules": "postern: 1\n1.2.3.4 : deny\n"},
        ["a.rules", "b.rules"], [(put("i.rules", "postern: 1\n10.1.2.3 : alow\n"), "P000")]),
}


class Watching:
    def __init__(self, postern, operands):
        self.out = open("out", "w+b")
        self.child = subprocess.Popen([postern, "lint", "--format", "gcc", "--watch"] + operands,
                                      stdin=subprocess.DEVNULL, stdout=self.out,
                                      stderr=subprocess.STDOUT)

    def told(self):
        with open("out", "rb") as seen:
            return seen.read()

    def waits_for(self, front, word):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            more = self.told()[front:]
            if word.encode() in more:
                return True
            time.sleep(0.05)
        return False

    def end(self):
        self.child.kill()
        self.child.wait()
        self.out.close()


def run_case(name, postern):
    files, operands, steps = CASES[name]
    for path, text in files.items():
        put(path, text)()
    watching = Watching(postern, operands)
    try:
        # what is told is told at the end of a run, and all was looked at before it began
        if not watching.waits_for(0, "\n"):
            return "nothing is told"
        for number, (step, word) in enumerate(steps):
            front = len(watching.told())
            step()
            if not watching.waits_for(front, word):
                return f"step {number}: {word} is not told: {watching.told()[front:]!r}"
    finally:
        watching.end()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    postern = os.path.join(os.path.abspath(parser.parse_args().bin), "postern")
    failures = 0
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            here = os.getcwd()
            os.chdir(folder)
            wrong = run_case(name, postern)
            os.chdir(here)
        if wrong:
            failures += 1
            print(f"FAILED {name}: {wrong}")
    print(f"{len(CASES)} cases, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
