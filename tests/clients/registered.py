"""Applications as Terraform's provider and administrators with the AWS CLI meet them. Tests for a class of `suite.py`, which brings the server."""
import json
import subprocess

from botocore.exceptions import ClientError

import server

CUSTOM = "arn:aws:sso::aws:applicationProvider/custom"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{
        "Sid": "Let the wiki act", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:role/wiki", "444455556666"]},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
    }],
}


class Applications:
    """The whole life of an application."""

    @property
    def admin(self):
        return self.server.client("sso-admin")

    def refused(self, code, call, **input):
        with self.assertRaises(ClientError) as refused:
            call(**input)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)
        return refused.exception.response["Error"]["Message"]

    def application(self, name, **more):
        return self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM, Name=name, **more)["ApplicationArn"]

    def described(self, arn):
        found = self.admin.describe_application(ApplicationArn=arn)
        return {name: value for name, value in found.items() if name not in ("ResponseMetadata", "CreatedDate", "IdentityStoreArn")}

    def test_what_is_created_is_read_back_exactly_changed_and_deleted(self):
        wanted = {"Name": "Wiki", "Description": "Pages of the team", "Status": "DISABLED",
                  "PortalOptions": {"Visibility": "DISABLED", "SignInOptions": {"Origin": "APPLICATION", "ApplicationUrl": "https://wiki.example.com/login?from=portal"}}}
        made = self.admin.create_application(InstanceArn=self.instance(), ApplicationProviderArn=CUSTOM, **wanted, Tags=[{"Key": "team", "Value": "engines"}])
        arn, account = made["ApplicationArn"], self.made["managementAccountId"]
        self.assertRegex(arn, rf"^arn:aws:sso::{account}:application/{self.instance().rpartition('/')[2]}/apl-[0-9a-f]{{16}}$")
        self.assertEqual(made["IdentityStoreArn"], f"arn:aws:identitystore::{account}:identitystore/{self.store()}")
        there = {**wanted, "ApplicationArn": arn, "ApplicationProviderArn": CUSTOM, "ApplicationAccount": account, "InstanceArn": self.instance(), "CreatedFrom": "us-east-1"}
        self.assertEqual(self.described(arn), there)
        tags = self.admin.list_tags_for_resource(ResourceArn=arn, InstanceArn=self.instance())["Tags"]
        self.assertEqual(tags, [{"Key": "team", "Value": "engines"}])
        self.admin.tag_resource(ResourceArn=arn, InstanceArn=self.instance(), Tags=[{"Key": "cost", "Value": "12"}])
        self.admin.untag_resource(ResourceArn=arn, InstanceArn=self.instance(), TagKeys=["team"])
        self.assertEqual(self.admin.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "cost", "Value": "12"}])

        change = {"Name": "Wiki 2", "Status": "ENABLED", "PortalOptions": {"SignInOptions": {"Origin": "IDENTITY_CENTER"}}}
        self.admin.update_application(ApplicationArn=arn, **change)
        there |= {"Name": "Wiki 2", "Status": "ENABLED", "PortalOptions": {"Visibility": "DISABLED", "SignInOptions": {"Origin": "IDENTITY_CENTER"}}}
        self.assertEqual(self.described(arn), there)
        listed = [one for page in self.admin.get_paginator("list_applications").paginate(InstanceArn=self.instance(), PaginationConfig={"PageSize": 1})
                  for one in page["Applications"] if one["ApplicationArn"] == arn]
        self.assertEqual([one["Name"] for one in listed], ["Wiki 2"])
        self.admin.delete_application(ApplicationArn=arn)
        for call in (self.admin.describe_application, self.admin.delete_application, self.admin.list_application_grants):
            self.refused("ResourceNotFoundException", call, ApplicationArn=arn)
        self.refused("ResourceNotFoundException", self.admin.list_tags_for_resource, ResourceArn=arn)

    def test_without_options_there_is_only_the_visibility(self):
        """Terraform takes options without sign-in options for none; a member more would be a difference for ever."""
        arn = self.application("plain")
        self.assertEqual(self.described(arn)["PortalOptions"], {"Visibility": "ENABLED"})
        self.assertNotIn("Description", self.described(arn))

    def test_the_same_token_makes_one_application(self):
        asked = {"InstanceArn": self.instance(), "ApplicationProviderArn": CUSTOM, "Name": "once", "ClientToken": "the-same"}
        first = self.admin.create_application(**asked)["ApplicationArn"]
        self.assertEqual(self.admin.create_application(**asked)["ApplicationArn"], first)
        said = self.refused("ConflictException", self.admin.create_application, **{**asked, "Name": "other"})
        self.assertIn("IdempotentParameterMismatch", said)

    def test_what_cannot_be_is_refused(self):
        create, at = self.admin.create_application, {"InstanceArn": self.instance(), "Name": "x"}
        self.refused("ResourceNotFoundException", create, **at, ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/nothing")
        said = self.refused("ValidationException", create, **at, ApplicationProviderArn=CUSTOM, PortalOptions={"SignInOptions": {"Origin": "APPLICATION"}})
        self.assertIn("ApplicationUrl", said)
        self.refused("AccessDeniedException", create, **{**at, "InstanceArn": "arn:aws:sso:::instance/ssoins-ffffffffffffffff"}, ApplicationProviderArn=CUSTOM)

    def test_providers_are_the_catalogs(self):
        pages = self.admin.get_paginator("list_application_providers").paginate(PaginationConfig={"PageSize": 2})
        listed = [one for page in pages for one in page["ApplicationProviders"]]
        self.assertEqual([(one["ApplicationProviderArn"].rpartition("/")[2], one["FederationProtocol"]) for one in listed[:2]], [("custom", "OAUTH"), ("custom-saml", "SAML")])
        for one in listed[:4]:
            found = self.admin.describe_application_provider(ApplicationProviderArn=one["ApplicationProviderArn"])
            self.assertEqual({name: found[name] for name in one}, one)

    def test_the_catalog_is_searched_by_words_and_protocol(self):
        portico = self.server.client("portico")
        names = lambda **ask: [one["ApplicationProviderArn"].rpartition("/")[2] for one in portico.search_application_providers(**ask)["ApplicationProviders"]]
        self.assertEqual(names(Query="SALESFORCE", FederationProtocol="SAML"), ["salesforce"])
        self.assertEqual(names(Query="salesforce openid connect"), ["salesforce-oidc"])
        self.assertEqual(names(Query="salesforce nowhere"), [])
        listed = [one["ApplicationProviderArn"] for page in self.admin.get_paginator("list_application_providers").paginate() for one in page["ApplicationProviders"]]
        pages = portico.get_paginator("search_application_providers").paginate(PaginationConfig={"PageSize": 7})
        found = [one["ApplicationProviderArn"] for page in pages for one in page["ApplicationProviders"]]
        self.assertEqual(found, listed, "without words it is the whole catalog, each of it once")
        self.assertIn("federationProtocol", self.refused("ValidationException", portico.search_application_providers, FederationProtocol="LDAP"))

    def test_assignments_as_the_provider_makes_them(self):
        admin, arn, jane = self.admin, self.application("assigned"), self.user("jane")
        group = self.server.client("identitystore").create_group(IdentityStoreId=self.store(), DisplayName="readers of the wiki")["GroupId"]
        for kind, who in (("USER", jane), ("GROUP", group)):
            it = {"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": who}
            admin.create_application_assignment(**it)
            found = admin.describe_application_assignment(**it)
            self.assertEqual({name: found[name] for name in it}, it)
            self.refused("ConflictException", admin.create_application_assignment, **it)
        listed = [row for page in admin.get_paginator("list_application_assignments").paginate(ApplicationArn=arn, PaginationConfig={"PageSize": 1})
                  for row in page["ApplicationAssignments"]]
        self.assertEqual([(row["PrincipalType"], row["PrincipalId"]) for row in listed], [("GROUP", group), ("USER", jane)])
        ask = {"InstanceArn": self.instance(), "PrincipalType": "USER", "PrincipalId": jane}
        held = admin.list_application_assignments_for_principal(**ask, Filter={"ApplicationArn": arn})["ApplicationAssignments"]
        self.assertEqual(held, [{"ApplicationArn": arn, "PrincipalId": jane, "PrincipalType": "USER"}])
        for required in (False, True):
            admin.put_application_assignment_configuration(ApplicationArn=arn, AssignmentRequired=required)
            self.assertIs(admin.get_application_assignment_configuration(ApplicationArn=arn)["AssignmentRequired"], required)
        admin.delete_application_assignment(ApplicationArn=arn, PrincipalType="USER", PrincipalId=jane)
        self.refused("ResourceNotFoundException", admin.describe_application_assignment, ApplicationArn=arn, PrincipalType="USER", PrincipalId=jane)
        for status in ("ENABLED", "DISABLED"):
            admin.put_application_session_configuration(ApplicationArn=arn, UserBackgroundSessionApplicationStatus=status)
            self.assertEqual(admin.get_application_session_configuration(ApplicationArn=arn)["UserBackgroundSessionApplicationStatus"], status)

    def test_scopes_methods_and_grants_are_read_back_exactly(self):
        admin, arn = self.admin, self.application("granted")
        targets = [self.application("target"), self.instance()]
        admin.put_application_access_scope(ApplicationArn=arn, Scope="wiki:read", AuthorizedTargets=targets)
        admin.put_application_access_scope(ApplicationArn=arn, Scope="sso:account:access")
        self.assertEqual(admin.get_application_access_scope(ApplicationArn=arn, Scope="wiki:read")["AuthorizedTargets"], targets)
        pages = admin.get_paginator("list_application_access_scopes").paginate(ApplicationArn=arn, PaginationConfig={"PageSize": 1})
        scopes = [scope for page in pages for scope in page["Scopes"]]
        self.assertEqual(scopes, [{"Scope": "sso:account:access"}, {"Scope": "wiki:read", "AuthorizedTargets": targets}])
        admin.delete_application_access_scope(ApplicationArn=arn, Scope="wiki:read")
        self.refused("ResourceNotFoundException", admin.get_application_access_scope, ApplicationArn=arn, Scope="wiki:read")

        iam = {"ApplicationArn": arn, "AuthenticationMethodType": "IAM"}
        admin.put_application_authentication_method(**iam, AuthenticationMethod={"Iam": {"ActorPolicy": POLICY}})
        self.assertEqual(admin.get_application_authentication_method(**iam)["AuthenticationMethod"], {"Iam": {"ActorPolicy": POLICY}})
        methods = admin.list_application_authentication_methods(ApplicationArn=arn)["AuthenticationMethods"]
        self.assertEqual(methods, [{"AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": POLICY}}}])
        broken = json.loads(json.dumps(POLICY).replace('"StringEquals"', '"StringIsNearly"'))
        said = self.refused("ValidationException", admin.put_application_authentication_method, **iam, AuthenticationMethod={"Iam": {"ActorPolicy": broken}})
        self.assertRegex(said, r"ActorPolicy: .*statement 1: .*StringIsNearly.*\(line 1, column \d+\)")
        admin.delete_application_authentication_method(**iam)
        self.refused("ResourceNotFoundException", admin.get_application_authentication_method, **iam)

        code = {"AuthorizationCode": {"RedirectUris": ["https://wiki.example.com/callback", "http://127.0.0.1:3000/callback"]}}
        for kind, grant in (("authorization_code", code), ("refresh_token", {"RefreshToken": {}}),
                            ("urn:ietf:params:oauth:grant-type:token-exchange", {"TokenExchange": {}})):
            admin.put_application_grant(ApplicationArn=arn, GrantType=kind, Grant=grant)
            self.assertEqual(admin.get_application_grant(ApplicationArn=arn, GrantType=kind)["Grant"], grant)
        listed = admin.get_paginator("list_application_grants").paginate(ApplicationArn=arn).build_full_result()["Grants"]
        self.assertEqual(len(listed), 3)
        self.refused("ValidationException", admin.put_application_grant, ApplicationArn=arn, GrantType="refresh_token", Grant=code)
        self.refused("ValidationException", admin.put_application_grant, ApplicationArn=arn, GrantType="authorization_code",
                     Grant={"AuthorizationCode": {"RedirectUris": ["http://wiki.example.com/callback"]}})
        bearer = {"JwtBearer": {"AuthorizedTokenIssuers": [{"AuthorizedAudiences": ["wiki"], "TrustedTokenIssuerArn":
                  arn.partition(":application")[0] + f":trustedTokenIssuer/{self.instance().rpartition('/')[2]}/tti-00000000-0000-4000-8000-000000000000"}]}}
        self.refused("ResourceNotFoundException", admin.put_application_grant, ApplicationArn=arn, GrantType="urn:ietf:params:oauth:grant-type:jwt-bearer", Grant=bearer)
        admin.delete_application_grant(ApplicationArn=arn, GrantType="refresh_token")
        self.refused("ResourceNotFoundException", admin.get_application_grant, ApplicationArn=arn, GrantType="refresh_token")

    def test_the_command_line_writes_and_reads_an_actor_policy(self):
        cli = server.Cli(self.server, self.aws)
        keys = self.server.keys()
        env = cli.env(AWS_ENDPOINT_URL=self.server.base, AWS_REGION="us-east-1", AWS_ACCESS_KEY_ID=keys["aws_access_key_id"],
                      AWS_SECRET_ACCESS_KEY=keys["aws_secret_access_key"])

        def aws(operation, *arguments):
            ran = subprocess.run([cli.aws, "sso-admin", operation, *arguments, "--output", "json"], env=env, capture_output=True, text=True)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            return json.loads(ran.stdout) if ran.stdout.strip() else {}

        arn = aws("create-application", "--instance-arn", self.instance(), "--application-provider-arn", CUSTOM, "--name", "by hand")["ApplicationArn"]
        of = ("--application-arn", arn, "--authentication-method-type", "IAM")
        aws("put-application-authentication-method", *of, "--authentication-method", json.dumps({"Iam": {"ActorPolicy": POLICY}}))
        self.assertEqual(aws("get-application-authentication-method", *of)["AuthenticationMethod"]["Iam"]["ActorPolicy"], POLICY)
        aws("put-application-grant", "--application-arn", arn, "--grant-type", "authorization_code",
            "--grant", json.dumps({"AuthorizationCode": {"RedirectUris": ["https://wiki.example.com/callback"]}}))
        self.assertEqual(len(aws("list-application-grants", "--application-arn", arn)["Grants"]), 1)
        self.assertIn(arn, [one["ApplicationArn"] for one in aws("list-applications", "--instance-arn", self.instance())["Applications"]])
        aws("delete-application", "--application-arn", arn)

    def test_the_trail_says_who_did_it_to_which_application(self):
        arn = self.application("recorded")
        self.admin.put_application_assignment_configuration(ApplicationArn=arn, AssignmentRequired=False)
        self.admin.delete_application(ApplicationArn=arn)
        trail = self.server.client("cloudtrail")
        by_arn = [{"AttributeKey": "ResourceName", "AttributeValue": arn}]
        wanted = ["DeleteApplication", "PutApplicationAssignmentConfiguration", "CreateApplication"]
        found = self.recorded(trail, by_arn, len(wanted))
        self.assertEqual([event["EventName"] for event in found], wanted)
        self.assertEqual(found[0]["Resources"], [{"ResourceType": "AWS::SSO::Application", "ResourceName": arn}])

    def recorded(self, trail, attributes, count):
        def events():
            found = trail.lookup_events(LookupAttributes=attributes)["Events"]
            return found if len(found) >= count else None
        return self.wait_for(events)
