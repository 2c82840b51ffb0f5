#!/usr/bin/env python3
"""README's Install section, on a bare Debian with the packages that it names and no others:
built, installed under a prefix, behind DESTDIR, with an absolute LIBDIR, used by programs of
others, and taken away again."""
import argparse
import os
import re
import sys

import debian_root

PROGRAMS = "g++ clang pkg-config python3"  # what the users of an installed library have


def section(name):
    """The commands of a section of README.md, as lines of a shell."""
    with open(os.path.join(debian_root.TOP, "README.md"), encoding="utf-8") as page:
        text = re.search(rf"^## {name}\n(.*?)(?=^## )", page.read(), re.M | re.S).group(1)
    return re.findall(r"^    ((?:.*\\\n)*.*)", text, re.M)


def tree(*folders):
    return f"find {' '.join(folders)} | sort"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    args = parser.parse_args()
    with debian_root.debian(args.root) as root:
        debian_root.clone(root)
        steps = debian_root.Steps(root)
        places = "/usr/local /etc /opt /srv /var/local"
        commands = section("Install")
        packages = next(c for c in commands if c.startswith("apt-get install"))
        steps.run("the packages of README, and no others",
                  "apt-get -qq update; " + packages.replace(
                      "install", "install -qq -y --no-install-recommends", 1))
        steps.run("nothing is installed yet", f"cd /root/postern; {tree(places)} >/root/before")
        steps.run("the commands of README", "cd /root/postern; " +
                  "\n".join(c + " >/dev/null" for c in commands if c != packages))
        steps.run("programs run", "tcpserver --version; postern help compile", "postern 0.")
        steps.run("the demo, from what is installed",
                  "sh /usr/local/share/doc/postern/examples/demo.sh /usr/local/bin",
                  "hello 127.0.0.1, this machine")
        build = "cd /root/postern; cmake --build build --target uninstall >/dev/null; "
        steps.run("uninstall leaves nothing",
                  f"{build} {tree(places)} | diff /root/before -")
        steps.install(*PROGRAMS.split())
        steps.run("what is there now", f"cd /root/postern; {tree(places)} >/root/before")
        users = "python3 -B tests/package/users.py --prefix"
        steps.run("a prefix", f"cd /root/postern; cmake --install build --prefix /opt/fresh "
                  f">/dev/null; {users} /opt/fresh --part all")
        steps.run("moved", f"cd /root/postern; mv /opt/fresh /srv/moved; {users} /srv/moved; "
                  "mv /srv/moved /opt/fresh")
        steps.run("uninstall of a prefix", f"{build} {tree(places)} | diff /root/before -")
        steps.run("behind DESTDIR", "cd /root/postern; DESTDIR=/srv/stage cmake --install build "
                  f">/dev/null; {tree(places)} | grep -v /srv/stage | diff /root/before -; "
                  f"{users} /srv/stage/usr/local")
        steps.run("uninstall behind DESTDIR", "export DESTDIR=/srv/stage; "
                  f"{build} {tree(places)} | diff /root/before -")
        for libdir in ("/opt/own/lib64", "/srv/libraries"):
            steps.run(f"libraries in {libdir}",
                      f"cd /root/postern; cmake -B build -DCMAKE_INSTALL_PREFIX=/opt/own "
                      f"-DCMAKE_INSTALL_LIBDIR={libdir} >/dev/null; cmake --build build -j2 "
                      f">/dev/null; cmake --install build >/dev/null; test -e {libdir}/libpostern.a"
                      f"; {users} /opt/own --libdir {libdir}")
            steps.run("uninstall", f"{build} {tree(places)} | diff /root/before -")
        steps.run("libpostern alone, with a compiler and cmake", "cd /root/postern; "
                  "apt-get -qq purge -y bison re2c mandoc libcdb-dev "
                  "libidn2-dev libunistring-dev libpsl-dev libpng-dev libc-ares-dev libjansson-dev >/dev/null; "
                  "cmake -B bare -DPOSTERN_COMPILER=OFF -DPOSTERN_TOOLS=OFF -DPOSTERN_UCSPI=OFF "
                  "-DPOSTERN_DAEMONTOOLS=OFF >/dev/null; cmake --build bare >/dev/null; "
                  "cmake --install bare --prefix /opt/bare >/dev/null; "
                  "cc examples/embed.c -I/opt/bare/include /opt/bare/lib*/libpostern.a -o /tmp/embed;"
                  " /tmp/embed /nowhere 10.1.2.3", "deny")
        return steps.end()


if __name__ == "__main__":
    sys.exit(main())
