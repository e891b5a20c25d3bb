"""The commands, in the order in which help lists them, and how a file of one looks.

A command's module has `DESCRIPTION` and `EXAMPLES` (text for `--help`), `configure(parser)` and
`run(arguments, terminal) -> exit code`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Protocol, cast

from headwater.cli.terminal import Terminal

SUMMARIES = {
    "import": "read OpenLineage events from files, folders or standard input",
    "run": "capture a command and everything it starts",
    "lint": "find calls in source files that capture cannot see",
    "ship": "send what pipelines recorded: from the spool to the store or a service",
    "trace": "what something was made of, version by version",
    "impact": "what was made of something, with owners and counts",
    "paths": "how one thing reaches another",
    "show": "the passport: identity, origin, uses, facets and their history",
    "diff": "what changed between two versions, runs or points in time",
    "search": "find artifacts, jobs and runs by name, owner, tag or description",
    "why": "the claims that a link rests on, and the rule that made it",
    "prove": "write an answer with all that a stranger needs to check it",
    "verify": "check the ledger and every claim made of it, or a proof bundle",
    "rebuild": "make claims and caches again from the ledger",
    "label": "say who owns something, where it belongs, how sensitive it is",
    "mcp": "serve the store to agents by the Model Context Protocol",
    "export": "write an answer for other tools: OpenLineage, PROV, DOT, Mermaid",
    "serve": "serve the store over HTTP: events in, answers out",
    "token": "let somebody in: make a token for the service",
    "ui": "open the web interface in a browser",
    "doctor": "what is installed, stored, pending and rejected",
}
"""Command → what it is for, in one line."""

_MODULES = {"import": "import_"}


class Command(Protocol):
    """The file of a command."""

    DESCRIPTION: str
    EXAMPLES: str

    def configure(self, parser: ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, arguments: Namespace, terminal: Terminal) -> int:
        """Do it and give the exit code."""


def load(name: str) -> Command:
    """Import the file of a command."""
    module = import_module(f"headwater.cli.{_MODULES.get(name, name)}")
    return cast(Command, module)
