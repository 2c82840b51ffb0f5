#!/usr/bin/env python3
"""What the programs write as JSON is what the schemas in docs/schema/ say."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
OFFICE = os.path.join(ROOT, "examples/office.rules")
BROKEN = os.path.join(ROOT, "examples/mistakes/broken.rules")
MAIL = os.path.join(ROOT, "examples/mail.rules")
INTERNAL = os.path.join(ROOT, "examples/internal.rules")
QUERIES = "10.1.2.3\n192.0.2.53\t-\tbackup\n::1\nnonsense\n203.0.113.1\n9.9.9.9\tx.y\n"


def run(bin_dir, words, stdin=""):
    return subprocess.run([os.path.join(bin_dir, "postern")] + words + ["--format", "json"],
                          input=stdin, capture_output=True, text=True, check=False).stdout


def page_file(folder, page):
    """The wrong example of a finding's page; an empty file where it has none."""
    with open(os.path.join(ROOT, "docs/findings", page), encoding="utf-8") as source:
        found = re.search(r"^```rules p\S*\n(.*?)^```$", source.read(), re.M | re.S)
    path = os.path.join(folder, page[:-3] + ".rules")
    with open(path, "w", encoding="utf-8") as out:
        out.write(found.group(1) if found else "")
    return path


def feeds(bin_dir, folder):
    """A list that is replaced, one that is equal, and one that breaks what it can."""
    old, new, policy = (os.path.join(folder, name) for name in ("old", "new", "feed.rules"))
    with open(policy, "w", encoding="utf-8") as out:
        out.write('postern: 1\nset office = 192.0.2.0/24\nfile "old" : block\n'
                  '$office : allow\n* : deny\nexpect 192.0.2.1 : allow\n')
    with open(new, "w", encoding="utf-8") as out:
        out.write("::/0\n0.0.0.0/0\n")
    for words in ((), (), ("--protect", policy, "--min", "9")):
        yield "feed", run(bin_dir, ["feed", old, new, *words])
    with open(old, "w", encoding="utf-8") as out:
        out.write("10.0.0.0/8\n2001:db8::/32\n")
    yield "feed", run(bin_dir, ["feed", old, new, "--protect", policy, "--min", "9"])


