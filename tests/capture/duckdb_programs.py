"""Programs of DuckDB, made at random, that work: each step is tried as it is made."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
from pyarrow.parquet import core as pq

from tests.capture.duckdb_grammar import RULES
from tests.capture.grammar import Grammar
from tests.capture.perturbing import Columns, Library, Tables, Values

TABLES: Final[Tables] = {
    "a.parquet": {
        "i": [0, 1, 2, 3, 4, 5],
        "k": [1, 2, 2, 3, 1, 0],
        "x": [1.5, 2.0, None, 3.0, -1.0, 2.0],
        "s": ["u", "v", "w", "u", None, "vw"],
        "l": [[1], [2, 3], [], [3, 0], [1, 1], [2]],
        "t": [{"f1": n % 4, "f2": n / 2} for n in (3, 1, 4, 1, 5, 9)],
    },
    "b.parquet": {
        "k": [1, 2, 3, 2],
        "y": [5, 6, 5, 2],
        "s": ["u", "w", "v", "u"],
    },
    "c.csv": {"i": [0, 2, 3, 3], "z": [2, 0, 1, 7], "x": [0.5, 2.0, 2.0, 4.0]},
}
OTHERS: Final[Mapping[str, list[list[Any]]]] = {
    "a.parquet.i": [[9, 7, 5, 3, 1, 0], [2, 3, 4, 5, 6, 8]],
    "a.parquet.k": [[2, 1, 3, 3, 0, 0], [1] * 6, [5, 6, 7, 8, 9, 4]],
    "a.parquet.x": [[2.5, None, 1.0, 0.0, 7.0, -3.0], [1.0] * 6],
    "a.parquet.s": [["w", "u", "u", "x", "y", None], ["u"] * 6],
    "a.parquet.l": [[[2], [1], [5, 5], [], [0, 1, 2], [7]], [[1, 2]] * 6],
    "a.parquet.t": [[{"f1": n % 3, "f2": float(n)} for n in (2, 7, 1, 8, 2, 8)]],
    "b.parquet.k": [[2, 2, 1, 0], [1, 1, 1, 1], [7, 8, 9, 6]],
    "b.parquet.y": [[6, 2, 1, 0], [9, 9, 9, 9]],
    "b.parquet.s": [["w", "u", "u", None], ["v"] * 4],
    "c.csv.i": [[5, 4, 1, 0], [2, 2, 2, 2]],
    "c.csv.z": [[1, 1, 3, 2], [0, 5, 0, 2]],
    "c.csv.x": [[9.5, 0.0, 1.5, 2.0], [3.5] * 4],
}
_KINDS: Final[Mapping[str, Any]] = {
    "i": pa.int64(), "k": pa.int64(), "x": pa.float64(), "s": pa.string(), "y": pa.int64(),
    "l": pa.list_(pa.int64()), "z": pa.int64(),
    "t": pa.struct([("f1", pa.int64()), ("f2", pa.float64())]),
}  # fmt: skip
SOURCES: Final = (
    "con.execute(f\"create view <n> as from '<p>'\")",
    "con.execute(f\"create temp table <n> as select * from '<p>'\")",
    "con.execute(f\"create table <n> as from read_<r>('<p>')\")",
    "<n> = con.read_<r>(f'<p>')",
    "<n> = con.sql(f\"select * from '<p>'\")",
    "<n> = pd.read_<r>(f'<p>')",
    "<n> = pl.read_<r>(f'<p>')",
    "<n> = pl.scan_<r>(f'<p>')",
    "con.register('<n>', pd.read_<r>(f'<p>'))",
)
"""Ways in which a file comes into a program."""
ENDS: Final = (
    "con.execute(f\"copy (from <n>) to '{d}/o.parquet'\")",
    'con.sql("from <n>").write_parquet(f"{d}/o.parquet")',
    'con.sql("select * from <n>").df().to_parquet(f"{d}/o.parquet")',
    'pq.write_table(con.sql("from <n>").to_arrow_table(), f"{d}/o.parquet")',
    'con.sql("from <n>").pl().write_parquet(f"{d}/o.parquet")',
)
_OF_KIND: Final = {
    "number": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "UBIGINT"),
    "text": ("VARCHAR",), "list": ("BIGINT[]",), "struct": ("STRUCT(f1 ",), "column": ("",),
}  # fmt: skip
ROWS_MAX: Final = 200


def others(file: str, column: str) -> Iterator[list[Any]]:
    """Give other values of a column."""
    yield from OTHERS[f"{file}.{column}"]


def _store(columns: Columns, path: Path) -> None:
    table = pa.table({name: pa.array(held, _KINDS[name]) for name, held in columns.items()})
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pq.write_table(table, path)


def _names(folder: Path) -> dict[str, Any]:
    con = duckdb.connect(config={"threads": 1})
    return {"con": con, "d": str(folder), "pd": pd, "pl": pl, "pq": pq, "__name__": "job"}


def _values(path: Path) -> Values:
    table = pq.read_table(path)
    return {
        name: [_spell(one) for one in column.to_pylist()]
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def _spell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, list):
        return f"[{', '.join(_spell(one) for one in value)}]"
    return repr(value)


DUCKDB: Final = Library(
    ("pandas", "pyarrow", "pyarrow.parquet.core", "polars", "duckdb"), _store, _names, _values
)


class Maker:
    """Makes a program step by step; `lines` are those that worked."""

    def __init__(self, chance: random.Random) -> None:
        self.lines: list[str] = []
        self._chance = chance
        self._grammar = Grammar(RULES, self._given, chance.choice)
        self._columns: dict[str, dict[str, str]] = {}
        self._f = self._g = self._new = ""

    def make(self, steps: int) -> str:
        """Make a program, which gives the last of what it makes."""
        folder = Path(tempfile.mkdtemp(prefix="duckdb"))
        try:
            for name, columns in TABLES.items():
                _store(columns, folder / name)
            self._scope = _names(folder)
            for name in TABLES:
                source = self._chance.choice(SOURCES).replace("<n>", name[0])
                line = source.replace("<p>", f"{{d}}/{name}").replace("<r>", name[2:])
                self._take(line, name[0])
            for number in range(3 * steps):
                if len(self.lines) < len(TABLES) + steps:
                    self._step(f"v{number}")
            last = list(self._columns)[-1]
            return "\n".join([*self.lines, self._chance.choice(ENDS).replace("<n>", last)])
        finally:
            shutil.rmtree(folder)

    def _step(self, new: str) -> None:
        made = list(self._columns)
        self._f = self._chance.choice([made[-1]] * 2 + made)
        self._g = self._chance.choice(made)
        self._new = new
        try:
            line = self._grammar.make("step", 6)
        except LookupError:  # there is no such column
            return
        self._take(line, new)

    def _take(self, line: str, new: str) -> None:
        self._scope["seen"] = new
        try:
            exec(line, self._scope)  # noqa: S102
            exec("told = con.sql(f'select * from {seen}'); rows = told.fetchall()", self._scope)  # noqa: S102
        except Exception:  # it does not go with these columns
            self._scope.pop(new, None)
            return
        told, rows = self._scope["told"], len(self._scope["rows"])
        names = [str(name) for name in told.columns]
        if not 0 < rows <= ROWS_MAX or len({name.casefold() for name in names}) < len(names):
            return
        self.lines.append(line)
        self._columns[new] = dict(zip(names, map(str, told.types), strict=True))

    def _given(self, name: str) -> str:
        """The tables of a step (`f`, `g`, `new`), or a column of one, by its type."""
        if name in ("f", "g", "new"):
            return {"f": self._f, "g": self._g, "new": self._new}[name]
        columns = self._columns[self._g if name.startswith("g_") else self._f]
        if name == "shared":
            other = self._columns[self._g]
            return self._chance.choice([one for one in columns if one in other])
        if name == "raw":
            return self._chance.choice(list(columns))
        kinds = _OF_KIND[name.removeprefix("g_")]
        found = [one for one, kind in columns.items() if kind.startswith(kinds)]
        chosen = self._chance.choice(found)
        return chosen if chosen.isidentifier() else f'\\"{chosen}\\"'
