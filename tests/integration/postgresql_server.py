"""A PostgreSQL 15 of a test's own, with the extension: a tree of links to the programs of Debian, in
which those lie themselves that look for the others beside them; a cluster; sessions by psql."""
import glob
import os
import shutil
import signal
import subprocess
import sys
import time

import sql_world as W

VERSION = "15"
PACKAGES = ("postgresql-15", "postgresql-client-15", "postgresql-server-dev-15", "postgresql-15-ip4r")
REAL = ("postgres", "initdb", "psql", "pg_config")  # they ask where they lie themselves
NOBODY = 65534
PATIENCE = 120
EXTENSION = os.path.join(W.ROOT, "bindings", "postgresql")
SETTINGS = {"listen_addresses": "", "fsync": "off", "max_worker_processes": "8",
            "min_parallel_table_scan_size": "0", "parallel_setup_cost": "0", "parallel_tuple_cost": "0",
            "max_parallel_workers_per_gather": "0", "jit": "off", "autovacuum": "off",
            "shared_buffers": "64MB", "lc_messages": "C", "log_min_messages": "fatal"}


class Unavailable(Exception):
    """This machine cannot run it, and why."""


def must(words, **more):
    done = subprocess.run(words, text=True, capture_output=True, check=False, **more)
    assert done.returncode == 0, (words, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


def make_tree(tree, originals):
    """The folders of PostgreSQL, of the packages that are installed or unpacked."""
    # copies of what is unpacked: a checkout may lie in a home that is closed to the server
    roots = [("/", "-as")] + [(os.path.join(os.path.abspath(originals), p), "-a") for p in PACKAGES if originals]
    for root, how in roots:
        for part in ("lib", "share", "include"):
            source = os.path.join(root, "usr", part, "postgresql")
            if os.path.isdir(source):
                to = os.path.join(tree, "usr", part)
                os.makedirs(to, exist_ok=True)
                must(["cp", how, "--remove-destination", source, to])
    bin_dir = os.path.join(tree, "usr/lib/postgresql", VERSION, "bin")
    for name in REAL:
        path = os.path.join(bin_dir, name)
        if not os.path.exists(path):
            raise Unavailable(f"PostgreSQL {VERSION} has no {name} here")
        shutil.copy(path, path + ".itself")
        os.replace(path + ".itself", path)
    return bin_dir


class Session:
    """One psql, and so one backend."""

    def __init__(self, words, env):
        self.program = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env=env)
        self.send("\\set VERBOSITY sqlstate\nSET client_min_messages = notice;\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.stdin.close()
        self.program.stdout.close()
        self.program.wait(PATIENCE)

    def send(self, text):
        self.program.stdin.write(text + "\\echo :end of it:\n")
        self.program.stdin.flush()
        lines = []
        for line in self.program.stdout:
            if line == ":end of it:\n":
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError(("the session ended", lines))

    def state(self, command):
        """The SQLSTATE of its error, or "" when it has none."""
        errors = [line.split()[-1] for line in self.send(command + ";\n") if line.startswith("ERROR:")]
        return errors[0] if errors else ""

    def ask(self, command):
        """The lines that it gives; it is to succeed."""
        lines = self.send(command + ";\n")
        assert not any(line.startswith(("ERROR:", "FATAL:")) for line in lines), (command, lines)
        return lines


class Server:
    def __init__(self, folder, args):
        self.folder, self.args = folder, args
        self.user = NOBODY if os.getuid() == 0 else os.getuid()
        os.chmod(folder, 0o755)
        self.tree = os.path.join(folder, "tree")
        self.bin = make_tree(self.tree, args.originals)
        self.policies = os.path.join(folder, "policies")
        W.install(os.path.join(os.path.abspath(args.build), "bin"), self.policies)
        for name in ("data", "out", "regress", "build"):
            os.mkdir(os.path.join(folder, name))
            self.give(os.path.join(folder, name))
        self.give(self.policies)
        self.env = {"PATH": self.bin + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGHOST": os.path.join(folder, "out"),
                    "PGUSER": "postgres", "PGDATABASE": "postgres", "HOME": os.path.join(folder, "out")}
        self.program = None

    def give(self, path):
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def plain(self, *words):
        """As an ordinary user: PostgreSQL does not run as root."""
        return (["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
                if os.getuid() == 0 else list(words))

    def limit(self, pid, what, soft=None):
        """What a backend may have at most: asked, or set."""
        return must(self.plain("prlimit", "--pid", str(pid), "--output", "SOFT", "--noheadings",
                               f"--{what}" + (f"={soft}:" if soft is not None else ""))).strip()

    def make(self, *goals):
        done = subprocess.run(
            ["make", "-s", "-f", os.path.join(EXTENSION, "Makefile"), f"VPATH={EXTENSION}",
             f"PG_CONFIG={self.bin}/pg_config", f"POSTERN_CFLAGS=-I{W.ROOT}/runtime/include",
             f"POSTERN_LIBS=-L{self.tree} -lpostern -Wl,-rpath,{self.tree}",
             "COPT=-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Werror", *goals],
            cwd=os.path.join(self.folder, "build"), env=self.env, text=True, capture_output=True, check=False)
        assert done.returncode == 0, (goals, done.stdout[-3000:], done.stderr[-3000:])

    def __enter__(self):
        # where everybody can read it, whatever folder the build is in
        for path in glob.glob(os.path.join(os.path.abspath(self.args.build), "runtime", "libpostern.so*")):
            shutil.copy(path, self.tree)
        self.make("all")
        self.make("install")
        data = os.path.join(self.folder, "data")
        must(self.plain(f"{self.bin}/initdb", "-N", "-A", "trust", "-U", "postgres", "-D", data,
                        "-E", "UTF8", "--locale", "C.UTF-8"), env=self.env)
        settings = {**SETTINGS, "unix_socket_directories": self.env["PGHOST"],
                    "postern.policy_folder": self.policies}
        words = [f"{self.bin}/postgres", "-D", data]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.program = subprocess.Popen(self.plain(*words), env=self.env, stdout=log, stderr=log)
        start = time.monotonic()
        while subprocess.run([f"{self.bin}/psql", "-c", ""], env=self.env, capture_output=True,
                             check=False).returncode:
            assert self.program.poll() is None and time.monotonic() < start + PATIENCE, self.told()
            time.sleep(0.05)
        with self.session() as session:
            session.ask("CREATE EXTENSION postern")
        return self

    def __exit__(self, *_):
        self.program.send_signal(signal.SIGINT)
        self.program.wait(PATIENCE)

    def told(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def ended_by_signal(self):
        """Whether a backend was, which would have ended all the others with it."""
        bad = [line for line in self.told().splitlines() if "was terminated by" in line or "PANIC" in line]
        print("\n".join(bad) if bad else "no backend was ended")
        return bool(bad)

    def psql(self, user="postgres", database="postgres"):
        return [f"{self.bin}/psql", "-XAtq", "-U", user, "-d", database]

    def session(self, **more):
        return Session(self.psql(**more), self.env)

    def compiled(self, text):
        """The image of a policy; text is extended, bytes are classic."""
        data = text if isinstance(text, bytes) else b"postern: 1\n" + text.encode()
        out = os.path.join(self.folder, "compiled")
        subprocess.run([os.path.join(self.args.build, "bin", "postern"), "compile", "-", "-o", out],
                       input=data, check=True, capture_output=True)
        return W.read(out)

    def load(self, policy, count):
        """A psql that asks one policy so many times, each time in a command, and tells what came."""
        script = ("CREATE FUNCTION pg_temp.told(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN "
                  "postern_allows($1, '192.0.2.1'); EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;\n"
                  + f"SELECT pg_temp.told('{policy}');\n" * count)
        program = subprocess.Popen(self.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True, env=self.env)
        program.stdin.write(script)
        program.stdin.close()
        return program

    def regression(self):
        """pg_regress, with the server that runs; with --update what it says is taken."""
        results = os.path.join(self.folder, "regress")
        regress = os.path.join(self.tree, "usr/lib/postgresql", VERSION, "lib/pgxs/src/test/regress/pg_regress")
        with open(os.path.join(EXTENSION, "Makefile"), encoding="utf-8") as makefile:
            names = [line.split("=")[1].split() for line in makefile if line.startswith("REGRESS =")][0]
        done = subprocess.run([regress, f"--inputdir={EXTENSION}", f"--outputdir={results}", f"--bindir={self.bin}",
                               "--dbname=contrib_regression", *names],
                              env=self.env, cwd=results, text=True, capture_output=True, check=False)
        if self.args.update:
            for name in names:
                shutil.copy(os.path.join(results, "results", name + ".out"), os.path.join(EXTENSION, "expected"))
            return
        if done.returncode:
            with open(os.path.join(results, "regression.diffs"), encoding="utf-8") as diffs:
                raise AssertionError(diffs.read()[-4000:])


if __name__ == "__main__":
    sys.exit("a module of the tests")
