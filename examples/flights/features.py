"""Makes features of what is known before departure, split by month: train, test, score."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
from places import SCORE, TEST, TRAIN, WAREHOUSE

LATE_MINUTES = 15
LAST_TRAIN_MONTH = 9
LAST_TEST_MONTH = 11
KEPT = (
    *("month", "hour", "minute", "distance", "carrier", "origin", "dest"),
    *("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visibility"),
    *("plane_seats", "plane_engines", "dest_lat", "dest_lon", "dest_alt"),
)
KEY = ("time_hour", "carrier", "flight", "origin")
CATEGORIES = ("carrier", "origin", "dest")


def build(facts: pd.DataFrame) -> pd.DataFrame:
    """Compute features and label, one row a flight; the rate looks at training months only."""
    frame = facts[list(dict.fromkeys((*KEY, *KEPT)))].copy()
    date = pd.to_datetime(facts[["year", "month", "day"]])
    frame["weekday"] = date.dt.day_of_week
    frame["plane_age"] = facts["year"] - facts["plane_year"]
    frame["late"] = (facts["arr_delay"] > LATE_MINUTES).astype("int8")
    past = frame[frame["month"] <= LAST_TRAIN_MONTH]
    rates = past.groupby(["origin", "dest"])["late"].mean().rename("route_late_rate")
    frame = frame.join(rates, on=["origin", "dest"])
    return frame.astype(dict.fromkeys(CATEGORIES, "category"))


if __name__ == "__main__":
    with closing(sqlite3.connect(WAREHOUSE)) as database:
        frame = build(pd.read_sql("SELECT * FROM flight_facts", database))
    parts = {
        TRAIN: frame[frame["month"] <= LAST_TRAIN_MONTH],
        TEST: frame[frame["month"].between(LAST_TRAIN_MONTH + 1, LAST_TEST_MONTH)],
        SCORE: frame[frame["month"] > LAST_TEST_MONTH].drop(columns="late"),
    }
    TRAIN.parent.mkdir(parents=True, exist_ok=True)
    for path, part in parts.items():
        part.to_parquet(path, index=False)
