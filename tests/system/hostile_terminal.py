#!/usr/bin/env python3
"""Every verb over names and texts that hold what a terminal obeys, under a terminal of its
own: none of it comes out. Names of files, texts of rules, names that answers are spelt
with, logs, patches, baselines, run scripts, authors and subjects of commits."""
import argparse
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

# ESC with a title, the C1 control CSI as UTF-8 and as a bare byte, BEL, DEL, BS
EVIL = b"\x1b]0;owned\x07\x1b[31m\xc2\x9b31m\x9b\x7f\x08"
NAME = b"n" + EVIL.replace(b"/", b"")
OURS = re.compile(rb"\x1b\[[0-9;]*m|\x1b\[K|\r\x1b\[2K")  # colours, and a line that is cleared


def obeyed(data, coloured):
    """What of it a terminal would obey, as places."""
    if coloured:
        data = OURS.sub(b"", data)
    text = data.decode("utf-8", "surrogateescape")
    return [(i, hex(ord(c))) for i, c in enumerate(text)
            if (ord(c) < 0x20 and c not in "\n\r\t") or 0x7f <= ord(c) <= 0x9f or
            0xdc80 <= ord(c) <= 0xdc9f]


def under_terminal(words, folder, env, stdin):
    """What comes out of a command whose output and errors are a terminal."""
    master, slave = pty.openpty()
    with open(stdin, "rb") as given:
        process = subprocess.Popen(words, cwd=folder, stdin=given, stdout=slave,
                                   stderr=slave, env=env)
    os.close(slave)
    got, until = b"", time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([master], [], [], 1)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # the last one has closed it
            break
        if not piece:
            break
        got += piece
    process.kill()
    status = process.wait()
    os.close(master)
    return status, got


def write(folder, name, content):
    with open(os.path.join(os.fsencode(folder), name), "wb") as f:
        f.write(content)


def git(folder, *words, **env):
    subprocess.run(["git", "-c", "core.quotepath=off", *words], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **env})


def world(folder):
    """Files of every kind, all of them hostile; their names as bytes."""
    quoted = EVIL.replace(b"\\", b"").replace(b'"', b"")
    good = (b"postern: 1\n# " + EVIL + b"\nset s = file \"" + b"list" + quoted + b"\"\n"
            b"$s : allow, A=\"" + quoted + b"\", owner \"" + quoted + b"\", ticket \"" +
            quoted + b"\"\n\"" + quoted + b"\"@=.example : allow, reject \"" + quoted +
            b"\", limit 3\n10.1.0.0/16 : allow, B='" + quoted + b"'\n10.0.0.0/8 : allow\n"
            b"10.2.0.0/16 : deny, reject \"" + quoted + b"\"\n* : deny\n"
            b"expect 10.1.2.3 : allow, B=\"" + quoted + b"\"\nexpect 10.9.9.9 : deny\n")
    files = {
        b"good" + NAME + b".rules": good,
        b"next" + NAME + b".rules": good.replace(b"10.1.0.0/16", b"10.1.0.0/17"),
        b"bad" + NAME + b".rules": b"postern: 1\n" + EVIL + b" : allow\n10.1" + EVIL +
        b" : allow, A=\"" + EVIL + b"\ninclude \"no" + EVIL + b"\"\n=" + EVIL + b" : deny\n",
        b"classic" + NAME: b"10.1.:allow,A=\"" + EVIL + b"\"\n" + EVIL + b":deny\n=" + EVIL +
        b":allow\n" + EVIL + b"@1.2.3.4:deny\n:allow\n",
        b"list" + quoted: b"192.0.2.0/24\n" + EVIL + b"\n198.51.100.7 # " + EVIL + b"\n",
        b"base" + NAME: b"x" + EVIL + b": P301 10.1 " + EVIL + b"\n",
        b"run" + NAME: b"#!/bin/sh\nexec tcpserver -vR" + EVIL + b" -x '" + EVIL +
        b"' 0 25 smtpd\n",
        b"log" + NAME: b"tcpserver: ok 1 0:::ffff:127.0.0.1:25 " + EVIL +
        b":::ffff:10.1.2.3:" + EVIL + b":99\ntcpserver: ok 2 x:::ffff:1.2.3.4:1 h:::ffff:"
        b"10.1.2.4::5\n" + EVIL + b"\n",
        b"tsv" + NAME: b"10.1.2.3\t" + EVIL + b"\t" + EVIL + b"\n" + EVIL + b"\n{\"address\": \"" +
        EVIL + b"\"}\n10.1.2.3\n",
    }
    for name, content in files.items():
        write(folder, name, content)
    by = {w + n: EVIL.decode("utf-8", "surrogateescape").replace("\n", "") for w in
          ("GIT_AUTHOR_", "GIT_COMMITTER_") for n in ("NAME", "EMAIL")}
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", EVIL, **by)
    write(folder, b"good" + NAME + b".rules", good.replace(b"10.2.0.0/16", b"10.3.0.0/16"))
    git(folder, "commit", "-qam", EVIL, **by)
    return files


