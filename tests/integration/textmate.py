"""What the TextMate grammar shows, by vscode-textmate, in the words of the corpus."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import highlighting  # noqa: E402

GRAMMAR = os.path.join(highlighting.EDITORS, "textmate/postern.tmLanguage.json")
# the first that a scope begins with
SCOPES = {"comment.": "comment", "string.": "string", "keyword.operator.": "operator",
          "keyword.control.directive.": "macro", "keyword.": "keyword", "constant.numeric.": "number",
          "constant.language.": "enumMember", "variable.other.property.": "property",
          "variable.": "variable", "entity.name.type.": "type"}


def kind_of(scopes):
    for scope in scopes:
        for front, kind in SCOPES.items():
            if scope.startswith(front):
                return kind
    return None


def shown(folder, grammar=GRAMMAR):
    """name: runs. `folder` has node_modules with vscode-textmate."""
    files = [highlighting.path(name) for name in highlighting.names()]
    done = subprocess.run(["node", os.path.join(HERE, "textmate.mjs"), grammar, *files], cwd=folder,
                          capture_output=True, text=True, timeout=120, check=True)
    made = {}
    for row in done.stdout.splitlines():
        if row.startswith("= "):
            runs = made[os.path.basename(row[2:])] = []
            continue
        line, first, behind, *scopes = row.split("\t")
        runs.append((int(line), int(first), int(behind), kind_of(scopes)))
    return made
