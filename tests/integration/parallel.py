#!/usr/bin/env python3
"""GNU parallel cuts a log into pieces, and the answers come out as of one process."""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import clickhouse  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=300000)
    args = parser.parse_args()
    if not shutil.which("parallel"):
        print("     skipped: there is no parallel")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        world = clickhouse.World(os.path.join(os.path.abspath(args.bin), "postern"), folder, args.count)
        world.run("compile", "p.rules", "-o", "p.cdb", stdout=subprocess.DEVNULL)
        with open(world.path("q.tsv"), "wb") as out:
            subprocess.run(["cut", "-f2-", world.path("rows.tsv")], stdout=out, check=True, timeout=60)
        words = [world.postern, "check", "--batch", "--input", "tsv", "--columns", "verdict,line,$TAG", world.path("p.cdb")]
        with open(world.path("q.tsv"), "rb") as rows:
            one = subprocess.run(words, stdin=rows, capture_output=True, timeout=300, check=False).stdout
        for block in ("1M", f"{random.Random(1).randrange(20000, 200000)}"):
            # what parallel runs is a shell's: the $ of a column is quoted
            command = " ".join(f"'{word}'" for word in words)
            many = subprocess.run(["parallel", "--pipepart", "--keep-order", "--block", block, "-a", world.path("q.tsv"), command],
                                  capture_output=True, timeout=600, check=False, env={**os.environ, "HOME": folder}).stdout
            assert many == one and one.count(b"\n") == args.count, (block, len(many), len(one))
        print(f"{args.count} rows by pieces, as by one process")
    return 0


if __name__ == "__main__":
    sys.exit(main())
