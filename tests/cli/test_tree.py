"""Trees: what a person reads."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from headwater.cli import tree
from headwater.evidence.naming import names_of
from tests.cli.answers import (
    CLEAN,
    FEATURES,
    FLIGHTS,
    FOLDER,
    MODEL,
    PREDICTIONS,
    WEATHER,
    Screen,
    answer_of,
    downstream,
    edge,
    made,
    outside,
    run_node,
    run_of,
    upstream,
    version_node,
)


def drawn(answer: dict[str, Any], screen: Screen | None = None, **more: Any) -> list[str]:
    """Draw the tree of an answer."""
    names = names_of(answer, base=FOLDER)
    options = {"upstream": answer["ask"] == "trace", "unknown": frozenset[str]()} | more
    return list(tree.draw(answer, screen or Screen(), names=names, **options))


def test_upstream_reads_from_the_predictions_down_to_the_sources() -> None:
    """A trace shows each version once, with the run that made it, above what it came from."""
    assert drawn(upstream()) == [
        "file  out/predictions.parquet  v1  2026-05-04 01:10  by predict  run 0193a5f2-0000",
        "├─ model  models/delay.joblib  v3  sha256:91ab04c2d700  2026-05-04 01:10  by train"
        "  run 0193a5f2-0000",
        "│  └─ file  data/features.parquet  v1  2026-05-04 01:10  by features  run 0193a5f2-0000",
        "│     ├─ file  data/clean.parquet  v1  2026-05-04 01:10  by clean  run 0193a5f2-0000",
        "│     │  └─ file  data/flights.csv  outside  [source]",
        "│     └─ file  data/weather.csv  outside  [source]",
        "└─ data/features.parquet v1  ↑ shown above",
    ]


def test_downstream_shows_a_run_that_only_read() -> None:
    """An impact ends with the runs from which nothing follows."""
    assert drawn(downstream()) == [
        "file  data/weather.csv  outside",
        "└─ file  data/features.parquet  v1  2026-05-04 01:10  by features  run 0193a5f2-0000",
        "   ├─ file  out/predictions.parquet  v1  2026-05-04 01:10  by predict  run 0193a5f2-0000",
        "   │  └─ run  report  0193a5f2-0000  complete  2026-05-04 01:10:30"
        "  read it; nothing follows",
        "   └─ model  models/delay.joblib  v3  sha256:91ab04c2d700  2026-05-04 01:10  by train"
        "  run 0193a5f2-0000",
        "      └─ out/predictions.parquet v1  ↑ shown above",
    ]


def test_unknown_origins_say_so() -> None:
    """A version of unknown origin is marked in words."""
    lines = drawn(upstream(), unknown=frozenset({FLIGHTS}))
    assert lines[4].endswith("data/flights.csv  outside  [origin unknown]")


def test_a_column_without_a_source_says_so() -> None:
    """A column that is known to be made of none is no origin that is unknown."""
    column = str(CLEAN).replace("version:", "column:") + "#one"
    node = {"ref": column, "kind": "column", "version": str(CLEAN), "path": "one", "depth": 0}
    answer = answer_of(column, [node, version_node(CLEAN, "file")], []) | {"sourceless": [column]}
    (line,) = drawn(answer)
    assert line.endswith(". one  [made of no column]")


def test_inexact_links_say_why() -> None:
    """A conservative, inferred or declared link carries the word."""
    run = str(run_of("clean"))
    candidates = [FLIGHTS, WEATHER]
    answer = answer_of(
        CLEAN,
        [version_node(CLEAN, "file"), run_node(run_of("clean")), version_node(FLIGHTS, "file")],
        [
            edge("generated", CLEAN, run),
            edge("derived", CLEAN, FLIGHTS, exactness="conservative", evidence="inferred"),
            edge("used", run, FLIGHTS, exactness="conservative", candidates=candidates),
            edge("declared", FLIGHTS, WEATHER),
        ],
    )
    assert drawn(answer)[1:] == [
        "└─ file  data/flights.csv  outside"
        "  [conservative; inferred; conservative, 1 of 2 candidates]",
        "   └─ data/weather.csv outside  [declared]",
    ]


def test_revisions_and_copies_are_named() -> None:
    """Earlier states and equal contents are told from derivation."""
    older = made("data/clean.parquet", "features")
    copy = outside("copy.parquet")
    answer = answer_of(
        copy,
        [version_node(ref, "file") for ref in (copy, CLEAN, older)],
        [
            edge("same_content", copy, CLEAN, evidence="inferred"),
            edge("revised", CLEAN, older, carries="all"),
        ],
    )
    lines = drawn(answer)
    assert lines[1].endswith("[same content]")
    assert lines[2].endswith("[earlier state]")


def test_inputs_that_a_version_did_not_derive_from_are_left_out() -> None:
    """Where a run's outputs say what they came from, its other reads stand under none of them."""
    run = str(run_of("clean"))
    other = made("data/rest.parquet", "clean")
    answer = answer_of(
        CLEAN,
        [version_node(ref, "file") for ref in (CLEAN, other, FLIGHTS, WEATHER)],
        [
            edge("generated", CLEAN, run),
            edge("generated", other, run),
            edge("derived", CLEAN, FLIGHTS),
            edge("used", run, FLIGHTS),
            edge("used", run, WEATHER),
        ],
    )
    assert [line.partition("data/")[2] for line in drawn(answer)[1:]] == [
        "flights.csv  outside  [source]"
    ]


