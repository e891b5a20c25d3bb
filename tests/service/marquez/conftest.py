"""A service that was told of a small pipeline by an OpenLineage client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from marquez_client import MarquezClient
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import (
    DatasetFacet,
    column_lineage_dataset,
    documentation_job,
    job_type_job,
    nominal_time_run,
    schema_dataset,
    source_code_location_job,
    tags_dataset,
)
from openlineage.client.transport.http import (
    ApiKeyTokenProvider,
    HttpConfig,
    HttpTransport,
    TokenProvider,
)

from tests.service.conftest import Run as Start
from tests.service.served import Client

LAKE, CRON, SHOP = "s3://lake", "cron/jobs", "postgres://shop:5432"
START = datetime(2026, 5, 4, 1, tzinfo=UTC)
RUNS = {
    name: f"{number:08x}-0000-4000-8000-000000000000"
    for number, name in enumerate(("extract", "build", "report", "rebuild"), start=1)
}


def emit(
    client: OpenLineageClient, name: str, hour: int, reads: list[str], writes: list[str]
) -> None:
    """A run of a job: START and COMPLETE, an hour after the one before."""
    began = START + timedelta(hours=hour)
    run = Run(
        RUNS[name],
        {"nominalTime": nominal_time_run.NominalTimeRunFacet("2026-05-04T00:00:00Z")},
    )
    job = Job(
        CRON,
        name.removeprefix("re") if name == "rebuild" else name,
        {
            "documentation": documentation_job.DocumentationJobFacet(f"how to {name}"),
            "jobType": job_type_job.JobTypeJobFacet("BATCH", "CRON", jobType="TASK"),
            "sourceCodeLocation": source_code_location_job.SourceCodeLocationJobFacet(
                "git", f"https://example.com/{name}.py"
            ),
        },
    )
    inputs = [InputDataset(*place(one)) for one in reads]
    outputs = [OutputDataset(*place(one), facets=facets(reads)) for one in writes]
    for state, time in ((RunState.START, began), (RunState.COMPLETE, began + timedelta(minutes=9))):
        client.emit(
            RunEvent(
                eventTime=time.isoformat(),
                producer="https://example.com/pipeline",
                run=run,
                job=job,
                eventType=state,
                inputs=inputs,
                outputs=outputs,
            )
        )


def place(name: str) -> tuple[str, str]:
    """Tables of the shop have dots, files of the lake have slashes."""
    return (SHOP if "." in name else LAKE, name)


def facets(reads: list[str]) -> dict[str, DatasetFacet]:
    """Two columns, each from the column of its name; a tag on the whole and one on a column."""
    fields = {
        column: column_lineage_dataset.Fields(
            [column_lineage_dataset.InputField(*place(one), column) for one in reads]
        )
        for column in ("id", "amount")
    }
    return {
        "schema": schema_dataset.SchemaDatasetFacet(
            [
                schema_dataset.SchemaDatasetFacetFields("id", "BIGINT", "the key"),
                schema_dataset.SchemaDatasetFacetFields("amount", "DECIMAL"),
            ]
        ),
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields),
        "tags": tags_dataset.TagsDatasetFacet(
            [
                tags_dataset.TagsDatasetFacetFields("pii", "true", "USER"),
                tags_dataset.TagsDatasetFacetFields("money", "true", "USER", field="amount"),
            ]
        ),
    }


def tell(url: str, token: str | None = None) -> None:
    """Orders → staging/orders → marts/sales → reports/daily, the mart built twice."""
    auth = ApiKeyTokenProvider({"apiKey": token}) if token else TokenProvider({})
    client = OpenLineageClient(transport=HttpTransport(HttpConfig(url, auth=auth)))
    emit(client, "extract", 0, ["public.orders"], ["staging/orders"])
    emit(client, "build", 1, ["staging/orders"], ["marts/sales"])
    emit(client, "report", 2, ["marts/sales"], ["reports/daily"])
    emit(client, "rebuild", 3, ["staging/orders"], ["marts/sales"])
    client.close()


@pytest.fixture
def service(run: Start) -> Client:
    """A service that was told."""
    served = run()
    tell(served.url)
    return served


@pytest.fixture
def marquez(service: Client) -> MarquezClient:
    """Marquez's own client, told of our address and nothing else."""
    return MarquezClient(service.url)


def is_uuid(text: str) -> bool:
    """Whether a version is written as Marquez writes versions."""
    return str(UUID(text)) == text
