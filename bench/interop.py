#!/usr/bin/env python3
"""Exports of a large list beside the programs that load them, and the import of what nft holds.

A policy denies a list of prefixes that do not touch; it is exported to each target, and the program that the
target is for loads what came out, in a network of its own where that is the kernel. `import nftables` reads
what `nft -j list set` has printed then. A MaxMind DB is held to `postern compile`. Times are of the processors,
which other work on the machine changes less, and the kernel's among them. Contestants take turns; what is printed is the ratio of ours to the program, the
median over the rounds with the least and the most behind it.
"""
import argparse
import os
import random
import resource
import statistics
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tests", name) for name in ("support", "integration", "system")]
import exports as X  # noqa: E402
import servers as S  # noqa: E402


def prefixes(count, rng):
    """Of IPv4, half of them /24, in steps that leave room between them."""
    room = (224 << 24) // count
    bits = [b for b in (8, 7, 6, 5, 4, 3, 2, 1, 0) if 2 << b <= room]
    for n in range(count):
        size = 1 << (bits[0] if rng.random() < 0.5 else rng.choice(bits))
        low = (n * room + size - 1) // size * size
        yield f"{X.ipaddress.IPv4Address(low)}/{32 - size.bit_length() + 1}"


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, **more):
    """Seconds of processors, and what was printed."""
    before = spent()
    done = X.run(*command, **more)
    took = spent() - before
    if done.returncode:
        sys.exit(f"{command}: {done.stderr[-500:]}")
    return took, done.stdout


class Loads:
    """How each target is loaded: a command, and what it reads."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.postfix = X.Postfix(programs, folder)

    def written(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        return path

    def nftables(self, path):
        nft = self.programs.path("nftables", "nft")
        X.run(nft, "flush", "ruleset", env=self.programs.env)
        return timed([nft, "-f", path], env=self.programs.env)[0]

    def ipset(self, path):
        tool = self.programs.path("ipset", "ipset")
        X.run(tool, "destroy", env=self.programs.env)
        return timed([tool, "restore", "-file", path], env=self.programs.env)[0]

    def haproxy(self, path):
        config = self.written("haproxy.cfg", "defaults\n    mode tcp\n    timeout connect 9s\n    timeout client 9s\n"
                              "    timeout server 9s\nfrontend one\n    bind 127.0.0.1:2500\n"
                              f"    tcp-request connection reject if {{ src,map_ip({path},allow) -m str deny }}\n")
        return timed([self.programs.path("haproxy", "haproxy"), "-c", "-f", config])[0]

    def nginx(self, path):
        config = self.written("nginx.conf", f"pid {self.folder}/pid; error_log {self.folder}/errors;\nevents {{ }}\n"
                              f"http {{ access_log off; include {path}; client_body_temp_path {self.folder}/body; }}\n")
        return timed([self.programs.path("nginx", "nginx"), "-t", "-q", "-e", f"{self.folder}/early", "-c", config])[0]

    def postfix_(self, path):
        return timed([self.programs.path("postfix", "postmap"), "-c", self.postfix.folder, "-q", "0.0.0.0", "cidr:" + path],
                     env=self.programs.env)[0]


TARGETS = (("nftables", "nft -f", "nftables"), ("ipset", "ipset restore", "ipset"), ("haproxy", "haproxy -c", "haproxy"),
           ("nginx", "nginx -t", "nginx"), ("postfix", "postmap -q, one query", "postfix_"))


def row(name, beside, ours, theirs):
    ratios = [a / b for a, b in zip(ours, theirs)]
    print(f"| {name} | {statistics.median(ours):.2f} | {beside} | {statistics.median(theirs):.2f} | "
          f"{statistics.median(ratios):.2g} ({min(ratios):.2g} to {max(ratios):.2g}) |", flush=True)


def databases(postern, source, compiled, rounds):
    """A MaxMind DB from either, beside the compiling of the source."""
    compiling = [postern, "compile", source, "-o", compiled + ".new"]
    for name, policy in (("export mmdb", source), ("the same from the compiled file", compiled)):
        command = ["sh", "-c", 'exec "$0" export mmdb "$1" >"$1.mmdb"', postern, policy]
        pairs = [(timed(command)[0], timed(compiling)[0]) for _ in range(3 * rounds)]
        row(name, "postern compile", *zip(*pairs))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    if os.geteuid() != 0 or not S.isolate():
        print("SKIPPED: it wants a network namespace, and to be root in it")
        return 77
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        loads = Loads(X.Programs(args.originals), folder)
        loads.written("drop.txt", "".join(p + "\n" for p in prefixes(args.count, random.Random(1))))
        loads.written("p.rules", 'postern: 1\nfile "drop.txt" : deny\n* : allow\n')
        policy = os.path.join(folder, "p.cdb")
        timed([postern, "compile", os.path.join(folder, "p.rules"), "-o", policy])
        print(f"| {args.count:,} prefixes | ours, s | beside | s | ratio |\n| --- | --- | --- | --- | --- |")
        for target, beside, how in TARGETS:
            ours, theirs = [], []
            for _ in range(args.rounds):
                took, text = timed([postern, "export", target, policy])
                ours.append(took)
                theirs.append(getattr(loads, how)(loads.written("export." + target, text)))
            row("export " + target, beside, ours, theirs)
        loads.nftables(os.path.join(folder, "export.nftables"))
        ours, theirs = [], []
        listed = [loads.programs.path("nftables", "nft"), "-j", "list", "set", "inet", "filter", "postern_denied4"]
        for _ in range(args.rounds):
            took, text = timed(listed, env=loads.programs.env)
            theirs.append(took)
            ours.append(timed([postern, "import", "nftables", loads.written("set.json", text)])[0])
        row("import nftables", "nft -j list set", ours, theirs)
        databases(postern, os.path.join(folder, "p.rules"), policy, args.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
