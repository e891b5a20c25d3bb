"""Answers that fit an agent's context: lists and texts are bounded, what was cut off is counted.

Trusted? What it cuts is always said in `left_out`; it adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from headwater.errors import LimitExceeded

ANSWER_BYTES_MAX = 24_576
"""Of one answer as JSON: some six thousand tokens."""
TEXT_CHARS_MAX = 2_000
"""Of one text within an answer, such as a query or a description."""
MEMBERS_MAX = 64
"""Of one object within an answer; those that we name have fewer."""

Document = dict[str, Any]
LeftOut = dict[str, int]


def size(document: Document) -> int:
    """Count the bytes of a document as it is sent."""
    return len(msgspec.json.encode(document))


def fit(make: Callable[[int, int], Document], items: int) -> Document:
    """The largest document that fits: `make(items, chars)`, with both halved until it does.

    Raises `LimitExceeded` when even one item of each list is too much.
    """
    chars = TEXT_CHARS_MAX
    while True:
        document = make(items, chars)
        if size(document) <= ANSWER_BYTES_MAX:
            return document
        if items == 1 and chars <= TEXT_CHARS_MAX // 64:
            raise LimitExceeded(
                f"the smallest form of this answer has more than {ANSWER_BYTES_MAX:,} bytes",
                remedy="ask for less of it: fewer facets, one version instead of its artifact; "
                "the command line and HTTP answer at any size",
            )
        items, chars = max(1, items // 2), chars if items > 1 else chars // 2


def cut(value: Any, items: int, chars: int, left_out: LeftOut, path: str = "") -> Any:
    """`value` with every list and text in it bounded.

    `left_out` is given what went: items by the list's path, characters by the text's.
    """
    if isinstance(value, dict):
        kept = list(value.items())[:MEMBERS_MAX]
        _count(left_out, path, len(value) - len(kept))
        return {
            key: cut(item, items, chars, left_out, f"{path}.{key}" if path else key)
            for key, item in kept
        }
    if isinstance(value, list | tuple):
        _count(left_out, path, len(value) - items)
        return [cut(item, items, chars, left_out, f"{path}[]") for item in value[:items]]
    if isinstance(value, str) and len(value) > chars:
        _count(left_out, f"{path} (characters)", len(value) - chars)
        return f"{value[:chars]}…"
    return value


def _count(left_out: LeftOut, path: str, count: int) -> None:
    if count > 0:
        left_out[path] = left_out.get(path, 0) + count
