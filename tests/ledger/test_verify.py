"""Checking entries: leaves, their order, their time, their parts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidProof, NotFound
from headwater.ledger import proof, verify
from headwater.ledger.verify import Difference, StoredPart, TreeCheck
from tests.ledger.held import ORIGIN, SIZE, Held, named


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, SIZE])
def test_an_untouched_store_has_no_difference(size: int) -> None:
    """Nothing is said about what is as it was committed, and the root is that of the tree."""
    held = Held(size)
    check = held.check()

    assert list(held.run(check)) == []
    assert check.root() == proof.root_at(size, lambda *place: held.nodes[place])


@given(st.integers(0, SIZE))
@settings(max_examples=21, deadline=None)
def test_a_check_may_begin_anywhere(begin: int) -> None:
    """Beginning later takes what stands before from the stored nodes."""
    held = Held()
    check = held.check(begin)

    assert list(held.run(check, begin)) == []
    assert check.root() == held.check(SIZE).root()


def test_a_beginning_without_its_nodes_is_an_error() -> None:
    """A check cannot begin where the nodes before it are gone."""
    held = Held()
    del held.nodes[2, 0]

    with pytest.raises(InvalidProof, match="lacks node 0 of level 2"):
        held.check(5)


def test_hashes_may_be_asked_for() -> None:
    """Without a hash beside the leaf, the stored tree is asked for it."""
    held = Held()
    held.write(5, body=b"changed")
    check = held.check()

    found = [d for i in range(SIZE) for d in check.entry(i, held.leaves[i])]

    assert found == []
    assert named(list(check.finish())) == [("changed", 5)]


@pytest.mark.parametrize("index", [0, 1, 12, SIZE - 1])
def test_a_changed_leaf_is_named(index: int) -> None:
    """A leaf without the hash that was committed is changed, and named once."""
    held = Held()
    held.write(index, body=b"changed")

    assert named(held.differences()) == [("changed", index)]


def test_a_node_reader_may_raise_what_it_does_not_find() -> None:
    """A node that is not found is missing, whichever way that is said."""
    held = Held()

    def node(level: int, index: int) -> bytes:
        if (level, index) == (1, 2):
            raise NotFound("no such node")
        return held.nodes[level, index]

    assert named(list(held.run(TreeCheck(ORIGIN, SIZE, node=node)))) == [("missing", 4)]


def test_a_missing_leaf_is_named() -> None:
    """Entries that are not there are named, in the middle and at the end."""
    held = Held()
    for index in (3, 8, 9, SIZE - 1):
        del held.leaves[index]

    assert named(held.differences()) == [("missing", i) for i in (3, 8, 9, SIZE - 1)]


def test_entries_missing_with_their_hashes_are_one_difference() -> None:
    """Where nothing says what stood there, the range is named and the tree followed no further."""
    held = Held()
    for index in (3, 4, 5):
        del held.leaves[index], held.nodes[0, index]
    check = held.check()

    found = list(held.run(check))

    assert named(found) == [("missing", 3)]
    assert found[0].detail == "entries up to 5, leaf and hash"
    assert check.root() is None


def test_one_entry_missing_with_its_hash_is_named() -> None:
    """A single entry that is gone with its hash is called so."""
    held = Held()
    del held.leaves[4], held.nodes[0, 4]

    assert held.differences() == [Difference("missing", 4, "the entry, leaf and hash")]


def test_a_size_that_was_raised_is_noticed_at_once() -> None:
    """A ledger that says it has a quadrillion entries is not walked to its end."""
    held = Held()
    held.size = 10**15

    assert named(held.differences()) == [("missing", SIZE)]


def test_an_entry_beyond_the_size_was_inserted() -> None:
    """What stands after the ledger's end does not belong to it."""
    held = Held()
    held.write(SIZE + 3)

    assert named(held.differences()) == [("inserted", SIZE + 3)]


def test_an_entry_appended_with_the_size_was_inserted() -> None:
    """A leaf that the tree was never built over was inserted, even if the size was raised."""
    held = Held()
    held.write(SIZE)
    held.size = SIZE + 1

    assert ("inserted", SIZE) in named(held.differences())


