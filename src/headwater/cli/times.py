"""Times as people read them. All are UTC."""

from __future__ import annotations


def readable(iso: str) -> str:
    """Shorten `2026-05-05T01:20:00Z` to `2026-05-05 01:20`; seconds stay where they are not 0."""
    text = iso.removesuffix("Z").removesuffix("+00:00")
    date, t, clock = text.partition("T")
    if not t:
        return iso
    clock = clock.partition(".")[0]
    return f"{date} {clock.removesuffix(':00') if clock.count(':') == 2 else clock}"
