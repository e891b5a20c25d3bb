"""Reading the golden stories: references, questions and what an answer shows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Answer, Limits
from headwater.graph.model import Graph
from headwater.graph.traverse import impact, trace
from headwater.refs import Artifact, Run, Version
from tests.graph.told import Json

SEEDS = (1, 2, 3)


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


def ask(graph: Graph, said: Json) -> Answer:
    """Put the question of a story to a graph."""
    walk = trace if said["ask"] == "trace" else impact
    return walk(
        Adjacency(graph),
        root_of(graph, said),
        revisions=said.get("revisions") or "carried",
        limits=Limits(depth=said["depth"]),
    )


def digest_of(said: Json) -> str | None:
    """The content digest that a story tells of a version."""
    digest = said["digest"]
    return digest if digest is None or ":" in digest else f"sha256:{digest}"
