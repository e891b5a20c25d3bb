"""Observes a function of a library that programs hold already: `from pandas import read_csv`.

The function stays the object that it is, under all of its names; only its code is another, which
calls the observed one (a copy with the code that it had). `sys.monitoring` could do it on Python
3.12 and newer, but tells no arguments, and its few places belong to debuggers and profilers.
"""

from __future__ import annotations

from types import FunctionType

from headwater.capture.dressing import ASSIGNED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any, Final

_CALL: Final = """\
def make():
    {cells}
    def call(*args, **kwargs):
        {cells}
        watched, leave_frame_out = "{mark}"
        try:
            return watched(*args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise
    return call
"""
_KINDS: Final = 0x20 | 0x80 | 0x200
"""Generators, coroutines and asynchronous generators: `inspect.CO_GENERATOR` and so on."""
_MARK: Final = "headwater: what is to be called"


class CannotSwap(Exception):
    """A function has code in whose place no other can be put."""


def copied(function: FunctionType) -> FunctionType:
    """Copy a function, with the code that it has now."""
    made = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    for name in ASSIGNED:
        if hasattr(function, name):
            setattr(made, name, getattr(function, name))
    vars(made).update(vars(function))
    return made


def swap(
    function: FunctionType,
    watched: Callable[..., Any],
    leave_frame_out: Callable[[BaseException], None],
    file: str,
) -> CodeType:
    """Have `function` call `watched`, and give the code that it had. Raises `CannotSwap`.

    `file` is what tracebacks and warnings take for the file of the code that is put in.
    """
    before = function.__code__
    if before.co_flags & _KINDS:  # Python 3.13 warns where code of another kind is put in
        raise CannotSwap(before.co_qualname)
    function.__code__ = _calling(before, (watched, leave_frame_out), file)
    return before


def _calling(before: CodeType, state: tuple[Any, ...], file: str) -> CodeType:
    """Code that has the cells of another function's, and gets what it calls as a constant."""
    names = before.co_freevars
    cells = f"({', '.join(names)},)" if names else "()"
    text = _CALL.replace("{cells}", f"{cells} = (None,) * {len(names)}" if names else "()", 1)
    text = text.replace("{cells}", cells, 1).replace("{mark}", _MARK)
    made: dict[str, Any] = {}
    exec(compile(text, file, "exec"), made)  # noqa: S102 (it stands above)
    code: CodeType = made["make"]().__code__
    if code.co_freevars != names or _MARK not in code.co_consts:
        raise CannotSwap(before.co_qualname)
    return code.replace(
        co_consts=tuple(state if one == _MARK else one for one in code.co_consts),
        co_name=before.co_name,
        co_qualname=before.co_qualname,
        co_firstlineno=before.co_firstlineno,
    )
