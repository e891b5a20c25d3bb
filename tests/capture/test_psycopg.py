"""What the psycopg adapter knows, from programs that know nothing of it, on a real server."""

from __future__ import annotations

import asyncio
import inspect
import timeit
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

import headwater
from headwater.capture.adapters import psycopg as adapter
from headwater.capture.origins import recall
from headwater.capture.patching import Patches
from headwater.capture.rows import origin_of
from tests.capture.lineage import Output, Recorded, recording
from tests.capture.test_launching import Launch, launch

__all__ = ["launch"]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SHOP = """
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
    CREATE TABLE t (k int PRIMARY KEY, a int, b int);
    CREATE TABLE u (k int, c int);
    CREATE VIEW v AS SELECT k, a + b AS s FROM t;
    INSERT INTO t VALUES (1, 2, 3), (2, 3, 4);
    INSERT INTO u VALUES (1, 5);
"""

T = "shop.public.t"
U = "shop.public.u"
Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def found(postgres: str, tmp_path: Path) -> Iterator[Recorded]:
    """What a program does with the tables t and u, observed."""
    with psycopg.connect(postgres) as made:
        made.execute(SHOP)
    patches = Patches()
    adapter.install(psycopg, patches)
    try:
        with recording(tmp_path) as recorded, headwater.run("job") as recorded.run:
            yield recorded
    finally:
        patches.undo()


@pytest.fixture
def shop(found: Recorded, postgres: str) -> Iterator[Connection]:
    """A connection, observed."""
    del found
    connection = psycopg.connect(postgres)
    yield connection
    connection.close()


def test_tables_of_a_server_are_datasets(found: Recorded, shop: Connection, postgres: str) -> None:
    """They are named as OpenLineage names them, without the password."""
    shop.execute("INSERT INTO u (k, c) SELECT k, a FROM t WHERE b > %s", (1,))
    shop.commit()
    (output,) = found.last()["outputs"]
    port = postgres.rpartition(":")[2].partition("/")[0]
    assert output["namespace"] == f"postgres://127.0.0.1:{port}"
    assert found.inputs() == [T]
    assert found.outputs() == {
        U: Output([T], {"k": [f"{T}.k IDENTITY"], "c": [f"{T}.a IDENTITY"]},
                  [f"{T}.b FILTER"], "append")
    }  # fmt: skip
    assert not any(b"secret" in path.read_bytes() for path in found.root.rglob("*.spool"))


