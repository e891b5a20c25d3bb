"""The pages of an answer, joined to what it is as a whole.

Pages hold each node and each edge once, nodes in the order of the whole. What was redacted, left
out or reached is said on each page for the whole; the rest of `completeness` is of its page, but
with columns, and of a column, where each page has all of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from headwater import refs

Page = dict[str, Any]


def join(pages: Sequence[Page], *, columns: bool) -> Page:
    """Make the whole answer of its pages, the first first; `columns` as they were asked."""
    last = pages[-1]
    if len(pages) == 1:
        return last
    nodes = [node for page in pages for node in page["nodes"]]
    depths = {node["ref"]: node["depth"] for node in nodes}
    edges = [edge for page in pages for edge in page["edges"]]
    whole = {**last, "nodes": nodes, "edges": sorted(edges, key=lambda edge: _place(edge, depths))}
    if columns or "opaque" in last:
        rest = {**pages[0]["completeness"], "truncated": last["completeness"]["truncated"]}
        whole["completeness"] = {**rest, "complete": last["completeness"]["complete"]}
    else:
        whole["completeness"] = _account([page["completeness"] for page in pages], last["ask"])
    return whole


def _place(edge: dict[str, Any], depths: dict[str, int]) -> tuple[object, ...]:
    """Where an edge stands in an answer: as the gateway sorts them."""
    nearer = min(depths.get(edge["from"], 0), depths.get(edge["to"], 0))
    rest = {name: value for name, value in edge.items() if name != "entries"}
    text = json.dumps(rest, separators=(",", ":"), ensure_ascii=False)
    return nearer, edge["from"], edge["to"], edge["kind"], text.encode()


def _account(parts: Sequence[dict[str, Any]], ask: str) -> dict[str, Any]:
    """Say how complete the whole is, of how complete its pages are."""
    last = parts[-1]
    unknown = [ref for part in parts for ref in part["origins"]["unknown"]]
    found = {
        **last,
        "origins": {
            "sources": sum(part["origins"]["sources"] for part in parts),
            "unknown": sorted(unknown),
        },
        "open_writers": _runs(parts, "open_writers"),
        "capture_gaps": _runs(parts, "capture_gaps"),
        "conservative": sum(part["conservative"] for part in parts),
    }
    cut = found["truncated"] or found["redacted"] or found["revisions_left_out"]
    lacking = unknown or found["open_writers"] or found["capture_gaps"]
    return {**found, "complete": not cut and not (ask == "trace" and lacking)}


def _runs(parts: Sequence[dict[str, Any]], name: str) -> list[str]:
    return sorted({ref for part in parts for ref in part[name]}, key=refs.parse)
