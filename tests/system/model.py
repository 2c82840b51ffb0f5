#!/usr/bin/env python3
"""tcpserver beside a model of it (support/serving_model.py), in schedules of visits, held
connections and replaced rules: what each client is given and told, what the log says of it,
and what is counted. Two servers read one file, each with an environment of its own.

A fault is shown with the schedule's seed: --seed N --schedules 1 runs it again.
"""
import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]
import observe  # noqa: E402
import runner  # noqa: E402
import servers as S  # noqa: E402
import serving_model as M  # noqa: E402

ARGS = None
PROGRAM = ["/bin/sh", "-c", "/usr/bin/env -0; printf 'end\\0'; exec /bin/cat >/dev/null"]
SHELL = {"PWD", "OLDPWD", "SHLVL", "_"}  # what the shell sets by itself
HOSTS = [None, "mx.friend.example", "a.dial.example", "dial.example", "other.test"]
IDENTS = [None, "joe", "root", ""]
IPV4 = [f"127.{a}.{b}.{c}" for a in (0, 5, 77) for b in (0, 9) for c in (1, 2, 200)]
IPV6 = ["2001:db8:1::5", "2001:db8:1::6", "2001:db8:1:7::5", "2001:db8:2::5", "::1"]
NAMES = ["QMAILQUEUE", "RELAYCLIENT", "RBLSMTPD", "PATH", "V", "VV", "HOME", "SPFBEHAVIOR"]
OWN = ["TCPREMOTEIP", "TCPREMOTEHOST", "TCPREMOTEINFO", "PROTO", "TCPLOCALHOST",
       "TCP6REMOTEIP"]
SOURCES = [(), (), ((1, 32, 64),), ((2, 32, 64),), ((1, 32, 128),), ((2, 32, 48),),
           ((1, 32, 64), (2, None, 48)), ((2, 32, 128), (3, 24, 64), (4, 8, 32)),
           ((4, 16, 32), (1, 32, 128)), ((2, 24, 48), (1, None, 64), (3, 8, 16))]  # tiers of -C
VALUES = ["", "1", "a b", "x=y", "/nowhere:/bin", "long" * 100, "q"]


class Hosts(S.Dns):
    """Names by address; an address that nobody names has none."""

    def __init__(self, names):
        super().__init__({(reverse(a), S.PTR): [S.ptr(n)] for a, n in names.items() if n})


def reverse(address):
    return M.ipaddress.ip_address(address).reverse_pointer


class Idents(S.Threaded):
    """Says who asks, by the address that is asked."""

    def __init__(self, idents):
        self.idents = idents
        super().__init__("::", 113, S.socket.AF_INET6)  # for both families

    def serve(self, client):
        asked = client.recv(1000)
        name = self.idents.get(client.getsockname()[0].removeprefix("::ffff:"))
        if name is None or not asked:
            return
        ports = asked.strip().decode()
        client.sendall(f"{ports} : USERID : UNIX : {name}\r\n".encode())


class Pair:
    """A server and its model."""

    def __init__(self, case, rng, options, model, host, local):
        self.model, self.local, self.held = model, local, []
        self.server = case.server("-vl0", *options, "-x", case.path("rules.cdb"), host=host,
                                  env={**model.inherited, "DNSCACHEIP": "127.0.0.1"},
                                  program=PROGRAM, address=local)
        self.server.wait_for(rb"status: 0/")
        self.at = len(self.server.errors)
        self.rng = rng

    def lines(self, count):
        """What the log says since last time: that many lines."""
        until = time.monotonic() + observe.PATIENCE
        while self.server.errors.count(b"\n", self.at) < count:
            assert time.monotonic() < until, self.server.errors[self.at:]
            assert self.server.process.poll() is None, self.server.process.returncode
            time.sleep(0.001)
        text = self.server.errors[self.at:]
        self.at += len(text)
        return text.decode("latin1").splitlines()

    def loads(self):
        """The counters as SIGUSR1 tells them."""
        before = self.server.errors.count(b"counters:")
        self.server.process.send_signal(signal.SIGUSR1)
        self.server.wait_for(rb"counters:.*\n", before + 1)
        line = self.lines(1)[-1]
        words = line.partition("counters: ")[2].split()
        return dict(zip(words[::2], map(int, words[1::2])))

    def close(self):
        for client, _ in self.held:
            client.close()
        self.server.process.kill()
        self.server.reader.join(observe.PATIENCE)
        self.server.__exit__()


