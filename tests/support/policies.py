"""Our programs and git, in a folder of our own: what tests of histories and merges share."""
import argparse
import json
import os
import random
import subprocess
import tempfile


class Programs:
    def __init__(self, bin_dir):
        self.postern = os.path.join(bin_dir, "postern")
        self.env = {"PATH": bin_dir + ":/usr/bin:/bin", "HOME": os.getcwd(), "LC_ALL": "C.UTF-8",
                    "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            self.env[f"GIT_{who}_NAME"] = "someone"
            self.env[f"GIT_{who}_EMAIL"] = "someone@example.com"
        self.failures = []

    def run(self, *words, check=True, text="", cwd=None):
        """A program; what fails and should not is written down."""
        done = subprocess.run(words, input=text, env=self.env, capture_output=True, text=True,
                              check=False, cwd=cwd)
        if check and done.returncode:
            self.failures.append(f"{words}: {done.returncode} {done.stderr}")
        return done

    def verb(self, *words, text="", cwd=None):
        return self.run(self.postern, *words, check=False, text=text, cwd=cwd)

    def answers(self, name, queries):
        """What each query is answered: verdict, and variables where it is allowed."""
        lines = "".join(json.dumps(q) + "\n" for q in queries)
        done = self.verb("check", name, "--batch", "--format", "json", text=lines)
        return [(d["verdict"], d.get("env") if d["verdict"] == "allow" else None)
                for d in map(json.loads, done.stdout.splitlines())]


def write(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8") as out:
        out.write(text)


def read(name):
    with open(name, encoding="utf-8") as text:
        return text.read()


def main(doc, programs, count, seed, work):
    """Does the work in a new folder: work(programs, args, rng). The status to leave with."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", help="where the original tools are unpacked")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=seed)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bin_dir = os.path.abspath(args.bin)
        args.originals = args.originals and os.path.abspath(args.originals)
        os.chdir(folder)
        made = programs(bin_dir)
        work(made, args, random.Random(args.seed))
        os.chdir("/")
    for text in made.failures[:20]:
        print("FAILED", text)
    return 1 if made.failures else 0
