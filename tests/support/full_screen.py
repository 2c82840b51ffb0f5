"""Programs that take the whole terminal, as pyte (Debian: python3-pyte) shows them."""
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pyte


class Program:
    """A program on a terminal of its own: keys go in, and the screen can be looked at."""

    def __init__(self, words, folder, width=100, height=30, **env):
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.ByteStream(self.screen)
        ours, theirs = os.openpty()
        self.terminal = ours
        set_size(ours, width, height)
        self.process = subprocess.Popen(
            words, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                 **env})
        os.close(theirs)

    def read(self, quiet=0.3, limit=30):
        """Takes what comes until nothing more comes for a while."""
        until = time.monotonic() + limit
        while time.monotonic() < until and select.select([self.terminal], [], [], quiet)[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return
            if not data:
                return
            self.stream.feed(plain(data))

    def until(self, pattern, limit=30):
        """Reads until the screen has it; False when it never comes."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            self.read(0.1, 1)
            if re.search(pattern, "\n".join(self.screen.display)):
                self.read()
                return True
        return False

    def type(self, keys):
        os.write(self.terminal, keys.encode())
        self.read()

    def cells(self):
        """Rows of (character, colour, background, bold, reversed)."""
        return [[self.screen.buffer[y][x] for x in range(self.screen.columns)]
                for y in range(self.screen.lines)]

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.terminal)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def set_size(terminal, width, height):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def plain(data):
    """Without what pyte would print: requests to the terminal, and what names its keys."""
    data = re.sub(rb"\x1b\[[>=?][0-9;]*[mcnu]", b"", data)
    data = re.sub(rb"\x1b\[\d*;?\d*;?\d*t|\x1b[P_^].*?\x1b\\|\x1b\[[0-9;]*\$[a-z]", b"", data, flags=re.S)
    return data
