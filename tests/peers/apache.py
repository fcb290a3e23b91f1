"""Apache with mod_auth_openidc and mod_auth_mellon: a web server that has people sign in by OpenID Connect and by SAML before it shows them its pages.

A peer (see peer.py). Settings, each whole:

    openid  what mod_auth_openidc is told of its provider: directives, as its manual names them
    admits  what `Require` says of whom it lets in there: "valid-user", or "claim groups:engineers"
    saml    the metadata document of the identity provider that mod_auth_mellon asks
    mellon  what mod_auth_mellon is told besides: directives

It answers {"base", "openid", "callback", "api", "mellon", "metadata"}: `openid` and `mellon` are the protected pages, which show what they were told as
NAME=VALUE; `callback` is where mod_auth_openidc takes codes, `api` a page for programs that bring an access token, and `metadata` the document that mod_auth_mellon's own
program made.
"""
import os
import pathlib
import re
import secrets
import subprocess
import tempfile

import peer

DEBIAN = peer.CACHE / "apache2-bin" / "usr"
MODULES = "mpm_event authn_core authz_core authz_user env include auth_openidc auth_mellon".split()
PAGE = "<!--#printenv -->\n"
# 1.1 keeps no connection open: a client that holds one would keep the server from ending.
CONFIGURATION = """
ServerRoot {home}
DefaultRuntimeDir {home}
PidFile {home}/pid
Mutex posixsem
Listen 127.0.0.1:{port}
ServerName 127.0.0.1:{port}
UseCanonicalName On
KeepAlive Off
StartServers 1
ThreadsPerChild 8
MinSpareThreads 1
MaxSpareThreads 16
MaxRequestWorkers 16
ErrorLog {home}/error.log
LogLevel info
DocumentRoot {home}/pages
<Directory {home}/pages>
  Options +Includes
  SetOutputFilter INCLUDES
  DirectoryIndex index.html
</Directory>
"""
OPENID = """
OIDCRedirectURI {base}/openid/callback
OIDCCryptoPassphrase {passphrase}
OIDCPassClaimsAs environment
OIDCUnAuthAction auth true
OIDCOAuthTokenIntrospectionInterval -1
OIDCPublicKeyFiles own#{home}/{own}.cert
OIDCPrivateKeyFiles own#{home}/{own}.key
{directives}
<Location /openid>
  AuthType openid-connect
  Require {admits}
</Location>
<Location /api>
  AuthType oauth20
  Require claim scope~openid
</Location>
"""
MELLON = """
<Location /mellon>
  MellonEnable auth
  AuthType Mellon
  Require valid-user
  MellonEndpointPath /mellon/sp
  MellonSPPrivateKeyFile {home}/{own}.key
  MellonSPCertFile {home}/{own}.cert
  MellonSPMetadataFile {home}/{own}.xml
  MellonSecureCookie Off
  MellonIdPMetadataFile {home}/idp.xml
  {directives}
</Location>
"""


class Apache:
    def __init__(self, home):
        self.home, self.port, self.process = home, peer.free_port(), None
        self.base, self.passphrase = f"http://127.0.0.1:{self.port}", secrets.token_hex(16)
        self.settings = {"openid": None, "admits": "valid-user", "saml": None, "mellon": []}
        entity = f"{self.base}/mellon/sp/metadata"
        subprocess.run([DEBIAN / "sbin" / "mellon_create_metadata", entity, f"{self.base}/mellon/sp"], cwd=home, check=True, stdout=subprocess.DEVNULL)
        # Its name for the files: whatever is no letter, figure or dot of the entity id is a line.
        self.own = re.sub(r"[^0-9A-Za-z.]+", "_", entity)
        for name in ("openid", "api", "mellon"):
            (home / "pages" / name).mkdir(parents=True)
            (home / "pages" / name / "index.html").write_text(PAGE)
        (home / "pages" / "index.html").write_text("open to everybody\n")
        # Who answers requests is not root, where root started it.
        self.user = "User www-data\nGroup www-data\n" if os.getuid() == 0 else ""
        if self.user:
            subprocess.run(["chown", "-R", "www-data:www-data", home], check=True)
        self.start()

    @property
    def told(self):
        return {"base": self.base, "openid": f"{self.base}/openid/", "callback": f"{self.base}/openid/callback", "api": f"{self.base}/api/", "mellon": f"{self.base}/mellon/",
                "metadata": (self.home / f"{self.own}.xml").read_text()}

    def configuration(self):
        said = self.settings
        text = self.user + "".join(f"LoadModule {name}_module {DEBIAN}/lib/apache2/modules/mod_{name}.so\n" for name in [*MODULES, "dir"])
        text += CONFIGURATION.format(home=self.home, port=self.port)
        if said["openid"] is not None:
            text += OPENID.format(home=self.home, own=self.own, base=self.base, passphrase=self.passphrase, directives="\n".join(said["openid"]), admits=said["admits"])
        if said["saml"]:
            (self.home / "idp.xml").write_text(said["saml"])
            text += MELLON.format(home=self.home, own=self.own, directives="\n  ".join(said["mellon"]))
        return text

    def start(self):
        (self.home / "apache.conf").write_text(self.configuration())
        command = [DEBIAN / "sbin" / "apache2", "-f", self.home / "apache.conf", "-DFOREGROUND"]
        # Its own proxies are none of this machine's.
        environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": f"{DEBIAN}/lib:" + ":".join(map(str, (DEBIAN / "lib").glob("*-linux-gnu*")))}
        log = self.home / "error.log"
        with open(self.home / "start.log", "ab") as said:
            self.process = subprocess.Popen(list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            peer.wait_for(self.base + "/", self.process, log)
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{(self.home / 'start.log').read_text()}") from None

    def set(self, more):
        peer.update(self.settings, more, "openid admits saml mellon")
        if more:
            self.stop()
            self.start()
        return self.told

    def stop(self):
        peer.stop(self.process)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portico-apache-") as home:
        os.chmod(home, 0o755)
        peer.serve(Apache(pathlib.Path(home)))
