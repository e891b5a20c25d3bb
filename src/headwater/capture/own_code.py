"""Code of the program's own, which libraries call: what data it can reach.

A function that is handed to a library is called where nothing is observed, with whatever its module
holds at hand. What it refers to by name is looked through: globals, closures, defaults, the
functions and classes it calls, as far as they are the program's own too. Data of known origin among
that is what it may have used; of what cannot be told, it may have used anything.
"""

from __future__ import annotations

import dis
import functools
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from headwater.capture import objects, opens, written
from headwater.capture.beside import identity
from headwater.capture.origins import Origin, recall
from headwater.capture.watching import MARK

LOOKED_AT_MAX: Final = 1_000
"""Objects that are looked through for one call; who refers to more may refer to anything."""

_MAIN: Final = ("__main__", "__mp_main__")
_SHIPPED: Final = sys.stdlib_module_names | {"headwater"}
_OF_LIBRARIES: Final = ("__", "_abc_", "_sklearn_")
"""What libraries put into a class that derives from theirs."""
_CALLABLE: Final = (staticmethod, classmethod, BuiltinFunctionType, type(len), type(str.join))
_HOLDING: Final = frozenset((
    "array", "collections", "configparser", "csv", "ctypes", "io", "_io", "mmap", "queue", "shelve",
    "sqlite3", "types", "zipfile",
))  # fmt: skip
"""Modules of Python whose objects hold data; those of others hold none."""
_NUMBERS: Final = ("numpy.random", "pandas._libs.tslibs", "pandas.core.dtypes")

_NOTHING: Final[dict[str, Any]] = {}
_own: Final[dict[str, bool]] = {}
_names: Final[dict[CodeType, tuple[frozenset[str], frozenset[str]]]] = {}


def is_own(code: Any) -> bool:
    """Whether a class or function is the program's own, and no library's."""
    space = getattr(code, "__globals__", None)
    name = getattr(code, "__module__", None) if space is None else space.get("__name__")
    return isinstance(name, str) and _is_own_module(name)


def _is_own_module(name: str) -> bool:
    known = _own.get(name)
    if known is None:
        file = getattr(sys.modules.get(name), "__file__", None)
        ships = name.partition(".")[0] in _SHIPPED
        is_library = ships or (file is not None and opens.is_library(file))
        known = _own[name] = name in _MAIN or not is_library
    return known


def within(thing: Any) -> list[Any]:
    """List the code of the program's own in something that a library may call."""
    if isinstance(thing, functools.partial):
        return [one for part in (thing.func, *thing.args) for one in within(part)]
    if isinstance(thing, MethodType):
        return [*within(thing.__func__), *within(thing.__self__)]
    if isinstance(thing, FunctionType):
        if is_own(thing):
            return [thing]
        return [one for cell in _cells(thing) if callable(cell) for one in within(cell)]
    kind = thing if isinstance(thing, type) else type(thing)
    return [thing] if is_own(kind) else []


def reached(code: Iterable[Any]) -> list[Origin]:
    """Give the origins of what data these functions, classes and objects can reach."""
    search = _Search()
    for one in code:
        search.look(one)
    return search.found


class _Search:
    def __init__(self) -> None:
        self.found: list[Origin] = []
        self._seen: set[int] = set()

    def look(self, thing: Any) -> None:
        """Look at a value, and at what it refers to."""
        if type(thing) in objects.PLAIN:
            return
        thing = getattr(thing, "__dict__", _NOTHING).get(MARK, thing)
        kind = type(thing)
        if kind in _CALLABLE or identity(thing) in self._seen:
            return
        self._seen.add(identity(thing))
        if len(self._seen) > LOOKED_AT_MAX:
            self.found.append(objects.UNKNOWN)
            return
        known = recall(thing)
        if known is not None:
            self.found.append(known)
        elif isinstance(thing, type):
            self._look_at_class(thing)
        elif isinstance(thing, ModuleType):
            pass  # what is used of it is looked at by name
        elif isinstance(thing, (FunctionType, MethodType, functools.partial)):
            self._look_at_function(thing)
        elif isinstance(thing, written.CONTAINERS):
            self._look_into(thing)
        elif is_own(kind):
            self._look_at_class(kind)
            for value in vars(thing).values() if hasattr(thing, "__dict__") else ():
                self.look(value)
        elif not _holds_nothing(thing):
            self.found.append(objects.UNKNOWN)

    def _look_at_function(self, thing: Any) -> None:
        if not isinstance(thing, FunctionType):
            for one in within(thing):
                self.look(one)
            return
        # A library's own data are the library's; what it was handed is in its closure.
        for value in _cells(thing):
            self.look(value)
        if not is_own(thing):
            return
        for value in (*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()):
            self.look(value)
        space = thing.__globals__
        named, attributes = _names_in(thing.__code__)
        for name in named & space.keys():
            value = space[name]
            if isinstance(value, ModuleType) and _is_own_module(value.__name__):
                for attribute in attributes & vars(value).keys():
                    self._look_at_global(vars(value), attribute)
            else:
                self._look_at_global(space, name)

    def _look_at_global(self, space: Mapping[str, Any], name: str) -> None:
        if not written.in_module(space, name, space[name]):
            self.look(space[name])

    def _look_at_class(self, kind: type) -> None:
        for one in filter(is_own, kind.__mro__):
            space = vars(sys.modules[one.__module__]) if one.__module__ in sys.modules else {}
            for name, value in vars(one).items():
                if isinstance(value, (staticmethod, classmethod)):
                    self.look(value.__func__)
                elif isinstance(value, property):
                    self.look(value.fget)
                elif name.startswith(_OF_LIBRARIES) and not isinstance(value, FunctionType):
                    continue
                elif not written.in_module(space, f"{one.__qualname__}.{name}", value):
                    self.look(value)

    def _look_into(self, thing: Any) -> None:
        """A list of plain values may have been read from anywhere."""
        members = list(thing.values()) if isinstance(thing, dict) else list(thing)
        if all(type(one) in objects.PLAIN for one in members):
            if members:
                self.found.append(objects.UNKNOWN)
            return
        for one in members:
            self.look(one)


def _cells(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not set yet
            continue


def _names_in(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """List the globals that code refers to, and all other names in it; of code within too."""
    known = _names.get(code)
    if known is None:
        found = {
            one.argval for one in dis.get_instructions(code)
            if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        }  # fmt: skip
        others = set(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                inside, more = _names_in(constant)
                found |= inside
                others |= more
        known = _names[code] = frozenset(found), frozenset(others)
    return known


def _holds_nothing(thing: Any) -> bool:
    """Whether an object is of a kind that holds no data: a logger, a pattern, a type of data."""
    module = type(thing).__module__
    if module.partition(".")[0] in sys.stdlib_module_names:
        return module.partition(".")[0] not in _HOLDING
    if module == "numpy":
        return not hasattr(thing, "__array__") or getattr(thing, "ndim", 1) == 0
    return module.startswith(_NUMBERS)
