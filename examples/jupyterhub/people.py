#!/usr/bin/env python3
"""Tells JupyterHub who may use it, before they ever come: the common view of people and groups that Amazon's applications read.

    people.py     with the variables of `register.py`, boto3, and the key of a service user

Who is assigned is asked of sso-admin; who that is, and who is in a group, also by a group within it, of identitystore. Whoever is missing in the Hub is added, and whoever
may use it no more is deleted there, administrators of the Hub too. The key may list_application_assignments, describe_user and list_group_memberships, and nothing else.
"""
import json
import os
import urllib.request

import boto3


def assigned(application):
    """The user names of everybody who may use the application and is enabled."""
    admin, people = boto3.client("sso-admin"), boto3.client("identitystore")
    store = admin.describe_application(ApplicationArn=application)["IdentityStoreArn"].rpartition("/")[2]
    ids = set()
    for page in admin.get_paginator("list_application_assignments").paginate(ApplicationArn=application):
        for one in page["ApplicationAssignments"]:
            if one["PrincipalType"] == "USER":
                ids.add(one["PrincipalId"])
                continue
            for members in people.get_paginator("list_group_memberships").paginate(IdentityStoreId=store, GroupId=one["PrincipalId"]):
                ids.update(member["MemberId"]["UserId"] for member in members["GroupMemberships"])
    found = (people.describe_user(IdentityStoreId=store, UserId=user_id) for user_id in ids)
    return {user["UserName"].lower() for user in found if user.get("UserStatus", "ENABLED") == "ENABLED"}


def hub(method, path, body=None):
    """What the Hub's API answers."""
    asked = urllib.request.Request(os.environ["JUPYTERHUB_API_URL"] + path, json.dumps(body).encode() if body else None, method=method,
                                   headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def known():
    """The user names that the Hub has, a page at a time."""
    names, offset = set(), 0
    while page := hub("GET", f"/users?offset={offset}&limit=200"):
        names.update(user["name"] for user in page)
        offset += len(page)
    return names


def main():
    wanted, there = assigned(os.environ["HUB_APPLICATION"]), known()
    if missing := sorted(wanted - there):
        hub("POST", "/users", {"usernames": missing})
        print("added:", *missing)
    for name in sorted(there - wanted):
        hub("DELETE", f"/users/{name}")
        print("deleted:", name)


if __name__ == "__main__":
    main()
