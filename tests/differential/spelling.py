#!/usr/bin/env python3
"""How both tcpservers write IPv6 addresses: all 256 patterns of zero groups.

In a network namespace of its own, a client connects from an address of each pattern; the
same text has to stand in the environment and in the log, and one cdb, whose keys are
prefixes of such texts, has to decide alike.
"""
import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import servers  # noqa: E402

PORT = 2500
SKIPPED = 77
# first groups of text as they stand in rule files: each decides some patterns only
KEYS = ["2001:", "2001::", "2001:0:", "2001:db8::", "2001:db8:0:", "2001:db8:3::", "2001:db8:3:0:",
        "2001:db8:3:4::", "2001:db8:3:4:0:", "2001:db8::4:", "2001::3:", "::", "::db8:", "0:db8:",
        "0:0:", "0:db8:3::", "2001:0:3:", "2001:0:3::", "2001:0:0:", "::7:8", "::8"]


def address(pattern):
    """The address whose group n is zero where bit n is set."""
    groups = ["0" if pattern >> n & 1 else text
              for n, text in enumerate("2001 db8 3 4 5 6 7 8".split())]
    return ":".join(groups)


def rules():
    lines = [f'{key}:allow,KEY="{key}"' for key in KEYS]
    return "\n".join(lines + [":allow", ""])


class Server:
    """tcpserver, whose program tells its client what it was given."""

    def __init__(self, binary, cdb, log):
        self.log = open(log, "wb")
        tell = 'echo "$TCPREMOTEIP $TCP6REMOTEIP $TCPLOCALIP $TCP6LOCALIP $KEY"'
        self.process = subprocess.Popen(
            [binary, "-vRHl0", "-x", cdb, "0", str(PORT), "sh", "-c", tell],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def ask(self, source):
        for _ in range(600):
            try:
                with socket.socket(socket.AF_INET6) as client:
                    client.settimeout(60)
                    client.bind((source, 0))
                    client.connect((source, PORT))
                    return client.makefile().read()
            except ConnectionRefusedError:
                if self.process.poll() is not None:
                    sys.exit("the server ended")
                servers.time.sleep(0.05)
        sys.exit("the server does not answer")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


def logged(path):
    """The addresses of the ok lines."""
    found = []
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split(" ")
        if words[:2] == ["tcpserver:", "ok"]:
            found.append(words[-1].split(":", 1)[1].rsplit("::", 1)[0])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    args = parser.parse_args()
    original = os.path.join(args.originals, "ucspi-tcp-ipv6/usr/bin")
    if not servers.isolate():
        return SKIPPED
    sources = [address(pattern) for pattern in range(255)]  # the last is no source
    batch = "".join(f"addr add {a}/128 dev lo nodad\n" for a in sources)
    if subprocess.run(["ip", "-6", "-batch", "-"], input=batch, text=True, check=False).returncode:
        print("no IPv6 to be had")
        return SKIPPED
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        cdb = os.path.join(folder, "rules.cdb")
        subprocess.run([os.path.join(original, "tcprules"), cdb, cdb + ".tmp"], input=rules(),
                       text=True, check=True)
        said, logs = [], []
        for n, tools in enumerate((original, args.bin)):
            log = os.path.join(folder, f"log{n}")
            server = Server(os.path.join(tools, "tcpserver"), cdb, log)
            said.append([server.ask(source) for source in sources])
            server.end()
            logs.append(logged(log))
        for source, theirs, ours in zip(sources, *said):
            if theirs != ours or not ours:
                print(f"{source}: the original says {theirs!r}, ours {ours!r}")
                faults += 1
        if logs[0] != logs[1] or len(logs[0]) != len(sources):
            print("the logs differ:", [pair for pair in zip(*logs) if pair[0] != pair[1]][:5],
                  len(logs[0]), len(logs[1]))
            faults += 1
        decided = {line.split()[-1] for line in said[0] if line.split()[-1] in KEYS}
        if len(decided) < 12:
            print("the keys decide too few:", sorted(decided))
            faults += 1
        faults += checkers(args, original, cdb, sources, said[0])
    print(f"{len(sources)} addresses, {len(decided)} keys that decided, {faults} faults")
    return 1 if faults else 0


def checkers(args, original, cdb, sources, said):
    """The original's tcprulescheck is the judge of check, which is given the address."""
    faults = 0
    batch = "".join(f"{source}\n" for source in sources)
    ours = subprocess.run([os.path.join(args.bin, "postern"), "check", "--batch", cdb],
                          input=batch, capture_output=True, text=True, check=False)
    answers = ours.stdout.splitlines()
    if len(answers) != len(sources):
        print("check --batch:", ours.stdout[:300], ours.stderr[:300])
        return 1
    for source, line, answer in zip(sources, said, answers):
        text = line.split(" ")[0]
        env = {"TCPREMOTEIP": text, "PATH": os.environ["PATH"]}
        judge = subprocess.run([os.path.join(original, "tcprulescheck"), cdb], env=env,
                               capture_output=True, text=True, check=False).stdout
        key = line.rstrip("\n").split(" ")[-1]
        if (f"set environment variable KEY={key}" in judge) != bool(key) or \
                (f'KEY="{key}"' in answer or f"KEY={key}" in answer) != bool(key):
            print(f"{source}, {text}: served with {key!r}, the judge says {judge!r}, "
                  f"check {answer!r}")
            faults += 1
    return faults


if __name__ == "__main__":
    sys.exit(main())
