"""`headwater.testing`: users' tests of their own lineage."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import headwater
from headwater.errors import NotFound
from headwater.testing import recorded
from tests.capture import typed_pipeline


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two files."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x\n1\n")
    return tmp_path


def join() -> None:
    """Make one file of two."""
    with headwater.run("join"):
        for name in ("a.csv", "b.csv"):
            headwater.read(name)
        Path(headwater.write("out.csv")).write_text("out")


def test_upstream_is_what_it_was_made_of(here: Path) -> None:
    """Names are those of files as seen from here."""
    with recorded() as lineage:
        join()
    assert lineage.upstream("out.csv") == {"a.csv", "b.csv"}
    assert lineage.downstream("a.csv") == {"out.csv"}
    with pytest.raises(NotFound):
        lineage.upstream("other.csv")


def test_it_can_be_asked_within_the_block(here: Path) -> None:
    """What has ended by then is answered."""
    with recorded() as lineage:
        join()
        assert lineage.upstream("out.csv") == {"a.csv", "b.csv"}
        with headwater.run("more"):
            headwater.write(headwater.read("out.csv") + ".gz")
    assert lineage.upstream("out.csv.gz", depth=1) == {"out.csv"}
    assert lineage.upstream("out.csv.gz") == {"a.csv", "b.csv", "out.csv"}


def test_runs_outside_have_no_part_in_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun outside goes on outside, and nothing is left behind."""
    monkeypatch.setenv("XDG_STATE_HOME", str(here / "state"))
    with recorded() as outer, headwater.run("outside"):
        headwater.read("a.csv")
        with recorded() as inner:
            headwater.read("b.csv")
            headwater.write("inner.csv")
        headwater.write("outer.csv")
    assert inner.upstream("inner.csv") == {"b.csv"}
    assert outer.upstream("outer.csv") == {"a.csv"}
    assert sorted(one.name for one in here.iterdir()) == ["a.csv", "b.csv"]


def test_processes_of_the_block_record_there(here: Path) -> None:
    """A script that the code under test starts is in the answer."""
    code = "import headwater; headwater.read('a.csv'); headwater.write('c.csv')"
    with recorded() as lineage:
        subprocess.run([sys.executable, "-c", code], check=True)
    assert lineage.upstream("c.csv") == {"a.csv"}


def test_tables_and_urls_have_short_names(here: Path) -> None:
    """Tables are named without their database, other things with their namespace."""
    sqlite3.connect("w.db").close()
    with recorded() as lineage, headwater.run("r"):
        headwater.read("s3://bucket/key")
        headwater.read(headwater.table("w.db", "main.t"))
        headwater.write("out.csv")
    assert lineage.upstream("out.csv") == {"s3://bucket/key", "main.t"}


def test_the_program_of_users_has_its_lineage(here: Path) -> None:
    """The typed program makes its model of the features, and these of what came in memory.

    The task that wrote them read nothing itself: it may have been given anything that was read.
    """
    assert typed_pipeline.upstream_of_model(here) == {"features.json", "a.csv", "main.t"}
