"""Which file system a path lies on: SQLite's locks and shared memory need a local one.

WAL mode keeps its index in shared memory and `flock` its lock in one kernel, so neither holds
between machines (https://sqlite.org/wal.html, "does not work over a network filesystem").

Trusted? No: whoever controls the mount table can only make a store refuse, or lose this check.
"""

from __future__ import annotations

import sys
from pathlib import Path

from headwater.errors import StoreError

MOUNTS = Path("/proc/self/mounts")

NETWORK_TYPES = frozenset(
    {
        "9p",
        "afpfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb2",
        "smb3",
        "smbfs",
        "webdav",
        "fuse.ceph",
        "fuse.davfs",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.goofys",
        "fuse.mountpoint-s3",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
    }
)

_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def refuse_network(path: Path) -> None:
    """Raise `StoreError` when `path` (which need not exist yet) lies on a network file system."""
    kind = filesystem(path)
    if kind in NETWORK_TYPES:
        raise StoreError(
            f"{path} lies on a network file system ({kind}), where SQLite's locks do not hold",
            remedy="keep the store on a local disk: pass --store /a/local/directory "
            "or set HEADWATER_STORE; other machines can send their events to it",
        )


def filesystem(path: Path) -> str | None:
    """Name the type of the file system under `path`, as the mount table has it; None if unknown."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        table = MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return None
    real = path.resolve()
    best: tuple[int, str] | None = None
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_unescape(fields[1]))
        # Later lines lie over earlier ones on the same mount point, so `>=` is meant.
        if real.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = (len(point.parts), fields[2])
    return None if best is None else best[1]


def _unescape(text: str) -> str:
    # getmntent(3): space, tab, newline and backslash come as octal escapes.
    for escape, character in _ESCAPES.items():
        text = text.replace(escape, character)
    return text
