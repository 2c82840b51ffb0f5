"""Runs a list of test functions, each with a folder of its own, and counts."""
import inspect
import shutil
import sys
import tempfile
import time


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