def commands(good, nxt, bad, classic):
    """Every verb, with what it can be given."""
    rules = [good, bad, classic]
    base, run, log, tsv = b"base" + NAME, b"run" + NAME, b"log" + NAME, b"tsv" + NAME
    for file in rules:
        yield [b"compile", file, b"-o", b"out" + NAME + b".cdb"]
        for form in (b"text", b"gcc", b"github", b"markdown", b"json", b"sarif", b"junit",
                     b"gitlab"):
            yield [b"lint", file, b"--format", form]
        yield [b"lint", file, b"--baseline", base]
        yield [b"lint", file, b"--server", run]
        yield [b"lint", file, b"--diff"]
        yield [b"lint", b"--only=" + EVIL, file]
        yield [b"fmt", b"--check", file]
        yield [b"check", file, b"10.1.2.3"]
        yield [b"check", file, b"10.1.2.3", b"--trace"]
        yield [b"check", file, b"10.0.0.0/8"]
        yield [b"check", file, EVIL]
        yield [b"check", file, b"10.1.2.3", EVIL, b"--ident", EVIL]
        yield [b"check", file, b"1.2.3.4", b"--unknown", b"host,ident"]
        yield [b"check", file, b"10.9.9.9", b"--make", b"deny"]
        yield [b"check", file, b"--why-not", file + b":5"]
        yield [b"check", file, b"--batch"]
        yield [b"check", file, b"--batch", b"--format", b"json"]
        yield [b"who", file, b"A"]
        yield [b"who", file, EVIL]
        yield [b"who", file, b"--verdict", b"allow"]
        for form in (b"text", b"tap", b"junit", b"json"):
            yield [b"test", file, b"--format", form]
        for option in (b"--coverage", b"--suggest", b"--mutate", b"--pin"):
            yield [b"test", file, option]
        yield [b"dump", file]
        yield [b"minimize", file]
        yield [b"stats", file]
        yield [b"map", file, b"-o", b"/nowhere/" + NAME + b".svg"]
        yield [b"blame", file, b"10.1.2.3"]
        yield [b"blame", file, b"10.3.2.3"]
        yield [b"replay", file, nxt, log]
        yield [b"replay", file, nxt, tsv]
        yield [b"replay", file, nxt, log, b"--emit"]
        for form in (b"text", b"markdown", b"github", b"json"):
            yield [b"diff", file, nxt, b"--format", form]
        yield [b"diff", b"HEAD~1:" + file, file]
        yield [b"diff", EVIL + b":" + file, file]
        yield [b"diff", file, nxt, b"--weigh", log]
        yield [b"diff", file, nxt, b"--only", EVIL]
        yield [b"merge", b"-p", file, nxt, classic]
    yield [b"dump", b"out" + NAME + b".cdb"]
    yield [b"check", b"out" + NAME + b".cdb", b"10.1.2.3"]
    for words in ([b"lint", b"no" + NAME], [b"compile", b"no" + NAME], [b"explain", EVIL],
                  [b"help", EVIL], [EVIL], [b"lint", b"--" + EVIL], [b"fmt", b"no" + NAME],
                  [b"lint", b"--config", b"no" + NAME, good], [b"completion", EVIL],
                  [b"lint", b"--root", b"no" + NAME, good], [b"lint", b"--as-of", EVIL, good]):
        yield words


def drop_ins(folder, bad):
    """Programs of other names, and what they read."""
    yield [os.path.join(folder, "tcprules"), b"c" + NAME, b"t" + NAME], bad
    yield [os.path.join(folder, "tcprules"), b"c" + NAME, b"t" + NAME], b"classic" + NAME
    yield [os.path.join(folder, "tcprulescheck"), b"c" + NAME], bad
    yield [os.path.join(folder, "tcprulescheck"), b"no" + NAME], bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    folder = tempfile.mkdtemp(prefix="postern-terminal-")
    runs = failures = 0
    try:
        world(folder)
        # binary data reaches the terminal of whoever asks for a picture or an image there
        good, nxt, bad = (b + NAME + b".rules" for b in (b"good", b"next", b"bad"))
        stdin = os.path.join(folder, (b"tsv" + NAME).decode("utf-8", "surrogateescape"))
        for words in commands(good, nxt, bad, b"classic" + NAME):
            for coloured in (False, True):
                env = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm",
                       **({} if coloured else {"NO_COLOR": "1"})}
                status, got = under_terminal([postern, *words], folder, env, stdin)
                runs += 1
                places = obeyed(got, coloured)
                if places or status < 0:
                    failures += 1
                    if failures <= 40:
                        near = places[0][0] if places else 0
                        print("FAILED", words[0], words[1:][-2:], status, places[:3],
                              got.decode("utf-8", "surrogateescape")[max(near - 60, 0):near + 30]
                              .encode("utf-8", "surrogateescape"))
        for words, given in drop_ins(os.path.abspath(args.bin), bad):
            env = {"PATH": os.environ["PATH"], "TCPREMOTEIP": "1.2.3.4",
                   "TCPREMOTEINFO": EVIL.decode("utf-8", "surrogateescape")}
            status, got = under_terminal(words, folder, env,
                                         os.path.join(os.fsencode(folder), given))
            runs += 1
            if obeyed(got, False) or status < 0:
                failures += 1
                print("FAILED", words, status, got)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{runs} runs, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
