"""A client of the language server, as plain as can be: for the tests."""
import bisect
import json
import os
import re
import urllib.parse

from rpc_client import Ended, Peer  # noqa: F401, Ended is for whoever asks


def uri_of(path):
    return "file://" + urllib.parse.quote(os.path.abspath(path))


def path_of(uri):
    return urllib.parse.unquote(uri[len("file://"):])


def line_starts(text):
    """Where lines begin, as the protocol has them: a carriage return ends one, too."""
    return [0] + [end.end() for end in re.finditer("\r\n|\n|\r", text)]


def place_of(text, at, utf8=False):
    """The position of an index into a text, which is not within the end of a line."""
    starts = line_starts(text)
    line = bisect.bisect_right(starts, at) - 1
    front = text[starts[line]:at].encode("utf-8" if utf8 else "utf-16-le")
    return {"line": line, "character": len(front) if utf8 else len(front) // 2}


def index_of(text, place, utf8=False):
    """The index of a position in a text."""
    starts = line_starts(text)
    if place["line"] >= len(starts):
        return len(text)
    start = starts[place["line"]]
    line = re.match("[^\r\n]*", text[start:]).group(0).encode("utf-8" if utf8 else "utf-16-le")
    front = line[:place["character"] * (1 if utf8 else 2)]
    return start + len(front.decode("utf-8" if utf8 else "utf-16-le"))


def applied(text, edits, utf8=False):
    """A text with edits, which do not overlap."""
    places = [(index_of(text, e["range"]["start"], utf8), index_of(text, e["range"]["end"], utf8),
               e["newText"]) for e in edits]
    for start, end, new in sorted(places, key=lambda p: p[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


class Client(Peer):
    """One server; what it sends unasked is in `notes`, by method."""

    def __init__(self, program, folder, timeout=60, env=None, **capabilities):
        self.notes = {}
        self.diagnostics = {}
        self.asked = []
        self.versions = {}
        self.folder = folder
        self.capabilities = capabilities
        super().__init__([program, "lsp"], folder, timeout, {**os.environ, **(env or {})})

    def read_all(self):
        stream = self.process.stdout
        while True:
            length = None
            while line := stream.readline():
                line = line.strip()
                if not line:
                    break
                name, value = line.split(b":")
                assert name == b"Content-Length", name
                length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send(self, message):
        data = self.bytes_of(message)
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def notify(self, method, params):
        self.tell(method, params)

    def ask(self, method, params):
        """Sends a request, and returns its id."""
        return self.request(method, params)

    def take(self, timeout=None):
        """The next message; notifications are noted, requests are answered."""
        message = super().take(timeout)
        if "method" in message:
            self.notes.setdefault(message["method"], []).append(message.get("params"))
            if message["method"] == "textDocument/publishDiagnostics":
                params = message["params"]
                self.diagnostics[params["uri"]] = params["diagnostics"]
            if "id" in message:
                self.asked.append(message)
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message

    def answer(self, number):
        """The whole response to a request."""
        while True:
            message = self.take()
            if "method" not in message and message["id"] == number:
                return message

    def call(self, method, params):
        """The result of a request; an error is an exception."""
        message = self.answer(self.ask(method, params))
        assert "error" not in message, (method, params, message)
        return message["result"]

    def refused(self, method, params):
        """The code of the error that a request has."""
        return self.answer(self.ask(method, params))["error"]["code"]

    def begin(self, **more):
        result = self.call("initialize", {
            "processId": os.getpid(), "rootUri": uri_of(self.folder),
            "capabilities": self.capabilities, **more})
        self.notify("initialized", {})
        return result

    def open(self, path, text=None, language="postern"):
        if text is None:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
        uri = uri_of(path)
        self.versions[uri] = 1
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": language, "version": 1, "text": text}})
        return uri

    def change(self, uri, *changes):
        self.versions[uri] += 1
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": self.versions[uri]},
            "contentChanges": list(changes)})

    def settle(self, uri):
        """Waits until all is told that there is to tell of a document; that."""
        return self.call("textDocument/diagnostic",
                         {"textDocument": {"uri": uri}})["items"]

    def end(self):
        self.call("shutdown", None)
        self.notify("exit", None)
        status = self.process.wait(self.timeout)
        self.process.stdin.close()
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
