"""Attacks on `aws login`, by RFC 9700 and RFC 9449, against the real server: what a page on the way, a thief of the file or a listener may try."""
import base64
import hashlib
import json
import time
import urllib.parse
import uuid

import case
import prover
import server

SAME, CROSS = "arn:aws:signin:::devtools/same-device", "arn:aws:signin:::devtools/cross-device"
HERE = "http://127.0.0.1:49152/oauth/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ROLE = "333344445555/PowerUser"


class Login(case.Case):
    def asked(self, **changes):
        """The address that the AWS CLI opens in a browser."""
        fields = {"response_type": "code", "client_id": SAME, "state": "s", "code_challenge_method": "SHA-256", "scope": "openid", "redirect_uri": HERE, "code_challenge": CHALLENGE}
        return "/v1/authorize?" + urllib.parse.urlencode([(key, value) for key, value in {**fields, **changes}.items() if value is not None])

    def person(self, name="jane", password=server.PASSWORD):
        who = self.server.person()
        who.get("/start").sign_in(name, password)
        return who

    def code(self, who=None):
        who = who or self.person()
        who.get(self.server.pages + self.asked()).decide(role=ROLE)
        self.assertTrue(who.url.startswith(f"{HERE}?code="), f"{who.url} {who.text[:300]}")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(who.url).query))["code"]

    @property
    def url(self):
        return f"{self.server.base}/v1/token"

    def send(self, fields, *proofs):
        headers = [("Content-Type", "application/json"), *(("DPoP", proof) for proof in proofs)]
        return self.raw(case.message("POST", "/v1/token", headers, json.dumps(fields).encode()))

    def redeem(self, key, code, proof=None, **changes):
        fields = {"clientId": SAME, "grantType": "authorization_code", "code": code, "redirectUri": HERE, "codeVerifier": VERIFIER, **changes}
        return self.send({name: value for name, value in fields.items() if value is not None}, proof or key.proof(self.url))

    def refresh(self, key, token, proof=None, **changes):
        return self.send({"clientId": SAME, "grantType": "refresh_token", "refreshToken": token, **changes}, proof or key.proof(self.url))

    def logged_in(self, who=None):
        key = prover.Prover()
        answer = self.redeem(key, self.code(who))
        self.assertEqual(answer.status, 200, answer)
        return key, answer.json()

    def denied(self, answer, error, status=401):
        self.assertEqual((answer.status, answer.code, answer.json().get("error")), (status, "AccessDeniedException", error), answer)
        self.assertNotIn("accessToken", answer.json())

    def invalid(self, answer, said):
        self.assertEqual((answer.status, answer.code, answer.json().get("error")), (400, "ValidationException", "INVALID_REQUEST"), answer)
        self.assertIn(said, answer.json()["message"])

    def test_a_code_that_comes_twice_ends_what_it_gave(self):
        key, thief = prover.Prover(), prover.Prover()
        code = self.code()
        issued = self.redeem(key, code).json()
        self.assertEqual(self.refresh(key, issued["refreshToken"]).status, 200)
        self.denied(self.redeem(thief, code), "AUTHCODE_EXPIRED")
        self.denied(self.refresh(key, issued["refreshToken"]), "TOKEN_EXPIRED")

    def test_a_code_is_worth_nothing_with_another_verifier_client_or_address(self):
        key, who = prover.Prover(), self.person()
        code = self.code(who)
        for changes in (dict(codeVerifier="b" * 43), dict(codeVerifier=CHALLENGE), dict(redirectUri="http://127.0.0.1:49153/oauth/callback"), dict(redirectUri="https://evil.example/"),
                        dict(clientId=CROSS), dict(code=code[:-1]), dict(code=code + "A")):
            self.denied(self.redeem(key, changes.pop("code", code), **changes), "AUTHCODE_EXPIRED")
        for changes in (dict(codeVerifier=None), dict(codeVerifier="a" * 42), dict(redirectUri=None), dict(clientId="arn:aws:signin:::devtools/other")):
            self.assertEqual(self.redeem(key, code, **changes).status, 400, changes)
        self.assertEqual(self.redeem(key, code).status, 200, "no wrong try spent it")

    def test_a_refresh_token_works_with_its_key_alone(self):
        key, issued = self.logged_in()
        thief, other = prover.Prover(), self.logged_in()[0]
        for stranger in (thief, other):
            self.denied(self.refresh(stranger, issued["refreshToken"]), "TOKEN_EXPIRED")
        # The owner's key in the header, and somebody else's signature.
        self.invalid(self.refresh(key, issued["refreshToken"], proof=thief.proof(self.url, header={"jwk": key.jwk})), "signature does not hold")
        self.denied(self.refresh(key, issued["refreshToken"], clientId=CROSS), "TOKEN_EXPIRED")
        self.assertEqual(self.refresh(key, issued["refreshToken"]).status, 200, "no try of theirs spent or ended it")

    def test_a_proof_that_was_seen_is_worth_nothing_again(self):
        key, issued = self.logged_in()
        seen = key.proof(self.url)
        renewed = self.refresh(key, issued["refreshToken"], proof=seen)
        self.assertEqual(renewed.status, 200, renewed)
        for token in (issued["refreshToken"], renewed.json()["refreshToken"]):
            self.invalid(self.refresh(key, token, proof=seen), "jti was used before")
        self.invalid(self.send({"clientId": SAME, "grantType": "authorization_code", "code": self.code(), "redirectUri": HERE, "codeVerifier": VERIFIER}, seen), "jti was used before")
        self.assertEqual(self.refresh(key, renewed.json()["refreshToken"]).status, 200, "whoever sends it again ends nothing")

    def test_a_proof_for_another_call_server_or_time_is_refused(self):
        key, issued = self.logged_in()
        now = int(time.time())
        for what, said in ((dict(htm="GET"), "htm must be POST"), (dict(htm="post"), "htm must be POST"), (dict(htu=f"{self.server.base}/token"), "htu must be"),
                           (dict(htu="https://us-east-1.signin.aws.amazon.com/v1/token"), "htu must be"), (dict(htu=f"{self.server.base}@evil.example/v1/token"), "htu must be"),
                           (dict(htu="/v1/token"), "htu must be"), (dict(iat=now - 400), "iat is"), (dict(iat=now + 400), "iat is"), (dict(iat=1e300), "iat is"), (dict(iat="now"), "payload does not hold"),
                           (dict(jti=""), "jti must be"), (dict(jti=None), "payload does not hold"), (dict(htu=None), "payload does not hold")):
            self.invalid(self.refresh(key, issued["refreshToken"], proof=key.proof(self.url, **what)), said)
        for proofs in ((), (key.proof(self.url), key.proof(self.url))):
            answer = self.send({"clientId": SAME, "grantType": "refresh_token", "refreshToken": issued["refreshToken"]}, *proofs)
            self.invalid(answer, "missing, or was sent more than once")
        self.assertEqual(self.refresh(key, issued["refreshToken"]).status, 200)

    def test_no_other_algorithm_proves_anything(self):
        key, issued = self.logged_in()
        claims = {"htm": "POST", "htu": self.url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        for alg in ("none", "NONE", "HS256", "HS512", "RS256", "ES384", "es256", "", None):
            answer = self.refresh(key, issued["refreshToken"], proof=key.token({"typ": "dpop+jwt", "alg": alg, "jwk": key.jwk}, claims))
            self.assertEqual((answer.status, answer.code), (400, "ValidationException"), f"{alg}: {answer}")
        unsigned = key.proof(self.url, header={"alg": "none"}).rpartition(".")[0]
        private = {**key.jwk, "d": prover.base64url(key.private.to_bytes(32, "big"))}
        for proof in (unsigned + ".", key.proof(self.url).rpartition(".")[0] + ".", key.proof(self.url)[:-2], key.proof(self.url, header={"typ": "JWT"}),
                      key.proof(self.url, header={"jwk": private}), key.proof(self.url, header={"jwk": {"kty": "oct", "k": "AAAA"}}), key.proof(self.url, header={"crit": ["exp"]}),
                      key.proof(self.url, header={"jwk": {**key.jwk, "crv": "P-384"}}), "x", "A" * 5_000):
            answer = self.refresh(key, issued["refreshToken"], proof=proof)
            self.assertEqual((answer.status, answer.code), (400, "ValidationException"), f"{proof[:80]}: {answer}")
        self.assertEqual(self.refresh(key, issued["refreshToken"]).status, 200)

    def test_nothing_is_sent_to_another_host(self):
        who = self.person()
        for client, address in ((SAME, "http://evil.example/oauth/callback"), (SAME, "https://127.0.0.1/oauth/callback"), (SAME, "http://127.0.0.1.evil.example/"), (SAME, "http://127.0.0.1@evil.example/"),
                                (SAME, "http://127.0.0.1:80@evil.example/"), (SAME, "http://evil.example#@127.0.0.1/"), (SAME, "http://127.0.0.1/?a=b"), (SAME, "http://127.0.0.1/#x"), (SAME, "http://127.1/"),
                                (SAME, "http://localhost:49152/oauth/callback"), (SAME, "javascript:alert(1)//127.0.0.1/"), (SAME, "http://127.0.0.1/\r\nX: y"), (SAME, ""), (CROSS, HERE),
                                (CROSS, "https://evil.example/v1/sessions/confirmation"), (CROSS, f"{self.server.base}/v1/sessions/confirmation?x"), (CROSS, "")):
            for more in ({}, {"response_type": "token"}, {"code_challenge": None}):
                who.url = self.server.base
                who.get(self.asked(client_id=client, redirect_uri=address, **more))
                self.assertEqual((who.status, who.url.startswith(self.server.pages + "/v1/authorize")), (400, True), f"{address!r} {more}: {who.url}")
        for doubled in ("client_id", "redirect_uri"):
            who.get(self.asked() + f"&{doubled}=" + urllib.parse.quote("http://evil.example/"))
            self.assertEqual(who.status, 400, doubled)
        for changes in (dict(code_challenge=None), dict(code_challenge_method="plain"), dict(code_challenge_method=None), dict(scope="openid email"), dict(state=None)):
            who.url = self.server.base
            who.get(self.asked(**changes))
            self.assertTrue(who.url.startswith(f"{HERE}?error=") and "code=" not in who.url, f"{changes}: {who.url}")

    def test_a_form_of_another_session_gives_no_code(self):
        jane, sam = self.person(), self.person("sam", "four clear winter mornings")
        form = jane.get(self.asked()).form("decision")
        swapped = urllib.parse.urlencode({**form.fields, "decision": "approve", "role": ROLE}).encode()
        sam.get(form.action, data=swapped)
        self.assertEqual((sam.status, sam.url.startswith(HERE)), (403, False))
        stranger = self.server.person()
        stranger.get(form.action, data=swapped)
        self.assertFalse(stranger.url.startswith(HERE), stranger.url)
        # Sam's own form, with the role of an account that is Jane's alone.
        sam.url = self.server.base
        sam.get(self.asked()).decide(role="222233334444/PowerUser")
        self.assertEqual((sam.status, sam.url.startswith(HERE)), (403, False))
        jane.get(form.action, data=swapped, headers={"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(jane.status, 403)

    def test_a_person_who_is_disabled_meanwhile_gets_nothing(self):
        portico, identity = self.server.client("portico"), self.server.client("identitystore")
        store = self.made["identityStoreId"]
        found = identity.get_user_id(IdentityStoreId=store, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "sam"}})
        who = {"IdentityStoreId": store, "UserId": found["UserId"]}
        sam = self.person("sam", "four clear winter mornings")
        key, code = prover.Prover(), self.code(sam)
        other, issued = self.logged_in(sam)
        portico.disable_user(**who)
        self.denied(self.redeem(key, code), "AUTHCODE_EXPIRED")
        self.denied(self.refresh(other, issued["refreshToken"]), "TOKEN_EXPIRED")
        portico.enable_user(**who)
        self.denied(self.redeem(key, code), "AUTHCODE_EXPIRED")
        self.denied(self.refresh(other, issued["refreshToken"]), "TOKEN_EXPIRED")

    def test_a_copy_of_token_and_key_is_noticed_when_both_are_used(self):
        key, issued = self.logged_in()
        thiefs = self.refresh(key, issued["refreshToken"]).json()
        time.sleep(31)
        self.denied(self.refresh(key, issued["refreshToken"]), "TOKEN_EXPIRED")
        self.denied(self.refresh(key, thiefs["refreshToken"]), "TOKEN_EXPIRED")

    def test_tokens_are_not_guessed_or_put_together(self):
        key, issued = self.logged_in()
        token = issued["refreshToken"]
        family, generation, until, signature = token.split(".")
        for forged in (token[:-1], token + "A", f"{family}.l1.{until}.{signature}", f"{family}.{generation}.{int(until) + 1}.{signature}", f"{uuid.uuid4()}.{generation}.{until}.{signature}",
                       f"{family}.r0.{until}.{signature}", family, "...", "A" * 2_000, issued["idToken"]):
            self.denied(self.refresh(key, forged), "TOKEN_EXPIRED")
        # What one service gave opens nothing at the other.
        self.assertEqual(self.raw(case.message("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", token)])).status, 401)
        self.assertEqual(self.raw(case.message("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", issued["idToken"])])).status, 401)
        self.assertEqual(self.refresh(key, token).status, 200)

    def test_pages_of_elsewhere_send_no_call(self):
        key = prover.Prover()
        fields = json.dumps({"clientId": SAME, "grantType": "refresh_token", "refreshToken": "x"}).encode()
        for site in ("cross-site", "same-site"):
            answer = self.raw(case.message("POST", "/v1/token", [("Content-Type", "application/json"), ("DPoP", key.proof(self.url)), ("Sec-Fetch-Site", site)], fields))
            self.assertEqual(answer.status, 403, answer)
        answer = self.raw(case.message("OPTIONS", "/v1/token", [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "dpop")]))
        self.assertNotIn("access-control-allow-origin", {name.lower() for name in answer.headers}, answer)
