#!/usr/bin/env python3
"""examples/services/mail behind the real haproxy: under the real s6, on a socket as systemd hands it
over, and under systemd as process 1 of a Debian that is made for it, where the commands of
docs/serving.md are given as they stand there.
"""
import argparse
import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "docs"), HERE]
import booted  # noqa: E402
import debian_root  # noqa: E402
import haproxy as H  # noqa: E402
import run as pages  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402

ROOT = debian_root.TOP
MAIL = os.path.join(ROOT, "examples", "services", "mail")
PAGE = os.path.join(ROOT, "docs", "serving.md")
DOOR, SIX = "192.0.2.25", "2001:db8:25::25"
PORT = 10025  # of the service itself
PACKAGES = ("systemd", "haproxy", "openssl", "make", "python3-minimal", "procps", "s6",
            "nftables")
# what the page takes for granted, and what would talk to the world
PREPARE = """
for timer in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
    ln -sf /dev/null /etc/systemd/system/$timer.timer
done
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
echo '127.0.0.1 localhost
192.0.2.25 mail.example.org' >/etc/hosts
rm -rf /etc/postern /usr/local/libexec/mail /service /etc/systemd/system/smtp.* \\
    /etc/systemd/system/*.wants/smtp.* /var/log/journal
ln -sfn /usr/local/share/doc/postern/examples /root/examples
"""
NAMES = {(S.reverse("198.18.0.66"), S.PTR): [S.ptr("pool7.dialup.example")],
         ("pool7.dialup.example", S.A): [S.address("198.18.0.66")]}
FAR, NEAR = "<b@far.example>", "<b@example.org>"
TESTS, BOOTED_TESTS = [], []
ARGS = None
MACHINE = None


def test(function):
    TESTS.append(function)
    return function


def booted_test(function):
    BOOTED_TESTS.append(function)
    return function


