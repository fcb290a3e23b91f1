"""Trusted identity propagation with programs that nobody here wrote: oidc-provider says who somebody is, boto3 exchanges that for tokens and for a session
that acts for the person, and cryptography verifies what was signed."""
import base64
import hashlib
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

import person
import provider
import server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

JWT_BEARER, EXCHANGE = "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
CONTEXT_PROVIDER = "arn:aws:iam::aws:contextProvider/IdentityCenter"
CUSTOM = "arn:aws:sso::aws:applicationProvider/custom"
SECRET, REDIRECT, VERIFIER = "a secret that is long enough for HMAC", "https://wiki.example.test/callback", "v" * 43


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def said(token, part=1):
    return json.loads(decoded(token.split(".")[part]))


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


class OpenId:
    """oidc-provider with one client, and a browser that signs Jane in there."""

    def __init__(self):
        client = {"client_id": "wiki", "client_secret": SECRET, "redirect_uris": [REDIRECT]}
        self.program = peer.Peer("oidc", clients=[client], people={"jane": {}, "stranger": {}})
        self.issuer, self.says = self.program.told["issuer"], get(self.program.told["metadata"])

    def token(self, login="jane"):
        """An ID token, as the wiki gets one when somebody signs in to it."""
        browser = person.Person(self.program.told["base"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = {"client_id": "wiki", "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid", "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256"}
        browser.get(self.says["authorization_endpoint"] + "?" + urllib.parse.urlencode(query))
        for _ in range(2):
            if browser.url.startswith(browser.base):
                form = browser.form("prompt")
                browser.submit(form, **({"login": login, "password": "any"} if form.fields["prompt"] == "login" else {}))
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.url).query))["code"]
        pair = base64.b64encode(":".join(map(urllib.parse.quote, ("wiki", SECRET))).encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER})
        asked = urllib.request.Request(self.says["token_endpoint"], form.encode(), {"Authorization": f"Basic {pair}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)["id_token"]


class Propagation:
    """One server, one provider, an application that brings its tokens. A mixin: see suite.py."""

    @classmethod
    def settings(cls, home):
        return list(provider.ALLOWED)

    def setUp(self):
        self.provider = OpenId()
        self.addCleanup(self.provider.program.stop)
        self.admin, self.oidc, self.sts = (self.server.client(name) for name in ("sso-admin", "sso-oidc", "sts"))
        configuration = {"IssuerUrl": self.provider.issuer, "ClaimAttributePath": "sub", "IdentityStoreAttributePath": "userName", "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}
        self.issuer = self.admin.create_trusted_token_issuer(
            InstanceArn=self.instance(), Name="provider", TrustedTokenIssuerType="OIDC_JWT", TrustedTokenIssuerConfiguration={"OidcJwtConfiguration": configuration})["TrustedTokenIssuerArn"]
        self.wiki = self.application("wiki")
        self.grant(self.wiki, JWT_BEARER, {"JwtBearer": {"AuthorizedTokenIssuers": [{"TrustedTokenIssuerArn": self.issuer, "AuthorizedAudiences": ["wiki"]}]}})
        self.grant(self.wiki, "refresh_token", {"RefreshToken": {}})

    def application(self, name):
        arn = self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM, Name=name)["ApplicationArn"]
        self.admin.put_application_assignment_configuration(ApplicationArn=arn, AssignmentRequired=False)
        actors = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": self.made["managementAccountId"]}, "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]}
        self.admin.put_application_authentication_method(ApplicationArn=arn, AuthenticationMethodType="IAM", AuthenticationMethod={"Iam": {"ActorPolicy": actors}})
        return arn

    def grant(self, arn, kind, grant):
        self.admin.put_application_grant(ApplicationArn=arn, GrantType=kind, Grant=grant)

    def bring(self, token, **more):
        return self.oidc.create_token_with_iam(clientId=self.wiki, grantType=JWT_BEARER, assertion=token, **more)

    def refused(self, call, **arguments):
        with self.assertRaises(ClientError) as refused:
            call(**arguments)
        return refused.exception.response["Error"]["Code"]

    def role(self):
        """A role in an account that the organization made, which its management account may assume for somebody."""
        organizations = self.server.client("organizations")
        started = organizations.create_account(Email=f"data{time.time_ns()}@acme.example", AccountName="data")["CreateAccountStatus"]
        for _ in range(200):
            done = organizations.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]
            if done["State"] != "IN_PROGRESS":
                return f"arn:aws:iam::{done['AccountId']}:role/OrganizationAccountAccessRole"
            time.sleep(0.05)
        raise AssertionError("the account is not made")

    def acting(self, tokens, **more):
        """A client of sts in a session that acts for the tokens' person."""
        contexts = [{"ProviderArn": CONTEXT_PROVIDER, "ContextAssertion": tokens["awsAdditionalDetails"]["identityContext"]}]
        keys = self.sts.assume_role(RoleArn=self.role(), RoleSessionName="wiki", ProvidedContexts=contexts, **more)["Credentials"]
        return self.server.client("sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])

    def test_an_id_token_of_another_provider_becomes_a_session_that_acts_for_its_person(self):
        tokens = self.bring(self.provider.token())
        self.assertEqual((tokens["tokenType"], tokens["expiresIn"], tokens["issuedTokenType"]), ("Bearer", 3600, ACCESS_TOKEN))
        self.assertEqual(tokens["scope"], ["openid", "aws", "sts:identity_context"])
        says = said(tokens["idToken"])
        self.assertEqual((says["sub"], says["aud"]), (self.user("jane"), self.wiki))
        self.assertEqual(says["sts:identity_context"], tokens["awsAdditionalDetails"]["identityContext"])
        # Whoever gets the ID token verifies it by what is published, with a library of its own.
        published = get(says["iss"].replace("localhost", "127.0.0.1") + "/.well-known/openid-configuration")
        self.assertEqual(published["issuer"], says["iss"])
        key = next(key for key in get(published["jwks_uri"].replace("localhost", "127.0.0.1"))["keys"] if key["kid"] == said(tokens["idToken"], 0)["kid"])
        numbers = [int.from_bytes(decoded(key[part])) for part in "xy"]
        signed, _, signature = tokens["idToken"].rpartition(".")
        r, s = (int.from_bytes(half) for half in (decoded(signature)[:32], decoded(signature)[32:]))
        public = ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
        public.verify(utils.encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
        # STS binds it by the allow list for identity contexts, whatever its role may: it assumes no other role.
        there = self.acting(tokens)
        arn = there.get_caller_identity()["Arn"].replace(":sts:", ":iam:").replace("assumed-role", "role").rpartition("/")[0]
        self.assertEqual(self.refused(there.assume_role, RoleArn=arn, RoleSessionName="again"), "AccessDenied")
        trail = self.server.client("cloudtrail")
        for _ in range(100):
            found = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetCallerIdentity"}])["Events"]
            people = [json.loads(event["CloudTrailEvent"])["userIdentity"].get("onBehalfOf", {}).get("userId") for event in found]
            if self.user("jane") in people:
                break
            time.sleep(0.1)
        self.assertIn(self.user("jane"), people)
        made = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTokenWithIAM"}])["Events"]
        self.assertEqual(json.loads(made[0]["CloudTrailEvent"])["additionalEventData"]["identitystore:UserId"], self.user("jane"))

    def test_strangers_forgeries_and_who_is_disabled_get_nothing(self):
        token = self.provider.token()
        head, body, signature = token.split(".")
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        altered = base64.urlsafe_b64encode(json.dumps({**said(token), "sub": "maya"}).encode()).rstrip(b"=").decode()
        for forged in (f"{unsigned}.{body}.", f"{head}.{altered}.{signature}", f"{head}.{body}.", "x"):
            self.assertEqual(self.refused(self.bring, token=forged), "InvalidGrantException")
        self.assertEqual(self.refused(self.bring, token=self.provider.token("stranger")), "InvalidGrantException")
        self.assertEqual(self.refused(self.bring, token=token, scope=["team:read"]), "InvalidScopeException")
        there = self.acting(self.bring(token))
        there.get_caller_identity()
        portico = self.server.client("portico")
        portico.disable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))
        try:
            self.assertIn(self.refused(there.get_caller_identity), ("ExpiredToken", "InvalidClientTokenId"))
            self.assertEqual(self.refused(self.bring, token=self.provider.token()), "InvalidGrantException")
        finally:
            portico.enable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))

    def test_the_provider_replaces_its_keys(self):
        self.bring(self.provider.token())
        self.provider.program.set(keys=["two", "one"])
        self.bring(self.provider.token())

    def test_tokens_are_renewed_once_and_exchanged_where_their_scopes_lead(self):
        data = self.application("data")
        self.grant(data, EXCHANGE, {"TokenExchange": {}})
        self.admin.put_application_access_scope(ApplicationArn=self.wiki, Scope="data:read", AuthorizedTargets=[data])
        tokens = self.bring(self.provider.token())
        exchange = lambda token: self.oidc.create_token_with_iam(clientId=data, grantType=EXCHANGE, subjectToken=token, subjectTokenType=ACCESS_TOKEN)
        self.acting(exchange(tokens["accessToken"])).get_caller_identity()
        refresh = lambda token: self.oidc.create_token_with_iam(clientId=self.wiki, grantType="refresh_token", refreshToken=token)
        renewed = refresh(tokens["refreshToken"])
        self.assertNotEqual(renewed["refreshToken"], tokens["refreshToken"])
        self.assertEqual(self.refused(refresh, token=tokens["refreshToken"]), "InvalidGrantException")
        self.admin.delete_application(ApplicationArn=self.wiki)
        self.assertEqual(self.refused(exchange, token=renewed["accessToken"]), "InvalidGrantException")

    def asks(self, **more):
        """The address by which the wiki has somebody sign in here."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = {"client_id": self.wiki, "response_type": "code", "redirect_uri": REDIRECT, "state": "s&t", "code_challenge": challenge, "code_challenge_method": "S256", **more}
        return f"{self.server.pages}/authorize?" + urllib.parse.urlencode({name: value for name, value in query.items() if value})

    def came_back(self, browser):
        """What the page that leads back to the wiki brings there."""
        address = html.unescape(re.search(r'href="(https://wiki\.example\.test/[^"]+)"', browser.body).group(1))
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))

    def test_a_person_signs_in_here_and_the_application_gets_their_tokens(self):
        self.grant(self.wiki, "authorization_code", {"AuthorizationCode": {"RedirectUris": [REDIRECT]}})
        browser = self.server.person()
        browser.get(self.asks(prompt="none"))
        self.assertIn("error=login%5Frequired", browser.url)
        browser.get(self.asks()).sign_in("jane", server.PASSWORD)
        back = self.came_back(browser)
        self.assertEqual(back["state"], "s&t")
        redeem = lambda code, verifier=VERIFIER, uri=REDIRECT: self.oidc.create_token_with_iam(clientId=self.wiki, grantType="authorization_code", code=code, redirectUri=uri, codeVerifier=verifier)
        for wrong in ({"code": "x"}, {"code": back["code"], "verifier": "w" * 43}, {"code": back["code"], "uri": REDIRECT + "/"}):
            self.assertEqual(self.refused(redeem, **wrong), "InvalidGrantException", wrong)
        tokens = redeem(back["code"])
        self.assertEqual((said(tokens["idToken"])["sub"], said(tokens["idToken"])["iss"]), (self.user("jane"), back["iss"]))
        there = self.acting(tokens)
        there.get_caller_identity()
        # A code that comes twice ends what it became.
        self.assertEqual(self.refused(redeem, code=back["code"]), "InvalidGrantException")
        self.assertEqual(self.refused(there.get_caller_identity), "ExpiredToken")
        # Who is signed in is asked nothing; what they were given ends with their session.
        tokens = redeem(self.came_back(browser.get(self.asks()))["code"])
        there = self.acting(tokens)
        there.get_caller_identity()
        portico = self.server.client("portico")
        portico.batch_delete_session(IdentityStoreId=self.store(), UserId=self.user("jane"))
        self.assertEqual(self.refused(there.get_caller_identity), "ExpiredToken")

    def test_a_job_goes_on_in_the_background_until_its_time_is_over_or_somebody_ends_it(self):
        portico, store = self.server.client("portico"), {"IdentityStoreId": self.store()}
        status = lambda: self.admin.get_application_session_configuration(ApplicationArn=self.wiki)["UserBackgroundSessionApplicationStatus"]
        self.assertEqual(status(), "DISABLED")
        self.admin.put_application_session_configuration(ApplicationArn=self.wiki, UserBackgroundSessionApplicationStatus="ENABLED")
        self.assertEqual(status(), "ENABLED")
        self.grant(self.wiki, "authorization_code", {"AuthorizationCode": {"RedirectUris": [REDIRECT]}})
        browser = self.server.person()
        browser.get(self.asks()).sign_in("jane", server.PASSWORD)
        tokens = self.oidc.create_token_with_iam(
            clientId=self.wiki, grantType="authorization_code", code=self.came_back(browser)["code"], redirectUri=REDIRECT, codeVerifier=VERIFIER)
        # She signs out; the job that acts for her goes on.
        browser.get(browser.base + "/start")
        browser.submit(next(form for form in browser.page.forms if form.action == "/signout"))
        renew = lambda tokens: self.oidc.create_token_with_iam(clientId=self.wiki, grantType="refresh_token", refreshToken=tokens["refreshToken"])
        tokens = renew(tokens)
        there = self.acting(tokens)
        there.get_caller_identity()
        held = lambda: [one for one in portico.list_sessions(**store, UserId=self.user("jane"))["Sessions"] if one.get("UserAgent") == "Application wiki"]
        [session] = held()
        self.assertAlmostEqual((session["ExpiresAt"] - session["CreatedAt"]).total_seconds(), 7 * 86_400, delta=60)
        # She sees it where she sees her own, and ends it, or an administrator does.
        security = browser.get(browser.base + "/security")
        browser.sign_in("jane", server.PASSWORD)
        security = browser.get(browser.base + "/security")
        self.assertIn("Application wiki", security.text)
        portico.batch_delete_session(**store, SessionIds=[session["SessionId"]])
        self.assertEqual(self.refused(renew, tokens=tokens), "InvalidGrantException")
        self.assertEqual(self.refused(there.get_caller_identity), "ExpiredToken")
        # As long as the directory says.
        settings = portico.get_session_settings(**store)["SessionSettings"]
        self.assertEqual(settings["BackgroundSessionMinutes"], 10_080)
        self.addCleanup(portico.put_session_settings, **store, SessionSettings=settings)
        with self.assertRaisesRegex(ClientError, "backgroundSessionMinutes"):
            portico.put_session_settings(**store, SessionSettings={"BackgroundSessionMinutes": 14})
        portico.put_session_settings(**store, SessionSettings={"BackgroundSessionMinutes": 15})
        self.bring(self.provider.token())
        [session] = held()
        self.assertAlmostEqual((session["ExpiresAt"] - session["CreatedAt"]).total_seconds(), 15 * 60, delta=60)
        portico.disable_user(**store, UserId=self.user("jane"))
        self.addCleanup(portico.enable_user, **store, UserId=self.user("jane"))
        self.assertEqual(held(), [])

    def test_nothing_is_sent_where_no_application_said(self):
        self.grant(self.wiki, "authorization_code", {"AuthorizationCode": {"RedirectUris": [REDIRECT]}})
        browser = self.server.person()
        nobody = self.wiki[:-1] + ("1" if self.wiki.endswith("0") else "0")
        for wrong in ({"redirect_uri": "https://evil.example/"}, {"redirect_uri": REDIRECT + "?a=b"}, {"redirect_uri": None}, {"client_id": nobody}, {"client_id": "arn:aws:sso"}):
            browser.get(self.asks(**wrong))
            self.assertTrue(browser.url.startswith(self.server.pages) and browser.status == 400, (wrong, browser.url, browser.status))
        for wrong, error in (({"response_type": "token"}, "unsupported_response_type"), ({"code_challenge_method": "plain"}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
                             ({"response_mode": "fragment"}, "invalid_request"), ({"request_uri": "https://evil.example/"}, "request_uri_not_supported")):
            browser.get(self.asks(**wrong))
            self.assertEqual(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.url).query))["error"], error)
        self.admin.update_application(ApplicationArn=self.wiki, Status="DISABLED")
        self.assertEqual(browser.get(self.asks()).status, 400)

    def test_a_job_reaches_accounts_without_a_browser(self):
        self.admin.put_application_access_scope(ApplicationArn=self.wiki, Scope="sso:account:access")
        token = self.bring(self.provider.token())["accessToken"]
        portal = self.server.client("sso")
        account = portal.list_accounts(accessToken=token)["accountList"][0]["accountId"]
        role = portal.list_account_roles(accessToken=token, accountId=account)["roleList"][0]["roleName"]
        self.assertTrue(portal.get_role_credentials(accessToken=token, accountId=account, roleName=role)["roleCredentials"]["accessKeyId"].startswith("ASIA"))
        self.admin.delete_trusted_token_issuer(TrustedTokenIssuerArn=self.issuer)
        self.assertEqual(self.refused(portal.list_accounts, accessToken=token), "UnauthorizedException")

    def papers(self, target, documents):
        """examples/resource_server.py, which acts for an application by a key that may do no more than it says; where it is, and its log."""
        portico, port = self.server.client("portico"), peer.free_port()
        portico.create_service_user(InstanceArn=self.instance(), UserName="papers")
        self.addCleanup(portico.delete_service_user, InstanceArn=self.instance(), UserName="papers")
        actions = ["sso-oauth:CreateTokenWithIAM", "identitystore:DescribeUser", "identitystore:GetGroupId", "identitystore:IsMemberInGroups"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
        portico.put_inline_policy_to_service_user(InstanceArn=self.instance(), UserName="papers", InlinePolicy=policy)
        key = portico.create_access_key(InstanceArn=self.instance(), UserName="papers")
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        log, held = pathlib.Path(home.name) / "log", pathlib.Path(home.name) / "documents.json"
        held.write_text(json.dumps(documents))
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"], "AWS_DEFAULT_REGION": "us-east-1",
                       "AWS_ENDPOINT_URL": self.server.base, "AWS_EC2_METADATA_DISABLED": "true"}
        with open(log, "wb") as said:
            process = subprocess.Popen([sys.executable, server.ROOT / "examples" / "resource_server.py", target, held, str(port)], env=environment, stderr=said)
        self.addCleanup(peer.stop, process)
        peer.wait_for(f"http://127.0.0.1:{port}/ready", process, log)
        return f"http://127.0.0.1:{port}", lambda: [json.loads(line) for line in log.read_text().splitlines()]

    @staticmethod
    def fetched(url, token=None):
        asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def test_a_resource_server_decides_by_person_and_group_and_tells_the_whole_chain(self):
        target = self.application("papers")
        self.addCleanup(self.admin.delete_application, ApplicationArn=target)
        self.grant(target, EXCHANGE, {"TokenExchange": {}})
        base, log = self.papers(target, {"plan": {"text": "ship it", "groups": ["engineers", "a group that is not there"]}, "note": {"text": "for Sam", "users": ["Sam"]}})
        tokens = {name: self.bring(self.provider.token(name))["accessToken"] for name in ("jane", "sam")}
        # No scope of the wiki leads there yet; then one does.
        self.assertEqual(self.fetched(base + "/plan", tokens["jane"])[0], 401)
        self.admin.put_application_access_scope(ApplicationArn=self.wiki, Scope="papers:read", AuthorizedTargets=[target])
        tokens = {name: self.bring(self.provider.token(name))["accessToken"] for name in ("jane", "sam")}
        self.assertEqual(self.fetched(base + "/plan", tokens["jane"]), (200, "ship it\n"))
        self.assertEqual(self.fetched(base + "/note", tokens["sam"]), (200, "for Sam\n"))
        nothing = self.fetched(base + "/nothing", tokens["jane"])
        self.assertEqual((self.fetched(base + "/note", tokens["jane"]), nothing[0]), (nothing, 404))
        self.assertEqual([self.fetched(base + "/plan", token)[0] for token in (None, "x", tokens["jane"][:-2])], [401] * 3)
        told = log()
        by_group, by_name = told[1], told[2]
        self.assertEqual((by_group["on_behalf_of"], by_group["through"], by_group["by"], by_group["decided_by"]),
                         ({"user_name": "jane", "user_id": self.user("jane")}, [self.wiki], target, "group engineers"))
        self.assertTrue(by_group["caller"].endswith("papers"), by_group["caller"])
        self.assertEqual((by_name["on_behalf_of"]["user_name"], by_name["decided_by"]), ("sam", "user sam"))
        self.assertEqual([(one["status"], one.get("decided_by")) for one in told[3:5]], [(404, None)] * 2)
        self.assertNotIn(tokens["jane"], json.dumps(told))
        # The trail says the same of that very call.
        trail = self.server.client("cloudtrail")
        made = [json.loads(event["CloudTrailEvent"]) for event in trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTokenWithIAM"}])["Events"]]
        [record] = [one for one in made if (one.get("additionalEventData") or {}).get("identitycenter:CredentialId") == by_group["credential_id"]]
        self.assertEqual((record["additionalEventData"]["actingApplicationArns"], record["additionalEventData"]["identitystore:UserId"]), ([self.wiki], self.user("jane")))
        self.assertEqual((record["userIdentity"]["arn"], record["resources"][0]["ARN"]), (by_group["caller"], target))
        # What ends here has ended there.
        people = self.server.client("portico")
        people.disable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))
        try:
            self.assertEqual(self.fetched(base + "/plan", tokens["jane"])[0], 401)
        finally:
            people.enable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))
        self.assertEqual(self.fetched(base + "/plan", tokens["jane"])[0], 401, "issued before")

    def tearDown(self):
        """The next test has an issuer of its own."""
        for issuer in self.admin.list_trusted_token_issuers(InstanceArn=self.instance())["TrustedTokenIssuers"]:
            self.admin.delete_trusted_token_issuer(TrustedTokenIssuerArn=issuer["TrustedTokenIssuerArn"])
