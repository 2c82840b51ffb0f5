#!/usr/bin/env python3
"""What is imported decides as the original program does: files as people write them, and random ones.

tcp wrappers are asked by their library, of addresses and names; and tcpdmatch of addresses.
"""
import argparse
import ctypes
import importlib
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "system"))
imports = importlib.import_module("import")


class Wrappers:
    """hosts_ctl() of libwrap, over the files of a folder."""
    def __init__(self, folder, tcpdmatch):
        self.library, self.folder, self.program = ctypes.CDLL("libwrap.so.0"), folder, tcpdmatch
        self.paths = [os.path.join(folder, name).encode() for name in ("hosts.allow", "hosts.deny")]
        for name, path in zip(("hosts_allow_table", "hosts_deny_table"), self.paths):
            ctypes.c_char_p.in_dll(self.library, name).value = path

    def allows(self, address, name):
        return bool(self.library.hosts_ctl(b"sshd", name.encode() or b"unknown", str(address).encode(), b"unknown"))

    def tcpdmatch(self, address):
        told = subprocess.run([self.program, "-d", "sshd", str(address)], cwd=self.folder, capture_output=True,
                              text=True, timeout=60)
        words = [line.split()[1] for line in told.stdout.splitlines() if line.startswith("access:")]
        assert words, (told.stdout, told.stderr)
        return words[-1] == "granted"


def hosts(postern, tcpdmatch, count, seed):
    rng, asked = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        wrappers = Wrappers(folder, tcpdmatch)
        # What runs commands, or sends files, is not asked of the original.
        for number, case in enumerate(imports.Hosts().cases(rng, count)):
            if "spawn" in str(case.files) or "banners" in str(case.files):
                continue
            imports.write(folder, case.files)
            for address in case.edges:
                for name in ["", *case.names]:
                    want = case.reader(address, name)
                    if wrappers.allows(address, name) != want:
                        sys.exit(f"{case.files} {address} {name}: the reader says {want}")
                    asked += 1
            if number % 5 == 0:
                for address in case.edges[:6]:
                    assert wrappers.tcpdmatch(address) == case.reader(address, ""), (case.files, address)
            case.reader = wrappers.allows
            imports.compare(postern, folder, imports.Hosts(), case)
    print(f"hosts.allow: {count} files, {asked} answers of libwrap and tcpdmatch, all alike")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--tcpdmatch", default="tcpdmatch")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern = os.path.join(args.bin, "postern")
    hosts(postern, args.tcpdmatch, args.count, args.seed)


if __name__ == "__main__":
    main()
