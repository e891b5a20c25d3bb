"""JSON of records, in ASCII, as `json` writes it, without importing that.

It takes 4 ms where nobody else has imported it, with `re` and `enum` behind it: more than all else
that a start needs. Where it is there, its encoder, which is written in C, is quicker.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_SHORT: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b",
}  # fmt: skip
_CONSTANTS: Final = {None: "null", True: "true", False: "false"}
_INFINITY: Final = float("inf")


def encode(value: object) -> str:
    """Write a value as JSON; of what JSON does not have, what `plain` makes of it."""
    global _encode_in_c
    if _encode_in_c is None:
        encoder = getattr(sys.modules.get("json"), "JSONEncoder", None)
        if encoder is None:
            return _encode(value)
        _encode_in_c = encoder(separators=(",", ":"), default=plain).encode
    return _encode_in_c(value)


def quote(text: str) -> str:
    """Write a text as JSON."""
    # Most texts are names, which stand there as they are.
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_escape, text))}"'


def plain(value: object) -> object:
    """Make JSON of what is none: numbers of numpy and the like, paths, sets; else their `repr`."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) in (0, None):
        return item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return repr(value)[:1000]


_encode_in_c: Callable[[object], str] | None = None


def _encode(value: object) -> str:
    if isinstance(value, str):
        return quote(value)
    if value is None or value is True or value is False:
        return _CONSTANTS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_encode, value))}]"
    if isinstance(value, dict):
        inside = [f"{quote(_key(key))}:{_encode(item)}" for key, item in value.items()]
        return f"{{{','.join(inside)}}}"
    return _encode(plain(value))


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (int, float)):
        return _encode(key)
    raise TypeError(f"a key of JSON is a text, and no {type(key).__name__}")


def _number(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (_INFINITY, -_INFINITY):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def _escape(letter: str) -> str:
    short = _SHORT.get(letter)
    if short is not None:
        return short
    code = ord(letter)
    if 0x20 <= code < 0x7F:
        return letter
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 | code >> 10:04x}\\u{0xDC00 | code & 0x3FF:04x}"
