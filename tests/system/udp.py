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
NAMES = {"DNSCACHEIP": "127.0.0.1"}
RULES_WITH_LIMITS = """postern: 1
127.0.0.5: allow, limit 2
127.0.0.6: allow, rate 3/hour
*: allow
"""
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


# --- limits, rules that are replaced, and what is said ---------------------------------

@test
def one_program_for_an_address_unless_said_otherwise(c):
    with c.server(*EACH) as server:
        first, second = Source(server, "127.0.0.5"), Source(server, "127.0.0.5")
        assert first.ask(b"a") == b"a"
        second.send(b"b")
        server.said(b"udpserver: limit ")
        assert Source(server, "127.0.0.6").ask(b"c") == b"c"
        second.hears_nothing()
    with c.server(*EACH, "-C2") as server:
        sources = [Source(server, "127.0.0.5") for _ in range(3)]
        for source in sources[:2]:
            assert source.ask(b"a") == b"a"
        sources[2].send(b"b")
        server.said(b"udpserver: limit ")
        assert counts(server)["limited"] == 1
        os.kill(children(server)[0], signal.SIGTERM)
        server.said(b": end ", 2)  # the limited one has one too
        assert sources[2].ask(b"c") == b"c"


@test
def a_program_that_ends_makes_room_for_the_next_source(c):
    """Though the next datagram comes before the server has heard of the end."""
    with c.server(*EACH, program=[ARGS.name_server, "1"]) as server:
        for number in range(300):
            source = Source(server, "127.0.0.5")
            assert source.ask(b"%d" % number) == b"%d" % number
            source.close()
        told = counts(server)
        assert told["served"] == 300 and told["limited"] == 0, told


@test
def half_of_the_places_is_for_those_who_came_back(c):
    with c.server(*EACH, "-c4") as server:
        sources = [Source(server, f"127.0.0.{n}") for n in range(1, 8)]
        for source in sources[:2]:
            assert source.ask(b"a") == b"a"
        sources[2].send(b"b")
        server.said(b"struck ")
        server.said(b" half of -c 4\n")
        assert sources[0].ask(b"again") == b"again"
        assert sources[3].ask(b"c") == b"c"
        for source in (sources[1], sources[3]):
            assert source.ask(b"again") == b"again"
        assert sources[4].ask(b"d") == b"d" and len(children(server)) == 4
        sources[5].send(b"e")
        server.said(re.compile(rb"struck \d+ -c 4\n"))
        assert counts(server)["limited"] == 2


@test
def limits_and_rates_of_rules_hold(c):
    rules = c.compile(RULES_WITH_LIMITS)
    with c.server(*EACH, "-C9", "-x", rules) as server:
        sources = [Source(server, "127.0.0.5") for _ in range(3)]
        assert [s.ask(b"a") for s in sources[:2]] == [b"a", b"a"]
        sources[2].send(b"b")
        server.said(b"udpserver: limit ")
        rated = Source(server, "127.0.0.6")
        for _ in range(3):
            assert rated.ask(b"x") == b"x"
        rated.send(b"over")
        server.said(b"udpserver: rate ")
        assert counts(server)["limited"] == 2
        assert sources[0].ask(b"on") == b"on"


@both
def replaced_rules_hold_for_the_next_datagram(c, options):
    rules = c.compile(":allow\n")
    program = [ARGS.name_server] if options is EACH else [ARGS.name_server, "1"]
    with c.server(*options, "-x", rules, program=program) as server:
        source = Source(server, "127.0.0.5")
        for _ in range(10):
            assert source.ask(b"in") == b"in"
            if options is WAIT:
                server.said(b": end ", counts(server)["served"])
            os.replace(c.compile("127.0.0.5:deny\n:allow\n", "next.cdb"), rules)
            before = counts(server)["denied"]
            source.send(b"out")
            settle(lambda b=before: counts(server)["denied"] == b + 1, server.errors)
            os.replace(c.compile(":allow\n", "next.cdb"), rules)
        source.hears_nothing()
        with open(rules, "wb") as f:
            f.write(b"damaged")
        source.send(b"lost")
        server.said(b"warning: dropping datagrams, unable to read " + rules.encode())
        os.replace(c.compile(":allow\n", "next.cdb"), rules)
        assert source.ask(b"back") == b"back"


