"""Small policies, and what they mean: slow, and obviously right.

A policy is an ordered list of rows, each an entry and a verdict, and a default. An entry is written in one of
several forms; what a form means to an engine that does not take it as written is a row of READINGS.
"""
import ipaddress

BITS = {4: 32, 6: 128}
# Where an address is written so that it can be misread: the topic of docs/engines.md that tells of it.
FORMS = {"zeros": "leading zeros", "length zeros": "lengths with leading zeros", "host bits": "host bits",
         "mask": "netmasks", "zero length": "prefixes of length zero", "upper": None, "full": None,
         "dotted": "ipv6 in other text", "mapped": "addresses mapped into ipv6", "plain": None}


class Entry:
    """The addresses from low to high, in one form of text."""

    def __init__(self, version, low, high, form, text):
        self.version, self.low, self.high, self.form, self.text = version, low, high, form, text

    def has(self, a, version=None):
        return (version or a.version) == self.version and self.low <= int(a) <= self.high

    def is_range(self):
        return "-" in self.text

    def size(self):
        return self.high - self.low


def address(number, version):
    return ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number)


def plain_text(version, low, length):
    text = str(address(low, version))
    return text if length == BITS[version] else f"{text}/{length}"


def octal(entry):
    """What an entry means whose octets are read as octal where a zero leads; None where there is no such number."""
    text, _, length = entry.text.partition("/")
    octets = text.split(".")
    try:
        numbers = [int(o, 8 if len(o) > 1 and o[0] == "0" else 10) for o in octets]
    except ValueError:
        return None
    low = int.from_bytes(bytes(numbers), "big")
    size = 1 << 32 - int(length or 32)
    return Entry(4, low // size * size, low // size * size + size - 1, "plain", entry.text)


def octal_length(entry):
    """Likewise, of a length."""
    front, _, length = entry.text.partition("/")
    if set(length) & {"8", "9"} or int(length, 8) > BITS[entry.version]:
        return None
    low, size = int(ipaddress.ip_address(front)), 1 << BITS[entry.version] - int(length, 8)
    return Entry(entry.version, low // size * size, low // size * size + size - 1, "plain", entry.text)


class World:
    """Entries in little room, so that they meet, and the addresses at their ends."""

    def __init__(self, rng):
        self.rng, self.edges = rng, []

    def number(self, version):
        block = 0x0A000000 if version == 4 else 0x20010DB8 << 96
        return block + self.rng.getrandbits(self.rng.choice((2, 5, 8, 16)))

    def ask(self, version, low, high):
        self.edges += [address(n, version) for end in (low, high) for n in (end - 1, end, end + 1)
                       if 0 <= n < 1 << BITS[version]]

    def prefix(self, version, lengths):
        length = self.rng.choice(lengths)
        size = 1 << BITS[version] - length
        low = self.number(version) // size * size
        self.ask(version, low, low + size - 1)
        return low, size, length

    def entry(self, version, forms=("plain",), lengths=None):
        """An entry of a form that is drawn from those."""
        rng, bits = self.rng, BITS[version]
        form = rng.choice(forms)
        lengths = lengths or (bits, bits, bits - 1, bits - 3, bits - 8, bits - 16, 8, 1)
        if form == "mapped":
            low, size, length = self.prefix(4, (32, 31, 24, 16, 8, 0))
            low += 0xFFFF << 32
            text = f"::ffff:{address(low & 0xFFFFFFFF, 4)}" + (f"/{96 + length}" if length < 32 else "")
            return Entry(6, low, low + size - 1, form, text)
        low, size, length = self.prefix(version, (0,) if form == "zero length" else lengths)
        high, text = low + size - 1, plain_text(version, low, length)
        front, slash, back = text.partition("/")
        if form == "zeros" and version == 4:
            octets = front.split(".")
            at = rng.randrange(4)
            octets[at] = "0" + octets[at]
            text = ".".join(octets) + slash + back
        elif form == "length zeros" and slash:
            text = f"{front}/0{back}"
        elif form == "host bits" and slash and size > 1:
            text = f"{address(low + rng.randrange(1, size), version)}/{back}"
        elif form == "mask" and version == 4 and slash:
            text = f"{front}/{address((1 << 32) - size, 4)}"
        elif form == "upper" and version == 6:
            text = text.upper()
        elif form == "full" and version == 6:
            text = address(low, 6).exploded + slash + back
        elif form == "dotted" and version == 6 and size <= 1 << 32:
            text = f"{address(low >> 32 << 32, 6)}{address(low & 0xFFFFFFFF, 4)}{slash}{back}"
            text = text if low >> 32 & 0xFFFF == 0 else plain_text(6, low, length)
        elif form != "zero length":
            form = "plain"
        return Entry(version, low, high, form if text != plain_text(version, low, length) or form == "zero length"
                     else "plain", text)

    def range(self, version):
        low, high = sorted((self.number(version), self.number(version)))
        self.ask(version, low, high)
        high += low == high
        return Entry(version, low, high, "plain", f"{address(low, version)}-{address(high, version)}")


class Policy:
    def __init__(self, rows, default):
        self.rows, self.default = rows, default


def decide(policy, order, a):
    """Whether an address is allowed: by the first entry that has it, or the longest, and of equals the first
    or the last. An address mapped into IPv6 is the one of IPv4."""
    a = getattr(a, "ipv4_mapped", None) or a
    return choose([row for row in policy.rows if row[0].has(a)], order, policy.default)


def choose(found, order, default):
    if not found:
        return default
    if order == "first":
        return found[0][1]
    least = min(entry.size() for entry, _ in found)
    equals = [allows for entry, allows in found if entry.size() == least]
    return equals[-1 if order == "longest, last" else 0]
