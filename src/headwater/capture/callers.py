"""Lets libraries that look at who calls them look past our frames.

A library may ask which line is the first that is not its own, to warn about that; how many refer to
an object, to tell whether the program has a name for it; or what its caller is doing just then. In
modules that do, another module stands in the place of the one by which they ask: it gives what
there is without us.
"""

from __future__ import annotations

import inspect
import sys
from types import FrameType, ModuleType

from headwater.capture.stack import FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from headwater.capture.patching import Patches


def look_past_ours(modules: Iterable[str], patches: Patches) -> None:
    """Have modules, as far as they are imported, see through us, by `sys` or by `inspect`."""
    for name in modules:
        scope = vars(sys.modules[name]) if name in sys.modules else {}
        for asked in (sys, inspect):
            if scope.get(asked.__name__) is asked:
                _stand_in(scope, asked, patches)


def _stand_in(scope: dict[str, Any], asked: ModuleType, patches: Patches) -> None:
    scope[asked.__name__] = _instead[asked]

    def undo() -> None:
        if scope.get(asked.__name__) is _instead[asked]:
            scope[asked.__name__] = asked

    patches.also_undo(undo)


class _Instead(ModuleType):
    """A module with some functions of its own; in all else it is what it stands for."""

    def __init__(self, module: ModuleType, **otherwise: Any) -> None:
        super().__init__(module.__name__, module.__doc__)
        vars(self).update(otherwise, __getattr__=lambda name: getattr(module, name))


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename is FILE or frame.f_code.co_filename == FILE


def _past(frame: FrameType | None) -> FrameType | None:
    while frame is not None and _is_ours(frame):
        frame = frame.f_back
    return frame


def _getframe(depth: int = 0, /) -> FrameType:
    frame: FrameType | None = sys._getframe(1)
    for _ in range(depth):
        frame = None if frame is None else _past(frame.f_back)
    if frame is None:
        raise ValueError("call stack is not deep enough")
    return frame


def _getrefcount(thing: object, /) -> int:
    """Leave out what our frames refer to: each has the arguments of the function that asks."""
    count = sys.getrefcount(thing) - _own
    frame = sys._getframe(1).f_back
    while frame is not None and _is_ours(frame):
        count -= _passed_by_name if frame.f_locals.get("kwargs") else _passed
        frame = frame.f_back
    return count


class _Frame:
    """A frame above which ours are left out."""

    __slots__ = ("_frame",)
    __class__ = property(lambda _: FrameType)  # for `isinstance`

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)

    @property
    def f_back(self) -> _Frame | None:
        above = _past(self._frame.f_back)
        return None if above is None else _Frame(above)


def _currentframe() -> _Frame:
    return _Frame(sys._getframe(1))


# How many references there are more depends on the interpreter: it is tried once.


def _count(thing: object, /, **_: object) -> int:
    return sys.getrefcount(thing)


def _pass_on(*args: Any, **kwargs: Any) -> int:
    return _count(*args, **kwargs)


_own = _passed = _passed_by_name = 0
_thing = object()
_own = _getrefcount(_thing) - sys.getrefcount(_thing)
_passed = _pass_on(_thing) - _count(_thing)
_passed_by_name = _pass_on(_thing, name=1) - _count(_thing, name=1)
_instead = {
    sys: _Instead(sys, _getframe=_getframe, getrefcount=_getrefcount),
    inspect: _Instead(inspect, currentframe=_currentframe),
}
