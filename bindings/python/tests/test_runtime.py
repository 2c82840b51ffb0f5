"""What the module does with rule files that are fine."""
import ipaddress
import os
import pathlib
import shutil
import sys
import threading
import time

import postern
from postern import Need, Step, Verdict
from support import Case

OFFICE = '10.1.:allow,RELAYCLIENT="",TAG="a",TAG="office"\n=.dialup.example:deny\n:allow\n'


class Deciding(Case):
    def test_a_decision(self):
        with postern.Rules(self.compiled(OFFICE)) as rules:
            got = rules.decide("10.1.2.3")
            self.assertIs(got.verdict, Verdict.ALLOW)
            self.assertTrue(got.allowed)
            self.assertIs(got.step, Step.PREFIX)
            self.assertFalse(got.ident_rule)
            self.assertEqual(got.assignments,
                             ((b"RELAYCLIENT", b""), (b"TAG", b"a"), (b"TAG", b"office")))
            self.assertEqual(got.env, {b"RELAYCLIENT": b"", b"TAG": b"office"})
            self.assertEqual(got.environ, {"RELAYCLIENT": "", "TAG": "office"})
            self.assertFalse(rules.decide("192.0.2.1", "x.dialup.example").allowed)
            self.assertTrue(rules.decide("192.0.2.1").allowed)

    def test_a_decision_outlives_its_rules(self):
        rules = postern.Rules(self.compiled('postern: 1\n* : deny, reject "no\\n"\n'))
        got = rules.decide("192.0.2.1")
        rules.close()
        self.assertEqual(got.reject, b"no\n")
        self.assertEqual(len({got, got}), 1)

    def test_no_rule(self):
        with postern.Rules(self.compiled("10.:allow\n")) as rules:
            got = rules.decide("192.0.2.1")
        self.assertEqual((got.verdict, got.step, got.rule),
                         (Verdict.ALLOW, Step.NONE, None))

    def test_limits(self):
        with postern.Rules(self.example("web")) as rules:
            got = rules.decide("192.0.2.77")
            self.assertEqual(got.limit, postern.Limit(50, postern.Per(24, 48)))
            self.assertEqual(got.rate, postern.Rate(600, 60, postern.Per(24, 48)))
            self.assertIsNone(rules.decide("192.0.2.10").limit)

    def test_several_limits(self):
        with postern.Rules(self.compiled("postern: 1\n10.0.0.0/8 : allow, limit 20, limit 200 per "
                                         "/24,/48\n* : deny\n")) as rules:
            got = rules.decide("10.1.2.3")
            self.assertEqual(got.limits, (postern.Limit(20, postern.Per(32, 64)),
                                          postern.Limit(200, postern.Per(24, 48))))
            self.assertEqual(got.limit, got.limits[0])
            self.assertEqual(rules.outcome(got.rule).limits, got.limits)
            self.assertEqual(rules.decide("192.0.2.1").limits, ())

    def test_addresses(self):
        with postern.Rules(self.example("web")) as rules:
            for address in ("192.0.2.10", "::ffff:192.0.2.10", "2001:db8:9::10",
                            "2001:DB8:9:0:0:0:0:10", ipaddress.ip_address("192.0.2.10"),
                            ipaddress.ip_address("::ffff:192.0.2.10"),
                            ipaddress.ip_address("2001:db8:9::10"),
                            ipaddress.ip_address("2001:db8:9::10%eth0")):
                self.assertEqual(rules.decide(address).env, {b"MONITOR": b"1"}, address)
        self.assertEqual(postern.canonical("2001:DB8:0:0::1"), "2001:db8::1")
        self.assertEqual(postern.canonical(ipaddress.ip_address("::ffff:192.0.2.1")),
                         "192.0.2.1")

    def test_idents_and_hosts(self):
        with postern.Rules(self.example("internal")) as rules:
            for ident in ("ann", b"ann", bytearray(b"ann"), memoryview(b"ann"),
                          memoryview(b"aannnn")[::2]):
                got = rules.decide("10.4.0.7", ident=ident)
                self.assertEqual((got.env, got.ident_rule), ({b"ROLE": b"admin"}, True))
            self.assertFalse(rules.decide("10.4.0.7", ident="").allowed)
            self.assertTrue(rules.decide("10.4.0.7", ident=None).allowed)

    def test_texts_are_bytes(self):
        path = self.compiled(b'=m\x80x.example:allow,TAG="\xff\xc3\xa9"\n:deny\n')
        with postern.Rules(path) as rules:
            for host in (b"m\x80x.example", "m\udc80x.example"):
                got = rules.decide("192.0.2.1", host)
                self.assertEqual(got.env, {b"TAG": b"\xff\xc3\xa9"})
                self.assertEqual(got.environ, {"TAG": "\udcff\u00e9"})

    def test_a_text_of_the_servers_own(self):
        with postern.Rules(self.compiled("fe80::1:deny\n:allow\n")) as rules:
            self.assertFalse(rules.decide("fe80::1").allowed)
            self.assertTrue(rules.decide("fe80::1", remote_text="fe80:0::1").allowed)

    def test_long_texts(self):
        host = "a" * 3000 + ".dialup.example"
        with postern.Rules(self.compiled(OFFICE)) as rules:
            self.assertFalse(rules.decide("192.0.2.1", host, "i" * 5000).allowed)
            self.assertTrue(rules.decide("192.0.2.1", "a" * 100000, "i" * 5000).allowed)
            for size in range(960, 1040):
                self.assertTrue(rules.decide("192.0.2.1", "a" * size).allowed)

    def test_trace(self):
        with postern.Rules(self.compiled(OFFICE)) as rules:
            got, events = rules.trace("10.1.2.3", "mx.example")
            self.assertEqual(got, rules.decide("10.1.2.3", "mx.example"))
        self.assertEqual([(e.key, e.step, e.found) for e in events],
                         [(b"10.1.2.3", Step.ADDRESS, False), (b"=mx.example", Step.HOST, False),
                          (b"10.1.2.", Step.PREFIX, False), (b"10.1.", Step.PREFIX, True)])

    def test_what_is_raised_in_a_trace_is_not_lost(self):
        with postern.Rules(self.compiled(OFFICE)) as rules:
            event, postern.TraceEvent = postern.TraceEvent, None
            try:
                with self.assertRaisesRegex(TypeError, "NoneType"):
                    rules.trace("10.1.2.3")
            finally:
                postern.TraceEvent = event

    def test_needs(self):
        with postern.Rules(self.compiled(
                "postern: 1\n10.0.0.0/8 : allow\n192.0.2.1 : block\n=.a.example : deny\n"
                "joe@10.9.0.0/16 : deny\n* : allow\n")) as rules:
            self.assertEqual(rules.needs("192.0.2.1"), Need.NOTHING)
            self.assertFalse(rules.needs("192.0.2.1"))
            self.assertEqual(rules.needs("192.0.2.9"), Need.HOST)
            self.assertEqual(rules.needs("10.9.0.1"), Need.IDENT)

    def test_many_addresses(self):
        """As each alone, in their order, of both families and both kinds of files."""
        asked = ["192.0.2.1", "2001:db8::7", "10.9.0.1", "10.1.2.3", "::ffff:10.1.2.3", "192.0.2.9"]
        asked = [ipaddress.ip_address(a) if n % 2 else a for n, a in enumerate(asked * 40)]
        for text in (OFFICE, "postern: 1\n10.0.0.0/8 : allow\n192.0.2.1 : block\n"
                             "=.a.example : deny\njoe@10.9.0.0/16 : deny\n2001:db8::/32 : deny\n"
                             "* : allow\n"):
            with postern.Rules(self.compiled(text)) as rules:
                for count in (0, 1, 7, len(asked)):
                    briefs = rules.decide_addresses(asked[:count])
                    self.assertEqual(len(briefs), count)
                    for address, brief in zip(asked, briefs):
                        alone = rules.decide(address)
                        self.assertEqual((brief.verdict, brief.step, brief.rule, brief.allowed),
                                         (alone.verdict, alone.step, alone.rule, alone.allowed))
                        self.assertEqual(brief.needs, rules.needs(address))

    def test_packed_addresses(self):
        with postern.Rules(self.compiled("postern: 1\n10.0.0.0/8 : allow\n* : deny\n")) as rules:
            found = rules.decide_packed(4, bytes((10, 1, 2, 3, 11, 1, 2, 3)))
            self.assertEqual((list(found.rules), found.verdicts, found.steps, found.needs),
                             ([0, 1], b"\1\0", bytes((Step.PREFIX, Step.DEFAULT)), b"\0\0"))
            self.assertEqual(list(rules.decide_packed(6, memoryview(bytes(32))).rules), [1, 1])
            for family, packed in ((4, b"123"), (6, bytes(17)), (5, b""), ("4", b"")):
                with self.assertRaises(postern.ArgumentError):
                    rules.decide_packed(family, packed)
            with self.assertRaises(TypeError):
                rules.decide_packed(4, "1234")

    def test_origin_and_outcome(self):
        with postern.Rules(self.example("web")) as rules:
            got = rules.decide("203.0.113.200")
            outcome = rules.outcome(got.rule)
            self.assertEqual((outcome.limit, outcome.step), (got.limit, Step.NONE))
            origin = rules.origin(got.rule)
            self.assertEqual(origin.target, "$crawler")
            self.assertTrue(origin.file.endswith("web.rules"))
            self.assertEqual(origin.line, 10)
            blocked = rules.decide("198.51.100.1")
            self.assertEqual(rules.origin(blocked.rule).owner, "abuse desk")
            self.assertNotEqual(rules.origin(blocked.rule).identity, origin.identity)

    def test_info(self):
        with postern.Rules(self.compiled("10.:deny\n:allow\n")) as rules:
            info = rules.info()
            self.assertEqual((info.format, info.records, info.needs),
                             (postern.FileFormat.CLASSIC, 2, Need.NOTHING))
            self.assertEqual(info.size, os.path.getsize(self.path("rules.cdb")))
            with open(self.path("rules.cdb"), "rb") as file:
                self.assertEqual(rules.image(), file.read())
        with postern.Rules(self.example("web")) as rules:
            self.assertEqual(rules.info().format, postern.FileFormat.NATIVE)

    def test_ways_to_open(self):
        path = self.compiled(OFFICE)
        for kind in (str, os.fsencode, pathlib.Path):
            for flags in ({}, {"copy": False}, {"check": False}):
                with postern.Rules(kind(path), **flags) as rules:
                    self.assertTrue(rules.decide("10.1.2.3").allowed)
        image = pathlib.Path(path).read_bytes()
        for kind in (bytes, bytearray, memoryview):
            with postern.Rules.from_bytes(kind(image)) as rules:
                self.assertTrue(rules.decide("10.1.2.3").allowed)
        changed = bytearray(image)
        rules = postern.Rules.from_bytes(changed)
        changed[:] = bytes(len(changed))
        self.assertTrue(rules.decide("10.1.2.3").allowed)
        with open(path, "rb") as file:
            rules = postern.Rules.from_fd(file.fileno())
        self.assertTrue(rules.decide("10.1.2.3").allowed)

    def test_version(self):
        self.assertEqual(postern.version(), postern.__version__)


