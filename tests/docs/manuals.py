#!/usr/bin/env python3
"""The manual pages: well formed, and telling of every program, verb and option."""
import argparse
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
MAN = os.path.join(ROOT, "man")
# what mandoc says of the machine it runs on, and not of the page
NOT_OURS = ("referenced manual not found", "outdated mandoc.db")


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as source:
        return source.read()


def lint():
    for name in sorted(os.listdir(MAN)):
        if not re.search(r"\.[1-9]$", name):
            continue
        done = subprocess.run(["mandoc", "-T", "lint", os.path.join(MAN, name)],
                              capture_output=True, text=True, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            if not any(words in line for words in NOT_OURS):
                yield line
        # a page of ours that another refers to is there
        for other, section in re.findall(r"^\.Xr (\S+) (\d)", page(name), re.M):
            if other.startswith(("postern", "tcprules", "libpostern")) and \
                    other != "postern-findings" and \
                    not os.path.exists(os.path.join(MAN, f"{other}.{section}")):
                yield f"{name}: no {other}.{section}"


def options(bin_dir):
    """Each long option of each verb's --help stands in the verb's page, or in postern.1."""
    with open(os.path.join(ROOT, "tools/verbs.def"), encoding="utf-8") as rows:
        verbs = re.findall(r"^X\((\w+),", rows.read(), re.M)
    listed = re.findall(r"^\.It Cm (\w+)$", page("postern.1"), re.M)
    if listed != verbs:
        yield f"postern.1 lists {' '.join(listed)}, and not the verbs in their order"
    for verb in verbs:
        text = page("postern.1")
        if verb != "help":  # which is of that page itself
            text = page(f"postern-{verb}.1")
        shown = subprocess.run([os.path.join(bin_dir, "postern"), verb, "--help"],
                               capture_output=True, text=True, check=True).stdout
        if len(shown.splitlines()) > 24 or max(map(len, shown.splitlines())) > 80:
            yield f"{verb} --help does not fit a screen"
        for option in re.findall(r"--([a-z-]+)", shown):
            if f"Fl -{option}" not in text:
                yield f"the page of {verb} does not tell of --{option}"


def drop_ins(bin_dir):
    """Each option of a drop-in's --help stands in its page, and each program has one."""
    for program in ("tcpserver", "tcpclient", "rblsmtpd", "recordio", "fixcrio", "argv0",
                    "envuidgid", "setuidgid"):
        section = 8 if program.endswith("uidgid") else 1
        text = page(f"{program}.{section}")
        shown = subprocess.run([os.path.join(bin_dir, program), "--help"],
                               capture_output=True, text=True, check=True).stdout
        listed = set("".join(re.findall(r"^\.It Fl (.*)$", text, re.M)))
        for letter in re.findall(r"^  -(\w)", shown, re.M):
            if letter not in listed and letter != "V":
                yield f"the page of {program} does not tell of -{letter}"
        for option in re.findall(r"^  --([a-z-]+)", shown, re.M):
            if option not in ("help", "version") and f"Fl -{option}" not in text:
                yield f"the page of {program} does not tell of --{option}"
    for program in os.listdir(bin_dir):
        name = {"mconnect-io": "mconnect"}.get(program, program)
        if not any(os.path.exists(os.path.join(MAN, f"{name}.{s}")) for s in (1, 8)):
            yield f"{program} has no page"


def functions():
    """Each public function stands in libpostern(3)."""
    text = page("libpostern.3")
    folder = os.path.join(ROOT, "runtime/include/postern")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as header:
            for function in re.findall(r"^(?:const char \*)?(postern_\w+)\(", header.read(),
                                       re.M):
                if f".Fn {function}" not in text:
                    yield f"libpostern.3 does not tell of {function}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    bin_dir = os.path.abspath(args.bin)
    problems = [*lint(), *options(bin_dir), *drop_ins(bin_dir), *functions()]
    for problem in problems:
        print("FAILED", problem)
    print(f"{len(problems)} failures")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
