"""Origins that are worked out later: once, in any order, and never with what happened since."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from types import FrameType
from typing import cast

import pytest

from headwater.capture.origins import DEPTH_MAX, Origin, Step, held, read, recall, remember

FILE = ("file", "/a.csv")
COLUMNS = read(FILE, ["x", "y"])


class Thing:
    """Something that can be referred to weakly."""


def counting() -> tuple[list[Origin], Callable[..., Origin]]:
    """Work that passes the first origin on, and what it was called with."""
    seen: list[Origin] = []

    def work(given: list[Origin], *said: object) -> Origin:
        seen.extend(given)
        return given[0].keep(said) if said else given[0]

    return seen, work


def test_a_step_is_worked_out_once_and_only_when_asked() -> None:
    """Remembering it costs no work."""
    thing = Thing()
    seen, work = counting()
    remember(thing, Step(work, (COLUMNS,), "x"))
    assert (held(thing) is not None, seen) == (True, [])
    assert recall(thing) == recall(thing) == COLUMNS.keep(["x"])
    assert seen == [COLUMNS]


def test_what_was_held_does_not_change_with_the_object() -> None:
    """An object that is changed in place has another origin; what was made of it before has not."""
    frame, made = Thing(), Thing()
    remember(frame, COLUMNS)
    before = held(frame)
    assert before is not None
    remember(made, Step(lambda given: given[0], (before,)))
    remember(frame, Origin(opaque=True))
    assert recall(made) == COLUMNS


@pytest.mark.parametrize("steps", [DEPTH_MAX, DEPTH_MAX + 1])
def test_steps_are_worked_out_beyond_a_depth(steps: int) -> None:
    """At the limit nothing is done yet, one beyond it everything."""
    seen, work = counting()
    step = Step(work, (COLUMNS,))
    for _ in range(steps):
        step = Step(work, (step,))
    assert len(seen) == (0 if steps == DEPTH_MAX else steps + 1)
    assert step.origin() == COLUMNS


def test_steps_are_worked_out_without_recursion() -> None:
    """A program that is deep in calls has as many left as before."""
    _, work = counting()
    step = Step(work, (COLUMNS,))
    for _ in range(DEPTH_MAX):
        step = Step(work, (step, step))

    def down(left: int) -> Origin | None:
        return down(left - 1) if left else step.origin()

    depth, frame = 0, cast("FrameType | None", sys._getframe())
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    assert down(sys.getrecursionlimit() - depth - 30) == COLUMNS


def test_work_that_fails_claims_nothing_exact(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what it was is known for sure, and no more."""

    def fail(_: list[Origin]) -> Origin:
        raise KeyError("x")

    assert Step(fail, (COLUMNS,)).origin() == Origin(frozenset((FILE,)), opaque=True)
    assert "KeyError" in capsys.readouterr().err


def test_what_is_known_goes_with_the_object() -> None:
    """Nothing of ours keeps an object alive, and steps keep each other only till worked out."""
    _, work = counting()
    thing, made = Thing(), Thing()
    remember(thing, Step(work, (COLUMNS,)))
    first = held(thing)
    assert first is not None
    last = Step(work, (first,))
    remember(made, last)
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    assert gone() is None
    assert recall(made) == COLUMNS
    assert type(held(made)) is Origin
    assert not any(isinstance(one, Step) for one in gc.get_referents(last))


def test_what_shaped_something_is_not_said_without_its_columns() -> None:
    """By itself it would pass for all that the columns came from."""
    shaped = COLUMNS.shape(COLUMNS.of(["x"], "FILTER"))
    assert list(shaped.said()) == ["inputs", "columns", "shaped_by"]
    assert list(shaped.of_columns(None).said()) == ["inputs"]
