"""What ours makes of a policy of an engine, and what it says of addresses."""
import json
import os

import peers as P

X = P.X
ERROR = 2


def check(postern, path, asked):
    """Whether each address is allowed."""
    told = X.run(postern, "check", "--batch", path, text="".join(f"{a}\n" for a in asked))
    assert told.returncode == 0, told.stderr
    words = [line.split("\t")[0] for line in told.stdout.splitlines()]
    assert len(words) == len(asked)
    return {a: word == "allow" for a, word in zip(asked, words)}


def imported(postern, peer, number, body, asked):
    """The same, of a policy of an engine; None where the import is refused."""
    words = peer.import_words(number, body)
    done = X.run(postern, "import", *words)
    if done.returncode:
        assert done.returncode == ERROR and "error: " in done.stderr and not done.stdout, (words, done)
        return None
    return check(postern, P.written(peer.folder, "out.rules", done.stdout), asked)


def exported(postern, peer, number, policy):
    """A policy of ours as the engine reads it, called after its number."""
    def of(*more):
        text = X.must(postern, "export", peer.exported, *peer.export_words(number), *more, policy)
        return text.replace("*filter\n", "*raw\n")  # where packets have no route yet
    if isinstance(peer, P.Maxmind):
        return peer.made(policy, number)
    if peer.exported == "iptables-restore":
        return of("--family", "4"), of("--family", "6")
    return of()


def path_of(bin_folder):
    P.Maxmind.postern = os.path.join(os.path.abspath(bin_folder), "postern")
    return P.Maxmind.postern
