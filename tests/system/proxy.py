#!/usr/bin/env python3
"""tcpserver behind a balancer: whose headers it believes, what it makes of them, and that
neither a balancer nor a client can take more by one than is theirs."""
import hashlib
import os
import random
import re
import resource
import signal
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import proxy  # noqa: E402
import runner  # noqa: E402
import servers  # noqa: E402

PLAIN = "-RHl0"
BALANCER, OTHER_BALANCER, STRANGER = "127.0.0.1", "127.0.0.2", "127.0.0.9"
NAMES = ["SSL_PROTOCOL", "SSL_CIPHER", "SSL_PEER_CERT_CN", "SSL_TLS_SNI_SERVERNAME",
         "PROXY_AUTHORITY", "PROXY_UNIQUE_ID"]
# who the client is, then what comes from it
WHO = ["/bin/sh", "-c", 'echo "$TCPREMOTEIP $TCPREMOTEPORT $TCPLOCALIP $TCPLOCALPORT"; exec cat']


def options(parser):
    parser.add_argument("--count", type=int, default=10000, help="of random headers")


SUITE = runner.Suite(options)
test = SUITE.test


def balanced(c, *args, lists=(BALANCER,), program=None, **more):
    """A server that believes balancers."""
    words = [w for one in lists for w in ("--proxy-from", one)]
    return c.server(*words, *(args or [PLAIN]), program=program or WHO, **more)


def visit(server, data, source=BALANCER, pieces=None):
    """What a connection is answered that sends this and ends its side."""
    client = server.connect(source=source)
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for piece in pieces or [data]:
            client.socket.sendall(piece)
        client.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it was dropped before the end
    got = client.read()
    client.close()
    return got


def answer(said, rest, peer=b""):
    """What WHO answers for what a header says."""
    if said is None:
        return b""
    if not said:
        return peer + rest
    return (f"{said['remote']} {said['ports'][0]} {said['local']} {said['ports'][1]}\n".encode()
            + rest)


HEADERS = [
    proxy.line(), proxy.line("2001:db8::7", "2001:db8::25"),
    proxy.line("::ffff:192.0.2.9", "::ffff:192.0.2.25", family="TCP6"),
    proxy.binary(), proxy.binary("2001:db8::7", "2001:db8::25"),
    proxy.binary("::ffff:192.0.2.9", "::ffff:192.0.2.25"),
    proxy.sealed(proxy.binary(tlvs=proxy.tlv(proxy.AUTHORITY, b"mail.example"))),
]


@test
def a_header_is_the_client_and_what_follows_is_the_programs(c):
    with balanced(c) as server:
        for header in HEADERS:
            for rest in (b"", b"EHLO x\r\n", b"\r\n\r\n\0\r\nQUIT\n", b"\n\n", proxy.line()):
                got = visit(server, header + rest)
                assert got == answer(*proxy.read(header + rest)), (header, rest, got)


@test
def a_header_may_come_a_byte_at_a_time_and_none_is_one_before_its_end(c):
    with balanced(c, PLAIN, "--proxy-timeout", 60) as server:
        for header in HEADERS:
            data = header + b"hello"
            assert visit(server, data, pieces=[data[i:i + 1] for i in range(len(data))]) == \
                answer(*proxy.read(data)), header
            for at in range(len(header)):
                assert visit(server, header[:at]) == b"", (header, at)
                client = server.connect(source=BALANCER)
                client.socket.sendall(header[:at])
                if at % 7 == 3:  # the server has seen it
                    observe.settle(lambda: observe.counts(server)["looking"] == 1, "it waits")
                client.socket.sendall(data[at:])
                client.socket.shutdown(socket.SHUT_WR)
                assert client.read() == answer(*proxy.read(data)), (header, at)
                client.close()


def mutated(rng, header):
    """Something like a header."""
    data = bytearray(header)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        at = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice(b"\0\n\r 0159:.\xff\x20\x21\x11")
        elif kind == 2:
            del data[at:at + rng.randrange(1, 4)]
        else:
            data[at:at] = bytes(rng.choice(b" 0\n\r:a") for _ in range(rng.randrange(1, 3)))
        if not data:
            data = bytearray(b"P")
    return bytes(data)


