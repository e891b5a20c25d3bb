"""The segments of one process as one stream of records, and how far it was delivered.

Beside its segments a process has in the spool, written by who ships it alone:

    <stem>.cursor     how many of its events were delivered; whether that is all of them
    <stem>.kept       how far it was read by then, and which of its records matter still (`kept`)
    <stem>.digests    what the shipper hashed for it since then

The cursor only saves work: without it events are given again, and found to be there already. The
digests are kept before an event with them is given, so that it never changes. A segment that is
full is taken away when everything in it was delivered, and what matters of it is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from headwater.capture import segments
from headwater.capture.spool import LOSS, SUFFIX, Record
from headwater.shipping import kept
from headwater.shipping.remembering import Remembered, body
from headwater.shipping.settled import Settled
from headwater.shipping.translating import Translator

KEEP_BYTES: Final = 256 * 1024
"""Records that are read anew rather than that what matters of them is kept. More, once that is
larger itself: what is written to keep it is never more than what was read."""
BESIDE: Final = ("digests", "kept", "cursor")


class Damage(NamedTuple):
    """A file that cannot be read to its end, and why; None: that is for another version to do."""

    path: Path | None
    reason: str


class Stream:
    """What one process recorded, from where the last look ended."""

    def __init__(self, folder: Path, stem: str, numbers: list[int]) -> None:
        """Read how far it was read before; `numbers` are those of its segments, for `look`."""
        self.stem = stem
        self.dead = False
        """Whether its process has ended, and everything was given."""
        self.at_end = False
        """Whether everything was given that was there at the last look."""
        self.damage: list[Damage] = []
        """What cannot be read, and was not told yet."""
        self._folder = folder
        self._translator = Translator()
        self._remembered = Remembered()
        self._settled = Settled(folder / f"{stem}.digests")
        self._number, self._offset, self._given = 0, 0, 0
        self._unkept = 0
        """Bytes of records that were read since what matters was kept."""
        self._kept_bytes = 0
        self._kept_from = 0
        """The first segment that is needed still."""
        self._is_newer = False
        """Whether only a newer version of Headwater can go on with it."""
        self.delivered, self._is_done = _read_cursor(self._beside("cursor"))
        self._unheard: Sequence[segments.Read] = ()
        """What is kept, until something new is there that needs it."""
        self._lost: list[str] = []
        self._resume()
        self.look(numbers)

    def look(self, numbers: list[int]) -> None:
        """Look whether the process lives, then which segments there are, beyond `numbers` too.

        In this order, so that nothing is missed of one that just died.
        """
        self._numbers = list(numbers)
        self.at_end, self.is_live = False, True
        while True:
            last = self._numbers[-1]
            if segments.is_live(str(self._segment(last))):
                return
            if not self._segment(last + 1).exists():
                self.is_live = False
                return
            self._numbers.append(last + 1)  # begun before the lock on the last was given up

    def events(self, *, hash_files: bool = True) -> Iterator[bytes]:
        """Give all events that were not delivered yet, as far as the process has got."""
        while not self.at_end:
            yield from self.some(hash_files=hash_files)

    def some(self, *, hash_files: bool = True) -> Iterator[bytes]:
        """Give those of the next segment; `at_end` tells whether it was the last.

        Without `hash_files`, digests that were put off stay so: for looking, not for delivering.
        """
        if self._is_done or self._is_newer:
            self.at_end, self.dead = True, self._is_done
            return
        number = next((one for one in self._numbers if one >= self._number), self._number)
        if number > self._number:
            self._number, self._offset = number, 0
        self.at_end = number >= self._numbers[-1]
        if self.at_end and self.is_live and self._has_nothing_new():
            return
        self._hear_again()
        self._say_losses()
        for found in self._records(number, may_grow=self.at_end and self.is_live):
            yield from self._undelivered(found.record, found.body, hash_files=hash_files)
        self._say_losses()
        if not self.at_end:
            self._number, self._offset = number + 1, 0
        elif not self.is_live and not self.dead:
            self.dead = True
            self._lost += [loss(path) for path in losses(self._folder, self.stem)]
            self._say_losses()
            for record in self._translator.left() if hash_files else ():
                yield from self._undelivered(record, body(record), hash_files=True)
            yield from self._count(self._translator.close())

    def confirm(self, delivered: int) -> None:
        """Remember that so many more events were delivered, or are in quarantine."""
        self.delivered += delivered
        self._write_cursor(done=False)

    def keep(self) -> None:
        """Keep what matters of what was delivered, if that is much; take full segments away.

        Whoever dies in between leaves segments that nobody reads again; the next one takes them.
        """
        if self.dead or self._given > self.delivered:
            return
        if self._unkept >= max(KEEP_BYTES, self._kept_bytes):
            last, replaced = self._translator.last, self._translator.replaced
            place = kept.Place(
                self._number, self._offset, self._given, self._settled.count, last, replaced
            )
            needed = self._remembered.needed(self._translator.open_runs())
            self._kept_bytes = kept.write(self._beside("kept"), place, needed)
            self._kept_from, self._unkept = self._number, 0
            self._settled.forget()
        for number in self._numbers:
            if number < self._kept_from:
                self._segment(number).unlink(missing_ok=True)

    def remove(self) -> None:
        """Take the files of a process away that has ended and was delivered whole.

        That it was is written down before the first of several segments goes: the rest says less.
        """
        if len(self._numbers) > 1 and not self._is_done:
            self._write_cursor(done=True)
        for path in losses(self._folder, self.stem):
            path.unlink(missing_ok=True)
        for number in self._numbers:
            self._segment(number).unlink(missing_ok=True)
        for suffix in BESIDE:
            for name in (f"{suffix}-new", suffix):
                self._beside(name).unlink(missing_ok=True)

    def _resume(self) -> None:
        """Take up what is kept. What of it cannot be read is told, as of a segment."""
        path = self._beside("kept")
        try:
            found = kept.read(path)
        except kept.Newer:
            self._is_newer = True
            reason = f"{path.name}: a newer version of Headwater has to ship it"
            self.damage.append(Damage(None, reason))
            return
        except kept.Unreadable as error:
            # Segments that are there say it again, and admission finds the repeats.
            self._lose(path, f"{path.name}: {error}")
            self.delivered = 0
            return
        if found is None:
            return
        place, self._unheard = found.place, found.records
        self._number, self._offset, self._given = place.number, place.offset, place.events
        self.delivered = max(self.delivered, place.events)
        self._translator.last, self._translator.replaced = place.last, place.replaced
        self._settled.count = place.digests
        self._kept_from = place.number
        self._kept_bytes = sum(len(one.body) for one in found.records)
        if found.damage is not None:
            self._lose(path, f"{path.name}: {found.damage}")

    def _has_nothing_new(self) -> bool:
        try:
            return self._segment(self._number).stat().st_size == self._offset
        except FileNotFoundError:
            return True

    def _hear_again(self) -> None:
        last, replaced = self._translator.last, self._translator.replaced
        for one in self._unheard:
            for _ in self._translator.translate(one.record):
                pass  # it was delivered
            self._remembered.add(self._translator.about, one.record, one.body)
        if self._unheard:
            self._translator.last, self._translator.replaced = last, replaced
            self._unheard = ()

    def _records(self, number: int, *, may_grow: bool) -> Iterator[segments.Read]:
        path = self._segment(number)
        try:
            for found in segments.read(str(path), self._offset):
                if isinstance(found, segments.Torn):
                    # Torn is what a process leaves that dies in the middle of a record.
                    if not (may_grow or found.torn):
                        self._lose(path, f"{path.name}: {found.reason} at byte {found.start:,}")
                    return
                self._unkept += found.end - self._offset
                self._offset = found.end
                yield found
        except FileNotFoundError:
            return

    def _undelivered(self, record: Record, text: bytes, *, hash_files: bool) -> Iterator[bytes]:
        if hash_files and "later" in (record.get("digest") or {}):
            digest = self._settled.settle(record["path"], record["digest"])
            record = {**record, "digest": digest}
            text = body(record)
        yield from self._hear(record, text)

    def _hear(self, record: Record, text: bytes) -> Iterator[bytes]:
        yield from self._count(self._translator.translate(record))
        self._remembered.add(self._translator.about, record, text)
        for run, told in self._translator.within:
            self._remembered.add(run, told, body(told))

    def _count(self, events: Iterator[bytes]) -> Iterator[bytes]:
        for event in events:
            self._given += 1
            if self._given > self.delivered:
                yield event

    def _lose(self, path: Path, reason: str) -> None:
        """Have the runs of the process say from now on that something of it cannot be read."""
        self.damage.append(Damage(path, reason))
        self._lost.append(f"what was recorded cannot be read: {reason}")

    def _say_losses(self) -> None:
        while self._lost:
            record = {"k": "lost", "what": self._lost.pop(0)}
            for _ in self._hear(record, body(record)):
                pass  # nothing is given of it but gaps of runs

    def _write_cursor(self, *, done: bool) -> None:
        beside = self._beside("cursor-new")
        beside.write_text(json.dumps({"events": self.delivered} | ({"done": True} if done else {})))
        beside.replace(self._beside("cursor"))

    def _segment(self, number: int) -> Path:
        return self._folder / f"{self.stem}.{number:04}{SUFFIX}"

    def _beside(self, suffix: str) -> Path:
        return self._folder / f"{self.stem}.{suffix}"


def streams(folder: Path) -> list[Stream]:
    """Find the processes that have something in the spool, in the order in which they began."""
    found = segments.by_process(str(folder))
    return [Stream(folder, stem, numbers) for stem, numbers in found.items()]


def losses(folder: Path, stem: str = "*") -> list[Path]:
    """Find what says that records of a process could not be written, and still are not."""
    return sorted(folder.glob(f"{stem}.*{LOSS}"))


def loss(path: Path) -> str:
    """Tell what that says."""
    number = path.name.split(".")[1]
    why = os.strerror(int(number)) if number.isdigit() else "for no known reason"
    return f"some records could not be written: {why}"


def sweep(folder: Path, stems: Container[str]) -> None:
    """Take away what is beside segments that are gone; `stems` are those that have some.

    Whoever ships was killed while it took them away. Only the one that ships may call this.
    """
    for path in folder.glob("*"):  # a folder that is gone has nothing
        stem, _, suffix = path.name.partition(".")
        if suffix.removesuffix("-new") in BESIDE and stem not in stems:
            path.unlink(missing_ok=True)


def _read_cursor(path: Path) -> tuple[int, bool]:
    try:
        said: dict[str, Any] = json.loads(path.read_text())
        return int(said["events"]), bool(said.get("done"))
    except (OSError, ValueError, KeyError, TypeError):
        return 0, False
