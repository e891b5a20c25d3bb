"""Services of their own for the tests."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.service.limits import Limits
from headwater.service.serving import Serving, Settings
from tests.service.served import Client, Served

Serve = Callable[..., Served]
Run = Callable[..., Client]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start services in processes of their own, which end with the test."""
    running: list[Served] = []

    def start(*arguments: str) -> Served:
        running.append(Served(tmp_path, *arguments))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Start services in threads of this process, which is quicker, with limits of one's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_STORE"):
        monkeypatch.delenv(name, raising=False)
    with contextlib.ExitStack() as running:

        def start(*, strict: bool = False, tokens: Path | None = None, **limits: float) -> Client:
            serving = Serving(
                Settings(
                    store=str(tmp_path / ".headwater"),
                    strict=strict,
                    tokens=tokens,
                    limits=Limits(**limits),  # type: ignore[arg-type]
                )
            )
            ready = threading.Event()
            thread = threading.Thread(target=serving.run, args=(ready.set,))
            thread.start()
            running.callback(thread.join)
            running.callback(serving.stop)
            assert ready.wait(30)
            return Client(serving.url)

        yield start


@pytest.fixture
def served(run: Run) -> Client:
    """A service with an empty store."""
    return run()
