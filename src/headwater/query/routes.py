"""`paths`: the ways by which one thing reaches another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from headwater.query.documents import Document

PATHS_MAX = 50
STEPS_MAX = 200_000


class Step(NamedTuple):
    """From one thing to the next, and the run or job that stands between."""

    via: str | None
    to: str

    @property
    def refs(self) -> list[str]:
        """What the step adds to a way."""
        return [self.to] if self.via is None else [self.via, self.to]


def between(upstream: Document, start: str, end: str) -> tuple[list[list[str]], bool]:
    """Every simple way from `start` to `end` within an upstream answer, the shortest first.

    A way goes from a version to what it derives from, never from a run to all that the run read.
    At most `PATHS_MAX` of them, and no more than `STEPS_MAX` steps of search; the second value says
    whether there may be more.
    """
    following = _following(upstream["edges"], start, end)
    reaching = _reaching(following, end)
    found: list[list[str]] = []
    level = [[start]] if start in reaching and start != end else []
    steps = 0
    while level:
        longer = []
        for path in level:
            for step in following.get(path[-1], ()):
                steps += 1
                if steps > STEPS_MAX or len(found) >= PATHS_MAX:
                    return found, True
                if step.to == end:
                    found.append([*path, *step.refs])
                elif step.to in reaching and step.to not in path:
                    longer.append([*path, *step.refs])
        level = longer
    return sorted(found, key=len), False


def _following(edges: Iterable[Document], start: str, end: str) -> dict[str, list[Step]]:
    """Where one may step from each thing: a run is left only at the start, entered at the end."""
    edges = list(edges)
    makers = {edge["from"]: edge["to"] for edge in edges if edge["kind"] == "generated"}
    used = {(edge["from"], edge["to"]) for edge in edges if edge["kind"] == "used"}
    jobs = {edge["from"]: edge["to"] for edge in edges if edge["kind"] == "declared_output"}
    following: dict[str, dict[Step, None]] = {}
    for edge in edges:
        kind, origin, target = edge["kind"], edge["from"], edge["to"]
        via = None
        if kind == "derived":
            run = makers.get(origin)
            via = run if (run, target) in used else None
        elif kind == "declared":
            via = jobs.get(origin)
        elif not (
            kind in {"revised", "same_content"}
            or (kind == "used" and origin == start)
            or (kind == "generated" and target == end)
        ):
            continue
        following.setdefault(origin, {})[Step(via, target)] = None
    return {origin: list(steps) for origin, steps in following.items()}


def _reaching(following: dict[str, list[Step]], end: str) -> set[str]:
    before: dict[str, list[str]] = {}
    for start, steps in following.items():
        for step in steps:
            before.setdefault(step.to, []).append(start)
    found, queue = {end}, [end]
    while queue:
        for start in before.get(queue.pop(), ()):
            if start not in found:
                found.add(start)
                queue.append(start)
    return found
