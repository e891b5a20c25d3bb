"""SQL in the captured process: what was executed is noted, and read later, outside of it.

Nothing is parsed here. The text of a statement goes to the spool with what its names mean, and the
translator (`headwater.shipping.queries`) tells from it what was read, written and given back. What
a statement was given as parameters is never recorded. The records:

    {"k": "db", "at", "c": connection, "dialect", "default": [catalog, schema],
     "databases": {name: namespace or null}, "server": namespace or null, "cwd", "host"}
    {"k": "schemas", "at", "c", "tables": [[[part, …], [column, …]], …]}
    {"k": "sql", "at", "r": run, "c", "q": statement, "sql", "open": in a transaction,
     "cut": characters, "gives": [column, …], "frames": {variable: origin or null},
     "values": origin, "files": {path as written: [[namespace, name], …]}, "implied": true}
    {"k": "tx", "at", "r", "c", "do": "commit" | "rollback" | "savepoint" | "release" | "back",
     "name"}
    {"k": "again", "at", "r", "c", "q", "n": executions, "last": at}
    {"k": "moved", "at", "r", "from": namespace, "to": namespace}

*Names.* A table is `(database, …, table)` in the parts that `default` completes. One whose database
stands in `databases` is of that namespace, called by the parts behind it (`main.t` in SQLite); a
database that is null is in memory, and its tables are no artifacts: what is read from them is read
from what they were made of. All others are of `server`, called by all their parts. A `db` record
for a connection that is known adds to what it said.

*Results.* What a query gives is a virtual dataset `(QUERY, statement)`, with the columns that the
cursor describes: a frame made from it has that for its origin. The translator puts in its place
what the statement turns out to have read. `frames` are variables that a statement may read in
place of a table, each with its origin as `Origin.said` writes it, null where nobody knows; `values`
is the origin of what it was given as parameters, by column, where somebody knows (`giving`).

*Once.* A text that a connection executes again in the same run is counted, and not recorded again:
a loop of a million INSERTs costs a look into a dict each. Where its meaning may have changed, since
a table was defined or a table in memory was written in between, it is recorded again, up to
`REPEATS_MAX` times. From `TEXTS_MAX` texts on those that differ in literals alone count as one.

*Transactions.* A statement that failed is not recorded. What is written in a transaction is an
output when that is committed; `open` says whether one is open behind a statement. What is rolled
back, left open by a connection that is closed, or by a process that dies, is none.

Trusted? It says what the program executed; it runs nothing itself.
"""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, Final

from headwater.capture import datasets, origins, runs, runtime
from headwater.capture.origins import QUERY, Origin
from headwater.capture.runs import Run

SQL_CHARS_MAX: Final = 100_000
"""Text of one statement that is recorded; of a longer one the beginning, and its tables by name."""
TEXTS_MAX: Final = 1_000
"""Texts of one connection and run that are told apart; beyond, literals count for nothing."""
SHAPES_MAX: Final = 10_000
"""Texts without their literals that are recorded of one connection and run; beyond is a gap."""
REPEATS_MAX: Final = 100
"""Times that one text is recorded where what it means may have changed."""
TABLES_AT_ONCE: Final = 100
"""Tables whose columns are told in one record."""
COLUMNS_MAX: Final = 1_000
"""Columns of a table that are told; of a wider one, none."""

Gives = Sequence[object] | Callable[[], Sequence[object] | None] | None
"""The columns of a result, or what tells them where they are needed; None where there is none."""

Schemas = Mapping[tuple[str, ...], Sequence[str]]
"""Columns of tables, by name in parts, the database first."""

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
_ROWS: Final = r"\bselect\b"
_TEMPORARY: Final = r"\b(temp|temporary)\b|#"
_LITERALS: Final = r"'(?:[^']|'')*'|\b\d[\d.eE]*\b"
_FLAGS: Final = re.IGNORECASE | re.DOTALL

_numbers = itertools.count(1)
_values: ContextVar[Origin | None] = ContextVar("headwater_values", default=None)
_spaces: set[str] = set()
"""Namespaces of database files that connections of this process had."""
_repeated: dict[str, list[_Said]] = {}
"""By run: what was executed again since it was recorded."""


