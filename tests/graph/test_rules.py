"""Single rules of resolution, each in a history of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headwater.claims.model import Claim, Labelled
from headwater.claims.project import project
from headwater.graph.adjacency import Adjacency
from headwater.graph.column_walk import Carried, impact_column, trace_column
from headwater.graph.lineage import Limits
from headwater.graph.model import Graph, Used
from headwater.graph.resolve import resolve
from headwater.graph.traverse import impact, trace
from headwater.refs import Artifact, Column, Run, Version
from tests.query.telling import complete, dataset, source, start

Json = dict[str, Any]


def everything(_: Artifact) -> bool:
    """A reader who may see all."""
    return True


def claims_of(*events: Json) -> list[Claim]:
    """What these events claim, each at its own entry."""
    found: list[Claim] = []
    for entry, event in enumerate(events):
        kind = "run" if "run" in event else "job" if "job" in event else "dataset"
        found += project(entry, f"openlineage.{kind}", json.dumps(event).encode(), at=0)
    return found


def resolved(*events: Json) -> Graph:
    """The graph of these events."""
    return resolve(claims_of(*events), len(events))


def made(number: int, job: str, name: str, declared: str | None = None) -> Version:
    """The version that a run of `complete` made."""
    run = Run(f"{number:08x}-0000-4000-8000-000000000000", "cron", job)
    return Version(Artifact("db", name), run, declared)


def used(graph: Graph, number: int) -> list[Used]:
    """The used edges of a run."""
    return [edge for edge in graph.used if edge.run.id.startswith(f"{number:08x}")]


def derived(graph: Graph, version: Version) -> dict[Version, str]:
    """What a version derives from, and how surely."""
    return {edge.source: edge.exactness for edge in graph.derived if edge.version == version}


def change(name: str, state: str, previous: str | None = None, **facets: Any) -> Json:
    """A dataset with a state change."""
    said: Json = {"lifecycleStateChange": state}
    if previous is not None:
        said["previousIdentifier"] = {"namespace": "db", "name": previous}
    return dataset(name, lifecycleStateChange=said, **facets)


def version(name: str, declared: str, **facets: Any) -> Json:
    """A dataset with a declared version."""
    return dataset(name, version={"datasetVersion": declared}, **facets)


def symlinks(name: str, *others: str) -> Json:
    """A dataset with other names."""
    known = [{"namespace": "db", "name": other, "type": "TABLE"} for other in others]
    return dataset(name, symlinks={"identifiers": known})


def described(at: str, subject: Json) -> Json:
    """A DatasetEvent."""
    return {"eventTime": f"2026-05-04T{at}:00Z", "dataset": subject}


def entry(target: str, *inputs: str, **rest: Any) -> Json:
    """An entry of a `lineage` facet with a list."""
    listed = [{"namespace": "db", "name": name, "type": "DATASET"} for name in inputs]
    return {"namespace": "db", "name": target, "type": "DATASET", "inputs": listed, **rest}


def columns(**fields: str) -> Json:
    """Column lineage: each field from `dataset.column`."""
    found = {}
    for field, origin in fields.items():
        name, _, column = origin.partition(".")
        item = {"namespace": "db", "name": name, "field": column}
        found[field] = {"inputFields": [item]}
    return {"fields": found}


def test_a_read_behind_a_drop_is_warned_about() -> None:
    """Nothing newer has the id: the one behind the DROP is meant, and it is said."""
    graph = resolved(
        complete(1, "01:00", "w", [], [version("t", "7")]),
        complete(2, "02:00", "d", [], [change("t", "DROP")]),
        complete(3, "03:00", "r", [version("t", "7")]),
    )
    (edge,) = used(graph, 3)
    assert (edge.version, edge.exactness) == (made(1, "w", "t", "7"), "exact")
    assert edge.warning is not None
    assert edge.warning in graph.warnings


def test_a_rename_away_ends_a_name_for_declared_reads_too() -> None:
    """What went with the RENAME is behind it."""
    graph = resolved(
        complete(1, "01:00", "w", [], [version("t", "7")]),
        complete(2, "02:00", "d", [], [change("u", "RENAME", "t")]),
        complete(3, "03:00", "r", [version("t", "7")]),
    )
    assert used(graph, 3)[0].warning is not None


def test_three_renames_of_one_run_swap_two_tables() -> None:
    """Each sees the ones before: by way of a third name, and that name ends."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["a"]),
        complete(2, "02:00", "w", [], ["b"]),
        complete(
            3, "03:00", "swap", [],
            [change("t", "RENAME", "a"), change("a", "RENAME", "b"), change("b", "RENAME", "t")],
        ),
        complete(4, "04:00", "r", ["a", "b", "t"]),
    )  # fmt: skip
    assert derived(graph, made(3, "swap", "a")) == {made(2, "w", "b"): "exact"}
    assert derived(graph, made(3, "swap", "b")) == {made(3, "swap", "t"): "exact"}
    assert {edge.version for edge in used(graph, 4)} == {
        made(3, "swap", "a"),
        made(3, "swap", "b"),
        Version(Artifact("db", "t")),
    }


def test_a_second_rename_of_a_name_in_one_run_finds_it_gone() -> None:
    """The first took what stood there."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["a"]),
        complete(2, "02:00", "r", [], [change("b", "RENAME", "a"), change("c", "RENAME", "a")]),
    )
    assert derived(graph, made(2, "r", "b")) == {made(1, "w", "a"): "exact"}
    assert derived(graph, made(2, "r", "c")) == {Version(Artifact("db", "a")): "exact"}


def test_a_rename_of_what_the_run_itself_wrote_is_a_read_back() -> None:
    """Build under another name, then rename: one chain, no edge to an older state."""
    graph = resolved(
        complete(1, "01:00", "old", [], ["tmp"]),
        complete(2, "02:00", "r", ["s"], ["tmp", change("t", "RENAME", "tmp")]),
    )
    assert derived(graph, made(2, "r", "t")) == {
        made(2, "r", "tmp"): "exact",
        Version(Artifact("db", "s")): "conservative",
    }
    assert [edge.named.name for edge in used(graph, 2)] == ["s"]


def test_an_explicit_read_of_the_renamed_name_is_one_edge() -> None:
    """The implied read adds none beside it."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["a"]),
        complete(2, "02:00", "r", ["a"], [change("b", "RENAME", "a")]),
    )
    assert [edge.evidence for edge in used(graph, 2)] == ["captured"]


