"""Puts an observer behind a function of a library, so that nobody notices.

The function keeps its name, signature and pickle; an exception passes with the traceback that it
would have had; warnings point at the same line of the user. An observer is called after the
function, with what went in and came out; what goes wrong in it is told in one line and goes no
further. Within an observed function nothing else is observed: the outermost knows best what was
meant.

Trusted? It runs in the user's process with the user's rights, between the user and the library.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import BuiltinFunctionType, FunctionType, ModuleType

from headwater.capture import runtime
from headwater.capture.compiled import loosened
from headwater.capture.dressing import ASSIGNED, dressed
from headwater.capture.quiet import STATEMENTS, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType
    from typing import Any, Final, TypeAlias

    from headwater.capture.quiet import Within


Observer: TypeAlias = "Callable[[Any, tuple[Any, ...], dict[str, Any]], None]"
"""(what it returned, positional arguments, keyword arguments)."""
Opener: TypeAlias = "Callable[[tuple[Any, ...], dict[str, Any]], Any]"
"""(positional arguments, keyword arguments) → what the observer is given as `before`."""

MARK: Final = "_headwater_original"

# Frames with both words in their file's name are the import system's to `warnings`, which then
# counts them out of `stacklevel`: a warning is shown at the user's line, as without us.
_FILE: Final = "<headwater importlib _bootstrap>"


def is_watched(function: Any) -> bool:
    """Whether a function is one that observers were put behind; not one that was put around it."""
    original = getattr(function, MARK, None)
    return original is not None and original is function.__wrapped__


class _Seen:
    """How a function is observed; see `Patches.observe`."""

    def __init__(
        self,
        observer: Observer,
        before: Opener | None,
        failed: Observer | None = None,
        depth: str | None = None,
        *,
        holding: bool = False,
        beneath: bool = False,
        passing: str | None = None,
        guard: ContextVar[Any] | None = None,
        unless: Callable[[], bool] | None = None,
    ) -> None:
        self.observer = observer
        self.before = before
        self.failed = failed
        self.depth = depth
        self.holding = holding
        self.beneath = beneath
        self.passing = passing
        self.guard = guard or within
        self.unless = unless
        self.is_simple = (before, failed, depth, passing, guard, unless) == (None,) * 6 and not (
            holding or beneath
        )


class Patches:
    """What was put into one library, so that it can be taken out again.

    `late`: programs may hold functions of the library already, by names of their own. Functions
    written in Python stay the objects that they are, with other code (`swapping`).
    """

    def __init__(self, *, late: bool = False) -> None:
        self._late = late
        # Hundreds of these live as long as the program, and a closure is six objects to collect.
        self._undone: list[Callable[[], object] | tuple[Any, str, Any, bool]] = []
        self._replaced: list[tuple[Any, Any]] = []

    def observe(
        self,
        owner: Any,
        name: str,
        observer: Observer,
        *,
        before: Opener | None = None,
        failed: Observer | None = None,
        also: Iterable[Any] = (),
        depth: str | None = None,
        holding: bool = False,
        beneath: bool = False,
        passing: str | None = None,
        guard: ContextVar[bool] | None = None,
    ) -> None:
        """Have `observer` called after `owner.name`, a function, method or property that is there.

        `before` is called ahead of the function; what it returns is the observer's `before` keyword
        argument, under a name that no function has: `__before__`. `failed` is called instead where
        it raises, with the exception for a result. `also` are other modules that have the same
        function under the same name: it stays one. `depth` is the keyword argument by which the
        function is told how many frames up its caller is; a function that looks for its caller by
        itself, and passes over frames of a module, has ours `passing` for that module's.

        Within it nothing else is observed; with `holding`, what is observed `beneath` is, that is,
        statements in databases. A `guard` is set in the place of ours: then only what has the same
        guard is not observed within. Raises `AttributeError`.
        """
        seen = _Seen(
            observer, before, failed, depth,
            holding=holding, beneath=beneath, passing=passing, guard=guard,
        )  # fmt: skip
        found = _find(owner, name)
        original = found
        if isinstance(found, (classmethod, staticmethod)):
            original = found.__func__
        elif isinstance(found, property) and found.fget is not None:
            original = found.fget
        if self._late and name in vars(owner) and isinstance(original, FunctionType):
            if not is_watched(original) and self._swap(original, seen):
                return
            if is_watched(original):
                return
        made: Any = _watched(original, seen)
        if isinstance(original, BuiltinFunctionType):
            made = _builtin(original, made)
        elif isinstance(found, (classmethod, staticmethod)):
            made = type(found)(made)
        elif isinstance(found, property):
            made = property(made, found.fset, found.fdel, found.__doc__)
        self.replace(owner, name, made)
        for other in also:
            if vars(other).get(name) is original:
                self.replace(other, name, made)

    def observe_function(
        self, owner: ModuleType, name: str, observer: Observer, *, before: Opener | None = None
    ) -> None:
        """Observe a function of a module and of the module that it is defined in: pickles name it.

        Nothing is done where there is no such function.
        """
        function = getattr(owner, name, None)
        if function is not None:
            home = sys.modules.get(function.__module__)
            self.observe(owner, name, observer, before=before, also=() if home is None else (home,))

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Put `value` in the place of `owner.name`."""
        own = name in vars(owner)
        before = _find(owner, name)
        if self._late and isinstance(owner, ModuleType):
            self._replaced.append((before, value))
        with loosened(owner):
            setattr(owner, name, value)

        self._undone.append((owner, name, before, own))

    def put_builtin(
        self, owner: Any, name: str, function: Callable[..., Any], *, also: Iterable[Any] = ()
    ) -> None:
        """Put a function in the place of one written in C, and pass it off as that."""
        original = _find(owner, name)
        made: Any = function
        made.__code__ = made.__code__.replace(co_filename=_FILE)
        passed_off = _builtin(original, dressed(made, original))
        for one in (owner, *also):
            if vars(one).get(name) is original:
                self.replace(one, name, passed_off)

    def also_undo(self, action: Callable[[], object]) -> None:
        """Have something that a library was told be taken back with the rest."""
        self._undone.append(action)

    def replaced(self) -> list[tuple[Any, Any]]:
        """List what was replaced in modules that programs may hold already, and by what."""
        return list(self._replaced)

    def _swap(self, function: FunctionType, seen: _Seen) -> bool:
        from headwater.capture import swapping  # only for what is imported already

        original, own = swapping.copied(function), dict(vars(function))
        # The function's own frame calls that of the watched one.
        made = _watched(original, seen, frames=2)
        try:
            code = swapping.swap(function, made, leave_frame_out, _FILE)
        except swapping.CannotSwap:
            return False
        vars(function).update({"__wrapped__": original, MARK: original})

        def undo() -> None:
            function.__code__ = code
            vars(function).clear()
            vars(function).update(own)

        self._undone.append(undo)
        return True

    def undoing(self, action: Callable[[], None]) -> None:
        """Have `action` called, too, when everything is taken out again."""
        self._undone.append(action)

    def undo(self) -> None:
        """Take everything out again, the last first."""
        while self._undone:
            last = self._undone.pop()
            if not isinstance(last, tuple):
                last()
                continue
            owner, name, before, own = last
            with loosened(owner):
                if own:
                    setattr(owner, name, before)
                else:
                    delattr(owner, name)


