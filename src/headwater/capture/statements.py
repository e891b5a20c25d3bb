"""SQL in the captured process: what was executed is noted, and read later, outside of it.

Nothing is parsed here. The text of a statement goes to the spool with what its names mean, and the
translator (`headwater.shipping.queries`) tells from it what was read, written and given back. What
a statement was given as parameters is never recorded, nor are passwords in it. The records:

    {"k": "db", "at", "c": connection, "dialect", "default": [catalog, schema],
     "databases": {name: namespace or null}, "server": namespace or null, "cwd", "host",
     "memory": name of what it shares, "empty": true}
    {"k": "schemas", "at", "c", "tables": [[[part, …], [column, …]], …]}
    {"k": "defined", "at", "c", "in": [part, …], "sql"}
    {"k": "sql", "at", "r": run, "c", "q": statement, "sql", "open": in a transaction,
     "cut": characters, "gives": [column, …], "frames": {variable: origin or null},
     "values": origin, "files": {path as written: [[namespace, name], …]}, "implied": true,
     "names": {path as written: [column, …]}}
    {"k": "tx", "at", "r", "c", "do": "commit" | "rollback" | "savepoint" | "release" | "back",
     "name"}
    {"k": "again", "at", "r", "c", "q", "n": executions, "last": at}
    {"k": "moved", "at", "r", "from": namespace, "to": namespace}

*Names.* A table is `(database, …, table)` in the parts that `default` completes. One whose database
stands in `databases` is of that namespace, called by the parts behind it (`main.t` in SQLite); a
database that is null is in memory, and its tables are no artifacts: what is read from them is read
from what they were made of. Connections of the same `memory` have the same ones, as far as they are
committed; `empty` says that there are none at that time. All others are of `server`, called by all
their parts. A `db` record for a connection that is known adds to what it said.

*Results.* What a query gives is a virtual dataset `(QUERY, statement)`, with the columns that the
cursor describes: a frame made from it has that for its origin. The translator puts in its place
what the statement turns out to have read. `frames` are variables that a statement may read in
place of a table, each with its origin as `Origin.said` writes it, null where nobody knows; `values`
is the origin of what it was given as parameters, by column, where somebody knows (`giving`).
`names` are those of the columns in files that it wrote, as the engine made them up.

*Once.* A text that a connection executes again in the same run is counted, and not recorded again:
a loop of a million INSERTs costs a look into a dict each. Where its meaning may have changed, since
a table was defined or a table in memory was written in between, it is recorded again, up to
`REPEATS_MAX` times (`sql_texts`).

*Transactions.* A statement that failed is not recorded. `open` says whether a transaction is open
behind a statement; what is written in one is an output when it is committed (`transactions`).

Trusted? It says what the program executed; it runs nothing itself.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, Final
from weakref import ref

from headwater.capture import datasets, origins, runs, runtime
from headwater.capture.hearing import listening
from headwater.capture.origins import QUERY, Origin
from headwater.capture.runs import Run
from headwater.capture.sql_texts import Text, Texts, without_secrets
from headwater.capture.transactions import Transaction

SQL_CHARS_MAX: Final = 100_000
"""Text of one statement that is recorded; of a longer one the beginning, and its tables by name."""
REPEATS_MAX: Final = 100
"""Times that one text is recorded where what it means may have changed."""
TABLES_AT_ONCE: Final = 100
"""Tables whose columns are told in one record."""
COLUMNS_MAX: Final = 1_000
"""Columns of a table that are told; of a wider one, none."""

Gives = Sequence[object] | Callable[[], Sequence[object] | None] | None
"""The columns of a result, or what tells them where they are needed; None where there is none."""

Names = Callable[[], Mapping[str, Sequence[str]] | None] | None
"""Tells the columns of files, by path, where they are needed."""

Schemas = Mapping[tuple[str, ...], Sequence[str]]
"""Columns of tables, by name in parts, the database first."""

_numbers = itertools.count(1)
_values: ContextVar[Origin | None] = ContextVar("headwater_values", default=None)
_sharing: dict[str, list[ref[Connection]]] = {}
"""Connections by the memory that they share; a list is never changed, threads may go through it."""
_spaces: set[str] = set()
"""Namespaces of database files that connections of this process had."""
_defined = 0
"""How often a connection of this process defined something, or had that hold for others."""


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
        self._definitions: dict[tuple[tuple[str, ...], str], None] = {}
        self._told: tuple[int, int] | None = None
        self._run: Run | None = None
        self._texts = Texts(self.id, volatile=None in self._databases.values())
        self._transaction = Transaction(self._do)
        self._epoch = self._filled = 0
        self._memory: str | None = None
        self.described: set[str] = set()
        """Texts whose tables somebody has told the columns of, as that one has them."""
        self.tables: Callable[[Connection], Schemas] | None = None
        """Tells the columns of tables that the program has definitions of, where it has any."""

    @property
    def default(self) -> tuple[str, ...]:
        """What completes the name of a table: catalog and schema."""
        return tuple(self._default)

    def attached(self, databases: Mapping[str, str | None]) -> None:
        """Know what databases there are now; those that were there before stay known."""
        added = {n: s for n, s in databases.items() if self._databases.get(n, "") != s}
        if added:
            self._databases.update(added)
            _spaces.update(space for space in added.values() if space is not None)
            self._texts.volatile |= None in added.values()
            if self._told:
                self._append({"k": "db", "databases": added})

    def knows(self, schemas: Schemas) -> None:
        """Know the columns of tables, from before the next statement on."""
        new = {name: columns for name, columns in schemas.items() if name not in self._schemas}
        self._schemas.update(schemas)
        if self._told and new:
            self._tell_schemas(new)

    def begins(self) -> None:
        """Tell of the connection at once, before its first statement.

        What others change in its databases from now on is known of it, too.
        """
        self._tell()

    def shares(self, memory: str, *, is_empty: bool) -> None:
        """Know that all connections to what is called so have the same tables in memory.

        It is told at once: `is_empty` says of now that there are none.
        """
        self._memory = memory
        alive = [one for one in _sharing.get(memory, ()) if one() is not None]
        _sharing[memory] = [*alive, ref(self)]
        self._tell(is_empty=is_empty)

    def defines(self, within: tuple[str, ...], definitions: Sequence[str]) -> None:
        """Know what tables do by themselves: triggers, and tables with generated columns.

        `within` are the parts that stand before the names of the tables.
        """
        new = [one for one in definitions if (within, one) not in self._definitions]
        self._definitions.update({(within, one): None for one in new})
        if self._told:
            self._tell_definitions([(within, one) for one in new])

    def executed(
        self,
        sql: str,
        *,
        pending: bool = False,
        gives: Gives = None,
        frames: Mapping[str, Origin | None] | None = None,
        schemas: Schemas | None = None,
        files: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        names: Names = None,
        many: int = 1,
        implied: bool = False,
    ) -> Origin | None:
        """Note that a statement, or script, was executed and did not fail.

        `pending`: a transaction is open behind it. `gives`: the columns of what it gives back, None
        where it gives nothing. `names` tells the columns of files that it wrote, by path. `many`:
        how often, of `executemany`. `implied`: it was not executed as such, but says what was done
        (a copy of a database). The origin of what it gives.
        """
        run = runs.current()
        if run is not self._run:
            self._begin(run)
        said = self._texts.find(sql)
        if said is None:
            said = self._texts.first(sql)
        if said is None:
            return None
        values = _values.get()
        if (
            said.number
            and (
                said.times >= REPEATS_MAX or (said.epoch == self._moment(said) and not said.defines)
            )
            and frames == said.frames
            and (not frames or said.defined == _defined or said.times >= REPEATS_MAX)
            and values == said.values
        ):
            if not pending and self._transaction.pending:
                self.committed()
            said.defined = _defined
            said.again(run, many)
            return said.origin if listening() is None else _heard(said.origin)
        if said.verb is not None:
            self._epoch += self._transaction.follow(said.verb, said.name)
            if not pending:  # RELEASE of the outermost savepoint commits, where it began all
                self._transaction.commit()
            return None
        if schemas:
            self.knows(schemas)
        said.frames, said.values = frames, values
        more: dict[str, Any] = {
            "files": files, "names": names and names(), "implied": implied,
        }  # fmt: skip
        self._record(said, run, pending=pending, gives=gives, more=more)
        if many > 1:
            said.again(run, many - 1)
        return _heard(said.origin)

    def repeated(self, sql: str, *, pending: bool = False) -> Text | None:
        """Note that a text was executed that means what it did when it was executed before.

        That is one which read nothing of the program's: its names stand for tables, as long as
        nobody in this process defines anything. None, and nothing is noted, of any other.
        """
        run, said = runs.current(), self._texts.find(sql)
        if (
            said is None
            or run is not self._run
            or not said.number
            or said.defines
            or said.frames
            or said.epoch != self._moment(said)
            or said.defined != _defined
            or said.values is not _values.get()
        ):
            return None
        if not pending and self._transaction.pending:
            self.committed()
        said.again(run, 1)
        if listening() is not None:
            _heard(said.origin)
        return said

    def failed(self, *, pending: bool = False) -> None:
        """Note that a statement failed: with its transaction, unless one is open still."""
        if not pending:
            self.rolled_back()

    def committed(self) -> None:
        """Note that a transaction was committed."""
        self._transaction.commit()

    def rolled_back(self) -> None:
        """Note that a transaction was rolled back."""
        self._epoch += self._transaction.roll_back()

    def closed(self) -> None:
        """Note that the connection is closed; what it had not committed is lost."""
        self.rolled_back()

    def _begin(self, run: Run) -> None:
        """Know nothing of what was said for another run."""
        self._run = run
        self._texts = Texts(self.id, volatile=self._texts.volatile)
        if self._told != _stream():
            self._tell()

    def _tell(self, *, is_empty: bool = False) -> None:
        # In a forked child too: there records are another process's, and no transaction is open.
        self._told = _stream()
        self._transaction.settle()
        record: dict[str, Any] = {
            "k": "db", "dialect": self.dialect, "default": self._default,
            "databases": self._databases, "server": self._server,
            "cwd": os.getcwd(), "host": datasets.host(),
        }  # fmt: skip
        if self._memory is not None:
            record["memory"] = self._memory
        if is_empty:
            record["empty"] = True
        self._append(record)
        self._tell_schemas(self._schemas)
        self._tell_definitions(self._definitions)

    def _tell_schemas(self, schemas: Schemas) -> None:
        told = [
            [list(name), [str(column) for column in columns]]
            for name, columns in schemas.items()
            if len(columns) <= COLUMNS_MAX
        ]
        for place in range(0, len(told), TABLES_AT_ONCE):
            self._append({"k": "schemas", "tables": told[place : place + TABLES_AT_ONCE]})

    def _tell_definitions(self, definitions: Iterable[tuple[tuple[str, ...], str]]) -> None:
        for within, sql in definitions:
            if len(sql) <= SQL_CHARS_MAX:
                self._append({"k": "defined", "in": list(within), "sql": without_secrets(sql)})

    def _record(
        self,
        said: Text,
        run: Run,
        *,
        pending: bool,
        gives: Gives,
        more: Mapping[str, Any],
    ) -> None:
        if self.tables is not None:
            self.knows(self.tables(self))
        run.executes = True
        self._transaction.tell_savepoints()
        if said.changes:
            self._epoch += 1
            self._change_for_others()
        elif said.fills:
            self._filled += 1
            self._change_for_others(fills=True)
        said.number = next(_numbers)
        said.epoch = self._moment(said)
        if said.defines:
            _define()
        said.defined = _defined
        said.times += 1
        given = gives() if callable(gives) else gives
        columns = None if given is None else [str(name) for name in given]
        said.origin = None
        if columns is not None:
            said.origin = origins.read((QUERY, str(said.number)), columns)
        record: dict[str, Any] = {"k": "sql", "r": run.id, "q": said.number}
        record["sql"] = without_secrets(said.sql[:SQL_CHARS_MAX])
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
        record.update((member, value) for member, value in more.items() if value)
        self._append(record)
        if pending:
            self._transaction.pending.append(said)
        else:
            self._transaction.settle()

    def _moment(self, said: Text) -> int:
        """Count the changes behind which a text means something else.

        Values that were added before, and since then others, are there still: to add them again
        changes nothing about what a table is of.
        """
        return self._epoch if said.fills else self._epoch + self._filled

    def _change_for_others(self, *, fills: bool = False) -> None:
        """Let texts mean something else to those who have the same tables in memory."""
        for one in _sharing.get(self._memory or "", ()):
            other = one()
            if other is not None and other is not self:
                other._filled += fills
                other._epoch += not fills

    def _do(self, what: str, name: str) -> None:
        _define()
        self._change_for_others()
        record: dict[str, Any] = {"k": "tx", "r": runs.current().id, "do": what}
        if name:
            record["name"] = name
        self._append(record)

    def _append(self, record: dict[str, Any]) -> None:
        recorder = runtime.recorder()
        recorder.append({**record, "at": recorder.moment(), "c": self.id})


def _define() -> None:
    """Let names mean something else, to any connection."""
    global _defined
    _defined += 1


def _heard(origin: Origin | None) -> Origin | None:
    """Let whoever listens to what is read hear of what a query gave."""
    heard = listening()
    if origin is not None and heard is not None:
        heard.keys |= origin.sources
    return origin


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


@contextmanager
def giving(origin: Origin | None) -> Iterator[None]:
    """Let what is executed meanwhile have its parameters from something of this origin.

    None: from what somebody around this says, else from what nobody knows.
    """
    if origin is None:
        yield
        return
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
