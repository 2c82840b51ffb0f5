#!/usr/bin/env python3
"""tcpserver under load and fault: it lives on, says so, and recovers.

What the original does too stands in differential/serving.py; here is what it does not:
limits, several addresses, decisions without a process, shortages of every kind.
"""
import argparse
import concurrent.futures
import errno
import functools
import os
import re
import resource
import shutil
import signal
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
from observe import counts, descriptors  # noqa: E402

V = "-vRHl0"
TESTS = []
ARGS = None


def test(function):
    TESTS.append(function)
    return function


class Case(observe.Case):
    """With our own compiler, for native rules too, and the programs of bench/."""

    def compile(self, text, name="rules.cdb"):
        subprocess.run([os.path.join(self.programs, "postern"), "compile", "-", "-o",
                        self.path(name)], input=text.encode(), check=True)
        return self.path(name)

    def tool(self, name):
        return os.path.join(ARGS.bench_bin, name)


def children(server):
    path = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    with open(path, encoding="ascii") as f:
        return f.read().split()


def is_ended(pid):
    """It has, whether its parent knows or not."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return f.read().rpartition(")")[2].split()[0] == "Z"


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def load(case, server, count, in_flight, source="127.0.0.1"):
    out = subprocess.run([case.tool("bench_load"), server.address, str(server.port),
                          str(count), str(in_flight), source], capture_output=True,
                         check=True, timeout=300).stdout.split()
    return dict(zip(("got", "empty", "timed_out", "failed"), map(int, out[1:5])))


def settle(condition, what):
    """Waits until it is so."""
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def ask(server, **more):
    client = server.connect(**more)
    got = client.read()
    client.close()
    return got


# --- load ----------------------------------------------------------------------------

@test
def many_connections_leave_nothing_behind(c):
    rules = c.compile("127.9.:deny\n:allow\n")
    with c.server("-RHl0", "-c100", "-b1024", "-x", rules,
                  program=[c.tool("bench_tiny")]) as server:
        load(c, server, 2000, 16)
        settle(lambda: not children(server), "children of the warm-up")
        fds, kib = descriptors(server), resident_kib(server)
        allowed = load(c, server, ARGS.connections // 2, 32)
        denied = load(c, server, ARGS.connections - ARGS.connections // 2, 32, "127.9.9.9")
        assert allowed == {"got": ARGS.connections // 2, "empty": 0, "timed_out": 0,
                           "failed": 0}, allowed
        assert denied["empty"] == ARGS.connections - ARGS.connections // 2, denied
        settle(lambda: not children(server), "zombies")
        assert descriptors(server) <= fds, "descriptors leak"
        assert resident_kib(server) <= kib + 256, (resident_kib(server), kib)
        told = counts(server)
        assert told["served"] == ARGS.connections // 2 + 2000 and told["live"] == 0, told
        assert told["denied"] == denied["empty"] and told["dropped"] == 0, told


@test
def the_limit_holds_under_a_storm(c):
    with c.server(V, "-c7", "-b500", program=["sh", "-c", "sleep 0.02; echo x"]) as server:
        out = load(c, server, 400, 200)
        assert out["got"] == 400, out
        settle(lambda: server.errors.count(b": end ") == 400, "all ends")
    live = most = 0
    for line in server.errors.decode().split("\n"):
        live += (": ok " in line) - (": end " in line)
        most = max(most, live)
        if match := re.search(r"status: (\d+)/7", line):
            assert int(match.group(1)) <= 7, line
    assert most == 7 and live == 0, (most, live)


@test
def clients_that_vanish_leave_nothing_behind(c):
    with S.Ident(None), c.server("-vl0", "-H", "-t1", "-b1024", program=["cat"]) as server:
        fds = descriptors(server)
        for _ in range(300):
            client = server.connect()
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))
            client.close()
        settle(lambda: server.errors.count(b": end ") == 300, "all ends")
        settle(lambda: descriptors(server) <= fds, "descriptors leak")
        assert not children(server)


@test
def signal_storms_change_nothing(c):
    with c.server("-RHl0", "-c100", "-b1024", program=[c.tool("bench_tiny")]) as server:
        stop = threading.Event()

        def storm():
            while not stop.is_set():
                for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGPIPE):
                    server.process.send_signal(number)
                time.sleep(0.0005)
        thread = threading.Thread(target=storm)
        thread.start()
        out = load(c, server, 5000, 16)
        stop.set()
        thread.join()
        assert out["got"] == 5000, out
        for _ in range(50):
            server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(observe.PATIENCE) == 0


@test
def sigterm_under_load_is_exit_0_at_once(c):
    # clients stay, and so would a server that waited for its programs
    with c.server("-RHl0", "-c50", "-b1024", program=["cat"]) as server:
        clients = [server.connect() for _ in range(80)]
        settle(lambda: len(children(server)) == 50, "fifty programs")
        server.process.terminate()
        assert server.process.wait(observe.PATIENCE) == 0
        for client in clients:
            client.close()


# --- decisions without a process -----------------------------------------------------

@test
def a_denied_client_costs_no_process(c):
    rules = c.rules("127.9.:deny\n:allow\n")
    with S.Ident(b"a:b:c:joe\r\n", address="0.0.0.0") as ident, \
            c.server("-vl0", "-x", rules, "-Bbanner ", env={"DNSCACHEIP": "127.0.0.1"},
                     program=["echo", "hi"]) as server:
        assert ask(server, source="127.9.1.1") == b"banner "
        server.wait_for(rb": end ")
        pid = str(server.process.pid)
        lines = server.errors.decode().split("\n")
        assert f"tcpserver: pid {pid} from 127.9.1.1" in lines, lines
        assert f"tcpserver: end {pid} status 25600" in lines, lines
        assert not ident.queries, "no look-up for one that is denied anyway"


@test
def only_what_a_look_up_can_change_waits_for_it(c):
    native = c.compile("postern: 1\n127.9.0.0/16: deny\n127.8.0.0/16: deny\n"
                       "joe@127.8.0.0/16: allow\n*: allow\n")
    with S.Ident(b"a:b:c:joe\r\n", address="0.0.0.0") as ident, \
            c.server("-vHl0", "-x", native, program=["echo", "hi"]) as server:
        assert ask(server, source="127.9.1.1") == b""
        assert not ident.queries
        assert ask(server, source="127.8.1.1") == b"hi\n"
        assert len(ident.queries) == 1
        server.end()


@test
def look_ups_that_no_rule_asks_for_are_told_of(c):
    native = c.compile("postern: 1\n10.0.0.0/8: deny\n*: allow\n")
    with c.server("-x", native) as server:
        server.wait_for(rb"-R saves look-ups")
        server.said(b"-H saves look-ups")
    with c.server("-x", c.rules(":allow\n"), "-v") as server:
        server.wait_for(rb"status: 0")
        assert b"warning" not in server.errors, "classic files say nothing"


# --- limits of sources ---------------------------------------------------------------

def hold(server, count, **more):
    """So many clients at once, and what each is told first."""
    clients = [server.connect(**more) for _ in range(count)]
    return clients, [client.socket.recv(100) for client in clients]


@test
def one_source_has_n_places(c):
    with c.server(V, "-C2", program=["sh", "-c", "echo in; cat"]) as server:
        clients, told = hold(server, 3, source="127.1.1.1")
        assert told == [b"in\n", b"in\n", b""], told
        others, told = hold(server, 2, source="127.1.1.2")
        assert told == [b"in\n", b"in\n"], told
        server.said(re.compile(rb"limit \d+ 0:::ffff:127.0.0.1:\d+ :::ffff:127.1.1.1::"))
        clients[0].close()
        server.wait_for(rb": end ", 2)
        more, told = hold(server, 1, source="127.1.1.1")
        assert told == [b"in\n"], told
        for client in clients[1:] + others + more:
            client.close()


@test
def all_tiers_count_and_the_log_says_which_is_full(c):
    with c.server(V, "-C1,3/24:48,4/8:32", program=["sh", "-c", "echo in; cat"]) as server:
        held = []
        for address, want in (("127.1.1.1", b"in\n"), ("127.1.1.1", b""), ("127.1.1.2", b"in\n"),
                              ("127.1.1.3", b"in\n"), ("127.1.1.4", b""), ("127.1.2.1", b"in\n"),
                              ("127.1.3.1", b"")):
            clients, told = hold(server, 1, source=address)
            assert told == [want], (address, told)
            held += clients if want else []
        server.wait_for(rb"struck \d+ -C 4/8:32\n.*: end \d+ ")
        assert re.findall(rb"(limit|struck) \d+ (?:0:.*:(127\S+)::|-C (\S+))", server.errors) == [
            (b"limit", b"127.1.1.1", b""), (b"struck", b"", b"1/32:64"),
            (b"limit", b"127.1.1.4", b""), (b"struck", b"", b"3/24:48"),
            (b"limit", b"127.1.3.1", b""), (b"struck", b"", b"4/8:32")]
        held.pop().close()  # its places are free again in every tier
        server.wait_for(rb": end \d+ status 0")
        clients, told = hold(server, 1, source="127.1.3.1")
        assert told == [b"in\n"], told
        for client in held + clients:
            client.close()


@test
def of_ipv4_a_later_tier_counts_what_it_says(c):
    with c.server(V, "-C2,1/48", program=["sh", "-c", "echo in; cat"]) as server:
        clients, told = hold(server, 3, source="127.1.1.1")
        assert told == [b"in\n", b"in\n", b""], told
        server.wait_for(rb"struck %d -C 2/32:64\n" % server.process.pid)
        for client in clients:
            client.close()
    for option in ("0", "5,", "5,6/64", "5/48,6/32:48", "5/33:64", "5,6/129", "5/24:48:1",
                   ",".join(f"{n}/{n}" for n in range(1, 10))):
        done = subprocess.run([os.path.join(ARGS.bin, "tcpserver"), "-C", option, "127.0.0.1", "0",
                               "true"], capture_output=True, timeout=observe.PATIENCE, check=False)
        assert done.returncode == 100 and b"-C" in done.stderr, (option, done)


@test
def ipv6_counts_by_network(c):
    for last in ("1:0:0:0:1", "1:ffff::2", "2::1"):
        subprocess.run(["ip", "addr", "add", f"2001:db8:0:{last}/128", "dev", "lo",
                        "nodad"], check=True)
    for option, second in (("-C1", b""), ("-C1/128", b"in\n"), ("-C1/48", b"")):
        with c.server(V, option, host="::1", address="::1",
                      program=["sh", "-c", "echo in; cat"]) as server:
            a, told = hold(server, 1, source="2001:db8:0:1::1")
            assert told == [b"in\n"]
            b, told = hold(server, 1, source="2001:db8:0:1:ffff::2")
            assert told == [second], (option, told)
            d, told = hold(server, 1, source="2001:db8:0:2::1")
            assert told == [b"" if option == "-C1/48" else b"in\n"], (option, told)
            for client in a + b + d:
                client.close()


RULE_LIMITS = """postern: 1
127.1.0.0/16: allow, limit 1, reject "450 one at a time\\r\\n"
127.2.0.0/16: allow, limit 2 per /16
127.3.0.0/16: allow, rate 2/hour, reject "450 too often\\r\\n"
127.4.0.0/16: deny, reject "550 go away\\r\\n"
*: allow
"""


@test
def rules_limit_and_say_why(c):
    rules = c.compile(RULE_LIMITS)
    held = []
    with c.server(V, "-x", rules, program=["sh", "-c", "echo in; cat"]) as server:
        for address, want in (
                ("127.1.0.1", [b"in\n", b"450 one at a time\r\n"]), ("127.1.0.2", [b"in\n"]),
                ("127.2.0.1", [b"in\n"]), ("127.2.9.9", [b"in\n", b""]),
                ("127.3.0.1", [b"in\n", b"in\n", b"450 too often\r\n"]),
                ("127.3.0.2", [b"in\n"]), ("127.4.0.1", [b"550 go away\r\n"]),
                ("127.5.0.1", [b"in\n", b"in\n"])):
            clients, told = hold(server, len(want), source=address)
            assert told == want, (address, told, want)
            held += clients
        for word in (b"limit", b"rate", b"deny"):
            server.said(re.compile(rb"tcpserver: " + word + rb" \d+ 0:"))


@test
def all_limits_of_a_rule_count_over_a_reload(c):
    def rule(limits):
        return f"postern: 1\n127.1.0.0/16: allow, {limits}, reject \"450 busy\\r\\n\"\n*: allow\n"
    rules = c.compile(rule("limit 2"))
    with c.server(V, "-x", rules, program=["sh", "-c", "echo in; cat"]) as server:
        held, told = hold(server, 2, source="127.1.0.1")
        assert told == [b"in\n"] * 2, told
        c.compile(rule("limit 2, limit 3 per /24, limit 9 per /8"))
        for address, want in (("127.1.0.1", b"450 busy\r\n"), ("127.1.0.2", b"in\n"),
                              ("127.1.0.3", b"450 busy\r\n"), ("127.1.9.3", b"in\n")):
            clients, told = hold(server, 1, source=address)
            assert told == [want], (address, told)
            held += clients
        c.compile(rule("limit 9 per /24, limit 4 per /8"))
        clients, told = hold(server, 1, source="127.1.77.3")
        assert told == [b"450 busy\r\n"], told
        server.wait_for(rb"struck \d+ limit 4 per /8,/64\n")
        assert re.findall(rb"struck \d+ (.*)\n", server.errors) == [
            b"limit 2 per /32,/64", b"limit 3 per /24,/64", b"limit 4 per /8,/64"]
        c.compile(rule("limit 4 per /8"))  # one says itself which it is
        more, told = hold(server, 1, source="127.1.77.3")
        assert told == [b"450 busy\r\n"], told
        assert server.errors.count(b"struck") == 3
        for client in held + clients + more:
            client.close()


@test
def limits_outlive_a_reload(c):
    rules = c.compile("postern: 1\n127.1.0.0/16: allow, limit 1\n*: allow\n")
    with c.server(V, "-x", rules, program=["sh", "-c", "echo in; cat"]) as server:
        clients, told = hold(server, 1, source="127.1.0.1")
        c.compile("postern: 1\n10.0.0.0/8: deny\n127.1.0.0/16: allow, limit 1\n*: allow\n")
        more, told = hold(server, 1, source="127.1.0.1")
        assert told == [b""], told
        for client in clients + more:
            client.close()


@test
def a_reject_arrives_although_the_client_goes_on_sending(c):
    rules = c.compile("postern: 1\n*: deny, reject \"550 no\\r\\n\"\n")
    with c.server(V, "-b1024", "-x", rules) as server:
        fds = descriptors(server)
        clients = [server.connect(send=b"EHLO " + b"x" * 2000 + b"\r\n") for _ in range(100)]
        time.sleep(0.2)
        assert [client.read() for client in clients] == [b"550 no\r\n"] * 100
        settle(lambda: descriptors(server) <= fds, f"those who stay on are let go: {fds}")
        for client in clients:
            client.close()


@test
def who_comes_again_after_the_end_is_no_second_client(c):
    rules = c.compile("postern: 1\n127.1.0.0/16: allow, limit 1\n"
                      "127.2.0.0/16: allow, limit 8\n*: allow\n")
    for options, source, at_once in ((["-x", rules], "127.1.0.1", 1),
                                     (["-C1"], "127.1.0.1", 1),
                                     (["-x", rules], "127.2.0.1", 8), (["-C8"], "127.2.0.1", 8)):
        with c.server(V, *options, "-c100", "-b1024", program=[c.tool("bench_tiny")]) as server:
            out = load(c, server, ARGS.sequential, at_once, source)
            assert out["got"] == ARGS.sequential, (options, out)
            settle(lambda: counts(server)["live"] == 0, "all ends")
            told = counts(server)
            assert told["limited"] == 0 and told["served"] == ARGS.sequential, told


@test
def over_a_limit_one_is_refused_all_the_same_and_a_flood_at_once(c):
    with c.server(V, "-C2", "-b1024", "-B220 hi\r\n",
                  program=["sh", "-c", "echo in; cat"]) as server:
        held = [server.connect(source="127.1.1.1") for _ in range(2)]
        for client in held:
            while b"in\n" not in client.socket.recv(100):
                pass
        flood = [server.connect(source="127.1.1.1") for _ in range(200)]
        other = server.connect(source="127.1.1.2")
        assert other.socket.recv(100).startswith(b"220 hi\r\n")
        # over -C or not: the banner is for everybody
        assert {client.read() for client in flood} == {b"220 hi\r\n"}
        told = counts(server)
        assert told["limited"] == 200 and told["waiting"] == 0, told
        for client in held + flood + [other]:
            client.close()


@test
def a_place_that_is_given_back_meanwhile_is_theirs(c):
    """Who is over a limit waits for a moment; a program that ends then makes room."""
    with c.server(V, "-C1", program=["sh", "-c", "echo in; cat"]) as server:
        for _ in range(50):
            first, second = (server.connect(source="127.1.1.1") for _ in range(2))
            first.socket.recv(100)
            first.close()
            second.read() if second.socket.recv(100) == b"" else None
            second.close()
            settle(lambda: counts(server)["live"] == 0, "both end")
        told = counts(server)
        assert told["served"] + told["limited"] == 100 == told["accepted"], told


@test
def nobody_is_refused_for_a_program_that_has_ended(c):
    """The last time that a limit is asked comes first, and only then the news of an end."""
    rules = c.compile("postern: 1\n* : allow, limit 1\n")
    waited = 0
    with c.server(V, "--keep-last-good", "-x", rules,
                  program=["sh", "-c", "echo in; cat"]) as server:
        for _ in range(200):
            first, told = hold(server, 1)
            second = server.connect()
            waits = counts(server)["waiting"] == 1
            observe.stop(server.process)
            second.socket.setblocking(False)
            try:
                waits = second.socket.recv(1, socket.MSG_PEEK) and waits
            except BlockingIOError:
                pass
            os.utime(rules)  # which is seen before the end is
            pid = children(server)[0]
            first[0].close()
            settle(lambda pid=pid: is_ended(pid), "the end of the program")
            time.sleep(0.1)
            server.process.send_signal(signal.SIGCONT)
            second.socket.settimeout(observe.PATIENCE)
            if waits:
                waited += 1
                assert (told, second.socket.recv(100)) == ([b"in\n"], b"in\n"), server.errors
            second.close()
            settle(lambda: counts(server)["live"] == 0, "both end")
            if waited == 5:
                break
    assert waited, "none was stopped while it waited"


@test
def who_waits_leaves_descriptors_for_others(c):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

    with c.server(V, "-C1", "-c500", "-b1024", program=["sh", "-c", "echo in; cat"],
                  preexec_fn=few) as server:
        sources = [f"127.1.0.{i}" for i in range(1, 121)]
        held = [server.connect(source=source) for source in sources]
        assert {client.socket.recv(100) for client in held} == {b"in\n"}
        observe.stop(server.process)
        flood = [server.connect(source=source) for source in sources]
        other = server.connect(source="127.2.0.1")
        server.process.send_signal(signal.SIGCONT)
        assert other.socket.recv(100) == b"in\n"
        assert {client.read() for client in flood} == {b""}
        assert b"unable to accept" not in server.errors, server.errors
        for client in held + flood + [other]:
            client.close()


@test
def a_rate_that_is_loosened_is_obeyed_at_once(c):
    rules = c.compile("postern: 1\n127.1.0.0/16: allow, rate 1/hour\n*: deny\n")
    with c.server("-RHl0", "-x", rules, program=["echo", "yes"]) as server:
        assert [ask(server, source="127.1.0.1") for _ in range(2)] == [b"yes\n", b""]
        c.compile("postern: 1\n127.1.0.0/16: allow, rate 3/hour\n*: deny\n")
        assert [ask(server, source="127.1.0.1") for _ in range(3)] == [b"yes\n", b"yes\n", b""]


@test
def limits_that_are_new_see_who_is_there(c):
    rules = c.compile("postern: 1\n127.0.0.0/8: allow\n*: deny\n")
    with c.server(V, "-x", rules, program=["sh", "-c", "echo in; cat"]) as server:
        clients, told = hold(server, 3, source="127.1.0.1")
        assert told == [b"in\n"] * 3, told
        for text, want in (("127.0.0.0/8: allow, limit 3", [b""]),
                           ("127.0.0.0/8: allow, limit 3 per /16", [b""]),
                           ("127.1.0.0/16: allow, limit 2", [b""]),
                           ("127.0.0.0/8: allow, limit 4", [b"in\n", b""])):
            c.compile(f"postern: 1\n{text}\n*: deny\n")
            more, told = hold(server, len(want), source="127.1.0.1")
            assert told == want, (text, told)
            clients += more
        for client in clients:
            client.close()


@test
def counters_say_what_the_log_says(c):
    rules = c.compile("postern: 1\n127.1.0.0/16: deny\n127.2.0.0/16: allow, rate 1/hour\n"
                      "*: allow\n")
    for program in (["true"], ["/no/such/program"]):
        with c.server(V, "-x", rules, program=program) as server:
            for source in ("127.1.0.1", "127.2.0.1", "127.2.0.1", "127.3.0.1", "127.3.0.1"):
                ask(server, source=source)
            server.wait_for(rb": end ", 5)
            told = counts(server)
            for name, words in (("served", b"ok"), ("denied", b"deny"),
                                ("limited", b"(?:limit|rate)"),
                                ("dropped", b"warning: dropping")):
                lines = len(re.findall(rb"(?m)^tcpserver: " + words + rb"\b", server.errors))
                assert told[name] == lines, (program, name, told, server.errors)


@test
def whoever_was_accepted_is_counted_somewhere(c):
    """Also those who wait for rules that are replaced again and again."""
    rules = c.path("rules.cdb")
    for name in ("a", "b", "rules.cdb"):
        c.compile(f'postern: 1\n* : allow, NAME="{name}"\n', name)
    with c.server("-RHl0", "-x", rules, program=["true"]) as server:
        for turn in range(60):
            shutil.copy(c.path("ab"[turn % 2]), c.path("new"))
            os.rename(c.path("new"), rules)
            client = server.connect()
            told = counts(server)
            assert told["accepted"] == sum(told[name] for name in (
                "served", "denied", "limited", "dropped", "looking", "waiting")), told
            client.read()
            client.close()


# --- several addresses ---------------------------------------------------------------

@test
def several_addresses_at_one_port(c):
    # what is named twice is one
    with c.server(V, host="127.0.0.1,127.0.0.2,::1,127.0.0.1", program=["echo", "hi"]) as server:
        for address in ("127.0.0.1", "127.0.0.2", "::1"):
            assert ask(server, address=address) == b"hi\n"
        try:
            ask(server, address="127.0.0.3")
        except ConnectionRefusedError:
            return
        raise AssertionError("it listens where it was not told to")


# --- rules ---------------------------------------------------------------------------

@test
def a_name_is_each_of_its_addresses(c):
    names = {("two.test", S.A): [S.address("127.3.0.1"), S.address("127.3.0.2")],
             ("two.test", S.AAAA): [S.address("::1")],
             ("twice.test", S.A): [S.address("127.3.0.1"), S.address("127.3.0.1")],
             ("partly.test", S.A): [S.address("127.3.0.1"), S.address("192.0.2.1")],
             ("nowhere.test", S.A): [S.address("192.0.2.1"), S.address("192.0.2.2")]}
    three = {"127.3.0.1", "127.3.0.2", "::1"}
    with S.Dns(names):
        for option, host, want in (("-v", "two.test", three), ("-v4", "two.test", three - {"::1"}),
                                   ("-v6", "two.test", {"::1"}),
                                   ("-v", "twice.test", {"127.3.0.1"}),
                                   ("-v6", "twice.test", {"127.3.0.1"}),
                                   ("-v", "partly.test", {"127.3.0.1"})):
            with c.server(option + "RHl0", host=host, env={"DNSCACHEIP": "127.0.0.1"},
                          program=["echo", "hi"]) as server:
                server.wait_for(rb"status: 0/")
                for address in three:
                    try:
                        got = ask(server, address=address)
                    except ConnectionRefusedError:
                        got = None
                    assert (got == b"hi\n") == (address in want), (option, host, address)
                said = set(re.findall(r"tcpserver: listening at (\S+) port",
                                      server.errors.decode()))
                assert said == (want if len(want) > 1 else set()), server.errors
                assert (b"not listening at 192.0.2.1 port" in server.errors) == \
                    (host == "partly.test"), server.errors
        done = subprocess.run([os.path.join(ARGS.bin, "tcpserver"), "nowhere.test", "0", "true"],
                              env={**observe.BASE, "DNSCACHEIP": "127.0.0.1"},
                              capture_output=True, timeout=600, check=False)
        assert done.returncode == 111 and b"unable to bind 192.0.2.2" in done.stderr, done


@test
def under_4_an_ipv6_address_is_an_error(c):
    for program, words in (("tcpserver", ["-4", "::1", "0", "true"]),
                           ("tcpserver", ["-4", "127.0.0.1,2001:db8::1", "0", "true"]),
                           ("tcpclient", ["-4RHl0", "::1", "25", "true"])):
        done = subprocess.run([os.path.join(ARGS.bin, program), *words], capture_output=True,
                              timeout=600, check=False)
        assert done.returncode == 111 and b"-4 allows no IPv6 address" in done.stderr, done
    with c.server("-4RHl0", host="::ffff:127.0.0.1", program=["echo", "hi"]) as server:
        assert ask(server) == b"hi\n"  # that one is IPv4


def handed(sockets):
    """tcpserver with these sockets as systemd hands them over."""
    code = ("import os, sys; fds = list(map(int, sys.argv[1].split(',')))\n"
            "for i, f in enumerate(fds): os.dup2(f, 3 + i)\n"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)))\n"
            "os.execv(sys.argv[2], sys.argv[2:])")
    # above where they go
    fds = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets)]
    try:
        return subprocess.Popen(
            [sys.executable, "-c", code, ",".join(map(str, fds)),
             os.path.join(ARGS.bin, "tcpserver"), "-RHl0", "systemd", "0", "echo", "yes"],
            pass_fds=fds, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    finally:
        for fd in fds:
            os.close(fd)


@test
def only_listening_tcp_sockets_are_taken_over(c):
    def bound(*words, listen=False):
        made = socket.socket(*words)
        if made.family == socket.AF_UNIX:
            made.bind(c.path(f"socket{made.fileno()}"))
        elif made.family in (socket.AF_INET, socket.AF_INET6):
            made.bind(("::1" if made.family == socket.AF_INET6 else "127.0.0.1", 0))
        if listen:
            made.listen(5)
        return made
    good = bound(socket.AF_INET, socket.SOCK_STREAM, listen=True)
    rows = [(bound(socket.AF_UNIX, socket.SOCK_STREAM, listen=True), b"no IPv4 or IPv6 socket"),
            (bound(socket.AF_UNIX, socket.SOCK_DGRAM), b"no IPv4 or IPv6 socket"),
            (bound(socket.AF_INET, socket.SOCK_DGRAM), b"no stream socket"),
            (bound(socket.AF_INET6, socket.SOCK_DGRAM), b"no stream socket"),
            (bound(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), b"no stream socket"),
            (bound(socket.AF_INET6, socket.SOCK_STREAM), b"does not listen"),
            (socket.socket(socket.AF_NETLINK, socket.SOCK_RAW), b"no IPv4 or IPv6 socket")]
    for odd, reason in rows:
        for sockets, place in (([odd], b"3"), ([good, odd], b"4")):
            server = handed(sockets)
            said = server.communicate(timeout=600)[1]
            assert server.returncode == 111, (reason, said)
            assert b"descriptor " + place + b": " in said and reason in said, (reason, said)
    with open(c.write("file", b""), "rb") as plain:
        server = handed([plain])
        assert b"descriptor 3" in server.communicate(timeout=600)[1] and server.returncode == 111
    both = [good, bound(socket.AF_INET6, socket.SOCK_STREAM, listen=True)]
    server = handed(both)
    for each in both:
        with socket.create_connection(each.getsockname()[:2], timeout=600) as client:
            assert client.recv(10) == b"yes\n"
    server.terminate()
    server.communicate(timeout=600)
    for each in both + [odd for odd, _ in rows]:
        each.close()


@test
def rules_copied_over_the_live_file_never_end_it(c):
    """cp truncates and rewrites the file that the server reads: SIGBUS for who maps it."""
    variables = ", ".join(f'V{i}="%d"' for i in range(40))
    lists = "\n".join(f"10.{i // 250}.{i % 250}.0/24: deny" for i in range(3000))
    for native in (True, False):
        texts = []
        for generation in (1, 2):
            if native:
                text = f"postern: 1\n{lists}\n*: allow, " + variables.replace("%d", str(generation))
            else:
                text = re.sub(r"\.0/24: ", ".:", lists) + "\n:allow," + \
                    variables.replace("%d", str(generation)).replace(", ", ",") + "\n"
            c.compile(text + "\n", f"rules.{generation}")
            texts.append(c.path(f"rules.{generation}"))
        shutil.copy(texts[0], c.path("live.cdb"))
        program = ["sh", "-c", "env | sed -n 's/^V[0-9]*=//p' | sort -u"]
        with c.server("-RHl0", "-x", c.path("live.cdb"), program=program) as server:
            stop = threading.Event()

            def churn():
                turn = 0
                while not stop.is_set():
                    turn += 1
                    subprocess.run(["cp", texts[turn % 2], c.path("live.cdb")], check=True)
                    time.sleep(0.002)
            thread = threading.Thread(target=churn)
            thread.start()
            got = [ask(server) for _ in range(150)]
            stop.set()
            thread.join()
            # one whole policy, or a dropped connection; never a mixture
            assert set(got) <= {b"1\n", b"2\n", b""}, set(got)
            assert server.process.poll() is None
            shutil.copy(texts[0], c.path("live.cdb"))
            time.sleep(0.1)
            assert ask(server) == b"1\n"


@test
def every_connection_is_decided_by_the_newest_file(c):
    program = ["sh", "-c", "echo $G"]
    with c.server("-RHl0", "-x", c.compile(":allow,G=\"0\"\n"), program=program) as server:
        for generation in range(1, 40):
            c.compile(f":allow,G=\"{generation}\"\n")
            assert ask(server) == b"%d\n" % generation


@test
def the_last_good_rules_stay_if_asked_for(c):
    rules = c.rules(":allow,G=\"1\"\n")
    with c.server(V, "--keep-last-good", "-x", rules, program=["sh", "-c", "echo $G"]) as server:
        c.write("rules.cdb", b"half a file")
        assert ask(server) == b"1\n"


def with_last_good(c, rules, install):
    """Version 1, then 2 while nobody comes, then a damaged one: whose is the next client?"""
    with c.server("-RHl0", "--keep-last-good", "-x", rules,
                  program=["sh", "-c", "echo $G"]) as server:
        assert ask(server) == b"1\n"
        before = counts(server)["loads"]
        install(b"2")
        settle(lambda: counts(server)["loads"] > before, "nobody looked at the rules")
        install(None)
        return ask(server)


@test
def the_last_good_rules_are_the_last_that_were_installed(c):
    def image(number):
        if number is None:
            return b"half a file"
        with open(c.rules(f":allow,G=\"{number.decode()}\"\n", "made"), "rb") as f:
            return f.read()

    def by_rename(number):
        os.rename(c.write("next", image(number)), c.path("rules.cdb"))

    def in_place(number):
        c.write("rules.cdb", image(number))

    def behind_a_link(number):
        os.rename(c.write("elsewhere/next", image(number)), c.path("elsewhere/real"))
    os.mkdir(c.path("elsewhere"))
    for install in (by_rename, in_place):
        install(b"1")
        assert with_last_good(c, c.path("rules.cdb"), install) == b"2\n", install.__name__
        install(b"1")
        assert with_last_good(c, "rules.cdb", install) == b"2\n", install.__name__
    behind_a_link(b"1")
    os.symlink("elsewhere/real", c.path("link"))
    assert with_last_good(c, c.path("link"), behind_a_link) == b"2\n"


@test
def odd_files_as_rules_drop_connections_only(c):
    os.mkdir(c.path("folder"))
    os.mkfifo(c.path("fifo"))
    os.symlink("loop", c.path("loop"))
    c.write("short", b"x")
    for name in ("folder", "fifo", "loop", "short", "/dev/null", "/dev/zero", "/proc/self/mem"):
        with c.server(V, "-x", c.path(name), program=["echo", "hi"]) as server:
            assert ask(server) == b"", name
            server.wait_for(rb": end \d+ status 28416")
            server.said(b"dropping connection, unable to read")
            assert server.process.poll() is None


@test
def rules_that_others_can_change_are_told_of(c):
    rules = c.rules(":allow\n")
    os.chmod(rules, 0o666)
    with c.server("-RHl0", "-x", rules) as server:
        server.wait_for(rb"can be changed by everybody")
    os.chmod(rules, 0o644)
    os.chown(rules, 1, 1)
    os.chmod(c.folder, 0o755)
    with c.server("-RHl0", "-u1", "-x", rules) as server:
        server.wait_for(rb"can be changed by the user of -u")
        server.said(b"can be changed by the user")


# --- shortages -----------------------------------------------------------------------

def short_server(c, *options, program=None):
    return c.server(V, *options, program=program or [c.tool("bench_tiny")],
                    env={"LD_PRELOAD": ARGS.shortage, "SHORTAGE": c.path("short")})


@test
def failures_of_accept_pass(c):
    for error, told in ((errno.EMFILE, b"process cannot open more files"),
                        (errno.ENFILE, b"system cannot open more files"),
                        (errno.ENOBUFS, b"out of buffer space"), (errno.ENOMEM, b"out of memory"),
                        (errno.ECONNABORTED, None), (errno.EPROTO, None)):
        with short_server(c) as server:
            assert ask(server) == b"a\n"
            c.write("short", b"accept4 %d" % error)
            client = server.connect()
            time.sleep(1.3)
            os.unlink(c.path("short"))
            assert client.read() in ((b"a\n", b"") if told else (b"a\n",)), error
            assert ask(server) == b"a\n", error
            if told:
                server.said(re.compile(rb"warning: unable to accept.*\n"))
                lines = re.findall(rb"warning: unable to accept.*", server.errors)
                assert told in lines[0] and len(lines) <= 3, server.errors


@test
def failures_of_fork_pass(c):
    with short_server(c) as server:
        c.write("short", b"clone %d" % errno.EAGAIN)
        assert ask(server) == b""
        server.wait_for(rb"unable to fork")
        server.said(b"dropping connection, unable to fork: ")
        os.unlink(c.path("short"))
        assert ask(server) == b"a\n"
        settle(lambda: counts(server)["live"] == 0, "counters released")


@test
def no_process_for_the_user_of_the_server(c):
    """The real thing: RLIMIT_NPROC of an account that nobody else uses."""
    os.chmod(c.folder, 0o755)

    def few():
        resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
    with c.server(V, "-u54321", program=["/bin/sh", "-c", "echo hi; read line"],
                  preexec_fn=few) as server:
        first = server.connect()
        assert first.socket.recv(10) == b"hi\n"
        assert ask(server) == b""
        server.wait_for(rb"unable to fork: ")
        server.said(b"unable to fork: temporary failure")
        first.close()
        settle(lambda: not children(server), "the first program")
        assert ask(server, send=b"bye\n") == b"hi\n", "recovered"


@test
def no_descriptor_left(c):
    with c.server(V, program=["/bin/echo", "hi"]) as server:
        assert ask(server) == b"hi\n"
        settle(lambda: not children(server), "the first program")
        before = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE,
                         (descriptors(server), before[1]))
        client = server.connect()
        server.wait_for(rb"unable to accept: process cannot open more files")
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, before)
        assert client.read() == b"hi\n", "it waited for its turn"
        assert ask(server) == b"hi\n"


@test
def no_memory(c):
    with S.Ident(b"a:b:c:joe\r\n"):
        with c.server("-vHl0", program=[c.tool("bench_tiny")],
                      env={"LD_PRELOAD": ARGS.shortage, "SHORTAGE": c.path("short")}) as server:
            assert ask(server) == b"a\n"
            c.write("short", b"malloc %d" % errno.ENOMEM)
            for _ in range(3):
                assert ask(server) == b""
            server.wait_for(rb"out of memory")
            server.said(b"out of memory")
            os.unlink(c.path("short"))
            assert ask(server) == b"a\n"
            assert server.process.poll() is None


@test
def nobody_reads_the_log(c):
    read_end, write_end = os.pipe()
    command = [os.path.join(c.programs, "tcpserver"), "-1", V, "-c100", "-b1024", "127.0.0.1",
               "0", c.tool("bench_tiny")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=write_end)
    os.close(write_end)
    try:
        unread(c, process, read_end)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def unread(c, process, read_end):
    class Port:
        address, port = "127.0.0.1", int(process.stdout.readline())
    out = load(c, Port, 5000, 16)
    assert out["got"] == 5000, out
    text = b""
    os.set_blocking(read_end, False)
    until = time.monotonic() + observe.PATIENCE
    while b"lines lost" not in text and time.monotonic() < until:
        try:
            text += os.read(read_end, 65536)
        except BlockingIOError:
            time.sleep(0.01)
    assert b"lines lost\n" in text
    odd = [line for line in text.split(b"\n")[:-1] if not line.startswith(b"tcpserver: ")]
    assert not odd, odd[:3]
    assert load(c, Port, 100, 4)["got"] == 100
    os.close(read_end)  # and now there is nobody at all
    assert load(c, Port, 3000, 16)["got"] == 3000
    process.terminate()
    assert process.wait(observe.PATIENCE) == 0


@test
def a_patient_log_loses_nothing(c):
    with c.server(V, "--log-block", "-c50", "-b500", program=[c.tool("bench_tiny")]) as server:
        assert load(c, server, 3000, 16)["got"] == 3000
        settle(lambda: server.errors.count(b": end ") == 3000, "every end is told")
        assert b"lost" not in server.errors


@test
def a_program_that_comes_later(c):
    with c.server(V, program=[c.path("late")]) as server:
        assert ask(server) == b""
        c.write("late", b"#!/bin/sh\necho here\n", 0o755)
        assert ask(server) == b"here\n"


@test
def descriptors_closed_at_the_start(c):
    def close():
        os.close(0)
    with c.server("-RHl0", preexec_fn=close,
                  program=["sh", "-c", "for f in /proc/$$/fd/*; do echo ${f##*/}; done"]) as server:
        assert ask(server).split()[:3] == [b"0", b"1", b"2"]


# --- look-ups ------------------------------------------------------------------------

@test
def ident_servers_that_drip_lie_or_flood_hold_up_nobody(c):
    drip = [b"x"] * 100
    for reply, delay in ((None, 0), (drip, 0.2), ([b"y" * 65536] * 16, 0),
                         ([b"a:b:c:" + b"z" * 65536] * 16, 0)):
        with S.Ident(reply, delay):
            with c.server("-vHl0", "-t1", "-c100", program=["echo", "hi"]) as server:
                start = time.monotonic()
                with concurrent.futures.ThreadPoolExecutor(20) as pool:
                    got = list(pool.map(lambda _: ask(server), range(20)))
                assert got == [b"hi\n"] * 20, got
                # one after the other, they would take a second each
                assert time.monotonic() - start < 15, "one deadline, for all at once"


@test
def names_and_ident_are_asked_together(c):
    back = {(S.reverse(f"127.0.0.{i}"), S.PTR): [S.ptr(f"h{i}.example")] for i in (1, 2)}

    def first():  # no reply before all three questions have come
        settle(lambda: len({n for n, _ in dns.asked}) == 2 and ident.queries, "all are asked")
    with S.Dns(back, first=first) as dns, \
            S.Ident(b"a:b:c:joe\r\n", address="0.0.0.0", first=first) as ident, \
            c.server("-v", env={"DNSCACHEIP": "127.0.0.1"}, program=[
                "sh", "-c", "echo $TCPLOCALHOST $TCPREMOTEHOST $TCPREMOTEINFO"]) as server:
        assert ask(server, source="127.0.0.2") == b"h1.example h2.example joe\n"


@test
def a_name_server_that_does_not_answer_uses_up_no_place(c):
    """Two places; forty clients wait for names; those who need none are served."""
    rules = c.rules("127.7.:deny\n:allow\n")
    silent = {(S.reverse(f"127.1.0.{i}"), S.PTR): None for i in range(1, 41)}
    answers = {**silent, (S.reverse("127.2.0.1"), S.PTR): [S.ptr("quick.example")]}
    with S.Dns(answers), c.server("-vRl0", "-c2", "-x", rules,
                                  program=["sh", "-c", "echo $TCPREMOTEHOST"],
                                  env={"DNSCACHEIP": "127.0.0.1"}) as server:
        waiting = [server.connect(source=f"127.1.0.{i}") for i in range(1, 41)]
        settle(lambda: counts(server)["looking"] == 40, "all are looked up")
        for _ in range(5):
            assert ask(server, source="127.2.0.1") == b"quick.example\n"
            assert ask(server, source="127.7.0.1") == b""
        assert counts(server)["looking"] == 40
        for client in waiting[:20]:  # gone before their answers
            client.close()
        assert [client.read() for client in waiting[20:]] == [b"\n"] * 20
        server.said(b"look-ups of names: no answer")
        assert server.errors.count(b"no answer") <= 4, "at most once a second"
        settle(lambda: counts(server)["looking"] == 0, "all done")


@test
def a_name_server_that_answers_late_or_garbage(c):
    back = (S.reverse("127.0.0.1"), S.PTR)
    for answers, delay in (({back: [S.ptr("late.example")]}, 0.5), ({back: b""}, 0),
                           ({back: b"\x81\x80" + b"\xff" * 300}, 0),
                           ({back: b"\x81\x80\0\1\xff\xff\0\0\0\0" + b"\xc0\x0c" * 200}, 0)):
        with S.Dns(answers, delay), c.server("-vRl0", program=["echo", "hi"],
                                             env={"DNSCACHEIP": "127.0.0.1"}) as server:
            client = server.connect()
            client.close()  # gone before any answer
            if delay:
                assert ask(server) == b"hi\n"
                server.wait_for(b"late.example")  # the log may come behind the answer
                server.said(b"late.example")
            assert server.process.poll() is None


@test
def other_name_servers_are_asked_once_they_are_named(c):
    """As the original, which reads resolv.conf for each client."""
    resolv = c.write("resolv.conf", b"nameserver 127.0.0.7\n")
    with S.Dns({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("found.example")]}):
        process = subprocess.Popen(
            [os.path.join(c.programs, "tcpserver"), "-1vRl0", "127.0.0.1", "0", "sh", "-c",
             "echo ${TCPREMOTEHOST-none}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**observe.BASE, "LD_PRELOAD": ARGS.elsewhere, "ELSEWHERE": resolv})

        class Port:
            address, port, ports = "127.0.0.1", int(process.stdout.readline()), []
        try:
            assert observe.Client(Port).read() == b"none\n"
            c.write("resolv.conf", b"nameserver 127.0.0.1\n")
            assert observe.Client(Port).read() == b"found.example\n"
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


# --- the companions, where they do better ---------------------------------------------

def rblsmtpd(*options):
    """Whether the program ran, what the client was told, what the log was."""
    done = subprocess.run([os.path.join(ARGS.bin, "rblsmtpd"), *options, "echo", "RAN"],
                          input=b"RCPT\r\nQUIT\r\n", capture_output=True, timeout=600,
                          check=False, env={**observe.BASE, "DNSCACHEIP": "127.0.0.1",
                                            "TCPREMOTEIP": "192.0.2.10"})
    return done.stdout == b"RAN\n", done.stdout, done.stderr


@test
def a_list_that_reports_an_error_refuses_nobody(_):
    name = "10.2.0.192."
    answers = {}
    for zone, addresses, words in (("good.test", ["127.0.0.2"], "listed"),
                                   ("refused.test", ["127.255.255.254"], "Error: resolver"),
                                   ("both.test", ["127.0.0.2", "127.255.255.1"], "odd"),
                                   ("wild.test", ["192.0.2.80"], "for sale"),
                                   ("silent.test", ["127.255.255.255"], None),
                                   ("plain.test", ["127.0.0.4"], None),
                                   ("words.test", [], "words alone")):
        answers[name + zone, S.A] = [S.address(a) for a in addresses]
        answers[name + zone, S.TXT] = [S.text(words.encode())] if words else []
    broken = b"\x81\x80\0\1\0\2\0\0\0\0" + b"\xc0"
    answers[name + "broken.test", S.A] = answers[name + "broken.test", S.TXT] = broken
    with S.Dns(answers):
        for zone, runs, said in (("good.test", False, b"listed"), ("plain.test", True, b""),
                                 ("words.test", False, b"words alone"),
                                 ("plain.test:Blocked %IP%, %IP%!", False,
                                  b"451 Blocked 192.0.2.10, 192.0.2.10!"),
                                 ("words.test:never", True, b""), ("absent.test", True, b"")):
            got = rblsmtpd("-r", zone)
            assert got[0] == runs and said in got[1] and b"error" not in got[2], (zone, got)
        for zone in ("refused.test", "both.test", "wild.test", "silent.test", "refused.test:x"):
            for option in ("-r", "-a"):
                if option == "-a" and ":" in zone:
                    continue
                got = rblsmtpd("-b", option, zone)
                assert got[0] and zone.partition(":")[0].encode() + b" reports an error" in \
                    got[2], (option, zone, got)
            got = rblsmtpd("-c", "-r", zone)
            assert not got[0] and b"451 temporary RBL lookup error" in got[1], (zone, got)
        got = rblsmtpd("-r", "broken.test")
        assert got[0], got
        got = rblsmtpd("-c", "-r", "broken.test")
        assert not got[0] and b"451 temporary" in got[1], got
        # another list decides all the same, but for now only
        got = rblsmtpd("-b", "-r", "wild.test", "-r", "good.test")
        assert not got[0] and b"451 listed" in got[1], got


@test
def options_say_what_they_want(_):
    for program, words, wants in (
            ("tcpserver", ["-u", "qmaild"], b'-u wants a number from 0 to 4294967295, not "qmaild"'),
            ("tcpserver", ["-c", ""], b"-c wants a number from 0 to 10000000, and its argument is empty"),
            ("tcpserver", ["-t-1"], b'-t wants a number from 0 to 86400, not "-1"'),
            ("tcpserver", ["-C", "5/200"], b'-C wants N[/LEN],..., not "5/200"'),
            ("tcpserver", ["-c", "\x1b[2J"], b'not "?[2J"'),
            ("tcpclient", ["-T", "x"], b'not "x"'),
            ("rblsmtpd", ["-r", "a b"], b'-r wants BASE[:MESSAGE], not "a b"'),
            ("rblsmtpd", ["-a", "zone:message"], b'-a wants BASE, not "zone:message"'),
            ("rblsmtpd", ["-r", ":message"], b'not ":message"'),
            ("rblsmtpd", ["-r", ""], b"its argument is empty")):
        done = subprocess.run([os.path.join(ARGS.bin, program), *words, "x", "0", "true"],
                              capture_output=True, timeout=600, check=False)
        assert done.returncode == 100 and wants in done.stderr, (program, words, done)


@test
def tcpclient_gives_up_in_its_time(_):
    """A listener whose queue is full: the system answers nothing, for minutes."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = []
    for _ in range(8):
        waiting.append(socket.socket())
        waiting[-1].setblocking(False)
        waiting[-1].connect_ex(full.getsockname())
    for option in ("-T1", "-T1+1"):
        done = subprocess.run([os.path.join(ARGS.bin, "tcpclient"), "-RHl0", option, "127.0.0.1",
                               str(full.getsockname()[1]), "true"], capture_output=True,
                              timeout=50, check=False)  # the default is a minute
        assert done.returncode == 111 and b"unable to connect" in done.stderr, done
    for each in waiting + [full]:
        each.close()


def in_case(function, folder):
    function(Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--bench-bin", required=True)
    parser.add_argument("--shortage", required=True)
    parser.add_argument("--elsewhere", required=True)
    parser.add_argument("--connections", type=int, default=200000)
    parser.add_argument("--sequential", type=int, default=20000)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    for name in ("bin", "bench_bin", "shortage", "elsewhere"):
        setattr(ARGS, name, os.path.abspath(getattr(ARGS, name)))
    if not S.isolate():
        return 77
    return runner.run(
        [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
