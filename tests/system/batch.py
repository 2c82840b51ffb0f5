#!/usr/bin/env python3
"""check --batch keeps its promise to engines: a line for each line, in order, and at once.

It is fed a line at a time and has to answer before the next; and NULs, lines of a megabyte, no
final newline, a reader that goes away, random bytes.
"""
import argparse
import json
import os
import random
import select
import subprocess
import sys
import tempfile

RULES = 'postern: 1\n10.0.0.0/8 : allow, A="x\\ty\\n\\\\z", B=""\n=mx.example.com : allow\njoe@127.0.0.0/8 : allow\n* : deny\n'
COLUMNS = "verdict,step,file,line,target,ident_rule,$A,$B,$C,error"


class Asked:
    """One that runs, and is asked line by line."""

    def __init__(self, *words):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def ask(self, *lines):
        self.process.stdin.write(b"".join(lines))
        self.process.stdin.flush()

    def line(self):
        told = b""
        while not told.endswith(b"\n"):
            assert select.select([self.process.stdout], [], [], 60)[0], "it does not answer"
            byte = os.read(self.process.stdout.fileno(), 1)
            assert byte, "it has ended"
            told += byte
        return told[:-1]

    def is_silent(self):
        return not select.select([self.process.stdout], [], [], 0.05)[0]


