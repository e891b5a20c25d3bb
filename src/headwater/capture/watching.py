"""Gives a function that does what another does, and has an observer called after it.

It keeps the name, signature and pickle of the other; an exception passes with the traceback that it
would have had; warnings point at the same line of the user. An observer is called with what went in
and came out; what goes wrong in it is told in one line and goes no further. Within an observed
function nothing else is observed: the outermost knows best what was meant.

Trusted? It runs in the user's process with the user's rights, between the user and the library.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import CodeType, FunctionType

from headwater.capture import runtime
from headwater.capture.dressing import ASSIGNED, dressed, with_defaults
from headwater.capture.quiet import STATEMENTS, within
from headwater.capture.signals import is_the_program_s
from headwater.capture.stack import FILE, LINE, is_callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any, Final, TypeAlias, TypeVar

    from headwater.capture.quiet import Within

    F = TypeVar("F", bound=Callable[..., Any])

Observer: TypeAlias = "Callable[[Any, tuple[Any, ...], dict[str, Any]], None]"
"""(what it returned, positional arguments, keyword arguments)."""
Opener: TypeAlias = "Callable[[tuple[Any, ...], dict[str, Any]], Any]"
"""(positional arguments, keyword arguments) → what the observer is given as `before`."""

MARK: Final = "_headwater_original"


def is_watched(function: Any) -> bool:
    """Whether a function is one that observers were put behind; not one that was put around it."""
    original = getattr(function, MARK, None)
    return original is not None and original is function.__wrapped__


class Watch:
    """How a function is observed; see `Patches.observe`.

    There are hundreds of these, and they are one object each: a cell for each variable that a
    closure has is one more for Python to collect, and one more that is out of the cache. So what
    is observed stands here too, once it is.
    """

    __slots__ = (
        "before", "called_back", "depth", "failed", "file", "frames", "guard", "ignored", "in_c",
        "inside", "lifted", "observer", "original", "passing", "unless",
    )  # fmt: skip

    def __init__(
        self,
        observer: Observer,
        before: Opener | None,
        failed: Observer | None = None,
        depth: str | None = None,
        *,
        holding: bool = False,
        beneath: bool = False,
        called_back: bool = False,
        passing: str | None = None,
        file: str | None = None,
        guard: ContextVar[Any] | None = None,
        unless: Callable[[], bool] | None = None,
        lifted: bool = False,
    ) -> None:
        self.observer = observer
        self.before = before
        self.failed = failed
        self.depth = depth
        self.called_back = called_back or beneath
        self.passing = passing
        self.file = file
        self.guard = guard
        self.unless = unless
        self.lifted = lifted
        self.inside: Within = STATEMENTS if holding else True
        self.ignored: tuple[Within, ...] = (True,) if beneath else (True, STATEMENTS)
        self.original: Callable[..., Any]
        self.in_c: bool
        self.frames: int

    @property
    def is_usual(self) -> bool:
        """Whether one guard stays from its beginning until the observer is through."""
        return (self.depth, self.guard, self.unless, self.inside) == (None, None, None, True)

    @property
    def is_simple(self) -> bool:
        """Whether it is observed as most are: see `_simply`."""
        special = (self.before, self.failed, self.passing)
        return self.is_usual and special == (None,) * 3 and not self.called_back


def watched(
    original: Callable[..., Any],
    observer: Observer,
    before: Opener | None = None,
    depth: str | None = None,
    *,
    guard: ContextVar[bool] | None = None,
    unless: Callable[[], bool] | None = None,
) -> Callable[..., Any]:
    """Give a function that does what `original` does, and has the observer called after it.

    `unless` tells of times at which it is called as if nobody watched; of the rest, see `observe`.
    """
    how = Watch(observer, before, depth=depth, guard=guard, unless=unless)
    return observed(original, how)


def observed(original: Callable[..., Any], how: Watch, *, frames: int = 1) -> Callable[..., Any]:
    """Give the observed function, whose caller is so many frames up for what asks for `depth`."""
    if how.is_simple and hasattr(original, "__code__"):
        call = _simply(original, how.observer)
    elif how.is_usual and (hasattr(original, "__code__") or how.passing is not None):
        call = _usually(original, how)
    else:
        call = _fully(original, how, frames)
    made: Any = dressed(call, original)
    if how.file is not None:
        made.__code__ = made.__code__.replace(co_filename=how.file)
    if how.passing is not None:
        made = _passing(made, how.passing)
    with_defaults(made, original)
    if hasattr(original, "__objclass__"):  # a method in C has no module of its own
        made.__module__ = original.__objclass__.__module__
    setattr(made, MARK, original)
    return made  # type: ignore[no-any-return]


def making_as_of_imports(maker: F) -> F:
    """Let the functions that one makes be of another file: once, for there are hundreds."""
    maker.__code__ = _making(maker.__code__)
    return maker


def _making(code: CodeType) -> CodeType:
    made = (
        _making(one).replace(co_filename=FILE) if isinstance(one, CodeType) else one
        for one in code.co_consts
    )
    return code.replace(co_consts=tuple(made))


_state, _enter, _leave = within.get, within.set, within.reset


@making_as_of_imports
def _simply(original: Callable[..., Any], observer: Observer) -> Callable[..., Any]:
    """Do what `_fully` does where nothing is special, and in half the time.

    The guard stays until the observer is through.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        if _state():
            try:
                return original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
        headwater_held = _enter(True)
        try:
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
            try:
                observer(result, args, kwargs)
            except Exception as error:
                if is_the_program_s(error):
                    raise
                runtime.complain(f"{_name(original)}: {error!r}")
        finally:
            _leave(headwater_held)
        return result

    return call


