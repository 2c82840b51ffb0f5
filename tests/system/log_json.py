#!/usr/bin/env python3
"""tcpserver --log-format json: every line is an object by docs/schema/log.json, whatever
clients, their hosts and idents, and rules are called; what reads the classic log reads it
and answers the same; and without the option not a byte of the log is another.

Everything happens in a network namespace of its own, where all of 127/8 is this host.
"""
import argparse
import functools
import hashlib
import json
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import time

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import proxy  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402

JSON = ("--log-format", "json")
DNS = {"DNSCACHEIP": "127.0.0.1"}
STAYS = ["cat"]  # until its client has closed
LINE_MOST = 2048
ODD = [b'"', b"\\", b"\n", b"\r", b"\t", b"\0", b"\x1b[1m", b"\x7f", b"\xff", b"\xc3", b"\xc3\xa9",
       b"\xed\xb3\xbf", b"\xc0\xaf", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"\xc2\x85", b"{", b"}",
       b'", "verdict": "allow', b": ", b"tcpserver: ok 1 l:::1:25 h:::2::1", b"x", b"mx", b"%", b"/"]
TESTS = []
ARGS = None

with open(os.path.join(HERE, "../../docs/schema/log.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
jsonschema.Draft7Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def test(function):
    TESTS.append(function)
    return function


class Case(observe.Case):
    def compile(self, text, name="rules", folder=None):
        """A policy that allows everybody else, compiled from a file of that name."""
        folder = os.fsencode(folder or self.folder)
        source = os.path.join(folder, os.fsencode(name))
        with open(source, "wb") as out:
            out.write(b"postern: 1\n" + text.encode() + b"* : allow\n")
        subprocess.run([os.path.join(self.programs, "postern"), "compile", source, "-o",
                        self.path("rules.cdb")], check=True, timeout=observe.PATIENCE)
        return self.path("rules.cdb")

    def postern(self, *words, stdin=b""):
        return subprocess.run([os.path.join(self.programs, "postern"), *map(str, words)],
                              input=stdin, capture_output=True, timeout=observe.PATIENCE,
                              cwd=self.folder, check=False)


def odd(rng, most):
    """Bytes that make trouble, and others."""
    text = b""
    while len(text) < most and rng.randrange(12):
        text += rng.choice(ODD) * (rng.choice((1, 1, 1, 9, 80)))
    return text[:most]


def objects(log):
    """Each line of a log: one object, by the schema, no longer than a line."""
    found = []
    for line in log.split(b"\n")[:-1]:
        assert len(line) < LINE_MOST, line
        assert not re.search(rb"[\x00-\x1f\x7f]", line), line
        text = line.decode("utf-8")  # which it is
        assert text.startswith('{"event": "'), line
        one = json.loads(text)
        fault = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(one))
        assert fault is None, (line, fault.message, [c.message for c in fault.context or ()])
        found.append(one)
    assert not log or log.endswith(b"\n"), log[-100:]
    return found


def told(server, event, count=1):
    """The objects of an event, once there are so many."""
    server.wait_for(rb'\{"event": "%s".*\n' % event.encode(), count)
    found = [one for one in objects(whole(server.errors)) if one["event"] == event]
    assert len(found) >= count, (event, server.errors)
    return found


def whole(log):
    """Without a line that has not come to its end."""
    return log[:log.rfind(b"\n") + 1]


def raw(one, name):
    """A member as bytes, and whether it was cut; None without one."""
    text = one.get(name, one.get(name + "_cut"))
    return (None if text is None else text.encode("utf-8", "surrogateescape"),
            name + "_cut" in one)


def visit(server, source=None, send=b""):
    client = server.connect(source=source)
    try:
        if send:
            client.socket.sendall(send)
        got = client.read()
    except OSError:
        got = b""
    client.close()
    return got


def stay(server, source=None):
    """A client that is served, and stays."""
    client = server.connect(source=source)
    client.socket.sendall(b"here")
    assert client.socket.recv(4) == b"here", server.errors
    return client


@test
def a_connection_and_its_end_have_all_their_members(c):
    rules = c.compile('127.0.0.2 : deny\n127.0.0.0/8 : allow, A="1"\n')
    with open(rules, "rb") as f:
        policy = hashlib.sha256(f.read()).hexdigest()[:12]
    with c.server("-vRHl0", *JSON, "-c7", "-x", rules, program=["sh", "-c", "exit 3"]) as server:
        visit(server)
        end = told(server, "end")[0]
        visit(server, "127.0.0.2")
        served, denied = told(server, "connection", 2)
        pid = server.process.pid
        port = server.port
    found = objects(server.errors)
    assert [one["event"] for one in found] == ["connection", "end", "connection"], found
    for one in (served, denied):
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", one.pop("time"))
        assert one.pop("monotonic_us") > 0 and one.pop("decision_us") < 1000000 and one.pop("port")
    assert end["status"] == 3 << 8 and end["pid"] == served["pid"], (served, end)
    assert 0 < end["duration_us"] < observe.PATIENCE * 1000000, end
    assert (end["live"], end["limit"]) == (0, 7), end
    both = {"event": "connection", "local_address": "127.0.0.1", "local_port": port,
            "local_host": "0", "policy": policy, "file": c.path("rules"), "limit": 7}
    assert served == {**both, "pid": end["pid"], "address": "127.0.0.1", "verdict": "allow",
                      "step": "prefix", "line": 3, "target": "127.0.0.0/8", "live": 1}, served
    assert denied == {**both, "pid": pid, "address": "127.0.0.2", "verdict": "deny",
                      "step": "address", "line": 2, "target": "127.0.0.2", "live": 0}, denied


@test
def what_strikes_is_named_as_it_was_written(c):
    rules = c.compile("127.0.1.0/24 : allow, limit 1\n"
                      "127.0.2.0/24 : allow, limit 8 per /32,/64, limit 1 per /24,/48\n"
                      "127.0.3.0/24 : allow, rate 1/hour per /24,/64\n"
                      "127.0.4.0/24 : allow, rate 1/min\n"
                      "127.0.0.0/8 : allow\n")
    with c.server("-vRHl0", *JSON, "-C", "2,3/48", "-x", rules, program=STAYS) as server:
        kept = [stay(server, source) for source in
                ("127.0.1.1", "127.0.2.1", "127.0.3.1", "127.0.4.1", "127.0.9.1", "127.0.9.1")]
        for source in ("127.0.1.1", "127.0.2.2", "127.0.3.2", "127.0.4.1", "127.0.9.1"):
            assert visit(server, source) == b"", source
        found = {one["address"]: one for one in told(server, "connection", 11)
                 if one["verdict"] != "allow"}
        for client in kept:
            client.close()
    wanted = {"127.0.1.1": ("limit", "limit 1 per /32,/64", 2),
              "127.0.2.2": ("limit", "limit 1 per /24,/48", 3),
              "127.0.3.2": ("rate", "rate 1/hour per /24,/64", 4),
              "127.0.4.1": ("rate", "rate 1/min per /32,/64", 5),
              "127.0.9.1": ("limit", "-C 2/32:64", None)}
    for address, (verdict, struck, line) in wanted.items():
        one = found[address]
        assert (one["verdict"], one["struck"], one.get("line")) == (verdict, struck, line), one
        assert ("step" in one) == (line is not None), one  # -C is before the rules


@test
def a_source_with_its_share_of_look_ups_is_told_apart(c):
    rules = c.compile('joe@127.0.0.0/8 : allow, J="1"\n')

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))

    with S.Ident(None), c.server("-vHl0", *JSON, "-x", rules, program=["true"],
                                 preexec_fn=few) as server:
        clients = [server.connect() for _ in range(39)]
        one = told(server, "connection")[0]
        for client in clients:
            client.close()
        told(server, "drop")  # who has gone
    assert (one["verdict"], one["struck"]) == ("limit", "look-ups"), one
    assert "step" not in one and "policy" in one, one  # no rule has decided yet
    gone = [o for o in objects(whole(server.errors)) if o["event"] == "drop"]
    assert {o["reason"] for o in gone} == {"the client has gone"}, gone


