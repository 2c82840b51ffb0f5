#!/usr/bin/env python3
"""tcpserver --limits-patch: what the patch's own description says of its variables.

Everything happens in a network namespace of its own, where all of 127/8 and some more
networks are this host, and in a mount namespace, where /proc/loadavg is a file of the test.
"""
import argparse
import ctypes
import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
from observe import counts, descriptors  # noqa: E402

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
TESTS = []
ARGS = None
STAYS = ["cat"]  # until its client has closed
FLAGS = ("-vRHl0", "--limits-patch")
EVERYWHERE = {"host": "0", "program": STAYS}


def test(function):
    TESTS.append(function)
    return function


class Load:
    """What /proc/loadavg says, to this process and its children."""

    def __init__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fine = libc.unshare(CLONE_NEWNS) == 0
        with tempfile.NamedTemporaryFile(mode="w", prefix="postern-load-", delete=False) as f:
            self.path = f.name
        self.fine = self.fine and not libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        self.fine = self.fine and not libc.mount(self.path.encode(), b"/proc/loadavg", None,
                                                 MS_BIND, None)

    def be(self, text):
        """From now on; a server that has read it less than a second ago reads it later."""
        with open(self.path, "w", encoding="ascii") as f:
            f.write(f"{text} 0.10 0.20 1/99 4242\n")

    def end(self):
        os.unlink(self.path)


def connect(server, source):
    """From an address of this host to itself, or where the server is."""
    own = source if server.address == "127.0.0.1" else None
    return server.connect(source=source, address=own)


def refused(server, source):
    """A client that gets no program: what it is sent, and the end of its line."""
    before = server.errors.count(b": deny ")
    client = connect(server, source)
    got = client.read()
    client.close()
    server.wait_for(rb": deny .*\n", before + 1)
    line = server.errors.decode("latin1").rpartition(": deny ")[2].split("\n")[0]
    pid, rest = line.split(" ", 1)
    assert int(pid) == server.process.pid, (line, "it has cost a process")
    assert f":{source}:" in line, line
    return got, rest.split(" ", 2)[2] if rest.count(" ") > 1 else ""


def served(server, source):
    """A client that stays: its connection."""
    client = connect(server, source)
    client.socket.sendall(b"here")
    assert client.socket.recv(4) == b"here", (source, server.errors)
    return client


def counted(server, source):
    """Is a client refused? It does not stay."""
    before = server.errors.count(b": deny ")
    client = connect(server, source)
    try:
        client.socket.sendall(b"x")
        got = client.socket.recv(1)
    except (BrokenPipeError, ConnectionResetError):
        got = b""
    client.close()
    if not got:
        server.wait_for(rb": deny .*\n", before + 1)
    return not got


def end(server, *clients):
    """Closes them, and waits for the ends of their programs."""
    before = server.errors.count(b": end ")
    for client in clients:
        client.close()
    server.wait_for(rb": end \d+ ", before + len(clients))


def eventually(condition, what):
    until = time.monotonic() + observe.PATIENCE
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.05)


@test
def example_a_of_the_description(c):
    ARGS.load.be("9.99")
    rules = c.rules('192.168.:allow,MAXLOAD="1000"\n:allow,MAXCONNIP="3"\n')
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        lan = [served(server, "192.168.7.7") for _ in range(5)]
        others = [served(server, "127.0.0.9") for _ in range(3)]
        assert refused(server, "127.0.0.9") == (b"", "MAXCONNIP:3")
        others.append(served(server, "127.0.0.10"))
        ARGS.load.be("10.01")
        eventually(lambda: counted(server, "192.168.7.7"), "the load refuses")
        assert refused(server, "192.168.7.8") == (b"", "MAXLOAD:1001")
        others.append(served(server, "127.0.0.11"))  # nobody asks for its load
        end(server, *lan, *others)
        assert counts(server)["live"] == 0


