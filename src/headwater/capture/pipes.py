"""What comes through pipes: `python first.py | sort | python second.py`.

Who reads its standard input from a pipe has read what the captured programs at the other end of it
had read, in the state in which they read it; programs between them that are not captured are passed
through. Who is there is seen in Linux's /proc when a process starts: by the reader, and by the
writer too, which may have ended before the reader looks. What writers had read they say on the roll
when they end, ahead of the end of the pipe, and into which pipes it went.

A program that leaves something in the pipe is taken for one that did not read it: which of the two
it is cannot be told, and shells hand their own input to all that they start.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias

    from headwater.capture.roll import Present, Roll
    from headwater.capture.runs import Run


READS_MAX: Final = 1_000
"""Datasets that come through one pipe; of more, none, and a gap."""
_PIPE: Final = "pipe:["

_Beside: TypeAlias = "dict[int, tuple[str | None, str | None]]"
"""Process → the pipes that are its standard input and output."""

_above: dict[int, str] = {}
"""The processes at the other end of the standard input, the nearest first, and their names."""
_has_begun = False
"""Whether something was in the standard input when this process started."""
_source: str | None = None
"""The pipe that is the standard input."""
_sources: list[str] = []
"""That pipe, and those that the programs read from which write into it."""
_below: list[str] = []
"""The pipes into which the standard output goes, the nearest first."""


def note() -> None:
    """Note at the start of a process what its standard input and output are."""
    global _source, _has_begun
    _source, target = _end("self", 0), _end("self", 1)
    if _source is not None:
        # The roll is read with it at the end. Text that is executed then, as its import does, makes
        # CPython forget that Ctrl-C ended the program.
        import json  # noqa: F401
    beside = _beside() if _source or target else {}
    _sources[:] = [] if _source is None else [_source]
    _above.clear()
    _above.update((pid, _called(pid)) for pid in _writers(_sources, beside))
    _has_begun = _source is not None and not _is_consumed()
    _below[:] = [] if target is None else _readers(target, beside)


def sent(run: Run, *, to_parent: bool = False) -> tuple[list[Any], list[str]]:
    """What a program that ends has read, for who reads its output, and by which pipes that comes.

    Nothing where its output is no pipe, and it has no parent that takes back what it did.
    """
    if not (_below or to_parent):
        return [], []
    if run.read_count > READS_MAX:
        run.record_gap(
            f"{run.read_count:,} datasets were read: "
            f"who takes what came of them is not told which (limit: {READS_MAX:,})"
        )
    return run.read_so_far(READS_MAX), _below


def receive(run: Run, on: Roll) -> None:
    """Let a program that ends have read what came to it through its standard input."""
    if _source is None or not _is_consumed():
        return
    on.look()
    is_known = False
    for pid, found in on.present.items():
        if found.run is None or not (pid in _above or _source in found.into):
            continue
        is_known = True
        if found.state is None:
            name = found.run.name
            run.record_gap(f"{name} had not ended: what it sent through a pipe is not known")
        for one in found.reads:
            run.record_received(*one)
    for pipe in _sources:
        is_known |= pipe in on.fed
        for one in on.fed.get(pipe, ()):
            run.record_received(*one)
    if not is_known and (_above or _has_begun):
        named = ", ".join(_above.values())
        run.record_gap(f"what {named or 'something'} sent through the standard input is not known")
        run.record_unseen()


def feed(run: Run, on: Roll, pipe: str) -> None:
    """Tell what this program has read, which writes into a pipe."""
    reads = run.read_so_far(READS_MAX)
    if reads:
        on.feed(pipe, reads)


def name(descriptor: int) -> str | None:
    """Name the pipe that a descriptor of this process is."""
    return _end("self", descriptor)


def hear(run: Run, on: Roll, pipe: str) -> None:
    """Let a program have read what those had that wrote into a pipe which it reads from."""
    for found in on.present.values():
        if pipe in found.into:
            for one in found.reads:
                run.record_received(*one, at=runtime.recorder().moment())


def take_back(run: Run, copy: Present) -> None:
    """Let a program have read what a copy of it had, which it forked and waited for.

    The copy may have sent its results by a pipe, a socket or memory that both share.
    """
    for one in copy.reads:
        run.record_received(*one, at=runtime.recorder().moment())


def _writers(wanted: list[str], beside: _Beside) -> list[int]:
    """The processes that write to pipes, and to those that these read from, which are added."""
    found = []
    for one in wanted:
        for pid, (source, target) in beside.items():
            if target == one:
                found.append(pid)
                if source is not None and source not in wanted:
                    wanted.append(source)
    return found


def _readers(pipe: str, beside: _Beside) -> list[str]:
    """A pipe, and the pipes that its readers write to."""
    found = [pipe]
    for one in found:
        for source, target in beside.values():
            if source == one and target is not None and target not in found:
                found.append(target)
    return found


def _beside() -> _Beside:
    """The processes of the same parent, with their ends that are pipes."""
    return {pid: (_end(pid, 0), _end(pid, 1)) for pid in _siblings()}


def _siblings() -> list[int]:
    parent = os.getppid()
    try:
        with open(f"/proc/{parent}/task/{parent}/children", "rb") as file:
            return [int(pid) for pid in file.read().split() if int(pid) != os.getpid()]
    except OSError:
        return []


def _end(pid: int | str, descriptor: int) -> str | None:
    """Name the pipe that a descriptor of a process is, if it is one."""
    try:
        name = os.readlink(f"/proc/{pid}/fd/{descriptor}")
    except OSError:
        return None
    return name if name.startswith(_PIPE) else None


def _called(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", "rb") as file:
            return file.read().rstrip(b"\n").decode("utf-8", "replace")
    except OSError:
        return "a process that has ended"


def _is_consumed() -> bool:
    try:
        from fcntl import ioctl
        from termios import FIONREAD

        left = ioctl(0, FIONREAD, b"\0" * 4)
    except OSError:
        return True  # it was closed, after whatever was read
    return int.from_bytes(left, sys.byteorder) == 0
