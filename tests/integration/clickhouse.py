#!/usr/bin/env python3
"""A million rows of a log give three answers that are equal to the byte: by `check --batch`, by ClickHouse's
function of it, and by the dictionary where an address alone decides.

The engine is chdb of npm (500 MB), and for a query over two shards Debian's clickhouse-server, which is old:
it has dictionaries and remote(), and no functions of programs. A policy is replaced while a query runs.
"""
import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
from npm import environment, fetched  # noqa: E402

TOLD = "(verdict,target,file,line,error)"
POLICY = """postern: 1
set office = 10.1.0.0/16, 2001:db8:1::/48
set drop = file "drop.txt"
$office : allow, TAG="office"
$drop except $office : deny
joe@10.0.0.0/8 : allow
=mx.example.com : allow
=.example.org : deny
192.0.2.0/24 : allow, limit 3
64.0.0.0/2 : allow
2001:db8::/32 : allow
* : deny
"""


def rows(path, count, rng):
    """(id, address, host, ident), of both families, with what no client is among them."""
    hosts = ("-", "-", "mx.example.com", "a.example.org", "x.test")
    with open(path, "w", encoding="ascii") as out:
        for number in range(count):
            family = rng.random()
            address = (f"10.{rng.randrange(3)}.{rng.getrandbits(8)}.{rng.getrandbits(8)}" if family < .4 else
                       f"{rng.randrange(1, 224)}.{rng.getrandbits(8)}.{rng.getrandbits(8)}.{rng.getrandbits(8)}" if family < .7 else
                       f"192.0.2.{rng.getrandbits(8)}" if family < .8 else
                       f"2001:db8:{rng.randrange(3)}::{rng.getrandbits(16):x}" if family < .99 else "nonsense")
            out.write(f"{number}\t{address}\t{rng.choice(hosts)}\t{rng.choice(('-', '-', 'joe', 'ann'))}\n")


class World:
    def __init__(self, postern, folder, count):
        self.postern, self.folder, self.count = postern, folder, count
        rng = random.Random(11)
        with open(self.path("drop.txt"), "w", encoding="ascii") as out:
            out.writelines(f"{rng.randrange(1, 224)}.{rng.getrandbits(8)}.{rng.getrandbits(8)}.0/24\n" for _ in range(2000))
        self.write("p.rules", POLICY)
        rows(self.path("rows.tsv"), count, rng)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        return self.path(name)

    def run(self, *words, **more):
        return subprocess.run([self.postern, *words], check=True, timeout=600, cwd=self.folder, **more)

    def ours(self):
        """What check --batch answers, a line a row."""
        cut = subprocess.run(["cut", "-f2-", self.path("rows.tsv")], stdout=subprocess.PIPE, check=True, timeout=60)
        told = subprocess.run([self.postern, "check", "--batch", "--input", "tsv", "--columns", TOLD, "out/postern.cdb"],
                              input=cut.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder,
                              timeout=600, check=False)
        assert told.returncode == 2, "some rows are no clients"
        return told.stdout.decode()


