"""examples/libevent, built by the command of the page, and again under AddressSanitizer."""
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import servers as S

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FRIENDS = ('postern: 1\n127.9.0.0/16 : block, reject "not you\\r\\n"\n'
           '127.8.0.0/16 : allow, ROLE="near"\n127.7.0.0/16 : allow, limit 3\n'
           '2001:db8:9::/48 : block\n=.friend.example : allow, ROLE="friend", X="1"\n* : deny\n')
GREETING = b"hello\r\nROLE=friend\r\nX=1\r\n"
PATIENCE = 20


def reverse(address):
    return ipaddress.ip_address(address).reverse_pointer


def names(**known):
    """What a name server says of addresses: of each its name, and where that name leads."""
    answers = {}
    for address, name, leads in known.values():
        answers[(reverse(address), S.PTR)] = [S.ptr(name)]
        for each in leads:
            kind = S.AAAA if ":" in each else S.A
            answers.setdefault((name.lower().rstrip("."), kind), []).append(S.address(each))
    return answers


KNOWN = names(true=("127.0.0.5", "a.friend.example", ["127.0.0.1", "127.0.0.5"]),
              capital=("127.0.0.6", "B.Friend.Example", ["127.0.0.6"]),
              liar=("127.0.0.7", "c.friend.example", ["127.0.0.8"]),
              nowhere=("127.0.0.8", "d.friend.example", []),
              stranger=("127.0.0.9", "a.strange.example", ["127.0.0.9"]),
              odd=("127.0.0.10", "a b\x1b[2J.friend.example", ["127.0.0.10"]),
              six=("2001:db8::5", "six.friend.example", ["2001:db8::5"]),
              six_liar=("2001:db8::6", "liar.friend.example", ["2001:db8::7"]))


