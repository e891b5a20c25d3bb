"""What a ledger entry is about, in one line, as far as its bytes can still be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from headwater.errors import HeadwaterError
from headwater.evidence.naming import printable, short_run


def describe(where: str, indexes: Iterable[int]) -> dict[int, str]:
    """Describe these entries of a store that may be damaged; those that cannot be are left out."""
    import sqlite3

    from headwater.store import open_store

    wanted = sorted(set(indexes))
    if not wanted:
        return {}
    try:
        with open_store(where) as store:
            bodies = store.bodies(wanted)
    except (HeadwaterError, sqlite3.Error):
        return {}
    found = {index: summary(body) for index, body in bodies.items()}
    return {index: text for index, text in found.items() if text}


def summary(body: bytes) -> str:
    """Say what an event tells: `COMPLETE of train, run 0193a5f2, 2026-05-04T01:10:00Z`."""
    try:
        event = json.loads(body)
    except (ValueError, TypeError, RecursionError):  # TypeError: a number stands for the bytes
        return "its bytes are no longer JSON"
    if not isinstance(event, Mapping):
        return ""
    parts = []
    job, run, dataset = (_mapping(event, key) for key in ("job", "run", "dataset"))
    if run:
        parts.append(f"{event.get('eventType', 'OTHER')} of {job.get('name')}")
        parts.append(f"run {short_run(str(run.get('runId')))}")
    elif job:
        parts.append(f"job {job.get('name')}")
    elif dataset:
        parts.append(f"dataset {dataset.get('name')}")
    elif "subject" in event:
        parts.append(f"label {event.get('key')}={event.get('value')} of {event['subject']}")
    when = event.get("eventTime") or event.get("time")
    if when is not None:
        parts.append(str(when))
    return printable(", ".join(parts))


def _mapping(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}
