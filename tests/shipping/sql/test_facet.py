"""The `columnLineage` facet of a statement."""

from __future__ import annotations

import json

import pytest

from headwater.openlineage import facets
from headwater.shipping.sql import Table, analyse, facet
from headwater.shipping.sql.facet import column_lineage


def identify(table: Table) -> tuple[str, str]:
    """Namespace and name of a table."""
    return "db://x", ".".join(table.name)


def facet_of(sql: str) -> dict[str, object] | None:
    """The facet of the first output, or of the rows."""
    (said,) = analyse(sql, dialect="duckdb", schemas={("s",): ["x", "y"]})
    lineage = said.outputs[0].lineage if said.outputs else said.result
    assert lineage is not None
    return column_lineage(lineage, identify)


def test_the_facet_says_columns_and_what_bears_on_all() -> None:
    """`fields` by column, `dataset` for filters, each with its transformations."""
    source = {"namespace": "db://x", "name": "s"}
    assert facet_of("CREATE TABLE t AS SELECT sum(x) AS a FROM s WHERE y > 1") == {
        "fields": {
            "a": {
                "inputFields": [
                    source
                    | {
                        "field": "x",
                        "transformations": [
                            {"type": "DIRECT", "subtype": "AGGREGATION", "masking": False}
                        ],
                    }
                ]
            }
        },
        "dataset": [
            source
            | {
                "field": "y",
                "transformations": [{"type": "INDIRECT", "subtype": "FILTER", "masking": False}],
            }
        ],
    }


def test_columns_of_one_name_are_one_field() -> None:
    """A facet has each name once, so what is called the same is said together."""
    body = facet_of("SELECT x AS a, y AS a FROM s")
    assert body is not None
    fields = body["fields"]
    assert isinstance(fields, dict)
    assert [each["field"] for each in fields["a"]["inputFields"]] == ["x", "y"]


def test_the_graph_reads_the_facet() -> None:
    """The room that reads facets finds in it what was said."""
    body = facet_of("SELECT x, md5(y) AS h FROM s ORDER BY x")
    read = facets.read("columnLineage", json.dumps(body).encode())
    assert isinstance(read, facets.ColumnLineage)
    assert read.fields is not None
    inputs = read.fields["h"].input_fields
    assert inputs is not None
    assert inputs[0].transformations == (facets.Transformation("DIRECT", "TRANSFORMATION", True),)
    assert read.dataset is not None


def test_nothing_to_say_is_no_facet() -> None:
    """Without an edge there is no facet."""
    assert facet_of("SELECT 1 AS a") is None


@pytest.mark.parametrize(
    "limit, enough", [("COLUMNS_MAX", 2), ("COLUMN_INPUTS_MAX", 3), ("NAME_BYTES_MAX", 2)]
)
def test_a_facet_is_no_larger_than_admission_takes(
    monkeypatch: pytest.MonkeyPatch, limit: str, enough: int
) -> None:
    """At a limit of admission the facet is said, one beyond it is left out whole."""
    sql = "SELECT x AS aa, x + y AS b FROM s"
    monkeypatch.setattr(facet, limit, enough)
    assert facet_of(sql) is not None
    monkeypatch.setattr(facet, limit, enough - 1)
    assert facet_of(sql) is None
