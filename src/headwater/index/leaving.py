"""What runs leave on timelines, before and after they are weighed again: the difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from headwater.graph.footprints import declared_key, digest_key
from headwater.graph.support import (
    BARRIERS,
    RunSupport,
    WriteSupport,
    run_support,
    write_support,
)
from headwater.graph.weigh import Weighed
from headwater.graph.writes import Made
from headwater.index.links import Links
from headwater.index.supports import Supports
from headwater.refs import Artifact, Run, Version


class Change(NamedTuple):
    """Something stands on a name since `time` that did not, or does not any more.

    `keys` are those of a version. A change that is not `passing` (an end of the name, a state
    change, a writer without an end) bears on everything that looked at the name that late.
    """

    name: Artifact
    time: int
    keys: tuple[str, ...]
    passing: bool


class _Left(NamedTuple):
    """One thing on a timeline, with all that a binding can tell of it."""

    name: Artifact
    time: int
    keys: tuple[str, ...]
    passing: bool
    what: tuple[object, ...]


def changes(links: Links, supports: Supports, weighed: Weighed) -> list[Change]:
    """What the weighed runs leave otherwise than they did."""
    found: set[_Left] = set()
    now = run_support(weighed)
    for run in weighed.gathered.runs:
        number = links.runs.find(run)
        if number is not None:
            found ^= set(_left_before(links, supports, number))
        found ^= set(_left_now(weighed, run, now[run]))
    return [Change(*left[:4]) for left in found]


def _left_before(links: Links, supports: Supports, run: int) -> Iterator[_Left]:
    known = supports.runs[run]
    for name, first in () if known is None else known.unended:
        yield _unended(name, first, links.runs[run])
    for number in links.made[run]:
        record, said = links.version.present(number), supports.versions[number]
        if record.attempted or record.begins is None or not isinstance(said, WriteSupport):
            continue
        version = links.versions[number]
        places = [(name, record.begins) for name in record.names or (version.artifact,)]
        places += record.joined
        yield from _version(version, record.begins, record.digest, said, places)


def _left_now(weighed: Weighed, run: Run, now: RunSupport) -> Iterator[_Left]:
    for name, first in now.unended:
        yield _unended(name, first, run)
    for made in weighed.writes.of_run.get(run, ()):
        if not made.attempted:
            yield from _version(
                made.version, made.begins, made.digest, write_support(made), _places(weighed, made)
            )


def _places(weighed: Weighed, made: Made) -> list[tuple[Artifact, int]]:
    joined = weighed.timelines.joined.get(made.version, ())
    return [*((name, made.begins) for name in made.names), *joined]


def _unended(name: Artifact, first: int, run: Run) -> _Left:
    return _Left(name, first, (), passing=False, what=(run,))


def _version(
    version: Version,
    begins: int,
    digest: str | None,
    said: WriteSupport,
    places: list[tuple[Artifact, int]],
) -> Iterator[_Left]:
    keys = []
    if version.declared is not None:
        keys.append(declared_key(version.declared))
    if digest is not None:
        keys.append(digest_key(digest))
    what = (version, begins, digest, said.first, said.carries, said.lifecycles, said.renames)
    passing = BARRIERS.isdisjoint(said.lifecycles)
    for name, stands in places:
        yield _Left(name, stands, tuple(keys), passing, what)
    for name, _ in said.renames:
        yield _Left(name, begins, (), passing=False, what=what)
