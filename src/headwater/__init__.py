"""Headwater: lineage and provenance for AI pipelines.

    import headwater

    with headwater.run("train", params={"depth": 8}) as run:
        flights = pd.read_parquet(run.read("data/flights.parquet"))
        ...
        run.write("models/delay.joblib", kind="model", metrics={"auc": 0.83})

Recording needs the standard library alone, never raises, and never waits for anything. Asking
(`headwater.open`) needs `headwater[server]`, or the URL of a service.
"""

from __future__ import annotations

from headwater.capture.current import metrics, model, params, read, write
from headwater.capture.datasets import table
from headwater.capture.runs import Run
from headwater.capture.tasks import task
from headwater.client.lineage import Lineage, open  # noqa: A004

__version__ = "0.1.0"

run = Run


def load_ipython_extension(shell: object) -> None:
    """Begin capture in a notebook: `%load_ext headwater`."""
    from headwater.capture import notebooks

    notebooks.load(shell)


def unload_ipython_extension(shell: object) -> None:
    """End it: `%unload_ext headwater`."""
    from headwater.capture import notebooks

    notebooks.unload(shell)


__all__ = [
    "Lineage",
    "Run",
    "__version__",
    "metrics",
    "model",
    "open",
    "params",
    "read",
    "run",
    "table",
    "task",
    "write",
]
