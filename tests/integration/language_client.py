#!/usr/bin/env python3
"""The language server before a client of vscode-languageserver-protocol: every message of long
sessions has the types of the protocol, and what its types do not say holds as well."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from npm import environment, fetched  # noqa: E402

PACKAGES = ["vscode-languageserver-protocol@3", "vscode-languageserver-textdocument@1", "typescript@5",
            "@types/node@20"]
COMPILE = ["node_modules/.bin/tsc", "--strict", "--noEmit", "--skipLibCheck", "--module", "node16",
           "--moduleResolution", "node16", "--target", "es2022", "--types", "node"]
# What the sessions have to have had from the server, or they have shown too little.
WANTED = """CodeAction CodeLens Completion Definition DocumentDiagnostic DocumentFormatting DocumentHighlight
DocumentLink DocumentRangeFormatting DocumentSymbol ExecuteCommand FoldingRange Hover Initialize InlayHint
PrepareRename PublishDiagnostics References Rename SelectionRange SemanticTokens SemanticTokensRange Shutdown
SignatureHelp WorkDoneProgressCreate WorkspaceSymbol""".split()


def session(postern, folder, seed, steps):
    """Its messages as a text; both encodings, and diagnostics that are sent and asked for."""
    rules = tempfile.mkdtemp(dir=folder)
    done = subprocess.run(
        ["node", "language_client.cjs", postern, rules, str(seed), str(steps),
         "utf-8" if seed % 2 == 0 else "utf-16", "pull" if seed % 4 >= 2 else "push", f"{seed}.ts"],
        cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=900, check=False)
    shutil.rmtree(rules)
    print(f"     session {seed}: {done.stdout.strip()}")
    assert done.returncode == 0, done.stderr
    with open(f"{folder}/{seed}.ts", encoding="utf-8") as text:
        return text.read()


def compiled(folder, *names):
    return subprocess.run([*COMPILE, *names], cwd=folder, env=environment(folder), capture_output=True, text=True,
                          timeout=900, check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--sessions", type=int, default=12)
    parser.add_argument("--steps", type=int, default=100)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        if not fetched(folder, *PACKAGES):
            print("language client: skipped: npm does not reach its registry")
            return 0
        shutil.copy(os.path.join(HERE, "language_client.cjs"), folder)
        texts = [session(postern, folder, seed, args.steps) for seed in range(1, args.sessions + 1)]
        made = compiled(folder, *(f"{seed}.ts" for seed in range(1, args.sessions + 1)))
        assert made.returncode == 0, made.stdout[:3000]
        shown = set(re.findall(r"typeof lsp\.(\w+?)(?:Request|Notification)\b", "".join(texts)))
        assert set(WANTED) <= shown, sorted(set(WANTED) - shown)
        for wrong in ('"severity":9', '"severty":1', '"severity":"1"'): # the compiler would have told
            with open(f"{folder}/wrong.ts", "w", encoding="utf-8") as out:
                out.write(re.sub(r'"severity":\d', wrong, texts[0], count=1))
            made = compiled(folder, "wrong.ts")
            assert made.returncode and "TS2" in made.stdout, (wrong, made.stdout)
        count = sum(text.count("export const") for text in texts)
        print(f"language client: {args.sessions} sessions, {count} messages, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
