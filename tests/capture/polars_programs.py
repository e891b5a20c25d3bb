"""Programs of polars, made at random, that work: each step is tried as it is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars import selectors

from tests.capture.grammar import Choose, Grammar
from tests.capture.perturbing import Columns, Library, Tables, Values
from tests.capture.polars_grammar import RULES

TABLES: Final[Tables] = {
    "a.parquet": {
        "k": [1, 2, 2, 3, 1, 0],
        "x": [1.5, 2.0, None, 3.0, -1.0, 2.0],
        "z": [0, 1, 1, 2, 0, 3],
        "s": ["u", "v", "w", "u", None, "vw"],
        "l": [[1], [2, 3], [], [3, 0], [1, 1], [2]],
        "d": [1, 2, 4, 4, 5, 7],
    },
    "b.parquet": {
        "k": [1, 2, 3, 2],
        "x": [9.0, 8.0, 7.0, 9.0],
        "y": [5, 6, 5, 2],
        "s": ["u", "w", "v", "u"],
        "d": [0, 2, 3, 6],
    },
}
OTHERS: Final[dict[str, dict[str, list[list[Any]]]]] = {
    "a.parquet": {
        "k": [[2, 1, 3, 3, 0, 0], [1, 1, 1, 1, 1, 1], [5, 6, 7, 8, 9, 4]],
        "x": [[2.5, None, 1.0, 0.0, 7.0, -3.0], [1.0] * 6],
        "z": [[1, 0, 3, 2, 2, 0], [3, 3, 3, 3, 3, 3], [0, 0, 0, 1, 1, 1]],
        "s": [["w", "u", "u", "x", "y", None], ["u"] * 6],
        "l": [[[2], [1], [5, 5], [], [0, 1, 2], [7]], [[1, 2]] * 6],
        "d": [[1, 1, 2, 6, 6, 9], [0, 1, 2, 3, 4, 5], [9, 3, 1, 2, 7, 5]],
    },
    "b.parquet": {
        "k": [[2, 2, 1, 0], [1, 1, 1, 1], [7, 8, 9, 6]],
        "x": [[1.0, None, 2.0, 3.0], [5.0] * 4],
        "y": [[6, 2, 1, 0], [9, 9, 9, 9]],
        "s": [["w", "u", "u", None], ["v"] * 4],
        "d": [[1, 2, 5, 6], [4, 1, 6, 0]],
    },
}
_KINDS: Final[dict[str, Any]] = {
    "k": pl.Int64, "x": pl.Float64, "z": pl.Int64, "s": pl.String, "l": pl.List(pl.Int64),
    "d": pl.Int64, "y": pl.Int64,
}  # fmt: skip
_OF_KIND: Final = {
    "number": ("Int", "UInt", "Float"), "whole": ("Int64",), "text": ("String",),
    "list": ("List",), "struct": ("Struct",), "column": ("",),
}  # fmt: skip
ROWS_MAX: Final = 200


def others(file: str, column: str) -> Iterator[list[Any]]:
    """Give other values of a column."""
    yield from OTHERS[file][column]


def _frame(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame(dict(columns), schema={name: _KINDS[name] for name in columns})


def scope(given: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """The variables of a program."""
    return {"pl": pl, "cs": selectors, "c": pl.col, "__name__": "job", **given}


def _names(folder: Path) -> dict[str, Any]:
    def give(frame: Any, name: str) -> None:
        if isinstance(frame, pl.LazyFrame):
            frame.sink_parquet(folder / name)
        else:
            frame.write_parquet(folder / name)

    read = {name.partition(".")[0]: pl.read_parquet(folder / name) for name in TABLES}
    return scope(read) | {"give": give}


def _values(path: Path) -> Values:
    columns = pl.read_parquet(path).to_dict(as_series=False)
    return {name: [repr(one) for one in values] for name, values in columns.items()}


FAILURES: Final = (Exception, pl.exceptions.PanicException)
POLARS: Final = Library(
    ("polars",),
    lambda columns, path: _frame(columns).write_parquet(path),
    _names,
    _values,
    FAILURES,
)


def collected(frame: Any) -> Any:
    """The frame, its plan executed."""
    return frame.collect() if isinstance(frame, pl.LazyFrame) else frame


class Maker:
    """Makes a program step by step; `lines` are those that worked."""

    def __init__(self, choose: Choose) -> None:
        self.lines: list[str] = []
        self._choose = choose
        self._grammar = Grammar(RULES, self._given, choose)
        frames = {name.partition(".")[0]: _frame(table) for name, table in TABLES.items()}
        self._scope = scope(frames)
        self._names = ["a", "b"]
        self._frame = self._other = "a"

    def make(self, steps: int) -> list[str]:
        """Make a program, which gives its last frame."""
        for _ in range(steps):
            self._step()
        return [*self.lines, f'give({self._names[-1]}, "o.parquet")']

    def _step(self) -> None:
        last = self._names[-1]
        self._frame = str(self._choose([last, last, last, *self._names]))
        self._other = str(self._choose(self._names))
        name = f"v{len(self.lines)}"
        kind = "lazy" if self._is_lazy(self._frame) else "eager"
        line = f"{name} = {self._grammar.make(kind, 5)}"
        try:
            exec(line, self._scope)  # noqa: S102 (a program of the test)
            made = collected(self._scope[name])
            if not isinstance(made, pl.DataFrame) or made.width == 0 or made.height > ROWS_MAX:
                return
        except FAILURES:  # it does not go with these columns
            return
        self.lines.append(line)
        self._names.append(name)

    def _is_lazy(self, frame: str) -> bool:
        return isinstance(self._scope[frame], pl.LazyFrame)

    def _given(self, name: str) -> str:
        """A frame (`f`), another of its kind (`g`), or a column of either, by its type."""
        if name == "f":
            return self._frame
        if name == "g":
            if self._is_lazy(self._frame) == self._is_lazy(self._other):
                return self._other
            return self._other + (".lazy()" if self._is_lazy(self._frame) else ".collect()")
        frame = self._other if name.startswith("other_") else self._frame
        schema = self._scope[frame].collect_schema()
        if name == "shared":
            other = self._scope[self._other].collect_schema()
            return repr([one for one in schema if one in other])
        kinds = _OF_KIND[name.removeprefix("other_")]
        found = [n for n, kind in schema.items() if str(kind).startswith(kinds)]
        return repr(self._choose(found or list(schema)))
