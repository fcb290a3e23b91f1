"""What differs in accounts that are somewhere else: moto's server holds them, its own API edits them by hand."""
import json
import signal
import threading

from connected import ACCOUNT, OTHER, POWER_USER, READ_ONLY, Elsewhere

PATH = "/aws-reserved/sso.amazonaws.com/"
HOUR = 3600


class DriftingAccounts(Elsewhere):
    """Findings, what is decided of them, and what comes of that."""

    def looked(self, account):
        """Looks at an account and waits until that has ended."""
        self.portico("detect_account_drift", AccountId=account)

        def ended():
            found = self.portico("describe_account_drift", AccountId=account)["AccountDrift"]
            return found if found["DetectionStatus"] != "DETECTION_IN_PROGRESS" else None

        return self.wait_for(ended, 60)

    def findings(self, account, **which):
        pages = self.server.client("portico").get_paginator("list_account_drift_findings")
        found = pages.paginate(InstanceArn=self.instance(), AccountId=account, **which, PaginationConfig={"PageSize": 1})
        return {one["ResourceArn"].rpartition("/")[2]: one for page in found for one in page["Findings"]}

    def repaired(self, finding):
        of = {"AccountId": finding["AccountId"], "FindingId": finding["FindingId"]}
        self.assertEqual(self.portico("repair_account_drift_finding", **of)["Finding"]["Status"], "REPAIRING")

        def ended():
            left = [one for one in self.findings(finding["AccountId"]).values() if one["FindingId"] == of["FindingId"]]
            if left and left[0]["Status"] == "REPAIRING":
                return None
            return [left[0]["FailureReason"]] if left else [None]

        return self.wait_for(ended, 60)[0]

    def differences(self, finding):
        return {one["PropertyPath"]: (one["DifferenceType"], one.get("ExpectedValue"), one.get("ActualValue")) for one in finding["PropertyDifferences"]}

    def test_what_somebody_changed_there_is_found_and_put_right_when_it_is_asked_for(self):
        self.empty(ACCOUNT)
        self.connect(ACCOUNT)
        for name in ("PowerUser", "ReadOnly"):
            self.assertEqual(self.assign(ACCOUNT, name, "jane")["Status"], "SUCCEEDED")
        self.proxy.taken()
        seen = self.looked(ACCOUNT)
        self.assertEqual((seen["DetectionStatus"], seen["DriftStatus"]), ("DETECTION_COMPLETE", "IN_SYNC"))
        self.assertEqual((self.proxy.changes(), self.findings(ACCOUNT)), ([], {}))
        self.edited()
        self.accepted()
        self.put_right()
        self.told()

    def edited(self):
        """By hand: a role edited in every way, one deleted, the provider's metadata, a role that bears our mark, and one that does not."""
        iam, roles = self.moto.inside("iam"), self.roles(ACCOUNT)
        self.power, self.read = roles["PowerUser"]["RoleName"], roles["ReadOnly"]["RoleName"]
        of = {"RoleName": self.power}
        nobody = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
        all_of_s3 = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
        iam.update_assume_role_policy(**of, PolicyDocument=nobody)
        iam.update_role(**of, Description="theirs", MaxSessionDuration=HOUR)
        iam.attach_role_policy(**of, PolicyArn=READ_ONLY)
        iam.detach_role_policy(**of, PolicyArn=POWER_USER)
        iam.put_role_policy(**of, PolicyName="theirs", PolicyDocument=all_of_s3)
        iam.put_role_permissions_boundary(**of, PermissionsBoundary=READ_ONLY)
        iam.detach_role_policy(RoleName=self.read, PolicyArn=READ_ONLY)
        iam.delete_role(RoleName=self.read)
        provider = iam.list_saml_providers()["SAMLProviderList"][0]["Arn"]
        self.metadata = iam.get_saml_provider(SAMLProviderArn=provider)["SAMLMetadataDocument"]
        iam.update_saml_provider(SAMLProviderArn=provider, SAMLMetadataDocument=self.metadata.replace("urn:portico:", "urn:theirs:"))
        mark = [{"Key": "portico:instance", "Value": self.instance().rpartition("/")[2]}]
        iam.create_role(RoleName="AWSReservedSSO_Left_0123456789abcdef", Path=PATH, AssumeRolePolicyDocument=nobody, Tags=mark)
        iam.create_role(RoleName="AWSReservedSSO_Theirs_0123456789abcdef", Path=PATH, AssumeRolePolicyDocument=nobody)
        self.proxy.taken()
        self.assertEqual(self.looked(ACCOUNT)["DriftStatus"], "DRIFTED")
        self.assertEqual(self.proxy.changes(), [], "a look changes nothing")
        found = self.findings(ACCOUNT)
        self.provider = provider.rpartition("/")[2]
        kinds = {name: (one["ResourceType"], one["DriftStatus"], one["Status"]) for name, one in found.items()}
        self.assertEqual(kinds, {
            self.power: ("AWS::IAM::Role", "MODIFIED", "OPEN"), self.read: ("AWS::IAM::Role", "DELETED", "OPEN"),
            self.provider: ("AWS::IAM::SAMLProvider", "MODIFIED", "OPEN"), "AWSReservedSSO_Left_0123456789abcdef": ("AWS::IAM::Role", "UNEXPECTED", "OPEN")})
        self.assertEqual(found[self.power]["PermissionSetArn"], self.permission_set("PowerUser"))
        told = self.differences(found[self.power])
        trust = told.pop("/AssumeRolePolicyDocument")
        self.assertEqual((trust[0], json.loads(trust[2])), ("NOT_EQUAL", json.loads(nobody)))
        self.assertEqual(json.loads(told.pop("/Policies/theirs")[2]), json.loads(all_of_s3))
        self.assertEqual(told.pop("/ManagedPolicyArns"), ("ADD", None, READ_ONLY))
        self.assertEqual(told, {"/Description": ("NOT_EQUAL", "Day-to-day work", "theirs"), "/MaxSessionDuration": ("NOT_EQUAL", "43200", "3600"),
                                "/PermissionsBoundary": ("ADD", None, READ_ONLY)})
        self.assertIn({"PropertyPath": "/ManagedPolicyArns", "DifferenceType": "REMOVE", "ExpectedValue": POWER_USER}, found[self.power]["PropertyDifferences"])
        self.assertEqual(self.differences(found[self.provider])["/SamlMetadataDocument"][1], self.metadata)
        self.assertEqual(self.portico("get_instance_summary")["DriftFindings"]["Count"], 4)

    def accepted(self):
        found = self.findings(ACCOUNT)[self.power]
        of = {"AccountId": ACCOUNT, "FindingId": found["FindingId"]}
        self.assertEqual(self.portico("accept_account_drift_finding", **of)["Finding"]["Status"], "ACCEPTED")
        self.looked(ACCOUNT)
        self.assertEqual(self.findings(ACCOUNT, Status="ACCEPTED")[self.power]["FindingId"], found["FindingId"])
        self.assertEqual(self.portico("get_instance_summary")["DriftFindings"]["Count"], 3)
        # It becomes another: so does the finding.
        self.moto.inside("iam").update_role(RoleName=self.power, Description="theirs", MaxSessionDuration=2 * HOUR)
        self.looked(ACCOUNT)
        now = self.findings(ACCOUNT, PermissionSetArn=self.permission_set("PowerUser"))[self.power]
        self.assertEqual((now["Status"], self.differences(now)["/MaxSessionDuration"]), ("OPEN", ("NOT_EQUAL", "43200", "7200")))
        self.assertEqual(self.refused("repair_account_drift_finding", **of)["Code"], "ResourceNotFoundException")

    def put_right(self):
        iam, found = self.moto.inside("iam"), self.findings(ACCOUNT)
        self.proxy.answers["UpdateRole"] = [(403, "AccessDenied")]
        self.assertEqual(self.repaired(found[self.power]), f"Account {ACCOUNT}: iam:UpdateRole failed with AccessDenied: The proxy says AccessDenied")
        for name, one in self.findings(ACCOUNT).items():
            if name != self.provider:
                self.assertIsNone(self.repaired(one), name)
        # Whoever makes a role whole makes the provider that it trusts.
        self.assertEqual(self.findings(ACCOUNT), {})
        self.assertEqual(iam.list_saml_providers()["SAMLProviderList"][0]["Arn"].rpartition("/")[2], self.provider)
        role = iam.get_role(RoleName=self.power)["Role"]
        self.assertEqual((role["Description"], role["MaxSessionDuration"], role.get("PermissionsBoundary")), ("Day-to-day work", 43200, None))
        self.assertEqual([one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=self.power)["AttachedPolicies"]], [POWER_USER])
        self.assertEqual(iam.list_role_policies(RoleName=self.power)["PolicyNames"], [])
        self.assertEqual(set(self.roles(ACCOUNT)), {"PowerUser", "ReadOnly", "Theirs"}, "what does not bear our mark is left alone")
        self.assertEqual(self.looked(ACCOUNT)["DriftStatus"], "IN_SYNC")

    def told(self):
        def told(name):
            found = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
            details = [json.loads(one["CloudTrailEvent"])["serviceEventDetails"] for one in found]
            return [one for one in details if one["accountId"] == ACCOUNT]

        self.assertEqual([len(one["newFindings"]) for one in told("AccountDriftDetection")], [0, 1, 0, 4, 0])
        self.assertIn("UpdateRole failed with AccessDenied", told("AccountDriftRepair")[-1]["failureReason"])
        # An account that lets nobody in says so, and what was known stays.
        self.proxy.answers["ListRoles"] = [(403, "AccessDenied")]
        refused = self.looked(ACCOUNT)
        self.assertEqual((refused["DetectionStatus"], refused["DetectionStatusReason"]),
                         ("DETECTION_FAILED", f"Account {ACCOUNT}: iam:ListRoles failed with AccessDenied: The proxy says AccessDenied"))

    def test_a_repair_goes_on_after_the_server_was_killed_and_an_account_that_throttles_is_seen_in_the_end(self):
        self.empty(OTHER)
        self.connect(OTHER)
        for name in ("PowerUser", "ReadOnly"):
            self.assertEqual(self.assign(OTHER, name, "jane")["Status"], "SUCCEEDED")
        iam, role = self.moto.inside("iam", OTHER), self.roles(OTHER)["ReadOnly"]["RoleName"]
        iam.detach_role_policy(RoleName=role, PolicyArn=READ_ONLY)
        self.proxy.answers.update({"GetSAMLProvider": [(500, "ServiceFailure")], "ListAttachedRolePolicies": [(400, "Throttling")]})
        self.assertEqual(self.looked(OTHER)["DetectionStatus"], "DETECTION_COMPLETE")
        self.assertEqual({left for answers in self.proxy.answers.values() for left in answers}, set())
        found = self.findings(OTHER)
        self.assertEqual(set(found), {role})
        self.proxy.held["AttachRolePolicy"] = threading.Event()
        self.proxy.taken()
        self.portico("repair_account_drift_finding", AccountId=OTHER, FindingId=found[role]["FindingId"])
        self.proxy.await_call("AttachRolePolicy")
        self.server.stop(signal.SIGKILL)
        self.proxy.held.pop("AttachRolePolicy").set()
        self.server.start()
        self.wait_for(lambda: not self.findings(OTHER), 90)
        self.assertEqual([one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]], [READ_ONLY])
