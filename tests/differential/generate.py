"""Rule files and queries that look like what people write, with every quirk mixed in."""
import struct

NAMES = ["RELAYCLIENT", "RBLSMTPD", "A", "", "X Y", "PATH", "lower"]
VALUES = ["", "1", "550 go", "a,b", "x:allow", "é", "it's", "\x00z", "=", " "]
HOSTS = ["mx.example.com", ".example.com", ".com", "", "a-b.example", "MX.Example", "x"]
IDENTS = ["joe", "", "a b", "j@k"]
QUOTES = ['"', '"', '"', '"', "'", "/", "|", "x", ",", " "]
BLANKS = ["", "", "", "", " ", "\t", "  \t"]


def octet(r):
    return r.choice([str(r.randrange(256)), str(r.randrange(4)), "10", "255"])


def bound(r):
    return r.choice([octet(r), octet(r), "", "300", "007", "18446744073709551617", "x", "1 "])


def ipv4(r):
    count = r.choice([1, 2, 3, 4, 4, 4, 5])
    parts = [octet(r) for _ in range(count)]
    if r.random() < 0.25:
        parts[r.randrange(count)] = bound(r) + "-" + bound(r)
    return ".".join(parts) + ("." if count < 4 and r.random() < 0.8 else "")


def ipv6(r):
    groups = ["%x" % r.choice([0, 1, 0xdb8, 0x2001, r.randrange(65536)])
              for _ in range(r.randrange(1, 5))]
    return ":".join(groups) + r.choice([":", "::", "::1", "::7", ":1-3"])


def address(r):
    kind = r.random()
    if kind < 0.55:
        text = ipv4(r)
    elif kind < 0.7:
        text = "=" + r.choice(HOSTS)
    elif kind < 0.78:
        text = ipv6(r)
    elif kind < 0.85:
        text = ""
    else:
        text = r.choice(["10.1", "ALL", "1.2.3.4/8", "=", "-", "#x", "\x00", "::1", " 10."])
    if r.random() < 0.15:
        text = r.choice(IDENTS) + "@" + text
    return text


def assignment(r):
    quote = r.choice(QUOTES)
    return "," + r.choice(NAMES) + "=" + quote + r.choice(VALUES) + quote


def broken(r):
    """A line that is wrong; and whether the patched original loops on it."""
    key = address(r)
    return r.choice([
        (key + ":alow", True), (key, True), (key + ": allow", True), ("a:b", True),
        (key + ":allowed", False), (key + ":deny,A", False), (key + ":allow,A=", False),
        (key + ':allow,A="b', False), (key + ":allow ,", False), (key + ":allow\r", False),
        (key + ':deny,A="b"x', False),
    ])


def line(r, broken_share):
    kind = r.random()
    if kind < broken_share:
        return broken(r)
    if kind < 0.1:
        return r.choice(["", "# c", "#:allow", " \t"]), False
    text = address(r) + r.choice([":allow", ":deny"])
    for _ in range(r.choice([0, 0, 0, 1, 1, 2, 5])):
        text += assignment(r)
    return text + r.choice(BLANKS), False


def rule_file(r):
    """(bytes, may the patched original loop on it)"""
    broken_share = r.choice([0, 0, 0, 0.03, 0.1])
    lines = [line(r, broken_share) for _ in range(r.choice([1, 2, 5, 10, 30]))]
    text = "\n".join(text for text, _ in lines) + r.choice(["\n", "\n", ""])
    loops = any(loop or bad_for_patched(text) for text, loop in lines)
    return text.encode("latin-1"), loops


def bad_for_patched(text):
    """Is this line, not empty and no comment, without a colon that allow or deny follows?"""
    return (text != "" and not text.startswith("#")
            and ":allow" not in text and ":deny" not in text)


def keys(cdb):
    (end,) = struct.unpack_from("<I", cdb, 0)
    at = 2048
    while at + 8 <= end:
        key_size, value_size = struct.unpack_from("<II", cdb, at)
        yield cdb[at + 8:at + 8 + key_size]
        at += 8 + key_size + value_size


def near(r, key):
    """A query that this key answers, or one beside it."""
    query = {}
    ident, at, rest = key.partition(b"@")
    if at:
        query[b"TCPREMOTEINFO"] = ident
        key = rest
    if key.startswith(b"="):
        host = key[1:]
        if host.startswith(b".") or not host:
            host = r.choice([b"", b"x", b"mx", b"a.b"]) + host
        query[b"TCPREMOTEHOST"] = host
        query[b"TCPREMOTEIP"] = r.choice([b"10.1.2.3", b"2001:db8::7"])
    else:
        tail = r.choice([b"", b"3", b"1.2", b"4.5.6", b":1"])
        query[b"TCPREMOTEIP"] = key + tail
    if r.random() < 0.3:
        query[b"TCPREMOTEHOST"] = r.choice([b"mx.example.com", b"", b"a.com", b".com", b"x."])
    if r.random() < 0.2:
        query[b"TCPREMOTEINFO"] = r.choice([b"joe", b"", b"root"])
    return {k: v for k, v in query.items() if b"\0" not in v}


def queries(r, cdb, count):
    """At most `count` queries made from the keys, and a few that nothing was made for."""
    known = list(keys(cdb))
    r.shuffle(known)
    yield {}
    yield {b"TCPREMOTEIP": b"203.0.113.9", b"TCPREMOTEHOST": b"no.such.example"}
    for key in known[:count]:
        yield near(r, key)
