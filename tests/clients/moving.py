"""Moving from AWS and between servers, by the command line: moto stands for AWS as far as it goes, and one server of Portico for the rest of it. What came of
it is read with boto3, as anybody would read it."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

import server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]}
READ_ONLY, POWER = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


class Moto:
    """A server of moto, and boto3 pointed at it."""

    def __init__(self):
        self.port = server.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        program = peer.CACHE / "moto" / "bin" / "moto_server"
        self.process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.base + "/moto-api/data.json", timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.close()
                    raise AssertionError("moto did not start") from None
                time.sleep(0.05)

    def client(self, service):
        return boto3.client(service, endpoint_url=self.base, region_name="us-east-1", **KEYS)

    def close(self):
        self.process.kill()
        self.process.wait()


def every(client, operation, member, **arguments):
    """What an operation lists, of all pages."""
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page[member]]


def fill(clients, store, instance, root, assigned=None):
    """A company as it is at AWS, as far as moto has it: two people, a group, two permission sets, an account in a unit and what they may do there, or in another."""
    people, admin, organizations = clients
    jane, sam = (people.create_user(IdentityStoreId=store, UserName=name, DisplayName=name.title(), Name={"GivenName": name.title(), "FamilyName": "Doe"},
                                    Emails=[{"Value": f"{name}@acme.example", "Type": "work", "Primary": True}])["UserId"] for name in ("moira", "seth"))
    group = people.create_group(IdentityStoreId=store, DisplayName="shippers", Description="Everyone who ships")["GroupId"]
    for user in (jane, sam):
        people.create_group_membership(IdentityStoreId=store, GroupId=group, MemberId={"UserId": user})
    unit = organizations.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    inner = organizations.create_organizational_unit(ParentId=unit, Name="Prod/EU")["OrganizationalUnit"]["Id"]
    asked = organizations.create_account(AccountName="shipping", Email="aws+shipping@acme.example", Tags=[{"Key": "stage", "Value": "prod"}])["CreateAccountStatus"]
    deadline = time.monotonic() + 20
    while asked["State"] == "IN_PROGRESS" and time.monotonic() < deadline:
        time.sleep(0.05)
        asked = organizations.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]
    account = asked["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=inner)
    sets = {}
    for name in ("Shipper", "Looker", "Custom"):
        made = admin.create_permission_set(InstanceArn=instance, Name=name, Description=f"As {name}", SessionDuration="PT4H", RelayState="https://console.aws.amazon.com/s3")
        sets[name] = made["PermissionSet"]["PermissionSetArn"]
    on = {"InstanceArn": instance, "PermissionSetArn": sets["Shipper"]}
    admin.attach_managed_policy_to_permission_set(ManagedPolicyArn=POWER, **on)
    own = {"CustomerManagedPolicyReference": {"Name": "ship", "Path": "/team/"}}
    admin.attach_customer_managed_policy_reference_to_permission_set(**own, **(on | {"PermissionSetArn": sets["Custom"]}))
    admin.put_inline_policy_to_permission_set(InlinePolicy=json.dumps(POLICY), **on)
    assigned = assigned or account
    for kind, holder, name in (("GROUP", group, "Shipper"), ("USER", jane, "Looker")):
        admin.create_account_assignment(InstanceArn=instance, TargetId=assigned, TargetType="AWS_ACCOUNT", PermissionSetArn=sets[name], PrincipalType=kind, PrincipalId=holder)
    return {"users": {"moira": jane, "seth": sam}, "group": group, "account": account, "units": [unit, inner], "sets": sets}


class Moving:
    """One server that stands for the identity center that is left. A mixin: see suite.py."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="portico-moving-")
        self.addCleanup(self.folder.cleanup)
        self.home = pathlib.Path(self.folder.name)

    def run_portico(self, *arguments, keys=None, base=None, code=0):
        """Runs a command with the credentials of the environment, and gives what it printed and said."""
        keys = keys or self.server.keys()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {name.upper(): value for name, value in keys.items()}
        done = subprocess.run([self.server.binary, *map(str, arguments), "--endpoint-url", base or self.server.base, "--region", "us-east-1"],
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def another(self, seed, start=True):
        other = server.Server(self.server.binary, database=self.database(), seed=seed)
        self.addCleanup(other.close)
        if start:
            other.start()
        return other

    def test_aws_is_read_with_its_ids_and_what_it_does_not_tell_is_named(self):
        moto = Moto()
        self.addCleanup(moto.close)
        clients = people, admin, organizations = [moto.client(service) for service in ("identitystore", "sso-admin", "organizations")]
        organizations.create_organization(FeatureSet="ALL")
        root = organizations.list_roots()["Roots"][0]["Id"]
        instance = admin.list_instances()["Instances"][0]
        # Of the accounts that have a permission set moto knows its own, once it was told to provision.
        owner = organizations.describe_organization()["Organization"]["MasterAccountId"]
        made = fill(clients, instance["IdentityStoreId"], instance["InstanceArn"], root, owner)
        for wanted in made["sets"].values():
            admin.provision_permission_set(InstanceArn=instance["InstanceArn"], PermissionSetArn=wanted, TargetType="ALL_PROVISIONED_ACCOUNTS")
        seed = self.home / "aws.yaml"
        said = self.run_portico("import-aws", "--out", seed, keys=KEYS, base=moto.base, code=2)
        for lacking in ("permissions boundaries (sso:GetPermissionsBoundaryForPermissionSet", "attributes for access control", "tags of permission sets", "by an invitation"):
            self.assertIn(lacking, said)
        self.assertIn("incomplete:", seed.read_text())
        # AWS's identity stores have hexadecimal digits in their ids, moto's any letters.
        self.assertIn(f"identityStoreId: {instance['IdentityStoreId']}\n", seed.read_text())
        seed.write_text(seed.read_text().replace(instance["IdentityStoreId"], "d-0123456789"))
        self.assertEqual(seed.stat().st_mode & 0o777, 0o600)
        self.assertIn("is there already", self.run_portico("import-aws", "--out", seed, keys=KEYS, base=moto.base, code=1))
        other = self.another(seed)
        self.assertEqual(other.made["instanceArn"], instance["InstanceArn"])
        store, arn = other.made["identityStoreId"], other.made["instanceArn"]
        people, admin, organizations = [other.client(service) for service in ("identitystore", "sso-admin", "organizations")]
        for name, user in made["users"].items():
            found = people.describe_user(IdentityStoreId=store, UserId=user)
            self.assertEqual((found["UserName"], found["Emails"]), (name, [{"Value": f"{name}@acme.example", "Type": "work", "Primary": True}]))
            held = {"IdentityStoreId": store, "MemberId": {"UserId": user}, "GroupIds": [made["group"]]}
            self.assertTrue(people.is_member_in_groups(**held)["Results"][0]["MembershipExists"])
        # moto's permission sets are called instances.
        made["sets"] = {name: wanted.replace(":instance/", ":permissionSet/") for name, wanted in made["sets"].items()}
        for name, wanted in made["sets"].items():
            found = admin.describe_permission_set(InstanceArn=arn, PermissionSetArn=wanted)["PermissionSet"]
            self.assertEqual((found["Name"], found["SessionDuration"], found["RelayState"]), (name, "PT4H", "https://console.aws.amazon.com/s3"))
        on = {"InstanceArn": arn, "PermissionSetArn": made["sets"]["Shipper"]}
        self.assertEqual(json.loads(admin.get_inline_policy_for_permission_set(**on)["InlinePolicy"]), POLICY)
        self.assertEqual(admin.list_managed_policies_in_permission_set(**on)["AttachedManagedPolicies"][0]["Arn"], POWER)
        own = on | {"PermissionSetArn": made["sets"]["Custom"]}
        self.assertEqual(admin.list_customer_managed_policy_references_in_permission_set(**own)["CustomerManagedPolicyReferences"], [{"Name": "ship", "Path": "/team/"}])
        self.assertEqual(other.made["managementAccountId"], owner)
        held = admin.list_account_assignments(AccountId=owner, **on)["AccountAssignments"]
        self.assertEqual([(one["PrincipalType"], one["PrincipalId"]) for one in held], [("GROUP", made["group"])])
        self.assertEqual(organizations.list_parents(ChildId=made["account"])["Parents"][0]["Id"], made["units"][1])
        self.assertEqual(organizations.describe_organizational_unit(OrganizationalUnitId=made["units"][1])["OrganizationalUnit"]["Name"], "Prod/EU")
        self.assertEqual(organizations.list_tags_for_resource(ResourceId=made["account"])["Tags"], [{"Key": "stage", "Value": "prod"}])

    def test_whoever_may_not_see_everything_is_told_what_is_missing(self):
        self.assertIn("AWS_ACCESS_KEY_ID is not set", self.run_portico("export", "--out", self.home / "a.yaml", keys={"aws_region": "us-east-1"}, code=1))
        self.assertIn("export-credentials", self.run_portico("export", "--out", self.home / "a.yaml", keys={"aws_region": "us-east-1"}, code=1))
        wrong = {**self.server.keys(), "aws_secret_access_key": "x" * 40}
        self.assertIn("sso:ListInstances", self.run_portico("export", "--out", self.home / "a.yaml", keys=wrong, code=1))
        self.assertEqual(list(self.home.iterdir()), [], "nothing half is left")

    def everything(self):
        """Everything that a file has a place for, on the server that is left."""
        store, arn = self.made["identityStoreId"], self.made["instanceArn"]
        people, admin, organizations = [self.server.client(service) for service in ("identitystore", "sso-admin", "organizations")]
        root = organizations.list_roots()["Roots"][0]["Id"]
        made = fill((people, admin, organizations), store, arn, root)
        people.create_user(
            IdentityStoreId=store, UserName="whole", DisplayName="Whole", NickName="W", Title="Dr", UserType="Employee", Locale="en-GB", Timezone="Europe/Berlin",
            PreferredLanguage="en", ProfileUrl="https://acme.example/whole", Website="https://whole.example", Birthdate="1990-02-03",
            Name={"GivenName": "W", "FamilyName": "Hole", "MiddleName": "M", "Formatted": "W M Hole", "HonorificPrefix": "Dr", "HonorificSuffix": "Jr"},
            Addresses=[{"StreetAddress": "1 Main St", "Locality": "Town", "Region": "NY", "PostalCode": "01234", "Country": "US", "Formatted": "1 Main St", "Type": "work", "Primary": True}],
            PhoneNumbers=[{"Value": "+1 555", "Type": "work", "Primary": True}], Roles=[{"Value": "yes", "Type": "no"}],
            Extensions={"aws:identitystore:enterprise": {"costCenter": "42", "manager": {"value": "seth"}}})
        on = {"InstanceArn": arn, "PermissionSetArn": made["sets"]["Looker"]}
        admin.put_permissions_boundary_to_permission_set(PermissionsBoundary={"ManagedPolicyArn": READ_ONLY}, **on)
        admin.tag_resource(InstanceArn=arn, ResourceArn=made["sets"]["Looker"], Tags=[{"Key": "team", "Value": "audit"}])
        on["PermissionSetArn"] = made["sets"]["Custom"]
        admin.put_permissions_boundary_to_permission_set(PermissionsBoundary={"CustomerManagedPolicyReference": {"Name": "bound", "Path": "/"}}, **on)
        admin.tag_resource(InstanceArn=arn, ResourceArn=arn, Tags=[{"Key": "owner", "Value": "platform"}])
        admin.update_instance(InstanceArn=arn, Name="acme")
        attributes = [{"Key": "CostCenter", "Value": {"Source": ["${path:enterprise.costCenter}"]}}]
        admin.create_instance_access_control_attribute_configuration(InstanceArn=arn, InstanceAccessControlAttributeConfiguration={"AccessControlAttributes": attributes})
        for id in (root, made["units"][0], self.made["managementAccountId"]):
            organizations.tag_resource(ResourceId=id, Tags=[{"Key": "cost", "Value": "007"}])
        return made

    def test_what_is_exported_begins_a_server_that_exports_the_same_and_apply_changes_it_as_a_file_says(self):
        made = self.everything()
        first, again = self.home / "first.yaml", self.home / "again.yaml"
        self.assertIn("is complete", self.run_portico("export", "--out", first))
        text = first.read_text()
        for part in ("costCenter: '42'", "Prod/EU", "bound", "postalCode: '01234'", "cost: '007'", "CostCenter: ${path:enterprise.costCenter}"):
            self.assertIn(part, text)
        other = self.another(first)
        self.run_portico("export", "--out", again, keys=other.keys(), base=other.base)
        self.assertEqual(again.read_text(), text)
        # The administrator of the file is the administrator, with the password that init printed.
        who = other.person().get(other.base + "/start")
        who.sign_in("admin", other.made["administrator"]["password"])
        self.assertIn("PorticoAdministrator", who.text)
        # The same as documents, which are read as they come.
        documents = self.home / "documents.json"
        self.run_portico("export", "--out", documents)
        self.another(documents, start=False)
        self.refusals(first)
        self.applied(other, made)

    def refusals(self, whole):
        """Seeds that name one thing twice, or that mean somebody else by the administrator's name."""
        user = "906762a0f0-11112222-3333-4444-8555-666677778888"
        for text, why in (
            (f"users: [{{userName: a, id: {user}}}, {{userName: b, id: {user}}}]", f"user b: another user of the seed has the id {user}"),
            ("users: [{userName: admin}]", "--administrator"),
            ("instance: {id: ssoins-1}", "instance.id is 'ssoins-1'"),
            ("permissionSets: [{name: A, customerManagedPolicies: [{name: x, path: y}]}]", "must be / or look like"),
            ("organizationalUnits: [{path: A, id: ou-aaaa-11111111}, {path: B, id: ou-aaaa-11111111}]", "organizational unit B"),
            ("organization: {managementAccount: {id: '111122223333'}}\naccounts: [{id: '111122223333', name: b, email: b@acme.example}]", "111122223333"),
        ):
            seed = self.home / "refused.yaml"
            seed.write_text(text)
            done = subprocess.run([self.server.binary, "init", "--data-dir", self.home / "refused", "--seed", seed], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(why, done.stderr)
            self.assertFalse((self.home / "refused" / "portico.db").exists(), "nothing was begun")
        seed.write_text("users: [{userName: admin}]")
        subprocess.run([self.server.binary, "init", "--data-dir", self.home / "named", "--seed", seed, "--administrator", "root"], check=True, stdout=subprocess.DEVNULL)

    def applied(self, other, made):
        """What a file says is made, once; what it never named stays; what a former one named goes when asked."""
        def apply(text, *flags, code=0, name="wanted.yaml"):
            path = self.home / name
            path.write_text(text)
            return self.run_portico("apply", path, *flags, keys=other.keys(), base=other.base, code=code)

        store, arn = other.made["identityStoreId"], other.made["instanceArn"]
        people, admin = other.client("identitystore"), other.client("sso-admin")
        # The export of a server, applied to it, is nothing to do; that of another is not taken for it.
        self.assertIn("Nothing to change.", self.run_portico("apply", self.home / "first.yaml", keys=other.keys(), base=other.base))
        foreign = "instance: {identityStoreId: d-0123456789}\nusers: [{userName: seth, id: 906762a0f0-11112222-3333-4444-8555-666677778888}]\n"
        self.assertIn("of another identity store", apply(foreign, "--yes", code=1))
        self.assertIn("Nothing to change.", apply(foreign, "--yes", "--ignore-ids"))
        wanted = f"""
            users:
              - {{ userName: nora, name: {{ givenName: Nora, familyName: Doe }}, emails: [{{ value: nora@acme.example, type: work, primary: true }}] }}
              - {{ userName: whole, title: Prof, extensions: {{ "aws:identitystore:enterprise": {{ costCenter: "43" }} }} }}
            groups: [{{ displayName: shippers, description: Ships, members: [nora] }}, {{ displayName: night, members: [nora, seth] }}]
            organizationalUnits: [Sandbox/Night]
            accounts: [{{ name: night, email: aws+night@acme.example, ou: Sandbox/Night, tags: {{ stage: test }} }}]
            permissionSets:
              - {{ name: Looker, description: As Looker, sessionDuration: PT2H, managedPolicies: ["{READ_ONLY}"], tags: {{ team: night }} }}
              - {{ name: Night, sessionDuration: PT1H, inlinePolicy: {json.dumps(POLICY)}, permissionsBoundary: {{ managedPolicy: "{POWER}" }}, tags: {{ a: b }} }}
            assignments:
              - {{ group: night, permissionSet: Night, accounts: [night, "{made['account']}"] }}
            """
        plan = apply(wanted, "--plan")
        self.assertIn("+ user nora", plan)
        self.assertIn("~ permission set Looker: take the permissions boundary away", plan)
        self.assertIn(" 0 to delete.", plan)
        self.assertIn("nobody is there to ask", apply(wanted, code=1))
        self.assertNotIn("nora", json.dumps(every(people, "list_users", "Users", IdentityStoreId=store), default=str))
        self.assertIn("Done:", apply(wanted, "--yes"))
        self.assertIn("Nothing to change.", apply(wanted, "--yes"))
        whole = next(user for user in every(people, "list_users", "Users", IdentityStoreId=store) if user["UserName"] == "whole")
        self.assertEqual((whole["Title"], whole["NickName"]), ("Prof", "W"))
        groups = {group["DisplayName"]: group["GroupId"] for group in every(people, "list_groups", "Groups", IdentityStoreId=store)}
        self.assertEqual(len(every(people, "list_group_memberships", "GroupMemberships", IdentityStoreId=store, GroupId=groups["shippers"])), 3, "who was in it stays in it")
        on = {"InstanceArn": arn, "PermissionSetArn": made["sets"]["Looker"]}
        self.assertEqual(admin.describe_permission_set(**on)["PermissionSet"]["SessionDuration"], "PT2H")
        with self.assertRaises(admin.exceptions.ResourceNotFoundException):
            admin.get_permissions_boundary_for_permission_set(**on)
        self.refused_applies(apply)
        # What the former file named and this one does not goes; nothing else does.
        (self.home / "former.yaml").write_text(wanted)
        less = "groups: [{ displayName: shippers, description: Ships }]\n"
        said = apply(less, "--yes", "--prune", self.home / "former.yaml", name="less.yaml", code=1)
        self.assertIn("permission set Looker: it would go, but the assignment of Looker to the user moira", said)
        less += f'permissionSets: [{{ name: Looker, description: As Looker, sessionDuration: PT2H, managedPolicies: ["{READ_ONLY}"] }}]\n'
        said = apply(less, "--yes", "--prune", self.home / "former.yaml", name="less.yaml")
        for line in ("- assignment of Night to the group night in ", "- permission set Night", "- user nora", "- group night", "- member nora of group shippers"):
            self.assertIn(line, said)
        self.assertIn("Nothing to change.", apply(less, "--yes", "--prune", self.home / "former.yaml", name="less.yaml"))
        names = [user["UserName"] for user in every(people, "list_users", "Users", IdentityStoreId=store)]
        self.assertEqual([name for name in ("nora", "whole", "seth", "moira", "admin") if name in names], ["seth", "moira", "admin"])
        self.killed(other, apply, people, store)

    def refused_applies(self, apply):
        """What cannot be done is refused by name before anything is done."""
        for text, why in (
            ("users: [{userName: zoe, password: {plain: correct-horse-battery}}]", "passwords"),
            ("portal: {name: A}", "portal"),
            ("incomplete: [tags of permission sets]", "lacks tags of permission sets"),
            ("users: [{userName: seth, active: false}]", "switches somebody off"),
            ("users: [{userName: zoe, id: 906762a0f0-11112222-3333-4444-8555-666677778888}]", "cannot be chosen by a call"),
            ("groups: [{displayName: new, members: [nobody]}]", "member nobody is neither there nor in the file"),
            ("assignments: [{user: seth, permissionSet: Nothing, accounts: [night]}]", "neither there nor in the file"),
            ("assignments: [{user: seth, permissionSet: Looker, accounts: [nowhere]}]", "account 'nowhere' is neither there"),
            ("accounts: [{id: '999988887777', name: a, email: a@acme.example}]", "account a: it is not there"),
        ):
            said = apply(text, "--yes", code=1, name="refused.yaml")
            self.assertIn(why, said)
        self.assertIn("Left out: passwords", apply("users: [{userName: seth, password: {plain: correct-horse-battery}}]", "--yes", "--leave-out", name="refused.yaml"))

    def killed(self, other, apply, people, store):
        """An apply that is killed half-way, and run again."""
        names = [f"many{number}" for number in range(80)]
        text = "users:\n" + "".join(f"- userName: {name}\n" for name in names) + "groups: [{ displayName: many, members: [" + ", ".join(names) + "] }]\n"
        path = self.home / "many.yaml"
        path.write_text(text)
        environment = {**os.environ, **{name.upper(): value for name, value in other.keys().items()}}
        process = subprocess.Popen([other.binary, "apply", path, "--yes", "--endpoint-url", other.base], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and "many20" not in [user["UserName"] for user in every(people, "list_users", "Users", IdentityStoreId=store)]:
            pass
        process.kill()
        process.wait()
        # It may have come to its end before it was killed.
        self.assertRegex(apply(text, "--yes"), r"Done:|Nothing to change\.")
        self.assertIn("Nothing to change.", apply(text, "--yes"))
        group = next(group["GroupId"] for group in every(people, "list_groups", "Groups", IdentityStoreId=store) if group["DisplayName"] == "many")
        self.assertEqual(len(every(people, "list_group_memberships", "GroupMemberships", IdentityStoreId=store, GroupId=group)), len(names))
