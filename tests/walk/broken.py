"""One-off-invalid inputs: each is a valid input with one thing wrong at one place."""
import collections
import copy

import model

#: What was changed where (by dotted path), and the input that came of it.
Broken = collections.namedtuple("Broken", "path what input")

#: Values of other JSON types, by type of shape.
WRONG_TYPES = {
    "string": [5, ["a"], {"a": "b"}, True], "character": [5], "blob": [5, []], "integer": ["x", 1.5, True, []], "long": ["x", 1.5, True],
    "boolean": ["yes", 1, []], "float": ["x", []], "double": ["x", []], "timestamp": ["yesterday", True, []],
    "structure": ["x", [], 5, True], "list": ["x", {}, 5], "map": ["x", [], 5],
}
#: Letters that one pattern or another refuses.
FOREIGN = ["\u0001", "\n", " ", "!", "é", "€", "😀", "a", "/", "Z", "-"]
GONE = object()


def inputs(shape, base):
    """Every input that is `base` with one place broken."""
    seen = set()
    for place, path, what, value in _walk(shape, base, ()):
        if (path, what) not in seen:
            seen.add((path, what))
            yield Broken(path, what, _changed(base, place, value))


def _changed(base, place, value):
    made = copy.deepcopy(base)
    if not place:
        return value
    at = made
    for step in place[:-1]:
        at = at[step]
    if value is GONE:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return made


def _dotted(place):
    return ".".join(str(step) for step in place if not isinstance(step, int))


def _walk(shape, value, place):
    path = _dotted(place)
    if model.is_document(shape):
        return
    for index, wrong in enumerate(WRONG_TYPES[shape.type_name]):
        if place:
            yield place, path, f"wrong type {index}", wrong
    inside = {"structure": _structure, "list": _list, "map": _map, "string": _text, "integer": _number, "long": _number}.get(shape.type_name)
    if inside:
        yield from inside(shape, value, place, path)


def _structure(shape, value, place, path):
    if model.is_union(shape):
        yield place, path, "no member of the union", {}
        further = [name for name in shape.members if name not in value]
        if further:
            import values
            yield place, path, "two members of the union", {**value, further[0]: values.Maker({}, "some").value(shape.members[further[0]], "")}
    for name, member in shape.members.items():
        if name not in value:
            continue
        if name in shape.required_members:
            yield (*place, name), model.join(path, name), "missing", GONE
            yield (*place, name), model.join(path, name), "null", None
        yield from _walk(member, value[name], (*place, name))


def _list(shape, value, place, path):
    low, high = model.bounds(shape)
    if low:
        yield place, path, "one item too few", value[:low - 1]
    if high is not None and value:
        yield place, path, "one item too many", [copy.deepcopy(value[0]) for _ in range(high + 1)]
    if value:
        yield (*place, 0), path, "a null item", None
        yield from _walk(shape.member, value[0], (*place, 0))


def _map(shape, value, place, path):
    low, high = model.bounds(shape)
    if low:
        yield place, path, "one entry too few", dict(list(value.items())[:low - 1])
    if high is not None and value:
        key, item = next(iter(value.items()))
        yield place, path, "one entry too many", {key[:-1] + chr(97 + number): item for number in range(high + 1)}
    if value:
        key, item = next(iter(value.items()))
        for _, inner, what, wrong in _walk(shape.key, key, (*place, "key")):
            if isinstance(wrong, str):
                yield place, inner, what, {wrong: item}
        yield from _walk(shape.value, item, (*place, key))


def _text(shape, value, place, path):
    low, high = model.bounds(shape)
    if low:
        yield place, path, "one character too few", value[:low - 1]
    if high is not None:
        filler = value[-1] if value else "a"
        yield place, path, "one character too many", value + filler * (high + 1 - len(value))
    if shape.enum:
        yield place, path, "a foreign word", shape.enum[0] + "X"
        yield place, path, "a word in another case", shape.enum[0].swapcase()
    for letter in FOREIGN:
        for made in (value[:-1] + letter, letter + value[1:], value[:-2] + letter + value[-1:]):
            if value and not model.matches(shape, made) and len(made) == len(value):
                yield place, path, f"the pattern broken by {letter!r}", made
                break
    if value and not model.matches(shape, value + "\n"):
        yield place, path, "a line break at the end", value[:high - 1 if high else None] + "\n"


def _number(shape, value, place, path):
    low, high = model.bounds(shape)
    if low is not None:
        yield place, path, "one too small", low - 1
    if high is not None:
        yield place, path, "one too large", high + 1
