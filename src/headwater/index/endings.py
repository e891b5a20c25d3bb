"""By what a person may call a thing: its name from any of its segments on, the case aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_SEGMENT = re.compile(r"[./]")


def canonical(text: str) -> str:
    """What counts of a text: not its case, nor slashes around it."""
    return text.strip("/").casefold()


def endings(thing: tuple[Any, ...]) -> Iterator[str]:
    """Every canonical text that the thing, an artifact or a job, may be called by.

    `<namespace>/<name>` from its beginning and from each place after `.` or `/` on.
    """
    namespace, name = thing
    whole = canonical(name)
    yield whole
    full = canonical(f"{namespace}/{whole}")
    yield full
    for match in _SEGMENT.finditer(full):
        yield full[match.end() :].strip("/")
