#!/usr/bin/env python3
"""What clients and name servers without end can do to a tcpserver that looks names up:
places of look-ups, shares of them, who is gone; answers that are forged.

Everything happens in a network namespace of its own, where all of 127/8 and of
2001:db8::/32 are this host.
"""
import argparse
import ctypes
import functools
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
from observe import counts, descriptors  # noqa: E402

TESTS = []
ARGS = None
DESCRIPTORS = 1024
CLONE_NEWNS = 0x20000
SAYS_HOST = ["sh", "-c", "echo $TCPREMOTEHOST"]


def test(function):
    TESTS.append(function)
    return function


class Case(observe.Case):
    def compile(self, text):
        subprocess.run([os.path.join(self.programs, "postern"), "compile", "-", "-o",
                        self.path("rules.cdb")], input=text.encode(), check=True)
        return self.path("rules.cdb")

    def looking(self, *args, descriptors=DESCRIPTORS, **more):
        """A server that asks for idents, with so many descriptors."""
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        return self.server("-vHl0", *args, preexec_fn=limit,
                           program=more.pop("program", ["echo", "hello"]), **more)


def places(descriptors=DESCRIPTORS):
    """How tcpserver shares its descriptors out, as docs/serving.md says."""
    left = descriptors - 64
    left -= left // 4
    all_of_them = left // 3
    return all_of_them - all_of_them // 8


def ask(server, source, family=socket.AF_INET, patience=20):
    """What a client is told, and after how long."""
    begun = time.monotonic()
    with socket.socket(family) as client:
        client.settimeout(patience)
        client.bind((source, 0))
        client.connect(("127.0.0.1" if family == socket.AF_INET else "::1", server.port))
        told = b""
        while piece := client.recv(4096):
            told += piece
    return told, time.monotonic() - begun


class Silent(S.Threaded):
    """Ident servers on every address, that accept and say nothing; those of 127.0.0.1 and
    ::1 end at once."""

    def __init__(self):
        self.kept = []
        super().__init__("::", 113, socket.AF_INET6)
        self.socket.listen(4096)

    def run(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            if client.getsockname()[0] in ("::ffff:127.0.0.1", "::1"):
                client.close()
            else:
                self.kept.append(client)

    def close(self):
        super().close()
        for client in self.kept:
            client.close()


class Flood:
    """Connects as fast as it can from sources in turn, until it is ended."""

    def __init__(self, server, sources, hold, family=socket.AF_INET, threads=4):
        self.server, self.sources, self.hold, self.family = server, sources, hold, family
        self.count, self.ended, self.held = 0, False, []
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True)
                        for i in range(threads)]

    def run(self, number):
        to = "127.0.0.1" if self.family == socket.AF_INET else "::1"
        turn = random.Random(number)
        while not self.ended:
            client = socket.socket(self.family)
            client.settimeout(.2)
            try:
                client.bind((turn.choice(self.sources), 0))
                client.connect((to, self.server.port))
                self.count += 1
            except OSError:
                client.close()
                continue
            if self.hold:
                self.held.append(client)
                if len(self.held) > 4000:
                    self.held.pop(0).close()
            else:
                client.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        for thread in self.threads:
            thread.join()
        for client in self.held:
            client.close()


def settle(condition, what, patience=20):
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(.02)


