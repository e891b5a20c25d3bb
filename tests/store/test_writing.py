"""Commits: durable in four steps, by one writer at a time, complete after a death in any gap."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from headwater.errors import LedgerConflict, StoreBusy, StoreError
from headwater.ingest import admit
from headwater.ledger.checkpoint import Checkpoint
from headwater.store import Writer, layout, open_store, outside
from headwater.store.lock import Lock, holder
from headwater.store.reading import REJECTED_KEPT
from headwater.store.verifying import verify
from tests.store.dying import spawn
from tests.store.making import SECOND_US, Clock, event, events, write

KILLS = int(os.environ.get("HEADWATER_KILLS", "10"))
GAPS = ("-_commit", "+_commit", "+_sign", "-_keep", "+_keep", "+_publish")


@pytest.mark.parametrize("gap", GAPS)
def test_death_in_a_gap(root: Path, gap: str) -> None:
    """A writer killed between two steps leaves a store that goes on: nothing lost or twice."""
    with write(root) as store:
        admit(store, events(10))
    process = spawn(root, gap, 10, 10)
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (-signal.SIGKILL, "")
    with write(root) as store:
        receipts = admit(store, events(20))
        assert [receipt.entry for receipt in receipts] == list(range(20))
        assert store.head().size == 20
    assert verify(root).differences == ()


@pytest.mark.parametrize("lines", [1, 3, 8])
def test_death_at_any_moment(root: Path, lines: int) -> None:
    """Whatever was acknowledged before a death is there after it, and everything verifies."""
    write(root).close()
    process = spawn(root, "none", 0, 5_000)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.stdout.readlines()
    process.communicate()
    acknowledged = [int(entry) for line in said if line[-1:] == "\n" for entry in line.split(",")]
    with write(root) as store:
        assert store.bodies(acknowledged) == dict(enumerate(events(len(acknowledged))))
    assert verify(root).differences == ()


@pytest.mark.slow
def test_deaths_at_random_moments(root: Path) -> None:
    """However often a writer dies, and whenever, the next one goes on and nothing is lost or twice.

    `HEADWATER_KILLS` is how often.
    """
    chance = random.Random(KILLS)  # noqa: S311
    acknowledged = 0
    for _ in range(KILLS):
        process = spawn(root, "none", acknowledged, 5_000)
        assert process.stdout is not None
        said = [process.stdout.readline()]
        time.sleep(chance.expovariate(1 / 0.02))
        process.kill()
        said += process.stdout.readlines()
        process.communicate()
        for line in said:
            if line.endswith("\n"):
                entries = [int(entry) for entry in line.split(",")]
                assert entries == list(range(acknowledged, acknowledged + 10))
                acknowledged += 10
        assert verify(root).differences == ()
    with open_store(root) as store:
        assert store.bodies(range(acknowledged)) == dict(enumerate(events(acknowledged)))


@pytest.mark.parametrize("gap", ["+_commit", "+_keep"])
def test_verify_after_a_death(root: Path, gap: str) -> None:
    """Before anybody completes it, a half-finished commit is reported as that, not as damage."""
    with write(root) as store:
        admit(store, events(10))
    spawn(root, gap, 10, 10).communicate(timeout=60)
    report = verify(root)
    assert report.differences == ()
    assert any("ended without closing" in sentence for sentence in report.not_checked)


def test_two_writers(root: Path) -> None:
    """Two processes that write at once take turns, and everything of both is there once."""
    write(root).close()
    processes = [spawn(root, "none", first, 40) for first in (0, 100)]
    acknowledged = []
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        acknowledged += [int(entry) for line in output.split() for entry in line.split(",")]
    assert sorted(acknowledged) == list(range(80))
    assert verify(root).sound


def test_busy_names_the_holder(store: Writer, root: Path) -> None:
    """A second writer is told which process holds the store, after its wait."""
    with pytest.raises(StoreBusy, match=str(os.getpid())):
        open_store(root, mode="write", wait=0.05)


def test_busy_names_the_service(root: Path) -> None:
    """A store that a service writes to is not waited for: its URL is named at once."""
    write(root).close()
    lock = Lock(root, url="http://127.0.0.1:8765")
    with pytest.raises(StoreBusy, match=r"http://127\.0\.0\.1:8765"):
        open_store(root, mode="write", wait=600)
    lock.release()


def test_holder_after_a_clean_end(root: Path) -> None:
    """A writer that ends leaves nobody's name in `writer.json`."""
    write(root).close()
    assert holder(root) is None


