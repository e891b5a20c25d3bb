"""Files that a library reads and writes at once, and their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.capture import files
from headwater.testing import recorded


def test_of_a_folder_the_new_and_changed_files_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lay there before and is as it was is no output, although it was written just now."""
    old, changed = tmp_path / "old", tmp_path / "changed"
    old.write_text("1")
    changed.write_text("1")
    before = files.listing(str(tmp_path))
    changed.write_text("22")
    (tmp_path / "new").write_text("1")
    seen: list[str] = []
    monkeypatch.setattr(files, "write", lambda given, _: seen.extend(given))
    files.write_folder(str(tmp_path), before, None)
    assert sorted(Path(path).name for path in seen) == ["changed", "new"]


@pytest.mark.parametrize("bytes_max", [0, 1])
def test_what_changes_within_a_tick_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_max: int
) -> None:
    """A file may look as it did before: it is known by its digest, or the tick is waited for."""
    monkeypatch.setattr(files, "YOUNG_BYTES_MAX", bytes_max)
    for number in range(50):
        file = tmp_path / str(number)
        file.write_text("1")
        before = files.listing(str(tmp_path))
        file.write_text("2")
        assert files.changed(str(tmp_path), before) == [str(file)]
        file.unlink()


def test_two_that_write_into_one_folder_at_once_have_outputs_of_their_own(tmp_path: Path) -> None:
    """A file that the one wrote a moment ago is no output of the other."""
    folder = str(tmp_path)
    outputs = []
    for name in ("a", "b"):
        before = files.listing(folder)
        (tmp_path / name).write_text(name)
        outputs.append(files.changed(folder, before))
    assert outputs == [[str(tmp_path / "a")], [str(tmp_path / "b")]]


@pytest.mark.parametrize(("count", "whole"), [(3, False), (4, True)])
def test_a_folder_of_very_many_files_is_written_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, whole: bool
) -> None:
    """At the limit one by one, beyond it as the folder."""
    monkeypatch.setattr(files, "FOLDER_FILES_MAX", 3)
    before = files.listing(str(tmp_path))
    for number in range(count):
        (tmp_path / str(number)).write_text("1")
    assert (files.changed(str(tmp_path), before) == [str(tmp_path)]) is whole


@pytest.mark.parametrize(("columns", "known"), [(5, True), (6, False)])
def test_columns_of_many_files_are_followed_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int, known: bool
) -> None:
    """At the limit one by one, beyond it as a whole."""
    monkeypatch.setattr(files, "FIELDS_MAX", 10)
    for name in ("a", "b"):
        (tmp_path / name).write_text("1")
    with recorded():
        origin = files.read(str(tmp_path), map(str, range(columns)))
    assert origin is not None
    assert (origin.columns is not None) is known
    assert len(origin.sources) == 2
