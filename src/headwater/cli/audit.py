"""The audit of `headwater run`: the command under strace, and what capture missed, in words."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from headwater.capture import handover, launching
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal
from headwater.coverage import audit, strace
from headwater.errors import EXIT_FAILED, StoreBusy
from headwater.evidence.naming import printable
from headwater.shipping.shipping import turn

TURN_SECONDS: Final = 10.0
"""How long to wait for who ships records from the same spool."""
GAPS_SHOWN_MAX: Final = 50
"""Gaps that are told in words; the document has all of them."""


def audited(arguments: Namespace, words: Sequence[str], root: Path, terminal: Terminal) -> int:
    """Run a command, captured and traced; say what was missed; give what to exit with.

    That is the command's own exit code, unless it is 0 and less than `fail_under` was captured.
    Raises `StraceUnusable`, and `OSError` for a command that cannot be started.
    """
    strace.require()
    _find(words[0])
    with turn(root, wait=TURN_SECONDS) as ours:
        if not ours:
            raise StoreBusy(
                "something else takes the records of this store as they come",
                remedy="audit into a store of its own: headwater run --store DIR --audit",
            )
        with tempfile.TemporaryDirectory(prefix="headwater-audit-") as folder:
            trace = Path(folder) / "trace"
            since = audit.begin(root)
            code = _launch(arguments, words, trace)
            document = {**audit.examine(words, trace, root, since), "exit_code": code}
    handover.now(str(root))
    if arguments.report is not None:
        text = json.dumps(document, indent=1)
        Path(arguments.report).write_text(text + "\n", encoding="ascii")
    if terminal.as_json:
        terminal.complain(json.dumps(document, indent=1))
    else:
        terminal.complain(*_said(document, terminal))
    wanted = arguments.fail_under
    if code == 0 and wanted is not None and document["percent"] < wanted:
        terminal.complain(f"headwater: less than {wanted:g} % were captured")
        return EXIT_FAILED
    return code


def _launch(arguments: Namespace, words: Sequence[str], trace: Path) -> int:
    """Run it, with everything left in the spool until it was looked at."""
    before = os.environ.get(handover.SHIP)
    os.environ[handover.SHIP] = "no"
    try:
        return launching.launch(
            words,
            name=arguments.name,
            exact=arguments.exact,
            through=lambda command: strace.words(command, str(trace)),
        )
    finally:
        if before is None:
            del os.environ[handover.SHIP]
        else:
            os.environ[handover.SHIP] = before


def _find(program: str) -> None:
    """Raise what starting a program would raise: strace says it in its own way."""
    if shutil.which(program) is None:
        if "/" in program and Path(program).exists():
            raise PermissionError(13, os.strerror(13), program)
        raise FileNotFoundError(2, os.strerror(2), program)


def _said(document: dict[str, Any], terminal: Terminal) -> list[str]:
    lines = [f"headwater: {document['percent']:g} % of reads and writes were captured"]
    if not document["files"]:
        lines = ["headwater: no file of data was read or written"]
    processes = document["processes"]
    rows = [
        (role, f"{counts['captured']:,} of {counts['seen']:,}")
        for role, counts in (("reads", document["reads"]), ("writes", document["writes"]))
    ]
    touched = f"{processes['captured']:,} of {processes['seen']:,} that touched data"
    rows.append(("processes", f"{touched}, of {processes['started']:,} in all"))
    lines += table(rows, terminal)
    missed = [one for one in document["files"] if not one["captured"]]
    if missed:
        lines.append("not captured:")
        shown = missed[:GAPS_SHOWN_MAX]
        lines += table([(one["role"], _near(one["path"]), _by(one)) for one in shown], terminal)
        if len(missed) > len(shown):
            lines.append(f"  and {len(missed) - len(shown):,} more; --report FILE has them all")
    if document["connections"]:
        lines.append("connections:")
        lines += table([_connection(one) for one in document["connections"]], terminal)
    if document["gaps"]:
        lines += ["gaps:", *(f"  {printable(one)}" for one in document["gaps"])]
    return lines


def _by(one: dict[str, Any]) -> str:
    return f"by {printable(one['process'])} ({one['pid']}): {one['why']}"


def _connection(one: dict[str, Any]) -> tuple[str, str, str]:
    captured = "captured" if one["captured"] else "not captured"
    process = f"by {printable(one['process'])} ({one['pid']})"
    return one["kind"], f"{one['address']}:{one['port']}", f"{process}: {captured}"


def _near(path: str) -> str:
    return printable(path.removeprefix(f"{Path.cwd()}/"))
