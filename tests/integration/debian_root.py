"""A bare Debian in a folder, made by debootstrap from where this machine has its packages, and
commands inside it."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}


def mirror():
    """Where this machine's own packages are from."""
    told = subprocess.run(["apt-get", "indextargets", "--format",
                           "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
                          capture_output=True, text=True, check=True).stdout
    return next(uri for name, uri in (line.split() for line in told.splitlines())
                if name == "bookworm")


def make(root):
    """A minimal system, which gets its packages as this machine does, and starts nothing."""
    subprocess.run(["debootstrap", "--variant=minbase", "--include=git,ca-certificates",
                    "bookworm", root, mirror()], check=True, stdout=subprocess.DEVNULL)
    for place in ("etc/apt/apt.conf.d", "etc/apt/sources.list.d"):
        for name in os.listdir("/" + place):
            path = os.path.join("/" + place, name)
            with open(path, encoding="utf8", errors="replace") as f:
                ours = "debian" in f.read() or "conf" in place
            if ours:
                shutil.copy(path, os.path.join(root, place))
                if "sources" in place:  # apt warns of what is named twice
                    with open(os.path.join(root, "etc/apt/sources.list"), "w", encoding="ascii"):
                        pass
    shutil.copy("/etc/resolv.conf", os.path.join(root, "etc/resolv.conf"))
    policy = os.path.join(root, "usr/sbin/policy-rc.d")
    with open(policy, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexit 101\n")
    os.chmod(policy, 0o755)
    os.chmod(os.path.join(root, "root"), 0o700)


def inside(root, words, **more):
    """In a mount namespace of its own, so that nothing stays mounted."""
    mounts = " && ".join(f"mount --rbind /{name} {root}/{name}" for name in
                         ("proc", "sys", "dev"))
    return subprocess.run(["unshare", "-m", "sh", "-c",
                           f'{mounts} && exec chroot "$0" "$@"', root, *words],
                          env=ENVIRONMENT, check=False, **more)


def clone(root):
    """This repository in root's home, as git has it."""
    folder = os.path.join(root, "root", "postern")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", TOP, folder], check=True)


@contextlib.contextmanager
def debian(root=None):
    """A root that is gone afterwards; or one that is there already, and stays."""
    folder = root or tempfile.mkdtemp(prefix="postern-debian-")
    try:
        if not root:
            os.chmod(folder, 0o755)  # it is everybody's / in there
            make(folder)
        yield folder
    finally:
        if not root:
            shutil.rmtree(folder, ignore_errors=True)


class Steps:
    """Shell commands inside a root, each of which passes or fails."""

    def __init__(self, root):
        self.root, self.passed, self.failed = root, 0, 0

    def run(self, name, script, wanted=None):
        """Whether a script succeeds, and its output has the text that is wanted."""
        done = inside(self.root, ["sh", "-ec", script], capture_output=True,
                      stdin=subprocess.DEVNULL)
        out = (done.stdout + done.stderr).decode("utf-8", "replace")
        fine = done.returncode == 0 and (wanted is None or wanted in out)
        self.passed += fine
        self.failed += not fine
        print(("ok   " if fine else "FAIL ") + name, flush=True)
        if not fine:
            print(out[-6000:], flush=True)
        return fine

    def install(self, *packages):
        """From Debian, or files."""
        return self.run("install " + " ".join(os.path.basename(p) for p in packages),
                        "apt-get -qq update && apt-get -qq install -y --no-install-recommends "
                        + " ".join(packages))

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def main():
    sys.exit("a module of the tests")


if __name__ == "__main__":
    main()
