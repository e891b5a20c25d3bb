"""From the text of a script to its statements, each with its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from sqlglot.dialects import Dialect as Grammar
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from headwater.shipping.sql.limits import STATEMENTS_MAX

_BLOCKS: Final = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION"})
_CONDITIONAL: Final = frozenset({"IF", "WHILE", "FOR", "LOOP", "REPEAT"})
"""Words that begin a block whose statements may run or not."""
_STARTING: Final = frozenset({";", "THEN", "ELSE", "BEGIN", "DO", "LOOP", ")"})
"""Words behind which a statement of a block begins."""
_UNCLOSED: Final = frozenset({"TSQL", "Fabric"})
"""Grammars in which IF has no END of its own."""
_BEGUN: Final = re.compile(
    r"BEGIN\s+(?:TRY\s+)?(?=(?:SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|CREATE|DROP|ALTER|TRUNCATE|COPY|SET"
    r"|DECLARE|REPLACE)\b)",
    re.IGNORECASE,
)
"""BEGIN of a block: a statement follows; behind that of a transaction none does."""
_TRANSACTION: Final = frozenset(
    {"TRANSACTION", "TRAN", "WORK", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "CONCURRENT", "ISOLATION",
     "READ", "NOT", "DISTRIBUTED"}
)  # fmt: skip
"""Words that may stand behind BEGIN of a transaction."""
_NO_DATA: Final = frozenset(
    {"SET", "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SHOW",
     "DESCRIBE", "DESC", "EXPLAIN", "GRANT", "REVOKE", "ANALYZE", "ANALYSE", "VACUUM", "OPTIMIZE",
     "LOCK", "UNLOCK", "COMMENT", "INSTALL", "LOAD", "FORCE", "CHECKPOINT", "DECLARE", "RESET",
     "CLUSTER", "LISTEN", "NOTIFY", "UNLISTEN", "DISCARD", "CLOSE", "DEALLOCATE", "REINDEX", "KILL",
     "ABORT", "END", "PRINT", "GO", "DETACH", "ATTACH", "USE", "UNCACHE", "UNSET", "LIST", "LS",
     "DENY", "CONSTRAINTS", "RETURN", "PREPARE"}
)  # fmt: skip
"""Statements that move no data, by their first word."""


_NUMBERED: Final = re.compile(r"(\$\d+)(?=[^\s\d$][^\s$]*\$)")
_OPTIONS: Final = re.compile(r"\b(stdin|stdout)\s*\(", re.IGNORECASE)

_NO_ROWS: Final = frozenset(
    {"SEQUENCE", "INDEX", "ROLE", "USER", "SYSTEM", "FUNCTION", "EXTENSION", "POLICY", "TYPE",
     "DOMAIN", "SESSION", "WAREHOUSE", "STAGE", "SECRET", "MACRO", "PROCEDURE", "TRIGGER",
     "AGGREGATE", "COLLATION", "OPERATOR", "PUBLICATION", "SUBSCRIPTION", "STATISTICS"}
)  # fmt: skip
"""What may be created, altered and dropped without a row being touched."""


class UnreadableError(Exception):
    """A statement cannot be parsed; says why."""


class Chunk(NamedTuple):
    """The tokens of one statement and its text."""

    tokens: list[Token]
    sql: str

    @property
    def first(self) -> str:
        """The first word, in capitals."""
        return self.tokens[0].text.upper().strip()

    def moves_no_data(self) -> bool:
        """Whether it is a statement about the session or the engine."""
        words = self.sql.upper().split(None, 3)[:3]
        if words[0] in {"EXPLAIN", "DESCRIBE"}:
            # EXPLAIN ANALYZE runs what it explains.
            return not any(word.startswith(("ANALY", "(")) for word in words[1:])
        if _is_block(self.tokens):
            return True
        if words[0] == "BEGIN" and words[1:]:
            return words[1].strip(",;") in _TRANSACTION
        if words[0] in {"CREATE", "ALTER", "DROP"}:
            return words[1:2] != [] and words[1] in _NO_ROWS
        return words[0] in _NO_DATA and words[:2] != ["LOAD", "DATA"]


def split(sql: str, dialect: Grammar) -> list[Chunk]:
    """The statements of a script. Raises `UnreadableError` where not even words can be told."""
    sql = _readable(sql)
    try:
        tokens = list(dialect.tokenize(sql))
        closed = type(dialect).__name__ not in _UNCLOSED
        parts = _parts(_parameters(tokens), closed=closed)
        chunks = [_chunk(part, sql, dialect) for part in parts]
    except (SqlglotError, RecursionError, ValueError, IndexError) as error:
        raise UnreadableError(reason_of(error)) from None
    if len(chunks) > STATEMENTS_MAX:
        raise UnreadableError(f"there are more than {STATEMENTS_MAX:,} statements")
    return chunks


def _readable(sql: str) -> str:
    """Write otherwise what the tokenizer takes for something else, and means the same.

    `$1,$2` as drivers write parameters begins a string in dollars, of the tag `1,`; and the options
    of COPY stand in brackets behind a stream without WITH, too (PostgreSQL, `COPY`).
    """
    sql = _NUMBERED.sub(r"\1 ", sql)
    return _OPTIONS.sub(r"\1 WITH (", sql)


def _parts(tokens: list[Token], *, closed: bool) -> Iterator[list[Token]]:
    """Split by semicolons, those between BEGIN and END of a block excepted.

    Of a block whose statements run on conditions, or again and again, each of them may have run or
    not: it stays one. `closed` says that IF and the like end with an END of their own.
    """
    part: list[Token] = []
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON and depth <= 0:
            if part:
                yield part
            part, depth = [], 0
            continue
        before = part[-1].text.upper() if part else ";"
        part.append(token)
        word = token.text.upper()
        if _is_block(part):
            opens = word in {"BEGIN", "CASE"}
        elif _is_conditional(part):
            begins = word in _CONDITIONAL and before in _STARTING if closed else False
            opens = begins or word == "BEGIN" or (word == "CASE" and before != "END")
        else:
            continue
        depth += opens - (word == "END")
    if part:
        yield part


def _is_conditional(part: list[Token]) -> bool:
    words = [token.text.upper() for token in part[:2]]
    return words[0] in _CONDITIONAL or (words[0] == "BEGIN" and words[-1] in _CONDITIONAL)


def _chunk(part: list[Token], sql: str, dialect: Grammar) -> Chunk:
    """A statement of a script: of a block, its first one without BEGIN."""
    text = sql[part[0].start : part[-1].end + 1]
    begun = _BEGUN.match(text)
    if begun is None:
        return Chunk(part, text)
    text = text[begun.end() :]
    return Chunk(_parameters(list(dialect.tokenize(text))), text)


def _is_block(part: list[Token]) -> bool:
    return part[0].text.upper() == "CREATE" and any(
        token.text.upper() in _BLOCKS for token in part[1:5]
    )


def _parameters(tokens: list[Token]) -> list[Token]:
    """`%s` and `%(name)s` of Python's drivers as `?`, wherever no operand stands before them."""
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        length = _parameter(tokens, place) if not (found and _is_operand(found[-1])) else 0
        if length:
            first, last = tokens[place], tokens[place + length - 1]
            found.append(
                Token(TokenType.PLACEHOLDER, "?", first.line, first.col, first.start, last.end)
            )
        else:
            found.append(tokens[place])
        place += length or 1
    return found


def _parameter(tokens: list[Token], place: int) -> int:
    """The number of tokens that make a parameter here; 0 if none does."""
    if tokens[place].token_type is not TokenType.MOD:
        return 0
    for length in (2, 5):
        part = tokens[place : place + length]
        if len(part) < length or part[-1].text not in {"s", "b", "t"}:
            continue
        if any(b.start != a.end + 1 for a, b in pairwise(part)):
            continue
        if length == 2 or (part[1].text, part[3].text) == ("(", ")"):
            return length
    return 0


def _is_operand(token: Token) -> bool:
    return token.token_type in {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.NUMBER,
        TokenType.STRING,
        TokenType.R_PAREN,
        TokenType.R_BRACKET,
        TokenType.PLACEHOLDER,
    }


def reason_of(error: BaseException) -> str:
    """Why a parser failed, on one line."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    errors = getattr(error, "errors", None)
    if errors:
        first = errors[0]
        return f"{first.get('description')} at line {first.get('line')}, column {first.get('col')}"
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
