"""`headwater diff A B`: what changed."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from headwater.cli import asking, opening
from headwater.cli.terminal import Terminal, as_document
from headwater.cli.tree import cut_middle
from headwater.evidence.naming import Answer, Names, names_in, printable, with_labels

DESCRIPTION = """\
What changed between two versions, two runs, or two points in time (@SIZE, or a time). Only what
differs is listed: inputs, outputs, parameters, code, environment, schema, facets."""

EXAMPLES = """\
  headwater diff model@v1 model@v2
  headwater diff 0193a5f2 0193b001
  headwater diff @120 @180"""

_TITLES = {
    "input": "Inputs",
    "output": "Outputs",
    "parameter": "Parameters",
    "code": "Code",
    "environment": "Environment",
    "schema": "Schema",
    "version": "Versions",
    "run": "Runs",
    "facet": "Facets",
}
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("a", metavar="A", help="a version, a run, @SIZE or a time")
    parser.add_argument("b", metavar="B", help="another of the same sort")
    asking.add_at(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print what differs."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.diff(arguments.a, arguments.b, at=arguments.at)
    if not as_document(terminal, answer):
        print_diff(answer, terminal, folder=opening.base(arguments))
    return 0


def print_diff(answer: Answer, terminal: Terminal, *, folder: str | None = None) -> None:
    """Print the answer of `diff`, the most telling changes first."""
    page = _Page(terminal, names_in(answer, base=folder))
    terminal.print(f"{page.value(answer['a'])} {terminal.glyphs.right} {page.value(answer['b'])}")
    changes = answer["changes"]
    if not changes:
        terminal.print("", "Nothing differs.")
        return
    for what in (*_TITLES, *sorted({change["what"] for change in changes} - set(_TITLES))):
        found = [change for change in changes if change["what"] == what]
        if found:
            terminal.heading(_TITLES.get(what, printable(what)))
            for change in found:
                terminal.print(*page.lines(change))
    count = len(changes)
    terminal.print("", f"{count:,} {'difference' if count == 1 else 'differences'}.")


class _Page:
    def __init__(self, terminal: Terminal, names: Names) -> None:
        self.terminal = terminal
        self.names = names

    def lines(self, change: dict[str, Any]) -> Iterator[str]:
        """Give one change: a line, or three where both values do not fit on it."""
        terminal = self.terminal
        sign, colour = _SIGNS.get(change["change"], ("~", "yellow"))
        path = self._path(change.get("path"))
        head = f"  {terminal.style(sign, colour)} {terminal.style(path, 'bold')}"
        if change["change"] != "changed":
            said = change["b"] if change["change"] == "added" else change["a"]
            value = "" if said is None else self.value(said)
            repeated = value == path or value.startswith(f"{path} ")
            if repeated:
                value = value.removeprefix(path).strip()
            yield f"{head}  {self._cut(value)}".rstrip()
            return
        old, new = self.value(change["a"]), self.value(change["b"])
        one = f"{old} {terminal.glyphs.right} {new}"
        if terminal.width is None or len(path) + len(one) + 6 <= terminal.width:
            yield f"{head}  {one}"
            return
        yield head
        yield f"      {self._cut(f'- {old}')}"
        yield f"      {self._cut(f'+ {new}')}"

    def value(self, value: object) -> str:
        """Write a value on one line, references as people call them."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ", ".join(self.value(item) for item in value)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return with_labels(text, {}, self.names)

    def _path(self, path: object) -> str:
        if isinstance(path, list):
            return printable(".".join(str(part) for part in path))
        return "" if path is None else self.value(path)

    def _cut(self, text: str) -> str:
        width = self.terminal.width
        return text if width is None else cut_middle(text, width - 8, self.terminal.glyphs.more)
