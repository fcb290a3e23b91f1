"""sso, the portal: a person's token, and the accounts and roles that jane of `examples/acme.yaml` has."""
from rows import Row

PAGE = {"nextToken": "pages.py follows tokens"}
PROD = "222233334444"


def person(**more):
    return lambda w: {"accessToken": w.bearer(), **more}


ROWS = {
    "GetRoleCredentials": Row(person(roleName="PowerUser", accountId=PROD)),
    "ListAccountRoles": Row(person(accountId=PROD), without=PAGE),
    "ListAccounts": Row(person(), without=PAGE),
    "Logout": Row(lambda w: {"accessToken": w.token()["accessToken"]}),
}