@test
def example_b_of_the_description(c):
    ARGS.load.be("4.99")
    rules = c.rules(
        '192.168.:allow\n5.6.7.8:allow,MAXCONNIP="3"\n'
        '1.2.:allow,MAXLOAD="500",MAXCONNIP="1",MAXCONNC="5"\n'
        ':allow,MAXLOAD="1000",MAXCONNIP="3",DIEMSG="421 example.com unavailable"\n')
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        stay = []  # a client that nobody holds is closed
        for _ in range(3):
            stay += [served(server, "192.168.0.1"), served(server, "5.6.7.8")]
        assert refused(server, "5.6.7.8") == (b"", "MAXCONNIP:3")
        farm = [served(server, f"1.2.3.{i}") for i in range(1, 6)]
        assert refused(server, "1.2.3.1") == (b"", "MAXCONNIP:1")  # of both the address
        assert refused(server, "1.2.3.6") == (b"", "MAXCONNC:5")
        stay.append(served(server, "1.2.4.6"))
        end(server, farm[0])
        stay.append(served(server, "1.2.3.6"))
        stay += [served(server, "127.0.0.1") for _ in range(3)]
        assert refused(server, "127.0.0.1") == (b"421 example.com unavailable\r\n",
                                                "MAXCONNIP:3")
        ARGS.load.be("5.01")
        eventually(lambda: counted(server, "1.2.9.9"), "the load refuses")
        assert refused(server, "1.2.9.9") == (b"", "MAXLOAD:501")
        stay.append(served(server, "127.0.0.2"))
        now = counts(server)
        assert now["denied"] == 0 and now["limited"] >= 5, now
        end(server, *stay, *farm[1:])


@test
def zero_and_what_is_no_number_refuse_always_and_a_load_of_zero_never(c):
    ARGS.load.be("77.00")
    rules = c.rules('127.0.0.1:allow,MAXCONNIP="0"\n127.0.0.2:allow,MAXCONNC="0"\n'
                    '127.0.0.3:allow,MAXCONNIP="five"\n127.0.0.4:allow,MAXLOAD="0"\n'
                    '127.0.0.5:allow,MAXLOAD="low"\n127.0.0.6:allow,MAXLOAD="76.5"\n'
                    '127.0.0.7:allow,MAXCONNIP="2x"\n127.0.0.8:allow,MAXLOAD="7700"\n'
                    '127.0.0.9:allow,MAXCONNC="99999999999999999999"\n:deny\n')
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        assert refused(server, "127.0.0.1") == (b"", "MAXCONNIP:0")
        assert refused(server, "127.0.0.2") == (b"", "MAXCONNC:0")
        assert refused(server, "127.0.0.3") == (b"", "MAXCONNIP:0")
        assert refused(server, "127.0.0.6") == (b"", "MAXLOAD:7700")
        clients = [served(server, f"127.0.0.{i}") for i in (4, 5, 7, 7, 8, 9)]
        assert refused(server, "127.0.0.7") == (b"", "MAXCONNIP:2")
        end(server, *clients)


@test
def messages_of_a_limit_come_before_that_of_all(c):
    ARGS.load.be("2.00")
    rules = c.rules(
        '127.0.0.1:allow,MAXLOAD="100",DIEMSG="421 no",DIEMSG_MAXLOAD="421 busy"\n'
        '127.0.0.2:allow,MAXCONNIP="0",DIEMSG="421 no",DIEMSG_MAXCONNIP="421 you"\n'
        '127.0.0.3:allow,MAXCONNC="0",DIEMSG="421 no",DIEMSG_MAXCONNC="421 yours"\n'
        '127.0.0.4:allow,MAXCONNC="0",DIEMSG="421 no",DIEMSG_MAXLOAD="421 busy"\n:deny\n')
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        got = [refused(server, f"127.0.0.{i}")[0] for i in range(1, 5)]
        assert got == [b"421 busy\r\n", b"421 you\r\n", b"421 yours\r\n", b"421 no\r\n"], got


@test
def what_the_server_was_started_with_holds_for_all_and_rules_override_it(c):
    ARGS.load.be("2.00")
    env = {"MAXCONNIP": "1", "MAXLOAD": "100", "DIEMSG": "421 own"}
    with c.server(*FLAGS, env=env, **EVERYWHERE) as server:
        assert refused(server, "127.0.0.1") == (b"421 own\r\n", "MAXLOAD:200")
    rules = c.rules('127.0.0.1:allow,MAXLOAD="0"\n'
                    '127.0.0.2:allow,MAXLOAD="900",MAXCONNIP="2",DIEMSG="421 rule"\n:allow\n')
    with c.server(*FLAGS, "-x", rules, env=env, **EVERYWHERE) as server:
        clients = [served(server, "127.0.0.1")]
        assert refused(server, "127.0.0.1") == (b"421 own\r\n", "MAXCONNIP:1")
        clients += [served(server, "127.0.0.2") for _ in range(2)]
        assert refused(server, "127.0.0.2") == (b"421 rule\r\n", "MAXCONNIP:2")
        assert refused(server, "127.0.0.3") == (b"421 own\r\n", "MAXLOAD:200")
        end(server, *clients)


