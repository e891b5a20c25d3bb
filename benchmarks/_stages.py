"""Where the time of admission goes: each stage timed as it is called, in a real run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from headwater.claims import model
from headwater.ledger import leaf
from headwater.ledger.tree import Frontier
from headwater.openlineage import admit as admission
from headwater.store import Writer, marking, projecting, rows

STAGES: tuple[tuple[str, Any, str], ...] = (
    ("scan: UTF-8, JSON, duplicate keys, limits", admission, "scan"),
    ("examine: kind, time, names, facets", admission, "examine"),
    ("decode into typed structs", admission, "decode"),
    ("warn of facets that cannot be read", admission, "_warn_of_facets"),
    ("project: claims of the event", projecting, "project"),
    ("encode the claims", model, "encode"),
    ("mark: HMAC of the bytes", marking, "mark"),
    ("look up earlier marks", Writer, "earlier"),
    ("commit to salt and bytes", leaf, "commit"),
    ("write the leaf", leaf, "encode"),
    ("grow the tree", Frontier, "append"),
    ("insert rows", rows, "insert"),
    ("step 1: whole transaction", Writer, "_commit"),
    ("step 2: sign the head", Writer, "_sign"),
    ("step 3: keep it outside, two fsyncs", Writer, "_keep"),
    ("step 4: publish, one fsync", Writer, "_publish"),
)
_TRANSACTION = "step 1: whole transaction"
_INSIDE = (
    "commit to salt and bytes",
    "write the leaf",
    "grow the tree",
    "insert rows",
)


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Time every stage in the block; the seconds that each took, complete when it has ended."""
    spent = dict.fromkeys((name for name, _, _ in STAGES), 0.0)
    originals = [(owner, name, getattr(owner, name)) for _, owner, name in STAGES]
    for (stage, owner, name), (_, _, original) in zip(STAGES, originals, strict=True):
        setattr(owner, name, _wrap(original, stage, spent))
    try:
        yield spent
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def shares(spent: dict[str, float], whole: float, events: int) -> dict[str, float]:
    """Microseconds an event of each stage, those within the transaction taken out of it."""
    rest = whole - sum(spent.values()) + sum(spent[name] for name in _INSIDE)
    told = dict(spent)
    fsync = told.pop(_TRANSACTION) - sum(spent[name] for name in _INSIDE)
    told["step 1: write the log, one fsync"] = fsync
    told["everything else"] = rest
    return {name: taken / events * 1e6 for name, taken in told.items()}


def _wrap(function: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timing(*arguments: Any, **named: Any) -> Any:
        start = perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[stage] += perf_counter() - start

    return timing
