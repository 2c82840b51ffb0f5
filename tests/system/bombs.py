#!/usr/bin/env python3
"""Policies that are made to eat: each gets a located error, soon, in bounded memory."""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

SECONDS, MEMORY = 10, 1 << 30  # far above what is needed, so that a slow machine passes
LIBRARY_MEMORY = 32 << 20  # what the library is given: some of them need more
HEAD = b"postern: 1\n"
TAIL = b"* : deny\n"


def chain(count):
    """Sets that lead to one another, each once."""
    lines = [b"set s%d = $s%d\n" % (i, i + 1) for i in range(count)]
    return b"".join(lines) + b"set s%d = 10.1.2.3\n$s0 : allow\n" % count


def doubling(count):
    """Sets that hold the next one twice: 2^count elements, were they not sets."""
    lines = [b"set s%d = $s%d, $s%d\n" % (i, i + 1, i + 1) for i in range(count)]
    return b"".join(lines) + b"set s%d = 10.1.2.3, 10.0.0.0/8\n$s0 : allow\n" % count


def groups(count, each):
    """Groups that hold the one before them, `each` of it."""
    lines = [b"env g%d = %b, A%d=''\n" % (i, b", ".join([b"$g%d" % (i - 1)] * each), i)
             for i in range(1, count)]
    return b"env g0 = A0=''\n" + b"".join(lines)


def given(count, rest):
    """Rules that are given the group at the end of a chain of 250, and something else."""
    return groups(250, 1) + b"".join(
        b"10.%d.%d.%d : allow, $g249%b\n" % (i >> 16, i >> 8 & 255, i & 255,
                                             rest % i if rest else b"")
        for i in range(count))


# name, text, further files, status, what the message has
BOMBS = [
    ("a cycle", b'include "main.rules"\n', {}, 2, b"main.rules:2:9: error: this file incl"),
    ("a longer cycle", b'include "a"\n', {"a": HEAD + b'include "./b"\n',
     "b": HEAD + b'include "a"\n'}, 2, b"b:2:9: error:"),
    ("two of each, for ever", b'include "x0"\n',
     {f"x{i}": HEAD + b'include "x%d"\n' % (i + 1) * 2 for i in range(40)}, 2, b"error: "),
    ("endless device", b'include "/dev/zero"\n', {}, 2, b"main.rules:2:9: error: this file c"),
    ("endless list", b'set s = file "/dev/zero"\n$s : deny\n', {}, 2, b"main.rules:2:14: err"),
    ("a folder", b'include "."\n', {}, 2, b"main.rules:2:9: error: this file cannot be read"),
    ("a list that is a page", b'set s = file "p"\n$s : deny\n',
     {"p": b"<!DOCTYPE html>\n<html>\n" * 10000}, 2, b"p:1:1: error: this file is a page"),
    ("a list that is compressed", b'set s = file "p"\n$s : deny\n',
     {"p": bytes(range(256)) * 4000}, 2, b"p:1:1: error: this file is no text"),
    ("a list with a line of dots and colons", b'set s = file "p"\n$s : deny\n',
     {"p": b"1.2.3.4 " + b"1.2.a:" * 2000000}, 0, b""),
    ("a list of 300,000 lines that are none", b'set s = file "p"\n$s : deny\n',
     {"p": b"1.2.3.4 5.6.7.8\n" * 300000}, 2, b"p:1:1: error: this line of a list has two"),
    ("a chain of sets", chain(100000), {}, 2, b"definitions lead to one another"),
    ("sets that double", doubling(200), {}, 0, b""),
    ("groups that double", groups(28, 2) + b"10.1.2.3 : allow, $g27\n", {}, 2,
     b"this rule sets the variable twice"),
    ("groups that double, and nobody is given", groups(200, 2), {}, 2,
     b"this rule sets the variable twice"),
    ("a chain of groups for 20,000 rules", given(20000, b""), {}, 0, b""),
    ("a chain of groups for 40,000 rules, and one more", given(40000, b", N='%d'"), {}, 2,
     b"this takes too much to work out"),
    ("groups in a circle", groups(200, 1) + b"env c = $d, $d\nenv d = $c, $c\n"
     b"10.1.2.3 : allow, $c\n", {}, 2, b"this definition leads to itself"),
    ("80,000 variables", b"10.1.2.3 : allow" + b"".join(b", V%d=''" % i for i in range(80000))
     + b"\n", {}, 0, b""),
    ("a group for 5,000 times", b"env g = A=''\n10.1.2.3 : allow" + b", $g" * 5000 + b"\n",
     {}, 2, b"this rule sets the variable twice"),
    ("a set for 20,000 idents", b"set s = " + b", ".join(b"10.1.%d.%d" % (i >> 8, i & 255)
     for i in range(20000)) + b"\n" + b"".join(b"u%d@$s : allow\n" % i for i in range(20000)),
     {}, 2, b"this takes too much to work out"),
    ("braces in braces", b"set s = " + b"{" * 100000 + b"\n", {}, 2, b"main.rules:2:10: err"),
    ("a line of 100 MB", b"set s = 10.1.2.3 " + b" " * 100000000 + b"x\n", {}, 2, b"error: "),
    ("a word of 10 MB", b"=" + b"a" * 10000000 + b" : deny\n", {}, 2, b"this is no host name"),
    ("all addresses", b"0.0.0.0-255.255.255.255, ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"
     b" : deny\n", {}, 0, b""),
    ("many holes", b"::/0 except " + b", ".join(b"2001:db8:%x::/48" % (i * 2)
     for i in range(20000)) + b" : deny\n", {}, 0, b""),
    ("quotes without end", b'* : allow, A="\n' * 100000, {}, 2, b"and 99980 more"),
]


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def explode(words, folder, args):
    """The process that ended, or None, and how much of a processor it took, in seconds:
    other work on the machine does not add to that."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=SECONDS * 30,
                              check=False,
                              preexec_fn=None if args.no_memory_limit else limits)
    except subprocess.TimeoutExpired:
        done = None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--library", required=True, help="what loads one by the library")
    parser.add_argument("--no-memory-limit", action="store_true")
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    failures = limited = 0
    for name, text, files, status, says in BOMBS:
        with tempfile.TemporaryDirectory() as folder:
            for path, data in {**files, "main.rules": HEAD + text + TAIL}.items():
                with open(os.path.join(folder, path), "wb") as out:
                    out.write(data)
            done, seconds = explode([postern, "compile", "main.rules"], folder, args)
            if not done or done.returncode != status or says not in done.stderr \
                    or seconds > SECONDS:
                failures += 1
                print(f"FAILED {name}: {done and done.returncode}, {seconds:.1f} s, "
                      f"{done and done.stderr[:300]!r}")
            for words in (["lint", "--strict", "--fail-level", "never"],
                          ["compile", "--max-errors", "50000"]):
                done, seconds = explode([postern] + words + ["main.rules"], folder, args)
                if not done or done.returncode != status or seconds > SECONDS:
                    failures += 1
                    print(f"FAILED {words[0]} of {name}: {done and done.returncode}, "
                          f"{seconds:.1f} s, {done and done.stderr[:300]!r}")
            done, seconds = explode([args.library, "main.rules", str(LIBRARY_MEMORY)], folder,
                                    args)
            if not done or done.returncode or seconds > SECONDS:
                failures += 1
                print(f"FAILED {name} in the library: {done}, {seconds:.1f} s")
            limited += b"allowed" in (done.stdout if done else b"")
    if not limited:
        failures += 1
        print("FAILED no bomb needs more than the library was given")
    print(f"{len(BOMBS)} bombs, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
