#!/usr/bin/env python3
"""blame on random histories with renames, copies and cuts, held to a slow reader.

A history is a line of commits that edit a policy and what it includes, rename it, move it to
another folder, or copy it and go on with the copy. The slow reader knows the name that the file
has in each commit; it checks each commit out, asks the policy there, and so knows the commits at
which the answer, or the rule that makes it, became another. Some histories are cloned with a
depth: then the oldest commit that is left has no cause, and nothing is said of those before.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

CLIENTS = [("10.1.1.1", None), ("10.2.1.1", None), ("192.0.2.1", None), ("10.3.1.1", "x.example"),
           ("2001:db8::1", None), ("203.0.113.9", "a.partner.example")]
RULES = ["10.1.0.0/16 : deny", "10.2.0.0/16 : deny", "10.0.0.0/8 : allow, A=\"1\"",
         "192.0.2.0/24 : deny", "=.partner.example : allow, P=\"1\"", "=x.example : deny",
         "2001:db8::/32 : deny", "10.1.1.0/24 : allow, B=\"2\""]
FILLER = "".join(f"198.51.100.{n} : deny  # somebody who was told so, number {n}\n" for n in range(12))


class Policy:
    """The files of one commit: the root with its name, what it includes, and what is left over."""

    def __init__(self):
        self.name, self.rules, self.shared, self.others = "a.rules", [], [], {}

    def files(self):
        up = "../" * self.name.count("/")
        root = ("postern: 1\n" + f'include "{up}shared/all.rules"\n' + FILLER
                + "".join(r + "\n" for r in self.rules) + "* : allow\n")
        shared = "postern: 1\n" + "".join(r + "\n" for r in self.shared)
        return {**self.others, self.name: root, "shared/all.rules": shared}

    def copy(self):
        other = Policy()
        other.name, other.rules = self.name, list(self.rules)
        other.shared, other.others = list(self.shared), dict(self.others)
        return other


def edit(rng, rules, beside):
    if rules and rng.random() < 0.4:
        rules.pop(rng.randrange(len(rules)))
    else:
        left = [r for r in RULES if r not in rules and r not in beside]
        if left:
            rules.insert(rng.randrange(len(rules) + 1), rng.choice(left))


def step(rng, policy, n):
    policy = policy.copy()
    what = rng.choice(["edit", "edit", "edit", "shared", "shared", "rename", "rename edit", "copy",
                       "move", "other"])
    if what == "copy":
        policy.others[policy.name] = policy.files()[policy.name]
        policy.others = dict(list(policy.others.items())[-2:])
    if what in ("rename", "rename edit", "copy"):
        folder = policy.name.rpartition("/")[0]
        policy.name = (folder + "/" if folder else "") + f"n{n}.rules"
    if what == "move":
        policy.name = f"d{n}/" * (not policy.name.startswith("d")) + f"m{n}.rules"
    if what.endswith("edit"):
        edit(rng, policy.rules, policy.shared)
    if what == "shared":
        edit(rng, policy.shared, policy.rules)
    policy.others["other.txt"] = str(n)
    return policy, what


class Histories:
    def __init__(self, bin_dir):
        self.postern = os.path.join(bin_dir, "postern")
        self.env = {"PATH": bin_dir + ":/usr/bin:/bin", "HOME": os.getcwd(), "LC_ALL": "C.UTF-8",
                    "GIT_CONFIG_NOSYSTEM": "1"}
        self.failures, self.cut, self.renamed = [], 0, 0

    def run(self, *words, check=True, data=b""):
        done = subprocess.run(words, input=data, env=self.env, capture_output=True, check=False)
        if check and done.returncode:
            self.failures.append(f"{words}: {done.returncode} {done.stderr.decode()}")
        return done.stdout.decode()

    def make(self, rng, folder, count):
        """A repository of so many commits; the name of the policy in each, the first one first."""
        stream, names, policy, what = [], [], Policy(), "begin"
        for n in range(count):
            if n:
                policy, what = step(rng, policy, n)
            subject = f"{n} {what}".encode()
            stream.append(b"commit refs/heads/main\nmark :%d\ncommitter S <s@e.example> %d +0000\n"
                          b"data %d\n%s\n" % (n + 1, 10 ** 9 + n, len(subject), subject))
            stream.append(b"from :%d\n" % n if n else b"")
            stream.append(b"deleteall\n")
            for path, text in policy.files().items():
                text = text.encode()
                stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text))
            names.append(policy.name)
        self.run("git", "init", "-q", "-b", "main", folder)
        self.run("git", "-C", folder, "fast-import", "--quiet", data=b"".join(stream))
        self.renamed += len(set(names)) > 1
        return names

    def answer(self, folder, name, client):
        words = [self.postern, "check", os.path.join(folder, name), client[0]]
        words += [client[1]] if client[1] else []
        done = self.run(*words, "--format", "json")
        said = json.loads(done)
        return said["verdict"], said.get("env"), said.get("target")

    def slow(self, folder, names, client):
        """The subjects of the commits at which the answer became another, the latest first."""
        commits = self.run("git", "-C", folder, "rev-list", "--reverse", "main").split()
        before, subjects = None, []
        for commit, name in zip(commits, names):
            self.run("git", "-C", folder, "checkout", "-q", "-f", commit)
            now = self.answer(folder, name, client)
            if now != before:
                subjects.append(self.run("git", "-C", folder, "show", "-s", "--format=%s",
                                         commit).strip())
            before = now
        self.run("git", "-C", folder, "checkout", "-q", "-f", "main")
        return subjects[::-1]

    def blame(self, folder, name, client):
        here = os.getcwd()
        os.chdir(folder)
        words = [self.postern, "blame", name, client[0]] + ([client[1]] if client[1] else [])
        out = self.run(*words, "--format", "json")
        os.chdir(here)
        said = json.loads(out) if out else {"commits": []}
        return [c["subject"] for c in said["commits"]], bool(said.get("cut"))

    def history(self, rng, number):
        with tempfile.TemporaryDirectory(dir=".") as work:
            folder, count = os.path.join(work, "all"), rng.randrange(3, 8)
            names = self.make(rng, folder, count)
            client = rng.choice(CLIENTS)
            wanted = self.slow(folder, names, client)
            if rng.random() < 0.3:
                depth = rng.randrange(1, count)
                short = os.path.join(work, "short")
                self.run("git", "clone", "-q", "--depth", str(depth),
                         "file://" + os.path.abspath(folder), short)
                wanted = [s for s in wanted if int(s.split()[0]) > count - depth]
                folder = short
                self.cut += 1
            got, cut = self.blame(folder, names[-1], client)
            if got != wanted or cut != (folder.endswith("short")):
                self.failures.append(f"history {number}, {client}, names {names}: {got}, not "
                                     f"{wanted}, cut: {cut}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    bin_dir = os.path.abspath(args.bin)
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        histories = Histories(bin_dir)
        rng = random.Random(args.seed)
        for number in range(args.count):
            histories.history(rng, number)
        os.chdir("/")
    print(f"{args.count} histories, {histories.renamed} with other names, {histories.cut} cut")
    for text in histories.failures[:5]:
        print("FAILED", text)
    few = histories.renamed < args.count / 4 or not histories.cut
    return 1 if histories.failures or few else 0


if __name__ == "__main__":
    sys.exit(main())
