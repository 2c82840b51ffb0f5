#!/usr/bin/env python3
"""Every verb over the examples, under valgrind: nothing is read that is gone or was never written."""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SKIPPED = 77
WORDS = [
    ["check", "{}", "10.1.2.3", "=mx.example.com", "--trace"], ["check", "{}", "10.0.0.0/8"],
    ["check", "{}", "10.1.2.3", "--why-not", "deny"], ["who", "{}", "deny"], ["test", "{}"],
    ["test", "--coverage", "{}"], ["test", "--suggest", "{}"], ["test", "--pin", "{}"],
    ["test", "--mutate", "{}"], ["diff", "{}", "first.rules"], ["dump", "{}"], ["stats", "{}"],
    ["map", "{}"], ["fmt", "--check", "{}"], ["minimize", "{}"],
    ["merge", "--print", "{}", "{}", "{}"], ["lint", "--strict", "{}"],
    ["lint", "--fix", "--unsafe", "--diff", "--all-users", "{}", "first.rules"],
    ["compile", "{}", "-o", "{}.cdb"], ["compile", "--as", "classic", "{}", "-o", "{}.classic"],
]


def checked(postern, words, folder):
    return subprocess.run(["valgrind", "-q", "--error-exitcode=99", postern] + words, cwd=folder,
                          capture_output=True, timeout=600, check=False,
                          stdin=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--every", type=int, default=1, help="of the runs, one in so many")
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    if not shutil.which("valgrind"):
        print("valgrind is not there")
        return SKIPPED
    runs = failures = 0
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "examples")
        shutil.copytree(os.path.join(ROOT, "examples"), folder)
        names = sorted(n for n in os.listdir(folder) if n.endswith(".rules"))
        shutil.copy(os.path.join(folder, names[0]), os.path.join(folder, "first.rules"))
        with open(os.path.join(folder, "listed.rules"), "w", encoding="ascii") as out:
            out.write('postern: 1\nfile "l.txt", 12.0.0.0/8 except file "./l.txt" : deny\n'
                      'file "l.txt" : block\n* : allow\nexpect 12.0.0.1 : deny, by 12.0.0.0/8\n')
        with open(os.path.join(folder, "l.txt"), "w", encoding="ascii") as out:
            out.write("203.0.113.1/24\n")
        commands = [[w.format(name) for w in words] for name in names + ["listed.rules"]
                    for words in WORDS][::args.every]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for words, done in zip(commands, pool.map(
                    lambda words: checked(postern, words, folder), commands)):
                runs += 1
                if done.returncode not in (0, 1, 2):
                    failures += 1
                    print("FAILED", " ".join(words), done.returncode,
                          done.stderr[-2000:].decode(errors="replace"))
    print(f"{runs} runs, {failures} failures")
    return 1 if failures or runs < 40 / args.every else 0


if __name__ == "__main__":
    sys.exit(main())
