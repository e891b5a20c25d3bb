"""An oracle of lineage: a program is run again on inputs of which one column is another.

What an output holds then may differ only where the recorded lineage says that it came from that
column. Nothing is computed from the program's text: whatever it does, the values tell.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import headwater
from headwater.capture import adapting
from headwater.capture.patching import Patches
from tests.capture.lineage import Output, recording

Tables = Mapping[str, Mapping[str, list[Any]]]
"""File → column → values."""
Values = Mapping[str, list[str]]
"""Column → values, spelled so that equal ones are equal and nothing else is."""


class Library(NamedTuple):
    """How programs of a library are run: what their names mean, and how files are made."""

    adapters: tuple[str, ...]
    """Modules whose adapters are fitted while the program is captured."""
    store: Callable[[Mapping[str, list[Any]], Path], None]
    """Store a table as a file, before anything is captured."""
    captured: Callable[[Path], dict[str, Any]]
    """Names of a program that reads from, and writes into, this folder: `read` and `write`."""
    alone: Callable[[Tables, dict[str, Values]], dict[str, Any]]
    """Names of a program that reads these tables, and whose outputs' values are put there."""
    values: Callable[[Path], Values]
    """What a file that a program wrote holds."""


class Difference(NamedTuple):
    """An output's column differs when a column of a file does, which nobody said."""

    output: str
    column: str | None
    """None: the file is not even among the inputs."""
    source: str


@contextmanager
def fitted(names: tuple[str, ...]) -> Iterator[None]:
    """Fit adapters to modules that are imported already."""
    done: list[Patches] = []
    try:
        for name in names:
            patches = Patches()
            done.append(patches)
            adapting.fit(adapting.ADAPTERS[name], __import__(name, fromlist=["_"]), patches)
        yield
    finally:
        for patches in reversed(done):
            patches.undo()


def capture(
    program: str, tables: Tables, library: Library
) -> tuple[dict[str, Output], dict[str, Values]]:
    """Run a program on files under capture: what is recorded of its outputs, and their values."""
    folder = Path(tempfile.mkdtemp(prefix="perturbed"))
    try:
        for name, columns in tables.items():
            library.store(columns, folder / name)
        with recording(folder) as found, headwater.run("job"):
            run(program, library.captured(folder))
        outputs = found.outputs("job")
        return outputs, {name: library.values(folder / name) for name in outputs}
    finally:
        shutil.rmtree(folder)


def values(program: str, tables: Tables, library: Library) -> dict[str, Values]:
    """Run a program without capture, and give the values of its outputs."""
    made: dict[str, Values] = {}
    run(program, library.alone(tables, made))
    return made


def run(program: str, names: dict[str, Any]) -> None:
    """Run a program, whose warnings are nobody's concern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(program, "program", "exec"), names)  # noqa: S102


def unsaid(
    program: str,
    tables: Tables,
    library: Library,
    said: Mapping[str, Output],
    others: Callable[[str, str], Iterator[list[Any]]],
) -> set[Difference]:
    """Find what an exact output came from though it is not said.

    `others` gives other values for a column of a file.
    """
    before = values(program, tables, library)
    found: set[Difference] = set()
    for file, columns in tables.items():
        for column in columns:
            source = f"{file}.{column}"
            if all(is_said(output, None, source) for output in said.values()):
                continue
            for changed in others(file, column):
                with suppress(Exception):
                    after = values(program, {**tables, file: {**columns, column: changed}}, library)
                    found |= _differences(before, after, said, source)
    return found


def _differences(
    before: Mapping[str, Values],
    after: Mapping[str, Values],
    said: Mapping[str, Output],
    source: str,
) -> set[Difference]:
    found = set()
    for name, output in said.items():
        if before[name] == after[name]:
            continue
        if output.inputs is not None and source.rpartition(".")[0] not in output.inputs:
            found.add(Difference(name, None, source))
        # Which columns there are is not what they hold.
        both = before[name].keys() & after[name].keys()
        found |= {
            Difference(name, column, source)
            for column in both
            if before[name][column] != after[name][column] and not is_said(output, column, source)
        }
    return found


def is_said(output: Output, column: str | None, source: str) -> bool:
    """Whether it is said that a column, or every column, may have come from a column of a file.

    Where no list of inputs is stated, everything may have come from everything. Of an output of
    which no columns are known, only its inputs are said.
    """
    if output.inputs is None:
        return True
    if not output.columns:
        return column is not None or source.rpartition(".")[0] in output.inputs
    edges = output.shaped if column is None else [*output.columns.get(column, ()), *output.shaped]
    return source in {edge.partition(" ")[0] for edge in edges}
