"""An application that integrates itself by the API and reads the common view of people and groups, in the part that Amazon Managed Grafana plays at AWS: JupyterHub with
oauthenticator, which nobody here wrote, made an application by the programs of examples/jupyterhub.

A mixin of suite.py: it has a server, boto3 clients and people.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import urllib.parse
import urllib.request

import apache_modules
import server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

PROGRAMS = server.ROOT / "examples" / "jupyterhub"
ADMINISTERS, READS = (
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]} for actions in (
        ["sso:ListInstances", "sso:CreateApplication", "sso:CreateApplicationAssignment", "portico:PutApplicationOidcConfiguration", "portico:GetApplicationOidcConfiguration",
         "portico:CreateApplicationClientSecret", "identitystore:GetGroupId"],
        ["sso:DescribeApplication", "sso:ListApplicationAssignments", "identitystore:ListGroupMemberships", "identitystore:DescribeUser"]))


class Integrated:
    """One Hub for the test: it takes four seconds to start."""

    follow, opens, shown = staticmethod(apache_modules.ApacheModules.follow), apache_modules.ApacheModules.opens, staticmethod(apache_modules.ApacheModules.shown)

    def key(self, name, policy):
        """The variables of a service user that may do this much."""
        portico = self.server.client("portico")
        portico.create_service_user(InstanceArn=self.instance(), UserName=name)
        portico.put_inline_policy_to_service_user(InstanceArn=self.instance(), UserName=name, InlinePolicy=json.dumps(policy))
        key = portico.create_access_key(InstanceArn=self.instance(), UserName=name)
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def program(self, name, *arguments, check=True, **environment):
        """What a program of the example prints."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        where = {"AWS_ENDPOINT_URL": self.server.base, "AWS_DEFAULT_REGION": "us-east-1", "AWS_DATA_PATH": str(server.MODELS), "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([sys.executable, PROGRAMS / name, *arguments], env={**kept, **where, **environment}, capture_output=True, text=True, timeout=60)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout if check else done

    def hub_api(self, told, path):
        asked = urllib.request.Request(told["JUPYTERHUB_API_URL"] + path, headers={"Authorization": "token " + told["JUPYTERHUB_API_TOKEN"]})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def comes(self, person, base, name="jane", password=server.PASSWORD):
        """Somebody opens the Hub; what it knows of them, or nothing."""
        self.opens(person, base + "/hub/oauth_login", name, password)
        person.get(base + "/hub/api/user", headers={"Referer": base + "/hub/home"})
        return json.loads(person.body) if person.status == 200 else None

    def test_jupyterhub_makes_itself_an_application_signs_people_in_and_reads_who_they_are(self):
        admin, people = self.server.client("sso-admin"), self.server.client("identitystore")
        hub = peer.Peer("jupyterhub")
        self.addCleanup(hub.stop)
        base = hub.told["base"]
        installer, reader = self.key("installer", ADMINISTERS), self.key("hub", READS)
        told = {}
        for _ in range(2):
            printed = self.program("register.py", base, "engineers", "auditors", **installer)
            told = dict(word.split("=", 1) for line in printed.splitlines() for word in shlex.split(line)[1:])
        self.assertEqual([one["Name"] for one in admin.list_applications(InstanceArn=self.instance())["Applications"]], ["JupyterHub"])
        hub.set(environment={**told, "HUB_ASK_AGAIN_SECONDS": "1"})
        # The common view: who may come is there before they do, and the key that reads it can do nothing else.
        self.assertEqual(self.program("people.py", **told, **reader), "added: jane sam\n")
        self.assertEqual({user["name"]: user["admin"] for user in self.hub_api(told, "/users")}, {"jane": False, "sam": False})
        refused = self.program("register.py", base, "engineers", "auditors", check=False, **reader)
        self.assertIn("AccessDenied", refused.stderr)
        # People sign in; groups come along, and one of them administers.
        jane, sam = self.server.person(), self.server.person()
        knows = self.comes(jane, base)
        self.assertEqual((knows["name"], knows["admin"], knows["groups"]), ("jane", False, ["engineers"]))
        self.assertEqual(jane.get(base + "/hub/admin").status, 403)
        knows = self.comes(sam, base, "sam", "four clear winter mornings")
        self.assertEqual((knows["name"], knows["admin"], set(knows["groups"])), ("sam", True, {"engineers", "auditors"}))
        self.assertEqual(sam.get(base + "/hub/admin").status, 200)
        # A tile of the portal leads there.
        tile = urllib.parse.quote(told["HUB_APPLICATION"], safe="")
        self.assertIn("JupyterHub", jane.get(jane.base + "/start").text, tile)
        # Somebody joins the group, and leaves it: seen by the application at the next look.
        group = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "engineers"}}
        group = people.get_group_id(IdentityStoreId=self.store(), AlternateIdentifier=group)["GroupId"]
        member = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "jane"}}
        member = people.get_user_id(IdentityStoreId=self.store(), AlternateIdentifier=member)["UserId"]
        membership = people.get_group_membership_id(IdentityStoreId=self.store(), GroupId=group, MemberId={"UserId": member})["MembershipId"]
        people.delete_group_membership(IdentityStoreId=self.store(), MembershipId=membership)
        try:
            # The Hub asks again, hears no, and lets her no further than to a page that asks her to sign in; there she is told that she may not.
            self.wait_for(lambda: jane.get(base + "/hub/home").url != base + "/hub/home")
            self.assertIsNone(self.comes(self.server.person(), base))
            self.assertEqual(self.program("people.py", **told, **reader), "deleted: jane\n")
        finally:
            people.create_group_membership(IdentityStoreId=self.store(), GroupId=group, MemberId={"UserId": member})
        self.assertEqual(self.program("people.py", **told, **reader), "added: jane\n")
        self.assertEqual(self.comes(self.server.person(), base)["name"], "jane")
        # The trail tells who came, and by what.
        found = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Federate"}])["Events"]
        records = [json.loads(event["CloudTrailEvent"]) for event in found]
        came = {record["userIdentity"]["onBehalfOf"]["userId"] for record in records if "errorCode" not in record and record["serviceEventDetails"]["application_arn"] == told["HUB_APPLICATION"]}
        self.assertEqual(came, {self.user("jane"), self.user("sam")})
