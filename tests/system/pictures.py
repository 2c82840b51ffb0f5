#!/usr/bin/env python3
"""Pictures by their pixels: the share of each colour is what stats says."""
import argparse
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

POLICY = """postern: 1
0.0.0.0/2 : deny
10.0.0.0/8 : allow
100.64.0.0/10 : deny
192.168.0.0/16 : deny
224.0.0.0/4 : deny
2001:db8::/32 : deny
* : allow
"""


def png(path):
    """The palette and the rows of an 8-bit picture that has one."""
    with open(path, "rb") as source:
        data = source.read()
    at, palette, packed, width = 8, [], b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
        if kind == b"IHDR":
            width = struct.unpack(">I", body[:4])[0]
        elif kind == b"PLTE":
            palette = [body[n:n + 3].hex() for n in range(0, size, 3)]
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    raw, rows, before = zlib.decompress(packed), [], bytes(width)
    for n in range(0, len(raw), width + 1):
        line = bytearray(raw[n + 1:n + 1 + width])
        for x in range(width):
            left, up = line[x - 1] if x else 0, before[x]
            corner = before[x - 1] if x else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda p, g=guess: abs(g - p))
            line[x] = (line[x] + (0, left, up, (left + up) // 2, paeth)[raw[n]]) & 255
        before = bytes(line)
        rows.append(before)
    return palette, rows


def shares(path):
    palette, rows = png(path)
    counts = {}
    for row in rows:
        for pixel in row:
            counts[palette[pixel]] = counts.get(palette[pixel], 0) + 1
    return counts


def svg_shares(path):
    with open(path, encoding="utf-8") as source:
        text = source.read()
    return {color: sum(int(n) for n in re.findall(r"h(\d+)v1", drawn))
            for color, drawn in re.findall(r'fill="#(\w+)" d="([^"]*)"', text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    postern = os.path.join(os.path.abspath(parser.parse_args().bin), "postern")
    failures = []

    def run(*words):
        done = subprocess.run([postern, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            failures.append(f"{words}: {done.stderr}")
        return done.stdout

    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        with open("p.rules", "w", encoding="ascii") as out:
            out.write(POLICY)
        with open("q.rules", "w", encoding="ascii") as out:
            out.write(POLICY.replace("10.0.0.0/8 : allow", "10.0.0.0/8 : deny")
                      .replace("224.0.0.0/4 : deny", '224.0.0.0/4 : allow, A="1"'))
        stats = json.loads(run("stats", "p.rules", "--format", "json"))
        allowed, denied = (int(stats[k]["ipv4"]) >> 16 for k in ("allowed", "denied"))
        legend = run("map", "p.rules", "-o", "p.png")
        run("map", "p.rules", "-o", "p.svg")
        wanted = {"2e8b57": allowed, "c0392b": denied}
        for name, got in (("png", shares("p.png")), ("svg", svg_shares("p.svg"))):
            if got != wanted:
                failures.append(f"{name}: {got}, not {wanted}")
        if f"denied: {denied} of 65536 cells" not in legend:
            failures.append(f"the legend is {legend}")
        # 10.0.0.0/8 by itself is one colour; a quarter of 0.0.0.0/0 is where it belongs
        run("map", "p.rules", "-o", "z.png", "--prefix", "10.0.0.0/8", "--order", "4")
        if shares("z.png") != {"2e8b57": 256}:
            failures.append(f"zoomed: {shares('z.png')}")
        palette, rows = png("p.png")
        if {palette[rows[y][x]] for y in range(64) for x in range(48)} != {"c0392b"}:
            failures.append("0.0.0.0/2 is not in the first corner")
        run("map", "p.rules", "q.rules", "-o", "d.png")
        wanted = {"ffffff": 65536 - 256 - 4096, "8e1b10": 256, "1e90ff": 4096}
        if shares("d.png") != wanted:
            failures.append(f"change: {shares('d.png')}, not {wanted}")
        run("map", "p.rules", "-o", "m.png", "--order", "4")
        if shares("m.png").get("9a9a9a") != 2:  # 192.168.0.0/16, 10.0.0.0/8 is a cell of its own
            failures.append(f"mixed: {shares('m.png')}")
        run("map", "p.rules", "-o", "6.png", "--prefix", "2001:db8::/30", "--order", "2")
        if shares("6.png") != {"2e8b57": 12, "c0392b": 4}:
            failures.append(f"IPv6: {shares('6.png')}")
        os.chdir("/")
    for text in failures:
        print("FAILED", text)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
