"""What one run has read and written so far, and the records of it in the spool.

Adapters call this: with names that are read already, and within a guard of theirs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from headwater.capture import digests, runtime
from headwater.capture.datasets import Name

if TYPE_CHECKING:
    from headwater.capture.runs import Run

Key = tuple[str, str]

EXACT: Final = "HEADWATER_EXACT"
"""Set to `1`, every file is hashed when its run ends."""


class Recording:
    """The reads and writes of a run."""

    def __init__(self) -> None:
        self.id = ""
        self.outer: Run | None = None
        self._reads: dict[Key, Mention] = {}
        self._writes: dict[Key, Mention] = {}
        self._made_within: set[Key] = set()

    def record_read(self, name: Name, said: Mapping[str, object]) -> None:
        """Record a read."""
        key = name[:2]
        known, written = self._reads.get(key), self._writes.get(key)
        rewritten = written is not None and (known is None or written.at > known.at)
        if known is not None and known.said == said and not rewritten:
            return
        mention = Mention(runtime.recorder().moment(), said, name.path)
        if known is not None and not rewritten:
            mention.look = known.look
        elif name.path is not None:
            mention.look = digests.look(name.path)
        self._reads[key] = mention
        self._append("read", mention.at, d=key, say=said, look=mention.look, path=name.path)
        if self.outer is not None:
            self.outer.record_within(key)

    def record_write(self, name: Name, said: Mapping[str, object]) -> None:
        """Record a write."""
        key = name[:2]
        mention = self._writes[key] = Mention(runtime.recorder().moment(), said, name.path)
        self._append("write", mention.at, d=key, say=said, path=name.path)
        outer = self.outer
        while outer is not None:
            outer._made_within.add(key)
            outer = outer.outer

    def record_draft(self, name: Name, said: Mapping[str, object]) -> None:
        """Record a write that may not be the last word: it is said of the run only at its end."""
        self.record_write(name, {**said, "draft": True})

    def has_written(self, name: Name) -> bool:
        """Whether this run wrote it, by this name."""
        return name[:2] in self._writes

    def record_rename(self, old: Name, new: Name) -> None:
        """Record that something written here was moved: it is one write, of its last name."""
        mention = self._writes.pop(old[:2])
        mention.path = new.path
        self._writes[new[:2]] = mention
        at = runtime.recorder().moment()
        self._append("move", at, d=old[:2], to=new[:2], path=new.path)

    def record_removal(self, name: Name) -> None:
        """Record that something written here is gone: it was no output."""
        del self._writes[name[:2]]
        self._append("remove", runtime.recorder().moment(), d=name[:2])

    def record_within(self, key: Key) -> None:
        """Record that a run within this one read something, unless that was made within this one.

        What comes back from a run within is in this one's memory, with all that it was made of.
        """
        if not (key in self._reads or key in self._writes or key in self._made_within):
            self.record_read(Name(*key), {})

    def _append(self, kind: str, at: int, **members: Any) -> None:
        record = {"k": kind, "at": at, "r": self.id}
        record.update((name, value) for name, value in members.items() if value)
        runtime.recorder().append(record)

    def _append_digests(self) -> None:
        exact = os.environ.get(EXACT) == "1"
        left = sys.maxsize if exact else digests.CLOSE_BYTES_MAX
        for role, mentions in (("read", self._reads), ("write", self._writes)):
            for key, mention in list(mentions.items()):
                if mention.path is None:
                    continue
                found = digests.digest(
                    mention.path,
                    seen=mention.look,
                    since_us=mention.at if role == "read" else None,
                    put_off_from=left if exact else min(left, digests.SMALL_BYTES_MAX),
                )
                left -= int(found.get("size", 0))
                self._append(
                    "digest", mention.at, d=key, role=role, digest=found, path=mention.path
                )


class Mention:
    """What was said last of a dataset in one role, and when; of a read file, how it was then."""

    __slots__ = ("at", "look", "path", "said")

    def __init__(self, at: int, said: Mapping[str, object], path: str | None) -> None:
        self.at = at
        self.said = said
        self.path = path
        self.look: digests.Print | None = None
