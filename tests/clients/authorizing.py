"""A service that is not ours asks who signed its requests: the sample store, with the AWS CLI and boto3 as its clients. Tests for a class of `suite.py`, which brings the server."""
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import server


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Store:
    """`examples/object_store.py` as a process, with a service user's key."""

    def __init__(self, of, instance, key):
        self.port = server.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        env = {**os.environ, "AWS_DATA_PATH": str(server.MODELS), "AWS_ENDPOINT_URL": of.base, "AWS_DEFAULT_REGION": "us-east-1",
               "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        self.log = open(of.home / "store.log", "wb")
        command = [sys.executable, server.ROOT / "examples" / "object_store.py", instance, of.home / "objects", str(self.port)]
        self.process = subprocess.Popen(list(map(str, command)), env=env, stderr=self.log, cwd=of.home)

    def is_up(self):
        try:
            return urllib.request.urlopen(self.base, timeout=5).status == 200
        except OSError:
            return False

    def client(self, **keys):
        # Without its version boto3 presigns by Signature Version 2.
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
        return boto3.session.Session().client("s3", endpoint_url=self.base, region_name="us-east-1", config=config, **keys)

    def close(self):
        self.process.kill()
        self.process.wait(30)
        self.log.close()


class Authorizing:
    """Credentials of ours for services of somebody's own."""

    def refused(self, call, **input):
        with self.assertRaises(ClientError) as refused:
            call(**input)
        error = refused.exception.response["Error"]
        return error["Code"], error.get("Message", "")

    def service_user(self, name, condition):
        portico, where = self.server.client("portico"), {"InstanceArn": self.instance(), "UserName": name}
        portico.create_service_user(**where)
        statement = {"Effect": "Allow", "Action": "portico:AuthorizeRequest", "Resource": "*", "Condition": condition}
        portico.put_inline_policy_to_service_user(**where, InlinePolicy=document(statement))
        return portico.create_access_key(**where)

    def test_a_store_lets_in_whom_portico_knows_and_for_as_long(self):
        admin, owner, where = self.server.client("sso-admin"), self.made["managementAccountId"], {"InstanceArn": self.instance()}
        books = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::books/*"}
        lists = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::books", "Condition": {"StringLike": {"s3:prefix": "open/*"}}}
        made = {**where, "PermissionSetArn": admin.create_permission_set(**where, Name="Books")["PermissionSet"]["PermissionSetArn"]}
        admin.put_inline_policy_to_permission_set(**made, InlinePolicy=document(books, lists))
        assignment = {**made, "TargetId": owner, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": self.user("jane")}
        self.settle(admin.create_account_assignment(**assignment)["AccountAssignmentCreationStatus"]["RequestId"])
        got = self.server.client("sso").get_role_credentials(roleName="Books", accountId=owner, accessToken=self.token()["accessToken"])["roleCredentials"]
        keys = {"aws_access_key_id": got["accessKeyId"], "aws_secret_access_key": got["secretAccessKey"], "aws_session_token": got["sessionToken"]}

        key = self.service_user("store", {"StringEquals": {"portico:SigningName": "s3"}})
        store = Store(self.server, self.instance(), key)
        self.addCleanup(store.close)
        self.wait_for(store.is_up)
        jane = store.client(**keys)
        names = ["open/1", "dots/../x", "a b+c%2F(ü)~'*!", "//two", ".", "..", "ü/../.."]
        for name in names:
            jane.put_object(Bucket="books", Key=name, Body=name.encode())
            self.assertEqual(jane.get_object(Bucket="books", Key=name)["Body"].read(), name.encode())
        self.assertEqual([row["Key"] for row in jane.list_objects_v2(Bucket="books", Prefix="open/")["Contents"]], ["open/1"])
        code, message = self.refused(jane.list_objects_v2, Bucket="books", Prefix="shut/")
        self.assertEqual(code, "AccessDenied")
        self.assertRegex(message, r"^User: arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_Books_[0-9a-f]+/jane is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::books because")
        self.assertEqual(self.refused(jane.put_object, Bucket="bills", Key="1", Body=b"")[0], "AccessDenied")
        self.assertEqual(self.refused(jane.delete_object, Bucket="books", Key="open/1")[0], "AccessDenied")

        # By the AWS CLI; a URL that Jane signed; and what is altered, or signed by nobody.
        cli = server.Cli(self.server, self.aws_cli())
        env = {"AWS_ACCESS_KEY_ID": got["accessKeyId"], "AWS_SECRET_ACCESS_KEY": got["secretAccessKey"], "AWS_SESSION_TOKEN": got["sessionToken"], "AWS_REGION": "us-east-1"}
        back = cli.home / "back"
        cli.run("s3api", "get-object", "--bucket", "books", "--key", "open/1", "--endpoint-url", store.base, str(back), env=env)
        self.assertEqual(back.read_bytes(), b"open/1")
        url = jane.generate_presigned_url("get_object", Params={"Bucket": "books", "Key": "open/1"}, ExpiresIn=60)
        self.assertEqual(urllib.request.urlopen(url, timeout=30).read(), b"open/1")
        for altered, code in [(url.replace("open/1", "open/2"), b"SignatureDoesNotMatch"), (url.replace("Expires=60", "Expires=61"), b"SignatureDoesNotMatch"),
                              (store.base + "/books/open/1", b"AccessDenied")]:
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(altered, timeout=30)
            self.assertEqual(refused.exception.code, 403)
            self.assertIn(code, refused.exception.read())
        self.assertEqual(self.refused(store.client(**{**keys, "aws_secret_access_key": "x" * 40}).get_object, Bucket="books", Key="open/1")[0], "SignatureDoesNotMatch")
        self.assertEqual(self.refused(store.client(**{**keys, "aws_access_key_id": "ASIAAAAAAAAAAAAAAAAA"}).get_object, Bucket="books", Key="open/1")[0], "InvalidAccessKeyId")

        # What the store does not know it does not carry out as something else; and another account is let in by none of its own policies.
        self.assertEqual(self.refused(jane.put_object_tagging, Bucket="books", Key="open/1", Tagging={"TagSet": []})[0], "NotImplemented")
        self.assertEqual(self.refused(jane.copy_object, Bucket="books", Key="open/2", CopySource="books/open/1")[0], "NotImplemented")
        self.assertEqual(jane.get_object(Bucket="books", Key="open/1")["Body"].read(), b"open/1")

        # Without Portico nobody is let in; with it again everybody is; and who is assigned no more is not.
        self.server.stop(signal.SIGKILL)
        self.assertEqual(self.refused(jane.get_object, Bucket="books", Key="open/1")[0], "ServiceUnavailable")
        self.server.start()
        self.assertEqual(jane.get_object(Bucket="books", Key="open/1")["Body"].read(), b"open/1")
        self.settle(self.server.client("sso-admin").delete_account_assignment(**assignment)["AccountAssignmentDeletionStatus"]["RequestId"], "deletion")
        self.assertEqual(self.refused(jane.get_object, Bucket="books", Key="open/1")[0], "InvalidAccessKeyId")

    def test_what_is_asked_is_told_and_no_more(self):
        asks = self.service_user("asker", {"StringEquals": {"portico:SigningName": "things"}})
        keys = {"aws_access_key_id": asks["AccessKeyId"], "aws_secret_access_key": asks["SecretAccessKey"]}
        portico, iam, owner = self.server.client("portico", **keys), self.server.client("iam"), self.made["managementAccountId"]
        iam.create_user(UserName="robot", Tags=[{"Key": "team", "Value": "red"}])
        iam.put_user_policy(UserName="robot", PolicyName="own", PolicyDocument=document(
            {"Effect": "Allow", "Action": "things:*", "Resource": "arn:aws:things:::${aws:PrincipalTag/team}/*"},
            {"Effect": "Deny", "Action": "things:Break", "Resource": "*"}))
        robot = iam.create_access_key(UserName="robot")["AccessKey"]

        def signed(service="things", method="POST", body=b"{}", path="/red/1", region="us-east-1", **altered):
            """A request as botocore signs it, and then as it came."""
            from botocore.auth import SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            import hashlib
            request = AWSRequest(method, f"http://things.example.com{path}", data=body, headers={"Host": "things.example.com"})
            SigV4Auth(Credentials(robot["AccessKeyId"], robot["SecretAccessKey"]), service, region).add_auth(request)
            asked = {"InstanceArn": self.instance(), "SigningName": service, "Method": method, "Path": path, "PayloadHash": hashlib.sha256(body).hexdigest(),
                     "Headers": [{"Name": name, "Value": value} for name, value in request.headers.items()]}
            return {**asked, **altered}

        actions = [{"ActionName": f"things:{name}", "ResourceName": f"arn:aws:things:::{resource}"} for name, resource in (("Make", "red/1"), ("Make", "blue/1"), ("Break", "red/1"))]
        answer = portico.authorize_request(**signed(), Actions=actions)
        self.assertEqual([one["Decision"] for one in answer["Decisions"]], ["allowed", "implicitDeny", "explicitDeny"])
        self.assertIn("with an explicit deny in an identity-based policy", answer["Decisions"][2]["Reason"])
        signer = answer["Signer"]
        self.assertEqual((signer["Arn"], signer["AccountId"], signer["AccessKeyId"]), (f"arn:aws:iam::{owner}:user/robot", owner, robot["AccessKeyId"]))
        told = {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in signer["ContextEntries"]}
        self.assertEqual((told["aws:PrincipalTag/team"], told["aws:username"], told["aws:PrincipalType"]), (["red"], ["robot"], ["User"]))
        self.assertFalse([name for name in told if name.startswith(("aws:Source", "aws:UserAgent", "aws:Resource"))])
        self.assertEqual(portico.authorize_request(**signed())["Decisions"], [])

        for altered in [{"Path": "/red/2"}, {"Method": "PUT"}, {"PayloadHash": "0" * 64}, {"Query": "a=1"}, {"SigningRegion": "eu-west-1"}]:
            refused = portico.authorize_request(**{**signed(), **altered}, Actions=actions)
            self.assertEqual((refused["Refused"]["Code"], refused["Decisions"], "Signer" in refused), ("InvalidSignatureException", [], False), altered)
        said = lambda name, value: portico.authorize_request(**signed(), Actions=actions, ContextEntries=[{"ContextKeyName": name, "ContextKeyValues": [value]}])
        for name in ("aws:PrincipalTag/team", "AWS:username", "aws:CurrentTime", "identitystore:UserId"):
            self.assertEqual(self.refused(said, name=name, value="blue")[0], "ValidationException", name)
        # For the services that its policy names, and no other.
        self.assertEqual(self.refused(portico.authorize_request, **signed("s3"))[0], "AccessDeniedException")

        # Whose the resources are: another account's are not let in by the signer's policies alone, and who is no account's has no organization.
        of = lambda account, actions=actions: portico.authorize_request(**signed(), Actions=actions, ResourceAccountId=account)["Decisions"]
        self.assertEqual([one["Decision"] for one in of(owner)], ["allowed", "implicitDeny", "explicitDeny"])
        self.assertEqual([one["Decision"] for one in of("222233334444")], ["implicitDeny", "explicitDeny", "explicitDeny"])
        self.assertIn("because no resource-based policy allows the things:Make action", of("222233334444")[0]["Reason"])
        # What bounds the signer no policy of a resource makes up for.
        iam.put_user_permissions_boundary(UserName="robot", PermissionsBoundary="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
        self.assertEqual(of(owner)[0]["Decision"], "explicitDeny")
        iam.delete_user_permissions_boundary(UserName="robot")
        # The Region is the one that the request is signed for.
        iam.put_user_policy(UserName="robot", PolicyName="here", PolicyDocument=document(
            {"Effect": "Deny", "Action": "things:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}}))
        self.assertEqual(of(owner)[0]["Decision"], "allowed")
        away = portico.authorize_request(**signed(region="eu-west-1"), SigningRegion="eu-west-1", Actions=actions)
        self.assertEqual(away["Decisions"][0]["Decision"], "explicitDeny")

        # What AWS's own policies say of services that are not served here is not known: no guess lets anybody in.
        iam.attach_user_policy(UserName="robot", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
        unknown = portico.authorize_request(**signed(), Actions=actions)["Decisions"][0]
        self.assertEqual(unknown["Decision"], "explicitDeny")
        self.assertIn("AmazonS3FullAccess", unknown["Reason"])
        iam.detach_user_policy(UserName="robot", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
        iam.update_access_key(UserName="robot", AccessKeyId=robot["AccessKeyId"], Status="Inactive")
        self.assertEqual(portico.authorize_request(**signed(), Actions=actions)["Refused"]["Code"], "UnrecognizedClientException")

        # The trail says who was let do what, and holds nothing by which anybody could do it again.
        pages = self.server.client("cloudtrail").get_paginator("lookup_events")
        asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "AuthorizeRequest"}]}
        look = lambda: [json.loads(event["CloudTrailEvent"]) for page in pages.paginate(**asked) for event in page["Events"]]

        def is_told(record):
            details = record.get("serviceEventDetails", {})
            return details.get("signer") == f"arn:aws:iam::{owner}:user/robot" and details["decisions"][:1] == ["things:Make on arn:aws:things:::red/1: allowed"]

        # What is read is recorded in batches.
        self.wait_for(lambda: any(map(is_told, look())))
        records = look()
        self.assertNotIn("Signature=", json.dumps(records))
