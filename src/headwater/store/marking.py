"""Marks: what of an event's bytes is kept to know them again, also after they were erased.

A mark is the HMAC-SHA-256 of the bytes under the store's secret, and before it the second that they
state as their event time. The HMAC alone falls anywhere in an index, so that in a large store each
event would write a page of its own; with the second first, events that come together lie together,
and admission costs the same however many there are.

Trusted? Whoever reads the store's secret can tell whether bytes that they guess were admitted.
"""

from __future__ import annotations

import hmac
import re
from typing import NamedTuple

_TIME = re.compile(
    rb'"eventTime"\s*:\s*"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d))?', re.ASCII
)


class Mark(NamedTuple):
    """Equal bytes, equal mark. `second` is YYYYMMDDhhmmss, 0 where the bytes state none."""

    second: int
    mac: bytes


def mark(secret: bytes, body: bytes) -> Mark:
    """Make the mark of these bytes."""
    return Mark(second_of(body), hmac.digest(secret, body, "sha256"))


def second_of(body: bytes | None) -> int:
    """Read the first event time in the bytes as they write it, whatever its zone, as a number.

    It only decides where a mark lies, so that it need not be right, only always the same.
    """
    stated = None if body is None else _TIME.search(body)
    return 0 if stated is None else int(b"".join(part or b"00" for part in stated.groups()))
