#!/usr/bin/env python3
"""Random small policies through every real engine, and through ours by import and by export.

Of each engine's own syntax: what it does is held to the plain meaning of the text, and what `postern import`
makes of it to what the engine does. Of ours: what `postern export` writes is given to each engine, and has to
be decided as the policy is. A difference is one that docs/engines.md tells of, in a row of that engine
and topic, or an error. The rows of the page are asked of the engines too.
"""
import argparse
import collections
import os
import random
import sys
import tempfile

import dialects as D
import model as M
import ours as O
import page as G
import peers as P

WORDS = {True: "allow", False: "deny", None: "refused"}
MAPPED = "addresses mapped into ipv6"
BATCH = 50


class Explained:
    """What the page tells: by engine and topic, the pairs of what is done there and here."""

    def __init__(self):
        self.rows, self.met = collections.defaultdict(set), collections.Counter()
        for row in G.rows():
            self.rows[row.engine, row.topic].add(row.said)

    def has(self, engine, policy, a, test):
        """Whether a row of a form that is in the policy says so."""
        topics = {M.FORMS[entry.form] for entry, _ in policy.rows}
        if a is not None and (engine == "haproxy" or getattr(a, "ipv4_mapped", None)):
            topics.add(MAPPED)
        for topic in sorted(t for t in topics if t):
            if any(test(*said) for said in self.rows[engine, topic]):
                self.met[engine, topic] += 1
                return True
        return False


