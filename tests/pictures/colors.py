"""Colours as people see them who lack one kind of cone, and in grey; and how far apart two are.

The projections are those of Viénot, Brettel and Mollon (1999) for protanopia and deuteranopia,
and Brettel's half planes for tritanopia, worked out here from the spectra that the papers give:
cone answers (Smith and Pokorny, for a screen of ITU-R BT.709), a plane through black, white and
two colours that both kinds of viewers see alike."""

# linear RGB of such a screen to cone answers
TO_CONES = ((17.8824, 43.5161, 4.11935), (3.45565, 27.1554, 3.86714),
            (0.0299566, 0.184309, 1.46709))
KINDS = ("usual", "protanopia", "deuteranopia", "tritanopia", "grey")


def product(matrix, vector):
    return tuple(sum(m * v for m, v in zip(row, vector)) for row in matrix)


def inverse(m):
    """Of three by three, by cofactors."""
    def minor(r, c):
        rows = [[m[y][x] for x in range(3) if x != c] for y in range(3) if y != r]
        return (rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]) * (-1) ** (r + c)
    whole = sum(m[0][c] * minor(0, c) for c in range(3))
    return tuple(tuple(minor(c, r) / whole for c in range(3)) for r in range(3))


TO_SCREEN = inverse(TO_CONES)


def cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def linear(byte):
    part = byte / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def byte_of(part):
    part = min(1.0, max(0.0, part))
    part = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(255 * part)


def plane(anchor):
    """The normal of the plane through black, white and an anchor, in cone space."""
    return cross(product(TO_CONES, (1, 1, 1)), product(TO_CONES, anchor))


# which cone is lacking, and the plane (or the two, for the two halves) that is left
YELLOW_BLUE = plane((0, 0, 1))
RED_CYAN = (plane((1, 0, 0)), plane((0, 1, 1)))


def lacking(rgb, cone, normal):
    """What is seen: the lacking cone's answer is that of the colour on the plane."""
    cones = list(product(TO_CONES, rgb))
    others = [n for n in range(3) if n != cone]
    cones[cone] = -sum(normal[n] * cones[n] for n in others) / normal[cone]
    return product(TO_SCREEN, cones)


def luminance(rgb):
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def seen(color, kind):
    """(r, g, b) of 0 to 255 as one of KINDS sees them."""
    rgb = tuple(linear(part) for part in color)
    if kind == "protanopia":
        rgb = lacking(rgb, 0, YELLOW_BLUE)
    elif kind == "deuteranopia":
        rgb = lacking(rgb, 1, YELLOW_BLUE)
    elif kind == "tritanopia":
        # on which side of the neutral axis it is chooses the half plane
        cones, white = product(TO_CONES, rgb), product(TO_CONES, (1, 1, 1))
        red = product(TO_CONES, (1, 0, 0))
        side = (cones[1] * white[0] - cones[0] * white[1]) * (red[1] * white[0] - red[0] * white[1])
        rgb = lacking(rgb, 2, RED_CYAN[0 if side >= 0 else 1])
    elif kind == "grey":
        rgb = (luminance(rgb),) * 3
    return tuple(byte_of(part) for part in rgb)


def parse(text):
    return tuple(int(text[n:n + 2], 16) for n in (1, 3, 5))


def lab(color):
    """CIE L*a*b* of a colour on a screen with the white D65."""
    r, g, b = (linear(part) for part in color)
    xyz = ((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
           (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    f = [t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def distance(one, other):
    """The distance of two colours in it (CIE 1976): some 2 can be seen, 10 is plain."""
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other))) ** 0.5


def contrast(one, other):
    """Of text and what is behind it, as WCAG 2 counts it: 4.5 is wanted, 3 for large text."""
    a, b = sorted((luminance(tuple(linear(p) for p in c)) + 0.05 for c in (one, other)), reverse=True)
    return a / b
