#!/usr/bin/env python3
"""The extension for VS Code as it is packaged, in VS Code itself: installed from its .vsix into the server that npm's
code-server carries, whose extension host is a process of Node's and whose window is a page in chromium. A folder on disk
is opened, trusted or not; a person reads, mends, renames and asks, and what is on disk then is compared. What differs
from a desktop: the window is a browser's. workbench.py types docs/editors.md."""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), os.path.join(HERE, "../../editors/vscode"), HERE]
import build  # noqa: E402
import highlighting  # noqa: E402
import runner  # noqa: E402

PARTS = os.path.join(HERE, "vscode_server")
PERSON = os.path.join(HERE, "workbench/person.mjs")
CODE = "node_modules/code-server/lib/vscode"
SETTINGS = {"telemetry.telemetryLevel": "off", "workbench.startupEditor": "none", "extensions.autoUpdate": False,
            "extensions.autoCheckUpdates": False, "workbench.tips.enabled": False, "chat.commandCenter.enabled": False,
            "workbench.colorTheme": "Default Light Modern", "editor.minimap.enabled": False, "git.enabled": False}
MAIL = 'postern: 1\ninclude "hosts.rules"\n$office : allow\n10.0.0.5/8 : deny\n* : deny\n'
HOSTS = "postern: 1\nset office = 192.0.2.0/24\n"
TRUSTED = ["<Enter>", ["¬Do you trust", "mail.rules"]]
NOT_TRUSTED = ["<ArrowLeft><Enter>", ["¬Do you trust", "Restricted Mode", "mail.rules"]]
options = None


def skip(why):
    print(f"SKIPPED vscode_server.py: {why}", flush=True)
    sys.exit(77)


