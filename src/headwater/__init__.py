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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from headwater.capture.current import metrics, model, params, read, write
    from headwater.capture.datasets import table
    from headwater.capture.runs import Run
    from headwater.capture.tasks import task
    from headwater.client.lineage import Lineage, open  # noqa: A004

    run = Run

__version__ = "0.1.0"

_FROM = {
    "Lineage": "headwater.client.lineage",
    "Run": "headwater.capture.runs",
    "metrics": "headwater.capture.current",
    "model": "headwater.capture.current",
    "open": "headwater.client.lineage",
    "params": "headwater.capture.current",
    "read": "headwater.capture.current",
    "run": "headwater.capture.runs",
    "table": "headwater.capture.datasets",
    "task": "headwater.capture.tasks",
    "write": "headwater.capture.current",
}
"""Public name → the module that has it, imported when the name is asked for first (PEP 562)."""


def __getattr__(name: str) -> object:
    if name == "errors":  # `except headwater.errors.NotFound`
        return __import__("headwater.errors", fromlist=("",))
    module = _FROM.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(__import__(module, fromlist=("",)), "Run" if name == "run" else name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
