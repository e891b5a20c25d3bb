"""The facets that the graph reads, typed. Every other facet stays as it came.

Shapes are those of the OpenLineage facet schemas (spec 2-0-2) and of our own `headwater_*` ones in
`schemas/headwater/`. Reading is lenient, as producers are: a field that may be absent may also be
null, unknown fields are ignored, and a value of another shape reads as None (admission has warned
about it).

Trusted? No: every value is what a producer said. Names in them keep the limits of `limits`, which
admission holds them to.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec


class _Facet(msgspec.Struct, frozen=True, rename="camel"):
    """What all facets share: nothing that the graph reads."""


class DatasetVersion(_Facet, frozen=True):
    """`version`: the id that the writer gave to this state, such as a snapshot id."""

    dataset_version: str


class Digest(_Facet, frozen=True):
    """`headwater_digest`: a content digest, or why there is none (`missed`). `size` in bytes.

    `of` is `bytes`, `manifest` (sorted list of path and digest) or `table` (canonical content).
    """

    algorithm: str | None = None
    value: str | None = None
    size: int | None = None
    of: str | None = None
    missed: str | None = None


class Identifier(_Facet, frozen=True):
    """Another name of a dataset, or the one it had before."""

    namespace: str
    name: str
    type: str | None = None


class Symlinks(_Facet, frozen=True):
    """`symlinks`: other names of this dataset."""

    identifiers: tuple[Identifier, ...] | None = None


class LifecycleStateChange(_Facet, frozen=True):
    """`lifecycleStateChange`: ALTER, CREATE, DROP, OVERWRITE, RENAME or TRUNCATE."""

    lifecycle_state_change: str
    previous_identifier: Identifier | None = None


class Transformation(_Facet, frozen=True):
    """How an input went into an output: `type` is DIRECT or INDIRECT."""

    type: str
    subtype: str | None = None
    masking: bool | None = None


class InputField(_Facet, frozen=True):
    """A column of an input."""

    namespace: str
    name: str
    field: str
    transformations: tuple[Transformation, ...] | None = None


class ColumnField(_Facet, frozen=True):
    """Where one column came from. `transformation_type` is the deprecated way to say how."""

    input_fields: tuple[InputField, ...] | None = None
    transformation_type: str | None = None
    transformation_description: str | None = None


class ColumnLineage(_Facet, frozen=True):
    """`columnLineage` 1-2-0: by column, and (`dataset`) what bears on all columns alike."""

    fields: dict[str, ColumnField] | None = None
    dataset: tuple[InputField, ...] | None = None


class LineageInput(_Facet, frozen=True):
    """A source in a `lineage` facet: `type` is DATASET or JOB."""

    type: str
    namespace: str | None = None
    name: str | None = None
    field: str | None = None
    run_id: str | None = None
    transformations: tuple[Transformation, ...] | None = None


class LineageField(_Facet, frozen=True):
    """The sources of one column."""

    inputs: tuple[LineageInput, ...] | None = None


class LineageEntry(_Facet, frozen=True):
    """A target and its sources. `inputs` keeps apart *absent* (None) and *known to have none*."""

    type: str
    namespace: str | None = None
    name: str | None = None
    run_id: str | None = None
    inputs: tuple[LineageInput, ...] | None = None
    fields: dict[str, LineageField] | None = None


class Lineage(_Facet, frozen=True):
    """`lineage`: `entries` on a run or job; `inputs` and `fields` on a dataset."""

    entries: tuple[LineageEntry, ...] | None = None
    inputs: tuple[LineageInput, ...] | None = None
    fields: dict[str, LineageField] | None = None


class RunLink(_Facet, frozen=True):
    """A run named by its id."""

    run_id: str


class JobLink(_Facet, frozen=True):
    """A job named by namespace and name."""

    namespace: str
    name: str


class Root(_Facet, frozen=True):
    """The outermost run."""

    run: RunLink
    job: JobLink


class Parent(_Facet, frozen=True):
    """`parent`: the run that this one is part of."""

    run: RunLink
    job: JobLink
    root: Root | None = None


class JobDependency(msgspec.Struct, frozen=True):
    """A job, and perhaps its run, before or after this run in the order of control."""

    job: JobLink
    run: RunLink | None = None
    dependency_type: str | None = None


class JobDependencies(_Facet, frozen=True):
    """`jobDependencies`: control flow, never data."""

    upstream: tuple[JobDependency, ...] | None = None
    downstream: tuple[JobDependency, ...] | None = None


class JobType(_Facet, frozen=True):
    """`jobType`: `processing_type` is BATCH, STREAMING or SERVICE."""

    processing_type: str | None = None
    integration: str | None = None
    job_type: str | None = None


class DatasetType(_Facet, frozen=True):
    """`datasetType`: TABLE, VIEW, FILE, TOPIC, STREAM, MODEL …."""

    dataset_type: str
    sub_type: str | None = None


class Kind(_Facet, frozen=True):
    """`headwater_kind`: FEATURE_VIEW, DEPLOYMENT or REPORT."""

    kind: str


class Write(_Facet, frozen=True):
    """`headwater_write`: append, overwrite, upsert or delete."""

    mode: str


class Subset(_Facet, frozen=True):
    """`subset`: that it is there says that the write touched a part."""


class Policy(_Facet, frozen=True):
    """`headwater_policy`: `source` says that this artifact's origin is outside and known."""

    source: bool | None = None
    domain: str | None = None
    sensitivity: str | None = None
    tags: tuple[str, ...] | None = None


class Inferred(_Facet, frozen=True):
    """`headwater_inferred`: the run's end was concluded by somebody else, not observed."""

    reason: str | None = None


