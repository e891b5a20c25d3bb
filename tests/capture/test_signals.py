"""Exceptions that a handler of the program raises while something of ours is at work."""

from __future__ import annotations

import functools
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from headwater.capture import opens
from headwater.capture.watching import watched


class Late(Exception):
    """What the program's handler raises."""


def late(*_: Any) -> None:
    """Let the time be over."""
    raise Late


class Clock:
    """Handlers of other kinds than a function."""

    def late(self, *_: Any) -> None:
        """Let the time be over."""
        raise Late

    def __call__(self, *_: Any) -> None:
        """Let the time be over."""
        raise Late


HANDLERS: dict[str, Any] = {
    "function": late,
    "method": Clock().late,
    "object": Clock(),
    "partial": functools.partial(late, 1),
}


@pytest.fixture(params=HANDLERS)
def ring(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Send the signal that has one of the handlers."""
    before = signal.signal(signal.SIGUSR1, HANDLERS[request.param])
    yield lambda *_: os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


def test_it_goes_on_from_an_observer(ring: Callable[..., None]) -> None:
    """The program's traceback goes from its own line to its handler."""
    with pytest.raises(Late) as raised:
        watched(lambda: 1, ring)()
    names = [one.name for one in traceback.extract_tb(raised.tb)]
    assert names == ["test_it_goes_on_from_an_observer", names[-1]]


def test_it_goes_on_from_what_is_done_before(ring: Callable[..., None]) -> None:
    """The function is not called any more, as it would not be."""
    called: list[int] = []
    with pytest.raises(Late):
        watched(lambda: called.append(1), lambda *_: None, ring)()
    assert called == []


def test_it_goes_on_from_the_net(
    ring: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is being opened is not."""
    monkeypatch.setattr(opens, "_watching", True)
    monkeypatch.setitem(opens._WATCHED, "open", ring)
    with pytest.raises(Late):
        opens._hook("open", ("a.csv", "r", 0))


def test_what_goes_wrong_with_us_goes_no_further(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception of an observer is told in one line."""
    assert watched(lambda: 1, lambda *_: late())() == 1
    assert capsys.readouterr().err.count("\n") <= 1  # one complaint a process
