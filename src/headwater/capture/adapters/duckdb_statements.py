"""Statements that DuckDB executes, with what their names and paths mean at that time.

A relation of DuckDB 2 is a text that is executed when its rows are asked for: nothing is told of
the steps of a chain, and all of it of the text. What a text says by its looks is looked at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import Any, Final

from headwater.capture import files, rows, runs
from headwater.capture.adapters import duckdb_texts as texts
from headwater.capture.adapters import duckdb_variables as variables
from headwater.capture.adapters.duckdb_connections import (
    Arguments,
    Known,
    Named,
    gave,
    known,
    look_into,
)
from headwater.capture.origins import Origin, remember
from headwater.capture.statements import Gives, Names, Schemas, giving

READERS_MAX: Final = 1_000
"""Readers of files of one connection whose columns are asked for; beyond, results tell them."""

_NO_ROWS: Final[tuple[list[str], ...]] = (["Count"], ["Success"], [])

Files = dict[str, list[tuple[str, str]]]
Looked = tuple[str, texts.Text, texts.Target | None]
"""A statement, what it says by its looks, and where it copies to."""


def before(args: Arguments, kwargs: Named) -> Looked:
    """Look at a statement that is about to be executed, and where it will copy to."""
    query = args[1] if len(args) > 1 else kwargs.get("query", "")
    sql = query if isinstance(query, str) else str(getattr(query, "query", ""))
    text = texts.look(sql)
    return sql, text, None if text.is_plain else texts.target(sql)


def failed(_: Any, _args: Arguments, kwargs: Named) -> None:
    """Observe that a statement failed."""
    sql, *_ = kwargs["__before__"]
    if ";" in sql.rstrip("; \n") and not texts.is_internal(sql):
        runs.gap("a script of SQL that failed: what it had done by then is not known")


def executed(_: Any, args: Arguments, kwargs: Named) -> None:
    """Observe `execute`."""
    connection = args[0]
    found = known(connection)
    describe = lambda: _described(connection.description)  # noqa: E731
    gave(connection, tell(found, connection, kwargs["__before__"], describe))


def _described(description: Sequence[Any] | None) -> list[str] | None:
    names = [str(one[0]) for one in description or ()]
    return None if names in _NO_ROWS else names


def executed_many(_: Any, args: Arguments, kwargs: Named) -> None:
    """Observe `executemany`."""
    given = args[2] if len(args) > 2 else kwargs.get("parameters", ())
    many = len(given) if hasattr(given, "__len__") else 1
    found = known(args[0])
    with giving(rows.given(given)):
        tell(found, args[0], kwargs["__before__"], None, many=many)
    gave(args[0], None)


def submitted(result: Any, args: Arguments, kwargs: Named) -> None:
    """A relation, or the last statement of a script, was executed."""
    sql, *_ = kwargs["__before__"]
    if texts.is_internal(sql):
        return
    gives: Gives = None
    if result.return_type == "query_result":
        gives = lambda: [str(one[0]) for one in result.description or ()]  # noqa: E731
    found = known(args[0])
    remember(result, tell(found, args[0], kwargs["__before__"], gives))


def prepared(result: Any, args: Arguments, kwargs: Named) -> None:
    """All statements of a script but the last were executed."""
    (sql, _, place), last = kwargs["__before__"], result[1]
    if sql == last:
        return
    earlier = sql if last is None else sql[: sql.rfind(last)] if last in sql else ""
    if earlier.strip(" \n\t;"):
        tell(known(args[0]), args[0], (earlier, texts.look(earlier), place), None)


def viewed(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe that a relation was made a view."""
    name, sql = args[1], args[2]
    found = known(args[0])
    # One over objects of the program is in memory, and stays what it is of.
    is_of_objects = not texts.look(sql).words.isdisjoint(found.variables)
    kind = "OR REPLACE TEMP TABLE" if is_of_objects else "OR REPLACE VIEW"
    called = name.replace('"', '""')
    made = f'CREATE {kind} "{called}" AS {sql}'
    tell(found, args[0], (made, texts.look(made), None), None)


def appended(_: Any, args: Arguments, kwargs: Named) -> None:
    """`append(table, frame)`: an INSERT of a frame."""
    given = dict(zip(("table_name", "df", "by_name"), args[1:], strict=False)) | kwargs
    found = known(args[0])
    by_name = "BY NAME " if given.get("by_name") else ""
    found.statements.executed(
        f"INSERT INTO {given['table_name']} {by_name}SELECT * FROM frame_1",  # noqa: S608
        pending=found.is_open,
        frames={"frame_1": variables.origin(given["df"])},
        implied=True,
    )


