"""Programs of pandas, put together at random of what real scripts do with frames.

Each statement is tried when it is drawn: one that raises is left out, so that what follows can look
at the frames that there are.
"""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tests.capture import pandas_operations as operations
from tests.capture.perturbing import Library, Others, Tables, Values

ROWS: Final = 9
"""Rows of each file."""
ROWS_MAX: Final = 120
COLUMNS_MAX: Final = 24

DOMAINS: Final[Mapping[str, Callable[[random.Random], Any]]] = {
    "key": lambda r: r.randrange(5),
    "kind": lambda r: r.choice("pqr"),
    "number": lambda r: r.choice([math.nan, *(float(n) for n in range(-6, 9))]),
    "count": lambda r: r.randrange(1, 30),
    "text": lambda r: r.choice(["ab c", "B-d", "x_1", "yy 2", None]),
    "day": lambda r: f"2024-{r.randrange(1, 13):02}-{r.randrange(1, 28):02}",
    "flag": lambda r: r.random() < 0.5,
}
SCHEMAS: Final[Mapping[str, Mapping[str, str]]] = {
    "a": {
        "k": "key",
        "g": "kind",
        "x": "number",
        "y": "number",
        "s": "text",
        "d": "day",
        "n": "count",
    },
    "b": {"k": "key", "h": "kind", "x": "number", "w": "number", "f": "flag"},
    "c": {"g": "kind", "v": "number", "n": "count", "t": "text"},
}


def tables(chance: random.Random) -> dict[str, dict[str, list[Any]]]:
    """Give files of random values."""
    return {
        f"{file}.pkl": {
            name: [DOMAINS[domain](chance) for _ in range(ROWS)] for name, domain in schema.items()
        }
        for file, schema in SCHEMAS.items()
    }


def others(chance: random.Random, tables: Tables) -> Others:
    """Give other values of a column: its own in another order, all new ones, and one new one."""

    def give(file: str, column: str) -> Iterator[list[Any]]:
        domain = DOMAINS[SCHEMAS[file.partition(".")[0]][column]]
        now = tables[file][column]
        yield [*now[1:], now[0]]
        yield [domain(chance) for _ in now]
        changed = [*now]
        changed[chance.randrange(len(now))] = domain(chance)
        yield changed
        yield [*reversed(now)]

    return give


# How a program is run


