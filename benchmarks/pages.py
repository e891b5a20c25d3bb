"""The first page of everything that something came from, over HTTP, in layered lineage.

The service answers from an index that is written straight down, as in the closures above; what is
asked is walked whole for every page, and the first nodes of it are shown. A connection
each; beside it the same question in process. The first question of a process maps the index
and makes whole arrays of what it walks. Ten million edges with HEADWATER_BENCH_LARGE=1.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import _layered
import _measuring
from _layered import Layered
from ingest_http import Server, serving

from headwater.query.gateway import Gateway
from headwater.store import open_store

ROUNDS = 9
GOAL = "≤ 300 ms"
NODES = (100, 1_000)
SMALL = Layered(versions=100_000, reads=10)
LARGE = Layered(versions=1_000_000, reads=10)


def main() -> None:
    """Measure and report."""
    figures: list[_measuring.Figure] = []
    facts: dict[str, object] = {}
    for told in [SMALL, LARGE] if os.environ.get("HEADWATER_BENCH_LARGE") else [SMALL]:
        label = f"{told.edges / 1e6:.0f} M edges"
        root = _layered.stored(told)
        with serving(root) as server, open_store(root) as store:
            gateway = Gateway(store)
            ref = str(told.top)
            begun = _measuring.seconds(partial(fetch, server, ref=ref, limit=NODES[0])) * 1_000
            figures.append(_measuring.Figure(f"{label}, first question of the service", (begun,)))
            cases: dict[str, Callable[[], object]] = {}
            for nodes in NODES:
                what = f"first {nodes:,} nodes"
                cases[f"{what}, over HTTP"] = partial(fetch, server, ref=ref, limit=nodes)
                cases[f"{what}, in process"] = partial(gateway.trace, ref, limit=nodes)
            for what, samples in _measuring.alternate(cases, rounds=ROUNDS).items():
                goal = GOAL if what.endswith("HTTP") and told is LARGE else None
                figures.append(_measuring.Figure(f"{label}, {what}", samples, goal=goal))
            facts[f"{label}: bytes of the larger page"] = fetch(server, ref=ref, limit=NODES[-1])
            facts[f"{label}: greatest memory of the service, MiB"] = round(server.memory())
    _measuring.report("pages", figures, packages=("numpy", "scipy"), **facts)


def fetch(server: Server, **asked: object) -> int:
    """Ask for a page, and read it to the end; gives its bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    try:
        connection.request("GET", f"/api/v1/trace?{urlencode(asked)}")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:500]
        return len(body)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
