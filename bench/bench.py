#!/usr/bin/env python3
"""Prints the tables of docs/performance.md: ratios to the original tools, in one run.

Contestants take turns within a round, and the first of a round changes; a ratio is the
median over the rounds of the ratio within each, with the quartiles behind it.
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def spread(values):
    values = sorted(values)
    low, high = values[len(values) // 4], values[(3 * len(values)) // 4]
    return f"{statistics.median(values):.2f} ({low:.2f} to {high:.2f})"


def rule_text(count):
    """Addresses, about 20 bytes a line, as in a block list."""
    r = random.Random(count)
    return "".join("%d.%d.%d.%d:%s\n" % (r.randrange(1, 224), r.randrange(256),
                                         r.randrange(256), r.randrange(256),
                                         r.choice(("deny", "deny", "allow")))
                   for _ in range(count))


def relay_text(count):
    """The same with a variable on each line."""
    return "".join(line + ',RELAYCLIENT="",TAG="office"\n'
                   for line in rule_text(count).splitlines())


def run_once(program, source, folder):
    """Seconds of one compile."""
    with open(source, "rb") as stdin:
        start = time.perf_counter()
        subprocess.run([program, "out.cdb", "out.tmp"], stdin=stdin, cwd=folder, check=True)
        return time.perf_counter() - start


def peak(program, source, folder):
    """Peak memory in MiB, by time(1): a child of ours would count our own pages too."""
    with open(source, "rb") as stdin:
        done = subprocess.run(["/usr/bin/time", "-f", "%M", program, "out.cdb", "out.tmp"],
                              stdin=stdin, cwd=folder, check=True, stderr=subprocess.PIPE)
    return int(done.stderr) / 1024


def compile_rounds(contestants, source, folder, rounds):
    times = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        for name in names[number % len(names):] + names[:number % len(names)]:
            times[name].append(run_once(contestants[name], source, folder))
    return times, {name: peak(contestants[name], source, folder) for name in names}


def bench_compile(args, folder):
    contestants = {"original": os.path.join(args.originals, "ucspi-tcp/usr/bin/tcprules"),
                   "postern": os.path.join(args.bin, "tcprules")}
    print("\n## Compiling classic rules (time and peak memory of the whole process)\n")
    print("| rules | original, ms | ours, ms | ratio (quartiles) | original, MiB | ours, MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    medians = {}
    for label, text, count, rounds in (("10,000", rule_text, 10000, 61),
                                       ("100,000", rule_text, 100000, 31),
                                       ("1,000,000", rule_text, 1000000, 15),
                                       ("1,000,000 with variables", relay_text, 1000000, 9)):
        source = os.path.join(folder, "in.rules")
        with open(source, "w", encoding="ascii") as out:
            out.write(text(count))
        times, peaks = compile_rounds(contestants, source, folder,
                                      max(5, int(rounds * args.scale)))
        ratios = [b / a for a, b in zip(times["original"], times["postern"])]
        medians[label] = statistics.median(times["postern"])
        print(f"| {label} | {statistics.median(times['original']) * 1e3:.1f} "
              f"| {medians[label] * 1e3:.1f} | {spread(ratios)} "
              f"| {peaks['original']:.1f} | {peaks['postern']:.1f} |")
    print(f"\nGrowth: {medians['100,000'] / medians['10,000']:.1f} times from 10,000 to "
          f"100,000 rules, {medians['1,000,000'] / medians['100,000']:.1f} times from there "
          "to a million.")


def bench_lookup(args, folder):
    tcprules = os.path.join(args.bin, "tcprules")
    lookup = os.path.join(args.bin, "../bench-bin/bench_lookup")
    print("\n## Deciding from a classic cdb (IPv4, random addresses; ns a decision)\n")
    print("| rules | five bare probes | ours | ratio (quartiles) | the original's way "
          "| that to ours | open | open, to that of ten rules |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    paths = {}
    for count in (10, 1000, 100000, 1000000):
        source = os.path.join(folder, f"{count}.rules")
        paths[count] = os.path.join(folder, f"{count}.cdb")
        with open(source, "w", encoding="ascii") as out:
            out.write(rule_text(count))
        with open(source, "rb") as stdin:
            subprocess.run([tcprules, paths[count], os.path.join(folder, "t")], stdin=stdin,
                           check=True)
    for count in (1000, 100000, 1000000):
        out = subprocess.run([lookup, paths[count], paths[10], "11"], capture_output=True,
                             text=True, check=True).stdout
        rounds = [dict(zip(words[::2], map(float, words[1::2])))
                  for words in map(str.split, out.splitlines())]
        median = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        print(f"| {count:,} | {median['bare']:.0f} | {median['decide']:.0f} "
              f"| {spread([r['decide'] / r['bare'] for r in rounds])} "
              f"| {median['original']:.0f} "
              f"| {spread([r['original'] / r['decide'] for r in rounds])} "
              f"| {median['open']:.0f} "
              f"| {spread([r['open'] / r['open_small'] for r in rounds])} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--scale", type=float, default=1, help="more or fewer rounds")
    args = parser.parse_args()
    args.bin, args.originals = os.path.abspath(args.bin), os.path.abspath(args.originals)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        bench_compile(args, folder)
        bench_lookup(args, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
