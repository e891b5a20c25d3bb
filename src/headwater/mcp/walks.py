"""`trace`, `impact` and `paths` for agents: nodes by number, the nearest first, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from headwater.mcp import bounds
from headwater.mcp.bounds import Document
from headwater.query.gateway import Gateway
from headwater.refs import Job

COUNTED_NODES_MAX = 20_000
"""Nodes up to which what is left out of an answer is counted; beyond, `more_than` says so."""
LISTED_MAX = 10
"""References in each list of `completeness`."""
EDGE_DEFAULTS = {"evidence": "captured", "exactness": "exact", "direct": True, "masking": False}
"""Members of an edge that go without saying."""

_NODE_MEMBERS = ("state", "started", "ended", "actor", "code", "time", "owners")
_EDGE_MEMBERS = ("binding", "carries", "transformation", "warning", *EDGE_DEFAULTS)

Shorten = Callable[[str], str]


def small(gateway: Gateway, answer: Document, *, limit: int, skip: int = 0) -> Document:
    """Of an answer the nodes from `skip` on, as many as asked for and as fit."""
    at = str(answer["head"]["size"])
    nodes = answer["nodes"]
    short = gateway.shorten(_references(answer, nodes[skip : skip + limit]), at=at)

    def shorten(ref: str) -> str:
        return short.get(ref, ref)

    def make(count: int, _: int) -> Document:
        return _page(answer, range(skip, max(skip, min(skip + count, len(nodes)))), count, shorten)

    return bounds.fit(make, limit)


def _references(answer: Document, shown: list[Document]) -> set[str]:
    """What is written as a reference somewhere in a page."""
    state = answer["completeness"]
    return {
        answer["root"],
        *(node["ref"] for node in shown),
        *(str(_job_reference(node)) for node in shown if node.get("job")),
        *state["origins"]["unknown"][:LISTED_MAX],
        *state["open_writers"][:LISTED_MAX],
        *state["capture_gaps"][:LISTED_MAX],
        *answer.get("opaque", [])[:LISTED_MAX],
    } | ({answer["to"]} if "to" in answer else set())


def _page(answer: Document, page: range, items: int, shorten: Shorten) -> Document:
    nodes = answer["nodes"]
    cut: bounds.LeftOut = {}
    numbers = {node["ref"]: number for number, node in enumerate(nodes)}
    edges = [
        (edge, numbers[edge["from"]], numbers[edge["to"]])
        for edge in answer["edges"]
        if edge["from"] in numbers and edge["to"] in numbers
    ]
    # An edge comes with the later of its ends, so that each is on one page.
    drawn = [_edge(*each) for each in edges if max(each[1:]) in page]
    document: Document = {
        "ask": answer["ask"],
        "head": answer["head"],
        "root": shorten(answer["root"]),
        "canonical": answer["root"],
        "counts": dict(sorted(Counter(node["kind"] for node in nodes).items())),
    }
    if "to" in answer:
        ways = [[numbers[ref] for ref in way] for way in answer["paths"]]
        document |= {
            "to": shorten(answer["to"]),
            "paths": bounds.cut(ways, items, bounds.TEXT_CHARS_MAX, cut, "paths"),
            "more_paths": answer["more"],
        }
    if "opaque" in answer:
        document["opaque"] = [shorten(ref) for ref in answer["opaque"][:LISTED_MAX]]
    if "owners" in answer:
        reached = answer["counts"]["by_kind"]
        document |= {"artifacts_by_kind": reached, "owners": answer["owners"][:LISTED_MAX]}
    return document | {
        "nodes": [_node(nodes[number], number, shorten) for number in page],
        "edges": drawn,
        "completeness": _completeness(answer["completeness"], shorten),
        "left_out": _left_out(answer, page, len(edges) - len(drawn), cut),
    }


def _node(node: Document, number: int, shorten: Shorten) -> Document:
    small: Document = {"n": number, "ref": shorten(node["ref"]), "kind": node["kind"]}
    artifact, version = node.get("artifact"), node.get("version")
    if artifact is not None:
        small |= {"artifact": artifact["kind"], "namespace": artifact["namespace"]}
    if isinstance(version, dict):
        said = {"attempted": version["attempted"], "declared": version["declared"]}
        small |= {name: value for name, value in said.items() if value}
    if node["kind"] == "run":
        small["job"] = shorten(_job_reference(node))
    small |= {name: node[name] for name in _NODE_MEMBERS if node.get(name)}
    return small | {"depth": node["depth"]}


def _job_reference(node: Mapping[str, Any]) -> str:
    return str(Job(node["job"]["namespace"], node["job"]["name"]))


def _edge(edge: Document, start: int, end: int) -> Document:
    small: Document = {"from": start, "to": end, "kind": edge["kind"]}
    for name in _EDGE_MEMBERS:
        if name in edge and edge[name] != EDGE_DEFAULTS.get(name):
            small[name] = edge[name]
    return small


def _completeness(state: Document, shorten: Shorten) -> Document:
    """The whole account, its lists cut short with their lengths beside them."""

    def listed(refs: list[str]) -> Document:
        return {"count": len(refs), "first": [shorten(ref) for ref in refs[:LISTED_MAX]]}

    small = dict(state)
    small["origins"] = {
        "sources": state["origins"]["sources"],
        "unknown": listed(state["origins"]["unknown"]),
    }
    for name in ("open_writers", "capture_gaps"):
        small[name] = listed(state[name])
    return small


def _left_out(answer: Document, page: range, edges: int, cut: bounds.LeftOut) -> Document | None:
    """What is not on this page, and the arguments that bring the next one."""
    nodes = len(answer["nodes"]) - len(page)
    left: Document = {"nodes": nodes, "edges": edges, **cut}
    if (answer["completeness"]["truncated"] or {}).get("reason") == "nodes":
        left["more_than"] = True
    if page.stop < len(answer["nodes"]):
        left["more"] = {"skip": page.stop, "at": str(answer["head"]["size"])}
    return left if any(left.values()) else None
