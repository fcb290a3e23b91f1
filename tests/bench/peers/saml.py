"""python3-saml as a peer: verifies answers of a SAML provider as a service provider does, one after the other, and keeps no session of them.

`saml.py FOLDER`: there are `settings.json` (idp, sp: entity IDs; acs: where answers go; certificate: the provider's, base64) and `answers` (lines of the ID of a
request and the answer to it). Prints the microseconds that each took, in order, and the processor time of all, as JSON.
"""
import json
import pathlib
import resource
import sys
import time
import urllib.parse

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

folder = pathlib.Path(sys.argv[1])
given = json.loads((folder / "settings.json").read_text())
binding = "urn:oasis:names:tc:SAML:2.0:bindings:"
settings = OneLogin_Saml2_Settings({
    "strict": True,
    "sp": {"entityId": given["sp"], "assertionConsumerService": {"url": given["acs"], "binding": binding + "HTTP-POST"}},
    "idp": {"entityId": given["idp"], "singleSignOnService": {"url": "https://idp.example.com/sso", "binding": binding + "HTTP-Redirect"}, "x509cert": given["certificate"]},
    "security": {"wantAssertionsSigned": True, "wantNameId": True, "rejectUnsolicitedResponsesWithInResponseTo": True},
})
acs = urllib.parse.urlsplit(given["acs"])
request = {"https": "on" if acs.scheme == "https" else "off", "http_host": acs.netloc, "script_name": acs.path, "server_port": acs.port or 443, "get_data": {}}
answers = [line.split() for line in (folder / "answers").read_text().splitlines()]


def verified(asked, answer):
    response = OneLogin_Saml2_Response(settings, answer)
    if not response.is_valid({**request, "post_data": {"SAMLResponse": answer}}, asked):
        sys.exit(f"python3-saml refused an answer: {response.get_error()}")
    return response.get_nameid()


verified(*answers[0])
before, micros = resource.getrusage(resource.RUSAGE_SELF), []
for asked, answer in answers:
    begun = time.perf_counter()
    verified(asked, answer)
    micros.append(round((time.perf_counter() - begun) * 1e6))
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"micros": micros, "own": after.ru_utime - before.ru_utime, "kernel": after.ru_stime - before.ru_stime}))
