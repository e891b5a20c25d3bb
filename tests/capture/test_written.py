"""Lists and dicts of plain values: those that the source writes out are told from computed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.conftest import Launch, last

MODULE = """
import pandas as pd, polars as pl
KINDS = ["p", "q"]
GROWN = ["p"]
GROWN.append("q")
class Names:
    KEPT = {"p": "z"}
a = pd.read_csv("a.csv")
"""

WRITTEN = {
    "in the call": "o = a[a.x.isin([1, 2])]",
    "by a name of the module": "o = a[a.x.isin(KINDS)]",
    "by that name, in a function": "def f():\n    return a[a.x.isin(KINDS)]\no = f()",
    "with backslashes that mean themselves": r"""
o = a[a.x.isin(["\d", r"\d", R'''\"\'''', "\\\z"])]""",
    "over several lines": 'o = a[\n  a.x.isin(\n    [\n      "ä",\n      1,\n    ]\n  )\n]',
}
WRITTEN_FOR_POLARS = {
    "in the expression": "o = p.filter(pl.col('x').is_in([1, 2]))",
    "in an expression before": "e = pl.col('x').is_in({1, 2}); o = p.filter(e)",
    "as a dict": "o = p.with_columns(y=pl.col('x').replace({1: 5}))",
    "by a name of the module": "o = p.with_columns(y=pl.col('x').cast(str).is_in(KINDS))",
}
COMPUTED_FOR_POLARS = {
    "a list": "o = p.filter(pl.col('x').is_in(p['x'].to_list()))",
    "a list that is written out elsewhere": "pl.col('x').is_in([1]);"
    " o = p.filter(pl.col('x').is_in(p['x'].to_list()))",
    "a dict": "o = p.with_columns(y=pl.col('x').replace(dict(zip(p['x'], p['x']))))",
}
COMPUTED = {
    "columns beside a list of as many": 'o = pd.DataFrame([a.x, a.x], index=["p", "q"])',
    "a name that the module assigns and changes": "o = a[a.x.isin(GROWN)]",
    "a name of the function": 'def f(KINDS):\n    return a[a.x.isin(KINDS)]\no = f(["p", "z"])',
    "a list of the same values as another": "k = [1]; k += [2]; o = a[a.x.isin(k)]",
    "a part of what is in the call": "o = a[a.x.isin([1] + [2])]",
    "a list of the same values as another call is given": """
k = [1]; k += [2]; o = a[a.x.isin([1, 2]).isin(k)]""",
    "a list of the same values as a call within is given": """
def same(k): return sorted(k)
o = a[a.x.isin(same([1, 2]))]""",
    "a list that a library makes": "o = a[a.x.isin(a.x.tolist())]",
}


def is_exact(launch: Launch, project: Path, code: str) -> bool:
    """Whether it is said what the output `o` came from, and that it was nothing else."""
    code = f"{MODULE}p = pl.read_csv('a.csv')\n{code}\n"
    done = launch(f"{code}o.to_csv('o.csv') if hasattr(o, 'index') else o.write_csv('o.csv')\n")
    assert done.returncode == 0
    (output,) = [one for one in last(project, "job")["outputs"] if one["name"].endswith("o.csv")]
    return "lineage" in output["facets"]


@pytest.mark.parametrize("what", WRITTEN)
def test_what_is_written_out_is_of_nothing(launch: Launch, project: Path, what: str) -> None:
    """In the call itself, or once in the module, whose names may be used anywhere in it."""
    assert is_exact(launch, project, WRITTEN[what])


@pytest.mark.parametrize("what", COMPUTED)
def test_what_is_computed_may_be_of_anything(launch: Launch, project: Path, what: str) -> None:
    """Whatever values it holds: those may be typed in elsewhere by chance."""
    assert not is_exact(launch, project, COMPUTED[what])


@pytest.mark.parametrize("what", WRITTEN_FOR_POLARS)
def test_so_it_is_in_expressions(launch: Launch, project: Path, what: str) -> None:
    """Which polars plans without a trace of where a list stood."""
    assert is_exact(launch, project, WRITTEN_FOR_POLARS[what])


@pytest.mark.parametrize("what", COMPUTED_FOR_POLARS)
def test_what_is_computed_for_expressions_may_be_of_anything(
    launch: Launch, project: Path, what: str
) -> None:
    """Also where a list of the same values is written out elsewhere."""
    assert not is_exact(launch, project, COMPUTED_FOR_POLARS[what])
