"""Ids of runs, and how a run is named to child processes: in the environment."""

from __future__ import annotations

import os
import time

from headwater.capture.context import OPENLINEAGE_CONTEXT, OPENLINEAGE_PARENT, PARENT
from headwater.capture.encoding import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_PLAIN_BYTES: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_PLAIN: Final = frozenset(_PLAIN_BYTES)
_PLAIN_TEXT: Final = _PLAIN_BYTES.decode()
_HEX: Final = frozenset("0123456789ABCDEF")


class Link(tuple[str, str, str]):
    """A run as others name it: its id, and namespace and name of its job."""

    # A NamedTuple but for `typing` and `collections`, which take 6 ms to import.
    __slots__ = ()

    def __new__(cls, id: str, namespace: str, name: str) -> Link:  # noqa: A002
        """Name a run."""
        return tuple.__new__(cls, (id, namespace, name))

    def __getnewargs__(self) -> tuple[str, str, str]:
        return tuple(self)  # type: ignore[return-value]

    @property
    def id(self) -> str:
        """Its id."""
        return self[0]

    @property
    def namespace(self) -> str:
        """The namespace of its job."""
        return self[1]

    @property
    def name(self) -> str:
        """The name of its job."""
        return self[2]


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
    said[OPENLINEAGE_CONTEXT] = f'{{"parent":{_named(run)},"root":{_named(root)}}}'
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


def _named(run: Link) -> str:
    id_, namespace, name = map(quote, run)
    return f'{{"run":{{"runId":{id_}}},"job":{{"namespace":{namespace},"name":{name}}}}}'


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
    if not text.strip(_PLAIN_TEXT):
        return text
    return "".join(
        chr(byte) if byte in _PLAIN else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogatepass")
    )


def _parse(text: str) -> Link | None:
    parts = text.removeprefix("run:").split("/")
    if not text.startswith("run:") or len(parts) != 3 or not all(parts):
        return None
    return Link(*map(_unquote, parts))


def _unquote(text: str) -> str:
    first, *rest = text.split("%")
    made = [first]
    for part in rest:
        is_escape = len(part) > 1 and _HEX.issuperset(part[:2])
        made.append(chr(int(part[:2], 16)) + part[2:] if is_escape else f"%{part}")
    return "".join(made).encode("latin-1", "replace").decode("utf-8", "surrogatepass")