class Run:
    def __init__(self, postern, made, explained, rng):
        self.postern, self.made, self.explained, self.rng = postern, made, explained, rng
        self.answers = collections.Counter()

    def fail(self, engine, text, what):
        sys.exit(f"{engine}:\n{text}\n{what}\n")

    def asked(self, world, peer):
        mapped = [M.address((0xFFFF << 32) + int(a), 6) for a in world.edges if a.version == 4][:6]
        six = [M.address(n, 6) for a in world.edges[:3] if a.version == 4 for n in (int(a), (0x2002 << 112) + (int(a) << 80))]
        found = dict.fromkeys(self.rng.sample(world.edges, min(40, len(world.edges))) + mapped + six)
        return [a for a in found if peer.can_ask(a)]

    def native(self, peer, count):
        """Policies in the engine's own syntax."""
        world, engine = M.World(self.rng), peer.name
        policies = [D.made(engine, world) for _ in range(count)]
        asked = self.asked(world, peer)
        if not asked:
            return
        bodies = [D.written(engine, p) for p in policies]
        taken = [n for n, p in enumerate(policies) if D.predicted(engine, p, asked[0]) is not None]
        for n in set(range(count)) - set(taken):
            self.refusal(peer, policies[n], bodies[n])
        try:
            told = peer.answers([peer.wrap(bodies[n], at) for at, n in enumerate(taken)], asked)
        except P.Refused as why:
            self.fail(engine, "", f"is refused there, and the reading has it that it is taken: {why}")
        for at, (n, there) in enumerate(zip(taken, told)):
            self.there(engine, policies[n], bodies[n], there)
            if peer.imported:
                self.here(peer, policies[n], (at, bodies[n]), there)

    def refusal(self, peer, policy, body):
        try:
            peer.answers([peer.wrap(body, 0)], [M.address(1, 4)])
        except P.Refused:
            self.answers[peer.name] += 1
            if not self.explained.has(peer.name, policy, None, lambda there, here: there == "refused"):
                self.fail(peer.name, body, "is refused there, and no row says so")
            return
        self.fail(peer.name, body, "is taken there, and the reading has it that it is not")

    def there(self, engine, policy, body, told):
        for a, got in told.items():
            want = M.decide(policy, D.ORDERS.get(engine, "first"), a)
            self.answers[engine] += 1
            if got == want:
                continue
            if got != D.predicted(engine, policy, a):
                self.fail(engine, body, f"{a}: {WORDS[got]} there, and the text means {WORDS[want]}")
            if not self.explained.has(engine, policy, a, lambda there, here: True):
                self.fail(engine, body, f"{a}: {WORDS[got]} there, the text means {WORDS[want]}, and no row says so")

    def here(self, peer, policy, numbered, there):
        got = O.imported(self.postern, peer, *numbered, list(there))
        if got is None:
            if not self.explained.has(peer.name, policy, None, lambda there, here: here == "refused"):
                self.fail(peer.name, numbered[1], "is refused by the import, and no row says so")
            return
        for a, allows in got.items():
            self.answers["import"] += 1
            # What is refused of who is denied is left out of who is allowed, with a note.
            if allows != there[a] and not self.explained.has(
                    peer.name, policy, a, lambda there, here, allows=allows:
                    not allows if here == "refused" else there not in (here, "refused")):
                self.fail(peer.name, numbered[1], f"{a}: {WORDS[there[a]]} there, and {WORDS[allows]} by the import")

    def exports(self, folder, count):
        """Policies of ours."""
        world, texts = M.World(self.rng), []
        for number in range(count):
            rows = {}
            for _ in range(self.rng.randrange(9)):
                entry = world.entry(self.rng.choice((4, 4, 6)), ("plain", "plain", "zero length", "upper", "full"))
                rows[entry.version, entry.low, entry.high] = (entry, self.rng.random() < 0.5)
            policy = M.Policy(list(rows.values()), self.rng.random() < 0.5)
            text = "postern: 1\n" + "".join(f"{e.text if e.version == 4 else spelled(e)} : {WORDS[v]}\n"
                                            for e, v in policy.rows) + f"* : {WORDS[policy.default]}\n"
            texts.append((policy, text, P.written(folder, f"{number}.rules", text)))
        for policy, text, path in texts:
            for a, got in O.check(self.postern, path, asked := list(dict.fromkeys(world.edges))[:40]).items():
                if got != M.decide(policy, "longest", a):
                    self.fail("postern", text, f"{a}: {WORDS[got]}")
            self.answers["postern"] += len(asked)
        for peer in self.made.values():
            if not peer.exported or peer.exported == "tcprules":
                continue
            asked = [a for a in self.asked(world, peer) if peer.is_alike(a)]
            if isinstance(peer, P.Iptables):
                sets = "".join(O.X.must(self.postern, "export", "ipset", "--name", f"p{n}", path)
                               for n, (_, _, path) in enumerate(texts))
                peer.programs.do("ipset", "ipset", "destroy")
                done = peer.programs.do("ipset", "ipset", "restore", text=sets)
                assert done.returncode == 0, done.stderr
            files = [O.exported(self.postern, peer, n, path) for n, (_, _, path) in enumerate(texts)]
            for (policy, text, _), told in zip(texts, peer.answers(files, asked) if asked else ()):
                for a, got in told.items():
                    self.answers["export"] += 1
                    if got != M.decide(policy, "longest", a):
                        self.fail(f"export to {peer.name}", text, f"{a}: {WORDS[got]} there")


def spelled(entry):
    """An IPv6 target of ours: without a length it wants brackets."""
    return entry.text if "/" in entry.text else f"[{entry.text}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--originals", required=True)
    parser.add_argument("--count", type=int, default=400, help="policies, each of them of every engine")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    postern, rng = O.path_of(args.bin), random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        made, skipped = G.peers_here(args.originals, folder)
        rows, wrong = G.check(postern, made)
        explained = Explained()
        run = Run(postern, made, explained, rng)
        for start in range(0, args.count, BATCH):
            count = min(BATCH, args.count - start)
            for peer in made.values():
                if peer.has_syntax:
                    run.native(peer, count)
            run.exports(folder, count)
            if (start // BATCH) % 20 == 19:
                print(f"{start + count} policies", flush=True)
    for name, number in run.answers.items():
        print(f"{name}: {args.count} policies, {number} answers, none unexplained")
        assert number > args.count * (4 if name != "ipsvd" else 1), name
    for (engine, topic), number in sorted(explained.met.items()):
        print(f"    {engine}, {topic}: met {number} times")
    print(f"{rows} rows of docs/engines.md, {wrong} that are otherwise")
    return 1 if wrong else 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
