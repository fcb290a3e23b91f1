"""Values that a shape allows: the least, the most, and some of everything. Texts are written from their patterns."""
import functools
import re
from re import _constants as kinds
from re import _parser as parser

import model

#: A text without a bound is made this long at most; a list or map without one gets this many entries.
TEXT_MAX, ENTRIES_MAX = 64, 3
#: Letters that stand for Java's classes when a text is made.
CLASSES = {r"\p{L}": "a-zA-Z", r"\p{N}": "0-9", r"\p{P}": "_", r"\p{S}": "+", r"\p{M}": "", r"\p{Z}": " "}
#: Letters beyond ASCII, tried in texts at their longest.
WIDE = ["é", "漢", "😀"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./ "


class NoValue(Exception):
    """No value of the shape could be made: a row of the world must give one."""


def text(shape, length):
    """A text of the shape, `length` characters long or as near to it as the pattern allows."""
    if shape.enum:
        return shape.enum[0]
    java = shape.metadata.get("pattern")
    made = "a" * length if java is None else _from_pattern(java, length)
    if model.violations(made, shape):
        raise NoValue(f"{shape.name}: {made[:80]!r} for {java!r}")
    return made


@functools.cache
def _from_pattern(java, length):
    for java_class, letters in CLASSES.items():
        java = java.replace(java_class, letters if _inside_class(java, java_class) else f"[{letters}]")
    tree = parser.parse(re.sub(r"\[\[", r"[\\[", java), re.ASCII)
    least = _write(tree, 0)
    return _write(tree, length - len(least)) if length > len(least) else least


def _inside_class(java, part):
    at = java.find(part)
    return java.rfind("[", 0, at) > java.rfind("]", 0, at)


def _write(tree, more):
    """The tree's text with `more` characters beyond the least, as far as it can grow."""
    out = ""
    for op, argument in tree:
        made = _node(op, argument, 0)
        if more:
            grown = _node(op, argument, more)
            more -= len(grown) - len(made)
            made = grown
        out += made
    return out


def _node(op, argument, more):
    if op is kinds.LITERAL:
        return chr(argument)
    if op is kinds.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if op is kinds.IN:
        return _one_of(argument)
    if op in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        return _repeat(*argument, more)
    if op is kinds.SUBPATTERN:
        return _write(argument[-1], more)
    if op is kinds.BRANCH:
        least = len(_write(argument[1][0], 0))
        # What another branch has more than the first at the least is part of what it may grow by.
        return max((_write(branch, max(more + least - len(_write(branch, 0)), 0)) for branch in argument[1]), key=len) if more else _write(argument[1][0], 0)
    if op in (kinds.AT, kinds.ASSERT, kinds.ASSERT_NOT):
        return ""
    if op is kinds.CATEGORY:
        return _one_of([(op, argument)])
    raise NoValue(f"a pattern with {op}")


def _repeat(low, high, inner, more):
    units = [_write(inner, 0)] * low
    unit = _write(inner, 0) or _write(inner, 1)
    if unit and more >= len(unit) and len(units) < high:
        further = min(more // len(unit), int(high) - len(units))
        units, more = [*units, *[unit] * further], more - further * len(unit)
    if more and units:
        units[-1] = _write(inner, more + len(units[-1]) - len(_write(inner, 0)))
    return "".join(units)


def _one_of(items):
    if items[0][0] is kinds.NEGATE:
        return next(letter for letter in LETTERS if not _holds(items[1:], letter))
    return next((letter for letter in LETTERS if _holds(items, letter)), None) or chr(items[0][1] if items[0][0] is kinds.LITERAL else items[0][1][0])


def _holds(items, letter):
    for op, argument in items:
        if op is kinds.LITERAL and ord(letter) == argument or op is kinds.RANGE and argument[0] <= ord(letter) <= argument[1]:
            return True
        if op is kinds.CATEGORY and re.match({kinds.CATEGORY_DIGIT: r"\d", kinds.CATEGORY_WORD: r"\w", kinds.CATEGORY_SPACE: r"\s"}.get(argument, r"\S"), letter, re.ASCII):
            return True
    return False


def widened(shape, made):
    """The text with its last letter beyond ASCII, where the pattern takes one."""
    for letter in WIDE:
        wide = made[:-1] + letter
        if made and not shape.enum and not model.violations(wide, shape):
            return wide
    return made


class Maker:
    """Makes values: `given` says what the shape alone cannot, by dotted path without positions; `choice` takes a union's member."""

    def __init__(self, given, how, choice=0):
        self.given, self.how, self.choice = given, how, choice

    def input(self, shape, without=()):
        return self.value(shape, "", without) if shape else {}

    def value(self, shape, path, without=()):
        if path in self.given:
            return self.given[path]
        if model.is_document(shape):
            return "a"
        make = getattr(self, f"_{shape.type_name}", None)
        return make(shape, path, without) if make else self._scalar(shape)

    def _structure(self, shape, path, without):
        names = [name for name in shape.members if model.join(path, name) not in without]
        if model.is_union(shape):
            names = self._union(names, path)
        elif self.how == "least":
            names = [name for name in names if name in shape.required_members or any(self._gives(key, model.join(path, name)) for key in self.given)]
        return {name: self.value(shape.members[name], model.join(path, name), without) for name in names}

    def _union(self, names, path):
        given = [name for name in names if any(self._gives(key, model.join(path, name)) for key in self.given)]
        return [(given or names)[self.choice % len(given or names)]]

    @staticmethod
    def _gives(key, path):
        return key == path or key.startswith(path + ".")

    def _count(self, shape):
        low, high = model.bounds(shape)
        if self.how == "most":
            return ENTRIES_MAX if high is None else high
        return max(low or 0, 1) if self.how == "some" else low or 0

    def _list(self, shape, path, without):
        return [self.value(shape.member, path, without) for _ in range(self._count(shape))]

    def _map(self, shape, path, without):
        keys = [text(shape.key, self._length(shape.key))[:-1] + chr(ord("a") + number) for number in range(self._count(shape))]
        return {key: self.value(shape.value, path, without) for key in keys}

    def _length(self, shape):
        low, high = model.bounds(shape)
        if self.how == "most":
            return TEXT_MAX if high is None else high
        return max(low or 0, 1) if self.how == "some" else low or 0

    def _scalar(self, shape):
        low, high = model.bounds(shape)
        kind = shape.type_name
        if kind == "string":
            made = text(shape, self._length(shape))
            return widened(shape, made) if self.how == "most" else made
        if kind in ("integer", "long"):
            return (high if self.how == "most" else low) if (high if self.how == "most" else low) is not None else 1
        return {"boolean": True, "float": 1.5, "double": 1.5, "timestamp": 1_700_000_000, "blob": "YQ=="}[kind]
