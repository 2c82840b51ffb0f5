#!/usr/bin/env python3
"""udpserver: who is given a program, what reaches it, from where it answers, what is left."""
import argparse
import contextlib
import functools
import json
import os
import re
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
from observe import counts, descriptors, settle  # noqa: E402

WAIT, EACH = ["-vHl0"], ["-vHl0", "--per-source"]
TESTS = []
ARGS = None


def test(function):
    TESTS.append(function)
    return function


def both(function):
    """Of -w and of --per-source."""
    for name, options in (("wait", WAIT), ("per_source", EACH)):
        one = functools.partial(function, options=options)
        TESTS.append(functools.update_wrapper(one, function))
        one.__name__ = f"{function.__name__}_{name}"
    return function


class Case(observe.Case):
    def compile(self, text, name="rules.cdb"):
        subprocess.run([os.path.join(self.programs, "postern"), "compile", "-", "-o",
                        self.path(name)], input=text.encode(), check=True)
        return self.path(name)

    def server(self, *args, **more):
        more.setdefault("program", [ARGS.name_server])
        return observe.Server(self, args, name="udpserver", **more)

    def script(self, text):
        """A program in Python, started often, and so without what is not needed."""
        return [sys.executable, "-ISBc", text]


class Source:
    """A socket that asks; `address` is where, if it is not the server's own."""

    def __init__(self, server, source="127.0.0.1", address=None):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(observe.PATIENCE)
        self.socket.bind((source, 0))
        self.port = self.socket.getsockname()[1]
        self.to = (address or server.address, server.port)

    def send(self, data):
        self.socket.sendto(data, self.to)

    def receive(self):
        """An answer, which must come from the address that was asked."""
        got, sender = self.socket.recvfrom(70000)
        assert sender[:2] == self.to, (sender, self.to)
        return got

    def ask(self, data):
        self.send(data)
        return self.receive()

    def hears_nothing(self):
        self.socket.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            raise AssertionError(self.socket.recv(70000))
        self.socket.settimeout(observe.PATIENCE)

    def close(self):
        self.socket.close()


def children(server):
    path = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    with open(path, encoding="ascii") as f:
        return [int(pid) for pid in f.read().split()]