def test_state_changes_accumulate_until_they_are_deleted() -> None:
    """A later ALTER does not undo an OVERWRITE; a deletion does."""
    overwritten = start(2, "02:00", "w", [], [change("t", "OVERWRITE")])
    deleted = {"_deleted": True}
    first = complete(1, "01:00", "w", [], ["t"])
    altered = complete(2, "03:00", "w", [], [change("t", "ALTER")])
    undone = complete(2, "03:00", "w", [], [dataset("t", lifecycleStateChange=deleted)])
    carried = [
        resolved(first, overwritten, last).revised[made(2, "w", "t")].carries
        for last in (altered, undone)
    ]
    assert carried == ["none", "unknown"]


def test_a_directory_includes_older_parts_unless_it_carries_nothing() -> None:
    """Parts that began before the directory's own version count if it kept them."""
    part = complete(1, "01:00", "p", [], ["d/one"])
    later = complete(3, "03:00", "p", [], ["d/two"])
    read = complete(4, "04:00", "r", ["d/"])
    for state, expected in (("OVERWRITE", {"d/", "d/two"}), ("ALTER", {"d/", "d/one", "d/two"})):
        graph = resolved(part, complete(2, "02:00", "d", [], [change("d/", state)]), later, read)
        assert {edge.version.artifact.name for edge in used(graph, 4)} == expected


def test_a_part_is_found_below_a_root_and_above_its_own_parts() -> None:
    """A name in between binds to what is around it on both sides."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["/d"]),
        complete(2, "02:00", "w", [], ["/d/x/y"]),
        complete(3, "03:00", "r", ["/d/x"]),
        complete(4, "00:30", "early", ["/d/x/z"]),
    )
    assert {edge.version for edge in used(graph, 3)} == {made(1, "w", "/d"), made(2, "w", "/d/x/y")}
    assert [edge.binding for edge in used(graph, 4)] == ["unknown"]


def test_reads_told_at_the_end_count_for_versions_that_had_none() -> None:
    """Conservatively, and as at the beginning of the first of these versions."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["a"]),
        start(2, "02:00", "r", [], [version("t", "1")]),
        complete(3, "03:00", "w", [], ["a"]),
        {**complete(2, "03:30", "r", ["b"]), "eventType": "RUNNING"},
        complete(2, "04:00", "r", ["a"]),
    )
    assert derived(graph, made(2, "r", "t", "1")) == {made(1, "w", "a"): "conservative"}


def test_a_dataset_event_gives_names_from_its_time_on_only() -> None:
    """What follows later from a DatasetEvent says nothing of before."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["folder"]),
        complete(2, "02:00", "r", ["table"]),
        described("03:00", symlinks("folder", "table")),
        complete(4, "04:00", "r", ["table"]),
    )
    assert [edge.binding for edge in used(graph, 2)] == ["unknown"]
    assert [edge.version for edge in used(graph, 4)] == [made(1, "w", "folder")]


def test_a_statement_gives_a_name_from_either_side() -> None:
    """`table` is where `two` is, whichever of them says so."""
    written = [
        complete(1, "01:00", "w", [], [symlinks("one", "table")]),
        complete(2, "02:00", "w", [], ["two"]),
    ]
    read = complete(4, "04:00", "r", ["table"])
    for said in (symlinks("two", "table"), symlinks("table", "two")):
        graph = resolved(*written, described("03:00", said), read)
        assert [edge.version for edge in used(graph, 4)] == [made(2, "w", "two")]


def test_a_name_given_again_after_it_was_lost_leads_back() -> None:
    """A rollback by alias; what merely confirms an alias changes nothing."""
    graph = resolved(
        complete(1, "01:00", "w", [], [symlinks("blue", "t")]),
        complete(2, "02:00", "w", [], [symlinks("green", "t")]),
        described("03:00", symlinks("green", "t")),
        complete(4, "03:30", "r", ["t"]),
        described("04:00", symlinks("blue", "t")),
        complete(5, "05:00", "r", ["t"]),
    )
    assert [edge.version for edge in used(graph, 4)] == [made(2, "w", "green")]
    assert [edge.version for edge in used(graph, 5)] == [made(1, "w", "blue")]


def test_own_sources_that_close_a_loop_mean_the_versions_before() -> None:
    """A run that says that two outputs come from each other is warned about."""
    facet = {"entries": [entry("a", "b"), entry("b", "a")]}
    event = complete(2, "02:00", "r", [], ["a", "b"])
    event["job"]["facets"] = {"lineage": facet}
    graph = resolved(complete(1, "01:00", "w", [], ["a"]), event)
    assert derived(graph, made(2, "r", "b")) == {made(1, "w", "a"): "exact"}
    assert any("each other" in warning for warning in graph.warnings)


def test_entries_for_one_output_count_together() -> None:
    """Two lists are one, and fields of one column have the sources of both."""
    event = complete(1, "01:00", "r", ["a", "b", "c"], ["t", "u"])
    fields = [
        {"x": {"inputs": [{"namespace": "db", "name": name, "type": "DATASET", "field": "k"}]}}
        for name in ("a", "b")
    ]
    bare = {"namespace": "db", "name": "u", "type": "DATASET"}
    event["run"]["facets"] = {
        "lineage": {
            "entries": [
                entry("t", "a"),
                entry("t", "b"),
                *({**bare, "fields": field} for field in fields),
                bare,
            ]
        }
    }
    graph = resolved(event)
    outside = {name: Version(Artifact("db", name)) for name in "abc"}
    assert derived(graph, made(1, "r", "t")) == {outside["a"]: "exact", outside["b"]: "exact"}
    assert derived(graph, made(1, "r", "u"))[outside["c"]] == "conservative"
    assert {edge.source for edge in graph.columns} == {
        Column(outside["a"], "k"),
        Column(outside["b"], "k"),
    }


def test_a_run_facet_of_lineage_comes_before_a_job_facet() -> None:
    """Of the same events, the run's is the more specific."""
    event = complete(1, "01:00", "r", ["a", "b"], ["t", "u"])
    event["run"]["facets"] = {"lineage": {"entries": [entry("t", "a")]}}
    event["job"]["facets"] = {"lineage": {"entries": [entry("t", "b"), entry("u", "b")]}}
    graph = resolved(event)
    assert list(derived(graph, made(1, "r", "t"))) == [Version(Artifact("db", "a"))]
    assert list(derived(graph, made(1, "r", "u"))) == [Version(Artifact("db", "b"))]


