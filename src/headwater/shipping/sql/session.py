"""Scripts, statement by statement, as one connection runs them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlglot import exp
from sqlglot.dialects import Dialect as Grammar

from headwater.shipping.sql import (
    computed,
    copies,
    definitions,
    inserts,
    macros,
    opaque,
    sources,
    triggers,
    variables,
    writes,
)
from headwater.shipping.sql.analysis import Analysis, UnsupportedError
from headwater.shipping.sql.catalog import Catalog, Schemas, State, Tables, View
from headwater.shipping.sql.chunks import Chunk, UnreadableError, split
from headwater.shipping.sql.dialects import dialect_of
from headwater.shipping.sql.limits import FRAMES_MAX, SQL_BYTES_MAX
from headwater.shipping.sql.model import GIVEN, Lineage, Name, Statement, Table, Write
from headwater.shipping.sql.origins import Origins, union
from headwater.shipping.sql.parsing import grammar, parse
from headwater.shipping.sql.prepared import Prepared
from headwater.shipping.sql.queries import read_query
from headwater.shipping.sql.relations import Column, Item, Relation, TooLargeError
from headwater.shipping.sql.scope import Scope


class Session:
    """What one connection knows, from statement to statement.

    `schemas` has the columns of tables by full name, and of files by path. `default_schema` is
    what a name without schema is completed with, catalog first. `frames` are variables of the
    program that may be read in place of a table, with their columns where known. `databases` are
    the names of attached ones; tables of `volatile` ones, in memory, are no artifacts.

    What is created, altered, attached and dropped is followed. A temporary table is no artifact:
    what is read from it is read from what it was made of.

    Trusted? Whoever writes the SQL decides what lineage says of it; reading it executes nothing
    and is bounded in size, depth and steps.
    """

    def __init__(
        self,
        *,
        dialect: str,
        schemas: Schemas,
        default_schema: Name = (),
        frames: Mapping[str, Sequence[str] | None] | None = None,
        databases: Sequence[str] = (),
        volatile: Iterable[str] = (),
    ) -> None:
        self._dialect = dialect_of(dialect)
        self._grammar = grammar(self._dialect.name)
        self._prepared = Prepared()
        self._default = default_schema
        self._catalog = Catalog(
            self._dialect,
            schemas,
            default_schema=default_schema,
            frames=frames,
            databases=databases,
            volatile=volatile,
        )

    def know(self, table: Name, columns: Sequence[str] | None) -> None:
        """Know the columns of a table, or that it exists."""
        self._catalog.put(Table(table), columns)

    def share(self, table: Name, columns: Iterable[str] | None) -> None:
        """Know that somebody else made or changed a table, which has these columns there.

        Where others are known here, nobody knows which it has: it may have been there before.
        """
        told, known = None if columns is None else list(columns), Table(table)
        is_known = self._catalog.knows(known)
        agreed = not is_known or self._catalog.columns(known) == told
        self._catalog.put(known, told if agreed else None)

    def forget(self, table: Name) -> None:
        """Know that somebody else dropped a table."""
        self._catalog.forget(Table(table))

    def define(self, sql: str, within: Name) -> None:
        """Know the definition of a trigger, or of a table with generated columns, that is there.

        `within` stands before the names of its tables.
        """
        if self._grammar is None:
            return
        with _deep(), suppress(UnreadableError, ValueError):
            (chunk,) = split(sql, self._grammar)
            if triggers.learn(chunk.sql, self._grammar, self._catalog, within):
                return
            (tree,) = parse(chunk, self._grammar)
            table = tree.find(exp.Table)
            if isinstance(tree, exp.Create) and table is not None:
                columns = computed.declared(tree.this, self._dialect.fold)
                self._catalog.reactions.compute(self._catalog.key((*within, table.name)), columns)

    def attach(self, databases: Iterable[str], volatile: Iterable[str] = ()) -> None:
        """Know databases by their names, and which of them are in memory only."""
        for name in databases:
            self._catalog.attach(name)
        self._catalog.put_volatile(volatile)

    def give(self, frames: Mapping[str, Relation], values: Relation | None = None) -> None:
        """Know what the next statement may be given: variables, and what its parameters are of."""
        self._catalog.put_frames(frames)
        self._catalog.given = values

    def state(self) -> State:
        """What is known now, for `restore`."""
        return self._catalog.state()

    def restore(self, state: State) -> None:
        """Know again what was known then: a transaction was rolled back."""
        self._catalog.restore(state)

    def in_memory(self, database: str) -> Tables:
        """The tables of a database in memory, for `put_in_memory` of another session."""
        return self._catalog.in_memory(database)

    def put_in_memory(self, database: str, tables: Tables) -> None:
        """Know which tables a database in memory has now."""
        self._catalog.put_in_memory(database, tables)

    def split(self, sql: str) -> list[str]:
        """The statements of a script, each as it stands; the whole where they cannot be told."""
        if self._grammar is None or len(sql) > SQL_BYTES_MAX:
            return [sql]
        try:
            return [chunk.sql for chunk in split(sql, self._grammar)]
        except UnreadableError:
            return [sql]

    def analyse(self, sql: str) -> tuple[Statement, ...]:
        """Every statement of a script, in order. Raises nothing: what cannot be read is opaque."""
        if len(sql.encode("utf-8", "replace")) > SQL_BYTES_MAX:
            return (self._opaque(sql, f"it is longer than {SQL_BYTES_MAX:,} bytes"),)
        if self._grammar is None:
            return (self._opaque(sql, f"the dialect {self._dialect.name!r} is not known"),)
        try:
            chunks = split(sql, self._grammar)
        except UnreadableError as error:
            return (self._opaque(sql, str(error)),)
        with _deep():
            return tuple(self._followed(chunk, self._grammar) for chunk in chunks)

    def opaque(self, sql: str, reason: str) -> Statement:
        """A statement that is not to be read, by the names in it."""
        return self._opaque(sql, reason)

    def _followed(self, chunk: Chunk, grammar: Grammar) -> Statement:
        """Read a statement, or the one that it executes."""
        text = self._prepared.follow(chunk.sql)
        if text == chunk.sql:
            return self._statement(chunk, grammar)
        try:
            (executed,) = split(text, grammar)
        except (UnreadableError, ValueError):
            return self._statement(chunk, grammar)
        return self._statement(executed, grammar)._replace(sql=chunk.sql)

    def _statement(self, chunk: Chunk, grammar: Grammar) -> Statement:
        if chunk.first in {"CREATE", "DROP"} and triggers.learn(chunk.sql, grammar, self._catalog):
            return Statement(chunk.sql, chunk.first)
        if chunk.first == "CREATE" and self._dialect.name == "duckdb":
            macros.learn(chunk.sql, grammar, self._catalog.macros)
        try:
            trees = [] if chunk.first == "REFRESH" else parse(chunk, grammar)
        except UnreadableError as error:
            if chunk.moves_no_data():
                self._configured(chunk)
                return Statement(chunk.sql, chunk.first)
            return self._opaque(chunk.sql, str(error), chunk.first)
        try:
            return self._read(trees, chunk)
        except (UnsupportedError, TooLargeError) as error:
            return self._opaque(chunk.sql, str(error), chunk.first)
        except RecursionError:
            return self._opaque(chunk.sql, "it is nested too deeply", chunk.first)
        # A tree of a shape that nobody foresaw loses its columns, not the run its lineage.
        except (AttributeError, TypeError, ValueError, LookupError, AssertionError) as error:
            reason = f"its tree has an unexpected form ({type(error).__name__})"
            return self._opaque(chunk.sql, reason, chunk.first)

    def _read(self, trees: Sequence[exp.Expr], chunk: Chunk) -> Statement:
        """What a statement says, by its trees: several write one after another."""
        scope = Scope(self._analysis())
        if not trees and not definitions.refresh(chunk.sql, scope):
            raise UnsupportedError(f"{chunk.first} is not understood")
        attached: tuple[tuple[str, str], ...] = ()
        result = None
        for tree in trees:
            change = _CHANGES.get(type(tree))
            if change is not None:
                change(tree, scope)
                self._configured(chunk)
            elif isinstance(tree, exp.Query | exp.Values | exp.Pivot):
                result = self._query(tree, scope)
            elif isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
                result = self._write(tree, scope)
            elif isinstance(tree, exp.Attach):
                attached = self._attached(tree)
            elif isinstance(tree, exp.Use):
                self._use(tree, scope)
            elif not chunk.moves_no_data():
                raise UnsupportedError(f"{chunk.first} is not understood")
            self._doubt_functions(tree, scope)
        return self._said(chunk, scope, result, attached)

    def _doubt_functions(self, tree: exp.Expr, scope: Scope) -> None:
        """Say which functions of the session may read more than the statement names."""
        for name in self._prepared.reading(tree, self._catalog.macros):
            scope.reads[GIVEN] = None
            reason = f"{name}(…) may read tables that the statement does not name"
            scope.analysis.doubts[reason] = None

    def _write(self, tree: exp.Expr, scope: Scope) -> Lineage | None:
        """Read a write; what it gives back to the program, if anything."""
        if _sets_parameters(tree, self._catalog):
            given = self._catalog.given
            scope.reads.update(dict.fromkeys([GIVEN] if given is None else given.reads))
        returned = writes.write(tree, scope)
        scope.reads.update(dict.fromkeys(returned.reads))
        scope.analysis.doubts.update(returned.doubts())
        return returned.lineage() if _gives_back(tree) else None

    def _analysis(self) -> Analysis:
        return Analysis(self._catalog, read_query, writes.write)

    def _query(self, tree: exp.Expr, scope: Scope) -> Lineage | None:
        into = tree.args.get("into") if isinstance(tree, exp.Select) else None
        names = variables.selected(tree) if isinstance(tree, exp.Select) else []
        if names:
            tree.set("expressions", [each.expression for each in tree.expressions])
        elif into is not None:
            names = variables.behind_into(into, scope)
        relation = read_query(tree, scope)
        scope.reads.update(dict.fromkeys(relation.reads))
        scope.analysis.doubts.update(relation.doubts())
        if names:
            variables.select_into(names, relation, scope)
            return None
        if into is None:
            return relation.lineage()
        definitions.select_into(into, relation, scope)
        return None

    def _said(
        self,
        chunk: Chunk,
        scope: Scope,
        result: Lineage | None,
        attached: tuple[tuple[str, str], ...],
    ) -> Statement:
        outputs = self._settled(scope)
        doubts = tuple(scope.analysis.doubts)
        return Statement(
            chunk.sql,
            chunk.first,
            tuple(sorted(scope.reads.keys() - {GIVEN})),
            outputs,
            result,
            "conservative" if doubts else "exact",
            doubts,
            attached,
            GIVEN in scope.reads,
        )

    def _settled(self, scope: Scope) -> tuple[Write, ...]:
        """The writes into what lasts; those into temporary tables become part of these."""
        outputs: list[Write] = []
        for write, parts, relation in scope.analysis.writes:
            before = self._catalog.temporary(parts) if write.table.kind == "table" else None
            if not isinstance(before, Relation):
                outputs.append(write)
                continue
            after = _changed(
                before, write, relation.with_reads(relation.reads | scope.reads.keys())
            )
            self._catalog.put_temporary(parts, after)
        if scope.analysis.writes and not outputs:
            scope.reads.clear()
        return tuple(outputs)

    def _attached(self, tree: exp.Attach) -> tuple[tuple[str, str], ...]:
        alias = tree.this
        if not isinstance(alias, exp.Alias) or not isinstance(alias.this, exp.Literal):
            return ()
        self._catalog.attach(alias.alias)
        return ((alias.alias, str(alias.this.this)),)

    def _use(self, tree: exp.Use, scope: Scope) -> None:
        if isinstance(tree.this, exp.Table):
            self._catalog.use(sources.table_parts(tree.this, scope))

    def _configured(self, chunk: Chunk) -> None:
        """SET search_path, SET schema: where names without schema are from now on."""
        made = _SEARCH.match(chunk.sql)
        if made is None:
            return
        named = [each.strip().strip("\"'") for each in made[1].split(",")]
        schemas: list[Sequence[str]] = [
            each.split(".") for each in named if each and each.casefold() not in _NO_SCHEMA
        ]
        if [each.casefold() for each in named] == ["default"]:
            schemas = [self._default]
        if schemas:
            self._catalog.use(*schemas)

    def _opaque(self, sql: str, reason: str, kind: str = "") -> Statement:
        """A statement by the names in it. What it does to temporary tables is a doubt from now."""
        read, written = opaque.tables(sql, self._dialect)
        catalog = self._catalog
        inputs: set[Table] = set()
        for parts in read:
            temporary, table = catalog.temporary(parts), catalog.table(parts)
            if isinstance(temporary, View):
                temporary = read_query(temporary.query, Scope(self._analysis()))
            if temporary is not None:
                inputs |= temporary.reads
            elif table is not None:
                inputs.add(table)
        outputs: list[Write] = []
        for parts in written:
            temporary = catalog.temporary(parts)
            if isinstance(temporary, Relation):
                doubted = _doubted(temporary, sql, inputs)
                catalog.put_temporary(parts, doubted)
                continue
            table = catalog.stored(parts)
            outputs.append(Write(table))
            if kind in {"CREATE", "ALTER", "DROP", "RENAME"}:
                catalog.put(table, None)
        return Statement(
            sql,
            kind,
            tuple(sorted(inputs - {GIVEN})),
            tuple(outputs),
            None,
            "opaque",
            (reason,),
            given=GIVEN in inputs,
        )


def analyse(
    sql: str,
    *,
    dialect: str,
    schemas: Schemas,
    default_schema: Name = (),
    frames: Mapping[str, Sequence[str] | None] | None = None,
    databases: Sequence[str] = (),
) -> tuple[Statement, ...]:
    """Every statement of a script, in a session of its own."""
    session = Session(
        dialect=dialect,
        schemas=schemas,
        default_schema=default_schema,
        frames=frames,
        databases=databases,
    )
    return session.analyse(sql)


def _changed(before: Relation, write: Write, relation: Relation) -> Relation:
    """A temporary table after a write: what it was made from, and what comes in."""
    if write.change == "TRUNCATE":
        return Relation([_emptied(item) for item in before.items])
    items: list[Item] = []
    fresh = write.mode == "overwrite"
    for item in before.items:
        if isinstance(item, Column):
            new = [column.origins for column in relation.find(item.name)]
            items.append(Column(item.name, union(*([] if fresh else [item.origins]), *new)))
        else:
            items.append(item)
    items += [rest for rest in relation.rests if rest not in items]
    bearing = union(*([] if fresh else [before.bearing]), relation.bearing)
    return Relation(items, bearing=bearing, reads=before.reads | relation.reads)


def _doubted(relation: Relation, sql: str, reads: set[Table]) -> Relation:
    """A temporary table after a write that could not be read."""
    doubt = Origins()
    doubt.doubt(f"a temporary table was written by what could not be read: {sql[:60]!r}")
    items: list[Item] = []
    for item in relation.items:
        if isinstance(item, Column):
            item = Column(item.name, union(item.origins, doubt), named=item.named)
        items.append(item)
    bearing = union(relation.bearing, doubt)
    return Relation(items, bearing=bearing, reads=relation.reads | reads)


def _emptied(item: Item) -> Item:
    return Column(item.name, Origins()) if isinstance(item, Column) else item


def _gives_back(tree: exp.Expr) -> bool:
    """Whether rows that are written go to the program, by RETURNING or OUTPUT."""
    clause = tree.args.get("returning")
    return clause is not None and not clause.args.get("into")


def _sets_parameters(tree: exp.Expr, catalog: Catalog) -> bool:
    """Whether UPDATE, MERGE or a query that is inserted has parameters among its values."""
    for each in tree.find_all(exp.Placeholder, exp.Parameter):
        if isinstance(each.parent, exp.Table) or catalog.variable(each.name) is not None:
            continue
        above = each.parent
        while above is not None and not isinstance(above, _NO_VALUES):
            if isinstance(above, exp.Values) and isinstance(above.parent, exp.Insert):
                break  # rows, which the INSERT itself looks at
            above = above.parent
        if above is None:
            return True
    return False


def _summarize(tree: exp.Summarize, scope: Scope) -> None:
    scope.reads.update(dict.fromkeys(sources.relation_of(tree.this, scope).reads))


_CHANGES: Final[dict[type[exp.Expr], Callable[[Any, Scope], None]]] = {
    exp.MultitableInserts: inserts.insert_all,
    exp.Create: definitions.create,
    exp.Drop: definitions.drop,
    exp.TruncateTable: definitions.truncate,
    exp.Alter: definitions.alter,
    exp.Copy: copies.copy,
    exp.LoadData: copies.load,
    exp.Summarize: _summarize,
    exp.Declare: variables.declare,
    exp.Set: variables.set_variables,
}
"""What reads the statements that give nothing back."""


_SEARCH: Final = re.compile(
    r"set\s+(?:session\s+)?(?:search_path|schema)\s*(?:=|\bto\b)?\s*(.+?)\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_NO_SCHEMA: Final = frozenset({"$user", "default"})
"""Words of a search path that name no schema by themselves."""


_NO_VALUES: Final = (
    exp.Where, exp.Having, exp.Qualify, exp.Join, exp.Limit, exp.Offset, exp.Fetch, exp.Group,
    exp.Order, exp.Delete,
)  # fmt: skip
"""Where a parameter chooses rows and is no value."""


@contextmanager
def _deep() -> Iterator[None]:
    """Room for the parser's recursion: a limit of this process, raised for the while."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES_MAX))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
