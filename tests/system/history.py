#!/usr/bin/env python3
"""blame and merge on a scripted git history, with includes, and merges at random."""
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import policies  # noqa: E402

COMMON = "postern: 1\n10.1.0.0/16 : allow, X=\"0\"\n10.7.0.0/16 : deny\n"
ROOT = "postern: 1\ninclude \"sub/common.rules\"\n10.0.0.0/8 : deny\n* : allow\n"
LINES = ["10.0.0.0/30 : deny", "10.0.0.1 : allow", "10.0.0.2 : allow, A=\"1\"", "=a.example : deny",
         "10.0.0.4-10.0.0.6 : deny", "=.example : allow, B=\"2\"", "joe@10.0.0.3 : deny",
         "10.0.0.0/29 : allow, A=\"3\"", "2001:db8::/126 : deny"]
QUERIES = [(address, host, ident)
           for address in [f"10.0.0.{n}" for n in range(9)] + ["2001:db8::1", "2001:db8::9"]
           for host in (None, "a.example", "b.example", "x.y") for ident in (None, "joe")]
ASKED = [{k: v for k, v in zip(("address", "host", "ident"), q) if v} for q in QUERIES]


class History(policies.Programs):
    def commit(self, subject, files):
        for name, text in files.items():
            policies.write(name, text)
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "--allow-empty", "-m", subject)

    def blame(self, wanted, *words):
        done = self.run(self.postern, "blame", "smtp.rules", *words, "--format", "json")
        subjects = [c["subject"] for c in json.loads(done.stdout)["commits"]]
        if subjects != wanted:
            self.failures.append(f"blame {words}: {subjects}, not {wanted}")


def blame_history(h):
    h.run("git", "init", "-q")
    h.commit("first", {"smtp.rules": ROOT, "sub/common.rules": COMMON})
    h.commit("elsewhere", {"other": "1"})
    h.commit("another rule", {"smtp.rules": ROOT.replace("* : allow", "192.0.2.1 : deny\n* : allow")})
    h.commit("sets X", {"sub/common.rules": COMMON.replace('X="0"', 'X="1"')})
    h.commit("comment", {"sub/common.rules": "# words\n" + COMMON.replace('X="0"', 'X="1"')})
    h.run("git", "checkout", "-q", "-b", "side")
    h.commit("deleted", {"sub/common.rules": "postern: 1\n10.7.0.0/16 : deny\n"})
    h.run("git", "checkout", "-q", "-")
    h.commit("beside", {"other": "2"})
    h.run("git", "merge", "-q", "--no-ff", "-m", "merged", "side")
    h.blame(["deleted", "sets X", "first"], "10.1.2.3")
    h.blame(["first"], "10.7.2.3")
    h.blame(["another rule", "first"], "192.0.2.1")
    h.blame(["first"], "203.0.113.1", "mx.example.com")
    if h.run(h.postern, "diff", "HEAD~1:smtp.rules", "HEAD:./smtp.rules", check=False).returncode != 1:
        h.failures.append("diff sees no change of what is included")


def merge_driver(h):
    """As git calls it: a change on each side, and one that both make otherwise."""
    policies.write(".gitattributes", "*.rules merge=postern\n")
    h.run("git", "config", "merge.postern.driver", f"{h.postern} merge %O %A %B --path %P")
    base = "postern: 1\n10.1.0.0/16 : allow\n10.2.0.0/16 : allow\n* : deny\n"
    h.commit("base", {"m.rules": base, ".gitattributes": "*.rules merge=postern\n"})
    h.run("git", "checkout", "-q", "-b", "theirs")
    h.commit("theirs", {"m.rules": base.replace("10.2", "10.3")})
    h.run("git", "checkout", "-q", "-")
    h.commit("ours", {"m.rules": base.replace("10.1.0.0/16 : allow", '10.1.0.0/16 : allow, A="1"')
                      .replace("10.2.0.0/16", "10.2.0.0/17")})
    conflict = h.run("git", "merge", "-q", "-m", "both", "theirs", check=False)
    if conflict.returncode == 0 or "conflict" not in conflict.stderr + conflict.stdout:
        h.failures.append("both sides changed 10.2.0.0/17, and it was merged")
    h.run("git", "merge", "--abort")
    h.commit("ours again", {"m.rules": base.replace("10.1.0.0/16 : allow", '10.1.0.0/16 : allow, A="1"')})
    h.run("git", "merge", "-q", "-m", "both", "theirs")
    text = policies.read("m.rules")
    if 'A="1"' not in text or "10.3.0.0/16" not in text or "10.2" in text:
        h.failures.append(f"merged to {text}")


def change(rng, lines):
    lines = list(lines)
    for _ in range(rng.randrange(1, 3)):
        if lines and rng.random() < 0.5:
            lines.pop(rng.randrange(len(lines)))
        else:
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(LINES))
    return lines


def due(base, ours, theirs):
    """What each query is to be answered; None where both changed it otherwise."""
    for b, o, t in zip(base, ours, theirs):
        yield None if o != b and t != b and o != t else (o if o != b else t)


def random_merges(h, count, rng):
    merged = conflicts = 0
    for n in range(count):
        versions = {"base": rng.sample(LINES, 4)}
        versions["ours"] = change(rng, versions["base"])
        versions["theirs"] = change(rng, versions["base"])
        for name, lines in versions.items():
            policies.write(name + ".rules", "\n".join(["postern: 1"] + lines + ["* : allow", ""]))
        ours = policies.read("ours.rules")
        same = h.run(h.postern, "merge", "-p", "base.rules", "ours.rules", "ours.rules")
        if same.stdout != ours:
            h.failures.append(f"merge {n} of a side with itself is another")
        done = h.run(h.postern, "merge", "-p", "base.rules", "ours.rules", "theirs.rules", check=False)
        answers = [h.answers(name + ".rules", ASKED) for name in ("base", "ours", "theirs")]
        wanted = list(due(*answers))
        if done.returncode == 0:
            merged += 1
            policies.write("merged.rules", done.stdout)
            if h.answers("merged.rules", ASKED) != wanted:
                h.failures.append(f"merge {n} decides otherwise:\n{done.stdout}")
        elif done.returncode != 1:
            h.failures.append(f"merge {n}: {done.returncode} {done.stderr}")
        else:
            conflicts += "conflict:" in done.stderr
            if "conflict:" in done.stderr and None not in wanted:
                h.failures.append(f"merge {n} has no conflict: {done.stderr}")
        if None in wanted and done.returncode == 0:
            h.failures.append(f"merge {n} has a conflict that was not seen")
    print(f"{merged} of {count} merged, {conflicts} conflicts")
    if merged < count / 3 or not conflicts:
        h.failures.append("hardly any was merged, or none was a conflict")


def work(h, args, rng):
    blame_history(h)
    merge_driver(h)
    random_merges(h, args.count, rng)


if __name__ == "__main__":
    sys.exit(policies.main(__doc__, History, 150, 4, work))
