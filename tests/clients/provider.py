"""An external identity provider on loopback, as far as it says something of itself: texts at paths, which a test changes while it runs. It signs nobody in."""
import http.server
import json
import threading
import urllib.parse

#: Certificates of keys that nobody has any more, DER in base64.
CERTIFICATES = [
    "MIIBHTCBxKADAgECAgID6TAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxpZHAxLmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjA4MDAxMDEwMDAwMDBaMBcxFTATBgNVBAMMDGlkcDEuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLVulsMaQxS7WE/SsYN4OINloFeOcX01ZpbVkHc2DKs24au9AkFf1st9CVeU3PyUWGPnUdp1CShPRxZzr3x3JGAwCgYIKoZIzj0EAwIDSAAwRQIge2N/o8w4Hw2z/8rZh7O1kZCXWsStZLIgfM5MUG51eIoCIQDIJj9kTCvpz4EQGaRf+LIFcdUfxnVGUmbg+7/zcEAwsQ==",
    "MIIBHDCBxKADAgECAgID6jAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxpZHAyLmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjA4MDAxMDEwMDAwMDBaMBcxFTATBgNVBAMMDGlkcDIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABL+HRBNVAgi7uoZbfvuVTYKdvDtEZxUrT6NlIJpe0jq3B3qsc88hw0AuS23Y77kMSS/BMeZ6WfxbrWskW1f45+QwCgYIKoZIzj0EAwIDRwAwRAIgHziSyRZB0zoxHbdcJPqfzfA7vJJG6j4yH9j3S3UlKjICIF1c2Ej2aM5oxdT/ovFs080zhfccNW7Yy+0e1HBneaT5",
    "MIIBHDCBxKADAgECAgID6zAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxpZHAzLmV4YW1wbGUwIBcNMjAwMTAxMDAwMDAwWhgPMjA4MDAxMDEwMDAwMDBaMBcxFTATBgNVBAMMDGlkcDMuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOkoUaz59dqcYqqjhnQx8vFoEP8dMbFv5I5vyo6rM4qfrEmvEIGfNrxRsjfrZraDjquKOdX5jG52A3DCGW2s5JYwCgYIKoZIzj0EAwIDRwAwRAIgDkTXtrToVUiP0CL7uoV9kpobb/51ysKeRls5ZJdbfK8CIDTAK7NzLxO90kxGyJnHicXVr0sGm66QNnqTxAYEdfdx",
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
