"""A reader of compiled files made from docs/compiled.md alone: slow, and obvious.

Nothing of it is taken from the C library. Where the page left something open, the page was
mended. Texts are bytes; what is absent is None.
"""
import re

NONE = 0xFFFFFFFF
STEPS = ("block", "address", "host", "prefix", "suffix", "any-host", "default", "none")
BLOCK, ADDRESS, HOST, PREFIX, SUFFIX, ANY_HOST, DEFAULT, NO_STEP = range(8)
KNOWN = 7
ZONES = 1
TIERS = 2
PENALTIES = 4
EXEMPTS = 4
MARK = b"\0postern native image".ljust(56, b"\0")


class Damaged(Exception):
    """Not a compiled file, or a damaged one."""


class Newer(Exception):
    """Of a newer version, or requires what is not known here: the names."""


def sound(condition):
    if not condition:
        raise Damaged


# Addresses

def parse_v4(text):
    parts = text.split(b".")
    if len(parts) != 4:
        return None
    for part in parts:
        if not re.fullmatch(rb"0|[1-9][0-9]{0,2}", part) or int(part) > 255:
            return None
    return bytes(int(part) for part in parts)


def parse_groups(text, may_end_in_v4):
    """Groups with colons between, as bytes."""
    if not text:
        return b""
    parts, made = text.split(b":"), b""
    for number, part in enumerate(parts):
        if may_end_in_v4 and number == len(parts) - 1 and b"." in part:
            v4 = parse_v4(part)
            if v4 is None:
                return None
            made += v4
        elif re.fullmatch(rb"[0-9a-fA-F]{1,4}", part):
            made += int(part, 16).to_bytes(2, "big")
        else:
            return None
    return made


def parse_address(text):
    """4 or 16 bytes, or None; a mapped address is the one it maps."""
    v4 = parse_v4(text)
    if v4 is not None:
        return v4
    halves = text.split(b"::")
    if len(halves) > 2:
        return None
    front = parse_groups(halves[0], len(halves) == 1)
    back = parse_groups(halves[1], True) if len(halves) == 2 else b""
    if front is None or back is None:
        return None
    missing = 16 - len(front) - len(back)
    if (len(halves) == 1 and missing) or (len(halves) == 2 and missing < 2):
        return None
    whole = front + bytes(missing) + back
    return whole[12:] if whole.startswith(bytes(10) + b"\xff\xff") else whole


def spell_address(address):
    """The text that a classic file is looked up with."""
    if len(address) == 4:
        return b".".join(b"%d" % byte for byte in address)
    groups = [int.from_bytes(address[i:i + 2], "big") for i in range(0, 16, 2)]
    start = length = 0
    for i in range(8):
        run = 0
        while i + run < 8 and groups[i + run] == 0:
            run += 1
        if run > length:
            start, length = i, run
    words = [b"%x" % group for group in groups]
    if not length:
        return b":".join(words)
    return b":".join(words[:start]) + b"::" + b":".join(words[start + length:])


# Digests

def mix(digest, word):
    digest = (digest ^ word) * 0x9E3779B97F4A7C15 % 2**64
    return digest ^ digest >> 29


def mix_bytes(digest, data):
    if len(data) < 8:
        return mix(digest, int.from_bytes(data, "big"))
    at = 0
    while len(data) - at > 8:
        digest = mix(digest, int.from_bytes(data[at:at + 8], "little"))
        at += 8
    return mix(digest, int.from_bytes(data[-8:], "little"))


def digest_pair(digest, key, value):
    digest = mix(digest, len(key) << 32 ^ len(value))
    return mix_bytes(mix_bytes(digest, key), value)


def variables(items):
    """[name, value] of each item that is one."""
    made = []
    for item in items:
        if item.startswith(b"+"):
            name, sign, value = item[1:].partition(b"=")
            made.append((name, value if sign else None))
    return made


def items_of(value):
    return value.split(b"\0")[:-1]


