#!/usr/bin/env python3
"""Replay of a log: the same answers as the original tcprulescheck, in constant memory."""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

RULES = """127.:allow,RELAYCLIENT=""
10.1.:allow,RELAYCLIENT=""
10.1.128-255.:deny
=mx.example.com:allow,TAG="mx"
=.dialup.example:deny
joe@192.0.2.7:deny
192.0.2.:allow,NET="2"
:allow
"""
OTHER = RULES.replace("10.1.128-255.:deny", "10.1.128-191.:deny").replace('NET="2"', 'NET="3"')


def make_log(path, count, seed=5):
    rng = random.Random(seed)
    hosts = ["", "mx.example.com", "a.dialup.example", "other.example"]
    with open(path, "w", encoding="ascii") as out:
        for n in range(count):
            address = rng.choice((f"10.1.{rng.randrange(256)}.{rng.randrange(256)}",
                                  f"192.0.2.{rng.randrange(256)}",
                                  ".".join(str(rng.randrange(256)) for _ in range(4))))
            if n % 7 == 0:
                out.write(f"@4000 tcpserver: status: {n % 40}/40\n")
            out.write(f"@4000 tcpserver: {rng.choice(('ok', 'deny'))} {n} l:192.0.2.1:25 "
                      f"{rng.choice(hosts)}:{address}:{rng.choice(('', 'joe'))}:{n % 60000}\n")


def connections(path):
    with open(path, encoding="ascii") as log:
        for line in log:
            words = line.split("tcpserver: ")[1].split()
            if words[0] in ("ok", "deny"):
                host, address, ident, _ = words[3].split(":")
                yield host, address, ident


def original(binary, cdb, query):
    """What the original says: its verdict and its environment."""
    env = {"TCPREMOTEIP": query[1]}
    if query[0]:
        env["TCPREMOTEHOST"] = query[0]
    if query[2]:
        env["TCPREMOTEINFO"] = query[2]
    done = subprocess.run([binary, cdb], env=env, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    deny = any("deny connection" in line for line in lines)
    return (True,) if deny else (False,) + tuple(
        sorted(line for line in lines if "set environment" in line))


def several(postern):
    """A log of several services: all of them, or the one that is named."""
    lines = [f"Mar  1 12:00:00 host {line}\n" for line in (
        "in.ftpd[7]: connect from 10.1.200.1 (10.1.200.1)", "sshd[7]: Accepted password for a from 10.1.200.2 port 1 ssh2",
        "xinetd[7]: START: ftp pid=9 from=10.1.0.1", "kernel: up", "in.ftpd[7]: refused connect from ::1 (::1)",
        "cron[7]: (root) CMD (x)", "in.ftpd[8]: connect from mx.example.com")]
    lines.append("tcpserver: ok 7 l:192.0.2.1:25 :10.1.200.3::4\n")
    with open("several", "w", encoding="ascii") as out:
        out.writelines(lines)
    failures = []
    for words, connections, changed in (([], 5, 3), (["--service", "in.ftpd"], 3, 2), (["--service", "sshd"], 2, 2),
                                        (["--service", "ftp"], 2, 1), (["--service", "none"], 1, 1)):
        done = subprocess.run([postern, "replay", "old.cdb", "new.rules", "several", "--format", "json", *words],
                              capture_output=True, text=True, check=False)
        told = json.loads(done.stdout)
        if (told["connections"], told["changed"], done.returncode) != (connections, changed, 1):
            failures.append(f"of several services {words}: {told} {done.stderr}")
    return failures


def peak(postern, size):
    """KiB that a replay of at least so many bytes of the log takes, by time(1)."""
    with open("big", "wb") as out, open("log", "rb") as log:
        while out.tell() < size:
            log.seek(0)
            shutil.copyfileobj(log, out)
    done = subprocess.run(["/usr/bin/time", "-f", "%M", postern, "replay", "old.cdb", "new.cdb", "big"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return int(done.stderr.split()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--sample", type=int, default=400)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    checker = os.path.join(os.path.abspath(args.originals), "ucspi-tcp/usr/bin/tcprulescheck")
    failures = []
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name, text in (("old", RULES), ("new", OTHER)):
            with open(name + ".rules", "w", encoding="ascii") as out:
                out.write(text)
            subprocess.run([postern, "compile", name + ".rules"], check=True)
        make_log("log", args.count)
        emitted = {}
        for jobs in ("1", "3"):
            done = subprocess.run([postern, "replay", "--emit", "-j", jobs, "old.cdb", "new.rules",
                                   "log"], capture_output=True, text=True, check=False)
            emitted[jobs] = done.stdout.splitlines()
        if emitted["1"] != emitted["3"]:
            failures.append("the order depends on the number of cores")
        queries = list(connections("log"))
        if len(emitted["1"]) != len(queries):
            failures.append(f"{len(emitted['1'])} lines for {len(queries)} connections")
        rng = random.Random(1)
        for n in rng.sample(range(len(queries)), min(args.sample, len(queries))):
            old, new = (original(checker, cdb, queries[n]) for cdb in ("old.cdb", "new.cdb"))
            effect = ("same" if old == new else "loses" if new[0] and not old[0]
                      else "gains" if old[0] and not new[0] else "other")
            fields = emitted["1"][n].split("\t")
            if fields[0] != effect or fields[1] != ("deny" if old[0] else "allow") or \
                    fields[2] != ("deny" if new[0] else "allow") or fields[3] != queries[n][1]:
                failures.append(f"{queries[n]}: {fields}, not {effect} {old} {new}")
        report = json.loads(subprocess.run(
            [postern, "replay", "old.cdb", "new.rules", "log", "--format", "json"],
            capture_output=True, text=True, check=False).stdout)
        counted = sum(not line.startswith("same") for line in emitted["1"])
        if report["changed"] != counted or report["connections"] != len(queries):
            failures.append(f"the report counts {report['changed']}, not {counted}")
        if sum(pair["count"] for pair in report["pairs"]) != counted:
            failures.append("pairs do not add up")
        weighed = json.loads(subprocess.run(
            [postern, "diff", "--weigh", "log", "--format", "json", "old.cdb", "new.rules"],
            capture_output=True, text=True, check=False).stdout)
        if weighed["weighed"] != len(queries) or \
                sum(region["weight"] for region in weighed["regions"]) != counted:
            failures.append("what diff weighs is not what replay counts")
        failures += several(postern)
        memory = [peak(postern, size) for size in (2 << 20, 32 << 20)]
        if memory[1] > memory[0] * 1.2 + 2048:
            failures.append(f"memory grows with the log: {memory} KiB")
    for text in failures[:20]:
        print("FAILED", text)
    print(f"{len(queries)} connections, {args.sample} asked of the original, "
          f"{memory[1]} KiB, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
