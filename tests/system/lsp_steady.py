#!/usr/bin/env python3
"""The language server over long sessions: its memory stays what it was, whatever is typed, opened,
closed and asked; and it ends with its editor, also in the midst of a look, and of one that was
killed without a word."""
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), HERE]
import language_client as client  # noqa: E402
import lsp  # noqa: E402
from checks import Checks  # noqa: E402

FRESH = 60 # edits of a text, before it is as it was
SLACK_KIB = 1024 # what fragments, whatever is done
TEXTS = {"steady.rules": 'postern: 1\ninclude "s_inc.rules"\nset l = file "s_list.txt"\n'
                         '$a, $l : deny, A="1" # \U0001f600\n10.0.0.0/8 : allow\n* : deny\n',
         "s_inc.rules": "postern: 1\nset a = 10.0.0.1, =.x.example\n",
         "s_list.txt": "".join(f"192.0.{i // 200}.{i % 200}\n" for i in range(2000)),
         "old.rules": "10.:allow\n=.example:deny\n:allow\n"}


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def is_sanitized(program):
    """What is freed is kept for a while there, to find who reads it: sizes say nothing."""
    with open(program, "rb") as binary:
        return b"__asan_init" in binary.read()


def gone(pid, seconds=60):
    """Does a process end that is not ours?"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                if stat.read().rsplit(") ", 1)[1][0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


class Steady(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder = folder
        self.shared = lsp.Tests(bin_dir, folder) # for its edits and requests

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as out:
            out.write(text)
        return self.path(name)

    def edits(self, count, seed):
        draw = random.Random(seed)
        for name, text in TEXTS.items():
            self.put(name, text)
        server = client.Client(self.postern, self.folder)
        server.begin()
        texts = dict(TEXTS)
        uris = {name: server.open(self.path(name), text, "postern-list" if name.endswith("txt") else "postern")
                for name, text in texts.items()}
        sizes = []
        for step in range(count):
            name = draw.choice(list(texts))
            texts[name] = self.shared.edit(server, draw, uris[name], texts[name], False, name == "old.rules")
            if step % FRESH == FRESH - 1:
                for name in texts:
                    texts[name] = TEXTS[name]
                    server.notify("textDocument/didClose", {"textDocument": {"uri": uris[name]}})
                    server.open(self.path(name), TEXTS[name],
                                "postern-list" if name.endswith("txt") else "postern")
                    server.settle(uris[name])
                sizes.append(resident_kib(server.process.pid))
            elif step % 3 == 0:
                self.shared.requests(server, draw, uris[name], texts[name], False)
            server.settle(uris[name])
            server.notes.clear()
        third = len(sizes) // 3
        before, after = max(sizes[:third]), max(sizes[-third:])
        self.check(after <= before * 1.02 + SLACK_KIB or is_sanitized(self.postern),
                   f"{before} KiB, and {after} KiB after {count} edits")
        self.check(server.end() == 0, "its end")
        print(f"{count} edits: {before} KiB, then {after} KiB")

    def killed(self, busy):
        """The editor is killed, which may be while the server looks at much."""
        self.put("long.txt", "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(0, 4000000, 2)))
        self.put("long.rules", 'postern: 1\nfile "long.txt" : deny\n* : allow\n')
        code = ("import sys, time; sys.path.insert(0, sys.argv[1]); import language_client as c\n"
                "s = c.Client(sys.argv[2], '.'); s.begin()\n"
                "if sys.argv[3] == '1':\n"
                "    s.ask('textDocument/diagnostic', {'textDocument': {'uri': s.open('long.rules')}})\n"
                "    time.sleep(0.1)\n"
                "print(s.process.pid, flush=True)\n"
                "time.sleep(1000)\n")
        editor = subprocess.Popen([sys.executable, "-c", code, os.path.join(HERE, "../support"), self.postern,
                                   str(int(busy))], cwd=self.folder, stdout=subprocess.PIPE)
        pid = int(editor.stdout.readline())
        editor.send_signal(signal.SIGKILL)
        editor.wait()
        editor.stdout.close()
        self.check(gone(pid), "the server goes with its editor", busy)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=2000, help="edits")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        steady = Steady(args.bin, os.path.realpath(folder))
        steady.edits(args.count, args.seed)
        steady.killed(False)
        steady.killed(True)
        steady.count += steady.shared.count
        steady.failures += steady.shared.failures
    return steady.end(4)


if __name__ == "__main__":
    sys.exit(main())
