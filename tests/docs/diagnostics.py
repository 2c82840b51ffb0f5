#!/usr/bin/env python3
"""Each diagnostic of base/diagnostics.def has a page, with a wrong example that brings it and a
mended one that does not and that is taken.

An example is the files of its page: those before "Mended:", and then those behind it in their
places. ```sh is run to make what is too large or unprintable for a page.
"""
import argparse
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checked import FENCE, ROOT, Report  # noqa: E402

PAGES = os.path.join(ROOT, "docs/diagnostics")
# What no page shows, gigabytes and a machine without a library: a golden case has to.
WITHOUT = {"too-large", "no-idn"}


def rows():
    with open(os.path.join(ROOT, "base/diagnostics.def"), encoding="utf-8") as source:
        return re.findall(r'^X\(\w+, "([a-z0-9-]+)", PN_(ERROR|WARNING)', source.read(), re.M)


def files_write(report, folder, text):
    for info, block in FENCE.findall(text):
        kind, _, name = info.partition(" ")
        if kind == "sh":
            done = report.run(["sh", "-e", "-c", block], folder)
            report.check(not done.returncode and not done.stderr, f"{block}: {done}")
        elif kind in ("rules", "text"):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(block)


def example_check(report, slug, text):
    wrong, found, mended = text.partition("\nMended:\n")
    commands = re.findall(r"^\$ (postern .*)$", wrong, re.M)
    report.check(found and len(commands) == 1, f"{slug}: its page has no example and mend")
    if not found or len(commands) != 1:
        return
    with tempfile.TemporaryDirectory() as folder:
        for part, wanted in ((wrong, True), (mended, False)):
            files_write(report, folder, part)
            done = report.run(["sh", "-c", commands[0]], folder)
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            shown = f"[{slug}]" in said
            report.check(shown == wanted, f"{slug}: {'not ' * wanted}shown: {said[:600]}")
            if not wanted:
                report.check(done.returncode in (0, 1) and "error" not in said.split("\n")[0],
                             f"{slug}: the mend is not taken: {said[:600]}")


def is_golden(slug):
    for folder, _, names in os.walk(os.path.join(ROOT, "tests/golden")):
        if "expected" in names:
            with open(os.path.join(folder, "expected"), "rb") as source:
                if f"[{slug}]".encode() in source.read():
                    return True
    return False


def page_check(report, slug, severity):
    path = os.path.join(PAGES, slug + ".md")
    report.check(os.path.exists(path), f"{slug} has no page")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as source:
        text = source.read()
    fact = "An error" if severity == "ERROR" else "A warning"
    report.check(text.startswith(f"# {slug}\n\n*{fact}.*\n\n"), f"{slug}: the page's head")
    if slug in WITHOUT:
        report.check("No example" in text, f"{slug}: it says that it has no example")
        report.check(is_golden(slug), f"{slug}: no golden case shows it")
    else:
        example_check(report, slug, text)
    for word in (slug, slug.upper()):
        done = report.run(["postern", "explain", word], ROOT)
        report.check(text in done.stdout.decode(), f"explain {word}: not the page")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    report = Report(os.path.abspath(args.bin))
    slugs = rows()
    for slug, severity in slugs:
        page_check(report, slug, severity)
    for name in os.listdir(PAGES):
        report.check(name[:-3] in {slug for slug, _ in slugs},
                     f"{name} is the page of no diagnostic")
    return report.status(300)


if __name__ == "__main__":
    sys.exit(main())
