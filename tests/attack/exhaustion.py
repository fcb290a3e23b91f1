"""Attacks on what there is a limited amount of: connections, descriptors, memory, hashers. In the meantime others are served."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import resource
import selectors
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import time

import case
import server


class Measured(case.Case):
    def memory(self, what="VmRSS"):
        """Resident memory of the server, MiB; `VmHWM` is the most that it ever was."""
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(what)).split()[1]) / 1024


    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.server.process.pid}/fd").iterdir()))

    def in_short(self, what):
        """Whether this is the short form, which does not wait for a minute to see something: it says so."""
        if case.ARGUMENTS.short:
            self.say(f"not waited for in short: {what}")
        return case.ARGUMENTS.short


class Hashers(Measured):
    """At a server of its own: what was guessed from this address makes it wait for minutes."""

    def test_a_flood_of_passwords_is_bounded_and_others_are_served(self):
        """A hundred connections send passwords as fast as they are answered; every hash costs 19 MiB."""
        stop, before = time.monotonic() + (6 if case.ARGUMENTS.short else 20), self.memory()

        def attack(number):
            who, codes = self.server.person(), {}
            while time.monotonic() < stop:
                who.get("/signin")
                who.sign_in(f"victim{number % 10}", "wrong password of mine")
                codes[who.status] = codes.get(who.status, 0) + 1
            return codes

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            running = [pool.submit(attack, number) for number in range(100)]
            time.sleep(2)
            begun = time.monotonic()
            answer = self.raw(self.root().request(fields={"IdentityStoreId": self.made["identityStoreId"]}))
            self.assertEqual(answer.status, 200, answer)
            took = time.monotonic() - begun
            codes = {}
            for done in running:
                for code, count in done.result().items():
                    codes[code] = codes.get(code, 0) + count
        peak = self.memory("VmHWM")
        self.say(f"answers to the flood: {codes}; a signed call took {took * 1_000:.0f} ms meanwhile, {before:.0f} MiB resident before, {peak:.0f} at most")
        self.assertTrue(set(codes) <= {401, 429}, codes)
        self.assertGreater(codes.get(429, 0), codes.get(401, 0), "most were told to wait")
        self.assertLess(peak - before, 300)


class Exhaustion(Measured):
    def served(self, what, source="127.0.0.9"):
        """Somebody else signs in and calls the API meanwhile; how long each took."""
        took = {}
        begun = time.monotonic()
        who = self.server.person()
        who.get("/start").sign_in("jane", server.PASSWORD)
        self.assertEqual((who.status, "Your accounts" in who.body), (200, True), f"{what}: sign-in: {who.text[:200]}")
        took["a sign-in"] = time.monotonic() - begun
        begun = time.monotonic()
        with self.connect(source=source) as stream:
            stream.sendall(self.root().request(fields={"IdentityStoreId": self.made["identityStoreId"]}))
            answer = case.Answer(stream)
        self.assertEqual(answer.status, 200, f"{what}: {answer}")
        took["a signed call"] = time.monotonic() - begun
        self.say(f"{what}: {', '.join(f'{name} took {seconds * 1_000:.0f} ms' for name, seconds in took.items())}, {self.memory():.0f} MiB resident")

    def flood(self, count, sources, first=b""):
        """Connections that send `first` and then nothing."""
        def one(at):
            stream = socket.socket()
            stream.settimeout(60)
            # The port is chosen when it connects: thousands of sources are then no search.
            stream.setsockopt(socket.IPPROTO_IP, 24, 1)
            stream.bind((sources[at % len(sources)], 0))
            stream.connect(("127.0.0.1", self.server.port))
            stream.sendall(first)
            return stream

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            held = list(pool.map(one, range(count)))
        self.took = time.monotonic() - begun
        return held

    @staticmethod
    def takes(stream, data):
        try:
            stream.sendall(data)
            return True
        except OSError:
            return False

    def dripped(self, streams, byte, within):
        """Which of them the server still takes bytes from after so many seconds, one each second."""
        begun, alive = time.monotonic(), list(streams)
        while alive and time.monotonic() - begun < within:
            time.sleep(1)
            alive = [stream for stream in alive if self.takes(stream, byte)]
        return alive

    @staticmethod
    def ended(streams, within):
        """How many the server has closed within so many seconds."""
        deadline, over = time.monotonic() + within, set()
        while time.monotonic() < deadline and len(over) < len(streams):
            for stream in streams:
                if stream not in over:
                    stream.setblocking(False)
                    try:
                        if stream.recv(4_096) == b"":
                            over.add(stream)
                    except BlockingIOError:
                        pass
                    except OSError:
                        over.add(stream)
            time.sleep(0.2)
        return len(over)

    def test_ten_thousand_idle_connections_keep_nobody_out_and_are_ended(self):
        """Each brings one request, so that it is not ended at once, and then nothing. HTTP/2, which costs the server more than HTTP/1.1."""
        before, limit = self.memory(), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.assertGreater(limit, 10_500, "the hard limit of open files is too low to show this: raise it")
        held = self.flood(10_000, [f"127.0.0.{at}" for at in range(2, 6)], PREFACE + frame(1, 0x5, 1, GET_ROOT))
        try:
            self.say(f"10000 connections were made in {self.took:.1f} s")
            self.assertGreater(self.descriptors(), 9_990, "the server holds them")
            self.served(f"10000 idle connections ({before:.0f} MiB before)")
            if not self.in_short("that each is ended"):
                self.assertEqual(self.ended(held, 105), len(held), "each is ended when it has asked nothing for 75 s")
        finally:
            for stream in held:
                stream.close()
        self.served("afterwards")

    def test_a_connection_that_served_something_idles_longer_than_clients_pause(self):
        """Terraform polls every 10 s on one connection; what it sends as the server hangs up is lost."""
        asking = case.message("GET", "/healthz", [("Connection", "keep-alive")])
        with self.connect() as stream:
            for pause in (0, 11, 21):
                time.sleep(pause)
                stream.sendall(asking)
                self.assertIn(b"200 OK", stream.recv(4_096), f"after {pause} s")

    def test_bodies_of_one_source_are_bounded_together(self):
        """Bodies of a mebibyte less a byte, with a key that there is, from one source; others are served meanwhile."""
        before, size = self.memory(), 2 ** 20
        signer = self.root()
        body = b" " * (size - 1)
        data = signer.request(body=b" " * size).replace(b"Connection: close", b"Connection: keep-alive").split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n" + body
        held, refused = [], 0
        try:
            for _ in range(60):
                held += self.flood(1, ["127.0.0.2"], first=data)
            time.sleep(2)
            for stream in held:
                stream.setblocking(False)
                try:
                    refused += b" 503 " in stream.recv(4_096)[:20]
                except OSError:
                    pass
            self.served("bodies of a mebibyte")
            self.say(f"of {len(held)} bodies of a mebibyte {refused} were told to wait; {before:.0f} MiB resident before, {self.memory():.0f} with them")
            self.assertGreater(refused, 30)
            self.assertLess(self.memory() - before, 70)
        finally:
            for stream in held:
                stream.close()
        self.served("afterwards")

    def test_one_source_does_not_take_every_connection(self):
        held = self.flood(6_000, ["127.0.0.7"])
        try:
            time.sleep(1)
            open_now = self.descriptors()
            self.say(f"of 6000 connections of one source {open_now} descriptors are held")
            self.assertLess(open_now, 4_096 + 200)
            self.served("6000 connections of one source")
        finally:
            for stream in held:
                stream.close()

    def test_slow_headers_are_ended(self):
        head = b"GET /start HTTP/1.1\r\nHost: a\r\nX-A: "
        partial = {b"": "nothing", b"P": "the beginning of HTTP/2", b"PRI * HTTP/2.0\r\n": "half a preface", b"G": "one byte", head: "half a header", b"POST /signin HTTP/1.1\r\n": "no host yet"}
        held = self.flood(600, ["127.0.0.2"], first=head + b"a" * 60_000)
        held += [stream for first in partial for stream in self.flood(20, ["127.0.0.3"], first=first)]
        dripping = self.flood(200, ["127.0.0.4"], first=head)
        try:
            self.served("slow headers")
            self.assertEqual(self.dripped(dripping, b"a", 60), [], "a header that comes byte by byte is not waited for")
            self.assertEqual(self.ended(held, 60), len(held))
        finally:
            for stream in held + dripping:
                stream.close()
        self.lives()

    def test_slow_bodies_are_ended(self):
        where = {"/": [("X-Amz-Target", "AWSIdentityStore.ListUsers")], "/client/register": [("Content-Type", "application/json")], "/signin": [("Content-Type", "application/x-www-form-urlencoded")]}
        held = [self.flood(100, ["127.0.0.2"], first=case.message("POST", target, [*headers, ("Content-Length", "10000")], b'{"a":')) for target, headers in where.items()]
        held = [stream for streams in held for stream in streams]
        try:
            self.served("slow bodies")
            if not self.in_short("that each is ended"):
                self.assertEqual(self.dripped(held, b" ", 75), [], "a body that comes byte by byte is not waited for")
        finally:
            for stream in held:
                stream.close()
        self.lives()

    def test_bodies_in_tiny_chunks_cost_what_they_weigh(self):
        """Each chunk of one byte is six on the wire; kept apart it would be fifty in memory."""
        before, chunks = self.memory(), b"1\r\nx\r\n" * 60_000
        held = self.flood(100, ["127.0.0.2"], first=case.message("POST", "/", [("X-Amz-Target", "AWSIdentityStore.ListUsers"), ("Transfer-Encoding", "chunked")]) + chunks)
        try:
            time.sleep(1)
            self.served("bodies in tiny chunks")
            self.say(f"100 bodies of 60 kB in chunks of one byte: {before:.0f} MiB resident before, {self.memory():.0f} with them")
            self.assertLess(self.memory() - before, 100)
        finally:
            for stream in held:
                stream.close()

    def test_readers_that_do_not_read_are_bounded_and_ended(self):
        """Answers pile up at somebody who asks and never reads."""
        held = self.flood(50, ["127.0.0.2"])
        try:
            for stream in held:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                stream.setblocking(False)
                try:
                    for _ in range(400):
                        stream.send(case.message("GET", "/signin", [("Connection", "keep-alive")]) * 50)
                except OSError:
                    pass
            self.served("readers that do not read")
            self.assertLess(self.memory(), 400)
            if not self.in_short("that each is ended"):
                time.sleep(90)
                self.assertEqual(self.ended(held, 15), len(held), "who takes no answer for 75 s is ended")
        finally:
            for stream in held:
                stream.close()

    def test_a_flood_of_strangers_calls_is_slowed(self):
        """RegisterClient writes rows; CreateToken guesses."""
        for where, fields in {
            "/client/register": {"clientName": "flood", "clientType": "public"},
            "/token": {"clientId": "a", "clientSecret": "b", "grantType": "refresh_token", "refreshToken": "c"},
        }.items():
            codes = {}
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                for answer in pool.map(lambda _: self.post(where, fields), range(400)):
                    codes[answer.code or answer.status] = codes.get(answer.code or answer.status, 0) + 1
            self.say(f"{where}: {codes}")
            self.assertGreater(codes.get("SlowDownException" if where == "/token" else "TooManyRequestsException", 0), 0, codes)
        self.lives()


class Trail(Measured):
    """At a server of its own: what is refused here leaves records."""

    def trail(self):
        """How many records of refusals there are, how many calls they stand for, and the bytes of the trail and the database."""
        with sqlite3.connect(f"file:{self.server.data / 'portico.db'}?mode=ro", uri=True) as database:
            size = database.execute("PRAGMA page_count").fetchone()[0] * database.execute("PRAGMA page_size").fetchone()[0]
        records = calls = 0
        for piece in (self.server.data / "portico.db-audit").glob("*.jsonl"):
            size += piece.stat().st_size
            for line in piece.read_text().splitlines()[1:]:
                record = json.loads(line)["event"]
                if "errorCode" in record:
                    records += 1
                    calls += record.get("additionalEventData", {}).get("count", 1)
        return records, calls, size

    def test_refusals_at_full_speed_grow_the_trail_by_little(self):
        """Four connections call without a signature, with a wrong one and with a token that is none, as fast as they are answered."""
        seconds = 8 if case.ARGUMENTS.short else 60
        _, before, size_before = self.trail()
        signature = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/identitystore/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
        asks = [
            ("POST", "/", {"X-Amz-Target": "AWSIdentityStore.ListUsers", "Content-Type": "application/x-amz-json-1.1"}),
            ("POST", "/", {"X-Amz-Target": "SWBExternalService.ListInstances", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": "20260101T000000Z", "Authorization": signature}),
            ("GET", "/assignment/accounts", {"x-amz-sso_bearer_token": "made-up"}),
        ]

        def flood(_):
            connection, asked, until = http.client.HTTPConnection("127.0.0.1", self.server.port), 0, time.monotonic() + seconds
            while time.monotonic() < until:
                method, where, headers = asks[asked % len(asks)]
                connection.request(method, where, body=b"{}" if method == "POST" else None, headers={"User-Agent": f"flood/{asked} " + "x" * 400, **headers})
                answer = connection.getresponse()
                answer.read()
                self.assertIn(answer.status, (400, 401, 403))
                asked += 1
            return asked

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            asked = sum(pool.map(flood, range(4)))
        time.sleep(2)
        _, _, size = self.trail()
        self.server.stop()
        records, counted, _ = self.trail()
        self.server.start()
        grown = size - size_before
        self.say(f"{asked} refusals in {seconds} s: {records} records, trail and database grew by {grown / 1_000:.0f} kB")
        self.assertEqual(counted - before, asked, "each refusal is recorded or counted")
        self.assertLess(grown, 1_000_000)


class Crowd(Measured):
    """On PostgreSQL, where whoever waits for the database keeps a thread: three times as many callers as there are threads for them."""

    CALLERS = 1_560

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        # It stops when this process ends.
        made = subprocess.run([server.ROOT / "scripts" / "postgres-scratch", folder.name, "--owner", str(os.getpid())], check=True, stdout=subprocess.PIPE, text=True)
        cls.DATABASE = made.stdout.strip()
        super().setUpClass()

    def asks(self):
        """What the callers ask: reads before anything is known of them, reads and changes that are signed, a page, and what writes a row."""
        store = {"IdentityStoreId": self.made["identityStoreId"]}
        bearer = case.message("GET", "/assignment/accounts", [("x-amz-sso_bearer_token", "aoa" + "A" * 60)])
        yield "a bearer token that is nobody's", lambda number: bearer
        yield "signed reads", lambda number: self.root().request(fields=store)
        yield "signed changes", lambda number: self.root().request("AWSIdentityStore.CreateGroup", {**store, "DisplayName": f"crowd {number}"})
        yield "people at the portal", lambda number: case.get("/start", Cookie=f"portico={'A' * 43}")

    def healthy(self, what):
        # The short form runs beside other things, on few processors.
        begun, within = time.monotonic(), 5 if case.ARGUMENTS.short else 1
        answer = self.raw(case.get("/healthz"), timeout=within)
        self.assertEqual(answer.status, 200, what)
        return time.monotonic() - begun

    def alive_while(self, streams, what):
        """/healthz answers within a second until all have been answered, and each has been within half a minute; the statuses."""
        slowest, begun, waiting, codes = 0, time.monotonic(), set(streams), {}
        with selectors.DefaultSelector() as ready:
            for stream in waiting:
                stream.setblocking(False)
                ready.register(stream, selectors.EVENT_READ)
            while waiting and time.monotonic() - begun < 30:
                slowest = max(slowest, self.healthy(what))
                for key, _ in ready.select(0.1):
                    # The head of an answer comes in one piece.
                    code = self.status(key.fileobj)
                    codes[code] = codes.get(code, 0) + 1
                    ready.unregister(key.fileobj)
                    waiting.discard(key.fileobj)
        self.assertFalse(waiting, f"{what}: {len(waiting)} were never answered")
        self.say(f"{what}: {len(streams)} at once, answers {codes} within {time.monotonic() - begun:.1f} s; /healthz within {slowest * 1_000:.0f} ms meanwhile, {self.healthy(what) * 1_000:.0f} ms afterwards")
        return codes

    @staticmethod
    def status(stream):
        try:
            head = stream.recv(4_096)
        except OSError:
            return "cut off"
        return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else "no answer"

    def test_a_crowd_over_http_1_keeps_the_server_from_nobody(self):
        for what, ask in self.asks():
            held = Exhaustion.flood(self, self.CALLERS, [f"127.0.0.{at}" for at in range(2, 6)])
            try:
                # Connected before, so that they ask at once.
                for number, stream in enumerate(held):
                    stream.sendall(ask(number))
                codes = self.alive_while(held, what)
                self.assertLessEqual(set(codes), {200, 303, 401, 429, 503}, codes)
                self.assertNotEqual(set(codes), {503}, "somebody was served")
            finally:
                for stream in held:
                    stream.close()
        self.stops_and_starts()

    def test_a_crowd_over_http_2_keeps_the_server_from_nobody(self):
        """Fifty connections with as many streams as each may have; the header fields are literal, so that no table is needed to write them."""
        streams, count = 32, 50
        fields = b"\x82\x86" + indexed(4, "/assignment/accounts") + indexed(1, "a") + b"\0" + text("x-amz-sso_bearer_token") + text("aoa" + "A" * 60)
        held = [socket.create_connection(("127.0.0.1", self.server.port), 30) for _ in range(count)]
        try:
            for stream in held:
                stream.sendall(PREFACE + b"".join(frame(1, 0x5, 2 * number + 1, fields) for number in range(streams)))
            slowest, begun, data = 0, time.monotonic(), {stream: b"" for stream in held}
            answered = 0
            while answered < streams * count and time.monotonic() - begun < 30:
                slowest = max(slowest, self.healthy("HTTP/2"))
                for stream in held:
                    stream.settimeout(0.05)
                    try:
                        data[stream] += stream.recv(1 << 20)
                    except TimeoutError:
                        pass
                answered = sum(ends(read) for read in data.values())
            self.say(f"HTTP/2: {answered} of {streams * count} streams were answered in {time.monotonic() - begun:.1f} s; /healthz within {slowest * 1_000:.0f} ms meanwhile, {self.healthy('HTTP/2') * 1_000:.0f} ms afterwards")
            self.assertEqual(answered, streams * count)
        finally:
            for stream in held:
                stream.close()
        self.stops_and_starts()

    def stops_and_starts(self):
        begun = time.monotonic()
        self.server.stop()
        self.say(f"it stopped {time.monotonic() - begun:.1f} s after it was told to")
        self.server.start()


class Descriptors(Measured):
    """A server that may open few files."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        few = pathlib.Path(folder.name) / "few"
        few.write_text(f'#!/bin/sh\nexec prlimit --nofile=400:400 "{pathlib.Path(case.ARGUMENTS.portico).resolve()}" "$@"\n')
        few.chmod(0o700)
        cls.BINARY = few
        super().setUpClass()

    def test_connections_leave_descriptors_to_the_database_and_a_full_house_hears_sigterm(self):
        with self.connect() as early:
            early.sendall(case.message("GET", "/healthz", [("Connection", "keep-alive")]))
            self.assertIn(b"200 OK", early.recv(4_096))
            before = self.descriptors()
            held = Exhaustion.flood(self, 260, ["127.0.0.2", "127.0.0.3"], PREFACE + frame(1, 0x5, 1, GET_ROOT))
            time.sleep(1)
            descriptors = self.descriptors()
            self.say(f"260 connections at a server that may open 400 files: {descriptors} are open, {before} were before")
            self.assertLessEqual(descriptors - before, 400 - 256, "connections leave 256 to everything else")
            early.sendall(self.root().request("AWSIdentityStore.CreateGroup", {"IdentityStoreId": self.made["identityStoreId"], "DisplayName": "in the flood"}))
            self.assertEqual(case.Answer(early).status, 200, "who was there is served, down to the disk")
        begun = time.monotonic()
        self.server.stop()
        self.say(f"it stopped {time.monotonic() - begun:.1f} s after it was told to")
        for stream in held:
            stream.close()
        self.server.start()


