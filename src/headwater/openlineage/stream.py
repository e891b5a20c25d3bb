"""Many events in one source: NDJSON, a JSON array, or documents over several lines.

NDJSON is read line by line and never held whole. An array or a document over several lines is, up
to DOCUMENT_BYTES_MAX. Every event is handed on as the exact bytes of its place, with the line where
it begins, so that a rejection names file and line; whether it is one is not decided here.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple, Protocol

import msgspec

from headwater.errors import InvalidEvent, LimitExceeded, Problem
from headwater.openlineage.limits import (
    DOCUMENT_BYTES_MAX,
    DOCUMENT_EVENTS_MAX,
    EVENT_BYTES_MAX,
    LINE_BYTES_MAX,
)

_LINE_BYTES: Final = EVENT_BYTES_MAX + 3
"""As much of a line as is read at once: one byte beyond the limit, and CR LF."""

_SPACE: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = "is UTF-16; JSON is exchanged in UTF-8 (RFC 8259 §8.1): convert it first"
_FOREIGN: Final = {
    b"\x1f\x8b": "is compressed with gzip: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd: unpack it first",
    b"BZh": "is compressed with bzip2: unpack it first",
    b"\xfd7zXZ\x00": "is compressed with xz: unpack it first",
    b"PK\x03\x04": "is a ZIP archive: unpack it first",
    b"\xff\xfe": _UTF16,
    b"\xfe\xff": _UTF16,
}
"""How files begin that are given by mistake; no line of them can be an event."""

_GAP: Final = re.compile(r"[ \t\r\n]*")
_BETWEEN: Final = re.compile(rb"[ \t\r\n,]*")
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_COMMAS_MAX: Final = 4 * DOCUMENT_EVENTS_MAX
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LOOSE: Final = json.JSONDecoder(
    object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len
)
"""Finds where a value ends and makes nothing of it; the scan judges each event's own bytes."""


class Piece(NamedTuple):
    """One event's bytes, and the line (from 1) on which they begin."""

    line: int
    body: bytes


class _NotJsonError(Exception):
    """The document is no sequence of JSON values; `place` is a byte offset."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def split(source: bytes | BinaryIO) -> Iterator[Piece]:
    """Cut a source into events, in order.

    Blank lines and a byte order mark at the beginning are skipped. A line that is no JSON is handed
    on like any other, so that good lines around it are kept; of a line beyond EVENT_BYTES_MAX only
    as much as shows that. Raises `InvalidEvent` for an array that is no JSON, as a whole, and for a
    file of another kind, and `LimitExceeded` for an array or document of more than
    DOCUMENT_BYTES_MAX bytes or DOCUMENT_EVENTS_MAX events and a line beyond LINE_BYTES_MAX.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    number, line = _read_first(stream)
    _refuse_foreign(line)
    body = line.strip(_SPACE)
    if body.startswith(b"["):
        yield from _split_array(_read_document(stream, number, line))
    elif not _is_whole(line) or not _is_unfinished(body):
        yield from _read_lines(stream, number, line)
    else:
        yield from _split_unfinished(stream, number, line)


def _split_unfinished(stream: BinaryIO, number: int, line: bytes) -> Iterator[Piece]:
    """Go on from a first line that breaks off: a document's, or one of NDJSON cut short."""
    try:
        document = _read_document(stream, number, line)
        pieces = list(_split_documents(document))
    except _NotJsonError:
        yield from _read_lines(_Rejoined(document.body, stream), number)
    except _TooLongError as error:
        if not _has_whole_second_line(error.begun):
            raise
        yield from _read_lines(_Rejoined(error.begun, stream), number)
    else:
        yield from pieces


class _TooLongError(LimitExceeded):
    """A document beyond the limit; `begun` is what was read of it."""

    def __init__(self, begun: bytes) -> None:
        super().__init__(
            f"a JSON array or document has more than {DOCUMENT_BYTES_MAX:,} bytes",
            remedy="Write one event a line (NDJSON), which is read as a stream.",
        )
        self.begun = begun


class _Rejoined:
    """A stream from which something was read, with that put back in front."""

    def __init__(self, begun: bytes, rest: BinaryIO) -> None:
        self._begun = io.BytesIO(begun)
        self._rest = rest

    def readline(self, size: int) -> bytes:
        """Read a line, of `size` bytes at most."""
        line = self._begun.readline(size)
        if len(line) == size or line.endswith(b"\n"):
            return line
        return line + self._rest.readline(size - len(line))


class _Lines(Protocol):
    def readline(self, size: int, /) -> bytes: ...


def _refuse_foreign(line: bytes) -> None:
    for start, what in _FOREIGN.items():
        if line.startswith(start):
            raise InvalidEvent((Problem("$", what),))


def _read_first(stream: BinaryIO) -> tuple[int, bytes]:
    number, line = 1, stream.readline(_LINE_BYTES).removeprefix(_BOM)
    while line and not line.strip(_SPACE) and _is_whole(line):
        number, line = number + 1, stream.readline(_LINE_BYTES)
    return number, line


