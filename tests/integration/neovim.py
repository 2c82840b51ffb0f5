#!/usr/bin/env python3
"""Neovim, as Debian has it, without a screen: errors, hover, definition, completion, a rename
over an include, and the layout, by the language server."""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {"a.rules": 'postern: 1\ninclude "inc.rules"\n$office : alow\n* : deny\n',
         "inc.rules": "postern: 1\nset office = 10.1.0.0/16\n"}
STEPS = 9


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w", encoding="ascii") as out:
                out.write(text)
        script = os.path.join(HERE, "neovim.lua")
        done = subprocess.run(
            ["/usr/bin/nvim", "--headless", "--clean", "-i", "NONE", "-n", "-c",
             f"luafile {script}"], cwd=folder, capture_output=True, text=True, timeout=300,
            env={**os.environ, "POSTERN": os.path.join(os.path.abspath(args.bin), "postern")},
            check=False)
    said = done.stdout + done.stderr
    steps = said.count("ok ")
    if done.returncode or steps != STEPS or "FAILED" in said:
        print(said)
        print(f"neovim: {steps} of {STEPS} steps")
        return 1
    print(f"neovim: {steps} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
