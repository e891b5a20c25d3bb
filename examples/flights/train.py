"""Trains one model: `python train.py small` or `python train.py large`."""

from __future__ import annotations

import sys

import joblib
import pandas as pd
from features import KEY
from places import CANDIDATES, SCIENCE, TRAIN
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score

import headwater

SEED = 7
PARAMETERS: dict[str, dict[str, float]] = {
    "small": {"max_iter": 30, "max_leaf_nodes": 15, "learning_rate": 0.2},
    "large": {"max_iter": 60, "max_leaf_nodes": 47, "learning_rate": 0.15},
}


def inputs_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that a model sees: no label, and of the key only what is also a feature."""
    unseen = set(KEY) - {"carrier", "origin"} | {"late"}
    return frame.drop(columns=[name for name in frame.columns if name in unseen])


if __name__ == "__main__":
    name = sys.argv[1]
    parameters = PARAMETERS[name]
    model_file = CANDIDATES[name]
    with headwater.run(
        "train",
        owner=SCIENCE,
        description="Fits a gradient-boosted classifier of late arrivals.",
        params=parameters,
    ) as run:
        frame = pd.read_parquet(run.read(TRAIN))
        model = HistGradientBoostingClassifier(
            **parameters, categorical_features="from_dtype", random_state=SEED
        )
        model.fit(inputs_of(frame), frame["late"])
        chance = model.predict_proba(inputs_of(frame))[:, 1]
        model_file.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(model, model_file)
        run.model(
            model_file,
            owner=SCIENCE,
            estimator="sklearn.ensemble.HistGradientBoostingClassifier",
            hyperparameters=parameters,
            seeds={"random_state": SEED},
            splits={"train": len(frame)},
            label="arr_delay",
            metrics={
                "train_auc": round(float(roc_auc_score(frame["late"], chance)), 4),
                "train_log_loss": round(float(log_loss(frame["late"], chance)), 4),
            },
        )
