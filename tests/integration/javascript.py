#!/usr/bin/env python3
"""The package for JavaScript as its users have it: packed, installed without a network, used as
both kinds of modules, by TypeScript, in a browser; and asked what libpostern is asked.
"""
import argparse
import functools
import http.server
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CONFORMANCE = os.path.join(ROOT, "tests/conformance")
sys.path[:0] = [os.path.join(HERE, "..", "support"), CONFORMANCE]
import compare  # noqa: E402
import run as vectors  # noqa: E402
import runner  # noqa: E402
from npm import environment, fetched  # noqa: E402

PACKAGE = os.path.join(ROOT, "build/js")
LIBRARY = "runtime/libpostern.a"
ANSWERS = ["node", os.path.join(CONFORMANCE, "answers.mjs")]
options = None


def done(words, **more):
    made = subprocess.run(words, capture_output=True, check=False, **more)
    assert made.returncode == 0, (words, made.stdout[-3000:], made.stderr[-3000:])
    return made.stdout.decode()


def installed(folder):
    """A project that has the package, from its file and without a network."""
    tarball = done(["npm", "pack", "--silent", PACKAGE], cwd=folder, env=environment(folder)).strip()
    done(["npm", "init", "-y"], cwd=folder, env=environment(folder))
    done(["npm", "install", "--offline", "--no-audit", "--no-fund", "./" + tarball], cwd=folder,
         env=environment(folder))
    return os.path.join(folder, "node_modules/postern")


def same_bytes_twice(folder):
    elsewhere = os.path.join(folder, "another/place")
    shutil.copytree(ROOT, elsewhere, ignore=lambda at, names: [n for n in names if n in (".git", "build")])
    done([sys.executable, "-B", "bindings/js/build.py", "--out", folder + "/js"], cwd=elsewhere)
    for name in sorted(os.listdir(PACKAGE)):
        with open(os.path.join(PACKAGE, name), "rb") as ours, open(f"{folder}/js/{name}", "rb") as theirs:
            assert ours.read() == theirs.read(), name


