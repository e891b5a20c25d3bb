"""What a process recorded is shipped in as many slices as one likes: the events are the same.

`HEADWATER_EXAMPLES` raises the number of processes.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater.capture import digests, segments
from headwater.capture.spool import Segment, frame
from headwater.shipping import kept, quarantine, streams
from headwater.shipping.receipts import ACCEPTED, Deliver, Receipt
from headwater.shipping.shipping import Shipping

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))
STEM = "0000000000000001-1-00000000"
FILES = [["file://h", f"/{name}"] for name in "abcd"]
SQL = (
    "CREATE TEMP TABLE t AS SELECT x FROM main.a",
    "INSERT INTO main.b SELECT x FROM t",
    "INSERT INTO main.c SELECT x FROM main.b",
    "SELECT x FROM main.c",
    "SELECT x FROM t",
)

Record = dict[str, Any]
Step = tuple[str, int, int, int]

HEAD: Record = {"k": "process", "v": 1, "at": 1, "pid": 1, "environment": {"python": "3.11"}}
DATABASE: Record = {
    "k": "db", "c": 1, "dialect": "sqlite", "default": ["main"],
    "databases": {"main": "sqlite://h/s.db"}, "server": None, "cwd": "/", "host": "h",
}  # fmt: skip


class Process:
    """A process that records into segments of its own, and lives until it is `closed`."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "spool"
        self.folder.mkdir(parents=True)
        self._number = 0
        self._segment = Segment(str(self.folder), STEM, 0)
        self.append(HEAD)

    def append(self, record: Record) -> None:
        """Record something."""
        self._segment.append(frame(record))

    def rotate(self) -> None:
        """Begin the next segment, as a recorder does."""
        self._number += 1
        full, self._segment = self._segment, Segment(str(self.folder), STEM, self._number)
        self.append({"k": "process", "v": 1, "at": 1, "pid": 1})
        full.close()

    def close(self) -> None:
        """End."""
        self._segment.close()


@contextmanager
def process(root: Path) -> Iterator[Process]:
    """A process that has ended behind the block at the latest."""
    made = Process(root)
    try:
        yield made
    finally:
        made.close()


def ship(root: Path, delivered: list[bytes]) -> None:
    """Ship once, by somebody who knows nothing but what is on the disk."""
    Shipping(root, taking(delivered)).pass_over()


def taking(delivered: list[bytes]) -> Deliver:
    """Deliver into a list."""

    def deliver(events: Any) -> list[Receipt]:
        delivered.extend(events)
        return [Receipt(ACCEPTED)] * len(events)

    return deliver


def records(steps: list[Step]) -> Iterator[Record]:
    """Records of a process that does what the steps say, as far as that makes sense."""
    open_: list[str] = []
    queries = 0
    for at, (kind, a, b, c) in enumerate(steps, 2):
        run = open_[a % len(open_)] if open_ else "nobody"
        if kind in ("begin", "join"):
            new = f"run{at}" if kind == "begin" else f"other{b % 2}"
            if new not in open_:
                up = {"up": [run, "n", "job"]} if open_ and kind == "begin" else {}
                yield {"k": kind, "at": at, "r": new, "job": ["n", f"job{b % 2}"], **up}
                open_.append(new)
        elif kind == "end" and open_:
            open_.remove(run)
            how = {"k": "leave"} if run.startswith("other") else {"k": "end", "state": "COMPLETE"}
            yield {"at": at, "r": run, **how}
        elif kind == "sql":
            queries += 1
            if queries == 1:
                yield {**DATABASE, "at": at}
            sql = SQL[b % len(SQL)]
            more: Record = {"gives": ["x"]} if sql.startswith("SELECT") else {}
            more |= {"open": True} if c % 2 else {}
            yield {"k": kind, "at": at, "r": run, "c": 1, "q": queries, "sql": sql, **more}
        elif kind in OTHERS:
            yield {"k": kind, "at": at, "r": run, **OTHERS[kind](a, b, c)}
        elif kind in OF_PROCESS:
            yield {"k": kind.removeprefix("own "), "at": at, **OF_PROCESS[kind](a, b, c)}


