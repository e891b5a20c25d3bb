"""Exceptions of the program's signal handlers, which may come while we are at work.

A program that sets itself a time (`signal.alarm`) has its handler raise, wherever it is just then.
That is nothing that went wrong with us: it goes on to the program, as if it had come a moment
before or after.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any


def is_the_program_s(error: BaseException) -> bool:
    """Whether a handler of the program raised it; its traceback begins with the handler then."""
    signal = sys.modules.get("signal")
    if signal is None:
        return False
    trace = error.__traceback__
    codes = {_code(signal.getsignal(number)) for number in range(1, signal.NSIG)}
    while trace is not None and trace.tb_frame.f_code not in codes:
        trace = trace.tb_next
    if trace is not None:
        error.__traceback__ = trace
    return trace is not None


def _code(handler: Any) -> CodeType | None:
    """Give the code of a handler: a function, a method, or what `functools.partial` made."""
    handler = getattr(handler, "func", handler)
    if not hasattr(handler, "__code__") and not hasattr(handler, "__func__"):
        handler = getattr(type(handler), "__call__", None)  # noqa: B004 (not whether there is one)
    code: CodeType | None = getattr(handler, "__code__", None)
    return code
