"""What `import` reads: files, folders and standard input, as event bytes with file and line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from headwater.errors import InvalidEvent, LimitExceeded, NotFound, Problem

SUFFIXES = (".json", ".ndjson", ".jsonl")
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


def collect(paths: Iterable[str]) -> list[str]:
    """List the files that `paths` mean; of a folder, every *.json, *.ndjson and *.jsonl below it.

    In the order given, and within a folder in the order people count (2 before 10). Raises
    `NotFound` for a path that is not there and for a folder without any such file.
    """
    files: list[str] = []
    for path in paths:
        if path == STANDARD_INPUT or Path(path).is_file():
            files.append(path)
        elif Path(path).is_dir():
            inside = _inside(path)
            if not inside:
                kinds = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
                raise NotFound(f"{path} has no {kinds} in it or below it")
            files += inside
        elif Path(path).exists():
            files.append(path)  # a pipe or device: read as it comes
        else:
            raise NotFound(f"there is no file or folder {path}")
    return list(dict.fromkeys(files))


def size_of(files: Iterable[str]) -> int:
    """Count the bytes of files; those without a size count nothing."""
    return sum(
        Path(file).stat().st_size
        for file in files
        if file != STANDARD_INPUT and Path(file).is_file()
    )


def events(files: Iterable[str]) -> Iterator[Found | Unreadable]:
    """Read every event of `files`, and say which files could not be read at all."""
    before = 0
    for file in files:
        if file == STANDARD_INPUT:
            yield from _split(STANDARD_INPUT_NAME, sys.stdin.buffer, lambda: 0)
            continue
        try:
            with Path(file).open("rb") as stream:
                position = _position(stream, before)
                yield from _split(file, stream, position)
                before = position()
        except OSError as error:
            problem = Problem("$", f"cannot be read: {error.strerror or error}")
            yield Unreadable(file, (problem,))


def _split(
    name: str, stream: BinaryIO, position: Callable[[], int]
) -> Iterator[Found | Unreadable]:
    from headwater.openlineage.stream import split

    try:
        for line, body in split(stream):
            yield Found(f"{name}:{line}", body, position())
    except InvalidEvent as error:
        yield Unreadable(name, error.problems)
    except LimitExceeded as error:
        remedy = f" {error.remedy}" if error.remedy else ""
        yield Unreadable(name, (Problem("$", f"{error.message}.{remedy}"),))


def _position(stream: BinaryIO, before: int) -> Callable[[], int]:
    def position() -> int:
        return before + (stream.tell() if stream.seekable() else 0)

    return position


def _inside(folder: str) -> list[str]:
    found = [
        os.path.join(parent, name)  # noqa: PTH118 (keeps the path as it was typed)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(SUFFIXES)
    ]
    return sorted(found, key=_as_counted)


def _as_counted(path: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path)
    ]
