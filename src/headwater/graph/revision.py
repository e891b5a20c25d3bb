"""Rule 6: the state before each write, and whether it carries over."""

from __future__ import annotations

from headwater.graph.footprints import Footprints
from headwater.graph.model import Revised
from headwater.graph.past import Held
from headwater.graph.reads import Reads
from headwater.graph.timelines import Position, Timelines
from headwater.graph.writes import Made, Writes
from headwater.refs import Version

_ANEW = frozenset({"OVERWRITE", "TRUNCATE", "CREATE", "DROP", "RENAME"})
_ADDING = frozenset({"append", "upsert", "delete"})
_WHOLE_KINDS = frozenset({"file", "model", "view", "feature_view", "deployment", "report"})


def carries(made: Made, reads: Reads) -> str:
    """What the version carries over of the state before it: `all`, `none` or `unknown`.

    How it was written is told by its own run, else by the nearest run that sums it up.
    """
    for said in (made, *made.spoken_for):
        written = _as_written(said)
        if written is not None:
            return written
    if made.kind in _WHOLE_KINDS or _was_read(made, reads):
        return "none"
    return "unknown"


def _as_written(made: Made) -> str | None:
    if made.facets.said("subset") is not None:
        return "all"
    if made.lifecycles & _ANEW:
        return "none"
    if "ALTER" in made.lifecycles:
        return "all"
    write = made.read("headwater_write")
    mode = None if write is None else (write.mode or "").lower()
    if mode == "overwrite":
        return "none"
    return "all" if mode in _ADDING else None


def revisions(
    writes: Writes, timelines: Timelines, footprints: Footprints
) -> dict[Version, Revised]:
    """One edge for each version, not attempted, that has a state before it."""
    found = {}
    for made_by in writes.of_run.values():
        for made in made_by:
            before = None if made.attempted else _before(made, timelines, footprints)
            if before is not None:
                found[made.version] = Revised(
                    version=made.version, before=before.version, carries=made.carries
                )
    return found


def _before(made: Made, timelines: Timelines, footprints: Footprints) -> Made | Held | None:
    def precedes(position: Position) -> bool:
        return (position.begins, position.run) < made.order

    found = []
    for name in made.names:
        position = timelines.standing(name, made.begins, precedes, made.order)
        footprints.stood(made.run.run, name, position, made.begins)
        found.append(position)
    newest = max((position for position in found if position is not None), default=None)
    return None if newest is None else newest.made


def _was_read(made: Made, reads: Reads) -> bool:
    return any(
        read.artifact == made.artifact and not read.back
        for read in reads.of_run.get(made.run.run, ())
    )