def test_reads_stand_under_outputs_where_nothing_is_said_about_derivation() -> None:
    """An answer with `used` and `generated` only is still a tree of versions."""
    answer = upstream()
    answer["edges"] = [e for e in answer["edges"] if e["kind"] != "derived"]
    assert drawn(answer) == drawn(upstream())


def test_a_name_that_was_read_as_another_says_so() -> None:
    """The name that the reader said stands beside the artifact's own."""
    answer = upstream()
    for said in answer["edges"]:
        if said["kind"] == "used" and said["to"] == WEATHER:
            said["as"] = {"namespace": "file://laptop", "name": "/mnt/weather.csv"}
    assert drawn(answer)[5].endswith(
        "data/weather.csv  outside  read as /mnt/weather.csv  [source]"
    )


def test_attempted_versions_say_that_they_were_never_finished() -> None:
    """An attempt is no version, and its line says so."""
    attempt = version_node(CLEAN, "file", version={"attempted": True, "ordinal": None})
    assert drawn(answer_of(CLEAN, [attempt], []))[0].endswith(
        "attempted  2026-05-04 01:10  [never finished]"
    )


def test_a_run_can_be_the_root() -> None:
    """A trace of a run shows what it read."""
    run = str(run_of("clean"))
    answer = answer_of(
        run,
        [run_node(run_of("clean")), version_node(FLIGHTS, "file")],
        [edge("used", run, FLIGHTS)],
    )
    assert drawn(answer) == [
        "run  clean  0193a5f2-0000  complete  2026-05-04 01:10:30",
        "└─ file  data/flights.csv  outside  [source]",
    ]


def test_the_impact_of_a_run_begins_with_what_it_made() -> None:
    """Under a run that an impact asks about stand its versions."""
    run = str(run_of("clean"))
    answer = answer_of(
        run,
        [run_node(run_of("clean")), version_node(CLEAN, "file")],
        [edge("generated", CLEAN, run)],
        ask="impact",
    )
    assert drawn(answer)[1].startswith("└─ file  data/clean.parquet")


def test_static_jobs_stand_between_declared_versions() -> None:
    """Static lineage through a job is one line with the job named on it."""
    job = "job:flights/nightly"
    answer = answer_of(
        FLIGHTS,
        [
            version_node(FLIGHTS, "file"),
            version_node(WEATHER, "file"),
            {
                "ref": job,
                "kind": "job",
                "job": {"namespace": "flights", "name": "nightly"},
                "depth": 1,
            },
        ],
        [
            edge("declared", FLIGHTS, WEATHER),
            edge("declared_output", FLIGHTS, job),
            edge("declared_input", job, WEATHER),
        ],
    )
    assert drawn(answer) == [
        "file  data/flights.csv  outside  by job nightly",
        "└─ file  data/weather.csv  outside  [declared]  [source]",
    ]


