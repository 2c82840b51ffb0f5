"""Runs a list of test functions, each with a folder of its own, and counts."""
import atexit
import inspect
import os
import shutil
import sys
import tempfile
import time


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


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
