"""dbt, as it is, tells a service what its models are made of: by OPENLINEAGE_URL alone.

It lives in an environment of its own (`make` installs it), since it excludes packages that the
other tests need. `HEADWATER_DBT=required` makes a failure of its absence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.service.conftest import Serve
from tests.service.served import environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("HEADWATER_DBT_BIN") or ROOT / ".venv" / "dbt" / "bin")
PROJECT = Path(__file__).parent / "dbt" / "shop"
WAREHOUSE = "duckdb://shop.duckdb"


@pytest.fixture(scope="module", autouse=True)
def dbt() -> None:
    """Say loudly that dbt is missing."""
    if not (BIN / "dbt-ol").exists():
        reason = f"dbt is not installed in {BIN.parent}: make .venv/dbt/.ready"
        if os.environ.get("HEADWATER_DBT") == "required":
            pytest.fail(reason)
        pytest.skip(reason)


def test_models_are_traced_to_the_seed(serve: Serve, tmp_path: Path) -> None:
    """A table that dbt builds leads through its models to the seed, with its columns."""
    served = serve()
    project = tmp_path / "shop"
    shutil.copytree(PROJECT, project)
    known = {
        "OPENLINEAGE_URL": served.url,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    built = subprocess.run(
        ["dbt-ol", "build", "--profiles-dir", "."],
        cwd=project,
        env=environment(tmp_path) | known,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Emitted 8 OpenLineage events" in built.stdout + built.stderr
    answer = served.get("/api/v1/trace", ref=f"{WAREHOUSE}::shop.main.revenue").json
    found = {one["artifact"]["name"] for one in answer["nodes"] if one["kind"] == "version"}
    assert found == {"shop.main.revenue", "shop.main.orders", "shop.main.raw_orders"}
    assert answer["head"]["size"] == 8
