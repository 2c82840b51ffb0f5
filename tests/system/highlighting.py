#!/usr/bin/env python3
"""The tables of editors/corpus, to which every highlighter is held, say what the language server
says: each token once, in order, within its line, and whole or a line at a time.
--update writes them anew."""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import highlighting  # noqa: E402
import language_client  # noqa: E402


class Tests:
    def __init__(self, server, legend, utf8):
        self.server, self.legend, self.utf8 = server, legend, utf8
        self.count = self.failures = 0

    def check(self, good, *what):
        self.count += 1
        if not good:
            self.failures += 1
            print("FAILED", *what)

    def columns(self, line, first, size):
        """Columns in characters, from 1, of units as they are sent."""
        data = line.encode("utf-8" if self.utf8 else "utf-16-le")
        unit, code = (1, "utf-8") if self.utf8 else (2, "utf-16-le")
        start = len(data[:first * unit].decode(code))
        return start + 1, start + 1 + len(data[first * unit:(first + size) * unit].decode(code))

    def rows(self, name, data):
        """A table's rows; and that none of the tokens lies in another."""
        text, line, at, end, made = highlighting.lines(name), 0, 0, 0, []
        for skip, step, size, kind, bits in zip(*[iter(data)] * 5):
            line, at, end = line + skip, step + (0 if skip else at), 0 if skip else end
            self.check(at >= end and size, name, line + 1, at, "lies in the token before")
            end = at + size
            first, behind = self.columns(text[line], at, size)
            kind = self.legend["tokenTypes"][kind] + (".declaration" if bits else "")
            made.append(f"{line + 1}\t{first}\t{behind}\t{kind}\t{text[line][first - 1:behind - 1]}\n")
        return made

    def file(self, name, update):
        uri = self.server.open(highlighting.path(name))
        document = {"textDocument": {"uri": uri}}
        made = self.rows(name, self.server.call("textDocument/semanticTokens/full", document)["data"])
        table = highlighting.path(name) + ".tokens"
        if update:
            with open(table, "w", encoding="utf-8") as out:
                out.writelines(made)
        with open(table, encoding="utf-8") as wanted:
            wanted = wanted.readlines()
        self.check(made == wanted, name, "is told otherwise:",
                   *[row for row in made if row not in wanted][:3], "not",
                   *[row for row in wanted if row not in made][:3])
        for number, line in enumerate(highlighting.lines(name), 1):
            units = len(line.encode("utf-8")) if self.utf8 else len(line.encode("utf-16-le")) // 2
            part = self.server.call("textDocument/semanticTokens/range", {
                **document, "range": {"start": {"line": number - 1, "character": 0},
                                      "end": {"line": number - 1, "character": units}}})
            self.check(self.rows(name, part["data"]) == [r for r in wanted if int(r.split("\t")[0]) == number],
                       name, number, "by itself is told otherwise")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    count = failures = 0
    seen = set()
    for utf8 in (False, True):
        server = language_client.Client(
            os.path.join(os.path.abspath(args.bin), "postern"), highlighting.CORPUS,
            general={"positionEncodings": ["utf-8" if utf8 else "utf-16"]})
        legend = server.begin()["capabilities"]["semanticTokensProvider"]["legend"]
        tests = Tests(server, legend, utf8)
        tests.check(tuple(legend["tokenTypes"]) == highlighting.CLASSES, legend)
        for name in highlighting.names():
            tests.file(name, args.update)
            seen |= {kind for _, _, _, kind in highlighting.tokens(name)}
        server.end()
        count, failures = count + tests.count, failures + tests.failures
    if seen != set(highlighting.CLASSES):
        failures += 1
        print("FAILED the corpus lacks", set(highlighting.CLASSES) - seen)
    print(f"highlighting: {count - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
