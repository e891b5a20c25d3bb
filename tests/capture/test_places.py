"""Where paths lead: as `os.path.realpath` and `os.stat` say, at every moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.capture import places

PARTS = ("a", "b", "link", "up", "loop", "gone", "file", "..", ".", "", "dead")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders in folders, with links to each other, and a file in each."""
    top = Path(os.path.realpath(tmp_path_factory.mktemp("tree"))) / "top"
    for folder in (top, top / "a", top / "a" / "b", top / "b"):
        folder.mkdir()
        (folder / "file").write_text("x")
        (folder / "link").symlink_to(top / "a")
        (folder / "up").symlink_to("..")
        (folder / "loop").symlink_to("loop")
        (folder / "dead").symlink_to("nowhere")
    before = Path.cwd()
    yield top
    os.chdir(before)


def by_the_library(path: str) -> tuple[str, tuple[int, int] | None]:
    """What the standard library says."""
    real = os.path.realpath(path)
    try:
        found = Path(real).stat()
    except OSError:
        return real, None
    return real, (found.st_dev, found.st_ino)


def by_us(path: str) -> tuple[str, tuple[int, int] | None]:
    """What is said here."""
    real, found = places.real(path)
    return real, None if found is None else (found.st_dev, found.st_ino)


@given(
    here=st.lists(st.sampled_from(("a", "b", "link", "up")), max_size=3),
    parts=st.lists(st.sampled_from(PARTS), min_size=1, max_size=5),
    start=st.sampled_from(("", "top", "/", "//")),
)
def test_a_path_leads_where_the_system_says(
    tree: Path, here: list[str], parts: list[str], start: str
) -> None:
    """By whatever links, from whatever folder, whether or not anything is there."""
    os.chdir(tree)
    for part in here:
        if Path(part).is_dir():
            os.chdir(part)
    head = {"": "", "top": f"{tree}/", "/": f"{tree.parent}/top/", "//": f"/{tree}/"}[start]
    path = head + "/".join(parts)
    if path:
        assert by_us(path) == by_the_library(path)


def test_a_name_is_followed_anew_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder on the way becomes a link, the same path leads elsewhere."""
    top = Path(os.path.realpath(tmp_path))
    for name in ("one", "two"):
        (top / name).mkdir()
        (top / name / "file").write_text(name)
    monkeypatch.chdir(top)
    for path in ("one/file", str(top / "one" / "file")):
        assert places.real(path)[0] == str(top / "one" / "file")
    (top / "one").rename(top / "old")
    (top / "one").symlink_to("two")
    for path in ("one/file", str(top / "one" / "file")):
        assert places.real(path)[0] == str(top / "two" / "file")


def test_a_working_directory_that_is_moved_has_its_new_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path within it leads into the folder as it is called now."""
    top = Path(os.path.realpath(tmp_path))
    (top / "old").mkdir()
    (top / "old" / "file").write_text("x")
    monkeypatch.chdir(top / "old")
    (top / "old").rename(top / "new")
    assert places.real("file")[0] == str(top / "new" / "file")


def test_a_working_directory_that_is_gone_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An absolute path leads where it leads; of another, nobody can tell."""
    top = Path(os.path.realpath(tmp_path))
    (top / "here").mkdir()
    (top / "file").write_text("x")
    monkeypatch.chdir(top / "here")
    (top / "here").rmdir()
    assert by_us(str(top / "file")) == by_the_library(str(top / "file"))
    with pytest.raises(FileNotFoundError):
        places.real("file")


def test_the_root_may_be_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below it everything is looked at."""
    monkeypatch.chdir("/")
    for path in ("etc", "etc/..", "/", "usr/bin", "proc/self/cwd"):
        assert by_us(path) == by_the_library(path)
