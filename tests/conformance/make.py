#!/usr/bin/env python3
"""Makes images and vectors of the sources, by our compiler and by what libpostern answers.

With --check nothing is written: whether they still are what would be made. README.md has the form.
"""
import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import reader
import run

HERE = os.path.dirname(os.path.abspath(__file__))
VALUE = 2048 + 8 + 56  # where the value of a native image begins

# An image: source, options of the compiler, about, addresses, hosts, idents, how many of all
# combinations (the first of each are always asked together).
IMAGES = [
    ("classic", "classic", [], "every step of a classic file", """10.1.2.3 10.1.2.4 10.1.2.6
     10.1.2.7 10.1.9.9 10.2.0.1 10.9.9.9 192.0.2.1 127.0.0.1 ::1 2001:db8:1::5 2001:db8:1:0:a:b:c:d
     2001:db8:1::b:c:d 2001:db8:1:2:3:4:5:6 2001:db8:1:2::9 2001:db8:0:0:1:0:0:1 ::ffff:10.1.2.3
     fe80::5 fe80:0:1::5 fe80:1::5 :: nonsense 010.1.2.3""".split(),
     ["mx.example.com", "a.example.com", "x.a.example.com", "example.com", "other.test", "",
      ".example.com", "Upper.Case", "UPPER.example", "mx.example.com.", "\xff.example.com"],
     ["joe", "", "ann", "joe@10.1.2", "\x00"], 90),
    ("open", "open", [], "a classic file without a default", ["192.0.2.1", "192.0.3.1", "::"],
     ["mx.example.com", ""], ["joe"], 20),
    ("wrapped", "wrapped", [], "a look-up that goes on around the end of a table",
     ["172.16.0.30", "172.16.1.20", "172.16.0.3"], [], [], 0),
    ("native", "native", [], "the ladder, idents, terms and notes", """10.1.2.3 10.1.2.4 10.1.2.5
     10.1.9.9 10.2.9.9 10.3.0.1 10.9.0.1 127.0.0.1 127.0.0.2 2001:db8:1:: 2001:db8:1::4 2001:db8:1:2::1
     2001:db8:2::1 203.0.113.1 203.0.113.129 203.0.113.200 198.51.100.6 198.51.100.7 198.51.100.8
     198.51.100.11 198.51.100.12 10.66.3.4 10.66.3.5 10.66.3.77 10.66.3.78 255.255.255.255 0.0.0.0 ::
     ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::ffff:10.1.2.3 ::ffff:a01:204 1:2:3:4:5:6:10.1.2.3
     nonsense""".split(),
     ["mx.example.com", "h.example.com", "y.a.example.com", "a.example.com", "example.com", "other.test",
      "", ".", "MX.Example.COM.", "mx.example.com..", ".example.com", "\xff"],
     ["joe", "ann", "eve", "", "odd name", "Joe", "nobody"], 110),
    ("implicit", "open", ["--as", "native"], "a rule that nobody wrote", ["192.0.2.1", "192.0.3.1", "::"],
     ["mx.example.com"], ["joe"], 20),
    ("stripped", "native", ["--strip"], "no targets, files, lines and notes",
     ["10.1.2.3", "10.3.0.1", "203.0.113.1", "198.51.100.6"], ["h.example.com"], ["joe", "eve"], 12),
    ("blocks", "blocks", [], "blocks, and their order", """192.0.2.7 192.0.2.8 192.0.2.200 192.0.2.207
     192.0.2.208 192.0.3.1 2001:db8:bad::1 2001:db8:bae::1""".split(),
     ["h.example", "s.example", "x.h.example", "good.test", "example", "H.EXAMPLE."], ["joe"], 80),
    ("blocked_hosts", "blocked_hosts", [], "a block of any host", "192.0.2.1 10.0.0.1 10.0.0.2 ::1".split(),
     ["mx.test", ""], ["joe"], 30),
    ("suffixes", "suffixes", [], "groups that have no hosts, or no suffixes",
     ["10.0.0.1", "192.0.2.1"], ["mx.example", ".example", "a.mx.example", "example", "mx.example."],
     ["joe", "ann"], 40),
    ("least", "least", [], "the least policy", ["10.0.0.1", "::1", "::ffff:1.2.3.4"], ["mx.example"],
     ["joe"], 12),
    ("table", "table", [], "tables of indexes", """0.0.0.0 0.0.0.1 0.1.1.15 0.1.1.16 0.1.1.31 0.1.1.32
     0.1.7.112 0.1.7.116 0.1.7.117 0.1.7.118 0.1.7.128 0.4.255.48 0.4.255.63 0.4.255.64 0.5.0.0 0.5.255.255 0.6.0.0 0.6.15.255 0.6.16.0 0.5.1.16
     0.9.200.32 0.9.200.48 0.9.255.255 0.10.0.0 10.0.0.1 10.7.0.0 10.7.255.255 10.245.9.9 203.0.112.255
     203.0.113.0 203.0.113.255 255.255.255.254 255.255.255.255 :: ::1 0:0:0:1:: 2001:db8::
     2001:db8:0:1:: 2001:db8:5:19::1 2001:db8:5:1a:: 2001:db8:27:5f1::7 2001:db8:27:5f2::7
     ffff:ffff:ffff:fffe:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:: ::ffff:0.1.7.117""".split(),
     ["mx.example"], ["joe"], 90),
    ("wide", "wide", [], "starts of 16 bytes", """2001:db8:: 2001:db8::1 2001:db8::25 2001:db8::26
     2001:db8::1:0 2001:db8::1:ffff 2001:db8::2:24a 2001:db8::2:24b 2001:db8::fff:ffff 2001:db8::1000:0
     2001:db8::4:4a0 2001:db8::ffff:ffff:ffff:fffe 2001:db8::ffff:ffff:ffff:ffff 2001:db8:0:1::
     2001:db8:0:1::1 ::""".split(), ["mx.example"], ["joe"], 40),
    ("spelt", "spelt", [], "keys by spelling: zones", """2001:db8:1::1 2001:db8:1:0:1:0:0:1 2001:db8:1:0:1:2:3:4
     2001:db8:1:1:0:0:0:1 2001:db8:1:: 2001:db8:5:0:1:2:3:4 2001:db8:5:0:1:0:0:4 2001:db8:5:0:1:: fe80::1
     fe80::1:2 fe80::1:2:3:4 fe80:0:0:1::5 fe80:1::1 10.1.2.3 2001:db8:6::1 ::""".split(),
     ["mx.example"], ["joe"], 40),
    ("tiers", "tiers", [], "rules with several limits", """10.1.2.3 10.2.0.1 10.3.0.1 10.4.0.1 10.5.0.1
     2001:db8:1::1 ::""".split(), ["mx.example"], ["joe"], 12),
    ("divided", "divided", [], "long runs that are divided", """10.0.255.255 10.1.0.0 10.1.0.255 10.1.1.0 10.1.9.1
     10.1.9.2 10.1.9.3 10.1.9.77 10.1.9.78 10.1.9.247 10.1.9.248 10.1.10.0 10.1.13.9 10.1.120.1 10.1.237.255 10.1.238.0 10.1.255.255
     10.2.0.0 11.0.0.1 11.1.0.0 16.1.2.3 101.18.0.1 206.39.255.255 206.40.0.0 255.255.255.255 2000:: 2001:db8:: 2001:db8:1:: 2001:db8:1:3:: 2001:db8:1:4::
     2001:db8:1:4::1 2001:db8:1:4::2 2001:db8:1:4::22 2001:db8:1:4::46 2001:db8:1:4::47 2001:db8:1:5:: 2001:db8:1:d:: 2001:db8:1:1bd::9 2001:db8:1:1be::
     2001:db8:2:: 2001:db8:8:: 2001:db8:8:1:: 2001:db8:9:: 2001:db8:19e::1 2001:db8:19f:: 2001:db9:: 2060:99::1 2ea0::1 2ea0:100:: ffff::""".split(),
     ["mx.example"], ["joe"], 70),
    ("penalties", "penalties", [], "rules with penalties, and those that are exempt", """10.1.2.3 10.2.0.1 10.2.1.1 10.3.0.1
     10.4.0.1 10.5.0.1 2001:db8:1::1 ::""".split(), ["mx.example"], ["joe"], 20),
]

