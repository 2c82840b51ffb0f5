#!/usr/bin/env python3
"""postern mcp by the client that agents use, @modelcontextprotocol/sdk: every tool, every error."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import runner  # noqa: E402
from npm import environment, fetched  # noqa: E402

SDK = "@modelcontextprotocol/sdk@1"
options = None


def every_tool_and_every_error(folder):
    if not fetched(folder, SDK):
        print("     skipped: npm does not reach its registry")
        return
    shutil.copy(os.path.join(HERE, "agents.mjs"), folder)
    policies = os.path.join(folder, "policies")
    os.mkdir(policies)
    for name, text in (("smtp.rules", 'postern: 1\n10.0.0.0/8 : allow, RELAYCLIENT=""\n'
                                      "10.0.0.7 : deny\n* : deny\n"),
                       ("wrong.rules", "10.:alow\n")):
        with open(os.path.join(policies, name), "w", encoding="ascii") as out:
            out.write(text)
    done = subprocess.run(["node", "agents.mjs", os.path.join(options.bin, "postern"), policies], cwd=folder,
                          env=environment(folder), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    print("    ", done.stdout.strip())
    counted = json.loads(done.stdout)
    assert counted["tools"] == 7 and counted["answers"] > 20 and counted["errors"] > 12, counted


def main():
    global options  # pylint: disable=global-statement
    options = runner.arguments(__doc__)
    return runner.run([every_tool_and_every_error], options.names)


if __name__ == "__main__":
    sys.exit(main())
