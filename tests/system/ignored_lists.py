#!/usr/bin/env python3
"""Lists that cron fetches and git ignores: diff and replay read them as they are now, and say so.

What git follows now, and a commit did not have, is missing there: told, with the commit.
"""
import argparse
import os
import subprocess
import sys
import tempfile

RULES = 'postern: 1\nset l = file "%s"\n$l : block\n%s* : allow\n'
failures = []


class Work:
    def __init__(self, bin_dir):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.env = {"PATH": "/usr/bin:/bin", "HOME": os.getcwd(), "GIT_CONFIG_NOSYSTEM": "1",
                    "LC_ALL": "C.UTF-8"}
        for who in ("AUTHOR", "COMMITTER"):
            self.env.update({f"GIT_{who}_NAME": "someone", f"GIT_{who}_EMAIL": "a@e.example"})
        self.git("init", "-q")

    def git(self, *words):
        subprocess.run(["git", *words], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def commit(self, **files):
        for name, text in files.items():
            write(name.replace("__", "/").replace("_", "."), text)
        self.git("add", "-A")
        self.git("commit", "-qm", "change")

    def check(self, words, status, *said, where=".", text=""):
        done = subprocess.run([self.postern] + words, env=self.env, cwd=where, input=text,
                              capture_output=True, text=True, check=False)
        for wanted in said:
            if wanted not in done.stdout + done.stderr:
                failures.append(f"{words}: no word of '{wanted}' in {done.stdout}{done.stderr}")
        if done.returncode != status:
            failures.append(f"{words}: {done.returncode}, not {status}: {done.stderr}")


def write(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8") as out:
        out.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bin_dir = os.path.abspath(args.bin)
        os.chdir(folder)
        work = Work(bin_dir)
        write(".gitignore", "l/\n")
        write("l/d.txt", "198.51.100.0/24\n")
        work.commit(p_rules=RULES % ("l/d.txt", ""), sub__q_rules=RULES % ("../l/d.txt", ""))
        more = "10.0.0.0/8 : deny\n"
        work.commit(p_rules=RULES % ("l/d.txt", more), sub__q_rules=RULES % ("../l/d.txt", more))
        taken = "l/d.txt: note: HEAD~1 does not have it, and git does not follow it: it is taken as"
        work.check(["diff", "HEAD~1:p.rules", "p.rules"], 1, "loses", "10.0.0.0/8", taken)
        work.check(["diff", "HEAD~1:p.rules", "HEAD:p.rules"], 1, "loses", taken)
        work.check(["diff", "HEAD~1:./q.rules", "q.rules"], 1, "loses", where="sub")
        work.check(["diff", "HEAD~1:sub/q.rules", "q.rules"], 1, "loses", "taken as", where="sub")
        work.check(["replay", "HEAD~1:p.rules", "p.rules"], 1, "1 of 2", taken,
                   text="10.1.1.1\n198.51.100.1\n")
        work.check(["blame", "p.rules", "10.1.1.1"], 0, "10.0.0.0/8", "is not in git")
        # one that git has begun to follow since was not there then
        write("n.txt", "192.0.2.0/24\n")
        work.commit(p_rules=RULES % ("n.txt", more))
        work.git("rm", "-q", "--cached", "n.txt")
        work.git("commit", "-qm", "forgotten")
        work.check(["diff", "HEAD:p.rules", "p.rules"], 0, "n.txt: note: HEAD does not have it")
        work.git("add", "n.txt")
        work.git("commit", "-qm", "followed")
        work.check(["diff", "HEAD~1:p.rules", "p.rules"], 2, "cannot be read",
                   "'n.txt' exists on disk, but not in 'HEAD~1'")
        # one that is nowhere
        os.remove("l/d.txt")
        work.check(["diff", "HEAD~3:p.rules", "HEAD:p.rules"], 2, "'l/d.txt' does not exist in")
        os.chdir("/")
    for text in failures:
        print("FAILED", text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
