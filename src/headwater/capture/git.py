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

import os
import time

from headwater.capture import git_objects, hashing
from headwater.capture.encoding import encode
from headwater.capture.git_index import SUBMODULE, TREE, Index, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from headwater.capture.git_index import Entry

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""The most of any one file of git's that is read."""
COMPARING_SECONDS_MAX: Final = 0.05
"""How long files are compared with the index: the start of a run must not be felt."""
SYMREFS_MAX: Final = 5

_HEX: Final = b"0123456789abcdef"
_KIND_AND_PROGRAM: Final = 0o170100
"""Of the mode of a file: what it is, and whether it may be executed."""


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
    index = Index(data, len(commit) // 2)
    tree = git_objects.tree_of_commit(os.path.join(common, "objects"), commit)
    if tree is None:
        raise Unreadable("the commit's object cannot be read")
    written_ns = os.stat(os.path.join(git, "index")).st_mtime_ns
    changed = list(_changed(project, index.entries, written_ns))
    staged = index.tree()
    if not changed and staged == tree:
        return {"dirty": False}
    text = encode([sorted(changed), staged.hex()])
    return {"dirty": True, "diffDigest": f"sha256:{hashing.sha256(text.encode())}"}


def _changed(project: str, entries: list[Entry], index_ns: int) -> Iterator[list[str | None]]:
    """Find the files that are not as the index has them: `[path, blob or None]`.

    A file is as git saw it if its size, mode and time of modification are. One that changed while
    the index was written may not be.
    """
    deadline = time.monotonic() + COMPARING_SECONDS_MAX
    root, lstat = os.fsencode(project) + b"/", os.lstat
    for start in range(0, len(entries), 64):
        if time.monotonic() > deadline:
            raise Unreadable(f"it has {len(entries):,} files, too many to compare at the start")
        for entry in entries[start : start + 64]:
            path, mode, blob, size, seconds, nanoseconds, compared, added = entry
            try:
                found = lstat(root + path)
            except OSError:
                if compared and mode not in (SUBMODULE, TREE):
                    yield [os.fsdecode(path), None]
                continue
            modified_ns = found.st_mtime_ns
            if (  # as most are
                modified_ns == seconds * 1_000_000_000 + nanoseconds
                and found.st_size == size
                and not (found.st_mode ^ mode) & _KIND_AND_PROGRAM
                and modified_ns < index_ns
                and not added
            ):
                continue
            if not compared or mode in (SUBMODULE, TREE):
                continue
            if not added and _is_as_seen(found, entry, index_ns):
                continue
            now = _blob(root + path, found, len(blob), deadline)
            if now != blob or _mode(found) != mode:
                yield [os.fsdecode(path).encode("utf-8", "backslashreplace").decode(), now.hex()]


def _is_as_seen(found: os.stat_result, entry: Entry, index_ns: int) -> bool:
    """Whether a file is as git saw it: the index keeps 32 bits, and of times maybe but seconds."""
    _, mode, _, size, seconds, nanoseconds, *_ = entry
    when = divmod(found.st_mtime_ns, 1_000_000_000)
    same = when[0] & 0xFFFFFFFF == seconds and nanoseconds in (0, when[1])
    same = same and found.st_size & 0xFFFFFFFF == size and _mode(found) == mode
    return same and found.st_mtime_ns < index_ns


def _mode(found: os.stat_result) -> int:
    """The mode of a file as git has it: a link, a program, or any other file."""
    mode = found.st_mode
    if mode & 0o170000 == 0o120000:
        return 0o120000
    return 0o100755 if mode & 0o100 else 0o100644


def _blob(path: bytes, found: os.stat_result, hash_bytes: int, deadline: float) -> bytes:
    if _mode(found) == 0o120000:
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
    url, inside = "", False
    for line in (_read(os.path.join(common, "config")) or b"").splitlines():
        text = line.strip()
        if text.startswith(b"["):
            inside = text.startswith(b'[remote "origin"]')
            continue
        name, equals, value = text.partition(b"=")
        if inside and equals and name.strip() == b"url":
            url = value.strip().decode("utf-8", "replace")
            break
    is_bare = url.startswith("https://") and not any(one in url for one in "@? ")
    return url if is_bare else None


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
        if _is_id(text):
            return text.decode()
        name = text[5:].strip()
        if not text.startswith(b"ref: ") or b".." in name or name.startswith(b"/"):
            return None
    return None


def _packed(common: str, name: bytes) -> str | None:
    for line in (_read(os.path.join(common, "packed-refs")) or b"").splitlines():
        value, _, ref = line.partition(b" ")
        if ref == name and _is_id(value):
            return value.decode()
    return None


def _is_id(text: bytes) -> bool:
    return len(text) in (40, 64) and not text.strip(_HEX)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            # Not by asking for as much: room is made for that.
            return file.read() if os.fstat(file.fileno()).st_size <= FILE_BYTES_MAX else None
    except OSError:
        return None
