#!/usr/bin/env python3
"""What a keystroke takes of the language server, counted at each edge of its code: a file that reads as before
is not parsed again, and nothing is kept for good.

A policy whose rules are in an include is edited in its root, and in the include. The second parses all rules
anew, the first none of them; what both do besides is the same."""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../support"), HERE]
import language_client as client  # noqa: E402
from checks import Checks  # noqa: E402

RULES, KEYS = 3000, 10
MOST = 0.9  # of what it takes with the parser
FILES = {"root.rules": 'postern: 1\ninclude "inc.rules"\n192.0.2.9 : deny\n* : deny\n',
         "inc.rules": "postern: 1\n198.51.100.8 : deny\n" + "".join(
             f'10.{i >> 8 & 255}.{i & 255}.{i % 7} : allow, A="{i % 5}" # x\n' for i in range(RULES))}
LINES = {"root.rules": 2, "inc.rules": 1}
LAST = {"root.rules": 8, "inc.rules": 11}  # where an address ends there


class Work(Checks):
    def __init__(self, program):
        self.program = os.path.abspath(program)

    def session(self, name, keys):
        """Work and the most memory of a session with so many keystrokes in a file."""
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            counts = os.path.join(folder, "counts")
            server = client.Client(self.program, folder, env={"PN_COUNTS": counts})
            server.begin()
            for file, text in FILES.items():
                with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                    out.write(text)
            uris = {file: server.open(os.path.join(folder, file)) for file in FILES}
            server.settle(uris[name])
            line = LINES[name]
            for i in range(keys):
                server.change(uris[name], {"range": {"start": {"line": line, "character": LAST[name]},
                                                     "end": {"line": line, "character": LAST[name] + 1}}, "text": str(i % 10)})
                self.check(not [d for d in server.settle(uris[name]) if d["severity"] == 1], name, i)
            self.check(server.end() == 0, "its end")
            with open(counts, encoding="ascii") as text:
                return [int(word) for word in text.readline().split()]

    def measured(self):
        key, most = {}, {}
        for name in FILES:
            before, after = self.session(name, 0), self.session(name, KEYS)
            key[name], most[name] = (after[0] - before[0]) / KEYS, after[1]
            print(f"{name}: {key[name]:.0f} edges a keystroke, {after[1] >> 10} KiB at most")
        self.check(key["root.rules"] < MOST * key["inc.rules"], "an include is parsed again", key)
        self.check(most["root.rules"] < 1.3 * most["inc.rules"], "there is twice of it", most)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counted", required=True, help="postern, with a counter at each edge")
    args = parser.parse_args()
    work = Work(args.counted)
    work.measured()
    return work.end(10)


if __name__ == "__main__":
    sys.exit(main())
