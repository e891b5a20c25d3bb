"""What every benchmark here shares: taking turns, summing up, and writing the figures down.

Us and the peers run in one process table, alternately, so that what else the machine does hits all
of them. What is compared is ratios; the raw figures are kept in `results/` with the machine and the
versions that they belong to.
"""

from __future__ import annotations

import json
import math
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

RESULTS = Path(__file__).parent / "results"
CPU_INFO = Path("/proc/cpuinfo")
MEMORY_INFO = Path("/proc/meminfo")


class Figure(NamedTuple):
    """One measured line. `samples` are in `unit`, in the order in which they were taken."""

    what: str
    samples: tuple[float, ...]
    unit: str = "ms"
    goal: str | None = None
    note: str | None = None

    @property
    def median(self) -> float:
        """The middle sample."""
        return quantile(self.samples, 0.5)

    def document(self) -> dict[str, Any]:
        """The figure as JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "min": min(self.samples),
            "median": self.median,
            "p95": quantile(self.samples, 0.95),
            "max": max(self.samples),
            "samples": list(self.samples),
            "goal": self.goal,
            "note": self.note,
        }


def quantile(samples: Sequence[float], share: float) -> float:
    """The sample below which a share of all lies (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def seconds(act: Callable[[], object]) -> float:
    """How long a call takes on the wall clock."""
    start = perf_counter()
    act()
    return perf_counter() - start


def alternate(
    cases: Mapping[str, Callable[[], object]], *, rounds: int = 7, warm: int = 1
) -> dict[str, tuple[float, ...]]:
    """Time the cases in turn, `rounds` times each after `warm` untimed ones; in milliseconds."""
    for _ in range(warm):
        for act in cases.values():
            act()
    samples: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, act in cases.items():
            samples[name].append(seconds(act) * 1_000)
    return {name: tuple(taken) for name, taken in samples.items()}


def machine() -> dict[str, Any]:
    """What the figures depend on, as far as it can be told."""
    return {
        "processor": _first(CPU_INFO, "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory": _first(MEMORY_INFO, "MemTotal"),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def versions(*packages: str) -> dict[str, str | None]:
    """Versions of these distributions; None for one that is not installed."""
    found: dict[str, str | None] = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def report(
    name: str, figures: Sequence[Figure], *, packages: Sequence[str] = (), **facts: object
) -> None:
    """Print a table of the figures and write them to `results/<name>.json`, with these facts."""
    document = {
        "benchmark": name,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "packages": versions("headwater", "msgspec", *packages),
        "facts": facts,
        "figures": [figure.document() for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    _print(figures)


def _print(figures: Sequence[Figure]) -> None:
    rows: list[tuple[str, ...]] = [("", "min", "median", "p95", "max", "goal")]
    for figure in figures:
        said = figure.document()
        numbers = (_number(said[key]) for key in ("min", "median", "p95", "max"))
        rows.append((f"{figure.what} [{figure.unit}]", *numbers, figure.goal or ""))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(widths[0]) if not place else cell.rjust(widths[place])
                 for place, cell in enumerate(row)]  # fmt: skip
        print("  ".join(cells).rstrip())
    for figure in figures:
        if figure.note:
            print(f"  {figure.what}: {figure.note}")


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _first(path: Path, key: str) -> str | None:
    """The value on the first line of a `/proc` file that begins with the key."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)
