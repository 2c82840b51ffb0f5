#!/usr/bin/env python3
"""The budgets and habits of CONTRIBUTING.md, measured."""
import re
import sys

import common

FILE_LINES, FUNCTION_LINES, PARAMETERS, LEVELS = 500, 60, 6, 4
GRAMMAR_LINES = 250
FOREIGN = {"on_receive"}  # callbacks whose type another library wrote
WIDTH = {".re": 100, ".y": 100, ".def": 120}
FORBIDDEN = re.compile(r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|"
                       r"alloca|strtok)\s*\(")
# test programs read numbers that the tests wrote
MAY_ATOI = {"tests/system/fault.c", "tests/system/shortage.c"}
# files are opened by name in one place, so that --root holds for all; the others make what is
# beside a target, /dev/null, and the summary that the runner of a CI names
OPENS = re.compile(r"(?<![\w.>])(open|openat|creat|fopen|freopen|stat|lstat|statx|fstatat|access|"
                   r"faccessat|realpath|readlink|readlinkat|opendir|scandir|rename|renameat|unlink|"
                   r"unlinkat|mkdir|truncate|chmod|chown|link|symlink)\s*\((?!\d\))")  # not open(2)
OPENS_IN = ("analysis/", "base/", "compiler/", "grammar/", "mcp/", "tools/")
MAY_OPEN = {"base/beneath.c", "base/files.c", "tools/fresh_folder.c", "base/process.c", "compiler/atomic.c", "compiler/endings.c", "compiler/temporaries.c",
            "tools/prove/folder.c", "tools/tool.c"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


class Report:
    def __init__(self):
        self.failures = self.files = self.functions = 0

    def fail(self, path, number, text):
        self.failures += 1
        print(f"{path}:{number}: {text}")


def strip(line):
    """Code without strings and comments, as far as one line tells."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    line = re.sub(r"'(\\.|[^'\\])*'", "''", line)
    return re.sub(r"/\*.*?\*/|/\*.*|//.*", "", line)


def functions(lines):
    """(first line, last line, header, body) of each function definition."""
    start = None
    for number, line in enumerate(lines):
        if line == "{" and number and not lines[number - 1].endswith((";", "=")):
            start = number
        elif line == "}" and start is not None:
            head = start - 1
            while head > 0 and lines[head - 1] and not lines[head - 1].startswith(
                    ("#", "}", " *", "/*", "%")) and not lines[head - 1].endswith(";"):
                head -= 1
            yield head, number, " ".join(lines[head:start]), lines[start:number + 1]
            start = None


def parameters(header):
    inside = header[header.find("(") + 1:header.rfind(")")]
    depth = 0
    commas = 0
    for c in inside:
        depth += (c == "(") - (c == ")")
        commas += c == "," and depth == 0
    return commas + 1 if inside.strip() else 0


def levels(body):
    """How deep blocks lie in one another, the function's own not counted."""
    depth = deepest = 0
    for line in body:
        code = strip(line)
        for c in code:
            depth += (c == "{") - (c == "}")
            deepest = max(deepest, depth)
    return deepest - 1


def check_functions(report, path, lines):
    for first, last, header, body in functions(lines):
        report.functions += 1
        name = re.search(r"(\w+)\s*\(", header)
        name = name.group(1) if name else "?"
        if last - first + 1 > FUNCTION_LINES:
            report.fail(path, first + 1, f"{name} has {last - first + 1} lines")
        if parameters(header) > PARAMETERS and name not in FOREIGN:
            report.fail(path, first + 1, f"{name} has {parameters(header)} parameters")
        if levels(body) > LEVELS:
            report.fail(path, first + 1, f"{name} nests {levels(body)} deep")


def check_lines(report, path, lines, width):
    for number, line in enumerate(lines, 1):
        if len(line) > width:
            report.fail(path, number, f"{len(line)} columns")
        if line != line.rstrip() or "\t" in line:
            report.fail(path, number, "blanks at the end, or a tab")
        if FORBIDDEN.search(strip(line)) and path not in MAY_ATOI:
            report.fail(path, number, "a function that is not used here")
        if path.startswith(OPENS_IN) and path not in MAY_OPEN and OPENS.search(strip(line)):
            report.fail(path, number, "a file is opened or looked at past base/files.h")
        if UNFINISHED.search(line):
            report.fail(path, number, "unfinished")


def main():
    report = Report()
    for path in common.files(".c", ".h", ".re", ".y", ".def"):
        lines = common.lines(path)
        report.files += 1
        ending = path[path.rfind("."):]
        limit = GRAMMAR_LINES if ending in (".re", ".y") else FILE_LINES
        if len(lines) > limit:
            report.fail(path, limit, f"{len(lines)} lines")
        if not lines[0].startswith("/*"):
            report.fail(path, 1, "the first line does not say what the file is for")
        if lines[-1] != "":
            report.fail(path, len(lines), "no newline at the end")
        check_lines(report, path, lines, WIDTH.get(ending, 88))
        if ending == ".c":
            check_functions(report, path, lines)
    print(f"{report.files} files, {report.functions} functions, "
          f"{report.failures} against the style")
    return 1 if report.failures or report.functions < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
