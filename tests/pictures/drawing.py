"""Lines of cells as an SVG of a terminal: small, whole in itself, and the same each time."""
from xml.sax.saxutils import escape

from screen import PLAIN

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, BASELINE = 8.4, 18, 14, 13.5
MARGIN, BAR = 14, 30
FONT = "ui-monospace,'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace"

# The sixteen colours of a theme: black, red, green, yellow, blue, magenta, cyan, white, and
# bright. Each is legible on the background; docs/look.md says how they were looked at.
THEMES = {
    "light": {"back": "#ffffff", "fore": "#1f2328", "bar": "#eceff2", "line": "#c9d1d9",
              "faint": "#59636e",
              "colors": ("#24292f", "#c23a00", "#00614f", "#7a5200", "#0550ae", "#7a3391",
                         "#0b6470", "#57606a", "#57606a", "#d2470f", "#0a7a66", "#8f6400",
                         "#1a6fe0", "#9248a8", "#117a88", "#24292f")},
    "dark": {"back": "#0d1117", "fore": "#e6edf3", "bar": "#1c232c", "line": "#30363d",
             "faint": "#9aa4af",
             "colors": ("#8a929c", "#ff8a50", "#3fd9c0", "#e3b341", "#79c0ff", "#d2a8ff",
                        "#56d4dd", "#c9d1d9", "#a3abb5", "#ffab85", "#7fecd8", "#f2cc60",
                        "#a5d6ff", "#e2c5ff", "#b3f0ff", "#f0f6fc")},
}


def rules_of(theme):
    """The style sheet of a theme: f0 to f15 are what is written, b0 to b15 what is behind."""
    t = THEMES[theme]
    lines = [f".back{{fill:{t['back']};stroke:{t['line']}}}", f".bar{{fill:{t['bar']}}}",
             f"text{{fill:{t['fore']}}}", f".title{{fill:{t['faint']}}}",
             f".dot{{fill:{t['line']}}}", f".n{{fill:{t['back']}}}", f".m{{fill:{t['fore']}}}"]
    return lines + [f".{kind}{n}{{fill:{color}}}" for kind in "fb"
                    for n, color in enumerate(t["colors"])]


def sheet(theme, used):
    """One theme, or both: then the reader's setting chooses."""
    def chosen(name):
        return "".join(line for line in rules_of(name)
                       if line.startswith("text") or line[1:line.index("{")] in used)
    if theme != "both":
        return chosen(theme)
    return chosen("light") + "@media(prefers-color-scheme:dark){" + chosen("dark") + "}"


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def fill(color, kind, default):
    """How a colour is said: a class that the theme fills, or the colour itself."""
    if color is None:
        return f'class="{default}"' if default else ""
    return f'class="{kind}{color}"' if isinstance(color, int) else f'style="fill:{color}"'


def pieces(line):
    """(column, cells) of each run that is styled alike. A wide character is one of its own: what
    a font makes of it does not move what follows."""
    at = 0
    while at < len(line):
        end = at + max(line[at].width, 1)
        while line[at].width == 1 and end < len(line) and line[end].width == 1 and \
                line[end].style == line[at].style:
            end += 1
        yield at, line[at:end]
        at = end


def colors_of(style):
    """(written, behind) as attributes."""
    if style.reverse:
        return (fill(style.back, "f", "n"), fill(style.fore, "b", "m"))
    return fill(style.fore, "f", ""), fill(style.back, "b", "") if style.back is not None else ""


def piece_drawn(x, y, cells):
    style, text = cells[0].style, "".join(cell.text for cell in cells)
    written, behind = colors_of(style)
    size = number(len(cells) * CELL_WIDTH)
    out = ""
    if behind:
        out += f'<rect x="{number(x)}" y="{number(y)}" width="{size}" height="{CELL_HEIGHT}" {behind}/>'
    bare = text.strip(" ")
    if not bare:
        if not style.underline:
            return out
        bare = text
    start = x + (0 if bare == text else (len(text) - len(text.lstrip(" "))) * CELL_WIDTH)
    wide = (len(bare) if len(text) == len(cells) else len(cells)) * CELL_WIDTH
    looks = [written] if written else []
    looks += ['font-weight="bold"'] if style.bold else []
    looks += ['opacity=".65"'] if style.dim else []
    looks += ['font-style="italic"'] if style.italic else []
    lines = ["underline"] * style.underline + ["line-through"] * style.strike
    looks += [f'text-decoration="{" ".join(lines)}"'] if lines else []
    return out + (f'<text x="{number(start)}" y="{number(y + BASELINE)}" textLength="{number(wide)}"'
                  f'{"".join(" " + l for l in looks)}>{escape(bare)}</text>')


def terminal(lines, width, title, theme="both", spoken=None):
    """The picture. What a reader hears of it is `spoken`, or all of its text."""
    wide = width * CELL_WIDTH + 2 * MARGIN
    high = BAR + MARGIN + len(lines) * CELL_HEIGHT + MARGIN
    body = []
    for row, line in enumerate(lines):
        y = BAR + MARGIN + row * CELL_HEIGHT
        drawn = "".join(piece_drawn(MARGIN + column * CELL_WIDTH, y, cells)
                        for column, cells in pieces(line)
                        if cells[0].text)
        if drawn:
            body.append(drawn)
    heard = spoken or "\n".join("".join(c.text for c in line).rstrip() for line in lines)
    drawn = "\n".join(body)
    used = {"back", "bar", "title", "dot"} | {name for name in
            [k + str(n) for k in "fb" for n in range(16)] + ["n", "m"] if f'"{name}"' in drawn}
    dots = "".join(f'<circle class="dot" cx="{18 + 18 * n}" cy="{BAR // 2}" r="5"/>' for n in range(3))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(wide)}" height="{number(high)}" '
            f'viewBox="0 0 {number(wide)} {number(high)}" role="img">\n'
            f"<title>{escape(title)}</title>\n<desc>{escape(heard)}</desc>\n"
            f"<style>{sheet(theme, used)}</style>\n"
            f'<rect class="back" x=".5" y=".5" width="{number(wide - 1)}" '
            f'height="{number(high - 1)}" rx="8"/>\n'
            f'<path class="bar" d="M1 {BAR}V9a8 8 0 0 1 8-8h{number(wide - 18)}a8 8 0 0 1 8 8V{BAR}z"/>'
            f'{dots}<text class="title" x="{number(wide / 2)}" y="{BAR / 2 + 4.5}" '
            f'text-anchor="middle" font-family="{FONT}" font-size="13">{escape(title)}</text>\n'
            f'<g font-family="{FONT}" font-size="{FONT_SIZE}" xml:space="preserve">\n{drawn}\n</g>\n</svg>\n')


PROMPT = PLAIN._replace(dim=True)
TYPED = PLAIN._replace(bold=True)
