#!/usr/bin/env python3
"""Files of other programs are asked of those programs, and imported: both have to say the same.

Random maps of haproxy, `allow`, `deny` and `geo` of nginx, and sets of ipset, as
tests/system/import_tables.py makes them.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE, os.path.join(HERE, "..", "system")]
import exports as X  # noqa: E402
import haproxy as H  # noqa: E402
import import_tables as T  # noqa: E402
import servers as S  # noqa: E402


class Haproxy(X.Haproxy):
    makers = (T.haproxy_map,)

    def said(self, path, asked):
        text = ("frontend one\n    bind 127.0.0.1:2500 accept-proxy\n    mode http\n"
                "    option httplog\n"
                "    http-request return status 200 content-type text/plain lf-string "
                f"\"%[src,map_ip({path},none)]\"\n")
        with H.Haproxy(self.binary, self.folder, text):
            return {a: self.ask(a) for a in asked}


class Nginx(X.Nginx):
    makers = (T.nginx_access, T.nginx_geo, T.nginx_ranges)

    def config(self, path):
        """The location of a file of rules, or one that returns the variable of a geo block."""
        folder = self.folder
        with open(path, encoding="ascii") as f:
            text = f.read()
        temp = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        front, inside = text, 'default_type text/plain; return 200 "$v";'
        if text.startswith("location"):
            front, inside = "", None
        body = (f"location / {{ {inside} }}" if inside else
                text[:text.rindex("}")] + "try_files /nothing /allowed; }\n"
                "error_page 403 =200 /denied;\n"
                "location = /allowed { return 200 allow; }\nlocation = /denied { return 200 deny; }")
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="ascii") as out:
            out.write(f"user root; daemon off; master_process off; pid {folder}/pid; "
                      f"error_log {folder}/errors;\nevents {{ worker_connections 64; }}\n"
                      f"http {{ access_log off; keepalive_requests 1000000; {temp}\n{front}\n"
                      "server { listen 127.0.0.1:2601; set_real_ip_from 127.0.0.1; "
                      f"real_ip_header X-Forwarded-For; {body} }} }}\n")
        return ["-p", folder, "-c", os.path.join(folder, "nginx.conf"), "-e", f"{folder}/early"]

    def said(self, path, asked):
        words = [self.binary, *self.config(path)]
        done = X.run(*words, "-t")
        if done.returncode and "overlap" in done.stderr:
            return {}  # ranges that cross: nginx takes none of it
        assert done.returncode == 0, done.stderr
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as server:
            try:
                H.settle(self.is_there, "nginx does not come up")
                return self.by_header([a for a in asked if a != X.NOBODY])
            finally:
                server.terminate()


class Ipset(X.Ipset):
    makers = (T.ipset,)

    def said(self, path, asked):
        with open(path, encoding="ascii") as f:
            text = f.read()
        if "/0" in text:
            return {}  # there is no such network in a set
        self.programs.do("ipset", "ipset", "destroy")
        done = self.programs.do("ipset", "ipset", "restore", text=text)
        assert done.returncode == 0, done.stderr
        return {a: "deny" if self.programs.do("ipset", "ipset", "-q", "test", f"s{a.version}",
                                              str(a)).returncode == 0 else "allow"
                for a in asked}


def compare(peer, maker, rng, folder, postern):
    world = T.World(rng)
    made = maker(world)
    path = os.path.join(folder, "in")
    asked = world.edges + [T.address(world.one(v), v) for v in (4, 4, 6) for _ in range(5)]
    asked = list(dict.fromkeys(a for a in asked if not (a.version == 6 and a.ipv4_mapped)))
    if maker is T.nginx_ranges:
        asked = [a for a in asked if a.version == 4]
    ours, policy = T.imported(postern, folder, made, asked)
    told = peer.said(path, asked)
    for a, (allows, value) in zip(asked, ours, strict=True):
        if a not in told:
            continue
        word = told[a]
        want = value if value is not None else "allow" if allows else "deny"
        if word in ("0", "1"):
            word = "deny" if word == "1" else "allow"
        if word in ("none", ""):
            word = "allow"
        if word != want:
            sys.exit(f"{maker.__name__}: {a}: the program says {word}, the import {want}\n{made[1]}\n{policy}")
    return len(told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=15, help="files of each kind")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng, skipped = random.Random(args.seed), False
    isolated = os.geteuid() == 0 and S.isolate()
    with tempfile.TemporaryDirectory() as folder:
        for kind in (Haproxy, Nginx, Ipset):
            try:
                if kind is Ipset and not isolated:
                    raise X.Unavailable("it wants a network namespace, and to be root in it")
                peer = kind(X.Programs(args.originals), folder)
            except X.Unavailable as why:
                print(f"SKIPPED: {kind.target}: {why}")
                skipped = True
                continue
            for maker in kind.makers:
                checks = sum(compare(peer, maker, rng, folder, os.path.join(args.bin, "postern"))
                             for _ in range(args.count))
                print(f"{maker.__name__}: {args.count} files, {checks} answers, all alike")
                assert checks > args.count * 2, maker
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
