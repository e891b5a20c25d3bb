"""Heads of the ledger (C2SP tlog-checkpoint): a signed note over origin, size and root.

    headwater.local/4b1f…
    70000
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Extension lines are refused: nobody who watches a log can check what they say.

Trusted? Whoever controls it can show one reader another ledger than the next.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NamedTuple

from headwater.errors import InvalidNote
from headwater.ledger.note import KnownKey, Signer, open_note, sign_note
from headwater.ledger.tree import EMPTY_ROOT, HASH_BYTES, SIZE_MAX

# The last of 43 characters carries four bits of the root, and two that must not be set.
_FORM = re.compile(
    r"([^\x00-\x1f]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n"
)


class Checkpoint(NamedTuple):
    """The ledger's state at a size: which ledger, how many leaves, the root over them."""

    origin: str
    size: int
    root: bytes


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Write the text of a head; `InvalidNote` if `parse_checkpoint` would not read it back."""
    root = b64encode(checkpoint.root).decode()
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"
    parse_checkpoint(text)
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a head; raises `InvalidNote` unless `format_checkpoint` gives it again."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidNote(f"no origin, size and root of {HASH_BYTES} bytes: {text!r}")
    origin, size, root = form.groups()
    checkpoint = Checkpoint(origin, int(size), b64decode(root))
    if checkpoint.size > SIZE_MAX:
        raise InvalidNote(f"a head of {checkpoint.size} leaves; the limit is {SIZE_MAX}")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise InvalidNote("a head of no leaves with the root of some")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Write a head as a signed note."""
    return sign_note(format_checkpoint(checkpoint), [signer])


def open_checkpoint(data: bytes, verifiers: Iterable[KnownKey]) -> Checkpoint:
    """Read a head that a known key signed; raises `InvalidNote` as `open_note` does.

    Whether it is the head of the right ledger is for the caller to compare: `origin`.
    """
    return parse_checkpoint(open_note(data, verifiers).text)
