"""Credentials of accounts that are somewhere else, once their person has lost what they reached."""
import json

from botocore.exceptions import ClientError

import server
from connected import ACCOUNT, Elsewhere

PASSWORDS = {"jane": server.PASSWORD, "sam": "four clear winter mornings"}
POLICY = "PorticoRevokedSessions"


class RevokedSessions(Elsewhere):
    """What was handed out is void, for that person alone."""

    def void(self):
        """Who may do nothing any more with what they were given: session names."""
        iam, name = self.moto.inside("iam"), self.roles(ACCOUNT)["PowerUser"]["RoleName"]
        if POLICY not in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            return None
        document = iam.get_role_policy(RoleName=name, PolicyName=POLICY)["PolicyDocument"]
        self.assertEqual({(one["Effect"], one["Action"], one["Resource"]) for one in document["Statement"]}, {("Deny", "*", "*")})
        return sorted(one["Condition"]["StringLike"]["aws:userid"] for one in document["Statement"])

    def keys(self, user):
        ask = {"accessToken": self.token(user, PASSWORDS[user])["accessToken"], "accountId": ACCOUNT, "roleName": "PowerUser"}
        return self.server.client("sso").get_role_credentials(**ask)["roleCredentials"]

    def test_whoever_is_disabled_or_loses_an_assignment_loses_what_they_were_given(self):
        self.empty(ACCOUNT)
        self.connect(ACCOUNT)
        for user in ("jane", "sam"):
            self.assertEqual(self.assign(ACCOUNT, "PowerUser", user)["Status"], "SUCCEEDED")
            self.keys(user)
        self.assertIsNone(self.void())
        portico, jane = self.server.client("portico"), {"IdentityStoreId": self.store(), "UserId": self.user("jane")}
        portico.disable_user(**jane)
        self.wait_for(lambda: self.void() == ["*:jane"], 30)
        # It stays while the role is provisioned again, and is no drift.
        self.assertEqual(self.provision("PowerUser", ACCOUNT)["Status"], "SUCCEEDED")
        self.assertEqual(self.void(), ["*:jane"])
        self.portico("detect_account_drift", AccountId=ACCOUNT)
        drift = self.wait_for(lambda: [one for one in [self.portico("describe_account_drift", AccountId=ACCOUNT)["AccountDrift"]] if one["DetectionStatus"] == "DETECTION_COMPLETE"], 30)
        self.assertEqual(drift[0]["DriftStatus"], "IN_SYNC")
        portico.enable_user(**jane)
        self.keys("jane")
        # The other's assignment ends, the role stays.
        self.assertEqual(self.unassign(ACCOUNT, "PowerUser", "sam")["Status"], "SUCCEEDED")
        self.wait_for(lambda: self.void() == ["*:jane", "*:sam"], 30)
        with self.assertRaises(ClientError):
            self.keys("sam")
        self.assertEqual(self.portico("revoke_user_role_sessions", UserId=jane["UserId"])["RevokedSessions"], 1)
        look = {"AttributeKey": "EventName", "AttributeValue": "RoleSessionRevocation"}

        def told():
            events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[look])["Events"]
            return [json.loads(one["CloudTrailEvent"])["serviceEventDetails"]["sessions"] for one in events]

        self.wait_for(lambda: told() == [["jane", "sam"], ["jane", "sam"], ["jane"]], 30)
