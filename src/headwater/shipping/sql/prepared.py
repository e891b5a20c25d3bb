"""Statements that are prepared under a name, and functions that are defined, in one session."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.catalog import Macros
from headwater.shipping.sql.macros import called

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
        executed = _EXECUTE.search(sql)
        text = None if executed is None else self._texts.get(_name(executed))
        return sql if executed is None or text is None else sql[: executed.start()] + text

    def reading(self, tree: exp.Expr, macros: Macros) -> list[str]:
        """Name the functions that a statement calls and that may read what nobody knows."""
        if not self._reading:
            return []
        known = {name for name, _ in macros}
        return sorted((called(tree, macros) & self._reading) - known)


def _name(match: re.Match[str]) -> str:
    return str(match[1] or match[2]).casefold()
