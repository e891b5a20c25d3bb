"""XGBoost and LightGBM: matrices, boosters and their files."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from tests.capture.conftest import last
from tests.capture.test_launching import Launch, launch, lineage
from tests.capture.test_objects import run
from tests.capture.test_pandas import inputs, written
from tests.capture.test_sklearn import learned, made_of, project, training

__all__ = ["launch", "project"]

pytestmark = [pytest.mark.slow]  # each test imports the library in a process of its own


def lacking(library: str) -> str:
    """What a library lacks here to be imported, or nothing."""
    if find_spec(library) is None:
        return f"{library} is not installed"
    if library == "lightgbm" and sys.platform == "linux":
        try:
            ctypes.CDLL("libgomp.so.1")
        except OSError as error:
            return f"{library} is installed without what it links to: {error}"
    return ""


LIBRARIES: Final = [
    pytest.param(name, marks=pytest.mark.skipif(bool(lacking(name)), reason=lacking(name) or "-"))
    for name in ("xgboost", "lightgbm")
]

LOAD = """
import joblib
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
a, other = pd.read_csv("a.csv"), pd.read_csv("b.csv")
A, B, c, d = train_test_split(a[["x", "z"]], a["late"], random_state=3)
"""
TRAIN = {
    "xgboost": LOAD
    + """
import xgboost as xgb
seen = {}
train, test = xgb.DMatrix(A, label=c), xgb.DMatrix(B, d)
model = xgb.train({"max_depth": 2, "seed": 5, "objective": "binary:logistic"}, train, 4,
                  evals=[(test, "test")], evals_result=seen, verbose_eval=False)
model.save_model("m.ubj")
""",
    "lightgbm": LOAD
    + """
import lightgbm as lgb
train = lgb.Dataset(A, label=c)
test = lgb.Dataset(B, label=d, reference=train)
model = lgb.train({"max_depth": 2, "seed": 5, "objective": "binary", "verbose": -1}, train, 4,
                  valid_sets=[test], valid_names=["test"])
model.save_model("m.ubj")
""",
}
ASK = {
    "xgboost": LOAD
    + """
import xgboost as xgb
model = xgb.Booster(model_file="m.ubj")
again = xgb.Booster()
again.load_model("m.ubj")
np.savetxt("p.csv", model.predict(xgb.DMatrix(other)))
np.savetxt("q.csv", again.inplace_predict(other))
other["late"] = model.predict(xgb.DMatrix(other, label=other["x"] > 1))
other.to_csv("o.csv")
""",
    "lightgbm": LOAD
    + """
