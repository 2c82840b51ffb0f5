"""The corpus of editors/: rule files, and what each character of them is. Every highlighter is
held to it, and it to the compiler, by the server's semantic tokens."""
import os

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EDITORS = os.path.join(ROOT, "editors")
CORPUS = os.path.join(EDITORS, "corpus")
CLASSES = ("comment", "keyword", "string", "number", "operator", "variable", "property", "enumMember",
           "type", "macro")


def names():
    return sorted(n for n in os.listdir(CORPUS) if n.endswith(".rules") and n != "common.rules")


def path(name):
    return os.path.join(CORPUS, name)


def lines(name):
    with open(path(name), encoding="utf-8") as text:
        return text.read().split("\n")


def tokens(name):
    """(line, first column, column behind, class) of a file, counted from 1 in characters."""
    with open(path(name) + ".tokens", encoding="utf-8") as table:
        for row in table:
            line, first, behind, kind, _ = row.rstrip("\n").split("\t", 4)
            yield int(line), int(first), int(behind), kind.removesuffix(".declaration")


def painted(name, runs):
    """The class of each character, line by line; None where it has none."""
    paint = [[None] * len(line) for line in lines(name)]
    for line, first, behind, kind in runs:
        for column in range(first, min(behind, len(paint[line - 1]) + 1)):
            paint[line - 1][column - 1] = kind
    return paint


def runs(line):
    """(first column, column behind, class) of what is painted alike."""
    first = 0
    for column in range(1, len(line) + 1):
        if column == len(line) or line[column] != line[first]:
            yield first + 1, column + 1, line[first]
            first = column


def differences(name, shown, allowed=()):
    """What is not as the table has it: `shown` is (line, first, behind, class). Blanks do not
    count, and neither does what `allowed` names, by line and text."""
    want, got, text = painted(name, tokens(name)), painted(name, shown), lines(name)
    for number, (wanted, given) in enumerate(zip(want, got), 1):
        pairs = [(w, g) if c.strip() else None for w, g, c in zip(wanted, given, text[number - 1])]
        for first, behind, pair in runs(pairs):
            piece = text[number - 1][first - 1:behind - 1]
            if pair and pair[0] != pair[1] and (number, piece) not in allowed:
                yield f"{name}:{number}:{first}: {piece!r} is {pair[1]}, not {pair[0]}"


def failures(editor, shown_of, allowed=()):
    """Holds an editor to the whole corpus: `shown_of(name)` is what it shows. `allowed` has the
    rows (file, line, text) in which it may differ, each of which has to be needed."""
    found = []
    for name in names():
        rows = {(line, piece) for file, line, piece in allowed if file == name}
        shown = list(shown_of(name))
        found += differences(name, shown, rows)
        for row in sorted(rows):
            if not list(differences(name, shown, rows - {row})):
                found.append(f"{name}:{row[0]}: {row[1]!r} need not be allowed")
    for text in found:
        print(f"FAILED {editor}: {text}")
    return len(found)
