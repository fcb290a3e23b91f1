#!/usr/bin/env bash
# OpenID Connect: a logout token says one thing more than that somebody signs out. Two libraries refuse it, and the person stays signed in.
#
# One would guess: the `events` of a logout token must have the member for back-channel logout and may have others, and what that member holds is an object that
# should be empty (Back-Channel Logout 1.0, 2.4): a reader looks for the member and pays no regard to the rest, as with every claim that it does not know.
# What happens: pyoidc (oic 1.7.0) and idpy-oidc (idpyoidc 5.0.0) refuse a token that has another event beside it, or anything inside it. express-openid-connect
# 3.4.0 takes all three.
# Why it matters here: a provider that adds a reason, or tells of a second event in the same token, no longer signs anybody out of applications on these libraries.
# They answer an error, which no person sees. What sends logout tokens keeps the object empty and the event alone.
#
# Seen with oic 1.7.0 and idpyoidc 5.0.0 (PyPI), express-openid-connect 3.4.0 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock express-openid-connect@3.4.0 express@5.3.0 jose@6.2.18
python3 -m venv python
python/bin/pip install --quiet oic==1.7.0 idpyoidc==5.0.0 cryptojwt==1.11.0 "setuptools<81"
cat >send.mjs <<'JS'
import fs from "node:fs";
import express from "express";
import openid from "express-openid-connect";
import * as jose from "jose";

const { publicKey, privateKey } = await jose.generateKeyPair("RS256");
const keys = { keys: [{ ...(await jose.exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }] };

// As much of a provider as the application asks for.
const provider = express();
const providing = await new Promise((listening) => {
  const server = provider.listen(0, "127.0.0.1", () => listening(server));
});
const issuer = `http://127.0.0.1:${providing.address().port}`;
provider.get("/keys", (_, response) => response.json(keys));
provider.get("/.well-known/openid-configuration", (_, response) =>
  response.json({
    issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
    id_token_signing_alg_values_supported: ["RS256"], response_types_supported: ["code", "id_token"], subject_types_supported: ["public"],
  }),
);

const application = express();
let heard;
application.use(
  openid.auth({
    issuerBaseURL: issuer, baseURL: "http://127.0.0.1", clientID: "application", secret: "a secret that is long enough for it",
    authRequired: false,
    backchannelLogout: {
      onLogoutToken: (token) => (heard = token.sub), isLoggedOut: false, onLogin: false,
      store: { get() {}, set() {}, destroy() {} },
    },
  }),
);
const running = await new Promise((listening) => {
  const server = application.listen(0, "127.0.0.1", () => listening(server));
});

const event = "http://schemas.openid.net/event/backchannel-logout";
const tokens = {};
for (const [what, events] of Object.entries({
  "as usual": { [event]: {} },
  "a reason inside": { [event]: { reason: "left" } },
  "an event beside it": { [event]: {}, "https://idp.example/event/left": {} },
})) {
  tokens[what] = await new jose.SignJWT({ events }).setProtectedHeader({ alg: "RS256", kid: "1", typ: "logout+jwt" }).setIssuer(issuer)
    .setAudience("application").setSubject("jane").setIssuedAt().setExpirationTime("2m").setJti(what).sign(privateKey);
  heard = undefined;
  const url = `http://127.0.0.1:${running.address().port}/backchannel-logout`;
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ logout_token: tokens[what] }) });
  console.log(`express-openid-connect, ${what}: ${answer.ok && heard ? "signed out" : await answer.text()}`);
}
fs.writeFileSync("given.json", JSON.stringify({ issuer, keys, tokens }));
process.exit();
JS
cat >read.py <<'PY'
import json
import warnings

warnings.simplefilter("ignore")
import cryptojwt
import idpyoidc.message.oidc.session
import oic.oic.message
import oic.utils.keyio

given = json.load(open("given.json"))
for library, requests, jar in [
    ("pyoidc", oic.oic.message, oic.utils.keyio.KeyJar()),
    ("idpy-oidc", idpyoidc.message.oidc.session, cryptojwt.KeyJar()),
]:
    jar.import_jwks(given["keys"], given["issuer"])
    for what, token in given["tokens"].items():
        request = requests.BackChannelLogoutRequest(logout_token=token)
        try:
            request.verify(keyjar=jar, iss=given["issuer"], aud="application", skew=60)
            print(f"{library}, {what}: signed out")
        except ValueError as error:
            print(f"{library}, {what}: {error}")
PY
{
  node send.mjs
  python/bin/python read.py
} | tee seen
diff seen - <<'TEXT'
express-openid-connect, as usual: signed out
express-openid-connect, a reason inside: signed out
express-openid-connect, an event beside it: signed out
pyoidc, as usual: signed out
pyoidc, a reason inside: Wrong member value in "events"
pyoidc, an event beside it: Must only be one member in "events"
idpy-oidc, as usual: signed out
idpy-oidc, a reason inside: Wrong member value in "events"
idpy-oidc, an event beside it: Must only be one member in "events"
TEXT
echo "still so"
