"""What the parser does not know, in words that it does."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from sqlglot.dialects import Dialect as Grammar
from sqlglot.tokenizer_core import Token, TokenType

from headwater.shipping.sql.parts import BEHIND_OUTPUT, depths

_RESOLUTIONS: Final = frozenset({"IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK"})
"""What SQLite may do about a conflict: `UPDATE OR IGNORE`."""


def respelled(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """The tokens of a statement for the parser. `sql` is the text that their places are in."""
    tokens = _piped(tokens, grammar)
    words = [token.text.upper() for token in tokens[:6]]
    if words[0] == "REPLACE":
        # REPLACE INTO is an INSERT; the parser takes it for a command.
        return list(grammar.tokenize("INSERT " + sql[len("REPLACE") :]))
    if words[0] == "CREATE" and "VIEW" in words:
        if "RECURSIVE" in words[: words.index("VIEW")]:
            return _recursive_view(tokens, sql, grammar)
        return _bracketed_pivot(_without_tail(tokens), grammar)
    if words[0] in {"DELETE", "UPDATE", "INSERT"} and words[1:2] == ["TOP"]:
        return _without_top(tokens)
    if words[0] == "MERGE":
        return _deleting_branch(_without_merged(tokens), sql, grammar)
    if words[0] in {"CREATE", "ALTER"}:
        tokens = _defining(tokens, words, sql, grammar)
    else:
        tokens = _writing(tokens, words, grammar)
    if words[0] in {"CREATE", "INSERT"}:
        return _bracketed_pivot(_without_resolution(tokens), grammar)
    return _without_resolution(tokens)


def _defining(tokens: list[Token], words: list[str], sql: str, grammar: Grammar) -> list[Token]:
    """CREATE and ALTER of tables."""
    if type(grammar).__name__ == "SQLite":
        if "TABLE" in words and words[0] == "CREATE":
            tokens = _without_options(tokens)
        tokens = _plainly_computed(tokens)
    if words[:2] == ["ALTER", "TABLE"]:
        tokens = _moved(_renamed_column(tokens, grammar), sql, grammar)
    return tokens


def _writing(tokens: list[Token], words: list[str], grammar: Grammar) -> list[Token]:
    """INSERT, UPDATE and DELETE, behind WITH too."""
    if words[:2] == ["DELETE", "FROM"]:
        tokens = _output_last(tokens)
    if words[0] in {"INSERT", "WITH"}:
        for left_out in (("BY", "POSITION"), *_OVERRIDING):
            tokens = _without(tokens, left_out)
    if words[0] in {"UPDATE", "DELETE", "WITH"}:
        tokens = _selected_values(tokens, grammar)
    return tokens


_OVERRIDING: Final = (("OVERRIDING", "SYSTEM", "VALUE"), ("OVERRIDING", "USER", "VALUE"))
"""What PostgreSQL lets an INSERT say of identity columns: it changes no other."""


def _without_merged(tokens: list[Token]) -> list[Token]:
    """MERGE without what says nothing of columns."""
    for left_out in (("WITH", "SCHEMA", "EVOLUTION"), *_OVERRIDING):
        tokens = _without(tokens, left_out)
    return tokens


def _selected_values(tokens: list[Token], grammar: Grammar) -> list[Token]:
    """`UPDATE … FROM (VALUES …) v` with a query around VALUES: the parser wants no JOIN behind."""
    words = [token.text.upper() for token in tokens]
    if not {"UPDATE", "DELETE"} & {*words}:
        return tokens
    found = list(tokens)
    for at in reversed(range(1, len(words) - 2)):
        if words[at - 1] in {"FROM", "USING"} and words[at : at + 2] == ["(", "VALUES"]:
            rest = found[at + 1 :]
            end = next(place for place, depth in depths(rest) if depth < 0)
            opening, closing = grammar.tokenize("SELECT * FROM ("), grammar.tokenize(")")
            found = [*found[: at + 1], *opening, *rest[:end], *closing, *rest[end:]]
    return found


def _renamed_column(tokens: list[Token], grammar: Grammar) -> list[Token]:
    """`ALTER TABLE t RENAME a TO b` with COLUMN, without which the parser renames the table."""
    words = [token.text.upper() for token in tokens]
    for at in range(2, len(words) - 2):
        if words[at] == "RENAME" and words[at + 1] != "TO" and words[at + 2] == "TO":
            return [*tokens[: at + 1], *grammar.tokenize("COLUMN"), *tokens[at + 1 :]]
    return tokens


def _moved(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """`ALTER TABLE t SET SCHEMA s` as `ALTER TABLE t RENAME TO s.t`."""
    if [token.text.upper() for token in tokens[-3:-1]] != ["SET", "SCHEMA"]:
        return tokens
    start = tokens[0].start
    table, name, schema = (
        sql[first.start - start : last.end + 1 - start]
        for first, last in ((tokens[0], tokens[-4]), (tokens[-4],) * 2, (tokens[-1],) * 2)
    )
    return list(grammar.tokenize(f"{table} RENAME TO {schema}.{name}"))


_PIPED: Final = {"DROP": "EXCEPT", "RENAME": "RENAME", "SET": "REPLACE"}
"""Steps of BigQuery's pipes that keep all columns but those they name, as stars say it."""


