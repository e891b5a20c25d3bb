"""What is kept of a process that goes on, beside its spool: how far it was read, and what matters.

`<stem>.kept` is written as a segment is. Its first record says how far reading got; the others are
those of the process's own records that its translator still needs, in their order, a digest that
was put off with what came of it. They mean what they meant in the segments that they come from, so
that a shipper of another version reads them as it would have read those.

    {"k": "kept", "v": 1, "number": segment, "offset": bytes of it, "events": given by then,
     "digests": settled by then, "last": at, "replaced": bool, "records": how many follow}

Written aside, synced, and renamed: whoever dies leaves the one before, or this. Only behind that
are segments taken away that it stands for.

Trusted? As the spool.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from headwater.capture import segments
from headwater.capture.spool import enclosed

FORMAT: Final = 1


class Place(NamedTuple):
    """How far the records of a process were read, and what was given of them by then."""

    number: int
    offset: int
    events: int
    digests: int
    last: int
    replaced: bool


class Kept(NamedTuple):
    """What is kept: the place, the records that matter still, and what of it cannot be read."""

    place: Place
    records: Sequence[segments.Read]
    damage: str | None = None


class Newer(Exception):
    """It was written by a version of Headwater that writes it otherwise."""


class Unreadable(Exception):
    """Nothing of it can be read; the message says why."""


def write(path: Path, place: Place, bodies: Sequence[bytes]) -> int:
    """Put it in the place of what was kept before; gives its size in bytes. Raises `OSError`."""
    head = {"k": "kept", "v": FORMAT, **place._asdict(), "records": len(bodies)}
    data = b"".join(map(enclosed, (json.dumps(head).encode("ascii"), *bodies)))
    beside = path.with_suffix(".kept-new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return len(data)


def read(path: Path) -> Kept | None:
    """Read what is kept; None where nothing is. Raises `Newer`, `Unreadable` and `OSError`."""
    try:
        found = list(segments.read(str(path)))
    except FileNotFoundError:
        return None
    whole = [one for one in found if isinstance(one, segments.Read)]
    if not whole:
        raise Unreadable("its first record cannot be read")
    head, *rest = whole
    if head.record.get("v") != FORMAT:
        raise Newer
    place = Place(**{name: head.record[name] for name in Place._fields})
    wanted = head.record["records"]
    damage = (
        None if len(rest) == wanted else f"{wanted - len(rest):,} of its records cannot be read"
    )
    return Kept(place, rest, damage)
