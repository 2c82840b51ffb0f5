#!/usr/bin/env python3
"""The Debian packages: built twice to the same bytes, and without databases, without a word of lintian, installed
together and beside daemontools, in the place of ucspi-tcp and back, upgraded, taken away; and
what they are for, from the installed files alone, with programs of Debian that run on them."""
import argparse
import os
import shutil
import subprocess
import sys

import debian_root

# what debian/tests need is installed by autopkgtest; this is for the article's set-up
ARTICLE = ("python3", "iproute2", "procps", "daemontools")
ONES = "libpostern0 libpostern-dev libpostern-compiler0 libpostern-compiler-dev postern " \
       "postern-ucspi-tcp libsqlite3-mod-postern postgresql-15-postern"
DEBS = "/root/packages/*.deb"


def build(steps):
    steps.run("./dev package", "cd /root/postern; ./dev package")
    steps.run("the same bytes again, elsewhere and by somebody else", """
cp -r /root/postern /srv/elsewhere; rm -rf /srv/elsewhere/build
cd /srv/elsewhere; git config --global --add safe.directory /srv/elsewhere
(umask 077; TZ=Pacific/Auckland LC_ALL=C HOME=/srv DEB_BUILD_OPTIONS=parallel=3 \\
    setarch -R packaging/build.sh /srv/again >/srv/log 2>&1) || { tail -30 /srv/log; exit 1; }
cd /root/postern/build/packages
for file in *.deb *.tar.xz *.dsc; do cmp "$file" "/srv/again/$file"; done
test "$(ls *.deb | wc -l)" = "$(ls /srv/again/*.deb | wc -l)\"""")
    steps.run("without databases, on a machine that has none: the rest is the same bytes", """
apt-get -qq purge -y libsqlite3-dev postgresql-server-dev-15; apt-get -qq autoremove -y
test ! -e /usr/include/sqlite3.h; test ! -e /usr/lib/postgresql
cd /srv/elsewhere
DEB_BUILD_PROFILES=pkg.postern.nosql packaging/build.sh /srv/nosql >/srv/log 2>&1 || { tail -30 /srv/log; exit 1; }
cd /srv/nosql
for file in *.deb; do cmp "$file" "/root/postern/build/packages/$file"; done
cd /root/postern/build/packages
left=$(for file in *.deb; do test -e "/srv/nosql/$file" || echo "${file%%_*}"; done | grep -v dbgsym | sort | xargs)
test "$left" = "libsqlite3-mod-postern postgresql-15-postern\"""")


def take_over(steps):
    steps.install("ucspi-tcp", "daemontools", "ca-certificates")
    everything = f"apt-get -qq install -y --no-install-recommends {DEBS}"
    steps.run("all of them together, and in the place of ucspi-tcp", everything)
    check = ("tcpserver --version | grep postern; dpkg -S /usr/bin/setuidgid | grep ^daemontools; "
             "dpkg -s postern-ucspi-tcp | grep 'ok installed'; dpkg --audit; apt-get -qq check")
    steps.run("they are there, beside daemontools",
              check + "; ! dpkg -s ucspi-tcp | grep 'ok installed'")
    steps.run("a higher version of themselves", f"""
mkdir -p /root/higher /root/unpacked
for deb in {DEBS}; do
    rm -rf /root/unpacked; dpkg-deb -R "$deb" /root/unpacked
    sed -i 's/0\\.1\\.0-1/0.1.0-2/g' /root/unpacked/DEBIAN/control
    dpkg-deb --root-owner-group -b /root/unpacked /root/higher >/dev/null
done
apt-get -qq install -y --no-install-recommends /root/higher/*.deb
for name in {ONES}; do dpkg-query -W -f '${{Version}}\\n' $name | grep -x 0.1.0-2; done
{check}""")
    for theirs in ("ucspi-tcp", "ucspi-tcp-ipv6"):
        steps.run(f"{theirs} comes back", f"apt-get -qq install -y {theirs}; "
                  "! tcpserver --version 2>&1 | grep postern; "
                  "! dpkg -s postern-ucspi-tcp 2>/dev/null | grep 'ok installed'; "
                  f"dpkg -s postern | grep 'ok installed'; dpkg -V {theirs}")
        steps.run(f"and goes, by dpkg alone, after {theirs}",
                  "dpkg -i /root/packages/postern-ucspi-tcp_*.deb; " + check +
                  f"; ! dpkg -s {theirs} 2>/dev/null | grep 'ok installed'")
    steps.run("nothing is left of them",
              f"apt-get -qq purge -y {ONES}; apt-get -qq autoremove -y; "
              "apt-get -qq install -y ucspi-tcp; for place in /usr/share/postern /usr/share/doc/postern "
              "/usr/include/postern; do test ! -e $place; done; find / -xdev -name '*postern*' "
              "-not -path '/root/*' -not -path '/proc/*' -not -path '/tmp/*' "
              "-not -path '/var/cache/*' | tee /root/left; test ! -s /root/left")
    steps.run("all of them again", everything)


def use(steps):
    steps.install(*ARTICLE)
    steps.run("the demo", "sh /usr/share/doc/postern/examples/demo.sh /usr/bin",
              "hello 127.0.0.1, this machine")
    # the test stands where it finds the installed examples beside it, and nothing else of ours
    steps.run("the article's set-up", "mkdir /srv/alone; cp -r /root/tests /srv/alone/; "
              "ln -s /usr/share/doc/postern/examples /srv/alone/examples; "
              "python3 -B /srv/alone/tests/system/article.py --bin /usr/bin", ", 0 failed")
    steps.install("autopkgtest")
    steps.run("debian/tests: C, C++, pages, shells, and what depends on ucspi-tcp",
              "cd /root; autopkgtest /root/packages/postern_*.changes -- null >/root/tests.log "
              "2>&1 || { tail -80 /root/tests.log; exit 1; }; grep -E 'PASS|FAIL|SKIP' "
              "/root/tests.log; test $(grep -c PASS /root/tests.log) -ge 18; "
              "! grep -E 'FAIL|SKIP' /root/tests.log")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", help="a Debian that is there already, and stays")
    parser.add_argument("--packages", help="built ones, which are not built again")
    args = parser.parse_args()
    counts = []
    packages = args.packages
    with debian_root.debian(args.root) as root:
        if not packages:
            # one Debian to build in, and one that sees nothing but the packages
            builder = root + "-builder"
            subprocess.run(["cp", "-a", root, builder], check=True)
            try:
                debian_root.clone(builder)
                counts.append(debian_root.Steps(builder))
                build(counts[-1])
                packages = os.path.join(root, "root/built")
                shutil.copytree(os.path.join(builder, "root/postern/build/packages"), packages)
            finally:
                shutil.rmtree(builder, ignore_errors=True)
        inside = os.path.join(root, "root/packages")
        shutil.copytree(packages, inside, dirs_exist_ok=True)
        shutil.copytree(os.path.join(debian_root.TOP, "tests"),
                        os.path.join(root, "root/tests"), dirs_exist_ok=True)
        counts.append(debian_root.Steps(root))
        take_over(counts[-1])
        use(counts[-1])
    passed, failed = (sum(getattr(c, k) for c in counts) for k in ("passed", "failed"))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
