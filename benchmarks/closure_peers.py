"""Everything that a version came from, on 100,000 nodes in process, beside ML Metadata.

Half of the nodes are versions, half the runs that made them from two of the layer below each. Ours
are walks over the mapped rows with runs and flags, and an answer with its first hundred nodes. ML
Metadata goes 100 hops at most, fifty of a hundred layers, and is asked for the edges alone; it runs
in a process of its own, after ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import _layered
import _measuring
import _stores
from _layered import Layered

from headwater.graph.lineage import CARRIED, UNLIMITED, Limits, everything
from headwater.index.index import FOLLOWS, Index
from headwater.index.wide import Wide

ROUNDS = 7
TOLD = Layered(versions=50_000, reads=2)
PEER_PYTHON = _stores.HOME / "peers" / "bin" / "python"


def main() -> None:
    """Measure and report."""
    index = Index(_layered.kept(TOLD))
    wide = Wide(index.links)
    walk = partial(
        wide.sweep, [TOLD.versions - 1], None, follows=FOLLOWS[CARRIED], limits=UNLIMITED,
        visible=everything, upstream=True,
    )  # fmt: skip
    cases: dict[str, Callable[[], object]] = {
        "Headwater, walk with runs and flags": walk,
        "Headwater, answer, first 100 nodes": partial(
            index.trace, TOLD.top, limits=Limits(nodes=100)
        ),
    }
    figures = [
        _measuring.Figure(what, samples, goal="≤ 40 ms")
        for what, samples in _measuring.alternate(cases, rounds=ROUNDS).items()
    ]
    reach = index.trace(TOLD.top).versions
    facts: dict[str, object] = {"nodes": 2 * TOLD.versions, "versions reached": len(reach)}
    told, missing = ask_mlmd()
    if told is None:
        print(f"  SKIPPED ML Metadata: {missing}")
        facts["missing"] = [f"ML Metadata: {missing}"]
    else:
        figures.append(
            _measuring.Figure("ML Metadata, on SQLite, 100 hops", tuple(told["milliseconds"]))
        )
        facts["nodes that ML Metadata gives"] = told["nodes"]
    _measuring.report("closure_peers", figures, packages=("numpy", "scipy"), **facts)


def ask_mlmd() -> tuple[dict[str, list[float]] | None, str]:
    """What it takes ML Metadata, or why that cannot be told."""
    script = str(Path(__file__).with_name("_mlmd_closure.py"))
    if not PEER_PYTHON.exists():
        return None, "the peers are not installed (see benchmarks/peers.lock)"
    rows = TOLD.rows()
    with tempfile.TemporaryDirectory(dir=_stores.HOME) as folder:
        edges = Path(folder) / "edges.json"
        edges.write_text(
            json.dumps({"starts": rows.starts.tolist(), "targets": rows.targets.tolist()})
        )
        command = [str(PEER_PYTHON), script, str(edges), str(ROUNDS), folder]
        done = subprocess.run(command, capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        return None, "it has no wheel for this Python"
    if done.returncode:
        sys.exit(f"ML Metadata failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1]), ""


if __name__ == "__main__":
    main()
