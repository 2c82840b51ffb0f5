#!/usr/bin/env python3
"""A repository whose configuration names programs: no verb that asks git runs one of them."""
import argparse
import os
import subprocess
import sys
import tempfile

PROGRAMS = {
    "gpg.program": "{}", "gpg.ssh.program": "{}", "core.fsmonitor": "{}", "core.pager": "{}",
    "pager.show": "{}", "diff.external": "{}", "diff.evil.textconv": "{}",
    "diff.evil.command": "{}", "core.sshCommand": "{}", "core.editor": "{}",
    "filter.evil.smudge": "{}", "filter.evil.clean": "{}", "merge.evil.driver": "{}",
    "interactive.diffFilter": "{}", "credential.helper": "{}", "alias.show": "!{}",
    "alias.cat-file": "!{}",
}
HOOKS = ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc")
VERBS = (["blame", "a.rules", "10.0.0.1"], ["diff", "HEAD~1:a.rules", "a.rules"],
         ["diff", "HEAD~1:a.rules", "HEAD:a.rules"], ["check", "HEAD:a.rules", "10.0.0.1"],
         ["replay", "HEAD~1:a.rules", "HEAD:a.rules", "log"])


def signed(git, folder):
    """The last commit once more, as if somebody had signed it: git show looks at that."""
    text = git("cat-file", "commit", "HEAD")
    head, body = text.split("\n\n", 1)
    lines = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----"
    path = os.path.join(folder, "commit")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{head}\n{lines}\n\n{body}")
    git("update-ref", "HEAD", git("hash-object", "-t", "commit", "-w", path).strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    postern = os.path.join(os.path.abspath(args.bin), "postern")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        repository, ran = os.path.join(folder, "r"), os.path.join(folder, "ran")
        evil = os.path.join(folder, "evil")
        env = {"PATH": "/usr/bin:/bin", "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1",
               "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@e.example",
               "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@e.example"}

        def git(*words):
            return subprocess.run(["git", *words], cwd=repository, env=env, check=True, text=True,
                                  capture_output=True).stdout

        os.mkdir(repository)
        git("init", "-q")
        for number, text in enumerate((":allow\n", "10.:deny\n:allow\n")):
            for name, content in (("a.rules", text), ("log", "10.1.1.1\n"),
                                  (".gitattributes", "* diff=evil filter=evil merge=evil\n")):
                with open(os.path.join(repository, name), "w", encoding="utf-8") as out:
                    out.write(content)
            git("add", "-A")
            git("commit", "-qm", f"change {number}")
        signed(git, folder)
        with open(evil, "w", encoding="utf-8") as out:
            out.write(f'#!/bin/sh\necho "$0 $*" >> {ran}\nexit 1\n')
        os.chmod(evil, 0o755)
        for hook in HOOKS:
            os.symlink(evil, os.path.join(repository, ".git/hooks", hook))
        for key, value in PROGRAMS.items():
            git("config", key, value.format(evil))
        git("config", "log.showSignature", "true")
        if os.path.exists(ran):
            os.remove(ran)
        for verb in VERBS:
            done = subprocess.run([postern, *verb], cwd=repository, env=env, capture_output=True,
                                  text=True, check=False)
            if done.returncode > 1:
                failures += 1
                print(f"FAILED {verb}: {done.returncode} {done.stderr}")
            if os.path.exists(ran):
                failures += 1
                with open(ran, encoding="utf-8") as log:
                    print(f"FAILED {verb}: ran {log.read()}")
                os.remove(ran)
        subprocess.run(["git", "show", "-s"], cwd=repository, env=env, check=False,
                       capture_output=True)
        if not os.path.exists(ran):  # git itself does: else nothing was asked here
            failures += 1
            print("FAILED git runs nothing either")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
