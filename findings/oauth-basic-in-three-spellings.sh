#!/usr/bin/env bash
# OAuth: one client id and one secret, as HTTP Basic. Four libraries send three different things.
#
# One would guess: client_secret_basic is HTTP Basic, the same bytes from everybody.
# What happens: RFC 6749 (2.3.1) has both parts encoded as a form before they are joined. openid-client 6.9.0 does so and more: hyphens and underscores, which are
# plain in every form, become %2D and %5F, in the id too. simple-oauth2 5.1.0 encodes what a form must. Authlib 1.9.10 and requests-oauthlib 2.0.0 send both as they
# are.
# Why it matters here: a token endpoint that compares what it was sent knows none of the first library's clients whose id has a hyphen; one that always
# decodes turns the others' "+" into a space. Ids and secrets of letters and digits alone mean the same to all four.
#
# Seen with openid-client 6.9.0 and simple-oauth2 5.1.0 (npm), Authlib 1.9.10, requests-oauthlib 2.0.0 with oauthlib 4.0.1 and requests 2.34.2 (PyPI). Exits 0 while it
# is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock openid-client@6.9.0 simple-oauth2@5.1.0
python3 -m venv python
python/bin/pip install --quiet Authlib==1.9.10 requests-oauthlib==2.0.0 oauthlib==4.0.1 requests==2.34.2
cat >authlib_asks.py <<'PY'
import sys

from authlib.integrations.requests_client import OAuth2Session

_, url, client, secret = sys.argv
OAuth2Session(client, secret).fetch_token(url, grant_type="client_credentials")
PY
cat >oauthlib_asks.py <<'PY'
import os
import sys

from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

_, url, client, secret = sys.argv
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
OAuth2Session(client=BackendApplicationClient(client)).fetch_token(url, client_id=client, client_secret=secret)
PY
cat >ask.mjs <<'JS'
import { spawn } from "node:child_process";
import http from "node:http";
import * as openid from "openid-client";
import { ClientCredentials } from "simple-oauth2";

const [id, secret] = ["app-one", "a+b_c"];
let sent;
const server = http.createServer((request, response) => {
  sent = request.headers.authorization;
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ access_token: "token", token_type: "bearer", expires_in: 60 }));
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const show = (library) => console.log(`${library}: ${Buffer.from(sent.replace("Basic ", ""), "base64")}`);

const config = new openid.Configuration({ issuer, token_endpoint: `${issuer}/token` }, id, undefined, openid.ClientSecretBasic(secret));
openid.allowInsecureRequests(config);
await openid.clientCredentialsGrant(config);
show("openid-client");
await new ClientCredentials({ client: { id, secret }, auth: { tokenHost: issuer, tokenPath: "/token" } }).getToken({});
show("simple-oauth2");
for (const [library, file] of [["Authlib", "authlib_asks.py"], ["requests-oauthlib", "oauthlib_asks.py"]]) {
  await new Promise((ended) => spawn("python/bin/python", [file, `${issuer}/token`, id, secret]).on("exit", ended));
  show(library);
}
server.close();
server.closeAllConnections();
JS
node ask.mjs 2>/dev/null | tee seen
diff seen - <<'TEXT'
openid-client: app%2Done:a%2Bb%5Fc
simple-oauth2: app-one:a%2Bb_c
Authlib: app-one:a+b_c
requests-oauthlib: app-one:a+b_c
TEXT
echo "still so"
