#!/usr/bin/env python3
"""Runs every example of README.md and docs/: what a reader sees is what comes out.

A fence of "console" holds commands behind "$ " and what they print, standard error among
it. A fence of "rules NAME", "text NAME", "c NAME" or "python NAME" is a file of that name; where
the name is that of a file in examples/, whatever the language, the fence shows lines of it, and
none that are not there. All of one page run in one folder, which has examples/ in it.

A fence of "console booted" wants a machine of its own, one of "console postgresql" or "console sqlite"
a database: they are run there by `./dev integration`.

Pages that build programs want the project installed: with --build they are run, and no others.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

INSTALLED = ("docs/embedding.md",)  # pages that want the project as it is installed
ELSEWHERE = ("booted", "postgresql", "sqlite")  # kinds of consoles that tests/integration runs
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


def pages():
    yield "README.md"
    for folder in ("docs", "docs/findings", "docs/ci", "docs/roads"):
        for name in sorted(os.listdir(os.path.join(ROOT, folder))):
            if name.endswith(".md"):
                yield folder + "/" + name


def fences(text):
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        yield match.group(1).strip(), match.group(2)


def commands(block):
    """(command, expected output) for each "$ " line."""
    command, lines = None, []
    for line in block.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, lines
            command, lines = line[2:], []
        elif command is not None and command.endswith("\\"):
            command = command[:-1] + line.strip()
        else:
            lines.append(line)
    if command is not None:
        yield command, lines


def shown(page, name, block, report):
    """A block that shows a file has lines of it, in one piece."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as source:
        lines = "\n" + source.read()
    report["examples"] += 1
    if "\n" + block not in lines:
        report["failures"] += 1
        print(f"FAILED {page}: {name} has other lines than it shows")


def installed(build, prefix):
    """The environment in which what is installed there is found."""
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    folders = {os.path.dirname(path) for path in
               glob.glob(prefix + "/lib*/**/libpostern.so", recursive=True)}
    return {"PKG_CONFIG_PATH": ":".join(f + "/pkgconfig" for f in folders),
            "LD_LIBRARY_PATH": ":".join(folders), "PYTHONPATH": prefix + "/share/postern/python",
            "PYTHONDONTWRITEBYTECODE": "1"}


def update(page, block, command, want, got):
    """Puts what comes out behind the command, in this block; a long command stands on more lines."""
    path = os.path.join(ROOT, page)
    with open(path, encoding="utf-8") as source:
        text = source.read()
    before = "".join(line + "\n" for line in want)
    first, _, rest = text.partition("```console\n" + block)
    if not rest and not text.endswith("```console\n" + block):  # changed by a command before
        at = text.index(command.split("\\", 1)[0][:60])
        at = text.index("\n", at) + 1
        assert text.startswith(before, at), (page, command)
        text = text[:at] + got + text[at + len(before):]
    else:
        at = block.index(command[:60]) if command[:60] in block else 0
        at = block.index(before, at) if before else block.index("\n", at) + 1
        text = first + "```console\n" + block[:at] + got + block[at + len(before):] + rest
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def run_page(page, bin_dir, report, more, elsewhere=None, prepare=lambda folder: None):
    """Runs what is run anywhere, and the consoles of one kind that has what it wants: `prepare` is
    given the folder first."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as source:
        text = source.read()
    env = {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", **more}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(folder, "examples"))
        prepare(folder)
        for info, block in fences(text):
            kind, _, name = info.partition(" ")
            if os.path.dirname(name) and os.path.exists(os.path.join(ROOT, name)):
                shown(page, name, block, report)
            elif kind in ("rules", "text", "c", "python") and name:
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    out.write(block)
            if kind != "console" or name in ELSEWHERE and name != elsewhere:
                continue
            for command, want in commands(block):
                done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, env=env,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, timeout=600, check=False)
                got = done.stdout.decode().splitlines()
                report["examples"] += 1
                if got == want:
                    continue
                if report["update"]:
                    changed = "".join(line + "\n" for line in got)
                    update(page, block, command, want, changed)
                    continue
                report["failures"] += 1
                print(f"FAILED {page}: $ {command}")
                print("\n".join(got))


def links(page, report):
    """A link to a file of the project leads somewhere."""
    with open(os.path.join(ROOT, page), encoding="utf-8") as source:
        text = source.read()
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        path = os.path.normpath(os.path.join(ROOT, os.path.dirname(page), target))
        report["links"] += 1
        if not os.path.exists(path):
            report["failures"] += 1
            print(f"FAILED {page}: no {target}")


def index(report):
    """docs/README.md has every page, but those of findings, which have an index of their own."""
    with open(os.path.join(ROOT, "docs", "README.md"), encoding="utf-8") as source:
        there = set(re.findall(r"\]\(([^)#:\s]+)\)", source.read()))
    for page in pages():
        name = page.removeprefix("docs/")
        if name != page and not name.startswith("findings/") and name != "README.md" and \
                name not in there:
            report["failures"] += 1
            print(f"FAILED docs/README.md: no {page}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--build", help="what to install for the pages that want it")
    parser.add_argument("--update", action="store_true",
                        help="write what comes out into the pages, to be reviewed")
    args = parser.parse_args()
    report = {"update": args.update, "examples": 0, "links": 0, "failures": 0}
    chosen = [page for page in pages() if (page in INSTALLED) == bool(args.build)]
    with tempfile.TemporaryDirectory() as prefix:
        more = installed(args.build, prefix) if args.build else {}
        for page in chosen:
            run_page(page, os.path.abspath(args.bin), report, more)
    for page in [*chosen, *([] if args.build else ["CONTRIBUTING.md", "SECURITY.md"])]:
        links(page, report)
    if not args.build:
        index(report)
    print(f"{report['examples']} examples, {report['links']} links, "
          f"{report['failures']} failures")
    return 1 if report["failures"] or not report["examples"] else 0


if __name__ == "__main__":
    sys.exit(main())