EXACT: dict[str, tuple[str, dict[str, Output]]] = {
    "upsert": (
        "INSERT INTO t AS t (k, a) SELECT k, c FROM u "
        "ON CONFLICT (k) DO UPDATE SET a = excluded.a + t.a",
        {T: Output([T, U], {"k": [f"{U}.k IDENTITY"],
                            "a": [f"{T}.a TRANSFORMATION", f"{U}.c IDENTITY",
                                  f"{U}.c TRANSFORMATION"]},
                   [f"{T}.k JOIN", f"{U}.k JOIN"], "upsert")},
    ),
    "merge": (
        "MERGE INTO t USING u ON t.k = u.k WHEN MATCHED THEN UPDATE SET a = u.c "
        "WHEN NOT MATCHED THEN INSERT (k, b) VALUES (u.k, u.c + 1)",
        {T: Output([T, U], {"k": [f"{U}.k IDENTITY"], "a": [f"{U}.c IDENTITY"],
                            "b": [f"{U}.c TRANSFORMATION"]},
                   [f"{T}.k JOIN", f"{U}.k JOIN"], "upsert")},
    ),
    "update from": (
        "UPDATE t SET a = u.c FROM u WHERE u.k = t.k",
        {T: Output([T, U], {"a": [f"{U}.c IDENTITY"]},
                   [f"{T}.k FILTER", f"{U}.k FILTER"], "upsert")},
    ),
    "create table as": (
        "CREATE TABLE w AS SELECT u.k, max(u.c) AS m FROM u GROUP BY u.k",
        {"shop.public.w": Output(
            [U], {"k": [f"{U}.k IDENTITY"], "m": [f"{U}.c AGGREGATION"]},
            [f"{U}.k GROUP_BY"], None, "CREATE")},
    ),
    "select into": (
        "SELECT k, a INTO w FROM t",
        {"shop.public.w": Output([T], {"k": [f"{T}.k IDENTITY"], "a": [f"{T}.a IDENTITY"]},
                                 [], None, "CREATE")},
    ),
    "a view": (
        "INSERT INTO u (k, c) SELECT k, s FROM v",
        {U: Output(["shop.public.v"], {"k": ["shop.public.v.k IDENTITY"],
                                       "c": ["shop.public.v.s IDENTITY"]}, [], "append")},
    ),
    "a temporary table": (
        "CREATE TEMP TABLE s AS SELECT k, a * 2 AS d FROM t; "
        "INSERT INTO u (k, c) SELECT k, d FROM s",
        {U: Output([T], {"k": [f"{T}.k IDENTITY"], "c": [f"{T}.a TRANSFORMATION"]}, [], "append")},
    ),
    "a delete that is inserted": (
        "WITH gone AS (DELETE FROM t WHERE k = 1 RETURNING k, a) "
        "INSERT INTO u (k, c) SELECT k, a FROM gone",
        {T: Output([T], {}, [f"{T}.k FILTER"], "delete"),
         U: Output([T], {"k": [f"{T}.k IDENTITY"], "c": [f"{T}.a IDENTITY"]},
                   [f"{T}.k FILTER"], "append")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EXACT)
def test_what_a_statement_does_is_exact(found: Recorded, shop: Connection, case: str) -> None:
    """Inputs, columns, what bears on them, mode and change, as written by hand."""
    text, expected = EXACT[case]
    shop.execute(text)
    shop.commit()
    assert found.outputs() == expected
    assert found.gaps() == []


def test_a_rolled_back_write_is_no_output(found: Recorded, shop: Connection, postgres: str) -> None:
    """Neither by rollback, nor by a block that raises, nor by closing, nor when COMMIT fails."""
    shop.execute("DELETE FROM u")
    shop.rollback()
    with pytest.raises(KeyError), psycopg.connect(postgres) as other:
        other.execute("DELETE FROM u")
        raise KeyError
    shop.execute("DELETE FROM u")
    with pytest.raises(psycopg.errors.UniqueViolation):
        shop.execute("INSERT INTO t SELECT 1")
    shop.commit()
    shop.execute("DELETE FROM u")
    shop.close()
    assert (found.inputs(), found.outputs()) == ([], {})


def test_blocks_and_savepoints(found: Recorded, shop: Connection) -> None:
    """Blocks within blocks are savepoints: what an inner one did is undone alone."""
    with shop.transaction():
        shop.execute("CREATE TABLE one AS SELECT k FROM t")
        with pytest.raises(KeyError), shop.transaction():
            shop.execute("CREATE TABLE two AS SELECT k FROM t")
            raise KeyError
        with shop.transaction():
            shop.execute("CREATE TABLE three AS SELECT k FROM t")
        with shop.transaction(force_rollback=True):
            shop.execute("CREATE TABLE four AS SELECT k FROM t")
        assert found.written() == []
    assert found.written() == ["shop.public.one", "shop.public.three"]


def test_autocommit(found: Recorded, postgres: str) -> None:
    """Each statement holds, until BEGIN."""
    with psycopg.connect(postgres, autocommit=True) as shop:
        shop.execute("DELETE FROM u")
        assert found.written() == [U]
        shop.execute("BEGIN")
        shop.execute("DELETE FROM t")
        shop.execute("ROLLBACK")
    assert found.written() == [U]


def test_many_rows_and_texts_put_together(found: Recorded, shop: Connection) -> None:
    """Rows of executemany are executions of one text; composed texts are those that were sent."""
    cursor = shop.cursor()
    cursor.executemany("INSERT INTO u VALUES (%s, %s)", [(n, n) for n in range(5)])
    text = sql.SQL("DELETE FROM {} WHERE k = {}").format(sql.Identifier("t"), sql.Placeholder())
    shop.execute(text, (1,))
    shop.commit()
    statements = found.last()["run"]["facets"]["headwater_sql"]["statements"]
    assert [(one["query"], one["executions"]) for one in statements] == [
        ("INSERT INTO u VALUES ($1, $2)", 5),
        ('DELETE FROM "t" WHERE k = $1', 1),
    ]


def test_parameters_that_are_merged_into_the_text_are_left_out(
    found: Recorded, postgres: str
) -> None:
    """A cursor that writes values into the text is recorded without them."""
    with psycopg.connect(postgres, cursor_factory=psycopg.ClientCursor) as shop:
        shop.execute("INSERT INTO u VALUES (%s, %s)", (4711, 4712))
    (statement,) = found.last()["run"]["facets"]["headwater_sql"]["statements"]
    assert statement["query"] == "INSERT INTO u VALUES (%s, %s)"


def test_a_pipeline_is_told_in_its_order(found: Recorded, shop: Connection) -> None:
    """Statements count when their results come; what an error aborts was never done."""
    with shop.pipeline(), shop.transaction():
        shop.execute("INSERT INTO u (k, c) SELECT k, a FROM t")
        shop.execute("CREATE TABLE w AS SELECT c FROM u")
    assert found.written() == [U, "shop.public.w"]
    with pytest.raises(psycopg.errors.UndefinedTable), shop.pipeline():
        shop.execute("CREATE TABLE x AS SELECT c FROM u")
        shop.execute("SELECT * FROM nowhere")
        shop.execute("CREATE TABLE y AS SELECT c FROM u")
    shop.rollback()
    shop.execute("CREATE TABLE z AS SELECT c FROM u")
    shop.commit()
    assert found.written() == [U, "shop.public.w", "shop.public.z"]


def test_a_pipeline_of_its_own_transaction(found: Recorded, postgres: str) -> None:
    """In autocommit what was sent up to a sync stands or falls together."""
    with psycopg.connect(postgres, autocommit=True) as shop:
        with shop.pipeline():
            shop.execute("CREATE TABLE x AS SELECT c FROM u")
        with pytest.raises(psycopg.errors.UndefinedTable), shop.pipeline():
            shop.execute("CREATE TABLE y AS SELECT c FROM u")
            shop.execute("SELECT * FROM nowhere")
    assert found.written() == ["shop.public.x"]


def test_copy_in_both_directions(found: Recorded, shop: Connection) -> None:
    """What is copied in is of the program; what is copied out was read."""
    cursor = shop.cursor()
    with cursor.copy("COPY (SELECT k FROM t) TO STDOUT") as copy:
        assert list(copy.rows()) == [("1",), ("2",)]
    with cursor.copy("COPY u (k) FROM STDIN") as copy:
        copy.write_row((7,))
    with pytest.raises(KeyError), cursor.copy("COPY t (k) FROM STDIN") as copy:
        raise KeyError
    shop.rollback()
    with cursor.copy("COPY u (k) FROM STDIN") as copy:
        copy.write_row((7,))
    shop.commit()
    assert found.inputs() == [T]
    assert found.outputs() == {U: Output(None, {}, [], "append")}


def test_rows_that_are_handed_on_are_of_their_query(found: Recorded, postgres: str) -> None:
    """To connections of both kinds; of rows that the program made nobody knows what they are of."""
    with psycopg.connect(postgres) as shop:
        rows = shop.execute("SELECT k, a FROM t").fetchall()
        shop.execute("SELECT c FROM u")
        shop.execute("CREATE TABLE w (x int, y int); CREATE TABLE z (x int, y int)")
        shop.cursor().executemany("INSERT INTO w VALUES (%s,%s)", rows)
        shop.cursor().executemany("INSERT INTO z VALUES (%s,%s)", [(1, 2)])

    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(postgres) as other:
            await other.cursor().executemany("INSERT INTO u VALUES (%s,%s)", rows)

    asyncio.run(work())
    written = found.outputs()
    assert written["shop.public.w"].inputs == written[U].inputs == [T]
    assert written["shop.public.z"].inputs is None


READERS: dict[str, Callable[[Connection], Any]] = {
    "fetchall": lambda shop: shop.execute("SELECT k, a + b AS s FROM t").fetchall(),
    "a binary cursor": lambda shop: shop.execute(
        "SELECT k, a + b AS s FROM t", binary=True).fetchall(),
    "a named cursor": lambda shop: shop.cursor("c").execute(
        "SELECT k, a + b AS s FROM t WHERE k > %s", (0,)).fetchall(),
    "RETURNING": lambda shop: shop.execute(
        "UPDATE t SET b = b + 1 RETURNING k, a + b AS s").fetchall(),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_rows_are_of_their_query(found: Recorded, shop: Connection, reader: str) -> None:
    """What is fetched has the origin of its statement, with the columns of the cursor."""
    del found
    fetched = READERS[reader](shop)
    assert sorted(row[0] for row in fetched) == [1, 2]
    origin = origin_of(fetched)
    assert origin is not None
    assert list(origin.columns or ()) == ["k", "s"]


def test_a_stream_is_a_read(found: Recorded, shop: Connection) -> None:
    """Rows that are handed out one by one are read all the same."""
    assert len(list(shop.cursor().stream("SELECT k FROM t"))) == 2
    assert found.inputs() == [T]


def test_async_connections(found: Recorded, postgres: str) -> None:
    """They are observed as the others are: transactions, copies, cursors of the server."""

    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(postgres) as shop:
            cursor = await shop.execute("SELECT k, a FROM t")
            fetched = await cursor.fetchall()
            assert origin_of(fetched) is recall(cursor)
            await shop.execute("CREATE TABLE one AS SELECT k FROM t")
            async with shop.transaction(force_rollback=True):
                await shop.execute("CREATE TABLE two AS SELECT k FROM t")
            async with shop.cursor().copy("COPY u (k) FROM STDIN") as copy:
                await copy.write_row((7,))
            async with shop.cursor("named") as named:
                await named.execute("SELECT c FROM u")
                assert len(await named.fetchmany(1)) == 1

    asyncio.run(work())
    assert found.written() == ["shop.public.one", U]
    assert found.inputs() == [T]


def test_names_of_other_schemas(found: Recorded, shop: Connection) -> None:
    """The search path is followed, where it is set by a statement."""
    shop.execute("CREATE SCHEMA other")
    shop.execute("SET search_path TO other, public")
    shop.execute('CREATE TABLE "W" AS SELECT k FROM public.t')
    shop.commit()
    assert list(found.outputs()) == ["shop.other.W"]


def test_nothing_of_it_is_felt(found: Recorded, shop: Connection) -> None:
    """Kinds of functions, signatures, results and tracebacks are as without us."""
    del found
    assert inspect.isgeneratorfunction(inspect.unwrap(psycopg.Cursor._execute_gen))
    assert inspect.iscoroutinefunction(psycopg.AsyncCursor.fetchall)
    parameters = list(inspect.signature(psycopg.Cursor.fetchmany).parameters)
    assert parameters == ["self", "size"]
    cursor = shop.execute("SELECT 1 AS one; SELECT 2 AS two")
    assert cursor.fetchall() == [(1,)]
    assert cursor.nextset()
    assert cursor.fetchall() == [(2,)]
    with pytest.raises(psycopg.errors.UndefinedTable) as failed:
        shop.execute("SELECT * FROM nowhere")
    frames = traceback.extract_tb(failed.value.__traceback__)
    assert not any("<headwater" in frame.filename or "headwater/capture" in frame.filename
                   for frame in frames)  # fmt: skip


def test_an_execute_is_cheap(found: Recorded, shop: Connection) -> None:
    """A statement that was seen costs a few microseconds more (the goal is 10)."""
    del found
    cursor = shop.execute("SELECT 1 AS one")
    told = lambda: adapter._executed(cursor, (cursor._query,), None)  # noqa: E731
    assert min(timeit.repeat(told, number=1_000, repeat=5)) / 1_000 < 30e-6


@pytest.mark.slow
def test_a_program_that_imports_by_name(launch: Launch, project: Path, postgres: str) -> None:
    """`headwater run` captures it without a line changed."""
    with psycopg.connect(postgres) as made:
        made.execute(SHOP)
    code = 'shop.execute("INSERT INTO u (k, c) SELECT k, a FROM t")'
    done = launch(f"from psycopg import connect\nwith connect({postgres!r}) as shop: {code}\n")
    assert (done.returncode, done.stderr) == (0, "")
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs[U].columns == {"k": [f"{T}.k IDENTITY"], "c": [f"{T}.a IDENTITY"]}
