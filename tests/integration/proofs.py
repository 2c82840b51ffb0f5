#!/usr/bin/env python3
"""import --prove, beside the programs that the files are of: each is asked, and says the same.

The files are those of tests/system/import.py and import_tables.py: as people write them, and random
ones. A proof may fail only where the import has said before that it denies more.
"""
import argparse
import importlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "system"))
imports = importlib.import_module("import")
tables = importlib.import_module("import_tables")

# What the programs themselves refuse to load, and an import has no reason to.
TOO_MUCH = re.compile(r"conflicting intervals|overlap|value of the CIDR parameter")


class Proofs:
    def __init__(self, postern, folder, originals):
        self.postern, self.folder, self.originals = postern, folder, originals

    def ask(self, form, options, paths):
        words = [self.postern, "import", "--prove", *options]
        if form in self.originals:
            words += ["--original", self.originals[form]]
        return subprocess.run([*words, form, *paths], capture_output=True, text=True, timeout=300, check=False,
                              errors="replace")

    def one(self, form, options, paths, what):
        """How many clients were asked; 0 where neither takes the file."""
        plain = subprocess.run([self.postern, "import", *options, form, *paths], capture_output=True, text=True,
                               timeout=300, check=False, errors="replace")
        if plain.returncode:
            return 0
        done = self.ask(form, options, paths)
        if found := re.search(r"answers (\d+) clients alike", done.stderr):
            assert done.returncode == 0 and done.stdout == plain.stdout, (what, done)
            return int(found.group(1))
        assert done.returncode in (1, 2) and not done.stdout, (what, done)
        if done.returncode == 2 and TOO_MUCH.search(done.stderr):
            return 0
        stricter = not all(imports.HARMLESS.search(line) for line in plain.stderr.splitlines())
        told = [line for line in done.stderr.splitlines() if ": error: " in line]
        assert done.returncode == 1 and stricter, (what, done.stderr)
        assert all("is denied here" in line or "error: and " in line for line in told), (what, told)
        return 0


def table_makers():
    return [maker for maker in (tables.haproxy_map, tables.haproxy_acl, tables.nginx_access, tables.nginx_geo,
                                tables.nginx_ranges, tables.ipset, tables.nft_set, tables.nft_chain, tables.postfix)]


def all_tables(proofs, count, seed):
    for maker in table_makers():
        rng, asked, proven = random.Random(f"{maker.__name__} {seed}"), 0, 0
        for _ in range(count):
            form, text, words, _ = maker(tables.World(rng))
            path = os.path.join(proofs.folder, "in")
            with open(path, "w", encoding="ascii", newline="") as out:
                out.write(text)
            clients = proofs.one(form, words, [path], text)
            asked, proven = asked + clients, proven + (clients > 0)
        print(f"{maker.__name__}: {proven} of {count} files proven, {asked} clients")
        assert proven >= count // 10, maker.__name__  # of ranges that cross, nginx takes none


def all_rules(proofs, count, seed):
    for maker in (m for m in imports.FORMATS if m.format in ("hosts.allow", "xinetd", "ipsvd")):
        rng, asked, proven = random.Random(f"{maker.format} {seed}"), 0, 0
        for case in maker.cases(rng, count):
            clients = proofs.one(maker.format, case.options, imports.write(proofs.folder, case.files), case.files)
            asked, proven = asked + clients, proven + (clients > 0)
        print(f"{maker.format}: {proven} of {count} files proven, {asked} clients")
        assert proven >= count // 4, maker.format