def _find(owner: Any, name: str) -> Any:
    for holder in getattr(owner, "__mro__", (owner,)):
        if name in vars(holder):
            return vars(holder)[name]
    return getattr(owner, name)


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
    how = _Seen(observer, before, depth=depth, guard=guard, unless=unless)
    return _watched(original, how)


def _watched(original: Callable[..., Any], how: _Seen, *, frames: int = 1) -> Callable[..., Any]:
    simple = how.is_simple and hasattr(original, "__code__")
    call = _simply(original, how.observer) if simple else _fully(original, how, frames)
    made: Any = dressed(call, original)
    if how.passing is not None:
        made = _passing(made, how.passing)
    made.__code__ = _as_of_imports(made.__code__)
    if hasattr(original, "__objclass__"):  # a method in C has no module of its own
        made.__module__ = original.__objclass__.__module__
    setattr(made, MARK, original)
    return made  # type: ignore[no-any-return]


def _as_of_imports(code: CodeType) -> CodeType:
    """Give the same code of another file; one for all functions, of which there are hundreds."""
    found = _codes.get(code)
    if found is None:
        found = _codes[code] = code.replace(co_filename=_FILE)
    return found


_codes: Final[dict[CodeType, CodeType]] = {}
_state, _enter, _leave = within.get, within.set, within.reset


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
        token = _enter(True)
        try:
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
            try:
                observer(result, args, kwargs)
            except Exception as error:
                runtime.complain(f"{_name(original)}: {error!r}")
        finally:
            _leave(token)
        return result

    return call


