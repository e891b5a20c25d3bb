"""What lies among the settings of an estimator besides numbers and texts.

Data: an array of weights, a table to join, words to leave out. Code of the program's own, which may
reach data, read files, and write them. Both have a part in what is learned and predicted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from headwater.capture import objects, origins, own_code
from headwater.capture.origins import Key, Origin, recall

PLAIN_MAX: Final = 100
"""Numbers or texts in one list or array that count as written in the program; more may be data."""
_WORDS: Final = ("stop_words", "vocabulary")
"""Settings that are data however short they are."""
_CALLED: Final = ("callbacks",)
"""Settings that are called by the library while it trains, and may write files."""
ESTIMATORS_MAX: Final = 1_000
"""Estimators in one another that are looked into."""


class Inside(NamedTuple):
    """What lies within an estimator and what it was given along."""

    code: list[Any]
    """Functions, classes and objects of the program's own."""
    origins: list[Origin]
    """Of data among the settings."""
    opens: bool
    """Whether it may read and write files that nobody names to it."""
    spread: bool
    """Whether it works in several processes or threads, where nothing is heard of that."""

    def origin(self, heard: Iterable[Key], *, learned: bool) -> Origin | None:
        """Tell what it brings along, if anything; `heard` is what was read meanwhile.

        What was `learned` before has taken in the data among the settings.
        """
        found = [origins.read(key, None) for key in heard]
        found += [] if learned else self.origins
        found += own_code.reached(self.code)
        if self.code and self.spread:
            found.append(objects.UNKNOWN)
        return origins.merge(*found)._replace(columns=None, shaped=frozenset()) if found else None


def inside(estimator: Any, given: Iterable[Any] = (), labels: Any = ()) -> Inside | None:
    """Look through the settings of an estimator, of those in it, and arguments like them.

    None where all of it is numbers, texts and the library's own. `labels` are those of the columns
    that it works on.
    """
    search = _Search(labels)
    search.estimators.append(estimator)
    for one in given:
        search.consider("", one)
    search.go()
    if search.code or search.origins or search.opens:
        return Inside(search.code, search.origins, search.opens, search.spread)
    return None


class _Search:
    def __init__(self, labels: Any) -> None:
        self._labels = labels
        self.estimators: list[Any] = []
        self.code: list[Any] = []
        self.origins: list[Origin] = []
        self.opens = self.spread = False

    def go(self) -> None:
        """Look through one estimator after the other, those in it too."""
        for one in self.estimators:  # which grows
            if len(self.estimators) > ESTIMATORS_MAX:
                self.origins.append(objects.UNKNOWN)
                return
            if own_code.is_own(type(one)):
                self.code.append(type(one))
                self.opens = True
            for name, value in getattr(one, "__dict__", {}).items():
                kind = type(value)
                if kind in objects.PLAIN:
                    self.spread |= name == "n_jobs" and value not in (None, 1)
                elif name[0] != "_" and name[-1] != "_":
                    self.consider(name, value)

    def consider(self, name: str, value: Any, deep: int = objects.DEPTH_MAX) -> None:
        """Look at a setting."""
        if type(value) in objects.PLAIN:
            return
        if isinstance(value, (list, tuple, dict, set, frozenset)):
            self._consider_members(name, value, deep)
        elif not isinstance(value, type) and hasattr(value, "get_params"):
            self.estimators.append(value)
        elif (known := recall(value)) is not None:
            self.origins.append(known)
        elif hasattr(value, "__array__") and not isinstance(value, type):
            if getattr(value, "size", PLAIN_MAX + 1) > PLAIN_MAX:
                self.origins.append(objects.UNKNOWN)
        elif own := own_code.within(value):
            self.code += own
            self.opens = True

    def _consider_members(self, name: str, value: Any, deep: int) -> None:
        members = list(value.values()) if isinstance(value, dict) else list(value)
        self.opens |= name in _CALLED and bool(members)
        if all(type(one) in objects.PLAIN for one in members):
            is_long = len(members) > PLAIN_MAX and any(one not in self._labels for one in members)
            if is_long or (members and name in _WORDS):
                self.origins.append(objects.UNKNOWN)
            return
        for one in members if deep else ():
            self.consider(name, one, deep - 1)
