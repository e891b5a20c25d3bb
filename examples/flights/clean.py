"""Parquet → tables of the warehouse: flights that were flown, one row a key, times as hours."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
from frames import fields
from places import CLEAN, HOME, RAW, TABLES, WAREHOUSE
from recorder import step

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
        step(
            "clean",
            home=HOME,
            inputs=RAW.values(),
            outputs=CLEAN.values(),
            description="Drops cancelled flights, duplicate keys and columns without values.",
        ) as run,
        closing(sqlite3.connect(WAREHOUSE)) as database,
    ):
        for name in TABLES:
            raw = pd.read_parquet(RAW[name].path)
            frame = clean(name, raw)
            with database:
                frame.to_sql(name, database, if_exists="replace", index=False)
            run.read(RAW[name], rows=len(raw), fields=fields(raw))
            shaping = [(RAW[name], key, "FILTER") for key in KEYS[name]]
            if name == "flights":
                shaping.append((RAW[name], "arr_delay", "FILTER"))
            run.wrote(
                CLEAN[name],
                rows=len(frame),
                fields=fields(frame),
                sources=[RAW[name]],
                columns={column: [(RAW[name], column, "IDENTITY")] for column in frame.columns},
                touched_by=shaping,
            )