@both
def the_log_counts_and_the_rehearsal(c, options):
    rules, shadow = c.compile("127.0.0.9:deny\n:allow\n"), c.compile(":deny\n", "next.cdb")
    with c.server(*options, "-x", rules, "-k", c.path("counts"), "--shadow", shadow,
                  "--log-format", "json") as server:
        Source(server, "127.0.0.9").send(b"x")
        source = Source(server, "127.0.0.5")
        assert source.ask(b"y") == b"y"
        server.said(b'"shadow"')
        told = counts_of_json(server)
        assert told["denied"] == 1 and told["served"] == 1, told
        lines = [json.loads(line) for line in server.errors.decode().splitlines()]
        by = {(e["event"], e.get("verdict")): e for e in lines}
        assert by["connection", "deny"]["address"] == "127.0.0.9", lines
        assert by["connection", "allow"]["local_port"] == server.port, lines
        assert by["connection", "allow"]["port"] == source.port, lines
        assert by["shadow", "allow"]["address"] == "127.0.0.5", lines
        server.process.terminate()
        assert server.process.wait(observe.PATIENCE) == 0
    shown = subprocess.run([os.path.join(ARGS.bin, "postern"), "hits", c.path("counts")],
                           capture_output=True, text=True, check=True).stdout
    assert "127.0.0.9" in shown, (shown, told, lines)


def counts_of_json(server):
    server.process.send_signal(signal.SIGUSR1)
    server.said(b'"counters"')
    line = [x for x in server.errors.decode().splitlines() if '"counters"' in x][-1]
    return json.loads(line)


@both
def host_names_are_looked_up_where_rules_ask(c, options):
    rules = c.compile("=good.test:allow\n127.0.0.7:allow\n:deny\n")
    names = {(S.reverse("127.0.0.5"), S.PTR): [S.ptr("good.test")],
             (S.reverse("127.0.0.6"), S.PTR): [S.ptr("bad.test")]}
    with S.Dns(names), c.server("-vl0", *options[1:], "-x", rules, env=NAMES,
                                program=[ARGS.name_server, "1"]) as server:
        good, bad = Source(server, "127.0.0.5"), Source(server, "127.0.0.6")
        bad.send(b"x")
        assert good.ask(b"y") == b"y"
        server.said(re.compile(rb"ok \d+ 0:::ffff:127.0.0.1:\d+ good.test:::ffff:127.0.0.5"))
        server.said(re.compile(rb"deny \d+ 0:::ffff:127.0.0.1:\d+ bad.test:::ffff:127.0.0.6"))
        bad.hears_nothing()


@test
def a_dead_name_server_holds_nobody_up_for_long(c):
    rules = c.compile("=good.test:allow\n:deny\n")
    with c.server("-vl0", "-t1", "-x", rules, env={"DNSCACHEIP": "127.0.0.54"}) as server, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.54", 53))
        Source(server, "127.0.0.5").send(b"x")
        server.said(b"udpserver: deny ")


# --- programs and sources that misbehave ----------------------------------------------

@test
def a_program_that_leaves_its_datagram_is_not_started_again_for_it(c):
    for program in (["true"], ["/nonexistent/program"]):
        with c.server(*WAIT, program=program) as server:
            source = Source(server)
            for number in range(5):
                source.send(b"%d" % number)
            settle(lambda: counts(server)["dropped"] == 5, server.errors)
            settle(lambda: not children(server), "a child is left")
            assert counts(server)["served"] == 5, server.errors
            assert b"has ended and not read them" in server.errors


@test
def what_a_program_has_not_read_is_for_the_next(c):
    with c.server(*EACH, program=[ARGS.name_server, "1"]) as server:
        source = Source(server)
        for number in range(50):
            source.send(b"%d" % number)
        assert [source.receive() for _ in range(50)] == [b"%d" % n for n in range(50)]
        told = counts(server)
        assert told["served"] == 50 and told["dropped"] == 0, told
    for program in (["true"], ["/nonexistent/program"]):
        with c.server(*EACH, program=program) as server:
            Source(server).send(b"x")
            server.said(b"has ended and not read them")
            settle(lambda: not children(server), "a child is left")
            assert counts(server)["served"] == 1


@test
def a_program_that_never_reads_fills_its_own_room_only(c):
    program = ["sh", "-c", "if [ $UDPREMOTEIP = 127.0.0.9 ]; then exec sleep 1000; fi; exec "
               + ARGS.name_server]
    with c.server("-Hl0", "--per-source", "-b4000000", program=program) as server:
        deaf, fine = Source(server, "127.0.0.9"), Source(server, "127.0.0.5")
        assert fine.ask(b"before") == b"before"
        for _ in range(200):
            deaf.send(b"x" * 8000)
        server.said(b"their program does not read")
        assert fine.ask(b"after") == b"after"
        assert counts(server)["dropped"] > 0


