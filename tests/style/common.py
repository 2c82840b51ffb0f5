"""The files of the tree, as git knows them or as they lie there."""
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def files(*endings):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others",
                             "--exclude-standard"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.splitlines()
    return sorted(f for f in set(listed)
                  if f.endswith(endings) and os.path.exists(os.path.join(ROOT, f)))


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return source.read().split("\n")
