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


def table(bin_dir, verbs):
    """The long options of each verb, of which --help does not show all: as they are completed."""
    lines = subprocess.run([os.path.join(bin_dir, "postern"), "completion", "fish"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    return {verb: {option for line in lines if f"_is {verb}'" in line
                   for option in re.findall(r"-l ([a-z-]+)", line)} for verb in verbs}


def options(bin_dir):
    """Each long option of each verb's --help stands in the verb's page, or in postern.1."""
    with open(os.path.join(ROOT, "tools/verbs.def"), encoding="utf-8") as rows:
        verbs = re.findall(r"^X\((\w+),", rows.read(), re.M)
    listed = re.findall(r"^\.It Cm (\w+)$", page("postern.1"), re.M)
    if listed != verbs:
        yield f"postern.1 lists {' '.join(listed)}, and not the verbs in their order"
    there = table(bin_dir, verbs)
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
        for option in there[verb]:
            if f"Fl -{option}" not in text:
                yield f"the page of {verb} does not tell of --{option}"
        if verb == "help":
            continue
        listed = re.findall(r"^\.It (Fl .*)$", text, re.M)
        for option in re.findall(r"Fl -([a-z-]+)", " ".join(listed)):
            if option not in there[verb]:
                yield f"the page of {verb} tells of --{option}, which is none"
        for letter in re.findall(r"Fl (\w)\b", " ".join(listed)):
            if not re.search(rf"^  -{letter}\b", shown, re.M):
                yield f"the page of {verb} tells of -{letter}, which is none"


def drop_ins(bin_dir):
    """Each option of a drop-in's --help stands in its page, and each program has one."""
    for program in ("tcpserver", "udpserver", "tcpclient", "rblsmtpd", "recordio", "fixcrio", "argv0",
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
        for letter in listed - set(" -") & set("abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"):
            words = re.findall(rf"^\.It Fl {letter}\b", text, re.M)
            if words and not re.search(rf"^  -{letter}\b", shown, re.M):
                yield f"the page of {program} tells of -{letter}, which is none"
    for program in os.listdir(bin_dir):
        name = {"mconnect-io": "mconnect"}.get(program, program)
        if not any(os.path.exists(os.path.join(MAN, f"{name}.{s}")) for s in (1, 8)):
            yield f"{program} has no page"


def part(text, name):
    """A section of a page."""
    found = re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def examples():
    """Each page of a program has examples, with a sentence before each, and says where to go on."""
    for name in sorted(os.listdir(MAN)):
        if not re.search(r"\.[158]$", name):
            continue
        lines = part(page(name), "EXAMPLES").splitlines()
        if not lines:
            yield f"{name} has no example"
        for before, line in zip([""] + lines, lines):
            if line.startswith((".Dl", ".Bd")) and not re.search(r"^[A-Za-z].*:$", before):
                yield f"{name}: no sentence says what is done by {line}"
        if not part(page(name), "SEE ALSO"):
            yield f"{name} has no SEE ALSO"


# which pages tell of what these files read from the environment
BOTH = ["tcpserver.1", "udpserver.1"]
READERS = {
    "tools/postern.c": ["postern.1"],
    "tools/export_mmdb.c": ["postern-export.1"],
    "tools/prove/folder.c": ["postern-import.1"], "tools/prove/run.c": ["postern-import.1"],
    "tools/dropins/tcprulescheck.c": ["tcprulescheck.1"],
    "server/cell_answer.c": ["tcpserver.1"],
    "server/listen.c": BOTH, "server/config.c": BOTH,
    "server/life.c": BOTH, "server/dns_names.c": ["tcpserver.1"],
    "server/readiness.c": BOTH, "server/limits_patch.c": ["tcpserver.1"],
    "server/companions/argv0.c": ["argv0.1"], "server/companions/setuidgid.c": ["setuidgid.8"],
    "server/companions/envuidgid.c": ["envuidgid.8"],
    "server/companions/rblsmtpd.c": ["rblsmtpd.1"],
    "server/companions/tcpclient.c": ["tcpclient.1"],
    "server/companions/client_names.c": ["tcpclient.1"],
    "server/companions/bridge.c": ["fixcrio.1", "recordio.1"],
}
# names that are given to a function of the file
GIVEN = {"tools/dropins/tcprulescheck.c": ["TCPREMOTEIP", "TCPREMOTEHOST", "TCPREMOTEINFO"],
         "server/config.c": ["UID", "GID"],
         "server/limits_patch.c": ["MAXLOAD", "MAXCONNIP", "MAXCONNC", "DIEMSG", "DIEMSG_MAXLOAD",
                                   "DIEMSG_MAXCONNIP", "DIEMSG_MAXCONNC"]}


def environment():
    """Each variable that a program reads stands under ENVIRONMENT in its page."""
    for folder in ("base", "grammar", "compiler", "runtime", "analysis", "tools", "server"):
        for where, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in names:
                if not name.endswith(".c"):
                    continue
                path = os.path.relpath(os.path.join(where, name), ROOT)
                with open(os.path.join(where, name), encoding="utf-8") as source:
                    text = source.read()
                if "getenv(" not in text:
                    continue
                if path not in READERS:
                    yield f"{path} reads the environment, and no page is named for it"
                for variable in re.findall(r'getenv\("(\w+)"\)', text) + GIVEN.get(path, []):
                    for reader in READERS.get(path, []):
                        if not re.search(rf"\.(It )?Ev .*\b{variable}\b",
                                         part(page(reader), "ENVIRONMENT")):
                            yield f"{reader} does not tell of {variable}"


def quotes():
    """No quotation marks are within others, which are hard to read."""
    for name in sorted(os.listdir(MAN)):
        if not re.search(r"\.[1-9]$", name):
            continue
        shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200",
                                os.path.join(MAN, name)], capture_output=True, check=True).stdout
        text = re.sub(r".\x08", "", shown.decode())
        for found in re.findall("\u2018[^\u2019\n]*\u2018|\u201c[^\u201d\n]*\u201c", text):
            yield f"{name}: quotes in quotes: {found}"


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
    problems = [*lint(), *options(bin_dir), *drop_ins(bin_dir), *functions(), *examples(),
                *environment(), *quotes()]
    for problem in problems:
        print("FAILED", problem)
    print(f"{len(problems)} failures")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
