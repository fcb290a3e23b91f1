#!/usr/bin/env python3
"""An object store for S3's clients that asks Portico about each request: a sample of AuthorizeRequest, with boto3.

    object_store.py INSTANCE_ARN FOLDER PORT     with the key of a service user that may portico:AuthorizeRequest

`aws s3api put-object`, `get-object`, `head-object`, `delete-object` and `list-objects-v2` work against http://127.0.0.1:PORT with whatever Portico gave their
caller in the service user's own account: a role's credentials, a user's key, or a URL that one of these signed. What to copy:

- Nobody's secret is here. The request's head goes to Portico as it came, with nothing decoded, and Portico says who signed it and whether their policies allow what
  this store takes it for. One round trip answers both.
- It is asked each time, so that what ends there has ended here: whoever is disabled, or whose role or key is gone, is refused at the next request.
- The objects are one account's, and the store says whose: another account's signers are let in by no policy of their own.
- The store says what it would do and on what, how the request came, and condition keys that it alone knows, such as s3:prefix. Which policies there are, it never learns.
- Whoever is refused is told in AWS's words. Where Portico cannot be reached, nobody is let in.
- A request is for the name that its signature covers: one that somebody else received is not taken here.
- What is not understood is not carried out, nor asked about as something else: subresources and copies are refused.
- What the signature says of the body is held against the body that was read. Bodies that nobody signed are taken over TLS alone, which is before this store, if anywhere.

Names become files' names whatever is in them, so that no bucket and no key leads out of the folder.
"""
import hashlib
import http.server
import pathlib
import re
import sys
import urllib.parse
from xml.sax.saxutils import escape

import boto3
from botocore.exceptions import BotoCoreError, ClientError

#: Bytes of an object at most.
BODY_MAX = 8 * 1024 * 1024
#: S3's codes for what is wrong with a signature.
CODES = {"InvalidSignatureException": "SignatureDoesNotMatch", "ExpiredTokenException": "ExpiredToken", "UnrecognizedClientException": "InvalidAccessKeyId"}
#: Parameters of a query that change nothing of what is done here; any other may be a subresource.
UNDERSTOOD = {"list-type", "prefix", "encoding-type", "max-keys", "x-id"}
#: What a method does to an object.
ACTIONS = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}


