"""From statements to their trees, within limits; the parser's errors end here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import sqlglot.parser
from sqlglot import exp
from sqlglot.dialects import Dialect as Grammar
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from headwater.shipping.sql.chunks import Chunk, UnreadableError, reason_of, split
from headwater.shipping.sql.limits import NESTING_MAX, STEPS_PER_TOKEN_MAX, WORK_MAX
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


@cache
def grammar(name: str) -> Grammar | None:
    """The parser's dialect of this name."""
    try:
        return Grammar.get_or_raise(name or None)
    except (ValueError, SqlglotError):
        return None


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
        if isinstance(tree, exp.Merge) and chunk.tokens[1].text.upper() == "WITH":
            tree.set("evolves", True)  # WITH SCHEMA EVOLUTION of Databricks
        if chunk.first == "REPLACE":
            tree.set("alternative", "REPLACE")
    return trees


def _single(tokens: list[Token], sql: str, dialect: Grammar) -> exp.Expr:
    """The tree of one statement, with what the parser does not know at that place put into it."""
    try:
        own, into = apart_from_output(tokens)
        own, conflicts = apart_from_conflicts(own)
        own = respelled(own, sql, dialect)
    except (SqlglotError, ValueError, IndexError):
        raise UnreadableError("it is not understood") from None
    tree = _tree(own, sql, dialect)
    if conflicts:
        row = dialect.tokenize("INSERT INTO t VALUES (1)")
        others = [_tree([*row, *each], sql, dialect).args["conflict"] for each in conflicts]
        tree.set("conflicts", others)
    if into:
        returning = tree.args.get("returning")
        if returning is None:
            raise UnreadableError("its OUTPUT is not understood")
        kept = [*dialect.tokenize("INSERT INTO"), *into, *dialect.tokenize("DEFAULT VALUES")]
        returning.set("into", _tree(kept, sql, dialect).this)
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
        raise UnreadableError(reason_of(error)) from None
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
