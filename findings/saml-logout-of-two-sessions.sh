#!/usr/bin/env bash
# SAML: one LogoutRequest that ends two sessions. One library tells its application of the first, another of none, two of both.
#
# One would guess: a LogoutRequest names any number of sessions (SAML Core, 3.7.1: SessionIndex may be there more than once), so that an identity provider ends two of
# somebody's sessions by one request, and a library hands both out.
# What happens: node-saml 5.1.0 has the first in `profile.sessionIndex`, and says nothing of the second. saml2-js 4.0.4 has `session_index` when the request names one
# session and leaves it out when it names two. samlify 2.13.1 and python3-saml 1.16.0 have both.
# Why it matters here: the application answers Success, and somebody whom the provider has signed out goes on in the other session. Portico sends applications one request
# for each session; whatever receives them has to look at all that one names.
#
# Seen with @node-saml/node-saml 5.1.0, saml2-js 4.0.4 and samlify 2.13.1 (npm), python3-saml 1.16.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock @node-saml/node-saml@5.1.0 saml2-js@4.0.4 samlify@2.13.1
python3 -m venv python
python/bin/pip install --quiet python3-saml==1.16.0 xmlsec==1.3.17 lxml==6.1.3 cryptography==50.0.2
cat >make.py <<'PY'
import base64
import datetime
import json
import urllib.parse
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

now = datetime.datetime.now(datetime.timezone.utc)
at = lambda seconds: (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now - datetime.timedelta(1), now + datetime.timedelta(1)).sign(key, hashes.SHA256())
certificate = "".join(certificate.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def question(sessions):
    """A signed LogoutRequest, as the parameters of an address."""
    indexes = "".join(f"<samlp:SessionIndex>{session}</samlp:SessionIndex>" for session in sessions)
    message = f"""<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l" Version="2.0" \
IssueInstant="{at(0)}" NotOnOrAfter="{at(300)}" Destination="http://sp.example/slo"><saml:Issuer>http://idp.example</saml:Issuer><saml:NameID>jane</saml:NameID>{indexes}\
</samlp:LogoutRequest>"""
    deflated = zlib.compress(message.encode(), wbits=-15)
    signed = {"SAMLRequest": base64.b64encode(deflated).decode(), "SigAlg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
    signature = key.sign(urllib.parse.urlencode(signed).encode(), padding.PKCS1v15(), hashes.SHA256())
    return signed | {"Signature": base64.b64encode(signature).decode()}


with open("made.json", "w") as file:
    questions = {"one session": question(["_s1"]), "two sessions": question(["_s1", "_s2"])}
    json.dump({"questions": questions, "certificate": certificate, "key": pem}, file)
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
const { questions, certificate, key } = JSON.parse(fs.readFileSync("made.json"));
const [idp, sp] = ["http://idp.example", "http://sp.example"];
const libraries = {
  "node-saml": async (query, text) => {
    const saml = new SAML({ idpCert: certificate, issuer: sp, callbackUrl: `${sp}/acs` });
    return (await saml.validateRedirectAsync(query, text)).profile.sessionIndex;
  },
  "saml2-js": (query) =>
    new Promise((taken, refused) => {
      const ours = new saml2.ServiceProvider({ entity_id: sp, assert_endpoint: `${sp}/acs`, private_key: key, certificate });
      const theirs = new saml2.IdentityProvider({ sso_login_url: `${idp}/sso`, sso_logout_url: `${idp}/slo`, certificates: [certificate] });
      ours.redirect_assert(theirs, { request_body: query }, (error, answer) => (error ? refused(error) : taken(answer.session_index)));
    }),
  samlify: async (query, text) => {
    const at = (address) => [{ Binding: binding.redirect, Location: address }];
    const theirs = samlify.IdentityProvider({ entityID: idp, signingCert: certificate, singleSignOnService: at(`${idp}/sso`), singleLogoutService: at(`${idp}/slo`) });
    const ours = samlify.ServiceProvider({ entityID: sp, wantLogoutRequestSigned: true, assertionConsumerService: at(`${sp}/acs`), singleLogoutService: at(`${sp}/slo`) });
    const octetString = text.split("&Signature=")[0];
    return (await ours.parseLogoutRequest(theirs, "redirect", { query, octetString })).extract.sessionIndex;
  },
};
for (const [library, read] of Object.entries(libraries)) {
  for (const [what, query] of Object.entries(questions)) {
    const said = await read(query, `${new URLSearchParams(query)}`).then((found) => [].concat(found ?? "none").join(" "), (error) => error.message ?? error);
    console.log(`${library}, ${what}: ${said}`);
  }
}
JS
cat >reads.py <<'PY'
import json

from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request
from onelogin.saml2.settings import OneLogin_Saml2_Settings

made = json.load(open("made.json"))
sp = {"entityId": "http://sp.example", "assertionConsumerService": {"url": "http://sp.example/acs"}, "singleLogoutService": {"url": "http://sp.example/slo"}}
idp = {"entityId": "http://idp.example", "singleSignOnService": {"url": "http://idp.example/sso"}, "x509cert": made["certificate"]}
settings = OneLogin_Saml2_Settings({"strict": True, "sp": sp, "idp": idp, "security": {"wantMessagesSigned": True}})
for what, query in made["questions"].items():
    request = OneLogin_Saml2_Logout_Request(settings, query["SAMLRequest"])
    valid = request.is_valid({"http_host": "sp.example", "script_name": "/slo", "get_data": query, "post_data": {}}, raise_exceptions=True)
    print(f"python3-saml, {what}:", *(OneLogin_Saml2_Logout_Request.get_session_indexes(request.get_xml()) if valid else ["refused"]))
PY
{
  node reads.mjs 2>/dev/null | grep -v "^Construct"
  python/bin/python reads.py
} | tee seen
diff seen - <<'TEXT'
node-saml, one session: _s1
node-saml, two sessions: _s1
saml2-js, one session: _s1
saml2-js, two sessions: none
samlify, one session: _s1
samlify, two sessions: _s1 _s2
python3-saml, one session: _s1
python3-saml, two sessions: _s1 _s2
TEXT
echo "still so"
