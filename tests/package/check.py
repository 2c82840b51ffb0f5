#!/usr/bin/env python3
"""The library as its users get it: headers, symbols, packages, an embedding program."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
HEADERS = os.path.join(ROOT, "runtime/include")
SYMBOLS_MAX = 30
# what the objects of a look-up may call: no allocator, no lock, no input or output
MAY_CALL = {"memchr", "memcpy", "memmove", "memset", "memcmp",
            "memcpy@plt", "inet_pton", "__stack_chk_fail", "__memcpy_chk"}
LOOKUP = ["decide_classic.c", "decide_native.c", "format/native.c", "format/native_find.c",
          "explain.c", "address.c", "format/container.c", "format/record.c"]


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

    def declared(self):
        names = set()
        for name in os.listdir(os.path.join(HEADERS, "postern")):
            with open(os.path.join(HEADERS, "postern", name), encoding="utf-8") as header:
                text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
            names |= set(re.findall(r"^(?:const char \*)?(postern_\w+)\(", text, re.M))
        return names

    def headers_stand_alone(self):
        for name in sorted(os.listdir(os.path.join(HEADERS, "postern"))):
            for compiler, standard in (("gcc", "c11"), ("clang", "c11"), ("g++", "c++17"),
                                       ("clang++", "c++17")):
                source = os.path.join(self.work, "alone." + ("cpp" if "+" in compiler else "c"))
                with open(source, "w", encoding="utf-8") as out:
                    out.write(f'#include <postern/{name}>\nint alone;\n')
                self.call([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
                           "-Werror", "-I", HEADERS, "-fsyntax-only", source])

    def symbols_are_the_declared_ones(self):
        out = self.call(["nm", "-D", "--defined-only",
                         os.path.join(self.build, "runtime/libpostern.so")])
        exported = {line.split()[-1] for line in out.splitlines()}
        declared = self.declared()
        self.check(exported == declared, f"exported and declared: {exported ^ declared}")
        self.check(len(exported) <= SYMBOLS_MAX, f"{len(exported)} symbols")
        needed = self.call(["readelf", "-d", os.path.join(self.build, "runtime/libpostern.so")])
        needed = set(re.findall(r"NEEDED.*\[(lib\w+)", needed))
        self.check(needed == {"libc"}, f"libpostern needs {needed}")

    def look_ups_call_nothing_that_waits(self):
        for name in LOOKUP:
            path = os.path.join(self.build, "runtime/CMakeFiles/pn_runtime.dir", name + ".o")
            out = self.call(["nm", "--undefined-only", path])
            called = {line.split()[-1] for line in out.splitlines()}
            odd = {c for c in called if c not in MAY_CALL
                   and not c.startswith(("postern_", "pn_", "_GLOBAL_OFFSET_TABLE_"))}
            self.check(not odd, f"{name} calls {odd}")

    def an_installed_library_is_found_and_used(self):
        prefix = os.path.join(self.work, "prefix")
        self.call(["cmake", "--install", self.build, "--prefix", prefix])
        libs = [os.path.join(prefix, d) for d in ("lib", "lib/x86_64-linux-gnu", "lib64")]
        lib = next(d for d in libs if os.path.exists(os.path.join(d, "libpostern.so")))
        env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(lib, "pkgconfig"),
               "LD_LIBRARY_PATH": lib}
        # the file was configured for its own prefix, not for this one
        flags = self.call(["pkg-config", f"--define-variable=prefix={prefix}", "--cflags",
                           "--libs", "postern"], env=env).split()
        program = os.path.join(self.work, "embed")
        self.call(["gcc", "-std=c11", os.path.join(ROOT, "examples/embed.c"), "-o", program]
                  + flags)
        self.embed(program, env)
        self.cmake_finds_it(prefix, env)
        for page in ("man1/postern.1", "man1/tcprules.1", "man5/postern-rules.5",
                     "man3/libpostern.3"):
            self.check(os.path.exists(os.path.join(prefix, "share/man", page)), page)

    def embed(self, program, env):
        source = os.path.join(ROOT, "examples/office.rules")
        image = os.path.join(self.work, "office.cdb")
        self.call([os.path.join(self.build, "bin/postern"), "compile", source, "-o", image])
        out = self.call([program, image, "10.1.2.3"], env=env)
        self.check(out == "allow\nRELAYCLIENT=\nTAG=office\n", f"embed says {out}")
        out = self.call([program, image, "192.0.2.9", "x.dialup.example"], env=env)
        self.check(out == "deny\n", f"embed says {out}")
        out = self.call([program, os.path.join(self.work, "no.cdb"), "10.1.2.3"], env=env)
        self.check(out == "deny\n", f"embed says {out} without a file")

    def cmake_finds_it(self, prefix, env):
        folder = os.path.join(self.work, "user")
        os.mkdir(folder)
        with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as out:
            out.write("cmake_minimum_required(VERSION 3.25)\nproject(user C)\n"
                      "find_package(postern 0.1 REQUIRED)\n"
                      f"add_executable(embed {ROOT}/examples/embed.c)\n"
                      "target_link_libraries(embed postern::postern)\n")
        self.call(["cmake", "-S", folder, "-B", folder + "/build",
                   f"-DCMAKE_PREFIX_PATH={prefix}"], env=env)
        self.call(["cmake", "--build", folder + "/build"], env=env)
        self.embed(folder + "/build/embed", env)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        checks = Checks(os.path.abspath(args.build), work)
        checks.headers_stand_alone()
        checks.symbols_are_the_declared_ones()
        checks.look_ups_call_nothing_that_waits()
        checks.an_installed_library_is_found_and_used()
    print(f"{checks.failures} failures")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
