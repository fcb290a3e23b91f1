"""Attacks on Signature Version 4: what is signed is what is done, and nothing else."""
import json
import time

import case

# What a claim that does not hold is answered.
REFUSED = {"InvalidSignatureException", "IncompleteSignatureException", "UnrecognizedClientException", "MissingAuthenticationTokenException"}


class Signatures(case.Case):
    def fields(self, **more):
        return {"IdentityStoreId": self.made["identityStoreId"], **more}

    def request(self, **how):
        signer = how.pop("signer", self.root())
        return signer.request(fields=self.fields(), **how)

    def accepted(self, data, what=""):
        answer = self.raw(data)
        self.assertEqual(answer.status, 200, f"{what}: {answer}")
        return answer

    def refused(self, data, what="", codes=REFUSED):
        answer = self.raw(data)
        self.assertEqual(answer.status // 100, 4, f"{what}: {answer}")
        self.assertNotIn(b"UserName", answer.body, what)
        if codes:
            self.assertIn(answer.code, codes, f"{what}: {answer}")
        return answer

    def test_a_right_signature_opens(self):
        self.assertIn(b"jane", self.accepted(self.request()).body)

    def test_doubled_headers_are_refused(self):
        date = case.Signer.now()
        for name, value in [("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=" + "0" * 64),
                            ("Host", "evil.example"), ("X-Amz-Date", date), ("X-Amz-Target", "AWSIdentityStore.DeleteUser"), ("Content-Type", "text/plain")]:
            for place in ("first", "last"):
                def add(headers, name=name, value=value, place=place):
                    return [(name, value), *headers] if place == "first" else [*headers, (name, value)]
                self.refused(self.request(date=date, after=add), f"{name} {place}", codes=None)
            # The same, but the signer counts both in.
            if name != "Authorization":
                self.refused(self.request(date=date, headers=lambda given: [*given, (name, value)]), f"{name} twice, signed", codes=None)

    def test_the_same_header_again_is_refused(self):
        for name in ("Authorization", "Host", "X-Amz-Date", "X-Amz-Target"):
            def again(headers, name=name):
                return [*headers, next(pair for pair in headers if pair[0] == name)]
            self.refused(self.request(after=again), name, codes=None)

    def test_an_unsigned_amz_header_is_refused(self):
        for name in ("X-Amz-Security-Token", "x-amz-anything", "X-AMZ-CONTENT-SHA256", "X-Amz-Expires"):
            self.refused(self.request(after=lambda given: [*given, (name, "x")]), name)
        for left_out in ("x-amz-target", "x-amz-date"):
            names = sorted({"host", "content-type", "x-amz-target", "x-amz-date"} - {left_out})
            self.refused(self.request(signed=names), left_out)

    def test_a_list_of_signed_headers_that_lacks_the_host_is_refused(self):
        self.refused(self.request(signed=["content-type", "x-amz-date", "x-amz-target"]))
        self.refused(self.request(signed=["host"], headers=lambda given: [pair for pair in given if pair[0] != "Host"], after=lambda given: [("Host", "127.0.0.1"), *given]))

    def test_lists_of_signed_headers_out_of_order_doubled_or_in_capitals_are_refused(self):
        right = ["content-type", "host", "x-amz-date", "x-amz-target"]
        for names in (right[::-1], [*right, "x-amz-target"], ["Content-Type", *right[1:]], [*right, ""], [*right, "x-not-there"], right + [f"y-{at:03}" for at in range(80)]):
            self.refused(self.request(signed=names), str(names)[:80])

    def test_names_with_underscores_or_odd_letters_are_not_the_header(self):
        """`X_Amz_Target` is X-Amz-Target to some servers behind some proxies, never here."""
        for name in ("X_Amz_Target", "X-Amz_Target", "X-Amz-Target\u00a0"):
            self.refused(self.request(headers=lambda given: [(name if key == "X-Amz-Target" else key, value) for key, value in given]), name, codes=None)
        # Letters' case is no difference: RFC 9110 §5.1.
        self.accepted(self.request(headers=lambda given: [(key.upper(), value) for key, value in given]))

    def test_an_altered_part_breaks_the_signature(self):
        def with_header(name, value):
            return lambda given: [(key, value if key == name else old) for key, old in given]
        body = json.dumps(self.fields()).encode()
        altered = {
            "body": dict(sent_body=body.replace(b"{", b"{ ", 1)),
            "target": dict(after=with_header("X-Amz-Target", "AWSIdentityStore.ListGroups")),
            "host": dict(after=with_header("Host", "other.example")),
            "content type": dict(after=with_header("Content-Type", "application/json")),
            "date": dict(after=with_header("X-Amz-Date", case.Signer.now(-1))),
            "method": dict(method="GET", sent_method="POST"),
            "a query added": dict(sent="/?a=b"),
        }
        for what, how in altered.items():
            self.refused(self.request(**how), what)

    def test_scopes_that_are_not_ours_are_refused(self):
        root = self.root()
        for what, signer in {
            "region": root.but(region="eu-west-1"), "service": root.but(service="sso"), "service in capitals": root.but(service="IdentityStore"),
            "no region": root.but(region=""), "no service": root.but(service=""), "region of spaces": root.but(region="us-east-1 "),
        }.items():
            self.refused(self.request(signer=signer), what)
        for before, after in [("aws4_request", "aws4_reques"), ("/aws4_request", ""), ("aws4_request", "aws4_request/aws4_request")]:
            self.refused(self.request(after=lambda given: [(key, value.replace(before, after)) for key, value in given]), after)

    def test_dates_beyond_five_minutes_are_refused(self):
        for seconds in (-305, 305, -86_400, 86_400, -10 ** 9):
            answer = self.refused(self.request(date=case.Signer.now(seconds)), str(seconds))
            self.assertEqual(answer.code, "InvalidSignatureException")
        for seconds in (-290, 290):
            self.accepted(self.request(date=case.Signer.now(seconds)), str(seconds))
        for date in ("", "now", "20261124", "99999999T999999Z", "20260230T000000Z", "+0261124T000000Z", "20261124T000000Z0", "２０２６１１２４T000000Z".encode().decode("latin-1")):
            self.refused(self.request(date=date), date)

    def test_a_day_that_is_not_the_dates_is_refused(self):
        yesterday = case.Signer.now(-86_400)[:8]
        today = case.Signer.now()[:8]
        self.refused(self.request(after=lambda given: [(key, value.replace(f"/{today}/", f"/{yesterday}/")) for key, value in given]))

    def test_other_algorithms_are_refused(self):
        for algorithm in ("AWS4-HMAC-SHA1", "AWS4-HMAC-SHA512", "AWS4-ECDSA-P256-SHA256", "aws4-hmac-sha256", "AWS", "AWS3-HTTPS", "none", ""):
            self.refused(self.request(algorithm=algorithm), algorithm)
        for scheme in ("Basic dXNlcjpwYXNz", "Bearer x", "Negotiate x"):
            self.refused(self.request(after=lambda given: [(key, scheme if key == "Authorization" else value) for key, value in given]), scheme)

    def test_keys_that_are_nobodys_are_refused_alike(self):
        root = self.root()
        unknown = self.refused(self.request(signer=root.but(key="AKIAABCDEFGHIJKLMNOP")))
        self.assertEqual(unknown.code, "UnrecognizedClientException")
        for what, signer in {
            "empty": root.but(key="", secret=""), "a slash": root.but(key="a/b"), "long": root.but(key="A" * 129), "huge": root.but(key="A" * 8_000),
            "quotes": root.but(key="' OR '1'='1"), "nul": root.but(key="A\\0"), "empty secret": root.but(secret=""), "case": root.but(key=root.key.lower()),
            "a session key without its token": root.but(key="ASIA" + root.key[4:]), "a token that is none": root.but(token="x"), "a huge token": root.but(token="x" * 20_000),
        }.items():
            self.refused(self.request(signer=signer), what)

    def test_signatures_that_are_none_are_refused(self):
        for signature in ("", "0" * 63, "0" * 64, "0" * 65, "G" * 64, "0" * 4_000):
            def put(given, signature=signature):
                return [(key, value.rsplit("=", 1)[0] + "=" + signature if key == "Authorization" else value) for key, value in given]
            self.refused(self.request(after=put), signature[:70])
        self.refused(self.request(after=lambda given: [(key, value.upper() if key == "Authorization" else value) for key, value in given]), "capitals")
        self.refused(self.request(after=lambda given: [pair for pair in given if pair[0] != "Authorization"]), "none")

    def test_unsigned_and_streaming_payloads_are_refused(self):
        for declared in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "", case.sha256(b"")):
            how = dict(headers=lambda given: [*given, ("X-Amz-Content-Sha256", declared)])
            self.refused(self.request(body_hash=declared, **how), f"{declared}, signed as declared")
            self.refused(self.request(**how), f"{declared}, signed over the body")
        body = json.dumps(self.fields()).encode()
        self.accepted(self.request(headers=lambda given: [*given, ("X-Amz-Content-Sha256", case.sha256(body))]))

    def test_paths_that_only_normalise_to_ours_do_not_open(self):
        """A client's canonical path is `/` for all of these; only `/` as sent is the API."""
        for sent in ("//", "/./", "/../", "/a/..", "/%2e/", "/%2F", "/%2f%2f", "/..%2f", "/;a=b", "/%00", "/index.html"):
            for path in ("/", sent, sent.replace("%", "%25")):
                self.refused(self.request(path=path, sent=sent), f"{sent} signed as {path}", codes=None)
        host = f"127.0.0.1:{self.server.port}"
        for sent in ("*", "", "?", f"http://{host}", f"http://evil.example/", "evil.example:80"):
            answer = self.raw(self.request(sent=sent))
            self.assertIn(answer.status, (None, 200, 400, 404, 405), sent)
            if sent.startswith("http://evil"):
                # The absolute form replaces Host (RFC 9112 §3.2.2): a signature over another host must not hold.
                self.assertNotEqual(answer.status, 200, "the host of the request line is not the one signed")

    def test_queries_are_signed_in_every_spelling(self):
        for signed, sent in [("a=1&b=2", "a=1&b=3"), ("a=1", "a=1&a=1"), ("a=1&a=2", "a=1"), ("a=%2541", "a=%41"), ("a=b%2Bc", "a=b%20c"), ("a=b%2Bc", "a=b+c"), ("a=", "a=%00"), ("a=1", "a=1;b=2"), ("a=%2F", "a=%252F")]:
            self.refused(self.request(query=signed, sent=f"/?{sent}"), f"{signed} sent as {sent}")
        # Spellings that mean the same are the same: order, what need not be escaped, and a space as forms write it.
        for signed, sent in [("a=1&b=2", "b=2&a=1"), ("a=b%20c", "a=b+c"), ("a=~", "a=%7E"), ("a=%2F", "a=/"), ("a=1&a=2", "a=2&a=1")]:
            self.accepted(self.request(query=signed, sent=f"/?{sent}"), f"{signed} sent as {sent}")

    def presigned(self, life=60, date=None, signer=None, after=lambda query: query, body=None, signed_body=None):
        signer, date = signer or self.root(), date or case.Signer.now()
        body = json.dumps(self.fields()).encode() if body is None else body
        headers = [("Host", "127.0.0.1"), ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "AWSIdentityStore.ListUsers")]
        signed = sorted(name.lower() for name, _ in headers)
        credential = f"{signer.key}/{date[:8]}/{signer.region}/{signer.service}/aws4_request"
        pairs = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": credential, "X-Amz-Date": date, "X-Amz-Expires": str(life), "X-Amz-SignedHeaders": ";".join(signed)}
        query = "&".join(f"{case.quoted(key)}={case.quoted(value)}" for key, value in sorted(pairs.items()))
        signature, _ = signer.signature("POST", "/", query, headers, signed, signed_body or case.sha256(body), date)
        return case.message("POST", "/?" + after(f"{query}&X-Amz-Signature={signature}"), headers, body)

    def test_presigned_requests_hold_as_they_were_signed_and_no_longer(self):
        self.accepted(self.presigned())
        self.accepted(self.presigned(life=3_600, date=case.Signer.now(-3_000)))
        for what, data in {
            "over": self.presigned(life=60, date=case.Signer.now(-70)), "not yet": self.presigned(date=case.Signer.now(400)),
            "a week and a second": self.presigned(life=604_801), "no life": self.presigned(life=0), "a life below none": self.presigned(life=-1), "a life that is no number": self.presigned(life="9e9"),
            "a longer life": self.presigned(after=lambda query: query.replace("Expires=60", "Expires=600")),
            "two lives": self.presigned(after=lambda query: query + "&X-Amz-Expires=600"),
            "two signatures": self.presigned(after=lambda query: query + "&X-Amz-Signature=" + "0" * 64),
            "another name escaped": self.presigned(after=lambda query: query + "&X-Amz-%45xpires=600"),
            "a parameter added": self.presigned(after=lambda query: query + "&a=b"),
            "no expiry": self.presigned(after=lambda query: query.replace("X-Amz-Expires=60&", "")),
            "a token added": self.presigned(after=lambda query: query + "&X-Amz-Security-Token=x"),
            "another body": self.presigned(signed_body=case.sha256(b"{}")), "no body signed": self.presigned(signed_body="UNSIGNED-PAYLOAD"),
            "names in small letters": self.presigned(after=str.lower),
        }.items():
            self.refused(data, what)
        both = self.request().split(b"\r\n", 1)[1]
        self.refused(self.presigned().split(b"\r\n", 1)[0] + b"\r\n" + both, "both forms")

    def identity(self, path="/", life=60, date=None, after=lambda query: query, method="GET", accept="text/html", cluster="blue"):
        """A presigned GetCallerIdentity, as a program hands it to another to be known by."""
        signer, date = self.root().but(service="sts"), date or case.Signer.now()
        headers = [("Host", "127.0.0.1"), ("X-K8s-Aws-Id", "blue")]
        credential = f"{signer.key}/{date[:8]}/{signer.region}/{signer.service}/aws4_request"
        pairs = {"Action": "GetCallerIdentity", "Version": "2011-06-15", "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": credential, "X-Amz-Date": date, "X-Amz-Expires": str(life), "X-Amz-SignedHeaders": "host;x-k8s-aws-id"}
        query = "&".join(f"{case.quoted(key)}={case.quoted(value)}" for key, value in sorted(pairs.items()))
        signature, _ = signer.signature("GET", "/", query, headers, ["host", "x-k8s-aws-id"], case.sha256(b""), date)
        return case.message(method, f"{path}?" + after(f"{query}&X-Amz-Signature={signature}"), [("Host", "127.0.0.1"), ("X-K8s-Aws-Id", cluster), ("Accept", accept)])

    def test_presigned_identities_hold_for_a_quarter_of_an_hour_whatever_they_say(self):
        for life, seconds in ((60, 0), (60, -890), (60, 890), (604_800, -890)):
            answer = self.raw(self.identity(life=life, date=case.Signer.now(seconds)))
            self.assertEqual(answer.status, 200, f"{life} {seconds}: {answer}")
            self.assertIn(b"<GetCallerIdentityResult>", answer.body)
        for life, seconds in ((60, -905), (60, 905), (604_800, -905), (604_800, -86_400)):
            answer = self.raw(self.identity(life=life, date=case.Signer.now(seconds)))
            self.assertEqual((answer.status, answer.code), (403, "SignatureDoesNotMatch"), f"{life} {seconds}: {answer}")

    def test_presigned_identities_that_were_altered_are_refused_and_never_by_a_page(self):
        for what, data in {
            "another action": self.identity(after=lambda query: query.replace("GetCallerIdentity", "GetSessionToken")),
            "a longer life": self.identity(after=lambda query: query.replace("Expires=60", "Expires=600")),
            "a parameter added": self.identity(after=lambda query: query + "&RoleArn=x"), "the action twice": self.identity(after=lambda query: query + "&Action=AssumeRole"),
            "another cluster": self.identity(cluster="green"), "another signature": self.identity(after=lambda query: query[:-1] + ("0" if query[-1] != "0" else "1")),
            "no signature": self.identity(after=lambda query: query.rpartition("&")[0]), "nothing signed": self.identity(after=lambda query: query.partition("&X-Amz")[0]),
            "names in small letters": self.identity(after=str.lower), "a POST": self.identity(method="POST"), "a HEAD": self.identity(method="HEAD"), "an OPTIONS": self.identity(method="OPTIONS"),
            **{f"at {path}": self.identity(path=path) for path in ("/start", "/signin", "/healthz", "/readyz", "/metrics", "/device", "/authorize", "/assets/a/b", "/nowhere", "//", "/start/", "/%2e")},
        }.items():
            answer = self.raw(data)
            self.assertEqual(answer.status // 100, 4, f"{what}: {answer}")
            self.assertNotIn(b"<html", answer.body.lower(), what)
            self.assertNotIn(b"<Arn>", answer.body, what)

    def test_a_replay_repeats_a_read_and_nothing_that_cannot_be_repeated(self):
        """Like AWS's, a signature is good for five minutes: a replay of a read reads again, of a creation conflicts, of a deletion finds nothing to delete."""
        root, store = self.root(), self.made["identityStoreId"]
        reading = self.request()
        self.accepted(reading)
        self.accepted(reading, "again")
        creating = root.request("AWSIdentityStore.CreateGroup", {"IdentityStoreId": store, "DisplayName": "replayed"})
        group = self.accepted(creating).json()["GroupId"]
        self.assertEqual(self.raw(creating).code, "ConflictException")
        deleting = root.request("AWSIdentityStore.DeleteGroup", {"IdentityStoreId": store, "GroupId": group})
        self.accepted(deleting)
        again = self.raw(deleting)
        self.assertIn((again.status, again.code), {(200, ""), (400, "ResourceNotFoundException")})
        dying = self.request(date=case.Signer.now(-297))
        self.accepted(dying)
        time.sleep(5)
        self.assertEqual(self.refused(dying, "beyond the skew").code, "InvalidSignatureException")