def others_are_served(server, flood, source, family=socket.AF_INET, within=5.0):
    settle(lambda: flood.count > 300, "a flood")
    times = []
    for _ in range(8):
        told, took = ask(server, source, family)
        assert told == b"hello\n", told
        times.append(took)
        time.sleep(.1)
    # without shares it takes seven and more; a SYN that met a full queue is sent again
    # after a second, which is not the server's doing
    assert sorted(times)[len(times) // 2] < within, times
    assert max(times) < 20, times


@test
def a_source_that_holds_on_leaves_the_places_of_others(c):
    with Silent(), c.looking() as server, Flood(server, ["127.6.0.1"], True) as flood:
        others_are_served(server, flood, "127.0.0.1")


@test
def a_source_that_connects_and_goes_takes_nothing(c):
    with Silent(), c.looking() as server, Flood(server, ["127.6.0.1"], False) as flood:
        others_are_served(server, flood, "127.0.0.1")


@test
def a_customer_with_a_48_leaves_half(c):
    sources = [f"2001:db8:7:{i:x}::1" for i in range(10000)]
    with Silent(), c.looking(host="::") as server, \
            Flood(server, sources, True, socket.AF_INET6) as flood:
        others_are_served(server, flood, "::1", socket.AF_INET6)
        assert counts(server)["looking"] <= places() // 2 + 8


@test
def ten_thousand_sources_shorten_the_time_of_look_ups(c):
    """Nobody holds a place for longer than a second when all are wanted: so others come in,
    be it slowly."""
    turn = random.Random(1)
    sources = [f"127.{turn.randrange(8, 250)}.{turn.randrange(256)}.{turn.randrange(1, 255)}"
               for _ in range(10000)]
    few = 256
    with Silent(), c.looking("-c", "2000", descriptors=few) as server, \
            Flood(server, sources, True) as flood:
        settle(lambda: counts(server)["looking"] >= places(few) - 2, "all places taken")
        # with their whole time of 26 seconds each, nobody new would come in before
        settle(lambda: counts(server)["served"] > 3 * places(few), "others come in", 24)


@test
def shares_are_what_the_model_says(c):
    """Sources that hold on: how many of each are looked up, counted by hand."""
    with Silent(), c.looking() as server:
        most, held, want = places(), [], {}
        for turn, (source, count) in enumerate((
                ("127.9.1.1", 10), ("127.9.2.1", 60), ("127.9.2.2", 60), ("127.9.2.3", 60),
                ("127.9.2.4", 60), ("127.9.2.5", 60), ("127.9.3.1", 60))):
            network = source.rpartition(".")[0]
            mine = min(count, most // 8, most // 2 - want.get(network, 0),
                       most - sum(want.values()))
            want[network] = want.get(network, 0) + mine
            for _ in range(count):
                client = socket.socket()
                client.bind((source, 0))
                client.connect(("127.0.0.1", server.port))
                held.append(client)
            settle(lambda: counts(server)["accepted"] == len(held), "all accepted")
            settle(lambda: counts(server)["waiting"] == 0, "all refused or looked up")
            got = counts(server)
            assert got["looking"] == sum(want.values()), (turn, source, got, want)
        assert got["limited"] == len(held) - sum(want.values()), got
        for client in held:
            client.close()
        settle(lambda: counts(server)["looking"] == 0, "who is gone has no place", 2)


@test
def a_client_that_closed_its_side_alone_is_served(c):
    """It may wait for what a program says: its look-ups go on."""
    with S.Ident([b"1 , 1 : USERID : ", b"UNIX : joe\r\n"], delay=.4), \
            c.looking(program=["sh", "-c", "echo $TCPREMOTEINFO"]) as server:
        for sent in (b"", b"QUIT\r\n"):
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                settle(lambda: counts(server)["looking"] == 0, "its place is given back")
                assert client.recv(100) == b"joe\n"


@test
def a_client_that_is_gone_gives_its_connection_back(c):
    """Under -C 1, and a rule's limit of 1, whoever comes again is served."""
    rules = c.compile("postern: 1\n127.5.0.0/16 : allow, limit 1\n* : allow\n")
    for source in "127.4.0.1", "127.5.0.1":
        with Silent(), c.looking("-C1", "-x", rules) as server:
            with socket.socket() as client:
                client.bind((source, 0))
                client.connect(("127.0.0.1", server.port))
                settle(lambda: counts(server)["looking"] == 1, "looked up")
            settle(lambda: counts(server)["looking"] == 0, "gone")
            again = socket.socket()
            again.bind((source, 0))
            again.connect(("127.0.0.1", server.port))
            settle(lambda: counts(server)["looking"] == 1, "looked up again")
            assert counts(server)["limited"] == 0
            reset = struct.pack("ii", 1, 0)
            again.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            again.close()
            settle(lambda: counts(server)["dropped"] >= 1, "a reset is the end at once")
            settle(lambda: counts(server)["waiting"] <= 1, "nothing is left")


@test
def who_is_refused_by_his_address_is_not_looked_up(c):
    rules = c.compile("postern: 1\n127.5.0.0/16 : allow, rate 2/hour\n"
                      "127.6.0.0/16 : allow, limit 1\njoe@127.7.0.0/16 : allow\n"
                      "127.7.0.0/16 : allow, limit 1\n* : deny\n")
    with c.looking("-x", rules, program=["sleep", "30"]) as server:
        asked = []
        for source in ["127.5.0.1"] * 4 + ["127.6.0.1"] * 3 + ["127.7.0.1"] * 3:
            with S.Ident(b"1 , 1 : USERID : UNIX : x\r\n", address=source) as ident:
                before = counts(server)
                client = socket.socket()
                client.bind((source, 0))
                client.connect(("127.0.0.1", server.port))
                asked.append(client)
                settle(lambda: counts(server)["served"] + counts(server)["limited"] >
                       before["served"] + before["limited"], "decided")
                asked[-1] = (client, len(ident.queries))
        assert [n for _, n in asked] == [1, 1, 0, 0] + [1, 0, 0] + [1, 1, 1], asked
        assert counts(server)["served"] == 4


def age_of_counters(server):
    """How long a running server takes to say something."""
    begun = time.monotonic()
    counts(server)
    return time.monotonic() - begun


@test
def a_rules_file_that_is_touched_without_end_stops_nothing(c):
    """Small and large: everybody is decided, programs end, and signals are answered."""
    for size in 0, 600 << 20:
        rules = c.compile("postern: 1\n127.0.0.0/8 : allow\n* : deny\n")
        with c.server("-vRHl0", "-x", rules, program=["echo", "hello"]) as server:
            if size:
                os.truncate(rules, size)  # what is behind the tables counts for nothing
            ended = threading.Event()

            def touch(path=rules, ended=ended):
                while not ended.is_set():
                    os.utime(path)
            thread = threading.Thread(target=touch)
            thread.start()
            try:
                # each waits for a load that begins after it came, and the one under way
                for _ in range(2 if size else 10):
                    begun = time.monotonic()
                    told, _ = ask(server, "127.0.0.1")
                    assert told in (b"hello\n", b""), told
                    assert age_of_counters(server) < 5, "the loop was stopped"
                    assert time.monotonic() - begun < 20
                settle(lambda: counts(server)["live"] == 0, "programs are reaped")
            finally:
                ended.set()
                thread.join()
            c.compile("postern: 1\n127.0.0.0/8 : allow\n* : deny\n")
            assert ask(server, "127.0.0.1")[0] == b"hello\n"


@test
def a_rules_file_of_more_than_a_gigabyte_is_not_read(c):
    rules = c.compile("postern: 1\n127.0.0.0/8 : allow\n* : deny\n")
    with c.server("-vRHl0", "-x", rules, program=["echo", "hello"]) as server:
        assert ask(server, "127.0.0.1")[0] == b"hello\n"
        os.truncate(rules, (1 << 30) + 1)
        assert ask(server, "127.0.0.1")[0] == b""
        server.wait_for(rb"unable to read .*: file too big")
        server.said(b"file too big")
        c.compile("postern: 1\n127.0.0.0/8 : allow\n* : deny\n")
        assert ask(server, "127.0.0.1")[0] == b"hello\n"


@test
def counters_outlive_new_versions_of_a_file(c):
    """A rule is itself whatever is stripped, renumbered or put before it."""
    versions = [("", []), ("10.9.9.9 : deny\n", []), ("=.x : block\n10.1. : allow\n", ["--strip"]),
                ("# moved\n\n", []), ("", ["--strip"])]
    with c.server("-vRHl0", "-x", c.compile("postern: 1\n* : deny\n"),
                  program=["sleep", "30"]) as server:
        told = []
        for before, options in versions:
            text = f"postern: 1\n{before}127.0.0.0/8 : allow, rate 3/hour, limit 9\n* : deny\n"
            subprocess.run([os.path.join(c.programs, "postern"), "compile", "-", "-o",
                            c.path("rules.cdb"), *options], input=text.encode(), check=True)
            with socket.create_connection(("127.0.0.1", server.port)):
                seen = len(told) + 1
                settle(lambda: sum(counts(server)[w] for w in ("served", "limited")) == seen,
                       "decided")
                told.append(counts(server)["limited"])
        assert told == [0, 0, 0, 1, 2], told


class Forger(S.Dns):
    """Answers every question with what is forged first, and then truly."""

    def __init__(self, answers, forge):
        self.forge, self.queries = forge, []
        super().__init__(answers)

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(2000)
            if query == b"":
                return
            self.queries.append((query, peer))
            for reply in self.forge(query):
                self.send(reply, peer)
            self.send(self.answer(query), peer)


def swapped(query):
    """Its letters in the other case."""
    end = query.index(b"\0", 12)
    return query[:12] + query[12:end].swapcase() + query[end:]


def forgeries(query):
    lie = S.ptr("evil.example")
    yes, no = struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0), struct.pack(">HHHHH", 0x0100, 1, 1, 0, 0)
    question = query[12:query.index(b"\0", 12) + 5]
    other = b"\x01x" + question[2:] if question[0] == 1 else b"\x05other\0" + question[-4:]
    yield b"\0\0" + yes + question + lie                        # another number
    yield query[:2] + no + question + lie                       # no answer, by its bit
    yield query[:2] + yes + other + lie                         # another question
    yield query[:2] + yes + question[:-4] + b"\0\x01\0\x01" + lie  # of another type
    yield query[:2] + yes + swapped(query)[12:12 + len(question)] + lie  # other letters
    yield query[:2] + struct.pack(">HHHHH", 0x8180, 0, 1, 0, 0) + lie    # of no question
    yield query[:2] + struct.pack(">HHHHH", 0xa980, 1, 1, 0, 0) + question + lie  # opcode
    yield b""
    yield query                                                 # the question itself


