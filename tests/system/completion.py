#!/usr/bin/env python3
"""What shells complete, asked of the shells: verbs, options, their values, topics, codes and names of
findings, files by their endings, names with blanks. A shell that is not installed is told of."""
import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from checks import Checks  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
DEADLINE = 60
FILES = ("a.rules", "with blank.rules", "quo'te.rules", "a.cdb", "a.txt", "log.svg",
         "folder/deep.rules", "star*.rules", "dollar$x.rules")
# a line up to the cursor; what must be among the answers, and what must not
CASES = (
    ("postern li", {"lint"}, {"compile", "a.rules"}),
    ("postern ", {"compile", "lint", "help", "explain"}, {"a.rules", "--format"}),
    ("postern --v", {"--version"}, {"lint"}),
    ("postern lint --fail", {"--fail-level"}, {"--format", "a.rules"}),
    ("postern lint --format s", {"sarif"}, {"json", "a.rules"}),
    ("postern lint --format ", {"text", "json", "gitlab"}, {"a.rules", "tap"}),
    ("postern lint --format=js", {"json"}, {"sarif", "a.rules"}),
    ("postern test --format=", {"tap", "junit"}, {"sarif", "a.rules"}),
    ("postern fmt --format ", {"text"}, {"json"}),
    ("postern lint --only P20", {"P201", "P207"}, {"P301", "a.rules"}),
    ("postern lint --only P201,red", {"P201,redundant"}, {"P201,P301"}),
    ("postern lint --ignore=redun", {"redundant"}, {"covered"}),
    ("postern lint ", {"a.rules", "with blank.rules", "quo'te.rules", "folder", "star*.rules",
                       "dollar$x.rules"}, {"a.cdb", "a.txt", "log.svg"}),
    ("postern lint wi", {"with blank.rules"}, {"a.rules"}),
    ("postern lint folder/", {"folder/deep.rules"}, {"a.rules"}),
    ("postern lint a.rules --format ", {"json"}, {"a.rules"}),
    ("postern dump ", {"a.cdb", "folder"}, {"a.rules", "a.txt"}),
    ("postern stats a", {"a.cdb", "a.rules"}, {"a.txt"}),
    ("postern compile a.rules -o ", {"a.cdb", "folder"}, {"a.rules", "a.txt"}),
    ("postern map a.rules --output ", {"log.svg", "folder"}, {"a.rules"}),
    ("postern check --root ", {"folder"}, {"a.rules", "a.txt"}),
    ("postern replay a.rules a.rules a", {"a.txt", "a.rules"}, {"log.svg"}),
    ("postern help che", {"check"}, {"lint", "a.rules"}),
    ("postern help tcp", {"tcprules", "tcpserver"}, {"a.rules"}),
    ("postern help check --fo", {"--format"}, {"--batch"}),
    ("postern explain P20", {"P201", "P207"}, {"P301", "a.rules"}),
    ("postern explain no-ver", {"no-verdict"}, {"no-default"}),
    ("postern explain redun", {"redundant"}, {"covered"}),
    ("postern completion ", {"bash", "zsh", "fish"}, {"a.rules"}),
    ("postern completion z", {"zsh"}, {"bash"}),
    ("postern lint --max ", set(), {"a.rules", "json"}),
)


def bash_script(script, line):
    """Readline's own division into words, and what the function answers."""
    words = re.findall(r"=|[^ =]+", line)
    if line.endswith(" "):
        words.append("")
    array = " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)
    return (f"source {script}\nCOMP_WORDS=({array}) COMP_CWORD={len(words) - 1}\n"
            f"_postern postern\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")


