"""Rules of servers as people write them, for import_services.py."""

# Sources of tcprules of ucspi-tcp: mail relays, name servers, databases, and slips.
TCPRULES = [
    '127.:allow,RELAYCLIENT=""\n:allow\n',
    '127.0.0.1:allow,RELAYCLIENT=""\n192.168.:allow,RELAYCLIENT=""\n10.:allow,RELAYCLIENT=""\n:allow\n',
    '# smtp\n127.:allow,RELAYCLIENT="",RBLSMTPD=""\n192.0.2.:allow,RELAYCLIENT=""\n203.0.113.7:deny\n:allow,QMAILQUEUE="/var/qmail/bin/queue"\n',
    '10.1.2.3:deny\n10.1.2.:allow\n10.1.:deny\n10.:allow\n:deny\n',
    '192.0.2.10-20:allow\n:deny\n', '192.0.2.0-255:allow\n:deny\n', '10.1-3.:allow\n10.4-200.:deny\n:allow\n',
    '172.16-31.:allow,RELAYCLIENT=""\n:deny\n', '=mx.example.com:allow\n=.example.com:deny\n=:allow\n:deny\n',
    '=.example.com:allow,TAG="customer"\n:deny\n', 'joe@10.1.2.3:allow,JOE="1"\n10.1.2.3:deny\n:allow\n',
    'joe@=mx.example.com:allow\nroot@10.0.0.1:deny\n10.0.0.:allow\n:deny\n', ':deny\n', ':allow\n', '',
    '# nothing but a remark\n', '\n\n127.0.0.1:allow\n\n:deny\n', '10.1:allow\n:deny\n', '10.1.2.3.:allow\n:deny\n',
    'localhost:allow\n:deny\n', 'just words\n127.:allow\n', '10.1.2.9-2:deny\n10.1.2.200-300:deny\n:allow\n',
    "10.:allow,GREETING='it is \"us\"'\n:deny\n", '10.:allow,A=xyzx\n:deny\n', '10.:allow, A="b"\n:deny\n',
    '10.:allow,A="1",A="2"\n:deny\n', '10.:allow\n10.:deny\n:deny\n', '=MX.EXAMPLE.com:deny\n:allow\n',
    '010.1.:deny\n10.1.2.03:deny\n:allow\n', '10.1-2.3-4:deny\n:allow\n', '10.1.2.3 :deny\n:allow\n',
    '2001:db8::allow\n::1:allow\n:deny\n', '2001:db8:1::25:allow,RELAYCLIENT=""\n2001:db8:1:2:deny\n:allow\n',
    'fe80::deny\n:allow\n', '2001:db8:::allow\n:deny\n', '10.: allow\n', '10.:allow,A=b\n', '10.1.2.3:Allow\n',
    '10.:allow\r\n:deny\r\n', '192.0.2.:allow,PATH="/bin:/usr/bin",MSG="caf\xe9"\n:deny,X="1"\n',
    '0.:deny\n255.:deny\n224-239.:deny\n:allow\n', '203.0.113.1-1:deny\n203.0.113.5-:allow\n203.0.113.-3:deny\n:deny\n',
]