class Container:
    def __init__(self, data):
        sound(2048 <= len(data) <= 0xFFFFFFFF)
        self.data = data
        self.records_end = len(data)
        self.tables = []
        for number in range(256):
            position, slots = self.number(number * 8), self.number(number * 8 + 4)
            self.tables.append((position, slots))
            if slots:
                sound(position >= 2048 and position + slots * 8 <= len(data))
                self.records_end = min(self.records_end, position)

    def number(self, at):
        return int.from_bytes(self.data[at:at + 4], "little")

    def record(self, position):
        """(key, value, where it ends)."""
        sound(2048 <= position and position + 8 <= self.records_end)
        key_size, value_size = self.number(position), self.number(position + 4)
        key_at, value_at = position + 8, position + 8 + key_size
        sound(value_at + value_size <= self.records_end)
        return self.data[key_at:value_at], self.data[value_at:value_at + value_size], value_at + value_size

    @staticmethod
    def hash(key):
        made = 5381
        for byte in key:
            made = made * 33 % 2**32 ^ byte
        return made

    def find(self, key):
        """(position, value), or None."""
        wanted = self.hash(key)
        table, slots = self.tables[wanted % 256]
        for i in range(slots):
            slot = table + (wanted // 256 + i) % slots * 8
            hashed, position = self.number(slot), self.number(slot + 4)
            if position == 0:
                return None
            if hashed == wanted:
                found, value, _ = self.record(position)
                if found == key:
                    return position, value
        return None

    def records(self, position=2048):
        while position != self.records_end:
            key, value, position = self.record(position)
            yield key, value

    def verify(self):
        used = 0
        for number, (table, slots) in enumerate(self.tables):
            empty = [self.number(table + i * 8 + 4) == 0 for i in range(slots)]
            for i in range(slots):
                if empty[i]:
                    continue
                used += 1
                hashed = self.number(table + i * 8)
                sound(hashed % 256 == number)
                sound(self.hash(self.record(self.number(table + i * 8 + 4))[0]) == hashed)
                at = hashed // 256 % slots
                while at != i:
                    sound(not empty[at])
                    at = (at + 1) % slots
        sound(used == len(list(self.records())))


class Decision:
    def __init__(self, verdict, step, rule=None, of_ident=False):
        self.verdict, self.step, self.rule, self.of_ident = verdict, STEPS[step], rule, of_ident
        self.env, self.limits, self.rate, self.reject = [], [], None, None
        self.penalties = []


class Origin:
    def __init__(self, identity, target=None, file=None, line=0):
        self.identity, self.target, self.file, self.line = identity, target, file, line
        self.owner = self.ticket = None
        self.until = 0


class Classic:
    format = "classic"

    def __init__(self, container, verified):
        self.container = container
        self.needed = 3
        if verified:
            keys = [key for key, _ in container.records()]
            self.needed = (any(b"=" in key for key in keys) * 1 +
                           any(b"@" in key for key in keys) * 2)
        self.count = sum(slots for _, slots in container.tables) // 2

    def info_needs(self):
        return self.needed

    def needs(self, _):
        return self.needed

    def keys(self, text, host, ident):
        if ident is not None:
            yield ADDRESS, True, ident + b"@" + text
            if host is not None:
                yield HOST, True, ident + b"@=" + host
        yield ADDRESS, False, text
        if host is not None:
            yield HOST, False, b"=" + host
        for end in range(len(text), 0, -1):
            if text[end - 1:end] in (b".", b":"):
                yield PREFIX, False, text[:end]
        if host is not None:
            for start in range(len(host)):
                if host[start:start + 1] == b".":
                    yield SUFFIX, False, b"=" + host[start:]
            yield ANY_HOST, False, b"="
        yield DEFAULT, False, b""

    def decide(self, address, text, host, ident):
        if text is None:
            text = spell_address(address)
        for step, of_ident, key in self.keys(text, host, ident):
            found = self.container.find(key)
            if found:
                return self.outcome(found, step, of_ident)
        return Decision("allow", NO_STEP)

    @staticmethod
    def outcome(found, step, of_ident):
        decision = Decision("allow", step, found[0], of_ident)
        items = items_of(found[1])
        for number, item in enumerate(items):
            if item.startswith(b"D"):
                decision.verdict = "deny"
                items = items[:number]
                break
        decision.env = variables(items)
        return decision

    def origin(self, rule):
        key = self.container.record(rule)[0]
        return Origin(digest_pair(0, key, b""), key)


class Index:
    """8 numbers, checked when it is searched or when the file is opened."""

    def __init__(self, native, at, family):
        row = [native.number(at + i * 4) for i in range(8)]
        self.native = native
        self.pieces, self.at, self.size, self.slots, self.table, self.shift, low, high = row
        self.base = low + (high << 32)
        self.family = family
        self.compact = self.size == 2
        self.each = 4 if self.compact else self.size + 4
        sound(self.pieces >= 1 and self.shift <= 63 and self.slots < NONE)
        sound(self.size in ((2, 4) if family == 4 else (8, 16)))
        native.within(self.at, self.pieces * self.each)
        if self.slots:
            native.within(self.table, (self.slots + 1) * 4)
        if self.compact:
            sound(self.base == 0 and self.slots and self.shift <= 16)
        self.nodes = 0

    def divide(self, at, nodes):
        """The long runs are divided: roots at a place, and so many nodes behind them."""
        self.roots, self.nodes = at, nodes
        if nodes:
            sound(self.slots)
            self.native.within(at, (self.pieces // 16 + 2 + nodes) * 8)

    def node(self, number):
        at = self.roots + number * 8
        return self.native.number(at), self.native.number(at + 4)

    def refine(self, first, rest):
        """The part of a long run that may hold what has such a rest of a key; None: no root."""
        roots = self.pieces // 16 + 2
        low, kind = self.node(first // 16 + 1)
        if not kind >> 31:
            return None
        for _ in range(6):
            if not kind >> 31:
                break
            shift = kind & 63
            number = low + (rest >> shift)
            sound(number < self.nodes)
            rest &= (1 << shift) - 1
            low, kind = self.node(roots + number)
        sound(kind and low < self.pieces and low + kind <= self.pieces)
        return low, low + kind - 1

    def start(self, piece):
        at, native = self.at + piece * self.each, self.native
        if self.compact:
            return native.number(at) & 0xFFFF
        if self.size == 4:
            return native.number(at)
        start = (native.number(at) | native.number(at + 4) << 32) << 64
        if self.size == 16:
            start |= native.number(at + 8) | native.number(at + 12) << 32
        return start

    def run(self, address):
        """The first and the last piece that may hold the address."""
        if not self.slots:
            return 0, self.pieces - 1
        key = address if self.family == 4 else address >> 64
        slot = 0 if key < self.base else ((key - self.base) >> self.shift) + 1
        slot = min(slot, self.slots - 1)
        first = self.native.number(self.table + slot * 4) & 0x7FFFFFFF
        behind = self.native.number(self.table + slot * 4 + 4)
        last = behind & 0x7FFFFFFF
        if behind & 0x80000000:
            last -= 1
        sound(first <= last < self.pieces)
        refined = None
        if self.nodes and last - first >= 16:
            rest = key - self.base - ((slot - 1) << self.shift) if slot else key
            refined = self.refine(first, rest)
        return refined or (first, last)

    def entry(self, address):
        """The number of the entry that holds of the address."""
        first, last = self.run(address)
        wanted = address % 2**self.shift if self.compact else address
        piece = first
        for i in range(first + 1, last + 1):
            if self.start(i) <= wanted:
                piece = i
        number = self.native.number(self.at + piece * self.each + self.each - 4)
        return number >> 16 if self.compact else number


class Native:
    format = "native"

    def __init__(self, container, value):
        sound(len(container.data) >= 2400 and len(value) >= 288)
        self.container, self.value = container, value
        sound(value[:8] == b"PNRULES\0")
        major = self.number(8) >> 16
        sound(major >= 2)
        requires = self.header(21)
        if major > 2 or requires & ~KNOWN:
            raise Newer(self.lacking(major, requires))
        sound(self.header(3) == len(value))
        self.rules = self.part(6, 36)
        self.groups = self.part(8, 80)
        self.entries = self.part(10, 20)
        self.text = self.part(12, 1)
        self.terms = self.part(16, 48)
        self.identities = self.part(24, 8)
        sound(self.identities[1] == self.rules[1])
        sound(self.groups[0] == 128 and self.groups[1] >= 2)
        self.several = bool(requires & TIERS)
        self.penalties = self.part(30, 12) if requires & PENALTIES else (128, 0)
        self.zones = None
        if requires & ZONES:
            self.zones = self.header(19), self.header(20)
            sound(2 <= self.zones[1] <= 256)
            self.within(self.zones[0], 256 + self.zones[1] * self.groups[1] * 32)
        for group in (0, 1):
            self.own_index(group, 4)
            self.own_index(group, 6)
        self.count = self.rules[1]

    def number(self, at):
        return int.from_bytes(self.value[at:at + 4], "little")

    def header(self, number):
        return self.number(number * 4)

    def within(self, at, size):
        sound(at >= 128 and at + size <= len(self.value))

    def part(self, number, each):
        at, count = self.header(number), self.header(number + 1)
        self.within(at, count * each)
        return at, count

    def lacking(self, major, requires):
        if major != 2:
            return []
        at, size = self.header(22), self.header(23)
        names = self.value[at:at + size].split(b"\0")[:-1]
        bits = [bit for bit in range(32) if requires >> bit & 1]
        return [name for bit, name in zip(bits, names) if not KNOWN >> bit & 1]

    def row(self, part, number, columns):
        at, count = part
        sound(number < count)
        return [self.number(at + (number * columns + i) * 4) for i in range(columns)]

    def text_at(self, at, size):
        sound(at + size <= self.text[1])
        return self.value[self.text[0] + at:self.text[0] + at + size]

    def own_index(self, group, family):
        index = Index(self, self.groups[0] + group * 80 + (16 if family == 4 else 48), family)
        if group == 1:
            index.divide(*(self.header(i) for i in ((26, 27) if family == 4 else (28, 29))))
        return index

    def index(self, group, address):
        sound(group < self.groups[1])
        if len(address) == 4:
            return self.own_index(group, 4)
        if not self.zones:
            return self.own_index(group, 6)
        pattern = 0
        for i in range(0, 16, 2):
            pattern = pattern * 2 + (address[i:i + 2] != b"\0\0")
        zone = self.value[self.zones[0] + pattern]
        sound(zone < self.zones[1])
        return Index(self, self.zones[0] + 256 + (zone * self.groups[1] + group) * 32, 6)

    def entry(self, group, address):
        number = self.index(group, address).entry(int.from_bytes(address, "big"))
        return self.row(self.entries, number, 5)

    def verify(self):
        sound(digest_pair(0, b"", self.value[24:]) == self.header(4) + (self.header(5) << 32))
        records = self.container.records(2048 + 8 + 56 + len(self.value))
        sound(next(records, None) == (b"", b"D\0"))
        digest = 0
        for key, value in records:
            digest = digest_pair(digest, key, value)
        sound(digest == self.header(14) + (self.header(15) << 32))

    def info_needs(self):
        return self.header(18) & ~EXEMPTS

    def needs(self, address):
        return self.entry(1, address)[3] % 256

    def name(self, kind, group, name):
        found = self.container.find(b"\0" + kind + group.to_bytes(4, "little") + name)
        if found is None:
            return None
        sound(len(found[1]) == 4)
        return int.from_bytes(found[1], "little")

    def host(self, group, row, host):
        return self.name(b"h", group, host) if row[2] else None

    def suffix(self, group, row, host):
        for at in range(len(host) if row[3] else 0):
            if host[at:at + 1] == b".":
                found = self.name(b"h", group, host[at:])
                if found is not None:
                    return found
        return None

    @staticmethod
    def or_none(number):
        return None if number == NONE else number

    def block(self, entry, host):
        block = self.or_none(entry[0])
        if block is not None and block & 0x80000000:
            return block & 0x7FFFFFFF
        if host is None:
            return block
        row = self.row(self.groups, 0, 20)
        found = self.host(0, row, host)
        if found is None:
            found = block
        if found is None:
            found = self.suffix(0, row, host)
        return self.or_none(row[0]) if found is None else found

    def ladder(self, group, address, host):
        """(step, rule), or None."""
        entry, row = self.entry(group, address), self.row(self.groups, group, 20)
        yield ADDRESS, self.or_none(entry[1])
        if host is not None:
            yield HOST, self.host(group, row, host)
        yield PREFIX, self.or_none(entry[2])
        if host is not None:
            yield SUFFIX, self.suffix(group, row, host)
            yield ANY_HOST, self.or_none(row[0])
        yield DEFAULT, self.or_none(row[1])

    def walk(self, address, host, ident):
        """(step, rule, whether it is of the ident's group)."""
        block = self.block(self.entry(1, address), host)
        if block is not None:
            return BLOCK, block, False
        own = None if ident is None else self.name(b"i", 0, ident)
        for group in ((1,) if own is None else (own, 1)):
            for step, rule in self.ladder(group, address, host):
                if rule is not None:
                    return step, rule, group == own
        raise Damaged

    def short_cut(self, address):
        """The same for a client with neither host nor ident."""
        entry = self.entry(1, address)
        sound(entry[3] // 256 <= DEFAULT)
        return entry[3] // 256, entry[4], False

    def decide(self, address, text, host, ident):
        by_bits = address is not None
        if not by_bits:
            address = parse_address(text)
        if address is None:
            return Decision("deny", NO_STEP)
        if host is not None:
            host = re.sub(rb"[A-Z]", lambda letter: letter.group().lower(), host)
            if len(host) > 1 and host.endswith(b"."):
                host = host[:-1]
        if by_bits and host is None and ident is None:
            return self.outcome(*self.short_cut(address))
        return self.outcome(*self.walk(address, host, ident))

    def outcome(self, step, rule, of_ident):
        row = self.row(self.rules, rule, 9)
        decision = Decision("allow" if row[0] == 1 else "deny", step, rule, of_ident)
        decision.env = variables(items_of(self.text_at(row[1], row[2])))
        if row[8] != NONE:
            terms = self.row(self.terms, row[8], 12)
            decision.limits = self.limits(row[8], terms)
            per = self.per(terms[4])
            if terms[2]:
                decision.rate = (terms[2], terms[3], *per)
            decision.reject = self.note(terms, 5)
            decision.penalties = self.penalties_of(row[8])
        return decision

    def penalties_of(self, terms):
        """[first status, last status, seconds] of each; [0, 0, 0] alone of one that is exempt."""
        low, high = 0, self.penalties[1]
        while low < high:
            middle = (low + high) // 2
            if self.row(self.penalties, middle, 3)[0] < terms:
                low = middle + 1
            else:
                high = middle
        made, last = [], 0
        while low < self.penalties[1] and self.row(self.penalties, low, 3)[0] == terms:
            _, statuses, seconds = self.row(self.penalties, low, 3)
            first, before, last = statuses % 65536, last, statuses // 65536
            sound(len(made) < 8 and seconds <= 86400)
            if seconds:
                sound(before < first <= last <= 256 and [0, 0, 0] not in made)
            else:
                sound(not made and not statuses)
            made.append([first, last, seconds])
            low += 1
        return made

    @staticmethod
    def per(number):
        four, six = number // 256 % 256, number % 256
        sound(four <= 32 and six <= 128)
        return four, six

    def limits(self, number, terms):
        more = terms[1] // 65536
        made = [(terms[0], *self.per(terms[1]))]
        if more:
            sound(self.several and terms[0] and more <= 7)
        for i in range(1, more + 1):
            terms = self.row(self.terms, number + i, 12)
            sound(terms[0])
            made.append((terms[0], *self.per(terms[1])))
        return made if made[0][0] else []

    def note(self, terms, number):
        return None if terms[number] == NONE else self.text_at(terms[number], terms[number + 1])

    def origin(self, rule):
        row = self.row(self.rules, rule, 9)
        low, high = self.row(self.identities, rule, 2)
        target, file = self.text_at(row[3], row[4]), self.text_at(row[5], row[6])
        origin = Origin(low + (high << 32), target if row[7] else None,
                        file if row[7] or file else None, row[7])
        if row[8] != NONE:
            terms = self.row(self.terms, row[8], 12)
            origin.until = terms[7]
            origin.owner, origin.ticket = self.note(terms, 8), self.note(terms, 10)
        return origin


def open_image(data, verify=False):
    """A Classic or a Native; Damaged or Newer is raised."""
    container = Container(data)
    try:
        key, value, _ = container.record(2048)
    except Damaged:
        key = None
    native = Native(container, value) if key == MARK else None
    if verify:
        if native:
            native.verify()
        container.verify()
    return native or Classic(container, verify)
