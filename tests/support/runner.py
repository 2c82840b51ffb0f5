"""Runs a list of test functions, each with a folder of its own, and counts."""
import argparse
import atexit
import functools
import inspect
import os
import shutil
import sys
import tempfile
import time

import observe
import servers


def program(name):
    """A program as a command names it: a path, from wherever it is started, or a name."""
    return os.path.abspath(name) if os.sep in name else name


def reachable(path):
    """The path, if every account can come to it; else that of a copy which they can. For
    programs that a test runs as somebody else: a checkout may lie in a closed home."""
    path = os.path.abspath(path)
    at, closed = os.path.realpath(path), False
    while at != "/":
        closed |= not os.stat(at).st_mode & 0o001
        at = os.path.dirname(at)
    if not closed:
        return path
    folder = tempfile.mkdtemp(prefix="postern-open-")
    atexit.register(shutil.rmtree, folder, True)
    os.chmod(folder, 0o755)
    copy = os.path.join(folder, os.path.basename(path))
    if os.path.isdir(path):
        shutil.copytree(path, copy)
    else:
        shutil.copy(path, copy)
    return copy


def run(tests, names=()):
    """The exit status. A function is given its folder; whatever it raises fails it."""
    chosen = [t for t in tests if not names or t.__name__ in names]
    failed = 0
    for function in chosen:
        folder = tempfile.mkdtemp(prefix="postern-test-")
        start = time.monotonic()
        try:
            function(folder)
            print(f"ok   {function.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
        except Exception as problem:  # pylint: disable=broad-except
            failed += 1
            where = [f for f in inspect.getinnerframes(problem.__traceback__)
                     if "/tests/" in f.filename]
            print(f"FAIL {function.__name__}, line {where[-1].lineno if where else 0}: "
                  f"{problem!r}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


def arguments(description=None, options=lambda parser: None):
    """What a script of tests is told: --bin, from wherever it is, what options() adds, and names of tests."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bin", required=True)
    options(parser)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    return args


class Suite:
    """The tests of a file, each of which looks at programs through an observe.Case. Its args
    are those of the command line: bin, and what options() adds to the parser."""

    def __init__(self, options=lambda parser: None):
        self.tests, self.options, self.args = [], options, None

    def test(self, function):
        self.tests.append(function)
        return function

    def in_case(self, function, folder):
        function(observe.Case(self.args.bin, os.path.join(self.args.bin, "tcprules"), folder))

    def main(self):
        """In a network namespace of its own; 77 where there is none to be had."""
        self.args = arguments(options=self.options)
        if not servers.isolate():
            return 77
        return run([functools.update_wrapper(functools.partial(self.in_case, t), t)
                    for t in self.tests], self.args.names)


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
