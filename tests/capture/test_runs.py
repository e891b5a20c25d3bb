"""What a run records, from users' programs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from headwater.openlineage import admit
from headwater.shipping.streams import streams
from tests.capture.conftest import Script, events, last, names, records

NOW = 4_102_444_800_000_000  # 2100-01-01: after every event made here

TRAIN = """
import headwater
with headwater.run("train", params={"depth": 8}) as run:
    open(run.read("a.csv")).read()
    open("model.bin", "w").write("weights")
    run.write("model.bin", kind="model", metrics={"auc": 0.83})
"""


def facets(event: dict[str, Any]) -> dict[str, Any]:
    """The run facets of an event."""
    return dict(event["run"]["facets"])


def test_a_run_starts_and_completes(script: Script, project: Path) -> None:
    """A block that goes well is START, an event for each first read and write, and COMPLETE."""
    assert script(TRAIN).returncode == 0
    said = [(one["eventType"], one["job"]["name"]) for one in events(project)]
    assert said == [(state, "train") for state in ("START", "RUNNING", "RUNNING", "COMPLETE")]
    end = last(project, "train")
    assert (names(end["inputs"]), names(end["outputs"])) == (["a.csv"], ["model.bin"])


def test_every_event_is_valid_in_strict_mode(script: Script, project: Path) -> None:
    """Strict admission takes every event, without a warning."""
    script(TRAIN)
    folder = project / ".headwater" / "spool"
    bodies = [event for stream in streams(folder) for event in stream.events()]
    assert [admit.parse(body, strict=True, now=NOW).warnings for body in bodies] == [()] * 4


def test_files_carry_the_digest_of_their_bytes(script: Script, project: Path) -> None:
    """What was read and written is known by SHA-256 and size."""
    script(TRAIN)
    end = last(project, "train")
    for dataset, text in ((end["inputs"][0], b"x\n1\n"), (end["outputs"][0], b"weights")):
        digest = dataset["facets"]["headwater_digest"]
        expected = (hashlib.sha256(text).hexdigest(), len(text))
        assert (digest["value"], digest["size"]) == expected


def test_parameters_and_metrics_are_said(script: Script, project: Path) -> None:
    """Parameters stand on the run, metrics of a written model on the model."""
    script(TRAIN)
    end = last(project, "train")
    said = facets(end)["executionParameters"]["parameters"]
    assert said == [{"key": "depth", "value": "8"}]
    assert end["outputs"][0]["facets"]["headwater_training"]["metrics"] == {"auc": 0.83}
    assert end["outputs"][0]["facets"]["datasetType"]["datasetType"] == "MODEL"


def test_an_exception_is_recorded_and_goes_on_its_way(script: Script, project: Path) -> None:
    """FAIL with the traceback's last line; the user's traceback has no frame of ours."""
    done = script('import headwater\nwith headwater.run("r"):\n    1 / 0\n')
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert "headwater" not in done.stderr.partition("\n")[2].replace("headwater.run", "")
    end = last(project, "r")
    assert end["eventType"] == "FAIL"
    assert facets(end)["errorMessage"]["message"] == "ZeroDivisionError: division by zero"


def test_exit_codes_decide_about_success(script: Script, project: Path) -> None:
    """sys.exit(0) is COMPLETE, any other code FAIL, an interrupt ABORT; each leaves as it would."""
    code = 'import headwater, sys\nwith headwater.run("{0}"):\n    {1}\n'
    for job, raised, state, returncode in (
        ("zero", "sys.exit(0)", "COMPLETE", 0),
        ("three", "sys.exit(3)", "FAIL", 3),
        ("interrupt", "raise KeyboardInterrupt", "ABORT", -2),
    ):
        done = script(code.format(job, raised))
        assert (done.returncode, last(project, job)["eventType"]) == (returncode, state)


def test_runs_within_runs_are_part_of_them(script: Script, project: Path) -> None:
    """A run names the one around it as parent and the outermost as root."""
    script("""
