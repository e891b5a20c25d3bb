"""One row a flight, with the weather at its departure, its plane, destination and airline: SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from places import CLEAN, FACTS, PLATFORM, WAREHOUSE

import headwater

# Column of the result → (table, column). The query and the column lineage are both made from it.
COLUMNS = {
    **{
        name: ("flights", name)
        for name in (
            *("year", "month", "day", "hour", "minute", "time_hour", "sched_dep_time"),
            *("sched_arr_time", "carrier", "flight", "tailnum", "origin", "dest", "distance"),
            "arr_delay",
        )
    },
    **{
        name: ("weather", name)
        for name in ("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure")
    },
    "visibility": ("weather", "visib"),
    "plane_year": ("planes", "year"),
    "plane_seats": ("planes", "seats"),
    "plane_engines": ("planes", "engines"),
    "dest_lat": ("airports", "lat"),
    "dest_lon": ("airports", "lon"),
    "dest_alt": ("airports", "alt"),
    "airline": ("airlines", "name"),
}
KEYS = [
    *(("flights", "origin"), ("flights", "time_hour"), ("flights", "tailnum"), ("flights", "dest")),
    *(("flights", "carrier"), ("weather", "origin"), ("weather", "time_hour")),
    *(("planes", "tailnum"), ("airports", "faa"), ("airlines", "carrier")),
]
SELECT = ",\n       ".join(f"{of}.{column} AS {name}" for name, (of, column) in COLUMNS.items())
QUERY = f"""\
CREATE TABLE flight_facts AS
SELECT {SELECT}
  FROM flights
  LEFT JOIN weather ON weather.origin = flights.origin AND weather.time_hour = flights.time_hour
  LEFT JOIN planes ON planes.tailnum = flights.tailnum
  LEFT JOIN airports ON airports.faa = flights.dest
  LEFT JOIN airlines ON airlines.carrier = flights.carrier"""  # noqa: S608 - constants above
INDEXES = """\
CREATE UNIQUE INDEX IF NOT EXISTS weather_key ON weather (origin, time_hour);
CREATE UNIQUE INDEX IF NOT EXISTS planes_key ON planes (tailnum);
CREATE UNIQUE INDEX IF NOT EXISTS airports_key ON airports (faa);
CREATE UNIQUE INDEX IF NOT EXISTS airlines_key ON airlines (carrier);
DROP TABLE IF EXISTS flight_facts;
"""

if __name__ == "__main__":
    with (
        headwater.run(
            "join",
            owner=PLATFORM,
            description="Brings the five tables together, one row a flight.",
            sql=QUERY,
        ) as run,
        closing(sqlite3.connect(WAREHOUSE)) as database,
    ):
        for table in CLEAN.values():
            run.read(table)
        database.executescript(INDEXES)
        with database:
            database.execute(QUERY)
        rows = database.execute("SELECT count(*) FROM flight_facts").fetchone()[0]
        types = {row[1]: row[2] for row in database.execute("PRAGMA table_info(flight_facts)")}
        run.write(
            FACTS,
            mode="overwrite",
            owner=PLATFORM,
            rows=rows,
            schema=types,
            columns={name: [(CLEAN[of], column)] for name, (of, column) in COLUMNS.items()},
            shaped_by=[(CLEAN[of], column, "JOIN") for of, column in KEYS],
        )
