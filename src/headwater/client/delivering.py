"""Where what was recorded goes: to a service by URL, or into the store itself.

`HEADWATER_URL`, else `OPENLINEAGE_URL`, else the service that holds the store's lock, else the
store.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.capture import segments
from headwater.capture.location import SPOOL
from headwater.errors import ExtraMissing, HeadwaterError, StoreBusy
from headwater.shipping.posting import Service
from headwater.shipping.receipts import ACCEPTED, DUPLICATE, REJECTED, Deliver, Receipt, Undelivered
from headwater.shipping.shipping import Shipping, Tally, turn
from headwater.shipping.status import noting

if TYPE_CHECKING:
    from headwater.store import Writer

URLS = ("HEADWATER_URL", "OPENLINEAGE_URL")
WAIT_SECONDS = 5.0


def service_url() -> str | None:
    """Name the service that the environment says to send events to."""
    return next((os.environ[name] for name in URLS if os.environ.get(name)), None)


@contextmanager
def destination(root: Path, *, wait: float = WAIT_SECONDS) -> Iterator[Deliver]:
    """Give what delivers the spool of the store `root`.

    Raises `Undelivered` when the store is busy for longer than `wait` seconds, `ExtraMissing` where
    only the base is installed and no service is named, other `StoreError`s as `open_store`.
    """
    url = service_url()
    if url is None:
        try:
            from headwater.store import open_store
        except ModuleNotFoundError as error:
            raise ExtraMissing(
                f"the store needs {error.name}, which the base installation leaves out",
                remedy="pip install 'headwater[server]', or name a service with HEADWATER_URL",
            ) from error
        try:
            with open_store(root, mode="write", create=True, wait=wait) as store:
                yield lambda events: _admit(store, events)
                return
        except StoreBusy as error:
            url = holder_url(root)
            if url is None:
                raise Undelivered(error.message, remedy=error.remedy) from error
    yield Service.of_environment(url).deliver


def ship(root: Path, *, wait: float = WAIT_SECONDS) -> Tally | None:
    """Deliver what is in the spool of `root` now; None when another process does so already.

    Raises as `destination`, and `Undelivered`.
    """
    with turn(root, wait=wait) as ours:
        if not ours:
            return None
        with noting(root), destination(root, wait=wait) as deliver:
            shipping = Shipping(root, deliver)
            shipping.pass_over()
            return shipping.tally


def settle(root: Path) -> str | None:
    """Take in what waits in the spool of a store that is about to be asked; what did not work.

    Nothing where a service is named in the environment: then it goes there.
    """
    if service_url() is not None or not segments.held(str(root / SPOOL)):
        return None
    try:
        if ship(root) is None:
            return "what pipelines recorded is still being taken in by another process"
    except (HeadwaterError, OSError) as error:
        message = error.message if isinstance(error, HeadwaterError) else str(error)
        return f"what pipelines recorded waits in the spool: {message}"
    return None


def _admit(store: Writer, events: Sequence[bytes]) -> list[Receipt]:
    from headwater.ingest import admit

    found = []
    for receipt in admit(store, events, by="capture"):
        if receipt.status == REJECTED:
            found.append(Receipt(REJECTED, "; ".join(str(one) for one in receipt.problems)))
        else:
            found.append(Receipt(ACCEPTED if receipt.status == ACCEPTED else DUPLICATE))
    return found


def holder_url(root: Path) -> str | None:
    """Name the service that holds the lock of the store `root`, if it is one."""
    from headwater.store.lock import holder

    found = holder(root)
    return found.url if found is not None else None