def test_static_jobs_are_lines_where_only_they_connect() -> None:
    """Without `declared` edges between versions, the job is a line of its own."""
    job = "job:flights/nightly"
    answer = answer_of(
        FLIGHTS,
        [
            version_node(FLIGHTS, "file"),
            version_node(WEATHER, "file"),
            {
                "ref": job,
                "kind": "job",
                "job": {"namespace": "flights", "name": "nightly"},
                "depth": 1,
            },
        ],
        [edge("declared_output", FLIGHTS, job), edge("declared_input", job, WEATHER)],
    )
    assert drawn(answer)[1] == "└─ job  nightly  [declared]"


def test_lines_fit_a_narrow_terminal() -> None:
    """Detail goes first, then the middle of the name; no line is wider than the terminal."""
    for width in (40, 60, 90):
        for line in drawn(upstream(), Screen(width=width, environ={"NO_COLOR": "1"})):
            assert tree.width_of(line) <= width


def test_ascii_terminals_get_ascii_lines() -> None:
    """Where the encoding has no line-drawing characters, ASCII stands for them."""
    lines = drawn(upstream(), Screen(encoding="ascii"))
    assert lines[1].startswith("|- model")
    assert all(line.isascii() for line in lines)


def test_names_cannot_draw_on_the_terminal() -> None:
    """Control characters in a name are shown, never obeyed."""
    evil = made("\x1b[2Jx\u202etxt\n", "clean")
    line = drawn(answer_of(evil, [version_node(evil, "file")], []))[0]
    assert "\\u001b[2Jx\\u202etxt\\u000a" in line


def test_long_chains_begin_again_at_the_left() -> None:
    """A chain of thousands of versions is drawn whole, without recursion."""
    refs = [made(f"{place:05}.csv", "clean") for place in range(3_000)]
    answer = answer_of(
        refs[0],
        [version_node(ref, "file") for ref in refs],
        [edge("derived", above, below) for above, below in pairwise(refs)],
    )
    lines = drawn(answer)
    assert sum("02999.csv" in line for line in lines) == 1
    assert max(len(line) for line in lines) < 200
    assert any(line.endswith("… continued below") for line in lines)


def test_cycles_end() -> None:
    """A streaming cycle is drawn once around."""
    answer = answer_of(
        CLEAN,
        [version_node(CLEAN, "file"), version_node(FEATURES, "file")],
        [edge("derived", CLEAN, FEATURES), edge("derived", FEATURES, CLEAN)],
    )
    assert drawn(answer)[2].endswith("data/clean.parquet v1  ↑ shown above")


def test_names_are_told_apart_by_namespace_only_where_needed() -> None:
    """Two artifacts of one name are shown as people would type them."""
    other = PREDICTIONS.replace("laptop", "server")
    answer = answer_of(
        PREDICTIONS,
        [version_node(ref, "file") for ref in (PREDICTIONS, other, MODEL)],
        [edge("derived", PREDICTIONS, other), edge("derived", PREDICTIONS, MODEL)],
    )
    lines = drawn(answer)
    assert f"file://server::{FOLDER}/out/predictions.parquet" in lines[1]
    assert "  models/delay.joblib  " in lines[2]


def test_wide_characters_count_twice() -> None:
    """East Asian names are measured in terminal columns."""
    assert tree.width_of("表a") == 3


def test_columns_say_how_they_were_made() -> None:
    """A link between columns names its transformation, whether it is indirect, and masking."""
    mean, delay = (ref.replace("version:", "column:") for ref in (f"{CLEAN}#mean", f"{FLIGHTS}#d"))
    answer = answer_of(
        mean,
        [{"ref": ref, "kind": "column", "depth": 0} for ref in (mean, delay)],
        [
            edge("derived", mean, delay, direct=True, transformation="aggregation", masking=True),
            edge("derived", mean, delay, direct=False, transformation="group_by", masking=False),
        ],
    )
    assert drawn(answer)[1].endswith(". d  aggregation, masked; indirect group by")