def made():
    """The server of VS Code, in options.out. Nothing of it is compiled: what it lacks without is its own log."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version[1:].split(".")[0]) < 20:
        skip(f"this server of VS Code wants Node 20, and {version} is here")
    os.makedirs(options.out, exist_ok=True)
    lock, have = os.path.join(PARTS, "package-lock.json"), os.path.join(options.out, "whole")
    if not (os.path.exists(have) and same_bytes(lock, have)):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(PARTS, name), options.out)
        if subprocess.run(["npm", "ping", "--silent", "--fetch-retries=0"], capture_output=True, timeout=120, check=False).returncode:
            skip("npm's registry cannot be reached")
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=options.out,
                              capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        os.symlink("../../..", os.path.join(options.out, CODE, "node_modules"))
        shutil.copy(lock, have)
    for name in (PERSON, os.path.join(PARTS, "drive.mjs")):
        shutil.copy(name, options.out)


def same_bytes(one, other):
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, mode)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as text:
        return text.read()


class Code:
    """The server over a folder of files, with the extension installed; where it notes which program was started."""

    def __init__(self, folder, files):
        self.folder, self.notes = folder, os.path.join(folder, "notes")
        self.work = os.path.join(folder, "mail")
        for name, text in files.items():
            write(os.path.join(self.work, name), text)
        data, program = os.path.join(folder, "data"), os.path.join(folder, "the program")
        write(program, f'#!/bin/sh\necho "$*" >>"{self.notes}"\nexec "{options.bin}/postern" "$@"\n', 0o755)
        write(data + "/Machine/settings.json", json.dumps({"postern.server.path": program}))
        write(data + "/User/settings.json", json.dumps(SETTINGS))
        self.words = ["node", os.path.join(options.out, CODE, "out/server-main.js"), "--user-data-dir", data,
                      "--server-data-dir", folder + "/server", "--extensions-dir", folder + "/extensions",
                      "--telemetry-level", "off", "--accept-server-license-terms"]
        self.surroundings = {**os.environ, "EXTENSIONS_GALLERY": "{}", "HOME": folder}
        done = subprocess.run(self.words + ["--install-extension", options.package], env=self.surroundings,
                              capture_output=True, text=True, timeout=120, check=False)
        assert "successfully installed" in done.stdout, done.stdout + done.stderr[-2000:]
        self.server = self.url = None

    def __enter__(self):
        log = os.path.join(self.folder, "log")
        with open(log, "w", encoding="utf-8") as out:
            self.server = subprocess.Popen(  # pylint: disable=consider-using-with
                self.words + ["--host", "127.0.0.1", "--port", "0", "--without-connection-token"],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=self.surroundings, start_new_session=True)
        until = time.monotonic() + 60
        while time.monotonic() < until and self.server.poll() is None:
            port = re.search(r"agent listening on (\d+)", read(log))
            if port:
                self.url = f"http://127.0.0.1:{port.group(1)}/?folder={self.work}"
                return self
            time.sleep(0.1)
        self.__exit__()
        raise AssertionError(read(log)[-2000:])

    def __exit__(self, *_):
        os.killpg(self.server.pid, signal.SIGKILL)  # it waits for a window to come back, and its children with it
        self.server.wait(timeout=60)

    def person(self, rows, pictures=None):
        given = os.path.join(self.folder, "given.json")
        write(given, json.dumps({"url": self.url, "until": "Do you trust the authors of the files in this folder?",
                                 "rows": rows, "pictures": pictures or {}, "failure": options.failure,
                                 "size": {"width": 1100, "height": 620}}))
        done = subprocess.run(["node", "drive.mjs", given], cwd=options.out, capture_output=True, text=True,
                              timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-4000:] + read(self.folder, "log")[-600:]

    def started(self):
        return read(self.notes).splitlines() if os.path.exists(self.notes) else []


def pictured(*names):
    return {keys: os.path.join(options.out, name) for keys, name in names}


def at(line, column):
    return f"<Ctrl+G>{line}:{column}<Enter>"


MEND = at(4, 3) + "<Ctrl+.>"
DRAW = "<F1>Draw the Addresses<Enter>"
ASK = "<F1>What Is a Client<Enter>192.0.2.7<Enter>"


def reads_mends_renames_and_asks(folder):
    """What is wrong is seen, and mended by its key; a set is renamed in both files; a client is asked."""
    with Code(folder, {"mail.rules": MAIL, "hosts.rules": HOSTS}) as code:
        code.person([
            TRUSTED, ["«mail.rules»", ["a red wave"]],
            [MEND, ["10.0.0.0/8"]], ["<ArrowDown><Enter>", ["10.0.0.0/8 : deny", "¬a red wave", "a yellow wave"]],
            [at(3, 3) + "<F2>", []], ["<Ctrl+A>bureau<Enter>", ["$bureau : allow"]],
            ["<F1>File: Save All<Enter>", []],
            [ASK, ["192.0.2.7: allow", "by line 3 of mail.rules", "a lit line"]],
        ], pictured(("«mail.rules»", "reads.png"), (MEND, "mends.png"), (ASK, "asks.png")))
        assert code.started() == ["lsp --stdio"], code.started()
    assert read(code.work, "mail.rules") == MAIL.replace("office", "bureau").replace("10.0.0.5", "10.0.0.0")
    assert read(code.work, "hosts.rules") == HOSTS.replace("office", "bureau")


def follows_what_other_programs_write(folder):
    """A file that is included comes to be, and loses its set: nobody types."""
    with Code(folder, {"mail.rules": MAIL.replace("10.0.0.5", "10.0.0.0")}) as code:
        hosts = os.path.join(code.work, "hosts.rules")
        code.person([
            TRUSTED, ["«mail.rules»", ["a red wave"]],
            [{"write": [hosts, HOSTS]}, ["¬a red wave", "a yellow wave", "decides 256 addresses"]],
            [{"write": [hosts, "postern: 1\n"]}, ["a red wave"]],
        ])


EVIL = {"postern.server.path": "./evil", "postern.server.arguments": ["lsp", "--evil"], "postern.roots": ["/"]}


def a_folder_names_no_program(folder):
    """Not what its settings say is run, and where nobody trusts it, the server still answers, and no map is drawn."""
    files = {"mail.rules": "postern: 1\n10.0.0.0/8 : allow\n* : deny\n", ".vscode/settings.json": json.dumps(EVIL)}
    with Code(folder, files) as code:
        evil = os.path.join(code.work, "evil")
        write(evil, f'#!/bin/sh\necho "evil $*" >>"{code.notes}"\n', 0o755)
        opened = ["«mail.rules»", ["decides 16,777,216 addresses"]]
        code.person([NOT_TRUSTED, opened, ["<F1>Draw the Addresses", ["¬as a Map"]]])
        assert code.started() == ["lsp --stdio"], code.started()
        code.person([TRUSTED, opened, [DRAW, ["Map: mail.rules", "a picture"]]], pictured((DRAW, "map.png")))
        assert sorted(set(code.started())) == ["lsp --stdio", "map -o - -- mail.rules"], code.started()


def main():
    global options  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--made", help="a folder of editors/vscode/build.py, to be used as it is")
    parser.add_argument("--out", default=os.path.join(highlighting.ROOT, "build/vscode_server"))
    parser.add_argument("--failure", help="where a picture of a failure goes")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.bin, options.out = os.path.abspath(options.bin), os.path.abspath(options.out)
    made()
    if options.made:
        package = next(name for name in os.listdir(options.made) if name.endswith(".vsix"))
        options.package = os.path.join(os.path.abspath(options.made), package)
    else:
        options.package = build.make(os.path.join(highlighting.ROOT, "build/vscode"))[1]
    return runner.run([reads_mends_renames_and_asks, follows_what_other_programs_write, a_folder_names_no_program], options.names)


if __name__ == "__main__":
    sys.exit(main())
