"""What starts, serves and compiles under a limit with the originals does so with ours.

The limits are those that run scripts of qmail, vpopmail, djbdns and daemontools set:
data (-d) of 50,000 to 500,000 bytes, everything (-m) of 2 to 20 MB, 8 to 20 open files
(-o). Where ours does not, it says why. Rules that are replaced where old and new do not
fit together are served, dropped with a message, or kept; no client hangs. What each option
of ours needs is measured, and held to a table.
"""
import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time

DATA = [50000, 100000, 150000, 200000, 250000, 300000, 400000, 500000]
ALL = [2000000, 3000000, 3500000, 4000000, 5000000, 8000000, 12000000, 20000000]
FILES = [8, 10, 12, 16, 20]
LIMITS = [("-d", n) for n in DATA] + [("-m", n) for n in ALL] + [("-o", n) for n in FILES]
RULES = b'127.:allow,RELAYCLIENT=""\n192.168.1.1-20:deny\n=.example:allow\n:allow\n'
ANSWER_S = 5
PROXIED = b"PROXY TCP4 127.0.0.1 127.0.0.1 4711 25\r\n"
PATCHED = b':allow,MAXLOAD="99999900",MAXCONNIP="5",MAXCONNC="9",DIEMSG="421 no"\n'
READY = "--ready-fd"  # and a descriptor of the test
NOTIFY = "NOTIFY_SOCKET"  # and a socket of the test
COUNTS = "-k"  # and a file of the test
SHADOW = "--shadow"  # and rules of the test
# What they add to what tcpserver -RHl0 needs, at most: data (-d) and everything (-m), in bytes.
# Measured is nothing, but for the file of -k and a little of --shadow; the slack is for other compilers and libraries. docs/serving.md has it.
OPTIONS = (
    ("nothing", [], 0, 0),
    ("-C 20,60/56,200/48", ["-C", "20,60/56,200/48"], 8192, 65536),
    ("--proxy-from", ["--proxy-from", "127.0.0.0/8,2001:db8::/32"], 8192, 65536),
    ("--limits-patch", ["--limits-patch"], 8192, 65536),
    (READY, [READY], 8192, 65536),
    (NOTIFY, [NOTIFY], 8192, 65536),
    (COUNTS, [COUNTS], 8192, 131072),
    (SHADOW, [SHADOW], 16384, 131072),
    ("--log-format json", ["--log-format", "json"], 8192, 65536),
    ("all of them", ["-C", "20,60/56,200/48", "--proxy-from", "127.0.0.0/8,2001:db8::/32",
                     "--limits-patch", READY, NOTIFY, COUNTS, SHADOW, "--log-format", "json"],
     16384, 262144),
)
WHOLE = (150000, 3000000)  # and what all of that is to fit in, as the page says
STEP = {"-d": 4096, "-m": 16384}
MOST = {"-d": 500000, "-m": 20000000}

failures = 0


def check(what, good, said=""):
    global failures
    if not good:
        failures += 1
        print(f"{what}: {said}")


def run(limit, words, **how):
    return subprocess.run(["softlimit", f"{limit[0]}{limit[1]}"] + words,
                          capture_output=True, timeout=600, check=False, **how)


