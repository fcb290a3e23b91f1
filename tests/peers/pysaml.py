"""A SAML identity provider of pysaml2 for tests: it asks nobody anything and answers for the person that its settings name, in the way that they say.

A peer (see peer.py). Requests are read and judged, answers are made, signed and encrypted by pysaml2 and xmlsec1; what an answer says amiss is put
in by `answer` before it is signed. Settings:

    people             [{"name", "attributes": {name: [value]}}]
    answers_for        whose name the answers bear
    service_providers  metadata documents
    key                "rsa", "ec" or "rsa-next": the key that signs and that the metadata name
    name_id            {"format", "attribute"}: how the person is named
    answer             how answers differ from what is right; ANSWER says in what they can

It answers {"base", "entity", "metadata", "sign_in"}; `sign_in` without a request and with `?to=ENTITY&RelayState=…` answers unasked, and
`base/sign-out?to=ENTITY` asks to sign the person out there.
"""
import base64
import html
import http.server
import pathlib
import re
import tempfile
import threading
import urllib.parse

import peer
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, SAMLError, saml, samlp
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.server import Server
from saml2.sigver import pre_encryption_part, pre_signature_part
from saml2.xmldsig import DIGEST_SHA256, SIG_ECDSA_SHA256, SIG_RSA_SHA256

