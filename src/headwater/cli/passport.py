"""The passport of one thing, as a page of text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headwater.cli.tables import table
from headwater.cli.terminal import Terminal
from headwater.cli.times import readable
from headwater.cli.tree import cut_middle
from headwater.evidence.naming import (
    Answer,
    Names,
    kind_of,
    label_of,
    names_in,
    printable,
    short_digest,
    version_label,
    with_labels,
)

LISTED_MAX = 12
"""Rows shown of a list; of more, the count is said. `--json` has them all."""
VALUE_SHOWN_CHARS = 400

_LISTS = (
    ("inputs", "Inputs"),
    ("outputs", "Outputs"),
    ("parents", "Part of"),
    ("children", "Has parts"),
    ("runs", "Runs"),
    ("declared_inputs", "Declared inputs"),
    ("declared_outputs", "Declared outputs"),
)


def print_passport(
    answer: Answer, terminal: Terminal, *, folder: str, history: bool, proofs: bool
) -> None:
    """Print the answer of `show`; `history` and `proofs` in full if asked for."""
    names = names_in(answer, base=folder)
    page = _Page(answer, terminal, names)
    page.title()
    page.identity()
    page.origin()
    for key, title in _LISTS:
        page.things(title, answer.get(key) or ())
    page.versions()
    page.things("Used by", answer.get("used_by") or ())
    page.facets()
    if history:
        page.history()
    page.proofs(in_full=proofs)
    for warning in answer.get("warnings") or ():
        said = with_labels(warning, page.nodes, names)
        terminal.print("", f"{terminal.style('warning:', 'yellow')} {said}")


class _Page:
    def __init__(self, answer: Answer, terminal: Terminal, names: Names) -> None:
        self.answer = answer
        self.terminal = terminal
        self.names = names
        given = [answer.get("node"), answer.get("made_by")]
        given += [item for key, _ in _LISTS for item in answer.get(key) or ()]
        self.nodes = {
            node["ref"]: node for node in given if isinstance(node, Mapping) and "kind" in node
        }

    def title(self) -> None:
        """Print what it is, in one line."""
        node = self.answer.get("node") or {}
        kind = kind_of(node or {"kind": "artifact", "artifact": self.answer.get("artifact")})
        label = label_of(self.answer["root"], self.nodes, self.names)
        title = self.terminal.style(label.removeprefix(f"{kind} "), "bold")
        self.terminal.print(f"{self.terminal.style(kind, 'dim')}  {title}")
        if self.answer.get("description"):
            self.terminal.print(f"  {printable(self.answer['description'])}")

    def identity(self) -> None:
        """Print the attributes that identify it and those that people look for."""
        rows = [(key, value) for key, value in self._attributes() if value]
        self.terminal.print("", *table(rows, self.terminal, styles=(("dim",),)))

    def _attributes(self) -> Iterator[tuple[str, str]]:
        answer, node = self.answer, self.answer.get("node") or {}
        artifact = answer.get("artifact") or node.get("artifact") or {}
        yield "name", printable(artifact.get("name") or "")
        yield "namespace", printable(artifact.get("namespace") or "")
        version = node.get("version")
        if isinstance(version, Mapping):
            yield "version", version_label({**version, "digest": None})
            yield "digest", printable(version.get("digest") or "")
        if node.get("kind") == "run":
            yield "run id", printable(node["id"])
            yield "job", self.names.job(node["job"]["namespace"], node["job"]["name"])
            yield "job namespace", printable(node["job"]["namespace"])
            yield "state", printable(node["state"]).lower()
            yield "started", _when(node.get("started"))
            yield "ended", _when(node.get("ended"))
            yield "actor", printable(node.get("actor") or "")
            yield "code", printable(node.get("code") or "")
        yield "time", _when(node.get("time"))
        yield "origin", "outside: a source" if answer.get("source") else ""
        yield "owners", ", ".join(map(printable, answer.get("owners") or ()))
        for key, values in sorted((answer.get("labels") or {}).items()):
            yield printable(key), ", ".join(map(printable, values))
        yield "also named", ", ".join(_name(name) for name in answer.get("names") or ())
        yield "columns", ", ".join(map(printable, answer.get("columns") or ()))
        yield "reference", answer["root"]

    def origin(self) -> None:
        """Print what made it and what it came from."""
        made_by = self.answer.get("made_by")
        if made_by is not None:
            self.terminal.heading("Made by")
            job = self.names.job(made_by["job"]["namespace"], made_by["job"]["name"])
            self._rows([(job, f"run {printable(made_by['id'])}", made_by["state"].lower())])
        self.things("From", self.answer.get("from") or ())
        revises = self.answer.get("revises")
        if revises:
            self.terminal.heading("State before")
            self._rows([(self._label(revises["ref"]), f"carries {revises['carries']}")])

    def things(self, title: str, items: Sequence[Any]) -> None:
        """Print a list of references, given bare or with what is said about the link."""
        if not items:
            return
        self.terminal.heading(title)
        self._rows([self._thing(item) for item in items])

    def versions(self) -> None:
        """Print the versions of an artifact."""
        versions = self.answer.get("versions") or ()
        if not versions:
            return
        self.terminal.heading("Versions")
        self._rows(
            [
                (
                    version_label(
                        {"origin": _origin_of(version["ref"]), **version, "digest": None}
                    ),
                    _when(version.get("time")),
                    short_digest(version["digest"]) if version.get("digest") else "",
                    self._label(version["run"]) if version.get("run") else "",
                )
                for version in versions
            ]
        )

    def facets(self) -> None:
        """Print the facets that hold now."""
        facets = self.answer.get("facets") or {}
        if not facets:
            return
        self.terminal.heading("Facets")
        self._rows(
            [(printable(name), _value(value)) for name, value in sorted(facets.items())],
            styles=(("cyan",),),
        )

    def history(self) -> None:
        """Print every statement about every facet."""
        self.terminal.heading("History of facets")
        rows = [
            (
                printable(s["facet"]),
                _when(s["time"]),
                f"entry {s['entry']}",
                short_digest(s["digest"]),
            )
            for s in self.answer.get("history") or ()
        ]
        self.terminal.print(*table(rows or [("nothing was stated",)], self.terminal))

    def proofs(self, *, in_full: bool) -> None:
        """Print the ledger entries that it rests on."""
        proofs = self.answer.get("proofs") or ()
        if in_full:
            self.terminal.heading("Proofs")
            rows = [
                (
                    f"entry {p['entry']}",
                    printable(p["kind"]),
                    _when(p["at"]),
                    printable(p["leaf_hash"]),
                )
                for p in proofs
            ]
            self.terminal.print(*table(rows, self.terminal))
            return
        size = self.answer["head"]["size"]
        count = f"{len(proofs):,} {'ledger entry' if len(proofs) == 1 else 'ledger entries'}"
        rests = f"Rests on {count} (--proofs lists them). " if proofs else ""
        line = f"{rests}Known at ledger size {size:,}. Times are UTC."
        if not self.terminal.quiet:
            self.terminal.print("", self.terminal.style(line, "dim"))

    def _rows(
        self, rows: Sequence[Sequence[str]], styles: Sequence[tuple[str, ...]] = (("bold",),)
    ) -> None:
        shown = rows[:LISTED_MAX]
        self.terminal.print(*table(shown, self.terminal, styles=styles))
        if len(rows) > len(shown):
            more = self.terminal.glyphs.more
            self.terminal.print(f"  {more} {len(rows) - len(shown):,} more; --json lists all")

    def _thing(self, item: Any) -> tuple[str, ...]:
        if isinstance(item, str):
            return (self._label(item),)
        ref = item["ref"]
        words = [
            _WORDS.get(str(item.get(key)), printable(item.get(key)))
            for key in ("kind", "transformation", "exactness", "evidence", "state")
            if item.get(key) not in (None, "exact", "derived", "captured", "run", "version")
        ]
        return (self._label(ref), ", ".join(words), _when(item.get("time") or item.get("ended")))

    def _label(self, ref: str) -> str:
        return label_of(ref, self.nodes, self.names)


_WORDS = {"same_content": "same content", "revised": "earlier state", "COMPLETE": "complete"}


def _origin_of(ref: str) -> str:
    return "outside" if "@outside" in ref else "run"


def _when(iso: str | None) -> str:
    return readable(iso) if iso else ""


def _name(name: Mapping[str, str]) -> str:
    return printable(f"{name['namespace']}::{name['name']}")


def _value(value: Any) -> str:
    """Write a facet on one line, without the two keys that say only who formatted it."""
    if isinstance(value, Mapping):
        said = {key: value[key] for key in value if key not in ("_producer", "_schemaURL")}
        text = ", ".join(f"{key}: {_compact(item)}" for key, item in said.items())
    else:
        text = _compact(value)
    return cut_middle(printable(text), VALUE_SHOWN_CHARS, "...")


def _compact(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
