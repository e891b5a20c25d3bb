"""What a version came from and what it reached, with a full account of what is missing.

Depth counts runs and static jobs: a hop goes from a version through its run to that run's inputs.
`revised` and same content count nothing. `impact` is the inverse of `trace`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import NamedTuple

import msgspec

from headwater.graph.model import Derived, Graph, Revised, SameContent, Used
from headwater.refs import Artifact, Job, Run, Version

CARRIED = "carried"
ALL = "all"

Visible = Callable[[Artifact], bool]


class Declared(NamedTuple):
    """Static lineage: an outside version, the job that is said to make it, and what from."""

    version: Version
    job: Job
    source: Version


class Completeness(msgspec.Struct, kw_only=True):
    """What an answer leaves out and why. `truncated` is `depth`, `nodes`, `time` or None."""

    complete: bool = True
    truncated: str | None = None
    redacted: int = 0
    sources: int = 0
    unknown: tuple[Version, ...] = ()
    revisions_left_out: int = 0
    open_writers: tuple[Run, ...] = ()
    capture_gaps: tuple[Run, ...] = ()
    conservative: int = 0


class Answer(msgspec.Struct, kw_only=True):
    """The part of the graph that answers. Depths by version, run and job."""

    root: Version | Run
    versions: dict[Version, int]
    runs: dict[Run, int]
    jobs: dict[Job, int]
    used: list[Used]
    generated: list[tuple[Version, Run]]
    derived: list[Derived]
    revised: list[Revised]
    same: list[SameContent]
    declared: list[Declared]
    completeness: Completeness


class Limits(NamedTuple):
    """How far an answer may go. `deadline` is a reading of the monotonic clock, in seconds."""

    depth: int | None = None
    nodes: int | None = None
    deadline: float | None = None


class Adjacency:
    """A graph's edges by both ends. A cache of the graph, nothing more."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.derived_from: dict[Version, list[Derived]] = defaultdict(list)
        self.derived_to: dict[Version, list[Derived]] = defaultdict(list)
        for edge in graph.derived:
            self.derived_from[edge.version].append(edge)
            self.derived_to[edge.source].append(edge)
        self.used_by: dict[Version, list[Used]] = defaultdict(list)
        self.used_of: dict[Run, list[Used]] = defaultdict(list)
        for used in graph.used:
            self.used_by[used.version].append(used)
            self.used_of[used.run].append(used)
        self.revised_by: dict[Version, list[Revised]] = defaultdict(list)
        for revised in graph.revised.values():
            self.revised_by[revised.before].append(revised)
        self.copies: dict[Version, list[SameContent]] = defaultdict(list)
        for same in graph.same.values():
            self.copies[same.original].append(same)
        self.outside: dict[Artifact, list[Version]] = defaultdict(list)
        self.made_by: dict[Run, list[Version]] = defaultdict(list)
        for version in graph.versions:
            if version.run is None:
                self.outside[version.artifact].append(version)
            else:
                self.made_by[version.run].append(version)
        self.makers: dict[Artifact, list[Job]] = defaultdict(list)
        self.takers: dict[Artifact, list[Job]] = defaultdict(list)
        for job in graph.jobs.values():
            for artifact in job.outputs or ():
                self.makers[artifact].append(job.job)
            for artifact in job.inputs or ():
                self.takers[artifact].append(job.job)

    def read_by(self, run: Run) -> list[Version]:
        """What a run read."""
        return [used.version for used in self.used_of.get(run, ())]

    def made_from(self, version: Version) -> Iterator[Declared]:
        """Static lineage behind an outside version that no content continues."""
        if not version.outside or version in self.graph.same:
            return
        for job in self.makers.get(version.artifact, ()):
            for artifact in self.graph.jobs[job].inputs or ():
                yield Declared(version, job, Version(artifact))

    def made_into(self, version: Version) -> Iterator[Declared]:
        """The inverse of `made_from`."""
        if version != Version(version.artifact):
            return
        for job in self.takers.get(version.artifact, ()):
            for artifact in self.graph.jobs[job].outputs or ():
                for made in self.outside.get(artifact, ()):
                    if made not in self.graph.same:
                        yield Declared(made, job, version)


