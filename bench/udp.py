#!/usr/bin/env python3
"""Denied datagrams, and what an allowed one waits beside them: udpserver (-w and --per-source),
xinetd and udpsvd, each with one rule that denies 127.9.9.9. Prints a table for
docs/performance.md: CPU a denied datagram, of the server and its children, and the time until
an allowed datagram is answered, median and 99th of a hundred, in microseconds."""
import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

XINETD = ("service s\n{{\n type = UNLISTED\n socket_type = dgram\n protocol = udp\n port = {port}\n"
          " wait = yes\n user = root\n bind = 127.0.0.1\n no_access = 127.9.9.9\n"
          " server = {program}\n server_args = 1\n instances = UNLIMITED\n cps = 1000000 1\n}}\n")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def commands(args, folder):
    cdb = os.path.join(folder, "r.cdb")
    subprocess.run([os.path.join(args.bin, "tcprules"), cdb, cdb + ".tmp"],
                   input=b"127.9.9.9:deny\n:allow\n", check=True)
    os.mkdir(os.path.join(folder, "i"))
    for name, mode in (("127.9.9.9", 0), ("0", 0o644)):
        os.close(os.open(os.path.join(folder, "i", name), os.O_CREAT))
        os.chmod(os.path.join(folder, "i", name), mode)
    subprocess.run(["ipsvd-cdb", folder + "/i.cdb", folder + "/i.tmp", folder + "/i"], check=True)
    ours, run = os.path.join(args.bin, "udpserver"), [args.name_server, "1"]

    def xinetd(port):
        with open(folder + "/x", "w", encoding="ascii") as f:
            f.write(XINETD.format(port=port, program=args.name_server))
        return [args.xinetd, "-dontfork", "-filelog", folder + "/log", "-f", folder + "/x",
                "-pidfile", folder + "/pid"]

    return {
        "udpserver -w": lambda port: [ours, "-RHl0", "-x", cdb, "127.0.0.1", str(port), *run],
        "udpserver --per-source": lambda port: [ours, "-RHl0", "--per-source", "-x", cdb,
                                                "127.0.0.1", str(port), *run],
        "xinetd": xinetd,
        "udpsvd": lambda port: ["udpsvd", "-l", "0", "-x", folder + "/i.cdb", "127.0.0.1",
                                str(port), *run],
    }


def cpu(pid):
    """Seconds of a process and of its children that it has waited for."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        words = f.read().rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def drops(port):
    """Datagrams that the kernel had no room for; None while nobody is bound."""
    with open("/proc/net/udp", encoding="ascii") as f:
        for line in list(f)[1:]:
            words = line.split()
            if int(words[1].rpartition(":")[2], 16) == port:
                return int(words[-1])
    return None


def flood(port, seconds, rate, sent):
    """Denied datagrams at a pace, for so long."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.bind(("127.9.9.9", 0))
        start = time.monotonic()
        while (now := time.monotonic() - start) < seconds:
            while sent[0] < now * rate:
                source.sendto(b"x" * 32, ("127.0.0.1", port))
                sent[0] += 1
            time.sleep(0.001)


def waits(port, count):
    """The times of so many questions, in microseconds; those that are lost are told."""
    took, lost = [], 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.settimeout(0.5)
        for _ in range(count):
            start = time.monotonic()
            source.sendto(b"q", ("127.0.0.1", port))
            try:
                source.recv(100)
                took.append((time.monotonic() - start) * 1e6)
            except TimeoutError:
                lost += 1
            time.sleep(0.01)
    return took, lost


def measure(command, args):
    port = free_port()
    server = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while drops(port) is None:
            time.sleep(0.05)
        before, sent = cpu(server.pid), [0]
        flood(port, args.seconds, args.rate, sent)
        time.sleep(0.5)
        taken = sent[0] - drops(port)
        each = (cpu(server.pid) - before) / max(taken, 1) * 1e6
        beside = threading.Thread(target=flood, args=(port, 8, args.rate, [0]))
        beside.start()
        took, lost = waits(port, 100)
        beside.join()
    finally:
        server.terminate()
        server.wait()
    return each, taken / sent[0], took, lost


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--name-server", required=True)
    parser.add_argument("--xinetd", required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=int, default=10000, help="denied datagrams a second")
    parser.add_argument("--only", nargs="*", help="these, by name")
    args = parser.parse_args()
    for name in ("bin", "name_server", "xinetd"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    print(f"{args.rate} denied datagrams a second")
    print("| | CPU a denied datagram | taken | allowed, median | 99th | lost of 100 |\n"
          "| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name, command in commands(args, folder).items():
            if args.only and name not in args.only:
                continue
            each, share, took, lost = measure(command, args)
            took = sorted(took) or [float("nan")]
            print(f"| {name} | {each:.1f} µs | {share:.0%} | {statistics.median(took):.0f} µs | "
                  f"{took[int(len(took) * 0.99) - 1]:.0f} µs | {lost} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
