"""The grammar of rule files as grammar/parser.y has it, and sentences of it.

Each production stands in a sentence, and in each sentence every form of target in each place
where one may stand. What a token looks like is a table here; the rest is read from the grammar.
"""
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

WORDS = """192.0.2.7 2001:db8::7 [2001:db8::7] 192.0.2. 10.1-4. 1.2.3.37-53 10.0.0.0/8
    2001:db8::/32 [2001:db8::]/32 10.0.0.5-10.0.0.77 2001:db8::1-2001:db8::ff ::ffff:10.0.0.0/104
    =mx.example.com =.example.com = =MX.Example.COM. joe@192.0.2.7 "odd\\x20name"@10.2. ""@=
    joe@2001:db8::/32 joe@[::1] joe@=.example.com joe@$plain joe@* $plain $hosts $nothing $listed
    $cycle $unknown * 0.0.0.0/0 ::/0 1.2.3.4. 10.1 *.example.com .example.com example.com ALL 0/0
    010.1.2.3 300.1.1.1 10.0.0.1/8 10.0.0.9-10.0.0.1 10.1-2.3-4. =. =a/24 10.0.0.1-2001:db8::1
    =a..b except set file""".split()
LISTS = ["good.txt", "./good.txt", "sub/../good.txt", "empty.txt", "missing.txt", "page.txt",
         "bits.txt", "faulty.txt", "", ".", "./p.rules"]
INCLUDES = ["common.rules", "./common.rules", "link.rules", "classic", "missing.rules", ".", ""]
FORMS = [("WORD", word) for word in WORDS] + [("LIST", f'file "{path}"') for path in LISTS]

FILES = {
    "good.txt": "198.51.100.0/24 ; SBL1\n203.0.113.7\n2001:db8:bad::/48\n10.3.0.1-10.3.0.9\n",
    "empty.txt": "# nothing\n\n",
    "page.txt": "<html>\n",
    "bits.txt": "10.4.0.1/16\n10.5.0.1/16\n",
    "faulty.txt": "10.6.0.0/16\nnobody\n10.7\n",
    "common.rules": "postern: 1\n10.8.0.0/16 : deny\n10.8.0.0/16 : deny\n10.8.1.0/24 : deny\n",
    "classic": "10.9.1-3.:deny\n=c.example:allow,C=\"1\"\n",
}
FRONT = """postern: 1
set plain = 10.1.0.0/16, 2001:db8:1::/48, 127.0.0.1
set hosts = =.set.example, =mx.set.example
set nothing = 10.1.0.0/16 except 10.1.0.0/16
set listed = file "good.txt", 10.2.0.0/16
env given = G="1"
"""
BACK = "* : allow\n"

# how each token is written; those with a context are looked up with the token before them
TEXTS = {
    "KEY": "10.1.2.3:", "NAME": ",N=", "VALUE": '"v"', "NEWLINE": "\n", "SKIPPED": "nothing",
    "HEADER": "postern: 1", "WORD": "10.0.0.0/8", "COMMA": ", ", "COLON": " : ",
    "ALLOW": "allow", "DENY": "deny", "BLOCK": "block", "SETTING": "N=", "SET": "set ",
    "ENV": "env ", "INCLUDE": "include ", "LIST": "file ", "EXCEPT": " except ", "OPEN": "{ ",
    "CLOSE": " }", "UNCLOSED": "\n1.2.3.4 : deny", "NAMED": "NAMED", "SIGN": " = ",
    "GROUP": "$given", "EXPECT": "expect ", "ALWAYS": "always ", "NOT": "!", "UNSET": "!N",
    "BY": "by ", "NO_HOST": " assuming no host", "NO_IDENT": " assuming no ident",
    "LIMIT": "limit ", "RATE": "rate ", "PER": " per ", "REJECT": "reject ", "UNTIL": "until ",
    "OWNER": "owner ", "AT": " at", "LEAST": " least", "MOST": " most", "COUNT": " 3",
    "TICKET": "ticket ", "error": "] ", "PENALTY": "penalty ", "NO_PENALTY": "no penalty",
    "SIGNAL": "signal ",
}
AFTER = {
    ("LIST", "VALUE"): '"good.txt"', ("INCLUDE", "VALUE"): '"common.rules"',
    ("LIMIT", "AMOUNT"): "20", ("RATE", "AMOUNT"): "60/min", ("UNTIL", "AMOUNT"): "2031-01-31",
    ("PER", "AMOUNT"): "/24,/56", ("PENALTY", "AMOUNT"): "3-9 ", ("AMOUNT", "AMOUNT"): "60",
    ("SIGNAL", "AMOUNT"): "60",
}

# what fits nowhere, and what is between statements
SCRAPS = ["# a comment\n", "\t \n", "\r\n", "1.2.3.4 : deny\r\n", "1.2.3.4 : deny, N='raw'\n",
          "1.2.3.4 : deny, N='open\n", '1.2.3.4 : deny, N="open\n', '"open : deny\n', "'open : deny\n",
          "'raw' : deny\n", "2001:db8::1: deny\n", "joe@2001:db8::1-2001:db8::2: deny\n", "] : deny\n",
          "1.2.3.4 : ]\n", "1.2.3.4 : deny word\n", "1.2.3.4 : allow,\n  N=\"1\"\n", "set\n",
          "set ] = 1.2.3.4\n", "set a\n", "set a ]\n", "env\n", "1.2.3.4 : allow, limit x, rate 5/day\n",
          "1.2.3.4 : allow, limit 0, rate 0/min\n", "expect =a.example : deny\n", "!\n", "1.2.3.4,\n",
          "set open = {\n  1.2.3.4\n\n1.2.3.5 : deny\n", "set x = { 1.2.3.4 : deny\n", "except : deny\n",
          "expect 1.2.3.4 : allow assuming no host\n", "expect 1.2.3.4 : deny, deny\n",
          "1.2.3.4 : allow # behind\n", 'file "p.rules" : deny\n', "1.2.3.4 : deny, until 2031-02-30\n"]