class Server:
    """A tcpserver under a limit, and what clients get of it."""

    def __init__(self, limit, program, options, cdb, log, **more):
        self.log = log
        with open(log, "wb") as err:
            self.process = subprocess.Popen(
                ["softlimit", f"{limit[0]}{limit[1]}", program, "-1", "-v", *options, "-x", cdb,
                 "127.0.0.1", "0", "/bin/echo", "served"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, **more)
        line = self.process.stdout.readline()
        self.port = int(line) if line.strip() else None

    def ask(self, says=b""):
        """What a client reads; None when it hangs."""
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.settimeout(ANSWER_S)
            try:
                client.sendall(says)
                return b"".join(iter(lambda: client.recv(100), b""))
            except (BrokenPipeError, ConnectionResetError):
                return b""
            except TimeoutError:
                return None

    def said(self):
        with open(self.log, "rb") as log:
            return log.read().decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def serves(limit, program, options, cdb, work):
    with Server(limit, program, options, cdb, work + "/log") as server:
        return server.port is not None and server.ask() == b"served\n", server.said()


def companions(programs, work):
    """Each with what makes it end at once."""
    rules = dict(input=RULES)
    for name, words, how in (
            ("tcprules", [work + "/{}.cdb", work + "/{}.tmp"], rules),
            ("tcprulescheck", [work + "/x.cdb"], dict(env={"TCPREMOTEIP": "192.168.1.7"})),
            ("recordio", ["/bin/echo", "x"], {}), ("fixcrio", ["/bin/echo", "x"], {}),
            ("addcr", [], dict(input=b"x\n")), ("delcr", [], dict(input=b"x\r\n")),
            ("argv0", ["/bin/echo", "x"], {}),
            ("rblsmtpd", ["-t1", "/bin/echo", "x"], {}),
            ("tcpclient", ["-RHl0", "127.0.0.1", "1", "/bin/echo"], {}),
            ("setuidgid", ["nobody", "/bin/echo"], {}),
            ("envuidgid", ["nobody", "/bin/echo"], {})):
        yield (name, {who: [os.path.join(folder, name)] + [w.format(who) for w in words]
                      for who, folder in programs.items()}, how)


def compare_companions(bins, originals, work):
    for name, words, how in companions({"ours": bins, "original": originals}, work):
        if not os.path.exists(words["original"][0]):
            words["original"][0] = os.path.join("/usr/bin", name)  # daemontools has these
        for limit in LIMITS:
            original, ours = (run(limit, words[who], **how) for who in ("original", "ours"))
            check(f"{name} {limit}", original.returncode != ours.returncode or
                  original.stdout == ours.stdout, f"{original.stdout} is {ours.stdout}")
            check(f"{name} {limit}", ours.returncode == original.returncode or
                  original.returncode in (-11, 127, 111),
                  f"{original.returncode} is {ours.returncode}: {ours.stderr}")
            check(f"{name} {limit}", ours.returncode != 111 or ours.stderr, "silent 111")


def compare_servers(bins, originals, work):
    for options in (["-RHl0"], ["-Rl0"], ["-HRl", "0", "-c", "100"], ["-l0", "-t1"]):
        for limit in LIMITS:
            theirs, _ = serves(limit, originals + "/tcpserver", options, work + "/x.cdb", work)
            ours, said = serves(limit, bins + "/tcpserver", options, work + "/x.cdb", work)
            check(f"tcpserver {options} {limit}", ours or not theirs, said)
            check(f"tcpserver {options} {limit}", ours or said, "silent")


def many(count, last):
    return b"127.:allow\n" + b"".join(
        b"10.%d.%d.%d:deny\n" % (i >> 16, i >> 8 & 255, i & 255) for i in range(count)) + last


def replace(bins, rules, work):
    done = subprocess.run([bins + "/tcprules", work + "/y.cdb", work + "/y.tmp"], input=rules,
                          capture_output=True, check=False)
    check("tcprules", done.returncode == 0, done.stderr)


def outgrow(bins, work, options):
    """Rules once fit, and never twice; then too many, then few again."""
    replace(bins, many(60000, b":allow\n"), work)
    time.sleep(0.1)
    with Server(("-m", 6200000), bins + "/tcpserver", ["-RHl0"] + options, work + "/y.cdb",
                work + "/log") as server:
        check("outgrow", server.port and server.ask() == b"served\n", server.said())
        keeps = "--keep-last-good" in options
        for count, wanted in ((60000, b"served\n"), (59000, b"served\n"),
                              (200000, b"served\n" if keeps else b""), (100, b"served\n")):
            replace(bins, many(count, b":allow\n"), work)
            for _ in range(3):
                got = server.ask()
                check(f"outgrow {options} {count}", got == wanted, f"{got}; {server.said()}")
        if not keeps:
            check("outgrow", "unable to read" in server.said() and
                  "out of memory" in server.said(), server.said())


def serves_with(limit, program, options, work):
    """Does it start under a limit with these options, and serve twice, and tell who asked?"""
    says = PROXIED if "--proxy-from" in options else b""
    more, path = {"env": {"PATH": os.environ["PATH"]}}, work + "/notify"
    ready, told = os.pipe()
    arguments = {READY: [str(told)], COUNTS: [work + "/counts"], SHADOW: [work + "/x.cdb"]}
    words = [w for o in options if o != NOTIFY for w in (o, *arguments.get(o, []))]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(ANSWER_S)
        if NOTIFY in options:
            more["env"][NOTIFY] = path
        try:
            with Server(limit, program, ["-RHl0", *words], work + "/patched.cdb", work + "/log",
                        pass_fds=[told], **more) as server:
                os.close(told)
                told = None
                if server.port is None or [server.ask(says) for _ in "12"] != [b"served\n"] * 2:
                    return False
                return ((READY not in options or os.read(ready, 2) == b"\n") and
                        (NOTIFY not in options or notify.recv(100).startswith(b"READY=1")))
        finally:
            os.unlink(path)
            os.close(ready)
            if told is not None:
                os.close(told)


def least(kind, program, options, work):
    """The least limit of a kind that it serves under, by halving."""
    low, high = 0, MOST[kind] // STEP[kind]
    check(f"{options} {kind}", serves_with((kind, MOST[kind]), program, options, work), "never")
    while high - low > 1:
        middle = (low + high) // 2
        if serves_with((kind, middle * STEP[kind]), program, options, work):
            high = middle
        else:
            low = middle
    return high * STEP[kind]


def measure_options(bins, work):
    made = subprocess.run([bins + "/tcprules", work + "/patched.cdb", work + "/patched.tmp"],
                          input=PATCHED, check=False)
    check("tcprules", made.returncode == 0)
    base = None
    for name, options, *bounds in OPTIONS:
        got = [least(kind, bins + "/tcpserver", options, work) for kind in STEP]
        base = base or got
        print(f"{name}: -d{got[0]} -m{got[1]}, adds {got[0] - base[0]} and {got[1] - base[1]}")
        for kind, found, bound, first, whole in zip(STEP, got, bounds, base, WHOLE):
            check(f"{name} {kind}", found <= first + bound, f"{found} is over {first} + {bound}")
            check(f"{name} {kind}", found <= whole, f"{found} is over {whole}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    args = parser.parse_args()
    bins, originals = os.path.abspath(args.bin), os.path.abspath(args.originals)
    with tempfile.TemporaryDirectory() as work:
        made = subprocess.run([originals + "/tcprules", work + "/x.cdb", work + "/x.tmp"],
                              input=RULES, check=False)
        check("tcprules", made.returncode == 0)
        measure_options(bins, work)
        compare_companions(bins, originals, work)
        compare_servers(bins, originals, work)
        for options in ([], ["--keep-last-good"]):
            outgrow(bins, work, options)
    print(f"{len(LIMITS)} limits, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
