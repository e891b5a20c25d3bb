"""`show`, `why`, `diff` and `search` for agents: short references, facets on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from headwater.mcp import bounds
from headwater.mcp.bounds import Document
from headwater.query.gateway import Gateway

_REFERENCES = ("version:", "run:", "artifact:", "job:", "column:")
_NOT_SHOWN = ("rules", "nodes", "facets", "proofs", "history")


def small_passport(
    gateway: Gateway, answer: Document, *, limit: int, facets: Sequence[str] = ()
) -> Document:
    """Of `show` all but the facets that were not asked for, which are named with their sizes."""
    held: Document = answer["facets"]
    extra: Document = {
        "canonical": answer["root"],
        "facets": {name: held[name] for name in facets if name in held},
        "other_facets": {
            name: f"{bounds.size(value):,} bytes"
            for name, value in held.items()
            if name not in facets
        },
        "ledger_entries": [proof["entry"] for proof in answer["proofs"]],
    }
    missing = [name for name in facets if name not in held]
    if missing:
        extra["facets_not_there"] = missing
    if answer.get("history"):
        extra["statements_about_facets"] = len(answer["history"])
    return _small(gateway, answer, extra, limit)


def small_difference(gateway: Gateway, answer: Document, *, limit: int) -> Document:
    """Of `diff` the changes, and how many there are of each."""
    changes = Counter(f"{change['what']} {change['change']}" for change in answer["changes"])
    return _small(gateway, answer, {"counts": dict(sorted(changes.items()))}, limit)


def small_reasons(gateway: Gateway, answer: Document, *, limit: int) -> Document:
    """Of `why` the edges with their rules, claims and runners-up."""
    return _small(gateway, answer, {}, limit)


def small_hits(gateway: Gateway, answer: Document) -> Document:
    """Of `search` the hits, which the gateway has bounded already, with what it counted."""
    hits = len(answer["hits"])
    before = {"hits": answer["total"] - hits} if answer["truncated"] else {}
    return _small(gateway, answer, {}, max(1, hits), before)


def _small(
    gateway: Gateway,
    answer: Document,
    extra: Document,
    limit: int,
    before: Mapping[str, int] = MappingProxyType({}),
) -> Document:
    """The answer and what was added to it, cut to size. `before` was left out already."""
    rest = {name: value for name, value in answer.items() if name not in _NOT_SHOWN}
    jobs = {node["ref"]: node["job"] for node in answer.get("nodes", ()) if node["kind"] == "run"}

    def make(items: int, chars: int) -> Document:
        left_out = dict(before)
        document: Document = bounds.cut(_named(rest, jobs), items, chars, left_out)
        document |= bounds.cut(extra, items, chars, left_out)
        short = gateway.shorten(set(_references(document)), at=str(answer["head"]["size"]))
        small: Document = _shortened(document, short)
        # The canonical form is there to be quoted.
        small |= {"canonical": answer["root"]} if "canonical" in extra else {}
        return small | {
            "completeness": {"complete": not left_out},
            "left_out": left_out or None,
        }

    return bounds.fit(make, limit)


def _named(value: Any, jobs: dict[str, Document]) -> Any:
    """Beside each reference to a run, the job that it is a run of."""
    if isinstance(value, dict):
        named = {key: _named(item, jobs) for key, item in value.items()}
        ref = named.get("ref")
        if isinstance(ref, str) and ref in jobs and "job" not in named:
            named["job"] = jobs[ref]
        return named
    return [_named(item, jobs) for item in value] if isinstance(value, list) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(_REFERENCES):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _shortened(value: Any, short: dict[str, str]) -> Any:
    if isinstance(value, str):
        return short.get(value, value)
    if isinstance(value, dict):
        return {key: _shortened(item, short) for key, item in value.items()}
    return [_shortened(item, short) for item in value] if isinstance(value, list) else value