@test
def the_limits_patch_says_deny_as_in_the_classic_log(c):
    rules = c.compile('127.0.0.1 : allow, MAXCONNIP="1"\n')
    with c.server("-vRHl0", *JSON, "--limits-patch", "-x", rules, program=STAYS) as server:
        kept = stay(server)
        assert visit(server) == b""
        one = told(server, "connection", 2)[1]
        kept.close()
    assert (one["verdict"], one["struck"], one["line"]) == ("deny", "MAXCONNIP:1", 2), one


@test
def drops_warnings_counters_and_listening_are_objects(c):
    rules = c.path("rules.cdb")
    c.write("rules.cdb", b"this is none\n")
    names = {("two.example", S.A): [S.address("127.0.0.1"), S.address("127.0.0.2")]}
    with S.Dns(names), c.server("-vRHl0", *JSON, "-x", rules, host="two.example",
                                env=DNS) as server:
        assert {one["local_address"] for one in told(server, "listen", 2)} == \
            {"127.0.0.1", "127.0.0.2"}
        assert visit(server) == b""
        one = told(server, "drop")[0]
        assert one["text"] == f"unable to read {rules}" and one["reason"] == "protocol error", one
        server.process.send_signal(signal.SIGUSR1)
        one = told(server, "counters")[0]
        assert (one["accepted"], one["dropped"], one["served"]) == (1, 1, 0), one
    objects(server.errors)
    with c.server("-RHl0", *JSON, "--proxy-from", "0.0.0.0/0") as server:
        assert told(server, "warning")[0]["text"] == "--proxy-from lets everybody say who they are"
    with c.server("-vRHl0", *JSON, program=["/nowhere/at/all"]) as server:
        assert visit(server) == b""
        one, served = told(server, "drop")[0], told(server, "connection")[0]
        assert one["pid"] == served["pid"] and one["reason"] == "file does not exist", one
        assert told(server, "end")[0]["pid"] == one["pid"]
    with c.server("-qRHl0", *JSON, program=["/nowhere/at/all"]) as server:
        assert visit(server) == b""
    assert server.errors == b"", server.errors
    with c.server("-QRHl0", *JSON, program=["/nowhere/at/all"]) as server:
        assert visit(server) == b""
        told(server, "drop")
    assert [one["event"] for one in objects(server.errors)] == ["drop"], server.errors


