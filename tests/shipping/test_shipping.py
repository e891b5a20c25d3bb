"""From the spool into a store: once, whole, whoever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headwater.query.gateway import Gateway
from headwater.shipping import quarantine
from headwater.shipping.receipts import ACCEPTED, REJECTED, Receipt, Undelivered
from headwater.shipping.shipping import Shipping
from headwater.shipping.status import look
from headwater.store import open_store
from tests.shipping.conftest import record, ship

LOOP = """
import headwater, sys
for number in range(100_000):
    with headwater.run(f"step{number % 7}") as run:
        run.read("a.csv")
        run.write(f"out{number % 5}.csv")
    print(number, flush=True)
"""


def test_what_was_recorded_can_be_traced(root: Path) -> None:
    """After shipping, the store answers about what the script did; the spool is empty."""
    record(root)
    assert ship(root) == {"accepted": 4, "duplicate": 0, "rejected": 0}
    with open_store(root) as store:
        answer = Gateway(store).trace(str(root.parent / "model.bin"))
    names = {one["artifact"]["name"] for one in answer["nodes"] if one["kind"] == "version"}
    assert names == {str(root.parent / name) for name in ("a.csv", "model.bin")}
    assert look(root).counts()["events"] == 0
    assert not list((root / "spool").glob("*.spool"))


def test_a_lost_cursor_ships_nothing_twice(root: Path) -> None:
    """A shipper that does not remember gives the same bytes again, which are duplicates."""
    record(root)
    held = {path: path.read_bytes() for path in (root / "spool").glob("*.spool")}
    ship(root)
    for path, data in held.items():
        path.write_bytes(data)
    assert ship(root) == {"accepted": 0, "duplicate": 4, "rejected": 0}


def test_a_killed_process_is_closed_as_inferred(root: Path) -> None:
    """SIGKILL in the middle loses nothing that was said; the run is ABORT, as inferred."""
    code = """
import headwater, os
with headwater.run("r") as run:
    run.read("a.csv")
    run.write("b.csv")
    os.kill(os.getpid(), 9)
"""
    with pytest.raises(subprocess.CalledProcessError):
        record(root, code)
    assert ship(root)["accepted"] == 4
    with open_store(root) as store:
        gateway = Gateway(store)
        (run,) = gateway.show("job:r")["runs"]
        shown = gateway.show(run["ref"])
    assert shown["node"]["state"] == "ABORT"
    assert "headwater_inferred" in shown["facets"]


def test_nothing_that_was_said_is_lost_by_kills(root: Path) -> None:
    """Processes killed at random: every run that said its end before has it in the store."""
    kills = int(os.environ.get("HEADWATER_KILLS", "0")) or 8
    ended = 0
    for round_ in range(kills):
        (root.parent / "a.csv").write_text("x\n1\n")
        with subprocess.Popen(
            [sys.executable, "-c", LOOP], cwd=root.parent, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * (round_ % 10))
            process.send_signal(signal.SIGKILL)
            ended += 1 + len(process.stdout.readlines())
    delivered: list[bytes] = []
    Shipping(root, lambda events: take(events, delivered)).pass_over()
    assert sum(b'"eventType":"COMPLETE"' in event for event in delivered) >= ended
    assert len(set(delivered)) == len(delivered)
    starts = sum(b'"eventType":"START"' in event for event in delivered)
    ends = sum(
        any(f'"eventType":"{state}"'.encode() in event for state in ("COMPLETE", "ABORT"))
        for event in delivered
    )
    assert starts == ends


def take(events: object, delivered: list[bytes]) -> list[Receipt]:
    """Deliver into a list."""
    assert isinstance(events, list)
    delivered += events
    return [Receipt(ACCEPTED)] * len(events)


def test_a_shipper_that_fails_in_between_goes_on_where_it_stopped(root: Path) -> None:
    """Events that were taken are not given again by the next one that asks."""
    for _ in range(3):
        record(root)
    delivered: list[bytes] = []

    def deliver(events: object) -> list[Receipt]:
        if len(delivered) >= 8:
            raise Undelivered("no more today")
        return take(events, delivered)

    with pytest.raises(Undelivered):
        Shipping(root, deliver).pass_over()
    Shipping(root, lambda events: take(events, delivered)).pass_over()
    assert (len(delivered), len(set(delivered))) == (12, 12)


def test_two_processes_ship_at_once(root: Path) -> None:
    """Whoever ships at the same time: each event once, and nothing left."""
    for _ in range(4):
        record(root)
    command = [sys.executable, "-m", "headwater", "ship", "--store", str(root), "--quiet"]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert look(root).counts()["events"] == 0
    with open_store(root) as store:
        assert store.head().size == 16


def test_a_rejected_event_is_kept_with_its_reason(root: Path) -> None:
    """Quarantine has what was rejected, and the rest is delivered."""
    record(root)

    def deliver(events: object) -> list[Receipt]:
        receipts = take(events, [])
        return [Receipt(REJECTED, "too sad"), *receipts[1:]]

    shipping = Shipping(root, deliver)
    shipping.pass_over()
    assert shipping.tally.counts == {"accepted": 3, "duplicate": 0, "rejected": 1}
    (kept,) = quarantine.kept(root)
    assert kept.reason == "too sad"
    assert '"START"' in kept.what


def test_a_torn_tail_is_cut(root: Path) -> None:
    """The record that a process was writing when it died is left out, the others are not."""
    record(root)
    (path,) = (root / "spool").glob("*.spool")
    path.write_bytes(path.read_bytes()[:-5])
    assert ship(root)["accepted"] == 4  # the end is inferred
    assert not list(quarantine.kept(root))


def test_damage_in_the_middle_goes_into_quarantine(root: Path) -> None:
    """A segment with a wrong byte is shipped up to there and kept as it is."""
    record(root)
    (path,) = (root / "spool").glob("*.spool")
    data = bytearray(path.read_bytes())
    data[-400] ^= 1
    path.write_bytes(data)
    ship(root)
    (kept,) = quarantine.kept(root)
    assert kept.what == path.name
    assert (root / "quarantine" / path.name).read_bytes() == bytes(data)


def test_a_run_that_goes_on_is_shipped_as_far_as_it_got(root: Path) -> None:
    """What a living process said is delivered; its run stays open, and its files stay."""
    (root.parent / "a.csv").write_text("x\n1\n")
    code = """
import headwater, sys
with headwater.run("long") as run:
    run.read("a.csv")
    print("here", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert ship(root)["accepted"] == 2
        assert ship(root)["accepted"] == 0
        process.communicate()
    assert ship(root)["accepted"] == 1
