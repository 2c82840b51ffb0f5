#!/usr/bin/env python3
"""Penalties, by a real tcpserver: what programs' statuses cost the sources of their clients.

Everything happens in a network namespace of its own, where all of 127/8 is this host.
"""
import argparse
import functools
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
from observe import counts  # noqa: E402

TESTS = []
ARGS = None
FLAGS = ("-vRHl0",)
# ends as its client says: "7" exits 7, "s" is killed by a signal
TOLD = ["sh", "-c", 'read how; case "$how" in s) kill -9 $$;; *) exit "$how";; esac']
EVERYWHERE = {"host": "0", "program": TOLD}


def test(function):
    TESTS.append(function)
    return function


def ends(server, source, how):
    """A client whose program ends so, and has ended."""
    before = server.errors.count(b": end ")
    client = server.connect(source=source, address=source)
    client.socket.sendall(how.encode() + b"\n")
    client.read()
    client.close()
    server.wait_for(rb": end \d+ ", before + 1)
    line = server.errors.decode("latin1").rpartition(": end ")[2].split("\n")[0]
    return int(line.split()[-1])


def refused(server, source):
    """What a client is sent that is refused with the word `penalty`."""
    before = server.errors.count(b": penalty ")
    client = server.connect(source=source, address=source)
    got = client.read()
    client.close()
    server.wait_for(rb": penalty \d+ .*\n", before + 1)
    line = server.errors.decode("latin1").rpartition(": penalty ")[2].split("\n")[0]
    assert int(line.split()[0]) == server.process.pid and f":{source}:" in line, line
    return got


@test
def the_option_penalises_a_source_and_no_other(c):
    with c.server(*FLAGS, "--penalty", "7-9:500", "--penalty", "signal:500", **EVERYWHERE) as server:
        for how, status in (("0", 0), ("1", 256), ("6", 6 * 256)):
            assert ends(server, "127.0.0.2", how) == status
        assert ends(server, "127.0.0.2", "8") == 8 * 256
        assert refused(server, "127.0.0.2") == b""
        assert ends(server, "127.0.0.3", "s") == 9
        refused(server, "127.0.0.3")
        assert ends(server, "127.0.0.4", "0") == 0
        told = counts(server)
        assert told["penalised"] == 2 and told["limited"] == 2 and told["live"] == 0, told


@test
def without_the_option_a_status_costs_nothing(c):
    with c.server(*FLAGS, **EVERYWHERE) as server:
        for how in ("1", "255", "s", "1"):
            ends(server, "127.0.0.2", how)
        assert counts(server)["penalised"] == 0


@test
def a_rule_goes_before_the_option_and_exempts(c):
    rules = c.rules('postern: 1\n127.0.0.2 : allow, penalty 3 500, limit 9, reject "421 later"\n'
                    "127.0.0.3 : allow, no penalty\n127.0.0.4 : deny\n* : allow\n")
    with c.server(*FLAGS, "--penalty", "7:500", "-x", rules, **EVERYWHERE) as server:
        ends(server, "127.0.0.2", "7")  # not a status of this rule
        ends(server, "127.0.0.2", "3")
        assert refused(server, "127.0.0.2") == b"421 later"
        for how in ("7", "3", "s", "7"):
            ends(server, "127.0.0.3", how)
        ends(server, "127.0.0.5", "7")
        refused(server, "127.0.0.5")


@test
def what_is_counted_outlives_a_replacement_of_the_rules(c):
    rules = c.rules("postern: 1\n* : allow, penalty 3 500\n")
    with c.server(*FLAGS, "-x", rules, **EVERYWHERE) as server:
        ends(server, "127.0.0.2", "3")
        refused(server, "127.0.0.2")
        c.rules("postern: 1\n127.0.0.9 : deny\n* : allow\n")
        refused(server, "127.0.0.2")
        ends(server, "127.0.0.3", "3")  # it costs nothing now
        c.rules("postern: 1\n127.0.0.2 : allow, no penalty\n* : allow\n")
        ends(server, "127.0.0.2", "3")
        c.rules("postern: 1\n* : allow\n")
        refused(server, "127.0.0.2")


@test
def a_source_is_what_the_first_tier_says(c):
    with c.server(*FLAGS, "--penalty", "7:500", "-C", "9/24:48,99/16:32", **EVERYWHERE) as server:
        ends(server, "127.0.7.2", "7")
        refused(server, "127.0.7.99")
        ends(server, "127.0.8.2", "0")


