#!/usr/bin/env bash
# SAML: an identity provider's metadata says that it wants requests signed, with a 1 in place of true. Two libraries read that as no.
#
# One would guess: `WantAuthnRequestsSigned="1"` is `WantAuthnRequestsSigned="true"`: the attribute is an xs:boolean (SAML Metadata, 2.4.3), which has both spellings
# (XML Schema, part 2, 3.2.2.1).
# What happens: python3-saml 1.16.0 reads the metadata without a word and sends requests unsigned; with `true` it signs them. samlify 2.13.1, set up to sign, refuses to
# make a request, since the metadata, as it reads it, does not want that.
# Why it matters here: the provider refuses such requests, as it said that it would, and the person who compares its metadata with the settings finds nothing wrong. What
# writes metadata spells flags `true` and `false`, as Portico does; what reads it takes all four.
#
# Seen with python3-saml 1.16.0 (PyPI), samlify 2.13.1 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock samlify@2.13.1
python3 -m venv python
python/bin/pip install --quiet python3-saml==1.16.0 xmlsec==1.3.17 lxml==6.1.3 cryptography==50.0.2
cat >ask.py <<'PY'
import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

now = datetime.datetime.now(datetime.timezone.utc)
key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1)).sign(key, hashes.SHA256())
certificate = "".join(certificate.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
documents = {
    flag: f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="http://idp.example">\
<md:IDPSSODescriptor WantAuthnRequestsSigned="{flag}" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo>\
<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="http://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""
    for flag in ("true", "1")
}
with open("made.json", "w") as file:
    json.dump({"key": pem, "documents": list(documents.items())}, file)
sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}, "privateKey": pem, "x509cert": certificate}
for flag, document in documents.items():
    settings = OneLogin_Saml2_IdPMetadataParser.merge_settings({"strict": True, "sp": sp}, OneLogin_Saml2_IdPMetadataParser.parse(document))
    address = OneLogin_Saml2_Auth({"http_host": "sp.example", "script_name": "/", "get_data": {}, "post_data": {}}, settings).login()
    print(f"python3-saml, {flag}: a request {'with' if '&Signature=' in address else 'without'} a signature")
PY
cat >ask.mjs <<'JS'
import fs from "node:fs";
import * as samlify from "samlify";

const { key, documents } = JSON.parse(fs.readFileSync("made.json"));
for (const [flag, metadata] of documents) {
  const assertionConsumerService = [{ Binding: samlify.Constants.namespace.binding.post, Location: "http://sp.example/acs" }];
  const sp = samlify.ServiceProvider({ entityID: "http://sp.example", authnRequestsSigned: true, privateKey: key, assertionConsumerService });
  let said;
  try {
    const { context } = sp.createLoginRequest(samlify.IdentityProvider({ metadata }), "redirect");
    said = `a request ${context.includes("&Signature=") ? "with" : "without"} a signature`;
  } catch (error) {
    said = error.message;
  }
  console.log(`samlify, ${flag}: ${said}`);
}
JS
{
  python/bin/python ask.py
  node ask.mjs 2>/dev/null | grep -v "^Construct"
} | tee seen
diff seen - <<'TEXT'
python3-saml, true: a request with a signature
python3-saml, 1: a request without a signature
samlify, true: a request with a signature
samlify, 1: ERR_METADATA_CONFLICT_REQUEST_SIGNED_FLAG: SP AuthnRequestsSigned=true but IdP WantAuthnRequestsSigned=false
TEXT
echo "still so"
