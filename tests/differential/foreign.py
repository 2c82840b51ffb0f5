#!/usr/bin/env python3
"""tcprulescheck on cdb files that no tcprules wrote: odd values, odd keys, odd order."""
import argparse
import os
import random
import struct
import subprocess
import sys
import tempfile

KEYS = [b"1.2.3.4", b"1.2.3.", b"1.2.", b"1.", b"", b"=", b"=a.b", b"=.b", b"j@1.2.3.4",
        b"j@=a.b", b"@1.2.3.4", b"::1", b":", b"1.2.3.4:", b"\0x", b"=.", b"1"]
ITEMS = [b"D", b"+A=1", b"+A=", b"+=", b"+", b"", b"DX", b"X", b"+A", b"+A=1=2", b"D=",
         b"+B=\xff\n", b"+D=D", b" D"]


def cdb_hash(key):
    value = 5381
    for byte in key:
        value = ((value * 33) & 0xffffffff) ^ byte
    return value


def write_cdb(path, records, spare):
    """A cdb as the format allows it: tables with `spare` times the slots they need."""
    body, tables = bytearray(2048), [[] for _ in range(256)]
    for key, value in records:
        tables[cdb_hash(key) % 256].append((cdb_hash(key), len(body)))
        body += struct.pack("<II", len(key), len(value)) + key + value
    for number, entries in enumerate(tables):
        slots = [(0, 0)] * (len(entries) * spare)
        for value, position in entries:
            at = value // 256 % len(slots)
            while slots[at][1]:
                at = (at + 1) % len(slots)
            slots[at] = (value, position)
        struct.pack_into("<II", body, number * 8, len(body), len(slots))
        for slot in slots:
            body += struct.pack("<II", *slot)
    with open(path, "wb") as out:
        out.write(body)


def value(r):
    items = [r.choice(ITEMS) for _ in range(r.randrange(4))]
    return b"".join(item + b"\0" for item in items) + r.choice([b"", b"", b"", b"D", b"+Z=1"])


def query(r):
    env = {}
    if r.random() < 0.9:
        env["TCPREMOTEIP"] = r.choice(["1.2.3.4", "1.2.3.9", "1.9", "::1", "", "1.2.3.4:5",
                                       "x", ".", "1..2"])
    if r.random() < 0.5:
        env["TCPREMOTEHOST"] = r.choice(["a.b", "x.b", "", ".", "a.", "b"])
    if r.random() < 0.5:
        env["TCPREMOTEINFO"] = r.choice(["j", "", "k"])
    return env


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=100)
    args = parser.parse_args()
    ours = os.path.join(os.path.abspath(args.bin), "tcprulescheck")
    patched = os.path.join(os.path.abspath(args.originals),
                           "ucspi-tcp-ipv6/usr/bin/tcprulescheck")
    r = random.Random(11)
    failures = queries = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "foreign.cdb")
        for _ in range(args.count):
            records = [(r.choice(KEYS), value(r)) for _ in range(r.randrange(25))]
            write_cdb(path, records, r.choice((1, 2, 3)))
            for _ in range(8):
                env = query(r)
                got, want = (subprocess.run([tool, path], env=env, capture_output=True,
                                            check=False, timeout=300)
                             for tool in (ours, patched))
                queries += 1
                if (got.returncode, got.stdout) != (want.returncode, want.stdout):
                    failures += 1
                    print(f"FAILED {records} {env}: {got.stdout} for {want.stdout}")
    print(f"{queries} queries, {failures} failures")
    return 1 if failures or not queries else 0


if __name__ == "__main__":
    sys.exit(main())
