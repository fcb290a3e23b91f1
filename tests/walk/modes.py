"""Strict and relaxed: every place where the mode decides, one below, at and one above its boundary; and the limits that are the same in both.

`quotas` holds this file against the code: a constant that `Mode` chooses by and that has no boundary here fails the walk.
"""
import json
import re
import subprocess
import tempfile

import server
import world
from rows import iam, organizations, sso_admin, sso_applications

INSTANCE_SETS, ACCOUNT_SETS = 3_500, 500
OUTSTANDING, EVERYWHERE = 15, 3
UNITS = 2_000
SERVICE_CONTROL_POLICIES = 10_000
APPLICATIONS, APPLICATION_GROUPS = 7_000, 100
ISSUERS = 10
ROLES, POLICIES = 1_000, 1_500
IAM_USERS, IAM_GROUPS, GROUPS_OF_A_USER, OIDC_PROVIDERS = 5_000, 300, 10, 100
#: Users and groups that a full seed leaves room for: the rest of the walk makes some.
ROOM = 1_000
ACCOUNT = "222233334444"
#: Every constant by which `Mode` decides (`model/src/limits.rs`), and where it is walked. The last two are walked in the full form only.
BOUNDARIES = {
    "ORGANIZATIONAL_UNITS_MAX": "units", "SERVICE_CONTROL_POLICIES_MAX": "service_control_policies", "APPLICATIONS_MAX": "applications", "GROUPS_PER_APPLICATION_MAX": "groups_of_an_application",
    "TRUSTED_TOKEN_ISSUERS_MAX": "issuers", "ROLES_PER_ACCOUNT_MAX": "roles", "POLICIES_PER_ACCOUNT_MAX": "policies",
    "USERS_PER_ACCOUNT_MAX": "iam_users", "IAM_GROUPS_PER_ACCOUNT_MAX": "iam_groups", "OIDC_PROVIDERS_PER_ACCOUNT_MAX": "oidc_providers", "GROUPS_PER_USER_MAX": "groups_of_a_user",
    "PERMISSION_SETS_MAX": "permission_sets", "PERMISSION_SETS_PER_ACCOUNT_MAX": "sets_in_an_account", "ASSIGNMENT_CALLS_OUTSTANDING_MAX": "outstanding",
    "PROVISION_ALL_CALLS_MAX": "everywhere", "USERS_MAX": "people", "GROUPS_MAX": "people",
}
#: What else the documents say that the mode decides.
QUIRKS = {"suffix of a provisioned role's name": "suffixes", "passwords": "passwords"}