def test_a_capture_that_says_exact_removes_what_columns_do_not_mention() -> None:
    """Otherwise column lineage never removes."""
    output = dataset("t", columnLineage=columns(x="a.k"))
    outside = Version(Artifact("db", "b"))
    plain = resolved(complete(1, "01:00", "r", ["a", "b"], [output]))
    exact = resolved(
        complete(1, "01:00", "r", ["a", "b"], [output], headwater_capture={"exact": True})
    )
    assert derived(plain, made(1, "r", "t"))[outside] == "conservative"
    assert outside not in derived(exact, made(1, "r", "t"))


def test_a_capture_that_says_that_it_is_not_exact_is_believed() -> None:
    """Of a single output of unknown origin nothing is said exactly; a list stays what it is."""
    doubts = {"headwater_capture": {"exact": False}}
    a, b = (Version(Artifact("db", name)) for name in "ab")
    graph = resolved(complete(1, "01:00", "r", ["a", "b"], ["t"], **doubts))
    assert derived(graph, made(1, "r", "t")) == {a: "conservative", b: "conservative"}
    listed = dataset("t", lineage={"inputs": [{"namespace": "db", "name": "a", "type": "DATASET"}]})
    graph = resolved(complete(1, "01:00", "r", ["a", "b"], [listed], **doubts))
    assert derived(graph, made(1, "r", "t")) == {a: "exact"}


def test_columns_have_kinds_masking_and_a_deprecated_way_to_say_them() -> None:
    """`dataset[]` bears on the whole; the deprecated members are understood."""
    facet = columns(x="a.k", y="a.m")
    facet["fields"]["x"]["transformationType"] = "MASKED"
    how = [{"type": "INDIRECT", "subtype": "FILTER"}]
    facet["dataset"] = [{"namespace": "db", "name": "a", "field": "w", "transformations": how}]
    graph = resolved(complete(1, "01:00", "r", ["a"], [dataset("t", columnLineage=facet)]))
    assert {
        (edge.column.path, edge.source.path, edge.direct, edge.kind, edge.masking)
        for edge in graph.columns
    } == {
        ("x", "k", True, "transformation", True),
        ("y", "m", True, "transformation", False),
        ("*", "w", False, "filter", False),
    }


def test_a_column_with_an_empty_list_beside_a_list_of_inputs_is_known_to_have_no_source() -> None:
    """Although an input is conservative; without the list, the producer may not know of any."""
    none: Json = {"fields": {"x": {"inputFields": []}}}
    listed = {"inputs": [{"namespace": "db", "name": "a", "type": "DATASET"}]}
    graph = resolved(
        start(2, "02:00", "r"),
        complete(1, "02:30", "w", [], ["a"]),
        complete(2, "03:00", "r", ["a"], [dataset("t", columnLineage=none, lineage=listed)]),
        complete(3, "04:00", "s", ["a"], [dataset("u", columnLineage=none)]),
    )
    adjacency = Adjacency(graph)
    told = Column(made(2, "r", "t"), "x")
    assert {edge.exactness for edge in graph.derived if edge.version == told.version} == {
        "conservative"
    }
    answer = trace_column(adjacency, told, visible=everything)
    assert (answer.sourceless, answer.opaque) == ((told,), ())
    other = Column(told.version, "y")
    answer = trace_column(adjacency, other, visible=everything)
    assert (answer.sourceless, answer.opaque) == ((), (other,))
    untold = Column(made(3, "s", "u"), "x")
    answer = trace_column(adjacency, untold, visible=everything)
    assert (answer.sourceless, answer.opaque) == ((), (untold,))


def test_what_an_append_carries_over_is_followed_past_a_column_without_a_source() -> None:
    """It put in values of no column, beside those that were there."""
    none: Json = {"fields": {"x": {"inputFields": []}}}
    listed: Json = {"inputs": []}
    more = dataset("t", columnLineage=none, lineage=listed)
    more["outputFacets"] = {"headwater_write": {"mode": "append"}}
    graph = resolved(
        complete(1, "01:00", "w", ["a"], [dataset("t", columnLineage=columns(x="a.k"))]),
        complete(2, "02:00", "r", [], [more]),
    )
    told = Column(made(2, "r", "t"), "x")
    answer = trace_column(Adjacency(graph), told, visible=everything)
    assert Column(Version(Artifact("db", "a")), "k") in answer.columns
    before = Column(made(1, "w", "t"), "x")
    assert answer.carried == [Carried(told, before, "revised")]
    assert (answer.sourceless, answer.opaque) == ((), ())
    reached = impact_column(Adjacency(graph), before, visible=everything)
    assert reached.carried == answer.carried


def test_what_was_read_again_may_have_come_from_more_of_the_run() -> None:
    """As long as all of it has lists; if one of these has none, nobody knows the order."""

    def listed(name: str, *sources: str) -> Json:
        inputs = [{"namespace": "db", "name": one, "type": "DATASET"} for one in sources]
        return dataset(name, lineage={"inputs": inputs})

    again = dataset("made", headwater_read={"own": True})
    mid, twice = listed("mid", "base"), listed("made", "base", "mid")
    for base, is_linked in ((listed("base"), True), (dataset("base"), False)):
        graph = resolved(complete(1, "02:00", "r", [again], [base, mid, twice, "copy"]))
        found = {
            edge.source.artifact.name
            for edge in graph.derived
            if edge.version.artifact.name == "copy"
        }
        assert found == ({"made"} if is_linked else set())


def test_a_column_may_be_of_a_possible_source_of_which_no_column_is_told() -> None:
    """What is told of it is sure, and need not be all; so says the impact of that source."""
    graph = resolved(
        complete(1, "01:00", "r", ["a", "b"], [dataset("t", columnLineage=columns(x="a.k"))])
    )
    adjacency = Adjacency(graph)
    t = made(1, "r", "t")
    up = trace_column(adjacency, Column(t, "x"), visible=everything)
    assert [edge.source.path for edge in up.edges] == ["k"]
    assert up.opaque == (Column(t, "x"),)
    down = impact_column(adjacency, Column(Version(Artifact("db", "b")), "z"), visible=everything)
    assert down.opaque == (Column(t, "*"),)


