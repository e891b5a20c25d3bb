"""The oracle on reads: which there are and which count for what (rules 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from headwater.refs import Artifact, Run
from tests.graph.oracle_lineage import Lineage, Named
from tests.graph.oracle_writes import Write
from tests.graph.told import Mention, newest


@dataclass(frozen=True)
class Read:
    """A read of a run. `back` makes no edge; `renames` is the output of an implied read."""

    run: Run
    artifact: Artifact
    declared: str | None
    digest: str | None
    first: int
    terminal: bool
    back: bool
    mentions: tuple[Mention, ...] = ()
    renames: Write | None = None


WHOLE_KINDS = ("file", "model", "view", "feature_view", "deployment", "report")


class Reads(Lineage):
    """Reads of runs: of their inputs, of lineage facets, of RENAMEs."""

    def reads(self, run: Run) -> list[Read]:
        """Every read of a run: of its inputs, of lineage facets, of RENAMEs."""
        return self._all_reads[run]

    @cached_property
    def _all_reads(self) -> dict[Run, list[Read]]:
        return {run: self._reads(run) for run in self.runs}

    def _reads(self, run: Run) -> list[Read]:
        inputs = self.mentions(run, "input")
        named = [each for each in self.named(run) if self._is_read(run, each)]
        found = []
        for name in sorted({e.artifact for e in inputs} | {e.source for e in named}):
            found += self._grouped_reads(
                run,
                name,
                [each for each in inputs if each.artifact == name],
                [each for each in named if each.source == name],
            )
        for write in self.versions:
            for old, (at, _, _) in write.renames.items() if write.run == run else ():
                found.append(Read(run, old, None, None, at, False, False, renames=write))
        return found

    def _is_read(self, run: Run, named: Named) -> bool:
        """A source that the run itself made is no read, unless it means the version before."""
        own = [w for w in self.versions if w.run == run and w.artifact == named.source]
        targets = [w for w in self.versions if w.run == run and w.artifact == named.target]
        if not own or named.source == named.target:
            return True
        return any(self.own_source(write, named.source) is None for write in targets)

    def _grouped_reads(
        self, run: Run, name: Artifact, inputs: list[Mention], named: list[Named]
    ) -> list[Read]:
        ids = {_id(each): [m for m in inputs if _id(m) == _id(each)] for each in inputs}
        bare: list[Mention | Named] = [*ids.pop(None, []), *named]
        groups: dict[tuple[str, str] | None, list[Mention | Named]] = {
            id_: list(group) for id_, group in ids.items()
        }
        if bare:
            order = [(min(m.time for m in g), id_[1], id_) for id_, g in ids.items() if id_]
            groups.setdefault(min(order)[2] if order else None, []).extend(bare)
        return [self._read(run, name, id_, group) for id_, group in groups.items()]

    def _read(
        self,
        run: Run,
        name: Artifact,
        id_: tuple[str, str] | None,
        group: list[Mention | Named],
    ) -> Read:
        first = min(each.time for each in group)
        mentions = tuple(each for each in group if isinstance(each, Mention))
        outputs = self._written(run, self._names_read(run, name, first), id_)
        own = newest(e.facets["headwater_read"] for e in mentions if "headwater_read" in e.facets)
        before = any(
            each.source == name and self._means_before(run, each) for each in self.named(run)
        )
        back = (bool(own) and own.get("own") is True) or any(time < first for time in outputs)
        return Read(
            run,
            name,
            id_[1] if id_ and id_[0] == "declared" else None,
            id_[1] if id_ and id_[0] == "digest" else None,
            first,
            any(each.terminal for each in group if each.time == first),
            back and not before,
            mentions,
        )

    def _means_before(self, run: Run, named: Named) -> bool:
        """Rule 5: a target's own name, or one that would close a loop, is the version before."""
        targets = [w for w in self.versions if w.run == run and w.artifact == named.target]
        return named.source == named.target or any(
            self._own_source(write, named.source) is not None
            and self.own_source(write, named.source) is None
            for write in targets
        )

    def _names_read(self, run: Run, name: Artifact, first: int) -> frozenset[Artifact]:
        ended = self.state(run)[2]
        return self.names_of(run, name, "input", first if ended is None else min(first, ended))

    def _written(
        self, run: Run, names: frozenset[Artifact], id_: tuple[str, str] | None
    ) -> list[int]:
        """First mentions as outputs of what has one of these names, and may have this id."""
        outputs = self.mentions(run, "output")
        firsts = {
            each.artifact: min(e.time for e in outputs if e.artifact == each.artifact)
            for each in outputs
        }
        return [
            time
            for one, time in firsts.items()
            if self.names_of(run, one, "output", time) & names and self._may_be(run, one, id_)
        ]

    def _may_be(self, run: Run, name: Artifact, id_: tuple[str, str] | None) -> bool:
        own = [write for write in self.versions if (write.run, write.artifact) == (run, name)]
        if id_ is None:
            return True
        if id_[0] == "declared":
            return any(write.declared == id_[1] for write in own)
        return any(write.digest in (None, id_[1]) for write in own)

    def when(self, read: Read) -> int:
        """The time at which a read binds: its first mention, or the reader's end if earlier.

        A read first mentioned in a terminal event, for versions that had none by their
        beginning: the earliest of these beginnings.
        """
        late_for = [
            write.begins
            for write in self.versions
            if write.run == read.run and read in self.late_reads(write)
        ]
        return min(late_for) if late_for else self.told_at(read)

    def told_at(self, read: Read) -> int:
        """First mention, or the reader's end if earlier: nothing is read after the end."""
        ended = self.state(read.run)[2]
        return read.first if ended is None else min(read.first, ended)

    def plain_reads(self, run: Run) -> list[Read]:
        """Reads that make edges and are not those of a RENAME."""
        return [read for read in self.reads(run) if not read.back and read.renames is None]

    def early_reads(self, write: Write) -> list[Read]:
        """Rule 5: reads first mentioned no later than the version began; open ones take all."""
        reads = self.plain_reads(write.run)
        return [read for read in reads if write.open or self.told_at(read) <= write.begins]

    def late_reads(self, write: Write) -> list[Read]:
        """Rule 5: reads of a terminal event, where there are no early ones."""
        if self.early_reads(write):
            return []
        if write.renames:
            return []
        return [read for read in self.plain_reads(write.run) if read.terminal]

    def carries(self, write: Write) -> str:
        """Rule 6: the first that applies."""
        for said in (write, *write.spoken_for):
            if said.facet("subset"):
                return "all"
            if said.lifecycles:
                return "all" if said.lifecycles == {"ALTER"} else "none"
            mode = (said.facet("headwater_write") or {}).get("mode")
            if mode is not None:
                return "none" if mode == "overwrite" else "all"
        if self.own_kind(write) in (
            "file",
            "model",
            "view",
            "feature_view",
            "deployment",
            "report",
        ):
            return "none"
        if any(read.artifact == write.artifact for read in self.plain_reads(write.run)):
            return "none"
        return "unknown"


def _id(mention: Mention) -> tuple[str, str] | None:
    if mention.declared is not None:
        return ("declared", mention.declared)
    return None if mention.digest is None else ("digest", mention.digest)
