"""Operations on polars' frames, as they were called: worked out when an origin is asked for.

A step holds what was called and with which expressions, never rows. It is planned again on frames
without rows (`polars_plans`) once something is written of what it made, or of what came of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from headwater.capture import files, origins
from headwater.capture.adapters.polars_arguments import (
    Call,
    Input,
    Own,
    Unfollowed,
    fill,
    in_expression,
    roots_of,
    uses_functions,
)
from headwater.capture.adapters.polars_plans import Plan, Unseen
from headwater.capture.origins import Later, Origin

UNKNOWN: Final = Origin(opaque=True)
LEAVES_MAX: Final = 64
"""Frames at the beginning of one plan; what has more is planned step by step."""
DEPTH_MAX: Final = 64
"""Steps that wait to be worked out, one after the other: then they are."""


class Scan:
    """A file that a lazy frame reads once it is collected, every time that it is."""

    __slots__ = ("frame", "origin", "source")

    def __init__(self, source: object, frame: Any) -> None:
        self.source = source
        self.frame = frame
        self.origin: Origin | None = None

    def schema(self) -> dict[str, Any]:
        """Give columns and types; polars looks into the file for them."""
        return dict(self.frame.collect_schema())

    def read(self) -> Origin | None:
        """Record that it is read now."""
        if isinstance(self.source, bytes):
            return None
        self.origin = files.read(self.source, self.schema())
        return self.origin


class Frame(Later):
    """What is known of one frame: its origin and columns, or of what by which calls it was made."""

    __slots__ = (
        "__weakref__",
        "_calls",
        "_inputs",
        "_origin",
        "_schema",
        "depth",
        "is_unfollowed",
        "scans",
    )

    def __init__(
        self,
        origin: Origin | None = None,
        schema: Any = None,
        *,
        calls: tuple[Call, ...] = (),
        inputs: tuple[Any, ...] = (),
    ) -> None:
        self.depth = 1
        self._origin = origin
        self._schema = schema
        self._calls = calls
        self._inputs = inputs
        frames = [one for one in inputs if isinstance(one, Frame)]
        self.scans = _all_scans(frames)
        self.depth = 1 + max((one.depth for one in frames), default=0)
        self.is_unfollowed = False

    @classmethod
    def scanned(cls, scan: Scan) -> Frame:
        """A lazy frame of a file."""
        made = cls()
        made.scans = (scan,)
        return made

    @property
    def calls(self) -> tuple[Call, ...]:
        """What was called on its inputs, as long as it is not worked out."""
        return self._calls

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What is known of its inputs, as long as it is not worked out."""
        return self._inputs

    def know_schema(self, schema: dict[str, Any]) -> None:
        """Know its columns, which could not be told without calling functions of the user."""
        self._schema = schema

    def read(self) -> None:
        """Record that all of its files are read now; for lazy frames, when they are collected."""
        for scan in self.scans:
            scan.read()

    def origin(self) -> Origin:
        """Work it out, and what it was made of before it."""
        if self._origin is None and self._calls:
            self._work_at_once()
        waiting = [self]
        while waiting:
            frame = waiting[-1]
            before = [
                one for one in frame._inputs if isinstance(one, Frame) and one._origin is None
            ]
            if frame._origin is None and before:
                waiting += before
                continue
            frame._work()
            waiting.pop()
        return self._origin or UNKNOWN

    def schema(self) -> dict[str, Any] | None:
        """Give columns and types, None where they cannot be told without computing."""
        self.origin()
        found: dict[str, Any] | None = self._schema
        return found

    def _work_at_once(self) -> None:
        """Work it out with all that it was made of as one plan, if nothing is special about it."""
        leaves: list[Origin] = []
        try:
            made = self._rebuilt(leaves)
            found = Plan(made, leaves, literal=in_expression, roots={}).origin()
            self._schema = self._schema or dict(made.collect_schema())
        except Exception:  # then one by one, as far as each goes
            return
        self._origin, self._calls, self._inputs, self.depth = found, (), (), 1

    def _rebuilt(self, leaves: list[Origin]) -> Any:
        """Plan it again on empty frames. Raises `Unseen` where it takes more than that."""
        if self._origin is None and not self._inputs:
            self._work()
        if self._origin is not None:
            if self._schema is None or len(leaves) >= LEAVES_MAX:
                raise Unseen("columns that are not known")
            leaves.append(self._origin)
            return _empty(self._schema, len(leaves) - 1)
        if not self._calls or self.is_unfollowed or uses_functions():
            raise Unseen("a step of its own")

        def twin(place: Input) -> Any:
            frame = self._inputs[place.at]
            if not isinstance(frame, Frame):
                raise Unseen("a series")
            return frame._rebuilt(leaves)

        made: Any = None
        for name, args, kwargs in self._calls:
            made = _call(made, name, args, kwargs, twin)
        return made

    def _work(self) -> None:
        if self._origin is not None:
            return
        if not self._inputs and self.scans:
            scan = self.scans[0]
            self._schema = self._schema or scan.schema()
            self._origin = scan.origin or scan.read() or UNKNOWN
            return
        known = [origin_of(one) for one in self._inputs]
        try:
            self._origin = None if self.is_unfollowed else self._replay(known)
        except Unfollowed:
            self.is_unfollowed = True
        except Exception:
            # What polars does not show, or cannot plan without rows: nobody else had a hand in it.
            self._origin = origins.merge(Origin(), *known)._replace(columns=None)
        if self._origin is None:
            self._origin = origins.merge(UNKNOWN, *known)._replace(columns=None, opaque=True)
        self._calls, self._inputs, self.depth = (), (), 1

    def _replay(self, known: list[Origin]) -> Origin:
        """Plan this step alone, its inputs being known."""
        import polars

        if not self._calls:
            raise Unseen("columns that came of values")
        own = Own(self._schema)
        read: list[Origin] = []

        def twin(place: Input) -> Any:
            frame = self._inputs[place.at]
            if place.name is not None:
                own.columns[place.name] = known[place.at]
                return polars.Series(place.name, [], place.kind)
            if not isinstance(frame, Frame) or frame._schema is None:
                raise Unseen("columns that are not known")
            read.append(known[place.at])
            return _empty(frame._schema, len(read) - 1)

        made: Any = None
        roots: dict[str, list[str]] = {}
        for name, args, kwargs in self._calls:
            roots_of(args, kwargs, roots)
            made = _call(made, name, *own.without(name, args, kwargs), twin)
        self._schema = dict(made.collect_schema()) if self._schema is None else self._schema
        found = Plan(made, read, literal=own.literal, roots=roots).origin()
        return own.added(found, known[0])