# What is an address in text, and what nearly is one.
TEXTS = """fe80:: ::1.2.3.4 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1::3:4:5:6:7:8 0:1:2:3:4:5:6:7:8 1::2::3
    1:2:3:4:5:6:7:8:: ::1:2:3:4:5:6:7:8 1:2:3:4::5:6:7:8 10.0.0.01 10.0.0.256 10.0.0 10.0.0.0.1 10..0.1 .10.0.0.1
    10.0.0.1. 0x0a.0.0.1 167772161 +1.2.3.4 1:2:3:4:5:6:7:1.2.3.4 1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:1.2.3.4
    1::4:5:6:7:1.2.3.4 1::3:4:5:6:7:1.2.3.4 ::00001 ::0001 ::g ::1%lo ::1/128 [::1] : :: ::: :1 1: :1:2:3:4:5:6:7
    1:2:3:4:5:6:7: 1:2:3:4:5:6:7:8: 1:2:3:4:5:6:7 ::ffff:10.1.2.3 ::FFFF:a01:203 ::ffff:0:10.1.2.3 0:0:0:0:0:ffff:10.1.2.3
    ::1.2.3.04 ::1.2.3 ::1.2.3.4.5 1.2.3.4:: ::1.2.3.4:5 ABCD:EF01:2345:6789:abcd:ef01:2345:6789
    0000:0000:0000:0000:0000:ffff:255.255.255.255 00000:0000:0000:0000:0000:ffff:255.255.255.255""".split()
