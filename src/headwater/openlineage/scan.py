"""The scan of a body: what a fast decoder lets through, and what would make it fall over.

msgspec takes duplicate keys (the last one wins), bad UTF-8 in what it skips, and any depth up to
the interpreter's stack. Two readers of such an event could understand different things, so none of
that is admitted. The scan runs on every event: bytes are counted with what CPython does in C, and
only a body that fails is walked again, to name every place. So is what msgspec refuses, by `json`,
which takes more (numbers without end, lone surrogates) and says better what is wrong.

Trusted? Yes: an attacker who gets past it can make readers of one event disagree about it.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import msgspec

from headwater.errors import Problem
from headwater.openlineage import paths
from headwater.openlineage.limits import (
    EVENT_BYTES_MAX,
    KEYS_MAX,
    NAME_BYTES_MAX,
    NESTING_MAX,
    PROBLEMS_MAX,
)

_BOM: Final = b"\xef\xbb\xbf"
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_OPENING: Final = ord("[")
_INTEGER_DIGITS_MAX: Final = 4_000
"""CPython refuses to convert integers of more than 4,300 digits; JSON has no such limit."""


class Scan(NamedTuple):
    """What a body holds: its JSON value (None when it has none), and every problem with it.

    `long` tells that some string may have more than NAME_BYTES_MAX bytes.
    """

    value: object
    problems: tuple[Problem, ...]
    long: bool


class _Pairs(list[tuple[str, Any]]):
    """An object with all its keys, the repeated ones too."""


class _Constant(str):
    """NaN, Infinity or -Infinity, which Python reads and JSON has not."""

    __slots__ = ()


def scan(body: bytes) -> Scan:
    """Find everything in a body that is no JSON (RFC 8259), has two readings or passes a limit.

    Costs about as much as one `json.loads`. `problems` holds one for a body that cannot be parsed,
    and every one with its path for a body that can; then `value` still lets other checks go on.
    """
    if len(body) > EVENT_BYTES_MAX:
        return _stop(f"has more than {EVENT_BYTES_MAX:,} bytes, the limit of an event")
    if body.startswith(_BOM):
        return _stop("begins with a byte order mark; send UTF-8 without one (RFC 8259 §8.1)")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return _stop(f"is no UTF-8: {error.reason} at byte {error.start}")
    masked = body.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in body else body
    colons = body.count(b":")
    limits = _pass_limits(masked, colons)
    if limits:
        return Scan(None, limits, long=False)
    long = _has_long_string(masked)
    try:
        value = _PARSER.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return _walk(text, long=long)
    if not _has_every_key(value, body, colons):
        return _walk(text, long=long)
    return Scan(value, (), long)


def _has_every_key(value: object, body: bytes, colons: int) -> bool:
    """Whether no key was repeated: then the value, written again, has as many colons as the body.

    A repeated key loses the colon behind it, and colons in strings stay, unless one is written as
    an escape; of such a body nothing can be said so. Counting is many times as fast as looking at
    the keys of each object. False sends the body to the slow walk, which is always right.
    """
    return colons == _WRITER.encode(value).count(b":") and _ESCAPED not in body


def _stop(message: str) -> Scan:
    return Scan(None, (Problem("$", message),), long=False)


def _syntax(error: json.JSONDecodeError) -> str:
    """Say where, within the event: the line of the file is told beside it."""
    place = f"column {error.colno}"
    if "\n" in error.doc:
        place = f"its line {error.lineno}, {place}"
    if error.pos >= len(error.doc.rstrip()):
        return f"is no JSON: ends too early, at {place}"
    return f"is no JSON: {error.msg.removesuffix(' at')} at {place}"


def _pass_limits(masked: bytes, colons: int) -> tuple[Problem, ...]:
    """Check the number of keys and the depth; `colons` is the number of all of them.

    In `masked` no backslash is escaped and no quote is, so every quote begins or ends a string.
    What all colons and brackets together do not pass, those outside of strings do not either.
    """
    brackets = masked.count(b"{") + masked.count(b"[")
    if brackets <= NESTING_MAX and colons <= KEYS_MAX:
        return ()
    skeleton = b"".join(masked.split(b'"')[::2])
    keys = skeleton.count(b":")
    passed = []
    if keys > KEYS_MAX:
        passed.append(Problem("$", f"has {keys:,} keys; the limit is {KEYS_MAX:,}"))
    if not _is_shallow(skeleton.translate(_BRACKETS, _NO_BRACKETS)):
        passed.append(Problem("$", f"nests deeper than {NESTING_MAX} objects and arrays"))
    return tuple(passed)


def _has_long_string(masked: bytes) -> bool:
    """Whether somewhere no quote stands within NAME_BYTES_MAX bytes, so that a name may be long.

    Escapes are never shorter than what they stand for. Hops from quote to quote, as far as it can.
    """
    place = 0
    while place + NAME_BYTES_MAX < len(masked):
        quote = masked.rfind(b'"', place, place + NAME_BYTES_MAX + 1)
        if quote < 0:
            return True
        place = quote + 1
    return False


def _is_shallow(brackets: bytes) -> bool:
    """Whether brackets nest no deeper than NESTING_MAX.

    Each round removes the innermost pairs, so there are as many rounds as levels. What does not
    reduce is no JSON; then only the parser's stack has to be spared.
    """
    rest = brackets
    for _ in range(NESTING_MAX):
        reduced = rest.replace(b"[]", b"")
        if len(reduced) == len(rest):
            break
        rest = reduced
    return not rest or _is_shallow_before_error(brackets)


def _is_shallow_before_error(brackets: bytes) -> bool:
    level = 0
    for byte in brackets:
        level += 1 if byte == _OPENING else -1
        if level > NESTING_MAX:
            return False
    return True


def _integer(text: str) -> int:
    if len(text) <= _INTEGER_DIGITS_MAX:
        return int(text)
    return int(text[:_INTEGER_DIGITS_MAX])  # its size is all that anybody may ask


_PARSER: Final = msgspec.json.Decoder()
_WRITER: Final = msgspec.json.Encoder()
_ESCAPED: Final = b"\\u003"
"""How the escape of a colon begins, in either case."""
_SLOW: Final = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_constant=_Constant, parse_int=_integer
)


def _walk(text: str, *, long: bool) -> Scan:
    try:
        tree = _SLOW.decode(text)
    except json.JSONDecodeError as error:
        return _stop(_syntax(error))
    problems: list[Problem] = []
    value = _plain(tree, (), problems)
    if len(problems) > PROBLEMS_MAX:
        rest = len(problems) - PROBLEMS_MAX
        problems[PROBLEMS_MAX:] = [Problem("$", f"has {rest:,} further problems of this sort")]
    return Scan(value, tuple(problems), long)


def _plain(node: object, path: paths.Path, problems: list[Problem]) -> object:
    """Turn the tree into plain values and note what is wrong in it, in the order of the text."""
    if isinstance(node, _Pairs):
        value: dict[str, object] = {}
        for key, child in node:
            here = (*path, key)
            if not _is_unicode(key):
                problems.append(Problem(paths.write(here), "is a key with a lone surrogate"))
            elif key in value:
                problems.append(Problem(paths.write(here), "is a duplicate key"))
            value[_mend(key)] = _plain(child, here, problems)
        return value
    if isinstance(node, list):
        return [_plain(child, (*path, i), problems) for i, child in enumerate(node)]
    if isinstance(node, _Constant):
        problems.append(Problem(paths.write(path), f"is {node!s}, which JSON has no number for"))
        return 0.0
    if isinstance(node, str) and not _is_unicode(node):
        problems.append(Problem(paths.write(path), "has a lone surrogate"))
        return _mend(node)
    return node


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mend(text: str) -> str:
    """Put U+FFFD for lone surrogates, so that the other checks can go on."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
