"""RFC 8785 JSON and digests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater import canonical

NAMES = ("arrays", "french", "structures", "unicode", "values", "weird")


@pytest.mark.parametrize("name", NAMES)
def test_published_inputs_give_the_published_bytes(shared: Path, name: str) -> None:
    """Every published RFC 8785 input is written exactly as the published output."""
    jcs = shared / "vectors" / "jcs"
    value = json.loads((jcs / "input" / f"{name}.json").read_bytes())
    expected = bytes.fromhex((jcs / "outhex" / f"{name}.txt").read_text())

    assert canonical.encode(value) == expected
    assert (jcs / "output" / f"{name}.json").read_bytes() == expected


def test_every_published_input_is_tried(shared: Path) -> None:
    """No file of the published set is left out above."""
    names = sorted(path.stem for path in (shared / "vectors" / "jcs" / "input").iterdir())

    assert names == list(NAMES)


def test_keys_are_sorted_by_utf_16_units() -> None:
    """Keys sort by UTF-16 code units (RFC 8785 §3.2.3), which is not the order of code points."""
    assert (
        canonical.encode({"\ufb01": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb01":1}'.encode()
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, b"1"),
        (-0.0, b"0"),
        (1e21, b"1e+21"),
        (1e-7, b"1e-7"),
        (333333333.33333329, b"333333333.3333333"),
        ((True, None), b"[true,null]"),
        ("\u20ac$\u000f\nA'B\"\\/", '"\u20ac$\\u000f\\nA\'B\\"\\\\/"'.encode()),
    ],
)
def test_values_have_one_form(value: object, expected: bytes) -> None:
    """Numbers and strings are written as ECMAScript writes them."""
    assert canonical.encode(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        "\ud800",
        {"\ud800": 1},
        {1: "a"},
        b"bytes",
        {"a set"},
    ],
    ids=repr,
)
def test_what_has_no_form_is_refused(value: object) -> None:
    """A value without an RFC 8785 form raises ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        canonical.encode(value)


def test_too_deep_a_nesting_is_refused() -> None:
    """A list that contains itself raises ValueError, as any other value without a form."""
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(ValueError, match="nested too deeply"):
        canonical.encode(endless)


def test_sha256_gives_the_bytes_of_the_digest() -> None:
    """The two forms of a SHA-256 are those of FIPS 180-4's example "abc"."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    assert canonical.digest(b"abc") == expected
    assert canonical.sha256(b"abc") == bytes.fromhex(expected)
