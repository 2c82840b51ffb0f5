#!/usr/bin/env python3
"""Every #include points the way that layers.txt allows."""
import os
import re
import sys

import common


def table():
    allowed = {}
    for line in common.lines("tests/style/layers.txt"):
        words = line.split()
        if words and not line.startswith("#"):
            allowed[words[0]] = set(words[1:]) | {words[0]}
    return allowed


def layer_of(path, allowed):
    """The longest row of the table that the path lies in."""
    if path.startswith("runtime/include/postern/") or path.startswith("postern/"):
        return "postern"
    rows = [row for row in allowed if path == row or path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def main():
    allowed = table()
    includes = failures = 0
    for path in common.files(".c", ".h", ".re", ".y", ".def"):
        home = layer_of(path, allowed)
        for number, line in enumerate(common.lines(path), 1):
            match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not match:
                continue
            includes += 1
            mark, target = match.groups()
            if mark == "<":
                layer = "cdb" if target == "cdb.h" else None
                if target.startswith("postern/"):
                    layer = "postern"
            elif os.path.exists(os.path.join(common.ROOT, os.path.dirname(path), target)):
                layer = home  # an example stands by itself, wherever it is copied to
            else:
                layer = layer_of(target, allowed) or "unknown"
            if layer and layer not in allowed.get(home, ()):
                failures += 1
                print(f"{path}:{number}: {home} may not include {target}")
    print(f"{includes} includes, {failures} against the layers")
    return 1 if failures or not includes else 0


if __name__ == "__main__":
    sys.exit(main())
