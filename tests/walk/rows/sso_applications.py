"""sso-admin's operations on applications. Providers are of the catalog; an actor policy is a document that is read, a redirect URI one that a code may go to."""
from rows import Row

PAGE = {"NextToken": "pages.py follows tokens"}
CUSTOM = "arn:aws:sso::aws:applicationProvider/custom"
SAML = "arn:aws:sso::aws:applicationProvider/custom-saml"
ACTORS = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]}
POLICY = "AuthenticationMethod.Iam.ActorPolicy"
IAM = {"AuthenticationMethodType": "IAM"}
CODE = {"GrantType": "authorization_code", "Grant.AuthorizationCode.RedirectUris": ["https://wiki.example.com/callback"]}
REFRESH = {"GrantType": "refresh_token", "Grant": {"RefreshToken": {}}}


def application(w, **more):
    return w.admin("CreateApplication", ApplicationProviderArn=CUSTOM, Name=w.name("application"), **more)["ApplicationArn"]


def on(**more):
    """An application of its own, and these members."""
    return lambda w: {"ApplicationArn": application(w), **more}


def prepared(operation, keep=(), **member):
    """An application that `operation` has been called on, and those of its members that `keep` names."""
    def needs(w):
        arn = application(w)
        w.call("sso-admin", operation, ApplicationArn=arn, **member)
        return {"ApplicationArn": arn, **{name: member[name] for name in keep}}
    return needs


def asked(w):
    """An assignment that is not there yet."""
    return {"ApplicationArn": application(w), "PrincipalType": "USER", "PrincipalId": w.user()}


def assigned(w):
    it = asked(w)
    w.call("sso-admin", "CreateApplicationAssignment", **it)
    return it


def new(w, provider=CUSTOM):
    return {"InstanceArn": w.instance, "ApplicationProviderArn": provider, "Name": w.name("application")}


def many_tags(w):
    return {"Tags": [{"Key": f"{number:02}" + "é" * 126, "Value": "v" * 256} for number in range(75)]}


def unlike(w):
    """A name as long as it may be, and a token that no other call has."""
    return {**many_tags(w), "Name": w.name("a").ljust(100, "é"), "ClientToken": w.name("token").ljust(64, "~")}


def tagged(w):
    return {"InstanceArn": w.instance, "ResourceArn": application(w, Tags=[{"Key": "team", "Value": "x"}])}


def principal(w):
    made = w.once("assigned", lambda: assigned(w))
    return {"InstanceArn": w.instance, "PrincipalId": made["PrincipalId"], "PrincipalType": "USER"}


def variant_grant(kind, **grant):
    return lambda w: {"ApplicationArn": application(w), "GrantType": kind, "Grant": grant}


SCOPE = {"Scope": "wiki:page:read"}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ROWS = {
    "CreateApplication": Row(new, unlike, variants=(lambda w: new(w, SAML),)),
    "DescribeApplication": Row(on()),
    "ListApplications": Row(lambda w: {"InstanceArn": w.instance}, lambda w: {"Filter.ApplicationAccount": w.owner}, without=PAGE),
    "UpdateApplication": Row(on()),
    "DeleteApplication": Row(on()),
    "DescribeApplicationProvider": Row(lambda w: {"ApplicationProviderArn": CUSTOM}, lambda w: {"ApplicationProviderArn": SAML}),
    "ListApplicationProviders": Row(without=PAGE),
    "CreateApplicationAssignment": Row(asked),
    "DescribeApplicationAssignment": Row(assigned),
    "DeleteApplicationAssignment": Row(assigned),
    "ListApplicationAssignments": Row(prepared("PutApplicationAssignmentConfiguration", AssignmentRequired=True), without=PAGE),
    "ListApplicationAssignmentsForPrincipal": Row(principal, lambda w: {"Filter.ApplicationArn": w.once("assigned", lambda: assigned(w))["ApplicationArn"]}, without=PAGE),
    "PutApplicationAssignmentConfiguration": Row(on(AssignmentRequired=True)),
    "GetApplicationAssignmentConfiguration": Row(on()),
    "PutApplicationSessionConfiguration": Row(on(), lambda w: {"UserBackgroundSessionApplicationStatus": "DISABLED"}),
    "GetApplicationSessionConfiguration": Row(on()),
    "PutApplicationAccessScope": Row(on(**SCOPE), lambda w: {"AuthorizedTargets": [w.instance] * 10}),
    "GetApplicationAccessScope": Row(prepared("PutApplicationAccessScope", ["Scope"], **SCOPE)),
    "ListApplicationAccessScopes": Row(prepared("PutApplicationAccessScope", **SCOPE), without=PAGE),
    "DeleteApplicationAccessScope": Row(prepared("PutApplicationAccessScope", ["Scope"], **SCOPE)),
    "PutApplicationAuthenticationMethod": Row(on(**IAM, **{POLICY: ACTORS})),
    "GetApplicationAuthenticationMethod": Row(prepared("PutApplicationAuthenticationMethod", IAM, **IAM, AuthenticationMethod={"Iam": {"ActorPolicy": ACTORS}})),
    "ListApplicationAuthenticationMethods": Row(
        prepared("PutApplicationAuthenticationMethod", **IAM, AuthenticationMethod={"Iam": {"ActorPolicy": ACTORS}}), without=PAGE),
    "DeleteApplicationAuthenticationMethod": Row(
        prepared("PutApplicationAuthenticationMethod", IAM, **IAM, AuthenticationMethod={"Iam": {"ActorPolicy": ACTORS}})),
    "PutApplicationGrant": Row(
        on(**CODE), lambda w: {"Grant.AuthorizationCode.RedirectUris": [f"https://wiki.example.com/{number}" for number in range(10)]},
        variants=(variant_grant("refresh_token", RefreshToken={}), variant_grant(EXCHANGE, TokenExchange={}),
                  variant_grant("authorization_code", AuthorizationCode={}))),
    "GetApplicationGrant": Row(prepared("PutApplicationGrant", ["GrantType"], **REFRESH)),
    "ListApplicationGrants": Row(prepared("PutApplicationGrant", **REFRESH), without=PAGE),
    "DeleteApplicationGrant": Row(prepared("PutApplicationGrant", ["GrantType"], **REFRESH)),
}