def trees(bin_dir, folder):
    """A tree with one of each kind, and one that has nothing but faults."""
    for path, text in (("etc/tcp.smtp", "10.:allow\n:deny\n"), ("etc/tcp.pop.cdb", ""),
                       ("service/smtp/run", "exec tcpserver -x /etc/tcp.smtp.cdb 0 smtp true\n"),
                       ("service/smtp/down", ""), ("service/smtp/log/run", "exec multilog t /log\n"),
                       ("log/current", "tcpserver: ok 1 a:127.0.0.1:25 :10.1.1.1::5\n"
                                       "tcpserver: ok 1 a:127.0.0.1:25 :11.1.1.1::5\n"),
                       ("etc/inetd.conf", "ftp stream tcp nowait root /usr/sbin/tcpd in.ftpd\n"
                                          "talk dgram udp wait root /bin/talkd\n"),
                       ("etc/hosts.allow", "in.ftpd: 10.\nnobody: ALL\n"),
                       ("etc/xinetd.d/pop", "service pop\n{\nsocket_type = stream\nserver = /bin/true\n}\n"),
                       ("etc/nginx/nginx.conf", "allow 10.1.1.1;\ndeny all;\n"),
                       ("etc/ssh/sshd_config", "AllowUsers *@10.1.1.1\nMatch Address 10.0.0.0/8\n")):
        path = os.path.join(folder, "tree", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
    tree = os.path.join(folder, "tree")
    yield "adopt", run(bin_dir, ["adopt", tree])
    yield "adopt", run(bin_dir, ["adopt", tree, "-o", os.path.join(folder, "over")])
    os.unlink(os.path.join(tree, "etc/tcp.smtp"))
    yield "adopt", run(bin_dir, ["adopt", tree])


def documents(bin_dir, folder):
    """(schema, document) pairs, from every place that writes JSON."""
    for line in run(bin_dir, ["check", OFFICE, "--batch"], QUERIES).splitlines():
        yield "decision", line
    for line in run(bin_dir, ["check", OFFICE, "192.0.2.1", "mx.partner.example", "-t"],
                    ).splitlines():
        yield "decision", line
    for words in (["check", MAIL, "10.0.0.0/8"], ["check", MAIL, "203.0.113.0/24"],
                  ["check", INTERNAL, "10.4.3.7", "--unknown", "host,ident"]):
        yield "outcomes", run(bin_dir, words)
    for words in (["who", MAIL, "TAG"], ["who", MAIL, "NOTHING"],
                  ["who", INTERNAL, "--verdict", "deny"]):
        yield "regions", run(bin_dir, words)
    for words in ((OFFICE, MAIL), (MAIL, MAIL), (INTERNAL, MAIL)):
        yield "difference", run(bin_dir, ["diff", *words])
    log = os.path.join(folder, "log")
    with open(log, "w", encoding="utf-8") as out:
        out.write(QUERIES.replace("nonsense\n", ""))
    yield "difference", run(bin_dir, ["diff", OFFICE, MAIL, "--weigh", log])
    yield "replay", run(bin_dir, ["replay", OFFICE, INTERNAL, log])
    for file in (OFFICE, MAIL, INTERNAL):
        yield "stats", run(bin_dir, ["stats", file])
        yield "spans", subprocess.run([os.path.join(bin_dir, "postern"), "export", "json", file],
                                      capture_output=True, text=True, check=True).stdout
    counted = os.path.join(ROOT, "tests/golden/hits/tells-rules-by-hits/in")
    for words in (["counts", "mail.rules"], ["counts"], ["shadowed", "mail.rules", "--shadow"],
                  ["none", "mail.rules", "--unused", "0"]):
        yield "hits", run(bin_dir, ["hits", *(w if w[0] == "-" or w.isdigit() else
                                              os.path.join(counted, w) for w in words)])
    for words in ([], ["P2"], ["p202", "no-verdict"], ["leading-zero"]):
        yield "explanations", run(bin_dir, ["explain", *words])
    for line in ("12", "14", "17"):
        yield "why-not", run(bin_dir, ["check", MAIL, "192.0.2.66", "x.y", "--why-not",
                                       MAIL + ":" + line])
    for line in run(bin_dir, ["check", MAIL, "--batch"], QUERIES).splitlines():
        yield "decision", line
    yield from feeds(bin_dir, folder)
    yield from trees(bin_dir, folder)
    bad = os.path.join(folder, "bad.rules")
    with open(bad, "w", encoding="utf-8") as out:
        out.write("postern: 1\n* : allow\nexpect ann@192.0.2.1 =h : deny\nalways * : !A\n")
    for line in run(bin_dir, ["test", bad, MAIL]).splitlines():
        yield "expectation", line
    yield "findings", run(bin_dir, ["compile", bad])
    with open(bad, "w", encoding="utf-8") as out:
        out.write("postern: 1\n010.1.2.3 : allow\nset a = 1.2.3.4\nset a = 1.2.3.4\n")
    yield "findings", run(bin_dir, ["compile", bad])
    for name in sorted(os.listdir(os.path.join(ROOT, "docs/findings"))):
        yield "findings", run(bin_dir, ["lint", "--strict", page_file(folder, name)])
    os.mkdir(os.path.join(folder, ".postern"))
    yield "findings", run(bin_dir, ["lint", bad])
    for words in (["check", BROKEN, "::1"], ["compile", BROKEN, "-o", folder + "/a.cdb"],
                  ["compile", OFFICE, "-o", folder + "/b.cdb"]):
        yield "findings", run(bin_dir, words)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    count = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        found = list(documents(os.path.abspath(args.bin), folder))
    for name, text in found:
        with open(os.path.join(ROOT, "docs/schema", name + ".json"), encoding="utf-8") as f:
            schema = json.load(f)
        count += 1
        try:
            jsonschema.Draft7Validator.check_schema(schema)
            jsonschema.validate(json.loads(text), schema)
        except (jsonschema.ValidationError, ValueError) as error:
            failures += 1
            print(f"FAILED {name}: {text}: {error}")
    print(f"{count} documents, {failures} failures")
    return 1 if failures or count < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
