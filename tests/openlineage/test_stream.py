"""Cutting sources into events."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import InvalidEvent, LimitExceeded
from headwater.openlineage import stream
from headwater.openlineage.limits import EVENT_BYTES_MAX
from headwater.openlineage.stream import split

_EVENTS = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=9), min_size=1)


def cut(source: bytes) -> list[tuple[int, bytes]]:
    """List lines and bodies."""
    return [(piece.line, piece.body) for piece in split(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", []),
        (b"\n \r\n", []),
        (b'{"a":1}', [(1, b'{"a":1}')]),
        (b'\xef\xbb\xbf{"a":1}\r\n\n{"b":2}\n', [(1, b'{"a":1}'), (3, b'{"b":2}')]),
        (b'{"a":\n{"b":2}\n', [(1, b'{"a":'), (2, b'{"b":2}')]),
        (b'\n{"a":"x\n\n{"b":2}\n{"c"', [(2, b'{"a":"x'), (4, b'{"b":2}'), (5, b'{"c"')]),
        (b'x\n{"b":2}\n', [(1, b"x"), (2, b'{"b":2}')]),
        (b"[]", []),
        (b' [ {"a": 1 } ,\n2,\n\n[3]\n]\n', [(1, b'{"a": 1 }'), (2, b"2"), (4, b"[3]")]),
        (b'[{"a":NaN,"a":1e999},{"b":"\xff"}]',
         [(1, b'{"a":NaN,"a":1e999}'), (1, b'{"b":"\xff"}')]),
        (b'\n{\n "a": [\n  1\n ]\n}\n', [(2, b'{\n "a": [\n  1\n ]\n}')]),
        (b'{\n"a":1}\n\n{\n"b":2}', [(1, b'{\n"a":1}'), (4, b'{\n"b":2}')]),
        (b'{\n"a":1}\n\nx', [(1, b"{"), (2, b'"a":1}'), (4, b"x")]),
    ],
)  # fmt: skip
def test_finds_events_and_their_lines(source: bytes, expected: list[tuple[int, bytes]]) -> None:
    """NDJSON, arrays and documents over several lines give each event's own bytes."""
    assert cut(source) == expected


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (b"[1,\n 2", "Expecting ',' delimiter at line 2, column 3"),
        (b"[1,]", "Expecting value at line 1, column 4"),
        (b"[1] 2", "Extra data at line 1, column 5"),
        (b"[1 2]", "Expecting ',' delimiter at line 1, column 4"),
        (b"[" * 50_000, "Expecting closing bracket"),
    ],
)
def test_refuses_a_broken_array_whole(source: bytes, why: str) -> None:
    """An array that is no JSON gives no events at all, and says where it breaks."""
    with pytest.raises(InvalidEvent, match=re.escape(why)):
        next(split(source))


def test_hands_on_events_too_deep_for_the_parser() -> None:
    """One event of depth 10,000 leaves the others of its array alone."""
    deep = b'["]",{"a":' * 5_000 + b"0" + b"}]" * 5_000
    assert cut(b"[1," + deep + b",2]") == [(1, b"1"), (1, deep), (1, b"2")]


def test_takes_a_deep_first_line_as_a_line() -> None:
    """A first line too deep for the parser is a line of NDJSON."""
    deep = b'{"a":' * 50_000
    assert cut(deep + b"\n1\n") == [(1, deep), (2, b"1")]


def test_cuts_a_line_too_long() -> None:
    """A line beyond the limit is handed on as much as shows that, and the next one whole."""
    line = b'"' + b"a" * (3 * EVENT_BYTES_MAX)
    pieces = cut(line + b"\n1\n" + line)
    assert [(number, len(body) > EVENT_BYTES_MAX) for number, body in pieces] == [
        (1, True),
        (2, False),
        (3, True),
    ]


def test_reads_an_array_on_one_long_line() -> None:
    """An array may be longer than an event."""
    text = b'"' + b"a" * (EVENT_BYTES_MAX - 2) + b'"'
    assert cut(b"[" + text + b"," + text + b"]") == [(1, text), (1, text)]