@test
def only_an_answer_to_the_question_is_taken(c):
    back = S.reverse("127.0.0.1")
    true = {(back, S.PTR): [S.ptr("true.example")]}
    with Forger(true, forgeries) as dns, \
            c.server("-vRl0", program=SAYS_HOST, env={"DNSCACHEIP": "127.0.0.1"}) as server:
        for _ in range(60):
            assert ask(server, "127.0.0.1")[0] == b"true.example\n"
        ports = {peer[1] for _, peer in dns.queries}
        numbers = {query[:2] for query, _ in dns.queries}
        letters = {query[12:12 + len(back)] for query, _ in dns.queries}
        assert len(ports) > 50 and len(numbers) > 50 and len(letters) > 50, \
            (len(ports), len(numbers), len(letters))


@test
def an_answer_counts_by_the_names_of_its_records(c):
    """A record of another name is nobody's answer; aliases are followed, and no further."""
    back = S.reverse("127.0.0.1")
    alias = S.wire("alias.example")

    def named(name, kind, data):
        return S.wire(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    cname = 5
    cases = [
        ([named("other.example", S.PTR, S.wire("evil.example")), S.ptr("true.example")],
         b"true.example\n"),
        ([named("other.example", S.PTR, S.wire("evil.example"))], b"\n"),
        ([S.record(cname, alias), named("alias.example", S.PTR, S.wire("true.example"))],
         b"true.example\n"),
        ([named("ALIAS.example", S.PTR, S.wire("true.example")), S.record(cname, alias)],
         b"true.example\n"),
        ([S.record(cname, alias), named("ally.example", S.PTR, S.wire("evil.example"))], b"\n"),
        ([S.record(cname, alias), named("alias.example", cname, S.wire(back))], b"\n"),
    ]
    for records, told in cases:
        with S.Dns({(back, S.PTR): records}), \
                c.server("-vRl0", program=SAYS_HOST,
                         env={"DNSCACHEIP": "127.0.0.1"}) as server:
            assert ask(server, "127.0.0.1")[0] == told, (records, told)


class Deaf(S.Dns):
    """Repeats questions in lower case, as some servers do."""

    def answer(self, query):
        end = query.index(b"\0", 12)
        return super().answer(query[:12] + query[12:end].lower() + query[end:])


@test
def a_server_that_does_not_repeat_letters_is_understood_in_the_end(c):
    with Deaf({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("true.example")]}), \
            c.server("-vRl0", program=SAYS_HOST, env={"DNSCACHEIP": "127.0.0.1"}) as server:
        told, took = ask(server, "127.0.0.1")
        assert told == b"true.example\n" and took < 10, (told, took)


