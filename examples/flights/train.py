"""Fits a gradient-boosted classifier of late arrivals: `train.py small` or `train.py large`."""

from __future__ import annotations

import sys

import joblib
import pandas as pd
from features import KEY
from places import CANDIDATES, TRAIN
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score

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
    size = sys.argv[1]
    frame = pd.read_parquet(TRAIN)
    model = HistGradientBoostingClassifier(
        **PARAMETERS[size], categorical_features="from_dtype", random_state=SEED
    )
    model.fit(inputs_of(frame), frame["late"])
    CANDIDATES[size].parent.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, CANDIDATES[size])
    chance = model.predict_proba(inputs_of(frame))[:, 1]
    print(
        f"{size}: AUC {roc_auc_score(frame['late'], chance):.3f},"
        f" log loss {log_loss(frame['late'], chance):.3f} on its own months"
    )
