"""Host names of clients, confirmed, by a name server of one's choice.

Whoever answers for an address may call it anything, so a name counts only when its own
addresses have the client's among them. What is learned is kept for a while, in bounded memory.
"""
import asyncio
import collections
import ipaddress
import random
import re
import struct
from typing import Dict, List, Optional, Tuple, Union

IpAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
A, CNAME, PTR, AAAA = 1, 5, 12, 28
NAMES_MOST = 4  # of one address; who has more is asked about no more
ALIASES_MOST = 8
# at most, whatever an answer says; and how long nobody is asked again who did not answer
KEPT_S, NONE_KEPT_S, SILENT_S = 300, 60, 10
HOST = re.compile(rb"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_random = random.SystemRandom()


class Unanswered(Exception):
    """No answer in time, or none that can be used: nothing is known of the name."""


def _wire(name: bytes) -> bytes:
    return b"".join(bytes([len(label)]) + label for label in name.split(b".")) + b"\0"


def _any_case(name: bytes) -> bytes:
    """The letters in random case, which a server repeats and a forger has to guess."""
    return bytes(_random.choice((c, c ^ 32)) if chr(c).isalpha() else c for c in name)


class Message:
    """An answer, from whoever sent it: every read is checked."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        piece = self.data[self.at:self.at + size]
        if len(piece) != size:
            raise Unanswered("an answer that is cut off")
        self.at += size
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def name(self) -> bytes:
        """A name in lower case, without a final dot. A label with a dot in it, or anything
        else that no host has, makes a name that HOST does not match."""
        labels: List[bytes] = []
        back, at = None, self.at
        for _ in range(128 + ALIASES_MOST):  # labels and jumps
            self.at = at
            size = self.take(1)[0]
            if size >= 192:
                at = (size & 63) << 8 | self.take(1)[0]
                back = self.at if back is None else back
            elif size == 0:
                self.at = self.at if back is None else back
                return b".".join(labels).lower()
            elif size > 63:
                break
            else:
                labels.append(self.take(size).replace(b".", b"?"))
                at = self.at
        raise Unanswered("an answer with an endless name")


def read_answer(data: bytes, number: int, question: bytes, kind: int) -> Tuple[List[bytes], int]:
    """The data of the records that answer, an address or a name each, and for how many
    seconds they are good."""
    message = Message(data)
    head = struct.unpack(">HHHHHH", message.take(12))
    if head[0] != number or not head[1] & 0x8000 or head[1] & 0x0200 or head[2] != 1:
        raise Unanswered("not an answer, or a part of one")
    if message.take(len(question)) != question:
        raise Unanswered("an answer to another question")
    if head[1] & 15 not in (0, 3):
        raise Unanswered(f"the name server failed: {head[1] & 15}")
    message.at = 12
    wanted, kept, records = message.name(), KEPT_S, []
    message.at = 12 + len(question)
    for _ in range(head[3] if head[1] & 15 == 0 else 0):
        owner = message.name()
        this, group = message.number(), message.number()
        seconds, size = int.from_bytes(message.take(4), "big"), message.number()
        end = message.at + size
        if owner == wanted and group == 1 and this in (kind, CNAME):
            kept = min(kept, seconds)
            value = message.name() if this in (PTR, CNAME) else message.take(size)
            if this == CNAME:
                wanted = value
            else:
                records.append(value)
        message.at = end
    return records, kept if records else min(kept, NONE_KEPT_S)


class _Socket(asyncio.DatagramProtocol):
    """Hands what comes to a queue."""

    def __init__(self) -> None:
        self.queue: "asyncio.Queue[bytes]" = asyncio.Queue(16)

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.queue.full():
            self.queue.put_nowait(data)


class Resolver:
    """Asks one name server, with a socket and so a port of its own for each question."""

    def __init__(self, server: Tuple[str, int], timeout: float = 5.0, questions: int = 100,
                 kept: int = 10000) -> None:
        self.server, self.timeout = server, timeout
        self.places = asyncio.Semaphore(questions)
        self.known, self.silent = Kept(kept), Kept(kept)
        self.running: "Dict[IpAddress, asyncio.Task[Optional[str]]]" = {}

    async def ask(self, name: bytes, kind: int) -> Tuple[List[bytes], int]:
        number = _random.randrange(65536)
        question = _wire(_any_case(name)) + struct.pack(">HH", kind, 1)
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_datagram_endpoint(_Socket,
                                                                  remote_addr=self.server)
        try:
            fault = Unanswered("no answer in time")
            for wait in (1.0, 2.0, 4.0):
                transport.sendto(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question)
                end = loop.time() + wait
                while (left := end - loop.time()) > 0:
                    try:
                        data = await asyncio.wait_for(protocol.queue.get(), left)
                        return read_answer(data, number, question, kind)
                    except asyncio.TimeoutError:
                        break
                    except Unanswered as error:
                        fault = error  # the true answer may come yet
            raise fault
        finally:
            transport.close()

    async def look_up(self, address: IpAddress) -> Optional[str]:
        names, kept = await self.ask(address.reverse_pointer.encode(), PTR)
        found = None
        for name in names[:NAMES_MOST]:
            if len(name) > 253 or not HOST.fullmatch(name):
                continue
            addresses, seconds = await self.ask(name, A if address.version == 4 else AAAA)
            kept = min(kept, seconds)
            if address.packed in addresses:
                found = name.decode("ascii")
                break
        self.known.add(address, found, asyncio.get_running_loop().time() + kept)
        return found

    async def bounded(self, address: IpAddress) -> Optional[str]:
        async with self.places:
            return await self.look_up(address)

    async def name(self, address: IpAddress) -> Optional[str]:
        """The confirmed name of a client, None when it has none. Unanswered when that is
        not to be found out in time. Who asks for one address at once shares one look-up."""
        now = asyncio.get_running_loop().time()
        known = self.known.find(address, now)
        if known is not None:
            return known[0]
        if self.silent.find(address, now):
            raise Unanswered("nor was there an answer a moment ago")
        task = self.running.get(address)
        if task is None:
            task = asyncio.ensure_future(asyncio.wait_for(self.bounded(address), self.timeout))
            self.running[address] = task
            task.add_done_callback(lambda _: self.running.pop(address, None))
        try:
            return await asyncio.shield(task)
        except (Unanswered, asyncio.TimeoutError, OSError) as error:
            self.silent.add(address, None, asyncio.get_running_loop().time() + SILENT_S)
            raise Unanswered(str(error) or "no answer in time") from error


class Kept:
    """What is known of so many addresses at most; whoever was learned first goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: "collections.OrderedDict[IpAddress, Tuple[Optional[str], float]]" = \
            collections.OrderedDict()

    def add(self, address: IpAddress, name: Optional[str], until: float) -> None:
        self.entries.pop(address, None)
        self.entries[address] = (name, until)
        while len(self.entries) > self.most:
            self.entries.popitem(last=False)

    def find(self, address: IpAddress, now: float) -> Optional[Tuple[Optional[str], float]]:
        entry = self.entries.get(address)
        return entry if entry is not None and now < entry[1] else None
