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
                          text=True, timeout=600, check=False)


def git(folder, env, *words):
    done = run(["git", *words], folder, env)
    if done.returncode:
        raise RuntimeError(f"git {words}: {done.stderr}")


def put(folder, **texts):
    for name, text in texts.items():
        path = os.path.join(folder, name.replace("__", "."))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)


def action_run(folder, env, inputs, target=""):
    """Each step as the runner does it: inputs become variables, outputs are read from a file."""
    def value_of(match):
        name = match.group(1)
        return inputs[name[7:]] if name.startswith("inputs.") else target

    text = load("ci/github/action.yml")
    given = {key: value["default"] for key, value in text["inputs"].items()}
    inputs = {**given, **inputs}
    check(text["runs"]["using"] == "composite", "the action is no composite one")
    output = os.path.join(folder, "github-output")
    done = None
    for step in text["runs"]["steps"]:
        variables = {key: re.sub(r"\$\{\{ (.*?) \}\}", value_of, value)
                     for key, value in step.get("env", {}).items()}
        open(output, "w", encoding="utf-8").close()
        done = run([step["shell"], "-e", "-c", step["run"]], folder, env, GITHUB_OUTPUT=output,
                   **variables)
        with open(output, encoding="utf-8") as source:
            told = source.read()
        os.remove(output)
        check(told == f"status={done.returncode}\n", f"action: {done}")
    return done


def action(folder, env):
    for files, want in (("a.rules b.rules", 1), ("b.rules", 0), ("*.rules", 1)):
        done = action_run(folder, env, {"files": files, "options": "--fail-level warning",
                                        "sarif": "out.sarif"})
        check(done.returncode == want, f"action {files}: {done}")
        check(("::warning file=a.rules,line=2" in done.stdout) == bool(want), done.stdout)
        with open(os.path.join(folder, "out.sarif"), encoding="utf-8") as source:
            check(json.load(source)["version"] == "2.1.0", "the action's SARIF")


def gitlab_run(folder, env, **more):
    """The job as the runner does it: one shell, which ends at the first line that fails."""
    job = load("ci/gitlab/lint.yml")["postern-lint"]
    return run(["sh", "-e", "-c", "\n".join(job["script"])], folder, env,
               **{**job["variables"], **more})


def hook_run(folder, env, **more):
    hook = load(".pre-commit-hooks.yaml")[0]
    return run(shlex.split(hook["entry"]), folder, env, **more)


def make_run(folder, env, *words):
    return run(["make", "-s", "-f", os.path.join(ROOT, "ci/make/lint.mk"), "lint", *words], folder,
               env)


