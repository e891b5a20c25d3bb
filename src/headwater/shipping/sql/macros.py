"""Macros of DuckDB: what a call of one is made from, by the text that it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp
from sqlglot.dialects import Dialect as Grammar

from headwater.shipping.sql.chunks import UnreadableError, split
from headwater.shipping.sql.parsing import parse

if TYPE_CHECKING:
    from headwater.shipping.sql.catalog import Macros

MACROS_MAX: Final = 1_000
"""Macros of one session that are known; what others read is not."""
_CREATED: Final = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:macro|function)\s+"
    r"(?:if\s+not\s+exists\s+)?(?:[\w\"]+\.)*\"?(\w+)\"?\s*\(([^()]*)\)\s*as\s+(table\b)?(.+)",
    re.IGNORECASE | re.DOTALL,
)
_PARAMETER: Final = re.compile(r"\s*\"?(\w+)\"?(?:\s+\w[\w\[\]]*)?\s*(?::=\s*(.+?))?\s*", re.DOTALL)


class Macro(NamedTuple):
    """A text with a name: `parameters` in their order, each with its default where it has one."""

    parameters: Mapping[str, exp.Expr | None]
    body: exp.Expr
    gives_rows: bool


def learn(sql: str, grammar: Grammar, macros: Macros) -> None:
    """Know a macro that a text makes; forget one of its name that cannot be read."""
    made = _CREATED.match(sql)
    if made is None:
        return
    name, gives_rows = made[1].casefold(), made[3] is not None
    macros.pop((name, gives_rows), None)
    try:
        body = _tree(made[4] if gives_rows else f"SELECT {made[4]}", grammar)
        parameters = {}
        for each in made[2].split(",") if made[2].strip() else ():
            parameter = _PARAMETER.fullmatch(each)
            if parameter is None:
                return
            default = parameter[2]
            value = None if default is None else _only(_tree(f"SELECT {default}", grammar))
            parameters[parameter[1].casefold()] = value
        if not gives_rows:
            body = _only(body)
    except (UnreadableError, ValueError):
        return
    if len(macros) < MACROS_MAX:
        macros[name, gives_rows] = Macro(parameters, body, gives_rows)


def _tree(sql: str, grammar: Grammar) -> exp.Expr:
    (chunk,) = split(sql, grammar)
    (tree,) = parse(chunk, grammar)
    return tree


def _only(tree: exp.Expr) -> exp.Expr:
    """The one value that is selected, from nothing; several are macros of one name."""
    (value,) = tree.expressions
    if tree.args.get("from_") is not None or not isinstance(value, exp.Expr):
        raise ValueError("it is no value")
    return value.unalias()


def given(macro: Macro, call: exp.Expr) -> dict[str, exp.Expr] | None:
    """What a call gives for each parameter, by position and by name; None if it does not fit."""
    found = {name: value for name, value in macro.parameters.items() if value is not None}
    for place, argument in enumerate(call.expressions):
        if isinstance(argument, exp.PropertyEQ | exp.Kwarg):
            found[argument.this.name.casefold()] = argument.expression
        elif place < len(macro.parameters):
            found[list(macro.parameters)[place]] = argument
    fits = found.keys() == macro.parameters.keys()
    return found if fits and len(call.expressions) <= len(macro.parameters) else None


def called(tree: exp.Expr, macros: Macros) -> set[str]:
    """The functions that a tree calls, and the macros among them, in small letters."""
    found: set[str] = set()
    left = [tree]
    while left:
        for node in left.pop().find_all(exp.Anonymous):
            name = node.name.casefold()
            if name not in found:
                found.add(name)
                left += [macros[key].body for key in ((name, False), (name, True)) if key in macros]
    return found
