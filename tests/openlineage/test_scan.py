"""The scan of a body."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import Problem
from headwater.openlineage.limits import (
    EVENT_BYTES_MAX,
    KEYS_MAX,
    NAME_BYTES_MAX,
    NESTING_MAX,
    PROBLEMS_MAX,
)
from headwater.openlineage.scan import scan


def problems(body: bytes) -> list[str]:
    """List what the scan says."""
    return [str(problem) for problem in scan(body).problems]


def test_accepts_every_y_vector(shared: Path) -> None:
    """What a JSON parser must accept is accepted, unless it has duplicate keys."""
    refused = {
        file.name: problems(file.read_bytes())
        for file in sorted((shared / "vectors/json-parsing").glob("y_*.json"))
        if scan(file.read_bytes()).problems
    }
    assert refused == {
        "y_object_duplicated_key.json": ["$.a: is a duplicate key"],
        "y_object_duplicated_key_and_value.json": ["$.a: is a duplicate key"],
    }


def test_refuses_every_n_vector(shared: Path) -> None:
    """What a JSON parser must reject is rejected."""
    files = sorted((shared / "vectors/json-parsing").glob("n_*.json"))
    assert [file.name for file in files if not scan(file.read_bytes()).problems] == []


def test_survives_every_i_vector(shared: Path) -> None:
    """What a JSON parser may accept or reject is decided without a crash, always alike."""
    for file in sorted((shared / "vectors/json-parsing").glob("i_*.json")):
        assert scan(file.read_bytes()) == scan(file.read_bytes())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1,"a":1}', ["$.a: is a duplicate key"]),
        (b'{"a":[{"b":{"c d":1,"c d":2}}]}', ['$.a[0].b["c d"]: is a duplicate key']),
        (b'{"a":1,"\\u0061":1,"b":NaN}',
         ["$.a: is a duplicate key", "$.b: is NaN, which JSON has no number for"]),
        (b'[Infinity,-Infinity]',
         ["$[0]: is Infinity, which JSON has no number for",
          "$[1]: is -Infinity, which JSON has no number for"]),
        (b'{"a":"\\ud800"}', ["$.a: has a lone surrogate"]),
        (b'{"a":"\\uDC00"}', ["$.a: has a lone surrogate"]),
        (b'{"a":"\\ud83d\\ud83d\\ude00"}', ["$.a: has a lone surrogate"]),
        (b'{"a":"\\\\ud83d\\ude00"}', ["$.a: has a lone surrogate"]),
        (b'{"\\ud800":1,"\\ud800":2}',
         ['$["\\ud800"]: is a key with a lone surrogate',
          '$["\\ud800"]: is a key with a lone surrogate']),
        (b'\xef\xbb\xbf{}', ["$: begins with a byte order mark; send UTF-8 without one "
                             "(RFC 8259 §8.1)"]),
        (b'{"a":"\xff"}', ["$: is no UTF-8: invalid start byte at byte 6"]),
        (b'{"a":"\xed\xa0\x80"}', ["$: is no UTF-8: invalid continuation byte at byte 6"]),
        (b'{"a":1', ["$: is no JSON: ends too early, at column 7"]),
        (b'', ["$: is no JSON: ends too early, at column 1"]),
        (b'{"a":1} x', ["$: is no JSON: Extra data at column 9"]),
        (b'{"a":NaN,"b":}', ["$: is no JSON: Expecting value at column 14"]),
        (b'{"a":\n x}', ["$: is no JSON: Expecting value at its line 2, column 2"]),
        (b'{"a":"\x00"}', ["$: is no JSON: Invalid control character at column 7"]),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_where(body: bytes, expected: list[str]) -> None:
    """Every problem is listed with its path."""
    assert problems(body) == expected


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\\ud83d\\ude00"}', b'{"a":"\\\\ud800"}', '{"a":"😀"}'.encode(), b'{"a":"\\u0000"}'],
)
def test_accepts_whole_characters(body: bytes) -> None:
    """Surrogate pairs, text that looks like an escape, and NUL are JSON."""
    assert problems(body) == []


def test_goes_on_past_what_it_found() -> None:
    """A body that can be parsed keeps its value, with lone surrogates replaced."""
    assert scan(b'{"a":"x\\ud800","b":NaN,"c":[1]}').value == {"a": "x�", "b": 0.0, "c": [1]}


def test_keeps_integers_of_any_length() -> None:
    """An integer longer than CPython converts is JSON all the same."""
    assert problems(b"[" + b"9" * 5_000 + b",1]") == []


@pytest.mark.parametrize(("size", "found"), [(EVENT_BYTES_MAX, 0), (EVENT_BYTES_MAX + 1, 1)])
def test_limits_the_size(size: int, found: int) -> None:
    """An event may have EVENT_BYTES_MAX bytes and no more."""
    assert len(problems(b'"' + b"a" * (size - 2) + b'"')) == found


@pytest.mark.parametrize(
    ("depth", "found"), [(NESTING_MAX, 0), (NESTING_MAX + 1, 1), (10_000, 1), (100_000, 1)]
)
def test_limits_the_depth(depth: int, found: int) -> None:
    """Objects and arrays may nest NESTING_MAX deep and no deeper."""
    assert len(problems(b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1))) == found


def test_does_not_count_brackets_in_strings() -> None:
    """Brackets in strings are text, whatever stands before their quotes."""
    text = json.dumps(['\\" [' * 500, "[{" * 500, '\\\\"'])
    assert problems(text.encode()) == []


def test_sees_depth_behind_brackets_in_strings() -> None:
    """Brackets in strings do not hide real ones."""
    body = b'["]",' * 10_000 + b'"["]' * 10_000
    assert problems(body) == [f"$: nests deeper than {NESTING_MAX} objects and arrays"]


def test_spares_the_parser_from_unclosed_depth() -> None:
    """What nests too deep is refused for that, closed or not."""
    assert problems(b"[" * 100_000) == [f"$: nests deeper than {NESTING_MAX} objects and arrays"]


def test_leaves_unbalanced_brackets_to_the_parser() -> None:
    """Many brackets that do not match are no JSON."""
    assert problems(b"[" + b"[]," * 200)[0].startswith("$: is no JSON")


@pytest.mark.parametrize(("keys", "found"), [(KEYS_MAX, 0), (KEYS_MAX + 1, 1)])
def test_limits_the_keys(keys: int, found: int) -> None:
    """An event may have KEYS_MAX keys and no more, colons in strings aside."""
    body = b'[":",' + b",".join([b'{"a":0}'] * keys) + b"]"
    assert len(problems(body)) == found


def test_names_every_limit_passed() -> None:
    """A body too deep and with a million keys is told both."""
    body = b"[" * 200 + b",".join([b'{"":0}'] * 1_000_000) + b"]" * 200
    assert scan(body).problems == (
        Problem("$", f"has 1,000,000 keys; the limit is {KEYS_MAX:,}"),
        Problem("$", f"nests deeper than {NESTING_MAX} objects and arrays"),
    )


def test_limits_the_problems_listed() -> None:
    """Of very many duplicate keys the first are listed and the rest are counted."""
    body = b'{"k":0' + b',"k":0' * (PROBLEMS_MAX + 5) + b"}"
    problems = scan(body).problems
    assert len(problems) == PROBLEMS_MAX + 1
    assert problems[-1] == Problem("$", "has 5 further problems of this sort")


@pytest.mark.parametrize(
    ("text", "long"),
    [("a" * NAME_BYTES_MAX, False), ("a" * (NAME_BYTES_MAX + 1), True), ('"' * 4_000, True)],
)
def test_tells_of_long_strings(text: str, *, long: bool) -> None:
    """No string beyond NAME_BYTES_MAX bytes goes unnoticed."""
    assert scan(json.dumps([text, "b", "c" * 2_000, "d" * 3_000]).encode()).long == long


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab\\\"[]{}:\0é", max_size=3), inner),
    max_leaves=20,
)  # fmt: skip


@given(value=JSON, ascii_only=st.booleans())
def test_accepts_all_json(value: object, *, ascii_only: bool) -> None:
    """Whatever JSON can say is read as it is."""
    found = scan(json.dumps(value, ensure_ascii=ascii_only).encode())
    assert (found.value, found.problems) == (value, ())


@given(st.binary() | st.text('{}[]",:\\ \n0eEaNu').map(str.encode))
def test_never_fails(body: bytes) -> None:
    """Any bytes at all get an answer."""
    assert scan(body).problems or scan(body).value == json.loads(body)