import lightgbm as lgb
model = lgb.Booster(model_file="m.ubj")
np.savetxt("p.csv", model.predict(other))
np.savetxt("q.csv", model.predict(other, raw_score=True))
other["late"] = model.predict(other)
other.to_csv("o.csv")
""",
}
METRIC = {"xgboost": "test_logloss", "lightgbm": "test_binary_logloss"}
WRAPPER = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier"}
INSIDE = {"xgboost": "get_booster()", "lightgbm": "booster_"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_booster_is_followed_from_data_to_predictions(
    launch: Launch, project: Path, library: str
) -> None:
    """Trained on a file, saved, loaded elsewhere, and asked about another."""
    run(launch, TRAIN[library], "train.py")
    assert lineage(project, "train") == (["a.csv", "b.csv"], ["m.ubj"])
    (output,) = last(project, "train")["outputs"]
    facets = output["facets"]
    assert [one["name"].rpartition("/")[2] for one in facets["lineage"]["inputs"]] == ["a.csv"]
    assert facets["datasetType"]["datasetType"] == "MODEL"
    assert facets["headwater_features"]["features"] == {"x": ["x"], "z": ["z"]}
    told = facets["headwater_training"]
    assert told["estimator"] == f"{library}.Booster"
    assert told["hyperparameters"].items() >= {"max_depth": 2, "num_boost_round": 4}.items()
    assert told["seeds"] == {"seed": 5}
    assert told["labelSource"] == "late"
    assert told["splits"]["random_state"] == 3
    assert list(told["metrics"]) == [METRIC[library]]
    assert learned(facets) == ["a.csv#late", "a.csv#x", "a.csv#z"]
    run(launch, ASK[library])
    assert inputs(project, "p.csv") == inputs(project, "q.csv") == ["b.csv", "m.ubj"]
    assert lineage(project) == (["a.csv", "b.csv", "m.ubj"], ["o.csv", "p.csv", "q.csv"])
    assert made_of(project)["late"] == [
        *(("b.csv", name, "DIRECT", "TRANSFORMATION") for name in ("x", "z")),
        ("m.ubj", "*", "DIRECT", "TRANSFORMATION"),
    ]


@pytest.mark.parametrize("library", LIBRARIES)
def test_its_estimators_are_those_of_scikit_learn(
    launch: Launch, project: Path, library: str
) -> None:
    """The booster inside came from the same data, and is told of alike."""
    quiet = ", verbose=-1" if library == "lightgbm" else ""
    run(
        launch,
        f"{LOAD}import {library}\n"
        f"model = {library}.{WRAPPER[library]}(n_estimators=3, random_state=1{quiet}).fit(A, c)\n"
        'joblib.dump(model, "m.joblib")\n'
        f'model.{INSIDE[library]}.save_model("m.json")\n'
        'np.save("p.npy", model.predict_proba(other)[:, 1])\n'
        'other["late"] = model.predict_proba(other)[:, 1]\nother.to_csv("o.csv", index=False)\n',
    )
    assert inputs(project, "m.joblib") == inputs(project, "m.json") == ["a.csv"]
    assert inputs(project, "p.npy") == ["a.csv", "b.csv"]
    assert [one[:2] for one in made_of(project)["late"]] == [
        *(("a.csv", name) for name in ("late", "x", "z")),
        *(("b.csv", name) for name in ("x", "z")),
    ]
    for name in ("m.joblib", "m.json"):
        told = training(project, name)
        assert told["estimator"].rpartition(".")[2] == WRAPPER[library]
        assert told["seeds"] == {"random_state": 1}
        assert written(project, name)["headwater_features"]["features"] == {"x": ["x"], "z": ["z"]}


@pytest.mark.parametrize("library", [one for one in LIBRARIES if "lightgbm" in one.values])
def test_a_booster_can_be_asked_about_a_file(launch: Launch, project: Path, library: str) -> None:
    """LightGBM reads it in C; a prediction is of it, too."""
    run(launch, TRAIN[library], "train.py")
    run(
        launch,
        'import lightgbm as lgb\nimport numpy as np\nmodel = lgb.Booster(model_file="m.ubj")\n'
        'np.savetxt("p.csv", model.predict("b.csv", data_has_header=True))\n',
    )
    assert inputs(project, "p.csv") == ["b.csv", "m.ubj"]


@pytest.mark.parametrize("library", [one for one in LIBRARIES if "lightgbm" in one.values])
def test_a_booster_learns_of_the_set_whose_bins_it_takes_over(
    launch: Launch, project: Path, library: str
) -> None:
    """LightGBM sorts values into bins of the reference, which is other data."""
    run(
        launch,
        f"{LOAD}import {library} as lgb\n"
        "bins = lgb.Dataset(other[['x']])\n"
        "train = lgb.Dataset(a[['x']], a['late'], reference=bins)\n"
        "lgb.train({'verbose': -1}, train, 2).save_model('m.txt')\n",
    )
    facets = written(project, "m.txt")
    assert inputs(project, "m.txt") == ["a.csv", "b.csv"]
    assert learned(facets) == ["a.csv#late", "a.csv#x", "b.csv#x"]


AGAIN = {
    "xgboost": "\nother['y'] = (other['x'] > 1).astype(int)\n"
    "more = xgb.DMatrix(other[['x', 'z']], label=other['y'])\n"
    "for name, start in (('file', 'm.ubj'), ('same', model)):\n"
    "    xgb.train({}, more, 2, xgb_model=start).save_model(f'{name}.ubj')\n",
    "lightgbm": "\nmore = lgb.Dataset(other, label=other['x'] > 1, free_raw_data=False)\n"
    "for name, start in (('file', 'm.ubj'), ('same', model)):\n"
    "    lgb.train({'verbose': -1, 'min_data_in_leaf': 1}, more, 2, init_model=start)"
    ".save_model(f'{name}.ubj')\n",
}


GIVEN_LATER = {
    "xgboost": """
import xgboost as xgb
def train(matrix): return xgb.train({}, matrix, 2)
one, two, three = (xgb.DMatrix(a[["x"]], a["late"]) for _ in range(3))
one.set_label(other["z"]); two.set_weight(other["z"]); three.set_info(base_margin=other["z"])
asked = xgb.DMatrix(a[["x"]])
""",
    "lightgbm": """