def written(a: int, b: int, c: int) -> Record:
    """One of the things that are said of a write."""
    other = FILES[c % 4]
    said: list[Record] = [
        {}, {"inputs": [other]}, {"mode": "append", "inputs": [other]}, {"draft": True},
        {"columns": {"x": [[*other, "y", "IDENTITY"]]}, "inputs": [other]},
        {"inputs": [["headwater:query", str(c)]]},
    ]  # fmt: skip
    return {"d": FILES[b % 4], "say": said[a % len(said)]}


def digest(c: int) -> Record:
    """How a file is."""
    return {"missed": "gone"} if c == 3 else {"algorithm": "sha256", "value": f"{c:064}"}


OTHERS: dict[str, Callable[[int, int, int], Record]] = {
    "read": lambda a, b, c: {"d": FILES[b % 4], "say": {"rows": c}},
    "write": written,
    "move": lambda a, b, c: {"d": FILES[b % 4], "to": FILES[c % 4]},
    "remove": lambda a, b, c: {"d": FILES[b % 4]},
    "state": lambda a, b, c: {"d": FILES[b % 4], "path": "/p", "digest": digest(c)},
    "digest": lambda a, b, c: {
        "d": FILES[b % 4], "role": ("read", "write")[a % 2], "digest": digest(c),
    },
    "say": lambda a, b, c: {"say": {"params": {"p": b}, "metrics": {"m": c}}},
    "gap": lambda a, b, c: {"what": f"gap{b % 2}"},
    "commands": lambda a, b, c: {"names": {f"cp{b}": c}},
    "handover": lambda a, b, c: {},
    "unseen": lambda a, b, c: {},
    "tx": lambda a, b, c: {"c": 1, "do": ("commit", "rollback")[b % 2]},
    "again": lambda a, b, c: {"c": 1, "q": b, "n": c, "last": 1_000},
}  # fmt: skip
OF_PROCESS: dict[str, Callable[[int, int, int], Record]] = {
    "own gap": lambda a, b, c: {"what": f"gap{b % 3}"},
    "lost": lambda a, b, c: {"n": b, "why": "full"},
    "exit": lambda a, b, c: {"r": f"child{a}", "job": ["n", "c"], "code": 1},
    "replaced": lambda a, b, c: {"by": "sh"},
}
KINDS = [
    *("begin", "begin", "begin", "join", "end", "end", "sql", "sql", "sql", "read", "write"),
    *OTHERS,
    *OF_PROCESS,
]
NUMBERS = st.integers(0, 5)
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS, NUMBERS), max_size=60)


