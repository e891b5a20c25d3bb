"""Columns through transformers: which of the file went into which that came out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.conftest import names
from tests.capture.test_launching import Launch, launch
from tests.capture.test_objects import run
from tests.capture.test_pandas import written

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports scikit-learn in a process of its own

LOAD = """
import warnings
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import *
warnings.simplefilter("ignore")
a = pd.read_csv("a.csv")
X, kinds, gaps = a[["x", "z"]], a[["kind"]], a[["x", "gap", "none"]]
def keep(name, transformer, data):
    made = transformer.set_output(transform="pandas").fit(data, a["late"]).transform(data)
    made.columns = [str(i) for i in range(made.shape[1])]
    made.to_csv(name + ".csv", index=False)
"""
HOT = "OneHotEncoder(sparse_output=False)"
MIXED = (
    f"ColumnTransformer([('kind', {HOT}, ['kind']), ('gone', 'drop', ['z']),"
    " ('scaled', make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),"
    " ['gap', 'x'])],"
    " remainder='passthrough')"
)

CASES: dict[str, tuple[str, str, list[list[str]]]] = {
    "scaled": ("StandardScaler()", "X", [["x"], ["z"]]),
    "hot": (HOT, "kinds", [["kind"], ["kind"], ["kind"]]),
    "hot_but_first": (
        "OneHotEncoder(sparse_output=False, drop='first')",
        "a[['kind', 'late']]",
        [["kind"], ["kind"], ["late"]],
    ),
    "powers": ("PolynomialFeatures(2)", "X", [[], ["x"], ["z"], ["x"], ["x", "z"], ["z"]]),
    "chosen": ("SelectKBest(k=1)", "a[['z', 'late']]", [["late"]]),
    "varied": ("VarianceThreshold()", "a[['x', 'same', 'z']]", [["x"], ["z"]]),
    "filled": ("SimpleImputer(add_indicator=True)", "gaps", [["x"], ["gap"], ["gap"], ["none"]]),
    "projected": ("PCA(2)", "a[['x', 'z', 'late']]", [["late", "x", "z"], ["late", "x", "z"]]),
    "binned": ("KBinsDiscretizer(2, encode='onehot-dense')", "X", [["x"], ["x"], ["z"], ["z"]]),
    "united": (
        "FeatureUnion([('s', StandardScaler()), ('p', PCA(1)), ('d', 'drop')])",
        "X",
        [["x"], ["z"], ["x", "z"]],
    ),
    "in_turn": (
        "make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False),"
        " SelectKBest(k=5))",
        "X",
        [["x"], ["z"], ["x"], ["x", "z"], ["z"]],
    ),
    "mixed": (
        MIXED,
        "a[['z', 'kind', 'x', 'gap', 'late']]",
        [["kind"], ["kind"], ["kind"], ["gap"], ["x"], ["gap"], ["late"]],
    ),
    "by_function": (
        "ColumnTransformer([('f', FunctionTransformer(lambda x: x), ['x']),"
        " ('s', MinMaxScaler(), ['z'])])",
        "X",
        [[], ["z"]],
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a table of numbers, kinds and gaps."""
    folder = tmp_path / "project"
    folder.mkdir()
    rows = "".join(
        f"{i},{i * i % 7},{'abc'[i % 3]},{i if i % 4 else ''},,1,{int(i % 5 > 2)}\n"
        for i in range(40)
    )
    (folder / "a.csv").write_text("x,z,kind,gap,none,same,late\n" + rows)
    return folder


def test_columns_are_followed_through_transformers(launch: Launch, project: Path) -> None:
    """One by one where the transformer tells; of functions of the program, not at all."""
    calls = "".join(f"keep('{name}', {how}, {data})\n" for name, (how, data, _) in CASES.items())
    run(launch, LOAD + calls)
    for name, (_, _, expected) in CASES.items():
        fields = written(project, f"{name}.csv")["columnLineage"]["fields"]
        found = [
            sorted(
                one["field"]
                for one in fields.get(str(place), {}).get("inputFields", ())
                if names([one]) == ["a.csv"]
            )
            for place in range(len(expected))
        ]
        assert found == expected, name
        assert str(len(expected)) not in fields, name
