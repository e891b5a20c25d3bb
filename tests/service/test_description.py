"""The OpenAPI document, and the service held to it by generated requests."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from tests.query.telling import chain
from tests.service.conftest import Run
from tests.service.served import Client
from tests.service.test_answers import give


@pytest.fixture
def described(served: Client) -> dict[str, Any]:
    """The description."""
    reply = served.get("/schema/openapi.json")
    assert reply.status == 200
    document: dict[str, Any] = reply.json
    return document


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation."""
    return [one for path in document["paths"].values() for one in path.values()]


def test_it_is_openapi(described: dict[str, Any]) -> None:
    """Version 3.1, with an identity for each operation, and no reference that leads nowhere."""
    assert described["openapi"].startswith("3.1")
    names = [operation["operationId"] for operation in operations(described)]
    assert len(names) == len(set(names))
    schemas = described["components"]["schemas"]
    refs = set(references(described))
    assert refs
    assert {ref.removeprefix("#/components/schemas/") for ref in refs} <= schemas.keys()


def references(value: Any) -> list[str]:
    """Every `$ref`."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for item in value.values() for ref in references(item)]
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    return []


def test_every_error_is_a_problem(described: dict[str, Any]) -> None:
    """Each operation of ours lists its errors, all of them as problem details."""
    for operation in operations(described):
        for status, response in operation["responses"].items():
            if status >= "400" and operation["operationId"] != "readyz":
                assert list(response["content"]) == ["application/problem+json"], operation


@pytest.mark.slow
def test_generated_requests_keep_to_it(run: Run) -> None:
    """Whatever is asked that fits the description, or does not, is answered as it says."""
    served = run()
    give(served, chain())
    document = served.get("/schema/openapi.json").json
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from schemathesis.checks import CHECKS
        from schemathesis.config import SchemathesisConfig

        schemathesis.checks.load_all_checks()
        schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig())
        checks = [
            CHECKS.get_one(name)
            for name in (
                "not_a_server_error",
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
                "response_headers_conformance",
                "negative_data_rejection",
            )
        ]
        negative = CHECKS.get_one("negative_data_rejection")
        tried = 0
        for found in schema.get_all_operations():
            tried += 1
            operation = found.ok()  # type: ignore[union-attr]

            @settings(
                max_examples=30,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def attempt(case: Any) -> None:
                case.call_and_validate(
                    base_url=served.url,
                    checks=checks,
                    # A batch is answered 200 with the events that failed, as OpenLineage has it.
                    excluded_checks=[negative] if case.path.endswith("/batch") else [],
                )

            given(case=operation.as_strategy())(attempt)()
            # What takes nothing cannot be given anything wrong.
            with contextlib.suppress(Unsatisfiable):
                wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
                given(case=wrong)(attempt)()
    assert tried >= 15
    assert served.get("/readyz").status == 200
