#!/usr/bin/env python3
"""tcpserver and its companions beside the originals: what each can be seen to do.

Each case is a function of serving_cases.py that looks at one program through observe.py;
it is run with the originals and with ours, each in a network namespace of its own, and
the two observations must be the same text.
"""
import argparse
import concurrent.futures
import difflib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import serving_cases  # noqa: E402
import servers  # noqa: E402


# what the originals keep to themselves
ADVICE = "tcpserver: warning: -u without -g: the groups stay what they are\n"


def originals_folder(originals, scratch):
    """The original programs in one folder, its scripts made to find them there, and those
    of daemontools beside them."""
    source = os.path.join(originals, "ucspi-tcp-ipv6/usr/bin")
    os.makedirs(scratch, exist_ok=True)
    for name in os.listdir(source):
        path, copy = os.path.join(source, name), os.path.join(scratch, name)
        with open(path, "rb") as f:
            content = f.read()
        if content.startswith(b"#!"):
            content = content.replace(b"/usr/bin/", scratch.encode() + b"/")
        with open(copy, "wb") as f:
            f.write(content)
        os.chmod(copy, 0o755)
    for name in ("envuidgid", "setuidgid"):
        shutil.copy(os.path.join("/usr/bin", name), scratch)
    return scratch


def scratch_folder(path):
    """Where the original programs go: to a place that every account can come to, since
    their scripts have it in them."""
    os.makedirs(path, exist_ok=True)
    return runner.reachable(path)


def run_one(name, programs, rules_tool):
    """In this process, which has a namespace of its own: prints the observation."""
    if not servers.isolate():
        return 77
    case = observe.Case(programs, rules_tool)
    try:
        serving_cases.CASES[name](case)
    finally:
        shutil.rmtree(case.folder, ignore_errors=True)
    text = "\n".join(case.lines).replace(case.folder, "FOLDER").replace(ADVICE, "")
    sys.stdout.buffer.write(text.encode("latin1", "replace"))
    return 0


def observe_in_process(name, programs, rules_tool):
    done = subprocess.run([sys.executable, "-B", __file__, "--one", name, "--bin", programs,
                           "--rules-tool", rules_tool],
                          capture_output=True, check=False, timeout=300)
    text = done.stdout.decode("latin1")
    if done.returncode:
        text += f"\nfailed: {done.returncode}\n" + done.stderr.decode("latin1")
    return done.returncode, text


def compare(name, original, ours, rules_tool):
    """What is different, as text; empty when nothing is. What is different once, and not
    when both are asked again, is chance: which of two processes came first."""
    for _ in range(3):
        difference = compare_once(name, original, ours, rules_tool)
        if not difference:
            break
    return difference


def compare_once(name, original, ours, rules_tool):
    seen = [observe_in_process(name, p, rules_tool) for p in (original, ours)]
    if any(code for code, _ in seen):
        return "\n".join(text for _, text in seen)
    texts = [serving_cases.forgive(name, text) for _, text in seen]
    if texts[0] == texts[1]:
        return ""
    return "\n".join(difflib.unified_diff(texts[0].split("\n"), texts[1].split("\n"),
                                          "original", "ours", lineterm=""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals")
    parser.add_argument("--rules-tool")
    parser.add_argument("--scratch", default="build/originals/serving")
    parser.add_argument("--one")
    parser.add_argument("--show", action="store_true", help="print what the originals do")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.one:
        return run_one(args.one, args.bin, args.rules_tool)
    if subprocess.run([sys.executable, "-B", "-c", "import servers, sys; "
                       "sys.exit(0 if servers.isolate() else 77)"], check=False,
                      env={**os.environ, "PYTHONPATH": sys.path[1]}).returncode == 77:
        return 77
    original = originals_folder(os.path.abspath(args.originals), scratch_folder(args.scratch))
    args.bin = runner.reachable(args.bin)
    rules_tool = os.path.join(original, "tcprules")
    names = args.names or list(serving_cases.CASES)
    if args.show:
        for name in names:
            print("==", name)
            print(observe_in_process(name, original, rules_tool)[1])
        return 0
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda n: compare(n, original, os.path.abspath(args.bin), rules_tool),
                         names)
        for name, difference in zip(names, found):
            if difference:
                failed += 1
                print(f"== {name}\n{difference}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
