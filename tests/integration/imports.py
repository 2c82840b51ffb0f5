#!/usr/bin/env python3
"""What is imported decides as the original program does: files as people write them, and random ones.

tcp wrappers are asked by their library, of addresses and names, and tcpdmatch of addresses;
xinetd and tcpsvd serve on loopback.
"""
import argparse
import ctypes
import importlib
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, os.pardir, name) for name in ("system", "support")]
runner = importlib.import_module("runner")
servers = importlib.import_module("servers")
imports = importlib.import_module("import")

PORTS = 2000  # one after the other, none of which a client is given: in a network of this test's own


class Wrappers:
    """hosts_ctl() of libwrap, over the files of a folder."""
    def __init__(self, folder, tcpdmatch):
        self.library, self.folder, self.program = ctypes.CDLL("libwrap.so.0"), folder, tcpdmatch
        self.paths = [os.path.join(folder, name).encode() for name in ("hosts.allow", "hosts.deny")]
        for name, path in zip(("hosts_allow_table", "hosts_deny_table"), self.paths):
            ctypes.c_char_p.in_dll(self.library, name).value = path

    def allows(self, address, name):
        return bool(self.library.hosts_ctl(b"sshd", name.encode() or b"unknown", str(address).encode(), b"unknown"))

    def tcpdmatch(self, address):
        told = subprocess.run([self.program, "-d", "sshd", str(address)], cwd=self.folder, capture_output=True,
                              text=True, timeout=60)
        words = [line.split()[1] for line in told.stdout.splitlines() if line.startswith("access:")]
        assert words, (told.stdout, told.stderr)
        return words[-1] == "granted"


def hosts(postern, tcpdmatch, count, seed):
    rng, asked = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        wrappers = Wrappers(folder, tcpdmatch)
        # What runs commands, or sends files, is not asked of the original.
        for number, case in enumerate(imports.Hosts().cases(rng, count)):
            if "spawn" in str(case.files) or "banners" in str(case.files):
                continue
            imports.write(folder, case.files)
            for address in case.edges:
                for name in ["", *case.names]:
                    want = case.reader(address, name)
                    if wrappers.allows(address, name) != want:
                        sys.exit(f"{case.files} {address} {name}: the reader says {want}")
                    asked += 1
            if number % 5 == 0:
                for address in case.edges[:6]:
                    assert wrappers.tcpdmatch(address) == case.reader(address, ""), (case.files, address)
            case.reader = wrappers.allows
            imports.compare(postern, folder, imports.Hosts(), case)
    print(f"hosts.allow: {count} files, {asked} answers of libwrap and tcpdmatch, all alike")