# Sources of ucspi-tcp6. The manual page tcprules(1) there has those of the first lines.
TCP6 = [
    '18.23.0.32:deny\n', '18.:deny\n', '18.23.0.1-22:deny\n', '127./8:allow\n:deny\n', '2001:de01:2:3:4:a:b:c:deny\n', '2002::/48:deny\n',
    'joe@127.0.0.1:deny\n18.23.0.32:allow\n:deny\n127.:allow\n', '10.0.:allow,RELAYCLIENT="@fix.me"\n:deny\n',
    '10.0.:allow,RELAYCLIENT=/@fix.me/\n:deny\n', '127.0.0.1:allow,RELAYCLIENT="",TCPLOCALHOST="movie.edu"\n',
    '10.0.0.0/8:allow\n10.1.0.0/16:deny\n10.1.2.0/24:allow\n10.1.2.3:deny\n:deny\n', '10.:deny\n10.1.0.0/16:allow\n:allow\n',
    '10.1.2.:allow\n10.1.0.0/16:deny\n10.1.2.128/25:deny\n:allow\n', '192.0.2.1/32:allow\n192.0.2.1:deny\n:deny\n',
    '192.0.2.77/25:allow\n:deny\n', '0.0.0.0/1:deny\n128.0.0.0/1:allow\n', '::/1:allow\n8000::/1:deny\n', '2001:db8::1/128:allow\n:deny\n',
    '2001:DB8:0::1:allow,A="b:c"\n2001:db8::/32:deny\n', 'joe@2001:db8::7:allow\n2001:db8::7:deny\n', '::1:allow\n::ffff:10.0.0.1:deny\n:deny\n',
    '::ffff:0:0/96:deny\n:allow\n', '=mx.example.com:allow\n=.example.com:deny\n10.0.0.0/9:allow\n=:deny\n', '# a remark\n\njust words\n:deny\n',
    '10.1.2.3:allow,TIME="12:30",B="x"\n:deny\n', '10.1-3.:allow\n10.2.0.0/15:deny\n:deny\n', 'joe@10.0.0.0/8:allow\n:deny\n',
    '10.0.0.0/8:allow\n10.0.0.0/8:deny\n:deny\n', '10.0.0.0/8 :deny\n:allow\n', '172.16.0.0/12:allow\n192.168.0.0/16:allow\nfc00::/7:allow\nfe80::/10:allow\n:deny\n',
    '10.0.0.0/0:deny\n', '10.0.0.0/33:deny\n', '2001:db8::/129:deny\n', '2001:db8:allow\n', 'zz::/16:allow\n', '10.:permit\n', '10.,:allow\n',
    '10.:allow,A\n', '10.:allow,A="b\n', '10/8:allow\n192.0/16:deny\n:allow\n', '10.:allow\t \n:deny  \n', '', ':deny',
]

# Folders of instructions of ipsvd: name and text; None is a file whose mode is 0.
IPSVD = [
    {"0": None}, {"0": ""}, {"10": "", "0": None}, {"10.1": None}, {"10.1.2.3": "+A=1\n", "0": None}, {"127": "", "10": "", "192.168": "", "0": None},
    {"10": None, "10.1": "C3\n"}, {"example.com": "", "0": None}, {"example.com": None}, {"good.example.com": "", "example.com": None},
    {"10": "", "mx.example.com": None}, {"10": None, "good.example.com": "+TAG=good\n"}, {"com": "", "0": None},
    {"127.0.0.1": "# here\n\n+RELAYCLIENT=\nC16:421 too many\\r\\n\n", "0": "C4\n"}, {"010": None, "10.1.2.3.4": None, "300": None},
    {"0": "+PATH\nnonsense\n"}, {"0": "=dyn.example.com\n"}, {"10.0.0": "C0\n"}, {"192.168": "+A=\"x\"\n", "10.0.0.9": None},
    {"10.1.2": "C3\nC5\n"}, {"10.1.2.3": (0o755, "echo no\n"), "0": None}, {"10.1.2.3": (0o111, ""), "0": ""}, {"10.1.2.3": (0o44, ""), "0": ""},
    {"README": "", "10": "", "0": None}, {"10": "+A=1\n+B=2 3\n+C==\n", "0": None}, {"192.0.2.1": "+A=\\n\n", "192.0.2": None},
    {"test": None, "x.test": ""}, {"10": "#", "0": None}, {"203.0.113.7": None, "198.51.100": None}, {"10": "+A=caf\xe9\n", "0": None},
    {"0": "+MEMORY=20000\n+DEBUG=\n+LOGNAME\nC16\n"}, {"10.1.2.3": "=floyd.dyn.example:10\n", "10": "", "0": None},
]

