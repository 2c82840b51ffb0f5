#!/usr/bin/env python3
"""Makes the package: the runtime as WebAssembly, inside two entries of JavaScript that need no
file beside them. The same sources and compiler give the same bytes, in whatever folder.
"""
import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SOURCES = ["bindings/js/src/engine.c"] + [f"runtime/{name}.c" for name in (
    "address", "batch_scalar", "decide_classic", "decide_many", "decide_native", "explain", "store", "text",
    "format/container", "format/native", "format/native_find", "format/record")]
FLAGS = ["--target=wasm32-wasi", "-std=c11", "-O2", "-mmutable-globals", "-mexec-model=reactor",
         "-fvisibility=hidden", "-D_POSIX_C_SOURCE=200809L", "-I.", "-Iruntime/include", "-Wall", "-Wextra",
         "-Werror", "-Wl,--strip-all", "-Wl,--export=__stack_pointer", "-Wl,-z,stack-size=65536"]
NAMES = "open, parseAddress, PosternError, Rules, STATUS"

HEAD = "// Made by ./dev js of the source of postern {version}; the licence is in LICENSE.\n"
WASM = """
const WASM =
  '{wasm}';
"""
COMMON = """
module.exports = make(new WebAssembly.Module(Buffer.from(WASM, 'base64')));
"""
MODULE = """
const compiled = await WebAssembly.compile(Uint8Array.from(atob(WASM), (c) => c.charCodeAt(0)));
export { PosternError, STATUS };
export const { open, parseAddress, Rules } = make(compiled);
"""
# one state for a program of Node, whichever way its parts load the package
NODE = """import made from './index.cjs';

export const { """ + NAMES + """ } = made;
"""


def version():
    with open(os.path.join(TOP, "runtime/include/postern/version.h"), encoding="utf-8") as header:
        return re.search(r'define POSTERN_VERSION "([^"]*)"', header.read()).group(1)


def engine():
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "engine.wasm")
        subprocess.run(["clang", *FLAGS, *SOURCES, "-o", out], cwd=TOP, check=True)
        with open(out, "rb") as wasm:
            return wasm.read()


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as text:
        return text.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text)


def package(number):
    made = json.loads(read("package.json"))
    made["version"] = number
    return json.dumps(made, indent=2) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=os.path.join(TOP, "build/js"))
    args = parser.parse_args()
    number, wasm = version(), engine()
    os.makedirs(args.out, exist_ok=True)
    head = HEAD.format(version=number)
    inside = WASM.format(wasm=base64.b64encode(wasm).decode())
    core = read("src/core.js")
    write(args.out, "index.cjs", head + "'use strict';\n\n" + core + inside + COMMON)
    write(args.out, "index.mjs", head + core + inside + MODULE)
    write(args.out, "node.mjs", head + NODE)
    write(args.out, "package.json", package(number))
    for name in ("index.d.ts", "README.md"):
        shutil.copy(os.path.join(HERE, name), args.out)
    shutil.copy(os.path.join(HERE, "index.d.ts"), os.path.join(args.out, "index.d.mts"))
    shutil.copy(os.path.join(TOP, "LICENSE"), args.out)
    print(f"{args.out}: postern {number}, {len(wasm)} bytes of WebAssembly")


if __name__ == "__main__":
    sys.exit(main())
