"""An external identity provider on loopback, as far as it says something of itself: texts at paths, which a test changes while it runs. It signs nobody in."""
import http.server
import json
import threading
import urllib.parse

#: Certificates of keys that nobody has any more, DER in base64.
CERTIFICATES = [
    "MIIBhjCCASugAwIBAgIUIhoPBN2REQaVIXDzgxfmsxc92SYwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMaWRwMS5leGFtcGxlMCAXDTI2MTEyOTAzNDAwOVoYDzIxMjYxMTA1MDM0MDA5WjAXMRUwEwYDVQQDDAxpZHAxLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATO7CWA4dwITGm7mb+4bFHJvUzmuzDDWvnGg61JzvzKTsmH7+6dFmuBzCUZa6PAgGEs23zWvpRnoQPyNHxbPwKVo1MwUTAdBgNVHQ4EFgQUIXAjDFpzBHuqOocgGKGPO6JbtoYwHwYDVR0jBBgwFoAUIXAjDFpzBHuqOocgGKGPO6JbtoYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA9jorBnYgFCN4B3cpF3FTDsFnobzaKISY7/iJghUoK7UCIQCYSlkGhuV5ws7zRNcLTeNnQELj5IHZ+IuLrcrAoJxVjA==",
    "MIIBhTCCASugAwIBAgIUPas4X8hY/7nHF/l0wn9V2GSy0X4wCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMaWRwMi5leGFtcGxlMCAXDTI2MTEyOTAzNDAwOVoYDzIxMjYxMTA1MDM0MDA5WjAXMRUwEwYDVQQDDAxpZHAyLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARJu5UABUKQu9o1SGIVGPduyxnE9mYtLyqkUdt9ZPAEF+FjP+VwQsOjVfme4sA39LwRM+u8gxYWWS6cJ3wbJBvUo1MwUTAdBgNVHQ4EFgQUPzW8n+rhzCYttIaUk3hLAh0itTwwHwYDVR0jBBgwFoAUPzW8n+rhzCYttIaUk3hLAh0itTwwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA2LDM5vaoqXxP9evH5An7BODMAoMDNhMshL2I8o4NiaYCIDhBN3/eggffEi9DaF+CNKHDm5lqOXkwbx5i5zOPhWiz",
    "MIIBhTCCASugAwIBAgIUd187SpgnssgV96Tk3epeOG84b7IwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMaWRwMy5leGFtcGxlMCAXDTI2MTEyOTAzNDAwOVoYDzIxMjYxMTA1MDM0MDA5WjAXMRUwEwYDVQQDDAxpZHAzLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARhsWaquQIxpk03tFvcOQ6gUQ0+tCnhNE5X6SLMKt1P7fysGoMcAtQ32dTOsRfdVxBigoAY5M5xX6sWPdC/alVdo1MwUTAdBgNVHQ4EFgQU7QedA7ZH8GwWnc9WjtLjXjvNh68wHwYDVR0jBBgwFoAU7QedA7ZH8GwWnc9WjtLjXjvNh68wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAmJhVini2jpTnM6N3ipj6eF4yCgXH2vqUlNqN6x2zWJgCICg9FK17/1q11dEJkGGUCd9NbmU5oH88r4ELmq36STYI",
]
#: A key set with one key (RFC 7517 A.1).
KEY_SET = {"keys": [{"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                     "alg": "ES256", "use": "sig", "kid": "1"}]}
#: What allows a server to ask it.
ALLOWED = ("--outbound-allow", "127.0.0.1")
SAML = "urn:oasis:names:tc:SAML:2.0"


def pem(certificate):
    lines = [certificate[at:at + 64] for at in range(0, len(certificate), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def metadata(entity_id, *certificates):
    """The metadata of a SAML provider."""
    keys = "".join('<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>' + one + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
                   for one in certificates or CERTIFICATES[:1])
    return (f'<md:EntityDescriptor xmlns:md="{SAML}:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity_id}">'
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAML}:protocol">{keys}'
            f'<md:SingleSignOnService Binding="{SAML}:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>')


class Provider:
    """One that says nothing yet."""

    def __init__(self):
        texts = self.texts = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = texts.get(urllib.parse.urlsplit(self.path).path)
                self.send_response(200 if text is not None else 404)
                body = (text or "").encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def say(self, path, text):
        """Says this at a path from now on; answers the address."""
        self.texts[path] = text
        return self.url + path

    def speak_openid(self):
        """Speaks OpenID Connect from now on, with itself as the issuer; answers the issuer."""
        self.say("/.well-known/openid-configuration", json.dumps({
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"], "code_challenge_methods_supported": ["S256"]}))
        self.say("/keys", json.dumps(KEY_SET))
        return self.url