def _frame(columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(dict(columns))


def _names(folder: Path) -> dict[str, Any]:
    def read(name: str) -> pd.DataFrame:
        return pd.read_pickle(folder / f"{name}.pkl")  # noqa: S301

    def write(thing: Any, name: str) -> None:
        thing.to_pickle(folder / f"{name}.pkl")

    return {"pd": pd, "np": np, "read": read, "write": write}


def spelled(thing: Any) -> Values:
    """Spell the values of a frame or series, and of its index where it has names."""
    found: dict[str, list[str]] = {}
    index = thing.index
    for level, name in enumerate(index.names):
        if name is not None:
            found[str(name)] = [_spell(one) for one in index.get_level_values(level)]
    if thing.ndim == 1:
        columns = [("0" if thing.name is None else thing.name, thing)]  # as to_csv calls it
    else:
        columns = [(name, thing.iloc[:, at]) for at, name in enumerate(thing.columns)]
    for name, column in columns:
        found.setdefault(str(name), []).extend(_spell(one) for one in column.tolist())
    return found


def _spell(value: Any) -> str:
    if isinstance(value, (int, float, np.number, np.bool_)):
        return "nan" if value != value else f"{float(value):.9g}"
    if value is None or value is pd.NaT or value is pd.NA:
        return "nan"
    return repr(value)


PANDAS: Final = Library(
    ("pandas", "numpy"),
    lambda columns, path: _frame(columns).to_pickle(path),
    _names,
    lambda path: spelled(pd.read_pickle(path)),  # noqa: S301
)


# What programs are made of


class Draw:
    """What can be drawn while a program is written, of the variables that it has by then."""

    def __init__(self, chance: random.Random, variables: Mapping[str, Any]) -> None:
        self.chance = chance
        self.variables = variables
        self.deep = 0

    def of(self, some: Iterable[Any]) -> Any:
        """Give one of several; raises IndexError if there are none."""
        return self.chance.choice(list(some))

    def frame(self) -> str:
        """Name a frame."""
        return str(self.of(n for n, v in self.variables.items() if isinstance(v, pd.DataFrame)))

    def columns(self, frame: str, kind: str) -> list[Any]:
        """List the labels of columns of a kind: `c` all, numbers `x`, texts `t`, few values `g`."""
        held = self.variables[frame]
        return [label for at, label in enumerate(held.columns) if _is_kind(held.iloc[:, at], kind)]

    def fill(self, template: str, frame: str = "") -> str:
        """Put what is drawn in the places of a template."""
        known = {"f": frame or self.frame(), "o": self.frame()}

        def draw(found: re.Match[str]) -> str:
            what, number = found.groups()
            if what in known:
                return known[what]
            made = self.draw(what, known["f"], known["o"])
            if number:
                known[what + number] = made
            return made

        def place(found: re.Match[str]) -> str:
            return known.get(found[0].strip("<>")) or draw(found)

        return _MARK.sub(place, template)

    def draw(self, what: str, frame: str, other: str) -> str:
        """Draw what stands in one place."""
        if what in ("oc", "ox", "og", "OC", "OX"):
            return self.draw(what.lstrip("oO"), other, frame)
        if what in ("c", "x", "g", "t"):
            return repr(self.of(self.columns(frame, what)))
        if what in ("C", "X"):
            every = self.columns(frame, what.lower())
            return repr(self.chance.sample(every, self.chance.randint(1, len(every))))
        if what == "k":
            return repr(self.of({*self.columns(frame, "c")} & {*self.columns(other, "c")}))
        if what == "w":
            words = (one for one in self.columns(frame, "x") if str(one).isidentifier())
            return str(self.of(one for one in words if not hasattr(pd.DataFrame, one)))
        if what in _ALTERNATIVES:
            return repr(self.of(_ALTERNATIVES[what]))
        if what == "agged":
            return f"{self.of(operations.AGGREGATIONS)}()"
        return self.expression(what, frame, other)

    def expression(self, what: str, frame: str, other: str) -> str:
        """Draw an expression within another."""
        self.deep += 1
        templates = {
            "v": operations.VALUES if self.deep < 3 else ["<f>[<x>]"],
            "mask": operations.MASKS,
            "mask_o": operations.MASKS,
            "by": operations.GROUPINGS,
            "run": operations.RUNNING,
        }
        if what == "any":
            series = [n for n, v in self.variables.items() if isinstance(v, pd.Series)]
            if series and self.chance.random() < 0.5:
                return str(self.of(series))
            return self.expression("v", self.frame(), other)
        made = self.fill(self.of(templates[what]), other if what == "mask_o" else frame)
        self.deep -= 1
        return made if what in ("by", "run") else f"({made})"


_MARK: Final = re.compile(r"<([a-zA-Z_]+?)([12]?)>")
_ALTERNATIVES: Final[Mapping[str, Sequence[Any]]] = {
    "n": [0, 1, 2, 3, -1, 0.5, 5],
    "how": ["left", "inner", "outer", "right"],
    "new": ["u0", "u1", "v0", "v1", "z0"],
    "agg": operations.AGGREGATIONS,
}
_FEW: Final = 6


def _is_kind(column: Any, kind: str) -> bool:
    if kind == "c":
        return True
    if kind == "g":
        return bool(column.map(repr).nunique() <= _FEW)
    is_number = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
    return is_number if kind == "x" else pd.api.types.is_string_dtype(column) and not is_number


def statement(draw: Draw) -> str:
    """Draw a statement: half of them change a frame, the others make one."""
    dice, name = draw.chance.random(), draw.of(("f0", "f1", "f2", "f3"))
    if dice < 0.45:
        return draw.fill(draw.of(operations.CHANGES))
    if dice < 0.75:
        return f"{name} = {draw.fill(draw.of(operations.OF_ONE))}"
    if dice < 0.95:
        return f"{name} = {draw.fill(draw.of(operations.OF_TWO))}"
    return f"s{draw.chance.randrange(2)} = {draw.fill('<any>')}"


READS: Final = ("a = read('a')", "b = read('b')", "c = read('c')")


def program(chance: random.Random, tables: Tables, statements: int = 6) -> list[str]:
    """Give the statements of a program that runs on these tables."""
    names = {"pd": pd, "np": np, "read": lambda name: _frame(tables[f"{name}.pkl"])}
    lines = [*READS]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec("\n".join(READS) + "\nm = 1", names)  # noqa: S102
        lines.append("m = 1")
        made: list[str] = []
        tries = 0
        while len(lines) < len(READS) + 1 + statements and tries < 12 * statements:
            tries += 1
            before = {
                n: v.copy() if isinstance(v, (pd.DataFrame, pd.Series)) else v
                for n, v in names.items()
            }
            variables = {n: v for n, v in names.items() if isinstance(v, (pd.DataFrame, pd.Series))}
            try:
                line = statement(Draw(chance, variables))
                exec(line, names)  # noqa: S102
            except Exception:
                names = before
                continue
            found = [v for v in names.values() if isinstance(v, (pd.DataFrame, pd.Series))]
            if any(len(v) > ROWS_MAX or (v.ndim == 2 and v.shape[1] > COLUMNS_MAX) for v in found):
                names = before
                continue
            lines.append(line)
            changed = [
                n
                for n, v in names.items()
                if isinstance(v, (pd.DataFrame, pd.Series))
                and not (
                    n in before
                    and isinstance(before[n], type(v))
                    and v.equals(before[n])
                    and (v.ndim == 1 or v.columns.equals(before[n].columns))
                )
            ]
            made = [n for n in made if n not in changed] + changed
    made = [name for name in made if isinstance(names.get(name), (pd.DataFrame, pd.Series))]
    return [*lines, *(f"write({name}, 'o{at}')" for at, name in enumerate(made[-3:]))]
