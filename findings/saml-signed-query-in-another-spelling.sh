#!/usr/bin/env bash
# A signed SAML message in a query string holds only in the spelling of whoever verifies it.
#
# One would guess: the signature of the HTTP-Redirect binding is over the octets of the query string as its sender wrote them (SAML bindings 3.4.4.1), so how
# a sender escapes letters is its own matter.
# What happens: pysaml2 7.5.5, and python3-saml 1.16.0 as it comes, decode the parameters and encode them again before they verify. A space that was written
# as %20, an escape in small letters, or a colon left as it is, each of which RFC 3986 allows, makes a good signature a bad one. node-saml 5.1.0 takes the
# octets as they came; so does python3-saml when it is handed the query string and told to (validate_signature_from_qs).
# Why it matters here: Portico signs AuthnRequests and LogoutRequests that providers built on these libraries verify, so what it writes is spelled the one way
# that all of them make again: capital digits, everything escaped but letters, digits and -._~, and no RelayState with a space. What it reads it verifies as it
# came, whatever the spelling.
#
# Seen with pysaml2 7.5.5 and python3-saml 1.16.0 (PyPI), node-saml 5.1.0 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet pysaml2==7.5.5 python3-saml==1.16.0
npm init -y >/dev/null
npm install --silent @node-saml/node-saml@5.1.0
cat >seal.py <<'PY'
import base64
import datetime
import json
import zlib
from urllib.parse import quote, quote_plus

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.test")])
now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    .not_valid_before(now - day).not_valid_after(now + day).sign(key, hashes.SHA256())
)
message = (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0"'
    f' IssueInstant="{now:%Y-%m-%dT%H:%M:%SZ}" Destination="http://sp.example.test/slo"><saml:Issuer>http://idp.example.test</saml:Issuer>'
    "<saml:NameID>jane</saml:NameID></samlp:LogoutRequest>"
)
packer = zlib.compressobj(9, zlib.DEFLATED, -15)
packed = base64.b64encode(packer.compress(message.encode()) + packer.flush()).decode()


def small(text):
    kept = lambda letter: letter.isalnum() or letter in "-._~"
    return "".join(letter if kept(letter) else "".join(f"%{byte:02x}" for byte in letter.encode()) for letter in text)


spellings = {
    "a plus for a space": quote_plus,
    "%20 for a space": lambda text: quote(text, safe=""),
    "escapes in small letters": small,
    "colons and slashes left as they are": lambda text: quote_plus(text, safe="/:"),
}
rows = []
for spelling, escaped in spellings.items():
    fields = {"SAMLRequest": packed, "RelayState": "back to work", "SigAlg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
    octets = "&".join(f"{name}={escaped(value)}" for name, value in fields.items())
    signature = base64.b64encode(key.sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    rows.append({"spelling": spelling, "query": f"{octets}&Signature={escaped(signature)}"})
pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
json.dump({"pem": pem, "rows": rows}, open("sealed.json", "w"))
PY
cat >verify.py <<'PY'
import json
from urllib.parse import parse_qs

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from saml2.sigver import RSACrypto, verify_redirect_signature

sealed = json.load(open("sealed.json"))
body = "".join(sealed["pem"].splitlines()[1:-1])
address = lambda host, path: {"url": f"http://{host}.example.test/{path}"}
settings = {
    "strict": True, "security": {"wantMessagesSigned": True},
    "sp": {"entityId": "http://sp.example.test", "assertionConsumerService": address("sp", "acs"), "singleLogoutService": address("sp", "slo")},
    "idp": {"entityId": "http://idp.example.test", "singleSignOnService": address("idp", "sso"), "singleLogoutService": address("idp", "slo"), "x509cert": body},
}


def python3_saml(fields, more):
    request = {"https": "off", "http_host": "sp.example.test", "script_name": "/slo", "get_data": fields, "post_data": {}, **more}
    auth = OneLogin_Saml2_Auth(request, settings)
    auth.process_slo(keep_local_session=True)
    return not auth.get_errors()


for row in sealed["rows"]:
    fields = {name: values[0] for name, values in parse_qs(row["query"]).items()}
    raw = {"query_string": row["query"], "validate_signature_from_qs": True}
    print("pysaml2:", row["spelling"], "holds" if verify_redirect_signature(fields, RSACrypto(None), cert=body) else "refused")
    print("python3-saml:", row["spelling"], "holds" if python3_saml(fields, {}) else "refused")
    print("python3-saml by the query string:", row["spelling"], "holds" if python3_saml(fields, raw) else "refused")
PY
cat >verify.mjs <<'JS'
import { SAML } from "@node-saml/node-saml";
import { readFileSync } from "node:fs";

const { pem, rows } = JSON.parse(readFileSync("sealed.json"));
for (const { spelling, query } of rows) {
  const saml = new SAML({ idpCert: pem, issuer: "http://sp.example.test", callbackUrl: "http://sp.example.test/acs", entryPoint: "http://idp.example.test/sso" });
  const holds = await saml.validateRedirectAsync(Object.fromEntries(new URLSearchParams(query)), query).then(({ loggedOut }) => loggedOut, () => false);
  console.log("node-saml:", spelling, holds ? "holds" : "refused");
}
JS
python/bin/python seal.py
{ python/bin/python -W ignore verify.py; node verify.mjs; } 2>log | tee seen
diff seen - <<'TEXT' || { cat log; exit 1; }
pysaml2: a plus for a space holds
python3-saml: a plus for a space holds
python3-saml by the query string: a plus for a space holds
pysaml2: %20 for a space refused
python3-saml: %20 for a space refused
python3-saml by the query string: %20 for a space holds
pysaml2: escapes in small letters refused
python3-saml: escapes in small letters refused
python3-saml by the query string: escapes in small letters holds
pysaml2: colons and slashes left as they are refused
python3-saml: colons and slashes left as they are refused
python3-saml by the query string: colons and slashes left as they are holds
node-saml: a plus for a space holds
node-saml: %20 for a space holds
node-saml: escapes in small letters holds
node-saml: colons and slashes left as they are holds
TEXT
echo "still so"
