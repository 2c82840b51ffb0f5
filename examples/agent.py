#!/usr/bin/env python3
"""Asks postern mcp one question, as an agent does: agent.py TOOL ARGUMENTS

ARGUMENTS is JSON. The answer's structuredContent is printed; the exit status is 1 for an error.
"""
import json
import subprocess
import sys


class Server:
    """postern mcp, in the folder of the policies."""

    def __init__(self, *words):
        self.process = subprocess.Popen(["postern", "mcp", *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.last = 0
        self.ask("initialize", protocolVersion="2025-06-18", capabilities={},
                 clientInfo={"name": "agent.py", "version": "1"})
        self.send(method="notifications/initialized")

    def send(self, **message):
        line = json.dumps({"jsonrpc": "2.0", **message}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def ask(self, method, **params):
        self.last += 1
        self.send(id=self.last, method=method, params=params)
        while line := self.process.stdout.readline():
            message = json.loads(line)
            if message.get("id") == self.last:
                return message["result"] if "result" in message else message
        raise SystemExit("postern mcp has ended")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    server = Server()
    result = server.ask("tools/call", name=sys.argv[1], arguments=json.loads(sys.argv[2]))
    server.end()
    print(json.dumps(result.get("structuredContent", result), indent=1))
    return 1 if result.get("isError", "error" in result) else 0


if __name__ == "__main__":
    sys.exit(main())
