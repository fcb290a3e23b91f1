#!/usr/bin/env bash
# OAuth: for whom a client's assertion is. One library writes the issuer, two write the token endpoint, one of these in a list.
#
# One would guess: the `aud` of private_key_jwt is the token endpoint, as OpenID Connect Core (section 9) has it, or whatever it is, the same from everybody.
# What happens: openid-client 6.9.0 writes the issuer's name, at the token endpoint and at the one for pushed requests. Authlib 1.9.10 writes the address of the
# token endpoint, and pyoidc (oic 1.7.0) a list with it.
# Why it matters here: a server that takes one of the two audiences knows half of the clients, and "invalid_client" is all that the other half hear. A server has to
# take both, as Portico does, and still nothing that is for another application's endpoint; a check by comparing texts fails with the list.
#
# Seen with openid-client 6.9.0 (npm), Authlib 1.9.10 with requests 2.34.2 and oic 1.7.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock openid-client@6.9.0 jose@6.2.18
python3 -m venv python
python/bin/pip install --quiet Authlib==1.9.10 requests==2.34.2 oic==1.7.0 cryptography==50.0.2 "setuptools<81"
cat >clients.py <<'PY'
import sys
import warnings

warnings.simplefilter("ignore")
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from Cryptodome.PublicKey import RSA
from jwkest.jwk import RSAKey
from oic.oic import Client
from oic.oic.message import AccessTokenRequest
from oic.utils.authn import client as authn
from oic.utils.keyio import KeyBundle

library, issuer = sys.argv[1:]
key = rsa.generate_private_key(65537, 2048)
key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
if library == "Authlib":
    method = PrivateKeyJWT(f"{issuer}/token")
    OAuth2Session("client", key, token_endpoint_auth_method=method).fetch_token(f"{issuer}/token", grant_type="client_credentials")
else:
    client = Client("client", client_authn_method=authn.CLIENT_AUTHN_METHOD)
    keys = KeyBundle()
    keys.append(RSAKey(key=RSA.import_key(key), use="sig", kid="1"))
    client.keyjar.add_kb("", keys)
    client.provider_info = {"issuer": issuer, "token_endpoint": f"{issuer}/token"}
    # As its do_access_token_request does.
    request = AccessTokenRequest(grant_type="authorization_code", code="code", redirect_uri="http://client.example", client_id="client")
    authn.PrivateKeyJWT(client).construct(request, algorithm="RS256", authn_endpoint="token")
    print(request["client_assertion"])
PY
cat >ask.mjs <<'JS'
import { execFile } from "node:child_process";
import http from "node:http";
import { promisify } from "node:util";
import * as jose from "jose";
import * as openid from "openid-client";

// Takes every client at its word, and keeps what it sent.
let sent;
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  sent = new URLSearchParams(body).get("client_assertion");
  const pushed = request.url === "/pushed";
  response.writeHead(pushed ? 201 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(pushed ? { request_uri: "urn:example:1", expires_in: 60 } : { access_token: "token", token_type: "Bearer", expires_in: 60 }));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = await jose.generateKeyPair("RS256");
const metadata = {
  issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, pushed_authorization_request_endpoint: `${issuer}/pushed`,
};
const configuration = new openid.Configuration(metadata, "client", {}, openid.PrivateKeyJwt(privateKey));
openid.allowInsecureRequests(configuration);
const byPython = async (library) => {
  const environment = { ...process.env, AUTHLIB_INSECURE_TRANSPORT: "1" };
  const { stdout } = await promisify(execFile)("python/bin/python", ["clients.py", library, issuer], { env: environment });
  if (stdout) sent = stdout.trim();
};
const clients = {
  "openid-client, a token": () => openid.clientCredentialsGrant(configuration),
  "openid-client, a pushed request": () => openid.buildAuthorizationUrlWithPAR(configuration, { redirect_uri: "http://client.example" }),
  "Authlib, a token": () => byPython("Authlib"),
  "pyoidc, a token": () => byPython("pyoidc"),
};
for (const [what, ask] of Object.entries(clients)) {
  await ask();
  console.log(`${what}: ${JSON.stringify(jose.decodeJwt(sent).aud).replaceAll(issuer, "ISSUER")}`);
}
process.exit();
JS
node ask.mjs | tee seen
diff seen - <<'TEXT'
openid-client, a token: "ISSUER"
openid-client, a pushed request: "ISSUER"
Authlib, a token: "ISSUER/token"
pyoidc, a token: ["ISSUER/token"]
TEXT
echo "still so"