def seed(folder, people=0):
    """A seed a few rows short of the quotas: the rest is made through the API."""
    sets = [{"name": f"s{number}"} for number in range(INSTANCE_SETS - 100)]
    given = [{"user": "jane", "permissionSet": f"s{number}", "accounts": [ACCOUNT]} for number in range(ACCOUNT_SETS - 1)]
    whole = {
        "accounts": [{"id": ACCOUNT, "name": "full", "email": "full@example.com"}, {"id": "444455556666", "name": "free", "email": "free@example.com"}],
        "users": [{"userName": "jane", "displayName": "Jane", "name": {"givenName": "J", "familyName": "D"}, "password": {"plain": server.PASSWORD}}],
        "permissionSets": sets, "assignments": given, "organizationalUnits": [f"Sandboxes/s{number}" for number in range(UNITS - 3)],
    }
    path = f"{folder}/seed.json"
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(whole) + "\n")
        for start in range(0, people - ROOM, 1_000):
            out.write(json.dumps({"users": [{"userName": f"u{number}"} for number in range(start, start + 1_000)]}) + "\n")
        for start in range(0, people // 2 - ROOM, 1_000):
            out.write(json.dumps({"groups": [{"displayName": f"g{number}"} for number in range(start, start + 1_000)]}) + "\n")
    return path


class Modes:
    """The boundaries in one world of one mode."""

    def __init__(self, here, report, binary, people):
        self.world, self.report, self.binary, self.people_seeded = here, report, binary, people
        self.strict = here.mode == "strict"

    def check(self, title, wrong, answer=None):
        self.report.check("modes", title, wrong, None, answer)

    def send(self, service, name, **value):
        base = {"InstanceArn": self.world.instance} if service == "sso-admin" else {"IdentityStoreId": self.world.store}
        return self.world.send(service, name, {**base, **value})

    def answered(self, title, answer):
        self.check(title, [] if answer.status == 200 else ["refused"], answer)

    def beyond(self, title, answer, code, says):
        """One above: refused in strict mode by this code and naming the limit, answered in relaxed mode."""
        if not self.strict:
            self.answered(title, answer)
            return
        wrong = [] if answer.code == code else [f"expected {code}"]
        self.check(title, wrong + ([] if str(says) in answer.message.replace(",", "") else [f"the refusal does not name {says}"]), answer)

    def count(self, table):
        return int(self.world.rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def run(self):
        self.sets_in_an_account()
        self.outstanding()
        self.everywhere()
        self.suffixes()
        self.passwords()
        self.same_in_both()
        self.permission_sets()
        self.units()
        self.service_control_policies()
        self.applications()
        self.groups_of_an_application()
        self.issuers()
        self.roles()
        self.policies()
        self.iam_users()
        self.groups_of_a_user()
        self.iam_groups()
        self.oidc_providers()
        if self.people_seeded:
            self.people()

    def units(self):
        """The seed's, one of them around all others, leave room for two."""
        root = self.world.call("organizations", "ListRoots")["Roots"][0]["Id"]
        for title in ("one below", "at the quota"):
            self.answered(f"organizational units: {title}", self.create_unit(root))
        self.beyond("organizational units: one above", self.create_unit(root), "ConstraintViolationException", UNITS)

    def create_unit(self, root):
        return self.world.send("organizations", "CreateOrganizationalUnit", {"ParentId": root, "Name": self.world.name("unit")})

    def service_control_policies(self):
        """AWS's own counts too."""
        self.world.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {SERVICE_CONTROL_POLICIES - 2 - self.count('service_control_policies')}) "
            f"INSERT INTO service_control_policies (policy_id, name, description, content) SELECT 'p-' || CAST(1000000000 + n AS TEXT), 'walked ' || CAST(n AS TEXT), '', content "
            f"FROM c, service_control_policies WHERE policy_id = 'p-FullAWSAccess'")
        create = lambda: self.world.send("organizations", "CreatePolicy", {
            "Name": self.world.name("policy"), "Description": "", "Type": organizations.TYPE, "Content": organizations.EVERYTHING})
        self.answered("service control policies: one below", create())
        self.answered("service control policies: at the quota", create())
        self.beyond("service control policies: one above", create(), "ConstraintViolationException", SERVICE_CONTROL_POLICIES)

    def create_application(self):
        return self.send("sso-admin", "CreateApplication", ApplicationProviderArn=sso_applications.CUSTOM, Name=self.world.name("application"))

    def applications(self):
        first = sso_applications.application(self.world).rpartition("/")[2]
        others = "instance_id, account_id, provider_id, name, status, visibility, assignment_required, background_sessions, client_input, created_at, created_from"
        self.world.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {APPLICATIONS - 2 - self.count('applications')}) "
            f"INSERT INTO applications (application_id, {others}) SELECT 'apl-' || CAST(1000000000000000 + n AS TEXT), {others} "
            f"FROM c, applications WHERE application_id = '{first}'")
        self.answered("applications: one below", self.create_application())
        self.answered("applications: at the quota", self.create_application())
        self.beyond("applications: one above", self.create_application(), "ServiceQuotaExceededException", APPLICATIONS)

    def groups_of_an_application(self):
        arn = self.world.rows("SELECT account_id, instance_id, application_id FROM applications LIMIT 1")[0]
        arn = "arn:aws:sso::{}:application/{}/{}".format(*arn)
        answers = [self.world.send("sso-admin", "CreateApplicationAssignment", {"ApplicationArn": arn, "PrincipalType": "GROUP", "PrincipalId": self.world.group()})
                   for _ in range(APPLICATION_GROUPS + 1)]
        self.answered("groups of an application: one below", answers[-3])
        self.answered("groups of an application: at the quota", answers[-2])
        self.beyond("groups of an application: one above", answers[-1], "ServiceQuotaExceededException", APPLICATION_GROUPS)

    def issuers(self):
        there = int(self.count("trusted_token_issuers"))
        answers = [self.world.send("sso-admin", "CreateTrustedTokenIssuer", self.issuer()) for _ in range(ISSUERS + 1 - there)]
        self.answered("trusted token issuers: one below", answers[-3])
        self.answered("trusted token issuers: at the quota", answers[-2])
        self.beyond("trusted token issuers: one above", answers[-1], "ServiceQuotaExceededException", ISSUERS)

    def issuer(self):
        said = {"IssuerUrl": f"https://{self.world.name('i')}.example", "ClaimAttributePath": "email", "IdentityStoreAttributePath": "emails.value",
                "JwksRetrievalOption": "OPEN_ID_DISCOVERY"}
        return {"InstanceArn": self.world.instance, "Name": self.world.name("issuer"), "TrustedTokenIssuerType": "OIDC_JWT",
                "TrustedTokenIssuerConfiguration": {"OidcJwtConfiguration": said}}

    def roles(self):
        columns = "path, role_id, description, max_session_seconds, trust_policy, managed_policies, inline_policies, permissions_boundary, permission_set_id, created_at"
        self.copied("roles", "role_name", iam.own_role(self.world), (columns, ROLES))
        create = lambda: self.world.send("iam", "CreateRole", {"RoleName": self.world.name("role"), "AssumeRolePolicyDocument": iam.TRUST})
        self.answered("roles of an account: one below", create())
        self.answered("roles of an account: at the quota", create())
        self.beyond("roles of an account: one above", create(), "LimitExceeded", ROLES)

    def policies(self):
        columns = "path, policy_id, description, default_version, last_version, created_at, updated_at"
        self.copied("policies", "policy_name", iam.policy(self.world).rpartition("/")[2], (columns, POLICIES))
        create = lambda: self.world.send("iam", "CreatePolicy", {"PolicyName": self.world.name("policy"), "PolicyDocument": iam.DOCUMENT})
        self.answered("policies of an account: one below", create())
        self.answered("policies of an account: at the quota", create())
        self.beyond("policies of an account: one above", create(), "LimitExceeded", POLICIES)

    def iam_users(self):
        one = iam.user(self.world)
        columns = "description, managed_policies, inline_policy, created_at, path, inline_policies, permissions_boundary"
        self.copied("service_users", "user_name", one, (columns, IAM_USERS), "service_user_id")
        create = lambda: self.world.send("iam", "CreateUser", {"UserName": self.world.name("worker")})
        self.answered("users of an account: one below", create())
        self.answered("users of an account: at the quota", create())
        self.beyond("users of an account: one above", create(), "LimitExceeded", IAM_USERS)

    def iam_groups(self):
        columns = "path, managed_policies, inline_policies, created_at"
        self.copied("iam_groups", "group_name", iam.group(self.world), (columns, IAM_GROUPS), "group_id")
        create = lambda: self.world.send("iam", "CreateGroup", {"GroupName": self.world.name("crew")})
        self.answered("groups of an account: one below", create())
        self.answered("groups of an account: at the quota", create())
        self.beyond("groups of an account: one above", create(), "LimitExceeded", IAM_GROUPS)

    def oidc_providers(self):
        create = lambda: self.world.send("iam", "CreateOpenIDConnectProvider", {"Url": f"https://{self.world.name('tokens')}.example.com"})
        answers = [create() for _ in range(OIDC_PROVIDERS + 1)]
        self.answered("OpenID Connect providers: one below", answers[-3])
        self.answered("OpenID Connect providers: at the quota", answers[-2])
        self.beyond("OpenID Connect providers: one above", answers[-1], "LimitExceeded", OIDC_PROVIDERS)

    def groups_of_a_user(self):
        user = self.world.rows(f"SELECT user_name FROM service_users WHERE account_id = '{self.world.owner}' AND user_name LIKE '%worker%' LIMIT 1")[0][0]
        answers = [self.world.send("iam", "AddUserToGroup", {"GroupName": iam.group(self.world), "UserName": user}) for _ in range(GROUPS_OF_A_USER + 1)]
        self.answered("groups of a user: one below", answers[-3])
        self.answered("groups of a user: at the quota", answers[-2])
        self.beyond("groups of a user: one above", answers[-1], "LimitExceeded", GROUPS_OF_A_USER)

    def copied(self, table, name, one, of, id=None):
        """As many like this one in its account that two more may be, each with an id of its own where they have one."""
        columns, quota = of
        ids, drawn = (f", {id}", ", 'copy' || CAST(n AS TEXT)") if id else ("", "")
        there = int(self.world.rows(f"SELECT COUNT(*) FROM {table} WHERE account_id = '{self.world.owner}'")[0][0])
        self.world.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {quota - 2 - there}) "
            f"INSERT INTO {table} (account_id, {name}_key, {name}{ids}, {columns}) SELECT account_id, 'copy' || CAST(n AS TEXT), 'copy' || CAST(n AS TEXT){drawn}, {columns} "
            f"FROM c, {table} WHERE {name} = '{one}'")

    def create_set(self):
        return self.send("sso-admin", "CreatePermissionSet", Name=self.world.name("set"))

    def permission_sets(self):
        while self.count("permission_sets") < INSTANCE_SETS - 2:
            self.world.permission_set()
        self.answered("permission sets: one below", self.create_set())
        self.answered("permission sets: at the quota", self.create_set())
        self.beyond("permission sets: one above", self.create_set(), "ServiceQuotaExceededException", INSTANCE_SETS)

    def sets_in_an_account(self):
        # The seed's sets but for the last two of the quota.
        jane = self.world.user_named("jane")
        held = self.world.rows(f"SELECT permission_set_id FROM provisioned_permission_sets WHERE account_id = '{ACCOUNT}'")
        self.check("permission sets in an account: one below", [] if len(held) == ACCOUNT_SETS - 1 else [f"{len(held)} after init"])
        for title, ends in (("at the quota", "SUCCEEDED"), ("one above", "FAILED" if self.strict else "SUCCEEDED")):
            ask = self.world.ask(TargetId=ACCOUNT, PrincipalId=jane)
            made = self.world.admin("CreateAccountAssignment", **ask)["AccountAssignmentCreationStatus"]["RequestId"]
            self.world.settle()
            status = self.world.admin("DescribeAccountAssignmentCreationStatus", AccountAssignmentCreationRequestId=made)["AccountAssignmentCreationStatus"]
            wrong = [] if status["Status"] == ends else [str(status)]
            if ends == "FAILED" and str(ACCOUNT_SETS) not in status.get("FailureReason", ""):
                wrong.append(f"the reason does not name {ACCOUNT_SETS}: {status}")
            self.check(f"permission sets in an account: {title}", wrong)

    def hold(self):
        """Jobs that come now are put off, so that what they are for stays under way; one stands in the lane of the walk's account, so that nothing there is
        carried out at once."""
        if self.world.database:
            self.world.execute("CREATE OR REPLACE FUNCTION hold() RETURNS trigger AS $$ BEGIN NEW.run_at := NEW.run_at + 90000000; RETURN NEW; END $$ LANGUAGE plpgsql",
                               "CREATE TRIGGER hold BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION hold()")
        else:
            self.world.execute("CREATE TRIGGER hold AFTER INSERT ON jobs BEGIN UPDATE jobs SET run_at = run_at + 90000000 WHERE job_id = NEW.job_id; END")
        self.world.execute("INSERT INTO jobs (job_id, kind, lane, subject, attempts, run_at, claimed_until) "
                           "VALUES ('held', 'provision', '444455556666', 'held', 0, 4000000000000000, 0)")

    def release(self):
        on = " ON jobs" if self.world.database else ""
        self.world.execute(f"DROP TRIGGER hold{on}", "DELETE FROM jobs WHERE job_id = 'held'", "UPDATE jobs SET run_at = 0")
        self.world.settle()

    def outstanding(self):
        """Creations and deletions are counted apart."""
        for operation, make in (("CreateAccountAssignment", self.world.ask), ("DeleteAccountAssignment", self.world.assigned)):
            asks = [make() for _ in range(OUTSTANDING + 1)]
            self.hold()
            try:
                answers = [self.send("sso-admin", operation, **ask) for ask in asks]
                self.answered(f"{operation} under way: one below", answers[-3])
                self.answered(f"{operation} under way: at the quota", answers[-2])
                self.beyond(f"{operation} under way: one above", answers[-1], "ConflictException", OUTSTANDING)
            finally:
                self.release()
        other = self.world.ask()
        self.answered("CreateAccountAssignment once those under way have ended", self.send("sso-admin", "CreateAccountAssignment", **other))
        self.world.settle()

    def everywhere(self):
        made = [self.world.assigned() for _ in range(EVERYWHERE + 1)]
        self.hold()
        try:
            answers = [self.send("sso-admin", "ProvisionPermissionSet", PermissionSetArn=ask["PermissionSetArn"], TargetType="ALL_PROVISIONED_ACCOUNTS") for ask in made]
            self.answered("ProvisionPermissionSet for all accounts under way: one below", answers[-3])
            self.answered("ProvisionPermissionSet for all accounts under way: at the quota", answers[-2])
            self.beyond("ProvisionPermissionSet for all accounts under way: one above", answers[-1], "ConflictException", EVERYWHERE)
        finally:
            self.release()

    def suffixes(self):
        """A role that is made again keeps its ARN in relaxed mode and gets another in strict mode, as at AWS."""
        ask, names = self.world.ask(), []
        for _ in range(2):
            self.world.admin("CreateAccountAssignment", **ask)
            self.world.settle()
            names += self.world.rows(f"SELECT role_name FROM provisioned_permission_sets WHERE permission_set_id = '{ask['PermissionSetArn'].rpartition('/')[2]}'")
            self.world.admin("DeleteAccountAssignment", **ask)
            self.world.settle()
        wrong = [] if len(names) == 2 and (names[0] != names[1]) == self.strict else [f"the roles were {names}"]
        self.check("the suffix of a role that is made again", wrong)

    def passwords(self):
        """What `init` takes: passphrases from fifteen characters on in relaxed mode, four classes of characters in either; what is publicly known in none."""
        phrase = "correct horse b"
        cases = [(phrase[:14], False), (phrase, not self.strict), (phrase + "a", not self.strict), ("Kf7!wq2", False), ("Kf7!wq2z", True), ("Kf7!wq2zN", True), ("Passw0rd!", False),
                 ("Aa1!" * 15 + "Aa1", True), ("Aa1!" * 16, True), ("Aa1!" * 16 + "x", False)]
        for password, taken in cases:
            done = self.init(password)
            wrong = [] if (done.returncode == 0) == taken else [done.stderr or "taken"]
            self.check(f"a password of {len(password)} characters, {password[:9]}, {'taken' if taken else 'refused'}", wrong)

    def init(self, password):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/seed.json"
            with open(path, "w", encoding="utf-8") as out:
                json.dump({"users": [{"userName": "jane", "password": {"plain": password}}]}, out)
            command = [self.binary, "init", "--data-dir", f"{folder}/data", "--seed", path, "--mode", self.world.mode, "--output", "json"]
            return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def same_in_both(self):
        """AWS's limits that no mode lifts."""
        target = {"PermissionSetArn": self.world.permission_set()}
        for number in range(26):
            answer = self.send("sso-admin", "AttachManagedPolicyToPermissionSet", **target, ManagedPolicyArn=sso_admin.MANAGED[number])
            if number < 25:
                self.answered(f"policy {number + 1} of a permission set", answer)
        self.check("policy 26 of a permission set", [] if answer.code == "ServiceQuotaExceededException" and "25" in answer.message else ["expected a refusal"], answer)
        for length, taken in ((10_239, True), (10_240, True), (10_241, False)):
            answer = self.send("sso-admin", "PutInlinePolicyToPermissionSet", **target, InlinePolicy=self.policy(length))
            self.check(f"an inline policy of {length} characters", [] if (answer.status == 200) == taken else ["expected otherwise"], answer)
        for duration, taken in (("PT59M", False), ("PT1H", True), ("PT1H1M", True), ("PT11H59M", True), ("PT12H", True), ("PT12H1S", False)):
            answer = self.send("sso-admin", "UpdatePermissionSet", **target, SessionDuration=duration)
            self.check(f"a session of {duration}", [] if (answer.status == 200) == taken else ["expected otherwise"], answer)
        for number in range(74, 77):
            tags = [{"Key": f"k{key}", "Value": ""} for key in range(number)]
            answer = self.send("sso-admin", "TagResource", ResourceArn=target["PermissionSetArn"], Tags=tags[-2:] if number > 74 else tags)
            self.check(f"{number} tags of a resource", [] if (answer.status == 200) == (number <= 75) else ["expected otherwise"], answer)

    @staticmethod
    def policy(length):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sso:ListInstances", "Resource": "arn:aws:sso:::"}]}
        missing = length - len("".join(json.dumps(document).split()))
        document["Statement"][0]["Resource"] += "a" * missing
        return json.dumps(document)

    def people(self):
        """Users and groups of an identity store."""
        for table, quota, make in (("users", self.people_seeded, self.person), ("groups", self.people_seeded // 2, self.group)):
            for _ in range(quota - 2 - self.count(table)):
                make()
            self.answered(f"{table}: one below", make())
            self.answered(f"{table}: at the quota", make())
            self.beyond(f"{table}: one above", make(), "ServiceQuotaExceededException", quota)

    def person(self):
        name = self.world.name("person")
        return self.send("identitystore", "CreateUser", UserName=name, DisplayName=name, Name={"GivenName": "a", "FamilyName": "b"})

    def group(self):
        return self.send("identitystore", "CreateGroup", DisplayName=self.world.name("group"))


def quotas(report):
    """What decides by mode in the code and in the documents is walked here."""
    sources = "\n".join(path.read_text() for path in (server.ROOT / "crates").glob("*/src/**/*.rs"))
    chosen = set(re.findall(r"mode\.quota\((?:\w+::)*(\w+)\)", sources))
    report.check("modes", "every quota of a mode is walked", [] if chosen == set(BOUNDARIES) else [f"{sorted(chosen ^ set(BOUNDARIES))}"])
    page = (server.ROOT / "docs" / "compat" / "README.md").read_text()
    table = re.findall(r"^\| (.+?) \|.*\|.*\|$", page.partition("## Relaxed and strict")[2], re.MULTILINE)
    unknown = [row for row in table if "no bound" not in page.partition(f"| {row} |")[2].partition("\n")[0] and row not in QUIRKS and not row.startswith("---")]
    report.check("modes", "every row of the documents is walked", [f"not walked: {row}" for row in unknown])


def walk(binary, report, mode, database, people):
    """Every boundary, in a world of its own that lies just below the quotas."""
    with tempfile.TemporaryDirectory(prefix="portico-walk-") as folder:
        here = world.World(binary, mode, database, seed(folder, people))
        try:
            quotas(report)
            Modes(here, report, binary, people).run()
        finally:
            here.close()
