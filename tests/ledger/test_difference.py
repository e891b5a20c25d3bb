"""Telling differences apart."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.ledger.difference import Difference, Mismatch, tell_apart


def named(found: str, committed: str, *, whole: bool = True) -> set[tuple[str, int | None]]:
    """What is said when these leaves are found (one letter each, `.` for none) for those."""
    pairs = [
        (None if one == "." else one.encode(), None if other == "." else other.encode())
        for one, other in zip(found, committed, strict=True)
    ]
    mismatches = {i: Mismatch(*pair) for i, pair in enumerate(pairs) if pair[0] != pair[1]}
    return {(d.kind, d.index) for d in tell_apart(mismatches, whole=whole)}


def test_nothing_is_said_about_nothing() -> None:
    """Without a mismatch there is no difference, cut short or not."""
    assert named("abc", "abc") == set()
    assert named("", "", whole=False) == set()


def test_a_foreign_leaf_in_a_place_is_a_change() -> None:
    """A leaf found nowhere in place of one found nowhere else was changed."""
    assert named("abXd", "abcd") == {("changed", 2)}


def test_a_place_without_a_leaf_is_missing_it() -> None:
    """A committed leaf with nothing in its place is missing."""
    assert named("ab.d", "abcd") == {("missing", 2)}


def test_a_leaf_beyond_what_was_committed_was_inserted() -> None:
    """A leaf in a place where nothing was committed was inserted."""
    assert named("abcdX", "abcd.") == {("inserted", 4)}


def test_two_leaves_that_changed_places_are_both_named() -> None:
    """A swap is two reordered entries, however far apart."""
    assert named("ebcda", "abcde") == {("reordered", 0), ("reordered", 4)}


def test_a_rotation_names_each_leaf_in_it() -> None:
    """Leaves that went round in a ring are each reordered."""
    assert named("acdb", "abcd") == {("reordered", 1), ("reordered", 2), ("reordered", 3)}


def test_a_leaf_put_in_between_is_the_only_one_named() -> None:
    """What was moved along by an insertion is not named."""
    assert named("abXcde", "abcde.") == {("inserted", 2)}


def test_a_leaf_taken_out_is_the_only_one_named() -> None:
    """What was moved along by a removal is not named."""
    assert named("abde.", "abcde") == {("missing", 2)}


def test_one_put_in_and_one_taken_out_are_both_named() -> None:
    """A chain between an insertion and a removal says both."""
    assert named("Xabce", "abcde") == {("inserted", 0), ("missing", 3)}


def test_a_leaf_copied_over_others_is_placed_once() -> None:
    """A leaf has one place: its copies are leaves that were never committed where they stand."""
    assert named("ccc", "abc") == {("changed", 0), ("changed", 1)}
    assert named("ccb", "abc") == {("missing", 0), ("inserted", 1)}


def test_no_end_is_seen_where_more_follows() -> None:
    """A chain that ends at the last mismatch given says nothing about that end."""
    assert named("aXbcd", "abcde", whole=False) == {("inserted", 1)}
    assert named("acdef", "abcde", whole=False) == {("missing", 1)}
    assert named("abcdX", "abcde", whole=False) == {("changed", 4)}


@given(st.permutations("abcdefgh"))
@settings(max_examples=50)
def test_a_permutation_is_only_reordered(found: list[str]) -> None:
    """However leaves are shuffled, exactly those out of place are named, as reordered."""
    committed = "abcdefgh"
    moved = {("reordered", i) for i in range(8) if found[i] != committed[i]}

    assert named("".join(found), committed) == moved


@given(st.text("abcdXY.", min_size=6, max_size=6))
@settings(max_examples=100)
def test_something_is_said_whenever_something_differs(found: str) -> None:
    """No combination of changes goes unnoticed."""
    assert bool(named(found, "abcde.")) == (found != "abcde.")


def test_a_difference_reads_as_a_line() -> None:
    """In text a difference names its entry, or the head."""
    assert str(Difference("changed", 3, "why")) == "entry 3 changed: why"
    assert str(Difference("forked", None, "why")) == "head forked: why"
