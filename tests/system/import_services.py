#!/usr/bin/env python3
"""What is imported of servers' rules decides as those servers do, for whoever is at an edge of it.

The rules of ucspi-tcp are asked of its tcprulescheck, and compared whole with the database that
its tcprules makes; those of s6 are asked of libs6, where it is installed; those of ucspi-tcp6 and
ipsvd of a reader here, by their manuals (the integration tests ask tcpsvd). Folders and databases
of one set of rules are imported alike.
"""
import argparse
import ctypes
import glob
import importlib
import ipaddress
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
imports = importlib.import_module("import")
written = importlib.import_module("import_written")

NAMES = ["", "example.com", "mx.example.com", "a.b.example.com", "good.example.com", "x.test", "xexample.com"]
IDENTS = [None, "joe", "root"]


def run(*words, env=None, text=None, binary=False):
    return subprocess.run(words, input=text, capture_output=True, text=not binary, env=env, timeout=300, check=False)


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="latin-1", newline="") as out:
        out.write(text)
    return path


def edges(text):
    """The boundaries of all that a text names; dashes stand between two of them."""
    words = " ".join(re.findall(r"[0-9A-Fa-f:./]+", re.sub(r"\b(\d+)-(\d+)", r"\1 \2", text)))
    found = set(imports.edges_of(words))
    for a, b, c, low, high in re.findall(r"(\d+)\.(\d+)\.(\d+)\.(\d+)-(\d+)", text):
        for last in (int(low) - 1, int(low), int(high), int(high) + 1):
            if max(int(a), int(b), int(c), last) < 256 and last >= 0:
                found.add(ipaddress.ip_address(f"{int(a)}.{int(b)}.{int(c)}.{last}"))
    return sorted((a for a in found if not (a.version == 6 and a.ipv4_mapped)), key=lambda a: (a.version, a))


def queries(text, idents=True):
    return [(a, n, i) for a in edges(text) for n in NAMES for i in (IDENTS if idents else [None])]


def ask(postern, policy, asked):
    """What a policy says of clients: verdict and variables."""
    lines = "".join(json.dumps({"address": str(a), **({"host": n} if n else {}), **({"ident": i} if i is not None else {})}) + "\n"
                    for a, n, i in asked)
    told = run(postern, "check", "--batch", "--format", "json", policy, text=lines)
    assert told.returncode == 0, told.stderr
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(rows) == len(asked)
    return [(row["verdict"] == "allow", {name: value.encode("utf-8", "surrogateescape").decode("latin-1")
                                         for name, value in row.get("env", {}).items()}) for row in rows]


def imported(postern, folder, form, path, words=()):
    """The path of the policy, or None where it is refused; every note has its place."""
    made = run(postern, "import", form, path, *words, binary=True)
    told = made.stderr.decode("latin-1").splitlines()
    assert made.returncode in (0, 2), (path, made)
    assert made.returncode == 0 or (not made.stdout and any(": error: " in line or line.startswith("postern import: ")
                                                            for line in told)), (path, made)
    for line in told:
        assert line.startswith((path, "postern import: ")), line
    if made.returncode:
        return None, told
    policy = os.path.join(folder, f"{form}.out.rules")
    with open(policy, "wb") as out:
        out.write(made.stdout)
    for line in made.stdout.decode("latin-1").splitlines()[1:]:
        assert f" # {path}" in line, line
    return policy, told


def alike(postern, policy, asked, want, what):
    """Answers are those that are wanted; without a word on variables, only verdicts."""
    got = ask(postern, policy, asked)
    for query, (allows, env), answer in zip(asked, got, want, strict=True):
        if allows != answer[0] or (answer[1] is not None and allows and env != answer[1]):
            with open(policy, encoding="latin-1") as text:
                sys.exit(f"{what}\n{text.read()}{query}: {(allows, env)} and not {answer}")
    return len(asked)


# --- ucspi-tcp

