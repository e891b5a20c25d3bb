"""The page on Marquez says what is served."""

from __future__ import annotations

import re
from pathlib import Path

from litestar.enums import HttpMethod

from headwater.query import dataflow
from headwater.service.marquez import addresses, asking, names, parameters, routes

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "marquez.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_route_is_said() -> None:
    """The last literal part of each address stands in the table."""
    table = "\n".join(line for line in TEXT.splitlines() if line.startswith("| `GET"))
    for handler in routes.HANDLERS:
        if handler.http_methods == {HttpMethod.GET}:
            for path in handler.paths - {addresses.SEARCH_BY_PATTERN}:
                last = [part for part in path.split("/") if part][-1]
                assert re.sub(r":\w+", "", last).replace("run_id", "id") in table, path


def test_every_limit_is_said_with_its_value() -> None:
    """Items of a page, depth and nodes of a graph."""
    said = " ".join(TEXT.split())
    assert f"{parameters.LIST_ITEMS_MAX:,} at most" in said
    assert f"`depth` is at most {asking.DEPTH_MAX:,}" in said
    assert f"at most {dataflow.DATAFLOW_NODES_MAX:,} nodes" in said
    assert str(names.VERSIONS) in said