@test
def a_rehearsal_tells_both_rules(c):
    c.compile("127.0.0.0/8 : deny\n", "next")
    os.rename(c.path("rules.cdb"), c.path("next.cdb"))
    rules = c.compile('127.0.0.1 : allow, A="1"\n')
    with c.server("-vRHl0", *JSON, "-x", rules, "--shadow", c.path("next.cdb"),
                  program=["true"]) as server:
        visit(server)
        one, served = told(server, "shadow")[0], told(server, "connection")[0]
    assert (one["verdict"], one["line"], one["target"]) == ("allow", 2, "127.0.0.1"), one
    assert (one["shadow_verdict"], one["shadow_file"], one["shadow_target"]) == \
        ("deny", c.path("next"), "127.0.0.0/8"), one
    assert (one["differences"], one["clients"]) == (["verdict"], 1), one
    assert served["policy"] == one["policy"] != one["shadow_policy"], (one, served)


@test
def what_ends_the_server_is_an_object_too(c):
    with c.server("-RHl0", *JSON) as server:
        done = subprocess.run([os.path.join(c.programs, "tcpserver"), *JSON, "-RHl0", "127.0.0.1",
                               str(server.port), "true"], capture_output=True, check=False,
                              timeout=observe.PATIENCE)
    assert done.returncode == 111, done
    one, = objects(done.stderr)
    assert (one["event"], one["text"], one["reason"]) == \
        ("fatal", "unable to bind", "address already used"), one
    done = subprocess.run([os.path.join(c.programs, "tcpserver"), "--log-format", "xml", "0", "0",
                           "true"], capture_output=True, check=False, timeout=observe.PATIENCE)
    assert done.returncode == 100 and b'wants classic|json, not "xml"' in done.stderr, done


