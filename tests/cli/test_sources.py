"""Which files an import reads, and where each event stands."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.cli import sources
from headwater.cli.import_ import Tally, _kind, print_tally
from headwater.errors import NotFound, Problem
from headwater.ingest import Receipt
from tests.cli.answers import Screen


def test_folders_give_their_event_files_in_counting_order(tmp_path: Path) -> None:
    """Every *.json, *.ndjson, *.jsonl at any depth; 2 before 10; nothing else; each once."""
    (tmp_path / "deep").mkdir()
    for name in ("10.json", "2.json", "deep/a.NDJSON", "b.jsonl", "notes.txt"):
        (tmp_path / name).write_text("{}")
    found = sources.collect([str(tmp_path), str(tmp_path / "2.json"), "-"])
    names = [str(file).removeprefix(f"{tmp_path}/") for file in found]
    assert names == ["2.json", "10.json", "b.jsonl", "deep/a.NDJSON", "-"]
    assert sources.size_of(found) == 8


def test_what_is_left_aside_in_a_folder_is_said(tmp_path: Path) -> None:
    """Links to folders, pipes and compressed files are not read, and that is told."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.ndjson.gz").write_bytes(b"")
    (tmp_path / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.json")
    first, *others = sources.collect([str(tmp_path)])
    assert first == str(tmp_path / "a.json")
    assert {
        (one.source.rpartition("/")[2], one.reason.partition(" and ")[0])
        for one in others
        if isinstance(one, sources.Skipped)
    } == {
        ("b.ndjson.gz", "is compressed"),
        ("up", "is a link to a folder"),
        ("pipe.json", "is a pipe, socket or device"),
    }
    assert len(others) == 3
    assert list(sources.events(others)) == others


def test_a_store_in_a_folder_is_passed_by(tmp_path: Path) -> None:
    """`headwater import .` in a project does not take the store's own files for events."""
    for path in (tmp_path / "a.json", tmp_path / "sub" / ".headwater" / "writer.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert sources.collect([str(tmp_path)]) == [str(tmp_path / "a.json")]


def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that nobody may look at are not passed over in silence."""

    def walk(_: str, onerror: Callable[[OSError], None]) -> Iterator[object]:
        onerror(PermissionError(errno.EACCES, "Permission denied", f"{tmp_path}/sub"))
        return iter([(str(tmp_path), ["sub"], [])])

    monkeypatch.setattr(os, "walk", walk)
    (bad,) = sources.collect([str(tmp_path)])
    assert isinstance(bad, sources.Unreadable)
    assert (bad.source, bad.problems[0].message) == (
        f"{tmp_path}/sub",
        "cannot be read: Permission denied",
    )


def test_an_empty_path_is_an_error() -> None:
    """An unset shell variable does not mean the working directory."""
    with pytest.raises(NotFound, match="empty path"):
        sources.collect([""])


def test_a_file_without_events_is_told(tmp_path: Path) -> None:
    """An empty file is no rejection, and no silence either."""
    (tmp_path / "a.json").write_text("\n\n")
    assert list(sources.events([str(tmp_path / "a.json")])) == [
        sources.Skipped(str(tmp_path / "a.json"), "holds no event")
    ]


def test_a_device_is_refused() -> None:
    """`/dev/zero` never ends."""
    (bad,) = sources.events(["/dev/zero"])
    assert isinstance(bad, sources.Unreadable)
    assert "device" in bad.problems[0].message


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may have been started without one."""
    monkeypatch.setattr(sys, "stdin", None)
    (bad,) = sources.events(["-"])
    assert isinstance(bad, sources.Unreadable)
    assert bad.source == "<stdin>"


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    """Nothing is read before every path was found."""
    with pytest.raises(NotFound, match="no file or folder"):
        sources.collect([str(tmp_path / "none")])


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A folder without events says which files it looked for."""
    with pytest.raises(NotFound, match=r"\*\.ndjson"):
        sources.collect([str(tmp_path)])


def test_a_file_named_otherwise_is_read_when_named(tmp_path: Path) -> None:
    """The suffix matters only inside folders."""
    (tmp_path / "log").write_text("{}")
    assert sources.collect([str(tmp_path / "log")]) == [str(tmp_path / "log")]
    assert sources.collect(["/dev/null"]) == ["/dev/null"]


def test_events_carry_file_and_line(tmp_path: Path) -> None:
    """A source is `file:line`, and the bytes read so far go on from file to file."""
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('{"x": 1}\n\n{"x": 2}\n')
    found = list(sources.events([str(tmp_path / "a.json"), str(tmp_path / "b.json")]))
    assert [item.source.rpartition("/")[2] for item in found] == [
        "a.json:1",
        "a.json:3",
        "b.json:1",
        "b.json:3",
    ]
    last = found[-1]
    assert isinstance(last, sources.Found)
    assert (last.body, last.done) == (b'{"x": 2}', 38)


def test_an_array_that_is_no_json_is_refused_whole_and_the_rest_is_read(tmp_path: Path) -> None:
    """One bad file does not stop the others."""
    (tmp_path / "a.json").write_text("[{},")
    (tmp_path / "b.json").write_text("{}")
    bad, good = sources.events([str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert isinstance(bad, sources.Unreadable)
    assert bad.source.endswith("a.json")
    assert bad.problems
    assert isinstance(good, sources.Found)


def test_an_array_beyond_the_limit_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of a document is a problem of that file."""
    monkeypatch.setattr("headwater.openlineage.stream.DOCUMENT_BYTES_MAX", 8)
    (tmp_path / "a.json").write_text("[{},\n{},{},{},{}]")
    (bad,) = sources.events([str(tmp_path / "a.json")])
    assert isinstance(bad, sources.Unreadable)
    assert "NDJSON" in bad.problems[0].message


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A file that went away is one rejection, not the end."""
    (bad,) = sources.events([str(tmp_path / "gone.json")])
    assert isinstance(bad, sources.Unreadable)
    assert "cannot be read" in bad.problems[0].message


def test_warnings_are_counted_by_kind() -> None:
    """The path is left out, so that the same warning about two events is one kind."""
    assert _kind("$.run.runId: is no UUID") == "is no UUID"
    assert _kind("odd: but no path") == "odd: but no path"
    tally = Tally()
    for place in range(3):
        warnings = (f"$.inputs[{place}]: has no time zone",)
        tally.take(f"a:{place}", Receipt(place, place, "accepted", warnings))
    assert tally.document()["warnings"] == [
        {"kind": "has no time zone", "count": 3, "first": "a:0"}
    ]


def test_warnings_about_different_values_are_one_kind() -> None:
    """A thousand ids that are no UUIDs are one line, not a thousand."""
    made = "3a6ff8a1-0b1c-5d0a-9a53-6f2d9f6f7a11"
    assert _kind(f"$.run.runId: 'it\\'s 7' is no UUID, so it stands as {made}") == (
        "… is no UUID, so it stands as …"
    )
    assert _kind("$.eventTime: is more than a day ahead of 2026-11-22T18:59:54.718000Z") == (
        "is more than a day ahead of …"
    )


def test_a_tally_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit rejections and warnings are counted, and that is said."""
    for limit in ("PROBLEMS_KEPT_MAX", "WARNING_KINDS_MAX", "WARNINGS_KEPT_MAX"):
        monkeypatch.setattr(f"headwater.cli.import_.{limit}", 3)
    tally = Tally(verbose=True)
    for place in range(10):
        tally.take(f"a:{place}", Receipt(place, None, "rejected", problems=(Problem("$", "bad"),)))
        tally.remark(f"b:{place}", f"odd in way {chr(ord('a') + place)}")
    document = tally.document()
    assert (document["rejected"], len(document["rejections"])) == (10, 3)
    assert document["rejections_left_out"] == 7
    assert document["warnings"][0] == {"kind": "other warnings", "count": 7, "first": "b:3"}
    assert len(document["every_warning"]) == 3
    screen = Screen()
    print_tally(tally, screen, where="here", size=0)
    assert "rejected 7 more, not listed" in screen.text
    assert "7 more are not listed" in screen.text


def test_a_tally_reads_as_counts_rejections_and_warnings() -> None:
    """Every problem of every rejected event stands under its file and line."""
    problems = (Problem("$.run.runId", "is missing"), Problem("$.eventTime", "is no time"))
    for verbose, heading in ((False, "Warnings (--verbose lists each)"), (True, "Warnings")):
        tally = Tally(verbose=verbose)
        tally.take("a:1", Receipt(0, 0, "accepted", ("$.x: is odd",)))
        tally.take("a:2", Receipt(1, None, "rejected", (), problems))
        screen = Screen()
        print_tally(tally, screen, where="here", size=1)
        lines = screen.text.splitlines()
        assert lines[:5] == [
            "1 accepted, 0 duplicate, 1 warned, 1 rejected.",
            "",
            "rejected a:2",
            "  $.run.runId: is missing",
            "  $.eventTime: is no time",
        ]
        assert heading in lines
    assert tally.document()["every_warning"] == [["a:1", "$.x: is odd"]]
