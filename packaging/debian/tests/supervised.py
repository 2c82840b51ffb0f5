"""A service with rules that are compiled, replaced and obeyed, under a supervisor of Debian's."""
import os
import signal
import socket
import subprocess
import tempfile
import time

import client


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def rules(service, text):
    subprocess.run(["tcprules", "rules.cdb", "rules.tmp"], cwd=service, input=text, text=True,
                   check=True)


def until(condition, what):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def refused(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def ask(port, source):
    client.connect(port).close()  # it is up
    return client.converse(port, source)


def serve(front, scan, control):
    """`front` begins the command of the run script; `scan` and `control` start and steer."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        service = folder + "/scan/hello"
        os.makedirs(service)
        port = free_port()
        rules(service, '127.0.0.1:allow,WHO="neighbour"\n:deny\n')
        with open(service + "/run", "w", encoding="ascii") as run:
            run.write(f"#!/bin/sh\nexec 2>&1\n{front} tcpserver -vRHl0 -c 10 -x rules.cdb "
                      f"127.0.0.1 {port} sh -c 'echo \"hello $WHO\"; id -un'\n")
        os.chmod(service + "/run", 0o755)
        process = subprocess.Popen([*scan, folder + "/scan"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            said = ask(port, "127.0.0.1")
            assert said == "hello neighbour\ndaemon\n", said
            assert ask(port, "127.0.0.7") == ""
            rules(service, '127.0.0.7:allow,WHO="newcomer"\n127.0.0.1:allow\n:deny\n')
            assert ask(port, "127.0.0.7") == "hello newcomer\ndaemon\n"
            subprocess.run(control("t", service), check=True)
            # it comes again; who came to the one that ends is not served
            until(lambda: ask(port, "127.0.0.7") == "hello newcomer\ndaemon\n", "it stays away")
            subprocess.run(control("d", service), check=True)
            until(lambda: refused(port), "it does not go down")
        finally:
            if process.args[0] == "runsvdir":
                process.send_signal(signal.SIGHUP)  # ends what it runs, too
            else:
                process.terminate()
                subprocess.run(["svc", "-dx", service], check=False)
            process.communicate(timeout=60)
    print("a service that obeys its rules, as daemon")
