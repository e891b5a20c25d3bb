"""What loops do: counted when it is the same again, and named when it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headwater.capture.repeats import REPEATS_MAX, Repeats
from headwater.openlineage import admit
from headwater.shipping.events import DATASETS_AT_ONCE
from tests.capture.conftest import Script, events, last, names, records, script
from tests.capture.test_runs import NOW

__all__ = ["script"]

HEAD = 'import headwater\nwith headwater.run("job") as run:\n'


def operations(project: Path) -> list[tuple[str, str, str, int]]:
    """What is said to have been counted: what, the last part of the name, line, how often."""
    facet = last(project, "job")["run"]["facets"].get("headwater_operations", {"operations": []})
    return [
        (one["operation"], one["name"].rpartition("/")[2], one["line"], one["count"])
        for one in facet["operations"]
    ]


def kinds(project: Path, kind: str) -> list[dict[str, Any]]:
    """The records of one kind."""
    return [one for one in records(project) if one["k"] == kind]


def test_a_hundred_times_are_recorded_and_one_more_is_counted(
    script: Script, project: Path
) -> None:
    """At the limit nothing is counted; beyond it the number is exact."""
    code = f'{HEAD}    for _ in range({{}}):\n        run.write("o.csv")\n'
    script(code.format(REPEATS_MAX))
    assert operations(project) == []
    assert len(kinds(project, "write")) == REPEATS_MAX
    script(code.format(REPEATS_MAX + 1))
    assert operations(project) == [("write", "o.csv", "pipeline.py:4", REPEATS_MAX + 1)]


def test_a_loop_over_one_file_leaves_few_records(script: Script, project: Path) -> None:
    """Written and read in turn; each line is counted for itself."""
    script(
        f'{HEAD}    for _ in range(2000):\n        run.write("o.csv")\n        run.read("o.csv")\n'
        '    for _ in range(150):\n        run.read("o.csv")\n'
    )
    assert operations(project) == [
        ("read", "o.csv", "pipeline.py:5", 2000),
        ("write", "o.csv", "pipeline.py:4", 2000),
        ("read", "o.csv", "pipeline.py:7", 150),
    ]
    assert len(records(project)) < 3 * REPEATS_MAX
    end = last(project, "job")
    assert names(end["outputs"]) == ["o.csv"]
    assert end["inputs"][0]["inputFacets"]["headwater_read"]["own"] is True


def test_the_last_of_what_was_counted_counts(script: Script, project: Path) -> None:
    """What was read before the last write is a source of it; the last metric is the metric."""
    script(
        f"{HEAD}    for place in range(500):\n"
        "        if place == 400:\n"
        '            run.read("a.csv")\n'
        '        run.write("o.csv")\n'
        "        run.metrics(loss=1 / (place + 1), seen=place)\n"
        '    run.read("b.csv")\n    run.metrics(seen=0)\n'
    )
    end = last(project, "job")
    assert names(end["outputs"][0]["facets"]["lineage"]["inputs"]) == ["a.csv"]
    assert end["run"]["facets"]["headwater_training"]["metrics"] == {"loss": 1 / 500, "seen": 0}
    assert len(kinds(project, "say")) < REPEATS_MAX + 10


def test_other_things_said_are_recorded(script: Script, project: Path) -> None:
    """The same file with other rows each time is not the same again."""
    script(f'{HEAD}    for rows in range(300):\n        run.write("o.csv", rows=rows)\n')
    assert len(kinds(project, "write")) == 300
    (output,) = last(project, "job")["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 299


def test_every_file_of_many_is_named(script: Script, project: Path) -> None:
    """At one line, more than one event may hold; each event is taken in."""
    count = 2 * DATASETS_AT_ONCE + 5
    (project / "in").mkdir()
    for place in range(count):
        (project / "in" / f"{place}.txt").write_text("x")
    script(
        f'{HEAD}    for place in range({count}):\n        run.read(f"in/{{place}}.txt")\n'
        '    run.write("o.csv")\n'
    )
    found = [one for one in events(project) if one["job"]["name"] == "job"]
    assert found[-1]["eventType"] == "COMPLETE"
    told = [one for one in found if len(one["inputs"]) > 1]
    assert {name for one in told for name in names(one["inputs"])} == {
        f"{place}.txt" for place in range(count)
    }
    assert [len(one["inputs"]) for one in told] == [DATASETS_AT_ONCE, DATASETS_AT_ONCE, 5]
    digests = [i["facets"]["headwater_digest"] for one in told for i in one["inputs"]]
    assert len(digests) == count
    for one in (*told, found[-1]):
        assert admit.parse(json.dumps(one).encode(), strict=True, now=NOW).warnings == ()


def test_operations_are_few_however_many_there_are() -> None:
    """Beyond ten thousand lines and datasets, those that were there first are counted."""
    repeats = Repeats()
    for place in range(10_000):
        repeats.count("read", "n", str(place))
    assert [repeats.count("read", "n", "new") for _ in range(REPEATS_MAX + 1)][-1] is False
    assert [repeats.count("read", "n", "5") for _ in range(1)] == [False]


def test_what_was_counted_is_handed_to_the_next_run_too(script: Script, project: Path) -> None:
    """How a file is that is written again and again is told before each run that may read it."""
    times = REPEATS_MAX + 5
    script(
        f"{HEAD}    for place in range({times}):\n"
        '        open("o.csv", "w").write(str(place))\n        run.write("o.csv")\n'
        '        with headwater.run("inner"):\n            pass\n'
    )
    told = [one["digest"]["value"] for one in kinds(project, "state")]
    assert len(set(told)) == times
