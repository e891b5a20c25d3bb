"""What comes through pipes: `python first.py | sort | python second.py`.

Who reads its standard input from a pipe has read what the captured programs at the other end of it
had read, in the state in which they read it; programs between them that are not captured are passed
through. Which processes these are is seen in Linux's /proc when a process starts. What they had
read they say on the roll when they end, ahead of the end of the pipe.

A program that leaves something in the pipe is taken for one that did not read it: which of the two
it is cannot be told, and shells hand their own input to all that they start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from headwater.capture.roll import Roll
    from headwater.capture.runs import Run

READS_MAX: Final = 1_000
"""Datasets that come through one pipe; of more, none, and a gap."""
_PIPE: Final = "pipe:["

_above: list[int] = []
"""The processes at the other end of the standard input, the nearest first."""
_given = False
"""Whether the standard output is a pipe."""


def note() -> None:
    """Note at the start of a process what its standard input and output are."""
    global _given
    _above[:] = list(_writers(_end("self", 0)))
    _given = _end("self", 1) is not None


def sent(run: Run) -> list[Any]:
    """What a program that ends has read, for who reads its output; nothing if that is no pipe."""
    return run.read_so_far(READS_MAX) if _given else []


def receive(run: Run, on: Roll) -> None:
    """Let a program that ends have read what came to it through its standard input."""
    if not _above or not _is_consumed():
        return
    on.look()
    for found in [on.present[pid] for pid in _above if pid in on.present]:
        if found.run is None:
            continue
        if found.state is None:
            name = found.run.name
            run.record_gap(f"{name} had not ended: what it sent through a pipe is not known")
        for one in found.reads:
            run.record_received(*one)


def _writers(pipe: str | None) -> Iterator[int]:
    """The processes beside this one that write to a pipe, and to the pipes that those read from."""
    if pipe is None:
        return
    beside = {pid: (_end(pid, 0), _end(pid, 1)) for pid in _siblings()}
    wanted = [pipe]
    for one in wanted:
        for pid, (source, target) in beside.items():
            if target == one:
                yield pid
                if source is not None and source not in wanted:
                    wanted.append(source)


def _siblings() -> list[int]:
    parent = os.getppid()
    try:
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
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


def _is_consumed() -> bool:
    try:
        from fcntl import ioctl
        from termios import FIONREAD

        left = ioctl(0, FIONREAD, b"\0" * 4)
    except OSError:
        return True  # it was closed, after whatever was read
    return int.from_bytes(left, sys.byteorder) == 0
