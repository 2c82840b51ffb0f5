#!/usr/bin/env python3
"""The extension for VS Code in its workbench, in chromium: its manifest, grammar, snippets and code, with the real
language server at the other end of a socket. A policy is written from nothing by the keys that docs/editors.md tells,
and what it says is then to be read on the page. What differs from VS Code on a desktop: the workbench is that of
@codingame/monaco-vscode-api, files are in memory, and extension.js, which starts the server, is not run: it is in
vscode_server.py."""
import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), HERE]
import editor_sessions as page  # noqa: E402
import highlighting  # noqa: E402
import runner  # noqa: E402

PARTS = os.path.join(HERE, "workbench")
EDITORS = highlighting.EDITORS
PICTURES = {"10.1.2.3<Enter>": "vscode.png"}
options = None


def read(name):
    with open(os.path.join(EDITORS, name), encoding="utf-8") as text:
        return text.read()


def call(words, **more):
    done = subprocess.run(words, cwd=options.out, capture_output=True, text=True, timeout=600, check=False, **more)
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr[-4000:])
    return done.stdout


def made():
    """The page, in options.out, with the modules that it is made of."""
    os.makedirs(options.out, exist_ok=True)
    lock, have = os.path.join(PARTS, "package-lock.json"), os.path.join(options.out, "package-lock.json")
    if not (os.path.exists(have) and same_bytes(lock, have)):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(PARTS, name), options.out)
        call(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
    for name in os.listdir(PARTS):
        if name.endswith((".mjs", ".js", ".html")):
            shutil.copy(os.path.join(PARTS, name), options.out)
    shutil.rmtree(options.out + "/page", ignore_errors=True)
    call(["node", "build.mjs", EDITORS, options.out + "/page"])


def same_bytes(one, other):
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


def driven(folder, files, rows, pictures=None, trusted=True):
    """The texts that are open at the end, by name."""
    work = os.path.join(folder, "mail")
    os.makedirs(work)
    for name, text in files.items():
        with open(os.path.join(work, name), "w", encoding="utf-8") as out:
            out.write(text)
    given = os.path.join(folder, "given.json")
    with open(given, "w", encoding="utf-8") as out:
        json.dump({"out": options.out + "/page", "postern": options.bin + "/postern", "folder": work, "rows": rows,
                   "pictures": pictures or {}, "failure": options.failure,
                   "given": {"folder": work, "files": files, "manifest": json.loads(read("vscode/package.json")),
                             "parts": {"language-configuration.json": read("vscode/language-configuration.json"),
                                       "snippets/postern.json": read("vscode/snippets/postern.json"),
                                       "syntaxes/postern.tmLanguage.json": read("textmate/postern.tmLanguage.json")},
                             "settings": {"workbench.colorTheme": "Light Modern", "editor.minimap.enabled": False,
                                          "security.workspace.trust.enabled": not trusted}}}, out)
    texts = json.loads(call(["node", "drive.mjs", given]).splitlines()[-1])
    return {os.path.basename(name): text for name, text in texts.items()}


def a_policy_from_nothing(folder):
    rows = list(page.rows_of("### A policy from nothing in VS Code"))
    assert len(rows) > 8
    pictures = {keys: os.path.join(folder, name) for keys, name in PICTURES.items()}
    texts = driven(folder, {"hosts.rules": "", "mail.rules": ""}, rows, pictures)
    for name in ("hosts.rules", "mail.rules"):
        assert texts[name] == page.shown(folder, name), (name, texts[name])
    for name in PICTURES.values():
        assert os.path.getsize(os.path.join(folder, name)) > 10000
        if options.update:
            shutil.copy(os.path.join(folder, name), page.PICTURES)


MAPPED = {"mail.rules": "postern: 1\n10.0.0.0/8, 192.0.2.0/24 : allow\n* : deny\n"}
OPENED = ["«mail.rules»", ["Postern rules", "decides 16,777,472 addresses"]]


def a_map_is_drawn(folder):
    driven(folder, MAPPED, [OPENED, ["<F1>Draw the Addresses<Enter>", ["Map: mail.rules", "a picture"]]],
           {"<F1>Draw the Addresses<Enter>": os.path.join(options.out, "map.png")})


def no_map_where_nobody_trusts(folder):
    """The rest is there; the command is not offered."""
    driven(folder, MAPPED, [OPENED, ["<F1>Draw the Addresses", ["Restricted Mode", "Results", "¬as a Map"]]],
           trusted=False)


def main():
    global options  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--out", default=os.path.join(highlighting.ROOT, "build/workbench"))
    parser.add_argument("--update", action="store_true", help="the pictures, to be looked at")
    parser.add_argument("--failure", help="where a picture of a failure goes")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.bin, options.out = os.path.abspath(options.bin), os.path.abspath(options.out)
    made()
    return runner.run([a_policy_from_nothing, a_map_is_drawn, no_map_where_nobody_trusts], options.names)


if __name__ == "__main__":
    sys.exit(main())
