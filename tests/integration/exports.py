#!/usr/bin/env python3
"""What `postern export` writes is loaded by the real programs, and asked there.

Policies with holes, and random ones, are exported to nft, ipset, iptables, haproxy, nginx, postfix
and libwrap. Each program is asked of the addresses on both sides of every edge, and of random ones,
and has to say what `check --batch` says. nft and iptables are asked by packets over a veth pair too.
What this machine cannot run is named, and the end is 77 then.
"""
import argparse
import ipaddress
import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE, os.path.join(HERE, "..", "system")]
import export as E  # noqa: E402  (tests/system/export.py)
import haproxy as H  # noqa: E402
import servers as S  # noqa: E402

PATIENCE = 60
LIBRARIES = ("libnftables1", "libnftnl11", "libmnl0", "libipset13", "libip4tc2", "libip6tc2",
             "libxtables12")
POLICIES = {
    "holes": """set drop = 10.0.0.0/8, 192.0.2.0/24, 2001:db8::/32, 203.0.113.7
set office = 10.1.0.0/16, 10.200.3.4-10.200.9.1, 2001:db8:1::/48, 2001:db8:2::5
$drop except $office : deny
* : allow
""",
    "only": """10.1.0.0/16, 2001:db8:1::/48, 192.0.2.9 : allow
10.1.3.0/24, 2001:db8:1:3::/64 : deny
* : deny
""",
    "all denied": "* : deny\n",
    "all allowed": "* : allow\n",
    "one family": "0.0.0.0/0 : deny\n::/0 : allow\n* : allow\n",
    "other family": "0.0.0.0/0 : allow\n::/0 : deny\n* : deny\n",
    "ends": """0.0.0.0, 255.255.255.255, ::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : deny
0.0.0.0/1, 8000::/1 : deny
1.0.0.0-2.255.255.254, ::1-::3 : deny
* : allow
""",
    "forms": """::1.2.3.4, 64:ff9b::/96, 2002:c000:204::/48, fe80::/10, 2001:db8:0:1::, 1:0:0:2:0:0:0:3 : deny
100::/64, 2001:db8:0:0:1::/80 : deny
1.2.3.4, 127.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4 : deny
* : allow
""",
}
MAPPED = "::ffff:"
# inet_addr() says -1 for it and for a mistake: nginx and libwrap know no such client.
NOBODY = ipaddress.IPv4Address("255.255.255.255")


class Unavailable(Exception):
    """This machine cannot run it, and why."""


def run(*words, text=None, env=None, cwd=None):
    return subprocess.run(words, input=text, capture_output=True, text=True, timeout=300, env=env,
                          cwd=cwd, check=False)


def must(*words, **more):
    done = run(*words, **more)
    assert done.returncode == 0, (words, done.stderr[-2000:], done.stdout[-500:])
    return done.stdout


def edges_of(text):
    """The addresses on both sides of every edge of what a policy names."""
    edges = []
    for word in text.replace(",", " ").split():
        try:
            low, high = (map(ipaddress.ip_address, word.split("-")) if "-" in word else
                         (lambda n: (n[0], n[-1]))(ipaddress.ip_network(word)))
        except ValueError:
            continue
        for edge in (low, high):
            near = (int(edge) - 1, int(edge), int(edge) + 1)
            edges += [type(edge)(n) for n in near if 0 <= n < 1 << edge.max_prefixlen]
    return edges


class Programs:
    """Where the programs lie, and how those are started that were only unpacked."""

    def __init__(self, originals):
        self.originals = os.path.abspath(originals)
        here = [f"{self.originals}/{p}/usr/lib/x86_64-linux-gnu" for p in LIBRARIES]
        self.env = {**os.environ, "LD_LIBRARY_PATH": ":".join(
            [*here, f"{self.originals}/postfix/usr/lib/postfix"]),
            "XTABLES_LIBDIR": f"{self.originals}/iptables/usr/lib/x86_64-linux-gnu/xtables"}

    def path(self, package, name):
        path = os.path.join(self.originals, package, "usr/sbin", name)
        if not os.path.exists(path):
            raise Unavailable(f"{package} is not unpacked in {self.originals}")
        return path

    def do(self, package, name, *words, text=None):
        return run(self.path(package, name), *words, text=text, env=self.env)

    def nft(self, *words, text=None):
        done = self.do("nftables", "nft", *words, text=text)
        assert done.returncode == 0, (words, done.stderr[-2000:], (text or "")[:500])
        return done.stdout


