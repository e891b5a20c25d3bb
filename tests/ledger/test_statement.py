"""What a ledger states about an answer."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from headwater.errors import InvalidNote
from headwater.ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from headwater.ledger.note import Signer, open_note, sign_note
from headwater.ledger.statement import Statement, Withheld, format_statement, parse_statement

ROOT = bytes(range(32))
STATED = Statement(
    origin="headwater.local/x",
    size=5,
    root=ROOT,
    rules=1,
    query={"ask": "trace", "ref": "version:a/b@outside", "depth": None},
    answer="sha256:" + "0" * 64,
    entries=(0, 2, 4),
    withheld=(Withheld(2, 0, "hidden"),),
)
TEXT = (
    "headwater/statement/v1\n"
    '{"answer":"sha256:' + "0" * 64 + '","entries":[0,2,4],"origin":"headwater.local/x",'
    '"query":{"ask":"trace","depth":null,"ref":"version:a/b@outside"},'
    f'"root":"{b64encode(ROOT).decode()}","rules":1,"size":5,'
    '"withheld":[{"entry":2,"part":0,"why":"hidden"}]}\n'
)


def test_it_has_one_form() -> None:
    """A line that says what it is, and canonical JSON; read back it is the same."""
    assert format_statement(STATED) == TEXT
    assert parse_statement(TEXT) == STATED


def test_it_can_be_signed() -> None:
    """It is the text of a signed note."""
    signer = Signer("headwater.local/x", bytes(32))
    opened = open_note(sign_note(TEXT, [signer]), [signer.verifier])
    assert parse_statement(opened.text) == STATED


def test_no_head_is_a_statement_and_no_statement_a_head() -> None:
    """A signature under one is worth nothing under the other."""
    head = format_checkpoint(Checkpoint("headwater.local/x", 5, ROOT))
    with pytest.raises(InvalidNote):
        parse_statement(head)
    with pytest.raises(InvalidNote):
        parse_checkpoint(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT.removeprefix("headwater/statement/v1\n"),
        TEXT.replace('"size":5', '"size":5,"more":1'),
        TEXT.replace('"size":5', '"size":5 '),
        TEXT.replace('"size":5', '"size":"5"'),
        TEXT.replace('"size":5,', ""),
        TEXT.replace("AAEC", "AAE"),
        TEXT.replace('"rules":1', '"rules":1.0'),
        TEXT.replace("null", "[" * 10_000 + "]" * 10_000),
        TEXT.replace("null", "1e400"),
    ],
    ids=range(11),
)
def test_any_other_form_is_refused(text: str) -> None:
    """What would be written otherwise is no statement."""
    with pytest.raises(InvalidNote):
        parse_statement(text)


@pytest.mark.parametrize(
    "change",
    [
        {"root": ROOT[1:]},
        {"size": -1},
        {"size": 2**63},
        {"answer": "0" * 64},
        {"query": {"depth": float("nan")}},
        {"entries": [0, 2, 4]},
    ],
)
def test_what_cannot_be_read_back_is_not_written(change: dict[str, Any]) -> None:
    """A statement of another shape is refused before it can be signed."""
    with pytest.raises((InvalidNote, ValueError)):
        format_statement(STATED._replace(**change))
