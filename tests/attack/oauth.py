"""Attacks on OAuth, by the list of RFC 9700, against the real server: what a client, a thief or a page on the way may try."""
import base64
import hashlib
import http.server
import re
import threading
import time
import urllib.parse

import case
import server

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CALLBACK = "http://127.0.0.1/oauth/callback"
HERE = "http://127.0.0.1:49152/oauth/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class OAuth(case.Case):
    def register(self, **changes):
        """A program as AWS CLI registers it."""
        fields = {"clientName": "aws-cli", "clientType": "public", "scopes": ["sso:account:access"], "grantTypes": ["authorization_code", "refresh_token"],
                  "redirectUris": [CALLBACK], "issuerUrl": self.made["startUrl"]}
        answer = self.post("/client/register", {key: value for key, value in {**fields, **changes}.items() if value is not None})
        self.assertEqual(answer.status, 200, answer)
        return {key: answer.json()[key] for key in ("clientId", "clientSecret")}

    def asked(self, client, **changes):
        """The address that a program opens in a browser."""
        fields = {"response_type": "code", "client_id": client["clientId"], "redirect_uri": HERE, "state": "s", "code_challenge_method": "S256", "code_challenge": CHALLENGE, "scopes": "sso:account:access"}
        return "/authorize?" + urllib.parse.urlencode([(key, value) for key, value in {**fields, **changes}.items() if value is not None])

    def jane(self):
        who = self.server.person()
        who.get("/start").sign_in("jane", server.PASSWORD)
        return who

    def approve(self, client, who=None, **changes):
        """Where the browser is sent when Jane agrees: the query, by name."""
        who = who or self.jane()
        who.get(self.asked(client, **changes))
        who.decide("approve")
        self.assertTrue(who.url.startswith(changes.get("redirect_uri", HERE) + "?"), who.url)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(who.url).query, strict_parsing=True))

    def token(self, client, **fields):
        return self.post("/token", {**client, **fields})

    def redeem(self, client, code, **changes):
        fields = {"grantType": "authorization_code", "code": code, "redirectUri": HERE, "codeVerifier": VERIFIER}
        return self.token(client, **{key: value for key, value in {**fields, **changes}.items() if value is not None})

    def refresh(self, client, token, **more):
        return self.token(client, grantType="refresh_token", refreshToken=token, **more)

    def portal(self, token):
        """What an access token is answered at the portal's API."""
        return self.raw(case.message("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", token)])).status

    def error(self, answer, *errors):
        self.assertIn(answer.status, (400, 401), answer)
        self.assertIn(answer.json().get("error"), errors, answer)

    def test_a_code_that_comes_twice_ends_what_it_gave(self):
        client = self.register()
        code = self.approve(client)["code"]
        issued = self.redeem(client, code).json()
        self.assertEqual(self.portal(issued["accessToken"]), 200)
        self.error(self.redeem(client, code), "invalid_grant")
        self.assertEqual(self.portal(issued["accessToken"]), 401, "the tokens of a code that was replayed are over")
        self.error(self.refresh(client, issued["refreshToken"]), "invalid_grant")

    def test_a_code_is_worth_nothing_to_another_program_or_without_its_verifier(self):
        client, other = self.register(), self.register()
        for what, how in {
            "another program": dict(client=other), "another's secret": dict(client={**client, "clientSecret": other["clientSecret"]}),
            "another port": dict(redirectUri="http://127.0.0.1:49153/oauth/callback"), "another path": dict(redirectUri="http://127.0.0.1:49152/other"), "no redirect": dict(redirectUri=None),
            "no verifier": dict(codeVerifier=None), "an empty verifier": dict(codeVerifier=""), "another verifier": dict(codeVerifier="b" * 43), "the challenge as verifier": dict(codeVerifier=CHALLENGE),
            "a short verifier": dict(codeVerifier=VERIFIER[:42]), "a long verifier": dict(codeVerifier="a" * 129), "a code cut": dict(cut=True),
        }.items():
            code = self.approve(client)["code"]
            answer = self.redeem(how.pop("client", client), code[:-1] if how.pop("cut", False) else code, **how)
            self.error(answer, "invalid_grant", "invalid_client", "invalid_request")
            self.assertNotIn("accessToken", answer.json(), what)

    def test_pkce_cannot_be_left_out_or_weakened(self):
        client, who = self.register(), self.jane()
        for changes in (dict(code_challenge=None), dict(code_challenge=""), dict(code_challenge_method=None), dict(code_challenge_method="plain"), dict(code_challenge_method="s256"),
                        dict(code_challenge=CHALLENGE[:-1]), dict(code_challenge=CHALLENGE + "="), dict(code_challenge="a" * 200), dict(code_challenge="+" * 43), dict(code_challenge=None, code_challenge_method=None)):
            who.url = self.server.base
            who.get(self.asked(client, **changes))
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(who.url).query)
            self.assertEqual((query.get("error"), query.get("code")), (["invalid_request"], None), f"{changes}: {who.url}")
        for doubled in ("&code_challenge_method=plain", "&code_challenge=" + "b" * 43):
            who.url = self.server.base
            who.get(self.asked(client) + doubled)
            self.assertIn("error=invalid_request", who.url)

    def test_addresses_that_only_look_registered_are_sent_nothing(self):
        client, who = self.register(), self.jane()
        for address in ("http://evil.example/oauth/callback", "https://127.0.0.1/oauth/callback", "http://127.0.0.1.evil.example/oauth/callback", "http://127.0.0.1@evil.example/oauth/callback",
                        "http://127.0.0.1:80@evil.example/oauth/callback", "http://evil.example#@127.0.0.1/oauth/callback", "http://evil.example\\@127.0.0.1/oauth/callback", "//127.0.0.1/oauth/callback",
                        "http://127.0.0.1/oauth/callback#x", "http://127.0.0.1/oauth/callback?a=b", "http://127.0.0.1/oauth/callback/", "http://127.0.0.1/oauth/callback/../x", "http://127.0.0.1/oauth/callback%2f..",
                        "http://127.0.0.1/OAUTH/callback", "http://localhost/oauth/callback", "http://[::1]/oauth/callback", "http://127.0.0.2/oauth/callback", "http://127.1/oauth/callback", "http://0x7f000001/oauth/callback",
                        "http://2130706433/oauth/callback", "http://0.0.0.0/oauth/callback", "http://127.0.0.1:0/oauth/callback", "http://127.0.0.1:65536/oauth/callback", "http://127.0.0.1:80:80/oauth/callback",
                        "http://[::ffff:127.0.0.1]/oauth/callback", "javascript:alert(1)//127.0.0.1/oauth/callback", "http://127.0.0.1/oauth/callback\r\nX: y", "http://１２７.0.0.1/oauth/callback", " http://127.0.0.1/oauth/callback", ""):
            for more in ({}, {"response_type": "token"}, {"code_challenge": None}):
                who.url = self.server.base
                who.get(self.asked(client, redirect_uri=address, **more))
                self.assertEqual((who.status, who.url.startswith(self.server.pages + "/authorize")), (400, True), f"{address!r} {more}: {who.url}")
        who.get(self.asked(client) + "&redirect_uri=" + urllib.parse.quote("http://evil.example/"))
        self.assertEqual(who.status, 400)
        for address in ("http://evil.example/", "https://127.0.0.1/", "http://127.0.0.1.evil.example/", "http://127.0.0.1/#", "http://a@127.0.0.1/", "myapp://callback", "urn:ietf:wg:oauth:2.0:oob", ""):
            answer = self.post("/client/register", {"clientName": "x", "clientType": "public", "grantTypes": ["authorization_code"], "redirectUris": [address], "issuerUrl": self.made["startUrl"]})
            self.assertEqual(answer.status, 400, f"{address}: {answer}")

    def test_cookies_reach_no_program_that_is_answered_on_another_port(self):
        seen = []

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, self.headers.get("Cookie")))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
            threading.Thread(target=listener.serve_forever, daemon=True).start()
            here = f"http://127.0.0.1:{listener.server_port}/oauth/callback"
            client, who = self.register(), self.jane()
            for changes in ({}, {"code_challenge": None}, {"scopes": "more"}):
                # As AWS CLI opens it: on the host of the API, which is the listener's too.
                who.get(self.server.base + self.asked(client, redirect_uri=here, **changes))
                if not changes:
                    who.decide("approve")
                self.assertTrue(who.url.startswith(here + ("?error=" if changes else "?code=")), who.url)
                who.get(who.url)
                who.url = self.server.pages
            self.assertEqual([cookies for _, cookies in seen], [None] * 3, "the browser brought what opens the portal")
            who.get(f"http://localhost:{listener.server_port}/")
            self.assertIn("portico=", seen[-1][1] or "", "what is at stake: on the name of the pages it would have")
            listener.shutdown()
        answer = self.post("/client/register", {"clientName": "x", "clientType": "public", "grantTypes": ["authorization_code"], "redirectUris": ["http://localhost/oauth/callback"], "issuerUrl": self.made["startUrl"]})
        self.error(answer, "invalid_redirect_uri")
        both = self.register(redirectUris=["http://localhost/oauth/callback", CALLBACK])
        for changes in ({}, {"code_challenge": None}, {"scopes": "more"}):
            who.url = self.server.pages
            who.get(self.asked(both, redirect_uri="http://localhost:9000/oauth/callback", **changes))
            self.assertEqual((who.status, who.url.startswith(self.server.pages)), (400, True), who.url)

    def test_of_a_loopback_address_only_the_port_is_free(self):
        for host in ("127.0.0.1", "[::1]"):
            client, who = self.register(redirectUris=[f"http://{host}/oauth/callback"]), self.jane()
            for other in ("127.0.0.1", "localhost", "[::1]"):
                for port in ("", ":1", ":65535"):
                    who.url = self.server.base
                    who.get(self.asked(client, redirect_uri=f"http://{other}{port}/oauth/callback"))
                    self.assertEqual(who.status, 200 if other == host else 400, f"{host} registered, {other}{port} asked")

    def test_the_answer_names_its_issuer_and_brings_the_state_back_unaltered(self):
        client = self.register()
        for state in ("s", "", None, "a b+c%2B&code=evil&iss=evil#x", "ü→😀", "'\"<>\\", "x" * 2_048):
            answer = self.approve(client, state=state)
            self.assertEqual(answer.get("state"), state or None)
            self.assertEqual(answer["iss"], self.server.base, "RFC 9207: whom the answer is from")
            self.assertEqual(set(answer) - {"state"}, {"code", "iss"})
        who = self.jane()
        who.get(self.asked(client, response_type="token"))
        self.assertIn("iss=" + urllib.parse.quote(self.server.base, safe=""), who.url)

    def test_other_ways_to_tokens_are_not_served(self):
        client, who = self.register(), self.jane()
        for kind in ("token", "id_token", "code token", "code id_token", "none", "CODE", ""):
            who.url = self.server.base
            who.get(self.asked(client, response_type=kind))
            self.assertRegex(who.url, r"error=(unsupported_response_type|invalid_request)")
        for grant in ("password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange", "authorization_code ", ""):
            self.error(self.token(client, grantType=grant, username="jane", password=server.PASSWORD, code="x", assertion="x"), "unsupported_grant_type", "invalid_request")
        self.assertEqual(self.raw(case.get("/token?grant_type=authorization_code")).status, 405)

    def test_the_answer_comes_in_the_query_whatever_is_asked_for(self):
        """A fragment, a form or a message would reach others than the program's own server (RFC 9700 §4.2, §4.12)."""
        client = self.register()
        for mode in ("fragment", "form_post", "web_message", "query.jwt", "fragment.jwt", "", "query"):
            self.assertEqual(set(self.approve(client, response_mode=mode)), {"code", "iss", "state"}, mode)
            who = self.jane()
            who.get(self.asked(client, response_mode=mode, code_challenge_method="plain"))
            self.assertEqual((who.url.split("?")[0], "#" in who.url), (HERE, False), mode)

    def test_after_a_form_the_browser_is_sent_on_without_what_it_sent(self):
        """307 would send the password, or the consent, on to the program (RFC 9700 §4.12)."""
        client, who = self.register(), self.server.person()
        who.get(self.asked(client))
        form = who.form("username", "password")
        who.get(form.action, data=urllib.parse.urlencode({**form.fields, "username": "jane", "password": server.PASSWORD}).encode(), follow=False)
        self.assertEqual(who.status, 303)
        who.get(self.asked(client))
        form = who.form("decision")
        who.get(form.action, data=urllib.parse.urlencode({**form.fields, "decision": "approve"}).encode(), follow=False)
        self.assertEqual((who.status, who.headers["Referrer-Policy"], who.headers["Cache-Control"]), (303, "no-referrer", "no-store"))
        self.assertTrue(who.headers["Location"].startswith(HERE + "?code="))

    def device(self, **changes):
        client = self.register(grantTypes=None, redirectUris=None, issuerUrl=None, **changes)
        started = self.post("/device_authorization", {**client, "startUrl": self.made["startUrl"]})
        self.assertEqual(started.status, 200, started)
        return client, started.json()

    def poll(self, client, started, **changes):
        return self.token(client, **{"grantType": DEVICE, "deviceCode": started["deviceCode"], **changes})

    def test_device_codes_are_long_and_their_polls_are_slowed(self):
        client, started = self.device()
        self.assertGreaterEqual(len(started["deviceCode"]), 43, "256 bits")
        self.assertRegex(started["userCode"], r"^[B-DF-HJ-NP-TV-Z2-9]{4}-[B-DF-HJ-NP-TV-Z2-9]{4}$")
        self.assertNotIn(started["deviceCode"], started["verificationUriComplete"])
        for guess in ("x", started["deviceCode"][:-1], started["deviceCode"].swapcase(), started["userCode"], ""):
            self.error(self.poll(client, started, deviceCode=guess), "invalid_grant", "invalid_request")
        for _ in range(2):
            # AWS CLI polls twice when it begins: one may be early.
            self.error(self.poll(client, started), "authorization_pending")
        waits = []
        for _ in range(4):
            answer = self.poll(client, started)
            self.error(answer, "slow_down")
            waits.append(int(re.search(r"Wait (\d+) seconds", answer.json()["error_description"]).group(1)))
        self.assertEqual(waits, sorted(set(waits)), "each poll too soon makes the wait longer")

    def test_a_device_code_is_its_programs_and_works_once(self):
        client, started = self.device()
        other, _ = self.device()
        who = self.jane()
        server.Cli.approve(who, started["verificationUriComplete"], "jane", server.PASSWORD)
        self.error(self.poll(other, started), "invalid_grant")
        self.assertIn("accessToken", self.poll(client, started).json())
        self.error(self.poll(client, started), "invalid_grant")
        who.get(started["verificationUriComplete"])
        self.assertEqual(who.status, 400, "the user code is over as well")

    def test_user_codes_cannot_be_guessed_by_a_signed_in_person(self):
        _, started = self.device()
        sam = self.server.person()
        sam.get("/start").sign_in("sam", "four clear winter mornings")
        statuses = []
        for at in range(16):
            sam.get(f"/device?user_code=BBBB-BB{'23456789'[at // 8]}{'23456789'[at % 8]}")
            statuses.append(sam.text)
        self.assertIn("Too many wrong attempts", statuses[-1])
        sam.get(started["verificationUriComplete"])
        self.assertIn("Too many wrong attempts", sam.text, "not even the right one, for now")
        self.assertNotIn("Too many", self.jane().get(started["verificationUriComplete"]).text, "others are not slowed by it")

    def test_a_person_sees_who_asks_before_agreeing_and_nothing_is_agreed_by_opening(self):
        """Remote phishing (RFC 8628 §5.4): the link alone opens nothing; the page names program, code, address and what is at stake."""
        client, started = self.device(clientName="Payroll Tool")
        who = self.jane()
        who.get(started["verificationUriComplete"])
        for shown in ("Payroll Tool", started["userCode"], "127.0.0.1", "sso:account:access", "jane", "every account and role", "deny it"):
            self.assertIn(shown, who.text)
        self.error(self.poll(client, started), "authorization_pending")
        self.assertEqual([value for _, value in who.form("decision").buttons], ["approve"])
        who.submit(next(form for form in who.page.forms if form.fields.get("decision") == "deny"))
        self.error(self.poll(client, started), "access_denied")

    def test_a_stolen_refresh_token_ends_thief_and_owner(self):
        client = self.register()
        first = self.redeem(client, self.approve(client)["code"]).json()
        second = self.refresh(client, first["refreshToken"]).json()
        self.assertNotEqual(first["refreshToken"], second["refreshToken"])
        for _ in range(3):
            beside = self.refresh(client, first["refreshToken"])
            self.error(beside, "invalid_grant")
            self.assertNotIn("accessToken", beside.json(), "who comes a moment later gets nothing")
        for token in (first["accessToken"], second["accessToken"]):
            self.assertEqual(self.portal(token), 200, "and ends nothing")
        time.sleep(11)
        self.error(self.refresh(client, first["refreshToken"]), "invalid_grant")
        for token in (first["accessToken"], second["accessToken"]):
            self.assertEqual(self.portal(token), 401)
        self.error(self.refresh(client, second["refreshToken"]), "invalid_grant")
        third = self.redeem(client, self.approve(client)["code"]).json()
        self.error(self.refresh(self.register(), third["refreshToken"]), "invalid_grant")
        self.assertEqual(self.portal(third["accessToken"]), 200, "another program's try ends nothing")

    def test_refreshing_widens_no_scope(self):
        client, started = self.device(scopes=["other:scope"])
        server.Cli.approve(self.jane(), started["verificationUriComplete"], "jane", server.PASSWORD)
        issued = self.poll(client, started, scope=["sso:account:access"]).json()
        self.assertEqual(self.portal(issued["accessToken"]), 401)
        wider = self.refresh(client, issued["refreshToken"], scope=["sso:account:access"]).json()
        self.assertEqual(self.portal(wider["accessToken"]), 401)
        who = self.jane()
        who.get(self.asked(self.register(scopes=["other:scope"])))
        self.assertIn("error=invalid_scope", who.url)

    def test_programs_are_not_taken_for_others(self):
        client, other = self.register(), self.register()
        for what, keys in {"unknown": {"clientId": "x" * 22, "clientSecret": "y"}, "another's secret": {**client, "clientSecret": other["clientSecret"]}, "no secret": {**client, "clientSecret": ""}, "cut": {**client, "clientId": client["clientId"][:-1]}}.items():
            self.error(self.refresh(keys, "x"), "invalid_client", "invalid_request")
        device, started = self.device()
        self.error(self.redeem(device, "x"), "unauthorized_client")
        self.error(self.poll(client, started), "unauthorized_client")
        who = self.jane()
        who.get(self.asked(device))
        self.assertEqual(who.status, 400, "a program that registered no address is sent nothing")
        for fields in ({"clientType": "confidential"}, {"clientName": "a\u202eb"}, {"clientName": ""}, {"clientName": "a" * 300}, {"scopes": ["a b"]}, {"grantTypes": ["password"]}, {"issuerUrl": "https://evil.example/start"}):
            self.assertEqual(self.post("/client/register", {"clientName": "x", "clientType": "public", **fields}).status, 400, fields)

    def test_tokens_are_taken_from_their_header_alone(self):
        client = self.register()
        token = self.redeem(client, self.approve(client)["code"]).json()["accessToken"]
        for target in (f"/assignment/accounts?access_token={token}", f"/assignment/accounts?x-amz-sso_bearer_token={token}", f"/assignment/accounts?accessToken={token}"):
            self.assertEqual(self.raw(case.get(target)).status, 401, target)
        for headers in ([("Authorization", f"Bearer {token}")], [("Cookie", f"portico={token}")], [("x-amz-sso-bearer-token", token)], [("x-amz-sso_bearer_token", token + " ")], [("x-amz-sso_bearer_token", "x"), ("x-amz-sso_bearer_token", token)]):
            answer = self.raw(case.message("GET", "/assignment/accounts", headers))
            self.assertEqual(answer.status, 200 if headers[0][1] == token + " " else 401, headers)
        who = self.server.person()
        who.get("/start", headers={"Cookie": f"portico={token}"})
        self.assertIn("/signin", who.url)

    def test_no_origin_is_let_in(self):
        for target in ("/", "/token", "/client/register", "/device_authorization", "/assignment/accounts", "/federation/credentials", "/logout", "/authorize", "/signin", "/start", "/start/credentials", "/metrics", "/nowhere"):
            for method in ("GET", "POST", "OPTIONS"):
                for origin in ("https://evil.example", "null", self.server.base):
                    answer = self.raw(case.message(method, target, [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type, x-amz-sso_bearer_token")]))
                    self.assertEqual([name for name in answer.headers if name.lower().startswith("access-control-allow")], [], f"{method} {target}")
