"""Labels: `governance.label` entries, by which a person says something about a subject."""

from __future__ import annotations

import re
from collections.abc import Callable

from headwater import canonical
from headwater.claims.project import LABEL_KIND
from headwater.errors import InvalidEvent, Problem, StoreReadOnly
from headwater.ingest.admitting import admit_record
from headwater.ingest.receipts import Receipt
from headwater.openlineage.times import iso
from headwater.store import Store, Writer

KEY = re.compile(r"[a-z][a-z_]{0,63}")
VALUE_CHARS_MAX = 1_024


def check_label(key: str, value: str) -> None:
    """Raise `InvalidEvent` unless this can be a label; no value takes back what was said."""
    problems = []
    if not KEY.fullmatch(key):
        problems.append(Problem("$.key", f"{key!r} is not of the form [a-z][a-z_]*, 64 at most"))
    if len(value) > VALUE_CHARS_MAX:
        problems.append(Problem("$.value", f"has more than {VALUE_CHARS_MAX} characters"))
    if problems:
        raise InvalidEvent(tuple(problems))


def admit_label(
    store: Store,
    subject: str,
    *,
    key: str,
    value: str,
    by: str = "local",
    now: Callable[[], int] | None = None,
    entropy: Callable[[int], bytes] | None = None,
) -> Receipt:
    """Record that `by` gives `subject` (a canonical reference) this label now.

    The body is RFC 8785 JSON `{"by", "key", "subject", "time", "value"}`, `by` being the opaque id.
    Raises as `admit_record`.
    """
    if not isinstance(store, Writer):
        raise StoreReadOnly(
            f"{store.location} is open for reading only", remedy="open it with mode='write'"
        )
    at, _ = store.moment(now)
    label = {
        "by": store.actor_for(by),
        "key": key,
        "subject": subject,
        "time": iso(at),
        "value": value,
    }
    body = canonical.encode(label)
    return admit_record(store, LABEL_KIND, body, by=by, now=now, entropy=entropy)
