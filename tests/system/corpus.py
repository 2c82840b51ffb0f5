#!/usr/bin/env python3
"""Every verb over a corpus that is made from the grammar: each production, and every form of target in
every place of every statement, with lists that are good, empty, missing, odd, and named twice.

Nothing may crash, nor may the system be blamed: statuses are 0, 1 and 2. Under sanitizers this is where
they see the most. Files are run alone, several together, and reversed, and what is said of each is the
same. --coverage PROGRAM OBJECTS parses the corpus by a program that counts, and wants each action of the
grammar and each rule of the lexers taken.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import grammar  # noqa: E402 (it stands beside this one)

ROOT = grammar.ROOT
GOOD, BAD, FEW = 150, 400, 8
FAULT = re.compile(rb"Sanitizer|runtime error:|SUMMARY:")

VERBS = [
    ["compile", "p.rules", "-o", "p.cdb"], ["compile", "--as", "classic", "p.rules", "-o", "c.cdb"],
    ["check", "p.rules", "10.1.0.1", "--trace"], ["check", "p.rules", "10.0.0.0/8"],
    ["check", "p.rules", "joe@2001:db8::7", "=mx.example.com"],
    ["check", "p.rules", "10.1.0.1", "--why-not", "allow"], ["who", "p.rules", "deny"],
    ["who", "p.rules", "N"], ["test", "p.rules"], ["test", "--coverage", "p.rules"],
    ["test", "--suggest", "p.rules"], ["test", "--pin", "p.rules"], ["diff", "p.rules", "q.rules"],
    ["diff", "q.rules", "p.rules", "--format", "json"], ["dump", "p.rules"], ["stats", "p.rules"],
    ["map", "p.rules"], ["fmt", "--check", "p.rules"], ["minimize", "p.rules"],
    ["merge", "--print", "q.rules", "p.rules", "p.rules"], ["lint", "--strict", "p.rules"],
    ["lint", "--fix", "--diff", "p.rules"], ["lint", "--fix", "--unsafe", "--diff", "p.rules"],
]
FORMATS = ["json", "sarif", "github", "junit", "gitlab"]
SLOW = [["test", "--mutate", "p.rules"]]


class Corpus:
    def __init__(self, bin_dir):
        self.postern = os.path.join(bin_dir, "postern")
        self.runs = self.failures = 0
        self.env = dict(os.environ)
        options = self.env.get("ASAN_OPTIONS", "")
        # a frame that is gone is poisoned too
        self.env["ASAN_OPTIONS"] = ":".join(
            [o for o in [options] if o] + ["detect_stack_use_after_return=1"])

    def run(self, words, folder):
        self.runs += 1
        done = subprocess.run([self.postern] + words, cwd=folder, env=self.env, timeout=600,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode not in (0, 1, 2) or FAULT.search(done.stderr):
            self.fail(f"{' '.join(words)}: status {done.returncode}: "
                      f"{done.stderr[-3000:].decode(errors='replace')}", folder)
        return done

    def fail(self, text, folder):
        self.failures += 1
        with open(os.path.join(folder, "p.rules"), encoding="utf-8") as source:
            print("FAILED", text, "\n", source.read()[:2000])


def folder_fill(folder, statements, back=grammar.BACK):
    for name, text in grammar.FILES.items():
        put(folder, name, text)
    os.mkdir(os.path.join(folder, "sub"))
    os.symlink("common.rules", os.path.join(folder, "link.rules"))
    put(folder, "p.rules", grammar.FRONT + "".join(statements) + back)
    put(folder, "q.rules", grammar.FRONT + back)


def put(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as out:
        out.write(text)


def faulty_of(corpus, statements):
    """The numbers of statements that the compiler refuses, as lint tells of them."""
    with tempfile.TemporaryDirectory() as folder:
        folder_fill(folder, statements)
        found = json.loads(corpus.run(["lint", "--format", "json", "--only", "P0,P7,P8,P1", "p.rules"],
                                      folder).stdout)
    lines, line = {}, grammar.FRONT.count("\n")
    for number, text in enumerate(statements):
        for _ in range(text.count("\n")):
            line += 1
            lines[line] = number
    return {lines.get(f["line"]) for f in found["findings"]
            if f.get("kind") and f["severity"] == "error" and f["file"] == "p.rules"}


def parted(corpus, statements):
    """Those that compile, and the others."""
    good, bad = list(statements), []
    while good:
        faulty = faulty_of(corpus, good)
        if not faulty - {None}:
            break
        bad += [s for i, s in enumerate(good) if i in faulty]
        good = [s for i, s in enumerate(good) if i not in faulty]
    return good, bad


def pieces(items, size):
    for at in range(0, len(items), size):
        yield items[at:at + size]


def verbs_run(corpus, statements, verbs, back=grammar.BACK):
    with tempfile.TemporaryDirectory() as folder:
        folder_fill(folder, statements, back)
        for words in verbs:
            corpus.run(words, folder)


def by_file(output):
    """What is told of each file, as lines."""
    told = {}
    for line in output.decode(errors="replace").splitlines():
        told.setdefault(line.split(":")[0], []).append(line)
    return {name: sorted(lines) for name, lines in told.items()}


def together(corpus, groups):
    """Several files, in order and reversed: of each is said what is said of it alone."""
    with tempfile.TemporaryDirectory() as folder:
        folder_fill(folder, groups[0])
        names = []
        for number, statements in enumerate(groups):
            names.append(f"f{number}.rules")
            put(folder, names[-1], grammar.FRONT + "".join(statements) + grammar.BACK)
        front = ["lint", "--format", "gcc"]
        alone = {}
        for name in names:
            for file, lines in by_file(corpus.run(front + [name], folder).stdout).items():
                alone.setdefault(file, []).extend(lines)
        alone = {file: sorted(lines) for file, lines in alone.items()}
        for order in (names, names[::-1], [n for name in names for n in (name, "./" + name)]):
            if by_file(corpus.run(front + order, folder).stdout) != alone:
                corpus.fail(f"{' '.join(order)}: not what is said of each alone", folder)
        for order in (names, names[::-1]):
            corpus.run(["lint", "--fix", "--diff", "--all-users"] + order, folder)
            corpus.run(["fmt", "--check"] + order, folder)
            corpus.run(["test"] + order, folder)


def corpus_run(corpus, every):
    made = grammar.Grammar()
    classic, extended = grammar.statements(made)
    extended = extended[::every] if every > 1 else extended
    good, bad = parted(corpus, extended)
    formats = [["lint", "--format", name, "p.rules"] for name in FORMATS]
    print(f"{len(good)} statements that compile, {len(bad)} that do not")
    for number, piece in enumerate(pieces(good, GOOD)):
        verbs_run(corpus, piece, VERBS + (formats if number == 0 else []))
    for number, piece in enumerate(pieces(bad, BAD)):
        verbs_run(corpus, piece, VERBS + (formats if number == 0 else []))
    for piece in list(pieces(good, FEW))[:: max(1, len(good) // FEW // 12)]:
        verbs_run(corpus, piece, SLOW)
    for text in grammar.SCRAPS:
        verbs_run(corpus, [text], VERBS[:1] + VERBS[-3:])
    for text in grammar.WHOLE + ["".join(classic)] + classic:
        with tempfile.TemporaryDirectory() as folder:
            folder_fill(folder, [])
            put(folder, "p.rules", text)
            for words in VERBS[:3] + VERBS[-6:]:
                corpus.run(words, folder)
    together(corpus, list(pieces(good, 60))[:6] + list(pieces(bad, 100))[:4])


def rule_lines(path, pattern):
    """Lines of a source on which an action stands that is to be taken."""
    with open(path, encoding="utf-8") as source:
        return {number: line.strip() for number, line in enumerate(source, 1)
                if re.search(pattern, line)}


def coverage(program, objects):
    """False when an action or a rule is never taken."""
    for name in os.listdir(objects):
        if name.endswith(".gcda"):
            os.unlink(os.path.join(objects, name))
    classic, extended = grammar.statements(grammar.Grammar())
    texts = grammar.WHOLE + ["".join(classic)] + classic
    texts += [grammar.FRONT + "".join(piece) + grammar.BACK for piece in pieces(extended, 50)]
    texts += [grammar.FRONT + text for text in grammar.SCRAPS]
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, text in enumerate(texts):
            names.append(str(number))
            put(folder, names[-1], text)
        subprocess.run([program] + names, cwd=folder, check=True)
        done = subprocess.run(["gcov", "--stdout", "--json-format"]
                              + [os.path.join(objects, n) for n in sorted(os.listdir(objects))
                                 if n.endswith(".gcda")],
                              cwd=folder, check=True, capture_output=True)
    taken = {}
    for text in done.stdout.splitlines():
        for file in json.loads(text)["files"]:
            counts = taken.setdefault(os.path.basename(file["file"]), {})
            for line in file["lines"]:
                counts[line["line_number"]] = counts.get(line["line_number"], 0) + line["count"]
    wanted = {
        "parser.y": r"^\s*(\w+:|\|)?[^%]*\{.*\$\$.*\}\s*$",
        "lexer.re": r"\{ .*(goto \w+;|return .*;) \}\s*$",
        "lexer_extended.re": r"\{ .*(goto \w+;|return .*;) \}\s*$",
    }
    missing = total = 0
    for name, pattern in wanted.items():
        lines = rule_lines(os.path.join(ROOT, "grammar", name), pattern)
        total += len(lines)
        for number, line in lines.items():
            if not taken.get(name, {}).get(number):
                missing += 1
                print(f"FAILED {name}:{number}: never taken: {line}")
    print(f"{total} actions and rules, {missing} never taken")
    return missing == 0 and total > 100


def productions_stand():
    """Does each production stand in a sentence? And is none of them unknown to the tables?"""
    made = grammar.Grammar()
    standing = {p for ps in made.sentences().values() for p in ps}
    missing = [p for p in made.productions if p not in standing and p[0] != "file"]
    for head, symbols in missing:
        print(f"FAILED {head}: {' '.join(symbols)}: stands in no sentence")
    return not missing and len(made.productions) > 50


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin")
    parser.add_argument("--every", type=int, default=1, help="of the statements take every Nth")
    parser.add_argument("--coverage", nargs=2)
    args = parser.parse_args()
    if args.coverage:
        return 0 if productions_stand() and coverage(*args.coverage) else 1
    corpus = Corpus(os.path.abspath(args.bin))
    corpus_run(corpus, args.every)
    print(f"{corpus.runs} runs, {corpus.failures} failures")
    return 1 if corpus.failures else 0


if __name__ == "__main__":
    sys.exit(main())
