#!/usr/bin/env python3
"""Machines are taken over whole: what is written runs, and nobody of the logs is lost.

Three trees are made here, of a host with qmail, one with inetd and xinetd, and one with nginx;
their written services are started on loopback, with our programs, and asked from addresses that
are let in and that are not. Random files of each form are held to a reading of their own, and
trees that somebody made to harm are looked at without harm.
"""
import argparse
import ipaddress
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from checks import Checks  # noqa: E402


def elf(needed=("libc.so.6",), bits=64, order="<"):
    """A program of program headers, a dynamic section and its strings: no more is read."""
    strings, offsets = b"\0", []
    for name in needed:
        offsets.append(len(strings))
        strings += name.encode() + b"\0"
    word = "Q" if bits == 64 else "I"
    head, entry = (64, 56) if bits == 64 else (52, 32)
    at = head + 2 * entry
    size = (len(offsets) + 2) * struct.calcsize(order + word) * 2
    base = 0x400000
    dynamic = b"".join(struct.pack(order + word * 2, 1, o) for o in offsets)
    dynamic += struct.pack(order + word * 2, 5, base + at + size) + struct.pack(order + word * 2, 0, 0)

    def segment(kind, start, length):
        if bits == 64:
            return struct.pack(order + "IIQQQQQQ", kind, 5, start, base + start, 0, length, length, 8)
        return struct.pack(order + "IIIIIIII", kind, start, base + start, 0, length, length, 5, 8)
    ident = b"\x7fELF" + bytes([2 if bits == 64 else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    header = ident + struct.pack(order + "HHI" + word * 3 + "IHHHHHH", 2, 62, 1, 0, head, 0, 0, head,
                                 entry, 2, 0, 0, 0)
    return header + segment(1, 0, at + size + len(strings)) + segment(2, at, size) + dynamic + strings


def free_port(sort=socket.SOCK_STREAM):
    with socket.socket(type=sort) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Machine(Checks):
    def __init__(self, bin_dir, folder):
        self.bin = os.path.abspath(bin_dir)
        self.folder = folder
        self.number = 0
        self.tree = None
        self.marker = os.path.join(folder, "was-run")

    def fresh(self):
        self.number += 1
        self.tree = os.path.join(self.folder, f"tree{self.number}")
        os.mkdir(self.tree)

    def put(self, path, content, mode=0o644):
        where = self.tree + path
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(where, mode)

    def link(self, target, path):
        os.makedirs(os.path.dirname(self.tree + path), exist_ok=True)
        os.symlink(target, self.tree + path)

    def cdb(self, path, text):
        os.makedirs(os.path.dirname(self.tree + path), exist_ok=True)
        subprocess.run([self.bin + "/tcprules", self.tree + path, self.tree + path + ".tmp"],
                       input=text.encode(), check=True, capture_output=True)

    def run(self, *words, **more):
        return subprocess.run([self.bin + "/postern", *words], cwd=self.folder, timeout=120,
                              capture_output=True, text=True, check=False, errors="surrogateescape",
                              **more)

    def adopt(self, *words, out=None):
        """What is told, and where it is written."""
        out = out or os.path.join(self.folder, f"over{self.number}")
        done = self.run("adopt", self.tree, "-o", out, "--programs", self.bin, "--format", "json",
                        *words)
        told = json.loads(done.stdout) if done.returncode in (0, 1) else None
        return done, told, out

    def snapshot(self):
        seen = []
        for folder, names, files in os.walk(self.tree):
            for name in sorted(names + files):
                st = os.lstat(os.path.join(folder, name))
                seen.append((folder, name, st.st_mode, st.st_size, st.st_mtime_ns, st.st_ino))
        return sorted(seen)

    def left(self):
        return [name for name in os.listdir(self.folder) if name.endswith(".tmp")]

    def compiles(self, told, out):
        """Every policy compiles, is no error to the linter, and stands beside its run script."""
        for item in told["found"]:
            if "policy" not in item:
                continue
            policy = os.path.join(out, item["policy"])
            service = os.path.join(out, "services", item["name"])
            target = service + "/rules.cdb" if item.get("script") == "run" else os.path.join(out, "x.cdb")
            done = self.run("compile", policy, "-o", target)
            self.check(done.returncode == 0, item, done)
            done = self.run("lint", policy, "--format", "json")
            self.check(done.returncode in (0, 1) and json.loads(done.stdout)["summary"]["error"] == 0,
                       item, done)

    def allowed(self, policy, address, *host):
        done = self.run("check", policy, address, *host, "--format", "json")
        return json.loads(done.stdout.splitlines()[0])["verdict"] == "allow"

    def answers(self, item, out, port, wanted):
        """Its run script, under our tcpserver, lets in whom it should, by their addresses."""
        service = os.path.join(out, "services", item["name"])
        running = subprocess.Popen(["./run"], cwd=service, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            line = running.stdout.readline()
            self.check("status" in line, item, "does not start", line)
            for address, expected in wanted.items():
                with socket.socket() as client:
                    client.settimeout(60)
                    client.bind((address, 0))
                    client.connect(("127.0.0.1", port))
                    try:
                        got = client.recv(100)
                    except ConnectionResetError:
                        got = b""
                self.check(bool(got) == expected, item["name"], address, got, expected)
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)

    def answers_datagrams(self, item, out, port, wanted):
        """Under udpserver: those whom the rules deny ask first, and are sent nothing."""
        service = os.path.join(out, "services", item["name"])
        running = subprocess.Popen(["./run"], cwd=service, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        clients = []
        try:
            line = running.stdout.readline()
            self.check("status" in line, item, "does not start", line)
            for address in sorted(wanted, key=lambda a: wanted[a]):
                clients.append((address, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
                client = clients[-1][1]
                client.settimeout(60)
                client.bind((address, 0))
                client.sendto(b"from " + address.encode(), ("127.0.0.1", port))
                if wanted[address]:
                    got = client.recv(100)
                    self.check(got.startswith(b"from " + address.encode()), item, address, got)
            for address, client in clients:
                client.setblocking(False)
                try:
                    more = client.recv(100)
                except BlockingIOError:
                    more = None
                self.check(more is None, item, address, more)
        finally:
            for _, client in clients:
                client.close()
            running.send_signal(signal.SIGTERM)
            said = running.communicate(timeout=60)[0]
        denied = {line.split(":")[-3] for line in said.splitlines() if " deny " in line}
        self.check(denied == {a for a in wanted if not wanted[a]}, item, said)

    # ------------------------------------------------------------------ three machines

    def qmail(self):
        """tcpserver under daemontools, with links as qmail's instructions make them."""
        self.fresh()
        port = free_port()
        rules = '127.0.0.2:deny\n127.0.0.:allow,RELAYCLIENT=""\n=bad.example:deny\n:deny\n'
        trap = f"#!/bin/sh\ntouch {self.marker}\n"
        self.put("/etc/tcp.smtp", rules)
        self.cdb("/etc/tcp.smtp.cdb", rules)
        self.cdb("/etc/tcp.pop3.cdb", ":allow\n")
        self.cdb("/etc/tcp.imap.cdb", "10.:allow\n:deny\n")
        self.put("/etc/tcp.imap", "10.:allow\n11.:allow\n:deny\n")
        run = ("#!/bin/sh\n# /etc/tcp.smtp.cdb is made by qmailctl cdb\nRULES=/etc/tcp.smtp.cdb\n"
               "exec 2>&1\nexec /usr/local/bin/tcpserver -vRHl0 -x $RULES -c 20 \\\n"
               f"    127.0.0.1 {port} /bin/echo served\n")
        self.put("/var/qmail/supervise/qmail-smtpd/run", run, 0o755)
        self.put("/var/qmail/supervise/qmail-smtpd/log/run", "#!/bin/sh\nexec /usr/local/bin/setuidgid "
                 "qmaill /usr/local/bin/multilog t s1000 n20 /var/log/qmail/smtpd ./here\n", 0o755)
        self.put("/service/imap/run", "#!/command/execlineb -P\ntcpserver -v -x /etc/tcp.imap.cdb 0 143\n"
                 "imapd\n", 0o755)
        self.put("/service/imap/down", "")
        self.put("/service/late/run", "#!/bin/sh\nexec tcpserver -x \"$CDB\" 0 1 true\n", 0o755)
        self.put("/service/open/run", "#!/bin/sh\nexec tcpserver -v 0 2 true\n", 0o755)
        self.put("/service/moves/run", "#!/bin/sh\ncd /var; exec tcpserver -x /etc/tcp.imap.cdb 0 1 true\n",
                 0o755)
        self.put("/etc/systemd/system/pop3.service", "[Service]\nExecStart=/usr/bin/tcpserver -x "
                 "/etc/tcp.imap.cdb 0 pop3 /usr/bin/pop3d\n")
        self.put("/usr/local/bin/tcpserver", trap, 0o755)
        self.put("/usr/sbin/tcpd", trap, 0o755)
        self.link("/var/qmail/supervise/qmail-smtpd", "/service/qmail-smtpd")
        logged = {"127.0.0.1": "ok", "127.0.0.2": "deny", "127.0.0.77": "ok", "192.0.2.1": "deny"}
        lines = "".join(f"@400000006553f1{i:02x}0000000a tcpserver: {verdict} {i} 0:10.0.0.1:25 "
                        f":{address}::{i + 1000}\n" for i, (address, verdict) in enumerate(logged.items()))
        lines += "@400000006553f1ff0000000a tcpserver: deny 9 0:10.0.0.1:25 bad.example:127.0.0.9::1\n"
        self.put("/var/log/qmail/smtpd/@400000006553f1000000000a.s", lines + "@4 qmail-smtpd: a line\n")
        self.put("/var/log/qmail/smtpd/current", lines)
        self.put("/var/qmail/supervise/qmail-smtpd/log/here/current", lines)
        self.put("/var/log/qmail/smtpd/state", "no log\n")
        before = self.snapshot()
        done, told, out = self.adopt()
        found = {item["what"]: item for item in told["found"] if "what" in item}
        self.check(before == self.snapshot() and not os.path.exists(self.marker), "the tree is as it was")
        self.check(done.returncode == 1, "late and moves are by hand", done)
        self.compiles(told, out)
        smtp = found["qmail-smtpd"]
        logs = {log["file"]: log for log in smtp["logs"]}
        self.check(len(logs) == 3 and all(log["connections"] == 5 and not log["changed"] and
                                          not log["unread"] for log in logs.values()), logs)
        self.check(os.path.exists(os.path.join(out, "services/qmail-smtpd/run")) and
                   self.read(out, smtp["policy"]) == rules, "the source is the policy")
        self.check(self.read(out, "services/qmail-smtpd/run") ==
                   run.replace("RULES=/etc/tcp.smtp.cdb", "RULES=rules.cdb")
                   .replace("/usr/local/bin/tcpserver", self.bin + "/tcpserver"), "the script")
        self.answers(smtp, out, port, {"127.0.0.1": True, "127.0.0.2": False, "127.0.0.9": True,
                                       "127.1.1.1": False})
        imap = found["imap"]
        self.check("11." not in self.read(out, imap["policy"]) and imap.get("down") and
                   os.path.exists(os.path.join(out, "services/imap/down")), "a cdb of another source")
        self.check(self.bin + "/tcpserver -v -x rules.cdb 0 143" in self.read(out, "services/imap/run"))
        self.check(found["late"]["state"] == "stays" and "script" not in found["moves"] and
                   "policy" in found["moves"], "what only the script knows", found)
        self.check("open" not in found and any("without rules" in n["message"] for n in told["notes"]))
        unit = self.read(out, "units/" + found["pop3"]["script"])
        self.check(unit == f"[Service]\nExecStart={self.bin}/tcpserver -x /etc/postern/pop3.cdb 0 pop3 "
                   "/usr/bin/pop3d\n", unit)
        self.check([i["file"] for i in told["found"] if i["state"] == "unread"] == ["/etc/tcp.pop3.cdb"],
                   told)
        self.changed(lines)

    def changed(self, lines):
        """A client that the log and the policy do not agree on is told, with its line."""
        self.put("/var/log/qmail/smtpd/current", lines + "@4 tcpserver: ok 7 0:10.0.0.1:25 "
                 ":192.0.2.77::5\n@4 tcpserver: ok 8 0:10.0.0.1:25 nothing\n")
        os.unlink(self.tree + "/service/late/run")
        os.unlink(self.tree + "/service/moves/run")
        done = self.run("adopt", self.tree)
        self.check(done.returncode == 1 and "6 connections, 1 otherwise, the first 192.0.2.77 of line 6, "
                   "1 not told" in done.stdout, done)

    def read(self, out, path):
        with open(os.path.join(out, path), encoding="utf-8") as file:
            return file.read()

    def others(self):
        """Instructions of ipsvd and rules of s6, asked by the scripts of their own servers."""
        self.fresh()
        ports = {name: free_port() for name in ("svd", "accessed", "line")}
        self.put("/etc/sv/svd/run", "#!/bin/sh\nexec 2>&1\nexec tcpsvd -v -c5 -C 3 -i ./peers \\\n"
                 f"    -l 0 127.0.0.1 {ports['svd']} /bin/echo served  # so\n", 0o755)
        self.put("/etc/sv/svd/peers/127.0.0.2", "", 0)
        self.put("/etc/sv/svd/peers/127.0", "")
        self.put("/etc/sv/svd/peers/0", "", 0)
        rules = "/etc/s6/rules"
        for path in ("ip4/127.0.0.0_24/allow", "ip4/127.0.0.2_32/deny"):
            self.put(f"{rules}/{path}", "")
        self.put("/etc/services.d/accessed/run", "#!/usr/bin/execlineb -P\nfdmove -c 2 1\n"
                 f"s6-tcpserver -v -c 7 127.0.0.1 {ports['accessed']}\ns6-tcpserver-access -v1 -H -i {rules}\n"
                 "/bin/echo served\n", 0o755)
        self.put("/etc/services.d/line/run", f"#!/bin/sh\nexec s6-tcpserver 127.0.0.1 {ports['line']} "
                 f"s6-tcpserver-access -H -i {rules} /bin/echo served 2>&1\n", 0o755)
        for name, text in (("open", "tcpsvd 0 1 true"), ("late", "tcpsvd -i \"$DIR\" 0 1 true"),
                           ("group", "tcpsvd -u :1:2 -i /etc/s6/rules 0 1 true"),
                           ("moves", "cd /etc && tcpsvd -i peers 0 1 true"),
                           ("tls", "s6-tcpserver 0 1 s6-tlsd s6-tcpserver-access -i /etc/s6/rules true"),
                           ("none", "tcpsvd -i /nothing 0 1 true"), ("short", "tcpsvd -x"),
                           ("odd", "tcpsvd -Z -i /etc/s6/rules 0 1 true")):
            self.put(f"/etc/sv/{name}/run", f"#!/bin/sh\n{text}\n")
        self.put("/etc/sv/svd/log/run", "#!/bin/sh\nexec svlogd -tt ./main\n")
        self.put("/etc/sv/svd/log/main/current", "".join(
            f"2026-03-01_12:00:00.5 tcpsvd: info: {line}\n" for line in (
                "status 1/30", "pid 7 from 127.0.0.1", "start 7 :127.0.0.1 ::127.0.0.1:40 ./peers/127.0",
                "deny 8 :127.0.0.1 ::127.0.0.2:40 ./peers/127.0.0.2", "deny 9 :127.0.0.1 ::127.0.0.3:40 ./peers/0")))
        self.put("/etc/services.d/accessed/log/run", "#!/usr/bin/execlineb -P\ns6-log t /var/log/accessed\n")
        self.put("/var/log/accessed/current", "s6-tcpserver-access: info: allow pid 7 ip 127.0.0.1\n"
                 "s6-tcpserver-access: info: deny pid 7 ip 127.1.0.1\n")
        self.put("/etc/services.d/accessed/down", "")
        done, told, out = self.adopt()
        found = {item["what"]: item for item in told["found"]}
        self.check(done.returncode == 1 and "open" not in found, done)
        self.check([(n, found[n].get("down"), [(g["connections"], g["changed"]) for g in found[n]["logs"]])
                    for n in ("svd", "accessed")] == [("svd", None, [(3, 1)]), ("accessed", True, [(2, 0)])], found)
        self.compiles(told, out)
        for name in ("svd", "line"):
            self.answers(found[name], out, ports[name], {"127.0.0.1": True, "127.0.0.2": False,
                                                         "127.1.0.1": False})
        self.check(f"exec {self.bin}/tcpserver -vHR -C 3 -l 0 -c 5 -x rules.cdb 127.0.0.1 {ports['svd']} "
                   "/bin/echo served  # so\n" in self.read(out, "services/svd/run"))
        self.check(self.read(out, "services/accessed/run") ==
                   f"#!/usr/bin/execlineb -P\nfdmove -c 2 1\n{self.bin}/tcpserver -vHR -l 0 -c 7 -x rules.cdb "
                   f"127.0.0.1 {ports['accessed']} /bin/echo served\n")
        for name in ("late", "group", "moves", "tls", "none", "short", "odd"):
            self.check(found[name]["state"] == "stays" and
                       any(n["severity"] == "error" for n in told["notes"]
                           if name in n["file"] or n["file"] == "/nothing"), name, found[name])

    def inetd(self):
        """inetd, xinetd and what tcp wrappers still guard."""
        self.fresh()
        ports = [free_port() for _ in range(3)]
        self.put("/etc/inetd.conf",
                 f"# services\n127.0.0.1:{ports[0]} stream tcp nowait root /usr/sbin/tcpd /bin/echo served\n"
                 f"127.0.0.1:{ports[1]} stream tcp nowait root /bin/echo echo 'it is' \"$HOME\"\n"
                 "talk dgram udp wait nobody.tty /usr/sbin/tcpd in.talkd\n"
                 "mountd/1-2 stream rpc/tcp nowait root /usr/sbin/mountd mountd\n"
                 "daytime stream tcp nowait root internal\n"
                 "smtp stream tcp nowait.60 mail:mail /usr/sbin/exim exim -bs\n"
                 "short stream tcp\n")
        self.put("/etc/hosts.allow", "echo: 127.0.0.1, 127.0.1.\nsshd: 10.\nvsftpd, xyz: 192.0.2.\n")
        self.put("/etc/hosts.deny", "echo: ALL\nsshd, in.rshd: ALL\n")
        self.put("/usr/sbin/sshd", elf(("libwrap.so.0", "libc.so.6")), 0o755)
        self.put("/usr/sbin/vsftpd", elf(), 0o755)
        self.put("/usr/libexec/in.rshd", elf(("libc.so.6", "libwrap.so.0"), 32, ">"), 0o755)
        self.put("/usr/sbin/tcpdchk", elf(("libwrap.so.0",)), 0o755)
        self.put("/usr/sbin/xinetd", elf(), 0o755)
        self.put("/etc/xinetd.conf", "defaults\n{\n instances = 7\n only_from = 127.0.0.0/24\n}\n"
                 "includedir /etc/xinetd.d\n")
        self.put("/etc/xinetd.d/line", f"service line\n{{\n type = UNLISTED\n socket_type = stream\n wait = no\n"
                 f" user = root\n bind = 127.0.0.1\n port = {ports[2]}\n server = /bin/sh\n"
                 " server_args = -c env\n env = TAG=mail OTHER=x'y\n no_access = 127.0.0.9\n flags = NODELAY\n"
                 " banner = /etc/motd\n}\n")
        self.put("/etc/xinetd.d/time", "service time\n{\n id = time-stream\n type = INTERNAL\n"
                 " socket_type = stream\n}\nservice time\n{\n id = time-dgram\n socket_type = raw\n"
                 " server = /bin/x\n}\n")
        self.put("/etc/xinetd.d/off", "service off\n{\n disable = yes\n socket_type = stream\n user = root\n"
                 " server = /bin/off\n}\n")
        self.put("/etc/xinetd.d/not.read", "service nobody\n{\n socket_type = stream\n server = /bin/x\n}\n")
        self.put("/etc/xinetd.d/tilde~", "nonsense\n")
        done, told, out = self.adopt()
        found = {item.get("what"): item for item in told["found"]}
        self.check(done.returncode == 0, done)
        self.compiles(told, out)
        self.answers(found[str(ports[0])], out, ports[0], {"127.0.0.1": True, "127.0.1.9": True,
                                                           "127.0.0.2": False})
        self.answers(found[str(ports[1])], out, ports[1], {"127.0.0.1": True, "127.0.0.2": True})
        self.check("'it is' '$HOME'" in self.read(out, f"services/{ports[1]}/run"))
        self.answers(found["line"], out, ports[2], {"127.0.0.1": True, "127.0.0.9": False,
                                                    "127.1.0.1": False})
        run = self.read(out, "services/line/run")
        self.check("env TAG=mail 'OTHER=x'\\''y' " in run and " -c 7 " in run and "-vDRHl0" in run, run)
        self.check(found["talk"]["state"] == "goes" and found["talk"]["daemon"] == "in.talkd", found["talk"])
        for what in ("mountd/1-2", "daytime", "short", "time"):
            self.check(found[what]["state"] == "stays", what, found[what])
        self.check("nobody" not in found and found["off"].get("down"), found.keys())
        unread = {item["what"] for item in told["found"] if item["state"] == "unread"}
        self.check(unread == {"vsftpd", "xyz"}, unread)
        self.check(found["sshd"]["reader"] == "/usr/sbin/sshd" and
                   found["in.rshd"]["reader"] == "/usr/libexec/in.rshd", found)
        notes = {(n["file"], n.get("line")) for n in told["notes"]}
        for place in (("/etc/inetd.conf", 4), ("/etc/inetd.conf", 5), ("/etc/inetd.conf", 6),
                      ("/etc/inetd.conf", 7), ("/etc/inetd.conf", 8), ("/etc/xinetd.d/line", 14),
                      ("/etc/xinetd.d/time", 1), ("/etc/xinetd.d/time", 7)):
            self.check(place in notes, place, notes)
        smtp = self.read(out, "services/smtp/run")
        self.check(f"exec {self.bin}/envuidgid mail {self.bin}/tcpserver -vURHl0 0 smtp" in smtp, smtp)
        self.check(self.run("adopt", self.tree, "--strict").returncode == 1, "strict")
        self.wrapped_xinetd(ports[2])

    def datagrams(self):
        """UDP of inetd, xinetd and udpsvd: the program has the socket, or a source each."""
        self.fresh()
        ports = [free_port(socket.SOCK_DGRAM) for _ in range(5)]
        reader = self.tree + "/usr/libexec/reader"  # as one that inetd starts: by the socket itself
        self.put("/usr/libexec/reader", f"#!{sys.executable} -ISB\nimport socket\n"
                 "s = socket.socket(fileno=0)\nd, a = s.recvfrom(100)\ns.sendto(d, a)\n", 0o755)
        answer = os.path.join(ROOT, "examples/services/udp/answer")
        self.put("/etc/inetd.conf",
                 f"127.0.0.1:{ports[0]} dgram udp wait root /usr/sbin/tcpd {reader}\n"
                 f"127.0.0.1:{ports[1]} dgram udp4 nowait.60 root {answer} answer\n"
                 "daytime dgram udp wait root internal\n"
                 "rstatd/1-3 dgram rpc/udp wait root /usr/sbin/rstatd rstatd\n"
                 "odd dgram tcp wait root /bin/x x\nraw raw udp wait root /bin/x x\n"
                 "tftp dgram udp wait nobody /usr/sbin/in.tftpd in.tftpd -s /srv\n")
        self.put("/etc/hosts.allow", "reader: 127.0.0.1, 127.0.1.\n")
        self.put("/etc/hosts.deny", "ALL: ALL\n")
        self.put("/usr/sbin/xinetd", elf(), 0o755)
        for name, port, more in (("asked", ports[2], f"wait = yes\n server = {reader}"),
                                 ("each", ports[3], f"wait = no\n protocol = udp\n server = {answer}")):
            self.put(f"/etc/xinetd.d/{name}", f"service {name}\n{{\n type = UNLISTED\n socket_type = dgram\n"
                     f" user = root\n bind = 127.0.0.1\n port = {port}\n no_access = 127.0.0.9\n"
                     f" flags = NODELAY\n instances = 9\n {more}\n}}\n")
        self.put("/etc/xinetd.d/raw", "service raw\n{\n socket_type = raw\n server = /bin/x\n}\n")
        self.put("/etc/sv/udp/run", f"#!/bin/sh\nexec 2>&1\nexec udpsvd -v -l here -i ./peers 127.0.0.1 {ports[4]} "
                 f"{reader}\n", 0o755)
        self.put("/etc/sv/udp/peers/127.0.0.9", "", 0)
        self.put("/etc/sv/udp/peers/0", "")
        self.put("/etc/sv/named/run", "#!/bin/sh\nexec udpsvd -p -i ./peers 0 1 true\n", 0o755)
        self.put("/etc/sv/named/peers/0", "")
        done, told, out = self.adopt()
        found = {item["what"]: item for item in told["found"]}
        self.compiles(told, out)
        for what, port, wanted in (
                (str(ports[0]), ports[0], {"127.0.0.1": True, "127.0.1.9": True, "127.0.0.2": False}),
                (str(ports[1]), ports[1], {"127.0.0.1": True, "127.0.0.9": True}),
                ("asked", ports[2], {"127.0.0.1": True, "127.0.0.9": False}),
                ("each", ports[3], {"127.0.0.1": True, "127.0.0.9": False}),
                ("udp", ports[4], {"127.0.0.1": True, "127.0.0.9": False})):
            self.answers_datagrams(found[what], out, port, wanted)
        scripts = {name: self.read(out, f"services/{name}/run").splitlines()[3] for name in
                   (str(ports[0]), str(ports[1]), "asked", "each", "tftp")}
        self.check(scripts == {
            str(ports[0]): f"exec {self.bin}/udpserver -vHl0 -w -x rules.cdb 127.0.0.1 {ports[0]} \\",
            str(ports[1]): f"exec {self.bin}/udpserver -v4Hl0 --per-source 127.0.0.1 {ports[1]} \\",
            "asked": f"exec {self.bin}/udpserver -vHl0 -w -c 9 -x rules.cdb 127.0.0.1 {ports[2]} \\",
            "each": f"exec {self.bin}/udpserver -vHl0 --per-source -c 9 -x rules.cdb 127.0.0.1 {ports[3]} \\",
            "tftp": f"exec {self.bin}/envuidgid nobody {self.bin}/udpserver -vUHl0 -w 0 tftp \\"}, scripts)
        self.check(self.read(out, "services/udp/run").splitlines()[2] ==
                   f"exec {self.bin}/udpserver -vHR -l here -x rules.cdb 127.0.0.1 {ports[4]} {reader}")
        self.check("udpserver -vpR -l 0 -x" in self.read(out, "services/named/run"), "-p is -h too")
        self.check("=tftp under udpserver\n" in self.read(out, "units/tftp.service"), "the unit says so")
        for what in ("daytime", "rstatd/1-3", "odd", "raw"):
            self.check(found[what]["state"] == "stays", what, found[what])
        notes = {n.get("line"): n["message"] for n in told["notes"] if n["file"] == "/etc/inetd.conf"}
        self.check(sorted(notes) == [2, 3, 4, 5, 6] and "one source" in notes[2] and done.returncode == 0, notes)

    def idents(self):
        """Rules of users want the ident server asked, and names the name server; else neither is."""
        for allow, letters in (("echo: joe@127.0.0.1\n", "-vpl0"), ("echo: .example.com\n", "-vRpl0"),
                               ("echo: 127.0.0.1\n", "-vRHl0")):
            self.fresh()
            self.put("/etc/inetd.conf", "25 stream tcp nowait root /usr/sbin/tcpd /bin/echo served\n")
            self.put("/etc/hosts.allow", allow)
            self.put("/etc/hosts.deny", "ALL: ALL\n")
            _, told, out = self.adopt()
            run = self.read(out, "services/25/run")
            self.check(f"/tcpserver {letters} -x" in run, allow, run, told)

    def syslog(self):
        """What syslog and xinetd have written of each service is decided by its policy."""
        self.fresh()
        self.put("/usr/sbin/xinetd", elf(("libc.so.6",)), 0o755)
        self.put("/usr/sbin/sshd", elf(("libwrap.so.0",)), 0o755)
        self.put("/etc/inetd.conf", "telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd\n")
        self.put("/etc/hosts.allow", "in.telnetd: 10.1. .example.com joe@10.8.0.1\nsshd: 10.3.\n")
        self.put("/etc/hosts.deny", "ALL: ALL\n")
        self.put("/etc/ssh/sshd_config", "AllowUsers *@10.3.0.0/16\n")
        self.put("/etc/xinetd.conf", "defaults\n{\n log_type = FILE /var/log/x/log 100 200\n}\n"
                 "includedir /etc/xinetd.d\n")
        for name, more in (("ftp", "id = files\n no_access = 10.2.0.0/16"),
                           ("named", "only_from = mx.example.com 10.7.0.0/16\n log_type = SYSLOG daemon"),
                           ("open", "")):
            self.put(f"/etc/xinetd.d/{name}", f"service {name}\n{{\n type = UNLISTED\n port = 1\n socket_type = "
                     f"stream\n wait = no\n user = root\n server = /bin/true\n {more}\n}}\n")

        def own(*lines):
            return "".join(f"26/11/30@19:53:14: {line}\n" for line in lines)

        def syslog(*lines):
            return "".join(f"Mar  1 12:00:00 host {line}\n" for line in lines)
        self.put("/var/log/x/log", own(
            "START: files pid=1 from=10.1.0.1", "EXIT: files pid=1 duration=0(sec)",
            "START: files pid=2 from=10.2.0.1", "FAIL: files address from=10.2.0.1",
            "START: files pid=3 from=::ffff:10.2.0.1", "START: files pid=4 from=10.1.0.2",
            "FAIL: files address from=::ffff:10.2.0.1", "EXIT: files status=0 pid=3 duration=0(sec)",
            "FAIL: files service_limit from=10.1.0.3", "START: other pid=5 from=10.2.0.1",
            *[f"START: files pid=6 from=10.1.1.{i % 256}" for i in range(200)]))
        self.put("/var/log/x/log.1", own("START: files pid=6 from=10.2.0.9", "START: files pid=7"))
        self.put("/var/log/x/logged", own("START: files pid=8 from=10.2.0.9"))
        self.put("/var/log/daemon.log", syslog(
            "in.telnetd[7]: connect from 10.1.0.1 (10.1.0.1)", "in.telnetd[8]: refused connect from ::1 (::1)",
            "in.telnetd[9]: connect from mx.example.com (10.9.0.1)",
            "in.telnetd[9]: connect from joe@10.8.0.1 (10.8.0.1)", "in.telnetd[9]: connect from unknown",
            "in.telnetd[9]: refused connect from ann@10.8.0.1 (10.8.0.1)", "in.fingerd[9]: connect from 10.9.0.1",
            "xinetd[9]: START: named pid=6 from=10.7.0.1", "xinetd[9]: START: named pid=7 from=10.9.0.1"))
        self.put("/var/log/daemon.log-20260301", syslog("in.telnetd[9]: connect from 10.9.0.1 (10.9.0.1)"))
        self.put("/var/log/daemon.log.2.gz", b"\x1f\x8b")
        self.put("/var/log/daemon.log.gz", b"\x1f\x8b")
        self.put("/var/log/auth.log", syslog(
            "sshd[7]: refused connect from 10.9.0.1 (10.9.0.1)",
            "sshd[8]: Accepted publickey for root from 10.3.0.1 port 22 ssh2",
            "sshd-session[8]: Accepted password for root from 10.4.0.1 port 22 ssh2"))
        done, told, out = self.adopt()
        found = {(i["kind"], i.get("what", "")): i for i in told["found"]}
        logs = {key: {log["file"]: (log["connections"], log["changed"], log["unread"], log.get("line"),
                                    log.get("client")) for log in item.get("logs", [])}
                for key, item in found.items()}
        self.check(logs == {
            ("inetd", "telnet"): {"/var/log/daemon.log": (5, 0, 1, None, None),
                                  "/var/log/daemon.log-20260301": (1, 1, 0, 1, "10.9.0.1")},
            ("xinetd", "ftp"): {"/var/log/x/log": (204, 0, 0, None, None),
                                "/var/log/x/log.1": (1, 1, 1, 1, "10.2.0.9")},
            ("xinetd", "named"): {"/var/log/daemon.log": (1, 0, 1, None, None)},
            ("xinetd", "open"): {},
            ("hosts.allow", "sshd"): {"/var/log/auth.log": (3, 1, 0, 3, "10.4.0.1")},
            ("sshd", ""): {"/var/log/auth.log": (2, 1, 0, 3, "10.4.0.1")}}, logs)
        self.check(done.returncode == 1 and [n["message"][:6] for n in told["notes"]
                                             if n["file"] == "/var/log/daemon.log"] == ["1 more"], told["notes"])
        self.check("`/var/log/x/log.1`: 1 connections, 1 answered otherwise" in self.read(out, "CUTOVER.md"))

    def proven(self):
        """Held to the originals that are here; of one that is not, a note says so."""
        self.fresh()
        self.put("/etc/inetd.conf", "25 stream tcp nowait root /usr/sbin/tcpd /bin/echo served\n")
        self.put("/etc/hosts.allow", "echo: 10.1. 192.0.2.0/255.255.255.0\n")
        self.put("/etc/hosts.deny", "ALL: ALL\n")
        self.put("/etc/nginx/nginx.conf", "server { allow 10.0.0.0/8; deny all; }\n")
        done, told, _ = self.adopt("--prove")
        for file in ("/etc/hosts.allow", "/etc/nginx/nginx.conf"):
            said = [n["message"] for n in told["notes"] if n["file"] == file or file in n["message"]]
            self.check(done.returncode == 0 and said, file, done)
        done = self.run("adopt", self.tree, "--prove", "--root", self.tree)
        self.check(done.returncode == 2, done)

    def wrapped_xinetd(self, port):
        """An xinetd with libwrap asks hosts.allow too: both have to let a client in."""
        self.number += 1
        self.put("/usr/sbin/xinetd", elf(("libwrap.so.0",)), 0o755)
        self.put("/etc/hosts.deny", "sh: 127.0.0.3, [2001:db8::]/32\n")
        done, told, out = self.adopt()
        line = [item for item in told["found"] if item.get("what") == "line"][0]
        self.check(line["daemon"] == "sh" and line["state"] == "goes", line, done)
        self.compiles(told, out)
        self.answers(line, out, port, {"127.0.0.1": True, "127.0.0.3": False, "127.0.0.9": False})
        self.number += 1
        self.put("/etc/hosts.deny", "sh: .bad.example\n")
        done, told, out = self.adopt()
        line = [item for item in told["found"] if item.get("what") == "line"][0]
        self.check(line["state"] == "stays" and done.returncode == 1 and
                   any("one policy" in n["message"] for n in told["notes"]), line)

    def nginx(self):
        self.fresh()
        self.put("/etc/nginx/nginx.conf",
                 "user www;\nhttp {\n geo $office {\n  default deny;\n  10.0.0.0/8 allow;\n  10.9.0.0/16 deny;\n }\n"
                 " allow 192.0.2.0/24; # all of it\n deny all;\n include conf.d/*.conf;\n}\n")
        self.put("/etc/nginx/conf.d/a.conf", "server {\n deny 10.1.1.1;\n allow 10.1.1.0/24;\n deny all;\n"
                 " location /x { allow 2001:db8::/32; deny all; }\n location /y { return 200; }\n}\n")
        self.put("/etc/nginx/conf.d/b.conf.bak", "nonsense {")
        self.put("/etc/nginx/sites-available/s", "server { allow 198.51.100.7; deny all; }\n")
        self.link("/etc/nginx/sites-available/s", "/etc/nginx/sites-enabled/s")
        self.put("/etc/ssh/sshd_config", "AllowUsers ann@192.0.2.1 *@10.2.*\nDenyUsers *@10.2.3.0/24\n")
        done, told, out = self.adopt()
        self.check(done.returncode == 0, done)
        self.compiles(told, out)
        found = {(i["file"], i.get("line", 0)): os.path.join(out, i["policy"]) for i in told["found"]}
        main, part = "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/a.conf"
        for place, address, expected in (
                ((main, 3), "10.1.1.1", True), ((main, 3), "10.9.1.1", False), ((main, 3), "9.9.9.9", False),
                ((main, 8), "192.0.2.77", True), ((main, 8), "10.1.1.1", False),
                ((part, 2), "10.1.1.1", False), ((part, 2), "10.1.1.2", True), ((part, 2), "10.1.2.1", False),
                ((part, 5), "2001:db8::1", True), ((part, 5), "10.1.1.2", False),
                (("/etc/nginx/sites-enabled/s", 1), "198.51.100.7", True),
                (("/etc/nginx/sites-enabled/s", 1), "198.51.100.8", False),
                (("/etc/ssh/sshd_config", 0), "10.2.1.1", True), (("/etc/ssh/sshd_config", 0), "10.2.3.4", False),
                (("/etc/ssh/sshd_config", 0), "192.0.2.1", True), (("/etc/ssh/sshd_config", 0), "192.0.2.2", False)):
            self.check(place in found and self.allowed(found[place], address) == expected, place, address,
                       expected)
        self.check(len(found) == 6, found)

    def sshd(self):
        """Nothing of sshd that asks where somebody comes from is lost without a word."""
        self.fresh()
        self.put("/etc/ssh/sshd_config",
                 "Include /etc/ssh/sshd_config.d/*.conf\nUseDNS no\nAllowUsers ann@10.1.*,192.0.2.7 \"bob@10.2.0.0/16\"\n"
                 "DenyUsers eve *@10.2.3.0/24\nAllowGroups staff\n# Match Address 9.9.9.9\n"
                 "Match Address 10.3.0.0/16,192.0.2.0/24\n  PasswordAuthentication no\n"
                 "Match User git Address=10.4.0.1\n  ForceCommand /bin/false\nmatch host \"*.example.com\"\n"
                 "  PermitRootLogin yes\nMatch LocalAddress 10.0.0.1 Group wheel\n  X11Forwarding no\nMatch all\n"
                 "Include more missing\n")
        self.put("/etc/ssh/sshd_config.d/10-a.conf", "allowusers *@mx.example.com cid@10.5.0.1\nMatch address 10.6.0.1\n")
        self.put("/etc/ssh/sshd_config.d/old.conf.bak", "AllowUsers *@10.9.0.1\n")
        self.put("/etc/ssh/more", "AllowUsers *@10.7.0.1\n")
        done, told, out = self.adopt()
        self.compiles(told, out)
        found = {i["file"]: i for i in told["found"]}
        self.check({f: i["state"] for f, i in found.items()} ==
                   {"/etc/ssh/sshd_config": "goes", "/etc/ssh/sshd_config.d/old.conf.bak": "unread"} and
                   done.returncode == 0, found, done)
        policy = os.path.join(out, found["/etc/ssh/sshd_config"]["policy"])
        for address, expected in (("10.1.2.3", True), ("192.0.2.7", True), ("10.2.1.1", True), ("10.2.3.4", False),
                                  ("10.5.0.1", True), ("10.7.0.1", True), ("10.9.0.1", False), ("10.3.0.1", False)):
            self.check(self.allowed(policy, address) == expected, address, expected)
        notes = {(n["file"].rsplit("/", 1)[1], n["line"]): n["message"] for n in told["notes"]}
        said = {"10.3.0.0/16,192.0.2.0/24": 7, "10.4.0.1": 9, "*.example.com": 11, "10.6.0.1": 2}
        for wanted, line in said.items():
            place = ("10-a.conf" if wanted == "10.6.0.1" else "sshd_config", line)
            self.check(notes.get(place) == f'what is set for clients from "{wanted}" is not taken over', place, notes)
        self.check(sorted(notes) == [("10-a.conf", 1), ("10-a.conf", 2), ("sshd_config", 3), ("sshd_config", 4),
                                     ("sshd_config", 7), ("sshd_config", 9), ("sshd_config", 11)], notes)
        for text, place, words in (
                ("Match Address 10.0.0.0/8\n AllowUsers *@10.1.0.0/16\n", 2, "Match of line 1"),
                ("Match User bob\n DenyUsers *@10.1.0.0/16\n", 2, "Match of line 1"),
                ("AllowUsers *@10.0.0.0/8,!10.1.0.0/16\n", 1, "not meant"),
                ("AllowUsers *@10.1.0.1/16\n", 1, "behind its length"),
                ("AllowUsers *@10.?.0.1\n", 1, "no address"),
                ("AllowUsers *@10.1.1.1\nMatch User x\nInclude more\n", None, "of a Match that includes it"),
                ("AllowUsers *@10.1.1.1\nInclude /etc/*/x.conf\n", None, "not looked for")):
            self.put("/etc/ssh/sshd_config", text)
            done = self.run("adopt", self.tree, "--format", "json")
            told = json.loads(done.stdout)
            errors = [n for n in told["notes"] if n["severity"] == "error"]
            self.check(done.returncode == 1 and len(errors) == 1 and words in errors[0]["message"] and
                       errors[0].get("line") == place and told["found"][0]["state"] == "stays", text, told)
        self.put("/etc/ssh/sshd_config", "Match Address 10.0.0.0/8\n PermitRootLogin yes\n")
        done = self.run("adopt", self.tree, "--format", "json")
        told = json.loads(done.stdout)
        self.check(done.returncode == 0 and told["notes"][0]["line"] == 1, told)

    def xinetd_words(self):
        """yes and no are so in any letters, and of another word xinetd takes the service away."""
        for disable, wait, down, waits in (("yes", "no", True, False), ("Yes", "no", True, False), ("YES", "yes", True, True),
                                           ("No", "YES", False, True), ("no", "No", False, False),
                                           ("true", "no", True, False), ("no", "true", True, False)):
            self.fresh()
            self.put("/etc/xinetd.conf", "service talk\n{\n socket_type = dgram\n user = root\n server = /bin/cat\n"
                     f" disable = {disable}\n wait = {wait}\n}}\n")
            _, told, out = self.adopt()
            (item,) = told["found"]
            with open(os.path.join(out, "services", item["name"], "run"), encoding="ascii") as file:
                script = file.read()
            self.check(item.get("down", False) == down and (" -w " in script) == waits and
                       ("--per-source" in script) != waits, disable, wait, item, script)

    def sshd_quotes(self):
        """Words of sshd_config are what sshd reads: blanks and # may stand in quotes, and what it refuses is told."""
        for users, reached, state in (('"ann bee@10.1.0.1" *@10.2.0.0/16', "10.1.0.1", "goes"),
                                      ('"#ann@10.1.0.1" *@10.2.0.1 # "', "10.1.0.1", "goes"),
                                      ('*@10.2.0.1 "ann@10.1.0.1', None, "stays"), ('*@10.2.0.1 "a@10.1.0.1"b', None, "stays"),
                                      ('"" *@10.2.0.1', None, "stays")):
            self.fresh()
            self.put("/etc/ssh/sshd_config", f"AllowUsers {users}\n")
            done, told, out = self.adopt()
            item = told["found"][0] if told["found"] else {}
            self.check(item.get("state") == state, users, told)
            if state == "stays":
                self.check(done.returncode == 1 and any(n["line"] == 1 and "quote" in n["message"] for n in told["notes"]),
                           users, told)
                continue
            policy = os.path.join(out, item["policy"])
            for address, expected in ((reached, True), ("10.2.0.1", True), ("10.3.0.1", False)):
                self.check(self.allowed(policy, address) == expected, users, address)

    # ------------------------------------------------------------------ random forms

    def words_of(self, script, fakes):
        """What a run script starts, by programs that print their words in the place of ours."""
        with open(script, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read().replace(self.bin, fakes)
        return subprocess.run(["/bin/sh", "-c", text], capture_output=True, timeout=60,
                              check=False).stdout.split(b"\0")[:-1]

    def random_inetd(self, rounds):
        """Words of all forms come back from the shell as they stand in the file."""
        fakes = os.path.join(self.folder, "fakes")
        os.mkdir(fakes)
        for name in ("tcpserver", "envuidgid"):
            with open(os.path.join(fakes, name), "w", encoding="ascii") as out:
                out.write("#!/bin/sh\nprintf '%s\\0' \"$0\" \"$@\"\n")
            os.chmod(os.path.join(fakes, name), 0o755)
        pieces = ["-l", "a", "$HOME", "`id`", "$(id)", "\\", "*", "&&", ";", "|", "~", "#x", "!", "'", "é",
                  "x=y", "{a,b}", "%", "..", "<", "-", "--", "\"q"]
        rng = random.Random(27)
        for _ in range(rounds):
            self.fresh()
            user = rng.choice(["root", "mail", "we$ird", "mail.mail"])
            words = ["".join(rng.choice(pieces) for _ in range(rng.randint(1, 3)))
                     for _ in range(rng.randint(0, 6))]
            words = [w for w in words if w[0] not in "\"'"]
            program = "/usr/bin/" + rng.choice(["p", "p q".replace(" ", "$"), "o'k"])
            name = rng.choice(["p", program, "-sh", "na;me"])
            port = rng.choice(["25", "smtp", "a;b", "$(id)", "-x"])
            blank = rng.choice([" ", "\t", "   "])
            self.put("/etc/inetd.conf", blank.join([port, "stream", "tcp", "nowait", user, program, name,
                                                    *words]) + rng.choice(["\n", "", "\r\n"]))
            done, told, out = self.adopt()
            if port == "-x":
                self.check(told["found"][0]["state"] == "stays" and done.returncode == 1, told)
                continue
            item = told["found"][0]
            got = self.words_of(os.path.join(out, "services", item["name"], "run"), fakes)
            wanted = ["0", port, *([] if name == program else [fakes + "/argv0"]), program,
                      *([] if name == program else [name]), *words]
            front = got.index(b"0") if b"0" in got else 0
            self.check(got[front:] == [w.encode() for w in wanted], item, got, wanted)
            self.check((user == "root") == (got[0] == (fakes + "/tcpserver").encode()), user, got)

    def random_nginx(self, rounds):
        """Blocks in blocks: each has its own rules, and the first that matches decides."""
        rng = random.Random(72)
        for _ in range(rounds):
            self.fresh()
            blocks, lines = [], []

            def block(depth):
                rules = []
                for _ in range(rng.randint(0, 4)):
                    kind = rng.random()
                    if kind < 0.2 and depth < 4:
                        lines.append(rng.choice(["server {", "location /a {", 'location ~ "x{1}" {']))
                        block(depth + 1)
                        lines.append("}")
                        continue
                    if kind < 0.3:
                        lines.append(rng.choice(["# deny all;", "root /x;", 'add_header X "allow 1.1.1.1;";']))
                        continue
                    who = ipaddress.ip_network((rng.choice((0x0a000000, 0x0a010000, 0x0a010100)),
                                                rng.choice((8, 16, 24, 32))), strict=False)
                    verdict = rng.choice(("allow", "deny"))
                    lines.append(f"{verdict} {who};")
                    rules.append((who, verdict))
                    if len(rules) == 1:
                        blocks.append((len(lines), rules))
            block(0)
            self.put("/etc/nginx/nginx.conf", "\n".join(lines) + "\n")
            done, told, out = self.adopt()
            if not blocks:
                self.check(told is None and done.returncode == 2, lines, done)
                continue
            policies = {i["line"]: os.path.join(out, i["policy"]) for i in told["found"] if "policy" in i}
            self.check(sorted(policies) == sorted(line for line, _ in blocks), lines, told)
            for line, rules in blocks:
                for address in ("10.1.1.0", "10.1.2.3", "10.2.3.4", "11.0.0.1"):
                    verdict = next((v for who, v in rules if ipaddress.ip_address(address) in who), "allow")
                    self.check(self.allowed(policies[line], address) == (verdict == "allow"), lines, line,
                               address, verdict)

    def random_elf(self, rounds):
        """Damaged programs are read to their end, and no further."""
        rng = random.Random(5)
        self.fresh()
        self.put("/etc/hosts.deny", "ALL: ALL\n")
        for i in range(rounds):
            data = bytearray(elf(("libc.so.6", "libwrap.so.0"), rng.choice((32, 64)), rng.choice("<>")))
            for _ in range(rng.randint(1, 6)):
                data[rng.randrange(4, len(data))] = rng.choice((0, 1, 0x7f, 0xff, rng.randrange(256)))
            self.put(f"/usr/sbin/p{i}", bytes(data[:rng.randint(1, len(data))]), 0o755)
        done, told, _ = self.adopt()
        self.check(told is not None and done.returncode in (0, 1), done)
        whole = self.run("adopt", self.tree, "--format", "json")
        self.check(json.loads(whole.stdout)["found"] == told["found"], "twice the same")

    # ------------------------------------------------------------------ harm

    def roots(self):
        """What ROOT and DIR may not be."""
        self.fresh()
        self.put("/etc/inetd.conf", "ftp stream tcp nowait root /bin/ftpd\n")
        out = os.path.join(self.folder, "place")
        inside = os.path.join(self.tree, "out")
        with open(os.path.join(self.folder, "file"), "w", encoding="ascii") as file:
            file.write("x\n")
        os.mkdir(os.path.join(self.folder, "there"))
        os.symlink("nowhere", os.path.join(self.folder, "dangling"))
        os.symlink(self.tree, os.path.join(self.folder, "link"))
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        for words in ([], ["a", "b"], ["nothing", "-o", out], ["file", "-o", out], ["", "-o", out],
                      [empty, "-o", out], [self.tree, "-o", "file"], [self.tree, "-o", "there"],
                      [self.tree, "-o", "there/"], [self.tree, "-o", "dangling"], [self.tree, "-o", ""],
                      [self.tree, "-o", "."], [self.tree, "-o", ".."], [self.tree, "-o", "/"],
                      [self.tree, "-o", "no/such"], [self.tree, "-o", "file/x"], [self.tree, "-o", inside],
                      [self.tree, "-o", inside + "/"], [self.tree, "-o", "link/out"],
                      [self.tree + "/", "-o", self.tree + "/etc/out"],
                      [self.tree, "-o", out, "--programs", "bin"], [self.tree, "-o", out, "--programs", "/a b"],
                      [self.tree, "-o", out, "--programs", "/$(id)"], [self.tree, "-o", out, "--root", empty]):
            before = self.snapshot()
            done = self.run("adopt", *words)
            self.check(done.returncode == 2 and done.stderr.startswith("postern adopt: ") and
                       not os.path.exists(out) and self.snapshot() == before and not self.left(), words, done)
        done = self.run("adopt", self.tree, "-o", out + "/")
        self.check(done.returncode == 0 and os.path.exists(out + "/CUTOVER.md"), done)
        before = os.stat(out)
        done = self.run("adopt", self.tree, "-o", out)
        self.check(done.returncode == 2 and os.stat(out) == before, "twice", done)
        done = self.run("adopt", self.tree)
        self.check(done.returncode == 0 and "CUTOVER" not in done.stdout, "only the report", done)

    def full(self):
        """No room: 111, and nothing is left."""
        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        out = os.path.join(self.folder, "full")
        done = self.run("adopt", self.tree, "-o", out, preexec_fn=small)
        self.check(done.returncode == 111 and not os.path.exists(out) and not self.left(), done)
        shut = os.path.join(self.folder, "shut")
        os.mkdir(shut)
        os.chmod(shut, 0o555)
        if os.geteuid():
            done = self.run("adopt", self.tree, "-o", shut + "/out")
            self.check(done.returncode == 111 and not os.listdir(shut), done)
        os.chmod(shut, 0o755)

    def hostile(self):
        """Links out of the tree, rings, FIFOs, devices, NULs, what is far too long, odd names."""
        self.fresh()
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w", encoding="ascii") as out:
            out.write("ftp stream tcp nowait root /bin/SECRET\n")
        up = "../" * 40
        self.link(up + secret.lstrip("/"), "/etc/inetd.conf")
        self.link("/proc/self/environ", "/etc/hosts.allow")
        self.link("hosts.deny", "/etc/hosts.deny")
        self.link(secret, "/etc/inetd.d/a")
        self.link("/", "/service")
        self.link("/service/etc/../etc", "/etc/service/round")
        self.put("/etc/nginx/nginx.conf", b"allow 10.0.0.0/8;\n\0deny all;\n")
        self.put("/etc/nginx/conf.d/a.conf", "http { " * 10000)
        self.put("/etc/nginx/conf.d/b.conf", "server { deny 1.1.1.1; }\n" * 3000)
        self.put("/etc/nginx/conf.d/c.conf", "allow " + "9" * 100000 + ";\n")
        self.put("/etc/ssh/sshd_config", b"AllowUsers *@10.1.\xff* a@\x1b[31m\nMatch Address 1\nDenyUsers *@1.1.1.1\n")
        self.put("/etc/xinetd.conf", "includedir " + "/x" * 3000 + "\ninclude /etc/xinetd.conf\n{\n{\n}\n}\n")
        for path in ("/etc/xinetd.d/fifo", "/etc/nginx/sites-enabled/fifo", "/etc/sv/a/run", "/etc/sv/k/log/run",
                     "/etc/tcp.fifo.cdb", "/etc/ssh/sshd_config.d/fifo", "/usr/sbin/fifo"):
            os.makedirs(os.path.dirname(self.tree + path), exist_ok=True)
            os.mkfifo(self.tree + path)
        self.put("/etc/sv/b/run", "#!/bin/sh\nexec tcpserver -x /etc/tcp.fifo.cdb 0 1 true\n")
        self.put("/etc/sv/k/run", "exec tcpserver -x /etc/tcp.g.cdb 0 1 true\n")
        self.put("/etc/sv/l/run", "tcpsvd -i ./peers 0 1 true\n")
        self.link("/", "/etc/sv/l/peers")
        self.put("/etc/sv/m/run", "tcpsvd -i ./peers 0 1 true\n")
        self.put("/etc/sv/m/peers/1.2.3.4", "+A=b\n")
        os.mkfifo(self.tree + "/etc/sv/m/peers/fifo")
        self.put("/etc/sv/n/run", "tcpsvd -x ./cdb 0 1 true\n")
        self.put("/etc/sv/n/cdb", b"\0" * 3000)
        self.put("/etc/sv/c/run/x", "")
        self.put("/etc/sv/d/run", b"exec tcpserver -x /etc/\0.cdb 0 1 true\n")
        self.put("/etc/sv/e/run", "exec tcpserver -x ../../../../../../etc/passwd 0 1 true\n")
        self.put("/etc/sv/f/run", "x" * (2 << 20))
        self.put("/etc/sv/`id`\x1b[31m\n# h/run", "exec tcpserver -x /etc/tcp.g.cdb 0 1 true\n")
        self.put("/etc/tcp.g", ":allow,A=\"x\"\n")
        self.put("/etc/sv/h/run", "exec tcpserver -x /etc/tcp.h.cdb 0 1 true\n")
        self.put("/etc/tcp.h", f"postern: 1\ninclude \"{secret}\"\nfile \"/etc/passwd\" : deny\n* : allow\n")
        self.put("/etc/sv/i/run", "exec tcpserver -x /etc/tcp.i.cdb 0 1 true\n")
        self.put("/etc/tcp.i.cdb", b"\xff" * 5000)
        with open(self.tree + "/etc/xinetd.d/sparse", "wb") as out:
            out.truncate(1 << 40)
        if os.geteuid():
            self.put("/etc/xinetd.d/shut", "service x\n{\n}\n", 0)
        before = self.snapshot()
        done, told, out = self.adopt()
        self.check(told is not None and done.returncode == 1 and before == self.snapshot(), done)
        text = json.dumps(told)
        self.check("SECRET" not in text and "root:x" not in text and "PATH=" not in text, text[:2000])
        for folder, _, names in os.walk(out):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    data = file.read()
                self.check(b"SECRET" not in data and b"\x1b" not in data and b"root:x" not in data, name)
                self.check(b"\n# h" not in data, name, "a line of its own")
        said = {n["file"]: n["message"] for n in told["notes"] if n["severity"] == "error"}
        for path, words in (("/etc/hosts.deny", "symbolic links"), ("/etc/sv/a/run", "Not a regular"),
                            ("/etc/tcp.fifo.cdb", "Not a regular"), ("/etc/sv/c/run", "Not a regular"),
                            ("/etc/sv/d/run", "NUL"), ("/etc/sv/f/run", "longer than"),
                            ("/etc/nginx/nginx.conf", "NUL"), ("/etc/nginx/conf.d/a.conf", "no configuration"),
                            ("/etc/nginx/conf.d/b.conf", "more than 64"), ("/etc/tcp.i.cdb", "no rules"),
                            ("/etc/tcp.h.cdb", "No such file"), ("/etc/ssh/sshd_config", ""),
                            ("/etc/sv/k/log/run", "Not a regular")):
            self.check(words in said.get(path, "-"), path, words, said.get(path))
        self.compiles(told, out)
        self.check(not any(i.get("policy") for i in told["found"] if i["kind"] in ("inetd", "hosts.allow")),
                   "what cannot be read may say anything", told)
        plain = self.run("adopt", self.tree)
        self.check("\x1b" not in plain.stdout + plain.stderr, "what a terminal would obey")

    def many(self):
        """More than are read are told of, in time that the number of files bounds."""
        self.fresh()
        self.put("/etc/inetd.conf", "".join(f"{i} stream tcp nowait root /bin/p\n" for i in range(1, 3000)))
        start = time.monotonic()
        done, told, _ = self.adopt()
        self.check(told and len(told["found"]) == 1024 and done.returncode == 1 and
                   time.monotonic() - start < 100, done.returncode)
        names = {item["name"] for item in told["found"]}
        self.check(len(names) == 1024, "each has its own name")
        self.fresh()
        self.put("/etc/inetd.conf", "".join(f"a{c}b stream tcp nowait root /bin/p\n" for c in "!/;:.,$%") * 3 +
                 "../../x stream tcp nowait root /bin/p\n.. stream tcp nowait root /bin/p\n" +
                 "x" * 3000 + " stream tcp nowait root /bin/p\n")
        done, told, out = self.adopt()
        self.check(told and sorted(os.listdir(out)) == ["CUTOVER.md", "policies", "services", "units"], done)
        self.check(len(os.listdir(out + "/services")) ==
                   len([i for i in told["found"] if i.get("script")]), told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=25)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postern-adopt-") as folder:
        machine = Machine(args.bin, folder)
        machine.qmail()
        machine.others()
        machine.inetd()
        machine.datagrams()
        machine.idents()
        machine.syslog()
        machine.proven()
        machine.nginx()
        machine.sshd()
        machine.sshd_quotes()
        machine.xinetd_words()
        machine.random_inetd(args.rounds)
        machine.random_nginx(args.rounds)
        machine.random_elf(20 * args.rounds)
        machine.roots()
        machine.full()
        machine.hostile()
        machine.many()
    return machine.end(300)


if __name__ == "__main__":
    sys.exit(main())
