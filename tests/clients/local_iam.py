"""IAM of the local accounts as Terraform's provider, the AWS CLI and administrators with boto3 meet it. Tests for a class of `suite.py`, which brings the server."""
import json
import signal

from botocore.exceptions import ClientError

import server


def document(action, effect="Allow"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})


class Iam:
    """Roles and policies that an account makes for itself."""

    def refused(self, code, call, **input):
        with self.assertRaises(ClientError) as refused:
            call(**input)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)
        return refused.exception.response["Error"]["Message"]

    def client_of(self, service, keys):
        """Keys as STS or the portal writes them."""
        keys = {name[0].lower() + name[1:]: value for name, value in keys.items()}
        return self.server.client(service, aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"])

    def test_a_permission_set_is_what_the_accounts_own_policy_says_now(self):
        iam, admin, owner = self.server.client("iam"), self.server.client("sso-admin"), self.made["managementAccountId"]
        where = {"InstanceArn": self.instance()}
        made = {**where, "PermissionSetArn": admin.create_permission_set(**where, Name="Custom")["PermissionSet"]["PermissionSetArn"]}
        admin.attach_customer_managed_policy_reference_to_permission_set(**made, CustomerManagedPolicyReference={"Name": "reads", "Path": "/suite/"})
        assignment = {**made, "TargetId": owner, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": self.user("jane")}
        assign = lambda: self.settle(admin.create_account_assignment(**assignment)["AccountAssignmentCreationStatus"]["RequestId"])
        arn = f"arn:aws:iam::{owner}:policy/suite/reads"
        failed = assign()
        self.assertEqual((failed["Status"], failed["FailureReason"]), ("FAILED", f"Received a 404 status error: Not supported policy {arn}."))
        self.assertEqual(iam.create_policy(PolicyName="reads", Path="/suite/", PolicyDocument=document("iam:List*"))["Policy"]["Arn"], arn)
        self.assertEqual(assign()["Status"], "SUCCEEDED")

        keys = self.server.client("sso").get_role_credentials(roleName="Custom", accountId=owner, accessToken=self.token()["accessToken"])["roleCredentials"]
        jane = self.client_of("iam", keys)
        role = next(role["RoleName"] for role in jane.list_roles()["Roles"] if role["RoleName"].startswith("AWSReservedSSO_Custom_"))
        self.refused("AccessDenied", jane.get_role, RoleName=role)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document("iam:Get*"), SetAsDefault=True)
        self.assertEqual(jane.get_role(RoleName=role)["Role"]["RoleName"], role)
        self.refused("AccessDenied", jane.list_roles)
        iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
        self.assertTrue(jane.list_roles()["Roles"])

        self.assertEqual(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], [{"PolicyName": "reads", "PolicyArn": arn}])
        self.assertEqual([user["RoleName"] for user in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]], [role])
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
        protected = self.refused("UnmodifiableEntity", iam.detach_role_policy, RoleName=role, PolicyArn=arn)
        self.assertEqual(protected, f"Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS")
        self.settle(admin.delete_account_assignment(**assignment)["AccountAssignmentDeletionStatus"]["RequestId"], "deletion")
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
        iam.delete_policy(PolicyArn=arn)
        self.refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)

    def test_a_role_and_a_policy_as_terraform_keeps_them(self):
        """What `aws_iam_policy`, `aws_iam_role`, `aws_iam_role_policy` and `aws_iam_role_policy_attachment` of Terraform's provider call, in their order."""
        iam, owner = self.server.client("iam"), self.made["managementAccountId"]
        tags = [{"Key": "Name", "Value": "suite"}]
        policy = iam.create_policy(PolicyName="deploys", Path="/", Description="Deploys", PolicyDocument=document("iam:Get*"), Tags=tags)["Policy"]["Arn"]
        iam.get_waiter("policy_exists").wait(PolicyArn=policy, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        read = iam.get_policy(PolicyArn=policy)["Policy"]
        self.assertEqual((read["Description"], read["Tags"], read["DefaultVersionId"], read["AttachmentCount"]), ("Deploys", tags, "v1", 0))
        # boto3 decodes documents, which IAM hands out percent-encoded.
        written = iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]
        self.assertEqual((written["Document"], written["IsDefaultVersion"]), (json.loads(document("iam:Get*")), True))

        role = iam.create_role(RoleName="deploys", Path="/suite/", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{owner}:root"), MaxSessionDuration=3_600,
                               PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess", Tags=tags)["Role"]
        self.assertEqual(role["Arn"], f"arn:aws:iam::{owner}:role/suite/deploys")
        iam.get_waiter("role_exists").wait(RoleName="deploys", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        iam.put_role_policy(RoleName="deploys", PolicyName="lists", PolicyDocument=document("iam:List*"))
        iam.attach_role_policy(RoleName="deploys", PolicyArn=policy)
        read = iam.get_role(RoleName="deploys")["Role"]
        self.assertEqual((read["Tags"], read["AssumeRolePolicyDocument"]), (tags, json.loads(trust(f"arn:aws:iam::{owner}:root"))))
        self.assertEqual(iam.list_role_policies(RoleName="deploys")["PolicyNames"], ["lists"])
        self.assertEqual(iam.get_role_policy(RoleName="deploys", PolicyName="lists")["PolicyDocument"], json.loads(document("iam:List*")))

        # The CLI assumes it and does what it may.
        cli = server.Cli(self.server, self.aws_cli())
        keys = {"AWS_ACCESS_KEY_ID": self.made["accessKeyId"], "AWS_SECRET_ACCESS_KEY": self.made["secretAccessKey"], "AWS_REGION": "us-east-1"}
        urls = {f"AWS_ENDPOINT_URL_{service}": self.server.base for service in ("STS", "IAM")}
        assumed = json.loads(cli.run("sts", "assume-role", "--role-arn", role["Arn"], "--role-session-name", "suite", env={**keys, **urls}).stdout)["Credentials"]
        keys = {**keys, "AWS_ACCESS_KEY_ID": assumed["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"], "AWS_SESSION_TOKEN": assumed["SessionToken"]}
        found = json.loads(cli.run("iam", "get-role", "--role-name", "deploys", env={**keys, **urls}).stdout)
        self.assertEqual(found["Role"]["MaxSessionDuration"], 3_600)
        refused = cli.run("iam", "delete-role", "--role-name", "deploys", env={**keys, **urls}, check=False)
        self.assertIn("AccessDenied", refused.stderr)

        # A change, and the sixth version, for which the provider takes the oldest away.
        iam.update_assume_role_policy(RoleName="deploys", PolicyDocument=trust(owner))
        iam.update_role(RoleName="deploys", MaxSessionDuration=7_200)
        for _ in range(4):
            iam.create_policy_version(PolicyArn=policy, PolicyDocument=document("iam:Get*"), SetAsDefault=True)
        self.refused("LimitExceeded", iam.create_policy_version, PolicyArn=policy, PolicyDocument=document("iam:Get*"), SetAsDefault=True)
        versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
        self.assertEqual([(one["VersionId"], one["IsDefaultVersion"]) for one in versions], [("v5", True), ("v4", False), ("v3", False), ("v2", False), ("v1", False)])
        self.refused("MalformedPolicyDocument", iam.create_policy_version, PolicyArn=policy, PolicyDocument="{}")
        self.refused("EntityAlreadyExists", iam.create_role, RoleName="DEPLOYS", AssumeRolePolicyDocument=trust(owner))

        # What there is survives a crash.
        self.server.stop(signal.SIGKILL)
        self.server.start()
        iam = self.server.client("iam")
        self.assertEqual(iam.get_role(RoleName="deploys")["Role"]["MaxSessionDuration"], 7_200)
        self.refused("DeleteConflict", iam.delete_role, RoleName="deploys")
        iam.detach_role_policy(RoleName="deploys", PolicyArn=policy)
        iam.delete_role_policy(RoleName="deploys", PolicyName="lists")
        self.assertEqual(iam.list_instance_profiles_for_role(RoleName="deploys")["InstanceProfiles"], [])
        iam.delete_role(RoleName="deploys")
        self.refused("InvalidClientTokenId", self.client_of("sts", assumed).get_caller_identity)
        for version in versions[1:]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=policy)
