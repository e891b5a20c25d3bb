"""`headwater export REF`: an answer for other tools."""

from __future__ import annotations

import errno
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.cli import asking, opening
from headwater.cli.terminal import Terminal

if TYPE_CHECKING:
    from headwater.query.gateway import Gateway

FORMATS = ("openlineage", "prov", "dot", "mermaid")

DESCRIPTION = """\
Write the upstream of something in a form that other tools read. `openlineage`: the events it rests
on, in their producers' own bytes, one a line; imported into an empty store they give the same
graph. `prov`: W3C PROV-JSON. `dot` and `mermaid`: drawings."""

EXAMPLES = """\
  headwater export report.csv --format openlineage -o events.ndjson
  headwater export models/delay.joblib --format prov
  headwater export orders@v3 --format dot | dot -Tsvg > orders.svg"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="a name, version, run id or file")
    parser.add_argument("--format", choices=FORMATS, required=True, help="what to write")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to FILE (default: standard output)"
    )
    asking.add_at(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Write the export."""
    with opening.gateway(arguments, terminal) as gateway:
        parts = _render(gateway, arguments)
        if arguments.output is None:
            terminal.stdout.flush()
            for part in parts:
                terminal.stdout.buffer.write(part)
            terminal.stdout.buffer.flush()
            return 0
        count = write_file(Path(arguments.output), parts)
    what = f" ({count:,} events)" if arguments.format == "openlineage" else ""
    terminal.say(f"wrote {arguments.output}{what}")
    return 0


def _render(gateway: Gateway, arguments: Namespace) -> Iterator[bytes]:
    """Yield the export in parts: an event each, or the whole."""
    if arguments.format == "openlineage":
        from headwater.evidence import openlineage

        yield from openlineage.render(gateway.events(arguments.ref, at=arguments.at))
        return
    answer = gateway.trace(arguments.ref, at=arguments.at)
    if arguments.format == "prov":
        from headwater.evidence import prov

        yield json.dumps(prov.render(answer), indent=2, ensure_ascii=False).encode() + b"\n"
        return
    yield asking.drawing(answer, arguments.format, opening.base(arguments)).encode()


def write_file(path: Path, parts: Iterator[bytes]) -> int:
    """Write to a file beside and rename, so that a failed export leaves what was there."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file to write to", str(path))
    beside = path.with_name(f"{path.name}.part")
    count = 0
    try:
        with beside.open("wb") as file:
            for part in parts:
                file.write(part)
                count += 1
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return count
