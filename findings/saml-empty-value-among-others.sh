#!/usr/bin/env bash
# SAML: an attribute of three values, the second of them empty. Two libraries show two values, one shows three with a null, two show three texts.
#
# One would guess: an empty AttributeValue is a value, the empty text (SAML Core, 2.7.3.1.1), so that somebody's three cost centres, or three names beside three
# numbers in a second attribute, are three for every reader, in their order.
# What happens: python3-saml 1.16.0 and samlify 2.13.1 leave the empty one out, and what stood third stands second. node-saml 5.1.0 has null in its place, saml2-js
# 4.0.4 and @boxyhq/saml20 1.15.2 the empty text. When it is the only value, three things are seen: no attribute, no values, and the empty text.
# Why it matters here: attributes that belong together by position no longer do, and a check for whether there is a value has two outcomes for one message. What issues
# assertions leaves an attribute without a value out altogether, and keeps what belongs together in one value.
#
# Seen with @node-saml/node-saml 5.1.0, samlify 2.13.1, saml2-js 4.0.4 and @boxyhq/saml20 1.15.2 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is so, 1 when
# it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 samlify@2.13.1 saml2-js@4.0.4 @boxyhq/saml20@1.15.2
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


def message(values):
    """A response, signed as a whole and in its assertion, with one attribute of these values."""
    values = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    root = etree.fromstring(f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
<saml:Subject><saml:NameID>jane</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{at(300)}" Recipient="http://sp.example/acs"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">\
<saml:AudienceRestriction><saml:Audience>http://sp.example</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(0)}" \
SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="centre">{values}</saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>""")
    sign(root.find("{*}Assertion"))
    sign(root)
    return base64.b64encode(etree.tostring(root)).decode()


with open("made.json", "w") as file:
    messages = {"among others": message(["one", "", "three"]), "alone": message([""])}
    json.dump({"certificate": certificate, "key": pem, "messages": messages}, file)
PY
python/bin/python make.py
cat >reads.mjs <<'JS'
import fs from "node:fs";
import saml20 from "@boxyhq/saml20";
import { SAML } from "@node-saml/node-saml";
import saml2 from "saml2-js";
import * as samlify from "samlify";

// samlify wants to be told how to check messages against the schema; these are known to be right.
samlify.setSchemaValidator({ validate: async () => "right" });
const { binding } = samlify.Constants.namespace;
const { certificate, key, messages } = JSON.parse(fs.readFileSync("made.json"));
const [idp, sp] = ["http://idp.example", "http://sp.example"];
const at = (kind, address) => [{ Binding: binding[kind], Location: address }];
const libraries = {
  "node-saml": async (SAMLResponse) => {
    const saml = new SAML({ callbackUrl: `${sp}/acs`, issuer: sp, audience: sp, idpCert: certificate });
    return (await saml.validatePostResponseAsync({ SAMLResponse })).profile.centre;
  },
  samlify: async (SAMLResponse) => {
    const ours = samlify.ServiceProvider({ entityID: sp, assertionConsumerService: at("post", `${sp}/acs`) });
    const theirs = samlify.IdentityProvider({ entityID: idp, signingCert: certificate, singleSignOnService: at("redirect", `${idp}/sso`) });
    return (await ours.parseLoginResponse(theirs, "post", { body: { SAMLResponse } })).extract.attributes.centre;
  },
  "saml2-js": (SAMLResponse) =>
    new Promise((taken, refused) => {
      const ours = new saml2.ServiceProvider({ entity_id: sp, audience: sp, assert_endpoint: `${sp}/acs`, allow_unencrypted_assertion: true, private_key: key, certificate });
      const theirs = new saml2.IdentityProvider({ sso_login_url: `${idp}/sso`, sso_logout_url: `${idp}/slo`, certificates: [certificate] });
      ours.post_assert(theirs, { request_body: { SAMLResponse } }, (error, answer) => (error ? refused(error) : taken(answer.user.attributes.centre)));
    }),
  "@boxyhq/saml20": async (message) => {
    const read = await saml20.default.validate(Buffer.from(message, "base64").toString(), { publicKey: certificate, audience: sp });
    return read.claims.centre;
  },
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, message] of Object.entries(messages)) {
    const said = await read(message).then((values) => JSON.stringify(values), (error) => error.message ?? error);
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
    print(f"python3-saml, {what}:", json.dumps(response.get_attributes()["centre"], separators=(",", ":")) if valid else response.get_error())
PY
{
  node reads.mjs 2>/dev/null | grep -v "^Construct"
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
node-saml, among others: ["one",null,"three"]
node-saml, alone: undefined
samlify, among others: ["one","three"]
samlify, alone: []
saml2-js, among others: ["one","","three"]
saml2-js, alone: [""]
@boxyhq/saml20, among others: ["one","","three"]
@boxyhq/saml20, alone: [""]
python3-saml, among others: ["one","three"]
python3-saml, alone: []
TEXT
echo "still so"
