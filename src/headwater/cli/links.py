"""Which lines of a tree stand under which: an answer's edges, read in the direction asked.

A tree shows a version together with the run that made it, so that a line is a version and the lines
under it are what it came from (`trace`) or what came of it (`impact`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from headwater import refs
from headwater.evidence.naming import Answer, Node, by_ref, edge_words, printable

Edge = Mapping[str, Any]

_BETWEEN_VERSIONS = frozenset({"derived", "revised", "same_content", "declared", "followed"})
_STATIC = frozenset({"declared_input", "declared_output"})


class Link(NamedTuple):
    """One line under another: what it is, and the edges that put it there."""

    ref: str
    edges: tuple[Edge, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What makes the link less than exact, each word once."""
        return tuple(dict.fromkeys(word for edge in self.edges for word in edge_words(edge)))

    @property
    def transformations(self) -> tuple[str, ...]:
        """How a column was made of the other, where that is known."""
        words = []
        for edge in self.edges:
            if edge.get("transformation") is not None:
                indirect = "" if edge.get("direct", True) else "indirect "
                masked = ", masked" if edge.get("masking") else ""
                words.append(f"{indirect}{printable(edge['transformation'])}{masked}")
        return tuple(dict.fromkeys(words))

    @property
    def read_as(self) -> tuple[str, str] | None:
        """The name by which what was read was read, where that is another than its own."""
        for edge in self.edges:
            said = edge.get("as")
            if edge["kind"] == "used" and said is not None:
                read = refs.parse(edge["to"])
                name = (said["namespace"], said["name"])
                if isinstance(read, refs.Version) and read.artifact != name:
                    return name
        return None


class Links:
    """The lines under each reference of an answer, in the answer's own order."""

    def __init__(self, answer: Answer, *, upstream: bool) -> None:
        self.nodes: dict[str, Node] = by_ref(answer)
        self.upstream = upstream
        edges: list[Edge] = list(answer.get("edges", ()))
        self.maker = {edge["from"]: edge["to"] for edge in edges if edge["kind"] == "generated"}
        self.declarer = {
            edge["from"]: edge["to"] for edge in edges if edge["kind"] == "declared_output"
        }
        self._made: dict[str, list[str]] = defaultdict(list)
        for version, run in self.maker.items():
            self._made[run].append(version)
        self._used = {(edge["from"], edge["to"]): edge for edge in edges if edge["kind"] == "used"}
        self._fed = {
            (self.maker[edge["from"]], edge["to"])
            for edge in edges
            if edge["kind"] == "derived" and edge["from"] in self.maker
        }
        self._stated = {run for run, _ in self._fed}
        self._root = answer["root"]
        self._under: dict[str, dict[str, list[Edge]]] = defaultdict(lambda: defaultdict(list))
        for edge in edges:
            self._place(edge)
        self._drop_jobs_behind_versions()

    def under(self, ref: str) -> Iterable[Link]:
        """Give the lines under `ref`."""
        for below, edges in self._under.get(ref, {}).items():
            yield Link(below, tuple(edges))

    def ends(self, ref: str) -> bool:
        """Whether nothing stands under `ref`."""
        return not self._under.get(ref)

    def _place(self, edge: Edge) -> None:
        kind, child, source, upstream = edge["kind"], edge["from"], edge["to"], self.upstream
        if kind in _BETWEEN_VERSIONS:
            self._add(child, source, edge)
            run = self.maker.get(child)
            read = self._used.get((run, source)) if run is not None else None
            if kind == "derived" and read is not None:
                self._add(child, source, read)
        elif kind == "used":
            self._place_read(edge)
        elif kind in _STATIC or (kind == "generated" and not upstream and source == self._root):
            self._add(child, source, edge)

    def _place_read(self, edge: Edge) -> None:
        """Place a read under its run, and under the run's versions if no edge says what came of it.

        A version whose run has `derived` edges came from exactly these. In `impact` the run itself
        stands under what it read if nothing that it made came from it.
        """
        run, version = edge["from"], edge["to"]
        made = self._made.get(run, ())
        idle = (run, version) not in self._fed and (run in self._stated or not made)
        if self.upstream or idle:
            self._add(run, version, edge)
        if run not in self._stated:
            for output in made:
                self._add(output, version, edge)

    def _add(self, child: str, source: str, edge: Edge) -> None:
        above, below = (child, source) if self.upstream else (source, child)
        if above != below and edge not in self._under[above][below]:
            self._under[above][below].append(edge)

    def _drop_jobs_behind_versions(self) -> None:
        """Leave a job out of the tree where a `declared` edge leads past it."""
        for below in self._under.values():
            if any(edge["kind"] == "declared" for edges in below.values() for edge in edges):
                for ref in [ref for ref in below if ref.startswith("job:")]:
                    del below[ref]
