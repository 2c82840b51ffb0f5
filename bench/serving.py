#!/usr/bin/env python3
"""Prints the table "Serving" of docs/performance.md: all servers in one run.

Each server has core 0, the load core 1 (where there are two). Contestants take turns
within a round, and the first of a round changes; a ratio is the median over the rounds
of the ratio to the original within each, with the quartiles behind it.
"""
import argparse
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import bench

ALLOWED, DENIED = "127.0.0.1", "127.9.9.9"
HERTZ = os.sysconf("SC_CLK_TCK")


def pinned(core):
    def pin():
        if os.cpu_count() > 1:
            os.sched_setaffinity(0, {core})
    return pin


class Server:
    """A process that listens; its CPU time includes its children's, once waited for."""

    def __init__(self, name, command, port, core=0):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, preexec_fn=pinned(core),
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL if "-v" in command else None)
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            time.sleep(0.05)
        sys.exit(f"{name} does not listen")

    def cpu(self):
        """Seconds, own and children's."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            words = f.read().rpartition(")")[2].split()
        return sum(int(words[i]) for i in range(11, 15)) / HERTZ

    def private_kib(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith("Private"))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Behind:
    """A server that is reached through another; the CPU time is its own."""

    def __init__(self, server, balancer):
        self.name, self.port, self.cpu = server.name, balancer.port, server.cpu


class Load:
    FIELDS = ("seconds", "got", "empty", "timed_out", "failed", "first50", "first99",
              "first100", "end50", "end99", "end100")

    def __init__(self, args, port, count, in_flight, source, rate=0, core=1):
        self.process = subprocess.Popen(
            [os.path.join(args.bench_bin, "bench_load"), "127.0.0.1", str(port), str(count),
             str(in_flight), source, str(rate)],
            stdout=subprocess.PIPE, text=True, preexec_fn=pinned(core))

    def result(self):
        out = self.process.communicate()[0].split()
        return dict(zip(self.FIELDS, map(float, out)))


def load(*args, **more):
    return Load(*args, **more).result()


def rules_text(count):
    return bench.rule_text(count) + "127.9.:deny\n:allow\n"


def xinetd_file(folder, port, program, only):
    path = os.path.join(folder, f"xinetd.{port}")
    with open(path, "w", encoding="ascii") as f:
        f.write("service s\n{\n type = UNLISTED\n socket_type = stream\n protocol = tcp\n"
                f" port = {port}\n bind = 127.0.0.1\n wait = no\n user = root\n"
                f" instances = 200\n server = {program}\n flags = NODELAY\n"
                f" no_access = 127.9.0.0/16 {only}\n cps = 1000000 1\n}}\n")
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def no_access(count):
    """The addresses of denying rules as xinetd names them."""
    lines = bench.rule_text(count).splitlines()
    return " ".join(line.split(":")[0] for line in lines if line.endswith(":deny"))


class Stage:
    """Rule files, and servers of every kind."""

    def __init__(self, args, folder):
        self.args, self.folder, self.servers = args, folder, []
        self.original = os.path.join(args.originals, "ucspi-tcp/usr/bin/tcpserver")
        self.ours = os.path.join(args.bin, "tcpserver")
        self.tiny = os.path.join(args.bench_bin, "bench_tiny")
        self.hello = os.path.join(args.bench_bin, "bench_hello")

    def rules(self, count):
        """(classic source, cdb, ipsvd's cdb)"""
        base = os.path.join(self.folder, str(count))
        if not os.path.exists(base + ".cdb"):
            with open(base, "w", encoding="ascii") as f:
                f.write(rules_text(count))
            with open(base, "rb") as f:
                subprocess.run([os.path.join(self.args.bin, "tcprules"), base + ".cdb",
                                base + ".tmp"], stdin=f, check=True)
        return base + ".cdb"

    def start(self, name, command, port):
        server = Server(name, command, port)
        self.servers.append(server)
        return server

    def tcpserver(self, name, binary, rules, program=None, more=()):
        port = free_port()
        return self.start(name, [binary, "-RHl0", *more, "-c", "200", "-b", "1024", "-x",
                                 self.rules(rules), "127.0.0.1", str(port),
                                 program or self.tiny], port)

    def ipsvd(self, rules, program=None):
        port, folder = free_port(), os.path.join(self.folder, f"ipsvd{rules}")
        if not os.path.isdir(folder):
            os.mkdir(folder)
            for line in rules_text(rules).splitlines():
                name, _, verdict = line.partition(":")
                path = os.path.join(folder, name.rstrip(".") or "0")
                with open(path, "w", encoding="ascii"):
                    pass
                os.chmod(path, 0 if verdict == "deny" else 0o644)
            subprocess.run(["ipsvd-cdb", folder + ".cdb", folder + ".tmp", folder],
                           check=True)
        return self.start("ipsvd", ["tcpsvd", "-E", "-l", "0", "-c", "200", "-b", "1024",
                                    "-x", folder + ".cdb", "127.0.0.1", str(port),
                                    program or self.tiny], port)

    def xinetd(self, rules, program=None):
        port = free_port()
        path = xinetd_file(self.folder, port, program or self.tiny, no_access(rules))
        xinetd = os.path.join(self.args.originals, "xinetd/usr/sbin/xinetd")
        return self.start("xinetd", [xinetd, "-dontfork", "-filelog", path + ".log", "-f", path, "-pidfile",
                                     path + ".pid"], port)

    def balanced(self, name, binary, how, more=()):
        """A server behind a haproxy of its own, which has the load's core."""
        server = self.tcpserver(name, binary, 1000, more=more)
        port, path = free_port(), os.path.join(self.folder, f"haproxy.{server.port}")
        with open(path, "w", encoding="ascii") as f:
            f.write("global\n nbthread 1\n maxconn 4000\ndefaults\n mode tcp\n timeout connect 5s\n"
                    f" timeout client 30s\n timeout server 30s\nlisten all\n bind 127.0.0.1:{port}\n"
                    f" server it 127.0.0.1:{server.port} {how}\n")
        balancer = Server(name, [self.args.haproxy, "-db", "-q", "-f", path], port, core=1)
        self.servers.append(balancer)
        return Behind(server, balancer)

    def floor(self, name, *program):
        port = free_port()
        return self.start(name, [os.path.join(self.args.bench_bin, "bench_floor"),
                                 "127.0.0.1", str(port), *program], port)

    def end(self):
        for server in self.servers:
            server.end()
        self.servers = []


def rounds(servers, count, measure):
    """measure(server) for each, in turns: {name: [values]}."""
    values = {s.name: [] for s in servers}
    for number in range(count):
        at = number % len(servers)
        for server in servers[at:] + servers[:at]:
            values[server.name].append(measure(server))
    return values


def row(label, values, unit, scale=1.0, base="ucspi-tcp", note=""):
    own = statistics.median(values[base]) * scale
    cells = [bench.spread([v / b for v, b in zip(values[name], values[base]) if b])
             if name != base else f"1 ({own:.4g} {unit})" for name in values]
    print(f"| {label} | " + " | ".join(cells) + f" |{note}")


def head(title, names):
    print(f"\n### {title}\n")
    print("| | " + " | ".join(names) + " |")
    print("| --- |" + " --- |" * len(names))


def cpu_of(args, server, source, count, in_flight=16):
    before = server.cpu()
    out = load(args, server.port, count, in_flight, source)
    time.sleep(0.05)
    done = out["got"] + out["empty"]
    return (server.cpu() - before) / max(done, 1) * 1e6, done / out["seconds"]


def rate_of(args, server, source, count):
    """Connections a second from both cores: one alone is slower than a good server."""
    loads = [Load(args, server.port, count // 2, 16, source, core=core) for core in (0, 1)]
    results = [each.result() for each in loads]
    return count / max(each["seconds"] for each in results)


def denied(args, stage):
    servers = [stage.tcpserver("ucspi-tcp", stage.original, 1000),
               stage.tcpserver("postern", stage.ours, 1000), stage.ipsvd(1000),
               stage.xinetd(1000), stage.floor("floor: accept, close")]

    def measure(server):
        count = args.count(
            30000 if server.name in ("postern", "floor: accept, close") else 6000)
        return (*cpu_of(args, server, DENIED, count), rate_of(args, server, DENIED, count))
    values = rounds(servers, args.rounds, measure)
    head("Denied, 1,000 rules", values)
    for at, label, unit in ((0, "CPU a connection", "µs"), (1, "connections a second", "/s"),
                            (2, "the same, from both cores", "/s")):
        row(label, {n: [v[at] for v in c] for n, c in values.items()}, unit)
    stage.end()


def denied_by_size(args, stage):
    sizes = (10, 1000, 100000, 1000000)
    servers = [stage.tcpserver(f"{n:,} rules", stage.ours, n) for n in sizes]
    servers += [stage.tcpserver(f"ucspi-tcp, {n:,}", stage.original, n)
                for n in (1000, 100000)]
    values = rounds(servers, args.rounds, lambda s: cpu_of(
        args, s, DENIED, args.count(6000 if s.name.startswith("u") else 30000))[0])
    head("Denied, CPU a connection by the number of rules", values)
    row("beside ours at 1,000", values, "µs", base="1,000 rules")
    head("Private memory, idle", [s.name for s in servers])
    print("| KiB | " + " | ".join(str(s.private_kib()) for s in servers) + " |")
    stage.end()


def allowed(args, stage):
    for label, program in (("a tiny static program", stage.tiny),
                           ("an ordinary dynamic one", stage.hello)):
        servers = [stage.tcpserver("ucspi-tcp", stage.original, 1000, program),
                   stage.tcpserver("postern", stage.ours, 1000, program),
                   stage.ipsvd(1000, program), stage.xinetd(1000, program),
                   stage.floor("floor: accept, vfork, exec", program)]
        values = rounds(servers, args.rounds, lambda s: (lambda out: (
            out["got"] / out["seconds"], out["timed_out"] + out["failed"]))(
                load(args, s.port, args.count(8000), 16, ALLOWED)))
        head(f"Allowed, 1,000 rules, {label}", values)
        row("connections a second, 16 at once",
            {n: [v[0] for v in c] for n, c in values.items()}, "/s")
        one = rounds(servers, args.rounds, lambda s: load(
            args, s.port, args.count(3000), 1, ALLOWED)["end50"])
        row("one at a time, median to the end", one, "µs")
        stage.end()


def offered(args, stage):
    servers = [stage.tcpserver("ucspi-tcp", stage.original, 1000),
               stage.tcpserver("postern", stage.ours, 1000), stage.ipsvd(1000),
               stage.floor("floor: accept, vfork, exec", stage.tiny)]
    values = rounds(servers, args.rounds, lambda s: (lambda out: out["got"] / out["seconds"])(
        load(args, s.port, args.count(20000), 2048, ALLOWED, rate=args.offered)))
    head(f"Allowed, {args.offered} a second asked for", values)
    row("served a second", values, "/s")
    stage.end()


def beside(args, stage):
    """Allowed clients, 50 a second, while 8,000 denied ones a second come."""
    servers = [stage.tcpserver("ucspi-tcp", stage.original, 1000),
               stage.tcpserver("postern", stage.ours, 1000), stage.ipsvd(1000)]

    def measure(server):
        seconds = 4
        flood = Load(args, server.port, 8000 * seconds, 4096, DENIED, rate=8000)
        time.sleep(0.5)
        out = load(args, server.port, 50 * (seconds - 1), 64, ALLOWED, rate=50)
        flood.result()
        lost = out["timed_out"] + out["failed"] + out["empty"]
        # whoever timed out waited for at least the five seconds that it was given
        p99 = out["first99"] if lost < 0.01 * 50 * (seconds - 1) else 5e6
        return p99, 100 * lost / (50 * (seconds - 1))

    values = rounds(servers, max(5, args.rounds), measure)
    head("Allowed, beside 8,000 denied a second", values)
    own = [v[0] for v in values["ucspi-tcp"]]
    print("| 99th percentile to the first byte, ratio | " + " | ".join(
        f"{statistics.median(v[0] / b for v, b in zip(c, own)):.5f}"
        for c in values.values()) + " |")
    print("| the same in ms (quartiles) | " + " | ".join(
        bench.spread([v[0] / 1e3 for v in c]) for c in values.values()) + " |")
    print("| not served, % (median) | " + " | ".join(
        f"{statistics.median(v[1] for v in c):.1f}" for c in values.values()) + " |")
    stage.end()


def balanced(args, stage):
    """The original sees the balancer alone, so that both serve everybody."""
    if not args.haproxy:
        print("\n(behind haproxy: not measured without --haproxy)")
        return
    servers = [stage.balanced("ucspi-tcp", stage.original, ""),
               stage.balanced("postern, v1", stage.ours, "send-proxy", ["--proxy-from", ALLOWED]),
               stage.balanced("postern, v2", stage.ours, "send-proxy-v2",
                              ["--proxy-from", ALLOWED])]

    def measure(source, count):
        return lambda s: cpu_of(args, s, source, args.count(count))
    values = rounds(servers, args.rounds, measure(ALLOWED, 6000))
    head("Behind haproxy, allowed, 1,000 rules", values)
    for at, label, unit in ((0, "CPU of the server and its programs", "µs"),
                            (1, "connections a second, 16 at once", "/s")):
        row(label, {n: [v[at] for v in c] for n, c in values.items()}, unit)
    values = rounds(servers, args.rounds, measure(DENIED, 6000))
    head("Behind haproxy, clients that the rules deny (the original serves them)", values)
    row("CPU of the server and its programs", {n: [v[0] for v in c] for n, c in values.items()},
        "µs")
    stage.end()


def telling(args, stage):
    """What a denied client costs with what the server tells of it, in words (to nowhere) or not."""
    def counts(number):
        return ["-k", os.path.join(stage.folder, f"counts.{number}")]
    shadow, spoken = ["--shadow", stage.rules(1000)], ["-v", "--log-format", "json"]
    for title, base, forms in (
            ("", "postern", {"postern": [], "-k": counts(1), "--shadow": shadow,
                             "-k and --shadow": [*counts(2), *shadow]}),
            (", and -v", "-v", {"-v": ["-v"], "-v, json": spoken,
                                "-v, json, -k and --shadow": [*spoken, *counts(3), *shadow]})):
        servers = [stage.tcpserver(name, stage.ours, 1000, more=more)
                   for name, more in forms.items()]
        values = rounds(servers, args.rounds,
                        lambda s: cpu_of(args, s, DENIED, args.count(30000))[0])
        head(f"Denied, 1,000 rules, with what the server tells of it{title}", values)
        row("CPU a connection", values, "µs", base=base)
        stage.end()


TABLES = {"denied": denied, "sizes": denied_by_size, "allowed": allowed,
          "offered": offered, "beside": beside, "balanced": balanced, "telling": telling}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--bench-bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--haproxy", help="the program, for the table of balanced servers")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--offered", type=int, default=5000)
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    args = parser.parse_args()
    for name in ("bin", "bench_bin", "originals"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    args.count = lambda n: max(100, int(n * args.scale))
    print("\n## Serving")
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(args, folder)
        try:
            for name in args.tables:
                TABLES[name](args, stage)
        finally:
            stage.end()


if __name__ == "__main__":
    main()
