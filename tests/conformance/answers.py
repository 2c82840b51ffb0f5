#!/usr/bin/env python3
"""What the second reader answers, in the form of README.md beside this."""
import sys

import reader


def quoted(text):
    return '"' + "".join(chr(c) if 32 <= c <= 126 and c not in b'"\\' else f"\\u{c:04x}"
                         for c in text) + '"'


def line(**members):
    """A line of JSON, members that are None left out."""
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()
                          if value is not None) + "}"


def text(value):
    return None if value is None else quoted(value)


def numbers(values):
    return None if values is None else "[" + ",".join(map(str, values)) + "]"


def opened(rules):
    return line(open='"ok"', format=f'"{rules.format}"', rules=rules.count,
                needs=rules.info_needs())


def refused(problem):
    if isinstance(problem, reader.Newer):
        names = [bytes(c for c in name if 32 <= c <= 126) for name in problem.args[0]]
        return line(open='"version"', lacking=quoted(b", ".join(filter(None, names))))
    return line(open='"format"')


def origin_of(rules, rule):
    if rule is None:
        return {}
    try:
        origin = rules.origin(rule)
    except reader.Damaged:
        return {"rule": rule, "origin": '"format"'}
    return {"rule": rule, "identity": f'"{origin.identity:016x}"',
            "target": text(origin.target), "file": text(origin.file),
            "line": origin.line or None, "owner": text(origin.owner),
            "ticket": text(origin.ticket), "until": origin.until or None}


def env_of(decision):
    return "[" + ",".join(f"[{quoted(name)},{'null' if value is None else quoted(value)}]"
                          for name, value in decision.env) + "]"


def several(limits):
    return "[" + ",".join(map(numbers, limits)) + "]" if len(limits) > 1 else None


def penalties(rows):
    return "[" + ",".join(map(numbers, rows)) + "]" if rows else None


def decided(rules, address, query):
    _, host, ident, shown = query
    if address is None and shown is None:
        return {"status": '"arg"'}
    try:
        decision = rules.decide(address, shown, host, ident)
    except reader.Damaged:
        return {"status": '"format"'}
    return {"status": '"ok"', "verdict": f'"{decision.verdict}"', "step": f'"{decision.step}"',
            "ident_rule": "true" if decision.of_ident else "false", "env": env_of(decision),
            "limit": numbers(decision.limits[0] if decision.limits else None),
            "limits": several(decision.limits), "rate": numbers(decision.rate),
            "reject": text(decision.reject), "penalties": penalties(decision.penalties), **origin_of(rules, decision.rule)}


def needs_of(rules, address):
    if address is None:
        return {}
    try:
        return {"needs": rules.needs(address)}
    except reader.Damaged:
        return {"needs": '"format"'}


def answer(rules, query):
    """Of address, host, ident and the text that the server shows."""
    address = None if query[0] is None else reader.parse_address(query[0])
    return line(**decided(rules, address, query), **needs_of(rules, address))


def field(written):
    if written == b"-":
        return None
    parts = written.split(b"\\x")
    return parts[0] + b"".join(bytes([int(p[:2], 16)]) + p[2:] for p in parts[1:])


def read(written):
    """A query of a line; fields at the end may be left out."""
    fields = [field(f) for f in written.split(b"\t")] if written else []
    return tuple(fields + [None] * (4 - len(fields)))


def main():
    with open(sys.argv[-1], "rb") as image:
        data = image.read()
    try:
        rules = reader.open_image(data, "--verify" in sys.argv)
    except (reader.Damaged, reader.Newer) as problem:
        print(refused(problem))
        return
    print(opened(rules))
    for written in sys.stdin.buffer.read().splitlines():
        print(answer(rules, read(written)))


if __name__ == "__main__":
    main()
