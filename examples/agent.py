#!/usr/bin/env python3
"""Asks postern mcp one question, as an agent does: agent.py TOOL ARGUMENTS

ARGUMENTS is JSON. The answer's structuredContent is printed; the exit status is 1 for an error.
"""
import json
import subprocess
import sys
from typing import Any


class Server:
    """postern mcp, in the folder of the policies."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(["postern", "mcp", *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout
        self.to, self.of = self.process.stdin, self.process.stdout
        self.last = 0
        self.ask("initialize", protocolVersion="2025-06-18", capabilities={},
                 clientInfo={"name": "agent.py", "version": "1"})
        self.send(method="notifications/initialized")

    def send(self, **message: Any) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}) + "\n"
        self.to.write(line.encode())
        self.to.flush()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.last += 1
        self.send(id=self.last, method=method, params=params)
        while line := self.of.readline():
            message: dict[str, Any] = json.loads(line)
            if message.get("id") == self.last:
                result: dict[str, Any] = message.get("result", message)
                return result
        raise SystemExit("postern mcp has ended")

    def end(self) -> None:
        self.to.close()
        self.process.wait()


def main() -> int:
    server = Server()
    result = server.ask("tools/call", name=sys.argv[1], arguments=json.loads(sys.argv[2]))
    server.end()
    print(json.dumps(result.get("structuredContent", result), indent=1))
    return 1 if result.get("isError", "error" in result) else 0


if __name__ == "__main__":
    sys.exit(main())
