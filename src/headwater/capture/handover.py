"""Hands what was recorded over to shipping, in a process of its own that this one never waits for.

Where there is nowhere to ship to (no service named, and no `headwater[server]` beside this
package), records stay in the spool until `headwater ship` or a service fetches them.
"""

from __future__ import annotations

import os
import sys
import time

from headwater.capture import context, location, runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SHIP: Final = "HEADWATER_SHIP"
"""Set to `no`, nothing is handed over: something else ships."""
URLS: Final = ("HEADWATER_URL", "OPENLINEAGE_URL")
NEXT: Final = "ship.next"
"""In the spool: locked by who ships after the one that does now."""
PLACE: Final = "HEADWATER_SHIP_PLACE"
"""For the shipper that is started: the descriptor by which it has that lock."""
PLACE_DESCRIPTOR: Final = 9
EVERY_SECONDS: Final = 2.0
"""Runs that end sooner after a hand-over wait for the next one, or for the end of the process."""

# Away from the terminal and at low priority; the shell ends at once, so that no child is left that
# a program might be surprised to find among its own.
_SHELL: Final = '(trap "" HUP; exec nice -n 10 "$@") </dev/null >/dev/null 2>&1 &'

_last = -EVERY_SECONDS
_owed = False


def soon(root: str) -> None:
    """Hand over what is in the spool of `root`, unless that was done a moment ago."""
    global _owed
    _owed = True
    if time.monotonic() - _last >= EVERY_SECONDS:
        now(root)


def at_end(root: str | None) -> None:
    """Hand over what was not yet, because the process ends."""
    if _owed and root is not None:
        now(root)


def forget() -> None:
    """Owe nothing: what a forked child's parent recorded is the parent's to hand over."""
    global _owed
    _owed = False


def now(root: str) -> None:
    """Start shipping, if there is anywhere to ship to."""
    global _last, _owed
    _last, _owed = time.monotonic(), False
    if os.environ.get(SHIP) == "no" or not sys.executable or not hasattr(os, "posix_spawn"):
        return
    if not any(os.environ.get(name) for name in URLS) and not _is_served():
        return
    place = _place(root)
    if place is None:
        return
    words = [sys.executable, "-m", "headwater", "ship", "--quiet", "--store", root]
    environ = {
        name: value for name, value in os.environ.items() if name not in context.VARIABLES
    } | {runtime.DISABLED: "1", PLACE: str(PLACE_DESCRIPTOR)}
    try:
        shell = os.posix_spawn(
            "/bin/sh", ["sh", "-c", _SHELL, "sh", *words], environ, file_actions=_only(place)
        )
        os.waitpid(shell, 0)
    except (OSError, ValueError):
        # No shell, no memory, or somebody else took its exit: the spool keeps everything.
        return
    finally:
        if place >= 0:
            os.close(place)


def _place(root: str) -> int | None:
    """Take the place of who ships next, for the shipper that is started; None: it is taken.

    What is recorded by now is shipped by who has it. Many short processes would each start a
    shipper otherwise, which takes ten times as long to start as they do to end. Minus one where
    there are no places: the shipper finds out by itself whether it is needed.
    """
    try:
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(os.path.join(root, location.SPOOL, NEXT), flags, 0o644)
    except (ImportError, OSError):
        return -1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _only(place: int) -> list[tuple[int, ...]]:
    """Have a process begin with nothing open but the standard streams and the place.

    A pipe of the program's that the shipper held would not end when the program does.
    """
    actions: list[tuple[int, ...]] = []
    if place >= 0:
        actions.append((os.POSIX_SPAWN_DUP2, place, PLACE_DESCRIPTOR))
    try:
        names = os.listdir("/dev/fd")
    except OSError:
        names = []
    for descriptor in map(int, names):
        if descriptor > 2 and descriptor != PLACE_DESCRIPTOR:
            try:
                if os.get_inheritable(descriptor):
                    actions.append((os.POSIX_SPAWN_CLOSE, descriptor))
            except OSError:
                continue  # that by which the folder was listed
    return actions


def _is_served() -> bool:
    from importlib.machinery import PathFinder

    return all(PathFinder.find_spec(name) is not None for name in ("msgspec", "cryptography"))
