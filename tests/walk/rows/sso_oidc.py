"""sso-oidc. A registration says its redirect URIs and start URL; a token needs a person who approved."""
from rows import Row

GRANTS = ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]


def registration(w):
    return {"clientName": "walk", "clientType": "public"}


def device(w):
    return {**w.client(), "startUrl": w.made["startUrl"]}


def refresh(w):
    token = w.token()
    return {"clientId": token["clientId"], "clientSecret": token["clientSecret"], "grantType": "refresh_token", "refreshToken": token["refreshToken"]}


#: What one grant takes is none of another's business; the model allows all at once.
OTHER_GRANTS = dict.fromkeys(("code", "redirectUri", "codeVerifier", "refreshToken"), "belongs to another grant")
ROWS = {
    "RegisterClient": Row(
        registration,
        lambda w: {"clientName": "w" * 256, "scopes": ["sso:account:access"], "redirectUris": ["http://127.0.0.1/oauth/callback"], "grantTypes": GRANTS, "issuerUrl": w.made["startUrl"]},
        refused={"entitledApplicationArn": "entitledApplicationArn"}),
    "StartDeviceAuthorization": Row(device),
    "CreateToken": Row(lambda w: w.approved(), lambda w: {"scope": ["sso:account:access"]}, without=OTHER_GRANTS, variants=(refresh,)),
}
