"""For tests of pipelines: what the code under test read and wrote, and made of what.

    from headwater.testing import recorded

    def test_the_report_is_made_of_both_files(tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with recorded() as lineage:
            build_report()
        assert lineage.upstream("out.csv") == {"a.csv", "b.csv"}

Needs `headwater[server]`: the answers are those of the real store. Nothing is left behind, neither
in the spool nor among the keys of the user who runs the tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headwater.capture import datasets, handover, location, runs
from headwater.capture.runtime import Recorder
from headwater.client.lineage import Lineage, open  # noqa: A004

if TYPE_CHECKING:
    from headwater.client.documents import Walk

__all__ = ["Recorded", "recorded"]

T = TypeVar("T")

_ELSEWHERE = ("HEADWATER_URL", "OPENLINEAGE_URL", "HEADWATER_KEY", "HEADWATER_HEAD")


class Recorded:
    """What was recorded so far; to be asked inside the block of `recorded` and after it.

    Names are those of files as seen from the working directory, of tables without their database,
    of anything else `namespace/name`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._base = os.path.realpath(Path.cwd())
        weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)

    def upstream(self, ref: str | os.PathLike[str], *, depth: int | None = None) -> set[str]:
        """Name everything that something was made of; `depth` counts runs (1: directly)."""
        return self._names(self.ask(lambda store: store.trace(self._ref(ref), depth=depth)))

    def downstream(self, ref: str | os.PathLike[str], *, depth: int | None = None) -> set[str]:
        """Name everything that was made of something."""
        return self._names(self.ask(lambda store: store.impact(self._ref(ref), depth=depth)))

    def ask(self, question: Callable[[Lineage], T]) -> T:
        """Ask the store that was recorded into anything: `ask(lambda store: store.trace(…))`."""
        with _environment(self._root), open(self._root / location.DIRECTORY) as store:
            return question(store)

    def _ref(self, ref: str | os.PathLike[str]) -> str:
        """Read a path as seen from where recording began; what is no file there is a name."""
        path = os.path.join(self._base, os.fspath(ref))  # noqa: PTH118
        return os.path.realpath(path) if os.path.lexists(path) else os.fspath(ref)

    def _names(self, answer: Walk) -> set[str]:
        return {
            self._short(node["artifact"]["namespace"], node["artifact"]["name"])
            for node in answer["nodes"]
            if node["kind"] == "version" and node["ref"] != answer["root"]
        }

    def _short(self, namespace: str, name: str) -> str:
        if namespace == f"file://{datasets.host()}":
            inside = name.startswith(self._base + "/")
            return os.path.relpath(name, self._base) if inside else name
        if namespace.startswith(("sqlite://", "duckdb://", "postgres://")):
            return name
        return f"{namespace}/{name.lstrip('/')}"


@contextmanager
def recorded() -> Iterator[Recorded]:
    """Record what the block does into a store of its own, that goes when its answers have gone.

    The processes that the block starts record there as well. What was begun outside of the block
    has no part in it.
    """
    root = Path(tempfile.mkdtemp(prefix="headwater-"))
    lineage = Recorded(root)
    recorder = Recorder(str(root / location.DIRECTORY), hand_over=False)
    recorder.enabled = True
    with _environment(root), runs.apart(recorder):
        yield lineage


@contextmanager
def _environment(root: Path) -> Iterator[None]:
    """Keep keys below `root`, and everything else that the environment names out of it."""
    said: Mapping[str, str | None] = {
        **dict.fromkeys(_ELSEWHERE),
        "XDG_STATE_HOME": str(root / "state"),
        "HEADWATER_STORE": str(root / location.DIRECTORY),
        handover.SHIP: "no",
    }
    before = {name: os.environ.get(name) for name in said}
    _set(said)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
