"""What the module does with sources: load, read, prove, lint, compare, lay out, emit."""
import collections
import datetime
import errno
import gc
import ipaddress
import os
import pathlib
import random
import signal
import sys
import threading
import time
import unittest.mock

import postern
from postern import Direction, Effect, Server, Severity, SymbolKind
from support import Case, EXAMPLES, postern as tool

RELAY = ('postern: 1\nset office = 10.1.0.0/16, file "list.txt"\n$office : allow, RELAYCLIENT=""\n'
         '=.friend.example : allow, TAG="friend", owner "somebody"\n* : allow\n'
         'expect 10.1.2.3 : allow, RELAYCLIENT=""\nalways !$office : !RELAYCLIENT\n')
WIDER = RELAY.replace("10.1.0.0/16", "10.0.0.0/15")
FILES = {"r.rules": RELAY, "list.txt": "2001:db8::/32\n192.0.2.7\n"}
LISTED = 'postern: 1\nset s = file "gone.txt"\n$s : deny\n* : allow\n'
BROKEN = "postern: 1\n10.0.0.0/33 : deny\n* : alow\n"


def sizes(count, step=0):
    """A policy that takes some work: pairs of networks with hosts over them."""
    lines = [f"10.{i // 250}.{i % 250}.0/24 : allow, A=\"{i + step}\"\n=.h{i}.example : deny\n"
             for i in range(count)]
    return "postern: 1\n" + "".join(lines) + "* : allow\n"


