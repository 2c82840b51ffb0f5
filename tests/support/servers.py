"""Small servers on loopback for tests: DNS, ident, and anything that answers lines.

They run in threads of the test, in a network namespace of its own (see isolate()), where
the ports of the real services are free.
"""
import ctypes
import os
import socket
import struct
import subprocess
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
A, PTR, TXT, AAAA = 1, 12, 16, 28


def isolate():
    """Moves this process into a network namespace of its own, with loopback alone.

    Returns False, and says so, where the system does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        print("no network namespace to be had:", os.strerror(ctypes.get_errno()))
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return True


def any_address():
    """Every address of a documentation network is one of this host, as all of 127/8 are."""
    for words in (["-6", "addr", "add", "2001:db8::1/32", "dev", "lo", "nodad"],
                  ["-6", "route", "add", "local", "2001:db8::/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)
    with open("/proc/sys/net/ipv6/ip_nonlocal_bind", "w", encoding="ascii") as f:
        f.write("1")


class Threaded:
    """Accepts on a socket until it is closed."""

    def __init__(self, address, port, family=socket.AF_INET):
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(100)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.guarded, args=(client,), daemon=True).start()

    def guarded(self, client):
        with client:
            try:
                self.serve(client)
            except OSError:
                pass  # the client is gone: its affair

    def serve(self, client):
        raise NotImplementedError

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Ident(Threaded):
    """Says `reply`, bytes or a list of them with `delay` between; None: nothing, ever.
    `first`, if there is one, is called between a query and its reply."""

    def __init__(self, reply, delay=0.0, address="127.0.0.1", family=socket.AF_INET,
                 first=None):
        self.reply, self.delay, self.queries = reply, delay, []
        self.first = first or (lambda: None)
        super().__init__(address, 113, family)

    def serve(self, client):
        self.queries.append(client.recv(1000))
        if self.reply is None:
            client.recv(1)
            return
        self.first()
        for piece in [self.reply] if isinstance(self.reply, bytes) else self.reply:
            client.sendall(piece)
            time.sleep(self.delay)


class Says(Threaded):
    """Sends some bytes to everybody; ends its side after `linger` seconds, or not at all;
    then waits for the other side to end."""

    def __init__(self, text, address="127.0.0.1", port=0, family=socket.AF_INET,
                 ends=True, linger=0.0):
        self.text, self.ends, self.linger, self.heard = text, ends, linger, []
        super().__init__(address, port, family)

    def serve(self, client):
        heard = b""
        try:
            client.sendall(self.text)
            time.sleep(self.linger)
            if self.ends:
                client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                heard += piece
        except OSError:
            pass  # it ended with something unread
        self.heard.append(heard)

    def told(self):
        """What was heard, once anything was."""
        for _ in range(200):
            if self.heard:
                break
            time.sleep(0.01)
        return self.heard


def wire(name):
    """A name as in a message; `name` is a text with dots, or a list of labels."""
    labels = name if isinstance(name, list) else name.encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels if label) + b"\0"


def record(kind, data):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def ptr(name):
    return record(PTR, wire(name))


def address(text):
    if ":" in text:
        return record(AAAA, socket.inet_pton(socket.AF_INET6, text))
    return record(A, socket.inet_aton(text))


def text(*strings):
    return record(TXT, b"".join(bytes([len(s)]) + s for s in strings))


class Dns:
    """Answers by (name, type): a list of records; bytes are sent as they are after the
    header's number; None is silence; what is not listed does not exist. `first`, if there
    is one, is called between a query and its reply."""

    def __init__(self, answers, delay=0.0, first=None):
        self.answers, self.delay, self.asked = answers, delay, []
        self.first = first or (lambda: None)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(2000)
            if query == b"":
                return
            reply = self.answer(query)
            if reply is not None:
                threading.Timer(self.delay, self.send, (reply, peer)).start()

    def send(self, reply, peer):
        self.first()
        try:
            self.socket.sendto(reply, peer)
        except OSError:
            pass  # closed meanwhile

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]])
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = b".".join(labels).decode("latin1").lower()
        question = query[12:at + 5]
        self.asked.append((name, kind))
        known = any(n == name for n, _ in self.answers)
        found = self.answers.get((name, kind), [] if known else "absent")
        if found is None:
            return None
        if isinstance(found, bytes):
            return query[:2] + found
        if found == "absent":
            return query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + question
        if found == "failure":
            return query[:2] + struct.pack(">HHHHH", 0x8182, 1, 0, 0, 0) + question
        return (query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0) + question +
                b"".join(found))

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", 53))
        self.thread.join()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def reverse(text_address):
    """The name under which an IPv4 address is looked up."""
    return ".".join(reversed(text_address.split("."))) + ".in-addr.arpa"


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
