#!/usr/bin/env python3
"""What a person at a terminal gets, and nobody else: colour, and a bar for long work."""
import argparse
import os
import pty
import select
import subprocess
import sys
import tempfile

COLOR = b"\x1b["


class Terminal:
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(bin_dir, "postern")
        self.folder, self.failures = folder, 0

    def run(self, words, stdin=None, out_too=True, env=None):
        """What comes out on the terminal."""
        ours, theirs = pty.openpty()
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        process = subprocess.Popen([self.postern] + words, cwd=self.folder, stdin=source,
                                   stdout=theirs if out_too else subprocess.DEVNULL,
                                   stderr=theirs, env={**os.environ, **(env or {})})
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:  # the other side is closed
            pass
        process.wait(timeout=600)
        os.close(ours)
        return seen

    def watch(self, words, changes):
        """Starts a verb that runs until it is ended, and makes changes: what was seen."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([self.postern] + words, cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        try:
            for wanted, change in changes:
                seen = b""
                while wanted not in seen and select.select([ours], [], [], 20)[0]:
                    seen += os.read(ours, 65536)
                if wanted not in seen:
                    break
                change()
        finally:
            process.terminate()
            process.wait(timeout=600)
            os.close(ours)
        return wanted in seen

    def check(self, condition, text):
        if not condition:
            self.failures += 1
            print("FAILED", text)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data)
        return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as folder:
        t = Terminal(os.path.abspath(args.bin), folder)
        t.write("good.rules", b":allow\n")
        t.write("bad.rules", b":alow\n")
        one, bad = ["check", "good.rules", "::1"], ["compile", "bad.rules"]
        t.check(COLOR in t.run(one), "an answer is coloured")
        t.check(COLOR in t.run(bad), "a message is coloured")
        t.check(COLOR not in t.run(one, env={"NO_COLOR": "1"}), "NO_COLOR is obeyed")
        t.check(COLOR in t.run(one, env={"NO_COLOR": ""}), "an empty NO_COLOR is none")
        t.check(COLOR not in t.run(one + ["--color", "never"]), "--color never is obeyed")
        t.check(COLOR in t.run(one + ["--color=always"], env={"NO_COLOR": "1"}),
                "--color always outranks NO_COLOR")
        batch = ["check", "good.rules", "--batch"]
        t.check(not t.run(batch, stdin=t.write("few", b"::1\n"), out_too=False),
                "no bar for short work")
        lint = ["lint", "watched.rules"]
        t.write("watched.rules", b"postern: 1\nset s = file \"list\"\n$s : deny\n* : allow\n")
        t.write("list", b"10.0.0.0/8\n10.1.0.0/16\n")
        t.check(COLOR in t.run(lint), "findings are coloured")
        t.check(b" s\r\n" in t.run(lint), "how long it took is told")
        t.check(t.watch(lint + ["--watch"], [
            (b"P306", lambda: t.write("list", b"10.0.0.0/8\n")),
            (b"\x1b[2J", lambda: t.write("list", b"")),
            (b"P802", lambda: t.write("watched.rules", b"postern: 1\n10. : alow\n")),
            (b"P000", lambda: None)]), "files are watched")
    print(f"{t.failures} failures")
    return 1 if t.failures else 0


if __name__ == "__main__":
    sys.exit(main())