class Gap(_Facet, frozen=True):
    """Something that capture could not see."""

    what: str | None = None
    why: str | None = None


class Capture(_Facet, frozen=True):
    """`headwater_capture`: what could not be seen; `exact` says whether reads are attributed."""

    gaps: tuple[Gap | str, ...] | None = None
    exact: bool | None = None


class Read(_Facet, frozen=True):
    """`headwater_read`: `own` marks a read of what the run itself wrote."""

    own: bool | None = None


class NominalTime(_Facet, frozen=True):
    """`nominalTime`: the data interval, as text."""

    nominal_start_time: str
    nominal_end_time: str | None = None


class Owner(_Facet, frozen=True):
    """An owner, and in which role."""

    name: str
    type: str | None = None


class Ownership(_Facet, frozen=True):
    """`ownership` of a job or dataset."""

    owners: tuple[Owner, ...] | None = None


class Documentation(_Facet, frozen=True):
    """`documentation` of a job or dataset."""

    description: str


class Tag(_Facet, frozen=True):
    """A tag; `field` is the column it is about, if any."""

    key: str
    value: str | None = None
    source: str | None = None
    field: str | None = None


class Tags(_Facet, frozen=True):
    """`tags` of a run, job or dataset."""

    tags: tuple[Tag, ...] | None = None


class Actor(_Facet, frozen=True):
    """`headwater_actor`: who acted, as the producer asserts."""

    subject: str
    issuer: str | None = None
    kind: str | None = None
    role: str | None = None


class Code(_Facet, frozen=True):
    """`headwater_code`: the code's state; `diff_digest` covers what was not committed."""

    commit: str | None = None
    dirty: bool | None = None
    diff_digest: str | None = None
    entry_point: str | None = None


class SourceCodeLocation(_Facet, frozen=True):
    """`sourceCodeLocation`: where the job's code is kept; `version` is mostly a commit."""

    type: str | None = None
    url: str | None = None
    repo_url: str | None = None
    path: str | None = None
    version: str | None = None
    tag: str | None = None
    branch: str | None = None


class Statistics(_Facet, frozen=True):
    """`inputStatistics`, `outputStatistics`: `size` in bytes."""

    row_count: int | None = None
    size: int | None = None
    file_count: int | None = None


Facet = (
    DatasetVersion
    | Digest
    | Symlinks
    | LifecycleStateChange
    | ColumnLineage
    | Lineage
    | Parent
    | JobDependencies
    | JobType
    | DatasetType
    | Kind
    | Write
    | Subset
    | Policy
    | Inferred
    | Capture
    | Read
    | NominalTime
    | Ownership
    | Documentation
    | Tags
    | Actor
    | Code
    | SourceCodeLocation
    | Statistics
)

TYPES: Final[dict[str, type[Facet]]] = {
    "version": DatasetVersion,
    "headwater_digest": Digest,
    "symlinks": Symlinks,
    "lifecycleStateChange": LifecycleStateChange,
    "columnLineage": ColumnLineage,
    "lineage": Lineage,
    "parent": Parent,
    "jobDependencies": JobDependencies,
    "jobType": JobType,
    "datasetType": DatasetType,
    "headwater_kind": Kind,
    "headwater_write": Write,
    "subset": Subset,
    "headwater_policy": Policy,
    "headwater_inferred": Inferred,
    "headwater_capture": Capture,
    "headwater_read": Read,
    "nominalTime": NominalTime,
    "ownership": Ownership,
    "documentation": Documentation,
    "tags": Tags,
    "headwater_actor": Actor,
    "headwater_code": Code,
    "sourceCodeLocation": SourceCodeLocation,
    "inputStatistics": Statistics,
    "outputStatistics": Statistics,
}
"""The struct of each facet that the graph reads, by the facet's name."""

GRAPH_FACETS: Final = frozenset(TYPES)
"""Names of the facets that the graph reads."""


class _Deletion(msgspec.Struct, frozen=True):
    deleted: bool = msgspec.field(default=False, name="_deleted")


class _Schema(msgspec.Struct, frozen=True):
    url: str = msgspec.field(default="", name="_schemaURL")


_DECODERS: Final = {name: msgspec.json.Decoder(type_) for name, type_ in TYPES.items()}
_DELETION: Final = msgspec.json.Decoder(_Deletion)
_SCHEMA: Final = msgspec.json.Decoder(_Schema)
_MAJOR: Final = re.compile(r"headwater_[a-z_]+-(\d+)-\d+\.json", re.ASCII)


def read(name: str, raw: bytes | msgspec.Raw) -> Facet | None:
    """Decode the facet `name` from its JSON.

    None when the graph does not read facets of this name, when the value is null or of another
    shape, and for a `headwater_*` facet of a major version that we do not know.
    """
    decoder = _DECODERS.get(name)
    if decoder is None:
        return None
    try:
        facet = decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if name.startswith("headwater_") and not is_known_major(raw) else facet


def is_known_major(raw: bytes | msgspec.Raw) -> bool:
    """Whether the `_schemaURL` of a `headwater_*` facet names a major version that we read.

    One without a readable URL counts as known.
    """
    try:
        match = _MAJOR.search(_SCHEMA.decode(raw).url)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
    return match is None or int(match[1]) == 1


def is_deleted(raw: bytes | msgspec.Raw) -> bool:
    """Whether the value says `"_deleted": true`, by which a job or dataset facet is removed."""
    if b"_deleted" not in bytes(raw):
        return False
    try:
        return _DELETION.decode(raw).deleted
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
