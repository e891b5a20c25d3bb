"""Whose code the frames of a stack are of: the program's, a library's, or ours.

A library that is observed may call back: a function that is applied to each value, a generator that
is drawn from, a class that derives from one of the library's. What such code of the program reads
and writes is the program's doing, although within an observed function nothing else is observed.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Final

# Frames with both words in their file's name are the import system's to `warnings`, which then
# counts them out of `stacklevel`: a warning is shown at the user's line, as without us.
FILE: Final = "<headwater importlib _bootstrap>"
"""What functions that stand in the place of a library's call their file."""
HELD: Final = "headwater_held"
"""What functions that are observed call what they hold while nothing else is."""
CALL: Final = "call"
"""What the code of such functions is called."""
LINE: Final = "<headwater line>"
"""What a frame is called that stands for the line from which a function in C is called."""
CALLED_BACK_MAX: Final = 1_000
"""Calls of which is remembered that the program was called back, and read or wrote, within."""

_OURS: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
_STANDARD: Final = os.path.join(os.path.dirname(os.__file__), "")
_PACKAGES: Final = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))

_programs: Final[dict[str, bool]] = {}
"""File → whether it is the program's own."""
_called_back: Final[dict[int, object]] = {}
"""What calls hold (it cannot be hashed), by its identity."""


def line(frame: FrameType) -> tuple[str, int]:
    """Tell the line of the program that led to a frame, over lines of ours and of libraries."""
    while True:
        file = frame.f_code.co_filename
        found = _programs.get(file)
        if _is_programs(file) if found is None else found:
            return file, frame.f_lineno
        above = frame.f_back  # which makes an object of it: a third of the cost of a step
        if above is None:
            return file, frame.f_lineno
        frame = above


def caller(frame: FrameType | None) -> FrameType | None:
    """Give the frame of the program that led to a frame; None where there is none."""
    while frame is not None and not _is_programs(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def is_callback(frame: FrameType | None) -> bool:
    """Whether code of the program is at work in a frame, called by a function that is observed.

    If so, of what that function gives nothing exact may be said: `was_called_back`.
    """
    while frame is not None:
        code = frame.f_code  # asked once: each time is told to audit hooks, ours among them
        if _is_at_work(frame, code) or code.co_filename.startswith(_OURS):
            return False
        if _is_programs(_written_in(frame, code)) and code.co_name != LINE:
            _note(frame)
            return True
        frame = frame.f_back
    return False


def was_called_back() -> bool:
    """Whether the program was called back by the function whose observer asks, and read or wrote.

    It may have read or written anything then.
    """
    frame: FrameType | None = sys._getframe(1) if _called_back else None
    while frame is not None:
        if _is_at_work(frame, frame.f_code):
            return _identity(frame) in _called_back
        frame = frame.f_back
    return False


def _note(frame: FrameType | None) -> None:
    if len(_called_back) >= CALLED_BACK_MAX:
        for one in list(_called_back)[: CALLED_BACK_MAX // 2]:
            _called_back.pop(one, None)
    while frame is not None:
        if _is_at_work(frame, frame.f_code):
            _called_back[_identity(frame)] = frame.f_locals[HELD]
        frame = frame.f_back


def _is_at_work(frame: FrameType, code: CodeType) -> bool:
    """Whether a frame is of a function that is observed, called where that was to be observed.

    The name comes first: CPython makes a tuple of names, and a dict of variables, when asked.
    """
    return code.co_name == CALL and HELD in code.co_varnames and HELD in frame.f_locals


def _identity(frame: FrameType) -> int:
    return object.__hash__(frame.f_locals[HELD])  # an `id` is told to audit hooks


def _written_in(frame: FrameType, code: CodeType) -> str:
    """Give the file of the code in a frame; of what was generated, that of the module it is in.

    `python -c` and cells run generated code too, in a module that has no file.
    """
    file = code.co_filename
    if not file.startswith("<"):
        return file
    module = sys.modules.get(frame.f_globals.get("__name__", ""))
    return getattr(module, "__file__", None) or file


def _is_programs(file: str) -> bool:
    found = _programs.get(file)
    if found is None:
        found = _programs[file] = not (
            file.startswith((_OURS, _STANDARD, "<frozen", "<headwater", "<__array"))
            or any(part in file for part in _PACKAGES)
        )
    return found
