#!/usr/bin/env python3
"""Every format of every verb is honoured or refused, and none ignored: verbs and formats are taken
from the program, and a verb without a row here fails."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path[:0] = [os.path.join(ROOT, "tests/support")]
import counts  # noqa: E402
from checks import Checks  # noqa: E402

RULES = 'postern: 1\n10.1.0.0/16   : allow, A="1"\n10.1.2.0/24 : allow, A="1"\n* : deny\n' \
        "expect 10.1.2.3 : allow\n"
OTHER = 'postern: 1\n10.1.0.0/17 : allow, A="1"\n* : deny\nexpect 10.1.2.3 : allow\n'
# each verb, in each of its ways to answer
RUNS = {
    "compile": ["a.rules", "a.rules -o b.cdb", "a.rules --as-of 2026-01-01", "bad.rules"],
    "check": ["a.rules 10.1.2.3", "a.rules 10.1.2.3 --trace", "a.rules 10.0.0.0/8",
              "a.rules 10.1.2.3 --make deny", "a.rules 10.1.2.3 --why-not a.rules:2",
              "a.rules 10.1.2.3 --unknown host,ident", "a.rules --batch", "a.cdb 10.1.2.3",
              "bad.rules 10.1.2.3"],
    "who": ["a.rules A", "a.rules NONE", "a.rules --verdict deny", "bad.rules A"],
    "test": ["a.rules", "a.rules --coverage", "a.rules --threshold 100", "a.rules --mutate",
             "a.rules --suggest", "a.rules --pin", "fails.rules", "bad.rules"],
    "diff": ["a.rules b.rules", "a.rules a.rules", "a.rules b.rules --weigh log",
             "a.rules b.rules --forbid looser", "bad.rules a.rules"],
    "blame": ["a.rules 10.1.2.3"],
    "merge": ["a.rules a.rules b.rules --print", "a.rules bad.rules b.rules --print"],
    "lint": ["a.rules", "a.rules b.rules", "b.rules --only P2", "a.rules --fix --diff",
             "--list-checks", "a.rules --write-baseline known", "fails.rules --baseline known",
             "bad.rules"],
    "fmt": ["a.rules --check", "b.rules", "bad.rules"],
    "stats": ["a.rules", "a.cdb", "bad.rules"],
    "map": ["a.rules -o a.svg", "a.rules b.rules -o a.svg", "bad.rules -o a.svg"],
    "replay": ["a.rules b.rules log", "a.rules b.rules log --emit", "bad.rules b.rules log"],
    "hits": ["counts a.rules", "counts a.rules --unused 0", "counts --shadow", "bad.rules",
             "counts bad.rules"],
    "minimize": ["a.rules", "bad.rules"],
    "dump": ["a.cdb", "a.cdb --verify", "log"],
    "import": ["postfix log", "postfix bad.rules", "postfx log"],
    "export": ["list a.rules --lossy", "nginx a.rules", "list bad.rules"],
    "adopt": ["tree", "tree -o over", "tree --strict", "bad.rules"],
    "feed": ["log new.txt", "log new.txt --max-gain none", "log bad.rules"],
    "lsp": [""],
    "mcp": [""],
    "completion": ["bash", "zsh", "fish"],
    "explain": ["", "P202", "P2", "no-verdict"],
    "help": ["", "check", "tcprules"],
}


# what these write is a protocol's
SPEAKS = {"lsp", "mcp"}


def is_json(text):
    """One document, or one a line."""
    try:
        json.loads(text)
        return True
    except ValueError:
        pass
    try:
        return bool(text) and all(isinstance(json.loads(line), dict)
                                  for line in text.splitlines())
    except ValueError:
        return False


def is_xml(text):
    try:
        return xml.fromstring(text).tag in ("testsuites", "testsuite")
    except xml.ParseError:
        return False


def lines_match(pattern):
    return lambda text: all(re.match(pattern, line) for line in text.splitlines())


# what an answer in a format looks like
LOOKS = {
    "text": lambda text: not text.startswith(("{", "[", "<")),
    "json": is_json,
    "sarif": lambda text: is_json(text) and '"runs"' in text,
    "gitlab": lambda text: is_json(text) and text.startswith("["),
    "junit": is_xml,
    "tap": lambda text: text.startswith("TAP version 13\n"),
    "gcc": lines_match(r"\S+:\d+:\d+: (error|warning|note): "),
    "github": lambda text: lines_match(r"::(error|warning|notice) |$|[^{<]")(text),
    "prometheus": lines_match(r"# (HELP|TYPE) postern_\w+ |postern_\w+\{"),
    "markdown": lambda text: not text or text.startswith("#"),
}


class Formats(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder = folder
        self.git("init", "-q")
        self.files()
        self.git("add", "-A")
        self.git("-c", "user.name=ann", "-c", "user.email=ann@example.com", "commit", "-qm", "a")

    def git(self, *words):
        subprocess.run(["git", *words], cwd=self.folder, check=True)

    def files(self):
        for name, text in (("a.rules", RULES), ("b.rules", OTHER), ("log", "10.1.2.3\n"),
                           ("bad.rules", "postern: 1\n10. : alow\n"), ("known", ""),
                           ("new.txt", "10.1.2.3\n10.1.2.4\n"),
                           ("fails.rules", OTHER.replace(": allow\n", ": deny\n"))):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as out:
                out.write(text)
        shutil.rmtree(os.path.join(self.folder, "over"), ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "tree/etc"), exist_ok=True)
        with open(os.path.join(self.folder, "tree/etc/inetd.conf"), "w", encoding="ascii") as out:
            out.write("ftp stream tcp nowait root /bin/ftpd\ntalk dgram udp wait root /bin/talkd\n")
        with open(os.path.join(self.folder, "counts"), "wb") as out:
            out.write(counts.write(rows=[(7, 1, 1, 0, 0)], times=(1, 1, 1)))
        self.run(["compile", "a.rules"])

    def run(self, words):
        return subprocess.run([self.postern, *words], cwd=self.folder, capture_output=True,
                              text=True, timeout=300, input="10.1.2.3\n", check=False)

    def formats_of(self, verb):
        """As --help lists them; an odd one is told of with the same list."""
        line = re.search(r"--format FORMAT +(.*)", self.run([verb, "--help"]).stdout).group(1)
        listed = re.findall(r"\b(?!and|no|other|or\b)[a-z]+", line)
        told = self.run([verb, "--format", "nonsense"])
        self.check(told.returncode == 2 and not told.stdout and
                   all(name in told.stderr for name in listed), verb, "nonsense", told)
        return listed

    def answered(self, verb, words, name):
        self.files()
        done = self.run([verb, *words, "--format", name])
        refused = done.returncode == 2 and not done.stdout and done.stderr.startswith(
            f"postern {verb}: ")
        looks = LOOKS[name](done.stdout) or verb in SPEAKS
        if done.returncode == 111 or not (refused or looks):
            self.check(False, verb, words, name, done)
        elif not refused and name in ("json", "junit", "sarif", "gitlab", "tap"):
            self.check(done.stdout, verb, words, name, "answers nothing", done)
        else:
            self.check(True)
        return not refused

    def verb(self, verb):
        listed = self.formats_of(verb)
        for name in listed:
            taken = [self.answered(verb, run.split(), name) for run in RUNS[verb]]
            self.check(any(taken), verb, name, "is listed, and refused always")
        for name in sorted(set(LOOKS) - set(listed)):
            done = self.run([verb, *RUNS[verb][0].split(), "--format", name])
            self.check(done.returncode == 2 and not done.stdout and name in done.stderr,
                       verb, name, "is not listed, and taken", done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with open(os.path.join(ROOT, "tools/verbs.def"), encoding="utf-8") as rows:
        verbs = re.findall(r"^X\((\w+),", rows.read(), re.M)
    with tempfile.TemporaryDirectory() as folder:
        world = Formats(args.bin, folder)
        for verb in verbs:
            world.check(verb in RUNS, verb, "has no row")
            if verb in RUNS:
                world.verb(verb)
    return world.end(200)


if __name__ == "__main__":
    sys.exit(main())
