"""`headwater ship`: send what is in the spool now."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from headwater.capture import location
from headwater.cli.opening import location as named_store
from headwater.cli.terminal import Terminal, as_document
from headwater.errors import EXIT_FAILED
from headwater.evidence.naming import printable
from headwater.shipping import quarantine
from headwater.shipping.receipts import Undelivered
from headwater.shipping.shipping import Shipping, Tally, backoff, dropped, turn, waiting

TRIES = 4
TURN_SECONDS = 60.0
QUARANTINE_SHOWN = 5

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
        with destination(root) as deliver:
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
            with destination(root) as deliver:
                shipping = Shipping(root, deliver)
                while True:
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
    found = waiting(root)
    kept = list(quarantine.kept(root))
    lost = dropped(root)
    document = {
        "ask": "ship",
        "store": str(root),
        "waiting": found,
        "dropped": lost,
        "quarantine": [one._asdict() for one in kept],
    }
    if as_document(terminal, document):
        return 0
    what = f"{found['events']:,} events wait" if found["events"] else "Nothing waits"
    terminal.print(f"{what}; processes that are recording: {found['running']:,}.")
    for one in lost[-QUARANTINE_SHOWN:]:
        terminal.print(f"Dropped: {printable(one)}")
    terminal.print(f"{len(kept):,} in quarantine.")
    for each in kept[-QUARANTINE_SHOWN:]:
        terminal.print(f"  {each.at}  {printable(each.reason)}")
    return 0
