"""The shared writer: many givers, few commits, nothing lost and nothing twice."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from headwater.errors import InvalidEvent, Overloaded, StoreBusy, StoreError, StoreFull
from headwater.ingest import Offer, Receipt, SharedWriter, admit_label, admit_offers, sharing
from headwater.ingest.sharing import Commit
from headwater.store import Writer, open_store, outside, writing
from tests.store.making import event, events


class Gate:
    """Holds the writer's thread between two commits."""

    def __init__(self, shared: SharedWriter) -> None:
        self._opened = threading.Event()
        entered = threading.Event()

        def wait(_: Writer) -> None:
            entered.set()
            self._opened.wait(30)

        self._done = shared.call(wait)
        entered.wait(30)

    def open(self) -> None:
        """Let it go on."""
        self._opened.set()
        self._done.result(30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "shared"


@pytest.fixture
def commits() -> list[Commit]:
    """What was committed."""
    return []


@pytest.fixture
def shared(root: Path, commits: list[Commit]) -> Iterator[SharedWriter]:
    """A writer for many."""
    writer = SharedWriter(
        lambda: open_store(root, mode="write", create=True), committed=commits.append
    )
    yield writer
    writer.close()


def offers(bodies: list[bytes], by: str = "ada") -> list[Offer]:
    """Offer these bodies."""
    return [Offer(body, by) for body in bodies]


def entries(found: Future[list[Receipt]]) -> list[int | None]:
    """The entries of a result's receipts."""
    return [receipt.entry for receipt in found.result(30)]


def test_receipts_in_order(shared: SharedWriter) -> None:
    """Each event's receipt is at its place, and names it."""
    receipts = shared.offer(offers([event(1), b"{}", event(2), event(1)])).result(30)
    assert [(one.index, one.entry, one.status) for one in receipts] == [
        (0, 0, "accepted"),
        (1, None, "rejected"),
        (2, 1, "accepted"),
        (3, 0, "duplicate"),
    ]


def test_nothing_offered(shared: SharedWriter) -> None:
    """No events, no receipts, no commit."""
    assert shared.offer([]).result(0) == []


def test_what_waits_is_committed_together(shared: SharedWriter, commits: list[Commit]) -> None:
    """Requests that came during a commit share the next one."""
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)], f"giver {number}")) for number in range(40)]
    gate.open()
    assert [entries(one) for one in found] == [[number] for number in range(40)]
    assert [(commit.requests, commit.events) for commit in commits] == [(40, 40)]


def test_givers_of_one_commit_keep_their_names(shared: SharedWriter, root: Path) -> None:
    """Entries of one commit have the actors that gave them."""
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)], f"giver {number}")) for number in range(3)]
    gate.open()
    for one in found:
        one.result(30)
    from headwater.ledger import leaf

    with open_store(root) as store:
        actors = [store.actor(leaf.decode(store.entry(index).leaf).by) for index in range(3)]
    assert actors == ["giver 0", "giver 1", "giver 2"]


@pytest.mark.parametrize(("count", "groups"), [(512, [512]), (513, [512, 1])])
def test_a_commit_has_a_limit(
    shared: SharedWriter, commits: list[Commit], count: int, groups: list[int]
) -> None:
    """As many events as the limit says share a commit, and one more does not."""
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)])) for number in range(count)]
    gate.open()
    assert entries(found[-1]) == [count - 1]
    assert [commit.events for commit in commits] == groups


