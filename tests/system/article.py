#!/usr/bin/env python3
"""Leaving inetd for tcpserver, step by step, as an administrator does it: a public and a
private service, rules, variables, limits, ident, supervision. A line server stands in for
the FTP server that such a machine would have."""
import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import runner  # noqa: E402
import servers as S  # noqa: E402

TESTS = []
ARGS = None
SERVE = runner.reachable(
    os.path.join(HERE, "..", "..", "examples", "services", "line", "serve"))
SHOW = ["sh", "-c", "env | sort"]
ACCOUNT = "daemon"


def test(function):
    TESTS.append(function)
    return function


def environment(**more):
    return {"PATH": ARGS.bin + ":/usr/bin:/bin", **more}


class Command:
    """A command of words, as typed into a shell, that goes on until it is ended."""

    def __init__(self, *words, folder=".", env=None):
        self.process = subprocess.Popen([str(w) for w in words], cwd=folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment(**(env or {})))

    def port(self):
        """Of -1."""
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.errors = self.end()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, errors = self.process.communicate(timeout=600)
        assert self.process.returncode == 0, (self.process.returncode, out, errors)
        return errors.decode("latin1")


def connect(address, port, source=None):
    client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    client.settimeout(60)
    if source:
        client.bind((source, 0))
    for _ in range(200):
        try:
            client.connect((address, port))
            return client
        except ConnectionRefusedError:
            time.sleep(0.02)
            client.close()
            client = socket.socket(client.family)
            client.settimeout(60)
            if source:
                client.bind((source, 0))
    raise ConnectionRefusedError(address)


def read(address, port, source=None):
    with connect(address, port, source) as client:
        got = b""
        while True:
            try:
                piece = client.recv(65536)
            except ConnectionResetError:
                return got
            if not piece:
                return got
            got += piece


def refused(address, port):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as client:
        return client.connect_ex((address, port)) != 0


def rules(folder, text, name="myrules"):
    """tcprules myrules.cdb myrules.tmp < myrules"""
    with open(os.path.join(folder, name), "w", encoding="ascii") as f:
        f.write(text)
    subprocess.run(f"tcprules {name}.cdb {name}.tmp < {name}", shell=True, cwd=folder,
                   check=True, env=environment())
    os.chmod(folder, 0o755)
    return name + ".cdb"


def variables(got):
    return dict(line.split("=", 1) for line in got.decode("latin1").split("\n") if "=" in line)


@test
def listening_everywhere(folder):
    with Command("tcpserver", "0", "2121", SERVE):
        for address in ("127.0.0.1", "127.0.0.7", "::1"):
            with connect(address, 2121) as client:
                stream = client.makefile("rwb", buffering=0)
                assert stream.readline().startswith(b"220 hello ")
                stream.write(b"are you there\r\nquit\r\n")
                assert stream.read() == b"250 are you there\r\n221 bye\r\n"


@test
def a_public_and_a_private_service_at_one_port(folder):
    with Command("tcpserver", "-RHl0", "127.0.0.1", "2121", "echo", "public"), \
            Command("tcpserver", "-RHl0", "127.0.0.2", "2121", "echo", "private"):
        assert read("127.0.0.1", 2121) == b"public\n"
        assert read("127.0.0.2", 2121) == b"private\n"
        assert refused("127.0.0.3", 2121) and refused("::1", 2121)


@test
def port_0_picks_one(folder):
    with Command("tcpserver", "-1RHl0", "127.0.0.1", "0", "echo", "hi") as a, \
            Command("tcpserver", "-1RHl0", "127.0.0.1", "0", "echo", "ho") as b:
        ports = a.port(), b.port()
        assert ports[0] != ports[1]
        assert [read("127.0.0.1", port) for port in ports] == [b"hi\n", b"ho\n"]


@test
def as_another_account(folder):
    os.chmod(folder, 0o755)
    for options, uid in (("-1RHl0", 0), ("-1URHl0", 1)):
        with Command("envuidgid", ACCOUNT, "tcpserver", options, "127.0.0.1", "0", "sh", "-c",
                     "echo $UID $GID; id -u; id -g; id -G") as command:
            words = read("127.0.0.1", command.port()).split()
            assert words == [b"1", b"1", *[b"%d" % uid] * 3], words


@test
def rules_that_deny_allow_and_pile_on_variables(folder):
    cdb = rules(folder, "127.0.0.5:deny\n127.0.0.6:allow,HELLO=\"there\",QUOTA=\"10\",EMPTY=\"\"\n"
                        "127.0.0.:allow,HELLO=\"network\"\n:deny\n")
    with Command("envuidgid", ACCOUNT, "tcpserver", "-1vRHl0", "-x", cdb, "127.0.0.1", "0", *SHOW,
                 folder=folder) as command:
        port = command.port()
        assert read("127.0.0.1", port, "127.0.0.5") == b""
        assert read("127.0.0.1", port, "127.1.0.1") == b""
        got = variables(read("127.0.0.1", port, "127.0.0.6"))
        assert (got["HELLO"], got["QUOTA"], got["EMPTY"]) == ("there", "10", "")
        assert got["TCPREMOTEIP"] == "127.0.0.6" and got["PROTO"] == "TCP"
        got = variables(read("127.0.0.1", port, "127.0.0.9"))
        assert got["HELLO"] == "network" and "QUOTA" not in got
        time.sleep(0.1)
    assert re.findall(r"tcpserver: (ok|deny)", command.errors) == ["deny", "deny", "ok", "ok"]


