#!/usr/bin/env bash
# OpenID Connect: an ID token with at_hash. One library refuses it to whoever checks the ID token alone.
#
# One would guess: `at_hash` is there for who wants to check an access token against it (OpenID Connect Core, 3.1.3.8, optional in the code flow), and a
# program that looks at the ID token alone pays no regard to it.
# What happens: python-jose 3.5.0 refuses the token unless the access token is given as well; the same token without the claim passes. PyJWT 2.15.1 and
# joserfc 1.8.0 pass both.
# Why it matters here: a provider that begins to send at_hash shuts out applications that worked the day before, and their message speaks of an access
# token that was not asked for. It is better sent from the first day, or only where it must be.
#
# Seen with python-jose 3.5.0, PyJWT 2.15.1 and joserfc 1.8.0 (PyPI). Exits 0 while it is so, 1 when it changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet "python-jose[cryptography]==3.5.0" PyJWT==2.15.1 joserfc==1.8.0
cat >ask.py <<'PY'
import base64
import hashlib
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk
from joserfc import jwt as joserfc_jwt
from jose import jwt as jose_jwt

private = rsa.generate_private_key(65537, 2048)
public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
half = hashlib.sha256(b"the access token").digest()[:16]
claims = {"iss": "https://op.example", "sub": "jane", "aud": "app", "iat": int(time.time()), "exp": int(time.time()) + 300}
for what, more in {"without at_hash": {}, "with at_hash": {"at_hash": base64.urlsafe_b64encode(half).decode().rstrip("=")}}.items():
    token = jwt.encode({**claims, **more}, private, algorithm="RS256")
    for library, read in {
        "python-jose": lambda: jose_jwt.decode(token, public.decode(), algorithms=["RS256"], audience="app", issuer="https://op.example"),
        "PyJWT": lambda: jwt.decode(token, public, algorithms=["RS256"], audience="app", issuer="https://op.example"),
        "joserfc": lambda: joserfc_jwt.decode(token, jwk.RSAKey.import_key(public), algorithms=["RS256"]).claims,
    }.items():
        try:
            print(f"{library}, {what}: {read()['sub']}")
        except Exception as error:
            print(f"{library}, {what}: {error}")
PY
python/bin/python ask.py | tee seen
diff seen - <<'TEXT'
python-jose, without at_hash: jane
PyJWT, without at_hash: jane
joserfc, without at_hash: jane
python-jose, with at_hash: No access_token provided to compare against at_hash claim.
PyJWT, with at_hash: jane
joserfc, with at_hash: jane
TEXT
echo "still so"
