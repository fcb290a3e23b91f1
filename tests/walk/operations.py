"""The walk over one operation: inputs that must be answered, inputs that must be refused, and what an answer must be either way."""
import re

import broken
import fits
import model
import rows
import values
import wire

#: The code of an input that breaks a constraint, and of one that is no value of the model at all.
INVALID = {
    "sso-admin": ("ValidationException", "SerializationException"), "identitystore": ("ValidationException", "SerializationException"),
    "organizations": ("InvalidInputException", "SerializationException"), "cloudtrail": (None, "SerializationException"),
    "portico": ("ValidationException", "SerializationException"),
    "sso": ("InvalidRequestException", "InvalidRequestException"), "sso-oidc": ("InvalidRequestException", "InvalidRequestException"),
    "signin": ("ValidationException", "ValidationException"),
    "iam": ("ValidationError", "ValidationError"), "sts": ("ValidationError", "ValidationError"),
}
#: LookupEvents has an error for each member, and none for input as such.
LOOK_UP = {"lookupAttributes": "InvalidLookupAttributesException", "startTime": "InvalidTimeRangeException", "endTime": "InvalidTimeRangeException",
           "maxResults": "InvalidMaxResultsException", "nextToken": "InvalidNextTokenException", "eventCategory": "InvalidEventCategoryException"}
LISTED = re.compile(r"(\d+) validation errors? detected: (.*)", re.DOTALL)
VIOLATION = re.compile(r"Value (null |'(?P<value>.*?)' )?at '(?P<path>[^']*)' failed to satisfy constraint: (?P<constraint>.*)", re.DOTALL)


def expand(given):
    """Members by dotted path as an input."""
    made = {}
    for path, value in given.items():
        at = made
        *outer, last = path.split(".")
        for name in outer:
            at = at.setdefault(name, {})
        at[last] = value
    return made


