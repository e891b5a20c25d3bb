"""One pass over a spool, and passes without end: deliver what is there, remember how far.

One process ships a spool at a time, and at most one more waits for its turn; whoever comes third
can leave, because the one that waits will see everything that is there by now.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from headwater.capture import handover
from headwater.capture.location import SPOOL
from headwater.capture.segments import by_process
from headwater.shipping import quarantine
from headwater.shipping.receipts import ACCEPTED, DUPLICATE, REJECTED, Deliver, Undelivered
from headwater.shipping.streams import Stream, loss, losses, sweep

try:
    import fcntl
except ImportError:  # Windows: nothing keeps two shippers apart; admission finds the repeats
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

BATCH_EVENTS_MAX: Final = 512
BATCH_BYTES_MAX: Final = 4 * 1024 * 1024
BACKOFF_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
FOLLOW_SECONDS: Final = 0.5
"""How often a spool is looked at that is followed."""
WORKING: Final = "ship.lock"
"""In the spool: locked by who ships it."""
_POLL_SECONDS: Final = 0.02

Sleep = Callable[[float], None]


class Tally:
    """What became of events, so far."""

    def __init__(self) -> None:
        self.counts = {ACCEPTED: 0, DUPLICATE: 0, REJECTED: 0}
        self.reasons: list[str] = []
        self.damage: list[str] = []

    def document(self) -> dict[str, object]:
        """Write it for `--json`."""
        return {**self.counts, "reasons": self.reasons, "damage": self.damage}


class Shipping:
    """Delivers what is in the spool of the store `root`. The caller holds `turn`."""

    def __init__(self, root: Path, deliver: Deliver) -> None:
        self.tally = Tally()
        self._root = root
        self._folder = root / SPOOL
        self._deliver = deliver
        self._streams: dict[str, Stream] = {}

    def pass_over(self) -> int:
        """Deliver what is there now, and give how many events that were.

        Raises `Undelivered` when nobody takes them; what was delivered before stays delivered.
        """
        found = by_process(str(self._folder))
        sweep(self._folder, found)
        for path in losses(self._folder):
            if path.name.partition(".")[0] not in found:  # it could record nothing at all
                quarantine.keep_segment(self._root, path, loss(path))
                path.unlink(missing_ok=True)
        self._streams = {stem: one for stem, one in self._streams.items() if stem in found}
        done = 0
        for stem, numbers in found.items():
            stream = self._streams.pop(stem, None)
            if stream is None:
                stream = Stream(self._folder, stem, numbers)
            else:
                stream.look(numbers)
            done += self._ship(stream)
            if stream.dead:
                stream.remove()
            else:
                # Not if anything was raised: it counts as given what nobody took.
                self._streams[stem] = stream
        return done

    def follow(self, *, until: Callable[[], bool], sleep: Sleep = time.sleep) -> None:
        """Pass over it again and again, waiting ever longer while nobody takes events."""
        failed = 0
        while not until():
            pause = FOLLOW_SECONDS
            try:
                self.pass_over()
                failed = 0
            except Undelivered as error:
                if error.lasting:
                    raise
                pause = backoff(failed, error)
                failed += 1
            sleep(pause)

    def _ship(self, stream: Stream) -> int:
        done = 0
        while not stream.at_end:
            for batch in _batches(stream.some()):
                self._hand_over(batch)
                stream.confirm(len(batch))
                done += len(batch)
            self._tell_damage(stream)
            stream.keep()
        return done

    def _tell_damage(self, stream: Stream) -> None:
        """Keep what cannot be read before it is taken away."""
        for path, reason in stream.damage:
            if path is not None:
                quarantine.keep_segment(self._root, path, reason)
            self.tally.damage.append(reason)
        stream.damage.clear()

    def _hand_over(self, batch: Sequence[bytes]) -> None:
        receipts = self._deliver(batch)
        if len(receipts) != len(batch):
            raise Undelivered(
                f"{len(batch)} events were delivered and {len(receipts)} receipts came back"
            )
        for event, receipt in zip(batch, receipts, strict=True):
            self.tally.counts[receipt.status] += 1
            if receipt.status == REJECTED:
                quarantine.keep_event(self._root, event, receipt.reason)
                self.tally.reasons.append(receipt.reason)


@contextlib.contextmanager
def turn(root: Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Take the turn at shipping a spool; gives whether it is ours.

    Waits up to `wait` seconds for who ships now, unless somebody waits already. Who was started by
    a program that ended waits for a while after the last turn too: more such may end soon. Raises
    `OSError`.
    """
    folder = root / SPOOL
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        if not _HAS_LOCKS:
            yield True
            return
        with contextlib.ExitStack() as queued:
            working = _open_lock(folder / WORKING, held)
            is_next = _has_place(folder, queued)
            pause = handover.EVERY_SECONDS - _since(working) if is_next else 0.0
            ours = pause <= 0 and _take(working)
            if (
                not ours
                and wait > 0
                and (is_next or _take(_open_lock(folder / handover.NEXT, queued)))
            ):
                time.sleep(max(pause, 0.0))
                deadline = time.monotonic() + wait
                while not (ours := _take(working)) and time.monotonic() < deadline:
                    time.sleep(_POLL_SECONDS)
        try:
            yield ours
        finally:
            if ours:
                os.pwrite(working, b"\n", 0)  # which tells when that was


def _has_place(folder: Path, queued: contextlib.ExitStack) -> bool:
    """Whether whoever started this process has taken the place of who is next for it."""
    given = os.environ.pop(handover.PLACE, "")
    if not given.isdigit():
        return False
    try:
        if not os.path.sameopenfile(int(given), _open_lock(folder / handover.NEXT, queued)):
            return False
    except OSError:
        return False
    queued.callback(os.close, int(given))
    return True


def _since(working: int) -> float:
    """Tell how many seconds ago the last turn ended; many, if there was none yet."""
    found = os.fstat(working)
    seconds = time.time() - found.st_mtime
    return seconds if found.st_size and seconds >= 0 else handover.EVERY_SECONDS


def backoff(failed: int, error: Undelivered) -> float:
    """Tell how many seconds to wait after so many failures before this one."""
    own = BACKOFF_SECONDS[min(failed, len(BACKOFF_SECONDS) - 1)]
    return max(own, min(error.retry_after or 0.0, BACKOFF_SECONDS[-1]))


def _open_lock(path: Path, held: contextlib.ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    held.callback(os.close, descriptor)
    return descriptor


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _batches(events: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    batch: list[bytes] = []
    size = 0
    for event in events:
        if batch and (len(batch) == BATCH_EVENTS_MAX or size + len(event) > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += len(event)
    if batch:
        yield batch
