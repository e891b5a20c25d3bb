"""What is known before departure → features; the year is split by month: train, test, score."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
from frames import fields
from places import FACTS, SCIENCE, SCORE, TEST, TRAIN, WAREHOUSE

import headwater

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
# Feature → the columns of the joined table that it is computed from, and how.
MADE = {
    "weekday": [("year", "TRANSFORMATION"), ("month", "TRANSFORMATION"), ("day", "TRANSFORMATION")],
    "plane_age": [("year", "TRANSFORMATION"), ("plane_year", "TRANSFORMATION")],
    "route_late_rate": [("arr_delay", "AGGREGATION"), ("origin", "GROUP_BY"), ("dest", "GROUP_BY")],
}
LABEL = {"late": [("arr_delay", "TRANSFORMATION")]}


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


def origins(columns: pd.Index) -> dict[str, list[tuple[tuple[str, str], str, str]]]:
    """Say the column lineage of one of the outputs."""
    said = {name: [(name, "IDENTITY")] for name in (*KEY, *KEPT)} | MADE | LABEL
    return {name: [(FACTS, column, how) for column, how in said[name]] for name in columns}


if __name__ == "__main__":
    with headwater.run(
        "features",
        owner=SCIENCE,
        description=f"Features known before departure; late means over {LATE_MINUTES} minutes.",
        params={
            "late_minutes": LATE_MINUTES,
            "train_months": [1, LAST_TRAIN_MONTH],
            "test_months": [LAST_TRAIN_MONTH + 1, LAST_TEST_MONTH],
        },
    ) as run:
        with closing(sqlite3.connect(WAREHOUSE)) as database:
            facts = pd.read_sql("SELECT * FROM flight_facts", database)
        frame = build(facts)
        run.read(FACTS, rows=len(facts), schema=fields(facts))
        parts = {
            TRAIN: frame[frame["month"] <= LAST_TRAIN_MONTH],
            TEST: frame[frame["month"].between(LAST_TRAIN_MONTH + 1, LAST_TEST_MONTH)],
            SCORE: frame[frame["month"] > LAST_TEST_MONTH].drop(columns="late"),
        }
        TRAIN.parent.mkdir(parents=True, exist_ok=True)
        for path, part in parts.items():
            part.to_parquet(path, index=False)
            run.write(
                path,
                owner=SCIENCE,
                rows=len(part),
                schema=fields(part),
                inputs=[FACTS],
                columns=origins(part.columns),
                shaped_by=[(FACTS, "month", "FILTER")],
            )
        run.facet(
            "headwater_features",
            view="flight_delay",
            features={
                name: [column for column, _ in MADE.get(name, [(name, "")])]
                for name in (*KEPT, *MADE)
            },
        )
