#!/usr/bin/env python3
"""A repository whose configuration names programs, and files whose names are git's.

No verb that asks git runs one of the programs; and a file is the one that was named."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

PROGRAMS = {
    "gpg.program": "{}", "gpg.ssh.program": "{}", "core.fsmonitor": "{}", "core.pager": "{}",
    "pager.show": "{}", "diff.external": "{}", "diff.evil.textconv": "{}",
    "diff.evil.command": "{}", "core.sshCommand": "{}", "core.editor": "{}",
    "filter.evil.smudge": "{}", "filter.evil.clean": "{}", "merge.evil.driver": "{}",
    "interactive.diffFilter": "{}", "credential.helper": "{}", "alias.show": "!{}",
    "alias.cat-file": "!{}",
}
HOOKS = ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc")
VERBS = (["blame", "a.rules", "10.0.0.1"], ["diff", "HEAD~1:a.rules", "a.rules"],
         ["diff", "HEAD~1:a.rules", "HEAD:a.rules"], ["check", "HEAD:a.rules", "10.0.0.1"],
         ["replay", "HEAD~1:a.rules", "HEAD:a.rules", "log"])


def signed(git, folder):
    """The last commit once more, as if somebody had signed it: git show looks at that."""
    text = git("cat-file", "commit", "HEAD")
    head, body = text.split("\n\n", 1)
    lines = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----"
    path = os.path.join(folder, "commit")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{head}\n{lines}\n\n{body}")
    git("update-ref", "HEAD", git("hash-object", "-t", "commit", "-w", path).strip())


# What git itself would read otherwise: the index, an option, a revision, a pattern, a pathspec.
NAMES = (":x", ":0:x", "0:x", "-x", "--all", "a:b", "HEAD", "HEAD:y", "@:y", "HEAD~1:y", ":(top)y",
         ":!y", ":/y", "*.rules", "[y].rules", "y^{}", "a..b", "d/:x", "d/-x", "d/0:x", "y y", "\\y")


def names(world):
    """Each file is the one that was named, whatever its name says to git; y is another one."""
    def put(text, *paths):
        for path in paths:
            full = os.path.join(world.repository, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as out:
                out.write(text)

    def expect(words, wanted, cwd="."):
        done = world.run(words, cwd)
        if not re.search(wanted, done.stdout + done.stderr):
            world.fail(f"{words}: {done.stdout}{done.stderr}")

    put(":allow\n", "y", "x", "b", "q", "yy")
    put(":deny\n", *NAMES)
    for number, name in enumerate(NAMES):
        put("postern: 1\ninclude '" + name + "'\n* : allow\n", f"i{number}.rules", f"e/i{number}.rules")
        if "/" not in name:
            put("10.:allow\n:deny\n", "e/" + name)
    world.git("add", "-A")
    world.git("commit", "-qm", "names")
    put("10.1.:allow\n:deny\n", *NAMES)
    world.git("add", "-A")
    world.git("commit", "-qm", "names again")
    for name in NAMES:
        both = re.match(r"(HEAD|@)[^:]*:", name)
        if both:  # a change could bring it, in the place of what it is judged by
            for words in (["check", name, "10.1.0.1"], ["diff", name, "y"],
                          ["lint", "--config", name, "y"], ["lint", "--baseline", name, "y"]):
                expect(words, "a file has this name, and git a commit")
        for path in ("./" + name,) if both else (name, "./" + name):
            expect(["check", "--", path, "10.1.0.1"], "^10.1.0.1: allow")
            expect(["blame", "--", path, "10.1.0.1"], "names again\n  was deny")
            expect(["diff", "--", "HEAD~1:" + path, path], "looser: 65,536")
            expect(["check", "HEAD~1:" + path, "10.1.0.1"], "^10.1.0.1: deny")
        expect(["lint", "--format", "json", "--", name], r"\"rules\": 2}")
        os.remove(os.path.join(world.repository, name))
        expect(["check", "HEAD~1:" + name, "10.1.0.1"], "^10.1.0.1: deny")
        world.git("checkout", "-q", "HEAD", "--", ":(top,literal)" + name)
    world.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    for number, name in enumerate(NAMES):
        for form in (f"origin/main:i{number}.rules", f"refs/remotes/origin/main:./i{number}.rules",
                     f"HEAD~1:i{number}.rules", f"HEAD~1:./i{number}.rules"):
            expect(["check", form, "10.1.0.1"], "^10.1.0.1: deny")
        if "/" not in name:
            expect(["check", f"HEAD:e/i{number}.rules", "10.2.0.1"], "^10.2.0.1: allow")
            expect(["check", f"HEAD:./i{number}.rules", "10.2.0.1"], "^10.2.0.1: allow", "e")
        expect(["blame", f"i{number}.rules", "10.1.0.1"], "names again\n  was deny")
    for name in (":x", "-x", "--all", ":!y"):  # gone, they are no other file's name
        os.remove(os.path.join(world.repository, name))
        expect(["check", "--", name, "10.1.0.1"], "No such file")


def lacking(world):
    """A clone that lacks an object, and says by which program it is to be got."""
    world.git("config", "core.repositoryformatversion", "1")
    for key, value in (("extensions.partialClone", "origin"), ("remote.origin.promisor", "true"),
                       ("protocol.ext.allow", "always"), ("protocol.file.allow", "always"),
                       ("remote.origin.uploadpack", world.evil)):
        world.git("config", key, value)
    name = world.git("rev-parse", "HEAD~1:a.rules").strip()
    os.remove(os.path.join(world.repository, ".git/objects", name[:2], name[2:]))
    for url in (f"ext::{world.evil}", f"file://{world.folder}/none", "ssh://none.example/x"):
        world.git("config", "remote.origin.url", url)
        for verb in VERBS:
            done = world.run(verb)
            if done.returncode < 0 or (done.returncode == 0 and "HEAD~1" in " ".join(verb)):
                world.fail(f"{verb}: {done.returncode} {done.stdout}{done.stderr}")
            world.look(verb)
    world.git("config", "remote.origin.url", f"ext::{world.evil}")
    subprocess.run(["git", "cat-file", "blob", name], cwd=world.repository, env=world.env, check=False,
                   capture_output=True)
    if not os.path.exists(world.ran):
        world.fail("git fetches nothing either")


class World:
    """A repository, and a program that must not run."""

    def __init__(self, folder, bin_dir):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder, self.repository = folder, os.path.join(folder, "r")
        self.ran, self.evil = os.path.join(folder, "ran"), os.path.join(folder, "evil")
        self.failures = 0
        self.env = {"PATH": "/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@e.example",
                    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@e.example",
                    "LC_ALL": "C.UTF-8"}
        with open(self.evil, "w", encoding="utf-8") as out:
            out.write(f'#!/bin/sh\necho "$0 $*" >> {self.ran}\nexit 1\n')
        os.chmod(self.evil, 0o755)
        os.mkdir(self.repository)
        self.git("init", "-q")

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.repository, env=self.env, check=True,
                              text=True, capture_output=True).stdout

    def run(self, words, cwd=".", **more):
        return subprocess.run([self.postern, *words], cwd=os.path.join(self.repository, cwd),
                              env={**self.env, **more}, capture_output=True, text=True, check=False)

    def fail(self, text):
        self.failures += 1
        print(f"FAILED {text}")

    def look(self, verb):
        """Did the program run?"""
        if os.path.exists(self.ran):
            with open(self.ran, encoding="utf-8") as log:
                self.fail(f"{verb}: ran {log.read()}")
            os.remove(self.ran)


def programs(world):
    """Programs that the configuration names, for whatever git does."""
    for number, text in enumerate((":allow\n", "10.:deny\n:allow\n")):
        for name, content in (("a.rules", text), ("log", "10.1.1.1\n"),
                              (".gitattributes", "* diff=evil filter=evil merge=evil\n")):
            with open(os.path.join(world.repository, name), "w", encoding="utf-8") as out:
                out.write(content)
        world.git("add", "-A")
        world.git("commit", "-qm", f"change {number}")
    signed(world.git, world.folder)
    for hook in HOOKS:
        os.symlink(world.evil, os.path.join(world.repository, ".git/hooks", hook))
    for key, value in PROGRAMS.items():
        world.git("config", key, value.format(world.evil))
    world.git("config", "log.showSignature", "true")
    if os.path.exists(world.ran):
        os.remove(world.ran)
    for more in ({}, {"GIT_EXTERNAL_DIFF": world.evil, "GIT_PAGER": world.evil},
                 {"GIT_LITERAL_PATHSPECS": "1"}, {"GIT_ICASE_PATHSPECS": "1"}):
        for verb in VERBS:
            done = world.run(verb, **more)
            if done.returncode > 1:
                world.fail(f"{verb}: {done.returncode} {done.stderr}")
            world.look(verb)
    subprocess.run(["git", "show", "-s"], cwd=world.repository, env=world.env, check=False,
                   capture_output=True)
    if not os.path.exists(world.ran):  # git itself does: else nothing was asked here
        world.fail("git runs nothing either")
    else:
        os.remove(world.ran)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    failures = 0
    for parts in ((programs, lacking), (names,)):
        with tempfile.TemporaryDirectory() as folder:
            world = World(folder, args.bin)
            for part in parts:
                part(world)
            failures += world.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
