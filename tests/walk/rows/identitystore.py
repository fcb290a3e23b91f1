"""identitystore. `UserName`, `DisplayName`, `Name.GivenName`, `Name.FamilyName` and a group's `DisplayName` are required beyond the model (API reference)."""
from rows import Row

EXTENSIONS = {"aws:identitystore:enterprise": {"department": "Engines", "costCenter": "7"}}


def store(**more):
    """A row's needs: the identity store, and what `more` makes."""
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def at(path, make):
    return lambda w: {"IdentityStoreId": w.store, path: make(w)}


def person(w):
    name = w.name("person")
    return {"IdentityStoreId": w.store, "UserName": name, "DisplayName": name, "Name.GivenName": "a", "Name.FamilyName": "b"}


def wide_person(w):
    return {**person(w), "UserName": (w.name("é") + "漢" * 128)[:128], "Extensions": EXTENSIONS, "Emails.Value": f"{w.name()}@example.com", "Emails.Primary": True,
            "Photos": [{"Value": "p" * 1024, "Type": "photo", "Display": "d", "Primary": first} for first in (True, False, False)]}


def member(w):
    group, user = w.group(), w.user()
    w.membership(group, user)
    return {"IdentityStoreId": w.store, "GroupId": group, "MemberId.UserId": user}


def known_user(w):
    name = w.name("known")
    w.directory("CreateUser", UserName=name, DisplayName=name, Name={"GivenName": "a", "FamilyName": "b"}, Emails=[{"Value": f"{name}@example.com", "Primary": True}])
    return name


def known_group(w):
    name = w.name("known")
    w.directory("CreateGroup", DisplayName=name)
    return name


def alternate(path, make, suffix=""):
    return lambda w: {"IdentityStoreId": w.store, "AlternateIdentifier.UniqueAttribute.AttributePath": path, "AlternateIdentifier.UniqueAttribute.AttributeValue": make(w) + suffix}


def filtered(path, make):
    return lambda w: {"IdentityStoreId": w.store, "Filters": [{"AttributePath": path, "AttributeValue": make(w)}]}


def operations(path):
    return lambda w: [{"AttributePath": path, "AttributeValue": w.name("changed")}]


def many(path):
    return lambda w: {"Operations": [{"AttributePath": path, "AttributeValue": "x" * 1024}] * 100, "Revision": "1"}


PAGE = {"NextToken": "pages.py follows tokens"}
NETWORK = {"NetworkConfiguration": "network"}
ROWS = {
    "CreateUser": Row(person, wide_person),
    "DescribeUser": Row(store(UserId=lambda w: w.user()), lambda w: {"Extensions": list(EXTENSIONS)}),
    "ListUsers": Row(store(), lambda w: {"Extensions": list(EXTENSIONS), **filtered("UserName", known_user)(w)}, without=PAGE),
    "UpdateUser": Row(store(UserId=lambda w: w.user(), Operations=operations("displayName")), many("title")),
    "DeleteUser": Row(store(UserId=lambda w: w.user()), lambda w: {"Revision": "1"}),
    "GetUserId": Row(alternate("userName", known_user), variants=(alternate("emails.value", known_user, "@example.com"),)),
    "CreateGroup": Row(store(DisplayName=lambda w: w.name("group")), lambda w: {"DisplayName": (w.name("é") + "漢" * 1024)[:1024]}),
    "DescribeGroup": Row(store(GroupId=lambda w: w.group())),
    "ListGroups": Row(store(), filtered("DisplayName", known_group), without=PAGE),
    "UpdateGroup": Row(store(GroupId=lambda w: w.group(), Operations=operations("displayName")), many("description")),
    "DeleteGroup": Row(store(GroupId=lambda w: w.group()), lambda w: {"Revision": "1"}),
    "GetGroupId": Row(alternate("displayName", known_group)),
    "CreateGroupMembership": Row(lambda w: {"IdentityStoreId": w.store, "GroupId": w.group(), "MemberId.UserId": w.user()}),
    "DescribeGroupMembership": Row(store(MembershipId=lambda w: w.membership())),
    "DeleteGroupMembership": Row(store(MembershipId=lambda w: w.membership())),
    "GetGroupMembershipId": Row(member),
    "ListGroupMemberships": Row(store(GroupId=lambda w: w.group()), without=PAGE),
    "ListGroupMembershipsForMember": Row(at("MemberId.UserId", lambda w: w.user()), without=PAGE),
    "IsMemberInGroups": Row(
        lambda w: {"IdentityStoreId": w.store, "MemberId.UserId": w.user(), "GroupIds": [w.group()]},
        lambda w: {"GroupIds": [w.once("groups", w.group)] * 1 + [w.group() for _ in range(99)]}),
    "DescribeIdentityStore": Row(store()),
    "ListIdentityStores": Row(without=PAGE),
    "UpdateIdentityStore": Row(store(), refused=NETWORK),
}
