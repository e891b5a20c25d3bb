"""Files that a program has open and gives to an adapter: where what is put there begins and ends.

A file that packs what is put into it (`gzip`) ends somewhere else than it says: its size counts
once it is closed, if nothing was put there but by adapters. Of others than Python's own files and
Arrow's streams, and where text is written, it is not told what else the program put there.

A program may go back and put something over what an adapter wrote. So `seek` of such a file is
ours from then on: an attribute of the object, which holds nothing that would keep it open.
"""

from __future__ import annotations

import contextlib
import io
import os
import weakref
from _thread import _local
from typing import Any, Final, NamedTuple

from headwater.capture.beside import Beside, identity
from headwater.capture.filled import PACKED, UNKNOWN, Fill
from headwater.capture.patching import Patches
from headwater.capture.quiet import busy
from headwater.capture.watching import leave_frame_out

_FILES: Final = frozenset((io.BufferedWriter, io.BufferedRandom, io.FileIO))
_OTHERS: Final = {
    "OSFile": "pyarrow.lib",
    "NativeFile": "pyarrow.lib",
    "GzipFile": "gzip",
    "_TemporaryFileWrapper": "tempfile",
}
"""Classes of others, and their modules. Those of Arrow are written from their beginning on."""


class _Noted(_local):
    """Of each thread: the open files that an adapter was given last, and where each was then."""

    places: dict[int, int] | None = None


_noted: Final = _Noted()


class _Packed(NamedTuple):
    """What was put into a file that packs it, and the file that this goes to."""

    content: Fill
    file: Fill
    begin: int


_packed: Final[Beside[_Packed]] = Beside()
_closing: Final[list[type]] = []
"""Classes of which is seen that their files are closed."""


def note(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Note, ahead of a function, where the open files are that it is given."""
    places = {}
    for one in (*args, *kwargs.values()) if kwargs else args:
        file = _file(one)
        if file is not None:
            places[identity(file)] = _place(file)
    _noted.places = places


def forget() -> None:
    """Do not know where something begins after all: it will be put there later."""
    _noted.places = None


def put(given: Any, fill: Fill | None) -> bool:
    """Let what an adapter put into an open file fill it; give whether there is nothing else.

    Once for each time that it was noted where the file is.
    """
    if fill is None:
        return False
    file, places = _file(given), _noted.places
    begin = UNKNOWN if file is None or not places else places.pop(identity(file), UNKNOWN)
    if begin == UNKNOWN:
        fill.put(UNKNOWN, UNKNOWN)
        return False
    kind = type(file)
    if kind.__name__ == "GzipFile":
        return _pack(file, fill, begin)
    if fill.beside:
        fill.beside = False
        if _is_open_twice(file):
            fill.doubt()
    if fill.handle is None:
        fill.handle = weakref.ref(file)
    known = fill.put(begin, _place(file))
    if known and kind in _FILES and "seek" not in vars(file):
        vars(given).pop("seek", None)  # which `tempfile` keeps once it was asked for
        file.seek = _seek(file, fill)
    return known


def _file(given: Any) -> Any:
    """Give the file that something is, or has within, of which it is told how it is filled."""
    kind = type(given)
    if kind in _FILES:
        return given
    module = _OTHERS.get(kind.__name__)
    if module is None or kind.__module__ != module:
        return None
    if module == "tempfile":
        return _file(given.file)
    if module == "gzip" and (given.myfileobj is None or not given.writable()):
        return None  # it did not open its file itself, or it reads
    return given


def _place(file: Any) -> int:
    try:
        return int(file.tell())
    except (OSError, ValueError):  # a pipe, or closed
        return UNKNOWN


def _is_open_twice(file: Any) -> bool:
    """Whether this process has a file open by another descriptor too; so where nobody tells."""
    try:
        name = os.readlink(f"/proc/self/fd/{file.fileno()}")
        descriptors = os.listdir("/proc/self/fd")
    except (OSError, ValueError):
        return True
    found = 0
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            found += os.readlink(f"/proc/self/fd/{descriptor}") == name
    return found > 1


def _seek(file: Any, fill: Fill) -> Any:
    held, kind = weakref.ref(file), type(file)

    def seek(target: int, whence: int = 0, /) -> int:
        file = held()
        if file is None:
            raise ValueError("I/O operation on closed file.")
        try:
            place: int = kind.seek(file, target, whence)
        except BaseException as error:
            leave_frame_out(error)
            raise
        if place != fill.end and not busy():
            fill.doubt()
        return place

    seek.__qualname__, seek.__doc__ = kind.seek.__qualname__, kind.seek.__doc__
    seek.__annotations__ = {}
    return seek


# What is packed


def _pack(file: Any, fill: Fill, begin: int) -> bool:
    known = _packed.own(file)
    if known is None:
        known = _Packed(Fill(0 if fill.end >= 0 else UNKNOWN), fill, fill.end)
        _packed.put(file, known)
        if type(file) not in _closing:
            _closing.append(type(file))
            Patches().observe(type(file), "close", _closed, before=_closes)
    fill.claimed = known.content.put(begin, _place(file)) and fill.end in (known.begin, PACKED)
    fill.end = PACKED if fill.claimed else UNKNOWN
    return fill.claimed


def _closes(args: tuple[Any, ...], _: dict[str, Any]) -> _Packed | None:
    """Give what a file packed that is about to be closed, if that is all there is in it."""
    known = _packed.own(args[0])
    if known is None or known.content.end != _place(args[0]) or known.file.end != PACKED:
        return None
    return known


def _closed(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    known = kwargs["__before__"]
    if known is not None:
        _packed.put(args[0], None)
        with contextlib.suppress(OSError):  # it has another name by now
            known.file.end = os.stat(args[0].name).st_size