class Talk:
    """A conversation with the service, as some address."""

    def __init__(self, source="198.18.0.7", door=(DOOR, 25), **more):
        self.socket = H.connect(door, source, **more)
        self.lines = self.socket.makefile("rb")

    def hear(self):
        """The next line; empty at the end."""
        try:
            return self.lines.readline().decode("latin1").rstrip("\r\n")
        except ConnectionResetError:
            return ""

    def say(self, text):
        """Says a line, and gives what is answered."""
        try:
            self.socket.sendall(text.encode() + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            return ""
        return self.hear()

    def close(self):
        self.lines.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def letter(source, to=FAR, door=(DOOR, 25), **more):
    """The answers to somebody who has a letter: the first of each of greeting and recipient."""
    with Talk(source, door, **more) as talk:
        first = talk.hear()
        if not first.startswith("220"):
            return first, None
        assert talk.say("HELO x").startswith("250"), first
        assert talk.say("MAIL FROM:<a@client.example>").startswith("250"), first
        answer = talk.say("RCPT TO:" + to)
        if answer.startswith("250"):
            assert talk.say("DATA").startswith("354"), first
            assert talk.say("one\r\n..\r\ntwo\r\n.").startswith("451 4.3.0 "), first
        assert talk.say("QUIT").startswith("221") and talk.hear() == "", first
        return first[:3], answer[:3]


def the_policy_holds(**more):
    """Who is who in examples/mail.rules, wherever the service stands."""
    for door, clients in (
            (DOOR, (("10.1.2.3", FAR, ("220", "250")), ("10.1.2.3", NEAR, ("220", "250")),
                    ("198.18.0.7", FAR, ("220", "553")), ("198.18.0.7", NEAR, ("220", "250")),
                    ("203.0.113.9", FAR, ("220", "553")), ("192.0.2.66", NEAR, ("", None)),
                    ("198.18.0.66", NEAR, ("554 use the relay of your provider", None)),
                    ("198.51.100.9", NEAR, ("554 see https://lists.example/why", None)))),
            (SIX, (("2001:db8:1::5", FAR, ("220", "250")), ("2001:db8:77::5", FAR, ("220", "553")),
                   ("2001:db8:5::5", FAR, ("220", "553"))))):
        for source, to, wanted in clients:
            for port in (25, 465):
                tls = {"tls": more["tls"], "name": "mail.example.org"} if port == 465 else {}
                got = letter(source, to, (door, port), **tls)
                assert got == wanted, (source, to, port, got, wanted)


def up():
    """Whether somebody of the office is served."""
    return letter("10.1.2.3") == ("220", "250")


def configuration(folder, certificates, pace="10s"):
    """haproxy.cfg, with files where the test has them, and a pace for the checks of health."""
    with open(os.path.join(MAIL, "haproxy.cfg"), encoding="utf8") as f:
        text = f.read()
    for old, new in (("user haproxy", "user nobody"), ("group haproxy", "group nogroup"),
                     ("/etc/haproxy/mail.pem", certificates.make("mail", "/CN=mail.example.org")),
                     ("/etc/haproxy/clients.pem", certificates.path("ca.pem")),
                     ("check inter 10s", f"check inter {pace}")):
        assert old in text, old
        text = text.replace(old, new)
    os.chmod(folder, 0o755)
    return text


def policy(folder):
    """mail.cdb of the example, compiled by its Makefile; where it is."""
    place = os.path.join(folder, "etc")
    os.mkdir(place)
    examples = os.path.join(ROOT, "examples")
    shutil.copy(os.path.join(examples, "mail.rules"), place)
    shutil.copytree(os.path.join(examples, "lists"), os.path.join(place, "lists"))
    shutil.copy(os.path.join(MAIL, "Makefile"), place)
    make(place)
    return os.path.join(place, "mail.cdb")


def make(place):
    subprocess.run(["make", "-s", "-C", place], check=True,
                   env={"PATH": ARGS.bin + ":/usr/bin:/bin"})


def deny(rules, address):
    """An address is denied from now on."""
    with open(rules, "a", encoding="utf8") as f:
        f.write(f"{address} : deny\n")


class S6:
    """The folder of the example under s6-svscan, and haproxy before it."""

    def __init__(self, folder, rules=None, pace="10s"):
        os.chmod(folder, 0o755)
        self.folder, self.scan = folder, os.path.join(folder, "scan")
        self.service = os.path.join(self.scan, "smtp")
        self.rules = rules or policy(folder)
        shutil.copytree(os.path.join(MAIL, "s6"), self.service)
        shutil.copy(os.path.join(MAIL, "smtp"), folder)
        self.env = {"PATH": ARGS.bin + ":/usr/bin:/bin", "RULES": self.rules,
                    "SMTP": os.path.join(folder, "smtp")}
        self.certificates = H.Certificates(folder)
        self.tls = self.certificates.client()
        self.process = subprocess.Popen(["s6-svscan", "-t0", self.scan], env=self.env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.haproxy = None
        try:
            H.settle(lambda: self.control("s6-svwait", "-u", "-t", "1000") == 0, "s6 has it")
            self.haproxy = H.Haproxy(ARGS.haproxy, folder, configuration(folder, self.certificates,
                                                                        pace))
        except BaseException:
            self.__exit__()
            raise

    def control(self, *words):
        return subprocess.run([*words, self.service], env=self.env, check=False,
                              capture_output=True).returncode

    def stat(self, what):
        return subprocess.run(["s6-svstat", "-o", what, self.service], env=self.env, check=False,
                              capture_output=True, text=True).stdout.strip()

    def ready(self):
        return self.control("s6-svwait", "-U", "-t", "1000") == 0

    def log(self):
        text = ""
        for name in sorted(glob.glob(self.service + "/log/main/*")):
            if os.path.basename(name) == "current" or "@" in name:
                with open(name, encoding="latin1") as f:
                    text += f.read()
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.haproxy:
            self.haproxy.__exit__()
        subprocess.run(["s6-svscanctl", "-t", self.scan], check=False, capture_output=True)
        try:
            self.process.wait(H.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@test
def under_s6_the_policy_holds(folder):
    with S.Dns(NAMES), S6(folder) as s6:
        H.settle(s6.ready, s6.log)
        assert s6.stat("ready") == "true"
        the_policy_holds(tls=s6.tls)
        own = s6.certificates.make("one", "/CN=client one")
        assert letter("10.1.2.3", FAR, (DOOR, 465), tls=s6.certificates.client("one"),
                      name="mail.example.org") == ("220", "250"), own
        # the log has who comes, and the checks of the balancer as its own
        for pattern in (r": ok \d+ \S*:192\.0\.2\.25:25 :(::ffff:)?10\.1\.2\.3::\d+",
                        r": ok \d+ \S*:192\.0\.2\.25:465 :(::ffff:)?10\.1\.2\.3::\d+",
                        r": deny \d+ \S+ \S*:198\.51\.100\.9::\d+",
                        r": ok \d+ \S*:2001:db8:25::25:25 :2001:db8:1::5::\d+",
                        r": ok \d+ \S*:127\.0\.0\.1:10025 :(::ffff:)?127\.0\.0\.2::\d+"):
            H.settle(lambda p=pattern: re.search(p, s6.log()), lambda p=pattern: (p, s6.log()))
        with Talk("198.18.0.7") as talk:
            assert talk.hear().startswith("220")
            deny(os.path.join(os.path.dirname(s6.rules), "mail.rules"), "198.18.0.7")
            make(os.path.dirname(s6.rules))
            assert letter("198.18.0.7", NEAR) == ("", None)
            assert talk.say("NOOP").startswith("250")  # who is in, is in


@test
def under_s6_it_is_ready_when_its_rules_are_there(folder):
    rules = policy(folder)
    os.rename(rules, rules + ".later")
    with S.Dns(NAMES), S6(folder, rules, "200ms") as s6:
        H.settle(lambda: "warning: not ready yet" in s6.log(), s6.log)
        assert s6.stat("ready") == "false" and letter("10.1.2.3") == ("", None)
        os.rename(rules + ".later", rules)
        H.settle(s6.ready, s6.log)
        H.settle(up, s6.haproxy.said)  # haproxy has seen that it served nobody


@test
def under_s6_a_restart_leaves_who_is_in_and_who_comes_then_waits(folder):
    """There is nobody at the door for a moment, and haproxy knocks again."""
    with S.Dns(NAMES), S6(folder) as s6:
        H.settle(s6.ready, s6.log)
        with Talk("10.1.2.3") as talk:
            assert talk.hear().startswith("220")
            pid = s6.stat("pid")
            assert s6.control("s6-svc", "-t") == 0
            H.settle(lambda: s6.stat("pid") not in (pid, "-1") and s6.ready(), s6.log)
            assert talk.say("NOOP").startswith("250") and up()
            assert s6.control("s6-svc", "-wd", "-d") == 0
            before = s6.haproxy.count("smtp", "mail", "wretr")
            with Talk("10.1.2.4") as late:
                H.settle(lambda: s6.haproxy.count("smtp", "mail", "wretr") > before, s6.haproxy.said)
                assert s6.control("s6-svc", "-u") == 0
                assert late.hear().startswith("220") and late.say("NOOP").startswith("250")
            assert talk.say("NOOP").startswith("250")


@test
def under_s6_it_comes_back_when_it_is_killed_and_goes_when_it_is_told(folder):
    with S.Dns(NAMES), S6(folder, pace="200ms") as s6:
        H.settle(s6.ready, s6.log)
        pid = int(s6.stat("pid"))
        os.kill(pid, signal.SIGKILL)
        H.settle(lambda: s6.stat("pid") not in (str(pid), "-1") and s6.ready(), s6.log)
        H.settle(up, s6.haproxy.said)
        assert s6.control("s6-svc", "-wd", "-d") == 0
        H.settle(lambda: s6.haproxy.status("smtp", "mail") == "DOWN", s6.haproxy.said)
        assert letter("10.1.2.3") == ("", None)
        assert s6.control("s6-svc", "-u") == 0
        H.settle(lambda: s6.haproxy.status("smtp", "mail") == "UP", s6.haproxy.said)
        assert up()


def unit(name):
    with open(os.path.join(MAIL, "systemd", name), encoding="utf8") as f:
        return f.read()


@test
def on_a_socket_of_systemd_by_hand(folder):
    """The command of smtp.service on a socket that systemd-socket-activate opens, with the sockets of
    a supervisor: what the unit does where no systemd is process 1."""
    os.chmod(folder, 0o755)
    shutil.copy(os.path.join(MAIL, "smtp"), folder)
    words = re.search("^ExecStart=(.*)$", unit("smtp.service"), re.M).group(1)
    for old, new in (("/usr/local/bin", ARGS.bin), ("/etc/postern/mail.cdb", policy(folder)),
                     ("/usr/local/libexec/mail/smtp", os.path.join(folder, "smtp"))):
        assert old in words, old
        words = words.replace(old, new)
    listen = re.search("^ListenStream=(.*)$", unit("smtp.socket"), re.M).group(1)
    notify = os.path.join(folder, "notify")
    certificates = H.Certificates(folder)
    with S.Dns(NAMES), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, \
            open(os.path.join(folder, "log"), "w+b") as log:
        told.bind(notify)
        told.settimeout(H.PATIENCE)
        process = subprocess.Popen(
            ["systemd-socket-activate", "-l", listen, "-E", "NOTIFY_SOCKET=" + notify, "-E",
             "WATCHDOG_USEC=2000000", *words.split()], stdin=subprocess.DEVNULL, stderr=log)
        try:
            H.settle(lambda: not refused("127.0.0.1", PORT), "it listens")
            with H.Haproxy(ARGS.haproxy, folder, configuration(folder, certificates)):
                assert told.recv(1000) == b"READY=1"
                the_policy_holds(tls=certificates.client())
                heard = {told.recv(1000).partition(b"=")[0] for _ in range(20)}
                assert {b"STATUS", b"WATCHDOG"} <= heard, heard
        finally:
            process.terminate()
            assert process.wait(H.PATIENCE) == 0


def listener(address, port):
    """Whether somebody listens there, and what the kernel has of that. It does not connect: that would
    be a client."""
    wanted = f"{socket.inet_aton(address)[::-1].hex().upper()}:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as f:
        for line in map(str.split, f.readlines()[1:]):
            if line[1] == wanted and line[3] == "0A":
                return True, line
    return False, None


def refused(address, port):
    return not listener(address, port)[0]


@test
def the_units_are_sound_and_locked_in(folder):
    for name in ("smtp.socket", "smtp.service"):
        text = unit(name).replace("/usr/local/bin/", ARGS.bin + "/")
        text = text.replace("/usr/local/libexec/mail/smtp", os.path.join(MAIL, "smtp"))
        with open(os.path.join(folder, name), "w", encoding="utf8") as f:
            f.write(text)
    for name in ("smtp.socket", "smtp.service"):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", os.path.join(folder, name)],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "smtp" not in done.stderr, done.stderr
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=30",
                           os.path.join(folder, "smtp.service")], capture_output=True, text=True,
                          check=False)
    assert told.returncode == 0, told.stdout[-500:]


@test
def the_run_script_and_the_unit_are_for_these_rules(folder):
    """`lint --server` reads what they start."""
    done = [subprocess.run([os.path.join(ARGS.bin, "postern"), "lint", "--server", script,
                            os.path.join(ROOT, "examples/mail.rules")], cwd=ROOT, text=True,
                           capture_output=True, check=False)
            for script in (os.path.join(MAIL, "s6", "run"), os.path.join(MAIL, "systemd/smtp.service"))]
    assert [(d.returncode, d.stdout, d.stderr) for d in done] == [(0, "", "")] * 2, done


# What follows is in the booted Debian. The page comes first: the tests find the service as it leaves it.

def consoles(section):
    """(block, commands with what is expected) of a section of the page."""
    with open(PAGE, encoding="utf8") as f:
        text = f.read()
    part = re.search(rf"^#+ {re.escape(section)}\n(.*?)(?=^#)", text, re.M | re.S).group(1)
    for kind, block in pages.fences(part):
        if kind == "console booted":
            yield block, list(pages.commands(block))


def given(command, want):
    """What a command of the page says. What systemd tells of a service comes a little later."""
    patient = command.startswith(("journalctl ", "systemctl status "))
    until = time.monotonic() + (H.PATIENCE if patient else 0)
    while True:
        done = MACHINE.run(["sh", "-c", "cd /root && " + command])
        got = done.stdout.splitlines()
        if got == want or time.monotonic() > until:
            return got
        time.sleep(0.2)


def walk(section):
    failures, count = 0, 0
    for block, commands in consoles(section):
        fresh = ""
        for command, want in commands:
            got = given(command, want)
            fresh += "".join(line + "\n" for line in ["$ " + command, *got])
            count += 1
            if got != want and not ARGS.update:
                failures += 1
                print(f"FAILED docs/serving.md: $ {command}\n" + "\n".join(got), flush=True)
        if ARGS.update and fresh != block:
            with open(PAGE, encoding="utf8") as f:
                text = f.read()
            assert text.count(block) == 1, block
            with open(PAGE, "w", encoding="utf8") as f:
                f.write(text.replace(block, fresh))
    assert not failures and count, (failures, count)


def main_pid():
    return int(MACHINE.shell("systemctl show -P MainPID smtp.service"))


def host_pid(pid):
    """A process of the machine, by its number out here."""
    for name in glob.glob("/proc/[0-9]*"):
        try:
            with open(name + "/status", encoding="latin1") as f:
                numbers = re.search(r"^NSpid:\t(.*)$", f.read(), re.M).group(1).split()
            if int(numbers[-1]) == pid and len(numbers) > 1 and \
                    os.readlink(name + "/ns/pid") == os.readlink(f"/proc/{MACHINE.first}/ns/pid"):
                return int(os.path.basename(name))
        except OSError:
            pass  # it has ended
    return None


def active(wanted="active"):
    return MACHINE.run(["systemctl", "is-active", "smtp.service"]).stdout.strip() == wanted


def journal():
    return MACHINE.shell("journalctl --sync; journalctl -u smtp.service -o cat")


def tls():
    """A client that takes the certificate of the page."""
    context = H.ssl.create_default_context(cafile=os.path.join(MACHINE.root, "etc/haproxy/clients.pem"))
    context.check_hostname = False
    return context


@booted_test
def the_page_comes_true(folder):
    for section in ("A mail service behind haproxy", "Under systemd"):
        walk(section)
    MACHINE.shell("cp /usr/local/share/doc/postern/examples/mail.rules /etc/postern; "
                  "make -s -C /etc/postern")


@booted_test
def under_systemd_the_policy_holds(folder):
    the_policy_holds(tls=tls())
    for pattern in (r": ok \d+ \S*:192\.0\.2\.25:25 :(::ffff:)?10\.1\.2\.3::\d+",
                    r": deny \d+ \S+ \S*:198\.51\.100\.9::\d+",
                    r": ok \d+ \S*:127\.0\.0\.1:10025 :(::ffff:)?127\.0\.0\.2::\d+"):
        H.settle(lambda p=pattern: re.search(p, journal()), lambda p=pattern: (p, journal()))


@booted_test
def under_systemd_the_first_client_starts_it(folder):
    MACHINE.shell("systemctl stop haproxy smtp.service")
    assert active("inactive") and not refused("127.0.0.1", PORT)
    with Talk("127.0.0.4", ("127.0.0.1", PORT)) as talk:
        assert talk.hear().startswith("220") and active()
    MACHINE.shell("systemctl start haproxy")
    assert up()


@booted_test
def under_systemd_it_is_started_once_it_is_ready(folder):
    MACHINE.shell("mv /etc/postern/mail.cdb /etc/postern/later; systemctl restart --no-block "
                  "smtp.service")
    H.settle(lambda: "not ready yet" in journal(), journal)
    assert active("activating"), journal()
    MACHINE.shell("mv /etc/postern/later /etc/postern/mail.cdb")
    H.settle(active, journal)
    assert up()


@booted_test
def under_systemd_it_has_no_rights(folder):
    with Talk("10.1.2.3") as talk:
        assert talk.hear().startswith("220")
        programs = MACHINE.shell("pgrep -P " + str(main_pid())).split()
        assert programs
        for pid in [main_pid(), *map(int, programs)]:
            status = dict(re.findall(r"^(\w+):\t(.*)$", MACHINE.shell(f"cat /proc/{pid}/status"), re.M))
            assert status["Uid"].split()[0] not in ("0", "65534"), status
            assert len(set(status["Uid"].split())) == 1, status
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                assert int(status[name], 16) == 0, (name, status)
            assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status


def waiting():
    """How many clients haproxy has brought to the socket, and nobody has let in."""
    _, line = listener("127.0.0.1", PORT)
    return int(line[4].split(":")[1], 16)


class Queue:
    """Clients who come while nobody lets them in; all are served when somebody does."""

    def __init__(self, count=40):
        self.talks = [Talk(f"10.1.3.{i + 1}") for i in range(count)]
        H.settle(lambda: waiting() >= count, lambda: (waiting(), journal()))

    def served(self):
        for talk in self.talks:
            assert talk.hear().startswith("220"), journal()
            assert talk.say("QUIT").startswith("221") and talk.hear() == ""
            talk.close()


@contextlib.contextmanager
def changed(text):
    """The unit with something more, as `systemctl edit --runtime` has it."""
    MACHINE.shell("mkdir -p /run/systemd/system/smtp.service.d; "
                  f"printf '[Service]\\n{text}\\n' >/run/systemd/system/smtp.service.d/test.conf; "
                  "systemctl daemon-reload; systemctl reset-failed smtp.service; "
                  "systemctl restart smtp.service")
    try:
        yield
    finally:
        MACHINE.shell("rm /run/systemd/system/smtp.service.d/test.conf; systemctl daemon-reload; "
                      "systemctl reset-failed smtp.service; systemctl restart smtp.service")


def at_the_door(end):
    """Ends the service in some way, and keeps the next from starting for so long that many wait."""
    with Talk("10.1.2.3") as talk:
        assert talk.hear().startswith("220")
        MACHINE.shell("touch /run/go")
        with changed("ExecStartPre=/bin/sh -c \"until [ -e /run/go ]; do sleep .1; done\""):
            old = main_pid()
            MACHINE.shell("rm /run/go")
            end(old)
            H.settle(lambda: active("activating"), journal)
            queue = Queue()
            MACHINE.shell("touch /run/go")
            queue.served()
            assert active() and main_pid() not in (0, old)
        assert talk.say("NOOP").startswith("250")  # its program has gone on through all of that


@booted_test
def under_systemd_who_comes_while_it_is_restarted_waits(folder):
    at_the_door(lambda _: MACHINE.shell("systemctl restart --no-block smtp.service"))


@booted_test
def under_systemd_who_comes_after_it_was_killed_waits(folder):
    at_the_door(lambda pid: os.kill(host_pid(pid), signal.SIGKILL))


@booted_test
def under_systemd_it_is_started_anew_when_it_hangs(folder):
    with changed("WatchdogSec=4"):
        assert up()
        old = main_pid()
        os.kill(host_pid(old), signal.SIGSTOP)
        queue = Queue(10)
        queue.served()
        assert main_pid() not in (0, old), journal()
        told = MACHINE.shell("systemctl show -p NRestarts smtp.service; journalctl --sync; "
                             "journalctl -u smtp.service -o cat | grep -i watchdog")
        assert "NRestarts=0" not in told and "Watchdog timeout" in told, told


@booted_test
def nobody_but_haproxy_comes_from_its_address(folder):
    """Before, anybody on the machine can say who they are; then not even root."""
    if "no table" in MACHINE.run(["sh", "-c", "nft list tables || echo no table"]).stdout:
        print("SKIPPED: this kernel has no nftables for balancer.nft")
        return
    claim = "PROXY TCP4 10.1.2.3 192.0.2.25 1 25\r\n"
    with Talk("127.0.0.2", ("127.0.0.1", PORT)) as talk:
        assert talk.say(claim.rstrip()).startswith("220")
    with open(os.path.join(MAIL, "README.md"), encoding="utf8") as f:
        command = re.search("^    (nft .*)$", f.read(), re.M).group(1)
    MACHINE.shell("cd /root && " + command)
    try:
        Talk("127.0.0.2", ("127.0.0.1", PORT)).close()
        raise AssertionError("root came from there")
    except ConnectionRefusedError:
        pass
    assert up()
    with Talk("127.0.0.4", ("127.0.0.1", PORT)) as talk:
        assert talk.hear().startswith("220")
    MACHINE.shell("systemctl restart haproxy")
    assert up()


@booted_test
def under_systemd_its_counters_are_told(folder):
    up()
    H.settle(lambda: re.search(r"Status: \"counters: accepted \d+ served \d+ denied \d+",
                               MACHINE.run(["systemctl", "status", "smtp.service"]).stdout),
             lambda: MACHINE.run(["systemctl", "status", "smtp.service"]).stdout)


@booted_test
def and_s_six_in_its_place(folder):
    walk("Under s6")
    the_policy_holds(tls=tls())
    MACHINE.shell("s6-svscanctl -t /service")
    H.settle(lambda: refused("127.0.0.1", PORT), "it has gone")


def prepare(root):
    """A Debian with the packages of the page and the project as it is installed."""
    steps = debian_root.Steps(root)
    shutil.copy("/etc/resolv.conf", os.path.join(root, "etc/resolv.conf"))  # of a root that was used
    if not (steps.install(*PACKAGES) and steps.run("what the page takes for granted", PREPARE)):
        raise AssertionError("the Debian cannot be made")
    shutil.rmtree(os.path.join(root, "usr/local/share/doc/postern"), ignore_errors=True)
    subprocess.run(["cmake", "--install", os.path.dirname(ARGS.bin), "--prefix",
                    os.path.join(root, "usr/local")], check=True, stdout=subprocess.DEVNULL)


def boot(root):
    """The tests in there: the status, or 77 where this machine cannot boot one."""
    global MACHINE
    try:
        with booted.Booted(root) as MACHINE, S.Dns(NAMES):
            return runner.run(BOOTED_TESTS, ARGS.names)
    except booted.Impossible as problem:
        print(f"SKIPPED: nothing was tested under systemd as process 1, since {problem}")
        return 77


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--haproxy", default="build/originals/haproxy/usr/sbin/haproxy")
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    parser.add_argument("--update", action="store_true",
                        help="write what the commands say into the page, to be reviewed")
    parser.add_argument("--part", choices=("here", "booted"), help="one of both")
    parser.add_argument("names", nargs="*", help="of tests of that part; all of them")
    args = parser.parse_args()
    args.bin, args.haproxy = runner.reachable(args.bin), os.path.abspath(args.haproxy)
    return args


def main():
    global ARGS
    ARGS = arguments()
    statuses = []
    with debian_root.debian(ARGS.root) if ARGS.part != "here" else contextlib.nullcontext() as root:
        if root:
            prepare(root)  # needs the network
        if not H.isolate():
            print("SKIPPED: this machine gives no namespaces")
            return 77
        if ARGS.part != "booted":
            statuses.append(runner.run(TESTS, ARGS.names))
        if root:
            statuses.append(boot(root))
    return 1 if 1 in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
