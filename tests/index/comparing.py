"""Asking two lineages of one graph everything, to see that they answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headwater.graph.lineage import Answer, Limits, Lineage, Visible, everything
from headwater.graph.model import Graph
from headwater.graph.support import Support
from headwater.index.compiling import compile_graph
from headwater.index.index import Index
from headwater.refs import Artifact, Run, Version
from headwater.store.sections import Mapped, write

ALWAYS = 2**63 - 1
SECRET = b"s" * 32


def compiled(graph: Graph, support: Support, folder: Path) -> Index:
    """Compile a graph, write it to a file, and map that."""
    path = folder / "index.map"
    write(path, SECRET, b"", compile_graph(graph, support))
    return Index(Mapped(path, SECRET))


def facts(lineage: Lineage, graph: Graph) -> Iterator[tuple[Any, ...]]:
    """Everything that a lineage says about the things of a graph, walks apart."""
    yield "warnings", tuple(lineage.warnings)
    yield "all", list(lineage.artifacts()), list(lineage.jobs())
    yield "runs", sorted(str(node) for node in lineage.runs())
    yield "versions", sorted(str(bare(node)) for node in lineage.versions())
    parents = (parent for node in graph.runs.values() for parent in node.parents)
    for run in sorted({*graph.runs, *parents}):
        yield run, lineage.run(run), list(lineage.used_of(run)), list(lineage.made_by(run))
        yield run, list(lineage.children(run))
        assert run not in graph.runs or run in lineage.runs_called(run.id[:7])
    for job in sorted(graph.jobs):
        yield job, lineage.job(job), list(lineage.runs_of(job))
        assert job in lineage.jobs_called(job.name)
    for subject in sorted(graph.labels):
        yield subject, dict(lineage.labels(subject))
    digests = sorted({node.digest for node in graph.versions.values() if node.digest})
    for digest in digests:
        yield digest, [bare(node) for node in lineage.with_digest(digest)]
    for artifact in sorted(graph.artifacts):
        yield artifact, lineage.artifact(artifact), list(lineage.outside(artifact))
        yield artifact, list(lineage.declaring(artifact))
        yield artifact, [bare(node) for node in lineage.standing(artifact)]
        times = {
            time for node in graph.versions.values() if (time := node.stands(artifact, ALWAYS))
        }
        for until in (ALWAYS, *(time + more for time in sorted(times) for more in (0, -1))):
            yield artifact, until, lineage.current(artifact, until)
        assert artifact in lineage.artifacts_called(artifact.name)
    for version in sorted(graph.versions, key=str):
        yield version, bare(lineage.version(version)), lineage.entries_of(version)
        yield version, ordered(lineage.used_by(version)), list(lineage.derived_from(version))
        yield version, ordered(lineage.derived_to(version)), list(lineage.columns_of(version))
        yield version, ordered(lineage.columns_to(version)), lineage.revised(version)
        yield version, ordered(lineage.revised_by(version)), lineage.same(version)
        yield version, ordered(lineage.copies(version)), ordered(lineage.made_from(version))
        yield version, ordered(lineage.made_into(version))


def answers(
    lineage: Lineage, graph: Graph, limits: Limits, visible: Visible = everything
) -> Iterator[tuple[Any, ...]]:
    """Every walk from everything."""
    roots: list[Version | Run] = [*sorted(graph.versions, key=str), *sorted(graph.runs)]
    for root in roots:
        for walk in (lineage.trace, lineage.impact):
            for revisions in ("carried", "all"):
                found = walk(root, revisions=revisions, limits=limits, visible=visible)
                yield root, walk.__name__, revisions, canonical(found)


def canonical(answer: Answer) -> dict[str, Any]:
    """An answer without the order of its parts."""
    return {
        "root": answer.root,
        "depths": ({**answer.versions}, {**answer.runs}, {**answer.jobs}, {**answer.before}),
        "edges": [
            ordered(edges)
            for edges in (answer.used, answer.generated, answer.derived, answer.revised,
                          answer.same, set(answer.declared))
        ],
        "completeness": answer.completeness,
        "reach": answer.reach,
    }  # fmt: skip


def ordered(things: Any) -> list[str]:
    """Whatever it is, in one order."""
    return sorted(map(str, things))


def bare(node: Any) -> Any:
    """A version's node without the entries that an outside one does not carry in an index."""
    if node is None or not node.version.outside:
        return node
    node.entries = ()
    return node


def half(artifact: Artifact) -> bool:
    """A reader who sees every other name."""
    return sum(artifact.name.encode()) % 2 == 0


def unknown() -> Version:
    """A version that no graph has."""
    return Version(Artifact("nowhere", "nothing"))
