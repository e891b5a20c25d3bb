"""What the lineage of the flights example has to be, written down from reading its scripts.

Files are named from the pipeline's folder, sources by their file name, tables with their schema.
Columns are `column: {(dataset, column, how)}`.
"""

from __future__ import annotations

from typing import Any

Columns = dict[str, set[tuple[str, str, str]]]


def same(dataset: str, names: str) -> Columns:
    """Columns that are taken over as they are."""
    return {name: {(dataset, name, "IDENTITY")} for name in names.split()}


def shaped(dataset: str, how: str, names: str) -> set[tuple[str, str, str]]:
    """Columns of a dataset by which rows were chosen or joined."""
    return {(dataset, name, how) for name in names.split()}


SOURCES = {
    "flights": "flights.csv.zip",
    "weather": "weather.csv",
    "planes": "planes.csv",
    "airports": "airports.csv",
    "airlines": "airlines.csv",
}
# The headers of the five CSV files.
HEADERS = {
    "flights": "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay"
    " carrier flight tailnum origin dest air_time distance hour minute time_hour",
    "weather": "origin year month day hour temp dewp humid wind_dir wind_speed wind_gust precip"
    " pressure visib time_hour",
    "planes": "tailnum year type manufacturer model engines seats speed engine",
    "airports": "faa name lat lon alt tz dst tzone",
    "airlines": "carrier name",
}
# clean.py: KEYS, and for flights `dropna(subset=["arr_delay"])`.
ROWS_BY = {
    "flights": "arr_delay time_hour carrier flight origin",
    "weather": "origin time_hour",
    "planes": "tailnum",
    "airports": "faa",
    "airlines": "carrier",
}
DROPPED = {"weather": "wind_gust", "planes": "speed"}


def cleaned(name: str) -> str:
    """Columns of a table of the warehouse."""
    return " ".join(one for one in HEADERS[name].split() if one != DROPPED.get(name))


# join.py: the SELECT, and the ON clauses.
FACTS: Columns = {
    **same("main.flights", "year month day hour minute time_hour sched_dep_time sched_arr_time"
           " carrier flight tailnum origin dest distance arr_delay"),
    **same("main.weather", "temp dewp humid wind_dir wind_speed precip pressure"),
    "visibility": {("main.weather", "visib", "IDENTITY")},
    "plane_year": {("main.planes", "year", "IDENTITY")},
    "plane_seats": {("main.planes", "seats", "IDENTITY")},
    "plane_engines": {("main.planes", "engines", "IDENTITY")},
    "dest_lat": {("main.airports", "lat", "IDENTITY")},
    "dest_lon": {("main.airports", "lon", "IDENTITY")},
    "dest_alt": {("main.airports", "alt", "IDENTITY")},
    "airline": {("main.airlines", "name", "IDENTITY")},
}  # fmt: skip
JOINED_BY = {
    *shaped("main.flights", "JOIN", "origin time_hour tailnum dest carrier"),
    *shaped("main.weather", "JOIN", "origin time_hour"),
    *shaped("main.planes", "JOIN", "tailnum"),
    *shaped("main.airports", "JOIN", "faa"),
    *shaped("main.airlines", "JOIN", "carrier"),
}

# features.py: `astype("category")` changes the type of three; the rest is kept or computed.
KEPT = "month hour minute distance temp dewp humid wind_dir wind_speed precip pressure visibility \
plane_seats plane_engines dest_lat dest_lon dest_alt"
FEATURES: Columns = {
    **same("main.flight_facts", f"time_hour flight {KEPT}"),
    **{
        name: {("main.flight_facts", name, "TRANSFORMATION")}
        for name in ("carrier", "origin", "dest")
    },
    "weekday": shaped("main.flight_facts", "TRANSFORMATION", "year month day"),
    "plane_age": shaped("main.flight_facts", "TRANSFORMATION", "year plane_year"),
    "route_late_rate": {("main.flight_facts", "arr_delay", "AGGREGATION")},
}
LATE: Columns = {"late": {("main.flight_facts", "arr_delay", "TRANSFORMATION")}}
FEATURES_BY = {
    *shaped("main.flight_facts", "FILTER", "month"),
    *shaped("main.flight_facts", "GROUP_BY", "origin dest"),
    *shaped("main.flight_facts", "JOIN", "origin dest"),
}

