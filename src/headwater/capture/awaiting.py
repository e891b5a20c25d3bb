"""Observes coroutine functions and generators of a library, which are done later than called.

As with `patching`: who is observed goes on as without us, and what goes wrong in an observer is
told in one line.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from typing import Any

from headwater.capture import runtime
from headwater.capture.dressing import with_defaults
from headwater.capture.quiet import is_deaf, quiet
from headwater.capture.signals import is_the_program_s
from headwater.capture.watching import leave_frame_out

Generating = Callable[..., Generator[Any, Any, Any]]


def awaiting(
    original: Callable[..., Any],
    tell: Callable[..., None],
    failed: Callable[..., None] | None = None,
) -> Callable[..., Any]:
    """Give a coroutine function that does what `original` does, and `tell`s of its result.

    Told are the result, or the exception where it `failed`, and the arguments.
    """

    @functools.wraps(original)
    async def wait(*args: Any, **kwargs: Any) -> Any:
        if is_deaf():
            return await original(*args, **kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            if failed is not None:
                guard(failed, error, args, kwargs)
            raise
        guard(tell, result, args, kwargs)
        return result

    return with_defaults(wait, original)


def generating(
    original: Generating, tell: Callable[..., None], failed: Callable[..., None] | None = None
) -> Generating:
    """Give a generator that does what one of a driver does, and `tell`s what it returned.

    Told are the object that it is a method of, the arguments and the result; or the object and the
    exception, where it `failed`.
    """

    @functools.wraps(original)
    def generate(self: Any, *args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        if is_deaf():
            return (yield from original(self, *args, **kwargs))
        try:
            result = yield from original(self, *args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            if failed is not None:
                guard(failed, self, error)
            raise
        guard(tell, self, args, result)
        return result

    return generate


def guard(action: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """Call an observer; nothing is observed within, and nothing raised."""
    try:
        with quiet():
            action(*args, **kwargs)
    except Exception as error:
        if is_the_program_s(error):
            raise
        runtime.complain(f"{action.__module__.rpartition('.')[2]}: {error!r}")
