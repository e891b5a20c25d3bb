"""Steps of polars that wait to be worked out, and their limits."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from headwater.capture import origins
from headwater.capture.adapters import polars_arguments, polars_notes, polars_series, polars_steps
from headwater.capture.adapters.polars_notes import note
from headwater.capture.adapters.polars_steps import Frame
from headwater.capture.origins import Origin, pending, recall, remember

KEY = ("file://host", "/a.parquet")


@pytest.fixture
def frame() -> pl.DataFrame:
    """A frame that came from a file."""
    made = pl.DataFrame({"k": [1, 2], "x": [3.0, 4.0]})
    schema = dict(made.schema)
    remember(made, Frame(origins.read(KEY, schema), schema))
    return made


@pytest.fixture(autouse=True)
def _no_literals() -> Iterator[None]:
    polars_arguments.literals.clear()
    yield
    polars_arguments.literals.clear()


def step(frame: pl.DataFrame, expression: pl.Expr) -> pl.DataFrame:
    """Call `with_columns` as a program does, and note it."""
    made = frame.with_columns(expression)
    note(made, "with_columns", frame, (expression,), {})
    return made


def known(frame: pl.DataFrame) -> Frame:
    """What is known of a frame, worked out or not."""
    found = pending(frame)
    assert isinstance(found, Frame)
    return found


def of(frame: pl.DataFrame) -> Origin:
    """The origin of a frame."""
    found = recall(frame)
    assert found is not None
    return found


def test_a_step_waits_until_it_is_asked_about(frame: pl.DataFrame) -> None:
    """It holds the call; worked out, it holds the origin alone."""
    made = step(frame, pl.col("x") * 2)
    assert known(made).calls
    assert of(made).columns == {
        "k": frozenset({(*KEY, "k", "IDENTITY")}),
        "x": frozenset({(*KEY, "x", "TRANSFORMATION")}),
    }
    assert (known(made).calls, known(made).inputs) == ((), ())


@pytest.mark.parametrize(("steps", "waits"), [(2, True), (3, False)])
def test_not_more_than_so_many_steps_wait(
    frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, steps: int, waits: bool
) -> None:
    """Then all of them are worked out, as one plan."""
    monkeypatch.setattr(polars_notes, "DEPTH_MAX", 4)
    made = frame
    for _ in range(steps):
        made = step(made, pl.col("x") + 1)
    assert bool(known(made).calls) is waits
    assert of(made).of(["x"], "IDENTITY") == {(*KEY, "x", "TRANSFORMATION")}


@pytest.mark.parametrize("limit", [1, 2])
def test_a_plan_of_very_many_frames_is_worked_out_step_by_step(
    frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """With the same result."""
    monkeypatch.setattr(polars_steps, "LEAVES_MAX", limit)
    renamed = frame.rename({"x": "y"})
    note(renamed, "rename", frame, ({"x": "y"},), {})
    made = frame.join(renamed, on="k")
    note(made, "join", frame, (renamed,), {"on": "k"})
    assert of(made).columns == {
        "k": frozenset({(*KEY, "k", "IDENTITY")}),
        "x": frozenset({(*KEY, "x", "IDENTITY")}),
        "y": frozenset({(*KEY, "x", "IDENTITY")}),
    }
    assert of(made).shaped == {(*KEY, "k", "JOIN")}


def test_two_series_alike_make_what_they_stand_in_unknown() -> None:
    """Of equal name and length, and of different origin."""
    for number, name in enumerate(("a", "b")):
        series = pl.Series("s", [1, 2])
        remember(series, Origin(frozenset({("n", name)})))
        polars_series.literal(None, (series,), {})
        assert polars_arguments.literals["s", 2].opaque is bool(number)


@pytest.mark.parametrize(("count", "kept"), [(3, 3), (4, 1)])
def test_series_in_expressions_are_known_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch, count: int, kept: int
) -> None:
    """Beyond it those before are of unknown origin."""
    monkeypatch.setattr(polars_series, "LITERALS_MAX", 3)
    for number in range(count):
        polars_series.literal(None, (pl.Series(str(number), [1]),), {})
    assert len(polars_arguments.literals) == kept


def test_an_iterator_that_was_used_up_makes_a_step_unknown(frame: pl.DataFrame) -> None:
    """Nobody knows any more what was in it."""
    made = frame.select(name for name in ["x"])
    note(made, "select", frame, ((name for name in ["x"]),), {})
    assert of(made).opaque
