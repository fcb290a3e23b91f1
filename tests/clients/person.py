"""A person at a browser without JavaScript: follows links and redirects, keeps cookies, fills in forms.

Only the standard library, so that the demo needs nothing installed to sign in.
"""
import html
import html.parser
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request


class Form:
    """A form of a page: where it goes, what it already holds, and what there is to choose from."""

    def __init__(self, action, method):
        self.action, self.method, self.fields, self.buttons, self.choices = action, method, {}, [], {}


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.text = [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append(Form(attrs.get("action", ""), attrs.get("method", "get").lower()))
        elif tag == "input" and self.forms and attrs.get("type") == "radio":
            self.forms[-1].choices.setdefault(attrs["name"], []).append(attrs.get("value", ""))
            if "checked" in attrs:
                self.forms[-1].fields[attrs["name"]] = attrs.get("value", "")
        elif tag == "input" and attrs.get("type") == "checkbox" and "checked" not in attrs:
            pass
        elif tag == "input" and self.forms and attrs.get("name"):
            self.forms[-1].fields[attrs["name"]] = attrs.get("value", "")
        elif tag == "button" and self.forms and attrs.get("name"):
            self.forms[-1].buttons.append((attrs["name"], attrs.get("value", "")))

    def handle_data(self, data):
        self.text.append(data)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    """Somebody with a cookie jar at the pages of `base`; `context` is the TLS that they trust."""

    def __init__(self, base, context=None):
        self.base, self.url, self.status, self.page, self.body, self.headers = base, base, None, None, "", {}
        handlers = [urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), _NoRedirect(), urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def get(self, url, data=None, follow=True, headers=None):
        """Opens `url`, follows redirects to these pages; a redirect elsewhere stays in `self.url` unopened."""
        for _ in range(10):
            url = urllib.parse.urljoin(self.url, url)
            request = urllib.request.Request(url, data=data, headers={"Origin": self.base, **(headers or {})} if data is not None else headers or {})
            try:
                answer = self.opener.open(request, timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            self.status, self.headers = answer.status, answer.headers
            self.url = url
            location = answer.headers.get("Location")
            if self.status in (302, 303, 307) and location and follow:
                url, data = urllib.parse.urljoin(url, location), None
                if not url.startswith(self.base + "/"):
                    self.url = url
                    return self
                continue
            self.body = answer.read().decode()
            self.page = _Page()
            self.page.feed(self.body)
            return self
        raise AssertionError("redirected in a circle")

    @property
    def text(self):
        return " ".join(" ".join(self.page.text).split())

    def blocks(self):
        """The blocks of text to paste."""
        return [html.unescape(block) for block in re.findall(r"<pre[^>]*>(.*?)</pre>", self.body, re.DOTALL)]

    def form(self, *names):
        """The form that has all these fields or buttons."""
        for form in self.page.forms:
            has = set(form.fields) | {name for name, _ in form.buttons}
            if set(names) <= has:
                return form
        raise AssertionError(f"no form with {names} at {self.url}: {self.text[:400]}")

    def submit(self, form, **values):
        """Sends `form` with `values` over what it holds."""
        data = urllib.parse.urlencode({**form.fields, **values})
        if form.method == "get":
            return self.get(urllib.parse.urljoin(self.url, form.action) + "?" + data)
        return self.get(form.action or self.url, data=data.encode())

    def sign_in(self, user_name, password):
        """Signs in where the page asks for it."""
        for form in self.page.forms:
            if "password" in form.fields:
                user_field = next(name for name in form.fields if name.lower().startswith("user"))
                return self.submit(form, **{user_field: user_name, "password": password})
        raise AssertionError(f"no sign-in form at {self.url}: {self.text[:400]}")

    def decide(self, decision="approve", role=None, remember=False):
        """Approves or denies a client; where a role is asked for, `role` (`ACCOUNT/ROLE`) or the first one."""
        form = self.form("decision")
        roles = form.choices.get("role")
        chosen = {"role": role or roles[0]} if roles else {}
        kept = {"remember": "yes"} if remember else {}
        return self.submit(form, **chosen, **kept, decision=decision)