def tier_text(tier):
    n, v4, v6 = tier
    return f"{n}/{v6}" if v4 is None else f"{n}/{v4}:{v6}"


def struck_lines(pair, client):
    """Which tier or limit it was, where there are several."""
    model = pair.model
    if tier := model.struck_by_source(client):
        return [f"struck PID -C {tier_text(tier)}"] if len(model.per_source) > 1 else []
    rule = None if model.broken else model.rule_of(client)
    if not rule or rule.verdict != "allow" or len(rule.limits) < 2:
        return []
    limit = model.struck_by_rule(client, rule)
    return ["struck PID limit {} per /{},/{}".format(*limit)] if limit else []


def expected_lines(pair, client, port, word, host, ident):
    """Of one connection, from its beginning to what is said of its verdict."""
    def mapped(a):
        return a if ":" in a else "::ffff:" + a
    n = len(pair.model.live) + 1
    lines = [f"status: {n}/{pair.model.limit}", f"pid PID from {M.text_of(client.address)}"]
    if word == "drop":
        return lines + ["warning: dropping connection, unable to read"]
    return lines + [f"{word} PID 0:{mapped(pair.local)}:{pair.server.port} "
                    f"{host or ''}:{mapped(client.address)}:{ident or ''}:{port}"]


def normal(lines):
    out = []
    for line in lines:
        line = line.removeprefix("tcpserver: ")
        line = re.sub(r"^(pid|ok|deny|limit|rate|struck|end) \d+", r"\1 PID", line)
        if line.startswith("warning: dropping connection, unable to read"):
            line = line[:len("warning: dropping connection, unable to read")]
        out.append(line)
    return out


def read_told(socket):
    """What comes before the program's mark, or before the end."""
    got = b""
    while not got.endswith(b"end\0"):
        piece = socket.recv(65536)
        if not piece:
            break
        got += piece
    return got


def environment_of(told):
    items = told.decode("latin1").split("\0")[:-2]
    env = dict(item.partition("=")[::2] for item in items)
    assert len(env) == len(items), f"a name twice: {items}"
    return {n: v for n, v in env.items() if n not in SHELL}


def same(what, got, want):
    assert got == want, f"{what}: got {got!r}, the model says {want!r}"


def visit(pair, client, hold):
    """One connection, compared with the model."""
    model = pair.model
    over = model.is_over_source(client)
    struck = struck_lines(pair, client)
    word, rule, text = model.answer(client)
    connection = pair.server.connect(source=client.address, address=pair.local)
    told = read_told(connection.socket)
    banner = model.banner.encode()
    assert told.startswith(banner), (told, banner)
    told = told[len(banner):]
    want = expected_lines(pair, client, connection.port, word, *model.seen(client))
    if word == "ok":
        assert told, pair.server.errors[pair.at:]  # what the server says instead
        env = model.environment(client, rule, pair.local, connection.port,
                                pair.server.port)
        got = environment_of(told)
        got.pop("DNSCACHEIP", None)
        env = {n: v for n, v in env.items() if n not in SHELL}
        same("environment", got, env)
        same("log", normal(pair.lines(3)), want)
        model.live.append(client)
        pair.held.append((connection, client))
        if not hold:
            release(pair, len(pair.held) - 1)
        return
    same("told", told, text.encode("latin1"))
    connection.close()
    got = normal(pair.lines(5 + len(struck)))
    if over or (got[2] != want[2] and model.is_told_anyway(client, word)):
        # nothing was looked up: nothing could have changed it
        want = expected_lines(pair, client, connection.port, word, None, None)
    status = 25600 if word != "drop" else 28416
    same("log", got, want + struck + [f"end PID status {status}",
                                      f"status: {len(model.live)}/{model.limit}"])


def release(pair, at):
    """A held connection ends."""
    connection, client = pair.held.pop(at)
    connection.close()
    pair.model.live.remove(client)
    same("end", normal(pair.lines(2)),
         ["end PID status 0", f"status: {len(pair.model.live)}/{pair.model.limit}"])


# --- policies ------------------------------------------------------------------------

def random_env(rng):
    return {rng.choice(NAMES if rng.random() < .8 else OWN): rng.choice(VALUES)
            for _ in range(rng.choice((0, 1, 1, 2, 4)))}


