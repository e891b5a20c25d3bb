"""Drawings and documents made of answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headwater.evidence import dot, mermaid, openlineage, prov
from headwater.evidence.naming import (
    Names,
    edge_words,
    kind_of,
    label_of,
    names_in,
    names_of,
    printable,
    short_digest,
    short_run,
    version_label,
    with_labels,
)
from tests.cli.answers import (
    CLEAN,
    FLIGHTS,
    FOLDER,
    WEATHER,
    answer_of,
    edge,
    made,
    run_node,
    run_of,
    upstream,
    version_node,
)

JOB = "job:flights/nightly"


def small(**more: Any) -> dict[str, Any]:
    """Write the answer of one run with one input and one output."""
    run = str(run_of("clean"))
    return answer_of(
        CLEAN,
        [
            version_node(CLEAN, "file", owners=["team a/b"]),
            version_node(FLIGHTS, "file", version={"digest": "sha256:" + "ab" * 32}),
            run_node(run_of("clean"), actor="ci"),
        ],
        [
            edge("generated", CLEAN, run),
            edge("derived", CLEAN, FLIGHTS),
            edge("used", run, FLIGHTS, binding="as_of"),
        ],
        **more,
    )


def test_dot_draws_the_flow_of_data() -> None:
    """Arrows go from the source through the run to the result; the root stands out."""
    text = dot.render(small(), base=FOLDER)
    assert text.splitlines()[-3:] == ["  n2 -> n0;", "  n1 -> n2;", "}"]
    assert '  n0 [label="data/clean.parquet\\nfile v1"' in text
    assert text.count("penwidth=3") == 1
    assert "shape=ellipse" in text


def test_mermaid_draws_the_same() -> None:
    """A flowchart with one statement a line."""
    assert mermaid.render(small(), base=FOLDER).splitlines() == [
        "flowchart LR",
        '  n0["data/clean.parquet<br/>file v1"]',
        '  n1["data/flights.csv<br/>file outside sha256:abababababab"]',
        '  n2(["clean<br/>run 0193a5f2-0000<br/>COMPLETE"])',
        "  n2 --> n0",
        "  n1 --> n2",
        "  style n0 stroke-width:3px",
    ]


def test_drawings_say_why_an_edge_is_not_exact() -> None:
    """A conservative derivation is drawn although its run shows it, dashed and with the word."""
    answer = small()
    answer["edges"][1]["exactness"] = "conservative"
    assert 'n1 -> n0 [label="conservative", style=dashed];' in dot.render(answer)
    assert 'n1 -. "conservative" .-> n0' in mermaid.render(answer)


def test_names_cannot_break_out_of_a_drawing() -> None:
    """Quotes, brackets and line ends in names stay inside their labels."""
    evil = made('x"];\nsubgraph <b> # & `', "clean")
    answer = answer_of(evil, [version_node(evil, "file")], [])
    drawn = dot.render(answer)
    assert '\\"];\\\\u000asubgraph' in drawn
    flow = mermaid.render(answer)
    assert "x#34;];\\u000asubgraph #60;b#62; #35; #38; #96;" in flow


def test_columns_jobs_and_absent_nodes_are_drawn() -> None:
    """Every end of an edge has a node, whatever it is."""
    column = CLEAN.replace("version:", "column:") + "#delay"
    answer = answer_of(
        column,
        [
            {"ref": column, "kind": "column", "depth": 0},
            {
                "ref": JOB,
                "kind": "job",
                "job": {"namespace": "flights", "name": "nightly"},
                "depth": 1,
            },
        ],
        [edge("derived", column, FLIGHTS), edge("declared_output", FLIGHTS, JOB)],
    )
    text = mermaid.render(answer, base=FOLDER)
    assert ' . delay"/]' in text
    assert '(["job nightly"])' in text
    assert '["/home/ana/flights/data/flights.csv"]' not in text
    assert "declared" in text


def test_prov_has_the_terms_of_the_standard() -> None:
    """Versions are entities, runs activities, people agents; every relation names its ends."""
    document = prov.render(small())
    run = str(run_of("clean"))
    assert document["entity"][CLEAN]["prov:label"] == f"{FOLDER}/data/clean.parquet"
    assert document["activity"][run]["prov:startTime"] == "2026-05-04T01:00:00Z"
    assert document["agent"] == {
        "agent:team%20a%2Fb": {"prov:label": "team a/b"},
        "agent:ci": {"prov:label": "ci"},
    }
    (generation,) = document["wasGeneratedBy"].values()
    assert generation["prov:entity"] == CLEAN
    assert generation["prov:activity"] == run
    assert generation["prov:time"] == "2026-05-04T01:10:00Z"
    (usage,) = document["used"].values()
    assert (usage["prov:activity"], usage["prov:entity"]) == (run, FLIGHTS)
    assert usage["headwater:binding"] == "as_of"
    (derivation,) = document["wasDerivedFrom"].values()
    assert (derivation["prov:generatedEntity"], derivation["prov:usedEntity"]) == (CLEAN, FLIGHTS)
    assert len(document["specializationOf"]) == 2
    assert len(document["wasAttributedTo"]) == 1
    assert len(document["wasAssociatedWith"]) == 1


@pytest.mark.parametrize(
    ("kind", "relation"),
    [
        ("revised", "wasDerivedFrom"),
        ("declared", "wasDerivedFrom"),
        ("same_content", "alternateOf"),
        ("declared_output", "wasInfluencedBy"),
    ],
)
def test_every_kind_of_edge_has_its_relation(kind: str, relation: str) -> None:
    """Nothing in an answer is lost in PROV."""
    nodes = [{"ref": JOB, "kind": "job", "job": {"namespace": "flights", "name": "nightly"}}]
    document = prov.render(answer_of(CLEAN, nodes, [edge(kind, CLEAN, JOB, carries="all")]))
    assert list(document[relation]) == [f"_:{relation}0"]
    assert document["entity"][JOB]["prov:type"]["$"] == "prov:Plan"
    assert CLEAN in document["entity"]


def test_control_flow_between_runs_is_communication() -> None:
    """`followed` says that one run informed another, and neither need be a node."""
    ends = (str(run_of("train")), str(run_of("clean")))
    document = prov.render(answer_of(ends[0], [], [edge("followed", *ends)]))
    assert document["wasInformedBy"]["_:wasInformedBy0"]["prov:informant"] == ends[1]
    assert set(document["activity"]) == set(ends)


def test_prov_keeps_what_it_has_no_word_for() -> None:
    """Ends that are no references, and generations without a time, are written all the same."""
    answer = answer_of("x", [], [edge("derived", "x", CLEAN), edge("generated", "x", "y")])
    assert "x" in prov.render(answer)["entity"]


def test_prov_of_a_whole_pipeline_names_every_prefix() -> None:
    """Each qualified name has its prefix declared, and the document is JSON."""
    document = json.loads(json.dumps(prov.render(upstream())))
    for section in ("entity", "activity"):
        for name in document[section]:
            assert name.partition(":")[0] in document["prefix"]


def test_runs_and_jobs_without_times_or_types_are_plain() -> None:
    """What is not known is left out, not made up."""
    run = run_node(run_of("clean"), started=None, ended=None, state=None)
    artifact = version_node(CLEAN, "file")
    artifact["artifact"]["kind"] = None
    document = prov.render(answer_of(CLEAN, [run, artifact], []))
    assert set(document["activity"][run["ref"]]) == {"prov:label", "headwater:job"}
    assert "prov:type" not in document["entity"][CLEAN]


def test_events_are_one_line_each_and_otherwise_untouched() -> None:
    """Only line ends between tokens change; those in strings are escaped already."""
    event = b'\n{"a": "x\\ny",\r\n "b":  1.0}\n'
    assert openlineage.one_line(event) == b'{"a": "x\\ny",   "b":  1.0}'
    assert list(openlineage.render([event, b"{}"]))[1] == b"{}\n"
    assert json.loads(openlineage.one_line(event)) == json.loads(event)


def test_labels_say_which_version() -> None:
    """Ordinal, declared id and digest where known; outside and attempted in words."""
    digest = "sha256:" + "ab" * 32
    assert version_label({"origin": "run", "ordinal": 3}) == "v3"
    assert version_label({"origin": "run", "ordinal": 3, "declared": "47"}) == "v3 =47"
    assert version_label({"origin": "outside", "digest": digest}) == "outside sha256:abababababab"
    assert version_label({"origin": "run", "attempted": True}) == "attempted"
    assert version_label({"origin": "run"}) == ""
    assert short_digest("abcdefabcdefabcdef") == "abcdefabcdef"


def test_run_ids_are_cut_where_they_still_differ() -> None:
    """Ids that begin with a time keep all of it."""
    assert short_run("9be8f9c2-56ac-46a9-bb5d-e38d2cfa4a8c") == "9be8f9c2"
    assert short_run("0193a5f2-1234-7000-8000-000000000001") == "0193a5f2-1234"


def test_any_reference_has_a_label() -> None:
    """Whether the answer has a node for it or not, and even where it is no reference."""
    names = Names([("file://laptop", f"{FOLDER}/a")], base=FOLDER)
    assert label_of("artifact:file%3A%2F%2Flaptop/%2Fhome%2Fana%2Fflights%2Fa", {}, names) == "a"
    assert label_of("job:flights/nightly", {}, names) == "job nightly"
    assert label_of("prediction:d/1", {}, names) == "prediction:d/1"
    assert label_of("no reference", {}, names) == "no reference"
    assert (
        label_of(WEATHER, {}, Names((), base="/elsewhere")) == f"{FOLDER}/data/weather.csv outside"
    )
    assert kind_of({"kind": "artifact", "artifact": {"kind": None}}) == "dataset"


def test_jobs_of_one_name_are_told_apart() -> None:
    """A job name that two namespaces have is shown with its namespace."""
    names = Names((), [("a", "load"), ("b", "load"), ("b", "clean")])
    assert names.job("a", "load") == "a::load"
    assert names.job("b", "clean") == "clean"
    jobs = [{"ref": JOB, "kind": "job", "job": {"namespace": "flights", "name": "nightly"}}]
    assert names_of({"nodes": jobs}).jobs == [("flights", "nightly")]


def test_control_characters_are_shown() -> None:
    """Nothing printed can move the cursor or turn the text around."""
    assert printable("a\x1b\u202e\ud800é") == "a\\u001b\\u202e\\ud800é"


def test_edges_say_in_words_what_they_are() -> None:
    """An exact edge needs none."""
    assert edge_words(edge("used", "a", "b")) == ()
    assert edge_words(edge("revised", "a", "b", carries="unknown")) == (
        "earlier state, carries unknown",
    )
    assert edge_words(edge("same_content", "a", "b", evidence="inferred")) == ("same content",)
    assert edge_words(edge("used", "a", "b", exactness="opaque")) == ("opaque",)


def test_names_are_found_wherever_references_stand() -> None:
    """References inside sentences, lists and mappings count; other text does not."""
    column = CLEAN.replace("version:", "column:") + "#delay"
    document = {"a": [f"It was read as {CLEAN}.", column], "b": (JOB, str(run_of("train")), "x")}
    names = names_in([document, "artifact:s3/x%2Fy", "version:not@one", 3], base=FOLDER)
    assert names.artifacts == [("file://laptop", f"{FOLDER}/data/clean.parquet"), ("s3", "x/y")]
    assert names.jobs == [("flights", "nightly"), ("flights", "train")]
    assert with_labels(f"({CLEAN}), then {JOB}.", {}, names) == (
        "(data/clean.parquet (run 0193a5f2-0000)), then job nightly."
    )


def test_declared_versions_are_labelled_by_their_id() -> None:
    """Without its node, a version is told by what its writer declared, or by its run."""
    names = Names(())
    assert label_of("version:d/t@run/1/n/j/47", {}, names) == "t =47"
    assert label_of("version:d/t@run/1/n/j", {}, names) == "t (run 1)"
    assert label_of("version:d/t@outside/=47", {}, names) == "t outside =47"
