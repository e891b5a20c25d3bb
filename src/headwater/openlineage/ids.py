"""Run ids: UUIDs in lower case, and what becomes of ids that are none."""

from __future__ import annotations

import re
from typing import Final

from headwater import canonical

NAMESPACE: Final = "6f0b1d5e-6c1c-5d0a-9a53-6f2d9f6f7a11"
"""Of the UUIDv5 that an id becomes which is no UUID. Fixed for ever: references contain it."""

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def run_id(text: str, namespace: str, name: str) -> tuple[str, str | None]:
    """Return the run's UUID in lower case, and a warning where it had to be made.

    `namespace` and `name` are the job's. An id that is no UUID becomes a UUIDv5 (RFC 9562 §5.5)
    over the RFC 8785 form of `[namespace, name, text]`, so that equal ids of one job stay equal
    and those of different jobs, such as `1`, stay apart.
    """
    lower = text.lower()
    if _UUID.fullmatch(lower):
        return lower, None
    import uuid  # readers of a ledger never need it, and it takes some milliseconds

    key = canonical.encode([namespace, name, text]).decode()
    made = str(uuid.uuid5(uuid.UUID(NAMESPACE), key))
    return made, f"{text!r} is no UUID, so it stands as {made}"