def native_target(rng):
    """The fields of a rule that say whom it is for."""
    kind = rng.choice(("address", "prefix", "prefix", "holes", "host", "suffix", "any"))
    if kind == "address":
        a = rng.choice(IPV4 + IPV6)
        return a, {"address": a}
    if kind in ("prefix", "holes"):
        a = rng.choice(IPV4 + IPV6)
        bits = rng.choice((8, 16, 24, 30) if "." in a else (32, 48, 64, 126))
        p = str(M.ipaddress.ip_network(f"{a}/{bits}", strict=False))
        if kind == "prefix":
            return p, {"prefix": p}
        hole = rng.choice(IPV4 + IPV6)
        return f"{p} except {hole}", {"prefix": p, "holes": [hole]}
    if kind == "any":
        return "=", {"host": ""}
    host = rng.choice(HOSTS[1:])
    return (f"={host}", {"host": host}) if kind == "host" else \
        (f"=.{host.partition('.')[2]}", {"host": "." + host.partition(".")[2]})


def random_limits(rng):
    """One, or several of networks of other lengths each."""
    limits = {}
    for _ in range(rng.choice((1, 1, 2, 3))):
        limits[rng.choice((32, 24, 8)), rng.choice((128, 64, 48))] = rng.choice((1, 1, 2, 3, 4))
    return tuple((n, *bits) for bits, n in limits.items())


def random_native(rng):
    rules, seen = [], {}
    for _ in range(rng.randrange(1, 9)):
        target, fields = native_target(rng)
        verdict = rng.choice(("allow",) * 6 + ("deny", "deny", "block"))
        if verdict != "block" and "except" not in target and rng.random() < .25:
            ident = rng.choice(("joe", "root", ""))
            target, fields["ident"] = f'{ident or chr(34) * 2}@{target}', ident
        terms = {"verdict": verdict}
        if verdict == "allow":
            terms["env"] = random_env(rng)
            if rng.random() < .4:
                terms["limits"] = random_limits(rng)
            if rng.random() < .2:
                terms["rate"] = rng.choice((1, 2, 4)), rng.choice((32, 16)), 64
        if rng.random() < .5 and (verdict != "allow" or "limits" in terms or "rate" in terms):
            terms["reject"] = rng.choice(("550 no", "450 later, please", ""))
        if terms.get("reject") == "":
            del terms["reject"]
        meaning = repr(sorted((k, v) for k, v in fields.items()))
        if (meaning, verdict == "block") not in seen:  # of equal targets the first counts
            seen[meaning, verdict == "block"] = True
            rules.append(M.Rule(target, **terms, **fields))
    last = M.Rule("*", rng.choice(("allow", "allow", "deny")))
    if last.verdict == "allow":
        last.env = random_env(rng)
        if rng.random() < .2:
            last.limits = rng.choice((((1, 32, 64),), ((2, 32, 64),), ((1, 32, 64), (3, 8, 48))))
    rules.append(last)
    padding = [f"10.{i >> 8}.{i & 255}.1 : deny" for i in range(rng.choice((0, 0, 6000)))]
    return M.Native(rules), "postern: 1\n" + "\n".join(
        [r.source() for r in rules] + padding) + "\n"


def random_classic(rng):
    rules, lines = [], []
    for _ in range(rng.randrange(0, 7)):
        a = rng.choice(IPV4 + IPV6)
        prefixes = [a[:i + 1] for i in range(len(a)) if a[i] in ".:"]
        host = rng.choice(HOSTS[1:])
        target = rng.choice((a, rng.choice(prefixes), "=" + host, "=." + host, "=",
                             f"joe@{a}", f"root@={host}", ""))
        verdict = rng.choice(("allow", "allow", "deny"))
        env = random_env(rng) if verdict == "allow" else {}
        rules.append(M.Rule(target, verdict, env=env))
        lines.append(f"{target}:{verdict}" +
                     "".join(f',{n}="{v}"' for n, v in env.items()))
    lines += [f"10.{i >> 8}.{i & 255}.1:deny" for i in range(rng.choice((0, 0, 8000)))]
    return M.Classic(rules), "\n".join(lines) + "\n:allow\n" if rng.random() < .5 else \
        "\n".join(lines) + "\n"