def test_what_a_run_made_and_read_again_may_be_in_what_it_tells_no_list_of() -> None:
    """Possibly, and only what has a list of its own: of two without, nobody knows the order."""
    none: Json = {"inputs": []}
    again = dataset("made", headwater_read={"own": True})
    other = dataset("untold", headwater_read={"own": True})
    run = complete(
        1, "02:00", "r", ["a", again, other], [dataset("made", lineage=none), "untold", "copy"]
    )
    graph = resolved(run)
    assert {
        (edge.version.artifact.name, edge.source.artifact.name, edge.evidence, edge.exactness)
        for edge in graph.derived
    } == {
        ("untold", "a", "captured", "conservative"),
        ("untold", "made", "inferred", "conservative"),
        ("copy", "a", "captured", "conservative"),
        ("copy", "made", "inferred", "conservative"),
    }


def test_a_column_of_which_nothing_is_said_beside_others_is_opaque() -> None:
    """It may be of anything that its version came from."""
    known = columns(x="a.k")
    graph = resolved(
        complete(1, "01:00", "r", ["a", "b"], [dataset("t", columnLineage=known)]),
        complete(2, "02:00", "s", ["a"], [dataset("u", columnLineage=known)]),
    )
    adjacency = Adjacency(graph)
    t, u = made(1, "r", "t"), made(2, "s", "u")
    assert trace_column(adjacency, Column(t, "y"), visible=everything).opaque == (Column(t, "y"),)
    assert trace_column(adjacency, Column(u, "x"), visible=everything).opaque == ()
    assert trace_column(adjacency, Column(u, "y"), visible=everything).opaque == (Column(u, "y"),)
    unsaid = Column(Version(Artifact("db", "b")), "k")
    assert impact_column(adjacency, unsaid, visible=everything).opaque == (Column(t, "*"),)
    said = Column(Version(Artifact("db", "a")), "k")
    assert impact_column(adjacency, said, visible=everything).opaque == ()


def test_a_column_is_followed_through_revisions_and_copies() -> None:
    """States that carry over and equal bytes keep their columns; silence is opaque."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32, "size": 4096}}
    append = {"headwater_write": {"mode": "append"}}
    graph = resolved(
        complete(1, "01:00", "w", ["s"], [dataset("t", **digest, columnLineage=columns(x="s.k"))]),
        complete(2, "02:00", "w", ["s"], [dataset("t", **append)]),
        complete(3, "03:00", "c", [dataset("copy", **digest)],
                 [dataset("u", columnLineage=columns(z="copy.x"))]),
        complete(4, "04:00", "c", ["t"], ["silent"]),
    )  # fmt: skip
    adjacency = Adjacency(graph)
    root = Column(made(3, "c", "u"), "z")
    up = trace_column(adjacency, root, visible=everything)
    assert Column(Version(Artifact("db", "s")), "k") in up.columns
    start_column = Column(Version(Artifact("db", "s")), "k")
    down = impact_column(adjacency, start_column, visible=everything)
    assert root in down.columns
    assert Column(made(2, "w", "t"), "x") in down.columns
    assert Column(made(4, "c", "silent"), "*") in down.opaque
    assert trace_column(adjacency, Column(made(2, "w", "t"), "x"), visible=everything).opaque
    assert impact_column(adjacency, start_column, depth=0, visible=everything).cut == "depth"
    hidden = trace_column(adjacency, root, visible=lambda item: item.name != "copy")
    assert list(hidden.columns) == [root]


def test_a_column_reached_twice_keeps_its_shorter_way() -> None:
    """Depth is the least number of hops."""
    graph = resolved(
        complete(1, "01:00", "w", ["s"], [dataset("t", columnLineage=columns(x="s.k"))]),
        complete(2, "02:00", "w", ["s", "t"],
                 [dataset("u", columnLineage=columns(x="t.x", y="s.k"))]),
        complete(3, "03:00", "w", ["u"], [dataset("v", columnLineage=columns(a="u.x", b="u.y"))]),
    )  # fmt: skip
    start_column = Column(Version(Artifact("db", "s")), "k")
    down = impact_column(Adjacency(graph), start_column, visible=everything)
    assert down.columns[Column(made(2, "w", "u"), "x")] == 2
    assert down.columns[Column(made(2, "w", "u"), "y")] == 1


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(nodes=2), "nodes"), (Limits(depth=1), "depth"), (Limits(), None)],
)
def test_a_walk_says_why_it_ended(limits: Limits, reason: str | None) -> None:
    """Both ways round, through runs and static jobs alike."""
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "v", "name": "sync"},
        "inputs": [dataset("x"), dataset("y")],
        "outputs": [dataset("a")],
    }
    deeper = {**static, "job": {"namespace": "v", "name": "deep"}}
    deeper |= {"inputs": [dataset("z")], "outputs": [dataset("x")]}
    adjacency = Adjacency(
        resolved(static, deeper, complete(1, "01:00", "r", ["a"], ["b"]),
                 complete(2, "02:00", "r", ["b"], ["c"]))
    )  # fmt: skip
    up = trace(adjacency, made(2, "r", "c"), limits=limits)
    down = impact(adjacency, Version(Artifact("db", "z")), limits=limits)
    through = trace(adjacency, Version(Artifact("db", "a")), limits=limits)
    for answer in (up, down, through):
        assert answer.completeness.truncated == reason


def test_a_depth_of_nothing_cuts_static_lineage_and_readers() -> None:
    """Depth 0 is the root alone, and says that there is more."""
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "v", "name": "sync"},
        "inputs": [dataset("x")],
        "outputs": [dataset("a")],
    }
    adjacency = Adjacency(resolved(static, complete(1, "01:00", "check", ["x"])))
    none = Limits(depth=0)
    for walk, name in ((trace, "a"), (impact, "x")):
        answer = walk(adjacency, Version(Artifact("db", name)), limits=none)
        assert answer.completeness.truncated == "depth"
        assert len(answer.versions) == 1


def test_a_walk_ends_at_its_deadline() -> None:
    """An answer that takes too long is cut, and says so."""
    chain = [complete(i, f"{i // 60:02}:{i % 60:02}", "r", [f"t{i - 1}"], [f"t{i}"])
             for i in range(1, 300)]  # fmt: skip
    adjacency = Adjacency(resolved(*chain))
    late = trace(adjacency, made(299, "r", "t299"), limits=Limits(deadline=0.0))
    in_time = trace(adjacency, made(299, "r", "t299"), limits=Limits(deadline=float("inf")))
    assert late.completeness.truncated == "time"
    assert in_time.completeness.truncated is None


def test_a_version_reached_two_ways_is_expanded_once() -> None:
    """By a long way first and then by a revision that costs nothing."""
    append = {"headwater_write": {"mode": "append"}}
    graph = resolved(
        complete(1, "01:00", "w", [source("s")], ["t"]),
        complete(2, "02:00", "w", ["t", source("s")], [dataset("u")]),
        complete(3, "03:00", "w", ["u"], [dataset("t", **append)]),
    )
    answer = trace(Adjacency(graph), made(3, "w", "t"))
    assert answer.versions[made(1, "w", "t")] == 0
    assert answer.completeness.complete


def test_static_lineage_does_not_come_back_to_a_copied_file() -> None:
    """Content comes before static lineage, from both ends."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32, "size": 4096}}
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "v", "name": "sync"},
        "inputs": [dataset("api")],
        "outputs": [dataset("copy")],
    }
    graph = resolved(
        static,
        complete(1, "01:00", "w", [], [dataset("file", **digest)]),
        complete(2, "02:00", "r", [dataset("copy", **digest)]),
    )
    adjacency = Adjacency(graph)
    copied = Version(Artifact("db", "copy"), digest=f"sha256:{'ab' * 32}")
    assert Version(Artifact("db", "api")) not in trace(adjacency, copied).versions
    reached = impact(adjacency, Version(Artifact("db", "api"))).versions
    assert copied not in reached
    assert Version(Artifact("db", "copy")) in reached
    assert list(impact(adjacency, copied).versions) == [copied]