def packed_and_installed(folder):
    package = installed(folder)
    assert sorted(os.listdir(package)) == ["LICENSE", "README.md", "index.cjs", "index.d.mts", "index.d.ts",
                                           "index.mjs", "node.mjs", "package.json"]
    with open(os.path.join(package, "package.json"), encoding="utf-8") as text:
        described = json.load(text)
    assert not described.get("dependencies") and not described.get("scripts")
    for name, text in (("m.mjs", "import { open } from 'postern'; import p from 'module';\n"
                                 "const r = p.createRequire(import.meta.url)('postern');\n"
                                 "console.log(r.open === open);\n"),
                       ("c.cjs", "console.log(typeof require('postern').open === 'function');\n")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
        assert done(["node", name], cwd=folder) == "true\n"


def examples_of_the_pages(folder):
    """What README and docs/embedding.md show is the same, and prints what they say."""
    installed(folder)
    with open(os.path.join(ROOT, "bindings/js/README.md"), encoding="utf-8") as page:
        readme = re.search(r"^```js\n(.*?)^```", page.read(), re.M | re.S).group(1)
    with open(os.path.join(ROOT, "docs/embedding.md"), encoding="utf-8") as page:
        page = page.read()
    shown = re.search(r"^```js ask.mjs\n(.*?)^```\n\n```text\n(.*?)^```", page, re.M | re.S)
    assert shown.group(1) == readme
    with open(os.path.join(folder, "ask.mjs"), "w", encoding="utf-8") as out:
        out.write(readme)
    rules = os.path.join(ROOT, "examples/office.rules")
    done([os.path.join(options.bin, "postern"), "compile", rules, "-o", folder + "/office.cdb"])
    count = 0
    for command, want in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", shown.group(2), re.M):
        made = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert made.stdout == want, (command, made.stdout, made.stderr)
        count += 1
    assert count >= 3


def own_tests(folder):
    done(["node", "--expose-gc", "--test", os.path.join(ROOT, "bindings/js/test/")], cwd=folder,
         env=environment(folder, POSTERN_JS=installed(folder), POSTERN_IMAGES=CONFORMANCE + "/images"))


def all_vectors(folder):
    done([sys.executable, "-B", CONFORMANCE + "/run.py", *ANSWERS], cwd=folder,
         env=environment(folder, POSTERN_JS=PACKAGE))


def types_under_strict(folder):
    installed(folder)
    if not fetched(folder, "typescript@5"):
        print("     skipped: npm does not reach its registry")
        return
    shutil.copy(os.path.join(HERE, "javascript.ts"), folder)
    for name in ("module.mts", "common.cts"):
        shutil.copy(os.path.join(HERE, "javascript.ts"), os.path.join(folder, name))
    for resolution in (["nodenext"] * 2, ["esnext", "bundler"], ["commonjs", "node10"]):
        files = ["javascript.ts"] + (["module.mts", "common.cts"] if resolution[0] == "nodenext" else [])
        done(["node_modules/.bin/tsc", "--strict", "--noEmit", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib",
              "es2022,esnext.disposable", "--module", resolution[0], "--moduleResolution", resolution[1], *files],
             cwd=folder)


class Pages(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def log_message(self, *_):
        pass


def in_a_browser(folder):
    shutil.copytree(PACKAGE, os.path.join(folder, "package"))
    shutil.copytree(CONFORMANCE + "/vectors", folder + "/vectors")
    shutil.copytree(CONFORMANCE + "/images", folder + "/images")
    shutil.copy(os.path.join(HERE, "javascript.html"), folder)
    with open(os.path.join(folder, "vectors.json"), "w", encoding="utf-8") as out:
        json.dump(sorted(os.listdir(folder + "/vectors")), out)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        shown = done(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                      "--user-data-dir=" + folder + "/profile", "--virtual-time-budget=60000", "--dump-dom",
                      f"http://127.0.0.1:{server.server_address[1]}/javascript.html"], timeout=180,
                     env=environment(folder))
    finally:
        server.shutdown()
    told = re.search(r"(\d+) answers, (\d+) failures", shown)
    assert told and int(told.group(1)) > 1000 and told.group(2) == "0", shown[-500:]


def images(folder, count):
    """Compiled random policies, one of which has a compact index."""
    made = compare.Comparison(options)
    yield made.compile(folder, compare.many(made.rng)), True
    number = made_so_far = 0
    while made_so_far < count - 1:
        number += 1
        data = made.policy(folder, number)
        if data is not None:
            made_so_far += 1
            yield data, False


def a_million_queries(folder):
    rng, share = random.Random(options.seed), max(options.queries // 20, 1)
    env = environment(folder, POSTERN_JS=PACKAGE)
    total = 0
    for number, (data, wide) in enumerate(images(folder, 20)):
        image, asked = folder + "/i.cdb", folder + "/asked"
        with open(image, "wb") as out:
            out.write(data)
        with open(asked, "w", encoding="ascii") as out:
            out.writelines(vectors.line(compare.query(rng, wide)) for _ in range(share))
        for name, command in (("c", [options.answers]), ("js", ANSWERS)):
            with open(asked, "rb") as source, open(f"{folder}/{name}.out", "wb") as out:
                subprocess.run([*command, "--verify", image] if number % 2 else [*command, image], stdin=source,
                               stdout=out, check=True, env=env)
        subprocess.run(["cmp", folder + "/c.out", folder + "/js.out"], check=True)
        with open(folder + "/c.out", "rb") as lines:
            total += sum(1 for _ in lines) - 1
    assert total == 20 * share, total
    print(f"     {total} queries of 20 images")


def speed(folder):
    """As docs/embedding.md tells it."""
    print(done([sys.executable, "-B", os.path.join(ROOT, "bench/javascript.py"), "--bin", options.bin, "--answers",
                options.answers], env=environment(folder)), end="")


def main():
    global options  # pylint: disable=global-statement
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="where postern is built")
    parser.add_argument("--queries", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.bin = os.path.join(os.path.abspath(options.build), "bin")
    with tempfile.TemporaryDirectory() as folder:
        options.answers = answers_of_c(os.path.abspath(options.build), folder)
        return run_all()


def answers_of_c(build, folder):
    """The program that asks libpostern."""
    made = os.path.join(folder, "answers")
    done(["cc", "-O2", "-D_POSIX_C_SOURCE=200809L", "-I", ROOT + "/runtime/include", "-o", made,
          CONFORMANCE + "/answers.c", os.path.join(build, LIBRARY)])
    return made


def run_all():
    return runner.run([same_bytes_twice, packed_and_installed, examples_of_the_pages, own_tests, all_vectors,
                       types_under_strict, in_a_browser, a_million_queries, speed], options.names)


if __name__ == "__main__":
    sys.exit(main())
