"""Files that a library reads and writes at once, and their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.capture import files
from headwater.testing import recorded


def test_of_a_folder_the_new_and_changed_files_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lay there before and is as it was is no output."""
    old, changed = tmp_path / "old", tmp_path / "changed"
    old.write_text("1")
    changed.write_text("1")
    before = files.listing(str(tmp_path))
    later = files.Listing(before.files, before.since_ns + 10**12)
    changed.write_text("22")
    (tmp_path / "new").write_text("1")
    seen: list[str] = []
    monkeypatch.setattr(files, "write", lambda given, _: seen.extend(given))
    files.write_folder(str(tmp_path), later, None)
    assert sorted(Path(path).name for path in seen) == ["changed", "new"]


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
