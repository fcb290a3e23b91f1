"""Regions: a second server on a database that follows the primary's, by PostgreSQL's own logical replication. Both databases are servers of their own,
so that one of them can be killed."""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REGION = "eu-west-1"
#: Of the demo's people (examples/acme.yaml).
SAMS = "four clear winter mornings"
#: What a change of the primary may take to arrive, and a Region to notice what it hears no more.
SOON = 60


class Database:
    """A PostgreSQL server of its own."""

    def __init__(self, *flags):
        self.scratch = tempfile.TemporaryDirectory(prefix="portico-region-")
        self.folder = pathlib.Path(self.scratch.name)
        command = [ROOT / "scripts" / "postgres-scratch", self.folder, "--owner", str(os.getpid()), "--no-fsync", *flags]
        self.url = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout.strip()

    def ask(self, sql):
        return subprocess.run(["psql", self.url, "-Atqc", sql], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()

    def kill(self):
        """As a machine that loses its power: no orderly word to anybody."""
        os.kill(int((self.folder / "data" / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def start(self):
        """What was started before, once more."""
        command = shlex.split((self.folder / "data" / "postmaster.opts").read_text())
        as_who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        with open(self.folder / "again.log", "ab") as log:
            subprocess.Popen([*as_who, *command], stdout=log, stderr=log, cwd=self.folder)
        for _ in range(600):
            if subprocess.run(["psql", self.url, "-qc", "SELECT 1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "again.log").read_text())

    def close(self):
        pid = self.folder / "data" / "postmaster.pid"
        if pid.exists():
            os.kill(int(pid.read_text().split("\n")[0]), signal.SIGQUIT)
        for _ in range(200):
            if not pid.exists():
                break
            time.sleep(0.05)
        self.scratch.cleanup()


class OneRegion:
    """An instance in SQLite has one Region."""

    def test_other_regions_need_postgresql_and_are_refused_by_name(self):
        admin, at = self.server.client("sso-admin"), {"InstanceArn": self.instance()}
        with self.assertRaises(ClientError) as refused:
            admin.add_region(**at, RegionName=REGION)
        self.assertEqual(refused.exception.response["Error"]["Code"], "ValidationException")
        self.assertIn("PostgreSQL", refused.exception.response["Error"]["Message"])
        self.assertEqual([(region["RegionName"], region["IsPrimaryRegion"]) for region in admin.list_regions(**at)["Regions"]], [("us-east-1", True)])


class Regions:
    """One instance in two Regions."""

    @classmethod
    def setUpClass(cls):
        cls.databases = Database("--logical"), Database("--logical")
        primary, following = cls.databases
        cls.server = cls.primary = server.Server(cls.binary(), database=primary.url)
        cls.primary.start()
        cls.made = cls.primary.made
        cls.region = cls.primary.twin()
        cls.region.database = following.url
        cls.region.extra = ["--public-url", cls.region.base, "--max-lag", "3600"]

    @classmethod
    def tearDownClass(cls):
        for each in (cls.region, cls.primary, *cls.databases):
            each.close()

    def here(self, service, name=REGION, **keys):
        """A client of the Region, that signs for it."""
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        session = boto3.session.Session()
        session._loader.search_paths.append(str(server.MODELS))
        return session.client(service, endpoint_url=self.region.base, region_name=name, config=config, **(keys or self.primary.keys()))

    def follow(self, **other):
        given = {"--data-dir": self.region.data, "--database": self.region.database, "--region": REGION, "--primary-database": self.primary.database,
                 "--primary-url": self.primary.base, **other}
        command = [self.region.binary, "region", "follow", *(str(part) for pair in given.items() for part in pair)]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)

    def refused(self, call, **arguments):
        with self.assertRaises(ClientError) as refused:
            call(**arguments)
        error = refused.exception.response["Error"]
        return error["Code"], error.get("Message", "")

    def in_the_region(self, user_name, password=server.PASSWORD):
        """Signs in by the Region's pages and gets an access token there."""
        oidc = self.here("sso-oidc")
        registered = oidc.register_client(clientName="suite", clientType="public", scopes=["sso:account:access"])
        keys = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
        started = oidc.start_device_authorization(**keys, startUrl=self.region.base + "/start")
        who = self.region.person()
        server.Cli.approve(who, started["verificationUriComplete"], user_name, password)
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        return oidc.create_token(**keys, grantType=grant, deviceCode=started["deviceCode"])["accessToken"], who

    def roles(self, token):
        portal = self.here("sso")
        return [(account["accountId"], role["roleName"]) for account in portal.list_accounts(accessToken=token)["accountList"]
                for role in portal.list_account_roles(accessToken=token, accountId=account["accountId"])["roleList"]]

    def credentials(self, token, role=None):
        account, name = role or self.roles(token)[0]
        given = self.here("sso").get_role_credentials(accessToken=token, accountId=account, roleName=name)["roleCredentials"]
        return {"aws_access_key_id": given["accessKeyId"], "aws_secret_access_key": given["secretAccessKey"], "aws_session_token": given["sessionToken"]}

    def works(self, token):
        try:
            self.here("sso").list_accounts(accessToken=token)
        except ClientError as error:
            self.assertEqual(error.response["Error"]["Code"], "UnauthorizedException")
            return False
        return True

    def ready(self):
        try:
            with urllib.request.urlopen(self.region.base + "/readyz", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_a_second_region_signs_people_in_while_the_primary_is_gone_and_forgets_nobody_who_was_sent_away(self):
        self.added()
        self.reads_and_refusals()
        self.without_the_primary()
        self.taken_away()
        self.silent_when_behind()
        self.removed()

    def added(self):
        admin, at = self.primary.client("sso-admin"), {"InstanceArn": self.made["instanceArn"]}
        early = self.follow()
        self.assertEqual(early.returncode, 1, early.stdout)
        self.assertIn("aws sso-admin add-region", early.stdout)
        self.assertEqual(admin.add_region(**at, RegionName=REGION)["Status"], "ADDING")
        self.assertEqual(self.refused(admin.add_region, **at, RegionName=REGION)[0], "ConflictException")
        self.assertEqual(self.refused(admin.add_region, **at, RegionName="us-east-1")[0], "ConflictException")
        code, why = self.refused(admin.add_region, **at, RegionName="eu-west-2")
        self.assertEqual((code, "eu-west-1 is ADDING" in why), ("ConflictException", True), why)
        self.assertEqual(self.refused(admin.describe_region, **at, RegionName="eu-west-2")[0], "ResourceNotFoundException")
        self.assertEqual(self.refused(admin.remove_region, **at, RegionName="us-east-1")[0], "ValidationException")
        self.assertEqual(admin.describe_region(**at, RegionName=REGION)["Status"], "ADDING")
        followed = self.follow()
        self.assertEqual(followed.returncode, 0, followed.stdout)
        again = self.follow()
        self.assertEqual(again.returncode, 1, again.stdout)
        self.assertIn("follows already", again.stdout)
        listed = {region["RegionName"]: (region["Status"], region["IsPrimaryRegion"]) for region in admin.list_regions(**at)["Regions"]}
        self.assertEqual(listed, {"us-east-1": ("ACTIVE", True), REGION: ("ACTIVE", False)})
        described = admin.describe_instance(**at)
        self.assertEqual((described["PrimaryRegion"], len(described["Regions"])), ("us-east-1", 2))
        refused = subprocess.run([self.region.binary, "migrate", "--data-dir", self.region.data, "--database", self.region.database],
                                 stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertIn("follows the primary as the Region eu-west-1", refused.stderr)
        self.region.start()

    def reads_and_refusals(self):
        store = {"IdentityStoreId": self.made["identityStoreId"]}
        users = lambda client: sorted(user["UserName"] for user in client.list_users(**store)["Users"])
        self.assertEqual(users(self.here("identitystore")), users(self.primary.client("identitystore")))
        described = self.here("sso-admin").describe_region(InstanceArn=self.made["instanceArn"], RegionName=REGION)
        self.assertEqual((described["Status"], described["IsPrimaryRegion"]), ("ACTIVE", False))
        name = {"UserName": "newcomer", "DisplayName": "New Comer", "Name": {"GivenName": "New", "FamilyName": "Comer"}}
        for call, arguments in [(self.here("identitystore").create_user, {**store, **name}),
                                (self.here("sso-admin").create_permission_set, {"InstanceArn": self.made["instanceArn"], "Name": "Elsewhere"}),
                                (self.here("sso-admin").remove_region, {"InstanceArn": self.made["instanceArn"], "RegionName": REGION})]:
            code, why = self.refused(call, **arguments)
            self.assertEqual(code, "AccessDeniedException", why)
            self.assertIn(f"Changes are made in the primary Region us-east-1, at {self.primary.base}", why)
        created = self.primary.client("identitystore").create_user(**store, **name)["UserId"]
        self.wait_for(lambda: "newcomer" in users(self.here("identitystore")), SOON)
        self.primary.client("identitystore").delete_user(**store, UserId=created)
        self.wait_for(lambda: "newcomer" not in users(self.here("identitystore")), SOON)
        request = urllib.request.Request(self.region.base + "/any/scim/v2/Users")
        with self.assertRaises(urllib.error.HTTPError) as elsewhere:
            urllib.request.urlopen(request, timeout=10)
        self.assertEqual((elsewhere.exception.code, json.load(elsewhere.exception)["status"]), (403, "403"))

    def without_the_primary(self):
        """Signing in, renewing and credentials go on; what they need is here."""
        token, _ = self.in_the_region("jane")
        before = self.roles(token)
        self.assertTrue(before)
        self.databases[0].kill()
        self.primary.stop(signal.SIGKILL)
        self.assertEqual(self.roles(token), before)
        other, who = self.in_the_region("sam", SAMS)
        who.get("/start")
        self.assertEqual(who.status, 200)
        keys = self.credentials(other)
        told = self.here("sts", **keys).get_caller_identity()
        self.assertIn(":assumed-role/", told["Arn"])
        code, why = self.refused(self.here("sso-admin").create_permission_set, InstanceArn=self.made["instanceArn"], Name="Elsewhere")
        self.assertEqual(code, "AccessDeniedException", why)
        with self.assertRaises(AssertionError):
            self.in_the_region("sam", "not the password")
        # What was acknowledged here survives here.
        self.region.stop(signal.SIGKILL)
        self.region.start()
        self.assertTrue(self.works(token))
        records = self.here("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetRoleCredentials"}])["Events"]
        self.assertEqual({json.loads(record["CloudTrailEvent"])["awsRegion"] for record in records}, {REGION})
        self.databases[0].start()
        self.primary.start()
        # Credentials are good in every Region.
        self.assertEqual(self.primary.client("sts", **keys).get_caller_identity()["Arn"], told["Arn"])

    def taken_away(self):
        store, portico = {"IdentityStoreId": self.made["identityStoreId"]}, self.primary.client("portico")
        user = lambda name: self.primary.client("identitystore").get_user_id(
            **store, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}})["UserId"]
        jane, _ = self.in_the_region("jane")
        keys = self.credentials(jane)
        self.here("sts", **keys).get_caller_identity()
        # A new password signs out everywhere.
        portico.update_password(**store, UserId=user("jane"), Password="another horse battery staple")
        self.wait_for(lambda: not self.works(jane), SOON)
        # What the session had given out is void too.
        self.refused(self.here("sts", **keys).get_caller_identity)
        self.assertEqual(self.databases[1].ask(f"SELECT COUNT(*) FROM portal_sessions WHERE user_id = '{user('jane')}'"), "0")
        # Whoever knew the old one does not get in any more.
        with self.assertRaises(AssertionError):
            self.in_the_region("jane")
        sam, _ = self.in_the_region("sam", SAMS)
        portico.disable_user(**store, UserId=user("sam"))
        self.wait_for(lambda: not self.works(sam), SOON)
        portico.enable_user(**store, UserId=user("sam"))
        jane, _ = self.in_the_region("jane", "another horse battery staple")
        account, name = self.roles(jane)[0]
        self.credentials(jane, (account, name))
        portico.disable_user(**store, UserId=user("jane"))
        self.wait_for(lambda: not self.works(jane), SOON)

    def silent_when_behind(self):
        """A Region that hears nothing says nothing: it would not know who was sent away."""
        self.region.stop()
        self.region.extra[-1] = "10"
        self.region.start()
        self.primary.stop()
        self.wait_for(lambda: self.ready()[0] == 503, SOON)
        self.assertIn("heard nothing of its primary for more than 10 s", self.ready()[1])
        self.assertEqual(self.refused(self.here("sts").get_caller_identity)[0], "ServiceUnavailable")
        code, why = self.refused(self.here("sso-admin").list_instances)
        self.assertEqual((code, "heard nothing of its primary" in why), ("ServiceUnavailableException", True))
        self.assertEqual(self.region.person().get("/start").status, 503)
        self.primary.start()
        self.wait_for(lambda: self.ready()[0] == 200, SOON)
        self.here("sts").get_caller_identity()

    def removed(self):
        admin, at = self.primary.client("sso-admin"), {"InstanceArn": self.made["instanceArn"]}
        self.assertEqual(self.databases[0].ask("SELECT COUNT(*) FROM pg_replication_slots WHERE slot_name LIKE 'portico%'"), "1")
        self.assertEqual(admin.remove_region(**at, RegionName=REGION)["Status"], "REMOVING")
        self.wait_for(lambda: self.ready()[0] == 503 and "was removed" in self.ready()[1], SOON)
        self.wait_for(lambda: len(admin.list_regions(**at)["Regions"]) == 1, SOON)
        self.assertEqual(self.databases[0].ask("SELECT COUNT(*) FROM pg_replication_slots WHERE slot_name LIKE 'portico%'"), "0")
        self.assertEqual(admin.add_region(**at, RegionName="ap-south-1")["Status"], "ADDING")
        self.assertEqual(admin.remove_region(**at, RegionName="ap-south-1")["Status"], "REMOVING")
        self.wait_for(lambda: len(admin.list_regions(**at)["Regions"]) == 1, SOON)
