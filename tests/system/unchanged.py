#!/usr/bin/env python3
"""Two builds say the same: for a change that is to make things faster and nothing else.

    tests/system/unchanged.py --before OLD/bin --bin build/release/bin --count 20000

Images, findings, differences, layouts and shortened texts, what is printed and the status, of
every rule file of the tests and of random ones: good and faulty, classic and extended, and
such as long lists are, also of so many lines that threads share the work.
"""
import argparse
import concurrent.futures
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path[:0] = [os.path.join(ROOT, "tests/system"), os.path.join(ROOT, "tests/differential")]
import generate  # noqa: E402
import laws  # noqa: E402

BATCH = 12
CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)
BITS = ("10.0.0.1", "10.0.0.0/8", "192.0.2.", "::1", "2001:db8::/32", "1.2.3.4/33", "1.2.3.5/24",
        "010.1.1.1", "=a.example", "$s", "joe@10.1.2.3", "fe80::1:", "::ffff:10.0.0.1", ":", " : ",
        ":  ", "deny", "allow", "block", "denyy", "deny # c", "deny, A=\"1\"", "\r\n", "\n", "\n\n",
        " ", "\t", ",", "# c\n", "{", "}", "set s = {", "env e = A='x'", "!", "\"", "except", "é")


def plain(rng):
    """Lines as lists have them, with repetitions, and now and then something else."""
    lines = ["postern: 1"]
    count = 40000 if rng.random() < .01 else rng.choice((3, 30, 300, 300, 3000))
    wide = 200 if count > 300 else rng.choice((2, 8, 200)) # else each covers all the others
    for _ in range(count):
        length = rng.choice((32, 32, 31, 30, 24, 16, 8))
        number = (10 << 24 | rng.randrange(wide) << 16 | rng.randrange(wide) << 8
                  | rng.randrange(wide)) >> 32 - length << 32 - length
        four = ".".join(str(number >> s & 255) for s in (24, 16, 8, 0))
        lines.append(rng.choice((four, four, four if length == 32 else f"{four}/{length}",
                                 f"2001:db8:{rng.randrange(wide):x}::/48",
                                 f"2001:db8::{rng.randrange(wide):x}"))
                     + rng.choice((" : ", " :", " : ")) + rng.choice(("allow", "deny", "deny"))
                     + (rng.choice(("", " # why", ", A=\"1\"", "\r", "  ")) if rng.random() < .1
                        else ""))
        if rng.random() < .02:
            lines.append(rng.choice(("", "# one", "=a.example : allow", "10.1.0.0/16 : block",
                                     "joe@10.0.0.0/8 : deny", "10.0.0.0/8, 10.1.0.0/16 : deny")))
    if rng.random() < .2:
        lines.insert(rng.randrange(1, len(lines)),
                     rng.choice((") : deny", "10.0.0.300 : deny", "set s = 10.9.0.0/16",
                                 "10.0.0.0/8", "deny\r")))
    return "\n".join(lines + [rng.choice(("* : allow", "* : deny"))]) + rng.choice(("\n", "\n", ""))


def faulty(rng):
    """A policy with some of its bytes replaced, or pieces of lines in any order."""
    if rng.random() < .5:
        return "postern: 1\n" + "".join(rng.choice(BITS) for _ in range(rng.randrange(60)))
    text = laws.random_policy(rng)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(BITS) + text[at + rng.randrange(3):]
    return text


def random_text(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return generate.rule_file(rng)[0]
    if kind < 3:
        return plain(rng).encode()
    return (faulty if kind < 5 else laws.random_policy)(rng).encode()


def run(postern, folder, *words, stdin=None):
    done = subprocess.run([postern, *words], cwd=folder, capture_output=True, timeout=600,
                          check=False, input=stdin)
    return done.returncode, shortened(done.stdout), shortened(done.stderr)


def shortened(data):
    """What is too long to keep, and to show, by its digest."""
    return data if len(data) < 4096 else (data[:2048], len(data), hashlib.sha256(data).digest())


def said(postern, folder, names):
    """What a build says of files, one by one and beside one another."""
    out = [("lint", run(postern, folder, "lint", *names)),
           ("lint sarif", run(postern, folder, "lint", "--format", "sarif", *names))]
    for name, other in zip(names, names[1:] + names[:1]):
        path = os.path.join(folder, "out.cdb")
        out.append((f"compile {name}", run(postern, folder, "compile", name, "-o", "out.cdb")))
        if os.path.exists(path):
            out.append((f"image {name}", shortened(laws.read(path))))
            os.unlink(path)
        out.append((f"diff {name} {other}", run(postern, folder, "diff", name, other)))
        out.append((f"fmt {name}", run(postern, folder, "fmt", "-",
                                       stdin=laws.read(os.path.join(folder, name)))))
        out.append((f"minimize {name}", run(postern, folder, "minimize", name)))
    return out


def compare(args, folder, names):
    """How many of the two builds' answers differ."""
    before, now = (said(os.path.join(os.path.abspath(bin_dir), "postern"), folder, names)
                   for bin_dir in (args.before, args.bin))
    wrong = 0
    for (what, old), (_, new) in zip(before, now):
        if old[0] in CRASHES and new[0] not in CRASHES: # that was mended
            print("CRASHED BEFORE", folder, what, flush=True)
        elif old != new:
            wrong += 1
            print("DIFFERS", folder, what, old, new, sep="\n", flush=True)
    if len(before) != len(now):
        print("DIFFERS", folder, "images")
    wrong += len(before) != len(now)
    return wrong


def job(args, work, number):
    """A batch of random texts."""
    rng = random.Random(args.seed * 1000003 + number)
    folder = os.path.join(work, f"r{number}")
    os.mkdir(folder)
    names = [f"p{i}.rules" for i in range(BATCH)]
    for name in names:
        laws.write(os.path.join(folder, name), random_text(rng))
    wrong = compare(args, folder, names)
    if not wrong or not args.keep:
        shutil.rmtree(folder)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--before", required=True, help="the programs of the other build")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the texts that differ")
    args = parser.parse_args()
    wrong = files = 0
    work = tempfile.mkdtemp()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        batches = [pool.submit(job, args, work, n) for n in range(-(-args.count // BATCH))]
        by_folder = {}
        for where, name in laws.sources():
            by_folder.setdefault(where, []).append(name)
        for where, names in by_folder.items():
            folder = os.path.join(work, f"f{files}")
            shutil.copytree(where, folder,
                            ignore=lambda _, all: [n for n in all if n.endswith(".cdb")])
            files += len(names)
            wrong += compare(args, folder, names)
            shutil.rmtree(folder)
        wrong += sum(batch.result() for batch in batches)
    print(f"{files} files, {len(batches) * BATCH} random ones, {wrong} differences")
    if not args.keep:
        shutil.rmtree(work)
    return 1 if wrong or files < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
