#!/usr/bin/env python3
"""The rule files that the project shows are as it wants those of others: in examples/ `lint` finds
nothing, and there and on the pages `fmt --check` finds nothing to lay out anew. Mistakes that are
shown on purpose are mistakes."""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EXAMPLES = os.path.join(ROOT, "examples")
WRONG = os.path.join(EXAMPLES, "mistakes")  # what the demo shows the mends of


def rules():
    """The rule files of examples/, and those in its run scripts' folders."""
    for folder, _, names in sorted(os.walk(EXAMPLES)):
        for name in sorted(names):
            if name.endswith(".rules"):
                yield os.path.join(folder, name)


def shown():
    """(page, name, text) of each rule file on a page that is no file of the project."""
    for page in [ROOT + "/README.md", *sorted(glob.glob(ROOT + "/docs/*.md"))]:
        with open(page, encoding="utf-8") as source:
            text = source.read()
        for name, block in re.findall(r"^```rules (\S+)\n(.*?)^```$", text, re.M | re.S):
            laid_out = f"$ postern fmt {name}" in text  # the page shows how
            if not laid_out and not os.path.exists(os.path.join(ROOT, name)):
                yield os.path.relpath(page, ROOT), name, block


def pages(postern):
    """How many blocks there are, and those that are laid out otherwise; what does not parse is
    there to show an error."""
    count, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for page, name, block in shown():
            path = os.path.join(folder, os.path.basename(name))
            with open(path, "w", encoding="utf-8") as out:
                out.write(block)
            done = subprocess.run([postern, "fmt", "--check", path], text=True,
                                  capture_output=True, check=False)
            count += 1
            if done.returncode == 1:
                wrong.append(f"{page}: {name}\n{done.stdout}")
    return count, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    postern = os.path.join(os.path.abspath(parser.parse_args().bin), "postern")
    count = failures = 0
    for path in rules():
        wrong = path.startswith(WRONG + os.sep)
        name = os.path.relpath(path, EXAMPLES)
        for command in (["lint", "--fail-level", "note"], ["fmt", "--check"]):
            done = subprocess.run([postern, *command, name], cwd=EXAMPLES, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False)
            count += 1
            if (done.returncode == 0) == wrong:
                failures += 1
                print(f"FAILED {' '.join(command)} {name}: status {done.returncode}")
                print(done.stdout + done.stderr)
    blocks, wrong = pages(postern)
    failures += len(wrong)
    count += blocks
    for text in wrong:
        print("FAILED fmt --check", text)
    print(f"{count} runs, {failures} failures")
    return 1 if failures or count < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