class Connection:
    """What one connection executes. Adapters tell it; they hold nothing else of SQL.

    `databases` are those that are attached: name → namespace of its tables, None in memory.
    `server` is the namespace of all others. `default` completes names: catalog and schema.
    """

    def __init__(
        self,
        dialect: str,
        *,
        default: Sequence[str] = (),
        databases: Mapping[str, str | None] | None = None,
        server: str | None = None,
    ) -> None:
        self.id = next(_numbers)
        self.dialect = dialect
        self._default = list(default)
        self._databases = dict(databases or {})
        _spaces.update(space for space in self._databases.values() if space is not None)
        self._server = server
        self._schemas: dict[tuple[str, ...], Sequence[str]] = {}
        self._told: tuple[int, int] | None = None
        self._run: Run | None = None
        self._known: dict[str, _Said] = {}
        self._pending: list[_Said] = []
        self._savepoints: list[tuple[str, bool]] = []
        self._epoch = 0
        self._volatile = None in self._databases.values()
        self._full = False

    @property
    def default(self) -> tuple[str, ...]:
        """What completes the name of a table: catalog and schema."""
        return tuple(self._default)

    def has_executed(self, sql: str) -> bool:
        """Whether a text was executed already, in the run that was current then."""
        return sql in self._known

    def attached(self, databases: Mapping[str, str | None]) -> None:
        """Know what databases there are now; those that were there before stay known."""
        added = {n: s for n, s in databases.items() if self._databases.get(n, "") != s}
        if added:
            self._databases.update(added)
            _spaces.update(space for space in added.values() if space is not None)
            self._volatile = self._volatile or None in added.values()
            if self._told:
                self._append({"k": "db", "databases": added})

    def knows(self, schemas: Schemas) -> None:
        """Know the columns of tables, from before the next statement on."""
        new = {name: columns for name, columns in schemas.items() if name not in self._schemas}
        self._schemas.update(schemas)
        if self._told and new:
            self._tell_schemas(new)

    def executed(
        self,
        sql: str,
        *,
        pending: bool = False,
        gives: Gives = None,
        frames: Mapping[str, Origin | None] | None = None,
        schemas: Schemas | None = None,
        files: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        many: int = 1,
        implied: bool = False,
    ) -> Origin | None:
        """Note that a statement, or script, was executed and did not fail.

        `pending`: a transaction is open behind it. `gives`: the columns of what it gives back, None
        where it gives nothing. `many`: how often, of `executemany`. `implied`: it was not executed
        as such, but says what was done (a copy of a database). The origin of what it gives.
        """
        run = runs.current()
        if run is not self._run:
            self._begin(run)
        said = self._known.get(sql)
        if said is None:
            said = self._first(sql)
        if said is None:
            return None
        values = _values.get()
        if (
            said.number
            and ((said.epoch == self._epoch and not said.defines) or said.times >= REPEATS_MAX)
            and frames == said.frames
            and values == said.values
        ):
            if not pending and self._pending:
                self.committed()
            said.again(run, many)
            return said.origin
        if said.verb is not None:
            self._transact(said.verb, said.name)
            if not pending:
                self._settle()
            return None
        if schemas:
            self.knows(schemas)
        said.frames, said.values = frames, values
        self._record(said, run, pending=pending, gives=gives, files=files, implied=implied)
        if many > 1:
            said.again(run, many - 1)
        return said.origin

    def failed(self, *, pending: bool = False) -> None:
        """Note that a statement failed: with its transaction, unless one is open still."""
        if not pending:
            self.rolled_back()

    def committed(self) -> None:
        """Note that a transaction was committed."""
        if self._pending:
            self._do("commit")
        self._settle()

    def rolled_back(self) -> None:
        """Note that a transaction was rolled back."""
        if self._pending:
            self._do("rollback")
            self._undo()
        self._settle()

    def closed(self) -> None:
        """Note that the connection is closed; what it had not committed is lost."""
        self.rolled_back()

    def _begin(self, run: Run) -> None:
        """Know nothing of what was said for another run."""
        self._run = run
        self._known = {}
        self._full = False
        if self._told != _stream():
            self._tell()

    def _tell(self) -> None:
        # In a forked child too: there records are another process's, and no transaction is open.
        self._told = _stream()
        self._settle()
        self._append({
            "k": "db", "dialect": self.dialect, "default": self._default,
            "databases": self._databases, "server": self._server,
            "cwd": os.getcwd(), "host": datasets.host(),
        })  # fmt: skip
        self._tell_schemas(self._schemas)

    def _tell_schemas(self, schemas: Schemas) -> None:
        told = [
            [list(name), [str(column) for column in columns]]
            for name, columns in schemas.items()
            if len(columns) <= COLUMNS_MAX
        ]
        for place in range(0, len(told), TABLES_AT_ONCE):
            self._append({"k": "schemas", "tables": told[place : place + TABLES_AT_ONCE]})

    def _first(self, sql: str) -> _Said | None:
        """Look at a text that was not seen before."""
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
        said = self._known[key] = _Said(self, sql, volatile=self._volatile)
        if said.defines and not self._volatile:
            self._volatile = re.search(_TEMPORARY, sql, _FLAGS) is not None
        return said

    def _record(
        self,
        said: _Said,
        run: Run,
        *,
        pending: bool,
        gives: Gives,
        files: Mapping[str, Sequence[tuple[str, str]]] | None,
        implied: bool,
    ) -> None:
        self._tell_savepoints()
        if said.changes:
            self._epoch += 1
        said.number = next(_numbers)
        said.epoch = self._epoch
        said.times += 1
        names = gives() if callable(gives) else gives
        columns = None if names is None else [str(name) for name in names]
        said.origin = None
        if columns is not None:
            said.origin = origins.read((QUERY, str(said.number)), columns)
        record: dict[str, Any] = {"k": "sql", "r": run.id, "q": said.number}
        record["sql"] = said.sql[:SQL_CHARS_MAX]
        if len(said.sql) > SQL_CHARS_MAX:
            record["cut"] = len(said.sql)
        if pending:
            record["open"] = True
        if columns is not None and len(columns) <= origins.COLUMNS_MAX:
            record["gives"] = columns
        if said.frames:
            record["frames"] = {
                name: None if origin is None else origin.said()
                for name, origin in said.frames.items()
            }
        if said.values is not None:
            record["values"] = said.values.said()
        if files:
            record["files"] = files
        if implied:
            record["implied"] = True
        self._append(record)
        if pending:
            self._pending.append(said)
        else:
            self._settle()

    def _transact(self, verb: str, name: str) -> None:
        """Follow a statement about the transaction. Nothing is recorded of an empty one."""
        if verb in ("commit", "end"):
            self.committed()
        elif verb in ("rollback", "abort"):
            self.rolled_back()
        elif verb == "savepoint":
            self._savepoints.append((name, False))
        elif verb in ("release", "back"):
            names = [one for one, _ in self._savepoints]
            place = len(names) - 1 - names[::-1].index(name) if name in names else -1
            told = place >= 0 and self._savepoints[place][1]
            if place >= 0:
                del self._savepoints[place + (verb == "back") :]
            if told or place < 0:
                self._do(verb, name)
                if verb == "back":
                    self._undo()

    def _tell_savepoints(self) -> None:
        for place, (name, told) in enumerate(self._savepoints):
            if not told:
                self._do("savepoint", name)
                self._savepoints[place] = (name, True)

    def _settle(self) -> None:
        """No transaction is open."""
        self._pending.clear()
        self._savepoints.clear()

    def _undo(self) -> None:
        """What was said in a transaction has to be said again."""
        self._epoch += 1
        for said in self._pending:
            said.number = said.count = 0

    def _do(self, what: str, name: str = "") -> None:
        record: dict[str, Any] = {"k": "tx", "r": runs.current().id, "do": what}
        if name:
            record["name"] = name
        self._append(record)

    def _append(self, record: dict[str, Any]) -> None:
        recorder = runtime.recorder()
        recorder.append({**record, "at": recorder.moment(), "c": self.id})