def chdb(world, steps):
    config = world.write("config.xml", f"""<clickhouse>
  <user_defined_executable_functions_config>{world.path('out')}/*_function.xml</user_defined_executable_functions_config>
  <user_scripts_path>{world.folder}</user_scripts_path><user_files_path>{world.folder}/</user_files_path>
</clickhouse>""")
    env = environment(world.folder, PATH=os.path.dirname(world.postern) + ":" + os.environ["PATH"])
    done = subprocess.run(["node", os.path.join(HERE, "clickhouse.cjs"), config, world.path("data")], input=json.dumps(steps),
                          capture_output=True, text=True, cwd=world.folder, env=env, timeout=1800, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    asked = [step for step in steps if "swap" not in step]
    assert len(told) == len(asked), (done.stdout[-500:], done.stderr[-2000:])
    for one, step in zip(told, asked):
        assert not one["error"], (step, one["error"])
    return told


def three_answers(world):
    world.run("export", "clickhouse", "--dir", "out", "p.rules")
    ours = world.ours()
    with open(world.path("out/postern.sql"), encoding="utf-8") as file:
        made = [text for text in file.read().split(";\n") if "CREATE" in text]
    table = f"file('{world.path('rows.tsv')}', 'TabSeparated', 'id UInt64, address String, host String, ident String')"
    told = chdb(world, [{"query": text} for text in made] + [
        {"query": f"SELECT postern(address, host, ident) FROM {table} ORDER BY id", "out": world.path("function")},
        {"query": f"SELECT id, postern_prefix(address) FROM {table} WHERE address != 'nonsense' ORDER BY id",
         "out": world.path("dictionary")},
        {"query": f"SELECT count() FROM {table} WHERE address != 'nonsense' AND postern_prefix(address).1 = 1"}])
    with open(world.path("function"), encoding="utf-8") as file:
        assert file.read() == ours, "the function answers otherwise"
    lines, alone = ours.splitlines(), 0
    with open(world.path("dictionary"), encoding="utf-8") as file:
        for line in file:
            number, answer = line.rstrip("\n").split("\t", 1)
            if answer.startswith("(0,"):
                # another rule may say the same of a host
                assert answer.split("'")[1] == lines[int(number)].split("'")[1], (number, answer, lines[int(number)])
                alone += 1
    assert alone > world.count // 20 and int(told[-1]["told"]) > world.count // 20
    return told[-3]["seconds"], told[-2]["seconds"], alone


def replaced(world):
    """Each answer is of the old policy or of the new one, and those of a later query of the new one."""
    world.write("new.rules", POLICY.replace("$office : allow, TAG", "$office : deny # TAG"))
    for name in ("new", "p"):
        world.run("compile", f"{name}.rules", "-o", f"{name}.cdb", stdout=subprocess.DEVNULL)
    asked = f"SELECT postern('10.1.2.' || toString(number % 200), '-', '-').verdict AS v, count() FROM numbers({world.count}) GROUP BY v"
    live = world.path("out/postern.cdb")
    told = chdb(world, [{"query": asked}, {"query": asked, "during": [world.path("new.cdb"), live], "after": 100}, {"query": asked}])
    first, during, last = (dict(line.split("\t") for line in one["told"].strip().split("\n")) for one in told)
    assert first == {"allow": str(world.count)} and last == {"deny": str(world.count)}, (first, last)
    assert set(during) <= {"allow", "deny"} and sum(map(int, during.values())) == world.count, during
    return during


DICTIONARY = """<yandex><dictionary><name>postern</name>
<source><file><path>{path}</path><format>TabSeparated</format></file></source><layout><ip_trie/></layout><lifetime>0</lifetime>
<structure><key><attribute><name>prefix</name><type>String</type></attribute></key>
<attribute><name>depends</name><type>UInt8</type><null_value>1</null_value></attribute>
<attribute><name>verdict</name><type>String</type><null_value>none</null_value></attribute></structure></dictionary></yandex>
"""


class Server:
    """An old clickhouse-server on loopback, with a dictionary."""

    def __init__(self, program, folder, port, dictionary):
        os.makedirs(folder)
        self.port = port
        with open(folder + "/users.xml", "w", encoding="ascii") as out:
            out.write("<yandex><profiles><default/></profiles><users><default><password></password><networks><ip>::/0</ip>"
                      "</networks><profile>default</profile><quota>default</quota></default></users>"
                      "<quotas><default/></quotas></yandex>")
        with open(folder + "/config.xml", "w", encoding="ascii") as out:
            out.write(f"<yandex><logger><level>error</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>"
                      f"<http_port>{port + 1}</http_port><tcp_port>{port}</tcp_port><listen_host>127.0.0.1</listen_host>"
                      f"<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>"
                      f"<default_profile>default</default_profile><default_database>default</default_database>"
                      f"<mark_cache_size>10000000</mark_cache_size>"
                      f"<dictionaries_config>{dictionary}</dictionaries_config></yandex>")
        self.process = subprocess.Popen([*program, f"--config-file={folder}/config.xml"], cwd=folder,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, sql):
        with socket.create_connection(("127.0.0.1", self.port + 1), 120) as line:
            body = sql if isinstance(sql, bytes) else sql.encode()
            line.sendall(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            told = b""
            while piece := line.recv(65536):
                told += piece
        head, _, rest = told.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], rest[:1000]
        return rest.decode()

    def wait(self):
        for _ in range(600):
            assert self.process.poll() is None, "the server has ended"
            try:
                return self.ask("SELECT 1")
            except (OSError, AssertionError):
                time.sleep(0.1)
        raise AssertionError("the server does not come up")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def two_shards(world, program):
    """Half of the rows each, asked by one query over both."""
    with open(world.path("out/postern.tsv"), encoding="utf-8") as file:
        world.write("old.tsv", "".join("\t".join(line.split("\t")[:3]) + "\n" for line in file))
    dictionary = world.write("dictionary.xml", DICTIONARY.format(path=world.path("old.tsv")))
    ours = [line.split("'")[1] for line in world.ours().splitlines()]
    servers = []
    try:
        for number, port in enumerate((19310, 19320)):
            servers.append(Server(program, world.path(f"shard{number}"), port, dictionary))
        for number, server in enumerate(servers):
            server.wait()
            server.ask("CREATE TABLE log (id UInt64, address String) ENGINE = Memory")
            with open(world.path("rows.tsv"), encoding="ascii") as file:
                mine = [line.split("\t")[:2] for n, line in enumerate(file) if n % 2 == number and n < 100000]
            mine = [row for row in mine if "." in row[1]]
            server.ask(b"INSERT INTO log FORMAT TabSeparated\n" + "".join("\t".join(row) + "\n" for row in mine).encode())
        key = "tuple(IPv4StringToNum(address))"
        told = servers[0].ask(
            f"SELECT id, dictGetString('postern', 'verdict', {key}), dictGetUInt8('postern', 'depends', {key}) FROM "
            "remote('127.0.0.1:{19310,19320}', default, log) ORDER BY id".replace("{19310,19320}", "19310,127.0.0.1:19320"))
    finally:
        for server in servers:
            server.end()
    alone = 0
    for line in told.splitlines():
        number, verdict, depends = line.split("\t")
        if depends == "0":
            assert verdict == ours[int(number)], (line, ours[int(number)])
            alone += 1
    assert alone > 1000 and len(told.splitlines()) > 50000, (alone, told[:300])
    return len(told.splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--server", default="clickhouse", help="of Debian, for two shards")
    parser.add_argument("--count", type=int, default=1000000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.join(os.path.abspath(args.bin), "postern"), folder, args.count)
        if not fetched(folder, "chdb@3"):
            print("     skipped: npm does not reach its registry")
            return 77
        function, dictionary, alone = three_answers(world)
        print(f"three answers of {args.count} rows: the function in {function:.1f} s, the dictionary in {dictionary:.1f} s, "
              f"{alone} by the address alone")
        print(f"replaced while {args.count} rows are asked: {replaced(world)}")
        program = shutil.which(args.server)
        if not program:
            print(f"     skipped: two shards, there is no {args.server}")
            return 77
        world.run("compile", "p.rules", "-o", "out/postern.cdb", stdout=subprocess.DEVNULL)
        print(f"two shards: {two_shards(world, [program, 'server'])} rows, alike where the address decides")
    return 0


if __name__ == "__main__":
    sys.exit(main())
