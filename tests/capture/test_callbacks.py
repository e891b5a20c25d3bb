"""Functions of the program that an observed library calls back, and what they read and write."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from headwater.capture import origins
from headwater.capture.stack import is_callback
from headwater.capture.watching import Watch
from headwater.capture.watching import observed as behind
from tests.capture.conftest import Script, last, names, script

__all__ = ["script"]

LIBRARY: dict[str, Any] = {}
exec(  # noqa: S102 (a library, by where its code lies)
    compile(
        "import sys\n"
        "def call(function): return function()\n"
        "def look(told): return told(sys._getframe())\n"
        "class Made: pass\n"
        "def make(function):\n    function()\n    return Made()\n",
        "/lib/site-packages/library.py",
        "exec",
    ),
    LIBRARY,
)


def observed(name: str, observer: Callable[..., None] = lambda *_: None) -> Callable[..., Any]:
    """A function of the library that is observed, called back or not."""
    return behind(LIBRARY[name], Watch(observer, None, called_back=True))


def of_program() -> bool:
    """What is told of this function of the program."""
    return is_callback(sys._getframe())


def test_the_program_is_at_work_where_an_observed_function_calls_it_back() -> None:
    """However many functions of the library are in between."""
    assert observed("call")(of_program)
    assert observed("call")(lambda: LIBRARY["call"](of_program))


def test_a_library_is_at_work_within_its_observed_function() -> None:
    """Also where that was called by the program, called back by another."""
    look = observed("look")
    assert not look(is_callback)
    assert not observed("call")(lambda: look(is_callback))


def test_code_that_a_library_generated_is_the_library_s() -> None:
    """It has no file of its own, as decorators of SQLAlchemy; `python -c` has neither."""
    for module, programs in (("json", False), ("__nowhere__", True)):
        space: dict[str, Any] = {"__name__": module}
        exec("import sys\ndef look(told): return told(sys._getframe())", space)  # noqa: S102
        assert observed("call")(partial(space["look"], is_callback)) is programs


def test_nothing_exact_is_said_of_what_was_made_while_the_program_read() -> None:
    """It may have come from that; what is made by the same function otherwise is what it was."""

    def told(result: object, _args: tuple[object, ...], _kwargs: dict[str, object]) -> None:
        origins.remember(result, origins.read(("file", "/a.csv"), None))

    make = observed("make", told)
    for function, opaque in ((of_program, True), (lambda: None, False), (of_program, True)):
        origin = origins.recall(make(function))
        assert origin is not None
        assert (origin.opaque, bool(origin.sources)) == (opaque, not opaque)


@pytest.mark.parametrize(
    "line",
    [
        "frame['n'].map(lambda _: open('side.txt').read())",
        "frame['n'].map(lambda _: Path('side.txt').read_text())",
        "frame.apply(lambda _: pd.read_csv('side.txt').shape[1], axis=1)",
    ],
)
def test_what_is_read_for_each_value_is_read(script: Script, project: Path, line: str) -> None:
    """By a function that pandas applies: it is an input, and what came of it may be of that."""
    (project / "in.csv").write_text("n\n1\n")
    (project / "side.txt").write_text("1\n")
    script(
        "import pandas as pd\nfrom pathlib import Path\nframe = pd.read_csv('in.csv')\n"
        f"frame['m'] = {line}\nframe.to_csv('out.csv')\n",
        HEADWATER_RUN="some",
    )
    event = last(project, "pipeline")
    assert {Path(name).name for name in names(event["inputs"])} == {"in.csv", "side.txt"}
    (output,) = event["outputs"]
    assert "lineage" not in output["facets"]


def test_what_is_written_for_each_group_is_written(script: Script, project: Path) -> None:
    """Files and rows, of nobody knows what: the groups are taken apart within pandas."""
    (project / "in.csv").write_text("n\n1\n2\n")
    script(
        "import pandas as pd, sqlite3\nframe = pd.read_csv('in.csv')\n"
        "base = sqlite3.connect('log.db'); base.execute('CREATE TABLE t (n)')\n"
        "def keep(group):\n"
        "    n = int(group['n'].iloc[0])\n"
        "    group.to_parquet(f'{n}.parquet'); group.to_csv(f'{n}.csv')\n"
        "    base.execute('INSERT INTO t VALUES (?)', (n,))\n"
        "frame.groupby('n')[['n']].apply(keep); base.commit()\n",
        HEADWATER_RUN="some",
    )
    found = {Path(name).name for name in names(last(project, "pipeline")["outputs"])}
    assert found == {"1.csv", "2.csv", "1.parquet", "2.parquet", "main.t"}