GATES = {
    "action": lambda folder, env: action_run(folder, env, {}, "main"),
    "gitlab": lambda folder, env: gitlab_run(folder, env, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main"),
    "gitlab of a branch": lambda folder, env: gitlab_run(folder, env, CI_DEFAULT_BRANCH="main"),
    "hook": lambda folder, env: hook_run(folder, env, PRE_COMMIT_FROM_REF="origin/main"),
    "make": lambda folder, env: make_run(folder, env, "TARGET=origin/main"),
}
# What a change may bring along, to be let through. "__" stands for a dot.
BRINGS = {
    "nothing": {},
    "a .postern": {"__postern": "fail-level = never\n"},
    "ignored checks": {"__postern": "ignore = P3\nbaseline = known\n"},
    "a baseline": {"known": "a.rules: P301 10.1.2.3 deny\na.rules: P301 10.9.2.3 deny\n"},
    "a comment": {"a__rules": "10.1.:deny\n10.1.2.3:deny\n10.9.:deny\n"
                              "# postern: ignore P301 -- it is fine\n10.9.2.3:deny\n:allow\n"},
    "a file that is an option": {"--config=x__rules": "fail-level = never\n",
                                 "x__rules": "fail-level = never\n"},
    "a file in the place of the commit":
        {f"{place}:__postern": "fail-level = never\n"
         for place in ("origin/main", "refs/remotes/origin/main", "refs/postern/target", "main")},
    "a link out": {},
}
LIMITS = {"with limits": {"__postern": "fail-level = warning\nbaseline = known\n",
                          "known": "a.rules: P301 10.1.2.3 deny\n"},
          "with none": {}}


def judged(folder, env):
    """A change is held to what its target says, whatever it brings."""
    one = "10.1.:deny\n10.1.2.3:deny\n:allow\n"
    two = "10.1.:deny\n10.1.2.3:deny\n10.9.:deny\n10.9.2.3:deny\n:allow\n"
    for kind, limits in LIMITS.items():
        top = os.path.join(folder, kind.replace(" ", "-"))
        git(folder, env, "init", "-q", "-b", "main", top)
        put(top, a__rules=one, **limits)
        git(top, env, "add", "-A")
        git(top, env, "commit", "-qm", "what is so")
        for number, (what, brought) in enumerate(BRINGS.items()):
            clone = f"{top}-{number}"
            git(folder, env, "clone", "-q", "--branch", "main", top, clone)
            for name, gate in GATES.items():
                if limits:
                    done = gate(clone, env)
                    check(done.returncode == 0, f"{name}, {kind}, before the change: {done}")
            git(clone, env, "checkout", "-qb", "change")
            put(clone, **{"a__rules": two, **brought})
            if what == "a link out":
                os.symlink("/etc/hostname", os.path.join(clone, "out.rules"))
            git(clone, env, "add", "-A")
            git(clone, env, "commit", "-qm", "a change")
            for name, gate in GATES.items():
                if name == "make" and not limits:
                    continue  # it names a file that is not there, and says so
                done = gate(clone, env)
                check(done.returncode != 0, f"{name}, {kind}: {what} lets a change through: {done}")
                check("10.9.2.3" in done.stdout or what in list(BRINGS)[5:],
                      f"{name}, {kind}, {what}: {done}")


def local(folder, env):
    """What is staged is held to what HEAD says; make to nothing of its folder, unless told."""
    put(folder, __postern="ignore = P3\n")
    check(make_run(folder, env).returncode == 2, "make takes the .postern of its folder")
    check(make_run(folder, env, "LIMITS=").returncode == 0, "LIMITS= does not")
    check(make_run(folder, env, "TARGET=origin/main").returncode == 2, "no such target is fine")
    git(folder, env, "init", "-q")
    git(folder, env, "add", "-A")
    check(hook_run(folder, env).returncode != 0, "a hook takes the .postern that is staged")
    git(folder, env, "commit", "-qm", "one")
    check(hook_run(folder, env).returncode == 0, "a hook does not take that of HEAD")
    put(folder, **{";touch PWNED;__rules": ":allow\n", "$(touch PWNED)__rules": ":allow\n",
                   "`touch PWNED`__rules": ":allow\n"})
    git(folder, env, "add", "-A")
    make_run(folder, env)
    hook_run(folder, env)
    action_run(folder, env, {})
    check(not os.path.exists(os.path.join(folder, "PWNED")), "the name of a file was run")


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
    origin = os.path.join(folder, "origin")
    git(folder, env, "init", "-q", "-b", "main")
    git(folder, env, "add", "-A")
    git(folder, env, "commit", "-qm", "one")
    git(folder, env, "clone", "-q", "--bare", ".", origin)
    git(folder, env, "remote", "add", "origin", origin)
    done = gitlab_run(folder, env, POSTERN_FILES="a.rules b.rules", CI_DEFAULT_BRANCH="main")
    check(done.returncode == 1, f"gitlab: {done}")
    done = gitlab_run(folder, env, POSTERN_FILES="b.rules", CI_DEFAULT_BRANCH="main",
                      CI_PROJECT_URL="https://fork.example/x",
                      CI_MERGE_REQUEST_PROJECT_URL=origin[:-len("origin")] + "none")
    check(done.returncode not in (0, 1), f"gitlab: a fork is its own judge: {done}")
    gitlab_run(folder, env, POSTERN_FILES="a.rules b.rules", CI_DEFAULT_BRANCH="main")
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
    env = {"PATH": bin_dir + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
           "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@e.example",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@e.example"}
    for part in (action, matcher, gitlab, makefile, hooks, judged, local):
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
