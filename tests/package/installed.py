#!/usr/bin/env python3
"""What lands, where, for whom, and that it goes away again: as docs/install.md lists it
(--update writes the page anew), in a prefix, behind DESTDIR, by components."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(TOP, "docs/install.md")
COMPONENTS = ("runtime", "dev", "tools", "ucspi", "daemontools", "doc")
LISTING = re.compile(r"(?<=^```text installed\n).*?(?=^```$)", re.M | re.S)
WIDTH = 96
# folders with a file for each of many things: function pages, findings
MANY = {"share/man/man3": r"(postern)_\w+(\.3)", "share/doc/postern/docs/findings": r"(P)\d+(\.md)",
        "share/doc/postern/docs/diagnostics": r"()[a-z][a-z0-9-]+(\.md)"}


class Installed:
    def __init__(self, build, work):
        self.build, self.work = build, work
        self.failures = self.count = 0

    def check(self, condition, text):
        self.count += 1
        if not condition:
            self.failures += 1
            print("FAILED", text)

    def call(self, words, **options):
        env = {**os.environ, **options.pop("env", {})}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=env,
                              **options)
        self.check(done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def install(self, prefix, *options, **env):
        self.call(["cmake", "--install", self.build, "--prefix", prefix, *options], env=env)

    def uninstall(self, **env):
        self.call(["cmake", "--build", self.build, "--target", "uninstall"], env=env)

    def listing(self):
        """By component and folder, with the folder of libraries as LIB."""
        text = ""
        for component in COMPONENTS:
            prefix = os.path.join(self.work, component)
            self.install(prefix, "--component", component)
            text += f"{component}\n"
            for where, folders, names in os.walk(prefix):
                folders.sort()
                if names:
                    text += self.row(os.path.relpath(where, prefix), names)
        return text

    @staticmethod
    def row(folder, names):
        if folder in MANY:
            names = {re.sub(MANY[folder], r"\1*\2", name) for name in names}
        folder = re.sub(r"^lib(64|/[\w-]+-linux-\w+)?(?=/|$)", "LIB", folder)
        lines = [f"  {folder}/"]
        for name in sorted(names):
            if len(lines[-1]) + len(name) > WIDTH or len(lines) == 1:
                lines.append("   ")
            lines[-1] += " " + name
        return "\n".join(lines) + "\n"

    def lands_as_listed(self, update):
        with open(PAGE, encoding="utf-8") as page:
            text = page.read()
        listing = self.listing()
        if update:
            with open(PAGE, "w", encoding="utf-8") as page:
                page.write(LISTING.sub(lambda _: listing, text))
            return
        written = LISTING.search(text)
        self.check(written and written.group() == listing,
                   "docs/install.md lists something else; tests/package/installed.py "
                   f"--build {self.build} --update writes it anew. What lands:\n{listing}")

    def components_are_the_whole(self):
        """Every file belongs to one component."""
        whole = os.path.join(self.work, "whole")
        self.install(whole)
        parts = [f for c in COMPONENTS for f in files(os.path.join(self.work, c))]
        self.check(sorted(parts) == sorted(files(whole)),
                   f"in no component, or in two: {set(files(whole)) ^ set(parts)}")
        for name in files(whole):
            path = os.path.join(whole, name)
            if name.startswith("bin/") and not os.path.islink(path):
                self.check(os.access(path, os.X_OK), f"{name} is no program")

    def nothing_stays(self):
        """Uninstall: neither files nor the folders that were made for them."""
        prefix = os.path.join(self.work, "a/fresh/prefix")
        self.install(prefix)
        self.uninstall()
        self.check(os.listdir(self.work + "/a") == [] if os.path.exists(self.work + "/a")
                   else True, f"left: {files(self.work + '/a')}")
        # what was there before stays, and what came into a folder since
        kept = os.path.join(self.work, "old")
        os.makedirs(kept + "/share/man/man1")
        os.makedirs(kept + "/empty")
        with open(kept + "/share/man/man1/other.1", "w", encoding="ascii") as out:
            out.write("theirs\n")
        self.install(kept)
        with open(kept + "/share/postern/note", "w", encoding="ascii") as out:
            out.write("the administrator's\n")
        self.uninstall()
        left = sorted(os.path.relpath(os.path.join(w, n), kept)
                      for w, d, f in os.walk(kept) for n in d + f)
        self.check(left == ["empty", "share", "share/man", "share/man/man1",
                            "share/man/man1/other.1", "share/postern", "share/postern/note"],
                   f"left: {left}")
        # packagers: behind DESTDIR, and the prefix stays as it is
        staged = os.path.join(self.work, "staged")
        self.install(prefix, DESTDIR=staged)
        self.check(not os.path.exists(prefix), "DESTDIR is not obeyed")
        self.check(os.path.exists(staged + prefix + "/bin/postern"), "nothing behind DESTDIR")
        for name in ("postern.pc", "postern-shared.cmake"):
            path = next(p for p in files(staged) if p.endswith("/" + name))
            with open(os.path.join(staged, path), encoding="utf-8") as text:
                self.check(staged not in text.read(), f"{name} names DESTDIR")
        self.uninstall(DESTDIR=staged)
        self.check(not os.path.exists(staged), f"left behind DESTDIR: {files(staged)}")

    def pages_are_found(self):
        """man(1) shows a page for each program and public function, which names the version."""
        prefix = os.path.join(self.work, "whole")
        man = os.path.join(prefix, "share/man")
        pages = {os.path.basename(f)[:-2] for f in files(man)}
        for name in os.listdir(os.path.join(prefix, "bin")):
            self.check(name in pages, f"{name} has no page")
        for name in sorted(files(man)):
            with open(os.path.join(man, name), encoding="utf-8") as source:
                text = source.read()
            if text.startswith(".so "):
                self.check(os.path.exists(os.path.join(man, text[4:].strip())),
                           f"{name} leads to {text}")
                continue
            self.check(re.search(r"^\.Os postern \d+\.\d+\.\d+$", text, re.M),
                       f"{name} names no version")

    def users(self):
        done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "users.py"), "--part",
                               "libpostern", "--prefix", os.path.join(self.work, "whole")],
                              check=False)
        self.check(done.returncode == 0, "programs of others")


def files(folder):
    return [os.path.relpath(os.path.join(where, name), folder)
            for where, _, names in os.walk(folder) for name in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--update", action="store_true", help="write the listing of the page")
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="postern-installed-")
    try:
        tests = Installed(os.path.abspath(args.build), work)
        tests.lands_as_listed(args.update)
        tests.components_are_the_whole()
        tests.pages_are_found()
        tests.users()
        tests.nothing_stays()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{tests.count - tests.failures} passed, {tests.failures} failed")
    return 1 if tests.failures else 0


if __name__ == "__main__":
    sys.exit(main())