def test_a_digest_that_readers_state_is_that_of_a_declared_outside_version() -> None:
    """Unless they state different ones."""
    digests = [
        {"headwater_digest": {"algorithm": "sha256", "value": value * 32}} for value in ("ab", "cd")
    ]
    agreed = complete(1, "01:00", "r", [version("t", "7", **digests[0])])
    other = complete(2, "02:00", "r", [version("t", "7", **digests[1])])
    outside = Version(Artifact("db", "t"), declared="7")
    assert resolved(agreed).versions[outside].digest == f"sha256:{'ab' * 32}"
    assert resolved(agreed, other).versions[outside].digest is None


def test_a_policy_is_withdrawn_by_its_speaker_only() -> None:
    """A deletion takes back what the same speaker said; another's word stands."""
    said = described("01:00", source("x"))
    gone = described("02:00", dataset("x", headwater_policy={"_deleted": True}))
    elsewhere = complete(1, "00:30", "r", [source("x")])
    silent = complete(2, "03:00", "r", [dataset("x", headwater_policy={"domain": "hr"})])
    read = complete(3, "04:00", "r", ["x"])
    sources = [
        resolved(*events, read).artifacts[Artifact("db", "x")].source
        for events in ([said], [said, gone], [said, gone, elsewhere], [said, silent])
    ]
    assert sources == [True, False, True, True]


def test_a_label_decides_when_it_is_the_newest() -> None:
    """What people say is weighed with what events say."""
    events = [described("01:00", source("x")), complete(1, "02:00", "r", ["x"])]
    label = Labelled(2, "artifact:db/x", "source", "no", 2**62, "someone")
    graph = resolve([*claims_of(*events), label], 3)
    assert not graph.artifacts[Artifact("db", "x")].source


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("a", 1), ("", 2)], None),
        ([("", 2), ("a", 2)], ("a",)),
        ([("a", 1), ("", 2), ("b", 3)], ("b",)),
        ([("", 1)], None),
    ],
)
def test_an_empty_label_takes_back_what_was_said_before_it(
    said: list[tuple[str, int]], expected: tuple[str, ...] | None
) -> None:
    """One of the same time stands: a key can be emptied and filled again at once."""
    claims = [
        Labelled(entry, "artifact:db/x", "owner", value, time, "someone")
        for entry, (value, time) in enumerate(said)
    ]
    for order in (claims, claims[::-1]):
        label = resolve(order, len(said)).labels["artifact:db/x"].get("owner")
        assert (label.values if label else None) == expected


@pytest.mark.parametrize(
    ("facets", "code"),
    [
        ({"headwater_code": {"commit": "aa"}}, "aa"),
        ({"headwater_code": {"commit": "aa", "dirty": True}}, "aa+dirty"),
        ({"headwater_code": {"commit": "aa", "dirty": True, "diffDigest": "bb"}}, "aa+bb"),
        ({"sourceCodeLocation": {"type": "git", "url": "u", "version": "cc"}}, "cc"),
        ({"sourceCodeLocation": {"type": "git", "url": "u"}}, None),
        ({}, None),
    ],
)
def test_a_run_tells_the_state_of_its_code(facets: Json, code: str | None) -> None:
    """By commit and diff, else by the location's version."""
    event = complete(1, "01:00", "r")
    event["job"]["facets"] = facets
    assert next(iter(resolved(event).runs.values())).code == code


def test_code_without_a_commit_is_told_by_the_digest_of_its_text() -> None:
    """Equal SQL is equal code."""
    event = complete(1, "01:00", "r")
    event["job"]["facets"] = {"sql": {"query": "select 1"}}
    code = next(iter(resolved(event).runs.values())).code
    assert code is not None
    assert code.startswith("sha256:")


def test_control_flow_is_kept_apart_from_data() -> None:
    """`jobDependencies` names runs that came before; jobs without a run are left out."""
    before = {"job": {"namespace": "cron", "name": "a"}}
    run = {"runId": "00000009-0000-4000-8000-000000000000"}
    facet = {"upstream": [{**before, "run": run}, before]}
    graph = resolved(complete(1, "01:00", "r", [], ["t"], jobDependencies=facet))
    node = next(iter(graph.runs.values()))
    assert [followed.name for followed in node.followed] == ["a"]
    assert not graph.derived


