#!/usr/bin/env bash
# JOSE: a key set gets one more key, of a kind that is new. Two libraries cannot use the old key beside it any more.
#
# One would guess: keys of a set whose `kty` a reader does not know are passed over (RFC 7517, section 5), so that a provider can publish a key for the future, ML-DSA
# with `kty` AKP, beside the one that it signs with, and each reader takes what it knows.
# What happens: Authlib 1.9.10 does not read such a set at all. python-jose 3.5.0 refuses the token, whose `kid` names the key that it knows, unless that key comes
# first in the set. PyJWT 2.15.1, joserfc 1.8.0, jwcrypto 1.6.1, cryptojwt 1.11.0 and jose 6.2.18 take the token.
# Why it matters here: a provider that adds such a key locks people out of every application on these libraries although nothing is signed with it yet. Portico passes
# unknown kinds over when it reads a set; what it publishes should have one kind for each application.
#
# Seen with Authlib 1.9.10, python-jose 3.5.0, PyJWT 2.15.1, joserfc 1.8.0, jwcrypto 1.6.1 and cryptojwt 1.11.0 (PyPI), jose 6.2.18 (npm). Exits 0 while it is
# so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock jose@6.2.18
python3 -m venv python
python/bin/pip install --quiet Authlib==1.9.10 python-jose==3.5.0 PyJWT==2.15.1 joserfc==1.8.0 jwcrypto==1.6.1 cryptojwt==1.11.0
cat >make.mjs <<'JS'
import fs from "node:fs";
import * as jose from "jose";

const { publicKey, privateKey } = await jose.generateKeyPair("ES256");
const known = { ...(await jose.exportJWK(publicKey)), kid: "known", alg: "ES256", use: "sig" };
const novel = { kty: "AKP", kid: "new", alg: "ML-DSA-44", use: "sig", pub: Buffer.alloc(1312, 1).toString("base64url") };
const token = await new jose.SignJWT({}).setProtectedHeader({ alg: "ES256", kid: "known" }).setSubject("jane").setExpirationTime("5 minutes").sign(privateKey);
const sets = { "known key alone": [known], "new key after it": [known, novel], "new key before it": [novel, known] };
fs.writeFileSync("made.json", JSON.stringify({ token, sets }));
for (const [what, keys] of Object.entries(sets)) {
  const said = await jose.jwtVerify(token, jose.createLocalJWKSet({ keys })).then(({ payload }) => payload.sub, () => "refused");
  console.log(`jose, ${what}: ${said}`);
}
JS
cat >read.py <<'PY'
import json
import logging
import warnings

warnings.simplefilter("ignore")
logging.disable()
import jwt
from authlib.jose import JsonWebKey, JsonWebToken
from cryptojwt.jwt import JWT
from cryptojwt.key_jar import KeyJar
from jose import jwt as python_jose
from joserfc import jwt as joserfc
from joserfc.jwk import KeySet
from jwcrypto.jwk import JWKSet
from jwcrypto.jwt import JWT as JwcryptoJwt

made = json.load(open("made.json"))
token = made["token"]


def by_pyjwt(keys):
    return jwt.decode(token, jwt.PyJWKSet.from_dict(keys)["known"].key, algorithms=["ES256"])


def by_cryptojwt(keys):
    jar = KeyJar()
    jar.import_jwks(keys, "")
    return JWT(key_jar=jar, iss="app", allowed_sign_algs=["ES256"]).unpack(token)


libraries = {
    "Authlib": lambda keys: JsonWebToken(["ES256"]).decode(token, JsonWebKey.import_key_set(keys)),
    "python-jose": lambda keys: python_jose.decode(token, keys, algorithms=["ES256"]),
    "PyJWT": by_pyjwt,
    "joserfc": lambda keys: joserfc.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims,
    "jwcrypto": lambda keys: json.loads(JwcryptoJwt(jwt=token, key=JWKSet.from_json(json.dumps(keys)), algs=["ES256"]).claims),
    "cryptojwt": by_cryptojwt,
}
for library, read in libraries.items():
    for what, keys in made["sets"].items():
        try:
            said = read({"keys": keys})["sub"]
        except Exception as error:
            said = f"refused, {type(error).__name__}"
        print(f"{library}, {what}: {said}")
PY
{
  node make.mjs
  python/bin/python read.py 2>/dev/null
} | tee seen
diff seen - <<'TEXT'
jose, known key alone: jane
jose, new key after it: jane
jose, new key before it: jane
Authlib, known key alone: jane
Authlib, new key after it: refused, KeyError
Authlib, new key before it: refused, KeyError
python-jose, known key alone: jane
python-jose, new key after it: jane
python-jose, new key before it: refused, JWKError
PyJWT, known key alone: jane
PyJWT, new key after it: jane
PyJWT, new key before it: jane
joserfc, known key alone: jane
joserfc, new key after it: jane
joserfc, new key before it: jane
jwcrypto, known key alone: jane
jwcrypto, new key after it: jane
jwcrypto, new key before it: jane
cryptojwt, known key alone: jane
cryptojwt, new key after it: jane
cryptojwt, new key before it: jane
TEXT
echo "still so"