@both
def garbage_harms_nobody(c, options):
    with c.server(*options) as server:
        bad, good = Source(server, "127.0.0.9"), Source(server, "127.0.0.5")
        for size in range(300):
            bad.send(os.urandom(size))
        assert good.ask(question(7))[-4:] == b"\xc0\0\2\1"


@test
def a_silent_source_is_ended_and_one_that_goes_on_is_not(c):
    program = c.script("import os\nwhile True: os.write(1,os.read(0,9)+b' %d'%os.getpid())")
    with c.server(*EACH, "-i1", program=program) as server:
        goes_on, silent = Source(server, "127.0.0.5"), Source(server, "127.0.0.6")
        silent.ask(b"x")
        answers = set()
        while b": end " not in server.errors:
            answers.add(goes_on.ask(b"x"))
            time.sleep(0.02)
        assert len(answers) == 1, "it has had several programs"
        server.said(b" status 15\n")
        assert silent.ask(b"y").startswith(b"y ")


@test
def nothing_is_left_behind(c):
    with c.server("-vHl0", "--per-source", "-i1", "-c300") as server:
        fds = descriptors(server)
        for number in range(100):
            assert Source(server, f"127.0.1.{number}").ask(b"x") == b"x"
        settle(lambda: not children(server), "programs of silent sources")
        settle(lambda: descriptors(server) <= fds, "descriptors leak")
        assert counts(server)["live"] == 0


@test
def programs_end_with_the_server_that_speaks_for_them(c):
    for number, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with c.server(*EACH) as server:
            for n in range(1, 6):
                Source(server, f"127.0.0.{n}").ask(b"x")
            programs = children(server)
            assert len(programs) == 5
            server.process.send_signal(number)
            assert server.process.wait(observe.PATIENCE) == status
            settle(lambda p=programs: not any(os.path.exists(f"/proc/{x}") for x in p), "left")


@test
def a_program_with_the_socket_goes_on_without_the_server(c):
    with c.server(*WAIT) as server:
        source = Source(server)
        source.ask(b"x")
        program, = children(server)
        server.process.terminate()
        assert server.process.wait(observe.PATIENCE) == 0
        assert source.ask(b"y") == b"y"
        os.kill(program, signal.SIGKILL)


@test
def a_program_leaves_the_socket_as_it_was(c):
    """One that connects it and makes it one that does not block, and then another."""
    program = c.script("import socket\ns=socket.socket(fileno=0)\nb=s.getblocking()\n"
                       "d,a=s.recvfrom(9)\ns.connect(a)\ns.send(b'%d'%b)\ns.setblocking(0)")
    with c.server(*WAIT, program=program) as server:
        for n in range(1, 6):
            assert Source(server, f"127.0.0.{n}").ask(b"x") == b"1"
            server.said(b": end ", n)


# --- sockets and accounts -------------------------------------------------------------

def handed_over(options, port_type, c):
    with socket.socket(socket.AF_INET, port_type) as listener:
        listener.bind(("127.0.0.1", 0))
        if port_type == socket.SOCK_STREAM:
            listener.listen()
        port = listener.getsockname()[1]

        def place():
            os.dup2(listener.fileno(), 3)

        process = subprocess.Popen(
            ["sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", "sh",
             os.path.join(ARGS.bin, "udpserver"), *options, "systemd", "-", ARGS.name_server],
            stderr=subprocess.PIPE, pass_fds=(3,), preexec_fn=place, cwd=c.folder)
    return process, port


@both
def sockets_are_taken_from_a_supervisor(c, options):
    process, port = handed_over(options, socket.SOCK_DGRAM, c)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.settimeout(observe.PATIENCE)
        source.sendto(b"x", ("127.0.0.1", port))
        assert source.recv(9) == b"x"
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(path, encoding="ascii") as f:
        programs = [int(pid) for pid in f.read().split()]
    process.terminate()
    assert process.wait(observe.PATIENCE) == 0
    if options is WAIT:
        os.kill(programs[0], signal.SIGKILL)
    process.stderr.close()
    process, _ = handed_over(options, socket.SOCK_STREAM, c)
    said = process.communicate(timeout=observe.PATIENCE)[1]
    assert process.returncode == 111 and b"descriptor 3: it is no datagram socket" in said, said


