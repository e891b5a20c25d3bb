"""What each tool takes: one type an argument list, from which its JSON Schema is made too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import jsonschema_rs
import msgspec
from msgspec import UNSET, Meta, UnsetType

from headwater.errors import Problem
from headwater.openlineage import paths

NODES_DEFAULT = 30
NODES_MAX = 200
ITEMS_DEFAULT = 20
ITEMS_MAX = 200
TEXT_CHARS_MAX = 16_384
"""Of one argument. A canonical reference holds up to five names of 4,096 bytes, percent-encoded;
those that long are the ledger's to know, not an agent's to type."""

Text = Annotated[str, Meta(min_length=1, max_length=TEXT_CHARS_MAX)]

Reference = Annotated[
    Text,
    Meta(
        description="What you ask about: a name (`orders`, `namespace::orders`), a version "
        "(`orders@v:3`, `orders@2026-11-01`, `orders@sha256:91ab04`), a column (`orders#amount`), "
        "a run id or the first 6 or more characters of one, a job (`job:namespace::name`), or any "
        "`ref` of an earlier answer. A name alone means its newest version.",
        examples=["sales.public.orders", "delay.joblib@v:2", "orders#amount"],
    ),
]
At = Annotated[
    str | int,
    Meta(
        description="Answer as known then: a ledger size (the `head.size` of an earlier answer), "
        "or a time in UTC. Leave it out for now.",
        examples=["18204", "2026-11-01T12:00:00Z"],
    ),
]
Depth = Annotated[
    int,
    Meta(ge=0, le=1_000_000, description="Follow at most so many runs. Leave it out for all."),
]
Nodes = Annotated[
    int,
    Meta(
        ge=1,
        le=NODES_MAX,
        description="Nodes in the answer, the nearest first; what did not fit is counted in "
        "`left_out`.",
    ),
]
Skip = Annotated[
    int,
    Meta(
        ge=0,
        le=1_000_000,
        description="Leave out so many nodes at the beginning: `left_out.more.skip` of the answer "
        "before, with its `at`.",
    ),
]
Items = Annotated[
    int,
    Meta(
        ge=1,
        le=ITEMS_MAX,
        description="Items of each list in the answer; what did not fit is counted in `left_out`.",
    ),
]
Revisions = Annotated[
    Literal["carried", "all"],
    Meta(
        description="Earlier states of a table: only those known to carry over (`carried`), or "
        "`all`.",
    ),
]


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one call."""


class Walk(Arguments, frozen=True):
    """Of `trace` and `impact`."""

    ref: Reference
    depth: Depth | UnsetType = UNSET
    at: At | UnsetType = UNSET
    revisions: Revisions = "carried"
    limit: Nodes = NODES_DEFAULT
    skip: Skip = 0


class Ends(Arguments, frozen=True):
    """Of `paths`."""

    a: Reference
    b: Reference
    at: At | UnsetType = UNSET
    limit: Nodes = NODES_DEFAULT
    skip: Skip = 0


class Pair(Arguments, frozen=True):
    """Of `why` and `diff`."""

    a: Reference
    b: Reference
    at: At | UnsetType = UNSET
    limit: Items = ITEMS_DEFAULT


class Show(Arguments, frozen=True):
    """Of `show`."""

    ref: Reference
    at: At | UnsetType = UNSET
    facets: Annotated[
        tuple[Text, ...],
        Meta(
            max_length=50,
            description="Facets to give whole, by name: the answer lists which there are.",
            examples=[["schema", "sql"]],
        ),
    ] = ()
    limit: Items = ITEMS_DEFAULT


class Search(Arguments, frozen=True):
    """Of `search`."""

    text: Annotated[
        Text,
        Meta(
            description="Any part of a name, or of an owner, a label as `key=value`, a tag, a "
            "description, a digest or a run id. One piece of text, no operators.",
            examples=["orders", "team-data", "sensitivity=high"],
        ),
    ]
    kind: (
        Annotated[
            Text,
            Meta(
                description="Only this kind: table, view, file, topic, stream, model, "
                "feature_view, deployment, report, dataset (kind not said), job, run, or what "
                "else a producer said.",
                examples=["model"],
            ),
        ]
        | UnsetType
    ) = UNSET
    at: At | UnsetType = UNSET
    limit: Items = ITEMS_DEFAULT


def schema(arguments: type[Arguments]) -> dict[str, Any]:
    """The JSON Schema of an argument list: one object, nothing referred to."""
    _, components = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    found: dict[str, Any] = components[arguments.__name__]
    return {key: value for key, value in found.items() if key not in ("title", "description")}


def read(
    arguments: type[Arguments], given: dict[str, Any]
) -> tuple[Arguments | None, tuple[Problem, ...]]:
    """Read the arguments of a call, or list every problem. A null is an argument left out."""
    said = {name: value for name, value in given.items() if value is not None}
    problems = tuple(
        Problem(paths.write(error.instance_path), error.message)
        for error in jsonschema_rs.iter_errors(schema(arguments), said)
    )
    if problems:
        return None, problems
    # JSON Schema has 3.0 for an integer too.
    return msgspec.convert(said, arguments, strict=False), ()
