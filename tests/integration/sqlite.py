#!/usr/bin/env python3
"""The extension for SQLite, in its real shell and in Python's sqlite3."""
import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import runner  # noqa: E402
import sql_world as W  # noqa: E402

ASK = "postern({0}, '192.0.2.1')"
OUTSIDE, MISSING, DAMAGED, NEWER = (
    "it is outside of the folder of policies", "there is no such file",
    "it is not a compiled rule file, or damaged", "it is of a newer format")


class Shell:
    """sqlite3 of a folder's owner, with the extension."""

    def __init__(self, args, folder, cwd=None):
        self.extension = args.extension
        self.env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
        if folder is not None:
            self.env["POSTERN_POLICY_FOLDER"] = folder
        self.cwd = cwd

    def run(self, text, *more):
        return subprocess.run(["sqlite3", "-batch", "-noheader", "-list", *more, ":memory:"],
                              input=f".load {self.extension}\n{text}\n", text=True, capture_output=True,
                              env=self.env, cwd=self.cwd, timeout=600, check=False)

    def ask(self, text):
        done = self.run(text)
        assert done.returncode == 0 and not done.stderr, (text, done.stderr)
        return done.stdout

    def error(self, text):
        done = self.run(text)
        assert done.returncode != 0 and not done.stdout, (text, done.stdout)
        return done.stderr


def connected(shell):
    """The same in this process, for what a shell cannot do between two rows."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(shell.extension)
    return db


def tests(args):
    def policies(folder):
        W.install(args.bin, os.path.join(folder, "policies"))
        return os.path.join(folder, "policies")

    def answers(folder):
        shell = Shell(args, policies(folder))
        told = shell.ask("""
SELECT postern('office', '192.0.2.1'), postern('office', '192.0.2.1', 'mx.example.org'),
       postern('office', '203.0.113.1', 'mx.example.org'), postern('office', '198.51.100.8', 'mx.example.org'),
       postern('office', '192.0.2.1', NULL, ''), postern('office', '::ffff:192.0.2.1');
SELECT postern_env('office', '192.0.2.1', NULL, 'alice', 'ROLE'), postern_env('office', '2001:db8::1', NULL, NULL, 'TAG'),
       postern_env('classic', '127.0.0.1', NULL, NULL, 'ROLE'),
       quote(postern_env('classic', '127.0.0.1', NULL, NULL, 'RELAYCLIENT')),
       quote(postern_env('classic', '127.0.0.1', NULL, NULL, 'role'));
SELECT verdict, rule, file, line FROM postern_rules('office') WHERE line < 7;
SELECT rule, replace(env, char(10), '+'), quote(file) FROM postern_rules WHERE policy = 'classic' AND env NOT NULL;
SELECT p.column1, count(*) FROM (VALUES ('office'), ('classic')) AS p, postern_rules(p.column1) GROUP BY 1;
SELECT count(*), min(rowid), max(rowid) FROM postern_rules('office');""")
        assert told == """allow|allow|deny|allow|deny|allow
admin|größer|second|''|NULL
deny|203.0.113.0/24|office.rules|4
allow|alice@$office|office.rules|5
deny|""@$office|office.rules|6
127.0.0.1|RELAYCLIENT=+ROLE=first+ROLE=second|NULL
bob@192.0.2.7|ROLE=bob|NULL
classic|5
office|8
8|1|8
""", told

    def nothing_known_is_null(folder):
        shell = Shell(args, policies(folder))
        told = shell.ask("""
SELECT quote(postern(NULL, '192.0.2.1')), quote(postern('office', NULL)), postern('office', '192.0.2.1', NULL, NULL),
       quote(postern_env('office', '192.0.2.1', NULL, NULL, NULL)), quote(postern_env(NULL, NULL, NULL, NULL, NULL));
