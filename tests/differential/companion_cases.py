"""The cases of serving.py for the companions of tcpserver."""
import os
import random
import socket
import time

import observe
import servers as S

CASES = {}
DNS = {"DNSCACHEIP": "127.0.0.1"}
SHOW = ["/bin/sh", "-c", "/usr/bin/env | /usr/bin/grep TCP | /usr/bin/sort; cat <&6"]


def case(function):
    CASES[function.__name__] = function
    return function


def cases(prefix, table):
    """One case for each row: decorates a function of a case and the row's words."""
    def decorate(function):
        for number, row in enumerate(table, 1):
            CASES[f"{prefix}_{number:02}"] = lambda c, row=row: function(c, *row)
        return function
    return decorate


# --- tcpclient -----------------------------------------------------------------------

def without_local_port(c):
    """The system chooses it."""
    c.lines = [line if "LOCALPORT" not in line else "\n".join(
        "TCPLOCALPORT" if part.startswith("TCPLOCALPORT=") else part
        for part in line.split("\n")) for line in c.lines]


def client(c, port, *args, name=("PORT",), **more):
    c.run("tcpclient", *args, ports=[(name[0], port)], **more)
    without_local_port(c)


@cases("tcpclient", [
    (["-RHl0"], "127.0.0.1"), (["-vRHl0"], "127.0.0.1"), (["-vRH6l0"], "127.0.0.1"),
    (["-vRH4l0"], "127.0.0.1"), (["-vRHl0"], "::1"), (["-vRHl", ""], "127.0.0.1"),
    (["-vRH", "-l", "x y%"], "127.0.0.1"), (["-vRHl0", "-4"], "0"),
    (["-vRHl0", "-D", "-T1+1"], "127.0.0.1"), (["-vRHl0", "-d", "-T", "3"], "127.0.0.1"),
    (["-RHl0", "-i127.0.0.9"], "127.0.0.1"), (["-RHl0", "-i1.2.3.4"], "127.0.0.1"),
    (["-qRHl0", "-i1.2.3.4"], "127.0.0.1"), (["-vQRHl0"], "127.0.0.1"), (["-vqRHl0"], "127.0.0.1"),
    (["-vHl0", "-t1"], "127.0.0.1"), (["--", ], "127.0.0.1"),
])
def tcpclient(c, options, host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = "127.0.0.1" if host == "0" else host
    with S.Says(b"hello\r\n", address=address, family=family) as says:
        client(c, says.port, *options, host, says.port, *SHOW)


@cases("tcpclient_refused", [(["-RHl0"],), (["-vRHl0"],), (["-qRHl0"],), (["-vRHl06"],)])
def tcpclient_refused(c, options):
    client(c, 1, *options, "127.0.0.1", 1, "true")


@cases("tcpclient_program", [
    (["/nonexist"],), (["nosuch"],), (["sh", "-c", "exit 7"],), (["sh", "-c", "kill -9 $$"],),
    (["sh", "-c", "for f in /proc/$$/fd/*; do echo ${f##*/}; done"],), (["cat"],),
    (["sh", "-c", "echo to the server >&7; cat <&6"],),
    (["grep", "^Sig[IBC]", "/proc/self/status"],),
])
def tcpclient_program(c, words):
    with S.Says(b"hello\n", ends=False) as says:
        says.ends = words[-1] != "cat"
        client(c, says.port, "-RHl0", "127.0.0.1", says.port, *words, stdin=b"input\n")
        c.say("heard", says.told())


@case
def tcpclient_local_port(c):
    with S.Says(b"") as says:
        c.run("tcpclient", "-RHl0", "-p31313", "127.0.0.1", says.port, "sh", "-c",
              "echo $TCPLOCALPORT")


@cases("tcpclient_names", [
    ([], ["127.0.0.1"]), ([], []), (["-v"], ["::1"]), (["-v4"], ["127.0.0.1", "::1"]),
])
def tcpclient_names(c, options, addresses):
    answers = {("h.example", S.A): [S.address(a) for a in addresses if ":" not in a],
               ("h.example", S.AAAA): [S.address(a) for a in addresses if ":" in a]}
    with S.Dns(answers), S.Says(b"four\n") as says, \
            S.Says(b"six\n", "::1", says.port, socket.AF_INET6):
        client(c, says.port, "-RHl0", *options, "h.example", says.port, *SHOW, env=DNS)


@cases("tcpclient_reverse", [
    ({},), ({(S.reverse("127.0.0.1"), S.PTR): [S.ptr("Back.Example")]},),
    ({(S.reverse("127.0.0.1"), S.PTR): []},),
])
def tcpclient_reverse(c, answers):
    with S.Dns(answers), S.Says(b"") as says:
        client(c, says.port, "-vR", "127.0.0.1", says.port, *SHOW, env=DNS)


@cases("tcpclient_ident", [(b"1,2:USERID:UNIX:joe\r\n",), (b"a:b:c:\r\n",), (b"nothing",)])
def tcpclient_ident(c, reply):
    with S.Ident(reply), S.Says(b"") as says:
        client(c, says.port, "-Hl0", "127.0.0.1", says.port, *SHOW)


# --- filters -------------------------------------------------------------------------

PIECES = [b"", b"\n", b"\r\n", b"\r", b"a", b"\r\r\n", b"word", b"\0", b"\xff", b"\n\r"]


def streams():
    r = random.Random(11)
    return [b"".join(r.choice(PIECES) for _ in range(r.randrange(12))) for _ in range(60)] + [
        bytes(r.randrange(256) for _ in range(70000)), b"x" * 200000 + b"\n", b"\n" * 70001]


@cases("filter", [("addcr", []), ("delcr", []), ("fixcrio", ["cat"])])
def filters(c, program, args):
    for stream in streams():
        c.run(program, *args, stdin=stream)


@cases("filter_fails", [("addcr",), ("delcr",)])
def filter_fails(c, program):
    with open("/dev/full", "wb") as full:
        done = observe.subprocess.run([os.path.join(c.programs, program)], input=b"x\n",
                                      stdout=full, stderr=observe.subprocess.PIPE, check=False)
    c.say(done.returncode, done.stderr)
    done = observe.subprocess.run([os.path.join(c.programs, program)], stdin=None,
                                  capture_output=True, check=False,
                                  preexec_fn=lambda: os.close(0))
    c.say(done.returncode, done.stderr)


@case
def fixcrio_both_ways(c):
    c.run("fixcrio", "sh", "-c", "od -c; echo out; printf 'no newline'", stdin=b"in\nnext\r\nx")


@cases("recordio", [
    (b"one\ntwo", ["sh", "-c", "cat >/dev/null; sleep 0.1; echo out; sleep 0.1; printf part"]),
    (b"", ["sh", "-c", "sleep 0.1; printf 'a\\n\\nb'"]), (b"x" * 3000, ["sleep", "0.1"]),
    (b"y" * 255 + b"\n" + b"z" * 256 + b"\n\n", ["sleep", "0.1"]),
    (b"a\0\x01\xff\r\n", ["sleep", "0.1"]),
])
def recordio(c, stdin, words):
    c.run("recordio", *words, stdin=stdin)


@case
def recordio_as_it_comes(c):
    c.run("recordio", "sh", "-c", "sleep 0.1; printf one; sleep 0.1; echo two >&2; echo three; "
          "sleep 0.1; exec 1>&-; sleep 0.1")


@cases("mconnect_io", [(b"QUIT\n",), (b"a\r\nb\nc",), (b"",)])
def mconnect_io(c, stdin):
    near, far = socket.socketpair()

    def place():
        os.dup2(far.fileno(), 6)
        os.dup2(far.fileno(), 7)
    process = observe.subprocess.Popen([os.path.join(c.programs, "mconnect-io")],
                                       stdin=observe.subprocess.PIPE,
                                       stdout=observe.subprocess.PIPE, preexec_fn=place,
                                       close_fds=False)
    far.close()
    near.sendall(b"220 hello\r\n")
    process.stdin.write(stdin)
    process.stdin.close()
    time.sleep(0.2)
    near.setblocking(False)
    try:
        c.say("server got", near.recv(1000))
    except BlockingIOError:
        c.say("server got nothing")
    c.say("it goes on:", process.poll() is None)
    near.close()
    c.say("out", process.stdout.read(), process.wait(observe.PATIENCE))


# --- scripts -------------------------------------------------------------------------

@cases("script", [
    ("who@", ["127.0.0.1"], 11, b"joe tty\r\nann\x01\xff\t tty\r\n", b""),
    ("date@", ["127.0.0.1"], 13, b"Mon Jan  1\r\n", b""),
    ("finger@", ["127.0.0.1", "bob"], 79, b"Login: bob\r\n", b""),
    ("finger@", ["127.0.0.1"], 79, b"nobody\r\n", b""),
    ("tcpcat", ["127.0.0.1"], 17, b"a\r\nb\0\xff", b""),
    ("tcpcat", ["127.0.0.1", "8017"], 8017, b"x", b""),
    ("http@", ["127.0.0.1"], 80, b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody\r\n\r\nmore\r\n", b""),
    ("http@", ["127.0.0.1", "a/b?c=%20", "8080"], 8080, b"HTTP/1.0 200 OK\r\n\r\n\r\nx\r\n", b""),
    ("http@", ["127.0.0.1", "none"], 80, b"no header at all", b""),
    ("mconnect", ["127.0.0.1"], 25, b"220 hello\r\n", b"QUIT\n"),
    ("mconnect", ["127.0.0.1", "587"], 587, b"220 hello\r\n", b"a\nb\n"),
])
def script(c, name, args, port, says, stdin):
    with S.Says(says, port=port, linger=0.2 if stdin else 0) as server:
        c.run(name, *args, stdin=stdin)
        c.say("heard", server.told())


@cases("script_refused", [("tcpcat", ["127.0.0.1", "1"]), ("mconnect", ["127.0.0.1", "1"]),
                          ("who@", ["127.0.0.1"]), ("http@", ["127.0.0.1", "x", "1"])])
def script_refused(c, name, args):
    c.run(name, *args)


# --- rblsmtpd ------------------------------------------------------------------------

CLIENT = {**DNS, "TCPREMOTEIP": "1.2.3.4"}
LISTS = {
    ("4.3.2.1.l1", S.TXT): [S.text(b"listed one")],
    ("4.3.2.1.l2", S.TXT): [S.text(b"two\x01\xff", b"more"), S.text(b"second record")],
    ("4.3.2.1.a1", S.A): [S.address("127.0.0.2")],
    ("4.3.2.1.f", S.TXT): "failure", ("4.3.2.1.f", S.A): "failure",
    ("4.3.2.1.long", S.TXT): [S.text(b"z" * 230)],
    ("4.3.2.1.empty", S.TXT): [S.text(b"")],
}


@cases("rblsmtpd_lists", [
    ([],), (["-rl1"],), (["-rl2"],), (["-rnone"],), (["-b", "-rl1"],), (["-rl1", "-b"],),
    (["-aa1", "-rl1"],), (["-rl1", "-aa1"],), (["-anone", "-rl1"],), (["-rf"],),
    (["-rf", "-rl1"],), (["-c", "-rf"],), (["-c", "-b", "-rf"],), (["-b", "-rf", "-rl1"],),
    (["-af", "-rl1"],), (["-c", "-af", "-b", "-rl1"],), (["-C", "-c", "-rf"],),
    (["-B", "-b", "-rl1"],), (["-rlong"],), (["-rempty"],), (["-rnone", "-rl1", "-rl2"],),
])
def rblsmtpd_lists(c, options):
    with S.Dns(LISTS):
        c.run("rblsmtpd", *options, "echo", "ran", env=CLIENT, stdin=b"RCPT\r\n")


@cases("rblsmtpd", [
    ("blocked", ["echo", "ran"]), ("-blocked", ["echo", "ran"]), ("", ["echo", "ran"]),
    ("we%ird \x01\xff \t", ["echo", "ran"]), ("y" * 199, ["echo"]), ("y" * 200, ["echo"]),
    ("y" * 201, ["echo"]), ("y" * 600, ["echo"]), ("-", ["echo"]), ("x", ["-b", "echo"]),
    ("", ["nosuch"]), ("x", ["nosuch"]),
])
def rblsmtpd(c, value, args):
    c.run("rblsmtpd", *args, env={**CLIENT, "RBLSMTPD": value},
          stdin=b"HELO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nNOOP\r\nRSET\r\nQUIT\r\nafter\r\n")


WORDS = [b"helo", b"EHLO", b"mail", b"Rcpt", b"data", b"rset", b"NOOP", b"quit", b"help",
         b"vrfy", b"mailx", b" noop", b"\tquit", b"noop\r", b"no\0op", b"", b"mail:from", b"quitx",
         b"q\ru\rit", b"x" * 5000]


@cases("rblsmtpd_words", [(number,) for number in range(6)])
def rblsmtpd_words(c, seed):
    r = random.Random(seed)
    for _ in range(15):
        text = b"".join(r.choice(WORDS[:7] + WORDS[8:] if r.random() < 0.9 else WORDS) +
                        r.choice([b"", b" x", b" ", b"\tx"]) + r.choice([b"\r\n", b"\n"])
                        for _ in range(r.randrange(8)))
        c.run("rblsmtpd", "echo", env={"RBLSMTPD": "no"}, stdin=text + r.choice([b"", b"noop"]))


@case
def rblsmtpd_gives_up(c):
    read_end, write_end = os.pipe()
    start = time.monotonic()
    done = observe.subprocess.run([os.path.join(c.programs, "rblsmtpd"), "-t1", "echo"],
                                  stdin=read_end, capture_output=True, check=False,
                                  env={**CLIENT, "RBLSMTPD": "x"}, timeout=observe.PATIENCE)
    c.say(done.returncode, done.stdout, 0.9 < time.monotonic() - start < 30)
    os.close(read_end)
    os.close(write_end)
