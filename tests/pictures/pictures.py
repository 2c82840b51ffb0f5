#!/usr/bin/env python3
"""The pictures of docs/pictures are what comes out today. With --update they are made anew, to
be looked at: tests/pictures/view.py makes a PNG of one, also as others see its colours."""
import argparse
import os
import shutil
import sys
import tempfile

import drawing
import terminal
from scenes import DRAWN, TERMINALS

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
PICTURES = os.path.join(ROOT, "docs", "pictures")
HIDE = [(rb"\d+\.\d+ s\b", b"0.01 s")]  # how long something took


def folder_of(scene, work):
    """A copy of examples/, and what else the scene has."""
    folder = os.path.join(work, "in")
    shutil.copytree(os.path.join(ROOT, "examples"), folder)
    for name, text in scene.get("files", {}).items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
    return folder


def plain(lines):
    return ["".join(cell.text for cell in line) for line in lines]


def made(bin_dir, fail):
    """(name, bytes) of each picture."""
    for name, scene in TERMINALS.items():
        with tempfile.TemporaryDirectory() as work:
            folder = folder_of(scene, work)
            lines, without = (terminal.shown(scene["commands"], folder, bin_dir, scene["width"],
                                             hide=HIDE, more=more)
                              for more in ({}, {"NO_COLOR": "1"}))
        if plain(lines) != plain(without):
            fail(f"{name}: something is told by its colour alone")
        yield name, drawing.terminal(lines, scene["width"], scene["title"]).encode()
    for name, scene in DRAWN.items():
        with tempfile.TemporaryDirectory() as work:
            folder = folder_of(scene, work)
            terminal.shown(scene["commands"], folder, bin_dir, 80)
            with open(os.path.join(folder, name), "rb") as source:
                yield name, source.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    faults, names = [], set()
    os.makedirs(PICTURES, exist_ok=True)
    for name, content in made(os.path.abspath(args.bin), faults.append):
        path = os.path.join(PICTURES, name)
        names.add(name)
        have = None
        if os.path.exists(path):
            with open(path, "rb") as source:
                have = source.read()
        if have == content:
            continue
        if args.update:
            with open(path, "wb") as out:
                out.write(content)
            print("wrote", os.path.relpath(path, ROOT))
        else:
            faults.append(f"{os.path.relpath(path, ROOT)} is not what comes out today: "
                          "tests/pictures/pictures.py --update")
    # those of editors are held to what they show by tests/integration/editor_sessions.py
    for name in sorted(set(os.listdir(PICTURES)) - names - {"editors"}):
        faults.append(f"docs/pictures/{name} is made by nothing")
    for fault in faults:
        print("FAILED", fault)
    print(f"{len(names)} pictures, {len(faults)} failures")
    return 1 if faults or not names else 0


if __name__ == "__main__":
    sys.exit(main())
