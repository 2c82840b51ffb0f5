"""A program that is spoken to by JSON-RPC on stdin and stdout: what its clients share."""
import json
import queue
import subprocess
import threading


class Ended(Exception):
    """The server has ended, or says nothing any more."""


class Peer:
    """One server. How a message is framed is the client's: it has send() and read_all()."""

    def __init__(self, words, folder, timeout, environment):
        self.timeout = timeout
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        cwd=folder, env=environment)
        self.messages = queue.Queue()  # what read_all() puts; None at the end
        self.last = 0
        threading.Thread(target=self.read_all, daemon=True).start()

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    @staticmethod
    def bytes_of(message):
        return json.dumps(message, ensure_ascii=False).encode()

    def tell(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method, params):
        """Sends a request, and returns its id."""
        self.last += 1
        self.send({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params})
        return self.last

    def take(self, timeout=None):
        """The next message, whatever it is."""
        try:
            message = self.messages.get(timeout=timeout or self.timeout)
        except queue.Empty:
            raise Ended("no message came") from None
        if message is None:
            raise Ended("the output has ended")
        assert message.get("jsonrpc") == "2.0", message
        return message