TEXTS += [" ::1", "::1 ", "10.1.2.3\0", "::1\0", "10.1.2.3\n", "\u0661.1.1.1".encode().decode("latin-1"), "::\xb2"]


class Image:
    """The bytes of a native image, to be changed."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.size = self.number(2048 + 4)

    def number(self, at):
        return int.from_bytes(self.data[at:at + 4], "little")

    def put(self, at, *numbers):
        for number in numbers:
            self.data[at:at + 4] = number.to_bytes(4, "little")
            at += 4

    def header(self, number):
        return self.number(VALUE + 4 * number)

    def row(self, part, row, columns, column):
        """Where a number of a row stands in the file."""
        return VALUE + self.header(part) + 4 * (row * columns + column)

    def sum_up(self):
        digest = reader.digest_pair(0, b"", bytes(self.data[VALUE + 24:VALUE + self.size]))
        self.put(VALUE + 16, digest & 0xFFFFFFFF, digest >> 32)
        return bytes(self.data)


def compact(data):
    """The same policy with the compact index that large images have, in the old one's place."""
    image = Image(data)
    row = VALUE + image.header(8) + 80 + 16  # of group 1, for IPv4
    index = reader.open_image(data).index(1, bytes(4))
    pieces = [(index.start(i), image.number(VALUE + index.at + 8 * i + 4)) for i in range(index.pieces)]
    slots = max(start >> 16 for start, _ in pieces if start >> 24 == 0) + 3
    pieces = [(start, entry) for start, entry in pieces if start >> 24 == 0]
    table = [0x80000000]
    for slot in range(1, slots):
        first = (slot - 1) << 16
        piece = max(i for i, (start, _) in enumerate(pieces) if start <= first)
        table.append(piece | (0x80000000 if pieces[piece][0] == first else 0))
    table.append(len(pieces) - 1)
    image.put(VALUE + index.at, *[(start & 0xFFFF) | entry << 16 for start, entry in pieces], *table)
    image.put(row, len(pieces), index.at, 2, slots, index.at + 4 * len(pieces), 16, 0, 0)
    image.put(VALUE + 4 * 26, 0, 0)  # its slots are others
    return image.sum_up()


def edits_of(old, new):
    """What was changed, as runs of bytes."""
    made, at = [], 0
    while at < len(new):
        end = at
        while end < len(new) and old[end] != new[end]:
            end += 1
        if end > at:
            made.append({"at": at, "hex": new[at:end].hex()})
        at = end + 1
    return made


def changed(data, at, *numbers, sums=True):
    image = Image(data)
    image.put(at, *numbers)
    return image.sum_up() if sums else bytes(image.data)


def changed_byte(data, at, char):
    return data[:at] + char.encode() + data[at + 1:]


