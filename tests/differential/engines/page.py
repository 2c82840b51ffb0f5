#!/usr/bin/env python3
"""Every row of docs/engines.md, asked of the engine that it is about: it does just what the row says.

A row is `| engine | what it does | file | client | there | postern |`. Each line of the file is a code span;
there and postern are allow, deny or refused, of the engine, and of what `postern import` makes of the file.
"""
import argparse
import ipaddress
import os
import re
import sys
import tempfile

import ours as O
import peers as P

X = P.X
PAGE = os.path.join(P.TESTS, "..", "docs", "engines.md")


class Row:
    def __init__(self, topic, line):
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        self.line, self.topic, self.engine, self.what = line, topic, cells[0], cells[1]
        self.body = "".join(span + "\n" for span in re.findall(r"`([^`]*)`", cells[2]))
        self.client = ipaddress.ip_address(cells[3])
        self.said = tuple(cells[4:6])

    def now(self, said):
        """The line, with what is said."""
        cells = re.split(r"(?<!\\)\|", self.line)
        return "|".join([*cells[:5], f" {said[0]} ", f" {said[1]} ", *cells[7:]])


def rows():
    """Those of the tables that have an engine in the first column."""
    names, topic = {kind.name for kind in P.PEERS}, None
    with open(PAGE, encoding="utf-8") as page:
        for line in page.read().splitlines():
            if line.startswith("## "):
                topic = line[3:].strip().lower()
            elif line.startswith("| ") and line.split("|")[1].strip() in names:
                yield Row(topic, line)


def said(postern, peer, row):
    """What the engine does, and what ours does of the same file."""
    word = {True: "allow", False: "deny", None: "refused"}
    if not peer.can_ask(row.client):
        return "-", "-"
    try:
        there = peer.answers([peer.wrap(row.body, 0)], [row.client])[0][row.client]
    except P.Refused:
        there = None
    if not peer.imported or there is None and isinstance(peer, P.NftChain):
        return word[there], "-"  # nft has told nothing that could be imported
    told = O.imported(postern, peer, 0, row.body, [row.client])
    return word[there], word[told and told[row.client]]


def check(postern, made, update=False):
    """How many rows were asked, of the engines that are there."""
    asked, wrong, lines = 0, 0, {}
    for row in rows():
        peer = made.get(row.engine)
        if peer is None:
            continue
        asked += 1
        found = said(postern, peer, row)
        if found != row.said:
            wrong += 1
            lines[row.line] = row.now(found)
            print(f"docs/engines.md, {row.topic}: {row.engine} of {row.body!r}: {row.client} is {found}, not {row.said}")
    if update and lines:
        with open(PAGE, encoding="utf-8") as page:
            text = page.read()
        for before, after in lines.items():
            text = text.replace(before + "\n", after + "\n")
        with open(PAGE, "w", encoding="utf-8") as page:
            page.write(text)
    return asked, 0 if update else wrong


def peers_here(originals, folder):
    """The engines that this machine can run, and the names of the others."""
    isolated, made, skipped = os.geteuid() == 0 and P.H.isolate(), {}, []
    programs = X.Programs(originals)
    for kind in P.PEERS:
        try:
            if kind.wants_network and not isolated:
                raise X.Unavailable("it wants a network namespace, and to be root in it")
            made[kind.name] = kind(programs, folder)
        except X.Unavailable as why:
            print(f"SKIPPED: {kind.name}: {why}")
            skipped.append(kind.name)
    return made, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--update", action="store_true", help="write what the engines do into the page")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made, skipped = peers_here(args.originals, folder)
        asked, wrong = check(O.path_of(args.bin), made, args.update)
    print(f"{asked} rows, {wrong} that are otherwise")
    return 1 if wrong or not asked else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
