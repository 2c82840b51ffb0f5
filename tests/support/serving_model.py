"""What tcpserver does with a client, as plainly as it can be said: no tables, no images, no
look-ups ahead. Slow, and obviously right; tests/system/model.py holds the server to it.
"""
import ipaddress

OWN = ("LOCALIP", "LOCALPORT", "LOCALHOST", "REMOTEIP", "REMOTEPORT", "REMOTEHOST",
       "REMOTEINFO")


def text_of(address):
    return str(ipaddress.ip_address(address))


def network(address, bits):
    """The network of an address: `bits` are those of its family."""
    return ipaddress.ip_network(f"{address}/{bits[ipaddress.ip_address(address).version == 6]}",
                                strict=False)


class Rule:
    """One rule. `target` is its text; what it means stands in the other fields."""

    def __init__(self, target, verdict="allow", ident=None, address=None, prefix=None,
                 holes=(), host=None, env=(), limits=(), rate=None, reject=None):
        self.target, self.verdict, self.ident = target, verdict, ident
        self.address = address                  # by itself
        self.prefix = prefix and ipaddress.ip_network(prefix)
        self.holes = [ipaddress.ip_network(h) for h in holes]
        self.host = host                        # "a.b", ".b", "" for any, None for none
        self.env, self.limits, self.rate, self.reject = dict(env), limits, rate, reject

    def source(self):
        """The rule in the extended language."""
        def quoted(value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        terms = [self.verdict] + [f"{n}={quoted(v)}" for n, v in self.env.items()]
        terms += [f"limit {n} per /{v4},/{v6}" for n, v4, v6 in self.limits]
        if self.rate:
            terms.append(f"rate {self.rate[0]}/hour per /{self.rate[1]},/{self.rate[2]}")
        if self.reject is not None:
            terms.append(f"reject {quoted(self.reject)}")
        return f"{self.target} : {', '.join(terms)}"


class Native:
    """Rules of the extended language: a block, then the ladder, with the ident and without."""

    def __init__(self, rules):
        self.rules = rules

    def decide(self, address, host, ident):
        addr = ipaddress.ip_address(address)
        blocks = [r for r in self.rules if r.verdict == "block"]
        found = self.ladder(blocks, addr, host)
        if not found and ident is not None:
            found = self.ladder([r for r in self.rules if r.ident == ident], addr, host)
        return found or self.ladder([r for r in self.rules if r.ident is None and
                                     r.verdict != "block"], addr, host)

    @staticmethod
    def ladder(rules, addr, host):
        def in_prefix(r):
            return (r.prefix and r.prefix.version == addr.version and addr in r.prefix and
                    not any(h.version == addr.version and addr in h for h in r.holes))

        def best(found, rank):
            return max(found, key=rank) if found else None
        steps = (
            lambda: next((r for r in rules if r.address and
                          ipaddress.ip_address(r.address) == addr), None),
            lambda: next((r for r in rules if r.host and r.host[0] != "." and
                          r.host == host), None),
            lambda: best([r for r in rules if in_prefix(r)], lambda r: r.prefix.prefixlen),
            lambda: best([r for r in rules if host and r.host and r.host[0] == "." and
                          host.endswith(r.host)], lambda r: len(r.host)),
            lambda: next((r for r in rules if r.host == "" and host is not None), None),
            lambda: next((r for r in rules if r.target.endswith("*")), None))
        for step in steps:
            if found := step():
                return found
        return None


class Classic:
    """Keys of text, as the original looks them up."""

    def __init__(self, rules):
        self.keys = {}
        for rule in rules:
            self.keys.setdefault(rule.target, rule)
        self.rules = rules

    def decide(self, address, host, ident):
        text = text_of(address)
        keys = [text]
        if host is not None:
            keys.append("=" + host)
        if ident is not None:
            keys = [f"{ident}@{key}" for key in keys] + keys
        keys += [text[:i + 1] for i in reversed(range(len(text))) if text[i] in ".:"]
        if host is not None:
            keys += ["=" + host[i:] for i in range(len(host)) if host[i] == "."] + ["="]
        for key in keys + [""]:
            if key in self.keys:
                return self.keys[key]
        return Rule("", "allow")


class Client:
    """Who comes: an address, and what look-ups tell about it."""

    def __init__(self, address, host=None, ident=None):
        self.address, self.host, self.ident = address, host, ident


class Server:
    """One server: what it was started with, who is live, and what was counted."""

    def __init__(self, inherited, limit, per_source=(), banner="", keep=False,
                 looks=(True, True)):
        self.inherited, self.limit, self.per_source = inherited, limit, per_source
        self.banner, self.keep, self.looks = banner, keep, looks
        self.policy, self.broken = None, None
        self.live, self.missing = [], {}
        self.tally = dict.fromkeys(("accepted", "served", "denied", "limited", "dropped"), 0)

    def install(self, policy):
        """A policy, or None for a file that is none."""
        self.broken = policy is None
        if policy is None and self.keep and self.policy:
            self.broken = False
        elif policy is not None or not self.keep:
            self.policy = policy

    def seen(self, client):
        """What look-ups tell, where they are made."""
        return (client.host if self.looks[0] else None,
                client.ident if self.looks[1] else None)

    def rule_of(self, client):
        return self.policy.decide(client.address, *self.seen(client))

    def answers_anyway(self, client):
        """All rules that may decide, whatever a look-up tells: tried with all that rules
        speak of."""
        hosts = {r.host for r in self.policy.rules if r.host} | \
            {r.target.partition("=")[2] for r in self.policy.rules} | {"a.strange.test"}
        tried = [None] + [prefix + h for h in hosts for prefix in ("", "x", "x.")
                          if self.looks[0]]
        idents = [None] + (["", "stranger"] + [r.target.partition("@")[0]
                                               for r in self.policy.rules]) * self.looks[1]
        return [self.policy.decide(client.address, host, ident)
                for host in tried for ident in idents]

    def is_told_anyway(self, client, word):
        """Without a look-up, for it could change nothing: a denial with one text, or what
        one rule counts."""
        rules = self.answers_anyway(client)
        if word == "deny":
            return {(r.verdict == "allow", r.reject) for r in rules} == \
                {(False, rules[0].reject)}
        return word in ("limit", "rate") and len({id(r) for r in rules}) == 1

    def struck_by_rule(self, client, rule):
        """The first limit of the rule that is full: a number, and the two lengths."""
        for n, *bits in rule.limits:
            here = network(client.address, bits)
            live = [c for c in self.live if self.rule_of(c) is rule and
                    network(c.address, bits) == here]
            if len(live) >= n:
                return n, *bits
        return None

    def is_over_source(self, client):
        return self.struck_by_source(client) is not None

    def struck_by_source(self, client):
        """The first tier of -C that is full: a number, and the length for IPv4, if there is
        one, and for IPv6."""
        for n, *bits in self.per_source:
            if bits[0] is None and ":" not in client.address:
                continue
            here = network(client.address, bits)
            if sum(network(c.address, bits) == here for c in self.live
                   if (":" in c.address) == (":" in client.address)) >= n:
                return n, *bits
        return None

    def takes_token(self, client, rule):
        """Buckets never fill here: nothing of this takes a quarter of an hour."""
        if not rule.rate:
            return True
        n, *bits = rule.rate
        key = rule.target, network(client.address, bits)
        missing = min(self.missing.get(key, 0), n)
        self.missing[key] = missing + (missing < n)
        return missing < n

    def answer(self, client):
        """The word of the log, the rule, and what the client is told besides a program."""
        self.tally["accepted"] += 1
        if self.is_over_source(client):
            self.tally["limited"] += 1
            return "limit", None, ""
        if self.broken:
            self.tally["dropped"] += 1
            return "drop", None, ""
        rule = self.rule_of(client)
        if rule.verdict != "allow":
            self.tally["denied"] += 1
            return "deny", rule, rule.reject or ""
        if self.struck_by_rule(client, rule):
            self.tally["limited"] += 1
            return "limit", rule, rule.reject or ""
        if not self.takes_token(client, rule):
            self.tally["limited"] += 1
            return "rate", rule, rule.reject or ""
        self.tally["served"] += 1
        return "ok", rule, ""

    def environment(self, client, rule, local, port, local_port):
        """What the program is given."""
        host, ident = self.seen(client)
        env = {n: v for n, v in self.inherited.items()
               if n != "PROTO" and n.removeprefix("TCP6").removeprefix("TCP") not in OWN}
        is_6 = ":" in client.address
        env["PROTO"] = "TCP6" if is_6 else "TCP"
        facts = {"LOCALIP": local, "LOCALPORT": str(local_port), "LOCALHOST": "0",
                 "REMOTEIP": text_of(client.address), "REMOTEPORT": str(port),
                 "REMOTEHOST": host, "REMOTEINFO": ident}
        for name, value in facts.items():
            if value is None:
                continue
            mapped = f"::ffff:{value}" if name.endswith("IP") and not is_6 else value
            env["TCP" + name], env["TCP6" + name] = value, mapped
        env.update(rule.env)
        return env
