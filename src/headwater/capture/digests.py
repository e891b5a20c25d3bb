"""Content digests of files and folders: of exactly what was read or written, or *missed*, and why.

A file is hashed when its run ends, and the digest counts only if the file is the same before and
after (device, inode, size, times of modification and change) and, where it was read, the same as
when it was read. Small ones are hashed by the process itself; of others it notes how they were, and
the shipper hashes them later, under the same condition. A wrong digest would be wrong provenance.

A folder's digest is that of its manifest: the SHA-256 of the JSON (RFC 8785) of the list of
`[path, SHA-256]` of every file below it, sorted by path. Links to folders are not followed.
"""

from __future__ import annotations

import os
import stat

from headwater.capture import hashing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final, TypeAlias


SMALL_BYTES_MAX: Final = 1024 * 1024
"""A file or folder from here on is hashed by the shipper."""
CLOSE_BYTES_MAX: Final = 16 * 1024 * 1024
"""What one run hashes at its end, in all: an end must not be felt."""
FOLDER_FILES_MAX: Final = 10_000
"""A folder with more files gets no digest."""
HASH_BYTES: Final = 1024 * 1024


Print: TypeAlias = "list[int]"
"""How a file was: device, inode, size, and times of modification and change in nanoseconds."""
Digest: TypeAlias = "dict[str, Any]"
"""The body of a `headwater_digest` facet, or for the shipper `{"later": …}`: how a file has to be.

A `Print`; of a folder the digest of those of its files; or since when, in microseconds, it has to
be as it is.
"""


def look(path: str) -> Print | None:
    """Tell how a file is; None when it is no file that can be read now."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return shown(found)


def shown(found: os.stat_result) -> Print | None:
    """Tell how a file is, of which that was looked up already; None where it is no file."""
    if not stat.S_ISREG(found.st_mode):
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def digest(
    path: str,
    *,
    seen: Print | None = None,
    since_us: int | None = None,
    put_off_from: int | None = None,
) -> Digest:
    """Digest what lies at `path` now.

    `seen` is how the file has to be; None where that does not matter. `since_us` is when a folder
    was read: files in it that changed since then spoil it. `put_off_from` is a size in bytes from
    which on nothing is hashed now, and the answer is for `settle`.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return _digest_folder(path, since_us=since_us, put_off_from=put_off_from)
        if not stat.S_ISREG(found.st_mode):
            return _missed("it is no file or folder")
        if seen is not None and _print(found) != seen:
            return _missed("it was changed after that")
        if put_off_from is not None and found.st_size >= put_off_from:
            return {"later": _print(found)}
        value, size = _hash(path)
    except _Changed:
        return _missed("it was changed while it was hashed")
    except FileNotFoundError:
        return _missed("it is not there")
    except OSError as error:
        return _missed(f"it cannot be read: {error.strerror or error}")
    return {"algorithm": "sha256", "value": value, "size": size, "of": "bytes"}


def settle(path: str, put_off: Digest) -> Digest:
    """Digest now what was put off, as it was then. For the shipper."""
    how = put_off["later"]
    if isinstance(how, list):
        return digest(path, seen=how)
    if isinstance(how, int):
        found = look(path)
        if found is None or found[4] // 1_000 > how:
            return _missed("nobody knows how it was left")
        return digest(path, seen=found)
    try:
        if _looks(path) != how:
            return _missed("it was changed before it could be hashed")
        return _digest_folder(path, since_us=None, put_off_from=None)
    except _Changed:
        return _missed("it was changed while it was hashed")
    except OSError as error:
        return _missed(f"it cannot be read: {error.strerror or error}")


def differ(one: Digest, other: Digest) -> bool:
    """Whether two digests, of which both may be put off, are of files that are not the same."""
    if "value" in one and "value" in other:
        return bool(one["value"] != other["value"])
    before, after = one.get("later"), other.get("later")
    if isinstance(before, list) and isinstance(after, list):
        return before[:4] != after[:4]  # a file that is called otherwise has another last time
    return before != after


class _Changed(Exception):
    """A file changed while it was hashed."""


def _missed(reason: str) -> Digest:
    return {"missed": reason}


def _print(found: os.stat_result) -> Print:
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _hash(path: str) -> tuple[str, int]:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        before = _print(os.fstat(descriptor))
        state = hashing.begin(before[2])
        most = min(before[2] + 1, HASH_BYTES)
        while chunk := os.read(descriptor, most):
            state.update(chunk)
            if len(chunk) == before[2] < most:
                break  # that is all of it, and the look at it below would tell of more
        # The name has to mean the same file still: it may have been replaced meanwhile.
        if not before == _print(os.fstat(descriptor)) == _print(os.stat(path)):
            raise _Changed
    finally:
        os.close(descriptor)
    return state.hexdigest(), before[2]


def _digest_folder(path: str, *, since_us: int | None, put_off_from: int | None) -> Digest:
    files = _files(path)
    if files is None:
        return _missed(f"it holds more than {FOLDER_FILES_MAX:,} files")
    if since_us is not None and any(one[4] // 1_000 > since_us for _, one in files):
        return _missed("it was changed after that")
    size = sum(one[2] for _, one in files)
    if put_off_from is not None and size >= put_off_from:
        return {"later": _looks(path)}
    manifest = [[name, _hash(os.path.join(path, name))[0]] for name, _ in files]
    if _files(path) != files:
        raise _Changed
    import json

    text = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"))
    try:
        value = hashing.sha256(text.encode())
    except UnicodeEncodeError:
        return _missed("a name in it is no UTF-8")
    return {"algorithm": "sha256", "value": value, "size": size, "of": "manifest"}


def _looks(path: str) -> str:
    """A digest of how every file of a folder is: that it did not change between two looks."""
    return hashing.sha256(repr(_files(path)).encode())


def _files(path: str) -> list[tuple[str, Print]] | None:
    found: list[tuple[str, Print]] = []
    for name, entry in _walk(path, ""):
        if len(found) == FOLDER_FILES_MAX:
            return None
        found.append((name, _print(entry.stat())))
    return sorted(found)


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield prefix + entry.name, entry