class Compiling(Case):
    def setUp(self):
        super().setUp()
        self.compiler = postern.Compiler(lambda path: FILES[path])
        self.policy = self.compiler.load("r.rules")

    def test_a_policy_and_its_files(self):
        self.assertTrue(self.policy.ok)
        self.assertEqual(self.policy.diagnostics, ())
        self.assertEqual([(f.name, f.error) for f in self.policy.files],
                         [("r.rules", 0), ("list.txt", 0)])
        self.assertEqual(self.policy.files[1].text, FILES["list.txt"].encode())

    def test_decide_with_its_place(self):
        got = self.policy.decide("10.1.2.3")
        self.assertEqual((got.file, got.line, got.target), ("r.rules", 3, "$office"))
        self.assertEqual(got.decision.environ, {"RELAYCLIENT": ""})
        got = self.policy.decide("192.0.2.7")
        self.assertEqual((got.entry, got.list, got.list_line), ("192.0.2.7", "list.txt", 2))
        got = self.policy.decide("192.0.2.8", "x.friend.example")
        self.assertEqual((got.line, got.owner, got.decision.env),
                         (4, "somebody", {b"TAG": b"friend"}))

    def test_rules_of_a_policy_outlive_it(self):
        rules = self.policy.rules()
        compiled = postern.Rules.from_bytes(self.policy.emit())
        self.policy.close()
        self.compiler.close()
        gc.collect()
        for query in (("10.1.2.3",), ("192.0.2.7",), ("1.2.3.4", "a.friend.example")):
            self.assertEqual(rules.decide(*query), compiled.decide(*query))

    def test_emit_is_what_the_tool_writes(self):
        for name, text in FILES.items():
            with open(self.path(name), "w", encoding="ascii") as out:
                out.write(text)
        for words, flags in (([], {}), (["--strip"], {"strip": True})):
            tool("compile", "r.rules", "-o", "tool.cdb", *words, cwd=self.folder)
            self.assertEqual(pathlib.Path(self.path("tool.cdb")).read_bytes(),
                             self.policy.emit(**flags))
        self.policy.emit_file(self.path("own.cdb"), strip=True)
        self.assertEqual(pathlib.Path(self.path("own.cdb")).read_bytes(),
                         self.policy.emit(strip=True))
        with self.assertRaises(postern.IoError) as raised:
            self.policy.emit_file(self.path("none/own.cdb"))
        self.assertEqual(raised.exception.errno, errno.ENOENT)
        with self.assertRaises(postern.ArgumentError):
            self.policy.emit(classic=True, native=True)

    def test_prove(self):
        proof = self.policy.prove()
        self.assertTrue(proof.holds)
        self.assertEqual([(c.is_always, c.holds, c.at.line) for c in proof.claims],
                         [(False, True, 6), (True, True, 7)])
        open_relay = self.compiler.load_text("r.rules", RELAY.replace('TAG="friend"',
                                                                      'RELAYCLIENT=""'))
        proof = open_relay.prove()
        self.assertFalse(proof.holds)
        broken = proof.claims[1]
        self.assertTrue(broken.only_with_host)
        self.assertIn(b"RELAYCLIENT", broken.decision.env)
        self.assertIn(b"RELAYCLIENT", open_relay.decide(*broken.query).decision.env)
        with self.assertRaises(postern.RefusedError) as raised:
            open_relay.emit()
        self.assertTrue(raised.exception.findings)
        self.assertIn("r.rules:7", str(raised.exception))
        open_relay.emit(proven=False)

    def test_tests_beside_a_policy(self):
        FILES["t.rules"] = "postern: 1\nexpect 10.1.2.3 : deny\n"
        self.addCleanup(FILES.pop, "t.rules")
        proof = self.policy.prove("t.rules")
        self.assertFalse(proof.holds)
        self.assertEqual(str(proof.claims[-1].query), "10.1.2.3")

    def test_errors_are_data(self):
        policy = self.compiler.load_text("b.rules", BROKEN)
        self.assertFalse(policy.ok)
        found = policy.diagnostics
        self.assertEqual([(f.severity, f.kind, str(f.at)) for f in found],
                         [(Severity.ERROR, "bad-length", "b.rules:2:1"),
                          (Severity.ERROR, found[1].kind, "b.rules:3:5")])
        self.assertEqual(found[0].at.excerpt, "10.0.0.0/33 : deny")
        for call in (policy.rules, policy.emit, lambda: policy.decide("10.1.2.3"),
                     lambda: policy.diff(self.policy), lambda: self.policy.diff(policy)):
            with self.assertRaises(postern.RefusedError):
                call()
        with self.assertRaises(postern.RefusedError) as raised:
            policy.rules()
        self.assertEqual(raised.exception.findings, found)
        self.assertTrue(any(f.severity is Severity.ERROR for f in policy.lint()))

    def test_lint(self):
        text = "10.1.0-127.:deny\n10.1.2.3:deny\n:allow\n"
        found = self.compiler.load_text("s.rules", text).lint(server=Server.KNOWN)
        redundant = next(f for f in found if f.code == "P301")
        self.assertEqual((redundant.at.line, redundant.name, str(redundant.query)),
                         (2, "redundant", "10.1.2.3"))
        self.assertTrue(redundant.is_safe)
        edit = redundant.edits[0]
        data = text.encode()
        data = data[:edit.at.offset] + edit.text + data[edit.at.offset + edit.at.size:]
        again = self.compiler.load_text("s.rules", data).lint(server=Server.KNOWN)
        self.assertNotIn("P301", [f.code for f in again])
        policy = self.compiler.load_text("s.rules", text)
        self.assertEqual({f.code for f in policy.lint(only="P301")}, {"P301"})
        self.assertEqual({f.code for f in policy.lint(only=["redundant"])}, {"P301"})
        self.assertNotIn("P301", [f.code for f in policy.lint(ignore=["P301"])])
        with self.assertRaises(postern.ArgumentError):
            policy.lint(only="P999")

    def test_whom_lint_trusts(self):
        policy = self.compiler.load_text("t.rules", "postern: 1\n" + "".join(
            f'{address} : allow, RELAYCLIENT=""\n' for address in ("192.0.2.7", "2001:db8::7"))
            + "* : deny\n")
        four, six = ipaddress.ip_address("192.0.2.7"), ipaddress.ip_address("2001:db8::7")
        told = policy.lint(privileged="RELAYCLIENT")
        self.assertEqual(len([f for f in told if f.code == "P501"]), 2)
        for trusted in ([four, six], [str(four), ipaddress.ip_network(six)],
                        [ipaddress.ip_address("::ffff:192.0.2.7"), six],
                        [four, ipaddress.ip_address("2001:db8::7%eth0")]):
            found = policy.lint(privileged="RELAYCLIENT", trusted=trusted)
            self.assertNotIn("P501", [f.code for f in found], trusted)
        found = policy.lint(privileged="RELAYCLIENT", trusted=four)
        self.assertEqual([f.at.line for f in found if f.code == "P501"], [3])

    def test_lint_against_an_earlier_version_and_days(self):
        ends = self.compiler.load_text("e.rules", 'postern: 1\n10.0.0.0/8 : allow, until 2020-01-31'
                                                  '\n* : deny\n')
        for day in (20260101, datetime.date(2026, 1, 1)):
            self.assertGreater(len(ends.lint(today=day)), len(ends.lint()))
        self.policy.lint(against=self.policy)

    def test_ignored_findings_have_their_reason(self):
        with_comment = ("10.1.:deny\n# postern: ignore P301 -- it is fine\n10.1.2.3:deny\n:allow\n")
        policy = self.compiler.load_text("i.rules", with_comment)
        ignored = [f for f in policy.lint() if f.is_ignored]
        self.assertEqual([(f.code, f.reason) for f in ignored], [("P301", "it is fine")])
        self.assertFalse(any(f.is_ignored for f in policy.lint(no_ignores=True)))

    def test_diff(self):
        looser = self.compiler.load_text("r.rules", WIDER)
        diff = self.policy.diff(looser)
        self.assertIs(diff.direction, Direction.MIXED)  # friends lose their TAG there
        region = diff.regions[0]
        self.assertIs(region.effect, Effect.OTHER)
        self.assertEqual([str(r) for r in region.ranges], ["10.0.0.0/16"])
        self.assertEqual((region.ranges[0].first, region.ranges[0].last),
                         ("10.0.0.0", "10.0.255.255"))
        self.assertEqual(region.addresses, 65536)
        self.assertEqual(region.after.decision.env, {b"RELAYCLIENT": b""})
        self.assertEqual(looser.decide(*region.witness).decision.env, {b"RELAYCLIENT": b""})
        self.assertEqual(self.policy.decide(*region.witness).decision.env,
                         region.before.decision.env)
        same = self.policy.diff(self.compiler.load("r.rules"))
        self.assertEqual((same.direction, same.regions), (Direction.SAME, ()))
        other = postern.Compiler().load_text("x", ":deny\n")
        with self.assertRaises(postern.ArgumentError):
            self.policy.diff(other)
        with self.assertRaises(TypeError):
            self.policy.diff(None)

    def test_all_of_ipv6_is_counted(self):
        one, two = (self.compiler.load_text("a", f"postern: 1\n* : {verdict}\n")
                    for verdict in ("deny", "allow"))
        diff = one.diff(two)
        self.assertIs(diff.direction, Direction.LOOSER)
        self.assertEqual(sum(r.addresses for r in diff.regions), 2 ** 128)

    def test_format(self):
        self.assertEqual(self.compiler.format("x", "postern: 1\n*:deny\n"),
                         b"postern: 1\n* : deny\n")
        self.assertEqual(self.compiler.format("x", b"10.1.:allow,A=\"\xff\"\n"),
                         b"10.1.:allow,A=\"\xff\"\n")
        with self.assertRaises(postern.RefusedError) as raised:
            self.compiler.format("x", BROKEN)
        self.assertEqual(raised.exception.findings[0].at.file, "x")

    def test_at(self):
        offset = RELAY.index("$office") + 2
        symbol = self.policy.at(offset)
        self.assertEqual((symbol.kind, symbol.text, symbol.definition.line),
                         (SymbolKind.SET, "$office", 2))
        self.assertEqual(self.policy.rules().outcome(symbol.rule).environ, {"RELAYCLIENT": ""})
        self.assertIs(self.policy.at(RELAY.index("file")).kind, SymbolKind.LIST)
        for bad in ((len(RELAY) + 1,), (0, "none.rules")):
            with self.assertRaises(postern.ArgumentError):
                self.policy.at(*bad)

    def test_files_are_read_where_there_is_no_reader(self):
        compiler = postern.Compiler()
        policy = compiler.load(os.path.join(EXAMPLES, "web.rules"))
        self.assertTrue(policy.ok)
        self.assertEqual(len(policy.files), 3)
        with self.assertRaises(postern.IoError) as raised:
            compiler.load(self.path("none.rules"))
        self.assertEqual(raised.exception.filename, self.path("none.rules"))

    def test_as_of(self):
        text = 'postern: 1\n10.0.0.0/8 : allow, until 2020-01-31\n* : deny\n'
        for day, allowed in ((None, True), (datetime.date(2020, 1, 31), True), (20200201, False)):
            policy = postern.Compiler(as_of=day).load_text("x", text)
            self.assertIs(policy.decide("10.1.2.3").decision.allowed, allowed)
        with self.assertRaises(postern.ArgumentError):
            postern.Compiler(as_of=20201399)


