"""Where a path leads: its real path, found anew each time, with what is there.

`os.path.realpath` looks at every folder on the way. The kernel keeps the working directory by its
real path, so that what is below it needs looks from there on alone: a file in the working directory
needs one. Nothing is remembered, for a name may lead elsewhere the next time.
"""

from __future__ import annotations

import os
from stat import S_ISLNK

FOLLOWED = -1
_IS_POSIX = os.sep == "/"
_here, _normal, _lstat = os.getcwd, os.path.normpath, os.lstat
"""Looked up once: a program that puts others in their place means its own calls."""


def absolute(path: str) -> tuple[str, int]:
    """Give the absolute path, and how many characters of it are known to be a real path.

    `FOLLOWED` stands for a path that has to be followed link by link: what leads upward leads away
    from where a link led to.
    """
    if ".." in path or path[:2] == "//" or not _IS_POSIX:
        return os.path.abspath(path), FOLLOWED
    plain = _normal(path)
    try:
        here = _here()
    except OSError:  # it was removed
        return os.path.abspath(path), FOLLOWED
    if here == "/" or plain == ".":
        return os.path.abspath(path), 0
    if plain[0] != "/":
        return f"{here}/{plain}", len(here)
    is_inside = plain.startswith(here) and plain[len(here) : len(here) + 1] == "/"
    return plain, len(here) if is_inside else 0


def look(path: str, plain: str, known: int) -> tuple[str, os.stat_result | None]:
    """Give the real path of `path`, of which `absolute` gave the rest, and how it is.

    None where nothing is there. The same as `os.path.realpath` and `os.stat` give.
    """
    if known == FOLLOWED:
        return _follow(path)
    place = plain.find("/", known + 1)
    try:
        while place > 0:
            if S_ISLNK(_lstat(plain[:place]).st_mode):
                return _follow(path)
            place = plain.find("/", place + 1)
        found = _lstat(plain)
        if S_ISLNK(found.st_mode):
            return _follow(path)
    except OSError:
        return plain, None  # nor is there anything below it
    return plain, found


def real(path: str) -> tuple[str, os.stat_result | None]:
    """Give the real path of a path, and how it is; None where nothing is there."""
    return look(path, *absolute(path))


def _follow(path: str) -> tuple[str, os.stat_result | None]:
    found = os.path.realpath(path)
    try:
        return found, os.stat(found)
    except OSError:
        return found, None