class Watching(Case):
    def test_a_file_that_is_replaced(self):
        path = self.compiled(OFFICE)
        with postern.Watch(path) as watch:
            old = watch.rules()
            self.assertTrue(watch.decide("10.1.2.3").allowed)
            self.assertEqual(watch.needs("10.1.2.3"), Need.HOST)
            self.compiled(":deny\n")
            self.assertTrue(watch.changed())
            self.assertFalse(watch.decide("10.1.2.3").allowed)
            self.assertTrue(old.decide("10.1.2.3").allowed)  # it is held
            old.close()
            os.remove(path)
            with self.assertRaises(postern.IoError):
                watch.decide("10.1.2.3")
            self.compiled(OFFICE)
            self.assertTrue(watch.decide("10.1.2.3").allowed)
            watch.reload()
            while watch.due_ms() is not None:  # until its times hide no change
                time.sleep(watch.due_ms() / 1000)
                watch.rules().close()
            self.assertFalse(watch.changed())

    def test_a_file_that_is_not_there_yet(self):
        with postern.Watch(self.path("rules.cdb")) as watch:
            with self.assertRaises(postern.IoError) as raised:
                watch.rules()
            self.assertEqual(os.fspath(raised.exception.filename), self.path("rules.cdb"))
            with self.assertRaises(postern.IoError):
                watch.reload()
            self.compiled(OFFICE)
            self.assertTrue(watch.decide("10.1.2.3").allowed)

    def test_a_damaged_file(self):
        path = self.compiled(OFFICE)
        with postern.Watch(path) as watch:
            for damage, error in ((b"", postern.FormatError), (b"x" * 5000, postern.FormatError)):
                with open(path, "wb") as out:
                    out.write(damage)
                with self.assertRaises(error) as raised:
                    watch.decide("10.1.2.3")
                self.assertIn(path, str(raised.exception))

    def test_rules_outlive_their_watch(self):
        watch = postern.Watch(self.compiled(OFFICE))
        rules = watch.rules()
        watch.close()
        del watch
        self.assertTrue(rules.decide("10.1.2.3").allowed)
        rules.close()


class Threads(Case):
    def test_deciding_while_others_close_and_replace(self):
        path = self.compiled(OFFICE)
        images = (self.compiled(OFFICE + "1.2.3.4:deny\n", "one.cdb"),
                  self.compiled(OFFICE, "other.cdb"))
        shared = {"rules": postern.Rules(path), "watch": postern.Watch(path)}
        ended, faults = threading.Event(), []

        def ask():
            while not ended.is_set():
                try:
                    got = shared["rules"].decide("10.1.2.3")
                    again = shared["watch"].decide("10.1.2.3")
                    if not got.allowed or got.env != again.env:
                        faults.append(got)
                except postern.ClosedError:
                    pass
                except BaseException as error:  # pylint: disable=broad-except
                    faults.append(error)

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        try:
            for thread in threads:
                thread.start()
            for number in range(300):
                for name, new in (("rules", postern.Rules(path)), ("watch", postern.Watch(path))):
                    old, shared[name] = shared[name], new
                    old.close()
                if number % 10 == 0:
                    shutil.copy(images[number % 20 // 10], self.path("new"))
                    os.replace(self.path("new"), path)
        finally:
            ended.set()
            for thread in threads:
                thread.join()
            sys.setswitchinterval(interval)
        self.assertEqual(faults, [])
