"""What a ledger states about an answer: asked this, at this size, the answer has this digest.

    headwater/statement/v1
    {"answer":"sha256:…","entries":[…],"origin":"…","query":{…},"root":"…","rules":1,"size":…,…}

The text of a signed note: RFC 8785 JSON under a line that no head begins with, so that one can
never be taken for the other. Whoever holds the ledger can make every word of it again.

Trusted? Whoever has the signing key can state what is not so; the ledger shows it.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

import msgspec

from headwater import canonical
from headwater.errors import InvalidNote
from headwater.ledger.tree import SIZE_MAX

_HEADER = "headwater/statement/v1\n"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ROOT = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")


class Withheld(NamedTuple):
    """A part of an entry whose bytes are not shown, and why: `erased` or `hidden`."""

    entry: int
    part: int
    why: str


class Statement(NamedTuple):
    """The ledger `origin` at `size` and `root`, asked `query`, gives `answer` by `rules`.

    `answer` is the SHA-256 (`sha256:` and hex) of the answer as RFC 8785 JSON; `entries` are those
    that it rests on, `withheld` the parts of them that the asker is not shown.
    """

    origin: str
    size: int
    root: bytes
    rules: int
    query: dict[str, Any]
    answer: str
    entries: tuple[int, ...]
    withheld: tuple[Withheld, ...]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: int
    part: int
    why: str


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    size: int
    root: str
    rules: int
    query: dict[str, Any]
    answer: str
    entries: list[int]
    withheld: list[_Part]


_decoder = msgspec.json.Decoder(_Written)


def format_statement(statement: Statement) -> str:
    """Write the text of a statement; `InvalidNote` if `parse_statement` would not read it back."""
    text = _write(statement)
    if parse_statement(text) != statement:
        raise InvalidNote("a statement that would be read as another")
    return text


def parse_statement(text: str) -> Statement:
    """Read the text of a statement; `InvalidNote` unless `format_statement` gives it again."""
    try:
        said = _decoder.decode(text.removeprefix(_HEADER))
        root = b64decode(said.root) if _ROOT.fullmatch(said.root) else b""
        statement = Statement(
            said.origin,
            said.size,
            root,
            said.rules,
            said.query,
            said.answer,
            tuple(said.entries),
            tuple(Withheld(part.entry, part.part, part.why) for part in said.withheld),
        )
        written = _write(statement)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise InvalidNote(f"no statement about an answer: {error}") from error
    if written != text or not _DIGEST.fullmatch(said.answer) or not 0 <= said.size <= SIZE_MAX:
        raise InvalidNote("a statement that is not in its one form")
    return statement


def _write(statement: Statement) -> str:
    said = statement._asdict() | {
        "root": b64encode(statement.root).decode(),
        "withheld": [part._asdict() for part in statement.withheld],
    }
    return _HEADER + canonical.encode(said).decode() + "\n"