def test_an_entry_put_in_between_is_named() -> None:
    """An entry put in the middle, with all later ones moved along, is the one that is named."""
    held = Held()
    for index in range(SIZE, 6, -1):
        held.leaves[index], held.parts[index] = held.leaves[index - 1], held.parts[index - 1]
    held.write(6, body=b"put in")

    assert named(held.differences()) == [("inserted", 6)]


def test_an_entry_taken_out_is_named() -> None:
    """An entry taken out, with all later ones moved up, is the one that is named."""
    held = Held()
    for index in range(6, SIZE - 1):
        held.leaves[index], held.parts[index] = held.leaves[index + 1], held.parts[index + 1]
    del held.leaves[SIZE - 1]

    assert named(held.differences()) == [("missing", 6)]


def test_swapped_entries_are_named() -> None:
    """Two entries that changed places, parts and all, are both reordered, and say whose."""
    held = Held()
    held.leaves[4], held.leaves[9] = held.leaves[9], held.leaves[4]
    held.parts[4], held.parts[9] = held.parts[9], held.parts[4]

    found = held.differences()

    assert named(found) == [("reordered", 4), ("reordered", 9)]
    assert "committed as 9" in found[0].detail


def test_an_entry_given_twice_or_late_is_named() -> None:
    """Entries come in order; one that stands out of it was inserted."""
    held = Held()
    check = held.check()
    check.entry(0, held.leaves[0])
    check.entry(1, held.leaves[1])

    assert named(list(check.entry(0, held.leaves[0]))) == [("inserted", 0)]


def test_time_that_steps_back_is_named() -> None:
    """A leaf whose time is before that of the one before it is reordered."""
    held = Held()
    held.write(5, at=3_999_000)
    held.rebuild()

    found = held.differences()

    assert named(found) == [("reordered", 5)]
    assert "1970-01-01T00:00:03.999Z is before" in found[0].detail


def test_equal_times_are_in_order() -> None:
    """Time does not decrease, and it need not increase."""
    held = Held()
    held.write(5, at=4_000_000)
    held.rebuild()

    assert held.differences() == []


def test_a_committed_leaf_that_is_none_is_named() -> None:
    """Bytes that are no leaf are a difference even if the tree was built over them."""
    held = Held()
    held.leaves[5] = b"{}"
    held.rebuild()

    assert named(held.differences()) == [("changed", 5)]


PARTS: list[tuple[Callable[[list[StoredPart]], list[StoredPart]], list[str]]] = [
    (lambda parts: [(b"\xff" * 16, parts[0][1]), parts[1]], ["changed"]),
    (lambda parts: [(parts[0][0], b"Body"), parts[1]], ["changed"]),
    (lambda parts: [(b"short", parts[0][1]), parts[1]], ["changed"]),
    (lambda parts: [parts[1], parts[0]], ["changed", "changed"]),
    (lambda parts: [(None, parts[0][1]), parts[1]], ["missing"]),
    (lambda parts: [(parts[0][0], None), parts[1]], ["missing"]),
    (lambda parts: parts[:1], ["missing"]),
    (lambda parts: [*parts, verify.ERASED], ["inserted"]),
    (lambda parts: [verify.ERASED, verify.ERASED], []),
]


@pytest.mark.parametrize(("change", "kinds"), PARTS)
def test_parts_are_what_the_leaf_commits_to(
    change: Callable[[list[StoredPart]], list[StoredPart]], kinds: list[str]
) -> None:
    """A part must be what was committed to, or erased with its salt; the entry is named."""
    held = Held()
    held.parts[7] = change(held.parts[7])

    assert named(held.differences()) == [(kind, 7) for kind in kinds]


def test_a_part_is_named_by_its_place() -> None:
    """The difference says which part it is."""
    held = Held()
    held.parts[7][1] = (held.parts[7][1][0], b"other")

    assert held.differences()[0].detail == "part 1 is not what the leaf commits to"


def test_parts_may_be_left_unchecked() -> None:
    """Without parts only leaf and tree are looked at."""
    held = Held()
    held.parts.clear()

    assert held.differences() == []
