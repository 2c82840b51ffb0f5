#!/usr/bin/env python3
"""tcpserver behind the real haproxy, by every form of the PROXY protocol that it speaks, and behind the
real nginx."""
import argparse
import functools
import hashlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import haproxy as H  # noqa: E402
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402

BALANCER, OTHER = "127.0.0.2", "127.0.0.3"
EVERYTHING = ("send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,authority,unique-id,crc32c")
FORMS = {"v1": "send-proxy", "v2": "send-proxy-v2", "v2 with all": EVERYTHING}
# (who comes, to which door)
CLIENTS = (("198.18.0.7", "192.0.2.25"), ("127.0.0.9", "127.0.0.1"),
           ("2001:db8:7::7", "2001:db8:25::25"), ("::1", "::1"))
POLICY = """postern: 1
127.0.0.10, 2001:db8:6::/48 : allow, RELAYCLIENT="", TAG="office"
127.0.0.11, 2001:db8:9::/48 : deny, reject "554 not you\\r\\n"
198.18.1.1                  : allow, limit 2, reject "421 busy\\r\\n"
198.18.1.2                  : allow, rate 3/hour, reject "421 too often\\r\\n"
*                           : allow
"""
TESTS = []
ARGS = None


def test(function):
    TESTS.append(function)
    return function


def variables(text):
    return dict(line.split("=", 1) for line in text.decode("latin1").splitlines())


def bare(address):
    """An address without a port, as haproxy reads one."""
    return f"[{address}]" if ":" in address else address


def listen(name, port, to, form="send-proxy-v2", bind="", doors=None, more="", source=BALANCER):
    """A section of a configuration: doors at a port, and the one server behind them."""
    doors = doors or sorted({door for _, door in CLIENTS})
    lines = [f"listen {name}"]
    lines += [f"    bind {H.host_port(door, port)} {'v6only ' if ':' in door else ''}{bind}"
              for door in doors]
    lines += [f"    {line}" for line in more.splitlines()]
    if "unique-id" in form and "unique-id-format" not in more:
        lines.append("    unique-id-format %ci:%cp")
    lines.append(f"    server one {to} source {bare(source)} {form}")
    return "\n".join(lines) + "\n"


class Behind:
    """tcpserver and haproxy before it, with a door for each form: `door(form)` is its port."""

    def __init__(self, case, *options, forms=FORMS, host="127.0.0.1", balancer=BALANCER, more="",
                 **rest):
        # on a busy machine haproxy may take long; of two times the last counts
        self.server = case.server("--proxy-timeout", "60", "--proxy-from", balancer,
                                  *options, host=host, address=host, **rest)
        if not self.server.port:
            self.server.__exit__()
            raise AssertionError(self.server.errors)
        self.ports = {form: 2500 + i for i, form in enumerate(forms)}
        sections = [listen(f"form{i}", 2500 + i, H.host_port(host, self.server.port), forms[form],
                           more=more, source=balancer) for i, form in enumerate(forms)]
        self.haproxy = H.Haproxy(ARGS.haproxy, case.folder, "\n".join(sections))

    def ask(self, client, form="v2", door=None, **more):
        door = door or ("2001:db8:25::25" if ":" in client else "192.0.2.25")
        return H.ask((door, self.ports[form]), client, **more)

    def connect(self, client, form="v2", door=None):
        door = door or ("2001:db8:25::25" if ":" in client else "192.0.2.25")
        return H.connect((door, self.ports[form]), client)

    def log(self, pattern, count=1):
        """Until so many messages match; those."""
        self.server.wait_for(pattern, count)
        found = re.findall(pattern, self.server.errors)
        assert len(found) >= count, (pattern, self.server.errors[-3000:])
        return found

    def __enter__(self):
        return self

    def __exit__(self, *how):
        try:
            self.haproxy.__exit__(*how)
        finally:
            self.server.__exit__(*how)


def direct(case, client, door):
    """The environment of somebody who comes without a balancer, with both ports."""
    with case.server("-H", "-R", "-l0", host=door, address=door) as server, \
            H.connect((door, server.port), client) as sock:
        ports = sock.getsockname()[1], server.port
        return variables(H.read(sock)), ports


def named(env, ports):
    """An environment with ports by their names."""
    names = {str(ports[0]): "CLIENT", str(ports[1]): "DOOR"}
    return {k: names.get(v, v) if k.endswith("PORT") else v for k, v in env.items()
            if k != "TCP6INTERFACE"}


