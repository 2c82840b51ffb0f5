#!/usr/bin/env python3
"""The reports of the linter, held to what their readers expect.

SARIF to the published schema, JUnit to the one Jenkins publishes, GitLab's to its fields, and
GitHub's commands to the runner's rules, with hostile names and ten thousand findings.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
COMMAND = re.compile(r"^::(error|warning|notice) file=([^:,\r\n]*),line=\d+,col=\d+,"
                     r"endColumn=\d+,title=[^:,\r\n]*::[^\r\n]*$")
failures = 0


def check(good, text):
    global failures
    if not good:
        failures += 1
        print("FAILED", text)


def lint(bin_dir, words, folder, env=None):
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(env or {})}
    return subprocess.run([os.path.join(bin_dir, "postern"), "lint"] + words, cwd=folder,
                          env=environment, capture_output=True, timeout=300, check=False)


def hostile_files(folder):
    """Files whose names and texts a careless writer would be broken by."""
    names = ["plain.rules", "per%cent.rules", "com,ma.rules", "co:lon.rules", "new\nline.rules",
             "quo\"te <&>.rules", "::error::.rules", "\udcff.rules"]
    for name in names:
        with open(os.fsencode(os.path.join(folder, name)), "wb") as out:
            out.write(b"10.1:deny\n10.2.:deny,X=\"%0A::error::\xff\"\n  # \xe2\x82\xac :x\n"
                      b"10.2.3.4:deny,API_KEY=\"hunter2\"\n10.2.3.4:deny\n")
    with open(os.path.join(folder, "ext.rules"), "w", encoding="utf-8") as out:
        out.write("postern: 1\n10.0.0.0/8 : deny\n10.1.0.0/16 : deny # postern: ignore P301 -- a "
                  "<reason>\n10.2.0.0/16 : deny\n2001:DB8:0::/48 : allow\n* : allow\n")
    return names + ["ext.rules"]


def many(folder, count):
    path = os.path.join(folder, "many.rules")
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            out.write(f"10.{i >> 8 & 255}.{i & 255}:deny\n")
        out.write(":allow\n")
    return path


def sarif(bin_dir, folder, files):
    with open(os.path.join(HERE, "published/sarif-2.1.0.json"), encoding="utf-8") as source:
        schema = json.load(source)
    validator = jsonschema.Draft4Validator(schema)
    for words in ([["--strict"] + files, [many(folder, 10000)], ["ext.rules"]]):
        text = lint(bin_dir, ["--format", "sarif"] + words, folder).stdout
        log = json.loads(text)
        errors = [e.message for e in validator.iter_errors(log)]
        check(not errors, f"sarif: {errors[:3]}")
        results = log["runs"][0]["results"]
        check(0 < len(results) <= 5000, f"sarif: {len(results)} results")
        told = json.dumps(log["runs"][0].get("invocations", ""))
        check((len(results) == 5000) == ("are left out" in told), f"sarif: a cut is told: {told}")
        prints = [r["partialFingerprints"]["posternTarget/v1"] for r in results]
        check(len(set(prints)) == len(prints), "sarif: two results have one fingerprint")
        levels = [("error", "warning", "note").index(r["level"]) for r in results]
        check(levels == sorted(levels), "sarif: the worst do not stand first")
        check(b"hunter2" not in text, "sarif: a secret is shown")
        for rule in log["runs"][0]["tool"]["driver"]["rules"]:
            check(rule["help"]["text"].startswith("# " + rule["id"]), rule["id"] + ": help")
    check([r["suppressions"][0]["justification"] for r in results if "suppressions" in r]
          == ["a <reason>"], "sarif: a suppressed finding is kept with its reason")
    # what it says does not depend on where the lines are
    with open(os.path.join(folder, "ext.rules"), encoding="utf-8") as source:
        text = source.read()
    with open(os.path.join(folder, "ext.rules"), "w", encoding="utf-8") as out:
        out.write("# one more line\n" + text)
    moved = json.loads(lint(bin_dir, ["--format", "sarif", "ext.rules"], folder).stdout)
    prints = [[r["partialFingerprints"] for r in log["runs"][0]["results"]]
              for log in (log, moved)]
    check(prints[0] == prints[1], "sarif: fingerprints change with lines")


def junit(bin_dir, folder, files):
    for words in ([files, ["ext.rules", "--only", "P905"], [many(folder, 2000)]]):
        path = os.path.join(folder, "report.xml")
        with open(path, "wb") as out:
            out.write(lint(bin_dir, ["--format", "junit"] + words, folder).stdout)
        done = subprocess.run(["xmllint", "--noout", "--schema",
                               os.path.join(HERE, "published/jenkins-junit.xsd"), path],
                              capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"junit: {done.stderr[:300]}")


def twins(bin_dir, folder):
    """Findings that are alike: GitLab shows one of those with one fingerprint."""
    lines = [b'127.:allow,RELAYCLIENT="",DB_PASSWORD="a"\n', b'10.:allow,DB_PASSWORD="b"\n',
             b"10.1:deny\n", b"10.1:deny\n", b"=MX.Example:deny\n", b"=MX.Example:allow\n",
             b'10.:allow,BADMIMETYP="x"\n', b'11.:allow,BADMIMETYP="x"\n', b":deny\n"]
    prints = []
    for front in (b"", b"# one more\n# and one\n"):
        with open(os.path.join(folder, "twins.rules"), "wb") as out:
            out.write(front + b"".join(lines))
        report = json.loads(lint(bin_dir, ["--format", "gitlab", "twins.rules"], folder).stdout)
        prints.append([issue["fingerprint"] for issue in report])
    check(len(set(prints[0])) == len(prints[0]) > 8, f"gitlab: fingerprints {prints[0]}")
    check(prints[0] == prints[1], "gitlab: fingerprints change with lines")


def alone(bin_dir, folder):
    """Each report has the client, what decides, and what to write, without the file beside it."""
    with open(os.path.join(folder, "alone.rules"), "wb") as out:
        out.write(b"10.1:deny\n10.2.3.4:deny\n10.2.:deny\n:allow\n")
    for name in ("gcc", "github", "gitlab", "sarif", "junit"):
        text = lint(bin_dir, ["--format", name, "alone.rules"], folder).stdout.decode()
        for words in ("10.1.0.1", "10.1.:deny", "line 3", "delete line 2", "10.2.3.4 is denied"):
            check(words in text, f"{name}: no word of {words}")


def gitlab(bin_dir, folder, files):
    report = json.loads(lint(bin_dir, ["--format", "gitlab"] + files, folder).stdout)
    check(len(report) > 10, "gitlab: few findings")
    for issue in report:
        check(set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
              and issue["severity"] in ("minor", "major", "critical")
              and issue["location"]["lines"]["begin"] > 0, f"gitlab: {issue}")


def github_lines(text, most):
    """Every line is a whole command, or stands in the one group; ten a level."""
    counts, grouped = {}, False
    for line in text.decode(errors="surrogateescape").split("\n")[:-1]:
        if line.startswith("::group::"):
            grouped = True
        elif line == "::endgroup::":
            grouped = False
        elif grouped:
            check(not line.startswith("::"), f"github: a command in the group: {line}")
        else:
            found = COMMAND.match(line)
            check(found, f"github: {line!r}")
            if found:
                counts[found.group(1)] = counts.get(found.group(1), 0) + 1
    check(not grouped, "github: the group is not ended")
    check(max(counts.values()) <= 10, f"github: {counts}")
    check(len(text) < most, f"github: {len(text)} bytes")


def github(bin_dir, folder, files):
    summary = os.path.join(folder, "summary.md")
    env = {"GITHUB_STEP_SUMMARY": summary}
    github_lines(lint(bin_dir, ["--format", "github", "--strict"] + files, folder, env).stdout,
                 1 << 20)
    with open(summary, encoding="utf-8", errors="surrogateescape") as source:
        table = source.read()
    check("| P101 missing-dot | 8 |" in table, f"github: the table: {table[:400]}")
    github_lines(lint(bin_dir, ["--format", "github", many(folder, 10000)], folder).stdout,
                 1 << 22)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    bin_dir = os.path.abspath(parser.parse_args().bin)
    with tempfile.TemporaryDirectory() as folder:
        files = ["./" + name for name in hostile_files(folder)]
        github(bin_dir, folder, files)
        sarif(bin_dir, folder, files)
        junit(bin_dir, folder, files)
        gitlab(bin_dir, folder, files)
        twins(bin_dir, folder)
        alone(bin_dir, folder)
        for kind in ("text", "json", "gcc", "sarif", "github", "junit", "gitlab"):
            text = lint(bin_dir, ["--format", kind, "--strict"] + files, folder).stdout
            check(b"hunter2" not in text, f"{kind}: a secret is shown")
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
