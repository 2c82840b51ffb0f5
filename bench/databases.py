#!/usr/bin/env python3
"""Rows a second of a core: the functions of PostgreSQL and SQLite, and what else answers the same
question there, a join over ip4r's GiST index. The policy denies so many networks, none within
another; rows are a million addresses, half of them denied. What counts is the processor's time of the
backend, or of the shell, without that of a scan which asks nothing; the best of three.
"""
import argparse
import contextlib
import ipaddress
import os
import random
import resource
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "integration"), os.path.join(ROOT, "tests", "support")]
import postgresql_server  # noqa: E402
import sql_world as W  # noqa: E402

LEAST = 1e-3  # seconds: nothing is faster than that
ROUNDS = 3


def networks(count, rng):
    """So many /24, in no order, of 10.0.0.0 and what follows."""
    chosen = rng.sample(range(1 << 17), count)
    return [ipaddress.ip_network((0x0A000000 + (n << 8), 24)) for n in chosen]


def addresses(blocked, count, rng):
    for _ in range(count // 2):
        yield str(rng.choice(blocked)[rng.randrange(256)])
        yield str(ipaddress.IPv4Address(rng.getrandbits(32)))


def processor(pid):
    """Seconds that it has run, to the nanosecond."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as stat:
        return int(stat.read().split()[0]) / 1e9


def in_postgresql(session, asks, rows):
    """Rows a second of each, and the count that each gave."""
    pid = int(session.ask("SELECT pg_backend_pid()")[0])
    best, told = {}, {}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            start = processor(pid)
            told[name] = int(session.ask(ask)[0])
            best[name] = min(best.get(name, 1e9), processor(pid) - start)
    return {name: rows / max(best[name] - best["scan"], LEAST) for name in asks if name != "scan"}, told


def postgresql(server, blocked, path, rows):
    with server.session() as session:
        session.ask("CREATE EXTENSION IF NOT EXISTS ip4r; DROP TABLE IF EXISTS asked, blocked")
        session.ask("CREATE TABLE asked (client inet, address ip4); "
                    f"COPY asked (client) FROM '{path}'; UPDATE asked SET address = host(client)::ip4; "
                    "VACUUM FULL asked")
        values = ", ".join(f"('{network}')" for network in blocked)
        session.ask(f"CREATE TABLE blocked (range ip4r); INSERT INTO blocked VALUES {values}; "
                    "CREATE INDEX ON blocked USING gist (range); ANALYZE")
        session.ask("SET enable_seqscan = on; SET max_parallel_workers_per_gather = 0")
        asks = {
            "scan": "SELECT count(client) FROM asked",
            "postern_allows()": "SELECT count(*) FROM asked WHERE NOT postern_allows('measured', client)",
            "postern_allows() with a host": "SELECT count(*) FROM asked WHERE NOT "
                                            "postern_allows('measured', client, 'mx.example.org')",
            "postern_decide()": "SELECT count(*) FROM asked WHERE "
                                "(postern_decide('measured', client)).verdict = 'deny'",
            "a join over ip4r": "SELECT count(*) FROM asked a WHERE EXISTS "
                                "(SELECT FROM blocked b WHERE b.range >>= a.address)"}
        plan = session.ask("EXPLAIN " + asks["a join over ip4r"])
        assert any("blocked_range_idx" in line for line in plan), plan
        return in_postgresql(session, asks, rows)


def shell(extension, folder, database, ask):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["sqlite3", "-cmd", f".load {extension}", database, ask], capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "POSTERN_POLICY_FOLDER": folder}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sqlite(args, server, path, rows):
    database = os.path.join(server.folder, "asked.db")
    subprocess.run(["sqlite3", database, "DROP TABLE IF EXISTS asked", "CREATE TABLE asked (client TEXT)", f".import {path} asked"], check=True)
    asks = {"scan": "SELECT count(client) FROM asked",
            "postern() of SQLite": "SELECT count(*) FROM asked WHERE postern('measured', client) = 'deny'"}
    best, told = {}, {}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            told[name], spent = shell(args.extension, server.policies, database, ask)
            best[name] = min(best.get(name, 1e9), spent)
    return {name: rows / max(best[name] - best["scan"], LEAST) for name in asks if name != "scan"}, told


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="with bin and runtime")
    parser.add_argument("--extension", required=True, help="mod_postern of SQLite, without its ending")
    parser.add_argument("--originals", help="where Debian's packages are unpacked; else they are installed")
    parser.add_argument("--rows", type=int, default=1000000)
    args = parser.parse_args()
    args.build, args.update = os.path.abspath(args.build), False
    args.extension = os.path.abspath(args.extension)
    rng = random.Random(40)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        try:
            server = stack.enter_context(postgresql_server.Server(folder, args))
        except postgresql_server.Unavailable as why:
            print(f"SKIPPED: {why}")
            return 77
        print("| networks | who answers | million rows a second of a core |\n| ---: | --- | ---: |")
        for count in (100, 10000, 100000):
            blocked = networks(count, rng)
            path = os.path.join(folder, "asked.tsv")
            with open(path, "w", encoding="ascii") as out:
                out.writelines(address + "\n" for address in addresses(blocked, args.rows, rng))
            W.write(os.path.join(server.policies, "measured"), server.compiled(
                "=.example.org : allow\n" + "".join(f"{network} : block\n" for network in blocked) + "* : allow\n"))
            speeds, told = postgresql(server, blocked, path, args.rows)
            more, also = sqlite(args, server, path, args.rows)
            answers = {n for name, n in {**told, **also}.items() if name != "scan"}
            assert len(answers) == 1, (told, also)
            for name, speed in {**speeds, **more}.items():
                print(f"| {count:,} | {name} | {speed / 1e6:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