class Wire:
    """A veth pair: frames with any source are sent at one end, and come in at the other."""

    def __init__(self):
        done = run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        if done.returncode:
            raise Unavailable("no veth pair to be had: " + done.stderr.strip())
        with open("/proc/sys/net/ipv4/conf/all/rp_filter", "w", encoding="ascii") as out:
            out.write("0")
        for name in ("veth0", "veth1"):
            with open(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", "w", encoding="ascii") as out:
                out.write("0")
            must("ip", "link", "set", name, "up")
        must("ip", "addr", "add", "198.18.0.1/32", "dev", "veth1")
        must("ip", "-6", "addr", "add", "2001:2::1/128", "dev", "veth1", "nodad")
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(("veth0", 0))
        self.to = bytes.fromhex(self.told()["address"].replace(":", ""))
        H.settle(self.is_up, "the veth pair does not come up")

    @staticmethod
    def told():
        return json.loads(must("ip", "-j", "link", "show", "veth1"))[0]

    def is_up(self):
        return self.told()["operstate"] == "UP"

    @staticmethod
    def can_carry(a, routed=False):
        """Linux drops some sources of IPv6 before any table of packets sees them, and some more of
        IPv4 when it looks for the route."""
        if a.version == 6:
            return not (a.is_multicast or a.is_loopback or a.ipv4_mapped
                        or routed and (a.is_unspecified or str(a) == "2001:2::1"))
        return not routed or not (a.is_multicast or a.is_loopback or int(a) == 0xFFFFFFFF
                                  or int(a) >> 24 == 0 or str(a) == "198.18.0.1")

    def send(self, a, port=9):
        data = struct.pack("!HHHH", 9, port, 8, 0)  # UDP without a checksum
        if a.version == 4:
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 9, 17, 0, a.packed,
                               socket.inet_aton("198.18.0.1"))
            total = sum(struct.unpack("!10H", head))
            total = (total & 0xFFFF) + (total >> 16)
            head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]
            kind = 0x0800
        else:
            head = struct.pack("!IHBB16s16s", 6 << 28, 8, 17, 9, a.packed,
                               socket.inet_pton(socket.AF_INET6, "2001:2::1"))
            kind = 0x86DD
        self.socket.send(self.to + b"\2\0\0\0\0\1" + struct.pack("!H", kind) + head + data)


def nft_set(programs, table, name):
    told = json.loads(programs.nft("-j", "list", "set", *table, name))
    found = [item["set"] for item in told["nftables"] if "set" in item][0].get("elem", [])
    return {ipaddress.ip_address(e["elem"]["val"] if isinstance(e, dict) else e) for e in found}


SEEN = """add set inet filter seen4 { type ipv4_addr; flags dynamic; size 100000; }
add set inet filter seen6 { type ipv6_addr; flags dynamic; size 100000; }
add chain inet filter first { type filter hook prerouting priority -300; }
add rule inet filter first iifname veth1 jump postern
add rule inet filter first iifname veth1 ip saddr != 0.0.0.0/32 add @seen4 { ip saddr }
add rule inet filter first iifname veth1 ip saddr 0.0.0.0/32 add @seen4 { ip saddr }
add rule inet filter first iifname veth1 ip6 saddr ::/0 add @seen6 { ip6 saddr }
"""


class Nftables:
    target = "nftables"

    def saved(self):
        """What is imported again: the chain as nft lists it."""
        return self.programs.nft("-j", "list", "ruleset"), ("--name", "postern")

    def __init__(self, programs, _):
        self.programs, self.wire = programs, Wire()
        done = programs.do("nftables", "nft", "list", "ruleset")
        if done.returncode:
            raise Unavailable("nft: " + done.stderr.strip())

    def allowed(self, path, asked):
        nft = self.programs.nft
        nft("flush ruleset")
        nft("-c", "-f", path)
        nft("-f", path)
        nft("-f", path)  # again: it replaces what is there
        nft("-f", "-", text=SEEN)
        sent = [a for a in asked if self.wire.can_carry(a)]
        for a in sent:
            self.wire.send(a)
        time.sleep(0.05)
        seen = set()
        for family in (4, 6):
            seen |= nft_set(self.programs, ("inet", "filter"), f"seen{family}")
        answers = {a: a in seen for a in sent}
        for a in asked:
            if a not in answers:
                done = self.programs.do("nftables", "nft", "get", "element", "inet", "filter",
                                        f"postern_denied{a.version}", "{ " + str(a) + " }")
                answers[a] = done.returncode != 0
        return answers