class Server:
    def __init__(self, setting, folder, rules=FRIENDS, sanitize=False):
        self.setting, self.folder = setting, folder
        self.cdb = setting.compile(rules, os.path.join(folder, "rules.cdb"))
        shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(folder, "examples"))
        command = setting.command("cc -o server ")
        setting.run(command + (" -g -fsanitize=address,undefined" if sanitize else ""), folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [os.path.join(folder, "server"), "-n", "127.0.0.1:53", self.cdb,
             f"[::]:{self.port}"], stdout=subprocess.PIPE, stderr=self.log, env=setting.env,
            text=True)
        assert self.process.stdout.readline() == "ready\n", self.said()
        self.lines = []
        threading.Thread(target=self.gather, daemon=True).start()

    def gather(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def connect(self, source):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        client = socket.socket(family)
        client.settimeout(PATIENCE)
        client.bind((source, 0))
        client.connect(("::1" if ":" in source else "127.0.0.1", self.port))
        return client

    def visit(self, source, send=b""):
        """All that a client is told, who ends its side at once."""
        with self.connect(source) as client:
            told = b""
            try:
                client.sendall(send)
                client.shutdown(socket.SHUT_WR)
                while piece := client.recv(65536):
                    told += piece
            except (ConnectionResetError, BrokenPipeError):
                pass  # it was refused before it had ended its side
            return told

    def replace(self, text):
        self.setting.compile(text, self.cdb)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        said = self.said()
        self.process.stdout.close()
        self.log.close()
        assert kind or status == 0 and "Sanitizer" not in said, (status, said)


def tests(setting):
    def libevent_names(folder):
        with S.Dns(KNOWN) as dns, Server(setting, folder, sanitize=True) as server:
            assert server.visit("127.8.0.1", b"x\r\n") == b"hello\r\nROLE=near\r\nx\r\n"
            assert server.visit("127.9.0.1", b"x" * 9999) == b"not you\r\n"
            assert server.visit("2001:db8:9::1") == b""
            assert dns.asked == [], dns.asked  # whom no name helps is not looked up
            for source in ("127.0.0.5", "127.0.0.6", "2001:db8::5"):
                assert server.visit(source) == GREETING, source
            for source in ("127.0.0.7", "127.0.0.8", "127.0.0.9", "127.0.0.10", "127.0.0.11",
                           "2001:db8::6", "2001:db8::7"):
                assert server.visit(source) == b"", source
            assert (reverse("127.0.0.5"), S.PTR) in dns.asked, dns.asked
            assert ("c.friend.example", S.A) in dns.asked, dns.asked
            assert not any("\x1b" in name for name, _ in dns.asked), dns.asked
            # what a rule asks for and this server does not do
            assert server.visit("127.7.0.1") == b""
            assert "a limit or a rate" in server.said()

    def libevent_name_servers_that_fail(folder):
        answers = {(reverse("127.0.0.5"), S.PTR): None,
                   (reverse("127.0.0.6"), S.PTR): b"\x81\x80\0\1\0\xff\0\0\0\0garbage",
                   (reverse("127.0.0.12"), S.PTR): "failure",
                   (reverse("127.0.0.13"), S.PTR): [S.ptr("m.friend.example")],
                   ("m.friend.example", S.A): None}
        with S.Dns(answers), Server(setting, folder, sanitize=True) as server:
            start = time.monotonic()
            told = {}

            def ask(source):
                told[source] = server.visit(source)

            threads = [threading.Thread(target=ask, args=(f"127.0.0.{n}",))
                       for n in (5, 6, 12, 13)]
            for thread in threads:
                thread.start()
            assert server.visit("127.8.0.1")[:5] == b"hello"  # nobody waits for them
            assert time.monotonic() - start < 3
            for thread in threads:
                thread.join()
            assert set(told.values()) == {b""}, told
            assert time.monotonic() - start < 15

    def libevent_rules_that_change(folder):
        with S.Dns({}), Server(setting, folder, sanitize=True) as server:
            assert server.visit("127.8.0.1")[:5] == b"hello"
            held = server.connect("127.8.0.2")
            assert held.recv(100)[:5] == b"hello"
            server.replace("127.8.:deny\n:allow\n")
            assert server.visit("127.8.0.1") == b""
            assert server.visit("127.6.0.1") == b"hello\r\n"
            for damage in (b"", b"damage" * 1000, None):
                os.remove(server.cdb)
                if damage is not None:
                    with open(server.cdb, "wb") as out:
                        out.write(damage)
                assert server.visit("127.6.0.1") == b"", damage
            assert "not a compiled rule file" in server.said(), server.said()
            assert "No such file" in server.said()
            server.replace(":allow,A=\"1\"\n")
            assert server.visit("127.6.0.1") == b"hello\r\nA=1\r\n"
            held.sendall(b"yet\r\n")
            assert held.recv(100) in (b"yet\r\n", b"ROLE=near\r\n", b"ROLE=near\r\nyet\r\n")
            held.close()
            # the timer reads what is replaced, and says what is wrong, without any client
            before = server.said().count("not a compiled")
            with open(server.cdb, "wb") as out:
                out.write(b"damage")
            until = time.monotonic() + PATIENCE
            while server.said().count("not a compiled") == before:
                assert time.monotonic() < until, server.said()
                time.sleep(.05)

    def libevent_slow_clients(folder):
        with S.Dns({}), Server(setting, folder, ":allow\n") as server:
            start = time.monotonic()
            silent = server.connect("127.0.0.20")
            greedy = server.connect("127.0.0.21")
            greedy.settimeout(2)
            sent = 0
            try:
                while sent < 100 << 20:  # it is told all of it, and reads nothing
                    sent += greedy.send(b"x" * 65536)
            except TimeoutError:
                pass
            assert sent < 50 << 20, sent
            with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
                size = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
            assert size < 40 << 10, size
            assert server.visit("127.0.0.22") == b"hello\r\n"
            silent.settimeout(60)
            assert silent.recv(100) == b"hello\r\n"
            assert silent.recv(100) == b""  # it was silent for too long
            assert 25 < time.monotonic() - start < 55
            greedy.close()
            silent.close()

    def libevent_more_clients_than_places(folder):
        with S.Dns({}), Server(setting, folder, ":allow\n") as server:
            crowd = [server.connect(f"127.0.1.{n % 250 + 1}") for n in range(500)]
            for client in crowd:
                assert client.recv(100) == b"hello\r\n"
            last = server.connect("127.0.0.22")
            last.settimeout(.5)
            try:
                assert last.recv(100) is None
            except TimeoutError:
                pass
            crowd.pop().close()
            last.settimeout(PATIENCE)
            assert last.recv(100) == b"hello\r\n"
            for client in crowd:
                client.close()
            last.close()

    def libevent_bad_arguments(folder):
        with S.Dns({}), Server(setting, folder, ":allow\n") as server:
            for words, want in (([], "usage"), (["x"], "usage"),
                                (["x.cdb", "nonsense"], "not an address and a port"),
                                (["x.cdb", f"127.0.0.1:{server.port}"], "Address already"),
                                (["-n", "nonsense", "x.cdb", "127.0.0.1:0"], "nonsense: not to be used")):
                done = subprocess.run([os.path.join(folder, "server"), *words], text=True,
                                      env=setting.env, capture_output=True, check=False,
                                      timeout=PATIENCE)
                assert done.returncode in (1, 2) and want in done.stderr, (words, done)

    return [libevent_names, libevent_name_servers_that_fail, libevent_rules_that_change,
            libevent_slow_clients, libevent_more_clients_than_places, libevent_bad_arguments]


if __name__ == "__main__":
    sys.exit("a module of the tests")
