"""Tables of a statement that cannot be parsed: the names behind FROM, INTO and their like."""

from __future__ import annotations

import re
from typing import Final

from headwater.shipping.sql.dialects import Dialect
from headwater.shipping.sql.limits import OPAQUE_CHARS_MAX
from headwater.shipping.sql.words import words_of

_READ: Final = frozenset({"FROM", "JOIN", "USING", "PIVOT", "UNPIVOT", "CLONE"})
_WRITTEN: Final = frozenset({"INTO", "UPDATE", "TABLE", "VIEW", "OVERWRITE"})
_NAMING_NOTHING: Final = frozenset(
    {"FOR", "DO", "THEN", "KEY", "ON", "INTO", "OVERWRITE", "FROM", "JOIN", "USING"}
)
"""Words after which UPDATE or TABLE names no table that is written."""
_SKIPPED: Final = frozenset(
    {"IF", "NOT", "EXISTS", "ONLY", "LATERAL", "TABLE", "RECURSIVE", "IGNORE", "LOW_PRIORITY",
     "CONCURRENTLY", "OR", "REPLACE", "ABORT", "FAIL", "ROLLBACK"}
)  # fmt: skip
_KEYWORDS: Final = frozenset(
    {"SELECT", "WHERE", "SET", "VALUES", "ON", "AS", "GROUP", "ORDER", "UNNEST", "WITH", "CASCADE",
     "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "QUALIFY", "WINDOW", "RETURNING",
     "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OF", "NOWAIT", "SKIP", "FOR", "THEN",
     "OUTPUT", "DIRECTORY", "LOCAL", "OUTFILE", "DUMPFILE", "FUNCTION", "DATABASE"}
)  # fmt: skip

_INTO: Final = frozenset(
    {"INSERT", "MERGE", "REPLACE", "COPY", "IGNORE", "ABORT", "FAIL", "ROLLBACK"}
)
"""Words before INTO that write a table."""
_BLOCKS: Final = frozenset({"DO", "BEGIN", "DECLARE", "IF", "FOR", "WHILE", "LOOP", "REPEAT"})
"""Words that begin a block of statements, in which SELECT … INTO sets variables."""
_INTO_TABLES: Final = frozenset({"tsql", "fabric"})
"""Dialects in which it makes a table there, too."""

_RUNS_TEXT: Final = re.compile(r"\s*(DO|EXECUTE\s+IMMEDIATE)\b", re.IGNORECASE)

_COMMA_WITHIN: Final = 12
"""How many words a name with its alias may have, before the comma of the next."""

Names = list[tuple[str, ...]]
_Words = list[tuple[str, str]]


def tables(sql: str, dialect: Dialect) -> tuple[Names, Names]:
    """The tables that a statement seems to read, and those it seems to write."""
    words = list(words_of(_with_text_run(sql[:OPAQUE_CHARS_MAX])))
    own = _ctes(words)
    in_block = bool(words) and words[0][1].upper() in _BLOCKS and dialect.name not in _INTO_TABLES
    reads: dict[tuple[str, ...], None] = {}
    writes: dict[tuple[str, ...], None] = {}
    for place, (kind, text) in enumerate(words):
        word = text.upper() if kind == "word" else ""
        before = words[place - 1][1].upper() if place else ""
        if word in _READ:
            names = writes if (before, word) == ("DELETE", "FROM") else reads
        elif word in _WRITTEN and before not in _NAMING_NOTHING:
            if word == "INTO" and in_block and before not in _INTO:
                continue  # SELECT … INTO a variable
            names = writes
        else:
            continue
        if word == "USING" and words[place + 1 : place + 2] and _is_format(words[place + 1][1]):
            continue
        if word == "UPDATE" and words[0][1].upper() == "ALTER":
            continue  # of columns, as ClickHouse has it
        at: int | None = place + 1
        while at is not None:
            name = _name(words, at, own, dialect)
            if name:
                names[name] = None
            at = _after_comma(words, at) if word == "FROM" else None
    return list(reads), list(writes)


def _with_text_run(sql: str) -> str:
    """A statement that runs a text in dollars with the words of that text."""
    return sql.replace("$$", "  ") if _RUNS_TEXT.match(sql) else sql


def _is_format(word: str) -> bool:
    """Whether a word behind USING is how a table is stored."""
    return word.casefold() in {"delta", "iceberg", "parquet", "orc", "csv", "json", "avro", "text"}


def _after_comma(words: _Words, place: int) -> int | None:
    """Where the next of `FROM a x, b AS y` begins; None if there is none."""
    for at in range(place, min(place + _COMMA_WITHIN, len(words))):
        kind, text = words[at]
        if text == ",":
            return at + 1
        if kind == "other" and text != ".":
            return None
        if kind == "word" and text.upper() in _KEYWORDS - {"AS"}:
            return None
    return None


def _ctes(words: _Words) -> set[str]:
    """Names followed by `AS (`: they are of this statement alone."""
    return {
        words[place][1].casefold()
        for place in range(len(words) - 2)
        if words[place + 1][1].upper() == "AS" and words[place + 2][1] == "("
    }


def _name(words: _Words, place: int, own: set[str], dialect: Dialect) -> tuple[str, ...]:
    """The name that stands here, in its parts; none for a keyword, a function or a query's own."""
    behind_read = words[place - 1][1].upper() in _READ
    while place < len(words) and words[place][1].upper() in _SKIPPED:
        place += 1
    parts: list[str] = []
    while place < len(words) and words[place][0] in {"word", "quoted"}:
        kind, text = words[place]
        if kind == "word" and text.upper() in _KEYWORDS:
            return ()
        parts.append(dialect.fold_name(text, quoted=kind == "quoted"))
        if place + 2 >= len(words) or words[place + 1][1] != ".":
            break
        place += 2
    if len(parts) == 1 and parts[0].casefold() in own:
        return ()
    is_function = behind_read and place + 1 < len(words) and words[place + 1][1] == "("
    return () if is_function else tuple(parts)
