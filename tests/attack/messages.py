"""Attacks below any operation: messages that two parsers of HTTP read differently, and bodies made to cost more than they are worth."""
import json
import socket

import case
from exhaustion import PREFACE, frame, indexed, literal

SECOND = b"GET /second HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Framing(case.Case):
    def one_answer(self, data, what, statuses=(400, 404, 405, 408, 411, 413, 414, 431, 501, None)):
        """The server refuses and closes: whatever follows the refused request is never read as a second one."""
        answer = self.raw(data, silence=5)
        self.assertIn(answer.status, statuses, f"{what}: {answer}")
        self.assertNotIn(b"HTTP/1.1", answer.rest, f"{what}: a second request was read out of the first")
        self.assertTrue(answer.closed, f"{what}: the connection goes on after a message of doubtful length")

    def test_messages_of_doubtful_length_are_refused_and_end_the_connection(self):
        head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        chunked = b"0\r\n\r\n"
        for what, lines in {
            "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
            "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 60\r\n\r\n" + chunked,
            "two lengths": b"Content-Length: 0\r\nContent-Length: 43\r\n\r\n",
            "a list of lengths": b"Content-Length: 0, 43\r\n\r\n",
            "a length with a sign": b"Content-Length: +0\r\n\r\n",
            "a length below none": b"Content-Length: -1\r\n\r\n",
            "a length in hexadecimal": b"Content-Length: 0x10\r\n\r\n",
            "a length that overflows": b"Content-Length: 18446744073709551616\r\n\r\n",
            "chunked not last": b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunked,
            "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunked,
            "another coding": b"Transfer-Encoding: xchunked\r\n\r\n" + chunked,
            "identity": b"Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
            "a space before the colon": b"Content-Length : 43\r\n\r\n",
            "a folded line": b"X-A: b\r\n Content-Length: 43\r\n\r\n",
            "a bare carriage return": b"X-A: b\rContent-Length: 43\r\n\r\n",
            "a nul": b"X-A: b\0c\r\n\r\n",
            "a chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
            "a chunk size that is none": b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        }.items():
            self.one_answer(head + lines + SECOND, what)

    def test_requests_without_one_host_are_refused(self):
        for what, lines in {"none": b"", "two": b"Host: a\r\nHost: b\r\n", "the same twice": b"Host: a\r\nHost: a\r\n"}.items():
            answer = self.raw(b"GET /healthz HTTP/1.1\r\n" + lines + b"\r\n")
            self.assertEqual(answer.status, 400, f"{what}: {answer}")

    def test_request_lines_that_are_none_are_refused(self):
        for line in (b"GET  /healthz HTTP/1.1", b"GET /healthz HTTP/1.1 x", b"GET /health z HTTP/1.1", b"GET /healthz HTTP/9.9", b"GET /\x80 HTTP/1.1", b"\x16\x03\x01", b"GET /healthz", b"PRI * HTTP/2.0"):
            self.one_answer(line + b"\r\nHost: a\r\n\r\n" + SECOND, repr(line), statuses=(400, 404, 405, 505, None))

    def test_methods_that_tell_or_change_too_much_are_not_served(self):
        for method in ("TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get"):
            for target in ("/", "/start", "/token", "/signin"):
                answer = self.raw(case.message(method, target, [("Cookie", "portico=secret-of-mine")]))
                self.assertIn(answer.status, (400, 404, 405, None), f"{method} {target}: {answer}")
                self.assertNotIn(b"secret-of-mine", answer.body)

    def test_an_answer_cannot_be_split(self):
        for target in ("/signin?return_to=%0d%0aX-Evil:%20a", "/device?user_code=%0d%0aX-Evil:%20a", "/start?q=%0d%0aX-Evil:%20a", "/%0d%0aX-Evil:%20a", "/authorize?client_id=x&state=%0d%0aX-Evil:a"):
            self.assertIsNone(self.raw(case.get(target)).headers.get("X-Evil"), target)


