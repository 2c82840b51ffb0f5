"""Rules of other programs of any size, for what is counted: a file, or a folder, for each importer."""
import importlib
import json
import os
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "system"))
database = importlib.import_module("import").database


def four(i):
    return f"{1 + i * 7 % 200}.{i >> 8 & 255}.{i & 255}.{i * 13 % 251}"


def six(i):
    return f"2001:db8:{i:x}::"


def lines(form):
    return lambda n: "".join(form(i) + "\n" for i in range(n))


def nftables(n):
    elements = [{"range": [four(i), four(i)]} if i % 3 else four(i) for i in range(n)]
    return json.dumps({"nftables": [{"set": {"family": "inet", "table": "t", "name": "s", "type": "ipv4_addr", "elem": elements}}]})


# The words behind `import`, and what is in the file; of names besides addresses there are as many as
# are read.
TEXTS = {
    "haproxy": ("in.map", lines(lambda i: f"{four(i)} {i % 7}")),
    "ipset": ("in.ipset", lambda n: "create s hash:net\n" + lines(lambda i: f"add s {four(i)}")(n)),
    "list": ("in.list", lines(four)),
    "nftables": ("in.json", nftables),
    "nginx": ("in.nginx", lines(lambda i: f"allow {four(i)}; deny {six(i)}/48;")),
    "postfix": ("in.cidr", lines(lambda i: f"{four(i)} REJECT\n{six(i)}/48 OK")),
    "hosts.allow": ("in.allow", lines(lambda i: f"ALL: {four(i)} {'joe@10.1.2.3' if i % 99 == 5 else '[' + six(i) + ']/48'}")),
    "xinetd": ("in.xinetd", lambda n: "service s\n{\n" + lines(lambda i: f" only_from += {four(i)}")(n) + "}\n"),
    "tcprules": ("in.rules", lines(lambda i: f"{four(i)}:allow,A='{i}'\n=h{i}.example:deny\n10.{i >> 8}.{i & 255}.:deny\nj{i}@{four(i)}:deny")),
    "tcp6": ("in.tcp6", lines(lambda i: f"{four(i)}:allow,A='{i}'\n{six(i)}/48:deny\n10.{i >> 8}.{i & 255}.0/24:deny\n10.{i >> 8}.{i % 256}.:allow")),
    "tcprules-cdb": ("in.cdb", lambda n: database([(four(i), f"+A={i}\0") for i in range(n)])),
    "ipsvd of a database": ("ipsvd.cdb", lambda n: database([(four(i), f"+A={i}\0I") for i in range(n)])),
    "s6 of a database": ("s6.cdb", lambda n: database([(f"ip4/{four(i)}_32", "D") for i in range(n)])),
    "one line of tcprules": ("one.rules", lambda n: "10.:allow" + "".join(f",A{i}='{i}'" for i in range(n)) + "\n"),
    "one line of tcp6": ("one.tcp6", lambda n: "10.:allow" + "".join(f",A{i}='{i}'" for i in range(n)) + "\n"),
}

FOLDERS = {
    "ipsvd": ("ipsvd", lambda i: (four(i), "+A=1\nC5\n")),
    "s6": ("s6", lambda i: (f"ip4/{four(i)}_32/allow", "")),
}


def words(name):
    """What is asked of import: the format and the file."""
    form = {"ipsvd of a database": "ipsvd", "s6 of a database": "s6", "one line of tcprules": "tcprules", "one line of tcp6": "tcp6"}
    options = {"xinetd": ["--name", "s"]}
    path = "in.sqlite3" if name == "fail2ban" else (TEXTS.get(name) or FOLDERS[name])[0]
    return [form.get(name, name), path, *options.get(name, [])]


def write(folder, name, size):
    """What an import reads. Bytes that it has."""
    if name == "fail2ban":
        path = os.path.join(folder, "in.sqlite3")
        with sqlite3.connect(path) as made:
            made.execute("create table bans(jail text, ip text, timeofban integer, bantime integer)")
            made.executemany("insert into bans values('sshd', ?, 1, -1)", [(four(i),) for i in range(size)])
        made.close()
        return size
    if name in TEXTS:
        path, make = TEXTS[name]
        with open(os.path.join(folder, path), "w", encoding="latin-1") as out:
            return out.write(make(size))
    root, make = FOLDERS[name]
    for i in range(size):
        path, text = make(i)
        path = os.path.join(folder, root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
    return size


ALL = ["fail2ban", *TEXTS, *FOLDERS]
