"""Operations on polars' frames, as they were called: worked out when an origin is asked for.

A step holds what was called and with which expressions, never rows. It is planned again on frames
without rows (`polars_plans`) once something is written of what it made, or of what came of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from headwater.capture import files, origins
from headwater.capture.adapters.polars_plans import Plan, Unseen
from headwater.capture.origins import FILTER, TRANSFORMATION, Later, Origin, pending

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method (or `pl.` and a function), and its arguments."""

UNKNOWN: Final = Origin(opaque=True)
_DATA: Final = ("DataFrame", "LazyFrame", "Series")
_EXPRESSIONS: Final = ("Expr", "Then", "ChainedThen")
LEAVES_MAX: Final = 64
"""Frames at the beginning of one plan; what has more is planned step by step."""
DEPTH_MAX: Final = 64
"""Steps that wait to be worked out, one after the other: then they are."""
_FILTERING: Final = frozenset({"filter", "remove"})


class Unfollowed(Exception):
    """An argument that may hold anything: a function, an iterator, an array."""


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
            found = Plan(made, leaves, literal=_in_expression, roots={}).origin()
            self._schema = self._schema or dict(made.collect_schema())
        except Exception:  # then one by one, as far as each goes
            return
        self._origin, self._calls, self._inputs, self.depth = found, (), (), 1

    def _rebuilt(self, leaves: list[Origin]) -> Any:
        """Plan it again on frames without rows. Raises `Unseen` where it takes more than that."""
        import polars

        if self._origin is None and not self._inputs:
            self._work()
        if self._origin is not None:
            if self._schema is None or len(leaves) >= LEAVES_MAX:
                raise Unseen("columns that are not known")
            leaves.append(self._origin)
            return polars.LazyFrame(schema=self._schema)
        if not self._calls or self.is_unfollowed or _uses_functions:
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
        own = _Own(self._schema)
        read: list[Origin] = []

        def twin(place: Input) -> Any:
            frame = self._inputs[place.at]
            if place.name is not None:
                own.columns[place.name] = known[place.at]
                return polars.Series(place.name, [], place.kind)
            if not isinstance(frame, Frame) or frame._schema is None:
                raise Unseen("columns that are not known")
            read.append(known[place.at])
            return polars.LazyFrame(schema=frame._schema)

        made: Any = None
        roots: dict[str, list[str]] = {}
        for name, args, kwargs in self._calls:
            _roots(args, kwargs, roots)
            made = _call(made, name, *own.without(name, args, kwargs), twin)
        self._schema = dict(made.collect_schema()) if self._schema is None else self._schema
        found = Plan(made, read, literal=own.literal, roots=roots).origin()
        return own.added(found, known[0])


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


class Input:
    """The place of a frame or column among the inputs of a step."""

    __slots__ = ("at", "kind", "name")

    def __init__(self, at: int, name: str | None = None, kind: Any = None) -> None:
        self.at = at
        self.name = name
        self.kind = kind


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


def hold(value: Any, inputs: list[Any]) -> Any:
    """Hold an argument without its rows. Raises `Unfollowed`."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    kind = type(value)
    if kind.__name__ in _DATA and kind.__module__.startswith("polars."):
        inputs.append(known_of(value))
        if kind.__name__ == "Series":
            return Input(len(inputs) - 1, value.name, value.dtype)
        return Input(len(inputs) - 1)
    if isinstance(value, (list, tuple)):
        return kind(hold(one, inputs) for one in value) if kind in (list, tuple) else value
    if isinstance(value, dict):
        return {key: hold(one, inputs) for key, one in value.items()}
    if kind.__module__.startswith("polars.") or isinstance(value, type):
        return value
    if hasattr(value, "__array__") or hasattr(value, "__next__") or callable(value):
        raise Unfollowed
    return value


def fill(value: Any, twin: Callable[[Input], Any]) -> Any:
    """Put frames and columns without rows in the place of those that were held."""
    if isinstance(value, Input):
        return twin(value)
    if type(value) in (list, tuple):
        return type(value)(fill(one, twin) for one in value)
    if isinstance(value, dict):
        return {key: fill(one, twin) for key, one in value.items()}
    return value


def known_of(thing: Any) -> Any:
    """Give what is known of a frame or series; of a frame that nobody knows, its columns."""
    known = pending(thing)
    if isinstance(known, Later):
        return known
    kind = type(thing).__name__
    if kind == "DataFrame":
        return Frame(known or UNKNOWN, dict(thing.schema))
    if kind == "LazyFrame":
        return Frame(known or UNKNOWN)
    return known


class _Own:
    """What polars cannot plan without rows or without calling the user: columns put beside it."""

    def __init__(self, schema: dict[str, Any] | None) -> None:
        self.columns: dict[str, Origin] = {}
        self._schema = schema or {}
        self._functions: dict[str, list[str]] = {}
        self._conditions: list[str] = []
        self._filters: list[Origin] = []
        self._is_condition = False

    def without(
        self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Replace functions of the user by columns of nothing."""
        self._is_condition = method in _FILTERING
        return tuple(self._replaced(one) for one in args), {
            key: self._replaced(one, key) for key, one in kwargs.items()
        }

    def _replaced(self, value: Any, key: str | None = None) -> Any:
        if type(value) in (list, tuple):
            return type(value)(self._replaced(one) for one in value)
        if type(value).__name__ not in _EXPRESSIONS:
            return value
        if "python_udf" not in str(value):
            return value
        import polars

        if self._is_condition:
            self._conditions += value.meta.root_names()
            return polars.lit(True)
        if value.meta.has_multiple_outputs():
            raise Unfollowed
        name = key or value.meta.output_name()
        self._functions[name] = value.meta.root_names()
        return polars.lit(None, dtype=self._schema.get(name)).alias(name)

    def literal(self, series: Any) -> Origin | None:
        """Give the origin of a series in the plan: an argument, or put into an expression."""
        found = self.columns.get(series.name())
        return _in_expression(series) if found is None else found

    def added(self, found: Origin, before: Origin) -> Origin:
        """Say what was left out of the plan, made of what was there before."""
        for name, named in self._functions.items():
            fields = before.of(named, TRANSFORMATION)
            found = found._replace(opaque=True)
            if found.columns is not None and name in found.columns:
                found = found.put(name, fields)
        if self._conditions:
            found = found._replace(opaque=True).shape(before.of(self._conditions, FILTER))
        return found


_uses_functions = False


def function_made(*_: Any) -> None:
    """Know that there are expressions with functions of the user in this process."""
    global _uses_functions
    _uses_functions = True


def uses_functions() -> bool:
    """Whether expressions with functions of the user were made in this process."""
    return _uses_functions


literals: dict[tuple[str, int], Origin] = {}
"""Origins of series that programs put into expressions, by name and length."""


def _in_expression(series: Any) -> Origin | None:
    return literals.get(look(series))


def look(series: Any) -> tuple[str, int]:
    """By what a series in a plan is known again; its type may have been made another."""
    return series.name(), series.len()


def _roots(args: tuple[Any, ...], kwargs: dict[str, Any], roots: dict[str, list[str]]) -> None:
    for one in _expressions(args):
        if not one.meta.has_multiple_outputs():
            roots[one.meta.output_name()] = one.meta.root_names()
    for name, one in kwargs.items():
        if type(one).__name__ in _EXPRESSIONS:
            roots[name] = one.meta.root_names()


def _expressions(args: tuple[Any, ...]) -> Iterator[Any]:
    for one in args:
        if isinstance(one, (list, tuple)):
            yield from _expressions(tuple(one))
        elif type(one).__name__ in _EXPRESSIONS:
            yield one