def names(proofs):
    """Names are asked: where the import denies more of one, as it says, the original shows it."""
    xinetd = os.path.join(proofs.folder, "named")
    with open(xinetd, "w", encoding="ascii") as out:
        out.write("service a\n{\n only_from = mx.example.com .example.org\n no_access = 10.1.0.0/16\n}\n")
    ipsvd = os.path.join(proofs.folder, "peers")
    os.mkdir(ipsvd)
    for name, mode in (("0", 0), ("10.1", 0), ("mx.example.com", 0o644)):
        with open(os.path.join(ipsvd, name), "w", encoding="ascii"):
            pass
        os.chmod(os.path.join(ipsvd, name), mode)
    for form, path, wanted in (("xinetd", xinetd, r"=(mx\.example\.com|example\.org|a\.example\.org) is denied here, and "),
                               ("ipsvd", ipsvd, r"=mx\.example\.com is denied here, and ")):
        done = proofs.ask(form, [], [path])
        assert done.returncode == 1 and re.search(wanted, done.stderr) and "not asked" not in done.stderr, done
    with open(xinetd, "w", encoding="ascii") as out:
        out.write("service a\n{\n only_from = mx.example.com .example.org 10.1.0.0/16\n no_access = bad.example.org\n}\n")
    done = proofs.ask("xinetd", [], [xinetd])
    found = re.search(r"answers (\d+) clients alike", done.stderr)
    assert done.returncode == 0 and int(found.group(1)) > 80, done
    print(f"names: {found.group(1)} clients of one file")


def classic_source(rng):
    """Lines as people write them: prefixes, ranges, names, variables in several quotes."""
    lines = []
    for _ in range(rng.randrange(1, 9)):
        key = rng.choice(("10.1.", "10.", "10.1.2.3", "10.1.2.3-9", "192.168.4-7.", "127.0.0.1", "=", "=mail.example.com",
                          "=.example.com", "=.com", "joe@10.1.2.3", "joe@=mail.example.com", "", "0-255.", "10.1.2.250-255"))
        sets = "".join(f",{name}{quote}{value}{quote}" for name, quote, value in
                       (("A=", '"', "x"), ("B=", "/", "y z"), ("A=", "|", ""), ("C=", '"', "#")) if rng.random() < .3)
        lines.append(f"{key}:{rng.choice(('allow', 'deny', 'allow'))}{sets}")
        if rng.random() < .1:
            lines.append(rng.choice(("# a remark", "", "no colon")))
    return "\n".join(lines) + "\n"


def classic(proofs, count, seed):
    compiler = os.path.join(os.path.dirname(proofs.originals["tcprules"]), "tcprules")
    rng, asked = random.Random(f"tcprules {seed}"), 0
    for _ in range(count):
        text = classic_source(rng)
        path, database = (os.path.join(proofs.folder, name) for name in ("r", "r.cdb"))
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        subprocess.run([compiler, database, path + ".tmp"], input=text.encode(), check=True, timeout=60)
        for form, file in (("tcprules", path), ("tcprules-cdb", database)):
            clients = proofs.one(form, [], [file], text)
            assert clients > 20, (form, text)
            asked += clients
    print(f"tcprules: {count} sources and databases proven, {asked} clients")


def reachable(originals, folder):
    """Copies of those that are there, with what is beside them: nobody may not come to where they lie."""
    found = {}
    for form, path in originals.items():
        if os.path.exists(path):
            place = os.path.join(folder, os.path.basename(os.path.dirname(os.path.dirname(os.path.dirname(path)))))
            if not os.path.exists(place):
                shutil.copytree(os.path.dirname(path), place)
            found[form] = os.path.join(place, os.path.basename(path))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = {"nginx": "nginx/usr/sbin/nginx", "haproxy": "haproxy/usr/sbin/haproxy", "ipset": "ipset/usr/sbin/ipset",
             "nftables": "nftables/usr/sbin/nft", "postfix": "postfix/usr/sbin/postmap",
             "xinetd": "xinetd/usr/sbin/xinetd", "tcprules": "ucspi-tcp/usr/bin/tcprulescheck",
             "tcprules-cdb": "ucspi-tcp/usr/bin/tcprulescheck"}
    originals = {form: os.path.abspath(os.path.join(args.originals, path)) for form, path in found.items()}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        proofs = Proofs(os.path.join(os.path.abspath(args.bin), "postern"), folder,
                        reachable(originals, os.path.join(folder, "originals")))
        all_tables(proofs, args.count, args.seed)
        all_rules(proofs, args.count, args.seed)
        names(proofs)
        classic(proofs, args.count // 4, args.seed)


if __name__ == "__main__":
    sys.exit(main())
