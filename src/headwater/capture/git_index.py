"""The index of a git checkout (gitformat-index(5), versions 2 to 4): which files git tracks.

It is read at the start of every captured process, so it has to be quick: a file is a plain tuple,

    path, mode, blob, size, seconds, nanoseconds    how it was when git looked last
    compared                                        False where git is told not to look
    added                                           True where only the intent to add it is noted

and the tree that all of them make up is taken from the index's own cache of trees where that is
whole, and reckoned otherwise.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final, TypeAlias

Entry: TypeAlias = "tuple[bytes, int, bytes, int, int, int, bool, bool]"

TREE: Final = 0o040000
SUBMODULE: Final = 0o160000

_ASSUME_VALID: Final = 0x8000
_EXTENDED: Final = 0x4000
_SKIP_WORKTREE: Final = 0x4000
_INTENT_TO_ADD: Final = 0x2000
_STAGE: Final = 0x3000


class Unreadable(Exception):
    """Something of git's that cannot be told, in words for the user."""


class Index:
    """What an index says: its entries, in order of path, and the tree that they make up."""

    def __init__(self, data: bytes, hash_bytes: int) -> None:
        """Read the bytes of an index. Raises `Unreadable`."""
        version = int.from_bytes(data[4:8], "big")
        if data[:4] != b"DIRC" or version not in (2, 3, 4):
            raise Unreadable(f"the index has version {version}")
        try:
            self.entries, place = _parse(data, version, hash_bytes)
        except (IndexError, ValueError) as error:
            raise Unreadable("the index is damaged") from error
        parts = dict(_extensions(data, place, hash_bytes))
        if b"link" in parts:
            raise Unreadable("the index is split")
        self._cached = _cached_tree(parts.get(b"TREE", b""), len(self.entries), hash_bytes)

    def tree(self) -> bytes:
        """Name the tree that the entries make up, as `git write-tree` would."""
        from headwater.capture import git_objects

        return self._cached or git_objects.tree_of_index(self.entries)


def _parse(data: bytes, version: int, hash_bytes: int) -> tuple[list[Entry], int]:
    from struct import Struct
    from struct import error as TooShort  # noqa: N812 (it is an exception)

    # Times of change and modification, device, inode, mode, user, group, size; the blob; flags.
    fixed = Struct(f">8xII8xI8xI{hash_bytes}sH")
    read, fixed_bytes = fixed.unpack_from, fixed.size
    entries: list[Entry] = []
    place, path = 12, b""
    try:
        for _ in range(int.from_bytes(data[8:12], "big")):
            seconds, nanoseconds, mode, size, blob, flags = read(data, place)
            start, place = place, place + fixed_bytes
            extended = 0
            if flags & _EXTENDED:
                extended = int.from_bytes(data[place : place + 2], "big")
                place += 2
            if version == 4:
                cut, place = _varint(data, place)
                end = data.index(0, place)
                path = path[: len(path) - cut] + data[place:end]
                place = end + 1
            else:
                end = data.index(0, place)
                path = data[place:end]
                place = start + ((end - start + 8) & ~7)
            if flags & _STAGE:
                raise Unreadable("a merge is not finished")
            compared = not (flags & _ASSUME_VALID or extended & _SKIP_WORKTREE)
            added = bool(extended & _INTENT_TO_ADD)
            entries.append((path, mode, blob, size, seconds, nanoseconds, compared, added))
    except TooShort as error:
        raise ValueError(str(error)) from None
    return entries, place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Read git's variable-length number: as an OFS_DELTA offset (gitformat-pack(5))."""
    byte = data[place]
    place += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[place]
        place += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, place


def _extensions(data: bytes, place: int, hash_bytes: int) -> Iterator[tuple[bytes, bytes]]:
    while place + 8 <= len(data) - hash_bytes:
        size = int.from_bytes(data[place + 4 : place + 8], "big")
        yield data[place : place + 4], data[place + 8 : place + 8 + size]
        place += 8 + size


def _cached_tree(cache: bytes, count: int, hash_bytes: int) -> bytes | None:
    """The tree of the whole index, if its cache of trees has that: entries, folders, its name.

    A change of the index takes it out (-1 entries). A cache that does not count as many entries as
    there are is not believed.
    """
    said, newline, rest = cache.partition(b"\n")
    if not newline or said.split(b" ")[0] != b"\0%d" % count or len(rest) < hash_bytes:
        return None
    return rest[:hash_bytes]
