#!/usr/bin/env bash
# SAML: an identity provider whose key is EC. Three libraries cannot verify what it signs, and one of them does not say why.
#
# One would guess: ECDSA with P-256 and SHA-256 is safe to choose in SAML, since XML Signature 1.1 (section 6.1) requires it of everybody, beside RSA.
# What happens: node-saml 5.1.0, samlify 2.13.1 and saml2-js 4.0.4, which all verify by xml-crypto 6.3.2, refuse what an EC key signed; python3-saml 1.16.0 takes
# it. node-saml says "Invalid document signature", the words for a message that was altered or a wrong certificate.
# Why it matters here: an identity provider that moves to an EC key, as is usual for tokens, takes people out of every application on Node.js. Portico makes RSA
# keys for applications unless it is told otherwise; an EC key is for those that are known to read it.
#
# Seen with @node-saml/node-saml 5.1.0, samlify 2.13.1 and saml2-js 4.0.4 with xml-crypto 6.3.2 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is so, 1
# when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 samlify@2.13.1 saml2-js@4.0.4 xml-crypto@6.3.2
python3 -m venv python
python/bin/pip install --quiet python3-saml==1.16.0 xmlsec==1.3.17 lxml==6.1.3 cryptography==50.0.2
cat >make.py <<'PY'
import base64
import datetime
import json

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

now = datetime.datetime.now(datetime.timezone.utc)
at = lambda seconds: (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
MESSAGE = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
<saml:Subject><saml:NameID>jane</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{at(300)}" Recipient="http://sp.example/acs"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">\
<saml:AudienceRestriction><saml:Audience>http://sp.example</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(0)}" \
SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="group"><saml:AttributeValue>one</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>\
</saml:Assertion></samlp:Response>"""


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def certificate(key):
    """The certificate of a key, as base64 on one line."""
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1)).sign(key, hashes.SHA256())
    return "".join(made.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])


def sign(element, key, method):
    """An enveloped signature after the issuer."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(key), xmlsec.KeyFormat.PEM)
    context.register_id(element, "ID")
    context.sign(node)


keys = {
    "RSA": (rsa.generate_private_key(65537, 2048), xmlsec.Transform.RSA_SHA256),
    "EC": (ec.generate_private_key(ec.SECP256R1()), xmlsec.Transform.ECDSA_SHA256),
}
messages = {}
for what, (key, method) in keys.items():
    root = etree.fromstring(MESSAGE)
    sign(root.find("{*}Assertion"), key, method)
    sign(root, key, method)
    messages[what] = {"certificate": certificate(key), "message": base64.b64encode(etree.tostring(root)).decode()}
own = keys["RSA"][0]
with open("messages.json", "w") as file:
    json.dump({"messages": messages, "own": {"private_key": pem(own).decode(), "certificate": certificate(own)}}, file)
PY
python/bin/python make.py
cat >reads.mjs <<'JS'
import fs from "node:fs";
import { SAML } from "@node-saml/node-saml";
import saml2 from "saml2-js";
import * as samlify from "samlify";

// samlify wants to be told how to check messages against the schema; these are known to be right.
samlify.setSchemaValidator({ validate: async () => "right" });
const { binding } = samlify.Constants.namespace;
const { messages, own } = JSON.parse(fs.readFileSync("messages.json"));
const [entityID, audience, callbackUrl] = ["http://idp.example", "http://sp.example", "http://sp.example/acs"];
const libraries = {
  "node-saml": async ({ certificate, message }) => {
    const saml = new SAML({ idpCert: certificate, issuer: audience, audience, callbackUrl });
    return (await saml.validatePostResponseAsync({ SAMLResponse: message })).profile.nameID;
  },
  samlify: async ({ certificate, message }) => {
    const singleSignOnService = [{ Binding: binding.redirect, Location: `${entityID}/sso` }];
    const singleLogoutService = [{ Binding: binding.redirect, Location: `${entityID}/slo` }];
    const idp = samlify.IdentityProvider({ entityID, signingCert: certificate, singleSignOnService, singleLogoutService });
    const sp = samlify.ServiceProvider({ entityID: audience, assertionConsumerService: [{ Binding: binding.post, Location: callbackUrl }] });
    return (await sp.parseLoginResponse(idp, "post", { body: { SAMLResponse: message } })).extract.nameID;
  },
  "saml2-js": ({ certificate, message }) =>
    new Promise((taken, refused) => {
      const sp = new saml2.ServiceProvider({ entity_id: audience, audience, assert_endpoint: callbackUrl, allow_unencrypted_assertion: true, ...own });
      const idp = new saml2.IdentityProvider({ sso_login_url: `${entityID}/sso`, sso_logout_url: `${entityID}/slo`, certificates: [certificate] });
      sp.post_assert(idp, { request_body: { SAMLResponse: message } }, (error, answer) => (error ? refused(error) : taken(answer.user.name_id)));
    }),
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, given] of Object.entries(messages)) {
    const said = await read(given).catch((error) => error.message.match(/signature algorithm '\S+' is not supported/)?.[0] ?? error.message);
    console.log(`${library}, ${what}: ${said}`);
  }
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

for what, given in json.load(open("messages.json"))["messages"].items():
    idp = {"entityId": "http://idp.example", "singleSignOnService": {"url": "http://idp.example/sso"}, "x509cert": given["certificate"]}
    sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}}
    response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings({"strict": True, "sp": sp, "idp": idp}), given["message"])
    valid = response.is_valid({"http_host": "sp.example", "script_name": "/acs", "get_data": {}, "post_data": {}})
    print(f"python3-saml, {what}: {response.get_nameid() if valid else response.get_error()}")
PY
{
  node reads.mjs
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
node-saml, RSA: jane
node-saml, EC: Invalid document signature
samlify, RSA: jane
samlify, EC: signature algorithm 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' is not supported
saml2-js, RSA: jane
saml2-js, EC: signature algorithm 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256' is not supported
python3-saml, RSA: jane
python3-saml, EC: jane
TEXT
echo "still so"
