"""The state of a git checkout, read from its files: no process is started.

Told: the commit that is checked out; whether the tree differs from it; a digest of the difference;
the remote, if it is a public address. What differs is found as `git status` finds it: the index
(gitformat-index, versions 2 to 4) is compared with the files, by their times and sizes first and by
their content where those differ, and the tree that the index stands for with that of the commit.

The digest is of our own making, `git diff` being no canonical form: the SHA-256 of the JSON of the
sorted list of `[path, blob]` of all that differs from the index (blob null: deleted), and of the
tree that the index stands for. Equal digests at one commit mean equal tracked files.

Not covered, and said where it matters: files that git does not track; split indexes; checkouts too
large to compare in `COMPARING_SECONDS_MAX`. Files that filters rewrite (LFS, line ends) count as
changed when their times say so.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from headwater.capture import git_objects

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""The most of any one file of git's that is read."""
COMPARING_SECONDS_MAX: Final = 0.05
"""How long files are compared with the index: the start of a run must not be felt."""
SYMREFS_MAX: Final = 5

_ID: Final = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ORIGIN: Final = re.compile(rb'(?ms)\[remote "origin"\][^\[]*?^\s*url\s*=\s*(\S+)\s*$')
_SUBMODULE: Final = 0o160000
_TREE: Final = 0o040000
_ASSUME_VALID: Final = 0x8000
_EXTENDED: Final = 0x4000
_SKIP_WORKTREE: Final = 0x4000
_INTENT_TO_ADD: Final = 0x2000
_STAGE: Final = 0x3000


class Unreadable(Exception):
    """Something of git's that cannot be told, in words for the user."""


class Entry(NamedTuple):
    """A file in the index: mode, blob, and how the file was when git looked last."""

    path: bytes
    mode: int
    blob: bytes
    seconds: int
    nanoseconds: int
    size: int
    compared: bool
    added: bool


def describe(project: str) -> tuple[dict[str, Any], list[str]]:
    """Tell the state of the checkout at `project`, and what of it could not be told, in words."""
    places = _places(project)
    if places is None:
        return {}, []
    git, common = places
    commit = _resolve(git, common, b"HEAD")
    if commit is None:
        return {}, ["the commit of this checkout cannot be read"]
    said: dict[str, Any] = {"commit": commit}
    remote = _remote(common)
    if remote is not None:
        said["repository"] = remote
    try:
        said |= _difference(project, git, common, commit)
    except Unreadable as reason:
        return said, [f"whether the tree differs from the commit is not known: {reason}"]
    return said, []


