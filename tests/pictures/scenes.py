"""What the pictures show: files, and commands over them. All run beside examples/."""

# what a terminal shows of commands
TERMINALS = {
    "session.svg": {
        "title": "who decides, and why",
        "width": 72,
        "commands": ["cat smtp.rules", "postern compile smtp.rules",
                     "postern check smtp.cdb 10.1.2.3",
                     "postern check smtp.rules 203.0.113.9 pool7.dialup.example --trace"],
        "files": {"smtp.rules": '127.0.0.1:allow,RELAYCLIENT=""\n'
                                '10.1.:allow,RELAYCLIENT="",TAG="office"\n'
                                "198.51.100.16-31:deny\n"
                                "=.dialup.example:deny\n"
                                ":allow\n"},
    },
}

# pictures that a command writes, under the name of the file
DRAWN = {}
