#!/usr/bin/env python3
"""Wrong lines, and what is said of each: cases.txt, to be read and extended by people.

A section is one kind of mistake, in one language. A case is lines that begin with "> ";
below each stand the messages about it, as `--update` writes them: a caret line with the
name and the sentence, and the line as each fix would have it. Of every case it is held

- that one mistake is one error, without any that follow from it;
- that the text compiles with each fix;
- that what is said of one mistake alone is said of no other (FITS).
"""
import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases.txt")

# What stands before and behind a case, by the language that its section names.
AROUND = {
    "extended": ("postern: 1\n", "* : deny\n"),
    "extended file": ("", ""),
    "classic": ("", ""),
}
FILES = {
    "drop.txt": "198.51.100.0/24\n",
    "sets.rules": "postern: 1\nset office = 10.1.0.0/16\n",
    "common.rules": "192.168.:deny\n",
}

# What is said of one mistake alone, and what a line looks like that has it. Every other
# sentence is general.
FITS = [
    (r"one colon ends the targets", r"::"),
    (r"no target stands before this colon", r"^:"),
    (r"rules have no ports", r"\d:\d+"),
    (r"this bracket is not closed", r"\[[^]]*$"),
    (r"targets stand without brackets around them", r"[\[({]"),
    (r"no brace is open", r"}"),
    (r"a brace stands only", r"{"),
    (r"braces do not stand within braces", r"{.*{"),
    (r"the brace of the set above is not closed", r"{[^}]*$"),
    (r"nothing follows this comma", r",\s*(:|$)"),
    (r"one = follows the name", r"=\s*="),
    (r"a variable is written NAME=", r"[ \"':]+=?\s*\""),
    (r"the verdict stands behind", r"^\w+ "),
    (r"a colon stands before the verdict", r"^expect [^:]*(deny|allow|block)"),
    (r"a range and a prefix have no blank", r"[\d:] +(-|/|to)"),
    (r"a host has no blank behind its =", r"= "),
    (r"an ident has no blank before its @", r" @"),
    (r"a comment begins with #", r"//|;|--|/\*"),
    (r"a name and a colon stand before the target", r"^\w+ ?:"),
    (r"a prefix is written with its length, not a mask", r" 255\."),
    (r"a limit is a number", r"limit"),
    (r"a rate is a number", r"rate"),
    (r"a date is year", r"until"),
    (r"a source is a network", r"per"),
    (r"another rule begins here", r":.*(allow|deny|block).*(allow|deny|block)"),
    (r"this quote is a typographic one", r"[\u201c\u201d]"),
    (r"this value has no closing quote", r"=\w+$|[\"'][^\"']*$"),
    (r"a rule does not go on", r"[,\\]$"),
    (r"a comment does not stand", r"[#;]"),
    (r"this prefix lacks its last dot", r"\d(?!\.)"),
    (r"a host name begins with =", r"[a-z]\.[a-z]"),
    (r"this is how another tool writes it", r"\*|x|any|all|ALL|/0"),
    (r"a range goes from one address", r"/\d+.*-|-.*/"),
    (r"this is the extended language", r"^(set|env|include|expect|always) "),
    (r"this is not the header", r"^p?o?stern|^Postern"),
    (r"this file cannot be read: No such file or directory", r"nofile"),
]

class Section:
    def __init__(self, head):
        self.head = head
        self.language = head.split(":")[0]
        self.cases = []


def read(path):
    """The sections; a case is a list of its lines."""
    sections, lines, notes = [], [], []
    with open(path, encoding="utf-8") as text:
        for line in text.read().split("\n") + [""]:
            if line.startswith("== "):
                sections.append(Section(line[3:]))
            elif line.startswith("> ") or line == ">":
                lines.append(line[2:])
            elif not line and lines:
                sections[-1].cases.append(lines)
                lines = []
            elif not sections:
                notes.append(line)
    return "\n".join(notes).rstrip("\n"), sections


