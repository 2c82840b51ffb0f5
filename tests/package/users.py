#!/usr/bin/env python3
"""Programs of others on an installed postern: C and C++ of several years, by two compilers, by
pkg-config and by CMake, loaded and linked in, without a warning; and as a part of another
project. It needs gcc, g++, clang, cmake, pkg-config, and the sources for what it compiles.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
EMBED = os.path.join(TOP, "examples/embed.c")
USER = os.path.join(HERE, "user.cpp")
COMPILE = os.path.join(HERE, "compile.c")
RULES = os.path.join(TOP, "examples/office.rules")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# what a project may ask of the headers that it includes
ODD = ["-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wundef", "-Wcast-qual", "-Wcast-align",
       "-Wredundant-decls", "-Wswitch-enum"]
ODD_CXX = ["-Wold-style-cast", "-Wzero-as-null-pointer-constant", "-Wextra-semi"]
LANGUAGES = [(EMBED, ("gcc", "clang"), ("c11", "c17")),
             (USER, ("g++", "clang++"), ("c++11", "c++14", "c++17", "c++20"))]


class Users:
    """Of what is installed under a prefix. `run` has the environment of programs that load."""

    def __init__(self, prefix, libdir, work, postern):
        self.prefix, self.libdir, self.work = prefix, libdir, work
        self.failures = self.count = 0
        self.env = {**os.environ, "PKG_CONFIG_PATH": os.path.join(libdir, "pkgconfig"),
                    "LD_LIBRARY_PATH": libdir}
        self.has_compiler = os.path.exists(os.path.join(libdir, "pkgconfig/postern-compiler.pc"))
        self.image = os.path.join(work, "office.cdb")
        self.call([postern, "compile", RULES, "-o", self.image])

    def check(self, condition, text):
        self.count += 1
        if not condition:
            self.failures += 1
            print("FAILED", text)

    def call(self, words, fails=False, **options):
        options.setdefault("env", self.env)
        done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
        self.check((done.returncode != 0) == fails,
                   f"{' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout + done.stderr if fails else done.stdout

    def pkg_config(self, *options, name="postern"):
        return self.call(["pkg-config", *options, name]).split()

    def compiles(self, program, env=None):
        out = self.call([program], env=env or self.env)
        self.check(out.endswith(", allow\n"), f"{program} says {out}")

    def compiler_by_pkg_config(self):
        """The library of the compiler; linked in, where the others' static libraries are."""
        name = "postern-compiler"
        ways = {"shared": self.pkg_config("--libs", name=name),
                "archives": [f"{self.libdir}/libpostern-compiler.a", f"{self.libdir}/libpostern.a",
                             "-lcdb", "-lpsl", "-lidn2", "-lunistring"]}
        if self.linkable():
            ways["static"] = ["-static", *self.pkg_config("--static", "--libs", name=name)]
        else:
            print("not linked with -static, nor with archives: their libraries are not installed")
            del ways["archives"]
        cplusplus = os.path.join(self.work, "compile.cpp")
        shutil.copy(COMPILE, cplusplus)
        for _, compilers, years in LANGUAGES:
            for compiler, year in ((c, y) for c in compilers for y in (years[0], years[-1])):
                for way, libs in ways.items():
                    program = os.path.join(self.work, f"compile-{way}-{compiler}-{year}")
                    self.call([compiler, f"-std={year}", *STRICT, *ODD,
                               *self.pkg_config("--cflags", name=name),
                               cplusplus if "+" in compiler else COMPILE, *libs, "-o", program])
                    self.compiles(program)

    def linkable(self):
        return all(subprocess.run(["gcc", f"-print-file-name=lib{name}.a"], capture_output=True,
                                  text=True, check=True).stdout.strip() != f"lib{name}.a"
                   for name in ("cdb", "psl", "idn2", "unistring"))

    def asks(self, program, env=None):
        """A program that asks the example gets the answers that the page of it shows."""
        env = env or self.env
        for words, said in ((["10.1.2.3"], "allow\nRELAYCLIENT=\nTAG=office\n"),
                            (["192.0.2.9", "x.dialup.example"], "deny\n")):
            out = self.call([program, self.image, *words], env=env)
            self.check(out == said, f"{program} says {out}")
        out = self.call([program, os.path.join(self.work, "no.cdb"), "10.1.2.3"], env=env)
        self.check(out == "deny\n", f"{program} says {out} without a file")

    def by_pkg_config(self):
        cflags, static = self.pkg_config("--cflags"), self.pkg_config("--static", "--libs")
        ways = {"shared": self.pkg_config("--libs"),
                "archive": [os.path.join(self.libdir, "libpostern.a")],
                "static": ["-static", *static]}
        unset = {k: v for k, v in self.env.items() if k != "LD_LIBRARY_PATH"}
        for source, compilers, years in LANGUAGES:
            for compiler in compilers:
                for year in years:
                    odd = ODD + (ODD_CXX if "+" in compiler else [])
                    for way, libs in ways.items():
                        program = os.path.join(self.work, f"{way}-{compiler}-{year}")
                        self.call([compiler, f"-std={year}", *STRICT, *odd, *cflags, source, *libs,
                                   "-o", program])
                        self.asks(program, None if way == "shared" else unset)

    def project(self, name, text, **files):
        folder = os.path.join(self.work, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        for path, content in {"CMakeLists.txt": text, **files}.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
                out.write(content)
        return folder

    def configure(self, folder, *options, fails=False):
        place = f"-DCMAKE_PREFIX_PATH={self.prefix}"
        if not self.libdir.startswith(os.path.join(self.prefix, "lib/")) and \
                self.libdir != os.path.join(self.prefix, "lib"):  # CMake does not look there
            place = f"-Dpostern_DIR={self.libdir}/cmake/postern"
        return self.call(["cmake", "-S", folder, "-B", folder + "/build", place, *options],
                         fails=fails)

    def by_cmake(self):
        folder = self.project("found", f"""
cmake_minimum_required(VERSION 3.25)
project(found C CXX)
find_package(postern 0.1 REQUIRED OPTIONAL_COMPONENTS compiler)
add_compile_options({" ".join(STRICT)})
if(COMPILER)
  add_executable(compile-compiler {COMPILE})
  target_link_libraries(compile-compiler postern::compiler)
  if(LINKABLE)
    add_executable(compile-compiler-static {COMPILE})
    target_link_libraries(compile-compiler-static postern::compiler-static)
  endif()
endif()
foreach(kind postern postern-static)
  add_executable(c-${{kind}} {EMBED})
  set_target_properties(c-${{kind}} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
  add_executable(cxx11-${{kind}} {USER})
  set_target_properties(cxx11-${{kind}} PROPERTIES CXX_STANDARD 11 CXX_EXTENSIONS OFF)
  add_executable(cxx20-${{kind}} {USER})
  set_target_properties(cxx20-${{kind}} PROPERTIES CXX_STANDARD 20 CXX_EXTENSIONS OFF)
  foreach(language c cxx11 cxx20)
    target_link_libraries(${{language}}-${{kind}} postern::${{kind}})
  endforeach()
endforeach()
""")
        for compilers in (("gcc", "g++"), ("clang", "clang++")):
            shutil.rmtree(folder + "/build", ignore_errors=True)
            self.configure(folder, f"-DCMAKE_C_COMPILER={compilers[0]}",
                           f"-DCMAKE_CXX_COMPILER={compilers[1]}",
                           f"-DCOMPILER={self.has_compiler}", f"-DLINKABLE={self.linkable()}")
            self.call(["cmake", "--build", folder + "/build"])
            for kind in ("postern", "postern-static"):
                for language in ("c", "cxx11", "cxx20"):
                    self.asks(f"{folder}/build/{language}-{kind}")
            if self.has_compiler:
                self.compiles(f"{folder}/build/compile-compiler")
                if self.linkable():
                    self.compiles(f"{folder}/build/compile-compiler-static")

    def by_parts(self):
        """What is installed of it may be one kind of library alone."""
        parts = os.path.join(self.work, "parts")
        shutil.copytree(self.prefix, parts, symlinks=True)
        libdir = os.path.join(parts, os.path.relpath(self.libdir, self.prefix))
        package = os.path.join(libdir, "cmake/postern")
        wanted = ("cmake_minimum_required(VERSION 3.25)\nproject(part C)\n"
                  "find_package(postern 0.1 REQUIRED{})\n"
                  f"add_executable(embed {EMBED})\ntarget_link_libraries(embed postern::postern)\n")
        for kept, gone in (("shared", "static"), ("static", "shared")):
            aside = {}
            for name in [n for n in os.listdir(package) if f"-{gone}" in n]:
                aside[os.path.join(package, name)] = None
            for path in aside:
                os.rename(path, path + ".aside")
            prefix, self.prefix, old = self.prefix, parts, self.libdir
            self.libdir = libdir
            folder = self.project("part", wanted.format(""))
            self.configure(folder)
            self.call(["cmake", "--build", folder + "/build"])
            self.asks(folder + "/build/embed")
            self.configure(self.project("kept", wanted.format(f" COMPONENTS {kept}")))
            for lacking in (gone, "frontier"):
                folder = self.project("lacking", wanted.format(f" COMPONENTS {lacking}"))
                said = self.configure(folder, fails=True)
                self.check(f"{lacking} of postern is not installed" in " ".join(said.split()),
                           f"without {lacking}: {said}")
            self.prefix, self.libdir = prefix, old
            for path in aside:
                os.rename(path + ".aside", path)

    def as_a_part(self, compiler_too):
        """In a parent that has flags, names and habits of its own, which it keeps."""
        folder = self.project("parent", f"""
cmake_minimum_required(VERSION 3.25)
project(parent VERSION 7.8 LANGUAGES C)
set(CMAKE_UNITY_BUILD ON)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU") # of clang only where llvm-ar is installed too
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
set(BUILD_SHARED_LIBS ON)
add_compile_options(-Werror=padded -Wpadded -Werror -Wtraditional -Winline)
include_directories(${{CMAKE_CURRENT_SOURCE_DIR}})
enable_testing()
include(FetchContent)
FetchContent_Declare(postern SOURCE_DIR {TOP})
FetchContent_MakeAvailable(postern)
get_directory_property(flags COMPILE_OPTIONS)
get_directory_property(definitions COMPILE_DEFINITIONS)
get_directory_property(folders INCLUDE_DIRECTORIES)
foreach(leak "${{definitions}}" "${{CMAKE_C_STANDARD}}" "${{CMAKE_C_VISIBILITY_PRESET}}"
    "${{CMAKE_RUNTIME_OUTPUT_DIRECTORY}}" "${{CMAKE_MODULE_PATH}}" "${{CMAKE_BUILD_TYPE}}")
  if(leak)
    message(FATAL_ERROR "left behind: ${{leak}}")
  endif()
endforeach()
if(NOT flags STREQUAL "-Werror=padded;-Wpadded;-Werror;-Wtraditional;-Winline" OR
    NOT folders STREQUAL CMAKE_CURRENT_SOURCE_DIR OR NOT PROJECT_NAME STREQUAL "parent")
  message(FATAL_ERROR "changed: ${{flags}} ${{folders}} ${{PROJECT_NAME}}")
endif()
add_library(base STATIC own.c)
set_source_files_properties({EMBED} own.c PROPERTIES COMPILE_OPTIONS "-w")
foreach(kind postern postern-static)
  add_executable(embed-${{kind}} {EMBED})
  target_link_libraries(embed-${{kind}} PRIVATE base postern::${{kind}})
endforeach()
set_source_files_properties({COMPILE} PROPERTIES COMPILE_OPTIONS "-w")
if(POSTERN_COMPILER)
  foreach(kind compiler compiler-static)
    add_executable(compile-${{kind}} {COMPILE})
    target_link_libraries(compile-${{kind}} PRIVATE base postern::${{kind}})
  endforeach()
endif()
""", **{"own.c": "int pn_text(void);\nint pn_text(void) { return 0; }\n",
            "runtime/store.h": "#error of the parent\n", "postern/types.h": "#error likewise\n"})
        shutil.rmtree(folder + "/postern")  # of its own headers only what it would not include
        for compiler in ("gcc", "clang"):
            shutil.rmtree(folder + "/build", ignore_errors=True)
            self.configure(folder, f"-DCMAKE_C_COMPILER={compiler}",
                           *(["-DPOSTERN_COMPILER=ON"] if compiler_too else []))
            self.call(["cmake", "--build", folder + "/build", "-j2"])
            for kind in ("postern", "postern-static"):
                self.asks(f"{folder}/build/embed-{kind}")
                if compiler_too:
                    kind = kind.replace("postern", "compiler")
                    self.compiles(f"{folder}/build/compile-{kind}")
            told = self.call(["ctest", "--test-dir", folder + "/build", "-N"])
            self.check("Total Tests: 0" in told, f"a parent has our tests: {told}")
            self.call(["cmake", "--install", folder + "/build", "--prefix", folder + "/out"])
            self.check(not os.path.exists(folder + "/out"), "a parent installs us")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--libdir", help="where libraries are, if not where cmake puts them")
    parser.add_argument("--part", choices=("libpostern", "all"),
                        help="also as a part of another project")
    args = parser.parse_args()
    libdir = args.libdir or next(
        d for d in (os.path.join(args.prefix, lib) for lib in
                    ("lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64", "lib"))
        if os.path.exists(os.path.join(d, "libpostern.so")))
    with tempfile.TemporaryDirectory() as work:
        users = Users(args.prefix, libdir, work, os.path.join(args.prefix, "bin/postern"))
        users.by_pkg_config()
        if users.has_compiler:
            users.compiler_by_pkg_config()
        users.by_cmake()
        if libdir.startswith(args.prefix):
            users.by_parts()
        if args.part:
            users.as_a_part(args.part == "all")
    print(f"{users.count - users.failures} passed, {users.failures} failed")
    return 1 if users.failures else 0


if __name__ == "__main__":
    sys.exit(main())
