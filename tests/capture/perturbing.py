"""An oracle of lineage: a program is run again on inputs of which one column is another.

What an output holds then may differ only where the recorded lineage says that it came from that
column. Nothing is computed from the program's text: whatever it does, the values tell.
"""

from __future__ import annotations

import linecache
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import headwater
from headwater.capture import adapting
from headwater.capture.patching import Patches
from tests.capture.lineage import Output, recording

Columns = Mapping[str, list[Any]]
"""Column → values."""
Tables = Mapping[str, Columns]
"""File → column → values."""
Values = Mapping[str, list[str]]
"""Column → values, spelled so that equal ones are equal and nothing else is."""
Others = Callable[[str, str], Iterator[list[Any]]]
"""Gives other values for a column of a file."""


class Library(NamedTuple):
    """How programs of a library are run: what their names mean, and how files are made."""

    adapters: tuple[str, ...]
    """Modules whose adapters are fitted while a program is captured."""
    store: Callable[[Columns, Path], None]
    """Store a table as a file."""
    names: Callable[[Path], dict[str, Any]]
    """Names of a program that reads from a folder, and writes into it."""
    values: Callable[[Path], Values]
    """What a file that a program wrote holds."""
    failures: tuple[type[BaseException], ...] = (Exception,)
    """What a program may fail with, on some values."""


class Difference(NamedTuple):
    """An output's column differs when a column of a file does, which nobody said."""

    output: str
    column: str | None
    """None: the file is not even among the inputs."""
    source: str


class Examined(NamedTuple):
    """What is said of a program's outputs, and what is not said though it should be.

    `silent` are differences of columns of which nothing at all is said: none is claimed to be of
    nothing, and traces end there as not known (decision 43).
    """

    said: Mapping[str, Output]
    unsaid: set[Difference]
    silent: set[Difference]


def examine(
    program: str, tables: Tables, library: Library, others: Others, *, ordered: bool = True
) -> Examined:
    """Run a program under capture, and again with each column changed.

    Raises AssertionError if capture changes what it writes. Rows that come in no certain order (not
    `ordered`) are compared without one; a column that differs from run to run says nothing.
    """
    with _folder(tables, library) as folder:
        with _fitted(library.adapters), recording(folder) as found, headwater.run("job"):
            _execute(program, library.names(folder))
        said = found.outputs("job")
        held = {name: library.values(folder / name) for name in said}
    with _folder(tables, library) as folder:

        def again() -> dict[str, Values]:
            _execute(program, library.names(folder))
            return {name: library.values(folder / name) for name in said}

        before = {
            name: _certain(values, other, ordered=ordered)
            for (name, values), other in zip(again().items(), again().values(), strict=True)
        }
        for name, values in before.items():
            kept = {column: held[name].get(column, []) for column in values}
            assert _comparable(kept, ordered=ordered) == values, (name, program)
        unsaid: set[Difference] = set()
        for file, columns in tables.items():
            for column in columns:
                source = f"{file}.{column}"
                if all(
                    _is_input(n, source, said) and _is_said(n, None, source, said) for n in said
                ):
                    continue
                for changed in others(file, column):
                    library.store({**columns, column: changed}, folder / file)
                    try:
                        after = again()
                    except library.failures:  # it does not go with these values
                        continue
                    unsaid |= _differences(before, after, said, source, ordered=ordered)
            library.store(columns, folder / file)
    silent = {
        one
        for one in unsaid
        if one.column is not None and one.column not in said[one.output].columns
    }
    return Examined(said, unsaid - silent, silent)


@contextmanager
def _fitted(names: tuple[str, ...]) -> Iterator[None]:
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


@contextmanager
def _folder(tables: Tables, library: Library) -> Iterator[Path]:
    """A folder with the files."""
    folder = Path(tempfile.mkdtemp(prefix="perturbed"))
    try:
        for name, columns in tables.items():
            library.store(columns, folder / name)
        yield folder
    finally:
        shutil.rmtree(folder)


def _execute(program: str, names: dict[str, Any]) -> None:
    """Run a program, whose warnings are nobody's concern."""
    linecache.cache["program"] = (len(program), None, program.splitlines(keepends=True), "program")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(program, "program", "exec"), names)  # noqa: S102


def _comparable(values: Values, *, ordered: bool) -> Values:
    return values if ordered else {name: sorted(column) for name, column in values.items()}


def _certain(values: Values, again: Values, *, ordered: bool) -> Values:
    """Those columns that hold the same if nothing is changed."""
    first, second = _comparable(values, ordered=ordered), _comparable(again, ordered=ordered)
    return {name: column for name, column in first.items() if second[name] == column}


def _differences(
    before: Mapping[str, Values],
    after: Mapping[str, Values],
    said: Mapping[str, Output],
    source: str,
    *,
    ordered: bool,
) -> set[Difference]:
    found = set()
    for name, values in before.items():
        others = _comparable(after[name], ordered=ordered)
        # Which columns there are is not what they hold.
        changed = [column for column in values.keys() & others.keys()
                   if values[column] != others[column]]  # fmt: skip
        if changed and not _is_input(name, source, said):
            found.add(Difference(name, None, source))
        found |= {
            Difference(name, column, source)
            for column in changed
            if not _is_said(name, column, source, said)
        }
    return found


def _is_input(name: str, source: str, said: Mapping[str, Output]) -> bool:
    """Whether it is said that an output may have come from the file of a column."""
    files = _files(name, said)
    return files is None or source.rpartition(".")[0] in files


def _is_said(name: str, column: str | None, source: str, said: Mapping[str, Output]) -> bool:
    """Whether it is said that a column, or every column, may have come from a column of a file."""
    edges = _edges(name, column, said)
    return edges is None or source in edges


def _files(name: str, said: Mapping[str, Output]) -> set[str] | None:
    """What an output came from, also by way of others; None where that may be anything."""
    found = said[name].inputs
    files: set[str] = set(found or ())
    for one in files & said.keys() - {name}:
        more = _files(one, said)
        if more is None:
            return None
        files |= more
    return None if found is None else files


def _edges(name: str, column: str | None, said: Mapping[str, Output]) -> set[str] | None:
    """What a column came from, with what bears on all of them; None where that may be anything.

    Where no list of inputs is stated, everything may have come from everything, beside what is said
    of columns. Of an output of which no columns are known, only its inputs are said.
    """
    output = said[name]
    if output.inputs is None or not (output.columns or output.shaped):
        return None
    own = output.columns.get(column, ()) if column is not None else ()
    edges = {edge.partition(" ")[0] for edge in (*own, *output.shaped)}
    for edge in list(edges):
        file, _, inner = edge.rpartition(".")
        if file in said and file != name:
            more = _edges(file, inner, said)
            if more is None:
                return None
            edges |= more
    return edges
