"""The Python module as its users have it: types, an installation by pip, and a million queries."""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MODULE = os.path.join(ROOT, "bindings", "python")


def tests(setting):
    def python_types(folder):
        files = [os.path.join(MODULE, "postern.py"),
                 *glob.glob(os.path.join(ROOT, "examples", "**", "*.py"), recursive=True)]
        done = subprocess.run(["/usr/bin/mypy", "--strict", "--cache-dir", folder, *files],
                              env={**setting.env, "MYPYPATH": MODULE}, text=True,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stdout

    def python_installed_by_pip(folder):
        """In a fresh environment, offline, from either folder. Types come with it."""
        installed = os.path.join(setting.prefix, "share/postern/python")
        for source in (MODULE, installed):
            setting.run("rm -rf venv && /usr/bin/python3 -m venv venv &&"
                        f" venv/bin/pip install --quiet --no-index {source}", folder)
        told = setting.run("venv/bin/python -c 'import postern; "
                           "print(postern.__file__, postern.version())'", folder,
                           without=("PYTHONPATH",))
        assert re.fullmatch(f"{folder}/venv/lib/python3[^/]*/site-packages/postern.py 0.1.0\n",
                            told), told
        setting.run("/usr/bin/mypy --strict --cache-dir cache --python-executable "
                    "venv/bin/python " + os.path.join(ROOT, "examples/ask.py"), folder)

    def python_a_million_queries(folder):
        done = subprocess.run([sys.executable, "-B", os.path.join(MODULE, "tests", "run.py"),
                               "--bin", setting.bin, "--library",
                               os.path.join(setting.build, "runtime", "libpostern.so"),
                               "--compiler", os.path.join(setting.build, "library",
                                                          "libpostern-compiler.so"),
                               "--queries", setting.queries, "test_equal"],
                              cwd=folder, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert f"{setting.queries} queries equal" in done.stdout, done.stdout

    return [python_types, python_installed_by_pip, python_a_million_queries]


if __name__ == "__main__":
    sys.exit("a module of the tests")
