"""`headwater ui`: a service and its page, or the page of the service that runs."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.service.conftest import Serve
from tests.service.served import START_SECONDS_MAX, environment

WORDS = (sys.executable, "-m", "headwater", "ui", "--json", "--no-browser", "--port", "0")


def test_ui_serves_the_store_where_nobody_does(serve: Serve, tmp_path: Path) -> None:
    """It says where the page is once it is there, and ends when told to."""
    served = serve()
    served.stop()
    process = subprocess.Popen(
        [*WORDS, "--store", str(served.store)],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], START_SECONDS_MAX)[0]
        text = b""
        while not text.rstrip().endswith(b"}"):
            text += process.stdout.readline()
        told = json.loads(text)
        assert (told["ask"], told["opened"]) == ("ui", False)
        with urlopen(told["url"]) as page:  # noqa: S310 - it is http
            assert b"<title>Headwater</title>" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(START_SECONDS_MAX) == 0
    finally:
        process.kill()
        process.communicate()


def test_ui_opens_the_page_of_the_service_that_runs(serve: Serve, tmp_path: Path) -> None:
    """A store has one writer; its service's page is opened, and the command ends."""
    served = serve()
    done = subprocess.run(
        [*WORDS, "--store", str(served.store)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=START_SECONDS_MAX,
    )
    assert json.loads(done.stdout) == {"ask": "ui", "url": served.url, "opened": False}


def test_ui_makes_no_store(tmp_path: Path) -> None:
    """Without a store there is nothing to look at, and the error says how to get one."""
    done = subprocess.run(
        [*WORDS[:-1], "0"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS_MAX,
    )
    assert done.returncode == 3
    assert "headwater import" in done.stderr
    assert not (tmp_path / ".headwater").exists()