KEYS = {"rsa": ("rsa:2048",), "rsa-next": ("rsa:2048",), "stranger": ("rsa:2048",), "ec": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")}
# What an answer is when nothing is said: the assertion alone is signed, with the provider's own key, and nothing is encrypted.
ANSWER = {
    "signs": ["assertion"], "signed_by": None, "signature": None, "digest": DIGEST_SHA256, "encrypts": None, "key_transport": "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "issuer": None, "audience": None, "recipient": None, "destination": None, "in_response_to": None, "not_before": None, "not_on_or_after": None,
    "session_not_on_or_after": None, "authn_instant": None, "name_id": None, "status": None,
}
SESSION_KEYS = {"http://www.w3.org/2009/xmlenc11#aes128-gcm": "aes-128", "http://www.w3.org/2009/xmlenc11#aes256-gcm": "aes-256", "http://www.w3.org/2001/04/xmlenc#aes128-cbc": "aes-128"}
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Answer</title><form method="post" action="{}">{}
<button>Go on</button></form><script>document.forms[0].submit()</script>"""


class PySaml:
    def __init__(self, home):
        self.home, self.lock = home, threading.Lock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *asked: Page(self, *asked))
        self.http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        self.entity = f"{self.base}/metadata"
        self.settings = {"people": [], "answers_for": None, "service_providers": [], "key": "rsa", "name_id": {"format": EMAIL, "attribute": "mail"}, "answer": {}}
        self.signed_in = {}
        self.saml = self.made()
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def key(self, name):
        """The file of a key and that of its certificate."""
        files = self.home / f"{name}.pem", self.home / f"{name}-certificate.pem"
        if not files[1].exists():
            peer.new_key(*files, kind=KEYS[name])
        return files

    def made(self):
        key, certificate = self.key(self.settings["key"])
        provider = {
            "endpoints": {"single_sign_on_service": [(f"{self.base}/sso", BINDING_HTTP_REDIRECT), (f"{self.base}/sso", BINDING_HTTP_POST)], "single_logout_service": [(f"{self.base}/slo", BINDING_HTTP_REDIRECT)]},
            "want_authn_requests_signed": True, "name_id_format": [self.settings["name_id"]["format"]], "policy": {"default": {"lifetime": {"minutes": 5}}},
        }
        documents = {"inline": self.settings["service_providers"]} if self.settings["service_providers"] else {}
        config = {"entityid": self.entity, "xmlsec_binary": "/usr/bin/xmlsec1", "key_file": str(key), "cert_file": str(certificate), "service": {"idp": provider}, "metadata": documents}
        return Server(config=IdPConfig().load(config))

    def set(self, more):
        with self.lock:
            peer.update(self.settings, more, "people answers_for service_providers key name_id answer")
            peer.update(dict(ANSWER), self.settings["answer"], " ".join(ANSWER))
            try:
                self.saml = self.made()
            except SAMLError as error:
                raise ValueError(f"{type(error).__name__}: {error}") from error
        return {"base": self.base, "entity": self.entity, "metadata": self.entity, "sign_in": f"{self.base}/sso"}

    def stop(self):
        self.http.shutdown()

    def metadata(self):
        return str(entity_descriptor(self.saml.config))

    def read(self, asked, binding):
        """Whom a request is of, its id, and where the answer goes; pysaml2 refuses one that is not signed by who it says it is."""
        request = self.saml.parse_authn_request(asked["SAMLRequest"], binding, relay_state=asked.get("RelayState"), sigalg=asked.get("SigAlg"), signature=asked.get("Signature"))
        found = self.saml.response_args(request.message, bindings=[BINDING_HTTP_POST])
        return found["sp_entity_id"], found["in_response_to"], found["destination"]

    def answer(self, to, request, url):
        """The Response, as XML, to a request of `to`, or to none."""
        how = {**ANSWER, **self.settings["answer"]}
        if how["status"]:
            refusal = self.saml.create_error_response(request, url, (how["status"], "the person said no"))
            return self.signed(refusal, how)
        person = next(person for person in self.settings["people"] if person["name"] == self.settings["answers_for"])
        named = saml.NameID(format=self.settings["name_id"]["format"], text=how["name_id"] or person["attributes"][self.settings["name_id"]["attribute"]][0])
        response = self.saml.create_authn_response({}, request, url, to, name_id=named, authn={"class_ref": PASSWORD}, sign_response=False, sign_assertion=False)
        assertion = response.assertion
        attributes = [saml.Attribute(name=name, attribute_value=[saml.AttributeValue(text=value) for value in values]) for name, values in person["attributes"].items()]
        assertion.attribute_statement = [saml.AttributeStatement(attribute=attributes)]
        self.alter(response, assertion, how)
        self.signed_in[to] = named, [statement.session_index for statement in assertion.authn_statement]
        return self.signed(response, how, self.encryption_key(to) if how["encrypts"] else None)

    @staticmethod
    def alter(response, assertion, how):
        """Puts in what is to be amiss."""
        said = assertion.subject.subject_confirmation[0].subject_confirmation_data
        if how["issuer"]:
            response.issuer.text = assertion.issuer.text = how["issuer"]
        if how["audience"]:
            assertion.conditions.audience_restriction[0].audience[0].text = how["audience"]
        if how["destination"]:
            response.destination = how["destination"]
        if how["in_response_to"]:
            response.in_response_to = said.in_response_to = how["in_response_to"]
        if how["recipient"]:
            said.recipient = how["recipient"]
        if how["not_before"]:
            assertion.conditions.not_before = how["not_before"]
        if how["not_on_or_after"]:
            assertion.conditions.not_on_or_after = said.not_on_or_after = how["not_on_or_after"]
        if how["authn_instant"]:
            assertion.authn_statement[0].authn_instant = how["authn_instant"]
        if how["session_not_on_or_after"]:
            assertion.authn_statement[0].session_not_on_or_after = how["session_not_on_or_after"]

    def signed(self, response, how, encrypting_to=None):
        """The text of it, signed and encrypted as is said: the assertion is signed before it is encrypted, the response after that."""
        key, certificate = self.key(how["signed_by"] or self.settings["key"])
        signature = how["signature"] or (SIG_ECDSA_SHA256 if (how["signed_by"] or self.settings["key"]) == "ec" else SIG_RSA_SHA256)
        shown = "".join(certificate.read_text().split("-----")[2].split())
        assertion = getattr(response, "assertion", None)
        parts = [part for part in ([("assertion", assertion)] if assertion else []) + [("response", response)] if part[0] in how["signs"]]
        for _, part in parts:
            part.signature = pre_signature_part(part.id, shown, digest_alg=how["digest"], sign_alg=signature)
        text = str(response)
        for name, part in parts:
            # Of a response whose assertion is encrypted, the signature is over what is sent.
            if name == "response" and encrypting_to:
                text = self.encrypted(text, how, encrypting_to)
            kind = f"{type(part).c_namespace}:{type(part).c_tag}"
            text = self.saml.sec.crypto.sign_statement(text, kind, str(key), part.id)
        if encrypting_to and "response" not in how["signs"]:
            text = self.encrypted(text, how, encrypting_to)
        return text

    def encrypted(self, text, how, certificate):
        """With everything that the assertion needs within it: the namespaces of the response too, which is read without it."""
        opening = re.search(r"<(\w+):Assertion ", text)
        named, end = opening.group(1), f"</{opening.group(1)}:Assertion>"
        spaces = "".join(re.findall(r' xmlns:\w+="[^"]*"', re.search(r"<\w+:Response [^>]*>", text).group()))
        whole = f"<{named}:Assertion{spaces} " + text[opening.end():text.index(end)] + end
        text = text[:opening.start()] + f"<{named}:EncryptedAssertion>{whole}</{named}:EncryptedAssertion>" + text[text.index(end) + len(end):]
        template = pre_encryption_part(msg_enc=how["encrypts"], key_enc=how["key_transport"])
        return self.saml.sec.encrypt_assertion(text, str(certificate), template, key_type=SESSION_KEYS[how["encrypts"]])

    def encryption_key(self, to):
        """The file of the certificate that the service provider wants assertions encrypted to."""
        found = self.saml.metadata.certs(to, "spsso", "encryption")
        if not found:
            raise ValueError(f"{to} names no key to encrypt to")
        file = self.home / "encrypting-to.pem"
        file.write_text("-----BEGIN CERTIFICATE-----\n" + found[0][1] + "\n-----END CERTIFICATE-----\n")
        return file


class Page(http.server.BaseHTTPRequestHandler):
    """The provider's pages."""

    def __init__(self, provider, *asked):
        self.provider = provider
        super().__init__(*asked)

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.respond(urllib.parse.urlsplit(self.path).query, BINDING_HTTP_REDIRECT)

    def do_POST(self):
        self.respond(self.rfile.read(int(self.headers["Content-Length"])).decode(), BINDING_HTTP_POST)

    def respond(self, form, binding):
        asked = dict(urllib.parse.parse_qsl(form, keep_blank_values=True))
        page = {"/metadata": self.metadata, "/sso": self.sign_in, "/slo": self.sign_out, "/sign-out": self.ask_to_sign_out}.get(urllib.parse.urlsplit(self.path).path)
        try:
            with self.provider.lock:
                page(asked, binding) if page else self.send(404, "there is no such page")
        except Exception as error:  # A test reads why: pysaml2 has many kinds of them, of no common kind.
            self.send(400, f"{type(error).__name__}: {error}")

    def send(self, status, text, kind="text/plain; charset=utf-8", location=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if location:
            self.send_header("Location", location)
        body = text.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def metadata(self, asked, binding):
        self.send(200, self.provider.metadata(), "application/samlmetadata+xml")

    def sign_in(self, asked, binding):
        saml_server = self.provider.saml
        if "SAMLRequest" in asked:
            to, request, url = self.provider.read(asked, binding)
        else:
            to, request = asked["to"], None
            url = saml_server.metadata.assertion_consumer_service(to, BINDING_HTTP_POST)[0]["location"]
        fields = {"SAMLResponse": base64.b64encode(self.provider.answer(to, request, url).encode()).decode(), **({"RelayState": asked["RelayState"]} if "RelayState" in asked else {})}
        inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in fields.items())
        self.send(200, FORM.format(html.escape(url), inputs), "text/html; charset=utf-8")

    def sign_out(self, asked, binding):
        """A service provider asks to sign out, or says that it has done so."""
        saml_server = self.provider.saml
        if "SAMLResponse" in asked:
            return self.send(200, "signed out there")
        request = saml_server.parse_logout_request(asked["SAMLRequest"], binding, relay_state=asked.get("RelayState"), sigalg=asked.get("SigAlg"), signature=asked.get("Signature"))
        response = saml_server.create_logout_response(request.message, [BINDING_HTTP_REDIRECT], sign=False)
        return self.redirect(response, response.destination, asked.get("RelayState", ""), "SAMLResponse")

    def ask_to_sign_out(self, asked, binding):
        saml_server, to = self.provider.saml, asked["to"]
        named, sessions = self.provider.signed_in[to]
        url = saml_server.metadata.single_logout_service(to, BINDING_HTTP_REDIRECT, "spsso")[0]["location"]
        _, request = saml_server.create_logout_request(url, to, name_id=named, session_indexes=sessions, sign=False)
        self.redirect(request, url, "", "SAMLRequest")

    def redirect(self, message, url, relay, kind):
        sent = self.provider.saml.apply_binding(BINDING_HTTP_REDIRECT, str(message), url, relay, response=kind == "SAMLResponse", sign=True, sigalg=SIG_RSA_SHA256)
        self.send(303, "", location=dict(sent["headers"])["Location"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portico-pysaml-") as home:
        peer.serve(PySaml(pathlib.Path(home)))