class _Said:
    """A text that a connection executed in a run, and what became of it."""

    __slots__ = (
        "changes",
        "connection",
        "count",
        "defines",
        "epoch",
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

    def __init__(self, connection: Connection, sql: str, *, volatile: bool) -> None:
        self.connection = connection.id
        self.sql = sql
        self.number = 0
        self.epoch = -1
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
        plain = (
            not reads
            and re.search(_ROWS, sql, _FLAGS) is None
            and sql.lstrip()[:6].lower() == "insert"
        )
        self.changes = self.defines or (volatile and not reads and not plain)

    def again(self, run: Run, many: int) -> None:
        """Count that it was executed so many times more."""
        if not self.count:
            _repeated.setdefault(run.id, []).append(self)
        self.count += many
        self.last = time.time_ns()


def _stream() -> tuple[int, int]:
    """Which process's records these are, of which recorder."""
    return os.getpid(), id(runtime.recorder())


def moved(before: str, after: str) -> bool:
    """Note that a file was moved; whether it is a database, whose tables have other names now."""
    for scheme in ("sqlite", "duckdb"):
        space = datasets.database(scheme, before)
        if space in _spaces:
            to = datasets.database(scheme, after)
            _spaces.add(to)
            recorder = runtime.recorder()
            recorder.append({
                "k": "moved", "at": recorder.moment(), "r": runs.current().id,
                "from": space, "to": to,
            })  # fmt: skip
            return True
    return False


_drivers: dict[type, Callable[[Any], Connection | None]] = {}


def driver(kind: type, find: Callable[[Any], Connection | None]) -> Callable[[], None]:
    """Say that connections of a driver are told by an adapter of its own; give what undoes it.

    `find` gives what is known of one, None where nothing is to be recorded of it.
    """
    _drivers[kind] = find

    def undo() -> None:
        _drivers.pop(kind, None)

    return undo


def by_driver(connection: object) -> tuple[bool, Connection | None]:
    """Whether what a connection of a driver executes is told already, and what is known of it."""
    for kind, find in _drivers.items():
        if isinstance(connection, kind):
            return True, find(connection)
    return False, None


@contextmanager
def giving(origin: Origin | None) -> Iterator[None]:
    """Let what is executed meanwhile have its parameters from something of this origin."""
    token = give(origin)
    try:
        yield
    finally:
        take_back(token)


def give(origin: Origin | None) -> Token[Origin | None]:
    """Begin what `giving` does, for those who cannot put a block around it."""
    return _values.set(origin)


def take_back(token: Token[Origin | None]) -> None:
    """End it."""
    _values.reset(token)


def _count(run: Run) -> None:
    """Say of a run that ends what was executed more often than it was recorded."""
    recorder = runtime.recorder()
    for said in _repeated.pop(run.id, ()):
        if said.count:
            recorder.append({
                "k": "again", "at": recorder.moment(), "r": run.id, "c": said.connection,
                "q": said.number, "n": said.count, "last": said.last // 1_000,
            })  # fmt: skip
            said.count = 0


runs.before_end(_count)
