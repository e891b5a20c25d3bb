"""What a captured program starts with: the less, the less it is felt."""

from __future__ import annotations

import copy
import functools
import hashlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.capture import dressing, hashing
from headwater.capture.datasets import Name
from headwater.capture.git_index import Index
from headwater.capture.links import Link, environment, parents
from tests.capture.conftest import environment as environ_of

SLOW_TO_IMPORT = {
    "collections", "contextlib", "dataclasses", "enum", "functools", "hashlib", "inspect", "json",
    "pathlib", "re", "subprocess", "threading", "typing", "weakref", "_hashlib",
}  # fmt: skip
SHOW = "import sys; print(*sys.modules)"


def imported(tmp_path: Path, project: Path, code: str, **more: str) -> set[str]:
    """The modules that a program has at its end."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=environ_of(tmp_path, **more),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def test_a_start_imports_little_of_the_standard_library(tmp_path: Path, project: Path) -> None:
    """Nothing that takes milliseconds, in a checkout of git too: they are felt in every program."""
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    who = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", "1"], cwd=project)
    subprocess.run(["git", "add", "a.csv"], cwd=project, check=True)
    (project / "requirements.txt").write_text("pandas\n")
    plain = imported(tmp_path, project, SHOW)
    captured = imported(tmp_path, project, SHOW, HEADWATER_RUN="some")
    assert "headwater.capture.git" in captured
    assert (captured - plain) & SLOW_TO_IMPORT == set()


def test_a_run_imports_little_of_the_standard_library(tmp_path: Path, project: Path) -> None:
    """Nor does a program that says itself what it does."""
    plain = imported(tmp_path, project, SHOW)
    code = "import headwater\nwith headwater.run('r', params={'a': 1}) as run: run.read('a.csv')\n"
    assert (imported(tmp_path, project, code + SHOW) - plain) & SLOW_TO_IMPORT == set()


def test_an_end_below_a_shell_imports_little_of_the_standard_library(
    tmp_path: Path, project: Path
) -> None:
    """There a program leaves word how it ends, and still nothing large is imported for that."""
    program = f"{sys.executable} -X importtime -c pass; true"
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "run", "--", "sh", "-c", program],
        cwd=project,
        env=environ_of(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    found = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "headwater.capture.exits" in found
    assert found & SLOW_TO_IMPORT == set()


@given(data=st.binary() | st.just(b"x" * (hashing.LITTLE_BYTES_MAX + 1)))
def test_digests_are_those_of_hashlib(data: bytes) -> None:
    """Whoever reckons them."""
    for known in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hashing, "_hashed_bytes", 0)
            if not known:
                patch.delitem(sys.modules, "hashlib")
            assert hashing.sha256(data) == hashlib.sha256(data).hexdigest()
            assert hashing.sha1(data) == hashlib.sha1(data, usedforsecurity=False).digest()


def test_what_passes_for_a_function_is_what_functools_would_make() -> None:
    """On every version of Python."""
    assert set(dressing.ASSIGNED) == set(functools.WRAPPER_ASSIGNMENTS)

    def original(a: int) -> int:
        """Documented."""
        return a

    original.more = 1  # type: ignore[attr-defined]
    by_us = dressing.dressed(lambda a: a, original)
    by_functools = functools.wraps(original)(lambda a: a)
    assert vars(by_us) == vars(by_functools)
    for name in dressing.ASSIGNED:
        assert getattr(by_us, name) == getattr(by_functools, name)


@given(*[st.text(st.characters(exclude_characters="\0"), min_size=1)] * 3)
def test_a_run_is_known_again_from_the_environment(id_: str, namespace: str, name: str) -> None:
    """Whatever stands in its names."""
    link = Link(id_, namespace, name)
    assert parents(environment(link, link)) == (link, link)


@pytest.mark.parametrize("thing", [Link("a", "b", "c"), Name("a", "b"), Name("a", "b", "/c")])
def test_names_can_be_copied_and_pickled(thing: object) -> None:
    """As tuples that are made by `typing` can."""
    for made in (copy.copy(thing), copy.deepcopy(thing), pickle.loads(pickle.dumps(thing))):  # noqa: S301
        assert (made, type(made)) == (thing, type(thing))


@pytest.mark.parametrize("text", ["", "run:a/b", "run:a/b/", "run:a/b/c/d", "a/b/c", "run:a/b/c"])
def test_what_names_no_two_runs_names_none(text: str) -> None:
    """A variable that somebody else has set is no reason to fail."""
    assert parents({"HEADWATER_PARENT": text}) is None


@pytest.mark.parametrize(
    ("cache", "known"),
    [
        (b"\x001 0\n" + b"t" * 20, True),
        (b"\x002 0\n" + b"t" * 20, False),
        (b"\x00-1 0\n", False),
        (b"\x001 0\n" + b"t" * 19, False),
        (b"", False),
    ],
)
def test_the_index_s_cache_of_trees_counts_if_it_is_whole(cache: bytes, known: bool) -> None:
    """Where it does not cover every entry the tree is reckoned."""
    entry = bytes(24) + (0o100644).to_bytes(4, "big") + bytes(12) + b"b" * 20 + b"\0\1a" + bytes(9)
    part = b"TREE" + len(cache).to_bytes(4, "big") + cache
    index = Index(b"DIRC\0\0\0\2\0\0\0\1" + entry + part + bytes(20), 20)
    assert [one[0] for one in index.entries] == [b"a"]
    assert (index.tree() == b"t" * 20) is known
