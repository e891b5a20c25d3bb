"""Walks over numbers, the same steps as `graph.traverse`, for some thousands of versions.

A walk that finds more gives up (`TooLarge`), and arrays as a whole are walked instead (`closure`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic

from headwater.graph.lineage import Limits
from headwater.graph.traverse import DEADLINE_VERSIONS
from headwater.index.found import Steps
from headwater.index.links import Links, Static

VERSIONS_MAX = 4_096
"""Versions that a walk may find here; finding more takes longer than importing numpy and scipy."""
WARM_VERSIONS_MAX = 256
"""The same where these have been imported, and arrays made: sooner then arrays are faster."""


class TooLarge(Exception):
    """There is more to find than is worth finding one by one."""


class Walker:
    """One walk. `sees` says whether a version may be shown."""

    def __init__(
        self,
        links: Links,
        follows: frozenset[str],
        limits: Limits,
        sees: Callable[[int], bool],
        *,
        most: int,
    ) -> None:
        self._links = links
        self._follows = follows
        self._depth = limits.depth
        self._deadline = limits.deadline
        self._sees = sees
        self._most = most
        self.found = Steps(links)

    def trace(self, start: Iterable[int], root: int | None) -> Steps:
        """What these versions came from; `root` is the run that they were asked for, if one was."""
        return self._walk(start, root, self._upstream)

    def impact(self, start: Iterable[int], root: int | None) -> Steps:
        """What these versions reached."""
        return self._walk(start, root, self._downstream)

    def _walk(
        self,
        start: Iterable[int],
        root: int | None,
        step: Callable[[int, int], Iterator[tuple[int, int]]],
    ) -> Steps:
        found, sees = self.found, self._sees
        depths = found.versions
        depths.update((version, 0) for version in start if sees(version))
        if root is not None:
            found.runs[root] = 0
        queue = deque(depths)
        done: set[int] = set()
        while queue:
            version = queue.popleft()
            if version in done:
                continue
            done.add(version)
            if self._late(len(done)):
                break
            depth = depths[version]
            for reached, cost in step(version, depth):
                if not sees(reached):
                    found.redacted.add(reached)
                elif depth + cost < depths.get(reached, depth + cost + 1):
                    depths[reached] = depth + cost
                    (queue.append if cost else queue.appendleft)(reached)
            if len(depths) > self._most:
                raise TooLarge
        found.left_out = {
            pair for pair in found.left_out if not (pair[0] in depths and pair[1] in depths)
        }
        return found

    def _upstream(self, version: int, depth: int) -> Iterator[tuple[int, int]]:
        links, found = self._links, self.found
        run = links.run_of(version)
        if run >= 0:
            if self._may_hop(depth):
                found.runs[run] = min(depth + 1, found.runs.get(run, depth + 1))
                for source in links.derived[version]:
                    yield source, 1
            else:
                found.cut("depth")
        before = links.revised(version)
        if before >= 0:
            yield from self._revision(version, before, before)
        original = links.same(version)
        if original >= 0:
            yield original, 0
        for static in links.static_from(version):
            if not self._pass(static, depth):
                return
            yield static.source, 1

    def _downstream(self, version: int, depth: int) -> Iterator[tuple[int, int]]:
        links, found = self._links, self.found
        reached, readers = links.derived_by[version], links.used_by[version]
        if self._may_hop(depth):
            makers = [run for run in map(links.run_of, reached) if run >= 0]
            for runs in (readers, makers):
                for run in runs:
                    found.runs[run] = min(depth + 1, found.runs.get(run, depth + 1))
            for other in reached:
                yield other, 1
        elif len(reached) or len(readers):
            found.cut("depth")
        for after in links.revised_by(version):
            yield from self._revision(after, version, after)
        for copy in links.copies(version):
            yield copy, 0
        for static in links.static_to(version):
            if not self._pass(static, depth):
                return
            yield static.version, 1

    def _revision(self, version: int, before: int, reached: int) -> Iterator[tuple[int, int]]:
        carries = self._links.carries(version)
        if carries in self._follows:
            yield reached, 0
        elif carries == "unknown":
            self.found.left_out.add((version, before))

    def _pass(self, static: Static, depth: int) -> bool:
        if not self._may_hop(depth):
            self.found.cut("depth")
            return False
        self.found.jobs.setdefault(static.job, depth + 1)
        self.found.static.append(static)
        return True

    def _may_hop(self, depth: int) -> bool:
        return self._depth is None or depth < self._depth

    def _late(self, visited: int) -> bool:
        late = (
            self._deadline is not None
            and visited % DEADLINE_VERSIONS == 0
            and monotonic() > self._deadline
        )
        if late:
            self.found.cut("time")
        return late
