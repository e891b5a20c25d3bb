"""What one script or statement may cost to read. Beyond a limit the statement is opaque."""

from __future__ import annotations

from typing import Final

SQL_BYTES_MAX: Final = 1024 * 1024
"""Length of a script, in bytes of UTF-8."""

STATEMENTS_MAX: Final = 10_000
"""Statements of one script."""

NESTING_MAX: Final = 64
"""Brackets and CASEs within one another."""

STEPS_PER_TOKEN_MAX: Final = 50
"""How often the parser may come back to a token, on average."""

WORK_MAX: Final = 1_000_000
"""Expressions visited and column edges followed for one statement."""

SQL_COLUMNS_MAX: Final = 20_000
"""Columns of a table, a query or any part of it."""

RECURSION_ROUNDS_MAX: Final = 100
"""How often a recursive query is read until nothing new is found."""

TRIGGERS_FIRED_MAX: Final = 100
"""Triggers that one statement fires, and those that these fire."""

OPAQUE_CHARS_MAX: Final = 64 * 1024
"""How far into a statement that cannot be read its tables are looked for, in characters."""

FRAMES_MAX: Final = 6_000
"""Python's recursion limit while a statement is read: the parser takes some 25 frames a bracket."""

MADE_UP_CHARS_MAX: Final = 1_000
"""How much of an expression stands for the name of a column that has none, in characters."""
