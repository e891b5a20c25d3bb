"""Objects of git, as far as a commit's tree: names, loose objects, packs (gitformat-pack(5))."""

from __future__ import annotations

import os
import zlib

from headwater.capture import hashing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from headwater.capture.git_index import Entry

OBJECT_BYTES_MAX: Final = 1024 * 1024
"""A commit is far smaller; what is larger is not read."""
DELTAS_MAX: Final = 100

_COMMIT: Final = 1
_OFS_DELTA: Final = 6
_REF_DELTA: Final = 7


def name_of(kind: bytes, data: bytes, hash_bytes: int) -> bytes:
    """Name an object: the SHA-1 (or SHA-256, by `hash_bytes`) of its header and content."""
    text = b"%s %d\0" % (kind, len(data)) + data
    return bytes.fromhex(hashing.sha256(text)) if hash_bytes == 32 else hashing.sha1(text)


def tree_of_index(entries: Iterable[Entry]) -> bytes:
    """Name the tree that an index stands for, as `git write-tree` would."""
    root: dict[bytes, object] = {}
    hash_bytes = 20
    for path, mode, blob, *_, added in entries:
        hash_bytes = len(blob)
        if added:
            continue
        folder = root
        *above, name = path.rstrip(b"/").split(b"/")
        for part in above:
            inner = folder.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            folder = inner
        folder[name] = (mode, blob)
    return _tree(root, hash_bytes)


def _tree(folder: dict[bytes, object], hash_bytes: int) -> bytes:
    lines = []
    for name, item in folder.items():
        if isinstance(item, dict):
            lines.append((name + b"/", b"40000 %s\0" % name + _tree(item, hash_bytes)))
        elif isinstance(item, tuple):
            mode, blob = item
            # A folder of a sparse index stands there as the tree that it is.
            key = name + b"/" if mode == 0o040000 else name
            lines.append((key, b"%o %s\0" % (mode, name) + blob))
    return name_of(b"tree", b"".join(line for _, line in sorted(lines)), hash_bytes)


def tree_of_commit(objects: str, commit: str) -> bytes | None:
    """Name the tree of a commit; None if it cannot be read."""
    try:
        data = _loose(objects, commit)
        if data is None:
            data = _in_packs(objects, bytes.fromhex(commit))
        word, _, tree = (data or b"").partition(b"\n")[0].partition(b" ")
        return bytes.fromhex(tree.decode()) if word == b"tree" else None
    except (OSError, ValueError, IndexError, zlib.error):
        return None


def _loose(objects: str, name: str) -> bytes | None:
    try:
        packed = _read(os.path.join(objects, name[:2], name[2:]))
    except FileNotFoundError:
        return None
    header, _, data = zlib.decompressobj().decompress(packed, OBJECT_BYTES_MAX).partition(b"\0")
    return data if header.startswith(b"commit ") else None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(OBJECT_BYTES_MAX)


def _in_packs(objects: str, name: bytes) -> bytes | None:
    folder = os.path.join(objects, "pack")
    for file in sorted(os.listdir(folder)):
        if file.endswith(".idx"):
            index = os.path.join(folder, file)
            place = _find(index, name)
            if place is not None:
                kind, data = _unpack(f"{index[:-4]}.pack", place, name, index)
                return data if kind == _COMMIT else None
    return None


def _find(index: str, name: bytes) -> int | None:
    """Find an object's offset in a pack by the pack's index, version 2."""
    import mmap

    size = len(name)
    with open(index, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[:8] != b"\377tOc\0\0\0\2":
            return None

        def number(place: int) -> int:
            return int.from_bytes(data[place : place + 4], "big")

        fan = 8
        count = number(fan + 255 * 4)
        low = number(fan + (name[0] - 1) * 4) if name[0] else 0
        high = number(fan + name[0] * 4)
        names = fan + 1024
        while low < high:
            middle = (low + high) // 2
            found = data[names + middle * size : names + (middle + 1) * size]
            if found == name:
                offsets = names + count * (size + 4)
                offset = number(offsets + middle * 4)
                if not offset & 0x80000000:
                    return offset
                long = offsets + count * 4 + (offset & 0x7FFFFFFF) * 8
                return int.from_bytes(data[long : long + 8], "big")
            low, high = (middle + 1, high) if found < name else (low, middle)
    return None


def _unpack(
    pack: str, place: int, name: bytes, index: str, depth: int = 0
) -> tuple[int, bytes | None]:
    with open(pack, "rb") as file:
        file.seek(place)
        data = file.read(OBJECT_BYTES_MAX)
    kind, at = (data[0] >> 4) & 7, 1
    byte = data[0]
    while byte & 0x80:
        byte = data[at]
        at += 1
    if kind not in (_OFS_DELTA, _REF_DELTA):
        return kind, _inflate(data[at:])
    if depth == DELTAS_MAX:
        return 0, None
    if kind == _OFS_DELTA:
        byte = data[at]
        at += 1
        back = byte & 0x7F
        while byte & 0x80:
            byte = data[at]
            at += 1
            back = ((back + 1) << 7) | (byte & 0x7F)
        base: int | None = place - back
    else:
        base = _find(index, data[at : at + len(name)])
        at += len(name)
    if base is None:
        return 0, None
    kind, source = _unpack(pack, base, name, index, depth + 1)
    return kind, None if source is None else _apply(source, _inflate(data[at:]))


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, OBJECT_BYTES_MAX)


def _apply(source: bytes, delta: bytes) -> bytes:
    """Make an object of another and a delta."""
    at = 0
    for _ in range(2):  # the sizes of both, which zlib's end makes needless
        while delta[at] & 0x80:
            at += 1
        at += 1
    made = bytearray()
    while at < len(delta):
        code = delta[at]
        at += 1
        if code & 0x80:
            numbers = []
            for bits in (range(4), range(4, 7)):
                value = 0
                for shift, bit in enumerate(bits):
                    if code & (1 << bit):
                        value |= delta[at] << (8 * shift)
                        at += 1
                numbers.append(value)
            offset, size = numbers
            made += source[offset : offset + (size or 0x10000)]
        else:
            made += delta[at : at + code]
            at += code
    return bytes(made)
