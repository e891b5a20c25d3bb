"""Answers page by page: where the next page begins, and pages of answers about one column.

An answer's nodes have one order, (depth, reference), so that a place in it means the same whenever
the same is asked of the same ledger at the same size.
"""

from __future__ import annotations

from headwater.graph import lineage as graph
from headwater.query.documents import Document


def point_on(document: Document, end: int) -> Document:
    """Where a limit in nodes cut the answer off, say that the next page begins at `end`."""
    truncated = document["completeness"]["truncated"]
    if truncated is not None and truncated["reason"] == "nodes":
        truncated["cursor"] = str(end)
    return document


def cut(document: Document, start: int, end: int) -> Document:
    """Give the page of a whole answer with the nodes from `start` to `end`.

    All pages together have each node and each edge once: an edge stands on the page of the later
    one of its ends. `completeness` speaks of the whole answer.
    """
    nodes = document["nodes"]
    if start == 0 and end >= len(nodes):
        return document
    places = {node["ref"]: place for place, node in enumerate(nodes)}
    edges = [
        edge
        for edge in document["edges"]
        if start <= max(places.get(edge["from"], 0), places.get(edge["to"], 0)) < end
    ]
    page = document | {"nodes": nodes[start:end], "edges": edges}
    if end < len(nodes):
        before = document["completeness"]["truncated"]
        reason = graph.cut(before["reason"] if before else None, "nodes")
        truncated = {"reason": reason, "cursor": str(end) if reason == "nodes" else None}
        page["completeness"] = page["completeness"] | {"complete": False, "truncated": truncated}
    return page
