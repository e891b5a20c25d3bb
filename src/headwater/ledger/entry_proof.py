"""One entry's inclusion as text (C2SP tlog-proof), up to the head that it leads to.

    c2sp.org/tlog-proof@v1
    extra <base64 of the leaf>
    index 17
    <base64 hash, from the leaf up>
    …
    <blank line>

A signed head behind it makes a whole tlog-proof. What `extra` holds is left to the application; for
us it is the leaf, so that a proof needs nothing beside it.

Trusted? No: whoever reads it checks it against a signed head.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from headwater.errors import InvalidProof
from headwater.ledger.leaf import LEAF_BYTES_MAX
from headwater.ledger.tree import SIZE_MAX

HASHES_MAX = 63
"""A tree of `SIZE_MAX` leaves has no longer path."""

_HEADER = "c2sp.org/tlog-proof@v1"
_HASH = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_FORM = re.compile(
    rf"{re.escape(_HEADER)}\nextra ([A-Za-z0-9+/]+={{0,2}})\nindex (0|[1-9][0-9]{{0,18}})\n"
    rf"((?:{_HASH}\n){{0,{HASHES_MAX}}})\n"
)


class EntryProof(NamedTuple):
    """A leaf, which entry it is, and the hashes that lead from it to a root."""

    leaf: bytes
    entry: int
    path: tuple[bytes, ...]


def format_proof(proof: EntryProof) -> str:
    """Write a proof up to its head; `InvalidProof` if `parse_proof` would not read it back."""
    lines = [
        _HEADER,
        f"extra {b64encode(proof.leaf).decode()}",
        f"index {proof.entry}",
        *(b64encode(hash_).decode() for hash_ in proof.path),
    ]
    text = "\n".join(lines) + "\n\n"
    parse_proof(text)
    return text


def parse_proof(text: str) -> EntryProof:
    """Read a proof up to its head; `InvalidProof` unless `format_proof` gives it again."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidProof("no tlog-proof with a leaf, an index and hashes of 32 bytes")
    extra, index, hashes = form.groups()
    try:
        leaf = b64decode(extra, validate=True)
    except ValueError:
        leaf = b""
    if b64encode(leaf).decode() != extra or len(leaf) > LEAF_BYTES_MAX:
        raise InvalidProof(f"extra is not the base64 of a leaf of at most {LEAF_BYTES_MAX} bytes")
    if int(index) >= SIZE_MAX:
        raise InvalidProof(f"index {index}; the limit is {SIZE_MAX - 1}")
    path = tuple(map(b64decode, hashes.split()))
    return EntryProof(leaf, int(index), path)
