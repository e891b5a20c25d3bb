"""Puts observed functions in the place of a library's, so that nobody notices, and takes them out.

Trusted? It runs in the user's process with the user's rights, between the user and the library.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

from headwater.capture.compiled import dispatches, implement, loosened
from headwater.capture.dressing import dressed
from headwater.capture.stack import FILE
from headwater.capture.watching import (
    MARK,
    Watch,
    as_builtin,
    is_watched,
    leave_frame_out,
    observed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextvars import ContextVar
    from typing import Any

    from headwater.capture.watching import Observer, Opener


class Patches:
    """What was put into one library, so that it can be taken out again.

    `late`: programs may hold functions of the library already, by names of their own. Functions
    written in Python stay the objects that they are, with other code (`swapping`).
    """

    def __init__(self, *, late: bool = False) -> None:
        self._late = late
        # Owner, name, what was there, and whether it was the owner's own, one behind the other:
        # hundreds of these live as long as the program, and an object each is one to collect.
        # None, nothing, and what is to be called.
        self._undone: list[Any] = []
        self._replaced: list[tuple[Any, Any]] = []

    @property
    def is_late(self) -> bool:
        """Whether the program ran before, and may have objects of the library."""
        return self._late

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
        called_back: bool = False,
        passing: str | None = None,
        file: str | None = None,
        guard: ContextVar[bool] | None = None,
        staying: bool = False,
        lifted: bool = False,
    ) -> None:
        """Have `observer` called after `owner.name`, a function, method or property that is there.

        `before` is called ahead of the function; what it returns is the observer's `before` keyword
        argument, under a name that no function has: `__before__`. `failed` is called instead where
        it raises, with the exception for a result. `also` are other modules that have the same
        function under the same name: it stays one. `depth` is the keyword argument by which the
        function is told how many frames up its caller is; a function that looks for its caller by
        itself, and passes over frames of a module, has ours `passing` for that module's; one that
        passes over those of a file has ours of that `file`.

        Within it nothing else is observed; with `holding`, what is observed `beneath` is, that is,
        statements in databases. They, and with `called_back` what reads or writes files, are
        observed also where a function within calls the program back. `staying`, a function in
        Python remains the object that it is, for libraries that tell others which it was. A `guard`
        is set in the place of ours: then only what has the same guard is not observed within. One
        that is `lifted` is set only for calls of which `before` gives something that `opens`, and
        ours for all others. Raises `AttributeError`.
        """
        seen = Watch(
            observer, before, failed, depth,
            holding=holding, beneath=beneath, called_back=called_back, passing=passing, file=file,
            guard=guard, lifted=lifted,
        )  # fmt: skip
        found = _find(owner, name)
        original = found
        made: Any
        if isinstance(found, (classmethod, staticmethod)):
            original = found.__func__
        elif isinstance(found, property) and found.fget is not None:
            original = found.fget
        stays = (self._late or staying) and name in vars(owner)
        if self._put_within(original, seen, stays=stays):
            return
        made = observed(original, seen)
        if isinstance(original, BuiltinFunctionType):
            made = as_builtin(original, made)
        elif isinstance(found, (classmethod, staticmethod)):
            made = type(found)(made)
        elif isinstance(found, property):
            made = property(made, found.fset, found.fdel, found.__doc__)
        self.replace(owner, name, made)
        for other in also:
            if vars(other).get(name) is original:
                self.replace(other, name, made)

    def observe_function(
        self,
        owner: ModuleType,
        name: str,
        observer: Observer,
        *,
        before: Opener | None = None,
        called_back: bool = False,
    ) -> None:
        """Observe a function of a module and of the module that it is defined in: pickles name it.

        Nothing is done where there is no such function.
        """
        function = getattr(owner, name, None)
        if function is not None:
            home = sys.modules.get(function.__module__)
            also = () if home is None else (home,)
            self.observe(owner, name, observer, before=before, also=also, called_back=called_back)

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Put `value` in the place of `owner.name`."""
        own = name in vars(owner)
        before = _find(owner, name)
        if self._late and isinstance(owner, ModuleType):
            self._replaced.append((before, value))
        with loosened(owner):
            setattr(owner, name, value)

        self._undone += (owner, name, before, own)

    def put_builtin(
        self, owner: Any, name: str, function: Callable[..., Any], *, also: Iterable[Any] = ()
    ) -> None:
        """Put a function in the place of one written in C, and pass it off as that."""
        original = _find(owner, name)
        made: Any = function
        made.__code__ = made.__code__.replace(co_filename=FILE)
        passed_off = as_builtin(original, dressed(made, original))
        for one in (owner, *also):
            if vars(one).get(name) is original:
                self.replace(one, name, passed_off)

    def also_undo(self, action: Callable[[], object]) -> None:
        """Have something that a library was told be taken back with the rest."""
        self._undone += (None, "", action, False)

    def replaced(self) -> list[tuple[Any, Any]]:
        """List what was replaced in modules that programs may hold already, and by what."""
        return list(self._replaced)

    def _put_within(self, function: Any, seen: Watch, *, stays: bool) -> bool:
        """Observe a function that remains the object that it is, where that can be done."""
        if dispatches(function):
            inner = function._implementation
            if not is_watched(inner):
                made: Any = observed(inner, seen)
                if isinstance(inner, BuiltinFunctionType):
                    made = as_builtin(inner, made)
                self.also_undo(implement(function, made))
            return True
        if not stays or not isinstance(function, FunctionType):
            return False
        return is_watched(function) or self._swap(function, seen)

    def _swap(self, function: FunctionType, seen: Watch) -> bool:
        from headwater.capture import swapping  # only for what is imported already

        original, own = swapping.copied(function), dict(vars(function))
        # The function's own frame calls that of the watched one.
        made = observed(original, seen, frames=2)
        try:
            code = swapping.swap(function, made, leave_frame_out, FILE)
        except swapping.CannotSwap:
            return False
        vars(function).update({"__wrapped__": original, MARK: original})

        def undo() -> None:
            function.__code__ = code
            vars(function).clear()
            vars(function).update(own)

        self.also_undo(undo)
        return True

    def undo(self) -> None:
        """Take everything out again, the last first."""
        while self._undone:
            owner, name, before, own = self._undone[-4:]
            del self._undone[-4:]
            if owner is None:
                before()
                continue
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
