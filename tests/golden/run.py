#!/usr/bin/env python3
"""What a person sees, to the letter: each case is a folder with a `cmd` and an `expected`.

A case runs in a copy of its `in/` folder, with our programs first in PATH. `expected`
holds standard output, standard error and the exit status of each command line.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def cases():
    for folder, _, names in sorted(os.walk(HERE)):
        if "cmd" in names:
            yield folder


def run_line(line, folder, bin_dir):
    env = {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["/bin/sh", "-c", line], cwd=folder, env=env, timeout=600,
                          stdin=subprocess.DEVNULL, capture_output=True)
    out = b"$ " + line.encode() + b"\n" + done.stdout
    if done.stderr:
        out += b"--- standard error\n" + done.stderr
    if done.returncode:
        out += b"--- status %d\n" % done.returncode
    return out


def run_case(case, bin_dir):
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "in")
        if os.path.isdir(os.path.join(case, "in")):
            shutil.copytree(os.path.join(case, "in"), folder)
        else:
            os.mkdir(folder)
        with open(os.path.join(case, "cmd"), encoding="utf-8") as lines:
            return b"".join(run_line(line.rstrip("\n"), folder, bin_dir)
                            for line in lines if line.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--update", action="store_true",
                        help="write what comes out into `expected`, to be reviewed")
    args = parser.parse_args()
    count = failures = 0
    for case in cases():
        path = os.path.join(case, "expected")
        got = run_case(case, os.path.abspath(args.bin))
        count += 1
        if args.update:
            with open(path, "wb") as out:
                out.write(got)
            continue
        with open(path, "rb") as source:
            want = source.read()
        if got != want:
            failures += 1
            print(f"FAILED {os.path.relpath(case, HERE)}")
            with tempfile.NamedTemporaryFile() as seen:
                seen.write(got)
                seen.flush()
                sys.stdout.flush()
                subprocess.run(["diff", "-u", path, seen.name], check=False)
    print(f"{count} cases, {failures} failures")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
