"""JSON of records, in ASCII, as `json` writes it, without importing that.

It takes 4 ms where nobody else has imported it, with `re` and `enum` behind it: more than all else
that a start needs. Its encoder is written in C and stands in a module of its own, which takes 0.2.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["encode", "plain", "quote"]


def encode(value: object) -> str:
    """Write a value as JSON; of what JSON does not have, what `plain` makes of it."""
    return "".join(_chunks(value, 0))


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


_chunks: Callable[[object, int], Iterable[str]]
try:
    from _json import encode_basestring_ascii as quote
    from _json import make_encoder

    _chunks = make_encoder(None, plain, quote, None, ":", ",", False, False, True)
except ImportError:  # a Python that is not CPython
    from json import JSONEncoder
    from json.encoder import encode_basestring_ascii as quote

    def _chunks(value: object, _: int) -> Iterable[str]:
        return JSONEncoder(separators=(",", ":"), default=plain).iterencode(value)
