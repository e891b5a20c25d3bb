"""SQL of any dialect as words, without understanding it. Never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z)|\#[^\n]*(?=\n))"""
    r"""|(?P<text>'(?:[^'\\]|''|\\.)*(?:'|\Z)|\$\$.*?(?:\$\$|\Z))"""
    r"""|(?P<quoted>"(?:[^"]|"")*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[A-Za-z_][^\]\n]*\])"""
    r"""|(?P<word>[^\W\d][\w$]*)"""
    r"""|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)


def words_of(sql: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each word: `word`, `quoted` (a name, bare), `text` or `other`."""
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "other"
        if kind == "quoted":
            yield kind, match[0][1:].rstrip('"`]')
        elif kind != "skip":
            yield kind, match[0]


def without_comments(sql: str) -> str:
    """The same with a space for each comment."""
    return _TOKEN.sub(lambda match: " " if match.lastgroup == "skip" else match[0], sql)
