#!/usr/bin/env python3
"""udpserver -w beside xinetd's wait and udpsvd: who is answered, by how many programs, in what
order, with one program that takes the socket from descriptor 0. On loopback."""
import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import runner  # noqa: E402
import servers  # noqa: E402

PROGRAM = """
import os, socket
s = socket.socket(fileno=0)
for _ in range({count}):
    d, a = s.recvfrom(70000)
    s.sendto(b"%d " % os.getpid() + d, a)
"""
XINETD = """service asked
{{
 type = UNLISTED
 socket_type = dgram
 protocol = udp
 port = {port}
 wait = yes
 user = {user}
 bind = 127.0.0.1
 no_access = 127.0.0.9
 server = {python}
 server_args = -ISB {program}
 instances = UNLIMITED
 cps = 100000 1
}}
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def commands(args, folder, count):
    """Each server's command line for a port, with the rule that 127.0.0.9 is denied."""
    program = os.path.join(folder, f"program{count}")
    with open(program, "w", encoding="ascii") as f:
        f.write(PROGRAM.format(count=count))
    run = [sys.executable, "-ISB", program]
    cdb = os.path.join(folder, "rules.cdb")
    subprocess.run([os.path.join(args.bin, "tcprules"), cdb, cdb + ".tmp"],
                   input=b"127.0.0.9:deny\n:allow\n", check=True)
    instructions = os.path.join(folder, "instructions")
    os.makedirs(instructions, exist_ok=True)
    for name, mode in (("127.0.0.9", 0), ("0", 0o644)):  # ipsvd: the mode denies or allows
        with open(os.path.join(instructions, name), "w", encoding="ascii"):
            pass
        os.chmod(os.path.join(instructions, name), mode)

    def xinetd(port):
        config = os.path.join(folder, "xinetd.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(XINETD.format(port=port, python=os.path.realpath(sys.executable),
                                  program=program, user=os.environ.get("USER", "root")))
        return [args.xinetd, "-f", config, "-dontfork", "-pidfile",
                os.path.join(folder, "pid"), "-filelog", os.path.join(folder, "log")]

    return {"udpserver": lambda port: [os.path.join(args.bin, "udpserver"), "-Hl0", "-x", cdb,
                                       "127.0.0.1", str(port), *run],
            "xinetd": xinetd,
            "udpsvd": lambda port: ["udpsvd", "-l", "here", "-i", instructions, "127.0.0.1", str(port), *run]}


class Service:
    """One of them at a port of its own, once it serves."""

    def __init__(self, command):
        self.port = free_port()
        self.process = subprocess.Popen(command(self.port), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.sources = {}
        until = time.monotonic() + 20
        while not self.is_bound():
            assert time.monotonic() < until and self.process.poll() is None, "it does not serve"
            time.sleep(0.05)

    def is_bound(self):
        with open("/proc/net/udp", encoding="ascii") as f:
            return f":{self.port:04X} " in f.read()

    def source(self, address):
        if address not in self.sources:
            found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            found.bind((address, 0))
            found.connect(("127.0.0.1", self.port))
            found.settimeout(20)
            self.sources[address] = found
        return self.sources[address]

    def send(self, address, data):
        self.source(address).send(data)

    def receive(self, address):
        pid, _, data = self.source(address).recv(70000).partition(b" ")
        return int(pid), data

    def ask(self, address, data):
        """As a client of UDP does: again where no answer comes. xinetd loses a datagram that
        comes while its program ends."""
        self.source(address).settimeout(1)
        for _ in range(20):
            self.send(address, data)
            with contextlib.suppress(TimeoutError):
                return self.receive(address)
        raise TimeoutError(address)

    def hears_nothing(self, address):
        self.source(address).settimeout(0)
        with contextlib.suppress(BlockingIOError):
            return self.source(address).recv(70000)
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        for source in self.sources.values():
            source.close()


def one_each(service):
    """Programs that serve a datagram and end: one after the other, each answered in order."""
    said, pids = [], set()
    for number in range(5):
        address = f"127.0.0.{number + 1}"
        pid, data = service.ask(address, b"q%d" % number)
        said.append(data)
        pids.add(pid)
    return said, len(pids)


def three_each(service):
    """A program reads what comes while it runs, whoever sends it."""
    first, _ = service.ask("127.0.0.1", b"a")
    second, data = service.ask("127.0.0.2", b"b")
    third, _ = service.ask("127.0.0.1", b"c")
    fourth, _ = service.ask("127.0.0.3", b"d")
    for address in ("127.0.0.3", "127.0.0.1"):  # so that it ends
        service.ask(address, b"e")
    return data, first == second == third, fourth == first


def denied_before_allowed(service):
    """Who is denied starts no program, and the one behind is answered."""
    for number in range(20):
        service.send("127.0.0.9", b"%d" % number)
    return service.ask("127.0.0.5", b"in")[1], service.hears_nothing("127.0.0.9")


def large_and_empty(service):
    said = []
    for size in (0, 9000, 65000):
        said.append(len(service.ask("127.0.0.1", b"x" * size)[1]))
    return said


CASES = ((one_each, 1), (three_each, 3), (denied_before_allowed, 1), (large_and_empty, 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--xinetd", default="xinetd", type=runner.program)
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    if os.geteuid() or not servers.isolate():
        return 77
    failed = 0
    for case, count in CASES:
        seen = {}
        for name in ("udpserver", "xinetd", "udpsvd"):
            with tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o755)
                try:
                    with Service(commands(args, folder, count)[name]) as service:
                        seen[name] = case(service)
                except (AssertionError, TimeoutError) as problem:
                    seen[name] = repr(problem)
        alike = all(seen[name] == seen["udpserver"] for name in seen)
        failed += not alike or isinstance(seen["udpserver"], str)
        print(f"{case.__name__}: {'alike' if alike else 'DIFFERENT'} {seen if not alike else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
