"""What a text of SQL is by its looks, and how often a connection executed it in a run.

Nothing is parsed: whether a text is about the transaction, defines something, or only reads is
seen by its first words. From `TEXTS_MAX` texts on those that differ in literals alone count as one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Final

from headwater.capture import runs, runtime
from headwater.capture.origins import Origin
from headwater.capture.recording import Recording, before_handover
from headwater.capture.runs import Run

TEXTS_MAX: Final = 1_000
"""Texts of one connection and run that are told apart; beyond, literals count for nothing."""
SHAPES_MAX: Final = 10_000
"""Texts without their literals that are recorded of one connection and run; beyond is a gap."""

# As text: compiled when the first statement comes, not where a library is only imported.
_SPACE: Final = r"(?:\s|--[^\n]*\n|/\*.*?\*/|;)*"
_VERB: Final = (
    _SPACE + r"(begin|start\s+transaction|commit|end|abort|rollback|savepoint|release)\b"
    r"(?:\s+(?:work|transaction|tran|deferred|immediate|exclusive))*(?:\s+(to))?"
    r"(?:\s+savepoint)?(?:\s+([\w\"'`]+))?[\s;]*$"
)
_DEFINES: Final = (
    r"(?:^|;)" + _SPACE + r"(create|alter|drop|attach|detach|use|set|pragma|truncate|rename|begin"
    r"|start|commit|end|abort|rollback|savepoint|release|call|do|exec|execute|deallocate|prepare"
    r"|reset|discard|import|load|comment)\b"
)
_QUERIES: Final = _SPACE + r"[(\s]*(select|values|table|show|explain|from)\b"
_ROWS: Final = r"\b(select|from|table|update|delete|overwrite|execute)\b"
_TEMPORARY: Final = r"\b(temp|temporary)\b|#"
_LITERALS: Final = r"'(?:[^']|'')*'|\b\d[\d.eE]*\b"
_FLAGS: Final = re.IGNORECASE | re.DOTALL

_NAMES: Final = r"(?:password|passwd|secret|token|access_key|api_key|key_id|credential)"
_SECRETS: Final = (
    rf"(\b(?:\w{{0,40}}{_NAMES}\w{{0,40}}|pwd|pragma\s+key|identified\s+by)\b\s*(?:=>|:=|=|:|\bto\b)?\s*)?"
    r"('(?:[^']|'')*')"
)
_WITHIN: Final = (
    rf"(\b(?:\w{{0,40}}{_NAMES}\w{{0,40}}|pwd)\s*=\s*)(?:''[^']*''|[^\s'&;]+)|(://)[^\s'/@]+@"
)

_repeated: dict[str, list[Text]] = {}
"""By run: what was executed again since it was recorded."""


def without_secrets(sql: str) -> str:
    """Leave out passwords and keys: texts behind such words, and in addresses of servers."""
    return re.sub(_SECRETS, _without_secret, sql, flags=_FLAGS)


def _without_secret(found: re.Match[str]) -> str:
    if found[1]:
        return f"{found[1]}'***'"
    return re.sub(_WITHIN, lambda one: one[2] or f"{one[1]}***", found[2], flags=re.IGNORECASE)


class Text:
    """A text that a connection executed in a run, and what became of it."""

    __slots__ = (
        "changes",
        "connection",
        "count",
        "defined",
        "defines",
        "epoch",
        "fills",
        "frames",
        "last",
        "name",
        "number",
        "origin",
        "sql",
        "times",
        "values",
        "verb",
    )

    def __init__(self, connection: int, sql: str, *, volatile: bool) -> None:
        self.connection = connection
        self.sql = sql
        self.number = 0
        self.epoch = self.defined = -1
        self.times = 0
        self.count = 0
        self.last = 0
        self.origin: Origin | None = None
        self.frames: Mapping[str, Origin | None] | None = None
        self.values: Origin | None = None
        self.verb: str | None = None
        self.name = ""
        match = re.match(_VERB, sql, _FLAGS) if len(sql) < 1_000 else None
        if match is not None:
            self.verb = "back" if match[2] else match[1].split()[0].lower()
            self.name = (match[3] or "").strip("\"'`").lower()
        self.defines = re.search(_DEFINES, sql, _FLAGS) is not None
        reads = not self.defines and re.match(_QUERIES, sql, _FLAGS) is not None
        writes = volatile and not self.defines and not reads
        self.fills = (
            writes
            and sql.lstrip()[:6].lower() == "insert"
            and re.search(_ROWS, sql, _FLAGS) is None
        )
        """Whether it only adds values of the program to tables in memory."""
        self.changes = self.defines or (writes and not self.fills)

    def again(self, run: Run, many: int) -> None:
        """Count that it was executed so many times more."""
        if not self.count:
            _repeated.setdefault(run.id, []).append(self)
        run.executes = True
        self.count += many
        self.last = time.time_ns()


class Texts:
    """The texts that one connection executed in a run. `volatile`: it has tables in memory."""

    def __init__(self, connection: int, *, volatile: bool) -> None:
        self._connection = connection
        self._known: dict[str, Text] = {}
        self._full = False
        self.volatile = volatile
        self.find = self._known.get
        """The text, if it was executed already."""

    def first(self, sql: str) -> Text | None:
        """Look at a text that was not seen before; None if there are too many."""
        key = sql
        if len(self._known) >= TEXTS_MAX:
            key = re.sub(_LITERALS, "?", sql)
            found = self._known.get(key)
            if found is not None:
                return found
            if len(self._known) >= SHAPES_MAX:
                if not self._full:
                    self._full = True
                    runs.gap(f"statements after the first {SHAPES_MAX:,} of a connection")
                return None
        text = self._known[key] = Text(self._connection, sql, volatile=self.volatile)
        if text.defines and not self.volatile:
            self.volatile = re.search(_TEMPORARY, sql, _FLAGS) is not None
        return text


def _count(run: Recording) -> None:
    """Say of a run what was executed more often than it was recorded."""
    recorder = runtime.recorder()
    for text in _repeated.pop(run.id, ()):
        if text.count:
            recorder.append({
                "k": "again", "at": recorder.moment(), "r": run.id, "c": text.connection,
                "q": text.number, "n": text.count, "last": text.last // 1_000,
            })  # fmt: skip
            text.count = 0


runs.before_end(_count)
before_handover.append(_count)
