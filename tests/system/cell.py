#!/usr/bin/env python3
"""-S of tcpserver, rblsmtpd and tcpclient: look-ups in a process without rights, which is killed, stopped, lies and floods.

The server goes on in every case, and its clients are answered as if the name server were dead. What
the process can still call of the kernel is listed by strace and held to the list. The suites of
strangers and of look-ups beside the original are run under -S too (tests/CMakeLists.txt).
"""
import argparse
import ctypes
import functools
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
from observe import counts, descriptors  # noqa: E402

TESTS = []
ARGS = None
SAYS = ["sh", "-c", "echo ${TCPREMOTEHOST-none}/${TCPREMOTEINFO-none}"]
ENV = {"DNSCACHEIP": "127.0.0.1"}
LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_GETFD = 434, 438
# What a process in the cell may do, as server/cell_confine.c has it.
MAY = set("""recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg bind connect getsockopt setsockopt getsockname close fcntl epoll_wait epoll_pwait
epoll_ctl poll clock_gettime gettimeofday getrandom brk munmap mremap madvise restart_syscall rt_sigreturn exit_group socket mmap
read writev futex rt_sigprocmask ioctl getpeername""".split())


def test(function):
    TESTS.append(function)
    return function


class Case(observe.Case):
    def apart(self, *args, descriptors=8192, **more):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        return self.server("-vl0", "-S", "-R", "-c2000", "-b2000", *args, preexec_fn=limit, env=ENV,
                           program=more.pop("program", SAYS), **more)


def settle(condition, what):
    observe.settle(condition, what)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []  # a program that has ended meanwhile


def processes(server):
    """(the one that starts, the one that looks up)."""
    found = []
    settle(lambda: server.errors.count(b"look-ups are apart") > 0, "the cell has begun")
    settle(lambda: found.clear() or found.extend((m, c) for m in children(server.process.pid) for c in children(m)) or found, "it is there")
    return found[0]