def random_tlvs(rng):
    def text():
        return rng.choice([b"", b"a", b"mail.example", b"J\xc3\xb6rg Doe", b"a\nb", b"\0",
                           bytes(rng.randrange(33, 127) for _ in range(rng.randrange(1, 300)))])
    out = b""
    for _ in range(rng.randrange(5)):
        kind = rng.choice([1, 2, 2, 4, 5, 5, 0x20, 0x20, 0x30, 0xe2])
        if kind == proxy.TLS:
            out += proxy.tls(rng.choice([0, 1, 3, 5, 7]), rng.choice([0, 0, 1, 256]),
                             **{n: text() for n in ("version", "cn", "cipher")
                                if rng.random() < 0.6})
        else:
            out += proxy.tlv(kind, text())
    return out


def random_header(rng):
    six = rng.random() < 0.4
    hosts = [str(proxy.ipaddress.ip_address(rng.getrandbits(128 if six else 32)
                                            if six or rng.random() < 0.9 else 0))
             for _ in range(2)]
    if six:
        hosts = [rng.choice([h, "::ffff:192.0.2.7", "::1"]) for h in hosts]
    if any(":" not in h for h in hosts) and six:
        hosts = ["2001:db8::1", "2001:db8::2"]
    ports = (rng.randrange(65536), rng.randrange(65536))
    if rng.random() < 0.4:
        return rng.choice([proxy.line(*hosts, ports), b"PROXY UNKNOWN\r\n",
                           proxy.line(*hosts, ports)])
    made = proxy.binary(*hosts, ports, random_tlvs(rng),
                        rng.choice([proxy.PROXY] * 6 + [proxy.LOCAL, 0x22, 0x11]),
                        rng.choice([None] * 6 + [proxy.UDP4, proxy.UNIX, 0, 0x77]))
    return proxy.sealed(made) if rng.random() < 0.3 else made


SHOW = ["/bin/sh", "-c", 'echo "$TCPREMOTEIP $TCPREMOTEPORT $TCPLOCALIP $TCPLOCALPORT"; ' +
        "".join(f'printf "%s\\n" "{n}=${{{n}-unset}}"; ' for n in NAMES) + "exec cat"]


def shown(said, rest, peer):
    if said is None:
        return b""
    env = said.get("env", {})
    head = answer(said, b"", peer)
    return head + "".join(f"{n}={env.get(n, 'unset')}\n" for n in NAMES).encode("latin1") + rest