class Lengths(case.Case):
    """HTTP/2, where a body has two lengths: that of its frames and the one that is said."""

    TLS = True

    def frames(self, sent):
        """What comes back on stream 1, until it ends: a kind, its flags and its content for each frame, and whatever ends the connection."""
        context = self.server.trust()
        context.set_alpn_protocols(["h2"])
        with context.wrap_socket(socket.create_connection(("127.0.0.1", self.server.port), 10), server_hostname="127.0.0.1") as stream:
            stream.sendall(PREFACE + sent)
            data, found = b"", []
            stream.settimeout(3)
            try:
                while chunk := stream.recv(65_536):
                    data += chunk
                    while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
                        size, kind, flags, number = int.from_bytes(data[:3], "big"), data[3], data[4], int.from_bytes(data[5:9], "big")
                        payload, data = data[9:9 + size], data[9 + size:]
                        found += [(kind, flags, payload)] if number == 1 or kind == 7 else []
                        if number == 1 and (kind == 3 or (kind in (0, 1) and flags & 1)) or kind == 7:
                            return found
            except OSError:
                pass
            return found

    def registered(self, said, body):
        """Whether a registration whose head says that its body has `said` bytes was served; the kinds of frames that came back for it."""
        # POST https://localhost/client/register by the static table of HPACK.
        head = b"\x83\x87" + indexed(0x44, "/client/register") + indexed(0x41, "localhost") + literal("content-type", "application/json")
        head += b"".join(literal("content-length", each) for each in said)
        found = self.frames(frame(1, 0x4, 1, head) + frame(0, 0x1, 1, body))
        # :status 200 has a place of its own in the static table.
        return any(kind == 1 and payload[:1] == b"\x88" for kind, _, payload in found), [kind for kind, _, _ in found]

    def test_the_answer_to_head_ends_with_its_head(self):
        for path, headers in {"/": [("authorization", "AWS4-HMAC-SHA256 x")], "/start": [], "/healthz": [], "/assignment/accounts": []}.items():
            head = indexed(0x42, "HEAD") + b"\x87" + indexed(0x44, path) + indexed(0x41, "localhost") + b"".join(literal(*each) for each in headers)
            found = self.frames(frame(1, 0x5, 1, head))
            self.assertTrue(found and found[0][0] == 1, f"{path}: {found}")
            self.assertFalse([each for each in found if each[0] != 1 and not (each[0] == 0 and each[2] == b"")], f"{path}: {found}")
        self.lives()

    def test_a_body_that_is_not_as_long_as_it_says_is_not_served(self):
        body = b'{"clientName":"tool","clientType":"public"}'
        self.assertEqual(self.registered([str(len(body))], body)[0], True)
        self.assertEqual(self.registered([], body)[0], True, "a length need not be said")
        longer = body + b" " * 40
        for what, said, sent in [("shorter than said", [str(len(body) + 7)], body), ("longer than said", [str(len(body))], longer), ("none said, some sent", ["0"], body), ("two lengths", [str(len(body)), "7"], body), ("no number", ["x"], body)]:
            served, kinds = self.registered(said, sent)
            self.assertFalse(served, what)
            self.assertTrue(kinds, f"{what}: the server says nothing")
        self.lives()


class Bodies(case.Case):
    def calls(self, body):
        """A body to an operation that anybody may call, and to one that wants a signature."""
        yield self.raw(case.message("POST", "/client/register", [("Content-Type", "application/json")], body))
        yield self.raw(self.root().request(body=body))

    def test_bodies_made_to_be_dear_are_refused_at_once(self):
        deep = 100_000
        for what, body in {
            "deep lists": b"[" * deep, "deep objects": b'{"a":' * deep, "deep and whole": b'{"clientName":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            "many members": b"{" + b",".join(b'"k%d":0' % at for at in range(80_000)) + b"}",
            "one member many times": b"{" + b",".join([b'"clientName":"a"'] * 50_000) + b"}",
            "a number without end": b'{"MaxResults":' + b"9" * 900_000 + b"}", "an exponent": b'{"MaxResults":1e999999999}',
            "a long name": b'{"' + b"a" * 1_000_000 + b'":0}', "surrogates": b'{"clientName":"\\ud800"}', "not UTF-8": b'{"clientName":"\xff"}', "a nul": b'{"clientName":"\\u0000"}',
            "nothing": b"", "null": b"null", "a list": b"[]", "two values": b"{}{}", "a text": b'"' + b"\\u0041" * 150_000 + b'"',
        }.items():
            for answer in self.calls(body):
                self.assertEqual(answer.status // 100, 4, f"{what}: {answer}")
        self.lives()

    def test_bodies_beyond_a_mebibyte_are_refused_before_they_are_read(self):
        for size in (1_048_577, 50_000_000, 10 ** 15):
            head = case.message("POST", "/client/register", [("Content-Type", "application/json"), ("Content-Length", str(size))])
            with self.connect() as stream:
                stream.sendall(head)
                try:
                    for _ in range(32):
                        stream.sendall(b"x" * 65_536)
                except OSError:
                    pass
                answer = case.Answer(stream)
            self.assertIn(answer.status, (413, None), f"{size}: {answer}")
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        answer = None
        with self.connect() as stream:
            stream.sendall(case.message("POST", "/client/register", [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]))
            try:
                for _ in range(64):
                    stream.sendall(chunk)
            except OSError:
                pass
            answer = case.Answer(stream)
        self.assertIn(answer.status, (413, None), f"in chunks: {answer}")
        self.lives()

    def test_forms_beyond_their_size_are_refused(self):
        for where in ("/signin", "/device", "/signout", "/start/credentials"):
            answer = self.raw(case.message("POST", where, [("Content-Type", "application/x-www-form-urlencoded")], b"a=" + b"b" * 20_000))
            self.assertEqual(answer.status // 100, 4, f"{where}: {answer}")

    def test_headers_beyond_their_size_and_number_are_refused(self):
        for what, headers in {"huge": [("X-A", "b" * 70_000)], "many": [(f"X-{at}", "b") for at in range(5_000)], "a long target": [], "a cookie": [("Cookie", "portico=" + "a" * 70_000)]}.items():
            target = "/start?" + "a" * 70_000 if what == "a long target" else "/start"
            answer = self.raw(case.message("GET", target, headers))
            self.assertIn(answer.status, (400, 414, 431, None), f"{what}: {answer}")
        self.lives()
