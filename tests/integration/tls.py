#!/usr/bin/env python3
"""examples/services/tls: the rules decide, then TLS begins, then the program runs; with Debian's
stunnel and tlswrapper, `openssl s_client`, and a CA of the test.

Everything happens in a network namespace of its own. Needs root: run-names drops its rights.
"""
import argparse
import os
import re
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import servers as S  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
EXAMPLE = os.path.join(ROOT, "examples", "services", "tls")
LINE = os.path.join(ROOT, "examples", "services", "line", "serve")
PATIENCE = 30
PORT = 2525
LARGE = 8 << 20
MARK = f"POSTERN_TLS_{uuid.uuid4().hex}"  # a name that shells pass on
TELLS = b"#!/bin/sh\necho ran >>ran\nenv\nid -un\n"
ECHOES = b"#!/bin/sh\nexec cat\n"
RUNS = ("run", "run-names")


def openssl(*words, **more):
    return subprocess.run(["/usr/bin/openssl", *words], check=True, capture_output=True,
                          timeout=PATIENCE, **more)


class Authority:
    """A CA, and what it has signed: NAME.pem, the key and the certificate."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name)
        openssl("req", "-x509", *self.key(self.path), "-days", "2", "-subj", f"/CN={name}")

    @staticmethod
    def key(path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                path + ".key", "-out", path + ".crt")

    def sign(self, name):
        path = os.path.join(os.path.dirname(self.path), name)
        with open(path + ".ext", "w", encoding="ascii") as out:
            out.write(f"subjectAltName=DNS:{name}\n")
        openssl("req", *self.key(path), "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", path + ".crt", "-CA", self.path + ".crt", "-CAkey",
                self.path + ".key", "-CAcreateserial", "-days", "2", "-extfile", path + ".ext",
                "-out", path + ".signed")
        with open(path + ".pem", "wb") as out:
            for part in (".key", ".signed"):
                with open(path + part, "rb") as source:
                    shutil.copyfileobj(source, out)
        return path + ".pem"


class World:
    """The example as its README sets it up, with a CA of clients and another."""

    def __init__(self, folder, programs):
        self.folder = os.path.join(folder, "service")
        shutil.copytree(EXAMPLE, self.folder)
        os.chmod(folder, 0o755)
        keys = os.path.join(folder, "keys")
        os.mkdir(keys)
        ours, foreign = Authority(keys, "ours"), Authority(keys, "foreign")
        self.trust = ours.path + ".crt"
        self.known, self.stranger = ours.sign("joe.example"), foreign.sign("eve.example")
        os.mkdir(self.path("names"), 0o700)
        for name in ("one.example", "two.example"):
            shutil.copy(ours.sign(name), self.path("names/" + name))
        shutil.copy(self.path("names/one.example"), self.path("server.pem"))
        shutil.chown(self.path("server.pem"), "nobody")
        os.chmod(self.path("server.pem"), 0o600)
        shutil.copy(self.trust, self.path("clients.pem"))
        self.env = {"PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin", MARK: "1"}
        with open(self.path("rules"), "rb") as rules:
            subprocess.run(["tcprules", "rules.cdb", "rules.tmp"], stdin=rules, check=True,
                           cwd=self.folder, env=self.env, executable=f"{programs}/tcprules")

    def path(self, name):
        return os.path.join(self.folder, name)

    def serve(self, content):
        with open(self.path("serve"), "wb") as out:
            out.write(content)
        os.chmod(self.path("serve"), 0o755)
        with open(self.path("ran"), "wb"):
            pass
        os.chmod(self.path("ran"), 0o666)

    def ran(self):
        with open(self.path("ran"), "rb") as source:
            return source.read().count(b"\n")


def marked():
    """The pids of what was started by this test, this process aside."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as source:
                if f"{MARK}=".encode() in source.read():
                    found.append(int(pid))
        except OSError:
            pass  # it has ended meanwhile
    return found


