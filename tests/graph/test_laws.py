"""The laws of resolution, on generated histories.

`HEADWATER_EXAMPLES` raises the number of histories for each law.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Answer, Limits
from headwater.graph.model import Graph
from headwater.graph.resolve import resolve
from headwater.graph.traverse import impact, trace
from headwater.refs import Run, Version
from tests.graph.histories import histories
from tests.graph.oracle import oracle
from tests.graph.product import claims, comparable, facts, graph
from tests.graph.told import Json

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))
laws = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
Edge = tuple[Version, Version]


@laws
@given(histories())
def test_resolution_is_what_the_naive_oracle_says(history: list[Json]) -> None:
    """Facts of the graph are those of a resolver written straight from the rules."""
    assert facts(history) == oracle(history)


@laws
@given(histories(), st.data())
def test_order_and_repetition_change_nothing(history: list[Json], data: st.DataObject) -> None:
    """The same events in another order, some of them twice, give the same graph."""
    repeated = data.draw(st.lists(st.sampled_from(history), max_size=4))
    shuffled = data.draw(st.permutations(history + repeated))
    assert facts(shuffled) == facts(history)


@laws
@given(histories())
def test_splitting_changes_nothing(history: list[Json]) -> None:
    """An event split into events of the same type and time, a dataset each, gives the same graph.

    Outputs among which is a RENAME stay together: RENAMEs apply in the order of their places.
    """
    assert facts([part for event in history for part in split(event)]) == facts(history)


@laws
@given(histories(), histories(most=6, prefix="other-"))
def test_an_unrelated_history_changes_nothing(history: list[Json], other: list[Json]) -> None:
    """Events of fresh names, jobs, runs and digests add their own facts and change no other."""
    assert facts(history + other) == facts(history) | facts(other)


@laws
@given(histories(), st.booleans())
def test_impact_is_the_inverse_of_trace(history: list[Json], every: bool) -> None:
    """A version is in the trace of another if and only if the other is in its impact."""
    known = graph(history)
    adjacency = Adjacency(known)
    revisions = "all" if every else "carried"
    upstream = {
        (root, found)
        for root in known.versions
        for found in trace(adjacency, root, revisions=revisions).versions
    }
    downstream = {
        (found, root)
        for root in known.versions
        for found in impact(adjacency, root, revisions=revisions).versions
    }
    assert upstream == downstream


@laws
@given(histories(), st.booleans(), st.integers(1, 3))
def test_an_answer_is_what_its_windows_show(
    history: list[Json], upstream: bool, nodes: int
) -> None:
    """Window by window every thing comes once, nearest first, and every edge after its ends."""
    known = graph(history)
    adjacency = Adjacency(known)
    walk = trace if upstream else impact
    for root in known.versions:
        whole = walk(adjacency, root)
        every = sorted(things(whole).items(), key=lambda item: (item[1], str(item[0])))
        met: list[tuple[object, int]] = []
        drawn: list[object] = []
        while len(met) < len(every):
            limits = Limits(nodes=nodes, skip=len(met))
            answer = walk(adjacency, root, limits=limits)
            assert answer.before.items() <= set(met)
            met += sorted(things(answer).items(), key=lambda item: (item[1], str(item[0])))
            drawn += edges(answer)
            more = len(met) < len(every)
            assert (answer.completeness.truncated == "nodes") == more
            assert answer.reach == whole.reach
        assert met == every
        assert sorted(map(str, drawn)) == sorted(map(str, edges(whole)))


def things(answer: Answer) -> dict[object, int]:
    """What an answer shows, with depths."""
    found: dict[object, int] = {}
    found.update(answer.versions.items())
    found.update(answer.runs.items())
    found.update(answer.jobs.items())
    return found


def edges(answer: Answer) -> list[object]:
    """Every edge that an answer shows."""
    return [
        *answer.used, *answer.generated, *answer.derived, *answer.revised, *answer.same,
        *answer.declared,
    ]  # fmt: skip


@laws
@given(histories(), st.integers(min_value=0, max_value=14))
def test_what_was_known_never_changes(history: list[Json], size: int) -> None:
    """Claims with an index below N give the graph of the first N events, whatever came later."""
    early = [claim for claim in claims(history) if claim.entry < size]
    assert comparable(resolve(early, size)) == facts(history[:size])


@laws
@given(histories(), st.data())
def test_an_erased_entry_was_never_there(history: list[Json], data: st.DataObject) -> None:
    """Deleting the claims of an entry gives the graph of the other events."""
    erased = data.draw(st.integers(0, len(history) - 1))
    left = [claim for claim in claims(history) if claim.entry != erased]
    others = history[:erased] + history[erased + 1 :]
    assert comparable(resolve(left, len(history))) == facts(others)


@laws
@given(histories())
def test_nothing_ends_up_before_itself(history: list[Json]) -> None:
    """The version graph has no cycle but through a read bound forward or an open version.

    Left out are derivations of open versions, and those from a declared version that began
    after the one derived from it: only a `declared` read can bind so.
    """
    known = graph(history)
    edges = list(sure_edges(known))
    assert not cycle(edges)
    for edge in known.derived:
        attempted = known.versions[edge.version].attempted
        if not attempted and is_forward(known, edge.version, edge.source):
            assert edge.source.declared is not None
            assert edge.exactness == "conservative"


def split(event: Json) -> list[Json]:
    """Split a run event into one event for each dataset; other events stay whole."""
    if "run" not in event:
        return [event]
    bare = {key: value for key, value in event.items() if key not in ("inputs", "outputs")}
    parts = [bare | {"inputs": [each]} for each in event.get("inputs") or []]
    outputs = event.get("outputs") or []
    if any(is_rename(each) for each in outputs):
        parts.append(bare | {"outputs": outputs})
    else:
        parts += [bare | {"outputs": [each]} for each in outputs]
    return parts or [event]


def is_rename(dataset: Json) -> bool:
    """Whether an output says RENAME."""
    said = (dataset.get("facets") or {}) | (dataset.get("outputFacets") or {})
    change = said.get("lifecycleStateChange") or {}
    return change.get("lifecycleStateChange") == "RENAME"


def is_forward(known: Graph, version: Version, source: Version) -> bool:
    """Whether a source stands no earlier, by `(beginning, key)`, than what derives from it."""
    here, there = known.versions[version], known.versions.get(source)
    if there is None or there.begins is None or here.open or source.run == version.run:
        return False
    return (there.begins, _key(source.run)) >= (here.begins or 0, _key(version.run))


def sure_edges(known: Graph) -> Iterator[Edge]:
    """Edges of the version graph that must have no cycle."""
    for edge in known.derived:
        if not known.versions[edge.version].open and not (
            edge.source.declared is not None and is_forward(known, edge.version, edge.source)
        ):
            yield edge.version, edge.source
    for revised in known.revised.values():
        yield revised.version, revised.before
    for same in known.same.values():
        yield same.version, same.original


def cycle(edges: list[Edge]) -> bool:
    """Whether edges close a cycle: whether taking away ends leaves something."""
    left = set(edges)
    while left:
        froms = {version for version, _ in left}
        further = {(version, source) for version, source in left if source in froms}
        if further == left:
            return True
        left = further
    return False


def _key(run: Run | None) -> tuple[str, ...]:
    return tuple(run) if run is not None else ()
