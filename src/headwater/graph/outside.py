"""Rules 8 and 9: what lies behind a version of outside origin."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence

from headwater.claims.model import Defined, Described, Mentioned
from headwater.claims.reading import facet_of, value_of
from headwater.graph.derivation import Reached
from headwater.graph.gather import Gathered, RunSaid
from headwater.graph.labels import TRUE
from headwater.graph.model import JobNode, Label, SameContent
from headwater.graph.writes import Made, Writes, digest_text
from headwater.refs import Artifact, Job, Run, Version

CONTENT_BYTES_MIN = 64
"""Contents known to be shorter say nothing by being equal."""


def outside_digests(reached: list[Reached]) -> dict[Version, str]:
    """The content of each outside version: by identity, or as all its readers state it."""
    stated: dict[Version, set[str]] = defaultdict(set)
    known: dict[Version, str] = {}
    for read in reached:
        if read.version.digest is not None:
            known[read.version] = read.version.digest
        elif read.digest is not None:
            stated[read.version].add(read.digest)
    for version, digests in stated.items():
        if len(digests) == 1:
            known[version] = next(iter(digests))
    return known


def same_content(
    writes: Writes, reached: list[Reached], digests: dict[Version, str], small: Container[str]
) -> dict[Version, SameContent]:
    """From outside versions to the earliest run-made one with the same bytes (rule 8)."""
    earliest: dict[str, Made] = {}
    for made_by in writes.of_run.values():
        for made in made_by:
            if not made.attempted and made.digest is not None:
                held = earliest.setdefault(made.digest, made)
                earliest[made.digest] = min(held, made, key=_since)
    first: dict[Version, int] = {}
    for read in reached:
        first[read.version] = min(read.time, first.get(read.version, read.time))
    found = {}
    for version, digest in digests.items():
        original = earliest.get(digest)
        if original is not None and original.begins < first[version] and digest not in small:
            found[version] = SameContent(version=version, original=original.version)
    return found


def small_contents(gathered: Gathered) -> Counter[str]:
    """Digests that anybody stated together with a size too small to mean anything.

    Each with how many say so: runs, and DatasetEvents one by one.
    """
    small: Counter[str] = Counter()
    for run in gathered.runs.values():
        small.update(small_of_run(run))
    for described in gathered.described.values():
        for claim in described:
            small.update(small_of_description(claim))
    return small


def small_of_run(run: RunSaid) -> set[str]:
    """Digests that a run states with such a size: by role and artifact, mentions together."""
    together = (mentions for side in (run.inputs, run.outputs) for mentions in side.values())
    return {digest for mentions in together for digest in _small(mentions)}


def small_of_description(claim: Described) -> set[str]:
    """Digests that a DatasetEvent states with such a size."""
    return _small([claim])


def _small(claims: Sequence[Mentioned | Described]) -> set[str]:
    return {
        digest for digest, size in _sizes(claims) if size is not None and size < CONTENT_BYTES_MIN
    }


def _sizes(claims: Sequence[Mentioned | Described]) -> Iterator[tuple[str, int | None]]:
    """Which digests are stated to have which size; statistics may come with another event."""
    if not any("headwater_digest" in claim.facets for claim in claims):
        return
    stated = [digest_text(facet_of(claim, "headwater_digest")) for claim in claims]
    digests = {digest for digest in stated if digest is not None}
    only = next(iter(digests)) if len(digests) == 1 else None
    for claim, own in zip(claims, stated, strict=True) if digests else ():
        digest = own or only
        if digest is not None:
            for name in ("headwater_digest", "inputStatistics", "outputStatistics"):
                yield digest, getattr(facet_of(claim, name), "size", None)


def _since(made: Made) -> tuple[tuple[int, Run], str]:
    return made.order, made.version.declared or ""


def static_jobs(gathered: Gathered) -> list[JobNode]:
    """Each job's static lists: of each side the newest that is there (rule 9)."""
    return [
        JobNode(
            job=job,
            inputs=_newest([(d.time, d.inputs_digest, d.inputs) for d in defined]),
            outputs=_newest([(d.time, d.outputs_digest, d.outputs) for d in defined]),
            facets=gathered.job_facets[job].facets(),
            entries=tuple(sorted({claim.entry for claim in defined})),
        )
        for job, defined in _every_job(gathered).items()
    ]


def _every_job(gathered: Gathered) -> dict[Job, list[Defined]]:
    jobs: dict[Job, list[Defined]] = {run.run.job: [] for run in gathered.runs.values()}
    return {**jobs, **gathered.jobs}


def _newest(
    said: list[tuple[int, str, tuple[Artifact, ...] | None]],
) -> tuple[Artifact, ...] | None:
    lists = [item for item in said if item[2] is not None]
    return max(lists, key=lambda item: item[:2])[2] if lists else None


def is_source(gathered: Gathered, artifact: Artifact, label: Label | None) -> bool:
    """Whether somebody says that this artifact's origin is outside and known.

    `label` is its own of the key `source`. Of each speaker (a run in one role, or the static
    events) the newest policy holds, whole; of those that speak of `source`, the newest rules.
    """
    said: list[tuple[int, str, bool]] = []
    for speaker in gathered.policies.get(artifact, {}).values():
        policy = speaker.said("headwater_policy")
        facet = None if policy is None else value_of(policy.stated)
        if policy is not None and facet is not None and facet.source is not None:
            said.append((policy.time, policy.digest, facet.source))
    if label is not None:
        said.append((label.time, "", label.values[0].lower() in TRUE))
    return max(said)[2] if said else False
