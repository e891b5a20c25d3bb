"""Fills the warehouse from the Parquet files: flights that were flown, and one row a key."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
from places import RAW, TABLES, WAREHOUSE

KEYS = {
    "flights": ["time_hour", "carrier", "flight", "origin"],
    "weather": ["origin", "time_hour"],
    "planes": ["tailnum"],
    "airports": ["faa"],
    "airlines": ["carrier"],
}
# A gust is missing wherever there was none, and a plane's cruising speed nearly always.
DROPPED = {"weather": ["wind_gust"], "planes": ["speed"]}


def clean(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Drop duplicate keys, columns without values and, of flights, those that never arrived."""
    if name == "flights":
        frame = frame.dropna(subset=["arr_delay"])
    frame = frame.drop_duplicates(KEYS[name])
    return frame.drop(columns=DROPPED.get(name, []))


if __name__ == "__main__":
    with closing(sqlite3.connect(WAREHOUSE)) as database:
        for name in TABLES:
            frame = clean(name, pd.read_parquet(RAW[name]))
            with database:
                frame.to_sql(name, database, if_exists="replace", index=False)
