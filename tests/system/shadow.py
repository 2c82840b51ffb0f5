#!/usr/bin/env python3
"""The rehearsal of tcpserver --shadow: what it says and counts of each client is what a replay
of the same clients says, and the policy in force is obeyed whatever the other does."""
import json
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import counts  # noqa: E402
import observe  # noqa: E402
import proxy  # noqa: E402
import runner  # noqa: E402
import servers  # noqa: E402

PLAIN = "-RHl0"
BALANCER = "127.0.0.1"


def options(parser):
    parser.add_argument("--count", type=int, default=1200, help="of connections")


SUITE = runner.Suite(options)
test = SUITE.test


def postern(c, *words, statuses=(0,), **more):
    done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), *words], cwd=c.folder,
                          capture_output=True, text=True, check=False, **more)
    assert done.returncode in statuses, (words, done)
    return done.stdout


def policy(c, name, text):
    c.write(name + ".rules", text.encode())
    postern(c, "compile", name + ".rules", "-o", name + ".cdb")


def rehearsed(c, *args, env=None, program=None, options=PLAIN):
    return c.server(options, "--proxy-from", BALANCER, "-k", c.path("counts"), "-x",
                    c.path("live.cdb"), "--shadow", c.path("next.cdb"), *args, env=env,
                    program=program or ["/bin/sh", "-c", "echo ${TAG-none}"])


def ask(server, client):
    """As a client that comes through the balancer."""
    visitor = server.connect(source=BALANCER, send=proxy.line(client, "192.0.2.25" if ":" not in
                                                              client else "2001:db8::25"))
    got = visitor.read()
    visitor.close()
    return got


def table(c, *words):
    return json.loads(postern(c, "hits", "counts", "--shadow", "--format", "json", *words))["pairs"]


LIVE = """postern: 1
198.51.100.0/24 : deny
203.0.113.0/24 : allow, TAG="a", limit 5
192.0.2.0/24 : allow, limit 5 per /32, limit 50 per /24
10.0.0.0/8 : allow, rate 100/min
2001:db8::/32 : allow
192.168.0.0/16 : allow, penalty 1-9 60
172.16.0.0/12 : allow, penalty 1-9 60
* : allow
"""
NEXT = """postern: 1
198.51.100.0/25 : deny
203.0.113.0/24 : allow, TAG="b", limit 6
192.0.2.0/24 : allow, limit 5 per /32, limit 60 per /24
10.0.0.0/8 : allow, rate 100/hour
2001:db8:1::/48 : deny
192.168.0.0/16 : allow, no penalty
172.16.0.0/12 : allow, penalty 5-9 60, penalty 1-4 60
* : allow
"""


@test
def the_policy_in_force_is_obeyed_and_differences_are_told_by_pairs(c):
    policy(c, "live", LIVE)
    policy(c, "next", NEXT)
    asked = [("198.51.100.1", b""), ("198.51.100.200", b""), ("203.0.113.9", b"a\n"),
             ("10.1.2.3", b"none\n"), ("2001:db8:1::5", b"none\n"), ("2001:db8:2::5", b"none\n"),
             ("192.0.2.1", b"none\n"), ("198.51.100.201", b""), ("192.168.3.4", b"none\n"), ("172.16.3.4", b"none\n")]
    with rehearsed(c) as server:
        for client, wanted in asked:
            assert ask(server, client) == wanted, client
        observe.settle(lambda: sum(p["clients"] for p in table(c)) == 7, lambda: table(c))
        for wanted in (
                rb"shadow: 198.51.100.200: deny at live.rules:2 198.51.100.0/24, and allow at "
                rb"next.rules:9 \* \(verdict\)\n",
                rb"shadow: 203.0.113.9: allow at live.rules:3 203.0.113.0/24, and allow at "
                rb"next.rules:3 203.0.113.0/24 \(variables, limit\)\n",
                rb"shadow: 10.1.2.3: .* \(rate\)\n", rb"shadow: 2001:db8:1::5: .* \(verdict\)\n",
                rb"shadow: 192.168.3.4: .* \(penalty\)\n"):
            server.wait_for(wanted)
            server.said(re.compile(wanted))
    found = {(p["live"]["line"], p["shadow"]["line"]): (p["clients"], p["differences"],
                                                        p["example"]) for p in table(c)}
    assert found == {(2, 9): (2, ["verdict"], "198.51.100.200"),
                     (3, 3): (1, ["variables", "limit"], "203.0.113.9"),
                     (4, 4): (1, ["limit"], "192.0.2.1"),
                     (5, 5): (1, ["rate"], "10.1.2.3"),
                     (6, 6): (1, ["verdict"], "2001:db8:1::5"),
                     (7, 7): (1, ["penalty"], "192.168.3.4")}, found


def random_policy(rng):
    lines = ["postern: 1"]
    for n in rng.sample(range(16), rng.randrange(2, 8)):
        verdict = rng.choice(["deny", "allow", 'allow, TAG="x"', 'allow, TAG="y"',
                              'allow, TAG="x", OTHER="1"'])
        lines.append(f"10.{n}.0.0/{rng.choice([15, 16, 17]) if n % 2 == 0 else 16} : {verdict}")
    lines.append("* : " + rng.choice(["deny", "allow"]))
    return "\n".join(dict((line.split(" : ")[0], line) for line in lines).values()) + "\n"


