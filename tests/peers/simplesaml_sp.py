"""SimpleSAMLphp as a SAML service provider for tests: an application that signs people in by Portico.

A peer (see peer.py). Settings:

    identity_provider  the metadata document of the identity provider that it asks

It answers {"base", "metadata", "sign_in", "sign_out"}: `sign_in` leads to the identity provider and shows, at the end, what it was told.
"""
import os
import pathlib
import secrets
import subprocess
import tempfile

import peer

HERE = pathlib.Path(__file__).resolve().parent
CODE = peer.CACHE / "simplesamlphp" / "usr" / "share" / "simplesamlphp"


class SimpleSamlSp:
    def __init__(self, home):
        self.home, self.port = home, peer.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.settings = {"base": self.base, "salt": secrets.token_hex(16), "trusted": [], "session_seconds": 3600, "identity_provider": None}
        peer.new_key(home / "key.pem", home / "certificate.pem")
        peer.write_whole(home / "settings.json", self.settings)
        command = ["php", "-d", "opcache.enable_cli=0", "-d", "display_errors=stderr", "-d", "log_errors=1", "-S", f"127.0.0.1:{self.port}", "-t", CODE / "www"]
        environment = {
            **os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(HERE / "simplesamlphp-sp"), "PEER_SETTINGS": str(home / "settings.json"),
            "PEER_ATTRIBUTE_MAPS": str(peer.CACHE / "simplesamlphp" / "etc" / "simplesamlphp" / "attributemap"),
        }
        self.log = open(home / "php.log", "ab")
        self.process = subprocess.Popen(list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        metadata = peer.wait_for(self.told["metadata"], self.process, home / "php.log")
        if b"EntityDescriptor" not in metadata:
            raise AssertionError("not metadata: " + metadata.decode(errors="replace")[:1000])

    @property
    def told(self):
        test = f"{self.base}/module.php/core/authenticate.php?as=sp"
        return {"base": self.base, "metadata": f"{self.base}/module.php/saml/sp/metadata.php/sp", "sign_in": test, "sign_out": test + "&logout"}

    def set(self, more):
        peer.update(self.settings, more, "identity_provider")
        peer.write_whole(self.home / "settings.json", self.settings)
        return self.told

    def stop(self):
        peer.stop(self.process)
        self.log.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portico-simplesamlphp-sp-") as home:
        peer.serve(SimpleSamlSp(pathlib.Path(home)))
