"""The files that this process has open: more may come into them, and some may wait in buffers."""

from __future__ import annotations

import gc
import io
import os


def paths() -> set[str]:
    """The files that this process has open, where the system tells (Linux)."""
    found: set[str] = set()
    try:
        descriptors = os.listdir("/proc/self/fd")
    except OSError:
        return found
    for descriptor in descriptors:
        try:
            found.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            continue
    return found


def flush(paths: set[str]) -> None:
    """Write what waits in Python's buffers of files, as Python is about to do."""
    buffers = (io.BufferedWriter, io.BufferedRandom)
    for one in gc.get_objects():
        if type(one) not in (io.TextIOWrapper, *buffers):
            continue
        try:
            buffer = one.buffer if type(one) is io.TextIOWrapper else one
            # Around another stream (`gzip`) it is not ours to say when that writes.
            if type(buffer) in buffers and type(buffer.raw) is io.FileIO and not one.closed:
                name = one.name
                if isinstance(name, str) and os.path.realpath(name) in paths:
                    one.flush()
        except (OSError, ValueError):
            continue