def _empty(schema: Any, number: int) -> Any:
    """Give a frame with nothing in it, which says by its height which input of a plan it is."""
    import polars

    if not number:
        return polars.LazyFrame(schema=schema)
    return polars.DataFrame(schema=schema).clear(number).lazy()


def _call(
    made: Any,
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    twin: Callable[[Input], Any],
) -> Any:
    """Call a method of what was made so far, of the first input, or a function of polars."""
    if name.startswith("pl."):
        import polars

        made = polars
    elif made is None:
        made = twin(Input(0))
    args = tuple(fill(one, twin) for one in args)
    kwargs = {key: fill(one, twin) for key, one in kwargs.items()}
    return getattr(made, name.removeprefix("pl."))(*args, **kwargs)


def _all_scans(frames: list[Frame]) -> tuple[Scan, ...]:
    found = [one.scans for one in frames if one.scans]
    if len(found) < 2:
        return found[0] if found else ()
    return tuple(dict.fromkeys(scan for scans in found for scan in scans))


class Column(Later):
    """What is known of a series: of what columns and series, and how, it was made."""

    __slots__ = ("_how", "_name", "_origin", "_parts")

    def __init__(self, parts: tuple[Any, ...], how: str, name: str | None = None) -> None:
        self._parts = parts
        self._how = how
        self._name = name
        self._origin: Origin | None = None

    def origin(self) -> Origin:
        """Work it out: one column, of all columns of its parts."""
        if self._origin is None:
            known = [origin_of(one) for one in self._parts]
            if self._name is not None:
                known = [one.keep([self._name]) for one in known]
            whole = origins.merge(*known)
            if whole.columns is not None:
                fields = frozenset().union(*(one.all_fields(self._how) for one in known))
                whole = whole._replace(columns={"": fields})
            self._origin, self._parts = whole, ()
        return self._origin


def origin_of(known: Any) -> Origin:
    """Give an origin that may have to be worked out."""
    if isinstance(known, Later):
        known = known.origin()
    return UNKNOWN if known is None else known
