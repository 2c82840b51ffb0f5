#!/usr/bin/env python3
"""A .postern: whose is taken and where from, that it waits for nothing, and can have nothing done.

Owners are given away as root; as anybody else that part is left out, and said.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

RULES = "10.1.:deny\n10.1.2.3:deny\n:allow\n"
STRANGER, OTHER = 65534, 1234
SILENT = "only = P5\n"  # what is taken shows by the finding that is not


class World:
    def __init__(self, folder, bin_dir):
        self.folder, self.failures, self.count = folder, 0, 0
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")

    def fail(self, text):
        self.failures += 1
        print(f"FAILED {text}")

    def make(self, name):
        """A folder of its own for rules, with its way up."""
        path = os.path.join(self.folder, name)
        os.makedirs(path)
        self.put(path + "/a.rules", RULES)
        return path

    @staticmethod
    def put(path, text):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, 0o644)

    def lint(self, path, *words, user=None):
        self.count += 1
        try:
            return subprocess.run([self.postern, "lint", *words, "--format", "json", path],
                                  capture_output=True, text=True, timeout=300, check=False, user=user,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            self.fail(f"lint {path}: it waits")
            return subprocess.CompletedProcess([], 0, '{"findings": []}', "")

    def taken(self, path, want, why="", *words, user=None):
        done = self.lint(path, *words, user=user)
        answer = json.loads(done.stdout or "{}")
        notices = " ".join(n["message"] for n in answer.get("notices", []))
        if bool(answer.get("findings")) == want or (why and (why not in notices or why not in done.stderr)):
            self.fail(f"{path}: taken should be {want} {why}: {done}")
        if want and notices:
            self.fail(f"{path}: taken, and told of: {done}")


def places(world):
    """From the folder of the rules up to the root of their repository."""
    for depth in range(3):
        for git in ("folder", "file", None):
            top = world.make(f"p{depth}-{git}")
            deep = os.path.join(top, *"abc"[:depth])
            os.makedirs(deep, exist_ok=True)
            world.put(deep + "/a.rules", RULES)
            if git == "folder":
                os.mkdir(top + "/.git")
            elif git == "file":
                world.put(top + "/.git", "gitdir: elsewhere\n")
            world.put(top + "/.postern", SILENT)
            world.taken(deep + "/a.rules", bool(git) or not depth, "" if git or not depth else "above")
    top = world.make("nearest/sub")
    world.put(world.folder + "/nearest/.postern", "no-such\n")
    world.put(top + "/.postern", SILENT)
    os.mkdir(world.folder + "/nearest/.git")
    world.taken(top + "/a.rules", True)
    os.mkdir(top + "/.git")  # the nearest repository is the one of the rules
    os.remove(top + "/.postern")
    world.taken(top + "/a.rules", False, "above")
    other = world.make("links")
    world.put(other + "/.postern", SILENT)
    away = world.make("away")
    os.symlink(other + "/a.rules", away + "/l.rules")
    world.taken(away + "/l.rules", True)  # the rules lie where the link leads


def kinds(world):
    """What is no regular file is passed over, and not waited for."""
    def pipe(path):
        os.mkfifo(path)

    def unix(path):
        here = os.getcwd()
        os.chdir(os.path.dirname(path))
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(os.path.basename(path))
        os.chdir(here)

    makers = {"a FIFO": pipe, "a folder": os.mkdir, "no regular file": unix,
              "a symbolic link": lambda p: os.symlink("../kinds-real", p)}
    world.put(world.folder + "/kinds-real", SILENT)
    for number, (why, maker) in enumerate(makers.items()):
        top = world.make(f"k{number}/sub")
        maker(top + "/.postern")
        world.taken(top + "/a.rules", False, why)
        os.mkdir(world.folder + f"/k{number}/.git")
        world.put(world.folder + f"/k{number}/.postern", SILENT)
        done = world.lint(top + "/a.rules")
        if json.loads(done.stdout)["findings"] or why not in done.stderr:
            world.fail(f"what is passed over hides the one above: {done}")
    top = world.make("large")
    with open(top + "/.postern", "wb") as out:
        out.truncate(1 << 31)
    if world.lint(top + "/a.rules").returncode != 2:
        world.fail("2 GiB of a .postern are read")
    top = world.make("waits")
    os.mkfifo(top + "/pipe")
    os.mkdir(top + "/folder")
    for key in ("baseline", "server", "against"):
        for what in ("pipe", "folder"):
            world.put(top + "/.postern", f"{key} = {what}\n")
            done = world.lint(top + "/a.rules")
            if done.returncode != 2 or "config-path" not in done.stderr:
                world.fail(f"{key} = {what}: {done}")
    for cdb in (top + "/pipe", "/proc/kmsg", "/dev/zero", top + "/folder"):
        world.put(top + "/.postern", "server = run\n")
        world.put(top + "/run", f"#!/bin/sh\nexec tcpserver -x {cdb} 0 25 true\n")
        if world.lint(top + "/a.rules").returncode not in (0, 1):
            world.fail(f"a script with -x {cdb}")


def modes(world):
    for mode, want in ((0o600, True), (0o644, True), (0o664, True), (0o660, True), (0o666, False),
                       (0o646, False), (0o602, False)):
        top = world.make(f"m{mode:o}")
        world.put(top + "/.postern", SILENT)
        os.chmod(top + "/.postern", mode)
        world.taken(top + "/a.rules", want, "" if want else "everybody")
        world.taken(top + "/a.rules", True, "", "--config", top + "/.postern")
        world.taken(top + "/a.rules", False, "", "--no-config")


def owners(world):
    """(who runs, whose rules, whose .postern, whether it is taken)"""
    if os.geteuid():
        print("not root: no file is given away")
        return
    os.chmod(world.folder, 0o755)
    for number, (user, rules, postern, want) in enumerate((
            (0, 0, 0, True), (0, 0, STRANGER, False), (0, STRANGER, STRANGER, True),
            (0, OTHER, STRANGER, False), (0, STRANGER, 0, True), (STRANGER, STRANGER, STRANGER, True),
            (STRANGER, STRANGER, OTHER, False), (STRANGER, OTHER, OTHER, True),
            (STRANGER, 0, OTHER, False), (STRANGER, OTHER, 0, True), (OTHER, STRANGER, OTHER, True))):
        for above in (False, True):
            top = world.make(f"o{number}-{above}")
            deep = top + "/sub" if above else top
            if above:
                os.mkdir(deep)
                os.mkdir(top + "/.git")
                shutil.copy(top + "/a.rules", deep)
            world.put(top + "/.postern", SILENT)
            os.chown(deep + "/a.rules", rules, rules)
            os.chown(top + "/.postern", postern, postern)
            world.taken(deep + "/a.rules", want, "" if want else "somebody else", user=user)
            if not want:
                world.taken(deep + "/a.rules", True, "", "--config", top + "/.postern", user=user)
    top = world.make("unreadable")
    world.put(top + "/.postern", SILENT)
    os.chmod(top + "/.postern", 0o600)
    world.taken(top + "/a.rules", True)
    done = world.lint(top + "/a.rules", user=STRANGER)  # root's own: it would count
    if done.returncode != 111 or "Permission denied" not in done.stderr:
        world.fail(f"a .postern that would be taken cannot be read: {done}")
    os.chown(top + "/.postern", OTHER, OTHER)
    world.taken(top + "/a.rules", False, "somebody else", user=STRANGER)


def acts(world):
    """Each option of the program in a .postern: those that are not named change no file."""
    allowed = {"only", "ignore", "no-ignores", "strict", "fail-level", "max", "server", "trusted",
               "privileged", "as-of", "baseline", "against"}
    pages = subprocess.run([world.postern, "help", "lint"], capture_output=True, text=True,
                           check=True).stdout
    options = {w.strip(",.") for w in pages.split() if w.startswith("--")}
    names = {o[2:].split("=")[0] for o in options if len(o) > 2} | {"help", "watch", "color", "root", "list-checks"}
    if len(names) < 20:
        world.fail(f"the page names few options: {names}")
    top = world.make("acts")
    world.put(top + "/out", "as it was\n")
    for name in sorted(names - allowed):
        for line in (name, f"{name} = out", f"  {name}\t= {top}/out", f"only = P3\n{name} = text"):
            world.put(top + "/.postern", line + "\n")
            done = world.lint(top + "/a.rules")
            if done.returncode != 2 or ": error: " not in done.stderr or ".postern:" not in done.stderr:
                world.fail(f"{line!r}: {done}")
    for path, text in (("out", "as it was\n"), ("a.rules", RULES)):
        with open(os.path.join(top, path), encoding="utf-8") as source:
            if source.read() != text:
                world.fail(f"{path} was written")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.realpath(folder), args.bin)
        for part in (places, kinds, modes, owners, acts):
            part(world)
    print(f"{world.count} runs, {world.failures} failures")
    return 1 if world.failures or world.count < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
