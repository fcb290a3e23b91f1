"""OpenLDAP (slapd, as Debian packs it) as a directory of people, and what must come of it. Tests for a class of `suite.py`, which brings the server."""
import json
import os
import pathlib
import subprocess
import tempfile
import time

import botocore.exceptions

import server

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def alive(pid):
    """Whether a process runs: one that ended and whose parent did not ask yet does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Slapd:
    """A server with people `u1`, `u2`, … whose passwords are `secret of u1`, …, and groups `g1`, …; it ends with this process."""

    def __init__(self, people=12, groups=2):
        self.scratch = tempfile.TemporaryDirectory(prefix="portico-slapd-")
        command = [ROOT / "scripts" / "slapd-scratch", self.scratch.name, "--owner", str(os.getpid()), "--people", str(people), "--groups", str(groups)]
        printed = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
        self.said = dict(line.split("=", 1) for line in printed.splitlines())

    def modify(self, ldif):
        """What its administrator writes."""
        command = ["ldapmodify", "-x", "-H", self.said["LDAPS"], "-D", self.said["ADMINISTRATOR"], "-w", self.said["ADMINISTRATOR_PASSWORD"]]
        environment = {**os.environ, "LDAPTLS_CACERT": self.said["AUTHORITY"]}
        subprocess.run(command, check=True, input=ldif, text=True, env=environment, stdout=subprocess.DEVNULL, timeout=30)

    def person(self, name):
        return f"uid={name},ou=people,{self.said['BASE']}"

    def configuration(self, **more):
        return {"Name": "Example", "Schema": "OPENLDAP", "Servers": [self.said["LDAPS"]], "BindDn": self.said["ACCOUNT"], "IncrementalSeconds": 10,
                "UserBases": [f"ou=people,{self.said['BASE']}"], "GroupBases": [f"ou=groups,{self.said['BASE']}"],
                "CaCertificates": pathlib.Path(self.said["AUTHORITY"]).read_text(), **more}

    def stop(self):
        self.close()

    def close(self):
        subprocess.run(["kill", self.said["PID"]], check=False)
        # It answers until it is gone: who closes it asks next what happens without it.
        for _ in range(200):
            if not alive(self.said["PID"]):
                break
            time.sleep(0.05)
        else:
            subprocess.run(["kill", "-KILL", self.said["PID"]], check=False)
        self.scratch.cleanup()


class Samba:
    """A Samba domain controller with people `u1`, … whose passwords are `Secret-of-u1!`, … and groups `g1`, …; it ends with this process."""

    def __init__(self, people=12, groups=2):
        self.scratch = tempfile.TemporaryDirectory(prefix="portico-samba-")
        command = [ROOT / "scripts" / "samba-scratch", self.scratch.name, "--owner", str(os.getpid()), "--people", str(people), "--groups", str(groups)]
        printed = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True, timeout=240).stdout
        self.said = dict(line.split("=", 1) for line in printed.splitlines())

    def modify(self, ldif):
        """What its administrator writes."""
        command = ["ldapmodify", "-x", "-H", self.said["LDAPS"], "-D", self.said["ADMINISTRATOR"], "-w", self.said["ADMINISTRATOR_PASSWORD"]]
        environment = {**os.environ, "LDAPTLS_CACERT": self.said["AUTHORITY"], "LDAPTLS_REQCERT": "never"}
        subprocess.run(command, check=True, input=ldif, text=True, env=environment, stdout=subprocess.DEVNULL, timeout=30)

    def person(self, name):
        return f"CN={name},OU=People,{self.said['BASE']}"

    def configuration(self, **more):
        return {"Name": "Forest", "Schema": "ACTIVE_DIRECTORY", "Servers": [self.said["LDAPS"]], "BindDn": self.said["REPLICATOR"], "IncrementalSeconds": 10,
                "UserBases": [f"OU=People,{self.said['BASE']}"], "GroupBases": [f"OU=Teams,{self.said['BASE']}"], "Domain": "EXAMPLE",
                "CaCertificates": pathlib.Path(self.said["AUTHORITY"]).read_text(), **more}

    def close(self):
        subprocess.run(["kill", self.said["PID"]], check=False)


class Forest:
    """The same with Active Directory, as Samba is one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.samba = Samba()

    @classmethod
    def tearDownClass(cls):
        cls.samba.close()
        super().tearDownClass()

    def setUp(self):
        self.portico = self.server.client("portico")

    connect = lambda self, **more: Directories.connect(self, **more)
    assign = lambda self, name: Directories.assign(self, name)
    group = lambda self, name: Directories.group(self, name)
    is_cut = lambda self, at, person, password, change: Directories.is_cut(self, at, person, password, change)
    forget = lambda self, at: Directories.forget(self, at)
    sync = lambda self, at, kind="FULL": Directories.sync(self, at, kind)
    told = lambda self, user_name, password: Directories.told(self, user_name, password)
    records = lambda self, name: Directories.records(self, name)

    @property
    def slapd(self):
        return self.samba

    def test_a_person_of_a_domain_signs_in_by_each_of_their_names_until_they_are_disabled(self):
        at = self.connect(BindDn=self.samba.said["REPLICATOR"])
        self.portico.update_directory(**at, Configuration=self.samba.configuration(), BindPassword=self.samba.said["REPLICATOR_PASSWORD"])
        tried = self.portico.test_directory(**at)
        self.assertTrue(tried["Passed"], tried["Steps"])
        full = self.sync(at)
        self.assertEqual((full["State"], full["Counts"]["Created"], full["Counts"]["Skipped"]), ("SUCCEEDED", 14, 0), full)
        for name in ("u7@ad.example.test", "EXAMPLE\\u7", "u7", "U7@AD.EXAMPLE.TEST"):
            self.assertIsNone(self.told(name, "Secret-of-u7!"), name)
        self.assertIn("Wrong user name or password", self.told("OTHER\\u7", "Secret-of-u7!"))
        quiet = self.sync(at, "INCREMENTAL")
        self.assertEqual((quiet["State"], quiet["Counts"]["Updated"], quiet["Counts"]["Skipped"]), ("SUCCEEDED", 0, 0), quiet)
        self.samba.modify(f"dn: {self.samba.person('u7')}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n\n")
        self.assertIn("Wrong user name or password", self.told("u7", "wrong"))
        self.assertIn("disabled or has expired", self.told("u7", "Secret-of-u7!"))
        said = [record["serviceEventDetails"].get("directoryReason") for record in self.records("CredentialVerification")]
        self.assertIn("DISABLED", said)
        run = self.sync(at, "INCREMENTAL")
        self.assertEqual((run["State"], run["Counts"]["Disabled"]), ("SUCCEEDED", 1), run)
        self.samba.modify(f"dn: {self.samba.person('u7')}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 512\n\n")
        run = self.sync(at, "INCREMENTAL")
        self.assertEqual((run["State"], run["Counts"]["Updated"]), ("SUCCEEDED", 1), run)
        self.assertIsNone(self.told("u7", "Secret-of-u7!"))
        self.samba.modify(f"dn: {self.samba.person('u8')}\nchangetype: delete\n\n")
        run = self.sync(at, "INCREMENTAL")
        self.assertEqual((run["State"], run["Counts"]["Disabled"]), ("SUCCEEDED", 1), run)


    def test_who_is_disabled_in_the_domain_is_cut_off_at_once(self):
        at = self.connect(BindDn=self.samba.said["REPLICATOR"])
        settings = self.samba.configuration(Watch="ENABLED", IncrementalSeconds=86_400)
        self.portico.update_directory(**at, Configuration=settings, BindPassword=self.samba.said["REPLICATOR_PASSWORD"])
        disabled = f"dn: {self.samba.person('u9')}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n\n"
        took = self.is_cut(at, "u9", "Secret-of-u9!", disabled)
        print(f"cut off {took:.2f} s after Samba was told")

    def test_who_must_change_the_password_of_the_domain_does_so_here(self):
        at = self.connect(BindDn=self.samba.said["REPLICATOR"])
        settings = self.samba.configuration(PasswordChange="ENABLED")
        self.portico.update_directory(**at, Configuration=settings, BindPassword=self.samba.said["REPLICATOR_PASSWORD"])
        self.sync(at)
        self.samba.modify(f"dn: {self.samba.person('u11')}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n\n")
        who = self.server.person().get("/start")
        who.sign_in("u11", "Secret-of-u11!")
        self.assertIn("directory wants you to choose another password", who.text)
        chosen = lambda old, new: who.submit(who.form("old_password", "new_password"), old_password=old, new_password=new, repeated=new)
        self.assertIn("was not given correctly", chosen("wrong", "Another-of-u11!").text)
        self.assertIn("too short", chosen("Secret-of-u11!", "short").text)
        chosen("Secret-of-u11!", "Another-of-u11!")
        self.assertIn("/start", who.url)
        # The old one still opens the domain for an hour (OldPasswordAllowedPeriod).
        self.assertIsNone(self.told("u11", "Another-of-u11!"))
        # Another one on the same day is too soon for the domain.
        who.get("/security")
        form = who.form("old_password", "new_password")
        self.assertIn("only lately", who.submit(form, old_password="Another-of-u11!", new_password="Yet-another-of-u11!", repeated="Yet-another-of-u11!").text)
        said = [record["serviceEventDetails"].get("directoryReason") for record in self.records("UpdatePassword") if "serviceEventDetails" in record]
        self.assertIn("TOO_SOON", said)


