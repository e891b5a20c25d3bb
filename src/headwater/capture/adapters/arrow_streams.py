"""Streams of Arrow's: which file each one reads or writes, those around other streams too.

`OSFile` opens its file while it is made, in C. What Python calls then, `__init__`, is that of
`object`, which does nothing: ours stands in its place, and is told after it.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final

from headwater.capture import files
from headwater.capture.compiled import called_by_init
from headwater.capture.dressing import dressed
from headwater.capture.patching import Patches
from headwater.capture.watching import watched

_OPENERS: Final = ("memory_map", "create_memory_map", "input_stream", "output_stream")
_AROUND: Final = ("CompressedInputStream", "CompressedOutputStream", "BufferedInputStream",
                  "BufferedOutputStream")  # fmt: skip
_OF_C: Final = ("OSFile", "PythonFile")
_UNKNOWN: Final = "no signature"
"""`inspect` refuses it, as it refuses a class in C."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(pyarrow: ModuleType, patches: Patches) -> None:
    """Observe what opens a stream, and what is made around one."""
    for name in _OPENERS:
        patches.observe(pyarrow, name, _open, also=(pyarrow.lib,))
    for name in (*_AROUND, *_OF_C):
        patches.also_undo(called_by_init(getattr(pyarrow, name)))
    for name in _AROUND:
        patches.observe(getattr(pyarrow, name), "__init__", _put_around)
    for name in _OF_C:
        begin: Any = watched(dressed(_begin, object.__init__), _put_around)
        begin.__signature__ = _UNKNOWN
        patches.replace(getattr(pyarrow, name), "__init__", begin)


def _begin(*_: Any, **__: Any) -> None:
    """Do nothing: the stream has been made."""


def _open(result: Any, args: Arguments, kwargs: Named) -> None:
    given: Any = args[0] if args else kwargs.get("path", kwargs.get("source"))
    if isinstance(given, (str, os.PathLike)):
        mode = str(args[1] if len(args) > 1 else kwargs.get("mode", "r"))
        follow(result, os.fspath(given), reads=result.readable() and not mode.startswith("w"))
    else:
        _same(result, given)


def _put_around(_: Any, args: Arguments, kwargs: Named) -> None:
    """A stream of a path, or around another stream, or an open file of Python's."""
    made, given = args[0], args[1] if len(args) > 1 else next(iter(kwargs.values()), None)
    if isinstance(given, (str, os.PathLike)):
        follow(made, os.fspath(given), reads=made.readable())
    else:
        _same(made, given)


def _same(made: Any, given: Any) -> None:
    """Know that a stream is of the file of another one."""
    name = files.streams.get(given) or getattr(given, "name", None)
    if isinstance(name, str):
        files.streams.put(made, name)


def follow(stream: Any, place: str, *, reads: bool) -> None:
    """Record that a stream was opened, and know its place when it is handed on."""
    files.streams.put(stream, place)
    if reads:
        files.read(place)
    if stream.writable():
        files.opened(place)
