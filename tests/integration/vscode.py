#!/usr/bin/env python3
"""The extension for VS Code as it is packaged: what is in it, who may set what, and its grammar and
snippets. tests/integration/workbench.py and vscode_server.py have it at work."""
import argparse
import base64
import json
import os
import re
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), os.path.join(HERE, "../../editors/vscode"), HERE]
import build  # noqa: E402
import highlighting  # noqa: E402
import runner  # noqa: E402
import textmate  # noqa: E402

# the scopes that vscode-tmgrammar-test is told of; of a string its quotes decide, of a number where it is
SCOPES = {"comment": "comment.line.number-sign.postern", "keyword": "keyword.control.postern",
          "operator": "keyword.operator.postern", "variable": "variable.other.set.postern",
          "property": "variable.other.property.postern", "type": "entity.name.type.host.postern",
          "enumMember": "constant.language.verdict.postern", "macro": "keyword.control.directive.postern"}
AMOUNTS = ("limit", "rate", "per", "until", "penalty", "signal")
options = None
made = None


def manifest():
    with zipfile.ZipFile(made[1]) as package:
        return json.loads(package.read("extension/package.json"))


def packaged(_):
    with zipfile.ZipFile(made[1]) as package:
        names = sorted(n.removeprefix("extension/") for n in package.namelist())
        assert names == ["LICENSE.txt", "[Content_Types].xml", "dist/extension.js", "dist/notices.txt",
                         "extension.vsixmanifest", "language-configuration.json", "package.json", "readme.md",
                         "snippets/postern.json", "syntaxes/postern.tmLanguage.json"], names
        with open(textmate.GRAMMAR, "rb") as grammar:
            assert package.read("extension/syntaxes/postern.tmLanguage.json") == grammar.read()
        notices = package.read("extension/dist/notices.txt").decode()
        code = package.read("extension/dist/extension.js").decode()
    for name in ("vscode-languageclient", "vscode-jsonrpc", "semver", "minimatch"):
        assert f"{name} " in notices, name
    done = subprocess.run(["node", "--check", "-"], input=code, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    needs = {name.removeprefix("node:") for name in re.findall(r'require\("([^"]+)"\)', code)}
    assert needs <= {"vscode", "child_process", "crypto", "fs", "net", "os", "path", "readline", "util"}, needs


def a_workspace_sets_no_program(_):
    told = manifest()
    settings = told["contributes"]["configuration"]["properties"]
    machine = sorted(name for name, row in settings.items() if row.get("scope") == "machine")
    assert machine == ["postern.roots", "postern.server.arguments", "postern.server.path"], machine
    trust = told["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited" and sorted(trust["restrictedConfigurations"]) == machine
    assert all("isWorkspaceTrusted" in row["enablement"] for row in told["contributes"]["commands"]
               if row["command"] == "postern.map")
    with open(os.path.join(highlighting.EDITORS, "vscode/src/features.js"), encoding="utf-8") as text:
        known = set(re.findall(r'registerCommand\("([^"]+)"', text.read()))
    assert known == {row["command"] for row in told["contributes"]["commands"]}, known


def grammar_as_the_compiler_reads(_):
    shown = textmate.shown(made[0], os.path.join(made[0], "syntaxes/postern.tmLanguage.json"))
    assert not highlighting.failures("textmate", shown.get)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def assertion(line, first, behind, scope):
    first, size = units(line[:first - 1]), units(line[first - 1:behind - 1])
    if not first:
        return f"# <{'-' * size} {scope}\n"
    return "#" + " " * (first - 1) + "^" * size + f" {scope}\n"


def scope_of(name, kind, text, before, line):
    if kind == "string":
        if name in ("classic.rules", "begun.rules"):
            return "string.quoted.other.postern"
        return f"string.quoted.{'double' if text[0] == chr(34) else 'single'}.postern"
    if kind == "number":
        right = before in AMOUNTS or line.startswith("env")
        return f"constant.numeric.{'amount' if right else 'address'}.postern"
    return SCOPES[kind]


def tests_of(name):
    """A corpus file as vscode-tmgrammar-test has them: assertions below their lines."""
    yield f'# SYNTAX TEST "source.postern" "{name}"\n'
    tokens = list(highlighting.tokens(name))
    for number, line in enumerate(highlighting.lines(name), 1):
        yield line + "\n"
        before = ""
        for at, first, behind, kind in tokens:
            if at == number:
                text = line[first - 1:behind - 1]
                declared = kind == "variable" and before in ("set", "env")
                scope = "variable.other.set.definition.postern" if declared else scope_of(name, kind, text, before, line)
                yield assertion(line, first, behind, scope)
                if (before, kind) != ("penalty", "number"):  # which has a range, and seconds
                    before = text


def grammar_by_its_tester(folder):
    for name in highlighting.names():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.writelines(tests_of(name))
    def run():
        return subprocess.run(["node_modules/.bin/vscode-tmgrammar-test", folder + "/*.rules"], cwd=made[0],
                              capture_output=True, text=True, timeout=120, check=False)
    done = run()
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    with open(os.path.join(folder, "classic.rules"), "a", encoding="utf-8") as out:
        out.write("10.9.9.9:deny\n# <-------- comment.line.number-sign.postern\n")
    assert run().returncode != 0  # it can fail


def api_names():
    """What the client and the extension take from the API, by their sources."""
    names = {"ThemeColor", "OverviewRulerLane", "ViewColumn", "languages", "extensions", "notebooks", "l10n"}
    for folder, _, files in os.walk(made[0] + "/node_modules/vscode-languageclient/lib"):
        for name in files:
            if name.endswith(".js"):
                with open(os.path.join(folder, name), encoding="utf-8") as text:
                    names |= set(re.findall(r"\b(?:vscode(?:_\d)?|code|Code|VSCode)\.([A-Z]\w+)", text.read()))
    return sorted(names)


def hosted(folder, trusted):
    """What the packaged extension does in Node, with a program that notes how it was started."""
    with zipfile.ZipFile(made[1]) as package:
        package.extractall(folder)
    program, notes = os.path.join(folder, "the program"), os.path.join(folder, "notes")
    with open(program, "w", encoding="utf-8") as out:
        out.write(f'#!/bin/sh\necho "$*" >>"{notes}"\nexec "{options.bin}/postern" "$@"\n')
    os.chmod(program, 0o755)
    with open(os.path.join(folder, "-o.rules"), "w", encoding="utf-8") as out:
        out.write("postern: 1\n10.0.0.0/8 : allow\n* : deny\n")
    done = subprocess.run(
        ["node", os.path.join(HERE, "vscode_host.cjs"), folder + "/extension/dist/extension.js", json.dumps({
            "settings": {"server.path": program, "server.arguments": ["lsp", "--color", "never"], "roots": [folder]},
            "file": folder + "/-o.rules", "trusted": trusted, "names": api_names()})],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with open(notes, encoding="utf-8") as text:
        return json.loads(done.stdout.splitlines()[-1]), text.read().splitlines()


def it_starts_what_the_user_says(folder):
    """The server and maps are processes; what the server offers as commands is there."""
    told, started = hosted(folder, True)
    assert started == ["lsp --color never --stdio", "map -o - -- -o.rules"], started
    assert not told["errors"] and {"postern.check", "postern.who", "postern.map"} <= set(told["commands"]), told
    (page,), needle = told["pages"], "src=\"data:image/svg+xml;base64,"
    assert page[0]["enableScripts"] is False and "default-src 'none'" in page[1], page
    picture = base64.b64decode(page[1].split(needle)[1].split('"')[0])
    assert picture.startswith(b"<svg") or b"<svg" in picture[:200], picture[:200]


def it_draws_nothing_where_nobody_trusts(folder):
    told, started = hosted(folder, False)
    assert started == ["lsp --color never --stdio"] and not told["pages"], started
    assert "trusted" in told["errors"][0], told["errors"]


def expanded(body):
    """What a snippet writes when nobody changes it."""
    text = "\n".join(body) if isinstance(body, list) else body
    text = text.replace("\\$", "\0")
    for _ in range(3):
        text = re.sub(r"\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
        text = re.sub(r"\$\{\d+:([^{}]*)\}", r"\1", text)
    return re.sub(r"\$\{?\d+\}?", "", text).replace("\0", "$")


def snippets_are_rules(folder):
    with open(os.path.join(folder, "drop.txt"), "w", encoding="ascii") as out:
        out.write("198.51.100.0/24\n")
    with open(os.path.join(highlighting.EDITORS, "vscode/snippets/postern.json"), encoding="utf-8") as text:
        snippets = json.load(text)
    fronts = {"limit": "192.0.2.1 : allow, ", "always": "set office = 10.0.0.1\n"}
    for name, row in snippets.items():
        text = fronts.get(row["prefix"], "") + expanded(row["body"])
        if row["prefix"] != "policy":
            text = f"postern: 1\n{text}\n* : allow\n"
        with open(os.path.join(folder, "a.rules"), "w", encoding="utf-8") as out:
            out.write(text)
        done = subprocess.run([options.bin + "/postern", "compile", "a.rules"], cwd=folder, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, (name, text, done.stderr)
    assert len(snippets) > 5


def main():
    global options, made  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--made", help="a folder of build.py, to be used as it is")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    out = options.made or os.path.join(highlighting.ROOT, "build/vscode")
    if options.made:
        package = next(n for n in os.listdir(out) if n.endswith(".vsix"))
        made = os.path.join(os.path.abspath(out), "editors/vscode"), os.path.join(os.path.abspath(out), package)
    else:
        made = build.make(out)
    return runner.run([packaged, a_workspace_sets_no_program, grammar_as_the_compiler_reads,
                       grammar_by_its_tester, snippets_are_rules,
                       it_starts_what_the_user_says, it_draws_nothing_where_nobody_trusts], options.names)


if __name__ == "__main__":
    sys.exit(main())
