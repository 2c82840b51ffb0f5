#!/usr/bin/env python3
"""The units of examples/services/systemd under systemd as process 1 of a Debian that is made for them:
they serve, deny, take new rules, and each line that locks them in does what it says.
"""
import argparse
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import booted  # noqa: E402
import debian_root  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402

SERVICES = os.path.join(debian_root.TOP, "examples", "services")
UNITS = ("line.service", "line-activated.service", "line-activated.socket", "list.service",
         "list.timer")
SERVING = ("line.service", "line-activated.service")
PORT, LISTS = 2525, 8099
PATIENCE = 60
ARGS, MACHINE = None, None
TESTS = []
# What a program finds that a unit has started, or root outside of one: by directive, what it
# can do and should not, as Python.
PROBES = {
    "CapabilityBoundingSet": "int(status['CapBnd'], 16) & ~0xc0 != 0",
    "NoNewPrivileges": "status['NoNewPrivs'] == '0'",
    "SystemCallFilter": "status['Seccomp'] != '2' or works(os.chroot, '/')",
    "LockPersonality": "libc.personality(0x0008) != -1",
    "MemoryDenyWriteExecute": "works(mmap.mmap, -1, 4096, prot=7)",
    "PrivateDevices": "os.path.exists('/dev/probe')",
    "PrivateTmp": "os.path.exists('/tmp/probe')",
    "ProcSubset": "os.path.exists('/proc/loadavg')",
    "ProtectControlGroups": "mounted_rw('/sys/fs/cgroup')",
    "ProtectHome": "works(os.listdir, '/home/probe')",
    "ProtectProc": "os.path.exists('/proc/1/status') and os.getuid() != 0",
    "ProtectSystem": "mounted_rw('/usr')",
    "RestrictAddressFamilies": "works(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "RestrictNamespaces": "libc.unshare(0x10000000) == 0",
    "RestrictSUIDSGID": "setuid_file()",
    "UMask": "os.umask(0) != 0o077",
    "LimitNOFILE": "resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 4096",
}
# What a container without these rights cannot show, or what says how the service is run.
NOT_SHOWN = {"ProtectClock", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
             "ProtectKernelTunables", "RestrictRealtime", "SystemCallArchitectures",
             "SystemCallErrorNumber"}
HOW_IT_RUNS = {"Type", "WatchdogSec", "ExecStart", "Restart", "KillMode", "DynamicUser",
               "Environment", "ReadWritePaths"}
PROBE = """#!/usr/bin/python3 -B
import ctypes, json, mmap, os, resource, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
def works(function, *words, **more):
    try:
        function(*words, **more)
        return True
    except OSError:
        return False
def mounted_rw(path):
    return not os.statvfs(path).f_flag & os.ST_RDONLY
def setuid_file():
    with open("/tmp/own", "w"):
        pass
    return works(os.chmod, "/tmp/own", 0o4755)
found = {}
for name, text in json.loads(%r).items():
    found[name] = bool(eval(text))
print(json.dumps({"found": found, "uid": os.getresuid(), "gid": os.getresgid(),
                  "groups": os.getgroups(), "env": dict(os.environ)}))
"""


def test(function):
    TESTS.append(function)
    return function


def settle(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.05)


def journal(unit="line*"):
    return MACHINE.run(["sh", "-c", f"journalctl --sync; journalctl -u '{unit}' -o cat"]).stdout[-3000:]


