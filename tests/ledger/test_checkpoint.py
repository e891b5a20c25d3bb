"""Heads of the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidNote
from headwater.ledger import checkpoint, note
from headwater.ledger.checkpoint import Checkpoint
from headwater.ledger.note import Signer

VECTORS = json.loads((Path(__file__).parent / "vectors" / "checkpoint.json").read_bytes())
ORIGIN = "headwater.local/000102030405060708090a0b0c0d0e0f"
SIGNER = Signer.generate(ORIGIN, bytes(range(32)))
HEAD = Checkpoint(ORIGIN, 7, bytes(range(32)))


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
def test_a_head_has_the_text_written_down(case: dict[str, Any]) -> None:
    """A head is written as the vector says and read back from it."""
    head = Checkpoint(case["origin"], case["size"], bytes.fromhex(case["root"]))

    assert checkpoint.format_checkpoint(head) == case["text"]
    assert checkpoint.parse_checkpoint(case["text"]) == head


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["name"])
def test_anything_but_the_one_form_is_refused(case: dict[str, str]) -> None:
    """Text that differs from the canonical form in the least is no head."""
    with pytest.raises(InvalidNote):
        checkpoint.parse_checkpoint(case["text"])


@given(
    st.from_regex(r"[^\x00-\x1f\ud800-\udfff]{1,20}", fullmatch=True),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
@settings(max_examples=50, deadline=None)
def test_a_head_survives_its_bytes(origin: str, size: int, root: bytes) -> None:
    """Any head that is signed opens as it was."""
    head = Checkpoint(origin, size, root)

    signed = checkpoint.sign_checkpoint(head, SIGNER)

    assert checkpoint.open_checkpoint(signed, [SIGNER.verifier]) == head


@pytest.mark.parametrize(
    "head",
    [
        HEAD._replace(origin=""),
        HEAD._replace(origin="a\nb"),
        HEAD._replace(size=-1),
        HEAD._replace(size=2**63),
        HEAD._replace(size=0),
        HEAD._replace(root=bytes(31)),
        HEAD._replace(root=b""),
    ],
)
def test_what_is_no_head_is_not_signed(head: Checkpoint) -> None:
    """What could not be read back is never signed."""
    with pytest.raises(InvalidNote):
        checkpoint.sign_checkpoint(head, SIGNER)


def test_a_head_is_signed_under_its_origin() -> None:
    """The text comes first, then one signature line of the ledger's key."""
    signed = checkpoint.sign_checkpoint(HEAD, SIGNER).decode()

    assert signed.startswith(
        f"{ORIGIN}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {ORIGIN} "
    )


def test_a_head_of_a_foreign_key_is_refused() -> None:
    """A key of the same name that is not known does not make a head."""
    foreign = Signer.generate(ORIGIN, bytes(32))

    with pytest.raises(InvalidNote, match="no known key"):
        checkpoint.open_checkpoint(checkpoint.sign_checkpoint(HEAD, foreign), [SIGNER.verifier])


def test_a_signed_text_that_is_no_head_is_refused() -> None:
    """A good signature does not make a head of another text."""
    with pytest.raises(InvalidNote, match="no origin, size and root"):
        checkpoint.open_checkpoint(note.sign_note("hello\n", [SIGNER]), [SIGNER.verifier])
