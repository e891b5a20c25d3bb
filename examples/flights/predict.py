"""Batch predictions for the flights of December."""

from __future__ import annotations

import joblib
import pandas as pd
from features import KEY
from frames import fields
from places import DELAY, HOME, PREDICTIONS, SCORE
from recorder import step
from train import inputs_of

LATE_FROM = 0.5

if __name__ == "__main__":
    with step(
        "predict",
        home=HOME,
        inputs=[DELAY, SCORE],
        outputs=[PREDICTIONS],
        owner="operations",
        description="The chance of a late arrival, flight by flight.",
        parameters={"late_from": LATE_FROM},
    ) as run:
        frame = pd.read_parquet(SCORE.path)
        answers = frame[list(KEY)].copy()
        answers["late_chance"] = (
            joblib.load(DELAY.path).predict_proba(inputs_of(frame))[:, 1].round(4)
        )
        answers["late"] = answers["late_chance"] >= LATE_FROM
        answers.to_csv(PREDICTIONS.path, index=False)
        run.read(SCORE, rows=len(frame), fields=fields(frame))
        run.wrote(PREDICTIONS, rows=len(answers), fields=fields(answers))
