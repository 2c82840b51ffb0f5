#!/usr/bin/env python3
"""blame on random histories with renames, copies, merges and cuts, held to a slow reader.

A history is commits that edit a policy and what it includes, rename it, move it to another
folder, or copy it and go on with the copy; some have a side that is merged: with what is new of
both, or with what one of them has. The slow reader knows the name that the file has in each
commit; it checks each commit out, asks the policy there, and so knows the commits at which the
answer, or the rule that makes it, became another than in all parents; a side that a merge threw
away whole is not looked at. Some histories are cloned
with a depth: then the oldest commit that is left has no cause, and nothing is said of those before.
"""
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import policies  # noqa: E402

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


STEPS = ["edit", "edit", "edit", "shared", "shared", "rename", "rename edit", "copy", "move", "other"]


def step(rng, policy, n, whats):
    policy = policy.copy()
    what = rng.choice(whats)
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


def merged(rng, ours, theirs):
    """What a merge comes to: one side, or the rules of both."""
    policy = (theirs if rng.random() < 0.3 else ours).copy()
    if rng.random() < 0.6:
        for mine, other in ((policy.rules, theirs.rules + ours.rules),
                            (policy.shared, theirs.shared + ours.shared)):
            mine += [r for r in dict.fromkeys(other) if r not in policy.rules + policy.shared]
    return policy


class Commit:
    def __init__(self, policy, what, parents):
        self.policy, self.what, self.parents = policy, what, parents


def commits_of(rng, count):
    """So many commits, each with the numbers of its parents; the last one has all before it."""
    line, tip, side = [Commit(Policy(), "begin", [])], 0, None
    for n in range(1, count):
        if side is not None and (n == count - 1 or (side != fork and rng.random() < 0.5)):
            policy = merged(rng, line[tip].policy, line[side].policy)
            line.append(Commit(policy, "merge", [tip, side]))
            tip, side = n, None
            continue
        if side is None and n < count - 2 and rng.random() < 0.3:
            side = fork = tip
        on_side = side is not None and rng.random() < 0.6
        before = side if on_side else tip
        whats = STEPS if side is None else ["edit", "edit", "shared", "other"]
        policy, what = step(rng, line[before].policy, n, whats)
        line.append(Commit(policy, what, [before]))
        if on_side:
            side = n
        else:
            tip = n
    return line


def reached(line):
    """The commits that the last one comes from: of a merge that is as one side, that side's."""
    seen, left = set(), [len(line) - 1]
    while left:
        n = left.pop()
        if n in seen:
            continue
        seen.add(n)
        files = [{k: v for k, v in line[c].policy.files().items() if k != "other.txt"}
                 for c in [n] + line[n].parents]
        alike = [p for p, there in zip(line[n].parents, files[1:]) if there == files[0]]
        left += alike[:1] or line[n].parents
    return seen


def is_plain(line):
    """Does each file with a new name look most like the one that it was? Else nobody could know."""
    for c in line[1:]:
        before, name = line[c.parents[0]].policy, c.policy.name
        if name == before.name:
            continue
        lines = set(c.policy.files()[name].splitlines())
        far = {path: len(lines ^ set(text.splitlines())) for path, text in before.files().items()}
        if any(d <= far[before.name] for path, d in far.items() if path != before.name):
            return False
    return True


class Histories(policies.Programs):
    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        self.cut = self.renamed = self.merges = 0

    def make(self, folder, line):
        """A repository of these commits."""
        stream = []
        for n, c in enumerate(line):
            subject = f"{n} {c.what}"
            stream.append(f"commit refs/heads/main\nmark :{n + 1}\ncommitter S <s@e.example> "
                          f"{10 ** 9 + n} +0000\ndata {len(subject)}\n{subject}\n")
            for k, parent in enumerate(c.parents):
                stream.append(f"{'merge' if k else 'from'} :{parent + 1}\n")
            stream.append("deleteall\n")
            for path, text in c.policy.files().items():
                stream.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
        self.run("git", "init", "-q", "-b", "main", folder)
        self.run("git", "-C", folder, "fast-import", "--quiet", "--force", text="".join(stream))
        self.renamed += len({c.policy.name for c in line}) > 1
        self.merges += any(len(c.parents) > 1 for c in line)

    def answer(self, folder, name, client):
        words = [os.path.join(folder, name), client[0]] + ([client[1]] if client[1] else [])
        said = json.loads(self.verb("check", *words, "--format", "json").stdout)
        return said["verdict"], said.get("env"), said.get("target")

    def slow(self, folder, line, client):
        """The subjects of the commits at which the answer became another, the latest first."""
        names = self.run("git", "-C", folder, "log", "--format=%H %s", "main").stdout.splitlines()
        hashes = {int(name.split()[1]): name.split()[0] for name in names}
        answers, subjects, seen = [], [], reached(line)
        for n, c in enumerate(line):
            self.run("git", "-C", folder, "checkout", "-q", "-f", hashes[n])
            now = self.answer(folder, c.policy.name, client)
            if n in seen and all(answers[p] != now for p in c.parents):
                subjects.append(f"{n} {c.what}")
            answers.append(now)
        self.run("git", "-C", folder, "checkout", "-q", "-f", "main")
        return subjects[::-1]

    def blame(self, folder, name, client):
        words = ["blame", name, client[0]] + ([client[1]] if client[1] else [])
        done = self.verb(*words, "--format", "json", cwd=folder)
        said = json.loads(done.stdout) if done.stdout else {"commits": []}
        return [c["subject"] for c in said["commits"]], bool(said.get("cut"))

    def history(self, rng, number):
        with tempfile.TemporaryDirectory(dir=".") as work:
            folder, count = os.path.join(work, "all"), rng.randrange(3, 9)
            line = commits_of(rng, count)
            while not is_plain(line):
                line = commits_of(rng, count)
            self.make(folder, line)
            client = rng.choice(CLIENTS)
            wanted = self.slow(folder, line, client)
            if all(len(c.parents) < 2 for c in line) and rng.random() < 0.4:
                depth = rng.randrange(1, count)
                short = os.path.join(work, "short")
                self.run("git", "clone", "-q", "--depth", str(depth),
                         "file://" + os.path.abspath(folder), short)
                wanted = [s for s in wanted if int(s.split()[0]) > count - depth]
                folder = short
                self.cut += 1
            got, cut = self.blame(folder, line[-1].policy.name, client)
            if got != wanted or cut != (folder.endswith("short")):
                shape = [(n, c.what, c.parents, c.policy.name) for n, c in enumerate(line)]
                self.failures.append(f"history {number}, {client}, {shape}: {got}, not {wanted}, "
                                     f"cut: {cut}")


def work(histories, args, rng):
    for number in range(args.count):
        histories.history(rng, number)
    print(f"{args.count} histories, {histories.renamed} with other names, {histories.merges} with "
          f"merges, {histories.cut} cut")
    if min(histories.renamed, histories.merges) < args.count / 4 or not histories.cut:
        histories.failures.append("hardly any was renamed, merged or cut")


if __name__ == "__main__":
    sys.exit(policies.main(__doc__, Histories, 60, 3, work))
