"""Graphviz DOT: https://graphviz.org/doc/info/lang.html.

Arrows point the way the data flows, against `from` and `to` of the answer, where `from` depends on
`to`. Edges that are less than exact are dashed and say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.evidence.naming import (
    Answer,
    Names,
    Node,
    by_ref,
    drawn_edges,
    edge_words,
    kind_of,
    label_of,
    names_of,
    short_run,
    sorted_edges,
    version_label,
)

_SHAPES = {"run": "ellipse", "job": "ellipse", "column": "plaintext"}


def render(answer: Answer, *, base: str | None = None) -> str:
    """Draw an answer with nodes and edges as a DOT digraph, one statement a line."""
    nodes = by_ref(answer)
    names = names_of(answer, base=base)
    ids = identifiers(answer)
    lines = [
        "digraph lineage {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif", shape=box];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for ref, identifier in ids.items():
        lines.append(f"  {identifier} [{_node(ref, nodes, names, root=answer.get('root'))}];")
    lines.extend(
        f"  {ids[edge['to']]} -> {ids[edge['from']]}{_edge(edge)};" for edge in drawn_edges(answer)
    )
    lines.append("}")
    return "\n".join(lines) + "\n"


def identifiers(answer: Answer) -> dict[str, str]:
    """Give each reference of an answer a short identifier `n0`, `n1`, … in the answer's order."""
    ends = (edge[end] for edge in sorted_edges(answer) for end in ("to", "from"))
    order = dict.fromkeys([*(node["ref"] for node in answer.get("nodes", ())), *ends])
    return {ref: f"n{place}" for place, ref in enumerate(order)}


def node_lines(ref: str, nodes: Mapping[str, Node], names: Names) -> list[str]:
    """Say on one to three short lines what a node of a drawing is."""
    node = nodes.get(ref)
    if node is None:
        return [label_of(ref, nodes, names)]
    if node["kind"] == "version":
        artifact = node["artifact"]
        title = names.artifact(artifact["namespace"], artifact["name"])
        label = version_label(node["version"])
        return [title, " ".join(part for part in (kind_of(node), label) if part)]
    if node["kind"] == "run":
        job = node["job"]
        return [
            names.job(job["namespace"], job["name"]),
            f"run {short_run(node['id'])}",
            node["state"],
        ]
    return [label_of(ref, nodes, names)]


def _node(ref: str, nodes: Mapping[str, Node], names: Names, *, root: str | None) -> str:
    kind = nodes[ref]["kind"] if ref in nodes else ref.partition(":")[0]
    label = "\\n".join(_escape(line) for line in node_lines(ref, nodes, names))
    attributes = [f'label="{label}"', f'tooltip="{_escape(ref)}"']
    if kind in _SHAPES:
        attributes.append(f"shape={_SHAPES[kind]}")
    if ref == root:
        attributes.append("penwidth=3")
    return ", ".join(attributes)


def _edge(edge: Mapping[str, Any]) -> str:
    words = edge_words(edge)
    if not words:
        return ""
    return f' [label="{_escape(", ".join(words))}", style=dashed]'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
