#!/usr/bin/env bash
# SAML: two Attribute elements of one name. One library shows the first value here and the last there, one refuses to show any, one has both.
#
# One would guess: SAML Core (2.7.3) lets a statement hold any number of attributes and forbids no name twice, so that `groups` given in two
# elements of one value means what it means in one element of two values.
# What happens: node-saml 5.1.0 has the first value in `profile.groups`, the last in `profile.attributes.groups`, and says nothing; python3-saml 1.16.0 takes
# the message and raises when its attributes are read; samlify 2.13.1 has both values.
# Why it matters here: whoever issues assertions must put all values of a name into one element, or people lose groups without anybody
# hearing of it; whoever reads them must gather what stands apart.
#
# Seen with @node-saml/node-saml 5.1.0 and samlify 2.13.1 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 samlify@2.13.1
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
certificate = certificate.public_bytes(serialization.Encoding.PEM)
key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def message(attributes):
    return f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
<saml:Subject><saml:NameID>jane</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{at(300)}" Recipient="http://sp.example/acs"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">\
<saml:AudienceRestriction><saml:Audience>http://sp.example</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(0)}" \
SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement>{attributes}</saml:Assertion></samlp:Response>"""


def sign(element):
    """An enveloped RSA-SHA256 signature after the issuer."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key, xmlsec.KeyFormat.PEM)
    context.register_id(element, "ID")
    context.sign(node)


one, two = (f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in ("one", "two"))
attribute = lambda values: f'<saml:Attribute Name="groups">{values}</saml:Attribute>'
messages = {}
for what, attributes in {"one element": attribute(one + two), "two elements": attribute(one) + attribute(two)}.items():
    root = etree.fromstring(message(f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"))
    sign(root.find("{*}Assertion"))
    sign(root)
    messages[what] = base64.b64encode(etree.tostring(root)).decode()
with open("messages.json", "w") as file:
    json.dump({"certificate": "".join(certificate.decode().splitlines()[1:-1]), "messages": messages}, file)
PY
python/bin/python make.py
cat >reads.mjs <<'JS'
import fs from "node:fs";
import { SAML } from "@node-saml/node-saml";
import * as samlify from "samlify";

// samlify wants to be told how to check messages against the schema; these are known to be right.
samlify.setSchemaValidator({ validate: async () => "right" });
const { certificate, messages } = JSON.parse(fs.readFileSync("messages.json"));
const sp = { entityID: "http://sp.example", assertionConsumerService: [{ Binding: samlify.Constants.namespace.binding.post, Location: "http://sp.example/acs" }] };
const idp = { entityID: "http://idp.example", signingCert: certificate, singleSignOnService: [{ Binding: samlify.Constants.namespace.binding.redirect, Location: "http://idp.example/sso" }] };
for (const [what, SAMLResponse] of Object.entries(messages)) {
  const saml = new SAML({ callbackUrl: "http://sp.example/acs", issuer: "http://sp.example", audience: "http://sp.example", idpCert: certificate });
  const first = await saml.validatePostResponseAsync({ SAMLResponse }).then(({ profile }) => `${[].concat(profile.groups).join(" ")}, under attributes ${[].concat(profile.attributes.groups).join(" ")}`, () => "refused");
  console.log(`node-saml, ${what}: ${first}`);
  const second = await samlify.ServiceProvider(sp).parseLoginResponse(samlify.IdentityProvider(idp), "post", { body: { SAMLResponse } }).then(({ extract }) => [].concat(extract.attributes.groups).join(" "), () => "refused");
  console.log(`samlify, ${what}: ${second}`);
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.errors import OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

with open("messages.json") as file:
    given = json.load(file)
settings = OneLogin_Saml2_Settings({
    "strict": True,
    "sp": {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}},
    "idp": {"entityId": "http://idp.example", "singleSignOnService": {"url": "http://idp.example/sso"}, "x509cert": given["certificate"]},
})
for what, message in given["messages"].items():
    response = OneLogin_Saml2_Response(settings, message)
    try:
        valid = response.is_valid({"https": "off", "http_host": "sp.example", "script_name": "/acs", "get_data": {}, "post_data": {}})
        seen = " ".join(response.get_attributes()["groups"]) if valid else "refused"
    except OneLogin_Saml2_ValidationError as error:
        seen = f"taken, and then an error: {error}"
    print(f"python3-saml, {what}: {seen}")
PY
{
  node reads.mjs 2>/dev/null | grep -v "^Construct"
  python/bin/python reads.py
} | LC_ALL=C sort | tee seen
diff seen - <<'TEXT'
node-saml, one element: one two, under attributes one two
node-saml, two elements: one, under attributes two
python3-saml, one element: one two
python3-saml, two elements: taken, and then an error: Found an Attribute element with duplicated Name
samlify, one element: one two
samlify, two elements: one two
TEXT
echo "still so"
