"""Parquet → tables of the warehouse: flights that were flown, one row a key, times as hours."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
from frames import fields
from places import CLEAN, PLATFORM, RAW, TABLES, WAREHOUSE

import headwater

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
    with (
        headwater.run(
            "clean",
            owner=PLATFORM,
            description="Drops cancelled flights, duplicate keys and columns without values.",
        ) as run,
        closing(sqlite3.connect(WAREHOUSE)) as database,
    ):
        for name in TABLES:
            raw = pd.read_parquet(RAW[name])
            run.read(RAW[name], rows=len(raw), schema=fields(raw))
            frame = clean(name, raw)
            with database:
                frame.to_sql(name, database, if_exists="replace", index=False)
            shaping = [(RAW[name], key, "FILTER") for key in KEYS[name]]
            if name == "flights":
                shaping.append((RAW[name], "arr_delay", "FILTER"))
            run.write(
                CLEAN[name],
                mode="overwrite",
                owner=PLATFORM,
                rows=len(frame),
                schema=fields(frame),
                inputs=[RAW[name]],
                columns={column: [(RAW[name], column)] for column in frame.columns},
                shaped_by=shaping,
            )