def judge(checker, database, address, name, ident):
    """What tcprulescheck says; variables that the language has no name for are left out."""
    env = {"TCPREMOTEIP": str(address)}
    if name:
        env["TCPREMOTEHOST"] = name
    if ident is not None:
        env["TCPREMOTEINFO"] = ident
    told = run(checker, database, env=env, binary=True).stdout.decode("latin-1")
    found = re.findall(r"set environment variable (.*?)=(.*)\n", told)
    return "allow connection" in told, {n: v for n, v in found if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", n)}


def round_trips(postern, folder, source, policy, six):
    """What `export tcprules` writes of an import, and `import --classic` at once, decide as it does."""
    for words in (("export", "tcprules", policy), ("import", "--classic", "tcprules", source)):
        made = run(postern, *words, binary=True)
        if made.returncode:
            assert six and b"the classic format" in made.stderr and not made.stdout, (words, made)
            continue
        classic = write(folder + "/classic.rules", made.stdout.decode("latin-1"))
        if made.stdout:  # a file without a line is nothing that is imported
            back, _ = imported(postern, folder, "tcprules", classic)
            for path in (classic, back):
                differs = run(postern, "diff", policy, path, binary=True)
                assert differs.returncode == 0, (words, made.stdout, differs.stdout)
    return 1


def tcprules(postern, originals, corpus, count, rng):
    tools = {name: os.path.join(originals, name, "usr/bin") for name in ("ucspi-tcp", "ucspi-tcp-ipv6")}
    texts = [(None, text) for text in written.TCPRULES]
    for path in sorted(glob.glob(os.path.join(corpus, "*.rules"))):
        with open(path, encoding="latin-1", newline="") as text:
            texts.append((os.path.basename(path), text.read()))
    rng.shuffle(texts)
    texts.sort(key=lambda row: row[0] is not None)  # what people write is always asked
    files = asked = refused = same = unsaid = ways = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts[:max(count, len(written.TCPRULES))]:
            six = bool(re.search(r"^[^#\n,]*:[^\n,]*:(allow|deny)", text, re.M))
            tool = tools["ucspi-tcp-ipv6" if six else "ucspi-tcp"]
            source, database = write(folder + "/in.rules", text), folder + "/in.cdb"
            with open(source, "rb") as lines:
                made = subprocess.run([tool + "/tcprules", database, folder + "/in.tmp"], stdin=lines, capture_output=True,
                                      timeout=60, check=False)
            policy, told = imported(postern, folder, "tcprules", source)
            files += 1
            if made.returncode:
                assert not policy, (name, text)
                refused += 1
                continue
            told = " ".join(told)
            spelt = re.search("looked up as text|ours cannot say|no program can be started", told)
            assert policy or spelt or "NUL" in told or "no text" in told or re.search("UTF-16|packed|policy of ours", told), (name, text, told)
            unsaid += bool(spelt)
            again, _ = imported(postern, folder, "tcprules-cdb", database)
            for path in (policy, again):
                if not path:
                    continue
                if "no name of a variable" not in told:
                    differs = run(postern, "diff", database, path, binary=True)
                    assert differs.returncode == 0, (name, text, differs.stdout)
                    same += 1
                if six:
                    continue  # its edges are many: the difference is exact
                some = queries(text)
                some = rng.sample(some, min(len(some), 40))
                asked += alike(postern, path, some, [judge(tool + "/tcprulescheck", database, *query) for query in some],
                               (name, text))
            if policy and "no name of a variable" not in told:
                asked_for = round_trips(postern, folder, source, policy, six)
                ways += asked_for
    print(f"tcprules: {files} files, {ways} there and back, {refused} refused by both, {unsaid} that ours cannot say, {same} compared whole, {asked} answers of tcprulescheck")
    assert same > 30 and asked > 1000 and unsaid < 12 and ways > 30


# --- ucspi-tcp6

class Tcp6:
    """tcprules(1) of ucspi-tcp6: keys, and the order of look-ups."""
    @staticmethod
    def bits(address, length):
        text, ones = format(int(address), f"0{address.max_prefixlen}b")[:length], 0
        signs = "abcdefghijklmnopqrstuvwxyz123456"
        out = "_" if address.version == 4 else "^"
        for place, bit in enumerate(text):
            out += "0" if bit == "0" else signs[place] if address.version == 4 else chr(96 + ones)
            ones += bit == "1"
        return out

    @staticmethod
    def full(text):
        return ipaddress.IPv6Address(text).exploded.upper()

    @classmethod
    def keys_of(cls, address):
        """The keys of an address as it is written, or ValueError."""
        if "=" in address:
            return [address]
        ident, at, rest = address.rpartition("@")
        if at and not (":" in address and "/" not in address):
            return [address]
        if at:
            return [ident + "@" + cls.full(rest)]
        if "/" in address:
            front, length = address.split("/")
            if ":" not in address:
                octets = front.rstrip(".").split(".")
                front = ".".join(octets + ["0"] * (4 - len(octets)))
            base = ipaddress.ip_address(front)
            if not re.fullmatch("[0-9]+", length) or not 1 <= int(length) <= base.max_prefixlen:
                raise ValueError
            return [cls.bits(base, int(length))]
        if ":" in address:
            return [cls.full(address)]
        found = re.fullmatch(r"(.*?)(\d+)-(\d+)(\..*|)", address)
        if found:
            return [f"{found[1]}{n}{found[4]}" for n in range(int(found[2]), min(int(found[3]), 255) + 1)]
        return [address]

    @classmethod
    def records(cls, text):
        rows = []
        for line in text.split("\n"):
            line = line.rstrip(" \t")
            front = line.partition(",")[0]
            if not line or line[0] == "#" or ":" not in line and "," not in line:
                continue
            address, _, verdict = front.rpartition(":")
            if verdict not in ("allow", "deny") or ":" not in front:
                raise ValueError
            data, rest = "D\0" if verdict == "deny" else "", line[len(front):]
            while rest:
                found = re.match(r",([^=]*)=(.)(.*?)\2", rest)
                if not found:
                    raise ValueError
                data += f"+{found[1]}={found[3]}\0"
                rest = rest[found.end():]
            rows += [(key, data) for key in cls.keys_of(address)]
        return rows

    @classmethod
    def asked_for(cls, address, name, ident):
        text = cls.full(str(address)) if address.version == 6 else str(address)
        if ident is not None:
            yield f"{ident}@{text}"
            if name:
                yield f"{ident}@={name}"
        yield text
        if name:
            yield "=" + name
        if address.version == 4:
            octets = text.split(".")
            yield from (".".join(octets[:n]) + "." for n in (3, 2, 1))
        yield from (cls.bits(address, n) for n in range(address.max_prefixlen, 0, -1))
        if name:
            yield from ("=" + name[at:] for at, c in enumerate(name) if c == ".")
            yield "="
        yield ""

    @classmethod
    def answer(cls, rows, query):
        first = {}
        for key, data in rows:
            first.setdefault(key, data)
        for key in cls.asked_for(*query):
            if key in first:
                items = first[key].split("\0")
                env = dict(item[1:].partition("=")[::2] for item in items if item.startswith("+"))
                return "D" not in items, {n: v for n, v in env.items() if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", n)}
        return True, {}

    @classmethod
    def random_text(cls, rng):
        lines = []
        for _ in range(rng.randrange(9)):
            net = rng.choice(imports.networks(rng))
            octets = str(net[0]).split(".")
            key = rng.choice([f"{net[0]}/{net.prefixlen}", str(net[0]), f"joe@{net[0]}", "=mx.example.com", "=.example.com", "=", "",
                              "joe@=mx.example.com"] + ([f"{octets[0]}.", ".".join(octets[:2]) + ".", ".".join(octets[:3]) + ".",
                              ".".join(octets[:3]) + f".{octets[3]}-{min(int(octets[3]) + 3, 255)}", f"{octets[0]}./8"]
                              if net.version == 4 else []))
            lines.append(key + rng.choice((":allow", ":deny", ':allow,A="x"', ":allow,A=/y:z/,B=''")))
        return "".join(line + "\n" for line in lines)


def tcp6(postern, count, rng):
    texts, files, asked, refused = list(written.TCP6), 0, 0, 0
    while len(texts) < count:
        texts.append(Tcp6.random_text(rng))
    with tempfile.TemporaryDirectory() as folder:
        for text in texts:
            files += 1
            policy, _ = imported(postern, folder, "tcp6", write(folder + "/in.rules", text))
            try:
                rows = Tcp6.records(text)
            except ValueError:
                assert not policy, text
                refused += 1
                continue
            assert policy, text
            some = queries(text)
            some = rng.sample(some, min(len(some), 400))
            want = [Tcp6.answer(rows, query) for query in some]
            asked += alike(postern, policy, some, want, text)
            again, _ = imported(postern, folder, "tcp6", write(folder + "/in.cdb", imports.database(rows)))
            assert again, text
            asked += alike(postern, again, some, want, text)
    print(f"tcp6: {files} files, as sources and as databases, {refused} refused by both, {asked} answers")
    assert files - refused > 25 and asked > 5000


def tcp6_back(postern):
    """What `export tcp6` writes is imported as what it was, or refused; what is lost allows nobody."""
    said = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        for text in written.POLICIES:
            policy = write(folder + "/policy.rules", "postern: 1\n" + text)
            made = run(postern, "export", "tcp6", policy)
            if made.returncode == 0:
                back, _ = imported(postern, folder, "tcp6", write(folder + "/tcp6.rules", made.stdout))
                differs = run(postern, "diff", policy, back)
                assert differs.returncode == 0, (text, made.stdout, differs.stdout)
                said += 1
                continue
            assert made.returncode == 2 and not made.stdout and re.search("(/policy.rules:[0-9]+: of |breaks? at)", made.stderr), (text, made)
            refused += 1
            made = run(postern, "export", "--lossy", "tcp6", policy)
            assert made.returncode == 0, (text, made)
            back, _ = imported(postern, folder, "tcp6", write(folder + "/tcp6.rules", made.stdout))
            some = queries(text)
            for before, after in zip(ask(postern, policy, some), ask(postern, back, some), strict=True):
                assert before[0] or not after[0], (text, made.stdout)
    print(f"tcp6: {said} policies there and back, {refused} refused, and less allowed with --lossy")
    assert said > 8 and refused > 6


# --- ipsvd

def folder_write(root, files):
    """A folder; None is a file that nobody may read, and a tuple its mode and text."""
    shutil.rmtree(root, ignore_errors=True)
    os.mkdir(root)
    for name, text in files.items():
        mode, text = text if isinstance(text, tuple) else (0o644, text) if text is not None else (0, "")
        path = write(os.path.join(root, name), text)
        os.chmod(path, mode)
    return root


def ipsvd_answer(files, address, name):
    """ipsvd-instruct(5): the first file that is there."""
    octets, labels = str(address).split("."), name.split(".") if name else []
    keys = [".".join(octets[:n]) for n in (4, 3, 2, 1)] if address.version == 4 and octets[0] != "0" else []
    keys += [".".join(labels[n:]) for n in range(len(labels))] + ["0"]
    for key in keys:
        if key in files:
            mode, text = files[key] if isinstance(files[key], tuple) else (0o644, files[key]) if files[key] is not None else (0, "")
            if not mode & 0o500 or mode & 0o100 or re.search("^=", text, re.M):
                return False, None
            return True, dict(line[1:].partition("=")[::2] for line in text.split("\n") if line.startswith("+") and "=" in line)
    return True, {}


def told_more(lines):
    """Does it say that more is denied?"""
    return any(re.search("is denied|taken for any other", line) for line in lines)


def exact(want, policy, postern, asked, lines, what):
    """As wanted; where it is told that more is denied, no more allowed."""
    if not told_more(lines):
        return alike(postern, policy, asked, want, what)
    for query, (allows, _), answer in zip(asked, ask(postern, policy, asked), want, strict=True):
        assert answer[0] or not allows, (what, query)
    return len(asked)


def ipsvd(postern, count, rng):
    rows, asked, same = list(written.IPSVD), 0, 0
    while len(rows) < count:
        rows.append(imports.Ipsvd().random_rules(rng) or {"0": None})
    with tempfile.TemporaryDirectory() as folder:
        for files in rows:
            root = folder_write(folder + "/rules", files)
            text = " ".join(files) + " 10.1.2.3 192.0.2.1"
            some = queries(text, idents=False)
            want = [ipsvd_answer(files, a, n) for a, n, _ in some]
            policy, told = imported(postern, folder, "ipsvd", root)
            assert policy, (files, told)
            asked += exact(want, policy, postern, some, told, files)
            same += not told_more(told)
            if not shutil.which("ipsvd-cdb"):
                continue
            with open(policy, encoding="latin-1") as first:
                whole = first.read()
            subprocess.run(["ipsvd-cdb", "c.cdb", "c.tmp", "rules"], cwd=folder, check=True, timeout=60, stderr=subprocess.DEVNULL)
            again, _ = imported(postern, folder, "ipsvd", folder + "/c.cdb")
            with open(again, encoding="latin-1") as second:
                assert re.sub(" # .*", "", whole) == re.sub(" # .*", "", second.read()), files
    print(f"ipsvd: {len(rows)} folders, {same} of them exact, {asked} answers")
    assert asked > 5000 and same > len(rows) // 2


# --- s6

class S6:
    """libs6, that s6-tcpserver-access asks; or None."""
    def __init__(self):
        self.library = ctypes.CDLL("libs6.so.2.11")

    def check(self, root, address, name):
        params = (ctypes.c_size_t * 6)()
        data, backend = ctypes.c_char_p(root.encode()), self.library.s6_accessrules_backend_fs
        check = self.library.s6_accessrules_keycheck_ip4 if address.version == 4 else self.library.s6_accessrules_keycheck_ip6
        found = check(ctypes.c_char_p(address.packed), data, params, backend)
        if found == 2 and name:
            found = self.library.s6_accessrules_keycheck_reversedns(ctypes.c_char_p(name.encode()), data, params, backend)
        env = ctypes.string_at(params[0], params[1]).decode("latin-1") if params[0] and found == 1 else ""
        runs = bool(params[3] and params[4])
        self.library.s6_accessrules_params_free(params)
        items = [item.partition("=") for item in env.split("\0") if "=" in item]
        return found == 1 and not runs, {name: value for name, _, value in items}


def s6_answer(files, address, name):
    """The same by the pages on s6-accessrules-cdb-from-fs and on accessrules."""
    bits = address.max_prefixlen
    keys = [f"ip{address.version}/{ipaddress.ip_network((address, n), strict=False)[0]}_{n}" for n in range(bits, -1, -1)]
    labels = name.split(".") if name else []
    keys += ["reversedns/" + ".".join(labels[n:]) for n in range(len(labels))] + (["reversedns/@"] if name else [])
    for key in keys:
        if key + "/allow" in files:
            env = {}
            for path, text in files.items():
                if path.startswith(key + "/env/") and text and "=" not in path[len(key) + 5:]:
                    env[path[len(key) + 5:]] = text.split("\n")[0].rstrip(" \t\r").replace("\0", "\n")
            return not files.get(key + "/exec"), env
        if key + "/deny" in files:
            return False, {}
    return False, {}


def s6_random(rng):
    files = {}
    for _ in range(rng.randrange(1, 8)):
        net = rng.choice(imports.networks(rng))
        key = rng.choice((f"ip{net.version}/{net[0]}_{net.prefixlen}", "reversedns/example.com", "reversedns/mx.example.com", "reversedns/@",
                          "ip4/0.0.0.0_0", "ip6/::_0", "reversedns/test"))
        files[key + rng.choice(("/allow", "/deny"))] = ""
        if rng.random() < 0.3:
            files[key + "/env/TAG"] = rng.choice(("x", "x y \nz\n", "", "\n"))
    return files


def s6(postern, count, rng):
    rows, asked, same = [files for _, files in written.S6], 0, 0
    while len(rows) < count:
        rows.append(s6_random(rng))
    try:
        original = S6()
    except OSError:
        original = None
        print("s6: libs6 is not installed: its rules are read here alone")
    with tempfile.TemporaryDirectory() as folder:
        for files in rows:
            root = folder_write(folder + "/rules", files)
            some = queries(" ".join(files).replace("_", "/") + " 10.1.2.3 192.0.2.1 " + " ".join(files).replace("_", " "), idents=False)
            want = [s6_answer(files, a, n) for a, n, _ in some]
            for (a, n, _), answer in zip(some, want, strict=True):
                assert not original or original.check(root, a, n) == answer or not answer[0] and not original.check(root, a, n)[0], \
                    (files, a, n, answer, original.check(root, a, n))
            policy, told = imported(postern, folder, "s6", root)
            assert policy, (files, told)
            asked += exact(want, policy, postern, some, told, files)
            same += not told_more(told)
            if not shutil.which("s6-accessrules-cdb-from-fs"):
                continue
            subprocess.run(["s6-accessrules-cdb-from-fs", "c.cdb", "rules"], cwd=folder, check=True, timeout=60)
            again, _ = imported(postern, folder, "s6", folder + "/c.cdb")
            asked += exact(want, again, postern, some, told, files)
    print(f"s6: {len(rows)} folders, {same} of them exact, {asked} answers")
    assert asked > 5000 and same > len(rows) // 2


# --- users of tcp wrappers

class Wrappers:
    """hosts_ctl() of libwrap, over the files of a folder; OSError where it is not installed."""
    def __init__(self, folder):
        self.library = ctypes.CDLL("libwrap.so.0")
        self.paths = [os.path.join(folder, name).encode() for name in ("hosts.allow", "hosts.deny")]
        for name, path in zip(("hosts_allow_table", "hosts_deny_table"), self.paths):
            ctypes.c_char_p.in_dll(self.library, name).value = path

    def allows(self, address, name, user):
        return bool(self.library.hosts_ctl(b"sshd", (name or "unknown").encode(), str(address).encode(), (user or "unknown").encode()))


def users(postern):
    asked = same = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            wrappers = Wrappers(folder)
        except OSError:
            print("users: libwrap is not installed")
            return
        for allow, deny in written.USERS:
            paths = [write(os.path.join(folder, name), text) for name, text in (("hosts.allow", allow), ("hosts.deny", deny))]
            made = run(postern, "import", "hosts.allow", "--daemon", "sshd", *paths)
            assert made.returncode == 0, (allow, deny, made.stderr)
            policy = write(os.path.join(folder, "out.rules"), made.stdout)
            some = queries(allow + deny)
            for query, (allows, _) in zip(some, ask(postern, policy, some), strict=True):
                want = wrappers.allows(*query)
                assert allows == want or want and re.search("is denied|taken for any|is left out", made.stderr), (allow, deny, query, made)
                same += allows == want
            asked += len(some)
        refused = run(postern, "import", "hosts.allow", "--daemon", "sshd", write(folder + "/none", ""),
                      write(folder + "/deny", "sshd: joe@10.1.\n"))
        assert refused.returncode == 2 and "/deny:1: error: " in refused.stderr and not refused.stdout, refused
    print(f"users: {len(written.USERS)} files, {same} of {asked} answers as libwrap's, none of them more")
    assert same > asked * 0.9


# --- what is no rules at all

def refused(postern, form, path):
    made = run(postern, "import", form, path, binary=True)
    assert made.returncode == 2 and not made.stdout, (form, path, made)
    assert path in made.stderr.decode("latin-1") and len(made.stderr) < 4000, (form, path, made.stderr)


def hostile(postern, rng):
    with tempfile.TemporaryDirectory() as folder:
        nul, long = write(folder + "/nul", "10.\0:allow\n:deny\n"), write(folder + "/long", "10.1.2.3:" + "x" * (1 << 20))
        for form in ("tcprules", "tcp6"):
            refused(postern, form, nul)
            refused(postern, form, long)
            many = write(folder + "/many", "10.1.2.3:allow" + "".join(f",V{n}='1'" for n in range(100000)) + "\n:deny\n")
            assert run(postern, "import", form, many, binary=True).returncode in (0, 2)
            refused(postern, form, folder + "/none")
        whole = imports.database([("10.", "D\0"), ("", "")]).encode("latin-1")
        records = {"tcprules-cdb": whole, "tcp6": whole,
                   "ipsvd": imports.database([("10", "D"), ("0", "I")]).encode("latin-1"),
                   "s6": imports.database([("ip4/10.0.0.0_8", "A\0\0\0\0")]).encode("latin-1")}
        for form, data in records.items():
            for n in range(60):
                hurt = bytearray(data[:rng.choice((len(data), len(data), rng.randrange(len(data))))])
                for _ in range(rng.randrange(1, 4)):
                    if hurt:
                        hurt[rng.randrange(len(hurt))] = rng.randrange(256)
                path = write(f"{folder}/hurt", bytes(hurt).decode("latin-1"))
                made = run(postern, "import", form, path, binary=True)
                assert made.returncode == 0 or made.returncode == 2 and not made.stdout and path.encode() in made.stderr, (n, made)
            refused(postern, form, write(folder + "/short", data[:2000].decode("latin-1")))
        ours = write(folder + "/ours.rules", "postern: 1\n* : deny\n")
        run(postern, "compile", ours, "-o", folder + "/ours.cdb")
        for form in ("tcprules-cdb", "tcp6", "ipsvd", "s6"):
            refused(postern, form, folder + "/ours.cdb")
        refused(postern, "tcprules", ours)
        for form, name in (("ipsvd", "10"), ("s6", "ip4/10.0.0.0_8/allow")):
            root = folder + "/rules"
            path = os.path.join(root, name)
            for make in (os.mkfifo, lambda p: os.symlink("/etc/passwd", p), lambda p: os.symlink("../../../../../etc/passwd", p),
                         lambda p: write(p, "x" * (3 << 20)), lambda p: os.symlink(os.path.basename(p), p),
                         lambda p: os.makedirs(p + "/a/b/c/d/e")):
                shutil.rmtree(root, ignore_errors=True)
                os.makedirs(os.path.dirname(path))
                make(path)
                refused(postern, form, root)
            folder_write(root, {name + "\n": ""})
            refused(postern, form, root)
            shutil.rmtree(root)
            os.mkdir(root)
            refused(postern, form, root)
        folder_write(folder + "/rules", {"10": "+A=\0\n"})
        refused(postern, "ipsvd", folder + "/rules")
    print("hostile: files, folders and damaged databases, refused with their place")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--corpus", default=os.path.join(HERE, os.pardir, "differential", "corpus"))
    parser.add_argument("--count", type=int, default=60, help="files of each format")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, rng = os.path.join(args.bin, "postern"), random.Random(args.seed)
    for rows in (written.TCPRULES, written.TCP6, written.IPSVD, written.S6):
        assert len(rows) >= 30, len(rows)
    tcprules(postern, args.originals, args.corpus, args.count, rng)
    tcp6(postern, args.count, rng)
    tcp6_back(postern)
    ipsvd(postern, args.count, rng)
    s6(postern, args.count, rng)
    users(postern)
    hostile(postern, rng)
    return 0


if __name__ == "__main__":
    sys.exit(main())
