#!/usr/bin/env python3
"""The language server, by a client that is as plain as can be.

What it tells of an open text is what `postern lint` tells of the saved file; nothing that is
sent ends it, and every request has one answer.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
import language_client as client  # noqa: E402
from checks import Checks  # noqa: E402

FEATURES = """postern: 1
# \U0001f600
# b
include "inc.rules"
set  bad = {
 10.2.3.4, 10.9.9.9
}
env relay = RELAYCLIENT=""
set drop = file "drop.txt"
$office   : allow,  $relay
$drop except $bad : block   # hi
10.1.0.0/16 : deny
10.1.5.0/24 : allow, A="1", limit 5 per /24,/64 # postern: ignore P301 -- \U0001f600
* : allow
always 10.1.5.0/24 : deny, !A
expect 10.1.2.3 : allow, by $office
"""
STEPS = 40
# pieces of rules, whole ones and parts
PIECES = ["\n", " ", "#", '"', ":", ",", "{", "}", "$", "=", "10.0.0.1 : allow\n",
          "10.0.0.0/8 : deny, A=\"\U0001f600\"\n", "* : allow\n", "set a = 10.0.0.2\n",
          "$a : block\n", "=.\u00e9.example : allow # \U0001f600\n", "\r\n", "\r",
          'include "s_inc.rules"\n', 'file "s_list.txt" : block\n', "set b = { 10.1.2.3\n",
          "}\n", "env e = B=\"1\"\n", "joe@10.0.0.1 : allow, $e\n", "expect 10.0.0.1 : allow\n",
          "always * : !A\n", "2001:db8::/32 : deny\n", "10.0.0.1-10.0.0.9 : allow, limit 3\n",
          "192.0.2.300\n", "198.51.100.0/24\n", "allow", "postern: 1\n", "\U0001f600"]
CLASSIC_PIECES = ["\n", " ", "#", ":", ",", "=", '"', "10.:allow\n", ":deny\n", "1.2.3.4:allow,A\n",
                  '=.x.example:allow,B="\U0001f600"\n', "10.1-4.:deny\n", "joe@1.2.3.4:deny\n",
                  "\u00e9:allow\n", "2001:db8::1:deny\n", "nonsense\n", "\r\n", "\r"]
PLAIN = "postern: 1\n10.0.0.1 : deny\n* : allow\n"


def place(line, character):
    return {"line": line, "character": character}


def span(line, start, end):
    return {"start": place(line, start), "end": place(line, end)}


class Tests(Checks):
    def __init__(self, bin_dir, folder):
        self.postern = os.path.join(os.path.abspath(bin_dir), "postern")
        self.folder = folder

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

    def told(self, server, texts, utf8=False):
        """The same of what a server told, whose columns count UTF-16 units, or bytes."""
        told = []
        for uri, items in server.diagnostics.items():
            path = client.path_of(uri)
            for item in items:
                start = item["range"]["start"]
                line, column = start["line"], start["character"]
                if path in texts: # lint ends a line at "\n" alone
                    front = texts[path][:client.index_of(texts[path], start, utf8)].split("\n")
                    line, column = len(front) - 1, len(front[-1].encode())
                told.append((path, line + 1, column + 1, item["severity"],
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

    def missing(self):
        """What is included and not there yet is as it is typed, before anybody saves it."""
        text = 'postern: 1\ninclude "sub/new.rules"\n$a : block\n* : allow\n'
        server = self.start()
        uri = server.open(self.write("waits.rules", text))
        self.check("cannot-read" in [d["code"] for d in server.settle(uri)], "it is not there", server.settle(uri))
        other = server.open(self.path("sub/new.rules"), "postern: 1\nset a = 10.0.0.1\n")
        for asked in (uri, other):
            self.check(not [d for d in server.settle(asked) if d["severity"] == 1], "as typed", server.settle(asked))
        server.change(other, {"text": "postern: 1\nset b = 10.0.0.1\n"})
        self.check("unknown-name" in [d["code"] for d in server.settle(uri)], server.settle(uri))
        server.notify("textDocument/didClose", {"textDocument": {"uri": other}})
        self.check("cannot-read" in [d["code"] for d in server.settle(uri)], "it is not there again")
        self.check(server.end() == 0, "its end")

    def refreshed(self):
        """What is shown beside a text is asked for again when another file is behind it, and
        not when the editor has changed the text itself."""
        self.write("shown.rules", "postern: 1\nset a = 10.0.0.1\n")
        root = self.write("shows.rules", 'postern: 1\ninclude "shown.rules"\n$a : block\n* : allow\n')
        server = self.start(workspace={"inlayHint": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}})
        uri = server.open(root)

        def hints():
            return [h["label"] for h in server.call("textDocument/inlayHint", {
                "textDocument": {"uri": uri}, "range": {"start": place(0, 0), "end": place(9, 0)}})]

        def told():
            return sorted(m["method"] for m in server.asked)

        alone = hints()
        server.change(uri, {"range": span(3, 4, 9), "text": "deny"})
        server.settle(uri)
        self.write("shown.rules", "postern: 1\nset a = 10.0.0.0/24\n")
        server.notify("workspace/didChangeWatchedFiles", {"changes": []})
        both = ["workspace/codeLens/refresh", "workspace/inlayHint/refresh"]
        while told() != both:
            server.take()
        self.check(any("256" in h for h in hints()) and not any("256" in h for h in alone), alone, hints())
        other = server.open(self.path("shown.rules"))
        while told() != sorted(both * 2):
            server.take()
        server.change(other, {"text": "postern: 1\nset a = 10.0.0.0/23\n"})
        while told() != sorted(both * 3):
            server.take()
        self.check(any("512" in h for h in hints()), hints())
        self.check(server.end() == 0 and told() == sorted(both * 3), "its end", told())

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

    def settings(self):
        """What .postern and POSTERN_OPTS say is obeyed, and what is wrong with them is told at its
        place: as lint tells it, or where lint tells nothing else, beside the findings."""
        root = self.write("p.rules", PLAIN.replace("* :", "10.0.0.1 : allow\n* :"))

        def told(postern, options=None):
            self.write(".postern", postern)
            server = client.Client(self.postern, self.folder, env={"POSTERN_OPTS": options or ""})
            server.begin()
            server.settle(server.open(root))
            found = self.told(server, {})
            self.check(server.end() == 0, "its end")
            return [(os.path.relpath(f, self.folder), *rest[:4]) for f, *rest in found]

        duplicate = ("p.rules", 3, 1, 1, "P201")
        self.check(told("") == [duplicate], told(""))
        self.check(told("", "--root / --ignore P201") == [], "POSTERN_OPTS")
        self.check(told("", "--bogus") == [("p.rules", 1, 1, 1, "settings"), duplicate],
                   told("", "--bogus"))
        subprocess.run([self.postern, "lint", "--write-baseline", "known", "p.rules"],
                       cwd=self.folder, stdout=subprocess.DEVNULL, check=True)
        self.check(told("baseline = known\n") == [], told("baseline = known\n"))
        with open(self.path("known"), "a", encoding="ascii") as out:
            out.write("p.rules: P301 10.9.9.9: gone\n")
        self.check(told("baseline = known\n") == [("known", 2, 1, 2, "P904")],
                   told("baseline = known\n"))
        self.check(told("baseline = none\n") == [("p.rules", 1, 1, 1, "settings"), duplicate],
                   told("baseline = none\n"))
        faulty = told("# \u00e9\nbogus = 1\ntrusted = 10.0.0.0/99\n")
        self.check(faulty == [(".postern", 2, 1, 1, "config-unknown"),
                              (".postern", 3, 11, 1, "config-value"), duplicate], faulty)
        self.write("run", "#!/bin/sh\nexec tcpserver -x other.cdb 0 25 prog\n")
        script = told("server = run\n")
        self.check([f for f in script if f[0] == "run"] == [("run", 2, 1, 2, "P514")], script)
        os.unlink(self.path(".postern"))

    def owners(self):
        """An include, and a list, are judged as parts of the policy of the workspace that reads
        them, though nobody has opened it; no more once it does not."""
        os.makedirs(self.path("parts/deep"))
        part = self.write("parts/deep/o_part.rules", "postern: 1\nset o = 10.0.0.1\n")
        self.write("parts/o_middle.rules", 'postern: 1\ninclude "deep/o_part.rules"\n'
                   'set l = file "o_list.txt"\n')
        listed = self.write("parts/o_list.txt", "192.0.2.1\n")
        top = self.write("o_top.rules", 'postern: 1\ninclude "parts/o_middle.rules"\n'
                         "$o, $l : deny\n* : allow\n")
        server = self.start()
        uri = server.open(part)
        self.check(not [d for d in server.settle(uri) if d["severity"] == 1], "as a part",
                   server.settle(uri))
        uses = server.call("textDocument/references", {
            "textDocument": {"uri": uri}, "position": place(1, 4),
            "context": {"includeDeclaration": False}})
        self.check([u["uri"] for u in uses] == [client.uri_of(top)], uses)
        server.change(uri, {"text": "postern: 1\n"})
        server.settle(uri)
        self.check("unknown-name" in [d["code"] for d in
                                      server.diagnostics.get(client.uri_of(top), [])],
                   server.diagnostics)
        self.write("o_top.rules", "postern: 1\n* : allow\n")
        self.write("parts/o_middle.rules", "postern: 1\n")
        server.notify("workspace/didChangeWatchedFiles", {"changes": []})
        self.check(server.settle(uri), "alone it has no default")
        self.check(server.end() == 0, "its end")
        self.write("o_top.rules", 'postern: 1\nfile "parts/o_list.txt" : deny\n* : allow\n')
        server = self.start()
        uri = server.open(listed, "192.0.2.300\n", "plaintext")
        self.check([d["code"] for d in server.settle(uri)] == ["list-octets"] or
                   server.settle(uri), "a list", server.settle(uri))
        self.check(server.end() == 0, "its end")

    def malformed(self):
        """Every request without what it wants, or with nonsense in its place, has an error."""
        server = self.start()
        uri = server.open(self.write("m.rules", PLAIN))
        doc = {"textDocument": {"uri": uri}}
        wrong = [None, [], {}, {"textDocument": None}, {"textDocument": {"uri": 5}},
                 {"textDocument": {"uri": "file:///none"}}]
        odd = [doc, {**doc, "position": 5, "range": 5, "positions": 5},
               *({**doc, "position": at, "range": {"start": at, "end": at}, "positions": [at]}
                 for at in (place(-1, 0), place(1.5, 0), place(0, "x"), place(2**40, 0)))]
        for method in ("diagnostic", "documentSymbol", "foldingRange", "documentLink", "formatting",
                       "semanticTokens/full", "codeLens"):
            for params in wrong:
                self.check(server.refused("textDocument/" + method, params) == -32602, method, params)
        for method in ("selectionRange", "rangeFormatting", "semanticTokens/range", "definition",
                       "references", "documentHighlight", "prepareRename", "rename", "hover", "inlayHint",
                       "completion", "signatureHelp", "codeAction"):
            for params in wrong + odd:
                self.check(server.refused("textDocument/" + method, params) == -32602, method, params)
        for params in (None, [], {}, {"query": 5}, {"command": 5}, {"command": "postern.who", "arguments": 5},
                       {"command": "postern.who", "arguments": [[]]}):
            for method in ("symbol", "executeCommand"):
                self.check(server.refused("workspace/" + method, params) == -32602, method, params)
        far = place(2**31 - 1, 2**31 - 1)
        self.check("result" in server.answer(server.ask("textDocument/hover", {**doc, "position": far})),
                   "what is behind the end is the end")
        self.check(server.end() == 0, "its end")

    def unreadable(self):
        """What cannot be read is told where it is named, and tests that cannot be read, of theirs."""
        os.mkdir(self.path("folder.txt"))
        os.mkdir(self.path("u_test.rules"))
        root = self.write("u.rules", 'postern: 1\nfile "folder.txt" : deny\n'
                          'include "nothing.rules"\n* : allow\n')
        server = self.start()
        uri = server.open(root)
        server.settle(uri)
        tests = client.uri_of(self.path("u_test.rules"))
        self.check(server.diagnostics.get(uri) or server.diagnostics.get(tests), "something is told",
                   server.diagnostics)
        self.check([d["code"] for d in server.diagnostics.get(tests, [])] == ["cannot-read"],
                   server.diagnostics)
        os.rmdir(self.path("u_test.rules"))
        server.notify("workspace/didChangeWatchedFiles", {"changes": []})
        codes = [(d["code"], d["range"]["start"]["line"]) for d in server.settle(uri)]
        self.check(("cannot-read", 1) in codes and ("cannot-read", 2) in codes, codes)
        self.check(not server.diagnostics.get(tests), server.diagnostics)
        self.check(server.end() == 0, "its end")

    def line_ends(self):
        """No position leads into the end of a line: an edit of a part of it is one of it all."""
        server = self.start()
        for number, text in enumerate(("postern: 1\n\r\n* : allow\n", "postern: 1\r\n* : allow\r\n",
                                       "=.ex\r \n:deny\n", "postern: 1\n* : allow #\r\n\r\n\r\n",
                                       "postern:1\n* : allow\n", "postern:\r 1\n*: allow\n",
                                       "  postern \t:   deny  1\n*: allow\n")):
            uri = server.open(self.write(f"e{number}.rules", text), text)
            edits = server.call("textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}})
            done = subprocess.run([self.postern, "fmt", "-"], input=text.encode(), capture_output=True,
                                  check=True)
            self.check(client.applied(text, edits).encode() == done.stdout, text, edits, done.stdout)
        self.check(server.end() == 0, "its end")

    def idents(self):
        """Who takes the rest of a target with an ident answers that ident."""
        server = self.start()
        uri = server.open(self.write("j.rules", "postern: 1\n10.1.0.0/16 : allow\n10.9.9.9 : block\n"
                                     "joe@10.0.0.0/8 : allow, A=\"1\"\n* : deny\n"))
        shown = server.call("textDocument/hover", {"textDocument": {"uri": uri},
                                                   "position": place(3, 1)})["contents"]["value"]
        self.check("1 by `10.9.9.9`, line 3, for one `joe@10.9.9.9`: deny" in shown and
                   "10.1.0.0" not in shown, shown)
        self.check(server.end() == 0, "its end")

    def kept(self):
        """A list that is still is not read again, and is as soon as it is another one, whatever its
        size and its time; of one that is open its text counts."""
        listed = self.write("k.txt", "192.0.2.1\n198.51.100.1\n")
        old = os.stat(listed).st_mtime - 1000
        root = self.write("k.rules", 'postern: 1\nset l = file "k.txt"\n$l : deny\n* : allow\n'
                          "expect 192.0.2.1 : deny\n")
        server = self.start()
        uri = server.open(root)

        def answer():
            server.change(uri, {"range": span(2, 0, 0), "text": " "})
            told = sorted(d["code"] for d in server.settle(uri))
            lens = [at["command"]["title"] for at in server.call(
                "textDocument/codeLens", {"textDocument": {"uri": uri}})]
            hints = server.call("textDocument/hover", {"textDocument": {"uri": uri},
                                                       "position": place(1, 4)})["contents"]["value"]
            return told, lens[-1] if lens else "", "2 addresses" in hints

        os.utime(listed, (old, old))
        time.sleep(3.1) # since when it has been still
        first = answer()
        self.check(first[1:] == ("holds", True) and answer() == first and answer() == first, first)
        self.write("k.txt", "192.0.2.9\n198.51.100.1\n")
        os.utime(listed, (old, old))
        self.check(answer()[1] != "holds" and answer()[1] != "holds", "another one of the same size")
        other = server.open(listed, "192.0.2.1\n", "postern-list")
        self.check(answer()[1:] == ("holds", False), "the text that is open")
        server.change(other, {"text": "192.0.2.7\n"})
        self.check(answer()[1] != "holds", "its change")
        server.change(other, {"text": "192.0.2.1\n198.51.100.300\n"})
        self.check(answer()[1] != "holds", "a fault")
        codes = sorted(d["code"] for d in server.diagnostics[other])
        answer()
        self.check(codes and codes == sorted(d["code"] for d in server.diagnostics[other]), codes)
        os.unlink(listed)
        server.notify("textDocument/didClose", {"textDocument": {"uri": other}})
        self.check("cannot-read" in answer()[0], "it is gone")
        self.check(server.end() == 0, "its end")

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

    def features(self):
        """Each request, on a policy of several files, and what its answers do."""
        self.write("drop.txt", "192.0.2.0/24\n")
        self.write("inc.rules", "postern: 1\nset office = 10.1.0.0/16\n")
        root = self.write("f.rules", FEATURES)
        server = self.start(textDocument={
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
            "hover": {"contentFormat": ["markdown"]}})
        text, uri = FEATURES, server.open(root)
        doc = {"textDocument": {"uri": uri}}

        def at(needle, more=0):
            lines = text[:text.index(needle) + more].split("\n")
            return place(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)

        def ask(what, **more):
            return server.call("textDocument/" + what, {**doc, **more})

        def has(result, *words):
            shown = json.dumps(result, ensure_ascii=False)
            self.check(all(word in shown for word in words), words, shown)

        everything = {"start": place(0, 0), "end": place(99, 0)}
        has(ask("documentSymbol"), '"bad"', '"relay"', '"$drop except $bad"', '"block"')
        folds = ask("foldingRange")
        self.check({"startLine": 1, "endLine": 2, "kind": "comment"} in folds and
                   {"startLine": 4, "endLine": 6} in folds, folds)
        has(ask("documentLink"), "inc.rules", "drop.txt")
        has(ask("definition", position=at("$office", 2)), "inc.rules", '"line": 1')
        has(ask("definition", position=at('"drop.txt', 3)), "drop.txt")
        uses = ask("references", position=at("$office", 2), context={"includeDeclaration": True})
        self.check(len(uses) == 3, uses)
        self.check(len(ask("documentHighlight", position=at("$office", 2))) == 2, "highlights")
        self.check(ask("prepareRename", position=at("$office", 2))["placeholder"] == "office",
                   "prepareRename")
        edits = ask("rename", position=at("$office", 2), newName="hq")["changes"]
        self.check({u: len(e) for u, e in edits.items()} ==
                   {uri: 2, client.uri_of(self.path("inc.rules")): 1}, edits)
        self.check("set hq = " in client.applied("postern: 1\nset office = 10.1.0.0/16\n",
                   edits[client.uri_of(self.path("inc.rules"))]), "rename over the include")
        for wrong, code in (("bad", -32803), ("9", -32602), ("a b", -32602)):
            self.check(server.refused("textDocument/rename", {
                **doc, "position": at("$office", 2), "newName": wrong}) == code, wrong)
        has(ask("hover", position=at("$office", 2)), "65,536 addresses of IPv4",
            "decides 65,280", "256 by `10.1.5.0/24`")
        has(ask("hover", position=at("limit")), "live connections")
        has(ask("hover", position=at("P301")), "redundant")
        has(ask("hover", position=at("$drop except", 2)), "list `drop.txt`: 1 entry")
        lenses = ask("codeLens")
        has(lenses, "shadowed by 1 rule", "postern.who", '"holds"', "fails: 10.1.5.1")
        has(ask("inlayHint", range=everything), "1 entry", "decides 65,280 addresses")
        for where, wanted, unwanted in (
                (at("$office", 1), {"$bad", "$drop", "$office"}, {"$relay", "allow"}),
                (at("allow,  $relay"), {"allow", "deny", "block"}, {"set"}),
                (at("$relay\n"), {"$relay", "RELAYCLIENT=\"\"", "limit"}, {"$drop", "allow"}),
                (at("expect"), {"expect", "always", "set", "env"}, {"allow"}),
                (at("by $office", 3), {"$office"}, {"limit"}),
                (at("!A", 1), {"limit", "RELAYCLIENT"}, {'RELAYCLIENT=""', "allow"}),
                (at("limit 5 ", 6), set(), {"limit", "$relay", "per"}),
                (at("limit 5 ", 8), {"per"}, {"limit", "$relay"}),
                (at("per /24", 4), {"/24,/56"}, {"limit", "$relay"}),
                (at("P301"), {"P301", "redundant"}, {"allow"})):
            labels = {i["label"] for i in ask("completion", position=where)["items"]}
            self.check(wanted <= labels and not unwanted & labels, where, wanted, labels)
        signature = ask("signatureHelp", position=at("limit 5", 7))
        self.check(signature["signatures"][0]["label"].startswith("limit N"), signature)
        actions = ask("codeAction", range={"start": at("10.1.0.0"), "end": at("10.1.0.0")},
                      context={"diagnostics": server.diagnostics[uri]})
        has(actions, "Remove it (duplicate-key)", "Ignore duplicate-key", '"isPreferred": true')
        shown = [d for d in server.diagnostics[uri] if d["range"]["start"] == at("10.1.0.0")]
        elsewhere = ask("codeAction", range={"start": place(0, 0), "end": place(0, 0)},
                        context={"diagnostics": shown})
        has(elsewhere, "Remove it (duplicate-key)")  # the cursor is beside it, its line is meant
        mended = client.applied(text, actions[0]["edit"]["changes"][uri])
        self.check("10.1.0.0" not in mended, mended)
        ignored = client.applied(text, actions[1]["edit"]["changes"][uri])
        self.check("duplicate-key" not in str(self.lint(self.write("i.rules", ignored))), ignored)
        actions = ask("codeAction", range={"start": at("10.1.5"), "end": at("10.1.5")},
                      context={"diagnostics": [], "only": ["refactor"]})
        has(actions, "Add an expectation", "expect 10.1.5.1 : allow, A=")
        laid = client.applied(text, ask("formatting", options={}))
        done = subprocess.run([self.postern, "fmt", "-"], input=text, capture_output=True,
                              text=True, check=True)
        self.check(laid == done.stdout, "formatting", laid)
        part = client.applied(text, ask("rangeFormatting", options={}, range={
            "start": at("$office"), "end": at("$office")}))
        self.check("\n$office : allow, $relay\n" in part and "set  bad" in part or
                   "$office" in part and "set  bad" in part, part)
        data = ask("semanticTokens/full")["data"]
        self.check(len(data) % 5 == 0 and len(data) > 200, "semantic tokens")
        part = ask("semanticTokens/range", range={"start": place(0, 0), "end": place(3, 0)})
        self.check(part["data"] == data[:len(part["data"])] and part["data"], "of a part")
        has(server.call("workspace/symbol", {"query": "off"}), "office", "inc.rules")
        answer = server.call("workspace/executeCommand", {"command": "postern.check", "arguments": [
            {"uri": uri, "client": "joe@192.0.2.7 =mx.example"}]})
        self.check(answer["verdict"] == "deny" and answer["step"] == "block" and
                   answer["ranges"][0]["uri"] == uri and "drop.txt" in answer["ranges"][1]["uri"],
                   answer)
        who = server.call("workspace/executeCommand", {"command": "postern.who", "arguments": [
            {"uri": uri, "position": at("$office"), "show": True}]})
        self.check(who["clients"][0]["count"] == "65280", who)
        self.check("window/showMessage" in server.notes, "it is shown")
        for command, arguments in (("postern.no", []), ("postern.check", []),
                                   ("postern.check", [{"uri": uri, "client": "x"}]),
                                   ("postern.who", [{"uri": uri}])):
            self.check(server.refused("workspace/executeCommand", {
                "command": command, "arguments": arguments}) == -32602, command, arguments)
        classic = server.open(self.path("old.rules"), '10.1.:allow,RELAYCLIENT=""\n:deny\n')
        actions = server.call("textDocument/codeAction", {
            "textDocument": {"uri": classic}, "range": everything,
            "context": {"diagnostics": []}})
        has(actions, "Rewrite it as an extended file", "10.1.0.0/16 : allow")
        self.check(server.end() == 0, "its end")

    def progress(self):
        """A look that takes long says so, by a token that the editor has agreed to, or has given;
        a short one does not."""
        self.write("long.txt", "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n"
                                       for i in range(0, 6000000, 2)))
        root = self.write("long.rules", 'postern: 1\nfile "long.txt" : deny\n* : allow\n')
        server = self.start(window={"workDoneProgress": True})
        server.settle(server.open(self.write("short.rules", PLAIN)))
        self.check("$/progress" not in server.notes, "a short one", server.notes)
        server.settle(server.open(root))
        told = server.notes.get("$/progress", [])
        self.check(told and [told[0]["value"]["kind"], told[-1]["value"]["kind"]] ==
                   ["begin", "end"] and "long.rules" in told[0]["value"]["message"], told)
        self.check(all(t["value"]["kind"] == "report" for t in told[1:-1]), told)
        tokens = [m["params"]["token"] for m in server.asked
                  if m["method"] == "window/workDoneProgress/create"]
        self.check({t["token"] for t in told} <= set(tokens) and
                   len(set(tokens)) == len(tokens), tokens, told)
        server.notes.clear()
        server.change(client.uri_of(root), {"range": span(2, 0, 0), "text": " "})
        server.call("textDocument/diagnostic", {
            "textDocument": {"uri": client.uri_of(root)}, "workDoneToken": 7})
        told = server.notes.get("$/progress", [])
        self.check(told and {t["token"] for t in told} == {7}, told)
        self.check(server.end() == 0, "its end")

    def cancelled(self):
        """What is taken back, and what a change makes void, has an error that says so."""
        server = self.start()
        rules = "postern: 1\n" + "".join(f"10.{i // 256}.{i % 256}.0/24 : deny\n"
                                         for i in range(20000)) + "* : allow\n"
        uri = server.open(self.path("long.rules"), rules)
        doc = {"textDocument": {"uri": uri}}
        first = server.ask("textDocument/codeLens", doc)
        second = server.ask("textDocument/hover", {**doc, "position": place(1, 1)})
        third = server.ask("workspace/symbol", {"query": "x"})
        server.notify("$/cancelRequest", {"id": third})
        server.change(uri, {"range": span(1, 0, 0), "text": " "})
        codes = [server.answer(n).get("error", {}).get("code") for n in (first, second, third)]
        self.check(codes[0] in (None, -32801) and codes[1] == -32801 and
                   codes[2] in (None, -32800), codes)
        self.check(server.end() == 0, "its end")

    def session(self, seed, count):
        """Random edits of a policy of several files: what is told is what lint tells."""
        draw = random.Random(seed)
        classic = seed % 3 == 2
        root = self.path(f"s{seed}.rules")
        files = {root: "" if classic else "postern: 1\n",
                 self.path("s_inc.rules"): draw.choice(["postern: 1\nset a = 10.0.0.1\n",
                                                        "192.168.:deny\n"]),
                 self.path("s_list.txt"): "192.0.2.0/24\n198.51.100.7 # x\n"}
        for path, text in files.items():
            self.write(path, text)
        server = self.start(general={"positionEncodings": [draw.choice(["utf-16", "utf-8"])]})
        utf8 = "utf-8" in server.capabilities["general"]["positionEncodings"]
        opened = {root: server.open(root, files[root])}
        for path in list(files)[1:]:
            if draw.random() < 0.5:
                opened[path] = server.open(path, files[path], "postern-list"
                                           if path.endswith("txt") else "postern")
        for step in range(count):
            path = draw.choice([root, root, draw.choice(list(opened))])
            files[path] = self.edit(server, draw, opened[path], files[path], utf8, classic)
            self.write(path, files[path])
            self.requests(server, draw, opened[path], files[path], utf8)
            server.settle(opened[root])
            for uri in opened.values(): # an include that is read no more stands alone
                server.settle(uri)
            told = self.told(server, files, utf8)
            linted = self.lint(root)
            if told != linted and self.path("s_inc.rules") in opened:
                alone = self.lint(self.path("s_inc.rules"))
                linted = sorted(linted + alone) if told == sorted(linted + alone) else linted
            self.check(told == linted, "session", seed, "step", step, files, "\nlint:", linted,
                       "\ntold:", told)
            if told != linted:
                break
        os.unlink(root) # or it would be the policy of what the next session opens
        self.check(server.end() == 0, "its end")

    def edit(self, server, draw, uri, text, utf8, classic):
        """One edit at a random place, by pieces of rules and by broken ones."""
        pieces = CLASSIC_PIECES if classic else PIECES
        start = draw.randrange(len(text) + 1)
        if draw.random() < 0.5: # at the end, so that it grows
            start = len(text)
        end = min(len(text), start + draw.choice([0, 0, 1, 3, 12]))
        start, end = (at - (text[at - 1:at + 1] == "\r\n") for at in (start, end))
        piece = draw.choice(pieces)
        server.change(uri, {"range": {"start": client.place_of(text, start, utf8),
                                      "end": client.place_of(text, end, utf8)},
                            "text": piece})
        return text[:start] + piece + text[end:]

    def requests(self, server, draw, uri, text, utf8):
        """Each request has an answer, or one of the errors that it may have."""
        doc = {"textDocument": {"uri": uri}}
        where = client.place_of(text, draw.randrange(len(text) + 1), utf8)
        part = {"start": place(0, 0), "end": where}
        for method, more in (
                ("hover", {"position": where}), ("completion", {"position": where}),
                ("signatureHelp", {"position": where}), ("definition", {"position": where}),
                ("references", {"position": where, "context": {"includeDeclaration": True}}),
                ("documentHighlight", {"position": where}), ("documentSymbol", {}),
                ("prepareRename", {"position": where}), ("foldingRange", {}),
                ("rename", {"position": where, "newName": "other"}), ("documentLink", {}),
                ("selectionRange", {"positions": [where]}), ("codeLens", {}),
                ("inlayHint", {"range": part}), ("semanticTokens/full", {}),
                ("semanticTokens/range", {"range": part}), ("formatting", {"options": {}}),
                ("rangeFormatting", {"options": {}, "range": part}),
                ("codeAction", {"range": part, "context": {"diagnostics": []}})):
            if draw.random() < 0.7:
                continue
            message = server.answer(server.ask("textDocument/" + method, {**doc, **more}))
            code = message.get("error", {}).get("code")
            self.check("result" in message or code in (-32803, -32602), method, message)
            if method == "formatting" and "result" in message:
                done = subprocess.run([self.postern, "fmt", "-"], input=text.encode(),
                                      capture_output=True, check=False)
                laid = client.applied(text, message["result"], utf8)
                self.check(done.returncode or laid == done.stdout.decode(), "layout", text, laid)

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
    parser.add_argument("--count", type=int, default=6, help="random sessions")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(args.bin, os.path.realpath(folder))
        for part in ("order", "hostile", "edits", "overlays", "missing", "refreshed", "confined", "settings", "owners", "malformed", "unreadable", "kept", "line_ends", "idents", "alike_lint", "features",
                     "progress", "cancelled", "ends"):
            getattr(tests, part)()
        for seed in range(args.count):
            tests.session(seed, STEPS)
    return tests.end(40)


if __name__ == "__main__":
    sys.exit(main())
