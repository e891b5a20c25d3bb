"""Ids of runs, and how a run is named to child processes: in the environment."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from headwater.capture.context import OPENLINEAGE_CONTEXT, OPENLINEAGE_PARENT, PARENT

_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_ESCAPE: Final = "%([0-9A-F]{2})"
_REFERENCE: Final = "run:([^/ ]+)/([^/ ]+)/([^/ ]+)"


class Link(NamedTuple):
    """A run as others name it: its id, and namespace and name of its job."""

    id: str
    namespace: str
    name: str


def new_id() -> str:
    """Make a run id: UUIDv7 (RFC 9562 §5.7), so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    bits = milliseconds << 80 | 7 << 76 | (tail >> 68) << 64 | 2 << 62 | tail & (1 << 62) - 1
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def environment(run: Link, root: Link) -> dict[str, str]:
    """Write the variables that make a child process's runs part of `run`, and in all of `root`.

    `HEADWATER_PARENT` has both as canonical references, `OPENLINEAGE_CONTEXT` as JSON.
    `OPENLINEAGE_PARENT_ID` has no way to write a `/` in a name, and its readers fail on one, so it
    is left out then.
    """
    said = {PARENT: f"{_reference(run)} {_reference(root)}"}
    said[OPENLINEAGE_CONTEXT] = json.dumps({"parent": _named(run), "root": _named(root)})
    if "/" not in run.namespace + run.name:
        said[OPENLINEAGE_PARENT] = f"{run.namespace}/{run.name}/{run.id}"
    return said


def trace_context(run: Link, root: Link, environ: Mapping[str, str]) -> dict[str, str]:
    """Write W3C Trace Context and Baggage for a run, where nobody else has begun a trace.

    The trace is the outermost run, and the span the last half of this one's id, which is random.
    """
    said = {}
    if not environ.get("TRACEPARENT"):
        trace, span = root.id.replace("-", ""), run.id.replace("-", "")[16:]
        said["TRACEPARENT"] = f"00-{trace}-{span}-01"
    members = [one for one in environ.get("BAGGAGE", "").split(",") if one.strip()]
    kept = [one for one in members if not one.strip().startswith("headwater.run=")]
    said["BAGGAGE"] = ",".join([*kept, f"headwater.run={run.id}"])
    return said


def _named(run: Link) -> dict[str, object]:
    return {"run": {"runId": run.id}, "job": {"namespace": run.namespace, "name": run.name}}


def parents(environ: Mapping[str, str]) -> tuple[Link, Link] | None:
    """Read which run this process is part of, and which is the outermost; None if it is of none."""
    found = [_parse(text) for text in environ.get(PARENT, "").split()]
    if len(found) == 2 and found[0] is not None and found[1] is not None:
        return found[0], found[1]
    parts = environ.get(OPENLINEAGE_PARENT, "").split("/")
    if len(parts) == 3 and all(parts):
        namespace, name, run = parts
        link = Link(run, namespace, name)
        return link, link
    return None


def _reference(run: Link) -> str:
    return "run:" + "/".join(_quote(part) for part in run)


def _quote(text: str) -> str:
    return "".join(
        chr(byte) if byte in _PLAIN else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogatepass")
    )


def _parse(text: str) -> Link | None:
    match = re.fullmatch(_REFERENCE, text)
    if match is None:
        return None
    return Link(*(_unquote(part) for part in match.groups()))


def _unquote(text: str) -> str:
    raw = re.sub(_ESCAPE, lambda found: chr(int(found[1], 16)), text)
    return raw.encode("latin-1", "replace").decode("utf-8", "surrogatepass")
