"""What the organization lets its accounts do at most, as the AWS CLI and boto3 set it. Tests for a class of `suite.py`, which brings the server."""
import json
import signal

from botocore.exceptions import ClientError

import server

TYPE = "SERVICE_CONTROL_POLICY"


def document(effect, action):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})


class Bounded:
    """Service control policies."""

    def code(self, call, **input):
        try:
            call(**input)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        return None, None

    def made_account(self):
        organizations = self.server.client("organizations")
        status = organizations.create_account(AccountName="bounded", Email="bounded@example.com")["CreateAccountStatus"]
        done = lambda: organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"].get("AccountId")
        return self.wait_for(done)

    def member(self, service, account):
        """A client of the role that the management account has in each of its accounts."""
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        made = self.server.client("sts").assume_role(RoleArn=role, RoleSessionName="suite")["Credentials"]
        keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"], "aws_session_token": made["SessionToken"]}
        return self.server.client(service, **keys)

    def test_the_organization_bounds_what_its_accounts_do(self):
        organizations, account = self.server.client("organizations"), self.made_account()
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="Bounded")["OrganizationalUnit"]["Id"]
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
        admin, iam = self.member("sso-admin", account), self.member("iam", account)

        # By the AWS CLI, from nothing to a guard that counts at once, for a session that there is already.
        cli = server.Cli(self.server, self.aws_cli())
        keys = {"AWS_ACCESS_KEY_ID": self.made["accessKeyId"], "AWS_SECRET_ACCESS_KEY": self.made["secretAccessKey"], "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL_ORGANIZATIONS": self.server.base}
        run = lambda *words: cli.json("organizations", *words, env=keys)
        enabled = run("enable-policy-type", "--root-id", root, "--policy-type", TYPE)["Root"]
        self.assertEqual(enabled["PolicyTypes"], [{"Type": TYPE, "Status": "ENABLED"}])
        guard = run("create-policy", "--name", "no-instances", "--description", "Accounts make no instances of their own", "--type", TYPE,
                    "--content", document("Deny", "sso:CreateInstance"))["Policy"]["PolicySummary"]
        self.assertRegex(guard["Arn"], rf"^arn:aws:organizations::{self.made['managementAccountId']}:policy/o-[a-z0-9]+/service_control_policy/{guard['Id']}$")
        cli.run("organizations", "attach-policy", "--policy-id", guard["Id"], "--target-id", unit, env=keys)
        code, message = self.code(admin.create_instance, Name="own")
        self.assertEqual(code, "AccessDeniedException")
        self.assertIn("with an explicit deny in a service control policy", message)
        shown = run("list-policies-for-target", "--target-id", unit, "--filter", TYPE)["Policies"]
        self.assertEqual({one["Name"]: one["AwsManaged"] for one in shown}, {"no-instances": False, "FullAWSAccess": True})
        targets = run("list-targets-for-policy", "--policy-id", guard["Id"])["Targets"]
        self.assertEqual([(one["TargetId"], one["Type"], one["Name"]) for one in targets], [(unit, "ORGANIZATIONAL_UNIT", "Bounded")])

        # What only some may: everything else is denied, whatever the role's own policies allow, and simulations say so.
        lists = organizations.create_policy(Name="lists", Description="", Type=TYPE, Content=document("Allow", ["iam:List*", "iam:Simulate*", "sts:*"]))
        lists = lists["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=lists, TargetId=account)
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)
        self.assertTrue(iam.list_roles()["Roles"])
        code, message = self.code(iam.create_user, UserName="robot")
        self.assertEqual(code, "AccessDenied")
        self.assertIn("because no service control policy allows the iam:CreateUser action", message)
        source = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        answers = iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=["iam:ListRoles", "iam:CreateUser"])["EvaluationResults"]
        self.assertEqual([(one["EvalDecision"], one["OrganizationsDecisionDetail"]["AllowedByOrganizations"]) for one in answers],
                         [("allowed", True), ("implicitDeny", False)])
        self.assertEqual(self.code(organizations.detach_policy, PolicyId=lists, TargetId=account)[0], "ConstraintViolationException")
        self.assertEqual(self.code(organizations.delete_policy, PolicyId=lists)[0], "PolicyInUseException")
        # The management account is not bounded.
        organizations.attach_policy(PolicyId=guard["Id"], TargetId=root)
        self.assertTrue(self.server.client("iam").list_roles()["Roles"])

        # What was said survives a crash.
        self.server.stop(signal.SIGKILL)
        self.server.start()
        organizations, iam = self.server.client("organizations"), self.member("iam", account)
        self.assertEqual(self.code(iam.create_user, UserName="robot")[0], "AccessDenied")
        organizations.update_policy(PolicyId=lists, Content=document("Allow", "iam:*"))
        self.assertEqual(iam.create_user(UserName="robot")["User"]["UserName"], "robot")
        self.assertEqual(organizations.disable_policy_type(RootId=root, PolicyType=TYPE)["Root"]["PolicyTypes"], [])
        admin = self.member("sso-admin", account)
        self.assertTrue(admin.create_instance(Name="own")["InstanceArn"])
        for policy in (lists, guard["Id"]):
            organizations.delete_policy(PolicyId=policy)
        names = [one["Name"] for one in organizations.list_policies(Filter=TYPE)["Policies"]]
        self.assertEqual(names, ["FullAWSAccess"])