def test_a_commit_has_a_limit_in_bytes(
    shared: SharedWriter, commits: list[Commit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are limited as well, and an event beyond the limit goes alone."""
    monkeypatch.setattr(sharing, "GROUP_BYTES_MAX", 2_500)
    gate = Gate(shared)
    sizes = (1_000, 1_000, 1_000, 5_000, 100)
    found = [shared.offer(offers([event(n, size=size)])) for n, size in enumerate(sizes)]
    gate.open()
    for one in found:
        one.result(30)
    assert [commit.events for commit in commits] == [2, 1, 1, 1]


def test_a_large_request_lets_others_in(shared: SharedWriter, commits: list[Commit]) -> None:
    """A request of many commits does not make a single event wait for all of them."""
    gate = Gate(shared)
    large = shared.offer(offers(events(3_000)))
    small = shared.offer(offers([event(9_999)]))
    gate.open()
    (entry,) = entries(small)
    assert entry is not None
    assert entry <= 512
    assert len(set(entries(large))) == 3_000
    assert commits[0].requests > 1


@pytest.mark.parametrize("over", [0, 1])
def test_the_queue_has_a_limit(
    shared: SharedWriter, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    """At the limit an event still waits its turn; one more is refused, and room comes back."""
    monkeypatch.setattr(sharing, "WAITING_EVENTS_MAX", 4)
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)])) for number in range(3 + over)]
    if over:
        with pytest.raises(Overloaded):
            shared.offer(offers([event(8)])[:1] * 1)
    else:
        found.append(shared.offer(offers([event(8)])))
    gate.open()
    for one in found:
        one.result(30)
    assert shared.waiting == (0, 0)
    assert entries(shared.offer(offers([event(9)]))) == [4]


@pytest.mark.parametrize("over", [0, 1])
def test_the_queue_has_a_limit_in_bytes(
    shared: SharedWriter, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    """Bytes that wait are limited as well."""
    monkeypatch.setattr(sharing, "WAITING_BYTES_MAX", 2_000)
    gate = Gate(shared)
    shared.offer(offers([event(1, size=1_000)]))
    if over:
        with pytest.raises(Overloaded):
            shared.offer(offers([event(2, size=1_001)]))
    else:
        shared.offer(offers([event(2, size=1_000)]))
    gate.open()


def test_one_request_is_taken_whatever_it_holds(
    shared: SharedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing waits, a request beyond the queue's limit is not refused for ever."""
    monkeypatch.setattr(sharing, "WAITING_EVENTS_MAX", 4)
    assert entries(shared.offer(offers(events(9)))) == list(range(9))


def test_work_between_commits(shared: SharedWriter) -> None:
    """Something else can be done with the writer, in turn."""
    first = shared.offer(offers([event(1)]))
    label = shared.call(lambda writer: admit_label(writer, "artifact:db/in1", key="k", value="v"))
    last = shared.offer(offers([event(2)]))
    assert (entries(first), label.result(30).entry, entries(last)) == ([0], 1, [2])


def test_work_that_fails(shared: SharedWriter) -> None:
    """What it raises comes back, and the writer goes on."""

    def fail(_: Writer) -> None:
        raise InvalidEvent(())

    with pytest.raises(InvalidEvent):
        shared.call(fail).result(30)
    assert entries(shared.offer(offers([event(1)]))) == [0]


def test_a_defect_takes_no_others_along(
    shared: SharedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that brings a defect to light fails alone; those that came with it are kept."""
    real = admit_offers

    def admit(writer: Writer, some: list[Offer]) -> list[Receipt]:
        if any(offer.by == "poison" for offer in some):
            raise RuntimeError("a defect")
        return real(writer, some)

    monkeypatch.setattr(sharing, "admit_offers", admit)
    gate = Gate(shared)
    good = shared.offer(offers([event(1)]))
    bad = shared.offer(offers([event(2)], "poison"))
    also = shared.offer(offers([event(3)]))
    gate.open()
    with pytest.raises(RuntimeError):
        bad.result(30)
    assert (entries(good), entries(also), shared.waiting) == ([0], [1], (0, 0))


def test_closing_finishes_what_was_taken(root: Path) -> None:
    """What was taken before the end is committed, what comes after is refused."""
    shared = SharedWriter(lambda: open_store(root, mode="write", create=True))
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)])) for number in range(20)]
    closing = threading.Thread(target=shared.close)
    closing.start()
    gate.open()
    closing.join(30)
    assert [entries(one) for one in found] == [[number] for number in range(20)]
    with pytest.raises(Overloaded):
        shared.offer(offers([event(99)]))
    with open_store(root) as store:
        assert store.head().size == 20


def test_opening_fails_where_it_is_asked_for(root: Path) -> None:
    """What opening the store raises comes out of the constructor."""
    with open_store(root, mode="write", create=True), pytest.raises(StoreBusy):
        SharedWriter(lambda: open_store(root, mode="write", wait=0))


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Callable[[], None]:
    """Let the head that is kept outside the store fail; the result repairs it."""
    real = outside.save_head

    def fail(origin: str, note: bytes) -> None:
        raise error

    monkeypatch.setattr(outside, "save_head", fail)
    return lambda: monkeypatch.setattr(outside, "save_head", real)


def test_a_failed_disk_is_final(shared: SharedWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed fsync nothing is acknowledged any more, whatever the disk does later."""
    repair = failing(monkeypatch, OSError(errno.EIO, "Input/output error"))
    gate = Gate(shared)
    found = [shared.offer(offers([event(number)])) for number in range(3)]
    gate.open()
    for one in found:
        with pytest.raises(StoreError):
            one.result(30)
    repair()
    assert "Input/output" in str(shared.failure)
    with pytest.raises(StoreError):
        shared.offer(offers([event(4)]))
    assert shared.waiting == (0, 0)


def test_a_full_disk_passes(
    shared: SharedWriter, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk is full nothing is acknowledged; with room again, events are taken again."""
    monkeypatch.setattr(sharing, "REOPEN_SECONDS", 0.05)
    repair = failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(StoreFull):
        shared.offer(offers([event(1)])).result(30)
    assert "no room" in str(shared.failure)
    with pytest.raises(StoreFull):
        shared.offer(offers([event(1)])).result(30)
    repair()
    time.sleep(0.1)
    # It had been committed, only not acknowledged: giving it again finds it.
    assert shared.offer(offers([event(1)])).result(30)[0].status in {"accepted", "duplicate"}
    assert shared.failure is None
    with open_store(root) as store:
        assert store.head().size == 1


def test_a_failure_ends_all_of_a_request(
    shared: SharedWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request of several commits fails as one when one of them does, and leaves the queue."""
    real = writing.Writer.commit
    done: list[int] = []

    def commit(self: Writer, drafts: list[object], **rest: object) -> object:
        done.append(len(drafts))
        if len(done) == 2:
            monkeypatch.setattr(outside, "save_head", broken)
        return real(self, drafts, **rest)  # type: ignore[arg-type]

    def broken(origin: str, note: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(writing.Writer, "commit", commit)
    with pytest.raises(StoreError):
        shared.offer(offers(events(2_000))).result(30)
    assert (done, shared.waiting) == ([512, 512], (0, 0))


def test_many_threads_share_commits(shared: SharedWriter, commits: list[Commit]) -> None:
    """Single events from many threads take far fewer commits than there are events."""

    def give(first: int) -> None:
        for number in range(first, first + 25):
            (receipt,) = shared.offer(offers([event(number)])).result(30)
            assert receipt.status == "accepted"

    threads = [threading.Thread(target=give, args=(25 * n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(commit.events for commit in commits) == 400
    assert len(commits) <= 200
