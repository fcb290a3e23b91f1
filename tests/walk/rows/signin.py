"""signin. A code needs a person who chose a role; the proof of possession in the header is `wire`'s."""
from rows import Row

CLIENT = "arn:aws:signin:::devtools/same-device"


def code(w):
    return {f"tokenInput.{name}": value for name, value in w.login_code().items()}


def renewal(w):
    first = w.login()
    return {"tokenInput.clientId": CLIENT, "tokenInput.grantType": "refresh_token", "tokenInput.refreshToken": first["refreshToken"]}


ROWS = {
    "CreateOAuth2Token": Row(code, without={"tokenInput.refreshToken": "belongs to another grant"}, variants=(renewal,)),
}