class Streams(case.Case):
    """HTTP/2, which has floods of its own."""

    TLS = True

    def h2(self):
        context = self.server.trust()
        context.set_alpn_protocols(["h2"])
        stream = context.wrap_socket(socket.create_connection(("127.0.0.1", self.server.port), 10), server_hostname="127.0.0.1")
        self.assertEqual(stream.selected_alpn_protocol(), "h2")
        stream.sendall(PREFACE)
        return stream

    def ends(self, stream, data, what):
        """The server ends a connection that goes on like this, and answers others."""
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 10:
                stream.sendall(data)
        except TimeoutError:
            self.fail(f"{what}: the server neither reads on nor ends the connection")
        except OSError:
            pass
        else:
            self.fail(f"{what}: the server took it for ten seconds")
        finally:
            stream.close()
        self.lives()

    def windows(self, stream, held):
        """What the server has told of its windows so far: bytes for the connection, for each stream, streams at a time."""
        stream.settimeout(0.2)
        try:
            while chunk := stream.recv(65_536):
                held["unread"] += chunk
        except (TimeoutError, ssl.SSLError):
            pass
        data = held["unread"]
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            size, kind, number = int.from_bytes(data[:3], "big"), data[3], int.from_bytes(data[5:9], "big")
            payload, data = data[9:9 + size], data[9 + size:]
            if kind == 4:
                settings = {int.from_bytes(payload[at:at + 2], "big"): int.from_bytes(payload[at + 2:at + 6], "big") for at in range(0, size, 6)}
                held["streams"], held["initial"] = settings.get(3, held["streams"]), settings.get(4, held["initial"])
            elif kind == 8:
                held["window"][number] = held["window"].get(number, held["initial"] if number else 65_535) + int.from_bytes(payload, "big")
            elif kind == 7:
                held["over"] = True
        held["unread"] = data

    def test_bodies_under_way_on_one_connection_are_bounded(self):
        """Each stream sends as much of a body as the server takes, and no end. Half say that they are signed by a key that there is, so that they may be large."""
        before, stream = self.memory(), self.h2()
        held = {"unread": b"", "streams": 1_000, "initial": 65_535, "window": {}, "over": False}
        self.windows(stream, held)
        self.assertLessEqual(held["streams"], 32, "streams at a time")
        claim = f"AWS4-HMAC-SHA256 Credential={self.made['accessKeyId']}/{case.Signer.now()[:8]}/us-east-1/identitystore/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
        sent, numbers = 0, range(1, 2 * held["streams"], 2)
        for number in numbers:
            named = {"x-amz-target": "AWSIdentityStore.ListUsers", "x-amz-date": case.Signer.now(), **({"authorization": claim} if number % 4 == 1 else {})}
            stream.sendall(frame(1, 0x4, number, POST_ROOT + b"".join(literal(name, value) for name, value in named.items())))
        most, deadline = before, time.monotonic() + 15
        while time.monotonic() < deadline and not held["over"]:
            for number in numbers:
                room = min(held["window"].get(0, 65_535), held["window"].get(number, held["initial"]), 16_384)
                if room > 0:
                    stream.sendall(frame(0, 0, number, b" " * room))
                    sent += room
                    held["window"][0] = held["window"].get(0, 65_535) - room
                    held["window"][number] = held["window"].get(number, held["initial"]) - room
            self.windows(stream, held)
            most = max(most, self.memory())
        self.say(f"{len(numbers)} streams took {sent / 2 ** 20:.1f} MiB; {before:.0f} MiB resident before, {most:.0f} at most")
        self.assertGreater(sent, 2 ** 20, "nothing was tried")
        self.assertLess(most - before, 40)
        stream.close()
        self.lives()

    def test_rapid_resets_end_the_connection(self):
        stream, data = self.h2(), b""
        for number in range(1, 20_000, 2):
            data += frame(1, 0x5, number, GET_ROOT) + frame(3, 0, number, b"\0\0\0\x08")
        read, ended = b"", False
        try:
            stream.sendall(data)
        except TimeoutError:
            self.fail("the server neither reads on nor ends the connection")
        except OSError:
            pass
        try:
            while chunk := stream.recv(65_536):
                read += chunk
            ended = True
        except TimeoutError:
            pass
        except OSError:
            ended = True
        stream.close()
        self.assertTrue(ended, "ten thousand streams opened and reset, and the connection goes on")
        self.say(f"frames of the server before it ended the connection: {sorted(frames(read))}")
        self.lives()

    def test_headers_without_end_end_the_connection(self):
        stream = self.h2()
        stream.sendall(frame(1, 0x1, 1, GET_ROOT))
        self.ends(stream, frame(9, 0, 1, (b"\x00\x01x" + b"\x7f\x81\x07" + b"a" * 1_024) * 10), "CONTINUATION frames")

    def test_settings_and_pings_without_end_are_bounded(self):
        for what, data in {"SETTINGS": frame(4, 0, 0) * 500, "PING": frame(6, 0, 0, b"12345678") * 500}.items():
            stream = self.h2()
            before = self.memory()
            begun = time.monotonic()
            stream.settimeout(1)
            try:
                while time.monotonic() - begun < 3:
                    stream.sendall(data)
            except OSError:
                pass
            grown = self.memory() - before
            self.say(f"{what}: {grown:.0f} MiB more")
            self.assertLess(grown, 64)
            stream.close()
            self.lives()

    memory = Exhaustion.memory