# files of their own: their ends are what is looked at
WHOLE = ["", "postern: 1", "postern: 2\n", "postern:deny 1\n* : deny", "postern: 1\nset", "postern: 1\nset a",
         "postern: 1\nset a = {", "postern: 1\n1.2.3.4 : deny, ", "postern: 1\n1.2.3.4", "postern: 1\nenv e = ",
         "10.1.:allow", "10.1.:allow  ", "10.1.:allow \n \n", "# c\n#", " 10.1.:deny\n", ":allow\n", ":x:deny\n",
         "a:b\n", "nothing\n", "nothing", "10.1.:allowx\n", "10.1.:allow,N\n", "10.1.:allow,N=\n", "10.1.:allow,N=\"a\n",
         "10.1.:allow,N=\"a\"x\n", "10.1.:deny,N=xax,M='b'\n", "   ", "10:1\n:deny\n", "10.1.:allow x\n",
         "10.1.:allow\t", "1:2:3\nx:deny", ": \n", ":", "x:\n", "postern: 1\n1.2.3.4 : deny, by", "10.1.:deny,N",
         "postern: 1\nexpect 1.2.3.4 : by\n* : deny\n"]


def productions():
    """(head, symbols) of each production, in the order of the file."""
    with open(os.path.join(ROOT, "grammar/parser.y"), encoding="utf-8") as source:
        rules = source.read().split("\n%%\n")[1]
    rules = re.sub(r"/\*.*?\*/", "", re.sub(r"\{[^{}]*\}", "", rules), flags=re.S)
    made, head = [], None
    for part in re.split(r"(\w+:|\|)", rules):
        part = part.strip()
        if part.endswith(":"):
            head = part[:-1]
        elif part != "|" and (part or head) and head:
            made.append((head, tuple(s for s in part.split() if s != "%empty")))
    return made


class Grammar:
    def __init__(self):
        self.productions = productions()
        self.heads = {head for head, _ in self.productions}
        self.shortest = self.shortest_sentences()

    def shortest_sentences(self):
        """Of each symbol its shortest tokens, those that are no error first."""
        best, cost = {}, {}
        changed = True
        while changed:
            changed = False
            for head, symbols in self.productions:
                if any(s in self.heads and s not in best for s in symbols):
                    continue
                tokens = [t for s in symbols for t in (best[s] if s in self.heads else [s])]
                price = len(tokens) + 100 * tokens.count("error")
                if head not in best or price < cost[head]:
                    best[head], cost[head] = tokens, price
                    changed = True
        return best

    def around(self):
        """Of each head the tokens before and behind it in a statement."""
        places = {"statement": ([], [])}
        queue = ["statement"]
        while queue:
            at = queue.pop(0)
            for head, symbols in self.productions:
                if head != at:
                    continue
                for i, symbol in enumerate(symbols):
                    if symbol in self.heads and symbol not in places:
                        front, back = places[at]
                        places[symbol] = (front + self.expand(symbols[:i]),
                                          self.expand(symbols[i + 1:]) + back)
                        queue.append(symbol)
        return places

    def expand(self, symbols):
        return [t for s in symbols for t in (self.shortest[s] if s in self.heads else [s])]

    def sentences(self):
        """Statements, as tokens, with the productions that each was made for."""
        places, made = self.around(), {}
        for head, symbols in self.productions:
            if head == "file":
                continue
            front, back = places[head]
            tokens = tuple(front + self.expand(symbols) + back)
            made.setdefault(tokens, []).append((head, symbols))
            # in each production's own place of each statement, by the heads that lead there
            for other, rest in self.productions:
                for i, symbol in enumerate(rest):
                    if symbol == head and other in places:
                        before, behind = places[other]
                        wide = tuple(before + self.expand(rest[:i]) + self.expand(symbols)
                                     + self.expand(rest[i + 1:]) + behind)
                        made.setdefault(wide, []).append((head, symbols))
        return made


def spelt(tokens, number, forms=None):
    """The text of a sentence; forms[i] is what target i is written as."""
    text, before, target, skip = [], None, 0, False
    for i, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        if token in ("WORD", "LIST"):
            form = (forms or {}).get(target)
            target += 1
            if text and token and text[-1][-1:] not in (" ", "", "\n", "!"):
                text.append(" ")
            if form is not None:
                text.append(form)
                skip = token == "LIST"
                before = token
                continue
        piece = AFTER.get((before, token), TEXTS.get(token))
        text.append(piece.replace("NAMED", f"n{number}"))
        before = token
    return "".join(text)


def targets(tokens):
    return sum(token in ("WORD", "LIST") for token in tokens)


def is_classic(tokens):
    return tokens[0] in ("KEY", "SKIPPED")


def statements(grammar):
    """Every sentence, and each with every form of target in each of its places."""
    classic, extended, number = [], [], 0
    for tokens in grammar.sentences():
        if is_classic(tokens):
            classic.append(spelt(tokens, 0))
            continue
        if tokens[0] == "HEADER":
            continue
        texts = [spelt(tokens, number)]
        for place in range(targets(tokens)):
            for _, form in FORMS:
                number += 1
                texts.append(spelt(tokens, number, {place: form}))
        if tokens[0] == "INCLUDE":
            texts = [f'include "{path}"\n' for path in INCLUDES]
        extended.extend(texts)
        number += 1
    return sorted(set(classic)), sorted(set(extended))
