#!/usr/bin/env python3
"""Pictures of random small policies, beside the answer to each address in them: what each cell
is painted with, in SVG and in PNG, what a part tells when somebody points at it, and the sums.
Then what is shown when nobody says it, names that are hostile, and that nothing is left to
chance."""
import argparse
import collections
import ipaddress
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zlib

SHARES = ["#0d3b8c", "#5f4f83", "#795c7d", "#8e6778", "#a17272", "#b37e6c", "#c58a65", "#da985c",
          "#ffb347"]
LIMITS = [0, 1, 10, 25, 50, 75, 90]
NAMED = ["#fdf3fb", "#e6faf2"]
CHANGES = {"loses access": ["#ffd08a", "#f5a030", "#d97a00"],
           "gains access": ["#8fb0ea", "#4a74c4", "#0d3b8c"],
           "answered otherwise": ["#d5b8e2", "#b48cc8", "#9a68b4"]}
SAME, SEVERAL = "#f2f2ef", "#202020"
NAMES = ["RELAYCLIENT", "TAG"]
BITS, SIDE = 10, 1024
VIEWS = ["10.0.0.0/22", "203.0.112.0/22", "2001:db8::/118", "::/118"]


def curve(order, turn=1, x=0, y=0, facing=(0, 1)):
    """The cells of a square in their order: left turns and right turns, as a turtle goes."""
    cells, dx, dy = [(x, y)], facing[0], facing[1]
    rules = {"A": "+BF-AFA-FB+", "B": "-AF+BFB+FA-"}
    path = "A" if turn > 0 else "B"
    for _ in range(order):
        path = "".join(rules.get(letter, letter) for letter in path)
    for letter in path:
        if letter == "F":
            x, y = x + dx, y + dy
            cells.append((x, y))
        elif letter in "+-":
            dx, dy = (dy, -dx) if letter == "+" else (-dy, dx)
    return cells


def places(order):
    """Of the two curves that begin at the upper left, the one that ends at the upper right."""
    for turn in (1, -1):
        for facing in ((0, 1), (1, 0)):
            cells = curve(order, turn, facing=facing)
            side = 1 << order
            if cells[-1] == (side - 1, 0) and all(0 <= a < side and 0 <= b < side for a, b in cells):
                return cells
    raise AssertionError("no such curve")


