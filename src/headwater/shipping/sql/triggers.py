"""CREATE TRIGGER: what a text says that happens when a table is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sqlglot import exp
from sqlglot.dialects import Dialect as Grammar

from headwater.shipping.sql.catalog import Catalog
from headwater.shipping.sql.chunks import UnreadableError, split
from headwater.shipping.sql.model import Name
from headwater.shipping.sql.parsing import parse
from headwater.shipping.sql.reactions import REACTIONS_MAX, Assigned, Step, Trigger

_WORD: Final = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|\w+)"
_NAME: Final = rf"({_WORD}(?:\s*\.\s*{_WORD})*)"
_TRIGGER: Final = re.compile(
    rf"create\s+(?:or\s+replace\s+)?(?:definer\s*=\s*\S+\s+)?(?:temp(?:orary)?\s+)?"
    rf"(?:constraint\s+)?trigger\s+(?:if\s+not\s+exists\s+)?{_NAME}\s+"
    rf"(?:(before|after|instead\s+of)\s+)?((?:insert|update|delete|truncate)\b.*?)\s+on\s+{_NAME}"
    r"(.*)",
    re.IGNORECASE | re.DOTALL,
)
_DROPPED: Final = re.compile(
    rf"drop\s+trigger\s+(?:if\s+exists\s+)?{_NAME}", re.IGNORECASE | re.DOTALL
)
_OF: Final = re.compile(r"\bupdate\s+of\s+(.+?)(?=\s+or\s|$)", re.IGNORECASE | re.DOTALL)
_EVENT: Final = re.compile(r"\b(insert|update|delete)\b", re.IGNORECASE)
_HEAD: Final = re.compile(
    r"\s*(?:for\s+each\s+(row)\b)?\s*(?:when\b(.*?))?\s*"
    r"(?=\bbegin\b|\bexecute\b|\binsert\b|\bupdate\b|\bdelete\b|\bset\b|\breplace\b)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_EXECUTE: Final = re.compile(
    rf"execute\s+(?:function|procedure)\s+{_NAME}\s*\(", re.IGNORECASE | re.DOTALL
)
_BLOCK: Final = re.compile(r"\s*begin\b(?!\s*;)(.*)\bend\s*;?\s*", re.IGNORECASE | re.DOTALL)
_FUNCTION: Final = re.compile(
    rf"create\s+(?:or\s+replace\s+)?function\s+{_NAME}\s*\(\s*\)\s*returns\s+trigger\b.*?"
    r"\bas\s+(\$\w*\$)(.*)\2",
    re.IGNORECASE | re.DOTALL,
)
_ASSIGNED: Final = re.compile(
    rf"(?:set\s+)?new\s*\.\s*({_WORD})\s*:?=(.+)", re.IGNORECASE | re.DOTALL
)
_NOTHING: Final = re.compile(
    r"(?:return|select)\b|raise\s+(?:notice|debug|log|info)\b", re.IGNORECASE
)
"""Steps that write nothing."""
_WRITES: Final = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def learn(sql: str, grammar: Grammar, catalog: Catalog, within: Name = ()) -> bool:
    """Know a trigger that a text makes or drops, or a function for such; whether it was a trigger.

    `within` stands before the name of its table.
    """
    reactions = catalog.reactions
    gone = dropped(sql)
    if gone is not None:
        reactions.drop(gone)
        return True
    made = function(sql)
    if made is not None and len(reactions.functions) < REACTIONS_MAX:
        reactions.functions[made[0]] = made[1]
    found = trigger(sql, grammar, reactions.functions)
    if found is not None:
        table = found[0] if len(found[0]) > 1 else (*within, *found[0])
        reactions.add(catalog.key(table), found[1])
    return found is not None


def function(sql: str) -> tuple[str, str] | None:
    """The name and the body of a function for triggers that a text defines."""
    made = _FUNCTION.match(sql)
    return None if made is None else (bare(made[1])[-1], made[3])


def dropped(sql: str) -> str | None:
    """The name of the trigger that a text drops."""
    gone = _DROPPED.match(sql)
    return None if gone is None else bare(gone[1])[-1]


def trigger(
    sql: str, grammar: Grammar, functions: Mapping[str, str]
) -> tuple[tuple[str, ...], Trigger] | None:
    """The trigger that a text defines, and the table that it is of, in the parts of its name.

    Of a table that a name before it says the database of (SQLite's `main.made ON t`), that too.
    """
    made = _TRIGGER.match(sql)
    if made is None:
        return None
    own, moment, events, table, rest = (made[place] for place in range(1, 6))
    columns = [name for one in _OF.findall(events) for name in one.split(",")]
    head = _HEAD.match(rest)
    when, body = (head[2], head[3]) if head is not None else (None, rest)
    called = _EXECUTE.search(body)
    if called is not None:
        body = functions.get(bare(called[1])[-1], "")
    steps = None
    if head is not None and (called is None or head[1]):
        steps = _steps(body, grammar)
    condition = None if not when else _expression(when, grammar)
    if when and condition is None:
        steps = None
    return (*bare(own, fold=False)[:-1], *bare(table, fold=False)), Trigger(
        bare(own)[-1],
        frozenset(event.lower() for event in _EVENT.findall(_OF.sub("update", events))),
        frozenset(bare(name)[-1] for name in columns),
        (moment or "before").lower().split()[0],
        condition,
        steps,
        body,
    )


def bare(name: str, *, fold: bool = True) -> tuple[str, ...]:
    """The parts of a name without their quotes, in small letters unless they are to be kept."""
    parts = [part.strip().strip('"`[]') for part in name.split(".")]
    return tuple(part.casefold() if fold else part for part in parts)


def _steps(body: str, grammar: Grammar) -> tuple[Step, ...] | None:
    """The steps of a body, in order; None where one of them cannot be read."""
    block = _BLOCK.fullmatch(body)
    try:
        return tuple(_each(body if block is None else block[1], grammar)) or None
    except (UnreadableError, RecursionError):
        return None


def _each(body: str, grammar: Grammar) -> Iterator[Step]:
    for chunk in split(body, grammar):
        assigned = _ASSIGNED.fullmatch(chunk.sql)
        if assigned is not None:
            value = _expression(assigned[2], grammar)
            if value is None:
                raise UnreadableError("its value is not understood")
            yield Assigned(bare(assigned[1], fold=False)[-1], value)
            continue
        if _NOTHING.match(chunk.sql):
            continue
        for tree in parse(chunk, grammar):
            if not isinstance(tree, _WRITES):
                raise UnreadableError(f"{chunk.first} is not understood")
            yield tree


def _expression(text: str, grammar: Grammar) -> exp.Expr | None:
    try:
        (chunk,) = split(f"SELECT {text}", grammar)
        (tree,) = parse(chunk, grammar)
        (value,) = tree.expressions
    except (UnreadableError, ValueError):
        return None
    return value if isinstance(value, exp.Expr) else None
