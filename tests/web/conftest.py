"""A real Chromium and real services. Without either the tests are skipped, loudly.

HEADWATER_BROWSER=required makes the lack of a browser, or of a built page, a failure: in the gate.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from headwater.service import built
from tests.service.served import Served, environment

ROOT = Path(__file__).parents[2]
FLIGHTS = ROOT / "examples" / "flights"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PIPELINE_SECONDS_MAX = 600
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PIPELINE = """
import pathlib, sys
import demo
home = pathlib.Path(sys.argv[1])
demo.recreate(home)
shell = demo.Shell(home)
demo.run_pipeline(home, shell)
demo.take_in(shell)
"""

Serve = Callable[..., Served]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the system's Chromium: playwright's own browsers are never fetched."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        _lacking(f"no {', '.join(BROWSERS)} is installed (Debian: apt-get install chromium)")
    if not built.files():
        _lacking("the web interface is not built (make web)")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": found, "args": [*FLAGS, *as_root]}


def _lacking(what: str) -> None:
    if os.environ.get("HEADWATER_BROWSER") == "required":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A visitor of their own: empty memory, one size of window; `scheme` by indirect parameter."""
    context = browser.new_context(
        viewport={"width": 1360, "height": 860},
        color_scheme=getattr(request, "param", "light"),
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script may fail, nor break the content security policy."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on(
        "console",
        lambda said: failures.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    assert failures == []


@pytest.fixture(scope="session")
def flights_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flights pipeline, run once for all processes that run tests."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    home, done = shared / "flights", shared / "flights.done"
    with (shared / "flights.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            subprocess.run(
                [sys.executable, "-c", PIPELINE, str(home)],
                check=True,
                capture_output=True,
                timeout=PIPELINE_SECONDS_MAX,
                env=os.environ | {"PYTHONPATH": str(FLIGHTS), "HEADWATER_FILE_NAMESPACE": "demo"},
            )
            done.touch()
    return home


@pytest.fixture(scope="session")
def flights(flights_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of the flights pipeline's store."""
    home = tmp_path_factory.mktemp("served")
    served = Served(home, store=copied(flights_made, home))
    yield served
    served.stop()


def size(served: Served) -> int:
    """How many entries the ledger of a service has."""
    entries: int = served.get("/api/v1/overview").json["head"]["size"]
    return entries


def last_entry(served: Served) -> int:
    """The entry that tells how the predictions were finished."""
    proofs = served.get("/api/v1/show", ref="predictions.csv@v1").json["proofs"]
    entry: int = proofs[-1]["entry"]
    return entry


def copied(made: Path, home: Path) -> Path:
    """A copy of a store below `home`, with its key and kept head."""
    shutil.copytree(made / "state", home / "state")
    shutil.copytree(made / ".headwater", home / ".headwater")
    return home / ".headwater"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve a store that is made of events, or one that is there."""
    running: list[Served] = []

    def start(events: bytes | None = None, *, store: Path | None = None) -> Served:
        if events is not None:
            path = tmp_path / "events.ndjson"
            path.write_bytes(events)
            subprocess.run(
                [
                    *(sys.executable, "-m", "headwater", "import", "--quiet", str(path)),
                    *("--store", str(tmp_path / ".headwater")),
                ],
                check=True,
                env=environment(tmp_path),
                cwd=tmp_path,
                capture_output=True,
            )
        running.append(Served(tmp_path, store=store))
        return running[-1]

    yield start
    for served in running:
        served.stop()
