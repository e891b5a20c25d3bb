"""How a run ended: its state, and why, as one line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

COMPLETE: Final = "COMPLETE"
FAIL: Final = "FAIL"
ABORT: Final = "ABORT"
_STOPPED: Final = ("KeyboardInterrupt", "GeneratorExit", "CancelledError", "Stopped")
"""Exceptions by which something is stopped and did not fail."""


class Stopped(BaseException):
    """A signal that ends a process because somebody wants it to stop; raised by nobody."""


def outcome(error: BaseException | None) -> tuple[str, str | None]:
    """Tell the state of a run that was left with `error`, and the last line of its traceback."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return COMPLETE, None
    state = ABORT if type(error).__name__ in _STOPPED else FAIL
    return state, str(error) if isinstance(error, Stopped) else words(error)


def words(error: BaseException) -> str:
    """Write an exception as the last line of its traceback does, without the module `traceback`.

    That brings in code which is executed from text (`namedtuple`), after which CPython no longer
    knows that Ctrl-C ended the program (`pymain_run_python`), and exits with another code.
    """
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("__main__", "builtins"):
        name = f"{kind.__module__}.{name}"
    try:
        said = str(error)
    except Exception:
        said = "<exception str() failed>"
    return f"{name}: {said}" if said else name