@settings(deadline=None, max_examples=EXAMPLES)
@example(
    # What is told of a file that was moved since stays told of it.
    [("begin", 0, 0, 0), ("write", 0, 0, 0), ("state", 0, 0, 1), ("move", 0, 0, 1),
     ("write", 0, 0, 0), ("state", 0, 0, 2), ("end", 0, 0, 0)],
    ["", "", "", "", "", "ship"],
)  # fmt: skip
@given(STEPS, st.lists(st.sampled_from(["", "", "ship", "rotate", "both"]), max_size=60))
def test_slices_give_the_events_that_the_whole_gives(steps: list[Step], cuts: list[str]) -> None:
    """Byte for byte, in the same order, wherever a shipper stopped and another went on."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(streams, "KEEP_BYTES", 0):
        whole: list[bytes] = []
        with process(Path(folder) / "whole") as at_once:
            for record in records(steps):
                at_once.append(record)
        ship(Path(folder) / "whole", whole)
        sliced: list[bytes] = []
        root = Path(folder) / "sliced"
        with process(root) as in_slices:
            for record, cut in zip(records(steps), [*cuts, *[""] * 60], strict=False):
                in_slices.append(record)
                if cut in ("rotate", "both"):
                    in_slices.rotate()
                if cut in ("ship", "both"):
                    ship(root, sliced)
        ship(root, sliced)
        assert sliced == whole
        assert list((root / "spool").iterdir()) == []


class Killed(BaseException):
    """What SIGKILL is here: nothing is done behind it."""


def killed_at(step: int, action: Callable[[], object]) -> bool:
    """Do something that dies at one of its steps on the disk; whether it lived through them."""
    left = [step]

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args, **kwargs)

        return call

    steps = [(Path, "replace"), (Path, "unlink"), (Path, "write_text"), (Path, "open"),
             (os, "write"), (os, "fsync")]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in steps:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        with suppress(Killed):
            action()
            return True
    return False


def without_looks(event: bytes) -> bytes:
    """An event without what differs each time that somebody looks at a file."""
    return re.sub(rb"look [0-9]+", b"look", event)


def long_process(made: Process) -> Iterator[None]:
    """Record what fills segments, with files for the shipper to hash, in parts."""
    made.append({"k": "begin", "at": 2, "r": "all", "job": ["n", "all"]})
    for number in range(6):
        at, run = 10 * (number + 1), f"step{number}"
        made.append({"k": "begin", "at": at, "r": run, "job": ["n", "s"], "up": ["all", "n", "a"]})
        made.append({"k": "write", "at": at + 1, "r": run, "d": FILES[0]})
        made.append({
            "k": "digest", "at": at + 2, "r": run, "d": FILES[0], "role": "write",
            "path": "/large", "digest": {"later": []},
        })  # fmt: skip
        made.append({"k": "end", "at": at + 3, "r": run, "state": "COMPLETE"})
        made.append({"k": "read", "at": at + 4, "r": "all", "d": FILES[number % 3]})
        if number % 2:
            made.rotate()
        yield
    made.append({"k": "end", "at": 99, "r": "all", "state": "COMPLETE"})
    made.close()
    yield


def live_and_be_shipped(root: Path, delivered: list[bytes], step: int, *, often: bool) -> bool:
    """Have a process shipped by somebody who dies at a step, then by others; whether it died."""
    died = False
    with process(root) as made:
        for _ in long_process(made):
            if died:
                ship(root, delivered)
            elif often:
                died = not killed_at(step, lambda: ship(root, delivered))
    died = died or not killed_at(step, lambda: ship(root, delivered))
    ship(root, delivered)
    return died


@pytest.mark.parametrize(("kept_from", "often"), [(0, True), (600, True), (0, False)])
def test_a_shipper_killed_between_any_two_steps_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_from: int, often: bool
) -> None:
    """Whoever goes on gives what is missing, and what it gives again has the same bytes.

    Also of a file that is another by then: a digest that was given stays.
    """
    monkeypatch.setattr(streams, "KEEP_BYTES", kept_from)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    taken = iter(range(1_000_000))
    monkeypatch.setattr(digests, "settle", lambda *_: {"missed": f"look {next(taken)}"})
    whole: list[bytes] = []
    assert not live_and_be_shipped(tmp_path / "whole", whole, 1_000, often=False)
    expected = [without_looks(one) for one in whole]
    for step in itertools.count():
        root, delivered = tmp_path / str(step), list[bytes]()
        died = live_and_be_shipped(root, delivered, step, often=often)
        assert [without_looks(one) for one in dict.fromkeys(delivered)] == expected
        assert list((root / "spool").iterdir()) == []
        if not died:
            break
    assert step > 10


def a_process_that_goes_on(root: Path) -> Process:
    """A process of which something was kept, and which has said something more since."""
    made = Process(root)
    made.append({"k": "begin", "at": 2, "r": "all", "job": ["n", "all"]})
    made.append({"k": "read", "at": 3, "r": "all", "d": FILES[0]})
    made.rotate()
    with mock.patch.object(streams, "KEEP_BYTES", 0):
        ship(root, [])
    made.append({"k": "write", "at": 4, "r": "all", "d": FILES[1]})
    made.append({"k": "end", "at": 5, "r": "all", "state": "COMPLETE"})
    return made


def test_what_a_newer_version_keeps_waits_for_that(tmp_path: Path) -> None:
    """A shipper that does not know how to read it gives nothing, and takes nothing away."""
    with closing(a_process_that_goes_on(tmp_path)) as made:
        path = made.folder / f"{STEM}.kept"
        before = path.read_bytes()
        first, *rest = segments.read(str(path))
        assert isinstance(first, segments.Read)
        path.write_bytes(frame({**first.record, "v": kept.FORMAT + 1}) + before[first.end :])
        delivered: list[bytes] = []
        shipping = Shipping(tmp_path, taking(delivered))
        made.close()
        shipping.pass_over()
        assert delivered == []
        assert "a newer version" in shipping.tally.damage[0]
        path.write_bytes(before)
        ship(tmp_path, delivered)
    assert [state(one) for one in delivered] == ["RUNNING", "COMPLETE"]
    assert rest


@pytest.mark.parametrize("place", [0, -1])
def test_what_cannot_be_read_of_what_is_kept_is_said_of_the_run(tmp_path: Path, place: int) -> None:
    """It is kept in quarantine; the run goes on with what is there, and nothing of it is exact."""
    with closing(a_process_that_goes_on(tmp_path)) as made:
        path = made.folder / f"{STEM}.kept"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        if place == 0:
            data[10] ^= 1
        path.write_bytes(data)
        made.close()
        delivered: list[bytes] = []
        shipping = Shipping(tmp_path, taking(delivered))
        shipping.pass_over()
    assert len(shipping.tally.damage) == 1
    assert [one.what for one in quarantine.kept(tmp_path)] == [path.name]
    assert list(made.folder.iterdir()) == []
    if place == 0:
        assert delivered == []  # nobody knows any more which run that was
        return
    assert state(delivered[-1]) == "COMPLETE"
    captured = json.loads(delivered[-1])["run"]["facets"]["headwater_capture"]
    assert captured["exact"] is False
    assert "1 of its records cannot be read" in captured["gaps"][0]


def test_a_record_that_was_lost_may_have_been_a_read(tmp_path: Path) -> None:
    """Nothing exact is said of a run of which something could not be recorded, nor read."""
    with process(tmp_path) as made:
        made.append({"k": "begin", "at": 2, "r": "all", "job": ["n", "all"]})
        made.append({"k": "read", "at": 3, "r": "all", "d": FILES[0]})
        made.append({"k": "lost", "at": 4, "n": 1, "why": "the disk is full"})
        made.append({"k": "write", "at": 5, "r": "all", "d": FILES[1]})
        made.append({"k": "read", "at": 6, "r": "all", "d": FILES[2]})
        made.append({"k": "end", "at": 7, "r": "all", "state": "COMPLETE"})
    delivered: list[bytes] = []
    ship(tmp_path, delivered)
    last = json.loads(delivered[-1])
    assert last["run"]["facets"]["headwater_capture"]["exact"] is False
    assert "lineage" not in last["outputs"][0]["facets"]


def test_nothing_exact_is_said_of_a_run_whose_process_died(tmp_path: Path) -> None:
    """It did not say whether others worked for it, of whose reads nothing is known here."""
    with process(tmp_path) as made:
        made.append({"k": "begin", "at": 2, "r": "all", "job": ["n", "all"]})
        made.append({"k": "read", "at": 3, "r": "all", "d": FILES[0]})
        made.append({"k": "write", "at": 5, "r": "all", "d": FILES[1]})
    delivered: list[bytes] = []
    ship(tmp_path, delivered)
    last = json.loads(delivered[-1])
    assert last["eventType"] == "ABORT"
    assert last["run"]["facets"]["headwater_capture"]["exact"] is False


def test_a_process_that_goes_on_for_weeks_needs_little_room_and_time(tmp_path: Path) -> None:
    """Of runs that ended nothing stays; what is read for it is what it wrote, twice at most."""
    delivered: list[bytes] = []
    read = largest = rounds = 0
    real = segments.records

    def counting(data: bytes, start: int = 0) -> Iterator[segments.Read | segments.Torn]:
        nonlocal read
        read += len(data)
        return real(data, start)

    keep = 16_384
    with (
        process(tmp_path) as made,
        mock.patch.object(segments, "records", counting),
        mock.patch.object(streams, "KEEP_BYTES", keep),
    ):
        made.append({"k": "begin", "at": 2, "r": "all", "job": ["n", "all"]})
        for at in range(10, 1_210, 3):
            run = f"step{at}"
            made.append({"k": "begin", "at": at, "r": run, "job": ["n", "s"], "up": ["all"] * 3})
            made.append({"k": "read", "at": at + 1, "r": run, "d": FILES[0], "pad": "x" * 500})
            made.append({"k": "end", "at": at + 2, "r": run, "state": "COMPLETE"})
            if at % 30 == 10:
                made.rotate()
                rounds += 1
                ship(tmp_path, delivered)
                largest = max(largest, size(made.folder))
    ship(tmp_path, delivered)
    assert len(delivered) == 2 + 3 * 400
    whole = 400 * 800
    assert largest < whole / 4
    assert read < rounds * (keep + 8_000) + 2 * whole


def size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())


def state(event: bytes) -> str:
    """The type of an event."""
    found: str = json.loads(event)["eventType"]
    return found
