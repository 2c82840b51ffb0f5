#!/usr/bin/env python3
"""--root: no verb opens, reads or writes what lies outside, whatever names or leads to it.

Each place of each verb that takes a path is given one that leads out, in every form; each verb
that reads rules gets rules whose include, list or tests lead out. Where strace(1) is, whatever
was opened is looked at, by the path that the kernel has for the descriptor.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

RULES = "postern: 1\n10.0.0.0/8 : allow, TAG=\"x\"\n192.0.2.1 : allow\n* : deny\n"
SECRET = "postern: 1\n10.0.0.0/8 : alow, TAG=\"secret-1\"\n* : secret-2\n"
LIST = "10.0.0.1\nsecret-3 : x\n"
SCRIPT = "#!/bin/sh\nexec tcpserver -x secret-4.cdb 0 25 true\n"
LOG = "tcpserver: ok 1 :192.0.2.9:25 :10.1.2.3::4000\n"
# what of the system a program reads: libraries, locales, time zones; and git, its own
SYSTEM = ("/lib", "/usr/", "/etc/ld.so", "/etc/localtime", "/dev/null", "/dev/tty", "/proc/",
          "/sys/", "/etc/locale", "/memfd:")

# {} is a path that leads out: to rules, a compiled file, a list, a log, or a name to be made.
READS = [
    ("rules", w.split()) for w in (
        "check {} 10.0.0.1", "compile {} -o x.cdb", "diff {} a.rules", "diff a.rules {}",
        "fmt {}", "fmt --check {}", "lint {}", "lint --fix {}", "lint a.rules {}", "map {} -o p.svg",
        "map a.rules {} -o p.svg", "merge -p {} a.rules a.rules", "merge -p a.rules {} a.rules",
        "merge -p a.rules a.rules {}", "minimize {}", "replay {} a.rules log",
        "replay a.rules {} log", "stats {}", "test {}", "who {} TAG")
] + [
    ("cdb", w.split()) for w in (
        "check {} 10.0.0.1", "dump {}", "diff a.rules {}", "lint --against {} a.rules", "stats {}",
        "who {} TAG", "minimize {}", "map {} -o p.svg", "replay {} a.rules log")
] + [
    ("log", ["replay", "a.rules", "b.rules", "{}"]),
    ("log", ["diff", "a.rules", "b.rules", "--weigh", "{}"]),
    ("list", ["lint", "--baseline", "{}", "a.rules"]),
    ("list", ["lint", "--config", "{}", "a.rules"]),
    ("script", ["lint", "--server", "{}", "a.rules"]),
]
WRITES = [
    ["compile", "a.rules", "-o", "{}"], ["map", "a.rules", "-o", "{}.svg"],
    ["lint", "--write-baseline", "{}", "a.rules"],
]
# Rules that lead out themselves.
NAMING = [w.split() for w in (
    "check {} 10.0.0.1", "compile {} -o x.cdb", "diff {} a.rules", "diff a.rules {}", "lint {}",
    "lint --fix {}", "map {} -o p.svg", "minimize {}", "replay {} a.rules log", "stats {}", "test {}",
    "who {} TAG", "merge -p a.rules {} b.rules")]
WITH_TESTS = [w.split() for w in ("test {}", "lint {}", "diff {} a.rules", "test --mutate {}")]
OUT = {"rules": "o.rules", "cdb": "o.cdb", "list": "list", "log": "log", "script": "run"}


class World:
    """TOP/root is the folder that verbs are kept in, TOP/out is not to be seen."""

    def __init__(self, top, bin_dir):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.top, self.root, self.out = top, os.path.join(top, "root"), os.path.join(top, "out")
        self.failures = self.count = 0
        self.trace = os.path.join(top, "trace")
        self.env = {"PATH": "/usr/bin:/bin", "HOME": self.root, "LC_ALL": "C.UTF-8",
                    "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_COMMITTER_NAME": "a",
                    "GIT_AUTHOR_EMAIL": "a@e.example", "GIT_COMMITTER_EMAIL": "a@e.example"}
        self.strace = self.strace_find()

    def strace_find(self):
        """Under a sanitizer nothing is traced: it opens what it likes itself."""
        with open(self.postern, "rb") as program:
            if not shutil.which("strace") or re.search(b"__[almt]san_init", program.read()):
                return None
        words = ["strace", "-f", "-y", "-qq", "-e", "trace=open,openat,openat2,creat", "-o", self.trace]
        tried = subprocess.run(words + ["true"], capture_output=True, check=False)
        return words if tried.returncode == 0 else None

    def put(self, path, text):
        path = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def make(self):
        for name in ("a.rules", "b.rules"):
            self.put("root/" + name, RULES.replace("192", "193") if name[0] == "b" else RULES)
        self.put("root/log", LOG)
        for name, text in (("o.rules", SECRET), ("good.rules", RULES), ("list", LIST), ("log", LOG),
                           ("run", SCRIPT), ("o_test.rules", SECRET)):
            self.put("out/" + name, text)
        self.put("rootx/o.rules", SECRET)
        subprocess.run([self.postern, "compile", "good.rules", "-o", "o.cdb"], cwd=self.out, check=True)
        os.symlink("../out", os.path.join(self.root, "folder"))
        os.symlink(self.out, os.path.join(self.root, "whole-folder"))
        for name in list(OUT.values()) + ["made"]:
            os.symlink("../out/" + name, os.path.join(self.root, "link-" + name))
            os.symlink("link-" + name, os.path.join(self.root, "twice-" + name))

    def forms(self, name):
        """All the ways that a path leads to out/NAME, from root/."""
        yield "link-" + name
        yield "twice-" + name
        yield "folder/" + name
        yield "whole-folder/" + name
        yield "../out/" + name
        yield "a.d/../../out/" + name
        yield os.path.join(self.out, name)
        yield os.path.join(self.root, "..", "out", name)
        yield "/proc/self/root" + os.path.join(self.out, name)
        yield "/proc/self/cwd/../out/" + name

    def state(self):
        """What lies outside: names, contents, times of change."""
        found = {}
        for name in sorted(os.listdir(self.out)):
            path = os.path.join(self.out, name)
            with open(path, "rb") as source:
                found[name] = (source.read(), os.stat(path).st_ctime_ns)
        return found

    def opened_outside(self):
        """Paths of descriptors that were got, by the program; and by git, that are no system's."""
        with open(self.trace, encoding="utf-8", errors="replace") as lines:
            text = lines.read()
        for match in re.finditer(r"^\d*\s*open\w*\(.*= \d+<(.*)>$", text, re.M):
            path = match.group(1)
            if path != self.root and not path.startswith(self.root + "/"):
                if not path.startswith(SYSTEM) and path != os.path.dirname(self.postern):
                    yield path

    def run(self, words, status, root=".", cwd=None, may=()):
        before = self.state()
        command = [self.postern, words[0], "--root", root] + words[1:]
        done = subprocess.run((self.strace or []) + command, cwd=cwd or self.root, env=self.env,
                              capture_output=True, stdin=subprocess.DEVNULL, text=True,
                              errors="replace", timeout=600, check=False)
        problems = []
        if status is not None and done.returncode != status:
            problems.append(f"left with {done.returncode}, not {status}")
        if "secret-" in done.stdout + done.stderr:
            problems.append("showed what lies outside")
        if status == 2 and "--root" not in done.stderr and "--root" not in done.stdout:
            problems.append("did not say why")
        if self.state() != before:
            problems.append("changed what lies outside")
        if self.strace:
            problems += [f"opened {path}" for path in self.opened_outside() if not path.startswith(may)]
        self.count += 1
        if problems:
            self.failures += 1
            print(f"FAILED postern {' '.join(command[1:])}: {'; '.join(problems)}\n"
                  f"{done.stdout}{done.stderr}")
        return done


