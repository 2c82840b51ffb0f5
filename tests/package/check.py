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
# folder, name, the most names it may have, and what it needs
LIBRARIES = [("runtime", "libpostern", 30, {"libc"})]
# what each is made of, and what a static link of it takes
INTERNAL = {"libpostern": ["runtime/libpn_matcher.a"]}
LINKED = {"libpostern": []}
# what the objects of a look-up may call: no allocator, no lock, no input or output
MAY_CALL = {"memchr", "memcpy", "memmove", "memset", "memcmp",
            "memcpy@plt", "inet_pton", "__stack_chk_fail", "__memcpy_chk"}
LOOKUP = {"pn_runtime": ["decide_classic.c", "decide_native.c", "explain.c", "address.c"],
          "pn_format": ["format/native.c", "format/native_find.c", "format/container.c",
                        "format/record.c"]}


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
            names |= set(re.findall(r"^(?:const char \*)?(postern_\w+)\(", text, re.M))
        return names

    def defined(self, words):
        """The global names that nm tells, without their version."""
        out = self.call(["nm", "--defined-only", "--extern-only", "--format=posix", *words])
        rows = (line.split() for line in out.splitlines())
        return {row[0].partition("@")[0] for row in rows if len(row) > 1 and row[1] != "A"}

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
            objects = [os.path.join(self.build, path) for path in INTERNAL[name]]
            hidden = sorted(self.defined(objects) - public)
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
                self.call([compiler, source, library + ".a", *LINKED[name], "-o", program])
                self.call([program])

    def look_ups_call_nothing_that_waits(self):
        for target, name in ((t, n) for t, names in LOOKUP.items() for n in names):
            path = os.path.join(self.build, "runtime/CMakeFiles", target + ".dir", name + ".o")
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
        flags = self.call(["pkg-config", "--cflags", "--libs", "postern"], env=env).split()
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
        checks.a_host_has_names_of_its_own()
        checks.look_ups_call_nothing_that_waits()
        checks.an_installed_library_is_found_and_used()
    print(f"{checks.failures} failures")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