def status(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return re.search(rf"^{name}:[ \t]*(.*)$", file.read(), re.M).group(1).split()


def ask(server, source="127.0.0.1", patience=20):
    with socket.socket() as client:
        client.settimeout(patience)
        client.bind((source, 0))
        client.connect(("127.0.0.1", server.port))
        told = b""
        while piece := client.recv(4096):
            told += piece
    return told


def channel(pid, kind=socket.SOCK_SEQPACKET):
    """The end of the channel that the process has, as a socket of ours."""
    handle = LIBC.syscall(PIDFD_OPEN, pid, 0)
    assert handle >= 0, os.strerror(ctypes.get_errno())
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            fd = LIBC.syscall(PIDFD_GETFD, handle, int(name), 0)
            if fd < 0:
                continue
            try:
                end = socket.socket(fileno=fd)
            except OSError:
                os.close(fd)
                continue
            if end.family == socket.AF_UNIX and end.type & 0xf == kind:
                return end
            end.close()
    finally:
        os.close(handle)
    raise AssertionError("no channel")


NAMES = {(S.reverse("127.0.0.1"), S.PTR): [S.ptr("one.example")]}


@test
def it_finds_what_is_found_without(c):
    with S.Dns(NAMES), c.apart() as server:
        assert ask(server) == b"one.example/none\n"
        assert ask(server, "127.0.0.2") == b"none/none\n"
    with S.Dns(NAMES), S.Ident(b"1 , 2 : USERID : X : joe\r\n"), c.server("-vl0", "-S", env=ENV, program=SAYS) as server:
        assert ask(server) == b"one.example/joe\n"
    with S.Dns({**NAMES, ("one.example", S.A): [S.address("127.0.0.1")]}), c.apart("-p") as server:
        assert ask(server) == b"one.example/none\n"
    with S.Dns({**NAMES, ("one.example", S.A): [S.address("127.0.0.9")]}), c.apart("-p") as server:
        assert ask(server) == b"none/none\n"


@test
def what_holds_it_is_true(c):
    with S.Dns(NAMES), c.apart() as server:
        starter, pid = processes(server)
        said = re.search(rb"look-ups are apart: (.*)\n", server.errors).group(1).decode().split(", ")
        assert said == ["no new privileges", "a user of its own", "an empty root", "no files", "few system calls"], said
        assert status(pid, "NoNewPrivs") == ["1"] and status(pid, "Seccomp") == ["2"]
        assert set(status(pid, "Uid")) == set(status(pid, "Gid")) == {"65534"} and status(pid, "Groups") == []
        assert status(pid, "CapEff") == ["0000000000000000"]
        assert os.listdir(f"/proc/{pid}/root") == []
        kinds = sorted(os.readlink(f"/proc/{pid}/fd/{name}").split(":")[0] for name in os.listdir(f"/proc/{pid}/fd"))
        assert kinds == ["/dev/null"] * 3 + ["anon_inode", "socket"], kinds
        # the one that starts it has the two channels and a signal, and reads nothing of the net
        kinds = sorted(os.readlink(f"/proc/{starter}/fd/{name}").split(":")[0] for name in os.listdir(f"/proc/{starter}/fd"))
        assert kinds == ["/dev/null"] * 3 + ["anon_inode", "socket", "socket"], kinds


@test
def without_root_what_can_hold_holds(c):
    with S.Dns(NAMES):
        os.chmod(c.folder, 0o777)
        command = [os.path.join(c.programs, "tcpserver"), "-1vl0", "-S", "-R", "127.0.0.1", "0", *SAYS]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", *command]
        with subprocess.Popen(command, env={**os.environ, **ENV}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                port = int(process.stdout.readline())
                with socket.create_connection(("127.0.0.1", port), 20) as client:
                    assert client.recv(100) == b"one.example/none\n"
                process.terminate()
                told = process.stderr.read()
            finally:
                process.kill()
        assert b"look-ups are apart: no new privileges, no files, few system calls\n" in told, told


@test
def it_ends_with_the_server(c):
    for number in (signal.SIGTERM, signal.SIGKILL):
        with S.Dns(NAMES), c.apart() as server:
            pair = processes(server)
            server.process.send_signal(number)
            server.process.wait(20)
            settle(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pair), "both have ended")


def many(c, count):
    """So many clients that wait for names, of as many sources."""
    server = c.apart()
    processes(server)
    clients = []
    for number in range(count):
        client = socket.socket()
        client.settimeout(30)
        client.bind((f"127.{1 + number // 250}.0.{1 + number % 250}", 0))
        client.connect(("127.0.0.1", server.port))
        clients.append(client)
    settle(lambda: counts(server)["looking"] == count, "all are looked up")
    return server, clients


def all_are_served_without_a_name(clients):
    began = time.monotonic()
    told = {client.recv(100) for client in clients}
    assert told == {b"none/none\n"}, told
    for client in clients:
        client.close()
    return time.monotonic() - began


class SilentDns(S.Dns):
    def __init__(self):
        super().__init__({})

    def answer(self, query):
        return None


@test
def killed_amid_all_look_ups_that_there_can_be(c):
    dns = SilentDns()
    with dns:
        server, clients = many(c, 860)  # of the 875 places that there are
        with server:
            before = descriptors(server)
            os.kill(processes(server)[1], signal.SIGKILL)
            all_are_served_without_a_name(clients)
            server.said(b"look-ups of -S: their process has ended, and another begins")
            settle(lambda: server.errors.count(b"look-ups are apart") == 2, "another has begun")
            assert descriptors(server) <= before
    with S.Dns(NAMES), c.apart() as server:
        for _ in range(3):
            os.kill(processes(server)[1], signal.SIGKILL)
            begun = server.errors.count(b"look-ups are apart")
            settle(lambda b=begun: server.errors.count(b"look-ups are apart") > b, "another has begun")
            assert ask(server) == b"one.example/none\n"


@test
def the_starter_is_killed(c):
    with SilentDns():
        server, clients = many(c, 200)
        with server:
            starter, pid = processes(server)
            os.kill(starter, signal.SIGKILL)
            settle(lambda: not os.path.exists(f"/proc/{pid}"), "the other ends with it")
            all_are_served_without_a_name(clients)
            server.said(b"look-ups of -S: their processes are gone")
            assert ask(server) == b"none/none\n", "nobody waits"


@test
def of_an_ident_alone_nothing_is_said_of_names(c):
    with S.Dns(NAMES), c.server("-vHl0", "-S", "-t5", program=SAYS) as server:
        for pid in processes(server):
            os.kill(pid, signal.SIGKILL)
        server.said(b"look-ups of -S: their processes are gone")
        assert ask(server) == b"none/none\n"
        server.said(b": end ")
        assert b"look-ups of names" not in server.errors, server.errors


@test
def stopped_amid_look_ups(c):
    """Its clients wait as for a name server that is silent; then another takes over."""
    with S.Dns(NAMES), c.apart() as server:
        pid = processes(server)[1]
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        clients = []
        for number in range(600):
            client = socket.socket()
            client.settimeout(40)
            client.bind((f"127.{1 + number // 250}.0.{1 + number % 250}", 0))
            client.connect(("127.0.0.1", server.port))
            clients.append(client)
        settle(lambda: counts(server)["looking"] == 600, "all wait")
        assert {client.recv(100) for client in clients} == {b"none/none\n"}
        assert 12 < time.monotonic() - began < 40
        settle(lambda: server.errors.count(b"look-ups are apart") == 2, "another has begun")
        assert ask(server) == b"one.example/none\n" and not os.path.exists(f"/proc/{pid}")
        for client in clients:
            client.close()


def reply_of(end, request, host=b"liar.example", kind=1):
    """A reply to a request that was read from the channel, as the process would send it."""
    size = ARGS.reply
    place, number = struct.unpack_from("=II", request)
    told = bytearray(size)
    struct.pack_into("=IIIII", told, 0, kind, place, number, 0, 0)
    told[21] = 1
    told[24:24 + len(host)] = host
    end.send(bytes(told))


def reply_size(folder):
    """The size of a reply, as the compiler has it; the host begins behind four flags."""
    source = os.path.join(folder, "size.c")
    with open(source, "w", encoding="ascii") as out:
        out.write('#include "server/cell_message.h"\n#include <stdio.h>\n'
                  "int main(void) { return offsetof(struct srv_cell_reply, host) == 24\n"
                  '    ? printf("%zu", sizeof(struct srv_cell_reply)) < 0 : 1; }\n')
    root = os.path.join(HERE, "..", "..")
    subprocess.run(["gcc", "-I", root, "-I", os.path.join(root, "runtime", "include"), source, "-o", source + ".out"], check=True)
    return int(subprocess.run([source + ".out"], capture_output=True, check=True).stdout)


@test
def lies_are_found_out(c):
    with SilentDns():
        for lie in (b"", b"x", b"\0" * 7, b"\xff" * 4000, os.urandom(ARGS.reply), b"\1" * ARGS.reply,
                    struct.pack("=IIIII", 1, 7777, 1, 0, 0) + bytes(ARGS.reply - 20),
                    struct.pack("=IIIII", 9, 0, 1, 0, 0) + bytes(ARGS.reply - 20),
                    struct.pack("=IIIII", 1, 0, 1, 1 << 20, 0) + bytes(ARGS.reply - 20),
                    struct.pack("=IIIII", 1, 0, 1, 0, 0) + b"\2" + bytes(ARGS.reply - 21),
                    struct.pack("=IIIII", 1, 0, 1, 0, 0) + b"\0\1\0\0" + b"a" * (ARGS.reply - 24),
                    struct.pack("=IIIII", 1, 0, 1, 0, 0) + b"\0\1\0\0" + b"BAD\n\0" + bytes(ARGS.reply - 29)):
            with c.apart() as server:
                pid = processes(server)[1]
                os.kill(pid, signal.SIGSTOP)
                with channel(pid) as end:
                    if lie:
                        end.send(lie)
                    else:  # an answer that nobody has asked for
                        reply_of(end, struct.pack("=II", 0, 1))
                settle(lambda p=pid: not os.path.exists(f"/proc/{p}"), "it is replaced")
                settle(lambda: server.errors.count(b"look-ups are apart") == 2, "another has begun")
                assert server.process.poll() is None and counts(server)["looking"] == 0


@test
def an_answer_to_another_question_is_nobodys(c):
    with SilentDns(), c.apart() as server:
        pid = processes(server)[1]
        os.kill(pid, signal.SIGSTOP)
        with channel(pid) as end, socket.socket() as client:
            client.settimeout(30)
            client.bind(("127.0.0.3", 0))
            client.connect(("127.0.0.1", server.port))
            end.settimeout(20)
            request = end.recv(4096)
            place, number = struct.unpack_from("=II", request)
            reply_of(end, struct.pack("=II", place, number + 1))
            time.sleep(0.3)
            assert counts(server)["looking"] == 1, "the round is another one"
            client.close()


@test
def a_flood_in_the_channel_stops_nothing(c):
    with S.Dns(NAMES), c.apart() as server:
        pid = processes(server)[1]
        os.kill(pid, signal.SIGSTOP)
        with channel(pid) as end:
            end.settimeout(0.2)
            sent = 0
            try:
                while sent < 20000 and os.path.exists(f"/proc/{pid}"):
                    end.send(bytes(ARGS.reply))
                    sent += 1
            except OSError:
                pass
        settle(lambda: server.errors.count(b"look-ups are apart") >= 2, "another has begun")
        assert ask(server) == b"one.example/none\n"


@test
def it_calls_what_is_listed_and_no_more(c):
    if not shutil.which("strace"):
        print("     skipped: there is no strace")
        return
    log = c.path("calls")
    with S.Dns({**NAMES, (S.reverse("127.0.0.5"), S.PTR): [S.ptr("x" * 60 + "." + "y" * 60 + ".example")]}) as _, \
            S.Ident(b"1 , 2 : USERID : X : joe\r\n"), c.server("-vl0", "-S", "-p", env=ENV, program=SAYS) as server:
        pid = processes(server)[1]
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-p", str(pid)], stderr=subprocess.DEVNULL)
        try:
            settle(lambda: status(pid, "TracerPid") != ["0"], "it is traced")
            for number in range(1, 9):
                ask(server, f"127.0.0.{number}")
            ask(server)
        finally:
            tracer.terminate()
            tracer.wait()
    with open(log, encoding="latin-1") as file:
        made = {match for line in file if (match := re.match(r"(?:\d+ +)?(\w+)\(", line)) and (match := match.group(1))}
    assert {"recvfrom", "sendto", "socket", "connect"} <= made, made
    assert made <= MAY, made - MAY


@test
def other_calls_end_it(c):
    """The filter is one: a process that does something else is killed."""
    source = c.path("outside.c")
    with open(source, "w", encoding="ascii") as out:
        out.write("""#include "server/cell_confine.h"
#include "server/cell_message.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
    (void)argc;
    if (!(srv_cell_confine() & SRV_CELL_FEW_CALLS)) return 3;
    switch (argv[1][0]) {
    case 'o': open("/etc/passwd", O_RDONLY); break;
    case 'f': fork(); break;
    case 'e': execl("/bin/true", "true", (char *)0); break;
    case 'u': socket(AF_UNIX, SOCK_STREAM, 0); break;
    case 'x': mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); break;
    case 'k': socket(AF_NETLINK, SOCK_RAW, 0); break;
    default: socket(AF_INET, SOCK_DGRAM, 0); _exit(0);
    }
    _exit(1);
}
""")
    root = os.path.join(HERE, "..", "..")
    made = subprocess.run(["gcc", "-D_GNU_SOURCE", "-I", root, "-I", os.path.join(root, "runtime", "include"), source,
                           os.path.join(root, "server", "cell_confine.c"), "-lseccomp", "-o", c.path("outside")],
                          capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    for word in "ofeuxk":
        done = subprocess.run([c.path("outside"), word], check=False, timeout=20)
        assert done.returncode == -signal.SIGSYS, (word, done.returncode)
    assert subprocess.run([c.path("outside"), "-"], check=False, timeout=20).returncode == 0


@test
def nothing_is_forked_where_nothing_is_looked_up(c):
    with c.server("-vRHl0", "-S", program=["echo", "hi"]) as server:
        assert ask(server) == b"hi\n"
        settle(lambda: not children(server.process.pid), "its program has ended")
        assert b"apart" not in server.errors


def torn(name, kind):
    """An answer to the question whose record ends too early."""
    return struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + S.wire(name) + struct.pack(">HH", kind, 1) + b"\xc0\x0c\0"


LISTED = "7.2.0.192.bad.example"
LISTS = {
    (LISTED, S.A): [S.address("127.0.0.2")], (LISTED, S.TXT): [S.text(b"go away")],
    ("7.2.0.192.odd.example", S.A): [S.address("192.0.2.9")], ("7.2.0.192.odd.example", S.TXT): [S.text(b"pay us")],
    ("7.2.0.192.sick.example", S.A): "failure", ("7.2.0.192.sick.example", S.TXT): "failure",
    ("7.2.0.192.wild.example", S.A): torn("7.2.0.192.wild.example", S.A),
    ("7.2.0.192.wild.example", S.TXT): torn("7.2.0.192.wild.example", S.TXT),
    ("7.2.0.192.good.example", S.A): [S.address("127.0.0.2")],
}


@test
def rblsmtpd_asks_its_lists_apart(c):
    """The same answers and the same words, with -S and without."""
    with S.Dns(LISTS):
        for words in (["-r", "bad.example"], ["-b", "-r", "bad.example"], ["-r", "no.example"], ["-r", "odd.example"],
                      ["-a", "good.example", "-r", "bad.example"], ["-c", "-r", "sick.example"], ["-r", "sick.example", "-r", "bad.example"],
                      ["-r", "wild.example"], ["-c", "-r", "wild.example"], ["-r", "good.example:no %IP%"]):
            told = []
            for apart in ([], ["-S"]):
                done = subprocess.run([os.path.join(c.programs, "rblsmtpd"), *apart, *words, "echo", "ran"], input=b"RCPT\r\nQUIT\r\n",
                                      env={**ENV, "PATH": "/usr/bin:/bin", "TCPREMOTEIP": "192.0.2.7"}, capture_output=True, timeout=60)
                told.append((done.returncode, done.stdout, re.sub(rb"pid \d+", b"pid", done.stderr)))
            assert told[0] == told[1], (words, told)
            assert told[0][1] and b"ran" in told[0][1] or told[0][1].startswith(b"220"), (words, told)


@test
def rblsmtpd_outlives_what_it_asks_by(c):
    """The process is killed: its lists count as ones that cannot be asked."""
    with SilentDns():
        for words, wanted in ((["-r", "bad.example"], b"ran\n"), (["-c", "-r", "bad.example"], b"220")):
            with subprocess.Popen([os.path.join(c.programs, "rblsmtpd"), "-S", *words, "echo", "ran"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env={**ENV, "PATH": "/usr/bin:/bin", "TCPREMOTEIP": "192.0.2.7"}) as process:
                settle(lambda p=process: children(p.pid), "it has forked")
                pid = children(process.pid)[0]
                settle(lambda p=pid: status(p, "Seccomp") == ["2"], "it is confined")
                assert set(status(pid, "Uid")) == {"65534"} and os.listdir(f"/proc/{pid}/root") == []
                os.kill(pid, signal.SIGKILL)
                assert process.stdout.readline().startswith(wanted), words
                process.stdin.close()


HELD = "for n in HOST INFO IP; do eval v=\\${TCPREMOTE$n-none}; printf '%s/' \"$v\"; done; echo ${TCPLOCALHOST-none}; cat <&6"


def tcpclient(c, *words, program=None):
    """Started, with nothing in its environment but the name server."""
    return subprocess.Popen([os.path.join(c.programs, "tcpclient"), *words, *(program or ["sh", "-c", HELD])],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**ENV, "PATH": "/usr/bin:/bin"})


def helper(process):
    """The process that looks up for a tcpclient, once it has given up what it had."""
    settle(lambda: children(process.pid), "it has forked")
    pid = children(process.pid)[0]
    settle(lambda: status(pid, "Seccomp") == ["2"], "it is confined")
    return pid


ENDS = {(S.reverse("127.0.0.1"), S.PTR): [S.ptr("one.example")], ("serves.example", S.A): [S.address("127.0.0.1")],
        ("six.example", S.AAAA): [S.address("::1")], ("void.example", S.TXT): [S.text(b"nothing")],
        ("sick.example", S.A): "failure", ("sick.example", S.AAAA): "failure",
        ("wild.example", S.A): torn("wild.example", S.A), ("wild.example", S.AAAA): torn("wild.example", S.AAAA),
        ("both.example", S.A): [S.address("127.0.0.9"), S.address("127.0.0.1")]}


@test
def tcpclient_looks_up_apart(c):
    """The same words, environment and statuses, with -S and without."""
    with S.Dns(ENDS), S.Says(b"hello\n") as one, S.Ident(b"1 , 2 : USERID : X : joe\r\n"):
        port = str(one.port)
        for words in (["127.0.0.1"], ["-H", "127.0.0.1"], ["-R", "127.0.0.1"], ["-l0", "127.0.0.1"], ["-RHl0", "127.0.0.1"],
                      ["serves.example"], ["-R", "serves.example"], ["localhost"], ["-4", "localhost"], ["six.example"],
                      ["-4", "six.example"], ["void.example"], ["sick.example"], ["wild.example"], ["absent.example"],
                      ["both.example"], ["-6", "serves.example"], ["-4", "::1"], ["0"], ["-v", "-R", "serves.example"]):
            told = []
            for apart in ([], ["-S"]):
                with tcpclient(c, *apart, *words, port) as process:
                    out, err = process.communicate(timeout=60)
                told.append((process.returncode, out, err))
            assert told[0] == told[1], (words, told)
            assert (told[0][0] == 0 and told[0][1].endswith(b"hello\n")) or told[0][0] == 111, (words, told)
        assert b"one.example/joe/127.0.0.1/one.example" in told_of(c, port)


def told_of(c, port):
    with tcpclient(c, "-S", "127.0.0.1", port) as process:
        return process.communicate(timeout=60)[0]


@test
def tcpclient_asks_by_one_that_has_nothing(c):
    """No file, no right, and not the connection: what is open is its channel and what it asks by."""
    with SilentDns(), S.Says(b"hello\n") as one:
        for host in ("127.0.0.1", "serves.example"):
            with tcpclient(c, "-S", "-R", host, str(one.port)) as process:
                pid = helper(process)
                assert set(status(pid, "Uid")) == {"65534"} and os.listdir(f"/proc/{pid}/root") == []
                assert status(pid, "NoNewPrivs") == ["1"]
                opened = [os.readlink(f"/proc/{pid}/fd/{n}") for n in sorted(map(int, os.listdir(f"/proc/{pid}/fd")))]
                assert opened[:3] == ["/dev/null"] * 3, opened
                with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
                    connected = {row.split()[9] for row in list(table)[1:] if row.split()[3] == "01"}
                assert not {o[8:-1] for o in opened if o.startswith("socket:")} & connected, (opened, connected)
                os.kill(pid, signal.SIGKILL)
                process.communicate(timeout=60)


@test
def tcpclient_outlives_what_it_asks_by(c):
    """Killed, or stopped: as if the name server were dead."""
    with SilentDns(), S.Says(b"hello\n") as one, S.Ident(None):
        port = str(one.port)
        with tcpclient(c, "-S", "127.0.0.1", port) as process:
            os.kill(helper(process), signal.SIGKILL)
            assert process.communicate(timeout=60) == (b"none/none/127.0.0.1/none\nhello\n", b"") and process.returncode == 0
        with tcpclient(c, "-S", "serves.example", port) as process:
            os.kill(helper(process), signal.SIGKILL)
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out) == (111, b"") and b"temporarily unable to figure out" in err, err
        with tcpclient(c, "-S", "-Hl0", "-t1", "127.0.0.1", port) as process:  # it waits for the ident alone
            pid = helper(process)
            os.kill(pid, signal.SIGSTOP)
            assert process.communicate(timeout=60) == (b"none/none/127.0.0.1/0\nhello\n", b"")
            assert process.returncode == 0 and not os.path.exists(f"/proc/{pid}")


@test
def tcpclient_believes_nothing_that_cannot_be(c):
    """The process that asks is stopped, and others speak in its place, who lie."""
    reply = ARGS.reply

    def of_names(held=0, nameless=0, flags=b"\0\1\0\0", host=b"liar.example", kind=1):
        told = bytearray(reply)
        struct.pack_into("=IIIII", told, 0, kind, 0, 0, held, nameless)
        told[20:24] = flags
        told[24:24 + len(host)] = host
        return bytes(told)

    lies = [b"", b"x", b"\xff" * reply, b"\1" * reply, bytes(reply), of_names() + b"x", of_names()[:-1],
            of_names(flags=b"\0\2\0\0"), of_names(held=1 << 20), of_names(nameless=4), of_names(kind=9),
            of_names(host=b"a\nb"), of_names(host=b"a" * (reply - 24)), of_names(host=b"BIG"), of_names(flags=b"\0\0\1\0")]
    with SilentDns(), S.Says(b"hello\n") as one:
        for lie in lies:
            with tcpclient(c, "-S", "-R", "-l0", "127.0.0.1", str(one.port)) as process:
                said_by(helper(process), lie)
                assert process.communicate(timeout=60) == (b"none/none/127.0.0.1/0\nhello\n", b""), lie
        with tcpclient(c, "-S", "-R", "-l0", "127.0.0.1", str(one.port)) as process:
            said_by(helper(process), of_names())  # this is what nobody can tell from the truth
            assert process.communicate(timeout=60)[0] == b"liar.example/none/127.0.0.1/0\nhello\n"
        for lie in (b"", b"\xff" * 400, bytes(400), os.urandom(400), os.urandom(8192)):
            with tcpclient(c, "-S", "serves.example", str(one.port)) as process:
                said_by(helper(process), lie)
                out, err = process.communicate(timeout=60)
                assert (process.returncode, out) == (111, b"") and b"unable to figure out" in err, (lie, err)


def said_by(pid, text):
    os.kill(pid, signal.SIGSTOP)
    with channel(pid, socket.SOCK_STREAM) as end:
        end.sendall(text)
        os.kill(pid, signal.SIGKILL)


@test
def tcpclient_forks_nothing_where_nothing_is_looked_up(c):
    if not shutil.which("strace"):
        print("     skipped: there is no strace")
        return
    with S.Says(b"hello\n") as one:
        made = c.path("calls")
        done = subprocess.run(["strace", "-f", "-e", "trace=fork,vfork,clone,clone3,socketpair", "-o", made,
                               os.path.join(c.programs, "tcpclient"), "-S", "-RHl0", "127.0.0.1", str(one.port), "true"],
                              check=False, timeout=60)
        with open(made, encoding="ascii") as calls:
            assert done.returncode == 0 and not re.search("fork|clone|socketpair", calls.read())


def in_case(function, folder):
    function(Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    if not S.isolate():
        return 77
    S.any_address()
    resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
    with tempfile.TemporaryDirectory() as folder:
        ARGS.reply = reply_size(folder)
    return runner.run([functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
