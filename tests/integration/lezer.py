#!/usr/bin/env python3
"""The Lezer grammar, as its generator makes it: held to the corpus, parsed anew after edits, and in a
state of CodeMirror."""
import argparse
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import highlighting  # noqa: E402
import runner  # noqa: E402

PACKAGE = os.path.join(highlighting.EDITORS, "lezer")
options = None


def call(*words):
    done = subprocess.run(words, cwd=options.out, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, (words[:3], done.stdout[-2000:], done.stderr[-3000:])
    return done.stdout


def corpus():
    return [highlighting.path(name) for name in highlighting.names()]


def as_the_compiler_reads(_):
    made = {}
    for row in call("node", "lezer.mjs", *corpus()).splitlines():
        if row.startswith("= "):
            runs = made[os.path.basename(row[2:])] = []
            continue
        line, first, behind, kind = row.split("\t")
        runs.append((int(line), int(first), int(behind), kind))
    assert not highlighting.failures("lezer", made.get)


def edits(_):
    print("    ", call("node", "lezer_edits.mjs", str(options.seed), str(options.edits),
                       *corpus()).strip())


def main():
    global options  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.join(highlighting.ROOT, "build/lezer"))
    parser.add_argument("--edits", type=int, default=1000, help="of each file")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.out = os.path.abspath(options.out)
    shutil.rmtree(options.out, ignore_errors=True)
    shutil.copytree(PACKAGE, options.out, ignore=shutil.ignore_patterns("node_modules", "postern.parser*"))
    for name in ("lezer.mjs", "lezer_edits.mjs"):
        shutil.copy(os.path.join(HERE, name), options.out)
    call("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    call("npm", "run", "--silent", "build")
    return runner.run([as_the_compiler_reads, edits], options.names)


if __name__ == "__main__":
    sys.exit(main())
