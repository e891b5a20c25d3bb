"""Rules 8 and 9: what lies behind a version of outside origin."""

from __future__ import annotations

from collections import defaultdict

from headwater.claims.model import Defined, Described, Mentioned
from headwater.claims.reading import facet_of, value_of
from headwater.graph.gather import Gathered
from headwater.graph.labels import TRUE, standing
from headwater.graph.model import JobNode, SameContent, Used
from headwater.graph.writes import Made, Writes, digest_text
from headwater.refs import Artifact, Job, Version

CONTENT_BYTES_MIN = 64
"""Contents known to be shorter say nothing by being equal."""


def outside_digests(used: list[Used]) -> dict[Version, str]:
    """The content of each outside version: by identity, or as all its readers state it."""
    stated: dict[Version, set[str]] = defaultdict(set)
    known: dict[Version, str] = {}
    for edge in used:
        if not edge.version.outside:
            continue
        if edge.version.digest is not None:
            known[edge.version] = edge.version.digest
        elif edge.digest is not None:
            stated[edge.version].add(edge.digest)
    for version, digests in stated.items():
        if len(digests) == 1:
            known[version] = next(iter(digests))
    return known


def same_content(
    gathered: Gathered, writes: Writes, used: list[Used], digests: dict[Version, str]
) -> dict[Version, SameContent]:
    """From outside versions to the earliest run-made one with the same bytes (rule 8)."""
    made_with: dict[str, list[Made]] = defaultdict(list)
    for made_by in writes.of_run.values():
        for made in made_by:
            if not made.attempted and made.digest is not None:
                made_with[made.digest].append(made)
    small = small_contents(gathered)
    first: dict[Version, int] = {}
    for edge in used:
        first[edge.version] = min(edge.time, first.get(edge.version, edge.time))
    found = {}
    for version, digest in digests.items():
        candidates = [made for made in made_with.get(digest, ()) if made.begins < first[version]]
        if candidates and digest not in small:
            original = min(candidates, key=lambda made: (made.order, made.version.declared or ""))
            found[version] = SameContent(version=version, original=original.version)
    return found


def small_contents(gathered: Gathered) -> set[str]:
    """Digests that anybody stated together with a size too small to mean anything."""
    small = set()
    every: list[Mentioned | Described] = [*gathered.mentions]
    for described in gathered.described.values():
        every += described
    for claim in every:
        facet = facet_of(claim, "headwater_digest")
        digest = digest_text(facet)
        if digest is None:
            continue
        statistics = facet_of(claim, "inputStatistics"), facet_of(claim, "outputStatistics")
        sizes = [facet.size, *(item.size for item in statistics if item is not None)]
        if any(size is not None and size < CONTENT_BYTES_MIN for size in sizes):
            small.add(digest)
    return small


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


def is_source(gathered: Gathered, artifact: Artifact) -> bool:
    """Whether somebody says that this artifact's origin is outside and known.

    Of each speaker (a run in one role, or the static events) the newest policy holds, whole; of
    those that speak of `source`, the newest rules.
    """
    said: list[tuple[int, str, bool]] = []
    for speaker in gathered.policies.get(artifact, {}).values():
        policy = speaker.said("headwater_policy")
        facet = None if policy is None else value_of(policy.stated)
        if policy is not None and facet is not None and facet.source is not None:
            said.append((policy.time, policy.digest, facet.source))
    label = standing(gathered.labels.get(str(artifact), ())).get("source")
    if label is not None:
        said.append((label.time, "", label.values[0].lower() in TRUE))
    return max(said)[2] if said else False
