"""What one run has read and written so far, and the records of it in the spool.

Adapters call this: with names that are read already, and within a guard of theirs.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import datasets, digests, runtime
from headwater.capture.datasets import Name
from headwater.capture.encoding import encode, quote
from headwater.capture.filled import Filled
from headwater.capture.hearing import listening
from headwater.capture.repeats import Repeats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from types import EllipsisType
    from typing import Any, Final

    from headwater.capture.hearing import Key
    from headwater.capture.links import Link
    from headwater.capture.memory import Memory
    from headwater.capture.runs import Run


sees_opens = False
"""Whether what this process opens is seen. Else a file is written when the program says so."""
feeding: Callable[[], None] | None = None
"""Called when something was read, where there are processes to which it may be sent on."""
before_handover: Final[list[Callable[[Recording], None]]] = []
"""Called with a run before it is recorded that another process may read what it wrote."""
_OPENED: Final = {"opened", "draft"}
"""All that is said of a write by who sees a file opened."""
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
        self._commands: dict[str, int] = {}
        self._repeats = Repeats()
        self._held: dict[str, dict[str, object]] = {}
        self.memory: Memory | None = None
        self.began_at = 0
        """Microseconds UTC."""
        self.step = False
        """Whether it is a step of a notebook, or the notebook, which is made of steps."""
        self.shared = False
        """Whether a forked process may speak for it too."""
        self._fresh: set[Key] = set()
        """What was written since its state was last told."""
        self._stated: dict[Key, digests.Digest] = {}
        """How what was written was when that was told; another process may change it then."""
        self.filled = Filled()
        self.executes = False
        """Whether tables may have been written since that was last told."""

    def record_begin(self) -> None:
        """Let it have begun: something is about to be part of it."""

    def record_read(
        self,
        name: Name,
        said: Mapping[str, object],
        found: os.stat_result | EllipsisType | None = ...,
    ) -> None:
        """Record a read.

        `found` is how the file is, where that was looked up just now; None: there is none.
        """
        key = name[:2]
        heard = listening()
        if heard is not None:
            heard.keys.add(key)
        known, written = self._reads.get(key), self._writes.get(key)
        rewritten = written is not None and (known is None or written.at > known.at)
        counted = self._repeats.count("read", *key)
        if known is not None and known.said == said and not rewritten:
            if self.memory is not None:
                self.memory.note_read(key, known)
            return
        if counted and known is not None and known.said == said and self.memory is None:
            known.at = runtime.recorder().moment()
            return
        mention = Mention(runtime.recorder().moment(), said, name[2])
        if known is not None and not rewritten:
            mention.look = known.look
        elif found is not ...:
            mention.look = None if found is None else digests.shown(found)
        elif name[2] is not None:
            mention.look = digests.look(name[2])
        self._reads[key] = mention
        self._append_mention("read", key, mention)
        if feeding is not None:
            feeding()
        if self.memory is not None:
            self.memory.note_read(key, mention)
        self._record_around(key, mention)

    def record_read_of(self, dataset: datasets.Dataset, said: Mapping[str, object]) -> None:
        """Record a read of what a user named. Raises as `datasets.name`."""
        name, found = datasets.look(dataset)
        self.record_read(name, said, found)

    def record_write(self, name: Name, said: Mapping[str, object]) -> None:
        """Record a write."""
        key = name[:2]
        known = self._writes.get(key)
        if name.path is not None and not (sees_opens and said.get("adds") == "facts"):
            self._fresh.add(key)
        elif name.path is None:
            self.executes = True
        if self._repeats.count("write", *key) and known is not None and known.said == said:
            known.at, known.counted = runtime.recorder().moment(), True
            return
        if self.memory is not None:
            said = self._recall(said, self.memory)
        mention = self._writes[key] = Mention(runtime.recorder().moment(), said, name.path)
        self._append_mention("write", key, mention)
        if self.memory is not None:
            self.memory.note_write(key, mention.at)
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

    def has_filled(self, name: Name) -> bool:
        """Whether this run wrote it, by this name, and an adapter said what."""
        mention = self._writes.get(name[:2])
        return mention is not None and not mention.said.keys() <= _OPENED

    def record_rename(self, old: Name, new: Name) -> None:
        """Record that something written here was moved: it is one write, of its last name."""
        mention = self._writes.pop(old[:2])
        mention.path = new.path
        self.filled.move(old[:2], new[:2])
        self._stated.pop(new[:2], None)
        self._writes[new[:2]] = mention
        self._fresh.add(new[:2])
        at = runtime.recorder().moment()
        self._append("move", at, d=old[:2], to=new[:2], path=new.path)

    def record_rename_below(self, old: Name, new: Name) -> None:
        """Record that a folder was moved: what was written in it has other names from now on."""
        for namespace, name in list(self._writes):
            if namespace == old.namespace and name.startswith(f"{old.name}/"):
                rest, path = name.removeprefix(old.name), self._writes[namespace, name].path
                moved = None if path is None or new.path is None else new.path + rest
                self.record_rename(
                    Name(namespace, name, path), Name(namespace, new.name + rest, moved)
                )

    def record_removal(self, name: Name) -> None:
        """Record that something written here is gone: it was no output.

        Unless a forked process may have read it, of whose reads nothing is known here.
        """
        if self.shared:
            return
        self._refute(name[:2])
        self.filled.forget(name[:2])
        del self._writes[name[:2]]
        self._append("remove", runtime.recorder().moment(), d=name[:2])

    def record_states(self) -> None:
        """Record how the files are that were written: another run is about to begin within this.

        It may read them, and what it reads is a version before this run ends. What is open to be
        written is none yet.
        """
        if self.executes:
            # Of which tables that may be, the translator knows.
            self.executes = False
            for tell in before_handover:
                tell(self)
            self._append("handover", runtime.recorder().moment())
        if not self._fresh:
            return
        from headwater.capture import open_files  # not by runs that write nothing

        still_open, left = open_files.paths(), digests.CLOSE_BYTES_MAX
        for key in list(self._fresh):
            mention = self._writes.get(key)
            path = None if mention is None else mention.path
            if path in still_open:
                continue
            if path is not None:
                self._refute(key)
            self._fresh.discard(key)
            if path is not None:
                most = min(left, digests.SMALL_BYTES_MAX)
                found = digests.digest(path, put_off_from=most)
                left -= int(found.get("size", 0))
                self._stated[key] = found
                at = runtime.recorder().moment()
                self._append("state", at, d=key, digest=found, path=path)

    def record_within(self, key: Key, mention: Mention) -> None:
        """Record that a run within this one read something, unless that was made within this one.

        What comes back from a run within is in this one's memory, with all that it was made of. It
        read what the run within did: the file as it was then.
        """
        if not (key in self._reads or key in self._writes or key in self._made_within):
            self._receive(key, mention, runtime.recorder().moment())

    def record_read_around(self, key: Key) -> None:
        """Record a read of what a run around this one has read, as it was when that read it."""
        around = self.outer
        while around is not None and key not in around._reads:
            around = around.outer
        if around is None:
            self.record_read(Name(*key), {})
        else:
            self._receive(key, around._reads[key], runtime.recorder().moment())

    def record_gap(self, what: str) -> None:
        """Record what could not be seen in this run."""
        self._append("gap", runtime.recorder().moment(), what=what)

    def record_unseen(self) -> None:
        """Record that something was read or written for it that nobody names: nothing is exact."""
        self._append("unseen", runtime.recorder().moment())

    @property
    def read_count(self) -> int:
        """How many datasets were read so far."""
        return len(self._reads)

    def read_so_far(self, most: int) -> list[list[Any]]:
        """List what was read, as `record_received` takes it; of more than `most`, nothing."""
        if len(self._reads) > most:
            return []
        return [[key, one.path, one.look, one.digest] for key, one in self._reads.items()]

    def record_received(
        self,
        key: Sequence[str],
        path: str | None,
        look: digests.Print | None,
        digest: Any,
        *,
        at: int | None = None,
    ) -> None:
        """Record what another process read and sent to this one, by default at its beginning."""
        dataset = (key[0], key[1])
        if dataset in self._reads or dataset in self._writes:
            return
        mention = Mention(self.began_at, {}, path)
        mention.look, mention.digest = look, digest
        self._receive(dataset, mention, at or self.began_at)

    def _receive(self, key: Key, known: Mention, at: int) -> None:
        """Record a read that another run recorded, with how the file was."""
        mention = self._reads[key] = Mention(at, {}, known.path)
        mention.look, mention.digest = known.look, known.digest
        self._append("read", at, d=key, look=mention.look, path=mention.path)
        if feeding is not None:
            feeding()
        if self.memory is not None:
            self.memory.note_read(key, mention)
        self._record_around(key, mention)

    def _record_around(self, key: Key, mention: Mention) -> None:
        if self.outer is not None and not self.step:
            self.outer.record_within(key, mention)

    def record_command(self, name: str) -> None:
        """Record that a program was started which may read and write unseen. Often is seldom told.

        What is told is how often it was until then: at powers of two, and at the end.
        """
        count = self._commands[name] = self._commands.get(name, 0) + 1
        if count & (count - 1) == 0:
            self._append("commands", runtime.recorder().moment(), names={name: count})

    def record_exit(self, run: Link, code: int) -> None:
        """Record that the run of another process, which did not know it, failed."""
        at = runtime.recorder().moment()
        record = {"k": "exit", "at": at, "r": run.id, "job": run[1:], "code": code}
        runtime.recorder().append(record)

    def _recall(self, said: Mapping[str, object], memory: Memory) -> Mapping[str, object]:
        """Let this run have read what is written here, as it was when it was read.

        What is of unknown origin came from anything that the notebook has read.
        """
        from headwater.capture.memory import RECALLED_MAX, chosen  # notebooks have one

        said = dict(said)
        seen: Any = said.pop("seen", ())
        inputs: Any = said.get("inputs")
        if inputs is None:
            known = list(memory.newest()) if self.step else []
            if len(known) > RECALLED_MAX:
                self.record_gap(
                    f"{len(known):,} datasets were read before (limit: {RECALLED_MAX:,})"
                )
                known = []
            for key, state in known:
                self._read_again(key, state, memory)
            return said
        for key in map(tuple, inputs):
            stamps = chosen(key, seen)
            found = memory.state(key, stamps[-1] if stamps else None)
            if found is not None:
                self._read_again(key, found, memory)
            if len(stamps) > 1:
                self.record_gap(f"{key[1]} was read in {len(stamps)} states, of which one is told")
        return said

    def _read_again(self, key: Key, state: Mention, memory: Memory) -> None:
        known = self._reads.get(key)
        if known is state or key in self._writes:
            return
        if known is not None:
            if known.look != state.look:
                self.record_gap(f"{key[1]} was read in several states, of which one is told")
            return
        recalled = Mention(state.at, state.said, state.path)
        recalled.look, recalled.digest = state.look, state.digest
        is_known = state.path is not None and (
            "value" in (state.digest or {}) or digests.look(state.path) == state.look
        )
        if is_known or not memory.is_old(key, state):
            recalled.at = runtime.recorder().moment()
        self._reads[key] = recalled
        self._append_mention("read", key, recalled)

    def _append(self, kind: str, at: int, **members: Any) -> None:
        record = {"k": kind, "at": at, "r": self.id}
        record.update((name, value) for name, value in members.items() if value)
        runtime.recorder().append(record)

    def _append_mention(self, kind: str, key: Key, mention: Mention) -> None:
        """Record a read or write."""
        look, more = mention.look, ""
        if mention.said:
            more = f',"say":{encode(mention.said)}'
        if look is not None:
            more += f',"look":[{look[0]},{look[1]},{look[2]},{look[3]},{look[4]}]'
        self._append_of(kind, mention.at, key, mention.path, more)

    def _append_of(self, kind: str, at: int, key: Key, path: str | None, more: str) -> None:
        """Record something of a dataset, as `_append` does: encoding it would be half the cost."""
        self.record_begin()
        name = quote(key[1])
        text = f'{{"k":"{kind}","at":{at},"r":"{self.id}","d":[{quote(key[0])},{name}]{more}'
        if path is not None:
            text += f',"path":{name if path == key[1] else quote(path)}'
        runtime.recorder().append_text(text + "}")

    def record_said(self, what: str, values: Mapping[str, object]) -> None:
        """Record what is said of this run; in a loop, the last values count."""
        at = runtime.recorder().moment()
        held = self._held.setdefault(what, {})
        if what != "facets" and self._repeats.count(what, "", ", ".join(sorted(values))):
            held.update(values)
            return
        for name in values:
            held.pop(name, None)
        self._append("say", at, say={what: values})

    def _append_counted(self) -> None:
        """Record the last of what was counted, and how often it was done."""
        recorder = runtime.recorder()
        for what, values in self._held.items():
            if values:
                self._append("say", recorder.moment(), say={what: values})
        self._held.clear()
        for key, mention in list(self._writes.items()):
            if mention.counted:
                mention.counted = False
                self._append_mention("write", key, mention)
        told = self._repeats.told()
        if told:
            said = {"headwater_operations": {"operations": told}}
            self._append("say", recorder.moment(), say={"facets": said})

    def _append_digests(self, *, at_exit: bool = False) -> None:
        """Record what the files are, or what they have to be for the shipper to hash them.

        Of what is open still, more may come. `at_exit` it has been written by now, but for what
        waits in buffers; and the shipper sees that nothing came after that.
        """
        still_open: Container[str | None] = ()
        if self._writes:
            from headwater.capture import open_files  # not by runs that write nothing

            still_open = open_files.paths()
            if at_exit and any(one.path in still_open for one in self._writes.values()):
                open_files.flush(still_open)
        for key in list(self._writes):
            self._refute(key, () if at_exit else still_open)
        exact = os.environ.get(EXACT) == "1"
        left = sys.maxsize if exact else digests.CLOSE_BYTES_MAX
        for role, mentions in (("read", self._reads), ("write", self._writes)):
            for key, mention in list(mentions.items()):
                if mention.path is None:
                    continue
                found = mention.digest
                if found is None and role == "write" and mention.path in still_open:
                    look = digests.look(mention.path) if at_exit else None
                    found = {"later": look} if look else {"missed": "it was still open"}
                if found is None:
                    found = mention.digest = digests.digest(
                        mention.path,
                        seen=mention.look,
                        since_us=mention.at if role == "read" else None,
                        put_off_from=left if exact else min(left, digests.SMALL_BYTES_MAX),
                    )
                    left -= int(found.get("size", 0))
                if role == "write":
                    found = self._as_written(key, found)
                more = f',"role":"{role}","digest":{encode(found)}'
                self._append_of("digest", mention.at, key, mention.path, more)

    def _as_written(self, key: Key, now: digests.Digest) -> digests.Digest:
        """Tell how a file was that this run wrote, and not what others made of it after that."""
        stated = self._stated.get(key)
        if stated is None or not self._is_settled(key) or not digests.differ(stated, now):
            return now
        if self._commands:
            self.record_gap(f"{key[1]} was changed by another process after it was written")
        return stated

    def _is_settled(self, key: Key) -> bool:
        """Whether it was told how a file is, and nothing was written by this run since."""
        return key in self._stated and key not in self._fresh

    def _refute(self, key: Key, still_open: Container[str | None] = ()) -> None:
        """Take back that a file is of what adapters put there alone, where there is more in it.

        What is open still may become more.
        """
        fill = self.filled.get(key)
        if fill is None or not fill.claimed or self._is_settled(key):
            return
        path = self._writes[key].path
        look = None if path is None or path in still_open else digests.look(path)
        if look is None or look[2] != fill.end:
            fill.doubt()
            fill.claimed = False
            self.record_draft(Name(*key, path), {"adds": "content"})


class Mention:
    """What was said last of a dataset in one role, and when; of a read file, how it was then."""

    __slots__ = ("at", "counted", "digest", "look", "path", "said")

    def __init__(self, at: int, said: Mapping[str, object], path: str | None) -> None:
        self.at = at
        self.said = said
        self.path = path
        self.counted = False
        """Whether it was written again since it was recorded."""
        self.look: digests.Print | None = None
        self.digest: digests.Digest | None = None
