#!/usr/bin/env python3
"""The libraries as they are built: headers that stand alone, symbols, what they call and keep."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
HEADERS = os.path.join(ROOT, "runtime/include")
# folder, name, the most names it may have, and what it needs
LIBRARIES = [("runtime", "libpostern", 32, {"libc"}),
             ("library", "libpostern-compiler", 40,
              {"libc", "libcdb", "libidn2", "libpostern", "libpsl", "libunistring"})]
# what a static link of each takes
LINKED = {"libpostern": [],
          "libpostern-compiler": ["{build}/runtime/libpostern.a", "-lcdb", "-lpsl", "-lidn2",
                                  "-lunistring"]}
# what the objects of a look-up may call: no allocator, no lock, no input or output
MAY_CALL = {"memchr", "memcpy", "memmove", "memset", "memcmp",
            "memcpy@plt", "inet_pton", "__stack_chk_fail", "__memcpy_chk", "__cpu_model"}
LOOKUP = {"pn_runtime": ["address.c", "batch_avx2.c", "batch_avx512.c", "batch_scalar.c",
                         "decide_classic.c", "decide_many.c", "decide_native.c", "explain.c"],
          "pn_format": ["format/native.c", "format/native_find.c", "format/container.c",
                        "format/record.c"]}
# what no library may do to the program that it is in: print, end it, take its signals, go by its
# environment
MAY_NOT_CALL = {"printf", "puts", "putchar", "fwrite", "fputs", "perror", "__printf_chk",
                "__fprintf_chk", "exit", "_exit", "abort", "signal", "sigaction", "raise", "kill",
                "getenv", "secure_getenv", "setlocale", "system", "fork", "execve", "chdir", "umask"}
# what may change in their own memory: that of a thread, by which its budget is found, and what the
# compiler's start-up finds out about the processor
MAY_CHANGE = {"current", "__cpu_model", "__cpu_features2"}


class Checks:
    def __init__(self, build, work):
        self.build, self.work, self.failures = build, work, 0

    def check(self, condition, text):
        if not condition:
            self.failures += 1
            print("FAILED", text)

    def call(self, words, **options):
        done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
        self.check(done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def declared(self, headers):
        names = set()
        for name in os.listdir(os.path.join(headers, "postern")):
            with open(os.path.join(headers, "postern", name), encoding="utf-8") as header:
                text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
            # what is inline is nobody's symbol
            text = re.sub(r"^static inline [\w ]+\n\w+\(", "(", text, flags=re.M)
            names |= set(re.findall(r"^(?:const char \*)?(postern_\w+)\(", text, re.M))
        return names

    def defined(self, words):
        """The global names that nm tells, without their version."""
        out = self.call(["nm", "--defined-only", "--extern-only", "--format=posix", *words])
        rows = (line.split() for line in out.splitlines())
        return {row[0].partition("@")[0] for row in rows if len(row) > 1 and row[1] != "A"}

    def headers_stand_alone(self):
        folders = [os.path.join(ROOT, folder, "include") for folder, _, _, _ in LIBRARIES]
        paths = [word for folder in folders for word in ("-I", folder)]
        used = {}
        for path in (os.path.join(f, "postern", n) for f in folders
                     for n in os.listdir(os.path.join(f, "postern"))):
            with open(path, encoding="utf-8") as header:  # and every initialiser serves
                used[os.path.basename(path)] = "".join(
                    f"struct postern_{word.lower()} a_{word.lower()} = POSTERN_{word}_INIT;\n"
                    for word in re.findall(r"^#define POSTERN_(\w+)_INIT\b", header.read(), re.M))
        for name in sorted(n for f in folders for n in os.listdir(os.path.join(f, "postern"))):
            for compiler, standard in (("gcc", "c11"), ("clang", "c11"), ("g++", "c++11"),
                                       ("clang++", "c++11"), ("g++", "c++20"),
                                       ("clang++", "c++20")):
                source = os.path.join(self.work, "alone." + ("cpp" if "+" in compiler else "c"))
                with open(source, "w", encoding="utf-8") as out:
                    out.write(f'#include <postern/{name}>\nint alone;\n{used[name]}')
                self.call([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
                           "-Werror", *paths, "-fsyntax-only", source])

    def symbols_are_the_declared_ones(self):
        """In headers, in the file of symbols, in the shared and in the static library."""
        for folder, name, most, needs in LIBRARIES:
            with open(os.path.join(ROOT, folder, name + ".symbols"), encoding="utf-8") as file:
                listed = [line.strip() for line in file if not line.startswith("#")]
            self.check(listed == sorted(set(listed)), f"{name}.symbols is not in order")
            listed = set(listed)
            declared = self.declared(os.path.join(ROOT, folder, "include"))
            self.check(listed == declared, f"{name}: declared: {listed ^ declared}")
            library = os.path.join(self.build, folder, name)
            shared = self.defined(["-D", library + ".so"])
            self.check(listed == shared, f"{name}.so: {listed ^ shared}")
            static = self.defined([library + ".a"])
            self.check(listed == static, f"{name}.a: {listed ^ static}")
            self.check(len(listed) <= most, f"{name}: {len(listed)} symbols")
            told = self.call(["readelf", "-d", library + ".so"])
            self.check(f"[{name}.so.0]" in told, f"{name}: its SONAME is another")
            needed = set(re.findall(r"NEEDED.*\[(lib\w+)", told))
            self.check(needed == needs, f"{name} needs {needed}")

    def a_host_has_names_of_its_own(self):
        """A program with a symbol for each that the library hides links with libpostern.a."""
        for folder, name, _, _ in LIBRARIES:
            library = os.path.join(self.build, folder, name)
            public = self.defined([library + ".a"])
            hidden = sorted(self.defined([library + "-all.a"]) - public)
            self.check(len(hidden) > 10, f"{name} hides {hidden}")
            source = os.path.join(self.work, name + "_host.c")
            with open(source, "w", encoding="utf-8") as out:
                out.writelines(f"int {symbol} = 1;\n" for symbol in hidden)
                out.writelines(f"void {symbol}(void);\n" for symbol in sorted(public))
                out.write("int main(void)\n{\n    void (*volatile call)(void) = 0;\n")
                out.writelines(f"    call = {symbol};\n" for symbol in sorted(public))
                out.writelines(f"    if({symbol} != 1) call();\n" for symbol in hidden)
                out.write("    return call == 0;\n}\n")
            for compiler in ("gcc", "clang"):
                program = os.path.join(self.work, name + "_host")
                self.call([compiler, source, library + ".a", "-o", program,
                           *(w.format(build=self.build) for w in LINKED[name])])
                self.call([program])

    def look_ups_call_nothing_that_waits(self):
        for target, name in ((t, n) for t, names in LOOKUP.items() for n in names):
            path = os.path.join(self.build, "runtime/CMakeFiles", target + ".dir", name + ".o")
            out = self.call(["nm", "--undefined-only", path])
            called = {line.split()[-1] for line in out.splitlines()}
            odd = {c for c in called if c not in MAY_CALL
                   and not c.startswith(("postern_", "pn_", "_GLOBAL_OFFSET_TABLE_"))}
            self.check(not odd, f"{name} calls {odd}")

    def a_library_keeps_and_says_nothing(self):
        """No state but what its users hold, and nothing that a host would notice."""
        for folder, name, _, _ in LIBRARIES:
            library = os.path.join(self.build, folder, name + ".so")
            out = self.call(["nm", "-D", "--undefined-only", library])
            called = {line.split()[-1].partition("@")[0] for line in out.splitlines()}
            self.check(not called & MAY_NOT_CALL, f"{name} calls {called & MAY_NOT_CALL}")
            rows = re.findall(r"^\S+ .{7} \.t?(?:bss|data)\t(\S+) +(?:\.hidden )?(\S+)$",
                              self.call(["objdump", "-t", library]), re.M)
            self.check(rows, f"{name} has no table of symbols")
            kept = {word.partition(".")[0] for size, word in rows if int(size, 16)}
            kept -= MAY_CHANGE | {"completed"}  # of the start-up objects
            self.check(not kept, f"{name} keeps {kept}")

    def the_version_is_one(self):
        """In its header as text and as numbers, and in the changes."""
        with open(os.path.join(HEADERS, "postern/version.h"), encoding="utf-8") as header:
            text = header.read()
        parts = [re.search(rf"POSTERN_VERSION_{part} (\d+)$", text, re.M).group(1)
                 for part in ("MAJOR", "MINOR", "PATCH")]
        whole = re.search(r'POSTERN_VERSION "(.*)"', text).group(1)
        self.check(".".join(parts) == whole, f"version.h says {parts} and {whole}")
        with open(os.path.join(ROOT, "CHANGELOG.md"), encoding="utf-8") as changes:
            newest = re.search(r"^## ([\d.]+)", changes.read(), re.M).group(1)
        self.check(newest == whole, f"CHANGELOG.md is at {newest}, version.h at {whole}")
        said = self.call([os.path.join(self.build, "bin/postern"), "--version"])
        self.check(said.split()[-1] == whole, f"postern is {said}")

    def the_interface_is_that_of_the_last_release(self):
        """By abidiff, where it is installed and something has been released."""
        tag = subprocess.run(["git", "-C", ROOT, "describe", "--tags", "--abbrev=0",
                              "--match", "v*"], capture_output=True, text=True, check=False)
        if tag.returncode or not shutil.which("abidiff"):
            print("not compared with the last release:",
                  "there is none" if tag.returncode else "there is no abidiff")
            return
        old = os.path.join(self.work, "old")
        self.call(["git", "-C", ROOT, "worktree", "add", "--detach", old, tag.stdout.strip()])
        try:
            targets = [name[3:] for _, name, _, _ in LIBRARIES]
            for source, build in ((old, old + "/build"), (ROOT, old + "/new")):
                self.call(["cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Debug"])
                self.call(["cmake", "--build", build, "-j2", "--target", *targets])
            for folder, name, _, _ in LIBRARIES:
                self.call(["abidiff", "--no-added-syms", f"{old}/build/{folder}/{name}.so",
                           f"{old}/new/{folder}/{name}.so"])
        finally:
            self.call(["git", "-C", ROOT, "worktree", "remove", "--force", old])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        checks = Checks(os.path.abspath(args.build), work)
        checks.headers_stand_alone()
        checks.symbols_are_the_declared_ones()
        checks.a_host_has_names_of_its_own()
        checks.look_ups_call_nothing_that_waits()
        checks.a_library_keeps_and_says_nothing()
        checks.the_version_is_one()
        checks.the_interface_is_that_of_the_last_release()
    print(f"{checks.failures} failures")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
