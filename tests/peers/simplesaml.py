"""SimpleSAMLphp as a SAML identity provider for tests: Debian's package, unpacked by `scripts/install test`, served by PHP itself.

A peer (see peer.py): settings come as lines of JSON, answers go as lines of JSON, and the end of its input is its end. Settings:

    people             [{"name", "password", "attributes": {name: [value]}}]; `uid` and `mail` name the person
    service_providers  [{"metadata": document, "settings": {}}]; the settings are SimpleSAMLphp's own, over what the document says
    identity_provider  SimpleSAMLphp's own settings of the provider, over those of simplesamlphp/metadata/saml20-idp-hosted.php
    session_seconds    how long somebody is signed in
    signs_with         which key signs, 1 or 2
    announces          which other key its metadata names too, if any

It answers {"base", "entity", "metadata", "sign_in"}; `sign_in`, with `?spentityid=`, signs in without being asked.
"""
import os
import pathlib
import secrets
import subprocess
import tempfile
import urllib.parse

import peer

HERE = pathlib.Path(__file__).resolve().parent
CODE = peer.CACHE / "simplesamlphp" / "usr" / "share" / "simplesamlphp"


class SimpleSaml:
    def __init__(self, home):
        self.home, self.port = home, peer.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "base": self.base, "entity": f"{self.base}/saml2/idp/metadata.php", "salt": secrets.token_hex(16), "trusted": [],
            "people": [], "service_providers": [], "identity_provider": {}, "session_seconds": 8 * 60 * 60, "signs_with": 1, "announces": None,
        }
        self.write({})
        # What PHP keeps of a file that it has compiled is of no use where settings change.
        command = ["php", "-d", "opcache.enable_cli=0", "-d", "display_errors=stderr", "-d", "log_errors=1", "-S", f"127.0.0.1:{self.port}", "-t", CODE / "www"]
        environment = {
            **os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(HERE / "simplesamlphp"), "PEER_SETTINGS": str(home / "settings.json"),
            "PEER_ATTRIBUTE_MAPS": str(peer.CACHE / "simplesamlphp" / "etc" / "simplesamlphp" / "attributemap"),
        }
        self.log = open(home / "php.log", "ab")
        self.process = subprocess.Popen(list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        metadata = peer.wait_for(self.settings["entity"], self.process, self.home / "php.log")
        if b"EntityDescriptor" not in metadata:
            raise AssertionError("not metadata: " + metadata.decode(errors="replace")[:1000])

    def write(self, more):
        peer.update(self.settings, more, "people service_providers identity_provider session_seconds signs_with announces")
        for number in filter(None, [self.settings["signs_with"], self.settings["announces"]]):
            if not (self.home / f"key-{number}.pem").exists():
                peer.new_key(self.home / f"key-{number}.pem", self.home / f"certificate-{number}.pem")
        for provider in self.settings["service_providers"]:
            provider.setdefault("settings", {})
        peer.write_whole(self.home / "settings.json", self.settings)

    def set(self, more):
        self.write(more)
        return {"base": self.base, "entity": self.settings["entity"], "metadata": self.settings["entity"], "sign_in": f"{self.base}/saml2/idp/SSOService.php"}

    def stop(self):
        peer.stop(self.process)
        self.log.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portico-simplesamlphp-") as home:
        peer.serve(SimpleSaml(pathlib.Path(home)))