@test
def the_variables_reach_the_program_and_without_the_flag_they_are_all_there_is(c):
    ARGS.load.be("2.00")
    rules = c.rules(':allow,MAXCONNIP="1",MAXLOAD="900",DIEMSG="421 x"\n')
    with c.server(*FLAGS, "-x", rules) as server:
        got = server.connect().read().decode()
        assert re.findall("(?m)^(?:MAX|DIE).*", got) == [
            "DIEMSG=421 x", "MAXCONNIP=1", "MAXLOAD=900"], got
    rules = c.rules(':allow,MAXCONNIP="0",MAXCONNC="0",MAXLOAD="1",DIEMSG="421 x"\n')
    with c.server("-vRHl0", "-x", rules, env={"MAXCONNIP": "0"}) as server:
        got = server.connect().read().decode()
        assert "MAXCONNIP=0\n" in got and "MAXLOAD=1\n" in got, got


@test
def everybody_counts_whatever_rule_they_came_by_and_over_a_reload(c):
    rules = c.rules(':allow\n')
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        clients = [served(server, "127.0.0.1"), served(server, "127.0.0.2")]
        c.rules('127.0.0.9:allow,MAXCONNC="2"\n127.0.0.1:allow,MAXCONNIP="2"\n:allow\n')
        assert refused(server, "127.0.0.9") == (b"", "MAXCONNC:2")
        clients.append(served(server, "127.0.0.1"))
        assert refused(server, "127.0.0.1") == (b"", "MAXCONNIP:2")
        end(server, *clients[:2])
        assert not counted(server, "127.0.0.9")
        clients = clients[2:] + [served(server, "127.0.0.1")]
        c.rules(':allow,MAXCONNIP="2"\n')
        assert counted(server, "127.0.0.1")
        end(server, *clients)
        assert not counted(server, "127.0.0.1")
        assert server.process.poll() is None


@test
def places_come_back_however_a_program_ends(c):
    rules = c.rules(':allow,MAXCONNIP="1",MAXCONNC="1"\n')
    with c.server(*FLAGS, "-x", rules, host="0",
                  program=["sh", "-c", "echo $$; exec cat"]) as server:
        for _ in range(20):  # who comes at once after its own end is never refused
            client = connect(server, "127.0.0.1")
            pid = int(client.socket.makefile("rb").readline())
            os.kill(pid, signal.SIGKILL)
            assert client.read() == b""
            client.close()
        assert b": deny " not in server.errors, server.errors
        before = descriptors(server)
        client = served_after_line(server, "127.0.0.1")
        for _ in range(10):
            assert refused(server, "127.0.0.1")[1] == "MAXCONNIP:1"
            assert refused(server, "127.0.0.2")[1] == "MAXCONNC:1"
        end(server, client)
        assert descriptors(server) == before
    with c.server(*FLAGS, "-x", rules, host="0", program=["/nonexistent"]) as server:
        for _ in range(10):
            assert connect(server, "127.0.0.1").read() == b""
        assert b": deny " not in server.errors, server.errors


def served_after_line(server, source):
    client = connect(server, source)
    assert client.socket.makefile("rb").readline().strip().isdigit()
    return client


@test
def who_is_refused_is_looked_up_by_nobody(c):
    rules = c.rules('127.0.0.1:allow,MAXCONNIP="1"\n:allow\n')
    with S.Dns({}) as dns, c.server("-vRl0", "--limits-patch", "-x", rules, program=STAYS,
                                    env={"DNSCACHEIP": "127.0.0.1"}) as server:
        client = served(server, "127.0.0.1")
        asked = len(dns.asked)
        assert asked
        assert refused(server, "127.0.0.1") == (b"", "MAXCONNIP:1")
        assert len(dns.asked) == asked, dns.asked
        end(server, client)
        end(server, served(server, "127.0.0.1"))