class _Walk:
    """A breadth-first walk in which some steps count a hop and some do not."""

    def __init__(
        self,
        adjacency: Adjacency,
        root: Version | Run,
        start: Iterable[Version],
        revisions: str,
        limits: Limits,
        visible: Visible,
    ) -> None:
        self.adjacency = adjacency
        self.graph = adjacency.graph
        self.root = root
        self.follows = {"all", "unknown"} if revisions == ALL else {"all"}
        self.limits = limits
        self.visible = visible
        self.versions: dict[Version, int] = {
            version: 0 for version in start if visible(version.artifact)
        }
        self.runs: dict[Run, int] = {root: 0} if isinstance(root, Run) else {}
        self.jobs: dict[Job, int] = {}
        self.declared: list[Declared] = []
        self.left_out: list[tuple[Version, Version]] = []
        self.redacted: set[Version] = set()
        self.truncated: str | None = None

    def walk(self, step: Callable[[Version, int], Iterator[tuple[Version, int]]]) -> None:
        """Visit everything that `step` leads to, the nearest first."""
        queue = deque(self.versions)
        done: set[Version] = set()
        while queue:
            version = queue.popleft()
            if version in done:
                continue
            done.add(version)
            if self._exceeds(len(done)):
                return
            depth = self.versions[version]
            for found, cost in step(version, depth):
                if not self.visible(found.artifact):
                    self.redacted.add(found)
                    continue
                if depth + cost < self.versions.get(found, depth + cost + 1):
                    self.versions[found] = depth + cost
                    (queue.append if cost else queue.appendleft)(found)

    def may_hop(self, depth: int) -> bool:
        """Whether the asked depth leaves room for one more run."""
        return self.limits.depth is None or depth < self.limits.depth

    def cut(self, reason: str) -> None:
        """Note that something was cut off."""
        self.truncated = self.truncated or reason

    def _exceeds(self, visited: int) -> bool:
        if self.limits.nodes is not None and len(self.versions) > self.limits.nodes:
            self.cut("nodes")
            return True
        late = self.limits.deadline is not None and visited % 256 == 0
        if late and monotonic() > (self.limits.deadline or 0):
            self.cut("time")
            return True
        return False

    def revision(
        self, edge: Revised | None, found: Version | None
    ) -> Iterator[tuple[Version, int]]:
        """Follow a revision that carries; count one of which nobody knows."""
        if edge is None or found is None:
            return
        if edge.carries in self.follows:
            yield found, 0
        elif edge.carries == "unknown":
            self.left_out.append((edge.version, edge.before))


def trace(
    adjacency: Adjacency,
    root: Version | Run,
    *,
    revisions: str = CARRIED,
    limits: Limits | None = None,
    visible: Visible = lambda _: True,
) -> Answer:
    """Everything that `root` came from; a run came from what it read."""
    start = adjacency.read_by(root) if isinstance(root, Run) else [root]
    walk = _Walk(adjacency, root, start, revisions, limits or Limits(), visible)

    def step(version: Version, depth: int) -> Iterator[tuple[Version, int]]:
        if version.run is not None:
            if walk.may_hop(depth):
                walk.runs[version.run] = min(depth + 1, walk.runs.get(version.run, depth + 1))
                for edge in adjacency.derived_from.get(version, ()):
                    yield edge.source, 1
            else:
                walk.cut("depth")
        revised = walk.graph.revised.get(version)
        yield from walk.revision(revised, revised.before if revised else None)
        same = walk.graph.same.get(version)
        if same is not None:
            yield same.original, 0
        for declared in adjacency.made_from(version):
            if not walk.may_hop(depth):
                walk.cut("depth")
                return
            walk.jobs.setdefault(declared.job, depth + 1)
            walk.declared.append(declared)
            yield declared.source, 1

    walk.walk(step)
    return _answer(walk, upstream=True)