def damage(images):
    """(name, image, about, changed bytes, queries)."""
    native, table, spelt, classic = (images[n] for n in ("native", "table", "spelt", "classic"))
    image, parsed = Image(native), reader.open_image(native)
    ask = [{"address": "10.1.2.3"}, {"address": "203.0.113.1", "host": "mx.example.com"},
           {"address": "10.1.9.9", "ident": "joe"}]

    for name, size in (("nothing", 0), ("header", 2047), ("value", 2500), ("half", len(native) // 2),
                       ("tables", len(native) - 1)):
        yield f"cut_{name}", "native", f"cut to {size} bytes", native[:size], ask
    yield "cut_classic", "classic", "a classic file without its last byte", classic[:-1], []
    for number, what in ((6, "rules"), (10, "entries"), (12, "text"), (16, "terms"), (19, "zones"),
                         (24, "identities")):
        base, label = (spelt, "spelt") if number == 19 else (native, "native")
        yield (f"outside_{what}", label, f"{what} begin behind the value",
               changed(base, VALUE + 4 * number, 0xFFFFFFF0), [])
        if number != 19:
            yield (f"within_header_{what}", label, f"{what} begin within the header",
                   changed(base, VALUE + 4 * number, 124), [])
        yield (f"too_many_{what}", label, f"more {what} than fit",
               changed(base, VALUE + 4 * number + 4, 0x10000000), [])
    yield "magic", "native", "another magic", changed(native, VALUE, 0x12345678), []
    yield "major_older", "native", "major version 1", changed(native, VALUE + 8, 1 << 16), []
    yield "major_newer", "native", "major version 3", changed(native, VALUE + 8, 3 << 16), []
    yield "minor_newer", "native", "a newer minor version is read", changed(native, VALUE + 8, 2 << 16 | 9), ask
    for bits, names, label in ((8, b"tides\0", "one"),
                               (31, b"keys by spelling\0several limits\0penalties\0tides\0\x1bmoons\0", "two")):
        size = len(names)
        at = VALUE + Image(spelt).header(12)  # in the place of texts
        fresh = Image(spelt)
        fresh.data[at:at + size] = names
        fresh.put(VALUE + 4 * 21, bits, at - VALUE, size)
        yield f"requires_{label}", "spelt", "requires what nobody knows yet", fresh.sum_up(), []
    yield ("requires_first", "native", "newer comes before damage",
           changed(changed(native, VALUE + 4 * 21, 0x80000000), VALUE + 24, 1), [])
    yield "size", "native", "the size in the header is another", changed(native, VALUE + 12, image.size - 8), []
    yield ("identities_count", "native", "fewer identities than rules",
           changed(native, VALUE + 100, parsed.rules[1] - 1), [])
    yield "groups_place", "native", "groups elsewhere", changed(native, VALUE + 32, 136), []
    yield "groups_few", "native", "one group", changed(native, VALUE + 36, 1), []
    for column, value, what in ((4, 0, "no pieces"), (5, 0xFFFFFF00, "pieces outside"), (6, 8, "starts of 8 bytes for IPv4"),
                                (9, 64, "a shift of 64"), (7, 0xFFFFFFFF, "as many slots as can be"),
                                (7, 0x10000000, "a table outside"), (14, 4, "starts of 4 bytes for IPv6")):
        yield (f"index_{column}_{value:x}", "native", f"an index with {what}",
               changed(native, image.row(8, 1, 20, column), value), [])
    yield ("index_ident", "native", "the index of an ident's group is damaged: found by the decision",
           changed(native, image.row(8, 2, 20, 4), 0), ask)
    packed = images["compact"]
    compacted = Image(packed)
    for column, value, what in ((7, 0, "without a table"), (9, 17, "with a shift of 17"), (10, 1, "with a base")):
        yield (f"compact_{column}", "compact", f"a compact index {what}",
               changed(packed, compacted.row(8, 1, 20, column), value), [])
    index = reader.open_image(table).index(1, bytes(4))
    base = reader.spell_address(index.base.to_bytes(4, "big")).decode()
    for value, what in ((0x7FFFFFFF, "outside"), (9, "backwards")):
        yield (f"table_{what}", "table", f"a table that leads {what}",
               changed(table, VALUE + index.table + 4, value),
               [{"address": "0.0.0.0"}, {"address": base}, {"address": "203.0.113.1"}])
    yield from damaged_division(images["divided"])
    asked = reader.parse_address(b"10.1.2.3")
    number = parsed.index(1, asked).entry(int.from_bytes(asked, "big"))
    columns = ((0, "block"), (1, "exact"), (2, "prefix"), (4, "plain"))
    for column, what in columns:
        yield (f"entry_{what}", "native", f"no such rule in an entry ({what})",
               changed(native, image.row(10, number, 5, column), 0x7000),
               [{"address": "10.1.2.3"}, {"address": "10.1.2.3", "host": "x.test"},
                {"address": "10.1.2.3", "ident": "eve", "host": "x.test"}])
    yield ("entry_step", "native", "a step above 6", changed(native, image.row(10, number, 5, 3), 7 << 8),
           [{"address": "10.1.2.3"}, {"address": "10.1.2.3", "host": "x.test"}])
    piece = VALUE + parsed.index(1, bytes(4)).at + 4
    yield "piece_entry", "native", "no such entry", changed(native, piece, 0x7000), [{"address": "0.0.0.0"}]
    yield ("no_default", "native", "nothing decides", changed(native, image.row(8, 1, 20, 1), reader.NONE),
           [{"address": "10.77.0.1", "ident": "x"}, {"address": "10.77.0.1"}, {"address": "10.1.2.3", "ident": "x"}])
    rule = parsed.decide(None, b"203.0.113.1", None, None).rule
    shown = [{"address": "203.0.113.1"}]
    for column, what in ((1, "environment"), (3, "target"), (5, "file"), (8, "terms")):
        yield (f"rule_{what}", "native", f"the {what} of a rule is outside",
               changed(native, image.row(6, rule, 9, column), 0x70000000), shown)
    terms = image.number(image.row(6, rule, 9, 8))
    yield ("terms_reject", "native", "a reject text outside",
           changed(native, image.row(16, terms, 12, 5), 0x70000000), shown)
    noted = parsed.decide(None, b"10.3.0.1", None, None).rule
    terms = image.number(image.row(6, noted, 9, 8))
    yield ("terms_owner", "native", "an owner outside: only the origin is damaged",
           changed(native, image.row(16, terms, 12, 8), 0x70000000), [{"address": "10.3.0.1"}])
    yield ("verdict", "native", "a verdict that is neither denies", changed(native, image.row(6, rule, 9, 0), 2),
           shown)
    yield from damaged_limits(native, images["tiers"], terms)
    yield from damaged_penalties(images["penalties"])
    zoned = reader.open_image(spelt)
    yield ("zone", "spelt", "no such zone",
           changed(spelt, VALUE + zoned.zones[0] + 0x60 * 2, 0xFFFFFFFF),
           [{"address": "2001:db8:0::"}, {"address": "1:2::"}, {"address": "10.1.2.3"}])
    yield from damaged_names(native, image, ask)
    yield from damaged_classic(classic)


def damaged_division(divided):
    """Roots and nodes of long runs; of IPv6, whose starts have 16 bytes here."""
    ask = [{"address": address} for address in
           ("2001:db8:1:4::22", "2001:db8:1:1be::", "2001:db8:19e::1", "2ea0::1", "10.1.9.77")]
    asked = int.from_bytes(reader.parse_address(b"2001:db8:19e::1"), "big")
    index = reader.open_image(divided).index(1, bytes(16))
    nodes = index.nodes
    index.nodes = 0
    first, _ = index.run(asked)
    root = VALUE + index.roots + (first // 16 + 1) * 8
    behind = VALUE + index.roots + (index.pieces // 16 + 2) * 8
    table, kind = Image(divided).number(root), Image(divided).number(root + 4)

    def row_of_tables(count):
        """Each with one node in use, which is the next; then a run."""
        return [*((behind + n * 8, n + 1, 0x8000003F) for n in range(count)),
                (behind + count * 8, first, index.pieces - first)]

    for label, what, changes in (
            ("none", "no root: the run is searched whole", [(root, 0, 0)]),
            ("node", "a table outside", [(root, nodes, kind)]),
            ("run", "runs outside", [(behind + n * 8, index.pieces - 1, 2) for n in range(nodes)]),
            ("first", "runs that begin outside", [(behind + n * 8, index.pieces, 1) for n in range(nodes)]),
            ("empty", "runs of nothing", [(behind + n * 8, 0, 0) for n in range(nodes)]),
            ("ring", "tables without end", [(behind + n * 8, table, 0x80000000 | 63) for n in range(nodes)]),
            ("shift", "a shift of 63", [(root, table, 0x80000000 | 63)]),
            ("six", "six tables", [(root, 0, 0x8000003F), *row_of_tables(5)]),
            ("seven", "seven tables", [(root, 0, 0x8000003F), *row_of_tables(6)]),
            ("few", "fewer nodes than there are", [(VALUE + 4 * 29, 1)])):
        image = Image(divided)
        for at, *numbers in changes:
            image.put(at, *numbers)
        yield "division_" + label, "divided", what, image.sum_up(), ask
    for number, value, label, what in ((28, 0xFFFFFF00, "outside", "roots begin behind the value"),
                                       (29, 0x10000000, "many", "more nodes than fit"),
                                       (28, 64, "early", "roots within the header")):
        yield "division_" + label, "divided", what, changed(divided, VALUE + 4 * number, value), []


def damaged_limits(native, tiers, noted):
    """Numbers and lengths of limits, and of the rows behind one."""
    image, parsed = Image(tiers), reader.open_image(tiers)
    ask = [{"address": address} for address in ("10.1.2.3", "10.2.0.1", "10.3.0.1", "10.4.0.1")]

    def term(address, column, row=0):
        rule = parsed.decide(None, address, None, None).rule
        return image.row(16, image.number(image.row(6, rule, 9, 8)) + row, 12, column)

    first, last = term(b"10.1.2.3", 1), image.row(16, parsed.terms[1] - 1, 12, 1)
    per = image.number(first) % 65536
    for at, value, label, what in (
            (first, per, "one", "one limit of several"), (first, 8 << 16 | per, "nine", "nine limits"),
            (last, 1 << 16 | per, "outside", "another limit behind the last row"),
            (term(b"10.1.2.3", 0), 0, "none", "no limit, and another behind it"),
            (term(b"10.1.2.3", 0, 1), 0, "zero", "a second limit of nobody"),
            (term(b"10.1.2.3", 1, 1), 33 << 8 | 48, "length4", "a second limit of 33 bits"),
            (term(b"10.1.2.3", 1, 1), 24 << 8 | 129, "length6", "a second limit of 129 bits"),
            (term(b"10.3.0.1", 1), 33 << 8 | 64, "first_length4", "a limit of 33 bits"),
            (term(b"10.3.0.1", 4), 32 << 8 | 129, "rate_length6", "a rate of 129 bits")):
        yield "limits_" + label, "tiers", what, changed(tiers, at, value), ask
    yield ("limits_unsaid", "tiers", "several limits, which nothing requires",
           changed(tiers, VALUE + 4 * 21, 0), ask)
    yield ("limits_first_only", "native", "another limit, which nothing requires",
           changed(native, Image(native).row(16, noted, 12, 1), 1 << 16 | 0x2040), [{"address": "10.3.0.1"}])


def damaged_penalties(penalties):
    """Rows that are outside, out of order, or not what a rule may say."""
    image, parsed = Image(penalties), reader.open_image(penalties)
    ask = [{"address": address} for address in ("10.1.2.3", "10.2.0.1", "10.2.1.1", "10.3.0.1",
                                                     "10.4.0.1")]

    def row_of(address):
        rule = parsed.decide(None, address, None, None).rule
        terms = image.number(image.row(6, rule, 9, 8))
        return next(VALUE + image.header(30) + 12 * i for i in range(image.header(31))
                    if image.number(VALUE + image.header(30) + 12 * i) == terms)

    some, exempt = row_of(b"10.1.2.3"), row_of(b"10.3.0.1")
    for at, value, label, what in (
            (some + 4, 0, "status_zero", "a penalty of status 0"),
            (some + 4, 2 | 1 << 16, "reversed", "statuses that end before they begin"),
            (some + 4, 9 | 257 << 16, "above", "a status above that of a signal"),
            (some + 4, 1 | 256 << 16, "overlap", "statuses that overlap"),
            (some + 8, 86401, "long", "a penalty of more than a day"),
            (some + 8, 0, "none", "a penalty of no time"),
            (exempt + 4, 1, "exempt_status", "a status of a rule that is exempt"),
            (exempt + 8, 5, "exempt_seconds", "seconds of a rule that is exempt"),
            (exempt + 12, image.number(exempt), "exempt_more", "a penalty of a rule that is exempt"),
            (exempt, image.number(row_of(b"10.2.1.1")), "exempt_behind", "a penalty, and that there is none"),
            (row_of(b"10.2.0.1") + 12 * 8, image.number(row_of(b"10.2.0.1")), "nine", "nine penalties"),
            (VALUE + 4 * 31, 1, "few", "fewer rows than there are")):
        yield "penalties_" + label, "penalties", what, changed(penalties, at, value), ask
    for number, value, label, what in ((30, 0xFFFFFFF0, "outside", "penalties begin behind the value"),
                                       (30, 124, "early", "penalties within the header"),
                                       (31, 0x10000000, "many", "more penalties than fit")):
        yield "penalties_" + label, "penalties", what, changed(penalties, VALUE + 4 * number, value), []
    yield ("penalties_unsaid", "penalties", "penalties, which nothing requires, are none",
           changed(penalties, VALUE + 4 * 21, 0), ask)


def damaged_names(native, image, ask):
    """Of the records behind the value, of sums, and of tables."""
    yield ("sum_value", "native", "a bit of a text is another: only the checksum tells",
           changed(native, VALUE + image.header(12), 0x41414141, sums=False), [])
    yield "sum_names", "native", "the checksum of names is another", changed(native, VALUE + 56, 7), ask
    denial = VALUE + image.size
    fresh = Image(native)
    fresh.data[denial + 8] = ord("E")
    yield "denial", "native", "the empty key allows", fresh.sum_up(), ask
    name = denial + 10
    yield ("name_value", "native", "an ident with a value of 3 bytes", changed(native, name + 4, 3),
           [{"address": "10.1.2.4", "ident": "joe"}, {"address": "10.1.2.4", "ident": "ann"}])
    value = name + 8 + image.number(name)
    yield ("name_group", "native", "an ident with no such group", changed(native, value, 99),
           [{"address": "10.1.2.4", "ident": "joe"}, {"address": "10.1.2.4", "ident": "ann"}])


def damaged_classic(classic):
    container = reader.Container(classic)
    at, _ = container.find(b"10.1.2.3")
    hashed = container.hash(b"10.1.2.3")
    table, slots = container.tables[hashed % 256]
    slot = next(table + 8 * i for i in range(slots) if container.number(table + 8 * i) == hashed)
    ask = [{"address": "10.1.2.3"}, {"address": "10.1.2.9"}]
    yield "slot_outside", "classic", "a slot leads behind the records", changed(
        classic, slot + 4, 0x7FFFFFFF, sums=False), ask
    yield "record_size", "classic", "a record is longer than the file", changed(
        classic, at + 4, 0x7FFFFFFF, sums=False), ask
    yield "slot_hash", "classic", "a slot with another hash", changed(
        classic, slot, hashed ^ 256, sums=False), []
    yield "slot_lost", "classic", "a slot that is empty", changed(classic, slot + 4, 0, sums=False), ask
    lonely = container.hash(b"127.")
    slot = container.tables[lonely % 256][0]
    slot += 8 * next(i for i in range(2) if container.number(slot + 8 * i) == lonely)
    yield ("record_unreached", "classic", "a record that no slot leads to",
           changed(classic, slot + 4, 0, sums=False), [{"address": "127.0.0.1"}])
    yield "table_early", "classic", "a table within the header", changed(
        classic, hashed % 256 * 8, 2040, sums=False), []
    yield "key_other", "classic", "a key that is not that of its hash", changed(
        classic, at + 8, 0x39393939, sums=False), ask
    value = at + 8 + container.number(at)
    yield "item_sign", "classic", "a name without its sign", changed_byte(classic, value + 6, "x"), ask
    last = value + container.number(at + 4) - 1
    yield "item_end", "classic", "an item without its NUL", changed_byte(classic, last, "x"), ask
    at, found = container.find(b"")
    yield ("item_denies", "classic", "an item that only begins with D denies",
           changed_byte(classic, at + 9, "x"), [{"address": "192.0.2.1"}])
    full = bytearray(2048) + b"".join(n.to_bytes(4, "little") for n in (0, 0))
    full[5381 % 256 * 8:5381 % 256 * 8 + 8] = (2056).to_bytes(4, "little") + (1).to_bytes(4, "little")
    full += (5381).to_bytes(4, "little") + (2048).to_bytes(4, "little")
    yield "full_table", "open", "a table that is full, with an empty key that allows", bytes(full), [
        {"address": "10.1.2.3"}]


def queries_of(addresses, hosts, idents, most, seed):
    """All with the address alone, and a sample of the combinations."""
    made = [{"address": address} for address in addresses]
    combined = [{"address": a, **({} if h is None else {"host": h}), **({} if i is None else {"ident": i})}
                for a, h, i in itertools.product(addresses, [None, *hosts], [None, *idents])
                if h is not None or i is not None]
    rng = random.Random(seed)
    made += rng.sample(combined, min(len(combined), most))
    made += [{"text": text} for text in (addresses[0], "nonsense", "::FFFF:" + addresses[0], "fe80::", "")]
    made += [{"address": addresses[-1], "text": addresses[0]}, {"host": (hosts or ["x"])[0]}]
    return made


class Maker:
    def __init__(self, bin_dir, answers, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.answers, self.folder = [os.path.abspath(answers)], folder
        self.images, self.files = {}, {}

    def compile(self, name, source, options):
        out = os.path.join(self.folder, "made.cdb")
        subprocess.run([self.postern, "compile", *options, source + ".rules", "-o", out],
                       cwd=os.path.join(HERE, "sources"), check=True)
        with open(out, "rb") as image:
            self.images[name] = image.read()

    def vector(self, name, about, image, data, queries):
        base = self.images[image]
        vector = {"about": about, "image": image + ".cdb"}
        if data != base:
            if len(data) < len(base):
                vector["size"] = len(data)
            vector["edits"] = edits_of(base, data)
        vector["verify"] = run.answers([*self.answers, "--verify"], data, [])[0]
        vector["open"], *answers = run.answers(self.answers, data, queries)
        if answers:
            queries = [{**query, "answer": answer} for query, answer in zip(queries, answers)]
        vector["queries"] = queries if answers else []
        self.files[f"vectors/{name}.json"] = written(vector).encode()

    def make(self):
        for name, source, options, *_ in IMAGES:
            self.compile(name, source, options)
        self.images["compact"] = compact(self.images["table"])
        for number, (name, _, _, about, addresses, hosts, idents, most) in enumerate(IMAGES):
            self.vector(name, about, name, self.images[name],
                        queries_of(addresses, hosts, idents, most, number))
        low = [a for a in next(row[4] for row in IMAGES if row[0] == "table") if a.startswith("0.")]
        self.vector("compact", "a compact index", "compact", self.images["compact"],
                    queries_of([*low, "0.9.255.0", "0.11.0.1"], [], ["joe"], 20, 0))
        self.vector("addresses", "addresses in text, and what nearly is one", "native", self.images["native"],
                    [{name: text} for text in TEXTS for name in ("address", "text")])
        for name, image, about, data, queries in damage(self.images):
            self.vector("damaged_" + name, about, image, data, queries)
        for name, data in self.images.items():
            self.files[f"images/{name}.cdb"] = data


def written(vector):
    """JSON with a line for each query."""
    lines = [f' {json.dumps(name)}: {json.dumps(value)}' for name, value in vector.items() if name != "queries"]
    queries = ",\n".join("  " + json.dumps(query) for query in vector["queries"])
    lines.append(f' "queries": [\n{queries}\n ]' if queries else ' "queries": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def there():
    found = {}
    for folder in ("images", "vectors"):
        for name in os.listdir(os.path.join(HERE, folder)):
            with open(os.path.join(HERE, folder, name), "rb") as data:
                found[f"{folder}/{name}"] = data.read()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--answers", required=True, help="the program of answers.c")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(args.bin, args.answers, folder)
        maker.make()
    old, new = there(), maker.files
    differ = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    for name in differ:
        print(("DIFFERS " if args.check else "wrote ") + name)
        if args.check:
            continue
        path = os.path.join(HERE, name)
        if name in new:
            with open(path, "wb") as out:
                out.write(new[name])
        else:
            os.remove(path)
    print(f"{len(new)} files, {len(differ)} differ")
    return 1 if differ and args.check else 0


if __name__ == "__main__":
    sys.exit(main())
