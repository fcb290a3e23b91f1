#!/usr/bin/env bash
# OpenID Connect: scopes email and profile are granted, and the ID token has neither address nor name.
#
# One would guess: who asks for `openid email profile` by the code flow finds `email` and `name` in the ID token.
# What happens: oidc-provider 9.13.3 leaves them out and hands them out at the userinfo endpoint alone, as OpenID Connect Core (5.4) has it wherever an
# access token is issued. Scopes of one's own, such as `groups`, go the same way.
# Why it matters here: a relying party that maps claims of the ID token alone finds people without address, name and groups, and nothing
# fails. It must ask userinfo too, or say which claims it misses.
#
# Seen with oidc-provider 9.13.3 and openid-client 6.9.0 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock oidc-provider@9.13.3 openid-client@6.9.0
cat >ask.mjs <<'JS'
import http from "node:http";
import Provider from "oidc-provider";
import * as client from "openid-client";

const callback = "http://127.0.0.1/callback";
const server = http.createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "example", client_secret: "example", redirect_uris: [callback], application_type: "native" }],
  claims: { openid: ["sub"], email: ["email"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "groups"],
  findAccount: async (_, accountId) => ({
    accountId,
    claims: async () => ({ sub: accountId, email: "jane@example.com", name: "Jane", groups: ["staff"] }),
  }),
});
server.on("request", provider.callback());

const config = await client.discovery(new URL(issuer), "example", "example", undefined, { execute: [client.allowInsecureRequests] });
const pkceCodeVerifier = client.randomPKCECodeVerifier();
let url = client.buildAuthorizationUrl(config, {
  redirect_uri: callback,
  scope: "openid email profile groups",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
});
// What a browser and a person do: follow, sign in, agree.
const jar = new Map();
let body;
while (!url.href.startsWith(callback)) {
  const cookie = [...jar].map((pair) => pair.join("=")).join("; ");
  const answer = await fetch(url, { redirect: "manual", method: body ? "POST" : "GET", body, headers: { cookie } });
  for (const [, name, value] of answer.headers.getSetCookie().map((line) => /^([^=]+)=([^;]*)/.exec(line))) jar.set(name, value);
  body = undefined;
  if (answer.headers.has("location")) {
    url = new URL(answer.headers.get("location"), url);
  } else {
    const page = await answer.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
    body = new URLSearchParams(prompt === "login" ? { prompt, login: "jane", password: "example" } : { prompt });
    url = new URL(/action="([^"]+)"/.exec(page)[1], url);
  }
}
const tokens = await client.authorizationCodeGrant(config, url, { pkceCodeVerifier });
console.log(`granted: ${tokens.scope}`);
const { sub, ...more } = tokens.claims();
console.log(`ID token: ${["email", "groups", "name"].filter((claim) => claim in more).join(" ") || "none of them"}`);
const info = await client.fetchUserInfo(config, tokens.access_token, sub);
console.log(`userinfo: ${["email", "groups", "name"].filter((claim) => claim in info).join(" ")}`);
process.exit();
JS
node ask.mjs 2>/dev/null | grep -E "^(granted|ID token|userinfo):" | tee seen
diff seen - <<'TEXT'
granted: openid email profile groups
ID token: none of them
userinfo: email groups name
TEXT
echo "still so"