def indexed(index, value):
    """A header field of the static table's name (RFC 7541, 6.2.2), its value as it stands."""
    return bytes([index]) + text(value)


def text(value):
    """A text of less than 127 bytes, not compressed (RFC 7541, 5.2)."""
    return bytes([len(value)]) + value.encode()


def ends(data):
    """How many streams of these frames the server has ended: by its last frame or by a reset."""
    count = 0
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        count += (data[3] in (0, 1) and data[4] & 1 == 1) or data[3] == 3
        data = data[9 + length:]
    return count


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
# :method GET, :scheme https, :path /, :authority a
GET_ROOT = b"\x82\x87\x84\x41\x01a"
POST_ROOT = b"\x83\x87\x84\x41\x01a"


def literal(name, value):
    """A header as HPACK writes it without a table (RFC 7541 §6.2.2)."""
    def text(content):
        size = len(content)
        head = bytes([size]) if size < 127 else bytes([127, (size - 127) % 128 | 128, (size - 127) // 128]) if size >= 255 else bytes([127, size - 127])
        return head + content.encode()
    return b"\x00" + text(name) + text(value)


def frames(data):
    """The kinds of frames in `data`."""
    kinds = set()
    while len(data) >= 9:
        kinds.add(data[3])
        data = data[9 + int.from_bytes(data[:3], "big"):]
    return kinds
