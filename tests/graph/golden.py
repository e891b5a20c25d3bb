"""Reading stories: histories with the answers that a person expects.

A story is a folder: `events.ndjson`, `expected.json`, and `story.md` in words. Golden ones lie
beside the checkout; `stories/` holds our own, each worked out by hand from the rules alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Limits
from headwater.graph.model import Graph
from headwater.graph.traverse import impact, trace
from headwater.query.gateway import Gateway
from headwater.refs import Artifact, Run, Version, parse
from tests.graph.told import Json

SEEDS = (1, 2, 3)
LINKS = ("derived", "revised", "same_content", "declared")
OWN = Path(__file__).parent / "stories"


def events_of(story: Path) -> list[Json]:
    """Events in the order of arrival."""
    lines = (story / "events.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def answers_of(story: Path) -> list[Json]:
    """Questions with the answers that a person expects, undecided ones left out."""
    expected = json.loads((story / "expected.json").read_text(encoding="utf-8"))
    return [answer for answer in expected["answers"] if not answer.get("undecided")]


def orders_of(events: list[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Orders in which the answer must be the same."""
    yield "as given", events
    yield "reversed", events[::-1]
    yield "doubled", [event for each in events for event in (each, each)]
    for seed in SEEDS:
        shuffled = list(events)
        random.Random(seed).shuffle(shuffled)  # noqa: S311  (an order, no secret)
        yield f"shuffled with seed {seed}", shuffled


def version_of(said: Json) -> Version:
    """A version as a story names it. A digest is identity only for outside origin."""
    artifact = Artifact(said["namespace"], said["name"])
    if said["outside"]:
        digest = said["digest"]
        if digest is not None and ":" not in digest:
            digest = f"sha256:{digest}"
        declared = said["declared"]
        return Version(artifact, None, declared, digest if declared is None else None)
    return Version(artifact, run_of(said), said["declared"])


def run_of(said: Json) -> Run:
    """A run as a story names it."""
    namespace, name = said["job"].split("::")
    return Run(said["run"], namespace, name)


def root_of(graph: Graph, said: Json) -> Version:
    """The version asked about: the latest by event time where none is named."""
    artifact = Artifact(said["artifact"]["namespace"], said["artifact"]["name"])
    if said["version"] is not None:
        return version_of(said["artifact"] | said["version"])
    made = [
        node
        for node in graph.versions.values()
        if node.version.artifact == artifact and not node.version.outside and not node.attempted
    ]
    if not made:
        return Version(artifact)
    return max(made, key=lambda each: (each.begins or 0, each.version.run or ())).version


