"""The file in which a server counts, read and written from its description alone
(docs/counts.md), as the tests' own."""
import struct

from proxy import crc32c

MAGIC, ORDER, VERSION, HEADER, ROW = b"postern counts\n\0", 0x01020304, 1, 8192, 64
TOTALS = ["accepted", "served", "denied", "limited", "rated", "dropped"]
RULE, PAIR = 1, 2
NO_RULE = 1
DIFFERENCES = ["verdict", "variables", "limit", "rate", "undecided"]
BUCKETS = 122
FIXED = struct.Struct("=16sIIIIQ1024s1024sI")
MOVING = struct.Struct("=QQQQ16Q")
HISTOGRAM = struct.Struct(f"=QQ{BUCKETS}Q")
RULE_ROW = struct.Struct("=IBBHQQQQQ16x")
PAIR_ROW = struct.Struct("=IBBHQQQQQ16s")
AT_MOVING = FIXED.size + 4


def write(rules=b"", shadow=b"", rows=(), pairs=(), totals=(), times=(0, 0, 0), spare=4,
          decisions=()):
    """A file. A row is (identity, hits, last, limited, rated); a pair (live, shadow,
    differences, count, last, undecided, family, address); times are those of the making,
    the start and the last change; decisions are numbers by bucket."""
    fixed = FIXED.pack(MAGIC, ORDER, VERSION, HEADER, ROW, times[0], rules, shadow, 0)
    histogram = [0] * BUCKETS
    for bucket, count in decisions:
        histogram[bucket] = count
    head = fixed + struct.pack("=I", crc32c(fixed)) + MOVING.pack(
        len(rows) + len(pairs), times[1], times[2], 0, *(list(totals) + [0] * 16)[:16])
    head += HISTOGRAM.pack(sum(histogram), 0, *histogram) + HISTOGRAM.pack(*[0] * (BUCKETS + 2))
    out = head.ljust(HEADER, b"\0")
    for identity, hits, last, limited, rated in rows:
        out += RULE_ROW.pack(0, RULE, 0, 0, identity, hits, last, limited, rated)
    for live, shadowed, differences, count, last, undecided, family, address in pairs:
        out += PAIR_ROW.pack(0, PAIR, family, differences, live, shadowed, count, last, undecided,
                             address)
    return out + bytes(ROW * spare)


class Counts:
    """What stands in a file."""

    def __init__(self, path):
        with open(path, "rb") as source:
            data = source.read()
        parts = FIXED.unpack_from(data)
        assert parts[:5] == (MAGIC, ORDER, VERSION, HEADER, ROW), parts[:5]
        assert struct.unpack_from("=I", data, FIXED.size)[0] == crc32c(data[:FIXED.size])
        self.created, self.rules_path = parts[5], parts[6].rstrip(b"\0").decode()
        self.shadow_path = parts[7].rstrip(b"\0").decode()
        moving = MOVING.unpack_from(data, AT_MOVING)
        used, self.started, self.updated, self.uncounted = moving[:4]
        self.totals = dict(zip(TOTALS, moving[4:]))
        self.decisions = HISTOGRAM.unpack_from(data, AT_MOVING + MOVING.size)
        self.lookups = HISTOGRAM.unpack_from(data, AT_MOVING + MOVING.size + HISTOGRAM.size)
        self.rows, self.pairs, self.odd = {}, {}, 0
        for i in range(used):
            at = HEADER + ROW * i
            assert at + ROW <= len(data), "rows beyond the end"
            sequence, kind, family, differences, identity, *rest = PAIR_ROW.unpack_from(data, at)
            self.odd += sequence & 1
            if kind == RULE:
                assert identity not in self.rows
                self.rows[identity] = dict(zip(("hits", "last", "limited", "rated"), rest))
            else:
                assert kind == PAIR and (identity, rest[0]) not in self.pairs
                self.pairs[identity, rest[0]] = {
                    "differences": [d for n, d in enumerate(DIFFERENCES)
                                    if differences & 1 << n],
                    "count": rest[1], "last": rest[2], "undecided": rest[3],
                    "family": family, "address": rest[4]}


def main():
    raise SystemExit("a module of the tests")


if __name__ == "__main__":
    main()