@test
def ten_thousand_random_headers_are_read_as_a_slow_reader_reads_them(c):
    rng, served, dropped = random.Random(23), 0, 0
    unset = dict.fromkeys(NAMES, "of the server's own")
    for unknown in (False, True):
        more = ["--proxy-unknown"] if unknown else []
        with balanced(c, PLAIN, *more, program=SHOW, env=unset) as server:
            for _ in range(SUITE.args.count // 2):
                data = mutated(rng, random_header(rng))
                said, rest = proxy.read(data, unknown=unknown)
                client = server.connect(source=BALANCER)
                peer = f"{BALANCER} {client.port} {BALANCER} {server.port}\n".encode()
                at = rng.randrange(len(data))
                try:
                    client.socket.sendall(data[:at])
                    client.socket.sendall(data[at:])
                    client.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    assert said is None, data
                got, want = client.read(), shown(said, rest, peer)
                client.close()
                assert got == want, (data, got, want)
                served, dropped = served + (said is not None), dropped + (said is None)
            assert observe.counts(server)["looking"] == 0
    assert served > SUITE.args.count / 5 and dropped > SUITE.args.count / 5, (served, dropped)


@test
def a_peer_outside_of_the_list_is_believed_nothing(c):
    rules = c.rules('192.0.2.:allow,RELAYCLIENT=""\n:allow\n')
    program = ["/bin/sh", "-c", 'echo "$TCPREMOTEIP ${RELAYCLIENT-none}"; exec cat']
    with balanced(c, PLAIN, "-x", rules, program=program) as server:
        assert visit(server, proxy.line()) == b"192.0.2.1 \n"
        for header in HEADERS:
            assert visit(server, header, STRANGER) == \
                f"{STRANGER} none\n".encode() + header
        # nor does a header within a header say anything
        assert visit(server, proxy.line("198.51.100.7") + proxy.line()) == \
            b"198.51.100.7 none\n" + proxy.line()


@test
def rules_limits_and_rates_are_the_clients(c):
    path = c.path("rules")
    c.write("rules.rules", b"postern: 1\n198.51.100.0/24 : deny, reject \"go\"\n"
            b"203.0.113.0/24 : allow, rate 2/hour\n* : allow\n")
    c.run("postern", "compile", c.path("rules.rules"), "-o", path)
    assert c.lines[0] == "status 0", c.lines
    with balanced(c, "-vRHl0", "-C", 1, "-x", path) as server:
        assert visit(server, proxy.line("198.51.100.7")) == b"go"
        for n in range(4):
            got = visit(server, proxy.binary("203.0.113.5"))
            assert (got != b"") == (n < 2), (n, got)
        first = server.connect(source=BALANCER)
        first.socket.sendall(proxy.line("192.0.2.1"))
        assert first.socket.recv(100)
        assert visit(server, proxy.line("192.0.2.1")) == b""
        assert visit(server, proxy.line("192.0.2.2")) != b""
        first.close()
        observe.settle(lambda: b": limit " in server.errors and b": rate " in server.errors,
                       lambda: server.errors)
        for wanted in (rb": deny \d+ 0:::ffff:192.0.2.25:25 :::ffff:198.51.100.7::4711\n",
                       rb": rate \d+ 0:::ffff:192.0.2.25:25 :::ffff:203.0.113.5::4711\n",
                       rb": limit \d+ 0:::ffff:192.0.2.25:25 :::ffff:192.0.2.1::4711\n",
                       rb": pid \d+ from 192.0.2.2\n"):
            server.said(re.compile(wanted))
        assert b"127.0.0.1" not in server.errors, server.errors


@test
def the_first_bytes_reach_the_program_to_the_byte(c):
    data = random.Random(5).randbytes(1 << 20)
    digest = (hashlib.sha256(data).hexdigest() + "  -\n").encode()
    with balanced(c, program=["sha256sum"]) as server:
        for header in HEADERS[:4]:
            assert visit(server, header + data) == digest
            assert visit(server, None, pieces=[header, data[:1], data[1:]]) == digest


@test
def who_sends_no_header_is_dropped_in_time_and_others_are_served_meanwhile(c):
    with balanced(c, "-vRHl0", "--proxy-timeout", 2) as server:
        began = time.monotonic()
        silent = [server.connect(source=BALANCER) for _ in range(8)]
        half = server.connect(source=BALANCER, send=proxy.line()[:20])
        for n in range(20):
            assert visit(server, proxy.line()) and visit(server, b"hi", STRANGER)
            if n == 0:
                assert observe.counts(server)["dropped"] == 0 or time.monotonic() - began > 2
        for client in [*silent, half]:
            assert client.read() == b""
            client.close()
        assert time.monotonic() - began >= 2
        server.wait_for(b"unable to read the PROXY header of 127.0.0.1: it did not come in time\n", 9)
        assert server.errors.count(b"in time") == 9, server.errors
        # once served, a client has all the time of the world
        slow = server.connect(source=BALANCER, send=proxy.line())
        assert slow.socket.recv(100)
        time.sleep(2.2)
        slow.socket.sendall(b"late")
        slow.socket.shutdown(socket.SHUT_WR)
        assert slow.read() == b"late"
        slow.close()


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))


@test
def a_silent_balancer_takes_half_of_the_places_and_no_place_of_c(c):
    with balanced(c, PLAIN, "-c", 3, "--proxy-timeout", 60,
                  lists=[f"{BALANCER},{OTHER_BALANCER}"], preexec_fn=few_descriptors) as server:
        silent = [server.connect(source=BALANCER) for _ in range(90)]
        observe.settle(lambda: observe.counts(server)["dropped"] > 20, "some are dropped")
        taken = observe.counts(server)["looking"]
        assert 0 < taken <= 20, taken
        # another balancer, and clients without one, are served as ever
        for _ in range(10):
            assert visit(server, proxy.line(), OTHER_BALANCER)
            assert visit(server, b"", STRANGER)
        others = [server.connect(source=OTHER_BALANCER) for _ in range(taken - 1)]
        observe.settle(lambda: observe.counts(server)["looking"] >= 2 * taken - 1, "both wait")
        for client in silent + others:
            client.close()
        observe.settle(lambda: observe.counts(server)["looking"] == 0, "all places are free")
        assert visit(server, proxy.line())


