"""What the attacks share: a server of their own, and raw HTTP over sockets, where nothing is corrected on the way out."""
import datetime
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import unittest
import urllib.parse

import server

ARGUMENTS = None


class Case(unittest.TestCase):
    """One server for all attacks of a class. `SETTINGS` are further arguments of `serve`."""

    TLS = False
    SETTINGS = ()
    BINARY = None
    DATABASE = None
    SEED = server.ROOT / "examples" / "acme.yaml"
    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.server = server.Server(cls.BINARY or ARGUMENTS.portico, database=cls.DATABASE, seed=cls.SEED, tls=cls.TLS, extra=cls.SETTINGS)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.made = cls.server.made

    def say(self, figure):
        """Something measured, to be shown with the result."""
        self.figures.append(figure)

    def lives(self):
        """The server answers others."""
        answer = self.raw(get("/healthz"))
        self.assertEqual(answer.status, 200)

    def connect(self, source=None, timeout=30):
        address = ("127.0.0.1", self.server.port)
        stream = socket.create_connection(address, timeout, source_address=(source, 0) if source else None)
        if self.TLS:
            stream = self.server.trust().wrap_socket(stream, server_hostname="127.0.0.1")
        return stream

    def raw(self, data, timeout=30, silence=0.5):
        """Sends bytes as they are; the first answer, whether the server then closed, and what followed until it fell silent for so many seconds."""
        with self.connect(timeout=timeout) as stream:
            stream.sendall(data)
            return Answer(stream, silence)

    def post(self, where, fields=None, **headers):
        """Sends JSON; the answer."""
        body = json.dumps(fields).encode()
        return self.raw(message("POST", where, [("Content-Type", "application/json"), *headers.items()], body))

    def root(self):
        """The root key, as one that signs."""
        return Signer(self.made["accessKeyId"], self.made["secretAccessKey"])


class Reader:
    """A socket for http.client, whose reader outlives the answer that is read from it."""

    def __init__(self, stream):
        self.file = stream.makefile("rb")

    def makefile(self, *_):
        return self

    def __getattr__(self, name):
        return getattr(self.file, name)

    def close(self):
        pass


class Answer:
    """An HTTP answer read from a socket, and what came with it or after it until the server closed or fell silent."""

    def __init__(self, stream, silence=0.5):
        self.status, self.headers, self.body, self.rest, self.closed = None, {}, b"", b"", False
        source = Reader(stream)
        reader = http.client.HTTPResponse(source)
        try:
            reader.begin()
            self.status, self.headers = reader.status, reader.headers
            self.body = reader.read()
        except (http.client.HTTPException, ConnectionError):
            self.closed = True
            return
        stream.settimeout(silence)
        try:
            # What came with the answer is in the reader, which http.client would throw away with itself.
            while data := source.file.read1(65_536):
                self.rest += data
            self.closed = True
        except (TimeoutError, ssl.SSLError):
            pass
        except ConnectionError:
            self.closed = True

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code, whatever the protocol."""
        return (self.headers.get("x-amzn-errortype") or "").split(":")[0]

    def __repr__(self):
        return f"<{self.status} {self.code} {self.body[:300]!r}>"


def message(method, target, headers, body=b"", host="localhost"):
    """A request, byte for byte as told: one Host, that of the pages, a Content-Length and the wish to close unless `headers` name them."""
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if "connection" not in names:
        lines.append("Connection: close")
    if "content-length" not in names and "transfer-encoding" not in names and (body or method == "POST"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def get(target, **headers):
    return message("GET", target, [(name.replace("_", "-"), value) for name, value in headers.items()])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def quoted(text):
    return urllib.parse.quote(text, safe="-_.~")


class Signer:
    """Signature Version 4 from its description, so that a claim can be made wrong in any one part."""

    def __init__(self, key, secret, token=None, region="us-east-1", service="identitystore"):
        self.key, self.secret, self.token, self.region, self.service = key, secret, token, region, service

    def but(self, **changes):
        changed = Signer(self.key, self.secret, self.token, self.region, self.service)
        vars(changed).update(changes)
        return changed

    @staticmethod
    def now(seconds=0):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")

    def signature(self, method, path, query, headers, signed, body_hash, date, algorithm="AWS4-HMAC-SHA256"):
        values = {}
        for name, value in headers:
            values.setdefault(name.lower(), []).append(" ".join(value.split()))
        canonical = "\n".join([method, path, query, *(f"{name}:{','.join(values.get(name, ['']))}" for name in signed), "", ";".join(signed), body_hash])
        scope = f"{date[:8]}/{self.region}/{self.service}/aws4_request"
        text = "\n".join([algorithm, date, scope, sha256(canonical.encode("latin-1"))])
        key = f"AWS4{self.secret}".encode()
        for part in (date[:8], self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, text.encode(), "sha256").hexdigest(), f"{self.key}/{scope}"

    def request(self, target="AWSIdentityStore.ListUsers", fields=None, **how):
        """A request of JSON 1.1, signed. `how` alters it before it is signed: `headers` in addition, `signed` names, `path` and `query` as the
        client canonicalises them, `sent` the target and `sent_method` the method as they go out, `date`, `body`, `body_hash`; `after` more headers, when all is signed."""
        body = how.get("body", json.dumps(fields or {}).encode())
        date = how.get("date", self.now())
        headers = [("Host", "127.0.0.1"), ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", target), ("X-Amz-Date", date)]
        headers += [("X-Amz-Security-Token", self.token)] if self.token else []
        headers = how.get("headers", lambda given: given)(headers)
        signed = how.get("signed") or sorted({name.lower() for name, _ in headers})
        method, path, query = how.get("method", "POST"), how.get("path", "/"), how.get("query", "")
        algorithm = how.get("algorithm", "AWS4-HMAC-SHA256")
        signature, credential = self.signature(method, path, query, headers, signed, how.get("body_hash", sha256(body)), date, algorithm)
        claim = f"{algorithm} Credential={credential}, SignedHeaders={';'.join(signed)}, Signature={signature}"
        headers.append(("Authorization", claim))
        headers = how.get("after", lambda given: given)(headers)
        sent = how.get("sent", path + (f"?{query}" if query else ""))
        return message(how.get("sent_method", method), sent, headers, how.get("sent_body", body))