class Refused(Exception):
    """A request that is not carried out: a status, S3's code, and why."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


def file_name(name):
    """One file's name, whatever is in it: no slash, and neither . nor .."""
    return "_" + urllib.parse.quote(name, safe="")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        try:
            body = self.body()
            path, _, query = self.path.partition("?")
            bucket, _, key = urllib.parse.unquote(path.removeprefix("/")).partition("/")
            self.understand(query)
            if not bucket:
                self.answer(200, b"An object store. Name a bucket: which there are, it tells nobody.\n", {"Content-Type": "text/plain"})
            elif key:
                self.authorize(body, ACTIONS[self.command], f"arn:aws:s3:::{bucket}/{key}", {})
                self.on_object(self.server.folder / file_name(bucket) / file_name(key), body)
            elif self.command == "GET":
                prefix = dict(urllib.parse.parse_qsl(query)).get("prefix", "")
                self.authorize(body, "s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": [prefix]})
                self.list(bucket, prefix)
            else:
                raise Refused(405, "MethodNotAllowed", "Buckets come and go with their objects here.")
        except Refused as refused:
            text = f"<Error><Code>{refused.code}</Code><Message>{escape(str(refused))}</Message></Error>"
            self.answer(refused.status, text.encode(), {"Content-Type": "application/xml"})

    do_GET = do_HEAD = do_PUT = do_DELETE = serve

    def understand(self, query):
        """Refuses what this store would carry out as something else."""
        if self.headers.get_all("Host", []) not in self.server.names:
            raise Refused(400, "InvalidRequest", "The request is for another host.")
        names = [name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True)]
        strange = [name for name in names if name not in UNDERSTOOD and not name.startswith("X-Amz-")]
        if strange or "x-amz-copy-source" in self.headers:
            raise Refused(501, "NotImplemented", f"This store does not know {strange[0] if strange else 'copies'}.")

    def body(self):
        lengths = self.headers.get_all("Content-Length", ["0"])
        length = lengths[0]
        if self.headers.get("Transfer-Encoding") or len(lengths) != 1 or not re.fullmatch("[0-9]+", length):
            self.close_connection = True
            raise Refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        if int(length) > BODY_MAX:
            self.close_connection = True
            raise Refused(400, "EntityTooLarge", f"Objects have {BODY_MAX} bytes at most.")
        return self.rfile.read(int(length))

    def authorize(self, body, action, resource, more):
        """Goes on where whoever signed the request may do this."""
        path, _, query = self.path.partition("?")
        digest = hashlib.sha256(body).hexdigest()
        # This listener speaks no TLS: policies that ask for it must hear so.
        said = {"aws:SourceIp": [self.client_address[0]], "aws:SecureTransport": ["false"], **more}
        if self.headers.get("User-Agent"):
            said["aws:UserAgent"] = [self.headers["User-Agent"]]
        try:
            answer = self.server.portico.authorize_request(
                InstanceArn=self.server.instance, SigningName="s3", Method=self.command, Path=path, Query=query, PayloadHash=digest, ResourceAccountId=self.server.account,
                Headers=[{"Name": name, "Value": value} for name, value in self.headers.items()],
                Actions=[{"ActionName": action, "ResourceName": resource}],
                ContextEntries=[{"ContextKeyName": name, "ContextKeyValues": values} for name, values in said.items()])
        except ClientError as error:
            # A head that Portico does not take is the sender's trouble, everything else the store's own.
            if error.response["Error"]["Code"] == "ValidationException":
                raise Refused(400, "InvalidRequest", error.response["Error"]["Message"]) from error
            raise Refused(503, "ServiceUnavailable", f"Nobody can say now who may do what: {error}") from error
        except BotoCoreError as error:
            raise Refused(503, "ServiceUnavailable", "Nobody can say now who may do what.") from error
        if refused := answer.get("Refused"):
            raise Refused(403, CODES.get(refused["Code"], "AccessDenied"), refused["Message"])
        decision = answer["Decisions"][0]
        print(f"{answer['Signer']['Arn']} {action} {resource}: {decision['Decision']}", file=sys.stderr, flush=True)
        if decision["Decision"] != "allowed":
            raise Refused(403, "AccessDenied", decision["Reason"])
        # A body that is not signed TLS must have brought, and here none does.
        if (body or self.command == "PUT") and answer["DeclaredPayload"] != digest:
            raise Refused(400, "InvalidRequest", "The body is not signed: x-amz-content-sha256 must be its SHA-256.")

    def on_object(self, path, body):
        if self.command == "PUT":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            self.answer(200, b"", {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})
        elif self.command == "DELETE":
            path.unlink(missing_ok=True)
            self.answer(204, b"")
        elif path.is_file():
            self.answer(200, path.read_bytes(), {"Content-Type": "binary/octet-stream"})
        else:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")

    def list(self, bucket, prefix):
        folder = self.server.folder / file_name(bucket)
        names = sorted(urllib.parse.unquote(path.name[1:]) for path in folder.glob("_*")) if folder.is_dir() else []
        names = [name for name in names if name.startswith(prefix)]
        rows = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in names)
        text = f"<ListBucketResult><Name>{escape(bucket)}</Name><KeyCount>{len(names)}</KeyCount><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self.answer(200, text.encode(), {"Content-Type": "application/xml"})

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """What is decided is said instead."""


def main():
    instance, folder, port = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    server.instance, server.folder, server.portico = instance, pathlib.Path(folder), boto3.client("portico")
    server.account = boto3.client("sts").get_caller_identity()["Account"]
    server.names = [[f"{name}:{port}"] for name in ("127.0.0.1", "localhost")]
    server.serve_forever()


if __name__ == "__main__":
    main()
