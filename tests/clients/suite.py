"""The clients' suite: the official AWS CLI and boto3 against the real binary, on the database given.

    suite.py --portico BINARY --aws AWS_CLI [--database URL] [TEST …]

Each test tells in its name what must hold. The suite runs once on SQLite and once on PostgreSQL.
"""
import argparse
import base64
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import unittest.mock
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import apache_modules
import applications
import authorizing
import bootstraps
import bounded
import connected
import directories
import drifting
import integrated
import local_iam
import local_users
import mailing
import moving
import openid_applications
import organizations
import pasted
import propagation
import provider
import provisioning
import regions
import registered
import revoking
import server
import web_identity

ARGUMENTS = None
#: A picture of 16 by 16 pixels.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mM4IWfznxLMMGrAqAGjBgwXAwDrXiEfKeEgNQAAAABJRU5ErkJggg=="


def code_of(call, **arguments):
    """The error code that a boto3 call ends with; None when it succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def wait_for(check, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Case(unittest.TestCase):
    """One server for all tests of a class."""

    TLS = False

    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(ARGUMENTS.portico, database=fresh_database(), tls=cls.TLS)
        cls.server.extra += cls.settings(cls.server.home)
        cls.server.start()
        cls.made = cls.server.made

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    @classmethod
    def settings(cls, home):
        """Flags of the server beside the usual ones."""
        return []

    def instance(self):
        return self.made["instanceArn"]

    def store(self):
        return self.made["identityStoreId"]

    def user(self, name):
        found = self.server.client("identitystore").get_user_id(
            IdentityStoreId=self.store(),
            AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}})
        return found["UserId"]

    def permission_set(self, name):
        admin = self.server.client("sso-admin")
        for page in admin.get_paginator("list_permission_sets").paginate(InstanceArn=self.instance()):
            for arn in page["PermissionSets"]:
                described = admin.describe_permission_set(InstanceArn=self.instance(), PermissionSetArn=arn)
                if described["PermissionSet"]["Name"] == name:
                    return arn
        raise AssertionError(f"no permission set {name}")

    def settle(self, request, kind="creation"):
        admin = self.server.client("sso-admin")
        describe = getattr(admin, f"describe_account_assignment_{kind}_status")
        key = f"AccountAssignment{kind.capitalize()}RequestId"
        status = f"AccountAssignment{kind.capitalize()}Status"

        def ended():
            found = describe(InstanceArn=self.instance(), **{key: request})[status]
            return found if found["Status"] != "IN_PROGRESS" else None

        return wait_for(ended)

    def token(self, user_name="jane", password=server.PASSWORD, scopes=("sso:account:access",)):
        """An access token by device flow, without the CLI."""
        oidc = self.server.client("sso-oidc")
        registered = oidc.register_client(clientName="suite", clientType="public", scopes=list(scopes))
        keys = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
        started = oidc.start_device_authorization(**keys, startUrl=self.made["startUrl"])
        who = self.server.person()
        server.Cli.approve(who, started["verificationUriComplete"], user_name, password)
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        return {**oidc.create_token(**keys, grantType=grant, deviceCode=started["deviceCode"]), **keys}


class MainJob(Case):
    """A person signs in with the official CLI; ways to the start URL, both flows, refresh, logout."""

    def cli(self, **how):
        return server.Cli(self.server, ARGUMENTS.aws, **how)

    def test_pkce_login_and_credentials_for_exactly_the_roles_given(self):
        cli = self.cli()
        cli.login(self.server.person(), "jane", server.PASSWORD)
        cli.add_profile("prod", "222233334444", "PowerUser")
        identity = cli.json("sts", "get-caller-identity", profile="prod")
        self.assertEqual(identity["Account"], "222233334444")
        self.assertRegex(identity["Arn"], r":assumed-role/AWSReservedSSO_PowerUser_[0-9a-f]{16}/jane$")
        cli.add_profile("lake", "444455556666", "ReadOnly")
        refused = cli.run("sts", "get-caller-identity", profile="lake", check=False)
        self.assertIn("No access", refused.stderr)
        exported = cli.json("configure", "export-credentials", profile="prod")
        self.assertTrue(exported["AccessKeyId"].startswith("ASIA"))

    def slowed_down(self):
        """How often the trail says that a client was told to poll less often."""
        named = [{"AttributeKey": "EventName", "AttributeValue": "CreateToken"}]
        pages = self.server.client("cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=named)
        return sum("SlowDownException" in event["CloudTrailEvent"] for page in pages for event in page["Events"])

    def test_device_code_login(self):
        cli = self.cli()
        slowed = self.slowed_down()
        printed = cli.login(self.server.person(), "sam", "four clear winter mornings", device=True)
        # CLI 2.38 polls twice at once when it begins; told to slow down it would wait another 5 s, for good.
        self.assertEqual(self.slowed_down(), slowed, "the CLI was slowed down")
        self.assertRegex(printed, r"[A-Z0-9]{4}-[A-Z0-9]{4}")
        cli.add_profile("lake", "444455556666", "ReadOnly")
        self.assertEqual(cli.json("sts", "get-caller-identity", profile="lake")["Account"], "444455556666")

    def test_refresh_and_logout(self):
        cli = self.cli()
        cli.login(self.server.person(), "jane", server.PASSWORD)
        cli.add_profile("dev", "333344445555", "PowerUser")
        cache = next(path for path in (cli.home / ".aws/sso/cache").glob("*.json") if "refreshToken" in path.read_text())
        before = json.loads(cache.read_text())
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
        cache.write_text(json.dumps({**before, "expiresAt": soon.strftime("%Y-%m-%dT%H:%M:%SZ")}))
        cli.json("sts", "get-caller-identity", profile="dev")
        after = json.loads(cache.read_text())
        self.assertNotEqual(before["accessToken"], after["accessToken"], "the CLI refreshed its token")
        cli.run("sso", "logout", profile="login")
        portal = self.server.client("sso")
        self.assertEqual(code_of(portal.list_accounts, accessToken=after["accessToken"]), "UnauthorizedException")

    def test_the_head_redirect_leads_the_cli_to_an_aws_name(self):
        request = urllib.request.Request(self.server.base + "/start", method="HEAD", headers={"User-Agent": "Python-urllib/3.14"})

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        with self.assertRaises(urllib.error.HTTPError) as answer:
            urllib.request.build_opener(Stay).open(request)
        self.assertEqual(answer.exception.status, 302)
        self.assertRegex(answer.exception.headers["Location"], r"^https://ssoins-[0-9a-f]{16}\.portal\.us-east-1\.app\.aws/$")

    def test_keys_from_the_page_sign_calls(self):
        who = self.server.person().get(self.server.base + "/start")
        who.sign_in("jane", server.PASSWORD)
        who.get("/start/keys?account=222233334444&role=PowerUser")
        who.submit(who.form("account", "role"))
        lines = dict(line.removeprefix("export ").split("=", 1) for line in who.blocks()[0].splitlines())
        keys = {name.lower(): value.strip('"') for name, value in lines.items() if name in pasted.KEYS}
        identity = self.server.client("sts", **keys).get_caller_identity()
        self.assertEqual(identity["Account"], "222233334444")

    def test_an_administrator_takes_the_role_and_administers(self):
        cli = self.cli()
        admin = self.made["administrator"]
        cli.login(self.server.person(), admin["userName"], admin["password"])
        cli.add_profile("admin", self.made["managementAccountId"], "PorticoAdministrator")
        users = cli.json("identitystore", "list-users", "--identity-store-id", self.store(), profile="admin")["Users"]
        self.assertIn("jane", [user["UserName"] for user in users])
        made = cli.json("sso-admin", "create-permission-set", "--instance-arn", self.instance(), "--name", "FromCli", profile="admin")
        self.assertEqual(made["PermissionSet"]["SessionDuration"], "PT1H")
        roles = cli.json("iam", "list-roles", profile="admin")["Roles"]
        self.assertTrue(any(role["RoleName"].startswith("AWSReservedSSO_PorticoAdministrator_") for role in roles))
        self.assertEqual(len(cli.json("organizations", "list-accounts", profile="admin")["Accounts"]), 4)


class Pasted(pasted.Pasted, Case):
    """What the portal offers to paste works as it is."""

    def cli(self):
        return server.Cli(self.server, ARGUMENTS.aws)


class OverTls(Case):
    """The second way to a start URL: the server's own https address, which leads the CLI to an AWS name."""

    TLS = True

    def test_login_by_our_own_start_url_both_flows(self):
        for device in (False, True):
            cli = server.Cli(self.server, ARGUMENTS.aws, start_url=self.server.base + "/start")
            cli.login(self.server.person(), "jane", server.PASSWORD, device=device)
            cli.add_profile("prod", "222233334444", "PowerUser")
            self.assertEqual(cli.json("sts", "get-caller-identity", profile="prod")["Account"], "222233334444")

    def test_cookies_are_bound_to_https_and_the_host(self):
        who = self.server.person().get(self.server.base + "/start")
        who.sign_in("jane", server.PASSWORD)
        names = [cookie.name for handler in who.opener.handlers for cookie in getattr(handler, "cookiejar", ())]
        self.assertIn("__Host-portico", names)
        self.assertIn("max-age=", who.headers["Strict-Transport-Security"])


