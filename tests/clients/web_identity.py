"""Programs that have no key of their own: a token of an OpenID Connect provider becomes a session. oidc-provider, which nobody here wrote, signs the token; the
AWS CLI and boto3 exchange it by themselves, as they do in a pod or a pipeline. Tests for a class of `suite.py`, which brings the server."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import boto3
from botocore import UNSIGNED
from botocore.config import Config

import propagation
import provider

WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


class WebIdentity:
    """One server, one provider, a role that trusts one subject of it. A mixin: see suite.py."""

    refused = propagation.Propagation.refused

    @classmethod
    def settings(cls, home):
        return list(provider.ALLOWED)

    def setUp(self):
        self.provider = propagation.OpenId()
        self.addCleanup(self.provider.program.stop)
        self.iam, self.sts = self.server.client("iam"), self.server.client("sts")
        # What Terraform's aws_iam_openid_connect_provider sends and reads.
        made = self.iam.create_open_id_connect_provider(Url=self.provider.issuer, ClientIDList=["wiki"], ThumbprintList=["0" * 40], Tags=[{"Key": "Name", "Value": "suite"}])
        self.arn = made["OpenIDConnectProviderArn"]
        self.name = self.provider.issuer.partition("://")[2]
        self.addCleanup(self.iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=self.arn)

    def role(self, name, **conditions):
        statement = {"Effect": "Allow", "Principal": {"Federated": self.arn}, "Action": WEB_IDENTITY, "Condition": {"StringEquals": {f"{self.name}:{key}": value for key, value in conditions.items()}}}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.addCleanup(self.iam.delete_role, RoleName=name)
        return arn

    def unsigned(self):
        """An STS client of somebody who has no keys."""
        return boto3.client("sts", endpoint_url=self.server.base, region_name="us-east-1", config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}))

    def test_the_provider_reads_as_it_was_made(self):
        self.assertEqual(self.arn, f"arn:aws:iam::{self.made['managementAccountId']}:oidc-provider/{self.name}")
        read = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=self.arn)
        self.assertEqual((read["Url"], read["ClientIDList"], read["ThumbprintList"], read["Tags"]), (self.name, ["wiki"], ["0" * 40], [{"Key": "Name", "Value": "suite"}]))
        self.assertIn({"Arn": self.arn}, self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
        self.assertEqual(self.refused(self.iam.create_open_id_connect_provider, Url=self.provider.issuer), "EntityAlreadyExists")
        # Deleting one that is not there is no error (IAM API reference).
        self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.arn + "/none")

    def test_a_token_in_a_file_is_all_that_the_cli_needs(self):
        """`AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`: what a pod of Kubernetes and a job of a pipeline find in their environment."""
        role = self.role("runner", aud="wiki", sub="jane")
        with tempfile.TemporaryDirectory() as home:
            token = pathlib.Path(home, "token")
            token.write_text(self.provider.token("jane"))
            environment = {"PATH": os.environ["PATH"], "HOME": home, "AWS_ENDPOINT_URL": self.server.base, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                           "AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role, "AWS_ROLE_SESSION_NAME": "build-7"}
            for _ in range(2):
                said = json.loads(subprocess.run([self.aws, "sts", "get-caller-identity"], env=environment, check=True, capture_output=True, timeout=60).stdout)
                self.assertEqual(said["Arn"], f"arn:aws:sts::{self.made['managementAccountId']}:assumed-role/runner/build-7")
            # Somebody else of the same provider is not trusted.
            token.write_text(self.provider.token("stranger"))
            refused = subprocess.run([self.aws, "sts", "get-caller-identity"], env=environment, capture_output=True, text=True, timeout=60)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("Not authorized to perform sts:AssumeRoleWithWebIdentity", refused.stderr)

    def test_what_the_token_says_is_answered_recorded_and_survives_a_kill(self):
        role, sts, token = self.role("kept", aud="wiki", sub="jane"), self.unsigned(), self.provider.token("jane")
        ask = {"RoleArn": role, "RoleSessionName": "kept", "WebIdentityToken": token}
        made = sts.assume_role_with_web_identity(**ask)
        self.assertEqual((made["SubjectFromWebIdentityToken"], made["Audience"], made["Provider"]), ("jane", "wiki", self.provider.issuer))
        keys = made["Credentials"]
        called = self.server.client("sts", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
        self.assertTrue(called.get_caller_identity()["Arn"].endswith(":assumed-role/kept/kept"))
        self.server.stop(signal.SIGKILL)
        self.server.start()
        self.assertTrue(called.get_caller_identity()["Arn"].endswith(":assumed-role/kept/kept"))
        self.assertIn("Credentials", sts.assume_role_with_web_identity(**ask))
        trail = self.server.client("cloudtrail")
        for _ in range(100):
            events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRoleWithWebIdentity"}])["Events"]
            record = next((one for one in map(lambda event: json.loads(event["CloudTrailEvent"]), events) if one["requestParameters"].get("roleArn") == role and not one.get("errorCode")), None)
            if record:
                break
            time.sleep(0.05)
        self.assertEqual((record["responseElements"]["subjectFromWebIdentityToken"], record["responseElements"]["provider"]), ("jane", self.arn))
        self.assertNotIn(token, json.dumps(record))

        self.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=self.arn, ClientID="wiki")
        self.assertEqual(self.refused(sts.assume_role_with_web_identity, **ask), "InvalidIdentityToken")
        self.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=self.arn, ClientID="wiki")
        self.assertIn("Credentials", sts.assume_role_with_web_identity(**ask))
        self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.arn)
        self.assertEqual(self.refused(sts.assume_role_with_web_identity, **ask), "InvalidIdentityToken")
        # A token whose payload somebody wrote anew.
        head, _, signature = token.split(".")
        forged = base64.urlsafe_b64encode(json.dumps({**propagation.said(token), "sub": "root"}).encode()).decode().rstrip("=")
        self.iam.create_open_id_connect_provider(Url=self.provider.issuer, ClientIDList=["wiki"])
        self.assertEqual(self.refused(sts.assume_role_with_web_identity, **{**ask, "WebIdentityToken": f"{head}.{forged}.{signature}"}), "InvalidIdentityToken")
