"""The real command on real files: import, ask, check, export, tamper."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Headwater = Callable[..., "subprocess.CompletedProcess[str]"]

REPORT = "daily_orders.csv"
GOOD = json.dumps(
    {
        "eventType": "COMPLETE",
        "eventTime": "2026-05-04T01:10:00Z",
        "producer": "https://example.org/p",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "9be8f9c2-56ac-46a9-bb5d-e38d2cfa4a8c"},
        "job": {"namespace": "n", "name": "j"},
        "inputs": [{"namespace": "d", "name": "in"}],
        "outputs": [{"namespace": "d", "name": "out"}],
    }
)


@pytest.fixture
def daily(headwater: Headwater, shared: Path) -> Headwater:
    """Import two days of a linear pipeline."""
    events = shared / "data/golden/01-linear-daily/events.ndjson"
    done = headwater("import", str(events))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "13 accepted, 0 duplicate, 0 warned, 0 rejected.\n"
    return headwater


def answer_of(headwater: Headwater, *words: str) -> dict[str, Any]:
    """Ask with `--json` and read the one document on standard output."""
    done = headwater(*words, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def test_trace_prints_the_second_day_down_to_the_source(daily: Headwater) -> None:
    """The report of day two comes from day two's tables and from the shop, and is complete."""
    done = daily("trace", REPORT)
    assert done.returncode == 0, done.stderr
    names = [REPORT, "mart.daily_orders", "staging.orders", "shop.orders"]
    lines = done.stdout.splitlines()[:4]
    assert all(name in line for name, line in zip(names, lines, strict=True))
    assert "2026-05-04" not in done.stdout
    assert "[source]" in done.stdout
    assert "Complete." in done.stdout


def test_json_is_the_documented_answer(daily: Headwater) -> None:
    """`--json` and `--format json` are the same document, with the keys of the contract."""
    answer = answer_of(daily, "trace", REPORT)
    keys = {"ask", "root", "rules", "head", "nodes", "edges", "completeness"}
    assert set(answer) == keys
    assert json.loads(daily("trace", REPORT, "--format", "json").stdout) == answer


def test_depth_is_said_to_cut_off(daily: Headwater) -> None:
    """One hop, and a sentence that there is more."""
    done = daily("trace", REPORT, "--depth", "1")
    assert "larger --depth" in done.stdout
    assert "shop.orders" not in done.stdout


def test_impact_counts_what_it_reaches(daily: Headwater) -> None:
    """Downstream of the shop are both days."""
    done = daily("impact", "shop.orders")
    assert done.returncode == 0, done.stderr
    assert "Reaches 6 versions" in done.stdout
    assert "through 6 runs" in done.stdout


def test_paths_show_every_step(daily: Headwater) -> None:
    """From the report to the shop through the tables between; exit code 1 where there is none."""
    done = daily("paths", REPORT, "shop.orders")
    assert done.returncode == 0, done.stderr
    assert "mart.daily_orders" in done.stdout


def test_show_is_a_passport(daily: Headwater) -> None:
    """An artifact lists its versions; a version what made it."""
    done = daily("show", REPORT)
    assert done.returncode == 0, done.stderr
    assert "Versions" in done.stdout
    version = daily("show", f"{REPORT}@v2", "--history", "--proofs")
    assert version.returncode == 0, version.stderr
    assert "Made by" in version.stdout
    assert "History of facets" in version.stdout


def test_diff_lists_what_changed(daily: Headwater) -> None:
    """Two versions of the report differ in their inputs."""
    done = daily("diff", f"{REPORT}@v1", f"{REPORT}@v2")
    assert done.returncode == 0, done.stderr
    assert "Inputs" in done.stdout
    assert daily("diff", "@2", "@13").returncode == 0


