"""Gives every flight of December the chance that it arrives late."""

from __future__ import annotations

import joblib
import pandas as pd
from features import KEY
from places import DELAY, PREDICTIONS, SCORE
from train import inputs_of

LATE_FROM = 0.5

if __name__ == "__main__":
    frame = pd.read_parquet(SCORE)
    model = joblib.load(DELAY)
    answers = frame[list(KEY)].copy()
    answers["late_chance"] = model.predict_proba(inputs_of(frame))[:, 1]
    answers["late"] = answers["late_chance"] >= LATE_FROM
    answers.to_csv(PREDICTIONS, index=False, float_format="%.4f")