class Ipset:
    target = "ipset"

    def saved(self):
        return "".join(self.programs.do("ipset", "ipset", "save", f"postern{family}").stdout
                       for family in (4, 6)), ()

    def __init__(self, programs, _):
        self.programs = programs
        done = programs.do("ipset", "ipset", "list", "-n")
        if done.returncode:
            raise Unavailable("ipset: " + done.stderr.strip())

    def load(self, path):
        for _ in range(2):  # again: it replaces what is there
            with open(path, encoding="ascii") as f:
                done = self.programs.do("ipset", "ipset", "restore", text=f.read())
            assert done.returncode == 0, done.stderr

    def allowed(self, path, asked):
        self.load(path)
        return {a: self.programs.do("ipset", "ipset", "-q", "test", f"postern{a.version}",
                                    str(a)).returncode != 0 for a in asked}


class Iptables:
    """The chain, over the sets of ipset, in both the tools' ways."""
    target = "iptables-restore"

    def __init__(self, programs, _):
        self.programs, self.ipset = programs, Ipset(programs, None)
        self.wire = WIRES[0] if WIRES else Wire()
        must(programs.path("ipset", "ipset"), "-exist", "create", "seen4", "hash:ip",
             "family", "inet", env=programs.env)
        must(programs.path("ipset", "ipset"), "-exist", "create", "seen6", "hash:ip",
             "family", "inet6", env=programs.env)

    def tables(self, family, *words, text=None):
        six = "6" if family == 6 else ""
        done = self.programs.do("iptables", "xtables-nft-multi", f"ip{six}tables{words[0]}",
                                *words[1:], text=text)
        assert done.returncode == 0, (words, done.stderr)

    def allowed(self, path, asked):
        self.ipset.load(path.replace(self.target, "ipset"))
        for family in (4, 6):
            self.tables(family, "", "-F")
            self.tables(family, "", "-X")
            self.tables(family, "-restore", "--noflush",
                        text=export(ARGS.policy, self.target, "--family", str(family)))
            for words in (("-j", "postern"), ("-j", "SET", "--add-set", f"seen{family}", "src")):
                self.tables(family, "", "-A", "INPUT", "-i", "veth1", *words)
            must(self.programs.path("ipset", "ipset"), "flush", f"seen{family}",
                 env=self.programs.env)
        sent = [a for a in asked if self.wire.can_carry(a, routed=True)]
        for a in sent:
            self.wire.send(a)
        time.sleep(0.05)
        seen = set()
        for family in (4, 6):
            told = must(self.programs.path("ipset", "ipset"), "save", f"seen{family}",
                        env=self.programs.env)
            seen |= {ipaddress.ip_address(line.split()[2]) for line in told.splitlines()
                     if line.startswith("add ")}
        return {a: a in seen for a in sent}


class Haproxy:
    """A client by the PROXY protocol, and the map's word as the page."""
    target, mapped = "haproxy", True

    def __init__(self, programs, folder):
        self.binary, self.folder = programs.path("haproxy", "haproxy"), folder

    @staticmethod
    def ask(a):
        with socket.create_connection(("127.0.0.1", 2500), PATIENCE) as door:
            other = "127.0.0.1" if a.version == 4 else "::1"
            door.sendall(f"PROXY TCP{a.version} {a} {other} 5 6\r\n"
                         "GET / HTTP/1.0\r\n\r\n".encode())
            return H.read(door).rsplit(b"\r\n", 1)[-1].decode()

    def allowed(self, path, asked):
        text = ("frontend one\n    bind 127.0.0.1:2500 accept-proxy\n    mode http\n"
                "    option httplog\n"
                f"    http-request return status 200 content-type text/plain lf-string "
                f"\"%[src,map_ip({path},none)]\"\n")
        with H.Haproxy(self.binary, self.folder, text):
            told = {a: self.ask(a) for a in asked}
        assert set(told.values()) <= {"allow", "deny"}, set(told.values())
        return {a: word == "allow" for a, word in told.items()}


