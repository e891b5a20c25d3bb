"""Parts of a statement that are parsed by themselves, as the parser does not know them together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sqlglot.dialects import Dialect as Grammar
from sqlglot.tokenizer_core import Token, TokenType

BEHIND_OUTPUT: Final = frozenset({"SELECT", "VALUES", "FROM", "WHERE", "DEFAULT", "EXEC", "OUTPUT"})
"""Words that end an OUTPUT of SQL Server."""


def apart_from_output(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """A statement without the target of `OUTPUT … INTO t (a, b)`, and that target: SQL Server.

    The parser knows a bare name there.
    """
    output = False
    for place, depth in depths(tokens):
        word = tokens[place].text.upper()
        if depth == 0 and output and word == "INTO":
            end = _end_of_target(tokens, place + 1)
            return [*tokens[:place], *tokens[end:]], tokens[place + 1 : end]
        if depth == 0 and word in BEHIND_OUTPUT:
            output = word == "OUTPUT"
    return tokens, []


def depths(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """The places of tokens, with the number of brackets that are open there."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            depth += 1
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        yield place, depth


def _end_of_target(tokens: list[Token], place: int) -> int:
    """Where the name of a table ends, with the list of columns behind it."""
    while place < len(tokens) and tokens[place].text in {"@", "#"}:
        place += 1
    place += 1
    while place + 1 < len(tokens) and tokens[place].token_type is TokenType.DOT:
        place += 2
    if place < len(tokens) and tokens[place].token_type is TokenType.L_PAREN:
        closing = [at for at in range(place, len(tokens)) if tokens[at].text == ")"]
        return closing[0] + 1
    return place


def apart_from_conflicts(tokens: list[Token]) -> tuple[list[Token], list[list[Token]]]:
    """An INSERT with its first ON CONFLICT alone, and those that follow: SQLite."""
    if not tokens or tokens[0].text.upper() not in {"INSERT", "REPLACE", "WITH"}:
        return tokens, []
    words = [token.text.upper() for token in tokens]
    starts = [
        place for place, depth in depths(tokens)
        if depth == 0 and words[place : place + 2] == ["ON", "CONFLICT"]
    ]  # fmt: skip
    if len(starts) < 2:
        return tokens, []
    ends = [place for place, depth in depths(tokens) if depth == 0 and words[place] == "RETURNING"]
    end = next((place for place in ends if place > starts[-1]), len(tokens))
    bounds = [*starts[1:], end]
    others = [tokens[a:b] for a, b in pairwise(bounds)]
    return [*tokens[: starts[1]], *tokens[end:]], others


def apart(tokens: list[Token], sql: str, grammar: Grammar) -> list[list[Token]]:
    """Statements that are said in one: RENAME of several tables, FROM … INSERT … INSERT …."""
    word = tokens[0].text.upper()
    if word == "RENAME":
        return _renamings(grammar.tokenize("ALTER " + sql[len("RENAME") :]))
    if word == "FROM":
        return _inserts(tokens)
    return [tokens]


def _renamings(tokens: list[Token]) -> list[list[Token]]:
    """`RENAME TABLE a TO b, c TO d` of MySQL as an ALTER TABLE for each."""
    found: list[list[Token]] = []
    commas = [at for at, token in enumerate(tokens) if token.token_type is TokenType.COMMA]
    for start, end in pairwise([1, *commas, len(tokens)]):
        pair = tokens[start + 1 : end]
        to = next((at for at, token in enumerate(pair) if token.text.upper() == "TO"), len(pair))
        rename = Token(TokenType.VAR, "RENAME", 0, 0, pair[0].start, pair[0].start)
        found.append([*tokens[:2], *pair[:to], rename, *pair[to:]])
    return found


_BEHIND_LIST: Final = frozenset(
    {"WHERE", "GROUP", "HAVING", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "WINDOW"}
)
"""Words that end the list of a SELECT without FROM, and have to follow FROM."""


def _inserts(tokens: list[Token]) -> list[list[Token]]:
    """`FROM s INSERT INTO t SELECT a WHERE b` of Hive: `INSERT INTO t SELECT a FROM s WHERE b`."""
    starts = [
        place for place, depth in depths(tokens)
        if depth == 0 and tokens[place].text.upper() == "INSERT"
    ]  # fmt: skip
    if not starts:
        return [tokens]
    source = tokens[: starts[0]]
    inserts = [tokens[a:b] for a, b in pairwise([*starts, len(tokens)])]
    found: list[list[Token]] = []
    for insert in inserts:
        selecting = False
        end = len(insert)
        for place, depth in depths(insert):
            word = insert[place].text.upper().partition(" ")[0] if depth == 0 else ""
            if selecting and word in _BEHIND_LIST:
                end = place
                break
            selecting = selecting or word == "SELECT"
        found.append([*insert[:end], *source, *insert[end:]])
    return found
