"""Brings the five tables together: one row a flight, with its weather, plane and destination."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from places import WAREHOUSE

INDEXES = """\
CREATE UNIQUE INDEX IF NOT EXISTS weather_key ON weather (origin, time_hour);
CREATE UNIQUE INDEX IF NOT EXISTS planes_key ON planes (tailnum);
CREATE UNIQUE INDEX IF NOT EXISTS airports_key ON airports (faa);
CREATE UNIQUE INDEX IF NOT EXISTS airlines_key ON airlines (carrier);
DROP TABLE IF EXISTS flight_facts;
"""
QUERY = """\
CREATE TABLE flight_facts AS
SELECT f.year, f.month, f.day, f.hour, f.minute, f.time_hour, f.sched_dep_time, f.sched_arr_time,
       f.carrier, f.flight, f.tailnum, f.origin, f.dest, f.distance, f.arr_delay,
       w.temp, w.dewp, w.humid, w.wind_dir, w.wind_speed, w.precip, w.pressure,
       w.visib AS visibility,
       p.year AS plane_year, p.seats AS plane_seats, p.engines AS plane_engines,
       a.lat AS dest_lat, a.lon AS dest_lon, a.alt AS dest_alt,
       l.name AS airline
  FROM flights AS f
  LEFT JOIN weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
  LEFT JOIN planes AS p ON p.tailnum = f.tailnum
  LEFT JOIN airports AS a ON a.faa = f.dest
  LEFT JOIN airlines AS l ON l.carrier = f.carrier"""

if __name__ == "__main__":
    with closing(sqlite3.connect(WAREHOUSE)) as database:
        database.executescript(INDEXES)
        with database:
            database.execute(QUERY)
