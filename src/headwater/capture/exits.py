"""With what this process exits, as far as that is known before it does.

`sys.exit` raises `SystemExit`, of which nobody hears whom it ends; so it is noted when it is
called, and whether it got through is decided at the end. Where no frame around the call has a
handler, it does. Where one has, the exception is kept: it ended the program if the last frame that
had it in hand did not go on to return. What raises `SystemExit` by itself is known by whoever
started the process (`children`). Where that is a shell, nobody says it: libc does then, which calls
what was registered by `on_exit` with the exit code, after Python has gone.
"""

from __future__ import annotations

import os
import sys

from headwater.capture.outcomes import Stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Final

_OUTERMOST: Final = ("<module>", "_run_module_as_main")
"""What Python runs as the program: a script or text; of a module, a folder or a zip, `runpy`."""

_raised: SystemExit | None = None
_certain: SystemExit | Stopped | None = None


def note(error: SystemExit, frame: FrameType | None) -> None:
    """Note that `sys.exit` was called, in the main thread, by this frame."""
    global _raised, _certain
    _raised = _certain = None
    if _may_be_caught(frame):
        _raised = error
    else:
        _certain = SystemExit(*error.args)


def ended_by() -> SystemExit | Stopped | None:
    """Give what ends this program, if `sys.exit` does. Once asked, nothing is kept."""
    global _raised, _certain
    raised, certain = _raised, _certain
    _raised = _certain = None
    if raised is None:
        return certain
    trace = raised.__traceback__
    returned = trace is None or _has_returned(trace.tb_frame)
    return None if returned else SystemExit(*raised.args)


def uncaught() -> BaseException | None:
    """Give the exception that nobody caught, by which Python ends this program.

    Others leave what they caught in the same place, for debuggers (pytest, IPython, `code`): that
    was raised within some function. At a prompt an exception ends nothing.
    """
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if not isinstance(error, BaseException) or hasattr(sys, "ps1"):
        return None
    trace = error.__traceback__
    # None: the program could not be compiled.
    is_outermost = trace is None or trace.tb_frame.f_code.co_name in _OUTERMOST
    return error if is_outermost else None


def ending(code: object) -> None:
    """Note that the program ends at once, with this code: `os._exit`."""
    global _raised, _certain
    _raised, _certain = None, SystemExit(code)


def stopping(name: str) -> None:
    """Note that the program ends itself by a signal, as servers do that were asked to stop."""
    global _raised, _certain
    _raised, _certain = None, Stopped(f"ended by {name}")


def leave_word(path: str) -> None:
    """Have the process write its id and its exit code to the end of a file when it exits.

    As two `int`, by `putw`, in one write: what was put into the stream waits in its buffer until
    libc ends it. Nothing happens where there is no glibc, or the file cannot be opened.

    Below `ctypes` is what is written in C, and is there at a quarter of the cost: every program
    that a shell starts would pay for the rest.
    """
    try:
        import _ctypes as c

        pointer = type("pointer", (c._SimpleCData,), {"_type_": "P"})
        kind = {"_flags_": c.FUNCFLAG_CDECL, "_restype_": pointer}
        function = type("function", (c.CFuncPtr,), kind)
        libc = c.dlopen(None, 0)  # type: ignore[arg-type]  # the program itself
        on_exit, put, fopen = (
            function(c.dlsym(libc, name)) for name in ("on_exit", "putw", "fopen")
        )
        stream = fopen(os.fsencode(path), b"ae")
        if stream is not None:
            put(os.getpid(), pointer(stream))
            on_exit(put, pointer(stream))
    except Exception:
        return  # no such libc, or a program's audit hook that lets nobody load one


def words(path: str) -> Iterator[tuple[int, int]]:
    """Read which processes left word, and what they exited with."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return
    from array import array

    numbers = array("i", data[: len(data) // 8 * 8])
    for pid, code in zip(numbers[::2], numbers[1::2], strict=True):
        yield pid, code & 255


def forget() -> None:
    """Know nothing: this process was forked, and what its parent exits with is the parent's."""
    global _raised, _certain
    _raised = _certain = None


def _has_returned(frame: FrameType) -> bool:
    from opcode import opname

    return opname[frame.f_code.co_code[frame.f_lasti]].startswith(("RETURN", "YIELD"))


def _may_be_caught(frame: FrameType | None) -> bool:
    while frame is not None:
        if _is_handled(frame.f_code, frame.f_lasti // 2):
            return True
        frame = frame.f_back
    return False


def _is_handled(code: CodeType, place: int) -> bool:
    """Whether an exception at `place` goes to a handler: CPython's `exception_handling_notes.txt`.

    Each entry is start, length, target, depth: numbers of six bits a byte, with 64 in all bytes but
    the last, and 128 in the first of an entry.
    """
    numbers: list[int] = []
    value = 0
    for byte in code.co_exceptiontable:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    return any(
        start <= place < start + length
        for start, length in zip(numbers[::4], numbers[1::4], strict=False)
    )
