"""Claims: what one ledger entry says, in the terms of the graph, before any of it is weighed.

A claim is inserted with the index of its entry and never updated. Times are microseconds since
1970-01-01T00:00:00Z. Every facet is named with the SHA-256 of its value as received, because the
rules of resolution break ties by it; the value itself is carried only where the graph reads it.

A store keeps the claims of an entry together, as arrays without the names of their members: half as
long as JSON with them, and read as fast as they can be copied.
"""

from __future__ import annotations

import msgspec

from headwater.refs import Artifact, Job, Run

TERMINAL = frozenset({"COMPLETE", "FAIL", "ABORT"})


class Stated(msgspec.Struct, frozen=True, array_like=True):
    """One facet as said: the SHA-256 (hex) of its bytes, and the bytes where the graph reads them.

    `deleted` is `_deleted: true` of a job or dataset facet. `path` is where the value stands in the
    event, so that an answer can show it as it came.
    """

    digest: str
    path: tuple[str | int, ...]
    value: str | None = None
    deleted: bool = False


class Observed(msgspec.Struct, frozen=True, array_like=True, tag="run", tag_field="claim"):
    """A run event: the run was in this state then. `type` is as received, None where absent."""

    entry: int
    run: Run
    time: int
    type: str | None
    inferred: bool
    facets: dict[str, Stated]
    job_facets: dict[str, Stated]


class Mentioned(msgspec.Struct, frozen=True, array_like=True, tag="mention", tag_field="claim"):
    """A run event names an artifact as `input` or `output`, at this place of that list.

    `facets` holds `facets` and `inputFacets` (or `outputFacets`) together; of one name in both, the
    specific one counts.
    """

    entry: int
    run: Run
    role: str
    artifact: Artifact
    time: int
    place: int
    terminal: bool
    facets: dict[str, Stated]


class Described(msgspec.Struct, frozen=True, array_like=True, tag="dataset", tag_field="claim"):
    """A DatasetEvent: static facets of an artifact."""

    entry: int
    artifact: Artifact
    time: int
    facets: dict[str, Stated]


class Defined(msgspec.Struct, frozen=True, array_like=True, tag="job", tag_field="claim"):
    """A JobEvent: static facets of a job and, where present, its whole lists of datasets.

    A list that is absent (None) says nothing; its digest is the SHA-256 of its sorted names.
    """

    entry: int
    job: Job
    time: int
    facets: dict[str, Stated]
    inputs: tuple[Artifact, ...] | None
    inputs_digest: str
    outputs: tuple[Artifact, ...] | None
    outputs_digest: str


class Labelled(msgspec.Struct, frozen=True, array_like=True, tag="label", tag_field="claim"):
    """Somebody put a label on a subject (a canonical reference)."""

    entry: int
    subject: str
    key: str
    value: str
    time: int
    by: str


Claim = Observed | Mentioned | Described | Defined | Labelled

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[tuple[Claim, ...]] = msgspec.msgpack.Decoder(tuple[Claim, ...])


def encode(claims: tuple[Claim, ...]) -> bytes:
    """Write the claims of one entry as MessagePack, the form in which a store keeps them."""
    return _encoder.encode(claims)


def decode(data: bytes) -> tuple[Claim, ...]:
    """Read what `encode` wrote."""
    return _decoder.decode(data)
