"""Statements that are prepared under a name, and functions that are defined, in one session."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

_NAME: Final = r'(?:"([^"]+)"|(\w+))'
_PREPARE: Final = re.compile(
    rf"prepare\s+{_NAME}\s*(?:\([^)]*\)\s*)?as\s+(.+)", re.IGNORECASE | re.DOTALL
)
_EXECUTE: Final = re.compile(
    rf"execute\s+{_NAME}\s*(?:\(.*\)\s*)?;?\s*$", re.IGNORECASE | re.DOTALL
)
_FUNCTION: Final = re.compile(
    rf"create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:macro|function)\s+"
    rf"(?:if\s+not\s+exists\s+)?(?:[\w\"]+\.)*{_NAME}\s*\((.*)",
    re.IGNORECASE | re.DOTALL,
)
_READS: Final = re.compile(r"\b(?:select|from|table)\b", re.IGNORECASE)
PREPARED_MAX: Final = 1_000
"""Statements, and functions, that are known by name; beyond, they are not."""


class Prepared:
    """What a session has under names: texts to be executed, and functions that may read tables."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._reading: set[str] = set()

    def follow(self, sql: str) -> str:
        """Give the text that a statement executes: its own, or what was prepared under a name."""
        made = _PREPARE.match(sql)
        if made is not None and len(self._texts) < PREPARED_MAX:
            self._texts[_name(made)] = made[3]
        defined = _FUNCTION.match(sql)
        if defined is not None and len(self._reading) < PREPARED_MAX and _READS.search(defined[3]):
            self._reading.add(_name(defined))
        called = _EXECUTE.search(sql)
        text = None if called is None else self._texts.get(_name(called))
        return sql if called is None or text is None else sql[: called.start()] + text

    def reading(self, tree: exp.Expr) -> list[str]:
        """Name the functions that a statement calls and that may read tables."""
        if not self._reading:
            return []
        called = {node.name.casefold() for node in tree.find_all(exp.Anonymous)}
        return sorted(called & self._reading)


def _name(match: re.Match[str]) -> str:
    return str(match[1] or match[2]).casefold()
