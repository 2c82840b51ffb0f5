"""Running a program of ucspi-tcp as a black box, and what can be seen of it.

An observation is a text: what was sent, said and returned, with what differs from run to
run (pids, ports) replaced by names. Two programs that do the same have the same text.
"""
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 20
# More options for every server: a suite is run under -S too.
OPTIONS = os.environ.get("PN_SERVER_OPTIONS", "").split()
BASE = {"PATH": "/usr/bin:/bin", "KEPT": "as it was"}
INET, INET6 = socket.AF_INET, socket.AF_INET6
# without what a shell sets by itself
ENV = ["/bin/sh", "-c", "/usr/bin/env | /usr/bin/grep -av -e ^PWD= -e ^SHLVL= -e ^_= |"
       "/usr/bin/sort"]


def normal(text, ports=()):
    """Pids and ports by name."""
    text = re.sub(r"(tcpserver: (?:pid|ok|deny|end) )\d+", r"\1PID", text)
    text = re.sub(r"\bpid \d+:", "pid PID:", text)
    text = re.sub(r"(?m)^\d+ (?=[<>] )", "PID ", text)
    for name, port in ports:
        text = re.sub(rf"(?<!\d){port}(?!\d)", name, text)
    return text


def stop(process):
    """Stops a child of ours. A signal is on its way for a while: when this returns, the
    child has stopped, or has ended."""
    process.send_signal(signal.SIGSTOP)
    if process.returncode is None:
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)


def settle(condition, what):
    """Waits until it is so. `what` is what is said when it never is, or says it."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.01)


class Case:
    """One thing to look at: folder, programs, and the lines of the observation."""

    def __init__(self, programs, rules_tool, folder=None):
        self.programs, self.rules_tool, self.lines = programs, rules_tool, []
        self.folder = folder or tempfile.mkdtemp(prefix="postern-case-")

    def say(self, *words):
        self.lines.append(" ".join(str(w) for w in words))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content, mode=0o644):
        with open(self.path(name), "wb") as f:
            f.write(content)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def rules(self, text, name="rules.cdb"):
        """Compiles classic rules with the original tool, so that both have the same."""
        subprocess.run([self.rules_tool, self.path(name), self.path(name) + ".tmp"],
                       input=text.encode("latin1"), check=True, timeout=PATIENCE)
        return self.path(name)

    def run(self, program, *args, stdin=b"", env=None, timeout=PATIENCE, ports=(), **more):
        """A program that ends by itself: status, output, errors."""
        done = subprocess.run([os.path.join(self.programs, program), *map(str, args)],
                              input=stdin, capture_output=True, env={**BASE, **(env or {})},
                              timeout=timeout, cwd=self.folder, check=False, **more)
        self.say("status", done.returncode)
        self.say("out", normal(done.stdout.decode("latin1"), ports))
        self.say("err", normal(done.stderr.decode("latin1"), ports))

    def server(self, *args, **more):
        return Server(self, args, **more)


class Client:
    """A connection; `ends` closes our side at once, as most clients of tests do."""

    def __init__(self, server, source=None, address=None, send=b""):
        family = INET6 if ":" in (address or server.address) else INET
        self.socket = socket.socket(family)
        self.socket.settimeout(PATIENCE)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect((address or server.address, server.port))
        self.port = self.socket.getsockname()[1]
        server.ports.append(("CLIENT", self.port))
        if send:
            self.socket.sendall(send)

    def read(self):
        got = b""
        try:
            while piece := self.socket.recv(65536):
                got += piece
        except ConnectionResetError:
            pass  # as a close with bytes unread
        return got

    def close(self):
        self.socket.close()


def counts(server):
    """What SIGUSR1 makes it say, as a dictionary."""
    before = server.errors.count(b"counters:")
    server.process.send_signal(signal.SIGUSR1)
    server.wait_for(rb"counters:.*\n", before + 1)
    words = server.errors.decode("latin1").rpartition("counters:")[2].split("\n")[0].split()
    return dict(zip(words[::2], map(int, words[1::2])))


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


class Server:
    """A running tcpserver, whose port it tells, and whose messages are gathered."""

    def __init__(self, case, args, host="127.0.0.1", program=None, env=None,
                 address="127.0.0.1", port="0", name="tcpserver", **more):
        self.case, self.address = case, address
        command = [os.path.join(case.programs, name), "-1", *OPTIONS, *map(str, args), host,
                   str(port), *(program or ENV)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env={**BASE, **(env or {})}, cwd=case.folder, **more)
        self.errors = b""
        self.reader = threading.Thread(
            target=self.gather, args=(os.dup(self.process.stderr.fileno()),), daemon=True)
        self.reader.start()
        self.started = self.process.stdout.readline()
        self.port = int(self.started or 0)
        self.ports = [("SERVER", self.port)]
        self.verbose = any("v" in a for a in args if str(a).startswith("-"))

    def gather(self, end):
        """Reads an end of its own: that of the process may be closed, and its number
        another file's, while a program lives on that writes there."""
        while piece := os.read(end, 65536):
            self.errors += piece
        os.close(end)

    def wait_for(self, pattern, count=1):
        """Until that many messages match, or for too long."""
        until = time.monotonic() + PATIENCE
        while len(re.findall(pattern, self.errors)) < count and time.monotonic() < until:
            time.sleep(0.005)

    def said(self, wanted, count=1):
        """Waits until it has said that (a text or a compiled pattern) so many times: what
        a client has seen may be told a moment later."""
        pattern = wanted if isinstance(wanted, re.Pattern) else re.compile(re.escape(wanted))
        self.wait_for(pattern, count)
        assert len(pattern.findall(self.errors)) >= count, (wanted, count, self.errors)

    def connect(self, **more):
        return Client(self, **more)

    def visit(self, count=1, ends=1, **more):
        """Connects, reads to the end, says what came; waits for the end of the program."""
        for _ in range(count):
            before = len(re.findall(rb": end ", self.errors))
            client = self.connect(**more)
            got = client.read().decode("latin1")
            self.case.say("client got", normal(got, self.ports))
            client.close()
            if self.verbose and ends:
                self.wait_for(rb": end \d+ status \d+\n.*status: ", before + 1)
            else:
                time.sleep(0.1)

    def end(self, number=signal.SIGTERM):
        """Ends it, and says how, and all its messages."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "it did not end"
        self.reader.join(1)
        rest = self.process.stdout.read()
        self.case.say("ended", status, "more on stdout:", rest)
        self.case.say("err", normal(self.errors.decode("latin1"), self.ports))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