# Folders of s6: the sentence of its pages that each stands for, in other words, and the files.
# FS is s6-accessrules-cdb-from-fs, AR accessrules, TA s6-tcpserver-access, ED s6-envdir.
S6 = [
    ("FS: ip4 is for rules on IPv4 addresses", {"ip4/10.1.2.3_32/allow": ""}),
    ("FS: ip6 is for rules on IPv6 addresses", {"ip6/2001:db8::1_128/allow": ""}),
    ("FS: reversedns is for rules on host names", {"reversedns/mx.example.com/allow": ""}),
    ("FS: uid and gid are for users", {"uid/0/allow": "", "gid/self/deny": "", "ip4/10.0.0.0_8/allow": ""}),
    ("FS: other directories may be there, which TA does not use", {"port/25/allow": "", "ip4/10.0.0.0_8/allow": ""}),
    ("FS: 192.168.0.0_27 matches what no more precise rule does", {"ip4/192.168.0.0_27/allow": "", "ip4/192.168.0.16_28/deny": ""}),
    ("FS: with a file allow the key is accepted", {"ip4/192.0.2.0_24/allow": "yes\n"}),
    ("FS: with deny and no allow it is denied", {"ip4/192.0.2.0_24/deny": "", "ip4/0.0.0.0_0/allow": ""}),
    ("FS: allow goes before deny", {"ip4/192.0.2.0_24/deny": "", "ip4/192.0.2.0_24/allow": ""}),
    ("FS: a rule with neither is none", {"ip4/192.0.2.0_24/env/A": "1", "ip4/192.0.0.0_8/allow": ""}),
    ("FS: env counts with allow", {"ip4/192.0.2.0_24/allow": "", "ip4/192.0.2.0_24/env/TAG": "office\n"}),
    ("FS: env beside deny is nothing", {"ip4/192.0.2.0_24/deny": "", "ip4/192.0.2.0_24/env/TAG": "office\n", "ip4/0.0.0.0_0/allow": ""}),
    ("FS: exec is run in the program's place", {"ip4/192.0.2.0_24/allow": "", "ip4/192.0.2.0_24/exec": "echo no", "ip4/192.0.2.1_32/allow": ""}),
    ("FS: an empty exec is nothing", {"ip4/192.0.2.0_24/allow": "", "ip4/192.0.2.0_24/exec": ""}),
    ("AR: from 32 bits down to none", {"ip4/10.0.0.0_8/deny": "", "ip4/10.1.0.0_16/allow": "", "ip4/10.1.2.0_24/deny": "", "ip4/10.1.2.3_32/allow": ""}),
    ("AR: 0.0.0.0_0 is a catch-all", {"ip4/0.0.0.0_0/allow": ""}),
    ("AR: ::_0 is a catch-all of IPv6 alone", {"ip6/::_0/allow": ""}),
    ("AR: the prefix of an address is what is looked up, so bits behind it match nobody", {"ip4/10.1.2.3_8/allow": "", "ip4/10.0.0.0_9/allow": ""}),
    ("AR: an IPv6 prefix is in canonical form", {"ip6/2001:DB8::_32/allow": "", "ip6/2001:db8:0::_48/allow": "", "ip6/2001:db8:1::_48/allow": ""}),
    ("AR: a single zero group is written", {"ip6/2001:db8:0:1:1:1:1:1_128/allow": "", "ip6/2001:db8:0:1:1:1::_96/deny": ""}),
    ("AR: names from the whole down to their last label", {"reversedns/example.com/allow": "", "reversedns/mx.example.com/deny": ""}),
    ("AR: com is looked up too", {"reversedns/com/allow": ""}),
    ("AR: @ is for any name", {"reversedns/@/allow": "", "reversedns/example.com/deny": ""}),
    ("TA: names are asked for where no address rule is", {"ip4/10.0.0.0_8/deny": "", "reversedns/@/allow": ""}),
    ("TA: who is not found is denied", {"ip4/10.0.0.0_8/allow": ""}),
    ("TA: a name that is not found is denied", {"reversedns/good.example.com/allow": "", "ip4/127.0.0.1_32/allow": ""}),
    ("ED: the first line is the value, without blanks at its end", {"ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/A": "x y \t\nz\n"}),
    ("ED: an empty file removes the variable", {"ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/GONE": ""}),
    ("ED: an empty line is an empty value", {"ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/RELAYCLIENT": "\n"}),
    ("ED: a name with a sign is passed over", {"ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/A=B": "1", "ip4/10.0.0.0_8/env/C": "1"}),
    ("ED: a NUL becomes a newline", {"ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/A": "x\0y"}),
    ("FS: all of it", {"ip4/127.0.0.0_8/allow": "", "ip6/::1_128/allow": "", "ip4/10.0.0.0_8/allow": "", "ip4/10.0.0.0_8/env/RELAYCLIENT": "\n",
                       "ip4/10.66.0.0_16/deny": "", "reversedns/example.com/allow": "", "uid/default/deny": ""}),
]

