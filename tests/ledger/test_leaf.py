"""Leaves and the commitments in them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import canonical
from headwater.errors import InvalidLeaf
from headwater.ledger import leaf
from headwater.ledger.leaf import Leaf

VECTORS = json.loads((Path(__file__).parent / "vectors" / "leaf.json").read_bytes())
ACTOR = "A" * 22
SOME = Leaf(at=0, by=ACTOR, kind="openlineage.run", parts=())

LAST_MS = 253_402_300_799_999
FIRST_MS = -62_135_596_800_000


def encode64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


LEAVES = st.builds(
    Leaf,
    at=st.integers(FIRST_MS, LAST_MS).map(lambda ms: ms * 1000),
    by=st.binary(min_size=16, max_size=16).map(encode64),
    kind=st.from_regex(r"[a-z][a-z0-9._-]{0,63}", fullmatch=True),
    parts=st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
)


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
def test_a_leaf_has_the_bytes_written_down(case: dict[str, Any]) -> None:
    """A leaf is written as the vector says and read back from it."""
    parts = tuple(bytes.fromhex(part) for part in case["parts"])
    value = Leaf(case["at"], case["by"], case["kind"], parts)

    assert leaf.encode(value) == case["leaf"].encode()
    assert leaf.decode(case["leaf"].encode()) == value


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["name"])
def test_anything_but_the_one_form_is_refused(case: dict[str, str]) -> None:
    """Bytes that differ from the canonical form in the least are no leaf."""
    with pytest.raises(InvalidLeaf):
        leaf.decode(case["leaf"].encode())


@given(LEAVES)
@settings(max_examples=50, deadline=None)
def test_a_leaf_survives_its_bytes(value: Leaf) -> None:
    """Any leaf reads back as it was written."""
    assert leaf.decode(leaf.encode(value)) == value


@given(LEAVES)
@settings(max_examples=50, deadline=None)
def test_the_bytes_of_a_leaf_are_rfc_8785_json(value: Leaf) -> None:
    """Parsing a leaf as JSON and writing it in RFC 8785 form gives the same bytes."""
    data = leaf.encode(value)

    assert canonical.encode(json.loads(data)) == data


@given(LEAVES, st.data())
@settings(max_examples=100, deadline=None)
def test_one_changed_byte_is_refused_or_another_leaf(value: Leaf, data: st.DataObject) -> None:
    """What is accepted after a change of one byte is canonical and says something else."""
    changed = bytearray(leaf.encode(value))
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))

    try:
        read = leaf.decode(bytes(changed))
    except InvalidLeaf:
        return
    assert leaf.encode(read) == bytes(changed)
    assert read != value


@given(LEAVES, LEAVES)
@settings(max_examples=50, deadline=None)
def test_times_compare_as_they_are_written(one: Leaf, other: Leaf) -> None:
    """The order of the times as written is the order of the times."""
    written = [leaf.read_time(leaf.encode(value)) for value in (one, other)]

    assert (written[0] < written[1]) == (one.at < other.at)


def test_the_time_is_kept_to_the_millisecond() -> None:
    """What is finer than a millisecond is cut off, before 1970 too."""
    read = [leaf.decode(leaf.encode(SOME._replace(at=at))).at for at in (1999, 1000, -1, -1000)]

    assert read == [1000, 1000, -1000, -1000]


@pytest.mark.parametrize(
    "change",
    [
        {"at": (LAST_MS + 1) * 1000},
        {"at": FIRST_MS * 1000 - 1},
        {"at": 10**30},
        {"by": "A" * 21},
        {"by": "A" * 23},
        {"by": "A" * 21 + "B"},
        {"by": "A" * 21 + "="},
        {"by": "A" * 22 + "\n"},
        {"kind": ""},
        {"kind": "a" * 65},
        {"kind": "Run"},
        {"kind": "1a"},
        {"kind": 'a"'},
        {"kind": "é"},
        {"kind": "a\n"},
        {"parts": (bytes(31),)},
        {"parts": (bytes(32), bytes(33))},
    ],
    ids=repr,
)
def test_what_has_no_place_in_a_leaf_is_refused(change: dict[str, Any]) -> None:
    """A value that the form cannot hold is never written."""
    with pytest.raises(InvalidLeaf):
        leaf.encode(SOME._replace(**change))


def test_a_leaf_may_be_as_long_as_its_limit() -> None:
    """65,535 bytes are a leaf; one byte more is none, neither written nor read."""
    # 46 bytes for each part; the kind fills up what they leave.
    parts = (leaf.LEAF_BYTES_MAX - 100) // 46
    value = SOME._replace(kind="a", parts=(bytes(32),) * parts)
    value = value._replace(kind="a" * (1 + leaf.LEAF_BYTES_MAX - len(leaf.encode(value))))
    data = leaf.encode(value)

    assert len(data) == 65_535
    assert leaf.decode(data) == value
    with pytest.raises(InvalidLeaf, match="limit"):
        leaf.encode(value._replace(kind=value.kind + "a"))
    with pytest.raises(InvalidLeaf, match="limit"):
        leaf.decode(data.replace(b'"kind":"', b'"kind":"a'))


def test_a_commitment_is_over_domain_salt_and_bytes() -> None:
    """A part is committed to as SHA-256("headwater/part/v1" || 0x00 || salt || bytes)."""
    salt, data = bytes(range(16)), b'{"eventType":"START"}'

    expected = sha256(b"headwater/part/v1\x00" + salt + data).digest()

    assert leaf.commit(salt, data) == expected


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_salt_has_sixteen_bytes(size: int) -> None:
    """No other length is taken, so that a byte cannot move from the salt into the content."""
    with pytest.raises(InvalidLeaf, match="salt"):
        leaf.commit(bytes(size), b"")


def test_actor_and_parts_are_base64url_without_padding() -> None:
    """The written forms decode to 128 and 256 bits once padded."""
    by = encode64(b"\xfb" * 16)
    written = json.loads(leaf.encode(SOME._replace(by=by, parts=(b"\xff" * 32,))))

    assert urlsafe_b64decode(written["by"] + "==") == b"\xfb" * 16
    assert urlsafe_b64decode(written["parts"][0] + "=") == b"\xff" * 32