@test
def the_environment_is_that_of_a_client_who_comes_without_it(c):
    """Of every form and family, the port and the door too; and it is not TLS."""
    with Behind(c, "-v", "-H", "-R", "-l0") as behind:
        for client, door in CLIENTS:
            wanted = named(*direct(c, client, door))
            for form, port in behind.ports.items():
                with H.connect((door, port), client) as sock:
                    mine = sock.getsockname()[1]
                    got = variables(H.read(sock))
                assert got.pop("PROXY_UNIQUE_ID", None) == (
                    f"{client}:{mine}" if "all" in form else None), got
                assert named(got, (mine, port)) == wanted, (form, client, got, wanted)
        seen = behind.log(rb": ok \d+ \S+ \S+", len(CLIENTS) * len(FORMS))
        for client, door in CLIENTS:
            mine = [line for line in seen if f":{client}:".encode() in line]
            assert len(mine) == len(FORMS), (client, seen)
            assert all(f":{door}:".encode() in line for line in mine), (door, mine)
        assert BALANCER.encode() not in behind.server.errors, behind.server.errors


@test
def rules_judge_who_comes(c):
    for form in FORMS:
        with Behind(c, "-v", "-H", "-R", "-l0", "-x", c.rules(POLICY)) as behind:
            for client in ("127.0.0.10", "2001:db8:6::1"):
                got = variables(behind.ask(client, form))
                assert got["TAG"] == "office" and got["RELAYCLIENT"] == "", (form, client, got)
            for client in ("127.0.0.11", "2001:db8:9::1"):
                assert behind.ask(client, form) == b"554 not you\r\n", (form, client)
            for client in ("198.18.0.1", "2001:db8::1", "127.0.0.1"):
                got = variables(behind.ask(client, form))
                assert "RELAYCLIENT" not in got and got["TCPREMOTEIP"] == client, (form, got)
            for i in range(5):
                got = behind.ask("198.18.1.2", form)
                assert (got == b"421 too often\r\n") == (i > 2), (form, i, got)
            assert b"TCPREMOTEIP=198.18.1.3\n" in behind.ask("198.18.1.3", form)
            behind.log(rb": deny \d+ \S+ \S*:127\.0\.0\.11:")
            behind.log(rb": rate \d+ \S+ \S*:198\.18\.1\.2:", 2)


@test
def limits_count_who_comes(c):
    hold = ["sh", "-c", "echo here; read x"]
    for options, text in ((("-x", c.rules(POLICY)), b"421 busy\r\n"), (("-C", "2"), b"")):
        for form in FORMS:
            with Behind(c, "-v", "-H", "-R", "-l0", *options, program=hold) as behind:
                first = [behind.connect("198.18.1.1", form) for _ in range(2)]
                assert [sock.recv(10) for sock in first] == [b"here\n"] * 2
                assert behind.ask("198.18.1.1", form) == text
                # everybody else comes by the same balancer
                others = [behind.connect(f"198.18.2.{i}", form) for i in range(3)]
                assert [sock.recv(10) for sock in others] == [b"here\n"] * 3
                first.pop().close()
                behind.log(rb": end \d+ ")
                with behind.connect("198.18.1.1", form) as again:
                    assert again.recv(10) == b"here\n", (form, options)
                for sock in first + others:
                    sock.close()
                behind.log(rb": limit \d+ \S+ \S*:198\.18\.1\.1:")


@test
def nobody_is_asked_for_an_ident_and_names_are_those_of_who_comes(c):
    known = {(S.reverse("127.0.0.5"), S.PTR): [S.ptr("mx.friend.example")],
             ("mx.friend.example", S.A): [S.address("127.0.0.5")],
             (S.reverse(BALANCER), S.PTR): [S.ptr("balancer.example")],
             ("balancer.example", S.A): [S.address(BALANCER)]}
    rules = c.rules('=.friend.example:allow,FRIEND="1"\njoe@127.0.0.5:allow,JOE="1"\n'
                    'joe@127.0.0.2:allow,JOE="2"\n=balancer.example:allow,RELAYCLIENT=""\n:allow\n')
    with S.Dns(known) as dns, S.Ident(b"1, 1 : USERID : UNIX : joe\r\n", address="127.0.0.5") as one, \
            S.Ident(b"1, 1 : USERID : UNIX : joe\r\n", address=BALANCER) as two, \
            Behind(c, "-v", "-p", "-l0", "-x", rules, env={"TCPREMOTEINFO": "inherited"}) as behind:
        for form in FORMS:
            got = variables(behind.ask("127.0.0.5", form))
            assert got["TCPREMOTEHOST"] == "mx.friend.example" and got["FRIEND"] == "1", got
            assert "TCPREMOTEINFO" not in got and "JOE" not in got, got
            got = variables(behind.ask("127.0.0.6", form))
            assert not {"TCPREMOTEHOST", "FRIEND", "RELAYCLIENT"} & set(got), got
        assert not one.queries and not two.queries, (one.queries, two.queries)
        assert not [name for name, _ in dns.asked if S.reverse(BALANCER) in name], dns.asked


