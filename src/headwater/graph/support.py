"""What one has to know besides the graph, to catch up with further entries.

Nothing here is shown. It is a pure function of the same claims as the graph.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from headwater.graph.gather import Gathered, RunSaid
from headwater.graph.model import Facet, Graph
from headwater.graph.names import components
from headwater.graph.outside import small_of_run
from headwater.graph.weigh import Weighed, contradiction
from headwater.graph.writes import Made
from headwater.refs import Artifact, Job, Run, Version

BARRIERS = frozenset({"DROP", "CREATE"})
"""State changes behind which reads by declared id do not look."""


class RunSupport(msgspec.Struct, frozen=True, array_like=True):
    """What a run adds to sums over all runs.

    `reached` are reads of outside versions: when, and the content that they state. `unended` are
    the names that it writes, and since when, while it has no end. `unborn` are the ordinals of
    versions that it once claimed and that are none.
    """

    warnings: tuple[str, ...] = ()
    reached: tuple[tuple[Version, int, str | None], ...] = ()
    unended: tuple[tuple[Artifact, int], ...] = ()
    small: tuple[str, ...] = ()
    unborn: tuple[tuple[Version, int], ...] = ()


class WriteSupport(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """What timelines need of a version. As `graph.past.Held` has it."""

    first: int
    carries: str
    kind: str | None
    lifecycles: tuple[str, ...]
    renames: tuple[tuple[Artifact, tuple[int, int]], ...]


class OutsideSupport(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Of an outside version: when it was first read, and the contents that readers state."""

    first: int
    digests: tuple[str, ...]


class ArtifactSupport(msgspec.Struct, frozen=True, array_like=True):
    """Of an artifact: deleted facets, entries of policies, its component, how many ordinals."""

    deleted: dict[str, Facet] = {}
    policies: tuple[int, ...] = ()
    names: tuple[Artifact, ...] = ()
    agreed: bool = True
    ordinals: int = 0


class Support:
    """All of it, by what it is about."""

    def __init__(
        self, weighed: Weighed, graph: Graph, ordinals: dict[Version, int], small: Counter[str]
    ) -> None:
        gathered = weighed.gathered
        self.small = small
        self.footprints = weighed.footprints
        self.writes = {
            made.version: write_support(made)
            for made_by in weighed.writes.of_run.values()
            for made in made_by
        }
        self.runs = run_support(weighed)
        for version, ordinal in ordinals.items():
            if version not in graph.versions and version.run is not None:
                said = self.runs[version.run]
                self.runs[version.run] = msgspec.structs.replace(
                    said, unborn=(*said.unborn, (version, ordinal))
                )
        self.outside = _outside(self.runs)
        self.artifacts = _artifacts(weighed, graph, ordinals)
        self.deleted_of_jobs: dict[Job, dict[str, Facet]] = {
            job: gathered.job_facets[job].deleted() for job in graph.jobs
        }
        self.labelled = {
            subject: tuple(sorted({label.entry for label in said}))
            for subject, said in gathered.labels.items()
        }
        self.warnings = Counter(
            sentence for said in self.runs.values() for sentence in said.warnings
        )


def run_support(weighed: Weighed) -> dict[Run, RunSupport]:
    """What each weighed run adds to sums; which claimed versions are none is not told here."""
    derivation = weighed.derivation
    reached: dict[Run, list[tuple[Version, int, str | None]]] = defaultdict(list)
    for item in derivation.reached:
        reached[item.run].append((item.version, item.time, item.digest))
    unended: dict[Run, list[tuple[Artifact, int]]] = defaultdict(list)
    for name, writers in weighed.binding.unended.items():
        for first, run in writers:
            unended[run].append((name, first))

    def support(said: RunSaid) -> RunSupport:
        run = said.run
        return RunSupport(
            tuple(sorted({*derivation.warnings.get(run, ()), *contradiction(said)})),
            tuple(reached.get(run, ())),
            tuple(sorted(unended.get(run, ()))),
            tuple(sorted(small_of_run(said))),
        )

    return {run: support(said) for run, said in weighed.gathered.runs.items()}


def write_support(made: Made) -> WriteSupport:
    """What timelines need of a version."""
    return WriteSupport(
        made.first,
        made.carries,
        made.kind,
        tuple(sorted(made.lifecycles & BARRIERS)),
        tuple(sorted(made.renames.items())),
    )


def policy_entries(gathered: Gathered, artifact: Artifact) -> tuple[int, ...]:
    """The entries of each speaker's newest policy about an artifact."""
    speakers = gathered.policies.get(artifact, {}).values()
    return tuple(sorted({speaker.newest["headwater_policy"].entry for speaker in speakers}))


def _outside(runs: dict[Run, RunSupport]) -> dict[Version, OutsideSupport]:
    first: dict[Version, int] = {}
    digests: dict[Version, set[str]] = defaultdict(set)
    for said in runs.values():
        for version, time, digest in said.reached:
            first[version] = min(time, first.get(version, time))
            if digest is not None:
                digests[version].add(digest)
    return {
        version: OutsideSupport(time, tuple(sorted(digests[version])))
        for version, time in first.items()
    }


def _artifacts(
    weighed: Weighed, graph: Graph, ordinals: dict[Version, int]
) -> dict[Artifact, ArtifactSupport]:
    gathered = weighed.gathered
    together = components(weighed.names.statements)
    counts = Counter(version.artifact for version in ordinals)
    found = {}
    for artifact in graph.artifacts:
        facets = gathered.artifact_facets.get(artifact)
        component = together.get(artifact)
        found[artifact] = ArtifactSupport(
            {} if facets is None else facets.deleted(),
            policy_entries(gathered, artifact),
            () if component is None else component.names,
            component is None or component.agreed,
            counts[artifact],
        )
    return found
