"""What SQLAlchemy's engines say, over drivers that are observed themselves and over others."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import create_async_engine

import headwater
from headwater.capture.adapters import psycopg as psycopg_adapter
from headwater.capture.adapters import sqlalchemy as adapter
from headwater.capture.adapters import sqlalchemy_tables
from headwater.capture.adapters import sqlite3 as sqlite3_adapter
from headwater.capture.patching import Patches
from headwater.capture.rows import origin_of
from headwater.capture.statements import Connection
from tests.capture.lineage import Output, Recorded, recording
from tests.capture.test_launching import Launch, launch

__all__ = ["launch"]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

SHOP = sa.MetaData()
T = sa.Table(
    "t", SHOP, sa.Column("k", sa.Integer, primary_key=True),
    sa.Column("a", sa.Integer), sa.Column("b", sa.Integer),
)  # fmt: skip
U = sa.Table("u", SHOP, sa.Column("k", sa.Integer, primary_key=True), sa.Column("c", sa.Integer))

KINDS = ["sqlite", "sqlite, by its driver", "postgres, by its driver"]


class Engine:
    """An engine that is observed, and what its tables are called."""

    def __init__(self, engine: sa.Engine, found: Recorded, *, is_told_by_events: bool) -> None:
        self.engine = engine
        self.is_told_by_events = is_told_by_events
        self.found = found
        server = engine.dialect.name == "postgresql"
        self.prefix = "shop.public." if server else "main."

    def named(self, name: str) -> str:
        """The name of a table as it is recorded."""
        return self.prefix + name


def emptied(postgres: str) -> None:
    """Leave nothing in the database."""
    with psycopg.connect(postgres) as made:
        made.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.fixture(params=KINDS)
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """An engine over the tables t and u, which were there before anything was observed."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    url = f"sqlite:///{tmp_path}/shop.db"
    if request.param.startswith("postgres"):
        url = request.getfixturevalue("postgres").replace("postgresql:", "postgresql+psycopg:")
        emptied(request.getfixturevalue("postgres"))
    before = sa.create_engine(url)
    with before.begin() as made:
        SHOP.create_all(made)
        made.execute(T.insert(), [{"k": 1, "a": 2, "b": 3}, {"k": 2, "a": 3, "b": 4}])
        made.execute(U.insert(), [{"k": 1, "c": 5}])
    before.dispose()
    patches = Patches()
    adapter.install(sa, patches)
    if request.param.endswith("driver"):
        sqlite3_adapter.install(sqlite3, patches)
        psycopg_adapter.install(psycopg, patches)
    engine = sa.create_engine(url)
    try:
        with recording(tmp_path) as found, headwater.run("job") as found.run:
            by_events = not request.param.endswith("driver")
            yield Engine(engine, found, is_told_by_events=by_events)
    finally:
        engine.dispose()
        patches.undo()


def test_a_statement_is_recorded_once(shop: Engine) -> None:
    """Tables, columns and namespace, whoever tells of it; nothing is told twice."""
    with shop.engine.begin() as connection:
        query = sa.select(T.c.k, T.c.a + T.c.b).where(T.c.b > 1)
        connection.execute(U.insert().from_select(["k", "c"], query.where(T.c.k > 1)))
    t = shop.named("t")
    assert shop.found.inputs() == [t]
    assert shop.found.outputs() == {
        shop.named("u"): Output(
            [t],
            {"k": [f"{t}.k IDENTITY"], "c": [f"{t}.a TRANSFORMATION", f"{t}.b TRANSFORMATION"]},
            [f"{t}.b FILTER", f"{t}.k FILTER"],
            "append",
        )
    }
    (statement,) = shop.found.last()["run"]["facets"]["headwater_sql"]["statements"]
    assert statement["executions"] == 1
    spaces = {one["namespace"].partition(":")[0] for one in shop.found.last()["outputs"]}
    assert spaces == {"postgres" if shop.prefix == "shop.public." else "sqlite"}


