"""What a version came from and what it reached, with a full account of what is missing.

Depth counts runs and static jobs: a hop goes from a version through its run to that run's inputs.
`revised` and same content count nothing. `impact` is the inverse of `trace`. This is the
definition; the compiled index walks in its own way and answers the same.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from time import monotonic

from headwater.graph.lineage import (
    ALL,
    CARRIED,
    UNLIMITED,
    Answer,
    Completeness,
    Declared,
    Limits,
    Lineage,
    Reach,
    Visible,
    cut,
    everything,
)
from headwater.graph.model import UNKNOWN_KIND, Revised
from headwater.refs import Artifact, Job, Run, Version

Thing = Version | Run | Job

DEADLINE_VERSIONS = 256
"""How many versions are visited between two looks at the clock."""


class Walk:
    """Where a walk has been: versions, runs and jobs with their depths, and what it left out."""

    def __init__(self, root: Version | Run, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        self.versions: dict[Version, int] = {}
        self.runs: dict[Run, int] = {root: 0} if isinstance(root, Run) else {}
        self.jobs: dict[Job, int] = {}
        self.declared: list[Declared] = []
        self.left_out: list[tuple[Version, Version]] = []
        self.redacted: set[Version] = set()
        self.truncated: str | None = None

    def cut(self, reason: str) -> None:
        """Note that something was cut off."""
        self.truncated = cut(self.truncated, reason)


class _Walker:
    """A breadth-first walk in which some steps count a hop and some do not."""

    def __init__(
        self,
        lineage: Lineage,
        root: Version | Run,
        start: Iterable[Version],
        revisions: str,
        limits: Limits,
        visible: Visible,
    ) -> None:
        self.lineage = lineage
        self.follows = {"all", "unknown"} if revisions == ALL else {"all"}
        self.limits = limits
        self.visible = visible
        self.walk = Walk(root, limits)
        self.walk.versions = {version: 0 for version in start if visible(version.artifact)}

    def follow(self, step: Callable[[Version, int], Iterator[tuple[Version, int]]]) -> None:
        """Visit everything that `step` leads to, the nearest first."""
        depths = self.walk.versions
        queue = deque(depths)
        done: set[Version] = set()
        while queue:
            version = queue.popleft()
            if version in done:
                continue
            done.add(version)
            if self._late(len(done)):
                return
            depth = depths[version]
            for found, cost in step(version, depth):
                if not self.visible(found.artifact):
                    self.walk.redacted.add(found)
                    continue
                if depth + cost < depths.get(found, depth + cost + 1):
                    depths[found] = depth + cost
                    (queue.append if cost else queue.appendleft)(found)

    def may_hop(self, depth: int) -> bool:
        """Whether the asked depth leaves room for one more run."""
        return self.limits.depth is None or depth < self.limits.depth

    def pass_run(self, run: Run, depth: int) -> None:
        """Note a run that a hop from this depth goes through."""
        self.walk.runs[run] = min(depth + 1, self.walk.runs.get(run, depth + 1))

    def pass_job(self, declared: Declared, depth: int) -> None:
        """Note a static job that a hop from this depth goes through."""
        self.walk.jobs.setdefault(declared.job, depth + 1)
        self.walk.declared.append(declared)

    def _late(self, visited: int) -> bool:
        deadline = self.limits.deadline
        late = deadline is not None and visited % DEADLINE_VERSIONS == 0 and monotonic() > deadline
        if late:
            self.walk.cut("time")
        return late

    def revision(
        self, edge: Revised | None, found: Version | None
    ) -> Iterator[tuple[Version, int]]:
        """Follow a revision that carries; count one of which nobody knows."""
        if edge is None or found is None:
            return
        if edge.carries in self.follows:
            yield found, 0
        elif edge.carries == "unknown":
            self.walk.left_out.append((edge.version, edge.before))


def trace(
    lineage: Lineage,
    root: Version | Run,
    *,
    revisions: str = CARRIED,
    limits: Limits = UNLIMITED,
    visible: Visible = everything,
) -> Answer:
    """Everything that `root` came from; a run came from what it read."""
    start = [used.version for used in lineage.used_of(root)] if isinstance(root, Run) else [root]
    walker = _Walker(lineage, root, start, revisions, limits, visible)

    def step(version: Version, depth: int) -> Iterator[tuple[Version, int]]:
        if version.run is not None:
            if walker.may_hop(depth):
                walker.pass_run(version.run, depth)
                for edge in lineage.derived_from(version):
                    yield edge.source, 1
            else:
                walker.walk.cut("depth")
        revised = lineage.revised(version)
        yield from walker.revision(revised, revised.before if revised else None)
        same = lineage.same(version)
        if same is not None:
            yield same.original, 0
        for declared in lineage.made_from(version):
            if not walker.may_hop(depth):
                walker.walk.cut("depth")
                return
            walker.pass_job(declared, depth)
            yield declared.source, 1

    walker.follow(step)
    return answer(lineage, walker.walk, follows=walker.follows, upstream=True)


def impact(
    lineage: Lineage,
    root: Version | Run,
    *,
    revisions: str = CARRIED,
    limits: Limits = UNLIMITED,
    visible: Visible = everything,
) -> Answer:
    """Everything that `root` reached, the runs that only read it among it; a run, what it made."""
    start = lineage.made_by(root) if isinstance(root, Run) else [root]
    walker = _Walker(lineage, root, start, revisions, limits, visible)

    def step(version: Version, depth: int) -> Iterator[tuple[Version, int]]:
        reached = lineage.derived_to(version)
        readers = [used.run for used in lineage.used_by(version)]
        if walker.may_hop(depth):
            makers = [edge.version.run for edge in reached if edge.version.run is not None]
            for run in (*readers, *makers):
                walker.pass_run(run, depth)
            for edge in reached:
                yield edge.version, 1
        elif reached or readers:
            walker.walk.cut("depth")
        for revised in lineage.revised_by(version):
            yield from walker.revision(revised, revised.version)
        for same in lineage.copies(version):
            yield same.version, 0
        for declared in lineage.made_into(version):
            if not walker.may_hop(depth):
                walker.walk.cut("depth")
                return
            walker.pass_job(declared, depth)
            yield declared.version, 1

    walker.follow(step)
    reach = _reach(lineage, walker.walk)
    return answer(lineage, walker.walk, follows=walker.follows, upstream=False, reach=reach)


def answer(
    lineage: Lineage,
    walk: Walk,
    *,
    follows: Collection[str],
    upstream: bool,
    reach: Reach | None = None,
) -> Answer:
    """Draw what a walk found, or the window of it that was asked for."""
    shown, before = _window(walk)
    known = {**before, **shown}
    versions = [thing for thing in known if isinstance(thing, Version)]

    def shows(*ends: Thing) -> bool:
        """Whether all of these are known by now, and not all of them were before."""
        return all(end in known for end in ends) and any(end in shown for end in ends)

    revised = map(lineage.revised, versions)
    same = map(lineage.same, versions)
    drawn = Answer(
        root=walk.root,
        versions={thing: depth for thing, depth in shown.items() if isinstance(thing, Version)},
        runs={thing: depth for thing, depth in shown.items() if isinstance(thing, Run)},
        jobs={thing: depth for thing, depth in shown.items() if isinstance(thing, Job)},
        before={},
        used=[
            edge
            for run in known
            if isinstance(run, Run)
            for edge in lineage.used_of(run)
            if shows(run, edge.version)
        ],
        generated=[
            (version, version.run)
            for version in versions
            if version.run is not None and shows(version, version.run)
        ],
        derived=[
            edge
            for version in versions
            if version.run in walk.runs
            for edge in lineage.derived_from(version)
            if shows(version, edge.source)
        ],
        revised=[
            edge
            for edge in revised
            if edge and edge.carries in follows and shows(edge.version, edge.before)
        ],
        same=[copy for copy in same if copy and shows(copy.version, copy.original)],
        declared=[item for item in walk.declared if shows(*item)],
        completeness=Completeness(),
        reach=reach,
    )
    drawn.before = led_to(drawn, before)
    left_out = {
        pair
        for pair in walk.left_out
        if not (pair[0] in walk.versions and pair[1] in walk.versions)
    }
    drawn.completeness = account(
        lineage,
        drawn,
        upstream=upstream,
        truncated=walk.truncated,
        redacted=len(walk.redacted),
        left_out=len(left_out),
    )
    return drawn


def led_to(drawn: Answer, before: Mapping[Thing, int]) -> dict[Thing, int]:
    """Those of the things before a window to which an edge of it leads, or from which one does."""
    ends = {end for edge in _edges(drawn) for end in edge}
    return {thing: depth for thing, depth in before.items() if thing in ends}


def _edges(drawn: Answer) -> Iterator[tuple[Thing, ...]]:
    """The ends of everything drawn."""
    for used in drawn.used:
        yield used.run, used.version
    yield from drawn.generated
    for derived in drawn.derived:
        yield derived.version, derived.source
    for revised in drawn.revised:
        yield revised.version, revised.before
    for same in drawn.same:
        yield same.version, same.original
    yield from drawn.declared


def _window(walk: Walk) -> tuple[dict[Thing, int], dict[Thing, int]]:
    """The things to show and those that stand before them, with their depths."""
    every: dict[Thing, int] = {}
    every.update(walk.versions.items())
    every.update(walk.runs.items())
    every.update(walk.jobs.items())
    limits = walk.limits
    if limits.nodes is None and not limits.skip:
        return every, {}
    order = sorted(every, key=lambda thing: (every[thing], str(thing)))
    end = len(order) if limits.nodes is None else limits.skip + limits.nodes
    if end < len(order):
        walk.cut("nodes")
    shown = {thing: every[thing] for thing in order[limits.skip : end]}
    return shown, {thing: every[thing] for thing in order[: limits.skip]}


def _reach(lineage: Lineage, walk: Walk) -> Reach:
    kinds: dict[str, set[Artifact]] = defaultdict(set)
    owners: set[str] = set()
    for version in walk.versions:
        known = lineage.artifact(version.artifact)
        owners.update(known.owners if known else ())
        if version != walk.root:
            node = lineage.version(version) or known
            kinds[(node.kind if node else None) or UNKNOWN_KIND].add(version.artifact)
    return Reach(
        versions=len(walk.versions.keys() - {walk.root}),
        runs=len(walk.runs.keys() - {walk.root}),
        kinds={kind: len(artifacts) for kind, artifacts in kinds.items()},
        owners=tuple(sorted(owners)),
    )


def account(
    lineage: Lineage,
    drawn: Answer,
    *,
    upstream: bool,
    truncated: str | None,
    redacted: int,
    left_out: int,
) -> Completeness:
    """Say how complete an answer is; what was redacted or left out was counted on the way."""
    nodes = [(version, lineage.version(version)) for version in drawn.versions]
    runs = [lineage.run(run) for run in drawn.runs]
    unknown = [
        version
        for version, node in nodes
        if node is None
        or (
            not node.source and lineage.same(version) is None
            if version.outside
            else not node.origin_known
        )
    ]
    result = Completeness(
        truncated=truncated,
        redacted=redacted,
        sources=sum(1 for _, node in nodes if node and node.version.outside and node.source),
        unknown=tuple(sorted(unknown, key=str)),
        revisions_left_out=left_out,
        open_writers=tuple(sorted({run for edge in drawn.used for run in edge.open_writers})),
        capture_gaps=tuple(sorted(node.run for node in runs if node and node.gaps)),
        conservative=sum(edge.exactness != "exact" for edge in drawn.used)
        + sum(edge.exactness != "exact" for edge in drawn.derived),
    )
    cut = bool(result.truncated or result.redacted or result.revisions_left_out)
    lacking = bool(result.unknown or result.open_writers or result.capture_gaps)
    result.complete = not cut and not (upstream and lacking)
    return result
