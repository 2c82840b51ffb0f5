#!/usr/bin/env python3
"""Extended policies as classic images, decided by the original tcprulescheck."""
import argparse
import os
import random
import subprocess
import sys
import tempfile

ADDRESSES = ["10.1.2.3", "10.1.2.4", "10.1.3.3", "10.2.0.0", "192.0.2.1", "192.0.2.130",
             "127.0.0.1", "9.255.255.255", "255.255.255.255", "2001:db8::1", "2001:db9::1"]
HOSTS = [None, "a.example", "b.a.example", "example", "x.y"]
IDENTS = [None, "joe", "ann"]


def target(r):
    kind = r.randrange(8)
    ident = r.choice(["joe@", "ann@"]) if r.random() < 0.25 else ""
    if kind < 2:
        return ident + r.choice(ADDRESSES)
    if kind == 2:
        return ident + "=" + r.choice(HOSTS[1:])
    if kind == 3:
        return r.choice(["=.example", "=.a.example", "="])
    if kind == 4:
        return r.choice(["10.1.", "10.1.2.", "10.", "2001:db8::/32"])
    if kind == 5:
        return r.choice(["10.1.2.2-10.1.3.200", "192.0.2.100-192.0.2.140"])
    length = r.choice([8, 12, 15, 16, 20, 23, 24, 25, 30, 31, 32])
    base = r.choice([0x0a010203, 0xc0000201, 0x7f000001])
    base &= 0xffffffff << (32 - length) & 0xffffffff
    return f"{'.'.join(str(base >> s & 255) for s in (24, 16, 8, 0))}/{length}"


def policy(r):
    lines = ["postern: 1"]
    for number in range(r.randrange(1, 6)):
        word = target(r)
        verdict = r.choice(["allow", "deny", f'allow, N="{number}"'])
        if "@" not in word and r.random() < 0.1:
            verdict = "block"
        lines.append(f"{word} : {verdict}")
    lines.append(r.choice(["* : deny", "* : allow"]))
    return "\n".join(lines) + "\n"


def ours(binary, cdb):
    """The verdict and the environment for every query, from the native image."""
    queries = [(a, h, i) for a in ADDRESSES for h in HOSTS for i in IDENTS]
    text = "".join("\t".join(x or "-" for x in q) + "\n" for q in queries)
    done = subprocess.run([binary, "check", cdb, "--batch"], input=text, text=True,
                          capture_output=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return queries, [(row[0], row[4:]) for row in rows]


def original(tool, cdb, query):
    env = {k: v for k, v in zip(("TCPREMOTEIP", "TCPREMOTEHOST", "TCPREMOTEINFO"), query)
           if v is not None}
    out = subprocess.run([tool, cdb], env=env, capture_output=True, text=True,
                         check=True).stdout.splitlines()
    sets = [line.split(" ", 3)[3] for line in out if line.startswith("set ")]
    return out[-1].split()[0], sets


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=150)
    args = parser.parse_args()
    r = random.Random(11)
    postern = os.path.abspath(os.path.join(args.bin, "postern"))
    tool = os.path.abspath(os.path.join(args.originals,
                                        "ucspi-tcp-ipv6/usr/bin/tcprulescheck"))
    said = queries_run = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for _ in range(args.count):
            with open("p.rules", "w", encoding="utf-8") as out:
                out.write(policy(r))
            subprocess.run([postern, "compile", "p.rules", "-o", "n.cdb"], check=True)
            done = subprocess.run([postern, "compile", "p.rules", "-o", "c.cdb", "--as",
                                   "classic"], capture_output=True, text=True, check=False)
            if done.returncode == 2 and "error: " in done.stderr:
                continue
            done.check_returncode()
            said += 1
            queries, answers = ours(postern, "n.cdb")
            for query, answer in r.sample(list(zip(queries, answers)), 40):
                got = original(tool, "c.cdb", query)
                queries_run += 1
                if got != answer:
                    failures += 1
                    with open("p.rules", encoding="utf-8") as text:
                        print(f"FAILED {query}: {got}, want {answer}\n{text.read()}")
    print(f"{args.count} policies, {said} as classic, {queries_run} queries, {failures} failures")
    return 1 if failures or said < args.count // 4 else 0


if __name__ == "__main__":
    sys.exit(main())
