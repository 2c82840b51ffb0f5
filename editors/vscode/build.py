#!/usr/bin/env python3
"""Packages the extension: postern-VERSION.vsix, in --out, by npm and what package-lock.json names."""
import argparse
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def make(out):
    """The folder that it was made in, with node_modules, and the package's path."""
    out = os.path.abspath(out)
    shutil.rmtree(out, ignore_errors=True)
    work = os.path.join(out, "editors/vscode")
    for part in ("vscode", "textmate"):
        shutil.copytree(os.path.join(ROOT, "editors", part), os.path.join(out, "editors", part),
                        ignore=shutil.ignore_patterns("node_modules", "dist", "*.vsix"))
    shutil.copy(os.path.join(ROOT, "LICENSE"), out)
    for words in (["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
                  ["npm", "run", "--silent", "package", "--", "--out", out + "/"]):
        done = subprocess.run(words, cwd=work, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    package = [name for name in os.listdir(out) if name.endswith(".vsix")]
    return work, os.path.join(out, package[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.join(ROOT, "build/vscode"))
    args = parser.parse_args()
    print(make(args.out)[1])


if __name__ == "__main__":
    main()