def _read_lines(stream: _Lines, number: int, line: bytes = b"") -> Iterator[Piece]:
    """Yield this line and all that follow, stripped; blank ones not, long ones cut."""
    line = line or stream.readline(_LINE_BYTES)
    while line:
        body = line.strip(_SPACE)
        if body:
            yield Piece(number, body)
        length = len(line)
        while line and not _is_whole(line):
            line = stream.readline(_LINE_BYTES)
            length += len(line)
            if length > LINE_BYTES_MAX:
                raise LimitExceeded(
                    f"line {number} has more than {LINE_BYTES_MAX:,} bytes",
                    remedy="Nothing behind its beginning was read.",
                )
        number, line = number + 1, stream.readline(_LINE_BYTES)


def _is_whole(line: bytes) -> bool:
    return len(line) < _LINE_BYTES or line.endswith(b"\n")


def _read_document(stream: BinaryIO, number: int, line: bytes) -> Piece:
    body = line + stream.read(DOCUMENT_BYTES_MAX + 1 - len(line))
    if len(body) > DOCUMENT_BYTES_MAX:
        raise _TooLongError(body)
    return Piece(number, body)


def _has_whole_second_line(begun: bytes) -> bool:
    """Whether an object stands on the second line: only NDJSON has that after one cut short."""
    second = begun.partition(b"\n")[2].lstrip(_SPACE).partition(b"\n")[0].strip(_SPACE)
    try:
        _LOOSE.decode(second.decode("latin-1"))
    except (json.JSONDecodeError, RecursionError):
        return False
    return second.startswith(b"{")


def _is_unfinished(line: bytes) -> bool:
    """Whether a line breaks off between two tokens, as in a document over several lines."""
    try:
        _LOOSE.decode(line.decode("latin-1"))
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc)
    except RecursionError:
        return False
    return False


def _split_array(document: Piece) -> Iterator[Piece]:
    try:
        yield from _split_at_once(document) or list(_split_elements(document))
    except _NotJsonError as error:
        before = document.body[: error.place]
        line = document.line + before.count(b"\n")
        column = error.place - (before.rfind(b"\n") + 1) + 1
        message = f"is an array that is no JSON: {error.message} at line {line}, column {column}"
        raise InvalidEvent((Problem("$", message),)) from None


def _split_at_once(document: Piece) -> list[Piece] | None:
    """Split with msgspec, nine times as fast; None where it will not, or may make too much of it.

    Every comma may stand between two elements, and each element takes memory before it is counted.
    """
    if document.body.count(b",") > _COMMAS_MAX:
        return None
    try:
        elements = _ELEMENTS.decode(document.body)
    except (msgspec.DecodeError, RecursionError):
        return None
    _limit(len(elements))
    line, counted, place = document.line, 0, document.body.index(b"[") + 1
    pieces = []
    for element in elements:
        begin = _skip_bytes(document.body, place)
        line += document.body.count(b"\n", counted, begin)
        counted = begin
        place = begin + len(element)
        pieces.append(Piece(line, document.body[begin:place]))
    return pieces


def _split_elements(document: Piece) -> Iterator[Piece]:
    text = document.body.decode("latin-1")  # one character a byte, so places are byte offsets
    place = _skip(text, _skip(text, 0) + 1)
    closing = text.startswith("]", place)
    line, counted, events = document.line, 0, 0
    while not closing:
        end = _find_end(text, place)
        line += text.count("\n", counted, place)
        counted = place
        events += 1
        _limit(events)
        yield Piece(line, document.body[place:end])
        place = _skip(text, end)
        closing = text.startswith("]", place)
        if not closing:
            if not text.startswith(",", place):
                raise _NotJsonError("Expecting ',' delimiter", place)
            place = _skip(text, place + 1)
    place = _skip(text, place + 1)
    if place < len(text):
        raise _NotJsonError("Extra data", place)


def _split_documents(document: Piece) -> Iterator[Piece]:
    text = document.body.decode("latin-1")
    place = _skip(text, 0)
    line, counted, events = document.line, 0, 0
    while place < len(text):
        end = _find_end(text, place)
        line += text.count("\n", counted, place)
        counted = place
        events += 1
        _limit(events)
        yield Piece(line, document.body[place:end])
        place = _skip(text, end)


def _limit(events: int) -> None:
    if events > DOCUMENT_EVENTS_MAX:
        raise LimitExceeded(
            f"a JSON array or document has more than {DOCUMENT_EVENTS_MAX:,} events",
            remedy="Write one event a line (NDJSON), which is read as a stream.",
        )


def _skip(text: str, place: int) -> int:
    return place + len(_GAP.match(text, place)[0])  # type: ignore[index]  # it matches anything


def _skip_bytes(body: bytes, place: int) -> int:
    return place + len(_BETWEEN.match(body, place)[0])  # type: ignore[index]  # it matches anything


def _find_end(text: str, place: int) -> int:
    """Find where the value that begins at `place` ends."""
    try:
        return _LOOSE.raw_decode(text, place)[1]
    except json.JSONDecodeError as error:
        raise _NotJsonError(error.msg, error.pos) from None
    except RecursionError:
        return _match_brackets(text, place)


def _match_brackets(text: str, place: int) -> int:
    """Do the same for a value too deep for the parser: the scan will refuse it by its depth."""
    level = 0
    for token in _TOKEN.finditer(text, place):
        if token[0] in "[{":
            level += 1
        elif token[0] in "]}":
            level -= 1
            if level == 0:
                return token.end()
    raise _NotJsonError("Expecting closing bracket", len(text))
