#!/usr/bin/env python3
"""The terminal of the pictures: what bytes come to, and that the picture holds all of it."""
import re
import sys
import tempfile
import xml.etree.ElementTree

import drawing
import session
import terminal
from screen import PLAIN, Screen

# bytes, and the lines that a terminal of eight columns shows
TEXTS = [
    (b"", [""]),
    (b"one\r\ntwo", ["one", "two"]),
    (b"one\ntwo", ["one", "   two"]),
    (b"0123456789", ["01234567", "89"]),
    (b"01234567", ["01234567"]),
    (b"50%\r\x1b[Kdone", ["done"]),
    (b"50%\r\x1b[2Kdone", ["done"]),
    (b"a long\rno", ["nolong"]),
    (b"abc\x1b[1Kd", ["   d"]),
    (b"abcd\x1b[2D\x1b[1KX", ["  Xd"]),
    (b"up\r\n\x1b[Aover", ["over", ""]),
    (b"a\tb", ["a      b"]),
    (b"ab\bc", ["ac"]),
    (b"\x1b]0;title\x07x", ["x"]),
    (b"\x1b]8;;http://a\x1b\\x\x1b]8;;\x1b\\", ["x"]),
    (b"\x1b(Bx\x1b=y", ["xy"]),
    (b"\x1b[?25lx\x1b[>4;1m", ["x"]),
    (b"\x07\x00\x7fx", ["x"]),
    ("漢字".encode() + b"x", ["漢字x"]),
    ("0123456漢".encode(), ["0123456", "漢"]),
    ("e\u0301x".encode(), ["e\u0301x"]),
    (b"\xff", ["\ufffd"]),
    (b"a\x1b[31", ["a31"]),
    (b"\x1b[2Jnew", ["new"]),
    (b"\x1b[3Cx", ["   x"]),
]

# parameters of an SGR sequence, and the style after it
STYLES = [
    ("1", PLAIN._replace(bold=True)),
    ("1;22", PLAIN),
    ("2;4", PLAIN._replace(dim=True, underline=True)),
    ("31", PLAIN._replace(fore=1)),
    ("91;44", PLAIN._replace(fore=9, back=4)),
    ("107", PLAIN._replace(back=15)),
    ("7;27", PLAIN),
    ("38;5;3", PLAIN._replace(fore=3)),
    ("38;5;208;1", PLAIN._replace(fore="#ff8700", bold=True)),
    ("38;5;232", PLAIN._replace(fore="#080808")),
    ("48;2;1;2;3", PLAIN._replace(back="#010203")),
    ("38;5", PLAIN),
    ("38;2;1", PLAIN),
    ("31;39", PLAIN),
    ("1;31;0", PLAIN),
    ("1;", PLAIN),
    ("", PLAIN),
    ("4;9;3", PLAIN._replace(underline=True, strike=True, italic=True)),
]

PICTURE = (b"<&>\"'\x1b[1;31mred\x1b[0m \x1b[38;5;208mown\x1b[0m \x1b[7mback\x1b[0m\r\n"
           b"\x1b[42m  \x1b[0m" + "漢".encode() + b"x\x1b[2m dim\x1b[0m")


def text_of(screen):
    return ["".join(cell.text for cell in line) for line in screen.lines]


def check_screen(fail):
    for data, want in TEXTS:
        screen = Screen(8)
        screen.feed(data)
        if text_of(screen) != want:
            fail(f"{data!r}: {text_of(screen)}, not {want}")
    for parameters, want in STYLES:
        screen = Screen(8)
        screen.feed(f"\x1b[{parameters}mx".encode())
        if screen.lines[0][0].style != want:
            fail(f"SGR {parameters}: {screen.lines[0][0].style}")


def check_drawing(fail):
    screen = Screen(20)
    screen.feed(PICTURE)
    for theme in ("light", "dark", "both"):
        drawn = drawing.terminal(screen.lines, 20, "a <title>", theme)
        root = xml.etree.ElementTree.fromstring(drawn)
        texts = [(t.text, float(t.get("x")), float(t.get("textLength")))
                 for t in root.iter("{http://www.w3.org/2000/svg}text") if t.get("textLength")]
        unit, first = drawing.CELL_WIDTH, drawing.MARGIN
        want = [("<&>\"'", 0, 5), ("red", 5, 3), ("own", 9, 3), ("back", 13, 4), ("漢", 2, 2),
                ("x", 4, 1), ("dim", 6, 3)]
        got = [(text, round((x - first) / unit), round(long / unit)) for text, x, long in texts]
        if got != want:
            fail(f"{theme}: {got}")
        for name in ("f1", "m", "n", "b2", "back"):  # what is used is in the style sheet
            if f".{name}{{" not in drawn:
                fail(f"{theme}: no {name}")
        if ".f5{" in drawn or re.search(r"(href|url\(|@import|<script)", drawn):
            fail(f"{theme}: the picture is not small, or not whole in itself")


def check_session(fail):
    with tempfile.TemporaryDirectory() as folder:
        env = session.environment("/nowhere", 44, 20)
        cases = [("stty size <&1", None, b"20 44\r\n", 0), ("exit 3", None, b"", 3),
                 ("test -t 1 && test -t 2 && ! test -t 0 && echo $TERM$COLUMNS", None,
                  b"xterm-256color44\r\n", 0),
                 ("stty -echo; read a; echo =$a", [b"typed\n"], b"=typed\r\n", 0)]
        for command, keys, want, status in cases:
            got = session.run(command, folder, env, keys)
            if got != (status, want):
                fail(f"{command}: {got}")
        lines = terminal.shown(["echo 1.5 s", "printf 'a\\n\\n\\n'"], folder, "/nowhere", 30,
                               hide=[(rb"\d+\.\d+ s", b"0.00 s")])
        got = ["".join(cell.text for cell in line) for line in lines]
        if got != ["$ echo 1.5 s", "0.00 s", "", "$ printf 'a\\n\\n\\n'", "a"]:
            fail(f"session: {got}")


def main():
    failures = []
    for check in (check_screen, check_drawing, check_session):
        check(failures.append)
    for text in failures:
        print("FAILED", text)
    print(f"{len(TEXTS) + len(STYLES)} texts, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
