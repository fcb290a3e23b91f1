"""Users, access keys and groups of an account's IAM, and what STS gives to who holds a key, as Terraform's provider, the AWS CLI and administrators with boto3 meet
them; beside moto, which nobody here wrote. Tests for a class of `suite.py`, which brings the server.
"""
import json
import signal
import tempfile
import time

import connected
import server
from local_iam import document

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TAGS = [{"Key": "Name", "Value": "suite"}]
SEALED = ". Encoded authorization failure message: "


def members(value):
    """What an answer is made of, without what it says."""
    if isinstance(value, dict):
        return {key: members(each) for key, each in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [members(each) for each in value[:1]]
    return type(value).__name__


class Users:
    """What an account keeps of programs that call with keys of their own."""

    def keys_of(self, made):
        return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"], "aws_session_token": made.get("SessionToken")}

    def last_used(self, key):
        for _ in range(100):
            used = self.server.client("iam").get_access_key_last_used(AccessKeyId=key)
            if "LastUsedDate" in used["AccessKeyLastUsed"]:
                break
            time.sleep(0.05)
        return used

    def new_user(self, name):
        """A user and clients that call by its key."""
        iam = self.server.client("iam")
        iam.create_user(UserName=name)
        keys = self.keys_of(iam.create_access_key(UserName=name)["AccessKey"])
        return keys, lambda service: self.server.client(service, **keys)

    def test_a_user_a_key_and_a_group_as_terraform_keeps_them(self):
        """What `aws_iam_user`, `aws_iam_access_key`, `aws_iam_user_policy`, `aws_iam_user_policy_attachment`, `aws_iam_group`, `aws_iam_group_membership` and
        `aws_iam_group_policy` of Terraform's provider call."""
        iam, owner = self.server.client("iam"), self.made["managementAccountId"]
        user = iam.create_user(UserName="deployer", Path="/suite/", PermissionsBoundary=ADMINISTRATOR, Tags=TAGS)["User"]
        iam.get_waiter("user_exists").wait(UserName="deployer", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        read = iam.get_user(UserName="deployer")["User"]
        self.assertEqual(read, user)
        self.assertEqual((read["Arn"], read["Path"], read["Tags"]), (f"arn:aws:iam::{owner}:user/suite/deployer", "/suite/", TAGS))
        self.assertEqual(read["PermissionsBoundary"], {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": ADMINISTRATOR})
        self.refused("EntityAlreadyExists", iam.create_user, UserName="DEPLOYER")
        self.refused("NoSuchEntity", iam.get_user, UserName="nobody")
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        self.assertEqual([(one["AccessKeyId"], one["Status"]) for one in iam.list_access_keys(UserName="deployer")["AccessKeyMetadata"]], [(key["AccessKeyId"], "Active")])
        keys = self.keys_of(key)
        own = self.server.client("iam", **keys)
        self.refused("AccessDenied", own.list_users)

        # Policies of its own, attached ones and those of a group count at its next call.
        iam.put_user_policy(UserName="deployer", PolicyName="lists", PolicyDocument=document("iam:List*"))
        self.assertIn("deployer", [one["UserName"] for one in own.list_users(PathPrefix="/suite/")["Users"]])
        self.assertEqual(iam.get_user_policy(UserName="deployer", PolicyName="lists")["PolicyDocument"], json.loads(document("iam:List*")))
        self.assertEqual(iam.list_user_policies(UserName="deployer")["PolicyNames"], ["lists"])
        self.refused("AccessDenied", own.get_user)
        iam.create_group(GroupName="deployers", Path="/suite/")
        iam.put_group_policy(GroupName="deployers", PolicyName="gets", PolicyDocument=document("iam:Get*"))
        iam.add_user_to_group(GroupName="deployers", UserName="deployer")
        self.assertEqual(own.get_user()["User"]["UserName"], "deployer")
        self.assertEqual([one["UserName"] for one in iam.get_group(GroupName="deployers")["Users"]], ["deployer"])
        self.assertEqual([one["GroupName"] for one in iam.list_groups_for_user(UserName="deployer")["Groups"]], ["deployers"])
        iam.put_user_permissions_boundary(UserName="deployer", PermissionsBoundary="arn:aws:iam::aws:policy/AWSOrganizationsFullAccess")
        self.assertIn("permissions boundary", self.refused("AccessDenied", own.get_user))
        iam.delete_user_permissions_boundary(UserName="deployer")
        iam.attach_group_policy(GroupName="deployers", PolicyArn=ADMINISTRATOR)
        self.assertEqual([one["PolicyName"] for one in iam.list_attached_group_policies(GroupName="deployers")["AttachedPolicies"]], ["AdministratorAccess"])
        self.assertTrue(self.server.client("sso-admin", **keys).list_instances()["Instances"])
        entities = iam.list_entities_for_policy(PolicyArn=ADMINISTRATOR, EntityFilter="Group")
        self.assertEqual([one["GroupName"] for one in entities["PolicyGroups"]], ["deployers"])

        # The CLI by its key; what it was last used for.
        cli = server.Cli(self.server, self.aws_cli())
        env = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"], "AWS_REGION": "us-east-1",
               **{f"AWS_ENDPOINT_URL_{service}": self.server.base for service in ("STS", "IAM")}}
        who = json.loads(cli.run("sts", "get-caller-identity", env=env).stdout)
        self.assertEqual(who, {"UserId": user["UserId"], "Account": owner, "Arn": user["Arn"]})
        # It is written beside the call, to about an hour: the first use is known.
        used = self.last_used(key["AccessKeyId"])
        self.assertEqual((used["UserName"], used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]), ("deployer", "iam", "us-east-1"))

        # A change of name, a crash, and the end, in the order that the provider has.
        iam.update_user(UserName="deployer", NewUserName="releaser", NewPath="/")
        self.server.stop(signal.SIGKILL)
        self.server.start()
        iam, own = self.server.client("iam"), self.server.client("iam", **keys)
        self.assertEqual(own.get_user()["User"]["Arn"], f"arn:aws:iam::{owner}:user/releaser")
        self.assertEqual(iam.list_user_tags(UserName="releaser")["Tags"], TAGS)
        self.refused("DeleteConflict", iam.delete_user, UserName="releaser")
        iam.update_access_key(UserName="releaser", AccessKeyId=key["AccessKeyId"], Status="Inactive")
        self.refused("InvalidClientTokenId", own.get_user)
        iam.delete_access_key(UserName="releaser", AccessKeyId=key["AccessKeyId"])
        self.refused("DeleteConflict", iam.delete_group, GroupName="deployers")
        iam.remove_user_from_group(GroupName="deployers", UserName="releaser")
        iam.delete_user_policy(UserName="releaser", PolicyName="lists")
        iam.delete_user(UserName="releaser")
        iam.detach_group_policy(GroupName="deployers", PolicyArn=ADMINISTRATOR)
        iam.delete_group_policy(GroupName="deployers", PolicyName="gets")
        iam.delete_group(GroupName="deployers")
        self.refused("NoSuchEntity", iam.get_user, UserName="releaser")

    def test_a_service_user_is_a_user_of_iam(self):
        iam, portico, where = self.server.client("iam"), self.server.client("portico"), {"InstanceArn": self.instance()}
        made = portico.create_service_user(**where, UserName="robot")["ServiceUser"]
        portico.put_inline_policy_to_service_user(**where, UserName="robot", InlinePolicy=document("iam:List*"))
        self.assertEqual(iam.get_user(UserName="robot")["User"]["UserId"], made["ServiceUserId"])
        self.assertEqual(iam.list_user_policies(UserName="robot")["PolicyNames"], ["inline"])
        self.refused("EntityAlreadyExists", iam.create_user, UserName="robot")
        iam.create_user(UserName="machine")
        self.assertIn("machine", [one["UserName"] for one in portico.list_service_users(**where)["ServiceUsers"]])
        portico.delete_service_user(**where, UserName="robot")
        portico.delete_service_user(**where, UserName="machine")
        self.refused("NoSuchEntity", iam.get_user, UserName="machine")

    def test_a_session_of_a_key(self):
        iam, sts = self.server.client("iam"), self.server.client("sts")
        keys, by_key = self.new_user("sessions")
        iam.attach_user_policy(UserName="sessions", PolicyArn=ADMINISTRATOR)
        made = by_key("sts").get_session_token(DurationSeconds=900)["Credentials"]
        session = lambda service: self.server.client(service, **self.keys_of(made))
        self.assertEqual(session("sts").get_caller_identity()["Arn"], iam.get_user(UserName="sessions")["User"]["Arn"])
        self.assertTrue(session("sso-admin").list_instances()["Instances"])
        self.refused("InvalidClientTokenId", session("iam").list_users)
        self.assertEqual(self.refused("AccessDenied", session("sts").get_session_token), "Cannot call GetSessionToken with session credentials")
        self.assertEqual(sts.get_access_key_info(AccessKeyId=made["AccessKeyId"])["Account"], self.made["managementAccountId"])
        self.assertEqual(sts.get_access_key_info(AccessKeyId=keys["aws_access_key_id"])["Account"], self.made["managementAccountId"])
        self.refused("ValidationError", sts.get_session_token, SerialNumber="arn:aws:iam::111122223333:mfa/jane", TokenCode="123456")
        iam.update_access_key(UserName="sessions", AccessKeyId=keys["aws_access_key_id"], Status="Inactive")
        self.refused("InvalidClientTokenId", session("sts").get_caller_identity)

    def test_why_somebody_was_refused(self):
        sts = self.server.client("sts")
        keys, by_key = self.new_user("refused")
        message = self.refused("AccessDenied", by_key("iam").list_users)
        sentence, sealed = message.split(SEALED)
        self.assertTrue(sentence.endswith("because no identity-based policy allows the iam:ListUsers action"), sentence)
        told = json.loads(sts.decode_authorization_message(EncodedMessage=sealed)["DecodedMessage"])
        self.assertEqual((told["allowed"], told["explicitDeny"], told["context"]["action"]), (False, False, "iam:ListUsers"))
        self.assertEqual(told["context"]["principal"]["name"], "refused")
        self.refused("AccessDenied", by_key("sts").decode_authorization_message, EncodedMessage=sealed)
        self.refused("InvalidAuthorizationMessageException", sts.decode_authorization_message, EncodedMessage=sealed[:-1] + "!")

    def test_who_is_behind_a_chain_of_roles(self):
        iam, owner = self.server.client("iam"), self.made["managementAccountId"]
        trust = json.dumps({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{owner}:root"}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]})
        for name in ("first", "second"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
        arn = lambda name: f"arn:aws:iam::{owner}:role/{name}"
        ask = {"RoleSessionName": "suite", "SourceIdentity": "jane", "Tags": [{"Key": "Team", "Value": "red"}, {"Key": "Cost", "Value": "1"}], "TransitiveTagKeys": ["Team"]}
        made = self.server.client("sts").assume_role(RoleArn=arn("first"), **ask)
        self.assertEqual(made["SourceIdentity"], "jane")
        first = self.server.client("sts", **self.keys_of(made["Credentials"]))
        self.refused("AccessDenied", first.assume_role, RoleArn=arn("second"), RoleSessionName="suite", SourceIdentity="john")
        self.refused("InvalidParameterValue", first.assume_role, RoleArn=arn("second"), RoleSessionName="suite", Tags=[{"Key": "team", "Value": "blue"}])
        second = first.assume_role(RoleArn=arn("second"), RoleSessionName="suite")
        self.assertEqual(second["SourceIdentity"], "jane")
        by_second = self.server.client("iam", **self.keys_of(second["Credentials"]))
        red = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*", "Condition": {
            "StringEquals": {"aws:PrincipalTag/Team": "red", "aws:SourceIdentity": "jane"}, "Null": {"aws:PrincipalTag/Cost": "true"}}}]})
        self.assertTrue(by_second.list_roles()["Roles"])
        iam.put_role_policy(RoleName="second", PolicyName="red", PolicyDocument=red)
        self.assertIn("explicit deny", self.refused("AccessDenied", by_second.list_users))

    def test_answers_are_made_of_what_motos_are_made_of(self):
        """Differences are known, and each is as AWS has it."""
        with tempfile.TemporaryDirectory(prefix="portico-moto-") as home:
            moto = connected.Moto(home)
            try:
                theirs = self.walked(moto.client("iam", aws_access_key_id="AKIAPEER", aws_secret_access_key="peer"))
            finally:
                moto.close()
        ours = self.walked(self.server.client("iam"))
        # Lists say nothing of tags (IAM API reference, ListUsers).
        theirs["list_users"]["Users"][0].pop("Tags", None)
        # moto says what a group's members have beside.
        theirs["get_group"]["Users"][0].pop("Tags", None)
        # moto cuts few of its lists into pages.
        for answers in (ours, theirs):
            for answer in answers.values():
                answer.pop("IsTruncated", None)
        self.assertEqual(ours, theirs)

    @staticmethod
    def walked(iam):
        """Users and groups made, read and taken away; what each read answers is made of."""
        user, group = {"UserName": "compared"}, {"GroupName": "compared"}
        read = {}

        def keep(name, **input):
            read[name] = members(getattr(iam, name)(**input))
        keep("create_user", **user, Path="/compared/", Tags=TAGS)
        keep("create_group", **group, Path="/compared/")
        key = iam.create_access_key(**user)["AccessKey"]
        read["create_access_key"] = members(key)
        iam.add_user_to_group(**user, **group)
        iam.put_user_policy(**user, PolicyName="own", PolicyDocument=document("iam:List*"))
        iam.put_group_policy(**group, PolicyName="own", PolicyDocument=document("iam:List*"))
        keep("get_user", **user)
        keep("list_users", PathPrefix="/compared/")
        keep("list_user_tags", **user)
        keep("list_access_keys", **user)
        keep("list_user_policies", **user)
        keep("get_user_policy", **user, PolicyName="own")
        keep("list_groups_for_user", **user)
        keep("get_group", **group)
        keep("list_groups", PathPrefix="/compared/")
        keep("list_group_policies", **group)
        keep("get_group_policy", **group, PolicyName="own")
        keep("get_access_key_last_used", AccessKeyId=key["AccessKeyId"])
        iam.delete_access_key(**user, AccessKeyId=key["AccessKeyId"])
        iam.remove_user_from_group(**user, **group)
        iam.delete_user_policy(**user, PolicyName="own")
        iam.delete_group_policy(**group, PolicyName="own")
        iam.delete_user(**user)
        iam.delete_group(**group)
        return read
