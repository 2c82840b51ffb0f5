#!/usr/bin/env python3
"""import --prove with originals that lie, hang, break, or are not there: nothing is written then.

The real programs are asked by tests/integration/proofs.py; here a script stands for postmap.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time

TABLE = "10.0.0.0/8 REJECT\n2001:db8::/32 OK\n"
# What `postmap -q -` does, by a table of one row: CASES change what it answers.
SCRIPT = """#!/usr/bin/python3
import ipaddress, os, sys, time
{before}
for key in sys.stdin.read().split():
    inside = key.startswith("10.")
    {answer}
"""
HONEST = 'print(f"{key}\\tREJECT") if inside else None'


class Tests:
    def __init__(self, postern, folder):
        self.postern, self.folder = postern, folder
        os.chmod(folder, 0o755)
        self.table = self.write("table", TABLE)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def prove(self, before="", answer=HONEST, more=(), form="postfix", files=None):
        script = self.write("postmap", SCRIPT.format(before=before, answer=answer), 0o755)
        temporary = os.path.join(self.folder, "tmp")
        os.makedirs(temporary, exist_ok=True)
        os.chmod(temporary, 0o1777)
        done = subprocess.run(
            [self.postern, "import", "--prove", "--original", script, *more, form, *(files or [self.table])],
            capture_output=True, text=True, timeout=60, check=False,
            env={"PATH": "/usr/bin:/bin", "TMPDIR": temporary})
        assert os.listdir(temporary) == [], "a folder is left"
        return done

    def refused(self, status, wanted, **how):
        done = self.prove(**how)
        assert (done.returncode, done.stdout) == (status, ""), (done, how)
        assert wanted in done.stderr, (done.stderr, wanted)
        return done

    def run(self):
        for name in sorted(n for n in dir(self) if n.startswith("test_")):
            getattr(self, name)()
            print(f"ok   {name[5:]}")

    def test_an_honest_one_proves(self):
        done = self.prove()
        assert done.returncode == 0 and "10.0.0.0/8 : deny" in done.stdout, done
        assert "postmap answers 1" in done.stderr and "alike" in done.stderr, done

    def test_a_difference_is_shown_with_its_client(self):
        self.refused(1, "10.255.255.255 is denied here, and postmap allows it",
                     answer='print(f"{key}\\tREJECT") if inside and key != "10.255.255.255" else None')
        done = self.refused(1, "and ", answer='print(f"{key}\\tREJECT")')
        assert len([x for x in done.stderr.split("\n") if "error: " in x]) == 6, done.stderr

    def test_who_only_looks_alike_at_the_middle_is_found_out(self):
        for number, wrong in ((1, "9.255.255.255"), (2, "11.0.0.0"), (3, "2001:db8::"), (4, "2001:db9::")):
            self.refused(1, f"{wrong} is allowed here, and postmap denies it",
                         answer=f'print(f"{{key}}\\tREJECT") if inside or key == "{wrong}" else None')

    def test_one_that_breaks_is_no_proof(self):
        for before in ("sys.exit(3)", "os.kill(os.getpid(), 9)", "raise SystemExit('no such table')"):
            self.refused(2, "error: ", before=before)
        self.refused(2, "error: ", answer='print("nobody\\tREJECT")')
        self.refused(2, "error: ", answer='sys.stdout.buffer.write(bytes(range(256)))')

    def test_one_that_hangs_is_ended_in_ten_seconds(self):
        began = time.monotonic()
        self.refused(2, "error: ", before="time.sleep(3600)")
        assert time.monotonic() - began > 9

    def test_one_that_is_not_there(self):
        done = subprocess.run([self.postern, "import", "--prove", "--original", "/no/such", "postfix", self.table],
                              capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (2, "") and "/no/such is not there" in done.stderr, done

    def test_a_format_that_has_none(self):
        self.refused(2, 'no program can be asked of the format "list"', form="list",
                     files=[self.write("list", "10.0.0.0/8\n")])

    def test_a_root_holds(self):
        self.refused(2, "--root", more=["--root", self.folder])

    def test_it_is_asked_without_rights(self):
        seen = os.path.join(self.folder, "seen")
        os.path.exists(seen) and os.unlink(seen)
        done = self.prove(before='assert os.getuid() and os.geteuid() and os.getgroups() in ([], [os.getgid()]), os.getuid()\n'
                          'assert set(os.environ) <= {"PATH", "LC_ALL", "LC_CTYPE", "DNSCACHEIP"}, os.environ')
        assert done.returncode == 0, done

    def test_it_gets_what_was_read_and_no_more(self):
        table = self.write("odd", "# 10.9.9.9 REJECT\n10.0.0.0/8   REJECT  a text\n2001:db8::/32\tOK\n")
        wanted = "10.0.0.0/8 REJECT\\n2001:db8::/32 OK\\n"
        done = self.prove(before=f'have = open(sys.argv[-1].split(":", 1)[1]).read()\nassert have == "{wanted}", have',
                          files=[table])
        assert done.returncode == 0, done

    def test_an_import_that_fails_asks_nobody(self):
        self.refused(2, "bits are set behind the length", before="sys.exit(9)",
                     files=[self.write("bad", "10.0.0.1/8 REJECT\n")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Tests(os.path.join(os.path.abspath(args.bin), "postern"), folder).run()


if __name__ == "__main__":
    sys.exit(main())
