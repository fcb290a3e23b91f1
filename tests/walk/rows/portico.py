"""portico: what AWS's console does and no API of AWS's."""
from rows import Row

PAGE = {"NextToken": "pages.py follows tokens"}


def person(**more):
    return lambda w: {"IdentityStoreId": w.store, "UserId": w.user(), **{path: make(w) for path, make in more.items()}}


def store(**more):
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def password(w):
    return {"Password": f"{w.name('A long sentence')} {w.name()}"}


ROWS = {
    "EnableUser": Row(person()),
    "DisableUser": Row(person()),
    "UpdatePassword": Row(person(), password),
    "GetPasswordPolicy": Row(store()),
    "PutPasswordPolicy": Row(store(), lambda w: {"PasswordPolicy.MinimumLength": 8, "PasswordPolicy.RememberedPasswords": 3, "PasswordPolicy.RefuseBreached": True,
                                                 "PasswordPolicy.RequireCharacterClasses": True}),
    "ListSessions": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "BatchDeleteSession": Row(person(), lambda w: {"SessionIds": ["not-there"]}),
}
