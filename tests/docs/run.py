"""Runs every command block of README.md and docs, page by page, in order, as a newcomer would: in one shell for each page.

    run.py --portico BINARY [--nginx BINARY] [--database URL] [PAGE …]

A block that is `sh` runs unless the page says why not; what a page is run in, and what it says to this program, is in `blocks.py`.
"""
import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import blocks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import peer  # noqa: E402, of tests/peers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "clients"))
import directories  # noqa: E402, of tests/clients

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEMO = "127.0.0.1:8765"
PEOPLE = {"jane": "correct horse battery staple", "sam": "four clear winter mornings", "maya": "nine slow evenings in June"}
made_databases = []


class Demo:
    """`scripts/demo`, and what it prints."""

    def __init__(self, portico):
        env = {**os.environ, "PORTICO_BINARY": portico}
        self.process = subprocess.Popen([ROOT / "scripts/demo"], env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.exports, self.people, self.pages = "", dict(PEOPLE), ""
        for line in self.process.stdout:
            words = line.split()
            if line.startswith("export "):
                self.exports += line
            if words[:2] == ["The", "administrator"]:
                self.people[words[2]] = words[3]
            if words[:3] == ["AWS", "access", "portal"]:
                self.pages = words[3].removesuffix("/start")
            if line.startswith("  Ctrl-C"):
                return
        raise AssertionError("scripts/demo ended")

    def close(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        self.process.stdout.close()


def fresh_database(url):
    """A new PostgreSQL database beside the one of `url`."""
    if not url:
        return ""
    name = f"docs_{os.getpid()}_{len(made_databases)}"
    made_databases.append(name)
    subprocess.run(["psql", url, "-qc", f"CREATE DATABASE {name}"], check=True)
    return url.replace("/postgres?", f"/{name}?")


def script(page_blocks, first):
    """One shell script of all blocks; a line on descriptor 3 says which one begins."""
    text = f"set -e\n{first}\n"
    for number, block in enumerate(page_blocks):
        text += f"echo {number} >&3\n"
        if "file" in block.says:
            path = shlex.quote(block.says["file"])
            text += f"mkdir -p \"$(dirname {path})\"\ncat > {path} <<'END OF THE BLOCK'\n{block.text}END OF THE BLOCK\n"
        elif until := block.says.get("goes on until"):
            url = until.removesuffix(" answers")
            text += f"(\n{block.text}\n) & background=\"$background $!\"\n"
            text += f"for try in $(seq 150); do curl -ksf -o /dev/null {url} && break; sleep 0.2; done; curl -ksf -o /dev/null {url}\n"
        elif person := block.says.get("link for"):
            opened = f"{shlex.quote(sys.executable)} {ROOT / 'tests/docs/browser.py'}"
            text += f"export PORTICO_PERSON={person}\nlink=$(\n{block.text})\n{opened} \"$link\"\n"
        else:
            person = block.says.get("signs in")
            text += (f"export PORTICO_PERSON={person}\n" if person else "") + block.text
    return text + "echo end >&3\n"


# What the pages' own commands tell the providers beside them.
PEERS = {
    "simplesaml": {},
    "simplesaml-sp": {},
    "oidc": {"clients": [{"client_id": "portico", "client_secret": "a secret of this page", "redirect_uris": [f"http://localhost:{DEMO.split(':')[1]}/signin/external/callback"]}]},
}


def beside(page):
    """The provider that a page wants beside it, and the variable that says where it is."""
    if "beside" not in page:
        return None, {}
    name, variable = page["beside"].split(" as ")
    if name == "slapd":
        running = directories.Slapd()
        said = running.said
        more = {"BASE": said["BASE"], "ACCOUNT": said["ACCOUNT"], "BIND_PASSWORD": said["PASSWORD"], "CA": said["AUTHORITY"]}
        return running, {variable: said["LDAPS"], **more}
    running = peer.Peer(name, **PEERS[name])
    return running, {variable: running.told.get("issuer") or running.told["metadata"]}


def run_page(path, arguments):
    """Runs a page; gives how many blocks went well, and what to say of the one that did not."""
    page, all_blocks = blocks.read(path)
    mine = [block for block in all_blocks if "file" in block.says or block.tag == "sh" and "not run" not in block.says]
    if not mine:
        return 0, None
    demo = Demo(arguments.portico) if page.get("tested") == "on the demo" else None
    provider, told = beside(page)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="portico-docs-"))
    try:
        for name in ("api", "examples", "scripts"):
            (folder / name).symlink_to(ROOT / name)
        (folder / "bin").mkdir()
        hub = peer.CACHE / "jupyterhub"
        tools = {"portico": arguments.portico, "nginx": arguments.nginx, "python": sys.executable,
                 "jupyterhub": hub / "bin/jupyterhub", "configurable-http-proxy": hub / "node_modules/.bin/configurable-http-proxy"}
        for name, binary in tools.items():
            if binary:
                (folder / "bin" / name).symlink_to(pathlib.Path(binary).resolve() if name != "python" else binary)
        browser = f"{shlex.quote(sys.executable)} {ROOT / 'tests/docs/browser.py'} %s &"
        env = {
            "HOME": str(folder), "PATH": f"{folder}/bin:{arguments.aws.parent}:/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin:/bin", "BROWSER": browser,
            "PYTHONPATH": str(ROOT / "tests/clients"), "DATABASE": fresh_database(arguments.database), "NO_PROXY": "127.0.0.1,localhost",
            "PORTICO_PAGES": demo.pages if demo else page.get("pages", f"http://{DEMO}"), "PORTICO_PEOPLE": json.dumps(demo.people if demo else PEOPLE),
            **told,
        }
        (folder / "script").write_text(script(mine, demo.exports if demo else ""))
        return execute(path, mine, folder, env)
    finally:
        if demo:
            demo.close()
        if provider:
            provider.stop()
        shutil.rmtree(folder, ignore_errors=True)


def execute(path, mine, folder, env):
    """Runs the script and reads from descriptor 3 how far it came."""
    begun, writing = os.pipe()
    command = ["bash", "-c", f"exec 3>&{writing}; trap 'kill $background 2>/dev/null || true' EXIT; . ./script"]
    process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, pass_fds=[writing], start_new_session=True)
    os.close(writing)
    try:
        output, _ = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
    with os.fdopen(begun) as told:
        marks = told.read().split()
    if process.returncode == 0 and marks[-1:] == ["end"]:
        return len(mine), None
    at = int(marks[-1]) if marks and marks[-1] != "end" else 0
    return at, f"{path.relative_to(ROOT)}:{mine[at].line}\n{mine[at].text}{output[-3000:]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portico", required=True, type=os.path.abspath)
    parser.add_argument("--aws", required=True, type=pathlib.Path)
    parser.add_argument("--nginx")
    parser.add_argument("--database")
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    with socket.socket() as probe:
        if probe.connect_ex(tuple(DEMO.split(":")[:1]) + (8765,)) == 0:
            sys.exit(f"something listens on {DEMO} already, where the pages want the demo")
    pages = [page.resolve() for page in arguments.pages] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    passed, failed = 0, 0
    for path in pages:
        good, wrong = run_page(path, arguments)
        passed += good
        failed += wrong is not None
        print(f"{'FAIL' if wrong else 'ok  '} {path.relative_to(ROOT)}: {good} blocks" + (f"\n{wrong}" if wrong else ""), flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
