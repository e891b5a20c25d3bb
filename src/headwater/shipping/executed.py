"""The statements that a run executed, and what several of them say together of one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from headwater.shipping.facets import Facets, facet
from headwater.shipping.told import Key, Said, Told

STATEMENTS_MAX: Final = 100
"""Statements of one run that its facet shows, the first of them; all others are counted."""
STATEMENT_CHARS_MAX: Final = 4_096
"""Text of one statement that the facet shows."""
REASONS_MAX: Final = 10
"""Reasons why statements could not be read that are told one by one."""


class Executed:
    """The statements of one run."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._times: list[int] = []  # of each text, in the order in which they first came
        self._counts = {"exact": 0, "conservative": 0, "opaque": 0}
        self._texts: dict[tuple[str, str], int] = {}
        self._recorded: dict[int, list[int]] = {}  # by number of a record: its texts
        self._reasons: dict[str, int] = {}
        self._reasons_left_out = 0

    def add(self, told: Told) -> None:
        """Know one more; the same text again counts as one that was executed more often."""
        text = self._texts.setdefault((told.sql, told.exactness), len(self._times))
        self._recorded.setdefault(told.statement, []).append(text)
        if text < len(self._times):
            self._times[text] += 1
            return
        self._times.append(1)
        self._counts[told.exactness] += 1
        if told.exactness == "opaque":
            self._doubt(told)
        if len(self._told) < STATEMENTS_MAX:
            self._told.append(told)

    def again(self, statement: int, times: int) -> None:
        """Know that what was recorded under a number was executed so many times more."""
        for text in self._recorded.get(statement, ()):
            self._times[text] += times

    def only(self, tables: set[Key]) -> Told | None:
        """Give the one statement that the run is: nothing else was executed, read or written."""
        if sum(self._counts.values()) != 1 or not self._told:
            return None
        elsewhere = any(space.startswith("file://") for space, _ in tables)
        return None if elsewhere else self._told[0]

    def facets(self) -> Facets:
        """Write what was executed: `headwater_sql`."""
        if not self._told:
            return {}
        statements = []
        for one, times in zip(self._told, self._times, strict=False):  # of the first texts
            said: dict[str, Any] = {
                "query": one.sql[:STATEMENT_CHARS_MAX],
                "dialect": one.dialect,
                "executions": times,
                "exactness": one.exactness,
            }
            if len(one.sql) > STATEMENT_CHARS_MAX:
                said["characters"] = len(one.sql)
            if one.doubts:
                said["doubts"] = list(one.doubts[:REASONS_MAX])
            statements.append(said)
        left_out = sum(self._counts.values()) - len(self._told)
        return facet("headwater_sql", statements=statements, leftOut=left_out)

    def coverage(self) -> dict[str, Any]:
        """Count statements by how surely they were read, for `headwater_capture`."""
        return {"sql": dict(self._counts)} if self._told else {}

    def gaps(self) -> list[str]:
        """Tell why statements could not be read."""
        told = [
            f"SQL that could not be read ({number} statement{'s' * (number > 1)}): {reason}"
            for reason, number in self._reasons.items()
        ]
        if self._reasons_left_out:
            told.append(f"SQL that could not be read ({self._reasons_left_out} statements more)")
        return told

    def _doubt(self, told: Told) -> None:
        reason = told.doubts[0] if told.doubts else "for no known reason"
        if reason in self._reasons or len(self._reasons) < REASONS_MAX:
            self._reasons[reason] = self._reasons.get(reason, 0) + 1
        else:
            self._reasons_left_out += 1


def together(before: Mapping[str, Any], said: Mapping[str, Any]) -> Said:
    """What two writes into one table say together; what only one knows is not known.

    So of inputs, and of columns that come from none.
    """
    found: Said = {**before, **said}
    if said.get("change") == "ALTER" and "change" in before:
        found["change"] = before["change"]
    found.pop("inputs", None)
    if "inputs" in before and "inputs" in said:
        found["inputs"] = _union(before["inputs"], said["inputs"])
    columns: dict[str, list[Any]] = {}
    each = (before.get("columns") or {}, said.get("columns") or {})
    for name in dict.fromkeys((*each[0], *each[1])):
        fields = _union(*(one.get(name, []) for one in each))
        if fields or all(name in one for one in each):
            columns[name] = fields
    if columns:
        found["columns"] = columns
    shaped = _union(before.get("shaped_by") or [], said.get("shaped_by") or [])
    if shaped:
        found["shaped_by"] = shaped
    if before.get("mode") != said.get("mode"):
        found.pop("mode")
        if "mode" in before and "mode" in said:
            found["mode"] = "overwrite" if before["mode"] == "overwrite" else "upsert"
    return found


def _union(one: list[Any], other: list[Any]) -> list[Any]:
    return sorted({tuple(each) for each in (*one, *other)})
