"""A large store is searched by a table, and finds what a scan of everything finds."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.graph.adjacency import Adjacency
from headwater.index import grams, keeping, opening
from headwater.ingest import admit, admit_label
from headwater.query import lookup, searching
from headwater.query.gateway import Gateway
from headwater.query.principal import LOCAL, Principal
from headwater.query.scanning import last_segment
from headwater.store import Store, open_store
from tests.graph.histories import histories
from tests.query.conftest import Ask
from tests.query.telling import PRODUCER, complete, dataset

READERS = (LOCAL, Principal("guest", ("d*",)), Principal("nobody", ()))
ORDERS = "artifact:db/shop.orders"

PIECES = st.sampled_from(
    ["a", "e", "ab", "É", "ß", "Σ", "İ", "日本", ".", "/", "_", "orders", "2026"]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=4).map("".join)
NAMESPACES = st.sampled_from(["db", "d/a", "lake", "É", "aΣ"])
KINDS = st.sampled_from(["table", "model", None])
DIGESTS = st.sampled_from(["ab" * 32, "2026" * 16, "cafe" * 16])


@st.composite
def datasets(draw: st.DrawFn) -> dict[str, Any]:
    """A dataset with some of what can be searched."""
    facets: dict[str, Any] = {}
    if draw(st.booleans()):
        facets["ownership"] = {"owners": [{"name": draw(TEXTS)}]}
    if draw(st.booleans()):
        facets["tags"] = {"tags": [{"key": draw(TEXTS), "value": draw(TEXTS)}]}
    if draw(st.booleans()):
        facets["documentation"] = {"description": draw(TEXTS)}
    if draw(st.booleans()):
        facets["headwater_digest"] = {"algorithm": "sha256", "value": draw(DIGESTS)}
    if kind := draw(KINDS):
        facets["datasetType"] = {"datasetType": kind}
    return dataset(draw(TEXTS), namespace=draw(NAMESPACES), **facets)


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """A run that reads and writes some of them."""
    some = st.lists(datasets(), max_size=3)
    number, minute = draw(st.integers(0, 5)), draw(st.integers(0, 59))
    return complete(number, f"01:{minute:02}", draw(TEXTS), draw(some), draw(some))


CATALOGUES = st.lists(runs(), min_size=1, max_size=5) | histories(most=6)
LABELS = st.lists(
    st.tuples(st.integers(0, 10), st.sampled_from(["tag", "domain"]), TEXTS | st.just("")),
    max_size=4,
)


@pytest.fixture
def numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Iterator[Path]]:
    """Places for stores, one for each example."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(grams, "FREQUENT_MIN", 2)
    yield (tmp_path / str(number) for number in range(10_000))


