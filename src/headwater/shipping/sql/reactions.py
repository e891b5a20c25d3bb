"""What tables do by themselves when they are written: generated columns, and triggers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlglot import exp

from headwater.shipping.sql.model import Name

REACTIONS_MAX: Final = 10_000
"""Triggers, functions and tables with generated columns that are known; beyond, they are not."""


class Assigned(NamedTuple):
    """A column of the row that is about to be written, and what a trigger sets it to."""

    column: str
    value: exp.Expr


Step = exp.Expr | Assigned


class Trigger(NamedTuple):
    """What happens when a table is written.

    `moment` is before, after or instead; `events` are insert, update and delete; `columns` those
    that UPDATE OF names, in small letters. `steps` is None where its text cannot be read.
    """

    name: str
    events: frozenset[str]
    columns: frozenset[str]
    moment: str
    when: exp.Expr | None
    steps: tuple[Step, ...] | None
    text: str


class Reactions:
    """What is known of the tables of one connection, by the key of each."""

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        """Bodies of functions that triggers may execute, by name in small letters."""
        self._computed: dict[Name, Mapping[str, exp.Expr]] = {}
        self._triggers: dict[Name, tuple[Trigger, ...]] = {}

    def copy(self) -> Reactions:
        """The same, to go back to."""
        made = Reactions()
        made.functions = dict(self.functions)
        made._computed, made._triggers = dict(self._computed), dict(self._triggers)
        return made

    def computed(self, key: Name) -> Mapping[str, exp.Expr]:
        """The generated columns of a table, each with its expression."""
        return self._computed.get(key, {})

    def compute(self, key: Name, columns: Mapping[str, exp.Expr]) -> None:
        """Know the generated columns of a table."""
        self._computed.pop(key, None)
        if columns and len(self._computed) < REACTIONS_MAX:
            self._computed[key] = columns

    def triggers(self, key: Name) -> tuple[Trigger, ...]:
        """The triggers of a table."""
        return self._triggers.get(key, ())

    def add(self, key: Name, trigger: Trigger) -> None:
        """Know a trigger, in the place of one of its name."""
        others = tuple(one for one in self.triggers(key) if one.name != trigger.name)
        if len(self._triggers) < REACTIONS_MAX and len(others) < REACTIONS_MAX:
            self._triggers[key] = (*others, trigger)

    def drop(self, name: str) -> None:
        """Know that there is no trigger of this name any more."""
        for key, triggers in self._triggers.items():
            self._triggers[key] = tuple(one for one in triggers if one.name != name)

    def forget(self, key: Name) -> None:
        """Know that a table is gone, and what it did with it."""
        self._computed.pop(key, None)
        self._triggers.pop(key, None)

    def move(self, key: Name, to: Name) -> None:
        """Know a table by another name."""
        for known in (self._computed, self._triggers):
            if key in known:
                known[to] = known.pop(key)  # type: ignore[assignment]
