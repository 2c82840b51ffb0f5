#!/usr/bin/env python3
"""export clickhouse: the folder is whole or not there, and its table covers each address once.

The engine itself is asked by tests/integration/clickhouse.py.
"""
import argparse
import importlib
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
exports = importlib.import_module("export")


def table_of(path):
    """Rows by network: depends, and what is told."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            prefix, depends, *told = line.rstrip("\n").split("\t")
            assert prefix not in found, prefix
            found[ipaddress.ip_network(prefix)] = depends == "1", told
    return found


def longest(table, address):
    nets = [net for net in table if net.version == address.version and address in net]
    assert len(nets) == 1, (address, nets)
    return table[nets[0]]


def compare(postern, folder, rng, number):
    policies = exports.Policies(rng)
    text = policies.make(number % 2)
    path, out = os.path.join(folder, "a.rules"), os.path.join(folder, f"out{number}")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    done = exports.run(postern, "export", "clickhouse", "--dir", out, path)
    assert done.returncode == 0, (text, done.stderr)
    assert sorted(os.listdir(out)) == ["postern.cdb", "postern.sql", "postern.tsv", "postern_function.xml"]
    table = table_of(out + "/postern.tsv")
    asked = [a for a in policies.edges + [policies.address(4), policies.address(6)] if not (a.version == 6 and a.ipv4_mapped)]
    plain = exports.run(postern, "check", "--batch", "--input", "tsv", "--columns", "verdict,target,file,line", path,
                        text="".join(f"{a}\n" for a in asked)).stdout.splitlines()
    named = [exports.answers(postern, path, asked, **n) for n in
             ({"host": "mx.example.com"}, {"host": "x.test"}, {"ident": "joe"}, {"ident": "joe", "host": "a.example.com"})]
    for n, address in enumerate(asked):
        depends, told = longest(table, address)
        assert told == plain[n].split("\t"), (text, address, told, plain[n])
        changed = any(row[n] != (told[0] == "allow") for row in named)
        assert depends or not changed, (text, address)
    command = xml.parse(out + "/postern_function.xml").getroot().find("function/command").text
    line = f"{asked[0]}\tmx.example.com\t-\n"
    words = command.replace("exec postern", "exec " + postern)
    alone = subprocess.run(["sh", "-c", words], input=line, capture_output=True, text=True, timeout=60)
    want = exports.run(postern, "check", "--batch", "--format", "json", path, text=line).stdout
    assert alone.stdout.startswith(f"('{json.loads(want)['verdict']}',"), (alone, want)
    return len(asked)


def refused(postern, folder):
    path = os.path.join(folder, "a.rules")
    for words, why in ((["--dir", folder], "exist"), (["--dir", folder + "/a b"], "whole path"), (["--dir", folder + "/no/out"], "no"),
                       ([], "wants a --dir"), (["--dir", folder + "/x", "--name", "a-b"], "--name")):
        before = sorted(os.listdir(folder))
        done = exports.run(postern, "export", "clickhouse", *words, path)
        assert done.returncode in (2, 111) and why in done.stderr and not done.stdout, (words, done)
        assert sorted(os.listdir(folder)) == before, words
    done = exports.run(postern, "export", "clickhouse", "--dir", folder + "/bad", "/no/such.rules")
    assert done.returncode == 2 and not os.path.exists(folder + "/bad")
    done = exports.run(postern, "export", "json", "--dir", folder + "/bad", path)
    assert done.returncode == 2 and "--dir is of clickhouse" in done.stderr
    inner = os.path.join(folder, "inner")
    os.mkdir(inner)
    os.rename(path, inner + "/a.rules")
    for out, may in ((inner + "/rooted", True), (folder + "/outside", False)):
        done = exports.run(postern, "export", "clickhouse", "--root", inner, "--dir", out, inner + "/a.rules")
        assert (done.returncode == 0) == may == os.path.exists(out), (out, done)


def texts(postern, folder):
    """What would end a field is written as ClickHouse reads it."""
    path = os.path.join(folder, "it's a\ttab.rules")
    with open(path, "w", encoding="ascii") as file:
        file.write("postern: 1\n10.0.0.0/8 : allow\n* : deny\n")
    done = exports.run(postern, "export", "clickhouse", "--dir", folder + "/texts", "--name", "n", path)
    assert done.returncode == 0, done.stderr
    with open(folder + "/texts/n.tsv", encoding="ascii") as file:
        rows = file.read()
    assert all(len(line.split("\t")) == 6 for line in rows.splitlines()) and "it's a\\ttab.rules" in rows
    told = exports.run(postern, "check", "--batch", "--columns", "(file,verdict,$A)", path, text="10.0.0.1\n").stdout
    assert re.fullmatch(r"\('.*it\\'s a\\ttab.rules','allow',NULL\)\n", told), told


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=30)
    args = parser.parse_args()
    postern, rng = os.path.join(os.path.abspath(args.bin), "postern"), random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        asked = sum(compare(postern, folder, rng, n) for n in range(args.count))
        refused(postern, folder)
        texts(postern, folder)
    print(f"{args.count} policies, {asked} answers, all alike")
    return asked < args.count * 15


if __name__ == "__main__":
    sys.exit(main())
