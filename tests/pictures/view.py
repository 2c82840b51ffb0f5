#!/usr/bin/env python3
"""Makes PNG of pictures, to look at: as they are, and as they are seen without one kind of cone,
or in grey (tests/pictures/colors.py).

    tests/pictures/view.py docs/pictures/map.svg -o /tmp/look --kind deuteranopia

An SVG is drawn by rsvg-convert (Debian: librsvg2-bin), a PNG taken as it is.
"""
import argparse
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import colors

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def unfiltered(raw, width, pixel):
    """The rows of a picture without the guesses that PNG makes of each byte."""
    stride, before = width * pixel, bytes(width * pixel)
    for start in range(0, len(raw), stride + 1):
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for x in range(stride if kind else 0):
            left, up = line[x - pixel] if x >= pixel else 0, before[x]
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            else:
                corner = before[x - pixel] if x >= pixel else 0
                about = left + up - corner
                guess = min((left, up, corner), key=lambda p, a=about: abs(a - p))
            line[x] = (line[x] + guess) & 255
        before = bytes(line)
        yield before


def read(path):
    """(width, height, rows of red, green and blue) of a PNG with eight bits a channel."""
    with open(path, "rb") as source:
        data = source.read()
    at, palette, packed, head = 8, b"", b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if zlib.crc32(kind + body) != struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]:
            raise ValueError(f"{path}: {kind} is damaged")
        head = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else head
        palette = body if kind == b"PLTE" else palette
        packed += body if kind == b"IDAT" else b""
        at += size + 12
    width, height, depth, color = head[:4]
    if depth != 8 or head[6]:
        raise ValueError(f"{path}: a PNG of another kind")
    pixel, rows = CHANNELS[color], []
    for line in unfiltered(zlib.decompress(packed), width, pixel):
        if color == 3:
            line = b"".join(palette[3 * n:3 * n + 3] for n in line)
        elif pixel != 3:
            line = b"".join(line[x:x + 3] if pixel == 4 else line[x:x + 1] * 3
                            for x in range(0, len(line), pixel))
        rows.append(line)
    return width, height, rows


def write(path, width, height, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" +
                  chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) +
                  chunk(b"IEND", b""))


def seen(rows, kind):
    """The same as one kind of viewer sees it."""
    known = {}
    for row in rows:
        out = bytearray()
        for x in range(0, len(row), 3):
            color = row[x:x + 3]
            if color not in known:
                known[color] = bytes(colors.seen(color, kind))
            out += known[color]
        yield bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("-o", "--output", default=".", metavar="FOLDER")
    parser.add_argument("--kind", choices=[*colors.KINDS, "all"], default="usual")
    parser.add_argument("--zoom", type=float, default=1.0)
    args = parser.parse_args()
    os.makedirs(args.output, exist_ok=True)
    kinds = colors.KINDS if args.kind == "all" else [args.kind]
    for picture in args.pictures:
        base = os.path.splitext(os.path.basename(picture))[0]
        with tempfile.TemporaryDirectory() as work:
            png = picture
            if picture.endswith(".svg"):
                png = os.path.join(work, "picture.png")
                subprocess.run(["rsvg-convert", "-z", str(args.zoom), "-b", "white", "-o", png,
                                picture], check=True)
            width, height, rows = read(png)
            for kind in kinds:
                name = os.path.join(args.output, f"{base}-{kind}.png")
                write(name, width, height, seen(rows, kind))
                print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
