#!/usr/bin/env python3
"""The example that fetches a list: what is put in place, and what is not.

The script of examples/services/cron is run with good downloads and bad ones; after a bad one
the old list and the old rules decide. The timer's unit and the crontab start it.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICES = os.path.join(HERE, "../../examples/services")
UPDATE = os.path.join(SERVICES, "cron/update-list")
RULES = 'postern: 1\nfile "drop.txt" : block\n* : allow\n'
OLD, NEW = "192.0.2.0/24\n", "198.51.100.0/24\n2001:db8::/32\n"

# what is fetched (None: the command fails), and is it put in place?
DOWNLOADS = [
    ("a new list", NEW, True),
    ("a command that fails", None, False),
    ("nothing", "", False),
    ("a remark", "# only every 30 minutes, please\n", False),
    ("a list that is cut", "198.51.100.0/24\n203.0.113.0/2", False),
    ("a page", "<html>503</html>\n", False),
    ("a list that is very wide", "64.0.0.0/3\n", False),
    ("two addresses on a line", "198.51.100.1 198.51.100.9\n", False),
    ("a line of JSON", '{"cidr":"198.51.100.0/24"}\n', False),
]


def check(bin_dir, folder, fetched):
    for name, text in (("line.rules", RULES), ("drop.txt", OLD)):
        with open(os.path.join(folder, name), "w", encoding="ascii") as out:
            out.write(text)
    env = {"PATH": bin_dir + ":/usr/bin:/bin", "RULES_FOLDER": folder}
    postern = os.path.join(bin_dir, "postern")
    subprocess.run([postern, "compile", "line.rules"], cwd=folder, check=True)
    words = ["false"] if fetched is None else ["printf", "%s", fetched]
    done = subprocess.run([UPDATE] + words, env=env, capture_output=True, timeout=600, check=False)
    with open(os.path.join(folder, "drop.txt"), encoding="ascii") as source:
        listed = source.read()
    asked = {address: subprocess.run([postern, "check", "line.cdb", address], cwd=folder,
                                     capture_output=True, text=True, check=True).stdout
             for address in ("192.0.2.7", "198.51.100.7")}
    denied = {address for address, said in asked.items() if ": deny" in said}
    return done, listed, denied, sorted(os.listdir(folder))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    bin_dir = os.path.abspath(parser.parse_args().bin)
    failures = 0
    for label, fetched, good in DOWNLOADS:
        with tempfile.TemporaryDirectory() as folder:
            done, listed, denied, left = check(bin_dir, folder, fetched)
        want = (NEW, {"198.51.100.7"}) if good else (OLD, {"192.0.2.7"})
        if (listed, denied) != want or (done.returncode == 0) != good or \
                left != ["drop.txt", "line.cdb", "line.rules"] or (good and done.stderr):
            failures += 1
            print("FAILED", label, done, listed, denied, left)
    for name in ("cron/crontab", "systemd/list.service"):
        with open(os.path.join(SERVICES, name), encoding="ascii") as source:
            if not re.search(r"/update-list curl ", source.read()):
                failures += 1
                print("FAILED", name, "does not start the script")
    print(f"{len(DOWNLOADS)} downloads, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
