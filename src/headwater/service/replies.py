"""Responses, written once: JSON of a struct, or bytes as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response

JSON = "application/json"


def reply(
    content: msgspec.Struct | bytes,
    *,
    status: int = 200,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Make a response; a struct is written as JSON."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, status_code=status, media_type=media_type, headers=headers)
