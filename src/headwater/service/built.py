"""The web interface as it was built: every file in memory, in each encoding it comes in.

`make web` and the build of the wheel put the files beside this module. They are not in the
repository, so that a checkout may be without them.

Trusted? Whoever can write these files shows people what they like; that is why a ledger can also be
verified without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

DIRECTORY = Path(__file__).parent / "web"
INDEX = "index.html"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Content coding → what a file's name ends in, the better one first."""
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


class File(NamedTuple):
    """A file of the page: its bytes by content coding (`identity` is always there)."""

    media_type: str
    etag: str
    encodings: Mapping[str, bytes]


@cache
def files(directory: Path = DIRECTORY) -> Mapping[str, File]:
    """Read every file by its path from the root of the page; empty where nothing was built."""
    if not (directory / INDEX).is_file():
        return {}
    return {
        path.relative_to(directory).as_posix(): _read(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }


def negotiate(file: File, accepted: str) -> tuple[str, bytes]:
    """Choose the smallest encoding that an Accept-Encoding header takes: (coding, bytes)."""
    taken = {
        coding.strip().partition(";")[0].strip().lower()
        for coding in accepted.split(",")
        if not _refused(coding)
    }
    for coding in ENCODINGS:
        if coding in file.encodings and coding in taken:
            return coding, file.encodings[coding]
    return "identity", file.encodings["identity"]


def _refused(coding: str) -> bool:
    weight = coding.partition("q=")[2].strip()
    return weight.startswith("0") and not weight.strip("0.")


def _read(path: Path) -> File:
    data = path.read_bytes()
    encodings = {"identity": data}
    for coding, suffix in ENCODINGS.items():
        smaller = path.with_name(path.name + suffix)
        if smaller.is_file():
            encodings[coding] = smaller.read_bytes()
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return File(TYPES[PurePosixPath(path.name).suffix], etag, encodings)
