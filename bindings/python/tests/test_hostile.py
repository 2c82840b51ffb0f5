"""Whatever is passed in: an exception that says what is wrong, and no crash."""
import copy
import errno
import gc
import ipaddress
import itertools
import os
import pathlib
import pickle
import random
import shutil
import subprocess
import sys
import sysconfig

import postern
from support import Case

RULES = '10.1.:allow,TAG="office"\n=.dialup.example:deny\n:allow\n'
ODD = [None, True, -1, 0, 1, 2 ** 31, 2 ** 32, 2 ** 64, 10 ** 400, 1.5, float("nan"), "", "x",
       "\0", "a\0b", "\ud800", "\udc80", "\U0010ffff", b"", b"\0", b"\xff", b"10.1.2.3",
       "10.1.2.3", "10.1.2.3\0", " 10.1.2.3", "010.1.2.3", "fe80::1%eth0", "1" * 10000,
       bytearray(b"x"), memoryview(b"x"), [], {}, (), object(), int, Exception(),
       ipaddress.ip_address("10.1.2.3"), ipaddress.ip_network("10.0.0.0/8"),
       pathlib.Path("/"), pathlib.Path("x\0y")]
FINE = (postern.Error, TypeError)


class Texts(bytes):
    """Bytes that are not what they seem."""

    def __bytes__(self):
        return b"y"

    def __len__(self):
        return 2 ** 40


class Letters(str):
    """A text whose bytes are not what they seem."""

    def encode(self, *_):
        return Texts(b"x")


class Digits(int):
    """A number that is none of those it says."""

    def __index__(self):
        return 2 ** 40

    def __int__(self):
        return 2 ** 40

    def __lt__(self, _):
        return True

    def __le__(self, _):
        return True

    __ge__ = __gt__ = __le__