@pytest.mark.parametrize("start", [b"[", b"{\n"])
def test_limits_what_is_read_whole(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may have DOCUMENT_BYTES_MAX bytes and no more."""
    end = b"]" if start == b"[" else b"}"
    monkeypatch.setattr(stream, "DOCUMENT_BYTES_MAX", 100)
    list(split(start + b" " * (99 - len(start)) + end))
    with pytest.raises(LimitExceeded):
        list(split(start + b" " * (100 - len(start)) + end))


@pytest.mark.parametrize("form", [b"[%s]", b"{\n}%s"])
def test_limits_the_events_read_whole(form: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may have DOCUMENT_EVENTS_MAX events and no more, however small they are."""
    comma = b"," if form.startswith(b"[") else b"\n"
    more = 0 if form.startswith(b"[") else 1
    monkeypatch.setattr(stream, "DOCUMENT_EVENTS_MAX", 10)
    assert len(cut(form % comma.join([b"1"] * (10 - more)))) == 10
    with pytest.raises(LimitExceeded, match="more than 10 events"):
        cut(form % comma.join([b"1"] * (11 - more)))


def test_reads_on_behind_a_first_line_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large NDJSON file whose first line breaks off is read by lines, not refused as a whole."""
    monkeypatch.setattr(stream, "DOCUMENT_BYTES_MAX", 100)
    lines = [b'{"a":', *(b'{"b":%d}' % number for number in range(50))]
    assert cut(b"\n".join(lines)) == list(enumerate(lines, start=1))


@pytest.mark.parametrize("second", [b'{"b":1},', b'"b":1,', b"[1]", b"{" * 100_000])
def test_refuses_a_large_document_over_several_lines(
    second: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document beyond the limit is one rejection, not one for each of its lines."""
    monkeypatch.setattr(stream, "DOCUMENT_BYTES_MAX", 100_100)
    with pytest.raises(LimitExceeded, match="document has more"):
        cut(b'{"a":[\n' + second + b"\n" + b" " * 100_100)


def test_gives_up_on_a_line_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an endless line no more than LINE_BYTES_MAX bytes are read."""
    monkeypatch.setattr(stream, "LINE_BYTES_MAX", 3 * EVENT_BYTES_MAX)
    source = io.BytesIO(b"1\n" + b"x" * (6 * EVENT_BYTES_MAX))
    pieces = split(source)
    assert [next(pieces).line, next(pieces).line] == [1, 2]
    with pytest.raises(LimitExceeded, match="line 2 has more than"):
        next(pieces)
    assert source.tell() < 5 * EVENT_BYTES_MAX


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (gzip.compress(b"{}\n"), "gzip"),
        (b"\x28\xb5\x2f\xfd\0\n", "zstd"),
        (bz2.compress(b"{}\n"), "bzip2"),
        (lzma.compress(b"{}\n"), "xz"),
        (b"PK\x03\x04\n\n", "ZIP"),
        ("{}\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\0{\0}", "UTF-16"),
    ],
    ids=["gzip", "zstd", "bzip2", "xz", "zip", "utf-16-le", "utf-16-be"],
)
def test_refuses_files_of_another_kind_whole(source: bytes, what: str) -> None:
    """A compressed file is one rejection that says so, not one for each of its lines."""
    with pytest.raises(InvalidEvent, match=what):
        cut(source)


def test_streams_ndjson() -> None:
    """Lines are handed on before the rest is read."""
    source = io.BytesIO(b"1\n" * 100)
    next(split(source))
    assert source.tell() < 10


@given(st.lists(_EVENTS))
def test_finds_the_same_events_in_every_form(events: list[dict[str, object]]) -> None:
    """Lines, an array and documents over several lines hold the same events."""
    lines = "\n".join(json.dumps(event) for event in events).encode()
    pretty = "\n".join(json.dumps(event, indent=1) for event in events).encode()
    array = json.dumps(events, indent=1).encode()
    found = [[json.loads(body) for _, body in cut(form)] for form in (lines, pretty, array)]
    assert found == [events] * 3


_GAPS = st.text(" \t\r\n", max_size=3).map(str.encode)
_ELEMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.lists(st.tuples(_GAPS, _ELEMENTS, _GAPS), max_size=6), st.booleans())
def test_array_is_split_at_once_as_it_is_element_by_element(
    parts: list[tuple[bytes, object, bytes]], ascii_only: bool
) -> None:
    """The fast way gives the same bytes and lines as the careful one."""
    written = (
        before + json.dumps(element, ensure_ascii=ascii_only).encode() + after
        for before, element, after in parts
    )
    document = stream.Piece(3, b"[" + b",".join(written) + b"]")
    assert stream._split_at_once(document) == list(stream._split_elements(document))


def test_array_of_too_many_commas_is_not_split_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could take much memory goes the careful way, to the same end."""
    monkeypatch.setattr(stream, "_COMMAS_MAX", 2)
    assert stream._split_at_once(stream.Piece(1, b"[1,2,3,4]")) is None
    assert cut(b"[1,2,3,4]") == [(1, b"1"), (1, b"2"), (1, b"3"), (1, b"4")]
