"""Estimators of scikit-learn: what they learned from, and what came of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headwater.openlineage import admit
from headwater.shipping.streams import streams
from tests.capture.conftest import environment, events, last, names
from tests.capture.test_launching import Launch, launch, lineage
from tests.capture.test_objects import run
from tests.capture.test_pandas import inputs, written
from tests.capture.test_runs import NOW

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports scikit-learn in a process of its own

LOAD = """
import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
a, other = pd.read_csv("a.csv"), pd.read_csv("b.csv")
X, y = a[["x", "z"]], a["late"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a table to learn from, and one to ask about."""
    folder = tmp_path / "project"
    folder.mkdir()
    rows = "".join(f"{i},{i * i % 7},{int(i % 5 > 2)}\n" for i in range(40))
    (folder / "a.csv").write_text("x,z,late\n" + rows)
    (folder / "b.csv").write_text("x,z\n1,2\n3,4\n")
    return folder


Said = list[tuple[str, str, str, str]]


def fields(said: list[dict[str, Any]]) -> Said:
    """Columns that something came from: file, column, type and subtype."""
    return sorted(
        (Path(one["name"]).name, one["field"], how["type"], how["subtype"])
        for one in said
        for how in one["transformations"]
    )


def made_of(project: Path, name: str = "o.csv") -> dict[str, Said]:
    """What the columns of a file came from."""
    told = written(project, name)["columnLineage"]["fields"]
    return {column: fields(one["inputFields"]) for column, one in told.items()}


def learned(facets: dict[str, Any]) -> list[str]:
    """The columns that a model learned from, and nothing else came from."""
    assert facets["columnLineage"]["fields"] == {}
    told = fields(facets["columnLineage"]["dataset"])
    assert {one[2:] for one in told} == {("INDIRECT", "TRAINING")}
    return [f"{file}#{column}" for file, column, _, _ in told]


def training(project: Path, name: str = "m.joblib") -> dict[str, Any]:
    """How a model is said to have been trained."""
    facet = dict(written(project, name)["headwater_training"])
    return {key: value for key, value in facet.items() if not key.startswith("_")}


def test_a_column_of_predictions_is_of_what_was_learned_and_asked(
    launch: Launch, project: Path
) -> None:
    """Of what was learned by way of training. So it is with arrays of several columns in between.

    Of an array that nobody knows, nothing is said.
    """
    run(
        launch,
        f"{LOAD}from sklearn.preprocessing import StandardScaler\n"
        "model = LogisticRegression().fit(X, y)\n"
        "other['late'] = model.predict(other[['x', 'z']])\n"
        "other['risk'] = model.predict_proba(other[['x', 'z']])[:, 1]\n"
        "other.to_csv('o.csv', index=False)\n"
        "scaler = StandardScaler().fit(X)\n"
        "A, B, c, d = train_test_split(scaler.transform(X), y, random_state=1)\n"
        "plain = LogisticRegression().fit(A, c)\n"
        "more = pd.read_csv('b.csv')\n"
        "rows = more[['x', 'z']].to_numpy()\n"
        "more['late'] = plain.predict(scaler.transform(more))\n"
        "more['risk'] = LogisticRegression().fit(X.to_numpy(), y).predict(rows)\n"
        "more['none'] = plain.predict(np.exp(rows))\n"
        "more.to_csv('p.csv', index=False)\n",
    )
    sources = [
        *(("a.csv", name, "INDIRECT", "TRAINING") for name in ("late", "x", "z")),
        *(("b.csv", name, "DIRECT", "TRANSFORMATION") for name in ("x", "z")),
    ]
    made, by_arrays = made_of(project), made_of(project, "p.csv")
    assert made["late"] == made["risk"] == sources
    assert by_arrays["late"] == by_arrays["risk"] == sources
    assert [*by_arrays] == ["x", "z", "late", "risk"]
    assert inputs(project) == ["a.csv", "b.csv"]


def test_a_feature_of_no_column_is_told_from_one_that_is_not_known(
    launch: Launch, project: Path
) -> None:
    """The program wrote the one itself; the other is of a list, which may be of anything."""
    run(
        launch,
        f"{LOAD}"
        "a['bias'] = 1.0\n"
        "joblib.dump(LogisticRegression().fit(a[['x', 'bias']], y), 'm.joblib')\n"
        "a['size'] = [len(str(value)) for value in a['x']]\n"
        "joblib.dump(LogisticRegression().fit(a[['x', 'size']], y), 'n.joblib')\n",
    )
    told = [written(project, name)["headwater_features"] for name in ("m.joblib", "n.joblib")]
    assert [one["features"] for one in told] == [{"x": ["x"], "bias": []}, {"x": ["x"], "size": []}]
    assert [one.get("sourceless") for one in told] == [["bias"], None]


def test_a_saved_model_tells_how_it_was_made(launch: Launch, project: Path) -> None:
    """Its data, class, parameters, seeds, split, label, features; and what was measured by then."""
    run(
        launch,
        f"{LOAD}from sklearn.metrics import accuracy_score\n"
        "A, B, c, d = train_test_split(X, y, test_size=0.25, random_state=3, stratify=y)\n"
        "model = LogisticRegression(C=0.5, random_state=7).fit(A, c)\n"
        'joblib.dump(model, "m.joblib")\n'
        "model.score(A, c)\n"
        "accuracy_score(d, model.predict(B))\n",
    )
    folder = project / ".headwater" / "spool"
    bodies = [event for stream in streams(folder) for event in stream.events()]
    assert {admit.parse(body, strict=True, now=NOW).warnings for body in bodies} == {()}
    facets = written(project, "m.joblib")
    assert facets["datasetType"]["datasetType"] == "MODEL"
    assert inputs(project, "m.joblib") == ["a.csv"]
    assert lineage(project) == (["a.csv", "b.csv"], ["m.joblib"])
    assert learned(facets) == ["a.csv#late", "a.csv#x", "a.csv#z"]
    told = training(project)
    assert told["estimator"] == "sklearn.linear_model.LogisticRegression"
    assert told["hyperparameters"]["C"] == 0.5
    assert told["seeds"] == {"random_state": 7}
    assert told["splits"] == {
        "part": "train", "train": 30, "test": 10, "random_state": 3, "shuffle": True,
        "stratified": True,
    }  # fmt: skip
    assert told["labelSource"] == "late"
    assert sorted(told["metrics"]) == ["test_accuracy_score", "train_score"]
    assert facets["headwater_features"]["features"] == {"x": ["x"], "z": ["z"]}
    assert "sourceless" not in facets["headwater_features"]


PREDICTIONS = {
    "array": 'np.savetxt("p.csv", model.predict(other))',
    "column": 'other["p"] = model.predict(other)\nother.to_csv("p.csv")',
    "assigned": 'other.assign(p=model.predict_proba(other)[:, 1]).to_csv("p.csv")',
    "frame": 'pd.DataFrame({"x": other["x"], "p": model.predict(other)}).to_csv("p.csv")',
    "series": 'pd.Series(model.predict(other), name="p").to_csv("p.csv")',
}


@pytest.mark.parametrize("how", PREDICTIONS)
def test_predictions_come_from_the_model_and_the_data(
    launch: Launch, project: Path, how: str
) -> None:
    """Of a model that was loaded from a file: that file, and what was asked about."""
    run(launch, f'{LOAD}joblib.dump(LogisticRegression().fit(X, y), "m.joblib")\n', "train.py")
    run(launch, f'{LOAD}model = joblib.load("m.joblib")\n{PREDICTIONS[how]}\n')
    assert inputs(project, "p.csv") == ["b.csv", "m.joblib"]
    assert lineage(project) == (["a.csv", "b.csv", "m.joblib"], ["p.csv"])
    if how != "array":
        assert made_of(project, "p.csv")["p"] == [
            *(("b.csv", name, "DIRECT", "TRANSFORMATION") for name in ("x", "z")),
            ("m.joblib", "*", "DIRECT", "TRANSFORMATION"),
        ]
    made = last(project, "train")["outputs"][0]["facets"]["headwater_digest"]["value"]
    read = [one for one in last(project, "job")["inputs"] if one["name"].endswith("m.joblib")]
    assert read[0]["facets"]["headwater_digest"]["value"] == made


def test_a_model_that_goes_on_learning_is_of_all_that_it_learned(
    launch: Launch, project: Path
) -> None:
    """By `partial_fit`, here and after it was loaded; stored again, it is the same as a whole."""
    run(
        launch,
        f"{LOAD}from sklearn.linear_model import SGDClassifier\n"
        "model = SGDClassifier().partial_fit(X, y, classes=[0, 1])\n"
        'joblib.dump(model, "m.joblib")\n',
        "train.py",
    )
    run(
        launch,
        f'{LOAD}model = joblib.load("m.joblib")\njoblib.dump(model, "again.joblib")\n'
        'model.partial_fit(other[["x", "z"]], other["x"] > 2)\njoblib.dump(model, "more.joblib")\n',
    )
    again = fields(written(project, "again.joblib")["columnLineage"]["dataset"])
    assert again == [("m.joblib", "*", "DIRECT", "IDENTITY")]
    more = fields(written(project, "more.joblib")["columnLineage"]["dataset"])
    assert more == [
        *(("b.csv", name, "INDIRECT", "TRAINING") for name in ("x", "z")),
        ("m.joblib", "*", "DIRECT", "IDENTITY"),
    ]


def test_a_column_that_is_called_as_the_whole_is_stays_apart(launch: Launch, project: Path) -> None:
    """Nothing is said of `*`, which would pass for all of the file; the others are exact."""
    (project / "star.csv").write_text("*,x\n1,2\n3,4\n")
    run(
        launch,
        f"{LOAD}star = pd.read_csv('star.csv')\nstar['y'] = star['*'] + 1\n"
        'star.to_csv("o.csv", index=False)\n',
    )
    assert made_of(project) == {"x": [("star.csv", "x", "DIRECT", "IDENTITY")]}
    assert written(project)["columnLineage"]["dataset"] == []


def test_data_by_name_is_data(launch: Launch, project: Path) -> None:
    """Features, label and weights given by keyword are learned of like those given by place."""
    run(
        launch,
        f"{LOAD}"
        "model = LogisticRegression().fit(X=a[['x']], y=y, sample_weight=a['z'])\n"
        'joblib.dump(model, "m.joblib")\n',
    )
    assert learned(written(project, "m.joblib")) == ["a.csv#late", "a.csv#x", "a.csv#z"]
    assert training(project)["labelSource"] == "late"


def test_nothing_is_said_of_what_a_model_learned_of_unknown_columns(
    launch: Launch, project: Path
) -> None:
    """It learned of what numpy computed, as well as of a label that is known."""
    run(launch, f'{LOAD}joblib.dump(LogisticRegression().fit(np.exp(X.values), y), "m.joblib")\n')
    assert "columnLineage" not in written(project, "m.joblib")


def test_a_loaded_model_is_measured_by_the_run(launch: Launch, project: Path) -> None:
    """Whoever evaluates what another run trained says so itself."""
    run(launch, f'{LOAD}joblib.dump(LogisticRegression().fit(X, y), "m.joblib")\n', "train.py")
    run(
        launch,
        f'{LOAD}from sklearn.metrics import *\nmodel = joblib.load("m.joblib")\n'
        "roc_auc_score(y, model.predict_proba(X)[:, 1])\n",
    )
    assert list(last(project, "job")["run"]["facets"]["headwater_training"]["metrics"]) == [
        "roc_auc_score"
    ]


def test_several_loaded_models_are_measured_each_for_itself(launch: Launch, project: Path) -> None:
    """What one run measures of the models of two files stands under their names, kept or not."""
    code = (
        'joblib.dump(LogisticRegression(C=1e-9).fit(X, y), "one.joblib")\n'
        'joblib.dump(LogisticRegression().fit(X, y), "two.joblib")\n'
    )
    run(launch, LOAD + code, "train.py")
    done = launch(
        f"{LOAD}from sklearn.metrics import *\nsaid = {{}}\n"
        'for name in "one.joblib", "two.joblib":\n'
        "    chance = joblib.load(name).predict_proba(X)[:, 1]\n"
        "    said[name] = roc_auc_score(y, chance)\n"
        "print(said)\n",
    )
    metrics = last(project, "job")["run"]["facets"]["headwater_training"]["metrics"]
    assert repr(metrics["roc_auc_score"]) == done.stdout.strip()
    kinds = {
        Path(one["name"]).name: one["facets"]["datasetType"]["datasetType"]
        for one in last(project, "job")["inputs"]
    }
    assert kinds == {"a.csv": "FILE", "b.csv": "FILE", "one.joblib": "MODEL", "two.joblib": "MODEL"}


def test_a_model_without_a_split_tells_on_how_many_rows_it_learned(
    launch: Launch, project: Path
) -> None:
    """Forty rows that nobody split were all learned from."""
    run(launch, f'{LOAD}joblib.dump(LogisticRegression().fit(X, y), "m.joblib")\n')
    assert training(project)["splits"] == {"train": 40}


def test_a_pipeline_speaks_as_a_whole(launch: Launch, project: Path) -> None:
    """Its parameters are those of its steps; what is taken out of it came from the same data."""
    run(
        launch,
        f"{LOAD}from sklearn.compose import ColumnTransformer\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        'columns = ColumnTransformer([("s", StandardScaler(), ["x"])], remainder="passthrough")\n'
        "model = make_pipeline(columns, LogisticRegression(C=2)).fit(X, y)\n"
        'joblib.dump(model, "m.joblib")\n'
        'joblib.dump(model[-1], "last.joblib")\n'
        'np.save("p.npy", model.predict(other))\n',
    )
    told = training(project)
    assert told["estimator"] == "sklearn.pipeline.Pipeline"
    assert told["hyperparameters"]["logisticregression__C"] == 2
    assert inputs(project, "m.joblib") == inputs(project, "last.joblib") == ["a.csv"]
    assert inputs(project, "p.npy") == ["a.csv", "b.csv"]
    assert training(project, "last.joblib")["estimator"].endswith("LogisticRegression")


def test_transformed_frames_keep_their_columns(launch: Launch, project: Path) -> None:
    """Through a transformer that keeps each column in its place, by what it learned of that."""
    run(
        launch,
        f"{LOAD}from sklearn.preprocessing import StandardScaler\n"
        'scaler = StandardScaler().set_output(transform="pandas").fit(X)\n'
        'scaler.transform(other).to_csv("o.csv", index=False)\n',
    )
    assert inputs(project) == ["a.csv", "b.csv"]
    assert made_of(project) == {
        name: [
            ("a.csv", name, "INDIRECT", "TRAINING"),
            ("b.csv", name, "DIRECT", "TRANSFORMATION"),
        ]
        for name in ("x", "z")
    }


def test_what_was_learned_of_a_label_that_is_a_feature_too_is_of_it(
    launch: Launch, project: Path
) -> None:
    """Each column was encoded by the label, and weighed by the weights, whatever else these are."""
    run(
        launch,
        f"{LOAD}from sklearn.preprocessing import StandardScaler, TargetEncoder\n"
        'encoder = TargetEncoder(target_type="continuous").set_output(transform="pandas")\n'
        'encoder.fit(X, a["x"]).transform(other).to_csv("o.csv", index=False)\n'
        'scaler = StandardScaler().set_output(transform="pandas")\n'
        'scaler.fit(X, None, a["x"]).transform(other).to_csv("w.csv", index=False)\n',
    )
    made = {
        name: [
            *(("a.csv", one, "INDIRECT", "TRAINING") for one in sorted({"x", name})),
            ("b.csv", name, "DIRECT", "TRANSFORMATION"),
        ]
        for name in ("x", "z")
    }
    assert made_of(project) == made_of(project, "w.csv") == made


def test_what_goes_on_learning_learns_of_each_column_by_itself(
    launch: Launch, project: Path
) -> None:
    """A scaler that was fitted in parts learned of a column of each part, and of no other."""
    run(
        launch,
        f"{LOAD}from sklearn.preprocessing import StandardScaler\n"
        'scaler = StandardScaler().set_output(transform="pandas")\n'
        'scaler.partial_fit(X).partial_fit(pd.DataFrame({"x": other["z"], "z": other["x"]}))\n'
        'scaler.transform(X).to_csv("o.csv", index=False)\n'
        'joblib.dump(scaler, "m.joblib")\n',
    )
    assert made_of(project) == {
        name: [
            ("a.csv", name, "DIRECT", "TRANSFORMATION"),
            ("b.csv", turned, "INDIRECT", "TRAINING"),
        ]
        for name, turned in (("x", "z"), ("z", "x"))
    }
    told = written(project, "m.joblib")["headwater_features"]["features"]
    assert told == {"x": ["x", "z"], "z": ["x", "z"]}


def test_a_prediction_is_of_no_column_that_the_model_does_not_know(
    launch: Launch, project: Path
) -> None:
    """A pipeline that chooses its columns may be asked with others beside them."""
    run(
        launch,
        f"{LOAD}from sklearn.compose import make_column_transformer\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import MinMaxScaler\n"
        "parts = make_column_transformer((MinMaxScaler(), ['x']))\n"
        "model = make_pipeline(parts, LogisticRegression()).fit(a[['x']], y)\n"
        "other['late'] = model.predict(other)\n"
        'other.to_csv("o.csv", index=False)\n',
    )
    assert made_of(project)["late"] == [
        ("a.csv", "late", "INDIRECT", "TRAINING"),
        ("a.csv", "x", "INDIRECT", "TRAINING"),
        ("b.csv", "x", "DIRECT", "TRANSFORMATION"),
    ]


def test_what_is_made_by_row_is_of_all_of_a_row(launch: Launch, project: Path) -> None:
    """A norm is of all columns, although each of them keeps its place."""
    run(
        launch,
        f"{LOAD}from sklearn.preprocessing import Normalizer\n"
        'rows = Normalizer().set_output(transform="pandas").fit_transform(other)\n'
        'rows.to_csv("o.csv", index=False)\n',
    )
    both = [("b.csv", name, "DIRECT", "TRANSFORMATION") for name in ("x", "z")]
    assert made_of(project) == {"x": both, "z": both}


def test_columns_of_a_function_are_not_said_to_be_of_none(launch: Launch, project: Path) -> None:
    """Nobody knows what they are of; those beside them are known."""
    run(
        launch,
        f"{LOAD}from sklearn.compose import make_column_transformer\n"
        "from sklearn.preprocessing import FunctionTransformer, MinMaxScaler\n"
        "parts = make_column_transformer(\n"
        "    (FunctionTransformer(np.log1p), ['x']), (MinMaxScaler(), ['z']),\n"
        "    verbose_feature_names_out=False)\n"
        'parts.set_output(transform="pandas").fit_transform(other).to_csv("o.csv", index=False)\n',
    )
    assert made_of(project) == {"z": [("b.csv", "z", "DIRECT", "TRANSFORMATION")]}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_candidate_of_a_search_is_a_run(launch: Launch, project: Path, jobs: int) -> None:
    """With its parameters and scores, within the run that searched; with workers too."""
    run(
        launch,
        f"{LOAD}from sklearn.model_selection import GridSearchCV\n"
        'if __name__ == "__main__":\n'
        f'    search = GridSearchCV(LogisticRegression(), {{"C": [1, 2]}}, cv=2, n_jobs={jobs})\n'
        '    search.fit(X, y)\n    joblib.dump(search, "m.joblib")\n'
        '    joblib.dump(search.best_estimator_, "best.joblib")\n',
    )
    tried = [
        one
        for one in events(project)
        if one["job"]["name"] == "job.GridSearchCV" and one["eventType"] == "COMPLETE"
    ]
    said = [one["run"]["facets"]["executionParameters"]["parameters"] for one in tried]
    assert said == [[{"key": "C", "value": "1"}], [{"key": "C", "value": "2"}]]
    outer = last(project, "job")["run"]["runId"]
    for one in tried:
        facets = one["run"]["facets"]
        assert facets["parent"]["run"]["runId"] == outer
        assert "mean_test_score" in facets["headwater_training"]["metrics"]
        assert names(one["inputs"]) == ["a.csv"]
        assert "headwater_digest" in one["inputs"][0]["facets"]  # the version that was searched on
    assert inputs(project, "m.joblib") == inputs(project, "best.joblib") == ["a.csv"]
    told = last(project, "job")["run"]["facets"]["headwater_training"]
    assert "metrics" not in told  # what workers measure is the candidates'
    assert set(training(project)["hyperparameters"]["best_params"]) == {"C"}
    assert training(project, "best.joblib")["estimator"].endswith(".LogisticRegression")


def test_cross_validation_is_a_run(launch: Launch, project: Path) -> None:
    """With the parameters of what was validated, and its scores."""
    run(
        launch,
        f"{LOAD}from sklearn.model_selection import cross_val_score, cross_val_predict\n"
        "cross_val_score(LogisticRegression(C=3), X, y, cv=3)\n"
        'np.save("p.npy", cross_val_predict(LogisticRegression(), X, y, cv=2))\n',
    )
    facets = last(project, "job.cross_val_score")["run"]["facets"]
    assert {"mean_test_score", "std_test_score"} == set(facets["headwater_training"]["metrics"])
    assert {"key": "C", "value": "3"} in facets["executionParameters"]["parameters"]
    assert inputs(project, "p.npy") == ["a.csv"]


def test_folds_and_samples_are_told(launch: Launch, project: Path) -> None:
    """Which part of which fold, or how many of how many rows, a model was fitted on."""
    run(
        launch,
        f"{LOAD}from sklearn.model_selection import KFold, StratifiedShuffleSplit\n"
        "for fold, (train, test) in enumerate(KFold(4, shuffle=True, random_state=5).split(X)):\n"
        "    model = LogisticRegression().fit(X.iloc[train], y.iloc[train])\n"
        "    model.score(X.iloc[test], y.iloc[test])\n"
        '    joblib.dump(model, f"{fold}.joblib")\n'
        "for train, test in StratifiedShuffleSplit(1, test_size=8, random_state=1).split(X, y):\n"
        '    joblib.dump(LogisticRegression().fit(X.iloc[train], y.iloc[train]), "s.joblib")\n'
        "some = a.sample(30, random_state=2)\n"
        'joblib.dump(LogisticRegression().fit(some[["x"]], some["late"]), "m.joblib")\n'
        "X.iloc[np.array([1, 2])].to_csv('unknown.csv')\n",
    )
    told = training(project, "2.joblib")
    assert told["splits"] == {
        "part": "train", "method": "KFold", "fold": 2, "train": 30, "test": 10,
        "random_state": 5, "shuffle": True,
    }  # fmt: skip
    assert list(told["metrics"]) == ["test_score"]
    assert inputs(project, "2.joblib") == inputs(project, "s.joblib") == ["a.csv"]
    assert training(project, "s.joblib")["splits"]["method"] == "StratifiedShuffleSplit"
    assert training(project)["splits"] == {
        "part": "sample", "method": "sample", "rows": 30, "of": 40, "replace": False,
        "random_state": 2,
    }  # fmt: skip
    assert inputs(project, "m.joblib") == ["a.csv"]
    assert "lineage" not in written(project, "unknown.csv")


def test_learning_goes_on(launch: Launch, project: Path) -> None:
    """Of all that it was taught; with something unknown among it, nothing exact is said."""
    run(
        launch,
        f"{LOAD}from sklearn.naive_bayes import GaussianNB\n"
        "model = GaussianNB().partial_fit(X, y, classes=[0, 1])\n"
        "model.partial_fit(other, other['x'] > 1)\n"
        'joblib.dump(model, "two.joblib")\n'
        "model.partial_fit(pd.DataFrame({'x': [1], 'z': [2]}), [0])\n"
        'joblib.dump(model, "all.joblib")\n',
    )
    assert inputs(project, "two.joblib") == ["a.csv", "b.csv"]
    assert "lineage" not in written(project, "all.joblib")


@pytest.mark.parametrize("more", ["", ', inputs=["a.csv"]'])
def test_what_is_said_and_what_is_seen_go_together(
    launch: Launch, project: Path, more: str
) -> None:
    """A program that says something of its model itself adds to what was seen of it."""
    run(
        launch,
        f'{LOAD}import headwater\nwith headwater.run("fit") as step:\n'
        "    model = LogisticRegression(C=0.5).fit(X, y)\n"
        '    joblib.dump(model, "m.joblib")\n'
        f'    step.model("m.joblib", metrics={{"auc": 0.7}}{more})\n',
    )
    (output,) = last(project, "fit")["outputs"]
    told = output["facets"]["headwater_training"]
    assert (told["hyperparameters"]["C"], told["metrics"]) == (0.5, {"auc": 0.7})
    assert names(output["facets"]["lineage"]["inputs"]) == ["a.csv"]


def test_data_of_unknown_origin_is_not_left_out(launch: Launch, project: Path) -> None:
    """What was computed out of sight may have come from anything: nothing exact is said."""
    run(
        launch,
        f'{LOAD}joblib.dump(LogisticRegression().fit(X, list(y)), "m.joblib")\n',
    )
    assert "lineage" not in written(project, "m.joblib")
    assert training(project)["estimator"].endswith("LogisticRegression")


SAMPLER = """
from sklearn.base import BaseEstimator
class Sampler(BaseEstimator):
    def fit_resample(self, X, y):
        return X.take(y.to_numpy().argsort()[:3]), y[:3]
"""


def test_rows_that_were_chosen_by_a_label_came_from_it_too(launch: Launch, project: Path) -> None:
    """By samplers, as those of imbalanced-learn are, and by `resample` with strata."""
    (project / "sampler.py").write_text(SAMPLER)
    (project / "y.csv").write_text("y\n" + "0\n1\n" * 20)
    run(
        launch,
        f"{LOAD}from sampler import Sampler\nfrom sklearn.utils import resample\n"
        'strata = pd.read_csv("y.csv")["y"]\n'
        'Sampler().fit_resample(X, strata)[0].to_csv("s.csv", index=False)\n'
        'resample(X, stratify=strata, n_samples=9).to_csv("r.csv", index=False)\n'
        'resample(X, random_state=0).to_csv("x.csv", index=False)\n',
    )
    assert inputs(project, "s.csv") == inputs(project, "r.csv") == ["a.csv", "y.csv"]
    assert inputs(project, "x.csv") == ["a.csv"]
    fields = written(project, "s.csv")["columnLineage"]["fields"]
    assert [one["field"] for one in fields["x"]["inputFields"]] == ["x"]


def test_sparse_matrices_are_followed(launch: Launch, project: Path) -> None:
    """Through vectorizers, splits, stacks and files; not when they were written into."""
    run(
        launch,
        f"{LOAD}from scipy import sparse\n"
        "from sklearn.feature_extraction.text import TfidfVectorizer\n"
        "words = TfidfVectorizer(token_pattern='.').fit(a['x'].astype(str))\n"
        "S, T = (words.transform(f['x'].astype(str)) for f in (a, other))\n"
        "A, B, c, d = train_test_split(S, y, random_state=0)\n"
        "model = LogisticRegression().fit(A, c)\n"
        'joblib.dump((words, model), "m.joblib")\nnp.save("p.npy", model.predict(T))\n'
        'sparse.save_npz("s.npz", sparse.hstack([S[:2], T]).tocsr())\n'
        'np.save("l.npy", sparse.load_npz("s.npz").toarray())\n'
        'T.data[0] = 5.0\nnp.save("q.npy", model.predict(T))\n',
    )
    assert inputs(project, "m.joblib") == ["a.csv"]
    assert inputs(project, "p.npy") == inputs(project, "s.npz") == ["a.csv", "b.csv"]
    assert inputs(project, "l.npy") == ["s.npz"]
    assert "lineage" not in written(project, "q.npy")


def test_what_holds_several_models_tells_of_them(launch: Launch, project: Path) -> None:
    """Of the one that predicts; of several, what is true of all; of a search's best, its scores."""
    run(
        launch,
        f"{LOAD}from sklearn.linear_model import Ridge\n"
        "from sklearn.model_selection import GridSearchCV\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "from sklearn.metrics import mean_absolute_error\n"
        "scaler = StandardScaler().fit(X)\n"
        "model = Ridge(3.0, random_state=1).fit(scaler.transform(X), y)\n"
        'joblib.dump({"scaler": scaler, "model": model, "columns": ["x", "z"]}, "bundle.joblib")\n'
        'joblib.dump([Ridge(a, tol=0.5).fit(X, y) for a in (1, 2)], "several.joblib")\n'
        'search = GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2).fit(X, y)\n'
        "mean_absolute_error(y, search.predict(X))\n"
        'joblib.dump(search.best_estimator_, "best.joblib")\n',
    )
    bundle = training(project, "bundle.joblib")
    assert bundle["estimator"].endswith(".Ridge")
    assert bundle["seeds"] == {"random_state": 1}
    several = training(project, "several.joblib")
    assert several["hyperparameters"]["tol"] == 0.5
    assert "alpha" not in several["hyperparameters"]
    assert sorted(training(project, "best.joblib")["metrics"]) == [
        "best_score", "mean_absolute_error",
    ]  # fmt: skip
    best = written(project, "best.joblib")["headwater_features"]["features"]
    assert best == {"x": ["x"], "z": ["z"]}
    facet = last(project, "job")["run"]["facets"]["headwater_training"]
    assert set(facet["hyperparameters"]) == {"bundle.joblib", "several.joblib", "best.joblib"}


def test_a_run_tells_of_models_that_it_keeps_in_no_file(launch: Launch, project: Path) -> None:
    """What it predicts with, and how well that does."""
    run(
        launch,
        f"{LOAD}from sklearn.linear_model import Ridge\n"
        "from sklearn.metrics import mean_absolute_error\n"
        "for a in (1.0, 2.0, 2.0):\n"
        "    mean_absolute_error(y, Ridge(a).fit(X, y).predict(X))\n",
    )
    facet = last(project, "job")["run"]["facets"]["headwater_training"]
    assert facet["estimator"] == "sklearn.linear_model.Ridge"
    alphas = {name: one["alpha"] for name, one in facet["hyperparameters"].items()}
    assert alphas == {"Ridge": 1.0, "Ridge 2": 2.0}
    assert set(facet["metrics"]["mean_absolute_error"]) == {"Ridge", "Ridge 2"}


JOINER = """
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
class Joiner(TransformerMixin, BaseEstimator):
    def __init__(self, path):
        self.path = path
    def fit(self, X, y=None):
        self.table_ = pd.read_csv(self.path)
        return self
    def transform(self, X):
        return X.assign(w=X["x"] * self.table_["w"].sum())
"""
USES = """
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from joiner import Joiner
table = pd.read_csv("t.csv")
class Given(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self
    def transform(self, X):
        return X.assign(w=X["x"] * table["w"].sum())
def add(X):
    return X.assign(w=X["x"] * table["w"].sum())
"""
STEPS = {
    "read": ('Joiner("u.csv")', ["a.csv", "u.csv"]),
    "held": ("Given()", ["a.csv", "t.csv"]),
    "function": ("FunctionTransformer(add)", ["a.csv", "t.csv"]),
    "library": ("FunctionTransformer(np.abs)", ["a.csv"]),
    "setting": (
        'SimpleImputer(strategy="constant", fill_value=table["w"].max())', ["a.csv", "t.csv"],
    ),
}  # fmt: skip


def test_what_code_of_the_program_uses_is_part_of_it(launch: Launch, project: Path) -> None:
    """What transformers and functions of its own read, and tables that they and settings hold."""
    (project / "joiner.py").write_text(JOINER)
    for name in ("t", "u"):
        (project / f"{name}.csv").write_text("w\n1\n")
    code = "".join(
        f"p = make_pipeline({step}, LogisticRegression()).fit(X, y)\n"
        f'joblib.dump(p, "{name}.joblib")\nnp.savetxt("{name}.txt", p.predict(other))\n'
        for name, (step, _) in STEPS.items()
    )
    run(
        launch,
        f'{LOAD}{USES}{code}Joiner("u.csv").fit_transform(X).to_csv("joined.csv")\n'
        'words = open("u.csv").read().split()\n'
        'joblib.dump(CountVectorizer(stop_words=words).fit(a["x"].astype(str)), "words.joblib")\n',
    )
    for name, (_, files) in STEPS.items():
        assert inputs(project, f"{name}.joblib") == files
        assert inputs(project, f"{name}.txt") == sorted([*files, "b.csv"])
    joined = written(project, "joined.csv")["columnLineage"]["fields"]["w"]["inputFields"]
    assert sorted(names(joined)) == ["a.csv", "u.csv"]
    assert "lineage" not in written(project, "words.joblib")


OWN = """
import inspect, pickle, traceback
import cloudpickle, joblib
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
class Half(TransformerMixin, BaseEstimator):
    def __init__(self, by=2):
        self.by = by
    def fit(self, X, y=None):
        return self
    def transform(self, X):
        return X / self.by
if __name__ == "__main__":
    X, y = np.arange(80.0).reshape(40, 2), np.arange(40) % 2
    search = GridSearchCV(make_pipeline(Half(), LogisticRegression()), {"half__by": [1, 2]},
                          cv=2, n_jobs=2)
    print(search.fit(X, y).best_params_, search.predict(X)[:5])
    print(len(cloudpickle.dumps(Half)), b"headwater" in cloudpickle.dumps(Half))
    print(len(pickle.dumps(search.best_estimator_)), clone(search))
    print(inspect.signature(LogisticRegression.fit), LogisticRegression.fit.__qualname__)
    print(pickle.loads(pickle.dumps(train_test_split)) is train_test_split)
    print(cloudpickle.dumps(train_test_split) == pickle.dumps(train_test_split))
    print(hasattr(make_pipeline(Half()), "predict"), vars(search.best_estimator_).keys())
    try:
        LogisticRegression().predict(X)
    except Exception:
        traceback.print_exc()
    LogisticRegression(max_iter=1).fit(X, y)
"""


def test_nothing_is_felt(launch: Launch, project: Path, tmp_path: Path) -> None:
    """Results, pickles, signatures, tracebacks, warnings; classes of the script go to workers."""
    (project / "job.py").write_text(OWN)
    alone = subprocess.run(
        [sys.executable, "job.py"],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    captured = launch(OWN)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
