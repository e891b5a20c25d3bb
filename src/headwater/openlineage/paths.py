"""Where something stands in an event, as a JSON path (RFC 9535 §2.1.1) such as `$.inputs[0].name`.

A path is kept as a tuple of keys and indexes and written only when somebody is told about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def write(path: Iterable[str | int]) -> str:
    """Write a path: `.name` for plain keys, `["…"]` for any other key, `[0]` for an index."""
    return "$" + "".join(_step(part) for part in path)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _PLAIN.fullmatch(part):
        return f".{part}"
    return f"[{json.dumps(part, ensure_ascii=not part.isprintable())}]"
