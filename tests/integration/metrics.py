#!/usr/bin/env python3
"""The metrics of `postern hits` pass promtool, and the dashboard of examples/ asks for metrics that
there are."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import runner  # noqa: E402
import servers  # noqa: E402

METRICS = os.path.join(ROOT, "examples/services/metrics")


def options(parser):
    parser.add_argument("--promtool", default="promtool", type=runner.program)


SUITE = runner.Suite(options)
test = SUITE.test


def metrics(c, *words):
    done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), "hits", "counts", "--format",
                           "prometheus", *words], cwd=c.folder, capture_output=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def counted(c):
    """Counts of clients that came to everything that is counted."""
    c.write("a\\b\n\"c\".rules", b"postern: 1\n127.0.1.0/24 : deny\n127.0.2.0/24 : allow, limit 1\n"
            b"127.0.3.0/24 : allow, rate 1/hour\n=\"mail\".example : deny\n* : allow\n")
    done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), "compile", "a\\b\n\"c\".rules", "-o",
                           "rules.cdb"], cwd=c.folder, capture_output=True, check=False)
    if done.returncode:  # a host that may not be: without it
        c.write("a\\b\n\"c\".rules", b"postern: 1\n127.0.1.0/24 : deny\n"
                b"127.0.2.0/24 : allow, limit 1\n127.0.3.0/24 : allow, rate 1/hour\n* : allow\n")
        subprocess.run([os.path.join(SUITE.args.bin, "postern"), "compile", "a\\b\n\"c\".rules", "-o",
                        "rules.cdb"], cwd=c.folder, check=True)
    with c.server("-Rl0", "-k", c.path("counts"), "-x", c.path("rules.cdb"), program=["cat"],
                  env={"DNSCACHEIP": "127.0.0.1"}) as server, servers.Dns({}):
        held = server.connect(source="127.0.2.1", send=b"x")
        assert held.socket.recv(1) == b"x"
        for source in ("127.0.1.1", "127.0.2.1", "127.0.3.1", "127.0.3.1", "127.0.9.1"):
            client = server.connect(source=source)
            client.socket.shutdown(1)
            client.read()
            client.close()
        held.close()


@test
def promtool_has_nothing_to_say(c):
    counted(c)
    for words in ([], ["--label", "server=a\\b \"c\" \u00e9"], ["rules.cdb", "--unused", "0"]):
        done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), "hits", "counts", "--format",
                               "prometheus", *words], cwd=c.folder, capture_output=True,
                              check=False)
        assert done.returncode in (0, 1) and done.stdout, done
        said = subprocess.run([SUITE.args.promtool, "check", "metrics"], input=done.stdout,
                              capture_output=True, check=False)
        assert said.returncode == 0 and not said.stdout + said.stderr, (said, done.stdout.decode())


@test
def the_dashboard_asks_for_what_there_is(c):
    counted(c)
    there = set(re.findall(rb"^(postern_\w+)\{", metrics(c), re.M))
    with open(os.path.join(METRICS, "grafana.json"), encoding="utf-8") as source:
        dashboard = json.load(source)
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            asked |= set(re.findall(r"postern_\w+", target["expr"]))
            query = re.sub(r"\$__rate_interval", "5m", target["expr"]).replace("$server", "a")
            c.write("rules.yml", json.dumps({"groups": [{"name": "g", "rules": [
                {"record": "a:b", "expr": query}]}]}).encode())
            said = subprocess.run([SUITE.args.promtool, "check", "rules", c.path("rules.yml")],
                                  capture_output=True, check=False)
            assert said.returncode == 0, (target["expr"], said)
    asked |= set(re.findall(r"postern_\w+", dashboard["templating"]["list"][1]["query"]["query"]))
    assert asked and {a.encode() for a in asked} <= there, asked - {t.decode() for t in there}


@test
def the_timer_writes_what_the_exporter_reads(c):
    counted(c)
    with open(os.path.join(METRICS, "postern-metrics.service"), encoding="utf-8") as unit:
        words = re.search(r"^ExecStart=(.*)$", unit.read(), re.M)[1].split()
    words = [w.replace("/usr/local/bin", SUITE.args.bin).replace("/var/lib/line/counts", "counts")
             .replace("/var/lib/prometheus/node-exporter/", c.folder + "/") for w in words]
    subprocess.run(words, cwd=c.folder, check=True)
    with open(c.path("line.prom"), "rb") as written:
        assert b'postern_accepted_total{server="line",} 6\n' in written.read()


if __name__ == "__main__":
    sys.exit(SUITE.main())