def given(world):
    """A path on the command line."""
    os.makedirs(os.path.join(world.root, "a.d"), exist_ok=True)
    for kind, words in READS:
        for form in world.forms(OUT[kind]):
            world.run([w.replace("{}", form) for w in words], 2)
    for words in WRITES:
        for form in world.forms("made"):
            # a link in the last place is replaced, and stays in its folder
            status = None if form.startswith(("link-", "twice-")) else 2
            world.run([w.replace("{}", form) for w in words], status)
    for beside in ("../rootx/o.rules", os.path.join(world.top, "rootx/o.rules")):
        world.run(["lint", beside], 2)


def named(world):
    """Rules that name a path: an include, a list; and tests beside them."""
    for number, (kind, line) in enumerate((("rules", "include \"{}\"\n"),
                                           ("list", "file \"{}\" : deny\n"),
                                           ("list", "set s = file \"{}\"\n$s : deny\n"))):
        for place, form in enumerate(world.forms(OUT[kind])):
            name = f"n{number}-{place}.rules"
            world.put("root/" + name, "postern: 1\n" + line.replace("{}", form) + "* : deny\n")
            for words in NAMING if place in (0, 2, 6) else NAMING[:1]:
                world.run([w.replace("{}", name) for w in words], 2)
    world.put("root/t.rules", RULES)
    os.symlink("../out/o_test.rules", os.path.join(world.root, "t_test.rules"))
    for words in WITH_TESTS:
        world.run([w.replace("{}", "t.rules") for w in words], 2)


def beside(world):
    """A .postern that is above, a link, or names paths; the file that a mend would write."""
    world.put("out/.postern", "only = P5\n")
    os.rename(os.path.join(world.out, ".postern"), os.path.join(world.top, ".postern"))
    world.run(["lint", "a.rules"], 0)
    os.symlink("../.postern", os.path.join(world.root, ".postern"))
    world.run(["lint", "a.rules"], 0)
    os.remove(os.path.join(world.root, ".postern"))
    for key in ("baseline", "server", "against"):
        for form in ("link-list", "folder/list", "../out/list"):
            world.put("root/.postern", f"{key} = {form}\n")
            done = world.run(["lint", "a.rules"], None)
            if done.returncode != 2 or "config-path" not in done.stderr:
                world.failures += 1
                print(f"FAILED .postern with {key} = {form}: {done.stderr}")
    os.remove(os.path.join(world.root, ".postern"))
    os.remove(os.path.join(world.top, ".postern"))