def ask(source="127.0.0.1", address="127.0.0.1"):
    """What the service says to whoever says quit; empty when it refuses us."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as client:
        client.settimeout(PATIENCE)
        if ":" not in address:
            client.bind((source, 0))
        client.connect((address, PORT))
        got = b""
        try:
            client.sendall(b"quit\r\n")
            while piece := client.recv(65536):
                got += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return got


def directives(name):
    with open(os.path.join(SERVICES, "systemd", name), encoding="utf8") as f:
        return re.findall(r"^(\w+)=", f.read().partition("[Service]")[2].partition("[Install]")[0], re.M)


def start(unit):
    MACHINE.shell("systemctl stop line-activated.socket line-activated.service line.service; "
                  "systemctl reset-failed 'line*' 2>/dev/null || true")
    MACHINE.shell(f"systemctl start {unit.replace('activated.service', 'activated.socket')}")


@test
def each_serves_denies_and_takes_new_rules(folder):
    for unit in SERVING:
        start(unit)
        settle(lambda: ask().startswith(b"220 hello 127.0.0.1, this machine"), journal)
        assert ask("127.0.0.9") == b"", journal()
        MACHINE.shell("cd /etc/postern && printf ':deny\\n' | tcprules line.cdb line.tmp")
        try:
            assert ask() == b"", journal()
        finally:
            MACHINE.shell("cd /etc/postern && tcprules line.cdb line.tmp < line.rules")
        assert ask().startswith(b"220"), journal()
        told = MACHINE.shell(f"systemctl show {unit} -p ActiveState -p NRestarts")
        assert "ActiveState=active" in told and "NRestarts=0" in told, (told, journal())
        assert "unable" not in journal(unit), journal(unit)


@test
def programs_find_nothing_that_a_line_takes_away(folder):
    probe = PROBE % json.dumps(PROBES)
    path = os.path.join(MACHINE.root, "usr/local/libexec/line/probe")
    with open(path, "w", encoding="ascii") as out:
        out.write(probe)
    os.chmod(path, 0o755)
    MACHINE.shell("mkdir -p /home/probe; touch /tmp/probe; mknod -m 666 /dev/probe c 1 3 || true")
    MACHINE.shell("printf '[Service]\nType=oneshot\nStandardOutput=file:/run/free\nExecStart="
                  "/usr/local/libexec/line/probe\n' >/run/systemd/system/free.service; "
                  "systemctl daemon-reload; systemctl start free.service || true")
    assert MACHINE.shell("cat /run/free"), journal("free*")
    free = json.loads(MACHINE.shell("cat /run/free"))
    for unit in SERVING:
        lines = directives(unit)
        for name in lines:
            assert name in PROBES or name in NOT_SHOWN or name in HOW_IT_RUNS, (unit, name)
        MACHINE.shell(f"mkdir -p /run/systemd/system/{unit}.d; printf '[Service]\\nExecStart=\\n' > "
                      f"/run/systemd/system/{unit}.d/test.conf; sed -n 's,^ExecStart=\\(.*\\)/serve$,"
                      f"ExecStart=\\1/probe,p' /etc/systemd/system/{unit} >> "
                      f"/run/systemd/system/{unit}.d/test.conf; systemctl daemon-reload")
        try:
            start(unit)
            settle(ask, journal)
            got = json.loads(ask())
        finally:
            MACHINE.shell(f"rm /run/systemd/system/{unit}.d/test.conf; systemctl daemon-reload")
        for name in PROBES:
            assert name in lines, (unit, name, "is not there")
            assert not got["found"][name], (unit, name, "does nothing")
        assert len(set(got["uid"])) == 1 and got["uid"][0] != 0 and 0 not in got["gid"], got
        assert 0 not in got["groups"], got
        assert got["env"]["TCPREMOTEIP"] == "127.0.0.1" and got["env"]["TAG"], got
    for name, text in PROBES.items():  # else it shows nothing of the line; root sees all of /proc
        assert free["found"][name] or name == "ProtectProc", (name, text, "is not there without it")


class Lists(http.server.BaseHTTPRequestHandler):
    content, status = b"", 200

    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@test
def the_list_of_today_comes_under_its_own_lines(folder):
    lines = directives("list.service")
    for name in lines:
        assert name in PROBES or name in NOT_SHOWN or name in HOW_IT_RUNS, name
    for name in set(PROBES) - {"LimitNOFILE", "UMask"}:
        assert name in lines, name
    MACHINE.shell("cp /etc/postern/line.rules /etc/postern/kept; printf 'postern: 1\\n"
                  "set drop = file \"drop.txt\"\\n$drop : deny\\n* : allow\\n' >/etc/postern/line.rules; "
                  "mkdir -p /run/systemd/system/list.service.d; printf '[Service]\\nEnvironment=LIST="
                  f"http://127.0.0.1:{LISTS}/drop.txt\\n' >/run/systemd/system/list.service.d/test.conf; "
                  "systemctl daemon-reload")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", LISTS), Lists)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        start("line.service")
        Lists.content = b"127.0.0.7/32\n198.51.100.0/24\n"
        done = MACHINE.run(["systemctl", "start", "list.service"])
        assert done.returncode == 0, journal("list*")
        assert ask("127.0.0.7") == b"" and ask("127.0.0.8"), journal("list*")
        Lists.status = 500
        done = MACHINE.run(["systemctl", "start", "list.service"])
        assert done.returncode != 0 and ask("127.0.0.7") == b"" and ask("127.0.0.8"), done.stdout
    finally:
        server.shutdown()
        server.server_close()
        MACHINE.shell("rm -f /run/systemd/system/list.service.d/test.conf; mv /etc/postern/kept "
                      "/etc/postern/line.rules; cd /etc/postern && tcprules line.cdb line.tmp < "
                      "line.rules; systemctl daemon-reload")


def since_start():
    return journal("line.service").rpartition("Starting line.service")[2]


class Changed:
    """line.service with another command and more lines, as `systemctl edit` would have it."""

    def __init__(self, command, *lines):
        self.text = "\\n".join(["[Service]", "ExecStart=", "ExecStart=/usr/local/bin/" + command,
                                "Restart=no", *lines, ""])

    def __enter__(self):
        MACHINE.shell("mkdir -p /run/systemd/system/line.service.d; "
                      f"printf '{self.text}' >/run/systemd/system/line.service.d/test.conf; "
                      "systemctl stop line-activated.socket line.service; systemctl daemon-reload; "
                      "systemctl reset-failed line.service 2>/dev/null || true")
        self.status = MACHINE.run(["systemctl", "start", "line.service"]).returncode
        return self

    def __exit__(self, *_):
        MACHINE.shell("rm /run/systemd/system/line.service.d/test.conf; systemctl daemon-reload; "
                      "systemctl stop line.service")


@test
def what_the_page_loosens_is_what_was_in_the_way(folder):
    front = "tcpserver -vRHl0 -u 65534 -g 65534 -x /etc/postern/line.cdb "
    with Changed(front + "127.0.0.1 25 /bin/true") as unit:
        assert unit.status != 0, "port 25 without the capability"
    with Changed(front + "127.0.0.1 25 /bin/true",
                 "CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_NET_BIND_SERVICE") as unit:
        assert unit.status == 0, journal()
    MACHINE.shell("cd /etc/postern && printf '127.:allow,MAXLOAD=\"99999900\"\\n:deny\\n' | "
                  "tcprules line.cdb line.tmp; cp /usr/bin/id /usr/local/libexec/line/id; "
                  "chmod 4755 /usr/local/libexec/line/id")
    try:
        for lines, unread in (([], True), (["ProcSubset=all"], False)):
            with Changed(front.replace("-x", "--limits-patch -x") + "127.0.0.1 2525 /bin/echo yes", *lines) as unit:
                assert unit.status == 0 and ask() == b"yes\n", journal()
                settle(lambda: ": end " in since_start(), journal)
                assert ("unable to read the load" in since_start()) == unread, (lines, journal())
    finally:
        MACHINE.shell("cd /etc/postern && tcprules line.cdb line.tmp < line.rules")
    for lines, wanted in (([], b"65534\n"),
                          (["NoNewPrivileges=no"], b"0\n")):
        with Changed(front + "127.0.0.1 2525 /usr/local/libexec/line/id -u", *lines) as unit:
            assert unit.status == 0 and ask() == wanted, (lines, ask(), journal())


@test
def systemd_calls_each_ok(folder):
    for unit in (*SERVING, "list.service"):
        told = MACHINE.shell(f"systemd-analyze security {unit} | sed -n 's/.*exposure level for //p'")
        assert float(re.search(r": ([0-9.]+)", told).group(1)) < 3, told


def prepare(root):
    steps = debian_root.Steps(root)
    shutil.copy("/etc/resolv.conf", os.path.join(root, "etc/resolv.conf"))
    if not steps.install("systemd", "procps", "curl", "python3-minimal", "libpython3-stdlib"):
        raise AssertionError("the Debian cannot be made")
    subprocess.run(["cmake", "--install", os.path.dirname(ARGS.bin), "--prefix",
                    os.path.join(root, "usr/local")], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(os.path.join(root, "var/log/journal"), ignore_errors=True)
    for folder in ("etc/postern", "usr/local/libexec/line"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name in UNITS:
        shutil.copy(os.path.join(SERVICES, "systemd", name), os.path.join(root, "etc/systemd/system"))
    for name in ("line/serve", "cron/update-list"):
        shutil.copy(os.path.join(SERVICES, name), os.path.join(root, "usr/local/libexec/line"))
    shutil.copy(os.path.join(SERVICES, "line", "rules"), os.path.join(root, "etc/postern/line.rules"))
    if not steps.run("the rules", "cd /etc/postern && tcprules line.cdb line.tmp < line.rules"):
        raise AssertionError("no rules")


def main():
    global ARGS, MACHINE
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    with debian_root.debian(ARGS.root) as root:
        prepare(root)  # needs the network
        if not S.isolate():
            return 77
        try:
            with booted.Booted(root) as MACHINE:
                return runner.run(TESTS, ARGS.names)
        except booted.Impossible as problem:
            print(f"SKIPPED: nothing was tested under systemd as process 1, since {problem}")
            return 77


if __name__ == "__main__":
    sys.exit(main())
