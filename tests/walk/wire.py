"""Requests as bytes, below every check of a client; answers as botocore's own parsers read them.

An input that is valid is written by botocore's serialiser, too, and must come out the same: an invalid one then differs from what a real
client sends in nothing but what is wrong with it.
"""
import base64
import collections
import http.client
import json
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.parsers
import botocore.serialize

import model
import prover

#: An answer: its status, headers by lower-case name, body, and what botocore's parser makes of it.
Answer = collections.namedtuple("Answer", "status headers body parsed code message")
#: A request before it is signed.
Plain = collections.namedtuple("Plain", "method path query headers body")
REGION = "us-east-1"


def plain(service, operation, value):
    """The request of an input, whatever the input is."""
    protocol = service.metadata["protocol"]
    if protocol == "json":
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{service.metadata['targetPrefix']}.{operation.name}"}
        return Plain("POST", "/", {}, headers, json.dumps(value).encode())
    if protocol == "query":
        form = {"Action": operation.name, "Version": service.metadata["apiVersion"], **dict(_form(operation.input_shape, value, ""))}
        return Plain("POST", "/", {}, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, urllib.parse.urlencode(form).encode())
    return _rest(operation, value)


def _form(shape, value, prefix):
    """Dotted, numbered names. What has another type than the shape is written as its text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            member = shape.members.get(name) if shape is not None and shape.type_name == "structure" else None
            if inner is not None:
                yield from _form(member, inner, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        if not value:
            yield prefix, ""
        for index, inner in enumerate(value):
            if inner is not None:
                yield from _form(shape.member if shape is not None and shape.type_name == "list" else None, inner, f"{prefix}.member.{index + 1}")
    else:
        yield prefix, _text(value)


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def _rest(operation, value):
    members = operation.input_shape.members if operation.input_shape else {}
    path, _, fixed = operation.http["requestUri"].partition("?")
    query, headers, body = dict(urllib.parse.parse_qsl(fixed)), {}, {}
    for name, inner in value.items():
        where = members[name].serialization if name in members else {}
        place = {"querystring": query, "header": headers}.get(where.get("location"), body)
        if place is body:
            body[where.get("name", name)] = inner
        elif inner is not None:
            place[where["name"]] = _text(inner)
    payload = operation.input_shape.serialization.get("payload") if operation.input_shape else None
    if payload:
        body = body.get(payload)
    has_body = operation.http["method"] == "POST" and any("location" not in member.serialization for member in members.values())
    if has_body:
        headers["Content-Type"] = "application/json"
    return Plain(operation.http["method"], path, query, headers, json.dumps(body).encode() if has_body else b"")


def _with_bytes(shape, value):
    """The value as a program hands it to botocore, which makes base64 of bytes itself."""
    kind = shape.type_name if shape else None
    if kind == "structure" and isinstance(value, dict):
        return {name: _with_bytes(shape.members.get(name), inner) for name, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_with_bytes(shape.member, inner) for inner in value]
    return base64.b64decode(value) if kind == "blob" else value


def same_as_botocore(service, operation, value):
    """None when botocore's serialiser writes the same request, otherwise both."""
    serializer = botocore.serialize.create_serializer(service.metadata["protocol"], include_validation=False)
    theirs = serializer.serialize_to_request(_with_bytes(operation.input_shape, value), operation)
    ours = plain(service, operation, value)
    body = theirs["body"]
    if isinstance(body, dict):
        mine, body = dict(urllib.parse.parse_qsl(ours.body.decode(), keep_blank_values=True)), {key: str(item).lower() if isinstance(item, bool) else str(item) for key, item in body.items()}
    else:
        mine, body = json.loads(ours.body or b"{}"), json.loads(body or b"{}")
    # What tells operations apart that share a path is a part of the path there.
    query = {**dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(theirs["url_path"]).query)), **dict(theirs["query_string"] or {})}
    if mine == body and {key: str(item) for key, item in query.items()} == ours.query:
        return None
    return f"{mine} {ours.query}", f"{body} {query}"


class Wire:
    """A kept connection to the server."""

    def __init__(self, base):
        self.base = urllib.parse.urlsplit(base)
        self.connection = http.client.HTTPConnection(self.base.hostname, self.base.port, timeout=120)
        self.prover = prover.Prover()

    def send(self, service, operation, value, keys):
        return self.exchange(service, operation, plain(service, operation, value), keys)

    def exchange(self, service, operation, request, keys):
        """Signs where the operation wants it, sends, parses. `keys` is None for whoever has none."""
        headers = {"Host": self.base.netloc, **request.headers}
        if service.service_name == "signin":
            headers["DPoP"] = self.prover.proof(f"{self.base.scheme}://{self.base.netloc}{request.path}")
        query = urllib.parse.urlencode(request.query, quote_via=urllib.parse.quote)
        path = request.path + (f"?{query}" if query else "")
        by_iam = operation is not None and operation.name == "CreateTokenWithIAM"
        unsigned = operation is not None and operation.auth_type == "none" or service.service_name in ("sso", "sso-oidc") and not by_iam
        if keys and not unsigned:
            signed = botocore.awsrequest.AWSRequest(request.method, f"{self.base.scheme}://{self.base.netloc}{path}", headers, request.body)
            botocore.auth.SigV4Auth(keys, service.signing_name, REGION).add_auth(signed)
            headers = dict(signed.headers.items())
        try:
            self.connection.request(request.method, path, request.body, headers)
            answer = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):
            self.connection.close()
            self.connection.request(request.method, path, request.body, headers)
            answer = self.connection.getresponse()
        body = answer.read()
        return self.parse(service, operation, answer.status, {name.lower(): text for name, text in answer.getheaders()}, body)

    @staticmethod
    def parse(service, operation, status, headers, body):
        parser = botocore.parsers.create_parser(service.metadata["protocol"])
        wire = {"status_code": status, "headers": botocore.awsrequest.HeadersDict(headers), "body": body, "context": {}}
        parsed = parser.parse(wire, operation.output_shape if operation else None)
        error = parsed.get("Error", {}) if status >= 300 else {}
        shape = service.shape_for_error_code(error.get("Code")) if error.get("Code") else None
        if shape is not None:
            parsed = {**parser.parse(wire, shape), "Error": error, "ResponseMetadata": parsed["ResponseMetadata"]}
        return Answer(status, headers, body, parsed, error.get("Code"), error.get("Message") or parsed.get("error_description", ""))


def keys_of(made):
    return botocore.credentials.Credentials(made["accessKeyId"], made["secretAccessKey"])
