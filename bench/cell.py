#!/usr/bin/env python3
"""What a client costs whose name is looked up, by the server itself and by its cell (tcpserver -S).

The seconds of a processor that the server takes, with the processes of the cell and without the programs, for so
many clients, and what a client waits; in turns, in a network namespace of its own with a name server of the tests.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", "support")]
import observe  # noqa: E402
import servers as S  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
OPTIONS = {"without": [], "with -S": ["-S"]}


def family(pid):
    found = [pid]
    for at in found:
        with open(f"/proc/{at}/task/{at}/children", encoding="ascii") as file:
            found += [int(word) for word in file.read().split()]
    return found


def runtime(pids):
    """Nanoseconds on a processor, of all their threads."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total


def one(case, load, options, clients):
    with case.server("-Rl0", "-c100", "-b1000", *options, env={"DNSCACHEIP": "127.0.0.1"},
                     program=[os.path.join(os.path.dirname(load), "bench_tiny")]) as server:
        run = [load, "127.0.0.1", str(server.port), "200", "16", "127.0.0.1"]
        subprocess.run(run, check=True, capture_output=True)
        observe.settle(lambda: observe.counts(server)["live"] == 0, "the warm-up ends")
        pids = family(server.process.pid)
        before, began = runtime(pids), time.monotonic()
        run[3] = str(clients)
        subprocess.run(run, check=True, capture_output=True)
        took = time.monotonic() - began
        return (runtime(pids) - before) / clients / 1000, took / clients * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--bench-bin", required=True)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if not S.isolate():
        return 77
    S.any_address()
    told = {name: [] for name in OPTIONS}
    with tempfile.TemporaryDirectory() as folder, S.Dns({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("one.example")]}):
        case = observe.Case(os.path.abspath(args.bin), "", folder)
        for _ in range(args.rounds):
            for name, options in OPTIONS.items():
                told[name].append(one(case, os.path.abspath(os.path.join(args.bench_bin, "bench_load")), options, args.clients))
    ratios = [b[0] / a[0] for a, b in zip(*told.values())]
    print("| look-ups | us of a processor a client | us between clients |\n| --- | --- | --- |")
    for name, rows in told.items():
        print(f"| {name} | {statistics.median(r[0] for r in rows):.0f} | {statistics.median(r[1] for r in rows):.0f} |")
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"\nratio {middle:.2f} ({low:.2f} to {high:.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