def impact(
    adjacency: Adjacency,
    root: Version | Run,
    *,
    revisions: str = CARRIED,
    limits: Limits | None = None,
    visible: Visible = lambda _: True,
) -> Answer:
    """Everything that `root` reached, the runs that only read it among it; a run, what it made."""
    start = adjacency.made_by.get(root, []) if isinstance(root, Run) else [root]
    walk = _Walk(adjacency, root, start, revisions, limits or Limits(), visible)

    def step(version: Version, depth: int) -> Iterator[tuple[Version, int]]:
        reached = adjacency.derived_to.get(version, [])
        readers = [used.run for used in adjacency.used_by.get(version, ())]
        if walk.may_hop(depth):
            makers = [edge.version.run for edge in reached if edge.version.run is not None]
            for run in (*readers, *makers):
                walk.runs[run] = min(depth + 1, walk.runs.get(run, depth + 1))
            for edge in reached:
                yield edge.version, 1
        elif reached or readers:
            walk.cut("depth")
        for revised in adjacency.revised_by.get(version, ()):
            yield from walk.revision(revised, revised.version)
        for same in adjacency.copies.get(version, ()):
            yield same.version, 0
        for declared in adjacency.made_into(version):
            if not walk.may_hop(depth):
                walk.cut("depth")
                return
            walk.jobs.setdefault(declared.job, depth + 1)
            walk.declared.append(declared)
            yield declared.version, 1

    walk.walk(step)
    return _answer(walk, upstream=False)


def _answer(walk: _Walk, *, upstream: bool) -> Answer:
    graph, adjacency, versions = walk.graph, walk.adjacency, walk.versions
    used = [
        edge
        for run in walk.runs
        for edge in adjacency.used_of.get(run, ())
        if edge.version in versions
    ]
    derived = [
        edge
        for version in versions
        for edge in adjacency.derived_from.get(version, ())
        if edge.source in versions and version.run in walk.runs
    ]
    revised = [
        edge
        for version in versions
        if (edge := graph.revised.get(version)) is not None
        and edge.before in versions
        and edge.carries in walk.follows
    ]
    same = [
        copy
        for version in versions
        if (copy := graph.same.get(version)) is not None and copy.original in versions
    ]
    generated = [
        (version, version.run)
        for version in versions
        if version.run is not None and version.run in walk.runs
    ]
    declared = [
        edge for edge in walk.declared if edge.version in versions and edge.source in versions
    ]
    completeness = _completeness(walk, used, derived, upstream=upstream)
    return Answer(
        root=walk.root,
        versions=versions,
        runs=walk.runs,
        jobs=walk.jobs,
        used=used,
        generated=generated,
        derived=derived,
        revised=revised,
        same=same,
        declared=declared,
        completeness=completeness,
    )


def _completeness(
    walk: _Walk, used: list[Used], derived: list[Derived], *, upstream: bool
) -> Completeness:
    graph = walk.graph
    nodes = [graph.versions[version] for version in walk.versions if version in graph.versions]
    left_out = {
        pair
        for pair in walk.left_out
        if not (pair[0] in walk.versions and pair[1] in walk.versions)
    }
    unknown = [
        node.version
        for node in nodes
        if (
            not node.source and node.version not in graph.same
            if node.version.outside
            else not node.origin_known
        )
    ]
    missing = [version for version in walk.versions if version not in graph.versions]
    result = Completeness(
        truncated=walk.truncated,
        redacted=len(walk.redacted),
        sources=sum(1 for node in nodes if node.version.outside and node.source),
        unknown=tuple(sorted((*unknown, *missing), key=str)),
        revisions_left_out=len(left_out),
        open_writers=tuple(sorted({run for edge in used for run in edge.open_writers})),
        capture_gaps=tuple(
            sorted(run for run in walk.runs if run in graph.runs and graph.runs[run].gaps)
        ),
        conservative=sum(edge.exactness != "exact" for edge in used)
        + sum(edge.exactness != "exact" for edge in derived),
    )
    cut = bool(result.truncated or result.redacted or result.revisions_left_out)
    lacking = bool(result.unknown or result.open_writers or result.capture_gaps)
    result.complete = not cut and not (upstream and lacking)
    return result