def _difference(project: str, git: str, common: str, commit: str) -> dict[str, Any]:
    data = _read(os.path.join(git, "index"))
    if data is None:
        raise Unreadable("the index cannot be read")
    entries = list(parse_index(data, len(commit) // 2))
    tree = git_objects.tree_of_commit(os.path.join(common, "objects"), commit)
    if tree is None:
        raise Unreadable("the commit's object cannot be read")
    staged = git_objects.tree_of_index(entries)
    changed = list(_changed(project, entries, os.stat(os.path.join(git, "index")).st_mtime_ns))
    if not changed and staged == tree:
        return {"dirty": False}
    import hashlib

    text = json.dumps([sorted(changed), staged.hex()], separators=(",", ":"))
    return {"dirty": True, "diffDigest": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"}


def parse_index(data: bytes, hash_bytes: int) -> Iterator[Entry]:
    """Read an index (gitformat-index(5)). Raises `Unreadable`."""
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise Unreadable(f"the index has version {version}")
    count = int.from_bytes(data[8:12], "big")
    place, path = 12, b""
    try:
        for _ in range(count):
            entry, place = _parse_entry(data, place, path, version, hash_bytes)
            path = entry.path
            yield entry
    except (IndexError, ValueError) as error:
        raise Unreadable("the index is damaged") from error
    if any(name == b"link" for name in _extensions(data, place, hash_bytes)):
        raise Unreadable("the index is split")


def _parse_entry(
    data: bytes, start: int, before: bytes, version: int, hash_bytes: int
) -> tuple[Entry, int]:
    def number(offset: int) -> int:
        return int.from_bytes(data[start + offset : start + offset + 4], "big")

    place = start + 40 + hash_bytes
    blob = data[start + 40 : place]
    flags = int.from_bytes(data[place : place + 2], "big")
    place += 2
    extended = 0
    if flags & _EXTENDED:
        extended = int.from_bytes(data[place : place + 2], "big")
        place += 2
    if version == 4:
        cut, place = _varint(data, place)
        end = data.index(0, place)
        path = before[: len(before) - cut] + data[place:end]
        place = end + 1
    else:
        end = data.index(0, place)
        path = data[place:end]
        place = start + ((end - start + 8) & ~7)
    if flags & _STAGE:
        raise Unreadable("a merge is not finished")
    compared = not (flags & _ASSUME_VALID or extended & _SKIP_WORKTREE)
    added = bool(extended & _INTENT_TO_ADD)
    mode = number(24)
    return Entry(path, mode, blob, number(8), number(12), number(36), compared, added), place


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


def _extensions(data: bytes, place: int, hash_bytes: int) -> Iterator[bytes]:
    while place + 8 <= len(data) - hash_bytes:
        yield data[place : place + 4]
        place += 8 + int.from_bytes(data[place + 4 : place + 8], "big")


def _changed(project: str, entries: list[Entry], index_ns: int) -> Iterator[list[str | None]]:
    """Find the files that are not as the index has them: `[path, blob or None]`."""
    deadline = time.monotonic() + COMPARING_SECONDS_MAX
    root = os.fsencode(project)
    for number, entry in enumerate(entries):
        if number % 64 == 0 and time.monotonic() > deadline:
            raise Unreadable(f"it has {len(entries):,} files, too many to compare at the start")
        if not entry.compared or entry.mode in (_SUBMODULE, _TREE):
            continue
        path = root + b"/" + entry.path
        try:
            found = os.lstat(path)
        except OSError:
            yield [os.fsdecode(entry.path), None]
            continue
        if not entry.added and _is_as_seen(found, entry, index_ns):
            continue
        blob = _blob(path, found, len(entry.blob), deadline)
        if blob != entry.blob or _mode(found) != entry.mode:
            yield [os.fsdecode(entry.path).encode("utf-8", "backslashreplace").decode(), blob.hex()]


def _is_as_seen(found: os.stat_result, entry: Entry, index_ns: int) -> bool:
    """Whether a file is as git saw it. One that changed while the index was written may not be."""
    when = divmod(found.st_mtime_ns, 1_000_000_000)
    if (when[0] & 0xFFFFFFFF) != entry.seconds or (found.st_size & 0xFFFFFFFF) != entry.size:
        return False
    if entry.nanoseconds and when[1] != entry.nanoseconds:
        return False
    racy = found.st_mtime_ns >= index_ns
    return _mode(found) == entry.mode and not racy


def _mode(found: os.stat_result) -> int:
    if stat.S_ISLNK(found.st_mode):
        return 0o120000
    return 0o100755 if found.st_mode & 0o100 else 0o100644


def _blob(path: bytes, found: os.stat_result, hash_bytes: int, deadline: float) -> bytes:
    if stat.S_ISLNK(found.st_mode):
        return git_objects.name_of(b"blob", os.readlink(path), hash_bytes)
    if found.st_size > FILE_BYTES_MAX or time.monotonic() > deadline:
        raise Unreadable("too much changed to compare at the start")
    try:
        with open(path, "rb") as file:
            return git_objects.name_of(b"blob", file.read(), hash_bytes)
    except OSError as error:
        raise Unreadable(f"a file cannot be read: {error.strerror}") from error


def _remote(common: str) -> str | None:
    """Tell the address of `origin`: only a bare public one, a remote can hold a password."""
    found = _ORIGIN.search(_read(os.path.join(common, "config")) or b"")
    url = found[1].decode("utf-8", "replace") if found else ""
    return url if url.startswith("https://") and "@" not in url and "?" not in url else None


def _places(project: str) -> tuple[str, str] | None:
    """Find the folder of this checkout and that which all checkouts of the repository share."""
    git = os.path.join(project, ".git")
    if os.path.isfile(git):  # a worktree or a submodule
        text = _read(git) or b""
        if not text.startswith(b"gitdir: "):
            return None
        git = os.path.join(project, os.fsdecode(text[8:].strip()))
    if not os.path.isdir(git):
        return None
    common = _read(os.path.join(git, "commondir"))
    return git, git if common is None else os.path.join(git, os.fsdecode(common.strip()))


def _resolve(git: str, common: str, name: bytes) -> str | None:
    for _ in range(SYMREFS_MAX):
        path = os.fsdecode(name)
        text = _read(os.path.join(git, path)) or _read(os.path.join(common, path))
        if text is None:
            return _packed(common, name)
        text = text.strip()
        if _ID.fullmatch(text):
            return text.decode()
        name = text[5:].strip()
        if not text.startswith(b"ref: ") or b".." in name or name.startswith(b"/"):
            return None
    return None


def _packed(common: str, name: bytes) -> str | None:
    for line in (_read(os.path.join(common, "packed-refs")) or b"").splitlines():
        value, _, ref = line.partition(b" ")
        if ref == name and _ID.fullmatch(value):
            return value.decode()
    return None


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        return None
    return data if len(data) <= FILE_BYTES_MAX else None
