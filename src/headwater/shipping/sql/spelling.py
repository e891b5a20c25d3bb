"""What the parser does not know, in words that it does."""

from __future__ import annotations

from typing import Final

from sqlglot.dialects import Dialect as Grammar
from sqlglot.tokenizer_core import Token, TokenType

_RESOLUTIONS: Final = frozenset({"IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK"})
"""What SQLite may do about a conflict: `UPDATE OR IGNORE`."""


def respelled(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """The tokens of a statement for the parser. `sql` is the text that their places are in."""
    words = [token.text.upper() for token in tokens[:6]]
    if words[0] == "REPLACE":
        # REPLACE INTO is an INSERT; the parser takes it for a command.
        return list(grammar.tokenize("INSERT " + sql[len("REPLACE") :]))
    if words[0] == "CREATE" and "VIEW" in words:
        if "RECURSIVE" in words[: words.index("VIEW")]:
            return _recursive_view(tokens, sql, grammar)
        if "MATERIALIZED" in words:
            return _without_data(tokens)
    return _without_resolution(tokens)


def _without_resolution(tokens: list[Token]) -> list[Token]:
    """`UPDATE OR IGNORE t` as `UPDATE t`: what is set is the same."""
    for place, token in enumerate(tokens[:-2]):
        if token.token_type is not TokenType.UPDATE or tokens[place + 1].text.upper() != "OR":
            continue
        if tokens[place + 2].text.upper() in _RESOLUTIONS:
            return [*tokens[: place + 1], *tokens[place + 3 :]]
    return tokens


def _without_data(tokens: list[Token]) -> list[Token]:
    """WITH [NO] DATA behind a materialised view: when it is filled changes nothing of how."""
    for tail in (("WITH", "DATA"), ("WITH", "NO", "DATA")):
        if tuple(token.text.upper() for token in tokens[-len(tail) :]) == tail:
            return tokens[: -len(tail)]
    return tokens


def _recursive_view(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """`CREATE RECURSIVE VIEW v (a) AS q` as what the standard says it stands for."""
    words = [token.text.upper() for token in tokens]
    view = words.index("VIEW")
    opening = words.index("(", view)
    closing = words.index(")", opening)
    if words[closing + 1 : closing + 2] != ["AS"]:
        return tokens
    start = tokens[0].start

    def text(first: int, last: int) -> str:
        return sql[tokens[first].start - start : tokens[last].end + 1 - start]

    before = " ".join(text(at, at) for at in range(view) if words[at] != "RECURSIVE")
    name, own = text(view + 1, opening - 1), text(opening - 1, opening - 1)
    columns, query = text(opening, closing), text(closing + 2, len(tokens) - 1)
    body = f"WITH RECURSIVE {own} {columns} AS ({query}) SELECT {columns[1:-1]} FROM {own}"  # noqa: S608
    return list(grammar.tokenize(f"{before} VIEW {name} AS {body}"))
