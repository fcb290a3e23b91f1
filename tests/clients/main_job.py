"""The main job, played with the real AWS CLI against a server that is already running.

    main_job.py BINARY_OF_AWS MADE_JSON

A person signs in once and gets working credentials for exactly the accounts and roles that they were given; an administrator calls the
administration APIs with the role that the portal gave.
"""
import json
import pathlib
import sys
import tempfile
import types

import person
import server


def step(text):
    print(f"  ✓ {text}", flush=True)


def main():
    aws, made = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())
    with tempfile.TemporaryDirectory() as home:
        running = types.SimpleNamespace(base=made["endpoint"], made=made, home=pathlib.Path(home))
        pages = made["portalUrl"].removesuffix("/start")
        jane = server.Cli(running, aws)
        jane.login(person.Person(pages), "jane", server.PASSWORD)
        step("jane signed in on the page (aws sso login)")
        token = json.loads(next(path for path in (jane.home / ".aws/sso/cache").glob("*.json") if "accessToken" in path.read_text()).read_text())["accessToken"]
        accounts = jane.json("sso", "list-accounts", "--access-token", token, profile="login")["accountList"]
        names = sorted(account["accountName"] for account in accounts)
        assert names == ["payments-dev", "payments-prod"], names
        step(f"her accounts: {', '.join(names)}")
        prod = next(account["accountId"] for account in accounts if account["accountName"] == "payments-prod")
        roles = jane.json("sso", "list-account-roles", "--account-id", prod, "--access-token", token, profile="login")["roleList"]
        assert [role["roleName"] for role in roles] == ["PowerUser"], roles
        step("her role in payments-prod: PowerUser")
        jane.add_profile("prod", prod, "PowerUser")
        identity = jane.json("sts", "get-caller-identity", profile="prod")
        assert identity["Account"] == prod and "/AWSReservedSSO_PowerUser_" in identity["Arn"] and identity["Arn"].endswith("/jane"), identity
        step(f"aws sts get-caller-identity: {identity['Arn']}")
        jane.add_profile("lake", "444455556666", "ReadOnly")
        refused = jane.run("sts", "get-caller-identity", profile="lake", check=False)
        assert refused.returncode != 0 and "No access" in refused.stderr, refused.stderr
        step("a role that she was not given: ForbiddenException, No access")

        admin = server.Cli(running, aws)
        admin.login(person.Person(pages), made["administrator"]["userName"], made["administrator"]["password"], device=True)
        admin.add_profile("admin", made["managementAccountId"], "PorticoAdministrator")
        step("the administrator signed in with a device code")
        users = admin.json("identitystore", "list-users", "--identity-store-id", made["identityStoreId"], profile="admin")["Users"]
        assert {"jane", "sam"} <= {user["UserName"] for user in users}
        step(f"aws identitystore list-users: {len(users)} people")
        made_set = admin.json("sso-admin", "create-permission-set", "--instance-arn", made["instanceArn"], "--name", "Auditor", profile="admin")
        step(f"aws sso-admin create-permission-set: {made_set['PermissionSet']['PermissionSetArn']}")
        denied = jane.run("sso-admin", "list-permission-sets", "--instance-arn", made["instanceArn"], profile="prod", check=False)
        assert denied.returncode != 0 and "AccessDenied" in denied.stderr, denied.stderr
        step("jane may not administer: AccessDeniedException")
    print("The main job holds.")


main()
