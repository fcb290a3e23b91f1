"""Attacks on passwords: guessing, locking the victim out, and telling by words, size or time which names there are."""
import base64
import concurrent.futures
import gc
import json
import math
import os
import random
import re
import statistics
import tempfile
import time
import urllib.parse

import case
import server

# So many of each kind that the attempts at one of them, each from an address of its own, stay below the number from which a name is slowed.
NAMES = 120
# Two-sided, for each comparison: how far the rank sums of two equal kinds of names may lie apart by chance, once in a million times.
Z_MAX = 4.9
# As long as a password may be, with all that a careless reader would change.
EXACT = " Mixed Case,  two spaces + a plus & %41 \u00fc \U0001f600 <b>".ljust(62, ".") + "Z "


def hash_like_ours():
    part = lambda size: base64.b64encode(os.urandom(size)).decode().rstrip("=")
    return f"$argon2id$v=19$m=19456,t=2,p=1${part(16)}${part(32)}"


class Guessing(case.Case):
    # Every attempt says where it comes from, as a proxy would.
    SETTINGS = ("--trusted-proxy", "127.0.0.1")

    @classmethod
    def setUpClass(cls):
        name = lambda: "p" + os.urandom(6).hex()
        cls.kinds = {kind: [name() for _ in range(NAMES)] for kind in ("nobody", "known", "without a password", "disabled")}
        users = [{"userName": "jane", "displayName": "Jane", "name": {"givenName": "J", "familyName": "D"}, "password": {"plain": server.PASSWORD}}]
        users.append({"userName": "sam", "displayName": "Sam", "name": {"givenName": "S", "familyName": "M"}, "password": {"plain": EXACT}})
        for kind, names in cls.kinds.items():
            for user in names if kind != "nobody" else []:
                password = {} if kind == "without a password" else {"password": {"argon2": hash_like_ours()}}
                users.append({"userName": user, "displayName": user, "name": {"givenName": "A", "familyName": "B"}, "active": kind != "disabled", **password})
        with tempfile.NamedTemporaryFile("w", suffix=".json") as seed:
            json.dump({"users": users}, seed)
            seed.flush()
            cls.SEED = seed.name
            super().setUpClass()
        cls.addresses = (f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}" for at in range(1, 1 << 24))

    def setUp(self):
        self.stream = self.connect()
        self.addCleanup(self.stream.close)
        page = self.ask(case.message("GET", "/signin", [("Connection", "keep-alive")]))
        self.cookie = re.search(rb"set-cookie: (portico_form=[^;]+)", page).group(1).decode()
        self.csrf = re.search(rb'name="csrf" value="([^"]+)"', page).group(1).decode()

    def ask(self, data, stream=None):
        stream = stream or self.stream
        stream.sendall(data)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += stream.recv(65_536)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head).group(1))
        while len(body) < length:
            body += stream.recv(65_536)
        return head + b"\r\n\r\n" + body

    def attempt(self, name, password="a wrong password", address=None, cookie="", stream=None):
        """The whole answer to an attempt, and the seconds that it took."""
        body = urllib.parse.urlencode({"csrf": self.csrf, "return_to": "/start", "username": name, "password": password}).encode()
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", f"{self.cookie}; {cookie}"), ("Connection", "keep-alive"),
                   ("X-Forwarded-For", address or next(self.addresses)), ("Origin", self.server.pages)]
        data = case.message("POST", "/signin", headers, body)
        begun = time.perf_counter()
        answer = self.ask(data, stream)
        return answer, time.perf_counter() - begun

    @staticmethod
    def status(answer):
        return int(answer.split(b" ")[1])

    def test_names_are_not_told_apart_by_words_status_or_size(self):
        seen = {}
        for kind, names in self.kinds.items():
            address = next(self.addresses)
            for turn in range(10):
                # The last ones come too soon, by so many seconds as the clock will have it.
                answer, _ = self.attempt(names[0], address=address)
                answer = re.sub(rb"\r\ndate: [^\r]+", b"", answer.replace(names[0].encode(), b"NAME"))
                # What a passkey would sign is drawn anew for every page, and as long for everybody.
                answer = re.sub(rb'(challenge&#34;:&#34;|challenge&quot;:&quot;|name="state" value=")([\w-]+)', lambda found: found[1] + b"N" * len(found[2]), answer)
                answer = re.sub(rb"(retry-after: |Try again in |content-length: )\d+", rb"\1N", answer)
                self.assertTrue(turn >= 5 or self.status(answer) == 401, f"attempt {turn + 1} at {kind}")
                seen.setdefault(answer, set()).add(kind)
        self.assertEqual(sorted(map(self.status, seen)), [401, 429], "one answer of each kind")
        for answer, kinds in seen.items():
            self.assertEqual(kinds, set(self.kinds), f"only they are answered so: {answer[:300]}")

    def test_names_are_not_told_apart_by_the_time_of_a_refusal(self):
        self.compare("wrong passwords", 120 if case.ARGUMENTS.short else 1_500, wanted=401)

    def test_names_are_not_told_apart_by_the_time_of_being_told_to_wait(self):
        """Attempts that come too soon are refused without a hash, which hides nothing."""
        waiting = {kind: names[-4:] for kind, names in self.kinds.items()}
        address = {name: next(self.addresses) for names in waiting.values() for name in names}
        for name in address:
            for _ in range(7):
                self.attempt(name, address=address[name])
        self.compare("attempts that come too soon", 240 if case.ARGUMENTS.short else 3_000, wanted=429, names=waiting, address=address, workers=4)

    def compare(self, what, count, wanted, names=None, address=None, workers=1):
        """Takes `count` times of each kind of name, mixed at random, and compares each kind with nobody's names by the rank-sum test of Mann and
        Whitney. Its probability of error does not depend on how times are distributed, and noise that comes and goes meets all kinds alike."""
        names, count_wanted = names or self.kinds, count
        times = {kind: [] for kind in names}

        # On a machine that has other things to do there are fewer times, and the threshold is wider.
        deadline = time.monotonic() + (60 if case.ARGUMENTS.short else 900)

        def take(worker):
            order = random.Random(worker)
            with self.connect() as stream:
                for turn in range(worker, count, workers):
                    if time.monotonic() > deadline:
                        return
                    for kind in order.sample(list(names), len(names)):
                        name = names[kind][turn % len(names[kind])]
                        answer, took = self.attempt(name, address=address and address[name], stream=stream)
                        if self.status(answer) == wanted:
                            times[kind].append(took)

        for at in range(12):
            self.attempt(f"warm{at}")
        gc.disable()
        try:
            with concurrent.futures.ThreadPoolExecutor(workers) as pool:
                list(pool.map(take, range(workers)))
        finally:
            gc.enable()
        count = min(map(len, times.values()))
        self.say(f"{what}: {count} times or more of each kind of name, mixed at random")
        worst = 0
        for kind, taken in times.items():
            self.assertGreater(len(taken), min(count_wanted // 2, 500), f"{kind}: too few of the answers were {wanted}, or the machine too slow to tell kinds apart")
            area, z = rank_sum(taken, times["nobody"])
            worst = max(worst, abs(z)) if kind != "nobody" else worst
            quartiles = [part * 1_000 for part in statistics.quantiles(taken, n=4)]
            apart = "" if kind == "nobody" else f", chance to take longer than nobody's {area:.3f} (z {z:+.1f})"
            self.say(f"  {kind}: median {quartiles[1]:.3f} ms, quartiles {quartiles[0]:.3f} and {quartiles[2]:.3f}{apart}")
        limit = Z_MAX * deviation(count, len(times["nobody"]))
        self.say(f"  threshold: 0.5 ± {limit:.3f} (z {Z_MAX}); equal kinds exceed it once in a million comparisons")
        self.assertLess(worst, Z_MAX, f"{what}: a kind of name is told apart by time")

    def guess_until_slowed(self, name, seconds):
        """Guesses on, each time as soon as it may, until the next guess has to wait for so many seconds: longer than any machine needs to ask something meanwhile."""
        for _ in range(60):
            answer, _ = self.attempt(name)
            told = re.search(rb"Try again in (\d+) seconds?", answer)
            if told and int(told.group(1)) >= seconds:
                return
            time.sleep(int(told.group(1)) if told else 0)
        self.fail(f"sixty guesses, and none had to wait for {seconds} s")

    def test_guesses_from_everywhere_do_not_lock_the_victim_out(self):
        form = self.cookie
        home = next(self.addresses)
        welcome, _ = self.attempt("jane", server.PASSWORD, home)
        self.assertEqual(self.status(welcome), 303)
        device = re.search(rb"set-cookie: (portico_device=[^;]+)", welcome).group(1).decode()
        statuses = [self.status(self.attempt("jane")[0]) for _ in range(40)]
        self.assertEqual(set(statuses[:15]), {401}, statuses)
        self.assertIn(429, statuses[20:], "guesses from ever new addresses are slowed together")
        self.guess_until_slowed("jane", 4)
        stranger, _ = self.attempt("jane", server.PASSWORD)
        self.assertEqual(self.status(stranger), 429, "a browser never seen, at an address never seen, waits")
        wait = int(re.search(rb"Try again in (\d+) seconds?", stranger).group(1))
        self.assertLessEqual(wait, 30)
        self.say(f"while dozens of addresses guess: a strange browser at a strange address waits {wait} s, hers and her address do not")
        for what, how in {"her browser, anywhere": dict(cookie=device), "another browser at her address": dict(address=home)}.items():
            self.assertEqual(self.status(self.attempt("jane", server.PASSWORD, **how)[0]), 303, what)
        self.assertEqual(form, self.cookie)

    def test_a_password_counts_letter_by_letter_to_its_last(self):
        self.assertEqual(len(EXACT), 64)
        for what, other in {
            "in small letters": EXACT.lower(), "in capitals": EXACT.upper(), "without the space before": EXACT[1:], "without the space after": EXACT[:-1], "one space for two": EXACT.replace("  ", " "),
            "decoded once more": urllib.parse.unquote(EXACT), "with one more": EXACT + ".", "without markup": EXACT.replace("<b>", ""), "of another sign": EXACT.replace("\U0001f600", "?"),
        }.items():
            self.assertNotEqual(other, EXACT)
            self.assertEqual(self.status(self.attempt("sam", other)[0]), 401, what)
        self.assertEqual(self.status(self.attempt("sam", EXACT)[0]), 303)

    def test_one_address_gets_few_guesses_at_many_names(self):
        address = next(self.addresses)
        statuses = [self.status(self.attempt(f"somebody{at}", address=address)[0]) for at in range(80)]
        self.assertEqual(set(statuses[:50]), {401}, statuses)
        self.assertEqual(statuses[50], 429)
        self.assertLess(statuses.count(401), 54, "and then one in a second, in two, in four")


def deviation(one, other):
    return math.sqrt((one + other + 1) / (12 * one * other))


def rank_sum(times, others):
    """The chance that one of `times` is longer than one of `others`, and how many standard deviations it is from one half."""
    ranked = sorted([(time, True) for time in times] + [(time, False) for time in others])
    ranks, at = 0.0, 0
    while at < len(ranked):
        ties = at
        while ties < len(ranked) and ranked[ties][0] == ranked[at][0]:
            ties += 1
        ranks += sum(mine for _, mine in ranked[at:ties]) * (at + ties + 1) / 2
        at = ties
    area = (ranks - len(times) * (len(times) + 1) / 2) / (len(times) * len(others))
    return area, (area - 0.5) / deviation(len(times), len(others))
