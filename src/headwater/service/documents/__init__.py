"""The shapes of answers, as OpenAPI describes them: docs/reference/json-answers.md, as types.

The gateway writes answers as plain documents; that each has the shape that is promised here is
tested, member by member.
"""

from headwater.service.documents.findings import (
    DiffAnswer,
    OverviewAnswer,
    SearchAnswer,
    WhyAnswer,
)
from headwater.service.documents.graphs import (
    Completeness,
    Counts,
    Edge,
    Head,
    ImpactAnswer,
    Node,
    PathsAnswer,
    TraceAnswer,
)
from headwater.service.documents.passports import (
    Shown,
)

__all__ = [
    "Completeness",
    "Counts",
    "DiffAnswer",
    "Edge",
    "Head",
    "ImpactAnswer",
    "Node",
    "OverviewAnswer",
    "PathsAnswer",
    "SearchAnswer",
    "Shown",
    "TraceAnswer",
    "WhyAnswer",
]
