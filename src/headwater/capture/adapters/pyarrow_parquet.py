"""Arrow's parquet files: tables, row groups, data sets of several files, and writers.

Reading a schema or metadata alone reads no data. A writer's file came from all that it was given.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, handles
from headwater.capture.adapters.arrow_batches import hand_out
from headwater.capture.adapters.arrow_sources import chosen, names, place, said, scan, to_write
from headwater.capture.adapters.arrow_writers import closed, given_to, note, opened
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((14, 0), (30, 0))

_sources: Final[Beside[tuple[Any, Any]]] = Beside()
"""What a `ParquetFile` reads: the path or open file, and its file system."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe `pyarrow.parquet.core`, from which `pyarrow.parquet` takes its names."""
    patches.observe(module, "read_table", _read, called_back=True)
    patches.observe(module, "read_pandas", _read, called_back=True)
    for name in ("read_schema", "read_metadata", "write_metadata"):
        patches.observe(module, name, _no_data)
    patches.observe(module, "write_table", _write, before=handles.note, called_back=True)
    patches.observe(
        module, "write_to_dataset", _write_folder, before=_look_at_folder, called_back=True
    )
    patches.observe(module.ParquetDataset, "read", _read_dataset, called_back=True)
    patches.observe(module.ParquetDataset, "read_pandas", _read_dataset, called_back=True)
    patches.observe(module.ParquetFile, "__init__", _open, called_back=True)
    for name in ("read", "read_row_group", "read_row_groups", "scan_contents"):
        patches.observe(module.ParquetFile, name, _read_file, called_back=True)
    patches.observe(module.ParquetFile, "iter_batches", _read_batches, called_back=True)
    hand_out(module.ParquetFile, patches)
    writer = module.ParquetWriter
    patches.observe(writer, "__init__", _open_writer, before=handles.note, called_back=True)
    for name in ("write", "write_table", "write_batch"):
        patches.observe(writer, name, given_to, before=note)
    for name in ("close", "__exit__"):
        patches.observe(writer, name, closed, before=note)


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("source", "columns"), args, strict=False)) | kwargs
    source, condition = given["source"], given.get("filters")
    if condition is None:
        named = place(source, given.get("filesystem"))
        remember(result, files.read(named, names(result)))
        return
    import pyarrow.parquet as parquet

    options = ("filesystem", "schema", "partitioning", "ignore_prefixes")
    dataset = parquet.ParquetDataset(
        source, filters=condition, **{name: given[name] for name in options if name in given}
    )
    _read_dataset(result, (dataset,), {})
    if recall(result) is None:  # an open file
        known = [*(names(result) or ()), *dataset.schema.names]
        origin = files.read(place(source), known)
        if origin is not None:
            made = chosen(origin, parquet.filters_to_expression(condition))
            remember(result, made.keep(names(result) or ()))


def _read_dataset(result: Any, args: Arguments, _: Named) -> None:
    dataset = args[0]
    origin = scan(dataset._dataset, dataset._filter_expression, None)
    called = names(result)
    remember(result, origin if origin is None or called is None else origin.keep(called))


def _open(_: Any, args: Arguments, kwargs: Named) -> None:
    source = args[1] if len(args) > 1 else kwargs["source"]
    named = place(source, kwargs.get("filesystem"))
    if isinstance(named, str):
        named = named if "://" in named else os.path.abspath(named)
    _sources.put(args[0], (named, None))


def _read_file(result: Any, args: Arguments, _: Named) -> None:
    found = _sources.get(args[0])
    if found is not None:
        remember(result, files.read(found[0], names(result)))


def _read_batches(result: Any, args: Arguments, kwargs: Named) -> None:
    """Batches to come, all of the file."""
    found = _sources.get(args[0])
    if found is not None:
        columns = args[3] if len(args) > 3 else kwargs.get("columns")
        remember(result, files.read(found[0], columns or args[0].schema_arrow.names))


def _no_data(*_: Any) -> None:
    """Whoever looks at a schema opens a file, and reads no data."""


def _write(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("table", "where"), args, strict=False)) | kwargs
    table = given["table"]
    files.write(
        place(given["where"], given.get("filesystem")),
        to_write(recall(table), table),
        **said(table),
    )


def _look_at_folder(args: Arguments, kwargs: Named) -> Any:
    given = dict(zip(("table", "root_path", "partition_cols", "filesystem"), args, strict=False))
    given |= kwargs
    folder = place(given["root_path"], given.get("filesystem"))
    return folder, files.listing(folder) if isinstance(folder, str) else None


def _write_folder(_: Any, args: Arguments, kwargs: Named) -> None:
    folder, before = kwargs["__before__"] or (None, None)
    table = args[0] if args else kwargs["table"]
    write_folder(folder, before, to_write(recall(table), table), table)


def write_folder(folder: Any, before: Any, origin: Origin | None, table: Any) -> None:
    """Record the files of a data set that was written; how many rows each has is not known."""
    schema = {name: one for name, one in said(table).items() if name == "schema"}
    if before is None or "://" in folder:
        files.write(folder, origin, **schema)
    else:
        files.write_folder(folder, before, origin, **schema)


def _open_writer(_: Any, args: Arguments, kwargs: Named) -> None:
    order = ("self", "where", "schema", "filesystem")
    given = dict(zip(order, args, strict=False)) | kwargs
    opened(args[0], place(given["where"], given.get("filesystem")))
