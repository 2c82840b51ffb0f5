"""What a list may mean, by Python's ipaddress: slow, and without a thought for speed.

may_mean(text) gives the readings that are sound, each a set of (family, first, last): to be
read as one of them or refused is right, anything else is not.
"""
import ipaddress
import itertools
import re

BLANKS = " \t"
REMARK = re.compile(r"[#;]|//")
SPAN = re.compile(r"[0-9A-Za-z:._*]+")
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])"
OCTET_PREFIX = re.compile(rf"{OCTET}(?:\.{OCTET}){{0,2}}\.")
OCTET_RANGE = re.compile(rf"((?:{OCTET}\.){{0,3}})({OCTET})-({OCTET})(\.?)")
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
RANGE_WORDS = ("to", "through", "thru", "until", "bis", "..", "...", "~", "->", "=>")
LOOKS_LIKE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def address(word):
    """An address that stands by itself, as a number; a mapped one is the one it maps."""
    if word.startswith("[") and word.endswith("]"):
        word = word[1:-1]
    if "%" in word:
        return None
    try:
        found = ipaddress.ip_address(word)
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.version, int(found)


def is_mapped(word):
    found = address(word)
    return found is not None and found[0] == 4 and ":" in word


def bits(family):
    return 32 if family == 4 else 128


def prefix(family, first, length):
    below = (1 << (bits(family) - length)) - 1
    first &= ~below
    return family, first, first | below


def length_of(digits, family):
    if not re.fullmatch(r"0|[1-9][0-9]{0,2}", digits) or int(digits) > bits(family):
        return None
    return int(digits)


def mask_length(mask, family):
    for length in range(bits(family) + 1):
        if mask == prefix(family, (1 << bits(family)) - 1, length)[1]:
            return length
    return None


def entry(word):
    """One word that is an address, prefix or range, also with octets left out."""
    whole = address(word)
    if whole:
        return whole[0], whole[1], whole[1]
    if "/" in word:
        left, _, right = word.partition("/")
        whole = address(left)
        if not whole:
            return None
        family, number = whole
        if is_mapped(left):
            length = length_of(right, 6)
            return prefix(4, number, length - 96) if length and length >= 96 else None
        length = length_of(right, family)
        if length is not None:
            return prefix(family, number, length)
        mask = address(right)
        if mask and mask[0] == family and not is_mapped(right):
            length = mask_length(mask[1], family)
            if length is not None and prefix(family, number, length)[1] == number:
                return prefix(family, number, length)
        return None
    if OCTET_PREFIX.fullmatch(word):
        octets = word.rstrip(".").split(".")
        number = int.from_bytes(bytes(int(o) for o in octets) + bytes(4 - len(octets)), "big")
        return prefix(4, number, 8 * len(octets))
    octets = OCTET_RANGE.fullmatch(word)
    if octets:
        return octet_range(octets)
    left, dash, right = word.partition("-")
    low, high = address(left), address(right)
    if dash and low and high and low[0] == high[0] and low[1] <= high[1]:
        return low[0], low[1], high[1]
    return None


def octet_range(match):
    front = [int(o) for o in match[1].split(".")[:-1]]
    low, high, dot = int(match[2]), int(match[3]), match[4] == "."
    if low > high or (len(front) == 3) == dot:
        return None
    pad = bytes(3 - len(front))
    first = int.from_bytes(bytes(front + [low]) + pad, "big")
    last = int.from_bytes(bytes(front + [high]) + b"\xff" * len(pad), "big")
    return 4, first, last


def holds_address(text):
    """Does a text that is to be a remark name an address?"""
    for span in SPAN.findall(text):
        for part in [span] + span.split(":"):
            part = part.strip("._")
            if LOOKS_LIKE.fullmatch(part) or (part.count(":") > 1 and address(part)):
                return True
    return False


