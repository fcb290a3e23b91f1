#!/usr/bin/env bash
# A key set in which two keys have one kid: which tokens still verify depends on the library.
#
# One would guess: a kid only hints at which keys to try (RFC 7515 4.1.4), and keys of a set should, but need not, have kids of their own (RFC 7517 4.5), so a token
# that either key signed verifies.
# What happens: joserfc 1.8.0, PyJWT 2.15.1 and Authlib 1.9.10 take the first key of that kid and no other: what the second signed is said to have a bad
# signature. jose 6.2.18 takes neither: it refuses what the first signed too, as ambiguous, and leaves the choice to whoever calls it.
# Why it matters here: providers that are set up by hand keep the kid when they replace a key, and publish both while they roll over. Portico tries each key of
# the kid, eight at most; a relying party on one of these libraries locks everybody out for as long as both are published. And it is why Portico's own keys
# must never share one.
#
# Seen with joserfc 1.8.0, PyJWT 2.15.1 and Authlib 1.9.10 (PyPI), jose 6.2.18 (npm). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet joserfc==1.8.0 PyJWT==2.15.1 Authlib==1.9.10
npm init -y >/dev/null
npm install --silent jose@6.2.18
cat >verify.py <<'PY'
import json
import time

import jwt as pyjwt
from authlib.jose import JsonWebKey, JsonWebToken
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

keys = {name: RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}) for name in ("first", "second")}
claims = {"iss": "http://idp.example.test", "aud": "app", "sub": "jane", "exp": int(time.time()) + 600}
tokens = {name: jwt.encode({"alg": "RS256", "kid": "one"}, claims, key) for name, key in keys.items()}
published = {"keys": [key.as_dict(private=False) for key in keys.values()]}
json.dump({"published": published, "tokens": tokens}, open("signed.json", "w"))


def by_pyjwt(token):
    key = pyjwt.PyJWKSet.from_dict(published)[pyjwt.get_unverified_header(token)["kid"]]
    pyjwt.decode(token, key, algorithms=["RS256"], audience="app")


libraries = {
    "joserfc": lambda token: jwt.decode(token, KeySet.import_key_set(published)),
    "PyJWT": by_pyjwt,
    "Authlib": lambda token: JsonWebToken(["RS256"]).decode(token, JsonWebKey.import_key_set(published)),
}
for library, verify in libraries.items():
    for name, token in tokens.items():
        try:
            verify(token)
            seen = "holds"
        except Exception as error:
            seen = type(error).__name__
        print(f"{library}, of the {name} key: {seen}")
PY
cat >verify.mjs <<'JS'
import { createLocalJWKSet, jwtVerify } from "jose";
import { readFileSync } from "node:fs";

const { published, tokens } = JSON.parse(readFileSync("signed.json"));
for (const [name, token] of Object.entries(tokens)) {
  const seen = await jwtVerify(token, createLocalJWKSet(published)).then(() => "holds", ({ code }) => code);
  console.log(`jose, of the ${name} key: ${seen}`);
}
JS
{ python/bin/python -W ignore verify.py; node verify.mjs; } 2>log | tee seen
diff seen - <<'TEXT' || { cat log; exit 1; }
joserfc, of the first key: holds
joserfc, of the second key: BadSignatureError
PyJWT, of the first key: holds
PyJWT, of the second key: InvalidSignatureError
Authlib, of the first key: holds
Authlib, of the second key: BadSignatureError
jose, of the first key: ERR_JWKS_MULTIPLE_MATCHING_KEYS
jose, of the second key: ERR_JWKS_MULTIPLE_MATCHING_KEYS
TEXT
echo "still so"