@test
def ipv6_counts_by_64_and_48(c):
    S.any_address()
    rules = c.rules(':allow,MAXCONNIP="1",MAXCONNC="2"\n')
    with c.server(*FLAGS, "-x", rules, host="::1", address="::1", program=STAYS) as server:
        clients = [served(server, "2001:db8:0:1::1")]
        assert refused(server, "2001:db8:0:1::2") == (b"", "MAXCONNIP:1")
        clients.append(served(server, "2001:db8:0:2::1"))
        assert refused(server, "2001:db8:0:3::1") == (b"", "MAXCONNC:2")
        clients.append(served(server, "2001:db8:1::1"))
        end(server, *clients)


@test
def behind_a_balancer_clients_count_and_not_the_balancer(c):
    def come(address):
        header = f"PROXY TCP4 {address} 192.0.2.25 4711 25\r\n".encode()
        client = connect(server, "127.0.0.2")
        client.socket.sendall(header + b"here")
        got = b""
        try:
            while len(got) < 4 and (piece := client.socket.recv(100)):
                got += piece
        except ConnectionResetError:
            pass
        stay.append(client)
        return got

    stay = []
    rules = c.rules(':allow,MAXCONNIP="1",MAXCONNC="2",DIEMSG="421"\n')
    with c.server(*FLAGS, "--proxy-from", "127.0.0.2", "-x", rules, **EVERYWHERE) as server:
        assert come("198.51.100.1") == b"here" and come("198.51.100.1") == b"421\r\n"
        assert come("198.51.100.2") == b"here" and come("198.51.100.3") == b"421\r\n"
        assert come("203.0.113.1") == b"here", server.errors
        server.said(b" MAXCONNIP:1\n")
        server.said(b" MAXCONNC:2\n")
        for client in stay:
            client.close()
        eventually(lambda: counts(server)["live"] == 0, server.errors)
        assert come("198.51.100.1") == b"here"
        stay[-1].close()


@test
def a_load_that_cannot_be_read_refuses_nobody_and_is_told_once(c):
    rules = c.rules(':allow,MAXLOAD="1"\n')
    ARGS.load.be("no load")
    with c.server(*FLAGS, "-x", rules, program=["echo", "yes"]) as server:
        for _ in range(3):
            assert server.connect().read() == b"yes\n"
            time.sleep(0.6)  # it is read again after a second
        said = server.errors.count(b"unable to read the load, MAXLOAD refuses nobody: ")
        assert said == 1, server.errors
    with c.server("-qRHl0", "--limits-patch", "-x", rules, program=["echo", "yes"]) as server:
        assert server.connect().read() == b"yes\n"
        assert server.errors == b""


@test
def a_rule_of_an_extended_policy_has_its_text_where_there_is_no_message(c):
    source = c.write("policy", b'postern: 1\n127.0.0.1 : allow, limit 9, MAXCONNIP="0", '
                     b'reject "421 mine\\r\\n"\n127.0.0.2 : allow, limit 9, MAXCONNIP="0", '
                     b'DIEMSG="421 patch", reject "421 mine\\r\\n"\n* : allow\n')
    subprocess.run([os.path.join(c.programs, "postern"), "compile", source, "-o",
                    c.path("native.cdb")], check=True)
    with c.server(*FLAGS, "-x", c.path("native.cdb"), **EVERYWHERE) as server:
        assert refused(server, "127.0.0.1") == (b"421 mine\r\n", "MAXCONNIP:0")
        assert refused(server, "127.0.0.2") == (b"421 patch\r\n", "MAXCONNIP:0")


def in_case(function, folder):
    function(observe.Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    if not S.isolate():
        return 77
    for network in ("192.168.255.1/16", "5.6.7.1/24", "1.2.255.1/16"):
        subprocess.run(["ip", "addr", "add", network, "dev", "lo"], check=True)
    ARGS.load = Load()
    try:
        if not ARGS.load.fine:
            print("nothing can be mounted over /proc/loadavg")
            return 77
        return runner.run(
            [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS],
            ARGS.names)
    finally:
        ARGS.load.end()


if __name__ == "__main__":
    sys.exit(main())