class Access(Case):
    """What is given and taken away counts at the very next call."""

    def credentials(self, token, account="222233334444", role="PowerUser"):
        return self.server.client("sso").get_role_credentials(accessToken=token, accountId=account, roleName=role)

    def test_an_assignment_given_and_taken_away(self):
        admin = self.server.client("sso-admin")
        token = self.token("sam", "four clear winter mornings")["accessToken"]
        portal = self.server.client("sso")
        ask = {"InstanceArn": self.instance(), "TargetId": "222233334444", "TargetType": "AWS_ACCOUNT",
               "PermissionSetArn": self.permission_set("PowerUser"), "PrincipalType": "USER", "PrincipalId": self.user("sam")}
        self.assertEqual(code_of(portal.get_role_credentials, accessToken=token, accountId="222233334444", roleName="PowerUser"), "ForbiddenException")
        created = admin.create_account_assignment(**ask)["AccountAssignmentCreationStatus"]
        self.assertEqual(created["Status"], "IN_PROGRESS")
        self.assertEqual(self.settle(created["RequestId"])["Status"], "SUCCEEDED")
        keys = self.credentials(token)["roleCredentials"]
        self.assertGreater(keys["expiration"], time.time() * 1000 + 3 * 3_600_000, "milliseconds, four hours")
        deleted = admin.delete_account_assignment(**ask)["AccountAssignmentDeletionStatus"]
        self.assertEqual(self.settle(deleted["RequestId"], "deletion")["Status"], "SUCCEEDED")
        self.assertEqual(code_of(portal.get_role_credentials, accessToken=token, accountId="222233334444", roleName="PowerUser"), "ForbiddenException")
        again = admin.delete_account_assignment(**ask)["AccountAssignmentDeletionStatus"]
        ended = self.settle(again["RequestId"], "deletion")
        self.assertEqual((ended["Status"], ended["FailureReason"]), ("FAILED", "Received a 404 status error: Assignment not found."))

    def test_group_membership_counts_at_once(self):
        directory = self.server.client("identitystore")
        made = directory.create_user(IdentityStoreId=self.store(), UserName="newcomer", DisplayName="New Comer", Name={"GivenName": "New", "FamilyName": "Comer"})
        group = directory.get_group_id(IdentityStoreId=self.store(), AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "auditors"}})
        listed = self.server.client("sso-admin").list_account_assignments_for_principal
        member = {"InstanceArn": self.instance(), "PrincipalType": "USER", "PrincipalId": made["UserId"]}
        self.assertEqual(listed(**member)["AccountAssignments"], [])
        directory.create_group_membership(IdentityStoreId=self.store(), GroupId=group["GroupId"], MemberId={"UserId": made["UserId"]})
        rows = listed(**member)["AccountAssignments"]
        self.assertEqual(len(rows), 3)
        self.assertTrue(all(row["PrincipalType"] == "GROUP" and row["PrincipalId"] == group["GroupId"] for row in rows))

    def test_attributes_of_people_decide_in_policies(self):
        """Attributes for access control: a policy asks for the department, which counts as it is when keys are asked for."""
        admin, directory = self.server.client("sso-admin"), self.server.client("identitystore")
        of, management = {"InstanceArn": self.instance()}, self.server.made["managementAccountId"]
        source = {"AccessControlAttributes": [{"Key": "Department", "Value": {"Source": ["${path:enterprise.department}"]}}]}
        self.assertEqual(code_of(admin.describe_instance_access_control_attribute_configuration, **of), "ResourceNotFoundException")
        admin.create_instance_access_control_attribute_configuration(**of, InstanceAccessControlAttributeConfiguration=source)
        told = admin.describe_instance_access_control_attribute_configuration(**of)
        self.assertEqual((told["Status"], told["InstanceAccessControlAttributeConfiguration"]), ("ENABLED", source))

        made = admin.create_permission_set(**of, Name="ByDepartment")["PermissionSet"]["PermissionSetArn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}, {
            "Effect": "Allow", "Action": "sso:ListInstances", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/Department": "engines"}}}]}
        admin.put_inline_policy_to_permission_set(**of, PermissionSetArn=made, InlinePolicy=json.dumps(policy))
        created = admin.create_account_assignment(**of, TargetId=management, TargetType="AWS_ACCOUNT", PermissionSetArn=made, PrincipalType="USER", PrincipalId=self.user("sam"))
        self.settle(created["AccountAssignmentCreationStatus"]["RequestId"])
        token = self.token("sam", "four clear winter mornings")["accessToken"]

        def session():
            keys = self.credentials(token, management, "ByDepartment")["roleCredentials"]
            return self.server.client("sso-admin", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"])

        def department(value):
            extension = {"aws:identitystore:enterprise": {"department": value}}
            directory.update_user(IdentityStoreId=self.store(), UserId=self.user("sam"), Operations=[
                {"AttributePath": "aws:identitystore:enterprise", "AttributeValue": extension["aws:identitystore:enterprise"]}])

        self.assertEqual(code_of(session().list_instances), "AccessDeniedException")
        department("engines")
        as_engineer = session()
        self.assertEqual(len(as_engineer.list_instances()["Instances"]), 1)
        department("sales")
        self.assertEqual(code_of(session().list_instances), "AccessDeniedException")
        self.assertEqual(len(as_engineer.list_instances()["Instances"]), 1, "a session keeps its tags")
        department("R&D")
        self.assertEqual(code_of(self.credentials, token=token, account=management, role="ByDepartment"), "InvalidRequestException")
        admin.delete_instance_access_control_attribute_configuration(**of)
        self.assertEqual(code_of(session().list_instances), "AccessDeniedException")
        self.assertEqual(code_of(admin.describe_instance_access_control_attribute_configuration, **of), "ResourceNotFoundException")

    def test_a_deleted_user_has_no_session_left(self):
        directory = self.server.client("identitystore")
        token = self.token()["accessToken"]
        keys = self.credentials(token)["roleCredentials"]
        directory.delete_user(IdentityStoreId=self.store(), UserId=self.user("jane"))
        portal = self.server.client("sso")
        self.assertIn(code_of(portal.list_accounts, accessToken=token), ("UnauthorizedException",))
        self.assertTrue(keys["accessKeyId"].startswith("ASIA"))

    def test_provisioning_follows_the_permission_set(self):
        admin = self.server.client("sso-admin")
        arn = self.permission_set("ReadOnly")
        where = {"InstanceArn": self.instance(), "PermissionSetArn": arn}
        admin.put_inline_policy_to_permission_set(**where, InlinePolicy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sso:*", "Resource": "*"}]}))
        stale = admin.list_accounts_for_provisioned_permission_set(**where, ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED")
        self.assertEqual(len(stale["AccountIds"]), 3)
        started = admin.provision_permission_set(**where, TargetType="ALL_PROVISIONED_ACCOUNTS")["PermissionSetProvisioningStatus"]
        wait_for(lambda: admin.describe_permission_set_provisioning_status(InstanceArn=self.instance(), ProvisionPermissionSetRequestId=started["RequestId"])["PermissionSetProvisioningStatus"]["Status"] == "SUCCEEDED")
        stale = admin.list_accounts_for_provisioned_permission_set(**where, ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED")
        self.assertEqual(stale["AccountIds"], [])
        self.assertEqual(code_of(admin.delete_permission_set, **where), "ConflictException")

    def test_a_new_account_is_reached_by_its_organization_role(self):
        organizations = self.server.client("organizations")
        started = organizations.create_account(Email="new@acme.example", AccountName="new")["CreateAccountStatus"]
        done = wait_for(lambda: (lambda found: found if found["State"] != "IN_PROGRESS" else None)(
            organizations.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]))
        self.assertEqual(done["State"], "SUCCEEDED")
        role = f"arn:aws:iam::{done['AccountId']}:role/OrganizationAccountAccessRole"
        keys = self.server.client("sts").assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
        there = self.server.client("iam", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
        self.assertEqual(there.get_role(RoleName="OrganizationAccountAccessRole")["Role"]["Arn"], role)
        twice = organizations.create_account(Email="NEW@acme.example", AccountName="twice")["CreateAccountStatus"]
        failed = wait_for(lambda: (lambda found: found if found["State"] != "IN_PROGRESS" else None)(
            organizations.describe_create_account_status(CreateAccountRequestId=twice["Id"])["CreateAccountStatus"]))
        self.assertEqual(failed["FailureReason"], "EMAIL_ALREADY_EXISTS")

    def test_terraforms_reads_and_tags_of_the_organization(self):
        """What the data sources and the account resource of Terraform's AWS provider call, in their order."""
        organizations = self.server.client("organizations")
        owner = organizations.describe_organization()["Organization"]["MasterAccountId"]
        root = organizations.list_roots()["Roots"][0]
        self.assertEqual(root["PolicyTypes"], [])
        services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        self.assertEqual([service["ServicePrincipal"] for service in services], ["sso.amazonaws.com"])
        self.assertEqual(organizations.list_delegated_administrators()["DelegatedAdministrators"], [])
        self.assertEqual([policy["Id"] for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]], ["p-FullAWSAccess"])
        for target in (owner, root["Id"]):
            self.assertEqual(organizations.list_policies_for_target(TargetId=target, Filter="SERVICE_CONTROL_POLICY")["Policies"], [])
        ids = lambda operation, **where: sorted(account["Id"] for page in organizations.get_paginator(operation).paginate(**where) for account in page["Accounts"])
        self.assertEqual(ids("list_accounts_for_parent", ParentId=root["Id"]), ids("list_accounts"))
        started = organizations.create_account(Email="tagged@acme.example", AccountName="tagged", Tags=[{"Key": "team", "Value": "core"}])["CreateAccountStatus"]
        done = wait_for(lambda: (lambda found: found if found["State"] != "IN_PROGRESS" else None)(
            organizations.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]))
        account = {"ResourceId": done["AccountId"]}
        self.assertEqual(organizations.list_tags_for_resource(**account)["Tags"], [{"Key": "team", "Value": "core"}])
        organizations.tag_resource(**account, Tags=[{"Key": "team", "Value": "web"}, {"Key": "cost", "Value": ""}])
        organizations.untag_resource(**account, TagKeys=["cost", "absent"])
        self.assertEqual(organizations.list_tags_for_resource(**account)["Tags"], [{"Key": "team", "Value": "web"}])
        self.assertEqual(code_of(organizations.list_tags_for_resource, ResourceId="999999999999"), "TargetNotFoundException")
        self.assertEqual(code_of(organizations.tag_resource, **account, Tags=[{"Key": "aws:team", "Value": ""}]), "InvalidInputException")
        # Its end, with and without close_on_deletion.
        self.assertEqual(code_of(organizations.remove_account_from_organization, AccountId=done["AccountId"]), "UnknownOperationException")
        organizations.close_account(AccountId=done["AccountId"])
        self.assertEqual(organizations.describe_account(AccountId=done["AccountId"])["Account"]["Status"], "SUSPENDED")
        self.assertEqual(code_of(organizations.close_account, AccountId=done["AccountId"]), "AccountAlreadyClosedException")

    def test_a_member_account_administers_for_the_organization_and_has_an_instance_of_its_own(self):
        """What Terraform's aws_organizations_delegated_administrator calls; then boto3 with a role of that account; then an instance of the account."""
        organizations, service = self.server.client("organizations"), "sso.amazonaws.com"
        started = organizations.create_account(Email="delegate@acme.example", AccountName="delegate")["CreateAccountStatus"]
        done = wait_for(lambda: (lambda found: found if found["State"] != "IN_PROGRESS" else None)(
            organizations.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]))
        account = done["AccountId"]
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        keys = self.server.client("sts").assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
        there = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"], "aws_session_token": keys["SessionToken"]}
        admin, identitystore = self.server.client("sso-admin", **there), self.server.client("identitystore", **there)
        whole = {"InstanceArn": self.instance()}

        self.assertEqual(code_of(admin.list_permission_sets, **whole), "AccessDeniedException")
        organizations.register_delegated_administrator(AccountId=account, ServicePrincipal=service)
        listed = organizations.list_delegated_administrators(ServicePrincipal=service)["DelegatedAdministrators"]
        self.assertEqual([row["Id"] for row in listed], [account])
        services = organizations.list_delegated_services_for_account(AccountId=account)["DelegatedServices"]
        self.assertEqual([row["ServicePrincipal"] for row in services], [service])
        made = admin.create_permission_set(**whole, Name="ByDelegate")["PermissionSet"]["PermissionSetArn"]
        admin.delete_permission_set(**whole, PermissionSetArn=made)
        self.assertEqual(code_of(admin.delete_instance, **whole), "AccessDeniedException")
        organizations.deregister_delegated_administrator(AccountId=account, ServicePrincipal=service)
        self.assertEqual(code_of(admin.list_permission_sets, **whole), "AccessDeniedException")

        own = {"InstanceArn": admin.create_instance(Name="ours", Tags=[{"Key": "team", "Value": "core"}])["InstanceArn"]}
        described = wait_for(lambda: (lambda found: found if found["Status"] == "ACTIVE" else None)(admin.describe_instance(**own)))
        self.assertEqual(described["OwnerAccountId"], account)
        self.assertEqual({row["InstanceArn"] for row in admin.list_instances()["Instances"]}, {own["InstanceArn"], self.instance()})
        self.assertEqual([row["InstanceArn"] for row in self.server.client("sso-admin").list_instances()["Instances"]], [self.instance()])
        where = {"IdentityStoreId": described["IdentityStoreId"]}
        person = identitystore.create_user(**where, UserName="mallory", DisplayName="Mallory", Name={"GivenName": "M", "FamilyName": "M"})["UserId"]
        wiki = admin.create_application(**own, ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", Name="wiki")["ApplicationArn"]
        admin.create_application_assignment(ApplicationArn=wiki, PrincipalType="USER", PrincipalId=person)
        self.assertEqual(code_of(admin.create_permission_set, **own, Name="None"), "ValidationException")
        portico = self.server.client("portico", **there)
        self.assertEqual(code_of(portico.create_invitation, **where, UserId=person), "ValidationException")
        tenant = portico.create_provisioning_tenant(**where)
        token = portico.create_bearer_token(**where, TenantId=tenant["TenantId"])["BearerToken"]["Token"]
        by_scim = urllib.request.Request(f"{tenant['ScimEndpoint']}/Users", headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(by_scim) as listed:
            self.assertEqual([row["userName"] for row in json.load(listed)["Resources"]], ["mallory"])
        root = self.server.client("identitystore")
        self.assertEqual(code_of(root.list_users, **where), "ResourceNotFoundException")
        admin.delete_instance(**own)
        self.assertEqual(code_of(identitystore.list_users, **where), "ResourceNotFoundException")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(by_scim)
        self.assertEqual(refused.exception.code, 401)
        wait_for(lambda: code_of(admin.describe_instance, **own) == "AccessDeniedException")
        self.assertEqual([row["InstanceArn"] for row in admin.list_instances()["Instances"]], [self.instance()])

    def test_organizational_units_as_terraform_and_people_use_them(self):
        """What aws_organizations_organizational_unit and the parent of aws_organizations_account call, in their order; then the AWS CLI."""
        organizations = self.server.client("organizations")
        root = organizations.list_roots()["Roots"][0]["Id"]
        make = lambda parent, name, **more: organizations.create_organizational_unit(ParentId=parent, Name=name, **more)["OrganizationalUnit"]
        workloads = make(root, "Workloads", Tags=[{"Key": "team", "Value": "core"}])
        live = make(workloads["Id"], "Production")
        read = organizations.describe_organizational_unit(OrganizationalUnitId=live["Id"])["OrganizationalUnit"]
        self.assertEqual(read, live)
        self.assertRegex(read["Arn"], rf"^arn:aws:organizations::\d{{12}}:ou/o-[a-z0-9]+/{live['Id']}$")
        self.assertTrue(read["Path"].endswith(f"/{root}/{workloads['Id']}/{live['Id']}/"), read)
        self.assertEqual(organizations.list_parents(ChildId=live["Id"])["Parents"], [{"Id": workloads["Id"], "Type": "ORGANIZATIONAL_UNIT"}])
        self.assertEqual(organizations.list_tags_for_resource(ResourceId=workloads["Id"])["Tags"], [{"Key": "team", "Value": "core"}])
        self.assertEqual(organizations.list_accounts_for_parent(ParentId=live["Id"])["Accounts"], [])
        organizations.move_account(AccountId="222233334444", SourceParentId=root, DestinationParentId=live["Id"])
        self.assertEqual(organizations.list_parents(ChildId="222233334444")["Parents"], [{"Id": live["Id"], "Type": "ORGANIZATIONAL_UNIT"}])
        account = organizations.describe_account(AccountId="222233334444")["Account"]
        self.assertTrue(account["Paths"][0].endswith(f"/{live['Id']}/222233334444/"), account)
        renamed = organizations.update_organizational_unit(OrganizationalUnitId=live["Id"], Name="Live")["OrganizationalUnit"]
        self.assertEqual((renamed["Name"], renamed["Id"]), ("Live", live["Id"]))
        full = code_of(organizations.delete_organizational_unit, OrganizationalUnitId=live["Id"])
        self.assertEqual(full, "OrganizationalUnitNotEmptyException")
        self.assertEqual(code_of(organizations.create_organizational_unit, ParentId=workloads["Id"], Name="Live"), "DuplicateOrganizationalUnitException")
        try:
            make(make(make(make(live["Id"], "3")["Id"], "4")["Id"], "5")["Id"], "6")
            self.fail("the sixth unit within one another was made")
        except organizations.exceptions.ConstraintViolationException as refused:
            self.assertEqual(refused.response["Reason"], "OU_DEPTH_LIMIT_EXCEEDED")
        cli, admin = server.Cli(self.server, ARGUMENTS.aws), self.made["administrator"]
        cli.login(self.server.person(), admin["userName"], admin["password"])
        cli.add_profile("admin", self.made["managementAccountId"], "PorticoAdministrator")
        listed = cli.json("organizations", "list-organizational-units-for-parent", "--parent-id", workloads["Id"], profile="admin")
        self.assertEqual([unit["Name"] for unit in listed["OrganizationalUnits"]], ["Live"])
        listed = cli.json("organizations", "list-children", "--parent-id", live["Id"], "--child-type", "ACCOUNT", profile="admin")
        self.assertEqual(listed["Children"], [{"Id": "222233334444", "Type": "ACCOUNT"}])
        cli.run("organizations", "move-account", "--account-id", "222233334444", "--source-parent-id", live["Id"], "--destination-parent-id", root, profile="admin")
        sandbox = cli.json("organizations", "create-organizational-unit", "--parent-id", root, "--name", "Sandbox", profile="admin")["OrganizationalUnit"]
        cli.run("organizations", "delete-organizational-unit", "--organizational-unit-id", sandbox["Id"], profile="admin")
        gone = code_of(organizations.describe_organizational_unit, OrganizationalUnitId=sandbox["Id"])
        self.assertEqual(gone, "OrganizationalUnitNotFoundException")
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": sandbox["Arn"]}])["Events"]
        self.assertEqual({event["EventName"] for event in events}, {"CreateOrganizationalUnit", "DeleteOrganizationalUnit"})


class Administration(local_iam.Iam, local_users.Users, Case):
    """sso-admin, identitystore and IAM through boto3: shapes, errors, pages, bad input."""

    @staticmethod
    def aws_cli():
        return ARGUMENTS.aws

    def test_duplicates_and_unknowns_have_awss_names(self):
        admin = self.server.client("sso-admin")
        where = {"InstanceArn": self.instance()}
        admin.create_permission_set(**where, Name="Twice")
        with self.assertRaises(ClientError) as refused:
            admin.create_permission_set(**where, Name="Twice")
        self.assertEqual(refused.exception.response["Error"]["Code"], "ConflictException")
        self.assertEqual(refused.exception.response["Error"]["Message"], "PermissionSet with name Twice already exists.")
        missing = self.instance().replace(":instance/", ":permissionSet/") + "/ps-0000000000000000"
        self.assertEqual(code_of(admin.describe_permission_set, **where, PermissionSetArn=missing), "ResourceNotFoundException")
        foreign = "arn:aws:sso:::instance/ssoins-0000000000000000"
        self.assertEqual(code_of(admin.list_permission_sets, InstanceArn=foreign), "AccessDeniedException")
        def ask_for_another(request, **_):
            del request.headers["X-Amz-Target"]
            request.headers["X-Amz-Target"] = "SWBExternalService.ListNothing"

        strange = self.server.client("sso-admin")
        strange.meta.events.register("before-sign.sso-admin.ListInstances", ask_for_another)
        self.assertEqual(code_of(strange.list_instances), "UnknownOperationException")

    def test_limits_are_named(self):
        admin = self.server.client("sso-admin")
        with self.assertRaises(ClientError) as refused:
            admin.create_permission_set(InstanceArn=self.instance(), Name="x" * 33, SessionDuration="")
        error = refused.exception.response["Error"]
        self.assertEqual(error["Code"], "ValidationException")
        self.assertIn("Member must have length less than or equal to 32", error["Message"])
        self.assertIn("validation errors detected", error["Message"])
        self.assertEqual(code_of(admin.create_permission_set, InstanceArn=self.instance(), Name="Long", SessionDuration="PT13H"), "ValidationException")
        self.assertEqual(code_of(admin.put_inline_policy_to_permission_set, InstanceArn=self.instance(), PermissionSetArn=self.permission_set("PowerUser"), InlinePolicy="{}"), "ValidationException")

    def test_lists_page_to_the_end(self):
        directory = self.server.client("identitystore")
        for number in range(25):
            directory.create_group(IdentityStoreId=self.store(), DisplayName=f"page-{number}")
        names, pages = [], 0
        for page in directory.get_paginator("list_groups").paginate(IdentityStoreId=self.store(), PaginationConfig={"PageSize": 10}):
            pages += 1
            names += [group["DisplayName"] for group in page["Groups"]]
        self.assertGreaterEqual(pages, 3)
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({f"page-{number}" for number in range(25)}, set(names))

    def test_identity_store_errors_say_what_and_why(self):
        directory = self.server.client("identitystore")
        with self.assertRaises(ClientError) as refused:
            directory.create_user(IdentityStoreId=self.store(), UserName="JANE", DisplayName="x", Name={"GivenName": "x", "FamilyName": "x"})
        self.assertEqual(refused.exception.response["Error"]["Code"], "ConflictException")
        self.assertEqual(refused.exception.response["Reason"], "UNIQUENESS_CONSTRAINT_VIOLATION")
        with self.assertRaises(ClientError) as refused:
            directory.describe_user(IdentityStoreId=self.store(), UserId="00000000-0000-0000-0000-000000000000")
        self.assertEqual(refused.exception.response["ResourceType"], "USER")

    def test_tags_and_the_boundary(self):
        admin = self.server.client("sso-admin")
        where = {"InstanceArn": self.instance()}
        made = admin.create_permission_set(**where, Name="Tagged", Tags=[{"Key": "team", "Value": "red"}])["PermissionSet"]["PermissionSetArn"]
        admin.tag_resource(**where, ResourceArn=made, Tags=[{"Key": "cost", "Value": "1"}])
        admin.untag_resource(**where, ResourceArn=made, TagKeys=["team"])
        self.assertEqual(admin.list_tags_for_resource(**where, ResourceArn=made)["Tags"], [{"Key": "cost", "Value": "1"}])
        target = {**where, "PermissionSetArn": made}
        self.assertEqual(code_of(admin.get_permissions_boundary_for_permission_set, **target), "ResourceNotFoundException")
        admin.put_permissions_boundary_to_permission_set(**target, PermissionsBoundary={"ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
        self.assertEqual(admin.get_permissions_boundary_for_permission_set(**target)["PermissionsBoundary"]["ManagedPolicyArn"], "arn:aws:iam::aws:policy/ReadOnlyAccess")
        self.assertEqual(admin.get_inline_policy_for_permission_set(**target)["InlinePolicy"], "")
        admin.delete_permission_set(**target)


class Callers(Case):
    """Signatures, policies, and what a wrong one is told."""

    def test_wrong_keys_regions_and_services_are_refused(self):
        wrong = {**self.server.keys(), "aws_secret_access_key": "x" * 40}
        self.assertEqual(code_of(self.server.client("sso-admin", **wrong).list_instances), "InvalidSignatureException")
        unknown = {**self.server.keys(), "aws_access_key_id": "AKIAAAAAAAAAAAAAAAAA"}
        self.assertEqual(code_of(self.server.client("sso-admin", **unknown).list_instances), "UnrecognizedClientException")
        elsewhere = boto3.client("sso-admin", endpoint_url=self.server.base, region_name="eu-west-1", **self.server.keys())
        self.assertEqual(code_of(elsewhere.list_instances), "InvalidSignatureException")
        self.assertEqual(code_of(self.server.client("sts", **wrong).get_caller_identity), "SignatureDoesNotMatch")

    def test_a_presigned_identity_is_one_answer_to_every_verifier(self):
        """`aws eks get-token`, boto3's presigned URLs and curl: a GET of the root, in XML or JSON, and a status that can be believed."""
        owner = self.made["managementAccountId"]
        identity = {"Account": owner, "Arn": f"arn:aws:iam::{owner}:root", "UserId": owner}

        def asked(url, method="GET", **headers):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers)) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()
        sts = boto3.client("sts", endpoint_url=self.server.base, region_name="us-east-1", **self.server.keys())
        for method in ("GET", "POST"):
            url = sts.generate_presigned_url("get_caller_identity", HttpMethod=method)
            status, body = asked(url, method, accept="application/json")
            self.assertEqual((status, json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]), (200, identity))
            self.assertIn(f"<Arn>{identity['Arn']}</Arn>", asked(url, method)[1].decode())
            status, body = asked(url.replace("Signature=", "Signature=0"), method, accept="application/json")
            self.assertEqual((status, json.loads(body)["Error"]["Code"]), (403, "SignatureDoesNotMatch"))
            status, body = asked(url.replace("/?", "/start?"), method, accept="text/html")
            self.assertEqual(status, 400, body)
        cli = server.Cli(self.server, ARGUMENTS.aws)
        keys = {"AWS_ACCESS_KEY_ID": self.made["accessKeyId"], "AWS_SECRET_ACCESS_KEY": self.made["secretAccessKey"], "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_STS": self.server.base}
        token = cli.json("eks", "get-token", "--cluster-name", "blue", env=keys)["status"]["token"].removeprefix("k8s-aws-v1.")
        url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        status, body = asked(url, accept="application/json", **{"x-k8s-aws-id": "blue"})
        self.assertEqual((status, json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]), (200, identity))
        self.assertEqual(asked(url, **{"x-k8s-aws-id": "green"})[0], 403)
        user = f"{self.made['accessKeyId']}:{self.made['secretAccessKey']}"
        for secret, code in ((user, "200"), (user + "x", "403")):
            done = subprocess.run(["curl", "-s", "-w", "%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:sts", "--user", secret, f"{self.server.base}/?Action=GetCallerIdentity&Version=2011-06-15"], stdout=subprocess.PIPE, text=True, check=True)
            self.assertEqual(done.stdout[-3:], code, done.stdout)

    def test_policies_decide_what_a_role_may_do(self):
        admin = self.server.client("sso-admin")
        where = {"InstanceArn": self.instance()}
        arn = admin.create_permission_set(**where, Name="Limited")["PermissionSet"]["PermissionSetArn"]
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["sso:List*", "sso:Describe*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "sso:DescribePermissionSet", "Resource": self.permission_set("PowerUser")}]}
        admin.put_inline_policy_to_permission_set(**where, PermissionSetArn=arn, InlinePolicy=json.dumps(policy))
        ask = {**where, "TargetId": self.made["managementAccountId"], "TargetType": "AWS_ACCOUNT", "PermissionSetArn": arn, "PrincipalType": "USER", "PrincipalId": self.user("jane")}
        self.assertEqual(self.settle(admin.create_account_assignment(**ask)["AccountAssignmentCreationStatus"]["RequestId"])["Status"], "SUCCEEDED")
        token = self.token()["accessToken"]
        keys = self.server.client("sso").get_role_credentials(accessToken=token, accountId=self.made["managementAccountId"], roleName="Limited")["roleCredentials"]
        limited = self.server.client("sso-admin", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"])
        self.assertIsNone(code_of(limited.list_permission_sets, **where))
        self.assertIsNone(code_of(limited.describe_permission_set, **where, PermissionSetArn=arn))
        self.assertEqual(code_of(limited.describe_permission_set, **where, PermissionSetArn=self.permission_set("PowerUser")), "AccessDeniedException")
        self.assertEqual(code_of(limited.create_permission_set, **where, Name="Nope"), "AccessDeniedException")
        # SimulateAccess tells the same beforehand, and which statement decides.
        told = self.server.client("portico").simulate_access(
            **where, UserId=self.user("jane"), AccountId=self.made["managementAccountId"], PermissionSetArn=arn,
            ActionNames=["sso:DescribePermissionSet", "sso:CreatePermissionSet"], ResourceArns=[arn, self.permission_set("PowerUser")])
        self.assertEqual((told["HasAccess"], [by["PrincipalType"] for by in told["GrantedBy"]]), (True, ["USER"]))
        decided = [(each["EvalDecision"], [one["StatementId"] for one in each["MatchedStatements"]]) for each in told["EvaluationResults"]]
        self.assertEqual(decided, [("allowed", ["1"]), ("explicitDeny", ["2"]), ("implicitDeny", []), ("implicitDeny", [])])

    def test_a_member_account_may_not_administer_but_may_read_the_directory(self):
        token = self.token("jane")["accessToken"]
        keys = self.server.client("sso").get_role_credentials(accessToken=token, accountId="222233334444", roleName="PowerUser")["roleCredentials"]
        member = {"aws_access_key_id": keys["accessKeyId"], "aws_secret_access_key": keys["secretAccessKey"], "aws_session_token": keys["sessionToken"]}
        self.assertEqual(code_of(self.server.client("sso-admin", **member).list_permission_sets, InstanceArn=self.instance()), "AccessDeniedException")
        self.assertIsNone(code_of(self.server.client("identitystore", **member).list_users, IdentityStoreId=self.store()))
        self.assertEqual(code_of(self.server.client("identitystore", **member).delete_user, IdentityStoreId=self.store(), UserId=self.user("sam")), "AccessDeniedException")


class Tokens(Case):
    """OAuth through boto3: what a client may not do."""

    def test_a_used_device_code_and_a_stolen_client(self):
        oidc = self.server.client("sso-oidc")
        registered = oidc.register_client(clientName="suite", clientType="public", scopes=["sso:account:access"])
        keys = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
        started = oidc.start_device_authorization(**keys, startUrl=self.made["startUrl"])
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        ask = {**keys, "grantType": grant, "deviceCode": started["deviceCode"]}
        self.assertEqual(started["interval"], 1)
        for _ in range(2):
            self.assertEqual(code_of(oidc.create_token, **ask), "AuthorizationPendingException")
        self.assertEqual(code_of(oidc.create_token, **ask), "SlowDownException")
        self.assertEqual(code_of(oidc.create_token, **{**ask, "clientSecret": "wrong"}), "InvalidClientException")
        self.assertEqual(code_of(oidc.start_device_authorization, **keys, startUrl="https://d-0000000000.awsapps.com/start"), "InvalidRequestException")
        server.Cli.approve(self.server.person(), started["verificationUriComplete"], "jane", server.PASSWORD)
        time.sleep(6)
        self.assertIn("accessToken", oidc.create_token(**ask))
        self.assertIn(code_of(oidc.create_token, **ask), ("InvalidGrantException", "ExpiredTokenException"))

    def test_a_program_is_let_in_without_a_question_once_its_person_said_so(self):
        cli, jane = server.Cli(self.server, ARGUMENTS.aws), self.server.person()
        asked = []
        decide = jane.decide
        jane.decide = lambda *arguments: (asked.append(arguments), decide(*arguments))
        cli.login(jane, "jane", server.PASSWORD, remember=True)
        cli.login(jane, "jane", server.PASSWORD)
        self.assertEqual(len(asked), 1, "the second sign-in showed no page")
        jane.get(self.server.pages + "/security")
        self.assertIn("Programs that are let in without asking you", jane.text)
        jane.submit(jane.form("program"))
        self.assertNotIn("Programs that are let in without asking you", jane.text)
        cli.login(jane, "jane", server.PASSWORD)
        self.assertEqual(len(asked), 2)
        # A device code is asked about each time.
        cli.login(jane, "jane", server.PASSWORD, device=True, remember=True)
        cli.login(jane, "jane", server.PASSWORD, device=True)
        self.assertEqual(len(asked), 4)

    def test_programs_that_refresh_in_the_same_second_all_go_on(self):
        """Four processes with one token cache, in the last minutes of an access token: one gets new tokens, the others go on with what they have."""
        cli = server.Cli(self.server, ARGUMENTS.aws)
        cli.login(self.server.person(), "jane", server.PASSWORD)
        cli.add_profile("dev", "333344445555", "PowerUser")
        cache = next(path for path in (cli.home / ".aws/sso/cache").glob("*.json") if "refreshToken" in path.read_text())
        program = "import boto3, logging, sys; logging.basicConfig(); sts = boto3.Session(profile_name='dev').client('sts'); print('ready', flush=True); sys.stdin.readline(); print(sts.get_caller_identity()['Account'])"
        met = False
        for turn in range(12):
            soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
            before = json.loads(cache.read_text())
            cache.write_text(json.dumps({**before, "expiresAt": soon.strftime("%Y-%m-%dT%H:%M:%SZ")}))
            shutil.rmtree(cli.home / ".aws/cli/cache", ignore_errors=True)
            running = [subprocess.Popen([sys.executable, "-c", program], env=cli.env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
            self.assertEqual([process.stdout.readline().strip() for process in running], ["ready"] * 4)
            for process in running:
                process.stdin.write("go\n")
                process.stdin.flush()
            said = [process.communicate(timeout=60) for process in running]
            self.assertEqual([out.strip() for out, _ in said], ["333344445555"] * 4, f"turn {turn}: {said}")
            after = json.loads(cache.read_text())
            self.assertNotEqual(before["refreshToken"], after["refreshToken"], "they did refresh")
            # botocore warns of a refresh that was refused, and goes on. How close four processes come is the machine's affair.
            met = met or any("InvalidGrantException" in err for _, err in said)
            if met and turn >= 2:
                break
        self.assertTrue(met, "they met")

    def test_a_refresh_token_used_twice_ends_the_family(self):
        oidc = self.server.client("sso-oidc")
        issued = self.token()
        keys = {key: issued[key] for key in ("clientId", "clientSecret")}
        renewed = oidc.create_token(**keys, grantType="refresh_token", refreshToken=issued["refreshToken"])
        time.sleep(11)
        self.assertEqual(code_of(oidc.create_token, **keys, grantType="refresh_token", refreshToken=issued["refreshToken"]), "InvalidGrantException")
        portal = self.server.client("sso")
        self.assertEqual(code_of(portal.list_accounts, accessToken=renewed["accessToken"]), "UnauthorizedException")

    def test_a_foreign_redirect_uri_is_shown_and_never_followed(self):
        oidc = self.server.client("sso-oidc")
        registered = oidc.register_client(clientName="suite", clientType="public", scopes=["sso:account:access"], grantTypes=["authorization_code"],
                                          redirectUris=["http://127.0.0.1/oauth/callback"], issuerUrl=self.made["startUrl"])
        who = self.server.person()
        who.get(f"{self.server.base}/authorize?response_type=code&client_id={registered['clientId']}&redirect_uri=https%3A%2F%2Fevil.example%2F&code_challenge_method=S256&code_challenge={'a' * 43}&state=x&scopes=sso%3Aaccount%3Aaccess")
        self.assertEqual(who.status, 400)
        self.assertTrue(who.url.startswith(self.server.pages))


class Login(Case):
    """`aws login` (AWS CLI 2.32 and later) in a home that holds nothing: one variable says where, the page asks for the role."""

    def cli(self):
        cli = server.Cli(self.server, ARGUMENTS.aws)
        shutil.rmtree(cli.home / ".aws")
        return cli

    def env(self, cli, **more):
        return {**cli.bare(), "AWS_ENDPOINT_URL": self.server.base, "AWS_REGION": "us-east-1", **more}

    def aws(self, cli, *arguments, **more):
        return subprocess.run([cli.aws, *arguments], env=self.env(cli, **more), capture_output=True, text=True, timeout=120)

    def arn(self, cli, **more):
        done = self.aws(cli, "sts", "get-caller-identity", "--query", "Arn", "--output", "text", **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def cache(self, cli):
        [path] = (cli.home / ".aws/login/cache").glob("*.json")
        return path

    def nearly_over(self, cli):
        """The credentials in the cache end in four minutes: below five the CLI renews them."""
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=4)
        path = self.cache(cli)
        token = json.loads(path.read_text())
        token["accessToken"]["expiresAt"] = soon.strftime("%Y-%m-%dT%H:%M:%SZ")
        path.write_text(json.dumps(token))
        return token

    def sign_out_everybody(self, name="jane"):
        self.server.client("portico").batch_delete_session(IdentityStoreId=self.store(), UserId=self.user(name))

    def test_with_one_variable_a_person_signs_in_chooses_a_role_and_works(self):
        cli = self.cli()
        said = cli.aws_login(self.server.person(), "jane", server.PASSWORD, role="222233334444/PowerUser")
        self.assertRegex(said, r"Updated profile default to use arn:aws:sts::222233334444:assumed-role/AWSReservedSSO_PowerUser_[0-9a-f]+/jane credentials")
        self.assertRegex(self.arn(cli), r"^arn:aws:sts::222233334444:assumed-role/AWSReservedSSO_PowerUser_[0-9a-f]+/jane$")
        token = json.loads(self.cache(cli).read_text())
        self.assertEqual((token["tokenType"], token["accessToken"]["accountId"]), ("aws_sigv4", "222233334444"))
        ends = datetime.datetime.strptime(token["accessToken"]["expiresAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
        self.assertLessEqual(ends - datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(minutes=15))
        out = self.aws(cli, "logout")
        self.assertIn("Removed cached login credentials for profile 'default'", out.stdout)
        after = self.aws(cli, "sts", "get-caller-identity")
        self.assertIn("Please reauthenticate with 'aws login'", after.stderr)

    def test_aws_endpoint_url_signin_alone_moves_the_sign_in(self):
        cli = self.cli()
        env = {**cli.bare(), "AWS_ENDPOINT_URL_SIGNIN": self.server.base}
        cli.aws_login(self.server.person(), "jane", server.PASSWORD, env=env, arguments=["--region", "us-east-1"])
        self.nearly_over(cli)
        exported = subprocess.run([cli.aws, "configure", "export-credentials", "--region", "us-east-1"], env=env, capture_output=True, text=True, timeout=120)
        self.assertEqual(exported.returncode, 0, exported.stderr)
        keys = json.loads(exported.stdout)
        sts = self.server.client("sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
        self.assertTrue(sts.get_caller_identity()["Arn"].endswith("/jane"), "renewed by the same variable")

    def test_a_profile_that_says_where_needs_no_variable(self):
        cli = self.cli()
        for name, value in [("region", "us-east-1"), ("endpoint_url", self.server.base)]:
            subprocess.run([cli.aws, "configure", "set", "--profile", "dev", name, value], env=cli.bare(), check=True)
        cli.aws_login(self.server.person(), "jane", server.PASSWORD, env=cli.bare(), arguments=["--profile", "dev"], role="333344445555/PowerUser")
        self.nearly_over(cli)
        done = subprocess.run([cli.aws, "sts", "get-caller-identity", "--profile", "dev"], env=cli.bare(), capture_output=True, text=True, timeout=120)
        self.assertIn('"Account": "333344445555"', done.stdout, done.stderr)

    def test_a_code_is_carried_to_a_machine_without_a_browser(self):
        cli = self.cli()
        cli.aws_login(self.server.person(), "jane", server.PASSWORD, role="333344445555/PowerUser", remote=True)
        self.assertIn("arn:aws:sts::333344445555:", self.arn(cli))
        self.nearly_over(cli)
        self.assertIn("arn:aws:sts::333344445555:", self.arn(cli))

    def test_credentials_renew_and_programs_beside_one_another_all_go_on(self):
        cli = self.cli()
        cli.aws_login(self.server.person(), "jane", server.PASSWORD)
        before = self.nearly_over(cli)
        self.arn(cli)
        after = json.loads(self.cache(cli).read_text())
        for name in ("refreshToken", "accessToken"):
            self.assertNotEqual(before[name], after[name], name)
        self.assertEqual(before["dpopKey"], after["dpopKey"])
        for _ in range(3):
            token = self.nearly_over(cli)
            homes = [pathlib.Path(shutil.copytree(cli.home, str(cli.home) + f"-{number}", dirs_exist_ok=True)) for number in range(4)]
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                # Each with its own file: the CLI writes one in place, without a lock, and that is its own affair.
                said = list(pool.map(lambda home: self.aws(cli, "sts", "get-caller-identity", HOME=str(home)), homes))
            self.assertEqual([done.returncode for done in said], [0] * 4, [done.stderr for done in said])
            written = {json.loads(next((home / ".aws/login/cache").glob("*.json")).read_text())["refreshToken"] for home in homes}
            self.assertEqual(len(written), 1, "whichever is written last is in force")
            self.assertNotIn(token["refreshToken"], written)
            shutil.rmtree(cli.home / ".aws")
            shutil.copytree(homes[0] / ".aws", cli.home / ".aws")

    def test_a_copied_file_used_later_ends_the_login_and_says_what_to_do(self):
        cli = self.cli()
        cli.aws_login(self.server.person(), "jane", server.PASSWORD)
        self.nearly_over(cli)
        stolen = shutil.copytree(cli.home, str(cli.home) + "-stolen")
        self.arn(cli)
        time.sleep(31)
        for home in (stolen, str(cli.home)):
            if home == str(cli.home):
                self.nearly_over(cli)
            done = self.aws(cli, "sts", "get-caller-identity", HOME=home)
            self.assertEqual(done.returncode, 255, done.stdout)
            self.assertIn("Your session has expired. Please reauthenticate using 'aws login'.", done.stderr)

    def test_what_is_taken_away_ends_the_shell_at_its_next_call(self):
        cli = self.cli()
        who = self.server.person()
        cli.aws_login(who, "jane", server.PASSWORD, role="222233334444/PowerUser")
        # Another role of hers stays as it is.
        set_arn, admin = self.permission_set("PowerUser"), self.server.client("sso-admin")
        given = dict(InstanceArn=self.instance(), TargetId="222233334444", TargetType="AWS_ACCOUNT", PermissionSetArn=set_arn)
        held = admin.list_account_assignments(InstanceArn=self.instance(), AccountId="222233334444", PermissionSetArn=set_arn)["AccountAssignments"]
        for one in held:
            request = admin.delete_account_assignment(**given, PrincipalType=one["PrincipalType"], PrincipalId=one["PrincipalId"])
            self.settle(request["AccountAssignmentDeletionStatus"]["RequestId"], "deletion")
        self.nearly_over(cli)
        done = self.aws(cli, "sts", "get-caller-identity")
        self.assertIn("Unable to create or refresh login credentials due to insufficient permissions", done.stderr)
        for one in held:
            request = admin.create_account_assignment(**given, PrincipalType=one["PrincipalType"], PrincipalId=one["PrincipalId"])
            self.settle(request["AccountAssignmentCreationStatus"]["RequestId"])
        self.assertIn("222233334444", self.arn(cli), "and works again when it is given back")
        # The very next call of the shell, with credentials that would be good for minutes.
        self.server.client("portico").disable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))
        done = self.aws(cli, "sts", "get-caller-identity")
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "ExpiredToken|InvalidClientTokenId")
        self.nearly_over(cli)
        done = self.aws(cli, "sts", "get-caller-identity")
        self.assertIn("Please reauthenticate using 'aws login'", done.stderr)
        self.server.client("portico").enable_user(IdentityStoreId=self.store(), UserId=self.user("jane"))

    def test_a_login_is_shown_with_its_session_and_ends_with_it(self):
        cli = self.cli()
        cli.aws_login(self.server.person(), "jane", server.PASSWORD, role="333344445555/PowerUser")
        portico = self.server.client("portico")
        sessions = portico.list_sessions(IdentityStoreId=self.store(), UserId=self.user("jane"))["Sessions"]
        shown = [client for session in sessions for client in session["Clients"] if client["ClientId"] == "arn:aws:signin:::devtools/same-device"]
        self.assertTrue(any("aws login" in client["ClientName"] and "333344445555/PowerUser" in client["ClientName"] for client in shown), sessions)
        self.sign_out_everybody()
        self.nearly_over(cli)
        done = self.aws(cli, "sts", "get-caller-identity")
        self.assertIn("Please reauthenticate using 'aws login'", done.stderr)

    def test_a_no_ends_the_command(self):
        cli = self.cli()
        env = {**self.env(cli), "PYTHONUNBUFFERED": "1", "BROWSER": "false"}
        process = subprocess.Popen([cli.aws, "login"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        url = next(word for line in process.stdout for word in line.split() if "/v1/authorize?" in word)
        who = self.server.person()
        who.get(url)
        who.sign_in("jane", server.PASSWORD)
        who.decide("deny")
        urllib.request.urlopen(who.url, timeout=10).read()
        said = process.communicate(timeout=30)[0]
        self.assertNotEqual(process.returncode, 0, said)
        self.assertFalse((cli.home / ".aws/login/cache").exists() and any((cli.home / ".aws/login/cache").iterdir()))

    def test_it_is_in_the_trail_with_the_person(self):
        cli = self.cli()
        cli.aws_login(self.server.person(), "jane", server.PASSWORD)
        trail = self.server.client("cloudtrail")

        def found(name):
            events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
            return [event for event in events if event.get("Username", "").lower() == "jane"]

        for name in ("AuthorizeOAuth2Access", "CreateOAuth2Token"):
            event = wait_for(lambda name=name: found(name))[0]
            record = json.loads(event["CloudTrailEvent"])
            self.assertEqual((event["EventSource"], record["eventType"]), ("signin.amazonaws.com", "AwsApiCall"))
            self.assertEqual(record["requestParameters"]["client_id"], "arn:aws:signin:::devtools/same-device")
            self.assertEqual(record["additionalEventData"]["success"], "true")
            token = json.loads(self.cache(cli).read_text())
            self.assertNotIn(token["refreshToken"], event["CloudTrailEvent"])


class Audit(Case):
    """aws cloudtrail lookup-events finds what happened."""

    def look(self, name):
        found = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])
        return [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]

    def test_changes_sign_ins_credentials_reads_and_refusals_are_recorded(self):
        directory = self.server.client("identitystore")
        directory.create_group(IdentityStoreId=self.store(), DisplayName="recorded")
        self.assertEqual(self.look("CreateGroup")[0]["eventSource"], "identitystore.amazonaws.com")
        token = self.token()["accessToken"]
        self.server.client("sso").get_role_credentials(accessToken=token, accountId="222233334444", roleName="PowerUser")
        issued = self.look("GetRoleCredentials")[0]
        self.assertEqual(issued["serviceEventDetails"], {"role_name": "PowerUser", "account_id": "222233334444"})
        self.assertEqual(issued["userIdentity"]["type"], "IdentityCenterUser")
        self.assertEqual(self.look("UserAuthentication")[0]["additionalEventData"]["CredentialType"], "PASSWORD")
        created = self.look("CreateToken")
        self.assertTrue(created and all(token not in json.dumps(record) for record in created))
        code_of(self.server.client("sso-admin").describe_permission_set, InstanceArn=self.instance(), PermissionSetArn=self.instance().replace(":instance/", ":permissionSet/") + "/ps-0000000000000000")
        refused = wait_for(lambda: self.look("DescribePermissionSet"))
        self.assertEqual(refused[0]["errorCode"], "ResourceNotFoundException")


class Endurance(Case):
    """What was acknowledged survives kill -9; bad input harms nobody."""

    def test_acknowledged_changes_survive_kill_minus_nine(self):
        directory = self.server.client("identitystore")
        acknowledged = []

        def create(number):
            try:
                made = directory.create_user(IdentityStoreId=self.store(), UserName=f"survivor-{number}", DisplayName="x", Name={"GivenName": "x", "FamilyName": "x"})
                acknowledged.append(made["UserId"])
            except Exception:
                pass

        token = self.token()["accessToken"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(create, number) for number in range(400)]
            while len(acknowledged) < 50 and not all(future.done() for future in futures):
                time.sleep(0.002)
            self.server.stop(signal.SIGKILL)
            concurrent.futures.wait(futures)
        self.server.start()
        self.assertTrue(50 <= len(acknowledged) < 400, f"{len(acknowledged)} of 400 were acknowledged before the kill")
        for user in acknowledged:
            directory.describe_user(IdentityStoreId=self.store(), UserId=user)
        self.assertIsNone(code_of(self.server.client("sso").list_accounts, accessToken=token), "a token outlives the server's death")

    def test_garbage_is_refused_and_the_server_lives(self):
        def send(body, **headers):
            request = urllib.request.Request(self.server.base + "/", data=body, headers=headers, method="POST")
            try:
                return urllib.request.urlopen(request, timeout=10).status
            except urllib.error.HTTPError as error:
                return error.status

        self.assertEqual(send(b"{", **{"X-Amz-Target": "AWSIdentityStore.ListUsers"}), 400)
        self.assertEqual(send(b"x" * 1_100_000, **{"X-Amz-Target": "AWSIdentityStore.ListUsers"}), 413)
        # Who still writes when it is too much hears so all the same.
        with socket.create_connection(("127.0.0.1", self.server.port), 10) as slow:
            slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSIdentityStore.ListUsers\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(10):
                slow.sendall(b"x" * 100_000)
                time.sleep(0.04)
            self.assertIn(b" 413 ", slow.recv(4096).split(b"\r\n")[0])
        self.assertEqual(send(b"{}", **{"X-Amz-Target": "AWSIdentityStore.Nonsense"}), 400)
        self.assertEqual(send(b"Action=Nonsense&Version=2011-06-15", **{"Content-Type": "application/x-www-form-urlencoded"}), 400)
        self.assertEqual(urllib.request.urlopen(self.server.base + "/healthz").status, 200)


class Operation(Case):
    """What an operator is told in the README: the ways to copy an instance, and several servers on one database."""

    def test_a_copy_made_while_it_runs_serves_everything(self):
        token = self.token()["accessToken"]
        made = self.server.client("identitystore").create_group(IdentityStoreId=self.store(), DisplayName="copied")
        copy = self.server.twin()
        self.addCleanup(copy.close)
        if self.server.database:
            copy.database = fresh_database()
            dump = subprocess.run(["pg_dump", self.server.database], check=True, stdout=subprocess.PIPE)
            subprocess.run(["psql", copy.database, "-q", "-v", "ON_ERROR_STOP=1"], input=dump.stdout, check=True, stdout=subprocess.DEVNULL)
        else:
            with contextlib.closing(sqlite3.connect(self.server.data / "portico.db")) as running, contextlib.closing(sqlite3.connect(copy.data / "portico.db")) as target:
                running.backup(target)
        self.server.client("identitystore").create_group(IdentityStoreId=self.store(), DisplayName="too late")
        copy.start()
        groups = copy.client("identitystore").list_groups(IdentityStoreId=self.store())["Groups"]
        self.assertIn(made["GroupId"], [group["GroupId"] for group in groups])
        self.assertNotIn("too late", [group["DisplayName"] for group in groups])
        self.assertIsNone(code_of(copy.client("sso").list_accounts, accessToken=token), "sessions are copied too")

    def test_a_copy_without_its_key_opens_nothing(self):
        copy = self.server.twin()
        self.addCleanup(copy.close)
        (copy.data / "portico.key").unlink()
        refused = subprocess.run([copy.binary, "serve", "--data-dir", copy.data], stderr=subprocess.PIPE, text=True, timeout=30)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("portico.key", refused.stderr)

    def test_several_servers_share_one_database(self):
        other = self.server.twin()
        self.addCleanup(other.close)
        if not self.server.database:
            # A SQLite file is one process's own, whichever directory names it.
            for arguments in (["--data-dir", self.server.data], ["--data-dir", other.data, "--database", f"sqlite://{self.server.data / 'portico.db'}"]):
                refused = subprocess.run([other.binary, "serve", "--listen", "127.0.0.1:9", *arguments], stderr=subprocess.PIPE, text=True, timeout=30)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn("at work", refused.stderr)
            return
        other.start()
        token = self.token()["accessToken"]
        self.assertIsNone(code_of(other.client("sso").list_accounts, accessToken=token), "a session of one is a session of all")
        arguments = {"InstanceArn": self.instance(), "TargetType": "AWS_ACCOUNT", "TargetId": "222233334444", "PrincipalType": "USER", "PrincipalId": self.user("jane")}
        sets = [self.server.client("sso-admin").create_permission_set(InstanceArn=self.instance(), Name=f"Shared{number}")["PermissionSet"]["PermissionSetArn"] for number in range(6)]
        asked = [(self.server, other)[number % 2].client("sso-admin").create_account_assignment(PermissionSetArn=arn, **arguments) for number, arn in enumerate(sets)]
        for request in asked:
            self.assertEqual(self.settle(request["AccountAssignmentCreationStatus"]["RequestId"])["Status"], "SUCCEEDED")
        roles = other.client("sso").list_account_roles(accessToken=token, accountId="222233334444")["roleList"]
        self.assertLessEqual({f"Shared{number}" for number in range(6)}, {role["roleName"] for role in roles})
        self.server.client("sso").logout(accessToken=token)
        self.assertEqual(code_of(other.client("sso").list_accounts, accessToken=token), "UnauthorizedException", "and ends on all at once")


class Portico(Case):
    """The service of our own, by a client that knows only its model."""

    def test_people_groups_and_accounts_are_found_by_what_somebody_types(self):
        portico = self.server.client("portico")
        names = lambda **ask: [user["UserName"] for user in portico.search_users(IdentityStoreId=self.store(), **ask)["Users"]]
        self.assertEqual(names(Query="JANE"), ["jane"])
        self.assertEqual(names(Query="okaf"), ["sam"])
        self.assertEqual(names(Query="sam@acme", UserStatus="DISABLED"), [])
        pages = portico.get_paginator("search_users").paginate(IdentityStoreId=self.store(), PaginationConfig={"PageSize": 1})
        listed = [user["UserName"] for page in pages for user in page["Users"]]
        self.assertEqual(listed, sorted(listed))
        groups = portico.search_groups(IdentityStoreId=self.store(), Query="Eng")["Groups"]
        self.assertEqual([group["DisplayName"] for group in groups], ["engineers"])
        found = portico.search_accounts(InstanceArn=self.instance(), Query="payments 2222-3333-4444")["Accounts"]
        self.assertEqual([account["AccountName"] for account in found], ["payments-prod"])

    def cli(self):
        cli = server.Cli(self.server, ARGUMENTS.aws)
        keys = self.server.keys()
        self.env = cli.env(AWS_ENDPOINT_URL=self.server.base, AWS_REGION="us-east-1", AWS_ACCESS_KEY_ID=keys["aws_access_key_id"],
                           AWS_SECRET_ACCESS_KEY=keys["aws_secret_access_key"])
        self.aws(cli, "configure", "add-model", "--service-model", f"file://{server.ROOT}/api/portico.json")
        return cli

    def aws(self, cli, *arguments):
        ran = subprocess.run([cli.aws, *arguments, "--output", "json"] if arguments[0] != "configure" else [cli.aws, *arguments], env=self.env, capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout) if ran.stdout.strip().startswith("{") else None

    def test_whoever_is_in_a_group_is_in_the_groups_that_it_is_within(self):
        directory, portico, at = self.server.client("identitystore"), self.server.client("portico"), {"IdentityStoreId": self.store()}
        admin, instance = self.server.client("sso-admin"), self.instance()
        nell = directory.create_user(**at, UserName="nell", DisplayName="Nell", Name={"GivenName": "Nell", "FamilyName": "Nest"})["UserId"]
        portico.update_password(**at, UserId=nell, Password="an entirely new sentence")
        inner, middle, outer = [directory.create_group(**at, DisplayName=f"nested-{level}-{time.time_ns()}")["GroupId"] for level in ("inner", "middle", "outer")]
        own = directory.create_group_membership(**at, GroupId=inner, MemberId={"UserId": nell})["MembershipId"]
        portico.add_member_group(**at, GroupId=outer, MemberGroupId=middle)
        self.aws(self.cli(), "portico", "add-member-group", "--identity-store-id", self.store(), "--group-id", middle, "--member-group-id", inner)
        made = admin.create_permission_set(InstanceArn=instance, Name=f"Nested{time.time_ns() % 1_000_000}")["PermissionSet"]
        asked = {"InstanceArn": instance, "TargetId": "222233334444", "TargetType": "AWS_ACCOUNT", "PermissionSetArn": made["PermissionSetArn"], "PrincipalType": "GROUP", "PrincipalId": outer}
        self.assertEqual(self.settle(admin.create_account_assignment(**asked)["AccountAssignmentCreationStatus"]["RequestId"])["Status"], "SUCCEEDED")

        # Who never heard of groups within groups is told of members and groups as if there were none.
        members = directory.list_group_memberships(**at, GroupId=outer)["GroupMemberships"]
        self.assertEqual([member["MemberId"] for member in members], [{"UserId": nell}])
        follows = members[0]["MembershipId"]
        self.assertEqual(directory.describe_group_membership(**at, MembershipId=follows)["GroupId"], outer)
        self.assertEqual(directory.get_group_membership_id(**at, GroupId=outer, MemberId={"UserId": nell})["MembershipId"], follows)
        groups = {row["GroupId"] for page in directory.get_paginator("list_group_memberships_for_member").paginate(**at, MemberId={"UserId": nell}, PaginationConfig={"PageSize": 1}) for row in page["GroupMemberships"]}
        self.assertLessEqual({inner, middle, outer}, groups)
        said = directory.is_member_in_groups(**at, MemberId={"UserId": nell}, GroupIds=[outer, middle, inner])["Results"]
        self.assertTrue(all(row["MembershipExists"] for row in said), said)
        with self.assertRaises(ClientError) as refused:
            directory.delete_group_membership(**at, MembershipId=follows)
        self.assertEqual(refused.exception.response["Error"]["Code"], "ConflictException")
        self.assertIn(own, refused.exception.response["Error"]["Message"])
        rows = [row for page in admin.get_paginator("list_account_assignments_for_principal").paginate(InstanceArn=instance, PrincipalType="USER", PrincipalId=nell) for row in page["AccountAssignments"]]
        self.assertIn(outer, [row["PrincipalId"] for row in rows])
        told = portico.list_groups_in_group(**at, GroupId=outer)["Groups"]
        self.assertEqual({group["GroupId"]: group["IsDirect"] for group in told}, {middle: True, inner: False})
        reach = portico.list_effective_access(InstanceArn=instance, GroupId=outer)["EffectiveAccess"]
        self.assertEqual([(row["UserId"], row["GrantedBy"]) for row in reach], [(nell, [{"PrincipalType": "GROUP", "PrincipalId": outer, "Via": [inner, middle]}])])

        # Credentials follow, and end with the next call once a group between them is taken out.
        portal, token = self.server.client("sso"), self.token("nell", "an entirely new sentence")["accessToken"]
        role = {"accessToken": token, "accountId": "222233334444", "roleName": made["Name"]}
        self.assertTrue(portal.get_role_credentials(**role)["roleCredentials"]["accessKeyId"].startswith("ASIA"))
        portico.remove_member_group(**at, GroupId=outer, MemberGroupId=middle)
        self.assertEqual(code_of(portal.get_role_credentials, **role), "ForbiddenException")
        self.assertEqual(directory.list_group_memberships(**at, GroupId=outer)["GroupMemberships"], [])
        for group in (inner, middle, outer):
            directory.delete_group(**at, GroupId=group)

    def test_the_aws_cli_serves_it_from_the_model_alone(self):
        cli, who = self.cli(), ["--identity-store-id", self.store(), "--user-id", self.user("jane")]
        made = self.aws(cli, "portico", "update-password", *who)
        self.assertRegex(made["OneTimePassword"], r"^[a-z2-9]{4}(-[a-z2-9]{4}){4}$")
        self.aws(cli, "portico", "update-password", *who, "--password", "an entirely new sentence")
        person = self.server.person()
        person.get(self.server.pages + "/start")
        person.sign_in("jane", "an entirely new sentence")
        listed = self.aws(cli, "portico", "list-sessions", *who)
        self.assertEqual([session["UserName"] for session in listed["Sessions"]], ["jane"])
        policy = self.aws(cli, "portico", "get-password-policy", "--identity-store-id", self.store())
        self.assertEqual(policy["PasswordPolicy"]["MinimumLength"], 8)

    def test_the_pages_show_whose_they_are_from_the_next_one_on(self):
        cli, portico, store = self.cli(), self.server.client("portico"), self.store()
        visitor, page = self.server.person(), self.server.pages + "/signin"
        self.assertIn("<h1>Sign in</h1>", visitor.get(page).body)
        asked = {"Name": "Acme", "AccentColor": "#a01040", "HelpText": "Call 4711", "Logo": LOGO}
        self.aws(cli, "portico", "put-portal-settings", "--identity-store-id", store, "--portal-settings", json.dumps(asked))
        self.assertEqual(self.aws(cli, "portico", "get-portal-settings", "--identity-store-id", store)["PortalSettings"], asked)
        self.assertIn("<h1>Sign in to Acme</h1>", visitor.get(page).body)
        self.assertIn("Call 4711", visitor.body)
        for refused, why in [({"AccentColor": "#ffcc00"}, r"AccentColor #ffcc00 has a contrast of 1\.34:1 with #edf2f5.*needs 4\.5:1"),
                             ({"Logo": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "Logo is SVG"), ({"HelpLink": "http://help.acme.example"}, "must begin with https:// or mailto:")]:
            with self.assertRaisesRegex(ClientError, f"ValidationException.*{why}"):
                portico.put_portal_settings(IdentityStoreId=store, PortalSettings=refused)
        portico.put_portal_settings(IdentityStoreId=store, PortalSettings={})
        self.assertEqual(portico.get_portal_settings(IdentityStoreId=store)["PortalSettings"], {})
        self.assertIn("<h1>Sign in</h1>", visitor.get(page).body)

    def test_nothing_of_a_disabled_person_works_from_the_next_request_on(self):
        portico, cli = self.server.client("portico"), server.Cli(self.server, ARGUMENTS.aws)
        cli.add_profile("jane", "222233334444", "PowerUser")
        who = {"IdentityStoreId": self.store(), "UserId": self.user("jane")}
        portico.update_password(**who, Password=server.PASSWORD + " again")
        cli.login(self.server.person(), "jane", server.PASSWORD + " again")
        exported = json.loads(cli.run("configure", "export-credentials", profile="jane").stdout)
        keys = {"aws_access_key_id": exported["AccessKeyId"], "aws_secret_access_key": exported["SecretAccessKey"], "aws_session_token": exported["SessionToken"]}
        sts = self.server.client("sts", **keys)
        sts.get_caller_identity()
        listed = portico.list_sessions(**who)["Sessions"]
        self.assertEqual([client["Scopes"] for session in listed for client in session["Clients"]], [["sso:account:access"]])
        portico.disable_user(**who)
        self.assertEqual(code_of(sts.get_caller_identity), "InvalidClientTokenId")
        self.assertEqual(portico.list_sessions(**who)["Sessions"], [])
        # Enabled again, what was issued before stays void.
        portico.enable_user(**who)
        self.assertEqual(code_of(sts.get_caller_identity), "ExpiredToken")

    def test_whom_guessers_keep_out_an_administrator_lets_in(self):
        cli, who = self.cli(), {"IdentityStoreId": self.store(), "UserId": self.user("sam")}
        visitor = self.server.person()
        for _ in range(8):
            visitor.get("/signin")
            visitor.sign_in("sam", "not the password")
        self.assertIn("Too many wrong attempts", visitor.text)
        self.aws(cli, "portico", "unlock-user", "--identity-store-id", who["IdentityStoreId"], "--user-id", who["UserId"])
        visitor.get("/start")
        visitor.sign_in("sam", "four clear winter mornings")
        self.assertTrue(visitor.url.endswith("/start"), visitor.text)

    def test_the_end_of_all_sessions_of_a_person_ends_their_role_credentials(self):
        portico, cli = self.server.client("portico"), server.Cli(self.server, ARGUMENTS.aws)
        cli.add_profile("jane", "222233334444", "PowerUser")
        who = {"IdentityStoreId": self.store(), "UserId": self.user("jane")}
        portico.update_password(**who, Password=server.PASSWORD + " once more")
        cli.login(self.server.person(), "jane", server.PASSWORD + " once more")
        exported = json.loads(cli.run("configure", "export-credentials", profile="jane").stdout)
        sts = self.server.client("sts", aws_access_key_id=exported["AccessKeyId"], aws_secret_access_key=exported["SecretAccessKey"],
                                 aws_session_token=exported["SessionToken"])
        sts.get_caller_identity()
        self.assertEqual(portico.batch_delete_session(**who)["Deleted"], 1)
        self.assertEqual(code_of(sts.get_caller_identity), "ExpiredToken")
        self.assertEqual(code_of(portico.batch_delete_session, IdentityStoreId=self.store()), "ValidationException")


class ExternalIdp(Case):
    """Identity providers by which people sign in, as an administrator connects them: by boto3 and the AWS CLI."""

    @classmethod
    def settings(cls, home):
        return [*provider.ALLOWED]

    def setUp(self):
        self.portico, self.provider = self.server.client("portico"), provider.Provider()
        self.addCleanup(self.provider.close)

    def connect(self, **more):
        """A provider's place, until the test ends."""
        made = self.portico.create_external_id_p_configuration_for_directory(IdentityStoreId=self.store(), **more)
        at = {"IdentityStoreId": self.store(), "ConfigurationId": made["ConfigurationId"]}
        self.addCleanup(self.portico.delete_external_id_p_configuration_for_directory, **at)
        return at

    def saml(self, *certificates):
        """One that speaks SAML, and where its metadata is."""
        url = self.provider.say("/metadata", provider.metadata("https://idp.acme.example", *certificates))
        return self.connect(Configuration={"Name": "Acme", "Saml": {"MetadataUrl": url}, "Domains": ["ACME.example"]})

    def test_a_saml_provider_is_told_of_us_and_tells_of_itself(self):
        at = self.saml()
        shown = self.portico.describe_external_id_p_configuration_for_directory(**at)
        self.assertEqual((shown["Status"], shown["Issuer"], shown["HasClientSecret"]), ("DISABLED", "https://idp.acme.example", False))
        self.assertEqual(shown["SamlMetadata"]["SingleSignOnServices"][0]["Location"], "https://idp.example/sso")
        self.assertEqual((shown["Configuration"]["Domains"], shown["Configuration"]["Subject"]), (["acme.example"], "USER_NAME"))
        # What is shown is what an update takes.
        shown["Configuration"]["Hidden"] = True
        self.portico.update_external_id_p_configuration_for_directory(**at, Configuration=shown["Configuration"])
        self.portico.enable_external_id_p_configuration_for_directory(**at)
        listed = self.portico.list_external_id_p_configurations_for_directory(IdentityStoreId=self.store())["Configurations"]
        self.assertEqual([(one["Name"], one["Protocol"], one["Status"]) for one in listed], [("Acme", "SAML", "ENABLED")])
        ours = self.portico.get_awssp_configuration_for_directory(**at)["Saml"]
        self.assertTrue(ours["EntityId"].endswith(f"/platform/saml/{self.store()}"))
        with urllib.request.urlopen(ours["MetadataUrl"], timeout=30) as answer:
            document = answer.read().decode()
        self.assertIn(ours["EntityId"], document)
        self.assertIn(ours["AcsUrl"], document)

    def test_a_provider_replaces_its_key_without_a_gap(self):
        old, new, brought = provider.CERTIFICATES
        at = self.saml(old)
        kept = self.portico.import_external_id_p_certificate(**at, Certificate=provider.pem(brought))["CertificateId"]
        self.provider.say("/metadata", provider.metadata("https://idp.acme.example", new))
        self.portico.refresh_external_id_p_metadata(**at)
        listed = self.portico.list_external_id_p_certificates(**at)["Certificates"]
        self.assertEqual(sorted(one["Imported"] for one in listed), [False, True])
        self.assertTrue(all(one["NotBefore"] < datetime.datetime.now(datetime.timezone.utc) < one["NotAfter"] for one in listed))
        other = next(one["CertificateId"] for one in listed if one["CertificateId"] != kept)
        self.portico.delete_external_id_p_certificate(**at, CertificateId=other)
        self.assertEqual(code_of(self.portico.delete_external_id_p_certificate, **at, CertificateId=kept), "ConflictException")
        self.provider.texts.clear()
        self.assertEqual(code_of(self.portico.refresh_external_id_p_metadata, **at), "ValidationException")

    def test_an_openid_provider_s_secret_is_shown_by_nothing(self):
        secret, issuer = "a secret of the provider", self.provider.speak_openid()
        oidc = {"Issuer": issuer, "ClientId": "portico", "Scopes": ["email"]}
        configuration = {"Name": "Acme", "Oidc": oidc, "AnyDomain": True, "Subject": "EXTERNAL_ID"}
        at = self.connect(Configuration=configuration, ClientSecret=secret)
        shown = self.portico.describe_external_id_p_configuration_for_directory(**at)
        self.assertEqual((shown["HasClientSecret"], shown["OidcMetadata"]["TokenEndpoint"]), (True, f"{issuer}/token"))
        ours = self.portico.get_awssp_configuration_for_directory(**at)["Oidc"]
        self.assertTrue(ours["RedirectUri"].endswith("/signin/external/callback"))
        events = lambda: self.server.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateExternalIdPConfigurationForDirectory"}])["Events"]
        record = next(event["CloudTrailEvent"] for event in wait_for(events) if at["ConfigurationId"] in event["CloudTrailEvent"])
        self.assertNotIn(secret, record)
        self.assertIn("HIDDEN_DUE_TO_SECURITY_REASONS", record)
        self.assertNotIn(secret, json.dumps(shown, default=str))
        self.assertEqual(code_of(self.portico.create_external_id_p_configuration_for_directory, IdentityStoreId=self.store(), Configuration=configuration), "ValidationException")

    def test_a_person_is_linked_to_one_provider_s_word_for_them(self):
        at = self.connect(Configuration={"Name": "Acme", "Saml": {"MetadataXml": provider.metadata("https://idp.acme.example")}, "AnyDomain": True, "Subject": "EXTERNAL_ID"})
        jane, sam, ids = self.user("jane"), self.user("sam"), self.server.client("identitystore")
        called = lambda user: ids.describe_user(IdentityStoreId=self.store(), UserId=user).get("ExternalIds")
        self.portico.link_user_to_external_id_p(**at, UserId=jane, Subject="4711")
        self.assertEqual(called(jane), [{"Issuer": "https://idp.acme.example", "Id": "4711"}])
        with self.assertRaises(ClientError) as taken:
            self.portico.link_user_to_external_id_p(**at, UserId=sam, Subject="4711")
        self.assertEqual(taken.exception.response["Error"]["Code"], "ConflictException")
        self.assertNotIn(jane, str(taken.exception))
        self.portico.link_user_to_external_id_p(**at, UserId=jane, Subject="4712")
        self.portico.link_user_to_external_id_p(**at, UserId=sam, Subject="4711")
        for user in (jane, sam):
            self.portico.unlink_user_from_external_id_p(**at, UserId=user)
            self.assertIsNone(called(user))
        self.assertEqual(code_of(self.portico.unlink_user_from_external_id_p, **at, UserId=jane), "ResourceNotFoundException")

    def test_an_address_that_is_not_allowed_is_asked_by_nobody(self):
        saml = lambda url: {"Name": "Acme", "Saml": {"MetadataUrl": url}, "AnyDomain": True}
        for url in ("http://169.254.169.254/latest/meta-data", "https://10.0.0.1/metadata", "file:///etc/passwd", "http://[::1]:8765/metadata"):
            with self.assertRaises(ClientError) as refused:
                self.portico.create_external_id_p_configuration_for_directory(IdentityStoreId=self.store(), Configuration=saml(url))
            self.assertEqual(refused.exception.response["Error"]["Code"], "ValidationException")
            self.assertIn("MetadataUrl", str(refused.exception))


class Scim(Case):
    """An identity provider: its tenant by boto3, and SCIM by clients that nobody here wrote."""

    def tenant(self, **token):
        """The address and a token of a new tenant."""
        portico = self.server.client("portico")
        made = portico.create_provisioning_tenant(IdentityStoreId=self.store(), Name="tests")
        at = {"IdentityStoreId": self.store(), "TenantId": made["TenantId"]}
        self.addCleanup(portico.delete_provisioning_tenant, **at)
        return at, made["ScimEndpoint"], portico.create_bearer_token(**at, **token)["BearerToken"]

    def call(self, method, url, token, body=None):
        """The status and the body of an answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
        return answer.status, json.loads(text) if text else None

    def test_every_check_of_scim2_tester_succeeds(self):
        import httpx2
        import scim2_tester
        from scim2_client.engines.httpx2 import SyncSCIMClient
        _, url, token = self.tenant()
        with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token['Token']}"}, timeout=60) as client:
            results = scim2_tester.check_server(SyncSCIMClient(client))
        wrong = [f"{result.title} {result.resource_type}: {result.status.name}: {result.reason}" for result in results if result.status.name != "SUCCESS"]
        self.assertEqual(wrong, [])
        self.assertGreater(len(results), 100)

    def test_tokens_take_each_others_place_and_one_that_is_deleted_opens_nothing(self):
        at, url, first = self.tenant(Name="first", ValidityDays=1)
        portico = self.server.client("portico")
        second = portico.create_bearer_token(**at, Name="second")["BearerToken"]
        self.assertEqual([self.call("GET", f"{url}/Users", token["Token"])[0] for token in (first, second)], [200, 200])
        listed = wait_for(lambda: [token for token in portico.list_bearer_tokens(**at)["BearerTokens"] if "LastUsedAt" in token][1:] and portico.list_bearer_tokens(**at)["BearerTokens"])
        self.assertEqual([token["Name"] for token in listed], ["first", "second"])
        self.assertNotIn(first["Token"], json.dumps(listed, default=str))
        portico.delete_bearer_token(**at, TokenId=first["TokenId"])
        self.assertEqual([self.call("GET", f"{url}/Users", token["Token"])[0] for token in (first, second)], [401, 200])

    def test_whom_the_provider_lets_go_loses_role_credentials_with_that_call(self):
        at, url, token = self.tenant()
        cli = server.Cli(self.server, ARGUMENTS.aws)
        cli.add_profile("reader", "222233334444", "PowerUser")
        cli.login(self.server.person(), "jane", server.PASSWORD)
        self.assertEqual(cli.run("sts", "get-caller-identity", profile="reader", check=False).returncode, 0)
        status, found = self.call("GET", f"{url}/Users?filter=userName%20eq%20%22jane%22", token["Token"])
        jane = found["Resources"][0]["id"]
        self.server.client("portico").take_ownership(**at, UserIds=[jane])
        patch = lambda active: {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "Replace", "path": "active", "value": active}]}
        self.addCleanup(self.call, "PATCH", f"{url}/Users/{jane}", token["Token"], patch(True))
        self.assertEqual(self.call("PATCH", f"{url}/Users/{jane}", token["Token"], patch("False"))[0], 200)
        refused = cli.run("sts", "get-caller-identity", profile="reader", check=False)
        self.assertNotEqual(refused.returncode, 0)
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PatchUser"}])["Events"]
        said = json.loads(events[0]["CloudTrailEvent"])
        self.assertEqual((said["userIdentity"]["type"], said["eventSource"]), ("WebIdentityUser", "identitystore-scim.amazonaws.com"))

    def person(self, name, **more):
        """Somebody as providers describe them."""
        return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "displayName": name, "active": True,
                "name": {"givenName": name, "familyName": "Doe"}, "emails": [{"value": f"{name}@example.com", "type": "work", "primary": True}], **more}

    def test_a_token_changes_whom_its_tenant_brought_and_nobody_else(self):
        """By each way of changing somebody: an administrator, whom another source brought, and whom it brought itself."""
        at, url, token = self.tenant()
        other, other_url, other_token = self.tenant()
        portico = self.server.client("portico")
        lin = self.call("POST", f"{other_url}/Users", other_token["Token"], self.person("lin"))[1]["id"]
        admin = self.user("admin")
        patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "active", "value": False}]}
        for who, whose in ((admin, "no source"), (lin, other["TenantId"])):
            for method, body in (("PATCH", patch), ("PUT", self.person("evil")), ("DELETE", None)):
                status, said = self.call(method, f"{url}/Users/{who}", token["Token"], body)
                self.assertEqual((status, said["status"]), (403, "403"), said)
                self.assertIn(whose, said["detail"])
                self.assertIn("TakeOwnership", said["detail"])
            self.assertEqual(self.call("GET", f"{url}/Users/{who}", token["Token"])[1]["active"], True)
        self.assertNotIn("Owner", portico.describe_owner(IdentityStoreId=self.store(), UserId=admin))
        owner = portico.describe_owner(IdentityStoreId=self.store(), UserId=lin)["Owner"]
        self.assertEqual((owner["TenantId"], owner["Name"]), (other["TenantId"], "tests"))
        nobody = "12121212-1212-4212-8212-121212121212"
        failures = portico.take_ownership(**at, UserIds=[lin, nobody])["Failures"]
        self.assertEqual(failures, [{"UserId": nobody, "Reason": "USER not found."}])
        self.assertEqual(self.call("PATCH", f"{other_url}/Users/{lin}", other_token["Token"], patch)[0], 403)
        self.assertEqual(self.call("DELETE", f"{url}/Users/{lin}", token["Token"])[0], 204)

    def test_a_tenant_tells_whom_it_owns_before_it_is_deleted(self):
        portico = self.server.client("portico")
        made = portico.create_provisioning_tenant(IdentityStoreId=self.store(), Name="tests")
        at, url = {"IdentityStoreId": self.store(), "TenantId": made["TenantId"]}, made["ScimEndpoint"]
        token = portico.create_bearer_token(**at)["BearerToken"]
        people = sorted(self.call("POST", f"{url}/Users", token["Token"], self.person(f"owned{number}"))[1]["id"] for number in range(3))
        group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Owned"}
        group = self.call("POST", f"{url}/Groups", token["Token"], group)[1]["id"]
        pages = portico.get_paginator("list_owned").paginate(**at, Kind="USER", PaginationConfig={"PageSize": 2})
        listed = [one for page in pages for one in page["Owned"]]
        self.assertEqual([one["UserId"] for one in listed], people)
        self.assertEqual({one["UserStatus"] for one in listed}, {"ENABLED"})
        self.assertEqual([(one["GroupId"], one["DisplayName"]) for one in portico.list_owned(**at, Kind="GROUP")["Owned"]], [(group, "Owned")])
        counts = portico.get_owned_counts(**at)
        self.assertEqual((counts["Users"], counts["Groups"]), ({"Count": 3, "AtLeast": False}, {"Count": 1, "AtLeast": False}))
        self.assertEqual(code_of(portico.list_owned, IdentityStoreId=self.store(), Kind="USER"), "ValidationException")
        portico.delete_provisioning_tenant(**at)
        self.assertEqual(code_of(portico.get_owned_counts, **at), "ResourceNotFoundException")
        store = self.server.client("identitystore")
        for person in people:
            self.assertNotIn("Owner", portico.describe_owner(IdentityStoreId=self.store(), UserId=person))
            store.delete_user(IdentityStoreId=self.store(), UserId=person)
        store.delete_group(IdentityStoreId=self.store(), GroupId=group)
    def test_a_password_is_set_where_an_administrator_lets_the_tenant_and_opens_the_portal(self):
        import httpx2
        from scim2_client.engines.httpx2 import SyncSCIMClient
        from scim2_models import PatchOp, PatchOperation
        at, url, token = self.tenant()
        portico = self.server.client("portico")
        may = lambda: [one["MaySetPasswords"] for one in portico.list_provisioning_tenants(IdentityStoreId=self.store())["ProvisioningTenants"] if one["TenantId"] == at["TenantId"]]
        with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token['Token']}"}, timeout=60) as http:
            client = SyncSCIMClient(http)
            client.discover()
            self.assertEqual((may(), client.service_provider_config.change_password.supported), ([False], False))
            self.assertFalse("password" in client.get_resource_model("User").model_fields, "what a tenant may not say is not among what there is")
            status, said = self.call("POST", f"{url}/Users", token["Token"], self.person("ola", password="a windy night at sea"))
            self.assertEqual(status, 403)
            self.assertIn("UpdateProvisioningTenant", said["detail"])
            portico.update_provisioning_tenant(**at, MaySetPasswords=True)
            client = SyncSCIMClient(http)
            client.discover()
            self.assertEqual((may(), client.service_provider_config.change_password.supported), ([True], True))
            person = client.get_resource_model("User")
            ola = client.create(person(user_name="ola", display_name="Ola", name={"givenName": "Ola", "familyName": "Doe"}, password="a windy night at sea"))
            self.addCleanup(self.call, "DELETE", f"{url}/Users/{ola.id}", token["Token"])
            self.assertIsNone(ola.password)

            def opens(password):
                browser = self.server.person()
                browser.get(self.server.pages + "/start")
                browser.sign_in("ola", password)
                return browser
            before = opens("a windy night at sea")
            self.assertIn("Ola", before.text)
            change = PatchOperation(op="replace", path="password", value="a calm morning ashore")
            client.modify(person, ola.id, PatchOp[person](operations=[change]))
            before.get(self.server.pages + "/start")
            self.assertTrue(any("password" in form.fields for form in before.page.forms), "what was open has ended")
            self.assertFalse("Ola" in opens("a windy night at sea").text)
            self.assertIn("Ola", opens("a calm morning ashore").text)
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PatchUser"}])["Events"]
        self.assertNotIn("ashore", json.dumps(events, default=str))

    def test_whom_an_administrator_disabled_comes_back_disabled(self):
        at, url, token = self.tenant()
        portico, at_store = self.server.client("portico"), {"IdentityStoreId": self.store()}
        kit = self.call("POST", f"{url}/Users", token["Token"], self.person("kit", externalId="7"))[1]["id"]
        portico.disable_user(**at_store, UserId=kit)
        self.assertEqual(self.call("DELETE", f"{url}/Users/{kit}", token["Token"])[0], 204)
        owner = portico.describe_owner(**at_store, UserId=kit)["Owner"]
        self.assertLess(owner["DisabledHereAt"], owner["DeletedAt"])
        status, back = self.call("POST", f"{url}/Users", token["Token"], self.person("kit", externalId="7"))
        self.assertEqual((status, back["active"]), (201, False))
        self.assertEqual(portico.describe_owner(**at_store, UserId=back["id"])["Owner"]["DisabledHereAt"], owner["DisabledHereAt"])
        status, said = self.call("PUT", f"{url}/Users/{back['id']}", token["Token"], self.person("kit", externalId="7"))
        self.assertEqual(status, 403)
        self.assertIn("EnableUser", said["detail"])
        portico.enable_user(**at_store, UserId=back["id"])
        self.assertEqual(self.call("DELETE", f"{url}/Users/{back['id']}", token["Token"])[0], 204)
        self.assertEqual(code_of(portico.describe_owner, **at_store, UserId=kit), "ResourceNotFoundException")
        status, back = self.call("POST", f"{url}/Users", token["Token"], self.person("kit", externalId="7"))
        self.assertEqual((status, back["active"]), (201, True))
        self.assertEqual(self.call("DELETE", f"{url}/Users/{back['id']}", token["Token"])[0], 204)

    def test_what_a_source_brought_is_changed_there_and_stopped_here(self):
        at, url, token = self.tenant()
        portico, store = self.server.client("portico"), self.server.client("identitystore")
        ida = self.call("POST", f"{url}/Users", token["Token"], self.person("ida"))[1]["id"]
        group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Brought", "members": [{"value": ida}]}
        group = self.call("POST", f"{url}/Groups", token["Token"], group)[1]["id"]
        at_store = {"IdentityStoreId": self.store()}
        membership = store.list_group_memberships(**at_store, GroupId=group)["GroupMemberships"][0]["MembershipId"]
        change = [{"AttributePath": "displayName", "AttributeValue": "X"}]
        for call, more in ((store.update_user, {"UserId": ida, "Operations": change}), (store.delete_user, {"UserId": ida}),
                           (store.update_group, {"GroupId": group, "Operations": change}), (store.delete_group, {"GroupId": group}),
                           (store.create_group_membership, {"GroupId": group, "MemberId": {"UserId": self.user("sam")}}),
                           (store.delete_group_membership, {"MembershipId": membership})):
            self.assertEqual(code_of(call, **at_store, **more), "ConflictException", more)
        portico.disable_user(**at_store, UserId=ida)
        status, said = self.call("PUT", f"{url}/Users/{ida}", token["Token"], self.person("ida"))
        self.assertEqual(status, 403)
        self.assertIn("EnableUser", said["detail"])
        self.assertEqual(self.call("PUT", f"{url}/Users/{ida}", token["Token"], self.person("ida", active=False, title="Head"))[0], 200)
        portico.enable_user(**at_store, UserId=ida)
        self.assertEqual(self.call("PUT", f"{url}/Users/{ida}", token["Token"], self.person("ida"))[1]["active"], True)
        portico.take_ownership(**at_store, UserIds=[ida], GroupIds=[group])
        store.update_user(**at_store, UserId=ida, Operations=change)
        store.delete_group(**at_store, GroupId=group)
        store.delete_user(**at_store, UserId=ida)


class Seeded(unittest.TestCase):
    """A company that keeps its set-up in files: its sources are there with the instance."""

    def setUp(self):
        self.provider = provider.Provider()
        self.addCleanup(self.provider.close)
        folder = tempfile.TemporaryDirectory(prefix="portico-seed-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.tenant, self.idp = "90676a00000-1111-4222-8333-444455556666", "90676a00000-1111-4222-8333-444455557777"
        self.token, self.secret = "pscim_" + secrets.token_urlsafe(32), "the client's secret"
        (self.home / "okta.xml").write_text(provider.metadata("https://okta.example/saml"))
        (self.home / "token").write_text(self.token + "\n")
        self.proof = secrets.token_urlsafe(32)
        (self.home / "grafana").write_text(self.proof + "\n")
        (self.home / "short").write_text("short\n")
        self.directory = "3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10"
        self.slapd = directories.Slapd(people=3, groups=1)
        self.addCleanup(self.slapd.close)
        (self.home / "reader").write_text(self.slapd.said["PASSWORD"] + "\n")
        for name, file in (("AUTHORITY", "ca.pem"), ("CERTIFICATE", "reader.pem"), ("KEY", "reader.key")):
            (self.home / file).write_text(pathlib.Path(self.slapd.said[name]).read_text())
        patched = unittest.mock.patch.dict(os.environ, {"SEED_CLIENT_SECRET": self.secret, "PORTICO_OUTBOUND_ALLOW": "127.0.0.1"})
        patched.start()
        self.addCleanup(patched.stop)

    def seed(self, text):
        path = self.home / "seed.yaml"
        path.write_text(textwrap.dedent(text))
        return path

    def whole(self):
        return self.seed(f"""
            groups: [{{ displayName: everybody, memberGroups: [developers] }}, {{ displayName: developers }}]
            provisioningTenants:
              - id: {self.tenant}
                name: Entra ID
                tokens: [{{ name: first, secret: {{ file: token }}, validityDays: 90 }}]
            externalIdentityProviders:
              - id: {self.idp}
                name: Okta
                saml: {{ metadataFile: okta.xml, signRequests: true }}
                domains: [okta.example]
                arrivals:
                  create: true
                  attributes: [{{ attribute: displayName, from: name }}]
                  groupsFrom: groups
                  groups: [{{ value: dev, group: developers }}]
              - name: Keycloak
                enabled: false
                oidc: {{ issuer: "{self.provider.speak_openid()}", clientId: portico, clientSecret: {{ environment: SEED_CLIENT_SECRET }} }}
                domains: [keycloak.example]
            directories:
              - id: {self.directory}
                name: Example
                schema: OPENLDAP
                servers: ["{self.slapd.said['LDAPS']}"]
                bindDn: "{self.slapd.said['ACCOUNT']}"
                bindPassword: {{ file: reader }}
                caCertificatesFile: ca.pem
                userBases: ["ou=people,{self.slapd.said['BASE']}"]
                groupBases: ["ou=groups,{self.slapd.said['BASE']}"]
                watch: ENABLED
              - name: Later
                enabled: false
                schema: OPENLDAP
                dnsDomain: example.test
                clientCertificateFile: reader.pem
                clientKey: {{ file: reader.key }}
                userBases: ["{self.slapd.said['BASE']}"]
            users: [{{ userName: jane, name: {{ givenName: Jane, familyName: Doe }} }}]
            applications:
              - name: Wiki
                description: What everybody should know
                saml:
                  audience: https://wiki.acme.example
                  assertionConsumerServices: ["https://wiki.acme.example/acs"]
                  subject: {{ format: EMAIL_ADDRESS }}
                  attributeMappings: [{{ name: groups, value: "${{user:groupNames}}" }}]
                groups: [developers]
              - name: Grafana
                provider: grafana
                startUrl: https://grafana.acme.example/
                assignmentRequired: false
                oidc:
                  redirectUris: ["https://grafana.acme.example/login/generic_oauth"]
                  secrets: [{{ name: first, secret: {{ file: grafana }} }}]
                users: [jane]
            trustedTokenIssuers:
              - {{ name: acme, issuerUrl: "https://login.acme.example", claimAttributePath: email, identityStoreAttributePath: emails.value }}
            """)

    def check_applications(self, made, group):
        """What the seed says of applications is as if it had been called."""
        admin, portico, instance = made.client("sso-admin"), made.client("portico"), {"InstanceArn": made.made["instanceArn"]}
        found = {one["Name"]: one for one in admin.list_applications(**instance)["Applications"]}
        self.assertEqual(set(found), {"Wiki", "Grafana"})
        wiki, grafana = (found[name]["ApplicationArn"] for name in ("Wiki", "Grafana"))
        self.assertTrue(found["Wiki"]["ApplicationProviderArn"].endswith("/custom-saml"))
        self.assertEqual(found["Grafana"]["PortalOptions"]["SignInOptions"], {"Origin": "APPLICATION", "ApplicationUrl": "https://grafana.acme.example/"})
        saml = portico.get_application_saml_configuration(ApplicationArn=wiki)
        self.assertEqual((saml["SamlConfiguration"]["Subject"], saml["SamlConfiguration"]["AttributeMappings"][0]["Value"]), ({"Format": "EMAIL_ADDRESS", "Value": "${user:email}"}, "${user:groupNames}"))
        self.assertIn("BEGIN CERTIFICATE", saml["IdentityProvider"]["Certificate"])
        assigned = {name: admin.list_application_assignments(ApplicationArn=arn)["ApplicationAssignments"] for name, arn in (("Wiki", wiki), ("Grafana", grafana))}
        self.assertEqual([(one["PrincipalType"], one["PrincipalId"]) for one in assigned["Wiki"]], [("GROUP", group)])
        self.assertEqual([one["PrincipalType"] for one in assigned["Grafana"]], ["USER"])
        required = [admin.get_application_assignment_configuration(ApplicationArn=arn)["AssignmentRequired"] for arn in (wiki, grafana)]
        self.assertEqual(required, [True, False])
        with urllib.request.urlopen(portico.get_application_oidc_configuration(ApplicationArn=grafana)["OidcProvider"]["DiscoveryUrl"]) as answer:
            endpoint = json.load(answer)["token_endpoint"]
        for secret, error in ((self.proof, "invalid_grant"), (self.proof[::-1], "invalid_client")):
            asked = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://grafana.acme.example/login/generic_oauth", "client_secret": secret}
            asked["client_id"] = portico.get_application_oidc_configuration(ApplicationArn=grafana)["OidcProvider"]["ClientId"]
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(endpoint, urllib.parse.urlencode(asked).encode())
            self.assertEqual(json.load(refused.exception)["error"], error)
        [issuer] = admin.list_trusted_token_issuers(**instance)["TrustedTokenIssuers"]
        told = admin.describe_trusted_token_issuer(TrustedTokenIssuerArn=issuer["TrustedTokenIssuerArn"])
        self.assertEqual(told["TrustedTokenIssuerConfiguration"]["OidcJwtConfiguration"]["IssuerUrl"], "https://login.acme.example")

    def test_an_instance_begins_with_its_sources(self):
        made = server.Server(ARGUMENTS.portico, database=fresh_database(), seed=self.whole())
        self.addCleanup(made.close)
        made.start()
        store = {"IdentityStoreId": made.made["identityStoreId"]}
        portico = made.client("portico")
        groups = {group["DisplayName"]: group["GroupId"] for group in made.client("identitystore").list_groups(**store)["Groups"]}
        within = portico.list_groups_in_group(**store, GroupId=groups["everybody"])["Groups"]
        self.assertEqual([(group["DisplayName"], group["IsDirect"]) for group in within], [("developers", True)])
        person = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ida", "displayName": "Ida", "name": {"givenName": "Ida", "familyName": "Doe"}}
        request = urllib.request.Request(f"{made.base}/{self.tenant}/scim/v2/Users", json.dumps(person).encode(), {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"})
        with urllib.request.urlopen(request) as answer:
            brought = json.load(answer)["id"]
        owner = portico.describe_owner(**store, UserId=brought)["Owner"]
        self.assertEqual((owner["TenantId"], owner["Name"]), (self.tenant, "Entra ID"))
        [token] = portico.list_bearer_tokens(**store, TenantId=self.tenant)["BearerTokens"]
        self.assertEqual(token["Name"], "first")
        self.assertEqual((token["ExpiresAt"] - token["CreatedAt"]).days, 90)
        told = {one["Name"]: one for one in portico.list_external_id_p_configurations_for_directory(**store)["Configurations"]}
        self.assertEqual({name: (one["Protocol"], one["Status"]) for name, one in told.items()}, {"Okta": ("SAML", "ENABLED"), "Keycloak": ("OIDC", "DISABLED")})
        self.assertEqual(told["Okta"]["ConfigurationId"], self.idp)
        okta = portico.describe_external_id_p_configuration_for_directory(**store, ConfigurationId=self.idp)["Configuration"]
        group = made.client("identitystore").get_group_id(**store, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "developers"}})["GroupId"]
        self.assertEqual((okta["Domains"], okta["Saml"]["SignRequests"], okta["Arrivals"]["Groups"]), (["okta.example"], True, [{"Value": "dev", "GroupId": group}]))
        self.check_applications(made, group)
        ours = portico.get_awssp_configuration_for_directory(**store, ConfigurationId=self.idp)["Saml"]
        self.assertEqual(ours["AcsUrl"], f"{made.pages}/platform/saml/acs/{self.idp}")
        with urllib.request.urlopen(ours["MetadataUrl"]) as answer:
            self.assertIn(ours["AcsUrl"], answer.read().decode())
        of = {**store, "DirectoryId": self.directory}
        # Enabled from the beginning: everybody is read, and can sign in.
        wait_for(lambda: portico.describe_directory(**of).get("LastSync", {}).get("State") == "SUCCEEDED")
        self.assertEqual(portico.describe_directory(**of)["Configuration"]["Watch"], "ENABLED")
        told = {one["Name"]: one["Status"] for one in portico.list_directories(**store)["Directories"]}
        self.assertEqual(told, {"Example": "ENABLED", "Later": "PAUSED"})
        who = made.person().get("/start")
        who.submit(who.form("username"), username="u2")
        who.sign_in("u2", "secret of u2")
        self.assertNotIn("/signin", who.url)
        with urllib.request.urlopen(f"{made.pages}/signin") as answer:
            page = answer.read().decode()
        self.assertIn("Sign in with Okta", page)
        self.assertNotIn("Keycloak", page)
        made.stop()
        for file in made.data.rglob("*"):
            if file.is_file():
                for secret in (self.token, self.secret, self.proof, "PRIVATE KEY"):
                    self.assertNotIn(secret.encode(), file.read_bytes(), file)

    def test_what_cannot_be_is_refused_by_name_and_nothing_is_made(self):
        for why, text in (
            ("provisioning tenant Entra ID: token 1: environment variable SEED_NOWHERE", "provisioningTenants: [{ name: Entra ID, tokens: [{ secret: { environment: SEED_NOWHERE } }] }]"),
            ("token 1: " + str(self.home / "gone"), "provisioningTenants: [{ name: Entra ID, tokens: [{ secret: { file: gone } }] }]"),
            ("provisioning tenant Entra ID: a token must be pscim_", "provisioningTenants: [{ name: Entra ID, tokens: [{ secret: { environment: SEED_CLIENT_SECRET } }] }]"),
            ("unknown field `tokenz`", "provisioningTenants:\n  - name: Entra ID\n    tokenz: []"),
            ("identity provider Okta: it needs saml or oidc", "externalIdentityProviders: [{ name: Okta }]"),
            ("identity provider Okta: " + str(self.home / "gone.xml"), "externalIdentityProviders: [{ name: Okta, saml: { metadataFile: gone.xml }, anyDomain: true }]"),
            ("identity provider Okta: Domains must name", "externalIdentityProviders: [{ name: Okta, saml: { metadataFile: okta.xml } }]"),
            ("identity provider Okta: group 'nobody' is not in the seed",
             "externalIdentityProviders: [{ name: Okta, saml: { metadataFile: okta.xml }, anyDomain: true, arrivals: { groupsFrom: a, groups: [{ value: b, group: nobody }] } }]"),
            ("directory Example: bindPassword: " + str(self.home / "gone"), "directories: [{ name: Example, schema: OPENLDAP, servers: ['ldaps://a.example'], bindDn: a, bindPassword: { file: gone }, userBases: ['dc=a'] }]"),
            ("directory Example: BindPassword is missing", "directories: [{ name: Example, schema: OPENLDAP, servers: ['ldaps://a.example'], bindDn: 'cn=a', userBases: ['dc=a'] }]"),
            ("directory Example: Servers must name", "directories: [{ name: Example, schema: OPENLDAP, bindDn: 'cn=a', bindPassword: { file: reader }, userBases: ['dc=a'] }]"),
            ("directory Example: dnsSecurity has no place", "directories: [{ name: Example, schema: OPENLDAP, servers: ['ldaps://a.example'], dnsSecurity: LDAPS, bindDn: 'cn=a', bindPassword: { file: reader }, userBases: ['dc=a'] }]"),
            ("directory Example: UserFilter:", "directories: [{ name: Example, schema: OPENLDAP, servers: ['ldaps://a.example'], bindDn: 'cn=a', bindPassword: { file: reader }, userBases: ['dc=a'], userFilter: '(' }]"),
            ("unknown variant `OPENLDAPP`", "directories:\n  - { name: Example, schema: OPENLDAPP }"),
            ("application Wiki: it speaks saml or oidc, not both", "applications: [{ name: Wiki, saml: {}, oidc: { redirectUris: [] } }]"),
            ("application Wiki: " + str(self.home / "gone.xml"), "applications: [{ name: Wiki, saml: { metadataFile: gone.xml } }]"),
            ("application Wiki: RedirectUris has 0 entries", "applications: [{ name: Wiki, oidc: { redirectUris: [] } }]"),
            ("application Wiki: the application provider slack does not speak OAuth 2.0", "applications: [{ name: Wiki, provider: slack, oidc: { redirectUris: ['https://a.example/'] } }]"),
            ("application Wiki: user 'nobody' is not in the seed", "applications: [{ name: Wiki, users: [nobody] }]"),
            ("a client secret must have 32 to 256", "applications: [{ name: Wiki, oidc: { redirectUris: ['https://a.example/'], secrets: [{ secret: { file: short } }] } }]"),
            ("trusted token issuer acme: IssuerUrl", "trustedTokenIssuers: [{ name: acme, issuerUrl: 'ftp://a', claimAttributePath: email, identityStoreAttributePath: userName }]"),
            ("identity provider Keycloak: Issuer:", "externalIdentityProviders: [{ name: Keycloak, oidc: { issuer: 'http://127.0.0.1:1', clientId: a, clientSecret: { environment: SEED_CLIENT_SECRET } }, anyDomain: true }]"),
        ):
            data = self.home / "data"
            done = subprocess.run([ARGUMENTS.portico, "init", "--data-dir", data, "--seed", self.seed(text)], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(why, done.stderr)
            self.assertNotIn(self.secret, done.stderr)
            self.assertEqual([file.name for file in data.iterdir() if file.suffix == ".db"], [])


class PorticoAccess(Case):
    """Assignments in batches, who reaches what, and what is told by one call instead of many."""

    def row(self, target, name, user):
        """A row of a batch: a person and a permission set by name."""
        admin, arn = self.server.client("sso-admin"), self.server.made["instanceArn"]
        sets = [each for page in admin.get_paginator("list_permission_sets").paginate(InstanceArn=arn) for each in page["PermissionSets"]]
        named = {admin.describe_permission_set(InstanceArn=arn, PermissionSetArn=each)["PermissionSet"]["Name"]: each for each in sets}
        return {"TargetId": target, "PermissionSetArn": named[name], "PrincipalType": "USER", "PrincipalId": self.user(user)}

    def batch(self, portico, operation, **asked):
        """A batch that has ended."""
        arn = self.server.made["instanceArn"]
        made = getattr(portico, operation)(InstanceArn=arn, **asked)
        while True:
            batch = portico.describe_batch(InstanceArn=arn, RequestId=made["RequestId"])
            if batch["Status"] != "IN_PROGRESS":
                return batch
            time.sleep(0.05)

    def test_who_reaches_what_is_told_now_and_as_it_was(self):
        portico, admin, arn = self.server.client("portico"), self.server.client("sso-admin"), self.server.made["instanceArn"]
        row, sam = self.row("333344445555", "ReadOnly", "jane"), self.user("sam")
        read_only, jane = row["PermissionSetArn"], row["PrincipalId"]

        def reach(**of):
            pages = portico.get_paginator("list_effective_access").paginate(InstanceArn=arn, PaginationConfig={"PageSize": 2}, **of)
            rows = [each for page in pages for each in page["EffectiveAccess"]]
            return {(each["UserId"], each["AccountId"], each["PermissionSetArn"]): [by["PrincipalType"] for by in each["GrantedBy"]] for each in rows}

        before = reach(UserId=jane)
        self.assertNotIn((jane, "333344445555", read_only), before)
        time.sleep(1.1)
        at = datetime.datetime.now(datetime.timezone.utc)
        time.sleep(1.1)
        self.batch(portico, "batch_create_account_assignments", Assignments=[row])
        self.assertEqual(reach(UserId=jane), {**before, (jane, "333344445555", read_only): ["USER"]})
        self.assertEqual(reach(UserId=jane, At=at), before, "as it was")
        self.assertEqual(reach(PermissionSetArn=read_only)[sam, "333344445555", read_only], ["GROUP"])
        self.assertEqual({who for who, *_ in reach(AccountId="333344445555")}, {jane, sam})
        group = self.server.client("identitystore").get_group_id(
            IdentityStoreId=self.store(), AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "auditors"}})["GroupId"]
        self.assertEqual({who for who, *_ in reach(GroupId=group)}, {sam})
        portico.disable_user(IdentityStoreId=self.store(), UserId=sam)
        self.assertEqual(reach(UserId=sam), {})
        self.assertLessEqual(set(reach(GroupId=group, At=at)), set(reach(UserId=sam, At=at)))
        portico.enable_user(IdentityStoreId=self.store(), UserId=sam)
        self.batch(portico, "batch_delete_account_assignments", Assignments=[row])
        for wrong, why in [({"UserId": jane, "GroupId": group}, "exactly one of"), ({}, "none was given"),
                           ({"UserId": jane, "At": at - datetime.timedelta(days=9)}, "what ended before"), ({"UserId": jane, "At": at + datetime.timedelta(days=9)}, "not past")]:
            with self.assertRaises(ClientError) as refused:
                portico.list_effective_access(InstanceArn=arn, **wrong)
            self.assertIn(why, refused.exception.response["Error"]["Message"])

    def test_what_needs_attention_is_counted_and_listed_and_a_use_is_noted(self):
        portico, arn, at = self.server.client("portico"), self.server.made["instanceArn"], {"IdentityStoreId": self.store()}
        person = self.server.client("identitystore").create_user(**at, UserName=f"unguarded-{time.time_ns()}", DisplayName="Unguarded", Name={"GivenName": "Un", "FamilyName": "Guarded"})["UserId"]
        listed = lambda: [user["UserId"] for page in portico.get_paginator("list_users_without_mfa_device").paginate(**at) for user in page["Users"]]
        self.assertNotIn(person, listed())
        portico.update_password(**at, UserId=person)
        self.assertIn(person, listed())
        told = portico.describe_user_sign_in(**at, UserId=person)
        self.assertEqual((told["HasPassword"], told["MfaDevices"], "LastSignedInAt" in told), (True, 0, False))
        summary = portico.get_instance_summary(InstanceArn=arn, UnusedAccessAge=1)
        self.assertEqual(summary["UsersWithoutMfaDevice"], {"Count": len(listed()), "AtLeast": False})
        self.assertGreaterEqual(summary["EnabledUsers"]["Count"], 2)
        self.assertEqual(summary["UnusedAccess"], {"Count": 0, "AtLeast": False}, "nothing is known for a day")
        self.assertEqual(portico.list_unused_access(InstanceArn=arn)["UnusedAccess"], [])
        self.server.client("identitystore").delete_user(**at, UserId=person)
        self.assertNotIn(person, listed())

        used = lambda: [row for row in portico.list_effective_access(InstanceArn=arn, UserId=self.user("jane"), IncludeLastAccessed=True)["EffectiveAccess"] if "LastAccessedAt" in row]
        token = self.token()["accessToken"]
        self.assertIn("LastSignedInAt", portico.describe_user_sign_in(**at, UserId=self.user("jane")))
        before = used()
        self.server.client("sso").get_role_credentials(accessToken=token, accountId="222233334444", roleName="PowerUser")
        after = {row["AccountId"]: row["LastAccessedAt"] for row in used()}
        self.assertIn("222233334444", after)
        self.server.client("sso").get_role_credentials(accessToken=token, accountId="222233334444", roleName="PowerUser")
        self.assertEqual({row["AccountId"]: row["LastAccessedAt"] for row in used()}, after, f"once a day; before it was {before}")

    def test_a_policy_that_shuts_out_the_last_administrator_is_refused_unless_forced(self):
        portico, admin, arn = self.server.client("portico"), self.server.client("sso-admin"), self.server.made["instanceArn"]
        at, owner = {"IdentityStoreId": self.store()}, self.server.made["managementAccountId"]
        made = admin.create_permission_set(InstanceArn=arn, Name="Directory")["PermissionSet"]["PermissionSetArn"]
        policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "portico:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}
        admin.put_inline_policy_to_permission_set(InstanceArn=arn, PermissionSetArn=made, InlinePolicy=json.dumps(policy))
        row = {"PermissionSetArn": made, "TargetId": owner, "PrincipalType": "USER", "PrincipalId": self.user("sam")}
        self.batch(portico, "batch_create_account_assignments", Assignments=[row])
        block = {**at, "MfaDeviceManagement": {"WithoutDevice": "BLOCK"}}
        try:
            with self.assertRaises(ClientError) as refused:
                portico.put_mfa_device_management_for_directory(**block)
            self.assertEqual(refused.exception.response["Error"]["Code"], "ConflictException")
            self.assertIn("nobody could sign in who may change it again", refused.exception.response["Error"]["Message"])
            self.assertEqual(portico.get_mfa_device_management_for_directory(**at)["MfaDeviceManagement"]["WithoutDevice"], "ALLOW")
            # Whom an administrator gave a code can come in once and register a device.
            portico.create_mfa_bypass_for_user(**at, UserId=self.user("sam"))
            portico.put_mfa_device_management_for_directory(**block)
        finally:
            portico.put_mfa_device_management_for_directory(**at, MfaDeviceManagement={"WithoutDevice": "ALLOW"})
        portico.put_mfa_device_management_for_directory(**block, Force=True)
        portico.put_mfa_device_management_for_directory(**at, MfaDeviceManagement={"WithoutDevice": "ALLOW"})
        self.batch(portico, "batch_delete_account_assignments", Assignments=[row])

    def test_a_preview_says_what_a_batch_would_change(self):
        portico, arn = self.server.client("portico"), self.server.made["instanceArn"]
        row = self.row("222233334444", "ReadOnly", "jane")
        nobody = {**row, "PrincipalId": "99999999-9999-4999-8999-999999999999"}
        rows = [row, nobody, {**row, "TargetId": "999999999999"}]
        said = portico.preview_account_assignments(InstanceArn=arn, Assignments=rows)
        self.assertEqual((said["Existing"], [(bad["Index"], bad["Member"]) for bad in said["Invalid"]]), ([], [(1, "PrincipalId"), (2, "TargetId")]))
        self.batch(portico, "batch_create_account_assignments", Assignments=[row])
        self.assertEqual(portico.preview_account_assignments(InstanceArn=arn, Assignments=rows)["Existing"], [0])
        for place in ({"AccountId": row["TargetId"]}, {"PermissionSetArn": row["PermissionSetArn"]}):
            pages = portico.get_paginator("list_assignments").paginate(InstanceArn=arn, PaginationConfig={"PageSize": 1}, **place)
            listed = [each for page in pages for each in page["Assignments"]]
            self.assertIn(row, listed)
            self.assertEqual(len(listed), len({tuple(sorted(each.items())) for each in listed}))
        names = portico.get_names(InstanceArn=arn, UserIds=[row["PrincipalId"], nobody["PrincipalId"]], AccountIds=[row["TargetId"]], PermissionSetArns=[row["PermissionSetArn"]])
        self.assertEqual([user["UserName"] for user in names["Users"]], ["jane"])
        self.assertEqual([(account["AccountId"], account["AccountName"]) for account in names["Accounts"]], [(row["TargetId"], "payments-prod")])
        self.assertEqual([made["Name"] for made in names["PermissionSets"]], ["ReadOnly"])
        self.batch(portico, "batch_delete_account_assignments", Assignments=[row])
        self.assertEqual(portico.preview_account_assignments(InstanceArn=arn, Assignments=[row])["Existing"], [])

    def test_one_call_tells_what_many_would(self):
        portico, admin, arn = self.server.client("portico"), self.server.client("sso-admin"), self.server.made["instanceArn"]
        directory, at, jane = self.server.client("identitystore"), self.store(), self.user("jane")
        pages = portico.get_paginator("list_accounts_with_roles").paginate(InstanceArn=arn, UserId=jane, PaginationConfig={"PageSize": 1})
        told = {(account["AccountName"], role["RoleName"]) for page in pages for account in page["Accounts"] for role in account["Roles"]}
        self.assertLessEqual({("payments-dev", "PowerUser"), ("payments-prod", "PowerUser")}, told)
        details = [each for page in portico.get_paginator("list_permission_sets_with_details").paginate(InstanceArn=arn) for each in page["PermissionSets"]]
        for each in details:
            described = admin.describe_permission_set(InstanceArn=arn, PermissionSetArn=each["PermissionSetArn"])["PermissionSet"]
            self.assertEqual(described, {name: each[name] for name in described})
            attached = admin.list_managed_policies_in_permission_set(InstanceArn=arn, PermissionSetArn=each["PermissionSetArn"])["AttachedManagedPolicies"]
            self.assertEqual(attached, each["ManagedPolicies"])
        self.assertEqual(len(details), len(admin.list_permission_sets(InstanceArn=arn)["PermissionSets"]))
        self.assertEqual([each["Name"] for each in details], sorted(each["Name"] for each in details))
        found = portico.list_permission_sets_with_details(InstanceArn=arn, NameContains="DONLY")["PermissionSets"]
        self.assertEqual([each["Name"] for each in found], ["ReadOnly"])
        people = portico.list_users_with_groups(IdentityStoreId=at)["Users"]
        self.assertEqual({user["UserName"]: [group["DisplayName"] for group in user["Groups"]] for user in people}["jane"], ["engineers"])
        for group in portico.list_groups_with_members(IdentityStoreId=at)["Groups"]:
            members = directory.list_group_memberships(IdentityStoreId=at, GroupId=group["GroupId"])["GroupMemberships"]
            self.assertEqual([(each["MembershipId"], each["MemberId"]["UserId"]) for each in members], [(each["MembershipId"], each["UserId"]) for each in group["Members"]])
            pages = portico.get_paginator("list_members_in_group").paginate(IdentityStoreId=at, GroupId=group["GroupId"], PaginationConfig={"PageSize": 1})
            named = [member for page in pages for member in page["Members"]]
            self.assertEqual([(each["MembershipId"], each["UserId"]) for each in group["Members"]], [(each["MembershipId"], each["UserId"]) for each in named])
        mine = portico.list_groups_for_user(IdentityStoreId=at, UserId=jane)["Groups"]
        self.assertEqual([group["DisplayName"] for group in mine], ["engineers"])

    def test_a_batch_of_assignments_is_made_and_taken_away(self):
        portico, admin, arn = self.server.client("portico"), self.server.client("sso-admin"), self.server.made["instanceArn"]
        accounts = ["222233334444", "333344445555", "444455556666"]
        rows = [self.row(target, "ReadOnly", "jane") for target in accounts]
        bad = {**rows[0], "PrincipalId": "99999999-9999-4999-8999-999999999999"}
        with self.assertRaises(ClientError) as refused:
            portico.batch_create_account_assignments(InstanceArn=arn, Assignments=[rows[0], bad])
        self.assertEqual(refused.exception.response["Error"]["Code"], "ValidationException")
        self.assertRegex(refused.exception.response["Error"]["Message"], r"^Assignments\[1\]\.PrincipalId: USER .* was not found .*\. Nothing was done$")
        done = self.batch(portico, "batch_create_account_assignments", Assignments=[*rows, bad], OnInvalid="SKIP")
        self.assertEqual((done["Status"], done["Counts"]), ("FAILED", {"Succeeded": 3, "Failed": 1, "InProgress": 0}))
        self.assertEqual([(failure["Index"], failure["PrincipalId"]) for failure in done["Failures"]], [(3, bad["PrincipalId"])])
        held = admin.list_account_assignments_for_principal(InstanceArn=arn, PrincipalId=rows[0]["PrincipalId"], PrincipalType="USER")["AccountAssignments"]
        self.assertEqual({row["AccountId"] for row in held if row["PermissionSetArn"] == rows[0]["PermissionSetArn"]}, set(accounts))
        gone = self.batch(portico, "batch_delete_account_assignments", Assignments=rows)
        self.assertEqual((gone["Status"], gone["Counts"], gone["Failures"]), ("SUCCEEDED", {"Succeeded": 3, "Failed": 0, "InProgress": 0}, []))


class Mail(mailing.Mailing, Case):
    """Letters by TLS."""

    PROTECTION = "tls"
    wait_for = staticmethod(wait_for)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.mail.stop()


class MailByStartTls(Mail):
    """The same after STARTTLS."""

    PROTECTION = "starttls"


class Applications(registered.Applications, Case):
    """Applications, from their creation to their end."""

    wait_for = staticmethod(wait_for)

    @property
    def aws(self):
        return ARGUMENTS.aws


class Directories(directories.Directories, Case):
    """Directories from which people are read, and which are asked when they sign in."""

    wait_for = staticmethod(wait_for)

    @classmethod
    def settings(cls, home):
        return [*provider.ALLOWED]

    @property
    def aws(self):
        return ARGUMENTS.aws


class Propagation(propagation.Propagation, Case):
    pass


class WebIdentity(web_identity.WebIdentity, Case):
    @property
    def aws(self):
        return ARGUMENTS.aws


class Authorizing(authorizing.Authorizing, Case):
    wait_for = staticmethod(wait_for)

    @staticmethod
    def aws_cli():
        return ARGUMENTS.aws


class Bounded(bounded.Bounded, Case):
    wait_for = staticmethod(wait_for)

    @staticmethod
    def aws_cli():
        return ARGUMENTS.aws


class Forest(directories.Forest, Case):
    """The same with Active Directory."""

    wait_for = staticmethod(wait_for)

    @classmethod
    def settings(cls, home):
        return [*provider.ALLOWED, "--outbound-allow", "localhost"]


class DriftingAccounts(drifting.DriftingAccounts, Case):
    """What differs in accounts that are somewhere else: found, accepted, put right."""

    wait_for = staticmethod(wait_for)


class ApacheModules(apache_modules.ApacheModules, Case):
    """Pages of Apache that people see by signing in here."""

    wait_for = staticmethod(wait_for)


class RevokedSessions(revoking.RevokedSessions, Case):
    """Credentials of accounts that are somewhere else, once their person has lost what they reached."""

    wait_for = staticmethod(wait_for)


class Integrated(integrated.Integrated, Case):
    """An application that makes itself one, and reads who people are."""

    wait_for = staticmethod(wait_for)


class ConnectedOrganizations(organizations.ConnectedOrganizations, Case):
    """Accounts and units that follow an organization elsewhere."""

    wait_for = staticmethod(wait_for)


class Bootstraps(bootstraps.Bootstraps, Case):
    """What an administrator runs in an account before it is connected."""

    wait_for = staticmethod(wait_for)

    def cli(self):
        return server.Cli(self.server, ARGUMENTS.aws)


class ConnectedAccounts(connected.ConnectedAccounts, Case):
    """Permission sets in accounts whose IAM and STS are somewhere else."""

    wait_for = staticmethod(wait_for)

    def cli(self):
        return server.Cli(self.server, ARGUMENTS.aws)


class Moving(moving.Moving, Case):
    database = staticmethod(lambda: fresh_database())


class OpenIdApplications(openid_applications.OpenIdApplications, Case):
    """Applications that speak OpenID Connect, of the demo's people."""

    @classmethod
    def settings(cls, home):
        return [*provider.ALLOWED]


class SamlApplications(applications.SamlApplications, Case):
    """Applications that speak SAML, by service providers that nobody here wrote."""


class ScimClients(provisioning.Provisioning, Case):
    """Clients of SCIM, in relaxed mode."""


class ScimClientsStrict(ScimClients):
    """The same, where it is as AWS has it."""

    STRICT = True


class OneRegion(regions.OneRegion, Case):
    """What SQLite has of Regions."""


class Regions(regions.Regions, unittest.TestCase):
    """Two Regions, on PostgreSQL servers of their own."""

    wait_for = staticmethod(wait_for)

    @staticmethod
    def binary():
        return ARGUMENTS.portico


def fresh_database():
    """A new PostgreSQL database, when the suite runs on PostgreSQL."""
    if not ARGUMENTS.database:
        return None
    fresh_database.count = getattr(fresh_database, "count", 0) + 1
    name = f"clients_{os.getpid()}_{fresh_database.count}"
    subprocess.run(["psql", ARGUMENTS.database, "-qc", f"CREATE DATABASE {name}"], check=True)
    return ARGUMENTS.database.replace("/postgres?", f"/{name}?")


def main():
    global ARGUMENTS
    parser = argparse.ArgumentParser()
    parser.add_argument("--portico", required=True)
    parser.add_argument("--aws", required=True)
    parser.add_argument("--database")
    parser.add_argument("tests", nargs="*")
    ARGUMENTS = parser.parse_args()
    # Each on the engine that it is about.
    del globals()["OneRegion" if ARGUMENTS.database else "Regions"]
    unittest.main(argv=[sys.argv[0], *ARGUMENTS.tests], verbosity=2, warnings="ignore")


main()