def test_a_run_shows_actor_interval_and_gaps() -> None:
    """Who acted, for which interval, and what capture could not see."""
    event = complete(
        1, "01:00", "r",
        headwater_actor={"subject": "svc-etl"},
        nominalTime={"nominalStartTime": "2026-05-03T00:00:00Z"},
        headwater_capture={"gaps": ["a child without capture"]},
    )  # fmt: skip
    node = next(iter(resolved(event).runs.values()))
    assert (node.actor, node.gaps) == ("svc-etl", 1)
    assert node.nominal == ("2026-05-03T00:00:00Z", None)


def test_a_service_s_output_is_open_and_derives_from_everything() -> None:
    """It begins at its first mention; a second declared output of the run stays apart."""
    event = start(1, "01:00", "r", ["a"], ["t"])
    event["job"]["facets"] = {"jobType": {"processingType": "STREAMING", "integration": "X"}}
    later = {**start(1, "03:00", "r", ["b"]), "eventType": "RUNNING"}
    graph = resolved(event, later)
    node = graph.versions[made(1, "r", "t")]
    assert node.open
    assert set(derived(graph, node.version).values()) == {"conservative"}
    assert len(derived(graph, node.version)) == 2


def test_how_one_declared_version_was_written_says_nothing_of_another() -> None:
    """A subset of the first does not make the second carry over."""
    subset = {"outputCondition": {"type": "location", "locations": ["p"]}}
    graph = resolved(
        start(1, "01:00", "r", [], [version("t", "0", subset=subset)]),
        complete(1, "02:00", "r", [], [version("t", "1", **change("t", "OVERWRITE")["facets"])]),
    )
    assert graph.revised[made(1, "r", "t", "1")].carries == "none"


def test_a_read_of_an_older_id_is_no_read_back() -> None:
    """An engine that names its output first may still read another run's version of it."""
    graph = resolved(
        complete(1, "01:00", "w", [], [version("t", "4")]),
        start(2, "02:00", "merge", [], [version("t", "5")]),
        complete(2, "03:00", "merge", [version("t", "4"), version("t", "5")], ["o"]),
    )
    assert [edge.version for edge in used(graph, 2)] == [made(1, "w", "t", "4")]


def test_a_read_of_own_content_is_a_read_back_unless_the_content_differs() -> None:
    """By digest: what the run wrote is its own; other bytes came from elsewhere."""
    digest = [{"headwater_digest": {"algorithm": "sha256", "value": v * 32}} for v in ("ab", "cd")]
    wrote = start(1, "01:00", "r", [], [dataset("t", **digest[0])])
    own = complete(1, "02:00", "r", [dataset("t", **digest[0])])
    other = complete(1, "02:00", "r", [dataset("t", **digest[1])])
    assert used(resolved(wrote, own), 1) == []
    assert [edge.binding for edge in used(resolved(wrote, other), 1)] == ["digest"]


def test_facts_leave_out_how_the_graph_was_admitted() -> None:
    """Every kind of fact is told, and none names an entry."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32, "size": 4096}}
    events = [
        complete(1, "01:00", "w", ["s"], [dataset("f", **digest, columnLineage=columns(x="s.k"))]),
        complete(2, "02:00", "r", [dataset("copy", **digest)], ["f"]),
    ]
    facts = {fact[0] for fact in resolved(*events).facts()}
    assert facts == {
        "version", "run", "used", "derived", "column", "revised", "same_content", "job", "artifact"
    }  # fmt: skip
    assert set(resolved(*events).facts()) == set(resolved(*events[::-1], *events).facts())


def parent(number: int, job: str, root: tuple[int, str] | None = None) -> Json:
    """A `parent` facet, with a root."""

    def link(number: int, job: str) -> Json:
        run = {"runId": f"{number:08x}-0000-4000-8000-000000000000"}
        return {"run": run, "job": {"namespace": "cron", "name": job}}

    return {**link(number, job), **({"root": link(*root)} if root else {})}


def test_other_bytes_under_a_known_name_came_from_outside() -> None:
    """A digest that no version of the name has is no part of a directory either."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32}}
    graph = resolved(
        complete(1, "01:00", "w", [], ["d", "d/a"]),
        complete(2, "02:00", "r", [dataset("d/a", **digest)]),
        complete(3, "02:00", "r", [dataset("e", **digest)]),
    )
    for number in (2, 3):
        (edge,) = used(graph, number)
        assert (edge.binding, edge.version.outside) == ("digest", True)


def test_a_reader_whose_clock_runs_ahead_is_bound_forward() -> None:
    """To the earliest following version with the id, conservatively, with a warning."""
    graph = resolved(
        complete(1, "02:00", "w", [], [version("t", "7")]),
        complete(2, "01:00", "r", [version("t", "7")]),
    )
    (edge,) = used(graph, 2)
    assert (edge.version, edge.exactness) == (made(1, "w", "t", "7"), "conservative")
    assert edge.warning is not None


def test_parts_written_after_the_read_are_not_of_it() -> None:
    """A directory that is empty yet is unknown."""
    graph = resolved(complete(1, "02:00", "w", [], ["d/a"]), complete(2, "01:00", "r", ["d"]))
    assert [edge.binding for edge in used(graph, 2)] == ["unknown"]


def test_a_column_does_not_pass_a_state_that_was_replaced() -> None:
    """Only what carries over keeps its columns; two edges to one column are one column."""
    facet = columns(x="s.k")
    facet["fields"]["x"]["inputFields"][0]["transformations"] = [
        {"type": "DIRECT", "subtype": "IDENTITY"},
        {"type": "INDIRECT", "subtype": "FILTER"},
    ]
    graph = resolved(
        complete(1, "01:00", "w", ["s"], [dataset("t", columnLineage=facet)]),
        complete(2, "02:00", "w", ["s"], [change("t", "OVERWRITE")]),
    )
    down = impact_column(
        Adjacency(graph), Column(Version(Artifact("db", "s")), "k"), visible=everything
    )
    assert [column.version for column in down.columns if column.path == "x"] == [made(1, "w", "t")]
    assert len(down.edges) == 2


