"""A mail server of our own (aiosmtpd, a program that knows nothing of Portico), and what must come of letters with it. Tests for a class of
`suite.py`, which brings the server."""
import email
import email.policy
import json
import logging
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

import server

# What it thinks of connections that break off is no failure of a test.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

USER, PASSWORD = "portico@acme.example", "the mail server's password"


class Mailbox:
    """Takes letters, or does not."""

    def __init__(self):
        self.letters, self.refused, self.password = [], set(), PASSWORD

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        right = data.login == USER.encode() and data.password == self.password.encode()
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refused:
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope.rcpt_tos, letter, envelope.content))
        return "250 taken"


class MailServer:
    """At one port for as long as the test likes: with TLS from the start, after STARTTLS, or without any."""

    def __init__(self, home, protection="tls"):
        self.box, self.protection, self.port, self.controller = Mailbox(), protection, server.free_port(), None
        self.certificate, self.key = home / "mail.pem", home / "mail-key.pem"
        if not self.certificate.exists():
            command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=mail".split()
            command += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", self.key, "-out", self.certificate]
            subprocess.run(list(map(str, command)), check=True, stderr=subprocess.DEVNULL)
        self.scheme = {"tls": "smtps", "starttls": "smtp", "nothing": "smtp+plain"}[protection]

    @property
    def url(self):
        return f"{self.scheme}://{USER}@localhost:{self.port}"

    def start(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        how = {"tls": {"ssl_context": context}, "starttls": {"tls_context": context, "require_starttls": True}, "nothing": {}}[self.protection]
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.port, authenticator=self.box.authenticate, auth_required=True,
                                     auth_require_tls=self.protection == "starttls", **how)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    def to(self, address):
        return [letter for recipients, letter, _ in self.box.letters if recipients == [address]]


def parts(letter):
    """A letter's plain text and its HTML."""
    return tuple(letter.get_body(preferencelist=(kind,)).get_content() for kind in ("plain", "html"))


def link(letter):
    found = re.findall(r"^(https?://\S+)\s*$", parts(letter)[0], re.MULTILINE)
    assert len(found) == 1, parts(letter)[0]
    return found[0]


