"""An application that signs somebody in with OpenID Connect, in the standard library alone: a program on the person's own machine, with PKCE and no secret.

    python3 openid_app.py ISSUER CLIENT_ID

It opens the browser, waits on a port of its own for the code, and prints who came and their groups. What to copy: the question has a `state` and a challenge of its own,
the answer is believed only with that state and from this issuer (RFC 9207), and the code is exchanged with the verifier. The ID token comes straight from the issuer's
token endpoint; an application that gets one from anybody else must verify its signature with the keys at `jwks_uri`, as every OpenID Connect library does.
"""
import base64
import hashlib
import http.server
import json
import secrets
import sys
import threading
import urllib.parse
import urllib.request
import webbrowser


def fetch(url, form=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def main(issuer, client_id):
    provider = fetch(issuer + "/.well-known/openid-configuration")
    if provider["issuer"] != issuer:
        sys.exit(f"{issuer} says that it is {provider['issuer']}")
    verifier, state, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    answers = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            self.send_response(200 if path == "/callback" else 404)
            self.end_headers()
            if path == "/callback":
                self.wfile.write(b"You are signed in. Close this window.\n")
                answers.append(dict(urllib.parse.parse_qsl(query)))
                threading.Thread(target=self.server.shutdown).start()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
        here = f"http://127.0.0.1:{listener.server_port}/callback"
        webbrowser.open(provider["authorization_endpoint"] + "?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": client_id, "redirect_uri": here, "scope": "openid profile groups", "state": state, "nonce": nonce,
            "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()), "code_challenge_method": "S256",
        }))
        listener.serve_forever()
    answer = answers[0]
    if answer.get("state") != state or answer.get("iss") != issuer:
        sys.exit("this is no answer to what was asked")
    if "error" in answer:
        sys.exit(f"{answer['error']}: {answer.get('error_description', '')}")
    tokens = fetch(provider["token_endpoint"], {
        "grant_type": "authorization_code", "client_id": client_id, "code": answer["code"], "redirect_uri": here, "code_verifier": verifier})
    payload = tokens["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if (claims["iss"], claims["aud"], claims["nonce"]) != (issuer, client_id, nonce):
        sys.exit("the ID token is for something else")
    told = fetch(provider["userinfo_endpoint"], token=tokens["access_token"])
    if told["sub"] != claims["sub"]:
        sys.exit("userinfo tells of somebody else")
    print(f"{told['name']} ({told['preferred_username']}) is in: {', '.join(told['groups'])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
