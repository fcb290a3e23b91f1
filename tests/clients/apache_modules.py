"""Pages of Apache that people see by signing in here: mod_auth_openidc by OpenID Connect, mod_auth_mellon by SAML, which nobody here wrote, in a server that Debian built.

A mixin of suite.py: it has a server, boto3 clients and people.
"""
import base64
import html
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import openid_applications
import provider
import server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

CUSTOM = openid_applications.CUSTOM
SAM = "four clear winter mornings"


class ApacheModules:
    """What administrators do by boto3 and in a file of Apache's, and people at their browser."""

    @classmethod
    def settings(cls, home):
        return list(provider.ALLOWED)

    def setUp(self):
        self.admin, self.portico, self.people = (self.server.client(name) for name in ("sso-admin", "portico", "identitystore"))
        self.apache = peer.Peer("apache")
        self.addCleanup(self.apache.stop)
        self.told = self.apache.told

    def application(self, name, kind=""):
        arn = self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM + kind, Name=name)["ApplicationArn"]
        self.addCleanup(self.admin.delete_application, ApplicationArn=arn)
        return arn

    def group(self, name):
        identifier = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
        return self.people.get_group_id(IdentityStoreId=self.store(), AlternateIdentifier=identifier)["GroupId"]

    def assign(self, arn, kind, principal):
        self.admin.create_application_assignment(ApplicationArn=arn, PrincipalType=kind, PrincipalId=principal)

    def unassign(self, arn, kind, principal):
        self.admin.delete_application_assignment(ApplicationArn=arn, PrincipalType=kind, PrincipalId=principal)

    @staticmethod
    def follow(person, url, data=None):
        """Like `Person.get`, also from one site to another."""
        for _ in range(12):
            person.get(url, data=data)
            if person.headers.get("Location") is None or person.status not in (302, 303, 307):
                return person
            url, data = person.url, None
        raise AssertionError(f"redirected in a circle at {person.url}")

    def opens(self, person, page, name="jane", password=server.PASSWORD):
        """Somebody opens a page, signs in where they are asked, and comes back; what the page was told."""
        self.follow(person, page)
        if person.url.startswith(person.base) and any("password" in form.fields for form in person.page.forms):
            person.sign_in(name, password)
            if not person.url.startswith(person.base):
                self.follow(person, person.url)
        for form in person.page.forms:
            if "SAMLResponse" in form.fields:
                self.follow(person, form.action, urllib.parse.urlencode(form.fields).encode())
                break
        return self.shown(person)

    @staticmethod
    def shown(person):
        """What a protected page says that it was told of its reader; nothing where it was not shown."""
        return dict(line.split("=", 1) for line in html.unescape(person.body).splitlines() if re.match(r"(OIDC|MELLON|REMOTE)_\w+=", line))

    def is_asked(self, person, page):
        """Whether the page, which they saw, would have them sign in first."""
        person.get(page, follow=False)
        return person.status in (302, 303) and person.headers["Location"].startswith((self.server.pages, page + "sp/login?"))

    def connected_by_openid(self, *directives, admits="valid-user", **settings):
        """mod_auth_openidc, told of an application."""
        arn = self.application(f"Apache {time.monotonic_ns()}")
        settings = {"RedirectUris": [self.told["callback"]], "PostLogoutRedirectUris": [self.told["base"] + "/"], "RefreshTokens": True,
                    "Scopes": ["openid", "profile", "email", "groups"], "BackChannelLogoutUri": self.told["callback"] + "?logout=backchannel", **settings}
        self.portico.put_application_oidc_configuration(ApplicationArn=arn, OidcConfiguration=settings)
        ours = self.portico.get_application_oidc_configuration(ApplicationArn=arn)["OidcProvider"]
        proof = []
        if "ClientAuthentication" not in settings:
            secret = self.portico.create_application_client_secret(ApplicationArn=arn)["ClientSecret"]["Secret"]
            proof = [f"OIDCClientSecret {secret}", f"OIDCOAuthClientSecret {secret}"]
        self.apache.set(admits=admits, openid=[
            f"OIDCProviderMetadataURL {ours['DiscoveryUrl']}", f"OIDCOAuthServerMetadataURL {ours['DiscoveryUrl']}", f"OIDCClientID {ours['ClientId']}",
            f"OIDCOAuthClientID {ours['ClientId']}", 'OIDCScope "openid profile email groups"', "OIDCPKCEMethod S256", "OIDCRemoteUserClaim preferred_username", *proof, *directives])
        return arn

    def api(self, token):
        """What the page for programs answers to an access token."""
        asked = urllib.request.Request(self.told["api"], headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def test_mod_auth_openidc_shows_a_page_to_a_group_alone_and_signs_its_people_out(self):
        arn = self.connected_by_openid(admits="claim groups:auditors")
        self.assign(arn, "GROUP", self.group("engineers"))
        page = self.told["openid"]
        sam = self.server.person()
        told = self.opens(sam, page, "sam", SAM)
        self.assertEqual((told["REMOTE_USER"], told["OIDC_CLAIM_email"], told["OIDC_CLAIM_name"]), ("sam", "sam@acme.example", "Sam Okafor"))
        self.assertEqual(set(told["OIDC_CLAIM_groups"].split(",")), {"engineers", "auditors"})
        # Who may use the application, and is in no group that the page is for, is signed in and sees nothing of it.
        jane = self.server.person()
        self.assertEqual((self.opens(jane, page), jane.status), ({}, 401))
        # Programs bring the access token, which Apache asks about here.
        token = told["OIDC_access_token"]
        self.assertEqual((self.api(token), self.api(token[:-2])), (200, 401))
        # Apache signs Sam out: of its own pages, and by a question to us of ours.
        self.follow(sam, f"{self.told['callback']}?logout={urllib.parse.quote(self.told['base'] + '/')}")
        self.assertEqual((sam.url, sam.body), (self.told["base"] + "/", "open to everybody\n"))
        self.assertTrue(self.is_asked(sam, page))
        self.assertEqual((sam.get(sam.base + "/start", follow=False).status, self.api(token)), (303, 401))

    def test_mod_auth_openidc_proves_itself_by_a_key_renews_and_ends_with_the_session_and_the_assignment(self):
        # It publishes its key at the address that takes codes, as soon as it is told of any provider.
        self.connected_by_openid()
        keys = json.dumps(openid_applications.published(self.told["callback"] + "?jwks=rsa"))
        arn = self.connected_by_openid("OIDCProviderTokenEndpointAuth private_key_jwt", "OIDCRefreshAccessTokenBeforeExpiry 3600 logout_on_error",
                                       ClientAuthentication="PRIVATE_KEY_JWT", KeySet=keys, SigningAlgorithm="ES256")
        jane_id, page = self.user("jane"), self.told["openid"]
        # Who is not assigned comes back with access_denied. 2.4.12 makes nothing of an error that comes with `iss`, as RFC 9207 has it, but a page that it is one.
        jane = self.server.person()
        self.assertEqual(self.opens(jane, page), {})
        self.assertTrue(jane.url.startswith(self.told["callback"] + "?error=access_denied&") and "Error" in jane.text, f"{jane.url} {jane.text}")
        self.assign(arn, "USER", jane_id)
        told = self.opens(jane, page)
        self.assertEqual(told["OIDC_CLAIM_sub"], jane_id)
        # Every page has renewed the tokens, each refresh token once.
        again = self.opens(jane, page)
        self.assertNotEqual(told["OIDC_access_token"], again["OIDC_access_token"])
        # We tell Apache of a sign-out: no browser goes there, and the page asks for the next one.
        other = self.server.person()
        self.assertEqual(self.opens(other, page)["OIDC_CLAIM_sub"], jane_id)
        jane.get(jane.base + "/start")
        jane.submit(next(form for form in jane.page.forms if form.action == "/signout"))
        self.wait_for(lambda: self.is_asked(jane, page))
        self.assertFalse(self.is_asked(other, page), "a session of hers that goes on")
        # Without the assignment there is no next token, and so no page; Apache forgets who they were, and asks here.
        self.unassign(arn, "USER", jane_id)
        self.assertEqual(self.opens(other, page), {})
        self.assertEqual(self.opens(other, page), {})
        self.assertIn("error=access_denied", other.url)

    def connected_by_saml(self, *mellon, encrypt=False, **settings):
        """mod_auth_mellon and an application, each told of the other by metadata."""
        arn = self.application(f"Apache {time.monotonic_ns()}", "-saml")
        self.portico.import_application_instance_service_provider_metadata(ApplicationArn=arn, MetadataXml=self.told["metadata"], Encrypt=encrypt)
        said = self.portico.get_application_saml_configuration(ApplicationArn=arn)
        kept = said["SamlConfiguration"]
        # What it asks for, if nobody says otherwise.
        kept.update({"Subject": {"Format": "TRANSIENT"}, "AttributeMappings": [{"Name": "mail", "Value": "${user:email}"}, {"Name": "groups", "Value": "${user:groupNames}"}], **settings})
        self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
        self.apache.set(saml=self.server.person().get(said["IdentityProvider"]["MetadataUrl"]).body, mellon=list(mellon))
        return arn, kept

    def test_mod_auth_mellon_shows_a_page_to_a_group_alone_and_signs_its_people_out(self):
        arn, kept = self.connected_by_saml("MellonCond groups auditors [MAP]", "MellonUser mail", 'MellonMergeEnvVars On ","')
        self.assertEqual((kept["Audience"], kept["RequireSignedRequests"]), (self.told["mellon"] + "sp/metadata", True))
        self.assign(arn, "GROUP", self.group("engineers"))
        page, out = self.told["mellon"], self.told["mellon"] + "sp/logout"
        sam = self.server.person()
        told = self.opens(sam, page, "sam", SAM)
        self.assertEqual((told["REMOTE_USER"], told["MELLON_mail"]), ("sam@acme.example", "sam@acme.example"))
        self.assertEqual(set(told["MELLON_groups"].split(",")), {"engineers", "auditors"})
        jane = self.server.person()
        self.assertEqual((self.opens(jane, page), jane.status), ({}, 403))
        # Apache signs Sam out: a signed question to us, and our answer leads him back.
        self.follow(sam, f"{out}?ReturnTo={urllib.parse.quote(self.told['base'] + '/')}")
        link = html.unescape(re.search(r'class="button" href="([^"]*)"', sam.body).group(1))
        self.assertTrue(link.startswith(out + "?SAMLResponse="), link)
        self.follow(sam, link)
        self.assertEqual((sam.url, sam.body), (self.told["base"] + "/", "open to everybody\n"))
        self.assertTrue(self.is_asked(sam, page))
        self.assertEqual(sam.get(sam.base + "/start", follow=False).status, 303)

    def test_mod_auth_mellon_opens_what_is_encrypted_and_is_told_of_a_sign_out(self):
        arn, kept = self.connected_by_saml(encrypt=True, SignResponses=True)
        page, out = self.told["mellon"], self.told["mellon"] + "sp/logout"
        jane = self.server.person()
        self.assertEqual(self.opens(jane, page), {})
        self.assertEqual(jane.status, 403)
        self.assertIn("You may not use", jane.text)
        self.assign(arn, "USER", self.user("jane"))
        for content in ("AES256_GCM", "AES128_CBC"):
            kept["Encryption"]["ContentAlgorithm"] = content
            self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
            jane = self.server.person()
            self.assertEqual(self.opens(jane, page)["MELLON_mail"], "jane@acme.example", content)
        # From the portal, with nobody having asked.
        other = self.server.person()
        start = self.portico.get_application_saml_configuration(ApplicationArn=arn)["IdentityProvider"]["StartUrl"]
        self.opens(other, start)
        self.assertEqual(self.opens(other, page)["MELLON_mail"], "jane@acme.example")
        # She signs out here; the page that says so leads by Apache, which ends its own session.
        jane.get(jane.base + "/start")
        jane.submit(next(form for form in jane.page.forms if form.action == "/signout"))
        link = html.unescape(re.search(r'href="([^"]*/mellon/sp/logout\?SAMLRequest=[^"]*)"', jane.body).group(1))
        self.follow(jane, link)
        self.assertTrue(jane.url.startswith(jane.base), jane.url)
        self.assertTrue(self.is_asked(jane, page))
        self.assertFalse(self.is_asked(other, page), "a session of hers that goes on")

    def test_mod_auth_mellon_is_not_believed_without_its_signature_nor_are_we(self):
        arn, _ = self.connected_by_saml()
        self.assign(arn, "USER", self.user("jane"))
        person = self.server.person()
        person.get(self.told["mellon"], follow=False)
        person.get(person.headers["Location"], follow=False)
        asked = person.headers["Location"]
        # The question is signed as a whole: another address to come back to, or none of the signature.
        for forged in (re.sub(r"RelayState=[^&]*", "RelayState=elsewhere", asked), re.sub(r"&SigAlg=.*", "", asked)):
            self.assertNotEqual(forged, asked)
            person.get(forged)
            self.assertEqual(person.status, 400, person.text)
        # And Apache believes nobody whose key is not the one that it was told of.
        self.follow(person, asked)
        person.sign_in("jane", server.PASSWORD)
        form = person.form("SAMLResponse")
        altered = base64.b64encode(base64.b64decode(form.fields["SAMLResponse"]).replace(b"jane@acme", b"evil@acme")).decode()
        self.follow(person, form.action, urllib.parse.urlencode({**form.fields, "SAMLResponse": altered}).encode())
        self.assertEqual((person.status, self.shown(person)), (400, {}))
