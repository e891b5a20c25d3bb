"""The product's graph of plain events, as facts that the oracle's can be held to."""

from __future__ import annotations

from collections.abc import Iterable

from headwater.claims.model import Claim
from headwater.claims.project import project
from headwater.graph.model import Graph
from headwater.graph.resolve import resolve_whole
from headwater.graph.support import Support
from tests.graph.oracle import Fact
from tests.graph.told import Json, body


def kind(event: Json) -> str:
    """Leaf kind of an event."""
    which = "run" if event.get("run") else "job" if event.get("job") else "dataset"
    return f"openlineage.{which}"


def claims(events: Iterable[Json]) -> list[Claim]:
    """Claims of events admitted in this order."""
    return [
        claim
        for index, event in enumerate(events)
        for claim in project(index, kind(event), body(event), at=0)
    ]


def graph(events: list[Json]) -> Graph:
    """Resolve events admitted in this order."""
    return whole(events)[0]


def whole(events: list[Json]) -> tuple[Graph, Support]:
    """The graph, and what it takes to catch up with it."""
    return resolve_whole(claims(events), len(events))


def facts(events: list[Json]) -> set[Fact]:
    """Facts of `graph` as `comparable` writes them."""
    return comparable(graph(events))


def comparable(resolved: Graph) -> set[Fact]:
    """Facts in the oracle's form: sets sorted, nothing about which nothing is said.

    Control flow (`followed`) and runs known only as somebody's parent stay out.
    """
    found = set()
    for fact in resolved.facts():
        match fact:
            case ("version", version, begins, attempted, is_open, names, *rest):
                assert isinstance(names, tuple)
                fact = ("version", version, begins, attempted, is_open, tuple(sorted(names)), *rest)
            case ("run", run, state, started, ended, parents, _):
                if not resolved.runs[run].known:  # type: ignore[index]
                    continue
                fact = ("run", run, state, started, ended, tuple(sorted(parents)))  # type: ignore[call-overload]
            case ("used", *rest, candidates, writers):
                ordered = tuple(sorted(candidates, key=str))  # type: ignore[call-overload]
                fact = ("used", *rest, ordered, tuple(sorted(writers)))  # type: ignore[call-overload]
            case ("job", _, None, None) | ("artifact", _, None, False):
                continue
        found.add(fact)
    return found
