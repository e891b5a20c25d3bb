"""`diff`: what changed between two versions, two runs, or two points in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headwater.errors import InvalidReference
from headwater.graph.model import RunNode
from headwater.query.documents import Document, facet_values
from headwater.query.snapshot import Snapshot
from headwater.refs import Run, Version

_WHAT = {
    "headwater_training": "parameter",
    "headwater_parameters": "parameter",
    "executionParameters": "parameter",
    "headwater_code": "code",
    "sourceCodeLocation": "code",
    "sourceCode": "code",
    "sql": "code",
    "headwater_environment": "environment",
    "processing_engine": "environment",
    "environmentVariables": "environment",
    "schema": "schema",
}
_FORM_KEYS = frozenset({"_producer", "_schemaURL"})


def diff(snapshot: Snapshot, first: Run | Version, second: Run | Version) -> Document:
    """Compare two versions or two runs. Raises `InvalidReference` for one of each."""
    if isinstance(first, Run) and isinstance(second, Run):
        changes = _runs(snapshot, first, second)
        kind = "run"
    elif isinstance(first, Version) and isinstance(second, Version):
        changes = _versions(snapshot, first, second)
        kind = "version"
    else:
        raise InvalidReference(
            "a run and a version cannot be compared",
            remedy="give two versions, two runs, or two points in time (@120 @180)",
        )
    return {"a": str(first), "b": str(second), "kind": kind, "changes": list(changes)}


def diff_times(before: Snapshot, after: Snapshot) -> Document:
    """Compare the graph as known at two sizes: what came to be known, and what moved."""
    changes: list[Document] = []
    for what in ("versions", "runs"):
        one, other = _known(before, what), _known(after, what)
        for thing in _visible(after, one.keys() | other.keys()):
            change = _presence(thing in one, thing in other)
            if change is not None:
                name = str(thing)
                changes.append(_change(what[:-1], change, name, name, name))
            elif what == "runs" and one[thing].state != other[thing].state:
                path = f"{thing} state"
                changes.append(
                    _change("run", "changed", path, one[thing].state, other[thing].state)
                )
    reads, later = _bindings(before), _bindings(after)
    for read in sorted(reads.keys() | later.keys()):
        old, new = reads.get(read, ()), later.get(read, ())
        if old != new:
            change = _presence(bool(old), bool(new)) or "changed"
            changes.append(_change("input", change, " ".join(read), list(old), list(new)))
    return {
        "a": f"@{before.size}",
        "b": f"@{after.size}",
        "kind": "size",
        "changes": changes,
    }


def _known(snapshot: Snapshot, what: str) -> Mapping[Any, Any]:
    if what == "runs":
        return {node.run: node for node in snapshot.lineage.runs()}
    return {node.version: node for node in snapshot.lineage.versions()}


def _bindings(snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for run in snapshot.lineage.runs():
        for used in snapshot.lineage.used_of(run.run):
            if snapshot.principal.sees(used.version.artifact):
                key = str(used.run), str(snapshot.told(used.named))
                found.setdefault(key, []).append(str(used.version))
    return {key: tuple(sorted(versions)) for key, versions in found.items()}


def _visible(snapshot: Snapshot, things: Iterable[Any]) -> list[Any]:
    return sorted(
        (
            thing
            for thing in things
            if not isinstance(thing, Version) or snapshot.principal.sees(thing.artifact)
        ),
        key=str,
    )


def _versions(snapshot: Snapshot, first: Version, second: Version) -> Iterator[Document]:
    one, other = snapshot.node(first), snapshot.node(second)
    for field in ("declared", "digest", "size", "kind", "lifecycle"):
        yield from _compare("version", field, getattr(one, field), getattr(other, field))
    yield from _inputs(_sources(snapshot, first), _sources(snapshot, second))
    yield from _facets(facet_values(snapshot, one.facets), facet_values(snapshot, other.facets))
    if first.run is not None and second.run is not None and first.run != second.run:
        yield from _of_runs(snapshot, first.run, second.run)


def _runs(snapshot: Snapshot, first: Run, second: Run) -> Iterator[Document]:
    one, other = snapshot.run(first), snapshot.run(second)
    yield from _compare("run", "job", str(first.job), str(second.job))
    yield from _compare("run", "state", one.state, other.state)
    yield from _compare("run", "seconds", _seconds(one), _seconds(other))
    yield from _inputs(_read(snapshot, first), _read(snapshot, second))
    made, made_other = (
        {
            str(version.artifact): str(version)
            for version in snapshot.lineage.made_by(run)
            if snapshot.principal.sees(version.artifact)
        }
        for run in (first, second)
    )
    for artifact in sorted(made.keys() | made_other.keys()):
        change = _presence(artifact in made, artifact in made_other)
        if change is not None:
            yield _change("output", change, artifact, made.get(artifact), made_other.get(artifact))
    yield from _of_runs(snapshot, first, second)


def _of_runs(snapshot: Snapshot, first: Run, second: Run) -> Iterator[Document]:
    one, other = snapshot.run(first), snapshot.run(second)
    if one.code and other.code:
        yield from _compare("code", "state", one.code, other.code)
    yield from _facets(
        facet_values(snapshot, one.job_facets | one.facets),
        facet_values(snapshot, other.job_facets | other.facets),
    )


def _seconds(node: RunNode) -> float | None:
    return None if node.ended is None else (node.ended - node.started) / 1_000_000


def _sources(snapshot: Snapshot, version: Version) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge in snapshot.lineage.derived_from(version):
        if snapshot.principal.sees(edge.source.artifact):
            found.setdefault(str(edge.source.artifact), []).append(str(edge.source))
    return found


def _read(snapshot: Snapshot, run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for used in snapshot.lineage.used_of(run):
        if snapshot.principal.sees(used.version.artifact):
            found.setdefault(str(snapshot.told(used.named)), []).append(str(used.version))
    return found


def _inputs(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> Iterator[Document]:
    for artifact in sorted(one.keys() | other.keys()):
        old, new = sorted(one.get(artifact, ())), sorted(other.get(artifact, ()))
        if old != new:
            change = _presence(bool(old), bool(new)) or "changed"
            yield _change("input", change, artifact, _single(old), _single(new))


def _single(found: list[str]) -> str | list[str] | None:
    return (found[0] if len(found) == 1 else found) if found else None


def _facets(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Document]:
    for name in sorted(one.keys() | other.keys()):
        what = _WHAT.get(name, "facet")
        old, new = dict(_flat(one.get(name), name)), dict(_flat(other.get(name), name))
        for path in sorted(old.keys() | new.keys()):
            yield from _compare(what, path, old.get(path), new.get(path))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Leaves of a facet by their path.

    Lists of things with a name or key each go by that, so that order is nothing.
    """
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _FORM_KEYS:
                yield from _flat(item, f"{path}.{key}")
    elif isinstance(value, list) and (naming := _naming(value)) is not None:
        for item in value:
            rest = {key: held for key, held in item.items() if key != naming}
            yield from _flat(rest or True, f"{path}[{item[naming]}]")
    elif value is not None:
        yield path, value


def _naming(items: list[Any]) -> str | None:
    """The member by which all of these things can be told apart: their name or key."""
    for member in ("name", "key"):
        if items and all(isinstance(item, Mapping) for item in items):
            names = [item.get(member) for item in items]
            if all(isinstance(name, str) for name in names) and len({*names}) == len(names):
                return member
    return None


def _compare(what: str, path: str, old: Any, new: Any) -> Iterator[Document]:
    if old != new:
        change = _presence(old is not None, new is not None) or "changed"
        yield _change(what, change, path, old, new)


def _presence(before: bool, after: bool) -> str | None:
    if before == after:
        return None
    return "added" if after else "removed"


def _change(what: str, change: str, path: str, old: Any, new: Any) -> Document:
    return {
        "what": what,
        "change": change,
        "path": path,
        "a": None if change == "added" else old,
        "b": None if change == "removed" else new,
    }
