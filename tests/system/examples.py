#!/usr/bin/env python3
"""The rule files of examples/, but for those of mistakes, are what the project asks of others:
without findings, in their layout, and with claims that hold."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
VERBS = (["lint"], ["fmt", "--check"], ["compile", "-o", "/dev/null"],
         ["test"])


def rule_files(folder):
    for where, folders, names in os.walk(folder):
        if os.path.basename(where) == "mistakes":
            folders.clear()
            continue
        for name in sorted(names):
            if name.endswith(".rules") or name == "rules":
                yield where, name


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    postern = os.path.abspath(os.path.join(args.bin, "postern"))
    count = failures = 0
    with tempfile.TemporaryDirectory() as work:
        copy = shutil.copytree(os.path.join(ROOT, "examples"), work + "/examples")
        os.mkdir(work + "/.git")  # a repository, as that which they are of
        for where, name in rule_files(copy):
            for verb in VERBS:
                words = [w if w != "/dev/null" else work + "/x.cdb" for w in verb]
                done = subprocess.run([postern, *words, name], cwd=where, capture_output=True,
                                      text=True, check=False)
                count += 1
                if done.returncode or done.stderr:
                    failures += 1
                    print(f"FAILED {' '.join(verb)} {os.path.relpath(where, copy)}/{name}: "
                          f"{done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{count} runs, {failures} failures")
    return 1 if failures or count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
