"""`headwater ship`: send what is in the spool now."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from headwater.capture import location
from headwater.capture.location import SPOOL
from headwater.capture.segments import is_live
from headwater.cli.opening import location as named_store
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal, as_document
from headwater.errors import EXIT_FAILED
from headwater.evidence.naming import printable
from headwater.shipping import quarantine, status
from headwater.shipping.receipts import Undelivered
from headwater.shipping.shipping import WORKING, Shipping, Tally, backoff, turn
from headwater.shipping.status import noting

TRIES = 4
TURN_SECONDS = 60.0
SHOWN_MAX = 5
PROCESSES_SHOWN_MAX = 20

DESCRIPTION = """\
Send what pipelines recorded: from the spool into the store, or to the service that HEADWATER_URL or
OPENLINEAGE_URL names. Runs whose process died are closed. What is rejected for good goes into
quarantine, with the reason; what nobody takes now stays. Nothing is sent twice: an event that was
delivered before is found by its bytes. Exit code 1 if something was rejected, 3 if nobody takes
events now."""

EXAMPLES = """\
  headwater ship
  headwater ship --status
  HEADWATER_URL=http://127.0.0.1:5000 headwater ship --follow"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--status", action="store_true", help="send nothing; say what waits, and what was rejected"
    )
    parser.add_argument(
        "--follow", action="store_true", help="go on until interrupted, waiting for what comes"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Send, or say what there is to send."""
    root = Path(named_store(arguments) or location.store())
    if arguments.status:
        return _status(root, terminal)
    from headwater.client.delivering import destination

    with turn(root, wait=TURN_SECONDS) as ours:
        if not ours:
            terminal.say("headwater: another process is shipping this spool already")
            return 0
        if arguments.follow:
            _follow(root, terminal)
            return 0
        with noting(root), destination(root) as deliver:
            shipping = Shipping(root, deliver)
            _try(shipping, terminal)
    _tell(shipping.tally, root, terminal)
    return EXIT_FAILED if shipping.tally.counts["rejected"] else 0


def _try(shipping: Shipping, terminal: Terminal) -> None:
    """Pass over the spool; again after a while if nobody takes events, a few times."""
    for failed in range(TRIES):
        try:
            shipping.pass_over()
        except Undelivered as error:
            if error.lasting or failed == TRIES - 1:
                raise
            pause = backoff(failed, error)
            terminal.say(f"headwater: {printable(error.message)}; again in {pause:g} s")
            time.sleep(pause)
        else:
            return


def _follow(root: Path, terminal: Terminal) -> None:
    """Ship for ever. The destination is looked for anew after each failure: it may have moved."""
    from headwater.client.delivering import destination

    failed = 0
    while True:
        try:
            with noting(root), destination(root) as deliver:
                shipping = Shipping(root, deliver)
                while True:
                    with noting(root):
                        done = shipping.pass_over()
                    failed = 0
                    if done:
                        terminal.say(f"headwater: {done:,} events sent")
                    time.sleep(0.5)
        except Undelivered as error:
            if error.lasting:
                raise
            pause = backoff(failed, error)
            failed += 1
            terminal.say(f"headwater: {printable(error.message)}; again in {pause:g} s")
            time.sleep(pause)


def _tell(tally: Tally, root: Path, terminal: Terminal) -> None:
    if as_document(terminal, {"ask": "ship", "store": str(root), **tally.document()}):
        return
    if not terminal.quiet:
        counts = ", ".join(f"{count:,} {status}" for status, count in tally.counts.items())
        terminal.print(f"{counts}.")
    for reason in (*tally.reasons, *tally.damage):
        terminal.complain(f"headwater: in quarantine: {printable(reason)}")


def _status(root: Path, terminal: Terminal) -> int:
    found, kept = status.look(root), list(quarantine.kept(root))
    lost, refused = status.dropped(root), status.refused(root)
    document = {
        "ask": "ship",
        "store": str(root),
        "waiting": found.counts(),
        "processes": [one._asdict() for one in found.processes],
        "shipping": is_live(str(root / SPOOL / WORKING)),
        "refused": None if refused is None else refused._asdict(),
        "damage": found.damage,
        "dropped": lost,
        "quarantine": [one._asdict() for one in kept],
    }
    if not as_document(terminal, document):
        terminal.print(*_waiting(found, terminal))
        if document["shipping"]:
            terminal.print("It is being shipped now.")
        if refused is not None:
            terminal.print(f"Not taken since {refused.since}, last tried {refused.at}:")
            terminal.print(*(f"  {printable(one)}" for one in refused[2:] if one))
        for one in (*found.damage, *(f"Dropped: {one}" for one in lost[-SHOWN_MAX:])):
            terminal.print(printable(one))
        terminal.print(f"{len(kept):,} in quarantine.")
        for each in kept[-SHOWN_MAX:]:
            terminal.print(f"  {each.at}  {printable(each.reason)}")
    return 0


def _waiting(found: status.Status, terminal: Terminal) -> Iterator[str]:
    """What waits, and of which processes most of it."""
    counts = found.counts()
    what = f"{counts['events']:,} events wait" if counts["events"] else "Nothing waits"
    room = f"; {counts['bytes'] / 1e6:,.1f} MB on disk" if counts["bytes"] else ""
    yield f"{what}; processes that are recording: {counts['running']:,}{room}."
    most = sorted(found.processes, key=lambda one: -one.events)[:PROCESSES_SHOWN_MAX]
    rows = [
        (
            f"{one.events:,} events",
            printable(one.job),
            f"pid {one.pid}",
            f"since {one.began}",
            "recording" if one.recording else "ended",
        )
        for one in most
        if one.events or one.recording
    ]
    yield from table(rows, terminal)
    if len(found.processes) > len(most):
        yield f"  and {len(found.processes) - len(most):,} processes more"