class Walk:
    """One operation in one world."""

    def __init__(self, world, report, service, name):
        self.world, self.report, self.service_name, self.name = world, report, service, name
        self.service = model.service(service)
        self.operation = self.service.operation_model(name)
        self.shape = self.operation.input_shape
        self.protocol = self.service.metadata["protocol"]
        self.row = rows.of(service).get(name)

    def run(self):
        if self.row is None:
            self.check("row", f"{self.name} has no row in tests/walk/rows/{self.service_name}")
            return
        self.valid()
        self.invalid()
        self.limits()

    def check(self, title, wrong, request=None, answer=None):
        self.report.check(self.service_name, f"{self.name}: {title}", wrong, request, answer)

    def send(self, value):
        return self.world.wire.send(self.service, self.operation, value, self.world.keys)

    def members(self):
        return dict(self.shape.members) if self.shape else {}

    def make(self, how, choice=0, **over):
        """An input, and what the row gave for it."""
        given = {**self.row.needs(self.world), **(self.row.more(self.world) if how != "least" else {})}
        left_out = {*self.row.without, *self.row.refused} if how == "most" else set()
        return {**values.Maker(given, how, choice).input(self.shape, left_out), **over}

    # Inputs that must be answered.

    def valid(self):
        self.answered("the least input", lambda: self.make("least"))
        for choice in range(self.choices()):
            self.answered(f"the greatest input, {choice}", lambda choice=choice: self.make("most", choice))
        for number, variant in enumerate(self.row.variants):
            self.answered(f"variant {number}", lambda variant=variant: expand(variant(self.world)))
        optional = {name: None for name in self.members() if name not in self.shape.required_members}
        if self.protocol != "query" and optional:
            self.answered("absent members as null", lambda: {**optional, **self.make("least")}, serialised=False)
        if self.service_name == "signin":
            self.answered("an unknown member", lambda: self.inside(self.make("least"), Unheard={"Of": [1]}), serialised=False)
        if self.service_name == "sso-oidc":
            self.answered("an unknown member", lambda: self.make("least", Unheard={"Of": [1]}), serialised=False)
        for path, word in self.row.refused.items():
            self.refused_by_name(path, word)
        self.strangers()

    def inside(self, value, **more):
        """The input with further members where its body is one member."""
        payload = self.shape.serialization["payload"]
        return {**value, payload: {**value[payload], **more}}

    def choices(self):
        """How many inputs it takes to choose each member of each union once."""
        widths = []

        def look(shape, seen):
            if shape.name in seen or model.is_document(shape):
                return
            if model.is_union(shape):
                widths.append(len(shape.members))
            inner = list(shape.members.values()) if shape.type_name == "structure" else [getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)]
            for further in inner:
                look(further, {*seen, shape.name})

        if self.shape:
            look(self.shape, set())
        return max(widths, default=1)

    def answered(self, title, make, serialised=True):
        value = make()
        if serialised:
            broken_already = model.violations(value, self.shape) if self.shape else []
            self.check(f"{title} is valid", [str(found) for found in broken_already], value)
            self.check(f"{title} as botocore writes it", wire.same_as_botocore(self.service, self.operation, value), value)
        answer = self.send(value)
        if ends := self.row.ends_in(self.world.mode):
            wrong = [] if answer.code == ends else [f"expected {ends}"]
            self.check(title, wrong + fits.error(self.service, self.operation, answer), value, answer)
            return
        if answer.status >= 300:
            self.check(title, "refused", value, answer)
            return
        self.check(title, fits.output(self.service, self.operation, answer), value, answer)

    def refused_by_name(self, path, word):
        """A member that cannot be honoured is refused, and the refusal says which."""
        name = path.partition(".")[0]
        value = self.make("least")
        value[name] = values.Maker(self.row.more(self.world), "some").value(self.members()[name], name)
        before = self.world.state()
        answer = self.send(value)
        wrong = [] if answer.status >= 400 else ["answered, though it cannot be honoured"]
        if word.lower() not in answer.message.lower():
            wrong.append(f"the refusal does not say {word!r}")
        wrong += fits.error(self.service, self.operation, answer) if answer.status >= 400 else []
        self.check(f"{path} is refused by name", wrong, value, answer)
        self.unchanged(f"{path} refused", before)

    def strangers(self):
        """A member that the model does not have is refused by name, even if only its case is wrong. OAuth drops what it does not know, the portal reads no body."""
        if self.service_name == "sso":
            return
        payload = self.shape.serialization.get("payload") if self.shape else None
        members = self.members()[payload].members if payload else self.members()
        slips = [name[0].swapcase() + name[1:] for name in list(members)[:1]]
        for name in [*slips, *(["Unheard"] if self.service_name not in ("sso-oidc", "signin") else [])]:
            value = self.make("least")
            value = self.inside(value, **{name: "of"}) if payload else {**value, name: "of"}
            before = self.world.state()
            answer = self.send(value)
            wrong = [] if answer.status == 400 else ["answered, though the model does not have it"]
            place = f"{payload}.{name}" if payload else name
            wrong += [] if f"'{place}'" in answer.message else [f"the refusal does not say {name!r}"]
            self.check(f"{name} is refused by name", wrong, value, answer)
            self.unchanged(f"{name}, which the model does not have,", before)

    def unchanged(self, title, before):
        changed = self.world.changed(before, self.world.state())
        self.check(f"{title} changes nothing", [f"changed: {', '.join(changed)}"] if changed else [])

    # Inputs that must be refused.

    def invalid(self):
        if not self.shape:
            return
        bases = [self.make("some", choice) for choice in range(self.choices())]
        before, seen = self.world.state(), set()
        for base in bases:
            for case in broken.inputs(self.shape, base):
                if (case.path, case.what) not in seen and self.can_be_sent(case):
                    seen.add((case.path, case.what))
                    self.refused(case)
        self.unchanged("what was refused", before)

    def can_be_sent(self, case):
        """Whether the protocol can carry what is wrong: forms, query strings and headers know texts only."""
        place = self.members().get(case.path.partition(".")[0])
        # A member that is the body is an empty body where it is missing.
        if self.shape.serialization.get("payload") == case.path and case.what in ("missing", "null"):
            return False
        texts_only = self.protocol == "query" or place is not None and place.serialization.get("location") in ("querystring", "header")
        if not texts_only:
            return True
        if case.what in ("null", "a null item", "no member of the union", "two members of the union"):
            return False
        if place is not None and place.serialization.get("location") == "header" and case.what.startswith(("the pattern", "a line")):
            return False
        if not case.what.startswith("wrong type"):
            return True
        shape = self.at(case.path)
        return shape.type_name in ("integer", "long", "boolean", "float") and case.what == "wrong type 0"

    def at(self, path):
        shape = self.shape
        for name in path.split("."):
            while shape.type_name == "list":
                shape = shape.member
            shape = shape.members[name] if shape.type_name == "structure" else shape.value
        return shape

    def refused(self, case):
        try:
            wanted = model.violations(case.input, self.shape)
        except model.WrongType:
            wanted = None
        if wanted == []:
            return
        answer = self.send(case.input)
        title = f"{case.path or 'the input'}: {case.what}"
        if answer.status < 400:
            self.check(title, "answered, though it breaks the model", case.input, answer)
            return
        wrong = fits.error(self.service, self.operation, answer)
        code = INVALID[self.service_name][1 if wanted is None else 0] or LOOK_UP[wanted[0].path.partition(".")[0]]
        if answer.code != code:
            wrong.append(f"expected {code}")
        elif wanted:
            wrong += self.words(wanted, answer.message, case.input)
        self.check(title, wrong, case.input, answer)

    @staticmethod
    def words(wanted, message, value):
        """Whether the message lists exactly these violations, as AWS lists them."""
        listed = LISTED.fullmatch(message)
        if not listed:
            return [f"not AWS's words: {message}"]
        wrong = [] if int(listed[1]) == len(wanted) else [f"{listed[1]} violations, not {len(wanted)}"]
        if (listed[1] == "1") != message.startswith("1 validation error detected"):
            wrong.append("singular and plural")
        told = set()
        for part in re.split(r"; (?=Value )", listed[2]):
            found = VIOLATION.fullmatch(part)
            if not found:
                wrong.append(f"not AWS's words: {part}")
                continue
            told.add((found["path"], found["constraint"]))
            if found["value"] is not None and any(one.path == found["path"] and one.sensitive for one in wanted):
                wrong.append(f"a sensitive value is repeated: {part}")
        for one in wanted[:20]:
            if one.constraint and (one.path, one.constraint) not in told:
                wrong.append(f"not told: at '{one.path}': {one.constraint}")
        return wrong

    # Values at their limits.

    def limits(self):
        """What lies just within each limit is never refused as being beyond it; what becomes of it otherwise is the world's affair."""
        if not self.shape:
            return
        base = self.make("some")
        for path, value in at_limits(self.shape, base):
            answer = self.send(value)
            wrong = ["refused by the model, which allows it"] if "failed to satisfy constraint" in (answer.message or "") else []
            wrong += fits.error(self.service, self.operation, answer) if answer.status >= 400 else fits.output(self.service, self.operation, answer)
            self.check(f"{path} at its limit", wrong, value, answer)


def at_limits(shape, base):
    """The base with each text, number and list in turn as small, as large, and as every word that it may be."""
    for place, member in _leaves(shape, base, ()):
        for value in _extremes(member):
            made = broken._changed(base, place, value)
            if not model.violations(made, shape):
                yield broken._dotted(place), made


def _leaves(shape, value, place):
    if model.is_document(shape):
        return
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name in shape.members and inner is not None:
                yield from _leaves(shape.members[name], inner, (*place, name))
    elif shape.type_name == "list" and value:
        yield from _leaves(shape.member, value[0], (*place, 0))
    elif shape.type_name in ("string", "integer", "long", "boolean"):
        yield place, shape


def _extremes(shape):
    if shape.type_name == "boolean":
        return [True, False]
    low, high = model.bounds(shape)
    if shape.type_name in ("integer", "long"):
        return [bound for bound in (low, high) if bound is not None]
    if shape.enum:
        return list(shape.enum)
    made = []
    for bound in (low, high):
        if bound is not None:
            try:
                made.append(values.text(shape, bound))
            except values.NoValue:
                continue
    return made
