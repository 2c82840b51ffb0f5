#!/usr/bin/env python3
"""What holds of every policy: of all rule files of the tests, and of random ones.

fmt is idempotent and changes no image; dump of compile decides alike; diff with itself
is empty; minimize is never longer, decides alike, and run again changes nothing; merge
of a side with itself is that side.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
TARGETS = ("10.0.0.{a}", "10.0.0.{a}/31", "10.0.0.{b}-10.0.0.{c}", "10.0.0.", "10.",
           "2001:db8::{a} ", "2001:db8::/{p}", "=a.example", "=.example", "=", "$s", "$t",
           "joe@10.0.0.{a}", "ann@=.example", '""@10.')
SETTINGS = ("", ', A="1"', ', A="2", B="x"', ", $e")


class Laws:
    def __init__(self, bin_dir):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.failures = self.count = 0

    def run(self, folder, *words, check=None):
        done = subprocess.run([self.postern, *words], cwd=folder, capture_output=True,
                              timeout=120, check=False)
        if check is not None and done.returncode != check:
            self.fail(folder, f"{' '.join(words)}: {done.returncode} "
                              f"{done.stdout.decode(errors='replace')}"
                              f"{done.stderr.decode(errors='replace')}")
        return done

    def fail(self, folder, text):
        self.failures += 1
        print("FAILED", os.path.basename(folder), text)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".rules") and os.path.getsize(os.path.join(folder, name)) < 2000:
                with open(os.path.join(folder, name), errors="replace") as text_of:
                    print("---", name, text_of.read(), sep="\n")

    def check(self, folder, name):
        """`name` is a file in a folder of its own, with what it includes."""
        path = os.path.join(folder, name)
        if self.run(folder, "compile", name, "-o", "before.cdb").returncode:
            return
        self.count += 1
        self.run(folder, "diff", name, name, check=0)
        self.native(folder, name)
        text = read(path)
        shutil.copy(path, path + ".kept")
        self.run(folder, "fmt", name, check=0)
        self.run(folder, "fmt", "--check", name, check=0)
        if comments(text) != comments(read(path)):
            self.fail(folder, "fmt loses a comment")
        # lines are in the origins of a native image: its decisions are compared
        self.run(folder, "compile", "--strip", name, "-o", "after.cdb", check=0)
        os.rename(path + ".kept", path)
        self.run(folder, "compile", "--strip", name, "-o", "before.cdb", check=0)
        if read(folder + "/before.cdb") != read(folder + "/after.cdb"):
            self.fail(folder, "fmt changes the image")
        self.dump(folder)
        self.minimize(folder, name)

    def native(self, folder, name):
        """Whatever the dialect: a native image that decides as the source does."""
        self.run(folder, "compile", "--as", "native", name, "-o", "native.cdb", check=0)
        self.run(folder, "diff", name, "native.cdb", check=0)
        kind = self.run(folder, "stats", "native.cdb", check=0).stdout
        if not kind.startswith(b"native.cdb: native,"):
            self.fail(folder, "--as native is not native: " + kind.decode())

    def dump(self, folder):
        done = self.run(folder, "dump", "before.cdb")
        if done.returncode == 2 and (b"looked up as text" in done.stderr or
                                     b"cannot be written" in done.stderr):
            return
        if done.returncode:
            return self.fail(folder, "dump " + done.stderr.decode(errors="replace"))
        write(folder + "/dumped", done.stdout)
        alike = self.run(folder, "diff", "before.cdb", "dumped")
        if alike.returncode and b"looked up as text" not in alike.stderr:
            self.fail(folder, "dump decides otherwise: " + alike.stdout.decode())
        self.run(folder, "dump", "--verify", "before.cdb", check=0)

    def minimize(self, folder, name):
        done = self.run(folder, "minimize", name)
        if done.returncode:
            return self.fail(folder, "minimize " + done.stderr.decode(errors="replace"))
        if len(done.stdout) > os.path.getsize(os.path.join(folder, name)):
            self.fail(folder, "minimize makes it longer")
        write(folder + "/less.rules", done.stdout)
        alike = self.run(folder, "diff", name, "less.rules")
        if alike.returncode and b"looked up as text" not in alike.stderr:
            self.fail(folder, "minimize decides otherwise: " + alike.stdout.decode())
        again = self.run(folder, "minimize", "less.rules", check=0)
        if again.stdout != done.stdout:
            self.fail(folder, "minimize again changes it")


def read(path):
    with open(path, "rb") as source:
        return source.read()


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def comments(text):
    """All comments of an extended text that has no # in quotes."""
    return [c.rstrip() for c in re.findall(rb"#[^\n]*", text)]


def random_policy(rng):
    def target():
        form = rng.choice(TARGETS)
        low = rng.randrange(4) * 2
        return form.format(a=low, b=low, c=low + rng.randrange(4), p=rng.choice((32, 48, 126)))
    head = ["postern: 1", "set s = 10.0.0.0/30, =b.example", "set t = {",
             "10.0.0.4 , 10.0.0.6/31", "  2001:db8::4  # one", "}", 'env e = A="1"']
    lines = []
    idents = rng.random() < 0.3
    for _ in range(rng.randrange(1, 8)):
        words = [target() for _ in range(rng.randrange(1, 3))]
        if idents and rng.random() < 0.5:
            words = ["joe@" + words[0].split("@")[-1]]
        elif any("@" in word for word in words):
            words = [word for word in words if "@" in word][:1]
        verdict = rng.choice(("allow", "allow", "deny", "block"))
        if verdict == "block" and any("@" in word for word in words):
            verdict = "deny"
        setting = rng.choice(SETTINGS) if verdict == "allow" else ""
        if verdict == "allow" and rng.random() < 0.15:
            setting += rng.choice((", limit 3 per /24,/64", ", limit 3, limit 9 per /16,/48"))
        lines.append(f"{','.join(words)}{rng.choice((' ', '  '))}:  {verdict}{setting}"
                     f"{rng.choice(('', '', '   # why'))}")
    rng.shuffle(lines)
    return "\n".join(head + lines + [f"* : {rng.choice(('allow', 'deny'))}", ""])


def sources():
    for folder in ("tests/golden", "tests/differential/corpus", "examples"):
        for where, _, names in sorted(os.walk(os.path.join(ROOT, folder))):
            for name in sorted(names):
                if name.endswith(".rules") and not name.endswith("_test.rules"):
                    yield where, name


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="one file in so many")
    args = parser.parse_args()
    laws = Laws(args.bin)
    with tempfile.TemporaryDirectory() as work:
        for number, (where, name) in enumerate(sources()):
            if number % args.every:
                continue
            folder = os.path.join(work, f"f{number}")
            shutil.copytree(where, folder,
                            ignore=lambda _, names: [n for n in names if n.endswith(".cdb")])
            laws.check(folder, name)
            shutil.rmtree(folder)
        files = laws.count
        rng = random.Random(args.seed)
        for number in range(args.count):
            folder = os.path.join(work, f"r{number}")
            os.mkdir(folder)
            write(folder + "/p.rules", random_policy(rng).encode())
            laws.check(folder, "p.rules")
            shutil.rmtree(folder)
    print(f"{files} files, {laws.count - files} random policies, {laws.failures} failures")
    return 1 if laws.failures or files * args.every < 100 or laws.count - files < args.count / 2 else 0


if __name__ == "__main__":
    sys.exit(main())
