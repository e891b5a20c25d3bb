"""docs/reference/http.md says what the service does: routes, parameters, statuses, limits."""

from __future__ import annotations

import re
from typing import Any

import pytest

from headwater.ingest import sharing
from headwater.openlineage.limits import EVENT_BYTES_MAX
from headwater.query.tokens import Token
from headwater.service import access, app, limits, problems
from headwater.service.description import _REFUSALS, describe
from headwater.service.marquez import routes as marquez
from headwater.service.measuring import Metrics
from tests.docs.test_reference import DOCS, arguments_said, page, section

TEXT = page("http")
OURS = [handler for handler in app.handlers() if handler not in marquez.HANDLERS]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The OpenAPI document."""
    return describe(OURS)


def test_every_route_is_said(described: dict[str, Any]) -> None:
    """The table of routes has each method and path with its operation, and no other."""
    rows = re.findall(r"^\| `(GET|POST) (/\S*)` \| `(\w+)` \|", TEXT, re.MULTILINE)
    made = {
        (method.upper(), path, operation["operationId"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert set(rows) == made | {("GET", "/schema/openapi.json", "openapi")}


def test_who_may_ask_is_said() -> None:
    """Routes that are open, and those for auditors, are marked as the handlers are."""
    rows = dict(re.findall(r"^\| `(?:GET|POST) /\S*` \| `(\w+)` \| ([^|]*) \|", TEXT, re.MULTILINE))
    for handler in OURS:
        who = rows.get(str(getattr(handler, "operation_id", "")))
        if who is None:
            continue  # not of the described ones
        assert (who == "all") == bool(handler.opt.get(access.OPEN))
        assert (who == "auditors") == bool(handler.opt.get(access.LEDGER))


def test_every_parameter_is_said(described: dict[str, Any]) -> None:
    """Each query parameter stands in a table, with the routes that take it."""
    said: dict[str, set[str]] = {}
    for names, of in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| ([\w, ]+) \| ", TEXT, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            said[name] = set(of.split(", "))
    words = {"both": {"postEvent", "postBatch"}, "a batch": {"postBatch"}}
    answers = {"trace", "impact", "paths", "show", "diff", "why", "search"}
    words["all"] = answers
    made: dict[str, set[str]] = {}
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    made.setdefault(parameter["name"], set()).add(operation["operationId"])
    found = {
        name: set().union(*(words.get(word, {word}) for word in of))
        for name, of in said.items()
        if name in made
    }
    assert found == made


def test_every_status_is_said() -> None:
    """The table of errors has every status that a problem may have."""
    said = {int(code) for code in re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)}
    assert said == {int(status) for status in _REFUSALS}
    assert set(problems.STATUSES.values()) <= said


def test_every_limit_is_said_with_its_value() -> None:
    """The table of limits is the module of limits, with the two of the queue."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+) \|", TEXT, re.MULTILINE)
    said = {name: int(value.replace(",", "")) for name, value in rows}
    made = {name: value for name, value in vars(limits).items() if name.isupper()}
    made.pop("DOCUMENT_BYTES_MAX", None)
    queue = {name: getattr(sharing, name) for name in ("WAITING_EVENTS_MAX", "WAITING_BYTES_MAX")}
    assert said == made | queue | {"EVENT_BYTES_MAX": EVENT_BYTES_MAX}


def test_the_members_of_a_token_are_said() -> None:
    """The table of the token file has each member."""
    assert arguments_said(section(TEXT, "Access")) == set(Token.__struct_fields__)


def test_every_metric_is_said() -> None:
    """The how-to lists every metric, and no other."""
    text = (DOCS / "how-to" / "run-the-service.md").read_text("utf-8")
    said = {code.removesuffix("_total") for code in re.findall(r"`(headwater_\w+)`", text)}
    exposed = Metrics().expose({}).decode()
    made = set(re.findall(r"^# TYPE (headwater_\w+?)(?:_total)? ", exposed, re.MULTILINE))
    assert said == {name for name in made if not name.endswith("_created")}
