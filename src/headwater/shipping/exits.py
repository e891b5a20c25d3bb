"""How a process ended that did not know it, as who started it says: an event of its run."""

from __future__ import annotations

import json
import signal
from typing import Any, Final

from headwater.openlineage.times import iso
from headwater.shipping import facets

_STOPPING: Final = ("SIGINT", "SIGTERM", "SIGHUP")


def event(record: dict[str, Any]) -> bytes:
    """The end of a run whose process did not know how it would exit; its parent does."""
    code = record["code"]
    state, message = "FAIL", f"exit code {code}"
    if code < 0:
        name = _signal(-code)
        state, message = ("ABORT" if name in _STOPPING else "FAIL"), f"ended by {name}"
    error = facets.facet("errorMessage", message=message, programmingLanguage="PYTHON")
    said = {
        "eventTime": iso(record["at"]),
        "eventType": state,
        "producer": facets.PRODUCER,
        "schemaURL": facets.CORE,
        "run": {"runId": record["r"], "facets": error},
        "job": {"namespace": record["job"][0], "name": record["job"][1], "facets": {}},
        "inputs": [],
        "outputs": [],
    }
    return json.dumps(said, separators=(",", ":"), allow_nan=False).encode("ascii")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
