"""A Portico server of our own for tests: a fresh instance on a free port, and the AWS CLI and boto3 pointed at it."""
import atexit
import base64
import contextlib
import copy
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

import person

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVICES = ["sso", "sso_oidc", "sso-oidc", "signin", "sso_admin", "identitystore", "sts", "iam", "organizations", "cloudtrail", "portico"]
PASSWORD = "correct horse battery staple"


def models():
    """A folder from which botocore loads the service `portico`, as `AWS_DATA_PATH` takes it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="portico-models-"))
    place = folder / "portico" / "2026-11-28"
    place.mkdir(parents=True)
    shutil.copy(ROOT / "api" / "portico.json", place / "service-2.json")
    shutil.copy(ROOT / "api" / "portico-paginators.json", place / "paginators-1.json")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


MODELS = models()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process and what its `init` printed."""

    def __init__(self, binary, database=None, seed=ROOT / "examples" / "acme.yaml", tls=False, extra=()):
        self.binary, self.database, self.extra = binary, database, list(extra)
        self.scratch = tempfile.TemporaryDirectory(prefix="portico-")
        self.home = pathlib.Path(self.scratch.name)
        self.data = self.home / "data"
        self.port = free_port()
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.pages = self.base.replace("127.0.0.1", "localhost")
        self.certificate = self._certificate() if tls else None
        if tls:
            self.extra += ["--tls-cert", self.certificate, "--tls-key", self.home / "key.pem"]
        arguments = ["init", "--data-dir", self.data, "--seed", seed, "--public-url", self.base, "--output", "json"]
        out = subprocess.run([binary, *map(str, arguments), *self._database()], check=True, stdout=subprocess.PIPE)
        self.made = json.loads(out.stdout)
        self.process = None

    def twin(self):
        """A second server of the same instance, not started: the same key and configuration, another port; with SQLite no database yet."""
        other = copy.copy(self)
        other.scratch = tempfile.TemporaryDirectory(prefix="portico-")
        other.home = pathlib.Path(other.scratch.name)
        other.data = other.home / "data"
        other.data.mkdir()
        for name in ("portico.key", "portico.toml"):
            shutil.copy(self.data / name, other.data / name)
        other.port = free_port()
        other.base, other.pages = f"http://127.0.0.1:{other.port}", f"http://localhost:{other.port}"
        other.process = None
        return other

    def _certificate(self):
        """A certificate for 127.0.0.1 and localhost that signs itself."""
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1".split()
        command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", self.home / "key.pem", "-out", self.home / "certificate.pem"]
        subprocess.run(list(map(str, command)), check=True, stderr=subprocess.DEVNULL)
        return self.home / "certificate.pem"

    def trust(self):
        """What a client must trust to reach the server."""
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None

    def _database(self):
        return ["--database", self.database] if self.database else []

    def command(self, *arguments):
        """What a command on the host prints, such as `keys list`."""
        command = [self.binary, *map(str, arguments), "--data-dir", str(self.data), *self._database()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def start(self):
        arguments = ["serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{self.port}", *self._database(), *self.extra]
        begun = time.monotonic()
        with open(self.home / "server.log", "ab") as log:
            self.process = subprocess.Popen([self.binary, *map(str, arguments)], stdout=log, stderr=log)
        while True:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(self.base + "/readyz", timeout=5, context=self.trust()).status == 200:
                    return time.monotonic() - begun
            if self.process.poll() is not None or time.monotonic() - begun > 60:
                raise AssertionError("the server did not start:\n" + (self.home / "server.log").read_text())
            time.sleep(0.005)

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def close(self):
        self.stop(signal.SIGKILL)
        self.scratch.cleanup()

    def person(self):
        return person.Person(self.pages, self.trust())

    def keys(self):
        """The root key as boto3 takes it."""
        return {"aws_access_key_id": self.made["accessKeyId"], "aws_secret_access_key": self.made["secretAccessKey"]}

    def client(self, service, **keys):
        """A boto3 client, with the root key unless told otherwise."""
        import boto3
        from botocore.config import Config
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        session = boto3.session.Session()
        session._loader.search_paths.append(str(MODELS))
        return session.client(service, endpoint_url=self.base, region_name="us-east-1", config=config, **(keys or self.keys()))


class Cli:
    """The AWS CLI with a home of its own."""

    def __init__(self, server, aws, start_url=None):
        self.server, self.aws = server, str(aws)
        self.home = pathlib.Path(tempfile.mkdtemp(dir=server.home))
        (self.home / ".aws").mkdir()
        self.start_url = start_url or server.made["startUrl"]
        self.config = [f"[sso-session corp]\nsso_start_url = {self.start_url}\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"]
        endpoints = "".join(f"{service} =\n  endpoint_url = {server.base}\n" for service in SERVICES)
        self.config.append(f"[services self]\n{endpoints}")
        self.add_profile("login", None, None)

    def add_profile(self, name, account, role):
        wanted = f"sso_account_id = {account}\nsso_role_name = {role}\n" if account else ""
        self.config.append(f"[profile {name}]\nsso_session = corp\n{wanted}region = us-east-1\nservices = self\n")
        (self.home / ".aws" / "config").write_text("\n".join(self.config))

    def env(self, **more):
        keep = {key: value for key, value in os.environ.items() if not key.startswith("AWS_") and key not in ("http_proxy", "https_proxy")}
        certificate = getattr(self.server, "certificate", None)
        trusted = {"AWS_CA_BUNDLE": str(certificate)} if certificate else {}
        return {**keep, "HOME": str(self.home), "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true", **trusted, **more}

    def bare(self):
        """An environment that says nothing but where home and programs are."""
        return {"HOME": str(self.home), "PATH": f"{pathlib.Path(self.aws).parent}:/usr/bin:/bin"}

    def paste(self, text):
        """What a shell prints that is given `text` in an empty environment."""
        done = subprocess.run(["sh", "-e"], input=text, env=self.bare(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"{text}\n{done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *arguments, profile=None, check=True, env=None):
        command = [self.aws, *arguments, *(["--profile", profile] if profile else [])]
        done = subprocess.run(command, env=self.env(**(env or {})), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)}: {done.stderr}")
        return done

    def json(self, *arguments, **how):
        return json.loads(self.run(*arguments, "--output", "json", **how).stdout)

    def login(self, who, user_name, password, device=False, profile="login", env=None, remember=False):
        """`aws sso login`, with a person who opens the page that the CLI prints; `env` is the whole environment, if not the usual one."""
        mode = ["--use-device-code"] if device else []
        command = [self.aws, "sso", "login", "--no-browser", "--profile", profile, *mode]
        env = {**env, "PYTHONUNBUFFERED": "1"} if env else self.env(PYTHONUNBUFFERED="1")
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        printed, opened = "", False
        try:
            for line in process.stdout:
                printed += line
                url = next((word for word in line.split() if word.startswith("http")), None)
                wanted = url and ("user_code=" in url if device else "/authorize?" in url)
                if wanted and not opened:
                    opened = True
                    self.approve(who, url, user_name, password, remember=remember)
            process.wait(60)
        finally:
            process.kill()
            process.stdout.close()
        if process.returncode != 0:
            raise AssertionError(f"aws sso login: {printed}")
        return printed

    def aws_login(self, who, user_name, password, role=None, remote=False, env=None, arguments=()):
        """`aws login` in an empty home, with a person who opens the page that the CLI prints, chooses `role` and carries the code if `remote`."""
        while True:
            printed = self._aws_login(who, user_name, password, role, remote, env, arguments)
            kept = max((self.home / ".aws/login/cache").glob("*.json"), key=lambda path: path.stat().st_mtime)
            lines = json.loads(kept.read_text())["dpopKey"].splitlines()
            # One key in 256 the CLI cannot read again: findings/login-key-that-cannot-be-read.sh.
            if base64.b64decode("".join(lines[1:-1]))[6] == 32:
                return printed

    def _aws_login(self, who, user_name, password, role, remote, env, arguments):
        env = env or {**self.bare(), "AWS_ENDPOINT_URL": self.server.base, "AWS_REGION": "us-east-1"}
        command = [self.aws, "login", *(["--remote"] if remote else []), *arguments]
        # A browser that cannot be opened: the CLI prints the address all the same.
        env = {**env, "PYTHONUNBUFFERED": "1", "BROWSER": "false"}
        process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        printed, opened = "", False
        try:
            for line in process.stdout:
                printed += line
                url = next((word for word in line.split() if "/v1/authorize?" in word), None)
                if url and not opened:
                    opened = True
                    self.approve(who, url, user_name, password, role)
                    if remote:
                        process.stdin.write(who.blocks()[0].strip() + "\n")
                        process.stdin.flush()
            process.wait(60)
        finally:
            process.kill()
            process.stdin.close()
            process.stdout.close()
        if process.returncode != 0:
            raise AssertionError(f"aws login: {printed}")
        return printed

    @staticmethod
    def approve(who, url, user_name, password, role=None, remember=False):
        who.get(url)
        if any("password" in form.fields for form in who.page.forms):
            who.sign_in(user_name, password)
        if who.page.forms and any("user_code" in form.fields for form in who.page.forms) and not any(form.buttons for form in who.page.forms):
            who.submit(who.form("user_code"))
        if who.url.startswith(who.base):
            who.decide("approve", role, remember)
        if not who.url.startswith(who.base):
            # The CLI listens there for the code, or an application that knows the browser by a cookie.
            if who.get(who.url, follow=False).status >= 400:
                raise AssertionError(f"{who.url} does not take the code: {who.status} {who.text[:400]}")


def user_code(text):
    return re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text).group(0)
