"""A client of postern mcp, as plain as can be: for the tests."""
import json

from rpc_client import Ended, Peer  # noqa: F401, Ended is for whoever asks

VERSION = "2025-06-18"


class Client(Peer):
    """One server; answers are kept by the ids of their requests, other messages in `notes`."""

    def __init__(self, program, folder, *words, timeout=60, before=(),
                 environment=None):
        self.answers, self.notes = {}, []
        super().__init__([*before, program, "mcp", *words], folder, timeout, environment)

    def read_all(self):
        for line in self.process.stdout:
            self.messages.put(json.loads(line))
        self.messages.put(None)

    def send(self, message):
        self.send_bytes(self.bytes_of(message) + b"\n")

    def notify(self, method, **params):
        self.tell(method, params)

    def ask(self, method, **params):
        """Sends a request, and returns its id."""
        return self.request(method, params)

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