@test
def where_all_places_are_taken_who_has_waited_longest_goes(c):
    lists = [f"127.0.1.{n}" for n in range(1, 30)]
    with balanced(c, "-vRHl0", "--proxy-timeout", 60, lists=[",".join(lists), BALANCER],
                  preexec_fn=few_descriptors) as server:
        silent = [server.connect(source=s) for s in lists]
        observe.settle(lambda: observe.counts(server)["dropped"] > 0, lambda: observe.counts(server))
        # whoever comes then gets a place within moments, though all are taken for a minute
        assert visit(server, None, pieces=[proxy.line()[:9], proxy.line()[9:]])
        server.said(b"it did not come in time")
        for client in silent:
            client.close()


@test
def ident_is_not_asked_and_names_are_the_clients(c):
    resolv = {"DNSCACHEIP": "127.0.0.1"}
    program = ["/bin/sh", "-c", 'echo "${TCPREMOTEHOST-none} ${TCPREMOTEINFO-unset} $TCPLOCALHOST"']
    answers = {(servers.reverse("192.0.2.1"), servers.PTR): [servers.ptr("client.example")],
               (servers.reverse("192.0.2.25"), servers.PTR): [servers.ptr("mx.example")],
               (servers.reverse(BALANCER), servers.PTR): [servers.ptr("balancer.example")],
               (servers.reverse(STRANGER), servers.PTR): [servers.ptr("stranger.example")]}
    rules = c.rules("joe@192.0.2.1:deny\n=client.example:allow\n:allow\n")
    with servers.Dns(answers) as dns, servers.Ident(b"1,2:USERID:UNIX:joe\r\n") as asked, \
            servers.Ident(b"1,2:USERID:UNIX:joe\r\n", address=STRANGER) as other, \
            balanced(c, "-v", "-x", rules, program=program, env=resolv) as server:
        for header in (proxy.line(), proxy.binary()):
            assert visit(server, header) == b"client.example unset mx.example\n"
        assert visit(server, proxy.binary(command=proxy.LOCAL)).startswith(
            b"balancer.example unset ")
        assert not asked.queries and not any(
            name == servers.reverse(BALANCER) for name, _ in dns.asked[:4])
        assert visit(server, b"", STRANGER).startswith(b"stranger.example joe ")
        assert len(other.queries) == 1


@test
def headers_of_the_balancer_itself(c):
    rules = c.rules('192.0.2.:deny\n127.0.0.1:allow,TAG="own"\n:allow,TAG="other"\n')
    program = ["/bin/sh", "-c", 'echo "$TCPREMOTEIP $TAG"']
    own, foreign = proxy.binary(command=proxy.LOCAL), [
        b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN 192.0.2.1 192.0.2.2 1 2\r\n",
        proxy.binary(family=proxy.UDP4), proxy.SIGNATURE + b"\x21\0\0\0"]
    with balanced(c, PLAIN, "-x", rules, program=program) as server:
        server.wait_for(b"a balancer's own connections from 127.0.0.1 get TAG\n")
        server.said(b"get TAG")
        assert visit(server, own) == b"127.0.0.1 own\n"
        for header in foreign:
            assert visit(server, header) == b"", header
        server.wait_for(b"it speaks of no TCP connection over IPv4 or IPv6\n", 4)
        assert server.errors.count(b"it speaks of no TCP") == 4, server.errors
    with balanced(c, PLAIN, "--proxy-unknown", "-x", rules, program=program) as server:
        for header in [own, *foreign]:
            assert visit(server, header) == b"127.0.0.1 own\n", header


@test
def the_banner_comes_when_the_header_is_there(c):
    with balanced(c, PLAIN, "-B", "220 hello\r\n", program=["echo", "x"]) as server:
        client = server.connect(source=BALANCER, send=proxy.line()[:-1])
        observe.settle(lambda: observe.counts(server)["looking"] == 1, "it waits")
        client.socket.setblocking(False)
        try:
            assert False, client.socket.recv(10)
        except BlockingIOError:
            client.socket.settimeout(observe.PATIENCE)
        client.socket.sendall(b"\n")
        assert client.read() == b"220 hello\r\nx\n"
        client.close()
        assert visit(server, b"nonsense, and more of it") == b""