def compile_text(postern, folder, text):
    with open(os.path.join(folder, "case.rules"), "w", encoding="utf-8") as out:
        out.write(text)
    done = subprocess.run([postern, "compile", "case.rules", "--format", "json"],
                          cwd=folder, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode == 0:
        return []
    if done.returncode != 2:
        raise SystemExit(f"status {done.returncode}:\n{text}{done.stderr}")
    found = json.loads(done.stdout)["findings"]
    return [f for f in found if f["severity"] == "error"]


def edited(text, edits):
    """The text with edits, whose columns count bytes."""
    lines = [line.encode() for line in text.split("\n")]
    for edit in sorted(edits, key=lambda e: (e["line"], e["column"]), reverse=True):
        at = edit["line"] - 1
        lines[at] = (lines[at][:edit["column"] - 1] + edit["text"].encode() +
                     lines[at][edit["end_column"] - 1:])
    return b"\n".join(lines).decode()


def shown(found, text):
    """The lines below a line of a case."""
    line = text.split("\n")[found["line"] - 1].encode()
    front = line[:found["column"] - 1].decode(errors="replace")
    span = line[found["column"] - 1:found["end_column"] - 1].decode(errors="replace")
    yield f"  {' ' * len(front)}{'^' * max(len(span), 1)} {found['kind']}"
    yield f"  {found['message']}"
    for fix in found.get("fixes", []):
        new = edited(text, fix["edits"]).split("\n")
        was = text.split("\n")
        changed = [n for n in difflib.ndiff(was, new) if n.startswith("+ ")]
        yield "  fix: " + " / ".join(n[2:] for n in changed or ["+ "])


class Run:
    def __init__(self, postern, folder):
        self.postern = postern
        self.folder = folder
        self.faults = []
        self.count = 0

    def fault(self, section, case, what):
        self.faults.append(f"{section.head}: {' / '.join(case)}: {what}")

    def case(self, section, case):
        before, behind = AROUND[section.language]
        text = before + "\n".join(case) + "\n" + behind
        found = compile_text(self.postern, self.folder, text)
        front = before.count("\n")
        self.count += 1
        if len(found) != 1:
            self.fault(section, case, f"{len(found)} errors")
        for f in found:
            for said, looks in FITS:
                if re.match(said, f["message"]) and not any(
                        re.search(looks, line) for line in case):
                    self.fault(section, case, f"does not fit: {f['message']}")
            for fix in f.get("fixes", []):
                left = compile_text(self.postern, self.folder, edited(text, fix["edits"]))
                if left:
                    self.fault(section, case, f"the fix leaves: {left[0]['message']}")
        for number, line in enumerate(case, front + 1):
            yield ("> " + line).rstrip(" ")
            for f in found:
                if f["line"] == number or (f["line"] > number == front + len(case)):
                    yield from shown(f, text)

    def all(self, notes, sections):
        yield notes
        for section in sections:
            yield f"\n== {section.head}"
            for case in section.cases:
                yield ""
                yield from self.case(section, case)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--update", action="store_true",
                        help="write what comes out into cases.txt, to be reviewed")
    args = parser.parse_args()
    notes, sections = read(CASES)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(text)
        run = Run(os.path.join(os.path.abspath(args.bin), "postern"), folder)
        got = "\n".join(run.all(notes, sections)) + "\n"
    with open(CASES, encoding="utf-8") as text:
        want = text.read()
    if args.update:
        with open(CASES, "w", encoding="utf-8") as out:
            out.write(got)
    elif got != want:
        sys.stdout.writelines(difflib.unified_diff(
            want.splitlines(keepends=True), got.splitlines(keepends=True),
            "cases.txt", "what came out"))
        run.faults.append("cases.txt differs: see --update")
    for fault in run.faults:
        print(fault)
    print(f"{run.count} cases, {len(run.faults)} faults")
    return 1 if run.faults or not run.count else 0


if __name__ == "__main__":
    sys.exit(main())