import headwater
with headwater.run("a") as a, headwater.run("b") as b, headwater.run("c"):
    print(a.id, b.id)
""")
    parent = facets(last(project, "c"))["parent"]
    assert (parent["job"]["name"], parent["root"]["job"]["name"]) == ("b", "a")


def test_without_a_run_the_script_is_one(script: Script, project: Path) -> None:
    """The first call outside of any run begins one that is named after the script."""
    script('import headwater\nheadwater.read("a.csv")\nheadwater.write("b.csv")\n', name="job.py")
    end = last(project, "job")
    assert (end["eventType"], names(end["inputs"])) == ("COMPLETE", ["a.csv"])


def test_a_script_that_fails_fails_its_run(script: Script, project: Path) -> None:
    """The run of a script ends as FAIL when an exception ends the script."""
    script('import headwater\nheadwater.read("a.csv")\nraise ValueError("no")\n', name="job.py")
    assert last(project, "job")["eventType"] == "FAIL"


def test_what_is_read_later_is_no_input(script: Script, project: Path) -> None:
    """An output comes from what was read before it, and from what the run itself wrote before."""
    script("""
import headwater
with headwater.run("steps") as run:
    run.read("a.csv")
    run.write("features.csv")
    run.read("features.csv")
    run.write("model.bin")
    run.read("b.csv")
""")
    outputs = {names([one])[0]: one for one in last(project, "steps")["outputs"]}
    lineage = {name: names(one["facets"]["lineage"]["inputs"]) for name, one in outputs.items()}
    assert lineage == {"features.csv": ["a.csv"], "model.bin": ["a.csv", "features.csv"]}


def test_inputs_given_are_the_inputs(script: Script, project: Path) -> None:
    """`inputs` says of a write what it came from, an empty list that it came from nothing."""
    script("""
import headwater
with headwater.run("split") as run:
    run.read("a.csv"); run.read("b.csv")
    run.write("one.csv", inputs=["a.csv"])
    run.write("two.csv", inputs=[])
""")
    outputs = last(project, "split")["outputs"]
    said = [names(one["facets"]["lineage"]["inputs"]) for one in outputs]
    assert said == [["a.csv"], []]


def test_what_a_run_within_reads_the_outer_one_reads(script: Script, project: Path) -> None:
    """Outer runs hold what inner ones read from outside, and nothing that was made inside."""
    script("""
import headwater
@headwater.task
def load():
    headwater.read("a.csv")
    headwater.write("middle.csv")
@headwater.task
def use():
    headwater.read("middle.csv")
with headwater.run("all"):
    load()
    use()
""")
    assert names(last(project, "all")["inputs"]) == ["a.csv"]


def test_runs_around_read_the_same_bytes_as_a_run_within(script: Script, project: Path) -> None:
    """Else there would be a version of the file by its digest, and another one without."""
    (project / "a.csv").write_text("x\n1\n")
    script("""
import headwater
with headwater.run("all"):
    with headwater.run("part"):
        with headwater.run("least"):
            headwater.read("a.csv")
            headwater.write("b.csv")
""")
    expected = hashlib.sha256(b"x\n1\n").hexdigest()
    for job in ("all", "part", "least"):
        (read,) = last(project, job)["inputs"]
        assert read["facets"]["headwater_digest"]["value"] == expected


def test_reading_gives_back_what_was_given(script: Script, project: Path) -> None:
    """`read` and `write` return their argument itself, whatever it is."""
    done = script("""
import headwater, pathlib
path, table = pathlib.Path("a.csv"), ("postgres://h:1", "s.t")
with headwater.run("r") as run:
    print(run.read(path) is path, run.write(table) is table, run.read("x://y") == "x://y")
""")
    assert done.stdout == "True True True\n"


def test_a_record_is_small(script: Script, project: Path) -> None:
    """A read or write takes less than 400 bytes in the spool."""
    script(TRAIN)
    sizes = [len(json.dumps(one)) for one in records(project) if one["k"] in ("read", "write")]
    assert sizes
    assert max(sizes) < 400