def test_of_two_ways_to_one_source_the_surest_counts() -> None:
    """Two names of one folder, one of them listed as exact by columns."""
    alias = symlinks("folder", "table")
    graph = resolved(
        complete(1, "01:00", "w", [], [alias]),
        complete(2, "02:00", "r", ["folder", "table"], [
            dataset("t", columnLineage=columns(x="folder.k")),
        ]),
    )  # fmt: skip
    assert derived(graph, made(2, "r", "t")) == {made(1, "w", "folder"): "exact"}
    again = resolved(
        complete(1, "01:00", "w", [], [alias]),
        complete(2, "02:00", "r", ["folder", "table"], [
            dataset("t", columnLineage=columns(x="table.k")),
        ]),
    )  # fmt: skip
    assert derived(again, made(2, "r", "t")) == {made(1, "w", "folder"): "exact"}


def test_steps_of_one_run_stay_apart_by_its_lineage() -> None:
    """Raw → features → model in one run: own sources are the run's own versions."""
    event = complete(1, "01:00", "script", ["raw"], ["features", "model", "report", "page"])
    event["run"]["facets"] = {
        "lineage": {
            "entries": [
                entry("features", "raw"),
                entry("model", "features"),
                entry("report", "features", "model"),
                entry("page", "report"),
            ]
        }
    }
    graph = resolved(event)
    features, model = made(1, "script", "features"), made(1, "script", "model")
    assert derived(graph, features) == {Version(Artifact("db", "raw")): "exact"}
    assert derived(graph, model) == {features: "exact"}
    assert derived(graph, made(1, "script", "report")) == {features: "exact", model: "exact"}
    assert [edge.named.name for edge in used(graph, 1)] == ["raw"]


@pytest.mark.parametrize("known_middle", [True, False])
def test_an_inner_run_without_inputs_takes_those_around_it(known_middle: bool) -> None:
    """Of the nearest enclosing run that names some; `root` counts where the middle is unknown."""
    middle = [start(8, "00:30", "task", parent=parent(9, "dag"))] if known_middle else []
    graph = resolved(
        start(9, "00:10", "dag", ["s"]),
        *middle,
        complete(1, "01:00", "engine", [], ["t"], parent=parent(8, "task", (9, "dag"))),
    )
    (edge,) = [edge for edge in graph.derived if edge.version == made(1, "engine", "t")]
    assert (edge.source.artifact.name, edge.evidence) == ("s", "inferred")
    assert graph.versions[made(1, "engine", "t")].origin_known


def test_an_outer_write_is_a_summary_of_the_inner_one() -> None:
    """One write, made by the run within; runs in a ring enclose nothing."""
    inner = complete(1, "01:00", "engine", ["s"], ["t"], parent=parent(8, "task"))
    outer = complete(8, "02:00", "task", ["s"], ["t"])
    assert made(8, "task", "t") not in resolved(inner, outer).versions
    ring = complete(8, "02:00", "task", ["s"], ["t"], parent=parent(1, "engine"))
    assert made(8, "task", "t") in resolved(inner, ring).versions


def test_a_summary_s_facets_show_on_the_inner_version() -> None:
    """What the inner run does not say is shown as the nearest run around it says it."""
    words = {run: {"schema": {"said": run}, "ownership": {"said": run}} for run in ("task", "dag")}
    own = dataset("t", schema={"said": "engine"}, storage={"_deleted": True})
    inner = complete(1, "01:00", "engine", ["s"], [own], parent=parent(8, "task"))
    task = complete(8, "02:00", "task", [], [dataset("t", **words["task"], storage={"said": "it"})])
    task["run"]["facets"]["parent"] = parent(9, "dag")
    dag = complete(9, "03:00", "dag", [], [dataset("t", **words["dag"], documentation={})])
    node = resolved(inner, task, dag).versions[made(1, "engine", "t")]
    assert {name: facet.entry for name, facet in node.facets.items()} == {
        "schema": 0,
        "ownership": 1,
        "documentation": 2,
    }
    assert node.entries == (0, 1, 2)


def test_a_job_event_s_lineage_chooses_among_reads() -> None:
    """The least specific statement; it makes no reads of its own."""
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {
            "namespace": "cron",
            "name": "r",
            "facets": {"lineage": {"entries": [entry("t", "a", "elsewhere")]}},
        },
    }
    graph = resolved(static, complete(1, "01:00", "r", ["a", "b"], ["t"]))
    assert derived(graph, made(1, "r", "t")) == {Version(Artifact("db", "a")): "exact"}


def test_a_read_after_the_write_is_a_read_back() -> None:
    """Told by a later event, or marked by capture; it makes no edge."""
    wrote = start(1, "01:00", "r", [], ["t"])
    later = complete(1, "02:00", "r", ["t"], ["u"])
    assert used(resolved(wrote, later), 1) == []
    marked = complete(1, "02:00", "r", [dataset("t", headwater_read={"own": True})], ["t", "u"])
    assert used(resolved(marked), 1) == []


def test_the_mode_of_a_write_says_what_it_carries() -> None:
    """Overwrite nothing, append everything; a mode that nobody knows says nothing."""
    first = complete(1, "01:00", "w", [], ["t"])
    found = []
    for mode in ("overwrite", "append", "teleport"):
        second = complete(2, "02:00", "w", [], [dataset("t", headwater_write={"mode": mode})])
        found.append(resolved(first, second).revised[made(2, "w", "t")].carries)
    assert found == ["none", "all", "unknown"]


def test_what_a_reader_may_not_see_is_counted() -> None:
    """And what a run read is where its trace begins."""
    graph = resolved(complete(1, "01:00", "r", ["a", "b"], ["t"]))
    adjacency = Adjacency(graph)
    root = made(1, "r", "t")
    seen = trace(adjacency, root, visible=lambda item: item.name != "b")
    assert seen.completeness.redacted == 1
    assert root.run is not None
    assert {version.artifact.name for version in trace(adjacency, root.run).versions} == {"a", "b"}


def test_a_version_queued_twice_is_walked_once() -> None:
    """First a hop away, by reading it; then nearer, by two revisions."""
    append = {"headwater_write": {"mode": "append"}}
    graph = resolved(
        complete(1, "01:00", "w", [], [version("t", "1", **append)]),
        complete(2, "02:00", "w", [], [version("t", "2", **append)]),
        complete(3, "03:00", "w", [version("t", "1")], [version("t", "3", **append)]),
    )
    newest, oldest = made(3, "w", "t", "3"), made(1, "w", "t", "1")
    assert trace(Adjacency(graph), newest).versions[oldest] == 0
    assert impact(Adjacency(graph), oldest).versions[newest] == 0


