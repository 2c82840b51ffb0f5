#!/usr/bin/env python3
"""The counts of tcpserver -k: exact beside replacements and recompiles of the rules, whole
after an end at any moment, and what is no file of counts stays what it was."""
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import counts  # noqa: E402
import observe  # noqa: E402
import runner  # noqa: E402

PLAIN = "-RHl0"


def options(parser):
    parser.add_argument("--count", type=int, default=1200, help="of connections")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--no-memory-limit", action="store_true",
                        help="of programs that need memory of their own")


SUITE = runner.Suite(options)
test = SUITE.test


def postern(c, *words, status=0, **more):
    done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), *words], cwd=c.folder,
                          capture_output=True, text=True, check=False, **more)
    assert done.returncode == status, (words, done)
    return done.stdout


def compile_rules(c, text, *words):
    """Takes the place of rules.cdb as a whole; the source keeps its name."""
    c.write("mail.rules", text.encode())
    postern(c, "compile", "mail.rules", "-o", "rules.cdb", *words)


def hits(c, *words, status=0):
    """By target, of what `postern hits` says."""
    told = json.loads(postern(c, "hits", "counts", *words, "--format", "json", status=status))
    return told["totals"], {r.get("target", r["state"]): r for r in told["rules"]}


def ask(server, source):
    client = server.connect(source=source)
    got = client.read()
    client.close()
    return got


