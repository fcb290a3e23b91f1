"""What botocore's models say: operations, shapes, what each shape allows, and AWS's words for what it does not allow.

The models are read from the installed botocore. Nothing here looks at Portico's own copy of them (`api/`, `wire`): the walk would then
only compare the server with itself.
"""
import collections
import functools

import botocore.session
import regex

import server

SESSION = botocore.session.get_session()
#: Portico's own service is in no botocore: its model is loaded as a client would.
SESSION.get_component("data_loader").search_paths.append(str(server.MODELS))

#: One broken constraint: where, in AWS's words, and whether the value may be repeated. `constraint` is None where AWS's words are not known.
Violation = collections.namedtuple("Violation", "path constraint sensitive")


class WrongType(Exception):
    """A value that is of no type that the shape has."""


@functools.cache
def service(name):
    return SESSION.get_service_model(name)


@functools.cache
def paginators(name):
    """How each operation pages: botocore's facts by operation."""
    return SESSION.get_component("data_loader").load_service_model(name, "paginators-1")["pagination"]


def is_union(shape):
    return shape.type_name == "structure" and shape.is_tagged_union


def is_document(shape):
    return getattr(shape, "is_document_type", False)


@functools.cache
def pattern(java):
    """The compiled pattern. Java's `\\w`, `\\d` and `\\s` are ASCII, and `[` inside a class is itself."""
    out, in_class, at = "", False, 0
    while at < len(java):
        letter = java[at]
        if letter == "\\":
            escaped = java[at:at + 2]
            plain = {"\\w": "A-Za-z0-9_", "\\d": "0-9", "\\s": r"\t\n\x0B\f\r "}.get(escaped)
            at += 2
            out += escaped if plain is None else plain if in_class else f"[{plain}]"
            if plain and in_class and java[at:at + 1] == "-":
                out, at = out + r"\-", at + 1
            continue
        if letter == "[" and in_class:
            out += "\\"
        in_class = letter == "[" or in_class and letter != "]"
        out, at = out + letter, at + 1
    return regex.compile(out, regex.V0)


def matches(shape, text):
    java = shape.metadata.get("pattern")
    return java is None or pattern(java).fullmatch(text) is not None


def bounds(shape):
    return shape.metadata.get("min"), shape.metadata.get("max")


def lower_first(name):
    return name[:1].lower() + name[1:]


def join(path, name):
    return f"{path}.{name}" if path else name


def violations(value, shape, path=""):
    """Every constraint that `value` breaks; WrongType when it is no value of the shape at all."""
    if is_document(shape):
        return []
    kind = shape.type_name
    check = {"structure": _structure, "list": _list, "map": _map}.get(kind)
    if check:
        return check(value, shape, path)
    wanted = {"string": str, "character": str, "blob": str, "integer": int, "long": int, "boolean": bool}.get(kind, (int, float, str))
    if not isinstance(value, wanted) or isinstance(value, bool) != (kind == "boolean"):
        raise WrongType(path)
    if kind in ("integer", "long"):
        return _range(value, shape, path, "value")
    if kind == "timestamp" and isinstance(value, str):
        raise WrongType(path)
    return _text(value, shape, path) if kind == "string" else []


def _range(measure, shape, path, what):
    low, high = bounds(shape)
    found = []
    sensitive = bool(shape.metadata.get("sensitive"))
    if high is not None and measure > high:
        found.append(Violation(path, f"Member must have {what} less than or equal to {high}", sensitive))
    if low is not None and measure < low:
        found.append(Violation(path, f"Member must have {what} greater than or equal to {low}", sensitive))
    return found


def _text(value, shape, path):
    found = _range(len(value), shape, path, "length")
    sensitive = bool(shape.metadata.get("sensitive"))
    if shape.enum and value not in shape.enum:
        found.append(Violation(path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]", sensitive))
    if not matches(shape, value):
        found.append(Violation(path, f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}", sensitive))
    return found


def _structure(value, shape, path):
    if not isinstance(value, dict):
        raise WrongType(path)
    found, given = [], 0
    for name, member in shape.members.items():
        at = join(path, lower_first(name))
        if value.get(name) is None:
            if name in shape.required_members:
                found.append(Violation(at, "Member must not be null", False))
            continue
        given += 1
        found += violations(value[name], member, at)
    if is_union(shape) and given != 1:
        found.append(Violation(path, None, False))
    return found


def _list(value, shape, path):
    if not isinstance(value, list):
        raise WrongType(path)
    found = _range(len(value), shape, path, "length")
    for index, item in enumerate(value):
        found += violations(item, shape.member, join(path, f"{index + 1}.member"))
    return found


def _map(value, shape, path):
    if not isinstance(value, dict):
        raise WrongType(path)
    found = _range(len(value), shape, path, "length")
    for key, item in value.items():
        # AWS's words for keys and values of maps are not known.
        found += [Violation(None, None, False) for _ in violations(key, shape.key, path)]
        found += [Violation(None, None, False) for _ in violations(item, shape.value, path)]
    return found
