"""From text to statements and their trees, within limits; the parser's errors end here."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

import sqlglot.parser
from sqlglot import exp
from sqlglot.dialects import Dialect as Grammar
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from headwater.shipping.sql.limits import (
    NESTING_MAX,
    STATEMENTS_MAX,
    STEPS_PER_TOKEN_MAX,
    WORK_MAX,
)
from headwater.shipping.sql.parts import apart, apart_from_conflicts, apart_from_output
from headwater.shipping.sql.spelling import respelled
from headwater.shipping.sql.words import without_comments

_OPENING: Final = frozenset(
    {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE, TokenType.BEGIN}
)
_CLOSING: Final = frozenset(
    {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
)
_TYPES: Final = frozenset({"STRUCT", "ARRAY", "MAP", "LIST", "ROW", "TABLE", "NESTED", "OBJECT"})
"""Types that hold others in angle brackets."""
_JOINS_ALONE: Final = frozenset({"CROSS", "NATURAL", "POSITIONAL", "SEMI", "ANTI"})
"""Words before JOIN after which no ON has to come."""
_BLOCKS: Final = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION"})
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
        if words[0] in {"CREATE", "ALTER", "DROP"}:
            return words[1:2] != [] and words[1] in _NO_ROWS
        return words[0] in _NO_DATA and words[:2] != ["LOAD", "DATA"]


@cache
def grammar(name: str) -> Grammar | None:
    """The parser's dialect of this name."""
    try:
        return Grammar.get_or_raise(name or None)
    except (ValueError, SqlglotError):
        return None


def split(sql: str, dialect: Grammar) -> list[Chunk]:
    """The statements of a script. Raises `UnreadableError` where not even words can be told."""
    sql = _readable(sql)
    try:
        tokens = list(dialect.tokenize(sql))
    except (SqlglotError, RecursionError, ValueError, IndexError) as error:
        raise UnreadableError(_reason(error)) from None
    chunks = [
        Chunk(part, sql[part[0].start : part[-1].end + 1]) for part in _parts(_parameters(tokens))
    ]
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


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    """Split by semicolons, those between BEGIN and END of a block excepted."""
    part: list[Token] = []
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON and depth <= 0:
            if part:
                yield part
            part, depth = [], 0
            continue
        part.append(token)
        word = token.text.upper()
        if _is_block(part):
            if word in {"BEGIN", "CASE"}:
                depth += 1
            elif word == "END":
                depth -= 1
    if part:
        yield part


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


def parse(chunk: Chunk, dialect: Grammar) -> list[exp.Expr]:
    """The trees of one statement: several where it says several in one.

    Raises `UnreadableError`, whatever goes wrong.
    """
    _check_nesting(chunk.tokens)
    try:
        return _parse(chunk, dialect)
    except UnreadableError:
        # The parser stumbles over a comment within `GROUP BY` and other words that go together.
        if not any(token.comments for token in chunk.tokens):
            raise
    try:
        (bare,) = split(without_comments(chunk.sql), dialect)
    except ValueError:
        raise UnreadableError("it is no single statement") from None
    return _parse(bare, dialect)


def _parse(chunk: Chunk, dialect: Grammar) -> list[exp.Expr]:
    try:
        parts = apart(chunk.tokens, chunk.sql, dialect)
    except (SqlglotError, ValueError, IndexError):
        raise UnreadableError("it is not understood") from None
    trees = [_single(each, chunk.sql, dialect) for each in parts]
    for tree in trees:
        if chunk.first == "DELETE" and chunk.tokens[1].text.upper() == "TOP":
            tree.set("limit", exp.Limit())
        if chunk.first == "REPLACE":
            tree.set("alternative", "REPLACE")
    return trees


def _single(tokens: list[Token], sql: str, dialect: Grammar) -> exp.Expr:
    """The tree of one statement, with what the parser does not know at that place put into it."""
    try:
        own, into = apart_from_output(tokens)
        own, conflicts = apart_from_conflicts(own)
        own = respelled(own, sql, dialect)
        kept_rows = [*dialect.tokenize("INSERT INTO"), *into, *dialect.tokenize("DEFAULT VALUES")]
        row = dialect.tokenize("INSERT INTO t VALUES (1)")
    except (SqlglotError, ValueError, IndexError):
        raise UnreadableError("it is not understood") from None
    tree = _tree(own, sql, dialect)
    if conflicts:
        others = [_tree([*row, *each], sql, dialect).args["conflict"] for each in conflicts]
        tree.set("conflicts", others)
    if into:
        returning = tree.args.get("returning")
        if returning is None:
            raise UnreadableError("its OUTPUT is not understood")
        returning.set("into", _tree(kept_rows, sql, dialect).this)
    return tree


def _tree(tokens: list[Token], sql: str, dialect: Grammar) -> exp.Expr:
    """The one tree that the parser makes of tokens, within its budget."""
    budget = STEPS_PER_TOKEN_MAX * (len(tokens) + 10)
    try:
        with _quiet():
            kind = _bounded(dialect.parser_class)
            parser = kind(dialect=dialect, max_nodes=WORK_MAX)
            if hasattr(kind, "budget"):
                parser.__dict__["budget"] = budget
            trees = parser.parse(tokens, sql)
    except UnreadableError:
        raise
    # The parser fails in many ways on what it does not expect; each means the same here.
    except (SqlglotError, RecursionError) as error:
        raise UnreadableError(_reason(error)) from None
    except Exception as error:
        raise UnreadableError(f"the parser fails on it ({type(error).__name__})") from None
    if len(trees) != 1 or trees[0] is None:
        raise UnreadableError("it is no single statement")
    tree = trees[0]
    if isinstance(tree, exp.Command):
        raise UnreadableError(f"{tree.name.upper()} is not understood")
    return tree


def _check_nesting(tokens: list[Token]) -> None:
    """Hold to the limit what the parser recurses over: the compiled one has no other guard."""
    depth = types = joins = 0
    for place, token in enumerate(tokens):
        kind = token.token_type
        before = tokens[place - 1].text.upper() if place else ""
        if kind in _OPENING:
            depth += 1
        elif kind in _CLOSING:
            depth -= 1
        elif kind is TokenType.LT and before in _TYPES:
            types += 1
        elif kind is TokenType.GT:
            types = max(0, types - 1)
        elif kind is TokenType.JOIN and before not in _JOINS_ALONE:
            joins += 1
        elif kind in {TokenType.ON, TokenType.USING}:
            joins = max(0, joins - 1)
        if max(depth, types, joins) > NESTING_MAX:
            raise UnreadableError(f"it is nested deeper than {NESTING_MAX}")


@cache
def _bounded(parser: type[sqlglot.parser.Parser]) -> type[sqlglot.parser.Parser]:
    """The parser with a bound on how often it goes back and tries again.

    The compiled parser cannot be extended; it is held by the bounds on length and nesting alone.
    """
    advance: Callable[..., None] = parser._advance

    def counted(self: sqlglot.parser.Parser, times: int = 1) -> None:
        left = self.__dict__.get("budget", 0) - 1
        if left < 0:
            raise UnreadableError("it takes the parser too long")
        self.__dict__["budget"] = left
        advance(self, times)

    bounded = type(parser.__name__, (parser,), {"_advance": counted, "budget": 0})
    try:
        bounded()
    except TypeError:
        return parser
    return bounded


@contextmanager
def _quiet() -> Iterator[None]:
    """The parser logs what it does not know; the statement's doubts say it here."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    errors = getattr(error, "errors", None)
    if errors:
        first = errors[0]
        return f"{first.get('description')} at line {first.get('line')}, column {first.get('col')}"
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
