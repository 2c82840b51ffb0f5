#!/usr/bin/env python3
"""The language server under somebody who types: `./dev bench` runs it.

A keystroke is a change of one character in the middle of the root; its time is to the
diagnostics that it makes, by the clock and of the server's processor alone, whatever else runs.
Completion and hover are asked behind it. Memory is the largest of the process, beside its sources.
"""
import argparse
import os
import random
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/support"))
import language_client as client  # noqa: E402

KEYSTROKES = 200


def rules(draw):
    """10,000 rules as people have them: addresses, prefixes, hosts and suffixes."""
    lines = ["postern: 1", "set office = 10.1.0.0/16", '$office : allow, RELAYCLIENT=""']
    for i in range(10000):
        octets = [draw.randrange(11, 223), *(draw.randrange(256) for _ in range(3))]
        lines.append((
            "{}.{}.{}.{} : allow, TAG=\"n%d\"" % i, "{}.{}.{}.0/24 : deny, TAG=\"n%d\"" % i,
            f"=h{i}.example : allow, TAG=\"h{i}\"", f"=.d{i}.example : deny")[i % 4].format(*octets))
    return "\n".join(lines + ["* : deny", ""])


def million(draw):
    """A million addresses of a list, each once, in order."""
    numbers = sorted(draw.sample(range(0x0b000000, 0xdf000000), 1000000))
    return "".join(f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\n" for n in numbers)


def processor(server):
    """The seconds of all threads of the server so far."""
    tasks = f"/proc/{server.process.pid}/task"
    total = 0
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/schedstat", encoding="ascii") as stat:
            total += int(stat.read().split()[0])
    return total / 1e9


def peak_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def percentile(times, share=0.95):
    return sorted(times)[int(len(times) * share)] * 1000


def measure(postern, folder, text, sources, line):
    """Types a comment at the end of a line, and takes it away again."""
    with open(os.path.join(folder, "root.rules"), "w", encoding="ascii") as out:
        out.write(text)
    server = client.Client(postern, folder)
    server.begin()
    uri = server.open(os.path.join(folder, "root.rules"))
    server.settle(uri)
    column = len(text.split("\n")[line])
    keys, works, completions, hovers, first = [], [], [], [], []
    doc = {"textDocument": {"uri": uri}}
    for i in range(KEYSTROKES):
        typed = i % 20
        at = {"line": line, "character": column + typed}
        start, work = time.monotonic(), processor(server)
        if typed == 19:
            server.change(uri, {"range": {"start": {"line": line, "character": column},
                                          "end": at}, "text": ""})
        else:
            server.change(uri, {"range": {"start": at, "end": at}, "text": " # a comment, typed!"[typed]})
        asked = time.monotonic()
        server.call("textDocument/completion", {**doc, "position": {"line": line, "character": 0}})
        completions.append(time.monotonic() - asked)
        server.settle(uri)
        keys.append(time.monotonic() - start)
        works.append(processor(server) - work)
        asked = time.monotonic()
        server.call("textDocument/hover", {**doc, "position": {"line": line, "character": 2}})
        (hovers if i else first).append(time.monotonic() - asked)
    peak = peak_kib(server)
    server.end()
    return [percentile(keys), percentile(works), percentile(completions), percentile(hovers), peak / 1024,
            (sources * 3 + (64 << 20)) / (1 << 20)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    draw = random.Random(1)
    print("| policy | keystroke to diagnostics | of that the server's processor | completion | "
          "hover | peak memory | three times the sources and 64 MB |\n"
          "| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        text = rules(draw)
        rows = [("10,000 rules", text, len(text), 5000)]
        listed = million(draw)
        with open(os.path.join(folder, "list.txt"), "w", encoding="ascii") as out:
            out.write(listed)
        text = ('postern: 1\nset office = 10.0.0.0/24, 10.0.9.0/24\nset drop = file "list.txt"\n'
                '$drop : block\n$office : allow, A="1"\n* : allow\n')
        rows.append(("a list of a million lines", text, len(listed) + len(text), 4))
        for name, text, size, line in rows:
            keys, work, completion, hover, peak, limit = measure(postern, folder, text, size, line)
            print(f"| {name} | {keys:.1f} ms | {work:.1f} ms | {completion:.1f} ms | {hover:.1f} ms | {peak:.0f} MiB "
                  f"| {limit:.0f} MiB |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
