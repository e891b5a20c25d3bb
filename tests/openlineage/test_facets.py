"""Facets that the graph reads."""

from __future__ import annotations

import json

import pytest

from headwater.openlineage import facets
from headwater.openlineage.facets import GRAPH_FACETS, is_deleted, is_known_major, read


def test_reads_column_lineage() -> None:
    """Fields, transformations and `dataset[]` of columnLineage 1-2-0 are typed."""
    source = {"namespace": "n", "name": "t", "field": "a",
              "transformations": [{"type": "DIRECT", "masking": True}]}  # fmt: skip
    raw = json.dumps({"fields": {"b": {"inputFields": [source]}}, "dataset": [source]}).encode()
    inner = facets.InputField("n", "t", "a", (facets.Transformation("DIRECT", None, True),))
    assert read("columnLineage", raw) == facets.ColumnLineage(
        {"b": facets.ColumnField((inner,))}, (inner,)
    )


def test_keeps_apart_absent_and_empty_inputs() -> None:
    """`inputs: []` of a lineage entry is not the same as none said."""
    raw = b'{"entries":[{"type":"JOB","inputs":[]},{"type":"JOB"}]}'
    lineage = read("lineage", raw)
    assert isinstance(lineage, facets.Lineage)
    assert [entry.inputs for entry in lineage.entries or ()] == [(), None]


def test_reads_the_parent_and_its_root() -> None:
    """`parent` names run, job and root."""
    link = {"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}
    raw = json.dumps({**link, "root": link}).encode()
    run, job = facets.RunLink("r"), facets.JobLink("n", "j")
    assert read("parent", raw) == facets.Parent(run, job, facets.Root(run, job))


def test_reads_null_as_absent() -> None:
    """A field that may be absent may be null."""
    assert read("symlinks", b'{"identifiers":null}') == facets.Symlinks()


def test_reads_gaps_as_text_or_objects() -> None:
    """What capture could not see is a sentence or says what and why."""
    assert read("headwater_capture", b'{"gaps":["a",{"what":"b"}]}') == facets.Capture(
        ("a", facets.Gap("b"))
    )


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("version", b"null"),
        ("version", b'{"datasetVersion":3}'),
        ("version", b"[]"),
        ("version", b'{"datasetVersion":"\xff"}'),
        ("schema", b'{"fields":[]}'),
    ],
)
def test_reads_nothing_else(name: str, raw: bytes) -> None:
    """Null, another shape or a facet that the graph does not read is None."""
    assert read(name, raw) is None


@pytest.mark.parametrize("name", sorted(GRAPH_FACETS))
def test_reads_no_facet_from_a_list(name: str) -> None:
    """A value that is no object is no facet."""
    assert read(name, b"[1]") is None


def test_keeps_to_the_majors_it_knows() -> None:
    """One of our facets with an unknown major is not read, an unknown minor is."""
    urls = [f"https://example.org/headwater_kind-{number}.json" for number in ("1-7", "2-0")]
    values = [json.dumps({"kind": "REPORT", "_schemaURL": url}).encode() for url in urls]
    assert [read("headwater_kind", value) for value in values] == [facets.Kind("REPORT"), None]


def test_takes_an_unreadable_schema_url_as_known() -> None:
    """A `_schemaURL` of another type says nothing about the major."""
    assert is_known_major(b'{"_schemaURL":7}')


@pytest.mark.parametrize(
    ("raw", "deleted"),
    [
        (b'{"_deleted":true}', True),
        (b'{"_deleted":false}', False),
        (b'{"_deleted":"yes"}', False),
        (b'{"a":1}', False),
        (b"null", False),
    ],
)
def test_knows_deletions(raw: bytes, *, deleted: bool) -> None:
    """Only `"_deleted": true` removes a facet."""
    assert is_deleted(raw) is deleted
