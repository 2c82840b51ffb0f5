#!/usr/bin/env python3
"""Runs the tests of the module against libraries that have been built."""
import argparse
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--library", required=True, help="libpostern.so")
    parser.add_argument("--compiler", required=True, help="libpostern-compiler.so")
    parser.add_argument("--queries", default="20000", help="how many are compared with C")
    parser.add_argument("names", nargs="*", help="of tests; all of them")
    args = parser.parse_args()
    os.environ["POSTERN_TOOL"] = os.path.abspath(os.path.join(args.bin, "postern"))
    os.environ["POSTERN_LIBRARY"] = os.path.abspath(args.library)
    os.environ["POSTERN_COMPILER_LIBRARY"] = os.path.abspath(args.compiler)
    os.environ["POSTERN_QUERIES"] = args.queries
    sys.path[:0] = [HERE, os.path.dirname(HERE)]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(args.names) if args.names else loader.discover(HERE)
    done = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len(done.failures) + len(done.errors)
    print(f"{done.testsRun - failed} passed, {failed} failed")
    return 1 if failed or not done.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
