"""Source files and notebooks as pieces of Python; lines that are IPython's are taken out.

Format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import ast
import io
import json
import shlex
import tokenize
from typing import Final, NamedTuple

_OTHERS: Final = ("%%bash", "%%sh", "%%script")
"""Cells that a shell runs."""


class Cell(NamedTuple):
    """A piece of Python: its number among a notebook's code cells (from 1), and its text.

    `commands` are those that a shell runs, each with its line and words.
    """

    number: int | None
    source: str
    commands: list[tuple[int, list[str]]]


def cells(path: str, data: bytes) -> list[Cell]:
    """Read a source file as one piece, a notebook cell by cell.

    Raises `SyntaxError` and `ValueError` for what is neither.
    """
    if not path.endswith(".ipynb"):
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return [Cell(None, data.decode(encoding), [])]
    document = json.loads(data)
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise ValueError("it is no notebook of format 4")  # noqa: TRY004 (data, no argument)
    found: list[Cell] = []
    for cell in document["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            text = source if isinstance(source, str) else "".join(source)
            found.append(_plain(len(found) + 1, text))
    return found


def _plain(number: int, text: str) -> Cell:
    commands: list[tuple[int, list[str]]] = []
    lines = text.splitlines()
    first = lines[0].strip() if lines else ""
    if first.startswith("%%"):
        if first.split()[0] in _OTHERS:
            commands = [(place, _split(line)) for place, line in enumerate(lines[1:], 2)]
            lines = []
        elif first.split()[0] not in ("%%time", "%%timeit", "%%capture", "%%prun"):
            lines = []
        else:
            lines[0] = ""
    for place, line in enumerate(lines):
        stripped = line.lstrip()
        indent = line[: len(line) - len(stripped)]
        if stripped.startswith("!"):
            commands.append((place + 1, _split(stripped[1:])))
            lines[place] = f"{indent}pass"
        elif stripped.startswith("%") or stripped.endswith("?") or "= !" in line or "= %" in line:
            lines[place] = f"{indent}pass"
    source = "\n".join(lines)
    ast.parse(source)
    return Cell(number, source, [(line, words) for line, words in commands if words])


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()
