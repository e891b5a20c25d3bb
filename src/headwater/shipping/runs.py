"""What is known of one run, from its records: what it read, wrote, executed and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.openlineage.limits import ENTRIES_MAX
from headwater.shipping import passing
from headwater.shipping.executed import Executed
from headwater.shipping.mentions import Mention
from headwater.shipping.told import Key, Written

Record = dict[str, Any]


class Run:
    """What is known of one run so far."""

    def __init__(
        self,
        record: Record,
        process: Record,
        outer: Run | None = None,
        within: list[tuple[Run, Record]] | None = None,
    ) -> None:
        """Begin with a record of its beginning; `within` takes what `note_within` notes."""
        self.id: str = record["r"]
        self.job: list[str] = record["job"]
        self.joined = record["k"] == "join"
        self.inferred = False
        self.lossy = False
        """Whether something that its process recorded is lost: it may have been of this run."""
        self.unseen = False
        """Whether something was read or written for it that nobody names."""
        self.reads: dict[Key, Mention] = {}
        self.writes: dict[Key, Mention] = {}
        self.end: Record = {}
        self.executed = Executed()
        self.outer = outer
        self.made_within: set[Key] = set()
        self._within = [] if within is None else within
        self._passed = passing.Passed[Mention]()
        self.begin = record
        self.process = process
        self.params: dict[str, Any] = {}
        self.metrics: dict[str, Any] = {}
        self.facets: dict[str, Any] = {}
        self.gaps: dict[str, int] = {}
        self.commands: dict[str, int] = {}
        self.say(record.get("say") or {})

    def hear(self, kind: str, record: Record) -> None:
        """Take in what is told of what was mentioned before."""
        if kind == "say":
            self.say(record["say"])
        elif kind == "gap":
            self.gaps[record["what"]] = self.gaps.get(record["what"], 0) + record.get("n", 1)
        elif kind == "unseen":
            self.unseen = True
        elif kind == "within":
            self.made_within.add((record["d"][0], record["d"][1]))
        elif kind == "commands":
            self.commands.update(record["names"])
        elif kind == "again":
            self._hear_again(record)
        elif kind == "digest":
            mentions = self.reads if record["role"] == "read" else self.writes
            key = (record["d"][0], record["d"][1])
            if key in mentions:
                mentions[key].digest = record["digest"]
        else:
            key = (record["d"][0], record["d"][1])
            moved = self.writes.pop(key, None)
            if moved is not None and kind == "move":
                new = (record["to"][0], record["to"][1])
                self.writes[new] = moved
                self._passed.move(key, new)
            elif moved is not None:
                self._passed.remove(key, moved)

    def _hear_again(self, record: Record) -> None:
        self.executed.again(record["q"], record["n"])
        for mention in self.writes.values():
            if record["q"] in mention.statements:
                mention.last = max(mention.last, record["last"])

    def say(self, said: dict[str, Any]) -> None:
        """Add what was said of the run itself."""
        self.params.update(said.get("params") or {})
        self.metrics.update(said.get("metrics") or {})
        self.facets.update(said.get("facets") or {})

    def write(self, written: Written) -> bool:
        """Write something by a statement; give whether that is to be said at once."""
        key = written.key
        first = key not in self.writes
        mention = self.writes.setdefault(key, Mention(written.at, own=False))
        change = mention.said.get("change")
        said = self.passed(key, mention, written.said)
        mention.write(written._replace(said=said), keep=key in self.reads)
        self.made(key)
        return first or mention.said.get("change") != change

    def passed(self, key: Key, mention: Mention, said: dict[str, Any]) -> dict[str, Any]:
        """Give what is said of a write, in the names of what is there."""
        return self._passed.write(key, mention, said, made=self.writes)

    def move(self, before: str, after: str, at: int) -> list[Key]:
        """Give the tables of a database file that was moved their new names; give those."""
        moved = []
        for space, name in [key for key in self.writes if key[0] == before]:
            old, new = self.writes[space, name], (after, name)
            said: dict[str, Any] = {
                "change": "RENAME",
                "previous": [space, name],
                "inputs": [[space, name]],
            }
            columns = old.said.get("schema") or {}
            if columns:
                fields = {one: [[space, name, one, "IDENTITY"]] for one in columns}
                said |= {"schema": columns, "columns": fields}
            self.write(Written(self.id, at, 0, new, said, anew=True))
            moved.append(new)
        return moved

    def made(self, key: Key) -> None:
        """Know in the runs around this one that it was made within them."""
        outer = self.outer
        while outer is not None:
            if key not in outer.made_within:
                outer.made_within.add(key)
                outer.note_within("made", key, 0)
            outer = outer.outer

    def note_within(self, role: str, key: Key, at: int) -> None:
        """Note what a run within this one did to it, as a record that says so of this one alone."""
        record = {"k": "within", "at": at, "r": self.id, "role": role, "d": list(key)}
        self._within.append((self, record))

    def untold(self) -> Iterator[str]:
        """What of its lineage is more than is told."""
        for (_, name), one in self.writes.items():
            count = len(one.said.get("inputs") or ())
            if count > ENTRIES_MAX:
                yield f"{name} came from {count:,} datasets (limit: {ENTRIES_MAX:,} told exactly)"

    def is_read_back(self, key: Key, mention: Mention) -> bool:
        """Whether the run read what it had written."""
        written = self.writes.get(key)
        return written is not None and written.first < mention.first

    def inputs_of(self, output: Mention) -> list[Key] | None:
        """What was read before a write; None where that is no more than what the run read.

        Where other processes may have read for this run, order in this one says nothing; nor does
        it where a file was opened to be written, and filled with what was read later.
        """
        if self.joined or self.is_incomplete() or output.said.get("draft"):
            return None
        before = [
            key
            for key, read in self.reads.items()
            if read.first <= output.last and not self._is_of_itself(key, read, output)
        ]
        outside = {
            key
            for key, read in self.reads.items()
            if not (read.own or self.is_read_back(key, read))
        }
        return None if set(before) == outside else before

    def _is_of_itself(self, key: Key, read: Mention, output: Mention) -> bool:
        """Whether it read what it had made anew, and no version before that."""
        return output.anew and self.writes.get(key) is output and self.is_read_back(key, read)

    def has_failed(self) -> bool:
        """Whether it has ended, and not as it should: what it wrote is there all the same."""
        return bool(self.end and self.end["state"] != "COMPLETE") or (
            self.inferred and not self.joined
        )

    def is_incomplete(self) -> bool:
        """Whether it may have read and written more than is known here.

        As what a process did not say that did not say its end: that others worked for it.
        """
        return self.lossy or self.unseen or self.inferred or bool(self.end.get("shared"))

    def is_doubtful(self) -> bool:
        """Whether something was captured of which nobody knows of which of several reads it is.

        What other processes read and wrote for this run is not known here: it may be such.
        """
        if self.is_incomplete():
            return True
        outside = [
            key for key, one in self.reads.items() if not (one.own or self.is_read_back(key, one))
        ]
        if len(outside) < 2:  # of a single one it is that
            return False
        return any(
            one.said.get("draft") and one.said.get("inputs") is None for one in self.writes.values()
        )