@test
def other_name_servers_are_followed_while_somebody_waits(c):
    """Also when somebody waits all the time, and when they are named again and again."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise AssertionError(os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with tempfile.NamedTemporaryFile("w+") as named, \
            S.Dns({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("one.example")]}), Silent():
        named.write("nameserver 127.0.0.99\n")
        named.flush()
        subprocess.run(["mount", "--bind", named.name, "/etc/resolv.conf"], check=True)
        try:
            with c.server("-vl0", "-t20", program=SAYS_HOST) as server:
                waiting = []
                for turn in range(30):
                    client = socket.socket()
                    client.bind((f"127.8.0.{turn + 1}", 0))
                    client.connect(("127.0.0.1", server.port))
                    waiting.append(client)
                    time.sleep(.02)
                    os.pwrite(named.fileno(), b"nameserver 127.0.0.1\n# %d\n" % turn, 0)
                settle(lambda: counts(server)["looking"] == 30, "all are looked up")
                assert descriptors(server) < 200
                told, took = ask(server, "127.0.0.1")
                assert told == b"one.example\n" and took < 10, (told, took)
                assert counts(server)["looking"] == 30
                for client in waiting:
                    client.close()
        finally:
            subprocess.run(["umount", "/etc/resolv.conf"], check=True)


def in_case(function, folder):
    function(Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    if not S.isolate():
        return 77
    S.any_address()
    resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
    return runner.run(
        [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