class Shells(Checks):
    def __init__(self, bin_dir, work):
        self.bin, self.work = os.path.abspath(bin_dir), work
        self.folder = os.path.join(work, "in")
        for name in FILES:
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii"):
                pass
        self.env = {"PATH": self.bin + ":/usr/bin:/bin", "HOME": work, "TERM": "xterm",
                    "LC_ALL": "C.UTF-8"}

    def script(self, shell, name):
        path = os.path.join(self.work, name)
        with open(path, "wb") as out:
            done = subprocess.run([os.path.join(self.bin, "postern"), "completion", shell],
                                  stdout=out, check=False)
        self.check(done.returncode == 0, shell)
        return path

    def run(self, words, text=""):
        done = subprocess.run(words, cwd=self.folder, env=self.env, input=text, text=True,
                              capture_output=True, timeout=DEADLINE, check=False)
        self.check(not done.stderr, words[0], text[-99:], done.stderr)
        return done.stdout

    def hold(self, shell, line, answers):
        _, wanted, unwanted = next(c for c in CASES if c[0] == line)
        answers = {a.rstrip("/ ") for a in answers}
        self.check(wanted <= answers, shell, repr(line), "lacks", wanted - answers, "of",
                   sorted(answers)[:20])
        self.check(not unwanted & answers, shell, repr(line), "has", unwanted & answers)

    def verbs(self):
        """Each has something to complete, in each shell's own way the same."""
        with open(os.path.join(ROOT, "tools/verbs.def"), encoding="utf-8") as rows:
            verbs = re.findall(r"^X\((\w+),", rows.read(), re.M)
        script = self.script("bash", "postern.bash")
        for verb in verbs:
            for rest in (" --",) if verb in ("lsp", "mcp") else (" ", " --"):
                out = self.run(["bash", "--norc"], bash_script(script, f"postern {verb}{rest}"))
                self.check(out.strip(), verb, repr(rest), "completes nothing")

    def bash(self):
        self.verbs()
        script = self.script("bash", "postern.bash")
        for line, _, _ in CASES:
            self.hold("bash", line, self.run(["bash", "--norc"], bash_script(script, line))
                      .splitlines())

    def fish(self):
        self.run(["fish", "--no-config", "-n", self.script("fish", "postern.fish")])
        for line, _, _ in CASES:
            out = self.run(["fish", "--no-config", "-c",
                            f"source ../postern.fish; complete -C {line!r}"])
            answers = [a.split("\t")[0] for a in out.splitlines()]
            # an option with its value is answered whole
            front = re.search(r"(--\w+=)\S*$", line)
            if front:
                answers = [a[len(front.group(1)):] if a.startswith(front.group(1)) else a
                           for a in answers]
            self.hold("fish", line, answers)

    def zsh(self):
        """A terminal of its own, as zsh completes nowhere else; compadd says what it is given."""
        self.script("zsh", "_postern")
        with open(os.path.join(self.work, "rc"), "w", encoding="ascii") as out:
            out.write("PS1='> '\nfpath=(.. $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
                      "zstyle ':completion:*' verbose no\n"
                      "compadd() {\n"
                      "    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)* ]]; then\n"
                      "        builtin compadd \"$@\"; return\n    fi\n"
                      "    local -a __hits\n    builtin compadd -A __hits \"$@\"\n"
                      "    builtin compadd \"$@\"\n    local s=$?\n"
                      "    (( $#__hits )) && print -rl -- ${__hits} >>../hits\n"
                      "    return s\n}\n"
                      "ask() { zle complete-word; print -r -- DONE >>../hits; zle kill-buffer }\n"
                      "zle -N ask\nbindkey '^I' ask\nunsetopt always_last_prompt\n"
                      "zstyle ':completion:*' list-prompt ''\n"
                      "zstyle ':completion:*:*:*:*:*' menu no\nprint READY >>../hits\n")
        ours, theirs = pty.openpty()
        process = subprocess.Popen(["zsh", "-f", "-i"], cwd=self.folder, stdin=theirs,
                                   stdout=theirs, stderr=theirs, env=self.env,
                                   start_new_session=True)
        os.close(theirs)
        hits = os.path.join(self.work, "hits")
        try:
            os.write(ours, b" source ../rc\n")
            self.zsh_wait(ours, hits, "READY")
            for line, _, _ in CASES:
                with open(hits, "w", encoding="ascii"):
                    pass
                os.write(ours, line.encode() + b"\t")
                answers = self.zsh_wait(ours, hits, "DONE")
                # a list with commas is answered by its last word
                front = re.search(r"(\S*,)\S*$", line)
                if front:
                    answers = [front.group(1) + a for a in answers]
                # a file by what follows its folder
                front = re.search(r"(\S*/)$", line)
                if front:
                    answers = [front.group(1) + a for a in answers]
                self.hold("zsh", line, [re.sub(r"\\(.)", r"\1", a) for a in answers])
        finally:
            process.kill()
            process.wait()
            os.close(ours)

    @staticmethod
    def zsh_wait(ours, hits, mark):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if select.select([ours], [], [], .05)[0]:
                os.read(ours, 65536)
            if os.path.exists(hits):
                with open(hits, encoding="utf-8") as source:
                    lines = source.read().splitlines()
                if mark in lines:
                    return lines[:lines.index(mark)]
        return []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        shells = Shells(args.bin, work)
        for name in ("bash", "zsh", "fish"):
            if shutil.which(name):
                getattr(shells, name)()
            else:
                print(f"there is no {name}")
    return shells.end(60)


if __name__ == "__main__":
    sys.exit(main())