def kernel_drops(port):
    """Datagrams for which a socket of this port had no room."""
    found = 0
    for name in ("udp", "udp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as f:
            for line in list(f)[1:]:
                words = line.split()
                if int(words[1].rpartition(":")[2], 16) == port:
                    found += int(words[-1])
    return found


def question(number):
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + b"\4test\0\0\1\0\1"


# --- who is served, and by what ------------------------------------------------------

@both
def the_rules_decide(c, options):
    rules = c.compile("127.0.0.9:deny\n127.0.0.8:deny\n:allow\n")
    with c.server(*options, "-x", rules) as server:
        bad, good = Source(server, "127.0.0.9"), Source(server, "127.0.0.5")
        bad.send(b"one")
        Source(server, "127.0.0.8").send(b"two")
        assert good.ask(b"three") == b"three"
        bad.hears_nothing()
        server.said(b" from 127.0.0.5")
        assert len(re.findall(rb"udpserver: deny \d+ 0:::ffff:127.0.0.1:\d+ :::ffff:127.0.0.[89]:",
                              server.errors)) == 2, server.errors
        told = counts(server)
        assert (told["accepted"], told["denied"], told["served"]) == (3, 2, 1), told


@both
def the_environment_tells_of_the_datagram(c, options):
    rules = c.compile(':allow,RULE="yes"\n')
    show = c.script("import os\nd=os.read(0,9)\n"
                    "import socket\ns=socket.socket(fileno=0)\n"
                    "open('env','w').write(repr(dict(os.environ)))\nos.rename('env','seen')")
    inherited = {"TCPREMOTEINFO": "x", "UDPREMOTEHOST": "x", "TCP6REMOTEIP": "x",
                 "NOTIFY_FOO": "kept", "LISTEN_FDS": "x"}
    for host, source, local in (("127.0.0.1", "127.0.0.7", "127.0.0.1"), ("::1", "::1", "::1")):
        with c.server(*options, "-x", rules, host=host, address=local, program=show,
                      env=inherited) as server:
            asks = Source(server, source)
            asks.send(b"x")
            settle(lambda: os.path.exists(c.path("seen")), server.errors)
            with open(c.path("seen"), encoding="utf-8") as f:
                env = eval(f.read())  # pylint: disable=eval-used
            os.remove(c.path("seen"))
        for name, value in (("REMOTEIP", source), ("REMOTEPORT", str(asks.port)),
                            ("LOCALIP", local), ("LOCALPORT", str(server.port)),
                            ("LOCALHOST", "0")):
            assert env["TCP" + name] == env["UDP" + name] == value, (name, env)
        assert env["PROTO"] == "UDP" and env["RULE"] == "yes" and env["NOTIFY_FOO"] == "kept"
        for name in ("TCPREMOTEINFO", "UDPREMOTEHOST", "TCPREMOTEHOST", "TCP6REMOTEIP",
                     "TCP6LOCALIP", "LISTEN_FDS"):
            assert name not in env, (name, env)


@both
def answers_leave_from_the_address_that_was_asked(c, options):
    if options is WAIT:  # there it is the program's affair: it is told, and asked for it
        options = WAIT
        program = c.script(
            "import socket\ns=socket.socket(fileno=0)\nwhile True:\n"
            " d,a,f,w=s.recvmsg(9,200)\n s.sendmsg([d],[x for x in a if x[0]!=1],0,w)")
    else:
        program = [ARGS.name_server]
    with c.server(*options, "-C9", host="0", program=program) as server:
        for local in ("127.0.0.1", "127.0.0.2", "127.200.3.4", "::1"):
            source = Source(server, "::1" if ":" in local else "127.0.0.5", local)
            for data in (b"one", b"two"):
                assert source.ask(data) == data
    with c.server(*options, "-C9", "-4", host="0", program=program) as server:
        for local in ("127.0.0.3", "127.5.5.5"):
            assert Source(server, "127.0.0.5", local).ask(b"x") == b"x"


@both
def datagrams_of_every_size_stay_whole(c, options):
    with c.server(*options) as server:
        source = Source(server)
        for size in (0, 1, 512, 1472, 9000, 65507, 0, 3):
            assert source.ask(b"\xff" * size) == b"\xff" * size
    with c.server(*options, host="::1", address="::1") as server:
        source = Source(server, "::1")
        for size in (65507, 0):
            assert source.ask(b"\xff" * size) == b"\xff" * size


@both
def ten_thousand_questions_of_a_thousand_sources(c, options):
    """None is lost that was not denied, limited or dropped by the kernel."""
    rules = c.compile("127.1.3.:deny\n:allow\n")
    with c.server("-Hl0", *options[1:], "-c3000", "-b4000000", "-x", rules, host="0") as server:
        sources, ready = [], selectors.DefaultSelector()
        for number in range(1000):
            source = Source(server, f"127.1.{number % 4}.{number // 4 + 1}")
            source.got = set()
            ready.register(source.socket, selectors.EVENT_READ, source)
            sources.append(source)
        denied = [s for s in sources if s.socket.getsockname()[0].startswith("127.1.3.")]
        for each in range(10):
            for source in sources:
                source.send(question(each))
        got, last = 0, time.monotonic()
        told = counts(server)
        lost = kernel_drops(server.port)
        while got + lost + told["denied"] < 10000 and time.monotonic() < last + 20:
            told = counts(server)
            lost = kernel_drops(server.port) + sum(kernel_drops(s.port) for s in sources
                                                   if len(s.got) < 10 and got > 9000)
            for key, _ in ready.select(0.2):
                with contextlib.suppress(BlockingIOError):
                    answer = key.data.socket.recv(600, socket.MSG_DONTWAIT)
                    number = struct.unpack("!H", answer[:2])[0]
                    assert answer == (question(number)[:2] + b"\x81\0\0\1\0\1" +
                                      question(number)[8:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4"
                                      b"\xc0\0\2\1"), answer
                    assert number not in key.data.got, "an answer came twice"
                    if options is EACH and number:
                        assert not key.data.got or max(key.data.got) < number, "out of order"
                    key.data.got.add(number)
                    got, last = got + 1, time.monotonic()
        assert got + lost + told["denied"] >= 10000, (got, lost, told)
        assert told["limited"] == 0 == told["dropped"], told
        if options is EACH:  # with -w the program reads what comes while it runs
            assert not any(s.got for s in denied)
            assert told["served"] == 1000 - len(denied), told
            assert told["accepted"] + kernel_drops(server.port) == 10000, told
        programs = children(server)
        server.process.terminate()
        assert server.process.wait(observe.PATIENCE) == 0
        for source in sources:
            source.close()
        if options is EACH:
            settle(lambda: not any(os.path.exists(f"/proc/{p}") for p in programs), "orphans")
        else:
            assert len(programs) == 1
            os.kill(programs[0], signal.SIGKILL)


def in_case(function, folder):
    function(Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--name-server", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin, ARGS.name_server = map(os.path.abspath, (ARGS.bin, ARGS.name_server))
    if not S.isolate():
        return 77
    return runner.run(
        [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
