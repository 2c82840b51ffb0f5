"""What the tests of the engines of SQL share: policies, rows to ask them, and what ours answers."""
import ipaddress
import os
import random
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "docs"))
import run as pages  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
POLICIES = os.path.join(ROOT, "bindings", "postgresql", "policies")
VERSION_AT = 2048 + 8 + 56 + 8  # of a native image
NAMES = ("ROLE", "SHELL", "TAG", "PAIR", "RELAYCLIENT")


def make(bin_dir, source, out):
    """A compiled policy, which tells of its source by name alone."""
    subprocess.run([os.path.join(bin_dir, "postern"), "compile", os.path.basename(source), "-o", out],
                   cwd=os.path.dirname(source), check=True, capture_output=True)


def install(bin_dir, folder):
    """The folder of policies that bindings/postgresql/sql speak of, beside what is outside of it."""
    os.mkdir(folder)
    for name in ("office", "classic"):
        make(bin_dir, os.path.join(POLICIES, name + ".rules"), os.path.join(folder, name))
    image = read(os.path.join(folder, "office"))
    write(os.path.join(folder, "damaged"), image[:-9] + b"\xff" + image[-8:])
    write(os.path.join(folder, "short"), image[:1000])
    write(os.path.join(folder, "empty"), b"")
    write(os.path.join(folder, "text"), b"no compiled rule file\n" * 200)
    write(os.path.join(folder, "newer"), image[:VERSION_AT] + struct.pack("<I", 3 << 16)
          + image[VERSION_AT + 4:])
    write(os.path.join(os.path.dirname(folder), "outside"), image)
    os.mkdir(os.path.join(folder, "folder"))
    os.mkfifo(os.path.join(folder, "pipe"))
    shutil.copy(os.path.join(folder, "office"), os.path.join(folder, "closed"))
    os.chmod(os.path.join(folder, "closed"), 0)
    for name, to in (("within", "office"), ("without", "../outside"), ("loop", "loop"),
                     ("absolute", os.path.join(folder, "office"))):
        os.symlink(to, os.path.join(folder, name))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def replace(path, data):
    """As a compiler does it: by rename."""
    write(path + ".new", data)
    os.rename(path + ".new", path)


def damaged(image, rng):
    """The image with some bytes changed, or cut off, or with others at its end."""
    data = bytearray(image)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.choice((rng.randrange(len(data)), rng.randrange(min(2600, len(data)))))
        data[at] = rng.choice((0, 255, rng.randrange(256)))
    if rng.random() < 0.3:
        del data[rng.randrange(len(data)):]
    if rng.random() < 0.1:
        data += rng.randbytes(rng.randrange(100))
    return bytes(data)


HOSTS = ("mx.example.org", "a.example.org", "b.c.example.org", "example.org", "host.example.net")
IDENTS = ("alice", "bob", "bill", "x y")


def row(rng):
    """(address, host or None, ident or None), in and near what the policies name."""
    near = rng.choice((0xC0000200, 0xC6336407, 0xCB007100, 0x7F000001))
    kind = rng.random()
    if kind < 0.5:
        address = ipaddress.IPv4Address((near + rng.randrange(-300, 600)) % 2**32)
    elif kind < 0.7:
        address = ipaddress.IPv4Address(rng.getrandbits(32))
    elif kind < 0.9:
        address = ipaddress.IPv6Address((0x20010db8 << 96) + rng.getrandbits(rng.choice((8, 96, 97))))
    else:
        address = ipaddress.IPv6Address(rng.getrandbits(128))
    return (str(address), rng.choice(HOSTS) if rng.random() < 0.4 else None,
            rng.choice(IDENTS) if rng.random() < 0.3 else None)


def rows(count, seed):
    rng = random.Random(seed)
    return [row(rng) for _ in range(count)]


def answers(bin_dir, policy, asked):
    """What `postern check --batch` says of the rows: lines of verdict, step, place, target, and
    the variables of NAMES in this order, "-" for what is not there."""
    text = "".join("\t".join(field or "-" for field in r) + "\n" for r in asked)
    done = subprocess.run([os.path.join(bin_dir, "postern"), "check", policy, "--batch"],
                          input=text, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        verdict, step, place, target, *env = line.split("\t")
        target = "" if target == "(empty)" else target  # a classic key of no characters
        values = dict(assignment.split("=", 1) for assignment in env if "=" in assignment)
        yield "\t".join([verdict, step, place, target, *(values.get(n, "-") for n in NAMES)])


def page(kind, bin_dir, env, prepare=lambda folder: None):
    """docs/databases.md says of one database what comes out there."""
    report = {"update": False, "examples": 0, "links": 0, "failures": 0}
    pages.run_page("docs/databases.md", bin_dir, report, env, kind, prepare)
    assert report["examples"] > 5 and not report["failures"], report