@test
def places_of_look_ups_are_those_of_who_comes(c):
    """Many who wait for a name server come by one balancer, and none of them is refused for that; of
    one client who is as many, some are."""
    with S.Dns({}, delay=2.0), Behind(c, "-v", "-R", "-l0", "-c", "400", forms={"v2": FORMS["v2"]},
                                      program=["echo", "served"]) as behind:
        def at_once(sources):
            clients = [behind.connect(source) for source in sources]
            got = [H.read(client) for client in clients]
            for client in clients:
                client.close()
            assert set(got) <= {b"served\n", b""}, set(got)
            return got.count(b"served\n")
        assert at_once([f"10.{i}.0.1" for i in range(200)]) == 200, behind.server.errors[-2000:]
        assert 4 <= at_once(["198.18.0.7"] * 200) < 200
        assert observe.counts(behind.server)["limited"] > 0


@test
def what_tls_says_is_in_the_environment(c):
    """haproxy ends TLS; each variable is what the client itself knows of the connection."""
    certificates = H.Certificates(c.folder)
    pem = certificates.make("mail", "/CN=mail.example.org")
    certificates.make("one", "/O=Office/CN=client one")
    certificates.make("two", "/CN=Jürgen Über")
    tls = {None: certificates.client(), "one": certificates.client("one"),
           "two": certificates.client("two")}
    names = {"one": "client one", "two": "Jürgen Über".encode().decode("latin1")}
    ours = ("SSL_PROTOCOL", "SSL_CIPHER", "SSL_PEER_CERT_CN", "SSL_TLS_SNI_SERVERNAME",
            "PROXY_AUTHORITY", "PROXY_UNIQUE_ID")
    inherited = {name: "inherited" for name in ours}
    rules = c.rules('127.0.0.8:allow,SSL_CIPHER="of the rule",SSL_PEER_CERT_CN=""\n:allow\n')
    server = c.server("-v", "-H", "-R", "-l0", "--proxy-from", BALANCER, "-x", rules, env=inherited)
    bind = f"ssl crt {pem} ca-file {certificates.path('ca.pem')} verify optional"
    to = f"127.0.0.1:{server.port}"
    sections = "".join(listen(name, port, to, form, bind) for name, port, form in (
        ("all", 465, EVERYTHING), ("v2", 466, "send-proxy-v2"), ("v1", 467, "send-proxy"),
        ("ssl", 468, "send-proxy-v2-ssl"), ("cn", 469, "send-proxy-v2-ssl-cn")))
    sections += listen("plain", 25, to, EVERYTHING)
    with server, H.Haproxy(ARGS.haproxy, c.folder, sections):
        def seen(port, own=None, name=None, source="198.18.0.7", door="192.0.2.25"):
            with H.connect((door, port), source, tls=tls[own], name=name) as sock:
                wanted = {"SSL_PROTOCOL": sock.version(), "SSL_CIPHER": sock.cipher()[0],
                          "SSL_PEER_CERT_CN": names.get(own), "SSL_TLS_SNI_SERVERNAME": name,
                          "PROXY_AUTHORITY": name,
                          "PROXY_UNIQUE_ID": f"{source}:{sock.getsockname()[1]}"}
                got = variables(H.read(sock))
            assert got["TCPREMOTEIP"] == source, got
            return {k: got.get(k) for k in ours}, wanted
        for own in tls:
            for name in (None, "mail.example.org", "other.example.org"):
                for source, door in CLIENTS:
                    got, wanted = seen(465, own, name, source, door)
                    assert got == wanted, (own, name, got, wanted)
        nothing = dict.fromkeys(ours)
        for port, said in ((466, ()), (467, ()), (468, ("SSL_PROTOCOL",)),
                           (469, ("SSL_PROTOCOL", "SSL_PEER_CERT_CN"))):
            got, wanted = seen(port, "one", "mail.example.org")
            assert got == {**nothing, **{k: wanted[k] for k in said}}, (port, got, wanted)
        got, wanted = seen(465, "one", "mail.example.org", "127.0.0.8")
        assert got == {**wanted, "SSL_CIPHER": "of the rule", "SSL_PEER_CERT_CN": ""}, got
        got = variables(H.ask(("192.0.2.25", 25), "198.18.0.7"))
        assert set(got) & set(ours) == {"PROXY_UNIQUE_ID"}, got


