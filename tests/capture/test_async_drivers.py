"""Drivers and engines that are asynchronous, and pools, under programs that know nothing of us."""

# ruff: noqa: S608 (texts of programs)

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from tests.capture.lineage import Output, Recorded
from tests.capture.test_launching import Launch, launch

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports pandas in a process of its own

SHOP = "CREATE TABLE t (k int, a int, b int); INSERT INTO t VALUES (1, 2, 3), (2, 3, 4);"


def outputs(launch: Launch, project: Path, code: str) -> dict[str, Output]:
    """What a program wrote that runs a coroutine."""
    indented = code.strip().replace("\n", "\n    ")
    done = launch(
        f"import asyncio\nimport pandas as pd\n"
        f"async def work():\n    {indented}\nasyncio.run(work())\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    return Recorded(project / ".headwater").outputs("job")


def columns(table: str, *names: str) -> Output:
    """An output with columns as they are in a table."""
    return Output([table], {name: [f"{table}.{name} IDENTITY"] for name in names}, [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a database."""
    folder = tmp_path / "project"
    folder.mkdir()
    with sqlite3.connect(folder / "shop.db") as made:
        made.executescript(SHOP)
    made.close()
    return folder


def test_aiosqlite(launch: Launch, project: Path) -> None:
    """Its statements are those of sqlite3 in a thread; rows and transactions are followed."""
    pytest.importorskip("aiosqlite")
    found = outputs(launch, project, """
import aiosqlite
async with aiosqlite.connect("shop.db") as shop:
    async with shop.execute("SELECT k, a FROM t") as cursor:
        pd.DataFrame(await cursor.fetchall(), columns=["k", "a"]).to_csv("o.csv", index=False)
    rows = await shop.execute_fetchall("SELECT b FROM t")
    pd.DataFrame(rows, columns=["b"]).to_csv("p.csv", index=False)
    await shop.execute("CREATE TABLE kept AS SELECT k FROM t")
    await shop.commit()
    await shop.execute("INSERT INTO kept SELECT b FROM t")
    await shop.rollback()
""")  # fmt: skip
    assert found == {
        "o.csv": columns("main.t", "k", "a"),
        "p.csv": columns("main.t", "b"),
        "main.kept": columns("main.t", "k")._replace(change="CREATE"),
    }


ENGINE = """
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine({url!r})
async with engine.connect() as shop:
    rows = (await shop.execute(sa.text("SELECT k, a FROM t"))).all()
    pd.DataFrame(rows, columns=["k", "a"]).to_csv("o.csv", index=False)
    rows = await (await shop.stream(sa.text("SELECT b FROM t"))).all()
    pd.DataFrame(rows, columns=["b"]).to_csv("p.csv", index=False)
    frame = await shop.run_sync(lambda own: pd.read_sql(sa.text("SELECT k FROM t"), own))
    frame.to_csv("q.csv", index=False)
await engine.dispose()
"""


def of_engine(table: str) -> dict[str, Output]:
    """What is expected of it."""
    return {
        "o.csv": columns(table, "k", "a"),
        "p.csv": columns(table, "b"),
        "q.csv": columns(table, "k"),
    }


def test_an_async_engine_over_aiosqlite(launch: Launch, project: Path) -> None:
    """Rows at once and streamed, and pandas on its connection."""
    pytest.importorskip("aiosqlite")
    found = outputs(launch, project, ENGINE.format(url="sqlite+aiosqlite:///shop.db"))
    assert found == of_engine("main.t")


def test_an_async_engine_over_psycopg(launch: Launch, project: Path, postgres: str) -> None:
    """The same of a server."""
    with psycopg.connect(postgres) as made:
        made.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {SHOP}")
    url = postgres.replace("postgresql:", "postgresql+psycopg:")
    found = outputs(launch, project, ENGINE.format(url=url))
    assert found == of_engine("shop.public.t")


def test_pools(launch: Launch, project: Path, postgres: str) -> None:
    """Connections of a pool, sync and async; what is undone when a block fails is no output."""
    pytest.importorskip("psycopg_pool")
    with psycopg.connect(postgres) as made:
        made.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {SHOP}")
    found = outputs(launch, project, f"""
import psycopg_pool
async with psycopg_pool.AsyncConnectionPool({postgres!r}, open=False) as pool:
    async with pool.connection() as shop:
        cursor = await shop.execute("SELECT k, a FROM t")
        pd.DataFrame(await cursor.fetchall(), columns=["k", "a"]).to_csv("o.csv", index=False)
        await shop.execute("CREATE TABLE one AS SELECT k FROM t")
with psycopg_pool.ConnectionPool({postgres!r}) as pool:
    try:
        with pool.connection() as shop:
            shop.execute("CREATE TABLE two AS SELECT k FROM t")
            raise KeyError
    except KeyError:
        pass
    with pool.connection() as shop:
        shop.execute("CREATE TABLE three AS SELECT b FROM t")
""")  # fmt: skip
    assert found == {
        "o.csv": columns("shop.public.t", "k", "a"),
        "shop.public.one": columns("shop.public.t", "k")._replace(change="CREATE"),
        "shop.public.three": columns("shop.public.t", "b")._replace(change="CREATE"),
    }
