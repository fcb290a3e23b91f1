"""Accounts whose IAM and STS are somewhere else: moto's server, which nobody here wrote, with a proxy before it that counts calls and gets in their way."""
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import pasted
import server

#: In an environment of its own: scripts/install.
MOTO = pathlib.Path(subprocess.sys.prefix).parent / "moto" / "bin" / "moto_server"
ACCOUNT, OTHER = "444455556666", "333344445555"
READS = ("Describe", "Get", "List", "Assume")
POWER_USER, READ_ONLY = "arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"


class Moto:
    """moto's server, in multi-account mode: whoever assumes a role of an account is in it."""

    def __init__(self, home):
        self.base = f"http://127.0.0.1:{server.free_port()}"
        self.log = open(pathlib.Path(home) / "moto.log", "wb")
        port = self.base.rpartition(":")[2]
        env = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        self.process = subprocess.Popen([MOTO, "-H", "127.0.0.1", "-p", port], stdout=self.log, stderr=self.log, env=env)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.base + "/moto-api/", timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def client(self, service, **keys):
        return boto3.client(service, endpoint_url=self.base, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}), **keys)

    def inside(self, service, account=ACCOUNT):
        """A client of an account, by a role in it."""
        sts = self.client("sts", aws_access_key_id="AKIAHUB", aws_secret_access_key="hub")
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Look", RoleSessionName="look")["Credentials"]
        return self.client(service, aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Proxy:
    """Between the server and moto. `answers` says what is answered instead, by the name of the call: a list of (status, code), used up one by one."""

    def __init__(self, behind):
        proxy = self
        self.calls, self.bodies, self.answers, self.held, self.seen = [], [], {}, {}, threading.Condition()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                # Organizations is asked in JSON, and says what by a header.
                self.is_json = "X-Amz-Target" in self.headers
                action = self.headers["X-Amz-Target"].rpartition(".")[2] if self.is_json else urllib.parse.parse_qs(body.decode())["Action"][0]
                with proxy.seen:
                    proxy.calls.append(action)
                    proxy.bodies.append(body.decode())
                    proxy.seen.notify_all()
                if action in proxy.held:
                    proxy.held[action].wait(60)
                status, answer = proxy.instead(action, self.is_json) or forwarded(behind, self.headers, body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/x-amz-json-1.1" if self.is_json else "text/xml")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    pass  # Whoever asked was killed.

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def instead(self, action, is_json):
        left = self.answers.get(action)
        if not left:
            return None
        status, code = left.pop(0)
        if is_json:
            return status, json.dumps({"__type": code, "Message": f"The proxy says {code}"}).encode()
        text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>The proxy says {code}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        return status, text.encode()

    def taken(self):
        """The calls since this was asked last."""
        with self.seen:
            calls, self.calls = self.calls, []
        return calls

    def changes(self):
        """Those of them that change anything."""
        return [call for call in self.taken() if not call.startswith(READS)]

    def await_call(self, action):
        with self.seen:
            assert self.seen.wait_for(lambda: action in self.calls, 30), f"no {action} in {self.calls}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def forwarded(behind, headers, body):
    kept = {name: value for name, value in headers.items() if name.lower() not in ("connection", "content-length", "accept-encoding")}
    try:
        with urllib.request.urlopen(urllib.request.Request(behind + "/", body, kept), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Elsewhere:
    """What a test of accounts that are somewhere else does."""

    @classmethod
    def settings(cls, home):
        cls.moto = Moto(home)
        cls.addClassCleanup(cls.moto.close)
        cls.proxy = Proxy(cls.moto.base)
        cls.addClassCleanup(cls.proxy.close)
        return ["--outbound-allow", "127.0.0.1"]

    def portico(self, operation, **arguments):
        return getattr(self.server.client("portico"), operation)(InstanceArn=self.instance(), **arguments)

    def refused(self, operation, **arguments):
        with self.assertRaises(ClientError) as caught:
            self.portico(operation, **arguments)
        return caught.exception.response["Error"]

    def way(self, account, **more):
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        return {"AccessKeyId": "AKIAPORTICO", "RoleArn": role, "IamEndpoint": self.proxy.base, "StsEndpoint": self.proxy.base, **more}

    def connect(self, account):
        self.portico("create_account_connection", AccountId=account, Configuration=self.way(account), SecretAccessKey="never-shown")

    def assignment(self, account, name, user):
        return {"InstanceArn": self.instance(), "PermissionSetArn": self.permission_set(name), "TargetId": account, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": self.user(user)}

    def assign(self, *what, wait=True):
        answer = self.server.client("sso-admin").create_account_assignment(**self.assignment(*what))
        request = answer["AccountAssignmentCreationStatus"]["RequestId"]
        return self.settled(request, "creation") if wait else request

    def unassign(self, *what):
        answer = self.server.client("sso-admin").delete_account_assignment(**self.assignment(*what))
        return self.settled(answer["AccountAssignmentDeletionStatus"]["RequestId"], "deletion")

    def settled(self, request, kind):
        admin = self.server.client("sso-admin")
        key, status = f"AccountAssignment{kind.capitalize()}RequestId", f"AccountAssignment{kind.capitalize()}Status"
        describe = getattr(admin, f"describe_account_assignment_{kind}_status")

        def ended():
            found = describe(InstanceArn=self.instance(), **{key: request})[status]
            return found if found["Status"] != "IN_PROGRESS" else None

        return self.wait_for(ended, 120)

    def provision(self, name, account):
        admin = self.server.client("sso-admin")
        asked = admin.provision_permission_set(InstanceArn=self.instance(), PermissionSetArn=self.permission_set(name), TargetType="AWS_ACCOUNT", TargetId=account)
        request = asked["PermissionSetProvisioningStatus"]["RequestId"]

        def ended():
            found = admin.describe_permission_set_provisioning_status(InstanceArn=self.instance(), ProvisionPermissionSetRequestId=request)
            found = found["PermissionSetProvisioningStatus"]
            return found if found["Status"] != "IN_PROGRESS" else None

        return self.wait_for(ended, 120)

    def roles(self, account):
        found = self.moto.inside("iam", account).list_roles(PathPrefix="/aws-reserved/")["Roles"]
        return {role["RoleName"].split("_")[1]: role for role in found}

    def empty(self, account):
        """Takes away what the seed assigned there."""
        admin = self.server.client("sso-admin")
        for arn in admin.list_permission_sets_provisioned_to_account(InstanceArn=self.instance(), AccountId=account)["PermissionSets"]:
            for one in admin.list_account_assignments(InstanceArn=self.instance(), AccountId=account, PermissionSetArn=arn)["AccountAssignments"]:
                gone = admin.delete_account_assignment(InstanceArn=self.instance(), TargetId=account, TargetType="AWS_ACCOUNT", PermissionSetArn=arn, PrincipalType=one["PrincipalType"], PrincipalId=one["PrincipalId"])
                self.settled(gone["AccountAssignmentDeletionStatus"]["RequestId"], "deletion")


class ConnectedAccounts(Elsewhere):
    """Permission sets in accounts that are somewhere else."""

    def test_an_account_elsewhere_holds_what_its_permission_sets_say_and_gives_its_own_credentials(self):
        held = self.refused("create_account_connection", AccountId=ACCOUNT, Configuration=self.way(ACCOUNT), SecretAccessKey="x")
        self.assertEqual(held["Code"], "ConflictException")
        self.assertIn("holds 1 permission sets", held["Message"])
        self.empty(ACCOUNT)
        foreign = self.refused("create_account_connection", AccountId=ACCOUNT, Configuration=self.way(OTHER), SecretAccessKey="x")
        self.assertIn(f"must be a role of account {ACCOUNT}", foreign["Message"])
        private = self.refused("create_account_connection", AccountId=ACCOUNT, Configuration=self.way(ACCOUNT, IamEndpoint="http://10.0.0.1"), SecretAccessKey="x")
        self.assertIn("IamEndpoint", private["Message"])
        pasted_by_people = self.refused("create_account_connection", AccountId=ACCOUNT, Configuration=self.way(ACCOUNT, StsEndpoint=f"{self.proxy.base}/$(id)"), SecretAccessKey="x")
        self.assertRegex(pasted_by_people["Message"], r"StsEndpoint: .*people paste it into their shells")
        owner = self.made["managementAccountId"]
        self.assertIn("owns the instance", self.refused("create_account_connection", AccountId=owner, Configuration=self.way(owner), SecretAccessKey="x")["Message"])
        self.connect(ACCOUNT)
        self.assertEqual(self.refused("create_account_connection", AccountId=ACCOUNT, Configuration=self.way(ACCOUNT), SecretAccessKey="x")["Code"], "ConflictException")
        described = self.portico("describe_account_connection", AccountId=ACCOUNT)["AccountConnection"]
        self.assertEqual(described["Configuration"], self.way(ACCOUNT))
        self.assertNotIn("never-shown", json.dumps(described, default=str))
        self.assertEqual([one["AccountId"] for one in self.portico("list_account_connections")["AccountConnections"]], [ACCOUNT])
        self.tried()
        self.provisioned()
        self.in_the_way()
        self.steered()
        self.credentials()
        self.pasted()
        self.another_key()
        self.gone()

    def tried(self):
        tested = self.portico("test_account_connection", AccountId=ACCOUNT)
        self.assertTrue(tested["Passed"], tested)
        self.assertEqual([step["Name"] for step in tested["Steps"]], ["ACCESS", "IDENTITY", "ROLES", "SAML_PROVIDERS"])
        self.assertEqual(self.proxy.changes(), [])
        self.proxy.answers["AssumeRole"] = [(403, "AccessDenied")]
        failed = self.portico("test_account_connection", AccountId=ACCOUNT)
        self.assertFalse(failed["Passed"])
        self.assertEqual([step["Outcome"] for step in failed["Steps"]], ["FAILED", "SKIPPED", "SKIPPED", "SKIPPED"])
        self.assertIn(f"Account {ACCOUNT}: sts:AssumeRole failed with AccessDenied", failed["Steps"][0]["Said"])
        # A key that is of another account is found out before anything is done with it.
        self.portico("update_account_connection", AccountId=ACCOUNT, Configuration={key: value for key, value in self.way(ACCOUNT).items() if key != "RoleArn"})
        lost = self.portico("test_account_connection", AccountId=ACCOUNT)["Steps"]
        self.assertEqual([step["Outcome"] for step in lost], ["PASSED", "FAILED", "SKIPPED", "SKIPPED"])
        self.assertIn("123456789012", lost[1]["Said"])
        self.portico("update_account_connection", AccountId=ACCOUNT, Configuration=self.way(ACCOUNT))
        self.proxy.taken()

    def provisioned(self):
        iam = self.moto.inside("iam")
        done = self.assign(ACCOUNT, "PowerUser", "jane")
        self.assertEqual(done["Status"], "SUCCEEDED", done)
        self.assertEqual(self.proxy.changes(), ["CreateSAMLProvider", "CreateRole", "AttachRolePolicy", "UpdateAssumeRolePolicy"])
        role = iam.get_role(RoleName=self.roles(ACCOUNT)["PowerUser"]["RoleName"])["Role"]
        self.assertEqual((role["Path"], role["MaxSessionDuration"], role["Description"]), ("/aws-reserved/sso.amazonaws.com/", 43200, "Day-to-day work"))
        provider = iam.list_saml_providers()["SAMLProviderList"][0]["Arn"]
        self.assertRegex(provider, f"^arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_[0-9a-f]{{16}}_DO_NOT_DELETE$")
        trust = role["AssumeRolePolicyDocument"]["Statement"][0]
        self.assertEqual((trust["Effect"], trust["Principal"], trust["Action"]), ("Allow", {"Federated": provider}, ["sts:AssumeRoleWithSAML", "sts:TagSession"]))
        attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        self.assertEqual([policy["PolicyArn"] for policy in attached], [POWER_USER])
        # Nothing differs: nothing is touched.
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        self.assertEqual(self.proxy.changes(), [])
        admin, at = self.server.client("sso-admin"), {"InstanceArn": self.instance(), "PermissionSetArn": self.permission_set("PowerUser")}
        admin.attach_managed_policy_to_permission_set(**at, ManagedPolicyArn=READ_ONLY)
        admin.put_inline_policy_to_permission_set(**at, InlinePolicy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        # Two changes, of which one may deny: shut before, opened after.
        self.assertEqual(self.proxy.changes(), ["PutRolePolicy", "PutRolePolicy", "AttachRolePolicy", "DeleteRolePolicy"])
        # What somebody changed by hand is put right when it is asked for.
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=READ_ONLY)
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        self.assertEqual(self.proxy.changes(), ["AttachRolePolicy"])
        batch = {"TargetId": ACCOUNT, "PermissionSetArn": at["PermissionSetArn"], "PrincipalType": "USER", "PrincipalId": self.user("sam")}
        error = self.refused("batch_create_account_assignments", Assignments=[batch])
        self.assertIn("is connected", error["Message"])

    def in_the_way(self):
        self.proxy.answers.update({"GetRole": [(400, "Throttling"), (500, "ServiceFailure")], "DetachRolePolicy": [(503, "ServiceUnavailable")]})
        admin, at = self.server.client("sso-admin"), {"InstanceArn": self.instance(), "PermissionSetArn": self.permission_set("PowerUser")}
        admin.detach_managed_policy_from_permission_set(**at, ManagedPolicyArn=READ_ONLY)
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        self.assertEqual(self.proxy.answers, {"AssumeRole": [], "GetRole": [], "DetachRolePolicy": []})
        self.assertEqual(self.proxy.changes(), ["DetachRolePolicy", "DetachRolePolicy"])
        admin.attach_managed_policy_to_permission_set(**at, ManagedPolicyArn=READ_ONLY)
        self.proxy.answers["AttachRolePolicy"] = [(409, "LimitExceeded")]
        failed = self.provision("PowerUser", ACCOUNT)
        self.assertEqual((failed["Status"], failed["FailureReason"]), ("FAILED", f"Account {ACCOUNT}: iam:AttachRolePolicy failed with LimitExceeded: The proxy says LimitExceeded"))
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")

    def steered(self):
        """A request that the account keeps from being done is paused, goes on, and is cancelled."""
        self.proxy.taken()
        self.proxy.answers["GetRole"] = [(500, "ServiceFailure")] * 1_000
        request = {"RequestId": self.assign(ACCOUNT, "ReadOnly", "sam", wait=False)}
        self.wait_for(lambda: "GetRole" in self.proxy.calls, 30)
        self.assertTrue(self.portico("pause_provisioning", **request)["Provisioning"]["Paused"])
        # What was under way when it was paused ends; then nobody is asked any more.
        self.wait_for(lambda: (self.proxy.taken(), time.sleep(5), self.proxy.calls == [])[-1], 60)
        found = self.portico("describe_provisioning", **request)["Provisioning"]
        self.assertEqual((found["Status"], found["WaitingAccountCount"], found["Kind"]), ("IN_PROGRESS", 1, "CREATE_ASSIGNMENT"))
        self.assertFalse(self.portico("resume_provisioning", **request)["Provisioning"]["Paused"])
        self.wait_for(lambda: "GetRole" in self.proxy.calls, 30)
        self.assertEqual(self.portico("cancel_provisioning", **request)["Provisioning"]["Status"], "FAILED")
        del self.proxy.answers["GetRole"]
        ended = self.settled(request["RequestId"], "creation")
        self.assertEqual(ended["Status"], "FAILED")
        self.assertRegex(ended["FailureReason"], "^It was cancelled by arn:aws:")
        held = self.server.client("sso-admin").list_permission_sets_provisioned_to_account(InstanceArn=self.instance(), AccountId=ACCOUNT)["PermissionSets"]
        self.assertEqual(held, [self.permission_set("PowerUser")])
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        self.proxy.taken()

    def credentials(self):
        token = self.token()["accessToken"]
        ask = {"accessToken": token, "accountId": ACCOUNT, "roleName": "PowerUser"}
        keys = self.server.client("sso").get_role_credentials(**ask)["roleCredentials"]
        who = self.moto.client("sts", aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"], aws_session_token=keys["sessionToken"]).get_caller_identity()
        # moto knows such keys by their account alone; that the session is the role's own was held against its first answer.
        self.assertEqual(who["Account"], ACCOUNT)
        name = self.roles(ACCOUNT)["PowerUser"]["RoleName"]
        self.assertGreater(keys["expiration"] / 1000, time.time() + 3 * 3600)
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetRoleCredentials"}])["Events"]
        self.assertIn(keys["accessKeyId"], events[0]["CloudTrailEvent"])
        self.assertIn(f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/jane", events[0]["CloudTrailEvent"])
        for secret in (keys["secretAccessKey"], keys["sessionToken"]):
            self.assertNotIn(secret, json.dumps(events, default=str))
        self.proxy.answers["AssumeRoleWithSAML"] = [(403, "AccessDenied")]
        with self.assertRaises(ClientError) as caught:
            self.server.client("sso").get_role_credentials(**ask)
        self.assertEqual(caught.exception.response["Error"]["Code"], "ForbiddenException")
        self.assertIn(f"Account {ACCOUNT}: sts:AssumeRoleWithSAML failed with AccessDenied", caught.exception.response["Error"]["Message"])
        self.proxy.taken()

    def pasted(self):
        """What the portal offers to paste leads signing in here and everything else there."""
        cli, jane = pasted.Pasted.fresh(self), pasted.Pasted.jane(self)
        offered = pasted.Pasted.offered(jane, (ACCOUNT, "PowerUser"))
        profile = offered[1].split()[-1]
        cli.paste(offered[0])
        config = (cli.home / ".aws" / "config").read_text()
        self.assertNotRegex(config, r"(?m)^endpoint_url", "no call of the profile but those of its services leads anywhere but to the account")
        cli.login(self.server.person(), "jane", server.PASSWORD, profile=profile, env=cli.bare())
        self.proxy.taken()
        self.assertEqual(pasted.Pasted.caller(self, cli, profile), ACCOUNT)
        self.assertEqual(pasted.Pasted.caller_by_boto3(cli, profile), ACCOUNT)
        name = self.roles(ACCOUNT)["PowerUser"]["RoleName"]
        roles = f"aws iam get-role --role-name {name} --query Role.RoleName --output text"
        self.assertEqual(cli.paste(f"{roles} --profile {profile}").strip(), name)
        self.assertGreaterEqual(self.proxy.taken().count("GetCallerIdentity"), 2)
        # The file for everything holds it beside accounts that are here.
        (cli.home / ".aws" / "config").write_text(jane.get("/start/config.txt").body)
        self.assertEqual(pasted.Pasted.caller(self, cli, profile), ACCOUNT)
        here = pasted.Pasted.offered(jane, pasted.DEV)[1].split()[-1]
        self.assertEqual(pasted.Pasted.caller(self, cli, here), pasted.DEV[0])
        # Keys, shown once: of the account's own STS.
        jane.get(f"/start/keys?account={ACCOUNT}&role=PowerUser")
        jane.submit(jane.form("account", "role"))
        shells = jane.blocks()
        self.assertNotIn("AWS_ENDPOINT_URL=", shells[0])
        self.assertEqual(cli.paste(shells[0] + "aws sts get-caller-identity --query Account --output text").strip(), ACCOUNT)
        self.assertEqual(cli.paste(shells[0] + roles).strip(), name)
        (cli.home / ".aws" / "credentials").write_text(shells[3])
        section = f"{ACCOUNT}_PowerUser"
        self.assertEqual(pasted.Pasted.caller(self, cli, section), ACCOUNT)
        # What the account refuses is said as it says it.
        self.proxy.answers["AssumeRoleWithSAML"] = [(403, "AccessDenied")]
        jane.get(f"/start/keys?account={ACCOUNT}&role=PowerUser")
        self.assertIn("sts:AssumeRoleWithSAML failed with AccessDenied", jane.submit(jane.form("account", "role")).body)
        self.proxy.taken()

    def another_key(self):
        """The key that signs for the account is replaced: the account trusts the new one before it signs, and the former no longer than it is wanted."""
        iam = self.moto.inside("iam")
        provider = iam.list_saml_providers()["SAMLProviderList"][0]["Arn"]

        def trusted():
            return re.findall(r"<(?:\w+:)?X509Certificate>([^<]+)<", iam.get_saml_provider(SAMLProviderArn=provider)["SAMLMetadataDocument"])

        former = trusted()
        self.assertEqual(len(former), 1)
        said = self.server.command("keys", "rotate-signing", "accounts", "--after", "0")
        self.assertIn("The server has connected accounts trust it", said)
        self.wait_for(lambda: len(trusted()) == 2, 60)
        self.assertIn(former[0], trusted())
        ask = {"accessToken": self.token()["accessToken"], "accountId": ACCOUNT, "roleName": "PowerUser"}
        self.assertTrue(self.server.client("sso").get_role_credentials(**ask)["roleCredentials"]["sessionToken"])
        listed = [line.split() for line in self.server.command("keys", "list").splitlines() if line.startswith("signing key  accounts")]
        self.assertEqual([line[-1] for line in listed], ["signs", "believed"])
        self.server.command("keys", "retire-signing", listed[1][3])
        self.wait_for(lambda: len(trusted()) == 1, 60)
        self.assertNotEqual(trusted(), former)
        self.assertEqual(self.server.client("sso").get_role_credentials(**ask)["roleCredentials"]["accessKeyId"][:4], "ASIA")
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AccountTrustUpdate"}])["Events"]
        self.assertEqual(len(events), 2)
        self.proxy.taken()

    def gone(self):
        iam, name = self.moto.inside("iam"), self.roles(ACCOUNT)["PowerUser"]["RoleName"]
        nobody = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
        iam.create_role(RoleName="AWSReservedSSO_Theirs_0123456789abcdef", Path="/aws-reserved/sso.amazonaws.com/", AssumeRolePolicyDocument=nobody)
        self.assertEqual(self.refused("delete_account_connection", AccountId=ACCOUNT)["Code"], "ConflictException")
        self.assertEqual(self.unassign(ACCOUNT, "PowerUser", "jane")["Status"], "SUCCEEDED")
        self.assertEqual(set(self.roles(ACCOUNT)), {"Theirs"})
        # A role by the name that ours would have, made by somebody else: left alone.
        iam.create_role(RoleName=name, Path="/aws-reserved/sso.amazonaws.com/", AssumeRolePolicyDocument=nobody)
        self.proxy.taken()
        failed = self.assign(ACCOUNT, "PowerUser", "jane")
        self.assertEqual(failed["Status"], "FAILED")
        self.assertIn("was not made by this instance", failed["FailureReason"])
        self.assertEqual(self.proxy.changes(), [])
        self.assertEqual(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], json.loads(nobody))
        self.portico("delete_account_connection", AccountId=ACCOUNT)
        self.assertEqual(self.refused("describe_account_connection", AccountId=ACCOUNT)["Code"], "ResourceNotFoundException")

    def test_killed_in_the_middle_it_ends_right(self):
        self.empty(OTHER)
        self.connect(OTHER)
        self.proxy.held["AttachRolePolicy"] = threading.Event()
        self.proxy.taken()
        request = self.assign(OTHER, "ReadOnly", "jane", wait=False)
        self.proxy.await_call("AttachRolePolicy")
        # Nobody may take the role before all of it is there.
        trust = self.roles(OTHER)["ReadOnly"]["AssumeRolePolicyDocument"]["Statement"][0]
        self.assertEqual(trust["Effect"], "Deny")
        # Beside it, an account that is here waits for nobody.
        with ThreadPoolExecutor() as pool:
            self.assertEqual(pool.submit(self.assign, "222233334444", "ReadOnly", "jane").result(30)["Status"], "SUCCEEDED")
        self.server.stop(signal.SIGKILL)
        self.proxy.held.pop("AttachRolePolicy").set()
        self.server.start()
        self.assertEqual(self.settled(request, "creation")["Status"], "SUCCEEDED")
        role = self.roles(OTHER)["ReadOnly"]
        self.assertEqual(role["AssumeRolePolicyDocument"]["Statement"][0]["Effect"], "Allow")
        attached = self.moto.inside("iam", OTHER).list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        self.assertEqual([policy["PolicyArn"] for policy in attached], [READ_ONLY])
        self.assertEqual(self.proxy.taken().count("CreateRole"), 1)
