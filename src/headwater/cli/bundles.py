"""`headwater verify FILE`: whether a proof bundle holds."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from headwater.cli import opening
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal, as_document
from headwater.errors import EXIT_FAILED, StoreError
from headwater.evidence import verify_bundle
from headwater.evidence.naming import printable
from headwater.evidence.verify_bundle import Audit

FAULTS_SHOWN = 50
"""Faults listed; of more, the count is said. `--json` has them all."""
KEY_CHARS_MAX = 10_000


def verify_file(arguments: Namespace, terminal: Terminal) -> int:
    """Check a bundle, beside the store at hand if that is of the same ledger."""
    key = None if arguments.key is None else _key(arguments.key)
    with Path(arguments.file).open("rb") as file:
        data = file.read(verify_bundle.BUNDLE_BYTES_MAX + 1)
    found = verify_bundle.audit(data, key)
    _compare(found, arguments, trusted=key is not None)
    if not as_document(terminal, as_json(found, arguments.file)):
        _print(found, terminal)
    return 0 if found.holds else EXIT_FAILED


def print_script(terminal: Terminal) -> int:
    """Print the script that checks bundles with Python alone."""
    terminal.stdout.write(Path(verify_bundle.__file__).read_text("utf-8"))
    return 0


def as_json(found: Audit, file: str) -> dict[str, Any]:
    """Write what was found as the document of `--json`."""
    key = found.key
    return {
        "ask": "verify",
        "bundle": file,
        "holds": found.holds,
        "query": found.statement.get("query"),
        "origin": None if found.head is None else found.head[0],
        "size": None if found.head is None else found.head[1],
        "key": None if key is None else {"name": key.name, "id": key.id.hex(), "key": key.text},
        "checked": found.checked,
        "not_checked": found.not_checked,
        "warnings": found.warnings,
        "differences": [{"place": where, "detail": what} for where, what in found.faults],
    }


def _key(text: str) -> str:
    """Read `--key`: a verifier key, or a file with one."""
    if "+" not in text and Path(text).is_file():
        with Path(text).open(encoding="utf-8", errors="replace") as file:
            return file.read(KEY_CHARS_MAX).strip()
    return text.strip()


def _compare(found: Audit, arguments: Namespace, *, trusted: bool) -> None:
    """Compare with the store at hand; why that was not done is said."""
    where = opening.location(arguments)
    if where is None:
        return
    try:
        from headwater.evidence.recomputing import compare
        from headwater.store import open_store

        with open_store(where) as store:
            compare(found, store, trusted=trusted)
    except (ModuleNotFoundError, StoreError) as error:
        if arguments.store is not None and isinstance(error, StoreError):
            raise
        found.not_checked.append(f"the ledger in {where}, which cannot be asked: {error}")


def _print(found: Audit, terminal: Terminal) -> None:
    if found.statement and found.head is not None:
        asked = found.statement["query"]
        terminal.print(
            printable(f"{asked.get('ask')} of {asked.get('ref')}"),
            printable(f"ledger {found.head[0]} at {found.head[1]:,} entries"),
        )
    if found.key is not None:
        terminal.print(printable(f"key {found.key.name}, id {found.key.id.hex()}"))
    terminal.heading("Checked")
    rows = [(f"{count:,}", printable(what)) for what, count in sorted(found.checked.items())]
    terminal.print(*table(rows, terminal))
    if found.faults:
        terminal.heading("Differences")
        bad = terminal.style(terminal.glyphs.bad, "red", "bold")
        for where, what in found.faults[:FAULTS_SHOWN]:
            place = terminal.style(printable(where), "bold")
            terminal.print(f"  {bad} {place}: {printable(what)}")
        rest = len(found.faults) - FAULTS_SHOWN
        if rest > 0:
            terminal.print(f"  {terminal.glyphs.more} {rest:,} more; --json lists all")
    for title, texts in (("Warnings", found.warnings), ("Not checked", found.not_checked)):
        if texts:
            terminal.heading(title)
            terminal.print(*(f"  {terminal.glyphs.dot} {printable(text)}" for text in texts))
    holds = "What was checked holds." if found.holds else "This bundle does not hold."
    style = "green" if found.holds else "red"
    terminal.print("", f"{terminal.verdict(found.holds)} {terminal.style(holds, style, 'bold')}")
