#!/usr/bin/env bash
# SAML: an assertion for two audiences, of which the reader is one. One library says that it is for somebody else.
#
# One would guess: one AudienceRestriction may name several audiences, and holds for whoever is any of them (SAML Core, 2.5.1.4), so that an assertion that is for a
# portal and for the application behind it is taken by both.
# What happens: @boxyhq/saml20 1.15.2, by which SAML Jackson reads assertions, refuses it with "Invalid audience.", wherever in the list the reader stands. node-saml
# 5.1.0, saml2-js 4.0.4 and python3-saml 1.16.0 take it.
# Why it matters here: a provider that adds an audience to the assertions for an application locks people out of it, and the words send its administrator to look for a
# mistake in the entity ID, which has none. What issues assertions for applications that it does not know names one audience.
#
# Seen with @boxyhq/saml20 1.15.2, @node-saml/node-saml 5.1.0 and saml2-js 4.0.4 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 saml2-js@4.0.4 @boxyhq/saml20@1.15.2
python3 -m venv python
python/bin/pip install --quiet python3-saml==1.16.0 xmlsec==1.3.17 lxml==6.1.3 cryptography==50.0.2
cat >make.py <<'PY'
import base64
import datetime
import json

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

now = datetime.datetime.now(datetime.timezone.utc)
at = lambda seconds: (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1)).sign(key, hashes.SHA256())
certificate = "".join(certificate.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def sign(element):
    """An enveloped RSA-SHA256 signature after the issuer."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.register_id(element, "ID")
    context.sign(node)


def message(audiences):
    """A response, signed as a whole and in its assertion, for these audiences."""
    audiences = "".join(f"<saml:Audience>{audience}</saml:Audience>" for audience in audiences)
    root = etree.fromstring(f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
<saml:Subject><saml:NameID>jane</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{at(300)}" Recipient="http://sp.example/acs"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">\
<saml:AudienceRestriction>{audiences}</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(0)}" \
SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="group"><saml:AttributeValue>one</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>""")
    sign(root.find("{*}Assertion"))
    sign(root)
    return base64.b64encode(etree.tostring(root)).decode()


with open("made.json", "w") as file:
    ours, other = "http://sp.example", "http://portal.example"
    messages = {"alone": message([ours]), "first of two": message([ours, other]), "second of two": message([other, ours]), "neither": message([other])}
    json.dump({"certificate": certificate, "key": pem, "messages": messages}, file)
PY
python/bin/python make.py
cat >reads.mjs <<'JS'
import fs from "node:fs";
import saml20 from "@boxyhq/saml20";
import { SAML } from "@node-saml/node-saml";
import saml2 from "saml2-js";

const { certificate, key, messages } = JSON.parse(fs.readFileSync("made.json"));
const [idp, sp] = ["http://idp.example", "http://sp.example"];
const libraries = {
  "node-saml": async (SAMLResponse) => {
    const saml = new SAML({ callbackUrl: `${sp}/acs`, issuer: sp, audience: sp, idpCert: certificate });
    return (await saml.validatePostResponseAsync({ SAMLResponse })).profile.nameID;
  },
  "saml2-js": (SAMLResponse) =>
    new Promise((taken, refused) => {
      const ours = new saml2.ServiceProvider({ entity_id: sp, audience: sp, assert_endpoint: `${sp}/acs`, allow_unencrypted_assertion: true, private_key: key, certificate });
      const theirs = new saml2.IdentityProvider({ sso_login_url: `${idp}/sso`, sso_logout_url: `${idp}/slo`, certificates: [certificate] });
      ours.post_assert(theirs, { request_body: { SAMLResponse } }, (error, answer) => (error ? refused(error) : taken(answer.user.name_id)));
    }),
  "@boxyhq/saml20": async (message) => {
    const read = await saml20.default.validate(Buffer.from(message, "base64").toString(), { publicKey: certificate, audience: sp });
    return read.claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"];
  },
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, message] of Object.entries(messages)) {
    const said = await read(message).catch((error) => error.message);
    console.log(`${library}, ${what}: ${said}`);
  }
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

made = json.load(open("made.json"))
sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}}
idp = {"entityId": "http://idp.example", "singleSignOnService": {"url": "http://idp.example/sso"}, "x509cert": made["certificate"]}
settings = OneLogin_Saml2_Settings({"strict": True, "sp": sp, "idp": idp})
for what, message in made["messages"].items():
    response = OneLogin_Saml2_Response(settings, message)
    valid = response.is_valid({"http_host": "sp.example", "script_name": "/acs", "get_data": {}, "post_data": {}})
    print(f"python3-saml, {what}:", response.get_nameid() if valid else response.get_error())
PY
{
  node reads.mjs 2>/dev/null
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
node-saml, alone: jane
node-saml, first of two: jane
node-saml, second of two: jane
node-saml, neither: SAML assertion audience mismatch. Expected: http://sp.example Received: http://portal.example
saml2-js, alone: jane
saml2-js, first of two: jane
saml2-js, second of two: jane
saml2-js, neither: SAML Response is not valid for this audience
@boxyhq/saml20, alone: jane
@boxyhq/saml20, first of two: Invalid audience.
@boxyhq/saml20, second of two: Invalid audience.
@boxyhq/saml20, neither: Invalid audience.
python3-saml, alone: jane
python3-saml, first of two: jane
python3-saml, second of two: jane
python3-saml, neither: http://sp.example is not a valid audience for this Response
TEXT
echo "still so"
