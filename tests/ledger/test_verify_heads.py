"""Checking heads, those stored and the one kept outside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.ledger import note
from headwater.ledger.note import Signer
from tests.ledger.held import ORIGIN, SIGNER, SIZE, Held, named


@given(st.integers(0, SIZE))
@settings(max_examples=22, deadline=None)
def test_the_heads_of_the_ledger_hold(size: int) -> None:
    """Every head that was signed on the way is that of the stored tree."""
    held = Held()

    assert held.check().head(held.head(size), size=size) == ()
    assert held.check().kept_head(held.head(size)) == ()


def test_a_ledger_behind_a_head_was_rolled_back() -> None:
    """A head of more entries than there are shows a rollback."""
    assert named(list(Held(20).check().kept_head(Held(21).head()))) == [("rolled back", None)]


def test_a_ledger_with_another_root_was_forked() -> None:
    """A head of another root at its size shows a fork, though the store agrees with itself."""
    kept = Held().head(9)
    held = Held()
    held.write(8, body=b"another history")
    held.rebuild()
    check = held.check()

    assert list(held.run(check)) == []
    assert named(list(check.kept_head(kept))) == [("forked", None)]


def test_a_fork_is_told_beside_the_last_head_that_held() -> None:
    """Heads in order of size say between which two of them the histories part."""
    honest = Held()
    heads = {size: honest.head(size) for size in (7, 9)}
    held = Held()
    held.write(8, body=b"another history")
    held.rebuild()
    check = held.check()

    assert check.head(heads[7], size=7) == ()
    (fork,) = check.head(heads[9], size=9)
    assert fork.detail == (
        "the first 9 entries are not those of the signed head; "
        "the first 7 are those of an earlier one"
    )


@pytest.mark.parametrize("name", [ORIGIN, "other.example"])
def test_a_head_of_a_foreign_key_was_re_signed(name: str) -> None:
    """A head without a signature of the known key was signed by somebody else."""
    held = Held()
    foreign = Signer.generate(name, bytes(32))

    found = held.check().head(held.head(signer=foreign))

    assert named(list(found)) == [("re-signed", None)]
    assert name in found[0].detail


def test_a_head_of_another_ledger_was_re_signed() -> None:
    """The known key's signature under another origin is not this ledger's head."""
    held = Held()

    found = held.check().head(held.head(origin="headwater.local/11"))

    assert named(list(found)) == [("re-signed", None)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no note",
        Held().head().replace(b"\n21\n", b"\n20\n"),
        Held().head()[:-1],
        note.sign_note("no head\n", [SIGNER]),
    ],
)
def test_a_head_that_does_not_read_was_changed(data: bytes) -> None:
    """A head that is malformed, or whose known signature fails, was changed."""
    assert named(list(Held().check().head(data))) == [("changed", None)]


def test_a_head_kept_for_another_size_was_changed() -> None:
    """A head must be of the size it is kept for."""
    held = Held()

    assert named(list(held.check().head(held.head(9), size=10))) == [("changed", None)]


def test_a_head_over_missing_nodes_cannot_be_checked() -> None:
    """A head whose nodes are gone is reported, not passed."""
    held = Held()
    head = held.head()
    del held.nodes[4, 0]

    found = held.check().head(head)

    assert named(list(found)) == [("missing", None)]
    assert "lacks node 0 of level 4" in found[0].detail
