"""Which runs a change of timelines concerns: those that looked where it is, or sought what it is.

Names lie in directories, and reads look there too: at what stands below a name that they read, and
above one on which they found nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from headwater.graph.footprints import NEVER
from headwater.index.leaving import Change
from headwater.index.links import Links
from headwater.index.supports import Supports
from headwater.index.tables import mark
from headwater.refs import Artifact


def concerned(links: Links, supports: Supports, changes: Iterable[Change]) -> set[int]:
    """The runs, by number."""
    by_name: dict[Artifact, list[Change]] = defaultdict(list)
    for change in changes:
        by_name[change.name].append(change)
    found: set[int] = set()
    for name, changed in by_name.items():
        number = links.artifacts.find(name)
        if number is not None:
            found.update(_looking(supports, number, changed))
            found.update(_seeking(supports, number, changed))
        earliest = min(change.time for change in changed)
        found.update(_looking_below(links, supports, name, earliest))
        found.update(_looking_above(links, supports, name, earliest))
    return found


def _looking(supports: Supports, name: int, changed: list[Change]) -> Iterator[int]:
    times = sorted(change.time for change in changed)
    lasting = min((change.time for change in changed if not change.passing), default=None)
    yield from (look.run for look in supports.looks_at(name, times))
    if lasting is not None:
        yield from (look.run for look in supports.looks(name, lasting))


def _seeking(supports: Supports, name: int, changed: list[Change]) -> Iterator[int]:
    if any(not change.passing for change in changed):
        return supports.seeks(name)
    return supports.seeks_for(name, {mark(key) for change in changed for key in change.keys})


def _looking_below(links: Links, supports: Supports, name: Artifact, since: int) -> Iterator[int]:
    """From directories above a name."""
    for place, character in enumerate(name.name):
        if character == "/":
            directory = name.name[:place].rstrip("/")
            for spelt in (directory, directory + "/"):
                number = links.artifacts.find(Artifact(name.namespace, spelt))
                if number is not None:
                    yield from (look.run for look in supports.looks(number, since))


def _looking_above(links: Links, supports: Supports, name: Artifact, since: int) -> Iterator[int]:
    """From names below a directory."""
    directory = name.name.rstrip("/")
    below = Artifact(name.namespace, directory + "/")
    for number in links.artifacts.beginning(str(below)) if directory else ():
        for look in supports.looks(number, since):
            if look.first == NEVER:
                yield look.run