def test_tables_are_known_by_their_metadata(shop: Engine) -> None:
    """A star in text has the columns that the program's own tables have."""
    with shop.engine.begin() as connection:
        connection.execute(sa.select(T, U).where(T.c.k == U.c.k)).all()
        connection.execute(sa.text("CREATE TABLE w AS SELECT b, c FROM t JOIN u ON t.k = u.k"))
    t, u = shop.named("t"), shop.named("u")
    assert shop.found.outputs()[shop.named("w")] == Output(
        [t, u],
        {"b": [f"{t}.b IDENTITY"], "c": [f"{u}.c IDENTITY"]},
        [f"{t}.k JOIN", f"{u}.k JOIN"],
        None,
        "CREATE",
    )


def test_only_engines_of_other_drivers_are_listened_to(shop: Engine) -> None:
    """Events cost as much as all the rest; a driver that is observed needs none of them."""
    with shop.engine.connect() as connection:
        connection.execute(sa.select(T.c.k)).all()
    assert bool(shop.engine.dispatch.before_cursor_execute) is shop.is_told_by_events


@pytest.mark.parametrize(("limit", "columns"), [(2, ["k", "a", "b"]), (1, None)])
def test_tables_of_an_engine_are_noted_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch, limit: int, columns: list[str] | None
) -> None:
    """Beyond it nothing is known of their columns."""
    monkeypatch.setattr(sqlalchemy_tables, "TABLES_MAX", limit)
    noted = sqlalchemy_tables.Tables()
    noted.note(sa.select(U))
    noted.note(sa.select(T))
    told = noted(Connection("sqlite", default=["main"]))
    assert told.get(("main", "u")) == ["k", "c"]
    assert told.get(("main", "t")) == columns


def test_a_rolled_back_session_wrote_nothing(shop: Engine) -> None:
    """Neither what was flushed, nor what a savepoint took back, nor what was left open."""
    with orm.Session(shop.engine) as session:
        session.execute(U.delete())
        session.rollback()
        session.execute(T.update().values(a=U.c.c).where(T.c.k == U.c.k))
        with session.begin_nested() as inner:
            session.execute(U.update().values(c=1))
            inner.rollback()
        session.commit()
        session.execute(U.delete())
    assert list(shop.found.outputs()) == [shop.named("t")]
    t, u = shop.named("t"), shop.named("u")
    assert shop.found.outputs()[t].columns == {"k": [], "a": [f"{u}.c IDENTITY"], "b": []}


def test_a_failed_statement_wrote_nothing(shop: Engine) -> None:
    """What failed is neither read nor written, and no gap."""
    with shop.engine.connect() as connection:
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(T.insert(), {"k": 1})
        connection.rollback()
        connection.execute(U.insert(), {"k": 7, "c": 1})
        connection.commit()
    assert list(shop.found.outputs()) == [shop.named("u")]
    assert shop.found.gaps() == []


def test_objects_are_rows(shop: Engine) -> None:
    """The ORM's units of work, one by one and in bulk, are statements like others."""

    class Base(orm.DeclarativeBase):
        metadata = sa.MetaData()

    class Item(Base):
        __table__ = sa.Table(
            "u", Base.metadata, sa.Column("k", sa.Integer, primary_key=True),
            sa.Column("c", sa.Integer),
        )  # fmt: skip

    with orm.Session(shop.engine) as session:
        session.add_all(Item(k=number, c=number) for number in range(10, 20))
        session.commit()
        session.execute(sa.insert(Item), [{"k": number, "c": 0} for number in range(20, 30)])
        session.execute(sa.update(Item).where(Item.__table__.c.k == 10).values(c=5))
        session.commit()
        assert len(session.scalars(sa.select(Item)).all()) == 21
    output = shop.found.outputs()[shop.named("u")]
    assert output.inputs is None or output.inputs == [shop.named("u")]
    assert output.mode == "upsert"


def test_autocommit_holds_at_once(shop: Engine) -> None:
    """An engine in autocommit has no transaction that could be rolled back."""
    engine = shop.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(U.delete())
        assert shop.found.written() == [shop.named("u")]


