"""Proves the identity providers of this folder alone, before a service provider of ours stands between: they answer, they judge what they are asked, and
what they sign and encrypt is so by xmlsec1's word. And the web server of this folder, by those providers, before a provider of ours stands between. `PYTHONPATH=tests/clients:tests/peers PYTHON tests/peers/prove.py`."""
import base64
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request
import zlib

import peer
import person

ASSERTION, PROTOCOL = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
EMAIL, PERSISTENT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
COST_CENTER = "https://aws.amazon.com/SAML/Attributes/AccessControl:CostCenter"
ATTRIBUTES = {"uid": ["jane"], "mail": ["jane@example.test"], "displayName": ["Jane Ö. <Roe>"], "groups": ["dev", "ops"], COST_CENTER: ["4711"]}
GCM, CBC = "http://www.w3.org/2009/xmlenc11#aes128-gcm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
RSA_SHA1, SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


class ServiceProvider:
    """A service provider made by hand: its document, what it asks, and what xmlsec1 says of the answers."""

    entity, acs, slo = "https://sp.example.test/metadata", "https://sp.example.test/acs", "https://sp.example.test/slo"

    def __init__(self, home):
        self.home, self.key, self.certificate = home, home / "sp.pem", home / "sp-certificate.pem"
        peer.new_key(self.key, self.certificate)
        shown = "".join(self.certificate.read_text().split("-----")[2].split())
        keys = "".join(f'<md:KeyDescriptor use="{use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{shown}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>' for use in ("signing", "encryption"))
        self.metadata = (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{self.entity}">'
            f'<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="{PROTOCOL}">{keys}'
            f'<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{self.slo}"/><md:NameIDFormat>{EMAIL}</md:NameIDFormat>'
            f'<md:AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{self.acs}"/></md:SPSSODescriptor></md:EntityDescriptor>'
        )

    def asks(self, url, kind="AuthnRequest", inside="", signed=True, **attributes):
        """The URL of a request by redirect. No blank in it: pysaml2 checks the signature over a query string that it writes anew, with `+` for blanks."""
        named = {"Version": "2.0", "ID": "_asked", "IssueInstant": subprocess.run(["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True, text=True, check=True).stdout.strip(), "Destination": url, **attributes}
        said = "".join(f' {name}="{value}"' for name, value in named.items())
        xml = f'<p:{kind} xmlns:p="{PROTOCOL}" xmlns:a="{ASSERTION}"{said}><a:Issuer>{self.entity}</a:Issuer>{inside}</p:{kind}>'
        packed = zlib.compressobj(wbits=-15)
        query = {"SAMLRequest": base64.b64encode(packed.compress(xml.encode()) + packed.flush()).decode(), "RelayState": "there&back", **({"SigAlg": RSA_SHA256} if signed else {})}
        query = urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="")
        if signed:
            made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=query.encode(), capture_output=True, check=True).stdout
            query += "&Signature=" + urllib.parse.quote(base64.b64encode(made).decode(), safe="")
        return f"{url}?{query}"

    def sign_in_at(self, url, **how):
        return self.asks(url, AssertionConsumerServiceURL=self.acs, ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", **how)

    def xmlsec1(self, *arguments):
        return subprocess.run(list(map(str, ["xmlsec1", *arguments])), capture_output=True, text=True)

    def verifies(self, xml, certificate, name):
        """Whether xmlsec1 accepts the signature of the element of that name."""
        file = self.home / "answer.xml"
        file.write_text(xml)
        (self.home / "theirs.pem").write_text("-----BEGIN CERTIFICATE-----\n" + "\n".join(re.findall(".{1,64}", certificate)) + "\n-----END CERTIFICATE-----\n")
        place = f"//*[local-name()='{name}']/*[local-name()='Signature']"
        ids = ["--id-attr:ID", f"{ASSERTION}:Assertion", "--id-attr:ID", f"{PROTOCOL}:Response"]
        done = self.xmlsec1("--verify", "--pubkey-cert-pem", self.home / "theirs.pem", *ids, "--node-xpath", place, file)
        return done.returncode == 0

    def decrypted(self, xml):
        file = self.home / "encrypted.xml"
        file.write_text(xml)
        return self.xmlsec1("--decrypt", "--privkey-pem", self.key, file).stdout


def certificates(metadata):
    return re.findall(r"<(?:\w+:)?X509Certificate>\s*([A-Za-z0-9+/=\s]+?)\s*</", metadata)


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Saml(unittest.TestCase):
    """What the tests of both providers of SAML share."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.sp = ServiceProvider(pathlib.Path(scratch.name))

    def started(self, name, **settings):
        provider = peer.Peer(name, **settings)
        self.addCleanup(provider.stop)
        self.told, self.browser = provider.told, person.Person(provider.told["base"])
        return provider

    def answer(self):
        """What the form that the browser is at brings, and the certificate that the provider shows now."""
        form = self.browser.form("SAMLResponse")
        self.assertEqual(form.action, self.sp.acs)
        xml = base64.b64decode(form.fields["SAMLResponse"]).decode()
        return xml, form.fields.get("RelayState"), [re.sub(r"\s", "", one) for one in certificates(get(self.told["metadata"]))]


class SimpleSaml(Saml):
    def setUp(self):
        super().setUp()
        self.idp = self.started("simplesaml", people=[{"name": "jane", "password": "right", "attributes": ATTRIBUTES}], service_providers=[{"metadata": self.sp.metadata}])

    def sign_in(self, password="right", **how):
        self.browser.get(self.sp.sign_in_at(self.told["sign_in"], **how))
        self.browser.submit(self.browser.form("username", "password"), username="jane", password=password)

    def test_a_person_signs_in_and_xmlsec1_accepts_both_signatures(self):
        self.sign_in()
        xml, relay, (certificate, *_) = self.answer()
        self.assertEqual(relay, "there&back")
        self.assertTrue(self.sp.verifies(xml, certificate, "Assertion") and self.sp.verifies(xml, certificate, "Response"))
        self.assertFalse(self.sp.verifies(xml.replace("4711", "4712"), certificate, "Assertion"), "altered")
        self.assertIn('InResponseTo="_asked"', xml)
        self.assertRegex(xml, f'<saml:NameID [^>]*Format="{EMAIL}">jane@example.test<')
        self.assertRegex(xml, f'Name="{COST_CENTER}"[^>]*><saml:AttributeValue[^>]*>4711<')
        self.assertIn("Jane Ö. &lt;Roe&gt;", xml)

    def test_a_wrong_password_is_asked_for_again(self):
        self.sign_in("wrong")
        self.assertIn("Incorrect username or password", self.browser.text)

    def test_a_request_says_how_the_person_is_named(self):
        self.sign_in(inside=f'<p:NameIDPolicy Format="{PERSISTENT}"/>')
        xml, _, _ = self.answer()
        self.assertRegex(xml, f'<saml:NameID [^>]*Format="{PERSISTENT}"')

    def test_requests_are_judged(self):
        for url in (self.sp.sign_in_at(self.told["sign_in"], signed=False), self.sp.sign_in_at(self.told["sign_in"]).replace("there", "where")):
            self.browser.get(url)
            self.assertFalse(any("password" in form.fields for form in self.browser.page.forms), url)
            self.assertRegex(self.browser.text, "no signature found|Unable to validate signature")

    def test_it_signs_in_unasked_and_out_again(self):
        self.browser.get(f"{self.told['sign_in']}?spentityid={urllib.parse.quote(self.sp.entity)}&RelayState=unasked")
        self.browser.submit(self.browser.form("username", "password"), username="jane", password="right")
        xml, relay, _ = self.answer()
        self.assertEqual((relay, "InResponseTo" in xml), ("unasked", False))
        self.browser.get(f"{self.told['base']}/saml2/idp/SingleLogoutService.php?ReturnTo={urllib.parse.quote(self.told['base'] + '/')}")
        self.assertTrue(self.browser.url.startswith(self.sp.slo + "?SAMLRequest="), self.browser.url)
        self.assertIn("Signature=", self.browser.url)
        session = re.search(r'SessionIndex="([^"]+)"', xml).group(1)
        self.sign_in()
        asked = self.sp.asks(f"{self.told['base']}/saml2/idp/SingleLogoutService.php", kind="LogoutRequest", inside=f"<a:NameID>jane@example.test</a:NameID><p:SessionIndex>{session}</p:SessionIndex>")
        self.browser.get(asked)
        self.assertTrue(self.browser.url.startswith(self.sp.slo + "?SAMLResponse="), self.browser.url)

    def test_another_key_is_announced_and_then_signs(self):
        self.idp.set(announces=2)
        self.sign_in()
        xml, _, shown = self.answer()
        self.assertEqual([self.sp.verifies(xml, one, "Assertion") for one in dict.fromkeys(shown)].count(True), 1)
        self.assertEqual(len(set(shown)), 2)
        self.idp.set(announces=None, signs_with=2)
        self.sign_in_again()
        second, _, (certificate, *_) = self.answer()
        self.assertTrue(self.sp.verifies(second, certificate, "Assertion") and not self.sp.verifies(xml, certificate, "Assertion"))

    def sign_in_again(self):
        """Somebody who is signed in is not asked."""
        self.browser.get(self.sp.sign_in_at(self.told["sign_in"]))

    def test_its_encryption_is_of_the_kind_that_is_refused(self):
        # 1.19 takes the content's algorithm from no setting when the key is a public one.
        self.idp.set(service_providers=[{"metadata": self.sp.metadata, "settings": {"assertion.encryption": True, "sharedkey_algorithm": GCM}}])
        self.sign_in()
        xml, _, _ = self.answer()
        self.assertIn(CBC, xml)
        self.assertIn("jane@example.test", self.sp.decrypted(xml))


class PySaml(Saml):
    def setUp(self):
        super().setUp()
        self.idp = self.started("pysaml", people=[{"name": "jane", "attributes": ATTRIBUTES}], answers_for="jane", service_providers=[self.sp.metadata])

    def answered(self, **answer):
        self.idp.set(answer=answer)
        self.browser.get(self.sp.sign_in_at(self.told["sign_in"]))
        xml, relay, (certificate, *_) = self.answer()
        self.assertEqual(relay, "there&back")
        return xml, certificate

    def test_it_answers_at_once_and_xmlsec1_accepts_what_it_signed(self):
        xml, certificate = self.answered()
        self.assertEqual((self.sp.verifies(xml, certificate, "Assertion"), self.sp.verifies(xml, certificate, "Response")), (True, False))
        self.assertIn("Jane &#xD6;. &lt;Roe&gt;", xml)
        xml, certificate = self.answered(signs=["response", "assertion"])
        self.assertEqual((self.sp.verifies(xml, certificate, "Assertion"), self.sp.verifies(xml, certificate, "Response")), (True, True))
        xml, certificate = self.answered(signs=[])
        self.assertNotIn("SignatureValue", xml)

    def test_other_keys_and_algorithms(self):
        xml, certificate = self.answered(signed_by="stranger")
        self.assertFalse(self.sp.verifies(xml, certificate, "Assertion"))
        xml, certificate = self.answered(signature=RSA_SHA1, digest=SHA1)
        self.assertTrue(RSA_SHA1 in xml and self.sp.verifies(xml, certificate, "Assertion"))
        self.idp.set(key="ec")
        xml, certificate = self.answered()
        self.assertTrue("ecdsa-sha256" in xml and self.sp.verifies(xml, certificate, "Assertion"))

    def test_encrypted_assertions(self):
        for content in (GCM, GCM.replace("128", "256"), CBC):
            for signs in (["assertion"], ["assertion", "response"]):
                xml, certificate = self.answered(encrypts=content, signs=signs)
                self.assertTrue(content in xml and "jane@example.test" not in xml)
                if "response" in signs:
                    self.assertTrue(self.sp.verifies(xml, certificate, "Response"), content)
                plain = self.sp.decrypted(xml)
                self.assertIn("jane@example.test", plain)
                self.assertTrue(self.sp.verifies(plain, certificate, "Assertion"), content)

    def test_what_is_to_be_amiss_is_and_is_signed(self):
        amiss = {"audience": "urn:other", "recipient": "https://other.test/", "destination": "https://other.test/", "issuer": "urn:other", "in_response_to": "_other",
                 "not_before": "2999-01-01T00:00:00Z", "not_on_or_after": "2000-01-01T00:00:00Z", "session_not_on_or_after": "2000-01-01T00:00:00Z", "authn_instant": "2001-01-01T00:00:00Z", "name_id": "root@example.test"}
        for name, value in amiss.items():
            xml, certificate = self.answered(**{name: value})
            self.assertTrue(value in xml and self.sp.verifies(xml, certificate, "Assertion"), name)
        xml, _ = self.answered(status="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed")
        self.assertTrue("AuthnFailed" in xml and "Assertion" not in xml)

    def test_requests_are_judged(self):
        for url in (self.sp.sign_in_at(self.told["sign_in"], signed=False), self.sp.sign_in_at(self.told["sign_in"]).replace("there", "where")):
            self.assertEqual(self.browser.get(url).status, 400)

    def test_it_answers_unasked_and_signs_out(self):
        self.browser.get(f"{self.told['sign_in']}?to={urllib.parse.quote(self.sp.entity)}&RelayState=unasked")
        xml, relay, _ = self.answer()
        self.assertEqual((relay, "InResponseTo" in xml), ("unasked", False))
        self.browser.get(f"{self.told['base']}/sign-out?to={urllib.parse.quote(self.sp.entity)}")
        self.assertTrue(self.browser.url.startswith(self.sp.slo + "?SAMLRequest=") and "Signature=" in self.browser.url, self.browser.url)
        self.browser.get(self.sp.asks(f"{self.told['base']}/slo", kind="LogoutRequest", inside="<a:NameID>jane@example.test</a:NameID>"))
        self.assertTrue(self.browser.url.startswith(self.sp.slo + "?SAMLResponse=") and "Signature=" in self.browser.url, self.browser.url or self.browser.text)


class Oidc(unittest.TestCase):
    SECRET, REDIRECT, VERIFIER = "a secret that is long enough for HMAC", "https://rp.example.test/callback", "v" * 43

    def setUp(self):
        client = {"client_id": "portico", "client_secret": self.SECRET, "redirect_uris": [self.REDIRECT]}
        self.op = peer.Peer("oidc", clients=[client], people={"jane": {"name": "Jane Roe", "groups": ["dev", "ops"]}})
        self.addCleanup(self.op.stop)
        self.browser, self.says = person.Person(self.op.told["base"]), json.loads(get(self.op.told["metadata"]))

    def asked(self, **more):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.VERIFIER.encode()).digest()).rstrip(b"=").decode()
        query = {"client_id": "portico", "response_type": "code", "redirect_uri": self.REDIRECT, "scope": "openid profile email groups", "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256", **more}
        self.browser.get(self.says["authorization_endpoint"] + "?" + urllib.parse.urlencode({name: value for name, value in query.items() if value}))
        for _ in range(2):
            if self.browser.url.startswith(self.browser.base):
                form = self.browser.form("prompt")
                self.browser.submit(form, **({"login": "jane", "password": "any"} if form.fields["prompt"] == "login" else {}))
        self.assertTrue(self.browser.url.startswith(self.REDIRECT), self.browser.url + self.browser.body)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.browser.url).query))

    def tokens(self, code, secret=SECRET, verifier=VERIFIER):
        pair = base64.b64encode(":".join(map(urllib.parse.quote, ("portico", secret))).encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": self.REDIRECT, "code_verifier": verifier})
        with urllib.request.urlopen(urllib.request.Request(self.says["token_endpoint"], form.encode(), {"Authorization": f"Basic {pair}"}), timeout=10) as answer:
            return json.load(answer)

    @staticmethod
    def said(token, part=1):
        text = token.split(".")[part]
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    def userinfo(self, token):
        with urllib.request.urlopen(urllib.request.Request(self.says["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:
            return json.load(answer)

    def test_a_person_signs_in_and_claims_come(self):
        back = self.asked()
        self.assertEqual((back["iss"], back["state"]), (self.op.told["issuer"], "s"))
        got = self.tokens(back["code"])
        token = self.said(got["id_token"])
        self.assertEqual([token[name] for name in ("iss", "aud", "sub", "nonce")], [self.op.told["issuer"], "portico", "jane", "n"])
        self.assertNotIn("groups", token)
        said = self.userinfo(got["access_token"])
        self.assertEqual([said[name] for name in ("preferred_username", "email", "email_verified", "groups", "name")], ["jane", "jane@example.test", True, ["dev", "ops"], "Jane Roe"])
        self.op.set(id_token_claims=True)
        self.assertEqual(self.said(self.tokens(self.asked()["code"])["id_token"])["groups"], ["dev", "ops"])

    def test_without_pkce_or_with_another_verifier_or_secret_there_is_nothing(self):
        self.assertEqual(self.asked(code_challenge=None, code_challenge_method=None)["error"], "invalid_request")
        for wrong in ({"verifier": "w" * 43}, {"secret": "wrong"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.tokens(self.asked()["code"], **wrong)
            self.assertIn(refused.exception.code, (400, 401))
            refused.exception.close()

    def test_keys_are_rotated(self):
        def signed_by():
            return self.said(self.tokens(self.asked()["code"])["id_token"], 0)["kid"]
        self.assertEqual(signed_by(), "one-RS256")
        self.op.set(keys=["two", "one"])
        self.assertEqual({key["kid"] for key in json.loads(get(self.says["jwks_uri"]))["keys"]}, {"two-RS256", "one-RS256"})
        self.assertEqual(signed_by(), "two-RS256")
        self.op.set(alg="ES256")
        self.assertEqual(signed_by(), "two-ES256")

    def test_it_says_what_it_can(self):
        for what in ("authorization_response_iss_parameter_supported", "backchannel_logout_supported", "backchannel_logout_session_supported"):
            self.assertTrue(self.says[what], what)
        self.assertEqual(self.says["code_challenge_methods_supported"], ["S256"])


class Apache(unittest.TestCase):
    """The two modules of Apache sign somebody in by providers that are not ours."""

    def setUp(self):
        self.apache = peer.Peer("apache")
        self.addCleanup(self.apache.stop)
        self.told, self.browser = self.apache.told, person.Person(self.apache.told["base"])

    def goes_to(self, base):
        """The same browser, where another site is at home."""
        self.browser.base = base

    def test_mod_auth_openidc_by_oidc_provider(self):
        client = {"client_id": "apache", "client_secret": Oidc.SECRET, "redirect_uris": [self.told["callback"]], "backchannel_logout_uri": self.told["callback"] + "?logout=backchannel"}
        op = peer.Peer("oidc", clients=[client], people={"jane": {"groups": ["dev"]}})
        self.addCleanup(op.stop)
        self.apache.set(admits="claim groups:dev", openid=[
            f"OIDCProviderMetadataURL {op.told['metadata']}", "OIDCClientID apache", f'OIDCClientSecret "{Oidc.SECRET}"', 'OIDCScope "openid groups"', "OIDCPKCEMethod S256"])
        self.assertIn("OIDC_CLAIM_groups=dev", self.opens(op))
        op.set(people={"jane": {"groups": ["ops"]}})
        self.browser = person.Person(self.told["base"])
        self.assertNotIn("OIDC_CLAIM", self.opens(op))
        self.assertEqual(self.browser.status, 401)

    def opens(self, op):
        """The protected page, once Jane has signed in for it."""
        self.browser.get(self.told["openid"])
        self.goes_to(op.told["base"])
        self.browser.get(self.browser.url)
        for _ in range(2):
            form = self.browser.form("prompt")
            self.browser.submit(form, **({"login": "jane", "password": "any"} if form.fields["prompt"] == "login" else {}))
        self.goes_to(self.told["base"])
        return self.browser.get(self.browser.url).body

    def test_mod_auth_mellon_by_simplesamlphp(self):
        jane = {"name": "jane", "password": "right", "attributes": ATTRIBUTES}
        idp = peer.Peer("simplesaml", people=[jane])
        self.addCleanup(idp.stop)
        self.apache.set(saml=get(idp.told["metadata"]), mellon=["MellonUser mail"])
        idp.set(service_providers=[{"metadata": self.told["metadata"]}])
        self.browser.get(self.told["mellon"])
        self.goes_to(idp.told["base"])
        self.browser.get(self.browser.url)
        self.browser.submit(self.browser.form("username", "password"), username="jane", password="right")
        form = self.browser.form("SAMLResponse")
        self.goes_to(self.told["base"])
        self.browser.submit(form)
        self.assertIn("REMOTE_USER=jane@example.test", self.browser.body)
        self.browser.get(form.action, data=b"SAMLResponse=PHg%2BPC94Pg%3D%3D")
        self.assertEqual(self.browser.status, 400)


if __name__ == "__main__":
    unittest.main()
