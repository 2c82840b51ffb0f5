"""The real engines: each is given many small policies at once, and asked of the same addresses.

A policy is given as its lines, in the engine's own syntax (`wrap` makes a whole file of them, for the
policy of that number), or as what `postern export` has written. The answer is what happens to a client.
"""
import ctypes
import importlib
import ipaddress
import os
import re
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(TESTS, name) for name in ("support", "integration", "system")]
import exports as X  # noqa: E402
import haproxy as H  # noqa: E402
import mmdb as B  # noqa: E402

PORT = 1000  # of the first policy, where packets are sent to it
LAST = 999   # of the packet behind all others
CHECKED = (0, 1)


class Refused(Exception):
    """The engine does not take a policy: what it said."""


def six(body):
    """Whether a line is of IPv6."""
    return ":" in body


def written(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="latin-1", newline="") as out:
        out.write(text)
    return path


class Peer:
    """What all have."""
    mapped, exported, imported, wants_network, has_syntax = False, None, None, False, True

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, os.path.join(folder, self.name.replace(" ", "-"))
        os.mkdir(self.folder)

    @staticmethod
    def wrap(body, _number):
        return body

    def can_ask(self, a):
        """Whether a client has this address, as far as the engine sees clients."""
        return self.mapped or not (a.version == 6 and a.ipv4_mapped)

    def is_alike(self, a):
        """Whether what is exported is to say the same of this client."""
        return self.can_ask(a)

    def export_words(self, number):
        return ("--name", f"p{number}")

    def import_words(self, number, body):
        """Format, options and path: of a policy that was among the last that were answered for."""
        return self.imported, written(self.folder, "in", self.wrap(body, number))


class Tcprules(Peer):
    """ucspi-tcp 0.88, and its patched version for files and clients of IPv6: compiled, and asked by tcprulescheck."""
    name, exported, imported = "ucspi-tcp", "tcprules", "tcprules"

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        self.tools = {v: [os.path.join(programs.originals, package, "usr/bin", tool)
                          for tool in ("tcprules", "tcprulescheck")]
                      for v, package in ((4, "ucspi-tcp"), (6, "ucspi-tcp-ipv6"))}
        for tool in [*self.tools[4], *self.tools[6]]:
            if not os.path.exists(tool):
                raise X.Unavailable(f"{tool} is not there")

    def export_words(self, number):
        return ()

    def answers(self, texts, asked):
        script, counted = [], 0
        for number, text in enumerate(texts):
            for version in {a.version for a in asked}:
                cdb = os.path.join(self.folder, f"{number}-{version}.cdb")
                tools = self.tools[6 if re.search("^[0-9a-f]+:[0-9a-f:]+:", text, re.M) else version]
                done = X.run(tools[0], cdb, cdb + ".tmp", text=text)
                if done.returncode:
                    raise Refused(done.stderr)
            for a in asked:
                cdb = os.path.join(self.folder, f"{number}-{a.version}.cdb")
                script.append(f"TCPREMOTEIP={a} {self.tools[a.version][1]} {cdb}\n")
                counted += 1
        told = [line for line in X.run("/bin/sh", text="".join(script)).stdout.splitlines()
                if line in ("allow connection", "deny connection")]
        assert len(told) == counted, (len(told), counted)
        words = iter(told)
        return [{a: next(words) == "allow connection" for a in asked} for _ in texts]


