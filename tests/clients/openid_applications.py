"""Applications that speak OpenID Connect: openid-client and Authlib, which nobody here wrote, sign people in, refresh, ask and sign out; joserfc and cryptography judge what is signed.

A mixin of suite.py: it has a server, boto3 clients and people.
"""
import http.server
import json
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

import server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

CUSTOM = "arn:aws:sso::aws:applicationProvider/custom"
CALLBACK, BYE = "https://wiki.acme.example/callback", "https://wiki.acme.example/bye"


def published(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


class Receiver:
    """A program that is told of sign-outs; its port is its own from when it is made, and it answers from when it is entered."""

    def __init__(self):
        told = self.told = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                told.put((self.path, form["logout_token"][0]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.listener.server_bind()
        self.port = self.listener.server_port
        self.address = f"http://127.0.0.1:{self.port}/ended"

    def __enter__(self):
        self.listener.server_activate()
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()


class OpenIdApplications:
    """What administrators do by boto3, people at their browser, and applications by libraries of their own."""

    def setUp(self):
        self.admin, self.portico = self.server.client("sso-admin"), self.server.client("portico")

    def application(self, name, assigned="jane", **more):
        """An application of which this is decided; what it is given."""
        arn = self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM, Name=name)["ApplicationArn"]
        self.addCleanup(self.admin.delete_application, ApplicationArn=arn)
        settings = {"RedirectUris": [CALLBACK], "PostLogoutRedirectUris": [BYE], "RefreshTokens": True, "Scopes": ["openid", "profile", "email", "groups"], **more}
        self.portico.put_application_oidc_configuration(ApplicationArn=arn, OidcConfiguration=settings)
        if assigned:
            self.admin.create_application_assignment(ApplicationArn=arn, PrincipalType="USER", PrincipalId=self.user(assigned))
        told = self.portico.get_application_oidc_configuration(ApplicationArn=arn)
        self.assertEqual({**told["OidcConfiguration"], **settings}, told["OidcConfiguration"])
        return arn, told["OidcProvider"]

    def secret(self, arn):
        return self.portico.create_application_client_secret(ApplicationArn=arn)["ClientSecret"]["Secret"]

    def openid_client(self, given, **how):
        program = peer.Peer("openid-client", issuer=given["Issuer"], client_id=given["ClientId"], redirect_uri=CALLBACK, **how)
        self.addCleanup(program.stop)
        return program

    def signs_in(self, url, person=None, name="jane"):
        """Where the browser of somebody comes back to."""
        person = person or self.server.person()
        person.get(url)
        if person.url.startswith(person.base):
            person.sign_in(name, server.PASSWORD)
        self.assertTrue(person.url.startswith(CALLBACK + "?"), f"{person.url} {person.text if person.page else ''}")
        return person, person.url

    def test_openid_client_signs_somebody_in_refreshes_asks_and_signs_them_out(self):
        for how, algorithm in (("basic", "RS256"), ("post", "ES256")):
            arn, given = self.application(f"wiki {how}", SigningAlgorithm=algorithm,
                                          ClaimMappings=[{"Name": "account", "Value": "acme/${user:subject}"}, {"Name": "team", "Value": "${user:groupNames}", "Scope": "groups"}])
            program = self.openid_client(given, auth=how, secret=self.secret(arn), alg=algorithm)
            person, back = self.signs_in(program.set(ask={"x": "y"})["url"])
            said = program.set(answer=back)
            tokens, claims = said["tokens"], said["claims"]
            self.assertEqual((claims["email"], claims["name"], claims["account"]), ("jane@acme.example", "Jane Doe", "acme/jane"))
            self.assertIn("engineers", claims["groups"])
            self.assertEqual(claims["team"], claims["groups"])
            told = program.set(userinfo=tokens["access_token"], sub=claims["sub"])["said"]
            self.assertEqual((told["preferred_username"], told["sub"]), ("jane", self.user("jane")))
            self.assertTrue(program.set(introspect=tokens["access_token"])["said"]["active"])
            again = program.set(refresh=tokens["refresh_token"])
            self.assertEqual((again["claims"]["sub"], again["claims"]["auth_time"]), (claims["sub"], claims["auth_time"]))
            # Signed in already: no page, and another family of tokens.
            _, back = self.signs_in(program.set(ask={"prompt": "none"})["url"], person)
            other = program.set(answer=back)["tokens"]
            program.set(revoke=other["refresh_token"])
            self.assertFalse(program.set(introspect=other["access_token"])["said"]["active"])
            self.assertTrue(program.set(introspect=again["tokens"]["access_token"])["said"]["active"])
            out = program.set(end={"id_token_hint": again["tokens"]["id_token"], "post_logout_redirect_uri": BYE, "state": "s"})["url"]
            self.assertEqual(person.get(out).url, f"{BYE}?state=s")
            self.assertFalse(program.set(introspect=again["tokens"]["access_token"])["said"]["active"])
            self.assertEqual(person.get(person.base + "/start", follow=False).status, 303)

    def test_openid_client_proves_itself_by_a_key_and_by_pkce_alone(self):
        from joserfc.jwk import ECKey
        key = ECKey.generate_key("P-256", {"kid": "own", "use": "sig", "alg": "ES256"})
        keys = json.dumps({"keys": [key.as_dict(private=False)]})
        private = {name: value for name, value in key.as_dict(private=True).items() if name in ("kty", "crv", "x", "y", "d", "kid")}
        for more, how in (
            ({"ClientAuthentication": "PRIVATE_KEY_JWT", "KeySet": keys}, {"auth": "jwt", "jwk": private}),
            ({"ClientAuthentication": "NONE"}, {"auth": "none"}),
        ):
            _, given = self.application(f"app {how['auth']}", **more)
            program = self.openid_client(given, **how)
            _, back = self.signs_in(program.set(ask={"x": "y"})["url"])
            said = program.set(answer=back)
            self.assertEqual(said["claims"]["sub"], self.user("jane"))
            refreshed = program.set(refresh=said["tokens"]["refresh_token"])
            program.set(revoke=refreshed["tokens"]["access_token"])
            with self.assertRaisesRegex(AssertionError, "invalid_token|401|WWWAuthenticate"):
                program.set(userinfo=refreshed["tokens"]["access_token"], sub=said["claims"]["sub"])
        # A code is nothing without what it was asked for with: openid-client brings another verifier.
        _, back = self.signs_in(program.set(ask={"x": "y"})["url"])
        program.set(ask={"x": "y"})
        with self.assertRaisesRegex(AssertionError, "state|invalid"):
            program.set(answer=back)

    def test_authlib_signs_somebody_in_and_joserfc_believes_what_is_signed(self):
        from authlib.integrations.requests_client import OAuth2Session
        from joserfc import jwt
        from joserfc.jwk import KeySet
        for method in ("client_secret_basic", "client_secret_post"):
            arn, given = self.application(f"Authlib {method}")
            says = published(given["DiscoveryUrl"])
            self.assertEqual(says["issuer"], given["Issuer"])
            session = OAuth2Session(given["ClientId"], self.secret(arn), scope="openid email", redirect_uri=CALLBACK, code_challenge_method="S256",
                                    token_endpoint_auth_method=method)
            verifier = "v" * 64
            url, state = session.create_authorization_url(says["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
            _, back = self.signs_in(url)
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
            self.assertEqual((query["iss"], query["state"]), (given["Issuer"], state))
            token = session.fetch_token(says["token_endpoint"], authorization_response=back, code_verifier=verifier)
            read = jwt.decode(token["id_token"], KeySet.import_key_set(published(says["jwks_uri"])), algorithms=["RS256"])
            claims = jwt.JWTClaimsRegistry(iss={"essential": True, "value": given["Issuer"]}, aud={"essential": True, "value": given["ClientId"]}, nonce={"essential": True, "value": "n-1"})
            claims.validate(read.claims)
            self.assertEqual(session.get(says["userinfo_endpoint"]).json()["email"], "jane@acme.example")
            fresh = session.refresh_token(says["token_endpoint"], refresh_token=token["refresh_token"])
            self.assertNotEqual(fresh["access_token"], token["access_token"])
            self.assertTrue(session.introspect_token(says["introspection_endpoint"], fresh["access_token"]).json()["active"])
            self.admin.delete_application_assignment(ApplicationArn=arn, PrincipalType="USER", PrincipalId=self.user("jane"))
            self.assertFalse(session.introspect_token(says["introspection_endpoint"], fresh["access_token"]).json()["active"])
            self.assertEqual(session.get(says["userinfo_endpoint"]).status_code, 401)

    def test_a_program_pushes_its_questions_binds_its_tokens_and_hears_of_a_sign_out_after_a_kill(self):
        from joserfc import jwt
        from joserfc.jwk import KeySet
        receiver = Receiver()
        arn, given = self.application("bound", RequirePushedRequests=True, DpopBoundTokens=True, BackChannelLogoutUri=receiver.address)
        program = self.openid_client(given, auth="basic", secret=self.secret(arn))
        with self.assertRaisesRegex(AssertionError, "invalid_request"):
            program.set(answer=self.signs_in(program.set(ask={"x": "y"})["url"])[1])
        program.set(dpop=True)
        url = program.set(push={"x": "y"})["url"]
        self.assertNotIn("scope", url)
        person, back = self.signs_in(url)
        said = program.set(answer=back)
        tokens, claims = said["tokens"], said["claims"]
        self.assertEqual(tokens["token_type"].lower(), "dpop")
        self.assertEqual(program.set(userinfo=tokens["access_token"], sub=claims["sub"])["said"]["email"], "jane@acme.example")
        tokens = program.set(refresh=tokens["refresh_token"])["tokens"]
        self.assertEqual(program.set(userinfo=tokens["access_token"], sub=claims["sub"])["said"]["sub"], claims["sub"])
        self.assertIn("jkt", program.set(introspect=tokens["access_token"])["said"]["cnf"])
        # Nobody listens when she signs out, and the server is killed before anybody does.
        person.get(person.base + "/start")
        person.submit(next(form for form in person.page.forms if form.action == "/signout"))
        self.server.stop(signal.SIGKILL)
        self.server.start()
        keys = KeySet.import_key_set(published(given["Issuer"] + "/keys"))
        with receiver:
            path, token = receiver.told.get(timeout=120)
        read = jwt.decode(token, keys, algorithms=["RS256"])
        self.assertEqual((path, read.header["typ"]), ("/ended", "logout+jwt"))
        self.assertEqual({name: read.claims[name] for name in ("iss", "aud", "sub", "sid")},
                         {"iss": given["Issuer"], "aud": given["ClientId"], "sub": claims["sub"], "sid": claims["sid"]})
        self.assertEqual(read.claims["events"], {"http://schemas.openid.net/event/backchannel-logout": {}})
        self.assertNotIn("nonce", read.claims)
        self.assertLessEqual(read.claims["exp"] - read.claims["iat"], 120)

    def test_a_program_hears_of_what_is_revoked_as_a_whole(self):
        from joserfc import jwt
        from joserfc.jwk import KeySet
        receiver = Receiver()
        arn, given = self.application("revoked", BackChannelLogoutUri=receiver.address)
        program = self.openid_client(given, auth="basic", secret=self.secret(arn))
        _, back = self.signs_in(program.set(ask={"x": "y"})["url"])
        claims = program.set(answer=back)["claims"]
        keys = KeySet.import_key_set(published(given["Issuer"] + "/keys"))
        with receiver:
            where = ["--database", self.server.database] if self.server.database else []
            subprocess.run([self.server.binary, "revoke-issued", "--data-dir", str(self.server.data), *where], check=True, stdout=subprocess.DEVNULL)
            _, token = receiver.told.get(timeout=60)
        read = jwt.decode(token, keys, algorithms=["RS256"])
        self.assertEqual((read.claims["sub"], read.claims["sid"]), (claims["sub"], claims["sid"]))

    def test_a_program_signs_somebody_in_by_a_code_and_has_tokens_of_its_own(self):
        arn, given = self.application("reading room", RedirectUris=[], FurtherGrants=["CLIENT_CREDENTIALS", "DEVICE_CODE"], Scopes=["openid", "profile", "wiki:read"])
        program = self.openid_client(given, auth="basic", secret=self.secret(arn))
        started = program.set(device={"scope": "openid profile"})["started"]
        person = self.server.person()
        person.get(started["verification_uri_complete"])
        person.sign_in("jane", server.PASSWORD)
        if "reading room" not in person.text:
            person.get(started["verification_uri_complete"])
        self.assertIn("reading room", person.text)
        person.decide("approve")
        said = program.set(poll=True)
        self.assertEqual((said["claims"]["sub"], said["claims"]["name"]), (self.user("jane"), "Jane Doe"))
        self.assertEqual(program.set(userinfo=said["tokens"]["access_token"], sub=said["claims"]["sub"])["said"]["preferred_username"], "jane")
        own = program.set(own={"scope": "wiki:read"})["tokens"]
        self.assertNotIn("refresh_token", own)
        told = program.set(introspect=own["access_token"])["said"]
        self.assertEqual((told["active"], told["sub"], told["scope"]), (True, given["ClientId"], "wiki:read"))
        with self.assertRaisesRegex(AssertionError, "invalid_scope"):
            program.set(own={"scope": "openid"})

    def test_a_secret_and_a_key_are_replaced_without_a_gap(self):
        arn, given = self.application("rotated")
        old, new = self.secret(arn), self.secret(arn)
        for secret in (old, new):
            program = self.openid_client(given, auth="basic", secret=secret)
            _, back = self.signs_in(program.set(ask={"x": "y"})["url"])
            program.set(answer=back)
        listed = self.portico.list_application_client_secrets(ApplicationArn=arn)["ClientSecrets"]
        self.assertEqual(len(listed), 2)
        self.assertTrue(all("LastUsedAt" in one and "Secret" not in one for one in listed))
        self.portico.delete_application_client_secret(ApplicationArn=arn, SecretId=listed[0]["SecretId"])
        program = self.openid_client(given, auth="basic", secret=old)
        _, back = self.signs_in(program.set(ask={"x": "y"})["url"])
        with self.assertRaisesRegex(AssertionError, "WWWAuthenticate"):
            program.set(answer=back)
        before = published(given["Issuer"] + "/keys")["keys"]
        made = self.portico.rotate_application_oidc_key(ApplicationArn=arn)
        after = published(given["Issuer"] + "/keys")["keys"]
        self.assertEqual({key["kid"] for key in after}, {key["kid"] for key in before} | {made["KeyId"]})

    def test_what_an_administrator_cannot_mean_is_refused_by_its_field(self):
        arn, _ = self.application("refused", assigned=None)
        good = {"RedirectUris": [CALLBACK]}
        for field, more in [
            ("RedirectUris", {"RedirectUris": ["http://wiki.acme.example/callback"]}),
            ("RedirectUris", {"RedirectUris": ["javascript:alert(1)"]}),
            ("RedirectUris", {"RedirectUris": [self.server.pages + "/callback"]}),
            ("PostLogoutRedirectUris", {"PostLogoutRedirectUris": ["//evil.example"]}),
            ("RequirePkce", {"ClientAuthentication": "NONE", "RequirePkce": False}),
            ("RedirectUris", {"RedirectUris": []}),
            ("FurtherGrants", {"ClientAuthentication": "NONE", "FurtherGrants": ["CLIENT_CREDENTIALS"]}),
            ("BackChannelLogoutUri", {"BackChannelLogoutUri": "https://169.254.169.254/latest"}),
            ("BackChannelLogoutUri", {"BackChannelLogoutUri": "http://wiki.acme.example/ended"}),
            ("KeySet", {"ClientAuthentication": "PRIVATE_KEY_JWT"}),
            ("KeySet", {"ClientAuthentication": "PRIVATE_KEY_JWT", "KeySet": '{"keys": []}'}),
            ("Scopes", {"Scopes": ["openid", "sso:account:access"]}),
            ("ClaimMappings.Name", {"ClaimMappings": [{"Name": "sub", "Value": "admin"}]}),
            ("ClaimMappings.Value", {"ClaimMappings": [{"Name": "a", "Value": "${user:AD_SID}"}]}),
        ]:
            with self.assertRaises(self.portico.exceptions.ValidationException, msg=field) as refused:
                self.portico.put_application_oidc_configuration(ApplicationArn=arn, OidcConfiguration={**good, **more})
            self.assertIn(field, str(refused.exception))
        saml = self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM + "-saml", Name="saml")["ApplicationArn"]
        self.addCleanup(self.admin.delete_application, ApplicationArn=saml)
        with self.assertRaises(self.portico.exceptions.ValidationException):
            self.portico.put_application_oidc_configuration(ApplicationArn=saml, OidcConfiguration=good)