def tell(
    found: Known, connection: Any, looked: Looked, gives: Gives, *, many: int = 1
) -> Origin | None:
    """Record a text, with what its names and paths mean now; of an export, what it copied."""
    copies = texts.exported(looked[0])
    for copy in copies:
        _tell(found, connection, (copy, texts.look(copy), texts.target(copy)), None)
    return None if copies else _tell(found, connection, looked, gives, many)


def _tell(
    found: Known, connection: Any, looked: Looked, gives: Gives, many: int = 1
) -> Origin | None:
    sql, text, place = looked
    if many == 1 and text.is_plain and not found.views and text.words.isdisjoint(found.variables):
        said = found.statements.repeated(sql, pending=found.is_open)
        if said is not None:
            return said.origin
    views = found.viewed(text) if found.views else [text]
    named = text.words if len(views) == 1 else text.words.union(*(one.words for one in views))
    frames, relations = variables.read(found, named, text.shown)
    if text.is_plain and len(views) == 1 and not relations:
        return found.statements.executed(
            sql, pending=found.is_open, gives=gives, frames=frames or None, many=many
        )
    if text.opens is not None:
        found.is_open = text.opens
    if text.attaches:
        _attach(found, connection, text.sql)
    read = _files(found, text, views)
    if text.view is not None:
        found.views[text.view] = text
    shown = dict(text.shown)
    for name, relation in relations.items():
        frames[name] = _relation(found, connection, name, relation, shown)
    names: Names = None
    if place is not None:
        if place.before is None:
            names = partial(_columns_in, connection, place)
        written = texts.written(place)
        read[place.path] = [one[:2] for one in written]
        for one in written:
            runs.current().record_draft(one, {})
    return found.statements.executed(
        text.sql,
        pending=found.is_open,
        gives=gives,
        frames=frames or None,
        files=read or None,
        schemas=_schemas(found, connection, text) if text.paths else None,
        names=names,
        many=many,
    )


def _columns_in(connection: Any, place: texts.Target) -> Mapping[str, Sequence[str]] | None:
    """Look into a file that was written: DuckDB makes up names of columns that have none."""
    path = place.path.replace("'", "''")
    with suppress(Exception), closing(connection.cursor()) as cursor:
        (names, *_) = cursor._bind(f"SELECT * FROM {place.reader}('{path}')")  # noqa: S608
        return {place.path: list(names)}
    return None


def _attach(found: Known, connection: Any, sql: str) -> None:
    databases = texts.attached(sql)
    if databases:
        found.statements.attached(databases)
        if not found.is_open:
            look_into(connection, found.statements)


def _relation(
    found: Known, connection: Any, name: str, relation: Any, shown: dict[str, str]
) -> Origin | None:
    """Give what a relation is of that a statement reads by the name of its variable.

    It is a query of its own, executed with the statement: stored tables go before variables here as
    with frames.
    """
    sql = relation.sql_query()
    text, told = texts.look(sql), texts.readable(sql, shown)
    frames, relations = variables.read(found, text.words - {name}, shown, called=False)
    for inner, one in relations.items():
        frames[inner] = _relation(found, connection, inner, one, shown)
    return found.statements.executed(
        told,
        pending=found.is_open,
        gives=lambda: list(relation.columns),
        frames=frames or None,
        files=_files(found, text, found.viewed(text)) or None,
        schemas=_schemas(found, connection, text) if text.paths else None,
        implied=True,
    )


def _schemas(found: Known, connection: Any, text: texts.Text) -> Schemas | None:
    """Ask for the columns of files, as they are read, once each, over a cursor of our own."""
    return ask(found, connection, texts.readers(text.sql))


def ask(found: Known, connection: Any, readers: Mapping[str, str]) -> Schemas | None:
    """Ask for the columns of what readers read, by path, once each."""
    asked = {path: source for path, source in readers.items() if source not in found.asked}
    if not asked or len(found.asked) >= READERS_MAX:
        return None
    found.asked |= set(asked.values())
    told: dict[tuple[str, ...], list[str]] = {}
    cursor = connection.cursor()
    for path, source in asked.items():
        with suppress(Exception):  # a file that is gone by now, or a text that is none
            told[(path,)] = list(cursor._bind(f"SELECT * FROM {source}")[0])  # noqa: S608
    cursor.close()
    return told


def _files(found: Known, text: texts.Text, views: Sequence[texts.Text]) -> Files:
    """Record the files that a text reads; by what is written there."""
    read: Files = {}
    if len(views) == 1 and not text.paths:
        return read
    for path in dict.fromkeys(path for one in views for path in one.paths):
        given = found.variables.get(path)
        names = files.named(given.path if isinstance(given, variables.File) else path)
        names = [one for one in names if one.path is None or os.path.exists(one.path)]
        if names:
            for one in names if text.view is None else ():
                runs.current().record_read(one, {})
            read[path] = [one[:2] for one in names]
    return read