@test
def a_penalty_passes_and_is_capped(c):
    with c.server(*FLAGS, "--penalty", "7:86400", "--penalty-max", "1", **EVERYWHERE) as server:
        ends(server, "127.0.0.2", "7")
        until = observe.time.monotonic() + observe.PATIENCE
        while observe.time.monotonic() < until:
            before = server.errors.count(b": penalty ")
            client = server.connect(source="127.0.0.2", address="127.0.0.2")
            try:
                client.socket.sendall(b"0\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            client.read()
            client.close()
            counts(server)  # it has dealt with that client
            if server.errors.count(b": penalty ") == before:
                return
        raise AssertionError("it is still refused")


@test
def look_ups_are_made_only_where_they_may_lead_to_an_exemption(c):
    """Of two policies that ask for hosts, one has a host that is exempt."""
    names = {(S.reverse("127.0.0.2"), 12): [S.ptr("friend.test")],
             (S.reverse("127.0.0.3"), 12): [S.ptr("other.test")]}

    for text, exempt in (('=friend.test : allow, no penalty\n', True), ('=friend.test : allow, A="1", penalty 7 500\n', False)):
        rules = c.rules("postern: 1\n" + text + "* : allow, penalty 7 500\n")
        with S.Dns(names) as dns, c.server("-vRl0", "-x", rules, env={"DNSCACHEIP": "127.0.0.1"},
                                            **EVERYWHERE) as server:
            ends(server, "127.0.0.3", "7")
            asked = len(dns.asked)
            refused(server, "127.0.0.3")
            assert (len(dns.asked) > asked) == exempt, (text, dns.asked)
            ends(server, "127.0.0.2", "7")
            if exempt:
                ends(server, "127.0.0.2", "7")
            else:
                refused(server, "127.0.0.2")


@test
def a_program_that_cannot_be_started_costs_its_client_nothing(c):
    """Its status is the server's own, and not what a program said of a client."""
    with c.server(*FLAGS, "--penalty", "1-255:500", "--penalty", "signal:500", host="0",
                  program=[c.path("nothing")]) as server:
        for number in (1, 2, 3):
            client = server.connect(source="127.0.0.2", address="127.0.0.2")
            client.read()
            client.close()
            server.wait_for(rb": end \d+ ", number)
        told = counts(server)
        assert told["penalised"] == 0 and told["live"] == 0, told


@test
def the_log_of_objects_and_the_counts_tell(c):
    rules = c.rules("postern: 1\n* : allow, penalty 7 500\n")
    with c.server(*FLAGS, "--log-format", "json", "-k", c.path("counts"), "-x", rules, **EVERYWHERE) as server:
        client = server.connect(source="127.0.0.2", address="127.0.0.2")
        client.socket.sendall(b"7\n")
        client.read()
        server.wait_for(rb'"event":\s*"end"', 1)
        client = server.connect(source="127.0.0.2", address="127.0.0.2")
        assert client.read() == b""
        server.wait_for(rb'"verdict":\s*"penalty"', 1)
        line = next(json.loads(made) for made in server.errors.decode().splitlines() if '"penalty"' in made)
        assert line["verdict"] == "penalty" and re.fullmatch("penalty (499|500)", line["struck"]), line
        assert line["line"] == 2, line
    hits = subprocess.run([os.path.join(ARGS.bin, "postern"), "hits", c.path("counts"), rules, "--format", "json"],
                          capture_output=True, check=True)
    told = json.loads(hits.stdout)
    assert told["totals"]["penalised"] == 1 and told["totals"]["limited"] == 0, told
    assert told["rules"][0]["penalised"] == 1, told


@test
def what_is_no_penalty_is_refused(c):
    for args in (("--penalty", "0:5"), ("--penalty", "7"), ("--penalty", "5-3:9"), ("--penalty", "256:1"),
                 ("--penalty", "1:86401"), ("--penalty", "1-9:5", "--penalty", "9:5"), ("--penalty-max", "0"),
                 ("--penalty-max", "86401")):
        done = subprocess.run([os.path.join(ARGS.bin, "tcpserver"), *args, "0", "0", "true"], capture_output=True,
                              check=False, timeout=observe.PATIENCE)
        assert done.returncode == 100 and b"penalty" in done.stderr, (args, done)


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
    return runner.run([functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
