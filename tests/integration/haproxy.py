"""The real haproxy for tests: on loopback, in a network where every address of some networks is one of
this host, so that clients come from where the examples say that they do."""
import ctypes
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import servers as S

PATIENCE = 60
CLONE_NEWNS = 0x00020000
NETWORKS = ("10.0.0.0/8", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24")


def isolate():
    """A network of our own with all of that, and 127.0.0.1 as its name server; False where the system
    does not allow it."""
    if not S.isolate():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        print("no mount namespace to be had:", os.strerror(ctypes.get_errno()))
        return False
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    own = os.path.realpath("/etc/resolv.conf")
    if os.path.exists(own):  # where there is none, 127.0.0.1 is asked anyway
        with tempfile.NamedTemporaryFile("w", prefix="postern-resolv-") as f:
            f.write("nameserver 127.0.0.1\n")
            f.flush()
            os.chmod(f.name, 0o644)
            subprocess.run(["mount", "--bind", f.name, own], check=True)
    S.any_address()
    for network in NETWORKS:
        subprocess.run(["ip", "route", "add", "local", network, "dev", "lo"], check=True)
    return True


def settle(condition, what):
    """The value of a condition, once it has one."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.02)
    return value


def host_port(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


COMMON = """global
    log stderr format raw daemon
    maxconn 500

defaults
    mode tcp
    log global
    option tcplog
    retries 10
    timeout connect 5s
    timeout client 5m
    timeout server 5m

"""


class Haproxy:
    """One with this configuration, or with these sections behind the common ones, as long as a `with`
    lasts."""

    def __init__(self, binary, folder, text, name="haproxy"):
        self.folder, self.control = folder, os.path.join(folder, name + ".control")
        path = os.path.join(folder, name + ".cfg")
        text = text if re.search("^global$", text, re.M) else COMMON + text
        with open(path, "w", encoding="utf8") as f:
            f.write(re.sub("^global$", f"global\n    stats socket {self.control} level admin", text,
                           count=1, flags=re.M))
        done = subprocess.run([binary, "-c", "-f", path], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
        self.log = open(os.path.join(folder, name + ".log"), "w+", encoding="utf8")
        self.process = subprocess.Popen([binary, "-db", "-f", path], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        # its doors are open before it answers here
        settle(lambda: self.process.poll() is not None or self.ask("show info"), self.said)
        assert self.process.poll() is None, self.said()

    def said(self):
        with open(self.log.name, encoding="utf8") as f:
            return f.read()

    def ask(self, command):
        """What it answers to a command of its administrator; empty when it does not."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE)
            try:
                control.connect(self.control)
                control.sendall(command.encode() + b"\n")
                told = b""
                while piece := control.recv(65536):
                    told += piece
            except (FileNotFoundError, ConnectionRefusedError):
                return ""
            return told.decode()

    def stat(self, proxy, server, column):
        """What its table has of a server."""
        lines = self.ask("show stat").removeprefix("# ").splitlines()
        names = lines[0].split(",")
        for line in lines[1:]:
            row = dict(zip(names, line.split(",")))
            if (row["pxname"], row["svname"]) == (proxy, server):
                return row[column]
        raise AssertionError((proxy, server))

    def status(self, proxy, server):
        """UP or DOWN, with the checks that are under way, or "no check"."""
        return self.stat(proxy, server, "status")

    def count(self, proxy, server, column):
        return int(self.stat(proxy, server, column))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Certificates:
    """A test CA, and what it signed, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.pem",
                     "-subj", "/CN=CA of a test")

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, words, *more):
        subprocess.run(["openssl", *words.split(), *more], cwd=self.folder, check=True,
                       capture_output=True)

    def make(self, name, subject, *more):
        """NAME.pem, with certificate and key."""
        self.openssl(f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr", "-utf8",
                     "-subj", subject, *more)
        self.openssl(f"x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -in {name}.csr "
                     f"-out {name}.crt")
        with open(self.path(name + ".pem"), "w", encoding="ascii") as out:
            for part in ("crt", "key"):
                with open(self.path(f"{name}.{part}"), encoding="ascii") as f:
                    out.write(f.read())
        return self.path(name + ".pem")

    def client(self, own=None):
        """How a client speaks TLS that trusts the CA, with a certificate of its own or without."""
        context = ssl.create_default_context(cafile=self.path("ca.pem"))
        context.check_hostname = False
        if own:
            context.load_cert_chain(self.path(own + ".pem"))
        return context


def connect(door, source=None, tls=None, name=None):
    """A connection to (address, port) from an address."""
    address, port = door
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    client = socket.socket(family)
    client.settimeout(PATIENCE)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if source:
        client.bind((source, 0))
    client.connect((address, port))
    return tls.wrap_socket(client, server_hostname=name) if tls else client


def read(client):
    """What comes until the end."""
    got = b""
    try:
        while piece := client.recv(65536):
            got += piece
    except ConnectionResetError:
        pass  # as an end, for who was refused with something unread
    return got


def ask(door, source=None, send=b"", **more):
    """What somebody gets who sends something, and ends their side; who sends nothing does not end it
    either, since haproxy lets go whoever does that before the server has been reached."""
    with connect(door, source, **more) as client:
        try:
            if send:
                client.sendall(send)
            if send and "tls" not in more:
                client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused already, perhaps with a reason that is yet to be read
        return read(client)


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
