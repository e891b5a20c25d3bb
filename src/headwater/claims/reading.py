"""Reading the facets that claims carry, and the runs that they name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from headwater.claims.model import Described, Mentioned, Stated
from headwater.openlineage import facets
from headwater.openlineage.ids import run_id
from headwater.refs import Run

VALUES_KEPT: Final = 1_024
VALUE_CHARS_KEPT_MAX: Final = 4_096
"""Longer values are read anew each time."""


def value_of(stated: Stated | None) -> Any:
    """Decode a facet into its struct of `openlineage.facets`; None where it cannot be read.

    A facet that the graph does not read, or one that was deleted, carries no value.
    """
    if stated is None or stated.value is None:
        return None
    read = _read_again if len(stated.value) <= VALUE_CHARS_KEPT_MAX else _read
    return read(str(stated.path[-1]), stated.value)


def _read(name: str, value: str) -> Any:
    return facets.read(name, value.encode())


_read_again = lru_cache(VALUES_KEPT)(_read)  # each value is read some times, and many are equal


def facet_of(claim: Mentioned | Described, name: str) -> Any:
    """Decode one facet of one mention; None where absent, deleted or unreadable."""
    return value_of(claim.facets.get(name))


def run_of(link: Any) -> Run:
    """The run that a facet names by `run.run_id` and `job`."""
    identity, _ = run_id(link.run.run_id, link.job.namespace, link.job.name)
    return Run(identity, link.job.namespace, link.job.name)