def _name(function: Any) -> str:
    return str(getattr(function, "__qualname__", "a function"))


def _fully(original: Callable[..., Any], how: _Seen, frames: int) -> Callable[..., Any]:
    observer, before, failed, depth = how.observer, how.before, how.failed, how.depth
    inside: Within = STATEMENTS if how.holding else True
    ignored = (True,) if how.beneath else (True, STATEMENTS)
    guard, unless = how.guard, how.unless
    # A function that looks for its caller's variables by itself has to find that one's frame.
    in_c = not hasattr(original, "__code__") and how.passing is None

    def call(*args: Any, **kwargs: Any) -> Any:
        if unless is not None and unless():
            return original(*args, **kwargs)
        if depth is not None:
            kwargs[depth] = kwargs.get(depth, 0) + frames
        if within.get() in ignored or (guard is not within and guard.get()):
            try:
                if in_c:
                    return _caller(sys._getframe(1))(original, args, kwargs)
                return original(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
        token = guard.set(inside)
        seen = None
        try:
            seen = None if before is None else _look(before, args, kwargs)
            if in_c:
                result = _caller(sys._getframe(1))(original, args, kwargs)
            else:
                result = original(*args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            if failed is not None:
                _tell(failed, error, args, {**kwargs, "__before__": seen}, name)
            raise
        finally:
            guard.reset(token)
        told = kwargs if before is None else {**kwargs, "__before__": seen}
        _tell(observer, result, args, told, name)
        return result

    name = _name(original)
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
                    _tell(_numbered(told, number), one, args, kwargs, name)
                number += 1
                yield one
        except BaseException as error:
            leave_frame_out(error)
            raise

    name = getattr(original, "__qualname__", "a generator")
    made: Any = dressed(generate, original)
    made.__code__ = _as_of_imports(made.__code__)
    setattr(made, MARK, original)
    return made  # type: ignore[no-any-return]


def _numbered(
    told: Callable[[int, Any, tuple[Any, ...], dict[str, Any]], None], number: int
) -> Observer:
    return lambda *rest: told(number, *rest)


def _tell(
    observer: Observer, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str
) -> None:
    token = within.set(True)
    try:
        observer(result, args, kwargs)
    except Exception as error:
        runtime.complain(f"{name}: {error!r}")
    finally:
        within.reset(token)


def leave_frame_out(error: BaseException) -> None:
    """Leave the frame that caught it out of its traceback: it is not the user's business.

    Re-raised by a bare `raise`, CPython does not put it in again.
    """
    trace = error.__traceback__
    if trace is not None:
        trace = trace.tb_next
        if trace is not None and trace.tb_frame.f_code.co_name == _LINE:
            trace = trace.tb_next
        error.__traceback__ = trace


def _caller(frame: FrameType) -> Callable[..., Any]:
    """Give what calls a function for the line that a frame is at, of the same file and module.

    A function written in C warns about the Python code that called it, and that would be ours.
    """
    # Every `id` is told to the audit hooks.
    key = (frame.f_code, frame.f_lineno, object.__hash__(frame.f_globals))
    found = _callers.get(key)
    if found is None:
        if len(_callers) >= CALLERS_MAX:
            _callers.clear()
        code = _CALL.replace(
            co_filename=frame.f_code.co_filename, co_firstlineno=frame.f_lineno, co_name=_LINE
        )
        found = _callers[key] = FunctionType(code, frame.f_globals)
    return found


_LINE: Final = "<headwater line>"
_CALL: Final = (lambda function, args, kwargs: function(*args, **kwargs)).__code__
CALLERS_MAX: Final = 1_000
"""Lines of the program that are kept; beyond that they are found anew."""
_callers: Final[dict[tuple[CodeType, int, int], Callable[..., Any]]] = {}


def _builtin(original: Any, watched: Any) -> Any:
    """Give what passes for a function written in C: in a class it does not become a method."""
    kind = type(
        type(original).__name__,
        (),
        {
            "__call__": staticmethod(watched),
            "__repr__": lambda _: repr(original),
            "__reduce__": lambda _: original.__qualname__,
        },
    )
    made = kind()
    for name in (*ASSIGNED, "__self__", "__text_signature__"):
        if hasattr(original, name):
            vars(made)[name] = getattr(original, name)
    made.__wrapped__ = original
    setattr(made, MARK, original)
    return made


def _look(before: Opener, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return before(args, kwargs)
    except Exception as error:
        runtime.complain(repr(error))
        return None
