"""What the tests of pages have in common: where they are, their blocks, and a count of checks."""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)
PATIENCE = 300


class Report:
    def __init__(self, bin_dir):
        self.count = self.failures = 0
        self.env = {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def check(self, good, text):
        self.count += 1
        if not good:
            self.failures += 1
            print("FAILED", text)

    def run(self, words, folder, **more):
        return subprocess.run(words, cwd=folder, env=self.env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, **more)

    def status(self, least):
        """Says what it was, and what to end with: fewer checks than these are a failure too."""
        print(f"{self.count} checks, {self.failures} failures")
        return 1 if self.failures or self.count < least else 0


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
