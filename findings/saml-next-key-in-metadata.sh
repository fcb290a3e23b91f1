#!/usr/bin/env bash
# SAML: an identity provider announces its next key in its metadata. One reader trusts the last key that is listed, another the first.
#
# One would guess: of the signing keys in metadata each may have signed (SAML Metadata, 2.4.1.1: KeyDescriptor may be there any number of times, and its order means
# nothing), which is how a key is replaced without a break: publish the next one, wait, sign with it.
# What happens: passport-saml-metadata 5.0.0 hands node-saml 5.1.0 the last signing certificate of the document and no other, unless it is told `multipleCerts`.
# samlify 2.13.1 tries the first and no other, unless the signature brings its certificate along. @boxyhq/saml20 1.15.2 and python3-saml 1.16.0 take either key in
# either order.
# Why it matters here: the careful way to replace a key locks people out, with words about a signature, on the day of the announcement in one order and on the day of the
# change in the other. Signatures that bring their certificate, as Portico's do, content samlify; an application on passport-saml-metadata must be told `multipleCerts`
# before it gets a second certificate, since Portico lists the key that signs first.
#
# Seen with passport-saml-metadata 5.0.0, @node-saml/node-saml 5.1.0, samlify 2.13.1 and @boxyhq/saml20 1.15.2 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is
# so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 samlify@2.13.1 @boxyhq/saml20@1.15.2 passport-saml-metadata@5.0.0
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
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])


def pair():
    """A key and its certificate, as base64 on one line."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1)).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, "".join(certificate.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])


def sign(element, pem, certificate):
    """An enveloped RSA-SHA256 signature after the issuer. KeyInfo is optional (XML Signature 1.1, 4.5)."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, xmlsec.Transform.SHA256, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    if certificate:
        data = etree.SubElement(etree.SubElement(node, DSIG + "KeyInfo"), DSIG + "X509Data")
        etree.SubElement(data, DSIG + "X509Certificate").text = certificate
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.PEM)
    context.register_id(element, "ID")
    context.sign(node)


def message(pem, certificate=None):
    """A response, signed as a whole and in its assertion."""
    root = etree.fromstring(f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" \
IssueInstant="{at(0)}" Destination="http://sp.example/acs"><saml:Issuer>http://idp.example</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_a" Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>http://idp.example</saml:Issuer>\
<saml:Subject><saml:NameID>jane</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
NotOnOrAfter="{at(300)}" Recipient="http://sp.example/acs"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">\
<saml:AudienceRestriction><saml:Audience>http://sp.example</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{at(0)}" \
SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="group"><saml:AttributeValue>one</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>""")
    sign(root.find("{*}Assertion"), pem, certificate)
    sign(root, pem, certificate)
    return base64.b64encode(etree.tostring(root)).decode()


def metadata(certificates):
    """The identity provider's, with these certificates for signing."""
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>'
        for certificate in certificates
    )
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="http://idp.example">\
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<md:SingleSignOnService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="http://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""


(present, certificate), (upcoming, announced) = pair(), pair()
documents = {"present key listed first": metadata([certificate, announced]), "next key listed first": metadata([announced, certificate])}
messages = {"present key signs": message(present), "next key signs": message(upcoming), "next key signs with its certificate": message(upcoming, announced)}
with open("made.json", "w") as file:
    cases = [[f"{one}, {other}", documents[one], messages[other]] for one in documents for other in messages]
    json.dump(cases, file)
PY
python/bin/python make.py
cat >reads.mjs <<'JS'
import fs from "node:fs";
import saml20 from "@boxyhq/saml20";
import { SAML } from "@node-saml/node-saml";
import { MetadataReader, toPassportConfig } from "passport-saml-metadata";
import * as samlify from "samlify";

// samlify wants to be told how to check messages against the schema; these are known to be right.
samlify.setSchemaValidator({ validate: async () => "right" });
const sp = "http://sp.example";
const libraries = {
  "passport-saml-metadata with node-saml": async (document, SAMLResponse) => {
    const settings = toPassportConfig(new MetadataReader(document));
    const saml = new SAML({ ...settings, callbackUrl: `${sp}/acs`, issuer: sp, audience: sp });
    return (await saml.validatePostResponseAsync({ SAMLResponse })).profile.nameID;
  },
  samlify: async (document, SAMLResponse) => {
    const assertionConsumerService = [{ Binding: samlify.Constants.namespace.binding.post, Location: `${sp}/acs` }];
    const ours = samlify.ServiceProvider({ entityID: sp, assertionConsumerService });
    return (await ours.parseLoginResponse(samlify.IdentityProvider({ metadata: document }), "post", { body: { SAMLResponse } })).extract.nameID;
  },
  "@boxyhq/saml20": async (document, message) => {
    const { publicKey } = await saml20.default.parseMetadata(document, {});
    const read = await saml20.default.validate(Buffer.from(message, "base64").toString(), { publicKey, audience: sp });
    return read.claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"];
  },
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, document, message] of JSON.parse(fs.readFileSync("made.json"))) {
    const said = await read(document, message).catch(() => "refused");
    console.log(`${library}, ${what}: ${said}`);
  }
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}}
for what, document, message in json.load(open("made.json")):
    read = OneLogin_Saml2_IdPMetadataParser.parse(document)
    response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings({"strict": True, "sp": sp, "idp": read["idp"]}), message)
    valid = response.is_valid({"http_host": "sp.example", "script_name": "/acs", "get_data": {}, "post_data": {}})
    print(f"python3-saml, {what}:", response.get_nameid() if valid else "refused")
PY
{
  node reads.mjs 2>/dev/null | grep -v "^Construct"
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
passport-saml-metadata with node-saml, present key listed first, present key signs: refused
passport-saml-metadata with node-saml, present key listed first, next key signs: jane
passport-saml-metadata with node-saml, present key listed first, next key signs with its certificate: jane
passport-saml-metadata with node-saml, next key listed first, present key signs: jane
passport-saml-metadata with node-saml, next key listed first, next key signs: refused
passport-saml-metadata with node-saml, next key listed first, next key signs with its certificate: refused
samlify, present key listed first, present key signs: jane
samlify, present key listed first, next key signs: refused
samlify, present key listed first, next key signs with its certificate: jane
samlify, next key listed first, present key signs: refused
samlify, next key listed first, next key signs: jane
samlify, next key listed first, next key signs with its certificate: jane
@boxyhq/saml20, present key listed first, present key signs: jane
@boxyhq/saml20, present key listed first, next key signs: jane
@boxyhq/saml20, present key listed first, next key signs with its certificate: jane
@boxyhq/saml20, next key listed first, present key signs: jane
@boxyhq/saml20, next key listed first, next key signs: jane
@boxyhq/saml20, next key listed first, next key signs with its certificate: jane
python3-saml, present key listed first, present key signs: jane
python3-saml, present key listed first, next key signs: jane
python3-saml, present key listed first, next key signs with its certificate: jane
python3-saml, next key listed first, present key signs: jane
python3-saml, next key listed first, next key signs: jane
python3-saml, next key listed first, next key signs with its certificate: jane
TEXT
echo "still so"
