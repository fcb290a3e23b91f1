"""Attacks on sessions, cookies and forms, and on what lies on the server's disk."""
import contextlib
import json
import os
import re
import socket
import sqlite3
import ssl
import stat
import subprocess
import tempfile
import threading
import time
import urllib.parse

import case
import server

FORM = ("Content-Type", "application/x-www-form-urlencoded")
# Every page of a person who is signed in, and what stands there that nobody else may see.
PRIVATE = ["/start", "/start/config", "/start/keys?account=222233334444&role=PowerUser", "/device", "/authorize?client_id=x"]


class Pages(case.Case):
    def signed_in(self, name="jane", password=server.PASSWORD):
        who = self.server.person()
        who.get("/start").sign_in(name, password)
        self.assertEqual(who.status, 200, who.text[:200])
        return who

    @staticmethod
    def cookies(who):
        jar = next(handler for handler in who.opener.handlers if hasattr(handler, "cookiejar")).cookiejar
        return {cookie.name: cookie.value for cookie in jar}

    def with_cookie(self, cookie, target="/start", accept="text/html"):
        return self.raw(case.message("GET", target, [("Cookie", cookie), ("Accept", accept)]))

    def is_let_in(self, cookie):
        return b"Your accounts" in self.with_cookie(cookie).body

    def test_a_session_begins_anew_whatever_the_browser_brought(self):
        planted = "p" * 43
        page = self.raw(case.message("GET", "/signin", [("Cookie", f"portico={planted}; portico_form={'f' * 43}")]))
        csrf = re.search(rb'name="csrf" value="([^"]+)"', page.body).group(1).decode()
        body = urllib.parse.urlencode({"csrf": csrf, "username": "jane", "password": server.PASSWORD}).encode()
        answer = self.raw(case.message("POST", "/signin", [FORM, ("Cookie", f"portico={planted}; portico_form={'f' * 43}")], body))
        self.assertEqual(answer.status, 303)
        given = next(cookie for cookie in answer.headers.get_all("Set-Cookie") if cookie.startswith("portico="))
        self.assertFalse(self.is_let_in(f"portico={planted}"))
        self.assertTrue(self.is_let_in(given.split(";")[0]))
        self.assertNotEqual(self.cookies(self.signed_in())["portico"], self.cookies(self.signed_in())["portico"])

    def test_a_cookie_altered_or_of_another_kind_opens_nothing(self):
        jar = self.cookies(self.signed_in())
        real = jar["portico"]
        self.assertGreaterEqual(len(real), 43, "256 bits")
        self.assertTrue(self.is_let_in(f"portico={real}"))
        for at in range(len(real)):
            self.assertFalse(self.is_let_in(f"portico={real[:at]}{'A' if real[at] != 'A' else 'B'}{real[at + 1:]}"), at)
        for value in ("", real[:-1], real + "A", real.swapcase(), real * 2, f'"{real}"', urllib.parse.quote(real[0]) + "%41", jar["portico_device"], "../../x", "' OR 1=1 --", "\\", "A" * 8_000):
            self.assertFalse(self.is_let_in(f"portico={value}"), value[:60])
        for cookie in (f"PORTICO={real}", f"portico_={real}", f"xportico={real}", f"__Host-portico={real}", f"portico_form={real}", f"portico_device={real}"):
            self.assertFalse(self.is_let_in(cookie), cookie[:20])

    def test_forms_without_the_visitors_own_token_or_from_elsewhere_do_nothing(self):
        jane, sam = self.signed_in(), self.signed_in("sam", "four clear winter mornings")
        token = {who: who.get("/start").page.forms[0].fields["csrf"] for who in (jane, sam)}
        before = self.server.person().get("/signin").page.forms[-1].fields["csrf"]
        client = self.post("/client/register", {"clientName": "tool", "clientType": "public", "scopes": ["sso:account:access"]}).json()
        keys = {key: client[key] for key in ("clientId", "clientSecret")}
        started = self.post("/device_authorization", {**keys, "startUrl": self.made["startUrl"]}).json()
        session = f"portico={self.cookies(jane)['portico']}"
        forms = {"/signout": {}, "/start/credentials": {"account": "222233334444", "role": "PowerUser"}, "/device": {"user_code": started["userCode"], "decision": "approve"}}
        own = [("Origin", self.server.pages)]
        for where, fields in forms.items():
            for what, csrf, headers in [
                ("no token", None, own), ("empty", "", own), ("another person's", token[sam], own), ("a visitor's", before, own), ("altered", token[jane][:-1] + "_", own), ("twice", [token[jane], token[jane]], own),
                ("another origin", token[jane], [("Origin", "https://evil.example")]), ("an origin that begins like ours", token[jane], [("Origin", self.server.pages + ".evil.example")]),
                ("another site", token[jane], [("Sec-Fetch-Site", "cross-site")]), ("another host of the site", token[jane], [("Sec-Fetch-Site", "same-site")]), ("another site that hides its origin", token[jane], [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]),
            ]:
                pairs = list(fields.items()) + [("csrf", value) for value in (csrf if isinstance(csrf, list) else [csrf]) if value is not None]
                answer = self.raw(case.message("POST", where, [FORM, ("Cookie", session), *headers], urllib.parse.urlencode(pairs).encode()))
                self.assertEqual(answer.status, 403, f"{where}, {what}: {answer}")
                answer = self.raw(case.message("POST", where + "?" + urllib.parse.urlencode(pairs), [FORM, ("Cookie", session), *headers], b""))
                self.assertEqual(answer.status, 403, f"{where}, {what}, in the query: {answer}")
        self.assertTrue(self.is_let_in(session))
        polled = self.post("/token", {**keys, "grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": started["deviceCode"]})
        self.assertEqual(polled.json()["error"], "authorization_pending")
        for where, fields in forms.items():
            self.assertEqual(self.raw(case.get(where)).status, 303 if where == "/device" else 405, f"{where} by GET")

    def test_a_form_whose_session_ended_before_its_body_came_gets_no_keys(self):
        jane = self.signed_in()
        jane.get("/start/keys?account=222233334444&role=PowerUser")
        form = next(form for form in jane.page.forms if form.action == "/start/credentials")
        cookie, body = ("Cookie", f"portico={self.cookies(jane)['portico']}"), urllib.parse.urlencode(form.fields).encode()
        sent = case.message("POST", "/start/credentials", [FORM, cookie], body)
        self.assertIn("portico_keys=", self.raw(sent).headers["Set-Cookie"], "what is at stake")
        with self.connect() as stream:
            stream.sendall(sent[:-len(body)])
            time.sleep(0.3)
            jane.get("/start")
            jane.submit(jane.page.forms[0])
            self.assertFalse(self.is_let_in(cookie[1]))
            stream.sendall(body)
            late = case.Answer(stream)
        self.assertEqual((late.status, late.headers["Location"]), (303, "/signin?return_to=%2Fstart"), late)
        self.assertNotIn("portico_keys=", late.headers.get("Set-Cookie") or "")

    def test_no_parameter_leads_elsewhere(self):
        jane = self.signed_in()
        session = f"portico={self.cookies(jane)['portico']}"
        host = urllib.parse.urlsplit(self.server.pages).netloc
        for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%09/evil.example", "\t//evil.example", "https:evil.example", "/start@evil.example", "/start/..//evil.example", ".evil.example",
                     "javascript:alert(1)", "data:text/html,x", f"//{host}@evil.example", "/signin?return_to=//evil.example", "/start\r\nLocation: //evil.example", "/start#//evil.example", "%2F%2Fevil.example"):
            quoted = urllib.parse.quote(evil, safe="")
            for target in (f"/signin?return_to={quoted}", f"/start?return_to={quoted}&next={quoted}&url={quoted}", f"/device?return_to={quoted}", f"/?return_to={quoted}", f"/{evil.strip()}" if evil.isascii() and " " not in evil and "\r" not in evil and "\t" not in evil else "/"):
                for headers in ([], [("Cookie", session)]):
                    answer = self.raw(case.message("GET", target, headers))
                    location = urllib.parse.urljoin(self.server.pages + "/", answer.headers.get("Location") or "/")
                    self.assertEqual(urllib.parse.urlsplit(location).netloc, host, f"{target} leads to {location}")
        for name in ("Host", "X-Forwarded-Host"):
            answer = self.raw(case.message("GET", "/start", [(name, "evil.example")]))
            self.assertTrue(answer.headers["Location"].startswith("/signin"), "an address of ours names no host that the request could set")
            self.assertNotIn(b"evil.example", answer.body)

    def test_private_pages_are_kept_by_nobody_and_framed_by_nobody(self):
        jane = self.signed_in()
        for target in [*PRIVATE, "/signin", "/nowhere", "/", "/signout", "/start/credentials", "/assignment/accounts", "/federation/credentials", "/token", "/assets/x/y"]:
            for method in ("GET", "POST"):
                answer = self.raw(case.message(method, target, [("Cookie", f"portico={self.cookies(jane)['portico']}"), FORM]))
                said = {name.lower(): value for name, value in answer.headers.items()}
                if answer.status == 405:
                    self.assertEqual((answer.body, said.get("x-content-type-options")), (b"", "nosniff"), f"{method} {target}")
                    continue
                self.assertEqual(said.get("cache-control"), "no-store", f"{method} {target}")
                self.assertEqual(said.get("x-content-type-options"), "nosniff", f"{method} {target}")
                if "text/html" in said.get("content-type", ""):
                    self.assertEqual(said["x-frame-options"], "DENY")
                    self.assertIn("frame-ancestors 'none'", said["content-security-policy"])
                    self.assertNotRegex(said["content-security-policy"], r"unsafe|\*|https?:")
                    self.assertEqual(said["referrer-policy"], "no-referrer")
                self.assertNotIn("server", said)
        for target in ("/healthz", "/readyz", "/metrics"):
            for method in ("GET", "POST"):
                answer = self.raw(case.message(method, target, []))
                self.assertEqual(answer.headers.get("x-content-type-options"), "nosniff", f"{method} {target}")

    def test_signing_out_ends_the_session_and_what_programs_got_through_it(self):
        jane, elsewhere = self.signed_in(), self.signed_in()
        client = self.post("/client/register", {"clientName": "tool", "clientType": "public", "scopes": ["sso:account:access"]}).json()
        keys = {key: client[key] for key in ("clientId", "clientSecret")}
        started = self.post("/device_authorization", {**keys, "startUrl": self.made["startUrl"]}).json()
        server.Cli.approve(jane, started["verificationUriComplete"], "jane", server.PASSWORD)
        issued = self.post("/token", {**keys, "grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": started["deviceCode"]}).json()
        bearer = case.message("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", issued["accessToken"])])
        self.assertEqual(self.raw(bearer).status, 200)
        cookie = f"portico={self.cookies(jane)['portico']}"
        jane.get("/start")
        jane.submit(jane.page.forms[0])
        self.assertIn("You are signed out", jane.text)
        self.assertFalse(self.is_let_in(cookie), "the cookie that a thief kept")
        self.assertEqual(self.raw(bearer).status, 401)
        refreshed = self.post("/token", {**keys, "grantType": "refresh_token", "refreshToken": issued["refreshToken"]})
        self.assertEqual(refreshed.json()["error"], "invalid_grant")
        self.assertTrue(self.is_let_in(f"portico={self.cookies(elsewhere)['portico']}"), "her other browser stays")