class Tests:
    def __init__(self, postern, folder):
        self.postern, self.folder = postern, folder
        self.rules = self.write("a.rules", RULES)
        self.words = [postern, "check", "--batch", self.rules]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        os.replace(path + ".new", path)
        return path

    def batch(self, text, *more, status=None):
        done = subprocess.run([*self.words, *more], input=text, capture_output=True, timeout=120, check=False)
        assert done.returncode in ((0, 2) if status is None else (status,)), done
        return done.stdout

    def test_every_question_is_answered_before_the_next(self):
        with Asked(*self.words) as asked:
            for question, want in ((b"10.1.2.3\n", b"allow\t"), (b"\n", b"error\t"), (b"# x\n", b"error\t"), (b"9.9.9.9\n", b"deny\t"),
                                   (b"nonsense\n", b"error\t"), (b"9.9.9.9\tmx.example.com\n", b"allow\t"),
                                   (b"127.0.0.1\t-\tjoe\n", b"allow\t"), (b"127.0.0.1\t\\N\t\\N\n", b"deny\t"), (b"\0\n", b"error\t"),
                                   (b"a\tb\tc\td\te\n", b"error\t"), (b" \n", b"error\t"), (b"10.1.2.3\r\n", b"allow\t")) * 20:
                asked.ask(question)
                assert asked.line().startswith(want), question
            asked.ask(b"10.1.")
            assert asked.is_silent()
            asked.ask(b"2.3\n9.9.9.9\n")
            assert [asked.line()[:4] for _ in range(2)] == [b"allo", b"deny"]

    def test_columns(self):
        with Asked(*self.words, "--columns", COLUMNS) as asked:
            name = self.rules.encode()
            for question, want in (
                    (b"10.1.2.3", [b"allow", b"prefix", name, b"2", b"10.0.0.0/8", b"0", b"x\\ty\\n\\\\z", b"", b"\\N", b"\\N"]),
                    (b"8.8.8.8", [b"deny", b"default", name, b"5", b"*", b"0"] + [b"\\N"] * 4),
                    (b"127.0.0.1\t-\tjoe", [b"allow", b"prefix", name, b"4", b"joe@127.0.0.0/8", b"1"] + [b"\\N"] * 4),
                    (b"", [b"error"] + [b"\\N"] * 8 + [b"the line is blank"])):
                asked.ask(question + b"\n")
                assert asked.line().split(b"\t") == want, question
        for wrong in ("", "verdict,", "nothing", "verdict,$", "$A=1", ",".join(["line"] * 33)):
            done = subprocess.run([*self.words, "--columns", wrong], input=b"", capture_output=True, timeout=60, check=False)
            assert (done.returncode, done.stdout) == (2, b""), (wrong, done)
        assert self.batch(b"10.1.2.3\n9.9.9.9\n", "--columns", "$B,$B", status=0) == b"\t\n\\N\t\\N\n"

    def test_blocks_with_their_size(self):
        with Asked(*self.words, "--chunk-header", "--columns", "verdict") as asked:
            for count in (3, 0, 1, 200, 64, 65):
                asked.ask(b"%d\n" % count)
                assert asked.line() == b"%d" % count
                for number in range(count):
                    asked.ask(b"10.0.0.%d\n" % number if number % 3 else b"\n")
                    assert asked.line() == (b"allow" if number % 3 else b"error")
        assert self.batch(b"2\n10.1.1.1\n9.9.9.9", "--chunk-header", "--columns", "verdict", status=0) == b"2\nallow\ndeny\n"
        for wrong in (b"x\n", b"\n", b"-1\n", b"1x\n", b"9999999999\n", b"1\n1.1.1.1\n2.2.2.2\n"):
            self.batch(wrong, "--chunk-header", status=2)
        assert self.batch(b"5\n10.1.1.1\n", "--chunk-header", "--columns", "verdict", status=2) == b"5\nallow\n"

    def test_what_the_lines_are(self):
        tsv, js, log = b"10.1.2.3\n", b'{"address": "10.1.2.3"}\n', b"tcpserver: ok 12 :127.0.0.1:25 :10.1.2.3::4000\n"
        for form, good, bad in (("tsv", tsv, (js, log)), ("json", js, (tsv, log, b'{"event": "ok"}\n'))):
            assert self.batch(good, "--input", form, status=0).startswith(b"allow"), form
            for line in bad:
                told = self.batch(good + line + good, "--input", form, status=2).split(b"\n")
                assert len(told) == 4 and told[1].startswith(b"error\t"), (form, line, told)
        told = self.batch(b"cron: hello\n" + log + b"\n" + tsv + log, "--input", "log", status=0)
        assert told.count(b"\n") == 2, told
        assert self.batch(log + b"\ncron: hello\n# x\n" + log, status=0).count(b"\n") == 2
        assert self.batch(js + b"\n" + js, status=2).count(b"\n") == 3

    def test_hostile_lines(self):
        for piece in (b"\0" * 100, b"x" * (1 << 20), b"10.0.0.1\t" + b"h" * (1 << 20), b"\xff\xfe\0\0", b"10.0.0.1\t-\t" + b"i" * 100000,
                      b"{" * 100000, b'{"address": "' + b"1" * (1 << 20) + b'"}', b"10.0.0.1\t\0\t\0"):
            for end in (b"\n", b""):
                told = self.batch(b"10.1.2.3\n" + piece + b"\n9.9.9.9\n" + piece + end, "--input", "tsv")
                assert told.count(b"\n") == 4 and told.startswith(b"allow\t"), (piece[:20], told[:200])

    def test_random_bytes(self):
        rng = random.Random(3)
        for number in range(150):
            text = bytes(rng.choice(b"10.\n\n\t:-#{}\"\\ax\0\xff\r") for _ in range(rng.randrange(400)))
            lines = text.split(b"\n")
            want = len(lines) - (not lines[-1])
            for more in (("--input", "tsv"), ("--input", "json"), ("--columns", COLUMNS, "--input", "tsv"), ("--format", "json", "--input", "tsv")):
                told = self.batch(text, *more)
                assert told.count(b"\n") == want, (text, more, told)
                if "--columns" in more:
                    assert all(line.count(b"\t") == 9 for line in told.split(b"\n")[:-1]), (text, told)
                if "--format" in more:
                    assert all(json.loads(line.decode("utf-8", "replace")) for line in told.split(b"\n")[:-1])

    def test_a_reader_that_goes_away(self):
        process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        try:
            for _ in range(2000):
                process.stdin.write(b"10.1.2.3\n" * 1000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.stdin = None
        assert process.wait(60) != 0
        process.stderr.close()

    def test_it_waits_while_nobody_reads(self):
        with Asked(*self.words) as asked:
            os.set_blocking(asked.process.stdin.fileno(), False)
            sent = 0
            while select.select([], [asked.process.stdin], [], 0.5)[1]:
                try:
                    sent += os.write(asked.process.stdin.fileno(), b"10.1.2.3\n" * 400)
                except BlockingIOError:
                    break
                assert sent < 1 << 26, "it reads without end"
            lines = sent // 9
            for _ in range(lines):
                assert asked.line().startswith(b"allow\t")

    def test_a_policy_that_is_replaced(self):
        path = self.write("f.rules", "postern: 1\n* : allow\n")
        cdb = os.path.join(self.folder, "f.cdb")

        def put(text):
            self.write("f.rules", text)
            subprocess.run([self.postern, "compile", path, "-o", cdb], check=True, timeout=60, capture_output=True)

        put("postern: 1\n* : allow\n")
        with Asked(self.postern, "check", "--batch", "--follow", "--columns", "verdict,$A", cdb) as asked, \
                Asked(self.postern, "check", "--batch", "--columns", "verdict", cdb) as still:
            for word in ("allow", "deny") * 10:
                put(f"postern: 1\n* : {word}" + (f', A="{word}"' if word == "allow" else "") + "\n")
                asked.ask(b"1.2.3.4\n")
                assert asked.line() == (b"allow\tallow" if word == "allow" else b"deny\t\\N"), word
                still.ask(b"1.2.3.4\n")
                assert still.line() == b"allow"
            self.write("f.cdb", b"damaged")
            asked.ask(b"1.2.3.4\n")
            assert asked.line() == b"deny\t\\N", "the old one stays"
            os.unlink(cdb)
            asked.ask(b"1.2.3.4\n")
            assert asked.line() == b"deny\t\\N"
            put("postern: 1\n* : allow\n")
            asked.ask(b"1.2.3.4\n")
            assert asked.line() == b"allow\t\\N"

    def test_options_that_do_not_fit(self):
        for words in (["--follow"], ["--columns", "verdict"], ["--input", "tsv"], ["--chunk-header"]):
            done = subprocess.run([self.postern, "check", *words, self.rules, "10.1.2.3"], capture_output=True, timeout=60, check=False)
            assert done.returncode == 2, words
        for words in (["--columns", "verdict", "--format", "json"], ["--chunk-header", "--input", "log"], ["--input", "xml"]):
            self.batch(b"", *words, status=2)

    def run(self):
        for name in sorted(n for n in dir(self) if n.startswith("test_")):
            getattr(self, name)()
            print(f"ok   {name[5:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Tests(os.path.join(os.path.abspath(args.bin), "postern"), folder).run()


if __name__ == "__main__":
    sys.exit(main())
