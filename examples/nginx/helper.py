#!/usr/bin/env python3
"""Answers nginx's auth_request by compiled rules: 204 for whom they allow, 403 for others.

nginx names the client in the header X-Client. Where a host name could change the decision,
the client's is looked up and confirmed. The variables of the rule go back as headers, which
auth_request_set takes: TAG as X-Env-TAG, and X-Variables names them all.

Whatever fails is a 500, which nginx takes for a refusal too, and writes into its log.
"""
import argparse
import asyncio
import ipaddress
import os
import re
import socket
import stat
import sys
from typing import Dict, List, Optional, Tuple

import postern

import names

HEAD_MOST, HEAD_S = 16 * 1024, 10
VARIABLE = re.compile(rb"[A-Za-z0-9_]{1,100}")
VALUES_MOST = 3000  # nginx reads a head of one page, unless it is told otherwise


class Refused(Exception):
    """Why nobody is let in by this request, for the log: the helper's or the rules' fault."""


def client_of(head: bytes) -> names.IpAddress:
    """The address that nginx put into the head of its request."""
    found = [line.split(b":", 1)[1].strip() for line in head.split(b"\r\n")[1:]
             if line.lower().startswith(b"x-client:")]
    if len(found) != 1:
        raise Refused(f"{len(found)} headers X-Client: nginx is to set one")
    try:
        address = ipaddress.ip_address(found[0].decode("ascii"))
    except ValueError as error:
        raise Refused(f"no address in X-Client: {found[0]!r}") from error
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def encode(value: bytes) -> str:
    """A value as a header can have it: what is not printable, and the sign itself, as %XX."""
    return "".join(chr(c) if 32 < c < 127 and c != 37 else f"%{c:02X}" for c in value)


def headers_of(env: Dict[bytes, bytes]) -> List[str]:
    """A header for each variable. nginx knows headers without regard to case, and a hyphen
    as an underscore: names that it would confuse are refused, not guessed at."""
    lines: Dict[str, str] = {}
    for name, value in env.items():
        if not VARIABLE.fullmatch(name):
            raise Refused(f"the variable {name!r} cannot be a header")
        header = name.decode("ascii").replace("_", "-")
        if header.lower() in lines:
            raise Refused(f"two variables are called like {header}")
        lines[header.lower()] = f"X-Env-{header}: {encode(value)}"
    told = [*lines.values(), "X-Variables: " + ",".join(n.decode("ascii") for n in env)]
    if sum(map(len, told)) > VALUES_MOST:
        raise Refused("more variables than a head has room for")
    return told


class Helper:
    def __init__(self, watch: postern.Watch, resolver: names.Resolver, unknown: str) -> None:
        self.watch, self.resolver, self.unknown = watch, resolver, unknown

    async def decide(self, address: names.IpAddress) -> postern.Decision:
        """By the rules of this moment. A name is looked up where it can change something."""
        with self.watch.rules() as rules:
            if not rules.needs(address) & postern.Need.HOST:
                return rules.decide(address)
        try:
            host = await self.resolver.name(address)
        except names.Unanswered as error:
            if self.unknown == "deny":
                raise Refused(f"the name of {address} is not known: {error}") from error
            host = None
        return self.watch.decide(address, host)

    async def answer(self, head: bytes) -> Tuple[str, List[str]]:
        try:
            decision = await self.decide(client_of(head))
            if not decision.allowed:
                return "403 Forbidden", []
            if decision.limit or decision.rate:
                raise Refused("a rule with a limit or a rate, which are not counted here")
            return "204 No Content", headers_of(decision.env)
        except (postern.Error, Refused) as error:
            print(f"helper: {error}", file=sys.stderr, flush=True)
            return "500 Internal Server Error", []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, as nginx makes them."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
            status, headers = await self.answer(head)
            lines = [f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close"]
            writer.write("".join(line + "\r\n" for line in [*lines, ""]).encode("ascii"))
            await asyncio.wait_for(writer.drain(), HEAD_S)
        except (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError):
            pass  # it went away, or is no nginx: without an answer nobody is let in
        finally:
            writer.close()


def listen(path: str) -> socket.socket:
    """A socket that the owner and the group may connect to. An old one goes, a file does not."""
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        pass
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o117)
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    return listener


def resolver_of(text: Optional[str]) -> Tuple[str, int]:
    """ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT; by itself, the first of /etc/resolv.conf."""
    if text is None:
        with open("/etc/resolv.conf", encoding="ascii", errors="replace") as conf:
            told = re.findall(r"^nameserver\s+(\S+)", conf.read(), re.M)
        text = told[0] if told else "127.0.0.1"
    match = re.fullmatch(r"\[(?P<six>.*)\](:(?P<p>\d+))?|(?P<four>[\d.]+)(:(?P<q>\d+))?", text)
    host, port = (match["six"] or match["four"], match["p"] or match["q"]) if match else (text, "")
    ipaddress.ip_address(host.partition("%")[0])
    return host, int(port or 53)


async def run(args: argparse.Namespace) -> None:
    with postern.Watch(args.cdb) as watch:
        resolver = names.Resolver(resolver_of(args.resolver), args.timeout)
        helper = Helper(watch, resolver, args.unknown)
        server = await asyncio.start_unix_server(helper.serve, sock=listen(args.socket),
                                                 limit=HEAD_MOST)
        print("ready", flush=True)
        await server.serve_forever()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cdb", help="compiled rules; they may be replaced at any time")
    parser.add_argument("socket", help="where nginx connects to, as /run/postern/helper")
    parser.add_argument("--resolver", help="address of a name server, perhaps with a port")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds for a name (5)")
    parser.add_argument("--unknown", choices=("deny", "go-on"), default="deny",
                        help="when name servers do not answer: deny, or decide without a name")
    try:
        asyncio.run(run(parser.parse_args()))
    except (OSError, ValueError, ImportError) as error:
        print(f"helper: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
