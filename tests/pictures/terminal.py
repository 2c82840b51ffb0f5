#!/usr/bin/env python3
"""Draws commands as a terminal shows them: an SVG, and a PNG of it to look at.

    tests/pictures/terminal.py --bin build/release/bin --folder examples -o /tmp/a.svg \\
        --png 'postern check office.rules 10.1.2.3'

Each command runs in the folder (a copy of it, unless --here) under /bin/sh on a terminal of
--width columns. --png also writes NAME.png beside it, by rsvg-convert (Debian: librsvg2-bin),
in the light theme unless --theme dark.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import drawing
import session
from screen import Screen

HEIGHT = 50


def typed(command, width):
    """A command behind its prompt, on as many lines as it takes."""
    screen = Screen(width)
    for style, text in ((drawing.PROMPT, "$ "), (drawing.TYPED, command)):
        screen.style = style
        for letter in text:
            screen.put(letter)
    return screen.lines


def shown(commands, folder, bin_dir, width, *, hide=(), more=None, keys=None):
    """The lines of a session. `hide` are (pattern, text) for what is another one each time."""
    env = session.environment(bin_dir, width, HEIGHT, more)
    lines = []
    for command in commands:
        if lines:
            lines.append([])
        lines += typed(command, width)
        _, got = session.run(command, folder, env, keys)
        for pattern, text in hide:
            got = re.sub(pattern, text, got)
        screen = Screen(width)
        screen.feed(got)
        while screen.lines and not screen.lines[-1]:
            screen.lines.pop()
        lines += screen.lines
    return lines


def to_png(svg, png, zoom=2.0):
    """By whatever draws SVG here; it is no part of the tests."""
    subprocess.run(["rsvg-convert", "-z", str(zoom), "-o", png, svg], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--folder", default=".", help="where the commands run")
    parser.add_argument("--here", action="store_true", help="in it, and not in a copy")
    parser.add_argument("--width", type=int, default=88, help="columns (88)")
    parser.add_argument("--title", default="postern")
    parser.add_argument("--theme", choices=["light", "dark", "both"], default="both")
    parser.add_argument("--png", action="store_true")
    parser.add_argument("--keys", action="append", help="typed when nothing more comes out")
    parser.add_argument("-o", "--output", required=True, metavar="NAME.svg")
    parser.add_argument("commands", nargs="+")
    args = parser.parse_args()
    keys = [k.encode().decode("unicode_escape").encode() for k in args.keys or ()]
    with tempfile.TemporaryDirectory() as work:
        folder = args.folder
        if not args.here:
            folder = os.path.join(work, "in")
            shutil.copytree(args.folder, folder)
        lines = shown(args.commands, folder, os.path.abspath(args.bin), args.width, keys=keys)
    with open(args.output, "w", encoding="utf-8") as out:
        out.write(drawing.terminal(lines, args.width, args.title, args.theme))
    if args.png:
        to_png(args.output, os.path.splitext(args.output)[0] + ".png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
