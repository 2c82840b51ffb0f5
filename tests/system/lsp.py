#!/usr/bin/env python3
"""The language server, by a client that is as plain as can be.

What it tells of an open text is what `postern lint` tells of the saved file; nothing that is
sent ends it, and every request has one answer.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import language_client as client  # noqa: E402

PLAIN = "postern: 1\n10.0.0.1 : deny\n* : allow\n"


def place(line, character):
    return {"line": line, "character": character}


def span(line, start, end):
    return {"start": place(line, start), "end": place(line, end)}


class Tests:
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder, self.count, self.failures = folder, 0, 0

    def check(self, good, *what):
        self.count += 1
        if not good:
            self.failures += 1
            print("FAILED", *what)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as out:
            out.write(text)
        return self.path(name)

    def start(self, **more):
        server = client.Client(self.postern, self.folder, **more)
        server.begin()
        return server

    def lint(self, path):
        """What the linter says of a saved file: file, line, column, severity, code."""
        done = subprocess.run([self.postern, "lint", "--format", "json", path],
                              cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode < 3, done
        names = {"error": 1, "warning": 2, "note": 3}
        return sorted(
            (f["file"], f["line"], f["column"], names[f["severity"]],
             f.get("kind") or f["code"], f["message"])
            for f in json.loads(done.stdout)["findings"] if not f.get("ignored"))

    def told(self, server, texts):
        """The same of what a server told, whose columns count UTF-16 units."""
        told = []
        for uri, items in server.diagnostics.items():
            path = client.path_of(uri)
            lines = texts[path].split("\n") if path in texts else None
            for item in items:
                start = item["range"]["start"]
                column = start["character"]
                if lines:
                    front = lines[start["line"]].encode("utf-16-le")[:2 * column]
                    column = len(front.decode("utf-16-le").encode())
                told.append((path, start["line"] + 1, column + 1, item["severity"],
                             item["code"], item["message"].split("\n")[0]))
        return sorted(told)

    def alike(self, server, root, texts, what):
        linted, told = self.lint(root), self.told(server, texts)
        self.check(linted == told, what, "\nlint:", linted, "\ntold:", told)

    def order(self):
        """What comes when it may not has its error."""
        server = client.Client(self.postern, self.folder)
        self.check(server.refused("textDocument/diagnostic", {}) == -32002, "before initialize")
        self.check(server.refused("initialize", {}) == -32602, "no capabilities")
        server.begin()
        self.check(server.refused("initialize", {"capabilities": {}}) == -32600, "twice")
        self.check(server.refused("no/such", {}) == -32601, "no such method")
        self.check(server.refused("textDocument/diagnostic", {}) == -32602, "no document")
        server.call("shutdown", None)
        self.check(server.refused("textDocument/diagnostic", {}) == -32600, "was shut down")
        server.notify("exit", None)
        self.check(server.process.wait(60) == 0, "its status")
        server = self.start()
        server.notify("exit", None)
        self.check(server.process.wait(60) == 1, "exit without shutdown")

    def hostile(self):
        """Bytes that are no messages are answered, and what follows is taken."""
        server = self.start()
        for data, code in ((b"x\r\n\r\n", -32700), (b"Content-Length: 1\r\n\r\n{", -32700),
                           (b"Content-Length: 2\r\n\r\n[]", -32600),
                           (b"Content-Length: 2\r\n\r\n{}", -32600),
                           (b"Content-Length: 80\r\n\r\n" + b"[" * 80, -32600),
                           (b"Content-Length: 999999999\r\n\r\n" + b" " * 999999999,
                            -32600)):
            server.send_bytes(data)
            message = server.take()
            self.check(message.get("error", {}).get("code") == code and
                       message["id"] is None, data[:40], message)
        for method, params in (
                ("textDocument/didOpen", {}), ("textDocument/didChange", []),
                ("textDocument/didClose", {"textDocument": {"uri": "file:///none"}}),
                ("textDocument/didOpen", {"textDocument": {"uri": "ftp://x", "text": ""}})):
            server.notes.clear()
            server.notify(method, params)
            server.refused("no/such", {})
            self.check("window/logMessage" in server.notes, method, params, "is passed over")
        self.check(server.end() == 0, "its end")

    def edits(self):
        """Positions in both encodings; changes of parts and of the whole."""
        for encoding in ("utf-16", "utf-8"):
            server = self.start(general={"positionEncodings": [encoding]})
            text = "postern: 1\n# \U0001f600\u00e9\n=\U0001f600.example : alow\n* : allow\n"
            uri = server.open(self.path("a.rules"), text)
            # behind the smile: two units, or four bytes
            smile = 2 if encoding == "utf-16" else 4
            found = [d for d in server.settle(uri) if d["code"] == "bad-verdict"]
            self.check(found and found[0]["range"] ==
                       span(2, smile + 12, smile + 16), encoding, found)
            server.change(uri, {"range": span(2, smile + 12, smile + 16), "text": "allow"},
                          {"range": span(2, 1, 1 + smile), "text": "x"})
            self.check(not [d for d in server.settle(uri) if d["severity"] == 1], encoding,
                       server.settle(uri))
            server.change(uri, {"text": "postern: 1\n* : alow\n"})
            self.check(server.settle(uri)[0]["range"] == span(1, 4, 8), "the whole")
            self.check(server.end() == 0, "its end")

    def overlays(self):
        """Open texts stand in the place of what is included, listed, or not there."""
        self.write("drop.txt", "192.0.2.1\n")
        self.write("inc.rules", "postern: 1\nset a = 10.0.0.1\n")
        root = self.write("root.rules", 'postern: 1\ninclude "inc.rules"\n'
                          'set d = file "drop.txt"\n$a, $d : block\n* : allow\n')
        server = self.start()
        uri = server.open(root)
        self.check(not [d for d in server.settle(uri) if d["severity"] == 1], "as saved",
                   server.settle(uri))
        other = server.open(self.path("inc.rules"))
        server.change(other, {"text": "postern: 1\nset b = 10.0.0.1\n"})
        codes = [d["code"] for d in server.settle(uri)]
        self.check("unknown-name" in codes, codes)
        server.change(other, {"text": "postern: 1\nset a = 10.0.0.1\n"})
        listed = server.open(self.path("drop.txt"), "192.0.2.300\n", "postern-list")
        server.settle(uri)
        self.check(server.diagnostics.get(listed), "the list has an error",
                   server.diagnostics)
        server.notify("textDocument/didClose", {"textDocument": {"uri": listed}})
        server.settle(uri)
        self.check(not server.diagnostics.get(listed), "as saved again", server.diagnostics)
        os.unlink(self.path("drop.txt"))
        server.notify("workspace/didChangeWatchedFiles", {"changes": []})
        self.check("cannot-read" in [d["code"] for d in server.settle(uri)], "it is gone",
                   server.settle(uri))
        self.check(server.end() == 0, "its end")

    def confined(self):
        """Nothing outside of the workspace is read, but what the user allows."""
        with tempfile.TemporaryDirectory() as elsewhere:
            secret = os.path.join(elsewhere, "secret.txt")
            with open(secret, "w", encoding="ascii") as out:
                out.write("192.0.2.7\n")
            os.symlink(secret, self.path("link.txt"))
            for named in (secret, "link.txt", "../" * 20 + secret[1:]):
                text = f'postern: 1\nfile "{named}" : block\n* : allow\n'
                for roots in ([], [elsewhere]):
                    server = client.Client(self.postern, self.folder)
                    server.begin(initializationOptions={"postern": {"roots": roots}})
                    uri = server.open(self.path("c.rules"), text)
                    codes = [d["code"] for d in server.settle(uri)]
                    allowed = roots and named == secret
                    self.check(("outside-root" in codes) != bool(allowed), named, roots,
                               codes)
                    server.end()
            os.unlink(self.path("link.txt"))

    def alike_lint(self):
        """The policies of the examples, and some that have faults."""
        for name, text in (("plain.rules", PLAIN), ("classic.rules", "10.:allow\n10.:deny\n"),
                           ("faults.rules", "postern: 1\n$no : allow\n10.0.0.0/40 : deny\n=x"),
                           ("classic_faults.rules", "10.0.0.1:allow,A\n:deny:\n 1:allow")):
            path = self.write(name, text)
            server = self.start()
            server.settle(server.open(path))
            self.alike(server, path, {path: text}, name)
            self.check(server.end() == 0, "its end")

    def ends(self):
        """Without an editor there is no server."""
        server = self.start()
        server.process.stdin.close()
        self.check(server.process.wait(60) == 1, "the input has ended")
        sleeper = subprocess.Popen(["sleep", "1000"])
        server = client.Client(self.postern, self.folder)
        server.call("initialize", {"processId": sleeper.pid, "capabilities": {}})
        sleeper.kill()
        sleeper.wait()
        self.check(server.process.wait(60) == 1, "the editor's process has ended")
        server.process.stdin.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(args.bin, os.path.realpath(folder))
        for part in ("order", "hostile", "edits", "overlays", "confined", "alike_lint", "ends"):
            getattr(tests, part)()
    print(f"{tests.count} checks, {tests.failures} failures")
    return 1 if tests.failures or tests.count < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
