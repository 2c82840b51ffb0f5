#!/usr/bin/env python3
"""Compiles on a real file system: limits, folders that refuse, races, kills."""
import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

GOOD = b"".join(b"10.%d.%d.:deny\n" % (i % 256, i // 256) for i in range(20000))
OLD = b":allow\n"
BAD = GOOD + b"10.1:alow\n"
NOBODY = 65534


class Files:
    def __init__(self, bin_dir, folder):
        self.folder, self.failures = folder, 0
        os.chmod(folder, 0o755)
        # copies, for a user who may not look into the build
        self.bin = shutil.copytree(bin_dir, self.path("bin"))
        for name, data in (("old.rules", OLD), ("good.rules", GOOD), ("bad.rules", BAD)):
            with open(self.path(name), "wb") as out:
                out.write(data)
        self.old, self.good = self.image("old.rules"), self.image("good.rules")

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as source:
            return source.read()

    def image(self, source):
        self.run(["tcprules", "image", "image.tmp"], source)
        return self.read("image")

    def start(self, words, source=None, setup=None):
        stdin = open(self.path(source), "rb") if source else subprocess.DEVNULL
        return subprocess.Popen([os.path.join(self.bin, words[0])] + words[1:],
                                cwd=self.folder, stdin=stdin, preexec_fn=setup,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, words, source=None, setup=None):
        process = self.start(words, source, setup)
        _, err = process.communicate(timeout=600)
        return process.returncode, err

    def install_old(self):
        with open(self.path("live.cdb"), "wb") as out:
            out.write(self.old)

    def check(self, condition, text):
        if not condition:
            self.failures += 1
            print("FAILED", text)

    def compiles(self):
        return [(["tcprules", "live.cdb", "live.tmp"], "good.rules", 111),
                (["postern", "compile", "good.rules", "-o", "live.cdb"], None, 111)]

    def refused(self, label, setup, folder_mode=0o755):
        """A compile that the system refuses leaves the old file, and ends by itself."""
        for words, source, want in self.compiles():
            self.install_old()
            os.chmod(self.folder, folder_mode)
            status, err = self.run(words, source, setup)
            os.chmod(self.folder, 0o755)
            self.check(status == want, f"{label}: {words[0]} ends with {status}: {err}")
            self.check(err.startswith(words[0].encode()), f"{label}: {words[0]} says {err}")
            self.check(self.read("live.cdb") == self.old, f"{label}: {words[0]}")
            self.check(not [n for n in os.listdir(self.folder) if n.startswith(".live")],
                       f"{label}: {words[0]} leaves its temporary file")

    def file_size_limit(self):
        def setup():
            resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        self.refused("a file over its limit", setup)

    def unwritable_folder(self):
        def setup():
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
        if os.path.exists(self.path("live.tmp")):
            os.unlink(self.path("live.tmp"))
        self.refused("an unwritable folder", setup, 0o555)

    def shared_temporary_name(self, rounds):
        """Of compiles that share a temporary name, a failing one installs nothing."""
        for number in range(rounds):
            self.install_old()
            sources = ["good.rules", "bad.rules", "good.rules", "bad.rules"]
            random.shuffle(sources)
            running = [(s, self.start(["tcprules", "live.cdb", "live.tmp"], s))
                       for s in sources]
            for source, process in running:
                _, err = process.communicate(timeout=600)
                want = 0 if source == "good.rules" else 100
                self.check(process.returncode == want,
                           f"race {number}: {source} ends with {process.returncode}: {err}")
            self.check(self.read("live.cdb") == self.good,
                       f"race {number}: what is live is not what went well")

    def killed(self, rounds):
        """Killed after any time, a compile leaves the old file or the new one."""
        for number in range(rounds):
            for words, source, _ in self.compiles():
                self.install_old()
                process = self.start(words, source)
                time.sleep(random.random() * 0.006)
                process.send_signal(signal.SIGKILL)
                process.communicate()
                now = self.read("live.cdb")
                self.check(now in (self.old, self.good), f"kill {number}: {words[0]}")
                for name in os.listdir(self.folder):
                    if name.startswith(".live"):
                        os.unlink(self.path(name))

    def readers_see_whole_files(self, rounds):
        """While compiles replace the file, every reader gets an answer of one of them."""
        self.install_old()
        answers = set()
        for _ in range(rounds):
            writer = self.start(["postern", "compile", "good.rules", "-o", "live.cdb"])
            while writer.poll() is None:
                process = self.start(["tcprulescheck", "live.cdb"])
                out, err = process.communicate(timeout=600)
                answers.add(out)
                self.check(process.returncode == 0, f"a reader fails: {err}")
            self.check(writer.returncode == 0, "the writer fails")
            writer.communicate()
            self.install_by_rename()
        self.check(answers <= {b"rule :\nallow connection\n", b"default:\nallow connection\n"},
                   f"answers {answers}")

    def install_by_rename(self):
        with open(self.path("next"), "wb") as out:
            out.write(self.old)
        os.rename(self.path("next"), self.path("live.cdb"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        files = Files(os.path.abspath(args.bin), folder)
        files.file_size_limit()
        files.shared_temporary_name(30)
        files.killed(100)
        files.readers_see_whole_files(10)
        files.unwritable_folder()
    print(f"{files.failures} failures")
    return 1 if files.failures else 0


if __name__ == "__main__":
    sys.exit(main())
