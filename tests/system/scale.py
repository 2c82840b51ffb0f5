#!/usr/bin/env python3
"""The lines of docs/scale.md for Spark and for Hadoop, as they stand there, over rows in every number of pieces: the
answers are those of one process. Neither engine is there: stand-ins pipe rows to processes as they do
(tests/support/mapred.py, and Pipes below)."""
import ast
import concurrent.futures
import os
import random
import re
import shlex
import subprocess
import sys
import threading
import types

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "../support"))
import runner  # noqa: E402

ROWS = 3000
options = None


def page(kind, heading):
    """The blocks of a kind below a heading of the page."""
    with open(os.path.join(ROOT, "docs/scale.md"), encoding="utf-8") as text:
        part = text.read().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(rf"^```{kind}\n(.*?)^```$", part, re.M | re.S)
    assert found, (kind, heading)
    return found


class Pipes:
    """Rows in partitions, of which Spark's Python has each in a process: the command is split into words without a
    shell, a thread writes an item and a newline each, and what comes out is split at newlines. A status that is not 0
    is an error only if it is asked for."""

    def __init__(self, parts, folder):
        self.parts, self.folder = parts, folder

    def map(self, function):
        return Pipes([[function(item) for item in part] for part in self.parts], self.folder)

    def part_through(self, command, part, check):
        with subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd=self.folder) as process:
            def write():
                for item in part:
                    process.stdin.write((str(item).rstrip("\n") + "\n").encode())
                process.stdin.close()
            writer = threading.Thread(target=write)
            writer.start()
            told = [line.rstrip(b"\n").decode() for line in process.stdout]
            writer.join()
        assert not check or process.returncode == 0, process.returncode
        return told

    def pipe(self, command, checkCode=False):  # pylint: disable=invalid-name  # as Spark has it
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return Pipes(list(pool.map(lambda part: self.part_through(command, part, checkCode), self.parts)),
                         self.folder)

    def collect(self):
        return [item for part in self.parts for item in part]


def made(folder):
    """Rows of three fields, where some are absent, and the page's policy, compiled."""
    rng = random.Random(7)
    with open(os.path.join(folder, "front.rules"), "w", encoding="utf-8") as out:
        out.write(page("rules front.rules", "A file")[0])
    subprocess.run(["postern", "compile", "front.rules", "-o", "front.cdb"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    return [types.SimpleNamespace(
        address=rng.choice([f"10.{rng.randrange(3)}.2.{rng.randrange(256)}", f"2001:db8::{rng.randrange(9):x}"]),
        host=rng.choice([None, "mx.example.com", "a.example.net"]), ident=rng.choice([None, "joe"]))
        for _ in range(ROWS)]


def lines_of(rows):
    return [f"{r.address}\t{r.host or '-'}\t{r.ident or '-'}" for r in rows]


def by_one(folder, lines, status=0):
    done = subprocess.run(["postern", "check", "--batch", "--input", "tsv", "--columns", "verdict,line", "front.cdb"],
                          input="".join(line + "\n" for line in lines), cwd=folder, capture_output=True, text=True,
                          check=False)
    assert done.returncode == status, done
    told = done.stdout.split("\n")[:-1]
    assert len(told) == len(lines)
    return told


def value_of(code, names):
    """What the last line of the code comes to."""
    tree = ast.parse(code)
    last = tree.body.pop()
    exec(compile(tree, "scale.md", "exec"), names)  # pylint: disable=exec-used
    return eval(compile(ast.Expression(last.value), "scale.md", "eval"), names)  # pylint: disable=eval-used


def cut(rows, count, rng):
    """Into so many parts, some of which may be empty."""
    places = sorted(rng.randrange(len(rows) + 1) for _ in range(count - 1))
    return [rows[a:b] for a, b in zip([0] + places, places + [len(rows)])]


def spark(folder):
    rows, rng = made(folder), random.Random(8)
    want = by_one(folder, lines_of(rows))
    assert {line.split("\t")[0] for line in want} == {"allow", "deny"}
    files = []
    names = {"spark": types.SimpleNamespace(sparkContext=types.SimpleNamespace(addFile=files.append))}
    for count in (1, 2, 7, 40):
        parts = cut(rows, count, rng)
        parts += [[]]  # a partition without a row has a process, too
        told = value_of(page("python", "Spark and Hadoop")[0],
                        {**names, "rows": types.SimpleNamespace(rdd=Pipes(parts, folder))})
        assert told.collect() == want, count
    assert set(files) == {"front.cdb"}
    bad = types.SimpleNamespace(address="none", host=None, ident=None)
    told = value_of(page("python", "Spark and Hadoop")[0],
                    {**names, "rows": types.SimpleNamespace(rdd=Pipes([rows[:5], [bad], rows[5:9]], folder))})
    assert told.collect() == want[:5] + ["error\t\\N"] + want[5:9]


def streamed(folder, command, split):
    """The status of a job, and the lines of its parts."""
    programs = os.path.join(folder, "programs")
    os.makedirs(programs, exist_ok=True)
    with open(os.path.join(programs, "mapred"), "w", encoding="utf-8") as out:
        out.write(f'#!/bin/sh\nexec "{sys.executable}" -B "{HERE}/../support/mapred.py" "$@"\n')
    os.chmod(os.path.join(programs, "mapred"), 0o755)
    subprocess.run(["rm", "-rf", "answers"], cwd=folder, check=True)
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "SPLIT": str(split), "PATH": programs + ":" + os.environ["PATH"]})
    answers = os.path.join(folder, "answers")
    told = []
    for name in sorted(os.listdir(answers)):
        with open(os.path.join(answers, name), encoding="utf-8") as part:
            told += part.read().split("\n")[:-1]
    assert os.path.exists(os.path.join(answers, "_SUCCESS")) == (done.returncode == 0)
    return done, told


def hadoop(folder):
    rows, rng = made(folder), random.Random(9)
    lines = lines_of(rows)
    (command,) = page("sh", "Spark and Hadoop")
    os.mkdir(os.path.join(folder, "rows"))
    for name, part in zip(("one", "two"), cut(lines, 2, rng)):
        with open(os.path.join(folder, "rows", name), "w", encoding="utf-8") as out:
            out.write("\n".join(part) + "\n" * bool(part))
    want = by_one(folder, lines)
    for split in (1 << 20, 20000, rng.randrange(3000, 9000)):
        done, told = streamed(folder, command, split)
        assert done.returncode == 0 and told == want, (split, done.stderr[-500:])
    # a line that is no client fails a task, until the shell says that it does not
    with open(os.path.join(folder, "rows/x-odd"), "w", encoding="utf-8") as out:
        out.write("none\t-\t-\n")
    done, _ = streamed(folder, command, 1 << 20)
    assert done.returncode == 1 and "failed with code 2" in done.stderr, done
    mapper = re.search(r"-mapper '(.*)'", command).group(1)
    guarded = command.replace(f"'{mapper}'", f"\"sh -c '{mapper} || [ \\$? = 2 ]'\"")
    done, told = streamed(folder, guarded, 1 << 20)
    assert done.returncode == 0 and told == want + ["error\t\\N"], done.stderr[-500:]
    assert by_one(folder, lines + ["none\t-\t-"], 2) == told


def main():
    global options  # pylint: disable=global-statement
    options = runner.arguments(__doc__)
    os.environ["PATH"] = options.bin + ":" + os.environ["PATH"]
    return runner.run([spark, hadoop], options.names)


if __name__ == "__main__":
    sys.exit(main())
