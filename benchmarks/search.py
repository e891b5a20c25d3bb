"""Search over a million names, each with an owner, a tag and a description.

What is asked for is rare, common (in a fifth of all names), one character, part of a word, an
owner, a tag, nothing: how many there are, and the first twenty. Beside it SQLite's FTS5 with
trigrams: how many there are and the first twenty as they come, and the first twenty by its own
rank; it needs three characters. Then a reader who sees a quarter of the namespaces, a page deep
inside, and a cold shell; and the scan of everything that is the definition, once.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import _catalogue
import _measuring

from headwater.query import lookup
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.query.scanning import scan
from headwater.store import Store

ROUNDS = 15
COLD_ROUNDS = 5
HITS = 20
DEEP = 100_000
GRAM_CHARS = 3
GOAL = "≤ 10 ms"
COLD_GOAL = "≤ 300 ms"
ASKED = {
    "rare": "0734561",
    "common": _catalogue.COMMON,
    "one character": "e",
    "two characters": "or",
    "part of a common word": "rder",
    "with separators": "/orders/",
    "an owner": "team-042",
    "every tag": "about=",
    "in every description": " of ",
    "beginning of every run's id": "0193a1b2",
    "nothing": "no such thing",
}
Case = Callable[[], object]


def main() -> None:
    """Measure and report."""
    with _catalogue.kept() as store:
        gateway = Gateway(store)
        print("  reading the index and the table; made first where they are missing")
        total = {what: gateway.search(text)["total"] for what, text in ASKED.items()}
        guest = Gateway(store, Principal("guest", ("s3:*",)))
        database = _fts5()
        cases = {
            **dict(_ours(gateway, guest)),
            **dict(_theirs(database)),
        }
        samples = _measuring.alternate(cases, rounds=ROUNDS)
        figures = [
            _measuring.Figure(what, taken, goal=GOAL if "Headwater" in what else None)
            for what, taken in samples.items()
        ]
        figures += _cold(store)
        figures += _scanned(gateway)
        size = (store.location / "cache" / lookup.NAME).stat().st_size
        names = _catalogue.NAMES
    facts = {f"hits, {what}": count for what, count in total.items()}
    _measuring.report(
        "search", figures, packages=("numpy",), names=names,
        bytes_of_the_table_a_name=round(size / names), **facts,
    )  # fmt: skip


def _ours(gateway: Gateway, guest: Gateway) -> Iterator[tuple[str, Case]]:
    for what, text in ASKED.items():
        yield f"{what}: Headwater", partial(gateway.search, text)
    common = _catalogue.COMMON
    yield "common, masked: Headwater", partial(guest.search, common)
    yield "common, of a kind: Headwater", partial(gateway.search, common, kind="dataset")
    yield (
        f"common, after {DEEP:,} hits: Headwater",
        partial(gateway.search, common, start=DEEP),
    )


def _theirs(database: sqlite3.Connection) -> Iterator[tuple[str, Case]]:
    count = "SELECT count(*) FROM things WHERE things MATCH ?"
    first = "SELECT rowid FROM things WHERE things MATCH ? LIMIT 20"
    ranked = "SELECT rowid FROM things WHERE things MATCH ? ORDER BY rank LIMIT 20"

    def ask(*queries: str, text: str) -> None:
        phrase = '"' + text + '"'
        for query in queries:
            database.execute(query, (phrase,)).fetchall()

    for what, text in ASKED.items():
        if len(text) >= GRAM_CHARS and what != "beginning of every run's id":
            yield f"{what}: FTS5, as they come", partial(ask, count, first, text=text)
    for what in ("rare", "common"):
        yield f"{what}: FTS5, by rank", partial(ask, ranked, text=ASKED[what])


def _fts5() -> sqlite3.Connection:
    """The same texts in FTS5's own table of trigrams."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE things USING fts5(name, owner, tag, description,"
        " content='', tokenize='trigram')"
    )
    rows = (
        (f"{entry.namespace}/{entry.name}", entry.owner, f"about={entry.tag}", entry.description)
        for entry in _catalogue.entries()
    )
    database.executemany(
        "INSERT INTO things (name, owner, tag, description) VALUES (?, ?, ?, ?)", rows
    )
    database.commit()
    return database


def _cold(store: Store) -> list[_measuring.Figure]:
    """A new process each time; the pages of the files are warm."""
    command = Path(sys.executable).parent / "headwater"

    def ask(text: str) -> None:
        subprocess.run(
            [command, "search", text, "--store", store.location], check=True, capture_output=True
        )

    cases = {
        f"{what}, headwater search from a cold shell": partial(ask, ASKED[what])
        for what in ("rare", "common")
    }
    samples = _measuring.alternate(cases, rounds=COLD_ROUNDS)
    return [_measuring.Figure(what, taken, goal=COLD_GOAL) for what, taken in samples.items()]


def _scanned(gateway: Gateway) -> list[_measuring.Figure]:
    """Everything looked at: it takes so long that once must do."""
    snapshot = gateway.catalogue().snapshot
    act = partial(scan, snapshot, _catalogue.COMMON, None)
    taken = _measuring.alternate({"scan": act}, rounds=1, warm=0)["scan"]
    return [_measuring.Figure("common: scan of everything", taken)]


if __name__ == "__main__":
    main()
