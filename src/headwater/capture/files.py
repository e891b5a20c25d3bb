"""Reads and writes of files by libraries: what a function was given → what is recorded.

A library is given a path, a URL, an open file, or a buffer in memory, of which nothing can be said.
A folder that is read is read file by file, so that each binds to whoever wrote that file.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from typing import Any, Final

from headwater.capture import datasets, origins, runs
from headwater.capture.datasets import Name
from headwater.capture.origins import Origin

FOLDER_FILES_MAX: Final = 1_000
"""Files of a folder that are recorded one by one; a larger one is recorded as a whole."""


def named(given: object) -> list[Name]:
    """Name the files that a library was given, in order; none for what is in memory only."""
    if isinstance(given, (list, tuple, set, frozenset)):
        return [name for one in given for name in named(one)]
    if not isinstance(given, (str, bytes, os.PathLike)):
        given = getattr(given, "name", None)  # an open file
        if not isinstance(given, (str, bytes)):
            return []
    text = os.fsdecode(given)
    if not text or "\n" in text:
        return []
    if "://" not in text and glob.has_magic(text) and not os.path.exists(text):
        return [name for path in sorted(glob.glob(text, recursive=True)) for name in named(path)]
    name = datasets.name(text)
    if name.path is not None and os.path.isdir(name.path):
        inside = _inside(name.path)
        if 0 < len(inside) <= FOLDER_FILES_MAX:
            return [datasets.name(path) for path in inside]
    return [name]


def read(given: object, columns: Iterable[object] | None = None) -> Origin | None:
    """Record that files were read; the origin of what came of them."""
    names = [name for name in named(given) if name.path is None or os.path.exists(name.path)]
    if not names:
        return None
    run = runs.current()
    known = None if columns is None else list(columns)
    for name in names:
        run.record_read(name, {})
    return origins.merge(*(origins.read(name[:2], known) for name in names))


def write(given: object, origin: Origin | None, **said: Any) -> None:
    """Record that files were written, of what had this origin (None: nobody knows)."""
    run = runs.current()
    for name in named(given):
        run.record_draft(name, {**(origin.said() if origin is not None else {}), **said})


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