class Mailing:
    """Mixed with a case that has a server which mails by `cls.mail`."""

    @classmethod
    def settings(cls, home):
        """The mail server, and the flags that name it."""
        cls.mail = MailServer(home, cls.PROTECTION)
        cls.mail.start()
        password = home / "mail-password"
        password.write_text(PASSWORD + "\n")
        return ["--mail-smtp", cls.mail.url, "--mail-from", "Acme sign-in <portico@acme.example>", "--mail-password-file", password, "--mail-ca", cls.mail.certificate]

    def person_with(self, address, name=None):
        name = name or address.split("@")[0]
        made = self.server.client("identitystore").create_user(
            IdentityStoreId=self.store(), UserName=name, DisplayName=f"{name.title()} Doe", Name={"GivenName": name, "FamilyName": "Doe"},
            Emails=[{"Value": address, "Type": "work", "Primary": True}])
        return {"IdentityStoreId": self.store(), "UserId": made["UserId"]}

    def arrived(self, address, count=1, seconds=60):
        def enough():
            found = self.mail.to(address)
            return found if len(found) >= count else None
        return self.wait_for(enough, seconds)

    def status(self, who):
        listed = self.server.client("portico").list_invitations(**who)["Invitations"]
        return [one["MailStatus"] for one in listed]

    def choose(self, url, password):
        person = self.server.person().get(url)
        person.submit(person.form("token"), password=password, again=password)
        self.assertIn("You have a new password", person.text)
        return person

    def try_mail(self, mail, *more, ca=True, env=None):
        arguments = ["mail-test", "--to", "admin@acme.example", "--data-dir", self.server.data, "--mail-smtp", mail.url, "--mail-from", "portico@acme.example"]
        arguments += ["--mail-ca", mail.certificate] if ca else []
        env = {**os.environ, "PORTICO_MAIL_PASSWORD": PASSWORD, **(env or {})}
        return subprocess.run([self.server.binary, *map(str, [*arguments, *more])], env=env, capture_output=True, text=True, timeout=60)

    # What a person sees.

    def test_a_new_person_is_welcomed_by_mail_chooses_a_password_and_signs_in(self):
        who = self.person_with("nina@acme.example")
        made = self.server.client("portico").create_invitation(**who, ValidityHours=2)
        self.assertTrue(made["Mailed"])
        letter = self.arrived("nina@acme.example")[0]
        self.assertEqual((letter["From"], letter["To"]), ("Acme sign-in <portico@acme.example>", "nina@acme.example"))
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertEqual(link(letter), made["Url"])
        plain, html = parts(letter)
        self.assertIn("Hello Nina Doe,", plain)
        self.assertIn(made["Url"], html)
        self.wait_for(lambda: self.status(who) == ["SENT"])
        person = self.choose(link(letter), "a horse of my own choice")
        person.get(re.search(r'href="(/signin[^"]*)"', person.body).group(1).replace("&#38;", "&"))
        self.assertIn('value="nina"', person.body, "the name is filled in")
        person.sign_in("nina", "a horse of my own choice")
        self.assertTrue(person.url.endswith("/start"), person.url)
        told = self.arrived("nina@acme.example", 2)[1]
        self.assertIn("A new device signed in", told["Subject"])
        self.assertEqual(self.server.person().get(link(letter)).status, 404, "the link works once")

    def test_a_forgotten_password_is_replaced_by_a_mailed_link_and_the_person_is_told(self):
        jane, before = self.server.person(), len(self.mail.to("jane@acme.example"))
        jane.get("/signin")
        self.assertIn("/forgot", jane.body)
        jane.get("/forgot")
        jane.submit(jane.form("username"), username="Jane")
        said = jane.text
        letter = self.arrived("jane@acme.example", before + 1)[before]
        self.choose(link(letter), "another horse entirely")
        subjects = [one["Subject"] for one in self.arrived("jane@acme.example", before + 2)[before:]]
        self.assertTrue(any("was changed" in subject for subject in subjects), subjects)
        stranger = self.server.person().get("/forgot")
        stranger.submit(stranger.form("username"), username="nobody-of-that-name")
        self.assertEqual(stranger.text, said)

    def test_whoever_is_named_is_told_before_a_token_ends(self):
        who = self.person_with("vera@acme.example")
        portico, store = self.server.client("portico"), {"IdentityStoreId": self.store()}
        tenant = portico.create_provisioning_tenant(**store, Name="Entra ID")["TenantId"]
        made = portico.create_bearer_token(**store, TenantId=tenant, Name="first", ValidityDays=1)["BearerToken"]
        listed = portico.list_expiring_credentials(**store)["Credentials"]
        self.assertEqual([(one["TokenId"], one["SourceName"], one["TokenName"]) for one in listed], [(made["TokenId"], "Entra ID", "first")])
        portico.put_expiry_notices(**store, ExpiryNotices={"UserIds": [who["UserId"]]})
        self.assertEqual(portico.get_expiry_notices(**store)["ExpiryNotices"], {"UserIds": [who["UserId"]]})
        letter = self.arrived("vera@acme.example")[0]
        self.assertIn("The token of Entra ID for ", letter["Subject"])
        self.assertTrue(link(letter).endswith(f"/console/provisioning-tenants/{tenant}"), link(letter))
        # Another one is told of as well, and the first is not told of again.
        portico.create_bearer_token(**store, TenantId=tenant, Name="second", ValidityDays=5)
        second = self.arrived("vera@acme.example", 2)
        self.assertEqual([word in parts(one)[0] for one, word in zip(second, ("token first", "token second"))], [True, True])
        self.assertEqual(len(second), 2)

    def test_whoever_is_named_is_told_before_what_applications_have_ends(self):
        who = self.person_with("alma@acme.example")
        admin, portico, store = self.server.client("sso-admin"), self.server.client("portico"), {"IdentityStoreId": self.store()}
        instance = admin.list_instances()["Instances"][0]["InstanceArn"]
        provider = "arn:aws:sso::aws:applicationProvider/custom"
        wiki = admin.create_application(InstanceArn=instance, ApplicationProviderArn=provider, Name="Wiki")["ApplicationArn"]
        shop = admin.create_application(InstanceArn=instance, ApplicationProviderArn=provider + "-saml", Name="Shop")["ApplicationArn"]
        for arn in (wiki, shop):
            self.addCleanup(admin.delete_application, ApplicationArn=arn)
        portico.put_application_oidc_configuration(ApplicationArn=wiki, OidcConfiguration={"RedirectUris": ["https://wiki.example/cb"]})
        portico.put_application_saml_configuration(ApplicationArn=shop, SamlConfiguration={
            "Audience": "https://shop.example/saml", "AssertionConsumerServices": [{"Url": "https://shop.example/acs"}]})
        certificate = portico.create_application_instance_certificate(ApplicationArn=shop, ValidityMonths=1)["Certificate"]["CertificateId"]
        mine = lambda days: [one for one in portico.list_expiring_credentials(**store, Days=days)["Credentials"] if one.get("ApplicationArn") in (wiki, shop)]
        self.assertEqual(mine(31), [], "the one that waits does not sign")
        portico.update_application_instance_active_certificate(ApplicationArn=shop, CertificateId=certificate)
        secret = portico.create_application_client_secret(ApplicationArn=wiki, Name="blue", ValidityDays=1)["ClientSecret"]["SecretId"]
        self.assertEqual([(one["SourceName"], one.get("SecretId"), one.get("SecretName"), one.get("CertificateId")) for one in mine(31)],
                         [("Wiki", secret, "blue", None), ("Shop", None, None, certificate)])
        self.assertEqual([one["ApplicationArn"] for one in mine(30)], [wiki])
        portico.put_expiry_notices(**store, ExpiryNotices={"UserIds": [who["UserId"]]})
        letter = next(one for one in self.arrived("alma@acme.example", seconds=60) if "Wiki" in one["Subject"])
        self.assertIn("The client secret of Wiki for ", letter["Subject"])
        self.assertIn("the client secret blue", " ".join(parts(letter)[0].split()))
        self.assertTrue(link(letter).endswith(f"/{wiki.rsplit('/', 1)[1]}/secrets"), link(letter))
        portico.put_expiry_notices(**store, ExpiryNotices={"UserIds": []})

    def test_who_has_no_device_signs_in_with_a_mailed_code(self):
        who = self.person_with("paula@acme.example")
        portico, store = self.server.client("portico"), {"IdentityStoreId": self.store()}
        portico.update_password(**who, Password="seven quiet autumn evenings")
        # The administrator that `init` makes has neither a device nor an address.
        portico.put_mfa_device_management_for_directory(**store, MfaDeviceManagement={"WithoutDevice": "EMAIL_OTP"}, Force=True)
        try:
            person = self.server.person().get("/start")
            person.sign_in("paula", "seven quiet autumn evenings")
            self.assertIn("type the code that was mailed to you", person.text)
            code = re.search(r"^(\d{4} \d{4})\s*$", parts(self.arrived("paula@acme.example")[0])[0], re.MULTILINE).group(1)
            wrong = code.translate(str.maketrans("0123456789", "1234567890"))
            person.submit(person.form("code"), code=wrong)
            self.assertEqual((person.status, "not right" in person.text), (400, True), person.text)
            another = [form for form in person.page.forms if form.fields.get("kind") == "another"][0]
            person.submit(another)
            newer = re.search(r"^(\d{4} \d{4})\s*$", parts(self.arrived("paula@acme.example", 2)[1])[0], re.MULTILINE).group(1)
            person.submit(person.form("code"), code=code)
            self.assertEqual(person.status, 400, "a newer one was sent")
            person.submit(person.form("code"), code=newer)
            self.assertTrue(person.url.endswith("/start"), person.text)
        finally:
            portico.put_mfa_device_management_for_directory(**store, MfaDeviceManagement={"WithoutDevice": "ALLOW"})
        self.assertNotIn(newer, (pathlib.Path(self.server.home) / "server.log").read_text())

    # What may go wrong.

    def test_letters_wait_for_a_server_that_is_down_and_outlive_a_kill(self):
        who = self.person_with("walter@acme.example")
        self.mail.stop()
        try:
            made = self.server.client("portico").create_invitation(**who)
            time.sleep(1.5)
            self.assertEqual(self.status(who), ["WAITING"])
            self.server.stop(signal.SIGKILL)
            self.server.start()
            self.assertEqual(self.status(who), ["WAITING"])
        finally:
            self.mail.start()
        letters = self.arrived("walter@acme.example")
        self.assertEqual(link(letters[0]), made["Url"])
        self.wait_for(lambda: self.status(who) == ["SENT"])
        self.assertEqual(len({letter["Message-ID"] for letter in self.mail.to("walter@acme.example")}), 1)

    def test_a_refused_recipient_is_given_up_with_a_record(self):
        who = self.person_with("refused@acme.example")
        self.mail.box.refused.add("refused@acme.example")
        made = self.server.client("portico").create_invitation(**who)
        self.assertTrue(made["Mailed"], "nobody knows yet")
        self.wait_for(lambda: self.status(who) == ["GIVEN_UP"])

        def record():
            found = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "SendMail"}])
            records = [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]
            return [one for one in records if who["UserId"] in json.dumps(one)]
        found = self.wait_for(record)[0]
        self.assertEqual(found["errorCode"], "MailNotDelivered")
        self.assertIn("nobody of that name here", found["errorMessage"])
        self.assertNotIn("token=", json.dumps(found))
        self.choose(made["Url"], "handed over by the administrator")

    def test_letters_wait_while_the_server_does_not_let_us_in(self):
        who = self.person_with("patience@acme.example")
        self.mail.box.password = "another one since this morning"
        try:
            self.server.client("portico").create_invitation(**who)
            time.sleep(1.5)
            self.assertEqual((self.status(who), self.mail.to("patience@acme.example")), (["WAITING"], []))
            failed = self.try_mail(self.mail)
            self.assertEqual(failed.returncode, 1)
            self.assertIn("did not let us in", failed.stderr)
            self.assertIn("PORTICO_MAIL_PASSWORD", failed.stderr)
            self.assertNotIn(PASSWORD, failed.stderr)
        finally:
            self.mail.box.password = PASSWORD
        self.arrived("patience@acme.example")

    def test_a_name_writes_no_header_and_no_second_recipient(self):
        who = self.person_with("header@acme.example", name="header")
        self.server.client("identitystore").update_user(
            **who, Operations=[{"AttributePath": "displayName", "AttributeValue": "Eve\r\nBcc: all@evil.example <i>"}])
        self.server.client("portico").create_invitation(**who)
        letter = self.arrived("header@acme.example")[0]
        self.assertIsNone(letter["Bcc"])
        self.assertIn("Hello Eve Bcc: all@evil.example <i>,", parts(letter)[0])
        self.assertIn("&lt;i&gt;", parts(letter)[1])
        self.assertEqual(self.mail.to("all@evil.example"), [])

    def test_the_settings_can_be_tried_and_what_is_wrong_is_said(self):
        self.assertIn("took the letter to admin@acme.example", self.try_mail(self.mail).stdout)
        self.assertIn("mail-test", parts(self.mail.to("admin@acme.example")[0])[0])
        before = len(self.mail.box.letters)
        untrusted = self.try_mail(self.mail, ca=False)
        self.assertEqual(untrusted.returncode, 1)
        self.assertIn("could not be made safe", untrusted.stderr)
        self.assertIn("mail.ca", untrusted.stderr)
        bare = MailServer(self.server.home, "nothing")
        bare.start()
        try:
            bare.scheme = "smtp"
            stripped = self.try_mail(bare)
            self.assertIn("offers no TLS", stripped.stderr)
            bare.scheme = "smtps"
            self.assertIn("could not be made safe", self.try_mail(bare).stderr)
            self.assertEqual(bare.box.letters, [])
        finally:
            bare.stop()
        away = self.try_mail(bare)
        self.assertIn("could not be reached", away.stderr)
        self.assertIn("firewall", away.stderr)
        self.assertIn("no password", self.try_mail(self.mail, env={"PORTICO_MAIL_PASSWORD": ""}).stderr)
        self.assertEqual(len(self.mail.box.letters), before)
        other = MailServer(self.server.home, "starttls" if self.PROTECTION == "tls" else "tls")
        other.start()
        try:
            self.assertEqual(self.try_mail(other).returncode, 0)
            self.assertEqual(len(other.to("admin@acme.example")), 1)
        finally:
            other.stop()
        log = (pathlib.Path(self.server.home) / "server.log").read_text()
        self.assertNotIn(PASSWORD, log)
        self.assertNotIn("token=", log)
