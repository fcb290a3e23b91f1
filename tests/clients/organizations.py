"""Organizations that accounts here follow: moto's, which nobody here wrote, with a proxy before it that counts calls and gets in their way."""
import signal
import threading

from botocore.exceptions import ClientError

import connected

#: moto's account for keys that it does not know: it owns the organization.
OWNER = "123456789012"


class ConnectedOrganizations(connected.Elsewhere):
    """One organization from its first reading on: what it brings, what it changes, what it may not take away, and what is changed there alone."""

    @classmethod
    def settings(cls, home):
        settings = super().settings(home)
        cls.theirs = cls.moto.client("organizations", aws_access_key_id="AKIAPORTICO", aws_secret_access_key="x")
        cls.organization = cls.theirs.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        cls.root = cls.theirs.list_roots()["Roots"][0]["Id"]
        return settings

    def opened(self, name, parent=None, **tags):
        """An account there."""
        account = self.theirs.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        if parent:
            self.theirs.move_account(AccountId=account, SourceParentId=self.root, DestinationParentId=parent)
        if tags:
            self.tag(account, **tags)
        return account

    def tag(self, what, **tags):
        self.theirs.tag_resource(ResourceId=what, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def unit(self, name, parent):
        return self.theirs.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]

    def follows(self, **more):
        return {"AccessKeyId": "AKIAPORTICO", "OrganizationsEndpoint": self.proxy.base, "IamEndpoint": self.proxy.base, "StsEndpoint": self.proxy.base, **more}

    def described(self):
        return self.portico("describe_organization_connection", OrganizationId=self.organization)["OrganizationConnection"]

    def ended(self):
        def over():
            latest = self.described()["LatestSync"]
            return latest if latest["Status"] != "IN_PROGRESS" else None

        return self.wait_for(over, 120)

    def synchronized(self, **how):
        """A run, to its end: how that was, and what it changed by what it is about."""
        self.portico("start_organization_sync", OrganizationId=self.organization, **how)
        return self.ended(), self.changes()

    def changes(self):
        pages = self.server.client("portico").get_paginator("list_organization_sync_changes")
        pages = pages.paginate(InstanceArn=self.instance(), OrganizationId=self.organization, PaginationConfig={"PageSize": 3})
        by = {}
        for change in (change for page in pages for change in page["Changes"]):
            by.setdefault(change["TargetId"], []).append(change["Action"])
        return by

    def said(self, what):
        return [change["Said"] for change in self.portico("list_organization_sync_changes", OrganizationId=self.organization)["Changes"] if change["TargetId"] == what]

    def here(self):
        return self.server.client("organizations")

    def place(self, child):
        return self.here().list_parents(ChildId=child)["Parents"][0]["Id"]

    def state(self, account):
        return self.here().describe_account(AccountId=account)["Account"]["Status"]

    def tags(self, what):
        return {tag["Key"]: tag["Value"] for tag in self.here().list_tags_for_resource(ResourceId=what)["Tags"]}

    def test_accounts_follow_an_organization_from_its_first_account_to_its_last(self):
        workloads = self.unit("Workloads", self.root)
        production = self.unit("Production", workloads)
        self.tag(workloads, owner="platform")
        payments, sandbox = self.opened("payments", production, cost="42"), self.opened("sandbox")
        own_root = self.here().list_roots()["Roots"][0]["Id"]
        at_aws = self.here().create_organizational_unit(ParentId=own_root, Name="AWS")["OrganizationalUnit"]["Id"]
        self.refusals(at_aws)
        self.portico("create_organization_connection", OrganizationId=self.organization, SecretAccessKey="never-shown",
                     Configuration=self.follows(ParentId=at_aws, ConnectAccounts=True))
        self.assertNotIn("LatestSync", self.described())
        # Said before done.
        before = self.here().list_accounts()["Accounts"]
        dry, would = self.synchronized(Kind="DRY_RUN")
        self.assertEqual((dry["Status"], dry["AccountCount"]), ("SUCCEEDED", 3))
        self.assertEqual(would, {workloads: ["ADDED"], production: ["ADDED"], OWNER: ["ADDED"], payments: ["ADDED", "CONNECTED"], sandbox: ["ADDED", "CONNECTED"]})
        self.assertEqual(self.here().list_accounts()["Accounts"], before)
        self.assertNotIn("NextSyncAt", self.described())
        self.first(would, (workloads, production, payments, sandbox, at_aws))
        self.reached(payments)
        self.changed((workloads, production, payments, sandbox, at_aws))
        workloads = self.made_again((workloads, production, payments, sandbox, at_aws))
        self.held(payments)
        self.killed(payments)
        self.forgotten(payments, workloads)

    def refusals(self, at_aws):
        create = {"OrganizationId": self.organization, "SecretAccessKey": "x"}
        private = self.refused("create_organization_connection", **create, Configuration=self.follows(OrganizationsEndpoint="http://10.0.0.1"))
        self.assertIn("OrganizationsEndpoint", private["Message"])
        nowhere = self.refused("create_organization_connection", **create, Configuration=self.follows(ParentId="ou-abcd-12345678"))
        self.assertIn("ParentId ou-abcd-12345678", nowhere["Message"])
        # A key that leads to another organization is found out before anything is done with what it shows.
        other = {"OrganizationId": "o-0123456789"}
        self.portico("create_organization_connection", **other, SecretAccessKey="x", Configuration=self.follows())
        self.portico("start_organization_sync", **other)
        failed = self.wait_for(lambda: (found := self.portico("describe_organization_connection", **other)["OrganizationConnection"]["LatestSync"])["Status"] == "FAILED" and found, 60)
        self.assertIn(f"the key is of organization {self.organization}", failed["StatusReason"])
        self.portico("delete_organization_connection", **other)

    def first(self, would, things):
        workloads, production, payments, sandbox, at_aws = things
        # What is throttled is asked again, and lost for it is nothing.
        self.proxy.answers.update({"ListAccountsForParent": [(400, "TooManyRequestsException"), (500, "ServiceException")], "ListTagsForResource": [(400, "TooManyRequestsException")]})
        run, did = self.synchronized()
        self.assertEqual((run["Status"], did), ("SUCCEEDED", would))
        self.assertEqual((self.proxy.answers["ListAccountsForParent"], self.proxy.answers["ListTagsForResource"]), ([], []))
        self.assertIn("NextSyncAt", self.described())
        self.assertEqual([self.place(one) for one in (workloads, production, payments, sandbox)], [at_aws, workloads, production, at_aws])
        account = self.here().describe_account(AccountId=payments)["Account"]
        self.assertEqual((account["Name"], account["Email"], account["JoinedMethod"]), ("payments", "payments@example.com", "INVITED"))
        self.assertEqual((self.tags(payments), self.tags(workloads)), ({"cost": "42"}, {"owner": "platform"}))
        connections = {one["AccountId"]: one for one in self.portico("list_account_connections")["AccountConnections"]}
        self.assertEqual(set(connections), {payments, sandbox}, "whoever owns the organization has no role of it to take")
        self.assertEqual(connections[payments]["OrganizationId"], self.organization)
        self.assertEqual(connections[payments]["Configuration"]["RoleArn"], f"arn:aws:iam::{payments}:role/OrganizationAccountAccessRole")
        # Nothing differs: nothing is changed.
        self.assertEqual(self.synchronized()[1], {})

    def reached(self, payments):
        """An account that came so is reached like one that was connected by itself."""
        tested = self.portico("test_account_connection", AccountId=payments)
        self.assertTrue(tested["Passed"], tested)
        self.assertEqual(self.assign(payments, "PowerUser", "jane")["Status"], "SUCCEEDED")
        self.assertIn("PowerUser", self.roles(payments))
        self.assertEqual(self.caller_of(payments), payments)
        # Another key of the organization's is every account's.
        self.portico("update_organization_connection", OrganizationId=self.organization, SecretAccessKey="another", Configuration={**self.described()["Configuration"], "AccessKeyId": "AKIAROTATED"})
        self.assertEqual(self.portico("describe_account_connection", AccountId=payments)["AccountConnection"]["Configuration"]["AccessKeyId"], "AKIAROTATED")
        self.assertEqual(self.provision("PowerUser", payments)["Status"], "SUCCEEDED")

    def caller_of(self, account):
        ask = {"accessToken": self.token()["accessToken"], "accountId": account, "roleName": "PowerUser"}
        keys = self.server.client("sso").get_role_credentials(**ask)["roleCredentials"]
        keys = {"aws_access_key_id": keys["accessKeyId"], "aws_secret_access_key": keys["secretAccessKey"], "aws_session_token": keys["sessionToken"]}
        return self.moto.client("sts", **keys).get_caller_identity()["Account"]

    def changed(self, things):
        workloads, production, payments, sandbox, at_aws = things
        here = self.here()
        by_hand = (
            lambda: here.move_account(AccountId=payments, SourceParentId=production, DestinationParentId=at_aws),
            lambda: here.tag_resource(ResourceId=payments, Tags=[{"Key": "cost", "Value": "0"}]),
            lambda: here.untag_resource(ResourceId=payments, TagKeys=["cost"]),
            lambda: here.update_organizational_unit(OrganizationalUnitId=workloads, Name="Mine"),
            lambda: here.delete_organizational_unit(OrganizationalUnitId=production),
        )
        for change in by_hand:
            with self.assertRaises(ClientError) as caught:
                change()
            self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidInputException")
            self.assertIn(f"follows organization {self.organization}", caught.exception.response["Error"]["Message"])
        self.assertEqual(self.refused("delete_account_connection", AccountId=sandbox)["Code"], "ConflictException")
        self.theirs.update_organizational_unit(OrganizationalUnitId=workloads, Name="Work")
        self.theirs.move_account(AccountId=payments, SourceParentId=production, DestinationParentId=workloads)
        self.theirs.delete_organizational_unit(OrganizationalUnitId=production)
        self.theirs.untag_resource(ResourceId=payments, TagKeys=["cost"])
        self.theirs.close_account(AccountId=sandbox)
        run, did = self.synchronized()
        self.assertEqual((run["Status"], did), ("SUCCEEDED", {workloads: ["UPDATED"], production: ["REMOVED"], payments: ["UPDATED", "UPDATED"], sandbox: ["SUSPENDED"]}))
        self.assertEqual(self.said(workloads), ["Name: 'Workloads' becomes 'Work'"])
        self.assertEqual((self.place(payments), self.tags(payments), self.state(sandbox)), (workloads, {}, "SUSPENDED"))
        with self.assertRaises(ClientError):
            here.describe_organizational_unit(OrganizationalUnitId=production)
        events = self.server.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "OrganizationSync"}])["Events"]
        self.assertTrue(any(sandbox in event["CloudTrailEvent"] and "SUSPENDED" in event["CloudTrailEvent"] for event in events))

    def made_again(self, things):
        """A unit that is made again under its name takes the place of the one before, with its accounts."""
        workloads, _, payments, _, at_aws = things
        work = self.unit("Other", self.root)
        self.theirs.move_account(AccountId=payments, SourceParentId=workloads, DestinationParentId=work)
        self.theirs.delete_organizational_unit(OrganizationalUnitId=workloads)
        self.theirs.update_organizational_unit(OrganizationalUnitId=work, Name="Work")
        run, did = self.synchronized()
        self.assertEqual((run["Status"], did), ("SUCCEEDED", {work: ["UPDATED", "ADDED"], payments: ["UPDATED"], workloads: ["REMOVED"]}))
        self.assertEqual((self.place(payments), self.place(work)), (work, at_aws))
        return work

    def held(self, payments):
        """An organization that says that most of its accounts are gone is not believed without somebody's word."""
        others = [self.opened(f"other{number}") for number in range(6)]
        self.assertEqual(self.synchronized()[1], {other: ["ADDED", "CONNECTED"] for other in others})
        for account in (*others, payments):
            self.theirs.remove_account_from_organization(AccountId=account)
        run, would = self.synchronized()
        self.assertEqual(run["Status"], "HELD")
        self.assertIn("would suspend 7 of 9 accounts, after 1 before; 5 at most", run["StatusReason"])
        self.assertEqual(would, {account: ["SUSPENDED"] for account in (*others, payments)})
        self.assertEqual((self.state(payments), self.caller_of(payments)), ("ACTIVE", payments))
        self.assertIn("would be held", self.synchronized(Kind="DRY_RUN")[0]["StatusReason"])
        run, did = self.synchronized(SuspensionsMax=7)
        self.assertEqual((run["Status"], did), ("SUCCEEDED", would))
        self.assertEqual(self.state(payments), "SUSPENDED")
        with self.assertRaises(ClientError) as caught:
            self.caller_of(payments)
        self.assertEqual(caught.exception.response["Error"]["Code"], "ForbiddenException")
        # It follows nothing now: whoever administers it here decides.
        self.here().tag_resource(ResourceId=payments, Tags=[{"Key": "left", "Value": "yes"}])

    def killed(self, payments):
        more = [self.opened(f"more{number}") for number in range(3)]
        self.proxy.held["ListTagsForResource"] = threading.Event()
        self.proxy.taken()
        self.portico("start_organization_sync", OrganizationId=self.organization)
        self.proxy.await_call("ListTagsForResource")
        self.server.stop(signal.SIGKILL)
        self.proxy.held.pop("ListTagsForResource").set()
        self.server.start()
        self.assertEqual(self.ended()["Status"], "SUCCEEDED")
        self.assertEqual(self.changes(), {account: ["ADDED", "CONNECTED"] for account in more})

    def forgotten(self, payments, workloads):
        held = self.refused("delete_organization_connection", OrganizationId=self.organization)
        self.assertEqual(held["Code"], "ConflictException")
        self.assertIn(payments, held["Message"])
        # A suspended account's assignments end as any other's.
        self.assertEqual(self.unassign(payments, "PowerUser", "jane")["Status"], "SUCCEEDED")
        self.portico("delete_organization_connection", OrganizationId=self.organization)
        self.assertEqual(self.portico("list_organization_connections")["OrganizationConnections"], [])
        self.assertEqual(self.portico("list_account_connections")["AccountConnections"], [])
        self.here().update_organizational_unit(OrganizationalUnitId=workloads, Name="Ours")
