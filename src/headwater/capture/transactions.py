"""The open transaction of one connection, as far as it has to be told.

What is written in a transaction is an output when that is committed; rolled back, left open by a
connection that is closed, or by a process that dies, it is none. Nothing is recorded of an empty
transaction, nor of a savepoint behind which nothing was executed.
"""

from __future__ import annotations

from collections.abc import Callable

from headwater.capture.sql_texts import Text

Tell = Callable[[str, str], None]
"""Records what was done ("commit", "rollback", "savepoint", "release", "back") and to what."""


class Transaction:
    """What was executed since the last commit, and the savepoints in between."""

    __slots__ = ("_savepoints", "_tell", "pending")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.pending: list[Text] = []
        """What was recorded and is not committed."""
        self._savepoints: list[tuple[str, bool]] = []

    def follow(self, verb: str, name: str) -> bool:
        """Follow a statement about the transaction; whether something was undone by it."""
        if verb in ("commit", "end"):
            self.commit()
        elif verb in ("rollback", "abort"):
            return self.roll_back()
        elif verb == "savepoint":
            self._savepoints.append((name, False))
        elif verb in ("release", "back"):
            return self._leave_savepoint(verb, name)
        return False

    def commit(self) -> None:
        """What is pending holds."""
        if self.pending:
            self._tell("commit", "")
        self.settle()

    def roll_back(self) -> bool:
        """What is pending was undone; whether something was."""
        undone = bool(self.pending)
        if undone:
            self._tell("rollback", "")
            self._forget()
        self.settle()
        return undone

    def settle(self) -> None:
        """No transaction is open."""
        self.pending.clear()
        self._savepoints.clear()

    def tell_savepoints(self) -> None:
        """Tell of savepoints, now that something is executed behind them."""
        for place, (name, told) in enumerate(self._savepoints):
            if not told:
                self._tell("savepoint", name)
                self._savepoints[place] = (name, True)

    def _leave_savepoint(self, verb: str, name: str) -> bool:
        names = [one for one, _ in self._savepoints]
        place = len(names) - 1 - names[::-1].index(name) if name in names else -1
        told = place >= 0 and self._savepoints[place][1]
        if place >= 0:
            del self._savepoints[place + (verb == "back") :]
        if not told and place >= 0:
            return False
        self._tell(verb, name)
        if verb == "back":
            self._forget()
        return verb == "back"

    def _forget(self) -> None:
        """What was said in a transaction has to be said again."""
        for text in self.pending:
            text.number = text.count = 0
