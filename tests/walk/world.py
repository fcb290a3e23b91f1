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

#: Jobs that end by themselves: not those of accounts that nobody answers for, nor what is paused, which is in lanes behind all others (store/src/jobs.rs).
ENDING = "NOT (lane >= '|' AND lane < '}') AND lane < '\x80'"


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
        if "reader" in self.kept:
            self.kept.pop("reader").close()
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
        return self.reader().execute(statement).fetchall()

    def reader(self):
        """A connection that reads SQLite's file, and stands: to open one costs more than most of what is asked."""
        path = pathlib.Path(self.server.data) / "portico.db"
        return self.once("reader", lambda: sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False))

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

    def ending_tables(self):
        """The tables whose rows end by themselves."""
        if self.database:
            found = self.rows("SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'expires_at'")
        else:
            found = [(name,) for name in self.tables() if any(column[1] == "expires_at" for column in self.rows(f"PRAGMA table_info({name})"))]
        return {name for name, in found}

    def state(self):
        """What stands in every table by its name: a digest, and of a table whose rows end by themselves the digest of each row with its end."""
        self.settle()
        tables, expiring = self.once("tables", self.tables), self.once("ending tables", self.ending_tables)
        state = {}
        if self.database:
            row = "COALESCE(t.expires_at, 0) || ' ' || md5(t::text)"
            what = lambda name: f"string_agg({row}, ',')" if name in expiring else "md5(string_agg(t::text, ',' ORDER BY t::text))"
            union = " UNION ALL ".join(f"SELECT '{name}', COALESCE({what(name)}, '') FROM {self.said(name)} t" for name in tables)
            for name, found in self.rows(union):
                state[name] = frozenset((int(end), digest) for end, digest in (row.split(" ") for row in found.split(",") if row)) if name in expiring else found
            return state
        # Unchanged as long as nobody else has committed since this connection was asked.
        version = self.rows("PRAGMA data_version")
        if self.kept.get("version") == version:
            return self.kept["state"]
        for name in tables:
            if name in expiring:
                state[name] = frozenset((row[0] or 0, hashlib.sha256(repr(row).encode()).hexdigest()) for row in self.rows(f"SELECT expires_at, * FROM {name}"))
                continue
            rows = sorted(repr(row) for row in self.rows(f"SELECT * FROM {self.said(name)} t"))
            state[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        self.kept.update(version=version, state=state)
        return state

    @staticmethod
    def changed(before, after):
        """The tables in which something changed. A row that is gone because its time is over is the server's housekeeping, and nobody's call."""
        now = time.time() * 1_000_000

        def is_same(name):
            if not isinstance(after[name], frozenset):
                return after[name] == before[name]
            gone = before[name] - after[name]
            return after[name] <= before[name] and all(0 < end <= now for end, _ in gone)

        return [name for name in after if not is_same(name)]

    @staticmethod
    def said(name):
        """A table, without what goes on beside every call: work in accounts that are somewhere else, and when a key was last used."""
        of = {
            "jobs": f"SELECT * FROM jobs WHERE {ENDING}",
            "access_keys": "SELECT access_key_id, account_id, sealed_secret, active, created_at, service_user_id FROM access_keys",
            "account_drifts": "SELECT account_id FROM account_drifts",
            "organization_connections": "SELECT organization_id, settings, created_at FROM organization_connections",
            "drift_findings": "SELECT finding_id, account_id, decided_by, decided_at FROM drift_findings",
        }
        return f"({of[name]})" if name in of else name

    def settle(self):
        """Waits until no job is due: what was asked for is done. But in accounts that are somewhere else, which nobody answers for: those are tried for minutes."""
        deadline = time.monotonic() + 60
        while int(self.rows(f"SELECT COUNT(*) FROM jobs WHERE {ENDING}")[0][0]):
            if time.monotonic() > deadline:
                raise Refused(f"the jobs do not end: {self.rows('SELECT kind, lane, attempts FROM jobs')}")
            time.sleep(0.01)
