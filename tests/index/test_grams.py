"""What is said to be in a text is in it, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.index import grams
from headwater.index.grams import BEGIN, END, Grams, Texts, TooLong, compile_texts, encode
from headwater.store.sections import Held
from tests.graph.test_laws import laws

FEW_LETTERS = st.text(st.sampled_from("aab./é日\U0001f40b\ud800"), max_size=12)
LISTS = st.lists(FEW_LETTERS | st.text(max_size=6), max_size=30)
Look = Callable[[list[str]], Texts]


def read_through(texts: list[str]) -> Texts:
    """Texts without a way in."""
    return Texts(Held(b"", compile_texts("t", texts, grams=False)), "t")


def by_grams(texts: list[str]) -> Texts:
    """Texts with a way in by every three bytes."""
    return Grams(Held(b"", compile_texts("t", texts)), "t")


@pytest.mark.parametrize("look", [read_through, by_grams])
@pytest.mark.parametrize(("least", "share", "few"), [(1_024, 0.1, 2_048), (1_024, 0.1, 0),
                                                     (1, 0.0, 0), (2, 0.3, 0)])  # fmt: skip
@laws
@given(texts=LISTS, needle=FEW_LETTERS | st.text(max_size=4), data=st.data())
def test_a_needle_is_found_where_it_is(
    look: Look,
    least: int,
    share: float,
    few: int,
    texts: list[str],
    needle: str,
    data: st.DataObject,
) -> None:
    """In any text, at its beginning and at its end; with bits for what is frequent, and without."""
    inner: bool = data.draw(st.booleans())
    if texts and inner:
        text = data.draw(st.sampled_from(texts))
        first = data.draw(st.integers(0, len(text)))
        needle = text[first : first + data.draw(st.integers(1, 6))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "FREQUENT_MIN", least)
        patch.setattr(grams, "FREQUENT_SHARE", share)
        patch.setattr(grams, "FEW_PLACES", few)
        patch.setattr(grams, "SCAN_BYTES", 16)
        found = look(texts)
        word = encode(needle)
        assert said(found, word) == where(texts, lambda text: bool(needle) and needle in text)
        assert said(found, BEGIN + word) == where(texts, lambda text: text.startswith(needle))
        if needle:
            assert said(found, word + END) == where(texts, lambda text: text.endswith(needle))
        assert said(found, BEGIN + word + END) == where(texts, lambda text: text == needle)


def said(texts: Texts, needle: bytes) -> list[int]:
    """The numbers of the texts that have it; flags say the same where there are any."""
    numbers: list[int] = texts.numbers(needle).tolist()
    flags = texts.frequent(needle)
    assert flags is None or np.flatnonzero(flags).tolist() == numbers
    return numbers


def where(texts: list[str], holds: Callable[[str], bool]) -> list[int]:
    """The numbers of the texts of which that holds."""
    return [number for number, text in enumerate(texts) if holds(text)]


def test_what_is_in_many_texts_has_a_bit_for_each() -> None:
    """Whatever its length, and where it ends the text too."""
    found = by_grams([f"lake.orders_{number}.csv" for number in range(2_000)])
    assert isinstance(found, Grams)
    assert {b"a", b"orders_", b"csv\xff", b"\xfelake"} <= set(found._frequent)
    assert not any(END in gram[:-1] for gram in found._frequent)
    assert len(found.numbers(b"orders_")) == 2_000
    assert len(found.numbers(b"orders_1")) == 1_111


def test_texts_beyond_what_a_table_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three bytes around each text count."""
    monkeypatch.setattr(grams, "TEXTS_BYTES_MAX", 10)
    assert len(by_grams(["ab", "cd"])) == 2
    with pytest.raises(TooLong):
        by_grams(["ab", "cde"])


def test_texts_that_share_most_are_near() -> None:
    """Those with more bytes in common come first, then those of like length; no more than told."""
    texts = ["orders", "shop.orders", "orders_of_last_year", "customers", "x"]
    found = by_grams(texts)
    assert isinstance(found, Grams)

    def near(text: str, most: int = 9) -> list[str]:
        return [texts[number] for number in found.near(BEGIN + encode(text) + END, most)]

    assert near("ordersx")[:2] == ["orders", "orders_of_last_year"]
    assert near("orders", 1) == ["orders"]
    assert near("zzz") == []
    assert near("x") == ["x"]


def test_what_leads_to_too_many_places_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the three bytes that are asked for, the rarest count, and one at least."""
    monkeypatch.setattr(grams, "NEAR_PLACES_MAX", 0)
    found = by_grams(["abcd", "abc", "abc"])
    assert isinstance(found, Grams)
    assert found.near(b"abcd", 9).tolist() == [0]
