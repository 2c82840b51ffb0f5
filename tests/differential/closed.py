#!/usr/bin/env python3
"""The original tcprulescheck and tcpserver, given a native image, deny everybody."""
import argparse
import os
import socket
import subprocess
import sys
import tempfile

POLICY = """postern: 1
10.0.0.0/8, 127.0.0.1, ::1, =localhost, =.example : allow, OPEN="1"
joe@127.0.0.1 : allow
* : allow
"""
QUERIES = [{}, {"TCPREMOTEIP": "10.1.2.3"}, {"TCPREMOTEIP": "127.0.0.1"},
           {"TCPREMOTEIP": "127.0.0.1", "TCPREMOTEHOST": "localhost"},
           {"TCPREMOTEIP": "::1", "TCPREMOTEINFO": "joe"}, {"TCPREMOTEIP": ""},
           {"TCPREMOTEIP": "postern native image"}]


def checked(tool, cdb):
    """What tcprulescheck says that is no denial."""
    for env in QUERIES:
        out = subprocess.run([tool, cdb], env=env, capture_output=True, text=True,
                             check=True).stdout
        if out.splitlines()[-1] != "deny connection" or "set environment" in out:
            yield f"{tool}: {env}: {out}"


def served(tool, cdb):
    """What a client gets of a server that obeys the file, and what the server logs."""
    log = tempfile.TemporaryFile()
    server = subprocess.Popen([tool, "-v1RHl0", "-x", cdb, "127.0.0.1", "0", "/bin/echo",
                               "served"], stdout=subprocess.PIPE, stderr=log)
    try:
        port = int(server.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=120) as client:
            client.settimeout(10)
            try:
                got = client.recv(100)
            except ConnectionResetError:
                got = b""
    finally:
        server.terminate()
        server.wait(timeout=120)
        server.stdout.close()
    log.seek(0)
    text = log.read().decode()
    log.close()
    if got:
        yield f"{tool} served {got}"
    if "tcpserver: deny" not in text:
        yield f"{tool} logs no denial: {text}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    args = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        source, cdb = os.path.join(folder, "p.rules"), os.path.join(folder, "p.cdb")
        with open(source, "w", encoding="utf-8") as out:
            out.write(POLICY)
        subprocess.run([os.path.join(args.bin, "postern"), "compile", source, "-o", cdb],
                       check=True)
        for name in ("ucspi-tcp", "ucspi-tcp-ipv6"):
            tools = os.path.join(os.path.abspath(args.originals), name, "usr/bin")
            for problem in [*checked(os.path.join(tools, "tcprulescheck"), cdb),
                            *served(os.path.join(tools, "tcpserver"), cdb)]:
                failures += 1
                print("FAILED", problem)
    print(f"{2 * len(QUERIES)} queries, 2 servers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
