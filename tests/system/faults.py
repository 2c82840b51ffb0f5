#!/usr/bin/env python3
"""Every system call of every program fails, is cut short, or is its last, in turn.

Whatever happens, the compiled file is the old one, whole, or the new one, whole: the new
one when the program says that all went well. And nothing ends by a signal of its own.
"""
import argparse
import errno
import os
import shutil
import subprocess
import sys
import tempfile

OLD = b"10.:deny\n"
NEW = b"".join(b"10.%d.%d.:allow,N=\"%d\"\n" % (i % 256, i // 256, i) for i in range(900))
FAULTS = {
    "write": [errno.ENOSPC, errno.EIO, errno.EFBIG, "short"],
    "read": [errno.EIO, "short"],
    "pread": [errno.EIO, "short"],
    "open": [errno.EMFILE, errno.EACCES],
    "fsync": [errno.EIO, errno.EDQUOT],
    "rename": [errno.EACCES],
    "ftruncate": [errno.EIO],
    "flock": [errno.ENOLCK],
    "lseek": [errno.EIO],
    "fchmod": [errno.EPERM],
    "fstat": [errno.EIO],
    "stat": [errno.EACCES],
    "mmap": [errno.ENOMEM],
    "memfd_create": [errno.EMFILE],
}
# a call that fails for good makes one program or the other give up at once: no waiting
LIMIT = 400


class Job:
    """A command in a folder with the old compiled file and the new source."""

    def __init__(self, name, words, stdin=None, writes=False, statuses=(111,)):
        self.name, self.words, self.stdin = name, words, stdin
        self.writes, self.statuses = writes, statuses


JOBS = [
    Job("tcprules", ["tcprules", "rules.cdb", "rules.tmp"], "new.rules", True),
    Job("compile", ["postern", "compile", "new.rules", "-o", "rules.cdb"], None, True,
        (111, 2)),
    Job("check source", ["postern", "check", "old.rules", "10.1.2.3", "-t"], None, False,
        (111, 2)),
    Job("check cdb", ["postern", "check", "rules.cdb", "10.1.2.3"], None, False, (111, 2)),
    Job("batch", ["postern", "check", "old.rules", "--batch"], "queries", False, (111, 2)),
    Job("tcprulescheck", ["tcprulescheck", "rules.cdb"]),
    Job("lint", ["postern", "lint", "--fail-level", "never", "lint.rules"], None, False, (111, 2)),
    Job("fix", ["postern", "lint", "--fix", "--diff", "lint.rules"], None, False, (111, 2)),
    Job("diff", ["postern", "diff", "rules.cdb", "lint.rules"], None, False, (111, 2, 1)),
    Job("fmt", ["postern", "fmt", "-"], "lint.rules", False, (111, 2)),
    Job("dump", ["postern", "dump", "rules.cdb"], None, False, (111, 2)),
    Job("minimize", ["postern", "minimize", "lint.rules"], None, False, (111, 2)),
    Job("stats", ["postern", "stats", "lint.rules"], None, False, (111, 2)),
    Job("replay", ["postern", "replay", "-j", "1", "rules.cdb", "lint.rules", "-"], "queries", False,
        (111, 2, 1)),
    Job("map", ["postern", "map", "lint.rules", "-o", "-", "--order", "3"], None, False, (111, 2)),
    Job("mutate", ["postern", "test", "--mutate", "lint.rules"], None, False, (111, 2)),
    Job("help", ["postern", "help"]),
]


class Bench:
    def __init__(self, args, folder):
        self.bin, self.fault, self.folder = args.bin, args.fault, folder
        self.runs = self.failures = 0
        self.put("old.rules", OLD)
        self.put("new.rules", NEW)
        self.put("lint.rules", b"10.:deny\n10.1.2.3:deny\n:allow\n")
        self.put("queries", b"10.1.2.3\n::1\tmx\n" * 50)
        self.old, self.new = self.compiled("old.rules"), self.compiled("new.rules")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, data):
        with open(self.path(name), "wb") as out:
            out.write(data)

    def get(self, name):
        with open(self.path(name), "rb") as source:
            return source.read()

    def compiled(self, source):
        subprocess.run([os.path.join(self.bin, "tcprules"), "x.cdb", "x.tmp"], check=True,
                       cwd=self.folder, stdin=open(self.path(source), "rb"))
        return self.get("x.cdb")

    def fail(self, text):
        self.failures += 1
        print("FAILED", text)

    def run(self, job, env):
        words = [os.path.join(self.bin, job.words[0])] + job.words[1:]
        stdin = open(self.path(job.stdin), "rb") if job.stdin else subprocess.DEVNULL
        self.runs += 1
        done = subprocess.run(words, cwd=self.folder, stdin=stdin, timeout=600,
                              env={**os.environ, **env}, capture_output=True)
        if job.stdin:
            stdin.close()
        return done

    def once(self, job, call, at, how, on):
        """One run with one fault; whether the fault came to pass."""
        for name in os.listdir(self.folder):
            if name.endswith(".tmp") or name in ("mark", "rules.cdb"):
                os.unlink(self.path(name))
        self.put("rules.cdb", self.old)
        env = {"LD_PRELOAD": self.fault, "FAULT_CALL": call, "FAULT_AT": str(at),
               "FAULT_HOW": str(how), "FAULT_MARK": self.path("mark")}
        if on:
            env["FAULT_ON"] = "1"
        done = self.run(job, env)
        happened = os.path.exists(self.path("mark"))
        label = f"{job.name}: {call} {at} {how}{' on' if on else ''}: {done.returncode}"
        self.judge(job, label, done, how, happened)
        return happened

    def judge(self, job, label, done, how, happened):
        now = self.get("rules.cdb")
        if done.returncode == 0:
            if job.writes and now != self.new:
                self.fail(f"{label}: went well, but the new file is not there")
            if not job.writes and not done.stdout:
                self.fail(f"{label}: went well, but said nothing")
        elif how == "kill":
            if done.returncode != -9:
                self.fail(f"{label}: was to be killed")
        elif done.returncode not in job.statuses:
            self.fail(f"{label}: {done.stderr[-200:]!r}")
        elif not done.stderr and "write" not in label:
            self.fail(f"{label}: failed without a word")
        if now not in (self.old, self.new if job.writes else self.old):
            self.fail(f"{label}: the compiled file is neither old nor new")
        if done.returncode > 0 and now == self.new and "fsync" not in label \
                and "open" not in label:
            self.fail(f"{label}: failed, but installed the new file")
        if not happened and done.returncode != 0:
            self.fail(f"{label}: failed without a fault: {done.stderr[-200:]!r}")
        self.leftovers(job, label, how)

    def leftovers(self, job, label, how):
        """A unique temporary file goes away, unless the program had no say in it."""
        left = [n for n in os.listdir(self.folder) if n.startswith(".rules.cdb")]
        if left and how != "kill":
            self.fail(f"{label}: left {left}")
        for name in left:
            os.unlink(self.path(name))

    def sweep(self, job, call, how, on=False):
        at = 1
        while at < LIMIT and self.once(job, call, at, how, on):
            at += 1
        return at - 1

    def after_kill(self, job):
        """What a killed run left behind is in nobody's way."""
        done = self.run(job, {})
        if done.returncode != 0 or self.get("rules.cdb") != self.new:
            self.fail(f"{job.name}: does not recover: {done.stderr!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--fault", required=True)
    args = parser.parse_args()
    args.bin, args.fault = os.path.abspath(args.bin), os.path.abspath(args.fault)
    folder = tempfile.mkdtemp()
    try:
        bench = Bench(args, folder)
        seen = {}
        for job in JOBS:
            for call, hows in FAULTS.items():
                for how in hows:
                    seen[call] = seen.get(call, 0) + bench.sweep(job, call, how)
                    if call in ("write", "open", "read"):
                        bench.sweep(job, call, how, on=True)
            if job.writes:
                killed = bench.sweep(job, "any", "kill")
                bench.after_kill(job)
                if killed < 20:
                    bench.fail(f"{job.name}: only {killed} moments to be killed at")
        for call, count in seen.items():
            if not count:
                bench.fail(f"{call} was never called: the fault is not tested")
    finally:
        shutil.rmtree(folder)
    print(f"{bench.runs} runs, {bench.failures} failures")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
