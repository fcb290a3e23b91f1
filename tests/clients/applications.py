"""Applications that speak SAML: pysaml2 and SimpleSAMLphp as service providers, which nobody here wrote, and xmlsec1 as the judge of what is signed and encrypted.

A mixin of suite.py: it has a server, boto3 clients and people.
"""
import base64
import html
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import server

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
ACS = "https://app.acme.example/saml/acs"
SLO = "https://app.acme.example/saml/slo"


def xmlsec1(*arguments):
    return subprocess.run(["xmlsec1", *map(str, arguments)], capture_output=True, text=True)


class ServiceProvider:
    """pysaml2 as an application: reads our metadata, asks, judges what comes."""

    def __init__(self, home, entity, **more):
        self.home, self.entity, self.more, self.asked = pathlib.Path(home), entity, more, {}
        key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=app", "-keyout", self.key, "-out", self.certificate]
        subprocess.run(list(map(str, key)), check=True, stderr=subprocess.DEVNULL)
        self.client = None

    @property
    def key(self):
        return self.home / "app.pem"

    @property
    def certificate(self):
        return self.home / "app-certificate.pem"

    def config(self, documents=None):
        from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
        from saml2.config import SPConfig
        service = {
            "endpoints": {"assertion_consumer_service": [(ACS, BINDING_HTTP_POST)], "single_logout_service": [(SLO, BINDING_HTTP_REDIRECT)]},
            "authn_requests_signed": True, "logout_requests_signed": True, "want_assertions_signed": True, "want_response_signed": False, "allow_unsolicited": False,
            # SHA-1 is what pysaml2 7.5 signs with if nobody says otherwise.
            "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            "name_id_policy_format": EMAIL, **self.more,
        }
        return SPConfig().load({
            "entityid": self.entity, "xmlsec_binary": "/usr/bin/xmlsec1", "key_file": str(self.key), "cert_file": str(self.certificate), "allow_unknown_attributes": True,
            "encryption_keypairs": [{"key_file": str(self.key), "cert_file": str(self.certificate)}], "service": {"sp": service},
            "metadata": {"inline": documents} if documents else {},
        })

    def metadata(self):
        from saml2.metadata import entity_descriptor
        return str(entity_descriptor(self.config()))

    def know(self, document):
        from saml2.client import Saml2Client
        self.client = Saml2Client(config=self.config([document]))

    def ask(self, binding, relay_state="deep", **more):
        """An address, or the fields of a form and where it goes."""
        from saml2 import BINDING_HTTP_POST
        request, how = self.client.prepare_for_authenticate(binding=binding, relay_state=relay_state, sign=True, nameid_format=EMAIL, **more)
        self.asked[request] = "/"
        if binding != BINDING_HTTP_POST:
            return dict(how["headers"])["Location"]
        page = str(how["data"])
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)"\s+value="([^"]*)"', page)}
        return re.search(r'action="([^"]*)"', page).group(1), fields

    def read(self, response):
        """What pysaml2 makes of an answer: it raises what it does not believe."""
        from saml2 import BINDING_HTTP_POST
        return self.client.parse_authn_request_response(response, BINDING_HTTP_POST, outstanding=dict(self.asked))


class SamlApplications:
    """What administrators do by boto3, people at their browser, and applications by libraries of their own."""

    def setUp(self):
        self.admin, self.portico = self.server.client("sso-admin"), self.server.client("portico")

    def application(self, name, assigned="jane"):
        arn = self.admin.create_application(
            InstanceArn=self.instance(), ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom-saml", Name=name)["ApplicationArn"]
        self.addCleanup(self.admin.delete_application, ApplicationArn=arn)
        if assigned:
            self.admin.create_application_assignment(ApplicationArn=arn, PrincipalType="USER", PrincipalId=self.user(assigned))
        return arn

    def provider(self, entity, **more):
        home = tempfile.TemporaryDirectory(prefix="portico-app-")
        self.addCleanup(home.cleanup)
        return ServiceProvider(home.name, entity, **more)

    def connected(self, entity="https://app.acme.example/saml", settings=None, **more):
        """An application that was told of us and we of it, by metadata both ways."""
        app, arn = self.provider(entity, **more), self.application(entity)
        self.portico.import_application_instance_service_provider_metadata(ApplicationArn=arn, MetadataXml=app.metadata())
        kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
        kept.update({
            "Subject": {"Format": "EMAIL_ADDRESS", "Value": "${user:email}"},
            "AttributeMappings": [{"Name": "name", "Value": "${user:name}", "Format": "BASIC"}, {"Name": "groups", "Value": "acme:${user:groupNames}", "Format": "BASIC"}],
            **(settings or {})})
        self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
        app.know(self.open(self.ours(arn)["MetadataUrl"]))
        return app, arn

    def ours(self, arn):
        return self.portico.get_application_saml_configuration(ApplicationArn=arn)["IdentityProvider"]

    def open(self, url):
        return self.server.person().get(url).body

    @staticmethod
    def answered(person):
        """The form that a page leads to an application with: its fields, and where it goes."""
        form = person.form("SAMLResponse")
        return form.fields, form.action

    def signs_in(self, person, url, name="jane"):
        person.get(url)
        if any("password" in form.fields for form in person.page.forms):
            person.sign_in(name, server.PASSWORD)
        return self.answered(person)

    def test_pysaml2_reads_our_metadata_asks_and_believes_what_it_gets(self):
        from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
        app, arn = self.connected()
        kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
        self.assertEqual((kept["Audience"], kept["RequireSignedRequests"]), (app.entity, True))
        self.assertEqual([one["Url"] for one in kept["AssertionConsumerServices"]], [ACS])
        person = self.server.person()
        fields, action = self.signs_in(person, app.ask(BINDING_HTTP_REDIRECT))
        self.assertEqual((action, fields["RelayState"]), (ACS, "deep"))
        read = app.read(fields["SAMLResponse"])
        self.assertEqual((read.name_id.text, read.name_id.format), ("jane@acme.example", EMAIL))
        self.assertEqual(read.ava["name"], ["Jane Doe"])
        self.assertIn("acme:engineers", read.ava["groups"])
        # The same by a form; the person is signed in already.
        action, form = app.ask(BINDING_HTTP_POST)
        person.get(action, data=urllib.parse.urlencode(form).encode())
        self.assertEqual(app.read(self.answered(person)[0]["SAMLResponse"]).name_id.text, "jane@acme.example")

    def test_pysaml2_opens_what_is_encrypted_and_signed_twice(self):
        from saml2 import BINDING_HTTP_REDIRECT
        for content in ("AES256_GCM", "AES128_GCM", "AES128_CBC"):
            app, arn = self.connected(want_response_signed=True)
            kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
            kept.update({"SignResponses": True, "Encryption": {"Certificate": app.certificate.read_text(), "ContentAlgorithm": content}})
            self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
            fields, _ = self.signs_in(self.server.person(), app.ask(BINDING_HTTP_REDIRECT))
            text = base64.b64decode(fields["SAMLResponse"])
            self.assertNotIn(b"jane@acme.example", text)
            self.assertEqual(app.read(fields["SAMLResponse"]).name_id.text, "jane@acme.example", content)
            # And xmlsec1 alone: the response is signed, and what it decrypts is signed too.
            response = app.home / "response.xml"
            response.write_bytes(text)
            certificate = app.home / "ours.pem"
            certificate.write_text(self.ours(arn)["Certificate"])
            judged = xmlsec1("--verify", "--trusted-pem", certificate, "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response", response)
            self.assertEqual(judged.returncode, 0, judged.stderr)
            opened = xmlsec1("--decrypt", "--privkey-pem", app.key, response)
            self.assertIn("jane@acme.example", opened.stdout, opened.stderr)

    def test_xmlsec1_judges_every_kind_of_assertion_good(self):
        from saml2 import BINDING_HTTP_REDIRECT
        app, arn = self.connected()
        made = self.portico.create_application_instance_certificate(ApplicationArn=arn, KeyAlgorithm="EC_P256", ValidityMonths=12)["Certificate"]
        listed = self.portico.list_application_instance_certificates(ApplicationArn=arn)["Certificates"]
        self.assertEqual([(one["Active"], one["KeyAlgorithm"]) for one in listed], [(True, "RSA_2048"), (False, "EC_P256")])
        person, before = self.server.person(), listed[0]
        for certificate, is_other in ((before, False), (made, True)):
            if is_other:
                self.portico.update_application_instance_active_certificate(ApplicationArn=arn, CertificateId=made["CertificateId"])
            fields, _ = self.signs_in(person, app.ask(BINDING_HTTP_REDIRECT))
            message, ours, theirs = app.home / "message.xml", app.home / "ours.pem", app.home / "other.pem"
            message.write_bytes(base64.b64decode(fields["SAMLResponse"]))
            ours.write_text(certificate["Certificate"])
            theirs.write_text((before if is_other else made)["Certificate"])
            of = ("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", message)
            self.assertEqual(xmlsec1("--verify", "--trusted-pem", ours, *of).returncode, 0)
            self.assertNotEqual(xmlsec1("--verify", "--trusted-pem", theirs, *of).returncode, 0)
            message.write_bytes(message.read_bytes().replace(b"jane@acme.example", b"evil@acme.example"))
            self.assertNotEqual(xmlsec1("--verify", "--trusted-pem", ours, *of).returncode, 0)
        self.portico.delete_application_instance_certificate(ApplicationArn=arn, CertificateId=before["CertificateId"])
        self.assertEqual([one["CertificateId"] for one in self.portico.list_application_instance_certificates(ApplicationArn=arn)["Certificates"]], [made["CertificateId"]])

    def test_xmlsec1_verifies_sha1_where_an_administrator_agrees_to_it_and_nothing_else(self):
        from botocore.exceptions import ClientError
        from saml2 import BINDING_HTTP_REDIRECT
        app, arn = self.connected()
        kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
        self.assertEqual(kept["SigningDigest"], "SHA256")
        put = lambda digest, **more: self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration={**kept, "SigningDigest": digest}, **more)
        with self.assertRaisesRegex(ClientError, "SigningDigest SHA1 needs AgreeToSha1"):
            put("SHA1")
        with self.assertRaisesRegex(ClientError, "AgreeToSha1 goes with SigningDigest SHA1"):
            put("SHA256", AgreeToSha1=True)
        put("SHA1", AgreeToSha1=True)
        put("SHA1")
        self.assertEqual(self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]["SigningDigest"], "SHA1")
        person = self.server.person()
        fields, _ = self.signs_in(person, app.ask(BINDING_HTTP_REDIRECT))
        message, ours = app.home / "message.xml", app.home / "ours.pem"
        message.write_bytes(base64.b64decode(fields["SAMLResponse"]))
        ours.write_text(self.ours(arn)["Certificate"])
        self.assertIn(b"xmldsig#rsa-sha1", message.read_bytes())
        self.assertNotIn(b"sha256", message.read_bytes())
        of = ("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", message)
        self.assertEqual(xmlsec1("--verify", "--trusted-pem", ours, *of).returncode, 0)
        message.write_bytes(message.read_bytes().replace(b"jane@acme.example", b"evil@acme.example"))
        self.assertNotEqual(xmlsec1("--verify", "--trusted-pem", ours, *of).returncode, 0)
        self.assertIn("jane@acme.example", person.get(self.ours(arn)["TestUrl"]).text)
        made = self.portico.create_application_instance_certificate(ApplicationArn=arn, KeyAlgorithm="EC_P256")["Certificate"]["CertificateId"]
        with self.assertRaisesRegex(ClientError, "only an RSA key"):
            self.portico.update_application_instance_active_certificate(ApplicationArn=arn, CertificateId=made)
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutApplicationSamlConfiguration"}])["Events"]
        self.assertTrue(any("AgreeToSha1" in event["CloudTrailEvent"] or "agreeToSha1" in event["CloudTrailEvent"] for event in events))

    def test_a_tile_starts_a_sign_in_and_who_is_not_assigned_is_told_so(self):
        app, arn = self.connected(allow_unsolicited=True)
        start = self.ours(arn)["StartUrl"]
        fields, _ = self.signs_in(self.server.person(), start)
        self.assertEqual(app.read(fields["SAMLResponse"]).name_id.text, "jane@acme.example")
        self.admin.delete_application_assignment(ApplicationArn=arn, PrincipalType="USER", PrincipalId=self.user("jane"))
        person = self.server.person().get(start)
        person.sign_in("jane", server.PASSWORD)
        self.assertEqual(person.status, 403)
        self.assertIn("You may not use", person.text)

    def test_pysaml2_signs_a_person_out_and_is_told_so(self):
        from saml2 import BINDING_HTTP_REDIRECT
        app, _ = self.connected()
        person = self.server.person()
        fields, _ = self.signs_in(person, app.ask(BINDING_HTTP_REDIRECT))
        read = app.read(fields["SAMLResponse"])
        sent = app.client.do_logout(read.name_id, list(app.client.metadata.keys()), reason="", expire=None, expected_binding=BINDING_HTTP_REDIRECT, sign=True)
        [(_, (binding, how))] = sent.items()
        self.assertEqual(binding, BINDING_HTTP_REDIRECT)
        person.get(dict(how["headers"])["Location"])
        link = re.search(r'class="button" href="([^"]*)"', person.body).group(1)
        link = html.unescape(link)
        self.assertTrue(link.startswith(SLO + "?"), link)
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
        app.client.parse_logout_request_response(answer["SAMLResponse"], BINDING_HTTP_REDIRECT)
        self.assertEqual(person.get("/start", follow=False).status, 303)

    def test_what_an_administrator_cannot_mean_is_refused_by_its_field(self):
        arn = self.application("refused", assigned=None)
        good = {"Audience": "https://app.acme.example", "AssertionConsumerServices": [{"Url": ACS}]}
        self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=good)
        for field, more in [
            ("Subject.Value", {"Subject": {"Format": "EMAIL_ADDRESS", "Value": "${user:mail}"}}),
            ("Subject.Value", {"Subject": {"Format": "UNSPECIFIED", "Value": "${user:groups}"}}),
            ("AttributeMappings.1.Value", {"AttributeMappings": [{"Name": "a", "Value": "${user:AD_SID}"}]}),
            ("Encryption.Certificate", {"Encryption": {"Certificate": "nonsense"}}),
            ("RequireSignedRequests", {"RequireSignedRequests": True}),
            ("SignResponses", {"Encryption": {"Certificate": "x", "ContentAlgorithm": "AES128_CBC"}}),
            ("SingleLogoutService", {"SingleLogoutService": {"Url": SLO}}),
            ("AssertionConsumerServices", {"AssertionConsumerServices": [{"Url": "javascript:alert(1)"}]}),
        ]:
            with self.assertRaises(self.portico.exceptions.ValidationException, msg=field) as refused:
                self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration={**good, **more})
            self.assertIn(field.lower(), str(refused.exception).lower())
        other = self.admin.create_application(
            InstanceArn=self.instance(), ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", Name="oauth")["ApplicationArn"]
        self.addCleanup(self.admin.delete_application, ApplicationArn=other)
        with self.assertRaises(self.portico.exceptions.ValidationException):
            self.portico.put_application_saml_configuration(ApplicationArn=other, SamlConfiguration=good)

    def test_simplesamlphp_signs_somebody_in_and_out(self):
        sys.path.insert(0, str(PEERS))
        import peer
        arn = self.application("SimpleSAMLphp")
        app = peer.Peer("simplesaml-sp")
        self.addCleanup(app.stop)
        told = app.told
        self.portico.import_application_instance_service_provider_metadata(ApplicationArn=arn, MetadataXml=self.open(told["metadata"]))
        kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
        kept.update({"Subject": {"Format": "TRANSIENT"}, "AttributeMappings": [{"Name": "mail", "Value": "${user:email}", "Format": "BASIC"}]})
        self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
        for encrypted in (False, True):
            if encrypted:
                self.portico.import_application_instance_service_provider_metadata(ApplicationArn=arn, MetadataXml=self.open(told["metadata"]), Encrypt=True)
                kept = self.portico.get_application_saml_configuration(ApplicationArn=arn)["SamlConfiguration"]
                self.assertEqual((kept["Subject"]["Format"], kept["Encryption"]["KeyAlgorithm"]), ("TRANSIENT", "RSA_OAEP_MGF1P"))
                # SimpleSAMLphp 1.19 knows no AES-GCM.
                kept["Encryption"]["ContentAlgorithm"], kept["SignResponses"] = "AES128_CBC", True
                self.portico.put_application_saml_configuration(ApplicationArn=arn, SamlConfiguration=kept)
            app.set(identity_provider=self.open(self.ours(arn)["MetadataUrl"]))
            person = self.server.person()
            self.follow(person, told["sign_in"])
            person.sign_in("jane", server.PASSWORD)
            fields, action = self.answered(person)
            self.follow(person, action, urllib.parse.urlencode(fields).encode())
            self.assertIn("jane@acme.example", person.body, encrypted)
        self.follow(person, told["sign_out"])
        link = html.unescape(re.search(r'class="button" href="([^"]*)"', person.body).group(1))
        self.follow(person, link)
        self.assertTrue(person.url.startswith(told["base"]), person.url)
        self.assertEqual(person.get(self.server.pages + "/start", follow=False).status, 303)

    @staticmethod
    def follow(person, url, data=None):
        """Like `Person.get`, also from one site to another."""
        for _ in range(10):
            person.get(url, data=data)
            if person.headers.get("Location") is None or person.status not in (302, 303, 307):
                return person
            url, data = person.url, None
        raise AssertionError(f"redirected in a circle at {person.url}")
