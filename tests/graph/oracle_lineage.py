"""The oracle on lineage facets: statements, refinements, own sources (rule 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headwater.refs import Artifact, Run
from tests.graph.oracle_writes import Write, Writes
from tests.graph.told import TERMINAL, Json, Mention, Observation, artifact, newest


@dataclass(frozen=True)
class Statement:
    """What was said of where an output came from.

    `listed` is None without a list of inputs; `fields` are (column, source, its field, how).
    """

    listed: frozenset[Artifact] | None
    known_none: bool
    fields: tuple[tuple[str, Artifact, str, Any], ...]
    refines: bool

    @property
    def named(self) -> frozenset[Artifact]:
        """Every dataset named."""
        return (self.listed or frozenset()) | {source for _, source, _, _ in self.fields}


@dataclass(frozen=True)
class Named:
    """A dataset named as a source of a target in a lineage facet. JOB targets feed nothing."""

    source: Artifact
    target: Artifact
    time: int
    terminal: bool


class Lineage(Writes):
    """What is said of where outputs came from."""

    def own_lineage(self, run: Run) -> list[list[Json]]:
        """Entries of the newest `lineage` among the run facets, and among the job facets."""
        found = []
        for place in ([s.own_facets for s in self.of(run)], [s.job_facets for s in self.of(run)]):
            said = newest(f["lineage"] for f in place if "lineage" in f)
            found.append(list(said.get("entries") or []) if said else [])
        return found

    def own_entries(self, run: Run, target: Artifact) -> list[Json]:
        """Those for a target: of the run facet where it says anything, else of the job facet."""
        for entries in self.own_lineage(run):
            own = _entries_for(entries, target)
            if _says(own):
                return own
        return []

    def job_lineage(self, run: Run) -> list[Json]:
        """Entries of the newest `lineage` of the job's JobEvents."""
        said = newest(
            each.facets["lineage"]
            for each in self.told.definitions
            if each.job == run.job and "lineage" in each.facets
        )
        return list(said.get("entries") or []) if said else []

    def statement(self, write: Write) -> Statement | None:
        """Rule 5: the most specific: the run's entry, else the dataset's facet, else the job's."""
        facet = write.facet("lineage")
        for entries in (
            self.own_entries(write.run, write.artifact),
            [facet] if facet else [],
            _entries_for(self.job_lineage(write.run), write.artifact),
        ):
            if _says(entries):
                return _statement(entries)
        return None

    def refinement(self, write: Write) -> Statement | None:
        """Columns: the statement's `fields` and `columnLineage` together."""
        said = self.statement(write)
        columns = _column_fields(write.facet("columnLineage"))
        if columns is None:
            return said if said is not None and said.refines else None
        fields = (said.fields if said is not None else ()) + columns
        return Statement(None, False, fields, True)

    def sourceless(self, write: Write) -> tuple[str, ...]:
        """Columns with an empty list, where a list of all inputs is stated."""
        said, facet = self.statement(write), write.facet("columnLineage")
        if said is None or said.listed is None or not facet:
            return ()
        fields = facet.get("fields") or {}
        return tuple(sorted(each for each, one in fields.items() if one["inputFields"] == []))

    def named(self, run: Run) -> list[Named]:
        """Datasets that lineage facets in force name as sources, when they first did."""
        found = []
        for write in self.writes:
            if write.run == run:
                found += self._named_by_output(write)
        said = [(seen, each.value) for seen in self.of(run) for each in _lineage_facets(seen)]
        entries = [each for entries in self.own_lineage(run) for each in entries]
        for target in sorted({artifact(each) for each in filter(_is_dataset, entries)}):
            for source in _statement(self.own_entries(run, target)).named:
                times = [
                    (seen.time, seen.type in TERMINAL)
                    for seen, value in said
                    if source in _statement(_entries_for(value.get("entries") or [], target)).named
                ]
                found += _first_named(source, target, times)
        return found

    def _named_by_output(self, write: Write) -> list[Named]:
        found = []
        for facet in ("lineage", "columnLineage"):
            for source in _sources(facet, write.facet(facet)):
                times = [
                    (each.time, each.terminal)
                    for each in write.all_mentions
                    if source in _sources(facet, _value(each, facet))
                ]
                found += _first_named(source, write.artifact, times)
        return found

    # The run's own versions as sources

    def own_source(self, write: Write, source: Artifact) -> Write | None:
        """Rule 5: the run's own version of a source; None where the version before is meant."""
        found = self._own_source(write, source)
        loops = source in self.all_sources(write)
        if found is None or (loops and write in self._own_ancestors(found)):
            return None
        return found

    def _own_source(self, write: Write, source: Artifact) -> Write | None:
        if source == write.artifact:
            return None
        made = [
            each
            for each in self.versions
            if each.run == write.run
            and each.artifact == source
            and each.begins <= write.begins
            and (write.attempted or not each.attempted)
        ]
        return max(made, key=lambda each: (each.begins, each.declared or "")) if made else None

    def _own_ancestors(self, write: Write) -> list[Write]:
        found: list[Write] = []
        waiting = [write]
        while waiting:
            each = waiting.pop()
            if each in found:
                continue
            found.append(each)
            for source in self.all_sources(each):
                own = self._own_source(each, source)
                if own is not None:
                    waiting.append(own)
            waiting += [
                other
                for other in self.versions
                if other.run == each.run and other.artifact in each.renames
            ]
        return found

    def all_sources(self, write: Write) -> frozenset[Artifact]:
        """Names that decide what a version derives from: a list rules alone, else columns."""
        said = self.statement(write)
        if said is not None and said.listed is not None:
            return said.listed
        refined = self.refinement(write)
        return refined.named if refined is not None else frozenset()


