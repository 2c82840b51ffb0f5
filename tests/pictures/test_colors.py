#!/usr/bin/env python3
"""Colours as people see them who lack one kind of cone, and in grey: what maps and terminals
tell by them can still be told, by how light they are or by a pattern."""
import os
import re
import sys

import colors
import drawing

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
TONES = {"red": 1, "green": 2}  # what a change is shown in, on a terminal

# how one kind of viewer sees what another one does not confuse: from the papers, rounded there
KNOWN = [("#ffffff", "#ffffff"), ("#000000", "#000000"), ("#808080", "#808080")]


def looks():
    """Name, colour, pattern and ink of each paint of tools/picture.c."""
    with open(os.path.join(ROOT, "tools", "picture.c"), encoding="utf-8") as source:
        found = re.findall(r'\[PN_PAINT_(\w+(?: \+ \d)?)\] = \{ "(#\w+)", PN_HATCH_(\w+), "(#?\w*)" \}',
                           source.read())
    return {name: (colors.parse(color), hatch, colors.parse(ink) if ink else None)
            for name, color, hatch, ink in found}


def apart(one, other, kind):
    return colors.distance(colors.seen(one, kind), colors.seen(other, kind))


def check_model(fail):
    """Greys stay; what two primaries share in a missing cone is lost, and nothing is lost twice."""
    for kind in colors.KINDS:
        for color, want in KNOWN:
            got = colors.seen(colors.parse(color), kind)
            if max(abs(a - b) for a, b in zip(got, colors.parse(want))) > 1:
                fail(f"{color} is {got} for {kind}")
        for color in ("#d97a00", "#0d3b8c", "#33aa66"):
            once = colors.seen(colors.parse(color), kind)
            if kind != "grey" and apart(once, colors.parse(color), kind) > 6:
                fail(f"{color} is seen as {once} for {kind}, and that as another one")
    red, green = colors.parse("#c00000"), colors.parse("#808000")
    if apart(red, green, "usual") < 2 * apart(red, green, "deuteranopia"):
        fail("red and olive are as far apart without green cones")


def check_shares(fail, paints):
    """From dark to light, each step to be seen; the first and the last are the widest."""
    steps = [paints["SHARE"]] + [paints[f"SHARE + {n}"] for n in range(1, 9)]
    for kind in colors.KINDS:
        seen = [colors.seen(color, kind) for color, _, _ in steps]
        light = [colors.lab(color)[0] for color in seen]
        jumps = [b - a for a, b in zip(light, light[1:])]
        if min(jumps) < 3:
            fail(f"shares for {kind}: {light} is not from dark to light")
        if min(jumps[0], jumps[-1]) < 1.5 * max(jumps[2:-2]):
            fail(f"shares for {kind}: the ends of {jumps} are no wider than the rest")
        named = colors.lab(colors.seen(paints["NAMED"][0], kind))[0]
        if named < light[-1] + 10:
            fail(f"a variable is as light as what is denied for {kind}")


def check_paints(fail, paints):
    """Two paints of a kind of map are apart, or have two patterns; ink is seen on its paint."""
    groups = [[n for n in paints if n.startswith(("NAMED", "SHARE"))],
              [n for n in paints if n.startswith(("SAME", "LOSES", "GAINS", "OTHER", "SEVERAL"))]]
    for kind in colors.KINDS:
        for group in groups:
            for place, one in enumerate(group):
                for other in group[:place]:
                    if paints[one][1] == paints[other][1] and \
                            apart(paints[one][0], paints[other][0], kind) < 4:
                        fail(f"{one} and {other} are alike for {kind}")
        for name, (color, hatch, ink) in paints.items():
            if hatch != "NONE" and apart(color, ink, kind) < 15:
                fail(f"the pattern of {name} is not seen for {kind}")


def check_terminal(fail):
    for name, theme in drawing.THEMES.items():
        back = colors.parse(theme["back"])
        tones = [colors.parse(color) for color in theme["colors"]]
        for number, color in enumerate(tones + [colors.parse(theme["fore"])]):
            if colors.contrast(color, back) < 4.5:
                fail(f"{name}: colour {number} has too little contrast")
        for kind in ("usual", "protanopia", "deuteranopia", "tritanopia"):
            if apart(tones[TONES["red"]], tones[TONES["green"]], kind) < 30:
                fail(f"{name}: red and green are alike for {kind}")


def main():
    failures, paints = [], looks()
    if len(paints) < 25:
        failures.append(f"only {len(paints)} paints are found")
    check_model(failures.append)
    check_shares(failures.append, paints)
    check_paints(failures.append, paints)
    check_terminal(failures.append)
    for text in failures:
        print("FAILED", text)
    print(f"{len(paints)} paints, {len(colors.KINDS)} kinds of viewers, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
