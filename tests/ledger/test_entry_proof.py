"""Proofs of one entry as text: C2SP tlog-proof, up to the head."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import InvalidProof
from headwater.ledger.entry_proof import HASHES_MAX, EntryProof, format_proof, parse_proof
from headwater.ledger.leaf import LEAF_BYTES_MAX
from headwater.ledger.tree import SIZE_MAX

HASH = bytes(range(32))
TEXT = (
    "c2sp.org/tlog-proof@v1\n"
    f"extra {b64encode(b'leaf').decode()}\n"
    "index 17\n"
    f"{b64encode(HASH).decode()}\n"
    f"{b64encode(HASH[::-1]).decode()}\n"
    "\n"
)


def test_it_is_written_as_c2sp_has_it() -> None:
    """Header, the leaf as extra data, the index, the hashes from the leaf up, a blank line."""
    assert format_proof(EntryProof(b"leaf", 17, (HASH, HASH[::-1]))) == TEXT
    assert parse_proof(TEXT) == EntryProof(b"leaf", 17, (HASH, HASH[::-1]))


@given(
    st.builds(
        EntryProof,
        st.binary(min_size=1, max_size=300),
        st.integers(0, SIZE_MAX - 1),
        st.lists(st.binary(min_size=32, max_size=32), max_size=HASHES_MAX).map(tuple),
    )
)
def test_whatever_is_written_is_read_back(proof: EntryProof) -> None:
    """Reading gives what was written."""
    assert parse_proof(format_proof(proof)) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("index 17", "index 017"),
        TEXT.replace("index 17", "index -1"),
        TEXT.replace("index 17\n", ""),
        TEXT.replace("index 17", f"index {SIZE_MAX}"),
        TEXT.replace("extra", "more"),
        TEXT.replace("extra bGVhZg==", "extra bGVhZg"),
        TEXT.replace("extra bGVhZg==", "extra bGVhZh=="),
        TEXT.replace("extra bGVhZg==", "extra "),
        TEXT.replace(b64encode(HASH).decode(), b64encode(HASH[1:]).decode()),
        "c2sp.org/tlog-proof@v1\nindex 17\n\n",
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    """What would be written otherwise is no proof."""
    with pytest.raises(InvalidProof):
        parse_proof(text)


def test_limits() -> None:
    """A leaf of the greatest size and a path of the greatest length; and one beyond each."""
    assert parse_proof(format_proof(EntryProof(bytes(LEAF_BYTES_MAX), 0, (HASH,) * HASHES_MAX)))
    for proof in (
        EntryProof(bytes(LEAF_BYTES_MAX + 1), 0, ()),
        EntryProof(b"leaf", 0, (HASH,) * (HASHES_MAX + 1)),
        EntryProof(b"leaf", SIZE_MAX, ()),
        EntryProof(b"", 0, ()),
        EntryProof(b"leaf", 0, (HASH[1:],)),
    ):
        with pytest.raises(InvalidProof):
            format_proof(proof)