def inside(world):
    """What lies beneath works as ever, by whatever name; from whatever folder."""
    os.symlink("../a.rules", os.path.join(world.root, "a.d/up.rules"))
    os.symlink("a.d", os.path.join(world.root, "d"))
    world.put("root/i.rules", "postern: 1\ninclude \"d/up.rules\"\n")
    world.put("root/c.rules", RULES)
    whole = os.path.join(world.root, "a.rules")
    for name in ("a.rules", "./a.rules", "d/../a.rules", "d/up.rules", whole, "i.rules"):
        world.run(["lint", name], 0)
        world.run(["check", name, "10.0.0.1"], 0)
        world.run(["compile", name, "-o", "d/x.cdb"], 0)
    world.run(["fmt", "d/up.rules"], 0)
    world.run(["lint", "--write-baseline", "known", "a.rules"], 0)
    world.run(["lint", "--baseline", "d/../known", "a.rules"], 0)
    world.run(["test", "c.rules"], 0)
    for root in (world.root, world.root + "/", "../root", world.root + "/./a.d/.."):
        world.run(["lint", "a.rules", whole], 0, root=root)
    world.run(["lint", "root/a.rules", "root/d/up.rules"], 0, root="root", cwd=world.top)
    world.run(["lint", "../a.rules"], 0, root="..", cwd=os.path.join(world.root, "a.d"))
    world.run(["lint", "../a.rules"], 2, root=".", cwd=os.path.join(world.root, "a.d"))
    for root in ("nowhere", "a.rules"):
        done = world.run(["lint", "a.rules"], None, root=root)
        if done.returncode != 2:
            world.failures += 1
            print(f"FAILED --root {root}: {done.returncode}")


def commits(world):
    """What git has: the repository lies beneath, with all that it borrows."""
    def git(*words, cwd=world.root):
        return subprocess.run(["git", *words], cwd=cwd, env=world.env, check=True,
                              capture_output=True, text=True).stdout

    git("init", "-q")
    git("add", "a.rules", "i.rules", "link-o.rules", "n0-0.rules", "n0-4.rules", "n0-6.rules", "d",
        "a.d/up.rules")
    git("commit", "-qm", "one")
    for words in (["check", "HEAD:a.rules", "10.0.0.1"], ["diff", "HEAD:a.rules", "a.rules"],
                  ["blame", "a.rules", "10.0.0.1"]):
        world.run(words, 0)
    for name in ("n0-0.rules", "n0-6.rules"):
        world.run(["blame", name, "10.0.0.1"], None)
    world.run(["check", "HEAD:n0-6.rules", "10.0.0.1"], 2)
    world.run(["check", "HEAD:link-o.rules", "10.0.0.1"], None)  # its text is a path, and no rule
    world.run(["check", "HEAD:./up.rules", "10.0.0.1"], 2, root=".",
              cwd=os.path.join(world.root, "a.d"))
    other = os.path.join(world.top, "other")
    git("clone", "-q", "--bare", world.root, other)
    world.put("root/.git/objects/info/alternates", os.path.join(other, "objects") + "\n")
    world.run(["check", "HEAD:a.rules", "10.0.0.1"], 2)
    os.remove(os.path.join(world.root, ".git/objects/info/alternates"))
    world.run(["check", "HEAD:a.rules", "10.0.0.1"], 0)
    for inside in (".git/objects/pack", ".git/objects/" + git("rev-parse", "HEAD:a.rules")[:2]):
        inside = os.path.join(world.root, inside)
        os.makedirs(os.path.join(other, "objects", os.path.basename(inside)), exist_ok=True)
        os.rename(inside, inside + ".was")
        os.symlink(os.path.join(other, "objects", os.path.basename(inside)), inside)
        world.run(["check", "HEAD:a.rules", "10.0.0.1"], 2, may=(other,))
        os.remove(inside)
        os.rename(inside + ".was", inside)
    world.run(["check", "HEAD:a.rules", "10.0.0.1"], 0)
    os.rename(os.path.join(world.root, ".git"), os.path.join(world.top, "moved"))
    os.symlink("../moved", os.path.join(world.root, ".git"))
    world.run(["check", "HEAD:a.rules", "10.0.0.1"], 2, may=(os.path.join(world.top, "moved"),))
    os.remove(os.path.join(world.root, ".git"))
    world.put("root/.git", f"gitdir: {other}\n")
    world.run(["check", "HEAD:a.rules", "10.0.0.1"], 2, may=(other,))  # git is asked where it is
    os.remove(os.path.join(world.root, ".git"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        world = World(os.path.realpath(top), args.bin)
        world.make()
        for part in (given, named, beside, inside, commits):
            part(world)
    opens = "looked at by strace" if world.strace else "not looked at: no strace here"
    print(f"{world.count} runs, {world.failures} failures; what was opened was {opens}")
    return 1 if world.failures or world.count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