@test
def a_name_that_nobody_has_verified_is_not_told(c):
    """haproxy may let in whose certificate is anybody's, and says in the header that it is."""
    certificates = H.Certificates(c.folder)
    pem = certificates.make("mail", "/CN=mail.example.org")
    certificates.make("good", "/CN=postmaster")
    os.mkdir(c.path("elsewhere"))
    strange = H.Certificates(c.path("elsewhere"))
    strange.make("bad", "/CN=postmaster")
    bad = certificates.client()
    bad.load_cert_chain(strange.path("bad.pem"))
    with c.server("-v", "-H", "-R", "-l0", "--proxy-from", BALANCER) as server:
        section = listen("all", 465, f"127.0.0.1:{server.port}", EVERYTHING,
                         f"ssl crt {pem} ca-file {certificates.path('ca.pem')} verify optional "
                         "crt-ignore-err all ca-ignore-err all")
        with H.Haproxy(ARGS.haproxy, c.folder, section):
            for tls, name in ((certificates.client("good"), "postmaster"), (bad, None)):
                with H.connect(("192.0.2.25", 465), "198.18.0.7", tls=tls) as sock:
                    got = variables(H.read(sock))
                assert got.get("SSL_PEER_CERT_CN") == name and "SSL_PROTOCOL" in got, (name, got)


@test
def the_longest_names_fit_and_what_is_longer_drops_its_client_alone(c):
    """A client chooses what it calls its server. The preset is long enough for all that becomes a
    variable, and not for everything that haproxy can be told to say besides."""
    certificates = H.Certificates(c.folder)
    pem = certificates.make("mail", "/CN=mail.example.org")
    certificates.make("one", "/CN=" + "n" * 64)
    tls, name = certificates.client("one"), ".".join(["a" * 62] * 4)
    for form, options, fits in ((EVERYTHING, (), True), (EVERYTHING + ",cert-sig,cert-key", (), False),
                                (EVERYTHING + ",cert-sig,cert-key", ("--proxy-max", "600"), True)):
        with c.server("-v", "-H", "-R", "-l0", "--proxy-from", BALANCER, *options) as server, \
                H.Haproxy(ARGS.haproxy, c.folder, listen(
                    "all", 465, f"127.0.0.1:{server.port}", form, f"ssl crt {pem} ca-file "
                    f"{certificates.path('ca.pem')} verify optional", more="unique-id-format " + "u" * 120)):
            with H.connect(("2001:db8:25::25", 465), "2001:db8:7::7", tls=tls, name=name) as sock:
                got = variables(H.read(sock))
            if fits:
                assert got["PROXY_AUTHORITY"] == got["SSL_TLS_SNI_SERVERNAME"] == name, got
                assert got["SSL_PEER_CERT_CN"] == "n" * 64, got
                assert got["PROXY_UNIQUE_ID"] == "u" * 120, got
            else:
                said = rb"unable to read the PROXY header of 127\.0\.0\.2: it is too long"
                server.wait_for(said)
                assert got == {} and re.search(said, server.errors), (got, server.errors)
            with H.connect(("192.0.2.25", 465), "198.18.0.7", tls=certificates.client()) as sock:
                assert variables(H.read(sock))["TCPREMOTEIP"] == "198.18.0.7"


def both_ways(sock, data):
    """Sends all of it at once, and reads an echo of it meanwhile."""
    sender = threading.Thread(target=sock.sendall, args=(data,), daemon=True)
    sender.start()
    got = b""
    while len(got) < len(data) and (piece := sock.recv(65536)):
        got += piece
    sender.join(H.PATIENCE)
    return hashlib.sha256(got).hexdigest()


