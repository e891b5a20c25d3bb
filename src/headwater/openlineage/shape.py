"""The shape of an event: what admission asks of every one, and what it warns about.

Lenient as producers are (no producer, no zone, null facets), strict where the graph would be wrong:
times, names, ids and the kind of the event. It looks at everything, so that a producer hears of all
problems at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from headwater.errors import Problem
from headwater.openlineage import ids, kinds, names, paths, times
from headwater.openlineage.limits import (
    DATASETS_MAX,
    FACETS_MAX,
    PROBLEMS_MAX,
    TIME_AHEAD_MAX_US,
    TIME_AHEAD_WARNED_US,
)

EVENT_TYPES: Final = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")


class Findings(NamedTuple):
    """Everything wrong with an event, and everything worth a warning."""

    problems: list[Problem]
    warnings: list[Problem]

    def refuse(self, path: paths.Path, message: str) -> None:
        """Note a reason not to admit the event."""
        _note(self.problems, path, message)

    def warn(self, path: paths.Path, message: str) -> None:
        """Note something that its producer should know."""
        _note(self.warnings, path, message)


def _note(notes: list[Problem], path: paths.Path, message: str) -> None:
    if len(notes) < PROBLEMS_MAX:
        notes.append(Problem(paths.write(path), message))
    elif len(notes) == PROBLEMS_MAX:
        notes.append(Problem("$", f"has more than these {PROBLEMS_MAX:,}; the rest is left out"))


def examine(event: object, *, now: int, deep: bool) -> Findings:
    """Check an event's JSON value.

    `now` is the entry's own time in microseconds. `deep` asks to look at the names and sizes in
    the facets that the graph reads too; a small event without long strings cannot fail there.
    """
    found = Findings([], [])
    if not isinstance(event, dict):
        found.refuse((), f"is {_kind_of(event)}, not an object")
        return found
    _check_time(event, found, now)
    for key in ("producer", "schemaURL"):
        if event.get(key) is None:
            found.warn((key,), "is missing")
        elif not isinstance(event[key], str):
            found.refuse((key,), f"is {_kind_of(event[key])}, not a string")
    kind = kinds.tell(event)
    if kind is None:
        _refuse_kind(event, found)
        return found
    for key in kinds.MEMBERS:
        if key in event and (event[key] is None or key not in kinds.READ[kind]):
            reason = "is null" if event[key] is None else f"does not belong to a {kind} event"
            found.warn((key,), f"{reason} and is ignored")
    _check_members(event, kind, found, deep=deep)
    return found


def _check_members(event: dict[str, object], kind: str, found: Findings, *, deep: bool) -> None:
    if kind == "run":
        _check_type(event.get("eventType"), found)
        _check_run(event["run"], event["job"], found, deep=deep)
    if kind == "dataset":
        _check_named(event["dataset"], ("dataset",), found, ("facets",), deep=deep)
        return
    _check_named(event["job"], ("job",), found, ("facets",), deep=deep)
    count = 0
    for key, places in kinds.SIDES.items():
        side = event.get(key)
        if side is None:
            continue
        if not isinstance(side, list):
            found.refuse((key,), f"is {_kind_of(side)}, not an array")
            continue
        count += len(side)
        for index, dataset in enumerate(side[: DATASETS_MAX + 1]):
            _check_named(dataset, (key, index), found, places, deep=deep)
    if count > DATASETS_MAX:
        found.refuse((), f"has {count:,} inputs and outputs; the limit is {DATASETS_MAX:,}")


def _check_time(event: dict[str, object], found: Findings, now: int) -> None:
    path = ("eventTime",)
    text = event.get("eventTime")
    if not isinstance(text, str):
        missing = "is missing" if "eventTime" not in event else f"is {_kind_of(text)}, not a string"
        found.refuse(path, missing)
        return
    try:
        time, note = times.microseconds(text)
    except ValueError as error:
        found.refuse(path, f"{text[:64]!r} {error}")
        return
    if note:
        found.warn(path, note)
    if time - now > TIME_AHEAD_MAX_US:
        found.refuse(path, f"{text!r} is more than ten years ahead of {times.iso(now)}")
    elif time - now > TIME_AHEAD_WARNED_US:
        found.warn(path, f"is more than a day ahead of {times.iso(now)}")


def _check_type(value: object, found: Findings) -> None:
    if value is None:
        found.warn(("eventType",), "is missing")
    elif not isinstance(value, str):
        found.refuse(("eventType",), f"is {_kind_of(value)}, not a string")
    elif value not in EVENT_TYPES:
        hint = f"; write {value.upper()}" if value.upper() in EVENT_TYPES else ""
        found.refuse(("eventType",), f"{value[:64]!r} is none of {', '.join(EVENT_TYPES)}{hint}")


def _refuse_kind(event: dict[str, object], found: Findings) -> None:
    if event.get("run") is not None:
        found.refuse(("job",), "is missing: a run event names its job")
    elif event.get("job") is None:
        found.refuse((), "is no event: it has none of run, job and dataset")
    else:
        found.refuse((), "has both a job and a dataset but no run: send two events")


def _check_run(run: object, job: object, found: Findings, *, deep: bool) -> None:
    if not isinstance(run, dict):
        found.refuse(("run",), f"is {_kind_of(run)}, not an object")
        return
    sound = _check_name(run, "runId", ("run",), found)
    if sound and isinstance(job, dict):
        namespace, name = job.get("namespace"), job.get("name")
        if isinstance(namespace, str) and isinstance(name, str):
            _, note = ids.run_id(run["runId"], namespace, name)
            if note:
                found.warn(("run", "runId"), note)
    if "facets" in run:
        _check_facets(run["facets"], ("run", "facets"), found, deep=deep)


def _check_named(
    value: object, path: paths.Path, found: Findings, places: tuple[str, ...], *, deep: bool
) -> None:
    if not isinstance(value, dict):
        found.refuse(path, f"is {_kind_of(value)}, not an object")
        return
    for key in ("namespace", "name"):
        if not names.is_plain(value.get(key)):
            _check_name(value, key, path, found)
    for place in places:
        if place in value:
            _check_facets(value[place], (*path, place), found, deep=deep)


def _check_name(owner: dict[str, object], key: str, path: paths.Path, found: Findings) -> bool:
    value = owner.get(key)
    if not isinstance(value, str):
        missing = "is missing" if key not in owner else f"is {_kind_of(value)}, not a string"
        found.refuse((*path, key), missing)
        return False
    fault = names.fault(value)
    if fault:
        found.refuse((*path, key), fault)
    elif not value:
        found.warn((*path, key), "is empty")
    return fault is None


def _check_facets(facets: object, path: paths.Path, found: Findings, *, deep: bool) -> None:
    if facets is None:
        found.warn(path, "is null and is read as absent")
    elif not isinstance(facets, dict):
        found.refuse(path, f"is {_kind_of(facets)}, not an object")
    elif len(facets) > FACETS_MAX:
        found.refuse(path, f"has {len(facets):,} facets; the limit is {FACETS_MAX:,}")
    else:
        for name, facet in facets.items():
            if type(facet) is not dict or not _has_base(facet):
                _warn_of_facet(facet, (*path, name), found)
            if deep:
                for where, fault in names.facet_faults(name, facet):
                    found.refuse((*path, name, *where), fault)


def _has_base(facet: dict[str, object]) -> bool:
    return "_producer" in facet and "_schemaURL" in facet


def _warn_of_facet(facet: object, path: paths.Path, found: Findings) -> None:
    if isinstance(facet, dict):
        missing = [key for key in ("_producer", "_schemaURL") if key not in facet]
        found.warn(path, f"has no {' and no '.join(missing)}")
    elif facet is None:
        found.warn(path, "is null and is read as absent")
    else:
        found.warn(path, f"is {_kind_of(facet)}, not an object, and is kept as it came")


_KINDS: Final[Mapping[type, str]] = {
    dict: "an object", list: "an array", str: "a string", bool: "a boolean",
    int: "a number", float: "a number", type(None): "null",
}  # fmt: skip


def _kind_of(value: object) -> str:
    return _KINDS[type(value)]
