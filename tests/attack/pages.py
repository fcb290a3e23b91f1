"""Attacks on sessions, cookies and forms, and on what lies on the server's disk."""
import os
import re
import stat
import subprocess
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
        self.assertIn(b"ASIA", self.raw(sent).body, "what is at stake")
        with self.connect() as stream:
            stream.sendall(sent[:-len(body)])
            time.sleep(0.3)
            jane.get("/start")
            jane.submit(jane.page.forms[0])
            self.assertFalse(self.is_let_in(cookie[1]))
            stream.sendall(body)
            late = case.Answer(stream)
        self.assertEqual((late.status, late.headers["Location"]), (303, "/signin?return_to=%2Fstart"), late)
        self.assertNotIn(b"ASIA", late.body)

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
                if answer.status == 405:
                    self.assertEqual(answer.body, b"")
                    continue
                said = {name.lower(): value for name, value in answer.headers.items()}
                self.assertEqual(said.get("cache-control"), "no-store", f"{method} {target}")
                self.assertEqual(said.get("x-content-type-options"), "nosniff", f"{method} {target}")
                if "text/html" in said.get("content-type", ""):
                    self.assertEqual(said["x-frame-options"], "DENY")
                    self.assertIn("frame-ancestors 'none'", said["content-security-policy"])
                    self.assertNotRegex(said["content-security-policy"], r"unsafe|\*|https?:")
                    self.assertEqual(said["referrer-policy"], "no-referrer")
                self.assertNotIn("server", said)

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
        self.assertEqual(len(cookies), 4)
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

    def signed_in(self):
        who = self.server.person()
        who.get("/start").sign_in("jane", server.PASSWORD)
        return who

    cookie = staticmethod(lambda who: Pages.cookies(who)["portico"])