def xinetd(postern, program, count, seed):
    """A service on loopback, whose clients have addresses of 127.0.0.0/8."""
    rng, asked = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(loopback_cases(rng, count)):
            port = PORTS + number
            text = case.files["xinetd.conf"].replace("service telnet\n{", "service telnet\n{\n type = UNLISTED\n"
                f" port = {port}\n socket_type = stream\n protocol = tcp\n wait = no\n user = root\n server = /bin/echo\n"
                " server_args = hello\n flags = NOLIBWRAP")
            text = re.sub(r"service other\n\{.*?\}", "", text, flags=re.S)
            paths = imports.write(folder, {"real.conf": text})
            with subprocess.Popen([program, "-dontfork", "-filelog", folder + "/log", "-pidfile", folder + "/pid", "-f", paths[0]],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
                try:
                    case.reader = lambda a, h, c=case, p=port: greeted(str(a), p)
                    asked += imports.compare(postern, folder, imports.Xinetd(), case)[0]
                finally:
                    running.terminate()
    print(f"xinetd: {count} services, {asked} answers of clients on loopback, all alike")
    assert asked > 5 * count


def greeted(client, port):
    for _ in range(1200):
        with socket.socket() as line:
            line.settimeout(10)
            line.bind((client, 0))
            try:
                line.connect(("127.0.0.1", port))
                return line.recv(10) != b""
            except ConnectionRefusedError:
                time.sleep(0.05)
            except ConnectionResetError:
                return False
    raise AssertionError("xinetd does not serve")


def loopback_cases(rng, count):
    edges = imports.edges_of("127.1.2.3 127.1.2.0/24 127.1.0.0/16 127.2.2.0")
    edges = [a for a in edges if a.version == 4 and a.is_loopback]
    words = ("127.1.2.3", "127.1.2.0", "127.1.0.0", "127.1.{2,3}", "127.1.2.{0,3}", "127.1.2.9/30", "127.0.0.0/15", "0.0.0.0",
             "127.2.2.0/23", "127.1.2.4", "2001:db8::/32")
    for _ in range(count):
        rows = ["\n ".join(f"{name} {sign} {' '.join(rng.sample(words, rng.randrange(4)))}" for name in ("only_from", "no_access")
                           for sign in ("=", "+=") if rng.random() < 0.4) for _ in range(2)]
        text = f"defaults\n{{\n {rows[0]}\n}}\nservice other\n{{\n}}\nservice telnet\n{{\n {rows[1]}\n}}\n"
        yield imports.Case({"xinetd.conf": text}, None, ["--name", "telnet"], edges)


def folder_asked(postern, folder, edges, reader):
    """The folder itself, imported, as tcpsvd follows it."""
    made = subprocess.run([postern, "import", "ipsvd", folder + "/rules"], capture_output=True, text=True, check=True, timeout=60)
    with open(folder + "/folder.rules", "w", encoding="ascii") as out:
        out.write(made.stdout)
    told = subprocess.run([postern, "check", "--batch", folder + "/folder.rules"], input="".join(f"{a}\n" for a in edges),
                          capture_output=True, text=True, check=True, timeout=60)
    for address, line in zip(edges, told.stdout.splitlines(), strict=True):
        assert (line.split("\t")[0] == "allow") == reader(address, ""), (folder, address, made.stdout)
    return len(edges)


def users(postern, tcpdmatch):
    """user@host, as tcpdmatch is asked of one."""
    asked = 0
    with tempfile.TemporaryDirectory() as folder:
        for allow, deny in importlib.import_module("import_written").USERS:
            imports.write(folder, {"hosts.allow": allow, "hosts.deny": deny})
            made = subprocess.run([postern, "import", "hosts.allow", "--daemon", "sshd", folder + "/hosts.allow", folder + "/hosts.deny"],
                                  capture_output=True, text=True, check=True, timeout=60)
            with open(folder + "/users.rules", "w", encoding="ascii") as out:
                out.write(made.stdout)
            for user in ("joe", "root"):
                for address in ("10.1.2.3", "10.9.9.9", "192.0.2.1"):
                    told = subprocess.run([tcpdmatch, "-d", "sshd", f"{user}@{address}"], cwd=folder, capture_output=True, text=True,
                                          check=False, timeout=60)
                    words = [line.split()[1] for line in told.stdout.splitlines() if line.startswith("access:")]
                    ours = subprocess.run([postern, "check", folder + "/users.rules", f"{user}@{address}"], capture_output=True,
                                          text=True, check=True, timeout=60)
                    want, got = words[-1] == "granted", ": allow" in ours.stdout.splitlines()[0]
                    assert want == got or want and "left out" in made.stderr, (allow, deny, user, address, told.stdout, ours.stdout)
                    asked += 1
    print(f"hosts.allow: {asked} answers of tcpdmatch for users, none of them more")


def ipsvd(postern, count, seed):
    """Folders that ipsvd-cdb compiles, and tcpsvd serves by on loopback."""
    rng, asked = random.Random(seed), 0
    keys = ("127", "127.1", "127.1.2", "127.1.2.3", "127.1.2.4", "127.2", "0")
    edges = [a for a in imports.edges_of("127.1.2.3 127.1.2.0/24 127.1.0.0/16 127.2.2.0") if a.version == 4 and a.is_loopback]
    for number in range(count):
        rules = {key: rng.choice((None, "", "+A=1", "C9")) for key in keys if rng.random() < 0.4}
        with tempfile.TemporaryDirectory() as folder:
            port = PORTS + number
            os.mkdir(folder + "/rules")
            for key, text in rules.items():
                imports.write(folder + "/rules", {key: text or ""})
                os.chmod(f"{folder}/rules/{key}", 0 if text is None else 0o644)
            subprocess.run(["ipsvd-cdb", "c.cdb", "c.tmp", "rules"], cwd=folder, check=True, timeout=60)
            with open(folder + "/c.cdb", encoding="latin-1", newline="") as made:
                case = imports.Case({"c.cdb": made.read()}, None, (), edges)
            where = ["-i", folder + "/rules"] if rules and number % 2 else ["-x", folder + "/c.cdb"]
            with subprocess.Popen(["tcpsvd", "-l", "here", *where, "127.0.0.1", str(port), "/bin/echo", "hello"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
                try:
                    case.reader = lambda a, h, p=port: greeted(str(a), p)
                    asked += imports.compare(postern, folder, imports.Ipsvd(), case)[0]
                    if rules:
                        asked += folder_asked(postern, folder, edges, case.reader)
                finally:
                    running.terminate()
    print(f"ipsvd: {count} folders, {asked} answers of clients on loopback, all alike")
    assert asked > 5 * count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--tcpdmatch", default="tcpdmatch", type=runner.program)
    parser.add_argument("--xinetd", default="xinetd", type=runner.program)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    if os.geteuid() or not servers.isolate():
        return 77
    ipsvd(postern, args.count // 5, args.seed)
    xinetd(postern, args.xinetd, args.count // 5, args.seed)
    hosts(postern, args.tcpdmatch, args.count, args.seed)
    users(postern, args.tcpdmatch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
