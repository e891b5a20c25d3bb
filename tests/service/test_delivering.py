"""Commands that write, while a service has the store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.conftest import Serve
from tests.service.served import Served, environment
from tests.store.making import event

pytestmark = pytest.mark.slow


def headwater(served: Served, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the service's store."""
    return subprocess.run(
        [sys.executable, "-m", "headwater", *words, "--store", str(served.store), "--json"],
        cwd=served.home,
        env=environment(served.home) | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_import_goes_through_the_service(serve: Serve, tmp_path: Path) -> None:
    """What a store that nobody holds would take, the service takes, with the same receipts."""
    spread = json.dumps(json.loads(event(3)), indent=1).encode()
    (tmp_path / "a.ndjson").write_bytes(
        b"\n".join([event(1), b'{"broken":', event(1), event(2).replace(b":02Z", b":02"), b"[1"])
    )
    (tmp_path / "b.json").write_bytes(spread)
    (tmp_path / "c.json").write_bytes(b"[" + spread.replace(b"out3", b"out4") + b"]")
    paths = ("import", "a.ndjson", "b.json", "c.json")
    served = serve()
    done = headwater(served, *paths)
    assert done.returncode == 1, done.stderr
    through = json.loads(done.stdout)
    assert "takes it" in done.stderr
    served.stop()
    alone = json.loads(
        subprocess.run(
            [sys.executable, "-m", "headwater", *paths, "--store", "other", "--json"],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            check=False,
        ).stdout
    )
    assert through | {"store": ""} == alone | {"store": ""}
    assert (through["accepted"], through["duplicate"], through["rejected"]) == (4, 1, 2)


def test_a_label_goes_through_the_service(serve: Serve) -> None:
    """A label is written by the service that has the store."""
    served = serve()
    served.post(event(1))
    done = headwater(served, "label", "out1", "owner=risk", "domain=x")
    assert done.returncode == 0, done.stderr
    assert [one["entry"] for one in json.loads(done.stdout)["labels"]] == [1, 2]
    assert served.get("/api/v1/show", ref="out1").json["owners"] == ["risk"]


def test_a_token_that_is_wanted(serve: Serve, tmp_path: Path) -> None:
    """Without a token the command says which variable to set; with it, it goes on."""
    from headwater.query import tokens

    secret, token = tokens.create("import", role="member", read=("*",), write=("*",))
    tokens.add(tmp_path / "tokens.json", token)
    (tmp_path / "a.ndjson").write_bytes(event(1))
    served = serve("--tokens", "tokens.json")
    refused = headwater(served, "import", "a.ndjson")
    assert (refused.returncode, "HEADWATER_TOKEN" in refused.stderr) == (3, True)
    done = headwater(served, "import", "a.ndjson", HEADWATER_TOKEN=secret)
    assert done.returncode == 0, done.stderr
