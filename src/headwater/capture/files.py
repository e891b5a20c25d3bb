"""Reads and writes of files by libraries: what a function was given → what is recorded.

A library is given a path, a URL, an open file, or a buffer in memory, of which nothing can be said.
A folder that is read is read file by file, so that each binds to whoever wrote that file.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Iterable
from stat import S_ISDIR
from typing import Any, Final, NamedTuple

from headwater.capture import datasets, digests, handles, hashing, opens, origins, runs
from headwater.capture.beside import Beside
from headwater.capture.datasets import Name
from headwater.capture.filled import UNKNOWN
from headwater.capture.origins import Origin

FOLDER_FILES_MAX: Final = 1_000
"""Files of a folder that are recorded one by one; a larger one is recorded as a whole."""
FIELDS_MAX: Final = 10_000
"""Columns times files of one read that are followed one by one; more are followed as a whole."""

_TICK_NS: Final = 20_000_000
"""By which a file's time of change may lag behind the clock (Linux: a tick, up to 10 ms)."""


YOUNG_BYTES_MAX: Final = 1024 * 1024
"""What a listing hashes of files that changed a tick ago, in all."""


streams: Final[Beside[str]] = Beside()
"""Paths and URLs of open files that do not tell their names."""


class Listing(NamedTuple):
    """The files below a folder: inode, bytes, times of change and of change of that, in ns.

    Within a tick a file may change and look as it did before: `young` has the digests of such.
    """

    files: dict[str, tuple[int, int, int, int]]
    young: dict[str, str | None]


def named(given: object) -> list[Name]:
    """Name the files that a library was given, in order; none for what is in memory only."""
    return [name for name, _ in found(given)]


def found(given: object) -> list[tuple[Name, os.stat_result | None]]:
    """Name the files that a library was given, as `named` does, and tell how each is.

    None where nothing is there, and of what is not on this machine.
    """
    if isinstance(given, (list, tuple, set, frozenset)):
        return [one for each in given for one in found(each)]
    if not isinstance(given, (str, bytes, os.PathLike)):
        given = streams.get(given) or opens.called(given)  # an open file
        if not isinstance(given, (str, bytes)) or opens.is_nameless(given):
            return []
    text = os.fsdecode(given)
    if not text or "\n" in text:
        return []
    if "://" not in text and glob.has_magic(text) and not os.path.exists(text):
        return [one for path in sorted(glob.glob(text, recursive=True)) for one in found(path)]
    name, look = datasets.look(text)
    if name.path is not None and look is not None and S_ISDIR(look.st_mode):
        inside = _inside(name.path)
        if 0 < len(inside) <= FOLDER_FILES_MAX:
            return [datasets.look(path) for path in inside]
    return [(name, look)]


def read(given: object, columns: Iterable[object] | None = None, **said: Any) -> Origin | None:
    """Record that files were read, and what is said of them; the origin of what came of them."""
    there = [(name, look) for name, look in found(given) if name.path is None or look is not None]
    if not there:
        return None
    run = runs.current()
    known = None if columns is None else list(columns)
    if known is not None and len(known) * len(there) > FIELDS_MAX:
        known = None
    for name, look in there:
        run.record_read(name, said, look)
    return origins.merge(*(origins.read(name[:2], known) for name, _ in there))


def write(given: object, origin: Origin | None, **said: Any) -> None:
    """Record that files were written, of what had this origin (None: nobody knows).

    Into a file that the program has open, more was put. The program may put something there by
    itself, unseen: that such a file came from this alone is said only where it is seen to be full
    of such. What its columns came from is said.
    """
    run = runs.current()
    known = {} if origin is None else origin.said()
    is_open = hasattr(given, "write")
    if is_open:
        said["adds"] = "content"
    for name in named(given):
        if is_open:
            is_all = handles.put(given, run.filled.get(name[:2]))
        else:
            is_all = run.filled.is_written(name[:2], adds="mode" in said)
        told = {**known, **said}
        if not is_all:
            told.pop("inputs", None)
        run.record_draft(name, told)


def opened(place: str, *, by_name: bool = False) -> None:
    """Record that a library opened a file to write, in which what is there now stays.

    `by_name`: it is written by its name from then on, and not as an open file.
    """
    run = runs.current()
    for name in named(place):
        look = None if name.path is None else digests.look(name.path)
        size = UNKNOWN if look is None else look[2]
        fill = run.filled.opened(name[:2], size, appends=size > 0)
        if by_name and fill.end == size:
            run.filled.forget(name[:2])
        run.record_draft(name, {"opened": "more"})


def fill(given: object) -> None:
    """Let something have been put into an open file of which it will be said what it came from."""
    filled = runs.current().filled
    for name in named(given):
        handles.put(given, filled.get(name[:2]))


def listing(folder: str) -> Listing:
    """List the files below a folder as they are now.

    Many bytes that changed a tick ago took longer than that to be written: it is waited for.
    """
    since = time.time_ns() - _TICK_NS
    found = _looks(folder)
    young = [path for path, look in found.items() if look[3] >= since]
    if sum(found[path][1] for path in young) > YOUNG_BYTES_MAX:
        time.sleep(_TICK_NS / 1e9)
        return Listing(_looks(folder), {})
    return Listing(found, {path: _digest(path) for path in young})


def changed(folder: str, before: Listing) -> list[str]:
    """List the files below a folder that are not as they were before.

    Of a folder with more files than are told apart, the whole was changed.
    """
    now = _looks(folder)
    if max(len(now), len(before.files)) > FOLDER_FILES_MAX:
        return [folder]
    return [
        path
        for path, look in now.items()
        if before.files.get(path) != look
        or (path in before.young and _digest(path) != before.young[path])
    ]


def write_folder(folder: str, before: Listing, origin: Origin | None, **said: Any) -> None:
    """Record that files were written into a folder: those that are not as they were before."""
    write(changed(folder, before), origin, **said)


def _looks(folder: str) -> dict[str, tuple[int, int, int, int]]:
    found = {}
    for path in _inside(folder):
        try:
            look = os.stat(path)
        except OSError:
            continue
        found[path] = (look.st_ino, look.st_size, look.st_mtime_ns, look.st_ctime_ns)
    return found


def _digest(path: str) -> str | None:
    """Hash a file; None where it cannot be read, and is gone or is told by how it looks."""
    try:
        with open(path, "rb") as file:
            return hashing.sha256(file.read())
    except OSError:
        return None


def _inside(folder: str) -> list[str]:
    """The files below a folder but for hidden ones and markers, which no reader takes for data."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith((".", "_")))
        found += [
            os.path.join(parent, one) for one in sorted(names) if not one.startswith((".", "_"))
        ]
        if len(found) > FOLDER_FILES_MAX:
            break
    return found
