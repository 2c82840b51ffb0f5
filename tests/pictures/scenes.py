"""What the pictures show: files, and commands over them. All run beside examples/."""
import hashlib
import ipaddress


def block_list(count):
    """Prefixes of many lengths, spread as block lists are: made up, and always the same."""
    found = set()
    for number in range(count):
        drawn = hashlib.sha256(b"%d" % number).digest()
        length = 9 + (drawn[0] * drawn[1] >> 8) % 10
        crowded = (27, 36, 42, 58, 60, 61, 110, 112, 121, 175, 177, 183, 186, 187, 189, 201)
        first = drawn[2] if drawn[3] < 96 else crowded[drawn[4] % len(crowded)]
        if first not in (0, 10, 127, 172, 192, 198, 203) and first < 224:
            address = first << 24 | int.from_bytes(drawn[5:8], "big")
            found.add(ipaddress.ip_network((address >> 32 - length << 32 - length, length)))
    return "".join(f"{n}\n" for n in sorted(found))


SMTP = ('127.0.0.1:allow,RELAYCLIENT=""\n'
        '10.1.:allow,RELAYCLIENT="",TAG="office"\n'
        "198.51.100.16-31:deny\n"
        "=.dialup.example:deny\n"
        ":allow\n")

POLICY = """postern: 1
set office = 10.0.0.0/9, 2001:db8:1::/48
set drop   = file "drop.txt"

$drop    : block
$office  : allow, RELAYCLIENT=""
127.0.0.1: allow, RELAYCLIENT=""
224.0.0.0/3, 0.0.0.0/8 : deny
*        : allow
"""

OLD = """postern: 1
set office = 10.1.0.0/16
set guests = 10.64.0.0/12

$guests : deny
$office : allow, RELAYCLIENT=""
*       : allow
"""

NEW = """postern: 1
set office = 10.1.0.0/16, 10.32.0.0/13
set guests = 10.64.0.0/13
set lab    = 10.128.0.0/11

$guests : deny
$lab    : deny
$office : allow, RELAYCLIENT=""
*       : allow
"""

FAULTY = """# who may relay
127.:allow,RELAYCLIENT=""
10.1.:allow,RELAYCLIENT=""
10.1.7.:deny
=.friend.example:allow,RELAYCLIENT=""
10.1.7.9:deny
:allow
"""

# what a terminal shows of commands
TERMINALS = {
    "session.svg": {
        "title": "who decides, and why",
        "width": 72,
        "commands": ["cat smtp.rules", "postern compile smtp.rules",
                     "postern check smtp.cdb 10.1.2.3",
                     "postern check smtp.rules 203.0.113.9 pool7.dialup.example --trace"],
        "files": {"smtp.rules": SMTP},
    },
    "finding.svg": {
        "title": "what a rule file says that its author may not mean",
        "width": 88,
        "commands": ["postern lint relay.rules"],
        "files": {"relay.rules": FAULTY},
    },
    "diff.svg": {
        "title": "whom a change is for",
        "width": 80,
        "commands": ["postern diff old.rules new.rules"],
        "files": {"old.rules": OLD, "new.rules": NEW},
    },
}

# pictures that a command writes, under the name of the file
DRAWN = {
    "map.svg": {
        "commands": ["postern map smtp.rules -o map.svg"],
        "files": {"smtp.rules": POLICY, "drop.txt": block_list(420)},
    },
    "change.svg": {
        "commands": ["postern map old.rules new.rules -o change.svg"],
        "files": {"old.rules": OLD, "new.rules": NEW},
    },
}
