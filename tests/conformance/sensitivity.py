#!/usr/bin/env python3
"""Would the vectors notice a reader that has a paragraph of docs/compiled.md wrong?

Each row breaks reader.py in one way; the vectors have to find it. A row that fits nowhere any
more is an error too.
"""
import os
import sys
import types

import answers
import reader
import run

HERE = os.path.dirname(os.path.abspath(__file__))

BREAKS = [
    # the container
    ("% 256]\n        for i in range(slots)", "% 255]\n        for i in range(slots)"),
    ("made = 5381", "made = 5380"),
    ("(wanted // 256 + i) % slots", "min(wanted // 256 % slots + i, slots - 1)"),
    ("if found == key:", "if True:"),
    ("if position == 0:\n                return None", "if position == 0:\n                continue"),
    ("self.records_end = min(self.records_end, position)", "pass"),
    ("sound(value_at + value_size <= self.records_end)", "pass"),
    # classic files
    ("return value.split(b\"\\0\")[:-1]", "return value.split(b\"\\0\")"),
    ("if item.startswith(b\"D\")", "if item == b\"D\""),
    ("items = items[:number]", "pass"),
    ("value if sign else None", "value"),
    ("yield ADDRESS, True, ident + b\"@\" + text", "pass"),
    ("yield HOST, True, ident + b\"@=\" + host", "pass"),
    ("in (b\".\", b\":\")", "in (b\".\",)"),
    ("for end in range(len(text), 0, -1)", "for end in range(1, len(text) + 1)"),
    ("yield SUFFIX, False, b\"=\" + host[start:]", "yield SUFFIX, False, b\"=\" + host[start + 1:]"),
    ("            yield ANY_HOST, False, b\"=\"", "            pass"),
    ("return Decision(\"allow\", NO_STEP)", "return Decision(\"deny\", NO_STEP)"),
    ("if run > length", "if run > max(length, 1)"),
    ("if run > length", "if run and run >= length"),
    ("b\"%x\" % group", "b\"%04x\" % group"),
    ("digest_pair(0, key, b\"\")", "digest_pair(1, key, b\"\")"),
    ("any(b\"=\" in key for key in keys) * 1", "1"),
    # addresses in text
    ("0|[1-9][0-9]{0,2}", "[0-9]{1,3}"),
    ("return whole[12:] if whole.startswith(bytes(10) + b\"\\xff\\xff\") else whole", "return whole"),
    ("missing < 2)", "missing < 0)"),
    ("[0-9a-fA-F]{1,4}", "[0-9a-fA-F]{1,5}"),
    ("[0-9a-fA-F]{1,4}", "[0-9a-f]{1,4}"),
    ("and b\".\" in part", "and False"),
    ("if len(halves) > 2", "if len(halves) > 3"),
    ("return Decision(\"deny\", NO_STEP)", "return Decision(\"allow\", NO_STEP)"),
    # the native image: what is refused
    ("if major > 2 or requires & ~KNOWN", "if major > 2"),
    ("if major > 2 or requires & ~KNOWN", "if requires & ~KNOWN"),
    ("sound(major >= 2)", "pass"),
    ("sound(self.header(3) == len(value))", "pass"),
    ("sound(at >= 128 and at + size", "sound(at + size"),
    ("sound(self.identities[1] == self.rules[1])", "pass"),
    ("sound(self.groups[0] == 128 and self.groups[1] >= 2)", "pass"),
    ("self.pieces >= 1 and self.shift <= 63", "True"),
    ("self.base == 0 and self.slots", "True"),
    ("if not KNOWN >> bit & 1", ""),
    # rules, terms, identities
    ("\"allow\" if row[0] == 1", "\"allow\" if row[0]"),
    ("four, six = number // 256 % 256, number % 256", "six, four = number // 256 % 256, number % 256"),
    ("sound(four <= 32 and six <= 128)", "sound(six <= 128)"),
    ("sound(four <= 32 and six <= 128)", "sound(four <= 32)"),
    ("per = self.per(terms[4])", "per = terms[4] // 256 % 256, terms[4] % 256"),
    ("more = terms[1] // 65536", "more = terms[1] // 131072"),
    ("sound(self.several and terms[0] and more <= 7)", "sound(terms[0] and more <= 7)"),
    ("sound(self.several and terms[0] and more <= 7)", "sound(self.several and more <= 7)"),
    ("sound(self.several and terms[0] and more <= 7)", "sound(self.several and terms[0])"),
    ("self.row(self.terms, number + i, 12)\n            sound(terms[0])", "self.row(self.terms, number + i, 12)"),
    ("self.row(self.terms, number + i, 12)", "self.row(self.terms, number - i, 12)"),
    ("(terms[2], terms[3],", "(terms[3], terms[2],"),
    ("decision.reject = self.note(terms, 5)", "pass"),
    ("target if row[7] else None", "target"),
    ("file if row[7] or file else None", "file if row[7] else None"),
    ("low + (high << 32), target", "high + (low << 32), target"),
    ("self.note(terms, 8), self.note(terms, 10)", "self.note(terms, 10), self.note(terms, 8)"),
    ("sound(at + size <= self.text[1])", "pass"),
    # penalties
    ("sound(len(made) < 8 and seconds <= 86400)", "sound(len(made) < 8)"),
    ("sound(len(made) < 8 and seconds <= 86400)", "sound(seconds <= 86400)"),
    ("sound(before < first <= last <= 256 and [0, 0, 0] not in made)", "sound(before < first <= last <= 256)"),
    ("sound(before < first <= last <= 256 and [0, 0, 0] not in made)", "sound(first <= last <= 256)"),
    ("sound(before < first <= last <= 256 and [0, 0, 0] not in made)", "sound(before < first <= last)"),
    ("sound(before < first <= last <= 256 and [0, 0, 0] not in made)", "sound(before < first and last <= 256)"),
    ("sound(not made and not statuses)", "sound(not made)"),
    ("sound(not made and not statuses)", "sound(not statuses)"),
    ("if requires & PENALTIES else (128, 0)", "if self.header(31) else (128, 0)"),
    ("self.header(18) & ~EXEMPTS", "self.header(18)"),
    # indexes
    ("last -= 1", "pass"),
    ("slot = min(slot, self.slots - 1)", "pass"),
    ("0 if key < self.base else", ""),
    ("sound(first <= last < self.pieces)", "sound(last < self.pieces)"),
    ("if self.start(i) <= wanted", "if self.start(i) < wanted"),
    ("if self.size == 16:", "if False:"),
    ("address % 2**self.shift if self.compact", "address if self.compact"),
    ("16 if family == 4 else 48", "16 if family == 4 else 16"),
    # long runs
    ("number = low + (rest >> shift)", "number = low + (rest >> shift + 1)"),
    ("rest &= (1 << shift) - 1", "rest &= (1 << shift - 1) - 1"),
    ("self.node(first // 16 + 1)", "self.node(first // 16)"),
    ("self.node(roots + number)", "self.node(number)"),
    ("for _ in range(6):", "for _ in range(60):"),
    ("for _ in range(6):", "for _ in range(1):"),
    ("sound(number < self.nodes)", "pass"),
    ("sound(kind and low < self.pieces and low + kind <= self.pieces)", "sound(low < self.pieces and low + kind <= self.pieces)"),
    ("((slot - 1) << self.shift) if slot", "(slot << self.shift) if slot"),
    ("(26, 27) if family == 4 else (28, 29)", "(28, 29) if family == 4 else (26, 27)"),
    # zones
    ("pattern = pattern * 2 +", "pattern = pattern // 2 + 128 *"),
    ("if not self.zones:", "if True:"),
    ("sound(zone < self.zones[1])", "zone = 0"),
    # entries and names
    ("sound(entry[3] // 256 <= DEFAULT)", "pass"),
    ("return self.entry(1, address)[3] % 256", "return self.entry(1, address)[3]"),
    ("sound(len(found[1]) == 4)", "pass"),
    ("if row[2] else None", ""),
    ("b\"\\0\" + kind + group", "b\"\\0\" + b\"h\" + group"),
    # deciding
    ("letter.group().lower()", "letter.group()"),
    ("if block is not None and block & 0x80000000:", "if False:"),
    ("found = self.host(0, row, host)\n        if found is None:\n            found = block",
     "found = block\n        if found is None:\n            found = self.host(0, row, host)"),
    ("return self.or_none(row[0]) if found is None else found", "return found"),
    ("((1,) if own is None else (own, 1))", "((1,) if own is None else (own,))"),
    ("((1,) if own is None else (own, 1))", "(1,)"),
    ("yield HOST, self.host(group, row, host)\n        yield PREFIX, self.or_none(entry[2])",
     "yield PREFIX, self.or_none(entry[2])\n            yield HOST, self.host(group, row, host)"),
    ("            yield ANY_HOST, self.or_none(row[0])", "            pass"),
    ("        raise Damaged\n\n    def short_cut", "        return DEFAULT, 0, False\n\n    def short_cut"),
    # checksums and verifying
    ("digest ^ digest >> 29", "digest ^ digest >> 28"),
    ("int.from_bytes(data, \"big\")", "int.from_bytes(data, \"little\")"),
    ("while len(data) - at > 8", "while len(data) - at >= 8"),
    ("len(key) << 32 ^ len(value)", "len(value) << 32 ^ len(key)"),
    ("self.value[24:]) == self.header(4)", "self.value[32:]) == self.header(4)"),
    ("sound(next(records, None) == (b\"\", b\"D\\0\"))", "next(records, None)"),
    ("sound(digest == self.header(14) + (self.header(15) << 32))", "pass"),
    ("== hashed)\n", "or True)\n"),
    ("sound(used == len(list(self.records())))", "pass"),
]


