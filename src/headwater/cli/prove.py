"""`headwater prove REF`: an answer, with all that a stranger needs to check it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from headwater.cli import asking, opening
from headwater.cli.export import write_file
from headwater.cli.terminal import Terminal, as_document
from headwater.evidence.naming import printable

DESCRIPTION = """\
Write a proof bundle: the answer of trace (or impact), every ledger entry that it rests on, the
proof that each is in the ledger, and the ledger's signed word that this is the answer. Anybody can
check it without a ledger: headwater verify BUNDLE, or the script of headwater verify --script,
which needs Python alone."""

EXAMPLES = """\
  headwater prove models/delay.joblib -o delay.bundle.json
  headwater prove orders@v3 --ask impact --depth 2 -o orders.bundle.json
  headwater prove report.csv --at 2026-11-01 -o report.bundle.json"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="a name, version, run id or file")
    parser.add_argument("-o", "--output", metavar="BUNDLE", required=True, help="the file to write")
    parser.add_argument(
        "--ask", choices=("trace", "impact"), default="trace", help="default: trace"
    )
    parser.add_argument(
        "--depth", type=asking.natural, metavar="N", help="follow at most N runs (default: all)"
    )
    asking.add_at(parser)
    parser.add_argument("--columns", action="store_true", help="follow columns too")
    parser.add_argument(
        "--revisions",
        choices=("carried", "all"),
        default="carried",
        help="earlier states: only what is known to carry over (default), or all",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Write the bundle, and say whose key it is checked with."""
    with opening.gateway(arguments, terminal) as gateway:
        # Named once and for all here: a service knows neither this machine's files nor what is new.
        point = gateway.trace(arguments.ref, depth=0, at=arguments.at)
    from headwater.client.proving import prove_here
    from headwater.evidence.verify_bundle import audit
    from headwater.store import locate

    data = prove_here(
        locate(opening.existing(arguments)),
        point["root"],
        ask=arguments.ask,
        depth=arguments.depth,
        at=str(point["head"]["size"]),
        columns=arguments.columns,
        revisions=arguments.revisions,
    )
    write_file(Path(arguments.output), iter([data]))
    found = audit(data)
    withheld = len(found.statement["withheld"])
    written = {
        "ask": "prove",
        "root": point["root"],
        "bundle": arguments.output,
        "bytes": len(data),
        "entries": len(found.statement["entries"]),
        "withheld": withheld,
        "size": found.statement["size"],
        "key": found.bundle["key"],
    }
    if not as_document(terminal, written):
        less = f", {withheld} of them without bytes" if withheld else ""
        terminal.print(
            f"wrote {printable(arguments.output)}: {written['entries']:,} entries{less}, "
            f"{len(data):,} bytes",
            f"whoever checks it needs this key, from you:  {written['key']}",
        )
    return 0
