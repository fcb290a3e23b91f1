#!/usr/bin/env python3
"""A token issuer to try trusted identity propagation with: it asks nobody for a password, so never trust one outside of a trial. Needs openssl.

    examples/issuer.py serve FOLDER PORT                     keeps a key in FOLDER and publishes it at http://127.0.0.1:PORT
    examples/issuer.py token FOLDER PORT PERSON AUDIENCE     prints a token that says that it is PERSON, for AUDIENCE, good for five minutes
"""
import base64
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import time
import uuid


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key(folder):
    """An RSA key, made the first time."""
    file = pathlib.Path(folder) / "issuer.pem"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file], check=True)
    return file


def published(file):
    """The key as others may see it (RFC 7517)."""
    said = subprocess.run(["openssl", "rsa", "-in", file, "-noout", "-modulus"], check=True, capture_output=True, text=True).stdout
    modulus = bytes.fromhex(said.strip().removeprefix("Modulus="))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": hashlib.sha256(modulus).hexdigest()[:16], "n": text(modulus), "e": "AQAB"}


def serve(folder, port):
    issuer, jwk = f"http://127.0.0.1:{port}", published(key(folder))
    pages = {"/.well-known/openid-configuration": {"issuer": issuer, "jwks_uri": issuer + "/keys", "id_token_signing_alg_values_supported": ["RS256"]},
             "/keys": {"keys": [jwk]}}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(self.path)
            body = json.dumps(page or {}).encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def token(folder, port, person, audience):
    file, now = key(folder), int(time.time())
    header = {"alg": "RS256", "kid": published(file)["kid"], "typ": "JWT"}
    claims = {"iss": f"http://127.0.0.1:{port}", "sub": person, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}
    signed = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
    made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", file], input=signed.encode(), check=True, capture_output=True).stdout
    print(f"{signed}.{text(made)}")


if __name__ == "__main__":
    commands = {("serve", 4): serve, ("token", 6): token}
    command = commands.get((sys.argv[1] if len(sys.argv) > 1 else "", len(sys.argv)))
    if command is None:
        sys.exit(__doc__)
    command(*sys.argv[2:])
