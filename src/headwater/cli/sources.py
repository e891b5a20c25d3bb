"""What `import` reads: files, folders and standard input, as event bytes with file and line."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from headwater.cli.opening import DIRECTORY
from headwater.errors import InvalidEvent, LimitExceeded, NotFound, Problem

SUFFIXES = (".json", ".ndjson", ".jsonl")
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
STANDARD_INPUT = "-"
STANDARD_INPUT_NAME = "<stdin>"


class Found(NamedTuple):
    """One event's bytes, where they stand (`file:line`), and how far the reading is in bytes."""

    source: str
    body: bytes
    done: int


class Unreadable(NamedTuple):
    """A file (or array) that is refused as a whole, and why."""

    source: str
    problems: tuple[Problem, ...]


class Skipped(NamedTuple):
    """Something that was not read, which is no reason to call the import bad; and why."""

    source: str
    reason: str


Source = str | Unreadable | Skipped
"""A file to read, or what is to be said instead of reading it."""


def collect(paths: Iterable[str]) -> list[Source]:
    """List the files that `paths` mean; of a folder, every *.json, *.ndjson and *.jsonl below it.

    In the order given, and within a folder in the order people count (2 before 10); then what
    could not be looked into, and what was left aside. Raises `NotFound` for a path that is not
    there and for a folder without any such file.
    """
    files: list[str] = []
    remarks: list[Unreadable | Skipped] = []
    for path in paths:
        if path == STANDARD_INPUT or Path(path).is_file():
            files.append(path)
        elif not path:
            raise NotFound("an empty path names no file or folder")
        elif Path(path).is_dir():
            inside, beside = _look_into(path)
            if not inside and not any(isinstance(one, Unreadable) for one in beside):
                kinds = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
                raise NotFound(f"{path} has no {kinds} in it or below it")
            files += inside
            remarks += beside
        elif Path(path).exists():
            files.append(path)  # a pipe or device: read as it comes
        else:
            raise NotFound(f"there is no file or folder {path}")
    return [*dict.fromkeys(files), *dict.fromkeys(remarks)]


def size_of(files: Iterable[Source]) -> int:
    """Count the bytes of files; those without a size count nothing."""
    return sum(
        Path(file).stat().st_size
        for file in files
        if isinstance(file, str) and file != STANDARD_INPUT and Path(file).is_file()
    )


def events(files: Iterable[Source]) -> Iterator[Found | Unreadable | Skipped]:
    """Read every event of `files`, and say which files could not be read, or hold no event."""
    before = 0
    for file in files:
        if not isinstance(file, str):
            yield file
            continue
        if file == STANDARD_INPUT:
            # None when the process was started without one.
            if sys.stdin is None:
                yield _unreadable(STANDARD_INPUT_NAME, "is closed")
            else:
                yield from _split(STANDARD_INPUT_NAME, sys.stdin.buffer, lambda: 0)
            continue
        try:
            with Path(file).open("rb") as stream:
                if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode) and not stream.isatty():
                    yield _unreadable(file, "is a device, which may never end")
                    continue
                position = _position(stream, before)
                yield from _split(file, stream, position)
                before = position()
        except OSError as error:
            yield _unreadable(file, f"cannot be read: {error.strerror or error}")


def _unreadable(source: str, why: str) -> Unreadable:
    return Unreadable(source, (Problem("$", why),))


def _split(
    name: str, stream: BinaryIO, position: Callable[[], int]
) -> Iterator[Found | Unreadable | Skipped]:
    from headwater.openlineage.stream import split

    line = 0
    try:
        for line, body in split(stream):
            yield Found(f"{name}:{line}", body, position())
        if not line:
            yield Skipped(name, "holds no event")
    except InvalidEvent as error:
        yield Unreadable(name, error.problems)
    except LimitExceeded as error:
        remedy = f" {error.remedy}" if error.remedy else ""
        yield Unreadable(name, (Problem("$", f"{error.message}.{remedy}"),))


def _position(stream: BinaryIO, before: int) -> Callable[[], int]:
    def position() -> int:
        return before + (stream.tell() if stream.seekable() else 0)

    return position


def _look_into(folder: str) -> tuple[list[str], list[Unreadable | Skipped]]:
    """Find the event files below a folder, and what there could not be read or was left aside.

    Links to folders are not followed: they may lead anywhere, and round in circles. A store is no
    place of events: what it holds has been imported.
    """
    found: list[str] = []
    remarks: list[Unreadable | Skipped] = []

    def note(error: OSError) -> None:
        why = f"cannot be read: {error.strerror or error}"
        remarks.append(_unreadable(str(error.filename), why))

    for parent, folders, names in os.walk(folder, onerror=note):
        if DIRECTORY in folders:
            folders.remove(DIRECTORY)
        for name in folders:
            path = os.path.join(parent, name)  # noqa: PTH118 (keeps the path as it was typed)
            if Path(path).is_symlink():
                remarks.append(Skipped(path, "is a link to a folder and is not followed"))
        for name in names:
            path = os.path.join(parent, name)  # noqa: PTH118
            reason = _reason_to_skip(path)
            if reason:
                remarks.append(Skipped(path, reason))
            elif name.lower().endswith(SUFFIXES):
                found.append(path)
    return sorted(found, key=_as_counted), remarks


def _reason_to_skip(path: str) -> str | None:
    """Say why a file is left aside that looks as if it held events; None for every other file."""
    stem, suffix = os.path.splitext(path.lower())  # noqa: PTH122
    if suffix in COMPRESSED and stem.endswith(SUFFIXES):
        return "is compressed and is not read: unpack it first"
    if suffix in SUFFIXES and Path(path).exists() and not Path(path).is_file():
        return "is a pipe, socket or device and is not read"
    return None


def _as_counted(path: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)
    ]