@test
def what_it_counts_is_what_a_replay_of_the_log_counts(c):
    rng = random.Random(9)
    for number in range(6):
        policy(c, "live", random_policy(rng))
        policy(c, "next", random_policy(rng))
        if os.path.exists(c.path("counts")):
            os.unlink(c.path("counts"))
        with rehearsed(c, options="-vRHl0", program=["true"]) as server:
            for _ in range(SUITE.args.count // 6):
                ask(server, f"10.{rng.randrange(17)}.{rng.randrange(256)}.7")
            observe.settle(lambda: counts.Counts(c.path("counts")).totals["accepted"] ==
                           SUITE.args.count // 6,
                           "all are counted")
            observe.settle(lambda: len(re.findall(rb": (?:ok|deny) \d+ ", server.errors)) ==
                           SUITE.args.count // 6, "all are logged")
            c.write("log", server.errors)
        told = json.loads(postern(c, "replay", "live.cdb", "next.cdb", "log", "--format", "json",
                                  statuses=(0, 1)))
        wanted = {}
        for change in told["pairs"]:
            pair = (change["old"]["line"], change["new"]["line"])
            wanted[pair] = wanted.get(pair, 0) + change["count"]
        got = {(p["live"]["line"], p["shadow"]["line"]): p["clients"] for p in table(c)}
        assert got == wanted, (number, got, wanted)


@test
def what_was_not_looked_up_is_undecided(c):
    policy(c, "live", "postern: 1\n198.51.100.0/24 : deny\n* : allow\n")
    policy(c, "next", "postern: 1\n=mail.example : allow\n198.51.100.0/24 : deny\n* : allow\n")
    answers = {(servers.reverse("198.51.100.1"), servers.PTR): [servers.ptr("mail.example")]}
    with servers.Dns(answers) as dns, rehearsed(c, options="-Rl0",
                                                env={"DNSCACHEIP": "127.0.0.1"}) as server:
        assert ask(server, "198.51.100.1") == b""
        observe.settle(lambda: table(c), "it is counted")
        assert not dns.asked, "nothing is looked up for the shadow"
        assert ask(server, "192.0.2.9") == b"none\n"  # looked up, for it is allowed
    pairs = table(c)
    assert [(p["clients"], p["undecided"], p["differences"]) for p in pairs] == [(1, 1, [])], pairs
    # where nothing is looked up at all, both decide without
    os.unlink(c.path("counts"))
    with rehearsed(c) as server:
        assert ask(server, "198.51.100.1") == b""
        assert ask(server, "192.0.2.9") == b"none\n"
        observe.settle(lambda: counts.Counts(c.path("counts")).totals["accepted"] == 2, "counted")
    assert table(c) == []


@test
def a_shadow_may_come_go_and_be_damaged(c):
    policy(c, "live", "postern: 1\n* : allow\n")
    with rehearsed(c) as server:
        server.wait_for(b"no rehearsal, unable to read .*next.cdb: file does not exist\n")
        server.said(b"no rehearsal")
        assert ask(server, "192.0.2.1") == b"none\n"
        policy(c, "next", "postern: 1\n* : deny\n")
        observe.settle(lambda: ask(server, "192.0.2.1") == b"none\n" and
                       b"shadow: 192.0.2.1: allow at live.rules:2 *, and deny at next.rules:2 *" in
                       server.errors, lambda: server.errors)
        for damage in (b"", b"no rules" * 1000):
            said = server.errors.count(b"no rehearsal")
            c.write("next.cdb.new", damage)
            os.rename(c.path("next.cdb.new"), c.path("next.cdb"))
            observe.settle(lambda s=said: ask(server, "192.0.2.1") == b"none\n" and
                           server.errors.count(b"no rehearsal") > s, lambda: server.errors)
            policy(c, "next", "postern: 1\n* : deny\n")
            loads = observe.counts(server)["loads"]
            assert ask(server, "192.0.2.1") == b"none\n"
            time.sleep(0.1)  # two loads are 50 ms apart
            assert ask(server, "192.0.2.1") == b"none\n" and loads == 1
        policy(c, "next", "postern: 1\n* : allow\n")

        def nothing_is_told():
            """For longer than a pair that goes on waits for its next line."""
            before = server.errors.count(b"shadow:")
            for _ in range(12):
                assert ask(server, "192.0.2.1") == b"none\n"
                time.sleep(0.1)
            return server.errors.count(b"shadow:") == before

        observe.settle(nothing_is_told, lambda: server.errors)


@test
def a_pair_is_logged_once_a_second_with_a_count(c):
    policy(c, "live", "postern: 1\n* : allow\n")
    policy(c, "next", "postern: 1\n* : deny\n")
    with rehearsed(c) as server:
        began = time.monotonic()
        for _ in range(200):
            assert ask(server, "192.0.2.1") == b"none\n"
        lines = server.errors.count(b"shadow:")
        assert 1 <= lines <= time.monotonic() - began + 1, lines
        time.sleep(1.1)
        assert ask(server, "192.0.2.1") == b"none\n"
        server.wait_for(b"shadow: 192.0.2.1: .*; [0-9]+ clients", 1)
        numbers = [int(n or 1) for n in re.findall(
            rb"shadow: 192.0.2.1: [^\n]*?(?:; (\d+) clients)?\)\n", server.errors)]
        assert sum(numbers) == 201, server.errors
    assert [p["clients"] for p in table(c)] == [201]


@test
def without_k_it_is_logged_all_the_same(c):
    policy(c, "live", "postern: 1\n* : allow\n")
    policy(c, "next", "postern: 1\n* : deny\n")
    with c.server(PLAIN, "-x", c.path("live.cdb"), "--shadow", c.path("next.cdb"),
                  program=["echo", "yes"]) as server:
        client = server.connect()
        assert client.read() == b"yes\n"
        client.close()
        server.wait_for(b"shadow: 127.0.0.1: ")
        server.said(b"shadow: 127.0.0.1: ")


if __name__ == "__main__":
    sys.exit(SUITE.main())