def _piped(tokens: list[Token], grammar: Grammar) -> list[Token]:
    """`|> DROP a` as `|> SELECT * EXCEPT (a)`, `|> SET a = b` as `|> SELECT * REPLACE (b AS a)`."""
    pipes = [at for at, token in enumerate(tokens[:-1]) if token.token_type is TokenType.PIPE_GT]
    for at in reversed(pipes):
        word = tokens[at + 1].text.upper()
        if word not in _PIPED:
            continue
        rest = tokens[at + 2 :]
        end = next((place for place, depth in depths(rest) if depth < 0), len(rest))
        end = next((p for p in range(end) if rest[p].token_type is TokenType.PIPE_GT), end)
        listed = _assigned_last(rest[:end], grammar) if word == "SET" else rest[:end]
        opening = grammar.tokenize(f"SELECT * {_PIPED[word]} (")
        tokens = [*tokens[: at + 1], *opening, *listed, *grammar.tokenize(")"), *rest[end:]]
    return tokens


def _assigned_last(tokens: list[Token], grammar: Grammar) -> list[Token]:
    """`a = x, b = y` as `x AS a, y AS b`."""
    commas = [place for place, depth in depths(tokens)
              if depth == 0 and tokens[place].token_type is TokenType.COMMA]  # fmt: skip
    found: list[Token] = []
    for start, end in pairwise([-1, *commas, len(tokens)]):
        comma = tokens[start : start + 1] if start >= 0 else []
        name, value = tokens[start + 1], tokens[start + 3 : end]
        found += [*comma, *value, *grammar.tokenize("AS"), name]
    return found


