"""What lies outside: which outside versions there are, and what they are copies of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from headwater.claims.model import Claim, Described
from headwater.graph.model import VersionNode
from headwater.graph.outside import small_of_description
from headwater.graph.support import OutsideSupport
from headwater.index import records
from headwater.index.index import Index
from headwater.index.records import VersionRecord
from headwater.index.rows import Rows
from headwater.index.supports import Supports
from headwater.refs import Version

_Reach = tuple[Version, int, str | None]


class Contents:
    """Collects what changed, and then settles it."""

    def __init__(self, index: Index, supports: Supports) -> None:
        self._index = index
        self._links = index.links
        self._overlay = index.overlay
        self._supports = supports
        self._touched: set[int] = set()
        self._digests: set[str] = set()
        self._reached: dict[Version, tuple[list[_Reach], list[_Reach]]] = defaultdict(
            lambda: ([], [])
        )
        self.appeared: set[Version] = set()
        links = index.links
        self._outside = Rows(
            links.outside, index.overlay.rows["artifacts.outside"], self._reference
        )
        self._copies = Rows(links.relation("same.after"), index.overlay.rows["same.after"])

    def touch(self, versions: Iterable[int]) -> None:
        """Edges of these came or went, so that an outside one may do so too."""
        self._touched.update(versions)

    def replaced(self, number: int, old: VersionRecord | None, new: VersionRecord | None) -> None:
        """A run-made version is another now."""
        if _content(old) != _content(new):
            self._hold(number, old, new)
            self._digests.update(item.digest for item in (old, new) if item and item.digest)

    def resized(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Something says of these contents that they are small, and said it of those before."""
        for digests, more in ((before, -1), (after, 1)):
            for digest in digests:
                self._overlay.small[digest] = self._overlay.small.get(digest, 0) + more
                self._digests.add(digest)

    def note_sizes(self, new: Sequence[Claim]) -> None:
        """Take in what new DatasetEvents say of sizes."""
        for claim in new:
            if isinstance(claim, Described):
                self.resized((), small_of_description(claim))

    def reached(self, before: Iterable[_Reach], after: Iterable[_Reach]) -> None:
        """A run reads these outside versions, and read those before."""
        for place, reads in enumerate((before, after)):
            for read in reads:
                self._reached[read[0]][place].append(read)

    def settle(self) -> None:
        """Put outside versions in place, and what each is a copy of."""
        versions = self._links.versions
        self._touched.update(map(versions.add, self._reached))
        outside = [number for number in self._touched if versions[number].outside]
        again = {number for number in outside if self._restate(number)}
        self._outside.write()
        for digest in self._digests:
            with_it = self._index.numbers_with(digest)
            again.update(number for number in with_it if versions[number].outside)
        for number in again:
            before, after = self._links.same(number), self._original(number)
            self._copies.move(
                number, [] if before < 0 else [before], [] if after < 0 else [after]
            )  # fmt: skip
            self._overlay.columns["same.before"][number] = after
        self._copies.write()

    def _restate(self, number: int) -> bool:
        """Put an outside version in place; whether its content may be that of another now."""
        version, links = self._links.versions[number], self._links
        old = links.version[number]
        artifact = links.artifacts.add(version.artifact)
        self._overlay.columns["versions.artifact"][number] = artifact
        support = self._overlay.past_version[number] = self._support(number, version)
        there = len(links.used_by[number]) or len(links.derived_by[number])
        if version == Version(version.artifact):
            there = there or len(links.makers[artifact]) or len(links.takers[artifact])
        new = None
        if there:
            digest = None if support is None else _digest(version, support)
            node = VersionNode(
                version=version, names=(version.artifact,), declared=version.declared, digest=digest
            )
            new = records.record_version(node, kind=None)
        self._overlay.version[number] = new
        if (old is None) != (new is None):
            self.appeared.add(version)
            rows = [artifact]
            self._outside.move(number, [] if old is None else rows, [] if new is None else rows)
        if _content(old) != _content(new):
            self._hold(number, old, new)
        return True

    def _support(self, number: int, version: Version) -> OutsideSupport | None:
        """When it was first read, and which contents its readers state."""
        known = self._supports.versions[number]
        gone, come = self._reached.get(version, ([], []))
        reads = come
        held = known if isinstance(known, OutsideSupport) else None
        if Counter(gone) - Counter(come):
            held, reads = None, list(self._reads(number, version))
        if held is None and not reads:
            return None
        times = [time for _, time, _ in reads]
        digests = {digest for _, _, digest in reads if digest is not None}
        if held is not None:
            times.append(held.first)
            digests.update(held.digests)
        return OutsideSupport(min(times), tuple(sorted(digests)))

    def _reads(self, number: int, version: Version) -> Iterable[_Reach]:
        links = self._links
        runs = {*links.used_by[number], *map(links.run_of, links.derived_by[number])}
        for run in runs:
            for read in self._supports.runs.present(run).reached:
                if read[0] == version:
                    yield read

    def _original(self, number: int) -> int:
        """The earliest run-made version with its content, if that began before the first read."""
        record, support = self._links.version[number], self._supports.versions[number]
        if record is None or record.digest is None or not isinstance(support, OutsideSupport):
            return -1
        if self._supports.is_small(record.digest):
            return -1
        earliest = min(self._made_with(record.digest), default=None)
        if earliest is None or earliest[0] >= support.first:
            return -1
        return earliest[-1]

    def _made_with(self, digest: str) -> Iterable[tuple[int, object, str, int]]:
        links = self._links
        for number in self._index.numbers_with(digest):
            record, run = links.version[number], links.run_of(number)
            if run >= 0 and record is not None and not record.attempted:
                yield record.begins or 0, links.runs[run], record.declared or "", number

    def _hold(self, number: int, old: VersionRecord | None, new: VersionRecord | None) -> None:
        """Put a version among those with its content."""
        before, after = (None if item is None else item.digest for item in (old, new))
        for digest in {before, after} if before != after else ():
            if digest is None:
                continue
            row = [item for item in self._index.numbers_with(digest) if item != number]
            row = [item for item in row if self._has(item, digest)]
            if digest == after:
                row = sorted([*row, number], key=self._reference)
            self._overlay.digests[digest] = row

    def _reference(self, number: int) -> str:
        return str(self._links.versions[number])

    def _has(self, number: int, digest: str) -> bool:
        record = self._links.version[number]
        return record is not None and record.digest == digest


def _content(record: VersionRecord | None) -> tuple[object, ...] | None:
    if record is None:
        return None
    return record.digest, record.attempted, record.begins, record.declared


def _digest(version: Version, support: OutsideSupport) -> str | None:
    """The content of an outside version: by identity, or as all its readers state it."""
    if version.digest is not None:
        return version.digest
    return support.digests[0] if len(support.digests) == 1 else None
