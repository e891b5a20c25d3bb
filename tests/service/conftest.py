"""Services of their own for the tests."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headwater.errors import StoreError
from headwater.service.limits import Limits
from headwater.service.serving import Serving, Settings
from tests.service.served import Client, Served

Serve = Callable[..., Served]


class Running(Client):
    """A service in this process."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(serving.url)
        self.ready = threading.Event()
        self._serving = serving
        self._failed = self._may_fail = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def expect_failure(self) -> None:
        """Let the service end by saying that its store could not be written."""
        self._may_fail = True

    def stop(self) -> None:
        """End it, and see that it ended as it should."""
        self._serving.stop()
        self._thread.join()
        assert self._failed == self._may_fail

    def _run(self) -> None:
        try:
            self._serving.run(self.ready.set)
        except StoreError:
            self._failed = True


Run = Callable[..., Running]


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

        def start(
            *,
            strict: bool = False,
            tokens: Path | None = None,
            agents: bool = False,
            **limits: float,
        ) -> Running:
            serving = Serving(
                Settings(
                    store=str(tmp_path / ".headwater"),
                    strict=strict,
                    tokens=tokens,
                    agents=agents,
                    limits=Limits(**limits),  # type: ignore[arg-type]
                )
            )
            found = Running(serving)
            running.callback(found.stop)
            assert found.ready.wait(30)
            return found

        yield start


@pytest.fixture
def served(run: Run) -> Running:
    """A service with an empty store."""
    return run()
