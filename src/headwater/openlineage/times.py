"""Event times: text as producers write it, and int64 microseconds UTC as the graph counts.

RFC 3339 is what the schema asks for. Producers also leave out the zone or the seconds, put a space
for the `T`, write nanoseconds or append the zone's name as Java does; all of that has one meaning,
so it is read, with a note where the reader had to decide something.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
DAY_US: Final = 86_400 * SECOND_US

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_FIRST_US: Final = (1 - _EPOCH_DAY) * DAY_US
_LAST_US: Final = (date.max.toordinal() + 1 - _EPOCH_DAY) * DAY_US - 1

_SHAPE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([Tt ])(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r"(?:([Zz])|([+-])(\d\d):?(\d\d)?)?(\[[^\]]{1,64}\])?",
    re.ASCII,
)

_COMMON: Final = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
"""What nearly all producers write; the standard library reads it as we do, and much faster."""


def microseconds(text: str) -> tuple[int, str | None]:
    """Read an event time as microseconds since 1970-01-01T00:00:00Z, with a note or None.

    Digits finer than a microsecond are cut. A leap second (RFC 3339 §5.7) counts as the last
    microsecond before it, because the scale of the graph has none. Raises `ValueError` when the
    text is no time or lies outside the years 1 to 9999.
    """
    if _COMMON.fullmatch(text):
        with suppress(ValueError):  # a day that does not exist
            return _within_years((datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND), None
    return _read(text)


def _read(text: str) -> tuple[int, str | None]:
    """Read what else has one meaning, or say why it has none."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError("is no RFC 3339 date and time such as 2026-11-01T09:30:00Z")
    (
        year,
        month,
        day,
        separator,
        hour,
        minute,
        second,
        fraction,
        zulu,
        sign,
        off_hour,
        off_min,
        _,
    ) = match.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        raise ValueError("names a day that does not exist") from None
    seconds = int(second or 0)
    if int(hour) > 23 or int(minute) > 59 or seconds > 60:
        raise ValueError("names a time of day that does not exist")
    notes = ["a space stands for the T"] if separator == " " else []
    micros = int((fraction or "")[:6].ljust(6, "0"))
    if seconds == 60:
        seconds, micros = 59, SECOND_US - 1
        notes.append("leap second, read as the microsecond before it")
    offset = 0
    if sign:
        if int(off_hour) > 23 or int(off_min or 0) > 59:
            raise ValueError("has an offset that does not exist")
        offset = (int(off_hour) * 60 + int(off_min or 0)) * MINUTE_US * (-1 if sign == "-" else 1)
    elif not zulu:
        notes.append("no time zone, read as UTC")
    of_day = ((int(hour) * 60 + int(minute)) * 60 + seconds) * SECOND_US + micros
    return _within_years(days * DAY_US + of_day - offset), "; ".join(notes) or None


def _within_years(us: int) -> int:
    if not _FIRST_US <= us <= _LAST_US:
        raise ValueError("lies outside the years 1 to 9999")
    return us


def iso(us: int) -> str:
    """Write microseconds since 1970-01-01T00:00:00Z as RFC 3339 in UTC.

    The fraction is left out where it is zero and has six digits otherwise. Raises `ValueError`
    outside the years 1 to 9999.
    """
    if not _FIRST_US <= us <= _LAST_US:
        raise ValueError(f"{us} microseconds lie outside the years 1 to 9999")
    days, of_day = divmod(us, DAY_US)
    seconds, micros = divmod(of_day, SECOND_US)
    day = date.fromordinal(days + _EPOCH_DAY).isoformat()
    fraction = f".{micros:06}" if micros else ""
    return f"{day}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}Z"