def test_rows_are_of_their_statement(shop: Engine) -> None:
    """What a result gives has its origin, by position and by name, in pieces too."""
    query = sa.select(T.c.k, (T.c.a + 1).label("s")).order_by(T.c.k)
    with shop.engine.connect() as connection:
        for fetched in (
            connection.execute(query).fetchall(),
            connection.execute(query).all(),
            connection.execute(query).fetchmany(1),
            connection.execute(query).mappings().all(),
        ):
            origin = origin_of(fetched)
            assert origin is not None
            assert list(origin.columns or ()) == ["k", "s"]
        assert origin_of(connection.execute(query).scalars().all()) is None


def test_an_upsert_of_a_dialect(shop: Engine) -> None:
    """INSERT … ON CONFLICT, as the dialects have it."""
    dialect = sqlite if shop.prefix == "main." else postgresql
    with shop.engine.begin() as connection:
        made = dialect.insert(U).from_select(["k", "c"], sa.select(T.c.k, T.c.a).where(T.c.k > 0))
        connection.execute(
            made.on_conflict_do_update(index_elements=["k"], set_={"c": made.excluded.c + U.c.c})
        )
    t, u = shop.named("t"), shop.named("u")
    output = shop.found.outputs()[u]
    assert (output.mode, output.inputs) == ("upsert", [t, u])
    assert output.columns == {
        "k": [f"{t}.k IDENTITY"],
        "c": [f"{t}.a IDENTITY", f"{t}.a TRANSFORMATION", f"{u}.c TRANSFORMATION"],
    }


def test_an_async_engine(postgres: str, tmp_path: Path) -> None:
    """It is an engine like others; its driver is observed in its coroutines."""
    emptied(postgres)
    patches = Patches()
    adapter.install(sa, patches)
    psycopg_adapter.install(psycopg, patches)

    async def work() -> None:
        engine = create_async_engine(postgres.replace("postgresql:", "postgresql+psycopg:"))
        async with engine.begin() as connection:
            await connection.run_sync(SHOP.create_all)
            await connection.execute(U.insert().from_select(["k", "c"], sa.select(T.c.k, T.c.a)))
            fetched = (await connection.execute(sa.select(U.c.c, U.c.k))).all()
            assert fetched == [] and origin_of(fetched) is None
        async with engine.connect() as connection:
            await connection.execute(T.insert(), {"k": 1})
            rows = (await connection.execute(sa.select(T.c.k))).all()
            origin = origin_of(rows)
            assert origin is not None and list(origin.columns or ()) == ["k"]
        await engine.dispose()

    try:
        with recording(tmp_path) as found, headwater.run("job") as found.run:
            asyncio.run(work())
    finally:
        patches.undo()
    output = found.outputs()["shop.public.u"]
    assert output.columns == {"k": ["shop.public.t.k IDENTITY"], "c": ["shop.public.t.a IDENTITY"]}
    assert found.outputs()["shop.public.t"].columns == {}
    (t,) = [one for one in found.last()["outputs"] if one["name"] == "shop.public.t"]
    assert t["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"


@pytest.mark.slow
def test_pandas_over_an_engine(launch: Launch, project: Path, postgres: str) -> None:
    """read_sql and to_sql lead from files through tables to files, column by column."""
    url = postgres.replace("postgresql:", "postgresql+psycopg:")
    done = launch(f"""
import pandas as pd
from sqlalchemy import create_engine
engine = create_engine({url!r})
pd.read_csv("a.csv").rename(columns={{"x": "y"}}).to_sql(
    "new", engine, index=False, if_exists="replace")
pd.read_sql("SELECT y + 1 AS z FROM new", engine).to_csv("o.csv", index=False)
""")  # noqa: S608
    assert (done.returncode, done.stderr) == (0, "")
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs["shop.public.new"].columns == {"y": ["a.csv.x IDENTITY"]}
    assert outputs["shop.public.new"].inputs == ["a.csv"]
    assert outputs["o.csv"] == Output(
        ["shop.public.new"], {"z": ["shop.public.new.y TRANSFORMATION"]}, []
    )
