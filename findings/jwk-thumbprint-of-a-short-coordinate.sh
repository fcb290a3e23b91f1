#!/usr/bin/env bash
# JOSE: one EC key in 128 has two thumbprints, by who writes it down, and its JWK cannot be read everywhere.
#
# One would guess: a coordinate of an EC key in a JWK has the full length of the curve, zeros at its front included (RFC 7518, 6.2.1.2), so that one key is
# one JWK and has one thumbprint (RFC 7638).
# What happens: Authlib 1.9.10 leaves the zeros out when it makes a JWK of a key from PEM, and takes the thumbprint of that. joserfc 1.8.0 and jwcrypto 1.6.1 write
# them. Handed the short JWK, PyJWT 2.15.1 and josepy 2.2.0 refuse it; joserfc, jwcrypto and jose 6.2.18 take it, with the other thumbprint; cryptojwt 1.11.0 takes
# it and finds the right one.
# Why it matters here: a client that shows its key set in this way cannot prove itself to one server and can to the next, and where thumbprints name keys (`kid`,
# `jkt`, `cnf`) the same key is somebody else. A test with a fixed key never meets one of these. Whoever compares thumbprints has to make them of the point,
# not of the text.
#
# Seen with Authlib 1.9.10, joserfc 1.8.0, jwcrypto 1.6.1, PyJWT 2.15.1, josepy 2.2.0, cryptojwt 1.11.0 (PyPI), jose 6.2.18 (npm). Exits 0 while it is so, 1
# when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-package-lock jose@6.2.18
python3 -m venv python
python/bin/pip install --quiet Authlib==1.9.10 joserfc==1.8.0 jwcrypto==1.6.1 PyJWT==2.15.1 josepy==2.2.0 cryptojwt==1.11.0 cryptography==50.0.2
cat >keys.py <<'PY'
import json
import warnings

warnings.simplefilter("ignore")
import josepy
import jwt
from authlib.jose import ECKey as Authlib
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptojwt.jwk.ec import ECKey as Cryptojwt
from joserfc.jwk import ECKey as Joserfc
from jwcrypto.jwk import JWK as Jwcrypto

# 379 times the base point of P-256 is the first with a zero at the front of its x.
key = ec.derive_private_key(379, ec.SECP256R1()).public_key()
pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
authlib, joserfc, jwcrypto = Authlib.import_key(pem), Joserfc.import_key(pem), Jwcrypto.from_pem(pem)
written = {
    "Authlib": (authlib.as_dict(), authlib.thumbprint()),
    "joserfc": (joserfc.as_dict(), joserfc.thumbprint()),
    "jwcrypto": (jwcrypto.export_public(as_dict=True), jwcrypto.thumbprint()),
}
for library, (jwk, thumbprint) in written.items():
    print(f"{library} writes: x of {len(jwk['x'])} letters, thumbprint {thumbprint[:8]}")
short = {name: written["Authlib"][0][name] for name in ("kty", "crv", "x", "y")}
with open("short.json", "w") as file:
    json.dump(short, file)
readers = {
    "PyJWT": lambda: jwt.PyJWK(short, "ES256") and "takes it",
    "josepy": lambda: josepy.JWK.from_json(short) and "takes it",
    "joserfc": lambda: f"thumbprint {Joserfc.import_key(short).thumbprint()[:8]}",
    "jwcrypto": lambda: f"thumbprint {Jwcrypto(**short).thumbprint()[:8]}",
    "cryptojwt": lambda: f"thumbprint {Cryptojwt(**short).thumbprint('SHA-256').decode()[:8]}",
}
for library, read in readers.items():
    try:
        print(f"{library} reads the short one: {read()}")
    except Exception as error:
        print(f"{library} reads the short one: {type(error).__name__}")
PY
cat >read.mjs <<'JS'
import fs from "node:fs";
import * as jose from "jose";

const short = JSON.parse(fs.readFileSync("short.json"));
await jose.importJWK(short, "ES256");
console.log(`jose reads the short one: thumbprint ${(await jose.calculateJwkThumbprint(short)).slice(0, 8)}`);
JS
{
  python/bin/python keys.py
  node read.mjs
} | tee seen
diff seen - <<'TEXT'
Authlib writes: x of 42 letters, thumbprint cqdWPhcn
joserfc writes: x of 43 letters, thumbprint 7Yxe6c_3
jwcrypto writes: x of 43 letters, thumbprint 7Yxe6c_3
PyJWT reads the short one: InvalidKeyError
josepy reads the short one: DeserializationError
joserfc reads the short one: thumbprint cqdWPhcn
jwcrypto reads the short one: thumbprint cqdWPhcn
cryptojwt reads the short one: thumbprint 7Yxe6c_3
jose reads the short one: thumbprint cqdWPhcn
TEXT
echo "still so"
