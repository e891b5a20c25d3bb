"""Records of one process → OpenLineage run events. A pure function: equal records, equal bytes.

START when a run begins; RUNNING when it first reads or writes something, so that each read stands
at its time (a draft, which may still be moved or removed, waits for the end); COMPLETE, FAIL or
ABORT with everything that was said. A run that another process began gets RUNNING events only.
Clock, disk and randomness play no part, so a shipper that lost its place gives the same bytes
again, and admission finds the repeats.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from headwater.shipping import exits, facets
from headwater.shipping.events import tell, tell_all, tell_now
from headwater.shipping.mentions import Mention
from headwater.shipping.passing import sources
from headwater.shipping.runs import Run
from headwater.shipping.told import Key

if TYPE_CHECKING:
    from headwater.shipping.queries import Queries

Record = dict[str, Any]

_TOLD: Final = frozenset(
    {"digest", "move", "remove", "say", "again", "gap", "commands", "unseen", "within"}
)
"""Kinds of records that change what is known of a run, and are said at its end."""


class Translator:
    """The events of one process, from its records in order."""

    def __init__(self) -> None:
        self._process: Record = {}
        self._runs: dict[str, Run] = {}
        self._gaps: list[str] = []
        self._queries: Queries | None = None
        self.about: Run | None = None
        """The run that the last record was of, if it was of one that is known."""
        self.within: list[tuple[Run, Record]] = []
        """What the last record did to the runs around its own, as records of these."""
        self.last = 0
        """The latest time that was heard."""
        self.replaced = False
        """Whether the last thing heard is that the process became another program."""
        self._is_lossy = False

    def translate(self, record: Record) -> Iterator[bytes]:
        """Give the events that this record makes sayable."""
        self.last = max(self.last, record.get("at", 0))
        kind = record["k"]
        self.replaced = self.replaced and kind == "process"  # which every segment begins with
        self.within.clear()
        self.about = self._runs.get(record.get("r", ""))
        if kind == "process":
            # Later segments begin with less; the first says it all.
            self._process = self._process or record
        elif kind == "lost":
            told = record.get("what")
            self._lose(told or f"{record['n']} records could not be written: {record['why']}")
        elif kind == "gap" and "r" not in record:
            if record["what"] not in self._gaps:
                self._gaps.append(record["what"])
        elif kind == "replaced":
            self.replaced = True
        elif kind == "exit":
            yield exits.event(record)
        elif kind in ("begin", "join"):
            outer = self._runs.get((record.get("up") or [""])[0])
            run = Run(record, self._process, outer, self.within)
            run.lossy = self._is_lossy
            self.about = self._runs[record["r"]] = run
            if kind == "begin":
                yield tell(run, "START", record["at"])
        elif kind in ("db", "schemas", "defined", "sql", "tx"):
            yield from self._sql(record)
        else:
            if self.about is not None:
                yield from self._in_run(kind, record, self.about)

    def open_runs(self) -> list[Run]:
        """List the runs that have not ended."""
        return list(self._runs.values())

    def left(self) -> Iterator[Record]:
        """Give records of how the files are that a process wrote which did not say its end.

        Each as it is, if nothing was written to it after the last that the process said.
        """
        if self.replaced:
            return
        for run in self._runs.values():
            for key, mention in run.writes.items():
                if mention.digest is None and key[0].startswith("file://"):
                    yield {
                        "k": "digest",
                        "at": self.last,
                        "r": run.id,
                        "d": list(key),
                        "role": "write",
                        "path": key[1],
                        "digest": {"later": self.last},
                    }

    def close(self) -> Iterator[bytes]:
        """Give the events that follow from the end of a process that did not say its end.

        Runs that it began and did not end are ABORT, inferred, innermost first, at the time of its
        last record; any end that was observed overrules it. One that became another program has
        done its part.
        """
        for run in reversed(self._runs.values()):
            if self.replaced and not run.joined:
                yield from tell_all(run, "COMPLETE", self.last, self._gaps)
            else:
                run.inferred = True
                state = "RUNNING" if run.joined else "ABORT"
                yield from tell_all(run, state, self.last, self._gaps)
        self._runs.clear()

    def _lose(self, what: str) -> None:
        """Know that some of what the process recorded is lost: a gap of its runs from now on.

        It may have been a read: nothing exact follows from what is known of these runs.
        """
        self._gaps.append(what)
        self._is_lossy = True
        for run in self._runs.values():
            run.lossy = True

    def _sql(self, record: Record) -> Iterator[bytes]:
        """Read what a connection said; a write that holds from now on is said now."""
        at = record["at"]
        run = self._runs.get(record.get("r", ""))
        if self._queries is None:
            # Made when there is SQL: reading it needs `headwater[server]`.
            from headwater.shipping.queries import Queries

            self._queries = Queries()
        found = self._queries.translate(record)
        for key in found.reads:
            if run is not None:
                yield from _read_within(run, key, at, own=self._queries.waiting(key))
        for written in found.writes:
            writer = self._runs.get(written.run, run)
            if writer is None:
                continue
            yield from _keep_apart(writer, written.key)
            if writer.write(written):
                yield tell_now(writer, at, written.key)
        for told in found.told:
            if run is not None:
                run.executed.add(told)

    def _in_run(self, kind: str, record: Record, run: Run) -> Iterator[bytes]:
        at = record["at"]
        if kind in ("read", "write"):
            yield from self._mention(kind, record, run)
        elif kind == "state":
            yield from _state(run, (record["d"][0], record["d"][1]), record["digest"], at)
        elif kind == "handover":
            yield from _hand_over(run, at)
        elif kind == "within" and record["role"] == "read":
            yield from _read(run, (record["d"][0], record["d"][1]), at, own=False)
        elif kind in _TOLD:
            run.hear(kind, record)
        elif kind == "moved":
            for key in run.move(record["from"], record["to"], at):
                yield tell_now(run, at, key)
        elif kind == "leave":
            del self._runs[run.id]
            yield from tell_all(run, "RUNNING", at, self._gaps)
        elif kind == "end":
            del self._runs[run.id]
            run.end = record
            yield from tell_all(run, record["state"], at, self._gaps)

    def _mention(self, kind: str, record: Record, run: Run) -> Iterator[bytes]:
        """Take in a read or a write, and say it, the first time that it is sure."""
        at = record["at"]
        key: Key = (record["d"][0], record["d"][1])
        mentions = run.reads if kind == "read" else run.writes
        first = key not in mentions
        own = kind == "read" and key in run.writes
        mention = mentions.setdefault(key, Mention(at, own=own))
        said = record.get("say") or {}
        if self._queries is not None:
            said = self._queries.resolve(said)
        if kind == "write":
            mention.put(run.passed(key, mention, said), at)
            run.made(key)
        else:
            mention.say(said, at)
        if first and kind == "read":
            yield tell(run, "RUNNING", at, only={"read": {key: mention}})
        elif first and not mention.said.get("draft"):
            yield tell_now(run, at, key)


def _read_within(run: Run, key: Key, at: int, *, own: bool) -> Iterator[bytes]:
    """Read something, and let the runs around this one have read it, unless made within them.

    As `Run.record_read` does where the name is known in the process already.
    """
    yield from _read(run, key, at, own=own)
    outer = run.outer
    if outer is not None and not (
        key in outer.reads or key in outer.writes or key in outer.made_within
    ):
        outer.note_within("read", key, at)
        yield from _read_within(outer, key, at, own=False)


def _read(run: Run, key: Key, at: int, *, own: bool) -> Iterator[bytes]:
    if key not in run.reads:
        mention = run.reads[key] = Mention(at, own=own or key in run.writes)
        yield tell(run, "RUNNING", at, only={"read": {key: mention}})


def _state(run: Run, key: Key, digest: dict[str, Any], at: int) -> Iterator[bytes]:
    """Say how a file is that others may read from now on: a version, by its own name."""
    mention = run.writes.get(key)
    if mention is not None and "value" in digest:
        mention.digest, mention.stated = digest, True
        yield tell_now(run, at, key, whole=True)


def _hand_over(run: Run, at: int) -> Iterator[bytes]:
    """Say of the tables that were written that others may read them from now on: versions."""
    for key, mention in run.writes.items():
        if _is_untold(key, mention):
            mention.handed_over = mention.last
            yield tell_now(run, at, key, whole=True)


def _keep_apart(run: Run, key: Key) -> Iterator[bytes]:
    """Say of tables that were made from one that is written next that they are of what it was.

    They are versions from their last write on, and so is that one, if the run had written it. What
    it becomes may be made from them: they would come from each other.
    """
    if key not in run.reads:
        return
    made = [one for one in run.writes if one != key and key in sources(run.writes[one].said)]
    for one in [key, *made] if made else ():
        mention = run.writes.get(one)
        if mention is not None and _is_untold(one, mention):
            mention.handed_over = mention.last
            yield tell_now(run, mention.last, one, whole=True)


def _is_untold(key: Key, mention: Mention) -> bool:
    """Whether it is a table of which its last write made no version yet."""
    is_there = not mention.said.get("draft") and mention.said.get("change") != "DROP"
    return facets.is_table(key[0]) and is_there and mention.handed_over != mention.last