class Nginx:
    """A client by PROXY, or named in X-Forwarded-For by a proxy that is believed."""
    target, mapped = "nginx", True

    def __init__(self, programs, folder):
        self.binary, self.folder = programs.path("nginx", "nginx"), folder

    def config(self, path):
        folder = self.folder
        temp = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        server = ('set_real_ip_from 127.0.0.1; real_ip_header %s; location / '
                  '{ default_type text/plain; return 200 "$postern"; } }\n')
        text = (f"user root; daemon off; master_process off; pid {folder}/pid; "
                f"error_log {folder}/errors;\nevents {{ worker_connections 64; }}\n"
                f"http {{ access_log off; keepalive_requests 1000000; {temp}\ninclude {path};\n"
                "server { listen 127.0.0.1:2600 proxy_protocol; " + server % "proxy_protocol" +
                "server { listen 127.0.0.1:2601; " + server % "X-Forwarded-For" + "}\n")
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="ascii") as out:
            out.write(text)
        return ["-p", folder, "-c", os.path.join(folder, "nginx.conf"), "-e", f"{folder}/early"]

    def by_proxy(self, a):
        with socket.create_connection(("127.0.0.1", 2600), PATIENCE) as door:
            other = "127.0.0.1" if a.version == 4 else "::1"
            door.sendall(f"PROXY TCP{a.version} {a} {other} 5 6\r\n"
                         "GET / HTTP/1.0\r\n\r\n".encode())
            return H.read(door).rsplit(b"\r\n", 1)[-1].decode()

    def by_header(self, asked):
        told = {}
        with socket.create_connection(("127.0.0.1", 2601), PATIENCE) as door:
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = door.makefile("rb")
            for a in asked:
                door.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {a}\r\n\r\n".encode())
                length = 0
                while (line := stream.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                told[a] = stream.read(length).decode()
        return told

    def allowed(self, path, asked):
        asked = [a for a in asked if NOBODY not in (a, getattr(a, "ipv4_mapped", None))]
        words = [self.binary, *self.config(path)]
        done = run(*words, "-t")
        assert done.returncode == 0 and "warn" not in done.stderr, done.stderr
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            try:
                H.settle(self.is_there, "nginx does not come up")
                told = self.by_header(asked)
                for a in asked:
                    assert (word := self.by_proxy(a)) == told[a], (a, word, told[a])
            finally:
                server.terminate()
        assert set(told.values()) <= {"allow", "deny"}, set(told.values())
        return {a: word == "allow" for a, word in told.items()}

    @staticmethod
    def is_there():
        try:
            socket.create_connection(("127.0.0.1", 2601), PATIENCE).close()
            return True
        except OSError:
            return False


class Postfix:
    target = "postfix"

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, os.path.join(folder, "postfix")
        programs.path("postfix", "postmap")
        os.mkdir(self.folder)
        with open(os.path.join(self.folder, "main.cf"), "w", encoding="ascii") as out:
            out.write(f"compatibility_level = 3.6\nqueue_directory = {self.folder}\n"
                      f"data_directory = {self.folder}\ninet_protocols = all\nmyhostname = a.test\n"
                      "mail_owner = daemon\nsetgid_group = games\n")

    def allowed(self, path, asked):
        done = self.programs.do("postfix", "postmap", "-c", self.folder, "-q", "-", "cidr:" + path,
                                text="".join(f"{a}\n" for a in asked))
        assert done.returncode in (0, 1) and not done.stderr, done.stderr
        found = {}
        for line in done.stdout.splitlines():
            key, verdict = line.split("\t")
            assert verdict == "REJECT", line
            found[key] = True
        return {a: str(a) not in found for a in asked}


class Libwrap:
    target = "hosts.allow"

    def __init__(self, programs, folder):
        self.binary = programs.path("tcpd", "tcpdmatch")
        self.folder = os.path.join(folder, "tcpd")
        os.mkdir(self.folder)
        for name, text in (("inetd.conf", "smtp stream tcp nowait root /bin/true smtpd\n"),
                           ("hosts.deny", "")):
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as out:
                out.write(text)

    def allowed(self, path, asked):
        with open(path, encoding="ascii") as source, \
                open(os.path.join(self.folder, "hosts.allow"), "w", encoding="ascii") as out:
            out.write(source.read())
        told = {}
        for a in asked:
            if a == NOBODY:
                continue
            done = run(self.binary, "-d", "-i", os.path.join(self.folder, "inetd.conf"),
                       "smtpd", str(a), cwd=self.folder)
            words = [line.split()[1] for line in done.stdout.splitlines()
                     if line.startswith("access:")]
            assert len(words) == 1, (a, done.stdout, done.stderr)
            told[a] = words[0] == "granted"
        return told


TARGETS = (Nftables, Ipset, Iptables, Haproxy, Nginx, Postfix, Libwrap)
WIRES, ARGS = [], None


def export(path, target, *words):
    return must(os.path.join(ARGS.bin, "postern"), "export", target, *words, path)


def import_again(peer, path, folder):
    """What the program has now, as a policy, decides as the one that it was made of."""
    words, again = (), os.path.join(folder, "again.rules")
    if hasattr(peer, "saved"):
        path += ".saved"
        text, words = peer.saved()
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
    postern = os.path.join(ARGS.bin, "postern")
    with open(again, "w", encoding="ascii") as out:
        out.write(must(postern, "import", peer.target, path, *words))
    done = run(postern, "diff", ARGS.policy, again)
    only_nobody = done.stdout.count("1 address") == 2 and f"1 address: {NOBODY}" in done.stdout
    if done.returncode and not (peer.target == "nginx" and only_nobody):
        sys.exit(f"{peer.target}, imported again, differs:\n{done.stdout}{done.stderr}")


def compare(peers, folder, name, text, asked, most):
    """Each peer is asked; how many answers were compared, by target."""
    ARGS.policy = os.path.join(folder, "a.rules")
    with open(ARGS.policy, "w", encoding="ascii") as out:
        out.write(text)
    mapped = [ipaddress.IPv6Address(f"{MAPPED}{a}") for a in asked if a.version == 4][:most // 4]
    asked = [a for a in dict.fromkeys(asked) if not (a.version == 6 and a.ipv4_mapped)][:most]
    want = dict(zip([*asked, *mapped],
                    E.answers(os.path.join(ARGS.bin, "postern"), ARGS.policy, [*asked, *mapped])))
    checks = {}
    for peer in peers:
        path = os.path.join(folder, "export." + peer.target)
        with open(path, "w", encoding="ascii") as out:
            out.write(export(ARGS.policy, peer.target))
        more = mapped if getattr(peer, "mapped", False) else []
        told = peer.allowed(path, [*asked, *more])
        for a, got in told.items():
            if got != want[a]:
                sys.exit(f"{name}:\n{text}{peer.target}: {a} is {'allowed' if got else 'denied'} "
                         f"there, and is not here\n" + export(ARGS.policy, peer.target)[:2000])
        checks[peer.target] = len(told)
        if peer.target not in ("iptables-restore", "hosts.allow"):
            import_again(peer, path, folder)
    return checks


def main():
    global ARGS  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=12, help="random policies")
    parser.add_argument("--most", type=int, default=120, help="addresses of each policy")
    parser.add_argument("--seed", type=int, default=1)
    ARGS = parser.parse_args()
    rng, peers, skipped = random.Random(ARGS.seed), [], []
    isolated = os.geteuid() == 0 and S.isolate()
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(ARGS.originals)
        for kind in TARGETS:
            try:
                if not isolated and kind in (Nftables, Ipset, Iptables):
                    raise Unavailable("it wants a network namespace, and to be root in it")
                peers.append(kind(programs, folder))
                if kind is Nftables:
                    WIRES.append(peers[-1].wire)
            except Unavailable as why:
                skipped.append(kind.target)
                print(f"SKIPPED: {kind.target}: {why}")
        total = {}
        cases = [(name, "postern: 1\n" + text, edges_of(text)) for name, text in POLICIES.items()]
        for number in range(ARGS.count):
            policies = E.Policies(rng)
            text = policies.make(False)
            cases.append((f"random {number}", text, policies.edges))
        for name, text, edges in cases:
            more = [E.Policies(rng).address(rng.choice((4, 6))) for _ in range(20)]
            for target, count in compare(peers, folder, name, text, edges + more,
                                         ARGS.most).items():
                total[target] = total.get(target, 0) + count
    for target, count in total.items():
        print(f"{target}: {len(cases)} policies, {count} answers, all alike")
        assert count > len(cases) * 10, target
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