import lightgbm as lgb
def train(matrix): return lgb.train({"verbose": -1, "min_data_in_leaf": 1}, matrix, 2)
one, two, three = (lgb.Dataset(a[["x"]], a["late"]) for _ in range(3))
one.set_label(other["z"]); two.set_weight(other["z"]); three.set_init_score(other["z"])
asked = a[["x"]]
""",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_matrix_is_given_later_is_learned_of_too(
    launch: Launch, project: Path, library: str
) -> None:
    """Labels, weights and margins, put into it after it was made."""
    rows = "".join(f"{row},{row % 9 + 1}\n" for row in range(40))
    (project / "b.csv").write_text("x,z\n" + rows)
    run(
        launch,
        f"{LOAD}{GIVEN_LATER[library]}"
        "for name, matrix in {'one': one, 'two': two, 'three': three}.items():\n"
        "    p = train(matrix).predict(asked)\n"
        "    pd.DataFrame({'p': p}).to_csv(f'{name}.csv', index=False)\n",
    )
    for name in ("one", "two", "three"):
        assert ("b.csv", "z", "INDIRECT", "TRAINING") in made_of(project, f"{name}.csv")["p"]


@pytest.mark.parametrize("library", [one for one in LIBRARIES if "xgboost" in one.values])
def test_margins_go_into_predictions(launch: Launch, project: Path, library: str) -> None:
    """By dataset: nothing is said of their columns."""
    run(
        launch,
        f"{TRAIN[library]}"
        "p = model.predict(xgb.DMatrix(other, base_margin=other['z']))\n"
        "pd.DataFrame({'p': p}).to_csv('o.csv', index=False)\n",
    )
    assert inputs(project) == ["a.csv", "b.csv"]
    assert "columnLineage" not in written(project, "o.csv")


@pytest.mark.parametrize("library", [one for one in LIBRARIES if "lightgbm" in one.values])
def test_a_booster_that_is_refitted_is_of_both(launch: Launch, project: Path, library: str) -> None:
    """Its trees are those that were learned before, and its leaves are learned anew."""
    run(
        launch,
        f"{TRAIN[library]}"
        "p = model.refit(other, [0, 1]).predict(other)\n"
        "q = model.refit(other, other['z'] % 2).predict(other)\n"
        "pd.DataFrame({'q': q}).to_csv('o.csv', index=False)\n",
    )
    told = made_of(project)["q"]
    assert {one[:2] for one in told if one[3] == "TRAINING"} == {
        ("a.csv", "late"), ("a.csv", "x"), ("a.csv", "z"), ("b.csv", "x"), ("b.csv", "z"),
    }  # fmt: skip


@pytest.mark.parametrize("library", LIBRARIES)
def test_training_goes_on_from_a_booster(launch: Launch, project: Path, library: str) -> None:
    """What comes of it is of that booster, or its file, and of the new data."""
    run(launch, TRAIN[library], "before.py")
    run(launch, TRAIN[library].replace('model.save_model("m.ubj")', "") + AGAIN[library])
    assert inputs(project, "file.ubj") == ["b.csv", "m.ubj"]
    assert inputs(project, "same.ubj") == ["a.csv", "b.csv"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_cross_validation_is_a_run(launch: Launch, project: Path, library: str) -> None:
    """With its parameters, and the scores of its last round."""
    head = TRAIN[library].partition("model =")[0]
    name, quiet = ("binary:logistic", 0) if library == "xgboost" else ("binary", -1)
    run(
        launch,
        f"{head}import {library}\n"
        f'{library}.cv({{"objective": "{name}", "verbosity": {quiet}}}, train, 3, nfold=2)\n',
    )
    end = last(project, "job.cv")
    assert any("logloss" in one for one in end["run"]["facets"]["headwater_training"]["metrics"])
    assert [one["name"].rpartition("/")[2] for one in end["inputs"]] == ["a.csv"]


HELD_OUT = {
    "xgboost": """
import xgboost as xgb
train, test = xgb.DMatrix(A, label=c), xgb.DMatrix(other[["x", "z"]], other["x"] > 2)
said = {"objective": "binary:logistic"}
def watch(name, **more):
    xgb.train(said, train, 3, evals=[(test, "t")], verbose_eval=False, **more).save_model(name)
watch("shown.ubj")
watch("stopped.ubj", early_stopping_rounds=2)
class Writes(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        open("log.txt", "a").write("x")
        return False
keeps = xgb.callback.TrainingCheckPoint(".", name="k", interval=2)
watch("called.ubj", callbacks=[keeps, Writes()])
step = xgb.Booster(said, [train])
step.update(train, 0)
step.save_model("steps.ubj")
""",
    "lightgbm": """
import lightgbm as lgb
train = lgb.Dataset(A, label=c)
test = lgb.Dataset(other[["x", "z"]], other["x"] > 2, reference=train)
said = {"objective": "binary", "verbose": -1}
def watch(name, *calls):
    lgb.train(said, train, 3, valid_sets=test, callbacks=list(calls)).save_model(name)
watch("shown.ubj", lgb.log_evaluation(0))
watch("stopped.ubj", lgb.early_stopping(2, verbose=False))
watch("called.ubj", lambda env: open("log.txt", "a").write("x"))
step = lgb.Booster(said, train)
step.update()
step.save_model("steps.ubj")
""",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_stops_training_and_what_it_calls_has_a_part_in_it(
    launch: Launch, project: Path, library: str
) -> None:
    """Sets that it was stopped by; files that callbacks write; training step by step."""
    run(launch, LOAD + HELD_OUT[library])
    assert inputs(project, "shown.ubj") == inputs(project, "steps.ubj") == ["a.csv"]
    assert inputs(project, "stopped.ubj") == ["a.csv", "b.csv"]
    assert inputs(project, "called.ubj") == ["a.csv", "b.csv"]  # a callback may stop it
    made = lineage(project)[1]
    assert "log.txt" in made
    if library == "xgboost":
        assert inputs(project, "k_2.ubj") == ["a.csv"]
        assert "best_iteration" in training(project, "stopped.ubj")["metrics"]