class Service:
    """A run script of the example, and what it says."""

    def __init__(self, world, name, content):
        self.world = world
        world.serve(content)
        self.log = open(world.path("log"), "w+b")
        self.process = subprocess.Popen([world.path(name)], cwd=world.folder, env=world.env,
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode("latin1")

    def until(self, pattern, count=1):
        """Waits for so many lines that match."""
        end = time.monotonic() + PATIENCE
        while len(re.findall(pattern, self.said())) < count:
            assert time.monotonic() < end, (pattern, count, self.said())
            time.sleep(0.01)

    def alone(self):
        """When every program has ended, the server is all that is left."""
        end = time.monotonic() + PATIENCE
        while marked() != [self.process.pid]:
            assert time.monotonic() < end, (self.process.pid, marked(), self.said())
            time.sleep(0.01)

    def __enter__(self):
        self.until("status: 0/40")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(PATIENCE) == 0
        finally:
            self.process.kill()
            self.log.close()


def client(world, *words, source="127.0.0.1", name="one.example", certificate=True):
    """openssl s_client, which checks the server's certificate and its name: the status, what
    the program said, and what openssl did."""
    command = ["/usr/bin/openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-bind", f"{source}:0",
               "-CAfile", world.trust, "-verify_return_error", "-quiet", "-no_ign_eof", *words]
    if name:
        command += ["-servername", name, "-verify_hostname", name]
    if certificate is True:
        certificate = world.known
    if certificate:
        command += ["-cert", certificate, "-key", certificate]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        kill = threading.Timer(PATIENCE, process.kill)
        kill.start()
        try:  # standard input stays open: s_client ends when the program does
            out, err = process.stdout.read(), process.stderr.read()
            return process.wait(), out.decode("latin1"), err.decode("latin1")
        finally:
            kill.cancel()


def the_line_service_talks_over_tls(world, run):
    with open(LINE, "rb") as source:
        line = source.read()
    with Service(world, run, line) as service:
        context = context_of(world)
        with connect(context) as tls, tls.makefile("rwb") as stream:
            assert stream.readline() == b"220 hello 127.0.0.1, this machine\r\n"
            stream.write(b"how are you\r\nquit\r\n")
            stream.flush()
            assert stream.readline() == b"250 how are you\r\n"
            assert stream.readline() == b"221 bye\r\n"
            assert stream.read() == b""
        service.until(r": end \d+ status 0\n")
        service.alone()


def who_is_denied_sees_no_tls_and_costs_no_process(world, run):
    with Service(world, run, TELLS) as service:
        for turn in range(5):
            with socket.create_connection(("127.0.0.1", PORT), PATIENCE, ("127.0.0.9", 0)) as plain:
                got = b""
                try:
                    while piece := plain.recv(1000):
                        got += piece
                except ConnectionResetError:
                    pass
                assert got == b"", got
            service.until(rf": deny {service.process.pid} ", turn + 1)
        status, out, err = client(world, source="127.0.0.9")
        assert status != 0 and out == "" and "verify return" not in err, (status, out, err)
        assert " ok " not in service.said(), service.said()
        assert world.ran() == 0
        service.alone()


def a_certificate_is_asked_for_and_given(world, run):
    with Service(world, run, TELLS) as service:
        for source in ("127.0.0.1", "127.0.0.5"):
            status, out, err = client(world, source=source)
            assert status == 0, (status, err)
            env = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
            assert env["TCPREMOTEIP"] == source and env["RELAYCLIENT"] == "", env
            assert env["TAG"] == "this machine" and env["PROTO"] == "TCP", env
            assert out.splitlines()[-1] == "nobody", out
            if run == "run":
                assert env["REMOTE_HOST"] == source, env
                assert env["SSL_CLIENT_DN"] == "CN=joe.example", env
                assert env["SSL_CLIENT_I_DN"] == "CN=ours", env
        assert world.ran() == 2
        service.alone()


def without_one_or_with_a_foreign_one_no_program_runs(world, run):
    with Service(world, run, TELLS) as service:
        for certificate in (None, world.stranger):
            for version in ("-tls1_2", "-tls1_3"):
                _, out, err = client(world, version, certificate=certificate)
                assert out == "" and re.search("alert|errno|error", err), (certificate, out, err)
        service.until(r": end \d+ status", 4)
        assert world.ran() == 0, service.said()
        service.alone()
        assert client(world)[0] == 0 and world.ran() == 1


def a_name_has_its_certificate(world, run):
    with Service(world, run, TELLS) as service:
        status, out, err = client(world, name="one.example")
        assert status == 0 and "CN = one.example" in err and out, (status, out, err)
        status, out, err = client(world, name="two.example")
        if run == "run-names":
            assert status == 0 and "CN = two.example" in err and out, (status, out, err)
        else:  # one certificate for all names: the client sees that it is not the right one
            assert status != 0 and out == "" and "hostname mismatch" in err, (status, out, err)
        ran = world.ran()
        for name in ("three.example", "../server.pem", "one.example.", "ONE.EXAMPLE"):
            status, out, err = client(world, name=name)
            assert out == "" or name.lower().rstrip(".") == "one.example", (name, out, err)
        if run == "run-names":
            assert client(world, name=None)[1] == ""
            assert world.ran() == ran
        service.alone()


def context_of(world):
    context = ssl.create_default_context(cafile=world.trust)
    context.load_cert_chain(world.known)
    return context


def connect(context):
    plain = socket.create_connection(("127.0.0.1", PORT), PATIENCE)
    return context.wrap_socket(plain, server_hostname="one.example")


def exchange(tls, sent):
    """Sends and reads at once, in one thread, for no connection of OpenSSL is two's: what came."""
    tls.setblocking(False)
    got, at, end = bytearray(), 0, time.monotonic() + PATIENCE
    while len(got) < len(sent):
        assert time.monotonic() < end, (at, len(got))
        moved = 0
        try:
            moved = tls.send(sent[at:at + 65536]) if at < len(sent) else 0
            at += moved
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            piece = tls.recv(65536)
            assert piece, (at, len(got))
            got += piece
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not moved:
                select.select([tls], [tls] if at < len(sent) else [], [], 0.1)
    return bytes(got)


def much_comes_through_both_ways_at_once(world, run):
    with Service(world, run, ECHOES) as service:
        sent = os.urandom(LARGE)
        with connect(context_of(world)) as tls:
            assert exchange(tls, sent) == sent
        service.until(r": end \d+ status")
        service.alone()


def a_client_that_says_nothing_or_no_tls_runs_no_program(world, run):
    with Service(world, run, TELLS) as service:
        for said in (b"", b"EHLO one.example\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 100):
            with socket.create_connection(("127.0.0.1", PORT), PATIENCE) as plain:
                plain.sendall(said)
        service.until(r": end \d+ status", 3)
        assert world.ran() == 0
        service.alone()


TESTS = (the_line_service_talks_over_tls, who_is_denied_sees_no_tls_and_costs_no_process,
         a_certificate_is_asked_for_and_given, without_one_or_with_a_foreign_one_no_program_runs,
         a_name_has_its_certificate, much_comes_through_both_ways_at_once,
         a_client_that_says_nothing_or_no_tls_runs_no_program)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if os.geteuid() or not S.isolate():
        print("needs root and a network namespace of its own")
        return 1
    failures = 0
    with tempfile.TemporaryDirectory(prefix="postern-tls-") as folder:
        world = World(folder, os.path.abspath(args.bin))
        for run in RUNS:
            for test in TESTS:
                if args.names and test.__name__ not in args.names:
                    continue
                begun = time.monotonic()
                try:
                    test(world, run)
                    print(f"ok   {run}: {test.__name__} ({time.monotonic() - begun:.1f} s)")
                except Exception:
                    failures += 1
                    traceback.print_exc()
                    print(f"FAIL {run}: {test.__name__}")
                    with open(world.path("log"), encoding="latin1") as log:
                        print(log.read())
                finally:
                    for pid in marked():
                        os.kill(pid, signal.SIGKILL)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
