"""What a terminal would show: bytes become lines of cells, each with its style."""
import collections
import re
import unicodedata

Style = collections.namedtuple(
    "Style", "fore back bold dim italic underline reverse strike", defaults=(None,) * 2 + (False,) * 6)
PLAIN = Style()
Cell = collections.namedtuple("Cell", "text style width")  # of the second half of a wide one: ""
BLANK = Cell(" ", PLAIN, 1)

# a control sequence, a string that only a terminal reads (titles, links), another escape, a byte
PIECES = re.compile(r"\x1b\[([0-9;:?<=>]*)[ -/]*([@-~])|\x1b[\]PX^_].*?(?:\x07|\x1b\\)|"
                    r"\x1b[ -/]*[0-~]|(.)", re.S)
SWITCHES = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike",
            23: "italic", 24: "underline", 27: "reverse", 29: "strike"}
RAMP = (0, 95, 135, 175, 215, 255)


def width_of(text):
    """So many cells a character takes."""
    if unicodedata.combining(text) or unicodedata.category(text) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(text) in "WF" else 1


def indexed(number):
    """One of 256: a name (0 to 15) that the theme colours, or a colour of its own."""
    if number < 16:
        return number
    if number < 232:
        number -= 16
        parts = RAMP[number // 36], RAMP[number // 6 % 6], RAMP[number % 6]
    else:
        parts = (8 + 10 * (number - 232),) * 3
    return "#%02x%02x%02x" % parts


def extended_color(codes):
    """What follows 38 or 48, which are taken from the front of codes."""
    kind = codes.pop(0) if codes else None
    if kind == 5 and codes:
        return indexed(min(codes.pop(0), 255))
    if kind == 2 and len(codes) >= 3:
        return "#%02x%02x%02x" % tuple(min(codes.pop(0), 255) for _ in range(3))
    codes.clear()
    return None


def styled(style, parameters):
    """The style after one SGR sequence."""
    codes = [int(p) if p else 0 for p in re.split("[;:]", parameters)]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = PLAIN
        elif code == 22:
            style = style._replace(bold=False, dim=False)
        elif code in SWITCHES:
            style = style._replace(**{SWITCHES[code]: code < 20})
        elif code in (38, 48):
            style = style._replace(**{"fore" if code == 38 else "back": extended_color(codes)})
        elif code in (39, 49):
            style = style._replace(**{"fore" if code == 39 else "back": None})
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = style._replace(fore=code - 30 if code < 90 else code - 82)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style = style._replace(back=code - 40 if code < 100 else code - 92)
    return style


class Screen:
    """As wide as it is told, as high as need be: nothing scrolls away."""

    def __init__(self, width):
        self.width, self.lines, self.style = width, [[]], PLAIN
        self.row = self.column = 0

    def feed(self, data):
        for match in PIECES.finditer(data.decode("utf-8", "replace")):
            parameters, final, text = match.groups()
            if final:
                self.control(parameters, final)
            elif text:
                self.put(text)

    def control(self, parameters, final):
        number = int(parameters) if parameters.isdigit() else 0
        line = self.lines[self.row]
        if final == "m" and not parameters.startswith(("?", ">", "<", "=")):
            self.style = styled(self.style, parameters)
        elif final == "K":
            first, last = ((self.column, self.width), (0, self.column + 1), (0, self.width))[number]
            line[first:last] = [BLANK] * (max(0, min(last, len(line)) - first) if number == 1 else 0)
        elif final == "J":
            self.lines[self.row + 1:] = []
            line[self.column:] = []
            if number >= 2:
                self.lines, self.row, self.column = [[]], 0, 0
        elif final in "CD":
            step = max(number, 1) * (1 if final == "C" else -1)
            self.column = max(0, min(self.width - 1, self.column + step))
        elif final in "AB":
            self.row = max(0, self.row + max(number, 1) * (1 if final == "B" else -1))
            self.reach()
        elif final == "G":
            self.column = max(0, min(self.width, number) - 1)
        elif final == "H":
            self.row, self.column = 0, 0

    def reach(self):
        while len(self.lines) <= self.row:
            self.lines.append([])

    def put(self, text):
        if text == "\n":
            self.row += 1
            self.reach()
        elif text == "\r":
            self.column = 0
        elif text == "\b":
            self.column = max(0, self.column - 1)
        elif text == "\t":
            self.column = min(self.width - 1, self.column // 8 * 8 + 8)
        elif unicodedata.category(text) != "Cc":
            self.write(text, width_of(text))

    def write(self, text, width):
        line = self.lines[self.row]
        if not width:  # onto the character before
            at = min(self.column, len(line)) - 1
            while at > 0 and not line[at].text:
                at -= 1
            if at >= 0:
                line[at] = line[at]._replace(text=line[at].text + text)
            return
        if self.column + width > self.width:
            self.row, self.column = self.row + 1, 0
            self.reach()
            line = self.lines[self.row]
        line += [BLANK] * (self.column - len(line))
        line[self.column:self.column + width] = \
            [Cell(text, self.style, width)] + [Cell("", self.style, 0)] * (width - 1)
        self.column += width
