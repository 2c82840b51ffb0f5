"""The cases of serving.py: each looks at one thing that a program does.

Tables where cases differ in an argument only; functions where they do not. A case that
the originals are known to get wrong is not here; docs/serving.md names those.
"""
import os
import re
import signal
import socket
import struct
import time

import companion_cases
import observe
import servers as S
from companion_cases import case, cases

CASES = companion_cases.CASES
V = "-vRHl0"  # verbose, no look-ups


def forgive(name, text):
    """What ours says beside the original's words, and may."""
    text = re.sub(r"(?:tcpserver|tcpclient|rblsmtpd): "
                  r"-\w wants .*\n", "", text)
    # AddressSanitizer wonders at the stack of a child that borrows ours
    text = re.sub(r"==\d+==WARNING: ASan is ignoring .*\nFalse positive .*\nFor details .*\n",
                  "", text)
    if name.startswith("usage_"):  # which of the two recordio sees first, if both
        text = text.replace("PID < [EOF]\n", "").replace("PID > [EOF]\n", "")
    if name.startswith("name_"):
        text = text.replace("tcpserver: warning: look-ups of names: no answer\n", "")
    return text


def one_visit(c, *options, host="127.0.0.1", address="127.0.0.1", **more):
    with c.server(*options, host=host, address=address, **more) as server:
        if server.port:
            server.visit(address=address)
        server.end()


# --- command lines -------------------------------------------------------------------

@cases("usage_tcpserver", [
    ([],), (["-"],), (["0"],), (["0", "0"],), (["-z", "0", "0", "true"],),
    (["-vz", "0", "0", "true"],), (["-c"],), (["-x"],), (["--", "0", "0"],),
    (["-X", "0"],), (["0", "nosuch", "true"],), (["0", "12x", "true"],),
    (["0", "-5", "true"],), (["1.2.3.4", "5555", "true"],),
    (["-q", "1.2.3.4", "5555", "true"],), (["-q", "0", "nosuch", "true"],),
    (["-q", "nosuch.invalid", "0", "true"],), (["-qz"],), (["-q"],), (["nosuch.invalid", "0", "true"],),
    (["-u", "1", "-g"],), (["-t26"],),
])
def usage_tcpserver(c, args):
    c.run("tcpserver", *args)


@cases("usage", [
    ("tcpclient", []), ("tcpclient", ["0"]), ("tcpclient", ["0", "1"]),
    ("tcpclient", ["-z", "0", "1", "true"]), ("tcpclient", ["-T"]),
    ("tcpclient", ["0", "nosuch", "true"]), ("tcpclient", ["nosuch.invalid", "1", "true"]),
    ("tcpclient", ["-ijunk", "0", "1", "true"]), ("tcpclient", ["-q", "0", "nosuch", "true"]),
    ("tcpclient", ["-q", "nosuch.invalid", "1", "true"]), ("tcpclient", ["-q", "0"]),
    ("rblsmtpd", []), ("rblsmtpd", ["-z"]), ("rblsmtpd", ["-r"]), ("rblsmtpd", ["-R", "x"]),
    ("rblsmtpd", ["nosuch"]),
    ("recordio", []), ("recordio", ["nosuch"]), ("recordio", ["sh", "-c", "exit 3"]),
    ("fixcrio", []), ("fixcrio", ["nosuch"]), ("fixcrio", ["sh", "-c", "exit 3"]),
    ("argv0", []), ("argv0", ["sh"]), ("argv0", ["nosuch", "x"]),
    ("argv0", ["sh", "-name", "-c", "echo $0"]), ("argv0", ["/bin/sh", "n", "-c", "exit 9"]),
    ("envuidgid", []), ("envuidgid", ["daemon"]), ("envuidgid", ["nosuch", "id"]),
    ("envuidgid", ["daemon", "nosuch"]),
    ("envuidgid", ["daemon", "sh", "-c", "id; echo $UID $GID"]),
    ("setuidgid", []), ("setuidgid", ["daemon"]), ("setuidgid", ["nosuch", "id"]),
    ("setuidgid", ["daemon", "nosuch"]), ("setuidgid", ["daemon", "id"]),
])
def usage(c, program, args):
    c.run(program, *args)


@case
def setuidgid_needs_root(c):
    c.run("setuidgid", "daemon", os.path.join(c.programs, "setuidgid"), "root", "id")


@case
def port_by_name(c):
    c.run("tcpserver", "127.0.0.1", "nosuchservice", "true")
    with c.server(V, port="smtp") as server:
        c.say("port", server.port)
        if server.port:  # ended at once, one of them may not have come to its first line yet
            server.wait_for(b": status: ", 1)
        server.end()


