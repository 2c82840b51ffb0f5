#!/usr/bin/env python3
"""The examples of examples/services under the real supervisors, and beside the real inetd
and xinetd."""
import argparse
import functools
import glob
import json
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
import runner  # noqa: E402
import servers as S  # noqa: E402

SERVICES = os.path.join(HERE, "..", "..", "examples", "services")
TESTS = []
ARGS = None
PORT = 2525


def test(function):
    TESTS.append(function)
    return function


def until(condition, what, seconds=15):
    limit = time.monotonic() + seconds
    while True:
        try:
            value = condition()
        except OSError:
            value = None
        if value:
            return value
        assert time.monotonic() < limit, what
        time.sleep(0.02)


def connect(source="127.0.0.1", address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    client = socket.socket(family)
    client.settimeout(5)
    if source and family == socket.AF_INET:
        client.bind((source, 0))
    client.connect((address, PORT))
    return client


def greeting(source="127.0.0.1", address="127.0.0.1"):
    """The first line from the service; empty when it refuses us."""
    with connect(source, address) as client:
        try:
            return client.makefile("rb").readline()
        except ConnectionResetError:
            return b""


def nobody_listens():
    try:
        connect().close()
    except ConnectionRefusedError:
        return True
    return False


def service_folder(folder, supervisor, programs):
    """A service as somebody would put it up."""
    path = os.path.join(folder, "services", "line")
    shutil.copytree(os.path.join(SERVICES, supervisor), path)
    for name in ("serve", "rules"):
        shutil.copy(os.path.join(SERVICES, "line", name), path)
    with open(os.path.join(path, "rules"), "rb") as rules:
        subprocess.run([os.path.join(programs, "tcprules"), "rules.cdb", "rules.tmp"],
                       stdin=rules, cwd=path, check=True)
    for part in (folder, os.path.dirname(path), path):
        os.chmod(part, 0o755)
    return path


def server_pid():
    out = subprocess.run(["pgrep", "-x", "tcpserver"], capture_output=True, check=False).stdout
    return [int(word) for word in out.split()]


def our_server(path):
    """The server whose working folder it is."""
    for pid in server_pid():
        try:
            if os.readlink(f"/proc/{pid}/cwd") == path:
                return pid
        except OSError:
            pass  # it has ended meanwhile
    return None


# supervisor: (scan, control) commands; {} is the scan folder or the service
SUPERVISORS = {
    "daemontools": (["svscan", "{}"], {
        "restart": ["svc", "-t", "{}"], "stop": ["svc", "-d", "{}"],
        "end": ["svc", "-dx", "{}", "{}/log"]}),
    "runit": (["runsvdir", "{}"], {
        "restart": ["sv", "restart", "{}"], "stop": ["sv", "down", "{}"],
        "end": ["sv", "exit", "{}"]}),
    "s6": (["s6-svscan", "-t0", "{}"], {
        "restart": ["s6-svc", "-t", "{}"], "stop": ["s6-svc", "-d", "{}"],
        "end": ["s6-svscanctl", "-t", "{}/.."]}),
}


def supervised(supervisor, programs, folder):
    """Up, allowed, denied, replaced, restarted, killed, stopped: what could be seen."""
    path = service_folder(folder, supervisor, programs)
    scan, control = SUPERVISORS[supervisor]
    environment = {"PATH": programs + ":/usr/bin:/bin:/usr/sbin:/sbin"}

    def command(name):
        subprocess.run([w.replace("{}", path) for w in control[name]], check=False,
                       env=environment, stdout=subprocess.DEVNULL)
    process = subprocess.Popen([w.replace("{}", os.path.dirname(path)) for w in scan],
                               env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = []
    try:
        until(greeting, "it is up")
        seen += [greeting(), greeting("127.0.0.9")]
        with open(os.path.join(path, "rules"), "wb") as rules:
            rules.write(b":deny\n")
        with connect() as client:
            stream = client.makefile("rwb", buffering=0)
            seen.append(stream.readline())
            subprocess.run("tcprules rules.cdb rules.tmp <rules", shell=True, cwd=path,
                           env=environment, check=True)
            seen.append(greeting())
            old = our_server(path)
            command("restart")
            until(lambda: our_server(path) not in (None, old), "restarted")
            stream.write(b"still here\r\nquit\r\n")
            seen.append(stream.read())
        os.kill(our_server(path), signal.SIGKILL)
        until(lambda: greeting() == b"" and our_server(path), "up again")
        command("stop")
        until(nobody_listens, "stopped")
        log = until(lambda: [f for f in glob.glob(path + "/log/main/current")
                             if os.path.getsize(f)], "a log")
        with open(log[0], encoding="latin1") as f:
            words = re.findall(r"tcpserver: (\w+) ", f.read())
        seen.append(sorted(set(words)))
    finally:
        command("stop")
        command("end")
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        pid = our_server(path)
        if pid:
            os.kill(pid, signal.SIGKILL)
    return seen


def under(supervisor, folder):
    """The same run script, with the original programs and with ours."""
    seen = []
    for name, programs in (("original", ARGS.scratch), ("ours", ARGS.bin)):
        os.mkdir(os.path.join(folder, name))
        seen.append(supervised(supervisor, programs, os.path.join(folder, name)))
    assert seen[0] == seen[1], seen
    assert seen[1][:5] == [b"220 hello 127.0.0.1, this machine\r\n", b"",
                           b"220 hello 127.0.0.1, this machine\r\n", b"",
                           b"250 still here\r\n221 bye\r\n"], seen[1]


def answered(source):
    """What the datagram of somebody is answered with, or nothing; not until it is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
        asks.bind((source, 0))
        asks.settimeout(1)
        asks.sendto(b"who", ("127.0.0.1", PORT))
        try:
            return asks.recv(512)
        except TimeoutError:
            return b""


def datagrams_under(supervisor, folder):
    """The run script of the service of datagrams, by the rules of the other."""
    path = service_folder(folder, supervisor, ARGS.bin)
    os.replace(os.path.join(path, "run-udp"), os.path.join(path, "run"))
    shutil.copy(os.path.join(SERVICES, "udp", "answer"), path)
    scan, control = SUPERVISORS[supervisor]
    environment = {"PATH": ARGS.bin + ":/usr/bin:/bin:/usr/sbin:/sbin"}
    process = subprocess.Popen([w.replace("{}", os.path.dirname(path)) for w in scan],
                               env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answered("127.0.0.5"), "it is up")
        assert answered("127.0.0.6") == b"who, 127.0.0.6, this machine\n"
        assert answered("127.0.0.9") == b""
    finally:
        for name in ("stop", "end"):
            subprocess.run([w.replace("{}", path) for w in control[name]], check=False,
                           env=environment, stdout=subprocess.DEVNULL)
        process.terminate()
        process.wait(60)


for _name in SUPERVISORS:
    for _what in (under, datagrams_under):
        _function = functools.partial(_what, _name)
        _function.__name__ = f"{_what.__name__}_{_name}"
        TESTS.append(_function)


@test
def systemd_units_are_sound(folder):
    paths = [path for folder_of in ("systemd", "metrics") for path in
             glob.glob(os.path.join(SERVICES, folder_of, "*.*"))
             if path.endswith((".service", ".socket", ".timer"))]
    names = [os.path.basename(path) for path in paths]
    assert len(names) >= 7, names
    for path, name in zip(paths, names):
        with open(path, encoding="utf8") as f:
            text = f.read()
        # the places where they would be installed, in this tree
        text = text.replace("/usr/local/bin/", ARGS.bin + "/")
        text = text.replace("/usr/local/libexec/line/serve", os.path.join(
            SERVICES, "line", "serve"))
        text = text.replace("/usr/local/libexec/line/answer", os.path.join(
            SERVICES, "udp", "answer"))
        text = text.replace("/usr/local/libexec/line/update-list", os.path.join(
            SERVICES, "cron", "update-list"))
        with open(os.path.join(folder, name), "w", encoding="utf8") as f:
            f.write(text)
    for name in names:
        done = subprocess.run(["systemd-analyze", "verify", "--man=no",
                               os.path.join(folder, name)], capture_output=True, check=False)
        about_us = [line for line in done.stderr.decode().split("\n") if re.search(r"line|list\.|postern", line)]
        assert done.returncode == 0 and not about_us, done.stderr


@test
def systemd_units_are_locked_in(folder):
    """What tests/integration/units.py shows the effect of, line by line; here only the sum."""
    units = sorted(glob.glob(os.path.join(SERVICES, "**", "*.service"), recursive=True))
    assert len(units) >= 4, units
    for path in units:
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=29",
                               path], capture_output=True, text=True, check=False)
        told = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
        assert told and float(told.group(1)) < 3, (path, done.stdout[-200:], done.stderr)


@test
def systemd_hands_over_its_sockets(folder):
    path = service_folder(folder, "systemd", ARGS.bin)
    with open(os.path.join(SERVICES, "systemd/line-activated.service"), encoding="utf8") as f:
        words = re.search(r"^ExecStart=(.*)$", f.read(), re.M).group(1).split()
    words = [w.replace("/usr/local/bin", ARGS.bin).replace("/etc/postern/line.cdb", "rules.cdb")
             .replace("/usr/local/libexec/line/serve", "./serve") for w in words]
    process = subprocess.Popen(["systemd-socket-activate", "-l", f"127.0.0.1:{PORT}", "-l",
                                f"[::1]:{PORT}", *words], cwd=path, stderr=subprocess.PIPE)
    try:
        assert until(greeting, "activated") == b"220 hello 127.0.0.1, this machine\r\n"
        assert greeting("127.0.0.9") == b"" and greeting(address="::1") == b""
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stderr.close()
    done = subprocess.run([os.path.join(ARGS.bin, "tcpserver"), "systemd", "0", "true"],
                          capture_output=True, check=False)
    assert done.returncode == 111 and b"no sockets from systemd" in done.stderr


def installed(folder, text):
    """The paths of an example, in this tree."""
    return text.replace("/usr/local/libexec/line/serve", os.path.join(folder, "serve"))


def put(folder, *names):
    os.chmod(folder, 0o755)
    shutil.copy(os.path.join(SERVICES, "line", "serve"), folder)
    for name in names:
        with open(os.path.join(SERVICES, name), encoding="utf8") as f:
            text = installed(folder, f.read())
        with open(os.path.join(folder, os.path.basename(name)), "w", encoding="utf8") as f:
            f.write(text)
    for name in glob.glob(folder + "/run"):
        os.chmod(name, 0o755)


def seen_of(command, folder, look):
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={"PATH": ARGS.bin + ":/usr/bin:/bin"})
    try:
        until(lambda: not nobody_listens(), "up")
        time.sleep(0.2)  # our own look is one of its clients
        return look()
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@test
def inetd_and_what_becomes_of_it(folder):
    put(folder, "inetd/inetd.conf", "inetd/run")
    inetd = os.path.join(ARGS.originals, "inetutils-inetd/usr/sbin/inetutils-inetd")

    def look():
        with connect() as client:
            stream = client.makefile("rwb", buffering=0)
            first = stream.readline()
            stream.write(b"one\r\nquit\r\n")
            # inetd tells the program no address
            return [first.replace(b" 127.0.0.1", b" "), stream.read()]
    theirs = seen_of([inetd, "-d", "inetd.conf"], folder, look)
    assert theirs == seen_of(["./run"], folder, look)
    assert theirs == [b"220 hello \r\n", b"250 one\r\n221 bye\r\n"], theirs


@test
def xinetd_and_what_becomes_of_it(folder):
    put(folder, "xinetd/line", "xinetd/line.rules", "xinetd/run")
    subprocess.run([os.path.join(ARGS.bin, "postern"), "compile", "line.rules"], cwd=folder,
                   check=True)
    os.chmod(os.path.join(folder, "line.cdb"), 0o644)
    xinetd = os.path.join(ARGS.originals, "xinetd/usr/sbin/xinetd")

    def tag(line):
        """xinetd tells the program no TCPREMOTEIP."""
        return re.sub(rb"hello [0-9.]*", b"hello", line)

    def look():
        seen = [tag(greeting(source)) for source in ("127.0.0.1", "127.9.0.1", "127.8.0.1")]
        time.sleep(0.3)
        clients = []
        for source, count in (("127.2.0.1", 3), ("127.3.0.1", 2), ("127.4.0.1", 1)):
            for _ in range(count):
                client = connect(source)
                clients.append(client)
                try:
                    seen.append(tag(client.makefile("rb").readline()))
                except ConnectionResetError:
                    seen.append(b"")
        for client in clients:
            client.close()
        return seen
    theirs = seen_of([xinetd, "-dontfork", "-f", "line", "-filelog", "log", "-pidfile",
                      folder + "/pid"], folder, look)
    ours = seen_of(["./run"], folder, look)
    assert theirs == ours, (theirs, ours)
    assert theirs[:3] == [b"220 hello, mail\r\n", b"", b"220 hello, mail\r\n"], theirs
    assert theirs[3:6] == [b"220 hello, mail\r\n"] * 2 + [b""], theirs


@test
def what_xinetd_logs_is_replayed(folder):
    """It writes of whom it denies that it starts; adopt holds its policy to what it did."""
    tree = os.path.join(folder, "tree")
    os.makedirs(tree + "/etc/xinetd.d")
    os.makedirs(tree + "/var/log")
    put(folder, "xinetd/line")
    with open(os.path.join(folder, "line"), encoding="utf8") as f:
        service = f.read()
    log = os.path.join(folder, "tree/var/log/xinetd.log")
    with open(os.path.join(folder, "line"), "w", encoding="utf8") as f:
        f.write(f"defaults\n{{\n log_type = FILE {log}\n log_on_success = HOST PID EXIT\n"
                f" log_on_failure = HOST\n}}\n{service}")
    sources = ["127.0.0.1", "127.9.0.1", "127.8.0.1", "127.9.0.2", "127.0.0.1", "127.9.0.1"]

    def look():
        return [bool(greeting(source)) for source in sources]
    seen = seen_of([os.path.join(ARGS.originals, "xinetd/usr/sbin/xinetd"), "-dontfork", "-f", "line",
                    "-filelog", "own", "-pidfile", folder + "/pid"], folder, look)
    assert seen == [not source.startswith("127.9.") for source in sources], seen
    with open(log, encoding="utf8") as f:
        text = f.read()
    assert text.count("START: ") > len(sources) and text.count("FAIL: ") == 3, text

    def adopted(text):
        with open(tree + "/etc/xinetd.d/line", "w", encoding="utf8") as f:
            f.write(text)
        done = subprocess.run([os.path.join(ARGS.bin, "postern"), "adopt", tree, "--format", "json"],
                              capture_output=True, check=False)
        [log] = json.loads(done.stdout)["found"][0]["logs"]
        return done.returncode, log["connections"], log["changed"], log.get("client")
    started = text.count("START: ")  # until() is a client too
    assert adopted(service) == (0, started, 0, None), adopted(service)
    assert adopted(service.replace("127.9.0.0/16", "127.8.0.0/16"))[:3] == (1, started, 4)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--scratch", default="build/originals/supervision")
    parser.add_argument("names", nargs="*")
    ARGS = parser.parse_args()
    ARGS.originals = os.path.abspath(ARGS.originals)
    os.makedirs(ARGS.scratch, exist_ok=True)
    ARGS.bin, ARGS.scratch = runner.reachable(ARGS.bin), runner.reachable(ARGS.scratch)
    for name in glob.glob(os.path.join(ARGS.originals, "ucspi-tcp-ipv6/usr/bin/*")) + [
            "/usr/bin/envuidgid", "/usr/bin/setuidgid"]:
        shutil.copy(name, ARGS.scratch)
    if not S.isolate():
        return 77
    return runner.run(TESTS, ARGS.names)


if __name__ == "__main__":
    sys.exit(main())