# hosts.allow and hosts.deny that know users; nobody is called as here but joe and root.
USERS = [
    ("sshd: joe@10.1.\n", "ALL: ALL\n"), ("sshd: joe@10.0.0.0/8 root@127.0.0.1\n", "ALL: ALL\n"), ("sshd: root@ALL\n", "ALL: ALL\n"),
    ("sshd: joe@.example.com\nsshd: 192.0.2.\n", "ALL: ALL\n"), ("sshd: joe@mx.example.com, root@[2001:db8::]/32\n", "ALL: ALL\n"),
    ("", "ALL: ALL EXCEPT joe@10.0.0.0/8\n"), ("", "sshd: 10.0.0.0/255.0.0.0 EXCEPT joe@10.1. root@10.1.\n"),
    ("sshd: 10.1.2.3 : deny\nsshd: joe@10.1. : allow\nsshd: ALL : deny\n", ""), ("sshd: joe@10.1. : setenv WHO joe : allow\nsshd: ALL: deny\n", ""),
    ("ALL: ALL@10.1. joe@10.0.0.0/8\n", "ALL: ALL\n"), ("sshd: KNOWN@10.1. joe@10.1.\n", "ALL: ALL\n"),
    ("sshd: joe@KNOWN\n", "ALL: ALL\n"), ("ftpd: joe@ALL\n", "ALL: ALL\n"), ("sshd: joe@10. EXCEPT 10.1.\n", "ALL: ALL\n"),
]

# Policies of ours, for `export tcp6`: those that it can say, and those that it cannot.
POLICIES = [
    "10.0.0.0/8 : allow\n10.1.0.0/16 : deny\n10.1.2.3 : allow, A='x'\n* : deny\n",
    "set office = 10.1.0.0/16, 2001:db8::/33\n$office : allow, RELAYCLIENT='', TAG='a \"b\"'\n10.1.7.0/24 : deny\n* : deny\n",
    "10.0.0.5-10.0.0.77 : allow\n2001:db8::1-2001:db8::ff : deny\n* : allow\n", "=.example.com : allow\n=mx.example.com : deny\n= : deny\n* : deny\n",
    "joe@10.1.2.3 : allow, JOE='1'\njoe@=mx.example.com : allow\njoe@2001:db8::7 : deny\n* : deny\n", "0.0.0.0/0 : allow\n* : deny\n",
    "::/0 : deny\n* : allow\n", "10.1.2.3/32 : allow\n10.1.2.3 : deny\n* : deny\n", "10.0.0.0/8 except 10.1.0.0/16, 10.2.3.4 : allow\n* : deny\n",
    "10.0.0.0/8 : block\n* : allow\n", "192.0.2.1 : block\n10.0.0.0/9 : allow\n* : deny\n",
    "10.0.0.0/8 : block\n=mx.example.com : allow\n* : allow\n", "=.example.com : block\n10.1.2.3 : allow\n* : deny\n",
    "10.0.0.0/8 : allow, limit 5\n192.0.2.0/24 : allow\n* : deny\n", "10.0.0.0/8 : deny, reject 'no'\n* : allow\n",
    "joe@10.0.0.0/8 : allow\n192.0.2.0/24 : allow\n* : deny\n", "joe@* : deny\n10.0.0.0/8 : allow\n* : deny\n", "joe@=.example.com : allow\n* : deny\n",
    "10.0.0.0/8 : allow, A='1\\n2'\n192.0.2.0/24 : allow\n* : deny\n".replace("'1\\n2'", '"1\\n2"'),
    "\"a,b\"@10.1.2.3 : allow\n10.2.0.0/16 : allow\n* : deny\n", "\"#a\"@10.1.2.3 : allow\n* : deny\n",
]
