#!/usr/bin/env python3
"""Verbs that write, ended at any moment: a signal leaves no temporary file, a kill leaves
one that the next run clears, and the file is as it was or as it was meant. Files that
change while a verb works are left alone; hard links, modes and clocks that jump."""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support")]
import observe  # noqa: E402

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE,
           signal.SIGUSR1)
RULES = "postern: 1\n" + "".join(
    f"10.{i}.{k}.0/24   :   allow,   A=\"{k}\"\n" for i in range(8) for k in range(250)) + \
    "10.0.0.0/24 : allow\n* : deny\n"


class Verbs:
    def __init__(self, binaries, kills):
        self.postern, self.kills, self.failures = os.path.join(binaries, "postern"), kills, 0
        self.random = random.Random(5)

    def check(self, good, *what):
        if not good:
            self.failures += 1
            print("FAILED", *what)

    def fresh(self):
        folder = tempfile.mkdtemp(prefix="postern-interrupted-")
        for name in ("x.rules", "base.rules", "theirs.rules"):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(RULES if name != "theirs.rules" else
                        RULES.replace("* : deny", "10.9.0.0/16 : deny\n* : deny"))
        for name, last in (("old.txt", 9), ("new.txt", 8)):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write("".join(f"10.{i}.{k}.{last}\n" for i in range(20) for k in range(250)))
        with open(os.path.join(folder, "base"), "w", encoding="ascii") as f:
            f.write("x.rules: P999 nothing\n")
        with open(os.path.join(folder, "x.cdb"), "wb") as f:
            f.write(b"old")
        return folder

    def verbs(self):
        """What writes, and which file."""
        return {"compile": (["compile", "x.rules"], "x.cdb"),
                "fmt": (["fmt", "x.rules"], "x.rules"),
                "fix": (["lint", "--fix", "x.rules"], "x.rules"),
                "baseline": (["lint", "--write-baseline=base", "x.rules"], "base"),
                "map": (["map", "x.rules", "-o", "x.svg"], "x.svg"),
                "feed": (["feed", "--max-loss=none", "--max-gain=none", "old.txt", "new.txt"], "old.txt"),
                "merge": (["merge", "base.rules", "x.rules", "theirs.rules"], "x.rules")}

    def start(self, words, folder, **more):
        return subprocess.Popen([self.postern, *words], cwd=folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, **more)

    @staticmethod
    def read(folder, name):
        try:
            with open(os.path.join(folder, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    @staticmethod
    def left(folder):
        return [n for n in os.listdir(folder) if n.endswith(".tmp")]

    def whole(self, words, name):
        """How long it takes, what was there, and what is there then."""
        folder = self.fresh()
        before, begun = self.read(folder, name), time.monotonic()
        done = self.start(words, folder)
        done.communicate()
        took = time.monotonic() - begun
        after = self.read(folder, name)
        self.check(done.returncode in (0, 1) and after != before, words, done.returncode)
        self.check(not self.left(folder), words, "leaves", self.left(folder))
        shutil.rmtree(folder)
        return took, before, after

    def ended(self, verb, words, name):
        """By signals, that leave nothing, and by kills."""
        took, before, after = self.whole(words, name)
        folder = self.fresh()
        for turn in range(self.kills):
            number = self.random.choice(ENDINGS + (signal.SIGKILL,))
            for file in ("x.rules", "base", "x.cdb", "x.svg"):
                if os.path.exists(os.path.join(folder, file)):
                    os.unlink(os.path.join(folder, file))
            copy = self.fresh()
            for file in os.listdir(copy):
                shutil.copy(os.path.join(copy, file), folder)
            shutil.rmtree(copy)
            running = self.start(words, folder)
            time.sleep(self.random.random() * took * 1.1)
            running.send_signal(number)
            running.communicate()
            now = self.read(folder, name)
            self.check(now in (before, after), verb, "kill", turn, number, "wrote half")
            if running.returncode == -number and number != signal.SIGKILL:
                self.check(not self.left(folder), verb, number, "leaves", self.left(folder))
            elif not self.left(folder):
                continue
            else:
                again = self.start(words, folder)
                again.communicate()
                self.check(not [n for n in self.left(folder) if name in n], verb,
                           "does not clear", self.left(folder))
                for file in self.left(folder):
                    os.unlink(os.path.join(folder, file))
        shutil.rmtree(folder)

    def clears_only_its_own(self):
        """Not what somebody writes now, is of another name, a link, or somebody else's."""
        folder = self.fresh()
        alive = open(os.path.join(folder, ".x.cdb.abc1.tmp"), "w", encoding="ascii")
        import fcntl  # pylint: disable=import-outside-toplevel
        fcntl.flock(alive, fcntl.LOCK_EX)
        keep = {".x.cdb.abc1.tmp"}
        for other in (".y.cdb.abc.tmp", ".x.cdb.not-hex.tmp", ".x.cdb..tmp", "x.cdb.abc.tmp",
                      ".x.cdb.abc.tmp.bak", ".x.cdb.abc3.tmp"):
            with open(os.path.join(folder, other), "w", encoding="ascii"):
                pass
            keep.add(other)
        os.symlink("x.rules", os.path.join(folder, ".x.cdb.abc2.tmp"))
        os.mkdir(os.path.join(folder, ".x.cdb.abc4.tmp"))
        keep |= {".x.cdb.abc2.tmp", ".x.cdb.abc4.tmp"}
        os.link(os.path.join(folder, ".x.cdb.abc3.tmp"), os.path.join(folder, "second"))
        if os.geteuid() == 0:
            with open(os.path.join(folder, ".x.cdb.abc5.tmp"), "w", encoding="ascii"):
                pass
            os.chown(os.path.join(folder, ".x.cdb.abc5.tmp"), 65534, 65534)
            keep.add(".x.cdb.abc5.tmp")
        with open(os.path.join(folder, ".x.cdb.abcdef.tmp"), "w", encoding="ascii"):
            pass  # the one that nobody owns
        self.start(["compile", "x.rules"], folder).communicate()
        now = {n for n in os.listdir(folder) if ".tmp" in n}
        self.check(now == keep, "cleared", keep ^ now)
        alive.close()
        shutil.rmtree(folder)

    def ignored_signals_stay_so(self):
        """As under nohup(1): the run goes on to its end."""
        folder = self.fresh()

        def deaf():
            for number in ENDINGS:
                signal.signal(number, signal.SIG_IGN)
        running = self.start(["compile", "x.rules"], folder, preexec_fn=deaf)
        until = time.monotonic() + 20
        while running.poll() is None and time.monotonic() < until:
            for number in ENDINGS:
                running.send_signal(number)
            time.sleep(.001)
        running.communicate()
        self.check(running.returncode == 0, "ignored signals end it", running.returncode)
        shutil.rmtree(folder)

    def changed_meanwhile(self):
        """A file that somebody else writes while a verb works is not overwritten: the verb
        is stopped when its temporary file is there, the file changes, and it goes on."""
        for verb in ("fmt", "fix", "baseline", "merge"):
            words, name = self.verbs()[verb]
            met = 0
            for turn in range(40):
                folder = self.fresh()
                running = self.start(words, folder)
                while not self.left(folder) and running.poll() is None:
                    pass
                observe.stop(running)
                stopped = running.poll() is None and self.left(folder)
                with open(os.path.join(folder, name), "a", encoding="ascii") as f:
                    f.write("# mine\n")
                mine = self.read(folder, name)
                running.send_signal(signal.SIGCONT)
                _, said = running.communicate()
                if stopped and b"has changed meanwhile" in said:
                    met += 1
                    self.check(running.returncode == 111, verb, running.returncode)
                    self.check(self.read(folder, name) == mine, verb, "overwrote")
                    self.check(not self.left(folder), verb, self.left(folder))
                shutil.rmtree(folder)
                if met >= 2:
                    break
            self.check(met, verb, "was never met")

    def links(self):
        """Other names of a file keep what was there, and that is said."""
        for verb, (words, name) in self.verbs().items():
            if verb == "map":
                continue
            folder = self.fresh()
            os.link(os.path.join(folder, name), os.path.join(folder, "other"))
            before = self.read(folder, name)
            running = self.start(words, folder)
            _, said = running.communicate()
            self.check(b"hard link" in said, verb, "says nothing of links:", said[-200:])
            self.check(self.read(folder, "other") == before, verb, "wrote a link")
            shutil.rmtree(folder)

    def interrupted_calls(self):
        """EINTR from every kind of call, at each of the first ones: the verb goes on, or
        ends as for any refusal, and nothing is lost."""
        if not shutil.which("strace"):
            print("no strace: no call is interrupted")
            return
        for verb, (words, name) in self.verbs().items():
            _, before, after = self.whole(words, name)
            for call in ("read", "write", "pread64", "openat", "openat2", "fsync", "flock",
                         "renameat", "renameat2", "unlinkat", "newfstatat", "fchmod"):
                for number in range(1, 4):
                    folder = self.fresh()
                    running = subprocess.run(
                        ["strace", "-qq", "-o", "/dev/null", "-e",
                         f"inject={call}:error=EINTR:when={number}", self.postern, *words],
                        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                        check=False)
                    now = self.read(folder, name)
                    # a call of the loader before main() is none of ours
                    good = running.returncode in (0, 1, 2, 111, 127)
                    self.check(good and now in (before, after), verb, call, number,
                               running.returncode, running.stderr[-200:])
                    self.check(not self.left(folder) or call == "unlinkat", verb, call,
                               number, "leaves", self.left(folder))
                    if running.returncode == 0 and verb != "baseline":
                        self.check(now == after, verb, call, number, "did nothing")
                    shutil.rmtree(folder)

    def small_disk(self):
        """A file system that is full: nothing is lost, and nothing half-written stays."""
        folder = tempfile.mkdtemp(prefix="postern-full-")
        mounted = subprocess.run(["unshare", "-m", "true"], check=False,
                                 stderr=subprocess.DEVNULL).returncode == 0
        if not mounted:
            os.rmdir(folder)
            return
        script = ["sh", "-c", "mount -t tmpfs -o size=500k none \"$1\" && cd \"$1\" && "
                  "cp \"$2\"/* . && shift 2 && dd if=/dev/zero of=fill bs=1k 2>/dev/null; "
                  "\"$@\" >/dev/null 2>&1; echo $?; sha256sum \"$NAME\"; ls -A", "sh"]
        for verb, (words, name) in self.verbs().items():
            if verb == "map":
                continue
            source = self.fresh()
            was = subprocess.run(["sha256sum", name], cwd=source, capture_output=True,
                                 text=True, check=True).stdout
            got = subprocess.run(["unshare", "-m", *script, folder, source, self.postern,
                                  *words], capture_output=True, text=True, check=False,
                                 env={**os.environ, "NAME": name}).stdout.split("\n")
            self.check(got[0] == "111", verb, "on a full disk ends with", got[0])
            self.check(got[1] + "\n" == was, verb, "on a full disk changed", name)
            self.check(not [n for n in got[2:] if n.endswith(".tmp")], verb, got)
            shutil.rmtree(source)
        os.rmdir(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--kills", type=int, default=12, help="for each verb")
    args = parser.parse_args()
    tests = Verbs(os.path.abspath(args.bin), args.kills)
    for verb, (words, name) in tests.verbs().items():
        tests.ended(verb, words, name)
    tests.clears_only_its_own()
    tests.ignored_signals_stay_so()
    tests.changed_meanwhile()
    tests.links()
    tests.interrupted_calls()
    tests.small_disk()
    print(f"{args.kills} endings of {len(tests.verbs())} verbs, {tests.failures} failures")
    return 1 if tests.failures else 0


if __name__ == "__main__":
    sys.exit(main())