def install(case, rng, pairs, text):
    """Replaces the rules, one way or other. None: by what are no rules."""
    path = case.path("rules.cdb")
    case.source = re.sub(r"(10\.\S+ ?: ?deny\n)+", "...\n", text or "none")
    if text is None:
        content = rng.choice((b"half a file", b"", b"\0" * 4096))
    else:
        done = subprocess.run([os.path.join(case.programs, "postern"), "compile", "-", "-o",
                               case.path("next")], input=text.encode("latin1"),
                              capture_output=True, check=False)
        assert done.returncode == 0, (done.stderr.decode(), text)
        with open(case.path("next"), "rb") as f:
            content = f.read()
    before = [pair.loads()["loads"] if pair.model.keep else 0 for pair in pairs]
    is_new = text is not None and content != getattr(case, "last_good", None)
    if text is not None:
        case.last_good = content
    if rng.random() < .5:
        case.write("next", content)
        os.rename(case.path("next"), path)
    else:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.pwrite(fd, content, 0)
        os.ftruncate(fd, len(content))
        os.close(fd)
    # rules that are to be kept must have been there for a while
    for pair, loads in zip(pairs, before):
        if pair.model.keep and is_new:
            until = time.monotonic() + observe.PATIENCE
            while pair.loads()["loads"] == loads:
                assert time.monotonic() < until, "nobody looked at the rules"
                time.sleep(0.01)


def new_policy(rng):
    return random_native(rng) if rng.random() < .7 else random_classic(rng)


def start_pairs(case, rng, names, idents):
    pairs = []
    for ipv6 in (False, rng.random() < .5):
        inherited = {**observe.BASE,
                     **{n: f"inherited {n}" for n in NAMES
                        if n != "PATH" and rng.random() < .7}}
        per_source = rng.choice(SOURCES)
        looks = rng.choice(((True, True), (False, False), (True, False), (False, True)))
        model = M.Server(inherited, 20, per_source, rng.choice(("", "", "220 hi\r\n")),
                         rng.random() < .3, looks)
        options = ["-c20", "-h" if looks[0] else "-H", "-r" if looks[1] else "-R"]
        if per_source:
            options.append("-C" + ",".join(map(tier_text, per_source)))
        if model.banner:
            options.append("-B" + model.banner)
        if model.keep:
            options.append("--keep-last-good")
        local = "::1" if ipv6 else "127.0.0.1"
        pairs.append(Pair(case, rng, options, model, local, local))
    return pairs


def a_schedule(case, seed, steps):
    """One schedule; returns how many connections were compared."""
    rng = random.Random(seed)
    names = {a: rng.choice(HOSTS) for a in IPV4 + IPV6}
    idents = {a: rng.choice(IDENTS) for a in IPV4 + IPV6}
    policy, text = new_policy(rng)
    case.write("rules.cdb", b"")
    install(case, rng, [], text)
    pairs, compared = [], 0
    with Hosts(names), Idents(idents):
        pairs = start_pairs(case, rng, names, idents)
        try:
            for pair in pairs:
                pair.model.install(policy)
            for _ in range(steps):
                pair = rng.choice(pairs)
                act = rng.random()
                if act < .1:
                    policy, text = (None, None) if rng.random() < .2 else new_policy(rng)
                    install(case, rng, pairs, text)
                    for each in pairs:
                        each.model.install(policy)
                elif act < .25 and pair.held:
                    release(pair, rng.randrange(len(pair.held)))
                else:
                    address = rng.choice(IPV6 if ":" in pair.local else IPV4)
                    client = M.Client(address, names[address], idents[address])
                    visit(pair, client, len(pair.held) < 12 and rng.random() < .4)
                    compared += 1
            for pair in pairs:
                told, model = pair.loads(), pair.model
                same("counters", {n: told[n] for n in model.tally}, model.tally)
                same("live", told["live"], len(model.live))
        finally:
            for pair in pairs:
                pair.close()
    return compared


def the_server_does_what_the_model_says(folder):
    compared, seed, until = 0, ARGS.seed, time.monotonic() + ARGS.seconds
    while True:
        with tempfile.TemporaryDirectory(dir=folder) as inner:
            case = observe.Case(ARGS.bin, os.path.join(ARGS.bin, "tcprules"), inner)
            try:
                compared += a_schedule(case, seed, 60)
            except Exception:
                print(f"in the schedule --seed {seed}, under these rules:\n{case.source}",
                      flush=True)
                raise
        seed += 1
        if ARGS.schedules:
            if seed - ARGS.seed >= ARGS.schedules:
                break
        elif compared >= ARGS.count and time.monotonic() >= until:
            break
    print(f"{compared} connections compared, {seed - ARGS.seed} schedules")


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, default=2000, help="connections, at least")
    parser.add_argument("--seconds", type=float, default=0, help="and for so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=0, help="so many, and no more")
    ARGS = parser.parse_args()
    ARGS.bin = os.path.abspath(ARGS.bin)
    if not S.isolate():
        return 77
    S.any_address()
    return runner.run([the_server_does_what_the_model_says])


if __name__ == "__main__":
    sys.exit(main())