class Binding(NamedTuple):
    """A `used` edge as an answer shows it."""

    run: Run
    named: Artifact
    version: Version
    rule: str
    exactness: str
    evidence: str
    candidates: frozenset[Version]
    warned: bool


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an answer shows, whoever gave it. Edges by their ends: (from, to)."""

    root: Version
    versions: dict[Version, str | None]
    bindings: list[Binding]
    derived: dict[tuple[Version, Version], str]
    revised: set[tuple[Version, Version]]
    same_content: set[tuple[Version, Version]]
    declared: set[tuple[Version, Version]]
    complete: bool
    revisions_left_out: int
    open_writers: set[str]


def ask_graph(graph: Graph, said: Json) -> Shown:
    """Put the question of a story to a graph; versions are shown with their digests."""
    walk = trace if said["ask"] == "trace" else impact
    answer = walk(
        Adjacency(graph),
        root_of(graph, said),
        revisions=said.get("revisions") or "carried",
        limits=Limits(depth=said["depth"]),
    )
    known = graph.versions
    assert isinstance(answer.root, Version)
    return Shown(
        root=answer.root,
        versions={each: known[each].digest if each in known else None for each in answer.versions},
        bindings=[
            Binding(
                used.run, used.named, used.version, used.binding, used.exactness, used.evidence,
                frozenset(used.candidates), used.warning is not None,
            )
            for used in answer.used
        ],
        derived={(each.version, each.source): each.exactness for each in answer.derived},
        revised={(each.version, each.before) for each in answer.revised},
        same_content={(each.version, each.original) for each in answer.same},
        declared={(each.version, each.source) for each in answer.declared},
        complete=answer.completeness.complete,
        revisions_left_out=answer.completeness.revisions_left_out,
        open_writers={run.id for run in answer.completeness.open_writers},
    )  # fmt: skip


def ask_gateway(gateway: Gateway, said: Json) -> Shown:
    """Put the question of a story to a store, through the documents that everybody gets."""
    artifact = Artifact(said["artifact"]["namespace"], said["artifact"]["name"])
    root = version_of(said["artifact"] | said["version"]) if said["version"] else artifact
    walk = gateway.trace if said["ask"] == "trace" else gateway.impact
    document = walk(
        str(root),
        depth=said["depth"],
        at=None if said["at"] is None else str(said["at"]),
        revisions=said.get("revisions") or "carried",
    )
    ends: dict[str, dict[tuple[Version, Version], Json]] = {kind: {} for kind in LINKS}
    for edge in document["edges"]:
        if edge["kind"] in LINKS:
            ends[edge["kind"]][_version(edge["from"]), _version(edge["to"])] = edge
    completeness = document["completeness"]
    return Shown(
        root=_version(document["root"]),
        versions={
            _version(node["ref"]): node["version"]["digest"]
            for node in document["nodes"]
            if node["kind"] == "version"
        },
        bindings=[_binding(edge) for edge in document["edges"] if edge["kind"] == "used"],
        derived={by: edge["exactness"] for by, edge in ends["derived"].items()},
        revised=set(ends["revised"]),
        same_content=set(ends["same_content"]),
        declared=set(ends["declared"]),
        complete=completeness["complete"],
        revisions_left_out=completeness["revisions_left_out"],
        open_writers={_run(ref).id for ref in completeness["open_writers"]},
    )


def _binding(edge: Json) -> Binding:
    return Binding(
        _run(edge["from"]),
        Artifact(edge["as"]["namespace"], edge["as"]["name"]),
        _version(edge["to"]),
        edge["binding"],
        edge["exactness"],
        edge["evidence"],
        frozenset(map(_version, edge.get("candidates", ()))),
        "warning" in edge,
    )


def _version(text: str) -> Version:
    found = parse(text)
    assert isinstance(found, Version)
    return found


def _run(text: str) -> Run:
    found = parse(text)
    assert isinstance(found, Run)
    return found


def check(shown: Shown, said: Json, how: str) -> None:
    """Hold one answer to what is expected, exactly."""
    where = f"{said['ask']} {said['artifact']['name']} {how}"
    if said["version"] is None:
        assert shown.root == version_of(said["versions"][0]), where
    assert set(shown.versions) == {version_of(each) for each in said["versions"]}, where
    for each in said["not_versions"]:
        assert version_of(each) not in shown.versions, f"{where}: {each['why']}"
    for each in said["versions"]:
        if each["digest"] is not None:
            assert shown.versions[version_of(each)] == _digest_of(each), where
    _check_bindings(shown, said, where)
    _check_links(shown, said, where)
    _check_completeness(shown, said, where)


def _check_bindings(shown: Shown, said: Json, where: str) -> None:
    """`used` edges within the answer are those expected, save optional ones."""
    expected = said["bindings"]
    for binding in expected:
        found = [each for each in shown.bindings if _is_binding(each, binding)]
        assert found or binding.get("optional"), f"{where}: {binding}"
        for each in found:
            _check_binding(each, binding, f"{where}: {binding}")
    for each in shown.bindings:
        assert any(_is_binding(each, binding) for binding in expected), f"{where}: {each}"


def _is_binding(shown: Binding, said: Json) -> bool:
    """Whether an edge is between the ends of a binding, under its name."""
    named = Artifact(said["artifact"]["namespace"], said["artifact"]["name"])
    return shown[:3] == (run_of(said), named, version_of(said["to"]))


def _check_binding(shown: Binding, said: Json, where: str) -> None:
    assert shown.rule == said["rule"], where
    if said["exactness"] is not None:
        assert shown.exactness == said["exactness"], where
    if said.get("evidence") is not None:
        assert shown.evidence == said["evidence"], where
    if said.get("candidates") is not None:
        assert shown.candidates == {version_of(each) for each in said["candidates"]}, where
    if said.get("warning"):
        assert shown.warned, where


def _check_links(shown: Shown, said: Json, where: str) -> None:
    """Edges of other kinds by which versions enter the answer are those expected."""
    found = {
        "revised": shown.revised,
        "same_content": shown.same_content,
        "declared": shown.declared,
        "derived": set(shown.derived),
    }
    expected: dict[str, set[object]] = {kind: set() for kind in found}
    for link in said.get("links") or []:
        expected[link["kind"]].add((version_of(link["from"]), version_of(link["to"])))
    for kind in ("revised", "same_content", "declared"):
        assert found[kind] == expected[kind], f"{where}: {kind}"
    assert found["derived"] >= expected["derived"], f"{where}: derived"
    for edge in said.get("derived") or []:
        ends = (version_of(edge["from"]), version_of(edge["to"]))
        assert shown.derived.get(ends) == edge["exactness"], f"{where}: {edge}"


def _check_completeness(shown: Shown, said: Json, where: str) -> None:
    """Completeness says what is expected where it is judged."""
    if said["complete"] is not None:
        assert shown.complete == said["complete"], f"{where}: {shown}"
    left_out = said.get("revisions_left_out", 0)
    if left_out is not None:
        assert shown.revisions_left_out == left_out, where
    writers = said.get("open_writers", [])
    if said["ask"] == "trace" and writers is not None:
        assert shown.open_writers == set(writers), where


def _digest_of(said: Json) -> str | None:
    """The content digest that a story tells of a version."""
    digest = said["digest"]
    return digest if digest is None or ":" in digest else f"sha256:{digest}"
