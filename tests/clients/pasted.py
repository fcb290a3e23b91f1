"""What the portal offers to paste, pasted as it is: into an empty home and an empty environment, nothing added. Tests for a class of
`suite.py`, which brings the server."""
import datetime
import json
import re
import subprocess
import sys

import server

PROD = ("222233334444", "PowerUser", "payments-prod-poweruser")
DEV = ("333344445555", "PowerUser", "payments-dev-poweruser")
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
# One line of each shell. There is no PowerShell and no command prompt here: what they make of a line is what their manuals say.
LINES = {
    "sh": re.compile(r'export (AWS_[A-Z_]+)="([^"$`\\]*)"'),
    "PowerShell": re.compile(r'\$Env:(AWS_[A-Z_]+)="([^"$`]*)"'),
    "cmd": re.compile(r'SET "(AWS_[A-Z_]+)=([^"%!]*)"'),
}


class Pasted:
    """Mixed with a case that has a server of the example company."""

    def fresh(self):
        """An empty home."""
        cli = self.cli()
        (cli.home / ".aws" / "config").unlink()
        (cli.home / ".aws").rmdir()
        return cli

    def jane(self):
        who = self.server.person().get("/start")
        who.sign_in("jane", server.PASSWORD)
        return who

    @staticmethod
    def offered(who, role):
        """The blocks of a role's page: commands, signing in, the profile, what all profiles share, variables."""
        who.get(f"/start/keys?account={role[0]}&role={role[1]}")
        return who.blocks()

    def caller(self, cli, profile):
        return cli.paste(f"aws sts get-caller-identity --profile {profile} --query Account --output text").strip()

    @staticmethod
    def caller_by_boto3(cli, profile):
        code = f"import boto3; print(boto3.Session(profile_name={profile!r}).client('sts').get_caller_identity()['Account'])"
        return subprocess.check_output([sys.executable, "-c", code], env=cli.bare(), text=True).strip()

    @staticmethod
    def token(cli):
        path = next(path for path in (cli.home / ".aws/sso/cache").glob("*.json") if "refreshToken" in path.read_text())
        return path, json.loads(path.read_text())

    def test_commands_pasted_again_and_for_a_second_role_leave_a_cli_that_works(self):
        cli, jane = self.fresh(), self.jane()
        first, second = self.offered(jane, PROD)[:2], self.offered(jane, DEV)[:2]
        for commands in (first[0], second[0], first[0]):
            cli.paste(commands)
        self.assertEqual(first[1], f"aws sso login --profile {PROD[2]}\n")
        cli.login(self.server.person(), "jane", server.PASSWORD, profile=PROD[2], env=cli.bare())
        for account, _, profile in (PROD, DEV):
            self.assertEqual(self.caller(cli, profile), account, "one sign-in is enough for both")
            self.assertEqual(self.caller_by_boto3(cli, profile), account)
        path, before = self.token(cli)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
        path.write_text(json.dumps({**before, "expiresAt": soon.strftime("%Y-%m-%dT%H:%M:%SZ")}))
        for cached in (cli.home / ".aws/cli/cache").glob("*.json"):
            cached.unlink()
        self.assertEqual(self.caller(cli, DEV[2]), DEV[0])
        after = self.token(cli)[1]
        self.assertNotEqual(before["accessToken"], after["accessToken"], "it renews itself")
        cli.paste(f"aws sso logout --profile {PROD[2]}")
        token = after["accessToken"]
        gone = subprocess.run(["aws", "sso", "list-accounts", "--access-token", token, "--profile", PROD[2]], env=cli.bare(), capture_output=True, text=True, executable=str(cli.aws))
        self.assertIn("UnauthorizedException", gone.stderr)

    def test_sections_pasted_by_hand_and_the_whole_file_work(self):
        cli, jane = self.fresh(), self.jane()
        first, second = self.offered(jane, PROD), self.offered(jane, DEV)
        self.assertEqual(first[3], second[3], "what is pasted once is the same on every page")
        config = cli.home / ".aws" / "config"
        config.parent.mkdir()
        config.write_text("\n".join([first[2], first[3], second[2]]))
        cli.login(self.server.person(), "jane", server.PASSWORD, profile=DEV[2], env=cli.bare())
        self.assertEqual(self.caller(cli, PROD[2]), PROD[0])
        config.write_text(jane.get("/start/config.txt").body)
        for account, _, profile in (PROD, DEV):
            self.assertEqual(self.caller(cli, profile), account)
        said = [line.removeprefix("#   ") for line in jane.body.splitlines() if line.startswith("#   export ")]
        self.assertEqual(said, first[4].splitlines(), "the variables stand beside the file")
        cli.paste(first[4] + "aws sso logout")
        self.assertFalse(any("accessToken" in path.read_text() for path in (cli.home / ".aws/sso/cache").glob("*.json")))

    def test_variables_lead_a_shell_without_any_profile_here(self):
        cli, jane = self.fresh(), self.jane()
        self.offered(jane, PROD)
        jane.submit(jane.form("account", "role"))
        blocks = jane.blocks()
        shells = dict(zip(LINES, blocks))
        self.assertEqual(cli.paste(shells["sh"] + "aws sts get-caller-identity --query Account --output text").strip(), PROD[0])
        refused = cli.paste(shells["sh"] + "aws s3api list-buckets 2>&1 || true")
        self.assertNotIn("amazonaws.com", refused, "what is not served here does not go elsewhere")
        self.assertNotIn("InvalidAccessKeyId", refused)
        meant = {}
        for shell, text in shells.items():
            lines = [LINES[shell].fullmatch(line) for line in text.splitlines()]
            self.assertTrue(all(lines), text)
            meant[shell] = {line.group(1): line.group(2) for line in lines}
        self.assertEqual(meant["sh"], meant["PowerShell"])
        self.assertEqual(meant["sh"], meant["cmd"])
        here = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.server.base, "AWS_ENDPOINT_URL_STS": self.server.base}
        self.assertEqual({name: value for name, value in meant["sh"].items() if name not in KEYS}, here)
        (cli.home / ".aws").mkdir(exist_ok=True)
        (cli.home / ".aws" / "credentials").write_text(blocks[3])
        section = f"{PROD[0]}_{PROD[1]}"
        self.assertEqual(self.caller(cli, section), PROD[0])
        self.assertEqual(self.caller_by_boto3(cli, section), PROD[0])
