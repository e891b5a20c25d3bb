"""What shipping hands over, and what it hears back: the port that delivery is plugged into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from headwater.errors import EXIT_STORE, HeadwaterError

ACCEPTED: Final = "accepted"
DUPLICATE: Final = "duplicate"
REJECTED: Final = "rejected"


class Receipt(NamedTuple):
    """What became of one event; `reason` says why it was rejected, for good."""

    status: str
    reason: str = ""


Deliver = Callable[[Sequence[bytes]], Sequence[Receipt]]
"""Takes events and gives one receipt each, in order. It may be called again with the same events.

Raises `Undelivered` when nobody takes events now: none of these then count as delivered.
"""


class Undelivered(HeadwaterError):
    """Nobody takes events now. They stay in the spool.

    `retry_after` is in seconds, where whoever refused said when to come back. `lasting` says that
    waiting does not help: somebody has to do something first.
    """

    exit_code = EXIT_STORE

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        retry_after: float | None = None,
        lasting: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after
        self.lasting = lasting