SELECT count(*) FROM postern_rules(NULL);""")
        assert told == "NULL|NULL|allow|NULL|NULL\n0\n", told

    def errors_say_what_is_wrong(folder):
        shell = Shell(args, policies(folder))
        for name, why in (("absent", MISSING), ("", MISSING), ("office/absent", MISSING), ("x" * 5000, MISSING),
                          ("../outside", OUTSIDE), ("/etc/passwd", OUTSIDE), ("without", OUTSIDE),
                          ("absolute", OUTSIDE), ("loop", OUTSIDE), ("damaged", DAMAGED), ("short", DAMAGED),
                          ("empty", DAMAGED), ("text", DAMAGED), ("folder", DAMAGED), ("pipe", DAMAGED),
                          ("newer", NEWER), ("office\n", MISSING), ('"', MISSING), ("%s%n", MISSING),
                          ("\x1b[2J", MISSING), ("größer", MISSING)):
            for ask in (f"SELECT {ASK}", "SELECT * FROM postern_rules({0})",
                        "SELECT postern_env({0}, '192.0.2.1', NULL, NULL, 'ROLE')"):
                told = shell.error(ask.format(f"'{name}'") + ";")
                assert why in told, (name, told)
        assert OUTSIDE in shell.error("SELECT postern('office' || char(0) || 'x', '192.0.2.1');")
        for name in ("within", "folder/../office", "./office", "office"):
            assert shell.ask(f"SELECT {ASK};".format(f"'{name}'")) == "allow\n"
        for client in ("", "192.0.2.0/24", "192.0.2.1 ", "localhost", "fe80::1%lo", "1", "[::1]"):
            told = shell.error(f"SELECT postern('office', '{client}');")
            assert "a client is an IPv4 or IPv6 address" in told, told
        assert "a client is" in shell.error("SELECT postern('office', 3221225985);")
        assert "a client is" in shell.error("SELECT postern('office', x'c0000201');")
        assert "told a policy" in shell.error("SELECT * FROM postern_rules;")
        for words in ("postern('office')", "postern('office', '::', 'a', 'b', 'c')", "postern_env('office', '::')"):
            assert "wrong number of arguments" in shell.error(f"SELECT {words};")

    def folders(folder):
        """Without POSTERN_POLICY_FOLDER: what lies in the working directory, and no further."""
        place = policies(folder)
        shutil.copy(os.path.join(place, "office"), os.path.join(place, "folder", "inner"))
        ask = "SELECT " + ASK + ";"
        for folder_named in (None, ""):
            here = Shell(args, folder_named, cwd=place)
            assert here.ask(ask.format("'office'")) == "allow\n"
            for name in ("folder/inner", "./office", os.path.join(place, "office"), "../outside", "without"):
                assert OUTSIDE in here.error(ask.format(f"'{name}'")), name
        assert Shell(args, place, cwd="/").ask(ask.format("'folder/inner'")) == "allow\n"
        assert Shell(args, "policies", cwd=folder).ask(ask.format("'office'")) == "allow\n"
        assert MISSING in Shell(args, "/nonexistent").error(ask.format("'office'"))

    def a_schema_cannot_call_it(folder):
        """Nor a file of somebody else's: it reads files."""
        shell = Shell(args, policies(folder))
        for schema, use in (
                ("CREATE VIEW v AS SELECT postern('office', '192.0.2.1');", "SELECT * FROM v;"),
                ("CREATE VIEW v AS SELECT * FROM postern_rules('office');", "SELECT * FROM v;"),
                ("CREATE TABLE t (x); CREATE TRIGGER r AFTER INSERT ON t BEGIN "
                 "SELECT postern('office', '192.0.2.1'); END;", "INSERT INTO t VALUES (1);"),
                ("CREATE TABLE t (x DEFAULT (postern_env('office', '192.0.2.1', NULL, NULL, 'ROLE')));",
                 "INSERT INTO t DEFAULT VALUES;")):
            assert "unsafe use" in shell.error(schema + use), schema
        assert "non-deterministic" in shell.error(
            "CREATE TABLE t (x); CREATE INDEX i ON t (postern('office', x));")

    def a_file_is_followed_by_the_next_statement(folder):
        place = policies(folder)
        path = os.path.join(place, "followed")
        for verdict in ("allow", "deny"):
            source = os.path.join(folder, "source.rules")
            W.write(source, f"postern: 1\n* : {verdict}\n".encode())
            W.make(args.bin, source, os.path.join(folder, verdict))
        images = {v: W.read(os.path.join(folder, v)) for v in ("allow", "deny")}
        assert len(images["allow"]) == len(images["deny"])
        os.environ["POSTERN_POLICY_FOLDER"] = place
        db = connected(Shell(args, place))
        ask = "SELECT " + ASK.format("?")

        def told():
            try:
                return db.execute(ask, ("followed",)).fetchall()[0][0]
            except sqlite3.OperationalError as error:
                return str(error).rpartition(": ")[2]

        assert told() == MISSING
        for n in range(200):
            verdict = ("allow", "deny")[n % 2]
            (W.replace if n % 3 else W.write)(path, images[verdict])
            assert told() == verdict, n
        W.write(path, images["allow"][:-1])
        assert told() == DAMAGED
        os.truncate(path, 0)
        assert told() == DAMAGED
        W.replace(path, images["allow"])
        # a statement that is under way goes on as it began, whatever becomes of the file
        rows = db.execute("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
                          "SELECT postern('followed', '192.0.2.' || i) FROM n")
        rules = db.execute("SELECT verdict FROM postern_rules('followed')")
        assert rows.fetchone() == ("allow",)
        W.replace(path, images["deny"])
        assert set(rows.fetchmany(40)) == {("allow",)}
        os.truncate(path, 0)
        assert told() == DAMAGED
        assert set(rows.fetchall()) == {("allow",)}
        assert rules.fetchall() == [("allow",)]
        # with a policy that each row names, each row looks
        W.replace(path, images["deny"])
        rows = db.execute("SELECT postern(column1, '192.0.2.1') FROM (VALUES "
                          + ", ".join(["('followed')"] * 10) + ")")
        assert rows.fetchone() == ("deny",)
        W.replace(path, images["allow"])
        assert rows.fetchall()[-5:] == [("allow",)] * 5
        db.close()

    def hostile_files_are_refused_or_answer(folder):
        place = policies(folder)
        os.environ["POSTERN_POLICY_FOLDER"] = place
        db = connected(Shell(args, place))
        rng = random.Random(30)
        images = [W.read(os.path.join(place, name)) for name in ("office", "classic")]
        seen = set()
        for _ in range(args.damaged):
            W.replace(os.path.join(place, "hostile"), W.damaged(rng.choice(images), rng))
            for ask in ("SELECT postern('hostile', '192.0.2.1', 'mx.example.org', 'alice')",
                        "SELECT count(hex(rule)), count(hex(env)) FROM postern_rules('hostile')"):
                try:
                    db.execute(ask).fetchall()
                    seen.add("")
                except sqlite3.OperationalError as error:
                    seen.add(str(error).rpartition(": ")[2])
        assert {"", DAMAGED} <= seen <= {"", DAMAGED, NEWER, MISSING}, seen
        db.close()

    def memory_that_is_short_denies_nobody_and_allows_nobody(folder):
        """Under every limit of SQLite's heap a statement answers as ever, or fails."""
        shell = Shell(args, policies(folder))
        text = ("SELECT postern('office', '192.0.2.1', printf('%.*c', 3000, 'x'), 'alice') || "
                "postern_env('office', '192.0.2.1', NULL, 'alice', 'ROLE') || count(env) "
                "FROM postern_rules('office');")
        base = int(shell.ask("SELECT 1;\n.stats on\nSELECT 1;").split("Memory Used:")[1].split()[0])
        seen = {"answers": 0, "fails": 0}
        for limit in range(base, base + 60000, 500):
            done = shell.run(f"PRAGMA hard_heap_limit = {limit};\n{text}")
            told = done.stdout.splitlines()[1:]
            assert done.returncode in (0, 1) and told in ([], ["allowadmin3"]), (limit, done)
            assert bool(told) == (not done.stderr), (limit, done)
            seen["answers" if told else "fails"] += 1
        assert all(seen.values()), seen

    def rows_are_answered_as_check_answers_them(folder):
        place = policies(folder)
        shell = Shell(args, place)
        for policy, count in (("office", args.rows), ("classic", args.rows // 10)):
            asked = W.rows(count, seed=count)
            path = os.path.join(folder, "asked.tsv")
            with open(path, "w", encoding="utf-8") as out:
                out.writelines("\t".join(f or "-" for f in row) + "\n" for row in asked)
            env = " || char(9) || ".join(
                f"coalesce(postern_env('{policy}', a, nullif(h, '-'), nullif(i, '-'), '{name}'), '-')"
                for name in W.NAMES)
            told = shell.ask(f"""CREATE TABLE asked (a, h, i);
.mode tabs
.import {path} asked
.mode list
SELECT postern('{policy}', a, nullif(h, '-'), nullif(i, '-')) || char(9) || {env} FROM asked ORDER BY rowid;""")
            ours = []
            for line in W.answers(args.bin, os.path.join(place, policy), asked):
                verdict, _step, _place, _rule, *values = line.split("\t")
                ours.append("\t".join([verdict, *values]))
            lines = told.splitlines()
            wrong = [(r, a, b) for r, a, b in zip(asked, ours, lines) if a != b]
            assert len(ours) == len(lines) == count and not wrong, (len(wrong), wrong[:3])
        print(f"{args.rows} rows equal")

    def many_policies_are_kept_and_given_up(folder):
        place = policies(folder)
        for n in range(40):
            shutil.copy(os.path.join(place, ("office", "classic")[n % 2]), os.path.join(place, f"many{n}"))
        told = Shell(args, place).ask(
            "WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 3999) "
            "SELECT DISTINCT i % 2, postern('many' || (i % 40), '203.0.113.1', 'mx.example.org') FROM n ORDER BY 1;")
        assert told == "0|deny\n1|allow\n", told

    def the_page_says_what_happens(_):
        W.page("sqlite", args.bin, {"LD_LIBRARY_PATH": os.path.dirname(args.extension)})

    return [answers, nothing_known_is_null, errors_say_what_is_wrong, folders, a_schema_cannot_call_it,
            a_file_is_followed_by_the_next_statement, hostile_files_are_refused_or_answer,
            memory_that_is_short_denies_nobody_and_allows_nobody, rows_are_answered_as_check_answers_them,
            many_policies_are_kept_and_given_up, the_page_says_what_happens]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="with bin")
    parser.add_argument("--extension", required=True, help="mod_postern, without its ending")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--damaged", type=int, default=5000)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.bin = os.path.join(os.path.abspath(args.build), "bin")
    args.extension = os.path.abspath(args.extension)
    return runner.run(tests(args), args.names)


if __name__ == "__main__":
    sys.exit(main())