class Ipsvd(Peer):
    """A folder of instructions, as a database that tcpsvd reads at each connection. It knows IPv4 alone."""
    name, imported, wants_network = "ipsvd", "ipsvd", True

    def can_ask(self, a):
        return a.version == 4 and a.is_private and not a.is_unspecified and a in ipaddress.ip_network("10.0.0.0/8")

    def database(self, body):
        rules = os.path.join(self.folder, "rules")
        X.must("rm", "-rf", rules)
        os.mkdir(rules)
        for line in body.splitlines():
            name, verdict = line.split()
            path = written(rules, name, "")
            os.chmod(path, 0o644 if verdict == "allow" else 0)
        X.must("ipsvd-cdb", "c.cdb", "c.tmp", "rules", cwd=self.folder)
        return os.path.join(self.folder, "c.cdb")

    def import_words(self, number, body):
        """The folder, or the database of it."""
        database = self.database(body)
        return self.imported, database if number % 2 else os.path.join(self.folder, "rules")

    def answers(self, texts, asked):
        answers = []
        with subprocess.Popen(["tcpsvd", "-l", "here", "-x", os.path.join(self.folder, "c.cdb"), "0", "2700", "/bin/echo", "yes"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            try:
                H.settle(lambda: running.poll() is not None or self.listens(), "tcpsvd does not come up")
                for text in texts:
                    self.database(text)
                    answers.append({a: self.greeted(a) for a in asked})
            finally:
                running.terminate()
        return answers

    @staticmethod
    def listens():
        try:
            socket.create_connection(("127.0.0.1", 2700), X.PATIENCE).close()
            return True
        except OSError:
            return False

    @staticmethod
    def greeted(a):
        with socket.socket() as line:
            line.settimeout(X.PATIENCE)
            line.bind((str(a), 0))
            line.connect(("127.0.0.1", 2700))
            try:
                return line.recv(10) != b""
            except ConnectionResetError:
                return False


class Tcpd(Peer):
    """libwrap, by its library; tcpdmatch says the same, which tests/integration/imports.py asks."""
    name, exported, imported = "tcpd", "hosts.allow", "hosts.allow"

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        try:
            self.library = ctypes.CDLL("libwrap.so.0")
        except OSError as why:
            raise X.Unavailable(str(why)) from why
        self.paths = [written(self.folder, name, "").encode() for name in ("hosts.allow", "hosts.deny")]
        for name, path in zip(("hosts_allow_table", "hosts_deny_table"), self.paths):
            ctypes.c_char_p.in_dll(self.library, name).value = path

    def can_ask(self, a):
        """It makes a mapped client one of IPv4 itself, of the socket."""
        return a != X.NOBODY and super().can_ask(a)

    def export_words(self, number):
        return ("--daemon", "sshd")

    def import_words(self, number, body):
        return self.imported, "--daemon", "sshd", written(self.folder, "in", body)

    def answers(self, texts, asked):
        answers = []
        for text in texts:
            written(self.folder, "hosts.allow", text)
            answers.append({a: bool(self.library.hosts_ctl(b"sshd", b"unknown", str(a).encode(), b"unknown"))
                            for a in asked})
        return answers


class Packets(Peer):
    """Those that packets are sent to: the policy of a number has a port of its own."""
    wants_network = True
    wire = None

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        if Packets.wire is None:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # so packets stay in order
            Packets.wire = X.Wire()

    def can_ask(self, a):
        return self.wire.can_carry(a)

    SEEN = """add table inet seen
flush table inet seen
add set inet seen seen4 { type ipv4_addr . inet_service; flags dynamic; size 1000000; }
add set inet seen seen6 { type ipv6_addr . inet_service; flags dynamic; size 1000000; }
add chain inet seen last { type filter hook prerouting priority -100; }
add rule inet seen last iifname veth1 meta l4proto udp add @seen4 { ip saddr . udp dport }
add rule inet seen last iifname veth1 meta l4proto udp add @seen6 { ip6 saddr . udp dport }
"""

    def sent(self, count, asked):
        """What came through: pairs of an address and a number."""
        self.programs.nft("-f", "-", text=self.SEEN)
        end = ipaddress.ip_address("198.18.0.9")
        for number in range(count):
            for a in asked:
                self.wire.send(a, PORT + number)
        self.wire.send(end, LAST)
        H.settle(lambda: (end, LAST) in self.seen(4), "the last packet does not come")
        return {(a, port - PORT) for a, port in self.seen(4) | self.seen(6)}

    def seen(self, family):
        told = self.programs.nft("list", "set", "inet", "seen", f"seen{family}")
        return {(ipaddress.ip_address(a), int(port)) for a, port in
                re.findall(r"([0-9a-f.:]+) \. (\d+)", told.split("elements", 1)[-1])}

    def answers(self, texts, asked):
        self.load(texts)
        seen = self.sent(len(texts), asked)
        return [{a: (a, n) in seen for a in asked} for n in range(len(texts))]


class NftChain(Packets):
    """A chain of rules, as it is written for nft."""
    name, exported, imported = "nft chain", "nftables", "nftables"

    @staticmethod
    def wrap(body, number):
        return (f"add table inet filter\nadd chain inet filter p{number}\n" +
                "".join(f"add rule inet filter p{number} {line}\n" for line in body.splitlines()))

    def load(self, texts):
        ports = ", ".join(f"{PORT + n} : jump p{n}" for n in range(len(texts)))
        done = self.programs.do("nftables", "nft", "-f", "-", text="flush ruleset\n" + "".join(texts) +
            "add chain inet filter first { type filter hook prerouting priority -300; }\n"
            f"add rule inet filter first iifname veth1 udp dport vmap {{ {ports} }}\n")
        if done.returncode:
            raise Refused(done.stderr)

    def import_words(self, number, body):
        if not self.listed:
            self.listed = written(self.folder, "in", self.programs.nft("-j", "list", "ruleset"))
        return self.imported, "--name", f"p{number}", self.listed

    listed = None

    def answers(self, texts, asked):
        self.listed = None
        return super().answers(texts, asked)


class NftSet(NftChain):
    """Elements of an interval set, in a chain that drops them."""
    name, exported = "nft set", None

    @staticmethod
    def wrap(body, number):
        text = f"add table inet filter\nadd chain inet filter p{number}\n"
        for family, word in ((4, "ip"), (6, "ip6")):
            elements = [line for line in body.splitlines() if six(line) == (family == 6)]
            if elements:
                text += (f"add set inet filter p{number}s{family} {{ type ipv{family}_addr; flags interval; }}\n"
                         f"add element inet filter p{number}s{family} {{ {', '.join(elements)} }}\n"
                         f"add rule inet filter p{number} {word} saddr @p{number}s{family} drop\n")
        return text


class Ipset(Peer):
    """Two sets, of who is denied."""
    name, exported, imported, wants_network = "ipset", "ipset", "ipset", True

    @staticmethod
    def wrap(body, number):
        made = f"create p{number}4 hash:net family inet\ncreate p{number}6 hash:net family inet6\n"
        return made + "".join(f"add p{number}{6 if six(line) else 4} {line}\n" for line in body.splitlines())

    def answers(self, texts, asked):
        self.programs.do("ipset", "ipset", "destroy")
        done = self.programs.do("ipset", "ipset", "restore", text="".join(texts))
        if done.returncode:
            raise Refused(done.stderr)
        told = self.programs.do("ipset", "ipset", "-", text="".join(
            f"test p{n}{a.version} {a}\n" for n in range(len(texts)) for a in asked) + "quit\n")
        found = {(int(n), ipaddress.ip_address(a)): word == "is" for a, word, n in re.findall(
            r"([0-9a-f.:]+) (is|is NOT) in set p(\d+)[46]\.", told.stdout + told.stderr)}
        return [{a: not found[n, a] for a in asked} for n in range(len(texts))]


class Iptables(Packets):
    """Chains of rules of iptables and ip6tables."""
    name, exported = "iptables", "iptables-restore"

    @staticmethod
    def wrap(body, number):
        def table(family):
            return f"*raw\n:p{number} - [0:0]\n" + "".join(
                f"-A p{number} {line}\n" for line in body.splitlines() if six(line) == (family == 6)) + "COMMIT\n"
        return table(4), table(6)

    def load(self, texts):
        self.programs.nft("flush ruleset")
        for family, name in ((4, "iptables-restore"), (6, "ip6tables-restore")):
            first = "*raw\n" + "".join(
                f"-A PREROUTING -i veth1 -p udp --dport {PORT + n} -j p{n}\n" for n in range(len(texts))) + "COMMIT\n"
            done = self.programs.do("iptables", "xtables-nft-multi", name, "--noflush",
                                    text="".join(pair[family == 6] for pair in texts) + first)
            if done.returncode:
                raise Refused(done.stderr)


class Haproxy(Peer):
    """A map of addresses, asked by connections with a PROXY header."""
    name, exported, imported, mapped = "haproxy", "haproxy", "haproxy", True

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        self.binary = programs.path("haproxy", "haproxy")

    def export_words(self, number):
        return ()

    def answers(self, texts, asked):
        paths = [written(self.folder, f"{n}.map", text) for n, text in enumerate(texts)]
        page = ",".join(f"%[src,map_ip({path},none)]" for path in paths)
        config = ("global\n    log stderr format raw daemon\ndefaults\n    mode http\n    timeout connect 9s\n"
                  "    timeout client 9s\n    timeout server 9s\nfrontend one\n    bind 127.0.0.1:2500 accept-proxy\n"
                  f"    http-request return status 200 content-type text/plain lf-string \"{page}\"\n")
        done = X.run(self.binary, "-c", "-f", written(self.folder, "check.cfg", config))
        if done.returncode:
            raise Refused(done.stderr)
        with H.Haproxy(self.binary, self.folder, config):
            told = {a: X.Haproxy.ask(a).split(",") for a in asked}
        return [{a: told[a][n] != "deny" for a in asked} for n in range(len(texts))]


class NginxGeo(Peer):
    """A geo block: the value of its variable."""
    name, exported, imported, mapped = "nginx geo", "nginx", "nginx", True

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        self.real = X.Nginx(programs, self.folder)

    @staticmethod
    def wrap(body, number):
        return f"geo $p{number} {{\ndefault allow;\n{body}}}\n"

    def can_ask(self, a):
        return X.NOBODY not in (a, getattr(a, "ipv4_mapped", None))

    def config(self, texts):
        page = ",".join(f"$p{n}" for n in range(len(texts)))
        return "".join(texts), f'location / {{ default_type text/plain; return 200 "{page}"; }}'

    def answers(self, texts, asked):
        front, inside = self.config(texts)
        temp = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        path = written(self.folder, "nginx.conf",
            f"user root; daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/errors;\n"
            "events { worker_connections 64; }\n"
            f"http {{ access_log off; keepalive_requests 1000000; {temp}\n{front}\n"
            "server { listen 127.0.0.1:2601; set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;\n"
            f"{inside} }} }}\n")
        words = [self.real.binary, "-p", self.folder, "-c", path, "-e", f"{self.folder}/early"]
        done = X.run(*words, "-t")
        if done.returncode:
            raise Refused(done.stderr)
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            try:
                H.settle(lambda: server.poll() is not None or self.real.is_there(), "nginx does not come up")
                return self.told(len(texts), asked)
            finally:
                server.terminate()

    def told(self, count, asked):
        pages = {a: word.split(",") for a, word in by_header((a, "/") for a in asked)}
        return [{a: pages[a][n] != "deny" for a in asked} for n in range(count)]


class NginxAccess(NginxGeo):
    """allow and deny, of a location for each policy."""
    name, exported = "nginx access", None

    @staticmethod
    def wrap(body, number):
        return f"location /p{number}/ {{\n{body}}}\n"

    def config(self, texts):
        return "", ("".join(text[:text.rindex("}")] + "try_files /nothing /allowed; }\n" for text in texts) +
                    "error_page 403 =200 /denied; default_type text/plain;\n"
                    "location = /allowed { return 200 allow; }\nlocation = /denied { return 200 deny; }")

    def told(self, count, asked):
        said = by_header((a, f"/p{n}/") for n in range(count) for a in asked)
        return [{a: next(said)[1] == "allow" for a in asked} for _ in range(count)]


def by_header(questions):
    """Each address and page, with what nginx answers."""
    with socket.create_connection(("127.0.0.1", 2601), X.PATIENCE) as door:
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = door.makefile("rb")
        for a, page in questions:
            door.sendall(f"GET {page} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {a}\r\n\r\n".encode())
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            yield a, stream.read(length).decode()


class Postfix(Peer):
    """A table of type cidr. The server itself looks up a mapped client as one of IPv4."""
    name, exported, imported = "postfix", "postfix", "postfix"

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        self.real = X.Postfix(programs, self.folder)

    def export_words(self, number):
        return ()

    def answers(self, texts, asked):
        answers = []
        for text in texts:
            done = self.programs.do("postfix", "postmap", "-c", self.real.folder, "-q", "-",
                                    "cidr:" + written(self.folder, "t", text),
                                    text="".join(f"{a}\n" for a in asked))
            if done.returncode not in CHECKED:
                raise Refused(done.stderr)
            found = dict(line.split("\t") for line in done.stdout.splitlines())
            answers.append({a: found.get(str(a)) != "REJECT" for a in asked})
        return answers


class Maxmind(Peer):
    """libmaxminddb, by its module for Python. Its files have no text: a policy is that of ours which it is made of."""
    name, exported, has_syntax, mapped = "libmaxminddb", "mmdb", False, True
    postern = None

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        try:
            importlib.import_module("maxminddb")
        except ImportError as why:
            raise X.Unavailable(str(why)) from why

    def wrap(self, body, number):
        return self.made(written(self.folder, f"{number}.rules", f"postern: 1\n{body}* : allow\n"), number)

    def made(self, policy, number):
        """The file of a policy, by its path."""
        path = os.path.join(self.folder, f"{number}.mmdb")
        with open(path, "wb") as out:
            subprocess.run([self.postern, "export", "mmdb", policy], stdout=out, check=True)
        return path

    def is_alike(self, a):
        return not B.shared(getattr(a, "ipv4_mapped", None) or a)

    def answers(self, texts, asked):
        answers = []
        for path in texts:
            with B.opened(path, True) as reader:
                answers.append({a: reader.get(a)["verdict"] == "allow" for a in asked})
        return answers


PEERS = (Tcprules, Ipsvd, Tcpd, NftChain, NftSet, Ipset, Iptables, Haproxy, NginxGeo, NginxAccess, Postfix, Maxmind)
