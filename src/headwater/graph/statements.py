"""What is said about where an output came from: `lineage` and `columnLineage`, most specific first.

The run's own `lineage` entry, else the dataset's facet, else the entry of the job's static events
(rule 5). `columnLineage` refines whatever of them holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from headwater.graph.gather import RunSaid
from headwater.graph.writes import Made, Writes
from headwater.refs import Artifact, Version


class Target(NamedTuple):
    """What a lineage statement names for one output: whole artifacts and, by column, fields."""

    listed: tuple[Artifact, ...] | None
    named: tuple[Artifact, ...]

    @property
    def every(self) -> frozenset[Artifact]:
        """Every dataset that the statement names."""
        return frozenset((*(self.listed or ()), *self.named))


def dataset_inputs(inputs: Iterable[Any] | None) -> tuple[Artifact, ...]:
    """The datasets among lineage inputs; a JOB feeds no dataset."""
    return tuple(
        dict.fromkeys(
            Artifact(item.namespace, item.name)
            for item in inputs or ()
            if item.type == "DATASET" and item.namespace is not None and item.name is not None
        )
    )


def statement_target(statement: Any) -> Target:
    """Read a dataset's `lineage` facet, or one entry of a run's or job's."""
    listed = None if statement.inputs is None else dataset_inputs(statement.inputs)
    fields = statement.fields or {}
    named = [item for field in fields.values() for item in dataset_inputs(field.inputs)]
    return Target(listed, tuple(dict.fromkeys(named)))


def column_target(facet: Any) -> tuple[Artifact, ...]:
    """Every dataset that a `columnLineage` facet names."""
    fields = [item for field in (facet.fields or {}).values() for item in field.input_fields or ()]
    found = (Artifact(item.namespace, item.name) for item in (*fields, *(facet.dataset or ())))
    return tuple(dict.fromkeys(found))


def entries_of(facet: Any) -> dict[Artifact, Any]:
    """What a `lineage` facet's entries say of each dataset; one that says nothing is left out."""
    entries: dict[Artifact, list[Any]] = defaultdict(list)
    for entry in getattr(facet, "entries", None) or ():
        if entry.type == "DATASET" and None not in (entry.namespace, entry.name) and _says(entry):
            entries[Artifact(entry.namespace, entry.name)].append(entry)
    return {target: _together(said) for target, said in entries.items()}


def _together(entries: list[Any]) -> Any:
    """Several entries of one facet for one dataset count together."""
    if len(entries) == 1:
        return entries[0]
    lists = [entry.inputs for entry in entries if entry.inputs is not None]
    fields: dict[str, Any] = {}
    for entry in entries:
        for path, field in (entry.fields or {}).items():
            inputs = (*(fields[path].inputs if path in fields else ()), *(field.inputs or ()))
            fields[path] = msgspec.structs.replace(field, inputs=inputs)
    together = tuple(item for listed in lists for item in listed) if lists else None
    return msgspec.structs.replace(entries[0], inputs=together, fields=fields)


def own_entries(run: RunSaid) -> dict[Artifact, Any]:
    """What the run's own events say of each output: in their run facets, else their job facets."""
    of_run, of_job = run.facets.read("lineage"), run.job_facets.read("lineage")
    return entries_of(of_job) | entries_of(of_run)


def _says(statement: Any) -> bool:
    """An absent list says nothing."""
    return statement is not None and (statement.inputs is not None or bool(statement.fields))


class Statement(NamedTuple):
    """About one output: the whole list of its sources, or names that refine, or nothing.

    `none` says that the output is known to have no source at all.
    """

    listed: tuple[Artifact, ...] | None
    named: frozenset[Artifact] | None
    fields: Any
    columns: Any
    none: bool = False

    @property
    def sources(self) -> frozenset[Artifact]:
        """Every dataset from which the output is said to come."""
        return frozenset(self.listed) if self.listed is not None else self.named or frozenset()


def statement_of(
    made: Made, own: Mapping[Artifact, Any], static: Mapping[Artifact, Any]
) -> Statement:
    """What holds for this version, given the entries of its run and of its job's static events."""
    columns = made.read("columnLineage")
    dataset = made.read("lineage")
    stated = (
        own.get(made.artifact) or (dataset if _says(dataset) else None) or static.get(made.artifact)
    )
    named = frozenset(column_target(columns)) if columns is not None else frozenset()
    if stated is None:
        return Statement(None, named or None, None, columns)
    target = statement_target(stated)
    named |= frozenset(target.named)
    known_to_have_none = stated.inputs is not None and not stated.inputs
    return Statement(target.listed, named or None, stated, columns, known_to_have_none)


def own_sources(
    made: Made, statements: Mapping[Version, Statement], writes: Writes
) -> list[tuple[Artifact, Made]]:
    """Sources that the run itself made: each means the run's own version."""
    return [
        (name, own)
        for name in sorted(statements[made.version].sources)
        if name != made.artifact and (own := writes.own(made, name)) is not None
    ]


def loops(
    made_by: list[Made], statements: Mapping[Version, Statement], writes: Writes
) -> set[tuple[Version, Artifact]]:
    """Own sources that would make versions of one run come from each other."""
    stated = {made.version: own_sources(made, statements, writes) for made in made_by}
    own = {
        made.version: [source for _, source in stated[made.version]]
        + [other for other in made_by if other.artifact in made.renames]
        for made in made_by
    }
    return {
        (version, name)
        for version, sources in stated.items()
        for name, source in sources
        if _reaches(source.version, version, own)
    }


def _reaches(start: Version, goal: Version, own: Mapping[Version, list[Made]]) -> bool:
    seen: set[Version] = set()
    queue = [start]
    while queue:
        version = queue.pop()
        if version == goal:
            return True
        if version not in seen:
            seen.add(version)
            queue.extend(made.version for made in own.get(version, ()))
    return False
