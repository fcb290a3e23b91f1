#!/usr/bin/env bash
# A device poll that is answered 429 with Retry-After ends the sign-in of openid-client; 503 with the same header is waited out.
#
# One would guess: 429 Too Many Requests (RFC 6585) with Retry-After is the plain way to tell a client that polls the token endpoint of the
# device flow (RFC 8628) to come back later, at least as good as 503.
# What happens: openid-client 6.9.0 gives up at 429 unless the body says slow_down or authorization_pending, and rejects the sign-in.
# At 503 it waits for Retry-After and asks again.
# Why it matters here: a limit in front of a token endpoint that answers 429 by itself takes people's sign-ins away. Whatever limits must
# speak OAuth there.
#
# Seen with openid-client 6.9.0 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock openid-client@6.9.0
cat >poll.mjs <<'JS'
import http from "node:http";
import * as client from "openid-client";

let first;
let polls;
const server = http.createServer((request, response) => {
  request.resume().on("end", () => {
    const answer = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.url === "/device") {
      return answer(200, {
        device_code: "device", user_code: "ABCD-EFGH", verification_uri: "http://127.0.0.1/", expires_in: 60, interval: 1,
      });
    }
    polls += 1;
    if (polls === 1) return answer(first, {}, { "retry-after": "1" });
    return answer(200, { access_token: "token", token_type: "bearer", expires_in: 60 });
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
for (const status of [503, 429]) {
  [first, polls] = [status, 0];
  const metadata = { issuer, token_endpoint: `${issuer}/token`, device_authorization_endpoint: `${issuer}/device` };
  const config = new client.Configuration(metadata, "example", undefined, client.None());
  client.allowInsecureRequests(config);
  const asked = await client.initiateDeviceAuthorization(config, {});
  const ended = await client.pollDeviceAuthorizationGrant(config, asked).then(() => "signed in", () => "given up");
  console.log(`${status}: ${ended} after ${polls} poll${polls === 1 ? "" : "s"}`);
}
server.close();
JS
node poll.mjs | tee seen
diff seen - <<'TEXT'
503: signed in after 2 polls
429: given up after 1 poll
TEXT
echo "still so"
