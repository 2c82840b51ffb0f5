#!/usr/bin/env python3
"""Decisions a second of the package for JavaScript, beside the same ones of libpostern in C.

The rules are ten thousand prefixes of 10.0.0.0/8 and some hosts; queries are read before the
clock runs: as bits for C, and for JavaScript as the strings that Node gives a server. Each is
measured three times in turn, and the best counts.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ANSWERS = ["node", os.path.join(ROOT, "tests/conformance/answers.mjs")]


def rules(rng):
    lines = ["postern: 1", "=.example : allow, HOST=\"1\"", "=mx.example : deny", "* : deny"]
    for number in range(10000):
        lines.append(f"10.{number % 256}.{number // 256 * 4}.0/{rng.choice((24, 26, 28))} : allow, N=\"{number % 9}\"")
    return "\n".join(lines) + "\n"


def measure(command, image, queries, env):
    done = subprocess.run([*command, "--time=40", image], input=queries, capture_output=True, check=True, env=env)
    return int(re.match(rb"(\d+)", done.stdout).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--answers", required=True, help="the program of tests/conformance/answers.c")
    args = parser.parse_args()
    rng = random.Random(1)
    env = {**os.environ, "POSTERN_JS": os.path.join(ROOT, "build/js")}
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "r.cdb")
        subprocess.run([os.path.join(args.bin, "postern"), "compile", "-", "-o", image], input=rules(rng).encode(),
                       check=True)
        address = [f"10.{rng.randrange(256)}.{rng.randrange(160)}.{rng.randrange(256)}" for _ in range(100000)]
        for name, lines in (("address alone", [a + "\n" for a in address]),
                            ("address and host", [f"{a}\th{i % 100}.example\n" for i, a in enumerate(address)])):
            queries, best = "".join(lines).encode(), {"C": 0, "JavaScript": 0}
            for _ in range(3):
                for who, command in (("C", [args.answers]), ("JavaScript", ANSWERS)):
                    best[who] = max(best[who], measure(command, image, queries, env))
            print(f"{name}: C {best['C'] / 1e6:.1f} million a second, JavaScript {best['JavaScript'] / 1e6:.2f} "
                  f"million: 1 in {best['C'] / best['JavaScript']:.0f}")


if __name__ == "__main__":
    sys.exit(main())
