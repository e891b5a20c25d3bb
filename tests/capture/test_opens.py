"""The net below the adapters: what it lets pass, and what it records."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.capture import opens, runs, segments
from headwater.capture.encoding import encode
from headwater.capture.recording import Mention
from headwater.capture.runtime import Recorder
from tests.capture.conftest import Script, records

NAMES = st.sampled_from(
    ("data", "a.csv", "b.py", "site-packages", "joblib_memmapping_folder_1", ".git", "x.dist-info")
)
IGNORED = ("/usr/", "/home/data/a.csv", "/home/.git/")


@pytest.fixture
def ignoring() -> Iterator[None]:
    """The net with places of its own to ignore."""
    before = opens._ignored
    opens._ignore(IGNORED)
    yield
    opens._ignore(before)


@pytest.mark.usefixtures("ignoring")
@given(top=st.sampled_from(("/usr", "/home", "")), parts=st.lists(NAMES, min_size=1, max_size=4))
def test_what_is_told_of_a_folder_once_is_what_is_told_of_each_file(
    top: str, parts: list[str]
) -> None:
    """Whose a file is depends on its name, however many of the folder were told before."""
    path = f"{top}/{'/'.join(parts)}"
    for _ in range(2):
        assert opens._is_users(path) == opens.is_users(path, IGNORED)


def test_a_machine_s_name_may_be_changed_by_the_program(script: Script, project: Path) -> None:
    """What is opened after that has the new one."""
    script(
        "import os\n"
        "open('a.csv').close()\n"
        "os.environ['HEADWATER_FILE_NAMESPACE'] = 'other'\n"
        "open('b.csv').close()\n"
        "del os.environ['HEADWATER_FILE_NAMESPACE']\n"
        "open('pipeline.py').close(); open('c.csv', 'w').close()\n",
        HEADWATER_RUN="some",
    )
    found = {Path(one["d"][1]).name: one["d"][0] for one in records(project) if "d" in one}
    assert (found["a.csv"], found["b.csv"]) == ("file://host", "file://other")
    assert found["c.csv"] not in ("file://host", "file://other")


def test_a_path_that_leads_upward_is_followed_by_its_links(script: Script, project: Path) -> None:
    """`link/../x` lies beside what the link leads to, and not beside the link."""
    (project / "far" / "inner").mkdir(parents=True)
    (project / "far" / "a.csv").write_text("far\n")
    (project / "link").symlink_to("far/inner")
    script("open('link/../a.csv').close()", HEADWATER_RUN="some")
    (read,) = [one for one in records(project) if one["k"] == "read"]
    assert read["path"] == str((project / "far" / "a.csv").resolve())


@given(
    key=st.tuples(st.text(), st.text()),
    said=st.dictionaries(st.text(), st.text() | st.booleans()),
    look=st.none() | st.lists(st.integers(min_value=0), min_size=5, max_size=5),
    path=st.none() | st.text(),
)
def test_a_mention_is_written_as_any_record(
    tmp_path_factory: pytest.TempPathFactory,
    key: tuple[str, str],
    said: dict[str, object],
    look: list[int] | None,
    path: str | None,
) -> None:
    """By hand, for it is what a captured program writes most."""
    root = str(tmp_path_factory.mktemp("store"))
    recorder = Recorder(root, hand_over=False)
    mention = Mention(7, said, path)
    mention.look = look
    with runs.apart(recorder), runs.Run("job") as run:
        run._append_mention("read", key, mention)
        name = run.id
    (held,) = segments.held(f"{root}/spool")
    found = [one.record for one in segments.read(held.path) if isinstance(one, segments.Read)]
    expected = {"k": "read", "at": 7, "r": name, "d": key, "say": said, "look": look, "path": path}
    kept = {name: value for name, value in expected.items() if value or name == "path"}
    if path is None:
        del kept["path"]
    assert [one for one in found if one["k"] == "read"] == [json.loads(encode(kept))]


def test_a_file_that_a_program_put_around_itself_is_not_looked_into_for_ever(
    tmp_path: Path,
) -> None:
    """After so many files around one another the last is asked what it calls itself."""
    packed = gzip.GzipFile(tmp_path / "a.gz", "wb")
    inner, packed.fileobj = packed.fileobj, packed
    try:
        assert opens.called(packed) == str(tmp_path / "a.gz")
    finally:
        packed.fileobj = inner
        packed.close()
