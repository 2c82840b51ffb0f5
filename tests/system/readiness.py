#!/usr/bin/env python3
"""What tcpserver tells its supervisor, when, and that its programs get nothing of it."""
import argparse
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402

PLAIN = "-RHl0"
TESTS = []
ARGS = None


def test(function):
    TESTS.append(function)
    return function


class Supervisor:
    """The socket of NOTIFY_SOCKET, and the datagrams that came."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self.env = {"NOTIFY_SOCKET": address}

    def any(self, seconds=observe.PATIENCE):
        """The next datagram, or None."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(10000).decode()
        except (TimeoutError, BlockingIOError):
            return None

    def next(self, seconds=observe.PATIENCE):
        """The next that is no STATUS, which comes when ten seconds are over."""
        while (got := self.any(seconds)) and got.startswith("STATUS="):
            pass
        return got

    def until(self, text):
        """Waits for this datagram; those that came before it."""
        before = []
        while (got := self.next()) != text:
            assert got is not None, (text, before)
            before.append(got)
        return before

    def drain(self):
        while self.next(0) is not None:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def ask(server):
    client = server.connect()
    got = client.read()
    client.close()
    return got


def supervisors(c):
    yield Supervisor(c.path("notify"))
    yield Supervisor(f"@postern-test-{os.getpid()}")
    long = c.path("n" * 107)[:107]  # the longest path, and the longest name
    yield Supervisor(long)
    yield Supervisor("@" + f"{os.getpid()}".ljust(107, "x"))


def settle(condition, what):
    until = time.monotonic() + observe.PATIENCE
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.01)


@test
def ready_is_told_when_a_connection_succeeds_and_stopping_at_the_end(c):
    for supervisor in supervisors(c):
        with supervisor, c.server(PLAIN, "-x", c.rules(":allow\n"), env=supervisor.env,
                                  program=["echo", "yes"]) as server:
            assert supervisor.next() == "READY=1", supervisor.env
            assert ask(server) == b"yes\n"
            server.process.send_signal(signal.SIGTERM)
            assert supervisor.until("STOPPING=1") == []
            assert server.process.wait(observe.PATIENCE) == 0
            assert supervisor.next(0) is None


def put(c, text):
    """Rules that take the place of others as a whole."""
    os.rename(c.rules(text, "new.cdb"), c.path("rules.cdb"))


@test
def without_rules_it_is_not_ready_and_with_them_it_is_though_nobody_comes(c):
    path = c.path("rules.cdb")
    for broken in (None, b"", b"no rules at all" * 1000):
        if broken is not None:
            c.write("rules.cdb", broken)
        read_end, write_end = os.pipe()
        with Supervisor(c.path("notify")) as supervisor, c.server(
                PLAIN, "-x", path, "--ready-fd", write_end, env=supervisor.env,
                pass_fds=[write_end], program=["echo", "yes"]) as server:
            os.close(write_end)
            server.wait_for(b"warning: not ready yet, unable to read .*rules.cdb: ")
            server.said(b"not ready yet")
            assert ask(server) == b"" and supervisor.next(1.2) is None, broken
            os.set_blocking(read_end, False)
            try:
                assert False, os.read(read_end, 10)
            except BlockingIOError:
                os.set_blocking(read_end, True)
            put(c, ":allow\n")
            assert supervisor.next() == "READY=1", broken
            assert os.read(read_end, 10) == b"\n" and os.read(read_end, 10) == b""
            assert ask(server) == b"yes\n"
        os.close(read_end)
        os.unlink(path)
        os.unlink(c.path("notify"))
    with Supervisor(c.path("notify")) as supervisor, c.server(
            PLAIN, "-X", "-x", path, env=supervisor.env, program=["echo", "yes"]) as server:
        assert supervisor.next() == "READY=1" and ask(server) == b"yes\n"


@test
def a_load_of_rules_is_told_of(c):
    path = c.rules(":allow\n")
    with Supervisor(c.path("notify")) as supervisor, c.server(
            PLAIN, "-x", path, env=supervisor.env, program=["echo", "yes"]) as server:
        assert supervisor.next() == "READY=1"
        for install, answer in ((lambda: put(c, ":deny\n"), b""),
                                (lambda: put(c, ":allow\n"), b"yes\n"),
                                (lambda: c.write("rules.cdb", b"damaged" * 1000), b""),
                                (lambda: put(c, ":allow\n"), b"yes\n")):
            time.sleep(0.1)  # above the least time between two loads
            install()
            assert ask(server) == answer
            told = [supervisor.next(), supervisor.next()]
            assert told == ["RELOADING=1", "READY=1"], told
            assert ask(server) == answer