class Directories:
    """A directory from its connection to what it takes away."""

    def setUp(self):
        self.portico = self.server.client("portico")
        self.slapd = Slapd()
        self.addCleanup(self.slapd.close)

    def connect(self, **more):
        made = self.portico.create_directory(IdentityStoreId=self.store(), Configuration=self.slapd.configuration(**more), BindPassword=self.slapd.said["PASSWORD"])
        at = {"IdentityStoreId": self.store(), "DirectoryId": made["DirectoryId"]}
        self.addCleanup(self.forget, at)
        return at

    def forget(self, at):
        """The directory, and whom it brought."""
        owned = [one for kind in ("USER", "GROUP") for one in self.portico.get_paginator("list_owned").paginate(**at, Kind=kind).build_full_result()["Owned"]]
        self.portico.delete_directory(**at)
        ids = self.server.client("identitystore")
        for one in owned:
            if "UserId" in one:
                ids.delete_user(IdentityStoreId=self.store(), UserId=one["UserId"])
            else:
                ids.delete_group(IdentityStoreId=self.store(), GroupId=one["GroupId"])

    def sync(self, at, kind="FULL"):
        of = {**at, "DirectorySyncId": self.portico.start_directory_sync(**at, Kind=kind)["DirectorySyncId"]}
        def over():
            sync = self.portico.describe_directory_sync(**of)["Sync"]
            return sync if sync["State"] not in ("QUEUED", "RUNNING") else None
        return self.wait_for(over)

    def assign(self, name):
        """PowerUser in the member account."""
        asked = self.server.client("sso-admin").create_account_assignment(
            InstanceArn=self.instance(), PermissionSetArn=self.permission_set("PowerUser"), TargetId="222233334444", TargetType="AWS_ACCOUNT",
            PrincipalType="GROUP", PrincipalId=self.group(name))
        self.settle(asked["AccountAssignmentCreationStatus"]["RequestId"])

    def group(self, name):
        found = self.server.client("identitystore").get_group_id(
            IdentityStoreId=self.store(), AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}})
        return found["GroupId"]

    def records(self, name):
        found = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
        return [json.loads(event["CloudTrailEvent"]) for event in found]

    def is_cut(self, at, person, password, change):
        """How long after a change there somebody gets no credentials any more; one run alone is scheduled, which reads all."""
        self.sync(at)
        self.assign("g1")
        self.portico.enable_directory(**at)
        listening = lambda: (watch := self.portico.describe_directory(**at)["Watch"])["State"] == "LISTENING" and watch.get("HeardAt")
        self.wait_for(listening)
        token = self.token(person, password)["accessToken"]
        portal = self.server.client("sso")
        ask = {"accessToken": token, "accountId": "222233334444", "roleName": "PowerUser"}
        portal.get_role_credentials(**ask)
        # What was heard at first is read by now.
        time.sleep(5)
        self.slapd.modify(change)
        began = time.monotonic()
        while True:
            took = time.monotonic() - began
            try:
                portal.get_role_credentials(**ask)
            except botocore.exceptions.ClientError:
                return took
            self.assertLess(took, 60, "nothing was heard")
            time.sleep(0.02)

    def told(self, user_name, password):
        """What the page says to who signs in; nothing to who is in."""
        who = self.server.person()
        who.get("/signin")
        who.sign_in(user_name, password)
        return None if "/signin" not in who.url else who.text

    def test_a_person_of_a_directory_signs_the_aws_cli_in_until_they_are_gone(self):
        at = self.connect()
        tried = self.portico.test_directory(**at)
        self.assertTrue(tried["Passed"], tried["Steps"])
        dry = self.sync(at, "DRY_RUN")
        planned = self.portico.get_paginator("list_directory_sync_changes").paginate(**at, DirectorySyncId=dry["DirectorySyncId"]).build_full_result()["Changes"]
        self.assertEqual(sorted(one["Name"] for one in planned if (one["Kind"], one["Entry"]) == ("CREATE", "GROUP")), ["g1", "g2", "unix"])
        full = self.sync(at)
        self.assertEqual((full["State"], full["Counts"]["Created"], full["Counts"]["Skipped"]), ("SUCCEEDED", 15, 0), full)
        self.assertEqual(full["Counts"]["Created"], dry["Counts"]["Created"])
        self.assign("g1")
        cli = server.Cli(self.server, self.aws)
        cli.add_profile("worker", "222233334444", "PowerUser")
        cli.login(self.server.person(), "u7@example.test", "secret of u7")
        identity = cli.json("sts", "get-caller-identity", profile="worker")
        self.assertTrue(identity["Arn"].endswith("/u7"), identity)
        self.portico.enable_directory(**at)
        self.slapd.modify(f"dn: {self.slapd.person('u7')}\nchangetype: delete\n\n")
        # At the next sign-in, whatever the runs do.
        self.assertIn("Wrong user name or password", self.told("u7", "secret of u7"))
        said = next(record["serviceEventDetails"] for record in self.records("CredentialVerification") if "directoryReason" in record.get("serviceEventDetails", {}))
        self.assertEqual(said["directoryReason"], "NO_SUCH_PERSON")
        self.wait_for(lambda: cli.run("sts", "get-caller-identity", profile="worker", check=False).returncode)
        described = self.server.client("identitystore").describe_user(IdentityStoreId=self.store(), UserId=self.user("u7"))
        self.assertEqual(described["UserStatus"], "DISABLED")
        changed = next(record for record in self.records("UpdateUser") if record["userIdentity"].get("userName") == "Example")
        self.assertEqual(changed["serviceEventDetails"]["standing"], "not found in the directory")

    def test_who_is_gone_there_is_cut_off_at_once(self):
        at = self.connect(Watch="ENABLED", IncrementalSeconds=86_400)
        gone = f"dn: {self.slapd.person('u9')}\nchangetype: delete\n\n"
        took = self.is_cut(at, "u9", "secret of u9", gone)
        print(f"cut off {took:.2f} s after slapd was told")
        self.slapd.close()
        self.wait_for(lambda: self.portico.describe_directory(**at)["Watch"]["State"] == "RETRYING")

    def test_a_password_of_the_directory_is_changed_here_where_that_is_allowed(self):
        at = self.connect()
        self.sync(at)
        who = self.server.person().get("/start")
        who.sign_in("u5", "secret of u5")
        who.get("/security")
        self.assertNotIn("Change the password", who.text)
        self.portico.update_directory(**at, Configuration=self.slapd.configuration(PasswordChange="ENABLED"))
        who.get("/security")
        self.assertIn("rules are those of your organization's directory", who.text)
        change = lambda old, new: who.submit(who.form("old_password", "new_password"), old_password=old, new_password=new, repeated=new)
        self.assertIn("was not given correctly", change("wrong", "another of u5").text)
        self.assertIn("too short", change("secret of u5", "short").text)
        self.assertIn("from before", change("secret of u5", "secret of u5").text)
        self.assertIn("Your password is changed", change("secret of u5", "another of u5").text)
        self.assertIn("Wrong user name or password", self.told("u5", "secret of u5"))
        self.assertIsNone(self.told("u5", "another of u5"))
        # Where it must be changed, the sign-in leads there, and nowhere else before.
        self.slapd.modify(f"dn: {self.slapd.person('u6')}\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n\n")
        who = self.server.person().get("/start")
        who.sign_in("u6", "secret of u6")
        self.assertIn("directory wants you to choose another password", who.text)
        self.assertIn("/signin", who.get("/start").url)
        who.get("/signin/next")
        change("secret of u6", "another of u6")
        self.assertNotIn("/signin", who.url)
        self.assertIsNone(self.told("u6", "another of u6"))

    def test_an_account_signs_in_by_certificate(self):
        configuration = self.slapd.configuration()
        del configuration["BindDn"]
        configuration["ClientCertificate"] = pathlib.Path(self.slapd.said["CERTIFICATE"]).read_text()
        key = pathlib.Path(self.slapd.said["KEY"]).read_text()
        made = self.portico.create_directory(IdentityStoreId=self.store(), Configuration=configuration, ClientKey=key)
        at = {"IdentityStoreId": self.store(), "DirectoryId": made["DirectoryId"]}
        self.addCleanup(self.forget, at)
        tried = self.portico.test_directory(**at)
        self.assertTrue(tried["Passed"], tried["Steps"])
        self.assertEqual(self.sync(at)["State"], "SUCCEEDED")
        made = [json.dumps(record) for record in self.records("CreateDirectory")]
        self.assertTrue(any("BEGIN CERTIFICATE" in record and "lientKey" in record for record in made), made)
        self.assertNotIn("PRIVATE KEY", "".join(made))
        self.assertNotIn("PRIVATE KEY", json.dumps(self.portico.describe_directory(**at), default=str))

    def test_nobody_locks_an_account_of_the_directory_through_the_pages(self):
        # Its policy locks after three.
        at = self.connect(LockoutAttempts=3, LockoutMinutes=30)
        self.sync(at)
        wrong = [self.told(name, "wrong") for name in ("u2", "u2@example.test", "U2", "u2")]
        for said in wrong:
            self.assertIn("Wrong user name or password", said)
        reasons = [record.get("serviceEventDetails", {}).get("directoryReason") for record in self.records("CredentialVerification")]
        self.assertEqual(reasons.count("NOT_ASKED"), 2, reasons)
        environment = {**os.environ, "LDAPTLS_CACERT": self.slapd.said["AUTHORITY"]}
        bind = ["ldapwhoami", "-x", "-H", self.slapd.said["LDAPS"], "-D", self.slapd.person("u2"), "-w", "secret of u2"]
        self.assertEqual(subprocess.run(bind, env=environment, capture_output=True, timeout=30).returncode, 0, "the account is locked")

    def test_what_the_directory_says_is_told_to_who_knows_the_password(self):
        at = self.connect()
        self.sync(at)
        self.assertIsNone(self.told("u3", "secret of u3"))
        self.slapd.modify(f"dn: {self.slapd.person('u3')}\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n\n")
        self.assertIn("Wrong user name or password", self.told("u3", "wrong"))
        self.assertIn("must be changed", self.told("u3", "secret of u3"))
        self.slapd.close()
        # To who was here before, from this address.
        self.assertIn("does not answer", self.told("u3", "secret of u3"))
        self.assertIn("Wrong user name or password", self.told("u4", "secret of u4"))
        self.assertIn("Wrong user name or password", self.told("jane", "wrong"))
        self.assertIsNone(self.told("jane", server.PASSWORD))

    def test_a_brake_holds_until_an_administrator_lets_it_pass(self):
        at = self.connect()
        self.sync(at)
        self.slapd.modify("".join(f"dn: {self.slapd.person(f'u{number}')}\nchangetype: delete\n\n" for number in range(1, 8)))
        held = self.sync(at)
        self.assertEqual((held["State"], held["HeldBack"]), ("HELD", 7), held)
        self.assertEqual(self.portico.describe_directory(**at)["HeldSyncId"], held["DirectorySyncId"])
        passed = self.portico.resolve_directory_brake(**at, DirectorySyncId=held["DirectorySyncId"])
        of = {**at, "DirectorySyncId": passed["DirectorySyncId"]}
        done = self.wait_for(lambda: (sync := self.portico.describe_directory_sync(**of)["Sync"])["State"] not in ("QUEUED", "RUNNING") and sync)
        self.assertEqual((done["State"], done["Counts"]["Disabled"]), ("SUCCEEDED", 7), done)
        self.assertNotIn("HeldSyncId", self.portico.describe_directory(**at))