@making_as_of_imports
def _usually(original: Callable[..., Any], how: Watch) -> Callable[..., Any]:
    """Do what `_fully` does where the usual guard stays until the observer is through."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if _state() in how.ignored and not (how.called_back and is_callback(sys._getframe(1))):
            try:
                return original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
        told = kwargs
        headwater_held = _enter(True)
        try:
            try:
                if how.before is not None:
                    told = {**kwargs, "__before__": how.before(args, kwargs)}
            except Exception as error:
                if is_the_program_s(error):
                    raise
                told = {**kwargs, "__before__": None}
                runtime.complain(f"{_name(original)}: {error!r}")
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                if how.failed is not None:
                    _tell(how.failed, error, args, told, original)
                raise
            try:
                how.observer(result, args, told)
            except Exception as error:
                if is_the_program_s(error):
                    raise
                runtime.complain(f"{_name(original)}: {error!r}")
        finally:
            _leave(headwater_held)
        return result

    return call


def _name(function: Any) -> str:
    return str(getattr(function, "__qualname__", "a function"))


@making_as_of_imports
def _fully(original: Callable[..., Any], how: Watch, frames: int) -> Callable[..., Any]:
    how.original, how.frames = original, frames
    # A function that looks for its caller's variables by itself has to find that one's frame.
    how.in_c = not hasattr(original, "__code__") and how.passing is None

    def call(*args: Any, **kwargs: Any) -> Any:
        if how.unless is not None and how.unless():
            return how.original(*args, **kwargs)
        if how.depth is not None:
            kwargs[how.depth] = kwargs.get(how.depth, 0) + how.frames
        guard, before = how.guard, how.before
        if (
            _state() in how.ignored and not (how.called_back and is_callback(sys._getframe(1)))
        ) or (guard is not None and guard.get()):
            try:
                if how.in_c:
                    return caller(sys._getframe(1))(how.original, args, kwargs)
                return how.original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
        seen, chosen = _lifted(how, args, kwargs) if how.lifted else (None, guard or within)
        headwater_held = chosen.set(how.inside)
        try:
            if before is not None and not how.lifted:
                seen = _look(before, args, kwargs)
            if how.in_c:
                result = caller(sys._getframe(1))(how.original, args, kwargs)
            else:
                result = how.original(*args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            if how.failed is not None:
                told = {**kwargs, "__before__": seen}
                _tell(how.failed, error, args, told, how.original)
            raise
        finally:
            chosen.reset(headwater_held)
        told = kwargs if before is None else {**kwargs, "__before__": seen}
        _tell(how.observer, result, args, told, how.original)
        return result

    return call


def _passing(function: FunctionType, module: str) -> FunctionType:
    """Give the same function with globals that say they are of another module."""
    scope = _scopes.get(module)
    if scope is None:
        scope = _scopes[module] = {**globals(), "__name__": module}
    made = FunctionType(
        function.__code__, scope, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return dressed(made, function.__wrapped__)  # type: ignore[attr-defined]


_scopes: Final[dict[str, dict[str, Any]]] = {}


@making_as_of_imports
def generating(
    original: Callable[..., Iterator[Any]],
    told: Callable[[int, Any, tuple[Any, ...], dict[str, Any]], None],
) -> Callable[..., Iterator[Any]]:
    """Give a generator function that gives what `original` gives, after each was `told` of.

    Told are its number, what is given, and the arguments.
    """

    def generate(*args: Any, **kwargs: Any) -> Iterator[Any]:
        number = 0
        try:
            for one in original(*args, **kwargs):
                if not within.get():
                    _tell(_numbered(told, number), one, args, kwargs, original)
                number += 1
                yield one
        except BaseException as error:
            leave_frame_out(error)
            raise

    made: Any = dressed(generate, original)
    with_defaults(made, original)
    setattr(made, MARK, original)
    return made  # type: ignore[no-any-return]


def _numbered(
    told: Callable[[int, Any, tuple[Any, ...], dict[str, Any]], None], number: int
) -> Observer:
    return lambda *rest: told(number, *rest)


def _tell(
    observer: Observer, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any], of: object
) -> None:
    """Call an observer; `of` is the function that it observes."""
    token = within.set(True)
    try:
        observer(result, args, kwargs)
    except Exception as error:
        if is_the_program_s(error):
            raise
        runtime.complain(f"{_name(of)}: {error!r}")
    finally:
        within.reset(token)


def leave_frame_out(error: BaseException) -> None:
    """Leave the frame that caught it out of its traceback: it is not the user's business.

    Re-raised by a bare `raise`, CPython does not put it in again.
    """
    trace = error.__traceback__
    if trace is not None:
        trace = trace.tb_next
        if trace is not None and trace.tb_frame.f_code.co_name == LINE:
            trace = trace.tb_next
        error.__traceback__ = trace


def caller(frame: FrameType) -> Callable[..., Any]:
    """Give what calls a function for the line that a frame is at, of the same file and module.

    A function written in C warns about the Python code that called it, and that would be ours.
    """
    # By identity: to hash code is to hash all that it consists of. And an `id` is told to hooks.
    code = frame.f_code
    key = (_identity(code), frame.f_lasti)
    found = _lines.get(key)
    if found is None:
        if len(_lines) >= LINES_MAX:
            _lines.clear()
        line = _CALL.replace(
            co_filename=code.co_filename, co_firstlineno=frame.f_lineno, co_name=LINE
        )
        found = _lines[key] = line, code
    # Made anew: one that is kept would keep the variables of its module beyond the module's end.
    return FunctionType(found[0], frame.f_globals)


_CALL: Final = (lambda function, args, kwargs: function(*args, **kwargs)).__code__
LINES_MAX: Final = 1_000
"""Lines of the program that call something in C and are kept; beyond that they are found anew."""
_lines: Final[dict[tuple[int, int], tuple[CodeType, CodeType]]] = {}
"""By code and instruction; the code is held too, so that no other is in its place."""
_identity: Final = object.__hash__


def as_builtin(original: Any, watched: Any) -> Any:
    """Give what passes for a function written in C: in a class it does not become a method."""
    kind = type(
        type(original).__name__,
        (),
        {
            "__call__": staticmethod(watched),
            "__class__": property(lambda _: type(original)),  # for isinstance
            "__repr__": lambda _: repr(original),
            "__reduce__": lambda _: original.__qualname__,
            "__eq__": lambda self, other: other is self or other is original,  # for tables of them
            "__hash__": lambda _: hash(original),
        },
    )
    made = kind()
    for name in (*ASSIGNED, "__self__", "__text_signature__"):
        if hasattr(original, name):
            vars(made)[name] = getattr(original, name)
    made.__wrapped__ = original
    setattr(made, MARK, original)
    return made


def _lifted(
    how: Watch, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ContextVar[Any]]:
    """Give what is seen before a call, and the guard that is to be set for it."""
    if how.before is None or how.guard is None:
        return None, within
    token = within.set(True)
    try:
        seen = _look(how.before, args, kwargs)
    finally:
        within.reset(token)
    return seen, how.guard if seen is not None and seen.opens else within


def _look(before: Opener, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return before(args, kwargs)
    except Exception as error:
        if is_the_program_s(error):
            raise
        runtime.complain(repr(error))
        return None
