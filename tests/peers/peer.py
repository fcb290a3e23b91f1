"""What the identity providers of this folder share: programs that nobody here wrote, run for a test on a free loopback port.

Each is a program that reads settings as lines of JSON from its input, answers each line by a line of JSON (where it is; or `error`), and ends when
its input does: a test that is killed leaves nothing running. `Peer` starts one from Python; peer.mjs does from Node.
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("PORTICO_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "portico-tests")
PROGRAMS = {
    "simplesaml": [CACHE / "venv" / "bin" / "python", HERE / "simplesaml.py"],
    "simplesaml-sp": [CACHE / "venv" / "bin" / "python", HERE / "simplesaml_sp.py"],
    "pysaml": [CACHE / "venv" / "bin" / "python", HERE / "pysaml.py"],
    "oidc": ["node", HERE / "oidc.mjs"],
    "openid-client": ["node", HERE / "openid_client.mjs"],
    "apache": [CACHE / "venv" / "bin" / "python", HERE / "apache.py"],
    "jupyterhub": [CACHE / "venv" / "bin" / "python", HERE / "jupyterhub.py"],
}
START_SECONDS_MAX = 90


class Peer:
    """A running provider; `told` is what it answered to its settings."""

    def __init__(self, name, **settings):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(list(map(str, PROGRAMS[name])), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.told = self.set(**settings)

    def set(self, **settings):
        """Changes these settings, whole, and leaves the others."""
        self.process.stdin.write(json.dumps(settings) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        told = json.loads(line) if line else {"error": "it ended"}
        if "error" in told:
            self.log.seek(0)
            raise AssertionError(told["error"] + "\n" + self.log.read().decode(errors="replace")[-4000:])
        return told

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def serve(peer):
    """Is the program: one line of settings after the other for `peer`, until there are no more."""
    try:
        for line in sys.stdin:
            try:
                told = peer.set(json.loads(line))
            except (ValueError, OSError, subprocess.SubprocessError) as error:
                told = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(told), flush=True)
    finally:
        peer.stop()


def update(settings, more, known):
    """Takes `more` into `settings`; what is not `known` is a slip of the test."""
    unknown = set(more) - set(known.split())
    if unknown:
        raise ValueError(f"no such settings: {sorted(unknown)}")
    settings.update(more)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process, log, not_yet=()):
    """What `url` answers as soon as something does; `not_yet` are the codes of what stands before it and waits too."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    begun = time.monotonic()
    while True:
        try:
            return opener.open(url, timeout=10).read()
        except OSError as error:
            if (said := getattr(error, "code", None)) and said not in not_yet:
                raise AssertionError(f"{url}: {said}\n{log.read_text(errors='replace')[-4000:]}") from error
            if process.poll() is not None or time.monotonic() - begun > START_SECONDS_MAX:
                raise AssertionError("it did not start:\n" + log.read_text(errors="replace")[-4000:]) from None
            time.sleep(0.02)


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def new_key(key, certificate, kind=("rsa:2048",)):
    """A key and a certificate that it signed itself."""
    command = ["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "30", "-subj", "/CN=provider.example.test", "-keyout", key, "-out", certificate]
    subprocess.run(list(map(str, command)), check=True, stderr=subprocess.DEVNULL)


def write_whole(path, value):
    """Writes JSON so that nobody reads the half of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(value, file)
    os.replace(file.name, path)
