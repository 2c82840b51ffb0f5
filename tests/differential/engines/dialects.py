"""How each engine writes a policy, and how it reads what can be misread."""
import model as M

MEANT, NOBODY, OCTAL, REFUSED = "as meant", "nobody", "octal", "refused"
VERDICTS = {"nft chain": ("accept", "drop"), "iptables": ("ACCEPT", "DROP"), "postfix": ("OK", "REJECT")}
TAIL = {"ucspi-tcp": ":{}\n", "ipsvd": "0 {}\n", "tcpd": "sshd: ALL : {}\n", "nft chain": "{}\n", "nginx access": "{} all;\n"}
ORDERS = {"ucspi-tcp": "longest", "ipsvd": "longest", "ipset": "longest", "haproxy": "longest", "nginx geo": "longest, last"}
PREFIXES = ("plain", "plain", "plain", "plain", "plain", "zeros", "length zeros", "host bits", "mask", "zero length",
            "upper", "full", "dotted", "mapped")


def line(engine, entry, allows):
    """One row, as the engine writes it."""
    text, verdict = entry.text, VERDICTS.get(engine, ("allow", "deny"))[not allows]
    if engine == "tcpd" and entry.version == 6:
        front, slash, back = text.partition("/")
        text = f"[{front}]{slash}{back}"
    if engine in ("ucspi-tcp", "ipsvd") and "/" in text:
        front, _, length = text.partition("/")
        text = ".".join(front.split(".")[:int(length) // 8]) + ("." if engine == "ucspi-tcp" else "")
    return {"ucspi-tcp": f"{text}:{verdict}", "ipsvd": f"{text} {verdict}", "tcpd": f"sshd: {text} : {verdict}",
            "nft chain": f"ip{6 if entry.version == 6 else ''} saddr {text} {verdict}", "nft set": text,
            "ipset": text + (" nomatch" if allows else ""), "iptables": f"-s {text} -j {verdict}",
            "haproxy": f"{text} {verdict}", "nginx geo": f"{text} {verdict};", "nginx access": f"{verdict} {text};",
            "postfix": f"{text} {verdict}"}[engine]


def written(engine, policy):
    text = "".join(line(engine, entry, allows) + "\n" for entry, allows in policy.rows)
    return text + ("" if policy.default else TAIL[engine].format(VERDICTS.get(engine, ("allow", "deny"))[1]))


READINGS = {
    "ucspi-tcp": {"zeros": NOBODY},
    "ipsvd": {"zeros": NOBODY},
    "tcpd": {"zeros": NOBODY},
    "nft chain": {"zeros": OCTAL, "length zeros": OCTAL, "mask": REFUSED, "dotted": REFUSED},
    "nft set": {"zeros": OCTAL, "length zeros": OCTAL, "mask": REFUSED, "dotted": REFUSED},
    "ipset": {"zeros": OCTAL, "length zeros": OCTAL, "mask": REFUSED, "zero length": REFUSED},
    "iptables": {"zeros": OCTAL, "length zeros": OCTAL},
    "haproxy": {"zeros": REFUSED},
    "nginx geo": {"mask": REFUSED},
    "nginx access": {"mask": REFUSED},
    "postfix": {"zeros": NOBODY, "host bits": NOBODY, "mask": NOBODY},
}


def reading(engine, entry):
    """What the engine makes of an entry: another one, None for nobody, or REFUSED."""
    how = READINGS[engine].get(entry.form, MEANT)
    if engine == "tcpd" and entry.version == 4:
        if entry.form in ("host bits", "zero length") or entry.form == "mask" and entry.text.endswith("/255.255.255.255"):
            return None
        if entry.form == "zeros" and "/" in entry.text:
            read = M.octal(entry)
            return read if read and read.low == M.octal(bare(entry)).low else None
    if engine.startswith("nft") and any(len(octet) > 3 for octet in bare(entry).text.split(".")) and entry.form == "zeros":
        return REFUSED
    if how == OCTAL:
        return (M.octal(entry) if entry.form == "zeros" else M.octal_length(entry)) or REFUSED
    return {MEANT: entry, NOBODY: None, REFUSED: REFUSED}[how]


def bare(entry):
    """The address of an entry, without its length."""
    return M.Entry(entry.version, entry.low, entry.high, entry.form, entry.text.split("/")[0])


def within(a):
    """The address of IPv4 that haproxy finds in one of IPv6."""
    if a.sixtofour:
        return a.sixtofour
    return M.address(int(a) & 0xFFFFFFFF, 4) if int(a) >> 32 in (0, 0xFFFF) else None


def predicted(engine, policy, a):
    """What the engine does, by its own reading of everything; None where it takes nothing of the file."""
    read = [(reading(engine, entry), allows) for entry, allows in policy.rows]
    if any(entry is REFUSED for entry, _ in read):
        return None
    rows = [(entry, allows) for entry, allows in read if entry is not None]
    mapped = getattr(a, "ipv4_mapped", None)
    four = mapped or (a if a.version == 4 else None)
    six = a if a.version == 6 else M.address((0xFFFF << 32) + int(a), 6)
    by_four = [row for row in rows if four and row[0].has(four)]
    by_six = [row for row in rows if row[0].has(six)]
    found = by_four if four else by_six
    if engine == "haproxy":
        found = (by_four or by_six) if a.version == 4 else (by_six or [row for row in rows if within(a) and row[0].has(within(a))])
    elif engine == "nginx access" and mapped and not any(entry.version == 4 for entry, _ in rows):
        found = by_six
    return M.choose(found, ORDERS.get(engine, "first"), policy.default)


def made(engine, world):
    """A random policy that the engine can have."""
    rng = world.rng
    octets, families = engine in ("ucspi-tcp", "ipsvd"), (4,) if engine == "ipsvd" else (4, 4, 6)
    rows, seen = [], set()
    odd = rng.random() < 0.3
    for _ in range(rng.randrange(1, 8)):
        version = rng.choice(families)
        forms = PREFIXES if odd and not octets else ("plain", "zeros") if odd and version == 4 else ("plain",)
        if engine in ("nft chain", "nft set") and rng.random() < 0.3:
            entry = world.range(version)
        else:
            entry = world.entry(version, forms, (32, 24, 16, 8) if octets and version == 4 else (128,) if octets else None)
        if octets and (entry.form == "zeros" and "/" in entry.text or entry.text.endswith("::")):
            continue  # another key, and one that is a prefix of text too
        read = reading(engine, entry)
        key = (entry.version, entry.low, entry.high) if read in (None, REFUSED) else (read.version, read.low, read.high)
        if engine in ("ipset", "ipsvd") and key in seen:
            continue
        if engine == "nft set" and read not in (None, REFUSED) and any(
                e.version == read.version and e.low <= read.high + 1 and read.low <= e.high + 1 for e in
                (reading(engine, row[0]) for row in rows) if e not in (None, REFUSED)):
            continue
        seen.add(key)
        rows.append((entry, engine != "nft set" and rng.random() < 0.5))
    if not rows and engine == "ipsvd":
        return made(engine, world)  # a folder without a file is an error to the import
    return M.Policy(rows, engine not in TAIL or rng.random() < 0.6)
