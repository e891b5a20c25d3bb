"""What the reading of one statement carries along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.shipping.sql.catalog import Catalog
from headwater.shipping.sql.dialects import Dialect
from headwater.shipping.sql.limits import TRIGGERS_FIRED_MAX, WORK_MAX
from headwater.shipping.sql.macros import Macro
from headwater.shipping.sql.model import Name, Write
from headwater.shipping.sql.relations import Relation, TooLargeError

if TYPE_CHECKING:
    from headwater.shipping.sql.scope import Scope


class UnsupportedError(Exception):
    """A construct that is parsed but not understood; says which."""


class Analysis:
    """One statement being read: the catalog, work done so far, writes found within.

    `query` reads a query within another, `write` a statement within WITH; they are handed in
    because expressions, sources and queries contain one another.
    """

    def __init__(
        self,
        catalog: Catalog,
        query: Callable[[exp.Expr, Scope], Relation],
        write: Callable[[exp.Expr, Scope], Relation],
    ) -> None:
        self.catalog = catalog
        self.query = query
        self.write = write
        self.writes: list[tuple[Write, Name, Relation]] = []
        self.doubts: dict[str, None] = {}
        self.firing: list[str] = []
        """Triggers that are being read, each fired by the one before."""
        self._fired = 0
        self._work = 0

    @property
    def dialect(self) -> Dialect:
        """The dialect of the statement."""
        return self.catalog.dialect

    def wrote(self, write: Write, parts: Sequence[str], relation: Relation) -> None:
        """Keep a write. `parts` is the target's name as the statement has it."""
        self.writes.append((write, tuple(parts), relation))

    def fire(self, trigger: str) -> None:
        """Begin to read what a trigger does. Raises `TooLargeError` beyond the limit."""
        self._fired += 1
        if self._fired > TRIGGERS_FIRED_MAX:
            raise TooLargeError(f"it fires more than {TRIGGERS_FIRED_MAX} triggers")
        self.firing.append(trigger)

    def macro(self, node: exp.Expr, *, gives_rows: bool) -> Macro | None:
        """The macro that an expression calls."""
        if not isinstance(node, exp.Anonymous):
            return None
        return self.catalog.macros.get((node.name.casefold(), gives_rows))

    def spend(self, work: int = 1) -> None:
        """Count work; raise `TooLargeError` beyond the limit."""
        self._work += work
        if self._work > WORK_MAX:
            raise TooLargeError(f"it takes more than {WORK_MAX:,} steps to read")