class Readers(Case):
    def test_buffers_that_are_not_saved(self):
        with open(self.path("list.txt"), "w", encoding="ascii") as out:
            out.write("10.0.0.0/8\n")
        root = self.path("r.rules")
        buffers = {root: 'postern: 1\nset s = file "list.txt"\n$s : allow\n* : deny\n'}
        asked = []
        compiler = postern.Compiler(lambda path: asked.append(path) or buffers.get(path))
        policy = compiler.load(root)
        self.assertTrue(policy.decide("10.1.2.3").decision.allowed)  # the list is that of the disk
        self.assertEqual(asked, [root, self.path("list.txt")])

    def test_an_os_error_is_told_of_the_file(self):
        def read(path):
            if path == "r.rules":
                return 'postern: 1\nset s = file "gone.txt"\n$s : allow\n* : deny\n'
            raise PermissionError(errno.EACCES, "not for you", path)

        policy = postern.Compiler(read).load("r.rules")
        self.assertFalse(policy.ok)
        self.assertEqual(str(policy.diagnostics[0].at), "r.rules:2:14")
        self.assertEqual(policy.diagnostics[0].kind, "cannot-read")
        with self.assertRaises(postern.IoError) as raised:
            postern.Compiler(read).load("other.rules")
        self.assertEqual(raised.exception.errno, errno.EACCES)
        self.assertIsInstance(raised.exception.__cause__, PermissionError)
        with self.assertRaises(postern.IoError) as raised:
            postern.Compiler(lambda _: (_ for _ in ()).throw(OSError("no number"))).load("x")
        self.assertEqual(raised.exception.errno, errno.EIO)

    def test_an_errno_that_c_does_not_have(self):
        """Nothing is a text that was read but what was read."""
        class Number(int):
            def __index__(self):
                return 0

            def __gt__(self, _):
                raise KeyError

        class Odd(OSError):
            @property
            def errno(self):
                raise KeyError("errno")

        for number in (2 ** 32, 2 ** 31, -1, 0, 2 ** 64, 10 ** 400, "bad", None, 1.5, [],
                       Number(2 ** 32)):
            error = OSError(number, "odd")

            def read(path, error=error):
                if path == "r.rules":
                    return LISTED
                raise error

            compiler = postern.Compiler(read)
            policy = compiler.load("r.rules")
            self.assertFalse(policy.ok, number)
            self.assertEqual([f.error for f in policy.files], [0, errno.EIO])
            with self.assertRaises(postern.IoError) as raised:
                compiler.load("other.rules")
            self.assertEqual(raised.exception.errno, errno.EIO)
            self.assertIs(raised.exception.__cause__, error)
        with self.assertRaises(KeyError):
            postern.Compiler(lambda _: (_ for _ in ()).throw(Odd(1, "x"))).load("r.rules")

    def test_no_memory_for_a_file(self):
        error = OSError(errno.ENOMEM, "none")

        def read(path):
            if path == "r.rules":
                return LISTED
            raise error

        with self.assertRaises(postern.OutOfMemoryError) as raised:
            postern.Compiler(read).load("r.rules")
        self.assertIs(raised.exception.__cause__, error)

    def test_what_failed_once_is_asked_again(self):
        texts = {"r.rules": LISTED, "gone.txt": "10.0.0.0/8\n"}
        policy = postern.Compiler(lambda path: texts[path]).load("r.rules")
        for ask in (policy.prove, policy.lint):
            texts.pop("t.rules", None)
            for _ in range(2):
                with self.assertRaises((KeyError, postern.IoError)):
                    ask(tests="t.rules")
        texts["t.rules"] = "postern: 1\nexpect 10.1.2.3 : deny\n"
        self.assertTrue(policy.prove("t.rules").holds)
        policy.lint(tests="t.rules")

    def test_tests_that_cannot_be_read(self):
        error = PermissionError(errno.EACCES, "not for you")
        for name in ("prove", "lint"):
            compiler = postern.Compiler(lambda _: (_ for _ in ()).throw(error))
            policy = compiler.load_text("x", "postern: 1\n* : deny\n")
            for cause in (error, None):  # the file is read once
                with self.assertRaises(postern.IoError) as raised:
                    getattr(policy, name)(tests="t.rules")
                self.assertEqual(raised.exception.errno, errno.EACCES)
                self.assertIs(raised.exception.__cause__, cause)

    def test_a_signal_before_a_reader(self):
        """It raises where nothing catches it: no text is taken to be empty by that."""
        names = [f"l{i}" for i in range(200)]
        root = "postern: 1\n" + "".join(f'set {n} = file "{n}"\n${n} : deny\n' for n in names)
        texts = dict.fromkeys(names, "192.0.2.0/24\n" * 50)
        compiler = postern.Compiler({**texts, "r.rules": root + "* : allow\n"}.get)

        class Alarm(Exception):
            pass

        def ring(*_):
            raise Alarm

        before = signal.signal(signal.SIGALRM, ring)
        hook, sys.unraisablehook = sys.unraisablehook, lambda _: None  # ctypes tells of it
        rng, ended = random.Random(7), collections.Counter()
        try:
            for _ in range(300):
                policy = None
                try:
                    signal.setitimer(signal.ITIMER_REAL, .0001 + rng.random() * .004)
                    policy = compiler.load("r.rules")
                    ended["loaded"] += 1
                except (Alarm, postern.CancelledError) as error:
                    ended[type(error).__name__] += 1
                finally:
                    try:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                    except Alarm:
                        pass
                if policy:
                    self.assertTrue(policy.ok)
                    self.assertTrue(all(f.text for f in policy.files))
        finally:
            sys.unraisablehook = hook
            signal.signal(signal.SIGALRM, before)
        self.assertLess(ended["loaded"], 300)

    def test_callbacks_that_are_not_run(self):
        """As ctypes leaves them when something is raised before their first line."""
        guarded = postern._Callback._guarded

        def lost(is_lost):
            def guard(self, called, failed):
                good = guarded(self, called, failed)
                turns = iter(range(1000))

                def call(*arguments):
                    if is_lost(next(turns)):
                        raise KeyboardInterrupt
                    return good(*arguments)
                return call
            return unittest.mock.patch.object(postern._Callback, "_guarded", guard)

        hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
        self.addCleanup(setattr, sys, "unraisablehook", hook)
        for turn in (0, 1):
            with lost(lambda number, turn=turn: number == turn):
                compiler = postern.Compiler(lambda _: LISTED if _ == "r.rules" else "10.0.0.0/8\n")
            with self.assertRaises(postern.CancelledError):
                compiler.load("r.rules")
            self.assertTrue(compiler.load("r.rules").ok)
        with lost(lambda number: number == 2):
            compiler = postern.Compiler({"r.rules": LISTED, "gone.txt": "10.0.0.0/8\n",
                                         "t.rules": "postern: 1\nexpect ::1 : deny\n"}.get)
        policy = compiler.load("r.rules")
        for ask in (policy.prove, policy.lint):  # the file may be kept as an empty one
            with self.assertRaises(postern.CancelledError):
                ask(tests="t.rules")
        self.assertFalse(compiler.load("r.rules").prove("t.rules").holds)
        claims = compiler.load_text("c", "postern: 1\n* : deny\nexpect ::1 : deny\n"
                                         "expect ::2 : allow\n")
        for turn in (0, 1):
            with lost(lambda number, turn=turn: number == turn):
                with self.assertRaises(postern.CancelledError):
                    claims.prove()
                with self.assertRaises(postern.CancelledError):
                    claims.rules().trace("::1", "a.example.com") if turn == 0 else claims.prove()
        self.assertFalse(claims.prove().holds)

    def test_what_is_raised_at_a_claim_comes_out(self):
        policy = postern.Compiler().load_text("c", "postern: 1\n* : deny\nexpect ::1 : deny\n")
        with unittest.mock.patch.object(postern, "Claim", None):
            with self.assertRaisesRegex(TypeError, "NoneType"):
                policy.prove()

    def test_any_other_exception_comes_out(self):
        class Odd(BaseException):
            pass

        root = 'postern: 1\nset s = file "odd.txt"\n$s : allow\n* : deny\n'
        for raised in (KeyError("odd.txt"), KeyboardInterrupt(), Odd(), ZeroDivisionError()):
            def read(path, raised=raised):
                if path == "r.rules":
                    return root
                raise raised

            compiler = postern.Compiler(read)
            for load in (lambda c=compiler: c.load("r.rules"),
                         lambda c=compiler: c.load_text("r.rules", root)):
                with self.assertRaises(type(raised)) as caught:
                    load()
                self.assertIs(caught.exception, raised)
            gc.collect()
            self.assertEqual(compiler.memory()[0], postern.Compiler().memory()[0])
        for text in (bytearray(b":deny\n"), memoryview(b":deny\n")):
            self.assertTrue(postern.Compiler(lambda path, text=text: text).load("r.rules").ok)
        for odd in (1, [], "\ud800"):
            with self.assertRaises((TypeError, postern.ArgumentError)):
                postern.Compiler(lambda path, odd=odd: odd).load("r.rules")
        with self.assertRaises(TypeError):
            postern.Compiler("no reader")

    def test_a_reader_may_not_ask_its_own_compiler(self):
        errors, inner = [], postern.Compiler()

        def read(_):
            try:
                compiler.load("r.rules")
            except postern.Error as error:
                errors.append(error)
            return inner.format("x", "postern: 1\n*:deny\n")

        compiler = postern.Compiler(read)
        self.assertTrue(compiler.load("r.rules").ok)
        self.assertEqual([type(e) for e in errors], [postern.BusyError])

    def test_what_a_reader_keeps_lives_as_long_as_the_policy(self):
        policy = postern.Compiler(lambda path: {"r.rules": "postern: 1\n* : deny\n",
                                                "t.rules": "postern: 1\nexpect ::1 : deny\n"}[path]
                                  ).load("r.rules")
        gc.collect()
        self.assertTrue(policy.prove("t.rules").holds)


