"""Event times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headwater.openlineage import times

SECOND = 1_000_000
FIRST, LAST = -62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:00:00-0100", 0),
        ("1970-01-01T02:00:00+02", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01T00:00:00,25Z", 250_000),
        ("1970-01-01T01:00:00+01:00[Europe/Rome]", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * SECOND),
        ("0001-01-01T00:00:00Z", FIRST),
        ("9999-12-31T23:59:59.999999Z", LAST),
    ],
)
def test_reads_what_producers_write(text: str, expected: int) -> None:
    """A time with a zone is read as microseconds UTC, without a note."""
    assert times.microseconds(text) == (expected, None)


def test_cuts_digits_finer_than_a_microsecond() -> None:
    """Nanoseconds are cut, not rounded."""
    assert times.microseconds("1970-01-01T00:00:00.999999999Z") == (999_999, None)


def test_notes_a_missing_zone() -> None:
    """A time without a zone is UTC, with a note."""
    assert times.microseconds("1970-01-01T00:00:01") == (SECOND, "no time zone, read as UTC")


def test_notes_a_space() -> None:
    """A space for the T is read, with a note."""
    assert times.microseconds("1970-01-01 00:00:00Z") == (0, "a space stands for the T")


def test_notes_a_leap_second() -> None:
    """A leap second is the microsecond before it, with a note."""
    us, note = times.microseconds("2016-12-31T23:59:60Z")
    assert (times.iso(us), note) == (
        "2016-12-31T23:59:59.999999Z",
        "leap second, read as the microsecond before it",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yesterday", "RFC 3339"),
        ("", "RFC 3339"),
        ("2026-11-01", "RFC 3339"),
        ("2026-11-01T09:30:00Z\n", "RFC 3339"),
        ("٢٠٢٦-11-01T09:30:00Z", "RFC 3339"),
        ("2026-02-29T00:00:00Z", "a day that"),
        ("2026-13-01T00:00:00Z", "a day that"),
        ("0000-01-01T00:00:00Z", "a day that"),
        ("2026-11-01T24:00:00Z", "time of day"),
        ("2026-11-01T00:60:00Z", "time of day"),
        ("2026-11-01T00:00:61Z", "time of day"),
        ("2026-11-01T00:00:00+24:00", "offset"),
        ("2026-11-01T00:00:00+00:60", "offset"),
        ("0001-01-01T00:00:00+00:01", "years 1 to 9999"),
        ("9999-12-31T23:59:59-00:01", "years 1 to 9999"),
    ],
)
def test_refuses_what_is_no_time(text: str, why: str) -> None:
    """Text that names no moment is refused, saying why."""
    with pytest.raises(ValueError, match=why):
        times.microseconds(text)


@pytest.mark.parametrize("us", [FIRST - 1, LAST + 1])
def test_writes_no_time_outside_the_calendar(us: int) -> None:
    """Microseconds outside the years 1 to 9999 are not written."""
    with pytest.raises(ValueError, match="years 1 to 9999"):
        times.iso(us)


def test_writes_no_empty_fraction() -> None:
    """Whole seconds are written without a fraction."""
    assert times.iso(SECOND) == "1970-01-01T00:00:01Z"


@given(st.integers(FIRST, LAST))
def test_reads_what_it_writes(us: int) -> None:
    """Every time survives writing and reading."""
    assert times.microseconds(times.iso(us)) == (us, None)


DIGITS = st.text("0123456789", min_size=2, max_size=2)


def told(read: Callable[[str], tuple[int, str | None]], text: str) -> object:
    """What a reader makes of a text: a time and a note, or why not."""
    try:
        return read(text)
    except ValueError as error:
        return str(error)


@given(st.lists(DIGITS, min_size=7, max_size=7), st.sampled_from(["", ".123", ".654321"]),
       st.sampled_from(["Z", "+{}:{}", "-{}:{}"]), DIGITS, DIGITS)  # fmt: skip
@example(["00", "01", "01", "01", "00", "00", "00"], "", "+{}:{}", "10", "00")
@example(["99", "99", "12", "31", "23", "59", "59"], "", "-{}:{}", "00", "01")
@example(["20", "26", "02", "29", "00", "00", "00"], "", "Z", "00", "00")
@example(["20", "26", "02", "28", "24", "00", "00"], "", "Z", "00", "00")
@example(["20", "26", "02", "28", "23", "59", "60"], ".123", "Z", "00", "00")
@example(["20", "26", "02", "28", "23", "00", "00"], "", "+{}:{}", "00", "75")
def test_reads_the_common_form_as_any_other(
    digits: list[str], fraction: str, zone: str, hours: str, minutes: str
) -> None:
    """The short way for the common form reads and refuses what the long way does."""
    year, century, month, day, hour, minute, second = digits
    date_and_time = f"{year}{century}-{month}-{day}T{hour}:{minute}:{second}"
    text = date_and_time + fraction + zone.format(hours, minutes)
    assert told(times.microseconds, text) == told(times._read, text)
