"""Admission: from bytes that anybody sent to an event, or to every reason why not.

Two speeds. Every event is scanned, looked at and decoded with msgspec, facets raw; that is the fast
one. Walking the text again for the place of each duplicate key, and validating against the JSON
Schemas (strict mode), happens only when it has to.

Trusted? Yes: an attacker who controls it decides what the ledger takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from headwater.errors import InvalidEvent, Problem
from headwater.openlineage import facets, ids, paths
from headwater.openlineage.decode import decode
from headwater.openlineage.events import Event
from headwater.openlineage.scan import scan
from headwater.openlineage.shape import Findings, examine

DEEP_BYTES: Final = 16 * 1024
"""Bodies from this size on may pass a limit inside of a facet without a long string in it."""

_NUL: Final = b"\\u0000"


class Parsed(NamedTuple):
    """An admitted event, and what its producer should know about it."""

    event: Event
    warnings: tuple[str, ...]


def parse(body: bytes, *, strict: bool = False, now: int) -> Parsed:
    """Read one event. `now` is the entry's own time in microseconds since 1970 UTC.

    Lenient (default) takes what real producers send and warns; `strict` also refuses what the
    JSON Schemas of OpenLineage core 2-0-2, its facets and our own refuse. Raises `InvalidEvent`
    with every problem and its JSON path.
    """
    value, problems, long = scan(body)
    if problems and value is None:
        raise InvalidEvent(problems)
    deep = long or len(body) >= DEEP_BYTES or _NUL in body
    found = examine(value, now=now, deep=deep)
    refused = [*problems, *found.problems]
    if strict:
        refused = _join(refused, value)
    if refused:
        raise InvalidEvent(tuple(refused))
    event = decode(body)
    _warn_of_facets(event, found)
    return Parsed(event, tuple(str(warning) for warning in found.warnings))


def _join(problems: list[Problem], value: object) -> list[Problem]:
    """Add what the schemas refuse, but say each place only once."""
    from headwater.openlineage import strict  # takes 40 ms to import, and most never need it

    places = {problem.path for problem in problems}
    return problems + [other for other in strict.check(value) if other.path not in places]


def _warn_of_facets(event: Event, found: Findings) -> None:
    """Warn about facets that the graph would read if it could."""
    for path, all_facets in _facet_maps(event):
        for name, raw in all_facets.items():
            if name not in facets.GRAPH_FACETS:
                continue
            facet = facets.read(name, raw)
            if facet is None:
                reason = _reason(name, raw)
                if reason:
                    found.warn((*path, name), reason)
            elif isinstance(facet, facets.Parent):
                _warn_of_parent(facet, (*path, name), found)


def _reason(name: str, raw: msgspec.Raw) -> str | None:
    value = bytes(raw)
    if not value.startswith(b"{") or facets.is_deleted(value):
        return None  # said already, or needs no saying
    if name.startswith("headwater_") and not facets.is_known_major(value):
        return "has a major version that is not known here; it is kept, not read"
    return "has a shape that cannot be read; it is kept, and the graph goes without it"


def _warn_of_parent(parent: facets.Parent, path: paths.Path, found: Findings) -> None:
    links: list[tuple[paths.Path, facets.RunLink, facets.JobLink]] = [
        ((*path, "run", "runId"), parent.run, parent.job)
    ]
    if parent.root is not None:
        links.append(((*path, "root", "run", "runId"), parent.root.run, parent.root.job))
    for where, run, job in links:
        _, note = ids.run_id(run.run_id, job.namespace, job.name)
        if note:
            found.warn(where, note)


def _facet_maps(event: Event) -> Iterator[tuple[paths.Path, dict[str, msgspec.Raw]]]:
    """Every map of facets that the event's kind reads, and where it stands."""
    if event.kind == "dataset":
        subjects: tuple[str, ...] = ("dataset",)
    else:
        subjects = ("run", "job") if event.kind == "run" else ("job",)
        for index, dataset in enumerate(event.inputs or ()):
            if dataset.facets:
                yield ("inputs", index, "facets"), dataset.facets
            if dataset.input_facets:
                yield ("inputs", index, "inputFacets"), dataset.input_facets
        for index, dataset in enumerate(event.outputs or ()):
            if dataset.facets:
                yield ("outputs", index, "facets"), dataset.facets
            if dataset.output_facets:
                yield ("outputs", index, "outputFacets"), dataset.output_facets
    for subject in subjects:
        yield (subject, "facets"), getattr(event, subject).facets or {}