class Limits(Case):
    def test_a_memory_limit(self):
        compiler = postern.Compiler(memory_limit=200000)
        with self.assertRaises(postern.LimitError):
            compiler.load_text("x", sizes(5000))
        self.assertTrue(compiler.load_text("x", "postern: 1\n* : deny\n").ok)
        used, peak = compiler.memory()
        self.assertLessEqual(peak, 200000)
        self.assertLess(used, peak)

    def test_cancellation(self):
        compiler = postern.Compiler()
        one = compiler.load_text("x", sizes(3000))
        two = compiler.load_text("x", sizes(3000, 1))
        compiler.cancel()
        for call in (lambda: compiler.load_text("x", "* : deny"), one.lint, one.emit,
                     lambda: one.diff(two), lambda: one.at(0),
                     lambda: compiler.format("x", "postern: 1\n")):
            with self.assertRaises(postern.CancelledError):
                call()
        compiler.resume()
        self.assertTrue(one.emit())
        for seconds in (0, .001, .01, .03):
            threading.Timer(seconds, compiler.cancel).start()
            start = time.monotonic()
            try:
                while time.monotonic() - start < 60:
                    one.diff(two)
                    one.lint()
            except postern.CancelledError:
                pass
            self.assertLess(time.monotonic() - start, 30)
            compiler.resume()

    def test_a_bomb(self):
        """Sets that double: refused, or too much, and in bounded memory."""
        lines = ["postern: 1", "set s0 = 10.0.0.0/24, 10.0.2.0/24"]
        lines += [f"set s{i} = $s{i - 1}, $s{i - 1}" for i in range(1, 60)]
        compiler = postern.Compiler(memory_limit=64 << 20)
        try:
            policy = compiler.load_text("x", "\n".join([*lines, "$s59 : allow", "* : deny\n"]))
            policy.lint()
        except postern.LimitError:
            pass
        self.assertLessEqual(compiler.memory()[1], 64 << 20)

    def test_threads(self):
        """One compiler for all, closed while they ask, and each its own."""
        shared = postern.Compiler(lambda path: FILES[path])
        faults = []

        def work(number):
            try:
                for turn in range(10):
                    compiler = shared if (number + turn) % 2 else postern.Compiler(
                        lambda path: FILES[path])
                    policy = compiler.load("r.rules")
                    other = compiler.load_text("r.rules", WIDER)
                    if policy.diff(other).direction is not Direction.MIXED:
                        faults.append("direction")
                    policy.lint()
                    policy.prove()
                    rules = policy.rules()
                    policy.close()
                    if not rules.decide("10.1.2.3").allowed:
                        faults.append("decision")
            except BaseException as error:  # pylint: disable=broad-except
                faults.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])
        gc.collect()
        self.assertEqual(shared.memory()[0], postern.Compiler().memory()[0])
