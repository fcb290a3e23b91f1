"""A key on P-256 and proofs of possession made with it (DPoP, RFC 9449), by the standard library alone. For tests: slow, and not in constant time."""
import base64
import hashlib
import json
import secrets
import time
import uuid

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(one, other):
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, P) % P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _times(number, point):
    sum_ = None
    while number:
        if number & 1:
            sum_ = _add(sum_, point)
        point, number = _add(point, point), number >> 1
    return sum_


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Prover:
    """Whoever holds the key."""

    def __init__(self):
        self.private = 1 + secrets.randbelow(N - 1)
        x, y = _times(self.private, G)
        self.jwk = {"kty": "EC", "x": base64url(x.to_bytes(32, "big")), "y": base64url(y.to_bytes(32, "big")), "crv": "P-256"}

    def sign(self, text):
        digest = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        while True:
            k = 1 + secrets.randbelow(N - 1)
            r = _times(k, G)[0] % N
            s = pow(k, -1, N) * (digest + r * self.private) % N
            if r and s:
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def token(self, header, claims):
        """A signed token of any header and claims."""
        text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{text}.{base64url(self.sign(text))}"

    def proof(self, url, header=None, **claims):
        """A proof for a POST to `url` of now, with other members of its header and other claims where they are given."""
        right = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4())}
        return self.token({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk, **(header or {})}, {**right, **claims})