def test_search_finds_by_part_of_a_name(daily: Headwater) -> None:
    """Hits are a table; no hit is exit code 1."""
    done = daily("search", "orders", "--limit", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[:2] == ["kind", "name"]
    assert "--limit shows more" in done.stdout
    assert daily("search", "nothing-like-it").returncode == 1


def test_why_names_the_rule(daily: Headwater) -> None:
    """The report depends on the mart, and `why` says by which rule and entries."""
    done = daily("why", REPORT, "mart.daily_orders")
    assert done.returncode == 0, done.stderr
    assert "rule as_of" in done.stdout
    assert "entry " in done.stdout


@pytest.mark.parametrize("form", ["dot", "mermaid"])
def test_drawings_come_out_alone(daily: Headwater, form: str) -> None:
    """`trace --format` and `export --format` draw the same, with nothing around it."""
    traced = daily("trace", REPORT, "--format", form)
    assert traced.stdout.startswith({"dot": "digraph", "mermaid": "flowchart"}[form])
    assert daily("export", REPORT, "--format", form).stdout == traced.stdout


def test_exported_prov_is_a_document(daily: Headwater, tmp_path: Path) -> None:
    """PROV-JSON goes to the file that was named."""
    path = tmp_path / "out.json"
    done = daily("export", REPORT, "--format", "prov", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    document = json.loads(path.read_text())
    assert len(document["activity"]) == 3


def test_exported_openlineage_gives_the_same_answer_elsewhere(
    daily: Headwater, tmp_path: Path
) -> None:
    """The events behind an answer, imported into an empty store, answer the same."""
    path = tmp_path / "events.ndjson"
    done = daily("export", REPORT, "--format", "openlineage", "-o", str(path))
    assert done.returncode == 0, done.stderr
    other = ("--store", str(tmp_path / "other"))
    assert daily("import", str(path), *other).returncode == 0
    here, there = answer_of(daily, "trace", REPORT), answer_of(daily, "trace", REPORT, *other)
    assert [node["ref"] for node in here["nodes"]] == [node["ref"] for node in there["nodes"]]
    ends = [[(e["kind"], e["from"], e["to"]) for e in a["edges"]] for a in (here, there)]
    assert ends[0] == ends[1]


def test_at_answers_as_known_then(daily: Headwater) -> None:
    """After seven entries only the first day was known."""
    answer = answer_of(daily, "trace", REPORT, "--at", "7")
    assert answer["head"]["size"] == 7


def test_labels_become_entries(daily: Headwater) -> None:
    """A label is kept in the ledger and shown on the artifact."""
    done = daily("label", "staging.orders", "owner=team-dw", "colour=blue")
    assert done.returncode == 0, done.stderr
    assert "colour is no key that Headwater acts on" in done.stderr
    assert "team-dw" in daily("show", "staging.orders").stdout
    assert daily("verify").returncode == 0


def test_rebuild_changes_no_answer(daily: Headwater) -> None:
    """Claims made again give the same document."""
    before = daily("trace", REPORT, "--json").stdout
    done = daily("rebuild")
    assert done.returncode == 0, done.stderr
    assert "claims made again from 13 entries" in done.stdout
    assert daily("trace", REPORT, "--json").stdout == before


def test_verify_holds_and_says_what_it_looked_at(daily: Headwater) -> None:
    """Everything is checked by default; what is left out is said."""
    done = daily("verify")
    assert done.returncode == 0, done.stdout
    assert "Everything holds." in done.stdout
    partial = daily("verify", "--tree")
    assert partial.returncode == 0
    assert "Not checked" in partial.stdout
    assert answer_of(daily, "verify")["holds"] is True


def test_verify_names_a_tampered_entry(daily: Headwater, tmp_path: Path) -> None:
    """One changed event is found, with its entry and what it was about; exit code 1."""
    database = tmp_path / "project/.headwater/ledger.db"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE parts SET body ="
            " CAST(replace(CAST(body AS TEXT), 'mart.daily', 'mart.dairy') AS BLOB)"
            " WHERE entry = 4 AND number = 0"
        )
    connection.close()
    done = daily("verify")
    assert done.returncode == 1
    assert "Does not hold" in done.stdout
    assert "entry 4" in done.stdout
    assert "orders.aggregate" in done.stdout or "no longer JSON" in done.stdout
    document = json.loads(daily("verify", "--json").stdout)
    assert document["holds"] is False
    assert any(difference["index"] == 4 for difference in document["differences"])


def test_doctor_knows_the_store(daily: Headwater) -> None:
    """Location, size and whether it can be written."""
    report = answer_of(daily, "doctor")
    assert report["store"]["size"] == 13
    assert report["store"]["writable"] is True
    assert "Nothing needs attention" in daily("doctor").stdout


def test_importing_again_is_all_duplicates(daily: Headwater, shared: Path) -> None:
    """An import that was broken off is simply given again."""
    done = daily("import", str(shared / "data/golden/01-linear-daily"))
    assert "13 duplicate" in done.stdout


def test_good_lines_of_a_bad_file_are_kept(headwater: Headwater, tmp_path: Path) -> None:
    """Each bad line is listed with file, line and every problem; exit code 1."""
    path = tmp_path / "mixed.ndjson"
    path.write_text(f'{GOOD}\nno json\n{{"run": {{}}, "job": {{"name": 3}}}}\n')
    done = headwater("import", str(path))
    assert done.returncode == 1
    assert done.stdout.startswith("1 accepted, 0 duplicate, 0 warned, 2 rejected.")
    assert f"rejected {path}:2" in done.stdout
    third = done.stdout.partition(f"rejected {path}:3")[2]
    assert third.count("  $") >= 2
    assert headwater("trace", "out").returncode == 0
    assert f"{path}:3" in headwater("doctor").stdout


def test_events_come_from_standard_input_too(headwater: Headwater) -> None:
    """`-` reads standard input; rejections there have a line as well."""
    document = json.loads(headwater("import", "-", "--json", given=f"{GOOD}\n{{}}\n").stdout)
    assert (document["accepted"], document["rejected"]) == (1, 1)
    assert document["rejections"][0]["source"] == "<stdin>:2"


def test_strict_rejects_what_lenient_warns_about(headwater: Headwater) -> None:
    """`--strict` is the schema; the default takes what real producers send and says so."""
    event = GOOD.replace("9be8f9c2-56ac-46a9-bb5d-e38d2cfa4a8c", "run-17")
    assert headwater("import", "-", "--strict", given=event).returncode == 1
    lenient = headwater("import", "-", given=event)
    assert lenient.returncode == 0
    assert "1 warned" in lenient.stdout
    assert "Warnings (--verbose lists each)" in lenient.stdout


def test_unknown_and_ambiguous_references_have_their_exit_codes(daily: Headwater) -> None:
    """Unknown is 1 with the nearest names; nothing is on standard output."""
    done = daily("trace", "daily_order.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("headwater: ")
    assert REPORT in done.stderr
    document = json.loads(daily("trace", "daily_order.csv", "--json").stderr)
    assert document["error"] == "NotFound"


def test_no_store_is_exit_code_3(headwater: Headwater) -> None:
    """Where there is no store, the way to make one is said."""
    done = headwater("trace", "orders")
    assert done.returncode == 3
    assert "headwater import" in done.stderr
    assert "Traceback" not in done.stderr


def test_quiet_prints_the_tree_alone(daily: Headwater) -> None:
    """`--quiet` leaves the answer and nothing beside it."""
    done = daily("trace", REPORT, "--quiet")
    assert len(done.stdout.splitlines()) == 4
    assert done.stderr == ""
