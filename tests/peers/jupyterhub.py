"""JupyterHub with oauthenticator, by the configuration of examples/jupyterhub: a web application that people sign in to by OpenID Connect.

A peer (see peer.py). It answers {"base"} before it runs, and runs from when it is told its variables:

    environment  what `register.py` of the example printed, and HUB_ASK_AGAIN_SECONDS
"""
import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile

import peer

HERE = pathlib.Path(__file__).resolve().parent
HUB = peer.CACHE / "jupyterhub"
CONFIGURATION = HERE.parent.parent / "examples" / "jupyterhub" / "jupyterhub_config.py"


class JupyterHub:
    def __init__(self, home):
        self.home, self.process = home, None
        self.port, self.hub_port, self.api_port = (peer.free_port() for _ in range(3))
        self.base = f"http://127.0.0.1:{self.port}"

    def set(self, more):
        peer.update({}, more, "environment")
        if more:
            self.stop()
            self.start(more["environment"])
        return {"base": self.base}

    def start(self, told):
        command = [HUB / "bin" / "jupyterhub", "-f", CONFIGURATION, f"--JupyterHub.bind_url={self.base}", f"--JupyterHub.hub_port={self.hub_port}",
                   f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{self.api_port}"]
        keep = {"PATH": f"{HUB}/node_modules/.bin:{os.environ['PATH']}", "HOME": str(self.home)}
        log = self.home / "hub.log"
        with open(log, "ab") as said:
            self.process = subprocess.Popen(list(map(str, command)), env={**keep, **told}, cwd=self.home, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        peer.wait_for(self.base + "/hub/health", self.process, log, not_yet=(404, 503))

    def stop(self):
        if not self.process:
            return
        peer.stop(self.process)
        # A Hub that ends in order takes its proxy along; one that was stopped while it began does not.
        left = self.home / "jupyterhub-proxy.pid"
        if left.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(left.read_text()), signal.SIGTERM)
            left.unlink()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portico-jupyterhub-") as home:
        peer.serve(JupyterHub(pathlib.Path(home)))