def _value(mention: Mention, facet: str) -> Any:
    said = mention.facets.get(facet)
    return None if said is None or said.deleted else said.value


def _says(entries: list[Json]) -> bool:
    return any(each.get("inputs") is not None or each.get("fields") for each in entries)


def _lineage_facets(seen: Observation) -> list[Any]:
    return [f["lineage"] for f in (seen.own_facets, seen.job_facets) if "lineage" in f]


def _entries_for(entries: list[Json], target: Artifact) -> list[Json]:
    return [e for e in entries if e.get("type") != "JOB" and artifact(e) == target]


def _first_named(source: Artifact, target: Artifact, times: list[tuple[int, bool]]) -> list[Named]:
    first = min(time for time, _ in times)
    return [Named(source, target, first, any(last for time, last in times if time == first))]


def _is_dataset(given: Json) -> bool:
    return given.get("type") != "JOB"


def _statement(entries: list[Json]) -> Statement:
    lists = [entry["inputs"] for entry in entries if entry.get("inputs") is not None]
    fields = []
    for entry in entries:
        for column, said in (entry.get("fields") or {}).items():
            for each in filter(_is_dataset, said.get("inputs") or []):
                at = each.get("field") or "*"
                fields.append((column, artifact(each), at, each.get("transformations")))
        for each in filter(_is_dataset, entry.get("inputs") or []):
            if each.get("field"):
                fields.append(("*", artifact(each), each["field"], each.get("transformations")))
    return Statement(
        frozenset(artifact(each) for given in lists for each in given if _is_dataset(each))
        if lists
        else None,
        bool(lists) and not any(lists),
        tuple(fields),
        any(column != "*" for column, _, _, _ in fields),
    )


def _column_fields(facet: Json | None) -> tuple[tuple[str, Artifact, str, Any], ...] | None:
    if not facet:
        return None
    fields = [
        (column, artifact(each), each["field"], each.get("transformations"))
        for column, said in (facet.get("fields") or {}).items()
        for each in said["inputFields"]
    ]
    fields += [
        ("*", artifact(each), each["field"], each.get("transformations"))
        for each in facet.get("dataset") or []
    ]
    return tuple(fields) or None


def _sources(facet: str, value: Json | None) -> frozenset[Artifact]:
    if facet == "lineage":
        return _statement([value]).named if value else frozenset()
    return frozenset(source for _, source, _, _ in _column_fields(value) or ())