NEEDLES = st.lists(TEXTS | PIECES | st.text(min_size=1, max_size=2), min_size=4, max_size=8)
slowly = settings(
    max_examples=int(os.environ.get("HEADWATER_EXAMPLES", "300")) // 10,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@slowly
@given(
    events=CATALOGUES,
    labels=LABELS,
    wanted=NEEDLES,
    kind=st.sampled_from([None, None, "Table", "job", "run", "dataset", "nothing"]),
    start=st.integers(0, 3),
    limit=st.integers(1, 5),
)
def test_a_table_finds_what_a_scan_finds(
    numbered: Iterator[Path],
    events: list[dict[str, Any]],
    labels: list[tuple[int, str, str]],
    wanted: list[str],
    kind: str | None,
    start: int,
    limit: int,
) -> None:
    """The same hits, in the same order, as many in all; for every reader, kind and page."""
    place = next(numbered)
    tell(place, events, labels)
    with open_store(place) as store:
        names = [artifact.name for artifact in Gateway(store)._snapshot(None).artifacts]
        for reader in READERS:
            for text in (
                *wanted,
                *names[:3],
                *map(last_segment, names[:3]),
                "ab",
                "a/",
                "/a",
                "=1",
            ):
                for first, most in ((0, 1_000), (start, limit)):
                    asked = {"text": text, "kind": kind, "start": first, "limit": most}
                    if text.strip():
                        assert_as_scanned(store, reader, asked)


def tell(place: Path, events: list[dict[str, Any]], labels: list[tuple[int, str, str]]) -> None:
    """Admit events, and labels of what is known then."""
    with open_store(place, mode="write", create=True) as store:
        admit(store, [json.dumps({"producer": PRODUCER, **event}).encode() for event in events])
        subjects = _subjects(Gateway(store))
        for number, key, value in labels:
            admit_label(store, subjects[number % len(subjects)], key=key, value=value)


def assert_as_scanned(store: Store, reader: Principal, asked: dict[str, Any]) -> None:
    """Ask the table, with no scan to fall back to, and the graph."""
    said = []
    for least in (1, 1_000_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "INDEXED_ENTRIES_MIN", least)
            if least == 1:
                patch.setattr(searching, "scan", refuse)
            said.append(Gateway(store, reader).search(**asked))
    assert said[0] == said[1]


def refuse(*_: object) -> None:
    """Stand in for a scan where there must be none."""
    raise AssertionError


def _subjects(gateway: Gateway) -> list[str]:
    lineage = gateway._snapshot(None).lineage
    versions = [str(node.version) for node in lineage.versions()]
    runs_ = [str(node.run) for node in lineage.runs()]
    every = [*map(str, lineage.artifacts()), *versions, *runs_, *map(str, lineage.jobs())]
    return sorted(every) or [ORDERS]


@slowly
@given(steps=st.lists(st.tuples(CATALOGUES, LABELS), min_size=2, max_size=3), wanted=NEEDLES)
def test_a_table_and_what_came_after_it_find_what_a_scan_finds(
    numbered: Iterator[Path],
    steps: list[tuple[list[dict[str, Any]], list[tuple[int, str, str]]]],
    wanted: list[str],
) -> None:
    """The table of an earlier head stays; what may have changed since is looked through."""
    place = next(numbered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
        patch.setattr(keeping, "NEW_SHARE", 1)
        tables = set()
        for events, labels in steps:
            tell(place, events, labels)
            with open_store(place) as store:
                names = [artifact.name for artifact in Gateway(store)._snapshot(None).artifacts]
                for reader in READERS[:2]:
                    for text in (*wanted, *names[:3], *map(last_segment, names[:3]), "ab", "e"):
                        for first, most in ((0, 1_000), (1, 2)):
                            asked = {"text": text, "start": first, "limit": most}
                            if text.strip():
                                assert_as_scanned(store, reader, asked)
            tables.add((place / "cache" / lookup.NAME).stat().st_mtime_ns)
        assert len(tables) == 1


@pytest.fixture
def tabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small, a store is searched by its table."""
    monkeypatch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)


def catalogue() -> list[dict[str, Any]]:
    """Some tables, one of them tagged."""
    tagged = dataset("shop.orders", tags={"tags": [{"key": "tier", "value": "gold"}]})
    return [
        complete(1, "01:00", "extract", [tagged], ["staging.orders"]),
        complete(2, "02:00", "build", ["staging.orders"], ["mart.orders"]),
    ]


def found(gateway: Gateway, text: str, **asked: Any) -> list[str]:
    """The names of what is found."""
    return [hit["name"] for hit in gateway.search(text, **asked)["hits"]]


@pytest.mark.usefixtures("tabled")
def test_the_table_is_made_once_for_a_head(ask: Ask) -> None:
    """And says how far it is while it is made."""
    gateway = ask(catalogue())
    told: list[tuple[int, int]] = []
    assert found(gateway, "gold", progress=lambda done, of: told.append((done, of))) == [
        "shop.orders"
    ]
    assert told[-1] == (7, 7)
    told.clear()
    with open_store(gateway._store.location) as store:
        again = Gateway(store)
        assert found(again, "orders") == found(gateway, "orders")
    assert told == []


@pytest.mark.usefixtures("tabled")
@pytest.mark.parametrize("harm", ["deleted", "damaged", "of another head"])
def test_a_table_that_cannot_be_used_is_made_again(ask: Ask, harm: str) -> None:
    """It is a cache: answers do not depend on it."""
    gateway = ask(catalogue())
    before = gateway.search("orders")
    root = gateway._store.location
    path = root / "cache" / lookup.NAME
    if harm == "deleted":
        path.unlink()
    elif harm == "damaged":
        path.write_bytes(path.read_bytes()[:-40] + b"x" * 40)
    else:
        with open_store(root, mode="write") as store:
            events = [complete(3, "03:00", "late", ["mart.orders"], ["late.orders"])]
            admit(store, [json.dumps({"producer": PRODUCER, **event}).encode() for event in events])
    opening._kept._found.clear()
    with open_store(root) as store:
        after = Gateway(store).search("orders")
    if harm == "of another head":
        assert [hit["name"] for hit in after["hits"]][:2] == ["late.orders", "mart.orders"]
        assert after["total"] == before["total"] + 1
    else:
        assert after == before
    assert path.exists()


@pytest.mark.usefixtures("tabled")
def test_an_earlier_state_is_searched_as_it_was(ask: Ask) -> None:
    """By looking at everything: the table is of the head."""
    gateway = ask(catalogue())
    assert found(gateway, "orders", at="1") == ["shop.orders", "staging.orders"]
    assert isinstance(gateway._snapshot("1").lineage, Adjacency)
    assert found(gateway, "orders") == ["mart.orders", "shop.orders", "staging.orders"]


@pytest.mark.usefixtures("tabled")
def test_what_was_erased_is_not_found_any_more(ask: Ask) -> None:
    """Bytes that are gone since the table was made make it doubtful: everything is looked at."""
    gateway = ask(catalogue())
    assert found(gateway, "gold") == ["shop.orders"]
    with sqlite3.connect(gateway._store.location / "ledger.db") as database:
        database.execute("UPDATE parts SET body = NULL, salt = NULL WHERE entry = 0")
    assert found(gateway, "gold") == []


@pytest.mark.usefixtures("tabled")
def test_a_store_that_cannot_keep_a_table_is_searched_all_the_same(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From memory; and where texts are more than a table can hold, by a scan."""
    gateway = ask(catalogue())
    expected = gateway.search("orders")
    (gateway._store.location / "cache" / lookup.NAME).unlink()
    monkeypatch.setattr(type(gateway._store), "save_sections", lambda *_: False)
    for bytes_max in (1 << 31, 1):
        monkeypatch.setattr(grams, "TEXTS_BYTES_MAX", bytes_max)
        lookup._tables.clear()
        assert gateway.search("orders") == expected


def test_a_namespace_and_a_name_are_in_lower_case_what_both_together_are() -> None:
    """The slash between them keeps what stands before from what stands after."""
    names = ["Σ", "aΣ", "Σa", "İ", "'Σ'", "aΣ.", "ΑΣ", "ǅ"]
    for namespace in names:
        for name in names:
            assert f"{namespace}/{name}".lower() == f"{namespace.lower()}/{name.lower()}"
