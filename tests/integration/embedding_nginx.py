"""examples/nginx: the helper for auth_request under the real nginx, with its own configuration."""
import asyncio
import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import servers as S
from embedding_libevent import KNOWN, reverse

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLE = os.path.join(ROOT, "examples", "nginx")
PATIENCE = 20
RULES = ('postern: 1\n127.9.0.0/16 : block\n127.8.0.0/16 : allow, TAG="near", OTHER_ONE=""\n'
         '127.7.0.0/16 : allow, limit 3\n2001:db8:9::/48 : block\n'
         '=.friend.example : allow, TAG="friend"\n* : deny\n')


class Site:
    """nginx with the example's configuration, and the helper at its socket."""

    def __init__(self, setting, folder, rules=RULES, *options):
        self.setting, self.folder = setting, folder
        self.cdb = setting.compile(rules, os.path.join(folder, "rules.cdb"))
        os.mkdir(os.path.join(folder, "html"))
        with open(os.path.join(folder, "html/index.html"), "w", encoding="ascii") as page:
            page.write("the site\n")
        with open(os.path.join(EXAMPLE, "nginx.conf"), encoding="utf-8") as source:
            text = source.read()
        changes = (("/var/www/html", f"{folder}/html"), ("/run/postern/helper", f"{folder}/helper"))
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as out:
            out.write(f"user root; daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
                      + text.replace("http {", "http { access_log off;\n" + "".join(
                          f"{kind}_temp_path {folder}/{kind};" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))))
        shutil.copytree(EXAMPLE, os.path.join(folder, "nginx"))
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.options, self.helper = options, None
        self.start_helper()
        self.nginx = subprocess.Popen([setting.nginx, "-c", os.path.join(folder, "nginx.conf"),
                                       "-p", folder], stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", 8080)).close()
                socket.create_connection(("::1", 8080)).close()
                break
            except OSError:
                assert time.monotonic() < until and self.nginx.poll() is None, self.errors()
                time.sleep(.05)

    def start_helper(self):
        self.helper = subprocess.Popen(
            [sys.executable, "-B", os.path.join(self.folder, "nginx/helper.py"), self.cdb,
             os.path.join(self.folder, "helper"), "--resolver", "127.0.0.1", *self.options],
            stdout=subprocess.PIPE, stderr=self.log, env=self.setting.env, text=True)
        assert self.helper.stdout.readline() == "ready\n", self.said()

    def stop_helper(self):
        self.helper.send_signal(signal.SIGTERM)
        self.helper.wait(PATIENCE)
        self.helper.stdout.close()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def errors(self):
        with open(os.path.join(self.folder, "errors"), encoding="utf-8") as log:
            return log.read()

    def get(self, source, **headers):
        """(status, the variable as the site sees it, all headers)."""
        client = http.client.HTTPConnection("::1" if ":" in source else "127.0.0.1", 8080,
                                            timeout=PATIENCE, source_address=(source, 0))
        client.request("GET", "/", headers={k.replace("__", "-"): v for k, v in headers.items()})
        answer = client.getresponse()
        body = answer.read()
        client.close()
        assert (b"the site" in body) == (answer.status == 200), body
        return answer.status, answer.getheader("X-Tag"), answer.getheaders()

    def status(self, source, **headers):
        return self.get(source, **headers)[0]

    def ask(self, head):
        """What the helper itself says to a request."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(os.path.join(self.folder, "helper"))
            client.sendall(head)
            client.shutdown(socket.SHUT_WR)
            told = b""
            while piece := client.recv(65536):
                told += piece
            return told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_helper()
        self.nginx.send_signal(signal.SIGTERM)
        self.nginx.wait(PATIENCE)
        self.log.close()


def module():
    """names.py, in this process."""
    sys.path.insert(0, EXAMPLE)
    try:
        import names  # pylint: disable=import-error,import-outside-toplevel
        return names
    finally:
        sys.path.remove(EXAMPLE)


def tests(setting):
    def nginx_names(folder):
        with S.Dns(KNOWN) as dns, Site(setting, folder) as site:
            assert site.get("127.8.0.1")[:2] == (200, "near")
            assert site.status("127.9.0.1") == 403
            assert site.status("2001:db8:9::1") == 403
            assert dns.asked == [], dns.asked  # whom no name helps is not looked up
            for source in ("127.0.0.5", "127.0.0.6", "2001:db8::5"):
                assert site.get(source)[:2] == (200, "friend"), (source, site.said())
            for source in ("127.0.0.7", "127.0.0.8", "127.0.0.9", "127.0.0.10", "127.0.0.11",
                           "2001:db8::6", "2001:db8::7"):
                assert site.status(source) == 403, source
            asked = len(dns.asked)
            for source in ("127.0.0.5", "127.0.0.7", "127.0.0.11", "2001:db8::5"):
                site.get(source)
            assert len(dns.asked) == asked, dns.asked[asked:]  # what is known is kept
            assert site.status("127.7.0.1") == 500 and "a limit or a rate" in site.said()

    def nginx_is_the_only_one_who_says_who_comes(folder):
        with S.Dns(KNOWN), Site(setting, folder) as site:
            for headers in ({"X__Client": "127.8.0.1"}, {"X_Client": "127.8.0.1"},
                            {"x__client": "127.8.0.1"}, {"X__Forwarded__For": "127.8.0.1"},
                            {"X__Real__IP": "127.8.0.1"}):
                assert site.status("127.9.0.1", **headers) == 403, headers
                assert site.status("127.8.0.1", **headers) == 200, headers
            with http_connection("127.8.0.1") as client:
                client.request("GET", "/_postern")
                assert client.getresponse().status == 404  # it is nobody's page
            good = b"GET / HTTP/1.0\r\nX-Client: 127.8.0.1\r\n\r\n"
            assert site.ask(good).startswith(b"HTTP/1.1 204 ")
            assert b"\r\nX-Variables: TAG,OTHER_ONE\r\n" in site.ask(good), site.ask(good)
            assert b"\r\nX-Env-OTHER-ONE: \r\n" in site.ask(good), site.ask(good)
            for head in (b"GET / HTTP/1.0\r\n\r\n",
                         good.replace(b"\r\n\r\n", b"\r\nX-Client: 127.8.0.2\r\n\r\n"),
                         good.replace(b"127.8", b"x"), good.replace(b"127.8.0.1", b""),
                         good.replace(b"127.8.0.1", b"127.8.0.1, 127.8.0.1"),
                         good.replace(b"127.8.0.1", b"\xff\x00")):
                assert site.ask(head).startswith(b"HTTP/1.1 500 "), head
            for head in (b"", b"GET", b"x" * 100000, b"\0" * 5000):
                assert not site.ask(head).startswith(b"HTTP/1.1 204"), head
            assert site.ask(good).startswith(b"HTTP/1.1 204 ")

    def nginx_variables_that_would_be_headers(folder):
        rules = ('127.0.0.1:allow,TAG="a b%\\c"\n127.0.0.2:allow,TAG="x\rX-Env-Admin: 1"\n'
                 '127.0.0.3:allow,A_B="1",a_b="2"\n127.0.0.4:allow,A-B="1"\n'
                 '127.0.0.5:allow,TAG="%s"\n127.0.0.6:allow,TAG="\u00e9"\n127.0.0.8:allow,A:B="1"\n'
                 '127.0.0.7:allow,TAG="a",TAG="b"\n:deny\n'
                 .replace("%s", "v" * 5000))
        with S.Dns({}), Site(setting, folder, rules) as site:
            assert site.get("127.0.0.1")[:2] == (200, "a%20b%25\\c"), site.said()
            for source, want in (("127.0.0.2", (200, "x%0DX-Env-Admin:%201")),
                                 ("127.0.0.6", (200, "%C3%A9")), ("127.0.0.7", (200, "b"))):
                assert site.get(source)[:2] == want, (source, site.get(source))
                assert not any("admin" in name.lower() for name, _ in site.get(source)[2])
            for source in ("127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.8"):
                assert site.status(source) == 500, source
            setting.compile('postern: 1\n* : allow, TAG="x\\r\\nX-Env-Admin: 1"\n', site.cdb)
            status, tag, headers = site.get("127.0.0.1")
            assert status == 200 and "%0D%0A" in tag or "\\r\\n" in tag, tag
            assert not any("admin" in name.lower() for name, _ in headers), headers

    def nginx_rules_that_change(folder):
        with S.Dns({}), Site(setting, folder) as site:
            assert site.status("127.8.0.1") == 200
            setting.compile("127.8.:deny\n:allow\n", site.cdb)
            assert site.status("127.8.0.1") == 403
            assert site.status("127.6.0.1") == 200
            for damage in (b"", b"damage" * 1000, None):
                os.remove(site.cdb)
                if damage is not None:
                    with open(site.cdb, "wb") as out:
                        out.write(damage)
                assert site.status("127.6.0.1") == 500, damage
            setting.compile(":allow\n", site.cdb)
            assert site.status("127.6.0.1") == 200
            said = site.said()
            assert "not a compiled rule file" in said and "No such file" in said, said

    def nginx_without_its_helper(folder):
        with S.Dns({}), Site(setting, folder) as site:
            assert site.status("127.8.0.1") == 200
            site.stop_helper()
            assert site.status("127.8.0.1") == 500
            site.start_helper()  # the socket of the one before lies there yet
            assert site.status("127.8.0.1") == 200
            mode = os.stat(os.path.join(folder, "helper")).st_mode & 0o777
            assert mode == 0o660, oct(mode)

    def nginx_name_servers_that_fail(folder):
        answers = {(reverse("127.0.0.5"), S.PTR): None,
                   (reverse("127.0.0.6"), S.PTR): b"\x81\x80\0\1\0\xff\0\0\0\0garbage",
                   (reverse("127.0.0.12"), S.PTR): "failure"}
        rules = "postern: 1\n=.enemy.example : deny\n* : allow\n"
        with S.Dns(answers):
            for unknown, want in ((["--unknown", "go-on"], 200), ([], 500)):
                place = os.path.join(folder, str(want))
                os.mkdir(place)
                with Site(setting, place, rules, "--timeout", "1", *unknown) as site:
                    for source in ("127.0.0.5", "127.0.0.6", "127.0.0.12"):
                        start = time.monotonic()
                        assert site.status(source) == want, (source, site.said())
                        assert time.monotonic() - start < 5
                    assert site.status("127.0.0.99") == 200  # it has no name, which is known
                    assert ("is not known" in site.said()) == (want == 500)

    def nginx_answers_that_are_forged(_):
        """Answers with bytes changed, cut off, or of others: no other exception, no endless loop."""
        names = module()
        dns = S.Dns.__new__(S.Dns)
        dns.asked, dns.answers = [], {("x.example", S.PTR): [
            S.record(5, S.wire("y.example")), S.wire("y.example") +
            S.record(S.PTR, S.wire("Host.Example"))[2:]]}
        question = names._wire(b"X.eXample") + b"\0\x0c\0\1"
        good = dns.answer(b"\1\2\1\0\0\1\0\0\0\0\0\0" + question)
        assert names.read_answer(good, 258, question, S.PTR) == ([b"host.example"], 60), good
        rng = random.Random(7)
        for _ in range(50000):
            bad = bytearray(good[:rng.choice((len(good), rng.randrange(len(good) + 1)))])
            for _ in range(rng.randrange(4)):
                if bad:
                    bad[rng.randrange(len(bad))] = rng.choice((0, 192, 255, rng.randrange(256)))
            try:
                names.read_answer(bytes(bad), 258, question, S.PTR)
            except names.Unanswered:
                pass
        for number, asked in ((257, question), (258, question.lower()), (258, b"")):
            try:
                names.read_answer(good, number, asked, S.PTR)
                assert asked == b"", (number, asked)
            except names.Unanswered:
                pass

    def nginx_what_is_kept_is_bounded(_):
        names = module()
        kept = names.Kept(10)
        for number in range(1000):
            kept.add(number, None, 5.0)
        assert len(kept.entries) == 10 and kept.find(999, 4.9) and not kept.find(999, 5.0)

        async def many():
            with S.Dns(KNOWN, delay=.2) as dns:
                resolver = names.Resolver(("127.0.0.1", 53))
                address = names.ipaddress.ip_address("127.0.0.5")
                told = await asyncio.gather(*(resolver.name(address) for _ in range(50)))
                assert told == ["a.friend.example"] * 50, told
                assert len(dns.asked) == 2, dns.asked  # one look-up for all of them

        asyncio.run(many())

    def nginx_page_shows_its_configuration(_):
        assert re.search(r"^```nginx examples/nginx/nginx.conf$", setting.page, re.M)

    return [nginx_names, nginx_is_the_only_one_who_says_who_comes,
            nginx_variables_that_would_be_headers, nginx_rules_that_change,
            nginx_without_its_helper, nginx_name_servers_that_fail, nginx_answers_that_are_forged,
            nginx_what_is_kept_is_bounded, nginx_page_shows_its_configuration]


class http_connection:  # pylint: disable=invalid-name
    """A connection from an address, closed at its end."""

    def __init__(self, source):
        self.client = http.client.HTTPConnection("127.0.0.1", 8080, timeout=PATIENCE,
                                                 source_address=(source, 0))

    def __enter__(self):
        return self.client

    def __exit__(self, *_):
        self.client.close()


if __name__ == "__main__":
    sys.exit("a module of the tests")
