#!/usr/bin/env python3
"""Holds a program to all vectors: run.py PROGRAM [ARGUMENT...]. README.md has the form."""
import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def load(path):
    """A vector, and the bytes of its image."""
    with open(path, encoding="utf-8") as source:
        vector = json.load(source)
    with open(os.path.join(HERE, "images", vector["image"]), "rb") as source:
        data = bytearray(source.read()[:vector.get("size")])
    for edit in vector.get("edits", ()):
        new = bytes.fromhex(edit["hex"])
        data[edit["at"]:edit["at"] + len(new)] = new
    return vector, bytes(data)


def vectors():
    for path in sorted(glob.glob(os.path.join(HERE, "vectors", "*.json"))):
        yield os.path.basename(path), *load(path)


def field(text):
    """A text of a query, as a line has it."""
    if text is None:
        return "-"
    plain = "".join(c if "!" <= c <= "~" and c != "\\" else f"\\x{ord(c):02x}" for c in text)
    return "\\x2d" if plain == "-" else plain


def line(query):
    return "\t".join(field(query.get(name)) for name in ("address", "host", "ident", "text")) + "\n"


def answers(command, data, queries):
    with tempfile.NamedTemporaryFile(suffix=".cdb") as image:
        image.write(data)
        image.flush()
        done = subprocess.run([*command, image.name], input="".join(map(line, queries)),
                              capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(answer) for answer in done.stdout.splitlines()]


def main():
    count = failures = 0
    for name, vector, data in vectors():
        queries = vector["queries"]
        got = [*answers([*sys.argv[1:], "--verify"], data, []), *answers(sys.argv[1:], data, queries)]
        want = [vector["verify"], vector["open"], *(query["answer"] for query in queries)]
        wrong = [(w, g) for w, g in zip(want, got) if w != g]
        count += len(want)
        failures += len(wrong) + abs(len(want) - len(got))
        for w, g in wrong[:3]:
            print(f"FAILED {name}:\n  want {w}\n  got  {g}")
    print(f"{count} answers, {failures} failures")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