def own_pid(c):
    """A folder where `tcpserver` sets WATCHDOG_PID to its own pid, as systemd does."""
    real = os.path.join(c.programs, "tcpserver")
    os.mkdir(c.path("bin"))
    c.write("bin/tcpserver", f'#!/bin/sh\nWATCHDOG_PID=$$ exec {real} "$@"\n'.encode(), 0o755)
    return observe.Case(c.path("bin"), c.rules_tool, c.folder)


@test
def signs_of_life_come_from_the_loop_at_half_of_the_time(c):
    for case in (c, own_pid(c)):
        begin = time.monotonic()
        with Supervisor(case.path("notify")) as supervisor, case.server(
                PLAIN, env={**supervisor.env, "WATCHDOG_USEC": "200000"},
                program=["echo", "yes"]) as server:
            assert supervisor.next() == "READY=1"
            for _ in range(5):
                assert supervisor.next() == "WATCHDOG=1"
            took = time.monotonic() - begin
            assert took > 0.49, took  # not one of them before its time
            observe.stop(server.process)
            supervisor.drain()
            assert supervisor.next(1) is None, "a stopped loop gives no sign"
            server.process.send_signal(signal.SIGCONT)
            assert supervisor.next() == "WATCHDOG=1" and ask(server) == b"yes\n"
        os.unlink(case.path("notify"))