@case
def port_in_use(c):
    with S.Says(b"") as taken:
        c.run("tcpserver", "127.0.0.1", taken.port, "true", ports=[("TAKEN", taken.port)])


# --- environment ---------------------------------------------------------------------

@cases("environment", [
    ([V], "0", "127.0.0.1"), ([V], "0", "::1"), ([V, "-4"], "0", "127.0.0.1"),
    ([V, "-6"], "0", "127.0.0.1"), ([V, "-6"], "0", "::1"), ([V], "", "127.0.0.1"),
    ([V], "127.0.0.1", "127.0.0.1"), ([V], "::1", "::1"), ([V, "-6"], "::1", "::1"),
    (["-vRHlname"], "0", "127.0.0.1"), (["-vRHl", ""], "0", "127.0.0.1"),
    (["-vRH", "-l", "a b%c\x01\x7f\xe9:d"], "0", "127.0.0.1"),
    (["-vRHl" + "n" * 100], "0", "127.0.0.1"), (["-vRHl" + "n" * 101], "0", "127.0.0.1"),
    (["-v", "-RHl0", "-D", "-o"], "0", "127.0.0.1"), ([V, "-d", "-O"], "0", "127.0.0.1"),
    ([V, "-p"], "0", "127.0.0.1"), ([V, "-P", "-t", "3"], "0", "127.0.0.1"),
    ([V, "-b0"], "0", "127.0.0.1"), ([V, "-b", "100", "-c5"], "0", "127.0.0.1"),
    ([V, "-I", "lo"], "::1", "::1"), (["-RHl0"], "0", "127.0.0.1"),
    (["-QRHl0"], "0", "127.0.0.1"), (["-qRHl0"], "0", "127.0.0.1"),
    (["-vqRHl0"], "0", "127.0.0.1"), (["-qvRHl0"], "0", "127.0.0.1"),
])
def environment(c, options, host, address):
    one_visit(c, *options, host=host, address=address)


@case
def environment_that_was_there(c):
    one_visit(c, V, env={"TCPREMOTEINFO": "a", "TCPREMOTEHOST": "b", "TCPLOCALHOST": "c",
                         "PROTO": "d", "TCPREMOTEIP": "e", "TCP6REMOTEHOST": "f",
                         "TCP6REMOTEINFO": "g", "OTHER": "", "UCSPI": "x=y"})


@case
def environment_without_path(c):
    with c.server(V, program=["sh", "-c", "echo found"], env={"PATH": ""}) as server:
        server.visit()
        server.end()


@case
def source_address_shows(c):
    with c.server(V, host="0") as server:
        server.visit(source="127.9.8.7")
        server.visit(address="127.1.2.3")
        server.end()


# --- the program ---------------------------------------------------------------------

@cases("program", [
    (["/nonexist"],), (["nosuch"],), (["/etc/passwd"],), (["/"],), (["sh", "-c", "exit 3"],),
    (["sh", "-c", "kill -9 $$"],), (["sh", "-c", "kill -TERM $$"],),
    (["sh", "-c", "kill -PIPE $$"],), (["cat", "/nonexist"],),
    (["sh", "-c", "echo to the log >&2; echo to the client"],),
    (["sh", "-c", "for f in /proc/$$/fd/*; do echo ${f##*/}; done"],),
    (["grep", "^Sig[IBC]", "/proc/self/status"],),
    (["sh", "-c", "cat /proc/$$/comm; ulimit -c; umask; pwd"],),
    (["sh", "-c", "test -S /dev/stdin && test -S /dev/stdout && echo sockets"],),
    (["head", "-c", "100000", "/dev/zero"],), (["sh", "-c", "exec >&-; sleep 0.1"],),
    (["sh", "-c", "test $PPID = $(sed -n 's/^PPid:.//p' /proc/$$/status) && echo ours"],),
    (["-l0", "x"],),
])
def program(c, words):
    one_visit(c, V, program=words)


@case
def program_quiet_about_failure(c):
    one_visit(c, "-qRHl0", program=["/nonexist"])
    one_visit(c, "-RHl0", program=["/nonexist"])


@case
def program_reads_and_writes(c):
    with c.server(V, program=["cat"]) as server:
        client = server.connect(send=b"x" * 300000)
        client.socket.shutdown(socket.SHUT_WR)
        c.say("got", len(client.read()))
        client.close()
        server.wait_for(rb": end ")
        server.end()


