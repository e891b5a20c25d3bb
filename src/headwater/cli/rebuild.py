"""`headwater rebuild`: claims and caches again from the ledger."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import opening
from headwater.cli.terminal import Terminal, as_document

DESCRIPTION = """\
Drop every claim and cache and make them again from the ledger. Nothing is lost by it: the ledger is
the truth, the rest is derived. Readers see the old claims until the new ones are complete."""

EXAMPLES = """\
  headwater rebuild
  headwater rebuild --store /srv/lineage --quiet"""


def configure(parser: ArgumentParser) -> None:
    """Add no arguments: it is all or nothing."""


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Rebuild and say how many claims there are now."""
    where = opening.existing(arguments)
    from headwater.store import open_store, rebuild

    with open_store(where, mode="write") as store:
        opening.warn(store.warnings, terminal)
        size = store.head().size
        with terminal.progress("rebuilding", size) as progress:
            claims = rebuild(
                store, lambda done, of: progress.at(done, f"{done:,} of {of:,} entries")
            )
        stats = store.stats()
    done = {"rebuilt": True, "entries": size, "claims": claims, "rules": stats["rules"]}
    if not as_document(terminal, done):
        terminal.print(
            f"{terminal.verdict(True)} {claims:,} claims made again from {size:,} entries."
        )
    return 0
