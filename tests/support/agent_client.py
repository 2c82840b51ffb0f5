"""A client of postern mcp, as plain as can be: for the tests."""
import json
import queue
import subprocess
import threading

VERSION = "2025-06-18"


class Ended(Exception):
    """The server has ended, or says nothing any more."""


class Client:
    """One server; answers are kept by the ids of their requests, other messages in `notes`."""

    def __init__(self, program, folder, *words, timeout=60, before=(),
                 environment=None):
        self.process = subprocess.Popen([*before, program, "mcp", *words], cwd=folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment)
        self.timeout = timeout
        self.messages = queue.Queue()
        self.answers, self.notes = {}, []
        self.last = 0
        threading.Thread(target=self.read_all, daemon=True).start()

    def read_all(self):
        for line in self.process.stdout:
            self.messages.put(json.loads(line))
        self.messages.put(None)

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_bytes(json.dumps(message, ensure_ascii=False).encode() + b"\n")

    def notify(self, method, **params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, **params):
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

    def answer(self, number):
        """The whole response to a request."""
        while number not in self.answers:
            message = self.take()
            if "method" in message:
                self.notes.append(message)
            else:
                assert message["id"] not in self.answers, message
                self.answers[message["id"]] = message
        return self.answers.pop(number)

    def result(self, method, **params):
        message = self.answer(self.ask(method, **params))
        assert "result" in message, (method, params, message)
        return message["result"]

    def refused(self, method, **params):
        """The code of the error that a request has."""
        return self.answer(self.ask(method, **params))["error"]["code"]

    def call(self, name, **arguments):
        """The result of a tool."""
        return self.result("tools/call", name=name, arguments=arguments)

    def told(self, name, **arguments):
        """What a tool answers."""
        result = self.call(name, **arguments)
        assert not result["isError"], (name, arguments, result)
        return result["structuredContent"]

    def fault(self, name, **arguments):
        """Why a tool does not answer."""
        result = self.call(name, **arguments)
        assert result["isError"], (name, arguments, result)
        return result["structuredContent"]["error"]

    def begin(self, version=VERSION):
        result = self.result("initialize", protocolVersion=version, capabilities={},
                             clientInfo={"name": "test", "version": "1"})
        self.notify("notifications/initialized")
        return result

    def end(self):
        self.process.stdin.close()
        return self.process.wait(self.timeout)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