@case
def ignored_signals_are_not_inherited(c):
    def ignore():
        for number in (signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
    with c.server(V, program=["grep", "^SigI", "/proc/self/status"],
                  preexec_fn=ignore) as server:
        server.visit()
        server.end()


@cases("accounts", [
    (["-u1", "-g2"], {}), (["-u", "1"], {}), (["-g", "2"], {}),
    (["-U"], {"UID": "1", "GID": "2"}), (["-U"], {}), (["-u0", "-g0"], {}),
    (["-U", "-u3"], {"UID": "1", "GID": "2"}),
])
def accounts(c, options, env):
    one_visit(c, V, *options, program=["id"], env=env)


@cases("accounts_refused", [(["-g", "0", "-u", "2"],), (["-g", "5"],), (["-u", "5"],)])
def accounts_refused(c, options):
    c.run("setuidgid", "daemon", os.path.join(c.programs, "tcpserver"), *options,
          "127.0.0.1", "0", "true")


# --- rules ---------------------------------------------------------------------------

@cases("rules", [
    ("127.:deny\n", "127.0.0.1", []), (":deny\n", "127.0.0.1", []),
    ("127.0.0.1:allow,A=\"x\",B=\"y z\"\n:deny\n", "127.0.0.1", []),
    ("127.:allow,PATH=\"/nonexist\",TCPREMOTEIP=\"9\",PROTO=\"X\",A=\"y\"\n", "127.0.0.1", []),
    ("127.:allow,TCPLOCALHOST=\"rule\",TCPREMOTEINFO=\"i\",TCPREMOTEHOST=\"h\"\n",
     "127.0.0.1", []),
    ("127.0.0.1:allow,A=\"\",KEPT=\"other\"\n", "127.0.0.1", []), ("", "127.0.0.1", []),
    ("127.:deny,A=\"x\"\n", "127.0.0.1", []), ("1.2.3.4:deny\n:allow,B=\"1\"\n", "127.0.0.1", []),
    ("=:deny\n:allow\n", "127.0.0.1", []), ("joe@127.0.0.1:deny\n", "127.0.0.1", []),
    ("=.example:deny\n127.:allow,X=\"1\"\n", "127.0.0.1", []), ("127.:deny\n", "127.0.0.1", ["-q"]),
    ("127.:deny\n", "127.0.0.1", ["-Bgo away"]), (":allow\n", "127.0.0.1", ["-Bwelcome "]),
    ("::1:deny\n", "::1", []), (":deny\n", "::1", []), ("127.:deny\n", "127.0.0.1", ["-6"]),
    ("::ffff:127.0.0.1:deny\n", "127.0.0.1", ["-6"]), (":deny\n", "127.0.0.1", ["-6"]),
    ("127.:allow,E=\"" + "e" * 3000 + "\"\n", "127.0.0.1", []),
])
def rules(c, text, address, options):
    one_visit(c, V, "-x", c.rules(text), *options, host="0", address=address)


@cases("rules_file", [
    (None, []), (None, ["-X"]), (b"", []), (b"x" * 100, []), (b"x" * 3000, []),
    (b"\xff" * 4096, []), (b"", ["-X"]), (b"x" * 3000, ["-q"]), (b"x" * 3000, ["-X"]),
])
def rules_file(c, content, options):
    if content is not None:
        c.write("odd.cdb", content)
    one_visit(c, V, *options, "-x", "odd.cdb")


@case
def rules_without_permission(c):
    path = c.rules(":allow\n")
    os.chmod(path, 0)
    one_visit(c, V, "-x", path, "-u", "1")
    os.chmod(c.folder, 0o700)


@case
def rules_with_a_name_alone(c):
    """A record that no tcprules writes: a variable without its sign."""
    key, value = b"127.", b"+KEPT\0+NEW\0+A=b\0"
    entry = struct.pack("<II", len(key), len(value)) + key + value
    hashed = 5381
    for byte in key:
        hashed = ((hashed << 5) + hashed ^ byte) & 0xffffffff
    end = 2048 + len(entry)
    tables = b"".join(struct.pack("<II", end, 2 if t == hashed & 255 else 0)
                      for t in range(256))
    slots = [struct.pack("<II", 0, 0)] * 2
    slots[(hashed >> 8) % 2] = struct.pack("<II", hashed, 2048)
    one_visit(c, V, "-x", c.write("odd.cdb", tables + entry + b"".join(slots)))


@case
def rules_replaced(c):
    path = c.rules(":allow,GENERATION=\"1\"\n")
    with c.server(V, "-x", path, program=["sh", "-c", "echo $GENERATION"]) as server:
        server.visit()
        c.rules(":allow,GENERATION=\"2\"\n")
        server.visit()
        c.rules(":deny\n")
        server.visit()
        os.unlink(path)
        server.visit()
        c.write("rules.cdb", b"half")
        server.visit()
        c.rules(":allow,GENERATION=\"3\"\n")
        server.visit()
        server.end()


@case
def rules_replaced_while_a_client_is_served(c):
    path = c.rules(":allow\n")
    with c.server(V, "-x", path, program=["cat"]) as server:
        client = server.connect(send=b"before ")
        server.wait_for(rb"ok")
        c.rules(":deny\n")
        server.visit()
        client.socket.sendall(b"after")
        client.socket.shutdown(socket.SHUT_WR)
        c.say("got", client.read())
        client.close()
        server.wait_for(rb": end ", 2)
        server.end()


# --- ident ---------------------------------------------------------------------------

INFO = ["sh", "-c", "echo \"${TCPREMOTEINFO-none}\" | od -c"]


@cases("ident", [
    (b"1,2:USERID:UNIX:joe\r\n",), (b"1,2:USERID:UNIX: joe \r\n",),
    (b" 1 , 2 : USERID : UNIX : j:o e\r\n",), (b"x:y:z:\r\n",), (b"1,2:ERROR:NO-USER\r\n",),
    (b"a:b:c:" + b"x" * 2000 + b"\r\n",), (b"a:b:c:" + b"y" * 257 + b"\n",),
    (b"a:b:c:" + b"y" * 256 + b"\n",), (b"a:b:c:no newline",), (b"a:b:c:q\0w\r\n",),
    (b"a:b:c:q\x1bw\xff%\tz\r\n",), (b"a:b:c: \t lead\n",), (b"a:b:c:x\rb\n",),
    (b"a:b:c\n:joe\n",), (b"a:b:c:one\ntwo\n",), ([b"a", b":b:", b"c:j", b"oe\n"],), (b"",),
    (b"\n",), (b":::@=\n",), (b"a:b:c:a@127.0.0.1\r\n",),
])
def ident(c, reply):
    with S.Ident(reply, 0.02) as server:
        one_visit(c, "-vHl0", "-t5", program=INFO)
        c.say("asked", len(server.queries))


@case
def ident_asks_for_the_ports(c):
    with S.Ident(b"a:b:c:d\r\n") as asked, c.server("-vHl0") as server:
        server.visit()
        c.say("query", observe.normal(asked.queries[0].decode(), server.ports))
        server.end()


@case
def ident_nobody_listens(c):
    one_visit(c, "-vHl0", program=INFO)


@case
def ident_of_ipv6(c):
    with S.Ident(b"a:b:c:six\r\n", address="::1", family=socket.AF_INET6):
        one_visit(c, "-vHl0", host="::1", address="::1", program=INFO)


@case
def ident_silent(c):
    with S.Ident(None):
        start = time.monotonic()
        one_visit(c, "-vHl0", "-t1", program=INFO)
        c.say("in time", 0.9 < time.monotonic() - start < 20)


@cases("ident_rules", [
    ("joe@127.0.0.1:deny\n:allow\n", b"a:b:c:joe\r\n"),
    ("joe@127.0.0.1:allow,I=\"1\"\n:deny\n", b"a:b:c:joe\r\n"),
    ("joe@127.0.0.1:deny\n:allow\n", b"a:b:c:ann\r\n"), ("joe@:deny\n:allow\n", b"a:b:c:joe\r\n"),
    ("@127.0.0.1:deny\n", b"a:b:c:\r\n"), ("127.0.0.1:deny\njoe@127.:allow\n", b"a:b:c:joe\r\n"),
])
def ident_rules(c, text, reply):
    with S.Ident(reply):
        one_visit(c, "-vHl0", "-x", c.rules(text))


# --- names ---------------------------------------------------------------------------

BACK = (S.reverse("127.0.0.1"), S.PTR)
DNS = {"DNSCACHEIP": "127.0.0.1"}


@cases("name", [
    ("Foo.Example.COM",), ([b"we ird", b"a.b", b"UP\xff_-"],), ([b"\0x"],), ("",),
    ([b"back\\slash", b"100%"],), ("localhost",), ([b"x" * 63] * 3 + [b"y" * 50],),
    ("_dmarc.a-b.example",),
])
def name(c, back):
    with S.Dns({BACK: [S.ptr(back)]}):
        one_visit(c, "-vRl0", env=DNS)


@cases("name_rules", [
    ("=mx.example:deny\n:allow\n",), ("=.example:allow,H=\"1\"\n:deny\n",),
    ("=:allow,H=\"any\"\n:deny\n",), ("=other.example:deny\n:allow\n",),
    ("127.0.0.1:allow,A=\"1\"\n=mx.example:deny\n",), ("127.:allow,A=\"1\"\n=mx.example:deny\n",),
])
def name_rules(c, text):
    with S.Dns({BACK: [S.ptr("mx.example")]}):
        one_visit(c, "-vRl0", "-x", c.rules(text), env=DNS)


@cases("name_paranoid", [
    (["127.0.0.1"],), (["1.2.3.4"],), (["1.2.3.4", "127.0.0.1"],), ([],),
    (["1.1.1.%d" % i for i in range(8)] + ["127.0.0.1"],),
])
def name_paranoid(c, addresses):
    with S.Dns({BACK: [S.ptr("c.example")],
                ("c.example", S.A): [S.address(a) for a in addresses]}):
        one_visit(c, "-vRpl0", env=DNS)


@case
def name_two_records(c):
    with S.Dns({BACK: [S.ptr("one"), S.ptr("two")]}):
        one_visit(c, "-vRl0", env=DNS)


@case
def name_unknown(c):
    with S.Dns({}):
        one_visit(c, "-vRl0", env=DNS)
    with S.Dns({BACK: []}):
        one_visit(c, "-vRl0", env=DNS)


@case
def name_of_both_ends(c):
    with S.Dns({BACK: [S.ptr("server.example")],
                (S.reverse("127.0.0.5"), S.PTR): [S.ptr("client.example")]}):
        with c.server("-vR", env=DNS) as server:
            server.visit(source="127.0.0.5")
            server.end()


@case
def name_of_the_local_end_alone(c):
    with S.Dns({BACK: [S.ptr("server.example")]}):
        one_visit(c, "-vRH", env=DNS)


@case
def name_and_ident(c):
    with S.Dns({BACK: [S.ptr("h.example")]}), S.Ident(b"a:b:c:joe\r\n"):
        one_visit(c, "-v", "-x", c.rules("joe@=h.example:allow,BOTH=\"1\"\n:deny\n"), env=DNS)


@case
def name_of_ipv6(c):
    back = ".".join("1" + "0" * 31) + ".ip6.arpa"
    with S.Dns({(back, S.PTR): [S.ptr("six.example")]}):
        one_visit(c, "-vRl0", host="::1", address="::1", env=DNS)


# --- limits and signals --------------------------------------------------------------

@cases("limit", [(1,), (2,), (3,)])
def limit(c, count):
    with c.server(V, f"-c{count}", program=["sh", "-c", "echo hello; read line"]) as server:
        clients = []
        for number in range(count + 1):
            clients.append(server.connect())
            if number < count:
                server.wait_for(rb"ok ", number + 1)
        time.sleep(0.2)
        c.say("served", len(re.findall(rb": ok ", server.errors)))
        clients[0].socket.sendall(b"bye\n")
        server.wait_for(rb"ok ", count + 1)
        c.say("served", len(re.findall(rb": ok ", server.errors)))
        for client in clients[1:]:
            client.socket.sendall(b"bye\n")
        server.wait_for(rb": end ", count + 1)
        time.sleep(0.1)
        c.say("got", [client.read() for client in clients])
        # which of the last ones ends first is nobody's to say
        c.say(sorted(observe.normal(server.errors.decode(), server.ports).split("\n")))


@cases("signals", [(signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGINT,), (signal.SIGUSR2,),
                   (signal.SIGALRM,), (signal.SIGQUIT,)])
def signals(c, number):
    with c.server(V, program=["cat"]) as server:
        client = server.connect()
        server.wait_for(rb"ok ")
        server.process.send_signal(number)
        c.say("status", server.process.wait(observe.PATIENCE))
        client.socket.sendall(b"still here")
        client.socket.shutdown(socket.SHUT_WR)
        c.say("its client got", client.read())
        client.close()


@case
def sigchld_and_sigpipe_from_outside(c):
    with c.server(V) as server:
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGCHLD):
            server.process.send_signal(number)
        server.visit()
        server.end()


@case
def standard_output_is_let_go(c):
    with c.server(V) as server:
        c.say("to its end:", server.process.stdout.read())
        server.visit()
        server.end()


@case
def clients_that_vanish(c):
    with c.server(V, program=["sh", "-c", "cat >/dev/null"]) as server:
        for number in range(5):
            client = server.connect()
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))
            client.close()
            server.wait_for(rb": end \d+ status \d+\n.*status: ", number + 1)
        server.end()