@test
def accounts_are_taken(c):
    if os.getuid():
        return
    os.chmod(c.folder, 0o755)
    show = c.script("import os\nos.read(0,9)\nos.write(1,repr((os.getresuid(),os.getresgid(),"
                    "os.getgroups())).encode())")
    with c.server(*EACH, "-u", 12345, "-g", 23456, program=show) as server:
        got = Source(server).ask(b"x")
        assert got == b"((12345, 12345, 12345), (23456, 23456, 23456), [23456])", got


@test
def readiness_is_told(c):
    reading, writing = os.pipe()
    with c.server(*WAIT, "--ready-fd", writing, pass_fds=(writing,)) as server:
        os.close(writing)
        assert os.read(reading, 9) == b"\n" and os.read(reading, 9) == b"" and server
    os.close(reading)


@test
def what_is_not_for_datagrams_is_refused(c):
    for words in (["--penalty", "1:60"], ["--proxy-from", "127.0.0.1"], ["-B", "x"], ["-r"]):
        done = subprocess.run([os.path.join(ARGS.bin, "udpserver"), *words, "127.0.0.1", "0",
                               "true"], capture_output=True, timeout=observe.PATIENCE,
                              cwd=c.folder, check=False)
        assert done.returncode == 100 and b"usage: udpserver" in done.stderr, done


@test
def a_port_that_is_taken_is_not_shared(c):
    with c.server(*WAIT) as server:
        done = subprocess.run([os.path.join(ARGS.bin, "udpserver"), "-Hl0", "127.0.0.1",
                               str(server.port), "true"], capture_output=True,
                              timeout=observe.PATIENCE, check=False)
        assert done.returncode == 111 and b"unable to bind" in done.stderr, done


def resident(server):
    """Bytes."""
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


IP_PKTINFO = 8  # which the module has no name for


class Crowd:
    """A datagram each of so many sources, which all are this host; no faster than they are read."""

    AT_ONCE = 100

    def __init__(self, server):
        subprocess.run(["ip", "route", "replace", "local", "10.0.0.0/8", "dev", "lo"], check=True)
        self.to, self.count = (server.address, server.port), 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def sends(self, count):
        for number in range(self.count, self.count + count):
            source = 10 << 24 | number * 0x9e3779 & 0xffffff  # each of them once
            told = struct.pack("=i4s4s", 0, source.to_bytes(4, "big"), bytes(4))
            self.socket.sendmsg([b"x"], [(socket.IPPROTO_IP, IP_PKTINFO, told)], 0, self.to)
            while number % self.AT_ONCE == 0 and self.wait():
                pass
        self.count += count
        settle(lambda: not self.wait(), "all are read")

    def wait(self):
        """Are there some that the server has not read?"""
        with open("/proc/net/udp", encoding="ascii") as f:
            return any(row[4].partition(":")[2] != "00000000" for row in map(str.split, list(f)[1:])
                       if int(row[1].rpartition(":")[2], 16) == self.to[1])


MANY = "postern: 1\n10.0.0.0/9 : deny\n* : allow, rate 1/hour, limit 2 per /16\n"
READS = "import socket\ns = socket.socket(fileno=0)\nwhile True: s.recv(9)"


@test
def sources_without_end_take_no_memory(c):
    """Denied; and allowed, each with a rate, where a few at a time are served: every table has been full for long."""
    for options, text, program in ((["-Hl0", "-c20", "--per-source", "-i1"], MANY, c.script(READS)),
                                   (["-Hl0"], "postern: 1\n10.0.0.0/8 : deny\n* : allow\n", ["true"])):
        with c.server(*options, "-x", c.compile(text), program=program) as server:
            crowd = Crowd(server)
            crowd.sends(ARGS.sources // 4)
            before, opened = resident(server), descriptors(server)
            crowd.sends(ARGS.sources)
            told, after = counts(server), resident(server)
            assert told["accepted"] == crowd.count and told["denied"] > crowd.count // 3, told
            assert not kernel_drops(server.port)
            assert after - before < 1 << 20, (before, after)
            assert descriptors(server) <= opened + 60 and len(children(server)) <= 20


def in_case(function, folder):
    function(Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--name-server", required=True)
    parser.add_argument("--sources", type=int, default=20000)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin, ARGS.name_server = map(os.path.abspath, (ARGS.bin, ARGS.name_server))
    if not S.isolate():
        return 77
    return runner.run(
        [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
