"""What the tests of Debian's programs need: a server of ours around one, and clients of it."""
import os
import re
import socket
import subprocess
import time


class Server:
    """tcpserver with rules, on a port of its own; its arguments go before the address."""

    def __init__(self, folder, rules, program, options=(), env=None):
        self.cdb = os.path.join(folder, "tcp.cdb")
        subprocess.run(["tcprules", self.cdb, self.cdb + ".tmp"], input=rules, text=True, check=True)
        assert "postern" in subprocess.run(["tcpserver", "--version"], capture_output=True,
                                           text=True, check=True).stdout
        self.process = subprocess.Popen(
            ["tcpserver", "-1vRHl0", "-x", self.cdb, *options, "127.0.0.1", "0", *program],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(env or {})})
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.log = self.process.communicate(timeout=60)[1]


def connect(port, source="127.0.0.1"):
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 60, (source, 0))
        except (ConnectionRefusedError, ConnectionResetError): # one that ends resets who waits
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def converse(port, source, *lines):
    """What a server says in answer to lines, one after the other, and at the end."""
    with connect(port, source) as client:
        stream = client.makefile("rwb", buffering=0)
        said = b""
        try:
            for line in lines:
                stream.write(line.encode() + b"\r\n")
            client.shutdown(socket.SHUT_WR)
            said = stream.read() or b""
        except TimeoutError:
            raise
        except OSError:  # a client that is denied may be told so at any step
            pass
    return said.decode("latin1")


def grep(pattern, text):
    assert re.search(pattern, text), (pattern, text)