def _bracketed_pivot(tokens: list[Token], grammar: Grammar) -> list[Token]:
    """PIVOT and UNPIVOT of DuckDB in brackets, where they stand for the query of a statement."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            depth += 1
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == 0 and token.token_type in {TokenType.SELECT, TokenType.FROM}:
            break  # what follows turns a relation
        elif depth == 0 and token.text.upper() in {"PIVOT", "UNPIVOT"} and place > 1:
            before = tokens[place - 1]
            if before.text.upper() != "AS" and tokens[0].text.upper() == "CREATE":
                continue  # the table has this name
            last = tokens[-1]
            opening = [
                Token(TokenType.L_PAREN, "(", token.line, token.col, token.start, token.start)
            ]
            if tokens[0].text.upper() == "INSERT":
                # Brackets behind the table would be a list of columns.
                opening = [*grammar.tokenize("SELECT * FROM"), *opening]
            closing = Token(TokenType.R_PAREN, ")", last.line, last.col, last.end, last.end)
            return [*tokens[:place], *opening, *tokens[place:], closing]
    return tokens


def _without(tokens: list[Token], words: tuple[str, ...]) -> list[Token]:
    """The tokens without the first run of these words."""
    for place in range(len(tokens) - len(words) + 1):
        part = tokens[place : place + len(words)]
        if tuple(token.text.upper() for token in part) == words:
            return [*tokens[:place], *tokens[place + len(words) :]]
    return tokens


def _without_top(tokens: list[Token]) -> list[Token]:
    """`DELETE TOP (5) FROM t` of SQL Server: which rows are written does not depend on a column."""
    for place, token in enumerate(tokens[2:], start=2):
        if token.token_type is TokenType.R_PAREN:
            rest = tokens[place + 1 :]
            percent = bool(rest) and rest[0].text.upper() == "PERCENT"
            return [tokens[0], *rest[percent:]]
    return tokens


def _deleting_branch(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """`UPDATE SET … DELETE WHERE c` in MERGE of Oracle as a branch of its own."""
    words = [token.text.upper() for token in tokens]
    found = [at for at in range(1, len(words) - 1) if words[at : at + 2] == ["DELETE", "WHERE"]]
    if not found:
        return tokens
    start, at = tokens[0].start, found[0]
    end = next((place for place in range(at, len(words)) if words[place] == "WHEN"), len(words))
    before = sql[: tokens[at].start - start]
    condition = sql[tokens[at + 2].start - start : tokens[end - 1].end + 1 - start]
    after = sql[tokens[end].start - start :] if end < len(words) else ""
    return list(grammar.tokenize(f"{before} WHEN MATCHED AND ({condition}) THEN DELETE {after}"))


def _without_resolution(tokens: list[Token]) -> list[Token]:
    """`UPDATE OR IGNORE t` as `UPDATE t`: what is set is the same."""
    for place, token in enumerate(tokens[:-2]):
        if token.token_type is not TokenType.UPDATE or tokens[place + 1].text.upper() != "OR":
            continue
        if tokens[place + 2].text.upper() in _RESOLUTIONS:
            return [*tokens[: place + 1], *tokens[place + 3 :]]
    return tokens


def _output_last(tokens: list[Token]) -> list[Token]:
    """`DELETE FROM t OUTPUT deleted.a WHERE …` with OUTPUT at the end: the parser looks there."""
    start = 0
    for place, depth in depths(tokens):
        word = tokens[place].text.upper()
        if depth == 0 and start and word in BEHIND_OUTPUT:
            return [*tokens[:start], *tokens[place:], *tokens[start:place]]
        if depth == 0 and word == "OUTPUT":
            start = place
    return tokens


_TAILS: Final = (
    ("WITH", "DATA"),
    ("WITH", "NO", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
    ("WITH", "READ", "ONLY"),
)
"""What may stand behind a view's query."""


def _without_tail(tokens: list[Token]) -> list[Token]:
    """When a view is filled, and what may be written through it, changes nothing of its rows."""
    for tail in _TAILS:
        if tuple(token.text.upper() for token in tokens[-len(tail) :]) == tail:
            return tokens[: -len(tail)]
    return tokens


def _without_options(tokens: list[Token]) -> list[Token]:
    """`CREATE TABLE t (…) STRICT, WITHOUT ROWID` of SQLite: how rows are kept changes none."""
    for option in (("STRICT",), ("WITHOUT", "ROWID"), ("STRICT",)):
        if tuple(token.text.upper() for token in tokens[-len(option) :]) == option:
            tokens = tokens[: -len(option)]
            if tokens[-1].token_type is TokenType.COMMA:
                tokens = tokens[:-1]
    return tokens


def _plainly_computed(tokens: list[Token]) -> list[Token]:
    """`g GENERATED ALWAYS AS (a * 2)` as `g AS (a * 2)`: the parser wants a type before the one."""
    words = [token.text.upper() for token in tokens]
    left_out: set[int] = set()
    for at in range(len(words) - 3):
        if words[at : at + 4] == ["GENERATED", "ALWAYS", "AS", "("]:
            left_out |= {at, at + 1}
    return [token for place, token in enumerate(tokens) if place not in left_out]


def _recursive_view(tokens: list[Token], sql: str, grammar: Grammar) -> list[Token]:
    """`CREATE RECURSIVE VIEW v (a) AS q` as what the standard says it stands for."""
    words = [token.text.upper() for token in tokens]
    view = words.index("VIEW")
    opening = words.index("(", view)
    closing = words.index(")", opening)
    if (
        words[closing + 1 : closing + 2] != ["AS"]
        or closing + 2 == len(words)
        or opening < view + 2
    ):
        return tokens
    start = tokens[0].start

    def text(first: int, last: int) -> str:
        return sql[tokens[first].start - start : tokens[last].end + 1 - start]

    before = " ".join(text(at, at) for at in range(view) if words[at] != "RECURSIVE")
    name, own = text(view + 1, opening - 1), text(opening - 1, opening - 1)
    columns, query = text(opening, closing), text(closing + 2, len(tokens) - 1)
    body = f"WITH RECURSIVE {own} {columns} AS ({query}) SELECT {columns[1:-1]} FROM {own}"  # noqa: S608
    return list(grammar.tokenize(f"{before} VIEW {name} AS {body}"))