def answered(module, data, queries):
    """As answers.py prints it, but by this reader."""
    answers.reader = module
    lines = []
    for verify, asked in ((True, []), (False, queries)):
        try:
            rules = module.open_image(data, verify)
        except (module.Damaged, module.Newer) as problem:
            lines.append(answers.refused(problem))
            continue
        lines.append(answers.opened(rules))
        lines += [answers.answer(rules, answers.read(q)) for q in asked]
    return lines


def notices(vectors, source):
    module = types.ModuleType("broken")
    exec(compile(source, "broken", "exec"), module.__dict__)  # pylint: disable=exec-used
    for name, data, queries, want in vectors:
        try:
            if answered(module, data, queries) != want:
                return name
        except Exception as problem:  # pylint: disable=broad-except
            return f"{name} ({type(problem).__name__})"
    return None


def main():
    with open(os.path.join(HERE, "reader.py"), encoding="utf-8") as text:
        source = text.read()
    vectors = []
    for name, vector, data in run.vectors():
        queries = [run.line(q)[:-1].encode() for q in vector["queries"]]
        vectors.append((name, data, queries, answered(reader, data, queries)))
    failures = 0
    if notices(vectors, source):
        print("FAILED: the reader itself is refused")
        failures += 1
    for old, new in BREAKS:
        if source.count(old) != 1:
            failures += 1
            print(f"FAILED: {old!r} is there {source.count(old)} times")
            continue
        found = notices(vectors, source.replace(old, new))
        if not found:
            failures += 1
            print(f"FAILED: nothing notices {new!r} for {old!r}")
        elif "--show" in sys.argv:
            print(f"{found}: {new!r}")
    print(f"{len(BREAKS)} breaks, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
