#!/usr/bin/env python3
"""The commands of README.md as a newcomer gives them: on a bare Debian with nothing but git and
a shell, from a clone in root's own closed home. The Debian is made by debootstrap from where
this machine has its packages, in a folder, and is gone afterwards.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


def mirror():
    """Where this machine's own packages are from."""
    told = subprocess.run(["apt-get", "indextargets", "--format",
                           "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
                          capture_output=True, text=True, check=True).stdout
    return next(uri for name, uri in (line.split() for line in told.splitlines())
                if name == "bookworm")


def debian(root):
    """A minimal system, which gets its packages as this machine does."""
    subprocess.run(["debootstrap", "--variant=minbase", "--include=git,ca-certificates",
                    "bookworm", root, mirror()], check=True, stdout=subprocess.DEVNULL)
    for place in ("etc/apt/apt.conf.d", "etc/apt/sources.list.d"):
        for name in os.listdir("/" + place):
            path = os.path.join("/" + place, name)
            with open(path, encoding="utf8", errors="replace") as f:
                ours = "debian" in f.read() or "conf" in place
            if ours:
                shutil.copy(path, os.path.join(root, place))
    shutil.copy("/etc/resolv.conf", os.path.join(root, "etc/resolv.conf"))
    os.chmod(os.path.join(root, "root"), 0o700)


def inside(root, words, **more):
    """In a mount namespace of its own, so that nothing stays mounted."""
    mounts = " && ".join(f"mount --rbind /{name} {root}/{name}" for name in
                         ("proc", "sys", "dev"))
    return subprocess.run(["unshare", "-m", "sh", "-c",
                           f'{mounts} && exec chroot "$0" "$@"', root, *words],
                          env=ENVIRONMENT, check=False, **more)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", default="demo", help="of ./dev")
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    args = parser.parse_args()
    root = args.root or tempfile.mkdtemp(prefix="postern-debian-")
    try:
        if not args.root:
            debian(root)
        clone = os.path.join(root, "root", "postern")
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", TOP, clone], check=True)
        done = inside(root, ["sh", "-c", f"cd && cd postern && ./dev {args.command}"],
                      capture_output=True, stdin=subprocess.DEVNULL)
        fine = done.returncode == 0
        if not fine:
            sys.stdout.buffer.write(done.stdout + done.stderr)
        if args.command == "demo":
            fine = fine and b"hello 127.0.0.1, this machine" in done.stdout
        print(f"{int(fine)} passed, {int(not fine)} failed")
        return 0 if fine else 1
    finally:
        if not args.root:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
