"""Batch predictions for the flights of December."""

from __future__ import annotations

import joblib
import pandas as pd
from features import KEY
from frames import fields
from places import DELAY, OPERATIONS, PREDICTIONS, SCORE
from train import inputs_of

import headwater

LATE_FROM = 0.5

if __name__ == "__main__":
    with headwater.run(
        "predict",
        owner=OPERATIONS,
        description="The chance of a late arrival, flight by flight.",
        params={"late_from": LATE_FROM},
    ) as run:
        frame = pd.read_parquet(SCORE)
        run.read(SCORE, rows=len(frame), schema=fields(frame))
        model = joblib.load(run.read(DELAY, kind="model"))
        answers = frame[list(KEY)].copy()
        answers["late_chance"] = model.predict_proba(inputs_of(frame))[:, 1].round(4)
        answers["late"] = answers["late_chance"] >= LATE_FROM
        answers.to_csv(PREDICTIONS, index=False)
        run.write(PREDICTIONS, owner=OPERATIONS, rows=len(answers), schema=fields(answers))
