#!/usr/bin/env python3
"""Prints the tables of docs/performance.md: ratios to other tools, in one run.

Contestants take turns within a round, and the first of a round changes; a ratio is the
median over the rounds of the ratio within each, with the quartiles behind it.
"""
import argparse
import ipaddress
import os
import random
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import published


def spread(values):
    values = sorted(values)
    low, high = values[len(values) // 4], values[(3 * len(values)) // 4]
    return f"{statistics.median(values):.2f} ({low:.2f} to {high:.2f})"


def parts(values):
    """How many times faster, as the part of the time that is left."""
    values = sorted(values)
    low, high = values[len(values) // 4], values[(3 * len(values)) // 4]
    return f"1/{statistics.median(values):.0f} (1/{high:.0f} to 1/{low:.0f})"


def rule_text(count):
    """Addresses, about 20 bytes a line, as in a block list."""
    r = random.Random(count)
    return "".join("%d.%d.%d.%d:%s\n" % (r.randrange(1, 224), r.randrange(256),
                                         r.randrange(256), r.randrange(256),
                                         r.choice(("deny", "deny", "allow")))
                   for _ in range(count))


def relay_text(count):
    """The same with a variable on each line."""
    return "".join(line + ',RELAYCLIENT="",TAG="office"\n'
                   for line in rule_text(count).splitlines())


def run_once(program, source, folder):
    """Seconds of one compile."""
    with open(source, "rb") as stdin:
        start = time.perf_counter()
        subprocess.run([program, "out.cdb", "out.tmp"], stdin=stdin, cwd=folder, check=True)
        return time.perf_counter() - start


def peak(program, source, folder):
    """Peak memory in MiB, by time(1): a child of ours would count our own pages too."""
    with open(source, "rb") as stdin:
        done = subprocess.run(["/usr/bin/time", "-f", "%M", program, "out.cdb", "out.tmp"],
                              stdin=stdin, cwd=folder, check=True, stderr=subprocess.PIPE)
    return int(done.stderr) / 1024


def compile_rounds(contestants, source, folder, rounds):
    times = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        for name in names[number % len(names):] + names[:number % len(names)]:
            times[name].append(run_once(contestants[name], source, folder))
    return times, {name: peak(contestants[name], source, folder) for name in names}


def bench_compile(args, folder):
    contestants = {"original": os.path.join(args.originals, "ucspi-tcp/usr/bin/tcprules"),
                   "postern": os.path.join(args.bin, "tcprules")}
    print("\n## Compiling classic rules (time and peak memory of the whole process)\n")
    print("| rules | original, ms | ours, ms | ratio (quartiles) | original, MiB | ours, MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    medians = {}
    for label, text, count, rounds in (("10,000", rule_text, 10000, 61),
                                       ("100,000", rule_text, 100000, 31),
                                       ("1,000,000", rule_text, 1000000, 15),
                                       ("1,000,000 with variables", relay_text, 1000000, 9)):
        source = os.path.join(folder, "in.rules")
        with open(source, "w", encoding="ascii") as out:
            out.write(text(count))
        times, peaks = compile_rounds(contestants, source, folder,
                                      max(5, int(rounds * args.scale)))
        ratios = [b / a for a, b in zip(times["original"], times["postern"])]
        medians[label] = statistics.median(times["postern"])
        print(f"| {label} | {statistics.median(times['original']) * 1e3:.1f} "
              f"| {medians[label] * 1e3:.1f} | {spread(ratios)} "
              f"| {peaks['original']:.1f} | {peaks['postern']:.1f} |")
    print(f"\nGrowth: {medians['100,000'] / medians['10,000']:.1f} times from 10,000 to "
          f"100,000 rules, {medians['1,000,000'] / medians['100,000']:.1f} times from there "
          "to a million.")


def bench_lookup(args, folder):
    tcprules = os.path.join(args.bin, "tcprules")
    lookup = os.path.join(args.bin, "../bench-bin/bench_lookup")
    print("\n## Deciding from a classic cdb (IPv4, random addresses; ns a decision)\n")
    print("| rules | five bare probes | ours | ratio (quartiles) | the original's way "
          "| that to ours | open | open, to that of ten rules |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    paths = {}
    for count in (10, 1000, 100000, 1000000):
        source = os.path.join(folder, f"{count}.rules")
        paths[count] = os.path.join(folder, f"{count}.cdb")
        with open(source, "w", encoding="ascii") as out:
            out.write(rule_text(count))
        with open(source, "rb") as stdin:
            subprocess.run([tcprules, paths[count], os.path.join(folder, "t")], stdin=stdin,
                           check=True)
    for count in (1000, 100000, 1000000):
        out = subprocess.run([lookup, paths[count], paths[10], "11"], capture_output=True,
                             text=True, check=True).stdout
        rounds = [dict(zip(words[::2], map(float, words[1::2])))
                  for words in map(str.split, out.splitlines())]
        median = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        print(f"| {count:,} | {median['bare']:.0f} | {median['decide']:.0f} "
              f"| {spread([r['decide'] / r['bare'] for r in rounds])} "
              f"| {median['original']:.0f} "
              f"| {spread([r['original'] / r['decide'] for r in rounds])} "
              f"| {median['open']:.0f} "
              f"| {spread([r['open'] / r['open_small'] for r in rounds])} |")


V4_LENGTHS = ([16, 18, 20, 21, 22, 23, 24, 26, 28, 30, 32],
              [2, 2, 4, 4, 8, 8, 50, 5, 5, 5, 20])
V6_LENGTHS = ([29, 32, 36, 40, 44, 48, 56, 64], [5, 25, 5, 8, 8, 40, 5, 10])


def prefix_list(count, family):
    """Random prefixes, each once, with lengths as published lists have them."""
    r = random.Random(count * 10 + family)
    seen = set()
    while len(seen) < count:
        if family == 4:
            length = r.choices(*V4_LENGTHS)[0]
            number = r.randrange(1 << 24, 223 << 24) >> (32 - length) << (32 - length)
            seen.add("%s/%d" % (ipaddress.IPv4Address(number), length))
        else:
            length = r.choices(*V6_LENGTHS)[0]
            number = (2 << 124 | r.getrandbits(124)) >> (128 - length) << (128 - length)
            seen.add("%s/%d" % (ipaddress.IPv6Address(number), length))
    return "\n".join(sorted(seen, key=lambda _: r.random())) + "\n"


def list_policy(folder, count, family, text):
    """A list of that text, and a policy that denies it; their paths."""
    name = os.path.join(folder, f"{family}.{count}")
    with open(name + ".txt", "w", encoding="ascii") as out:
        out.write(text)
    with open(name + ".rules", "w", encoding="ascii") as out:
        out.write(f'postern: 1\nset l = file "{family}.{count}.txt"\n$l : deny\n* : allow\n')
    return name + ".txt", name + ".rules", name + ".cdb"


def race_prefixes(args, folder, paths, classic, family):
    """What bench_prefixes measures, a dictionary a round."""
    tree = os.path.join(folder, "tree.mmdb")
    out = subprocess.run([os.path.join(args.bin, "../bench-bin/bench_prefixes"), paths[0],
                          paths[2], classic, tree, str(family),
                          str(max(5, int(9 * args.scale)))],
                         capture_output=True, text=True, check=True).stdout
    return [dict(zip(words[::2], map(float, words[1::2])))
            for words in map(str.split, out.splitlines())]


def bench_native(args, folder):
    """Deciding from native images of lists; the lists, for whoever goes on with them."""
    postern = os.path.join(args.bin, "postern")
    print("\n## Deciding from a native image (ns a whole decision; half of the queries listed)\n")
    print("| prefixes | ours | libmaxminddb | five cdb probes | ours to libmaxminddb (quartiles) "
          "| ours to the probes | many at once | that to libmaxminddb (quartiles; at most 1/25 and 1/20) "
          "| bytes a prefix | of libmaxminddb |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    lists = {}
    for family in (4, 6):
        for count in (1000, 100000, 1000000):
            paths = list_policy(folder, count, family, prefix_list(count, family))
            lists[family, count] = paths
            subprocess.run([postern, "compile", paths[1]], check=True)
            classic = os.path.join(folder, f"{count}.cdb") # of bench_lookup()
            rounds = race_prefixes(args, folder, paths, classic, family)
            median = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
            probes = "" if family == 6 else spread([r["decide"] / r["probes"] for r in rounds])
            print(f"| IPv{family}, {count:,} | {median['decide']:.1f} | {median['mmdb']:.0f} "
                  f"| {'' if family == 6 else round(median['probes'])} "
                  f"| {spread([r['decide'] / r['mmdb'] for r in rounds])} | {probes} "
                  f"| {median['many']:.1f} "
                  f"| {parts([r['mmdb'] / r['many'] for r in rounds])} "
                  f"| {os.path.getsize(paths[2]) / count:.1f} "
                  f"| {median['mmdb_bytes'] / count:.0f} |")
    return lists


def bench_published(args, folder):
    """The same of tables as they are published, where npm has them."""
    print("\n## Tables as they are published (ns an address; half of the queries listed)\n")
    print("| table | prefixes | ours | libmaxminddb | ratio (quartiles) | many at once "
          "| ratio (quartiles; at most 1/25 and 1/20) |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, family, text in published.tables(folder):
        count = text.count("\n")
        paths = list_policy(folder, count, family, text)
        subprocess.run([os.path.join(args.bin, "postern"), "compile", paths[1]], check=True)
        rounds = race_prefixes(args, folder, paths, os.path.join(folder, "100000.cdb"), family)
        median = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        print(f"| {name}, IPv{family} | {count:,} | {median['decide']:.1f} | {median['mmdb']:.0f} "
              f"| {parts([r['mmdb'] / r['decide'] for r in rounds])} | {median['many']:.1f} "
              f"| {parts([r['mmdb'] / r['many'] for r in rounds])} |")


def timed(words, folder):
    """Seconds and peak MiB of a program, by time(1)."""
    start = time.perf_counter()
    done = subprocess.run(["/usr/bin/time", "-f", "%M"] + words, cwd=folder, check=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return time.perf_counter() - start, int(done.stderr.split()[-1]) / 1024


def bench_list(args, folder, lists):
    postern = os.path.join(args.bin, "postern")
    print("\n## Compiling a list of CIDRs (whole process, with proofs of nothing)\n")
    print("| prefixes | iprange, ms | ours, ms | ratio (quartiles) | iprange, MiB | ours, MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    medians = {}
    for family, count in sorted(lists):
        source, rules, _ = lists[family, count]
        times, peaks = {"iprange": [], "ours": []}, {}
        words = {"ours": [postern, "compile", rules, "-o", "out.cdb"]}
        if family == 4: # iprange knows no other
            words["iprange"] = ["iprange", source]
        for _ in range(max(5, int(9 * args.scale))):
            for name, command in words.items():
                seconds, peaks[name] = timed(command, folder)
                times[name].append(seconds)
        medians[family, count] = statistics.median(times["ours"])
        peer = ["", "", ""]
        if family == 4:
            peer = [f"{statistics.median(times['iprange']) * 1e3:.1f}",
                    spread([a / b for a, b in zip(times["ours"], times["iprange"])]),
                    f"{peaks['iprange']:.1f}"]
        print(f"| IPv{family}, {count:,} | {peer[0]} | {medians[family, count] * 1e3:.1f} "
              f"| {peer[1]} | {peer[2]} | {peaks['ours']:.1f} |")
    print(f"\nGrowth from 100,000 to a million: "
          f"{medians[4, 1000000] / medians[4, 100000]:.1f} times for IPv4, "
          f"{medians[6, 1000000] / medians[6, 100000]:.1f} times for IPv6.")


def lint_texts(folder, count):
    """What is linted: a list that a policy denies, and the same with a rule for each line."""
    text = prefix_list(count, 4)
    source, policy, _ = list_policy(folder, count, 4, text)
    rules = os.path.join(folder, f"each.{count}.rules")
    with open(rules, "w", encoding="ascii") as out:
        out.write("postern: 1\n" +
                  "".join(line + " : deny\n" for line in text.splitlines()) + "* : allow\n")
    return [("list", source, policy), ("rules", rules, rules)]


def bench_lint(args, folder):
    """Every check on, against a sort of the same file, in turns."""
    postern = os.path.join(args.bin, "postern")
    print("\n## Linting CIDRs (whole process, every check on; `LC_ALL=C sort` of the same file)\n")
    print("| CIDRs | sort, ms | ours, ms | ratio (quartiles) | sort, MiB | ours, MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    medians = {}
    for count in (10000, 100000, 1000000):
        for kind, source, policy in lint_texts(folder, count):
            times, peaks = {"sort": [], "ours": []}, {}
            words = {"sort": ["env", "LC_ALL=C", "sort", source],
                     "ours": [postern, "lint", "--fail-level", "never", policy]}
            for _ in range(max(5, int(9 * args.scale))):
                for name, command in words.items():
                    seconds, peaks[name] = timed(command, folder)
                    times[name].append(seconds)
            medians[kind, count] = statistics.median(times["ours"])
            print(f"| {count:,}, {'of a list' if kind == 'list' else 'a rule each'} "
                  f"| {statistics.median(times['sort']) * 1e3:.1f} "
                  f"| {medians[kind, count] * 1e3:.1f} "
                  f"| {spread([a / b for a, b in zip(times['ours'], times['sort'])])} "
                  f"| {peaks['sort']:.1f} | {peaks['ours']:.1f} |")
    start = statistics.median(timed([postern, "--version"], folder)[0] for _ in range(21))
    print(f"\nGrowth from 100,000 to a million: "
          f"{medians['list', 1000000] / medians['list', 100000]:.1f} times for a list, "
          f"{medians['rules', 1000000] / medians['rules', 100000]:.1f} for rules; 10,000 rules "
          f"take as long as {medians['rules', 10000] / start:.1f} starts of a process.")


def write_pair(folder, names, targets, row, around=("", "")):
    """A policy with a rule for each target, and the same with one in a hundred changed."""
    rng = random.Random(5)
    rng.shuffle(targets)
    flipped = set(rng.sample(range(len(targets)), len(targets) // 100))
    for number, name in enumerate(names):
        with open(os.path.join(folder, name), "w", encoding="ascii") as out:
            out.write(around[0])
            for n, target in enumerate(targets):
                deny = (n % 3 != 0) != (number == 1 and n in flipped)
                out.write(row.format(target, "deny" if deny else "allow"))
            out.write(around[1])


def some_prefixes(count):
    rng, rows = random.Random(5), set()
    while len(rows) < count:
        length = rng.choice((32, 32, 24, 28, 20, 16, 30))
        rows.add((rng.getrandbits(32) >> (32 - length) << (32 - length), length))
    return [f"{ipaddress.ip_address(start)}/{length}" for start, length in sorted(rows)]


def write_pairs(folder, count):
    """In the extended language, the same of a thousand rules, and in the classic one."""
    around = ("postern: 1\n", "* : allow\n")
    write_pair(folder, ("old.rules", "new.rules"), some_prefixes(count), "{} : {}\n", around)
    write_pair(folder, ("small.old.rules", "small.new.rules"), some_prefixes(1000), "{} : {}\n",
               around)
    addresses = [str(ipaddress.ip_address(a)) for a in random.Random(6).sample(range(1 << 32), count)]
    write_pair(folder, ("classic.old", "classic.new"), addresses, "{}:{}\n", ("", ":allow\n"))


def bench_toolkit(args, folder):
    """Comparing, formatting and replaying, each against its peer, in turns."""
    postern = os.path.join(args.bin, "postern")
    count, lines = 1000000, 2000000
    write_pairs(folder, count)
    for name in ("old", "new", "small.old", "small.new"):
        subprocess.run([postern, "compile", name + ".rules"], cwd=folder, check=True)
    for name in ("classic.old", "classic.new"):
        subprocess.run([postern, "compile", "-o", name + ".cdb", name], cwd=folder, check=True)
    rng = random.Random(3)
    with open(os.path.join(folder, "log"), "w", encoding="ascii") as out:
        for n in range(lines):
            out.write(f"@400000006925 tcpserver: {'ok' if n % 5 else 'deny'} {n % 32768} "
                      f"l:192.0.2.1:25 :{ipaddress.ip_address(rng.getrandbits(32))}::{n % 60000}\n")
    sort, awk = ["env", "LC_ALL=C", "sort", "old.rules"], ["awk", "{print $1}", "log"]
    classic_sort = sort[:-1] + ["classic.old"]
    rows = (("diff, two compiled policies of a million rules", sort,
             [postern, "diff", "old.cdb", "new.cdb"]),
            ("diff, their sources", sort, [postern, "diff", "old.rules", "new.rules"]),
            ("diff, two classic sources of a million rules", classic_sort,
             [postern, "diff", "classic.old", "classic.new"]),
            ("diff, the same compiled", classic_sort,
             [postern, "diff", "classic.old.cdb", "classic.new.cdb"]),
            ("fmt, a million lines", sort, ["sh", "-c", f"{shlex.quote(postern)} fmt - <old.rules"]),
            ("replay -j 1, two million lines, a thousand rules", awk,
             [postern, "replay", "-j", "1", "small.old.cdb", "small.new.cdb", "log"]),
            ("the same on all cores", awk,
             [postern, "replay", "small.old.cdb", "small.new.cdb", "log"]),
            ("replay -j 1, a million rules", awk,
             [postern, "replay", "-j", "1", "old.cdb", "new.cdb", "log"]),
            ("the same on all cores", awk, [postern, "replay", "old.cdb", "new.cdb", "log"]),
            ("check --batch, a thousand rules", awk,
             ["sh", "-c", f"{shlex.quote(postern)} check --batch small.old.cdb <log"]),
            ("check --batch, a million rules", awk,
             ["sh", "-c", f"{shlex.quote(postern)} check --batch old.cdb <log"]))
    print("\n## The toolkit (whole process; `LC_ALL=C sort` of one source, `awk '{print $1}'` of the "
          "log)\n")
    print("| work | peer, ms | ours, ms | ratio (quartiles) | ours, MiB |")
    print("| --- | --- | --- | --- | --- |")
    for name, peer, ours in rows:
        times, peak = {"peer": [], "ours": []}, 0
        for _ in range(max(5, int(7 * args.scale))):
            times["peer"].append(timed(peer, folder)[0])
            seconds, peak = timed(["sh", "-c", shlex.join(ours) + " || true"], folder)
            times["ours"].append(seconds)
        print(f"| {name} | {statistics.median(times['peer']) * 1e3:.0f} "
              f"| {statistics.median(times['ours']) * 1e3:.0f} "
              f"| {spread([a / b for a, b in zip(times['ours'], times['peer'])])} | {peak:.0f} |")


def clean_text(count):
    """A rule for each of as many addresses that no other one says anything of."""
    numbers = random.Random(count).sample(range(1 << 23, 111 << 24), count)
    return ("postern: 1\n" + "".join(f"{ipaddress.ip_address(2 * n)} : deny\n" for n in numbers)
            + "* : allow\n")


EACH_SIZES = (100000, 1000000)
EACH = ( # what, the text that is sorted, the most that it may take of the sort, the words
    ("compile", "each.rules", 2.0, "compile each.rules -o out.cdb"),
    ("lint without findings", "clean.rules", 1.5, "lint --fail-level never clean.rules"),
    ("lint, with findings", "each.rules", 3.0, "lint --fail-level never each.rules"),
    ("diff of two sources", "old.rules", 3.0, "diff old.rules new.rules"),
    ("diff of two classic sources", "classic.old", 2.0, "diff classic.old classic.new"),
    ("diff of compiled files", "old.rules", 1.2, "diff old.cdb new.cdb"),
    ("fmt", "old.rules", None, "fmt - <old.rules"),
    ("minimize", "old.rules", None, "minimize old.rules"),
)


def each_texts(args, folder, count):
    """The files of EACH, of so many rules."""
    os.mkdir(folder)
    write_pairs(folder, count)
    with open(os.path.join(folder, "clean.rules"), "w", encoding="ascii") as out:
        out.write(clean_text(count))
    with open(os.path.join(folder, "each.rules"), "w", encoding="ascii") as out:
        out.write("postern: 1\n" + "".join(line + " : deny\n" for line
                                           in prefix_list(count, 4).splitlines())
                  + "* : allow\n")
    for name in ("old", "new"):
        subprocess.run([args.postern, "compile", name + ".rules"], cwd=folder, check=True)


def bench_each(args, folder):
    """A rule a line: each verb beside a sort of the text, and how it grows."""
    args.postern = os.path.join(args.bin, "postern")
    print("\n## A rule a line (whole process; to `LC_ALL=C sort` of the same text)\n")
    print("| work, a million rules | sort, ms | ours, ms | ratio (quartiles) | at most | ours, MiB "
          "| growth from 100,000 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for count in EACH_SIZES:
        each_texts(args, os.path.join(folder, f"each.{count}"), count)
    for what, text, most, words in EACH:
        medians, peak = {}, 0
        for count in EACH_SIZES:
            here = os.path.join(folder, f"each.{count}")
            times = {"sort": [], "ours": []}
            command = f"{shlex.quote(args.postern)} {words} || true"
            for _ in range(max(3, int((3 if what == "minimize" else 7) * args.scale))):
                times["sort"].append(timed(["env", "LC_ALL=C", "sort", text], here)[0])
                seconds, peak = timed(["sh", "-c", command], here)
                times["ours"].append(seconds)
            medians[count] = statistics.median(times["ours"])
        print(f"| {what} | {statistics.median(times['sort']) * 1e3:.0f} "
              f"| {medians[EACH_SIZES[1]] * 1e3:.0f} "
              f"| {spread([a / b for a, b in zip(times['ours'], times['sort'])])} "
              f"| {most or ''} | {peak:.0f} "
              f"| {medians[EACH_SIZES[1]] / medians[EACH_SIZES[0]]:.1f} |")


def bench_open(args, folder, lists):
    lookup = os.path.join(args.bin, "../bench-bin/bench_open")
    with open(os.path.join(folder, "ten.rules"), "w", encoding="ascii") as out:
        out.write("postern: 1\n* : deny\n" +
                  "".join(f"10.{n}.0.0/16 : allow\n" for n in range(9)))
    subprocess.run([os.path.join(args.bin, "postern"), "compile", "ten.rules"], cwd=folder,
                   check=True)
    out = subprocess.run([lookup, lists[4, 1000000][2], os.path.join(folder, "ten.cdb")],
                         capture_output=True, text=True, check=True).stdout
    rounds = [list(map(float, line.split())) for line in out.splitlines()]
    print("\nOpening a native image of a million prefixes, mapped: "
          f"{statistics.median(r[0] for r in rounds):.0f} ns, to that of ten rules "
          f"{spread([r[0] / r[1] for r in rounds])}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--scale", type=float, default=1, help="more or fewer rounds")
    parser.add_argument("--toolkit", action="store_true", help="diff, fmt and replay alone")
    parser.add_argument("--lint", action="store_true", help="the linter's table alone")
    parser.add_argument("--native", action="store_true", help="the tables of look-ups in images alone")
    parser.add_argument("--each", action="store_true", help="the table of a rule a line alone")
    args = parser.parse_args()
    args.bin, args.originals = os.path.abspath(args.bin), os.path.abspath(args.originals)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        if args.native:
            bench_lookup(args, folder)
            bench_native(args, folder)
            bench_published(args, folder)
            return 0
        if not args.lint:
            if not args.toolkit:
                bench_each(args, folder)
            if args.each:
                return 0
            bench_toolkit(args, folder)
        if args.toolkit:
            return 0
        bench_lint(args, folder)
        if args.lint:
            return 0
        bench_compile(args, folder)
        bench_lookup(args, folder)
        lists = bench_native(args, folder)
        bench_published(args, folder)
        bench_open(args, folder, lists)
        bench_list(args, folder, lists)
    return 0


if __name__ == "__main__":
    sys.exit(main())