def png(path):
    """The palette, and the rows of numbers in it."""
    with open(path, "rb") as source:
        data = source.read()
    at, palette, packed, width = 8, [], b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
        if kind == b"IHDR":
            width = struct.unpack(">I", body[:4])[0]
        elif kind == b"PLTE":
            palette = ["#" + body[n:n + 3].hex() for n in range(0, size, 3)]
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    raw, rows, before = zlib.decompress(packed), [], bytes(width)
    for n in range(0, len(raw), width + 1):
        line = bytearray(raw[n + 1:n + 1 + width])
        for x in range(width if raw[n] else 0):
            left, up = line[x - 1] if x else 0, before[x]
            corner = before[x - 1] if x else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda p, g=guess: abs(g - p))
            line[x] = (line[x] + (0, left, up, (left + up) // 2, paeth)[raw[n]]) & 255
        before = bytes(line)
        rows.append(before)
    return palette, rows


def png_cells(path, order):
    """By place, the paint that most of a cell is: texts lie over some of it."""
    palette, rows = png(path)
    paints, cell, found = len(palette) // 4, SIDE >> order, {}
    left, top = place_of_cells(path)
    for y in range(1 << order):
        for x in range(1 << order):
            seen = collections.Counter()
            for line in rows[top + y * cell:top + (y + 1) * cell]:
                seen.update(n % paints for n in line[left + x * cell:left + (x + 1) * cell])
            found[x, y] = palette[seen.most_common(1)[0][0]]
    return found


def svg_of(path):
    return xml.etree.ElementTree.parse(path).getroot()


def tag(element):
    return element.tag.rsplit("}", 1)[1]


def place_of_cells(path):
    """Where the cells begin, as the SVG beside it says."""
    with open(path.replace(".png", ".svg"), encoding="utf-8") as source:
        match = re.search(r'translate\((\d+) (\d+)\)', source.read())
    return int(match[1]), int(match[2])


def boxes(drawn):
    for x, y, width, height in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\3z", drawn):
        yield int(x), int(y), int(width), int(height)


def svg_cells(path, order):
    cell, found = SIDE >> order, {}
    for group in svg_of(path).iter("{http://www.w3.org/2000/svg}g"):
        for drawn in group:
            if tag(drawn) != "path" or not drawn.get("id", "").startswith("c"):
                continue
            for x, y, width, height in boxes(drawn.get("d")):
                for row in range(y // cell, (y + height) // cell):
                    for column in range(x // cell, (x + width) // cell):
                        assert (column, row) not in found
                        found[column, row] = group.get("fill")
    return found


def hovers(path):
    """(text, boxes) of each part that tells something."""
    for drawn in svg_of(path).iter("{http://www.w3.org/2000/svg}path"):
        for title in drawn:
            if tag(title) == "title":
                yield title.text, list(boxes(drawn.get("d")))


def step(limits, part, whole):
    if part == whole:
        return len(limits) + 1
    return sum(part * 100 > limit * whole for limit in limits)


def policy_color(answers):
    sets = [sum(kind == name for kind in answers) for name in NAMES]
    if any(sets):
        return NAMED[sets.index(max(sets))]
    denied = sum(kind == "denied" for kind in answers)
    return SHARES[step(LIMITS, denied, len(answers)) if denied else 0]


def change_color(pairs):
    effects = collections.Counter(effect_of(*pair) for pair in pairs if pair[0] != pair[1])
    if not effects:
        return SAME
    if len(effects) > 1:
        return SEVERAL
    effect, count = effects.most_common()[0]
    return CHANGES[effect][step([10], count, len(pairs))]


def effect_of(old, new):
    if (old == "denied") == (new == "denied"):
        return "answered otherwise"
    return "loses access" if new == "denied" else "gains access"


class Pictures:
    def __init__(self, postern, rng):
        self.postern, self.rng = postern, rng
        self.failures, self.cells, self.parts = 0, 0, 0

    def fail(self, text):
        self.failures += 1
        print("FAILED", text)

    def run(self, *words, stdin=None, status=0):
        done = subprocess.run([self.postern, *words], input=stdin, capture_output=True, text=True,
                              check=False)
        if done.returncode != status:
            self.fail(f"{words}: {done.returncode} {done.stderr}")
        return done.stdout

    def policy(self, network, name):
        """A random policy about a network; of classic files the ladder of keys is another."""
        rng, lines = self.rng, ["postern: 1"]
        for _ in range(rng.randrange(8)):
            length = rng.randint(network.prefixlen, network.max_prefixlen)
            first = int(network[0]) + rng.randrange(1 << BITS)
            first &= ~((1 << network.max_prefixlen - length) - 1)
            lines.append(f"{type(network[0])(first)}/{length} : "
                         + self.verdict())
        lines.append(f"* : {self.verdict()}")
        lines = list(dict((line.split(" : ")[0], line) for line in lines).values())
        with open(name, "w", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")

    def verdict(self):
        return self.rng.choice(["deny", "deny", "allow", "allow", 'allow, RELAYCLIENT=""',
                                'allow, TAG="x"', 'allow, TAG="x", RELAYCLIENT="@a"'])

    def answers(self, name, network):
        """Of each address: denied, allowed, or the first of the names that it gets."""
        out = self.run("check", name, "--batch", "--format", "json",
                       stdin="".join(f"{a}\n" for a in network))
        kinds = []
        for line in out.splitlines():
            answer = json.loads(line)
            have = [n for n in NAMES if n in answer.get("env", {})]
            kinds.append("denied" if answer["verdict"] == "deny" else have[0] if have else "allowed")
        return kinds

    def compare(self, words, colors, order):
        """The same cells in both formats."""
        want = dict(zip(places(order), colors))
        for ending in ("svg", "png"):
            self.run("map", *words, "-o", "p." + ending, "--order", str(order))
            got = (svg_cells if ending == "svg" else png_cells)("p." + ending, order)
            self.cells += len(want)
            if got != want:
                wrong = [(at, got.get(at), color) for at, color in want.items() if got.get(at) != color]
                self.fail(f"{words} order {order} {ending}: {wrong[:4]}")

    def told(self, network, order, name):
        """What a part tells is what `check` says of its first address, and it is where the
        curve has it."""
        along, cell = places(order), SIDE >> order
        for text, parts in hovers("p.svg"):
            self.parts += 1
            match = re.match(r"(\S+?)(?:/\d+|-\S+)?: .*?(allow|deny) by (.*) at (.*):(\d+)$", text)
            address = ipaddress.ip_address(match[1])
            answer = json.loads(self.run("check", name, str(address), "--format", "json"))
            if [answer["verdict"], answer["target"], answer["line"]] != \
                    [match[2], match[3], int(match[5])]:
                self.fail(f"{name}: {text}, not {answer}")
            at = along[(int(address) - int(network[0])) >> (BITS - 2 * order)]
            if not any(x <= at[0] < x + w and y <= at[1] < y + h for x, y, w, h in parts):
                self.fail(f"{name}: {text} is at {parts}, not {at} (cells of {cell})")

    def sums(self, words, kinds, order):
        text = self.run("map", *words, "-o", "s.svg", "--order", str(order))
        got = {m[1].removeprefix("with "): int(m[2].replace(",", ""))
               for m in re.finditer(r"^  ([^:]*): ([\d,]+) address", text, re.M)}
        if got != dict(collections.Counter(kinds)):
            self.fail(f"{words}: {text} is not {collections.Counter(kinds)}")

    def round(self):
        network = ipaddress.ip_network(self.rng.choice(VIEWS))
        order = self.rng.randint(1, 4)
        words = ["--prefix", str(network), "--privileged", ",".join(NAMES)]
        self.policy(network, "old.rules")
        self.policy(network, "new.rules")
        old, new = self.answers("old.rules", network), self.answers("new.rules", network)
        cell = 1 << BITS - 2 * order
        self.compare(["old.rules", *words],
                     [policy_color(old[n:n + cell]) for n in range(0, 1 << BITS, cell)], order)
        self.told(network, order, "old.rules")
        self.sums(["old.rules", *words], old, order)
        values = [self.values("old.rules", network), self.values("new.rules", network)]
        pairs = list(zip(*values))
        self.compare(["old.rules", "new.rules", *words],
                     [change_color(pairs[n:n + cell]) for n in range(0, 1 << BITS, cell)], order)
        self.sums(["old.rules", "new.rules", *words],
                  [effect_of(*p) for p in pairs if p[0] != p[1]], order)

    def values(self, name, network):
        """Of each address all that it gets, as a change looks at it."""
        out = self.run("check", name, "--batch", "--format", "json",
                       stdin="".join(f"{a}\n" for a in network))
        answers = [json.loads(line) for line in out.splitlines()]
        return ["denied" if a["verdict"] == "deny" else json.dumps(a.get("env", {}), sort_keys=True)
                for a in answers]

    def chosen(self):
        """What is shown when nobody says it."""
        cases = [("198.51.100.0/24 : deny", [], "198.51.100.0/22"),
                 ("10.0.0.0/8 : deny\n203.0.113.0/24 : deny", [], "0.0.0.0/0"),
                 ("198.51.100.7 : deny\n127.0.0.1 : allow, RELAYCLIENT=\"\"", [], "198.51.100.4/30"),
                 ("2001:db8::/32 : deny", [], "2001:db8::/30"),
                 ("2001:db8::/32 : deny\n10.0.0.0/8 : deny", [], "8.0.0.0/6"),
                 ("2001:db8::/32 : deny\n10.0.0.0/8 : deny", ["--family", "6"], "2001:db8::/30"),
                 ("2001:db8::/32 : deny", ["--family", "4"], "0.0.0.0/0"),
                 ("::1 : deny", [], "0.0.0.0/0"),
                 ("10.0.0.0/8 : deny", ["--prefix", "::/0"], "::/0")]
        for rules, words, want in cases:
            with open("c.rules", "w", encoding="ascii") as out:
                out.write(f"postern: 1\n{rules}\n* : allow\n")
            got = self.run("map", "c.rules", "-o", "c.svg", *words).split(": ")[0]
            if got != want:
                self.fail(f"{rules!r} {words}: {got} is shown, not {want}")

    def hostile(self):
        """Names are texts, whatever they hold; nothing in a picture is run or fetched."""
        name = "<script>alert(1)<!--&\"'\x01\x1b[31m\u00e9]]>.rules"
        with open(name, "w", encoding="ascii") as out:
            out.write('postern: 1\n10.0.0.0/8 : deny\n"<b>&"@10.1.0.0/16 : deny\n* : allow\n')
        for words in ([name], ["c.rules", name]):
            self.run("map", *words, "-o", "h.svg", "--privileged", "<i>&")
            root = svg_of("h.svg")
            tags = {tag(e) for e in root.iter()}
            if not tags <= {"svg", "title", "defs", "pattern", "path", "rect", "g", "use", "text"}:
                self.fail(f"elements {tags}")
            if "<script>alert(1)<!--&" not in root[0].text or "\\x1b" not in root[0].text:
                self.fail(f"title {root[0].text!r}")
            links = [v for e in root.iter() for k, v in e.attrib.items()
                     if k.endswith("href") or "url(" in v]
            if [v for v in links if not re.fullmatch(r"#c\d+|url\(#p\d+\)", v)]:
                self.fail(f"links {links}")
            self.run("map", *words, "-o", "h.png")

    def usual(self):
        """All of IPv4, at as many pixels as the picture is wide; the same bytes each time."""
        with open("u.rules", "w", encoding="ascii") as out:
            out.write("postern: 1\n0.0.0.0/2 : deny\n10.0.0.0/8 : allow\n203.0.113.7 : allow, "
                      'RELAYCLIENT=""\n224.0.0.0/4 : deny\n* : allow\n')
        for ending in ("svg", "png"):
            self.run("map", "u.rules", "-o", "a." + ending)
            self.run("map", "u.rules", "-o", "b." + ending)
            with open("a." + ending, "rb") as a, open("b." + ending, "rb") as b:
                if a.read() != b.read():
                    self.fail(f"two pictures as {ending} differ")
        palette, rows = png("a.png")
        if len(rows[0]) < SIDE or len(rows) < SIDE:
            self.fail(f"the picture has {len(rows[0])} by {len(rows)} pixels")
        texts = [e.text for e in svg_of("a.svg").iter("{http://www.w3.org/2000/svg}text")]
        for wanted in ("10", "255", "private", "loopback", "multicast", "203.0.113.7",
                       "some or all of it with RELAYCLIENT", "allowed", "denied"):
            if wanted not in texts:
                self.fail(f"no {wanted!r} in the picture")
        big = self.run("map", "u.rules", "-o", "o.png", "--order", "11")
        if "4,194,304 cells" not in big or len(png("o.png")[1][0]) < 2 * SIDE:
            self.fail(f"order 11: {big}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    pictures = Pictures(os.path.join(os.path.abspath(args.bin), "postern"), random.Random(args.seed))
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for _ in range(args.count):
            pictures.round()
        pictures.chosen()
        pictures.hostile()
        pictures.usual()
        os.chdir("/")
    print(f"{pictures.cells} cells, {pictures.parts} parts that tell, {pictures.failures} failures")
    return 1 if pictures.failures or not pictures.cells or not pictures.parts else 0


if __name__ == "__main__":
    sys.exit(main())