def test_a_revision_of_which_nobody_knows_is_counted_or_followed() -> None:
    """Left out and counted, unless asked for."""
    graph = resolved(
        complete(1, "01:00", "w", [source("a")], ["t"]),
        complete(2, "02:00", "w", [source("b")], ["t"]),
    )
    newest, oldest = made(2, "w", "t"), made(1, "w", "t")
    for walk, root, other in ((trace, newest, oldest), (impact, oldest, newest)):
        kept, full = (walk(Adjacency(graph), root, revisions=how) for how in ("carried", "all"))
        assert (kept.completeness.revisions_left_out, other in kept.versions) == (1, False)
        assert (full.completeness.revisions_left_out, other in full.versions) == (0, True)


def test_a_name_follows_a_run_s_later_statement_backwards() -> None:
    """Unless another had it by then."""
    told = complete(3, "03:00", "r", [symlinks("folder", "table")])
    graph = resolved(
        complete(1, "01:00", "w", [], ["folder"]), complete(2, "02:00", "r", ["table"]), told
    )
    assert [edge.version for edge in used(graph, 2)] == [made(1, "w", "folder")]
    taken = resolved(
        complete(1, "01:00", "w", [], ["folder"]),
        described("01:30", symlinks("other", "table")),
        complete(2, "02:00", "r", ["folder"]),
        told,
    )
    assert [edge.version for edge in used(taken, 3)] == [made(1, "w", "folder")]


def test_a_version_that_came_while_the_reader_ran_is_a_candidate() -> None:
    """Inputs told only at the end: the edge is conservative and names what it may be."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["t"]),
        start(3, "01:30", "r"),
        complete(2, "02:00", "w", [], ["t"]),
        complete(3, "03:00", "r", ["t"], ["u"]),
    )
    (edge,) = used(graph, 3)
    assert (edge.version, edge.exactness) == (made(2, "w", "t"), "conservative")
    assert edge.candidates == (made(1, "w", "t"), made(2, "w", "t"))


def test_known_to_have_no_input_is_a_known_origin() -> None:
    """`[]` in an entry says so; an attempt is kept apart; small contents say nothing."""
    event = complete(1, "01:00", "r", ["a"], ["t"])
    event["run"]["facets"] = {"lineage": {"entries": [entry("t")]}}
    graph = resolved(event)
    assert derived(graph, made(1, "r", "t")) == {}
    assert graph.versions[made(1, "r", "t")].origin_known


def test_a_failed_run_s_output_is_an_attempt() -> None:
    """It is not bound to, not renamed away, and not revised; an open run's neither."""
    failed = complete(2, "02:00", "w", ["a"], ["t", change("n", "RENAME", "t")])
    failed["eventType"] = "FAIL"
    graph = resolved(
        complete(1, "01:00", "w", [], ["t"]),
        failed,
        start(3, "02:30", "w", [], ["t"]),
        complete(4, "03:00", "r", ["t"]),
    )
    assert graph.versions[made(2, "w", "t")].attempted
    assert graph.versions[made(3, "w", "t")].attempted
    (edge,) = used(graph, 4)
    assert (edge.version, [run.id[:8] for run in edge.open_writers]) == (
        made(1, "w", "t"),
        ["00000003"],
    )


def test_contents_of_a_few_bytes_say_nothing_by_being_equal() -> None:
    """Below 64 bytes, whoever states the size."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32}}
    small = {**digest, "inputStatistics": {"size": 2}}
    graph = resolved(
        complete(1, "01:00", "w", [], [dataset("f", **digest)]),
        complete(2, "02:00", "r", [dataset("copy", **small)]),
    )
    assert graph.same == {}


def test_statistics_size_the_one_digest_that_a_run_states() -> None:
    """A size in another event is of the digest; beside two digests it is of neither."""
    tiny = {"namespace": "db", "name": "flag", "outputFacets": {"outputStatistics": {"size": 2}}}
    first, second = ({"algorithm": "sha256", "value": letter * 64} for letter in "ab")

    def copied(*said: Json) -> set[Version]:
        writes = [dataset("flag", version={"datasetVersion": "1"}, headwater_digest=first), *said]
        reader = complete(2, "02:00", "r", [dataset("copy", headwater_digest=first)], ["o"])
        return set(resolved(complete(1, "01:00", "w", [], writes), reader).same)

    other = dataset("flag", version={"datasetVersion": "2"}, headwater_digest=second)
    copy = Version(Artifact("db", "copy"), digest=f"sha256:{'a' * 64}")
    assert copied() == {copy}
    assert copied(tiny) == set()
    assert copied(tiny, other) == {copy}


def test_a_revision_that_carries_nothing_is_neither_followed_nor_counted() -> None:
    """Both ways round; and a copy is reached from what it copies."""
    digest = {"headwater_digest": {"algorithm": "sha256", "value": "ab" * 32, "size": 4096}}
    graph = resolved(
        complete(1, "01:00", "w", [], [dataset("t", **digest)]),
        complete(2, "02:00", "w", [], [change("t", "OVERWRITE")]),
        complete(3, "03:00", "r", [dataset("copy", **digest)]),
    )
    below = impact(Adjacency(graph), made(1, "w", "t"))
    assert {version.artifact.name for version in below.versions} == {"t", "copy"}
    assert below.completeness.revisions_left_out == 0


def test_lineage_fields_name_reads_too() -> None:
    """A dataset's own facet and columns: what stands only there is a read."""
    field = {"inputs": [{"namespace": "db", "name": "a", "type": "DATASET", "field": "k"}]}
    graph = resolved(
        complete(1, "01:00", "r", [], [
            dataset("t", lineage={"fields": {"x": field}}),
            dataset("u", columnLineage=columns(y="b.k")),
        ]),
    )  # fmt: skip
    assert {edge.named.name for edge in used(graph, 1)} == {"a", "b"}


def test_a_name_that_was_renamed_away_has_nothing_older_either() -> None:
    """The end took every version that stood there, not the newest alone."""
    graph = resolved(
        complete(1, "01:00", "w", [], ["t"]),
        complete(2, "02:00", "w", [], ["t"]),
        complete(3, "03:00", "w", [], [change("u", "RENAME", "t")]),
        complete(4, "04:00", "r", ["t"], ["o"]),
    )
    (edge,) = used(graph, 4)
    assert edge.version.outside
