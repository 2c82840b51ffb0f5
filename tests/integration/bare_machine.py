#!/usr/bin/env python3
"""The commands of README.md as a newcomer gives them: on a bare Debian with nothing but git and
a shell, from a clone in root's own closed home. The Debian is made by debootstrap from where
this machine has its packages, in a folder, and is gone afterwards.
"""
import argparse
import subprocess
import sys

import debian_root


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", default="demo", help="of ./dev")
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    args = parser.parse_args()
    with debian_root.debian(args.root) as root:
        debian_root.clone(root)
        done = debian_root.inside(root, ["sh", "-c", f"cd && cd postern && ./dev {args.command}"],
                                  capture_output=True, stdin=subprocess.DEVNULL)
        fine = done.returncode == 0
        if not fine:
            sys.stdout.buffer.write(done.stdout + done.stderr)
        if args.command == "demo":
            fine = fine and b"hello 127.0.0.1, this machine" in done.stdout
        print(f"{int(fine)} passed, {int(not fine)} failed")
        return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
