"""OpenLineage as NDJSON: the events that an answer rests on, as their producers wrote them.

An event is exported in its own bytes. Only white space between its tokens changes, and only where
it would break a line; strings cannot hold a raw line end (RFC 8259 §7), so every raw CR or LF in a
valid event stands between tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_TO_SPACE = bytes.maketrans(b"\r\n", b"  ")


def render(events: Iterable[bytes]) -> Iterator[bytes]:
    """Yield each event as one line, line end included."""
    for event in events:
        yield one_line(event) + b"\n"


def one_line(event: bytes) -> bytes:
    """Write one JSON event on one line without changing what it says."""
    return event.strip(b" \t\r\n").translate(_TO_SPACE)