def test_readers_beside_a_writer(store: Writer, root: Path) -> None:
    """A reader sees what was acknowledged, while the writer goes on."""
    admit(store, events(3))
    with open_store(root) as reader:
        admit(store, events(3, start=3))
        assert (reader.head().size, len(list(reader.claims(3)))) == (6, 9)


def test_epoch(root: Path) -> None:
    """A writer whose lock was broken stops at its next commit, and nothing of it is written."""
    first = write(root)
    first._lock.abandon()
    second = write(root)
    with pytest.raises(LedgerConflict, match="taken over"):
        admit(first, events(1))
    with pytest.raises(StoreError, match="has stopped"):
        admit(first, events(1))
    assert second.head().size == 0
    first.close()
    second.close()


def test_failed_write_is_fatal(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the kept head cannot be written nothing is acknowledged, and the writer stops."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(outside, "save_head", full)
        with pytest.raises(StoreError, match="No space left"):
            admit(store, events(1))
    with pytest.raises(StoreError, match="has stopped"):
        admit(store, events(1))


def test_minutes_keep_a_head(root: Path, clock: Clock) -> None:
    """The last head of every minute in which something was admitted is stored, and no other."""
    with write(root, now=clock) as store:
        for number in range(6):
            admit(store, [event(number)])
            clock.move(25)
        sizes = [int(head.split(b"\n")[1]) for head in store.heads()]
    seconds = [(clock.at // SECOND_US - 150 + 25 * number) // 60 for number in range(6)]
    last = [n + 1 for n in range(6) if n == 5 or seconds[n] != seconds[n + 1]]
    assert sizes == [0, *last]


def test_rejected_are_kept(store: Writer) -> None:
    """The last 1,000 rejected events are kept, with their source and problems."""
    bodies = [b'{"n": %d}' % number for number in range(REJECTED_KEPT + 5)]
    admit(store, bodies, sources=[f"f.ndjson:{number}" for number in range(len(bodies))])
    kept = store.rejected()
    assert (len(kept), kept[0].source, kept[-1].source) == (1_000, "f.ndjson:1004", "f.ndjson:5")


def test_clock_that_steps_back(root: Path, clock: Clock) -> None:
    """`at` never decreases: a clock that steps back is held, and every receipt says so."""
    with write(root, now=clock) as store:
        admit(store, events(1))
        clock.move(-90)
        (receipt,) = admit(store, events(1, start=1))
        assert store.at(0) == store.at(1)
    assert "90.000 s before the last entry" in receipt.warnings[-1]


def test_durability_settings(store: Writer) -> None:
    """The writer runs in WAL mode with full synchronisation."""
    values = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_writer_file(store: Writer, root: Path) -> None:
    """While it writes, a process stands in `writer.json` with pid, boot id and URL."""
    fields = json.loads((root / layout.WRITER).read_text())
    assert (fields["pid"], fields["url"], "boot" in fields) == (os.getpid(), None, True)


def test_reader_between_the_steps(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between keeping a head and publishing it, nobody takes the store for rolled back."""
    seen: list[tuple[tuple[str, ...], bool]] = []
    publish = Writer._publish

    def look(self: Writer, head: Checkpoint, signed: bytes) -> None:
        with open_store(root) as reader:
            seen.append((reader.warnings, verify(root).sound))
        publish(self, head, signed)

    with write(root) as store:
        monkeypatch.setattr(Writer, "_publish", look)
        admit(store, events(3))
    assert seen == [((), True)]


def test_stopped_writer_is_remembered(store: Writer, root: Path) -> None:
    """A writer that stopped in the middle of a commit does not end as if it had finished."""

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outside, "save_head", fail)
        with pytest.raises(StoreError):
            admit(store, events(1))
    store.close()
    assert (holder(root) is None, verify(root).differences) == (False, ())


def test_close_twice(root: Path) -> None:
    """Closing a second time does nothing."""
    store = write(root)
    store.close()
    store.close()
    assert verify(root).sound


def test_waits_for_a_short_writer(root: Path) -> None:
    """A writer waits for a short one, and goes on when it has ended."""
    write(root).close()
    lock = Lock(root)
    timer = threading.Timer(0.2, lock.release)
    timer.start()
    with write(root) as store:
        assert store.writable
    timer.join()