@test
def no_sign_of_life_is_given_that_nobody_asked_for(c):
    for more in ({}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_PID": "1"},
                 {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"},
                 {"WATCHDOG_USEC": "of another", "WATCHDOG_PID": "1"}):
        with Supervisor(c.path("notify")) as supervisor, c.server(
                PLAIN, env={**supervisor.env, **more}) as _:
            assert supervisor.next() == "READY=1"
            assert supervisor.next(0.5) is None, more
        os.unlink(c.path("notify"))


@test
def counters_are_its_status(c):
    with Supervisor(c.path("notify")) as supervisor, c.server(
            PLAIN, env=supervisor.env, program=["echo", "yes"]) as server:
        assert supervisor.next() == "READY=1" and ask(server) == b"yes\n"
        told = supervisor.any()
        assert told.startswith("STATUS=counters: accepted 1 served 1 denied 0 "), told
        assert "\n" not in told and supervisor.any(11) is None, "nothing has changed"


@test
def a_supervisor_that_does_not_listen_holds_up_nobody(c):
    with Supervisor(c.path("notify")) as supervisor:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
            filler.setblocking(False)
            filler.connect(c.path("notify"))
            try:
                while True:
                    filler.send(b"x")
            except BlockingIOError:
                pass  # it is full
        with c.server(PLAIN, env={**supervisor.env, "WATCHDOG_USEC": "4000"},
                      program=["echo", "yes"]) as server:
            server.wait_for(b"warning: unable to tell NOTIFY_SOCKET: ")
            assert ask(server) == b"yes\n"
            # signs of life fill it at once, and readiness is told all the same
            settle(lambda: supervisor.next(0) == "READY=1", "readiness is told again")
            assert ask(server) == b"yes\n"
    os.unlink(c.path("notify"))
    with c.server(PLAIN, env={**supervisor.env, "WATCHDOG_USEC": "4000"},
                  program=["echo", "yes"]) as server:
        server.wait_for(b"unable to tell NOTIFY_SOCKET: file does not exist\n")
        time.sleep(0.5)
        assert server.errors.count(b"\n") == 1, server.errors
        assert ask(server) == b"yes\n"
        with Supervisor(c.path("notify")) as late:
            late.until("READY=1")
            server.process.terminate()
            assert server.process.wait(observe.PATIENCE) == 0


@test
def a_newline_is_written_to_the_descriptor_and_that_is_all(c):
    for form in (lambda n: ["--ready-fd", n], lambda n: [f"--ready-fd={n}"]):
        for wanted in (None, 200):
            read_end, write_end = os.pipe()
            if wanted:
                write_end = (os.dup2(write_end, wanted), os.close(write_end))[0]
            with c.server(PLAIN, *form(write_end), pass_fds=[write_end],
                          program=["sh", "-c", "echo yes; read x"]) as server:
                os.close(write_end)
                assert os.read(read_end, 10) == b"\n"
                client = server.connect()
                # its end comes although it still serves, and a program lives
                assert os.read(read_end, 10) == b""
                assert client.socket.recv(4) == b"yes\n"
                client.close()
            os.close(read_end)
    with open(c.path("told"), "wb") as told, c.server(
            PLAIN, "--ready-fd", told.fileno(), pass_fds=[told.fileno()]) as server:
        settle(lambda: os.path.getsize(c.path("told")) == 1, "a file is as good")
    read_end, write_end = os.pipe()
    os.close(read_end)
    with c.server(PLAIN, "--ready-fd", write_end, pass_fds=[write_end],
                  program=["echo", "yes"]) as server:
        os.close(write_end)
        server.wait_for(b"warning: unable to tell --ready-fd: broken pipe\n")
        server.said(b"broken pipe")
        assert ask(server) == b"yes\n"


@test
def programs_get_nothing_of_it(c):
    asked = {"WATCHDOG_USEC": "20000000", "LISTEN_PID": "1", "LISTEN_FDS": "1",
             "LISTEN_FDNAMES": "web", "LISTEN_PIDFDID": "7", "WATCHDOG_NEW": "1"}
    kept = {"NOTIFY_SOCKETS": "1", "NOTIFY": "2", "MY_WATCHDOG_USEC": "3", "LISTENER": "4",
            "WATCHDOG": "5", "LISTEN": "6"}
    show = ["sh", "-c", "env; ls /proc/$$/fd; :"]
    read_end, write_end = os.pipe()
    with Supervisor(c.path("notify")) as supervisor, c.server(
            PLAIN, "-x", c.rules(":allow,LISTEN_ADDRESS=\"of the rule\"\n"), "--ready-fd",
            write_end, env={**supervisor.env, **asked, **kept}, pass_fds=[write_end],
            program=show) as server:
        os.close(write_end)
        # a program that is started before readiness could be told, too
        for ready in (False, True):
            lines = ask(server).decode().splitlines()
            got = dict(line.split("=", 1) for line in lines if "=" in line)
            assert {k: got[k] for k in got if re.match("NOTIFY_SOCKET$|WATCHDOG_|LISTEN_", k)
                    } == {"LISTEN_ADDRESS": "of the rule"}, got
            assert {k: got.get(k) for k in kept} == kept, got
            assert [line for line in lines if "=" not in line] == ["0", "1", "2"], lines
            if not ready:
                supervisor.until("READY=1")
    os.close(read_end)
    # tcpclient becomes its program: what is said to the one is said to the other
    with c.server(PLAIN) as server:
        out = subprocess.run([os.path.join(c.programs, "tcpclient"), PLAIN, "127.0.0.1",
                              str(server.port), "env"], env={**observe.BASE, **asked},
                             capture_output=True, check=True, timeout=60).stdout.decode()
        assert "WATCHDOG_USEC=20000000\n" in out and "LISTEN_FDS=1\n" in out, out


def refused(c, words, env, fds=()):
    """Status and messages of a start that must fail."""
    done = subprocess.run([os.path.join(c.programs, "tcpserver"), PLAIN, *map(str, words),
                           "127.0.0.1", "0", "true"], env={**observe.BASE, **env},
                          pass_fds=fds, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stderr.decode()


@test
def what_cannot_be_meant_is_refused_at_the_start(c):
    for value in ("", "0", "1", "2", "-1", "x", "3x", "99999999999", "2147483648"):
        status, said = refused(c, ["--ready-fd", value], {})
        assert status == 100 and "--ready-fd wants a number from 3 to 2147483647" in said, said
    status, said = refused(c, ["--ready-fd", 1000], {})
    assert status == 111 and said == ("tcpserver: fatal: unable to use the descriptor of "
                                      "--ready-fd: file descriptor not open\n"), said
    with open(c.write("file", b""), "rb") as reading, socket.create_server(
            ("127.0.0.1", 0)) as listening:
        for odd, why in ((reading, "not open for writing"), (listening, "socket that listens")):
            status, said = refused(c, ["--ready-fd", odd.fileno()], {}, [odd.fileno()])
            assert status == 111 and why in said, said
    for name in ("notify", "./notify", "@", "vsock:2:1", " /notify", "\x1b"):
        status, said = refused(c, [], {"NOTIFY_SOCKET": name})
        assert status == 111 and "NOTIFY_SOCKET is neither a path" in said, (name, said)
    for name in ("/" + "x" * 107, "@" + "x" * 108, "/" + "x" * 10000):
        status, said = refused(c, [], {"NOTIFY_SOCKET": name})
        assert status == 111 and "NOTIFY_SOCKET is longer" in said, (name, said)
    for more, why in (({"WATCHDOG_USEC": "0"}, "WATCHDOG_USEC is no number"),
                      ({"WATCHDOG_USEC": "1s"}, "WATCHDOG_USEC is no number"),
                      ({"WATCHDOG_USEC": "-5"}, "WATCHDOG_USEC is no number"),
                      ({"WATCHDOG_USEC": "18446744073709551615"}, "WATCHDOG_USEC is no number"),
                      ({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "x"}, "WATCHDOG_PID is no"),
                      ({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "0"}, "WATCHDOG_PID is no")):
        status, said = refused(c, [], {"NOTIFY_SOCKET": c.path("notify"), **more})
        assert status == 111 and why in said, (more, said)
        with c.server(PLAIN, env=more, program=["echo", "yes"]) as server:
            assert ask(server) == b"yes\n", "without NOTIFY_SOCKET it is not looked at"
    status, said = refused(c, ["-q"], {"NOTIFY_SOCKET": "x"})
    assert (status, said) == (111, "")
    with c.server(PLAIN, env={"NOTIFY_SOCKET": ""}, program=["echo", "yes"]) as server:
        assert ask(server) == b"yes\n" and server.errors == b"", "an empty one is as unset"


def wakings(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read()).group(1))


def at_rest(server):
    """How many descriptors it has open, once it sleeps while nobody comes."""
    ask(server)
    for _ in range(observe.PATIENCE):
        before = wakings(server)
        time.sleep(1)
        if wakings(server) == before:
            return observe.descriptors(server)
    raise AssertionError("it never sleeps for a second")


@test
def nothing_of_it_is_on_unasked(c):
    with c.server(PLAIN, program=["true"]) as server:
        plain = at_rest(server)
    with c.server(PLAIN, env={"WATCHDOG_USEC": "2000"}, program=["true"]) as server:
        assert at_rest(server) == plain
    with open(c.path("told"), "wb") as told, c.server(
            PLAIN, "--ready-fd", told.fileno(), pass_fds=[told.fileno()],
            program=["true"]) as server:
        assert at_rest(server) == plain
    with Supervisor(c.path("notify")) as supervisor, c.server(
            PLAIN, env=supervisor.env, program=["true"]) as server:
        assert at_rest(server) == plain + 1


@test
def s6_waits_for_it(c):
    """The example of docs/serving.md under the real s6-supervise."""
    if not shutil.which("s6-supervise"):
        print("no s6-supervise here")
        return
    service = c.path("service")
    os.mkdir(service)
    c.write("service/notification-fd", b"3\n")
    c.write("service/run", f"#!/bin/sh\nexec {c.programs}/tcpserver -vRHl0 --ready-fd 3 "
            "-x ../rules.cdb 127.0.0.1 0 true\n".encode(), 0o755)
    env = {"PATH": "/usr/bin:/bin"}
    with subprocess.Popen(["s6-supervise", service], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        def wait(what, milliseconds):
            return subprocess.run(["s6-svwait", what, "-t", str(milliseconds), service], env=env,
                                  capture_output=True, check=False).returncode
        try:
            settle(lambda: wait("-u", 1000) == 0, "it runs")
            assert wait("-U", 700) != 0, "without rules it is not ready"
            put(c, ":allow\n")
            assert wait("-U", 20000) == 0, "it is ready"
        finally:
            subprocess.run(["s6-svc", "-dx", service], env=env, check=False)
            try:
                process.wait(observe.PATIENCE)
            finally:
                process.kill()


def in_case(function, folder):
    function(observe.Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), folder))


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    return runner.run(
        [functools.update_wrapper(functools.partial(in_case, t), t) for t in TESTS], ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
