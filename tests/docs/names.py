#!/usr/bin/env python3
"""Pages for developers name files that exist, and functions, types and fields that the code has.

A path in backticks is one of a file or a folder; with NAME or FILE in it, one like it must exist.
A word in backticks with "pn_", "srv_" or "postern_" in front, or "()" behind, stands in the code.
"""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PAGES = ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md")
NAME = re.compile(r"(?:pn|srv|postern)_\w+|\w+\(\)")


def code():
    names = subprocess.run(["git", "ls-files", "*.c", "*.h", "*.re", "*.y", "*.def"], cwd=ROOT,
                           check=True, capture_output=True, text=True).stdout.split()
    return "\n".join(open(os.path.join(ROOT, name), encoding="utf-8").read() for name in names)


def is_path(word):
    return re.fullmatch(r"[\w.@/-]+", word) and (
        word.endswith("/") or re.search(r"/.*\.(c|h|re|y|def|py|txt|\d)$", word))


def faults(page, text, words):
    for number, line in enumerate(text.split("\n"), 1):
        for quoted in re.findall(r"`([^`]+)`", line):
            if is_path(quoted.split()[0]):
                path = re.sub(r"NAME|FILE|FOLDER", "*", quoted.split()[0])
                if not glob.glob(os.path.join(ROOT, path)) and \
                        not glob.glob(os.path.join(ROOT, "*", path)):
                    yield f"{page}:{number}: there is no {quoted}"
            for name in NAME.findall(quoted):
                if name.rstrip("()") not in words and name != "main()":
                    yield f"{page}:{number}: the code has no {name}"


def main():
    words = set(re.findall(r"\w+", code()))
    count, failures = 0, []
    for page in PAGES:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            text = file.read()
        count += len(re.findall(r"`[^`]+`", text))
        failures += faults(page, text, words)
    print("\n".join(failures))
    print(f"{count} names in {len(PAGES)} pages, {len(failures)} are none")
    return 1 if failures or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
