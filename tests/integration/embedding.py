#!/usr/bin/env python3
"""The examples that need others' programs, as docs/embedding.md builds and configures them: the
server on libevent, the helper of nginx, and what checks, installs and compares the Python
module. Everything is on loopback, in a network namespace of its own.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "docs"), HERE]
import embedding_libevent  # noqa: E402
import embedding_nginx  # noqa: E402
import embedding_python  # noqa: E402
import run as pages  # noqa: E402
import runner  # noqa: E402
import servers  # noqa: E402


class Setting:
    """The project as it is installed, and the commands of the page."""

    def __init__(self, build, prefix, queries, nginx):
        self.build, self.prefix, self.queries, self.nginx = build, prefix, queries, nginx
        self.bin = os.path.join(build, "bin")
        self.env = {"PATH": self.bin + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                    **pages.installed(build, prefix)}
        with open(os.path.join(ROOT, "docs/embedding.md"), encoding="utf-8") as page:
            self.page = page.read()

    def command(self, start):
        """The one command of the page that begins so."""
        found = re.findall(rf"^    ({re.escape(start)}.*)$", self.page, re.M)
        assert len(found) == 1, (start, found)
        return found[0]

    def run(self, command, folder, without=()):
        """What a command of a shell says; it is to succeed."""
        env = {name: value for name, value in self.env.items() if name not in without}
        done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, env=env, text=True,
                              capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def compile(self, text, path):
        subprocess.run([os.path.join(self.bin, "postern"), "compile", "-", "-o", path],
                       input=text.encode(), check=True)
        return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--nginx", default="/usr/sbin/nginx")
    parser.add_argument("--queries", default="1000000", help="compared with C")
    parser.add_argument("names", nargs="*", help="of tests; all of them")
    args = parser.parse_args()
    if not servers.isolate():
        return 1
    servers.any_address()
    with tempfile.TemporaryDirectory() as prefix:
        setting = Setting(os.path.abspath(args.build), prefix, args.queries, args.nginx)
        tests = [*embedding_libevent.tests(setting), *embedding_nginx.tests(setting),
                 *embedding_python.tests(setting)]
        return runner.run(tests, args.names)


if __name__ == "__main__":
    sys.exit(main())
