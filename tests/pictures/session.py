"""Runs a command on a terminal of its own, of a given size: what comes out, as bytes."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time


def environment(bin_dir, width, height, more=None):
    """All that a command has: nothing of it is taken from whoever asks."""
    return {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            "COLUMNS": str(width), "LINES": str(height), "PAGER": "cat", "TZ": "UTC",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **(more or {})}


def run(command, folder, env, keys=None, seconds=120):
    """(status, bytes) of a command for /bin/sh, as a terminal would get them. Keys are typed
    one after another as soon as nothing more comes out; without them its input is empty."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", int(env["LINES"]), int(env["COLUMNS"]), 0, 0))
    process = subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, env=env,
                               stdin=theirs if keys else subprocess.DEVNULL, stdout=theirs,
                               stderr=theirs, start_new_session=True)
    os.close(theirs)
    got, keys, until = b"", list(keys or ()), time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            if not select.select([ours], [], [], 0.5)[0]:
                if keys:
                    os.write(ours, keys.pop(0))
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the last one has closed it
                break
            if not piece:
                break
            got += piece
        else:
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait(timeout=10), got
    finally:
        os.close(ours)
