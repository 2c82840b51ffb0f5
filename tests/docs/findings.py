#!/usr/bin/env python3
"""Each finding has a row, a line in docs/linting.md, and a page with a wrong example that shows
it and a mended one that does not.

And every query that a finding shows is answered by postern check as the finding says, in the
examples of the pages and in every input of the golden cases.
"""
import argparse
import json
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checked import FENCE, ROOT, Report  # noqa: E402

PAGES = os.path.join(ROOT, "docs/findings")


def run(report, words, folder):
    return report.run(words, folder, text=True)


def rows(report):
    listing = run(report, ["postern", "lint", "--list-checks"], ROOT).stdout
    for line in listing.splitlines():
        code, name, severity, text = line.split(None, 3)
        yield code, name, severity, text


def page_check(report, code, name, severity):
    path = os.path.join(PAGES, code + ".md")
    report.check(os.path.exists(path), f"{code} has no page")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as source:
        text = source.read()
    report.check(text.startswith(f"# {code} {name}\n\n*"), f"{code}: the page's title")
    facts = text.splitlines()[2].lower()
    word = "off unless" if severity == "-" else severity
    report.check(word in facts, f"{code}: the page does not say {word}")
    lints = re.findall(r"^\$ (postern lint [^\n]*)\n(.*?)(?=^\$ |^```)", text, re.M | re.S)
    shown = [code in output for _, output in lints]
    report.check(len(lints) >= 2 and True in shown, f"{code}: no example shows it")
    report.check(shown and not shown[-1], f"{code}: no example is without it")
    for word in (code, code.lower()):
        shown = run(report, ["postern", "explain", word], ROOT).stdout
        report.check(shown == text, f"explain {word}: not the page")
    # a diagnostic may have the same name: its page follows
    shown = run(report, ["postern", "explain", name], ROOT).stdout
    report.check(shown.startswith(text), f"explain {name}: not the page")


def table_check(report, checks):
    """The table of docs/linting.md says of each check what its row in checks.def does."""
    with open(os.path.join(ROOT, "docs/linting.md"), encoding="utf-8") as source:
        table = re.findall(r"^\| \[(P\d+)\]\(findings/(P\d+)\.md\) \|(.*)\|$", source.read(),
                           re.M)
    want = [(code, code, f" {name} | {severity.replace('-', '')} | {text} ")
            for code, name, severity, text in checks]
    for row in want:
        report.check(row in table, f"docs/linting.md has no row {row}")
    report.check(table == want, "docs/linting.md: rows in another order, or of no check")


def queries_check(report, folder, file):
    """Every query of a file's findings, asked again."""
    done = run(report, ["postern", "lint", "--strict", "--no-ignores", "--format", "json",
                       file], folder)
    try:
        findings = json.loads(done.stdout)["findings"]
    except ValueError:
        report.check(False, f"{file}: no JSON: {done.stdout[:200]} {done.stderr}")
        return
    if any(f["code"] == "P000" or f.get("kind") for f in findings):
        return  # what does not compile answers nothing
    for f in findings:
        said = re.match(r"(allowed|denied) by (?:line |(.*):)(\d+)$", f.get("answer", ""))
        if not said:
            continue
        query = f["query"]
        words = ["postern", "check", file, query["address"]]
        if "host" in query:
            words.append(query["host"])
        if "ident" in query:
            words += ["--ident", query["ident"]]
        answer = run(report, words + ["--format", "json"], folder)
        try:
            got = json.loads(answer.stdout)
        except ValueError:
            got = {}
        verdict = "allow" if said.group(1) == "allowed" else "deny"
        good = got.get("verdict") == verdict and (
            "line" not in got or got["line"] == int(said.group(3)))
        report.check(good, f"{file} {f['code']}: {words}: {got}, and {f['answer']} was said")


def pages_queries(report):
    for name in sorted(os.listdir(PAGES)):
        with open(os.path.join(PAGES, name), encoding="utf-8") as source:
            text = source.read()
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for info, block in FENCE.findall(text):
                kind, _, file = info.partition(" ")
                if kind in ("rules", "text") and file:
                    with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                        out.write(block)
                    if kind == "rules" and file.startswith("p"):
                        files.append(file)
            for file in files:
                queries_check(report, folder, file)


def golden_queries(report):
    for at, _, names in sorted(os.walk(os.path.join(ROOT, "tests/golden"))):
        inputs = [n for n in sorted(names) if n.endswith(".rules") and "/in" in at
                  and not n.endswith("_test.rules")]  # those are linted with their rules
        if not inputs or ".postern" in names:
            continue
        with tempfile.TemporaryDirectory() as work:
            folder = os.path.join(work, "in")
            shutil.copytree(at, folder)
            for name in inputs:
                queries_check(report, folder, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    report = Report(os.path.abspath(args.bin))
    checks = list(rows(report))
    codes = {check[0] for check in checks}
    for code, name, severity, _ in checks:
        page_check(report, code, name, severity)
    table_check(report, checks)
    for name in os.listdir(PAGES):
        report.check(name[:-3] in codes, f"{name} is the page of no finding")
    pages_queries(report)
    golden_queries(report)
    return report.status(300)


if __name__ == "__main__":
    sys.exit(main())
