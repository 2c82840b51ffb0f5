#!/usr/bin/env python3
"""What a client costs whose name is looked up, by the server itself and by its cell (tcpserver -S).

The time of a processor that the server takes, with the processes of the cell, for so many clients; and the same with
the programs that it runs. In turns, in a network namespace of its own: with a name server in C (--name-server), which
answers at once that there is no name, or with one of the tests, in Python, which answers one by one.
"""
import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile

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


def programs_time(pid):
    """Nanoseconds of the children that have ended, and were waited for."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) * 10**9 // TICK


def one(case, load, options, args):
    """Microseconds a client: of the server, and with its programs."""
    with case.server("-Rl0", "-c100", "-b1000", *options, env={"DNSCACHEIP": "127.0.0.1"},
                     program=[os.path.join(os.path.dirname(load), "bench_tiny")]) as server:
        run = [load, "127.0.0.1", str(server.port), "200", str(args.at_once), "127.0.0.1"]
        subprocess.run(run, check=True, capture_output=True)
        observe.settle(lambda: observe.counts(server)["live"] == 0, "the warm-up ends")
        pids, pid = family(server.process.pid), server.process.pid
        before, programs = runtime(pids), programs_time(pid)
        run[3] = str(args.clients)
        subprocess.run(run, check=True, capture_output=True)
        observe.settle(lambda: observe.counts(server)["live"] == 0, "all programs have ended")
        alone = runtime(pids) - before
        return alone / args.clients / 1000, (alone + programs_time(pid) - programs) / args.clients / 1000


@contextlib.contextmanager
def names(program):
    if not program:
        with S.Dns({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("one.example")]}):
            yield
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 53))
        with subprocess.Popen([program], stdin=end, stdout=end) as process:
            yield
            process.kill()


def ratio_of(rows, place):
    low, middle, high = statistics.quantiles([b[place] / a[place] for a, b in zip(*rows.values())], n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--bench-bin", required=True)
    parser.add_argument("--name-server")
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    if not S.isolate():
        return 77
    S.any_address()
    told = {name: [] for name in OPTIONS}
    load = os.path.abspath(os.path.join(args.bench_bin, "bench_load"))
    with tempfile.TemporaryDirectory() as folder, names(args.name_server):
        case = observe.Case(os.path.abspath(args.bin), "", folder)
        for _ in range(args.rounds):
            for name, options in OPTIONS.items():
                told[name].append(one(case, load, options, args))
    print("| look-ups | us of a processor a client | with its program |\n| --- | --- | --- |")
    for name, rows in told.items():
        print(f"| {name} | {statistics.median(r[0] for r in rows):.0f} | {statistics.median(r[1] for r in rows):.0f} |")
    print(f"\nratio {ratio_of(told, 0)}; with the program {ratio_of(told, 1)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
