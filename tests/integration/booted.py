"""A Debian that is booted: systemd as process 1 of a container that is made of namespaces alone, on
the network of whoever makes it. Everything in it ends with it.
"""
import os
import signal
import subprocess
import sys
import time

import debian_root

PATIENCE = 60
# What a container could do to its host by: clock, modules, swap, the log of the kernel.
WITHHELD = "-sys_time,-sys_module,-sys_boot,-sys_rawio,-syslog,-wake_alarm"
# $0 is the root; it becomes / of this mount namespace, and nothing of the host stays in sight.
PREPARE = r"""
set -eu
mount --make-rprivate /
mount --bind "$0" "$0"
cd "$0"
mount -t proc proc proc
for path in proc/sys/kernel proc/sys/vm proc/sys/fs proc/sys/dev proc/sysrq-trigger; do
    [ ! -e "$path" ] || { mount --bind "$path" "$path"; mount -o remount,bind,ro "$path"; }
done
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3; mknod -m 666 dev/zero c 1 5; mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8; mknod -m 666 dev/urandom c 1 9; mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm; mount -t tmpfs -o mode=755 tmpfs run; mount -t tmpfs tmpfs tmp
mkdir -p mnt/host
pivot_root . mnt/host
umount -l /mnt/host
exec env -i container=postern-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set "$1" /lib/systemd/systemd --unit=basic.target --log-target=journal
"""
NAMESPACES = ("--mount", "--pid", "--cgroup", "--ipc", "--uts")


class Impossible(Exception):
    """This machine cannot boot one."""


def unified():
    """Where cgroups of version 2 are mounted here."""
    with open("/proc/self/mountinfo", encoding="utf8") as f:
        for line in f:
            words = line.split()
            if words[words.index("-") + 1] == "cgroup2":
                return words[4]
    raise Impossible("no cgroups of version 2 are mounted")


def empty(cgroup):
    """Takes away a tree of cgroups whose processes have ended."""
    for where, _, _ in os.walk(cgroup, topdown=False):
        os.rmdir(where)


class Booted:
    """A running system; `run` is a command in it."""

    def __init__(self, root):
        self.root = root
        self.cgroup = os.path.join(unified(), f"postern-test-{os.getpid()}")
        try:
            os.mkdir(self.cgroup)
        except OSError as problem:
            raise Impossible(f"no cgroup of its own: {problem}") from problem
        self.errors = open(os.path.join(root, "var/log/postern-boot"), "w+b")
        self.outer, self.first = None, None
        try:
            self.start()
        except BaseException:
            self.end()
            raise

    def start(self):
        def enter():
            with open(os.path.join(self.cgroup, "cgroup.procs"), "w", encoding="ascii") as f:
                f.write(str(os.getpid()))
        self.outer = subprocess.Popen(
            ["unshare", *NAMESPACES, "--fork", "--kill-child", "sh", "-c", PREPARE, self.root,
             WITHHELD], preexec_fn=enter, stdin=subprocess.DEVNULL, stdout=self.errors,
            stderr=self.errors)
        until = time.monotonic() + PATIENCE
        while self.state() not in ("running", "degraded"):
            if self.outer.poll() is not None or time.monotonic() > until:
                raise Impossible("systemd does not come up: " + self.said())
            time.sleep(0.05)

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode("utf8", "replace")[-2000:]

    def state(self):
        """What systemctl says; empty as long as there is none."""
        if self.first is None:
            path = f"/proc/{self.outer.pid}/task/{self.outer.pid}/children"
            with open(path, encoding="ascii") as f:
                children = f.read().split()
            if not children:
                return ""
            self.first = int(children[0])
        try:
            with open(f"/proc/{self.first}/comm", encoding="ascii") as f:
                if f.read() != "systemd\n":
                    return ""
        except OSError:
            return ""
        return self.run(["systemctl", "is-system-running"]).stdout.strip()

    def words(self, words):
        """A command of this machine that runs one inside."""
        return ["nsenter", "--target", str(self.first), *NAMESPACES, *words]

    def run(self, words, **more):
        return subprocess.run(self.words(words), env=debian_root.ENVIRONMENT, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=10 * PATIENCE, **more)

    def shell(self, script):
        """What it says; it is to succeed."""
        done = self.run(["sh", "-c", script])
        assert done.returncode == 0, (script, done.stdout[-3000:])
        return done.stdout

    def end(self):
        if self.outer:
            if self.outer.poll() is None:
                self.outer.send_signal(signal.SIGKILL)  # and with it all that is in there
            self.outer.wait()
        self.errors.close()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                empty(self.cgroup)
                return
            except OSError:  # the last of them is on its way
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