class Odd:
    """A path that is what it likes."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


class Statuses(Case):
    def test_each_status_has_its_exception(self):
        for kind, status in ((postern.ArgumentError, 1), (postern.OutOfMemoryError, 2),
                             (postern.IoError, 3), (postern.FormatError, 4),
                             (postern.BusyError, 5), (postern.VersionError, 6),
                             (postern.RefusedError, 7), (postern.LimitError, 8),
                             (postern.CancelledError, 9)):
            self.assertTrue(issubclass(kind, postern.Error))
            self.assertEqual(kind.status, status)
            with self.assertRaises(kind) as raised:
                postern._check(status, errno.EACCES, b"/some/file")
            self.assertIn("/some/file" if status != 3 else "Permission denied",
                          str(raised.exception))
        with self.assertRaises(postern.ArgumentError):
            postern._check(99)  # a status of a library to come

    def test_a_file_that_is_not_there(self):
        with self.assertRaises(postern.IoError) as raised:
            postern.Rules(self.path("none"))
        self.assertIsInstance(raised.exception, OSError)
        self.assertEqual(raised.exception.errno, errno.ENOENT)
        self.assertEqual(raised.exception.filename, self.path("none"))
        self.assertEqual(raised.exception.status, postern.Status.IO)

    def test_files_that_are_none(self):
        for place in (self.folder, "/dev/null"):
            with self.assertRaises((postern.FormatError, postern.IoError)):
                postern.Rules(place)
        with self.assertRaises(postern.FormatError):
            postern.Rules.from_bytes(b"")
        with self.assertRaises(postern.IoError):
            postern.Rules.from_fd(2 ** 31 - 1)

    def test_a_newer_version(self):
        image = bytearray(pathlib.Path(self.example("web")).read_bytes())
        version = image.index(b"PNRULES\0") + 8
        image[version:version + 4] = (99 << 16).to_bytes(4, "little")
        with self.assertRaises(postern.VersionError) as raised:
            postern.Rules.from_bytes(image)
        self.assertEqual(raised.exception.lacking, ())

    def test_what_a_newer_file_requires_is_told(self):
        image = bytearray(pathlib.Path(self.example("web")).read_bytes())
        header, names = image.index(b"PNRULES\0"), b"keys\0limits\0penalties\0tides\0moons\0"
        for column, value in ((21, 31), (22, len(image) - header), (23, len(names))):
            image[header + 4 * column:header + 4 * column + 4] = value.to_bytes(4, "little")
        with open(self.path("newer.cdb"), "wb") as out:
            out.write(image + names)
        for ask in (lambda: postern.Rules(self.path("newer.cdb")),
                    lambda: postern.Watch(self.path("newer.cdb")).rules()):
            with self.assertRaises(postern.VersionError) as raised:
                ask()
            self.assertEqual(raised.exception.lacking, ("tides", "moons"))
            self.assertIn("newer.cdb", str(raised.exception))
            self.assertIn("tides", str(raised.exception))

    def test_damage_anywhere(self):
        """Each byte of a file is damaged: an exception, or a decision, and no crash."""
        for name in ("office", "web", "internal"):
            image = pathlib.Path(self.example(name)).read_bytes()
            rng = random.Random(7)
            for _ in range(1500):
                bad = bytearray(image)
                for _ in range(rng.choice((1, 1, 4))):
                    bad[rng.randrange(len(bad))] = rng.randrange(256)
                bad = bytes(bad[:rng.choice((len(bad), len(bad), rng.randrange(len(bad))))])
                try:
                    with postern.Rules.from_bytes(bad, check=False) as rules:
                        got, _ = rules.trace("10.1.2.3", "x.dialup.example", "ann")
                        rules.needs("10.1.2.3")
                        if got.rule is not None:
                            rules.origin(got.rule)
                            rules.outcome(got.rule)
                except postern.Error:
                    pass


class Rejecting(Case):
    def rejects(self, function, *arguments, **named):
        try:
            function(*arguments, **named)
        except FINE:
            return True
        return False


class Anything(Rejecting):
    def test_decide(self):
        with postern.Rules(self.compiled(RULES)) as rules:
            for odd in ODD:
                self.rejects(rules.decide, odd)
                self.rejects(rules.needs, odd)
                self.rejects(rules.decide_addresses, odd)
                self.rejects(rules.decide_addresses, [odd])
                self.rejects(rules.decide_packed, odd, b"")
                self.rejects(rules.decide_packed, 4, odd)
                self.rejects(rules.outcome, odd)
                self.rejects(rules.origin, odd)
                for name in ("host", "ident", "remote_text"):
                    self.rejects(rules.decide, "10.1.2.3", **{name: odd})
                    self.rejects(rules.trace, "10.1.2.3", **{name: odd})
            for one, two in itertools.product(ODD, ODD):
                self.rejects(rules.decide, "10.1.2.3", one, two)
            for text in ("", "x", "10.1.2.3\0", " 10.1.2.3", "010.1.2.3", "fe80::1%eth0", "\ud800"):
                with self.assertRaises(postern.ArgumentError):
                    rules.decide(text)
            for odd in (None, 1, b"10.1.2.3", [], 1.5):
                with self.assertRaises(TypeError):
                    rules.decide(odd)
            for odd in (1, 1.5, [], {}):
                with self.assertRaises(TypeError):
                    rules.decide("10.1.2.3", odd)
            gone = memoryview(b"x")
            gone.release()
            for call in (lambda: rules.decide("10.1.2.3", gone),
                         lambda: postern.Rules.from_bytes(gone)):
                with self.assertRaises(postern.ArgumentError):
                    call()
            with self.assertRaises(postern.ArgumentError):
                rules.decide("10.1.2.3", "\ud800")
            # a NUL is a byte like others: no cut that would make another name of it
            self.assertTrue(rules.decide("192.0.2.1", "x.dialup.example\0").allowed)
            self.assertFalse(rules.decide("192.0.2.1", "\0.dialup.example").allowed)

    def test_numbers_are_not_cut_to_their_low_bits(self):
        with postern.Rules(self.compiled(RULES)) as rules:
            rule = rules.decide("10.1.2.3").rule
            rules.outcome(rule)
            for number in (rule + 2 ** 32, rule - 2 ** 32, -1, 2 ** 32 - 1, 2 ** 32):
                with self.assertRaises(postern.ArgumentError):
                    rules.outcome(number)
                with self.assertRaises(postern.ArgumentError):
                    rules.origin(number)

    def test_open(self):
        for odd in ODD:
            self.rejects(postern.Rules, odd)
            self.rejects(postern.Watch, odd)
            self.rejects(postern.Rules.from_bytes, odd)
            self.rejects(postern.canonical, odd)
            if odd not in (True, 0, 1):  # descriptors that are open
                self.assertTrue(self.rejects(postern.Rules.from_fd, odd), repr(odd))
        for path in ("a\0b", b"a\0b", "\ud800"):
            for kind in (postern.Rules, postern.Watch):
                with self.assertRaises(postern.ArgumentError):
                    kind(path)

    def test_subclasses_that_lie(self):
        path = self.compiled(RULES)
        compiler = postern.Compiler(lambda _: Texts(b"postern: 1\n* : deny\n"))
        self.assertTrue(compiler.load("x").ok)
        with postern.Rules(path) as rules:
            rule = rules.decide("10.1.2.3").rule
            for odd in (Texts(b"x"), Letters("x")):
                rules.decide("10.1.2.3", odd, odd, remote_text=odd)
                self.rejects(rules.decide, odd)
                self.rejects(postern.Rules.from_bytes, odd)
                for each in (odd, Odd(odd)):
                    self.rejects(postern.Rules, each)
                    self.rejects(compiler.load, each)
                    self.rejects(compiler.load_text, each, "postern: 1\n")
                self.rejects(compiler.load_text, "x", odd)
                self.rejects(compiler.format, "x", odd)
            self.assertEqual(rules.outcome(Digits(rule)), rules.outcome(rule))
            with self.assertRaises(postern.ArgumentError):
                rules.outcome(Digits(2 ** 32 - 1))

    def test_closed(self):
        path = self.compiled(RULES)
        rules, watch = postern.Rules(path), postern.Watch(path)
        for thing in (rules, watch):
            thing.close()
            thing.close()
            self.assertTrue(thing.closed)
            with self.assertRaises(postern.ClosedError):
                thing.decide("10.1.2.3")
            with self.assertRaises(postern.ClosedError):
                thing.needs("10.1.2.3")
            with self.assertRaises(postern.ClosedError):
                with thing:
                    pass
        for call in (lambda: rules.trace("::1"), lambda: rules.outcome(1),
                     lambda: rules.origin(1), rules.info, watch.rules, watch.changed,
                     watch.due_ms, watch.reload):
            with self.assertRaises(postern.ClosedError):
                call()

    def test_never_opened(self):
        for kind in (postern.Rules, postern.Watch):
            thing = kind.__new__(kind)
            self.assertTrue(thing.closed)
            with self.assertRaises(postern.ClosedError):
                thing.decide("10.1.2.3")
            thing.close()

    def test_nothing_leaks_when_opening_fails(self):
        path = self.compiled(RULES)
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(100):
            self.rejects(postern.Rules, "/dev/null")
            self.rejects(postern.Watch, 1)
            postern.Rules(path)
        gc.collect()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


class Copies(Case):
    def test_there_is_no_second_one(self):
        path, compiler = self.compiled(RULES), postern.Compiler()
        policy = compiler.load_text("x", "postern: 1\n* : deny\n")
        kept = [postern.Rules(path), postern.Watch(path), compiler, policy, policy.rules()]
        for thing in kept:
            for call in (copy.copy, copy.deepcopy, pickle.dumps):
                for each in (thing, thing._handle):
                    with self.assertRaisesRegex(TypeError, "neither copied nor pickled"):
                        call(each)
        self.assertTrue(kept[0].decide("10.1.2.3").allowed)
        decision = kept[0].decide("10.1.2.3")
        self.assertEqual(pickle.loads(pickle.dumps(copy.deepcopy(decision))), decision)


class Sources(Rejecting):
    def test_compiler(self):
        compiler = postern.Compiler()
        policy = compiler.load_text("x", "postern: 1\n* : deny\n")
        odd_calls = [postern.Compiler, lambda o: postern.Compiler(as_of=o),
                     lambda o: postern.Compiler(memory_limit=o), compiler.load, policy.at,
                     lambda o: compiler.load_text(o, "x"), lambda o: compiler.load_text("x", o),
                     lambda o: compiler.format(o, "x"), lambda o: compiler.format("x", o),
                     policy.decide, lambda o: policy.decide("10.1.2.3", o, o), policy.diff,
                     lambda o: policy.diff(policy, server=o), lambda o: policy.at(0, o),
                     policy.prove, lambda o: policy.emit_file(self.path("out"), strip=o)]
        for name in ("server", "today", "only", "ignore", "privileged", "trusted", "against",
                     "tests", "strict"):
            odd_calls.append(lambda o, name=name: policy.lint(**{name: o}))
        for call in odd_calls:
            for odd in ODD:
                self.rejects(call, odd)
        self.assertTrue(policy.ok)
        with self.assertRaises(postern.ArgumentError):
            policy.at(2 ** 32)  # not cut to its low bits
        with self.assertRaises(postern.ArgumentError):
            policy.lint(only="a\0b")
        with self.assertRaises(TypeError):
            postern.Policy()

    def test_texts(self):
        """Whatever a text holds: diagnostics, or a policy, and all questions are answered."""
        rng = random.Random(7)
        words = [b"postern: 1", b"\n", b"set ", b"$a", b" = ", b"10.0.0.0/8", b"* ", b": allow",
                 b": deny", b'"', b"\0", b"\xff", b"=.a.example", b"joe@", b"always ", b"expect ",
                 b", limit 3", b"include ", b'file "x"', b"::/0", b"#", b"2001:db8::/32", b"block"]
        compiler = postern.Compiler(lambda path: b"".join(rng.choices(words, k=5)),
                                    memory_limit=64 << 20)
        done = 0
        for _ in range(1500):
            text = b"".join([b"postern: 1\n" if rng.random() < .7 else b"",
                             *rng.choices(words, k=rng.randrange(30))])
            try:
                policy = compiler.load_text("x", text)
                [str(finding) for finding in [*policy.diagnostics, *policy.lint()]]
                policy.at(rng.randrange(len(text) + 1))
                policy.prove()
                policy.diff(policy)
                postern.Rules.from_bytes(policy.emit()).decide("10.1.2.3")
                done += 1
            except postern.Error as error:
                str(error)
        self.assertGreater(done, 10)

    def test_closed(self):
        compiler = postern.Compiler()
        policy = compiler.load_text("x", "postern: 1\n* : deny\n")
        policy.close()
        compiler.close()
        for call in (lambda: compiler.load("x"), lambda: compiler.load_text("x", "y"),
                     lambda: compiler.format("x", "y"), compiler.cancel, compiler.resume,
                     compiler.memory, lambda: policy.diagnostics, lambda: policy.ok, policy.rules,
                     lambda: policy.files, lambda: policy.decide("::1"), policy.emit,
                     lambda: policy.emit_file("x"), policy.prove, policy.lint,
                     lambda: policy.diff(policy), lambda: policy.at(0)):
            with self.assertRaises(postern.ClosedError):
                call()


class Loading(Case):
    def python(self, text, **env):
        return subprocess.run([sys.executable, "-B", "-c", text], capture_output=True, text=True,
                              check=False, cwd=self.folder,
                              env={**os.environ, "PYTHONPATH": os.path.dirname(postern.__file__),
                                   **env})

    def test_at_the_limit_of_recursion(self):
        """The answer, or an exception; and nothing is told beside it."""
        path = self.compiled(RULES)
        done = self.python(
            "import postern, sys\n"
            "root = 'postern: 1\\nset s = file \"l\"\\n$s : deny\\nexpect ::1 : deny\\n'\n"
            "texts = {'r': root + '* : allow\\n', 'l': '::1\\n'}\n"
            f"compiler, rules = postern.Compiler(texts.get), postern.Rules({path!r})\n"
            "def at(depth, ask): return ask() if not depth else at(depth - 1, ask)\n"
            "def ask():\n"
            "    policy = compiler.load('r')\n"
            "    assert not policy.decide('::1').decision.allowed and policy.prove().holds\n"
            "    assert len(policy.prove().claims) == 1 and policy.rules().trace('::1')[1]\n"
            "    assert rules.trace('10.1.2.3')[1]\n"
            "    return 'answered'\n"
            "for depth in range(sys.getrecursionlimit() - 60, sys.getrecursionlimit()):\n"
            "    try: print(at(depth, ask))\n"
            "    except AssertionError: raise\n"
            "    except Exception as error: print('raised')\n")
        self.assertEqual((done.returncode, done.stderr, set(done.stdout.split())),
                         (0, "", {"answered", "raised"}))

    def test_no_library(self):
        text = ("import postern\ntry: postern.version()\n"
                "except ImportError as e: print(type(e).__name__, e)")
        done = self.python(text, POSTERN_LIBRARY=self.path("none.so"))
        self.assertRegex(done.stdout, "^LibraryError libpostern cannot be loaded: .*none.so.*"
                                      "POSTERN_LIBRARY")
        done = self.python(text, POSTERN_LIBRARY="libc.so.6")
        self.assertRegex(done.stdout, "^LibraryError libc.so.6 has no postern_version")

    def test_beside_the_module(self):
        os.symlink(os.environ["POSTERN_LIBRARY"], self.path("libpostern.so.0"))
        shutil.copy(postern.__file__, self.path("postern.py"))
        done = self.python("import postern; print(postern.version(), postern.__file__)",
                           POSTERN_LIBRARY="", PYTHONPATH=self.folder)
        self.assertEqual(done.stdout.split(), [postern.__version__, self.path("postern.py")])

    def test_in_a_prefix(self):
        """Both libraries are found in the folders that belong to the module, and it is only in
        its own place that folders do."""
        triplet = sysconfig.get_config_var("MULTIARCH") or "lib"
        asks = ("import postern; postern.version(); "
                "print(postern.Compiler().load_text('x', ':deny\\n').ok)")
        for number, folder in enumerate(("lib", "lib64", os.path.join("lib", triplet))):
            prefix = self.path(f"prefix{number}")
            for place, is_found in (("share/postern/python", True), ("share/python/x", False)):
                os.makedirs(os.path.join(prefix, place))
                shutil.copy(postern.__file__, os.path.join(prefix, place))
                os.makedirs(os.path.join(prefix, folder), exist_ok=True)
                for name, variable in (("libpostern", "POSTERN_LIBRARY"),
                                       ("libpostern-compiler", "POSTERN_COMPILER_LIBRARY")):
                    if is_found:
                        shutil.copy(os.environ[variable],
                                    os.path.join(prefix, folder, name + ".so.0"))
                done = self.python(asks + "; print(open('/proc/self/maps').read())",
                                   POSTERN_LIBRARY="", POSTERN_COMPILER_LIBRARY="",
                                   PYTHONPATH=os.path.join(prefix, place))
                self.assertEqual(
                    {name: os.path.join(prefix, folder, name) in done.stdout
                     for name in ("libpostern.so.0", "libpostern-compiler.so.0")},
                    dict.fromkeys(("libpostern.so.0", "libpostern-compiler.so.0"), is_found),
                    done.stderr)

    def test_the_end_of_the_interpreter(self):
        path = self.compiled(RULES)
        done = self.python("import postern, sys\n"
                           f"a = postern.Rules({path!r}); w = postern.Watch({path!r})\n"
                           "b = w.rules(); sys.kept = [a, b, w]; a.me = a\n"
                           "print(a.decide('10.1.2.3').environ)")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "{'TAG': 'office'}\n", ""))
