"""The claims of single entries, each read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from headwater.claims.model import Claim

Fetch = Callable[[Iterable[int]], Mapping[int, tuple[Claim, ...]]]
"""Gives the claims of entries, by entry; an entry without any may be left out."""


class Entries:
    """Claims by entry: those of the `new` ones are at hand, older ones are fetched."""

    def __init__(self, fetch: Fetch, new: Mapping[int, tuple[Claim, ...]]) -> None:
        self._fetch = fetch
        self._known: dict[int, tuple[Claim, ...]] = dict(new)

    def of(self, entries: Iterable[int]) -> Iterator[Claim]:
        """The claims of these entries, in their order."""
        wanted = sorted(set(entries))
        missing = [entry for entry in wanted if entry not in self._known]
        if missing:
            found = self._fetch(missing)
            self._known.update((entry, found.get(entry, ())) for entry in missing)
        for entry in wanted:
            yield from self._known[entry]
