#!/usr/bin/env python3
"""A stand-in for `mapred streaming` of Hadoop without reducers, as far as what a mapper can tell: the input is cut into
splits of $SPLIT bytes, a split has the lines that begin in it, and each is piped through a process of its own, in a
folder where the files of -files are. The command is split into words without a shell. A line of answer is a key and,
behind its first tab, a value; they are written with a tab between, so that a line without one gets it at its end. A
status that is not 0 fails the job. What it leaves out: the cluster, and that a task which fails is tried again.

mapred streaming -files A,B -input PATH -output FOLDER -numReduceTasks 0 -mapper COMMAND"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as its reader of lines has them


def splits(data, size):
    """The lines of each split: the first takes what begins at 0, each what begins behind its start, and the end's."""
    lines = [(m.start(), m.group().rstrip(b"\r\n")) for m in LINE.finditer(data)]
    for start in range(0, max(len(data), 1), size):
        yield [line for at, line in lines if (start < at or at == start == 0) and at <= start + size]


def mapped(command, lines, files):
    """The output of a task, and its status."""
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            os.symlink(os.path.abspath(path), os.path.join(folder, os.path.basename(path)))
        done = subprocess.run(shlex.split(command), cwd=folder, input=b"".join(line + b"\n" for line in lines),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return [line if b"\t" in line else line + b"\t" for line in done.stdout.split(b"\n")[:-1]], done


def inputs(path):
    if os.path.isfile(path):
        return [path]
    return sorted(os.path.join(path, name) for name in os.listdir(path) if name[0] not in "_.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", choices=["streaming"])
    for name, more in (("files", {"default": ""}), ("input", {}), ("output", {}), ("mapper", {}),
                       ("numReduceTasks", {"choices": ["0"]})):
        parser.add_argument("-" + name, required=name != "files", **more)
    args = parser.parse_args()
    os.mkdir(args.output)  # one that is there is refused
    number = 0
    for path in inputs(args.input):
        with open(path, "rb") as stream:
            data = stream.read()
        for lines in splits(data, int(os.environ["SPLIT"])):
            told, done = mapped(args.mapper, lines, [f for f in args.files.split(",") if f])
            if done.returncode:
                sys.stderr.write(f"subprocess failed with code {done.returncode}\n")
                return 1
            with open(os.path.join(args.output, f"part-{number:05}"), "wb") as out:
                out.writelines(line + b"\n" for line in told)
            number += 1
    with open(os.path.join(args.output, "_SUCCESS"), "wb"):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