@test
def whoever_has_its_header_to_come_is_decided_by_rules_that_are_new_by_then(c):
    path = c.rules(":allow\n")
    with balanced(c, PLAIN, "--proxy-timeout", 60, "-x", path) as server:
        client = server.connect(source=BALANCER, send=proxy.line()[:10])
        observe.settle(lambda: observe.counts(server)["looking"] == 1, "it waits")
        os.rename(c.rules("192.0.2.1:deny\n:allow\n", "new.cdb"), path)
        client.socket.sendall(proxy.line()[10:])
        assert client.read() == b""
        client.close()
        assert visit(server, proxy.line("192.0.2.2"))


@test
def a_header_has_as_many_bytes_as_it_may(c):
    def long(size):
        """A header of so many bytes."""
        filler = proxy.tlv(proxy.NOOP, bytes(size - 28 - 3))
        return proxy.binary(tlvs=filler)
    for words, most in (([], 552), (["--proxy-max", 107], 107), (["--proxy-max", "4096"], 4096)):
        with balanced(c, PLAIN, *words) as server:
            assert visit(server, long(most)) and visit(server, proxy.line())
            assert visit(server, long(most + 1)) == b""
            server.wait_for(b"it is too long\n")
            server.said(b"it is too long")
    longest = proxy.line("ffff:" * 7 + "ffff", "ffff:" * 7 + "ffff", (65535, 65535))
    assert len(longest) == 104
    with balanced(c) as server:
        assert visit(server, longest)
        assert visit(server, b"PROXY UNKNOWN " + b"x" * 200 + b"\r\n") == b""


@test
def nothing_is_left_of_those_who_come_and_go(c):
    rng = random.Random(3)
    with balanced(c, PLAIN, "-b", 1000, "--proxy-timeout", 1) as server:
        assert visit(server, proxy.line())
        observe.settle(lambda: observe.counts(server)["live"] == 0, "it has ended")
        before = observe.descriptors(server)
        for _ in range(300):
            client = server.connect(source=BALANCER)
            try:
                client.socket.sendall(rng.choice(HEADERS)[:rng.randrange(1, 60)])
                if rng.random() < 0.5:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                             b"\1\0\0\0\0\0\0\0")
            except OSError:
                pass  # it was dropped already
            client.close()
        observe.settle(lambda: observe.counts(server)["looking"] == 0 and
                       observe.counts(server)["live"] == 0, "all are gone")
        observe.settle(lambda: observe.descriptors(server) == before, "as many as before")


@test
def lists_are_read_once_and_their_faults_are_located(c):
    c.write("balancers", b"# two of them\n127.0.0.2, 127.0.0.3\n127.0.0.8-127.0.0.9 # more\n")
    with balanced(c, PLAIN, lists=["127.0.0.64/27", "@" + c.path("balancers")]) as server:
        c.write("balancers", b"127.0.0.0/8\n")
        for source, believed in (("127.0.0.1", False), ("127.0.0.2", True), ("127.0.0.3", True),
                                 ("127.0.0.7", False), ("127.0.0.9", True),
                                 ("127.0.0.95", True), ("127.0.0.96", False)):
            assert visit(server, proxy.line(), source).startswith(b"192.0.2.1 ") == believed
    for text, fault in (("@" + c.path("none"), "none: file does not exist"),
                        ("10.0.0.1/8", "a prefix with bits set behind its length: \"10.0.0.1/8\""),
                        ("mail.example", "no address, prefix or range: \"mail.example\"")):
        c.lines.clear()
        c.run("tcpserver", "--proxy-from", text, "0", "0", "true")
        assert "status 100" in c.lines[0] and fault in c.lines[2], c.lines
    for words in (["--proxy-timeout", "0"], ["--proxy-timeout", "61"], ["--proxy-max", "106"],
                  ["--proxy-max", "4097"]):
        c.lines.clear()
        c.run("tcpserver", *words, "0", "0", "true")
        assert "status 100" in c.lines[0] and "wants a number from" in c.lines[2], c.lines


@test
def a_list_of_everybody_is_warned_of(c):
    for text, warned in (("0.0.0.0/0", True), ("::/0", True), ("0.0.0.0/1,128.0.0.0/1", True),
                         ("127.0.0.0/8", False)):
        with balanced(c, PLAIN, lists=[text]) as server:
            assert visit(server, proxy.line(), BALANCER) or text == "::/0"
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(observe.PATIENCE)
            server.reader.join(observe.PATIENCE)
            assert (b"lets everybody say who they are" in server.errors) == warned, text


if __name__ == "__main__":
    sys.exit(SUITE.main())
