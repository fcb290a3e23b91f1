"""Writes botocore.json: requests signed by botocore, which our verifier must accept. Needs PyPI's botocore.

The key pair is AWS's documentation example and opens nothing.
"""
import datetime
import json
import pathlib
from unittest import mock

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 24, 8, 41, 0, tzinfo=datetime.timezone.utc)
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

CASES = {
    "json": ("POST", "http://127.0.0.1:8765/", b'{"InstanceArn":"x"}', {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SWBExternalService.ListInstances"}, None),
    "session token": ("POST", "http://127.0.0.1:8765/", b"{}", {"Content-Type": "application/x-amz-json-1.1"}, "TOKEN/with+signs=="),
    "non-ascii body": ("POST", "https://sso.example.org/", '{"Name":"Größe"}'.encode(), {"Content-Type": "application/x-amz-json-1.1"}, None),
    "encoded path": ("GET", "https://sso.example.org/a%20b/arn%3Aaws%3Asso/c?b=2&a=%2B1&a=0&empty=", b"", {}, None),
    "spaces in a header": ("POST", "https://sso.example.org/token", b"{}", {"X-Amz-Meta": "a   b  c "}, None),
    "get with token": ("GET", "https://sso.example.org/x?a=1", b"", {}, "TOKEN/with+signs=="),
    "form": ("POST", "http://127.0.0.1:8765/", b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, None),
}


def signed(auth, name):
    method, url, body, headers, token = CASES[name]
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        auth(Credentials(KEY, SECRET, token), "sso", "us-east-1").add_auth(request)
    prepared = request.prepare()
    target = prepared.url.split("://", 1)[1]
    host, _, rest = target.partition("/")
    path, _, query = ("/" + rest).partition("?")
    fields = [["host", host]] + [[key.lower(), value if isinstance(value, str) else value.decode()] for key, value in prepared.headers.items() if key.lower() != "host"]
    return {"name": name, "method": method, "path": path, "query": query, "headers": fields, "body": body.decode()}


out = {"now": int(NOW.timestamp()), "secret": SECRET, "header": [signed(SigV4Auth, name) for name in CASES],
       "presigned": [signed(SigV4QueryAuth, name) for name in ("encoded path", "get with token")]}
pathlib.Path(__file__).with_name("botocore.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")