def end(server):
    """Ends it as its supervisor does: all that it has counted is in the file then."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(observe.PATIENCE) == 0


def counted(c, *args, **more):
    return c.server(PLAIN, "-k", c.path("counts"), "-x", c.path("rules.cdb"), *args,
                    program=["echo", "yes"], **more)


POLICY = """postern: 1
127.0.1.0/24 : deny
127.0.2.0/24 : allow, rate 3/hour
127.0.3.0/24 : allow, TAG="three"
* : allow
"""


@test
def each_client_is_counted_once_by_its_rule(c):
    compile_rules(c, POLICY)
    with counted(c) as server:
        for n in range(5):
            for source, served in (("127.0.1.1", False), ("127.0.2.1", n < 3),
                                   ("127.0.3.1", True), ("127.0.9.1", True)):
                assert (ask(server, source) == b"yes\n") == served, (n, source)
        end(server)
    totals, rules = hits(c)
    assert totals == {"accepted": 20, "served": 13, "denied": 5, "limited": 0, "rated": 2,
                      "dropped": 0, "penalised": 0}, totals
    assert {t: (r["hits"], r["limited"], r["rated"]) for t, r in rules.items()} == {
        "127.0.1.0/24": (5, 0, 0), "127.0.2.0/24": (5, 0, 2), "127.0.3.0/24": (5, 0, 0),
        "*": (5, 0, 0)}, rules
    seen = counts.Counts(c.path("counts"))
    assert seen.rules_path == c.path("rules.cdb") and seen.odd == 0
    assert seen.decisions[0] == sum(seen.decisions[2:]) >= 20


@test
def a_limit_that_refuses_is_counted_for_its_rule_and_one_of_the_server_is_not(c):
    compile_rules(c, "postern: 1\n127.0.2.0/24 : allow, limit 1\n* : allow\n")
    with c.server(PLAIN, "-C", 2, "-k", c.path("counts"), "-x", c.path("rules.cdb"),
                  program=["cat"]) as server:
        first = server.connect(source="127.0.2.1", send=b"a")
        assert first.socket.recv(1) == b"a"
        for _ in range(3):
            assert ask(server, "127.0.2.1") == b""
        others = [server.connect(source="127.0.9.1", send=b"a") for _ in range(2)]
        assert all(o.socket.recv(1) == b"a" for o in others)
        assert ask(server, "127.0.9.1") == b""
        observe.settle(lambda: hits(c)[0]["limited"] == 4, lambda: hits(c))
        for client in [first, *others]:
            client.close()
    _, rules = hits(c)
    assert (rules["127.0.2.0/24"]["hits"], rules["127.0.2.0/24"]["limited"]) == (4, 3), rules
    assert (rules["*"]["hits"], rules["*"]["limited"]) == (2, 0), rules


@test
def counts_are_exact_beside_replacements_recompiles_and_starts(c):
    rng, wanted, accepted = random.Random(5), {}, 0
    sources = [f"127.0.{n}.1" for n in range(1, 8)]
    targets = [f"127.0.{n}.0/24" for n in range(1, 6)]

    def policy():
        lines = [f"{t} : {'deny' if t == targets[0] else 'allow'}"
                 for t in targets if t == targets[0] or rng.random() < 0.7]
        rng.shuffle(lines)
        remarks = ["# a remark that moves every line"] * rng.randrange(5)
        return "\n".join(["postern: 1", *remarks, *lines, "* : allow", ""]), lines

    text, lines = policy()
    compile_rules(c, text)
    for _ in range(3):  # starts
        with counted(c) as server:
            for n in range(SUITE.args.count // 3):
                if n % 40 == 39:
                    text, lines = policy()
                    compile_rules(c, text, *(["--strip"] if rng.random() < 0.5 else []))
                source = rng.choice(sources)
                target = source[:-1] + "0/24"
                rule = next((line for line in lines if line.startswith(target + " ")), "* : allow")
                assert (ask(server, source) == b"") == rule.endswith("deny")
                wanted[rule.split(" : ")[0]] = wanted.get(rule.split(" : ")[0], 0) + 1
                accepted += 1
            end(server)
    text = "\n".join(["postern: 1", f"{targets[0]} : deny", *(f"{t} : allow" for t in targets[1:]),
                      "* : allow", ""])
    compile_rules(c, text)
    totals, rules = hits(c)
    assert totals["accepted"] == accepted and totals["served"] + totals["denied"] == accepted
    assert {t: r["hits"] for t, r in rules.items() if r["hits"]} == wanted, (rules, wanted)


@test
def classic_rules_are_counted_by_their_keys(c):
    c.rules("127.0.1.:deny\n127.0.2.1:allow\n:allow\n", "rules.cdb")
    with counted(c) as server:
        for source in ("127.0.1.1", "127.0.1.2", "127.0.2.1", "127.0.9.1"):
            ask(server, source)
        os.rename(c.rules("127.0.2.1:allow\n127.0.3.:allow\n127.0.1.:deny\n", "new.cdb"),
                  c.path("rules.cdb"))
        ask(server, "127.0.1.3")
        ask(server, "127.0.9.1")  # no rule matches: allowed
    _, rules = hits(c)
    assert {t: r["hits"] for t, r in rules.items()} == {
        "127.0.1.": 3, "127.0.2.1": 1, "127.0.3.": 0, "gone": 1, "none": 1}, rules


@test
def after_an_end_at_any_moment_nothing_is_torn(c):
    compile_rules(c, POLICY)
    rng, least = random.Random(1), 0
    for _ in range(SUITE.args.kills):
        with counted(c) as server:
            done = 0
            for _ in range(rng.randrange(1, 30)):
                done += ask(server, "127.0.3.1") == b"yes\n"
            late = server.connect(source="127.0.3.1")  # it may be counted, or not
            server.process.kill()
            server.process.wait(observe.PATIENCE)
            late.close()
        seen = counts.Counts(c.path("counts"))
        assert seen.odd <= 1
        row = max(r["hits"] for r in seen.rows.values())
        least += done
        assert least <= row <= least + 1, (least, row)
        least = row
        assert abs(hits(c)[0]["accepted"] - row) <= SUITE.args.kills


@test
def readers_see_whole_rows_while_they_are_written(c):
    compile_rules(c, "postern: 1\n127.0.1.0/24 : deny\n* : allow\n")
    with counted(c) as server:
        ask(server, "127.0.1.1")
        busy = subprocess.Popen([sys.executable, "-c", "import socket\nfor _ in range(4000):\n"
                                 " s = socket.socket(); s.bind(('127.0.1.1', 0))\n"
                                 f" s.connect(('127.0.0.1', {server.port})); s.recv(1); s.close()"])
        before = 0
        while busy.poll() is None:
            now = hits(c)[1]["127.0.1.0/24"]["hits"]
            assert now >= before
            before = now
        assert busy.returncode == 0
        observe.settle(lambda: hits(c)[1]["127.0.1.0/24"]["hits"] == 4001, lambda: hits(c))


@test
def two_servers_do_not_count_in_one_file(c):
    compile_rules(c, POLICY)
    with counted(c):
        c.lines.clear()
        c.run("tcpserver", PLAIN, "-k", "counts", "127.0.0.1", "0", "true")
        assert c.lines == ["status 111", "out ", "err tcpserver: fatal: unable to count in "
                           "counts: another server counts in it\n"], c.lines
    with counted(c) as server:
        assert ask(server, "127.0.3.1") == b"yes\n"


def damaged(good):
    """Files that are none, with what is said of them."""
    def put(at, data):
        return good[:at] + data + good[at + len(data):]
    yield b"mail log of last week\n" * 1000, "it holds no counts"
    yield b"p", "it holds no counts"
    yield good[:4000], "it holds no counts|it is cut short"
    yield good[:8192 + 64], "it is cut short"
    yield put(16, b"\1\2\3\4"), "it is of a machine with another byte order"
    yield put(20, b"\2\0\0\0"), "it is of a newer version"
    yield put(20, b"\0\0\0\0"), "it is damaged"
    yield put(50, b"x"), "it is damaged"
    yield put(counts.AT_MOVING, b"\xff" * 7), "it is damaged"
    yield put(counts.AT_MOVING, b"\xff\xff"), "it is cut short"
    yield put(8192 + 4, b"\7"), "it is damaged"
    yield put(8192 + 8, bytes(8)), "it is damaged"


@test
def what_is_no_file_of_counts_is_refused_and_kept(c):
    compile_rules(c, POLICY)
    with counted(c) as server:
        for source in ("127.0.1.1", "127.0.3.1", "127.0.9.1"):
            ask(server, source)
    with open(c.path("counts"), "rb") as source:
        good = source.read()
    for data, fault in damaged(good):
        c.write("bad", data)
        for program, words in (("tcpserver", [PLAIN, "-k", "bad", "127.0.0.1", "0", "true"]),
                               ("postern", ["hits", "bad"])):
            c.lines.clear()
            c.run(program, *words)
            status = 111 if program == "tcpserver" else 2
            assert c.lines[0] == f"status {status}" and re.search(fault, c.lines[2]), (
                data[:60], c.lines)
        with open(c.path("bad"), "rb") as source:
            assert source.read() == data, fault
    os.mkdir(c.path("folder"))
    for name in ("folder", "/dev/null", "no/such/folder"):
        c.lines.clear()
        c.run("tcpserver", PLAIN, "-k", name, "127.0.0.1", "0", "true")
        assert c.lines[0] == "status 111" and "unable to count in" in c.lines[2], c.lines
    c.write("bad", b"")  # an empty one is new
    with c.server(PLAIN, "-k", c.path("bad"), "-x", c.path("rules.cdb"),
                  program=["echo", "yes"]) as server:
        assert ask(server, "127.0.3.1") == b"yes\n"
        end(server)
    assert counts.Counts(c.path("bad")).totals["accepted"] == 1


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


@test
def without_room_a_server_does_not_start_and_one_that_runs_goes_on(c):
    compile_rules(c, POLICY)
    c.lines.clear()
    c.run("tcpserver", PLAIN, "-k", "counts", "127.0.0.1", "0", "true", preexec_fn=small_files)
    assert c.lines[0] == "status 111" and "unable to count in" in c.lines[2], c.lines
    disk = c.path("disk")
    os.mkdir(disk)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False)
    assert done.returncode == 0
    try:
        with c.server(PLAIN, "-k", disk + "/counts", "-x", c.path("rules.cdb"),
                      program=["echo", "yes"]) as server:
            assert ask(server, "127.0.3.1") == b"yes\n"
            filler = os.open(disk + "/full", os.O_WRONLY | os.O_CREAT)
            try:
                while os.write(filler, bytes(4096)):
                    pass
            except OSError:
                os.close(filler)  # the disk is full
            many = "".join(f"127.{n // 250}.{n % 250}.0/24 : allow\n" for n in range(600))
            compile_rules(c, "postern: 1\n" + many + "* : allow\n")
            assert ask(server, "127.0.3.1") == b"yes\n"
            server.wait_for(b"unable to count for new rules: out of disk space\n")
            server.said(b"unable to count for new rules")
            for n in range(200):
                assert ask(server, f"127.0.{n}.1") == b"yes\n"
            end(server)
        seen = counts.Counts(disk + "/counts")
        assert seen.totals["accepted"] == 202 and seen.uncounted > 50, vars(seen)
        assert sum(r["hits"] for r in seen.rows.values()) + seen.uncounted == 202
    finally:
        subprocess.run(["umount", disk], check=True)


@test
def without_memory_for_more_rows_it_goes_on_and_ends_nobody(c):
    if SUITE.args.no_memory_limit:
        return
    targets = [f"127.{n // 250}.{n % 250}.0/24" for n in range(1, 700)]

    def many(verdict):
        return "postern: 1\n" + "".join(f"{t} : {verdict}\n" for t in targets) + "* : allow\n"
    compile_rules(c, many("deny"))
    os.rename(c.path("rules.cdb"), c.path("next.cdb"))
    compile_rules(c, many("allow"))
    for spare in range(0, 300, 20):  # KiB beside what it takes to serve
        if os.path.exists(c.path("counts")):
            os.unlink(c.path("counts"))
        with counted(c, "--shadow", c.path("next.cdb")) as server:
            assert ask(server, "127.0.1.1") == b"yes\n"
            with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
                data = int(re.search(r"VmData:\s*(\d+)", status.read())[1]) * 1024
            resource.prlimit(server.process.pid, resource.RLIMIT_DATA,
                             (data + spare * 1024, data + spare * 1024))
            for n in range(1, 700, 2):
                ask(server, f"127.{n // 250}.{n % 250}.1")  # some are dropped
            assert server.process.poll() is None, spare
            end(server)
        seen = counts.Counts(c.path("counts"))
        assert seen.totals["accepted"] == 351, vars(seen)
        assert sum(r["hits"] for r in seen.rows.values()) + sum(
            p["count"] for p in seen.pairs.values()) + seen.uncounted >= 300, (spare, vars(seen))


@test
def what_a_file_names_is_opened_only_when_it_is_a_plain_file_there(c):
    compile_rules(c, POLICY)
    os.mkfifo(c.path("fifo"))
    subprocess.run(["git", "init", "-q", "."], cwd=c.folder, check=True)
    for name in ("fifo", c.path("fifo"), "-", "HEAD:mail.rules", "rules.cdb", "mail.rules", "/dev/zero",
                 "/proc/self/environ", c.folder, c.path("none")):
        for field in ("rules", "shadow"):
            c.write("named", counts.write(rows=[(7, 1, 1, 0, 0)], **{field: name.encode()}))
            told = postern(c, "hits", "named", *(["--shadow"] if field == "shadow" else []),
                           timeout=observe.PATIENCE)
            assert "mail.rules" not in told, (name, told)
    c.write("named", counts.write(rows=[(7, 1, 1, 0, 0)], rules=c.path("rules.cdb").encode()))
    assert "mail.rules:2" in postern(c, "hits", "named")


@test
def a_file_takes_no_more_memory_than_it_has_rows(c):
    holes = counts.write(rows=[])
    holes = holes[:counts.AT_MOVING] + ((1 << 29) // 64 - 200).to_bytes(8, "little") + \
        holes[counts.AT_MOVING + 8:]
    with open(c.path("holes"), "wb") as out:
        out.write(holes)
        out.truncate((1 << 29) + counts.HEADER)
    twice = counts.write(rows=[(7, 1, 1, 0, 0), (7, 2, 2, 0, 0)])
    c.write("twice", twice)
    for name in ("holes", "twice"):
        done = subprocess.run([os.path.join(SUITE.args.bin, "postern"), "hits", name],
                              cwd=c.folder, capture_output=True, check=False,
                              preexec_fn=None if SUITE.args.no_memory_limit else lambda:
                              resource.setrlimit(resource.RLIMIT_DATA, (1 << 26, 1 << 26)))
        assert done.returncode == 2 and b"it is damaged" in done.stderr, done


@test
def the_file_grows_with_the_rules_that_are_hit(c):
    many = "".join(f"127.{n // 250}.{n % 250}.0/24 : allow\n" for n in range(600))
    compile_rules(c, "postern: 1\n* : allow\n")
    with counted(c) as server:
        size = os.path.getsize(c.path("counts"))
        compile_rules(c, "postern: 1\n" + many + "* : allow\n")
        for n in range(300):
            ask(server, f"127.0.{n % 250}.1" if n < 250 else f"127.1.{n - 250}.1")
        assert os.path.getsize(c.path("counts")) >= size + 400 * 64
    _, rules = hits(c)
    assert sum(r["hits"] for r in rules.values()) == 300


@test
def unused_rules_are_named_and_are_an_exit(c):
    compile_rules(c, POLICY)
    with counted(c) as server:
        for source in ("127.0.1.1", "127.0.3.1", "127.0.9.1"):
            ask(server, source)
    _, rules = hits(c, "mail.rules", "--unused", "30", status=1)
    assert set(rules) == {"127.0.2.0/24"}, rules
    with counted(c) as server:
        ask(server, "127.0.2.1")
    assert hits(c, "rules.cdb", "--unused", "30")[1] == {}
    time.sleep(1.1)
    with counted(c) as server:
        ask(server, "127.0.9.1")
    assert len(hits(c, "--unused", "0", status=1)[1]) >= 2
    shutil.move(c.path("rules.cdb"), c.path("elsewhere.cdb"))
    assert "name it as FILE" in subprocess.run(
        [os.path.join(SUITE.args.bin, "postern"), "hits", "counts", "--unused", "3"], cwd=c.folder,
        capture_output=True, text=True, check=False).stderr
    assert postern(c, "hits", "counts", "elsewhere.cdb")


@test
def a_server_that_has_become_another_user_goes_on_counting(c):
    compile_rules(c, POLICY)
    os.chmod(c.folder, 0o755)
    with counted(c, "-u", 65534, "-g", 65534) as server:
        assert ask(server, "127.0.3.1") == b"yes\n"
        many = "".join(f"127.{n // 250}.{n % 250}.0/24 : allow\n" for n in range(300))
        compile_rules(c, "postern: 1\n" + many + "* : allow\n")
        for n in range(200):
            assert ask(server, f"127.0.{n}.1") == b"yes\n"
        end(server)
    seen = counts.Counts(c.path("counts"))
    assert seen.totals["served"] == 201 and not seen.uncounted
    assert os.stat(c.path("counts")).st_uid == 0


@test
def programs_get_nothing_of_it(c):
    compile_rules(c, "postern: 1\n* : allow\n")
    with c.server(PLAIN, "-k", c.path("counts"), "-x", c.path("rules.cdb"),
                  program=["ls", "/proc/self/fd"]) as server:
        assert ask(server, "127.0.0.1").split() == [b"0", b"1", b"2", b"3"]  # 3 is of ls
        server.process.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(SUITE.main())
