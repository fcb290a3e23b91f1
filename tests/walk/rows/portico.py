"""portico: what AWS's console does and no API of AWS's."""
from rows import Row

PAGE = {"NextToken": "pages.py follows tokens"}


def person(**more):
    return lambda w: {"IdentityStoreId": w.store, "UserId": w.user(), **{path: make(w) for path, make in more.items()}}


def store(**more):
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def password(w):
    return {"Password": f"{w.name('A long sentence')} {w.name()}"}


DEVICE = {"DeviceId": "12121212-1212-4212-8212-121212121212"}
GONE = "ResourceNotFoundException"
ROWS = {
    "EnableUser": Row(person()),
    "DisableUser": Row(person()),
    "UpdatePassword": Row(person(), password),
    "GetPasswordPolicy": Row(store()),
    "PutPasswordPolicy": Row(store(), lambda w: {"PasswordPolicy.MinimumLength": 8, "PasswordPolicy.RememberedPasswords": 3, "PasswordPolicy.RefuseBreached": True,
                                                 "PasswordPolicy.RequireCharacterClasses": True}),
    "RequirePasswordChange": Row(lambda w: {"IdentityStoreId": w.store, "UserId": w.user_named("jane")}),
    "ListMfaDevicesForUser": Row(person()),
    # Devices are registered by people in browsers: tests/browser/factors.mjs.
    "UpdateMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE, "DeviceName": "Phone"}, ends=GONE),
    "DeleteMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE}, ends=GONE),
    "CreateMfaBypassForUser": Row(person()),
    "GetMfaDeviceManagementForDirectory": Row(store()),
    "PutMfaDeviceManagementForDirectory": Row(store(), lambda w: {"MfaDeviceManagement.WithoutDevice": "ALLOW", "MfaDeviceManagement.AllowedMfaTypes": ["WEBAUTHN", "TOTP"],
                                                                  "MfaDeviceManagement.PeopleManageDevices": True}),
    "GetSessionSettings": Row(store()),
    "PutSessionSettings": Row(store(), lambda w: {"SessionSettings.SessionMinutes": 480, "SessionSettings.AccessTokenMinutes": 480}),
    "ListSessions": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "BatchDeleteSession": Row(person(), lambda w: {"SessionIds": ["not-there"]}),
}
