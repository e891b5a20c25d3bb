"""What SQL says of datasets and runs, for those who need not read SQL."""

from __future__ import annotations

from typing import Any, NamedTuple

Key = tuple[str, str]
"""Namespace and name of a dataset."""
Said = dict[str, Any]


class Written(NamedTuple):
    """What a statement did to one dataset, as `Run.record_write` says it, and in which run.

    `anew`: nothing is left of what was there. `inputs` of `said` are missing where somebody but
    the statement gave values, or nobody knows.
    """

    run: str
    at: int
    statement: int
    key: Key
    said: Said
    anew: bool


class Told(NamedTuple):
    """A statement that was executed, for people; `doubts` say why it is not exact."""

    run: str
    statement: int
    sql: str
    dialect: str
    exactness: str
    doubts: tuple[str, ...]


class Found(NamedTuple):
    """What a record says: datasets that were read, writes that hold, statements."""

    reads: tuple[Key, ...] = ()
    writes: tuple[Written, ...] = ()
    told: tuple[Told, ...] = ()