def fields(text):
    """(what stands before it, the word, what stands behind it) for each word."""
    found, at, first = [], 0, True
    while at < len(text):
        apart = re.compile(r"[ \t]*,[ \t]*|[ \t]+|").match(text, at)
        start = at if first else apart.end()
        end = re.compile(r"[^ \t,]*").match(text, start).end()
        sign = "" if first else "," if "," in apart[0] else " "
        found.append((sign, text[start:end], text[end:]))
        at, first = end, False
    return found


def goes_on(words):
    """Does the second word make the first one doubtful? Then that is no reading."""
    if len(words) < 2:
        return False
    sign, word, _ = words[1]
    whole = address(words[0][1])
    if sign == " " and (word[:1] in ("-", *DASHES) or word in RANGE_WORDS or
                        re.match(r"/[0-9]|/$", word)):
        return True
    length = length_of(word, whole[0]) if whole else None
    return length is not None and length < bits(whole[0]) and \
        prefix(whole[0], whole[1], length)[1] == whole[1]


def separated(line):
    """The line with commas for the semicolons before a remark that are the commas of a table."""
    for at, char in enumerate(line):
        if char == "#" or line[at:at + 2] == "//":
            return line
        if char != ";":
            continue
        field = re.match(r"[,;]*([^ \t,;]*)", line[at:])[1].lstrip("\"'[/")
        front = SPAN.match(field)
        if not at or line[at - 1] in BLANKS or \
                not (re.fullmatch(r"[0-9]{1,3}", field) or entry(field) or
                     (front and LOOKS_LIKE.fullmatch(front[0]))):
            return line
        line = line[:at] + "," + line[at + 1:]
    return line


def line_may_mean(line):
    """The readings of a line, each a tuple of entries; refusing is always one more."""
    line = line.strip(BLANKS)
    if line.startswith("\ufeff"):
        line = line[1:].strip(BLANKS)
    line = separated(line)
    remark = REMARK.search(line)
    text = (line[:remark.start()] if remark else line).strip(BLANKS)
    if not text:
        return [()]
    words = fields(text)
    readings = []

    def read(found, behind):
        if found and not holds_address(behind):
            readings.append((found,))

    first = words[0][1]
    if not goes_on(words):
        read(entry(first), words[0][2])
    ranges = re.match(r"([^ \t,-]+)[ \t]*-[ \t]*([^ \t,-]+)(.*)", text)
    if ranges and address(ranges[1]) and address(ranges[2]):
        read(entry(ranges[1] + "-" + ranges[2]), ranges[3])
    apart = re.match(r"([^ \t,/]+)[ \t]+/[ \t]*([0-9]+)(?![^ \t,])(.*)", text)
    if apart and address(apart[1]):
        read(entry(apart[1] + "/" + apart[2]), apart[3])
    if len(words) > 1 and address(first) and address(words[1][1]):
        read(two_addresses(words), words[2][2] if is_bounds(words) else words[1][2])
    return readings


def is_bounds(words):
    family, low = address(words[0][1])
    length = length_of(words[2][1].lstrip("/"), family) if len(words) > 2 else None
    return length is not None and \
        prefix(family, low, length) == (family, low, address(words[1][1])[1]) and \
        address(words[1][1])[0] == family


def two_addresses(words):
    """Bounds with their length, or an address and its mask; else there is no sound reading."""
    (family, low), (other, high) = address(words[0][1]), address(words[1][1])
    if family != other or is_mapped(words[0][1]) or is_mapped(words[1][1]):
        return None
    if is_bounds(words):
        return prefix(family, low, length_of(words[2][1].lstrip("/"), family))
    length = mask_length(high, family)
    if words[1][0] == " " and length is not None and \
            prefix(family, low, length)[1] == low and not is_block(family, low, high):
        return prefix(family, low, length)
    return None


def is_block(family, low, high):
    return low != high and any(prefix(family, low, length) == (family, low, high)
                               for length in range(bits(family)))


def may_mean(data):
    """The sound readings of a whole list, as frozensets of entries."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = re.split(r"\r\n|\r|\n", text)
    each = [line_may_mean(line) for line in lines]
    return {frozenset(itertools.chain(*choice)) for choice in itertools.product(*each)}

