#!/usr/bin/env python3
"""A list that was fetched replaces the old one, or the old one stays, byte by byte.

What goes wrong with downloads and files is a row each; the shares of random lists of both
families are held to a reference that counts in numbers of any size; and examples/feed/fetch
is run with servers that send good lists and bad ones.
"""
import argparse
import fractions
import gzip
import http.server
import ipaddress
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
OLD = b"# a list\n" + b"".join(b"198.51.100.%d\n" % i for i in range(100)) + b"2001:db8::/48\n"
GOOD = OLD.replace(b"198.51.100.7\n", b"198.51.100.207\n")
OFFICE = OLD + b"192.0.2.5\n"
POLICY = """postern: 1
set office = 192.0.2.0/24, 2001:db8:5::/48
set drop = file "drop.txt"
$drop : block
$office : allow
* : deny
"""
CLAIM = POLICY + "expect 192.0.2.5 : allow\n"
AROUND = POLICY.replace("$drop : block\n", "").replace(
    "$office : allow", "$office : allow\n192.0.2.5 : allow\n$drop : deny")

# what came, the words behind OLD and NEW, the status, what is said
CASES = {
    "a day's change": (GOOD, [], 0, ""),
    "the same": (OLD, [], 0, ""),
    "other forms": (b"\xef\xbb\xbf198.51.100.0 - 198.51.100.99\r\n2001:db8::/48 ; x\r\n", [], 0, ""),
    "formats mixed": (b"198.51.100.0/26,\tx\n198.51.100.64-198.51.100.99 # y\n[2001:db8::]/48\n", [],
                      0, ""),
    "an error page": (b"<!DOCTYPE html><title>503</title>\n", [], 2, "page of HTML"),
    "a page within": (OLD + b"<html>\n", [], 2, "drop.txt stays as it was: new:103: "),
    "gzip": (gzip.compress(OLD), [], 2, "packed"),
    "JSON": (b'{"prefixes": []}\n', [], 2, "JSON"),
    "UTF-16": (OLD.decode().encode("utf-16"), [], 2, "UTF-16"),
    "zeros": (bytes(5000), [], 2, "stays as it was"),
    "empty": (b"", [], 2, "has no entry"),
    "remarks alone": (b"# nothing today\n", [], 2, "has no entry"),
    "truncated": (OLD[:OLD.index(b".42")] + b".", [], 2, "was it cut"),
    "cut in a length": (b"2001:db8::/64\n2001:db8::/4", ["--max-loss", "none", "--max-gain", "none"], 2,
                        "was it cut"),
    "half of it": (OLD[:len(OLD) // 2].rsplit(b"\n", 1)[0] + b"\n", [], 1,
                   "of its IPv4 addresses would go, and 20 % may; 100 % of its IPv6"),
    "ten times as large": (OLD + b"203.0.112.0/22\n", [], 1,
                           "10 times as many IPv4 addresses would come as it has, and 20 % may"),
    "all of IPv6": (OLD + b"::/0\n", [], 1, "IPv6 addresses would come as it has"),
    "few entries": (b"198.51.100.0/24\n2001:db8::/48\n", ["--min", "3", "--max-gain", "none"], 1,
                    "2 entries, and at least 3"),
    "no bound": (b"10.0.0.0/8\n", ["--max-loss", "none", "--max-gain=none"], 0, ""),
    "a bound of its own": (OLD + b"198.51.100.100\n", ["--max-gain", "0.99"], 1, "0.99 % may"),
    "just within": (OLD + b"198.51.100.100\n", ["--max-gain", "1%"], 0, ""),
    "the office": (OFFICE, ["--protect", "policy.rules"], 1, "192.0.2.5 of $office would be denied"),
    "the office, and a claim": (OFFICE, ["--protect", "claim.rules"], 1,
                                "1 claim of claim.rules would fail; 192.0.2.5 of $office"),
    "around the office": (OFFICE, ["--protect", "around.rules"], 0, ""),
    "a test beside": (GOOD, ["--protect", "beside.rules"], 1, "1 claim of beside.rules would fail"),
    "another list": (GOOD, ["--protect", "other.rules"], 2, "other.rules names no file that it is"),
    "a guard of the policy": (GOOD, ["--protect", "guarded.rules"], 1,
                              "guarded.rules:3 guards against it: it has 101 entries, and at least 200 are wanted"),
    "no policy": (GOOD, ["--protect", "broken.rules"], 2, "broken.rules:2"),
    "no such policy": (GOOD, ["--protect", "nothing.rules"], 2, "nothing.rules"),
    "odd shares": (GOOD, ["--max-loss", "much"], 2, "a share"),
    "an odd share": (GOOD, ["--max-gain", "1.234"], 2, "a share"),
}


class Office:
    def __init__(self, bin_dir):
        self.bin = os.path.abspath(bin_dir)
        self.postern = os.path.join(self.bin, "postern")
        self.folder = tempfile.mkdtemp(prefix="postern-feed-")
        self.count = self.failures = 0
        for name, text in (("policy.rules", POLICY), ("claim.rules", CLAIM),
                           ("around.rules", AROUND), ("beside.rules", POLICY),
                           ("beside_test.rules", "postern: 1\nexpect 192.0.3.9 : allow\n"),
                           ("other.rules", POLICY.replace("drop.txt", "other.txt")),
                           ("guarded.rules", POLICY.replace('"drop.txt"', '"drop.txt" at least 200')),
                           ("broken.rules", "postern: 1\nnonsense\n")):
            self.put(name, text.encode())
        self.put("other.txt", b"10.1.1.1\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)

    def get(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def check(self, good, *what):
        self.count += 1
        if not good:
            self.failures += 1
            print("FAILED", *what)

    def feed(self, *words, content=None, **more):
        return subprocess.run([self.postern, "feed", *words], cwd=self.folder, timeout=120,
                              input=content, capture_output=True, check=False, **more)

    def left(self):
        return [name for name in os.listdir(self.folder) if name.endswith(".tmp")]

    def case(self, label, content, words, status, said, stdin=False):
        self.put("drop.txt", OLD)
        self.put("new", content)
        before = os.stat(self.path("drop.txt"))
        done = self.feed("drop.txt", "-" if stdin else "new", *words,
                         content=content if stdin else None)
        first = done.stderr.decode().split("\n", 1)[0]
        if stdin:
            said = said.replace("new:", "-:")
        self.check(done.returncode == status and said in first and not done.stdout and
                   (status or not done.stderr), label, stdin, done)
        self.check(self.get("drop.txt") == (OLD if status else content), label, "is in place")
        after = os.stat(self.path("drop.txt"))
        if status or content == OLD:
            self.check((before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns),
                       label, "was touched")
        self.check(not self.left(), label, "leaves", self.left())

    def cases(self):
        for label, (content, words, status, said) in CASES.items():
            self.case(label, content, words, status, said)
            self.case(label, content, words, status, said, stdin=True)

    def missing(self):
        """An OLD that is not there is an empty list."""
        for words, content, status in (([], OLD, 0), (["--min", "101"], OLD, 0),
                                       (["--min", "102"], OLD, 1), (["--min", "2"], b"<p>", 2),
                                       (["--protect", "policy.rules"], OLD, 0),
                                       (["--protect", "policy.rules"], OFFICE, 1)):
            if self.get("drop.txt") is not None:
                os.unlink(self.path("drop.txt"))
            self.put("new", content)
            done = self.feed("drop.txt", "new", *words)
            self.check(done.returncode == status and
                       self.get("drop.txt") == (None if status else content), "missing", words, done)
        done = self.feed("no/drop.txt", "new")
        self.check(done.returncode in (1, 2, 111), "no folder", done)
        self.put("drop.txt", b"# none yet\n")
        self.put("new", OLD)
        done = self.feed("drop.txt", "new")
        self.check(done.returncode == 0 and self.get("drop.txt") == OLD, "none yet", done)

    def kinds(self):
        """What is no file is not waited for, and not read."""
        os.mkfifo(self.path("fifo"))
        self.put("drop.txt", OLD)
        for new in ("fifo", ".", "/proc/self/maps", "/dev/zero", "/dev/null", "nothing", ""):
            done = self.feed("drop.txt", new)
            self.check(done.returncode == 2 and done.stderr and self.get("drop.txt") == OLD, new, done)
        self.put("new", GOOD)
        for out in ("fifo", ".", "/dev/null", "/dev/stdout", "-", ""):
            done = self.feed("drop.txt", "new", "-o", out)
            self.check(done.returncode in (2, 111) and done.stderr and self.get("drop.txt") == OLD,
                       out, done)
        for old in ("fifo", ".", "/proc/self/maps", "-", ""):
            done = self.feed(old, "new", "-o", "drop.txt")
            self.check(done.returncode == 2 and self.get("drop.txt") == OLD, old, done)
        self.put("bad", b"nonsense\n")
        done = self.feed("bad", "new", "-o", "drop.txt")
        self.check(done.returncode == 2 and self.get("drop.txt") == OLD, "a bad OLD", done)
        os.unlink(self.path("fifo"))

    def hostile(self):
        """Lines of a megabyte, NULs, and a million entries."""
        self.put("drop.txt", OLD)
        for content in (b"9" * 1000000 + b"\n", b"1.2.3.4 " + b"x" * 1000000 + b" 1.2.3.5\0\n",
                        b"\0\n" * 1000, b"[" * 100000, b"1.2.3.4 # \x1b[31m\n1.2.3.\x1b]0;x\x07\n",
                        b"\n".join(b"\xff\xfe%d" % i for i in range(1000)), b"1.2.3.4/" * 50000):
            self.put("new", content)
            done = self.feed("drop.txt", "new")
            self.check(done.returncode == 2 and self.get("drop.txt") == OLD, content[:40], done)
            self.check(len(done.stderr) < 1000000, content[:40], "says", len(done.stderr))
            self.check(b"\0" not in done.stderr, content[:40])
        many = b"".join(b"10.%d.%d.%d\n" % (i >> 16 & 255, i >> 8 & 255, i & 255)
                        for i in range(0, 2000000, 2))
        self.put("new", many)
        done = self.feed("drop.txt", "new", "--max-loss=none", "--max-gain=none")
        self.check(done.returncode == 0 and self.get("drop.txt") == many, "a million", done)

    def places(self):
        """OUT elsewhere, a link, and one that cannot be written."""
        self.put("drop.txt", OLD)
        self.put("new", GOOD)
        done = self.feed("drop.txt", "new", "-o", "out")
        self.check(done.returncode == 0 and self.get("drop.txt") == OLD and
                   self.get("out") == GOOD, "elsewhere", done)
        self.put("out", b"whatever\n")
        done = self.feed("drop.txt", "new", "-o", "out")
        self.check(done.returncode == 0 and self.get("out") == GOOD, "over another", done)
        os.symlink("drop.txt", self.path("link"))
        os.chmod(self.path("drop.txt"), 0o640)
        done = self.feed("link", "new")
        self.check(done.returncode == 0 and os.path.islink(self.path("link")) and
                   self.get("drop.txt") == GOOD, "a link", done)
        self.check(os.stat(self.path("drop.txt")).st_mode & 0o777 == 0o640, "its mode")
        self.put("drop.txt", OLD)
        self.put("new", OFFICE)
        for name in ("link", "./drop.txt", os.path.join(self.folder, "drop.txt")):
            done = self.feed(name, "new", "--protect", "policy.rules")
            self.check(done.returncode == 1 and self.get("drop.txt") == OLD, name, done)
        os.symlink("nowhere", self.path("dangling"))
        done = self.feed("dangling", "new")
        self.check(done.returncode == 111 and os.path.islink(self.path("dangling")) and
                   self.get("nowhere") is None, "dangling", done)
        os.symlink("loop", self.path("loop"))
        done = self.feed("loop", "new")
        self.check(done.returncode in (2, 111), "a loop", done)
        os.mkdir(self.path("shut"))
        self.put("shut/drop.txt", OLD)
        os.chmod(self.path("shut"), 0o555)
        self.put("new", GOOD)
        if os.geteuid():
            done = self.feed("shut/drop.txt", "new")
            self.check(done.returncode == 111 and self.get("shut/drop.txt") == OLD, "shut", done)
        os.chmod(self.path("shut"), 0o755)
        done = self.feed("drop.txt", "../" + os.path.basename(self.folder) + "/new", "--root", "shut")
        self.check(done.returncode == 2 and self.get("drop.txt") == OLD, "outside the root", done)

    def full(self):
        """No room for the new list: the old one stays, and nothing beside it."""
        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
        self.put("drop.txt", OLD)
        self.put("new", GOOD)
        done = self.feed("drop.txt", "new", preexec_fn=small)
        self.check(done.returncode == 111 and self.get("drop.txt") == OLD and not self.left(),
                   "full", done)

    def races(self):
        """Whatever is written meanwhile by somebody else, each is whole."""
        self.put("new", GOOD)
        other = OLD + b"198.51.100.150\n"
        for _ in range(40):
            self.put("drop.txt", OLD)
            running = subprocess.Popen([self.postern, "feed", "drop.txt", "new"], cwd=self.folder,
                                       stderr=subprocess.PIPE)
            self.put("other", other)
            os.rename(self.path("other"), self.path("drop.txt"))
            said = running.communicate()[1]
            now = self.get("drop.txt")
            self.check(now in (GOOD, other) and running.returncode in (0, 111), "a race",
                       running.returncode, said)
            if running.returncode == 111:
                self.check(now == other and b"changed meanwhile" in said, "a race", said)
        self.check(not self.left(), "races leave", self.left())

    def reports(self):
        self.put("drop.txt", OLD)
        self.put("new", GOOD)
        done = self.feed("drop.txt", "new", "-v")
        self.check(done.returncode == 0 and not done.stderr and done.stdout.decode() ==
                   "drop.txt: replaced\n  entries: 101 -> 101\n"
                   "  IPv4 addresses: 100 -> 100; 1 come, 1 go\n"
                   "  IPv6 addresses: 2^80 (one /48) -> 2^80 (one /48); 0 come, 0 go\n"
                   "  comes: 198.51.100.207\n  goes: 198.51.100.7\n", done)
        wide = OLD + b"0.0.0.0/1\n"
        self.put("new", wide)
        os.unlink(self.path("drop.txt"))
        for warned in (True, False):
            done = self.feed("drop.txt", "new")
            self.check(done.returncode == 0 and (b"list-wide" in done.stderr) == warned, "wide", done)

    # shares

    def random_set(self, r, family):
        bits, unit = (32, 8) if family == 4 else (128, 124)
        nets = set()
        for _ in range(r.choice((0, 1, 1, 3, 10))):
            length = r.choice((0, 1, unit // 2, unit, bits - r.randrange(8), bits))
            base = r.getrandbits(8) << (bits - 8) | r.getrandbits(5)
            base = base >> (bits - length) << (bits - length)
            nets.add((ipaddress.IPv4Network if family == 4 else ipaddress.IPv6Network)((base, length)))
        return nets

    @staticmethod
    def spans(nets):
        """Disjoint pairs of numbers, ascending."""
        out = []
        for low, high in sorted((int(n[0]), int(n[-1])) for n in nets):
            if out and low <= out[-1][1] + 1:
                out[-1][1] = max(out[-1][1], high)
            else:
                out.append([low, high])
        return out

    @staticmethod
    def without(a, b):
        """The number of addresses of spans a that are not in spans b."""
        both = sum(max(0, min(h, k) - max(l, m) + 1) for l, h in a for m, k in b)
        return sum(h - l + 1 for l, h in a) - both

    def shares(self, r):
        before = {f: self.random_set(r, f) for f in (4, 6)}
        after = {f: ({n for n in before[f] if r.random() < .8} | self.random_set(r, f)
                     if r.random() < .7 else set(before[f])) for f in (4, 6)}
        if not any(after.values()):
            return
        lists = []
        for name, sets in (("drop.txt", before), ("new", after)):
            lists.append("".join(f"{n}\n" for f in (6, 4) for n in sorted(sets[f])))
            self.put(name, lists[-1].encode())
        hundredths = r.choice((0, 1, 1234, 2000, 5000, 10000, 25000))
        share = f"{hundredths // 100}.{hundredths % 100:02d}%"
        done = self.feed("drop.txt", "new", "--format", "json", "--max-loss", share, "--max-gain",
                         r.choice((share, share[:-1])))
        want = set()
        told = json.loads(done.stdout)
        for family in told["families"]:
            old, new = (self.spans(x[family["family"]]) for x in (before, after))
            sizes = {"before": self.without(old, []), "after": self.without(new, []),
                     "came": self.without(new, old), "went": self.without(old, new)}
            self.check({k: int(family[k]) for k in sizes} == sizes, "sizes", lists, sizes, family)
            for bound, part in (("max-loss", "went"), ("max-gain", "came")):
                if sizes[part] > fractions.Fraction(hundredths, 10000) * sizes["before"] and \
                        any(before.values()):
                    want.add((bound, family["family"]))
        got = {(reason["bound"], reason["family"]) for reason in told["reasons"]}
        self.check(got == want and done.returncode == bool(want) and
                   self.get("drop.txt").decode() == lists[not want], "shares", share, lists, want,
                   done)

    # examples/feed/fetch

    def example(self):
        served = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                status, content, length = served["now"]
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/drop.txt"
        env = dict(os.environ, PATH=self.bin + ":" + os.environ["PATH"], TMPDIR=self.folder)
        for label, status, content, length, want in (
                ("good", 200, GOOD, len(GOOD), 0), ("a page", 200, b"<html>", 6, 2),
                ("no page", 404, GOOD, len(GOOD), None), ("cut", 200, GOOD, len(GOOD) + 9, None),
                ("the office", 200, OFFICE, len(OFFICE), 1), ("empty", 200, b"", 0, 2)):
            self.put("drop.txt", OLD)
            served["now"] = (status, content, length)
            before = set(os.listdir(self.folder))
            done = subprocess.run([os.path.join(ROOT, "examples/feed/fetch"), "drop.txt", url,
                                   "--min", "50", "--protect", "policy.rules"], cwd=self.folder,
                                  env=env, capture_output=True, timeout=100, check=False)
            self.check(done.returncode == want if want is not None else done.returncode > 2, label,
                       done)
            self.check(self.get("drop.txt") == (OLD if done.returncode else GOOD), label, "in place")
            self.check(set(os.listdir(self.folder)) == before, label, "leaves something")
            self.check(bool(done.returncode) == bool(done.stderr), label, done)
        server.shutdown()
        server.server_close()
        self.jobs()

    def jobs(self):
        """Cron and systemd start it with words that it takes."""
        folder = os.path.join(ROOT, "examples/feed")
        with open(os.path.join(folder, "crontab"), encoding="ascii") as file:
            line = file.read().splitlines()[-1]
        with open(os.path.join(folder, "postern-feed.service"), encoding="ascii") as file:
            unit = re.search(r"^ExecStart=(.*fetch.*)$", file.read(), re.M).group(1)
        for words in (line.split(" && ")[1], unit):
            options = words.split()[3:]
            self.put("mail.rules", POLICY.encode())
            many = b"".join(b"10.1.%d.%d\n" % (i >> 8, i & 255) for i in range(600))
            for content, want in ((many, many), (OLD, many)):
                if want == content and self.get("drop.txt") is not None:
                    os.unlink(self.path("drop.txt"))
                self.put("new", content)
                done = self.feed("drop.txt", "new", *options)
                self.check(done.returncode == (content != want) and self.get("drop.txt") == want,
                           words, done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    office = Office(args.bin)
    try:
        for part in (office.cases, office.missing, office.kinds, office.hostile, office.places,
                     office.full, office.races, office.reports):
            part()
        r = random.Random(args.seed)
        for _ in range(args.rounds):
            office.shares(r)
        if shutil.which("curl"):
            office.example()
    finally:
        shutil.rmtree(office.folder)
    print(f"{office.count} checks, {office.failures} failures")
    return 1 if office.failures or office.count < 3 * args.rounds else 0


if __name__ == "__main__":
    sys.exit(main())
