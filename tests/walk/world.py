"""A served instance with people, groups, permission sets and accounts in it, and ways to make more of each.

What the walk must know beyond the models is here and in `rows/`: how to come by real ids.
"""
import base64
import hashlib
import itertools
import pathlib
import sqlite3
import subprocess
import time
import urllib.parse

import model
import provider
import server
import wire

#: Tables that a refused call may change: the trail of refusals, and the state of guessing.
ASIDE = {"audit_records", "audit_pieces", "audit_terms", "signin_attempts"}
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Refused(Exception):
    """A call of the world's own that should have succeeded."""


class World:
    """A server of its own, in one mode, on one database."""

    def __init__(self, binary, mode, database=None, seed=server.ROOT / "examples" / "acme.yaml"):
        self.mode, self.database = mode, database
        self.server = server.Server(binary, database=database, seed=seed, extra=["--mode", mode, *provider.ALLOWED])
        self.server.start()
        self.made = self.server.made
        self.keys = wire.keys_of(self.made)
        self.wire = wire.Wire(self.server.base)
        self.instance, self.store, self.owner = self.made["instanceArn"], self.made["identityStoreId"], self.made["managementAccountId"]
        self.numbers = itertools.count(1)
        self.kept = {}

    def close(self):
        self.server.close()

    def name(self, stem="walk"):
        return f"{stem}-{next(self.numbers)}"

    def send(self, service, name, value, keys="root"):
        described = model.service(service)
        return self.wire.send(described, described.operation_model(name), value, self.keys if keys == "root" else keys)

    def call(self, service, name, **value):
        """A call that must succeed."""
        for _ in range(60):
            answer = self.send(service, name, value)
            if answer.code not in ("TooManyRequestsException", "Throttling"):
                break
            time.sleep(0.2)
        if answer.status >= 300:
            raise Refused(f"{name} {value}: {answer.status} {answer.code} {answer.message}")
        return answer.parsed

    def once(self, key, make):
        """What is made on first use and then kept."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    # The directory.

    def directory(self, name, **value):
        return self.call("identitystore", name, IdentityStoreId=self.store, **value)

    def user(self):
        name = self.name("user")
        return self.directory("CreateUser", UserName=name, DisplayName=name, Name={"GivenName": "a", "FamilyName": "b"})["UserId"]

    def invitation(self, user=None):
        """Whom it is for, and its id."""
        user = user or self.user()
        return user, self.call("portico", "CreateInvitation", IdentityStoreId=self.store, UserId=user)["InvitationId"]

    def group(self):
        return self.directory("CreateGroup", DisplayName=self.name("group"))["GroupId"]

    def membership(self, group=None, user=None):
        return self.directory("CreateGroupMembership", GroupId=group or self.group(), MemberId={"UserId": user or self.user()})["MembershipId"]

    def user_named(self, name):
        found = self.directory("GetUserId", AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}})
        return found["UserId"]

    # Permission sets and assignments.

    def admin(self, name, **value):
        return self.call("sso-admin", name, InstanceArn=self.instance, **value)

    def permission_set(self, **more):
        return self.admin("CreatePermissionSet", Name=self.name("set"), **more)["PermissionSet"]["PermissionSetArn"]

    def ask(self, **over):
        """An assignment that is not there yet, of a permission set of its own, to a user of their own."""
        return {"TargetId": "444455556666", "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", **over,
                "PermissionSetArn": over.get("PermissionSetArn") or self.permission_set(), "PrincipalId": over.get("PrincipalId") or self.user()}

    def assigned(self, **over):
        """The same, made."""
        ask = self.ask(**over)
        self.admin("CreateAccountAssignment", **ask)
        self.settle()
        return ask

    def account(self):
        status = self.call("organizations", "CreateAccount", AccountName=self.name("account"), Email=f"{self.name('mail')}@example.com")
        self.settle()
        done = self.call("organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=status["CreateAccountStatus"]["Id"])
        return done["CreateAccountStatus"]["AccountId"]

    # OAuth.

    def client(self, **more):
        made = self.call("sso-oidc", "RegisterClient", clientName="walk", clientType="public", **more)
        return {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}

    def approved(self, user="jane", password=server.PASSWORD):
        """A device code that its person has approved, with its client."""
        client = self.client(scopes=["sso:account:access"])
        started = self.call("sso-oidc", "StartDeviceAuthorization", **client, startUrl=self.made["startUrl"])
        server.Cli.approve(self.server.person(), started["verificationUriComplete"], user, password)
        return {**client, "deviceCode": started["deviceCode"], "grantType": GRANT}

    def token(self):
        ask = self.approved()
        return {**self.call("sso-oidc", "CreateToken", **ask), **ask}

    def login_code(self):
        """A code of `aws login` that its person has approved, as it is redeemed."""
        verifier = "w" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        client, here = "arn:aws:signin:::devtools/same-device", "http://127.0.0.1:49152/oauth/callback"
        asked = {"response_type": "code", "client_id": client, "state": "s", "code_challenge_method": "SHA-256", "scope": "openid", "redirect_uri": here, "code_challenge": challenge}
        who = self.once("browser of jane", lambda: self.server.person().get("/signin").sign_in("jane", server.PASSWORD))
        who.get(f"{self.server.pages}/v1/authorize?{urllib.parse.urlencode(asked)}").decide(role="333344445555/PowerUser")
        if not who.url.startswith(f"{here}?code="):
            raise Refused(f"no code: {who.status} {who.url} {who.text[:400]}")
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(who.url).query))["code"]
        return {"clientId": client, "grantType": "authorization_code", "code": code, "redirectUri": here, "codeVerifier": verifier}

    def login(self):
        return self.call("signin", "CreateOAuth2Token", tokenInput=self.login_code())["tokenOutput"]

    def bearer(self):
        return self.once("bearer", lambda: self.token()["accessToken"])

    # The database behind the API.

    def rows(self, statement):
        """What a statement reads."""
        if self.database:
            done = subprocess.run(["psql", self.database, "--no-psqlrc", "-qAtc", statement], check=True, stdout=subprocess.PIPE, text=True)
            return [tuple(line.split("|")) for line in done.stdout.splitlines()]
        path = pathlib.Path(self.server.data) / "portico.db"
        connection = sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", uri=True)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def execute(self, *statements):
        """Changes the database behind the server's back: how the walk holds jobs back."""
        if self.database:
            subprocess.run(["psql", self.database, "--no-psqlrc", "-qc", ";".join(statements)], check=True)
            return
        connection = sqlite3.connect(pathlib.Path(self.server.data) / "portico.db", timeout=30)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        # Waits until the server has noticed: only then can all of the log be written where it belongs.
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        connection.close()

    def tables(self):
        catalogue = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'" if self.database else "SELECT name FROM sqlite_master WHERE type = 'table'"
        return sorted(name for name, in self.rows(catalogue) if name not in ASIDE)

    def state(self):
        """A digest of every table by its name."""
        self.settle()
        tables = self.once("tables", self.tables)
        if self.database:
            union = " UNION ALL ".join(f"SELECT '{name}', COALESCE(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {name} t" for name in tables)
            return {row[0]: row[-1] for row in self.rows(union)}
        digest = {}
        for name in tables:
            rows = sorted(repr(row) for row in self.rows(f"SELECT * FROM {name}"))
            digest[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return digest

    def settle(self):
        """Waits until no job is due: what was asked for is done."""
        deadline = time.monotonic() + 60
        while int(self.rows("SELECT COUNT(*) FROM jobs")[0][0]):
            if time.monotonic() > deadline:
                raise Refused("the jobs do not end")
            time.sleep(0.01)
