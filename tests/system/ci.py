#!/usr/bin/env python3
"""The files for CI do what they say: the action, the matcher, the job, the hooks, the makefile."""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
failures = 0


def check(good, text):
    global failures
    if not good:
        failures += 1
        print("FAILED", text)


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return yaml.safe_load(source)


def run(words, folder, env, **more):
    return subprocess.run(words, cwd=folder, env={**env, **more}, capture_output=True,
                          text=True, timeout=60, check=False)


def action(folder, env):
    """Each step as the runner does it: inputs become variables, outputs are read from a file."""
    text = load("ci/github/action.yml")
    check(text["runs"]["using"] == "composite", "the action is no composite one")
    for files, want in (("a.rules b.rules", "1"), ("b.rules", "0"), ("*.rules", "1")):
        inputs = {"files": files, "options": "--fail-level warning", "sarif": "out.sarif"}
        for step in text["runs"]["steps"]:
            variables = {key: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: inputs[m.group(1)],
                                     value) for key, value in step.get("env", {}).items()}
            output = os.path.join(folder, "github-output")
            open(output, "w", encoding="utf-8").close()
            done = run([step["shell"], "-e", "-c", step["run"]], folder, env,
                       GITHUB_OUTPUT=output, **variables)
            with open(output, encoding="utf-8") as source:
                check(source.read() == f"status={want}\n", f"action {files}: {done}")
            check(done.returncode == int(want), f"action {files}: {done}")
            check(("::warning file=a.rules,line=2" in done.stdout) == (want == "1"), done.stdout)
        with open(os.path.join(folder, "out.sarif"), encoding="utf-8") as source:
            check(json.load(source)["version"] == "2.1.0", "the action's SARIF")


def matcher(folder, env):
    with open(os.path.join(ROOT, "ci/github/problem-matcher.json"), encoding="utf-8") as source:
        pattern = json.load(source)["problemMatcher"][0]["pattern"][0]
    lines = run(["postern", "lint", "--format", "gcc", "a.rules"], folder, env).stdout.splitlines()
    check(lines, "no finding for the matcher")
    for line in lines:
        found = re.match(pattern["regexp"], line)
        check(found and found.group(pattern["file"]) in ("a.rules", "a_test.rules") and
              found.group(pattern["line"]).isdigit() and
              found.group(pattern["severity"]) in ("error", "warning", "note") and
              re.match("P[0-9]{3}$", found.group(pattern["code"])), f"matcher: {line}")


def gitlab(folder, env):
    job = load("ci/gitlab/lint.yml")["postern-lint"]
    for line in job["script"]:
        done = run(["sh", "-c", line], folder, env, POSTERN_FILES="a.rules b.rules")
        last = line is job["script"][-1]
        check(done.returncode == (1 if last else 0), f"gitlab: {line}: {done}")
    with open(os.path.join(folder, job["artifacts"]["reports"]["codequality"]),
              encoding="utf-8") as source:
        check(json.load(source)[0]["location"]["path"] == "a.rules", "gitlab: the report")
    with open(os.path.join(folder, job["artifacts"]["reports"]["junit"]),
              encoding="utf-8") as source:
        check("<failure" in source.read(), "gitlab: the tests")


def hooks(folder, env):
    """A hook looks at all rule files of git: a list that has changed starts it too."""
    run(["git", "init", "-q"], folder, env)
    run(["git", "add", "a.rules", "b.rules", "a_test.rules"], folder, env)
    for hook in load(".pre-commit-hooks.yaml"):
        check(hook["language"] == "system" and hook["always_run"] and not hook["pass_filenames"],
              hook["id"])
        words = shlex.split(hook["entry"])
        done = run(words, folder, env)
        fails = hook["id"] == "postern-lint"
        check((done.returncode != 0) == fails, f"{hook['id']}: {done}")
        check(("P301" in done.stdout) == fails, f"{hook['id']}: {done}")
        done = run(words + ["--help"], folder, env)
        check(done.stdout.startswith("usage: " + hook["name"].split(" --")[0]),
              f"{hook['id']} passes no arguments: {done}")


def makefile(folder, env):
    path = os.path.join(ROOT, "ci/make/lint.mk")
    done = run(["make", "-s", "-f", path, "lint"], folder, env)
    check(done.returncode == 2 and "[P301 redundant]" in done.stdout, f"make lint: {done}")
    done = run(["make", "-s", "-f", path, "lint-fix"], folder, env)
    check(done.returncode == 0, f"make lint-fix: {done}")
    check(run(["make", "-s", "-f", path, "lint"], folder, env).returncode == 0, "make lint again")
    with open(path, encoding="utf-8") as source, \
            open(os.path.join(ROOT, "docs/ci/make.md"), encoding="utf-8") as page:
        rules = source.read().split("\n", 1)[1]
        check(rules in page.read(), "docs/ci/make.md shows another lint.mk")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    bin_dir = os.path.abspath(parser.parse_args().bin)
    env = {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    for part in (action, matcher, gitlab, makefile, hooks):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("a.rules", "10.1.:deny\n10.1.2.3:deny\n:allow\n"),
                               ("b.rules", "10.1.:deny\n:allow\n"),
                               ("a_test.rules", "postern: 1\nexpect 10.1.2.3 : deny\n")):
                with open(os.path.join(folder, name), "w", encoding="ascii") as out:
                    out.write(text)
            part(folder, env)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
