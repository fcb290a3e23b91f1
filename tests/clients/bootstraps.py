"""What an administrator runs in an account before it is connected: that it makes the role it says, and that provisioning needs all that this role may do and no more. moto
is what it runs in, and decides by policies then."""
import ast
import fnmatch
import json
import os
import subprocess
import urllib.parse
import urllib.request

import hcl2
from botocore.exceptions import ClientError

import connected
from connected import ACCOUNT, OTHER, POWER_USER, READ_ONLY

HUB = "123456789012"
PATH = "/portico/"
#: Asked for with CreateRole, which sets tags; there is no call of it.
WITH_ANOTHER = {"TagRole"}
#: Calls with a document in which there are blanks.
HOLD_METADATA = {"CreateSAMLProvider", "UpdateSAMLProvider"}


class Bootstraps(connected.Elsewhere):
    """A role from the text that makes it to the last call that it is good for."""

    def bootstrap(self, account, **asked):
        asked = {"TrustedPrincipalArn": f"arn:aws:iam::{HUB}:user/portico", "ExternalId": "of-our-own", "RolePath": PATH, **asked}
        return self.portico("get_account_bootstrap", AccountId=account, **asked)["AccountBootstrap"]

    def role(self, account, name):
        """What the role in the account may do, and who may take it."""
        iam = self.moto.inside("iam", account)
        role = iam.get_role(RoleName=name)["Role"]
        [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
        return iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"], role["AssumeRolePolicyDocument"]

    def said(self, bootstrap):
        return json.loads(bootstrap["PolicyDocument"]), json.loads(bootstrap["TrustPolicyDocument"])

    def test_every_language_makes_the_same_role(self):
        cloud, terraform, cli = (self.bootstrap(ACCOUNT, Format=one, RoleName=one) for one in ("CLOUDFORMATION", "TERRAFORM", "AWS_CLI"))
        self.assertEqual(self.said(cloud), self.said(terraform))
        self.assertEqual(self.said(cloud), self.said(cli))
        # CloudFormation, by moto's.
        self.moto.inside("cloudformation").create_stack(StackName="portico", TemplateBody=cloud["Template"])
        [stack] = self.moto.inside("cloudformation").describe_stacks(StackName="portico")["Stacks"]
        self.assertEqual([output["OutputValue"] for output in stack["Outputs"]], [cloud["RoleArn"]])
        policy, trust = self.role(ACCOUNT, "CLOUDFORMATION")
        # moto keeps a policy of a template as Python prints it: findings/moto-policy-of-a-stack.sh
        self.assertEqual((ast.literal_eval(policy), trust), self.said(cloud))
        # The AWS CLI, in a shell.
        keys = self.moto.client("sts", aws_access_key_id="AKIAHUB", aws_secret_access_key="hub").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/Administrator", RoleSessionName="administrator")["Credentials"]
        env = {**os.environ, "AWS_ENDPOINT_URL": self.moto.base, "AWS_REGION": "us-east-1", "AWS_PAGER": "", "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
               "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["SessionToken"], "PATH": f"{os.path.dirname(self.cli().aws)}:{os.environ['PATH']}"}
        subprocess.run(["sh", "-ec", cli["Template"]], env=env, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.role(ACCOUNT, "AWS_CLI"), self.said(cli))
        # Terraform's language, by a parser of it that is not Terraform's.
        parsed = hcl2.loads(terraform["Template"])
        resources = {kind.strip('"'): next(iter(of.values())) for resource in parsed["resource"] for kind, of in resource.items()}
        self.assertEqual(set(resources), {"aws_iam_role", "aws_iam_role_policy"})
        for word in ("iam:UpdateAssumeRolePolicy", "of-our-own", f"role{PATH}*"):
            self.assertIn(word, json.dumps(resources))
        self.root_path()

    def root_path(self):
        with self.assertRaises(ClientError) as caught:
            self.bootstrap(ACCOUNT, Format="TERRAFORM", RolePath="/")
        self.assertIn("itself too", caught.exception.response["Error"]["Message"])

    def test_the_policy_is_all_that_provisioning_needs_and_nothing_more(self):
        self.empty(OTHER)
        bootstrap = self.bootstrap(OTHER, Format="AWS_CLI")
        policy, trust = self.said(bootstrap)
        inside = self.moto.inside("iam", OTHER)
        inside.create_role(RoleName="PorticoProvisioning", AssumeRolePolicyDocument=json.dumps(trust))
        # moto decides by actions, and takes every call of IAM for one about "*": what each is about is held below.
        anything = {**policy, "Statement": [{**statement, "Resource": "*"} for statement in policy["Statement"]]}
        inside.put_role_policy(RoleName="PorticoProvisioning", PolicyName="PorticoProvisioning", PolicyDocument=json.dumps(anything))
        hub = self.moto.client("iam", aws_access_key_id="AKIAHUB", aws_secret_access_key="hub")
        hub.create_user(UserName="portico")
        take = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": bootstrap["RoleArn"]}]}
        hub.put_user_policy(UserName="portico", PolicyName="take", PolicyDocument=json.dumps(take))
        key = hub.create_access_key(UserName="portico")["AccessKey"]
        inside.create_policy(PolicyName="Ours", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
        self.portico("create_account_connection", AccountId=OTHER, SecretAccessKey=key["SecretAccessKey"], Configuration={
            "AccessKeyId": key["AccessKeyId"], "RoleArn": bootstrap["RoleArn"], "ExternalId": "of-our-own", "RolePath": PATH, "RoleNamePrefix": "Portico_",
            "IamEndpoint": self.proxy.base, "StsEndpoint": self.proxy.base})
        # moto verifies a form as botocore would write it, and others write a blank otherwise: it is not asked about calls that hold metadata. findings/moto-blank-in-a-signed-form.sh
        instead = self.proxy.instead
        self.proxy.instead = lambda action, is_json: self.decides(action not in HOLD_METADATA) or instead(action, is_json)
        self.addCleanup(setattr, self.proxy, "instead", instead)
        self.addCleanup(self.decides, False)
        self.proxy.taken()
        self.proxy.bodies.clear()
        self.lived()
        allowed = {}
        for statement in policy["Statement"]:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                allowed[action.removeprefix("iam:")] = statement["Resource"]
        called = {call for call in self.proxy.taken() if not call.startswith(("Assume", "GetCallerIdentity"))}
        self.assertEqual(called, set(allowed) - WITH_ANOTHER)
        for body in self.proxy.bodies:
            self.about(allowed, {name: value for name, [value] in urllib.parse.parse_qs(body).items()})

    def about(self, allowed, asked):
        """A call is about what the policy allows it on."""
        if asked["Action"] not in allowed:
            return
        role = f"arn:aws:iam::{OTHER}:role{PATH}{asked.get('RoleName')}"
        provider = asked.get("SAMLProviderArn") or f"arn:aws:iam::{OTHER}:saml-provider/{asked.get('Name')}"
        resource = role if "RoleName" in asked else provider if "SAML" in asked["Action"] else asked.get("PolicyArn", "*")
        self.assertTrue(fnmatch.fnmatchcase(resource, allowed[asked["Action"]]), (asked["Action"], resource))
        if asked["Action"] == "CreateRole":
            self.assertEqual(asked["Path"], PATH)

    def decides(self, does):
        """From now on moto asks policies before it does anything; or does whatever it is told, as at first."""
        count = b"0" if does else b"inf"
        urllib.request.urlopen(urllib.request.Request(f"{self.moto.base}/moto-api/reset-auth", count, {"Content-Type": "text/plain"}, method="POST"), timeout=10).close()

    def lived(self):
        """Everything that provisioning does in an account, once."""
        tested = self.portico("test_account_connection", AccountId=OTHER)
        self.assertTrue(tested["Passed"], tested)
        admin = self.server.client("sso-admin")
        arn = admin.create_permission_set(InstanceArn=self.instance(), Name="Whole", Description="first", SessionDuration="PT2H")["PermissionSet"]["PermissionSetArn"]
        at = {"InstanceArn": self.instance(), "PermissionSetArn": arn}
        admin.attach_managed_policy_to_permission_set(**at, ManagedPolicyArn=POWER_USER)
        admin.attach_customer_managed_policy_reference_to_permission_set(**at, CustomerManagedPolicyReference={"Name": "Ours", "Path": "/"})
        done = self.assign(OTHER, "Whole", "jane")
        self.assertEqual(done["Status"], "SUCCEEDED", done)
        # All of it changes, and changes back.
        inline = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        admin.update_permission_set(**at, Description="second", SessionDuration="PT1H")
        admin.detach_managed_policy_from_permission_set(**at, ManagedPolicyArn=POWER_USER)
        admin.put_inline_policy_to_permission_set(**at, InlinePolicy=json.dumps(inline))
        admin.put_permissions_boundary_to_permission_set(**at, PermissionsBoundary={"ManagedPolicyArn": READ_ONLY})
        self.assertEqual(self.provision("Whole", OTHER)["Status"], "SUCCEEDED")
        admin.delete_permissions_boundary_from_permission_set(**at)
        self.assertEqual(self.provision("Whole", OTHER)["Status"], "SUCCEEDED")
        self.server.command("keys", "rotate-signing", "accounts", "--after", "0")
        self.wait_for(lambda: "UpdateSAMLProvider" in self.proxy.calls, 60)
        self.portico("detect_account_drift", AccountId=OTHER)
        drift = self.wait_for(lambda: (found := self.portico("describe_account_drift", AccountId=OTHER)["AccountDrift"])["DetectionStatus"] != "DETECTION_IN_PROGRESS" and found, 60)
        self.assertEqual((drift["DetectionStatus"], drift["DriftStatus"]), ("DETECTION_COMPLETE", "IN_SYNC"), drift)
        self.assertEqual(self.unassign(OTHER, "Whole", "jane")["Status"], "SUCCEEDED")
        self.decides(False)
        self.assertEqual(self.moto.inside("iam", OTHER).list_roles(PathPrefix=PATH)["Roles"], [])
