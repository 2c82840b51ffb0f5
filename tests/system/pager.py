#!/usr/bin/env python3
"""help and explain on a terminal: by the pager that is named, or that there is, or by none; with
bold and indentation; and quiet when nobody reads on. A terminal here is a pty."""
import argparse
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from checks import Checks  # noqa: E402

DEADLINE = 60
VERBS = (["help", "check"], ["help"], ["explain", "P202"], ["explain", "no-verdict"],
         ["explain", "P2"], ["explain"])


class World(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(bin_dir, "postern")
        self.folder = folder

    def script(self, name, text):
        path = os.path.join(self.folder, "bin", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return path

    def start(self, words, env, leader=False):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([self.postern, *words], cwd=self.folder, stdin=theirs,
                                   stdout=theirs, stderr=theirs, start_new_session=leader,
                                   env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **env})
        os.close(theirs)
        return process, ours

    def run(self, words, env):
        """What came out on the terminal, and the status."""
        process, ours = self.start(words, env)
        seen, until = b"", time.monotonic() + DEADLINE
        try:
            while time.monotonic() < until and select.select([ours], [], [], DEADLINE)[0]:
                chunk = os.read(ours, 65536)
                if not chunk:
                    break
                seen += chunk
        except OSError:  # the other side is closed
            pass
        status = process.wait(timeout=DEADLINE)
        os.close(ours)
        return seen.replace(b"\r\n", b"\n"), status


def plain(data):
    for paint in (b"\x1b[0m", b"\x1b[1m", b"\x1b[4m"):
        data = data.replace(paint, b"")
    return data


def pagers(w):
    marked = w.script("marked", "echo BEGIN; cat; echo END\n")
    for words in VERBS:
        whole, status = w.run(words, {"PAGER": "cat"})
        w.check(not status and b"\x1b[1m" in whole and b"```" not in whole and
                b"\b" not in whole, f"{words}: bold, and no Markdown: {whole[:200]}")
        w.check(w.run(words, {"PAGER": ""}) == (whole, 0), f"{words}: an empty PAGER is none")
        seen, status = w.run(words, {"PAGER": marked})
        w.check(seen == b"BEGIN\n" + whole + b"END\n" and not status, f"{words}: PAGER: {seen[:99]}")
        seen, status = w.run(words, {"PAGER": f"{marked} | sed s/END/LAST/"})
        w.check(seen.endswith(b"LAST\n"), f"{words}: PAGER is a command: {seen[-99:]}")
        seen, status = w.run(words, {"PAGER": "/nowhere/pager"})
        w.check(seen.endswith(whole) and not status, f"{words}: a missing pager: {seen[:99]}")
        seen, status = w.run(words, {"PATH": w.folder})
        w.check(seen == whole and not status, f"{words}: without less: {seen[:99]}")
        for env in ({"TERM": "dumb"}, {"NO_COLOR": "1", "PAGER": "cat"},
                    {"CLICOLOR": "0", "PAGER": "cat"}):
            seen, status = w.run(words, {"PAGER": marked, **env})
            w.check(seen == plain(whole) and not status, f"{words} {env}: {seen[:99]}")
        seen, status = w.run([*words, "--color", "always"], {"TERM": "dumb", "NO_COLOR": "1"})
        w.check(seen == whole, f"{words}: --color always comes first")
        seen, status = w.run(words, {"PAGER": "head -n 1 >/dev/null"})
        w.check(not seen and not status, f"{words}: whoever stops reading is let go: {seen}")
        seen, status = w.run(words, {"PAGER": "exit 3"})
        w.check(not seen and not status, f"{words}: a pager that fails has run: {seen}")
    w.script("less", "echo LESS \"$@\"; cat >/dev/null\n")
    seen, _ = w.run(["help"], {"PATH": os.path.join(w.folder, "bin") + ":/usr/bin:/bin"})
    w.check(seen == b"LESS -FRX\n", f"less by default: {seen[:99]}")
    seen, _ = w.run(["help"], {"PAGER": "printenv LESS; cat >/dev/null"})
    w.check(seen == b"FRX\n", f"LESS for a less that is named: {seen[:99]}")
    seen, _ = w.run(["help"], {"PAGER": "printenv LESS; cat >/dev/null", "LESS": "X"})
    w.check(seen == b"X\n", f"LESS stays as it is: {seen[:99]}")


def pipes(w):
    env = {"PATH": "/usr/bin:/bin", "PAGER": "echo paged"}
    for words in VERBS:
        done = subprocess.run([w.postern, *words], env=env, capture_output=True, check=False)
        w.check(not done.returncode and b"paged" not in done.stdout and
                b"\x1b" not in done.stdout + done.stderr and b"\b" not in done.stdout,
                f"{words}: nothing of this in a pipe: {done.stdout[:99]}")
        forced = subprocess.run([w.postern, *words], env={**env, "CLICOLOR_FORCE": "1"},
                                capture_output=True, check=False)
        w.check(b"\x1b[1m" in forced.stdout and b"paged" not in forced.stdout,
                f"{words}: CLICOLOR_FORCE: {forced.stdout[:99]}")
        for ignore in (False, True):  # who ignores SIGPIPE gets EPIPE
            reader, writer = os.pipe()
            os.close(reader)
            process = subprocess.Popen(
                [w.postern, *words], env=env, stdout=writer, stderr=subprocess.PIPE,
                restore_signals=not ignore,
                preexec_fn=lambda i=ignore: signal.signal(
                    signal.SIGPIPE, signal.SIG_IGN if i else signal.SIG_DFL))
            os.close(writer)
            said = process.communicate(timeout=DEADLINE)[1]
            w.check(not said and process.returncode == (111 if ignore else -signal.SIGPIPE),
                    f"{words}: a broken pipe: {process.returncode} {said}")


def interrupts(w):
    """Ctrl-C is for the pager: postern waits for its end."""
    pager = w.script("waits", "trap 'echo KEY' INT\necho READY\n"
                     "n=0; while [ $n -lt 600 ] && ! [ -e go ]; do sleep .1; n=$((n + 1)); done\n"
                     "cat >/dev/null\necho GONE\n")
    process, ours = w.start(["help"], {"PAGER": pager}, leader=True)
    seen = b""
    try:
        while b"GONE" not in seen and select.select([ours], [], [], DEADLINE)[0]:
            seen += os.read(ours, 65536)
            if b"READY" in seen and b"KEY" not in seen:
                os.killpg(process.pid, signal.SIGINT)
            go = os.path.join(w.folder, "go")
            if b"KEY" in seen and not os.path.exists(go):  # from then on it may end
                w.check(process.poll() is None, "it waits for the pager")
                with open(go, "w", encoding="ascii"):
                    pass
    except OSError:
        pass
    w.check(process.wait(timeout=DEADLINE) == 0 and b"GONE" in seen, f"Ctrl-C: {seen}")
    os.close(ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.abspath(args.bin), folder)
        pagers(world)
        pipes(world)
        interrupts(world)
    return world.end(90)


if __name__ == "__main__":
    sys.exit(main())
