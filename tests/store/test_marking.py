"""Marks: equal bytes have one, and what comes together lies together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.ingest import admit
from headwater.store import Writer, rows
from headwater.store.marking import mark, second_of
from tests.store.making import event, events

SECRET = b"s" * 32


@given(st.binary(), st.binary())
def test_equal_bytes(one: bytes, other: bytes) -> None:
    """Marks are equal exactly when the bytes are."""
    assert (mark(SECRET, one) == mark(SECRET, other)) == (one == other)


def test_another_store() -> None:
    """A mark says nothing to somebody without the store's secret."""
    assert mark(SECRET, event(1)).mac != mark(b"t" * 32, event(1)).mac


@pytest.mark.parametrize(
    ("body", "second"),
    [
        (b'{"eventTime":"2026-09-01T10:00:07Z"}', 20260901100007),
        (b'{"eventTime" :\n "2026-09-01 10:00:07.5+02:00"}', 20260901100007),
        (b'{"eventTime":"2026-09-01t10:00Z"}', 20260901100000),
        (b'[{"eventTime":"1999-01-01T00:00:00Z"},{"eventTime":"2026-09"}]', 19990101000000),
        (b'{"eventTime":"9999-99-99T99:99:99Z"}', 99999999999999),
        (b'{"eventTime":"yesterday"}', 0),
        (b"{}", 0),
        (b"", 0),
        (None, 0),
    ],
)  # fmt: skip
def test_second(body: bytes | None, second: int) -> None:
    """The second is that of the first event time in the bytes, whatever it means; else 0."""
    assert second_of(body) == second


def test_neighbours(store: Writer) -> None:
    """Marks of events that follow one another lie in their order, whatever their digests."""
    admit(store, events(60))
    found = store._connection.execute("SELECT entry FROM receipts ORDER BY second, mac").fetchall()
    assert [entry for (entry,) in found] == list(range(60))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 511, 512, 700])
def test_rows_at_once(store: Writer, count: int) -> None:
    """However many rows are put in and asked for at once, each is there once."""
    store._connection.execute("CREATE TABLE made (a, b)")
    rows.insert(store._connection, "made", [(number, str(number)) for number in range(count)])
    found = store._connection.execute("SELECT a, b FROM made ORDER BY a").fetchall()
    assert found == [(number, str(number)) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17])
def test_repeats_among_new_ones(store: Writer, count: int) -> None:
    """Among many events asked about at once exactly the repeats are found, with their entries."""
    admit(store, events(count))
    marks = [store.mark(body) for body in events(2 * count)]
    found = store.earlier(marks)
    assert [found[one].entry for one in marks[:count]] == list(range(count))
    assert len(found) == count