@test
def what_comes_behind_the_header_is_the_programs_to_the_byte(c):
    """A mebibyte both ways, and from clients who speak at once: also what looks like a header."""
    begin = random.Random(7).randbytes(1 << 20)
    with Behind(c, "-H", "-R", "-l0", program=["cat"]) as behind:
        for form in FORMS:
            for client, door in CLIENTS:
                with behind.connect(client, form, door) as sock:
                    assert both_ways(sock, begin) == hashlib.sha256(begin).hexdigest(), form
                for data in (b"x", b"PROXY TCP4 127.0.0.10 192.0.2.25 1 25\r\nHELO",
                             b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c" + b"\x7f\0\0\x0a" * 3):
                    assert behind.ask(client, form, door, send=data) == data, (form, data)


@test
def a_client_behind_it_cannot_say_who_it_is(c):
    with Behind(c, "-H", "-R", "-l0", "-x", c.rules(POLICY),
                program=["sh", "-c", 'echo "$TCPREMOTEIP${RELAYCLIENT+ relays}"; cat']) as behind:
        for form in FORMS:
            for header in (b"PROXY TCP4 127.0.0.10 192.0.2.25 1 25\r\n",
                           b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c" + b"\x7f\0\0\x0a" * 3):
                got = behind.ask("198.18.0.7", form, send=header)
                assert got == b"198.18.0.7\n" + header, (form, got)
        assert behind.ask("127.0.0.10", send=b"x") == b"127.0.0.10 relays\nx"


@test
def one_side_may_end_before_the_other(c):
    with Behind(c, "-H", "-R", "-l0", program=["sh", "-c", "wc -c; echo done"]) as behind:
        for form in FORMS:
            assert behind.ask("198.18.0.7", form, send=b"x" * 1000) == b"1000\ndone\n", form
    heard = c.path("heard")
    program = [sys.executable, "-c", "import os, socket\nsocket.socket(fileno=os.dup(0)).shutdown(1)\n"
               "text = os.fdopen(0, 'rb').read()\n"
               f"with open({heard!r} + '.new', 'wb') as f: f.write(text)\n"
               f"os.rename({heard!r} + '.new', {heard!r})"]
    with Behind(c, "-H", "-R", "-l0", program=program) as behind:
        for form in FORMS:
            with behind.connect("198.18.0.7", form) as sock:
                assert sock.recv(10) == b""  # its end has come
                sock.sendall(b"and still they heard this")
                sock.shutdown(socket.SHUT_WR)
                H.settle(lambda: os.path.exists(heard), "it is heard")
            with open(heard, "rb") as f:
                assert f.read() == b"and still they heard this", form
            os.unlink(heard)


@test
def families_may_differ_on_both_sides(c):
    """Clients of both, and mapped ones, before a server of either."""
    six = "2001:db8:b::b"
    for host, balancer in (("127.0.0.1", BALANCER), ("::1", six)):
        with Behind(c, "-H", "-R", "-l0", "-x", c.rules(POLICY), host=host, balancer=balancer) as behind:
            for form in FORMS:
                for client, door in CLIENTS:
                    got = variables(behind.ask(client, form, door))
                    assert (got["TCPREMOTEIP"], got["TCPLOCALIP"]) == (client, door), got
            to = H.host_port(host, behind.server.port)
            sections = "".join(
                f"listen mapped{i}\n    bind :::{2600 + i} v4v6\n    server one {to} source {bare(balancer)} "
                f"{form}\n" for i, form in enumerate(("send-proxy", "send-proxy-v2")))
            with H.Haproxy(ARGS.haproxy, c.folder, sections, "mapped"):
                for port in (2600, 2601):
                    got = variables(H.ask(("192.0.2.25", port), "127.0.0.10"))
                    assert got["TCPREMOTEIP"] == "127.0.0.10" and got["TAG"] == "office", got
                    assert got["TCPLOCALIP"] == "192.0.2.25" and got["PROTO"] == "TCP", got
                    assert H.ask(("192.0.2.25", port), "127.0.0.11") == b"554 not you\r\n"


@test
def health_checks_are_the_balancers_own(c):
    """Of v2 they say LOCAL. They are judged by the balancer's own address, and count as its own."""
    rules = c.rules("postern: 1\n198.18.0.7 : allow, rate 3/hour\n127.0.0.2 : allow, limit 3\n"
                    '198.18.0.8 : allow, RELAYCLIENT=""\n* : deny\n')
    program = ["sh", "-c", 'echo "220 $TCPREMOTEIP${RELAYCLIENT+ relays}"; '
               "while read x; do echo 250 ok; done"]

    def greeting(port, client):
        with H.connect(("192.0.2.25", port), client) as sock:
            return sock.recv(100)
    server = c.server("-v", "-H", "-R", "-l0", "--proxy-from", BALANCER, "-x", rules, program=program)
    to = f"127.0.0.1:{server.port}"
    more = "timeout check 3s"
    talk = "option smtpchk HELO balancer.example\n" + more
    check = "check inter 100ms fall 2 check-send-proxy"
    sections = (listen("talks", 25, to, f"send-proxy-v2 {check}", more=talk) +
                listen("knocks", 26, to, f"{EVERYTHING} {check}", more=more))
    with server, H.Haproxy(ARGS.haproxy, c.folder, sections) as haproxy:
        def up(state="UP"):
            return all(haproxy.status(name, "one") == state for name in ("talks", "knocks"))
        server.wait_for(rb": ok \d+ \S+ \S*:127\.0\.0\.2:", 10)
        H.settle(up, haproxy.said)
        assert not re.findall(rb": ok \d+ \S+ \S*:(?!127\.0\.0\.2:)[^:]*::\d+", server.errors)
        for _ in range(3):
            assert greeting(25, "198.18.0.7") == b"220 198.18.0.7\n"
        assert greeting(26, "198.18.0.7") == b""
        assert greeting(26, "198.18.0.8") == b"220 198.18.0.8 relays\n"
        assert greeting(26, "198.18.0.9") == b""
        observe.stop(server.process)  # it hangs, and the balancer sees it
        H.settle(lambda: haproxy.status("talks", "one").startswith("DOWN"), haproxy.said)
        server.process.send_signal(signal.SIGCONT)
        H.settle(up, haproxy.said)
        got = observe.counts(server)
        assert got["served"] >= 10, got
        assert b"fatal" not in server.errors, server.errors


@test
def the_balancers_own_address_gets_nothing(c):
    """Who comes from there without a header is dropped; and the server warns of a rule that would
    make an open relay, which it is not even then."""
    classic = c.rules('127.:allow,RELAYCLIENT=""\n:allow\n')
    program = ["sh", "-c", 'echo "$TCPREMOTEIP${RELAYCLIENT+ relays}"; cat']
    with Behind(c, "-v", "-H", "-R", "-l0", "-x", classic, "--proxy-timeout", "1",
                program=program) as behind:
        behind.log(rb"warning: [^\n]*127\.0\.0\.2[^\n]*")
        for form in FORMS:
            assert behind.ask("198.18.0.7", form, send=b"x") == b"198.18.0.7\nx"
            assert behind.ask("127.0.0.9", form, send=b"x") == b"127.0.0.9 relays\nx"
        for said in (b"", b"PROXY", b"EHLO me\r\nMAIL FROM:<a@example.org>\r\n", b"\r\n\r\n\0\r\n"):
            with H.connect(("127.0.0.1", behind.server.port), BALANCER) as sock:
                sock.sendall(said)
                assert H.read(sock) == b"", said
        # a neighbour of it is anybody
        got = H.ask(("127.0.0.1", behind.server.port), "127.0.0.4", send=b"x")
        assert got == b"127.0.0.4 relays\nx", got


@test
def another_balancer_is_not_believed(c):
    program = ["sh", "-c", 'echo "$TCPREMOTEIP${RELAYCLIENT+ relays}"; cat']
    with Behind(c, "-v", "-H", "-R", "-l0", "-x", c.rules(POLICY), program=program) as behind:
        to = f"127.0.0.1:{behind.server.port}"
        sections = "".join(listen(f"other{i}", 2600 + i, to, form, source=OTHER)
                           for i, form in enumerate(FORMS.values()))
        with H.Haproxy(ARGS.haproxy, c.folder, sections, "other"):
            for i, form in enumerate(FORMS):
                got = H.ask(("192.0.2.25", 2600 + i), "127.0.0.10", b"HELO\r\n")
                first, _, rest = got.partition(b"\n")
                assert first == OTHER.encode() and rest.endswith(b"HELO\r\n"), got
                assert rest.startswith(b"PROXY TCP4 127.0.0.10 " if form == "v1" else
                                       b"\r\n\r\n\0\r\nQUIT\n\x21\x11"), (form, rest)
        assert behind.ask("127.0.0.10", send=b"x") == b"127.0.0.10 relays\nx"


@test
def several_balancers_of_a_list(c):
    c.write("balancers", b"# ours\n127.0.0.2\n10.5.0.0/24\n")
    with c.server("-H", "-R", "-l0", "--proxy-from", "@" + c.path("balancers"), "--proxy-from",
                  "2001:db8:b::b,127.0.0.20-127.0.0.29", host="127.0.0.1,::1") as server:
        sections, clients = "", {}
        for i, (source, host, client) in enumerate((
                ("127.0.0.2", "127.0.0.1", "198.18.0.7"), ("10.5.0.9", "127.0.0.1", "198.18.0.7"),
                ("2001:db8:b::b", "::1", "198.18.0.7"), ("127.0.0.25", "127.0.0.1", "198.18.0.7"),
                ("10.5.1.9", "127.0.0.1", "10.5.1.9"), ("127.0.0.30", "127.0.0.1", "127.0.0.30"))):
            form = "send-proxy-v2" if client == "198.18.0.7" else ""
            sections += listen(f"n{i}", 2600 + i, H.host_port(host, server.port), form, source=source)
            clients[2600 + i] = client
        with H.Haproxy(ARGS.haproxy, c.folder, sections):
            for port, client in clients.items():
                got = variables(H.ask(("192.0.2.25", port), "198.18.0.7"))
                assert got["TCPREMOTEIP"] == client, (port, got)


@test
def a_balancer_before_a_balancer(c):
    with c.server("-H", "-R", "-l0", "--proxy-from", BALANCER) as server:
        sections, port = "", 2600
        for outer in ("send-proxy", EVERYTHING):
            for inner in ("send-proxy", EVERYTHING):
                sections += listen(f"outer{port}", port, f"127.0.0.1:{port + 100}", outer,
                                   source=OTHER)
                sections += listen(f"inner{port}", port + 100, f"127.0.0.1:{server.port}", inner,
                                   bind="accept-proxy", doors=["127.0.0.1"])
                port += 1
        with H.Haproxy(ARGS.haproxy, c.folder, sections):
            for outer in range(2600, port):
                for client, door in CLIENTS:
                    got = variables(H.ask((door, outer), client))
                    assert got["TCPREMOTEIP"] == client, (outer, got)
                    assert (got["TCPLOCALIP"], got["TCPLOCALPORT"]) == (door, str(outer)), got


@test
def who_comes_to_it_by_no_network_is_nobody_or_the_balancer(c):
    """haproxy says UNKNOWN in v1 of who comes by a socket of UNIX, and LOCAL in v2."""
    own = BALANCER.encode() + b"\nhello"
    for options, got in (((), b""), (("--proxy-unknown",), own)):
        program = ["sh", "-c", 'echo "$TCPREMOTEIP"; cat']
        with c.server("-v", "-H", "-R", "-l0", "--proxy-from", BALANCER, *options,
                      program=program) as server:
            sections = "".join(
                f"listen u{i}\n    bind unix@{c.path(f'door{i}')}\n    unique-id-format %[uuid]\n"
                f"    server one 127.0.0.1:{server.port} source {BALANCER} {form}\n"
                for i, form in enumerate(FORMS.values()))
            with H.Haproxy(ARGS.haproxy, c.folder, sections):
                for i, form in enumerate(FORMS):
                    with socket.socket(socket.AF_UNIX) as client:
                        client.settimeout(H.PATIENCE)
                        client.connect(c.path(f"door{i}"))
                        client.sendall(b"hello")
                        client.shutdown(socket.SHUT_WR)
                        assert H.read(client) == (got if form == "v1" else own), (form, options)
            if not got:
                said = rb"warning: dropping connection, unable to read the PROXY header of 127\.0\.0\.2: "
                server.wait_for(said)
                server.said(re.compile(said))


@test
def the_original_behind_it_is_an_open_relay(c):
    """Why all of this: the usual rules, and a balancer on the same machine. It cannot be told who comes;
    what the balancer would say goes to the program."""
    rules = c.rules('127.:allow,RELAYCLIENT=""\n:allow\n')
    program = ["sh", "-c", 'echo "$TCPREMOTEIP${RELAYCLIENT+ relays}"; cat']
    original = observe.Case(os.path.join(ARGS.originals, "ucspi-tcp-ipv6/usr/bin"), None, c.folder)
    with original.server("-H", "-R", "-l0", "-x", rules, program=program) as server:
        to = f"127.0.0.1:{server.port}"
        with H.Haproxy(ARGS.haproxy, c.folder, listen("bare", 2500, to, "") +
                       listen("header", 2501, to, "send-proxy")):
            got = H.ask(("192.0.2.25", 2500), "198.18.0.7", send=b"x")
            assert got == b"127.0.0.2 relays\nx", got
            got = H.ask(("192.0.2.25", 2501), "198.18.0.7", send=b"x")
            assert got.startswith(b"127.0.0.2 relays\nPROXY TCP4 198.18.0.7 "), got
    with Behind(c, "-H", "-R", "-l0", "-x", rules, program=program) as behind:
        assert behind.ask("198.18.0.7", "v1", send=b"x") == b"198.18.0.7\nx"


@test
def mailfront_relays_for_whom_the_rules_let_it(c):
    """A real SMTP daemon, by whose own words."""
    letter = b"HELO x\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@far.example>\r\nQUIT\r\n"
    with Behind(c, "-v", "-H", "-R", "-l0", "-x", c.rules(POLICY),
                program=["/usr/sbin/mailfront", "smtp", "echo", "relayclient", "accept-sender"]) as behind:
        for form in FORMS:
            assert b"250 Recipient='b@far.example'" in behind.ask("127.0.0.10", form, send=letter)
            told = behind.ask("198.18.0.7", form, send=letter)
            assert b"\r\n550 " in told and b"250 Recipient" not in told, told
            assert behind.ask("127.0.0.11", form, send=letter) == b"554 not you\r\n"


@test
def rblsmtpd_asks_about_who_comes(c):
    """As everything does that reads TCPREMOTEIP: about the client, and never about the balancer."""
    listed = "7.0.18.198.list.example"
    known = {(listed, S.A): [S.address("127.0.0.2")], (listed, S.TXT): [S.text(b"an open proxy")]}
    letter = b"HELO x\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@far.example>\r\nQUIT\r\n"
    with S.Dns(known) as dns, \
            Behind(c, "-v", "-H", "-R", "-l0", program=[
                os.path.join(ARGS.bin, "rblsmtpd"), "-b", "-r", "list.example", "echo", "welcome"]
            ) as behind:
        for form in FORMS:
            assert b"\r\n553 an open proxy\r\n" in behind.ask("198.18.0.7", form, send=letter), form
            assert behind.ask("198.18.0.8", form, send=letter) == b"welcome\n", form
        asked = {name for name, _ in dns.asked}
        assert asked == {listed, "8.0.18.198.list.example"}, asked


class Nginx:
    """nginx as a balancer of connections, on every door at this port."""

    def __init__(self, folder, port, to):
        path = os.path.join(folder, "nginx.conf")
        module = os.path.join(ARGS.originals, "libnginx-mod-stream/usr/lib/nginx/modules")
        doors = " ".join(f"listen {H.host_port(door, port)};" for _, door in CLIENTS)
        with open(path, "w", encoding="utf8") as f:
            f.write(f"load_module {module}/ngx_stream_module.so;\nuser root;\ndaemon off;\n"
                    f"pid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\nstream {{\n"
                    f"    server {{ {doors} proxy_pass {to}; proxy_bind {BALANCER}; "
                    "proxy_protocol on; }\n}\n")
        self.log = open(os.path.join(folder, "nginx.log"), "w+b")
        self.process = subprocess.Popen(
            [os.path.join(ARGS.originals, "nginx/usr/sbin/nginx"), "-c", path, "-p", folder],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        # what is in this file was written when the doors were open
        H.settle(lambda: self.process.poll() is not None or os.path.exists(folder + "/nginx.pid"),
                 "nginx starts")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(H.PATIENCE)
        self.log.close()


@test
def nginx_says_who_comes_too(c):
    with c.server("-v", "-H", "-R", "-l0", "--proxy-timeout", "60", "--proxy-from", BALANCER, "-x",
                  c.rules(POLICY)) as server, Nginx(c.folder, 2500, f"127.0.0.1:{server.port}"):
        for client, door in CLIENTS:
            with H.connect((door, 2500), client) as sock:
                ports = sock.getsockname()[1], 2500
                got = variables(H.read(sock))
            assert named(got, ports) == named(*direct(c, client, door)), (client, got)
        assert variables(H.ask(("192.0.2.25", 2500), "127.0.0.10"))["TAG"] == "office"
        assert H.ask(("192.0.2.25", 2500), "127.0.0.11") == b"554 not you\r\n"


@test
def rules_change_and_it_ends_while_many_come(c):
    """Each is served by one whole policy, and nobody by the wrong address."""
    rules = ['postern: 1\n198.18.0.0/16 : allow, WHICH="0"\n* : deny\n',
             'postern: 1\n198.18.0.0/16 : allow, WHICH="1"\n* : deny\n']
    path = c.rules(rules[0])
    ends, wrong, served = threading.Event(), [], []

    def visits(behind, number):
        form = list(FORMS)[number % len(FORMS)]
        count = 0
        while not ends.is_set():
            client = f"198.18.{number}.{count % 250 + 1}"
            got = variables(behind.ask(client, form))
            count += 1
            if got.get("TCPREMOTEIP") != client or got.get("WHICH") not in ("0", "1"):
                wrong.append((client, got))
                return
        served.append(count)
    with Behind(c, "-H", "-R", "-l0", "-x", path) as behind:
        threads = [threading.Thread(target=visits, args=(behind, n)) for n in range(6)]
        for thread in threads:
            thread.start()
        for i in range(30):
            os.rename(c.rules(rules[i % 2], "new.cdb"), path)
            time.sleep(0.05)
        ends.set()
        for thread in threads:
            thread.join(H.PATIENCE)
        assert not wrong and len(served) == 6 and min(served) > 0, (wrong[:3], served)
        assert behind.server.process.poll() is None


def in_case(function, folder):
    function(observe.Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--haproxy", default="build/originals/haproxy/usr/sbin/haproxy")
    parser.add_argument("--originals", default="build/originals")
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin, ARGS.originals, ARGS.haproxy = map(os.path.abspath, (ARGS.bin, ARGS.originals,
                                                                  ARGS.haproxy))
    subprocess.run([ARGS.haproxy, "-v"], check=True, stdout=subprocess.DEVNULL)
    if not H.isolate():
        print("SKIPPED: this machine gives no namespaces")
        return 77
    return runner.run([functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS],
                      ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
