"""sso-oidc. A registration says its redirect URIs and start URL; a token needs a person who approved, or an application and its person."""
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
GRANTS_OF_APPLICATIONS = dict.fromkeys(
    ("code", "redirectUri", "codeVerifier", "assertion", "subjectToken", "subjectTokenType", "requestedTokenType", "scope"), "belongs to another grant, or is of the application")


def application(w):
    """A refresh token that nobody gave to an application which may have some."""
    def make():
        arn = w.admin("CreateApplication", Name=w.name("tokens"), ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom")["ApplicationArn"]
        actors = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": w.made["managementAccountId"]}, "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]}
        w.call("sso-admin", "PutApplicationAuthenticationMethod", ApplicationArn=arn, AuthenticationMethodType="IAM", AuthenticationMethod={"Iam": {"ActorPolicy": actors}})
        w.call("sso-admin", "PutApplicationGrant", ApplicationArn=arn, GrantType="refresh_token", Grant={"RefreshToken": {}})
        return arn
    return {"clientId": w.once("token application", make), "grantType": "refresh_token", "refreshToken": "nobody's"}


ROWS = {
    "RegisterClient": Row(
        registration,
        lambda w: {"clientName": "w" * 256, "scopes": ["sso:account:access"], "redirectUris": ["http://127.0.0.1/oauth/callback"], "grantTypes": GRANTS, "issuerUrl": w.made["startUrl"]},
        refused={"entitledApplicationArn": "entitledApplicationArn"}),
    "StartDeviceAuthorization": Row(device),
    # What the model allows at once belongs to four grants; a walk has no issuer that signs: the whole is in the clients' suite.
    "CreateTokenWithIAM": Row(application, without=GRANTS_OF_APPLICATIONS, ends="InvalidGrantException"),
    "CreateToken": Row(lambda w: w.approved(), lambda w: {"scope": ["sso:account:access"]}, without=OTHER_GRANTS, variants=(refresh,)),
}
