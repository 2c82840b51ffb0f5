#!/usr/bin/env python3
"""examples/ci on real git repositories: the jobs for GitHub and GitLab, run step by step, let through
what lets nobody in, say exactly for whom a change is otherwise, and fail when they cannot tell."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from checks import Checks  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
CI = os.path.join(ROOT, "examples", "ci")
OFFICE = '10.1.:allow,RELAYCLIENT=""\n192.0.2.:allow,TAG="guest"\n:deny\n'
NATIVE = ('postern: 1\nset lan = file "lan.txt"\n$lan : allow, RELAYCLIENT=""\n'
          '=.friend.example : allow\n* : deny\n')
BASE = {"smtp.rules": OFFICE, "web/web.rules": NATIVE, "web/lan.txt": "10.1.0.0/16\n",
        "smtp_test.rules": "postern: 1\nexpect 10.1.2.3 : allow\n", "notes.txt": "words\n"}
# what a change brings, the status, and lines that have to be told
CHANGES = {
    "nothing of rules": ({"notes.txt": "other words\n"}, 0, ["looser: 2 rule files, 0 gains"]),
    "stricter": ({"smtp.rules": OFFICE.replace("10.1.:", "10.1.2.:")}, 0, ["0 gains"]),
    "another variable": ({"smtp.rules": OFFICE.replace("guest", "visitor")}, 0, ["0 gains"]),
    "no longer privileged": ({"smtp.rules": OFFICE.replace(',RELAYCLIENT=""', "")}, 0, ["0 gains"]),
    "let in": ({"smtp.rules": OFFICE.replace(":deny", "203.0.113.:allow\n:deny")}, 1,
               ["looser: smtp.rules: who is let in:", "  addresses: 203.0.113.0/24",
                "  was: deny by the default (smtp.rules:3)", "  is: allow by 203.0.113. (smtp.rules:3)",
                "  for example: 203.0.113.1"]),
    "privileged": ({"smtp.rules": OFFICE.replace('TAG="guest"', 'RELAYCLIENT=""')}, 1,
                   ["looser: smtp.rules: who gets RELAYCLIENT='':", "  addresses: 192.0.2.0/24"]),
    "another value": ({"smtp.rules": OFFICE.replace('RELAYCLIENT=""', 'RELAYCLIENT="@all"')}, 1,
                      ["looser: smtp.rules: who gets RELAYCLIENT='@all':"]),
    "by a list": ({"web/lan.txt": "10.1.0.0/16\n2001:db8::/32\n"}, 1,
                  ["looser: web/web.rules: who is let in, with RELAYCLIENT='':",
                   "  addresses: 2001:db8::/32", "  is: allow by $lan (web/web.rules:3)"]),
    "by name": ({"web/web.rules": NATIVE.replace("friend", "stranger")}, 1,
                ["  hosts: =.stranger.example", "  for example: 1.0.0.1 =x.stranger.example"]),
    "a new file": ({"new.rules": "10.9.:allow\n:deny\n"}, 1, ["  addresses: 10.9.0.0/16"]),
    "a file less": ({"smtp.rules": None}, 0, ["looser: 2 rule files, 0 gains"]),
    "an error": ({"smtp.rules": "10.1.: alow\n"}, 2, []),
    "a list less": ({"web/lan.txt": None}, 2, ["web/web.rules:2:"]),
    "a list elsewhere": ({"web/web.rules": NATIVE.replace("lan.txt", "/etc/hostname")}, 2, []),
    "a list above": ({"web/web.rules": NATIVE.replace("lan.txt", "../../../etc/hostname")}, 2, []),
    "a link": ({"smtp.rules": ("link", "notes.txt")}, 2, []),
    "a list that is a link": ({"web/lan.txt": ("link", "/etc/hostname")}, 2, []),
    "a name that is an option": ({"--help.rules": "10.9.:allow\n"}, 1, ["looser: --help.rules: "]),
    "words for a log": ({"::error::\x1b[31m##[x]\n::y.rules": "10.9.:allow\n"}, 1, ["looser: ::err"]),
}


class Checks(Checks):
    def __init__(self, env):
        self.env = env

    def run(self, words, folder, **more):
        return subprocess.run(words, cwd=folder, env={**self.env, **more}, capture_output=True,
                              text=True, timeout=600, check=False)

    def git(self, folder, *words):
        done = self.run(["git", *words], folder)
        if done.returncode:
            raise RuntimeError(f"git {words}: {done.stderr}")

    def put(self, folder, files):
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if os.path.lexists(path):
                os.remove(path)
            if isinstance(text, tuple):
                os.symlink(text[1], path)
            elif text is not None:
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text)

    def commit(self, folder, files):
        self.put(folder, files)
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-qm", "a change")

    def github(self, folder):
        """The steps after the checkout, which is that of the merge."""
        self.git(folder, "checkout", "-q", "--detach", "origin/main")
        self.git(folder, "merge", "-q", "--no-edit", "change")
        with open(os.path.join(CI, "github.yml"), encoding="utf-8") as source:
            job = yaml.safe_load(source)["jobs"]["looser"]
        done = None
        for step in job["steps"]:
            if "run" in step:
                variables = {k: re.sub(r"\$\{\{ github.base_ref \}\}", "main", v)
                             for k, v in step["env"].items()}
                variables.update(self.places())
                done = self.run([step["shell"], "-e", "-c", step["run"]], folder, **variables)
        self.git(folder, "checkout", "-q", "change")
        return done

    def gitlab(self, folder):
        with open(os.path.join(CI, "gitlab.yml"), encoding="utf-8") as source:
            job = yaml.safe_load(source)["postern-looser"]
        return self.run(["sh", "-e", "-c", "\n".join(job["script"])], folder,
                        **{**job["variables"], **self.places()}, CI_PROJECT_URL="x",
                        CI_MERGE_REQUEST_PROJECT_URL="x",
                        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")

    def places(self):
        """Where things lie that are installed elsewhere."""
        return {"PYTHONPATH": os.path.join(ROOT, "bindings", "python"),
                "LOOSER": os.path.join(CI, "looser.py"), "PYTHONDONTWRITEBYTECODE": "1"}

    def repository(self, folder):
        """What is so, at the origin, and a clone of it in which a change may be made."""
        origin, clone = os.path.join(folder, "origin"), os.path.join(folder, "clone")
        self.git(folder, "init", "-q", "-b", "main", origin)
        self.commit(origin, BASE)
        self.git(folder, "clone", "-q", origin, clone)
        self.git(clone, "checkout", "-qb", "change")
        return origin, clone

    def told(self, what, done, status, lines):
        self.check(done.returncode == status, f"{what}: {done}")
        for line in lines:
            self.check(line in done.stdout + done.stderr, f"{what}, no {line!r}: {done}")
        odd = [line for line in (done.stdout + done.stderr).splitlines()
               if not re.match(r"looser: |  [a-z ]+: |[\w/.-]+:\d", line) or "##[" in line
               or "\x1b" in line]
        self.check(not odd, f"{what}: lines that a runner may obey: {odd}")

    def changes(self, folder):
        for number, (what, (files, status, lines)) in enumerate(CHANGES.items()):
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            _, clone = self.repository(place)
            self.commit(clone, files)
            for name, job in (("github", self.github), ("gitlab", self.gitlab)):
                self.told(f"{name}, {what}", job(clone), status, lines)

    def a_target_that_went_on(self, folder):
        """What the target has become stricter by meanwhile is no gain of the change's."""
        origin, clone = self.repository(folder)
        self.commit(clone, {"notes.txt": "mine\n"})
        other = clone + "-2"  # the fetch of one job leaves a shallow clone
        self.git(folder, "clone", "-q", "--branch", "change", clone, other)
        self.git(other, "remote", "set-url", "origin", origin)
        self.commit(origin, {"smtp.rules": OFFICE.replace("192.0.2.:allow", "192.0.2.:deny")})
        self.git(clone, "fetch", "-q")
        for name, job, place in (("github", self.github, clone), ("gitlab", self.gitlab, other)):
            self.told(f"{name}, a target that went on", job(place), 0, ["0 gains"])
        # two that do not merge
        self.commit(other, {"smtp.rules": OFFICE.replace("192.0.2.:allow", "192.0.2.7:allow")})
        done = self.gitlab(other)
        self.check(done.returncode != 0, f"gitlab, a conflict: {done}")

    def options(self, folder):
        origin, clone = self.repository(folder)
        del origin
        self.commit(clone, {"web/web.rules": NATIVE.replace("friend", "stranger"),
                            "smtp.rules": OFFICE.replace("guest", "admin")})
        words = [sys.executable, self.places()["LOOSER"]]
        for more, status in ((["origin/main", "HEAD"], 1),
                             (["--no-host", "origin/main", "HEAD"], 0),
                             (["--privileged", "TAG", "--no-host", "origin/main", "HEAD"], 1),
                             (["origin/main", "HEAD", "smtp*"], 0),
                             (["origin/main", "HEAD", "none*"], 2),
                             (["origin/none", "HEAD"], 2), (["HEAD", "--output=x"], 2),
                             (["HEAD"], 2)):
            done = self.run([*words, *more], clone, **self.places())
            self.check(done.returncode == status, f"{more}: {done}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", required=True)
    parser.add_argument("--compiler", required=True)
    args = parser.parse_args()
    checks = Checks({
        "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": "/nonexistent", "POSTERN_LIBRARY": os.path.abspath(args.library),
        "POSTERN_COMPILER_LIBRARY": os.path.abspath(args.compiler),
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "a"), ("EMAIL", "a@e.example"))}})
    for part in (checks.changes, checks.a_target_that_went_on, checks.options):
        with tempfile.TemporaryDirectory() as folder:
            part(folder)
    return checks.end(50)


if __name__ == "__main__":
    sys.exit(main())