@test
def two_at_once_and_the_third_waits(folder):
    with Command("tcpserver", "-1RHl0", "-c", "2", "127.0.0.1", "0", SERVE) as command:
        port = command.port()
        clients = [connect("127.0.0.1", port) for _ in range(3)]
        streams = [client.makefile("rwb", buffering=0) for client in clients]
        assert [s.readline()[:3] for s in streams[:2]] == [b"220", b"220"]
        clients[2].settimeout(0.4)
        try:
            streams[2].readline()
            raise AssertionError("the third is served")
        except TimeoutError:
            pass
        clients[2].settimeout(60)
        streams[0].write(b"quit\n")
        assert clients[2].recv(3) == b"220"
        for opened in streams + clients:
            opened.close()


@test
def a_silent_ident_server_costs_no_more_than_t(folder):
    with S.Ident(None), Command("tcpserver", "-1Hl0", "-t", "2", "127.0.0.1", "0", "echo",
                                "hi") as command:
        start = time.monotonic()
        assert read("127.0.0.1", command.port()) == b"hi\n"
        assert 1.9 < time.monotonic() - start < 20  # without -t it is 26


@test
def rules_replaced_on_the_fly(folder):
    cdb = rules(folder, ":allow,NOTE=\"before\"\n")
    with Command("tcpserver", "-1RHl0", "-x", cdb, "127.0.0.1", "0", "sh", "-c",
                 "echo $NOTE; cat", folder=folder) as command:
        port, pid = command.port(), command.process.pid
        with connect("127.0.0.1", port) as client:
            assert client.recv(100) == b"before\n"
            rules(folder, ":allow,NOTE=\"after\"\n")
            with connect("127.0.0.1", port) as other:
                assert other.recv(100) == b"after\n"
            rules(folder, ":deny\n")
            assert read("127.0.0.1", port) == b""
            client.sendall(b"undisturbed")
            assert client.recv(100) == b"undisturbed"
        assert command.process.poll() is None and command.process.pid == pid


@test
def tcprulescheck_agrees_with_the_server(folder):
    text = ("127.0.0.1:allow,A=\"1\"\n127.0.0.2-9:deny\njoe@127.0.0.3:allow,J=\"1\"\n"
            "127.1.:allow,B=\"2\",A=\"3\"\n=:allow,ANY=\"1\"\n127.2.:deny\n:allow,D=\"\"\n")
    cdb = rules(folder, text)
    with Command("tcpserver", "-1RHl0", "-x", cdb, "127.0.0.1", "0", *SHOW,
                 folder=folder) as command:
        port = command.port()
        for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.10", "127.1.2.3",
                       "127.2.0.1", "127.3.0.1"):
            told = subprocess.run(["tcprulescheck", cdb], cwd=folder, capture_output=True,
                                  env=environment(TCPREMOTEIP=source), check=True).stdout
            got = read("127.0.0.1", port, source)
            assert (b"allow connection" in told) == bool(got), source
            for name, value in re.findall(rb"set environment variable (\w+)=(.*)", told):
                if got:
                    assert variables(got)[name.decode()] == value.decode(), source


@test
def all_of_it_under_svscan(folder):
    service = os.path.join(folder, "scan", "ftp")
    os.makedirs(service)
    os.chmod(os.path.join(folder, "scan"), 0o755)
    os.chmod(service, 0o755)
    rules(service, "127.0.0.5:deny\n127.0.0.:allow,WHO=\"local\"\n:deny\n")
    with open(os.path.join(service, "run"), "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexec 2>&1\nexec envuidgid daemon tcpserver -vURHl0 -c 5 "
                f"-x myrules.cdb 127.0.0.1 2121 {SERVE}\n")
    os.chmod(os.path.join(service, "run"), 0o755)
    scan = subprocess.Popen(["svscan", os.path.join(folder, "scan")], env=environment(),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)

    def control(letters):
        subprocess.run(["svc", "-" + letters, service], check=True, env=environment())

    def status():
        return subprocess.run(["svstat", service], capture_output=True, check=True,
                              env=environment()).stdout

    def down():
        for _ in range(200):
            if refused("127.0.0.1", 2121):
                return True
            time.sleep(0.02)
        return False
    try:
        with connect("127.0.0.1", 2121) as client:
            stream = client.makefile("rwb", buffering=0)
            assert stream.readline().startswith(b"220")
            before = re.search(rb"pid (\d+)", status()).group(1)
            control("t")  # restarted: whoever is served stays
            for _ in range(200):
                match = re.search(rb"pid (\d+)", status())
                if match and match.group(1) != before:
                    break
                time.sleep(0.02)
            stream.write(b"still\r\n")
            assert stream.readline() == b"250 still\r\n"
            assert read("127.0.0.1", 2121, "127.0.0.5") == b""
            with connect("127.0.0.1", 2121) as other:
                assert other.recv(3) == b"220"
            stream.close()
        control("d")
        assert down() and b"down" in status()
        control("u")
        connect("127.0.0.1", 2121).close()
    finally:
        scan.terminate()
        scan.wait()
        control("dx")
    assert down()
    said = scan.stdout.read().decode("latin1")
    scan.stdout.close()
    for word in ("status: 0/5", "ok ", "deny ", "end "):
        assert "tcpserver: " + word in said, (word, said)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = runner.reachable(ARGS.bin)
    if not S.isolate():
        return 77
    return runner.run(TESTS, ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
