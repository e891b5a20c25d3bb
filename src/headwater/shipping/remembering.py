"""Which records of a process that goes on have to be heard again by who goes on reading later.

A translator knows what records told it. Of a run that has ended it needs nothing any more, of one
that is open all, and of the process and its connections too: what these were told counts for the
runs that come. So what is kept of it are records, and no picture of its insides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from headwater.shipping.runs import Run

Record = dict[str, Any]

_PASSING: Final = frozenset({"exit", "replaced"})
_OF_CONNECTIONS: Final = frozenset({"db", "schemas", "defined", "sql", "tx"})
_BOUNDS: Final = frozenset({"begin", "join", "end", "leave"})
_RENAMING: Final = frozenset({"move", "remove"})
_FOLDED: Final = frozenset({"state", "gap", *_RENAMING})


class _Heard(NamedTuple):
    run: Run | None
    """The run that it is of; None: it counts as long as the process goes on."""
    kind: str
    record: Record
    """Of what may be superseded, or supersede; else nothing."""
    body: bytes


class Remembered:
    """The records of one process that its translator needs, in their order."""

    def __init__(self) -> None:
        self._heard: list[_Heard] = []
        self._has_head = False
        self._executing: set[Run] = set()
        """Runs that executed SQL: what a transaction did is theirs if it ends before they do."""

    def add(self, run: Run | None, record: Record, body: bytes) -> None:
        """Remember a record, and the run that it is of, if it is of one that is known."""
        kind = record["k"]
        if kind == "process":
            if self._has_head:
                return  # all is said in the first
            self._has_head = True
        elif kind in _OF_CONNECTIONS:
            if run is not None:
                self._executing.add(run)
            run = None
        elif kind in _PASSING or (run is None and "r" in record):
            return
        told = record if kind in _FOLDED else {}
        self._heard.append(_Heard(run, kind, told, body))

    def needed(self, runs: Iterable[Run]) -> list[bytes]:
        """Forget what is not needed while `runs` are open, and give the JSON of all others."""
        open_: set[Run] = set()
        for one in runs:
            outer: Run | None = one
            while outer is not None:
                open_.add(outer)
                outer = outer.outer
        kept = []
        for heard in self._heard:
            if heard.run is None or heard.run in open_:
                kept.append(heard)
            elif heard.kind in _BOUNDS and heard.run in self._executing:
                kept.append(heard._replace(run=None))
        self._executing &= open_
        self._heard = _without_superseded(kept)
        return [one.body for one in self._heard]


def _without_superseded(heard: list[_Heard]) -> list[_Heard]:
    """Leave of states of one file the last, and of gaps of one kind one, with their number."""
    states: dict[tuple[int, str, str], int] = {}
    gaps: dict[tuple[int, str], int] = {}
    found: list[_Heard | None] = []
    for one in heard:
        kind, place = one.kind, id(one.run)
        if kind == "state":
            if "value" not in one.record["digest"]:
                continue
            key = (place, one.record["d"][0], one.record["d"][1])
            if key in states:
                found[states[key]] = None
            states[key] = len(found)
        elif kind in _RENAMING:
            states = {key: at for key, at in states.items() if key[0] != place}
        elif kind == "gap" and one.run is not None:
            before = gaps.get((place, one.record["what"]))
            if before is not None and (first := found[before]) is not None:
                found[before] = _counted(first, one.record.get("n", 1))
                continue
            gaps[place, one.record["what"]] = len(found)
        found.append(one)
    return [one for one in found if one is not None]


def _counted(gap: _Heard, more: int) -> _Heard:
    record = {**gap.record, "n": gap.record.get("n", 1) + more}
    return gap._replace(record=record, body=body(record))


def body(record: Record) -> bytes:
    """Write a record as the JSON that stands in a segment."""
    return json.dumps(record, separators=(",", ":")).encode("ascii")