@test
def the_policy_is_named_by_the_bytes_that_decide(c):
    def digest():
        with open(c.path("rules.cdb"), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()[:12]

    rules = c.compile("127.0.0.0/8 : allow\n")
    first = digest()
    with c.server("-vRHl0", *JSON, "--keep-last-good", "-x", rules, program=["true"]) as server:
        visit(server)
        c.compile("127.0.0.0/8 : allow, B=\"2\"\n")
        second = digest()
        visit(server)
        c.write("damaged", b"this is none\n")
        os.rename(c.path("damaged"), rules)
        visit(server)
        found = [one["policy"] for one in told(server, "connection", 3)]
    assert found == [first, second, second] and first != second, (found, first, second)
    with c.server("-vRHl0", *JSON, program=["true"]) as server:
        visit(server)
        one = told(server, "connection")[0]
        assert not {"policy", "step", "file", "line", "target"} & one.keys(), one


@test
def a_client_of_a_balancer_is_the_one_that_its_header_tells_of(c):
    rules = c.compile("192.0.2.1 : allow\n")
    with c.server("-vRHl0", *JSON, "--proxy-from", "127.0.0.1", "-x", rules,
                  program=["true"]) as server:
        visit(server, send=proxy.line())
        one = told(server, "connection")[0]
        assert (one["address"], one["port"], one["local_address"], one["local_port"]) == \
            ("192.0.2.1", 4711, "192.0.2.25", 25), one
        visit(server, send=b"EHLO x\r\n")
        one = told(server, "drop")[0]
        assert one["text"] == "unable to read the PROXY header of 127.0.0.1", one


def labels(rng):
    """A name of any bytes, as long as one may be."""
    found, size = [], 0
    while size < 240 and (not found or rng.randrange(4)):
        label = odd(rng, rng.choice((3, 63)))[:min(63, 240 - size)] or b"x"
        found.append(label)
        size += len(label) + 1
    return found


@test
def hosts_idents_and_local_names_of_any_bytes_forge_nothing(c):
    rng = random.Random(11)
    rules = c.compile("")
    says = ["sh", "-c", 'printf "%s\\0%s" "${TCPREMOTEHOST-none}" "${TCPREMOTEINFO-none}"']
    names, ident, hosts = {}, S.Ident(b""), 0
    with S.Dns(names), ident:
        for turn in range(6):
            local = odd(rng, 2000).replace(b"\0", b"")
            with c.server("-vl" + (os.fsdecode(local) or "0"), *JSON, "-x", rules, env=DNS,
                          program=says) as server:
                for count in range(1, 26):
                    names[(S.reverse("127.0.0.1"), S.PTR)] = [
                        S.record(S.PTR, S.wire(labels(rng)))]
                    ident.reply = b"1,2:USERID:UNIX:" + odd(rng, 500).replace(b"\n", b"") + b"\n"
                    host, user = visit(server).split(b"\0", 1)
                    one = told(server, "connection", count)[-1]
                    assert one["verdict"] == "allow" and one["line"] == 2, (turn, one)
                    compare(one, "host", host)
                    compare(one, "ident", user.split(b"\0")[0])
                    compare(one, "local_host", local or b"0")
                    assert one["lookup_us"] > 0, one
                    hosts += "host" in one or "host_cut" in one
                events = {o["event"] for o in objects(whole(server.errors))}
                assert events <= {"connection", "end", "warning"}, events  # of names
    assert hosts > 100, hosts


def compare(one, name, wanted):
    """What the log has of a text: all of it, or a front that says so."""
    got, was_cut = raw(one, name)
    if wanted == b"none":
        assert got in (None, b"none"), (name, one)
    elif was_cut:
        assert wanted.startswith(got) and len(wanted) > len(got) >= 33, (name, got, wanted)
    else:
        assert got == wanted, (name, got, wanted)


@test
def files_and_targets_of_any_bytes_forge_nothing(c):
    rng = random.Random(12)
    for turn in range(12):
        file = odd(rng, 120).replace(b"\0", b"").replace(b"/", b"") or b"plain"
        folder = os.path.join(os.fsencode(c.folder), b"%d" % turn + b"long" * rng.randrange(60))
        os.mkdir(folder)
        target = ", ".join(f"=.{'a' * rng.randrange(1, 60)}.example"
                           for _ in range(rng.randrange(6))) or "10.0.0.1"
        rules = c.compile(target + ", 127.0.0.0/8 : allow\n", file, folder)
        with c.server("-vRHl0", *JSON, "-x", rules, program=["true"]) as server:
            visit(server)
            one = told(server, "connection")[0]
            told(server, "end")
        assert one["verdict"] == "allow" and one["line"] == 2, one
        compare(one, "file", os.path.join(folder, file))
        assert "target" in one or "target_cut" in one, one
        objects(server.errors)


@test
def paths_of_any_bytes_in_warnings_and_drops_forge_nothing(c):
    rng = random.Random(13)
    for _ in range(12):
        name = (odd(rng, 250).replace(b"\0", b"").replace(b"/", b"") or b"plain")[:250]
        path = os.path.join(os.fsencode(c.folder), name)
        with open(path, "wb") as out:
            out.write(b"none")
        os.chmod(path, 0o666)
        with c.server("-vRHl0", *JSON, "-x", os.fsdecode(path)) as server:
            visit(server)
            told(server, "drop")
        warned, dropped = objects(server.errors)
        compare(warned, "text", path + b" can be changed by everybody")
        compare(dropped, "text", b"unable to read " + path)


CLIENTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.1.1", "127.0.1.2", "127.0.2.1"]
OLD = ('127.0.0.2 : deny\n=.dialup.example : deny\njoe@127.0.1.0/24 : allow, J="1"\n'
       "127.0.3.0/24 : allow, limit 1\n")
NEW = ('127.0.0.3 : deny\n=.dialup.example : allow\njoe@127.0.1.0/24 : allow, J="2"\n'
       "127.0.1.2 : deny\n")
CLASSIC_RULES = ('127.0.0.2:deny\n=.dialup.example:deny\njoe@127.0.1.:allow,J="1"\n'
                 ":allow\n")


def traffic(server):
    """The same for each server: each client thrice, and one over its limit."""
    for source in CLIENTS * 3:
        client = server.connect(source=source)
        client.socket.shutdown(socket.SHUT_WR)
        client.read()
        client.close()
    kept = stay(server, "127.0.3.1")
    over = server.connect(source="127.0.3.1")
    over.socket.shutdown(socket.SHUT_WR)
    assert over.read() == b""
    over.close()
    kept.close()
    server.process.send_signal(signal.SIGUSR1)
    server.wait_for(rb"counters.*\n")


def both_logs(c, *args):
    """The logs of the same traffic, classic and as objects."""
    logs = {}
    answers = {(S.reverse(a), S.PTR): [S.ptr(f"h{n}.dialup.example" if n % 3 == 2 else
                                             f"h{n}.example")]
               for n, a in enumerate(CLIENTS) if n % 2}
    with S.Dns(answers), S.Ident(b"1,2:USERID:UNIX:joe\r\n", address="0.0.0.0"):
        for name, words in (("classic", ()), ("json", JSON)):
            with c.server("-vl0", "-t5", *words, *args, env=DNS, program=STAYS) as server:
                traffic(server)
            logs[name] = whole(server.errors)
            c.write(name, logs[name])
    objects(logs["json"])
    return logs


@test
def replay_and_check_answer_the_same_from_both_logs(c):
    for name, text in (("old.rules", OLD), ("new.rules", NEW)):
        c.write(name, b"postern: 1\n" + text.encode() + b"* : allow\n")
    for rules in (lambda: c.compile(OLD), lambda: c.rules(CLASSIC_RULES)):
        logs = both_logs(c, "-x", rules())
        answers = {}
        for name in ("classic", "json"):
            done = c.postern("replay", "old.rules", "new.rules", name, "--format", "json")
            assert done.returncode in (0, 1), done
            emitted = c.postern("replay", "old.rules", "new.rules", name, "--emit")
            batch = c.postern("check", "old.rules", "--batch", stdin=logs[name])
            stamped = c.postern("check", "old.rules", "--batch", stdin=re.sub(
                rb"(?m)^(?=.)", b"@400000006925 ", logs[name]))
            weighed = c.postern("diff", "old.rules", "new.rules", "--weigh", name)
            assert batch.returncode == 0 and stamped.stdout == batch.stdout, (batch, stamped)
            answers[name] = (done.stdout, emitted.stdout, batch.stdout, weighed.stdout)
        for one, other in zip(answers["classic"], answers["json"]):
            assert one == other, (one, other)
        replayed = json.loads(answers["json"][0])
        assert replayed["connections"] >= len(CLIENTS) * 3 and replayed["changed"] > 3, replayed
        assert replayed["passed"] == replayed["faulty"] == 0, replayed


@test
def other_programs_may_write_to_the_log_too(c):
    rules = c.compile("")
    with c.server("-vRHl0", *JSON, "-x", rules, program=[
            "sh", "-c", 'echo "{not ours" >&2; echo "hello" >&2']) as server:
        visit(server)
        server.wait_for(rb'"event": "end"')
    with open(c.path("log"), "wb") as out:
        out.write(server.errors)
    done = c.postern("replay", "rules", "rules", "log", "--format", "json")
    assert done.returncode == 0, done
    assert json.loads(done.stdout)["connections"] == 1 and json.loads(done.stdout)["passed"] == 2
    assert b"note: 2 lines that tell of no connection" in done.stderr, done


@test
def a_log_that_nobody_reads_loses_whole_lines_and_says_how_many(c):
    with open(c.path("out"), "wb") as out:
        read, write = os.pipe()
        process = subprocess.Popen(
            [os.path.join(c.programs, "tcpserver"), "-1vRHl0", *JSON, "-c100", "127.0.0.1", "0",
             "true"], stdout=subprocess.PIPE, stderr=write, env=observe.BASE)
        os.close(write)
        port = int(process.stdout.readline())
        server = type("Server", (), {"port": port, "address": "127.0.0.1", "ports": []})()
        for _ in range(700):
            visit_quietly(server)
        time.sleep(0.2)
        process.send_signal(signal.SIGUSR1)
        got = b""
        until = time.monotonic() + observe.PATIENCE
        os.set_blocking(read, False)
        while b'"event": "counters"' not in got and time.monotonic() < until:
            try:
                got += os.read(read, 65536)
            except BlockingIOError:
                visit_quietly(server)
                process.send_signal(signal.SIGUSR1)
                time.sleep(0.05)
        process.terminate()
        process.wait(observe.PATIENCE)
        process.stdout.close()
        os.set_blocking(read, True)
        while piece := os.read(read, 65536):
            got += piece
        os.close(read)
        out.write(got)
    found = objects(got)
    assert sum(one["lines"] for one in found if one["event"] == "lost") > 100, len(found)


def visit_quietly(server):
    client = observe.Client(server)
    client.read()
    client.close()


CLASSIC = """tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.1
tcpserver: ok PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.1::CLIENT
tcpserver: end PID status 768
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.2
tcpserver: deny PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.2::CLIENT
tcpserver: end PID status 25600
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.3
tcpserver: ok PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.3::CLIENT
tcpserver: end PID status 768
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.3
tcpserver: rate PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.3::CLIENT
tcpserver: end PID status 25600
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.4
tcpserver: ok PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.4::CLIENT
tcpserver: status: 2/3
tcpserver: pid PID from 127.0.0.5
tcpserver: limit PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.5::CLIENT
tcpserver: struck PID limit 1 per /24,/48
tcpserver: end PID status 25600
tcpserver: status: 1/3
tcpserver: end PID status 768
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.6
tcpserver: ok PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.6::CLIENT
tcpserver: status: 2/3
tcpserver: pid PID from 127.0.0.6
tcpserver: limit PID 0:::ffff:127.0.0.1:SERVER :::ffff:127.0.0.6::CLIENT
tcpserver: end PID status 25600
tcpserver: status: 1/3
tcpserver: end PID status 768
tcpserver: status: 0/3
tcpserver: status: 1/3
tcpserver: pid PID from 127.0.0.1
tcpserver: warning: dropping connection, unable to read RULES: protocol error
tcpserver: end PID status 28416
tcpserver: status: 0/3
tcpserver: counters: accepted 9 served 4 denied 1 limited 3 dropped 1 live 0 looking 0 waiting 0 \
forgotten 0 loads 2 penalised 0
"""


def classic_log(c, words):
    """What it says of one client of each kind, with pids and ports by name."""
    ports = []
    rules = c.compile("127.0.0.2 : deny\n127.0.0.3 : allow, rate 1/hour\n"
                      "127.0.0.4/31 : allow, limit 9, limit 1 per /24,/48\n"
                      "127.0.0.6 : allow, limit 1\n")
    with c.server("-vRHl0", "-c3", *words, "-x", rules,
                  program=["sh", "-c", "read text; exit 3"]) as server:
        def begin(source):
            client = server.connect(source=source)
            ports.append(client.port)
            return client

        def end(client, count):
            try:
                client.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it was refused
            client.read()
            client.close()
            server.wait_for(rb": end \d+ .*\n.*status: \d", count)

        for count, source in enumerate(("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.3")):
            end(begin(source), count + 1)
        for count, (first, second) in enumerate((("127.0.0.4", "127.0.0.5"),
                                                 ("127.0.0.6", "127.0.0.6"))):
            kept = begin(first)
            server.wait_for(rb": ok .*\n", count + 3)
            end(begin(second), 2 * count + 5)
            end(kept, 2 * count + 6)
        c.write("damaged", b"this is none\n")
        os.rename(c.path("damaged"), rules)
        end(begin("127.0.0.1"), 9)
        server.process.send_signal(signal.SIGUSR1)
        server.wait_for(rb"counters.*\n")
    log = re.sub(r"(pid|ok|deny|end|rate|limit|struck) \d+(?= (?:from|0|status|limit))",
                 r"\1 PID", server.errors.decode())
    log = log.replace(rules, "RULES").replace(f":{server.port} ", ":SERVER ")
    for port in ports:
        log = log.replace(f":{port}\n", ":CLIENT\n")
    return log


@test
def the_classic_log_is_what_it_was(c):
    for words in ((), ("--log-format", "classic"), ("--log-format=classic",)):
        log = classic_log(c, words)
        assert log == CLASSIC, log


def main():
    global ARGS  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("tests", nargs="*")
    ARGS = parser.parse_args()
    if not S.isolate():
        return 77
    programs = os.path.abspath(ARGS.bin)

    def in_case(function, folder):
        function(Case(programs, os.path.join(programs, "tcprules"), folder))

    return runner.run([functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS],
                      ARGS.tests)


if __name__ == "__main__":
    sys.exit(main())
