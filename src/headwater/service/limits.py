"""The limits of the service. Each is tested at the limit and one beyond.

Those of an event and of a batch are the limits of `openlineage`, counted after decompression.
"""

from __future__ import annotations

from typing import Final

import msgspec

from headwater.openlineage.limits import DOCUMENT_BYTES_MAX, EVENT_BYTES_MAX

BATCH_BYTES_MAX: Final = DOCUMENT_BYTES_MAX
"""Size of a batch's body, in bytes, decompressed."""

LABEL_BYTES_MAX: Final = 64 * 1024
"""Size of a label's body, in bytes, decompressed."""

IN_FLIGHT_BYTES_MAX: Final = 256 * 1024 * 1024
"""Bytes of all bodies that are being read or wait for their receipts; more are refused with 503."""

BODY_IDLE_SECONDS: Final = 20.0
"""How long the next part of a body may take to come."""

BODY_SECONDS_MAX: Final = 300.0
"""How long a whole body may take to come."""

HEAD_BYTES_MAX: Final = 64 * 1024
"""Size of a request's line and headers, in bytes."""

HEAD_SECONDS_MAX: Final = 20.0
"""How long a request's line and headers may take to come."""

KEEP_ALIVE_SECONDS: Final = 75
"""How long a connection without a request is kept."""

STALLED_SECONDS: Final = 60.0
"""How long a client may take none of an answer."""

CONNECTIONS_MAX: Final = 1_000
"""Connections that are open at once; more are answered with 503 and closed."""

SHUTDOWN_SECONDS_MAX: Final = 30
"""How long requests that are under way are waited for when the service ends."""

READERS: Final = 2
"""Threads that answer questions, each with a connection of its own."""

QUESTIONS_MAX: Final = 64
"""Questions that are being answered or wait for it; more are refused with 503."""

RETRY_SECONDS: Final = 1
"""What `Retry-After` says."""

PAGE_ITEMS: Final = 1_000
"""Nodes, hits or changes of a page, unless `limit` says otherwise."""

PAGE_ITEMS_MAX: Final = 100_000
"""The greatest `limit`."""

CURSOR_BYTES_MAX: Final = 512
"""Length of a cursor."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits that depend on the machine, or that a test makes small."""

    event_bytes: int = EVENT_BYTES_MAX
    batch_bytes: int = BATCH_BYTES_MAX
    in_flight_bytes: int = IN_FLIGHT_BYTES_MAX
    body_idle_seconds: float = BODY_IDLE_SECONDS
    body_seconds: float = BODY_SECONDS_MAX
    head_seconds: float = HEAD_SECONDS_MAX
    keep_alive_seconds: int = KEEP_ALIVE_SECONDS
    stalled_seconds: float = STALLED_SECONDS
    connections: int = CONNECTIONS_MAX
    questions: int = QUESTIONS_MAX
