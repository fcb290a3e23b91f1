#!/usr/bin/env bash
# SAML: an assertion that was encrypted where it stood, with its prefix declared by the response around it. Two libraries read it, two do not.
#
# One would guess: what is decrypted is put back in its place and read there, so that it may use prefixes that are declared further out (XML Encryption, in its
# section on text wrapping, tells how to read a fragment in the context of its parent). Encrypting an assertion where it stands by xmlsec gives just that.
# What happens: python3-saml 1.16.0 and samlify 2.13.1 take it. node-saml 5.1.0 and saml2-js 4.0.4 read the text by itself, where the prefix means nothing:
# one speaks of an invalid signature, the other finds no assertion. With the declaration on the assertion as well, which changes nothing of what is signed, all
# four take it.
# Why it matters here: without encryption all four read the same response, so turning encryption on is what fails, with words about something else. Whoever encrypts
# has to write every declaration that the assertion uses onto it; whoever decrypts has to read it in its place.
#
# Seen with @node-saml/node-saml 5.1.0, samlify 2.13.1 and saml2-js 4.0.4 (npm), python3-saml 1.16.0 with xmlsec 1.3.17 (PyPI). Exits 0 while it is so, 1 when
# it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 samlify@2.13.1 saml2-js@4.0.4
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
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
SAML = ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'


def message(root, child):
    """A response; the prefix of assertions is declared on the root or on its children."""
    return f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"{root} ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer{child}>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion{child} ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
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


def sign(element):
    """An enveloped signature after the issuer."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(signing), xmlsec.KeyFormat.PEM)
    context.register_id(element, "ID")
    context.sign(node)


def encrypt(root):
    """The assertion of a response encrypted where it stands, by AES-256-CBC and RSA-OAEP."""
    template = xmlsec.template.encrypted_data_create(root, xmlsec.Transform.AES256, type=xmlsec.EncryptionType.ELEMENT, ns="xenc")
    xmlsec.template.encrypted_data_ensure_cipher_value(template)
    wrapped = xmlsec.template.add_encrypted_key(xmlsec.template.encrypted_data_ensure_key_info(template, ns="ds"), xmlsec.Transform.RSA_OAEP)
    xmlsec.template.encrypted_data_ensure_cipher_value(wrapped)
    keys = xmlsec.KeysManager()
    keys.add_key(xmlsec.Key.from_memory(pem(own), xmlsec.KeyFormat.PEM))
    context = xmlsec.EncryptionContext(keys)
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, 256, xmlsec.KeyDataType.SESSION)
    context.encrypt_xml(template, root.find("{*}Assertion"))
    root = etree.fromstring(etree.tostring(root))
    encrypted = root.find("{*}EncryptedData")
    around = etree.Element("{urn:oasis:names:tc:SAML:2.0:assertion}EncryptedAssertion")
    root.replace(encrypted, around)
    around.append(encrypted)
    return root


signing, own = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
messages = {}
for what, root, child, hidden in [
    ("plain, declared by the response", SAML, "", False),
    ("encrypted, declared by the response", SAML, "", True),
    ("encrypted, declared by the assertion", "", SAML, True),
]:
    root = etree.fromstring(message(root, child))
    sign(root.find("{*}Assertion"))
    root = encrypt(root) if hidden else root
    sign(root)
    messages[what] = {"encrypted": hidden, "message": base64.b64encode(etree.tostring(root)).decode()}
with open("messages.json", "w") as file:
    own = {"private_key": pem(own).decode(), "certificate": certificate(own)}
    json.dump({"messages": messages, "certificate": certificate(signing), "own": own}, file)
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
const { messages, certificate, own } = JSON.parse(fs.readFileSync("messages.json"));
const [entityID, audience, callbackUrl] = ["http://idp.example", "http://sp.example", "http://sp.example/acs"];
const libraries = {
  "node-saml": async ({ message }) => {
    const saml = new SAML({ idpCert: certificate, issuer: audience, audience, callbackUrl, decryptionPvk: own.private_key });
    return (await saml.validatePostResponseAsync({ SAMLResponse: message })).profile.nameID;
  },
  samlify: async ({ message, encrypted }) => {
    const singleSignOnService = [{ Binding: binding.redirect, Location: `${entityID}/sso` }];
    const singleLogoutService = [{ Binding: binding.redirect, Location: `${entityID}/slo` }];
    const messageSigningOrder = encrypted ? "encrypt-then-sign" : "sign-then-encrypt";
    const services = { singleSignOnService, singleLogoutService };
    const idp = samlify.IdentityProvider({ entityID, signingCert: certificate, isAssertionEncrypted: encrypted, messageSigningOrder, ...services });
    const assertionConsumerService = [{ Binding: binding.post, Location: callbackUrl }];
    const sp = samlify.ServiceProvider({ entityID: audience, encPrivateKey: own.private_key, wantMessageSigned: true, assertionConsumerService });
    return (await sp.parseLoginResponse(idp, "post", { body: { SAMLResponse: message } })).extract.nameID;
  },
  "saml2-js": ({ message, encrypted }) =>
    new Promise((taken, refused) => {
      const sp = new saml2.ServiceProvider({ entity_id: audience, audience, assert_endpoint: callbackUrl, allow_unencrypted_assertion: !encrypted, ...own });
      const idp = new saml2.IdentityProvider({ sso_login_url: `${entityID}/sso`, sso_logout_url: `${entityID}/slo`, certificates: [certificate] });
      sp.post_assert(idp, { request_body: { SAMLResponse: message } }, (error, answer) => (error ? refused(error) : taken(answer.user.name_id)));
    }),
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, given] of Object.entries(messages)) {
    const said = await read(given).catch((error) => error.message);
    console.log(`${library}, ${what}: ${said}`);
  }
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

known = json.load(open("messages.json"))
for what, given in known["messages"].items():
    idp = {"entityId": "http://idp.example", "singleSignOnService": {"url": "http://idp.example/sso"}, "x509cert": known["certificate"]}
    sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}}
    sp |= {"privateKey": known["own"]["private_key"], "x509cert": known["own"]["certificate"]}
    response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings({"strict": True, "sp": sp, "idp": idp}), given["message"])
    valid = response.is_valid({"http_host": "sp.example", "script_name": "/acs", "get_data": {}, "post_data": {}})
    print(f"python3-saml, {what}: {response.get_nameid() if valid else response.get_error()}")
PY
{
  node reads.mjs
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
node-saml, plain, declared by the response: jane
node-saml, encrypted, declared by the response: Invalid signature from encrypted assertion
node-saml, encrypted, declared by the assertion: jane
samlify, plain, declared by the response: jane
samlify, encrypted, declared by the response: jane
samlify, encrypted, declared by the assertion: jane
saml2-js, plain, declared by the response: jane
saml2-js, encrypted, declared by the response: Expected 1 Assertion; found 0
saml2-js, encrypted, declared by the assertion: jane
python3-saml, plain, declared by the response: jane
python3-saml, encrypted, declared by the response: jane
python3-saml, encrypted, declared by the assertion: jane
TEXT
echo "still so"
