#!/usr/bin/env python3
"""The extension for PostgreSQL in a real server, which is started for it: in a folder of its own, as
an ordinary user, on a socket there. Debian's programs are run from where they lie, or from where
./dev unpacked them; nothing is installed.
"""
import argparse
import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), HERE]
import postgresql_server  # noqa: E402
import runner  # noqa: E402
import sql_world as W  # noqa: E402

ANSWER = """concat_ws(E'\\t', (d).verdict, (d).step, coalesce((d).file || ':' || (d).line, '-'),
    coalesce((d).rule, '-'), """ + ", ".join(
        f"coalesce((d).env ->> '{name}', '-')" for name in W.NAMES) + ")"
FAILURES = {"58P01", "XX001", "0A000", "55006"}


def tests(server, args):
    folder = server.policies

    def regression(_):
        """bindings/postgresql/sql, by pg_regress."""
        server.regression()

    def what_may_not_be_read_is_refused(_):
        """As the ordinary user that the server is, also where the test is root."""
        os.chown(os.path.join(folder, "closed"), 0, 0) if os.getuid() == 0 else None
        with server.session() as session:
            assert session.state("SELECT postern_allows('closed', '192.0.2.1')") == "42501"
            held = os.path.join(folder, "held")
            os.mkdir(held)
            W.write(os.path.join(held, "office"), W.read(os.path.join(folder, "office")))
            assert session.ask("SELECT postern_allows('held/office', '192.0.2.1')") == ["t"]
            os.chmod(held, 0)
            assert session.state("SELECT postern_allows('held/office', '192.0.2.1')") == "42501"

    def only_a_superuser_installs_it(_):
        with server.session() as session:
            session.ask("CREATE ROLE plain LOGIN; CREATE DATABASE plain OWNER plain")
            try:
                with server.session(user="plain", database="plain") as plain:
                    assert plain.state("CREATE EXTENSION postern") == "42501"
                # before the library is loaded the name is anybody's; what it was given is not taken
                with server.session(user="plain") as plain:
                    plain.ask(f"SET postern.policy_folder = '{server.folder}'")
                    assert plain.state("SELECT postern_allows('outside', '192.0.2.1')") == "58P01"
                    assert plain.ask("SELECT postern_allows('office', '192.0.2.1')") == ["t"]
                    assert plain.state("SET postern.policy_folder = '/etc'") == "42501"
            finally:
                session.ask("DROP DATABASE plain; DROP ROLE plain")

    def a_file_is_followed_by_the_next_command(_):
        """However it changes, and however soon; a session that has it open need not end."""
        path = os.path.join(folder, "followed")
        allow, deny = (server.compiled(f"* : {verdict}\n") for verdict in ("allow", "deny"))
        assert len(allow) == len(deny)  # in place, size and perhaps times stay the same
        ask = "SELECT postern_allows('followed', '192.0.2.1')"
        with server.session() as session:
            assert session.state(ask) == "58P01"
            for round_ in range(200):
                image, told = ((allow, "t"), (deny, "f"))[round_ % 2]
                (W.replace if round_ % 3 else W.write)(path, image)
                assert session.ask(ask) == [told], round_
            W.write(path, allow[:-1])
            assert session.state(ask) == "XX001"
            W.write(path, deny)
            assert session.ask(ask) == ["f"]
            os.unlink(path)
            assert session.state(ask) == "58P01"
            W.replace(path, allow)
            assert session.ask(ask) == ["t"]
            os.rename(folder, folder + ".away")
            assert session.state(ask) == "58P01"
            os.rename(folder + ".away", folder)
            assert session.ask(ask) == ["t"]

    def one_command_is_answered_from_one_file(_):
        """A command during which the file is replaced goes on as it began; so does each
        transaction of a procedure."""
        path = os.path.join(folder, "steady")
        allow, deny = (server.compiled(f"* : {verdict}\n") for verdict in ("allow", "deny"))
        W.write(path, allow)
        W.write(path + ".next", deny)
        with server.session() as session:
            session.ask("CREATE FUNCTION rename_it(text, text) RETURNS void LANGUAGE plpgsql AS "
                        "$$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', "
                        "format('mv %s %s', $1, $2)); END $$")
            swap = f"rename_it('{path}.next', '{path}')"
            ask = "postern_allows('steady', '192.0.2.1')"
            session.ask("CREATE TABLE told (answer boolean)")
            session.ask(f"DO $$ BEGIN INSERT INTO told SELECT {ask}; PERFORM {swap}; "
                        f"INSERT INTO told SELECT {ask}; COMMIT; INSERT INTO told SELECT {ask}; END $$")
            told = session.ask("SELECT answer FROM told")
            assert told == ["t", "t", "f"], told

    def answers_are_those_of_check(_):
        """Of as many rows as --rows says, from a table, in one process and in parallel."""
        for name, count in (("office", args.rows), ("classic", args.rows // 10)):
            asked = W.rows(count, seed=count)
            with server.session() as session:
                session.ask("DROP TABLE IF EXISTS asked; CREATE TABLE asked "
                            "(n int, client inet, host text, ident text)")
                path = os.path.join(server.folder, "asked.tsv")
                with open(path, "w", encoding="utf-8") as out:
                    for n, row in enumerate(asked):
                        out.write("\t".join([str(n), *(f or "\\N" for f in row)]) + "\n")
                session.ask(f"COPY asked FROM '{path}'; ANALYZE asked")
                out = os.path.join(server.folder, "out", "answers.tsv")
                # OFFSET 0: or each column would call the function again
                session.ask(f"COPY (SELECT {ANSWER} FROM (SELECT n, postern_decide('{name}', client, "
                            f"host, ident) AS d FROM asked OFFSET 0) AS x ORDER BY n) TO '{out}' "
                            "WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')")
                with open(out, encoding="utf-8") as told:
                    lines = told.read().split("\n")[:-1]
                ours = list(W.answers(args.bin, os.path.join(folder, name), asked))
                wrong = [(r, a, b) for r, a, b in zip(asked, ours, lines) if a != b]
                assert len(ours) == len(lines) == count and not wrong, (len(wrong), wrong[:3])
                for setting in ("0", "3"):
                    session.ask(f"SET max_parallel_workers_per_gather = {setting}")
                    told = session.ask(f"SELECT count(*) FROM asked WHERE postern_allows('{name}', "
                                       "client, host, ident)")
                    assert told == [str(sum(a.startswith("allow") for a in ours))], told
        print(f"{args.rows} rows equal")

    def a_parallel_plan_calls_it_in_workers(_):
        with server.session() as session:
            session.ask("CREATE TABLE few AS SELECT inet '192.0.2.0' + n AS client FROM "
                        "generate_series(1, 50000) n; ANALYZE few")
            session.ask("SET max_parallel_workers_per_gather = 3")
            where = "FROM few WHERE postern_allows('office', client)"
            plan = "\n".join(session.ask(f"EXPLAIN (ANALYZE, VERBOSE, COSTS OFF) SELECT count(*) {where}"))
            assert "Parallel Seq Scan" in plan and "Workers Launched: 3" in plan, plan
            assert "Filter: postern_allows" in plan.replace("public.", ""), plan
            session.ask("SET force_parallel_mode = on; SET parallel_leader_participation = off")
            assert session.ask(f"SELECT count(*) {where}") == ["255"]
            # an error of a worker is that of the command
            bad = "SELECT count(*) FROM few WHERE postern_allows('damaged', client)"
            assert session.state(bad) == "XX001"

    def hostile_files_end_no_backend(_):
        """Damaged at random, they are refused or answer; the session that asks lives on."""
        rng = random.Random(20)
        images = [W.read(os.path.join(folder, name)) for name in ("office", "classic")]
        path = os.path.join(folder, "hostile")
        ask = ("SELECT count((postern_decide('hostile', client, host, ident)).rule) FROM (VALUES "
               "(inet '192.0.2.1', 'mx.example.org', 'alice'), ('2001:db8::1', NULL, NULL), "
               "('203.0.113.9', 'a.b.example.org', '')) AS q (client, host, ident)")
        seen = set()
        with server.session() as session:
            process = session.ask("SELECT pg_backend_pid()")
            for _round in range(args.damaged):
                W.replace(path, W.damaged(rng.choice(images), rng))
                seen.add(session.state(ask))
                session.state("SELECT * FROM postern_trace('hostile', '192.0.2.1', 'mx.example.org')")
            assert session.ask("SELECT pg_backend_pid()") == process
        assert seen <= {"", "XX001", "0A000", "22021", "58P01"} and {"", "XX001"} <= seen, seen

    def replaced_under_load(_):
        """Sessions ask without a pause while the file is renamed over, cut off in place, damaged and
        taken away: each answer is of one of the policies, or an error that says what was there."""
        path = os.path.join(folder, "busy")
        lines = "".join(f"10.{n // 256}.{n % 256}.0/24 : deny\n" for n in range(5000))
        images = [server.compiled(lines + f"* : {verdict}\n") for verdict in ("allow", "deny")]
        W.write(path, images[0])
        rng = random.Random(21)
        clients = [server.load("busy", args.load) for _ in range(3)]
        turns = 0
        while any(c.poll() is None for c in clients):
            turns += 1
            image = rng.choice(images)
            kind = rng.randrange(5)
            if kind == 0:
                W.write(path, image)  # in place: it is empty at first
            elif kind == 1:
                os.truncate(path, rng.randrange(os.path.getsize(path) + 1))
            elif kind == 2:
                W.write(path, W.damaged(image, rng))
            else:
                W.replace(path, image)
        seen = {}
        for client in clients:
            told = client.stdout.read().split()
            assert client.wait() == 0
            assert len(told) == args.load, len(told)
            for word in told:
                seen[word] = seen.get(word, 0) + 1
        assert set(seen) <= {"true", "false"} | FAILURES, seen
        assert {"true", "false", "XX001"} <= set(seen) and turns > 10, (seen, turns)

    def memory_is_bounded_and_given_back(_):
        """By files of policies, by errors, and by commands."""
        size = ("SELECT coalesce(sum(used_bytes), 0) FROM pg_backend_memory_contexts WHERE name "
                "= 'postern policies' OR parent = 'postern policies'")
        lines = "".join(f"10.{n // 256}.{n % 256}.0/24 : {('deny', 'allow')[n % 2]}\n" for n in range(20000))
        image = server.compiled(lines + "* : deny\n")
        for n in range(40):
            W.write(os.path.join(folder, f"many{n}"), image)
        with server.session() as session:
            ask = "SELECT postern_allows('many{0}', '10.0.0.1')"
            session.ask(f"SET postern.cache_size = '{3 * len(image) // 1024 + 1}kB'")
            for n in range(40):
                session.ask(ask.format(n))
                session.state("SELECT postern_allows('damaged', '192.0.2.1')")
            held = int(session.ask(size)[0])
            assert 2 * len(image) < held < 3.5 * len(image), (held, len(image))
            session.ask("SET postern.cache_size = '1GB'")
            for n in range(40):
                session.ask(ask.format(n))
            held = int(session.ask(size)[0])
            assert 15 * len(image) < held < 16.5 * len(image), (held, len(image))
            session.ask("SET postern.cache_size = 0")
            session.ask(ask.format(0) + "; ")
            session.ask("SET postern.policy_folder = '/nonexistent'")
            held = int(session.ask(size)[0])
            assert held < 20000, held

    def shortages_are_told_and_pass(_):
        """Of memory and of descriptors: the backend is denied more of them for a while."""
        lines = "".join(f"10.{n // 256}.{n % 256}.0/24 : {('deny', 'allow')[n % 2]}\n" for n in range(65536))
        W.write(os.path.join(folder, "large"), server.compiled(lines + "* : deny\n"))
        size = os.path.getsize(os.path.join(folder, "large"))
        ask = "SELECT postern_allows('large', '10.0.0.1')"
        with server.session() as session:
            pid = int(session.ask("SELECT pg_backend_pid()")[0])
            assert session.state("SELECT postern_allows('absent', '::')") == "58P01"
            with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
                pages = int(statm.read().split()[0])
            for what, soft, state in (("as", pages * os.sysconf("SC_PAGESIZE") + size // 2, "53200"),
                                      ("nofile", 3, "53000")):
                before = server.limit(pid, what)
                server.limit(pid, what, soft)
                told = session.state(ask)
                server.limit(pid, what, before)
                assert told == state, (told, state)
            assert session.ask(ask) == ["f"]
            assert int(session.ask("SELECT pg_backend_pid()")[0]) == pid

    def files_that_end_early_or_cannot_be_read(_):
        """The kernel has both: one that is shorter than its size at every try, as one is that is cut off again
        and again, and one whose reading the system refuses."""
        with server.session() as session:
            for path, state in (("/sys/kernel/uevent_seqnum", "55006"), ("/sys/devices/virtual/net/lo/speed", "58030")):
                assert os.path.getsize(path) == 4096, path
                session.ask(f"SET postern.policy_folder = '{os.path.dirname(path)}'")
                assert session.state(f"SELECT postern_allows('{os.path.basename(path)}', '::')") == state, path
            session.ask("RESET postern.policy_folder")
            assert session.ask("SELECT postern_allows('office', '192.0.2.1')") == ["t"]

    def texts_of_another_encoding(_):
        """A database in LATIN1 gets the texts of a policy, which are UTF-8, in its own."""
        with server.session() as session:
            session.ask("CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
        with server.session(database="latin") as latin:
            latin.ask("CREATE EXTENSION postern; SET client_encoding = LATIN1")
            told = latin.ask("SELECT encode(convert_to(postern_env('office', '192.0.2.1', NULL, NULL, "
                             "'TAG'), 'LATIN1'), 'hex')")
            assert told == ["größer".encode("latin-1").hex()], told
        raw = os.path.join(folder, "raw")
        W.write(raw, server.compiled(b':allow,NAME="\xff"\n'))
        with server.session() as session:
            assert session.state("SELECT postern_env('raw', '192.0.2.1', NULL, NULL, 'NAME')") == "22021"
            assert session.ask("SELECT postern_allows('raw', '192.0.2.1')") == ["t"]

    def the_page_says_what_happens(_):
        with server.session() as session:
            session.ask("CREATE DATABASE page")
        W.page("postgresql", args.bin,
               {**server.env, "PATH": args.bin + ":" + server.env["PATH"], "PGDATABASE": "page"},
               lambda work: os.symlink(folder, os.path.join(work, "policies")))

    return [regression, what_may_not_be_read_is_refused, only_a_superuser_installs_it,
            a_file_is_followed_by_the_next_command, one_command_is_answered_from_one_file,
            answers_are_those_of_check, a_parallel_plan_calls_it_in_workers,
            hostile_files_end_no_backend, replaced_under_load, memory_is_bounded_and_given_back,
            shortages_are_told_and_pass,
            files_that_end_early_or_cannot_be_read, texts_of_another_encoding, the_page_says_what_happens]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="with bin and runtime/libpostern.so")
    parser.add_argument("--originals", help="where Debian's packages are unpacked; else they are installed")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--damaged", type=int, default=2000)
    parser.add_argument("--load", type=int, default=3000, help="calls of each of three sessions")
    parser.add_argument("--update", action="store_true", help="take what the regression tests say")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.bin = os.path.join(os.path.abspath(args.build), "bin")
    with tempfile.TemporaryDirectory(prefix="postern-pg-") as folder:
        try:
            server = postgresql_server.Server(folder, args)
        except postgresql_server.Unavailable as why:
            print(f"SKIPPED: {why}")
            return 77
        with server:
            status = runner.run(tests(server, args), args.names)
            status |= server.ended_by_signal()
        return status


if __name__ == "__main__":
    sys.exit(main())
