"""Functions as jobs: each call is a run, part of the one that is current where it is called."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, Final, ParamSpec, TypeVar, cast, overload

from headwater.capture import context, facts
from headwater.capture.runs import ABORT, Run, outcome

P = ParamSpec("P")
R = TypeVar("R")

_GENERATOR: Final = 0x20
_COROUTINE: Final = 0x80
_ASYNC_GENERATOR: Final = 0x200
"""Flags of code objects, as `inspect` has them, which takes 10 ms to import."""
_CLOSED: Final = "it was closed before it was exhausted"


@overload
def task(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def task(
    *,
    name: str | None = ...,
    namespace: str | None = ...,
    description: str | None = ...,
    owner: str | None = ...,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def task(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    namespace: str | None = None,
    description: str | None = None,
    owner: str | None = None,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Record every call of a function as a run of its own.

    The job is called `<module>.<function>` (for a script, its file's name stands for the module) or
    `name`. Arguments are not recorded. Coroutine functions, generators and asynchronous generators
    stay what they are: the run lasts until they are done, and is current while their code runs.
    A generator that is closed early, or dropped, ends as ABORT; one that is never asked for a
    value is no run.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        def new() -> Run:
            job = name or _job_name(function)
            return Run(job, namespace=namespace, description=description, owner=owner)

        return cast(Callable[P, R], _wrap(function, new))

    return decorate if function is None else decorate(function)


def _wrap(function: Callable[..., Any], new: Callable[[], Run]) -> Callable[..., Any]:
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    if flags & _ASYNC_GENERATOR:
        wrap = _wrap_async_generator
    elif flags & _GENERATOR:
        wrap = _wrap_generator
    elif flags & _COROUTINE:
        wrap = _wrap_coroutine
    else:
        wrap = _wrap_function
    return functools.wraps(function)(wrap(function, new))


def _wrap_function(function: Callable[..., Any], new: Callable[[], Run]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with new():
            return function(*args, **kwargs)

    return wrapped


def _wrap_coroutine(function: Callable[..., Any], new: Callable[[], Run]) -> Callable[..., Any]:
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        with new():
            return await function(*args, **kwargs)

    return wrapped


def _wrap_generator(function: Callable[..., Any], new: Callable[[], Run]) -> Callable[..., Any]:
    # PEP 380 spelled out: the run is current in the generator's code and nowhere else.
    def wrapped(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        steps = _Steps(new())
        inner = function(*args, **kwargs)
        step: Callable[..., Any] = inner.send
        given: Any = None
        while True:
            with steps:
                try:
                    value = step(given)
                except StopIteration as stop:
                    steps.done = True
                    return stop.value
            try:
                given = yield value
                step = inner.send
            except GeneratorExit:
                with steps:
                    inner.close()
                steps.abandon()
                raise
            except BaseException as error:
                given, step = error, inner.throw

    return wrapped


def _wrap_async_generator(
    function: Callable[..., Any], new: Callable[[], Run]
) -> Callable[..., Any]:
    async def wrapped(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        steps = _Steps(new())
        inner = function(*args, **kwargs)
        step: Callable[..., Any] = inner.asend
        given: Any = None
        while True:
            with steps:
                try:
                    value = await step(given)
                except StopAsyncIteration:
                    steps.done = True
                    return
            try:
                given = yield value
                step = inner.asend
            except GeneratorExit:
                with steps:
                    await inner.aclose()
                steps.abandon()
                raise
            except BaseException as error:
                given, step = error, inner.athrow

    return wrapped


class _Steps:
    """The run of a generator, current from one `yield` to the next."""

    def __init__(self, run: Run) -> None:
        self.done = False
        self._run = run
        self._before: Run | None = None
        self._entered = False

    def __enter__(self) -> None:
        if self._entered:
            self._before = context.swap(self._run)
        else:
            self._entered = True
            self._before = context.find()
            self._run.__enter__()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        context.restore(self._run, self._before)
        if error is not None or self.done:
            self._finish(*outcome(error))

    def abandon(self) -> None:
        """End the run of a generator that was closed."""
        self._finish(ABORT, _CLOSED)

    def _finish(self, state: str, message: str | None) -> None:
        self._run._guard(lambda: self._run.end(state, message))


def _job_name(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", None) or "python"
    if module == "__main__":
        module = facts.script_name()
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"{module}.{name.replace('<locals>.', '')}"
