"""Events as `docs/explanation/performance.md` counts them: 4 KB, three inputs, two outputs.

One name in each event is new and the others come round again, as in pipelines that run all day. The
facets are those that Spark and Airflow send: schemas, data sources, column lineage, the SQL text, a
parent, statistics.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

EVENT_BYTES: Final = 4_096
JOBS: Final = 500
TABLES: Final = 2_000
_PRODUCER: Final = "https://github.com/OpenLineage/OpenLineage/tree/1.40.0/integration/spark"
_SPEC: Final = "https://openlineage.io/spec"
_STORE: Final = "hive://metastore:9083"


def event(number: int, *, bare: bool = False) -> bytes:
    """Write event `number`: the START of a run for an even one, its COMPLETE for an odd one.

    A `bare` one has the same names and no facets, and so a sixth of the bytes.
    """
    run = number // 2
    job = run % JOBS
    seconds, part = divmod(number, 20)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    tables = [f"warehouse.sales.t{(job * 7 + place) % TABLES:04}" for place in range(4)]
    values = {
        "time": f"2026-{1 + days // 28 % 12:02}-{1 + days % 28:02}"
        f"T{hour:02}:{minute:02}:{second:02}.{part * 50:03}Z",
        "type": "COMPLETE" if number % 2 else "START",
        "run": f"0193a1b2-c3d4-7000-8000-{run:012x}",
        "parent": f"0193a1b2-c3d4-7000-9000-{run // 20:012x}",
        "flow": f"daily_sales_{job // 20}",
        "job": f"daily_sales.step_{job}",
        "first": tables[0],
        "second": tables[1],
        "third": tables[2],
        "table": tables[3],
        "part": f"{tables[3]}/part={number}",
        "rows": str(number),
        "sql": "",
    }
    if bare:
        return (_BARE % values).encode()
    values["sql"] = _SQL.ljust(EVENT_BYTES - len(_TEMPLATE % values))
    return (_TEMPLATE % values).encode()


def events(count: int, *, start: int = 0, bare: bool = False) -> Iterator[bytes]:
    """Write `count` events, all of them different, from number `start` on."""
    return (event(number, bare=bare) for number in range(start, start + count))


def _facet(version: str, type_: str, members: dict[str, Any]) -> dict[str, Any]:
    url = f"{_SPEC}/facets/{version}/{type_}.json#/$defs/{type_}"
    return {"_producer": _PRODUCER, "_schemaURL": url, **members}


def _schema(*columns: str) -> dict[str, Any]:
    fields = [{"name": column, "type": "string"} for column in columns]
    return _facet("1-1-1", "SchemaDatasetFacet", {"fields": fields})


def _input(name: str) -> dict[str, Any]:
    return {"namespace": _STORE, "name": name, "facets": {"schema": _schema("id", "sum")}}


def _output(name: str, facets: dict[str, Any]) -> dict[str, Any]:
    rows = _facet("1-0-2", "OutputStatisticsOutputDatasetFacet", {"rowCount": "%(rows)s"})
    return {
        "namespace": _STORE,
        "name": name,
        "facets": facets,
        "outputFacets": {"outputStatistics": rows},
    }


def _column(source: str, name: str) -> dict[str, Any]:
    return {"inputFields": [{"namespace": _STORE, "name": source, "field": name}]}


def _document() -> dict[str, Any]:
    columns = {"id": _column("%(first)s", "id"), "sum": _column("%(second)s", "sum")}
    lineage = _facet("1-2-0", "ColumnLineageDatasetFacet", {"fields": columns})
    parent = {
        "run": {"runId": "%(parent)s"},
        "job": {"namespace": "airflow", "name": "%(flow)s"},
    }
    kind = {"processingType": "BATCH", "integration": "SPARK", "jobType": "SQL_JOB"}
    return {
        "eventTime": "%(time)s",
        "eventType": "%(type)s",
        "producer": _PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": "%(run)s",
            "facets": {"parent": _facet("1-1-0", "ParentRunFacet", parent)},
        },
        "job": {
            "namespace": "spark",
            "name": "%(job)s",
            "facets": {
                "jobType": _facet("2-0-3", "JobTypeJobFacet", kind),
                "sql": _facet("1-1-0", "SQLJobFacet", {"query": "%(sql)s"}),
            },
        },
        "inputs": [_input("%(first)s"), _input("%(second)s"), _input("%(third)s")],
        "outputs": [
            _output("%(table)s", {"schema": _schema("id", "sum"), "columnLineage": lineage}),
            _output("%(part)s", {"schema": _schema("id", "sum")}),
        ],
    }


def _strip(value: Any) -> Any:
    """Leave out all facets."""
    if isinstance(value, list):
        return [_strip(one) for one in value]
    if isinstance(value, dict):
        return {
            key: _strip(one) for key, one in value.items() if not key.lower().endswith("facets")
        }
    return value


_BARE: Final = json.dumps(_strip(_document()), separators=(",", ":"))
_TEMPLATE: Final = json.dumps(_document(), separators=(",", ":")).replace('"%(rows)s"', "%(rows)s")
_SQL: Final = "SELECT id, sum(amount) FROM orders JOIN customers USING (id) GROUP BY id"