class Transport(case.Case):
    """The same server by https."""

    TLS = True

    def test_cookies_by_https_are_bound_to_the_host_and_never_sent_in_the_clear(self):
        page = self.raw(case.message("GET", "/signin", []))
        form = page.headers["Set-Cookie"]
        csrf = re.search(rb'name="csrf" value="([^"]+)"', page.body).group(1).decode()
        body = urllib.parse.urlencode({"csrf": csrf, "username": "jane", "password": server.PASSWORD}).encode()
        answer = self.raw(case.message("POST", "/signin", [FORM, ("Cookie", form.split(";")[0])], body))
        cookies = [form, *answer.headers.get_all("Set-Cookie")]
        names = sorted(cookie.partition("=")[0].removeprefix("__Host-") for cookie in cookies)
        self.assertEqual(names, ["portico", "portico_device", "portico_flow", "portico_form", "portico_form"])
        for cookie in cookies:
            name, *attributes = [part.strip() for part in cookie.split(";")]
            self.assertTrue(name.startswith("__Host-"), cookie)
            self.assertTrue({"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes), cookie)
            self.assertFalse(any(part.lower().startswith("domain") for part in attributes), cookie)
        self.assertRegex(answer.headers["Strict-Transport-Security"], r"max-age=\d{8}")
        session = next(cookie.split(";")[0] for cookie in cookies if cookie.startswith("__Host-portico="))
        let_in = lambda cookie: b"Your accounts" in self.raw(case.message("GET", "/start", [("Cookie", cookie)])).body
        self.assertTrue(let_in(session))
        self.assertFalse(let_in(session.removeprefix("__Host-")), "a cookie that another host of the domain could have set")

    def test_old_versions_and_weak_ciphers_are_not_spoken(self):
        for version in ("-tls1", "-tls1_1", "-tls1_2 -cipher aNULL:RC4:3DES:CBC"):
            spoken = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", *version.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertNotRegex(spoken.stdout, r"Cipher is (?!\(NONE\))", version)
        for version in ("-tls1_2", "-tls1_3"):
            spoken = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.server.port}", version], stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertRegex(spoken.stdout, r"Cipher is TLS_|Cipher is ECDHE", version)


class Disk(case.Case):
    """Somebody else on the same machine."""

    def test_what_the_server_keeps_is_its_users_alone(self):
        """Made under a mask that hides nothing, and after the server has written."""
        home = self.server.home / "open"
        arguments = [case.ARGUMENTS.portico, "init", "--data-dir", home / "deep" / "data", "--output", "json", "--seed", server.ROOT / "examples" / "acme.yaml", "--public-url", "http://127.0.0.1:1"]
        subprocess.run(list(map(str, arguments)), check=True, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.umask(0))
        self.signed_in()
        seen = 0
        for top in (home / "deep" / "data", self.server.data):
            for path in [top, *top.rglob("*")]:
                mode = stat.S_IMODE(path.lstat().st_mode)
                self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, f"{path.name} is {mode:o}")
                seen += path.is_file()
        self.assertGreaterEqual(seen, 5, "keys, configurations, databases and a log")

    def test_no_secret_stands_in_the_log_or_in_the_clear_in_the_database(self):
        who = self.signed_in()
        who.get("/start/keys?account=222233334444&role=PowerUser")
        who.submit(who.form("account", "role"))
        keys = re.findall(r'="([^"]{30,})"', who.blocks()[0])
        self.assertEqual(len(keys), 2, "secret key and session token")
        secrets = [server.PASSWORD, "a password typed wrong", self.made["secretAccessKey"], self.made["administrator"]["password"], self.cookie(who), *keys]
        self.server.person().get("/start").sign_in("jane", "a password typed wrong")
        self.server.person().get("/start").sign_in("a password typed wrong", "x")
        self.server.stop()
        for path in [self.server.home / "server.log", *self.server.data.rglob("*")]:
            content = path.read_bytes() if path.is_file() else b""
            for at, secret in enumerate(secrets):
                self.assertNotIn(secret.encode(), content, f"secret {at} in {path.name}")
        self.server.start()

    def test_no_two_instances_begin_with_a_secret_in_common(self):
        """There is no default password, key or secret that anybody could know of an instance."""
        made, keys = [], []
        for at in range(2):
            home = self.server.home / f"another{at}"
            out = subprocess.run([case.ARGUMENTS.portico, "init", "--data-dir", str(home), "--output", "json"], check=True, stdout=subprocess.PIPE)
            made.append(json.loads(out.stdout))
            keys.append((home / "portico.key").read_bytes())
        for what, (one, other) in {
            "root key's id": [each["accessKeyId"] for each in made], "root key": [each["secretAccessKey"] for each in made],
            "administrator's password": [each["administrator"]["password"] for each in made], "portico.key": keys, "management account": [each["managementAccountId"] for each in made],
        }.items():
            self.assertNotEqual(one, other, what)
            self.assertGreaterEqual(len(one), 12, what)

    def test_a_fault_inside_tells_the_log_why_and_callers_nothing(self):
        """Sealed secrets that cannot be opened, as after a disk that lies: no file, table, column or reason leaves the server."""
        database = next(self.server.data.glob("*.db"))
        sealed = "SELECT sealed_secret FROM access_keys WHERE access_key_id = ?"
        key = self.made["accessKeyId"]
        self.server.stop()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            [kept] = connection.execute(sealed, (key,)).fetchone()

        def put(secret):
            with contextlib.closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("UPDATE access_keys SET sealed_secret = ? WHERE access_key_id = ?", (secret, key))

        put(kept[:-1] + bytes([kept[-1] ^ 1]))
        self.server.start()
        form = b"Action=GetCallerIdentity&Version=2011-06-15"
        query = self.root().but(service="sts").request(body=form, headers=lambda given: [pair for pair in given if pair[0] != "X-Amz-Target" and pair[0] != "Content-Type"] + [FORM])
        for answer in (self.raw(self.root().request()), self.raw(query)):
            self.assertEqual(answer.status // 100, 5, answer)
            for told in (b"seal", b"sql", b"access_key", b"portico", b"panick", b".rs", str(self.server.home).encode(), key.encode()):
                self.assertNotIn(told, answer.body.lower() if told.islower() else answer.body, answer)
        self.server.stop()
        self.assertIn("internal fault", (self.server.home / "server.log").read_text())
        put(kept)
        self.server.start()
        self.assertEqual(self.raw(self.root().request(fields={"IdentityStoreId": self.made["identityStoreId"]})).status, 200)

    def signed_in(self):
        who = self.server.person()
        who.get("/start").sign_in("jane", server.PASSWORD)
        return who

    cookie = staticmethod(lambda who: Pages.cookies(who)["portico"])


class Neighbours(case.Case):
    """Other machines of the network, and one that passes for the database."""

    def test_measures_are_shown_to_this_machine_alone(self):
        self.server.stop()
        port = server.free_port()
        arguments = ["serve", "--data-dir", self.server.data, "--listen", f"0.0.0.0:{port}", "--public-url", self.server.base]
        with open(self.server.home / "open.log", "wb") as log:
            process = subprocess.Popen([case.ARGUMENTS.portico, *map(str, arguments)], stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 20
            while (here := self.status(port, "127.0.0.1", "/metrics")) is None and time.monotonic() < deadline:
                time.sleep(0.02)
            self.assertEqual(here, 200)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                # Nothing is sent: the address that a packet to elsewhere would have.
                probe.connect(("192.0.2.1", 9))
                outside = probe.getsockname()[0]
            self.assertEqual(self.status(port, outside, "/healthz"), 200, f"the server does listen on {outside}")
            for headers in ([], [("X-Forwarded-For", "127.0.0.1")], [("Forwarded", "for=127.0.0.1")], [("Host", "localhost")]):
                self.assertEqual(self.status(port, outside, "/metrics", headers), 404, headers)
        finally:
            process.terminate()
            process.wait(30)
        self.server.start()

    @staticmethod
    def status(port, address, target, headers=()):
        try:
            with socket.create_connection((address, port), 10) as stream:
                stream.sendall(case.message("GET", target, list(headers)))
                return case.Answer(stream).status
        except ConnectionError:
            return None

    def heard(self, certificate=None, trusted=None):
        """What one that passes for the database hears of a server that was told to ask for TLS, and how `init` ended. Without a certificate it says that it has no TLS."""
        heard = bytearray()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def answer():
                while True:
                    try:
                        stream, _ = listener.accept()
                    except OSError:
                        return
                    try:
                        stream.settimeout(2)
                        asked = stream.recv(8)
                        heard.extend(b"TLS? " if asked == b"\0\0\0\x08\x04\xd2\x16\x2f" else asked)
                        stream.sendall(b"S" if certificate else b"N")
                        if certificate:
                            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
                            stream = context.wrap_socket(stream, server_side=True)
                        heard.extend(stream.recv(4_096))
                    except OSError:
                        pass
                    finally:
                        stream.close()

            threading.Thread(target=answer, daemon=True).start()
            url = f"postgres://portico:a-secret-word@127.0.0.1:{listener.getsockname()[1]}/portico?sslmode=require"
            environment = {**os.environ, "SSL_CERT_FILE": str(trusted or os.devnull)}
            arguments = ["init", "--data-dir", str(self.server.home / "elsewhere"), "--database", url]
            ended = subprocess.run([case.ARGUMENTS.portico, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(ended.returncode, 0)
        self.assertNotIn("a-secret-word", ended.stdout + ended.stderr)
        return bytes(heard)

    def certificate(self, name):
        made = self.server.home / f"{name.replace(':', '-')}.pem"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=database -addext basicConstraints=critical,CA:FALSE".split()
        command += ["-addext", f"subjectAltName={name}", "-keyout", str(made.with_suffix(".key")), "-out", str(made)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return made

    def test_a_database_that_cannot_prove_its_name_is_told_nothing(self):
        right, other = self.certificate("IP:127.0.0.1"), self.certificate("DNS:db.example.org")
        self.assertIn(b"user\0portico\0", self.heard(right, right), "what is at stake: who is known is told who asks, and then the password")
        for what, told in {"of an authority that nobody named": self.heard(right, other), "of another name": self.heard(other, other), "no TLS": self.heard()}.items():
            self.assertIn(b"TLS? ", told, "it was asked")
            self.assertEqual(told.replace(b"TLS? ", b""), b"", f"a certificate {what}")


class Least(case.Case):
    """Whoever got hold of the server's role in PostgreSQL: it owns one database and may do nothing else."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        # It stops when this process ends.
        made = subprocess.run([server.ROOT / "scripts" / "postgres-scratch", folder.name, "--owner", str(os.getpid())], check=True, stdout=subprocess.PIPE, text=True)
        cls.owner = made.stdout.strip()
        cls.ask(cls.owner, "CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION")
        cls.ask(cls.owner, "CREATE DATABASE least OWNER plain")
        cls.DATABASE = cls.owner.replace("portico@", "plain@").replace("/postgres?", "/least?")
        super().setUpClass()

    @staticmethod
    def ask(url, statement):
        return subprocess.run(["psql", url, "--no-psqlrc", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--command", statement], check=True, capture_output=True, text=True).stdout

    def test_the_role_of_the_server_needs_its_own_database_and_nothing_else(self):
        store = {"IdentityStoreId": self.made["identityStoreId"]}
        self.server.stop()
        self.server.start()
        self.assertEqual(self.raw(self.root().request("AWSIdentityStore.CreateGroup", {**store, "DisplayName": "least"})).status, 200)
        who = self.server.person()
        who.get("/start").sign_in("jane", server.PASSWORD)
        self.assertIn("Your accounts", who.text)
        self.assertIn("least", self.ask(self.DATABASE, "SELECT display_name FROM groups"), "it is that role's database")
        for elsewhere in ("SELECT rolpassword FROM pg_authid", "CREATE DATABASE more", "CREATE ROLE more", "COPY groups TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')"):
            with self.assertRaises(subprocess.CalledProcessError, msg=elsewhere) as refused:
                self.ask(self.DATABASE, elsewhere)
            self.assertRegex(refused.exception.stderr, "permission denied|must be superuser", elsewhere)


class Log(case.Case):
    """Whoever writes into the log by what they send."""

    FORGED = "2026-01-01T00:00:00.000000Z  INFO a person signed in user=admin"

    def written(self):
        """What the server wrote of attempts whose every text is meant to be taken for more than it is."""
        path = self.server.home / "server.log"
        path.write_bytes(b"")
        self.server.start()
        for name in (f"jane\n{self.FORGED}", f"jane\r\n{self.FORGED}", "\x1b[2J\x1b]0;x\x07", '","level":"ERROR', "\u2028" + self.FORGED):
            who = self.server.person()
            who.get("/signin", headers={"User-Agent": '\x9b31m","forged":"x'})
            who.sign_in(name, "wrong")
            self.post("/client/register", {"clientName": name, "clientType": "public"})
            self.raw(case.message("GET", "/device?user_code=" + urllib.parse.quote(name), [("User-Agent", '\x9b31m","forged":"x')]))
        self.server.stop()
        written = path.read_bytes()
        self.assertFalse({0x1b, 0x9b, 0x07, 0x0d} & set(written), "no letter that a terminal obeys")
        self.assertNotIn(b"a person signed in", written)
        self.assertEqual(written.count(b"a sign-in failed"), 5, f"each attempt is told: {written.decode()}")
        return written.decode().splitlines()

    def test_no_line_of_the_log_can_be_forged(self):
        self.server.stop()
        for line in self.written():
            self.assertRegex(line, r"^20\d\d-\d\d-\d\dT[\d:.]+Z +(INFO|WARN|ERROR) ")
        self.server.extra.append("--log-json")
        for line in self.written():
            self.assertEqual(set(json.loads(line)) - {"timestamp", "level", "fields", "target", "span", "spans"}, set(), line)