# train.py: inputs_of leaves out the label and, of the key, what is no feature. A model is of all
# that it learned from as a whole, and a prediction of the model as a whole.
INPUTS = f"{KEPT} carrier origin dest weekday plane_age route_late_rate"
LEARNED = shaped("features/train.parquet", "TRAINING", f"{INPUTS} late")
PREDICTED = {
    *shaped("features/score.parquet", "TRANSFORMATION", INPUTS),
    ("models/delay.joblib", "*", "TRANSFORMATION"),
}


def table(inputs: list[str], columns: Columns, by: set[tuple[str, str, str]]) -> dict[str, Any]:
    """A dataset whose columns are known."""
    return {"inputs": inputs, "columns": columns, "by": by}


OUTPUTS: dict[str, dict[str, dict[str, Any]]] = {
    "ingest": {
        f"raw/{name}.parquet": table([source], same(source, HEADERS[name]), set())
        for name, source in SOURCES.items()
    },
    "clean": {
        f"main.{name}": table(
            [f"raw/{name}.parquet"],
            same(f"raw/{name}.parquet", cleaned(name)),
            shaped(f"raw/{name}.parquet", "FILTER", ROWS_BY[name]),
        )
        for name in SOURCES
    },
    "join": {
        "main.flight_facts": table(
            ["main.airlines", "main.airports", "main.flights", "main.planes", "main.weather"],
            FACTS,
            JOINED_BY,
        )
    },
    "features": {
        "features/train.parquet": table(["main.flight_facts"], FEATURES | LATE, FEATURES_BY),
        "features/test.parquet": table(["main.flight_facts"], FEATURES | LATE, FEATURES_BY),
        "features/score.parquet": table(["main.flight_facts"], FEATURES, FEATURES_BY),
    },
    "train small": {"models/small.joblib": table(["features/train.parquet"], {}, LEARNED)},
    "train large": {"models/large.joblib": table(["features/train.parquet"], {}, LEARNED)},
    "evaluate": {
        # Text that Python writes: of everything that was read before.
        "reports/evaluation.json": table(
            ["features/test.parquet", "models/large.joblib", "models/small.joblib"], {}, set()
        ),
        "models/delay.joblib": table(
            ["models/large.joblib"], {}, shaped("models/large.joblib", "IDENTITY", "*")
        ),
    },
    "predict": {
        "predictions.csv": table(
            ["features/score.parquet", "models/delay.joblib"],
            {
                **same("features/score.parquet", "time_hour carrier flight origin"),
                "late_chance": PREDICTED,
                "late": PREDICTED,
            },
            set(),
        )
    },
}
"""Job → what it writes, of what."""

MODEL_FEATURES = {name: [name] for name in INPUTS.split()}
ESTIMATOR = "sklearn.ensemble.HistGradientBoostingClassifier"
GIVEN = {
    "small": {"max_iter": 30, "max_leaf_nodes": 15, "learning_rate": 0.2},
    "large": {"max_iter": 60, "max_leaf_nodes": 47, "learning_rate": 0.15},
}
TRAIN_ROWS = 244_737  # flights that arrived, January to September
TRAIN_METRICS = ["log_loss", "roc_auc_score"]
TEST_METRICS = {
    "average_precision_score": ["large.joblib", "small.joblib"],
    "roc_auc_score": ["large.joblib", "small.joblib"],
}

EDGES = {
    ("predictions.csv", "features/score.parquet"),
    ("predictions.csv", "models/delay.joblib"),
    ("models/delay.joblib", "models/large.joblib"),
    ("models/large.joblib", "features/train.parquet"),
    ("features/score.parquet", "main.flight_facts"),
    ("features/train.parquet", "main.flight_facts"),
    *((("main.flight_facts", f"main.{name}")) for name in SOURCES),
    *(((f"main.{name}", f"raw/{name}.parquet")) for name in SOURCES),
    *(((f"raw/{name}.parquet", source)) for name, source in SOURCES.items()),
}
"""What `headwater trace predictions.csv` finds: from what is made to what it was made of."""

OWNERS = {"nycflights13", "data-platform", "delay-science", "operations"}
KINDS = {
    **{f"models/{name}.joblib": "model" for name in ("large", "delay")},
    **{f"main.{name}": "table" for name in (*SOURCES, "flight_facts")},
    "predictions.csv": "file",
}
