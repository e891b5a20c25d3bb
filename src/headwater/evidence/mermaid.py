"""Mermaid flowcharts, as Markdown viewers draw them: https://mermaid.js.org/syntax/flowchart.html.

Arrows point the way the data flows. Edges that are less than exact are dotted and say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.evidence.dot import identifiers, node_lines
from headwater.evidence.naming import Answer, by_ref, drawn_edges, edge_words, names_of

_BRACKETS = {"run": ("([", "])"), "job": ("([", "])"), "column": ("[/", "/]")}


def render(answer: Answer, *, base: str | None = None) -> str:
    """Draw an answer with nodes and edges as a Mermaid flowchart, one statement a line."""
    nodes = by_ref(answer)
    names = names_of(answer, base=base)
    ids = identifiers(answer)
    lines = ["flowchart LR"]
    for ref, identifier in ids.items():
        kind = nodes[ref]["kind"] if ref in nodes else ref.partition(":")[0]
        left, right = _BRACKETS.get(kind, ("[", "]"))
        label = "<br/>".join(_escape(line) for line in node_lines(ref, nodes, names))
        lines.append(f'  {identifier}{left}"{label}"{right}')
    lines.extend(
        f"  {ids[edge['to']]} {_arrow(edge)} {ids[edge['from']]}" for edge in drawn_edges(answer)
    )
    root = answer.get("root")
    if root in ids:
        lines.append(f"  style {ids[root]} stroke-width:3px")
    return "\n".join(lines) + "\n"


def _arrow(edge: Mapping[str, Any]) -> str:
    words = edge_words(edge)
    if not words:
        return "-->"
    return f'-. "{_escape(", ".join(words))}" .->'


def _escape(text: str) -> str:
    # Entity codes are the only quoting that flowchart labels have; `#` begins one.
    for character in '#&"<>`':
        text = text.replace(character, f"#{ord(character)};" if character != "#" else "\0")
    return text.replace("\0", "#35;")
